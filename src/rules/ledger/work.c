/* Sealing by work: the id is not above the target that the header's bits stand for, and the bits are
 * those that the headers before demand. */
#include <assert.h>
#include <inttypes.h>

#include "src/rules/ledger/ledger.h"

enum { MS = 1000 /* microseconds */ };

uint32_t bc__work_next_bits(const bc__ledger *ledger, const bc__lineage *lineage)
{
    if (!ledger->asert || lineage->height == 0) {
        return ledger->bits;
    }
    assert(lineage->count >= 2);
    const bc__ancestor *parent = &lineage->ancestors[0];
    const bc__ancestor *grandparent = &lineage->ancestors[1];
    bc__uint256 target = bc__uint256_from_u64(1);
    bc__compact_fault fault = bc__target_from_compact(&target, parent->bits);
    assert(fault == BC__COMPACT_OK); /* the parent was checked */
    (void)fault;
    /* Both are whole milliseconds from 0 to 2^53. */
    return bc__asert_next(&ledger->schedule, &target, (parent->time - grandparent->time) / MS);
}

static uint32_t check_bits(bc__uint256 *target, const bc__ledger *ledger, uint32_t bits,
                           bc_error *error)
{
    switch (bc__target_within(target, bits, &ledger->schedule.limit)) {
    case BC__COMPACT_NEGATIVE:
        return bc__ledger_refuse(error, BC_REASON_BITS_NEGATIVE,
                                 "the header's bits 0x%08" PRIx32 " are a negative target", bits);
    case BC__COMPACT_ZERO:
        return bc__ledger_refuse(error, BC_REASON_BITS_ZERO,
                                 "the header's bits 0x%08" PRIx32 " are a target of 0", bits);
    case BC__COMPACT_OVERFLOW:
        return bc__ledger_refuse(
            error, BC_REASON_BITS_OVERFLOW,
            "the header's bits 0x%08" PRIx32 " are a target of more than 256 bits", bits);
    case BC__COMPACT_OVER_LIMIT:
        return bc__ledger_refuse(error, BC_REASON_BITS_OVER_LIMIT,
                                 "the header's bits 0x%08" PRIx32
                                 " are a target above the network's limit 0x%08" PRIx32,
                                 bits, ledger->limit);
    case BC__COMPACT_OK:
        break;
    }
    return BC_REASON_NONE;
}

uint32_t bc__work_check_seal(const bc__ledger *ledger, const bc__lineage *lineage,
                             const bc_block *block, bc_error *error)
{
    bc__uint256 target;
    uint32_t reason = check_bits(&target, ledger, block->bits, error);
    if (reason != BC_REASON_NONE) {
        return reason;
    }
    uint32_t expected = bc__work_next_bits(ledger, lineage);
    if (block->bits != expected) {
        return bc__ledger_refuse(error, BC_REASON_BITS_UNEXPECTED,
                                 "the header's bits are 0x%08" PRIx32 "; behind its parent they "
                                 "are 0x%08" PRIx32,
                                 block->bits, expected);
    }
    if (!bc__target_holds(&target, block->id)) {
        return bc__ledger_refuse(error, BC_REASON_TARGET,
                                 "the block's id is above the target of its bits 0x%08" PRIx32,
                                 block->bits);
    }
    if (block->sealed_length != BC__HEADER_BYTES + 1) {
        return bc__ledger_refuse(error, BC_REASON_SEAL_LENGTH,
                                 "the block has a seal of %" PRIu32
                                 " bytes; under sealing by work there is none",
                                 block->sealed_length - BC__HEADER_BYTES - 1);
    }
    return BC_REASON_NONE;
}
