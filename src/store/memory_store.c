/* The built-in store: an ordered map in memory. As the contract of bc_store has it, a commit that
 * is refused gives BC_ERR_STORE, which promises that nothing was applied. */
#include <string.h>

#include <bc/bc.h>

#include "lib/ordered_map.h"
#include "src/base/error.h"
#include "src/base/origin.h"
#include "src/base/versioned.h"

_Static_assert((int)BC__ORDERED_MAP_KEY_BYTES_MAX == (int)BC_KEY_BYTES_MAX,
               "the map takes every key of a store");

typedef struct memory_store {
    bc__heap heap;
    bc__ordered_map map;
} memory_store;

static bc_status get(void *context, const uint8_t *key, size_t key_length, bc_sink *value,
                     bc_error *error)
{
    const memory_store *store = context;
    bc__ordered_map_entry entry;
    if (!bc__ordered_map_get(&store->map, &entry, key, key_length)) {
        return bc__fail(error, BC_ERR_NOT_FOUND, "the store in memory has no such key");
    }
    bc_status status = bc_sink_put(value, entry.value, entry.value_length);
    if (status != BC_OK) {
        return bc__fail(error, status, "a value of %zu bytes was not taken", entry.value_length);
    }
    return BC_OK;
}

static bool has_prefix(const bc__ordered_map_entry *entry, const uint8_t *prefix,
                       size_t prefix_length)
{
    return entry->key_length >= prefix_length &&
           (prefix_length == 0 || memcmp(entry->key, prefix, prefix_length) == 0);
}

/* `error` is left alone: the one way to fail is the visitor's, and the visitor knows why. */
static bc_status scan(void *context, const uint8_t *prefix, size_t prefix_length,
                      const uint8_t *after, size_t after_length, bc_visit_fn visit,
                      void *visit_context, bc_error *error)
{
    const memory_store *store = context;
    bc__ordered_map_entry entry;
    bool found;
    (void)error;
    if (after != NULL && bc__ordered_map_compare(after, after_length, prefix, prefix_length) >= 0) {
        found = bc__ordered_map_seek(&store->map, &entry, after, after_length, false);
    } else {
        found = bc__ordered_map_seek(&store->map, &entry, prefix, prefix_length, true);
    }
    while (found && has_prefix(&entry, prefix, prefix_length)) {
        bc_status status =
            visit(visit_context, entry.key, entry.key_length, entry.value, entry.value_length);
        if (status != BC_OK) {
            return status;
        }
        found = bc__ordered_map_next(&store->map, &entry);
    }
    return BC_OK;
}

static bc_status collect(bc__ordered_map_batch *batch, const bc_write *write, size_t position,
                         bc_error *error)
{
    if (write->key_length == 0 || write->key_length > BC_KEY_BYTES_MAX || write->key == NULL) {
        return bc__fail(error, BC_ERR_STORE, "write %zu: a key has 1 to %d bytes, not %zu",
                        position, BC_KEY_BYTES_MAX, write->key == NULL ? 0 : write->key_length);
    }
    if (bc__ordered_map_batch_has(batch, write->key, write->key_length)) {
        return bc__fail(error, BC_ERR_STORE, "write %zu: its key occurs twice in one commit",
                        position);
    }
    int32_t result;
    if (write->op == BC_WRITE_REMOVE) {
        result = bc__ordered_map_batch_remove(batch, write->key, write->key_length);
    } else if (write->op != BC_WRITE_PUT) {
        return bc__fail(error, BC_ERR_STORE, "write %zu: unknown operation %u", position,
                        (unsigned)write->op);
    } else if (write->value == NULL && write->value_length > 0) {
        return bc__fail(error, BC_ERR_STORE, "write %zu: its value is NULL", position);
    } else {
        result = bc__ordered_map_batch_put(batch, write->key, write->key_length, write->value,
                                           write->value_length);
    }
    if (result != BC__OK) {
        return bc__fail(error, BC_ERR_STORE, "write %zu: the allocator gave no memory", position);
    }
    return BC_OK;
}

static bc_status commit(void *context, const bc_write *writes, size_t count, bc_error *error)
{
    memory_store *store = context;
    bc__ordered_map_batch batch;
    bc_status status = BC_OK;
    bc__ordered_map_batch_init(&batch, &store->map);
    for (size_t i = 0; i < count && status == BC_OK; i++) {
        status = collect(&batch, &writes[i], i, error);
    }
    if (status == BC_OK) {
        bc__ordered_map_batch_apply(&batch, &store->map);
    }
    bc__ordered_map_batch_free(&batch);
    return status;
}

static void close_store(void *context)
{
    memory_store *store = context;
    bc__heap heap = store->heap;
    bc__ordered_map_free(&store->map);
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
    bc__ordered_map_init(&memory->map, &memory->heap);
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
