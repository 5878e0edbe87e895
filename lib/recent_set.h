/* A set of 32-byte values, such as hashes, that is bounded in bytes and forgets the oldest. It may
 * forget sooner where there is no memory, but never says yes to what was not added.
 *
 * It keeps two generations. When the younger one is full it becomes the older one, and what was that
 * is forgotten at once; so the last values that were added, at least as many as one full generation
 * holds, are always there. An entry of a full set costs 43 bytes. Strangers may choose the values: where
 * a value lies depends on a secret (keyed_hash.h). */
#ifndef BC_LIB_RECENT_SET_H
#define BC_LIB_RECENT_SET_H

#include <stdbool.h>

#include "heap.h"
#include "keyed_hash.h"

enum { BC__RECENT_BYTES = 32 };

typedef struct bc__recent_generation {
    uint8_t (*slots)[BC__RECENT_BYTES]; /* owned; NULL while capacity is 0 */
    size_t capacity;
    size_t count;
} bc__recent_generation;

typedef struct bc__recent_set {
    const bc__heap *heap;
    bc__hash_key hash_key;
    bc__recent_generation young;
    bc__recent_generation old;
    size_t most; /* slots of one generation */
} bc__recent_set;

/* `heap` must outlive `set`. Allocates nothing yet; later never more than `limit` bytes, and only as
 * much as the values that are added need. With less than 1 KiB it remembers nothing. */
void bc__recent_set_init(bc__recent_set *set, const bc__heap *heap, uint64_t limit);
void bc__recent_set_free(bc__recent_set *set);

bool bc__recent_set_has(const bc__recent_set *set, const uint8_t value[BC__RECENT_BYTES]);

/* Adds a value, or makes it a new one where it was there. 32 zero bytes are never remembered. Costs
 * amortised constant time. */
void bc__recent_set_add(bc__recent_set *set, const uint8_t value[BC__RECENT_BYTES]);

#endif
