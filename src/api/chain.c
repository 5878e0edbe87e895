/* The public functions of bc_chain that open, read and take in. */
#include <string.h>

#include "src/api/handle.h"
#include "src/base/buffer.h"
#include "src/base/error.h"
#include "src/base/versioned.h"

void bc__give_outcome(const bc__outcome *outcome, uint32_t *verdict, uint32_t *reason)
{
    if (verdict != NULL) {
        *verdict = outcome->verdict;
    }
    if (reason != NULL) {
        *reason = outcome->reason;
    }
}

/* Store and transport are in chain now: on failure everything is closed. */
static bc_status open_parts(bc_chain *chain, bc__opened_options *opened, bc_error *error)
{
    bc__engine *engine = &chain->engine;
    bool transport_taken = false;
    bc__database_init(&engine->database, &opened->store, bc__engine_heap(engine));
    bc_status status = bc__published_new(&engine->published, &engine->params->origin, error);
    if (status == BC_OK) {
        status = bc__engine_open(engine, error);
    }
    if (status == BC_OK) {
        status = bc__sync_open(&chain->sync, engine,
                               opened->has_transport ? &opened->transport : NULL, error);
        transport_taken = status == BC_OK;
        if (status != BC_OK) {
            (void)bc__engine_close(engine, NULL);
        }
    }
    if (status != BC_OK) {
        bc__database_close(&engine->database);
        bc__published_unref(engine->published);
        if (!transport_taken && opened->transport.close != NULL) {
            opened->transport.close(opened->transport.context);
        }
    }
    return status;
}

bc_status bc_chain_open(bc_chain **out, bc_params *params, const bc_options *options,
                        bc_error *error)
{
    bc__opened_options opened;
    if (out != NULL) {
        *out = NULL;
    }
    bc_status status = bc__options_read(&opened, options, params, error);
    if (status != BC_OK) {
        return status;
    }
    if (params == NULL) {
        bc__options_close(&opened);
        return bc__fail_null(error, "params");
    }
    const bc__heap *heap = &params->origin.heap;
    bc_chain *chain = out == NULL ? NULL : bc__heap_array(heap, 1, sizeof *chain);
    if (chain == NULL) {
        bc__options_close(&opened);
        bc__heap_release(heap, opened.settings.checkpoints);
        return out == NULL ? bc__fail_null(error, "out") : bc__fail_memory(error);
    }
    memset(chain, 0, sizeof *chain);
    chain->engine.params = bc_params_ref(params);
    chain->engine.handle = chain;
    chain->engine.clock = opened.clock;
    chain->engine.log = opened.log;
    chain->engine.settings = opened.settings;
    status = open_parts(chain, &opened, error);
    if (status != BC_OK) {
        bc__heap_release(heap, opened.settings.checkpoints);
        bc__heap_release(heap, chain);
        bc_params_unref(params);
        return status;
    }
    *out = chain;
    return BC_OK;
}

bc_status bc_chain_close(bc_chain *chain, bc_error *error)
{
    if (chain == NULL) {
        return BC_OK;
    }
    bc__engine *engine = &chain->engine;
    bc_status status = bc__engine_enter(engine, error);
    if (status != BC_OK) {
        return status;
    }
    bool delivering = engine->events.delivering ||
                      atomic_load_explicit(&engine->visits, memory_order_relaxed) > 0;
    bc__engine_leave(engine);
    status = bc__sync_check_thread(&chain->sync, error);
    if (status == BC_OK && delivering) {
        status = bc__fail(error, BC_ERR_REENTRANT, "a callback of this chain tried to close it");
    }
    if (status != BC_OK) {
        return status;
    }
    bc_params *params = engine->params;
    bc__sync_close(&chain->sync);
    status = bc__engine_close(engine, error);
    bc__database_close(&engine->database);
    bc__published_unref(engine->published);
    bc__heap_release(&params->origin.heap, engine->settings.checkpoints);
    bc__heap_release(&params->origin.heap, chain);
    bc_params_unref(params);
    return status;
}

