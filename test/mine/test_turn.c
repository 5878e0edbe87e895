/* Where signers take turns, a signer waits until its block may be sealed; the host can end the wait. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include <bc/bc.h>

/* RFC 8032, 7.1, test 1. */
static const uint8_t seed[32] = {0x9d, 0x61, 0xb1, 0x9d, 0xef, 0xfd, 0x5a, 0x60, 0xba, 0x84, 0x4a,
                                 0xf4, 0x92, 0xec, 0x2c, 0xc4, 0x44, 0x49, 0xc5, 0x69, 0x7b, 0x32,
                                 0x69, 0x19, 0x70, 0x3b, 0xac, 0x03, 0x1c, 0xae, 0x7f, 0x60};

static const char document[] =
    "{\"rules\":\"ledger\",\"version\":1,\"name\":\"turns\",\"time\":1000000,\"initial\":0,"
    "\"halving\":1,\"allocations\":[],\"sealing\":\"authority\",\"period\":3600000,"
    "\"future_limit\":7200000,\"authorities\":"
    "[\"d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a\"]}";

/* The genesis is from now; the first block may come an hour later. */
static int64_t stopped_wall(void *context)
{
    (void)context;
    return INT64_C(1000000) * 1000;
}

static int64_t stopped_monotonic(void *context)
{
    (void)context;
    return 0;
}

typedef struct asked {
    unsigned times;
    unsigned most;
} asked;

static bc_status count_and_stop(void *context, uint64_t done, uint64_t total)
{
    asked *a = context;
    assert_true(done <= total);
    return ++a->times < a->most ? BC_OK : BC_ERR_INTERRUPTED;
}

static void a_progress_function_ends_the_wait(void **state)
{
    const bc_clock clock = {sizeof clock, 0, NULL, stopped_wall, stopped_monotonic};
    asked counted = {0, 3};
    bc_options options = BC_OPTIONS_INIT;
    bc_mine_options mining = BC_MINE_OPTIONS_INIT;
    bc_error error = BC_ERROR_INIT;
    bc_params *params;
    bc_chain *chain;
    bc_key *key;
    bc_block *block;
    (void)state;
    options.clock = &clock;
    options.signer_is_alone = 1;
    assert_int_equal(bc_params_parse(&params, document, strlen(document), NULL, &error), BC_OK);
    assert_int_equal(bc_chain_open(&chain, params, &options, &error), BC_OK);
    assert_int_equal(bc_key_from_seed(&key, seed, NULL, &error), BC_OK);
    mining.signer = key;
    mining.progress = count_and_stop;
    mining.context = &counted;
    assert_int_equal(bc_chain_mine(chain, &block, &mining, &error), BC_ERR_INTERRUPTED);
    assert_non_null(strstr(error.message, "progress"));
    assert_null(block);
    assert_int_equal(counted.times, 3);
    bc_key_unref(key);
    assert_int_equal(bc_chain_close(chain, &error), BC_OK);
    bc_params_unref(params);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_progress_function_ends_the_wait),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
