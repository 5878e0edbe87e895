#include "decimal_exact.h"

#include <assert.h>

/* A midpoint of two binary64 numbers has at most 767 significant digits, so of digits past DIGITS only
 * matters whether one is not 0. 801 digits, or 54 bits times 5^1125, are under 2,700 bits. */
enum { DIGITS = 800, LIMBS = 96, KEPT_BY_SCAN = 19 };

typedef struct big {
    uint32_t count;
    uint32_t limbs[LIMBS]; /* least first; the greatest is not 0 */
} big;

static void multiply_add(big *number, uint32_t factor, uint32_t addend)
{
    uint64_t carry = addend;
    for (uint32_t i = 0; i < number->count; i++) {
        carry += (uint64_t)number->limbs[i] * factor;
        number->limbs[i] = (uint32_t)carry;
        carry >>= 32;
    }
    if (carry != 0) {
        assert(number->count < LIMBS);
        number->limbs[number->count++] = (uint32_t)carry;
    }
}

static void multiply_power_of_five(big *number, uint32_t power)
{
    enum { STEP = 13, FIVE_TO_STEP = 1220703125 };
    for (; power >= STEP; power -= STEP) {
        multiply_add(number, FIVE_TO_STEP, 0);
    }
    for (; power > 0; power--) {
        multiply_add(number, 5, 0);
    }
}

static void shift_left(big *number, uint32_t bits)
{
    uint32_t limbs = bits / 32;
    multiply_add(number, UINT32_C(1) << (bits % 32), 0);
    assert(number->count + limbs <= LIMBS);
    for (uint32_t i = number->count; i-- > 0;) {
        number->limbs[i + limbs] = number->limbs[i];
    }
    for (uint32_t i = 0; i < limbs; i++) {
        number->limbs[i] = 0;
    }
    number->count += limbs;
}

static int compare(const big *left, const big *right)
{
    if (left->count != right->count) {
        return left->count < right->count ? -1 : 1;
    }
    for (uint32_t i = left->count; i-- > 0;) {
        if (left->limbs[i] != right->limbs[i]) {
            return left->limbs[i] < right->limbs[i] ? -1 : 1;
        }
    }
    return 0;
}

/* All significant digits up to DIGITS, and one more for the rest. Returns the exponent of ten that goes
 * with them. */
static int64_t read_digits(big *number, const bc__decimal *decimal)
{
    uint32_t digits = 0;
    bool rest = false;
    number->count = 0;
    for (size_t i = 0; i < decimal->length; i++) {
        char byte = decimal->text[i];
        if (byte == 'e' || byte == 'E') {
            break;
        }
        if (byte < '0' || byte > '9' || (byte == '0' && digits == 0)) {
            continue; /* sign, point, leading zeros */
        }
        if (digits < DIGITS) {
            multiply_add(number, 10, (uint32_t)(byte - '0'));
            digits++;
        } else if (byte != '0') {
            rest = true;
            break;
        }
    }
    if (rest) {
        multiply_add(number, 10, 1);
        digits++;
    }
    return decimal->exponent - (digits > KEPT_BY_SCAN ? digits - KEPT_BY_SCAN : 0);
}

int bc__decimal_compare(const bc__decimal *number, uint64_t significand, int32_t exponent)
{
    big left;
    big right = {.count = 2, .limbs = {(uint32_t)significand, (uint32_t)(significand >> 32)}};
    if (right.limbs[1] == 0) {
        right.count = 1;
    }
    /* left * 5^power * 2^power against right * 2^exponent */
    int32_t power = (int32_t)read_digits(&left, number);
    if (power >= 0) {
        multiply_power_of_five(&left, (uint32_t)power);
    } else {
        multiply_power_of_five(&right, (uint32_t)-power);
    }
    if (exponent >= power) {
        shift_left(&right, (uint32_t)(exponent - power));
    } else {
        shift_left(&left, (uint32_t)(power - exponent));
    }
    return compare(&left, &right);
}
