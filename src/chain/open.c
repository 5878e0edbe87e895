/* Opening: from what the store holds to a chain in memory, in time proportional to headers. Nothing is
 * written before everything has been read and found good. */
#include <string.h>

#include "src/base/error.h"
#include "src/chain/engine.h"

/* What a replacement left unfinished, to be deleted. */
typedef struct leftovers {
    bc__key *keys;
    size_t count;
    size_t capacity;
} leftovers;

typedef struct loading {
    bc__engine *engine;
    bc__range staged; /* count 0: no replacement was under way */
    leftovers gone;
    bc_error *error;
} loading;

static bc_status note_gone(loading *with, const bc__key *key)
{
    leftovers *gone = &with->gone;
    if (gone->count == gone->capacity) {
        size_t capacity = gone->capacity == 0 ? 64 : gone->capacity * 2;
        bc__key *keys =
            bc__heap_regrow(bc__engine_heap(with->engine), gone->keys, capacity, sizeof *keys);
        if (keys == NULL) {
            return bc__fail_memory(with->error);
        }
        gone->keys = keys;
        gone->capacity = capacity;
    }
    gone->keys[gone->count++] = *key;
    return BC_OK;
}

static void see_sequence(bc__engine *engine, uint64_t sequence)
{
    if (sequence >= engine->next_sequence) {
        engine->next_sequence = sequence + 1;
    }
}

static bc_status drop_header(loading *with, const bc__header_record *record)
{
    bc__key key = bc__key_of_header(record->height, record->id);
    bc_status status = note_gone(with, &key);
    if (status == BC_OK) {
        key = bc__key_of_id(BC__KEY_BODY, record->id);
        status = note_gone(with, &key);
    }
    return status;
}

static bc_status load_header(void *context, const uint8_t *key, size_t key_length,
                             const uint8_t *value, size_t value_length)
{
    loading *with = context;
    bc__engine *engine = with->engine;
    bc__header_record record;
    if (!bc__header_record_read(&record, key, key_length, value, value_length)) {
        return bc__fail(with->error, BC_ERR_DAMAGED, "the store holds a header of unknown form");
    }
    see_sequence(engine, record.sequence);
    uint32_t parent = BC__NO_NODE;
    if (record.has_parent && record.height > 0) {
        parent = bc__tree_find_at(&engine->tree, record.parent, record.height - 1);
    }
    if (bc__range_holds(&with->staged, record.sequence) ||
        (record.height > 0 && parent == BC__NO_NODE)) {
        return drop_header(with, &record);
    }
    if (bc__tree_reserve(&engine->tree, 1, record.height) != BC__OK ||
        bc__equivocations_reserve(engine) != BC__OK) {
        return bc__fail_memory(with->error);
    }
    bc__header header = {.bits = 0};
    if (engine->traits.header_bytes > 0) {
        bc_status status = bc__engine_rules(engine)->read_header(
            engine->params, &header, record.sealed, record.sealed_length, with->error);
        if (status != BC_OK) {
            return bc__fail(with->error, BC_ERR_DAMAGED,
                            "the store holds a header of unknown form at height %llu",
                            (unsigned long long)record.height);
        }
    }
    bc__uint256 work = bc__uint256_from_bytes(record.work);
    uint32_t at = bc__tree_add(&engine->tree, record.id, parent, &work, record.sequence);
    bc__node *node = bc__tree_node(&engine->tree, at);
    node->time = record.time;
    node->flags = record.has_time ? BC__NODE_HAS_TIME : 0;
    node->header = header;
    bc__equivocations_add(engine, at);
    return BC_OK;
}

static bc_status load_waiting(void *context, const uint8_t *key, size_t key_length,
                              const uint8_t *value, size_t value_length)
{
    loading *with = context;
    bc__engine *engine = with->engine;
    uint64_t sequence;
    bc_tx *tx = NULL;
    if (!bc__key_number(&sequence, key, key_length) || value_length < 1 || value[0] > 1) {
        return bc__fail(with->error, BC_ERR_DAMAGED,
                        "the store holds a waiting transaction of unknown form");
    }
    see_sequence(engine, sequence);
    if (bc__range_holds(&with->staged, sequence)) {
        bc__key gone = bc__key_of_number(BC__KEY_WAITING, sequence);
        return note_gone(with, &gone);
    }
    bc_status status = bc__engine_rules(engine)->parse_tx(&tx, engine->params, value + 1,
                                                          value_length - 1, with->error);
    if (status == BC_ERR_FORMAT) {
        return bc__fail(with->error, BC_ERR_DAMAGED,
                        "the store holds a waiting transaction that can't be read back");
    }
    if (status != BC_OK) {
        return status;
    }
    if (engine->mempool.by_fee) {
        bool taken;
        status = bc__engine_load_tx(engine, &taken, tx, sequence, value[0] == 1, with->error);
        bc_tx_unref(tx);
        bc__key gone = bc__key_of_number(BC__KEY_WAITING, sequence);
        return status != BC_OK || taken ? status : note_gone(with, &gone);
    }
    bc__waiting *waiting = bc__waiting_new(bc__engine_heap(engine), tx, sequence, value[0] == 1);
    bc_tx_unref(tx);
    if (waiting == NULL) {
        return bc__fail_memory(with->error);
    }
    waiting->stored = true;
    bc__mempool_add(&engine->mempool, waiting);
    return BC_OK;
}

