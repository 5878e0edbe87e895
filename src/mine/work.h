/* bc_work: the job of finding the next block. It keeps the parent and the transactions it was made of,
 * and of the chain only what is published, so it may outlive it. */
#ifndef BC_MINE_WORK_H
#define BC_MINE_WORK_H

#include "src/chain/engine.h"

enum { BC__RECIPIENT_BYTES_MAX = 4096 };

struct bc_work {
    atomic_uint_fast32_t references;
    bc__published *published;
    bc_params *params;
    bc_clock clock;        /* the chain's, which may be closed while the work is searched */
    bc__template template; /* owns its parent, transactions and recipient */
    bc_tx **txs;
    uint8_t *recipient;
    bc__lineage lineage; /* under rules with headers */
    bc_key *signer;      /* a reference, or NULL */
    uint64_t tips;       /* of published when it was made: another number says that it is stale */
    uint32_t threads;
    bc_progress_fn progress;
    void *context;
};

/* A work on the tip with as many waiting transactions as fit, in the mempool's order. */
bc_status bc__work_new(bc__engine *engine, bc_work **out, const bc_mine_options *options,
                       bc_error *error);

/* BC_OK, BC_ERR_STALE or BC_ERR_CLOSED. */
bc_status bc__work_check(const bc_work *work, bc_error *error);

/* ---- search.c ---- */

/* bc_work_search. With threads > 1 the range is dealt out in chunks; every chunk below the least nonce
 * found is searched to its end, so the least one is what comes back. Ends when the published count of
 * interrupts is no longer `interrupts`. */
bc_status bc__work_search(bc_work *work, uint64_t *nonce, bool *found, uint64_t first,
                          uint64_t count, uint64_t interrupts, bc_error *error);

/* ---- mine.c ---- */

/* The block of a work with that nonce. */
bc_status bc__work_block(bc_work *work, bc_block **out, uint64_t nonce, bc_error *error);

/* bc_chain_mine. */
bc_status bc__mine(bc__engine *engine, bc_block **out, const bc_mine_options *options,
                   bc_error *error);

#endif