void bc_chain_interrupt(bc_chain *chain)
{
    if (chain != NULL) {
        atomic_fetch_add_explicit(&chain->engine.published->interrupts, 1, memory_order_acq_rel);
    }
}

const bc_params *bc_chain_params(const bc_chain *chain)
{
    return chain == NULL ? NULL : chain->engine.params;
}

bc_status bc_chain_tip(bc_chain *chain, uint64_t *height, uint8_t id[BC_ID_BYTES],
                       uint8_t chain_work[BC_WORK_BYTES])
{
    if (chain == NULL) {
        return BC_ERR_ARGUMENT;
    }
    bc__view view;
    bc__published_read(chain->engine.published, &view);
    if (height != NULL) {
        *height = view.height;
    }
    if (id != NULL) {
        memcpy(id, view.id, BC_ID_BYTES);
    }
    if (chain_work != NULL) {
        bc__uint256_to_bytes(&view.chain_work, chain_work);
    }
    return BC_OK;
}

bc_status bc_chain_info(bc_chain *chain, bc_info *info)
{
    if (chain == NULL || info == NULL) {
        return BC_ERR_ARGUMENT;
    }
    bc__view view;
    bc__published_read(chain->engine.published, &view);
    const bc_info known = {
        .poisoned = view.poisoned ? 1 : 0,
        .height = view.height,
        .blocks = view.blocks,
        .mempool_count = view.mempool_count,
        .mempool_bytes = view.mempool_bytes,
        .orphan_count = view.orphan_count,
        .peer_count = view.peer_count,
    };
    return bc__versioned_write(info, &known, sizeof known, "bc_info", NULL);
}

bc_status bc_chain_block_at(bc_chain *chain, bc_block **out, uint64_t height, bc_error *error)
{
    if (out == NULL) {
        return bc__fail_null(error, "out");
    }
    *out = NULL;
    if (chain == NULL) {
        return bc__fail_null(error, "chain");
    }
    bc__engine *engine = &chain->engine;
    bc_status status = bc__engine_enter(engine, error);
    if (status != BC_OK) {
        return status;
    }
    uint32_t node = bc__tree_best_at(&engine->tree, height);
    status = node == BC__NO_NODE
                 ? bc__fail(error, BC_ERR_NOT_FOUND, "the chain ends at height %u, below %llu",
                            engine->tree.best_count - 1, (unsigned long long)height)
                 : bc__engine_block(engine, out, node, error);
    bc__engine_leave(engine);
    return status;
}

bc_status bc_chain_block(bc_chain *chain, bc_block **out, const uint8_t id[BC_ID_BYTES],
                         bc_error *error)
{
    if (out == NULL) {
        return bc__fail_null(error, "out");
    }
    *out = NULL;
    if (chain == NULL || id == NULL) {
        return bc__fail_null(error, chain == NULL ? "chain" : "id");
    }
    bc__engine *engine = &chain->engine;
    bc_status status = bc__engine_enter(engine, error);
    if (status != BC_OK) {
        return status;
    }
    uint32_t node = bc__tree_find(&engine->tree, id);
    status = node == BC__NO_NODE ? bc__fail(error, BC_ERR_NOT_FOUND, "there is no such block")
                                 : bc__engine_block(engine, out, node, error);
    bc__engine_leave(engine);
    return status;
}

bc_status bc_chain_find(bc_chain *chain, uint32_t *verdict, uint64_t *height,
                        const uint8_t id[BC_ID_BYTES], bc_error *error)
{
    if (chain == NULL || id == NULL) {
        return bc__fail_null(error, chain == NULL ? "chain" : "id");
    }
    bc__engine *engine = &chain->engine;
    bc_status status = bc__engine_enter(engine, error);
    if (status != BC_OK) {
        return status;
    }
    uint32_t found = BC_VERDICT_NONE;
    uint64_t where = BC_NONE;
    uint32_t node = bc__tree_find(&engine->tree, id);
    if (node != BC__NO_NODE) {
        found = bc__tree_is_best(&engine->tree, node) ? BC_VERDICT_ACCEPTED : BC_VERDICT_BRANCH;
        where = bc__tree_node(&engine->tree, node)->height;
    } else if (bc__orphans_has(&engine->orphans, id)) {
        found = BC_VERDICT_ORPHAN;
    } else {
        status = bc__fail(error, BC_ERR_NOT_FOUND, "there is no such block");
    }
    bc__engine_leave(engine);
    if (verdict != NULL) {
        *verdict = found;
    }
    if (height != NULL) {
        *height = where;
    }
    return status;
}

