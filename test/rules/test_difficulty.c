#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/rules/ledger/difficulty.h"
#include "test/support/random.h"

#define LENGTH(array) (sizeof(array) / sizeof(array)[0])

/* value * 2^shift */
static bc__uint256 number(uint64_t value, unsigned shift)
{
    bc__uint256 small = bc__uint256_from_u64(value);
    return bc__uint256_shift_left(&small, shift);
}

static bc__uint256 minus_one(bc__uint256 value)
{
    bc__uint256 one = bc__uint256_from_u64(1);
    return bc__uint256_sub(&value, &one);
}

static bc__uint256 largest(void)
{
    return (bc__uint256){{UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX}};
}

static void assert_same(const bc__uint256 *value, const bc__uint256 *expected)
{
    for (size_t i = 0; i < BC__UINT256_LIMBS; i++) {
        assert_true(value->limb[i] == expected->limb[i]);
    }
}

static bc__uint256 target_of(uint32_t bits)
{
    bc__uint256 target;
    assert_int_equal(bc__target_from_compact(&target, bits), BC__COMPACT_OK);
    return target;
}

/* ---- Compact targets ---- */

/* bignum_SetCompact of Bitcoin Core's arith_uint256_tests: what each means, and the bits that it is
 * written as. */
static const struct {
    uint32_t bits;
    bc__compact_fault fault;
    uint64_t value; /* * 2^shift */
    unsigned shift;
    uint32_t canonical;
} compact_cases[] = {
    {0x00000000, BC__COMPACT_ZERO, 0, 0, 0},
    {0x00123456, BC__COMPACT_ZERO, 0, 0, 0},
    {0x01003456, BC__COMPACT_ZERO, 0, 0, 0},
    {0x02000056, BC__COMPACT_ZERO, 0, 0, 0},
    {0x03000000, BC__COMPACT_ZERO, 0, 0, 0},
    {0x04000000, BC__COMPACT_ZERO, 0, 0, 0},
    {0x00923456, BC__COMPACT_ZERO, 0, 0, 0},
    {0x01803456, BC__COMPACT_ZERO, 0, 0, 0},
    {0x02800056, BC__COMPACT_ZERO, 0, 0, 0},
    {0x03800000, BC__COMPACT_ZERO, 0, 0, 0},
    {0x04800000, BC__COMPACT_ZERO, 0, 0, 0},
    {0x01123456, BC__COMPACT_OK, 0x12, 0, 0x01120000},
    {0x01fedcba, BC__COMPACT_NEGATIVE, 0, 0, 0},
    {0x02123456, BC__COMPACT_OK, 0x1234, 0, 0x02123400},
    {0x03123456, BC__COMPACT_OK, 0x123456, 0, 0x03123456},
    {0x04123456, BC__COMPACT_OK, 0x12345600, 0, 0x04123456},
    {0x04923456, BC__COMPACT_NEGATIVE, 0, 0, 0},
    {0x05009234, BC__COMPACT_OK, 0x92340000, 0, 0x05009234},
    {0x20123456, BC__COMPACT_OK, 0x123456, 8 * 29, 0x20123456},
    {0xff123456, BC__COMPACT_OVERFLOW, 0, 0, 0},
    /* and at the edges */
    {0xff923456, BC__COMPACT_NEGATIVE, 0, 0, 0},
    {0xff000000, BC__COMPACT_ZERO, 0, 0, 0},
    {0xff800000, BC__COMPACT_ZERO, 0, 0, 0},
    {0x207fffff, BC__COMPACT_OK, 0x7fffff, 8 * 29, 0x207fffff},
    {0x2100ffff, BC__COMPACT_OK, 0xffff, 8 * 30, 0x2100ffff},
    {0x21010000, BC__COMPACT_OVERFLOW, 0, 0, 0},
    {0x220000ff, BC__COMPACT_OK, 0xff, 8 * 31, 0x2100ff00},
    {0x22000100, BC__COMPACT_OVERFLOW, 0, 0, 0},
    {0x23000001, BC__COMPACT_OVERFLOW, 0, 0, 0},
    {0x1d00ffff, BC__COMPACT_OK, 0xffff, 8 * 26, 0x1d00ffff},
    {0x1e0000ff, BC__COMPACT_OK, 0xff, 8 * 27, 0x1d00ff00},
    {0x03000080, BC__COMPACT_OK, 0x80, 0, 0x02008000},
    {0x03000001, BC__COMPACT_OK, 1, 0, 0x01010000},
};

