#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/decimal.h"
#include "lib/decimal_exact.h"

static uint64_t bits_of(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof(bits));
    return bits;
}

static double of_bits(uint64_t bits)
{
    double value;
    memcpy(&value, &bits, sizeof(value));
    return value;
}

static void expect_parsed(const char *text, size_t length, uint64_t bits)
{
    double value = 42;
    assert_int_equal(bc__decimal_parse(&value, text, length), BC__OK);
    if (bits_of(value) != bits) {
        print_error("%.60s (%zu bytes)\n", text, length);
    }
    assert_true(bits_of(value) == bits);
}

static void expect_formatted(double value, const char *text)
{
    char out[BC__DECIMAL_SIZE];
    memset(out, '#', sizeof(out));
    size_t length = bc__decimal_format(out, value);
    assert_int_equal(length, strlen(text));
    assert_memory_equal(out, text, length);
    assert_int_equal(out[length], '#');
}

static void expect_written(const char *text, const char *expected)
{
    bc__decimal number;
    char out[BC__DECIMAL_SIZE];
    assert_int_equal(bc__decimal_scan(&number, text, strlen(text)), BC__OK);
    assert_int_equal(number.length, strlen(text));
    size_t length = bc__decimal_write(out, &number);
    assert_int_equal(length, strlen(expected));
    assert_memory_equal(out, expected, length);
}

/* before, `digit` repeated, after; to be freed. */
static char *fill(const char *before, char digit, size_t count, const char *after)
{
    size_t length = strlen(before);
    char *text = malloc(length + count + strlen(after) + 1);
    assert_non_null(text);
    memcpy(text, before, length);
    memset(text + length, digit, count);
    memcpy(text + length + count, after, strlen(after) + 1);
    return text;
}

static void format_follows_repr(void **state)
{
    (void)state;
    /* each right side is what Python 3.11's json.dumps prints */
    expect_formatted(0.0, "0.0");
    expect_formatted(-0.0, "-0.0");
    expect_formatted(1.0, "1.0");
    expect_formatted(-1.5, "-1.5");
    expect_formatted(0.1, "0.1");
    expect_formatted(0.1 + 0.2, "0.30000000000000004");
    expect_formatted(100.0, "100.0");
    expect_formatted(0.0001, "0.0001");
    expect_formatted(0.00012345, "0.00012345");
    expect_formatted(0.00001, "1e-05");
    expect_formatted(0.000012345, "1.2345e-05");
    expect_formatted(1e15, "1000000000000000.0");
    expect_formatted(1234567890123456.0, "1234567890123456.0");
    expect_formatted(9999999999999998.0, "9999999999999998.0");
    expect_formatted(1e16, "1e+16");
    expect_formatted(12345678901234568.0, "1.2345678901234568e+16");
    expect_formatted(1e22, "1e+22");
    expect_formatted(1e23, "1e+23");
    expect_formatted(1e100, "1e+100");
    expect_formatted(-1e-100, "-1e-100");
    expect_formatted(5e-324, "5e-324");
    expect_formatted(DBL_MIN, "2.2250738585072014e-308");
    expect_formatted(of_bits(0x000fffffffffffff), "2.225073858507201e-308");
    expect_formatted(-DBL_MAX, "-1.7976931348623157e+308");
    expect_formatted(9007199254740992.0, "9007199254740992.0");
    expect_formatted(9007199254740994.0, "9007199254740994.0");
    expect_formatted(ldexp(1, -44), "5.684341886080802e-14");
    expect_formatted(1506280664.717925, "1506280664.717925");
    expect_formatted(1506280666.1086972, "1506280666.1086972");
}

static void format_spells_what_is_no_number_as_json_dumps(void **state)
{
    (void)state;
    expect_formatted((double)INFINITY, "Infinity");
    expect_formatted(-(double)INFINITY, "-Infinity");
    expect_formatted((double)NAN, "NaN");
    expect_formatted(of_bits(0xfff8000000000001), "NaN");
    expect_formatted(of_bits(0x7ff0000000000001), "NaN");
}

