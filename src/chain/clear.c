/* Clearing away, in bounded commits: what a replacement that came to nothing wrote ahead, at once; and
 * after a replacement, blocks on no best chain, once every event has been delivered and no answer reads
 * them any more. */
#include <stdlib.h>

#include "src/base/error.h"
#include "src/chain/engine.h"

enum { BATCH_WRITES = 8192, BATCH_NODES = 2048 };

/* Of what is on no best chain. */
typedef enum selection {
    SELECT_STAGED,
    SELECT_NOT_STAGED,
    SELECT_OLD_BRANCHES, /* whose last block is more than keep_branches behind the tip */
    SELECT_FLAGGED,      /* with BC__NODE_DOOMED */
} selection;

/* Height above, node below, so that sorting puts children before their parents. */
static int by_height_downwards(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left;
    uint64_t b = *(const uint64_t *)right;
    return (a < b) - (a > b);
}

static bool is_on_side(const bc__engine *engine, uint32_t at)
{
    return (bc__tree_node(&engine->tree, at)->flags & BC__NODE_FREE) == 0 &&
           !bc__tree_is_best(&engine->tree, at);
}

static bool is_selected(const bc__engine *engine, uint32_t at, selection which)
{
    uint32_t flags = bc__tree_node(&engine->tree, at)->flags;
    switch (which) {
    case SELECT_STAGED:
        return (flags & BC__NODE_STAGED) != 0;
    case SELECT_NOT_STAGED:
        return (flags & BC__NODE_STAGED) == 0;
    case SELECT_OLD_BRANCHES:
        return (flags & (BC__NODE_STAGED | BC__NODE_KEPT)) == 0;
    default:
        return (flags & BC__NODE_DOOMED) != 0;
    }
}

static size_t collect(const bc__engine *engine, uint64_t *list, selection which)
{
    size_t count = 0;
    for (uint32_t at = 0; at < engine->tree.node_count; at++) {
        if (is_on_side(engine, at) && is_selected(engine, at, which)) {
            list[count++] = (uint64_t)bc__tree_node(&engine->tree, at)->height << 32 | at;
        }
    }
    return count;
}

/* One commit's worth of the list; *done says how much that was. */
static bc_status clear_batch(bc__engine *engine, const uint64_t *list, size_t count, size_t *done,
                             bc_error *error)
{
    bc_status status = BC_OK;
    uint32_t mark = bc__database_mark(&engine->database);
    size_t batch = 0;
    while (status == BC_OK && batch < count &&
           bc__database_mark(&engine->database) - mark < BATCH_WRITES) {
        status = bc__engine_remove_block(engine, (uint32_t)list[batch++], error);
    }
    if (status != BC_OK) {
        bc__database_rollback(&engine->database, mark);
        return status;
    }
    status = bc__engine_commit(engine, mark, true, error);
    for (size_t at = 0; status == BC_OK && at < batch; at++) {
        bc__cache_remove(&engine->cache, bc__tree_node(&engine->tree, (uint32_t)list[at])->id);
        bc__equivocations_remove(engine, (uint32_t)list[at]);
        bc__tree_remove(&engine->tree, (uint32_t)list[at]);
    }
    *done += batch;
    return status;
}

