#include "test/support/engine_fixture.h"

#include "src/chain/mempool.h"
#include "test/support/counting_heap.h"

typedef struct bench {
    counting_heap counter;
    bc__heap heap;
    bc_params *params;
    bc__mempool mempool;
    uint64_t sequence;
} bench;

static void setup(bench *with)
{
    memset(with, 0, sizeof *with);
    with->counter = (counting_heap)COUNTING_HEAP_ENDLESS;
    with->heap = counting_heap_internal(&with->counter);
    with->params = fixture_params(0, NULL);
    bc__mempool_init(&with->mempool, &with->heap, BC_NONE);
}

static void teardown(bench *with)
{
    bc__mempool_free(&with->mempool);
    assert_int_equal(with->mempool.count, 0);
    assert_int_equal(with->mempool.bytes, 0);
    assert_int_equal(with->mempool.returned_count, 0);
    assert_int_equal(with->counter.held, 0);
    bc_params_unref(with->params);
}

static void add(bench *with, unsigned amount, bool returned)
{
    bc_tx *tx = fixture_tx(with->params, amount);
    bc__waiting *waiting = bc__waiting_new(&with->heap, tx, with->sequence++, returned);
    assert_non_null(waiting);
    bc_tx_unref(tx);
    bc__mempool_add(&with->mempool, waiting);
}

/* Amounts from the oldest on, and the links backwards are the same. */
static const char *amounts(const bench *with)
{
    static char text[256];
    size_t used = 0;
    uint64_t bytes = 0;
    const bc__waiting *before = NULL;
    text[0] = '\0';
    for (const bc__waiting *at = with->mempool.oldest; at != NULL; at = at->newer) {
        unsigned amount = fixture_amount(at->tx);
        assert_int_not_equal(amount, FIXTURE_NO_AMOUNT);
        used +=
            (size_t)snprintf(text + used, sizeof text - used, "%s%u", used == 0 ? "" : " ", amount);
        assert_ptr_equal(at->older, before);
        bytes += bc__mempool_cost(&with->mempool, at->tx);
        before = at;
    }
    assert_ptr_equal(with->mempool.newest, before);
    assert_int_equal(with->mempool.bytes, bytes);
    return text;
}

static void a_block_of_our_own_is_found_in_order(void **state)
{
    (void)state;
    bench with;
    char text[256];
    setup(&with);
    for (unsigned at = 0; at < 6; at++) {
        add(&with, at % 3, at >= 4);
    }
    assert_string_equal(amounts(&with), "0 1 2 0 1 2");
    assert_int_equal(with.mempool.returned_count, 2);
    snprintf(text, sizeof text, "%s, %s, %s", fixture_record(1), fixture_record(0),
             fixture_record(2));
    bc_block *block = fixture_block(with.params, NULL, 1, text, 1);
    bc__mempool_mark_block(&with.mempool, block, 3);
    bc__mempool_unmark_all(&with.mempool);
    bc__mempool_remove_marked(&with.mempool);
    assert_string_equal(amounts(&with), "0 1 2 0 1 2");
    bc__mempool_mark_block(&with.mempool, block, 2);
    bc__mempool_remove_marked(&with.mempool);
    assert_string_equal(amounts(&with), "0 2 1 2");
    bc__mempool_mark_block(&with.mempool, block, 3);
    bc__mempool_remove_marked(&with.mempool);
    assert_string_equal(amounts(&with), "0 2 2"); /* 1, and no 0 behind it */
    assert_int_equal(with.mempool.returned_count, 1);
    bc_block_unref(block);
    teardown(&with);
}

static void room_is_counted(void **state)
{
    (void)state;
    bench with;
    setup(&with);
    add(&with, 1, false);
    uint64_t cost = with.mempool.bytes;
    assert_true(cost > 0);
    assert_true(bc__mempool_has_room(&with.mempool, with.mempool.bytes, UINT64_MAX - cost));
    assert_false(bc__mempool_has_room(&with.mempool, with.mempool.bytes, UINT64_MAX - cost + 1));
    with.mempool.limit = 2 * cost;
    assert_true(bc__mempool_has_room(&with.mempool, with.mempool.bytes, cost));
    assert_false(bc__mempool_has_room(&with.mempool, with.mempool.bytes, cost + 1));
    with.mempool.limit = cost - 1; /* less than there is already */
    assert_false(bc__mempool_has_room(&with.mempool, with.mempool.bytes, 0));
    with.counter.left = 0;
    bc_tx *tx = fixture_tx(with.params, 1);
    assert_null(bc__waiting_new(&with.heap, tx, 1, false));
    bc_tx_unref(tx);
    teardown(&with);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_block_of_our_own_is_found_in_order),
        cmocka_unit_test(room_is_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
