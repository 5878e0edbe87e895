#include "src/chain/orphans.h"

#include <string.h>

void bc__orphans_init(bc__orphans *orphans, const bc__heap *heap, uint64_t limit)
{
    *orphans = (bc__orphans){.heap = heap, .limit = limit};
}

/* Unlinks *place, whose predecessor is `before`, and gives its block. */
static bc_block *take(bc__orphans *orphans, bc__orphan **place, bc__orphan *before)
{
    bc__orphan *orphan = *place;
    bc_block *block = orphan->block;
    *place = orphan->next;
    if (orphans->last == orphan) {
        orphans->last = before;
    }
    orphans->count--;
    orphans->bytes -= orphan->bytes;
    bc__heap_release(orphans->heap, orphan);
    return block;
}

void bc__orphans_free(bc__orphans *orphans)
{
    while (orphans->first != NULL) {
        bc_block_unref(take(orphans, &orphans->first, NULL));
    }
}

bool bc__orphans_has(const bc__orphans *orphans, const uint8_t id[BC_ID_BYTES])
{
    for (const bc__orphan *at = orphans->first; at != NULL; at = at->next) {
        if (memcmp(at->block->id, id, BC_ID_BYTES) == 0) {
            return true;
        }
    }
    return false;
}

bool bc__orphans_holds(const bc__orphans *orphans, const bc_block *block)
{
    const bc__orphan *at = orphans->first;
    while (at != NULL &&
           (memcmp(at->block->id, block->id, BC_ID_BYTES) != 0 ||
            at->block->bytes.length != block->bytes.length ||
            memcmp(at->block->bytes.data, block->bytes.data, block->bytes.length) != 0)) {
        at = at->next;
    }
    return at != NULL;
}

int32_t bc__orphans_add(bc__orphans *orphans, bc_block *block)
{
    size_t bytes = bc__block_memory(block);
    if (bytes < BC__ORPHAN_BYTES_LEAST) {
        bytes = BC__ORPHAN_BYTES_LEAST;
    }
    if (bytes > orphans->limit) {
        return BC__OK;
    }
    bc__orphan *orphan = bc__heap_array(orphans->heap, 1, sizeof *orphan);
    if (orphan == NULL) {
        return BC__ERR_MEMORY;
    }
    while (orphans->bytes > orphans->limit - bytes) {
        bc_block_unref(take(orphans, &orphans->first, NULL));
    }
    *orphan = (bc__orphan){bc_block_ref(block), bytes, NULL};
    *(orphans->last == NULL ? &orphans->first : &orphans->last->next) = orphan;
    orphans->last = orphan;
    orphans->count++;
    orphans->bytes += bytes;
    return BC__OK;
}

bc_block *bc__orphans_take_child(bc__orphans *orphans, const uint8_t parent[BC_ID_BYTES])
{
    bc__orphan *before = NULL;
    for (bc__orphan **at = &orphans->first; *at != NULL; before = *at, at = &(*at)->next) {
        if ((*at)->block->has_parent && memcmp((*at)->block->parent, parent, BC_ID_BYTES) == 0) {
            return take(orphans, at, before);
        }
    }
    return NULL;
}

bc_block *bc__orphans_take_ready(bc__orphans *orphans,
                                 bool (*is_known)(void *context, const uint8_t parent[BC_ID_BYTES]),
                                 void *context)
{
    bc__orphan *before = NULL;
    for (bc__orphan **at = &orphans->first; *at != NULL; before = *at, at = &(*at)->next) {
        if (is_known(context, (*at)->block->parent)) {
            return take(orphans, at, before);
        }
    }
    return NULL;
}