static bc_status clear_nodes(bc__engine *engine, selection which, bc_error *error)
{
    size_t side = engine->tree.live_count - engine->tree.best_count;
    if (side == 0) {
        return BC_OK;
    }
    uint64_t *list = bc__heap_array(bc__engine_heap(engine), side, sizeof *list);
    if (list == NULL) {
        return bc__fail_memory(error);
    }
    size_t count = collect(engine, list, which);
    bc_status status = BC_OK;
    qsort(list, count, sizeof *list, by_height_downwards);
    for (size_t done = 0; status == BC_OK && done < count;) {
        status = clear_batch(engine, list + done, count - done, &done, error);
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
    bc_status status = clear_nodes(engine, SELECT_STAGED, error);
    while (status == BC_OK && engine->staged.count != 0) {
        status = drop_waiting(engine, error);
    }
    return status;
}

/* ---- Side branches ---- */

void bc__engine_note_side(bc__engine *engine, uint64_t height)
{
    engine->side_lowest = height < engine->side_lowest ? height : engine->side_lowest;
}

static uint64_t kept_from(const bc__engine *engine)
{
    uint64_t tip = engine->tree.best_count - 1;
    return tip > engine->settings.keep_branches ? tip - engine->settings.keep_branches : 0;
}

/* Flags what a branch stands on that still reaches near enough to the tip, and finds anew how low the
 * lowest end of those branches is. */
static void flag_kept(bc__engine *engine, uint64_t from)
{
    engine->side_lowest = UINT64_MAX;
    for (uint32_t at = 0; at < engine->tree.node_count; at++) {
        const bc__node *node = bc__tree_node(&engine->tree, at);
        if (!is_on_side(engine, at) || node->height < from) {
            continue;
        }
        if (node->children == 0) {
            bc__engine_note_side(engine, node->height);
        }
        for (uint32_t below = at; below != BC__NO_NODE && is_on_side(engine, below) &&
                                  (bc__tree_node(&engine->tree, below)->flags & BC__NODE_KEPT) == 0;
             below = bc__tree_node(&engine->tree, below)->parent) {
            bc__tree_node(&engine->tree, below)->flags |= BC__NODE_KEPT;
        }
    }
}

static void take_flags(bc__engine *engine, uint32_t flags)
{
    for (uint32_t at = 0; at < engine->tree.node_count; at++) {
        bc__tree_node(&engine->tree, at)->flags &= ~flags;
    }
}

static bool has_old_branches(const bc__engine *engine)
{
    return engine->traits.header_bytes > 0 && engine->side_lowest < kept_from(engine);
}

/* The table of accounts may be that of a block on a branch: what leads back from there must not go
 * before it is written anew. */
static bc_status forget_way_back(bc__engine *engine, bc_error *error)
{
    bool has_accounts = (bc__engine_rules(engine)->capabilities & BC__HAS_ACCOUNTS) != 0;
    return has_accounts ? bc__state_flush(engine, error) : BC_OK;
}

static bc_status clear_old_branches(bc__engine *engine, bc_error *error)
{
    uint64_t lowest = engine->side_lowest;
    flag_kept(engine, kept_from(engine));
    bc_status status = forget_way_back(engine, error);
    if (status == BC_OK) {
        status = clear_nodes(engine, SELECT_OLD_BRANCHES, error);
    }
    take_flags(engine, BC__NODE_KEPT);
    if (status != BC_OK) {
        engine->side_lowest = lowest; /* to be tried again */
    }
    return status;
}

bc_status bc__engine_clear_branch(bc__engine *engine, uint32_t root, bc_error *error)
{
    const bc__tree *tree = &engine->tree;
    uint32_t base = bc__tree_node(tree, root)->height;
    bc__tree_node(tree, root)->flags |= BC__NODE_DOOMED;
    for (uint32_t at = 0; at < tree->node_count; at++) {
        uint32_t below = at;
        if (!is_on_side(engine, at)) {
            continue;
        }
        while (below != BC__NO_NODE && bc__tree_node(tree, below)->height > base &&
               (bc__tree_node(tree, below)->flags & BC__NODE_DOOMED) == 0) {
            below = bc__tree_node(tree, below)->parent;
        }
        if (below != BC__NO_NODE && (bc__tree_node(tree, below)->flags & BC__NODE_DOOMED) != 0) {
            bc__tree_node(tree, at)->flags |= BC__NODE_DOOMED;
        }
    }
    bc_status status = forget_way_back(engine, error);
    if (status == BC_OK) {
        status = clear_nodes(engine, SELECT_FLAGGED, error);
    }
    take_flags(engine, BC__NODE_DOOMED);
    return status;
}

bc_status bc__engine_clear_forbidden(bc__engine *engine, bc_error *error)
{
    bc_status status = BC_OK;
    for (uint32_t at = 0; status == BC_OK && at < engine->tree.node_count; at++) {
        const bc__node *node = bc__tree_node(&engine->tree, at);
        if (is_on_side(engine, at) && !bc__passes_checkpoint(engine, node->height, node->id)) {
            status = bc__engine_clear_branch(engine, at, error);
        }
    }
    return status;
}

bc_status bc__engine_clear(bc__engine *engine, bc_error *error)
{
    if (engine->database.poisoned) {
        return BC_OK;
    }
    bc_status status = bc__engine_drop_staged(engine, error);
    bool due = engine->clearing_due || has_old_branches(engine);
    if (status != BC_OK || !due || engine->pins > 0 || engine->events.count > 0 ||
        engine->events.delivering) {
        return status;
    }
    if (!engine->clearing_due) {
        return clear_old_branches(engine, error);
    }
    status = clear_nodes(engine, SELECT_NOT_STAGED, error);
    engine->clearing_due = status != BC_OK;
    return status;
}
