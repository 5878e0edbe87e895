/* Waiting transactions, in order of arrival, bounded in bytes: a multiset, for equal records are
 * distinct where the rules cannot tell them apart. It knows no store: what must be written is up to
 * its caller. */
#ifndef BC_CHAIN_MEMPOOL_H
#define BC_CHAIN_MEMPOOL_H

#include <stdbool.h>

#include "src/block/block.h"
#include "src/block/transaction.h"

typedef struct bc__waiting bc__waiting;

struct bc__waiting {
    bc_tx *tx;         /* a reference */
    uint64_t sequence; /* order of arrival; its key in the store */
    bool returned; /* came back from a disconnected block, and leaves when one brings it again */
    bool leaving;  /* marked to be removed */
    bool stored;   /* its key is in the store, or written behind what is pending */
    bc__waiting *newer;
    bc__waiting *older;
};

typedef struct bc__mempool {
    const bc__heap *heap;
    bc__waiting *oldest;
    bc__waiting *newest;
    uint64_t count;
    uint64_t returned_count;
    uint64_t bytes;
    uint64_t limit;
} bc__mempool;

void bc__mempool_init(bc__mempool *mempool, const bc__heap *heap, uint64_t limit);
void bc__mempool_free(bc__mempool *mempool);

/* What a transaction counts towards the limit. */
uint64_t bc__mempool_cost(const bc_tx *tx);

/* Whether `cost` more fits where `bytes` are taken already. */
bool bc__mempool_has_room(const bc__mempool *mempool, uint64_t bytes, uint64_t cost);

/* An entry with a reference of its own that is not in the mempool yet; adding it cannot fail. NULL
 * where there is no memory. */
bc__waiting *bc__waiting_new(const bc__heap *heap, bc_tx *tx, uint64_t sequence, bool returned);
void bc__waiting_free(const bc__heap *heap, bc__waiting *waiting);

void bc__mempool_add(bc__mempool *mempool, bc__waiting *waiting);

/* Marks the entries that a block of our own took, its first `count` transactions: they lie among the
 * entries in the same order, because that is how a template is made. */
void bc__mempool_mark_block(bc__mempool *mempool, const bc_block *block, uint32_t count);

/* Takes the marks off, or takes the marked out and releases them. */
void bc__mempool_unmark_all(bc__mempool *mempool);
void bc__mempool_remove_marked(bc__mempool *mempool);

#endif
