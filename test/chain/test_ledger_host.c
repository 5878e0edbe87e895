/* Rules of the host's own: when check_tx and check_block are asked, with what, what their answers do, and
 * that a network with such rules opens only for a host that has them. */
#include "src/store/schema.h"
#include "test/support/ledger_world.h"

enum { CALLS_MOST = 64, REFUSED_AMOUNT = 666, FAILING_AMOUNT = 555 };

typedef struct call {
    bool is_block;
    uint64_t height;
    uint64_t amount; /* of the transaction; of the block: 0 */
    uint8_t id[BC_ID_BYTES];
    uint64_t balances[WORLD_ACCOUNTS]; /* behind the parent */
} call;

typedef struct bench {
    ledger_world world;
    test_store store;
    bc_host_rules rules;
    bc_options options;
    bc_chain *chain;
    call calls[CALLS_MOST];
    size_t count;
    bc_status failure;       /* what a transaction of FAILING_AMOUNT, or a block with it, gives */
    uint64_t refused_height; /* of blocks */
    uint64_t failing_height;
    bool calls_back;
    bc_status called_back[4];
} bench;

static bc_tx_fields fields_of(const bc_tx *tx)
{
    bc_tx_fields fields = BC_TX_FIELDS_INIT;
    assert_int_equal(bc_tx_get_fields(tx, &fields), BC_OK);
    return fields;
}

static void call_back(bench *with)
{
    if (with->calls_back) {
        uint8_t id[BC_ID_BYTES] = {0};
        bc_block *block;
        with->called_back[0] = bc_chain_account(with->chain, NULL, NULL, NULL, id, NULL);
        with->called_back[1] = bc_chain_block_at(with->chain, &block, 0, NULL);
        with->called_back[2] = bc_chain_tick(with->chain, NULL, NULL);
        with->called_back[3] = bc_chain_close(with->chain, NULL);
        bc_block_unref(block);
    }
}

static bc_status fill(bc_error *error, bc_status status)
{
    if (error != NULL) {
        snprintf(error->message, sizeof error->message, "so says the host");
    }
    return status;
}

static bc_status check_tx(void *context, const bc_tx *tx, uint64_t height, bc_error *error)
{
    bench *with = context;
    call *note = &with->calls[with->count++];
    assert_true(with->count <= CALLS_MOST);
    *note = (call){.height = height, .amount = fields_of(tx).amount};
    bc_tx_id(tx, note->id);
    call_back(with);
    if (note->amount == REFUSED_AMOUNT) {
        return fill(error, BC_ERR_FORMAT);
    }
    return note->amount == FAILING_AMOUNT ? fill(error, with->failure) : BC_OK;
}

static bc_status check_block(void *context, const bc_block *block, uint64_t height,
                             const bc_state *parent, bc_error *error)
{
    bench *with = context;
    call *note = &with->calls[with->count++];
    assert_true(with->count <= CALLS_MOST);
    *note = (call){.is_block = true, .height = height};
    bc_block_id(block, note->id);
    for (unsigned at = 1; at < WORLD_ACCOUNTS; at++) {
        uint64_t nonce;
        assert_int_equal(
            bc_state_account(parent, &note->balances[at], &nonce, with->world.accounts[at], NULL),
            BC_OK);
    }
    assert_int_equal(bc_state_account(parent, NULL, NULL, with->world.accounts[1], NULL), BC_OK);
    call_back(with);
    if (height == with->refused_height) {
        return fill(error, BC_ERR_FORMAT);
    }
    return height == with->failing_height ? fill(error, with->failure) : BC_OK;
}

static void reopen(bench *with)
{
    if (with->chain != NULL) {
        fixture_close(with->chain);
    }
    with->chain = fixture_open(with->world.params, &with->store.outer, &with->options);
}

static void setup(bench *with)
{
    world_network network = WORLD_BY_WORK;
    memset(with, 0, sizeof *with);
    network.more = "\"host_rules\":\"no devil's numbers\",";
    with->rules = (bc_host_rules)BC_HOST_RULES_INIT;
    with->rules.context = with;
    with->rules.name = "no devil's numbers";
    with->rules.check_tx = check_tx;
    with->rules.check_block = check_block;
    with->refused_height = BC_NONE;
    with->failing_height = BC_NONE;
    test_store_init(&with->store);
    world_begin(&with->world, &network, NULL);
    with->options = world_options(&with->world);
    with->options.host_rules = &with->rules;
    reopen(with);
    assert_int_equal(with->count, 0); /* nobody is asked about genesis */
}

