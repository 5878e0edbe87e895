/* The pinned rule of signatures: published vectors, those that run_ed25519_edge_cases.py computed in
 * its own way, and cases that need a hash which nobody can find, made at the seam. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <sodium.h>

#include "lib/hex.h"
#include "src/block/signature.h"
#include "src/block/signature_rule.h"
#include "test/support/random.h"
#include "test/support/vector_file.h"

enum { MESSAGE_BYTES = 1024 };

/* A point of order 8, from test/vectors (1T of the cases there). */
static const char order_8[] = "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a";

/* ---- Other releases of libsodium ------------------------------------------------------------ */

static int refuse(const unsigned char *signature, const unsigned char *message,
                  unsigned long long length, const unsigned char *key)
{
    (void)signature, (void)message, (void)length, (void)key;
    return -1;
}

static int accept(const unsigned char *signature, const unsigned char *message,
                  unsigned long long length, const unsigned char *key)
{
    (void)signature, (void)message, (void)length, (void)key;
    return 0;
}

/* A libsodium that has no answer of its own, so that the equation decides everything. */
static bc__ed25519 refusing(void)
{
    bc__ed25519 ed25519 = bc__ed25519_linked;
    ed25519.verify = refuse;
    return ed25519;
}

/* A libsodium that takes anything, so that our own checks decide everything. */
static bc__ed25519 accepting(void)
{
    bc__ed25519 ed25519 = bc__ed25519_linked;
    ed25519.verify = accept;
    return ed25519;
}

/* Multiplies any point on the curve, whatever its order. */
static int multiply_any(unsigned char *product, const unsigned char *scalar,
                        const unsigned char *point)
{
    uint8_t sum[32] = {1};
    int failed = 0;
    for (int bit = 255; bit >= 0; bit--) {
        failed |= crypto_core_ed25519_add(sum, sum, sum);
        if ((scalar[bit / 8] >> bit % 8 & 1) != 0) {
            failed |= crypto_core_ed25519_add(sum, sum, point);
        }
    }
    memcpy(product, sum, sizeof sum);
    return failed;
}

static int multiply_none(unsigned char *product, const unsigned char *scalar,
                         const unsigned char *point)
{
    (void)product, (void)scalar, (void)point;
    return -1;
}

static int multiplications;

static int multiply_counted(unsigned char *product, const unsigned char *scalar,
                            const unsigned char *point)
{
    multiplications++;
    return crypto_scalarmult_ed25519_noclamp(product, scalar, point);
}

/* Hashes that nobody can find a message for. */
static void challenge_0(uint8_t h[32], const uint8_t r[32], const uint8_t key[32],
                        const uint8_t *message, size_t length)
{
    (void)r, (void)key, (void)message, (void)length;
    memset(h, 0, 32);
}

static void challenge_5(uint8_t h[32], const uint8_t r[32], const uint8_t key[32],
                        const uint8_t *message, size_t length)
{
    challenge_0(h, r, key, message, length);
    h[0] = 5;
}

/* ---- Points and scalars --------------------------------------------------------------------- */

static void read_hex(uint8_t *out, const char *text, size_t bytes)
{
    assert_int_equal(strlen(text), 2 * bytes);
    assert_true(bc__hex_decode(out, text, bytes));
}

static void add(uint8_t sum[32], const uint8_t first[32], const uint8_t second[32])
{
    assert_int_equal(crypto_core_ed25519_add(sum, first, second), 0);
}

static void times_base(uint8_t point[32], const uint8_t scalar[32])
{
    assert_int_equal(crypto_scalarmult_ed25519_base_noclamp(point, scalar), 0);
}

/* point += k·T with T of order 8. */
static void add_torsion(uint8_t point[32], unsigned k)
{
    uint8_t torsion[32];
    read_hex(torsion, order_8, sizeof torsion);
    for (unsigned i = 0; i < k; i++) {
        add(point, point, torsion);
    }
}

static void random_scalar(test_random *random, uint8_t scalar[32])
{
    uint8_t bytes[64];
    test_random_fill(random, bytes, sizeof bytes);
    crypto_core_ed25519_scalar_reduce(scalar, bytes);
}

