/* Targets of the search for a block, their compact form, the work that they stand for, and
 * aserti3-2d, which moves them. */
#ifndef BC_RULES_LEDGER_DIFFICULTY_H
#define BC_RULES_LEDGER_DIFFICULTY_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/uint256.h"

/* ---- Compact targets, as Bitcoin's nBits: mantissa * 256^(size - 3), with size in the highest
 * byte, a sign in bit 23 and the mantissa in the 23 bits below. ---- */

/* What is wrong with a compact target; with several faults, the first of these. A mantissa of 0 with a
 * sign is zero. */
typedef enum bc__compact_fault {
    BC__COMPACT_OK,
    BC__COMPACT_NEGATIVE,
    BC__COMPACT_ZERO,
    BC__COMPACT_OVERFLOW, /* 2^256 or more */
    BC__COMPACT_OVER_LIMIT
} bc__compact_fault;

/* The target of `bits`, between 1 and 2^256 - 1; where there is a fault, *target is as it was. Many
 * bits may stand for one target. */
bc__compact_fault bc__target_from_compact(bc__uint256 *target, uint32_t bits);

/* As bc__target_from_compact, and the target is not above `limit`. */
bc__compact_fault bc__target_within(bc__uint256 *target, uint32_t bits, const bc__uint256 *limit);

/* The canonical bits of the greatest compact number that is not above `target`. */
uint32_t bc__target_to_compact(const bc__uint256 *target);

/* Whether `bits` are positive, without overflow, and those that bc__target_to_compact gives. */
bool bc__compact_is_canonical(uint32_t bits);

/* ---- Work ---- */

/* Whether `id`, read as a big-endian number, is not above `target`. */
bool bc__target_holds(const bc__uint256 *target, const uint8_t id[BC__UINT256_BYTES]);

/* How many ids must be tried on average: 2^256 / (target + 1), rounded down. For a target of 0 it is
 * 2^256 - 1, where it should be one more. */
bc__uint256 bc__target_work(const bc__uint256 *target);

/* ---- aserti3-2d (Bitcoin Cash's specification 2020-11-15-asert). Times are in any unit. ---- */

typedef struct bc__asert {
    bc__uint256 limit;  /* the greatest target, at least 1 */
    uint64_t spacing;   /* time from block to block that is aimed at */
    uint64_t half_life; /* at least 1; the time behind schedule that doubles the target */
} bc__asert;

/* The target of the block after one that is `height_difference` blocks after the anchor, and whose
 * time is `time_difference` after that of the anchor's parent: between 1 and the limit, as if
 * calculated in integers without bounds. `anchor` is the anchor's target, at least 1. */
bc__uint256 bc__asert_target(const bc__asert *asert, const bc__uint256 *anchor,
                             int64_t time_difference, int64_t height_difference);

/* The bits of a block from its parent: the parent's target, and its time less that of its own
 * parent, which counts as at most six spacings, forwards and backwards. 6 * spacing is below 2^63. */
uint32_t bc__asert_next(const bc__asert *asert, const bc__uint256 *parent_target,
                        int64_t solve_time);

#endif
