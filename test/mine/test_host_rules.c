/* A host's own rules and the blocks that are made here: what check_tx refuses at the height of the next
 * block is in none of them, and waits no longer. */
#include "test/support/ledger_world.h"

enum { LAST_HEIGHT = 2 };

typedef struct bench {
    ledger_world world;
    test_store store;
    bc_options options;
    bc_host_rules rules;
    bc_chain *chain;
    bc_status answer; /* instead of BC_ERR_FORMAT */
} bench;

/* Amounts of 7 stand up to LAST_HEIGHT. */
static bc_status check_tx(void *context, const bc_tx *tx, uint64_t height, bc_error *error)
{
    const bench *with = context;
    bc_tx_fields fields = BC_TX_FIELDS_INIT;
    assert_int_equal(bc_tx_get_fields(tx, &fields), BC_OK);
    if (fields.amount == 7 && height > LAST_HEIGHT) {
        snprintf(error->message, sizeof error->message, "7 is over");
        return with->answer;
    }
    return BC_OK;
}

static bc_status check_block(void *context, const bc_block *block, uint64_t height,
                             const bc_state *parent, bc_error *error)
{
    (void)block;
    (void)height;
    (void)parent;
    (void)error;
    return ((const bench *)context)->answer;
}

static void setup(bench *with, const char *more)
{
    world_network network = WORLD_BY_WORK;
    memset(with, 0, sizeof *with);
    network.more = more;
    world_begin(&with->world, &network, NULL);
    test_store_init(&with->store);
    with->answer = BC_ERR_FORMAT;
    bc_host_rules_init(&with->rules);
    with->rules.context = with;
    with->rules.name = "sevens";
    with->options = world_options(&with->world);
    with->options.host_rules = &with->rules;
}

static void teardown(bench *with)
{
    if (with->chain != NULL) {
        fixture_close(with->chain);
    }
    test_store_free(&with->store);
    world_end(&with->world);
}

static void offer(bench *with, unsigned from, uint64_t nonce, uint64_t amount)
{
    world_submit_tx(&with->world, with->chain, from, 9, nonce, amount, 1, BC_VERDICT_ACCEPTED,
                    BC_REASON_NONE);
}

static void what_is_over_is_in_no_block(void **state)
{
    (void)state;
    bench with;
    setup(&with, "\"host_rules\":\"sevens\",");
    with.rules.check_tx = check_tx;
    with.chain = fixture_open(with.world.params, &with.store.outer, &with.options);
    uint32_t tip = world_extend(&with.world, 0, LAST_HEIGHT - 1, 0);
    world_submit_path(&with.world, with.chain, 0, tip, BC_VERDICT_ACCEPTED);
    offer(&with, 1, 0, 5);
    offer(&with, 1, 1, 7);
    offer(&with, 1, 2, 5);
    offer(&with, 2, 0, 7);
    offer(&with, 3, 0, 5);
    uint32_t other = world_extend(&with.world, tip, 1, 5); /* without them */
    world_submit_path(&with.world, with.chain, tip, other, BC_VERDICT_ACCEPTED);
    assert_waiting(&with.world, with.chain, "1:0 1:1 1:2 2:0 3:0");
    tip = world_mine(&with.world, with.chain, other, 15);
    assert_int_equal(bc_block_tx_count(with.world.nodes[tip].block), 3);
    assert_waiting(&with.world, with.chain, "");
    world_assert(&with.world, with.chain, tip);
    /* They do not wait in the store either. */
    fixture_close(with.chain);
    with.chain = fixture_open(with.world.params, &with.store.outer, &with.options);
    assert_waiting(&with.world, with.chain, "");
    teardown(&with);
}

static void a_host_that_fails_ends_the_call(void **state)
{
    (void)state;
    bench with;
    bc_block *block;
    bc_error error = BC_ERROR_INIT;
    setup(&with, "\"host_rules\":\"sevens\",");
    with.rules.check_tx = check_tx;
    with.chain = fixture_open(with.world.params, &with.store.outer, &with.options);
    uint32_t tip = world_extend(&with.world, 0, LAST_HEIGHT, 0);
    offer(&with, 1, 0, 7);
    world_submit_path(&with.world, with.chain, 0, tip, BC_VERDICT_ACCEPTED);
    with.answer = BC_ERR_HOST - 3;
    assert_int_equal(world_try_mine(&with.world, with.chain, &block, 15, &error), BC_ERR_HOST - 3);
    assert_int_equal(error.code, BC_ERR_HOST - 3);
    assert_null(block);
    assert_waiting(&with.world, with.chain, "1:0");
    with.answer = BC_ERR_FORMAT;
    (void)world_mine(&with.world, with.chain, tip, 15);
    assert_waiting(&with.world, with.chain, "");
    teardown(&with);
}

