/* The search for a nonce: the least that holds, whatever the threads and the range. */
#include "test/sync/sync_fixture.h"

#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include "lib/sha256/sha256.h"
#include "test/support/random.h"

/* The article's test of a proof, as plainly as it can be written. */
static bool holds(uint64_t last, uint64_t proof, unsigned zeros)
{
    char text[64];
    uint8_t hash[32];
    char digits[65];
    int length = snprintf(text, sizeof text, "%llu%llu", (unsigned long long)last,
                          (unsigned long long)proof);
    bc__sha256(hash, text, (size_t)length);
    for (unsigned at = 0; at < 32; at++) {
        (void)snprintf(digits + 2 * (size_t)at, 3, "%02x", hash[at]);
    }
    return strspn(digits, "0") >= zeros;
}

static bool naive(uint64_t last, unsigned zeros, uint64_t first, uint64_t count, uint64_t *proof)
{
    for (uint64_t at = 0; at < count; at++) {
        if (holds(last, first + at, zeros)) {
            *proof = first + at;
            return true;
        }
    }
    return false;
}

static bc_work *work_on(bc_chain *chain, uint32_t threads)
{
    bc_mine_options options = BC_MINE_OPTIONS_INIT;
    bc_work *work;
    options.threads = threads;
    assert_int_equal(bc_chain_work(chain, &work, &options, NULL), BC_OK);
    return work;
}

static void the_articles_proofs_come_in_order(void **state)
{
    (void)state;
    static const uint64_t proofs[] = {35293, 35089, 119678, 146502, 43538, 85724,
                                      51178, 71730, 55589,  35704,  57342, 68975};
    bc_params *params;
    assert_int_equal(bc_params_preset(&params, "tutorial", NULL, NULL), BC_OK);
    bc_options options = BC_OPTIONS_INIT;
    options.threads = 3;
    bc_chain *chain = fixture_chain(params, &options);
    for (size_t at = 0; at < sizeof proofs / sizeof proofs[0]; at++) {
        bc_block *block;
        uint64_t nonce;
        assert_int_equal(bc_chain_mine(chain, &block, NULL, NULL), BC_OK);
        assert_int_equal(bc_block_nonce(block, &nonce), BC_OK);
        assert_int_equal(nonce, proofs[at]);
        assert_int_equal(bc_block_height(block), at + 1);
        bc_block_unref(block);
    }
    assert_int_equal(bc_chain_close(chain, NULL), BC_OK);
    bc_params_unref(params);
}

/* In every range, with any number of threads, just what the plain loop finds. */
static void ranges_agree_with_a_plain_loop(void **state)
{
    (void)state;
    test_random random = test_random_begin();
    bc_params *params = fixture_params(3, NULL);
    bc_chain *chain = fixture_chain(params, NULL);
    bc_work *works[9];
    for (uint32_t threads = 1; threads <= 8; threads++) {
        works[threads] = work_on(chain, threads);
    }
    size_t rounds = test_random_repeats(60);
    for (size_t round = 0; round < rounds; round++) {
        static const uint64_t starts[] = {0, 9, 99, 999999, 4294967290u, 9999999999999999u};
        uint64_t first = starts[test_random_below(&random, 6)] + test_random_below(&random, 5000);
        uint64_t count = test_random_below(&random, round % 4 == 0 ? 3 : 20000);
        uint64_t expected = 0;
        bool there = naive(100, 3, first, count, &expected);
        for (uint32_t threads = 1; threads <= 8; threads++) {
            uint64_t nonce = 7;
            uint32_t found = 7;
            assert_int_equal(bc_work_search(works[threads], &nonce, &found, first, count, NULL),
                             BC_OK);
            assert_int_equal(found, there ? 1 : 0);
            assert_int_equal(nonce, expected);
        }
    }
    for (uint32_t threads = 1; threads <= 8; threads++) {
        bc_work_unref(works[threads]);
    }
    assert_int_equal(bc_chain_close(chain, NULL), BC_OK);
    bc_params_unref(params);
}

