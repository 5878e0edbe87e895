/* A block comes in: judged, stored, perhaps the new tip, and then the orphans that waited for it. */
#include <string.h>

#include "src/base/error.h"
#include "src/chain/engine.h"

static bc__outcome outcome_of(uint32_t verdict, uint32_t reason)
{
    return (bc__outcome){verdict, reason};
}

static bc_status write_block(bc__engine *engine, const bc_block *block, uint32_t parent,
                             uint64_t height, const bc__uint256 *work, uint64_t sequence,
                             bc_error *error)
{
    bc__header_record header = {
        .height = height,
        .sequence = sequence,
        .time = block->has_time ? block->time : 0,
        .has_time = block->has_time,
        .has_parent = parent != BC__NO_NODE,
    };
    if (parent != BC__NO_NODE) {
        memcpy(header.parent, bc__tree_node(&engine->tree, parent)->id, BC_ID_BYTES);
    }
    bc__uint256_to_bytes(work, header.work);
    uint8_t record[BC__HEADER_RECORD_BYTES];
    bc__header_record_write(record, &header);
    bc__key key = bc__key_of_header(height, block->id);
    bc_status status = bc__database_put(&engine->database, &key, record, sizeof record, error);
    if (status == BC_OK) {
        key = bc__key_of_id(BC__KEY_BODY, block->id);
        status = bc__database_put(&engine->database, &key, block->bytes.data, block->bytes.length,
                                  error);
    }
    return status;
}

bc_status bc__engine_add_block(bc__engine *engine, uint32_t *node, const bc_block *block,
                               uint32_t parent, uint64_t sequence, bc_error *error)
{
    uint64_t height =
        parent == BC__NO_NODE ? 0 : (uint64_t)bc__tree_node(&engine->tree, parent)->height + 1;
    int32_t reserved = bc__tree_reserve(&engine->tree, 1, height);
    if (reserved != BC__OK) {
        return reserved == BC__ERR_LIMIT
                   ? bc__fail(error, BC_ERR_LIMIT, "a chain holds at most 2^32 - 2 blocks")
                   : bc__fail_memory(error);
    }
    bc__uint256 work = bc__engine_rules(engine)->block_work(engine->params, block);
    bc_status status = write_block(engine, block, parent, height, &work, sequence, error);
    if (status != BC_OK) {
        return status;
    }
    *node = bc__tree_add(&engine->tree, block->id, parent, &work, sequence);
    bc__node *added = bc__tree_node(&engine->tree, *node);
    added->time = block->has_time ? block->time : 0;
    added->flags = block->has_time ? BC__NODE_HAS_TIME : 0;
    return BC_OK;
}

/* A branch that has more work than the best chain becomes it; among equals the first stays. */
static bool is_better(const bc__engine *engine, uint32_t node)
{
    return bc__uint256_compare(
               &bc__tree_node(&engine->tree, node)->chain_work,
               &bc__tree_node(&engine->tree, bc__tree_tip(&engine->tree))->chain_work) > 0;
}

bool bc__engine_is_too_deep(const bc__engine *engine, uint32_t new_tip)
{
    uint32_t tip = bc__tree_tip(&engine->tree);
    uint32_t fork = bc__tree_fork(&engine->tree, tip, new_tip);
    uint64_t kept =
        fork == BC__NO_NODE ? 0 : (uint64_t)bc__tree_node(&engine->tree, fork)->height + 1;
    uint64_t depth = engine->tree.best_count - kept;
    return depth > engine->settings.max_reorg_depth;
}

/* A block that a replacement has written ahead comes in by itself: its node becomes an ordinary one,
 * which an opening keeps whatever becomes of the replacement. */
static bc_status write_staged_block(bc__engine *engine, uint32_t node, const bc_block *block,
                                    uint32_t parent, bc_error *error)
{
    bc__uint256 work = bc__engine_rules(engine)->block_work(engine->params, block);
    return write_block(engine, block, parent, bc__tree_node(&engine->tree, node)->height, &work,
                       engine->next_sequence, error);
}

