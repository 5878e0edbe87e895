#include "test/support/engine_fixture.h"

#include "src/chain/cache.h"
#include "test/support/counting_heap.h"

enum { BLOCKS = 8 };

typedef struct bench {
    counting_heap counter;
    bc__heap heap;
    bc_params *params;
    bc_block *blocks[BLOCKS];
    size_t each; /* what a block takes */
    bc__cache cache;
} bench;

static void setup(bench *with, uint64_t blocks_that_fit)
{
    memset(with, 0, sizeof *with);
    with->counter = (counting_heap)COUNTING_HEAP_ENDLESS;
    with->heap = counting_heap_internal(&with->counter);
    with->params = fixture_params(0, NULL);
    for (unsigned at = 0; at < BLOCKS; at++) {
        with->blocks[at] = fixture_block(with->params, NULL, 1, "", 10 + at);
        assert_int_equal(bc__block_memory(with->blocks[at]), bc__block_memory(with->blocks[0]));
    }
    with->each = bc__block_memory(with->blocks[0]);
    bc__cache_init(&with->cache, &with->heap, blocks_that_fit * with->each);
}

static void teardown(bench *with)
{
    bc__cache_free(&with->cache);
    assert_int_equal(with->counter.held, 0);
    fixture_unref_all(with->blocks, BLOCKS);
    bc_params_unref(with->params);
}

static bool has(bench *with, size_t at)
{
    bc_block *got = bc__cache_get(&with->cache, with->blocks[at]->id);
    bool found = got == with->blocks[at];
    assert_true(got == NULL || found);
    bc_block_unref(got);
    return found;
}

static void the_least_recently_used_leave_first(void **state)
{
    (void)state;
    bench with;
    setup(&with, 3);
    for (size_t at = 0; at < 3; at++) {
        bc__cache_put(&with.cache, with.blocks[at]);
    }
    assert_true(has(&with, 0)); /* used: 1 is the oldest now */
    bc__cache_put(&with.cache, with.blocks[3]);
    assert_false(has(&with, 1));
    assert_true(has(&with, 2));
    assert_true(has(&with, 0));
    assert_true(has(&with, 3));
    assert_int_equal(with.cache.bytes, 3 * with.each);
    bc__cache_put(&with.cache, with.blocks[3]); /* is there already */
    assert_int_equal(with.cache.bytes, 3 * with.each);
    bc__cache_remove(&with.cache, with.blocks[0]->id);
    bc__cache_remove(&with.cache, with.blocks[0]->id);
    assert_false(has(&with, 0));
    assert_int_equal(with.cache.bytes, 2 * with.each);
    for (size_t round = 0; round < 100; round++) {
        bc__cache_put(&with.cache, with.blocks[round % BLOCKS]);
        assert_true(has(&with, round % BLOCKS));
        assert_true(with.cache.bytes <= 3 * with.each);
    }
    teardown(&with);
}

static void what_does_not_fit_is_not_kept(void **state)
{
    (void)state;
    bench with;
    setup(&with, 1);
    with.cache.limit = with.each - 1;
    bc__cache_put(&with.cache, with.blocks[0]);
    assert_false(has(&with, 0));
    assert_int_equal(with.counter.held, 0);
    with.cache.limit = BC_NONE;
    for (size_t at = 0; at < BLOCKS; at++) {
        bc__cache_put(&with.cache, with.blocks[at]);
    }
    for (size_t at = 0; at < BLOCKS; at++) {
        assert_true(has(&with, at));
    }
    teardown(&with);
}

static void without_memory_it_forgets(void **state)
{
    (void)state;
    for (size_t left = 0; left < 2; left++) {
        bench with;
        setup(&with, 3);
        with.counter.left = left;
        bc__cache_put(&with.cache, with.blocks[0]);
        assert_false(has(&with, 0));
        assert_int_equal(with.cache.bytes, 0);
        with.counter.left = SIZE_MAX;
        bc__cache_put(&with.cache, with.blocks[0]);
        assert_true(has(&with, 0));
        teardown(&with);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_least_recently_used_leave_first),
        cmocka_unit_test(what_does_not_fit_is_not_kept),
        cmocka_unit_test(without_memory_it_forgets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
