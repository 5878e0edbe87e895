#include "uint256.h"

#include <assert.h>
#include <stddef.h>

#include "integers.h"

/* Products and quotients are made of digits of 32 bits, for C has no integer that holds the product
 * of two limbs. */
enum { DIGITS = 2 * BC__UINT256_LIMBS, DIGIT_BITS = 32 };

bc__uint256 bc__uint256_zero(void)
{
    return (bc__uint256){{0}};
}

bc__uint256 bc__uint256_from_u64(uint64_t value)
{
    return (bc__uint256){{value}};
}

int bc__uint256_compare(const bc__uint256 *a, const bc__uint256 *b)
{
    for (size_t i = BC__UINT256_LIMBS; i-- > 0;) {
        if (a->limb[i] != b->limb[i]) {
            return a->limb[i] < b->limb[i] ? -1 : 1;
        }
    }
    return 0;
}

bc__uint256 bc__uint256_add(const bc__uint256 *a, const bc__uint256 *b)
{
    bc__uint256 sum;
    uint64_t carry = 0;
    for (size_t i = 0; i < BC__UINT256_LIMBS; i++) {
        uint64_t partial = a->limb[i] + b->limb[i];
        uint64_t overflow = partial < a->limb[i];
        sum.limb[i] = partial + carry;
        carry = overflow | (sum.limb[i] < partial);
    }
    if (carry != 0) {
        return (bc__uint256){{UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX}};
    }
    return sum;
}

bc__uint256 bc__uint256_sub(const bc__uint256 *a, const bc__uint256 *b)
{
    bc__uint256 difference;
    uint64_t borrow = 0;
    for (size_t i = 0; i < BC__UINT256_LIMBS; i++) {
        uint64_t partial = a->limb[i] - b->limb[i];
        uint64_t underflow = a->limb[i] < b->limb[i];
        difference.limb[i] = partial - borrow;
        borrow = underflow | (partial < borrow);
    }
    assert(borrow == 0);
    return difference;
}

/* Least significant first, as the limbs are. */
static void to_digits(uint32_t digits[DIGITS], const bc__uint256 *value)
{
    for (size_t i = 0; i < BC__UINT256_LIMBS; i++) {
        digits[2 * i] = (uint32_t)value->limb[i];
        digits[2 * i + 1] = (uint32_t)(value->limb[i] >> DIGIT_BITS);
    }
}

static bc__uint256 from_digits(const uint32_t digits[DIGITS])
{
    bc__uint256 value;
    for (size_t i = 0; i < BC__UINT256_LIMBS; i++) {
        value.limb[i] = (uint64_t)digits[2 * i + 1] << DIGIT_BITS | digits[2 * i];
    }
    return value;
}

void bc__uint256_multiply(bc__uint256 *high, bc__uint256 *low, const bc__uint256 *a,
                          const bc__uint256 *b)
{
    uint32_t left[DIGITS];
    uint32_t right[DIGITS];
    uint32_t product[2 * DIGITS] = {0};
    to_digits(left, a);
    to_digits(right, b);
    for (size_t i = 0; i < DIGITS; i++) {
        uint64_t carry = 0;
        for (size_t j = 0; j < DIGITS; j++) {
            carry += (uint64_t)left[i] * right[j] + product[i + j]; /* at most 2^64 - 1 */
            product[i + j] = (uint32_t)carry;
            carry >>= DIGIT_BITS;
        }
        product[i + DIGITS] = (uint32_t)carry;
    }
    *low = from_digits(product);
    *high = from_digits(product + DIGITS);
}

bc__uint256 bc__uint256_shift_left(const bc__uint256 *value, uint64_t bits)
{
    bc__uint256 shifted = bc__uint256_zero();
    if (bits >= 256) {
        return shifted;
    }
    size_t limbs = (size_t)(bits / 64);
    unsigned rest = (unsigned)(bits % 64);
    for (size_t i = limbs; i < BC__UINT256_LIMBS; i++) {
        shifted.limb[i] = value->limb[i - limbs] << rest;
        if (rest != 0 && i > limbs) {
            shifted.limb[i] |= value->limb[i - limbs - 1] >> (64 - rest);
        }
    }
    return shifted;
}

bc__uint256 bc__uint256_shift_right(const bc__uint256 *value, uint64_t bits)
{
    bc__uint256 shifted = bc__uint256_zero();
    if (bits >= 256) {
        return shifted;
    }
    size_t limbs = (size_t)(bits / 64);
    unsigned rest = (unsigned)(bits % 64);
    for (size_t i = limbs; i < BC__UINT256_LIMBS; i++) {
        shifted.limb[i - limbs] = value->limb[i] >> rest;
        if (rest != 0 && i + 1 < BC__UINT256_LIMBS) {
            shifted.limb[i - limbs] |= value->limb[i + 1] << (64 - rest);
        }
    }
    return shifted;
}

