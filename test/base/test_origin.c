#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "src/base/origin.h"
#include "test/support/counting_heap.h"

/* An origin that says when it goes. */
typedef struct watched_origin {
    bc__origin origin; /* first */
    int destroyed;
} watched_origin;

static void count_destruction(bc__origin *origin)
{
    ((watched_origin *)origin)->destroyed++;
}

static void goes_with_its_last_reference(void **state)
{
    (void)state;
    watched_origin watched = {.destroyed = 0};
    assert_int_equal(bc__origin_init(&watched.origin, NULL, count_destruction, NULL), BC_OK);
    assert_ptr_equal(bc__origin_ref(&watched.origin), &watched.origin);
    bc__origin_ref(&watched.origin);
    bc__origin_unref(&watched.origin);
    bc__origin_unref(&watched.origin);
    assert_int_equal(watched.destroyed, 0);
    bc__origin_unref(&watched.origin);
    assert_int_equal(watched.destroyed, 1);
    bc__origin_unref(NULL);
}

static void uses_the_hosts_allocator(void **state)
{
    (void)state;
    counting_heap counter = COUNTING_HEAP_ENDLESS;
    bc_allocator allocator = counting_heap_public(&counter);
    watched_origin watched = {.destroyed = 0};
    assert_int_equal(bc__origin_init(&watched.origin, &allocator, count_destruction, NULL), BC_OK);
    memset(&allocator, 0, sizeof allocator); /* it was copied */
    const bc__heap *heap = &watched.origin.heap;
    uint8_t *memory = bc__heap_array(heap, 3, 5);
    assert_non_null(memory);
    assert_int_equal(counter.held, 1);
    memory = bc__heap_regrow(heap, memory, 100, 1);
    assert_non_null(memory);
    bc__heap_release(heap, memory);
    bc__heap_release(heap, NULL);
    assert_int_equal(counter.held, 0);
    bc__origin_unref(&watched.origin);
}

static void uses_malloc_without_an_allocator(void **state)
{
    (void)state;
    bc__heap heap;
    assert_int_equal(bc__heap_from_allocator(&heap, NULL, NULL), BC_OK);
    uint8_t *memory = bc__heap_array(&heap, 10, 1);
    assert_non_null(memory);
    memory = bc__heap_regrow(&heap, memory, 1000, 1);
    assert_non_null(memory);
    memory[999] = 1;
    bc__heap_release(&heap, memory);
}

static void refuses_an_incomplete_allocator(void **state)
{
    (void)state;
    counting_heap counter = COUNTING_HEAP_ENDLESS;
    for (int missing = 0; missing < 3; missing++) {
        bc_allocator allocator = counting_heap_public(&counter);
        bc_error error = {0};
        watched_origin watched = {.destroyed = 0};
        if (missing == 0) {
            allocator.allocate = NULL;
        } else if (missing == 1) {
            allocator.reallocate = NULL;
        } else {
            allocator.release = NULL;
        }
        assert_int_equal(bc__origin_init(&watched.origin, &allocator, count_destruction, &error),
                         BC_ERR_ARGUMENT);
        assert_int_equal(error.code, BC_ERR_ARGUMENT);
    }
}

static void refuses_an_allocator_with_no_size_or_unknown_members(void **state)
{
    (void)state;
    counting_heap counter = COUNTING_HEAP_ENDLESS;
    struct {
        bc_allocator allocator;
        uint64_t newer;
    } given = {counting_heap_public(&counter), 1};
    bc__heap heap;
    bc_error error = {0};
    given.allocator.struct_size = 0;
    assert_int_equal(bc__heap_from_allocator(&heap, &given.allocator, &error), BC_ERR_ARGUMENT);
    given.allocator.struct_size = (uint32_t)(sizeof given.allocator + sizeof given.newer);
    assert_int_equal(bc__heap_from_allocator(&heap, &given.allocator, &error), BC_ERR_UNSUPPORTED);
    assert_int_equal(error.code, BC_ERR_UNSUPPORTED);
    given.newer = 0;
    assert_int_equal(bc__heap_from_allocator(&heap, &given.allocator, &error), BC_OK);
}

static void sizes_never_overflow(void **state)
{
    (void)state;
    counting_heap counter = COUNTING_HEAP_ENDLESS;
    bc__heap heap = counting_heap_internal(&counter);
    assert_null(bc__heap_array(&heap, SIZE_MAX / 2 + 1, 2));
    assert_null(bc__heap_array(&heap, 0, 8));
    assert_null(bc__heap_array(&heap, 8, 0));
    assert_null(bc__heap_regrow(&heap, NULL, SIZE_MAX / 2 + 1, 2));
    assert_null(bc__heap_regrow(&heap, NULL, 0, 8));
    assert_null(bc__heap_regrow(&heap, NULL, 8, 0));
    assert_int_equal(counter.held, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(goes_with_its_last_reference),
        cmocka_unit_test(uses_the_hosts_allocator),
        cmocka_unit_test(uses_malloc_without_an_allocator),
        cmocka_unit_test(refuses_an_incomplete_allocator),
        cmocka_unit_test(refuses_an_allocator_with_no_size_or_unknown_members),
        cmocka_unit_test(sizes_never_overflow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
