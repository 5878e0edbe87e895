#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/recent_set.h"
#include "test/support/counting_heap.h"
#include "test/support/random.h"

enum { VALUES = 2000, SLOT_BYTES = 32, GENERATIONS = 2 };

/* Memory whose most bytes at a time are kept in mind. */
typedef struct weighing_heap {
    size_t held;
    size_t most;
    size_t refused; /* the number of the one request that is refused, from 1; 0 for none */
    size_t requests;
} weighing_heap;

static void *weigh(void *context, size_t size)
{
    weighing_heap *scales = context;
    if (++scales->requests == scales->refused) {
        return NULL;
    }
    max_align_t *memory = malloc(sizeof *memory + size);
    assert_non_null(memory);
    memcpy(memory, &size, sizeof size);
    scales->held += size;
    scales->most = scales->held > scales->most ? scales->held : scales->most;
    return memory + 1;
}

static void unweigh(void *context, void *memory)
{
    weighing_heap *scales = context;
    max_align_t *begin = (max_align_t *)memory - 1;
    size_t size;
    memcpy(&size, begin, sizeof size);
    scales->held -= size;
    free(begin);
}

/* Different ones for different numbers, and never zero. */
static const uint8_t *value_of(uint32_t number)
{
    static uint8_t value[BC__RECENT_BYTES];
    memset(value, 7, sizeof value);
    memcpy(value + number % 29, &number, sizeof number);
    return value;
}

static void knows_what_was_added_and_nothing_else(void **state)
{
    (void)state;
    static bool added[VALUES];
    test_random random = test_random_begin();
    counting_heap counter = COUNTING_HEAP_ENDLESS;
    bc__heap heap = counting_heap_internal(&counter);
    bc__recent_set set;
    bc__recent_set_init(&set, &heap, UINT64_MAX);
    memset(added, 0, sizeof added);
    for (size_t step = 0; step < VALUES; step++) {
        uint32_t number = (uint32_t)test_random_below(&random, VALUES);
        assert_true(bc__recent_set_has(&set, value_of(number)) == added[number]);
        bc__recent_set_add(&set, value_of(number));
        added[number] = true;
        assert_true(bc__recent_set_has(&set, value_of(number)));
    }
    for (uint32_t number = 0; number < VALUES; number++) {
        assert_true(bc__recent_set_has(&set, value_of(number)) == added[number]);
    }
    bc__recent_set_free(&set);
    assert_int_equal(counter.held, 0);
}

static void values_that_differ_in_one_bit_are_different(void **state)
{
    (void)state;
    counting_heap counter = COUNTING_HEAP_ENDLESS;
    bc__heap heap = counting_heap_internal(&counter);
    bc__recent_set set;
    uint8_t value[BC__RECENT_BYTES];
    bc__recent_set_init(&set, &heap, UINT64_MAX);
    memcpy(value, value_of(1), sizeof value);
    bc__recent_set_add(&set, value);
    for (size_t bit = 0; bit < 8 * sizeof value; bit++) {
        value[bit / 8] ^= (uint8_t)(1U << bit % 8);
        assert_false(bc__recent_set_has(&set, value));
        value[bit / 8] ^= (uint8_t)(1U << bit % 8);
    }
    assert_true(bc__recent_set_has(&set, value));
    bc__recent_set_free(&set);
}

static void zeros_are_never_remembered(void **state)
{
    (void)state;
    static const uint8_t zeros[BC__RECENT_BYTES];
    counting_heap counter = COUNTING_HEAP_ENDLESS;
    bc__heap heap = counting_heap_internal(&counter);
    bc__recent_set set;
    bc__recent_set_init(&set, &heap, UINT64_MAX);
    assert_false(bc__recent_set_has(&set, zeros));
    bc__recent_set_add(&set, zeros);
    assert_false(bc__recent_set_has(&set, zeros));
    bc__recent_set_add(&set, value_of(1));
    bc__recent_set_add(&set, zeros);
    assert_false(bc__recent_set_has(&set, zeros));
    bc__recent_set_free(&set);
}

/* The bound in bytes holds at every moment, growth included, and one generation of the last values is
 * always there: three quarters of half the slots that the bound has room for. */