unsigned bc__uint256_bit_length(const bc__uint256 *value)
{
    for (unsigned i = BC__UINT256_LIMBS; i-- > 0;) {
        unsigned length = 0;
        for (uint64_t limb = value->limb[i]; limb != 0; limb >>= 1) {
            length++;
        }
        if (length != 0) {
            return 64 * i + length;
        }
    }
    return 0;
}

/* One digit of a quotient, and the remainder in the place of what was divided: of the n + 1 digits
 * at `rest`, less than the divisor times 2^32, by the n at `divisor`, of which the highest bit is
 * set and n at least 2. (Knuth, The Art of Computer Programming, 4.3.1, algorithm D, steps D3 to
 * D6.) */
static uint32_t divide_digit(uint32_t *rest, const uint32_t *divisor, size_t n)
{
    const uint64_t base = UINT64_C(1) << DIGIT_BITS;
    uint64_t top = (uint64_t)rest[n] << DIGIT_BITS | rest[n - 1];
    uint64_t digit = top / divisor[n - 1];
    uint64_t left = top % divisor[n - 1];
    /* The first two digits give at most 2 too much; the third shows nearly always whether. */
    while (digit >= base || digit * divisor[n - 2] > (left << DIGIT_BITS | rest[n - 2])) {
        digit--;
        left += divisor[n - 1];
        if (left >= base) {
            break;
        }
    }
    uint64_t carry = 0;
    uint64_t borrow = 0;
    for (size_t i = 0; i <= n; i++) {
        carry += i < n ? digit * divisor[i] : 0;
        uint64_t difference = (uint64_t)rest[i] - (uint32_t)carry - borrow;
        rest[i] = (uint32_t)difference;
        borrow = difference >> 63;
        carry >>= DIGIT_BITS;
    }
    if (borrow != 0) { /* still 1 too much */
        digit--;
        carry = 0;
        for (size_t i = 0; i <= n; i++) {
            carry += (uint64_t)rest[i] + (i < n ? divisor[i] : 0);
            rest[i] = (uint32_t)carry;
            carry >>= DIGIT_BITS;
        }
    }
    return (uint32_t)digit;
}

bc__uint256 bc__uint256_divide(const bc__uint256 *a, const bc__uint256 *b)
{
    unsigned length = bc__uint256_bit_length(b);
    assert(length != 0);
    size_t n = (length + DIGIT_BITS - 1) / DIGIT_BITS;
    unsigned shift = (unsigned)n * DIGIT_BITS - length;
    uint32_t quotient[DIGITS] = {0};
    uint32_t rest[DIGITS + 1] = {0};
    uint32_t divisor[DIGITS];
    if (n == 1) {
        uint64_t left = 0;
        to_digits(rest, a);
        for (size_t i = DIGITS; i-- > 0;) {
            left = left << DIGIT_BITS | rest[i];
            quotient[i] = (uint32_t)(left / b->limb[0]);
            left %= b->limb[0];
        }
        return from_digits(quotient);
    }
    /* Both times 2^shift, so that the divisor's highest bit is set. */
    bc__uint256 shifted = bc__uint256_shift_left(b, shift);
    to_digits(divisor, &shifted);
    shifted = bc__uint256_shift_left(a, shift);
    to_digits(rest, &shifted);
    rest[DIGITS] = (uint32_t)bc__uint256_shift_right(a, 256 - shift).limb[0];
    for (size_t i = DIGITS - n + 1; i-- > 0;) {
        quotient[i] = divide_digit(rest + i, divisor, n);
    }
    return from_digits(quotient);
}

bc__uint256 bc__uint256_from_bytes(const uint8_t bytes[BC__UINT256_BYTES])
{
    bc__uint256 value;
    for (size_t i = 0; i < BC__UINT256_LIMBS; i++) {
        value.limb[BC__UINT256_LIMBS - 1 - i] = bc__get_be64(bytes + 8 * i);
    }
    return value;
}

void bc__uint256_to_bytes(const bc__uint256 *value, uint8_t bytes[BC__UINT256_BYTES])
{
    for (size_t i = 0; i < BC__UINT256_LIMBS; i++) {
        bc__put_be64(bytes + 8 * i, value->limb[BC__UINT256_LIMBS - 1 - i]);
    }
}
