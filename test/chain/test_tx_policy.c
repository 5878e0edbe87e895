/* The engine with a mempool by fee: what is written, what a failed commit leaves, opening, age, and what
 * a template takes. The rules are the tutorial's with accounts put on top: a record says
 * {"amount": FEE, "recipient": NONCE, "sender": SENDER}, and each account is what the test says. */
#include "test/support/engine_fixture.h"

#include "src/api/handle.h"
#include "test/support/counting_heap.h"
#include "test/support/test_store.h"

enum { SENDERS = 4, DAY = 1000 };

typedef struct bench {
    counting_heap counter;
    test_store store;
    bc__rules rules;
    bc_params *params;
    bc__settings settings;
    bc__account accounts[SENDERS];
    bool fails;
    int64_t now;
    bc_chain *chain;
} bench;

static void read_fields(bc_tx_fields *fields, const uint8_t *bytes, size_t length)
{
    char text[1024] = {0};
    unsigned long long fee;
    unsigned long long nonce;
    unsigned sender;
    assert_true(length < sizeof text);
    memcpy(text, bytes, length);
    assert_int_equal(sscanf(text, "{\"amount\": %llu, \"recipient\": \"%llu%*[x]", &fee, &nonce),
                     2);
    assert_int_equal(sscanf(strstr(text, "sender"), "sender\": \"%u", &sender), 1);
    *fields = (bc_tx_fields)BC_TX_FIELDS_INIT;
    fields->kind = BC_TX_SIGNED;
    fields->fee = fee;
    fields->nonce = nonce;
    fields->sender[0] = (uint8_t)sender;
}

static bc_status account_of(void *context, bc__account *account, const uint8_t key[32],
                            bc_error *error)
{
    const bench *with = context;
    *account = with->accounts[key[0]];
    if (with->fails && error != NULL) {
        error->code = BC_ERR_STORE;
    }
    return with->fails ? BC_ERR_STORE : BC_OK;
}

static int64_t clock_of(void *context)
{
    return ((const bench *)context)->now;
}

static bc_status try_open(bench *with)
{
    bc_clock clock = BC_CLOCK_INIT;
    bc_chain *chain = calloc(1, sizeof *chain);
    bc__engine *engine = &chain->engine;
    assert_non_null(chain);
    clock.context = with;
    clock.wall = clock_of;
    clock.monotonic = clock_of;
    engine->params = with->params;
    engine->handle = chain;
    engine->clock = clock;
    engine->settings = with->settings;
    engine->account = account_of;
    engine->account_context = with;
    bc__database_init(&engine->database, &with->store.outer, bc__engine_heap(engine));
    assert_int_equal(bc__published_new(&engine->published, &with->params->origin, NULL), BC_OK);
    bc_status status = bc__engine_open(engine, NULL);
    if (status != BC_OK) {
        bc__database_close(&engine->database);
        bc__published_unref(engine->published);
        free(chain);
        return status;
    }
    assert_int_equal(bc__sync_open(&chain->sync, engine, NULL, NULL), BC_OK);
    with->chain = chain;
    return BC_OK;
}

static void shut(bench *with)
{
    bc__sync_close(&with->chain->sync);
    (void)bc__engine_close(&with->chain->engine, NULL);
    bc__database_close(&with->chain->engine.database);
    bc__published_unref(with->chain->engine.published);
    free(with->chain);
}

static void setup(bench *with, uint64_t mempool_bytes)
{
    memset(with, 0, sizeof *with);
    with->counter = (counting_heap)COUNTING_HEAP_ENDLESS;
    bc_allocator allocator = counting_heap_public(&with->counter);
    test_store_init(&with->store);
    with->params = fixture_params(0, &allocator);
    with->rules = bc__tutorial_rules;
    with->rules.capabilities |= BC__CAN_IDENTIFY_TX | BC__HAS_ACCOUNTS;
    with->rules.tx_fields = read_fields;
    with->params->rules = &with->rules;
    with->settings = (bc__settings){
        .threads = 1,
        .tx_durability = BC_TX_BEFORE_RETURN,
        .reply_bytes = BC_NONE,
        .mempool_bytes = mempool_bytes,
        .mempool_sender_count = 10,
        .mempool_age_us = DAY,
        .commit_bytes = 1 << 24,
        .max_reorg_depth = BC_NONE,
        .peers = 10,
    };
    for (size_t at = 0; at < SENDERS; at++) {
        with->accounts[at].balance = 1000000;
    }
    assert_int_equal(try_open(with), BC_OK);
}

static void teardown(bench *with)
{
    shut(with);
    test_store_free(&with->store);
    bc_params_unref(with->params);
    assert_int_equal(with->counter.held, 0);
}

