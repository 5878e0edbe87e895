/* Work: a template of the tip and of the waiting transactions, dealt out as the host likes. */
#include "test/sync/sync_fixture.h"

#include "test/support/counting_heap.h"

static bc_work *work_of(bc_chain *chain)
{
    bc_work *work;
    assert_int_equal(bc_chain_work(chain, &work, NULL, NULL), BC_OK);
    return work;
}

/* With zeros 0 every nonce holds. */
static bc_block *block_of(bc_work *work, uint64_t nonce)
{
    bc_block *block;
    assert_int_equal(bc_work_block(work, &block, nonce, NULL), BC_OK);
    return block;
}

static void submit(bc_chain *chain, bc_block *block, uint32_t expected)
{
    uint32_t verdict;
    assert_int_equal(bc_chain_submit(chain, &verdict, NULL, block, NULL), BC_OK);
    assert_int_equal(verdict, expected);
}

static void assert_tx(const bc_block *block, size_t index, const char *expected)
{
    bc_tx *tx;
    size_t length;
    assert_int_equal(bc_block_tx(block, &tx, index, NULL), BC_OK);
    const uint8_t *bytes = bc_tx_bytes(tx, &length);
    assert_int_equal(length, strlen(expected));
    assert_memory_equal(bytes, expected, length);
    bc_tx_unref(tx);
}

static uint64_t waiting(bc_chain *chain)
{
    bc_info info = BC_INFO_INIT;
    assert_int_equal(bc_chain_info(chain, &info), BC_OK);
    return info.mempool_count;
}

static void transactions_come_oldest_first_and_the_reward_last(void **state)
{
    (void)state;
    bc_params *params = fixture_params(0, NULL);
    bc_chain *chain = fixture_chain(params, NULL);
    fixture_add_tx(chain, "\"b\"");
    fixture_add_tx(chain, "\"a\"");
    fixture_add_tx(chain, "\"b\"");
    bc_work *work = work_of(chain);
    fixture_add_tx(chain, "\"later\"");
    bc_block *block = block_of(work, 5);
    assert_int_equal(bc_block_tx_count(block), 4);
    assert_tx(block, 0, "\"b\"");
    assert_tx(block, 1, "\"a\"");
    assert_tx(block, 2, "\"b\"");
    assert_tx(block, 3, "{\"amount\": 1, \"recipient\": \"0\", \"sender\": \"0\"}");
    uint64_t nonce;
    assert_int_equal(bc_block_nonce(block, &nonce), BC_OK);
    assert_int_equal(nonce, 5);
    assert_int_equal(waiting(chain), 4); /* until it is submitted */
    submit(chain, block, BC_VERDICT_ACCEPTED);
    assert_int_equal(waiting(chain), 1); /* by hand, as by bc_chain_mine */
    submit(chain, block, BC_VERDICT_KNOWN);
    assert_int_equal(bc_work_check(work), BC_ERR_STALE);
    bc_block_unref(block);
    bc_work_unref(work);
    assert_int_equal(bc_chain_close(chain, NULL), BC_OK);
    bc_params_unref(params);
}

/* Another program's block with an equal record does not take ours: equal records are distinct. */
static void only_blocks_of_our_work_take_from_the_mempool(void **state)
{
    (void)state;
    bc_params *params = fixture_params(0, NULL);
    bc_chain *chain = fixture_chain(params, NULL);
    bc_chain *other = fixture_chain(params, NULL);
    fixture_mine(chain, 1);
    fixture_text text = fixture_whole(chain);
    uint32_t verdict;
    assert_int_equal(bc_chain_submit_chain(other, &verdict, NULL, NULL, (const uint8_t *)text.data,
                                           text.length, NULL),
                     BC_OK);
    free(text.data);
    assert_int_equal(verdict, BC_VERDICT_ACCEPTED);
    fixture_add_tx(chain, "\"same\"");
    fixture_add_tx(other, "\"same\"");
    bc_work *work = work_of(other);
    bc_block *block = block_of(work, 1);
    submit(chain, block, BC_VERDICT_ACCEPTED);
    assert_int_equal(waiting(chain), 1);
    submit(other, block, BC_VERDICT_ACCEPTED);
    assert_int_equal(waiting(other), 0);
    bc_block_unref(block);
    bc_work_unref(work);
    assert_int_equal(bc_chain_close(other, NULL), BC_OK);
    assert_int_equal(bc_chain_close(chain, NULL), BC_OK);
    bc_params_unref(params);
}

static void a_nonce_that_does_not_hold_is_refused(void **state)
{
    (void)state;
    bc_params *params = fixture_params(4, NULL);
    bc_chain *chain = fixture_chain(params, NULL);
    bc_work *work = work_of(chain);
    bc_block *block = (bc_block *)&params;
    bc_error error = {0};
    assert_int_equal(bc_work_block(work, &block, 35292, &error), BC_ERR_ARGUMENT);
    assert_null(block);
    assert_int_equal(error.code, BC_ERR_ARGUMENT);
    block = block_of(work, 35293);
    submit(chain, block, BC_VERDICT_ACCEPTED);
    bc_block_unref(block);
    bc_work_unref(work);
    assert_int_equal(bc_chain_close(chain, NULL), BC_OK);
    bc_params_unref(params);
}

