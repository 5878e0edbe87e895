#include "difficulty.h"

#include <assert.h>

enum {
    MANTISSA_BYTES = 3,
    MANTISSA_MASK = 0x007fffff,
    MANTISSA_SIGN = 0x00800000,
    FRACTION_BITS = 16, /* of the exponent and of the factor, after the binary point */
    EXPONENT_BITS_MAX = 32,
    SOLVE_SPACINGS_MAX = 6
};

bc__compact_fault bc__target_from_compact(bc__uint256 *target, uint32_t bits)
{
    unsigned size = bits >> 24;
    uint32_t mantissa = bits & MANTISSA_MASK;
    if (size < MANTISSA_BYTES) {
        mantissa >>= 8 * (MANTISSA_BYTES - size);
        size = MANTISSA_BYTES;
    }
    if (mantissa == 0) {
        return BC__COMPACT_ZERO; /* with a sign too */
    }
    if ((bits & MANTISSA_SIGN) != 0) {
        return BC__COMPACT_NEGATIVE;
    }
    bc__uint256 number = bc__uint256_from_u64(mantissa);
    unsigned shift = 8 * (size - MANTISSA_BYTES);
    if (bc__uint256_bit_length(&number) + shift > 256) {
        return BC__COMPACT_OVERFLOW;
    }
    *target = bc__uint256_shift_left(&number, shift);
    return BC__COMPACT_OK;
}

bc__compact_fault bc__target_within(bc__uint256 *target, uint32_t bits, const bc__uint256 *limit)
{
    bc__uint256 number;
    bc__compact_fault fault = bc__target_from_compact(&number, bits);
    if (fault != BC__COMPACT_OK) {
        return fault;
    }
    if (bc__uint256_compare(&number, limit) > 0) {
        return BC__COMPACT_OVER_LIMIT;
    }
    *target = number;
    return BC__COMPACT_OK;
}

uint32_t bc__target_to_compact(const bc__uint256 *target)
{
    unsigned size = (bc__uint256_bit_length(target) + 7) / 8;
    uint32_t mantissa;
    if (size <= MANTISSA_BYTES) {
        mantissa = (uint32_t)(target->limb[0] << 8 * (MANTISSA_BYTES - size));
    } else {
        bc__uint256 shifted = bc__uint256_shift_right(target, 8 * (size - MANTISSA_BYTES));
        mantissa = (uint32_t)shifted.limb[0];
    }
    if ((mantissa & MANTISSA_SIGN) != 0) { /* which would be read as a sign */
        mantissa >>= 8;
        size++;
    }
    return (uint32_t)size << 24 | mantissa;
}

bool bc__compact_is_canonical(uint32_t bits)
{
    bc__uint256 target;
    return bc__target_from_compact(&target, bits) == BC__COMPACT_OK &&
           bc__target_to_compact(&target) == bits;
}

bool bc__target_holds(const bc__uint256 *target, const uint8_t id[BC__UINT256_BYTES])
{
    bc__uint256 number = bc__uint256_from_bytes(id);
    return bc__uint256_compare(&number, target) <= 0;
}

/* 2^256 / (t + 1) = (2^256 - 1 - t) / (t + 1) + 1. Where t + 1 or the last sum saturates, the result
 * is still what it has to be. */
bc__uint256 bc__target_work(const bc__uint256 *target)
{
    const bc__uint256 largest = {{UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX}};
    const bc__uint256 one = bc__uint256_from_u64(1);
    bc__uint256 above = bc__uint256_sub(&largest, target);
    bc__uint256 divisor = bc__uint256_add(target, &one);
    bc__uint256 quotient = bc__uint256_divide(&above, &divisor);
    return bc__uint256_add(&quotient, &one);
}

/* An integer with a sign, of which no sum or product below reaches 2^255. */
typedef struct integer {
    bool negative;
    bc__uint256 magnitude;
} integer;

static integer integer_from(int64_t value)
{
    uint64_t magnitude = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    return (integer){value < 0, bc__uint256_from_u64(magnitude)};
}

static integer integer_times(const integer *value, uint64_t factor)
{
    bc__uint256 multiplier = bc__uint256_from_u64(factor);
    integer product = {value->negative, {{0}}};
    bc__uint256 high;
    bc__uint256_multiply(&high, &product.magnitude, &value->magnitude, &multiplier);
    return product;
}

static integer integer_minus(const integer *a, const integer *b)
{
    if (a->negative != b->negative) {
        return (integer){a->negative, bc__uint256_add(&a->magnitude, &b->magnitude)};
    }
    if (bc__uint256_compare(&a->magnitude, &b->magnitude) >= 0) {
        return (integer){a->negative, bc__uint256_sub(&a->magnitude, &b->magnitude)};
    }
    return (integer){!a->negative, bc__uint256_sub(&b->magnitude, &a->magnitude)};
}

