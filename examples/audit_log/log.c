#include "examples/audit_log/log.h"

#include <inttypes.h>
#include <stdio.h>

#include "examples/audit_log/command.h"
#include "examples/common/data_folder.h"
#include "examples/common/network.h"
#include "examples/common/number.h"

bc_status log_open_chain(audit_log *log, const char *folder, int create, bc_error *error)
{
    bc_store store = BC_STORE_INIT;
    bc_options options = BC_OPTIONS_INIT;
    bc_status status = data_folder_store(&store, folder, create, error);
    if (status != BC_OK) {
        return status;
    }
    options.store = &store;
    options.signer_is_alone = 1;          /* there is no other copy that could be ahead */
    options.tx_durability = BC_TX_MEMORY; /* what reaches no block is as if never appended */
    return bc_chain_open(&log->chain, log->params, &options, error);
}

bc_status log_open(audit_log *log, const char *folder, bc_error *error)
{
    char path[PATH_BYTES];
    bc_status status = join(path, folder, "/network.json", error);
    if (status == BC_OK) {
        status = network_load(&log->params, path, error);
    }
    return status == BC_OK ? log_open_chain(log, folder, 0, error) : status;
}

bc_status log_close(audit_log *log, bc_status status, bc_error *error)
{
    bc_status closed = bc_chain_close(log->chain, status == BC_OK ? error : NULL);
    bc_params_unref(log->params);
    return status == BC_OK ? closed : status;
}

bc_status log_visit_block(const bc_block *block, int *ended, entry_fn visit, void *context,
                          bc_error *error)
{
    entry found = {.height = bc_block_height(block)};
    bc_status status = bc_block_time(block, &found.time);
    for (size_t i = 0; i < bc_block_tx_count(block) && status == BC_OK && !*ended; i++) {
        bc_tx *tx = NULL;
        status = bc_block_tx(block, &tx, i, error);
        if (status == BC_OK && record_read(&found.record, tx)) {
            bc_tx_id(tx, found.tx_id);
            *ended = visit(context, &found);
        }
        bc_tx_unref(tx);
    }
    return status;
}

bc_status log_visit(audit_log *log, entry_fn visit, void *context, bc_error *error)
{
    uint64_t top = 0;
    int ended = 0;
    bc_status status = bc_chain_tip(log->chain, &top, NULL, NULL);
    for (uint64_t height = 1; status == BC_OK && height <= top && !ended; height++) {
        bc_block *block = NULL;
        status = bc_chain_block_at(log->chain, &block, height, error);
        if (status == BC_OK) {
            status = log_visit_block(block, &ended, visit, context, error);
        }
        bc_block_unref(block);
    }
    return status;
}

int entry_print(void *context, const entry *found)
{
    char when[TIME_TEXT_BYTES];
    char digits[ID_TEXT_BYTES];
    (void)context;
    time_text(when, found->time);
    (void)printf("%" PRIu64 "  %s  %s  %s%s%s\n", found->height, when,
                 id_text(digits, found->record.hash), found->record.name,
                 found->record.note[0] != '\0' ? "  " : "", found->record.note);
    return 0;
}
