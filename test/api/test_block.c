/* bc_block and bc_tx as a program sees them: references, views, buffers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <bc/bc.h>

#include "test/support/counting_heap.h"

static const char text[] = "{\"transactions\":[{\"b\":1,\"a\":\"\\u00e9\"},2],\"proof\":100,"
                           "\"previous_hash\":1,\"index\":1,\"timestamp\":1.5}";
static const char canonical[] =
    "{\"index\": 1, \"previous_hash\": 1, \"proof\": 100, \"timestamp\": 1.5, "
    "\"transactions\": [{\"a\": \"\\u00e9\", \"b\": 1}, 2]}";

typedef struct fixture {
    counting_heap counter;
    bc_params *params;
    bc_block *block;
} fixture;

static void set_up(fixture *f)
{
    f->counter = (counting_heap)COUNTING_HEAP_ENDLESS;
    bc_allocator allocator = counting_heap_public(&f->counter);
    assert_int_equal(bc_params_preset(&f->params, "tutorial", &allocator, NULL), BC_OK);
    assert_int_equal(
        bc_block_parse(&f->block, f->params, (const uint8_t *)text, strlen(text), NULL), BC_OK);
}

static void tear_down(fixture *f)
{
    bc_block_unref(f->block);
    bc_params_unref(f->params);
    assert_int_equal(f->counter.held, 0);
}

static void gives_its_bytes_and_json(void **state)
{
    (void)state;
    fixture f;
    set_up(&f);
    size_t length = 0;
    const uint8_t *bytes = bc_block_bytes(f.block, &length);
    assert_int_equal(length, strlen(canonical));
    assert_memory_equal(bytes, canonical, length);
    assert_ptr_equal(bc_block_bytes(f.block, NULL), bytes);
    bc_buffer *buffer;
    assert_int_equal(bc_block_json(f.block, &buffer, NULL), BC_OK);
    assert_int_equal(bc_buffer_length(buffer), length);
    assert_string_equal((const char *)bc_buffer_data(buffer), canonical);
    bc_buffer_unref(buffer);
    bc_buffer_unref(NULL);
    tear_down(&f);
}

static void reads_its_own_bytes_as_the_same_block(void **state)
{
    (void)state;
    fixture f;
    set_up(&f);
    uint8_t id[BC_ID_BYTES];
    uint8_t same[BC_ID_BYTES];
    size_t length;
    const uint8_t *bytes = bc_block_bytes(f.block, &length);
    bc_block *again;
    assert_int_equal(bc_block_parse(&again, f.params, bytes, length, NULL), BC_OK);
    bc_block_id(f.block, id);
    bc_block_id(again, same);
    assert_memory_equal(id, same, sizeof id);
    bc_block_unref(again);
    tear_down(&f);
}

static void lives_as_long_as_its_last_reference(void **state)
{
    (void)state;
    fixture f;
    set_up(&f);
    assert_ptr_equal(bc_block_ref(f.block), f.block);
    bc_block_unref(f.block);
    assert_int_equal(bc_block_tx_count(f.block), 2);
    bc_tx *tx;
    assert_int_equal(bc_block_tx(f.block, &tx, 1, NULL), BC_OK);
    assert_ptr_equal(bc_tx_ref(tx), tx);
    bc_tx_unref(tx);
    size_t length;
    const uint8_t *bytes = bc_tx_bytes(tx, &length);
    assert_int_equal(length, 1);
    assert_int_equal(bytes[0], '2');
    bc_tx_unref(tx);
    bc_tx_unref(NULL);
    bc_block_unref(NULL);
    tear_down(&f);
}

/* What a view shows is a copy of what was handed in. */
static void keeps_nothing_of_what_was_handed_in(void **state)
{
    (void)state;
    fixture f;
    set_up(&f);
    uint8_t bytes[] = "{\"proof\":7}";
    uint8_t record[] = "{\"sender\":1,\"recipient\":2,\"amount\":3}";
    bc_block *block;
    bc_tx *tx;
    uint64_t nonce;
    assert_int_equal(bc_block_parse(&block, f.params, bytes, sizeof bytes - 1, NULL), BC_OK);
    assert_int_equal(bc_tx_from_json(&tx, f.params, (const char *)record, sizeof record - 1, NULL),
                     BC_OK);
    memset(bytes, 0xff, sizeof bytes);
    memset(record, 0xff, sizeof record);
    assert_int_equal(bc_block_nonce(block, &nonce), BC_OK);
    assert_int_equal(nonce, 7);
    bc_buffer *buffer;
    assert_int_equal(bc_block_json(block, &buffer, NULL), BC_OK);
    bc_block_unref(block); /* the buffer is a copy too */
    assert_string_equal((const char *)bc_buffer_data(buffer), "{\"proof\": 7}");
    bc_buffer_unref(buffer);
    assert_int_equal(bc_tx_json(tx, &buffer, NULL), BC_OK);
    assert_string_equal((const char *)bc_buffer_data(buffer),
                        "{\"amount\": 3, \"recipient\": 2, \"sender\": 1}");
    bc_buffer_unref(buffer);
    bc_tx_unref(tx);
    tear_down(&f);
}

/* A function that returns BC_OK leaves the error as it was. */
static void leaves_the_error_alone_on_success(void **state)
{
    (void)state;
    fixture f;
    set_up(&f);
    bc_error error;
    bc_error before;
    memset(&error, 0x5a, sizeof error);
    before = error;
    bc_block *block;
    bc_tx *tx;
    bc_buffer *buffer;
    assert_int_equal(bc_block_parse(&block, f.params, (const uint8_t *)text, strlen(text), &error),
                     BC_OK);
    assert_int_equal(bc_block_tx(block, &tx, 0, &error), BC_OK);
    assert_int_equal(bc_tx_json(tx, &buffer, &error), BC_OK);
    assert_memory_equal(&error, &before, sizeof error);
    bc_buffer_unref(buffer);
    bc_tx_unref(tx);
    bc_block_unref(block);
    tear_down(&f);
}

/* The message is one terminated line, also where it repeats what was read. */
static void says_what_was_wrong_and_where(void **state)
{
    (void)state;
    fixture f;
    set_up(&f);
    bc_block *block;
    bc_error error;
    memset(&error, 0x5a, sizeof error);
    static const char broken[] = "{\"proof\":100,\n\"x\":]}";
    assert_int_equal(
        bc_block_parse(&block, f.params, (const uint8_t *)broken, strlen(broken), &error),
        BC_ERR_FORMAT);
    assert_int_equal(error.code, BC_ERR_FORMAT);
    assert_int_equal(error.host_code, 0);
    assert_non_null(memchr(error.message, '\0', sizeof error.message));
    assert_null(strchr(error.message, '\n'));
    assert_non_null(strstr(error.message, "byte 18"));
    tear_down(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_its_bytes_and_json),
        cmocka_unit_test(reads_its_own_bytes_as_the_same_block),
        cmocka_unit_test(lives_as_long_as_its_last_reference),
        cmocka_unit_test(keeps_nothing_of_what_was_handed_in),
        cmocka_unit_test(leaves_the_error_alone_on_success),
        cmocka_unit_test(says_what_was_wrong_and_where),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