/* Reads a small value; BC_OK with bytes->length 0 where it is not there. */
static bc_status read_small(bc__engine *engine, uint8_t kind, bc__bytes *bytes, bc_error *error)
{
    bc__key key = bc__key_of(kind);
    bc_error why = {0}; /* of its own: not being there is no error to the caller */
    bytes->length = 0;
    bc_status status = bc__database_get(&engine->database, &key, bytes, &why);
    if (status == BC_ERR_NOT_FOUND) {
        return BC_OK;
    }
    if (status != BC_OK && error != NULL) {
        *error = why;
    }
    return status;
}

static bc_status check_meta(const bc__engine *engine, const bc__bytes *meta, bc_error *error)
{
    uint32_t version;
    uint8_t network_id[BC_ID_BYTES];
    if (!bc__meta_record_read(&version, network_id, meta->data, meta->length)) {
        return bc__fail(error, BC_ERR_DAMAGED, "the store's description of itself is cut short");
    }
    if (version != BC__SCHEMA_VERSION) {
        return bc__fail(error, BC_ERR_UNSUPPORTED,
                        "the store has schema version %u; this version of libbc reads version %d",
                        version, BC__SCHEMA_VERSION);
    }
    if (memcmp(network_id, engine->params->origin.network_id, BC_ID_BYTES) != 0) {
        int length = (int)(meta->length - BC__META_RECORD_BYTES);
        return bc__fail(error, BC_ERR_UNSUPPORTED, "the store is of another network: %.*s",
                        length > 180 ? 180 : length,
                        (const char *)meta->data + BC__META_RECORD_BYTES);
    }
    return BC_OK;
}

static bc_status load_tip(bc__engine *engine, bc__bytes *bytes, bc_error *error)
{
    uint64_t height;
    uint8_t id[BC_ID_BYTES];
    bc_status status = read_small(engine, BC__KEY_TIP, bytes, error);
    if (status != BC_OK) {
        return status;
    }
    if (!bc__tip_record_read(&height, id, bytes->data, bytes->length)) {
        return bc__fail(error, BC_ERR_DAMAGED, "the store does not say which block is the tip");
    }
    uint32_t tip = bc__tree_find_at(&engine->tree, id, height);
    if (tip == BC__NO_NODE) {
        return bc__fail(error, BC_ERR_DAMAGED,
                        "the store lacks headers of the best chain, which ends at height %llu",
                        (unsigned long long)height);
    }
    bc__tree_set_tip(&engine->tree, tip);
    return BC_OK;
}

/* The best chain; what lies beside it is put right once nothing else can be wrong. */
static bc_status check_checkpoints(const bc__engine *engine, bc_error *error)
{
    for (uint64_t at = 0; at < engine->settings.checkpoint_count; at++) {
        const bc_checkpoint *checkpoint = &engine->settings.checkpoints[at];
        uint32_t node = bc__tree_best_at(&engine->tree, checkpoint->height);
        if (node != BC__NO_NODE &&
            memcmp(bc__tree_node(&engine->tree, node)->id, checkpoint->id, BC_ID_BYTES) != 0) {
            return bc__fail(error, BC_ERR_UNSUPPORTED,
                            "the store's chain has another block at height %llu than the "
                            "checkpoint demands",
                            (unsigned long long)checkpoint->height);
        }
    }
    return BC_OK;
}

static bc_status delete_leftovers(loading *with, bc_error *error)
{
    bc__engine *engine = with->engine;
    bc_status status = BC_OK;
    if (with->staged.count == 0 && with->gone.count == 0) {
        return BC_OK;
    }
    for (size_t at = 0; status == BC_OK && at < with->gone.count; at++) {
        const bc__key *key = &with->gone.keys[at];
        bool shared = key->bytes[0] == BC__KEY_BODY &&
                      bc__tree_find(&engine->tree, key->bytes + 1) != BC__NO_NODE;
        if (!shared) {
            status = bc__database_remove(&engine->database, key, error);
        }
        if (status == BC_OK && engine->database.pending_count >= 4096) {
            status = bc__database_commit(&engine->database, error);
        }
    }
    if (status == BC_OK) {
        bc__key marker = bc__key_of(BC__KEY_STAGED);
        status = bc__database_remove(&engine->database, &marker, error);
    }
    return status == BC_OK ? bc__database_commit(&engine->database, error) : status;
}

