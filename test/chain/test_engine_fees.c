/* The engine with a mempool by fee, under the ledger's rules: what is written, what a failed commit leaves,
 * opening, age, what a template takes, and what a reorganisation gives back. */
#include "test/support/engine_fixture.h"

#include "src/api/handle.h"
#include "test/rules/ledger_fixture.h"
#include "test/support/counting_heap.h"
#include "test/support/test_store.h"

enum { SENDERS = 4, MOST_AGE = 1000, MANY = 200 };

typedef struct bench {
    counting_heap counter;
    test_store store;
    bc_params *params;
    bc_options options;
    bc_clock clock;
    int64_t now; /* monotonic */
    uint8_t accounts[SENDERS + 1][32];
    bc_chain *chain;
} bench;

static int64_t wall_of(void *context)
{
    return INT64_C(1800000000000000) + ((const bench *)context)->now;
}

static int64_t monotonic_of(void *context)
{
    return ((const bench *)context)->now;
}

/* Senders 1 to 4 hold a million each; every nonce seals. */
static bc_params *make_params(bench *with)
{
    char json[1024];
    char allocations[SENDERS + 1][80];
    bc_allocator allocator = counting_heap_public(&with->counter);
    bc_params *params;
    for (uint8_t at = 1; at <= SENDERS; at++) {
        char hex[65] = {0};
        ledger_account(with->accounts[at], at);
        bc__hex_encode(hex, with->accounts[at], 32);
        snprintf(allocations[at], sizeof allocations[at], "[\"%s\",1000000]", hex);
    }
    qsort(allocations + 1, SENDERS, sizeof allocations[1],
          (int (*)(const void *, const void *))strcmp);
    int length = snprintf(json, sizeof json,
                          "{\"rules\":\"ledger\",\"version\":1,\"name\":\"t\",\"sealing\":\"work\","
                          "\"difficulty\":\"fixed\",\"bits\":553713663,\"limit\":553713663,"
                          "\"time\":1700000000000,\"initial\":50,\"halving\":1000,"
                          "\"allocations\":[%s,%s,%s,%s]}",
                          allocations[1], allocations[2], allocations[3], allocations[4]);
    bc_error error = BC_ERROR_INIT;
    if (bc_params_parse(&params, json, (size_t)length, &allocator, &error) != BC_OK) {
        fail_msg("%s", error.message);
    }
    return params;
}

static void reopen(bench *with)
{
    if (with->chain != NULL) {
        fixture_close(with->chain);
    }
    with->chain = fixture_open(with->params, &with->store.outer, &with->options);
}

static void setup(bench *with, uint32_t durability)
{
    memset(with, 0, sizeof *with);
    with->counter = (counting_heap)COUNTING_HEAP_ENDLESS;
    test_store_init(&with->store);
    with->params = make_params(with);
    bc_clock_init(&with->clock);
    with->clock.context = with;
    with->clock.wall = wall_of;
    with->clock.monotonic = monotonic_of;
    bc_options_init(&with->options);
    with->options.clock = &with->clock;
    with->options.tx_durability = durability;
    with->options.mempool_sender_count = 10;
    with->options.mempool_age_us = MOST_AGE;
    reopen(with);
}

static void teardown(bench *with)
{
    fixture_close(with->chain);
    test_store_free(&with->store);
    bc_params_unref(with->params);
    assert_int_equal(with->counter.held, 0);
}

static bc__mempool *pool_of(bench *with)
{
    return &with->chain->engine.mempool;
}

static bc_tx *tx_of(const bench *with, unsigned sender, uint64_t nonce, uint64_t fee,
                    size_t padding)
{
    char payload[512] = {0};
    memset(payload, 'x', padding);
    return ledger_transfer(with->params, (uint8_t)sender, 9, nonce, 1, fee, payload);
}

static bc_status try_padded(bench *with, bc__outcome *outcome, unsigned sender, uint64_t nonce,
                            uint64_t fee, size_t padding)
{
    bc_error error = BC_ERROR_INIT;
    bc_tx *tx = tx_of(with, sender, nonce, fee, padding);
    bc_status status =
        bc_chain_submit_tx(with->chain, &outcome->verdict, &outcome->reason, tx, &error);
    assert_int_equal(error.code, status);
    bc_tx_unref(tx);
    return status;
}

