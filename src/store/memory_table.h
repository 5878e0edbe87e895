/* Keys and values in memory, found by hash. Each entry is one allocation that never moves, so that
 * finding, adding or taking out an entry costs the same few steps, and the same few cache misses,
 * among a hundred and among millions. Entries stand in no order. One costs 9 bytes beyond its key
 * and value, 8 for its place and 10.7 to 16 in the index. */
#ifndef BC_STORE_MEMORY_TABLE_H
#define BC_STORE_MEMORY_TABLE_H

#include "lib/chunk_array.h"
#include "lib/hash_index.h"
#include "lib/keyed_hash.h"

typedef struct bc__memory_entry {
    size_t value_length;
    uint8_t key_length;
    uint8_t bytes[]; /* the key, then the value */
} bc__memory_entry;

typedef struct bc__memory_table {
    bc__chunk_array places; /* of bc__memory_entry *, owned; the first `count` are in use */
    size_t count;
    bc__hash_index index; /* from hashes of keys to places */
    bc__hash_key secret;
    const bc__heap *heap;
} bc__memory_table;

/* `heap` must outlive `table`. Allocates nothing. */
void bc__memory_table_init(bc__memory_table *table, const bc__heap *heap);
void bc__memory_table_free(bc__memory_table *table);

/* The hash that the functions below expect beside a key. */
uint64_t bc__memory_table_hash(const bc__memory_table *table, const uint8_t *key,
                               size_t key_length);

/* NULL where the key is not there. Borrowed until it is replaced or removed. */
const bc__memory_entry *bc__memory_table_find(const bc__memory_table *table, uint64_t hash,
                                              const uint8_t *key, size_t key_length);

/* The entry at `place`, below `count`. */
const bc__memory_entry *bc__memory_table_at(const bc__memory_table *table, size_t place);

/* Makes room, so that the next `extra` calls of bc__memory_table_put need no memory. BC__OK or
 * BC__ERR_MEMORY, with the entries as they were. */
int32_t bc__memory_table_reserve(bc__memory_table *table, size_t extra);

/* A copy of a key, of 1 to 255 bytes, and its value, which may be NULL where its length is 0. NULL
 * where there is no memory. To be given to bc__memory_table_put or to bc__heap_release. */
bc__memory_entry *bc__memory_entry_make(const bc__heap *heap, const uint8_t *key, size_t key_length,
                                        const uint8_t *value, size_t value_length);

/* Takes the entry, in the place of one with the same key. Room must be reserved. */
void bc__memory_table_put(bc__memory_table *table, uint64_t hash, bc__memory_entry *entry);

/* The key need not be there. Never needs memory. */
void bc__memory_table_remove(bc__memory_table *table, uint64_t hash, const uint8_t *key,
                             size_t key_length);

#endif
