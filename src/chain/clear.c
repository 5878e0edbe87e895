/* Clearing away, in bounded commits: what a replacement that came to nothing wrote ahead, at once; and
 * after a replacement, blocks on no best chain, once every event has been delivered and no answer reads
 * them any more. */
#include <stdlib.h>

#include "src/base/error.h"
#include "src/chain/engine.h"

enum { BATCH_NODES = 2048 };

/* Height above, node below, so that sorting puts children before their parents. */
static int by_height_downwards(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left;
    uint64_t b = *(const uint64_t *)right;
    return (a < b) - (a > b);
}

/* Of what is on no best chain: what is staged, or what is not. */
static size_t collect(const bc__engine *engine, uint64_t *list, bool staged)
{
    size_t count = 0;
    for (uint32_t at = 0; at < engine->tree.node_count; at++) {
        const bc__node *node = bc__tree_node(&engine->tree, at);
        if ((node->flags & BC__NODE_FREE) == 0 &&
            ((node->flags & BC__NODE_STAGED) != 0) == staged &&
            !bc__tree_is_best(&engine->tree, at)) {
            list[count++] = (uint64_t)node->height << 32 | at;
        }
    }
    return count;
}

static bc_status write_removal(bc__engine *engine, uint32_t at, bc_error *error)
{
    const bc__node *node = bc__tree_node(&engine->tree, at);
    bc__key key = bc__key_of_header(node->height, node->id);
    bc_status status = bc__database_remove(&engine->database, &key, error);
    if (status == BC_OK && !bc__tree_has_kept_twin(&engine->tree, at)) {
        key = bc__key_of_id(BC__KEY_BODY, node->id);
        status = bc__database_remove(&engine->database, &key, error);
    }
    return status;
}

static bc_status clear_batch(bc__engine *engine, const uint64_t *list, size_t count,
                             bc_error *error)
{
    bc_status status = BC_OK;
    uint32_t mark = bc__database_mark(&engine->database);
    for (size_t at = 0; status == BC_OK && at < count; at++) {
        status = write_removal(engine, (uint32_t)list[at], error);
    }
    if (status != BC_OK) {
        bc__database_rollback(&engine->database, mark);
        return status;
    }
    status = bc__engine_commit(engine, mark, true, error);
    for (size_t at = 0; status == BC_OK && at < count; at++) {
        bc__cache_remove(&engine->cache, bc__tree_node(&engine->tree, (uint32_t)list[at])->id);
        bc__tree_remove(&engine->tree, (uint32_t)list[at]);
    }
    return status;
}

static bc_status clear_nodes(bc__engine *engine, bool staged, bc_error *error)
{
    size_t side = engine->tree.live_count - engine->tree.best_count;
    if (side == 0) {
        return BC_OK;
    }
    uint64_t *list = bc__heap_array(bc__engine_heap(engine), side, sizeof *list);
    if (list == NULL) {
        return bc__fail_memory(error);
    }
    size_t count = collect(engine, list, staged);
    bc_status status = BC_OK;
    qsort(list, count, sizeof *list, by_height_downwards);
    for (size_t done = 0; status == BC_OK && done < count; done += BATCH_NODES) {
        size_t batch = count - done < BATCH_NODES ? count - done : BATCH_NODES;
        status = clear_batch(engine, list + done, batch, error);
    }
    bc__heap_release(bc__engine_heap(engine), list);
    return status;
}

/* Removes up to a batch of the transactions that went ahead, and with the last of them the marker. */
static bc_status drop_waiting(bc__engine *engine, bc_error *error)
{
    bc_status status = BC_OK;
    uint32_t mark = bc__database_mark(&engine->database);
    uint64_t left = engine->staged_waiting;
    for (size_t at = 0; status == BC_OK && left > 0 && at < BATCH_NODES; at++) {
        bc__key key = bc__key_of_number(BC__KEY_WAITING, bc__staged_waiting_first(engine) + --left);
        status = bc__database_remove(&engine->database, &key, error);
    }
    if (status == BC_OK && left == 0) {
        bc__key marker = bc__key_of(BC__KEY_STAGED);
        status = bc__database_remove(&engine->database, &marker, error);
    }
    if (status != BC_OK) {
        bc__database_rollback(&engine->database, mark);
        return status;
    }
    status = bc__engine_commit(engine, mark, true, error);
    if (status == BC_OK) {
        engine->staged_waiting = left;
        engine->staged.count = left == 0 ? 0 : engine->staged.count;
    }
    return status;
}

bc_status bc__engine_drop_staged(bc__engine *engine, bc_error *error)
{
    if (engine->staged.count == 0 || engine->staging) {
        return BC_OK;
    }
    bc_status status = clear_nodes(engine, true, error);
    while (status == BC_OK && engine->staged.count != 0) {
        status = drop_waiting(engine, error);
    }
    return status;
}

bc_status bc__engine_clear(bc__engine *engine, bc_error *error)
{
    if (engine->database.poisoned) {
        return BC_OK;
    }
    bc_status status = bc__engine_drop_staged(engine, error);
    if (status != BC_OK || !engine->clearing_due || engine->pins > 0 || engine->events.count > 0 ||
        engine->events.delivering) {
        return status;
    }
    status = clear_nodes(engine, false, error);
    engine->clearing_due = status != BC_OK;
    return status;
}