static void the_last_numbers_are_searched(void **state)
{
    (void)state;
    bc_params *params = fixture_params(0, NULL); /* any proof holds */
    bc_chain *chain = fixture_chain(params, NULL);
    for (uint32_t threads = 1; threads <= 4; threads += 3) {
        bc_work *work = work_on(chain, threads);
        uint64_t nonce;
        uint32_t found;
        assert_int_equal(bc_work_search(work, &nonce, &found, UINT64_MAX, 1, NULL), BC_OK);
        assert_int_equal(found, 1);
        assert_true(nonce == UINT64_MAX);
        assert_int_equal(bc_work_search(work, &nonce, &found, UINT64_MAX - 9999, 10000, NULL),
                         BC_OK);
        assert_true(nonce == UINT64_MAX - 9999);
        assert_int_equal(bc_work_search(work, &nonce, &found, 1, UINT64_MAX, NULL), BC_OK);
        assert_true(nonce == 1);
        assert_int_equal(bc_work_search(work, &nonce, &found, UINT64_MAX, 0, NULL), BC_OK);
        assert_int_equal(found, 0);
        found = 7;
        assert_int_equal(bc_work_search(work, &nonce, &found, UINT64_MAX, 2, NULL),
                         BC_ERR_ARGUMENT);
        assert_int_equal(found, 0);
        assert_int_equal(bc_work_search(work, &nonce, &found, 2, UINT64_MAX, NULL),
                         BC_ERR_ARGUMENT);
        bc_work_unref(work);
    }
    assert_int_equal(bc_chain_close(chain, NULL), BC_OK);
    bc_params_unref(params);
    params = fixture_params(3, NULL);
    chain = fixture_chain(params, NULL);
    for (uint32_t threads = 1; threads <= 4; threads += 3) {
        bc_work *work = work_on(chain, threads);
        uint64_t expected = 0;
        uint64_t nonce;
        uint32_t found;
        bool there = naive(100, 3, UINT64_MAX - 19999, 20000, &expected);
        assert_int_equal(bc_work_search(work, &nonce, &found, UINT64_MAX - 19999, 20000, NULL),
                         BC_OK);
        assert_int_equal(found, there ? 1 : 0);
        assert_true(nonce == expected);
        bc_work_unref(work);
    }
    assert_int_equal(bc_chain_close(chain, NULL), BC_OK);
    bc_params_unref(params);
}

static void a_moved_tip_makes_work_stale(void **state)
{
    (void)state;
    bc_params *params = fixture_params(1, NULL);
    bc_chain *chain = fixture_chain(params, NULL);
    bc_work *work = work_on(chain, 1);
    uint64_t nonce;
    uint32_t found;
    bc_error error = {0};
    assert_int_equal(bc_work_check(work), BC_OK);
    fixture_mine(chain, 1);
    assert_int_equal(bc_work_check(work), BC_ERR_STALE);
    assert_int_equal(bc_work_search(work, &nonce, &found, 0, 10, &error), BC_ERR_STALE);
    assert_int_equal(error.code, BC_ERR_STALE);
    assert_int_equal(bc_chain_close(chain, NULL), BC_OK);
    assert_int_equal(bc_work_check(work), BC_ERR_CLOSED);
    assert_int_equal(bc_work_search(work, &nonce, &found, 0, 10, NULL), BC_ERR_CLOSED);
    bc_work_unref(work);
    bc_params_unref(params);
}

/* A clock of many threads that runs fast, so that progress is shown at once. */
static int64_t fast_clock(void *context)
{
    return (int64_t)(atomic_fetch_add((atomic_ullong *)context, 1) * 1000000);
}

typedef struct running {
    atomic_ullong time;
    atomic_uint shown; /* calls of progress */
    bc_params *params;
    bc_chain *chain;
    bc_work *work;
    bc_status status;
} running;

static bc_status count_shown(void *context, uint64_t done, uint64_t total)
{
    running *with = context;
    (void)done;
    atomic_fetch_add(&with->shown, total == BC_NONE ? 1 : 1000000);
    return BC_OK;
}

static void *search_for_ever(void *context)
{
    running *with = context;
    uint64_t nonce;
    uint32_t found;
    with->status = bc_work_search(with->work, &nonce, &found, 0, UINT64_MAX, NULL);
    return NULL;
}

static void *mine_for_ever(void *context)
{
    running *with = context;
    bc_mine_options options = BC_MINE_OPTIONS_INIT;
    bc_block *block = NULL;
    options.threads = 2;
    options.progress = count_shown;
    options.context = with;
    with->status = bc_chain_mine(with->chain, &block, &options, NULL);
    bc_block_unref(block);
    return NULL;
}

