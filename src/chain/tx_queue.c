/* Transactions that are handed in. Submitters queue; the first of them takes the lock and writes for all
 * who came until then in one commit, and the first of those who came meanwhile is the next. */
#include <string.h>

#include "src/base/error.h"
#include "src/chain/engine.h"

struct bc__submission {
    bc_tx *tx;
    bc__outcome outcome;
    bc_status status;
    bc_error error;
    bc__waiting *waiting; /* prepared, to be added after the commit; NULL where it is by fee */
    bool done;
    bc__submission *next;
};

/* Whether any block could hold it. */
static bool fits_block(const bc__engine *engine, const bc_tx *tx)
{
    const bc__rules *rules = bc__engine_rules(engine);
    const bc__template frame = {.recipient_length = 0};
    uint64_t used = rules->template_bytes(engine->params, &frame) + rules->tx_overhead;
    uint64_t most = bc__engine_block_bytes(engine);
    return used <= most && tx->length <= most - used;
}

/* Locked. In order of arrival: prepared, and added once it is committed. */
static void prepare_next(bc__engine *engine, bc__submission *submission, uint64_t *bytes)
{
    uint64_t cost = bc__mempool_cost(&engine->mempool, submission->tx);
    if (!bc__mempool_has_room(&engine->mempool, *bytes, cost)) {
        submission->outcome = (bc__outcome){BC_VERDICT_REFUSED, BC_REASON_MEMPOOL_FULL};
        return;
    }
    submission->waiting =
        bc__waiting_new(bc__engine_heap(engine), submission->tx, engine->next_sequence, false);
    if (submission->waiting == NULL) {
        submission->status = bc__fail_memory(&submission->error);
        return;
    }
    if (engine->settings.tx_durability != BC_TX_MEMORY) {
        submission->status =
            bc__engine_write_waiting(engine, submission->waiting, &submission->error);
    }
    if (submission->status == BC_OK) {
        engine->next_sequence++;
        *bytes += cost;
    }
}

/* Locked. By fee: added at once, so that the next one is judged behind it, and taken back where the
 * commit fails. */
static void add_by_fee(bc__engine *engine, bc__submission *submission)
{
    bc__mempool *mempool = &engine->mempool;
    bc__mempool_point point = bc__mempool_here(mempool);
    uint32_t mark = bc__database_mark(&engine->database);
    bc_error *error = &submission->error;
    bc_tx *tx = submission->tx;
    bc_tx_fields fields = BC_TX_FIELDS_INIT;
    bc__waiting *waiting;
    bc__account account;
    if (bc__mempool_find(mempool, tx->id) != NULL) {
        submission->outcome = (bc__outcome){BC_VERDICT_KNOWN, BC_REASON_KNOWN};
        return;
    }
    bc__engine_rules(engine)->tx_fields(&fields, tx->bytes, tx->length);
    submission->status = bc__accounts_get(&engine->accounts, &account, fields.sender, error);
    if (submission->status != BC_OK) {
        return;
    }
    submission->status = bc__fee_prepare(mempool, &waiting, tx, &fields, engine->next_sequence,
                                         false, bc__clock_monotonic(&engine->clock), error);
    if (submission->status != BC_OK) {
        return;
    }
    uint32_t reason = bc__fee_judge(mempool, waiting, &account);
    if (reason != BC_REASON_NONE) {
        bc__fee_discard(mempool, waiting);
        submission->outcome = (bc__outcome){BC_VERDICT_REFUSED, reason};
        return;
    }
    if (engine->settings.tx_durability != BC_TX_MEMORY) {
        submission->status = bc__engine_write_waiting(engine, waiting, error);
    }
    if (submission->status == BC_OK) {
        submission->status = bc__engine_write_marked(engine, point, error);
    }
    if (submission->status != BC_OK) {
        bc__database_rollback(&engine->database, mark);
        bc__mempool_go_back(mempool, point);
        bc__fee_discard(mempool, waiting);
        return;
    }
    engine->next_sequence++;
    bc__mempool_add(mempool, waiting);
    submission->outcome = (bc__outcome){BC_VERDICT_ACCEPTED, BC_REASON_NONE};
}

/* Locked. Judges by the mempool's policy and prepares; writes unless the mempool lives in memory alone. */
static void prepare(bc__engine *engine, bc__submission *submission, uint64_t *bytes)
{
    submission->status = BC_OK;
    if (engine->database.poisoned) {
        submission->status = bc__fail_poisoned(&submission->error);
    } else if (!fits_block(engine, submission->tx)) {
        submission->outcome = (bc__outcome){BC_VERDICT_REFUSED, BC_REASON_SIZE};
    } else if (engine->mempool.by_fee) {
        add_by_fee(engine, submission);
    } else {
        prepare_next(engine, submission, bytes);
    }
}

/* Locked. What was prepared becomes real, or not. */
static void settle(bc__engine *engine, bc__submission *submission, bc_status status,
                   const bc_error *error)
{
    if (submission->status == BC_OK && status != BC_OK) {
        submission->status = status;
        submission->error = *error;
        submission->outcome = (bc__outcome){BC_VERDICT_NONE, BC_REASON_NONE};
    }
    if (submission->waiting != NULL) {
        if (submission->status == BC_OK) {
            bc__mempool_add(&engine->mempool, submission->waiting);
            submission->outcome = (bc__outcome){BC_VERDICT_ACCEPTED, BC_REASON_NONE};
        } else {
            bc__waiting_free(bc__engine_heap(engine), submission->waiting);
        }
        submission->waiting = NULL;
    }
}

