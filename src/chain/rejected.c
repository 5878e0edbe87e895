#include "src/chain/rejected.h"

#include <string.h>

void bc__rejected_init(bc__rejected *rejected, const bc__heap *heap)
{
    *rejected = (bc__rejected){.heap = heap};
    bc__hash_index_init(&rejected->index, heap);
    bc__hash_key_make(&rejected->hash_key);
}

void bc__rejected_free(bc__rejected *rejected)
{
    bc__hash_index_free(&rejected->index);
    bc__heap_release(rejected->heap, rejected->entries);
}

static uint64_t hash_of(const bc__rejected *rejected, const uint8_t id[BC_ID_BYTES])
{
    return bc__keyed_hash(&rejected->hash_key, id, BC_ID_BYTES);
}

uint32_t bc__rejected_reason(const bc__rejected *rejected, const uint8_t id[BC_ID_BYTES])
{
    bc__hash_index_cursor cursor;
    if (rejected->count == 0) {
        return BC_REASON_NONE;
    }
    uint32_t at = bc__hash_index_first(&rejected->index, hash_of(rejected, id), &cursor);
    while (at != BC__HASH_INDEX_NONE && memcmp(rejected->entries[at].id, id, BC_ID_BYTES) != 0) {
        at = bc__hash_index_next(&rejected->index, &cursor);
    }
    return at == BC__HASH_INDEX_NONE ? BC_REASON_NONE : rejected->entries[at].reason;
}

void bc__rejected_add(bc__rejected *rejected, const uint8_t id[BC_ID_BYTES], uint32_t reason)
{
    if (bc__rejected_reason(rejected, id) != BC_REASON_NONE) {
        return;
    }
    if (rejected->entries == NULL) {
        rejected->entries =
            bc__heap_array(rejected->heap, BC__REJECTED_MOST, sizeof *rejected->entries);
    }
    if (rejected->entries == NULL || bc__hash_index_reserve(&rejected->index, 1) != BC__OK) {
        return;
    }
    bc__rejected_entry *entry = &rejected->entries[rejected->next];
    if (rejected->count == BC__REJECTED_MOST) {
        (void)bc__hash_index_remove(&rejected->index, hash_of(rejected, entry->id), rejected->next);
        rejected->count--;
    }
    memcpy(entry->id, id, BC_ID_BYTES);
    entry->reason = reason;
    (void)bc__hash_index_insert(&rejected->index, hash_of(rejected, id), rejected->next);
    rejected->count++;
    rejected->next = (rejected->next + 1) % BC__REJECTED_MOST;
}
