/* Sealing by authority, after EIP-225 (Clique): a fixed list of keys takes turns; whoever seals out of
 * turn makes a block of half the weight, and may not again before half of the others did. */
#include <assert.h>
#include <inttypes.h>

#include "src/rules/ledger/ledger.h"

enum { MS = 1000 /* microseconds */, WEIGHT_IN_TURN = 2, WEIGHT_OUT_OF_TURN = 1 };

uint32_t bc__authority_weight(const bc__ledger *ledger, uint64_t height, uint64_t index)
{
    return height % ledger->authority_count == index ? WEIGHT_IN_TURN : WEIGHT_OUT_OF_TURN;
}

bool bc__authority_is_recent(const bc__ledger *ledger, const bc__lineage *lineage, uint64_t index)
{
    /* The ancestor at `at` has the height lineage->height - at: only genesis, which has no signer, is
     * at the height 0. */
    uint64_t span = ledger->authority_count / 2;
    span = span < lineage->height ? span : lineage->height;
    assert(span <= lineage->count);
    for (uint64_t at = 0; at < span; at++) {
        if (lineage->ancestors[at].nonce == index) {
            return true;
        }
    }
    return false;
}

static uint32_t check_turn(const bc__ledger *ledger, const bc__lineage *lineage,
                           const bc_block *block, bc_error *error)
{
    int64_t parent_time = lineage->ancestors[0].time;
    /* As uint64_t, since the sum may pass 63 bits. */
    if ((uint64_t)block->time < (uint64_t)parent_time + ledger->period * MS) {
        return bc__ledger_refuse(error, BC_REASON_PERIOD,
                                 "the block's time is %" PRId64
                                 " ms behind its parent's; the period is %" PRIu64,
                                 (block->time - parent_time) / MS, ledger->period);
    }
    if (block->nonce >= ledger->authority_count) {
        return bc__ledger_refuse(error, BC_REASON_INDEX,
                                 "the block's signer has the index %" PRIu64 "; there are %" PRIu32
                                 " authorities",
                                 block->nonce, ledger->authority_count);
    }
    uint32_t weight = bc__authority_weight(ledger, lineage->height + 1, block->nonce);
    if (block->bits != weight) {
        return bc__ledger_refuse(error, BC_REASON_WEIGHT,
                                 "the block's weight is %" PRIu32 "; of the authority %" PRIu64
                                 " it is %" PRIu32 " here",
                                 block->bits, block->nonce, weight);
    }
    if (bc__authority_is_recent(ledger, lineage, block->nonce)) {
        return bc__ledger_refuse(error, BC_REASON_RECENT,
                                 "the authority %" PRIu64 " sealed one of the %" PRIu32
                                 " blocks before",
                                 block->nonce, ledger->authority_count / 2);
    }
    return BC_REASON_NONE;
}

uint32_t bc__authority_check_seal(const bc_params *params, const bc__lineage *lineage,
                                  const bc_block *block, bc_error *error)
{
    const bc__ledger *ledger = bc__ledger_of(params);
    uint32_t reason = check_turn(ledger, lineage, block, error);
    if (reason != BC_REASON_NONE) {
        return reason;
    }
    if (block->sealed_length != BC__SEALED_BYTES_MAX) {
        return bc__ledger_refuse(error, BC_REASON_SEAL_LENGTH,
                                 "the block has a seal of %" PRIu32
                                 " bytes; under sealing by authority it is one of %d",
                                 block->sealed_length - BC__HEADER_BYTES - 1, BC__SEAL_BYTES);
    }
    uint8_t message[BC__MESSAGE_BYTES];
    const uint8_t *seal = block->bytes.data + BC__HEADER_BYTES + 1;
    bc__ledger_seal_message(message, params->origin.network_id, block->bytes.data);
    /* The keys were checked when the parameters were read. */
    if (!bc__signature_verify(ledger->authorities[block->nonce], true, message, seal)) {
        return bc__ledger_refuse(error, BC_REASON_SEAL_SIGNATURE,
                                 "the block's seal is no signature of the authority %" PRIu64,
                                 block->nonce);
    }
    return BC_REASON_NONE;
}
