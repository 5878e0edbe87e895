/* What blocks and reorganisations do to the waiting transactions. */
#include "test/support/engine_fixture.h"
#include "test/support/test_store.h"

/* A chain over a store that lasts, and its genesis. */
typedef struct bench {
    bc_params *params;
    test_store store;
    bc_options options;
    fixture_events events;
    bc_chain *chain;
    bc_block *genesis;
} bench;

static void setup(bench *with)
{
    memset(with, 0, sizeof *with);
    with->params = fixture_params(0, NULL);
    test_store_init(&with->store);
    with->options = (bc_options)BC_OPTIONS_INIT;
    with->options.event = fixture_record_event;
    with->options.event_context = &with->events;
    with->chain = fixture_open(with->params, &with->store.outer, &with->options);
    with->genesis = fixture_at(with->chain, 0);
}

static void reopen(bench *with)
{
    fixture_close(with->chain);
    with->chain = fixture_open(with->params, &with->store.outer, &with->options);
}

static void teardown(bench *with)
{
    bc_block_unref(with->genesis);
    fixture_close(with->chain);
    test_store_free(&with->store);
    bc_params_unref(with->params);
}

static const char reward[] = "{\"sender\": \"0\", \"recipient\": \"me\", \"amount\": 1}";

/* The records of those amounts, 0 for a reward, as the inside of a list; to be freed. */
static char *records(const unsigned *amounts, size_t count)
{
    char *text = malloc(count * 96 + 1);
    size_t used = 0;
    assert_non_null(text);
    text[0] = '\0';
    for (size_t at = 0; at < count; at++) {
        used += (size_t)snprintf(text + used, 96, "%s%s", at == 0 ? "" : ", ",
                                 amounts[at] == 0 ? reward : fixture_record(amounts[at]));
    }
    return text;
}

#define BLOCK(with, parent, salt, ...)                                                             \
    block_of(with, parent, salt, (const unsigned[]){__VA_ARGS__},                                  \
             sizeof((const unsigned[]){__VA_ARGS__}) / sizeof(unsigned))

static bc_block *block_of(bench *with, const bc_block *parent, unsigned salt,
                          const unsigned *amounts, size_t count)
{
    char *text = records(amounts, count);
    bc_block *block = fixture_block(with->params, parent, 1, text, salt);
    free(text);
    return block;
}

static void assert_tip_event(const bench *with, uint64_t returned, uint64_t dropped)
{
    const struct fixture_event *last = &with->events.list[with->events.count - 1];
    assert_int_equal(last->kind, BC_EVENT_TIP);
    assert_int_equal(last->returned, returned);
    assert_int_equal(last->dropped, dropped);
}

static void old_minus_new_returns_as_multisets(void **state)
{
    (void)state;
    bench with;
    setup(&with);
    bc_block *old = BLOCK(&with, with.genesis, 1, 5, 7, 5, 0, 9, 5);
    bc_block *new1 = BLOCK(&with, with.genesis, 2, 5, 8, 0);
    bc_block *new2 = BLOCK(&with, new1, 2, 9, 9);
    fixture_submit(with.chain, old, BC_VERDICT_ACCEPTED, BC_REASON_NONE);
    assert_mempool(with.chain, "");
    fixture_submit(with.chain, new1, BC_VERDICT_BRANCH, BC_REASON_NONE);
    assert_mempool(with.chain, "");
    fixture_submit(with.chain, new2, BC_VERDICT_ACCEPTED, BC_REASON_NONE);
    /* {5,7,5,9,5} - {5,8,9,9}: 7 and two of the three 5; the reward stays away */
    assert_mempool(with.chain, "7 5 5");
    assert_tip_event(&with, 3, 0);
    reopen(&with);
    assert_mempool(with.chain, "7 5 5");
    bc_block_unref(old);
    bc_block_unref(new1);
    bc_block_unref(new2);
    teardown(&with);
}

