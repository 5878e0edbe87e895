/* The built-in store: a table in memory. As the contract of bc_store has it, a commit that is
 * refused gives BC_ERR_STORE, which promises that nothing was applied.
 *
 * A get and each write of a commit cost the same in a long chain as in a short one. The price is
 * the scan: the table has no order, so a scan looks at all keys, copies the addresses of those that
 * it is to visit, and puts them in order. A chain scans only while it opens. */
#include <string.h>

#include <bc/bc.h>

#include "src/base/error.h"
#include "src/base/origin.h"
#include "src/base/versioned.h"
#include "src/store/memory_table.h"

_Static_assert(BC_KEY_BYTES_MAX <= UINT8_MAX, "the table takes every key of a store");

typedef struct memory_store {
    bc__heap heap;
    bc__memory_table table;
} memory_store;

static bc_status get(void *context, const uint8_t *key, size_t key_length, bc_sink *value,
                     bc_error *error)
{
    const memory_store *store = context;
    uint64_t hash = bc__memory_table_hash(&store->table, key, key_length);
    const bc__memory_entry *entry = bc__memory_table_find(&store->table, hash, key, key_length);
    if (entry == NULL) {
        return bc__fail(error, BC_ERR_NOT_FOUND, "the store in memory has no such key");
    }
    bc_status status = bc_sink_put(value, entry->bytes + entry->key_length, entry->value_length);
    if (status != BC_OK) {
        return bc__fail(error, status, "a value of %zu bytes was not taken", entry->value_length);
    }
    return BC_OK;
}

/* The order of keys: unsigned bytes, a shorter key before those that it begins. */
static int compare(const bc__memory_entry *entry, const uint8_t *key, size_t key_length)
{
    size_t shared = entry->key_length < key_length ? entry->key_length : key_length;
    int order = shared > 0 ? memcmp(entry->bytes, key, shared) : 0;
    if (order != 0) {
        return order;
    }
    return (entry->key_length > key_length) - (entry->key_length < key_length);
}

static bool is_before(const bc__memory_entry *left, const bc__memory_entry *right)
{
    return compare(left, right->bytes, right->key_length) < 0;
}

static bool has_prefix(const bc__memory_entry *entry, const uint8_t *prefix, size_t prefix_length)
{
    return entry->key_length >= prefix_length &&
           (prefix_length == 0 || memcmp(entry->bytes, prefix, prefix_length) == 0);
}

/* Lets the entry at `at` sink until neither child in the binary heap is before it. */
static void sift_down(const bc__memory_entry **entries, size_t count, size_t at)
{
    const bc__memory_entry *entry = entries[at];
    while (at < count / 2) {
        size_t child = 2 * at + 1;
        if (child + 1 < count && is_before(entries[child + 1], entries[child])) {
            child++;
        }
        if (!is_before(entries[child], entry)) {
            break;
        }
        entries[at] = entries[child];
        at = child;
    }
    entries[at] = entry;
}

/* Visits all in order, and leaves the array in none. A heap, for a scan that ends early need not
 * pay for the order of the rest. */
static bc_status visit_in_order(const bc__memory_entry **entries, size_t count, bc_visit_fn visit,
                                void *visit_context)
{
    for (size_t at = count / 2; at > 0; at--) {
        sift_down(entries, count, at - 1);
    }
    while (count > 0) {
        const bc__memory_entry *entry = entries[0];
        bc_status status = visit(visit_context, entry->bytes, entry->key_length,
                                 entry->bytes + entry->key_length, entry->value_length);
        if (status != BC_OK) {
            return status; /* without a message: the visitor knows why */
        }
        entries[0] = entries[--count];
        if (count > 0) {
            sift_down(entries, count, 0);
        }
    }
    return BC_OK;
}

/* O(n) steps for the n keys in the store and O(log n) for each visit; 8 n bytes while it runs. */
static bc_status scan(void *context, const uint8_t *prefix, size_t prefix_length,
                      const uint8_t *after, size_t after_length, bc_visit_fn visit,
                      void *visit_context, bc_error *error)
{
    const memory_store *store = context;
    size_t all = store->table.count;
    size_t count = 0;
    if (all == 0) {
        return BC_OK;
    }
    const bc__memory_entry **entries =
        bc__heap_array(&store->heap, all, sizeof(const bc__memory_entry *));
    if (entries == NULL) {
        return bc__fail_memory(error);
    }
    for (size_t place = 0; place < all; place++) {
        const bc__memory_entry *entry = bc__memory_table_at(&store->table, place);
        if (has_prefix(entry, prefix, prefix_length) &&
            (after == NULL || compare(entry, after, after_length) > 0)) {
            entries[count++] = entry;
        }
    }
    bc_status status = visit_in_order(entries, count, visit, visit_context);
    bc__heap_release(&store->heap, entries);
    return status;
}

/* What becomes of one write. */
typedef struct change {
    uint64_t hash;
    bc__memory_entry *entry; /* owned until it is applied; NULL: the key goes */
} change;

/* Changes that are applied together. Collecting them takes all the memory that is needed, so that
 * applying them cannot fail. */
typedef struct change_batch {
    memory_store *store;
    const bc_write *writes;
    change *changes; /* the first `count` are collected, for the write of the same number each */
    size_t count;
    bc__hash_index index; /* from hashes of keys to numbers of writes */
} change_batch;

static bc_status fail_no_memory(bc_error *error)
{
    return bc__fail(error, BC_ERR_STORE, "the allocator gave no memory for a commit");
}

