#include "src/store/database.h"

#include <assert.h>
#include <string.h>

#include <sodium.h>

#include "src/base/error.h"
#include "src/store/sink.h"

#define NO_EARLIER UINT32_MAX

enum {
    CHECKSUM_BYTES = 8,
    FIRST_CAPACITY = 16,
    SPARSE = 16, /* an index with so many places for an entry is not worth a pass over it */
};

bc_status bc__fail_poisoned(bc_error *error)
{
    return bc__fail(error, BC_ERR_POISONED,
                    "an earlier commit failed with unknown outcome; close the chain and open it "
                    "again");
}

void bc__database_init(bc__database *database, const bc_store *store, const bc__heap *heap)
{
    *database = (bc__database){.store = *store, .heap = heap};
    bc__hash_index_init(&database->index, heap);
    bc__hash_key_make(&database->hash_key);
}

void bc__database_close(bc__database *database)
{
    bc__database_rollback(database, 0);
    bc__heap_release(database->heap, database->pending);
    database->pending = NULL;
    database->pending_capacity = 0;
    bc__hash_index_free(&database->index);
    if (database->store.close != NULL) {
        database->store.close(database->store.context);
        database->store.close = NULL;
    }
}

/* The first 8 bytes of BLAKE2b-256 over the key's length, the key and the value, so that neither damage
 * nor a value under another's key goes unnoticed. */
static void checksum(uint8_t out[CHECKSUM_BYTES], const uint8_t *key, size_t key_length,
                     const uint8_t *value, size_t value_length)
{
    uint8_t hash[crypto_generichash_BYTES];
    uint8_t length = (uint8_t)key_length;
    crypto_generichash_state state;
    (void)crypto_generichash_init(&state, NULL, 0, sizeof hash);
    (void)crypto_generichash_update(&state, &length, 1);
    (void)crypto_generichash_update(&state, key, key_length);
    if (value_length > 0) {
        (void)crypto_generichash_update(&state, value, value_length);
    }
    (void)crypto_generichash_final(&state, hash, sizeof hash);
    memcpy(out, hash, CHECKSUM_BYTES);
}

/* The length of the value without its checksum, or SIZE_MAX where that is wrong. */
static size_t checked_length(const uint8_t *key, size_t key_length, const uint8_t *value,
                             size_t value_length)
{
    uint8_t expected[CHECKSUM_BYTES];
    if (value_length < CHECKSUM_BYTES) {
        return SIZE_MAX;
    }
    size_t length = value_length - CHECKSUM_BYTES;
    checksum(expected, key, key_length, value, length);
    return memcmp(expected, value + length, CHECKSUM_BYTES) == 0 ? length : SIZE_MAX;
}

static bc_status fail_damaged(const uint8_t *key, bc_error *error)
{
    return bc__fail(error, BC_ERR_DAMAGED,
                    "the store gave back a value of kind '%c' that is not what was put there",
                    key[0]);
}

/* A read that the store failed: nothing changed, so whatever the host says, it is BC_ERR_STORE. */
static bc_status fail_read(bc_status status, const bc_error *host, bc_error *error)
{
    if (status == BC_ERR_MEMORY) {
        return bc__fail_memory(error);
    }
    bc_status mapped = status == BC_ERR_DAMAGED ? BC_ERR_DAMAGED : BC_ERR_STORE;
    return bc__fail_host(error, mapped, host->host_code != 0 ? host->host_code : status,
                         "the store could not be read: %.180s",
                         host->message[0] != '\0' ? host->message : bc_status_name(status));
}

static uint64_t hash_of(const bc__database *database, const bc__key *key)
{
    return bc__keyed_hash(&database->hash_key, key->bytes, key->length);
}