/* Locked. The same for what was added already. */
static void settle_by_fee(bc__engine *engine, bc_status status)
{
    if (engine->mempool.by_fee && status == BC_OK) {
        bc__mempool_remove_marked(&engine->mempool);
    } else if (engine->mempool.by_fee) {
        bc__mempool_unmark_all(&engine->mempool);
    }
}

/* Locked. Handles everybody who waits, and gives them, not done yet. */
static bc__submission *handle_all(bc__engine *engine)
{
    (void)pthread_mutex_lock(&engine->queue_lock);
    bc__submission *first = engine->queue_first;
    engine->queue_first = NULL;
    engine->queue_last = NULL;
    (void)pthread_mutex_unlock(&engine->queue_lock);
    uint64_t bytes = engine->mempool.bytes;
    uint32_t mark = bc__database_mark(&engine->database);
    for (bc__submission *at = first; at != NULL; at = at->next) {
        prepare(engine, at, &bytes);
    }
    bc_error error = {0};
    bc_status status = BC_OK;
    if (engine->settings.tx_durability == BC_TX_BEFORE_RETURN ||
        engine->database.pending_bytes >= engine->settings.commit_bytes) {
        status = bc__engine_commit(engine, mark, true, &error);
    }
    settle_by_fee(engine, status);
    for (bc__submission *at = first; at != NULL; at = at->next) {
        settle(engine, at, status, &error);
    }
    return first;
}

/* Queues, and waits until some thread has handled it: this one, when nobody else is about to. Those who
 * wait need the engine's lock at no time, so whoever leads next finds all that came meanwhile. */
static void submit_and_wait(bc__engine *engine, bc__submission *submission)
{
    (void)pthread_mutex_lock(&engine->queue_lock);
    /* It stays in the submitter's frame, who leaves only after it was taken out.
     * cppcheck-suppress autoVariables */
    *(engine->queue_last == NULL ? &engine->queue_first : &engine->queue_last->next) = submission;
    engine->queue_last = submission;
    while (!submission->done && engine->queue_led) {
        (void)pthread_cond_wait(&engine->queue_served, &engine->queue_lock);
    }
    if (!submission->done) {
        engine->queue_led = true;
        (void)pthread_mutex_unlock(&engine->queue_lock);
        (void)bc__engine_enter(engine, NULL);
        bc__submission *handled = handle_all(engine);
        bc__engine_leave(engine);
        (void)pthread_mutex_lock(&engine->queue_lock);
        for (; handled != NULL; handled = handled->next) {
            handled->done = true; /* and gone, once the lock is let go */
        }
        engine->queue_led = false;
        (void)pthread_cond_broadcast(&engine->queue_served);
    }
    (void)pthread_mutex_unlock(&engine->queue_lock);
}

/* With no lock held: what the network demands of a transaction alone. */
static bc_status judge_alone(bc__engine *engine, bc__outcome *outcome, bc_tx *tx, bc_error *error)
{
    bc__view view;
    bc__tx_verdict verdict = {BC_REASON_NONE, 0};
    bc_tx_fields fields = BC_TX_FIELDS_INIT;
    bc__engine_rules(engine)->tx_fields(&fields, tx->bytes, tx->length);
    if (fields.kind != BC_TX_SIGNED) {
        (void)bc__fail(error, BC_OK, "a reward comes with its block, never by itself");
        *outcome = (bc__outcome){BC_VERDICT_INVALID, BC_REASON_REWARD_PLACE};
        return BC_OK;
    }
    bc__published_read(engine->published, &view);
    const bc__tx_checks checks = {
        .height = view.height + 1, .threads = 1, .host = &engine->settings.host_rules};
    bc__engine_visit(engine);
    bc_status status = bc__signatures_check_tx(&engine->signatures, &verdict, tx, &checks, error);
    bc__engine_visited(engine);
    if (status == BC_OK && verdict.reason != BC_REASON_NONE) {
        *outcome = (bc__outcome){BC_VERDICT_INVALID, verdict.reason};
    }
    return status;
}

bc_status bc__engine_submit_tx(bc__engine *engine, bc__outcome *outcome, bc_tx *tx, bc_error *error)
{
    bc__submission submission = {.tx = tx};
    *outcome = (bc__outcome){BC_VERDICT_NONE, BC_REASON_NONE};
    bc_status status = bc__engine_check_thread(engine, error); /* a callback must not queue */
    if (status != BC_OK) {
        return status;
    }
    if ((bc__engine_rules(engine)->capabilities & BC__HAS_ACCOUNTS) != 0) {
        status = judge_alone(engine, outcome, tx, error);
        if (status != BC_OK || outcome->verdict != BC_VERDICT_NONE) {
            return status;
        }
    }
    submit_and_wait(engine, &submission);
    *outcome = submission.outcome;
    if (submission.status != BC_OK && error != NULL) {
        *error = submission.error;
    }
    return submission.status;
}
