/* The public functions of peers, whole chains and answers. */
#include <string.h>

#include "src/api/handle.h"
#include "src/base/error.h"
#include "src/base/versioned.h"
#include "src/sync/answer.h"
#include "src/sync/serve.h"
#include "src/sync/whole_chain.h"

bc_status bc_chain_add_peer(bc_chain *chain, const char *peer, bc_error *error)
{
    if (chain == NULL || peer == NULL) {
        return bc__fail_null(error, chain == NULL ? "chain" : "peer");
    }
    return bc__sync_add_peer(&chain->sync, peer, error);
}

bc_status bc_chain_remove_peer(bc_chain *chain, const char *peer, bc_error *error)
{
    if (chain == NULL || peer == NULL) {
        return bc__fail_null(error, chain == NULL ? "chain" : "peer");
    }
    return bc__sync_remove_peer(&chain->sync, peer, error);
}

bc_status bc_chain_peers(bc_chain *chain, bc_peer_fn visit, void *context, bc_error *error)
{
    if (chain == NULL || visit == NULL) {
        return bc__fail_null(error, chain == NULL ? "chain" : "visit");
    }
    bc__names names;
    bc_status status = bc__sync_peers(&chain->sync, &names, error);
    bc__engine_visit(&chain->engine);
    for (size_t at = 0; status == BC_OK && at < names.count; at++) {
        status = visit(context, names.names[at]);
        if (status != BC_OK) {
            (void)bc__fail_host(error, status, status, "the visitor said stop");
        }
    }
    bc__engine_visited(&chain->engine);
    bc__names_free(&chain->sync, &names);
    return status;
}

bc_status bc_chain_resolve(bc_chain *chain, uint32_t *replaced, bc_event_fn report, void *context,
                           bc_error *error)
{
    if (replaced != NULL) {
        *replaced = 0;
    }
    if (chain == NULL) {
        return bc__fail_null(error, "chain");
    }
    bool changed;
    bc_status status = bc__engine_check_thread(&chain->engine, error);
    if (status != BC_OK) {
        return status;
    }
    bc__engine_visit(&chain->engine);
    status = bc__sync_resolve(&chain->sync, &changed, report, context, error);
    bc__engine_visited(&chain->engine);
    if (replaced != NULL) {
        *replaced = changed ? 1 : 0;
    }
    bc__engine_deliver(&chain->engine);
    return status;
}

bc_status bc_chain_tick(bc_chain *chain, int64_t *next_microseconds, bc_error *error)
{
    if (chain == NULL) {
        return bc__fail_null(error, "chain");
    }
    int64_t next = INT64_MAX;
    bc_status status = bc__engine_check_thread(&chain->engine, error);
    if (status != BC_OK) {
        return status;
    }
    status = bc__sync_check_thread(&chain->sync, error);
    if (status == BC_OK) {
        status = bc__engine_enter_to_write(&chain->engine, error);
    }
    if (status == BC_OK) {
        status = bc__engine_tick(&chain->engine, &next, error);
        bc__engine_leave(&chain->engine);
        bc__engine_deliver(&chain->engine);
    }
    if (next_microseconds != NULL) {
        *next_microseconds = next;
    }
    return status;
}

bc_status bc_chain_serve(bc_chain *chain, bc_answer **out, const char *peer, const char *method,
                         const uint8_t *body, size_t length, bc_error *error)
{
    (void)peer; /* whole chains cost every peer the same */
    if (out == NULL) {
        return bc__fail_null(error, "out");
    }
    *out = NULL;
    if (chain == NULL || method == NULL) {
        return bc__fail_null(error, chain == NULL ? "chain" : "method");
    }
    if (body == NULL && length > 0) {
        return bc__fail_null(error, "body");
    }
    return bc__sync_serve(&chain->engine, out, method, body, length, error);
}

bc_status bc_answer_read(bc_answer *answer, size_t *got, uint8_t *buffer, size_t capacity,
                         bc_error *error)
{
    if (got != NULL) {
        *got = 0;
    }
    if (answer == NULL || got == NULL || buffer == NULL) {
        return bc__fail_null(error, answer == NULL ? "answer" : got == NULL ? "got" : "buffer");
    }
    return bc__answer_read(answer, got, buffer, capacity, error);
}

