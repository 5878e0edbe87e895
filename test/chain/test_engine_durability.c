/* When things reach the store: deferred commits, tick, close, the three ways to keep waiting
 * transactions, and values. */
#include "test/support/engine_fixture.h"
#include "test/support/test_store.h"

typedef struct bench {
    bc_params *params;
    test_store store;
    test_store crashed; /* the store as it was at some instant */
    bc_clock clock;
    int64_t now;
    bc_options options;
    bc_chain *chain;
} bench;

static int64_t tell_time(void *context)
{
    return *(int64_t *)context;
}

static void setup(bench *with)
{
    memset(with, 0, sizeof *with);
    with->params = fixture_params(0, NULL);
    test_store_init(&with->store);
    test_store_init(&with->crashed);
    with->clock = (bc_clock)BC_CLOCK_INIT;
    with->clock.context = &with->now;
    with->clock.wall = tell_time;
    with->clock.monotonic = tell_time;
    with->options = (bc_options)BC_OPTIONS_INIT;
    with->options.clock = &with->clock;
}

static void open_chain(bench *with)
{
    with->chain = fixture_open(with->params, &with->store.outer, &with->options);
}

static void reopen(bench *with)
{
    fixture_close(with->chain);
    open_chain(with);
}

static void teardown(bench *with)
{
    fixture_close(with->chain);
    test_store_free(&with->store);
    test_store_free(&with->crashed);
    bc_params_unref(with->params);
}

/* What an opening would find after a crash now. */
static void assert_after_crash(bench *with, uint64_t height, const char *mempool)
{
    test_store_copy(&with->crashed, &with->store);
    bc_chain *chain = fixture_open(with->params, &with->crashed.outer, NULL);
    assert_int_equal(fixture_height(chain), height);
    assert_mempool(chain, mempool);
    fixture_close(chain);
}

static void blocks_are_durable_on_return(void **state)
{
    (void)state;
    bench with;
    setup(&with);
    open_chain(&with);
    for (uint64_t height = 1; height <= 3; height++) {
        fixture_mine(with.chain);
        assert_after_crash(&with, height, "");
    }
    teardown(&with);
}

static void commits_wait_as_long_as_they_may(void **state)
{
    (void)state;
    bench with;
    int64_t next;
    setup(&with);
    with.options.commit_interval_us = 1000;
    open_chain(&with);
    assert_int_equal(bc_chain_tick(with.chain, &next, NULL), BC_OK);
    assert_true(next == INT64_MAX);
    fixture_mine(with.chain);
    with.now = 400;
    fixture_mine(with.chain);
    assert_int_equal(fixture_height(with.chain), 2);
    assert_after_crash(&with, 0, "");
    assert_int_equal(bc_chain_tick(with.chain, &next, NULL), BC_OK);
    assert_int_equal(next, 600);
    assert_after_crash(&with, 0, "");
    with.now = 1000;
    assert_int_equal(bc_chain_tick(with.chain, &next, NULL), BC_OK);
    assert_true(next == INT64_MAX);
    assert_after_crash(&with, 2, "");
    fixture_mine(with.chain); /* the interval begins anew */
    with.now = 1999;
    assert_int_equal(bc_chain_tick(with.chain, &next, NULL), BC_OK);
    assert_int_equal(next, 1);
    assert_after_crash(&with, 2, "");
    with.now = 2000;
    fixture_mine(with.chain); /* a later call commits what is due */
    assert_after_crash(&with, 4, "");
    fixture_mine(with.chain);
    assert_after_crash(&with, 4, "");
    bc_block *read = fixture_at(with.chain, 5); /* from what waits */
    bc_block_unref(read);
    reopen(&with);
    assert_int_equal(fixture_height(with.chain), 5);
    assert_after_crash(&with, 5, "");
    teardown(&with);
}

static void a_durable_call_takes_what_waits_with_it(void **state)
{
    (void)state;
    bench with;
    setup(&with);
    with.options.commit_interval_us = 1000;
    open_chain(&with);
    fixture_mine(with.chain);
    assert_int_equal(bc_chain_set_value(with.chain, "v", (const uint8_t *)"1", 1, NULL), BC_OK);
    assert_after_crash(&with, 1, "");
    fixture_mine(with.chain);
    assert_int_equal(bc_chain_add_peer(with.chain, "a:1", NULL), BC_OK);
    assert_after_crash(&with, 2, "");
    teardown(&with);
}

/* A commit that fails takes only the last call with it; what was accepted before waits on. */
static void what_waits_survives_a_commit_that_fails(void **state)
{
    (void)state;
    bench with;
    setup(&with);
    with.options.commit_interval_us = 1000;
    with.options.cache_bytes = 1;
    open_chain(&with);
    fixture_mine(with.chain);
    fixture_mine(with.chain);
    test_store_plan(&with.store, TEST_STORE_COMMIT, 1, true, BC_ERR_STORE, false);
    with.now = 1000;
    bc_block *block;
    assert_int_equal(bc_chain_mine(with.chain, &block, NULL, NULL), BC_ERR_STORE);
    assert_int_equal(fixture_height(with.chain), 2);
    assert_int_equal(bc_chain_tick(with.chain, NULL, NULL), BC_ERR_STORE);
    assert_int_equal(bc_chain_set_value(with.chain, "v", (const uint8_t *)"1", 1, NULL),
                     BC_ERR_STORE);
    bc_buffer *value;
    assert_int_equal(bc_chain_value(with.chain, &value, "v", NULL), BC_ERR_NOT_FOUND);
    assert_int_equal(bc_chain_verify(with.chain, NULL, NULL, NULL, NULL), BC_OK);
    assert_after_crash(&with, 0, "");
    test_store_calm(&with.store);
    fixture_mine(with.chain);
    assert_after_crash(&with, 3, "");
    fixture_mine(with.chain);
    test_store_plan(&with.store, TEST_STORE_COMMIT, 1, true, BC_ERR_STORE, false);
    assert_int_equal(bc_chain_close(with.chain, NULL), BC_ERR_STORE);
    test_store_calm(&with.store);
    open_chain(&with);
    assert_int_equal(fixture_height(with.chain), 3);
    teardown(&with);
}