static void only_the_last_record_from_nobody_is_a_reward(void **state)
{
    (void)state;
    bench with;
    setup(&with);
    bc_block *old =
        fixture_block(with.params, with.genesis, 1,
                      "{\"amount\": 3, \"sender\": \"0\"}, {\"amount\": 4, \"sender\": \"0\"}, "
                      "{\"amount\": 6, \"sender\": \"x\"}, {\"amount\": 7, \"sender\": 0}",
                      1);
    bc_block *new[2];
    fixture_branch(with.params, new, 2, with.genesis, 2);
    fixture_submit(with.chain, old, BC_VERDICT_ACCEPTED, BC_REASON_NONE);
    fixture_submit(with.chain, new[0], BC_VERDICT_BRANCH, BC_REASON_NONE);
    fixture_submit(with.chain, new[1], BC_VERDICT_ACCEPTED, BC_REASON_NONE);
    assert_mempool(with.chain, "3 6 7");
    bc_block_unref(old);
    fixture_unref_all(new, 2);
    teardown(&with);
}

static void what_returned_leaves_when_a_block_brings_it(void **state)
{
    (void)state;
    bench with;
    setup(&with);
    bc_block *old = BLOCK(&with, with.genesis, 1, 1, 2, 3);
    bc_block *new[4];
    fixture_branch(with.params, new, 2, with.genesis, 2);
    fixture_submit(with.chain, old, BC_VERDICT_ACCEPTED, BC_REASON_NONE);
    fixture_submit(with.chain, new[0], BC_VERDICT_BRANCH, BC_REASON_NONE);
    fixture_submit(with.chain, new[1], BC_VERDICT_ACCEPTED, BC_REASON_NONE);
    fixture_submit_tx(with.chain, with.params, 2);
    assert_mempool(with.chain, "1 2 3 2");
    new[2] = BLOCK(&with, new[1], 2, 2, 2, 2);
    fixture_submit(with.chain, new[2], BC_VERDICT_ACCEPTED, BC_REASON_NONE);
    assert_mempool(with.chain, "1 3 2"); /* the one handed in is another one */
    assert_tip_event(&with, 0, 0);
    reopen(&with);
    assert_mempool(with.chain, "1 3 2");
    new[3] = BLOCK(&with, new[2], 2, 3, 1);
    fixture_submit(with.chain, new[3], BC_VERDICT_ACCEPTED, BC_REASON_NONE);
    assert_mempool(with.chain, "2"); /* that they returned is kept over reopening */
    reopen(&with);
    assert_mempool(with.chain, "2");
    bc_block_unref(old);
    fixture_unref_all(new, 4);
    teardown(&with);
}

/* Old minus new comes first: what the old chain had too is no news, and what waits stays. */
static void what_both_chains_hold_changes_nothing_of_what_waits(void **state)
{
    (void)state;
    bench with;
    setup(&with);
    bc_block *old = BLOCK(&with, with.genesis, 1, 4, 6);
    bc_block *a[3];
    bc_block *b[3];
    a[0] = BLOCK(&with, with.genesis, 2, 5);
    a[1] = BLOCK(&with, a[0], 2, 6);
    fixture_submit(with.chain, old, BC_VERDICT_ACCEPTED, BC_REASON_NONE);
    fixture_submit(with.chain, a[0], BC_VERDICT_BRANCH, BC_REASON_NONE);
    fixture_submit(with.chain, a[1], BC_VERDICT_ACCEPTED, BC_REASON_NONE);
    assert_mempool(with.chain, "4");
    a[2] = BLOCK(&with, a[1], 2, 4);
    fixture_submit(with.chain, a[2], BC_VERDICT_ACCEPTED, BC_REASON_NONE);
    assert_mempool(with.chain, "");
    b[0] = BLOCK(&with, a[1], 3, 4);
    b[1] = BLOCK(&with, b[0], 3, 4);
    fixture_submit(with.chain, b[0], BC_VERDICT_BRANCH, BC_REASON_NONE);
    fixture_submit(with.chain, b[1], BC_VERDICT_ACCEPTED, BC_REASON_NONE);
    assert_mempool(with.chain, "");
    b[2] = BLOCK(&with, b[1], 3, 9);
    fixture_submit(with.chain, b[2], BC_VERDICT_ACCEPTED, BC_REASON_NONE);
    assert_mempool(with.chain, "");
    bc_block_unref(old);
    fixture_unref_all(a, 3);
    fixture_unref_all(b, 3);
    teardown(&with);
}

