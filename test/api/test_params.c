/* bc_params: references, views and limits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <bc/bc.h>

#include "test/support/counting_heap.h"

static bc_params *tutorial(const bc_allocator *allocator)
{
    bc_params *params;
    assert_int_equal(bc_params_preset(&params, "tutorial", allocator, NULL), BC_OK);
    return params;
}

static void lives_as_long_as_its_last_reference(void **state)
{
    (void)state;
    counting_heap counter = COUNTING_HEAP_ENDLESS;
    bc_allocator allocator = counting_heap_public(&counter);
    bc_params *params = tutorial(&allocator);
    memset(&allocator, 0, sizeof allocator); /* it was copied */
    assert_true(counter.held > 0);
    assert_ptr_equal(bc_params_ref(params), params);
    bc_params_unref(params);
    assert_string_equal(bc_params_name(params), "tutorial");
    bc_params_unref(params);
    assert_int_equal(counter.held, 0);
    bc_params_unref(NULL);
}

static void lives_as_long_as_what_was_made_from_it(void **state)
{
    (void)state;
    static const char json[] = "{\"proof\":1,\"transactions\":[1]}";
    counting_heap counter = COUNTING_HEAP_ENDLESS;
    bc_allocator allocator = counting_heap_public(&counter);
    bc_params *params = tutorial(&allocator);
    bc_block *block;
    bc_tx *tx;
    bc_buffer *buffer;
    assert_int_equal(bc_block_parse(&block, params, (const uint8_t *)json, sizeof json - 1, NULL),
                     BC_OK);
    bc_params_unref(params);
    assert_int_equal(bc_block_tx(block, &tx, 0, NULL), BC_OK);
    bc_block_unref(block);
    assert_int_equal(bc_tx_json(tx, &buffer, NULL), BC_OK);
    bc_tx_unref(tx);
    assert_string_equal((const char *)bc_buffer_data(buffer), "1");
    assert_true(counter.held > 0);
    bc_buffer_unref(buffer);
    assert_int_equal(counter.held, 0);
}

static void takes_limits_within_their_ranges(void **state)
{
    (void)state;
    static const struct {
        uint32_t limit;
        uint64_t least;
        uint64_t most;
    } limits[] = {
        {BC_LIMIT_BLOCK_BYTES, 1024, UINT64_C(256) * 1024 * 1024},
        {BC_LIMIT_JSON_DEPTH, 4, 256},
        {BC_LIMIT_INTEGER_DIGITS, 20, 1000000},
        {BC_LIMIT_CHAIN_BYTES, 1024, BC_NONE},
    };
    bc_params *params = tutorial(NULL);
    for (size_t at = 0; at < sizeof limits / sizeof limits[0]; at++) {
        bc_error error = {0};
        assert_int_equal(bc_params_set_limit(params, limits[at].limit, limits[at].least, &error),
                         BC_OK);
        assert_int_equal(bc_params_set_limit(params, limits[at].limit, limits[at].most, &error),
                         BC_OK);
        assert_int_equal(error.message[0], '\0');
        assert_int_equal(
            bc_params_set_limit(params, limits[at].limit, limits[at].least - 1, &error),
            BC_ERR_ARGUMENT);
        assert_int_equal(error.code, BC_ERR_ARGUMENT);
        assert_int_equal(bc_params_set_limit(params, limits[at].limit, 0, NULL), BC_ERR_ARGUMENT);
        if (limits[at].most != BC_NONE) {
            assert_int_equal(
                bc_params_set_limit(params, limits[at].limit, limits[at].most + 1, NULL),
                BC_ERR_ARGUMENT);
            assert_int_equal(bc_params_set_limit(params, limits[at].limit, BC_NONE, NULL),
                             BC_ERR_ARGUMENT);
            /* not cut to 32 bits */
            assert_int_equal(bc_params_set_limit(params, limits[at].limit,
                                                 (UINT64_C(1) << 32) + limits[at].least, NULL),
                             BC_ERR_ARGUMENT);
        }
    }
    bc_params_unref(params);
}

