#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "lib/chunk_array.h"
#include "test/support/counting_heap.h"

static void elements_are_zero_and_never_move(void **state)
{
    (void)state;
    counting_heap counter = COUNTING_HEAP_ENDLESS;
    bc__heap heap = counting_heap_internal(&counter);
    bc__chunk_array array;
    bc__chunk_array_init(&array, &heap, sizeof(uint64_t));
    assert_int_equal(counter.held, 0);
    assert_int_equal(bc__chunk_array_reserve(&array, 0), BC__OK);
    assert_int_equal(array.chunk_count, 0);
    assert_int_equal(bc__chunk_array_reserve(&array, 1), BC__OK);
    uint64_t *first = bc__chunk_array_at(&array, 0);
    const size_t count = 20 * (size_t)BC__CHUNK_ELEMENTS + 1;
    assert_int_equal(bc__chunk_array_reserve(&array, count), BC__OK);
    assert_int_equal(array.chunk_count, 21);
    assert_ptr_equal(bc__chunk_array_at(&array, 0), first);
    for (size_t at = 0; at < count; at++) {
        uint64_t *element = bc__chunk_array_at(&array, at);
        assert_int_equal(*element, 0);
        *element = at + 1;
    }
    assert_int_equal(bc__chunk_array_reserve(&array, 5), BC__OK); /* shrinks nothing */
    for (size_t at = 0; at < count; at++) {
        assert_int_equal(*(uint64_t *)bc__chunk_array_at(&array, at), at + 1);
    }
    bc__chunk_array_free(&array);
    assert_int_equal(counter.held, 0);
    assert_int_equal(bc__chunk_array_reserve(&array, 1), BC__OK); /* usable again */
    bc__chunk_array_free(&array);
    assert_int_equal(counter.held, 0);
}

static void an_exact_chunk_needs_no_second(void **state)
{
    (void)state;
    counting_heap counter = COUNTING_HEAP_ENDLESS;
    bc__heap heap = counting_heap_internal(&counter);
    bc__chunk_array array;
    bc__chunk_array_init(&array, &heap, 3);
    assert_int_equal(bc__chunk_array_reserve(&array, BC__CHUNK_ELEMENTS), BC__OK);
    assert_int_equal(array.chunk_count, 1);
    memset(bc__chunk_array_at(&array, BC__CHUNK_ELEMENTS - 1), 1, 3);
    bc__chunk_array_free(&array);
    assert_int_equal(counter.held, 0);
}

static void want_of_memory_keeps_the_elements(void **state)
{
    (void)state;
    for (size_t left = 0; left < 14; left++) {
        counting_heap counter = {.left = left};
        bc__heap heap = counting_heap_internal(&counter);
        bc__chunk_array array;
        size_t room = 0;
        bc__chunk_array_init(&array, &heap, 1);
        while (bc__chunk_array_reserve(&array, room + BC__CHUNK_ELEMENTS) == BC__OK) {
            memset(bc__chunk_array_at(&array, room), (int)(room / BC__CHUNK_ELEMENTS),
                   BC__CHUNK_ELEMENTS);
            room += BC__CHUNK_ELEMENTS;
        }
        assert_int_equal(bc__chunk_array_reserve(&array, SIZE_MAX), BC__ERR_MEMORY);
        for (size_t at = 0; at < room; at++) {
            assert_int_equal(*(uint8_t *)bc__chunk_array_at(&array, at), at / BC__CHUNK_ELEMENTS);
        }
        bc__chunk_array_free(&array);
        assert_int_equal(counter.held, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(elements_are_zero_and_never_move),
        cmocka_unit_test(an_exact_chunk_needs_no_second),
        cmocka_unit_test(want_of_memory_keeps_the_elements),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
