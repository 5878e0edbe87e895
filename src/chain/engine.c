/* The lock, commits, and reading blocks. */
#include "src/chain/engine.h"

#include <string.h>

#include "src/base/error.h"
#include "src/base/thread.h"

enum { CLEARING_AGAIN_US = 1000000 };

bc_status bc__engine_check_thread(bc__engine *engine, bc_error *error)
{
    if (atomic_load_explicit(&engine->owner, memory_order_relaxed) == bc__this_thread()) {
        return bc__fail(error, BC_ERR_REENTRANT,
                        "a callback of the store, the clock or the log called its chain");
    }
    return BC_OK;
}

bc_status bc__engine_enter(bc__engine *engine, bc_error *error)
{
    bc_status status = bc__engine_check_thread(engine, error);
    if (status == BC_OK) {
        (void)pthread_mutex_lock(&engine->lock);
        atomic_store_explicit(&engine->owner, bc__this_thread(), memory_order_relaxed);
    }
    return status;
}

bc_status bc__engine_enter_to_write(bc__engine *engine, bc_error *error)
{
    bc_status status = bc__engine_enter(engine, error);
    if (status == BC_OK && engine->database.poisoned) {
        bc__engine_leave(engine);
        status = bc__fail_poisoned(error);
    }
    return status;
}

static void publish(bc__engine *engine)
{
    uint32_t tip = bc__tree_tip(&engine->tree);
    bc__view view = {
        .blocks = engine->tree.live_count,
        .mempool_count = engine->mempool.count,
        .mempool_bytes = engine->mempool.bytes,
        .orphan_count = engine->orphans.count,
        .peer_count = engine->peer_count,
        .poisoned = engine->database.poisoned,
    };
    if (tip != BC__NO_NODE) {
        const bc__node *node = bc__tree_node(&engine->tree, tip);
        view.height = node->height;
        view.chain_work = node->chain_work;
        memcpy(view.id, node->id, BC_ID_BYTES);
    }
    bc__published_write(engine->published, &view);
}

void bc__engine_leave(bc__engine *engine)
{
    publish(engine);
    atomic_store_explicit(&engine->owner, 0, memory_order_relaxed);
    (void)pthread_mutex_unlock(&engine->lock);
}

bc_status bc__engine_commit(bc__engine *engine, uint32_t mark, bool now, bc_error *error)
{
    uint64_t interval = engine->settings.commit_interval_us;
    if (!now && interval > 0 && engine->database.pending_bytes < engine->settings.commit_bytes) {
        if (!engine->commit_waits) {
            engine->commit_waits = true;
            engine->commit_due = bc__clock_monotonic(&engine->clock) + (int64_t)interval;
            return BC_OK;
        }
        if (bc__clock_monotonic(&engine->clock) < engine->commit_due) {
            return BC_OK;
        }
    }
    bc_status status = bc__database_commit(&engine->database, error);
    if (status == BC_OK) {
        engine->commit_waits = false;
    } else {
        bc__database_rollback(&engine->database, mark);
    }
    return status;
}

bc_status bc__engine_block(bc__engine *engine, bc_block **out, uint32_t at, bc_error *error)
{
    *out = bc__cache_get(&engine->cache, bc__tree_node(&engine->tree, at)->id);
    if (*out != NULL) {
        return BC_OK;
    }
    bc_status status = bc__engine_read_block(engine, out, at, error);
    if (status == BC_OK) {
        bc__cache_put(&engine->cache, *out);
    }
    return status;
}

bc_status bc__engine_read_block(bc__engine *engine, bc_block **out, uint32_t at, bc_error *error)
{
    bc__node *node = bc__tree_node(&engine->tree, at);
    bc__bytes bytes;
    *out = NULL;
    bc__bytes_init(&bytes, bc__engine_heap(engine), SIZE_MAX);
    bc__key key = bc__key_of_id(BC__KEY_BODY, node->id);
    bc_status status = bc__database_get(&engine->database, &key, &bytes, error);
    if (status == BC_ERR_NOT_FOUND) {
        status = bc__fail(error, BC_ERR_DAMAGED,
                          "the store lost the body of the block at height %u", node->height);
    }
    if (status == BC_OK) {
        status = bc__engine_rules(engine)->parse_block(out, engine->params, bytes.data,
                                                       bytes.length, NULL, error);
        if (status == BC_ERR_FORMAT) {
            status = bc__fail(error, BC_ERR_DAMAGED, "the block at height %u can't be read back",
                              node->height);
        }
    }
    if (status == BC_OK && memcmp((*out)->id, node->id, BC_ID_BYTES) != 0) {
        bc_block_unref(*out);
        *out = NULL;
        status = bc__fail(error, BC_ERR_DAMAGED, "the block at height %u has another id now",
                          node->height);
    }
    if (status == BC_ERR_DAMAGED) {
        node->flags |= BC__NODE_DAMAGED;
    }
    bc__bytes_free(&bytes);
    return status;
}

bc_status bc__engine_mend_body(bc__engine *engine, uint32_t at, const bc_block *block,
                               bc_error *error)
{
    bc__node *node = bc__tree_node(&engine->tree, at);
    if ((node->flags & BC__NODE_DAMAGED) == 0) {
        return BC_OK;
    }
    bc__key key = bc__key_of_id(BC__KEY_BODY, node->id);
    bc_status status =
        bc__database_put(&engine->database, &key, block->bytes.data, block->bytes.length, error);
    if (status == BC_OK) {
        node->flags &= ~(uint32_t)BC__NODE_DAMAGED; /* whoever reads it in vain sets it again */
    }
    return status;
}

bc_status bc__engine_tick(bc__engine *engine, int64_t *next, bc_error *error)
{
    int64_t left = 0;
    bc_status status = bc__engine_expire_txs(engine, next, error);
    if (status != BC_OK) {
        return status;
    }
    if (engine->commit_waits) {
        left = engine->commit_due - bc__clock_monotonic(&engine->clock);
    }
    if (left > 0) {
        *next = *next < left ? *next : left;
    } else {
        status = bc__engine_commit(engine, bc__database_mark(&engine->database), true, error);
    }
    if (status == BC_OK) {
        status = bc__engine_clear(engine, error);
    }
    if (status == BC_OK && (engine->clearing_due || engine->staged.count > 0) &&
        *next > CLEARING_AGAIN_US) {
        *next = CLEARING_AGAIN_US; /* somebody still reads what is to go */
    }
    return status;
}