static void knows_no_other_limits(void **state)
{
    (void)state;
    static const uint32_t numbers[] = {0, 5, 255, UINT32_MAX};
    bc_params *params = tutorial(NULL);
    for (size_t at = 0; at < sizeof numbers / sizeof numbers[0]; at++) {
        bc_error error = {0};
        assert_int_equal(bc_params_set_limit(params, numbers[at], 1024, &error), BC_ERR_ARGUMENT);
        assert_int_equal(error.code, BC_ERR_ARGUMENT);
    }
    bc_params_unref(params);
}

/* A limit that was refused leaves the one before in force. */
static void keeps_a_limit_when_the_next_is_refused(void **state)
{
    (void)state;
    uint8_t json[1300];
    memset(json, 'x', sizeof json);
    json[0] = '"';
    json[sizeof json - 1] = '"';
    bc_params *params = tutorial(NULL);
    bc_tx *tx;
    assert_int_equal(bc_params_set_limit(params, BC_LIMIT_BLOCK_BYTES, 1300, NULL), BC_OK);
    assert_int_equal(bc_params_set_limit(params, BC_LIMIT_BLOCK_BYTES, 0, NULL), BC_ERR_ARGUMENT);
    assert_int_equal(bc_tx_parse(&tx, params, json, sizeof json, NULL), BC_OK);
    bc_tx_unref(tx);
    assert_int_equal(bc_params_set_limit(params, BC_LIMIT_BLOCK_BYTES, 1299, NULL), BC_OK);
    assert_int_equal(bc_tx_parse(&tx, params, json, sizeof json, NULL), BC_ERR_LIMIT);
    bc_params_unref(params);
}

/* Limits are this program's own: they are no part of the network. */
static void stays_the_same_network_under_other_limits(void **state)
{
    (void)state;
    bc_params *params = tutorial(NULL);
    bc_params *other = tutorial(NULL);
    uint8_t id[BC_ID_BYTES];
    uint8_t same[BC_ID_BYTES];
    assert_int_equal(bc_params_set_limit(other, BC_LIMIT_JSON_DEPTH, 10, NULL), BC_OK);
    bc_params_network_id(params, id);
    bc_params_network_id(other, same);
    assert_memory_equal(id, same, sizeof id);
    assert_string_equal(bc_params_json(params, NULL), bc_params_json(other, NULL));
    bc_params_unref(other);
    bc_params_unref(params);
}

/* The depth of a chain's blocks is counted from the block, also at the greatest limit. */
static void takes_deep_blocks_in_a_chain(void **state)
{
    (void)state;
    static const uint64_t limits[] = {4, 64, 256};
    static const char *const around[][2] = {{"[", "]"}, {"{\"length\":1,\"chain\":[", "]}"}};
    bc_params *params = tutorial(NULL);
    for (size_t at = 0; at < 2 * sizeof limits / sizeof limits[0]; at++) {
        uint64_t limit = limits[at / 2];
        for (uint64_t levels = limit - 1; levels <= limit; levels++) {
            char json[1024];
            char *to = json;
            to += strlen(strcpy(to, around[at % 2][0]));
            to += strlen(strcpy(to, "{\"proof\":1,\"x\":"));
            memset(to, '[', levels);
            memset(to + levels, ']', levels);
            to += 2 * levels;
            *to++ = '}';
            to += strlen(strcpy(to, around[at % 2][1]));
            bc_verification result = BC_VERIFICATION_INIT;
            bc_error error = {0};
            assert_int_equal(bc_params_set_limit(params, BC_LIMIT_JSON_DEPTH, limit, NULL), BC_OK);
            bc_status status = bc_verify_chain(params, &result, (const uint8_t *)json,
                                               (size_t)(to - json), NULL, NULL, &error);
            bc_status expected = levels < limit ? BC_OK : BC_ERR_LIMIT;
            if (status != expected) {
                fail_msg("depth %d under a limit of %d, %s: %s", (int)levels + 1, (int)limit,
                         around[at % 2][0], error.message);
            }
        }
    }
    bc_params_unref(params);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lives_as_long_as_its_last_reference),
        cmocka_unit_test(lives_as_long_as_what_was_made_from_it),
        cmocka_unit_test(takes_limits_within_their_ranges),
        cmocka_unit_test(knows_no_other_limits),
        cmocka_unit_test(keeps_a_limit_when_the_next_is_refused),
        cmocka_unit_test(stays_the_same_network_under_other_limits),
        cmocka_unit_test(takes_deep_blocks_in_a_chain),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