/* Whether the bytes are those of a point on the curve, of whatever order. */
static bool is_on_curve(const uint8_t point[32])
{
    static const uint8_t neutral[32] = {1};
    uint8_t sum[32];
    return crypto_core_ed25519_add(sum, point, neutral) == 0;
}

typedef struct signer {
    uint8_t scalar[32];
    uint8_t key[32];
} signer;

static signer random_signer(test_random *random)
{
    signer who;
    random_scalar(random, who.scalar);
    times_base(who.key, who.scalar);
    assert_true(bc__public_key_check(who.key));
    return who;
}

/* R = r·B + k·T, S = r + h·a. */
static void sign_mixed(uint8_t signature[64], const bc__ed25519 *ed25519, const signer *who,
                       const uint8_t r[32], unsigned k, const uint8_t message[32])
{
    uint8_t h[32];
    times_base(signature, r);
    add_torsion(signature, k);
    ed25519->challenge(h, signature, who->key, message, 32);
    crypto_core_ed25519_scalar_mul(h, h, who->scalar);
    crypto_core_ed25519_scalar_add(signature + 32, h, r);
}

/* ---- Files of vectors ----------------------------------------------------------------------- */

static void assert_answer(bool expected, const bc__ed25519 *ed25519, const char *fields[3],
                          const char *name)
{
    uint8_t key[32];
    uint8_t message[32];
    uint8_t signature[64];
    read_hex(key, fields[0], sizeof key);
    read_hex(message, fields[1], sizeof message);
    read_hex(signature, fields[2], sizeof signature);
    if (bc__rule_verify(ed25519, key, false, message, sizeof message, signature) != expected) {
        fail_msg("%s: the answer is not %d", name, expected);
    }
    if (expected && !bc__rule_verify(ed25519, key, true, message, sizeof message, signature)) {
        fail_msg("%s: refused with a key that is known to be good", name);
    }
    if (ed25519->verify == bc__ed25519_linked.verify) {
        assert_int_equal(bc__signature_verify(key, false, message, signature), expected);
    }
}

/* RFC 8032, section 7.1. */
static void signs_and_verifies_as_the_rfc_says(void **state)
{
    (void)state;
    const bc__ed25519 by_equation = refusing();
    vector_file vectors;
    size_t seen = 0;
    vector_file_open(&vectors, "test/vectors/ed25519_rfc8032.txt");
    for (; vector_file_next(&vectors) == 5; seen++) {
        uint8_t seed[32], key[32], derived[32], signature[64], made[64];
        uint8_t message[MESSAGE_BYTES] = {0};
        const char *text = strcmp(vectors.fields[2], "-") == 0 ? "" : vectors.fields[2];
        size_t length = strlen(text) / 2;
        assert_in_range(length, 0, sizeof message);
        read_hex(seed, vectors.fields[0], sizeof seed);
        read_hex(key, vectors.fields[1], sizeof key);
        read_hex(message, text, length);
        read_hex(signature, vectors.fields[3], sizeof signature);

        bc__public_key_of_seed(derived, seed);
        assert_memory_equal(derived, key, sizeof key);
        bc__signature_sign(made, seed, message, length);
        assert_memory_equal(made, signature, sizeof signature);
        assert_true(bc__public_key_check(key));
        assert_true(bc__rule_verify(&bc__ed25519_linked, key, false, message, length, signature));
        assert_true(bc__rule_verify(&by_equation, key, false, message, length, signature));
        message[length / 2] ^= 1;
        length += length == 0;
        assert_false(bc__rule_verify(&bc__ed25519_linked, key, false, message, length, signature));
        assert_false(bc__rule_verify(&by_equation, key, false, message, length, signature));
    }
    assert_int_equal(seen, 5);
}

/* The paper's vectors each hold for some verifier; ours refuses all, even over a libsodium that takes
 * anything. */
static void refuses_the_twelve(void **state)
{
    (void)state;
    const bc__ed25519 tables[] = {bc__ed25519_linked, refusing(), accepting()};
    vector_file vectors;
    size_t seen = 0;
    vector_file_open(&vectors, "test/vectors/ed25519_taming.txt");
    for (; vector_file_next(&vectors) == 4; seen++) {
        const char *fields[] = {vectors.fields[1], vectors.fields[0], vectors.fields[2]};
        for (size_t at = 0; at < 3; at++) {
            assert_answer(false, &tables[at], fields, vectors.fields[3]);
        }
    }
    assert_int_equal(seen, 12);
}

