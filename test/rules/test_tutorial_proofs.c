/* The tutorial's proof of work: the article's table of proofs, what Python's f-string makes of a proof,
 * and which check fails first. */
#include "test/rules/tutorial_fixture.h"

#include "lib/hex.h"
#include "lib/sha256/sha256.h"

/* A block whose proof is `proof`, behind `parent` or first. */
static bc_block *block_behind(const bc_params *params, const bc_block *parent, const char *proof)
{
    char hash[2 * BC_ID_BYTES + 1] = "1";
    if (parent != NULL) {
        bc__hex_encode(hash, parent->id, BC_ID_BYTES);
    }
    char *before = repeated("{\"previous_hash\":\"", hash, 1, "\",\"proof\":");
    char *json = repeated(before, proof, 1, "}");
    bc_block *block = block_of(params, json);
    free(json);
    free(before);
    return block;
}

static bool search(const bc_params *params, const bc_block *parent, uint64_t first, uint64_t count,
                   uint64_t *nonce)
{
    const bc__template work = {
        .parent = parent,
        .height = 1,
        .recipient = (const uint8_t *)"0",
        .recipient_length = 1,
    };
    return params->rules->search(params, &work, first, count, nonce);
}

/* ---- the search ---- */

static void finds_the_articles_proofs(void **state)
{
    (void)state;
    static const uint64_t proofs[] = {35293, 35089, 119678, 146502, 43538, 85724,
                                      51178, 71730, 55589,  35704,  57342, 68975};
    bc_params *params = preset("tutorial");
    bc_block *block = block_of(params, GENESIS);
    for (size_t at = 0; at < COUNT_OF(proofs); at++) {
        uint64_t nonce = 0;
        char text[24];
        assert_true(search(params, block, 0, 200000, &nonce));
        assert_int_equal(nonce, proofs[at]);
        snprintf(text, sizeof text, "%llu", (unsigned long long)nonce);
        bc_block *next = block_behind(params, block, text);
        assert_int_equal(params->rules->check_block(params, block, next, NULL), BC_REASON_NONE);
        bc_block_unref(block);
        block = next;
    }
    bc_block_unref(block);
    bc_params_unref(params);
}

/* From Python's hashlib, by the repository's loop. */
static void finds_the_proofs_of_dialect_2(void **state)
{
    (void)state;
    bc_params *params = preset("tutorial-v2");
    bc_block *genesis = block_of(params, GENESIS_V2);
    bc_block *second = block_of(params, BLOCK_2_V2);
    uint64_t nonce;
    assert_true(search(params, genesis, 0, 100000, &nonce));
    assert_int_equal(nonce, 63663);
    assert_int_equal(params->rules->check_block(params, genesis, second, NULL), BC_REASON_NONE);
    assert_true(search(params, second, 0, 100000, &nonce));
    assert_int_equal(nonce, 59438);
    bc_block_unref(second);
    bc_block_unref(genesis);
    bc_params_unref(params);
}

static void searches_the_range_it_is_given(void **state)
{
    (void)state;
    bc_params *params = preset("tutorial");
    bc_block *genesis = block_of(params, GENESIS);
    uint64_t nonce = 0;
    assert_false(search(params, genesis, 0, 0, &nonce));
    assert_false(search(params, genesis, 0, 35293, &nonce));
    assert_true(search(params, genesis, 0, 35294, &nonce));
    assert_int_equal(nonce, 35293);
    assert_true(search(params, genesis, 35293, 1, &nonce));
    assert_int_equal(nonce, 35293);
    assert_true(search(params, genesis, 35294, 1000000, &nonce));
    assert_true(nonce > 35293);
    bc_block_unref(genesis);
    bc_params_unref(params);
}

/* Without zeros everything holds, up to the greatest nonce. */
static void searches_to_the_end_of_64_bits(void **state)
{
    (void)state;
    bc_params *params = network(1, 0);
    bc_block *genesis = block_of(params, GENESIS);
    uint64_t nonce = 0;
    assert_true(search(params, genesis, UINT64_MAX, 1, &nonce));
    assert_true(nonce == UINT64_MAX);
    bc_block_unref(genesis);
    bc_params_unref(params);
    params = network(1, 64);
    genesis = block_of(params, GENESIS);
    assert_false(search(params, genesis, UINT64_MAX - 999, 1000, &nonce));
    bc_block_unref(genesis);
    bc_params_unref(params);
}

/* ---- the check ---- */

