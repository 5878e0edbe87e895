/* A stretch of a chain, bottom to top, and the transactions in it. */
#ifndef BC_CHAIN_STRETCH_H
#define BC_CHAIN_STRETCH_H

#include "src/block/block.h"

typedef struct bc__engine bc__engine;

/* The blocks above `fork` up to `tip`, both nodes; BC__NO_NODE: from the first on, or none. */
typedef struct bc__stretch {
    uint32_t fork;
    uint32_t tip;
    const bc_block *last; /* the block of tip, where it is at hand; else NULL */
} bc__stretch;

typedef bc_status (*bc__each_tx_fn)(void *context, const bc_block *block, uint32_t index,
                                    bc_error *error);

/* Locked. Visits every transaction but rewards. A result that is not BC_OK ends it. */
bc_status bc__stretch_each_tx(bc__engine *engine, const bc__stretch *stretch, bc__each_tx_fn visit,
                              void *context, bc_error *error);

#endif