/* Stores a judged block and chooses. */
static bc_status store_block(bc__engine *engine, bc__outcome *outcome, bc_block *block,
                             uint32_t parent, bc_error *error)
{
    uint32_t mark = bc__database_mark(&engine->database);
    uint32_t node = bc__tree_find_child(&engine->tree, block->id, parent);
    bool was_staged = node != BC__NO_NODE; /* any other would have been known */
    bool switching = false;
    bc__switch change = {0};
    bc_status status = was_staged ? write_staged_block(engine, node, block, parent, error)
                                  : bc__engine_add_block(engine, &node, block, parent,
                                                         engine->next_sequence, error);
    if (status != BC_OK) {
        bc__database_rollback(&engine->database, mark);
        return status;
    }
    *outcome = outcome_of(BC_VERDICT_BRANCH, BC_REASON_NONE);
    if (is_better(engine, node)) {
        if (bc__engine_is_too_deep(engine, node)) {
            outcome->reason = BC_REASON_REORG_DEPTH;
        } else {
            switching = true;
            status = bc__switch_prepare(engine, &change, node, block, false, error);
        }
    }
    if (status == BC_OK) {
        status = bc__engine_commit(engine, mark, false, error);
    } else {
        bc__database_rollback(&engine->database, mark);
    }
    if (status != BC_OK) {
        bc__switch_drop(engine, &change);
        if (!was_staged) {
            bc__tree_remove(&engine->tree, node);
        }
        *outcome = outcome_of(BC_VERDICT_NONE, BC_REASON_NONE);
        return status;
    }
    bc__tree_node(&engine->tree, node)->flags &= ~(uint32_t)BC__NODE_STAGED;
    bc__tree_node(&engine->tree, node)->sequence = engine->next_sequence++;
    bc__cache_put(&engine->cache, block);
    if (switching) {
        bc__switch_apply(engine, &change);
        outcome->verdict = BC_VERDICT_ACCEPTED;
    }
    return BC_OK;
}

static bc_status refuse_orphan(bc__engine *engine, bc__outcome *outcome, bc_block *block,
                               bc_error *error)
{
    if (!block->has_parent) {
        *outcome = outcome_of(BC_VERDICT_ORPHAN, BC_REASON_GENESIS);
        return BC_OK;
    }
    *outcome = outcome_of(BC_VERDICT_ORPHAN, BC_REASON_ORPHAN);
    if (bc__orphans_has(&engine->orphans, block->id)) {
        return BC_OK;
    }
    if (bc__orphans_add(&engine->orphans, block) != BC__OK) {
        *outcome = outcome_of(BC_VERDICT_NONE, BC_REASON_NONE);
        return bc__fail_memory(error);
    }
    return BC_OK;
}

/* A block that is stored comes in again. Its id is its hash, so where our copy is damaged this one is
 * as good as the first was. */
static bc_status know_again(bc__engine *engine, bc__outcome *outcome, uint32_t node,
                            const bc_block *block, bc_error *error)
{
    uint32_t mark = bc__database_mark(&engine->database);
    bc_status status = bc__engine_mend_body(engine, node, block, error);
    if (status == BC_OK && bc__database_mark(&engine->database) != mark) {
        status = bc__engine_commit(engine, mark, false, error);
        if (status != BC_OK) {
            bc__tree_node(&engine->tree, node)->flags |= BC__NODE_DAMAGED;
        }
    }
    if (status == BC_OK) {
        *outcome = outcome_of(BC_VERDICT_KNOWN, BC_REASON_KNOWN);
    }
    return status;
}

