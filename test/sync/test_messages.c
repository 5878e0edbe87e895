/* The messages of rules with headers: their bytes as docs/transport.md lists them, and each length and
 * count that is off by one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "src/base/error.h"
#include "src/sync/messages.h"

/* Bytes that end where their memory ends, so that sanitizers see a read behind them. */
static uint8_t *exact(const uint8_t *bytes, size_t length)
{
    uint8_t *copy = malloc(length > 0 ? length : 1);
    assert_non_null(copy);
    if (length > 0) {
        memcpy(copy, bytes, length);
    }
    return copy;
}

static void a_hello_has_its_bytes(void **state)
{
    (void)state;
    uint8_t expected[108];
    uint8_t bytes[BC__HELLO_BYTES];
    bc__hello hello = {.version = 1, .height = 0x0102030405060708};
    bc__hello again;
    memset(expected, 0, sizeof expected);
    expected[0] = 1;                /* version */
    memset(expected + 4, 0xaa, 32); /* network */
    for (size_t at = 0; at < 8; at++) {
        expected[36 + at] = (uint8_t)(8 - at);
    }
    for (size_t at = 0; at < 32; at++) { /* work: the least byte first */
        expected[44 + at] = (uint8_t)(at + 1);
    }
    memset(expected + 76, 0xbb, 32); /* tip */
    memset(hello.network_id, 0xaa, sizeof hello.network_id);
    memset(hello.id, 0xbb, sizeof hello.id);
    hello.work = (bc__uint256){
        {0x0807060504030201, 0x100f0e0d0c0b0a09, 0x1817161514131211, 0x201f1e1d1c1b1a19}};
    bc__hello_write(bytes, &hello);
    assert_int_equal(sizeof bytes, sizeof expected);
    assert_memory_equal(bytes, expected, sizeof expected);
    assert_int_equal(bc__hello_read(&again, bytes, sizeof bytes, NULL), BC_OK);
    assert_int_equal(again.version, 1);
    assert_true(again.height == hello.height);
    assert_int_equal(bc__uint256_compare(&again.work, &hello.work), 0);
    assert_memory_equal(again.network_id, hello.network_id, 32);
    assert_memory_equal(again.id, hello.id, 32);
}

static void a_hello_of_another_length_is_none(void **state)
{
    (void)state;
    uint8_t bytes[BC__HELLO_BYTES + 1];
    memset(bytes, 7, sizeof bytes);
    memcpy(bytes, "\1\0\0\0", 4);
    for (size_t length = 0; length <= sizeof bytes; length++) {
        bc__hello hello;
        bc_error error = BC_ERROR_INIT;
        uint8_t *copy = exact(bytes, length);
        bc_status status = bc__hello_read(&hello, copy, length, &error);
        assert_int_equal(status, length == BC__HELLO_BYTES ? BC_OK : BC_ERR_FORMAT);
        assert_int_equal(error.code, status);
        free(copy);
    }
}

static void a_hello_of_another_version_says_so(void **state)
{
    (void)state;
    static const uint8_t later[] = {2, 0, 0, 0, 9};
    static const uint8_t last[] = {0xff, 0xff, 0xff, 0xff};
    bc__hello hello;
    bc_error error = BC_ERROR_INIT;
    assert_int_equal(bc__hello_read(&hello, later, sizeof later, &error), BC_ERR_UNSUPPORTED);
    assert_int_equal(hello.version, 2);
    assert_string_equal(error.message, "a hello of version 2 of the protocol; 1 is expected");
    assert_int_equal(bc__hello_read(&hello, last, sizeof last, NULL), BC_ERR_UNSUPPORTED);
    assert_true(hello.version == UINT32_MAX);
}

/* A request of `ids` ids that says it has `count`, with `extra` bytes more or fewer. */
static bc_status read_request(uint32_t limit, uint32_t count, size_t ids, int extra, uint32_t most)
{
    uint8_t bytes[BC__REQUEST_HEAD_BYTES + 66 * BC_ID_BYTES + 1];
    bc__request request;
    bc_error error = BC_ERROR_INIT;
    size_t length = (size_t)((int)(BC__REQUEST_HEAD_BYTES + ids * BC_ID_BYTES) + extra);
    memset(bytes, 0x11, sizeof bytes);
    bc__request_write_head(bytes, limit, count);
    uint8_t *copy = exact(bytes, length);
    bc_status status = bc__request_read(&request, most, copy, length, &error);
    assert_int_equal(error.code, status);
    if (status == BC_OK) {
        assert_true(request.limit == limit);
        assert_int_equal(request.count, count);
        assert_ptr_equal(request.ids, copy + 8);
    }
    free(copy);
    return status;
}

