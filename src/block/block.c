#include "src/block/block.h"

#include <string.h>

#include "src/base/error.h"

bc_status bc__block_new(bc_block **out, bc__origin *origin, bc_error *error)
{
    bc_block *block = bc__heap_array(&origin->heap, 1, sizeof *block);
    *out = block;
    if (block == NULL) {
        return bc__fail_memory(error);
    }
    memset(block, 0, sizeof *block);
    atomic_init(&block->references, 1);
    block->origin = bc__origin_ref(origin);
    block->claimed_height = BC_NONE;
    bc__bytes_init(&block->bytes, &origin->heap, SIZE_MAX);
    bc__bytes_init(&block->link, &origin->heap, SIZE_MAX);
    return BC_OK;
}

int32_t bc__block_add_place(bc_block *block, size_t offset, size_t length)
{
    if (offset > UINT32_MAX || length > UINT32_MAX - offset) {
        return BC__ERR_LIMIT;
    }
    if (block->tx_count == block->tx_capacity) {
        if (block->tx_capacity > UINT32_MAX / 2) {
            return BC__ERR_LIMIT;
        }
        uint32_t capacity = block->tx_capacity == 0 ? 4 : block->tx_capacity * 2;
        bc__tx_place *places =
            bc__heap_regrow(&block->origin->heap, block->places, capacity, sizeof *places);
        if (places == NULL) {
            return BC__ERR_MEMORY;
        }
        block->places = places;
        block->tx_capacity = capacity;
    }
    block->places[block->tx_count++] = (bc__tx_place){(uint32_t)offset, (uint32_t)length};
    return BC__OK;
}

size_t bc__block_memory(const bc_block *block)
{
    return sizeof *block + block->bytes.capacity + block->link.capacity +
           block->tx_capacity * sizeof *block->places +
           (block->tx_ids == NULL ? 0 : (size_t)block->tx_count * BC_ID_BYTES);
}

bc_block *bc_block_ref(bc_block *block)
{
    if (block != NULL) {
        atomic_fetch_add_explicit(&block->references, 1, memory_order_relaxed);
    }
    return block;
}

void bc_block_unref(bc_block *block)
{
    if (block != NULL &&
        atomic_fetch_sub_explicit(&block->references, 1, memory_order_acq_rel) == 1) {
        bc__origin *origin = block->origin;
        bc__bytes_free(&block->bytes);
        bc__bytes_free(&block->link);
        bc__heap_release(&origin->heap, block->places);
        bc__heap_release(&origin->heap, block->tx_ids);
        bc__heap_release(&origin->heap, block);
        bc__origin_unref(origin);
    }
}
