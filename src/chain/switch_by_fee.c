/* What a switch of the tip does to a mempool by fee. What the new chain holds leaves; what only the old
 * one held comes back where it still holds; then every sender whose account changed is looked at again
 * behind the new tip. All of it can be taken back until the commit has succeeded. */
#include "src/base/error.h"
#include "src/chain/engine.h"
#include "src/chain/fee_policy.h"

typedef struct passage {
    bc__engine *engine;
    bc__switch *change;
    int64_t now;
    bc__waiting *newest_before; /* of the mempool, before anything came back */
} passage;

static bc_status take_out(void *context, const bc_block *block, uint32_t index, bc_error *error)
{
    passage *with = context;
    (void)error;
    bc__waiting *waiting = bc__mempool_find(&with->engine->mempool, block->tx_ids[index]);
    if (waiting != NULL) {
        bc__mempool_mark(&with->engine->mempool, waiting);
    }
    return BC_OK;
}

/* Whether the nonce is used behind the new tip: by the transaction itself, where both branches hold it, or
 * by another. It would leave again at once, and must not take the room of others on its way. */
static bc_status is_used(const bc__switch *change, bool *used, const bc_tx_fields *fields,
                         bc_error *error)
{
    bc__account account = {0, 0};
    bc_status status = change->plan == NULL
                           ? BC_OK
                           : bc__account_plan_get(change->plan, &account, fields->sender, error);
    *used = fields->nonce < account.nonce;
    return status;
}

static bc_status bring_back(void *context, const bc_block *block, uint32_t index, bc_error *error)
{
    passage *with = context;
    bc__engine *engine = with->engine;
    bc__switch *change = with->change;
    bc_tx_fields fields = BC_TX_FIELDS_INIT;
    bc__waiting *waiting = NULL;
    bc_tx *tx;
    bool used;
    bc_status status = bc__engine_rules(engine)->block_tx(&tx, block, index, error);
    if (status != BC_OK) {
        return status;
    }
    bc__engine_rules(engine)->tx_fields(&fields, tx->bytes, tx->length);
    status = is_used(change, &used, &fields, error);
    if (status != BC_OK || used) {
        bc_tx_unref(tx);
        return status;
    }
    status = bc__fee_prepare(&engine->mempool, &waiting, tx, &fields,
                             engine->next_sequence + 1 + change->numbers, true, with->now, error);
    bc_tx_unref(tx);
    if (status != BC_OK) {
        return status;
    }
    uint32_t reason = bc__fee_judge_returned(&engine->mempool, waiting);
    if (reason == BC_REASON_NONE && engine->settings.tx_durability != BC_TX_MEMORY) {
        status = bc__engine_write_waiting(engine, waiting, error);
    }
    if (reason != BC_REASON_NONE || status != BC_OK) {
        change->dropped += reason == BC_REASON_MEMPOOL_FULL ? 1 : 0;
        bc__fee_discard(&engine->mempool, waiting);
        return status;
    }
    change->numbers++;
    bc__mempool_add(&engine->mempool, waiting);
    return BC_OK;
}

static void look_again(void *context, const uint8_t key[32], const bc__account *account)
{
    bc__fee_recheck_sender(context, key, account);
}

/* What came back stands behind what was there before, in order of arrival. */
static uint64_t count_returned(const passage *with)
{
    const bc__mempool *mempool = &with->engine->mempool;
    uint64_t count = 0;
    for (const bc__waiting *at = mempool->newest; at != NULL && at != with->newest_before;
         at = at->older) {
        count += at->leaving ? 0 : 1;
    }
    return count;
}

bc_status bc__switch_by_fee(bc__engine *engine, bc__switch *change, const bc__stretch *leaving,
                            const bc__stretch *coming, bc_error *error)
{
    passage with = {engine, change, bc__clock_monotonic(&engine->clock), engine->mempool.newest};
    bc_status status = bc__stretch_each_tx(engine, coming, take_out, &with, error);
    if (status == BC_OK) {
        status = bc__stretch_each_tx(engine, leaving, bring_back, &with, error);
    }
    if (status != BC_OK) {
        return status;
    }
    if (change->plan != NULL && engine->mempool.count > 0) {
        bc__account_plan_each(change->plan, look_again, &engine->mempool);
    }
    change->returned = count_returned(&with);
    return bc__engine_write_marked(engine, change->point, error);
}