static bc_status check_whole(const bc_params *params, bc_error *error)
{
    if ((params->rules->capabilities & BC__CAN_SYNC_WHOLE_CHAIN) == 0) {
        return bc__fail(error, BC_ERR_UNSUPPORTED, "these rules do not exchange whole chains");
    }
    return BC_OK;
}

bc_status bc_chain_submit_chain(bc_chain *chain, uint32_t *verdict, uint32_t *reason,
                                uint64_t *position, const uint8_t *bytes, size_t length,
                                bc_error *error)
{
    bc__outcome outcome = {BC_VERDICT_NONE, BC_REASON_NONE};
    bc__give_outcome(&outcome, verdict, reason);
    if (position != NULL) {
        *position = 0;
    }
    if (chain == NULL || bytes == NULL) {
        return bc__fail_null(error, chain == NULL ? "chain" : "bytes");
    }
    const bc_params *params = chain->engine.params;
    bc__whole_chain reading;
    bc__whole_result result;
    bc_error why = {0};
    bc_status status = check_whole(params, error);
    if (status == BC_OK) {
        status = bc__whole_chain_verify(params, &result, bytes, length, NULL, NULL, &why);
        if (status != BC_OK && error != NULL) {
            *error = why;
        }
    }
    if (status != BC_OK) {
        return status;
    }
    if (result.verdict != BC_VERDICT_ACCEPTED) {
        outcome = (bc__outcome){result.verdict, result.reason};
        if (position != NULL) {
            *position = result.blocks;
        }
        (void)bc__fail(error, BC_OK, "%s", why.message);
    } else {
        status = bc__whole_chain_open(&reading, params, bytes, length, error);
        if (status == BC_OK) {
            status = bc__engine_import(&chain->engine, &outcome, result.blocks, &result.work,
                                       bc__whole_chain_feed, &reading, error);
            bc__engine_deliver(&chain->engine);
        }
    }
    bc__give_outcome(&outcome, verdict, reason);
    return status;
}

/* Shows progress about ten times a second of verification without a chain, and so without its clock. */
typedef struct shown {
    bc_progress_fn progress;
    void *context;
    bc_clock clock;
    int64_t last;
} shown;

enum { PROGRESS_US = 100000 };

static bc_status show(void *context, uint64_t done, uint64_t total, bc_error *error)
{
    shown *to = context;
    int64_t now = bc__clock_monotonic(&to->clock);
    if (now - to->last < PROGRESS_US && done < total) {
        return BC_OK;
    }
    to->last = now;
    return to->progress(to->context, done, total) == BC_OK
               ? BC_OK
               : bc__fail(error, BC_ERR_INTERRUPTED, "the progress function said stop");
}

bc_status bc_verify_chain(const bc_params *params, bc_verification *result, const uint8_t *bytes,
                          size_t length, bc_progress_fn progress, void *context, bc_error *error)
{
    if (params == NULL || result == NULL || bytes == NULL) {
        return bc__fail_null(error, params == NULL   ? "params"
                                    : result == NULL ? "result"
                                                     : "bytes");
    }
    shown to = {.progress = progress, .context = context};
    bc__whole_result whole;
    bc_error why = {0};
    bc_status status = bc__clock_read(&to.clock, NULL, error);
    to.last = bc__clock_monotonic(&to.clock);
    if (status == BC_OK) {
        status = check_whole(params, error);
    }
    if (status != BC_OK) {
        return status;
    }
    status = bc__whole_chain_verify(params, &whole, bytes, length, progress == NULL ? NULL : show,
                                    &to, &why);
    if (error != NULL && (status != BC_OK || whole.verdict != BC_VERDICT_ACCEPTED)) {
        *error = why;
        error->code = status;
    }
    bc_verification known = {
        .verdict = status == BC_OK ? whole.verdict : (uint32_t)BC_VERDICT_NONE,
        .reason = whole.reason,
        .blocks = whole.blocks,
        .transactions = whole.transactions,
    };
    memcpy(known.tip, whole.tip, sizeof known.tip);
    bc_status written = bc__versioned_write(result, &known, sizeof known, "bc_verification",
                                            status == BC_OK ? error : NULL);
    return status != BC_OK ? status : written;
}
