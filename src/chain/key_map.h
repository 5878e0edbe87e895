/* A map from 32-byte keys to pointers, over lib/hash_index. The keys lie in what is pointed at. Room is
 * made beforehand, so that adding and taking out cannot fail. */
#ifndef BC_CHAIN_KEY_MAP_H
#define BC_CHAIN_KEY_MAP_H

#include "lib/hash_index.h"
#include "lib/keyed_hash.h"

enum { BC__MAP_KEY_BYTES = 32 };

typedef const uint8_t *(*bc__key_of_fn)(const void *item);

typedef struct bc__key_map_slot {
    void *item;         /* NULL: the slot is free */
    uint32_t next_free; /* where it is; UINT32_MAX ends the list */
} bc__key_map_slot;

typedef struct bc__key_map {
    const bc__heap *heap;
    bc__key_of_fn key_of;
    bc__hash_index index; /* key -> slot */
    bc__hash_key hash_key;
    bc__key_map_slot *slots;
    uint32_t capacity;
    uint32_t free_list;
} bc__key_map;

/* What an item takes of memory at most while the map grows, for bounds. */
enum { BC__KEY_MAP_ITEM_BYTES = 2 * (int)sizeof(bc__key_map_slot) + 16 };

/* `heap` must outlive the map. Allocates nothing. */
void bc__key_map_init(bc__key_map *map, const bc__heap *heap, bc__key_of_fn key_of);
void bc__key_map_free(bc__key_map *map);

/* Makes room for `count` items in all. BC__OK or BC__ERR_MEMORY, with the items as they were. */
int32_t bc__key_map_reserve(bc__key_map *map, size_t count);

/* The item of that key, or NULL. */
void *bc__key_map_find(const bc__key_map *map, const uint8_t key[BC__MAP_KEY_BYTES]);

/* Adds an item whose key is not there; the room for it is reserved. */
void bc__key_map_add(bc__key_map *map, void *item);

/* Takes out an item that is there. */
void bc__key_map_remove(bc__key_map *map, const void *item);

/* The items, in no order: those of the slots 0 .. capacity - 1 that are not NULL. */
static inline void *bc__key_map_slot_item(const bc__key_map *map, uint32_t slot)
{
    return map->slots[slot].item;
}

#endif