/* A stale work still makes its block, which is a branch then. */
static void a_stale_block_is_a_branch(void **state)
{
    (void)state;
    bc_params *params = fixture_params(0, NULL);
    bc_chain *chain = fixture_chain(params, NULL);
    fixture_add_tx(chain, "\"a\"");
    bc_work *work = work_of(chain);
    fixture_mine(chain, 1);
    bc_block *block = block_of(work, 77);
    submit(chain, block, BC_VERDICT_BRANCH);
    bc_block_unref(block);
    bc_work_unref(work);
    assert_int_equal(bc_chain_close(chain, NULL), BC_OK);
    bc_params_unref(params);
}

static void recipients_are_checked(void **state)
{
    (void)state;
    static uint8_t name[4097];
    static const char bad[] = "a\xff";
    bc_params *params = fixture_params(0, NULL);
    bc_chain *chain = fixture_chain(params, NULL);
    bc_mine_options options = BC_MINE_OPTIONS_INIT;
    bc_block *block;
    bc_work *work = (bc_work *)&params;
    memset(name, 'n', sizeof name);
    options.recipient = name;
    options.recipient_length = 4097;
    assert_int_equal(bc_chain_mine(chain, &block, &options, NULL), BC_ERR_LIMIT);
    assert_int_equal(bc_chain_work(chain, &work, &options, NULL), BC_ERR_LIMIT);
    assert_null(work);
    options.recipient_length = 4096;
    assert_int_equal(bc_chain_mine(chain, &block, &options, NULL), BC_OK);
    bc_block_unref(block);
    options.recipient = (const uint8_t *)bad;
    options.recipient_length = 2;
    assert_int_equal(bc_chain_mine(chain, &block, &options, NULL), BC_ERR_ARGUMENT);
    assert_null(block);
    options.recipient_length = 1;
    assert_int_equal(bc_chain_mine(chain, &block, &options, NULL), BC_OK);
    assert_tx(block, 0, "{\"amount\": 1, \"recipient\": \"a\", \"sender\": \"0\"}");
    bc_block_unref(block);
    options.recipient = (const uint8_t *)"\"\xc3\xa9\n";
    options.recipient_length = 0;
    assert_int_equal(bc_chain_mine(chain, &block, &options, NULL), BC_OK);
    assert_tx(block, 0, "{\"amount\": 1, \"recipient\": \"\", \"sender\": \"0\"}");
    bc_block_unref(block);
    options.recipient_length = 4;
    assert_int_equal(bc_chain_mine(chain, &block, &options, NULL), BC_OK);
    assert_tx(block, 0, "{\"amount\": 1, \"recipient\": \"\\\"\\u00e9\\n\", \"sender\": \"0\"}");
    bc_block_unref(block);
    assert_int_equal(bc_chain_close(chain, NULL), BC_OK);
    bc_params_unref(params);
}

/* A chain whose blocks have at most 2,048 bytes, and records of `length` bytes for it. */
static bc_chain *small_chain(bc_params **params)
{
    *params = fixture_params(0, NULL);
    assert_int_equal(bc_params_set_limit(*params, BC_LIMIT_BLOCK_BYTES, 2048, NULL), BC_OK);
    return fixture_chain(*params, NULL);
}

static void add_record(bc_chain *chain, char letter, size_t length)
{
    char text[2100];
    memset(text, letter, length);
    text[0] = '"';
    text[length - 1] = '"';
    text[length] = '\0';
    fixture_add_tx(chain, text);
}

static void blocks_keep_their_limit(void **state)
{
    (void)state;
    bc_params *params;
    bc_chain *chain = small_chain(&params);
    for (char letter = 'a'; letter < 'k'; letter++) {
        add_record(chain, letter, 400);
    }
    char next = 'a';
    while (waiting(chain) > 0) {
        uint64_t before = waiting(chain);
        bc_block *block;
        size_t length;
        bc_tx *tx;
        assert_int_equal(bc_chain_mine(chain, &block, NULL, NULL), BC_OK);
        (void)bc_block_bytes(block, &length);
        assert_true(length <= 2048);
        assert_true(waiting(chain) < before);
        for (size_t at = 0; at + 1 < bc_block_tx_count(block); at++) {
            size_t tx_length;
            assert_int_equal(bc_block_tx(block, &tx, at, NULL), BC_OK);
            assert_int_equal(bc_tx_bytes(tx, &tx_length)[1], next++);
            bc_tx_unref(tx);
        }
        bc_block_unref(block);
    }
    assert_int_equal(next, 'k');
    bc_mine_options options = BC_MINE_OPTIONS_INIT;
    static uint8_t name[2000];
    memset(name, 'n', sizeof name);
    options.recipient = name;
    options.recipient_length = sizeof name;
    bc_block *block;
    assert_int_equal(bc_chain_mine(chain, &block, &options, NULL), BC_ERR_LIMIT);
    assert_int_equal(bc_chain_close(chain, NULL), BC_OK);
    bc_params_unref(params);
}