static void teardown(bench *with)
{
    fixture_close(with->chain);
    test_store_free(&with->store);
    world_end(&with->world);
}

static void submit(bench *with, uint32_t node, uint32_t verdict, uint32_t reason)
{
    world_submit(&with->world, with->chain, node, verdict, reason);
}

/* The call number `at` was check_block's about that node, with the state of its parent. */
static void assert_block_call(const bench *with, size_t at, uint32_t node)
{
    const world_node *nodes = with->world.nodes;
    uint8_t id[BC_ID_BYTES];
    bc_block_id(nodes[node].block, id);
    assert_true(at < with->count);
    assert_true(with->calls[at].is_block);
    assert_int_equal(with->calls[at].height, nodes[node].height);
    assert_memory_equal(with->calls[at].id, id, sizeof id);
    assert_memory_equal(with->calls[at].balances + 1, nodes[nodes[node].parent].state.balance + 1,
                        (WORLD_ACCOUNTS - 1) * sizeof(uint64_t));
}

static void assert_tx_call(const bench *with, size_t at, uint64_t amount, uint64_t height)
{
    assert_true(at < with->count);
    assert_false(with->calls[at].is_block);
    assert_int_equal(with->calls[at].amount, amount);
    assert_int_equal(with->calls[at].height, height);
}

/* ---- When and with what ---- */

static void each_transaction_is_asked_about_in_order_then_the_block(void **state)
{
    (void)state;
    bench with;
    setup(&with);
    const ledger_world *world = &with.world;
    const world_plan plan = {.txs = {world_tx(world, 1, 9, 0, 30, 1),
                                     world_tx(world, 9, 2, 0, 20, 1),
                                     world_tx(world, 1, 1, 1, 10, 0)},
                             .tx_count = 3};
    uint32_t node = world_add(&with.world, 0, &plan);
    submit(&with, node, BC_VERDICT_ACCEPTED, BC_REASON_NONE);
    assert_int_equal(with.count, 4);
    assert_tx_call(&with, 0, 30, 1);
    assert_tx_call(&with, 1, 20, 1);
    assert_tx_call(&with, 2, 10, 1);
    assert_block_call(&with, 3, node);
    with.count = 0;
    submit(&with, node, BC_VERDICT_KNOWN, BC_REASON_KNOWN);
    reopen(&with);
    world_assert(&with.world, with.chain, node);
    assert_int_equal(with.count, 0); /* neither about what is known nor at an opening */
    world_submit_tx(world, with.chain, 1, 5, 2, 40, 1, BC_VERDICT_ACCEPTED, BC_REASON_NONE);
    assert_int_equal(with.count, 1);
    assert_tx_call(&with, 0, 40, 2); /* the height of the next block */
    teardown(&with);
}

static void a_branch_is_asked_about_when_it_is_connected(void **state)
{
    (void)state;
    bench with;
    setup(&with);
    ledger_world *world = &with.world;
    uint32_t own = world_pay(world, world_pay(world, 0, 1, 9, 11, 0), 1, 9, 12, 0);
    uint32_t side = world_pay(world, world_pay(world, 0, 1, 8, 21, 1), 8, 7, 19, 1);
    uint32_t last = world_pay(world, side, 2, 7, 23, 1);
    world_submit_path(world, with.chain, 0, own, BC_VERDICT_ACCEPTED);
    with.count = 0;
    world_submit_path(world, with.chain, 0, side, BC_VERDICT_BRANCH);
    assert_int_equal(with.count, 2);
    assert_tx_call(&with, 0, 21, 1);
    assert_tx_call(&with, 1, 19, 2);
    with.count = 0;
    submit(&with, last, BC_VERDICT_ACCEPTED, BC_REASON_NONE);
    assert_int_equal(with.count, 4);
    assert_tx_call(&with, 0, 23, 3);
    assert_block_call(&with, 1, world_at(world, last, 1));
    assert_block_call(&with, 2, side);
    assert_block_call(&with, 3, last);
    /* Back again: what held once holds. */
    with.count = 0;
    uint32_t back = world_extend(world, own, 2, 0);
    submit(&with, world_back(world, back, 1), BC_VERDICT_BRANCH, BC_REASON_NONE);
    submit(&with, back, BC_VERDICT_ACCEPTED, BC_REASON_NONE);
    assert_int_equal(with.count, 2);
    assert_block_call(&with, 0, world_back(world, back, 1));
    assert_block_call(&with, 1, back);
    world_assert(world, with.chain, back);
    teardown(&with);
}

