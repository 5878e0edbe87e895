/* For the benchmarks of the ledger's rules: networks sealed by work that costs next to nothing, and
 * blocks that are made by the rules alone, so that no chain has judged them before. */
#ifndef BC_TEST_SUPPORT_BENCH_LEDGER_H
#define BC_TEST_SUPPORT_BENCH_LEDGER_H

#include "src/block/merkle.h"
#include "src/rules/rules.h"
#include "test/support/bench.h"

/* Every other id holds. The difficulty is fixed, or follows the times of blocks. Blocks have at most
 * 1 MiB and bring no coins. NULL on failure, which was complained of. */
bc_params *bench_ledger_params(bool asert, const bc_allocator *allocator);

/* Where a chain of such blocks ends. */
typedef struct bench_maker {
    bc_params *params; /* borrowed */
    bc_block *tip;     /* a reference */
    bc__lineage lineage;
    uint32_t ancestors;       /* that a lineage holds at most */
    bc__merkle_peaks history; /* of all headers, the tip's too */
    /* The interior nodes of the history's tree that the tip's header completes, by level from 1. */
    uint8_t completed[BC__MERKLE_COMPLETED_MAX][BC_ID_BYTES];
    size_t completed_count;
} bench_maker;

/* Begins with the network's genesis. False on failure, which was complained of. */
bool bench_maker_init(bench_maker *maker, bc_params *params);
void bench_maker_free(bench_maker *maker); /* takes one that is all zero */

/* Makes the next block, of the reward and `count` transactions: maker->tip. Times rise by about a
 * second. */
bool bench_maker_next(bench_maker *maker, bc_tx *const *txs, size_t count);

#endif