static void judge_key(bool expected, const char *text, const char *name)
{
    bc__ed25519 careless = bc__ed25519_linked;
    uint8_t key[32];
    careless.multiply = multiply_any;
    read_hex(key, text, sizeof key);
    if (bc__public_key_check(key) != expected || bc__rule_key_check(&careless, key) != expected) {
        fail_msg("%s: the answer is not %d", name, expected);
    }
}

/* Each case gets the same answer from the linked libsodium and from each that was ever made. */
static void answers_edge_cases_as_computed(void **state)
{
    (void)state;
    vector_file vectors;
    size_t keys = 0;
    size_t signatures = 0;
    size_t count;
    vector_file_open(&vectors, "test/vectors/ed25519_edge_cases.txt");
    while ((count = vector_file_next(&vectors)) != 0) {
        const char *const *fields = vectors.fields;
        bool expected = strcmp(fields[1], "1") == 0;
        if (strcmp(fields[0], "key") == 0) {
            assert_int_equal(count, 4);
            judge_key(expected, fields[2], fields[3]);
            keys++;
            continue;
        }
        assert_int_equal(count, 8);
        const char *triple[] = {fields[4], fields[5], fields[6]};
        const bc__ed25519 by_equation = refusing();
        const bc__ed25519 all = accepting();
        assert_answer(expected, &bc__ed25519_linked, triple, fields[7]);
        assert_answer(expected, strcmp(fields[2], "1") == 0 ? &all : &by_equation, triple,
                      fields[7]);
        assert_answer(expected, strcmp(fields[3], "1") == 0 ? &all : &by_equation, triple,
                      fields[7]);
        assert_answer(expected, &by_equation, triple, fields[7]);
        signatures++;
    }
    assert_int_equal(keys, 106);
    assert_int_equal(signatures, 125);
}

/* ---- Made here ------------------------------------------------------------------------------ */

static void accepts_r_of_mixed_order(void **state)
{
    (void)state;
    const bc__ed25519 by_equation = refusing();
    test_random random = test_random_begin();
    for (unsigned round = 0; round < 8; round++) {
        signer who = random_signer(&random);
        for (unsigned k = 0; k < 8; k++) {
            uint8_t r[32], message[32], signature[64];
            random_scalar(&random, r);
            test_random_fill(&random, message, sizeof message);
            sign_mixed(signature, &bc__ed25519_linked, &who, r, k, message);
            assert_true(bc__signature_verify(who.key, false, message, signature));
            assert_true(bc__signature_verify(who.key, true, message, signature));
            assert_true(bc__rule_verify(&by_equation, who.key, true, message, 32, signature));
            crypto_core_ed25519_scalar_add(signature + 32, signature + 32, who.scalar);
            assert_false(bc__signature_verify(who.key, true, message, signature));
            assert_false(bc__rule_verify(&by_equation, who.key, true, message, 32, signature));
        }
    }
}

/* Twice the count: each signature as it was made, and with one bit of it or its message changed. */
static void agrees_with_itself_on_random_signatures(void **state)
{
    (void)state;
    const bc__ed25519 by_equation = refusing();
    test_random random = test_random_begin();
    for (size_t left = test_random_repeats(1000); left > 0; left--) {
        uint8_t seed[32], key[32], message[32], signature[64];
        test_random_fill(&random, seed, sizeof seed);
        test_random_fill(&random, message, sizeof message);
        bc__public_key_of_seed(key, seed);
        bc__signature_sign(signature, seed, message, sizeof message);
        assert_true(bc__signature_verify(key, true, message, signature));
        assert_true(bc__rule_verify(&by_equation, key, true, message, 32, signature));

        size_t bit = test_random_below(&random, 768);
        uint8_t *bytes = bit < 512 ? signature : message;
        bytes[bit / 8 % 64] ^= (uint8_t)(1u << bit % 8);
        assert_false(bc__signature_verify(key, true, message, signature));
        assert_false(bc__rule_verify(&by_equation, key, true, message, 32, signature));
    }
}

