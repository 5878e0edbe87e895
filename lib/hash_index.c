/* Open addressing with linear probing. A tag's home is tag * capacity / 2^32, which lets the
 * capacity be any number, so that growth by half keeps the table between half and three quarters
 * full. */
#include "hash_index.h"

#include <assert.h>

enum { FIRST_CAPACITY = 16 };

/* A home must be computable from 32 bits of hash. */
static const uint64_t capacity_limit = UINT64_C(1) << 32;

static size_t home_of(const bc__hash_index *index, uint32_t tag)
{
    return (size_t)((uint64_t)tag * index->capacity >> 32);
}

static size_t after(const bc__hash_index *index, size_t position)
{
    return position + 1 == index->capacity ? 0 : position + 1;
}

/* How far `to` lies behind `from`, going round. */
static size_t distance(const bc__hash_index *index, size_t from, size_t to)
{
    return to >= from ? to - from : to + index->capacity - from;
}

static uint32_t tag_of(uint64_t hash)
{
    return (uint32_t)(hash >> 32);
}

/* The most entries that may lie in so many slots. At least one slot stays empty. */
static size_t room_in(size_t capacity)
{
    return capacity - (capacity + 3) / 4;
}

static void place(bc__hash_index *index, bc__hash_index_slot entry)
{
    size_t position = home_of(index, entry.tag);
    while (index->slots[position].value != BC__HASH_INDEX_NONE) {
        position = after(index, position);
    }
    index->slots[position] = entry;
}

static void empty_all(bc__hash_index *index)
{
    for (size_t i = 0; i < index->capacity; i++) {
        index->slots[i] = (bc__hash_index_slot){.value = BC__HASH_INDEX_NONE};
    }
}

static int32_t grow(bc__hash_index *index, size_t capacity)
{
    bc__hash_index grown = {.capacity = capacity, .count = index->count, .heap = index->heap};
    grown.slots = bc__heap_array(index->heap, capacity, sizeof *grown.slots);
    if (grown.slots == NULL) {
        return BC__ERR_MEMORY;
    }
    empty_all(&grown);
    for (size_t i = 0; i < index->capacity; i++) {
        if (index->slots[i].value != BC__HASH_INDEX_NONE) {
            place(&grown, index->slots[i]);
        }
    }
    bc__hash_index_free(index);
    *index = grown;
    return BC__OK;
}

void bc__hash_index_init(bc__hash_index *index, const bc__heap *heap)
{
    *index = (bc__hash_index){.heap = heap};
}

void bc__hash_index_free(bc__hash_index *index)
{
    bc__heap_release(index->heap, index->slots);
    bc__hash_index_init(index, index->heap);
}

void bc__hash_index_clear(bc__hash_index *index)
{
    empty_all(index);
    index->count = 0;
}

int32_t bc__hash_index_reserve(bc__hash_index *index, size_t extra)
{
    if (extra > capacity_limit) {
        return BC__ERR_MEMORY;
    }
    size_t needed = index->count + extra;
    if (needed <= room_in(index->capacity)) {
        return BC__OK;
    }
    size_t capacity = index->capacity + index->capacity / 2;
    if (capacity < FIRST_CAPACITY) {
        capacity = FIRST_CAPACITY;
    }
    if (needed > room_in(capacity)) {
        capacity = needed + needed / 3 + 1;
    }
    return capacity > capacity_limit ? BC__ERR_MEMORY : grow(index, capacity);
}

int32_t bc__hash_index_insert(bc__hash_index *index, uint64_t hash, uint32_t value)
{
    assert(value != BC__HASH_INDEX_NONE);
    int32_t result = bc__hash_index_reserve(index, 1);
    if (result == BC__OK) {
        place(index, (bc__hash_index_slot){.tag = tag_of(hash), .value = value});
        index->count++;
    }
    return result;
}

/* Moves the entries behind a hole back over it, so that no probe is cut short. */
static void close_hole(bc__hash_index *index, size_t hole)
{
    bc__hash_index_slot *slots = index->slots;
    for (size_t at = after(index, hole); slots[at].value != BC__HASH_INDEX_NONE;
         at = after(index, at)) {
        size_t home = home_of(index, slots[at].tag);
        if (distance(index, home, at) >= distance(index, hole, at)) {
            slots[hole] = slots[at];
            hole = at;
        }
    }
    slots[hole].value = BC__HASH_INDEX_NONE;
}

bool bc__hash_index_remove(bc__hash_index *index, uint64_t hash, uint32_t value)
{
    bc__hash_index_cursor cursor;
    uint32_t found = bc__hash_index_first(index, hash, &cursor);
    while (found != BC__HASH_INDEX_NONE && found != value) {
        found = bc__hash_index_next(index, &cursor);
    }
    if (found == BC__HASH_INDEX_NONE) {
        return false;
    }
    close_hole(index, cursor.position);
    index->count--;
    return true;
}

/* The first entry with the cursor's tag from its position on. */
static uint32_t probe(const bc__hash_index *index, bc__hash_index_cursor *cursor)
{
    const bc__hash_index_slot *slots = index->slots;
    size_t at = cursor->position;
    while (slots[at].value != BC__HASH_INDEX_NONE && slots[at].tag != cursor->tag) {
        at = after(index, at);
    }
    cursor->position = at;
    return slots[at].value;
}

uint32_t bc__hash_index_first(const bc__hash_index *index, uint64_t hash,
                              bc__hash_index_cursor *cursor)
{
    *cursor = (bc__hash_index_cursor){.tag = tag_of(hash)};
    if (index->capacity == 0) {
        return BC__HASH_INDEX_NONE;
    }
    cursor->position = home_of(index, cursor->tag);
    return probe(index, cursor);
}

uint32_t bc__hash_index_next(const bc__hash_index *index, bc__hash_index_cursor *cursor)
{
    cursor->position = after(index, cursor->position);
    return probe(index, cursor);
}
