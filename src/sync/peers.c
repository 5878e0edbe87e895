/* The registered peers, kept in the store. */
#include <string.h>

#include "src/base/error.h"
#include "src/block/canonical_json.h"
#include "src/sync/sync.h"

static const bc__heap *heap_of(const bc__sync *sync)
{
    return bc__engine_heap(sync->engine);
}

static char *copy_name(const bc__sync *sync, const void *name, size_t length)
{
    char *copy = bc__heap_array(heap_of(sync), length + 1, 1);
    if (copy != NULL) {
        memcpy(copy, name, length);
        copy[length] = '\0';
    }
    return copy;
}

static bc_status reserve(bc__sync *sync, bc_error *error)
{
    if (sync->peer_count == sync->peer_capacity) {
        size_t capacity = sync->peer_capacity == 0 ? 8 : sync->peer_capacity * 2;
        bc__peer *peers = bc__heap_regrow(heap_of(sync), sync->peers, capacity, sizeof *peers);
        if (peers == NULL) {
            return bc__fail_memory(error);
        }
        sync->peers = peers;
        sync->peer_capacity = capacity;
    }
    return BC_OK;
}

static bc_status check_name(const bc__sync *sync, const char *peer, bc_error *error)
{
    size_t length = strnlen(peer, BC_PEER_BYTES_MAX + 1);
    if (length == 0 || length > BC_PEER_BYTES_MAX) {
        return bc__fail(error, BC_ERR_ARGUMENT, "a peer's name has 1 to %d bytes",
                        BC_PEER_BYTES_MAX);
    }
    bc__bytes scratch;
    bc__bytes_init(&scratch, heap_of(sync), SIZE_MAX);
    int32_t result = bc__json_append_string(&scratch, (const uint8_t *)peer, length);
    bc__bytes_free(&scratch);
    if (result == BC__ERR_FORMAT) {
        return bc__fail(error, BC_ERR_ARGUMENT, "a peer's name must be UTF-8");
    }
    return result == BC__OK ? BC_OK : bc__fail_memory(error);
}

/* Locked. */
static size_t find(const bc__sync *sync, const char *peer)
{
    size_t at = 0;
    while (at < sync->peer_count && strcmp(sync->peers[at].name, peer) != 0) {
        at++;
    }
    return at;
}

typedef struct loading {
    bc__sync *sync;
    bc_error *error;
} loading;

static bc_status load_peer(void *context, const uint8_t *key, size_t key_length,
                           const uint8_t *value, size_t value_length)
{
    loading *with = context;
    bc__sync *sync = with->sync;
    uint64_t sequence;
    if (!bc__key_number(&sequence, key, key_length) || value_length == 0 ||
        value_length > BC_PEER_BYTES_MAX || memchr(value, 0, value_length) != NULL) {
        return bc__fail(with->error, BC_ERR_DAMAGED, "the store holds a peer of unknown form");
    }
    bc_status status = reserve(sync, with->error);
    if (status != BC_OK) {
        return status;
    }
    char *name = copy_name(sync, value, value_length);
    if (name == NULL) {
        return bc__fail_memory(with->error);
    }
    sync->peers[sync->peer_count++] = (bc__peer){name, sequence};
    if (sequence >= sync->engine->next_sequence) {
        sync->engine->next_sequence = sequence + 1;
    }
    return BC_OK;
}

bc_status bc__sync_load_peers(bc__sync *sync, bc_error *error)
{
    loading with = {sync, error};
    bc__key prefix = bc__key_of(BC__KEY_PEER);
    bc_status status = bc__engine_enter(sync->engine, error);
    if (status == BC_OK) {
        status = bc__database_scan(&sync->engine->database, &prefix, load_peer, &with, error);
        sync->engine->peer_count = sync->peer_count;
        bc__engine_leave(sync->engine);
    }
    return status;
}

void bc__sync_free_peers(bc__sync *sync)
{
    for (size_t at = 0; at < sync->peer_count; at++) {
        bc__heap_release(heap_of(sync), sync->peers[at].name);
    }
    bc__heap_release(heap_of(sync), sync->peers);
    sync->peers = NULL;
    sync->peer_count = 0;
}

