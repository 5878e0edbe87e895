/* Blocks that were used last, bounded in bytes, so that a chain may be larger than memory. */
#ifndef BC_CHAIN_CACHE_H
#define BC_CHAIN_CACHE_H

#include "lib/hash_index.h"
#include "lib/keyed_hash.h"
#include "src/block/block.h"

typedef struct bc__cache_entry {
    bc_block *block; /* a reference; NULL: the slot is free, linked through newer */
    size_t bytes;
    uint32_t newer;
    uint32_t older;
} bc__cache_entry;

typedef struct bc__cache {
    const bc__heap *heap;
    bc__hash_index index; /* id -> slot */
    bc__hash_key hash_key;
    bc__cache_entry *entries;
    uint32_t capacity;
    uint32_t free_list;
    uint32_t newest;
    uint32_t oldest;
    uint64_t bytes;
    uint64_t limit;
} bc__cache;

void bc__cache_init(bc__cache *cache, const bc__heap *heap, uint64_t limit);
void bc__cache_free(bc__cache *cache);

/* A new reference, or NULL. */
bc_block *bc__cache_get(bc__cache *cache, const uint8_t id[BC_ID_BYTES]);

/* Keeps a reference of its own where there is room and memory; a cache may forget. */
void bc__cache_put(bc__cache *cache, bc_block *block);
void bc__cache_remove(bc__cache *cache, const uint8_t id[BC_ID_BYTES]);

#endif