static bc_status submit_one(bc__engine *engine, bc__outcome *outcome, bc_block *block,
                            bool only_on_tip, bc_error *error)
{
    bc_block *above;
    *outcome = outcome_of(BC_VERDICT_NONE, BC_REASON_NONE);
    uint32_t known = bc__tree_find(&engine->tree, block->id);
    if (known != BC__NO_NODE) {
        return know_again(engine, outcome, known, block, error);
    }
    uint32_t parent = block->has_parent ? bc__tree_find(&engine->tree, block->parent) : BC__NO_NODE;
    if (only_on_tip && parent != bc__tree_tip(&engine->tree)) {
        return bc__fail(error, BC_ERR_STALE, "the tip has moved");
    }
    if (parent == BC__NO_NODE) {
        return refuse_orphan(engine, outcome, block, error);
    }
    bc_status status = bc__engine_block(engine, &above, parent, error);
    if (status != BC_OK) {
        return status;
    }
    uint32_t reason = bc__engine_rules(engine)->check_block(engine->params, above, block, error);
    bc_block_unref(above);
    if (reason != BC_REASON_NONE) {
        *outcome = outcome_of(BC_VERDICT_INVALID, reason);
        return BC_OK;
    }
    return store_block(engine, outcome, block, parent, error);
}

/* The blocks that have just come in, each a parent that orphans may wait for. */
typedef struct arrivals {
    bc_block **blocks;
    size_t count;
    size_t capacity;
} arrivals;

static bool push_arrival(const bc__heap *heap, arrivals *list, bc_block *block)
{
    if (list->count == list->capacity) {
        size_t capacity = list->capacity == 0 ? 8 : list->capacity * 2;
        bc_block **blocks = bc__heap_regrow(heap, list->blocks, capacity, sizeof(bc_block *));
        if (blocks == NULL) {
            return false;
        }
        list->blocks = blocks;
        list->capacity = capacity;
    }
    list->blocks[list->count++] = bc_block_ref(block);
    return true;
}

/* Orphans are judged on their own account: what becomes of them changes nothing for the block that
 * brought them in. One that fails for want of memory or store is dropped; its sender may come again.
 * Says whether it was stored. */
static bool adopt(bc__engine *engine, bc_block *orphan)
{
    bc__outcome outcome;
    bc_error error = {0};
    bc_status status = submit_one(engine, &outcome, orphan, false, &error);
    if (status != BC_OK || outcome.verdict == BC_VERDICT_INVALID) {
        bc__log(&engine->log, BC_LOG_WARNING, "an orphan was dropped: %s", error.message);
    }
    return outcome.verdict == BC_VERDICT_ACCEPTED || outcome.verdict == BC_VERDICT_BRANCH;
}

static void adopt_orphans(bc__engine *engine, bc_block *block)
{
    const bc__heap *heap = bc__engine_heap(engine);
    arrivals list = {0};
    bool room = engine->orphans.count > 0 && push_arrival(heap, &list, block);
    for (size_t at = 0; room && at < list.count; at++) {
        bc_block *child;
        while ((child = bc__orphans_take_child(&engine->orphans, list.blocks[at]->id)) != NULL) {
            bool stored = adopt(engine, child);
            room = room && (!stored || push_arrival(heap, &list, child));
            bc_block_unref(child);
        }
    }
    for (size_t at = 0; at < list.count; at++) {
        bc_block_unref(list.blocks[at]);
    }
    bc__heap_release(heap, list.blocks);
}

static bool is_known(void *context, const uint8_t parent[BC_ID_BYTES])
{
    const bc__engine *engine = context;
    return bc__tree_find(&engine->tree, parent) != BC__NO_NODE;
}

void bc__engine_adopt_ready(bc__engine *engine)
{
    bc_block *block;
    while ((block = bc__orphans_take_ready(&engine->orphans, is_known, engine)) != NULL) {
        if (adopt(engine, block)) {
            adopt_orphans(engine, block);
        }
        bc_block_unref(block);
    }
}

bc_status bc__engine_submit(bc__engine *engine, bc__outcome *outcome, bc_block *block,
                            bool only_on_tip, bc_error *error)
{
    bc_status status = submit_one(engine, outcome, block, only_on_tip, error);
    if (status == BC_OK &&
        (outcome->verdict == BC_VERDICT_ACCEPTED || outcome->verdict == BC_VERDICT_BRANCH)) {
        adopt_orphans(engine, block);
        if (bc__tree_is_best(&engine->tree, bc__tree_find(&engine->tree, block->id))) {
            outcome->verdict = BC_VERDICT_ACCEPTED;
        }
    }
    return status;
}
