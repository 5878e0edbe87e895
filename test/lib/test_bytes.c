#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "lib/bytes.h"

/* Counts what is held, and fails once `left` allocations were given. */
typedef struct counting_heap {
    size_t left;
    size_t held;
} counting_heap;

static void *allocate(void *context, size_t size)
{
    counting_heap *counter = context;
    assert_true(size > 0);
    if (counter->left == 0) {
        return NULL;
    }
    counter->left--;
    counter->held++;
    return malloc(size);
}

static void *reallocate(void *context, void *memory, size_t size)
{
    counting_heap *counter = context;
    assert_true(size > 0);
    if (counter->left == 0) {
        return NULL;
    }
    counter->left--;
    counter->held += memory == NULL;
    return realloc(memory, size);
}

static void release(void *context, void *memory)
{
    counting_heap *counter = context;
    assert_non_null(memory);
    counter->held--;
    free(memory);
}

static bc__heap make_heap(counting_heap *counter)
{
    return (bc__heap){counter, allocate, reallocate, release};
}

static void init_allocates_nothing(void **state)
{
    (void)state;
    counting_heap counter = {.left = 0};
    bc__heap heap = make_heap(&counter);
    bc__bytes bytes;
    bc__bytes_init(&bytes, &heap, 10);
    assert_null(bytes.data);
    assert_int_equal(bytes.length, 0);
    assert_int_equal(bytes.capacity, 0);
    assert_int_equal(bytes.limit, 10);
    assert_int_equal(bc__bytes_append(&bytes, NULL, 0), BC__OK);
    assert_int_equal(bc__bytes_reserve(&bytes, 0), BC__OK);
    bc__bytes_free(&bytes);
    assert_int_equal(counter.held, 0);
}

static void appended_bytes_stay_in_order(void **state)
{
    (void)state;
    counting_heap counter = {.left = SIZE_MAX};
    bc__heap heap = make_heap(&counter);
    bc__bytes bytes;
    bc__bytes_init(&bytes, &heap, SIZE_MAX);
    for (uint32_t i = 0; i < 1000; i++) {
        const uint8_t pair[2] = {(uint8_t)i, (uint8_t)(i >> 8)};
        assert_int_equal(bc__bytes_append(&bytes, pair, 2), BC__OK);
        assert_int_equal(bc__bytes_append_byte(&bytes, 0xff), BC__OK);
    }
    assert_int_equal(bytes.length, 3000);
    assert_true(bytes.capacity >= bytes.length);
    for (uint32_t i = 0; i < 1000; i++) {
        assert_int_equal(bytes.data[3 * i], i & 0xff);
        assert_int_equal(bytes.data[3 * i + 1], i >> 8);
        assert_int_equal(bytes.data[3 * i + 2], 0xff);
    }
    bc__bytes_free(&bytes);
    assert_null(bytes.data);
    assert_int_equal(bytes.length, 0);
    assert_ptr_equal(bytes.heap, &heap);
    assert_int_equal(counter.held, 0);
}

static void growth_is_geometric(void **state)
{
    (void)state;
    counting_heap counter = {.left = 64}; /* log(1e6 / 64) / log(1.5) is 24 */
    bc__heap heap = make_heap(&counter);
    bc__bytes bytes;
    bc__bytes_init(&bytes, &heap, SIZE_MAX);
    for (size_t i = 0; i < 1000000; i++) {
        assert_int_equal(bc__bytes_append_byte(&bytes, 1), BC__OK);
    }
    assert_true(counter.left >= 64 - 26);
    bc__bytes_free(&bytes);
}

static void reserve_makes_room_at_once(void **state)
{
    (void)state;
    counting_heap counter = {.left = 1};
    bc__heap heap = make_heap(&counter);
    bc__bytes bytes;
    bc__bytes_init(&bytes, &heap, SIZE_MAX);
    assert_int_equal(bc__bytes_reserve(&bytes, 5000), BC__OK);
    assert_int_equal(bytes.length, 0);
    for (size_t i = 0; i < 5000; i++) {
        assert_int_equal(bc__bytes_append_byte(&bytes, 1), BC__OK);
    }
    bc__bytes_free(&bytes);
    assert_int_equal(counter.held, 0);
}

static void limit_is_reached_and_not_passed(void **state)
{
    (void)state;
    counting_heap counter = {.left = SIZE_MAX};
    bc__heap heap = make_heap(&counter);
    bc__bytes bytes;
    bc__bytes_init(&bytes, &heap, 100);
    uint8_t source[101];
    memset(source, 7, sizeof(source));
    assert_int_equal(bc__bytes_append(&bytes, source, 101), BC__ERR_LIMIT);
    assert_null(bytes.data);
    assert_int_equal(bc__bytes_append(&bytes, source, 99), BC__OK);
    assert_int_equal(bc__bytes_append(&bytes, source, 2), BC__ERR_LIMIT);
    assert_int_equal(bytes.length, 99);
    assert_int_equal(bc__bytes_append_byte(&bytes, 8), BC__OK);
    assert_int_equal(bytes.length, 100);
    assert_true(bytes.capacity <= 100);
    assert_int_equal(bytes.data[99], 8);
    assert_int_equal(bc__bytes_append_byte(&bytes, 9), BC__ERR_LIMIT);
    assert_int_equal(bc__bytes_reserve(&bytes, SIZE_MAX), BC__ERR_LIMIT);
    assert_int_equal(bytes.length, 100);
    bc__bytes_free(&bytes);
}

static void failed_growth_changes_nothing(void **state)
{
    (void)state;
    counting_heap counter = {.left = 1};
    bc__heap heap = make_heap(&counter);
    bc__bytes bytes;
    bc__bytes_init(&bytes, &heap, SIZE_MAX);
    assert_int_equal(bc__bytes_append(&bytes, "abc", 3), BC__OK);
    const uint8_t *data = bytes.data;
    size_t capacity = bytes.capacity;
    assert_int_equal(bc__bytes_reserve(&bytes, capacity), BC__ERR_MEMORY);
    assert_ptr_equal(bytes.data, data);
    assert_int_equal(bytes.capacity, capacity);
    assert_int_equal(bytes.length, 3);
    assert_memory_equal(bytes.data, "abc", 3);
    bc__bytes_free(&bytes);
    assert_int_equal(counter.held, 0);
}

static void array_sizes_do_not_overflow(void **state)
{
    (void)state;
    counting_heap counter = {.left = SIZE_MAX};
    bc__heap heap = make_heap(&counter);
    assert_null(bc__heap_array(&heap, SIZE_MAX / 8 + 1, 8));
    assert_null(bc__heap_array(&heap, 0, 8));
    assert_null(bc__heap_array(&heap, 8, 0));
    assert_null(bc__heap_regrow(&heap, NULL, SIZE_MAX / 8 + 1, 8));
    assert_null(bc__heap_regrow(&heap, NULL, 0, 1));
    assert_null(bc__heap_regrow(&heap, NULL, 1, 0));
    assert_int_equal(counter.left, SIZE_MAX);
    bc__heap_release(&heap, NULL);
    void *memory = bc__heap_array(&heap, 4, 8);
    assert_non_null(memory);
    bc__heap_release(&heap, memory);
    assert_int_equal(counter.held, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(init_allocates_nothing),
        cmocka_unit_test(appended_bytes_stay_in_order),
        cmocka_unit_test(growth_is_geometric),
        cmocka_unit_test(reserve_makes_room_at_once),
        cmocka_unit_test(limit_is_reached_and_not_passed),
        cmocka_unit_test(failed_growth_changes_nothing),
        cmocka_unit_test(array_sizes_do_not_overflow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