/* Zeros at the front of a hash in hexadecimal. */
static int zeros_of(const char *last, const char *proof, const char *hash)
{
    uint8_t digest[BC_ID_BYTES];
    char text[2 * BC_ID_BYTES + 1] = "";
    char guess[512];
    int length = snprintf(guess, sizeof guess, "%s%s%s", last, proof, hash);
    bc__sha256(digest, (const uint8_t *)guess, (size_t)length);
    bc__hex_encode(text, digest, sizeof digest);
    return (int)strspn(text, "0");
}

/* Search and check agree with hashing the text, for each number of zeros up to what is found. */
static void counts_hexadecimal_zeros(void **state)
{
    (void)state;
    for (int dialect = 1; dialect <= 2; dialect++) {
        for (int zeros = 0; zeros <= 5; zeros++) {
            bc_params *params = network(dialect, zeros);
            bc_block *genesis = block_of(params, GENESIS);
            const char *hash = dialect == 1 ? "" : GENESIS_HASH;
            uint64_t nonce = UINT64_MAX;
            bool found = search(params, genesis, 0, 40000, &nonce);
            for (uint64_t at = 0; at < 40000; at++) {
                char text[24];
                snprintf(text, sizeof text, "%llu", (unsigned long long)at);
                if (zeros_of("100", text, hash) >= zeros) {
                    assert_true(found);
                    assert_true(nonce == at);
                    break;
                }
                assert_true(!found || at < nonce);
                if (at % 64 == 0) {
                    bc_block *block = block_behind(params, genesis, text);
                    assert_int_equal(params->rules->check_block(params, genesis, block, NULL),
                                     BC_REASON_PROOF);
                    bc_block_unref(block);
                }
            }
            if (found) {
                char text[24];
                snprintf(text, sizeof text, "%llu", (unsigned long long)nonce);
                bc_block *block = block_behind(params, genesis, text);
                assert_int_equal(params->rules->check_block(params, genesis, block, NULL),
                                 BC_REASON_NONE);
                bc_block_unref(block);
            }
            bc_block_unref(genesis);
            bc_params_unref(params);
        }
    }
}

/* Proofs as JSON, and as Python 3.11's f-string writes them. */
static const char *const formatted[][2] = {
    {"0", "0"},
    {"-0", "0"},
    {"-12", "-12"},
    {"35293", "35293"},
    {"18446744073709551616", "18446744073709551616"},
    {"1.0", "1.0"},
    {"1e2", "100.0"},
    {"-0.0", "-0.0"},
    {"1e16", "1e+16"},
    {"123456789.125e-14", "1.23456789125e-06"},
    {"NaN", "nan"},
    {"Infinity", "inf"},
    {"-Infinity", "-inf"},
    {"1e999", "inf"},
    {"true", "True"},
    {"false", "False"},
    {"null", "None"},
    {"\"\"", ""},
    {"\"true\"", "true"},
    {"\"NaN\"", "NaN"},
    {"\"35293\"", "35293"},
    {"\"a\\nb\\\"\\u0041\\/\"", "a\nb\"A/"},
    {"\"\xc3\xa9\\ud83d\\ude00\"", "\xc3\xa9\xf0\x9f\x98\x80"},
};

/* A proof of any kind, before and behind one that makes the hash begin with a zero. */
static void formats_proofs_as_python_does(void **state)
{
    (void)state;
    for (int dialect = 1; dialect <= 2; dialect++) {
        bc_params *params = network(dialect, 1);
        for (size_t at = 0; at < COUNT_OF(formatted); at++) {
            bc_block *first = block_behind(params, NULL, formatted[at][0]);
            char hash[2 * BC_ID_BYTES + 1] = "";
            if (dialect == 2) {
                bc__hex_encode(hash, first->id, BC_ID_BYTES);
            }
            for (int number = 0; number < 40; number++) {
                char text[16];
                snprintf(text, sizeof text, "%d", number);
                bc_block *second = block_behind(params, first, text);
                bool holds = zeros_of(formatted[at][1], text, hash) >= 1;
                assert_int_equal(params->rules->check_block(params, first, second, NULL),
                                 holds ? BC_REASON_NONE : BC_REASON_PROOF);
                bc_block_unref(second);
            }
            bc_block_unref(first);
            /* as the new proof, behind many last ones */
            for (int number = 0; number < 40; number++) {
                char text[16];
                snprintf(text, sizeof text, "%d", number);
                bc_block *last = block_behind(params, NULL, text);
                bc_block *second = block_behind(params, last, formatted[at][0]);
                if (dialect == 2) {
                    bc__hex_encode(hash, last->id, BC_ID_BYTES);
                }
                bool holds = zeros_of(text, formatted[at][1], hash) >= 1;
                assert_int_equal(params->rules->check_block(params, last, second, NULL),
                                 holds ? BC_REASON_NONE : BC_REASON_PROOF);
                bc_block_unref(second);
                bc_block_unref(last);
            }
        }
        bc_params_unref(params);
    }
}

