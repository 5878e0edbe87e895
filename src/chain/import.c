/* A whole chain takes the place of ours. Its blocks are written ahead in bounded commits, under a
 * marker that names their sequence numbers, and one small commit moves the tip and takes the marker
 * away. After a crash before that commit, opening drops what the marker names. Where it comes to
 * nothing without a crash, its nodes stay staged, which nobody sees, until they are deleted
 * (bc__engine_drop_staged), so that nothing is built on what an opening would drop.
 *
 * The lock is let go between commits, with nothing pending; nodes that are staged are invisible to
 * everybody else meanwhile. */
#include <string.h>

#include "src/base/error.h"
#include "src/chain/engine.h"

/* Room in the staged range: one half for blocks, the other for transactions that come back. */
static const uint64_t staged_numbers = (uint64_t)1 << 34;

enum { BATCH_BYTES = 1024 * 1024 };

typedef struct replacement {
    bc__engine *engine;
    bc__next_block_fn next;
    void *context;
    uint64_t left;   /* blocks to come */
    uint64_t number; /* sequence number of the next new block */
    uint32_t parent; /* the node of the last block taken; BC__NO_NODE before the first */
    uint32_t *added; /* nodes of the batch under way */
    size_t added_count;
    size_t added_capacity;
} replacement;

static bc_status begin(bc__engine *engine, bc_error *error)
{
    uint8_t record[BC__RANGE_RECORD_BYTES];
    bc__key key = bc__key_of(BC__KEY_STAGED);
    bc_status status = bc__engine_drop_staged(engine, error);
    if (status != BC_OK) {
        return status;
    }
    uint32_t mark = bc__database_mark(&engine->database);
    bc__range range = {engine->next_sequence, staged_numbers};
    bc__range_record_write(record, &range);
    status = bc__database_put(&engine->database, &key, record, sizeof record, error);
    if (status == BC_OK) {
        status = bc__engine_commit(engine, mark, true, error);
    }
    if (status == BC_OK) {
        engine->staged = range;
        engine->staged_waiting = 0;
        engine->staging = true;
        engine->next_sequence += staged_numbers;
        engine->pins++;
    }
    return status;
}

static bool note_added(replacement *with, uint32_t node)
{
    if (with->added_count == with->added_capacity) {
        size_t capacity = with->added_capacity == 0 ? 256 : with->added_capacity * 2;
        uint32_t *added =
            bc__heap_regrow(bc__engine_heap(with->engine), with->added, capacity, sizeof *added);
        if (added == NULL) {
            return false;
        }
        with->added = added;
        with->added_capacity = capacity;
    }
    with->added[with->added_count++] = node;
    return true;
}

static bc_status take_block(replacement *with, const bc_block *block, bc_error *error)
{
    bc__engine *engine = with->engine;
    uint32_t node = bc__tree_find_child(&engine->tree, block->id, with->parent);
    if (node == BC__NO_NODE) {
        bc_status status =
            bc__engine_add_block(engine, &node, block, with->parent, with->number, error);
        if (status != BC_OK) {
            return status;
        }
        if (!note_added(with, node)) {
            bc__tree_remove(&engine->tree, node);
            return bc__fail_memory(error);
        }
        bc__tree_node(&engine->tree, node)->flags |= BC__NODE_STAGED;
        with->number++;
    }
    with->parent = node;
    return bc__engine_mend_body(engine, node, block, error);
}

/* One commit's worth of blocks. On failure neither store nor tree knows any of them. */
static bc_status take_batch(replacement *with, bc_error *error)
{
    bc__engine *engine = with->engine;
    uint64_t limit = engine->settings.commit_bytes;
    uint32_t before = with->parent;
    bc_status status = BC_OK;
    with->added_count = 0;
    limit = limit < BATCH_BYTES ? limit : BATCH_BYTES;
    uint32_t mark = bc__database_mark(&engine->database);
    while (status == BC_OK && with->left > 0 && engine->database.pending_bytes < limit) {
        bc_block *block;
        status = with->next(with->context, &block, error);
        if (status == BC_OK && block == NULL) {
            status = bc__fail(error, BC_ERR_FORMAT, "the chain ends before its last block");
        }
        if (status == BC_OK) {
            status = take_block(with, block, error);
            with->left--;
            bc_block_unref(block);
        }
    }
    if (status == BC_OK) {
        status = bc__engine_commit(engine, mark, true, error);
    } else {
        bc__database_rollback(&engine->database, mark);
    }
    if (status != BC_OK) {
        while (with->added_count > 0) {
            bc__tree_remove(&engine->tree, with->added[--with->added_count]);
        }
        with->parent = before;
    }
    return status;
}