static void many_blocks_that_wait_are_committed_in_time(void **state)
{
    (void)state;
    bench with;
    setup(&with);
    with.options.commit_interval_us = 1000;
    with.options.commit_bytes = 2000;
    open_chain(&with);
    test_store_plan(&with.store, TEST_STORE_COMMIT, 0, false, BC_OK, false);
    for (unsigned at = 0; at < 40; at++) {
        fixture_mine(with.chain);
    }
    size_t commits = with.store.calls[TEST_STORE_COMMIT];
    assert_true(commits >= 5 && commits < 40);
    teardown(&with);
}

static void transactions_are_kept_as_asked(void **state)
{
    (void)state;
    for (uint32_t how = 0; how <= BC_TX_BEFORE_RETURN; how++) {
        bench with;
        setup(&with);
        with.options.tx_durability = how;
        open_chain(&with);
        fixture_submit_tx(with.chain, with.params, 1);
        assert_after_crash(&with, 0, how == BC_TX_BEFORE_RETURN ? "1" : "");
        assert_int_equal(bc_chain_set_value(with.chain, "v", (const uint8_t *)"1", 1, NULL), BC_OK);
        assert_after_crash(&with, 0, how == BC_TX_MEMORY ? "" : "1");
        fixture_submit_tx(with.chain, with.params, 2);
        reopen(&with);
        assert_mempool(with.chain, how == BC_TX_MEMORY ? "" : "1 2");
        fixture_mine(with.chain);
        assert_after_crash(&with, 1, "");
        teardown(&with);
    }
}

/* What the store holds is taken out of it when it is mined, however new ones are kept by now. */
static void a_transaction_that_was_stored_before_leaves_the_store(void **state)
{
    (void)state;
    bench with;
    setup(&with);
    open_chain(&with);
    fixture_submit_tx(with.chain, with.params, 1);
    fixture_close(with.chain);
    with.options.tx_durability = BC_TX_MEMORY;
    open_chain(&with);
    assert_mempool(with.chain, "1");
    fixture_submit_tx(with.chain, with.params, 2);
    fixture_mine(with.chain);
    assert_mempool(with.chain, "");
    assert_int_equal(test_store_count(&with.store, 'p'), 0);
    reopen(&with);
    assert_mempool(with.chain, "");
    teardown(&with);
}

static void assert_value(bc_chain *chain, const char *name, const char *expected)
{
    bc_buffer *value;
    bc_status status = bc_chain_value(chain, &value, name, NULL);
    if (expected == NULL) {
        assert_int_equal(status, BC_ERR_NOT_FOUND);
        assert_null(value);
        return;
    }
    assert_int_equal(status, BC_OK);
    assert_int_equal(bc_buffer_length(value), strlen(expected));
    assert_string_equal((const char *)bc_buffer_data(value), expected);
    bc_buffer_unref(value);
}

static bc_status set_text(bc_chain *chain, const char *name, const char *text)
{
    return bc_chain_set_value(chain, name, (const uint8_t *)text, text == NULL ? 0 : strlen(text),
                              NULL);
}

static void values_are_kept_and_removed(void **state)
{
    (void)state;
    static const char longest[] = "0123456789012345678901234567890";
    static uint8_t big[BC_VALUE_BYTES_MAX + 1];
    bench with;
    setup(&with);
    open_chain(&with);
    assert_value(with.chain, "a", NULL);
    assert_int_equal(set_text(with.chain, "a", "one"), BC_OK);
    assert_int_equal(set_text(with.chain, "ab", "two"), BC_OK);
    assert_int_equal(set_text(with.chain, "empty", ""), BC_OK);
    assert_int_equal(set_text(with.chain, longest, "long"), BC_OK);
    assert_int_equal(set_text(with.chain, "a", "three"), BC_OK);
    assert_int_equal(set_text(with.chain, "ab", NULL), BC_OK);
    assert_int_equal(set_text(with.chain, "never", NULL), BC_OK);
    for (unsigned round = 0; round < 2; round++) {
        assert_value(with.chain, "a", "three");
        assert_value(with.chain, "ab", NULL);
        assert_value(with.chain, "empty", "");
        assert_value(with.chain, longest, "long");
        reopen(&with);
    }
    assert_int_equal(bc_chain_set_value(with.chain, "big", big, BC_VALUE_BYTES_MAX, NULL), BC_OK);
    assert_int_equal(bc_chain_set_value(with.chain, "big", big, sizeof big, NULL), BC_ERR_LIMIT);
    assert_int_equal(set_text(with.chain, "", "x"), BC_ERR_ARGUMENT);
    assert_int_equal(set_text(with.chain, "01234567890123456789012345678901", "x"),
                     BC_ERR_ARGUMENT);
    teardown(&with);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_are_durable_on_return),
        cmocka_unit_test(commits_wait_as_long_as_they_may),
        cmocka_unit_test(a_durable_call_takes_what_waits_with_it),
        cmocka_unit_test(what_waits_survives_a_commit_that_fails),
        cmocka_unit_test(many_blocks_that_wait_are_committed_in_time),
        cmocka_unit_test(transactions_are_kept_as_asked),
        cmocka_unit_test(a_transaction_that_was_stored_before_leaves_the_store),
        cmocka_unit_test(values_are_kept_and_removed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
