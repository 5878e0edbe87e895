/* Fetching the blocks of a peer's chain. They are handed to the engine in the order of the chain; what
 * comes early, because another peer was asked for what is before it, is held meanwhile. */
#include <string.h>

#include "src/base/error.h"
#include "src/sync/exchange.h"

void bc__fetch_begin(bc__exchange *with)
{
    with->stage = BC__STAGE_FETCHING;
    with->next = with->chain.first;
    with->wanted_count = 0;
}

/* Height of the last block of the window, and one more. */
static uint64_t window_end(const bc__exchange *with)
{
    return with->chain.first + bc__header_chain_count(&with->chain);
}

/* Whether another peer has been asked for that block, or its answer holds it. */
static bool is_under_way(const bc__run *run, const bc__exchange *with, uint64_t height)
{
    const bc__exchanges *all = run->state;
    const uint8_t *id = bc__header_chain_id(&with->chain, height);
    for (size_t at = 0; at < BC__PEERS_AT_A_TIME; at++) {
        const bc__exchange *other = &all->slots[at];
        if (other != with && other->stage == BC__STAGE_FETCHING && height >= other->wanted_first &&
            height - other->wanted_first < other->wanted_count &&
            memcmp(bc__header_chain_id(&other->chain, height), id, BC_ID_BYTES) == 0) {
            return true;
        }
    }
    return false;
}

/* ---- Handing over ---- */

/* What the engine said of a block. False where that ended the exchange. */
static bool go_on(bc__run *run, bc__exchange *with, uint64_t height, const bc__outcome *outcome,
                  const bc_error *why)
{
    bc__exchanges *all = run->state;
    unsigned long long at = (unsigned long long)height;
    switch (outcome->verdict) {
    case BC_VERDICT_ACCEPTED:
        all->replaced = true;
        return true;
    case BC_VERDICT_KNOWN:
        return true;
    case BC_VERDICT_BRANCH:
        if (outcome->reason != BC_REASON_REORG_DEPTH) {
            return true;
        }
        bc__exchange_conclude(
            run, with, BC_OK,
            "its chain was refused: it would disconnect more blocks than max_reorg_depth");
        return false;
    case BC_VERDICT_NOT_YET:
        bc__exchange_conclude(run, with, BC_OK,
                              "its block at height %llu is too far ahead of our clock", at);
        return false;
    case BC_VERDICT_ORPHAN:
        bc__exchange_conclude(run, with, BC_ERR_FORMAT,
                              "its chain is not valid, up to the block at height %llu: %.160s", at,
                              why->message[0] != '\0' ? why->message
                                                      : "a block before it was found invalid");
        return false;
    default:
        bc__exchange_conclude(
            run, with, BC_ERR_FORMAT, "its block at height %llu is %s (%s): %.140s", at,
            bc_verdict_name(outcome->verdict), bc_reason_name(outcome->reason), why->message);
        return false;
    }
}

/* Parses, compares with what was asked for, and submits. False where that ended the exchange. */
static bool submit_block(bc__run *run, bc__exchange *with, uint64_t height, const uint8_t *bytes,
                         size_t length)
{
    bc__engine *engine = bc__run_engine(run);
    bc__outcome outcome = {BC_VERDICT_NONE, BC_REASON_NONE};
    bc_block *block = NULL;
    bc_error error = BC_ERROR_INIT;
    bc_status status =
        bc__engine_rules(engine)->parse_block(&block, engine->params, bytes, length, NULL, &error);
    if (status != BC_OK) {
        bc__exchange_conclude(run, with, status, "its block at height %llu: %.200s",
                              (unsigned long long)height, error.message);
        return false;
    }
    if (memcmp(block->id, bc__header_chain_id(&with->chain, height), BC_ID_BYTES) != 0) {
        bc__exchange_conclude(run, with, BC_ERR_FORMAT,
                              "it sent another block than the one asked for at height %llu",
                              (unsigned long long)height);
        bc_block_unref(block);
        return false;
    }
    status = bc__engine_enter_to_write(engine, &error);
    if (status == BC_OK) {
        bool heard = engine->has_heard;
        status = bc__engine_submit(engine, &outcome, block, false, &error);
        engine->has_heard =
            heard; /* not before all that the peer has, which may hold our own blocks */
        bc__engine_leave(engine);
    }
    bc_block_unref(block);
    if (status != BC_OK) {
        bc__exchange_fail(run, with, status, &error);
        return false;
    }
    return go_on(run, with, height, &outcome, &error);
}

/* Hands over all that is held. */
static void hand_over(bc__run *run, bc__exchange *with)
{
    bc__bytes held = with->held;
    bc__block_list list = {held.data, held.length};
    uint64_t first = with->wanted_first;
    uint32_t wanted = with->wanted_count;
    bc_error error = BC_ERROR_INIT;
    with->holds = false;
    with->wanted_count = 0;
    for (uint32_t at = 0;; at++) {
        const uint8_t *bytes;
        size_t length;
        bc_status status = bc__block_list_next(&list, &bytes, &length, &error);
        if (status == BC_OK && bytes != NULL && at == wanted) {
            status = bc__fail(&error, BC_ERR_FORMAT, "more blocks than were asked for");
        }
        if (status != BC_OK) {
            bc__exchange_conclude(run, with, status, "it sent %.200s", error.message);
            break;
        }
        if (bytes == NULL && at == 0) {
            bc__exchange_conclude(run, with, BC_ERR_FORMAT,
                                  "it lacks the block at height %llu, whose header it gave",
                                  (unsigned long long)first);
        }
        if (bytes == NULL || bc__run_check(run, NULL) != BC_OK ||
            !submit_block(run, with, first + at, bytes, length)) {
            break;
        }
    }
    bc__bytes_free(&held);
}

