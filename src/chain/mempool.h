/* Waiting transactions, bounded in bytes. It knows no store: what must be written is up to its caller.
 *
 * In order of arrival: a multiset, for equal records are distinct where the rules cannot tell them
 * apart. What is marked counts until it is removed.
 *
 * By fee: known by id, with a sender's in order of nonces (fee_order.h), taken in by fee_policy.h. What
 * is marked counts as absent at once, and what is added as there, so that several changes can be judged
 * one behind the other before one commit decides about all of them: then either
 * bc__mempool_remove_marked, or bc__mempool_go_back, which leaves everything as it was. */
#ifndef BC_CHAIN_MEMPOOL_H
#define BC_CHAIN_MEMPOOL_H

#include "src/block/block.h"
#include "src/chain/fee_order.h"
#include "src/chain/waiting.h"

/* A state to go back to, while it is not decided about. */
typedef struct bc__mempool_point {
    size_t added;
    size_t marked;
} bc__mempool_point;

typedef struct bc__mempool {
    const bc__heap *heap;
    bc__waiting *oldest;
    bc__waiting *newest;
    uint64_t count;
    uint64_t returned_count;
    uint64_t bytes;
    uint64_t limit;
    /* By fee alone: */
    bool by_fee;
    bc__fee_order fees;
    uint64_t sender_limit; /* waiting transactions of one sender */
    uint64_t age_limit;    /* microseconds */
    bc__fee_entry *added;  /* the latest first */
    bc__fee_entry *marked; /* the latest first */
    bc__mempool_point point;
} bc__mempool;

/* In order of arrival. */
void bc__mempool_init(bc__mempool *mempool, const bc__heap *heap, uint64_t limit);

/* Of one that is empty. BC_NONE is no limit. */
void bc__mempool_order_by_fee(bc__mempool *mempool, uint64_t sender_limit, uint64_t age_limit);
void bc__mempool_free(bc__mempool *mempool);

/* What a transaction counts towards the limit. */
uint64_t bc__mempool_cost(const bc__mempool *mempool, const bc_tx *tx);

/* Whether `cost` more fits where `bytes` are taken already. */
bool bc__mempool_has_room(const bc__mempool *mempool, uint64_t bytes, uint64_t cost);

/* An entry with a reference of its own that is not in the mempool yet; adding it cannot fail. NULL
 * where there is no memory. For order of arrival; by fee bc__fee_prepare makes them. */
bc__waiting *bc__waiting_new(const bc__heap *heap, bc_tx *tx, uint64_t sequence, bool returned);
void bc__waiting_free(const bc__heap *heap, bc__waiting *waiting);

void bc__mempool_add(bc__mempool *mempool, bc__waiting *waiting);

/* Marks the entries that a block of our own took, its first `count` transactions: they lie among the
 * entries in the same order, because that is how a template is made. For order of arrival. */
void bc__mempool_mark_block(bc__mempool *mempool, const bc_block *block, uint32_t count);

/* By fee: marks one that is not marked yet. What else the sender has behind it does not leave with it. */
void bc__mempool_mark(bc__mempool *mempool, bc__waiting *waiting);

/* By fee: the entry of that id that is not marked, or NULL. */
bc__waiting *bc__mempool_find(const bc__mempool *mempool, const uint8_t id[BC_ID_BYTES]);

/* By fee: the one that was marked last, and the one marked before that; NULL where there is none. */
bc__waiting *bc__mempool_last_marked(const bc__mempool *mempool);
bc__waiting *bc__mempool_marked_before(bc__waiting *waiting);

/* By fee: back to where bc__mempool_here was called: what was added since is released, what was marked
 * since is not marked. */
bc__mempool_point bc__mempool_here(const bc__mempool *mempool);
void bc__mempool_go_back(bc__mempool *mempool, bc__mempool_point point);

/* Takes the marks off; by fee this goes back to before everything that is not decided about. */
void bc__mempool_unmark_all(bc__mempool *mempool);

/* Takes the marked out and releases them; by fee this decides about everything. */
void bc__mempool_remove_marked(bc__mempool *mempool);

/* The transactions as they would be mined. The mempool must not change meanwhile. */
typedef struct bc__mempool_walk {
    bc__waiting *next; /* in order of arrival */
    bool by_fee;
    bc__fee_walk fees;
} bc__mempool_walk;

/* BC__OK, or BC__ERR_MEMORY, which can only be where it is by fee. To be ended in any case. */
int32_t bc__mempool_walk_begin(bc__mempool_walk *walk, const bc__mempool *mempool);
void bc__mempool_walk_end(bc__mempool_walk *walk);

/* NULL at the end. */
bc__waiting *bc__mempool_walk_next(bc__mempool_walk *walk);

/* Passes over what cannot be mined without the one that was given last: by fee, what else its sender
 * has. */
void bc__mempool_walk_skip(bc__mempool_walk *walk);

#endif
