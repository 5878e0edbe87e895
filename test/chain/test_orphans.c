#include "test/support/engine_fixture.h"

#include "src/chain/orphans.h"
#include "test/support/counting_heap.h"

enum { BLOCKS = 6 };

typedef struct bench {
    counting_heap counter;
    bc__heap heap;
    bc_params *params;
    bc_block *blocks[BLOCKS]; /* each the parent of the next */
    bc__orphans orphans;
} bench;

static void setup(bench *with, uint64_t limit)
{
    memset(with, 0, sizeof *with);
    with->counter = (counting_heap)COUNTING_HEAP_ENDLESS;
    with->heap = counting_heap_internal(&with->counter);
    with->params = fixture_params(0, NULL);
    fixture_branch(with->params, with->blocks, BLOCKS, NULL, 1);
    bc__orphans_init(&with->orphans, &with->heap, limit);
}

static void teardown(bench *with)
{
    bc__orphans_free(&with->orphans);
    assert_int_equal(with->orphans.count, 0);
    assert_int_equal(with->orphans.bytes, 0);
    assert_int_equal(with->counter.held, 0);
    fixture_unref_all(with->blocks, BLOCKS);
    bc_params_unref(with->params);
}

static void children_are_found_by_their_parent(void **state)
{
    (void)state;
    bench with;
    setup(&with, BC_NONE);
    for (size_t at = 1; at < BLOCKS; at++) {
        assert_int_equal(bc__orphans_add(&with.orphans, with.blocks[at]), BC__OK);
    }
    assert_int_equal(with.orphans.count, BLOCKS - 1);
    assert_false(bc__orphans_has(&with.orphans, with.blocks[0]->id));
    assert_true(bc__orphans_has(&with.orphans, with.blocks[BLOCKS - 1]->id));
    for (size_t round = 1; round < BLOCKS; round++) {
        size_t at = round % 2 == 0 ? round - 1 : round + 1; /* 2 1 4 3 6.. */
        if (at >= BLOCKS) {
            at = BLOCKS - 1;
        }
        bc_block *child = bc__orphans_take_child(&with.orphans, with.blocks[at - 1]->id);
        assert_ptr_equal(child, with.blocks[at]);
        bc_block_unref(child);
        assert_null(bc__orphans_take_child(&with.orphans, with.blocks[at - 1]->id));
        assert_int_equal(bc__orphans_add(&with.orphans, with.blocks[at]), BC__OK); /* as newest */
        assert_ptr_equal(with.orphans.last->block, with.blocks[at]);
    }
    teardown(&with);
}

static bool is_of(void *context, const uint8_t parent[BC_ID_BYTES])
{
    return memcmp(context, parent, BC_ID_BYTES) == 0;
}

static void the_oldest_that_is_ready_is_taken(void **state)
{
    (void)state;
    bench with;
    setup(&with, BC_NONE);
    bc_block *pair[2];
    for (unsigned at = 0; at < 2; at++) {
        pair[at] = fixture_block(with.params, with.blocks[0], 1, "", 50 + at);
        assert_int_equal(bc__orphans_add(&with.orphans, with.blocks[3 + at]), BC__OK);
        assert_int_equal(bc__orphans_add(&with.orphans, pair[at]), BC__OK);
    }
    for (unsigned at = 0; at < 2; at++) {
        bc_block *got = bc__orphans_take_ready(&with.orphans, is_of, with.blocks[0]->id);
        assert_ptr_equal(got, pair[at]);
        bc_block_unref(got);
    }
    assert_null(bc__orphans_take_ready(&with.orphans, is_of, with.blocks[0]->id));
    assert_int_equal(with.orphans.count, 2);
    assert_ptr_equal(with.orphans.last->block, with.blocks[4]);
    fixture_unref_all(pair, 2);
    teardown(&with);
}

static void the_oldest_leave_when_room_is_short(void **state)
{
    (void)state;
    bench with;
    setup(&with, 2 * BC__ORPHAN_BYTES_LEAST);
    for (size_t at = 0; at < 4; at++) {
        assert_int_equal(bc__orphans_add(&with.orphans, with.blocks[at]), BC__OK);
        assert_true(with.orphans.bytes <= with.orphans.limit);
    }
    assert_int_equal(with.orphans.count, 2);
    assert_false(bc__orphans_has(&with.orphans, with.blocks[1]->id));
    assert_true(bc__orphans_has(&with.orphans, with.blocks[2]->id));
    with.orphans.limit = BC__ORPHAN_BYTES_LEAST - 1;
    assert_int_equal(bc__orphans_add(&with.orphans, with.blocks[5]), BC__OK); /* not kept */
    assert_false(bc__orphans_has(&with.orphans, with.blocks[5]->id));
    assert_int_equal(with.orphans.count, 2);
    with.orphans.limit = BC_NONE;
    with.counter.left = 0;
    assert_int_equal(bc__orphans_add(&with.orphans, with.blocks[5]), BC__ERR_MEMORY);
    with.counter.left = SIZE_MAX;
    assert_int_equal(with.orphans.count, 2);
    teardown(&with);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(children_are_found_by_their_parent),
        cmocka_unit_test(the_oldest_that_is_ready_is_taken),
        cmocka_unit_test(the_oldest_leave_when_room_is_short),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