void bc__fetch_take(bc__run *run, bc__exchange *with, bc__bytes *answer)
{
    (void)run;
    with->held = *answer;
    with->holds = true;
    bc__bytes_init(answer, with->held.heap, with->held.limit);
}

/* ---- Asking ---- */

/* What is to be done next with a window. */
typedef struct plan {
    bool parent_known; /* of the blocks that are held */
    uint32_t rejected; /* of the next block: the reason why it is known as invalid */
    uint32_t count;    /* to be asked for, from `first` on */
    uint64_t first;
} plan;

/* Locked. */
static bool is_stored(const bc__engine *engine, const bc__exchange *with, uint64_t height)
{
    return bc__tree_find(&engine->tree, bc__header_chain_id(&with->chain, height)) != BC__NO_NODE;
}

/* Locked. Below its first block a window stands on what was stored before it. */
static bool is_parent_known(const bc__engine *engine, const bc__exchange *with)
{
    return with->wanted_first == with->chain.first ||
           is_stored(engine, with, with->wanted_first - 1);
}

/* Locked. */
static void choose(const bc__run *run, bc__exchange *with, plan *chosen)
{
    const bc__engine *engine = bc__run_engine(run);
    uint64_t end = window_end(with);
    while (with->next < end && is_stored(engine, with, with->next)) {
        with->next++;
    }
    if (with->next == end) {
        return;
    }
    chosen->rejected =
        bc__rejected_reason(&engine->rejected, bc__header_chain_id(&with->chain, with->next));
    uint64_t height = with->next;
    while (height < end && (is_stored(engine, with, height) || is_under_way(run, with, height))) {
        height++;
    }
    chosen->first = height;
    while (height < end && chosen->count < BC__BLOCKS_MOST && !is_stored(engine, with, height) &&
           !is_under_way(run, with, height)) {
        chosen->count++;
        height++;
    }
}

static void ask_blocks(bc__run *run, bc__exchange *with, const plan *chosen)
{
    const bc__engine *engine = bc__run_engine(run);
    uint8_t body[BC__REQUEST_BYTES_MAX];
    uint64_t block_bytes = engine->params->limits.block_bytes;
    /* So that what several peers answer stays within the bytes of one reply, where a block allows. */
    uint64_t limit = engine->settings.reply_bytes / BC__PEERS_AT_A_TIME;
    limit = limit < UINT32_MAX ? limit : UINT32_MAX;
    limit = limit > 0 ? limit : 1;
    with->wanted_first = chosen->first;
    with->wanted_count = chosen->count;
    bc__request_write_head(body, (uint32_t)limit, chosen->count);
    memcpy(body + BC__REQUEST_HEAD_BYTES, bc__header_chain_id(&with->chain, chosen->first),
           (size_t)chosen->count * BC_ID_BYTES);
    uint64_t largest =
        block_bytes < UINT64_MAX - BC__COUNT_BYTES ? block_bytes + BC__COUNT_BYTES : UINT64_MAX;
    bc__inquiry_ask(run, with->inquiry, "blocks", body,
                    BC__REQUEST_HEAD_BYTES + (size_t)chosen->count * BC_ID_BYTES,
                    limit > largest ? limit : largest);
}

/* All blocks of its chain are stored. */
static void end_fetch(bc__run *run, bc__exchange *with)
{
    bc__engine *engine = bc__run_engine(run);
    bool ours = false;
    if (bc__engine_enter(engine, NULL) == BC_OK) {
        uint32_t node = bc__tree_find(&engine->tree, with->chain.end_id);
        ours = node != BC__NO_NODE && bc__tree_is_best(&engine->tree, node);
        engine->has_heard = true;
        bc__engine_leave(engine);
    }
    bc__exchange_conclude(run, with, BC_OK, "its chain of height %llu %s",
                          (unsigned long long)with->chain.end,
                          ours ? "is ours now" : "is stored; ours is as good by now");
}

/* The window is stored. */
static void go_further(bc__run *run, bc__exchange *with)
{
    if (window_end(with) > with->chain.end) {
        end_fetch(run, with);
        return;
    }
    bc__header_chain_advance(&with->chain);
    bc__exchange_reread(run, with);
}

bool bc__fetch_step(bc__run *run, bc__exchange *with)
{
    bc__engine *engine = bc__run_engine(run);
    plan chosen = {.parent_known = false};
    bc_error error = BC_ERROR_INIT;
    bc_status status = bc__engine_enter(engine, &error);
    if (status != BC_OK) {
        bc__exchange_fail(run, with, status, &error);
        return true;
    }
    if (with->holds) {
        chosen.parent_known = is_parent_known(engine, with);
    }
    if (!chosen.parent_known) {
        choose(run, with, &chosen);
    }
    bc__engine_leave(engine);
    if (chosen.parent_known) {
        hand_over(run, with);
        return true;
    }
    if (with->next == window_end(with)) {
        go_further(run, with);
        return true;
    }
    if (chosen.rejected != BC_REASON_NONE) {
        bc__exchange_conclude(run, with, BC_ERR_FORMAT,
                              "its block at height %llu was found invalid before (%s)",
                              (unsigned long long)with->next, bc_reason_name(chosen.rejected));
        return true;
    }
    if (with->holds) {
        if (is_under_way(run, with, with->next)) {
            return false;
        }
        /* Whoever was to bring the blocks before has failed. */
        bc__bytes_free(&with->held);
        with->holds = false;
        with->wanted_count = 0;
        return true;
    }
    if (chosen.count == 0) {
        return false; /* others bring the rest */
    }
    ask_blocks(run, with, &chosen);
    return true;
}
