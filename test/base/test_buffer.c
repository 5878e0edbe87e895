#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "src/base/buffer.h"
#include "test/support/counting_heap.h"

typedef struct watched_origin {
    bc__origin origin; /* first */
    int destroyed;
    counting_heap counter;
} watched_origin;

static void count_destruction(bc__origin *origin)
{
    ((watched_origin *)origin)->destroyed++;
}

static void make_origin(watched_origin *watched)
{
    watched->destroyed = 0;
    watched->counter = (counting_heap)COUNTING_HEAP_ENDLESS;
    bc_allocator allocator = counting_heap_public(&watched->counter);
    assert_int_equal(bc__origin_init(&watched->origin, &allocator, count_destruction, NULL), BC_OK);
}

static void assert_gone(watched_origin *watched)
{
    assert_int_equal(watched->destroyed, 0);
    bc__origin_unref(&watched->origin);
    assert_int_equal(watched->destroyed, 1);
    assert_int_equal(watched->counter.held, 0);
}

static void takes_bytes(void **state)
{
    (void)state;
    watched_origin watched;
    bc__bytes bytes;
    bc_buffer *buffer = NULL;
    make_origin(&watched);
    bc__bytes_init(&bytes, &watched.origin.heap, 100);
    assert_int_equal(bc__bytes_append(&bytes, "text", 4), BC__OK);
    assert_int_equal(bc__buffer_take(&buffer, &bytes, &watched.origin, NULL), BC_OK);
    assert_int_equal(bytes.length, 0);
    assert_null(bytes.data);
    bc__bytes_free(&bytes);
    assert_int_equal(bc_buffer_length(buffer), 4);
    assert_string_equal((const char *)bc_buffer_data(buffer), "text");
    bc_buffer_unref(buffer);
    assert_gone(&watched);
}

static void copies_bytes(void **state)
{
    (void)state;
    watched_origin watched;
    bc_buffer *buffer = NULL;
    char text[] = "text";
    make_origin(&watched);
    assert_int_equal(bc__buffer_copy(&buffer, text, 4, &watched.origin, NULL), BC_OK);
    text[0] = 'n';
    assert_int_equal(bc_buffer_length(buffer), 4);
    assert_string_equal((const char *)bc_buffer_data(buffer), "text");
    bc_buffer_unref(buffer);
    assert_gone(&watched);
}

static void may_be_empty(void **state)
{
    (void)state;
    watched_origin watched;
    bc_buffer *buffer = NULL;
    make_origin(&watched);
    assert_int_equal(bc__buffer_copy(&buffer, NULL, 0, &watched.origin, NULL), BC_OK);
    assert_int_equal(bc_buffer_length(buffer), 0);
    assert_string_equal((const char *)bc_buffer_data(buffer), "");
    bc_buffer_unref(buffer);
    bc_buffer_unref(NULL);
    assert_gone(&watched);
}

/* A buffer keeps its origin alive. */
static void outlives_its_maker(void **state)
{
    (void)state;
    watched_origin watched;
    bc_buffer *buffer = NULL;
    make_origin(&watched);
    assert_int_equal(bc__buffer_copy(&buffer, "text", 4, &watched.origin, NULL), BC_OK);
    bc__origin_unref(&watched.origin);
    assert_int_equal(watched.destroyed, 0);
    assert_string_equal((const char *)bc_buffer_data(buffer), "text");
    bc_buffer_unref(buffer);
    assert_int_equal(watched.destroyed, 1);
    assert_int_equal(watched.counter.held, 0);
}

static void taking_fails_with_the_bytes_as_they_were(void **state)
{
    (void)state;
    watched_origin watched;
    bc__bytes bytes;
    make_origin(&watched);
    bc__bytes_init(&bytes, &watched.origin.heap, SIZE_MAX);
    assert_int_equal(bc__bytes_append(&bytes, "text", 4), BC__OK);
    while (bytes.length < bytes.capacity) {
        assert_int_equal(bc__bytes_append_byte(&bytes, '.'), BC__OK);
    }
    size_t length = bytes.length;
    for (size_t left = 0; left < 2; left++) {
        bc_buffer *buffer = (bc_buffer *)&watched;
        bc_error error = {0};
        watched.counter.left = left;
        assert_int_equal(bc__buffer_take(&buffer, &bytes, &watched.origin, &error), BC_ERR_MEMORY);
        assert_int_equal(error.code, BC_ERR_MEMORY);
        assert_null(buffer);
        assert_int_equal(bytes.length, length);
        assert_memory_equal(bytes.data, "text", 4);
    }
    bc__bytes_free(&bytes);
    assert_gone(&watched);
}

static void taking_fails_at_the_limit(void **state)
{
    (void)state;
    watched_origin watched;
    bc__bytes bytes;
    bc_buffer *buffer = (bc_buffer *)&watched;
    bc_error error = {0};
    make_origin(&watched);
    bc__bytes_init(&bytes, &watched.origin.heap, 4);
    assert_int_equal(bc__bytes_append(&bytes, "text", 4), BC__OK);
    assert_int_equal(bc__buffer_take(&buffer, &bytes, &watched.origin, &error), BC_ERR_LIMIT);
    assert_int_equal(error.code, BC_ERR_LIMIT);
    assert_null(buffer);
    assert_int_equal(bytes.length, 4);
    bc__bytes_free(&bytes);
    assert_gone(&watched);
}

static void copying_fails_without_memory(void **state)
{
    (void)state;
    watched_origin watched;
    make_origin(&watched);
    bc_status status = BC_ERR_MEMORY;
    size_t failures = 0;
    for (size_t left = 0; status != BC_OK; left++) {
        bc_buffer *buffer = (bc_buffer *)&watched;
        bc_error error = {0};
        watched.counter.left = left;
        status = bc__buffer_copy(&buffer, "text", 4, &watched.origin, &error);
        if (status != BC_OK) {
            failures++;
            assert_int_equal(status, BC_ERR_MEMORY);
            assert_int_equal(error.code, BC_ERR_MEMORY);
            assert_null(buffer);
            assert_int_equal(watched.counter.held, 0);
        }
        bc_buffer_unref(buffer);
    }
    assert_true(failures >= 2);
    assert_gone(&watched);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_bytes),
        cmocka_unit_test(copies_bytes),
        cmocka_unit_test(may_be_empty),
        cmocka_unit_test(outlives_its_maker),
        cmocka_unit_test(taking_fails_with_the_bytes_as_they_were),
        cmocka_unit_test(taking_fails_at_the_limit),
        cmocka_unit_test(copying_fails_without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