/* No bc_status is positive, whatever a binding gives back where its callback threw. */
static void a_positive_answer_is_a_failure_of_the_host(void **state)
{
    (void)state;
    bench with;
    uint32_t verdict;
    bc_error error = BC_ERROR_INIT;
    setup(&with, "\"host_rules\":\"sevens\",");
    with.rules.check_block = check_block;
    with.answer = 5;
    with.chain = fixture_open(with.world.params, &with.store.outer, &with.options);
    uint32_t tip = world_extend(&with.world, 0, 1, 0);
    assert_int_equal(
        bc_chain_submit(with.chain, &verdict, NULL, with.world.nodes[tip].block, &error),
        BC_ERR_HOST);
    assert_int_equal(error.code, BC_ERR_HOST);
    assert_int_equal(error.host_code, 5);
    assert_int_equal(verdict, BC_VERDICT_NONE);
    with.answer = BC_OK; /* it was not remembered against the block */
    world_submit(&with.world, with.chain, tip, BC_VERDICT_ACCEPTED, BC_REASON_NONE);
    teardown(&with);
}

static void rules_without_a_name_are_refused(void **state)
{
    (void)state;
    bench with;
    bc_chain *chain;
    setup(&with, "");
    with.rules.check_tx = check_tx;
    for (unsigned at = 0; at < 2; at++) {
        with.rules.name = at == 0 ? NULL : "";
        assert_int_equal(bc_chain_open(&chain, with.world.params, &with.options, NULL),
                         BC_ERR_UNSUPPORTED);
        assert_null(chain);
    }
    with.rules.check_tx = NULL; /* then there are none to be named */
    with.chain = fixture_open(with.world.params, NULL, &with.options);
    teardown(&with);
}

/* check_block speaks against every block that holds a transaction. */
static bc_status refuse_transactions(void *context, const bc_block *block, uint64_t height,
                                     const bc_state *parent, bc_error *error)
{
    (void)context;
    (void)height;
    (void)parent;
    (void)error;
    return bc_block_tx_count(block) > 1 ? BC_ERR_FORMAT : BC_OK;
}

static void what_spoils_every_block_can_be_dropped(void **state)
{
    (void)state;
    bench with;
    bc_block *block;
    uint8_t second[BC_ID_BYTES];
    bc_error error = BC_ERROR_INIT;
    setup(&with, "\"host_rules\":\"sevens\",");
    with.rules.check_block = refuse_transactions;
    with.chain = fixture_open(with.world.params, &with.store.outer, &with.options);
    offer(&with, 1, 0, 5);
    offer(&with, 1, 1, 5);
    offer(&with, 1, 2, 5);
    assert_int_equal(world_try_mine(&with.world, with.chain, &block, 15, &error), BC_ERR_FORMAT);
    assert_null(block);
    bc_tx *tx = world_tx(&with.world, 1, 9, 1, 5, 1);
    bc_tx_id(tx, second);
    bc_tx_unref(tx);
    assert_int_equal(bc_chain_drop_tx(with.chain, second, NULL), BC_OK);
    assert_waiting(&with.world, with.chain, "1:0"); /* what stood behind it went, too */
    assert_int_equal(bc_chain_drop_tx(with.chain, second, &error), BC_ERR_NOT_FOUND);
    assert_int_equal(error.code, BC_ERR_NOT_FOUND);
    fixture_close(with.chain);
    with.chain = fixture_open(with.world.params, &with.store.outer, &with.options);
    assert_waiting(&with.world, with.chain, "1:0");
    offer(&with, 1, 1, 5); /* it may come again */
    tx = world_tx(&with.world, 1, 9, 0, 5, 1);
    bc_tx_id(tx, second);
    bc_tx_unref(tx);
    assert_int_equal(bc_chain_drop_tx(with.chain, second, NULL), BC_OK);
    assert_waiting(&with.world, with.chain, "");
    (void)world_mine(&with.world, with.chain, 0, 15);
    teardown(&with);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_over_is_in_no_block),
        cmocka_unit_test(a_host_that_fails_ends_the_call),
        cmocka_unit_test(a_positive_answer_is_a_failure_of_the_host),
        cmocka_unit_test(rules_without_a_name_are_refused),
        cmocka_unit_test(what_spoils_every_block_can_be_dropped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
