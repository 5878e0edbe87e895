/* Waiting transactions by fee per byte of their encoding, each sender's by nonce: what a template takes
 * first, and what leaves first where there is no room. An index over the mempool's entries. Nothing in
 * it costs more than the logarithm of their number, but the search among one sender's own. */
#ifndef BC_CHAIN_FEE_ORDER_H
#define BC_CHAIN_FEE_ORDER_H

#include "src/chain/key_map.h"
#include "src/chain/waiting.h"

typedef struct bc__fee_entry bc__fee_entry;

typedef struct bc__fee_sender {
    uint8_t key[BC__MAP_KEY_BYTES];
    bc__fee_entry *first; /* by nonce */
    bc__fee_entry *last;
    uint64_t count; /* from first to last */
    uint64_t spent; /* the sum of theirs, modulo 2^64: exact while the balance covers it */
    uint64_t held;  /* entries that refer to it, in the order or not */
} bc__fee_sender;

struct bc__fee_entry {
    bc__waiting waiting; /* first, so that one is the other */
    bc__fee_sender *sender;
    uint64_t nonce;
    uint64_t fee;
    uint64_t spent;  /* amount + fee */
    int64_t arrival; /* monotonic, microseconds */
    bc__fee_entry *before;
    bc__fee_entry *behind;
    size_t place; /* among the cheapest */
    /* The mempool's: */
    bc__fee_entry *added_earlier;
    bc__fee_entry *marked_earlier;
    bool undone; /* about to be released */
};

static inline bc__fee_entry *bc__fee_entry_of(bc__waiting *waiting)
{
    return (bc__fee_entry *)waiting;
}

/* A binary heap. */
typedef struct bc__fee_heap {
    bc__fee_entry **items;
    size_t count;
    size_t capacity;
    bool best_first; /* else the cheapest first, and each entry knows its place */
} bc__fee_heap;

typedef struct bc__fee_order {
    const bc__heap *heap;
    bc__key_map ids;     /* of the entries in the order */
    bc__key_map senders; /* all that an entry refers to */
    bc__fee_heap cheapest;
    size_t entry_count; /* in the order or not: for all of them room is reserved */
    size_t sender_count;
} bc__fee_order;

/* What an entry takes beside its transaction, a sender of its own included. */
enum {
    BC__FEE_ENTRY_BYTES = (int)(sizeof(bc__fee_entry) + sizeof(bc__fee_sender)) +
                          2 * BC__KEY_MAP_ITEM_BYTES + 2 * (int)sizeof(bc__fee_entry *)
};

/* Whether one pays more for a byte. */
bool bc__fee_pays_more(const bc__fee_entry *one, const bc__fee_entry *other);

/* `heap` must outlive the order. Allocates nothing. */
void bc__fee_order_init(bc__fee_order *order, const bc__heap *heap);
/* No entry is left. */
void bc__fee_order_free(bc__fee_order *order);

/* An entry that is not in the order yet; putting it there cannot fail. It keeps a reference of its own.
 * BC__OK or BC__ERR_MEMORY. */
int32_t bc__fee_order_make(bc__fee_order *order, bc__fee_entry **out, bc_tx *tx,
                           const bc_tx_fields *fields);
/* Of one that is not in the order (any more). */
void bc__fee_order_release(bc__fee_order *order, bc__fee_entry *entry);

void bc__fee_order_insert(bc__fee_order *order, bc__fee_entry *entry);
void bc__fee_order_remove(bc__fee_order *order, bc__fee_entry *entry);

bc__fee_entry *bc__fee_order_find(const bc__fee_order *order, const uint8_t id[BC_ID_BYTES]);
bc__fee_sender *bc__fee_order_sender(const bc__fee_order *order,
                                     const uint8_t key[BC__MAP_KEY_BYTES]);
/* The sender's with that nonce, or NULL. */
bc__fee_entry *bc__fee_sender_at(const bc__fee_sender *sender, uint64_t nonce);

/* The one that pays least for a byte, of equals the latest to arrive; NULL where there is none. */
bc__fee_entry *bc__fee_order_cheapest(const bc__fee_order *order);

/* From the best to the cheapest, each sender's in order of nonces. The order must not change meanwhile. */
typedef struct bc__fee_walk {
    const bc__heap *heap;
    bc__fee_heap heads; /* the next of each sender */
    bool given;         /* the first of the heads has been given */
} bc__fee_walk;

/* BC__OK or BC__ERR_MEMORY: it takes a pointer for each sender. To be ended in any case. */
int32_t bc__fee_walk_begin(bc__fee_walk *walk, const bc__fee_order *order);
void bc__fee_walk_end(bc__fee_walk *walk);

/* NULL at the end. */
bc__fee_entry *bc__fee_walk_next(bc__fee_walk *walk);

/* Passes over what else the sender has of the one that was given last. */
void bc__fee_walk_skip(bc__fee_walk *walk);

#endif