static void unstage(bc__engine *engine, uint32_t node)
{
    while (node != BC__NO_NODE &&
           (bc__tree_node(&engine->tree, node)->flags & BC__NODE_STAGED) != 0) {
        bc__tree_node(&engine->tree, node)->flags &= ~(uint32_t)BC__NODE_STAGED;
        node = bc__tree_node(&engine->tree, node)->parent;
    }
}

/* The last commit: tip, mempool, and the marker away. */
static bc_status finish(bc__engine *engine, bc__outcome *outcome, uint32_t tip, bc_error *error)
{
    const bc__node *node = bc__tree_node(&engine->tree, tip);
    uint32_t old_tip = bc__tree_tip(&engine->tree);
    *outcome = (bc__outcome){BC_VERDICT_REFUSED, BC_REASON_LENGTH};
    if (bc__uint256_compare(&node->chain_work,
                            &bc__tree_node(&engine->tree, old_tip)->chain_work) <= 0) {
        return BC_OK;
    }
    if (bc__engine_is_too_deep(engine, tip)) {
        outcome->reason = BC_REASON_REORG_DEPTH;
        return BC_OK;
    }
    bc__switch change;
    bc__key key = bc__key_of(BC__KEY_STAGED);
    bc_status status = bc__switch_prepare(engine, &change, tip, NULL, true, NULL, error);
    if (status == BC_OK) {
        status = bc__database_remove(&engine->database, &key, error);
    }
    if (status == BC_OK) {
        status = bc__engine_commit(engine, 0, true, error);
    }
    if (status != BC_OK) {
        bc__database_rollback(&engine->database, 0);
        bc__switch_drop(engine, &change);
        *outcome = (bc__outcome){BC_VERDICT_NONE, BC_REASON_NONE};
        return status;
    }
    engine->clearing_due =
        engine->clearing_due || bc__tree_fork(&engine->tree, old_tip, tip) != old_tip;
    bc__switch_apply(engine, &change);
    unstage(engine, tip);
    engine->staged = (bc__range){0};
    *outcome = (bc__outcome){BC_VERDICT_ACCEPTED, BC_REASON_NONE};
    return BC_OK;
}

static bc_status run(replacement *with, bc__outcome *outcome, bc_error *error)
{
    bc__engine *engine = with->engine;
    bc_status status = begin(engine, error);
    if (status != BC_OK) {
        return status;
    }
    with->number = engine->staged.first;
    while (status == BC_OK && with->left > 0) {
        status = take_batch(with, error);
        if (status == BC_OK && with->left > 0) {
            bc__engine_leave(engine); /* others have their turn */
            status = bc__engine_enter_to_write(engine, error);
            if (status != BC_OK) {
                (void)bc__engine_enter(engine, NULL);
            }
        }
    }
    /* What waits by leave of commit_interval_us goes first, so that all that is pending is ours. */
    if (status == BC_OK) {
        status = bc__engine_commit(engine, bc__database_mark(&engine->database), true, error);
    }
    if (status == BC_OK) {
        status = finish(engine, outcome, with->parent, error);
    }
    engine->staging = false;
    engine->pins--;
    if (outcome->verdict == BC_VERDICT_ACCEPTED) {
        bc__engine_adopt_ready(engine);
    }
    return status;
}

bc_status bc__engine_import(bc__engine *engine, bc__outcome *outcome, uint64_t count,
                            const bc__uint256 *work, bc__next_block_fn next, void *context,
                            bc_error *error)
{
    replacement with = {
        .engine = engine, .next = next, .context = context, .left = count, .parent = BC__NO_NODE};
    *outcome = (bc__outcome){BC_VERDICT_NONE, BC_REASON_NONE};
    bc_status status = bc__engine_check_thread(engine, error);
    if (status != BC_OK) {
        return status;
    }
    (void)pthread_mutex_lock(&engine->import_lock);
    status = bc__engine_enter_to_write(engine, error);
    if (status == BC_OK) {
        uint32_t tip = bc__tree_tip(&engine->tree);
        if (count == 0 ||
            bc__uint256_compare(work, &bc__tree_node(&engine->tree, tip)->chain_work) <= 0) {
            *outcome = (bc__outcome){BC_VERDICT_REFUSED, BC_REASON_LENGTH};
        } else {
            status = run(&with, outcome, error);
        }
        bc__engine_leave(engine);
    }
    (void)pthread_mutex_unlock(&engine->import_lock);
    bc__heap_release(bc__engine_heap(engine), with.added);
    return status;
}