static void a_request_is_read_exactly(void **state)
{
    (void)state;
    static const uint8_t head[] = {0xd0, 7, 0, 0, 3, 0, 0, 0};
    uint8_t bytes[BC__REQUEST_HEAD_BYTES];
    bc__request_write_head(bytes, 2000, 3);
    assert_memory_equal(bytes, head, sizeof head);
    for (uint32_t count = 1; count <= 64; count++) {
        assert_int_equal(read_request(2000, count, count, 0, 64), BC_OK);
        assert_int_equal(read_request(2000, count, count, -1, 64), BC_ERR_FORMAT);
        assert_int_equal(read_request(2000, count, count, 1, 64), BC_ERR_FORMAT);
        assert_int_equal(read_request(2000, count, count + 1, 0, 64), BC_ERR_FORMAT);
        assert_int_equal(read_request(2000, count, count - 1, 0, 64), BC_ERR_FORMAT);
    }
    assert_int_equal(read_request(2000, 65, 65, 0, 64), BC_ERR_FORMAT);
    assert_int_equal(read_request(2000, 0, 0, 0, 64), BC_ERR_FORMAT);
    assert_int_equal(read_request(0, 1, 1, 0, 64), BC_ERR_FORMAT);
    assert_int_equal(read_request(1, 1, 1, 0, 64), BC_OK);
    assert_int_equal(read_request(UINT32_MAX, 1, 1, 0, 64), BC_OK);
    /* A count whose bytes would pass 32 bits. */
    assert_int_equal(read_request(1, UINT32_MAX, 1, 0, UINT32_MAX), BC_ERR_FORMAT);
    assert_int_equal(read_request(1, 0x08000000, 0, 0, UINT32_MAX), BC_ERR_FORMAT);
    for (int length = 0; length < 8; length++) {
        assert_int_equal(read_request(1, 1, 0, length - 8, 64), BC_ERR_FORMAT);
    }
}

static void a_list_of_blocks_is_gone_through(void **state)
{
    (void)state;
    static const uint8_t bytes[] = {3, 0, 0, 0, 'a', 'b', 'c', 0, 0, 0, 0, 1, 0, 0, 0, 'd'};
    static const size_t good[] = {0, 7, 11, 16}; /* where a list may end */
    for (size_t length = 0; length <= sizeof bytes; length++) {
        uint8_t *copy = exact(bytes, length);
        bc__block_list list = {copy, length};
        const uint8_t *block = copy;
        size_t size = 0;
        size_t found = 0;
        bc_error error = BC_ERROR_INIT;
        bc_status status = BC_OK;
        while (status == BC_OK && block != NULL) {
            status = bc__block_list_next(&list, &block, &size, &error);
            if (status == BC_OK && block != NULL) {
                static const size_t sizes[] = {3, 0, 1};
                assert_true(found < 3);
                assert_int_equal(size, sizes[found++]);
            }
        }
        bool may_end = false;
        for (size_t at = 0; at < sizeof good / sizeof good[0]; at++) {
            may_end = may_end || good[at] == length;
        }
        assert_int_equal(status, may_end ? BC_OK : BC_ERR_FORMAT);
        assert_null(block);
        free(copy);
    }
    static const uint8_t huge[] = {0xff, 0xff, 0xff, 0xff, 'x'};
    bc__block_list list = {huge, sizeof huge};
    const uint8_t *block;
    size_t size;
    assert_int_equal(bc__block_list_next(&list, &block, &size, NULL), BC_ERR_FORMAT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_hello_has_its_bytes),
        cmocka_unit_test(a_hello_of_another_length_is_none),
        cmocka_unit_test(a_hello_of_another_version_says_so),
        cmocka_unit_test(a_request_is_read_exactly),
        cmocka_unit_test(a_list_of_blocks_is_gone_through),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