/* What the caller handed in must be made from the same params, or from others of the same network. */
static bc_status check_network(const bc_chain *chain, const bc__origin *origin, const char *what,
                               bc_error *error)
{
    const bc__origin *ours = &chain->engine.params->origin;
    if (origin != ours && memcmp(origin->network_id, ours->network_id, BC_ID_BYTES) != 0) {
        return bc__fail(error, BC_ERR_ARGUMENT, "the %s was made for another network", what);
    }
    return BC_OK;
}

bc_status bc_chain_submit(bc_chain *chain, uint32_t *verdict, uint32_t *reason, bc_block *block,
                          bc_error *error)
{
    bc__outcome outcome = {BC_VERDICT_NONE, BC_REASON_NONE};
    bc__give_outcome(&outcome, verdict, reason);
    if (chain == NULL || block == NULL) {
        return bc__fail_null(error, chain == NULL ? "chain" : "block");
    }
    bc_status status = check_network(chain, block->origin, "block", error);
    if (status == BC_OK) {
        status = bc__engine_enter_to_write(&chain->engine, error);
    }
    if (status != BC_OK) {
        return status;
    }
    status = bc__engine_submit(&chain->engine, &outcome, block, false, error);
    bc__engine_leave(&chain->engine);
    bc__engine_deliver(&chain->engine);
    bc__give_outcome(&outcome, verdict, reason);
    if (status == BC_OK && error != NULL &&
        (outcome.verdict == BC_VERDICT_INVALID || outcome.verdict == BC_VERDICT_NOT_YET)) {
        error->code = BC_OK;
    }
    return status;
}

bc_status bc_chain_submit_tx(bc_chain *chain, uint32_t *verdict, uint32_t *reason, bc_tx *tx,
                             bc_error *error)
{
    bc__outcome outcome = {BC_VERDICT_NONE, BC_REASON_NONE};
    bc__give_outcome(&outcome, verdict, reason);
    if (chain == NULL || tx == NULL) {
        return bc__fail_null(error, chain == NULL ? "chain" : "tx");
    }
    bc_status status = check_network(chain, tx->origin, "transaction", error);
    if (status == BC_OK) {
        status = bc__engine_submit_tx(&chain->engine, &outcome, tx, error);
    }
    bc__give_outcome(&outcome, verdict, reason);
    return status;
}

/* The transactions that wait, with a reference each. */
static bc_status copy_mempool(bc__engine *engine, bc_tx ***txs, size_t *count, bc_error *error)
{
    const bc__mempool *mempool = &engine->mempool;
    bc__mempool_walk walk;
    *txs = NULL;
    *count = 0;
    bc_status status = bc__engine_enter(engine, error);
    if (status != BC_OK) {
        return status;
    }
    if (mempool->count == 0) {
        goto leave;
    }
    *txs = bc__heap_array(bc__engine_heap(engine), (size_t)mempool->count, sizeof(bc_tx *));
    if (*txs == NULL) {
        status = bc__fail_memory(error);
        goto leave;
    }
    if (bc__mempool_walk_begin(&walk, mempool) == BC__OK) {
        for (bc__waiting *at; (at = bc__mempool_walk_next(&walk)) != NULL;) {
            (*txs)[(*count)++] = bc_tx_ref(at->tx);
        }
    } else {
        status = bc__fail_memory(error);
    }
    bc__mempool_walk_end(&walk);
leave:
    bc__engine_leave(engine);
    return status;
}

