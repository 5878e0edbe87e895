/* The init functions of the structs that hosts fill, for languages that have no macros. */
#include <bc/bc.h>

void bc_allocator_init(bc_allocator *allocator)
{
    if (allocator != NULL) {
        *allocator = (bc_allocator)BC_ALLOCATOR_INIT;
    }
}

void bc_clock_init(bc_clock *clock)
{
    if (clock != NULL) {
        *clock = (bc_clock)BC_CLOCK_INIT;
    }
}

void bc_log_init(bc_log *log)
{
    if (log != NULL) {
        *log = (bc_log)BC_LOG_INIT;
    }
}

void bc_store_init(bc_store *store)
{
    if (store != NULL) {
        *store = (bc_store)BC_STORE_INIT;
    }
}

void bc_transport_init(bc_transport *transport)
{
    if (transport != NULL) {
        *transport = (bc_transport)BC_TRANSPORT_INIT;
    }
}

void bc_options_init(bc_options *options)
{
    if (options != NULL) {
        *options = (bc_options)BC_OPTIONS_INIT;
    }
}

void bc_info_init(bc_info *info)
{
    if (info != NULL) {
        *info = (bc_info)BC_INFO_INIT;
    }
}

void bc_verification_init(bc_verification *result)
{
    if (result != NULL) {
        *result = (bc_verification)BC_VERIFICATION_INIT;
    }
}

void bc_mine_options_init(bc_mine_options *options)
{
    if (options != NULL) {
        *options = (bc_mine_options)BC_MINE_OPTIONS_INIT;
    }
}

void bc_transfer_init(bc_transfer *transfer)
{
    if (transfer != NULL) {
        *transfer = (bc_transfer)BC_TRANSFER_INIT;
    }
}

void bc_tx_fields_init(bc_tx_fields *fields)
{
    if (fields != NULL) {
        *fields = (bc_tx_fields)BC_TX_FIELDS_INIT;
    }
}

void bc_host_rules_init(bc_host_rules *rules)
{
    if (rules != NULL) {
        *rules = (bc_host_rules)BC_HOST_RULES_INIT;
    }
}

void bc_inclusion_init(bc_inclusion *inclusion)
{
    if (inclusion != NULL) {
        *inclusion = (bc_inclusion)BC_INCLUSION_INIT;
    }
}
