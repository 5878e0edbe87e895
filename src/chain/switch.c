/* A switch of the tip, and what it does to the mempool. What our blocks held and the new chain does not
 * hold comes back: old minus new, as multisets, rewards apart. A transaction that came back that way
 * leaves again when a block brings it; one that somebody handed in leaves only in a block of our own,
 * because equal records are distinct. */
#include <string.h>

#include "src/base/error.h"
#include "src/chain/engine.h"
#include "src/chain/tally.h"

typedef struct comparison {
    bc__engine *engine;
    bc__switch *change;
    bc__tally tally;
    uint64_t bytes; /* of the mempool with what returns and without what leaves */
    uint64_t sequence;
} comparison;

static bc_status block_tx(const comparison *with, bc_tx **tx, const bc_block *block, uint32_t index,
                          bc_error *error)
{
    return bc__engine_rules(with->engine)->block_tx(tx, block, index, error);
}

static bc_status enter_tx(void *context, const bc_block *block, uint32_t index, bc_error *error)
{
    comparison *with = context;
    bc_tx *tx;
    bc_status status = block_tx(with, &tx, block, index, error);
    if (status == BC_OK) {
        status = bc__tally_enter(&with->tally, tx->id) == BC__OK ? BC_OK : bc__fail_memory(error);
    }
    if (status == BC_OK) {
        bc__tally_claim(&with->tally, tx->id);
    }
    bc_tx_unref(tx);
    return status;
}

static bc_status count_tx(void *context, const bc_block *block, uint32_t index, bc_error *error)
{
    comparison *with = context;
    bc_tx *tx;
    bc_status status = block_tx(with, &tx, block, index, error);
    if (status == BC_OK) {
        bc__tally_raise(&with->tally, tx->id);
    }
    bc_tx_unref(tx);
    return status;
}

static bc_status return_tx(void *context, const bc_block *block, uint32_t index, bc_error *error)
{
    comparison *with = context;
    bc__switch *change = with->change;
    bc_tx *tx;
    bc_status status = block_tx(with, &tx, block, index, error);
    if (status != BC_OK || bc__tally_lower(&with->tally, tx->id)) {
        goto done;
    }
    uint64_t cost = bc__mempool_cost(&with->engine->mempool, tx);
    if (!bc__mempool_has_room(&with->engine->mempool, with->bytes, cost)) {
        change->dropped++;
        goto done;
    }
    bc__waiting *waiting = bc__waiting_new(bc__engine_heap(with->engine), tx, with->sequence, true);
    if (waiting == NULL) {
        status = bc__fail_memory(error);
        goto done;
    }
    with->sequence++;
    with->bytes += cost;
    *(change->returning_last == NULL ? &change->returning : &change->returning_last->newer) =
        waiting;
    change->returning_last = waiting;
    change->returned++;
done:
    bc_tx_unref(tx);
    return status;
}

/* What the new chain holds beyond the old one, and no block of our own took out already, takes out what
 * had come back before. */
static void mark_brought(comparison *with)
{
    bc__mempool *mempool = &with->engine->mempool;
    for (bc__waiting *at = mempool->oldest; at != NULL; at = at->newer) {
        if (at->leaving) {
            (void)bc__tally_lower_unclaimed(&with->tally, at->tx->id);
        }
    }
    for (bc__waiting *at = mempool->oldest; at != NULL; at = at->newer) {
        if (at->returned && !at->leaving) {
            at->leaving = bc__tally_lower_unclaimed(&with->tally, at->tx->id);
        }
        with->bytes -= at->leaving ? bc__mempool_cost(mempool, at->tx) : 0;
    }
}

/* Fills change->returning and marks what leaves the mempool. */
static bc_status compare(comparison *with, const bc__stretch *leaving, const bc__stretch *coming,
                         bc_error *error)
{
    bc__mempool *mempool = &with->engine->mempool;
    bc_status status = bc__stretch_each_tx(with->engine, leaving, enter_tx, with, error);
    for (bc__waiting *at = mempool->oldest; status == BC_OK && at != NULL; at = at->newer) {
        if (at->returned && bc__tally_enter(&with->tally, at->tx->id) != BC__OK) {
            status = bc__fail_memory(error);
        }
    }
    if (status != BC_OK || with->tally.used == 0) {
        return status;
    }
    status = bc__stretch_each_tx(with->engine, coming, count_tx, with, error);
    if (status == BC_OK) {
        mark_brought(with);
        status = bc__stretch_each_tx(with->engine, leaving, return_tx, with, error);
    }
    return status;
}

bc_status bc__engine_write_waiting(bc__engine *engine, bc__waiting *waiting, bc_error *error)
{
    bc__bytes record;
    bc__bytes_init(&record, bc__engine_heap(engine), SIZE_MAX);
    bc_status status;
    if (bc__bytes_append_byte(&record, waiting->returned ? 1 : 0) != BC__OK ||
        bc__bytes_append(&record, waiting->tx->bytes, waiting->tx->length) != BC__OK) {
        status = bc__fail_memory(error);
    } else {
        bc__key key = bc__key_of_number(BC__KEY_WAITING, waiting->sequence);
        status = bc__database_put_new(&engine->database, &key, record.data, record.length, error);
    }
    waiting->stored = status == BC_OK;
    bc__bytes_free(&record);
    return status;
}