/* A record that fits the limit on a record, but no block beside what else a block holds, must not
 * keep those behind it from being mined. */
static void a_record_that_fits_no_block_stops_nobody(void **state)
{
    (void)state;
    bc_params *params;
    bc_chain *chain = small_chain(&params);
    bc_tx *tx;
    uint32_t verdict;
    char text[2049];
    memset(text, 'x', 2048);
    text[0] = '"';
    text[2047] = '"';
    assert_int_equal(bc_tx_parse(&tx, params, (const uint8_t *)text, 2048, NULL), BC_OK);
    assert_int_equal(bc_chain_submit_tx(chain, &verdict, NULL, tx, NULL), BC_OK);
    bc_tx_unref(tx);
    add_record(chain, 'a', 400);
    uint64_t before = waiting(chain);
    bc_block *block;
    assert_int_equal(bc_chain_mine(chain, &block, NULL, NULL), BC_OK);
    assert_int_equal(bc_block_tx_count(block), 2);
    bc_block_unref(block);
    assert_int_equal(waiting(chain), before - 1);
    assert_int_equal(bc_chain_close(chain, NULL), BC_OK);
    bc_params_unref(params);
}

static void it_outlives_its_chain(void **state)
{
    (void)state;
    counting_heap counter = COUNTING_HEAP_ENDLESS;
    bc_allocator allocator = counting_heap_public(&counter);
    bc_params *params = fixture_params(0, &allocator);
    bc_chain *chain = fixture_chain(params, NULL);
    fixture_add_tx(chain, "\"a\"");
    bc_work *work = work_of(chain);
    bc_block *block = block_of(work, 3);
    assert_int_equal(bc_chain_close(chain, NULL), BC_OK);
    bc_params_unref(params);
    bc_block *none = block;
    bc_error error = {0};
    assert_int_equal(bc_work_check(work), BC_ERR_CLOSED);
    assert_int_equal(bc_work_block(work, &none, 3, &error), BC_ERR_CLOSED);
    assert_int_equal(error.code, BC_ERR_CLOSED);
    assert_null(none);
    assert_int_equal(bc_block_tx_count(block), 2);
    assert_ptr_equal(bc_work_ref(work), work);
    bc_work_unref(work);
    bc_block_unref(block);
    assert_true(counter.held > 0);
    bc_work_unref(work);
    assert_int_equal(counter.held, 0);
}

static void arguments_are_checked(void **state)
{
    (void)state;
    bc_params *params = fixture_params(0, NULL);
    bc_chain *chain = fixture_chain(params, NULL);
    bc_work *work = work_of(chain);
    bc_block *block;
    uint64_t nonce;
    uint32_t found;
    assert_int_equal(bc_chain_mine(NULL, &block, NULL, NULL), BC_ERR_ARGUMENT);
    assert_int_equal(bc_chain_mine(chain, NULL, NULL, NULL), BC_ERR_ARGUMENT);
    bc_work *none = work;
    assert_int_equal(bc_chain_work(NULL, &none, NULL, NULL), BC_ERR_ARGUMENT);
    assert_null(none);
    assert_int_equal(bc_chain_work(chain, NULL, NULL, NULL), BC_ERR_ARGUMENT);
    assert_int_equal(bc_work_block(NULL, &block, 0, NULL), BC_ERR_ARGUMENT);
    assert_int_equal(bc_work_search(NULL, &nonce, &found, 0, 1, NULL), BC_ERR_ARGUMENT);
    assert_int_equal(bc_work_check(NULL), BC_ERR_ARGUMENT);
    bc_work_unref(NULL);
    bc_work_unref(work);
    bc_mine_options options = BC_MINE_OPTIONS_INIT;
    options.struct_size = 2;
    assert_int_equal(bc_chain_mine(chain, &block, &options, NULL), BC_ERR_ARGUMENT);
    assert_int_equal(bc_chain_close(chain, NULL), BC_OK);
    bc_params_unref(params);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(transactions_come_oldest_first_and_the_reward_last),
        cmocka_unit_test(only_blocks_of_our_work_take_from_the_mempool),
        cmocka_unit_test(a_nonce_that_does_not_hold_is_refused),
        cmocka_unit_test(a_stale_block_is_a_branch),
        cmocka_unit_test(recipients_are_checked),
        cmocka_unit_test(blocks_keep_their_limit),
        cmocka_unit_test(a_record_that_fits_no_block_stops_nobody),
        cmocka_unit_test(it_outlives_its_chain),
        cmocka_unit_test(arguments_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
