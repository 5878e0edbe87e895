#include "src/chain/cache.h"

#include <string.h>

enum { FIRST_CAPACITY = 64 };

#define NONE UINT32_MAX

void bc__cache_init(bc__cache *cache, const bc__heap *heap, uint64_t limit)
{
    *cache = (bc__cache){
        .heap = heap, .free_list = NONE, .newest = NONE, .oldest = NONE, .limit = limit};
    bc__hash_index_init(&cache->index, heap);
    bc__hash_key_make(&cache->hash_key);
}

static uint64_t hash_of(const bc__cache *cache, const uint8_t id[BC_ID_BYTES])
{
    return bc__keyed_hash(&cache->hash_key, id, BC_ID_BYTES);
}

static uint32_t find(const bc__cache *cache, const uint8_t id[BC_ID_BYTES])
{
    bc__hash_index_cursor cursor;
    uint32_t at = bc__hash_index_first(&cache->index, hash_of(cache, id), &cursor);
    while (at != BC__HASH_INDEX_NONE &&
           memcmp(cache->entries[at].block->id, id, BC_ID_BYTES) != 0) {
        at = bc__hash_index_next(&cache->index, &cursor);
    }
    return at;
}

static void detach(bc__cache *cache, uint32_t at)
{
    bc__cache_entry *entry = &cache->entries[at];
    *(entry->newer == NONE ? &cache->newest : &cache->entries[entry->newer].older) = entry->older;
    *(entry->older == NONE ? &cache->oldest : &cache->entries[entry->older].newer) = entry->newer;
}

static void attach_newest(bc__cache *cache, uint32_t at)
{
    bc__cache_entry *entry = &cache->entries[at];
    entry->newer = NONE;
    entry->older = cache->newest;
    *(cache->newest == NONE ? &cache->oldest : &cache->entries[cache->newest].newer) = at;
    cache->newest = at;
}

static void drop(bc__cache *cache, uint32_t at)
{
    bc__cache_entry *entry = &cache->entries[at];
    detach(cache, at);
    (void)bc__hash_index_remove(&cache->index, hash_of(cache, entry->block->id), at);
    cache->bytes -= entry->bytes;
    bc_block_unref(entry->block);
    entry->block = NULL;
    entry->newer = cache->free_list;
    cache->free_list = at;
}

void bc__cache_free(bc__cache *cache)
{
    while (cache->oldest != NONE) {
        drop(cache, cache->oldest);
    }
    bc__heap_release(cache->heap, cache->entries);
    bc__hash_index_free(&cache->index);
}

static bool reserve_slot(bc__cache *cache)
{
    if (cache->free_list != NONE) {
        return true;
    }
    if (cache->capacity >= NONE / 2) {
        return false;
    }
    uint32_t capacity = cache->capacity == 0 ? FIRST_CAPACITY : cache->capacity * 2;
    bc__cache_entry *entries =
        bc__heap_regrow(cache->heap, cache->entries, capacity, sizeof *entries);
    if (entries == NULL) {
        return false;
    }
    cache->entries = entries;
    for (uint32_t at = capacity; at > cache->capacity; at--) {
        entries[at - 1] = (bc__cache_entry){.newer = cache->free_list};
        cache->free_list = at - 1;
    }
    cache->capacity = capacity;
    return true;
}

bc_block *bc__cache_get(bc__cache *cache, const uint8_t id[BC_ID_BYTES])
{
    uint32_t at = find(cache, id);
    if (at == BC__HASH_INDEX_NONE) {
        return NULL;
    }
    detach(cache, at);
    attach_newest(cache, at);
    return bc_block_ref(cache->entries[at].block);
}

void bc__cache_put(bc__cache *cache, bc_block *block)
{
    size_t bytes = bc__block_memory(block);
    if (bytes > cache->limit || find(cache, block->id) != BC__HASH_INDEX_NONE) {
        return;
    }
    while (cache->bytes > cache->limit - bytes) {
        drop(cache, cache->oldest);
    }
    if (!reserve_slot(cache)) {
        return;
    }
    uint32_t at = cache->free_list;
    if (bc__hash_index_insert(&cache->index, hash_of(cache, block->id), at) != BC__OK) {
        return;
    }
    cache->free_list = cache->entries[at].newer;
    cache->entries[at].block = bc_block_ref(block);
    cache->entries[at].bytes = bytes;
    cache->bytes += bytes;
    attach_newest(cache, at);
}

void bc__cache_remove(bc__cache *cache, const uint8_t id[BC_ID_BYTES])
{
    uint32_t at = find(cache, id);
    if (at != BC__HASH_INDEX_NONE) {
        drop(cache, at);
    }
}
