/* A peer's headers, judged in windows. The integration is in test_headers_resolve.c; here windows are
 * small, and what comes the second time may be something else. */
#include "test/sync/ledger_net.h"

#include "src/chain/engine.h"
#include "src/sync/header_chain.h"
#include "src/sync/messages.h"

enum { BLOCKS = 50, SEALED = 97 };

static bc_params *params;
static bc_chain *ours;   /* whose first block is the fork */
static bc_chain *theirs; /* of 50 blocks more */
static bc_chain *others; /* the same up to 30, then its own */

static int make_chains(void **state)
{
    (void)state;
    params = ledger_dev(NULL);
    ours = ledger_chain(params, 0, 1);
    theirs = ledger_chain(params, BLOCKS, 1);
    others = ledger_fork(params, theirs, 30, BLOCKS - 30, 2);
    return 0;
}

static int free_chains(void **state)
{
    (void)state;
    assert_int_equal(bc_chain_close(ours, NULL), BC_OK);
    assert_int_equal(bc_chain_close(theirs, NULL), BC_OK);
    assert_int_equal(bc_chain_close(others, NULL), BC_OK);
    bc_params_unref(params);
    return 0;
}

/* The answer of "headers" behind that height. */
static ledger_answer headers_behind(bc_chain *chain, uint64_t height, uint32_t limit)
{
    uint8_t body[8 + 32];
    bc_block *block;
    bc__request_write_head(body, limit, 1);
    assert_int_equal(bc_chain_block_at(chain, &block, height, NULL), BC_OK);
    bc_block_id(block, body + 8);
    bc_block_unref(block);
    ledger_answer answer = ledger_ask(chain, "headers", body, sizeof body);
    assert_int_equal(answer.status, BC_OK);
    return answer;
}

/* Genesis, as what the headers stand on. */
static bc__header_position fork_of(void)
{
    bc__header_position fork;
    bc_block *genesis;
    memset(&fork, 0, sizeof fork);
    assert_int_equal(bc_chain_block_at(ours, &genesis, 0, NULL), BC_OK);
    bc_block_id(genesis, fork.id);
    fork.work = params->rules->block_work(params, genesis);
    fork.lineage.count = 1;
    fork.lineage.ancestors[0] =
        (bc__ancestor){.time = genesis->time, .nonce = genesis->nonce, .bits = genesis->bits};
    bc_block_unref(genesis);
    return fork;
}

static bc_status feed(bc__header_chain *chain, bc_chain *from, uint32_t limit, int64_t now,
                      uint32_t *count, bc_error *error)
{
    ledger_answer answer = headers_behind(from, bc__header_height(&chain->at), limit);
    bc_status status = bc__header_count_read(count, limit, answer.data, answer.length, error);
    if (status == BC_OK) {
        status = bc__header_chain_add(chain, *count, BC__COUNT_BYTES, answer.data, answer.length,
                                      now, error);
    }
    free(answer.data);
    return status;
}

static void survey(bc__header_chain *chain, uint64_t window, uint32_t batch)
{
    bc__header_position fork = fork_of();
    uint32_t count = batch;
    assert_int_equal(bc__header_chain_init(chain, params, window, NULL), BC_OK);
    bc__header_chain_begin(chain, &fork);
    while (count == batch) {
        assert_int_equal(feed(chain, theirs, batch, INT64_MAX, &count, NULL), BC_OK);
        assert_true(bc__header_chain_count(chain) <= window);
        assert_true(chain->marks.length / BC_ID_BYTES <= BLOCKS / window);
    }
    bc__header_chain_end(chain);
}

/* The ids of the window are those of the chain at its heights. */
static void assert_window(const bc__header_chain *chain, bc_chain *of)
{
    assert_int_equal(bc__header_chain_missing(chain), 0);
    for (uint64_t at = 0; at < bc__header_chain_count(chain); at++) {
        uint8_t id[BC_ID_BYTES];
        bc_block *block;
        assert_int_equal(bc_chain_block_at(of, &block, chain->first + at, NULL), BC_OK);
        bc_block_id(block, id);
        bc_block_unref(block);
        assert_memory_equal(bc__header_chain_id(chain, chain->first + at), id, BC_ID_BYTES);
        assert_true(bc__header_chain_holds(chain, chain->first + at));
    }
    assert_false(bc__header_chain_holds(chain, chain->first - 1));
    assert_false(bc__header_chain_holds(chain, chain->first + bc__header_chain_count(chain)));
}

