/* The accounts worked out anew from genesis, for bc_chain_verify: in a store in memory of their own, so
 * it takes memory in proportion to their number. */
#ifndef BC_CHAIN_REBUILT_H
#define BC_CHAIN_REBUILT_H

#include "src/block/block.h"
#include "src/chain/accounts.h"

typedef struct bc__engine bc__engine;

typedef struct bc__rebuilt {
    bc__database database;
    bc__accounts accounts;
    bool begun;
} bc__rebuilt;

/* The accounts of genesis. To be freed in any case. */
bc_status bc__rebuilt_begin(bc__rebuilt *rebuilt, const bc__engine *engine, bc_error *error);
void bc__rebuilt_free(bc__rebuilt *rebuilt);

/* The next block. BC_ERR_DAMAGED where it spends what nobody has, or where the engine's record of what it
 * changed, by which it would be undone, says something else. */
bc_status bc__rebuilt_connect(bc__rebuilt *rebuilt, bc__engine *engine, const bc_block *block,
                              uint64_t height, bc_error *error);

/* Locked. Whether the engine's accounts are the same, account by account; writes the engine's table
 * first. BC_ERR_DAMAGED where one differs. */
bc_status bc__rebuilt_compare(bc__rebuilt *rebuilt, bc__engine *engine, bc_error *error);

#endif
