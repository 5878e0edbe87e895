/* bc_options: defaults, bounds, and the vtables that they point at. */
#include <stddef.h>
#include <string.h>

#include "src/api/handle.h"
#include "src/base/error.h"
#include "src/base/versioned.h"

/* Bindings and older programs rely on these places. */
_Static_assert(sizeof(bc_write) == 40, "bc_write stands in arrays");
_Static_assert(offsetof(bc_options, store) == 8, "frozen");
_Static_assert(offsetof(bc_options, event) == 40, "frozen");
_Static_assert(offsetof(bc_options, reply_bytes) == 56, "frozen");
_Static_assert(offsetof(bc_options, tx_durability) == 128 && sizeof(bc_options) == 216, "frozen");
_Static_assert(offsetof(bc_options, host_rules) == 136, "frozen");
_Static_assert(offsetof(bc_options, minimum_chain_work) == 208, "frozen");
_Static_assert(offsetof(bc_host_rules, check_block) == 32 && sizeof(bc_host_rules) == 40, "frozen");
_Static_assert(sizeof(bc_checkpoint) == 40, "bc_checkpoint stands in arrays");
_Static_assert(sizeof(bc_transfer) == 56 && sizeof(bc_tx_fields) == 112, "frozen");
_Static_assert(sizeof(bc_inclusion) == 152, "frozen");
_Static_assert(offsetof(bc_store, close) == 40 && sizeof(bc_store) == 48, "frozen");
_Static_assert(offsetof(bc_transport, close) == 48 && sizeof(bc_transport) == 56, "frozen");
_Static_assert(offsetof(bc_event, status) == 64 && sizeof(bc_event) == 88, "frozen");
_Static_assert(offsetof(bc_mine_options, context) == 32 && sizeof(bc_mine_options) == 48, "frozen");
_Static_assert(sizeof(bc_allocator) == 40 && sizeof(bc_clock) == 32 && sizeof(bc_log) == 24,
               "frozen");
_Static_assert(sizeof(bc_info) == 56 && sizeof(bc_verification) == 64, "frozen");

static const uint64_t mebibyte = 1024 * 1024;

static uint64_t or_default(uint64_t given, uint64_t fallback)
{
    return given == 0 ? fallback : given;
}

/* What the host says of its own rules must be what the network says. */
static bc_status read_host_rules(bc__settings *settings, const bc_options *options,
                                 const bc__traits *traits, bc_error *error)
{
    const char *name = "";
    if (options->host_rules != NULL) {
        bc_host_rules *rules = &settings->host_rules;
        *rules = (bc_host_rules)BC_HOST_RULES_INIT;
        bc_status status =
            bc__versioned_read(rules, sizeof *rules, options->host_rules, "bc_host_rules", error);
        if (status != BC_OK) {
            return status;
        }
        if (rules->check_tx != NULL || rules->check_block != NULL) {
            name = rules->name == NULL ? "" : rules->name;
            if (name[0] == '\0') {
                return bc__fail(error, BC_ERR_UNSUPPORTED,
                                "the host's rules have no name, so no network can demand them");
            }
        }
        rules->name = NULL; /* it was needed for this alone */
    }
    if (strcmp(name, traits->host_rules) != 0) {
        return bc__fail(error, BC_ERR_UNSUPPORTED,
                        "the network demands the host rules \"%.64s\", and the host offers "
                        "\"%.64s\"",
                        traits->host_rules, name);
    }
    return BC_OK;
}

static bc_status read_checkpoints(bc__settings *settings, const bc_options *options,
                                  const bc_params *params, bc_error *error)
{
    enum { CHECKPOINTS_MOST = 4096 };
    if (options->checkpoint_count == 0) {
        return BC_OK;
    }
    if (options->checkpoint_count > CHECKPOINTS_MOST) {
        return bc__fail(error, BC_ERR_LIMIT, "there are more than %d checkpoints",
                        CHECKPOINTS_MOST);
    }
    if (options->checkpoints == NULL) {
        return bc__fail_null(error, "bc_options.checkpoints");
    }
    size_t count = (size_t)options->checkpoint_count;
    settings->checkpoints =
        bc__heap_array(&params->origin.heap, count, sizeof *settings->checkpoints);
    if (settings->checkpoints == NULL) {
        return bc__fail_memory(error);
    }
    memcpy(settings->checkpoints, options->checkpoints, count * sizeof *settings->checkpoints);
    settings->checkpoint_count = count;
    return BC_OK;
}

static bc_status read_network_settings(bc__settings *settings, const bc_options *options,
                                       const bc_params *params, bc_error *error)
{
    bc__traits traits;
    params->rules->read_traits(params, &traits);
    settings->max_reorg_depth = options->max_reorg_depth == BC_ZERO
                                    ? 0
                                    : or_default(options->max_reorg_depth, traits.max_reorg_depth);
    settings->keep_branches =
        or_default(options->keep_branches,
                   settings->max_reorg_depth == BC_NONE ? 1000 : settings->max_reorg_depth);
    settings->account_bytes = or_default(options->account_bytes, 32 * mebibyte);
    settings->signature_bytes = or_default(options->signature_bytes, 8 * mebibyte);
    settings->mempool_sender_count = or_default(options->mempool_sender_count, 256);
    settings->mempool_age_us = or_default(options->mempool_age_us, (uint64_t)14 * 86400 * 1000000);
    settings->signer_is_alone = options->signer_is_alone != 0;
    if (options->minimum_chain_work != NULL) {
        settings->minimum_chain_work = bc__uint256_from_bytes(options->minimum_chain_work);
    }
    if (options->signer_is_alone > 1 || options->zero_2 != 0) {
        return bc__fail(error, BC_ERR_ARGUMENT,
                        "bc_options.signer_is_alone is 0 or 1, zero_2 is 0");
    }
    bc_status status = read_host_rules(settings, options, &traits, error);
    return status == BC_OK ? read_checkpoints(settings, options, params, error) : status;
}