/* No proof has 64 zeros, so this ends only because somebody ends it. */
static void open_running(running *with, uint32_t threads)
{
    bc_options options = BC_OPTIONS_INIT;
    bc_mine_options mining = BC_MINE_OPTIONS_INIT;
    bc_clock clock = BC_CLOCK_INIT;
    memset(with, 0, sizeof *with);
    clock.context = &with->time;
    clock.wall = fast_clock;
    clock.monotonic = fast_clock;
    options.clock = &clock;
    with->params = fixture_params(64, NULL);
    with->chain = fixture_chain(with->params, &options);
    mining.threads = threads;
    mining.progress = count_shown;
    mining.context = with;
    assert_int_equal(bc_chain_work(with->chain, &with->work, &mining, NULL), BC_OK);
}

static void await_progress(running *with, unsigned more)
{
    unsigned before = atomic_load(&with->shown);
    const struct timespec pause = {0, 1000000};
    while (atomic_load(&with->shown) < before + more) {
        (void)nanosleep(&pause, NULL);
    }
}

static void an_interrupt_ends_it(void **state)
{
    (void)state;
    for (uint32_t threads = 1; threads <= 4; threads += 3) {
        running with;
        pthread_t searching;
        pthread_t mining;
        open_running(&with, threads);
        bc_chain_interrupt(with.chain); /* before: touches nothing */
        assert_int_equal(pthread_create(&searching, NULL, search_for_ever, &with), 0);
        await_progress(&with, 3);
        bc_chain_interrupt(with.chain);
        assert_int_equal(pthread_join(searching, NULL), 0);
        assert_int_equal(with.status, BC_ERR_INTERRUPTED);
        assert_int_equal(bc_work_check(with.work), BC_OK);
        assert_int_equal(pthread_create(&mining, NULL, mine_for_ever, &with), 0);
        await_progress(&with, 3);
        bc_chain_interrupt(with.chain);
        assert_int_equal(pthread_join(mining, NULL), 0);
        assert_int_equal(with.status, BC_ERR_INTERRUPTED);
        bc_work_unref(with.work);
        assert_int_equal(bc_chain_close(with.chain, NULL), BC_OK);
        bc_params_unref(with.params);
    }
}

/* A work outlives its chain, also one that is being searched. */
static void closing_the_chain_ends_it(void **state)
{
    (void)state;
    for (uint32_t threads = 1; threads <= 4; threads += 3) {
        running with;
        pthread_t searching;
        open_running(&with, threads);
        assert_int_equal(pthread_create(&searching, NULL, search_for_ever, &with), 0);
        await_progress(&with, 3);
        assert_int_equal(bc_chain_close(with.chain, NULL), BC_OK);
        assert_int_equal(pthread_join(searching, NULL), 0);
        assert_int_equal(with.status, BC_ERR_CLOSED);
        bc_work_unref(with.work);
        bc_params_unref(with.params);
    }
}

static void *search_again_and_again(void *context)
{
    running *with = context;
    uint64_t nonce;
    uint32_t found;
    do { /* below the article's first proof there is none */
        with->status = bc_work_search(with->work, &nonce, &found, 0, 35293, NULL);
        atomic_fetch_add(&with->shown, found == 0 ? 1 : 1000000);
    } while (with->status == BC_OK);
    return NULL;
}

static void a_new_tip_ends_it(void **state)
{
    (void)state;
    running with = {.params = fixture_params(4, NULL)};
    pthread_t searching;
    with.chain = fixture_chain(with.params, NULL);
    with.work = work_on(with.chain, 2);
    assert_int_equal(pthread_create(&searching, NULL, search_again_and_again, &with), 0);
    await_progress(&with, 1);
    fixture_mine(with.chain, 1);
    assert_int_equal(pthread_join(searching, NULL), 0);
    assert_int_equal(with.status, BC_ERR_STALE);
    assert_true(atomic_load(&with.shown) < 1000000);
    bc_work_unref(with.work);
    assert_int_equal(bc_chain_close(with.chain, NULL), BC_OK);
    bc_params_unref(with.params);
}

typedef struct watch {
    fixture_clock clock;
    bc_chain *chain; /* tried to be closed */
    int64_t last;
    uint64_t done;
    unsigned calls;
    unsigned stop_at; /* the call that says stop; 0: none */
} watch;