static void parse_rounds_to_nearest_even(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint64_t bits;
    } CASES[] = {
        {"0", 0},
        {"-0", 0x8000000000000000},
        {"0e999", 0},
        {"0.000", 0},
        {"1", 0x3ff0000000000000},
        {"-1.5", 0xbff8000000000000},
        {"100000000000000000000000", 0x44b52d02c7e14af6}, /* 1e23 */
        {"1e23", 0x44b52d02c7e14af6},
        {"9007199254740993", 0x4340000000000000}, /* 2^53 + 1, a tie: down to even */
        {"9007199254740993.0", 0x4340000000000000},
        {"900719925474099.3e1", 0x4340000000000000},
        {"9007199254740993.0000000000000000000000001", 0x4340000000000001},
        {"9007199254740992.9999999999999999999999999", 0x4340000000000000},
        {"9007199254740995", 0x4340000000000002}, /* a tie: up to even */
        {"9007199254740995.00000", 0x4340000000000002},
        {"2.2250738585072011e-308", 0x000fffffffffffff},
        {"2.2250738585072012e-308", 0x0010000000000000},
        {"2.2250738585072014e-308", 0x0010000000000000},
        {"4.9406564584124654e-324", 1},
        {"5e-324", 1},
        {"3e-324", 1},
        {"2.4703282292062327e-324", 0}, /* just under half of the least */
        {"2.4703282292062328e-324", 1}, /* just over */
        {"2e-324", 0},
        {"1e-400", 0},
        {"-1e-99999999999999999999999999", 0x8000000000000000},
        {"1.7976931348623157e308", 0x7fefffffffffffff},
        {"1.7976931348623158e308", 0x7fefffffffffffff},
        {"1.7976931348623159e308", 0x7ff0000000000000},
        {"1.8e308", 0x7ff0000000000000},
        {"1e309", 0x7ff0000000000000},
        {"-1E400", 0xfff0000000000000},
        {"1e99999999999999999999999999", 0x7ff0000000000000},
        {"1506280664.717925", 0x41d67201362df27c},
        {"6.9294956446009195e15", 0x43389e56ee5e7a58},
    };
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        expect_parsed(CASES[i].text, strlen(CASES[i].text), CASES[i].bits);
    }
}

/* 2^-1075, half of the least number, without its exponent of -324: all 752 digits. */
static const char HALF_OF_LEAST[] =
    "2.470328229206232720882843964341106861825299013071623822127928412503377536351043"
    "75932649918180817996189898282347722858865463328355177969898199387398005390939063"
    "15035659515570226392290858392449105184435931802849936536152500319370457678249219"
    "36562366986365848075700158576926990370631192827955855133292783433840935197801553"
    "12465972635795746227664652728272200563740064854999770965994704540208281662262378"
    "57393450736339007967761930577506740176324673600968951340535537458516661134223766"
    "67860416215968046191446729184030053005753084904876539171138659164623952491262365"
    "38818796362393732804238910186723484976682350898633885879256283027559956575244555"
    "07255189313690836254779186948667994968324049705821028513185451396213837722826145"
    "437693412532098591327667236328125";

/* 2^1024 - 2^970, halfway from the greatest finite number to the one that would be next. */
static const char HALF_PAST_GREATEST[] =
    "17976931348623158079372897140530341507993413271003782693617377898044496829276475"
    "09466490179775872070963302864166928879109465555478519404026306574886715058206819"
    "08902000708383676273854845817711531764475730270069855571366959622842914819860834"
    "936475292719074168444365510704342711559699508093042880177904174497792";

static void ties_of_many_digits_are_exact(void **state)
{
    (void)state;
    static const struct {
        char last; /* in place of the last digit */
        const char *after;
        uint64_t bits;
    } CASES[] = {
        {'5', "e-324", 0}, {'5', "0000e-324", 0}, {'5', "0001e-324", 1}, {'4', "9999e-324", 0},
        {'6', "e-324", 1}, {'5', "e-323", 5},     {'5', "e-325", 0},
    };
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        char text[1000];
        strcpy(text, HALF_OF_LEAST);
        text[strlen(text) - 1] = CASES[i].last;
        strcat(text, CASES[i].after);
        expect_parsed(text, strlen(text), CASES[i].bits);
    }
    char text[1000];
    strcpy(text, HALF_PAST_GREATEST);
    expect_parsed(text, strlen(text), 0x7ff0000000000000);
    text[strlen(text) - 1]--;
    expect_parsed(text, strlen(text), 0x7fefffffffffffff);
    strcat(text, ".9");
    expect_parsed(text, strlen(text), 0x7fefffffffffffff);
}

