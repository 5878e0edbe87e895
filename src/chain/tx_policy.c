/* A mempool by fee and the store: what was waiting at opening, and what leaves by policy. */
#include "src/base/error.h"
#include "src/chain/engine.h"

bc_status bc__engine_write_marked(bc__engine *engine, bc__mempool_point since, bc_error *error)
{
    bc_status status = BC_OK;
    size_t left = bc__mempool_here(&engine->mempool).marked - since.marked;
    bc__waiting *at = bc__mempool_last_marked(&engine->mempool);
    for (; status == BC_OK && left > 0; left--, at = bc__mempool_marked_before(at)) {
        if (at->stored) {
            bc__key gone = bc__key_of_number(BC__KEY_WAITING, at->sequence);
            status = bc__database_remove(&engine->database, &gone, error);
        }
    }
    return status;
}

bc_status bc__engine_load_tx(bc__engine *engine, bool *taken, bc_tx *tx, uint64_t sequence,
                             bool returned, bc_error *error)
{
    bc__mempool *mempool = &engine->mempool;
    bc_tx_fields fields = BC_TX_FIELDS_INIT;
    bc__waiting *waiting;
    bc__engine_rules(engine)->tx_fields(&fields, tx->bytes, tx->length);
    *taken = false;
    bc_status status = bc__fee_prepare(mempool, &waiting, tx, &fields, sequence, returned,
                                       bc__clock_monotonic(&engine->clock), error);
    if (status != BC_OK) {
        return status;
    }
    waiting->stored = true;
    *taken = bc__fee_judge_returned(mempool, waiting) == BC_REASON_NONE;
    if (*taken) {
        bc__mempool_add(mempool, waiting);
    } else {
        bc__fee_discard(mempool, waiting);
    }
    return BC_OK;
}

static bc_status account_behind_tip(void *context, bc__account *account, const uint8_t key[32],
                                    bc_error *error)
{
    return bc__accounts_get(context, account, key, error);
}

bc_status bc__engine_loaded_txs(bc__engine *engine, bc_error *error)
{
    bc__mempool *mempool = &engine->mempool;
    const bc__mempool_point before = {0, 0};
    bc_status status = bc__fee_recheck_all(mempool, account_behind_tip, &engine->accounts, error);
    if (status == BC_OK) {
        status = bc__engine_write_marked(engine, before, error);
    }
    if (status == BC_OK) {
        bc__mempool_remove_marked(mempool);
    }
    return status;
}

/* Locked. What was marked since leaves with the next commit, or stays. */
static bc_status remove_marked_since(bc__engine *engine, bc__mempool_point point, bc_error *error)
{
    uint32_t mark = bc__database_mark(&engine->database);
    bc_status status = bc__engine_write_marked(engine, point, error);
    if (status == BC_OK) {
        bc__mempool_remove_marked(&engine->mempool);
    } else {
        bc__database_rollback(&engine->database, mark);
        bc__mempool_go_back(&engine->mempool, point);
    }
    return status;
}

bc_status bc__engine_drop_tx(bc__engine *engine, const uint8_t id[BC_ID_BYTES], bc_error *error)
{
    bc__mempool_point point = bc__mempool_here(&engine->mempool);
    bc__waiting *waiting = bc__mempool_find(&engine->mempool, id);
    if (waiting == NULL) {
        return BC_OK;
    }
    bc__fee_mark_from(&engine->mempool, waiting);
    return remove_marked_since(engine, point, error);
}

bc_status bc__engine_expire_txs(bc__engine *engine, int64_t *next, bc_error *error)
{
    bc__mempool *mempool = &engine->mempool;
    *next = INT64_MAX;
    if (!mempool->by_fee || engine->database.poisoned) {
        return BC_OK;
    }
    int64_t now = bc__clock_monotonic(&engine->clock);
    bc__mempool_point point = bc__mempool_here(mempool);
    bc__fee_expire(mempool, now);
    bc_status status = remove_marked_since(engine, point, error);
    *next = bc__fee_until_expiry(mempool, now);
    return status;
}
