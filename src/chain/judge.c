/* Judging a block that comes in, as far as that goes without the state of accounts: what is known of its
 * id, its place, its header behind the headers before it, its body against its header. */
#include <string.h>

#include "src/base/error.h"
#include "src/chain/engine.h"

static bc_status settled(bc__outcome *outcome, uint32_t verdict, uint32_t reason)
{
    *outcome = (bc__outcome){verdict, reason};
    return BC_OK;
}

void bc__lineage_of(const bc__engine *engine, bc__lineage *lineage, uint32_t parent, int64_t now)
{
    const bc__node *node = bc__tree_node(&engine->tree, parent);
    lineage->height = node->height;
    lineage->now = now;
    lineage->count = 0;
    while (parent != BC__NO_NODE && lineage->count < engine->traits.ancestors) {
        node = bc__tree_node(&engine->tree, parent);
        lineage->ancestors[lineage->count++] = (bc__ancestor){
            .time = node->time, .nonce = node->header.nonce, .bits = node->header.bits};
        parent = node->parent;
    }
}

bool bc__reason_is_lasting(uint32_t reason)
{
    switch (reason) {
    case BC_REASON_HEIGHT:
    case BC_REASON_MEDIAN:
    case BC_REASON_BITS_NEGATIVE:
    case BC_REASON_BITS_ZERO:
    case BC_REASON_BITS_OVERFLOW:
    case BC_REASON_BITS_OVER_LIMIT:
    case BC_REASON_BITS_UNEXPECTED:
    case BC_REASON_PERIOD:
    case BC_REASON_INDEX:
    case BC_REASON_WEIGHT:
    case BC_REASON_RECENT:
        return true;
    default:
        return reason >= BC_REASON_REWARD_PLACE && reason <= BC_REASON_HOST_BLOCK;
    }
}

bc_status bc__judge_invalid(bc__engine *engine, bc__outcome *outcome, const bc_block *block,
                            uint32_t reason)
{
    if (reason == BC_REASON_CLOCK) {
        return settled(outcome, BC_VERDICT_NOT_YET, reason);
    }
    if (bc__reason_is_lasting(reason)) {
        bc__rejected_add(&engine->rejected, block->id, reason);
    }
    return settled(outcome, BC_VERDICT_INVALID, reason);
}

/* Under rules without headers: behind its parent, from the two blocks alone. */
static bc_status judge_behind(bc__engine *engine, bc__outcome *outcome, const bc_block *block,
                              uint32_t parent, bc_error *error)
{
    bc_block *above;
    bc_status status = bc__engine_block(engine, &above, parent, error);
    if (status != BC_OK) {
        return status;
    }
    uint32_t reason = bc__engine_rules(engine)->check_block(engine->params, above, block, error);
    bc_block_unref(above);
    return reason == BC_REASON_NONE ? BC_OK : bc__judge_invalid(engine, outcome, block, reason);
}

static bc_status judge_header(bc__engine *engine, bc__outcome *outcome, const bc_block *block,
                              uint32_t parent, bc_error *error)
{
    const bc__rules *rules = bc__engine_rules(engine);
    bc__lineage lineage;
    uint8_t root[BC_ID_BYTES];
    bc__lineage_of(engine, &lineage, parent, bc__clock_wall(&engine->clock));
    uint32_t reason = rules->check_header(engine->params, &lineage, block, error);
    if (reason != BC_REASON_NONE) {
        return bc__judge_invalid(engine, outcome, block, reason);
    }
    const bc__merkle_peaks *peaks;
    bc_status status = bc__equivocations_see(engine, block, lineage.height + 1, error);
    if (status == BC_OK) {
        status = bc__history_peaks(engine, &peaks, parent, error);
    }
    if (status != BC_OK) {
        return status;
    }
    bc__merkle_root(peaks, root);
    reason = rules->check_content(engine->params, block, root, error);
    return reason == BC_REASON_NONE ? BC_OK : bc__judge_invalid(engine, outcome, block, reason);
}

static bc_status refuse_orphan(bc__engine *engine, bc__outcome *outcome, bc_block *block,
                               bc_error *error)
{
    if (!block->has_parent) {
        return settled(outcome, BC_VERDICT_ORPHAN, BC_REASON_GENESIS);
    }
    if (!bc__orphans_holds(&engine->orphans, block) &&
        bc__orphans_add(&engine->orphans, block) != BC__OK) {
        return bc__fail_memory(error);
    }
    return settled(outcome, BC_VERDICT_ORPHAN, BC_REASON_ORPHAN);
}

/* Whether the block is the one that was stored under that id, which is the hash of the whole block, or of
 * a header that commits to the body. */
static bc_status is_same_block(bc__engine *engine, bool *same, uint32_t node, const bc_block *block,
                               bc_error *error)
{
    const bc__merkle_peaks none = {.size = 0};
    const bc__merkle_peaks *peaks = &none;
    uint8_t root[BC_ID_BYTES];
    uint32_t parent = bc__tree_node(&engine->tree, node)->parent;
    *same = true;
    if (engine->traits.header_bytes == 0) {
        return BC_OK;
    }
    bc_status status = bc__history_holds_header(engine, same, node, block, error);
    if (status == BC_OK && *same && parent != BC__NO_NODE) {
        status = bc__history_peaks(engine, &peaks, parent, error);
    }
    if (status == BC_OK && *same) {
        bc__merkle_root(peaks, root);
        *same = bc__engine_rules(engine)->check_content(engine->params, block, root, NULL) ==
                BC_REASON_NONE;
    }
    return status;
}

