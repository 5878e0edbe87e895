/* An ordered map from byte strings to byte strings that it owns. Keys are in unsigned byte order, a
 * shorter key before those that it begins. Every operation on one entry takes O(log n) steps,
 * whatever keys a stranger chooses; an entry costs 30 bytes beyond its key and value. */
#ifndef BC_LIB_ORDERED_MAP_H
#define BC_LIB_ORDERED_MAP_H

#include <stdbool.h>

#include "heap.h"
#include "keyed_hash.h"

enum { BC__ORDERED_MAP_KEY_BYTES_MAX = 64 };

typedef struct bc__ordered_map_node bc__ordered_map_node;

typedef struct bc__ordered_map {
    bc__ordered_map_node *root; /* owned, with all below it */
    size_t count;
    bc__hash_key secret;
    const bc__heap *heap;
} bc__ordered_map;

/* An entry as it lies in the map: borrowed, until it is replaced or removed. */
typedef struct bc__ordered_map_entry {
    const uint8_t *key;
    size_t key_length;
    const uint8_t *value;
    size_t value_length;
} bc__ordered_map_entry;

/* `heap` must outlive `map`. Allocates nothing. */
void bc__ordered_map_init(bc__ordered_map *map, const bc__heap *heap);
void bc__ordered_map_free(bc__ordered_map *map);

/* The key, of 1 to 64 bytes, has this value from now on, whatever it had. Both are copied; the
 * value may be NULL where its length is 0. BC__OK, or BC__ERR_MEMORY with nothing changed. */
int32_t bc__ordered_map_put(bc__ordered_map *map, const uint8_t *key, size_t key_length,
                            const uint8_t *value, size_t value_length);

/* False where the key is not there. Never needs memory. */
bool bc__ordered_map_remove(bc__ordered_map *map, const uint8_t *key, size_t key_length);

/* False, with *found as it was, where the key is not there. */
bool bc__ordered_map_get(const bc__ordered_map *map, bc__ordered_map_entry *found,
                         const uint8_t *key, size_t key_length);

/* The first entry whose key is greater than `key`, or equal to it where `or_equal` says so; false,
 * with *found as it was, where there is none. `key` may have any length; it may be NULL where that
 * is 0. */
bool bc__ordered_map_seek(const bc__ordered_map *map, bc__ordered_map_entry *found,
                          const uint8_t *key, size_t key_length, bool or_equal);

/* The entry after `entry`, which has to be there still. As bc__ordered_map_seek. */
bool bc__ordered_map_next(const bc__ordered_map *map, bc__ordered_map_entry *entry);

/* The order of keys: negative, 0 or positive. */
int bc__ordered_map_compare(const uint8_t *a, size_t a_length, const uint8_t *b, size_t b_length);

/* Changes that are applied together. Collecting them takes all the memory that is needed, so that
 * applying them cannot fail. A batch has at most one change for a key; a later one replaces it. */
typedef struct bc__ordered_map_batch {
    bc__ordered_map changes; /* removals among them */
} bc__ordered_map_batch;

/* A batch for this map. Allocates nothing. */
void bc__ordered_map_batch_init(bc__ordered_map_batch *batch, const bc__ordered_map *map);
void bc__ordered_map_batch_free(bc__ordered_map_batch *batch);

/* As bc__ordered_map_put. */
int32_t bc__ordered_map_batch_put(bc__ordered_map_batch *batch, const uint8_t *key,
                                  size_t key_length, const uint8_t *value, size_t value_length);

/* The key will be gone; it need not be there. BC__OK or BC__ERR_MEMORY. */
int32_t bc__ordered_map_batch_remove(bc__ordered_map_batch *batch, const uint8_t *key,
                                     size_t key_length);

/* Whether the batch has a change for the key. */
bool bc__ordered_map_batch_has(const bc__ordered_map_batch *batch, const uint8_t *key,
                               size_t key_length);

/* Makes the changes to the map that the batch was initialised for, and leaves the batch empty. */
void bc__ordered_map_batch_apply(bc__ordered_map_batch *batch, bc__ordered_map *map);

#endif