static void digits_past_any_midpoint_still_count(void **state)
{
    (void)state;
    static const struct {
        const char *before;
        char digit;
        size_t count;
        const char *after;
        uint64_t bits;
    } CASES[] = {
        {"9007199254740993.", '0', 783, "0", 0x4340000000000000},
        {"9007199254740993.", '0', 783, "1", 0x4340000000000001},
        {"9007199254740993.", '0', 784, "1", 0x4340000000000001},
        {"9007199254740993.", '0', 5000, "1", 0x4340000000000001},
        {"9007199254740993.", '0', 5000, "0", 0x4340000000000000},
        {"9007199254740992.", '9', 5000, "", 0x4340000000000000},
        {"1", '0', 5000, "e-5000", 0x3ff0000000000000},
        {"0.", '0', 5000, "1e5001", 0x3ff0000000000000},
        {"0.", '0', 5000, "1e4000", 0},
        {"1", '0', 5000, "", 0x7ff0000000000000},
        {"1e", '0', 5000, "1", 0x4024000000000000},
        {"0.", '3', 900, "", 0x3fd5555555555555},
        /* 1 + 2^-53, a tie, is 1.00000000000000011102230246251565404...; broken off before its end */
        {"1.", '0', 15, "111022302462515", 0x3ff0000000000000},
        {"1.", '0', 15, "111022302462516", 0x3ff0000000000001},
        {"1.", '0', 15, "11102230246251565404236316680908203125", 0x3ff0000000000000},
    };
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        char *text = fill(CASES[i].before, CASES[i].digit, CASES[i].count, CASES[i].after);
        expect_parsed(text, strlen(text), CASES[i].bits);
        free(text);
    }
}

static void comparison_is_exact(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint64_t significand;
        int32_t exponent;
        int order;
    } CASES[] = {
        {"4294967296", UINT32_MAX, 0, 1},
        {"4294967295.5", UINT64_C(1) << 32, 0, -1},
        {"4294967295", UINT32_MAX, 0, 0},
        {"-18446744073709551617.0", UINT64_C(1) << 63, 1, 1},
        {"18446744073709551615.9", UINT64_C(1) << 63, 1, -1},
        {"18446744073709551616e0", UINT64_C(1) << 63, 1, 0},
        {"0.125", 1, -3, 0},
        {"125e-3", 1, -3, 0},
        {"125000001e-9", 1, -3, 1},
        {"1e22", UINT64_C(2384185791015625), 22, 0},
        {"1.0000000000000000000001e22", UINT64_C(2384185791015625), 22, 1},
    };
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        bc__decimal number;
        assert_int_equal(bc__decimal_scan(&number, CASES[i].text, strlen(CASES[i].text)), BC__OK);
        assert_int_equal(bc__decimal_compare(&number, CASES[i].significand, CASES[i].exponent),
                         CASES[i].order);
    }
}

static void scan_tells_where_a_number_breaks_off(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t length;
    } CASES[] = {
        {"", 0},    {"-", 1},    {"+1", 0},   {".5", 0},  {"x", 0},        {"-x", 1},
        {"01", 1},  {"-00", 2},  {"1.", 2},   {"1.x", 2}, {"1.e5", 2},     {"1e", 2},
        {"1e+", 3}, {"1E-x", 3}, {"1.5e", 4}, {" 1", 0},  {"Infinity", 0}, {"-Infinity", 1},
    };
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        bc__decimal number;
        double value = 42;
        size_t length = strlen(CASES[i].text);
        assert_int_equal(bc__decimal_scan(&number, CASES[i].text, length), BC__ERR_FORMAT);
        assert_int_equal(number.length, CASES[i].length);
        assert_int_equal(bc__decimal_parse(&value, CASES[i].text, length), BC__ERR_FORMAT);
        assert_true(bits_of(value) == bits_of(42));
    }
}

