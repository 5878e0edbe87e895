/* Open addressing with linear probing, at most three quarters full; nothing is ever removed but a whole
 * generation. A slot of zeros is empty. */
#include "recent_set.h"

#include <string.h>

enum { FIRST_CAPACITY = 16 };

/* A home must be computable from 32 bits of hash. */
static const uint64_t capacity_limit = UINT64_C(1) << 32;

static const uint8_t nothing[BC__RECENT_BYTES];

static bool equal(const uint8_t *one, const uint8_t *other)
{
    return memcmp(one, other, BC__RECENT_BYTES) == 0;
}

static size_t room_in(size_t capacity)
{
    return capacity - capacity / 4;
}

void bc__recent_set_init(bc__recent_set *set, const bc__heap *heap, uint64_t limit)
{
    uint64_t most = limit / 2 / BC__RECENT_BYTES;
    most = most < capacity_limit ? most : capacity_limit;
    most = most < SIZE_MAX / 2 / BC__RECENT_BYTES ? most : SIZE_MAX / 2 / BC__RECENT_BYTES;
    *set = (bc__recent_set){.heap = heap, .most = most < FIRST_CAPACITY ? 0 : (size_t)most};
    bc__hash_key_make(&set->hash_key);
}

static void release(bc__recent_set *set, bc__recent_generation *generation)
{
    bc__heap_release(set->heap, generation->slots);
    *generation = (bc__recent_generation){0};
}

void bc__recent_set_free(bc__recent_set *set)
{
    release(set, &set->young);
    release(set, &set->old);
}

static uint64_t hash_of(const bc__recent_set *set, const uint8_t *value)
{
    return bc__keyed_hash(&set->hash_key, value, BC__RECENT_BYTES);
}

/* The value's slot, or the empty one where it belongs. There is always an empty one. */
static size_t slot_of(const bc__recent_generation *generation, uint64_t hash, const uint8_t *value)
{
    size_t at = (size_t)((hash >> 32) * generation->capacity >> 32);
    while (!equal(generation->slots[at], value) && !equal(generation->slots[at], nothing)) {
        at = at + 1 == generation->capacity ? 0 : at + 1;
    }
    return at;
}

static bool has(const bc__recent_generation *generation, uint64_t hash, const uint8_t *value)
{
    return generation->capacity > 0 &&
           equal(generation->slots[slot_of(generation, hash, value)], value);
}

bool bc__recent_set_has(const bc__recent_set *set, const uint8_t value[BC__RECENT_BYTES])
{
    uint64_t hash = hash_of(set, value);
    return !equal(value, nothing) && (has(&set->young, hash, value) || has(&set->old, hash, value));
}

static void wipe(bc__recent_generation *generation)
{
    generation->count = 0;
    if (generation->capacity > 0) {
        memset(generation->slots, 0, generation->capacity * sizeof *generation->slots);
    }
}

/* Slots for the younger generation when it grows. Behind an older one it begins at full size, since
 * old and new slots of a later growth would be above the bound together with those of the older one. */
static size_t next_capacity(const bc__recent_set *set)
{
    size_t capacity = set->young.capacity * 2;
    if (capacity == 0) {
        capacity = set->old.capacity > 0 ? set->most : FIRST_CAPACITY;
    }
    return capacity < set->most ? capacity : set->most;
}

/* False where the bound or the heap says no. */
static bool grow(bc__recent_set *set)
{
    bc__recent_generation *young = &set->young;
    bc__recent_generation grown = {0};
    size_t capacity = next_capacity(set);
    if (capacity <= young->capacity ||
        capacity + young->capacity + set->old.capacity > 2 * set->most) {
        return false;
    }
    grown.slots = bc__heap_array(set->heap, capacity, sizeof *grown.slots);
    if (grown.slots == NULL) {
        return false;
    }
    grown.capacity = capacity;
    wipe(&grown);
    for (size_t at = 0; at < young->capacity; at++) {
        if (!equal(young->slots[at], nothing)) {
            size_t slot = slot_of(&grown, hash_of(set, young->slots[at]), young->slots[at]);
            memcpy(grown.slots[slot], young->slots[at], BC__RECENT_BYTES);
        }
    }
    grown.count = young->count;
    release(set, young);
    *young = grown;
    return true;
}

static void swap(bc__recent_set *set)
{
    bc__recent_generation young = set->young;
    set->young = set->old;
    set->old = young;
}

/* Room for one more in the younger generation. */
static bool make_room(bc__recent_set *set)
{
    if (set->young.count < room_in(set->young.capacity) || grow(set)) {
        return true;
    }
    swap(set);
    wipe(&set->young);
    if (set->young.capacity > 0 || grow(set)) {
        return true;
    }
    /* No memory for a second generation: the first begins anew. */
    swap(set);
    wipe(&set->young);
    return set->young.capacity > 0;
}

void bc__recent_set_add(bc__recent_set *set, const uint8_t value[BC__RECENT_BYTES])
{
    uint64_t hash = hash_of(set, value);
    if (equal(value, nothing) || has(&set->young, hash, value) || !make_room(set)) {
        return;
    }
    memcpy(set->young.slots[slot_of(&set->young, hash, value)], value, BC__RECENT_BYTES);
    set->young.count++;
}