/* `hash` is that of the key. */
static uint32_t find_pending(const bc__database *database, const bc__key *key, uint64_t hash)
{
    bc__hash_index_cursor cursor;
    uint32_t at = bc__hash_index_first(&database->index, hash, &cursor);
    while (at != BC__HASH_INDEX_NONE) {
        const bc__key *other = &database->pending[at].key;
        if (other->length == key->length && memcmp(other->bytes, key->bytes, key->length) == 0) {
            return at;
        }
        at = bc__hash_index_next(&database->index, &cursor);
    }
    return NO_EARLIER;
}

bc_status bc__database_get(bc__database *database, const bc__key *key, bc__bytes *value,
                           bc_error *error)
{
    size_t before = value->length;
    uint32_t at = find_pending(database, key, hash_of(database, key));
    if (at != NO_EARLIER) {
        const bc__pending *write = &database->pending[at];
        if (write->op == BC_WRITE_REMOVE) {
            return bc__fail(error, BC_ERR_NOT_FOUND, "the store has no such value");
        }
        return bc__bytes_append(value, write->value, write->value_length - CHECKSUM_BYTES) == BC__OK
                   ? BC_OK
                   : bc__fail_memory(error);
    }
    bc_error host = {0};
    bc_sink sink;
    bc__sink_init(&sink, value);
    bc_status status =
        database->store.get(database->store.context, key->bytes, key->length, &sink, &host);
    if (status == BC_OK) {
        status = sink.failure;
    }
    if (status == BC_ERR_NOT_FOUND) {
        value->length = before;
        return bc__fail(error, BC_ERR_NOT_FOUND, "the store has no such value");
    }
    if (status != BC_OK) {
        value->length = before;
        return fail_read(status, &host, error);
    }
    size_t length =
        checked_length(key->bytes, key->length, value->data + before, value->length - before);
    if (length == SIZE_MAX) {
        value->length = before;
        return fail_damaged(key->bytes, error);
    }
    value->length = before + length;
    return BC_OK;
}

typedef struct scan_state {
    const bc__key *prefix;
    bc_visit_fn visit;
    void *context;
    bc_status result; /* of our own visitor, not of the store */
    bc_error *error;
    uint8_t last[BC_KEY_BYTES_MAX]; /* the key before */
    size_t last_length;             /* 0 before the first */
} scan_state;

/* That the store keeps its contract: keys with the prefix, in rising order. */
static bool is_next_key(scan_state *state, const uint8_t *key, size_t key_length)
{
    const bc__key *prefix = state->prefix;
    if (key_length < prefix->length || key_length == 0 || key_length > BC_KEY_BYTES_MAX ||
        memcmp(key, prefix->bytes, prefix->length) != 0) {
        return false;
    }
    size_t common = key_length < state->last_length ? key_length : state->last_length;
    int order = memcmp(state->last, key, common);
    if (order > 0 || (order == 0 && key_length <= state->last_length)) {
        return false;
    }
    memcpy(state->last, key, key_length);
    state->last_length = key_length;
    return true;
}

static bc_status visit_checked(void *context, const uint8_t *key, size_t key_length,
                               const uint8_t *value, size_t value_length)
{
    scan_state *state = context;
    size_t length = SIZE_MAX;
    if (state->result != BC_OK) {
        return state->result; /* the store did not heed it */
    }
    if (is_next_key(state, key, key_length)) {
        length = checked_length(key, key_length, value, value_length);
    }
    state->result = length == SIZE_MAX
                        ? fail_damaged(state->prefix->bytes, state->error)
                        : state->visit(state->context, key, key_length, value, length);
    return state->result;
}

bc_status bc__database_scan(bc__database *database, const bc__key *prefix, bc_visit_fn visit,
                            void *context, bc_error *error)
{
    scan_state state = {
        .prefix = prefix, .visit = visit, .context = context, .result = BC_OK, .error = error};
    bc_error host = {0};
    bc_status status = database->store.scan(database->store.context, prefix->bytes, prefix->length,
                                            NULL, 0, visit_checked, &state, &host);
    if (state.result != BC_OK) {
        return state.result;
    }
    return status == BC_OK ? BC_OK : fail_read(status, &host, error);
}