static void whoever_fails_another_check_is_not_asked_about(void **state)
{
    (void)state;
    bench with;
    setup(&with);
    ledger_world *world = &with.world;
    world_submit_tx(world, with.chain, 1, 2, 5, 1, 1, BC_VERDICT_REFUSED, BC_REASON_NONCE);
    assert_int_equal(with.count, 1); /* the mempool's policy comes behind the network's rules */
    with.count = 0;
    uint32_t node = world_pay(world, 0, 9, 1, 5, 0);
    submit(&with, node, BC_VERDICT_INVALID, BC_REASON_BALANCE);
    assert_int_equal(with.count, 1); /* the state comes behind check_tx, and check_block last */
    assert_tx_call(&with, 0, 5, 1);
    with.count = 0;
    const world_plan rich = {.reward_more = 1};
    submit(&with, world_add(world, 0, &rich), BC_VERDICT_INVALID, BC_REASON_REWARD_AMOUNT);
    assert_int_equal(with.count, 0);
    bc_block *tampered = world_tamper(world, world_pay(world, 0, 1, 2, 6, 0));
    fixture_submit(with.chain, tampered, BC_VERDICT_INVALID, BC_REASON_CONTENT);
    assert_int_equal(with.count, 0);
    bc_block_unref(tampered);
    teardown(&with);
}

/* ---- Refusals ---- */

static void assert_says(const bc_error *error, bc_status code)
{
    assert_int_equal(error->code, code);
    if (strstr(error->message, "so says the host") == NULL) {
        fail_msg("\"%s\"", error->message);
    }
}

static void a_refused_transaction_is_invalid_and_so_is_its_block(void **state)
{
    (void)state;
    bench with;
    bc_error error = BC_ERROR_INIT;
    uint32_t verdict;
    uint32_t reason;
    setup(&with);
    ledger_world *world = &with.world;
    bc_tx *tx = world_tx(world, 1, 2, 0, REFUSED_AMOUNT, 1);
    assert_int_equal(bc_chain_submit_tx(with.chain, &verdict, &reason, tx, &error), BC_OK);
    assert_int_equal(verdict, BC_VERDICT_INVALID);
    assert_int_equal(reason, BC_REASON_HOST);
    assert_says(&error, BC_OK);
    bc_tx_unref(tx);
    assert_waiting(world, with.chain, "");
    /* One that the state would refuse, then one that the host does: the host is asked before. */
    const world_plan plan = {
        .txs = {world_tx(world, 9, 2, 0, 1, 1), world_tx(world, 1, 2, 0, REFUSED_AMOUNT, 1)},
        .tx_count = 2};
    uint32_t node = world_add(world, 0, &plan);
    submit(&with, node, BC_VERDICT_INVALID, BC_REASON_HOST);
    with.count = 0;
    submit(&with, node, BC_VERDICT_INVALID, BC_REASON_HOST);
    assert_int_equal(with.count, 0); /* it is remembered */
    world_assert(world, with.chain, 0);
    teardown(&with);
}

static void a_refused_block_is_invalid_and_so_is_what_stands_on_it(void **state)
{
    (void)state;
    bench with;
    bc_error error = BC_ERROR_INIT;
    uint32_t verdict;
    setup(&with);
    ledger_world *world = &with.world;
    uint32_t own = world_extend(world, 0, 3, 0);
    uint32_t side = world_extend(world, 0, 4, 1);
    world_submit_path(world, with.chain, 0, own, BC_VERDICT_ACCEPTED);
    world_submit_path(world, with.chain, 0, world_back(world, side, 1), BC_VERDICT_BRANCH);
    with.refused_height = 2;
    submit(&with, side, BC_VERDICT_ORPHAN, BC_REASON_ORPHAN);
    submit(&with, world_at(world, side, 2), BC_VERDICT_INVALID, BC_REASON_HOST_BLOCK);
    submit(&with, world_at(world, side, 3), BC_VERDICT_ORPHAN, BC_REASON_ORPHAN);
    submit(&with, world_at(world, side, 1), BC_VERDICT_KNOWN, BC_REASON_KNOWN);
    world_assert(world, with.chain, own);
    with.refused_height = 4;
    uint32_t next = world_extend(world, own, 1, 0);
    assert_int_equal(bc_chain_submit(with.chain, &verdict, NULL, world->nodes[next].block, &error),
                     BC_OK);
    assert_int_equal(verdict, BC_VERDICT_INVALID);
    assert_says(&error, BC_OK);
    bc_block *mined;
    assert_int_equal(world_try_mine(world, with.chain, &mined, 1, &error), BC_ERR_FORMAT);
    assert_says(&error, BC_ERR_FORMAT);
    with.count = 0;
    submit(&with, next, BC_VERDICT_INVALID, BC_REASON_HOST_BLOCK);
    assert_int_equal(with.count, 0);
    world_assert(world, with.chain, own);
    with.refused_height = BC_NONE;
    next = world_extend(world, own, 1, 3);
    submit(&with, next, BC_VERDICT_ACCEPTED, BC_REASON_NONE);
    teardown(&with);
}

