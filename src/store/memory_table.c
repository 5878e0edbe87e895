#include "src/store/memory_table.h"

#include <assert.h>
#include <string.h>

static bc__memory_entry **place_at(const bc__memory_table *table, size_t place)
{
    return bc__chunk_array_at(&table->places, place);
}

/* BC__HASH_INDEX_NONE where the key is not there. */
static uint32_t find_place(const bc__memory_table *table, uint64_t hash, const uint8_t *key,
                           size_t key_length)
{
    bc__hash_index_cursor cursor;
    uint32_t place = bc__hash_index_first(&table->index, hash, &cursor);
    while (place != BC__HASH_INDEX_NONE) {
        const bc__memory_entry *entry = *place_at(table, place);
        if (entry->key_length == key_length && memcmp(entry->bytes, key, key_length) == 0) {
            break;
        }
        place = bc__hash_index_next(&table->index, &cursor);
    }
    return place;
}

/* There must be room for it. */
static void add_to_index(bc__memory_table *table, uint64_t hash, uint32_t place)
{
    int32_t result = bc__hash_index_insert(&table->index, hash, place);
    assert(result == BC__OK);
    (void)result;
}

static void remove_from_index(bc__memory_table *table, uint64_t hash, uint32_t place)
{
    bool removed = bc__hash_index_remove(&table->index, hash, place);
    assert(removed);
    (void)removed;
}

void bc__memory_table_init(bc__memory_table *table, const bc__heap *heap)
{
    *table = (bc__memory_table){.heap = heap};
    bc__chunk_array_init(&table->places, heap, sizeof(bc__memory_entry *));
    bc__hash_index_init(&table->index, heap);
    bc__hash_key_make(&table->secret);
}

void bc__memory_table_free(bc__memory_table *table)
{
    for (size_t place = 0; place < table->count; place++) {
        bc__heap_release(table->heap, *place_at(table, place));
    }
    table->count = 0;
    bc__chunk_array_free(&table->places);
    bc__hash_index_free(&table->index);
}

uint64_t bc__memory_table_hash(const bc__memory_table *table, const uint8_t *key, size_t key_length)
{
    return bc__keyed_hash(&table->secret, key, key_length);
}

const bc__memory_entry *bc__memory_table_find(const bc__memory_table *table, uint64_t hash,
                                              const uint8_t *key, size_t key_length)
{
    uint32_t place = find_place(table, hash, key, key_length);
    return place == BC__HASH_INDEX_NONE ? NULL : *place_at(table, place);
}

const bc__memory_entry *bc__memory_table_at(const bc__memory_table *table, size_t place)
{
    assert(place < table->count);
    return *place_at(table, place);
}

/* The index has a limit below 2^32 entries, so every place has a number there. */
int32_t bc__memory_table_reserve(bc__memory_table *table, size_t extra)
{
    int32_t result = bc__hash_index_reserve(&table->index, extra);
    return result == BC__OK ? bc__chunk_array_reserve(&table->places, table->count + extra)
                            : result;
}

bc__memory_entry *bc__memory_entry_make(const bc__heap *heap, const uint8_t *key, size_t key_length,
                                        const uint8_t *value, size_t value_length)
{
    assert(key_length >= 1 && key_length <= UINT8_MAX);
    size_t size = offsetof(bc__memory_entry, bytes) + key_length;
    if (value_length > SIZE_MAX - size) {
        return NULL;
    }
    bc__memory_entry *entry = bc__heap_array(heap, size + value_length, 1);
    if (entry == NULL) {
        return NULL;
    }
    entry->value_length = value_length;
    entry->key_length = (uint8_t)key_length;
    memcpy(entry->bytes, key, key_length);
    if (value_length > 0) {
        memcpy(entry->bytes + key_length, value, value_length);
    }
    return entry;
}

void bc__memory_table_put(bc__memory_table *table, uint64_t hash, bc__memory_entry *entry)
{
    uint32_t place = find_place(table, hash, entry->bytes, entry->key_length);
    if (place == BC__HASH_INDEX_NONE) {
        place = (uint32_t)table->count++;
        add_to_index(table, hash, place);
    } else {
        bc__heap_release(table->heap, *place_at(table, place));
    }
    *place_at(table, place) = entry;
}

/* The last entry moves to the place that is left, so that no place is empty. */
void bc__memory_table_remove(bc__memory_table *table, uint64_t hash, const uint8_t *key,
                             size_t key_length)
{
    uint32_t place = find_place(table, hash, key, key_length);
    if (place == BC__HASH_INDEX_NONE) {
        return;
    }
    remove_from_index(table, hash, place);
    bc__heap_release(table->heap, *place_at(table, place));
    uint32_t last = (uint32_t)--table->count;
    if (place != last) {
        bc__memory_entry *moved = *place_at(table, last);
        uint64_t moved_hash = bc__memory_table_hash(table, moved->bytes, moved->key_length);
        remove_from_index(table, moved_hash, last);
        add_to_index(table, moved_hash, place);
        *place_at(table, place) = moved;
    }
}