static void reads_compact_targets(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(compact_cases); i++) {
        bc__uint256 target = number(7, 70);
        bc__uint256 expected = target;
        uint32_t bits = compact_cases[i].bits;
        if (compact_cases[i].fault == BC__COMPACT_OK) {
            expected = number(compact_cases[i].value, compact_cases[i].shift);
        }
        assert_int_equal(bc__target_from_compact(&target, bits), compact_cases[i].fault);
        assert_same(&target, &expected);
        if (compact_cases[i].fault == BC__COMPACT_OK) {
            assert_int_equal(bc__target_to_compact(&target), compact_cases[i].canonical);
        }
        assert_int_equal(bc__compact_is_canonical(bits),
                         bits != 0 && bits == compact_cases[i].canonical);
    }
}

static void writes_targets_rounded_down(void **state)
{
    (void)state;
    const bc__uint256 zero = bc__uint256_zero();
    const bc__uint256 all = largest();
    const bc__uint256 published = minus_one(number(1, 224)); /* Bitcoin's limit before rounding */
    const bc__uint256 signless = number(0x800000, 0);
    assert_int_equal(bc__target_to_compact(&zero), 0);
    assert_int_equal(bc__target_to_compact(&all), 0x2100ffff);
    assert_int_equal(bc__target_to_compact(&published), 0x1d00ffff);
    assert_int_equal(bc__target_to_compact(&signless), 0x04008000);
}

/* What is canonical stands for exactly its target, and is the only one that does. */
static void canonical_bits_are_one_for_a_target(void **state)
{
    (void)state;
    test_random random = test_random_begin();
    size_t canonical = 0;
    size_t others = 0;
    for (size_t step = test_random_repeats(20000); step > 0; step--) {
        uint32_t bits = (uint32_t)test_random_below(&random, 0x24) << 24 |
                        (uint32_t)test_random_next(&random) >> 9 >> test_random_below(&random, 20);
        bc__uint256 target;
        if (bc__target_from_compact(&target, bits) != BC__COMPACT_OK) {
            assert_false(bc__compact_is_canonical(bits));
            continue;
        }
        uint32_t written = bc__target_to_compact(&target);
        bc__uint256 again = target_of(written);
        assert_same(&again, &target);
        assert_true(bc__compact_is_canonical(written));
        assert_int_equal(bc__compact_is_canonical(bits), written == bits);
        *(written == bits ? &canonical : &others) += 1;
    }
    assert_true(canonical > 0 && others > 0);
}

static void compares_with_the_limit(void **state)
{
    (void)state;
    const bc__uint256 before = number(5, 5);
    const bc__uint256 limit = target_of(0x1d00ffff);
    const bc__uint256 below = minus_one(limit);
    bc__uint256 target = before;
    assert_int_equal(bc__target_within(&target, 0x1d00ffff, &below), BC__COMPACT_OVER_LIMIT);
    assert_int_equal(bc__target_within(&target, 0x1d010000, &limit), BC__COMPACT_OVER_LIMIT);
    assert_int_equal(bc__target_within(&target, 0x1d80ffff, &limit), BC__COMPACT_NEGATIVE);
    assert_int_equal(bc__target_within(&target, 0x1d000000, &limit), BC__COMPACT_ZERO);
    assert_int_equal(bc__target_within(&target, 0x2d00ffff, &limit), BC__COMPACT_OVERFLOW);
    assert_same(&target, &before);
    assert_int_equal(bc__target_within(&target, 0x1d00ffff, &limit), BC__COMPACT_OK);
    assert_same(&target, &limit);
}

/* ---- Work ---- */

static void a_target_holds_ids_up_to_it(void **state)
{
    (void)state;
    const bc__uint256 target = target_of(0x1d00ffff);
    uint8_t id[32] = {[4] = 0xff, 0xff};
    assert_true(bc__target_holds(&target, id));
    id[31] = 1;
    assert_false(bc__target_holds(&target, id));
    id[5] = 0xfe;
    assert_true(bc__target_holds(&target, id));
    id[0] = 1;
    assert_false(bc__target_holds(&target, id));
}

