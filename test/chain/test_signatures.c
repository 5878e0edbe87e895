/* Checks of transactions alone, spread over threads, and the memory of what was good. */
#include "test/chain/signatures_fixture.h"

#include <pthread.h>

#include "test/support/random.h"

enum { THREADS_MOST = 8, LONG = 200, ROOM = 1 << 20 };

/* Signed transactions with serial numbers from `first` on, each with a sender of its own. */
static void fill(fake_tx *txs, size_t count, uint32_t first)
{
    for (uint32_t at = 0; at < count; at++) {
        txs[at] = (fake_tx){.serial = first + at, .sender = 1000 + first + at};
    }
}

static bc__tx_verdict check(bench *with, const fake_tx *txs, size_t count,
                            const bc__tx_checks *checks, bc_error *error)
{
    bc__tx_verdict verdict = {77, 77};
    bc_block *block = make_block(with, txs, count);
    assert_int_equal(bc__signatures_check_block(&with->signatures, &verdict, block, checks, error),
                     BC_OK);
    bc_block_unref(block);
    return verdict;
}

static void assert_good(bc__tx_verdict verdict)
{
    assert_int_equal(verdict.reason, BC_REASON_NONE);
    assert_int_equal(verdict.index, 0);
}

static void each_is_checked_once_and_then_known(void **state)
{
    (void)state;
    fake_tx txs[LONG];
    fill(txs, LONG, 0);
    for (uint32_t threads = 0; threads <= THREADS_MOST; threads++) {
        bench with;
        const bc__tx_checks checks = {.height = HEIGHT, .threads = threads};
        bc_error error = {.code = 5, .message = "as it was"};
        setup(&with, ROOM);
        assert_good(check(&with, txs, LONG, &checks, &error));
        assert_int_equal(error.code, 5);
        assert_string_equal(error.message, "as it was");
        for (uint32_t serial = 0; serial < LONG; serial++) {
            assert_int_equal(atomic_load(&counts.nothing[serial]), 1);
            assert_int_equal(count_checks(serial), 1);
        }
        assert_good(check(&with, txs, LONG, &checks, &error));
        for (uint32_t serial = 0; serial < LONG; serial++) {
            assert_int_equal(atomic_load(&counts.signature[serial]), 1);
            assert_int_equal(count_checks(serial), 2);
        }
        teardown(&with);
    }
}

static void blocks_without_signed_transactions_are_good(void **state)
{
    (void)state;
    bench with;
    const fake_tx reward = {.serial = 1, .sender = 0, .reason = BC_REASON_SIGNATURE};
    const bc__tx_checks checks = {.threads = 2};
    setup(&with, ROOM);
    assert_good(check(&with, &reward, 0, &checks, NULL));
    assert_good(check(&with, &reward, 1, &checks, NULL));
    assert_int_equal(count_checks(1), 0);
    teardown(&with);
}

static void rewards_are_left_out(void **state)
{
    (void)state;
    bench with;
    fake_tx txs[20];
    const bc__tx_checks checks = {.threads = 2};
    setup(&with, ROOM);
    fill(txs, 20, 0);
    txs[0] = (fake_tx){.serial = 0, .sender = 0, .reason = BC_REASON_SIGNATURE};
    assert_good(check(&with, txs, 20, &checks, NULL));
    assert_int_equal(count_checks(0), 0);
    assert_int_equal(count_all(counts.nothing), 19);
    teardown(&with);
}

/* The order of the transactions decides, whatever the number of threads and however they take turns. */
static void the_first_failure_wins(void **state)
{
    (void)state;
    static const uint32_t reasons[] = {BC_REASON_PAYLOAD_SIZE, BC_REASON_OVERFLOW,
                                       BC_REASON_MINIMUM_FEE, BC_REASON_KEY, BC_REASON_SIGNATURE};
    test_random random = test_random_begin();
    size_t rounds = test_random_repeats(1000);
    for (size_t round = 0; round < rounds; round++) {
        bench with;
        fake_tx txs[LONG];
        bc_error error = {.code = 5};
        char sentence[64];
        const bc__tx_checks checks = {.threads = 1 + (uint32_t)(round % THREADS_MOST)};
        size_t count = 1 + test_random_below(&random, LONG);
        size_t first = count;
        fill(txs, count, (uint32_t)test_random_below(&random, SERIALS - LONG));
        for (size_t failures = 1 + test_random_below(&random, 5); failures > 0; failures--) {
            size_t at = test_random_below(&random, count);
            txs[at].reason = reasons[test_random_below(&random, 5)];
            first = at < first ? at : first;
        }
        setup(&with, ROOM);
        bc__tx_verdict verdict = check(&with, txs, count, &checks, &error);
        assert_int_equal(verdict.reason, txs[first].reason);
        assert_int_equal(verdict.index, first);
        (void)snprintf(sentence, sizeof sentence, "transaction %zu: serial %u fails", first,
                       (unsigned)txs[first].serial);
        assert_string_equal(error.message, sentence);
        assert_int_equal(error.code, BC_OK);
        for (size_t at = 0; at < first; at++) {
            assert_int_equal(count_checks(txs[at].serial), 1);
        }
        teardown(&with);
    }
}

