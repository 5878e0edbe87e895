#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lib/uint256.h"
#include "test/support/random.h"

static void assert_bytes(const bc__uint256 *value, const uint8_t expected[32])
{
    uint8_t bytes[32];
    bc__uint256_to_bytes(value, bytes);
    assert_memory_equal(bytes, expected, sizeof bytes);
}

static void reads_and_writes_big_endian(void **state)
{
    (void)state;
    uint8_t bytes[32];
    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = (uint8_t)(i + 1);
    }
    bc__uint256 value = bc__uint256_from_bytes(bytes);
    assert_true(value.limb[3] == UINT64_C(0x0102030405060708));
    assert_true(value.limb[2] == UINT64_C(0x090a0b0c0d0e0f10));
    assert_true(value.limb[1] == UINT64_C(0x1112131415161718));
    assert_true(value.limb[0] == UINT64_C(0x191a1b1c1d1e1f20));
    assert_bytes(&value, bytes);
}

static void makes_small_numbers(void **state)
{
    (void)state;
    const uint8_t nothing[32] = {0};
    const uint8_t number[32] = {[24] = 0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef};
    bc__uint256 zero = bc__uint256_zero();
    bc__uint256 small = bc__uint256_from_u64(UINT64_C(0x0123456789abcdef));
    assert_bytes(&zero, nothing);
    assert_bytes(&small, number);
}

/* The order of big-endian numbers is that of their bytes. */
static void compares_as_bytes_do(void **state)
{
    (void)state;
    test_random random = test_random_begin();
    for (size_t step = test_random_repeats(10000); step > 0; step--) {
        uint8_t a[32];
        uint8_t b[32];
        test_random_fill(&random, a, sizeof a);
        memcpy(b, a, sizeof b);
        size_t changed = test_random_below(&random, 33);
        if (changed < 32) {
            b[changed] = (uint8_t)test_random_next(&random);
            test_random_fill(&random, b + changed, 32 - changed);
        }
        int order = memcmp(a, b, sizeof a);
        bc__uint256 left = bc__uint256_from_bytes(a);
        bc__uint256 right = bc__uint256_from_bytes(b);
        assert_int_equal(bc__uint256_compare(&left, &right), (order > 0) - (order < 0));
    }
}

/* Addition as done by hand, byte by byte. Returns the carry. */
static unsigned add_by_hand(uint8_t sum[32], const uint8_t a[32], const uint8_t b[32])
{
    unsigned carry = 0;
    for (size_t i = 32; i-- > 0;) {
        unsigned digit = (unsigned)a[i] + b[i] + carry;
        sum[i] = (uint8_t)digit;
        carry = digit >> 8;
    }
    return carry;
}

/* Numbers with long runs of ones and zeros, in which carries go far. */
static void fill_number(test_random *random, uint8_t bytes[32])
{
    for (size_t i = 0; i < 32; i++) {
        size_t kind = test_random_below(random, 4);
        bytes[i] = kind == 0 ? 0 : kind < 3 ? 0xff : (uint8_t)test_random_next(random);
    }
    bytes[0] = test_random_below(random, 2) == 0 ? 0 : bytes[0];
}

static void adds_and_subtracts(void **state)
{
    (void)state;
    uint8_t largest[32];
    memset(largest, 0xff, sizeof largest);
    test_random random = test_random_begin();
    size_t saturated = 0;
    size_t steps = test_random_repeats(20000);
    for (size_t step = 0; step < steps; step++) {
        uint8_t a[32];
        uint8_t b[32];
        uint8_t expected[32];
        fill_number(&random, a);
        fill_number(&random, b);
        bc__uint256 left = bc__uint256_from_bytes(a);
        bc__uint256 right = bc__uint256_from_bytes(b);
        bc__uint256 sum = bc__uint256_add(&left, &right);
        if (add_by_hand(expected, a, b) != 0) {
            assert_bytes(&sum, largest);
            saturated++;
            continue;
        }
        assert_bytes(&sum, expected);
        bc__uint256 difference = bc__uint256_sub(&sum, &left);
        assert_bytes(&difference, b);
    }
    assert_true(saturated > 0 && saturated < steps);
}