static void equal_records_are_distinct(void **state)
{
    (void)state;
    bench with;
    setup(&with);
    fixture_submit_tx(with.chain, with.params, 3);
    fixture_submit_tx(with.chain, with.params, 3);
    bc_block *stranger = BLOCK(&with, with.genesis, 1, 3, 3, 3);
    fixture_submit(with.chain, stranger, BC_VERDICT_ACCEPTED, BC_REASON_NONE);
    assert_mempool(with.chain, "3 3");
    fixture_mine(with.chain);
    assert_mempool(with.chain, "");
    bc_block *mined = fixture_tip(with.chain);
    assert_int_equal(bc_block_tx_count(mined), 3); /* both, and the reward */
    reopen(&with);
    assert_mempool(with.chain, "");
    bc_block_unref(mined);
    bc_block_unref(stranger);
    teardown(&with);
}

static bc_work *new_work(bench *with)
{
    bc_work *work;
    assert_int_equal(bc_chain_work(with->chain, &work, NULL, NULL), BC_OK);
    return work;
}

static void submit_work(bench *with, bc_work *work)
{
    bc_block *block;
    assert_int_equal(bc_work_block(work, &block, 0, NULL), BC_OK);
    fixture_submit(with->chain, block, BC_VERDICT_ACCEPTED, BC_REASON_NONE);
    bc_block_unref(block);
    bc_work_unref(work);
}

static void a_block_of_our_own_takes_what_its_work_held(void **state)
{
    (void)state;
    bench with;
    setup(&with);
    fixture_submit_tx(with.chain, with.params, 1);
    fixture_submit_tx(with.chain, with.params, 2);
    bc_work *work = new_work(&with);
    fixture_submit_tx(with.chain, with.params, 1);
    submit_work(&with, work);
    assert_mempool(with.chain, "1");
    reopen(&with);
    assert_mempool(with.chain, "1");
    teardown(&with);
}

/* A record that looks like the reward of our block, handed in after the work was made, is not in it. */
static void a_record_that_equals_the_reward_is_not_taken_for_it(void **state)
{
    (void)state;
    static const char json[] = "{\"amount\": 1, \"recipient\": \"0\", \"sender\": \"0\"}";
    bench with;
    setup(&with);
    bc_work *work = new_work(&with);
    bc_tx *tx;
    assert_int_equal(bc_tx_from_json(&tx, with.params, json, strlen(json), NULL), BC_OK);
    assert_int_equal(bc_chain_submit_tx(with.chain, NULL, NULL, tx, NULL), BC_OK);
    bc_tx_unref(tx);
    submit_work(&with, work);
    assert_mempool(with.chain, "1");
    teardown(&with);
}

static bc_tx *long_record(const bench *with, size_t length)
{
    char text[1100] = {0};
    bc_tx *tx;
    memset(text, 'a', length);
    text[0] = '"';
    text[length - 1] = '"';
    assert_int_equal(bc_tx_parse(&tx, with->params, (const uint8_t *)text, length, NULL), BC_OK);
    return tx;
}

/* A record that fits no block is refused; one that fits none with our long recipient waits, and holds
 * up nobody. */