static void what_is_behind_a_failure_is_passed_over(void **state)
{
    (void)state;
    bench with;
    fake_tx txs[LONG];
    const bc__tx_checks checks = {.threads = 1};
    setup(&with, ROOM);
    fill(txs, LONG, 0);
    txs[30].reason = BC_REASON_KEY;
    txs[31].reason = BC_REASON_SIGNATURE;
    bc__tx_verdict verdict = check(&with, txs, LONG, &checks, NULL);
    assert_int_equal(verdict.index, 30);
    assert_int_equal(count_all(counts.nothing), 31);
    teardown(&with);
}

/* What was good is remembered although its block is not; what failed never is. */
static void only_the_good_is_remembered(void **state)
{
    (void)state;
    bench with;
    fake_tx txs[3];
    const bc__tx_checks checks = {.threads = 1};
    setup(&with, ROOM);
    fill(txs, 3, 0);
    txs[1].reason = BC_REASON_SIGNATURE;
    for (unsigned round = 1; round <= 2; round++) {
        assert_int_equal(check(&with, txs, 3, &checks, NULL).index, 1);
        assert_int_equal(atomic_load(&counts.nothing[1]), round);
    }
    assert_int_equal(atomic_load(&counts.nothing[0]), 1);
    assert_int_equal(atomic_load(&counts.signature[0]), 1);
    teardown(&with);
}

/* A remembered signature excuses from nothing else. */
static void the_other_checks_are_made_again(void **state)
{
    (void)state;
    bench with;
    fake_tx tx;
    const bc__tx_checks checks = {.threads = 1};
    setup(&with, ROOM);
    fill(&tx, 1, 0);
    assert_good(check(&with, &tx, 1, &checks, NULL));
    tx.reason = BC_REASON_MINIMUM_FEE;
    assert_int_equal(check(&with, &tx, 1, &checks, NULL).reason, BC_REASON_MINIMUM_FEE);
    assert_int_equal(atomic_load(&counts.signature[0]), 1);
    teardown(&with);
}

static void a_sender_s_key_is_checked_once(void **state)
{
    (void)state;
    bench with;
    fake_tx txs[LONG];
    const bc__tx_checks checks = {.threads = 1};
    setup(&with, ROOM);
    fill(txs, LONG, 0);
    for (uint32_t at = 0; at < LONG; at++) {
        txs[at].sender = 1 + at % 10;
    }
    assert_good(check(&with, txs, LONG, &checks, NULL));
    assert_int_equal(count_all(counts.nothing), 10);
    assert_int_equal(count_all(counts.key), LONG - 10);
    teardown(&with);
}

typedef struct witness {
    bench *with;
    uint32_t asked[LONG];
    size_t count;
    bool knows_odd;
    bool wrong_key;
    bool checks_were_made;
} witness;

/* Senders are 1,000 and their transaction's index in these tests. */
static bool knows_key(void *context, uint32_t index, const uint8_t key[32])
{
    witness *seen = context;
    uint8_t expected[32];
    write_key(expected, 1000 + index);
    seen->wrong_key |= memcmp(expected, key, sizeof expected) != 0;
    seen->checks_were_made |= count_checks(index) != 0;
    seen->asked[seen->count++] = index;
    return seen->knows_odd && index % 2 == 1;
}

static void the_state_is_asked_for_keys(void **state)
{
    (void)state;
    bench with;
    fake_tx txs[LONG];
    witness seen = {.with = &with, .knows_odd = true};
    const bc__tx_checks checks = {.threads = 4, .knows_key = knows_key, .context = &seen};
    setup(&with, ROOM);
    fill(txs, LONG, 0);
    txs[0].sender = 0;
    assert_good(check(&with, txs, LONG, &checks, NULL));
    assert_int_equal(seen.count, LONG - 1);
    for (uint32_t at = 1; at < LONG; at++) {
        assert_int_equal(seen.asked[at - 1], at);
        assert_int_equal(atomic_load(&counts.key[at]), at % 2);
        assert_int_equal(atomic_load(&counts.nothing[at]), 1 - at % 2);
    }
    assert_false(seen.wrong_key);
    assert_false(seen.checks_were_made);
    assert_good(check(&with, txs, LONG, &checks, NULL));
    assert_int_equal(seen.count, LONG - 1); /* and not for what is remembered */
    teardown(&with);
}

