/* Headers behind those before them, and bodies behind their headers: what is checked however a block
 * is sealed. No check allocates, for headers come by the million. */
#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "src/base/error.h"
#include "src/rules/ledger/ledger.h"

enum { MEDIAN_BLOCKS = 11, MS = 1000 /* microseconds */ };

uint32_t bc__ledger_refuse(bc_error *error, uint32_t reason, const char *format, ...)
{
    if (error != NULL) {
        char sentence[sizeof error->message] = "";
        va_list arguments;
        va_start(arguments, format);
        (void)vsnprintf(sentence, sizeof sentence, format, arguments);
        va_end(arguments);
        (void)bc__fail(error, BC_ERR_FORMAT, "%s", sentence);
    }
    return reason;
}

int64_t bc__ledger_median(const bc__lineage *lineage)
{
    int64_t sorted[MEDIAN_BLOCKS];
    uint32_t count = lineage->count < MEDIAN_BLOCKS ? lineage->count : MEDIAN_BLOCKS;
    assert(count > 0);
    for (uint32_t at = 0; at < count; at++) {
        int64_t time = lineage->ancestors[at].time;
        uint32_t place = at;
        for (; place > 0 && sorted[place - 1] > time; place--) {
            sorted[place] = sorted[place - 1];
        }
        sorted[place] = time;
    }
    return sorted[count / 2];
}

/* Times of headers stay below 2^53 ms, but their sum with a limit of 2^40 ms passes 63 bits. */
static uint32_t check_clock(const bc__ledger *ledger, const bc__lineage *lineage,
                            const bc_block *block, bc_error *error)
{
    if (block->time <= lineage->now) { /* as it is without a clock, where that is INT64_MAX */
        return BC_REASON_NONE;
    }
    uint64_t ahead = (uint64_t)block->time - (uint64_t)lineage->now;
    if (ahead <= ledger->future_limit * MS) {
        return BC_REASON_NONE;
    }
    return bc__ledger_refuse(error, BC_REASON_CLOCK,
                             "the block's time is %" PRIu64
                             " ms ahead of the clock; at most %" PRIu64 " are allowed",
                             ahead / MS, ledger->future_limit);
}

uint32_t bc__ledger_check_header(const bc_params *params, const bc__lineage *lineage,
                                 const bc_block *block, bc_error *error)
{
    const bc__ledger *ledger = bc__ledger_of(params);
    if (block->bytes.length > ledger->block_bytes) {
        return bc__ledger_refuse(
            error, BC_REASON_SIZE,
            "the block has %zu bytes; the network takes blocks of at most %" PRIu64,
            block->bytes.length, ledger->block_bytes);
    }
    if (block->claimed_height != lineage->height + 1) {
        return bc__ledger_refuse(error, BC_REASON_HEIGHT,
                                 "the block says height %" PRIu64
                                 "; behind its parent it is %" PRIu64,
                                 block->claimed_height, lineage->height + 1);
    }
    int64_t median = bc__ledger_median(lineage);
    if (block->time <= median) {
        return bc__ledger_refuse(error, BC_REASON_MEDIAN,
                                 "the block's time is %" PRId64 " ms; it must be above %" PRId64
                                 ", the median of the blocks before it",
                                 block->time / MS, median / MS);
    }
    uint32_t reason = ledger->by_authority ? bc__authority_check_seal(params, lineage, block, error)
                                           : bc__work_check_seal(ledger, lineage, block, error);
    return reason != BC_REASON_NONE ? reason : check_clock(ledger, lineage, block, error);
}

uint32_t bc__ledger_check_content(const bc_params *params, const bc_block *block,
                                  const uint8_t history_root[BC_ID_BYTES], bc_error *error)
{
    uint8_t content[BC_ID_BYTES];
    bc__ledger_content(content, block->tx_count, block->txs_root, history_root);
    if (memcmp(content, block->content, sizeof content) != 0) {
        return bc__ledger_refuse(error, BC_REASON_CONTENT,
                                 "the header does not commit to this body of %" PRIu32
                                 " transactions behind this history",
                                 block->tx_count);
    }
    for (uint32_t at = 0; at < block->tx_count; at++) {
        if (bc__ledger_is_reward(params, block, at) != (at == 0)) {
            return bc__ledger_refuse(error, BC_REASON_REWARD_PLACE,
                                     "the block's transaction %" PRIu32
                                     " is %s; the first one must be a reward, and no other",
                                     at, at == 0 ? "no reward" : "a reward");
        }
    }
    if (block->tx_count == 0) {
        return bc__ledger_refuse(error, BC_REASON_REWARD_PLACE, "the block has no reward");
    }
    return BC_REASON_NONE;
}

bc__uint256 bc__ledger_block_work(const bc_params *params, const bc_block *block)
{
    bc__uint256 target;
    if (bc__ledger_of(params)->by_authority) {
        return bc__uint256_from_u64(block->bits);
    }
    if (bc__target_from_compact(&target, block->bits) != BC__COMPACT_OK) {
        return bc__uint256_zero(); /* of a block that no check lets through */
    }
    return bc__target_work(&target);
}
