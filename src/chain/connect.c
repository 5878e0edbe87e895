/* A block comes in: judged, stored, perhaps the new tip, and then the orphans that waited for it. */
#include <string.h>

#include "src/base/error.h"
#include "src/chain/engine.h"

bc_status bc__engine_add_block(bc__engine *engine, uint32_t *node, const bc_block *block,
                               uint32_t parent, uint64_t sequence, bc_error *error)
{
    uint64_t height =
        parent == BC__NO_NODE ? 0 : (uint64_t)bc__tree_node(&engine->tree, parent)->height + 1;
    int32_t reserved = bc__tree_reserve(&engine->tree, 1, height);
    if (reserved == BC__OK) {
        reserved = bc__equivocations_reserve(engine);
    }
    if (reserved != BC__OK) {
        return reserved == BC__ERR_LIMIT
                   ? bc__fail(error, BC_ERR_LIMIT, "a chain holds at most 2^32 - 2 blocks")
                   : bc__fail_memory(error);
    }
    bc__uint256 work = bc__engine_rules(engine)->block_work(engine->params, block);
    bc_status status =
        bc__engine_write_block(engine, block, parent, height, &work, sequence, error);
    if (status != BC_OK) {
        return status;
    }
    *node = bc__tree_add(&engine->tree, block->id, parent, &work, sequence);
    bc__node *added = bc__tree_node(&engine->tree, *node);
    added->time = block->has_time ? block->time : 0;
    added->flags = block->has_time ? BC__NODE_HAS_TIME : 0;
    if (engine->traits.header_bytes > 0) {
        added->header = (bc__header){.nonce = block->nonce, .bits = block->bits};
        memcpy(added->header.content, block->content, BC_ID_BYTES);
    }
    return BC_OK;
}

/* A branch that has more work than the best chain becomes it. Among equals the first stays, or, where the
 * rules say so, the smaller id wins. */