/* The search goes on from a last proof of any kind, as the article's loop does. */
static void searches_behind_any_proof(void **state)
{
    (void)state;
    bc_params *params = network(1, 2);
    for (size_t at = 0; at < COUNT_OF(formatted); at++) {
        bc_block *last = block_behind(params, NULL, formatted[at][0]);
        uint64_t nonce;
        uint64_t expected = 0;
        char text[24];
        do {
            snprintf(text, sizeof text, "%llu", (unsigned long long)expected++);
        } while (zeros_of(formatted[at][1], text, "") < 2);
        assert_true(search(params, last, 0, 1000000, &nonce));
        assert_int_equal(nonce, expected - 1);
        bc_block_unref(last);
    }
    bc_params_unref(params);
}

static void names_the_first_check_that_fails(void **state)
{
    (void)state;
    bc_params *params = preset("tutorial");
    bc_block *genesis = block_of(params, GENESIS);
    bc_block *good = block_of(params, BLOCK_2);
    bc_block *no_proof = block_behind(params, genesis, "35292");
    bc_block *neither = block_behind(params, good, "35292");
    bc_block *rootless = block_of(params, "{\"proof\":35293}");
    bc_error error = {0};
    assert_int_equal(params->rules->check_block(params, genesis, good, &error), BC_REASON_NONE);
    assert_int_equal(error.message[0], '\0');
    assert_int_equal(params->rules->check_block(params, genesis, no_proof, &error),
                     BC_REASON_PROOF);
    assert_true(error.message[0] != '\0');
    assert_int_equal(params->rules->check_block(params, genesis, neither, &error),
                     BC_REASON_PREVIOUS);
    assert_int_equal(params->rules->check_block(params, genesis, rootless, &error),
                     BC_REASON_PREVIOUS);
    assert_int_equal(params->rules->check_block(params, good, good, NULL), BC_REASON_PREVIOUS);
    bc_block_unref(rootless);
    bc_block_unref(neither);
    bc_block_unref(no_proof);
    bc_block_unref(good);
    bc_block_unref(genesis);
    bc_params_unref(params);
}

/* The two dialects differ in what a proof covers. */
static void keeps_the_dialects_apart(void **state)
{
    (void)state;
    bc_params *first = preset("tutorial");
    bc_params *second = preset("tutorial-v2");
    bc_block *genesis = block_of(first, GENESIS);
    bc_block *block = block_of(first, BLOCK_2);
    bc_block *genesis_v2 = block_of(second, GENESIS_V2);
    bc_block *block_v2 = block_of(second, BLOCK_2_V2);
    assert_int_equal(second->rules->check_block(second, genesis, block, NULL), BC_REASON_PROOF);
    assert_int_equal(first->rules->check_block(first, genesis_v2, block_v2, NULL), BC_REASON_PROOF);
    bc_block_unref(block_v2);
    bc_block_unref(genesis_v2);
    bc_block_unref(block);
    bc_block_unref(genesis);
    bc_params_unref(second);
    bc_params_unref(first);
}

static void expects_sixteen_times_as_many_attempts_for_each_zero(void **state)
{
    (void)state;
    static const struct {
        int zeros;
        double attempts;
    } cases[] = {{0, 1}, {1, 16}, {4, 65536}, {13, 4503599627370496.0}};
    for (size_t at = 0; at < COUNT_OF(cases); at++) {
        bc_params *params = network(1, cases[at].zeros);
        const bc__template work = {.parent = NULL};
        assert_true(params->rules->expected_attempts(params, &work) == cases[at].attempts);
        bc_params_unref(params);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_the_articles_proofs),
        cmocka_unit_test(finds_the_proofs_of_dialect_2),
        cmocka_unit_test(searches_the_range_it_is_given),
        cmocka_unit_test(searches_to_the_end_of_64_bits),
        cmocka_unit_test(counts_hexadecimal_zeros),
        cmocka_unit_test(formats_proofs_as_python_does),
        cmocka_unit_test(searches_behind_any_proof),
        cmocka_unit_test(names_the_first_check_that_fails),
        cmocka_unit_test(keeps_the_dialects_apart),
        cmocka_unit_test(expects_sixteen_times_as_many_attempts_for_each_zero),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