static void what_fits_no_block_holds_up_nobody(void **state)
{
    (void)state;
    bench with;
    uint32_t verdict;
    uint32_t reason;
    uint8_t recipient[600];
    bc_mine_options options = BC_MINE_OPTIONS_INIT;
    bc_block *block;
    setup(&with);
    bc_block_unref(with.genesis);
    fixture_close(with.chain);
    assert_int_equal(bc_params_set_limit(with.params, BC_LIMIT_BLOCK_BYTES, 1024, NULL), BC_OK);
    with.chain = fixture_open(with.params, &with.store.outer, &with.options);
    with.genesis = fixture_at(with.chain, 0);
    bc_tx *tx = long_record(&with, 900);
    assert_int_equal(bc_chain_submit_tx(with.chain, &verdict, &reason, tx, NULL), BC_OK);
    assert_int_equal(verdict, BC_VERDICT_REFUSED);
    assert_int_equal(reason, BC_REASON_SIZE);
    bc_tx_unref(tx);
    tx = long_record(&with, 300);
    assert_int_equal(bc_chain_submit_tx(with.chain, &verdict, &reason, tx, NULL), BC_OK);
    assert_int_equal(verdict, BC_VERDICT_ACCEPTED);
    bc_tx_unref(tx);
    fixture_submit_tx(with.chain, with.params, 5);
    memset(recipient, 'r', sizeof recipient);
    options.recipient = recipient;
    options.recipient_length = sizeof recipient;
    assert_int_equal(bc_chain_mine(with.chain, &block, &options, NULL), BC_OK);
    assert_int_equal(bc_block_tx_count(block), 2);
    bc_block_unref(block);
    assert_int_equal(fixture_info(with.chain).mempool_count, 1);
    fixture_mine(with.chain);
    assert_int_equal(fixture_info(with.chain).mempool_count, 0);
    teardown(&with);
}

/* A block takes out as many as it holds. Here it has no room for the 7 that came back: the one it took
 * is the one that was handed in. */
static void a_block_of_our_own_takes_each_record_once(void **state)
{
    (void)state;
    bench with;
    char big[800];
    setup(&with);
    bc_block_unref(with.genesis);
    fixture_close(with.chain);
    assert_int_equal(bc_params_set_limit(with.params, BC_LIMIT_BLOCK_BYTES, 1024, NULL), BC_OK);
    with.chain = fixture_open(with.params, &with.store.outer, &with.options);
    with.genesis = fixture_at(with.chain, 0);
    bc_block *old = BLOCK(&with, with.genesis, 1, 7);
    bc_block *new[2];
    fixture_branch(with.params, new, 2, with.genesis, 2);
    fixture_submit_tx(with.chain, with.params, 7);
    snprintf(big, sizeof big, "{\"amount\": 1, \"recipient\": \"%0620d\", \"sender\": \"s\"}", 0);
    bc_tx *tx;
    assert_int_equal(bc_tx_from_json(&tx, with.params, big, strlen(big), NULL), BC_OK);
    assert_int_equal(bc_chain_submit_tx(with.chain, NULL, NULL, tx, NULL), BC_OK);
    bc_tx_unref(tx);
    fixture_submit(with.chain, old, BC_VERDICT_ACCEPTED, BC_REASON_NONE);
    fixture_submit(with.chain, new[0], BC_VERDICT_BRANCH, BC_REASON_NONE);
    fixture_submit(with.chain, new[1], BC_VERDICT_ACCEPTED, BC_REASON_NONE);
    assert_mempool(with.chain, "7 1 7");
    fixture_mine(with.chain);
    bc_block *mined = fixture_tip(with.chain);
    assert_int_equal(bc_block_tx_count(mined), 2);
    assert_mempool(with.chain, "1 7");
    fixture_mine(with.chain);
    assert_mempool(with.chain, "7");
    fixture_mine(with.chain);
    assert_mempool(with.chain, "");
    bc_block_unref(mined);
    bc_block_unref(old);
    fixture_unref_all(new, 2);
    teardown(&with);
}

static uint64_t cost_of_one(void)
{
    bench with;
    setup(&with);
    fixture_submit_tx(with.chain, with.params, 1);
    uint64_t cost = fixture_info(with.chain).mempool_bytes;
    teardown(&with);
    return cost;
}

static void restrict_mempool(bench *with, uint64_t bytes)
{
    with->options.mempool_bytes = bytes;
    reopen(with);
}

static void the_mempool_is_bounded(void **state)
{
    (void)state;
    bench with;
    setup(&with);
    restrict_mempool(&with, 2 * cost_of_one());
    fixture_submit_tx(with.chain, with.params, 1);
    fixture_submit_tx(with.chain, with.params, 2);
    bc_tx *tx = fixture_tx(with.params, 3);
    uint32_t verdict;
    uint32_t reason;
    assert_int_equal(bc_chain_submit_tx(with.chain, &verdict, &reason, tx, NULL), BC_OK);
    assert_int_equal(verdict, BC_VERDICT_REFUSED);
    assert_int_equal(reason, BC_REASON_MEMPOOL_FULL);
    assert_mempool(with.chain, "1 2");
    fixture_mine(with.chain);
    fixture_submit_tx(with.chain, with.params, 3);
    assert_mempool(with.chain, "3");
    bc_tx_unref(tx);
    teardown(&with);
}

