#include "src/chain/tally.h"

#include <string.h>

enum { FIRST_CAPACITY = 64 };

void bc__tally_init(bc__tally *tally, const bc__heap *heap)
{
    *tally = (bc__tally){.heap = heap};
    bc__hash_index_init(&tally->index, heap);
    bc__hash_key_make(&tally->hash_key);
}

void bc__tally_free(bc__tally *tally)
{
    bc__heap_release(tally->heap, tally->entries);
    bc__hash_index_free(&tally->index);
}

static bc__tally_entry *find(bc__tally *tally, const uint8_t id[BC_ID_BYTES], uint64_t hash)
{
    bc__hash_index_cursor cursor;
    uint32_t at = bc__hash_index_first(&tally->index, hash, &cursor);
    while (at != BC__HASH_INDEX_NONE) {
        if (memcmp(tally->entries[at].id, id, BC_ID_BYTES) == 0) {
            return &tally->entries[at];
        }
        at = bc__hash_index_next(&tally->index, &cursor);
    }
    return NULL;
}

int32_t bc__tally_enter(bc__tally *tally, const uint8_t id[BC_ID_BYTES])
{
    uint64_t hash = bc__keyed_hash(&tally->hash_key, id, BC_ID_BYTES);
    if (find(tally, id, hash) != NULL) {
        return BC__OK;
    }
    if (tally->used == tally->capacity) {
        if (tally->capacity > UINT32_MAX / 4) {
            return BC__ERR_MEMORY;
        }
        uint32_t capacity = tally->capacity == 0 ? FIRST_CAPACITY : tally->capacity * 2;
        bc__tally_entry *entries =
            bc__heap_regrow(tally->heap, tally->entries, capacity, sizeof *entries);
        if (entries == NULL) {
            return BC__ERR_MEMORY;
        }
        tally->entries = entries;
        tally->capacity = capacity;
    }
    int32_t result = bc__hash_index_insert(&tally->index, hash, tally->used);
    if (result == BC__OK) {
        bc__tally_entry *entry = &tally->entries[tally->used++];
        memcpy(entry->id, id, BC_ID_BYTES);
        entry->count = 0;
        entry->claimed = 0;
    }
    return result;
}

void bc__tally_raise(bc__tally *tally, const uint8_t id[BC_ID_BYTES])
{
    bc__tally_entry *entry = find(tally, id, bc__keyed_hash(&tally->hash_key, id, BC_ID_BYTES));
    if (entry != NULL) {
        entry->count++;
    }
}

bool bc__tally_lower(bc__tally *tally, const uint8_t id[BC_ID_BYTES])
{
    bc__tally_entry *entry = find(tally, id, bc__keyed_hash(&tally->hash_key, id, BC_ID_BYTES));
    if (entry == NULL || entry->count == 0) {
        return false;
    }
    entry->count--;
    return true;
}

void bc__tally_claim(bc__tally *tally, const uint8_t id[BC_ID_BYTES])
{
    bc__tally_entry *entry = find(tally, id, bc__keyed_hash(&tally->hash_key, id, BC_ID_BYTES));
    if (entry != NULL) {
        entry->claimed++;
    }
}

bool bc__tally_lower_unclaimed(bc__tally *tally, const uint8_t id[BC_ID_BYTES])
{
    bc__tally_entry *entry = find(tally, id, bc__keyed_hash(&tally->hash_key, id, BC_ID_BYTES));
    if (entry == NULL || entry->count <= entry->claimed) {
        return false;
    }
    entry->count--;
    return true;
}
