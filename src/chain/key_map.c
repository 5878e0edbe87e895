#include "src/chain/key_map.h"

#include <assert.h>
#include <string.h>

enum { FIRST_CAPACITY = 64 };

#define NONE UINT32_MAX

void bc__key_map_init(bc__key_map *map, const bc__heap *heap, bc__key_of_fn key_of)
{
    *map = (bc__key_map){.heap = heap, .key_of = key_of, .free_list = NONE};
    bc__hash_index_init(&map->index, heap);
    bc__hash_key_make(&map->hash_key);
}

void bc__key_map_free(bc__key_map *map)
{
    bc__heap_release(map->heap, map->slots);
    bc__hash_index_free(&map->index);
}

static uint64_t hash_of(const bc__key_map *map, const uint8_t key[BC__MAP_KEY_BYTES])
{
    return bc__keyed_hash(&map->hash_key, key, BC__MAP_KEY_BYTES);
}

int32_t bc__key_map_reserve(bc__key_map *map, size_t count)
{
    if (count > NONE / 2) {
        return BC__ERR_MEMORY;
    }
    uint32_t capacity = map->capacity == 0 ? FIRST_CAPACITY : map->capacity;
    while (capacity < count) {
        capacity *= 2;
    }
    if (capacity > map->capacity) {
        bc__key_map_slot *slots = bc__heap_regrow(map->heap, map->slots, capacity, sizeof *slots);
        if (slots == NULL) {
            return BC__ERR_MEMORY;
        }
        for (uint32_t at = map->capacity; at < capacity; at++) {
            slots[at] = (bc__key_map_slot){NULL, map->free_list};
            map->free_list = at;
        }
        map->slots = slots;
        map->capacity = capacity;
    }
    return count > map->index.count ? bc__hash_index_reserve(&map->index, count - map->index.count)
                                    : BC__OK;
}

static uint32_t find_slot(const bc__key_map *map, const uint8_t key[BC__MAP_KEY_BYTES],
                          uint64_t hash)
{
    bc__hash_index_cursor cursor;
    uint32_t slot = bc__hash_index_first(&map->index, hash, &cursor);
    while (slot != BC__HASH_INDEX_NONE &&
           memcmp(map->key_of(map->slots[slot].item), key, BC__MAP_KEY_BYTES) != 0) {
        slot = bc__hash_index_next(&map->index, &cursor);
    }
    return slot;
}

void *bc__key_map_find(const bc__key_map *map, const uint8_t key[BC__MAP_KEY_BYTES])
{
    uint32_t slot = find_slot(map, key, hash_of(map, key));
    return slot == BC__HASH_INDEX_NONE ? NULL : map->slots[slot].item;
}

void bc__key_map_add(bc__key_map *map, void *item)
{
    uint64_t hash = hash_of(map, map->key_of(item));
    uint32_t slot = map->free_list;
    assert(slot != NONE);
    map->free_list = map->slots[slot].next_free;
    map->slots[slot] = (bc__key_map_slot){item, NONE};
    int32_t inserted = bc__hash_index_insert(&map->index, hash, slot);
    assert(inserted == BC__OK);
    (void)inserted;
}

void bc__key_map_remove(bc__key_map *map, const void *item)
{
    uint64_t hash = hash_of(map, map->key_of(item));
    uint32_t slot = find_slot(map, map->key_of(item), hash);
    assert(slot != BC__HASH_INDEX_NONE && map->slots[slot].item == item);
    (void)bc__hash_index_remove(&map->index, hash, slot);
    map->slots[slot] = (bc__key_map_slot){NULL, map->free_list};
    map->free_list = slot;
}