static bc_tx *tx_of(const bench *with, unsigned sender, unsigned nonce, unsigned fee, int padding)
{
    char json[1024];
    char text[512] = {0};
    bc_tx *tx;
    memset(text, 'x', (size_t)padding);
    snprintf(json, sizeof json, "{\"sender\":\"%u\",\"recipient\":\"%u%s\",\"amount\":%u}", sender,
             nonce, text, fee);
    assert_int_equal(bc_tx_from_json(&tx, with->params, json, strlen(json), NULL), BC_OK);
    return tx;
}

static bc_status try_padded(bench *with, bc__outcome *outcome, unsigned sender, unsigned nonce,
                            unsigned fee, int padding)
{
    bc_error error = BC_ERROR_INIT;
    bc_tx *tx = tx_of(with, sender, nonce, fee, padding);
    bc_status status =
        bc_chain_submit_tx(with->chain, &outcome->verdict, &outcome->reason, tx, &error);
    assert_int_equal(error.code, status);
    bc_tx_unref(tx);
    return status;
}

static void submit(bench *with, unsigned sender, unsigned nonce, unsigned fee, uint32_t verdict,
                   uint32_t reason)
{
    bc__outcome outcome;
    assert_int_equal(try_padded(with, &outcome, sender, nonce, fee, 0), BC_OK);
    assert_int_equal(outcome.verdict, verdict);
    assert_int_equal(outcome.reason, reason);
}

static void accept(bench *with, unsigned sender, unsigned nonce, unsigned fee)
{
    submit(with, sender, nonce, fee, BC_VERDICT_ACCEPTED, BC_REASON_NONE);
}

static bc_status note(void *context, bc_tx *tx)
{
    char *text = context;
    size_t used = strlen(text);
    bc_tx_fields fields;
    read_fields(&fields, tx->bytes, tx->length);
    snprintf(text + used, 256 - used, "%s%u:%u=%u", used == 0 ? "" : " ",
             (unsigned)fields.sender[0], (unsigned)fields.nonce, (unsigned)fields.fee);
    return BC_OK;
}

/* What waits, in the order in which it would be mined, as "SENDER:NONCE=FEE", and that the store holds as
 * many. */
static void assert_waiting(bench *with, const char *expected, size_t stored)
{
    char text[256] = {0};
    assert_int_equal(bc_chain_mempool(with->chain, note, text, NULL), BC_OK);
    assert_string_equal(text, expected);
    assert_int_equal(test_store_count(&with->store, BC__KEY_WAITING), stored);
}

static void reasons_reach_the_caller(void **state)
{
    (void)state;
    bench with;
    setup(&with, BC_NONE);
    accept(&with, 1, 0, 100);
    submit(&with, 1, 0, 100, BC_VERDICT_KNOWN, BC_REASON_KNOWN);
    submit(&with, 1, 0, 109, BC_VERDICT_REFUSED, BC_REASON_REPLACEMENT);
    submit(&with, 1, 2, 100, BC_VERDICT_REFUSED, BC_REASON_NONCE);
    submit(&with, 2, 0, 1000001, BC_VERDICT_REFUSED, BC_REASON_BALANCE);
    for (unsigned nonce = 0; nonce < 10; nonce++) {
        accept(&with, 3, nonce, 1);
    }
    submit(&with, 3, 10, 1, BC_VERDICT_REFUSED, BC_REASON_SENDER_LIMIT);
    with.fails = true;
    bc__outcome outcome;
    assert_int_equal(try_padded(&with, &outcome, 2, 0, 5, 0), BC_ERR_STORE);
    assert_int_equal(outcome.verdict, BC_VERDICT_NONE);
    assert_int_equal(fixture_info(with.chain).mempool_count, 11);
    assert_int_equal(fixture_info(with.chain).mempool_bytes, with.chain->engine.mempool.bytes);
    teardown(&with);
}

static void what_leaves_is_removed_from_the_store(void **state)
{
    (void)state;
    bench with;
    setup(&with, BC_NONE);
    accept(&with, 1, 0, 100);
    accept(&with, 1, 1, 900);
    accept(&with, 2, 0, 200);
    accept(&with, 2, 0, 220);
    assert_waiting(&with, "2:0=220 1:0=100 1:1=900", 3);
    with.chain->engine.mempool.limit = with.chain->engine.mempool.bytes;
    submit(&with, 3, 0, 100, BC_VERDICT_REFUSED, BC_REASON_MEMPOOL_FULL);
    accept(&with, 3, 0, 150);
    assert_waiting(&with, "2:0=220 3:0=150", 2);
    teardown(&with);
}