/* A block that is stored comes in again, and mends our copy where that was found damaged. */
static bc_status know_again(bc__engine *engine, bc__outcome *outcome, uint32_t node,
                            const bc_block *block, bc_error *error)
{
    uint32_t mark = bc__database_mark(&engine->database);
    bc_status status = BC_OK;
    bool same = false;
    if ((bc__tree_node(&engine->tree, node)->flags & BC__NODE_DAMAGED) != 0) {
        status = is_same_block(engine, &same, node, block, error);
    }
    if (status == BC_OK && same) {
        status = bc__engine_mend_body(engine, node, block, error);
    }
    if (status == BC_OK && bc__database_mark(&engine->database) != mark) {
        status = bc__engine_commit(engine, mark, false, error);
        if (status != BC_OK) {
            bc__tree_node(&engine->tree, node)->flags |= BC__NODE_DAMAGED;
        }
    }
    return status == BC_OK ? settled(outcome, BC_VERDICT_KNOWN, BC_REASON_KNOWN) : status;
}

bool bc__passes_checkpoint(const bc__engine *engine, uint64_t height, const uint8_t id[BC_ID_BYTES])
{
    for (uint64_t at = 0; at < engine->settings.checkpoint_count; at++) {
        const bc_checkpoint *checkpoint = &engine->settings.checkpoints[at];
        if (checkpoint->height == height && memcmp(checkpoint->id, id, BC_ID_BYTES) != 0) {
            return false;
        }
    }
    return true;
}

bc_status bc__judge(bc__engine *engine, bc__outcome *outcome, bc_block *block, uint32_t *parent,
                    bc_error *error)
{
    bool has_headers = (bc__engine_rules(engine)->capabilities & BC__HAS_HEADERS) != 0;
    *outcome = (bc__outcome){BC_VERDICT_NONE, BC_REASON_NONE};
    uint32_t known = bc__tree_find(&engine->tree, block->id);
    if (known != BC__NO_NODE) {
        return know_again(engine, outcome, known, block, error);
    }
    uint32_t reason = bc__rejected_reason(&engine->rejected, block->id);
    if (reason != BC_REASON_NONE) {
        (void)bc__fail(error, BC_OK, "the block was found invalid before (%s)",
                       bc_reason_name(reason));
        return settled(outcome, BC_VERDICT_INVALID, reason);
    }
    if (has_headers && block->claimed_height == 0) {
        (void)bc__fail(error, BC_OK, "a block of height 0 that is not the network's genesis");
        return settled(outcome, BC_VERDICT_INVALID, BC_REASON_GENESIS);
    }
    *parent = block->has_parent ? bc__tree_find(&engine->tree, block->parent) : BC__NO_NODE;
    if (*parent == BC__NO_NODE) {
        return refuse_orphan(engine, outcome, block, error);
    }
    if (!bc__passes_checkpoint(engine, (uint64_t)bc__tree_node(&engine->tree, *parent)->height + 1,
                               block->id)) {
        return settled(outcome, BC_VERDICT_REFUSED, BC_REASON_CHECKPOINT);
    }
    return has_headers ? judge_header(engine, outcome, block, *parent, error)
                       : judge_behind(engine, outcome, block, *parent, error);
}

/* Which senders of the block have sent before, so that their keys are known to be good: a bit for each
 * transaction. */
static bc_status find_known_senders(bc__engine *engine, uint8_t **known, const bc_block *block,
                                    bc_error *error)
{
    bc_status status = BC_OK;
    size_t bytes = (size_t)block->tx_count / 8 + 1;
    *known = bc__heap_array(bc__engine_heap(engine), bytes, 1);
    if (*known == NULL) {
        return bc__fail_memory(error);
    }
    memset(*known, 0, bytes);
    for (uint32_t at = 0; status == BC_OK && at < block->tx_count; at++) {
        bc_tx_fields fields;
        bc__account account;
        const bc__tx_place *place = &block->places[at];
        bc__engine_rules(engine)->tx_fields(&fields, block->bytes.data + place->offset,
                                            place->length);
        if (fields.kind == BC_TX_SIGNED) {
            status = bc__accounts_get(&engine->accounts, &account, fields.sender, error);
            if (status == BC_OK && account.nonce > 0) {
                (*known)[at / 8] |= (uint8_t)(1u << (at % 8));
            }
        }
    }
    return status;
}

static bool sent_before(void *context, uint32_t index, const uint8_t key[32])
{
    const uint8_t *known = context;
    (void)key;
    return (known[index / 8] >> (index % 8) & 1) != 0;
}

bc_status bc__judge_txs(bc__engine *engine, bc__outcome *outcome, bc_block *block, uint64_t height,
                        bc_error *error)
{
    bc__tx_verdict verdict = {BC_REASON_NONE, 0};
    uint8_t *known = NULL;
    bc_status status = find_known_senders(engine, &known, block, error);
    if (status == BC_OK) {
        const bc__tx_checks checks = {height, engine->settings.threads,
                                      &engine->settings.host_rules, sent_before, known};
        bc__engine_visit(engine);
        bc__engine_leave(engine);
        status = bc__signatures_check_block(&engine->signatures, &verdict, block, &checks, error);
        bc_status entered = bc__engine_enter_to_write(engine, status == BC_OK ? error : NULL);
        if (entered != BC_OK) {
            (void)bc__engine_enter(engine, NULL); /* as the caller expects */
            status = status == BC_OK ? entered : status;
        }
        bc__engine_visited(engine);
    }
    bc__heap_release(bc__engine_heap(engine), known);
    return status == BC_OK && verdict.reason != BC_REASON_NONE
               ? bc__judge_invalid(engine, outcome, block, verdict.reason)
               : status;
}