static void work_of_known_targets(void **state)
{
    (void)state;
    const bc__uint256 one = bc__uint256_from_u64(1);
    const struct {
        bc__uint256 target;
        bc__uint256 work;
    } cases[] = {
        {target_of(0x1d00ffff), number(0x100010001, 0)}, /* chain work of Bitcoin's genesis */
        {target_of(0x207fffff), number(2, 0)},           /* of its regression-test network's */
        {target_of(0x2100ffff), number(1, 0)},
        {largest(), number(1, 0)},
        {number(1, 255), number(1, 0)},
        {minus_one(number(1, 255)), number(2, 0)},
        {minus_one(number(1, 128)), number(1, 128)},
        {minus_one(number(1, 64)), number(1, 192)},
        {number(2, 0),
         {{UINT64_C(0x5555555555555555), UINT64_C(0x5555555555555555), UINT64_C(0x5555555555555555),
           UINT64_C(0x5555555555555555)}}},
        {one, number(1, 255)},
        {bc__uint256_zero(), largest()},
    };
    for (size_t i = 0; i < LENGTH(cases); i++) {
        bc__uint256 work = bc__target_work(&cases[i].target);
        assert_same(&work, &cases[i].work);
    }
}

/* ---- aserti3-2d ---- */

static bc__asert bitcoin_cash(void)
{
    return (bc__asert){.limit = minus_one(number(1, 224)), .spacing = 600, .half_life = 172800};
}

/* Checks one file of published rows, and returns how many it has. */
static size_t check_rows(const char *path)
{
    const bc__asert asert = bitcoin_cash();
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    char line[256];
    uint64_t anchor_height = 0;
    int64_t anchor_parent_time = 0;
    uint32_t anchor_bits = 0;
    size_t rows = 0;
    while (fgets(line, sizeof line, file) != NULL) {
        uint64_t height;
        int64_t time;
        uint32_t bits;
        if (line[0] == '#') {
            (void)sscanf(line, "## anchor height: %" SCNu64, &anchor_height);
            (void)sscanf(line, "## anchor ancestor time: %" SCNd64, &anchor_parent_time);
            (void)sscanf(line, "## anchor parent time: %" SCNd64, &anchor_parent_time);
            (void)sscanf(line, "## anchor nBits: %" SCNx32, &anchor_bits);
            continue;
        }
        assert_int_equal(
            sscanf(line, "%*s %" SCNu64 " %" SCNd64 " %" SCNx32, &height, &time, &bits), 3);
        bc__uint256 anchor = target_of(anchor_bits);
        bc__uint256 target = bc__asert_target(&asert, &anchor, time - anchor_parent_time,
                                              (int64_t)(height - anchor_height));
        assert_int_equal(bc__target_to_compact(&target), bits);
        rows++;
    }
    assert_int_equal(fclose(file), 0);
    return rows;
}

static void published_rows(void **state)
{
    (void)state;
    static const size_t rows[] = {10, 10, 10, 225, 225, 51, 51, 51, 10, 10, 51, 51};
    for (size_t i = 0; i < LENGTH(rows); i++) {
        char path[64];
        (void)snprintf(path, sizeof path, "test/vectors/asert/run%02zu.txt", i + 1);
        assert_int_equal(check_rows(path), rows[i]);
    }
}

/* The table of calculate_asert_test in Bitcoin ABC's aserti32d_tests, as data; its times leave out the
 * 600 seconds between the anchor and its parent. */
