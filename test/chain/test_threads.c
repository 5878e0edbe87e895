/* Many threads on one chain: shared commits, a block for each miner, readers that never wait for the
 * store, interrupts, and callbacks of the store that call back. Threads collect what they find; only the
 * main thread asserts. */
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include "test/support/engine_fixture.h"
#include "test/support/test_store.h"

enum { THREADS = 8, EACH = 25 };

static void sleep_us(long microseconds)
{
    const struct timespec time = {0, microseconds * 1000};
    (void)nanosleep(&time, NULL);
}

/* What a thread works with. */
typedef struct worker {
    pthread_t thread;
    bc_chain *chain;
    bc_params *params;
    atomic_uint *failures;
    atomic_bool *stop;
    unsigned number;
    bc_block *mined[EACH];
    size_t reads;
    bc_status status;
} worker;

static void note(worker *with, bool good)
{
    if (!good) {
        atomic_fetch_add(with->failures, 1);
    }
}

static void *run_submit_tx(void *context)
{
    worker *with = context;
    for (unsigned at = 0; at < EACH; at++) {
        char json[96];
        bc_tx *tx;
        uint32_t verdict;
        int length =
            snprintf(json, sizeof json, "{\"amount\": %u, \"recipient\": \"r\", \"sender\": \"s\"}",
                     with->number * 1000 + at);
        note(with, bc_tx_from_json(&tx, with->params, json, (size_t)length, NULL) == BC_OK);
        note(with, bc_chain_submit_tx(with->chain, &verdict, NULL, tx, NULL) == BC_OK &&
                       verdict == BC_VERDICT_ACCEPTED);
        bc_tx_unref(tx);
    }
    return NULL;
}

static void *run_mine(void *context)
{
    worker *with = context;
    for (unsigned at = 0; at < EACH; at++) {
        note(with, bc_chain_mine(with->chain, &with->mined[at], NULL, NULL) == BC_OK);
    }
    return NULL;
}

static void start(worker *workers, size_t count, bc_chain *chain, bc_params *params,
                  atomic_uint *failures, void *(*run)(void *context))
{
    for (size_t at = 0; at < count; at++) {
        workers[at] = (worker){
            .chain = chain, .params = params, .failures = failures, .number = (unsigned)at};
        assert_int_equal(pthread_create(&workers[at].thread, NULL, run, &workers[at]), 0);
    }
}

static void join(worker *workers, size_t count)
{
    for (size_t at = 0; at < count; at++) {
        assert_int_equal(pthread_join(workers[at].thread, NULL), 0);
    }
}

static void sleep_in_commit(void *context, const bc_write *writes, size_t count)
{
    (void)context;
    (void)writes;
    (void)count;
    sleep_us(1000);
}

typedef struct order {
    unsigned next[THREADS]; /* of each thread's transactions, in the order in which it sent them */
    size_t count;
    bool good;
} order;

static bc_status check_order(void *context, bc_tx *tx)
{
    order *with = context;
    unsigned amount = fixture_amount(tx);
    with->good =
        with->good && amount / 1000 < THREADS && with->next[amount / 1000]++ == amount % 1000;
    with->count++;
    return BC_OK;
}

static void submitters_that_wait_together_share_commits(void **state)
{
    (void)state;
    bc_params *params = fixture_params(0, NULL);
    bc_options options = BC_OPTIONS_INIT;
    test_store store;
    worker workers[THREADS];
    atomic_uint failures = 0;
    test_store_init(&store);
    options.tx_durability = BC_TX_BEFORE_RETURN;
    bc_chain *chain = fixture_open(params, &store.outer, &options);
    store.before_commit = sleep_in_commit;
    test_store_plan(&store, TEST_STORE_COMMIT, 0, false, BC_OK, false);
    start(workers, THREADS, chain, params, &failures, run_submit_tx);
    join(workers, THREADS);
    assert_int_equal(failures, 0);
    assert_true(store.calls[TEST_STORE_COMMIT] <= THREADS * EACH / 2);
    assert_true(store.calls[TEST_STORE_COMMIT] >= EACH);
    for (unsigned round = 0; round < 2; round++) {
        order seen = {.good = true};
        assert_int_equal(bc_chain_mempool(chain, check_order, &seen, NULL), BC_OK);
        assert_true(seen.good);
        assert_int_equal(seen.count, THREADS * EACH);
        fixture_close(chain);
        chain = fixture_open(params, &store.outer, &options);
    }
    fixture_close(chain);
    test_store_free(&store);
    bc_params_unref(params);
}