/* ---- Failures ---- */

typedef struct failure {
    bc_status returned;
    bc_status reaches;
} failure;

static const failure failures[] = {
    {BC_ERR_MEMORY, BC_ERR_MEMORY},
    {BC_ERR_STORE, BC_ERR_STORE},
    {BC_ERR_NOT_FOUND, BC_ERR_NOT_FOUND},
    {BC_ERR_INTERRUPTED, BC_ERR_INTERRUPTED},
    {BC_ERR_HOST - 3, BC_ERR_HOST - 3},
    {BC_ERR_ARGUMENT, BC_ERR_ARGUMENT},
    {7, BC_ERR_HOST} /* no status at all */
};

static void assert_fails(bench *with, uint32_t node, const failure *that)
{
    bc_error error = BC_ERROR_INIT;
    uint32_t verdict = 99;
    uint32_t reason = 99;
    bc_block *block = with->world.nodes[node].block;
    bc_status status = bc_chain_submit(with->chain, &verdict, &reason, block, &error);
    assert_int_equal(status, that->reaches);
    assert_says(&error, that->reaches);
    assert_int_equal(error.host_code, that->returned);
    assert_int_equal(verdict, BC_VERDICT_NONE);
    assert_int_equal(reason, BC_REASON_NONE);
}

/* What the host could not say ends the call, and leaves all as it was; the next time it can. */
static void other_answers_end_the_call_with_nothing_changed(void **state)
{
    (void)state;
    for (size_t at = 0; at < sizeof failures / sizeof failures[0]; at++) {
        bench with;
        test_store before;
        setup(&with);
        ledger_world *world = &with.world;
        uint32_t own = world_extend(world, 0, 2, 0);
        uint32_t side = world_extend(world, world_pay(world, 0, 1, 2, FAILING_AMOUNT, 1), 1, 1);
        uint32_t last = world_pay(world, side, 1, 2, FAILING_AMOUNT, 1);
        world_submit_path(world, with.chain, 0, own, BC_VERDICT_ACCEPTED);
        world_submit_path(world, with.chain, 0, side, BC_VERDICT_BRANCH);
        test_store_init(&before);
        test_store_copy(&before, &with.store);
        with.failure = failures[at].returned;
        assert_fails(&with, last, &failures[at]); /* check_tx */
        with.failure = BC_OK;
        for (uint64_t height = 1; height <= 3; height++) {
            with.failure = failures[at].returned;
            with.failing_height = height;
            uint32_t plain = world_extend(world, side, 1, 50 + height);
            assert_fails(&with, plain, &failures[at]); /* check_block, on the way too */
            world_assert(world, with.chain, own);
            assert_int_equal(fixture_info(with.chain).blocks, 5);
        }
        assert_true(test_store_equal(&with.store, &before));
        with.failure = failures[at].returned;
        bc_tx *tx = world_tx(world, 1, 2, 0, FAILING_AMOUNT, 2);
        bc_error error = BC_ERROR_INIT;
        uint32_t verdict = 99;
        assert_int_equal(bc_chain_submit_tx(with.chain, &verdict, NULL, tx, &error),
                         failures[at].reaches);
        assert_says(&error, failures[at].reaches);
        assert_int_equal(verdict, BC_VERDICT_NONE);
        assert_waiting(world, with.chain, "");
        bc_tx_unref(tx);
        with.failure = BC_OK;
        submit(&with, last, BC_VERDICT_ACCEPTED, BC_REASON_NONE);
        world_assert(world, with.chain, last);
        test_store_free(&before);
        teardown(&with);
    }
}