/* Locked. */
static bc_status add(bc__sync *sync, const char *peer, bc_error *error)
{
    bc__engine *engine = sync->engine;
    if (find(sync, peer) < sync->peer_count) {
        return BC_OK;
    }
    if (sync->peer_count >= engine->settings.peers) {
        return bc__fail(error, BC_ERR_LIMIT, "there are %zu peers already, the limit",
                        sync->peer_count);
    }
    bc_status status = reserve(sync, error);
    if (status != BC_OK) {
        return status;
    }
    char *name = copy_name(sync, peer, strlen(peer));
    if (name == NULL) {
        return bc__fail_memory(error);
    }
    uint32_t mark = bc__database_mark(&engine->database);
    bc__key key = bc__key_of_number(BC__KEY_PEER, engine->next_sequence);
    status = bc__database_put(&engine->database, &key, name, strlen(name), error);
    if (status == BC_OK) {
        status = bc__engine_commit(engine, mark, true, error);
    }
    if (status != BC_OK) {
        bc__heap_release(heap_of(sync), name);
        return status;
    }
    sync->peers[sync->peer_count++] = (bc__peer){name, engine->next_sequence++};
    engine->peer_count = sync->peer_count;
    return BC_OK;
}

bc_status bc__sync_add_peer(bc__sync *sync, const char *peer, bc_error *error)
{
    bc_status status = check_name(sync, peer, error);
    if (status == BC_OK) {
        status = bc__engine_enter_to_write(sync->engine, error);
    }
    if (status == BC_OK) {
        status = add(sync, peer, error);
        bc__engine_leave(sync->engine);
    }
    return status;
}

/* Locked. */
static bc_status take_out(bc__sync *sync, const char *peer, bc_error *error)
{
    bc__engine *engine = sync->engine;
    size_t at = find(sync, peer);
    if (at == sync->peer_count) {
        return bc__fail(error, BC_ERR_NOT_FOUND, "there is no such peer");
    }
    uint32_t mark = bc__database_mark(&engine->database);
    bc__key key = bc__key_of_number(BC__KEY_PEER, sync->peers[at].sequence);
    bc_status status = bc__database_remove(&engine->database, &key, error);
    if (status == BC_OK) {
        status = bc__engine_commit(engine, mark, true, error);
    }
    if (status == BC_OK) {
        bc__heap_release(heap_of(sync), sync->peers[at].name);
        memmove(&sync->peers[at], &sync->peers[at + 1],
                (sync->peer_count - at - 1) * sizeof sync->peers[0]);
        engine->peer_count = --sync->peer_count;
    }
    return status;
}

bc_status bc__sync_remove_peer(bc__sync *sync, const char *peer, bc_error *error)
{
    bc_status status = bc__engine_enter_to_write(sync->engine, error);
    if (status == BC_OK) {
        status = take_out(sync, peer, error);
        bc__engine_leave(sync->engine);
    }
    return status;
}

/* Locked. There is at least one. */
static bc_status copy_names(bc__sync *sync, bc__names *names, bc_error *error)
{
    char **copies = bc__heap_array(heap_of(sync), sync->peer_count, sizeof(char *));
    names->names = copies;
    if (copies == NULL) {
        return bc__fail_memory(error);
    }
    for (; names->count < sync->peer_count; names->count++) {
        const char *name = sync->peers[names->count].name;
        copies[names->count] = copy_name(sync, name, strlen(name));
        if (copies[names->count] == NULL) {
            return bc__fail_memory(error);
        }
    }
    return BC_OK;
}

bc_status bc__sync_peers(bc__sync *sync, bc__names *names, bc_error *error)
{
    *names = (bc__names){0};
    bc_status status = bc__engine_enter(sync->engine, error);
    if (status != BC_OK) {
        return status;
    }
    if (sync->peer_count > 0) {
        status = copy_names(sync, names, error);
    }
    bc__engine_leave(sync->engine);
    if (status != BC_OK) {
        bc__names_free(sync, names);
    }
    return status;
}

void bc__names_free(bc__sync *sync, bc__names *names)
{
    for (size_t at = 0; names->names != NULL && at < names->count; at++) {
        bc__heap_release(heap_of(sync), names->names[at]);
    }
    bc__heap_release(heap_of(sync), names->names);
    *names = (bc__names){0};
}