static void submit(bench *with, unsigned sender, uint64_t nonce, uint64_t fee, uint32_t verdict,
                   uint32_t reason)
{
    bc__outcome outcome;
    assert_int_equal(try_padded(with, &outcome, sender, nonce, fee, 0), BC_OK);
    assert_int_equal(outcome.verdict, verdict);
    assert_int_equal(outcome.reason, reason);
}

static void accept(bench *with, unsigned sender, uint64_t nonce, uint64_t fee)
{
    submit(with, sender, nonce, fee, BC_VERDICT_ACCEPTED, BC_REASON_NONE);
}

static bc_mine_options mine_options(void)
{
    static const uint8_t miner[32] = {9};
    bc_mine_options options = BC_MINE_OPTIONS_INIT;
    options.recipient = miner;
    options.recipient_length = sizeof miner;
    return options;
}

static void mine(bc_chain *chain)
{
    bc_mine_options options = mine_options();
    bc_error error = BC_ERROR_INIT;
    bc_block *block;
    if (bc_chain_mine(chain, &block, &options, &error) != BC_OK) {
        fail_msg("%s", error.message);
    }
    bc_block_unref(block);
}

typedef struct listing {
    const bench *with;
    char text[256];
} listing;

static bc_status note(void *context, bc_tx *tx)
{
    listing *list = context;
    size_t used = strlen(list->text);
    bc_tx_fields fields = BC_TX_FIELDS_INIT;
    unsigned sender = 1;
    assert_int_equal(bc_tx_get_fields(tx, &fields), BC_OK);
    while (memcmp(list->with->accounts[sender], fields.sender, 32) != 0) {
        sender++;
    }
    snprintf(list->text + used, sizeof list->text - used, "%s%u:%u=%u", used == 0 ? "" : " ",
             sender, (unsigned)fields.nonce, (unsigned)fields.fee);
    return BC_OK;
}

/* What waits, in the order in which it would be mined, as "SENDER:NONCE=FEE", and how many the store
 * holds. */
static void assert_waiting(bench *with, const char *expected, size_t stored)
{
    listing list = {.with = with};
    assert_int_equal(bc_chain_mempool(with->chain, note, &list, NULL), BC_OK);
    assert_string_equal(list.text, expected);
    assert_int_equal(test_store_count(&with->store, BC__KEY_WAITING), stored);
    assert_int_equal(fixture_info(with->chain).mempool_count, pool_of(with)->count);
    assert_int_equal(fixture_info(with->chain).mempool_bytes, pool_of(with)->bytes);
}

static void reasons_reach_the_caller(void **state)
{
    (void)state;
    bench with;
    bc__outcome outcome;
    setup(&with, BC_TX_BEFORE_RETURN);
    accept(&with, 1, 0, 100);
    submit(&with, 1, 0, 100, BC_VERDICT_KNOWN, BC_REASON_KNOWN);
    submit(&with, 1, 0, 109, BC_VERDICT_REFUSED, BC_REASON_REPLACEMENT);
    submit(&with, 1, 2, 100, BC_VERDICT_REFUSED, BC_REASON_NONCE);
    submit(&with, 2, 0, 1000000, BC_VERDICT_REFUSED, BC_REASON_BALANCE);
    for (unsigned nonce = 0; nonce < 10; nonce++) {
        accept(&with, 3, nonce, 1);
    }
    submit(&with, 3, 10, 1, BC_VERDICT_REFUSED, BC_REASON_SENDER_LIMIT);
    /* An account that only the store can tell of. */
    test_store_plan(&with.store, TEST_STORE_GET, 1, false, BC_ERR_STORE, false);
    assert_int_equal(try_padded(&with, &outcome, 7, 0, 5, 0), BC_ERR_STORE);
    assert_int_equal(outcome.verdict, BC_VERDICT_NONE);
    test_store_calm(&with.store);
    submit(&with, 7, 0, 5, BC_VERDICT_REFUSED, BC_REASON_BALANCE);
    assert_int_equal(pool_of(&with)->count, 11);
    teardown(&with);
}