/* ---- Calling back ---- */

static void check_tx_may_call_the_chain_and_check_block_may_not(void **state)
{
    (void)state;
    bench with;
    setup(&with);
    ledger_world *world = &with.world;
    with.calls_back = true;
    world_submit_tx(world, with.chain, 1, 2, 0, 5, 1, BC_VERDICT_ACCEPTED, BC_REASON_NONE);
    assert_int_equal(with.called_back[0], BC_OK);
    assert_int_equal(with.called_back[1], BC_OK);
    assert_int_equal(with.called_back[2], BC_OK);
    assert_int_equal(with.called_back[3], BC_ERR_REENTRANT);
    with.rules.check_block = NULL;
    reopen(&with);
    memset(with.called_back, 0, sizeof with.called_back);
    submit(&with, world_pay(world, 0, 1, 3, 5, 0), BC_VERDICT_ACCEPTED, BC_REASON_NONE);
    assert_int_equal(with.called_back[0], BC_OK);
    assert_int_equal(with.called_back[1], BC_OK);
    assert_int_equal(with.called_back[2], BC_OK);
    assert_int_equal(with.called_back[3], BC_ERR_REENTRANT);
    with.rules.check_block = check_block;
    with.rules.check_tx = NULL;
    reopen(&with);
    submit(&with, world_pay(world, 1, 1, 3, 5, 0), BC_VERDICT_ACCEPTED, BC_REASON_NONE);
    for (size_t at = 0; at < 4; at++) {
        assert_int_equal(with.called_back[at], BC_ERR_REENTRANT);
    }
    world_assert(world, with.chain, 2);
    teardown(&with);
}

/* ---- The name ---- */

static void assert_opens_not(bench *with, const char *part)
{
    bc_error error = BC_ERROR_INIT;
    bc_chain *chain;
    size_t closes = with->store.closes;
    with->options.store = &with->store.outer;
    assert_int_equal(bc_chain_open(&chain, with->world.params, &with->options, &error),
                     BC_ERR_UNSUPPORTED);
    assert_null(chain);
    assert_int_equal(error.code, BC_ERR_UNSUPPORTED);
    assert_non_null(strstr(error.message, part));
    assert_int_equal(with->store.closes, closes + 1);
}

static void a_network_opens_only_with_the_rules_that_it_names(void **state)
{
    (void)state;
    bench with;
    setup(&with);
    fixture_close(with.chain);
    with.options.host_rules = NULL;
    assert_opens_not(&with, "no devil's numbers");
    with.options.host_rules = &with.rules;
    with.rules.name = "no devil's number";
    assert_opens_not(&with, "\"no devil's number\"");
    with.rules.name = NULL;
    assert_opens_not(&with, "have no name");
    with.rules.name = "no devil's numbers";
    with.rules.check_tx = NULL;
    with.rules.check_block = NULL; /* a name with nothing behind it */
    assert_opens_not(&with, "no devil's numbers");
    with.rules.check_block = check_block;
    with.chain = NULL;
    reopen(&with);
    teardown(&with);
}

static void a_network_without_such_rules_opens_for_no_host_that_has_some(void **state)
{
    (void)state;
    bench with;
    setup(&with);
    fixture_close(with.chain);
    world_end(&with.world);
    test_store_free(&with.store);
    test_store_init(&with.store);
    world_begin(&with.world, &(world_network)WORLD_BY_WORK, NULL);
    assert_opens_not(&with, "no devil's numbers");
    with.rules.check_tx = NULL;
    with.rules.check_block = NULL;
    with.chain = NULL;
    reopen(&with); /* without functions a host has no rules, whatever their name */
    teardown(&with);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_transaction_is_asked_about_in_order_then_the_block),
        cmocka_unit_test(a_branch_is_asked_about_when_it_is_connected),
        cmocka_unit_test(whoever_fails_another_check_is_not_asked_about),
        cmocka_unit_test(a_refused_transaction_is_invalid_and_so_is_its_block),
        cmocka_unit_test(a_refused_block_is_invalid_and_so_is_what_stands_on_it),
        cmocka_unit_test(other_answers_end_the_call_with_nothing_changed),
        cmocka_unit_test(check_tx_may_call_the_chain_and_check_block_may_not),
        cmocka_unit_test(a_network_opens_only_with_the_rules_that_it_names),
        cmocka_unit_test(a_network_without_such_rules_opens_for_no_host_that_has_some),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