static void the_memory_is_bounded(void **state)
{
    (void)state;
    enum { SLOT = 32, BYTES = 16 * 1024 };
    bench with;
    const bc__tx_checks checks = {.threads = 2};
    fake_tx tx;
    setup(&with, BYTES);
    for (uint32_t serial = 0; serial < SERIALS; serial++) {
        fill(&tx, 1, serial);
        assert_good(check(&with, &tx, 1, &checks, NULL));
    }
    const bc__recent_set *sets[] = {&with.signatures.txs, &with.signatures.keys};
    size_t slots = 0;
    for (size_t at = 0; at < 2; at++) {
        slots += sets[at]->young.capacity + sets[at]->old.capacity;
    }
    assert_true(slots * SLOT <= BYTES);
    assert_true(slots * SLOT > BYTES / 2);
    forget_counts();
    for (uint32_t serial = SERIALS; serial > SERIALS - 100; serial--) {
        fill(&tx, 1, serial - 1);
        assert_good(check(&with, &tx, 1, &checks, NULL));
    }
    assert_int_equal(count_all(counts.signature), 100);
    fill(&tx, 1, 0);
    assert_good(check(&with, &tx, 1, &checks, NULL));
    assert_int_equal(atomic_load(&counts.nothing[0]), 1); /* long forgotten, and the key too */
    teardown(&with);
}

static void it_may_remember_nothing(void **state)
{
    (void)state;
    bench with;
    fake_tx txs[LONG];
    const bc__tx_checks checks = {.threads = 3};
    setup(&with, 0);
    fill(txs, LONG, 0);
    assert_good(check(&with, txs, LONG, &checks, NULL));
    assert_good(check(&with, txs, LONG, &checks, NULL));
    assert_int_equal(count_all(counts.nothing), 2 * LONG);
    teardown(&with);
}

static void one_alone_is_checked_and_remembered(void **state)
{
    (void)state;
    bench with;
    const bc__tx_checks checks = {.threads = 4};
    const fake_tx given[] = {{.serial = 1, .sender = 7},
                             {.serial = 2, .sender = 7, .reason = BC_REASON_SIGNATURE}};
    setup(&with, ROOM);
    for (unsigned round = 0; round < 2; round++) {
        for (size_t at = 0; at < 2; at++) {
            bc__tx_verdict verdict = {77, 77};
            bc_error error = {.code = 5, .message = "as it was"};
            bc_tx *tx = make_tx(&with, &given[at]);
            assert_int_equal(
                bc__signatures_check_tx(&with.signatures, &verdict, tx, &checks, &error), BC_OK);
            assert_int_equal(verdict.reason, given[at].reason);
            assert_int_equal(verdict.index, 0);
            assert_string_equal(error.message, at == 0 ? "as it was" : "serial 2 fails");
            assert_int_equal(error.code, at == 0 ? 5 : BC_OK);
            bc_tx_unref(tx);
        }
    }
    assert_int_equal(atomic_load(&counts.nothing[1]), 1);
    assert_int_equal(atomic_load(&counts.signature[1]), 1);
    assert_int_equal(atomic_load(&counts.key[2]), 2);
    assert_good(check(&with, given, 1, &checks, NULL));
    assert_int_equal(atomic_load(&counts.signature[1]), 2); /* one memory for both ways */
    teardown(&with);
}

static void the_state_is_asked_for_the_key_of_one_alone(void **state)
{
    (void)state;
    bench with;
    witness seen = {.with = &with};
    const bc__tx_checks checks = {.knows_key = knows_key, .context = &seen};
    const fake_tx given = {.serial = 0, .sender = 1000};
    bc__tx_verdict verdict;
    setup(&with, ROOM);
    bc_tx *tx = make_tx(&with, &given);
    for (unsigned round = 0; round < 2; round++) {
        assert_int_equal(bc__signatures_check_tx(&with.signatures, &verdict, tx, &checks, NULL),
                         BC_OK);
        assert_good(verdict);
        assert_int_equal(seen.count, 1);
    }
    assert_false(seen.wrong_key);
    assert_int_equal(seen.asked[0], 0);
    bc_tx_unref(tx);
    teardown(&with);
}

