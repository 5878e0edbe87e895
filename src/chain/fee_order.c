#include "src/chain/fee_order.h"

#include <assert.h>
#include <string.h>

#include "src/base/error.h"

enum { FIRST_CAPACITY = 64 };

__extension__ typedef unsigned __int128 wide;

/* ---- Order ---- */

bool bc__fee_pays_more(const bc__fee_entry *one, const bc__fee_entry *other)
{
    return (wide)one->fee * other->waiting.tx->length > (wide)other->fee * one->waiting.tx->length;
}

/* A total order: of equals the earlier is better. */
static bool is_better(const bc__fee_entry *one, const bc__fee_entry *other)
{
    if (bc__fee_pays_more(one, other)) {
        return true;
    }
    return one->waiting.sequence < other->waiting.sequence && !bc__fee_pays_more(other, one);
}

/* ---- Heap ---- */

static bool comes_first(const bc__fee_heap *heap, size_t one, size_t other)
{
    return heap->best_first ? is_better(heap->items[one], heap->items[other])
                            : is_better(heap->items[other], heap->items[one]);
}

static void put(bc__fee_heap *heap, size_t at, bc__fee_entry *entry)
{
    heap->items[at] = entry;
    if (!heap->best_first) {
        entry->place = at;
    }
}

static void swap(bc__fee_heap *heap, size_t one, size_t other)
{
    bc__fee_entry *entry = heap->items[one];
    put(heap, one, heap->items[other]);
    put(heap, other, entry);
}

static void sift_up(bc__fee_heap *heap, size_t at)
{
    while (at > 0 && comes_first(heap, at, (at - 1) / 2)) {
        swap(heap, at, (at - 1) / 2);
        at = (at - 1) / 2;
    }
}

static void sift_down(bc__fee_heap *heap, size_t at)
{
    for (;;) {
        size_t first = at;
        for (size_t child = 2 * at + 1; child <= 2 * at + 2 && child < heap->count; child++) {
            first = comes_first(heap, child, first) ? child : first;
        }
        if (first == at) {
            return;
        }
        swap(heap, at, first);
        at = first;
    }
}

static int32_t heap_reserve(bc__fee_heap *heap, const bc__heap *memory, size_t count)
{
    size_t capacity = heap->capacity == 0 ? FIRST_CAPACITY : heap->capacity;
    while (capacity < count) {
        capacity *= 2;
    }
    if (capacity > heap->capacity) {
        bc__fee_entry **items =
            bc__heap_regrow(memory, heap->items, capacity, sizeof(bc__fee_entry *));
        if (items == NULL) {
            return BC__ERR_MEMORY;
        }
        heap->items = items;
        heap->capacity = capacity;
    }
    return BC__OK;
}

static void heap_push(bc__fee_heap *heap, bc__fee_entry *entry)
{
    assert(heap->count < heap->capacity);
    put(heap, heap->count++, entry);
    sift_up(heap, heap->count - 1);
}

static void heap_remove(bc__fee_heap *heap, size_t at)
{
    heap->count--;
    if (at < heap->count) {
        put(heap, at, heap->items[heap->count]);
        sift_up(heap, at);
        sift_down(heap, at);
    }
}

/* ---- Entries ---- */

static const uint8_t *id_of(const void *item)
{
    return ((const bc__fee_entry *)item)->waiting.tx->id;
}

static const uint8_t *key_of(const void *item)
{
    return ((const bc__fee_sender *)item)->key;
}

void bc__fee_order_init(bc__fee_order *order, const bc__heap *heap)
{
    *order = (bc__fee_order){.heap = heap};
    bc__key_map_init(&order->ids, heap, id_of);
    bc__key_map_init(&order->senders, heap, key_of);
}

void bc__fee_order_free(bc__fee_order *order)
{
    assert(order->entry_count == 0 && order->sender_count == 0);
    bc__key_map_free(&order->ids);
    bc__key_map_free(&order->senders);
    bc__heap_release(order->heap, order->cheapest.items);
}

static int32_t reserve(bc__fee_order *order)
{
    size_t count = order->entry_count + 1;
    int32_t result = bc__key_map_reserve(&order->ids, count);
    return result == BC__OK ? heap_reserve(&order->cheapest, order->heap, count) : result;
}

/* The sender of that key, which may be a new one; NULL where there is no memory. */
static bc__fee_sender *hold_sender(bc__fee_order *order, const uint8_t key[BC__MAP_KEY_BYTES])
{
    bc__fee_sender *sender = bc__key_map_find(&order->senders, key);
    if (sender == NULL && bc__key_map_reserve(&order->senders, order->sender_count + 1) == BC__OK) {
        sender = bc__heap_array(order->heap, 1, sizeof *sender);
        if (sender != NULL) {
            *sender = (bc__fee_sender){.first = NULL};
            memcpy(sender->key, key, BC__MAP_KEY_BYTES);
            bc__key_map_add(&order->senders, sender);
            order->sender_count++;
        }
    }
    if (sender != NULL) {
        sender->held++;
    }
    return sender;
}