/* What returns may be more than one commit should hold. For a replacement it goes ahead in commits of
 * its own, because after a crash everything of the staged range is dropped. */
static bc_status write_returning(bc__engine *engine, const bc__switch *change, bc_error *error)
{
    bc_status status = BC_OK;
    if (change->staged) {
        engine->staged_waiting = change->returned;
    }
    for (bc__waiting *at = change->returning; status == BC_OK && at != NULL; at = at->newer) {
        status = bc__engine_write_waiting(engine, at, error);
        if (status == BC_OK && change->staged &&
            engine->database.pending_bytes >= engine->settings.commit_bytes) {
            status = bc__database_commit(&engine->database, error);
        }
    }
    return status;
}

static bc_status write_tip(bc__engine *engine, const bc__switch *change, bc_error *error)
{
    const bc__node *node = bc__tree_node(&engine->tree, change->new_tip);
    uint8_t record[BC__TIP_RECORD_BYTES];
    bc__tip_record_write(record, node->height, node->id);
    bc__key key = bc__key_of(BC__KEY_TIP);
    return bc__database_put(&engine->database, &key, record, sizeof record, error);
}

static bc_status write_switch(bc__engine *engine, const bc__switch *change, bc_error *error)
{
    bc_status status = BC_OK;
    if (engine->settings.tx_durability != BC_TX_MEMORY) {
        status = write_returning(engine, change, error);
    }
    for (bc__waiting *at = engine->mempool.oldest; status == BC_OK && at != NULL; at = at->newer) {
        if (at->leaving && at->stored) {
            bc__key gone = bc__key_of_number(BC__KEY_WAITING, at->sequence);
            status = bc__database_remove(&engine->database, &gone, error);
        }
    }
    return status == BC_OK ? write_tip(engine, change, error) : status;
}

/* Our own block's transactions leave, its reward aside, which is the last and never waited. */
static void mark_own(bc__engine *engine, const bc_block *block)
{
    uint32_t count = block->tx_count;
    while (count > 0 && bc__engine_rules(engine)->is_reward(engine->params, block, count - 1)) {
        count--;
    }
    bc__mempool_mark_block(&engine->mempool, block, count);
}

bc_status bc__switch_prepare(bc__engine *engine, bc__switch *change, uint32_t new_tip,
                             const bc_block *block, bool staged, bc__account_plan *plan,
                             bc_error *error)
{
    uint32_t old_tip = bc__tree_tip(&engine->tree);
    uint32_t fork = bc__tree_fork(&engine->tree, old_tip, new_tip);
    const bc__stretch leaving = {fork, old_tip, NULL};
    const bc__stretch coming = {fork, new_tip, block};
    *change = (bc__switch){.old_tip = old_tip, .new_tip = new_tip, .staged = staged, .plan = plan};
    change->point = bc__mempool_here(&engine->mempool);
    comparison with = {
        .engine = engine,
        .change = change,
        .bytes = engine->mempool.bytes,
        .sequence = staged ? bc__staged_waiting_first(engine) : engine->next_sequence + 1,
    };
    bc_status status = BC_OK;
    if (bc__tree_reserve(&engine->tree, 0, bc__tree_node(&engine->tree, new_tip)->height) !=
        BC__OK) {
        return bc__fail_memory(error);
    }
    if (engine->mempool.by_fee) {
        status = bc__switch_by_fee(engine, change, &leaving, &coming, error);
        return status == BC_OK ? write_tip(engine, change, error) : status;
    }
    bc__tally_init(&with.tally, bc__engine_heap(engine));
    if (block != NULL && block->maker == engine->published->number) {
        mark_own(engine, block);
    }
    if (fork != old_tip || engine->mempool.returned_count > 0) {
        status = compare(&with, &leaving, &coming, error);
    }
    if (status == BC_OK) {
        status = write_switch(engine, change, error);
    }
    bc__tally_free(&with.tally);
    return status;
}

void bc__switch_drop(bc__engine *engine, bc__switch *change)
{
    while (change->returning != NULL) {
        bc__waiting *waiting = change->returning;
        change->returning = waiting->newer;
        bc__waiting_free(bc__engine_heap(engine), waiting);
    }
    change->returning_last = NULL;
    if (engine->mempool.by_fee) {
        bc__mempool_go_back(&engine->mempool, change->point);
    } else {
        bc__mempool_unmark_all(&engine->mempool);
    }
}

void bc__switch_apply(bc__engine *engine, bc__switch *change)
{
    bc__mempool_remove_marked(&engine->mempool);
    while (change->returning != NULL) {
        bc__waiting *waiting = change->returning;
        change->returning = waiting->newer;
        if (waiting->sequence >= engine->next_sequence) {
            engine->next_sequence = waiting->sequence + 1;
        }
        bc__mempool_add(&engine->mempool, waiting);
    }
    change->returning_last = NULL;
    engine->next_sequence += change->numbers;
    bc__tree_set_tip(&engine->tree, change->new_tip);
    if (bc__tree_fork(&engine->tree, change->old_tip, change->new_tip) != change->old_tip) {
        bc__engine_note_side(engine, 0); /* found exactly when it is looked for */
    }
    atomic_fetch_add_explicit(&engine->published->tips, 1, memory_order_acq_rel);
    bc__change event = {change->old_tip, change->new_tip, change->returned, change->dropped};
    if (engine->settings.event != NULL) {
        bc__events_push(&engine->events, &event);
    }
}