bc_status bc_chain_mempool(bc_chain *chain, bc_tx_fn visit, void *context, bc_error *error)
{
    if (chain == NULL || visit == NULL) {
        return bc__fail_null(error, chain == NULL ? "chain" : "visit");
    }
    bc_tx **txs;
    size_t count;
    bc_status status = copy_mempool(&chain->engine, &txs, &count, error);
    bc_status visited = BC_OK;
    bc__engine_visit(&chain->engine);
    for (size_t at = 0; at < count; at++) {
        if (visited == BC_OK) {
            visited = visit(context, txs[at]);
        }
        bc_tx_unref(txs[at]);
    }
    bc__engine_visited(&chain->engine);
    bc__heap_release(bc__engine_heap(&chain->engine), txs);
    if (status == BC_OK && visited != BC_OK) {
        status = bc__fail_host(error, visited, visited, "the visitor said stop");
    }
    return status;
}

bc_status bc_chain_changes(bc_chain *chain, const uint8_t since[BC_ID_BYTES], bc_event_fn visit,
                           void *context, bc_error *error)
{
    if (chain == NULL || visit == NULL) {
        return bc__fail_null(error, chain == NULL ? "chain" : "visit");
    }
    bc_status status = bc__engine_changes(&chain->engine, since, visit, context, error);
    bc__engine_deliver(&chain->engine);
    return status;
}

bc_status bc_chain_verify(bc_chain *chain, uint64_t *position, bc_progress_fn progress,
                          void *context, bc_error *error)
{
    if (position != NULL) {
        *position = 0;
    }
    if (chain == NULL) {
        return bc__fail_null(error, "chain");
    }
    return bc__engine_verify(&chain->engine, position, progress, context, error);
}

static bc_status check_value_name(const char *name, bc_error *error)
{
    size_t length = strnlen(name, BC_NAME_BYTES_MAX + 1);
    if (length == 0 || length > BC_NAME_BYTES_MAX) {
        return bc__fail(error, BC_ERR_ARGUMENT, "a value's name has 1 to %d bytes",
                        BC_NAME_BYTES_MAX);
    }
    return BC_OK;
}

bc_status bc_chain_set_value(bc_chain *chain, const char *name, const uint8_t *bytes, size_t length,
                             bc_error *error)
{
    if (chain == NULL || name == NULL) {
        return bc__fail_null(error, chain == NULL ? "chain" : "name");
    }
    bc_status status = check_value_name(name, error);
    if (status == BC_OK && bytes != NULL && length > BC_VALUE_BYTES_MAX) {
        status = bc__fail(error, BC_ERR_LIMIT, "a value has at most %d bytes", BC_VALUE_BYTES_MAX);
    }
    bc__engine *engine = &chain->engine;
    if (status == BC_OK) {
        status = bc__engine_enter_to_write(engine, error);
    }
    if (status != BC_OK) {
        return status;
    }
    uint32_t mark = bc__database_mark(&engine->database);
    bc__key key = bc__key_of_name(BC__KEY_VALUE, name);
    status = bytes == NULL ? bc__database_remove(&engine->database, &key, error)
                           : bc__database_put(&engine->database, &key, bytes, length, error);
    if (status == BC_OK) {
        status = bc__engine_commit(engine, mark, true, error);
    }
    bc__engine_leave(engine);
    return status;
}

bc_status bc_chain_value(bc_chain *chain, bc_buffer **out, const char *name, bc_error *error)
{
    if (out == NULL) {
        return bc__fail_null(error, "out");
    }
    *out = NULL;
    if (chain == NULL || name == NULL) {
        return bc__fail_null(error, chain == NULL ? "chain" : "name");
    }
    bc_status status = check_value_name(name, error);
    if (status == BC_OK) {
        status = bc__engine_enter(&chain->engine, error);
    }
    if (status != BC_OK) {
        return status;
    }
    bc__bytes bytes;
    bc__bytes_init(&bytes, bc__engine_heap(&chain->engine), SIZE_MAX);
    bc__key key = bc__key_of_name(BC__KEY_VALUE, name);
    status = bc__database_get(&chain->engine.database, &key, &bytes, error);
    bc__engine_leave(&chain->engine);
    if (status == BC_OK) {
        status = bc__buffer_take(out, &bytes, &chain->engine.params->origin, error);
    }
    bc__bytes_free(&bytes);
    return status;
}