static void any_window_and_any_answer_give_the_same(void **state)
{
    (void)state;
    static const uint64_t windows[] = {1, 2, 7, 16, 25, 49, 50, 51, 100};
    static const uint32_t batches[] = {1, 3, 7, 50, 2000};
    uint8_t work[BC_WORK_BYTES];
    assert_int_equal(bc_chain_tip(theirs, NULL, NULL, work), BC_OK);
    bc__uint256 expected = bc__uint256_from_bytes(work);
    for (size_t at = 0; at < sizeof windows / sizeof windows[0] * 5; at++) {
        uint64_t window = windows[at / 5];
        uint32_t batch = batches[at % 5];
        bc__header_chain chain;
        survey(&chain, window, batch);
        assert_int_equal(chain.end, BLOCKS);
        assert_int_equal(bc__uint256_compare(&chain.work, &expected), 0);
        uint64_t seen = bc__header_chain_count(&chain);
        assert_window(&chain, theirs);
        while (chain.first + bc__header_chain_count(&chain) <= chain.end) {
            bc__header_chain_advance(&chain);
            while (bc__header_chain_missing(&chain) > 0) {
                uint64_t missing = bc__header_chain_missing(&chain);
                uint32_t count;
                assert_int_equal(feed(&chain, theirs, missing < batch ? (uint32_t)missing : batch,
                                      INT64_MAX, &count, NULL),
                                 BC_OK);
            }
            assert_window(&chain, theirs);
            seen += bc__header_chain_count(&chain);
        }
        assert_int_equal(seen, BLOCKS);
        bc__header_chain_free(&chain);
    }
}

static void other_headers_the_second_time_are_noticed(void **state)
{
    (void)state;
    bc__header_chain chain;
    uint32_t count;
    bc_error error = BC_ERROR_INIT;
    survey(&chain, 20, 2000);
    bc__header_chain_advance(&chain); /* 21 to 40, of which others has ten of its own */
    assert_int_equal(feed(&chain, others, 15, INT64_MAX, &count, NULL), BC_OK);
    assert_int_equal(feed(&chain, others, 5, INT64_MAX, &count, &error), BC_ERR_FORMAT);
    assert_string_equal(error.message,
                        "the headers up to height 40 are others than it showed first");
    bc__header_chain_free(&chain);
    /* The last window, which is not a full one. */
    survey(&chain, 30, 2000);
    bc__header_chain_advance(&chain);
    assert_int_equal(feed(&chain, others, 20, INT64_MAX, &count, &error), BC_ERR_FORMAT);
    assert_string_equal(error.message,
                        "the headers up to height 50 are others than it showed first");
    bc__header_chain_free(&chain);
}

static int64_t time_at(uint64_t height)
{
    bc_block *block;
    assert_int_equal(bc_chain_block_at(theirs, &block, height, NULL), BC_OK);
    int64_t time = block->time;
    bc_block_unref(block);
    return time;
}

/* What is too far ahead of the clock ends the chain; it is no lie. */
static void times_ahead_cut_it(void **state)
{
    (void)state;
    bc__header_chain chain;
    bc__header_position fork = fork_of();
    uint32_t count;
    const int64_t future_limit = 120000000;
    uint64_t last = 20; /* with the last of those that have the same time */
    while (time_at(last + 1) <= time_at(20)) {
        last++;
    }
    assert_int_equal(bc__header_chain_init(&chain, params, 100, NULL), BC_OK);
    bc__header_chain_begin(&chain, &fork);
    assert_int_equal(feed(&chain, theirs, 2000, time_at(20) - future_limit, &count, NULL), BC_OK);
    assert_true(chain.cut);
    bc__header_chain_end(&chain);
    assert_int_equal(chain.end, last);
    assert_window(&chain, theirs);
    bc__header_chain_free(&chain);
}

static void each_cut_and_each_flipped_bit_is_refused(void **state)
{
    (void)state;
    ledger_answer answer = headers_behind(theirs, 0, 3);
    bc__header_position fork = fork_of();
    assert_int_equal(answer.length, 4 + 3 * SEALED);
    for (size_t length = 0; length < answer.length; length++) {
        bc__header_chain chain;
        uint32_t count = 0;
        uint8_t *copy = malloc(length + 1);
        assert_non_null(copy);
        memcpy(copy, answer.data, length);
        assert_int_equal(bc__header_chain_init(&chain, params, 100, NULL), BC_OK);
        bc__header_chain_begin(&chain, &fork);
        bc_status status = bc__header_count_read(&count, 3, copy, length, NULL);
        assert_int_equal(status, length < 4 ? BC_ERR_FORMAT : BC_OK);
        if (status == BC_OK) {
            assert_int_equal(bc__header_chain_add(&chain, count, 4, copy, length, INT64_MAX, NULL),
                             BC_ERR_FORMAT);
        }
        bc__header_chain_free(&chain);
        free(copy);
    }
    /* In the first two headers every bit counts: the id changes, and the next one stands on another. */
    for (size_t bit = 32; bit < (4 + 2 * SEALED) * (size_t)8; bit++) {
        bc__header_chain chain;
        assert_int_equal(bc__header_chain_init(&chain, params, 100, NULL), BC_OK);
        bc__header_chain_begin(&chain, &fork);
        answer.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_int_equal(
            bc__header_chain_add(&chain, 3, 4, answer.data, answer.length, INT64_MAX, NULL),
            BC_ERR_FORMAT);
        answer.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
        bc__header_chain_free(&chain);
    }
    free(answer.data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_window_and_any_answer_give_the_same),
        cmocka_unit_test(other_headers_the_second_time_are_noticed),
        cmocka_unit_test(times_ahead_cut_it),
        cmocka_unit_test(each_cut_and_each_flipped_bit_is_refused),
    };
    return cmocka_run_group_tests(tests, make_chains, free_chains);
}