int32_t bc__fee_order_make(bc__fee_order *order, bc__fee_entry **out, bc_tx *tx,
                           const bc_tx_fields *fields)
{
    *out = NULL;
    if (reserve(order) != BC__OK) {
        return BC__ERR_MEMORY;
    }
    bc__fee_entry *entry = bc__heap_array(order->heap, 1, sizeof *entry);
    if (entry == NULL) {
        return BC__ERR_MEMORY;
    }
    bc__fee_sender *sender = hold_sender(order, fields->sender);
    if (sender == NULL) {
        bc__heap_release(order->heap, entry);
        return BC__ERR_MEMORY;
    }
    bool overflows = fields->amount > UINT64_MAX - fields->fee; /* what no balance covers */
    *entry = (bc__fee_entry){
        .waiting = {.tx = bc_tx_ref(tx)},
        .sender = sender,
        .nonce = fields->nonce,
        .fee = fields->fee,
        .spent = overflows ? UINT64_MAX : fields->amount + fields->fee,
    };
    order->entry_count++;
    *out = entry;
    return BC__OK;
}

void bc__fee_order_release(bc__fee_order *order, bc__fee_entry *entry)
{
    bc__fee_sender *sender = entry->sender;
    bc_tx_unref(entry->waiting.tx);
    bc__heap_release(order->heap, entry);
    order->entry_count--;
    if (--sender->held == 0) {
        bc__key_map_remove(&order->senders, sender);
        bc__heap_release(order->heap, sender);
        order->sender_count--;
    }
}

void bc__fee_order_insert(bc__fee_order *order, bc__fee_entry *entry)
{
    bc__fee_sender *sender = entry->sender;
    bc__fee_entry *before = sender->last;
    if (sender->first != NULL && entry->nonce < sender->first->nonce) {
        before = NULL;
    }
    while (before != NULL && before->nonce > entry->nonce) {
        before = before->before;
    }
    assert(before == NULL || before->nonce != entry->nonce);
    entry->before = before;
    entry->behind = before == NULL ? sender->first : before->behind;
    *(before == NULL ? &sender->first : &before->behind) = entry;
    *(entry->behind == NULL ? &sender->last : &entry->behind->before) = entry;
    sender->count++;
    sender->spent += entry->spent;
    bc__key_map_add(&order->ids, entry);
    heap_push(&order->cheapest, entry);
}

void bc__fee_order_remove(bc__fee_order *order, bc__fee_entry *entry)
{
    bc__fee_sender *sender = entry->sender;
    *(entry->before == NULL ? &sender->first : &entry->before->behind) = entry->behind;
    *(entry->behind == NULL ? &sender->last : &entry->behind->before) = entry->before;
    sender->count--;
    sender->spent -= entry->spent;
    bc__key_map_remove(&order->ids, entry);
    heap_remove(&order->cheapest, entry->place);
}

bc__fee_entry *bc__fee_order_find(const bc__fee_order *order, const uint8_t id[BC_ID_BYTES])
{
    return bc__key_map_find(&order->ids, id);
}

bc__fee_sender *bc__fee_order_sender(const bc__fee_order *order,
                                     const uint8_t key[BC__MAP_KEY_BYTES])
{
    return bc__key_map_find(&order->senders, key);
}

bc__fee_entry *bc__fee_sender_at(const bc__fee_sender *sender, uint64_t nonce)
{
    bc__fee_entry *entry = sender->last;
    while (entry != NULL && entry->nonce > nonce) {
        entry = entry->before;
    }
    return entry != NULL && entry->nonce == nonce ? entry : NULL;
}

bc__fee_entry *bc__fee_order_cheapest(const bc__fee_order *order)
{
    return order->cheapest.count == 0 ? NULL : order->cheapest.items[0];
}

/* ---- Walk ---- */

int32_t bc__fee_walk_begin(bc__fee_walk *walk, const bc__fee_order *order)
{
    *walk = (bc__fee_walk){.heap = order->heap, .heads = {.best_first = true}};
    if (heap_reserve(&walk->heads, order->heap, order->sender_count) != BC__OK) {
        return BC__ERR_MEMORY;
    }
    for (uint32_t slot = 0; slot < order->senders.capacity; slot++) {
        const bc__fee_sender *sender = bc__key_map_slot_item(&order->senders, slot);
        if (sender != NULL && sender->first != NULL) {
            heap_push(&walk->heads, sender->first);
        }
    }
    return BC__OK;
}

void bc__fee_walk_end(bc__fee_walk *walk)
{
    bc__heap_release(walk->heap, walk->heads.items);
}

bc__fee_entry *bc__fee_walk_next(bc__fee_walk *walk)
{
    bc__fee_heap *heads = &walk->heads;
    if (walk->given && heads->items[0]->behind != NULL) {
        put(heads, 0, heads->items[0]->behind);
        sift_down(heads, 0);
    } else if (walk->given) {
        heap_remove(heads, 0);
    }
    walk->given = heads->count > 0;
    return walk->given ? heads->items[0] : NULL;
}

void bc__fee_walk_skip(bc__fee_walk *walk)
{
    if (walk->given) {
        heap_remove(&walk->heads, 0);
        walk->given = false;
    }
}