static void miners_at_one_time_get_a_block_each(void **state)
{
    (void)state;
    bc_params *params = fixture_params(1, NULL);
    bc_options options = BC_OPTIONS_INIT;
    fixture_events *events = calloc(1, sizeof *events);
    worker workers[THREADS];
    worker senders[2];
    atomic_uint failures = 0;
    bool seen[THREADS * EACH + 1] = {false};
    size_t records = 0;
    assert_non_null(events);
    options.event = fixture_record_event;
    options.event_context = events;
    bc_chain *chain = fixture_open(params, NULL, &options);
    start(workers, THREADS, chain, params, &failures, run_mine);
    start(senders, 2, chain, params, &failures, run_submit_tx);
    join(workers, THREADS);
    join(senders, 2);
    assert_int_equal(failures, 0);
    assert_int_equal(fixture_height(chain), THREADS * EACH);
    assert_int_equal(fixture_info(chain).blocks, THREADS * EACH + 1);
    for (size_t at = 0; at < THREADS * EACH; at++) {
        bc_block *block = workers[at / EACH].mined[at % EACH];
        uint64_t height = bc_block_height(block);
        assert_true(height >= 1 && height <= THREADS * EACH && !seen[height]);
        seen[height] = true;
        records += bc_block_tx_count(block) - 1;
        bc_block_unref(block);
    }
    assert_int_equal(records + fixture_info(chain).mempool_count, 2 * EACH); /* each once */
    assert_int_equal(bc_chain_verify(chain, NULL, NULL, NULL, NULL), BC_OK);
    assert_int_equal(events->count, 2 * THREADS * EACH);
    for (size_t at = 0; at < events->count; at++) {
        assert_int_equal(events->list[at].sequence, at + 1);
        assert_int_equal(events->list[at].height, at / 2 + 1);
    }
    fixture_close(chain);
    free(events);
    bc_params_unref(params);
}

/* A store whose commit waits until the test lets it go on. */
typedef struct gate {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool closed;
    bool inside;
} gate;

static void wait_in_commit(void *context, const bc_write *writes, size_t count)
{
    gate *with = context;
    (void)writes;
    (void)count;
    (void)pthread_mutex_lock(&with->lock);
    with->inside = true;
    (void)pthread_cond_broadcast(&with->changed);
    while (with->closed) {
        (void)pthread_cond_wait(&with->changed, &with->lock);
    }
    with->inside = false;
    (void)pthread_mutex_unlock(&with->lock);
}

static void *run_mine_one(void *context)
{
    worker *with = context;
    note(with, bc_chain_mine(with->chain, &with->mined[0], NULL, NULL) == BC_OK);
    return NULL;
}