bc_status bc__database_scan_pending(const bc__database *database, const bc__key *prefix,
                                    bc_visit_fn visit, void *context)
{
    bc_status status = BC_OK;
    for (uint32_t at = database->pending_count; status == BC_OK && at > 0; at--) {
        const bc__pending *write = &database->pending[at - 1];
        if (write->op == BC_WRITE_PUT && write->key.length >= prefix->length &&
            memcmp(write->key.bytes, prefix->bytes, prefix->length) == 0) {
            status = visit(context, write->key.bytes, write->key.length, write->value,
                           write->value_length - CHECKSUM_BYTES);
        }
    }
    return status;
}

static bc_status find_any(void *context, const uint8_t *key, size_t key_length,
                          const uint8_t *value, size_t value_length)
{
    (void)key;
    (void)key_length;
    (void)value;
    (void)value_length;
    *(bool *)context = false;
    return BC_ERR_LIMIT; /* one is enough */
}

bc_status bc__database_is_empty(bc__database *database, bool *empty, bc_error *error)
{
    const uint8_t prefix[1] = {0}; /* of length 0: everything */
    bc_error host = {0};
    *empty = true;
    bc_status status =
        database->store.scan(database->store.context, prefix, 0, NULL, 0, find_any, empty, &host);
    return status == BC_OK || !*empty ? BC_OK : fail_read(status, &host, error);
}

static bc_status reserve_pending(bc__database *database, bc_error *error)
{
    if (database->pending_count == database->pending_capacity) {
        if (database->pending_capacity >= UINT32_MAX / 2) {
            return bc__fail(error, BC_ERR_LIMIT, "more than 2^31 writes wait for a commit");
        }
        uint32_t capacity =
            database->pending_capacity == 0 ? FIRST_CAPACITY : database->pending_capacity * 2;
        bc__pending *pending =
            bc__heap_regrow(database->heap, database->pending, capacity, sizeof *pending);
        if (pending == NULL) {
            return bc__fail_memory(error);
        }
        database->pending = pending;
        database->pending_capacity = capacity;
    }
    return bc__hash_index_reserve(&database->index, 1) == BC__OK ? BC_OK : bc__fail_memory(error);
}

/* Takes `value`. The room is reserved. Whether the store has the key is known from the first pending
 * write of it. */
static void add_pending(bc__database *database, const bc__key *key, uint32_t op, uint8_t *value,
                        size_t value_length, bool is_new)
{
    uint64_t hash = hash_of(database, key);
    uint32_t earlier = find_pending(database, key, hash);
    if (earlier != NO_EARLIER) {
        (void)bc__hash_index_remove(&database->index, hash, earlier);
        is_new = database->pending[earlier].is_new;
        database->pending[earlier].is_hidden = true;
    }
    uint32_t at = database->pending_count++;
    database->pending[at] = (bc__pending){*key, op, earlier, value, value_length, is_new, false};
    database->pending_bytes += key->length + value_length;
    int32_t inserted = bc__hash_index_insert(&database->index, hash, at);
    assert(inserted == BC__OK);
    (void)inserted;
}

static bc_status put(bc__database *database, const bc__key *key, const void *value, size_t length,
                     bool is_new, bc_error *error)
{
    bc_status status = reserve_pending(database, error);
    if (status != BC_OK) {
        return status;
    }
    if (length > SIZE_MAX - CHECKSUM_BYTES) {
        return bc__fail_memory(error);
    }
    uint8_t *copy = bc__heap_array(database->heap, length + CHECKSUM_BYTES, 1);
    if (copy == NULL) {
        return bc__fail_memory(error);
    }
    if (length > 0) {
        memcpy(copy, value, length);
    }
    checksum(copy + length, key->bytes, key->length, copy, length);
    add_pending(database, key, BC_WRITE_PUT, copy, length + CHECKSUM_BYTES, is_new);
    return BC_OK;
}

bc_status bc__database_put(bc__database *database, const bc__key *key, const void *value,
                           size_t length, bc_error *error)
{
    return put(database, key, value, length, false, error);
}