static bc_status load(bc__engine *engine, bc__bytes *bytes, bc_error *error)
{
    loading with = {.engine = engine, .error = error};
    bc_status status = check_meta(engine, bytes, error);
    if (status == BC_OK) {
        status = read_small(engine, BC__KEY_STAGED, bytes, error);
    }
    if (status == BC_OK && bytes->length > 0) {
        if (!bc__range_record_read(&with.staged, bytes->data, bytes->length)) {
            status = bc__fail(error, BC_ERR_DAMAGED, "the store's marker has an unknown form");
        } else {
            see_sequence(engine, with.staged.first + with.staged.count - 1);
        }
    }
    bc__key prefix = bc__key_of(BC__KEY_HEADER);
    if (status == BC_OK) {
        status = bc__database_scan(&engine->database, &prefix, load_header, &with, error);
    }
    if (status == BC_OK) {
        status = load_tip(engine, bytes, error);
    }
    if (status == BC_OK) {
        status = check_checkpoints(engine, error);
    }
    if (status == BC_OK && (bc__engine_rules(engine)->capabilities & BC__HAS_ACCOUNTS) != 0) {
        status = bc__state_open(engine, error);
    }
    engine->side_lowest = 0; /* whatever lies beside the best chain is found when it is time */
    prefix = bc__key_of(BC__KEY_WAITING);
    if (status == BC_OK) {
        status = bc__database_scan(&engine->database, &prefix, load_waiting, &with, error);
    }
    if (status == BC_OK && engine->mempool.by_fee) {
        status = bc__engine_loaded_txs(engine, error);
    }
    if (status == BC_OK) {
        status = delete_leftovers(&with, error);
    }
    if (status == BC_OK && engine->settings.checkpoint_count > 0) {
        status = bc__engine_clear_forbidden(engine, error);
    }
    bc__heap_release(bc__engine_heap(engine), with.gone.keys);
    return status;
}

static bc_status check_empty(bc__engine *engine, bc_error *error)
{
    bool empty;
    bc_status status = bc__database_is_empty(&engine->database, &empty, error);
    return status != BC_OK || empty
               ? status
               : bc__fail(error, BC_ERR_DAMAGED,
                          "the store is not empty, and what is in it is no chain of libbc");
}

/* An empty store gets its description and a genesis block in one commit. */
static bc_status begin(bc__engine *engine, bc_error *error)
{
    bc__bytes meta;
    bc_block *genesis = NULL;
    bc__switch change = {0};
    uint32_t node = BC__NO_NODE;
    uint8_t head[BC__META_RECORD_BYTES];
    bc__bytes_init(&meta, bc__engine_heap(engine), SIZE_MAX);
    bc__meta_record_write(head, BC__SCHEMA_VERSION, engine->params->origin.network_id);
    bc__key key = bc__key_of(BC__KEY_META);
    bc_status status = BC_ERR_MEMORY;
    if (bc__bytes_append(&meta, head, sizeof head) != BC__OK ||
        bc__bytes_append(&meta, engine->params->json.data, engine->params->json.length) != BC__OK) {
        (void)bc__fail_memory(error);
        goto done;
    }
    status = bc__database_put(&engine->database, &key, meta.data, meta.length, error);
    if (status == BC_OK) {
        status = bc__engine_rules(engine)->make_genesis(&genesis, engine->params,
                                                        bc__clock_wall(&engine->clock), error);
    }
    if (status == BC_OK && !bc__passes_checkpoint(engine, 0, genesis->id)) {
        status = bc__fail(error, BC_ERR_UNSUPPORTED,
                          "a checkpoint demands another first block than the network's");
    }
    if (status == BC_OK) {
        status = bc__engine_add_block(engine, &node, genesis, BC__NO_NODE, engine->next_sequence++,
                                      error);
    }
    if (status == BC_OK) {
        status = bc__switch_prepare(engine, &change, node, genesis, false, NULL, error);
    }
    if (status == BC_OK) {
        status = bc__engine_commit(engine, 0, true, error);
    }
    if (status == BC_OK) {
        bc__switch_apply(engine, &change);
        engine->events.count = 0; /* nobody has the handle yet; bc_chain_changes tells of genesis */
        if ((bc__engine_rules(engine)->capabilities & BC__HAS_ACCOUNTS) != 0) {
            status = bc__state_open(engine, error);
        }
    }
done:
    bc_block_unref(genesis);
    bc__bytes_free(&meta);
    return status;
}