static void what_finds_no_room_is_counted_and_the_oldest_are_kept(void **state)
{
    (void)state;
    bench with;
    setup(&with);
    restrict_mempool(&with, 3 * cost_of_one());
    bc_block *old1 = BLOCK(&with, with.genesis, 1, 1, 2);
    bc_block *old2 = BLOCK(&with, old1, 1, 3, 4);
    bc_block *new[3];
    fixture_branch(with.params, new, 3, with.genesis, 2);
    fixture_submit(with.chain, old1, BC_VERDICT_ACCEPTED, BC_REASON_NONE);
    fixture_submit(with.chain, old2, BC_VERDICT_ACCEPTED, BC_REASON_NONE);
    fixture_submit_tx(with.chain, with.params, 8);
    fixture_submit(with.chain, new[0], BC_VERDICT_BRANCH, BC_REASON_NONE);
    fixture_submit(with.chain, new[1], BC_VERDICT_BRANCH, BC_REASON_NONE);
    fixture_submit(with.chain, new[2], BC_VERDICT_ACCEPTED, BC_REASON_NONE);
    assert_mempool(with.chain, "8 1 2");
    assert_tip_event(&with, 2, 2);
    reopen(&with);
    assert_int_equal(fixture_info(with.chain).mempool_count, 3);
    bc_block_unref(old1);
    bc_block_unref(old2);
    fixture_unref_all(new, 3);
    teardown(&with);
}

/* The room of what leaves in the same change is room. */
static void what_leaves_makes_room_for_what_returns(void **state)
{
    (void)state;
    bench with;
    setup(&with);
    restrict_mempool(&with, cost_of_one());
    bc_block *a = BLOCK(&with, with.genesis, 1, 5);
    bc_block *b[2];
    bc_block *c[3];
    b[0] = BLOCK(&with, with.genesis, 2, 6);
    b[1] = BLOCK(&with, b[0], 2, 6);
    fixture_submit(with.chain, a, BC_VERDICT_ACCEPTED, BC_REASON_NONE);
    fixture_submit(with.chain, b[0], BC_VERDICT_BRANCH, BC_REASON_NONE);
    fixture_submit(with.chain, b[1], BC_VERDICT_ACCEPTED, BC_REASON_NONE);
    assert_mempool(with.chain, "5"); /* full */
    c[0] = BLOCK(&with, b[0], 3, 5);
    c[1] = BLOCK(&with, c[0], 3, 9);
    fixture_submit(with.chain, c[0], BC_VERDICT_BRANCH, BC_REASON_NONE);
    fixture_submit(with.chain, c[1], BC_VERDICT_ACCEPTED, BC_REASON_NONE);
    assert_mempool(with.chain, "6");
    assert_tip_event(&with, 1, 0);
    c[2] = BLOCK(&with, c[1], 3, 9);
    bc_block_unref(a);
    fixture_unref_all(b, 2);
    fixture_unref_all(c, 3);
    teardown(&with);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(old_minus_new_returns_as_multisets),
        cmocka_unit_test(only_the_last_record_from_nobody_is_a_reward),
        cmocka_unit_test(what_returned_leaves_when_a_block_brings_it),
        cmocka_unit_test(what_both_chains_hold_changes_nothing_of_what_waits),
        cmocka_unit_test(equal_records_are_distinct),
        cmocka_unit_test(a_block_of_our_own_takes_what_its_work_held),
        cmocka_unit_test(a_record_that_equals_the_reward_is_not_taken_for_it),
        cmocka_unit_test(what_fits_no_block_holds_up_nobody),
        cmocka_unit_test(a_block_of_our_own_takes_each_record_once),
        cmocka_unit_test(the_mempool_is_bounded),
        cmocka_unit_test(what_finds_no_room_is_counted_and_the_oldest_are_kept),
        cmocka_unit_test(what_leaves_makes_room_for_what_returns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