static bc_status check_write(const bc_write *write, size_t number, bc_error *error)
{
    if (write->key_length == 0 || write->key_length > BC_KEY_BYTES_MAX || write->key == NULL) {
        return bc__fail(error, BC_ERR_STORE, "write %zu: a key has 1 to %d bytes, not %zu", number,
                        BC_KEY_BYTES_MAX, write->key == NULL ? 0 : write->key_length);
    }
    if (write->op != BC_WRITE_PUT && write->op != BC_WRITE_REMOVE) {
        return bc__fail(error, BC_ERR_STORE, "write %zu: unknown operation %u", number,
                        (unsigned)write->op);
    }
    if (write->op == BC_WRITE_PUT && write->value == NULL && write->value_length > 0) {
        return bc__fail(error, BC_ERR_STORE, "write %zu: its value is NULL", number);
    }
    return BC_OK;
}

static bool is_in_batch(const change_batch *batch, uint64_t hash, const bc_write *write)
{
    bc__hash_index_cursor cursor;
    uint32_t at = bc__hash_index_first(&batch->index, hash, &cursor);
    while (at != BC__HASH_INDEX_NONE) {
        const bc_write *other = &batch->writes[at];
        if (other->key_length == write->key_length &&
            memcmp(other->key, write->key, write->key_length) == 0) {
            return true;
        }
        at = bc__hash_index_next(&batch->index, &cursor);
    }
    return false;
}

/* The next write becomes a change. */
static bc_status collect(change_batch *batch, bc_error *error)
{
    size_t number = batch->count;
    const bc_write *write = &batch->writes[number];
    bc_status status = check_write(write, number, error);
    if (status != BC_OK) {
        return status;
    }
    change made = {.hash =
                       bc__memory_table_hash(&batch->store->table, write->key, write->key_length)};
    if (is_in_batch(batch, made.hash, write)) {
        return bc__fail(error, BC_ERR_STORE, "write %zu: its key occurs twice in one commit",
                        number);
    }
    if (bc__hash_index_insert(&batch->index, made.hash, (uint32_t)number) != BC__OK) {
        return fail_no_memory(error);
    }
    if (write->op == BC_WRITE_PUT) {
        made.entry = bc__memory_entry_make(&batch->store->heap, write->key, write->key_length,
                                           write->value, write->value_length);
        if (made.entry == NULL) {
            return fail_no_memory(error);
        }
    }
    batch->changes[batch->count++] = made;
    return BC_OK;
}

/* All writes become changes, and there is room in the table for what they add. */
static bc_status prepare(change_batch *batch, size_t count, bc_error *error)
{
    size_t puts = 0;
    batch->changes = bc__heap_array(&batch->store->heap, count, sizeof *batch->changes);
    if (batch->changes == NULL || bc__hash_index_reserve(&batch->index, count) != BC__OK) {
        return fail_no_memory(error);
    }
    while (batch->count < count) {
        bc_status status = collect(batch, error);
        if (status != BC_OK) {
            return status;
        }
        puts += batch->changes[batch->count - 1].entry != NULL;
    }
    return bc__memory_table_reserve(&batch->store->table, puts) == BC__OK ? BC_OK
                                                                          : fail_no_memory(error);
}

static void apply(change_batch *batch)
{
    bc__memory_table *table = &batch->store->table;
    for (size_t at = 0; at < batch->count; at++) {
        const change *made = &batch->changes[at];
        if (made->entry != NULL) {
            bc__memory_table_put(table, made->hash, made->entry);
        } else {
            const bc_write *write = &batch->writes[at];
            bc__memory_table_remove(table, made->hash, write->key, write->key_length);
        }
    }
    batch->count = 0;
}

static bc_status commit(void *context, const bc_write *writes, size_t count, bc_error *error)
{
    memory_store *store = context;
    change_batch batch = {.store = store, .writes = writes};
    if (count == 0) {
        return BC_OK;
    }
    bc__hash_index_init(&batch.index, &store->heap);
    bc_status status = prepare(&batch, count, error);
    if (status == BC_OK) {
        apply(&batch);
    }
    for (size_t at = 0; at < batch.count; at++) {
        bc__heap_release(&store->heap, batch.changes[at].entry);
    }
    bc__heap_release(&store->heap, batch.changes);
    bc__hash_index_free(&batch.index);
    return status;
}

static void close_store(void *context)
{
    memory_store *store = context;
    bc__heap heap = store->heap;
    bc__memory_table_free(&store->table);
    bc__heap_release(&heap, store);
}

bc_status bc_store_memory(bc_store *store, const bc_allocator *allocator, bc_error *error)
{
    if (store == NULL) {
        return bc__fail_null(error, "store");
    }
    if (store->struct_size < sizeof *store) {
        return bc__fail(error, BC_ERR_ARGUMENT,
                        "bc_store has struct_size %u; set it with the INIT macro or to sizeof",
                        (unsigned)store->struct_size);
    }
    bc__heap heap;
    bc_status status = bc__heap_from_allocator(&heap, allocator, error);
    if (status != BC_OK) {
        return status;
    }
    memory_store *memory = bc__heap_array(&heap, 1, sizeof *memory);
    if (memory == NULL) {
        return bc__fail_memory(error);
    }
    memory->heap = heap;
    bc__memory_table_init(&memory->table, &memory->heap);
    bc_store known = BC_STORE_INIT;
    known.context = memory;
    known.get = get;
    known.scan = scan;
    known.commit = commit;
    known.close = close_store;
    status = bc__versioned_write(store, &known, sizeof known, "bc_store", error);
    if (status != BC_OK) {
        close_store(memory);
    }
    return status;
}
