/* A multimap from 64-bit hashes to 32-bit values: the index of a table whose keys lie elsewhere. It
 * keeps 32 bits of a hash and no key, so it may offer a value whose key is another one: the caller
 * compares keys. An entry costs 10.7 to 16 bytes once there are more than a few.
 *
 * Hashes must be well mixed, and where strangers choose the keys they must not be able to foresee
 * them (keyed_hash.h). Entries of one hash stand in a row, so many of them make its lookups slow.
 */
#ifndef BC_LIB_HASH_INDEX_H
#define BC_LIB_HASH_INDEX_H

#include <stdbool.h>

#include "heap.h"

/* No value; what a lookup ends with. */
#define BC__HASH_INDEX_NONE UINT32_MAX

typedef struct bc__hash_index_slot {
    uint32_t tag;   /* the upper half of the hash */
    uint32_t value; /* BC__HASH_INDEX_NONE: the slot is empty */
} bc__hash_index_slot;

typedef struct bc__hash_index {
    bc__hash_index_slot *slots; /* owned; NULL while capacity is 0 */
    size_t capacity;
    size_t count;
    const bc__heap *heap;
} bc__hash_index;

/* Where a lookup stands. Insertions and removals make it invalid. */
typedef struct bc__hash_index_cursor {
    size_t position;
    uint32_t tag;
} bc__hash_index_cursor;

/* `heap` must outlive `index`. Allocates nothing. */
void bc__hash_index_init(bc__hash_index *index, const bc__heap *heap);
void bc__hash_index_free(bc__hash_index *index);

/* Removes all entries, and keeps the room. Costs the room, not the entries. */
void bc__hash_index_clear(bc__hash_index *index);

/* Makes room, so that the next `extra` insertions cannot fail. BC__OK or BC__ERR_MEMORY, with
 * nothing changed. */
int32_t bc__hash_index_reserve(bc__hash_index *index, size_t extra);

/* Adds an entry, also where the same one is there already. `value` is not BC__HASH_INDEX_NONE.
 * BC__OK or BC__ERR_MEMORY, with nothing changed. Costs amortised constant time. */
int32_t bc__hash_index_insert(bc__hash_index *index, uint64_t hash, uint32_t value);

/* Removes one entry with this hash and value; false where there is none. Never needs memory. */
bool bc__hash_index_remove(bc__hash_index *index, uint64_t hash, uint32_t value);

/* The values that may be those of `hash`, in no order: first, then next until BC__HASH_INDEX_NONE.
 */
uint32_t bc__hash_index_first(const bc__hash_index *index, uint64_t hash,
                              bc__hash_index_cursor *cursor);
uint32_t bc__hash_index_next(const bc__hash_index *index, bc__hash_index_cursor *cursor);

#endif