static void a_commit_that_fails_leaves_everything_as_it_was(void **state)
{
    (void)state;
    bench with;
    bc__outcome outcome;
    setup(&with, BC_NONE);
    accept(&with, 1, 0, 100);
    accept(&with, 1, 1, 900);
    accept(&with, 2, 0, 200);
    with.chain->engine.mempool.limit = with.chain->engine.mempool.bytes;
    uint64_t bytes = with.chain->engine.mempool.bytes;
    for (unsigned round = 0; round < 2; round++) {
        test_store_plan(&with.store, TEST_STORE_COMMIT, 1, false, BC_ERR_STORE, false);
        /* A replacement, then an eviction. */
        assert_int_equal(try_padded(&with, &outcome, 1 + round * 2, 0, 150, 0), BC_ERR_STORE);
        assert_int_equal(outcome.verdict, BC_VERDICT_NONE);
        test_store_calm(&with.store);
        assert_waiting(&with, "2:0=200 1:0=100 1:1=900", 3);
        assert_int_equal(with.chain->engine.mempool.bytes, bytes);
    }
    assert_int_equal(with.chain->engine.database.pending_count, 0);
    accept(&with, 3, 0, 150);
    assert_waiting(&with, "2:0=200 3:0=150", 2);
    teardown(&with);
}

static void want_of_memory_leaves_everything_as_it_was(void **state)
{
    (void)state;
    bench with;
    bc__outcome outcome;
    bc_status status = BC_ERR_MEMORY;
    setup(&with, BC_NONE);
    accept(&with, 1, 0, 100);
    accept(&with, 1, 1, 900);
    with.chain->engine.mempool.limit = with.chain->engine.mempool.bytes;
    size_t left = 0;
    bc_tx *tx = tx_of(&with, 2, 0, 200, 0);
    for (; status != BC_OK; left++) {
        assert_waiting(&with, "1:0=100 1:1=900", 2);
        with.counter.left = left;
        status = bc_chain_submit_tx(with.chain, &outcome.verdict, &outcome.reason, tx, NULL);
        with.counter.left = SIZE_MAX;
        assert_true(status == BC_OK || status == BC_ERR_MEMORY);
    }
    assert_true(left > 4);
    bc_tx_unref(tx);
    assert_waiting(&with, "2:0=200", 1);
    teardown(&with);
}

/* Wherever memory runs out between what comes and what leaves, and however much is pending already. */
static void what_is_half_written_is_not_pending(void **state)
{
    (void)state;
    for (unsigned others = 10; others < 20; others++) {
        bench with;
        bc__outcome outcome;
        bc_status status = BC_ERR_MEMORY;
        setup(&with, BC_NONE);
        bc__engine *engine = &with.chain->engine;
        engine->settings.tx_durability = BC_TX_NEXT_COMMIT;
        accept(&with, 1, 0, 100);
        for (unsigned at = 0; at < others; at++) {
            accept(&with, 2 + at / 10, at % 10, 9000);
        }
        engine->mempool.limit = engine->mempool.bytes;
        uint32_t pending = engine->database.pending_count;
        bc_tx *tx = tx_of(&with, 0, 0, 200, 0);
        for (size_t left = 0; status != BC_OK; left++) {
            assert_int_equal(engine->mempool.count, others + 1);
            assert_int_equal(engine->database.pending_count, pending);
            with.counter.left = left;
            status = bc_chain_submit_tx(with.chain, &outcome.verdict, &outcome.reason, tx, NULL);
            with.counter.left = SIZE_MAX;
        }
        bc_tx_unref(tx);
        assert_int_equal(engine->mempool.count, others + 1);
        assert_int_equal(bc_chain_tick(with.chain, NULL, NULL), BC_OK);
        assert_int_equal(test_store_count(&with.store, BC__KEY_WAITING), others + 1);
        teardown(&with);
    }
}

static void an_opening_brings_back_what_still_holds(void **state)
{
    (void)state;
    bench with;
    setup(&with, BC_NONE);
    for (unsigned nonce = 0; nonce < 4; nonce++) {
        accept(&with, 1, nonce, 100 + nonce);
    }
    accept(&with, 1, 1, 200); /* numbered behind those that follow it */
    accept(&with, 2, 0, 50);
    shut(&with);
    with.fails = true;
    assert_int_equal(try_open(&with), BC_ERR_STORE);
    with.fails = false;
    assert_int_equal(try_open(&with), BC_OK);
    assert_waiting(&with, "1:0=100 1:1=200 1:2=102 1:3=103 2:0=50", 5);
    shut(&with);
    with.accounts[1] = (bc__account){.balance = 302, .nonce = 1};
    assert_int_equal(try_open(&with), BC_OK);
    assert_waiting(&with, "1:1=200 1:2=102 2:0=50", 5);
    accept(&with, 3, 0, 10); /* commits what the opening found */
    assert_waiting(&with, "1:1=200 1:2=102 2:0=50 3:0=10", 4);
    with.settings.mempool_bytes = with.chain->engine.mempool.bytes / 2 + 8; /* room for two */
    shut(&with);
    assert_int_equal(try_open(&with), BC_OK);
    assert_waiting(&with, "1:1=200 1:2=102", 2);
    teardown(&with);
}

