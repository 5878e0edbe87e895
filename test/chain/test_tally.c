#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "src/chain/tally.h"
#include "test/support/counting_heap.h"

static const uint8_t *id_of(uint8_t number)
{
    static uint8_t id[BC_ID_BYTES];
    memset(id, 0, sizeof id);
    id[0] = number;
    return id;
}

static void only_entered_ids_are_counted(void **state)
{
    (void)state;
    counting_heap counter = COUNTING_HEAP_ENDLESS;
    bc__heap heap = counting_heap_internal(&counter);
    bc__tally tally;
    bc__tally_init(&tally, &heap);
    assert_int_equal(bc__tally_enter(&tally, id_of(1)), BC__OK);
    bc__tally_raise(&tally, id_of(1));
    bc__tally_raise(&tally, id_of(1));
    bc__tally_raise(&tally, id_of(2));
    assert_int_equal(bc__tally_enter(&tally, id_of(1)), BC__OK); /* again: nothing happens */
    assert_int_equal(tally.used, 1);
    assert_true(bc__tally_lower(&tally, id_of(1)));
    assert_true(bc__tally_lower(&tally, id_of(1)));
    assert_false(bc__tally_lower(&tally, id_of(1)));
    assert_false(bc__tally_lower(&tally, id_of(2)));
    bc__tally_free(&tally);
    assert_int_equal(counter.held, 0);
}

static void what_is_claimed_is_left_to_its_claimant(void **state)
{
    (void)state;
    counting_heap counter = COUNTING_HEAP_ENDLESS;
    bc__heap heap = counting_heap_internal(&counter);
    bc__tally tally;
    bc__tally_init(&tally, &heap);
    assert_int_equal(bc__tally_enter(&tally, id_of(1)), BC__OK);
    bc__tally_claim(&tally, id_of(1));
    bc__tally_claim(&tally, id_of(9));
    assert_false(bc__tally_lower_unclaimed(&tally, id_of(1)));
    bc__tally_raise(&tally, id_of(1));
    assert_false(bc__tally_lower_unclaimed(&tally, id_of(1)));
    bc__tally_raise(&tally, id_of(1));
    assert_true(bc__tally_lower_unclaimed(&tally, id_of(1)));
    assert_false(bc__tally_lower_unclaimed(&tally, id_of(1)));
    assert_true(bc__tally_lower(&tally, id_of(1)));
    assert_false(bc__tally_lower_unclaimed(&tally, id_of(9)));
    bc__tally_free(&tally);
    assert_int_equal(counter.held, 0);
}

static void growth_keeps_counts_and_want_of_memory_changes_nothing(void **state)
{
    (void)state;
    for (size_t left = 0; left < 12; left++) {
        counting_heap counter = {.left = left};
        bc__heap heap = counting_heap_internal(&counter);
        bc__tally tally;
        unsigned entered = 0;
        bc__tally_init(&tally, &heap);
        while (entered < 255 && bc__tally_enter(&tally, id_of((uint8_t)entered)) == BC__OK) {
            bc__tally_raise(&tally, id_of((uint8_t)entered));
            entered++;
        }
        assert_int_equal(tally.used, entered);
        assert_false(bc__tally_lower(&tally, id_of(255)));
        for (unsigned at = 0; at < entered; at++) {
            assert_true(bc__tally_lower(&tally, id_of((uint8_t)at)));
        }
        bc__tally_free(&tally);
        assert_int_equal(counter.held, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_entered_ids_are_counted),
        cmocka_unit_test(what_is_claimed_is_left_to_its_claimant),
        cmocka_unit_test(growth_keeps_counts_and_want_of_memory_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
