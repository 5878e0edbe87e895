#include "src/chain/rebuilt.h"

#include <string.h>

#include "src/base/error.h"
#include "src/chain/engine.h"

/* A store in memory refuses for want of that alone, and it is none of the host's. */
static bc_status write_away(bc__rebuilt *rebuilt, uint64_t height, const uint8_t id[BC_ID_BYTES],
                            bc_error *error)
{
    bc_status status = bc__accounts_flush(&rebuilt->accounts, height, id, UINT64_MAX, error);
    return status == BC_ERR_STORE ? bc__fail_memory(error) : status;
}

/* Makes what was planned the accounts, and writes them away where that is due. */
static bc_status settle(bc__rebuilt *rebuilt, bc__account_plan *plan, uint64_t height,
                        const uint8_t id[BC_ID_BYTES], bc_error *error)
{
    bc_status status = bc__account_plan_reserve(plan, error);
    if (status != BC_OK) {
        return status;
    }
    bc__account_plan_apply(plan);
    return bc__accounts_flush_due(&rebuilt->accounts) ? write_away(rebuilt, height, id, error)
                                                      : BC_OK;
}

bc_status bc__rebuilt_begin(bc__rebuilt *rebuilt, const bc__engine *engine, bc_error *error)
{
    const bc__heap *heap = bc__engine_heap(engine);
    const bc_allocator allocator = {
        sizeof allocator, 0, heap->context, heap->allocate, heap->reallocate, heap->release};
    bc_store store = BC_STORE_INIT;
    bc__account_plan plan;
    memset(rebuilt, 0, sizeof *rebuilt);
    bc_status status = bc_store_memory(&store, &allocator, error);
    if (status != BC_OK) {
        return status;
    }
    rebuilt->begun = true;
    bc__database_init(&rebuilt->database, &store, heap);
    bc__accounts_init(&rebuilt->accounts, heap, &rebuilt->database, engine->settings.account_bytes);
    bc__account_plan_init(&plan, &rebuilt->accounts);
    status = bc__state_allocate(engine, &plan, error);
    if (status == BC_OK) {
        status = settle(rebuilt, &plan, 0, engine->params->origin.network_id, error);
    }
    bc__account_plan_free(&plan);
    return status;
}

void bc__rebuilt_free(bc__rebuilt *rebuilt)
{
    if (rebuilt->begun) {
        bc__accounts_free(&rebuilt->accounts);
        bc__database_close(&rebuilt->database);
    }
}

/* What the engine would undo is what the block did. */
static bc_status compare_delta(bc__engine *engine, const bc__bytes *delta, const bc_block *block,
                               bc_error *error)
{
    bc__bytes stored;
    bc__key key = bc__key_of_id(BC__KEY_DELTA, block->id);
    bc__bytes_init(&stored, bc__engine_heap(engine), SIZE_MAX);
    bc_status status = bc__database_get(&engine->database, &key, &stored, error);
    if (status == BC_ERR_NOT_FOUND ||
        (status == BC_OK && (stored.length != delta->length ||
                             memcmp(stored.data, delta->data, delta->length) != 0))) {
        status = bc__fail(error, BC_ERR_DAMAGED,
                          "the record of what the block at height %llu changed of the accounts "
                          "is not what it changed",
                          (unsigned long long)block->claimed_height);
    }
    bc__bytes_free(&stored);
    return status;
}

bc_status bc__rebuilt_connect(bc__rebuilt *rebuilt, bc__engine *engine, const bc_block *block,
                              uint64_t height, bc_error *error)
{
    bc__bytes delta;
    bc__account_plan plan;
    uint32_t reason = BC_REASON_NONE;
    bc_error why = BC_ERROR_INIT;
    bc__bytes_init(&delta, bc__engine_heap(engine), SIZE_MAX);
    bc__account_plan_init(&plan, &rebuilt->accounts);
    bc__account_view view = bc__account_plan_view(&plan);
    bc__account_plan_begin_block(&plan);
    bc_status status =
        bc__engine_rules(engine)->apply(engine->params, block, height, &view, &reason, &why);
    if (status == BC_OK && reason == BC_REASON_NONE) {
        status = bc__account_plan_end_block(&plan, &delta, &why);
    } else {
        bc__account_plan_drop_block(&plan);
    }
    if (status == BC_OK && reason == BC_REASON_NONE) {
        status = compare_delta(engine, &delta, block, &why);
    }
    if (status == BC_OK && reason == BC_REASON_NONE) {
        status = settle(rebuilt, &plan, height, block->id, &why);
    }
    if (status != BC_OK && error != NULL) {
        *error = why;
    } else if (reason != BC_REASON_NONE) {
        status = bc__fail(error, BC_ERR_DAMAGED, "the block at height %llu fails (%s): %.150s",
                          (unsigned long long)height, bc_reason_name(reason), why.message);
    }
    bc__account_plan_free(&plan);
    bc__bytes_free(&delta);
    return status;
}

typedef struct comparison {
    bc__rebuilt *rebuilt;
    uint64_t count;
    bc_error *error;
} comparison;

static bc_status compare_row(void *context, const uint8_t *key, size_t key_length,
                             const uint8_t *value, size_t value_length)
{
    comparison *with = context;
    bc__account ours;
    bc__account anew;
    if (key_length != 1 + BC__ACCOUNT_KEY_BYTES || value_length != BC__ACCOUNT_RECORD_BYTES) {
        return bc__fail(with->error, BC_ERR_DAMAGED, "the store holds an account of unknown form");
    }
    bc__account_record_read(&ours, value);
    bc_status status = bc__accounts_get(&with->rebuilt->accounts, &anew, key + 1, with->error);
    if (status == BC_OK && !bc__account_equal(&ours, &anew)) {
        status = bc__fail(with->error, BC_ERR_DAMAGED,
                          "an account holds %llu and has sent %llu transactions, where the blocks "
                          "make it %llu and %llu",
                          (unsigned long long)ours.balance, (unsigned long long)ours.nonce,
                          (unsigned long long)anew.balance, (unsigned long long)anew.nonce);
    }
    with->count++;
    return status;
}

static bc_status count_row(void *context, const uint8_t *key, size_t key_length,
                           const uint8_t *value, size_t value_length)
{
    comparison *with = context;
    (void)key;
    (void)key_length;
    (void)value;
    (void)value_length;
    with->count++;
    return BC_OK;
}

bc_status bc__rebuilt_compare(bc__rebuilt *rebuilt, bc__engine *engine, bc_error *error)
{
    const bc__node *tip = bc__tree_node(&engine->tree, bc__tree_tip(&engine->tree));
    bc__key prefix = bc__key_of(BC__KEY_ACCOUNT);
    comparison ours = {rebuilt, 0, error};
    comparison anew = {rebuilt, 0, error};
    bc_status status = bc__state_flush(engine, error);
    if (status == BC_OK) {
        status = bc__database_scan(&engine->database, &prefix, compare_row, &ours, error);
    }
    if (status == BC_OK) {
        status = write_away(rebuilt, tip->height, tip->id, error);
    }
    if (status == BC_OK) {
        status = bc__database_scan(&rebuilt->database, &prefix, count_row, &anew, error);
    }
    if (status == BC_OK && ours.count != anew.count) {
        status = bc__fail(error, BC_ERR_DAMAGED,
                          "the store holds %llu accounts, where the blocks make %llu",
                          (unsigned long long)ours.count, (unsigned long long)anew.count);
    }
    return status;
}