static void what_leaves_is_removed_from_the_store(void **state)
{
    (void)state;
    bench with;
    setup(&with, BC_TX_BEFORE_RETURN);
    accept(&with, 1, 0, 100);
    accept(&with, 1, 1, 900);
    accept(&with, 2, 0, 200);
    accept(&with, 2, 0, 220);
    assert_waiting(&with, "2:0=220 1:0=100 1:1=900", 3);
    pool_of(&with)->limit = pool_of(&with)->bytes;
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
    setup(&with, BC_TX_BEFORE_RETURN);
    accept(&with, 1, 0, 100);
    accept(&with, 1, 1, 900);
    accept(&with, 2, 0, 200);
    uint64_t bytes = pool_of(&with)->limit = pool_of(&with)->bytes;
    for (unsigned sender = 1; sender <= 3; sender += 2) { /* a replacement, an eviction */
        test_store_plan(&with.store, TEST_STORE_COMMIT, 1, false, BC_ERR_STORE, false);
        assert_int_equal(try_padded(&with, &outcome, sender, 0, 150, 0), BC_ERR_STORE);
        assert_int_equal(outcome.verdict, BC_VERDICT_NONE);
        test_store_calm(&with.store);
        assert_waiting(&with, "2:0=200 1:0=100 1:1=900", 3);
        assert_int_equal(pool_of(&with)->bytes, bytes);
    }
    assert_int_equal(with.chain->engine.database.pending_count, 0);
    accept(&with, 3, 0, 150);
    assert_waiting(&with, "2:0=200 3:0=150", 2);
    teardown(&with);
}