static void published_targets(void **state)
{
    (void)state;
    const bc__asert asert = bitcoin_cash();
    const bc__uint256 funny = bc__uint256_from_bytes((const uint8_t[32]){
        [4] = 0x80, [13] = 0x0f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xff,       0xff,        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff});
    const struct {
        bc__uint256 anchor;
        int64_t time;
        int64_t height;
        bc__uint256 target;
        uint32_t bits;
    } cases[] = {
        {asert.limit, 0, 2 * 144, minus_one(number(1, 223)), 0x1c7fffff},
        {asert.limit, 0, 4 * 144, minus_one(number(1, 222)), 0x1c3fffff},
        {minus_one(number(1, 223)), 0, 2 * 144, minus_one(number(1, 222)), 0x1c3fffff},
        {minus_one(number(1, 222)), 0, 2 * 144, minus_one(number(1, 221)), 0x1c1fffff},
        {minus_one(number(1, 221)), 0, 2 * 144, minus_one(number(1, 220)), 0x1c0fffff},
        {asert.limit, 0, 2 * 222 * 144, number(3, 0), 0x01030000},
        {asert.limit, 0, 2 * 222 * 144 + 119, number(3, 0), 0x01030000},
        {asert.limit, 0, 2 * 222 * 144 + 120, number(2, 0), 0x01020000},
        {asert.limit, 0, 2 * 223 * 144 - 1, number(2, 0), 0x01020000},
        {asert.limit, 0, 2 * 223 * 144, number(1, 0), 0x01010000},
        {asert.limit, 0, 2 * 224 * 144, number(1, 0), 0x01010000},
        {number(1, 0), 0, 2 * 224 * 144, number(1, 0), 0x01010000},
        {asert.limit, 2 * 480 * 144, 0, asert.limit, 0x1d00ffff},
        {number(1, 0), 448 * 144 * 600, 0, asert.limit, 0x1d00ffff},
        {asert.limit, 300, 1, minus_one(number(0xffb2, 208)), 0x1d00ffb1},
        {funny, 600 * 2 * 33 * 144, 0, asert.limit, 0x1d00ffff},
        {number(1, 0), 600 * 2 * 256 * 144, 0, asert.limit, 0x1d00ffff},
        {number(1, 0), 600 * 2 * 224 * 144 - 1, 0, number(0xffff8, 204), 0x1d00ffff},
    };
    for (size_t i = 0; i < LENGTH(cases); i++) {
        bc__uint256 target =
            bc__asert_target(&asert, &cases[i].anchor, 600 + cases[i].time, cases[i].height);
        assert_same(&target, &cases[i].target);
        assert_int_equal(bc__target_to_compact(&target), cases[i].bits);
    }
}

/* A second is 0.38 of the least step of the exponent: two in either direction change nothing, and
 * three change it by one. Rounded down, even one second less would. */
static void exponents_are_rounded_toward_zero(void **state)
{
    (void)state;
    const bc__asert asert = bitcoin_cash();
    const bc__uint256 anchor = number(1, 200);
    for (int64_t late = -3; late <= 3; late++) {
        bc__uint256 target = bc__asert_target(&asert, &anchor, 600 + late, 0);
        int expected = (late == 3) - (late == -3);
        assert_int_equal(bc__uint256_compare(&target, &anchor), expected);
        bc__uint256 earlier = bc__asert_target(&asert, &anchor, 1200 + late, 1);
        assert_same(&earlier, &target);
    }
}

/* A target of 256 bits: the product with the factor has more, and comes back below. */
static void large_targets_do_not_wrap(void **state)
{
    (void)state;
    const bc__asert asert = {.limit = largest(), .spacing = 10, .half_life = 100};
    const bc__uint256 all = largest();
    const bc__uint256 half = minus_one(number(1, 255));
    const bc__uint256 eighth = minus_one(number(1, 253));
    const bc__uint256 nearly = minus_one(all);
    bc__uint256 target = bc__asert_target(&asert, &all, 10, 0);
    assert_same(&target, &all);
    target = bc__asert_target(&asert, &all, -90, 0);
    assert_same(&target, &half);
    target = bc__asert_target(&asert, &all, -290, 0);
    assert_same(&target, &eighth);
    target = bc__asert_target(&asert, &half, 110, 0);
    assert_same(&target, &nearly); /* 2 * (2^255 - 1) */
    target = bc__asert_target(&asert, &all, 11, 0);
    assert_same(&target, &all);
    const bc__uint256 one = number(1, 0);
    const bc__uint256 top = number(1, 255);
    target = bc__asert_target(&asert, &one, 25510, 0);
    assert_same(&target, &top);
    target = bc__asert_target(&asert, &one, 25610, 0); /* 2^256 */
    assert_same(&target, &all);
    target = bc__asert_target(&asert, &top, 1610, 0); /* 2^16 times it: the low 256 bits are 0 */
    assert_same(&target, &all);
    target = bc__asert_target(&asert, &all, 10 - 25500, 0);
    assert_same(&target, &one);
    target = bc__asert_target(&asert, &all, 10 - 30000, 0); /* the product's every bit is gone */
    assert_same(&target, &one);
}