static void scan_stops_behind_the_number(void **state)
{
    (void)state;
    bc__decimal number;
    double value;
    assert_int_equal(bc__decimal_scan(&number, "-120.50e-3,", 11), BC__OK);
    assert_int_equal(number.length, 10);
    assert_int_equal(number.integer_digits, 3);
    assert_int_equal(number.significand, 12050);
    assert_int_equal(number.exponent, -5);
    assert_true(number.negative);
    assert_false(number.integer);
    assert_false(number.truncated);
    assert_int_equal(bc__decimal_scan(&number, "123456789012345678901234]", 25), BC__OK);
    assert_int_equal(number.length, 24);
    assert_int_equal(number.integer_digits, 24);
    assert_int_equal(number.digits, 19);
    assert_int_equal(number.exponent, 5);
    assert_true(number.truncated);
    assert_true(number.integer);
    assert_int_equal(bc__decimal_scan(&number, "12", 1), BC__OK);
    assert_int_equal(number.significand, 1);
    assert_int_equal(bc__decimal_scan(&number, "0x", 2), BC__OK);
    assert_int_equal(number.length, 1);
    assert_int_equal(bc__decimal_parse(&value, "1 ", 2), BC__ERR_FORMAT);
}

static void write_normalises_text(void **state)
{
    (void)state;
    expect_written("1506280664.717925", "1506280664.717925");
    expect_written("1506280666.10869720", "1506280666.1086972");
    expect_written("-12.500", "-12.5");
    expect_written("1e5", "100000.0");
    expect_written("1E+16", "1e+16");
    expect_written("0.000010", "1e-05");
    expect_written("-0e7", "-0.0");
    expect_written("123456789012345e290", "1.23456789012345e+304");
    expect_written("123456789012345e294", "1.23456789012345e+308");
    expect_written("123456789012345e295", "Infinity");
    expect_written("-1e999", "-Infinity");
    expect_written("1e-323", "1e-323");
    expect_written("123456e-326", "1.235e-321");
    expect_written("4e-324", "5e-324");
    expect_written("9007199254740993.0", "9007199254740992.0");
    expect_written("9007199254740993e0", "9007199254740992.0");
    expect_written("0.1000000000000000055511151231257827", "0.1");
}

/* The digits and exponent of the least precision at which the C library's text reads back. */
static int shortest_by_search(char out[40], double value)
{
    for (int precision = 0; precision <= 17; precision++) {
        snprintf(out, 40, "%.*e", precision, value);
        if (bits_of(strtod(out, NULL)) == bits_of(value)) {
            return precision + 1;
        }
    }
    return 0;
}

static void random_numbers_survive_and_are_shortest(void **state)
{
    (void)state;
    uint64_t random = 0x9e3779b97f4a7c15;
    for (int i = 0; i < 20000; i++) {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        /* every fourth is near 1, every fourth subnormal */
        uint64_t bits = i % 4 == 0   ? (random >> 12) + 0x3fe0000000000000
                        : i % 4 == 1 ? random >> (12 + i % 50)
                                     : random;
        double value = of_bits(bits);
        if (!isfinite(value)) {
            continue;
        }
        char out[BC__DECIMAL_SIZE];
        char expected[40];
        size_t length = bc__decimal_format(out, value);
        expect_parsed(out, length, bits);
        int shortest = shortest_by_search(expected, value);
        int digits = 0;
        int zeros = 0;
        for (size_t j = 0; j < length && out[j] != 'e'; j++) {
            bool counted = out[j] >= '0' && out[j] <= '9' && (digits > 0 || out[j] != '0');
            digits += counted;
            zeros = out[j] == '0' ? zeros + counted : out[j] == '.' ? zeros : 0;
        }
        assert_int_equal(value == 0 ? 1 : digits - zeros, shortest);
        /* more digits than needed, read back */
        int written = snprintf(expected, sizeof(expected), "%.25e", value);
        expect_parsed(expected, (size_t)written, bits);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(format_follows_repr),
        cmocka_unit_test(format_spells_what_is_no_number_as_json_dumps),
        cmocka_unit_test(parse_rounds_to_nearest_even),
        cmocka_unit_test(ties_of_many_digits_are_exact),
        cmocka_unit_test(digits_past_any_midpoint_still_count),
        cmocka_unit_test(comparison_is_exact),
        cmocka_unit_test(scan_tells_where_a_number_breaks_off),
        cmocka_unit_test(scan_stops_behind_the_number),
        cmocka_unit_test(write_normalises_text),
        cmocka_unit_test(random_numbers_survive_and_are_shortest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