static void readers_do_not_wait_for_the_store(void **state)
{
    (void)state;
    bc_params *params = fixture_params(0, NULL);
    gate with = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};
    test_store store;
    worker miner;
    atomic_uint failures = 0;
    bc_work *work;
    test_store_init(&store);
    bc_chain *chain = fixture_open(params, &store.outer, NULL);
    assert_int_equal(bc_chain_work(chain, &work, NULL, NULL), BC_OK);
    with.closed = true;
    store.before_commit = wait_in_commit;
    store.before_context = &with;
    start(&miner, 1, chain, params, &failures, run_mine_one);
    (void)pthread_mutex_lock(&with.lock);
    while (!with.inside) {
        (void)pthread_cond_wait(&with.changed, &with.lock);
    }
    (void)pthread_mutex_unlock(&with.lock);
    /* The commit will not end before these are done: were they to wait, this would hang. */
    assert_int_equal(fixture_height(chain), 0);
    assert_int_equal(fixture_info(chain).blocks, 1);
    assert_int_equal(bc_work_check(work), BC_OK);
    bc_chain_interrupt(chain);
    (void)pthread_mutex_lock(&with.lock);
    with.closed = false;
    (void)pthread_cond_broadcast(&with.changed);
    (void)pthread_mutex_unlock(&with.lock);
    join(&miner, 1);
    assert_int_equal(failures, 0);
    assert_int_equal(fixture_height(chain), 1);
    assert_int_equal(bc_work_check(work), BC_ERR_STALE);
    bc_work_unref(work);
    bc_block_unref(miner.mined[0]);
    fixture_close(chain);
    test_store_free(&store);
    bc_params_unref(params);
}

static void *run_hopeless(void *context)
{
    worker *with = context;
    with->status = bc_chain_mine(with->chain, &with->mined[0], NULL, NULL);
    atomic_store(with->stop, true);
    return NULL;
}

static void an_interrupt_ends_mining(void **state)
{
    (void)state;
    bc_params *params = fixture_params(64, NULL); /* nobody will find a proof */
    bc_chain *chain = fixture_open(params, NULL, NULL);
    atomic_bool stop = false;
    worker miner = {.chain = chain, .stop = &stop};
    assert_int_equal(pthread_create(&miner.thread, NULL, run_hopeless, &miner), 0);
    while (!atomic_load(&stop)) {
        bc_chain_interrupt(chain);
        sleep_us(100);
    }
    assert_int_equal(pthread_join(miner.thread, NULL), 0);
    assert_int_equal(miner.status, BC_ERR_INTERRUPTED);
    assert_null(miner.mined[0]);
    assert_int_equal(fixture_height(chain), 0);
    fixture_close(chain);
    bc_params_unref(params);
}

/* What each call gave from inside a commit. */
typedef struct intruder {
    bc_chain *chain;
    bc_params *params;
    bool active;
    unsigned calls;
    unsigned refused;
} intruder;

static bc_status ignore_tx(void *context, bc_tx *tx)
{
    (void)context;
    (void)tx;
    return BC_OK;
}

static void call_back(void *context, const bc_write *writes, size_t count)
{
    intruder *with = context;
    bc_block *block;
    bc_buffer *value;
    bc_work *work;
    bc_answer *answer;
    uint8_t id[BC_ID_BYTES] = {0};
    (void)writes;
    (void)count;
    if (!with->active) {
        return;
    }
    with->active = false;
    bc_tx *tx = fixture_tx(with->params, 1);
    bc_block *stranger = fixture_block(with->params, NULL, 1, "", 1);
    const bc_status results[] = {
        bc_chain_block_at(with->chain, &block, 0, NULL),
        bc_chain_block(with->chain, &block, id, NULL),
        bc_chain_find(with->chain, NULL, NULL, id, NULL),
        bc_chain_submit(with->chain, NULL, NULL, stranger, NULL),
        bc_chain_submit_tx(with->chain, NULL, NULL, tx, NULL),
        bc_chain_mempool(with->chain, ignore_tx, NULL, NULL),
        bc_chain_changes(with->chain, NULL, fixture_record_event, NULL, NULL),
        bc_chain_verify(with->chain, NULL, NULL, NULL, NULL),
        bc_chain_set_value(with->chain, "v", id, 1, NULL),
        bc_chain_value(with->chain, &value, "v", NULL),
        bc_chain_mine(with->chain, &block, NULL, NULL),
        bc_chain_work(with->chain, &work, NULL, NULL),
        bc_chain_add_peer(with->chain, "a:1", NULL),
        bc_chain_remove_peer(with->chain, "a:1", NULL),
        bc_chain_tick(with->chain, NULL, NULL),
        bc_chain_serve(with->chain, &answer, NULL, "chain", NULL, 0, NULL),
        bc_chain_resolve(with->chain, NULL, NULL, NULL, NULL),
        bc_chain_close(with->chain, NULL),
    };
    with->calls = sizeof results / sizeof results[0];
    for (size_t at = 0; at < with->calls; at++) {
        with->refused += results[at] == BC_ERR_REENTRANT ? 1 : 0;
    }
    bc_block_unref(stranger);
    bc_tx_unref(tx);
}