static bc_status init_locks(bc__engine *engine, bc_error *error)
{
    if (pthread_mutex_init(&engine->lock, NULL) != 0) {
        return bc__fail_memory(error);
    }
    if (pthread_mutex_init(&engine->import_lock, NULL) != 0) {
        (void)pthread_mutex_destroy(&engine->lock);
        return bc__fail_memory(error);
    }
    if (pthread_mutex_init(&engine->queue_lock, NULL) != 0) {
        (void)pthread_mutex_destroy(&engine->import_lock);
        (void)pthread_mutex_destroy(&engine->lock);
        return bc__fail_memory(error);
    }
    if (pthread_cond_init(&engine->queue_served, NULL) != 0) {
        (void)pthread_mutex_destroy(&engine->queue_lock);
        (void)pthread_mutex_destroy(&engine->import_lock);
        (void)pthread_mutex_destroy(&engine->lock);
        return bc__fail_memory(error);
    }
    return BC_OK;
}

static void free_all(bc__engine *engine)
{
    bc__signatures_free(&engine->signatures);
    bc__accounts_free(&engine->accounts);
    bc__rejected_free(&engine->rejected);
    bc__equivocations_free(&engine->equivocations);
    bc__cache_free(&engine->cache);
    bc__orphans_free(&engine->orphans);
    bc__mempool_free(&engine->mempool);
    bc__tree_free(&engine->tree);
    (void)pthread_cond_destroy(&engine->queue_served);
    (void)pthread_mutex_destroy(&engine->queue_lock);
    (void)pthread_mutex_destroy(&engine->import_lock);
    (void)pthread_mutex_destroy(&engine->lock);
}

bc_status bc__engine_open(bc__engine *engine, bc_error *error)
{
    const bc__heap *heap = bc__engine_heap(engine);
    bc__bytes bytes;
    bc_status status = init_locks(engine, error);
    if (status != BC_OK) {
        return status;
    }
    atomic_init(&engine->owner, 0);
    atomic_init(&engine->visits, 0);
    atomic_init(&engine->sealer, 0);
    bc__engine_rules(engine)->read_traits(engine->params, &engine->traits);
    engine->side_lowest = UINT64_MAX;
    bc__tree_init(&engine->tree, heap);
    bc__accounts_init(&engine->accounts, heap, &engine->database, engine->settings.account_bytes);
    bc__rejected_init(&engine->rejected, heap);
    bc__equivocations_init(&engine->equivocations, heap);
    bc__cache_init(&engine->cache, heap, engine->settings.cache_bytes);
    bc__orphans_init(&engine->orphans, heap, engine->settings.orphan_bytes);
    bc__mempool_init(&engine->mempool, heap, engine->settings.mempool_bytes);
    const uint32_t by_fee = BC__CAN_IDENTIFY_TX | BC__HAS_ACCOUNTS;
    if ((bc__engine_rules(engine)->capabilities & by_fee) == by_fee) {
        bc__mempool_order_by_fee(&engine->mempool, engine->settings.mempool_sender_count,
                                 engine->settings.mempool_age_us);
    }
    bc__bytes_init(&bytes, heap, SIZE_MAX);
    (void)bc__engine_enter(engine, NULL);
    if ((bc__engine_rules(engine)->capabilities & BC__HAS_ACCOUNTS) != 0) {
        status = bc__signatures_init(&engine->signatures, engine->params,
                                     engine->settings.signature_bytes, error);
    }
    if (status == BC_OK) {
        status = read_small(engine, BC__KEY_META, &bytes, error);
    }
    if (status == BC_OK && bytes.length > 0) {
        status = load(engine, &bytes, error);
    } else if (status == BC_OK) {
        status = check_empty(engine, error);
        if (status == BC_OK) {
            status = begin(engine, error);
        }
    }
    bc__engine_leave(engine);
    bc__bytes_free(&bytes);
    if (status != BC_OK) {
        free_all(engine);
    }
    return status;
}

bc_status bc__engine_close(bc__engine *engine, bc_error *error)
{
    (void)bc__engine_enter(engine, NULL);
    /* Of a poisoned chain whoever made the call that failed has been told. */
    bc_status status =
        engine->database.poisoned ? BC_OK : bc__database_commit(&engine->database, error);
    atomic_store_explicit(&engine->published->closed, true, memory_order_release);
    bc__engine_leave(engine);
    free_all(engine);
    return status;
}