static void extremes_of_time_and_height(void **state)
{
    (void)state;
    const bc__uint256 one = number(1, 0);
    const bc__uint256 anchor = number(1, 100);
    const bc__uint256 limit = number(1, 220);
    static const int64_t ends[] = {INT64_MIN, INT64_MAX};
    for (size_t i = 0; i < 4; i++) {
        int64_t time = ends[i / 2];
        int64_t height = ends[i % 2];
        /* The schedule outweighs the time, and passes any half-life. */
        bc__asert asert = {.limit = limit, .spacing = UINT64_MAX, .half_life = 1};
        bc__uint256 target = bc__asert_target(&asert, &anchor, time, height);
        assert_same(&target, height < 0 ? &limit : &one);
        asert.half_life = UINT64_MAX;
        target = bc__asert_target(&asert, &anchor, time, height);
        assert_same(&target, height < 0 ? &limit : &one);
        /* Without a schedule the time alone counts. */
        asert = (bc__asert){.limit = limit, .spacing = 0, .half_life = INT64_MAX};
        target = bc__asert_target(&asert, &anchor, time, height);
        const bc__uint256 moved = number(1, time < 0 ? 99 : 101);
        assert_same(&target, &moved);
        asert.half_life = 1;
        target = bc__asert_target(&asert, &anchor, time, height);
        assert_same(&target, time < 0 ? &one : &limit);
    }
    const bc__asert asert = {.limit = limit, .spacing = 1, .half_life = 1};
    bc__uint256 target = bc__asert_target(&asert, &anchor, INT64_MIN, INT64_MIN);
    const bc__uint256 halved = number(1, 99); /* one block more was due than the time says */
    assert_same(&target, &halved);
    target = bc__asert_target(&asert, &anchor, INT64_MAX, INT64_MAX);
    assert_same(&target, &halved);
}

static void follows_the_parent_within_six_spacings(void **state)
{
    (void)state;
    const bc__asert asert = {.limit = target_of(0x1d00ffff), .spacing = 1000, .half_life = 6000};
    const uint32_t bits = 0x1b010000;
    const bc__uint256 parent = target_of(bits);
    assert_int_equal(bc__asert_next(&asert, &parent, 1000), bits);
    /* By 5/6 of a half-life up, 7/6 down, as a calculation by hand has it. */
    const uint32_t up = 0x1b01c830;
    const uint32_t down = 0x1a720c40;
    assert_int_equal(bc__asert_next(&asert, &parent, 6000), up);
    assert_int_equal(bc__asert_next(&asert, &parent, -6000), down);
    assert_true(bc__asert_next(&asert, &parent, 5000) < up);
    assert_true(bc__asert_next(&asert, &parent, -5000) > down);
    assert_int_equal(bc__asert_next(&asert, &parent, 6001), up);
    assert_int_equal(bc__asert_next(&asert, &parent, INT64_MAX), up);
    assert_int_equal(bc__asert_next(&asert, &parent, -6001), down);
    assert_int_equal(bc__asert_next(&asert, &parent, INT64_MIN), down);
    assert_int_equal(bc__asert_next(&asert, &asert.limit, 6000), 0x1d00ffff);
    const bc__uint256 one = number(1, 0);
    assert_int_equal(bc__asert_next(&asert, &one, -6000), 0x01010000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_compact_targets),
        cmocka_unit_test(writes_targets_rounded_down),
        cmocka_unit_test(canonical_bits_are_one_for_a_target),
        cmocka_unit_test(compares_with_the_limit),
        cmocka_unit_test(a_target_holds_ids_up_to_it),
        cmocka_unit_test(work_of_known_targets),
        cmocka_unit_test(published_rows),
        cmocka_unit_test(published_targets),
        cmocka_unit_test(exponents_are_rounded_toward_zero),
        cmocka_unit_test(large_targets_do_not_wrap),
        cmocka_unit_test(extremes_of_time_and_height),
        cmocka_unit_test(follows_the_parent_within_six_spacings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
