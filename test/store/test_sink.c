#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "src/store/sink.h"
#include "test/support/counting_heap.h"

static void collects_pieces(void **state)
{
    (void)state;
    counting_heap counter = COUNTING_HEAP_ENDLESS;
    bc__heap heap = counting_heap_internal(&counter);
    bc__bytes bytes;
    bc_sink sink;
    bc__bytes_init(&bytes, &heap, 6);
    assert_int_equal(bc__bytes_append_byte(&bytes, 'x'), BC__OK);
    bc__sink_init(&sink, &bytes);
    assert_int_equal(bc_sink_put(&sink, (const uint8_t *)"ab", 2), BC_OK);
    assert_int_equal(bc_sink_put(&sink, NULL, 0), BC_OK);
    assert_int_equal(bc_sink_put(&sink, (const uint8_t *)"cde", 3), BC_OK);
    assert_int_equal(bc__sink_status(&sink), BC_OK);
    assert_int_equal(bytes.length, 6);
    assert_memory_equal(bytes.data, "xabcde", 6);
    bc__bytes_free(&bytes);
}

/* A store that goes on after a refusal must not pass off a value with a gap as whole. */
static void remembers_a_refusal(void **state)
{
    (void)state;
    counting_heap counter = COUNTING_HEAP_ENDLESS;
    bc__heap heap = counting_heap_internal(&counter);
    bc__bytes bytes;
    bc_sink sink;
    bc__bytes_init(&bytes, &heap, 4);
    bc__sink_init(&sink, &bytes);
    assert_int_equal(bc_sink_put(&sink, (const uint8_t *)"abc", 3), BC_OK);
    assert_int_equal(bc_sink_put(&sink, (const uint8_t *)"de", 2), BC_ERR_LIMIT);
    assert_int_equal(bc_sink_put(&sink, (const uint8_t *)"f", 1), BC_ERR_LIMIT);
    assert_int_equal(bc_sink_put(&sink, NULL, 0), BC_ERR_LIMIT);
    assert_int_equal(bc__sink_status(&sink), BC_ERR_LIMIT);
    assert_int_equal(bytes.length, 3);
    bc__bytes_free(&bytes);
}

static void says_that_memory_ran_out(void **state)
{
    (void)state;
    counting_heap counter = {.left = 0};
    bc__heap heap = counting_heap_internal(&counter);
    bc__bytes bytes;
    bc_sink sink;
    bc__bytes_init(&bytes, &heap, 4);
    bc__sink_init(&sink, &bytes);
    assert_int_equal(bc_sink_put(&sink, (const uint8_t *)"a", 1), BC_ERR_MEMORY);
    counter.left = SIZE_MAX;
    assert_int_equal(bc_sink_put(&sink, (const uint8_t *)"a", 1), BC_ERR_MEMORY);
    assert_int_equal(bc__sink_status(&sink), BC_ERR_MEMORY);
    bc__bytes_free(&bytes);
}

static void refuses_null(void **state)
{
    (void)state;
    counting_heap counter = COUNTING_HEAP_ENDLESS;
    bc__heap heap = counting_heap_internal(&counter);
    bc__bytes bytes;
    bc_sink sink;
    bc__bytes_init(&bytes, &heap, 4);
    bc__sink_init(&sink, &bytes);
    assert_int_equal(bc_sink_put(NULL, (const uint8_t *)"a", 1), BC_ERR_ARGUMENT);
    assert_int_equal(bc_sink_put(&sink, NULL, 1), BC_ERR_ARGUMENT);
    assert_int_equal(bc__sink_status(&sink), BC_ERR_ARGUMENT);
    bc__bytes_free(&bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(collects_pieces),
        cmocka_unit_test(remembers_a_refusal),
        cmocka_unit_test(says_that_memory_ran_out),
        cmocka_unit_test(refuses_null),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