static void the_newest_stay_within_the_bound(void **state)
{
    (void)state;
    static const uint64_t limits[] = {1024, 1025, 2000, 4096, 5000, 10007, 65536};
    for (size_t at = 0; at < sizeof limits / sizeof limits[0]; at++) {
        weighing_heap scales = {0};
        bc__heap heap = {&scales, weigh, NULL, unweigh};
        bc__recent_set set;
        size_t slots = (size_t)limits[at] / SLOT_BYTES / GENERATIONS;
        uint32_t sure = (uint32_t)(slots * 3 / 4);
        bc__recent_set_init(&set, &heap, limits[at]);
        assert_int_equal(scales.held, 0);
        for (uint32_t number = 0; number < 5 * sure + 7; number++) {
            bc__recent_set_add(&set, value_of(number));
            assert_true(scales.most <= limits[at]);
            for (uint32_t back = 0; back < sure && back <= number; back++) {
                assert_true(bc__recent_set_has(&set, value_of(number - back)));
            }
            if (number >= 3 * sure) {
                assert_false(bc__recent_set_has(&set, value_of(number - 3 * sure)));
            }
        }
        assert_true(scales.most > limits[at] / 2);
        bc__recent_set_free(&set);
        assert_int_equal(scales.held, 0);
    }
}

/* A value that is added again is as good as new. */
static void what_is_added_again_stays(void **state)
{
    (void)state;
    counting_heap counter = COUNTING_HEAP_ENDLESS;
    bc__heap heap = counting_heap_internal(&counter);
    bc__recent_set set;
    bc__recent_set_init(&set, &heap, 4096);
    for (uint32_t number = 1; number < 1000; number++) {
        bc__recent_set_add(&set, value_of(number));
        bc__recent_set_add(&set, value_of(0));
        assert_true(bc__recent_set_has(&set, value_of(0)));
    }
    bc__recent_set_free(&set);
}

static void few_values_take_little(void **state)
{
    (void)state;
    weighing_heap scales = {0};
    bc__heap heap = {&scales, weigh, NULL, unweigh};
    bc__recent_set set;
    bc__recent_set_init(&set, &heap, UINT64_MAX);
    bc__recent_set_add(&set, value_of(1));
    assert_true(scales.most <= 1024);
    bc__recent_set_free(&set);
}

static void without_room_it_remembers_nothing(void **state)
{
    (void)state;
    counting_heap counter = {.left = 0};
    bc__heap heap = counting_heap_internal(&counter);
    bc__recent_set set;
    static const uint64_t limits[] = {0, 1, 1023};
    for (size_t at = 0; at < sizeof limits / sizeof limits[0]; at++) {
        counter.left = SIZE_MAX;
        bc__recent_set_init(&set, &heap, limits[at]);
        bc__recent_set_add(&set, value_of(1));
        assert_false(bc__recent_set_has(&set, value_of(1)));
        assert_int_equal(counter.held, 0);
        bc__recent_set_free(&set);
    }
}

/* Wherever memory ends, the newest value of a set that has any is there, and those it says it has were
 * added. With memory again it grows again. */
static void survives_a_heap_that_ends(void **state)
{
    (void)state;
    for (size_t given = 0; given < 8; given++) {
        counting_heap counter = {.left = given};
        bc__heap heap = counting_heap_internal(&counter);
        bc__recent_set set;
        bc__recent_set_init(&set, &heap, 4096);
        for (uint32_t number = 0; number < 500; number++) {
            counter.left = number == 250 ? SIZE_MAX : counter.left;
            bc__recent_set_add(&set, value_of(number));
            assert_true(bc__recent_set_has(&set, value_of(number)) == (given > 0 || number >= 250));
            assert_false(bc__recent_set_has(&set, value_of(number + 1)));
        }
        for (uint32_t number = 500 - 48; number < 500; number++) {
            assert_true(bc__recent_set_has(&set, value_of(number)));
        }
        bc__recent_set_free(&set);
        assert_int_equal(counter.held, 0);
    }
}

/* A refusal in passing leaves generations of other sizes than usual, and the bound holds all the same. */
static void one_refusal_does_not_break_the_bound(void **state)
{
    (void)state;
    enum { LIMIT = 16384, SURE = LIMIT / SLOT_BYTES / GENERATIONS * 3 / 4 };
    for (size_t refused = 1; refused < 10; refused++) {
        weighing_heap scales = {.refused = refused};
        bc__heap heap = {&scales, weigh, NULL, unweigh};
        bc__recent_set set;
        bc__recent_set_init(&set, &heap, LIMIT);
        for (uint32_t number = 0; number < 5 * SURE; number++) {
            bc__recent_set_add(&set, value_of(number));
            assert_true(bc__recent_set_has(&set, value_of(number)) || refused == 1);
            assert_true(scales.most <= LIMIT);
        }
        bc__recent_set_free(&set);
        assert_int_equal(scales.held, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_what_was_added_and_nothing_else),
        cmocka_unit_test(values_that_differ_in_one_bit_are_different),
        cmocka_unit_test(zeros_are_never_remembered),
        cmocka_unit_test(the_newest_stay_within_the_bound),
        cmocka_unit_test(what_is_added_again_stays),
        cmocka_unit_test(few_values_take_little),
        cmocka_unit_test(without_room_it_remembers_nothing),
        cmocka_unit_test(survives_a_heap_that_ends),
        cmocka_unit_test(one_refusal_does_not_break_the_bound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