static void the_old_leave_with_a_tick(void **state)
{
    (void)state;
    bench with;
    int64_t next;
    setup(&with, BC_NONE);
    accept(&with, 1, 0, 100);
    with.now = 600;
    accept(&with, 2, 0, 100);
    assert_int_equal(bc_chain_tick(with.chain, &next, NULL), BC_OK);
    assert_int_equal(next, 400);
    with.now = 1000;
    with.counter.left = 0; /* the commit fails, and comes again */
    assert_int_equal(bc_chain_tick(with.chain, &next, NULL), BC_ERR_MEMORY);
    with.counter.left = SIZE_MAX;
    assert_waiting(&with, "2:0=100", 2);
    assert_int_equal(bc_chain_tick(with.chain, &next, NULL), BC_OK);
    assert_int_equal(next, 600);
    assert_waiting(&with, "2:0=100", 1);
    with.now = 1600;
    assert_int_equal(bc_chain_tick(with.chain, &next, NULL), BC_OK);
    assert_int_equal(next, INT64_MAX);
    assert_waiting(&with, "", 0);
    teardown(&with);
}

static void the_old_stay_where_their_removal_can_not_be_written(void **state)
{
    (void)state;
    enum { MANY = 200 };
    bench with;
    setup(&with, BC_NONE);
    with.chain->engine.mempool.sender_limit = MANY;
    for (unsigned nonce = 0; nonce < MANY; nonce++) {
        accept(&with, 1, nonce, 1);
    }
    with.now = DAY;
    with.counter.left = 0;
    assert_int_equal(bc_chain_tick(with.chain, NULL, NULL), BC_ERR_MEMORY);
    with.counter.left = SIZE_MAX;
    assert_int_equal(with.chain->engine.mempool.count, MANY);
    assert_int_equal(with.chain->engine.database.pending_count, 0);
    assert_int_equal(bc_chain_tick(with.chain, NULL, NULL), BC_OK);
    assert_waiting(&with, "", 0);
    teardown(&with);
}

/* Fees of what a template takes, in order. */
static void assert_template(bench *with, const char *expected)
{
    char text[256] = {0};
    bc_work *work;
    assert_int_equal(bc_chain_work(with->chain, &work, NULL, NULL), BC_OK);
    for (size_t at = 0; at < work->template.tx_count; at++) {
        (void)note(text, work->template.txs[at]);
    }
    bc_work_unref(work);
    assert_string_equal(text, expected);
}

static void a_template_takes_the_best_that_fit(void **state)
{
    (void)state;
    bench with;
    bc__outcome outcome;
    setup(&with, BC_NONE);
    assert_template(&with, "");
    assert_int_equal(bc_params_set_limit(with.params, BC_LIMIT_BLOCK_BYTES, 1024, NULL), BC_OK);
    assert_int_equal(try_padded(&with, &outcome, 1, 0, 90000, 390), BC_OK);
    assert_int_equal(try_padded(&with, &outcome, 2, 0, 80000, 390), BC_OK);
    accept(&with, 2, 1, 900000);
    accept(&with, 3, 0, 300);
    accept(&with, 3, 1, 200);
    accept(&with, 0, 0, 250);
    /* 2:0 has no room behind 1:0, so 2:1 can't follow; the others still can. */
    assert_template(&with, "1:0=90000 3:0=300 0:0=250 3:1=200");
    for (size_t left = 0; left < 3; left++) {
        bc_work *work;
        with.counter.left = left;
        assert_int_equal(bc_chain_work(with.chain, &work, NULL, NULL), BC_ERR_MEMORY);
        with.counter.left = SIZE_MAX;
    }
    teardown(&with);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reasons_reach_the_caller),
        cmocka_unit_test(what_leaves_is_removed_from_the_store),
        cmocka_unit_test(a_commit_that_fails_leaves_everything_as_it_was),
        cmocka_unit_test(want_of_memory_leaves_everything_as_it_was),
        cmocka_unit_test(what_is_half_written_is_not_pending),
        cmocka_unit_test(an_opening_brings_back_what_still_holds),
        cmocka_unit_test(the_old_leave_with_a_tick),
        cmocka_unit_test(the_old_stay_where_their_removal_can_not_be_written),
        cmocka_unit_test(a_template_takes_the_best_that_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
