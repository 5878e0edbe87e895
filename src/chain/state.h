/* The state of accounts from block to block: what connecting a block changes, what a switch of the tip
 * changes, and the way back. For rules with accounts. */
#ifndef BC_CHAIN_STATE_H
#define BC_CHAIN_STATE_H

#include "src/block/block.h"
#include "src/chain/account_plan.h"

typedef struct bc__engine bc__engine;

/* A stored block that turned out invalid when its branch was to be connected. */
typedef struct bc__state_fault {
    uint32_t node; /* BC__NO_NODE: none */
    uint32_t reason;
} bc__state_fault;

/* Locked. Takes a plan that stands on the state behind `from` to that behind `to`: undoes down to their
 * fork, then does again, or for the first time, up to `to`. The records of the latter are written behind
 * what is pending and, where they are many, committed: they hold whatever becomes of the switch. BC_OK
 * with fault->node set where a block fails, whose sentence is in `error`. */
bc_status bc__state_walk(bc__engine *engine, bc__account_plan *plan, uint32_t from, uint32_t to,
                         bc__state_fault *fault, bc_error *error);

/* Locked. Applies one block on top of the plan and writes its record behind what is pending. *reason
 * where it fails; then the plan is as it was. */
bc_status bc__state_connect(bc__engine *engine, bc__account_plan *plan, const bc_block *block,
                            uint64_t height, uint32_t *reason, bc_error *error);

/* Locked. Writes the accounts that changed since the last time to their table: now, or where that is
 * due. Must come before a switch of the tip. */
bc_status bc__state_flush(bc__engine *engine, bc_error *error);
bc_status bc__state_settle(bc__engine *engine, bc_error *error);

/* The accounts of genesis, put between no blocks. */
bc_status bc__state_allocate(const bc__engine *engine, bc__account_plan *plan, bc_error *error);

/* Locked. At opening: from the block whose state the table is, or from genesis, to the tip. */
bc_status bc__state_open(bc__engine *engine, bc_error *error);

#endif