/* Only what the block itself needs can fail; the memories do without. */
static void memory_may_end_anywhere(void **state)
{
    (void)state;
    fake_tx txs[LONG];
    fill(txs, LONG, 0);
    txs[100].reason = BC_REASON_KEY;
    for (uint32_t threads = 1; threads <= 4; threads += 3) {
        bool had_enough = false;
        for (size_t given = 0; !had_enough; given++) {
            bench with;
            bc__tx_verdict verdict = {77, 77};
            bc_error error = {0};
            const bc__tx_checks checks = {.threads = threads};
            setup(&with, ROOM);
            bc_block *block = make_block(&with, txs, LONG);
            with.counter.left = given;
            bc_status status =
                bc__signatures_check_block(&with.signatures, &verdict, block, &checks, &error);
            had_enough = with.counter.left > 0;
            assert_int_equal(status, given == 0 ? BC_ERR_MEMORY : BC_OK);
            assert_int_equal(error.code, given == 0 ? BC_ERR_MEMORY : BC_OK);
            assert_int_equal(verdict.reason, given == 0 ? BC_REASON_NONE : BC_REASON_KEY);
            assert_int_equal(verdict.index, given == 0 ? 0 : 100);
            bc_block_unref(block);
            teardown(&with);
        }
    }
}

/* A thread that checks blocks, or one transaction after another, and counts wrong answers. */
typedef struct worker {
    pthread_t thread;
    bench *with;
    bc_block *block;
    bc_tx **txs;
    uint32_t number;
    unsigned failures;
} worker;

static void *run_blocks(void *context)
{
    worker *own = context;
    const bc__tx_checks checks = {.threads = 1 + own->number};
    for (unsigned round = 0; round < 10; round++) {
        bc__tx_verdict verdict;
        bc_status status =
            bc__signatures_check_block(&own->with->signatures, &verdict, own->block, &checks, NULL);
        own->failures += status != BC_OK || verdict.reason != BC_REASON_KEY || verdict.index != 150;
    }
    return NULL;
}

static void *run_txs(void *context)
{
    worker *own = context;
    const bc__tx_checks checks = {.threads = 1};
    for (size_t at = 0; at < LONG; at++) {
        bc__tx_verdict verdict;
        bc_status status =
            bc__signatures_check_tx(&own->with->signatures, &verdict, own->txs[at], &checks, NULL);
        own->failures +=
            status != BC_OK || verdict.reason != (at == 150 ? BC_REASON_KEY : BC_REASON_NONE);
    }
    return NULL;
}

static void many_calls_at_a_time_agree(void **state)
{
    (void)state;
    enum { CALLS = 4 };
    bench with;
    worker workers[CALLS];
    fake_tx txs[LONG];
    bc_tx *alone[LONG];
    setup(&with, 8192); /* so little that generations come and go */
    /* The test's counting heap is for one thread. */
    assert_int_equal(bc__heap_from_allocator(&with.params.origin.heap, NULL, NULL), BC_OK);
    fill(txs, LONG, 0);
    txs[150].reason = BC_REASON_KEY;
    bc_block *block = make_block(&with, txs, LONG);
    for (size_t at = 0; at < LONG; at++) {
        alone[at] = make_tx(&with, &txs[at]);
    }
    for (uint32_t at = 0; at < CALLS; at++) {
        workers[at] = (worker){.with = &with, .block = block, .txs = alone, .number = at};
        assert_int_equal(pthread_create(&workers[at].thread, NULL,
                                        at % 2 == 0 ? run_txs : run_blocks, &workers[at]),
                         0);
    }
    for (uint32_t at = 0; at < CALLS; at++) {
        assert_int_equal(pthread_join(workers[at].thread, NULL), 0);
        assert_int_equal(workers[at].failures, 0);
    }
    for (size_t at = 0; at < LONG; at++) {
        bc_tx_unref(alone[at]);
    }
    bc_block_unref(block);
    teardown(&with);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_is_checked_once_and_then_known),
        cmocka_unit_test(blocks_without_signed_transactions_are_good),
        cmocka_unit_test(rewards_are_left_out),
        cmocka_unit_test(the_first_failure_wins),
        cmocka_unit_test(what_is_behind_a_failure_is_passed_over),
        cmocka_unit_test(only_the_good_is_remembered),
        cmocka_unit_test(the_other_checks_are_made_again),
        cmocka_unit_test(a_sender_s_key_is_checked_once),
        cmocka_unit_test(the_state_is_asked_for_keys),
        cmocka_unit_test(the_memory_is_bounded),
        cmocka_unit_test(it_may_remember_nothing),
        cmocka_unit_test(one_alone_is_checked_and_remembered),
        cmocka_unit_test(the_state_is_asked_for_the_key_of_one_alone),
        cmocka_unit_test(memory_may_end_anywhere),
        cmocka_unit_test(many_calls_at_a_time_agree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
