/* A block on standard output. */
#ifndef EXAMPLES_BCCTL_PRINT_BLOCK_H
#define EXAMPLES_BCCTL_PRINT_BLOCK_H

#include <bc/bc.h>

/* For people. `height` is the block's place in the chain, which its own text may tell otherwise. */
bc_status print_block(const bc_block *block, uint64_t height, bc_error *error);

/* One line of JSON. */
bc_status print_block_json(const bc_block *block, bc_error *error);

/* A line of either: "  time          2024-01-31 12:00:00.000000 UTC". */
void print_time(int64_t microseconds);

/* What the rules call the number that mining found: "nonce", or the tutorial's "proof". */
const char *nonce_name(const bc_block *block);

#endif