bc_status bc__database_put_new(bc__database *database, const bc__key *key, const void *value,
                               size_t length, bc_error *error)
{
    return put(database, key, value, length, true, error);
}

bc_status bc__database_remove(bc__database *database, const bc__key *key, bc_error *error)
{
    bc_status status = reserve_pending(database, error);
    if (status == BC_OK) {
        add_pending(database, key, BC_WRITE_REMOVE, NULL, 0, false);
    }
    return status;
}

/* Drops all that is pending. The index is emptied as a whole, unless it is far too large for that. */
static void drop_pending(bc__database *database)
{
    if (database->pending_count < database->index.capacity / SPARSE) {
        bc__database_rollback(database, 0);
        return;
    }
    for (uint32_t at = 0; at < database->pending_count; at++) {
        bc__heap_release(database->heap, database->pending[at].value);
    }
    bc__hash_index_clear(&database->index);
    database->pending_count = 0;
    database->pending_bytes = 0;
}

void bc__database_rollback(bc__database *database, uint32_t mark)
{
    while (database->pending_count > mark) {
        uint32_t at = --database->pending_count;
        bc__pending *write = &database->pending[at];
        uint64_t hash = hash_of(database, &write->key);
        bool removed = bc__hash_index_remove(&database->index, hash, at);
        assert(removed);
        (void)removed;
        if (write->earlier != NO_EARLIER) {
            int32_t restored = bc__hash_index_insert(&database->index, hash, write->earlier);
            assert(restored == BC__OK);
            (void)restored;
            database->pending[write->earlier].is_hidden = false;
        }
        database->pending_bytes -= write->key.length + write->value_length;
        bc__heap_release(database->heap, write->value);
    }
}

/* The newest write of each key; hidden ones stay out, and removals of what was never there. */
static size_t collect_writes(const bc__database *database, bc_write *writes)
{
    size_t count = 0;
    for (uint32_t at = 0; at < database->pending_count; at++) {
        const bc__pending *write = &database->pending[at];
        bool is_vain = write->op == BC_WRITE_REMOVE && write->is_new;
        if (!is_vain && !write->is_hidden) {
            writes[count++] = (bc_write){
                .key = write->key.bytes,
                .key_length = write->key.length,
                .value = write->value,
                .value_length = write->value_length,
                .op = write->op,
            };
        }
    }
    return count;
}

static bc_status map_commit(bc__database *database, bc_status status, const bc_error *host,
                            bc_error *error)
{
    const char *said = host->message[0] != '\0' ? host->message : bc_status_name(status);
    int32_t host_code = host->host_code != 0 ? host->host_code : status;
    if (status == BC_ERR_STORE || status == BC_ERR_MEMORY || status == BC_ERR_LIMIT) {
        return bc__fail_host(error, BC_ERR_STORE, host_code, "the store took nothing: %.180s",
                             said);
    }
    database->poisoned = true;
    return bc__fail_host(error, BC_ERR_STORE_UNKNOWN, host_code,
                         "a commit failed and may or may not have been applied: %.160s", said);
}

bc_status bc__database_commit(bc__database *database, bc_error *error)
{
    if (database->poisoned) {
        return bc__fail(
            error, BC_ERR_POISONED,
            "an earlier commit failed with unknown outcome; close the chain and open it "
            "again");
    }
    if (database->pending_count == 0) {
        return BC_OK;
    }
    bc_write *writes = bc__heap_array(database->heap, database->pending_count, sizeof *writes);
    if (writes == NULL) {
        return bc__fail_memory(error);
    }
    size_t count = collect_writes(database, writes);
    bc_error host = {0};
    bc_status status = database->store.commit(database->store.context, writes, count, &host);
    bc__heap_release(database->heap, writes);
    if (status != BC_OK) {
        return map_commit(database, status, &host, error);
    }
    drop_pending(database);
    database->commits++;
    return BC_OK;
}
