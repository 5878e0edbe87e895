#include "src/chain/mempool.h"

#include <string.h>

void bc__mempool_init(bc__mempool *mempool, const bc__heap *heap, uint64_t limit)
{
    *mempool = (bc__mempool){.heap = heap, .limit = limit};
}

uint64_t bc__mempool_cost(const bc_tx *tx)
{
    return bc__tx_memory(tx) + sizeof(bc__waiting);
}

bool bc__mempool_has_room(const bc__mempool *mempool, uint64_t bytes, uint64_t cost)
{
    return bytes <= mempool->limit && cost <= mempool->limit - bytes;
}

bc__waiting *bc__waiting_new(const bc__heap *heap, bc_tx *tx, uint64_t sequence, bool returned)
{
    bc__waiting *waiting = bc__heap_array(heap, 1, sizeof *waiting);
    if (waiting != NULL) {
        *waiting = (bc__waiting){.tx = bc_tx_ref(tx), .sequence = sequence, .returned = returned};
    }
    return waiting;
}

void bc__waiting_free(const bc__heap *heap, bc__waiting *waiting)
{
    bc_tx_unref(waiting->tx);
    bc__heap_release(heap, waiting);
}

void bc__mempool_add(bc__mempool *mempool, bc__waiting *waiting)
{
    waiting->older = mempool->newest;
    waiting->newer = NULL;
    *(mempool->newest == NULL ? &mempool->oldest : &mempool->newest->newer) = waiting;
    mempool->newest = waiting;
    mempool->count++;
    mempool->returned_count += waiting->returned ? 1 : 0;
    mempool->bytes += bc__mempool_cost(waiting->tx);
}

static void take_out(bc__mempool *mempool, bc__waiting *waiting)
{
    *(waiting->older == NULL ? &mempool->oldest : &waiting->older->newer) = waiting->newer;
    *(waiting->newer == NULL ? &mempool->newest : &waiting->newer->older) = waiting->older;
    mempool->count--;
    mempool->returned_count -= waiting->returned ? 1 : 0;
    mempool->bytes -= bc__mempool_cost(waiting->tx);
    bc__waiting_free(mempool->heap, waiting);
}

void bc__mempool_free(bc__mempool *mempool)
{
    while (mempool->oldest != NULL) {
        take_out(mempool, mempool->oldest);
    }
}

void bc__mempool_mark_block(bc__mempool *mempool, const bc_block *block, uint32_t count)
{
    bc__waiting *waiting = mempool->oldest;
    for (uint32_t at = 0; at < count && waiting != NULL; at++) {
        const bc__tx_place *place = &block->places[at];
        const uint8_t *bytes = block->bytes.data + place->offset;
        bc__waiting *found = waiting;
        while (found != NULL && (found->tx->length != place->length ||
                                 memcmp(found->tx->bytes, bytes, place->length) != 0)) {
            found = found->newer;
        }
        if (found == NULL) {
            return;
        }
        found->leaving = true;
        waiting = found->newer;
    }
}

void bc__mempool_unmark_all(bc__mempool *mempool)
{
    for (bc__waiting *at = mempool->oldest; at != NULL; at = at->newer) {
        at->leaving = false;
    }
}

void bc__mempool_remove_marked(bc__mempool *mempool)
{
    bc__waiting *newer;
    for (bc__waiting *at = mempool->oldest; at != NULL; at = newer) {
        newer = at->newer;
        if (at->leaving) {
            take_out(mempool, at);
        }
    }
}