static bc_status watch_progress(void *context, uint64_t done, uint64_t total)
{
    watch *seen = context;
    assert_int_equal(total, 65536); /* 16 to the power of the zeros */
    assert_true(done > seen->done);
    assert_true(seen->calls == 0 || seen->clock.now - seen->last >= 100000);
    assert_int_equal(bc_chain_close(seen->chain, NULL), BC_ERR_REENTRANT);
    seen->last = seen->clock.now;
    seen->done = done;
    seen->calls++;
    return seen->calls == seen->stop_at ? BC_ERR_HOST : BC_OK;
}

static void progress_is_shown_and_may_stop_it(void **state)
{
    (void)state;
    watch seen = {.clock = {0, 40000}};
    bc_clock clock = fixture_clock_of(&seen.clock);
    bc_options options = BC_OPTIONS_INIT;
    bc_mine_options mining = BC_MINE_OPTIONS_INIT;
    options.clock = &clock;
    bc_params *params = fixture_params(4, NULL);
    seen.chain = fixture_chain(params, &options);
    mining.progress = watch_progress;
    mining.context = &seen;
    bc_block *block;
    bc_error error = {0};
    assert_int_equal(bc_chain_mine(seen.chain, &block, &mining, NULL), BC_OK);
    bc_block_unref(block);
    assert_true(seen.calls > 0);
    assert_true(seen.done <= 35293 + 4096);
    seen.calls = 0;
    seen.done = 0;
    seen.stop_at = 2;
    assert_int_equal(bc_chain_mine(seen.chain, &block, &mining, &error), BC_ERR_INTERRUPTED);
    assert_int_equal(error.code, BC_ERR_INTERRUPTED);
    assert_null(block);
    assert_int_equal(seen.calls, 2);
    assert_int_equal(fixture_height(seen.chain), 1);
    assert_int_equal(bc_chain_close(seen.chain, NULL), BC_OK);
    bc_params_unref(params);
}

enum { MINERS = 8 };

typedef struct miner {
    bc_chain *chain;
    bc_status status;
    bc_block *block;
} miner;

static void *mine_one(void *context)
{
    miner *with = context;
    with->status = bc_chain_mine(with->chain, &with->block, NULL, NULL);
    return NULL;
}

static void miners_at_one_time_get_a_block_each(void **state)
{
    (void)state;
    bc_params *params = fixture_params(2, NULL);
    bc_chain *chain = fixture_chain(params, NULL);
    size_t rounds = test_random_repeats(20);
    for (size_t round = 0; round < rounds; round++) {
        uint64_t before = fixture_height(chain);
        miner miners[MINERS];
        pthread_t threads[MINERS];
        bool seen[MINERS] = {false};
        for (size_t at = 0; at < MINERS; at++) {
            miners[at].chain = chain;
            assert_int_equal(pthread_create(&threads[at], NULL, mine_one, &miners[at]), 0);
        }
        for (size_t at = 0; at < MINERS; at++) {
            uint8_t id[BC_ID_BYTES];
            uint64_t height;
            uint32_t verdict;
            assert_int_equal(pthread_join(threads[at], NULL), 0);
            assert_int_equal(miners[at].status, BC_OK);
            bc_block_id(miners[at].block, id);
            assert_int_equal(bc_chain_find(chain, &verdict, &height, id, NULL), BC_OK);
            assert_int_equal(verdict, BC_VERDICT_ACCEPTED);
            assert_int_equal(bc_block_height(miners[at].block), height);
            assert_in_range(height, before + 1, before + MINERS);
            assert_false(seen[height - before - 1]);
            seen[height - before - 1] = true;
            bc_block_unref(miners[at].block);
        }
        assert_int_equal(fixture_height(chain), before + MINERS);
    }
    assert_int_equal(bc_chain_verify(chain, NULL, NULL, NULL, NULL), BC_OK);
    assert_int_equal(bc_chain_close(chain, NULL), BC_OK);
    bc_params_unref(params);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_articles_proofs_come_in_order),
        cmocka_unit_test(ranges_agree_with_a_plain_loop),
        cmocka_unit_test(the_last_numbers_are_searched),
        cmocka_unit_test(a_moved_tip_makes_work_stale),
        cmocka_unit_test(an_interrupt_ends_it),
        cmocka_unit_test(closing_the_chain_ends_it),
        cmocka_unit_test(a_new_tip_ends_it),
        cmocka_unit_test(progress_is_shown_and_may_stop_it),
        cmocka_unit_test(miners_at_one_time_get_a_block_each),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
