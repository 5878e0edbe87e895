#include "src/chain/mempool.h"

#include <assert.h>
#include <string.h>

void bc__mempool_init(bc__mempool *mempool, const bc__heap *heap, uint64_t limit)
{
    *mempool = (bc__mempool){.heap = heap, .limit = limit};
}

void bc__mempool_order_by_fee(bc__mempool *mempool, uint64_t sender_limit, uint64_t age_limit)
{
    assert(mempool->count == 0 && !mempool->by_fee);
    mempool->by_fee = true;
    bc__fee_order_init(&mempool->fees, mempool->heap);
    mempool->sender_limit = sender_limit;
    mempool->age_limit = age_limit;
}

uint64_t bc__mempool_cost(const bc__mempool *mempool, const bc_tx *tx)
{
    return bc__tx_memory(tx) +
           (mempool->by_fee ? (uint64_t)BC__FEE_ENTRY_BYTES : sizeof(bc__waiting));
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

static void link_newest(bc__mempool *mempool, bc__waiting *waiting)
{
    waiting->older = mempool->newest;
    waiting->newer = NULL;
    *(mempool->newest == NULL ? &mempool->oldest : &mempool->newest->newer) = waiting;
    mempool->newest = waiting;
}

static void unlink_waiting(bc__mempool *mempool, bc__waiting *waiting)
{
    *(waiting->older == NULL ? &mempool->oldest : &waiting->older->newer) = waiting->newer;
    *(waiting->newer == NULL ? &mempool->newest : &waiting->newer->older) = waiting->older;
}

static void count_in(bc__mempool *mempool, bc__waiting *waiting)
{
    mempool->count++;
    mempool->returned_count += waiting->returned ? 1 : 0;
    mempool->bytes += bc__mempool_cost(mempool, waiting->tx);
    if (mempool->by_fee) {
        bc__fee_order_insert(&mempool->fees, bc__fee_entry_of(waiting));
    }
}

static void count_out(bc__mempool *mempool, bc__waiting *waiting)
{
    mempool->count--;
    mempool->returned_count -= waiting->returned ? 1 : 0;
    mempool->bytes -= bc__mempool_cost(mempool, waiting->tx);
    if (mempool->by_fee) {
        bc__fee_order_remove(&mempool->fees, bc__fee_entry_of(waiting));
    }
}

/* Of one that is counted out. */
static void release(bc__mempool *mempool, bc__waiting *waiting)
{
    unlink_waiting(mempool, waiting);
    if (mempool->by_fee) {
        bc__fee_order_release(&mempool->fees, bc__fee_entry_of(waiting));
    } else {
        bc__waiting_free(mempool->heap, waiting);
    }
}

void bc__mempool_add(bc__mempool *mempool, bc__waiting *waiting)
{
    link_newest(mempool, waiting);
    count_in(mempool, waiting);
    if (mempool->by_fee) {
        bc__fee_entry *entry = bc__fee_entry_of(waiting);
        entry->added_earlier = mempool->added;
        mempool->added = entry;
        mempool->point.added++;
    }
}

void bc__mempool_free(bc__mempool *mempool)
{
    bc__waiting *newer;
    for (bc__waiting *at = mempool->oldest; at != NULL; at = newer) {
        newer = at->newer;
        if (!mempool->by_fee || !at->leaving) {
            count_out(mempool, at);
        }
        release(mempool, at);
    }
    if (mempool->by_fee) {
        bc__fee_order_free(&mempool->fees);
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

void bc__mempool_mark(bc__mempool *mempool, bc__waiting *waiting)
{
    assert(mempool->by_fee && !waiting->leaving);
    bc__fee_entry *entry = bc__fee_entry_of(waiting);
    waiting->leaving = true;
    count_out(mempool, waiting);
    entry->marked_earlier = mempool->marked;
    mempool->marked = entry;
    mempool->point.marked++;
}

bc__waiting *bc__mempool_find(const bc__mempool *mempool, const uint8_t id[BC_ID_BYTES])
{
    bc__fee_entry *entry = bc__fee_order_find(&mempool->fees, id);
    return entry == NULL ? NULL : &entry->waiting;
}

bc__waiting *bc__mempool_last_marked(const bc__mempool *mempool)
{
    return mempool->marked == NULL ? NULL : &mempool->marked->waiting;
}

bc__waiting *bc__mempool_marked_before(bc__waiting *waiting)
{
    bc__fee_entry *earlier = bc__fee_entry_of(waiting)->marked_earlier;
    return earlier == NULL ? NULL : &earlier->waiting;
}

bc__mempool_point bc__mempool_here(const bc__mempool *mempool)
{
    return mempool->point;
}

static bc__fee_entry *pop_marked(bc__mempool *mempool)
{
    bc__fee_entry *entry = mempool->marked;
    mempool->marked = entry->marked_earlier;
    mempool->point.marked--;
    return entry;
}

/* What was added goes before what was marked comes back, so that a replacement is never there together
 * with what it replaced. */
void bc__mempool_go_back(bc__mempool *mempool, bc__mempool_point point)
{
    bc__fee_entry *added = mempool->added;
    for (size_t count = mempool->point.added; count > point.added; count--) {
        if (!added->waiting.leaving) {
            count_out(mempool, &added->waiting);
        }
        added->undone = true;
        added = added->added_earlier;
    }
    while (mempool->point.marked > point.marked) {
        bc__fee_entry *entry = pop_marked(mempool);
        entry->waiting.leaving = false;
        if (!entry->undone) {
            count_in(mempool, &entry->waiting);
        }
    }
    while (mempool->point.added > point.added) {
        bc__fee_entry *entry = mempool->added;
        mempool->added = entry->added_earlier;
        mempool->point.added--;
        release(mempool, &entry->waiting);
    }
}

void bc__mempool_unmark_all(bc__mempool *mempool)
{
    if (mempool->by_fee) {
        bc__mempool_go_back(mempool, (bc__mempool_point){0, 0});
        return;
    }
    for (bc__waiting *at = mempool->oldest; at != NULL; at = at->newer) {
        at->leaving = false;
    }
}

void bc__mempool_remove_marked(bc__mempool *mempool)
{
    if (mempool->by_fee) {
        mempool->added = NULL;
        mempool->point.added = 0;
        while (mempool->marked != NULL) {
            release(mempool, &pop_marked(mempool)->waiting);
        }
        return;
    }
    bc__waiting *newer;
    for (bc__waiting *at = mempool->oldest; at != NULL; at = newer) {
        newer = at->newer;
        if (at->leaving) {
            count_out(mempool, at);
            release(mempool, at);
        }
    }
}

int32_t bc__mempool_walk_begin(bc__mempool_walk *walk, const bc__mempool *mempool)
{
    *walk = (bc__mempool_walk){.next = mempool->oldest, .by_fee = mempool->by_fee};
    return walk->by_fee ? bc__fee_walk_begin(&walk->fees, &mempool->fees) : BC__OK;
}

void bc__mempool_walk_end(bc__mempool_walk *walk)
{
    if (walk->by_fee) {
        bc__fee_walk_end(&walk->fees);
    }
}

bc__waiting *bc__mempool_walk_next(bc__mempool_walk *walk)
{
    if (walk->by_fee) {
        bc__fee_entry *entry = bc__fee_walk_next(&walk->fees);
        return entry == NULL ? NULL : &entry->waiting;
    }
    bc__waiting *waiting = walk->next;
    walk->next = waiting == NULL ? NULL : waiting->newer;
    return waiting;
}

void bc__mempool_walk_skip(bc__mempool_walk *walk)
{
    if (walk->by_fee) {
        bc__fee_walk_skip(&walk->fees);
    }
}