static void a_store_that_calls_its_chain_is_refused(void **state)
{
    (void)state;
    bc_params *params = fixture_params(0, NULL);
    test_store store;
    intruder with = {.params = params};
    test_store_init(&store);
    store.before_commit = call_back;
    store.before_context = &with;
    bc_chain *chain = fixture_open(params, &store.outer, NULL);
    with.chain = chain;
    with.active = true;
    fixture_mine(chain);
    assert_true(with.calls > 0);
    assert_int_equal(with.refused, with.calls);
    assert_int_equal(fixture_height(chain), 1);
    assert_mempool(chain, "");
    fixture_close(chain);
    test_store_free(&store);
    bc_params_unref(params);
}

static void *run_read(void *context)
{
    worker *with = context;
    uint64_t last = 0;
    while (!atomic_load(with->stop)) {
        uint64_t height = 0;
        bc_block *block;
        note(with, bc_chain_tip(with->chain, &height, NULL, NULL) == BC_OK && height >= last);
        last = height;
        note(with, bc_chain_block_at(with->chain, &block, height, NULL) == BC_OK);
        bc_block_unref(block);
        with->reads++;
    }
    return NULL;
}

/* Replacements back and forth, with readers, a verifier's pins and submitters beside them. */
static void replacements_among_readers_and_submitters(void **state)
{
    (void)state;
    enum { ROUNDS = 20, STEP = 5 };
    bc_params *params = fixture_params(0, NULL);
    bc_options options = BC_OPTIONS_INIT;
    worker reader = {0};
    worker senders[2];
    atomic_uint failures = 0;
    atomic_bool stop = false;
    options.commit_bytes = 500;
    bc_chain *chain = fixture_open(params, NULL, &options);
    reader = (worker){.chain = chain, .failures = &failures, .stop = &stop};
    assert_int_equal(pthread_create(&reader.thread, NULL, run_read, &reader), 0);
    start(senders, 2, chain, params, &failures, run_submit_tx);
    for (unsigned round = 1; round <= ROUNDS; round++) {
        bc_block *blocks[ROUNDS * STEP];
        fixture_branch(params, blocks, round * STEP, NULL, round);
        fixture_submit_chain(chain, blocks, round * STEP, BC_VERDICT_ACCEPTED, BC_REASON_NONE);
        assert_int_equal(bc_chain_verify(chain, NULL, NULL, NULL, NULL), BC_OK);
        fixture_unref_all(blocks, round * STEP);
    }
    join(senders, 2);
    atomic_store(&stop, true);
    join(&reader, 1);
    assert_int_equal(failures, 0);
    assert_int_equal(fixture_height(chain), ROUNDS * STEP - 1);
    assert_int_equal(fixture_info(chain).mempool_count, 2 * EACH);
    assert_int_equal(bc_chain_tick(chain, NULL, NULL), BC_OK);
    assert_int_equal(fixture_info(chain).blocks, ROUNDS * STEP);
    fixture_close(chain);
    bc_params_unref(params);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(submitters_that_wait_together_share_commits),
        cmocka_unit_test(miners_at_one_time_get_a_block_each),
        cmocka_unit_test(readers_do_not_wait_for_the_store),
        cmocka_unit_test(an_interrupt_ends_mining),
        cmocka_unit_test(a_store_that_calls_its_chain_is_refused),
        cmocka_unit_test(replacements_among_readers_and_submitters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