static bc_status read_settings(bc__settings *settings, const bc_options *options, bc_error *error)
{
    *settings = (bc__settings){
        .threads = options->threads == 0 ? 1 : options->threads,
        .tx_durability = options->tx_durability == 0 ? BC_TX_NEXT_COMMIT : options->tx_durability,
        .reply_bytes = or_default(options->reply_bytes, 64 * mebibyte),
        .mempool_bytes = or_default(options->mempool_bytes, 64 * mebibyte),
        .orphan_bytes = or_default(options->orphan_bytes, 16 * mebibyte),
        .cache_bytes = or_default(options->cache_bytes, 8 * mebibyte),
        .commit_bytes = or_default(options->commit_bytes, 16 * mebibyte),
        .commit_interval_us = options->commit_interval_us,
        .request_timeout_us = or_default(options->request_timeout_us, 30000000),
        .peers = or_default(options->peers, 1000),
        .event = options->event,
        .event_context = options->event_context,
    };
    if (settings->tx_durability > BC_TX_BEFORE_RETURN) {
        return bc__fail(error, BC_ERR_ARGUMENT,
                        "bc_options.tx_durability is %u, not a BC_TX_ value",
                        options->tx_durability);
    }
    if (options->zero != 0) {
        return bc__fail(error, BC_ERR_ARGUMENT, "bc_options.zero is %u", options->zero);
    }
    /* Times are added to clock values; a century is as good as for ever. */
    const uint64_t longest = (uint64_t)100 * 366 * 86400 * 1000000;
    if (settings->commit_interval_us > longest) {
        settings->commit_interval_us = longest;
    }
    if (settings->request_timeout_us > longest) {
        settings->request_timeout_us = longest;
    }
    return BC_OK;
}

static bc_status read_store(bc__opened_options *out, const bc_options *options,
                            const bc_params *params, bc_error *error)
{
    out->store = (bc_store)BC_STORE_INIT;
    if (options->store == NULL && params == NULL) {
        return BC_OK; /* the call will fail, and there is nothing to close */
    }
    if (options->store == NULL) {
        const bc__heap *heap = &params->origin.heap;
        const bc_allocator allocator = {
            sizeof allocator, 0, heap->context, heap->allocate, heap->reallocate, heap->release};
        return bc_store_memory(&out->store, &allocator, error);
    }
    bc_status status =
        bc__versioned_read(&out->store, sizeof out->store, options->store, "bc_store", error);
    if (status == BC_OK &&
        (out->store.get == NULL || out->store.scan == NULL || out->store.commit == NULL)) {
        status = bc__fail(error, BC_ERR_ARGUMENT, "bc_store lacks one of get, scan and commit");
    }
    return status;
}

static bc_status read_transport(bc__opened_options *out, const bc_options *options, bc_error *error)
{
    out->transport = (bc_transport)BC_TRANSPORT_INIT;
    if (options->transport == NULL) {
        return BC_OK;
    }
    out->has_transport = true;
    bc_status status = bc__versioned_read(&out->transport, sizeof out->transport,
                                          options->transport, "bc_transport", error);
    if (status == BC_OK && out->transport.request == NULL) {
        status = bc__fail(error, BC_ERR_ARGUMENT, "bc_transport lacks its function request");
    }
    return status;
}

void bc__options_close(bc__opened_options *out)
{
    if (out->store.close != NULL) {
        out->store.close(out->store.context);
    }
    if (out->transport.close != NULL) {
        out->transport.close(out->transport.context);
    }
}

bc_status bc__options_read(bc__opened_options *out, const bc_options *options,
                           const bc_params *params, bc_error *error)
{
    bc_options known = BC_OPTIONS_INIT;
    *out = (bc__opened_options){.has_transport = false};
    bc_status status = BC_OK;
    if (options != NULL) {
        status = bc__versioned_read(&known, sizeof known, options, "bc_options", error);
    }
    /* Store and transport first: whatever is wrong with the rest, they are to be closed. */
    bc_status taken = read_store(out, &known, params, status == BC_OK ? error : NULL);
    status = status == BC_OK ? taken : status;
    taken = read_transport(out, &known, status == BC_OK ? error : NULL);
    status = status == BC_OK ? taken : status;
    if (status == BC_OK) {
        status = read_settings(&out->settings, &known, error);
    }
    if (status == BC_OK) {
        status = bc__clock_read(&out->clock, known.clock, error);
    }
    if (status == BC_OK) {
        status = bc__log_read(&out->log, known.log, error);
    }
    if (status == BC_OK && params != NULL) {
        status = read_network_settings(&out->settings, &known, params, error);
    }
    if (status != BC_OK) {
        bc__options_close(out);
    }
    return status;
}