static bool is_better(const bc__engine *engine, const bc__uint256 *chain_work,
                      const uint8_t id[BC_ID_BYTES])
{
    const bc__node *tip = bc__tree_node(&engine->tree, bc__tree_tip(&engine->tree));
    int order = bc__uint256_compare(chain_work, &tip->chain_work);
    return order > 0 ||
           (order == 0 && engine->traits.smaller_id_wins && memcmp(id, tip->id, BC_ID_BYTES) < 0);
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

/* What becomes of a judged block. */
typedef struct arrival {
    bc_block *block;
    uint32_t parent;
    uint32_t node;
    bool was_staged; /* a replacement has written it ahead already */
    bool switching;
    bool has_plan;
    bc__account_plan plan;
    bc__switch change;
} arrival;

/* A block that a replacement has written ahead comes in by itself: its node becomes an ordinary one,
 * which an opening keeps whatever becomes of the replacement. */
static bc_status write_arrival(bc__engine *engine, arrival *with, bc_error *error)
{
    const bc_block *block = with->block;
    with->node = bc__tree_find_child(&engine->tree, block->id, with->parent);
    with->was_staged = with->node != BC__NO_NODE; /* any other would have been known */
    if (!with->was_staged) {
        return bc__engine_add_block(engine, &with->node, block, with->parent, engine->next_sequence,
                                    error);
    }
    bc__uint256 work = bc__engine_rules(engine)->block_work(engine->params, block);
    return bc__engine_write_block(engine, block, with->parent,
                                  bc__tree_node(&engine->tree, with->node)->height, &work,
                                  engine->next_sequence, error);
}

/* Of the branch below, a block does not hold: it goes, with all that stands on it, this one too. `why`
 * speaks of that block, and the caller handed in another one: so it goes to the log. */
static bc_status drop_branch(bc__engine *engine, bc__outcome *outcome, const bc__state_fault *fault,
                             const bc_error *why, bc_error *error)
{
    const bc__node *node = bc__tree_node(&engine->tree, fault->node);
    bc__log(&engine->log, BC_LOG_WARNING, "a branch is dropped from height %u on: %s", node->height,
            why->message);
    bc__rejected_add(&engine->rejected, node->id, fault->reason);
    *outcome = (bc__outcome){BC_VERDICT_ORPHAN, BC_REASON_ORPHAN};
    return bc__engine_clear_branch(engine, fault->node, error);
}

/* The state behind a block that is to be the tip. Where it fails, the outcome says so. */
static bc_status plan_state(bc__engine *engine, arrival *with, bc__outcome *outcome,
                            bc_error *error)
{
    bc__state_fault fault;
    bc_error why = BC_ERROR_INIT; /* of its own: what a branch met may not concern the caller */
    uint32_t reason = BC_REASON_NONE;
    if ((bc__engine_rules(engine)->capabilities & BC__HAS_ACCOUNTS) == 0) {
        return BC_OK;
    }
    bc_status status = bc__state_settle(engine, error);
    if (status != BC_OK) {
        return status;
    }
    bc__account_plan_init(&with->plan, &engine->accounts);
    with->has_plan = true;
    status = bc__state_walk(engine, &with->plan, bc__tree_tip(&engine->tree), with->parent, &fault,
                            &why);
    if (status == BC_OK && fault.node != BC__NO_NODE) {
        return drop_branch(engine, outcome, &fault, &why, error);
    }
    if (status != BC_OK && error != NULL) {
        *error = why;
    }
    if (status == BC_OK) {
        status = bc__state_connect(engine, &with->plan, with->block,
                                   (uint64_t)bc__tree_node(&engine->tree, with->parent)->height + 1,
                                   &reason, error);
    }
    if (status == BC_OK && reason != BC_REASON_NONE) {
        return bc__judge_invalid(engine, outcome, with->block, reason);
    }
    return status;
}

/* Whether the block's branch becomes the best chain. */
static bool choose(const bc__engine *engine, const arrival *with, bc__outcome *outcome)
{
    bc__uint256 work = bc__engine_rules(engine)->block_work(engine->params, with->block);
    bc__uint256 chain_work =
        bc__uint256_add(&bc__tree_node(&engine->tree, with->parent)->chain_work, &work);
    *outcome = (bc__outcome){BC_VERDICT_BRANCH, BC_REASON_NONE};
    if (!is_better(engine, &chain_work, with->block->id)) {
        return false;
    }
    if (bc__engine_is_too_deep(engine, with->parent)) {
        outcome->reason = BC_REASON_REORG_DEPTH;
        return false;
    }
    return true;
}

/* Writes the block and, where it becomes the tip, the switch, in one commit. */
static bc_status commit_arrival(bc__engine *engine, arrival *with, uint32_t mark, bc_error *error)
{
    bc_status status = write_arrival(engine, with, error);
    if (status != BC_OK) {
        bc__database_rollback(&engine->database, mark);
        return status;
    }
    if (with->switching) {
        status = bc__switch_prepare(engine, &with->change, with->node, with->block, false,
                                    with->has_plan ? &with->plan : NULL, error);
    }
    if (status == BC_OK && with->has_plan) {
        status = bc__account_plan_reserve(&with->plan, error);
    }
    if (status == BC_OK) {
        bool ours = with->block->maker == engine->published->number;
        status = bc__engine_commit(engine, mark, ours && engine->traits.names_signers, error);
    } else {
        bc__database_rollback(&engine->database, mark);
    }
    if (status != BC_OK) {
        bc__switch_drop(engine, &with->change);
        if (!with->was_staged) {
            bc__tree_remove(&engine->tree, with->node);
        }
    }
    return status;
}

/* Stores a judged block and chooses. */
static bc_status store_block(bc__engine *engine, bc__outcome *outcome, bc_block *block,
                             uint32_t parent, bc_error *error)
{
    arrival with = {.block = block, .parent = parent};
    uint32_t mark = bc__database_mark(&engine->database);
    uint64_t commits = engine->database.commits;
    bc_status status = BC_OK;
    with.switching = choose(engine, &with, outcome);
    bc__outcome chosen = *outcome;
    if (with.switching) {
        status = plan_state(engine, &with, outcome, error);
        if (engine->database.commits != commits) {
            mark = 0; /* a flush, or the way along a long branch: what is pending came later */
        }
        if (outcome->verdict != chosen.verdict || status != BC_OK) {
            goto done;
        }
    }
    status = commit_arrival(engine, &with, mark, error);
    if (status != BC_OK) {
        goto done;
    }
    bc__node *node = bc__tree_node(&engine->tree, with.node);
    node->flags &= ~(uint32_t)BC__NODE_STAGED;
    node->sequence = engine->next_sequence++;
    bc__equivocations_add(engine, with.node);
    bc__cache_put(&engine->cache, block);
    if (with.switching) {
        bc__switch_apply(engine, &with.change);
        if (with.has_plan) {
            bc__account_plan_apply(&with.plan);
        }
        outcome->verdict = BC_VERDICT_ACCEPTED;
    } else {
        bc__engine_note_side(engine, node->height);
    }
done:
    if (status != BC_OK) {
        bc__database_rollback(&engine->database, mark);
        *outcome = (bc__outcome){BC_VERDICT_NONE, BC_REASON_NONE};
    }
    if (with.has_plan) {
        bc__account_plan_free(&with.plan);
    }
    return status;
}

static bc_status judge_again(bc__engine *engine, bc__outcome *outcome, bc_block *block,
                             uint32_t *parent, bc_error *error)
{
    bc_status status = bc__judge(engine, outcome, block, parent, error);
    if (status != BC_OK || outcome->verdict != BC_VERDICT_NONE) {
        return status;
    }
    uint32_t reason = bc__engine_rules(engine)->check_reward(
        engine->params, block, (uint64_t)bc__tree_node(&engine->tree, *parent)->height + 1, error);
    return reason == BC_REASON_NONE ? BC_OK : bc__judge_invalid(engine, outcome, block, reason);
}

static bool stands_on_tip(const bc__engine *engine, const bc_block *block)
{
    const bc__node *tip = bc__tree_node(&engine->tree, bc__tree_tip(&engine->tree));
    return block->has_parent && memcmp(block->parent, tip->id, BC_ID_BYTES) == 0;
}

static bc_status submit_one(bc__engine *engine, bc__outcome *outcome, bc_block *block,
                            bool only_on_tip, bc_error *error)
{
    uint32_t parent = BC__NO_NODE;
    bool has_accounts = (bc__engine_rules(engine)->capabilities & BC__HAS_ACCOUNTS) != 0;
    if (only_on_tip && !stands_on_tip(engine, block)) {
        return bc__fail(error, BC_ERR_STALE, "the tip has moved");
    }
    bc_status status = bc__judge(engine, outcome, block, &parent, error);
    if (status == BC_OK && outcome->verdict == BC_VERDICT_NONE && has_accounts) {
        status = bc__judge_txs(engine, outcome, block,
                               (uint64_t)bc__tree_node(&engine->tree, parent)->height + 1, error);
        if (status == BC_OK && outcome->verdict == BC_VERDICT_NONE) {
            status = judge_again(engine, outcome, block, &parent, error);
        }
    }
    if (status != BC_OK || outcome->verdict != BC_VERDICT_NONE) {
        return status;
    }
    if (only_on_tip && parent != bc__tree_tip(&engine->tree)) {
        return bc__fail(error, BC_ERR_STALE, "the tip has moved");
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

/* One that waits for that block, as long as this is stored: with a child the whole branch may have turned
 * out invalid, and then what else waits for it goes on waiting. */
static bc_block *take_child(bc__engine *engine, const bc_block *block)
{
    return bc__tree_find(&engine->tree, block->id) == BC__NO_NODE
               ? NULL
               : bc__orphans_take_child(&engine->orphans, block->id);
}

static void adopt_orphans(bc__engine *engine, bc_block *block)
{
    const bc__heap *heap = bc__engine_heap(engine);
    arrivals list = {0};
    bool room = engine->orphans.count > 0 && push_arrival(heap, &list, block);
    for (size_t at = 0; room && at < list.count; at++) {
        bc_block *child;
        while ((child = take_child(engine, list.blocks[at])) != NULL) {
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

/* An orphan that came in behind the block had its branch connected, and the branch did not hold: the
 * outcome is the one that the block would have now. */
static void judge_gone(const bc__engine *engine, bc__outcome *outcome, const bc_block *block,
                       bc_error *error)
{
    uint32_t reason = bc__rejected_reason(&engine->rejected, block->id);
    *outcome = (bc__outcome){BC_VERDICT_ORPHAN, BC_REASON_ORPHAN};
    if (reason != BC_REASON_NONE) {
        *outcome = (bc__outcome){BC_VERDICT_INVALID, reason};
        (void)bc__fail(error, BC_OK,
                       "the block does not hold (%s), as was found with one behind it",
                       bc_reason_name(reason));
    }
}

bc_status bc__engine_submit(bc__engine *engine, bc__outcome *outcome, bc_block *block,
                            bool only_on_tip, bc_error *error)
{
    *outcome = (bc__outcome){BC_VERDICT_NONE, BC_REASON_NONE};
    bc_status status = submit_one(engine, outcome, block, only_on_tip, error);
    bool stored = outcome->verdict == BC_VERDICT_ACCEPTED || outcome->verdict == BC_VERDICT_BRANCH;
    if ((stored || outcome->verdict == BC_VERDICT_KNOWN) &&
        block->maker != engine->published->number) {
        engine->has_heard = true;
    }
    if (status == BC_OK && stored) {
        adopt_orphans(engine, block);
        uint32_t node = bc__tree_find(&engine->tree, block->id);
        if (node == BC__NO_NODE) {
            judge_gone(engine, outcome, block, error);
        } else if (bc__tree_is_best(&engine->tree, node)) {
            outcome->verdict = BC_VERDICT_ACCEPTED;
        }
    }
    return status;
}