static void refuses_each_flipped_bit(void **state)
{
    (void)state;
    const uint8_t seed[32] = {7};
    struct {
        uint8_t signature[64], key[32], message[32];
    } all;
    uint8_t *bytes = (uint8_t *)&all;
    memset(all.message, 9, sizeof all.message);
    bc__public_key_of_seed(all.key, seed);
    bc__signature_sign(all.signature, seed, all.message, sizeof all.message);
    for (size_t bit = 0; bit < sizeof all * 8; bit++) {
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_false(bc__signature_verify(all.key, false, all.message, all.signature));
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    assert_true(bc__signature_verify(all.key, false, all.message, all.signature));
}

/* With h = 0 the equation is 8(S·B - R) = 0, whoever signs. */
static void decides_where_h_is_0(void **state)
{
    (void)state;
    bc__ed25519 ed25519 = refusing();
    test_random random = test_random_begin();
    signer who = random_signer(&random);
    uint8_t message[32] = {0};
    ed25519.challenge = challenge_0;
    for (unsigned k = 0; k < 8; k++) {
        uint8_t r[32], signature[64];
        random_scalar(&random, r);
        sign_mixed(signature, &ed25519, &who, r, k, message);
        assert_memory_equal(signature + 32, r, sizeof r);
        assert_true(bc__rule_verify(&ed25519, who.key, true, message, 32, signature));
        signature[32] ^= 1;
        assert_false(bc__rule_verify(&ed25519, who.key, true, message, 32, signature));
        memset(signature + 32, 0, 32);
        assert_false(bc__rule_verify(&ed25519, who.key, true, message, 32, signature));
    }
}

/* S = 0 holds where R = -h·A, and R may have a component of small order. */
static void decides_where_s_is_0(void **state)
{
    (void)state;
    const uint8_t five[32] = {5};
    bc__ed25519 ed25519 = refusing();
    test_random random = test_random_begin();
    signer who = random_signer(&random);
    uint8_t message[32] = {0};
    ed25519.challenge = challenge_5;
    for (unsigned k = 0; k < 8; k++) {
        uint8_t signature[64] = {0};
        assert_int_equal(crypto_scalarmult_ed25519_noclamp(signature, five, who.key), 0);
        signature[31] ^= 0x80;
        add_torsion(signature, k);
        assert_true(bc__rule_verify(&ed25519, who.key, true, message, 32, signature));
        signature[32] = 1;
        assert_false(bc__rule_verify(&ed25519, who.key, true, message, 32, signature));
        signature[32] = 0;
        add(signature, signature, who.key);
        assert_false(bc__rule_verify(&ed25519, who.key, true, message, 32, signature));
    }
}

/* S = 0 and h = 0: only an R of small order would fit, and that is refused. */
static void refuses_where_s_and_h_are_0(void **state)
{
    (void)state;
    bc__ed25519 ed25519 = refusing();
    test_random random = test_random_begin();
    signer who = random_signer(&random);
    uint8_t message[32] = {0};
    ed25519.challenge = challenge_0;
    for (unsigned k = 0; k < 8; k++) {
        uint8_t signature[64] = {1};
        add_torsion(signature, k);
        assert_false(bc__rule_verify(&ed25519, who.key, true, message, 32, signature));
    }
}

/* The key for which (R, S) solves the equation with h = 5: A = (8·5)^-1 · 8(S·B - R). */
static void solve_for_key(uint8_t key[32], const uint8_t r[32], const uint8_t s[32])
{
    const uint8_t forty[32] = {40};
    uint8_t inverse[32], point[32], sb[32];
    times_base(sb, s);
    assert_int_equal(crypto_core_ed25519_sub(point, sb, r), 0);
    for (int doubling = 0; doubling < 3; doubling++) {
        add(point, point, point);
    }
    assert_int_equal(crypto_core_ed25519_scalar_invert(inverse, forty), 0);
    assert_int_equal(crypto_scalarmult_ed25519_noclamp(key, inverse, point), 0);
}

/* R with y from 2 to 18 has a second encoding, y + p. With each, the equation holds, and the second
 * is refused all the same. */
static void refuses_r_that_is_not_canonical(void **state)
{
    (void)state;
    const uint8_t s[32] = {77};
    const uint8_t message[32] = {0};
    bc__ed25519 tables[] = {refusing(), accepting()};
    size_t seen = 0;
    for (unsigned y = 2; y <= 18; y++) {
        uint8_t signature[64] = {(uint8_t)y};
        uint8_t key[32];
        if (!is_on_curve(signature)) {
            continue;
        }
        memcpy(signature + 32, s, sizeof s);
        for (unsigned sign = 0; sign < 2; sign++, seen++) {
            for (size_t at = 0; at < 2; at++) {
                tables[at].challenge = challenge_5;
                signature[0] = (uint8_t)y;
                memset(signature + 1, 0, 31);
                signature[31] |= (uint8_t)(sign << 7);
                solve_for_key(key, signature, s);
                assert_true(bc__rule_key_check(&tables[at], key));
                assert_true(bc__rule_verify(&tables[at], key, true, message, 32, signature));
                signature[0] = (uint8_t)(0xed + y);
                memset(signature + 1, 0xff, 31);
                signature[31] = (uint8_t)(0x7f | sign << 7);
                assert_true(is_on_curve(signature));
                assert_false(bc__rule_verify(&tables[at], key, true, message, 32, signature));
            }
        }
    }
    assert_in_range(seen, 8, 34);
}

static void refuses_r_off_the_curve(void **state)
{
    (void)state;
    const bc__ed25519 by_equation = refusing();
    test_random random = test_random_begin();
    signer who = random_signer(&random);
    size_t seen = 0;
    for (unsigned round = 0; round < 100; round++) {
        uint8_t message[32] = {0}, signature[64];
        test_random_fill(&random, signature, 32);
        random_scalar(&random, signature + 32);
        if (!is_on_curve(signature)) {
            assert_false(bc__signature_verify(who.key, true, message, signature));
            assert_false(bc__rule_verify(&by_equation, who.key, true, message, 32, signature));
            assert_false(bc__public_key_check(signature));
            seen++;
        }
    }
    assert_in_range(seen, 20, 80); /* half of all y have no x */
}

static void checks_a_key_only_when_asked(void **state)
{
    (void)state;
    const uint8_t seed[32] = {1}, message[32] = {2};
    uint8_t key[32], signature[64];
    bc__ed25519 ed25519 = accepting();
    ed25519.multiply = multiply_counted;
    bc__public_key_of_seed(key, seed);
    bc__signature_sign(signature, seed, message, sizeof message);
    multiplications = 0;
    assert_true(bc__rule_verify(&ed25519, key, true, message, sizeof message, signature));
    assert_int_equal(multiplications, 0);
    assert_true(bc__rule_verify(&ed25519, key, false, message, sizeof message, signature));
    assert_int_equal(multiplications, 1);
}

static void refuses_where_nothing_can_be_computed(void **state)
{
    (void)state;
    const uint8_t seed[32] = {1}, message[32] = {2};
    uint8_t key[32], signature[64];
    bc__ed25519 ed25519 = refusing();
    ed25519.multiply = multiply_none;
    bc__public_key_of_seed(key, seed);
    bc__signature_sign(signature, seed, message, sizeof message);
    assert_false(bc__rule_key_check(&ed25519, key));
    assert_false(bc__rule_verify(&ed25519, key, false, message, sizeof message, signature));
    assert_false(bc__rule_verify(&ed25519, key, true, message, sizeof message, signature));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signs_and_verifies_as_the_rfc_says),
        cmocka_unit_test(refuses_the_twelve),
        cmocka_unit_test(answers_edge_cases_as_computed),
        cmocka_unit_test(accepts_r_of_mixed_order),
        cmocka_unit_test(agrees_with_itself_on_random_signatures),
        cmocka_unit_test(refuses_each_flipped_bit),
        cmocka_unit_test(decides_where_h_is_0),
        cmocka_unit_test(decides_where_s_is_0),
        cmocka_unit_test(refuses_where_s_and_h_are_0),
        cmocka_unit_test(refuses_r_that_is_not_canonical),
        cmocka_unit_test(refuses_r_off_the_curve),
        cmocka_unit_test(checks_a_key_only_when_asked),
        cmocka_unit_test(refuses_where_nothing_can_be_computed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