static void carries_through_all_limbs(void **state)
{
    (void)state;
    bc__uint256 one = bc__uint256_from_u64(1);
    bc__uint256 ones = {{UINT64_MAX, UINT64_MAX, UINT64_MAX, 0}};
    bc__uint256 power = {{0, 0, 0, 1}};
    bc__uint256 sum = bc__uint256_add(&ones, &one);
    bc__uint256 difference = bc__uint256_sub(&power, &one);
    assert_int_equal(bc__uint256_compare(&sum, &power), 0);
    assert_int_equal(bc__uint256_compare(&difference, &ones), 0);
}

static void saturates_at_the_edge(void **state)
{
    (void)state;
    bc__uint256 largest = {{UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX}};
    bc__uint256 one = bc__uint256_from_u64(1);
    bc__uint256 zero = bc__uint256_zero();
    bc__uint256 before = bc__uint256_sub(&largest, &one);
    bc__uint256 reached = bc__uint256_add(&before, &one);
    bc__uint256 passed = bc__uint256_add(&largest, &one);
    bc__uint256 doubled = bc__uint256_add(&largest, &largest);
    bc__uint256 same = bc__uint256_add(&largest, &zero);
    assert_int_equal(bc__uint256_compare(&before, &largest), -1);
    assert_int_equal(bc__uint256_compare(&reached, &largest), 0);
    assert_int_equal(bc__uint256_compare(&passed, &largest), 0);
    assert_int_equal(bc__uint256_compare(&doubled, &largest), 0);
    assert_int_equal(bc__uint256_compare(&same, &largest), 0);
}

static bc__uint256 random_number(test_random *random)
{
    uint8_t bytes[32];
    fill_number(random, bytes);
    bc__uint256 value = bc__uint256_from_bytes(bytes);
    return bc__uint256_shift_right(&value, test_random_below(random, 257));
}

/* Multiplication as done by hand, byte by byte. */
static void multiply_by_hand(uint8_t product[64], const uint8_t a[32], const uint8_t b[32])
{
    memset(product, 0, 64);
    for (size_t i = 32; i-- > 0;) {
        unsigned carry = 0;
        for (size_t j = 32; j-- > 0;) {
            carry += (unsigned)a[i] * b[j] + product[i + j + 1];
            product[i + j + 1] = (uint8_t)carry;
            carry >>= 8;
        }
        product[i] = (uint8_t)carry;
    }
}

static void multiplies(void **state)
{
    (void)state;
    test_random random = test_random_begin();
    for (size_t step = test_random_repeats(5000); step > 0; step--) {
        uint8_t a[32];
        uint8_t b[32];
        uint8_t expected[64];
        bc__uint256 left = random_number(&random);
        bc__uint256 right = random_number(&random);
        bc__uint256_to_bytes(&left, a);
        bc__uint256_to_bytes(&right, b);
        multiply_by_hand(expected, a, b);
        bc__uint256 high;
        bc__uint256 low;
        bc__uint256_multiply(&high, &low, &left, &right);
        assert_bytes(&high, expected);
        assert_bytes(&low, expected + 32);
    }
}

/* a = quotient * b + rest with rest < b, and there is one such quotient. */
static void assert_quotient(const bc__uint256 *a, const bc__uint256 *b)
{
    bc__uint256 quotient = bc__uint256_divide(a, b);
    bc__uint256 high;
    bc__uint256 low;
    bc__uint256_multiply(&high, &low, &quotient, b);
    bc__uint256 zero = bc__uint256_zero();
    assert_int_equal(bc__uint256_compare(&high, &zero), 0);
    assert_true(bc__uint256_compare(&low, a) <= 0);
    bc__uint256 rest = bc__uint256_sub(a, &low);
    assert_int_equal(bc__uint256_compare(&rest, b), -1);
}

static void divides(void **state)
{
    (void)state;
    test_random random = test_random_begin();
    for (size_t step = test_random_repeats(20000); step > 0; step--) {
        bc__uint256 a = random_number(&random);
        bc__uint256 b = random_number(&random);
        if (bc__uint256_bit_length(&b) != 0) {
            assert_quotient(&a, &b);
        }
    }
}