/* (time_difference - spacing * (height_difference + 1)) * 2^16 / half_life, rounded toward zero: the
 * binary logarithm, in units of 2^-16, of what the target is multiplied by. */
static integer exponent_of(const bc__asert *asert, int64_t time_difference,
                           int64_t height_difference)
{
    const integer minus_one = integer_from(-1);
    integer time = integer_from(time_difference);
    integer blocks = integer_from(height_difference);
    blocks = integer_minus(&blocks, &minus_one);
    integer scheduled = integer_times(&blocks, asert->spacing);
    integer behind = integer_minus(&time, &scheduled);
    integer exponent = integer_times(&behind, UINT64_C(1) << FRACTION_BITS);
    bc__uint256 half_life = bc__uint256_from_u64(asert->half_life);
    exponent.magnitude = bc__uint256_divide(&exponent.magnitude, &half_life);
    return exponent;
}

/* About 2^(fraction / 2^16), in units of 2^-16: between 2^16 and 2^17. The sum stays below 2^64. */
static uint64_t factor_of(uint64_t fraction)
{
    uint64_t sum = UINT64_C(195766423245049) * fraction +
                   UINT64_C(971821376) * fraction * fraction +
                   UINT64_C(5127) * fraction * fraction * fraction + (UINT64_C(1) << 47);
    return (UINT64_C(1) << FRACTION_BITS) + (sum >> 48);
}

/* number * factor * 2^shift, rounded down; false where that is 2^256 or more. */
static bool scale(bc__uint256 *out, const bc__uint256 *number, uint64_t factor, int64_t shift)
{
    bc__uint256 multiplier = bc__uint256_from_u64(factor);
    bc__uint256 high;
    bc__uint256 low;
    bc__uint256_multiply(&high, &low, number, &multiplier);
    unsigned high_length = bc__uint256_bit_length(&high);
    if (shift >= 0) {
        *out = bc__uint256_shift_left(&low, (uint64_t)shift);
        return high_length == 0 && (uint64_t)shift <= 256 - bc__uint256_bit_length(&low);
    }
    uint64_t down = (uint64_t)-shift;
    bc__uint256 kept = bc__uint256_shift_right(&low, down);
    bc__uint256 moved = down <= 256 ? bc__uint256_shift_left(&high, 256 - down)
                                    : bc__uint256_shift_right(&high, down - 256);
    *out = bc__uint256_add(&kept, &moved); /* which have no one in the same place */
    return high_length <= down;
}

bc__uint256 bc__asert_target(const bc__asert *asert, const bc__uint256 *anchor,
                             int64_t time_difference, int64_t height_difference)
{
    const bc__uint256 one = bc__uint256_from_u64(1);
    assert(asert->half_life > 0 && bc__uint256_compare(anchor, &one) >= 0 &&
           bc__uint256_compare(&asert->limit, &one) >= 0);
    integer exponent = exponent_of(asert, time_difference, height_difference);
    if (bc__uint256_bit_length(&exponent.magnitude) > EXPONENT_BITS_MAX) {
        return exponent.negative ? one : asert->limit; /* a factor of 2^65536, or of its inverse */
    }
    int64_t distance = (int64_t)exponent.magnitude.limb[0];
    if (exponent.negative) {
        distance = -distance;
    }
    int64_t fraction = (int64_t)((uint64_t)distance % (UINT64_C(1) << FRACTION_BITS));
    int64_t doublings = (distance - fraction) / (INT64_C(1) << FRACTION_BITS); /* without rest */
    bc__uint256 target;
    if (!scale(&target, anchor, factor_of((uint64_t)fraction), doublings - FRACTION_BITS) ||
        bc__uint256_compare(&target, &asert->limit) > 0) {
        return asert->limit;
    }
    return bc__uint256_compare(&target, &one) < 0 ? one : target;
}

uint32_t bc__asert_next(const bc__asert *asert, const bc__uint256 *parent_target,
                        int64_t solve_time)
{
    assert(asert->spacing <= INT64_MAX / SOLVE_SPACINGS_MAX);
    int64_t longest = SOLVE_SPACINGS_MAX * (int64_t)asert->spacing;
    if (solve_time > longest) {
        solve_time = longest;
    } else if (solve_time < -longest) {
        solve_time = -longest;
    }
    bc__uint256 target = bc__asert_target(asert, parent_target, solve_time, 0);
    return bc__target_to_compact(&target);
}