/* Wherever memory runs out between what comes and what leaves, and however much is pending already. */
static void want_of_memory_leaves_everything_as_it_was(void **state)
{
    (void)state;
    for (unsigned others = 10; others < 20; others++) {
        bench with;
        bc__outcome outcome;
        bc_status status = BC_ERR_MEMORY;
        setup(&with, BC_TX_NEXT_COMMIT);
        bc__engine *engine = &with.chain->engine;
        accept(&with, 1, 0, 100);
        for (unsigned at = 0; at < others; at++) {
            accept(&with, 2 + at / 10, at % 10, 9000);
        }
        engine->mempool.limit = engine->mempool.bytes;
        uint32_t pending = engine->database.pending_count;
        bc_tx *tx = tx_of(&with, 4, 0, 200, 0);
        for (size_t left = 0; status != BC_OK; left++) {
            assert_int_equal(engine->mempool.count, others + 1);
            assert_int_equal(engine->database.pending_count, pending);
            with.counter.left = left;
            status = bc_chain_submit_tx(with.chain, &outcome.verdict, &outcome.reason, tx, NULL);
            with.counter.left = SIZE_MAX;
            assert_true(status == BC_OK || status == BC_ERR_MEMORY);
        }
        bc_tx_unref(tx);
        assert_int_equal(outcome.verdict, BC_VERDICT_ACCEPTED);
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
    setup(&with, BC_TX_BEFORE_RETURN);
    for (unsigned nonce = 0; nonce < 4; nonce++) {
        accept(&with, 1, nonce, 100 + nonce);
    }
    accept(&with, 1, 1, 200); /* numbered behind those that follow it */
    accept(&with, 2, 0, 150);
    reopen(&with);
    assert_waiting(&with, "2:0=150 1:0=100 1:1=200 1:2=102 1:3=103", 5);
    uint64_t each = pool_of(&with)->bytes / 5;
    with.options.mempool_sender_count = 3;
    reopen(&with);
    assert_waiting(&with, "2:0=150 1:0=100 1:1=200 1:2=102", 5);
    accept(&with, 3, 0, 160); /* commits what the opening found */
    assert_waiting(&with, "3:0=160 2:0=150 1:0=100 1:1=200 1:2=102", 5);
    /* The cheapest have no room, and what stood behind them goes with them. */
    with.options.mempool_bytes = 3 * each;
    reopen(&with);
    assert_waiting(&with, "3:0=160 2:0=150", 5);
    accept(&with, 1, 0, 170);
    assert_waiting(&with, "1:0=170 3:0=160 2:0=150", 3);
    teardown(&with);
}

static void an_opening_without_memory_fails(void **state)
{
    (void)state;
    bench with;
    bc_status status = BC_ERR_MEMORY;
    setup(&with, BC_TX_BEFORE_RETURN);
    accept(&with, 1, 0, 100);
    accept(&with, 1, 1, 100);
    fixture_close(with.chain);
    with.options.store = &with.store.outer;
    for (size_t left = 0; status != BC_OK; left++) {
        with.counter.left = left;
        status = bc_chain_open(&with.chain, with.params, &with.options, NULL);
        with.counter.left = SIZE_MAX;
        assert_true(status == BC_OK || status == BC_ERR_MEMORY);
    }
    assert_waiting(&with, "1:0=100 1:1=100", 2);
    teardown(&with);
}

static void the_old_leave_with_a_tick(void **state)
{
    (void)state;
    bench with;
    int64_t next;
    setup(&with, BC_TX_BEFORE_RETURN);
    accept(&with, 1, 0, 100);
    with.now = 600;
    accept(&with, 2, 0, 100);
    assert_int_equal(bc_chain_tick(with.chain, &next, NULL), BC_OK);
    assert_int_equal(next, 400);
    with.now = 1000;
    test_store_plan(&with.store, TEST_STORE_COMMIT, 1, false, BC_ERR_STORE, false);
    assert_int_equal(bc_chain_tick(with.chain, &next, NULL), BC_ERR_STORE);
    test_store_calm(&with.store);
    assert_waiting(&with, "2:0=100", 2); /* the removal is pending */
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
    bench with;
    setup(&with, BC_TX_BEFORE_RETURN);
    pool_of(&with)->sender_limit = MANY;
    for (unsigned nonce = 0; nonce < MANY; nonce++) {
        accept(&with, 1, nonce, 1);
    }
    with.now = MOST_AGE;
    with.counter.left = 0;
    assert_int_equal(bc_chain_tick(with.chain, NULL, NULL), BC_ERR_MEMORY);
    with.counter.left = SIZE_MAX;
    assert_int_equal(pool_of(&with)->count, MANY);
    assert_int_equal(with.chain->engine.database.pending_count, 0);
    assert_int_equal(bc_chain_tick(with.chain, NULL, NULL), BC_OK);
    assert_waiting(&with, "", 0);
    teardown(&with);
}

/* What a template takes, in order. */
static void assert_template(bench *with, const char *expected)
{
    listing list = {.with = with};
    bc_mine_options options = mine_options();
    bc_work *work;
    assert_int_equal(bc_chain_work(with->chain, &work, &options, NULL), BC_OK);
    for (size_t at = 0; at < work->template.tx_count; at++) {
        (void)note(&list, work->template.txs[at]);
    }
    bc_work_unref(work);
    assert_string_equal(list.text, expected);
}

static void a_template_takes_the_best_that_fit(void **state)
{
    (void)state;
    bench with;
    bc__outcome outcome;
    setup(&with, BC_TX_BEFORE_RETURN);
    assert_template(&with, "");
    with.chain->engine.traits.block_bytes = 1330; /* as if it were the network's */
    assert_int_equal(try_padded(&with, &outcome, 1, 0, 90000, 390), BC_OK);
    assert_int_equal(try_padded(&with, &outcome, 2, 0, 80000, 390), BC_OK);
    accept(&with, 2, 1, 900000);
    accept(&with, 3, 0, 300);
    accept(&with, 3, 1, 200);
    accept(&with, 4, 0, 250);
    assert_waiting(&with, "1:0=90000 2:0=80000 2:1=900000 3:0=300 4:0=250 3:1=200", 6);
    /* 2:0 has no room behind 1:0, so 2:1 can't follow; the others still can. */
    assert_template(&with, "1:0=90000 3:0=300 4:0=250 3:1=200");
    bc_mine_options options = mine_options();
    for (size_t left = 0; left < 3; left++) {
        bc_work *work;
        with.counter.left = left;
        assert_int_equal(bc_chain_work(with.chain, &work, &options, NULL), BC_ERR_MEMORY);
        with.counter.left = SIZE_MAX;
    }
    teardown(&with);
}

static void a_block_takes_what_it_mined(void **state)
{
    (void)state;
    bench with;
    setup(&with, BC_TX_BEFORE_RETURN);
    accept(&with, 1, 0, 100);
    accept(&with, 1, 1, 50);
    accept(&with, 2, 0, 70);
    mine(with.chain);
    assert_waiting(&with, "", 0);
    submit(&with, 1, 1, 900, BC_VERDICT_REFUSED, BC_REASON_NONCE);
    accept(&with, 1, 2, 50);
    teardown(&with);
}

/* `count` blocks behind genesis that somebody else mined, with one transaction in the first (may be
 * NULL), are offered; the last makes the chain the best. */
static void reorganise(bench *with, unsigned count, bc_tx *tx)
{
    bc_options options = with->options;
    bc_chain *other = fixture_open(with->params, NULL, &options);
    uint32_t verdict;
    with->now += 1;
    if (tx != NULL) {
        assert_int_equal(bc_chain_submit_tx(other, &verdict, NULL, tx, NULL), BC_OK);
        assert_int_equal(verdict, BC_VERDICT_ACCEPTED);
    }
    for (unsigned height = 1; height <= count; height++) {
        mine(other);
        bc_block *block = fixture_tip(other);
        assert_int_equal(bc_chain_submit(with->chain, &verdict, NULL, block, NULL), BC_OK);
        assert_int_equal(verdict, height == count ? BC_VERDICT_ACCEPTED : BC_VERDICT_BRANCH);
        bc_block_unref(block);
    }
    fixture_close(other);
}

static void what_a_reorganisation_gives_back_stands_before_what_waits(void **state)
{
    (void)state;
    bench with;
    setup(&with, BC_TX_BEFORE_RETURN);
    accept(&with, 1, 0, 100);
    accept(&with, 1, 1, 100);
    accept(&with, 2, 0, 40);
    mine(with.chain);
    accept(&with, 1, 2, 100);
    accept(&with, 2, 1, 30);
    assert_waiting(&with, "1:2=100 2:1=30", 2);
    reorganise(&with, 2, NULL);
    assert_waiting(&with, "1:0=100 1:1=100 1:2=100 2:0=40 2:1=30", 5);
    reopen(&with);
    assert_waiting(&with, "1:0=100 1:1=100 1:2=100 2:0=40 2:1=30", 5);
    mine(with.chain);
    assert_waiting(&with, "", 0);
    teardown(&with);
}

static void what_the_new_chain_rules_out_does_not_come_back(void **state)
{
    (void)state;
    bench with;
    setup(&with, BC_TX_BEFORE_RETURN);
    accept(&with, 1, 0, 100);
    accept(&with, 1, 1, 100);
    mine(with.chain);
    accept(&with, 1, 2, 100);
    bc_tx *rival = ledger_transfer(with.params, 1, 9, 0, 999800, 0, "");
    reorganise(&with, 2, rival);
    bc_tx_unref(rival);
    /* 200 are left: 1:0 is used, 1:1 takes 101, and 1:2 finds too little. */
    assert_waiting(&with, "1:1=100", 1);
    teardown(&with);
}

/* The rival costs as much, so that the account is behind the new tip what it was behind the old one. */
static void a_used_nonce_does_not_come_back_to_an_account_that_is_the_same(void **state)
{
    (void)state;
    bench with;
    setup(&with, BC_TX_BEFORE_RETURN);
    accept(&with, 1, 0, 100);
    mine(with.chain);
    bc_tx *rival = ledger_transfer(with.params, 1, 8, 0, 1, 100, "");
    reorganise(&with, 2, rival);
    bc_tx_unref(rival);
    assert_waiting(&with, "", 0);
    accept(&with, 1, 1, 100);
    mine(with.chain);
    teardown(&with);
}

/* What both branches hold, or what another has used the nonce of, must not take the room of what waits
 * on its way out. */
static void what_is_used_evicts_nothing(void **state)
{
    (void)state;
    for (uint8_t recipient = 8; recipient <= 9; recipient++) {
        bench with;
        setup(&with, BC_TX_BEFORE_RETURN);
        accept(&with, 1, 0, 100);
        with.options.mempool_bytes = pool_of(&with)->bytes;
        mine(with.chain);
        reopen(&with);
        accept(&with, 2, 0, 50);
        with.now += 1000; /* else the first block of both branches might be the same */
        bc_tx *rival = ledger_transfer(with.params, 1, recipient, 0, 1, 100, "");
        reorganise(&with, 2, rival);
        bc_tx_unref(rival);
        assert_waiting(&with, "2:0=50", 1);
        teardown(&with);
    }
}

static void a_reorganisation_that_fails_leaves_the_mempool_as_it_was(void **state)
{
    (void)state;
    bench with;
    uint32_t verdict;
    setup(&with, BC_TX_BEFORE_RETURN);
    accept(&with, 1, 0, 100);
    mine(with.chain);
    accept(&with, 1, 1, 100);
    bc_chain *other = fixture_open(with.params, NULL, &with.options);
    bc_tx *rival = ledger_transfer(with.params, 1, 9, 0, 999999, 0, "");
    assert_int_equal(bc_chain_submit_tx(other, &verdict, NULL, rival, NULL), BC_OK);
    bc_tx_unref(rival);
    mine(other);
    bc_block *first = fixture_tip(other);
    mine(other);
    bc_block *second = fixture_tip(other);
    fixture_close(other);
    assert_int_equal(bc_chain_submit(with.chain, &verdict, NULL, first, NULL), BC_OK);
    test_store_plan(&with.store, TEST_STORE_COMMIT, 1, true, BC_ERR_STORE, false);
    assert_int_equal(bc_chain_submit(with.chain, &verdict, NULL, second, NULL), BC_ERR_STORE);
    test_store_calm(&with.store);
    assert_waiting(&with, "1:1=100", 1);
    bc_status status = BC_ERR_MEMORY;
    for (size_t left = 0; status != BC_OK; left++) {
        with.counter.left = left;
        status = bc_chain_submit(with.chain, &verdict, NULL, second, NULL);
        with.counter.left = SIZE_MAX;
        if (status != BC_OK) {
            assert_int_equal(status, BC_ERR_MEMORY);
            assert_waiting(&with, "1:1=100", 1);
        }
    }
    assert_int_equal(verdict, BC_VERDICT_ACCEPTED);
    assert_waiting(&with, "", 0);
    bc_block_unref(first);
    bc_block_unref(second);
    teardown(&with);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reasons_reach_the_caller),
        cmocka_unit_test(what_leaves_is_removed_from_the_store),
        cmocka_unit_test(a_commit_that_fails_leaves_everything_as_it_was),
        cmocka_unit_test(want_of_memory_leaves_everything_as_it_was),
        cmocka_unit_test(an_opening_brings_back_what_still_holds),
        cmocka_unit_test(an_opening_without_memory_fails),
        cmocka_unit_test(the_old_leave_with_a_tick),
        cmocka_unit_test(the_old_stay_where_their_removal_can_not_be_written),
        cmocka_unit_test(a_template_takes_the_best_that_fit),
        cmocka_unit_test(a_block_takes_what_it_mined),
        cmocka_unit_test(what_a_reorganisation_gives_back_stands_before_what_waits),
        cmocka_unit_test(what_the_new_chain_rules_out_does_not_come_back),
        cmocka_unit_test(a_used_nonce_does_not_come_back_to_an_account_that_is_the_same),
        cmocka_unit_test(what_is_used_evicts_nothing),
        cmocka_unit_test(a_reorganisation_that_fails_leaves_the_mempool_as_it_was),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