/* Where a quotient's digit, guessed from the first digits, is too much by 1 or 2, and where the guess
 * does not fit into a digit. */
static void divides_where_a_guess_is_too_high(void **state)
{
    (void)state;
    static const struct {
        bc__uint256 a;
        bc__uint256 b;
        bc__uint256 quotient;
    } cases[] = {
        {{{3, 0x80000000}}, {{1, 0x20000000}}, {{3}}},
        {{{0, UINT64_C(0x7fffffff80000000)}}, {{1, 0x80000000}}, {{0xfffffffe}}},
        {{{0, UINT64_C(0x7fff800000000000)}}, {{1, UINT64_C(0x800000000000)}}, {{0xfffe}}},
        {{{0, UINT64_C(0xfffffffe80000000)}}, {{0xffff, 0x80000000}}, {{UINT64_C(0x1fffffffc)}}},
        {{{UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX}},
         {{UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX}},
         {{1}}},
        {{{UINT64_MAX - 1, UINT64_MAX, UINT64_MAX, UINT64_MAX}},
         {{UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX}},
         {{0}}},
        {{{UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX}},
         {{1}},
         {{UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX}}},
        {{{UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX}},
         {{0, 1}},
         {{UINT64_MAX, UINT64_MAX, UINT64_MAX}}},
        {{{0}}, {{0, 0, 5}}, {{0}}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        bc__uint256 quotient = bc__uint256_divide(&cases[i].a, &cases[i].b);
        assert_int_equal(bc__uint256_compare(&quotient, &cases[i].quotient), 0);
        assert_quotient(&cases[i].a, &cases[i].b);
    }
}

/* A shift moves each bit to where the rule says, or out. */
static void shifts(void **state)
{
    (void)state;
    const bc__uint256 one = bc__uint256_from_u64(1);
    const bc__uint256 top = {{0, 0, 0, UINT64_C(1) << 63}};
    const bc__uint256 largest = {{UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX}};
    for (unsigned bits = 0; bits < 256; bits++) {
        uint8_t expected[32] = {0};
        expected[31 - bits / 8] = (uint8_t)(1U << bits % 8);
        bc__uint256 left = bc__uint256_shift_left(&one, bits);
        bc__uint256 right = bc__uint256_shift_right(&top, 255 - bits);
        assert_bytes(&left, expected);
        assert_bytes(&right, expected);
        assert_int_equal(bc__uint256_bit_length(&left), bits + 1);
        /* all ones, less those that leave */
        bc__uint256 low = bc__uint256_sub(&left, &one);
        bc__uint256 kept = bc__uint256_shift_right(&largest, 256 - bits);
        assert_int_equal(bc__uint256_compare(&kept, &low), 0);
        assert_int_equal(bc__uint256_bit_length(&kept), bits);
        kept = bc__uint256_shift_left(&largest, bits);
        kept = bc__uint256_add(&kept, &low);
        assert_int_equal(bc__uint256_compare(&kept, &largest), 0);
    }
    static const uint64_t far[] = {256, 257, 320, UINT64_C(1) << 32, UINT64_MAX};
    const bc__uint256 zero = bc__uint256_zero();
    for (size_t i = 0; i < sizeof far / sizeof far[0]; i++) {
        bc__uint256 left = bc__uint256_shift_left(&largest, far[i]);
        bc__uint256 right = bc__uint256_shift_right(&largest, far[i]);
        assert_int_equal(bc__uint256_compare(&left, &zero), 0);
        assert_int_equal(bc__uint256_compare(&right, &zero), 0);
    }
    assert_int_equal(bc__uint256_bit_length(&zero), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_and_writes_big_endian),
        cmocka_unit_test(makes_small_numbers),
        cmocka_unit_test(compares_as_bytes_do),
        cmocka_unit_test(adds_and_subtracts),
        cmocka_unit_test(carries_through_all_limbs),
        cmocka_unit_test(saturates_at_the_edge),
        cmocka_unit_test(multiplies),
        cmocka_unit_test(divides),
        cmocka_unit_test(shifts),
        cmocka_unit_test(divides_where_a_guess_is_too_high),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
