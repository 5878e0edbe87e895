#include "decimal.h"

#include "decimal_exact.h"
#include "decimal_table.h"

#include <assert.h>
#include <string.h>

__extension__ typedef unsigned __int128 wide;

enum {
    SCANNED_DIGITS = 19,     /* the most that always fit 64 bits */
    SURE_DIGITS = 15,        /* so many digits survive decimal -> binary64 -> decimal */
    SURE_EXPONENT = 290,     /* ... of normal numbers, as all these are */
    GREATEST_POWER = 308,    /* 10^309 is infinity */
    GREATEST_EXACT = 55,     /* 5^55 < 2^128: up to here the table is exact */
    FRACTION_BITS = 52,      /* of binary64 */
    EXPONENT_BIAS = 1023,    /* of binary64 */
    EXPONENT_INFINITE = 2047 /* of binary64 */
};

#define FRACTION_MASK (((uint64_t)1 << FRACTION_BITS) - 1)
#define INFINITY_BITS ((uint64_t)EXPONENT_INFINITE << FRACTION_BITS)
#define SIGN_BIT      ((uint64_t)1 << 63)
#define EXPONENT_STOP INT64_C(100000000000000000) /* beyond the length of any text */

static int32_t floor_shift(int32_t value, uint32_t bits)
{
    return value >= 0 ? value >> bits : -((-value - 1) >> bits) - 1;
}

/* floor(log2(10^power)), right for |power| <= 1233 */
static int32_t log2_of_power(int32_t power)
{
    return floor_shift(power * 1741647, 19);
}

static double from_bits(uint64_t bits)
{
    double value;
    memcpy(&value, &bits, sizeof(value));
    return value;
}

/* ---- reading ---- */

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

/* Takes digits into the significand, and drops those that it has no room for. Returns how many were
 * dropped. */
static size_t take_digits(bc__decimal *number, const char **at, const char *end)
{
    const char *byte = *at;
    uint64_t significand = number->significand;
    for (; significand == 0 && byte < end && *byte == '0'; byte++) {
        /* not significant */
    }
    const char *first = byte;
    ptrdiff_t room = SCANNED_DIGITS - (ptrdiff_t)number->digits;
    const char *stop = end - byte < room ? end : byte + room;
    for (; byte < stop && is_digit(*byte); byte++) {
        significand = significand * 10 + (uint64_t)(*byte - '0');
    }
    number->significand = significand;
    number->digits += (uint32_t)(byte - first);
    const char *first_dropped = byte;
    for (; byte < end && is_digit(*byte); byte++) {
        number->truncated = number->truncated || *byte != '0';
    }
    *at = byte;
    return (size_t)(byte - first_dropped);
}

/* The exponent part, behind its letter. */
static int32_t take_exponent(bc__decimal *number, const char **at, const char *end)
{
    const char *byte = *at;
    bool negative = byte < end && *byte == '-';
    if (byte < end && (*byte == '-' || *byte == '+')) {
        byte++;
    }
    int32_t result = byte < end && is_digit(*byte) ? BC__OK : BC__ERR_FORMAT;
    int64_t exponent = 0;
    for (; byte < end && is_digit(*byte); byte++) {
        if (exponent < EXPONENT_STOP) {
            exponent = exponent * 10 + (*byte - '0');
        }
    }
    number->exponent += negative ? -exponent : exponent;
    *at = byte;
    return result;
}

int32_t bc__decimal_scan(bc__decimal *number, const char *text, size_t length)
{
    const char *at = text;
    const char *end = text + length;
    int32_t result = BC__ERR_FORMAT;
    *number = (bc__decimal){.text = text, .integer = true};
    if (at < end && *at == '-') {
        number->negative = true;
        at++;
    }
    const char *first = at;
    if (at == end || !is_digit(*at)) {
        goto done;
    }
    if (*at == '0' && end - at > 1 && is_digit(at[1])) {
        at++;
        goto done;
    }
    number->exponent = (int64_t)take_digits(number, &at, end);
    number->integer_digits = (size_t)(at - first);
    if (at < end && *at == '.') {
        number->integer = false;
        first = ++at;
        if (at == end || !is_digit(*at)) {
            goto done;
        }
        size_t dropped = take_digits(number, &at, end);
        number->exponent -= (int64_t)((size_t)(at - first) - dropped);
    }
    if (at < end && (*at == 'e' || *at == 'E')) {
        number->integer = false;
        at++;
        result = take_exponent(number, &at, end);
        goto done;
    }
    result = BC__OK;
done:
    number->length = (size_t)(at - text);
    return result;
}

/* The bits of the binary64 number nearest to significand * 10^power, or false when the 128 bits of the
 * power leave two neighbours open: then *bits is the lower one.
 *
 * The product of the normalised significand s and the table's entry g has 192 bits. g is less than 1 too
 * great and s < 2^64, so the true product lies in (product - 2^64, product], and after normalising in
 * (product - 2^65, product]. Below the 64 highest bits this can move a value across a midpoint only when
 * the highest bits are a midpoint exactly and the next 64 are at most 1. */
static bool approximate(uint64_t *bits, uint64_t significand, int32_t power)
{
    int32_t zeros = __builtin_clzll(significand);
    const uint64_t *entry = POWERS_OF_TEN[power - POWER_LEAST];
    significand <<= zeros;
    wide low_product = (wide)significand * entry[1];
    wide product = (wide)significand * entry[0] + (uint64_t)(low_product >> 64);
    uint64_t low = (uint64_t)low_product;
    int32_t exponent = log2_of_power(power) + 64 - zeros; /* of the highest bit of a full product */
    if (product >> 127 == 0) {
        product = product << 1 | low >> 63;
        low <<= 1;
        exponent--;
    }
    uint64_t high = (uint64_t)(product >> 64);
    uint64_t middle = (uint64_t)product;
    int32_t biased = exponent + EXPONENT_BIAS;
    if (biased >= EXPONENT_INFINITE) {
        *bits = INFINITY_BITS;
        return true;
    }
    int32_t drop = 63 - FRACTION_BITS + (biased > 0 ? 0 : 1 - biased);
    if (drop > 64) {
        *bits = 0;
        return true;
    }
    uint64_t half = (uint64_t)1 << (drop - 1);
    uint64_t kept = drop < 64 ? high >> drop : 0;
    uint64_t dropped = high & (half | (half - 1));
    /* the leading bit of `kept`, if it is there, adds 1 to the exponent field */
    *bits = ((uint64_t)(biased > 0 ? biased - 1 : 0) << FRACTION_BITS) + kept;
    if (power >= 0 && power <= GREATEST_EXACT) {
        bool odd = (kept & 1) != 0;
        *bits += dropped > half || (dropped == half && ((middle | low) != 0 || odd));
        return true;
    }
    if (dropped == half && middle <= 1) {
        return false;
    }
    *bits += dropped >= half;
    return true;
}

/* Settles whether `number` is nearer to the number of `lower` or to the next one. */
static uint64_t choose_exactly(const bc__decimal *number, uint64_t lower)
{
    int32_t field = (int32_t)(lower >> FRACTION_BITS);
    uint64_t significand = lower & FRACTION_MASK;
    if (field > 0) {
        significand |= FRACTION_MASK + 1;
    } else {
        field = 1;
    }
    int32_t exponent = field - EXPONENT_BIAS - FRACTION_BITS;
    int order = bc__decimal_compare(number, significand * 2 + 1, exponent - 1);
    return lower + (order > 0 || (order == 0 && (lower & 1) != 0));
}

static uint64_t magnitude(const bc__decimal *number)
{
    if (number->significand == 0 || number->exponent < POWER_LEAST) {
        return 0; /* 19 digits times 10^-343 are under half of the least number */
    }
    if (number->exponent > GREATEST_POWER) {
        return INFINITY_BITS;
    }
    int32_t power = (int32_t)number->exponent;
    uint64_t bits;
    bool sure = approximate(&bits, number->significand, power);
    if (number->truncated) {
        uint64_t above;
        sure = approximate(&above, number->significand + 1, power) && sure && above == bits;
    }
    return sure ? bits : choose_exactly(number, bits);
}

double bc__decimal_value(const bc__decimal *number)
{
    return from_bits(magnitude(number) | (number->negative ? SIGN_BIT : 0));
}

int32_t bc__decimal_parse(double *out, const char *text, size_t length)
{
    bc__decimal number;
    int32_t result = bc__decimal_scan(&number, text, length);
    if (result == BC__OK && number.length != length) {
        result = BC__ERR_FORMAT;
    }
    if (result == BC__OK) {
        *out = bc__decimal_value(&number);
    }
    return result;
}

/* ---- writing ---- */

static char *put_text(char *at, const char *text, size_t length)
{
    memcpy(at, text, length);
    return at + length;
}

/* Writes the digits of `value` so that they end before `end`; returns where they begin. */
static char *put_digits_before(char *end, uint64_t value)
{
    static const char PAIRS[] =
        "00010203040506070809101112131415161718192021222324252627282930313233343536373839"
        "40414243444546474849505152535455565758596061626364656667686970717273747576777879"
        "8081828384858687888990919293949596979899";
    for (; value >= 100000000; value /= 100000000) {
        uint32_t eight = (uint32_t)(value % 100000000);
        end -= 8; /* four pairs that do not wait for one another */
        memcpy(end, PAIRS + eight / 1000000 * 2, 2);
        memcpy(end + 2, PAIRS + eight / 10000 % 100 * 2, 2);
        memcpy(end + 4, PAIRS + eight / 100 % 100 * 2, 2);
        memcpy(end + 6, PAIRS + eight % 100 * 2, 2);
    }
    for (; value >= 100; value /= 100) {
        end -= 2;
        memcpy(end, PAIRS + value % 100 * 2, 2);
    }
    if (value >= 10) {
        end -= 2;
        memcpy(end, PAIRS + value * 2, 2);
    } else {
        *--end = (char)('0' + value);
    }
    return end;
}

/* digits[.digits]e[+-]exponent, of the exponent at least two digits */
static char *put_scientific(char *at, const char *digits, int32_t count, int32_t exponent)
{
    char text[4];
    *at++ = digits[0];
    if (count > 1) {
        *at++ = '.';
        at = put_text(at, digits + 1, (size_t)count - 1);
    }
    *at++ = 'e';
    *at++ = exponent < 0 ? '-' : '+';
    uint64_t size = (uint64_t)(exponent < 0 ? -exponent : exponent);
    if (size < 10) {
        *at++ = '0';
    }
    char *first = put_digits_before(text + sizeof(text), size);
    return put_text(at, first, (size_t)(text + sizeof(text) - first));
}

/* Writes value * 10^exponent in Python's layout. `value` is not 0. */
static char *put_number(char *at, uint64_t value, int32_t exponent)
{
    enum { LEAST_POINT = -4, GREATEST_POINT = 16 };
    static const char ZEROS[] = "0000000000000000";
    char text[20];
    while (value % 10 == 0) {
        value /= 10;
        exponent++;
    }
    const char *digits = put_digits_before(text + sizeof(text), value);
    int32_t count = (int32_t)(text + sizeof(text) - digits);
    int32_t point = count + exponent; /* digits before the decimal point */
    if (point <= LEAST_POINT || point > GREATEST_POINT) {
        return put_scientific(at, digits, count, point - 1);
    }
    if (point <= 0) {
        at = put_text(at, "0.", 2);
        at = put_text(at, ZEROS, (size_t)-point);
        return put_text(at, digits, (size_t)count);
    }
    if (point >= count) {
        at = put_text(at, digits, (size_t)count);
        at = put_text(at, ZEROS, (size_t)(point - count));
        return put_text(at, ".0", 2);
    }
    at = put_text(at, digits, (size_t)point);
    *at++ = '.';
    return put_text(at, digits + point, (size_t)(count - point));
}

/* The high 64 bits of factor * entry / 2^64, the lowest bit set when the rest is not 0 ("round to odd"). */
static uint64_t multiply_round_to_odd(const uint64_t entry[2], uint64_t factor)
{
    wide product = (wide)factor * entry[0] + (uint64_t)((wide)factor * entry[1] >> 64);
    return (uint64_t)(product >> 64) | ((uint64_t)product > 1);
}

/* The shortest decimal in the interval that rounds to significand * 2^exponent, the nearest of several.
 * Raffaello Giulietti, "The Schubfach way to render doubles" (2020), section 9. `uneven` says that the
 * neighbour below is at half the distance of the one above. */
static char *put_shortest(char *at, uint64_t significand, int32_t exponent, bool uneven)
{
    uint64_t outside = significand & 1; /* an interval of an odd significand lacks its ends */
    /* floor(log10(2^exponent)), or of 3/4 of that */
    int32_t power = floor_shift(exponent * 1262611 - (uneven ? 524031 : 0), 22);
    int32_t shift = exponent + log2_of_power(-power) + 1;
    const uint64_t *entry = POWERS_OF_TEN[-power - POWER_LEAST];
    uint64_t value = significand * 4;
    uint64_t lower = multiply_round_to_odd(entry, (value - 2 + uneven) << shift) + outside;
    uint64_t upper = multiply_round_to_odd(entry, (value + 2) << shift) - outside;
    value = multiply_round_to_odd(entry, value << shift);

    /* `value`, `lower` and `upper` count quarters of 10^power: try a digit fewer first */
    uint64_t digits = value / 4;
    uint64_t fewer = digits / 10;
    bool below_fits = lower <= fewer * 40;
    bool above_fits = fewer * 40 + 40 <= upper;
    if (digits >= 10 && below_fits != above_fits) {
        return put_number(at, fewer + above_fits, power + 1);
    }
    below_fits = lower <= digits * 4;
    above_fits = digits * 4 + 4 <= upper;
    if (below_fits != above_fits) {
        return put_number(at, digits + above_fits, power);
    }
    uint64_t middle = digits * 4 + 2;
    bool up = value > middle || (value == middle && (digits & 1) != 0);
    return put_number(at, digits + up, power);
}

size_t bc__decimal_format(char out[BC__DECIMAL_SIZE], double value)
{
    uint64_t bits;
    char *at = out;
    memcpy(&bits, &value, sizeof(bits));
    uint64_t fraction = bits & FRACTION_MASK;
    int32_t field = (int32_t)(bits >> FRACTION_BITS & EXPONENT_INFINITE);
    if (field == EXPONENT_INFINITE && fraction != 0) {
        return (size_t)(put_text(at, "NaN", 3) - out);
    }
    if ((bits & SIGN_BIT) != 0) {
        *at++ = '-';
    }
    if (field == EXPONENT_INFINITE) {
        at = put_text(at, "Infinity", 8);
    } else if (field == 0 && fraction == 0) {
        at = put_text(at, "0.0", 3);
    } else if (field == 0) {
        at = put_shortest(at, fraction, 1 - EXPONENT_BIAS - FRACTION_BITS, false);
    } else {
        bool uneven = fraction == 0 && field > 1;
        at = put_shortest(at, fraction | (FRACTION_MASK + 1), field - EXPONENT_BIAS - FRACTION_BITS,
                          uneven);
    }
    return (size_t)(at - out);
}

size_t bc__decimal_write(char out[BC__DECIMAL_SIZE], const bc__decimal *number)
{
    /* No two decimals of so few digits share a binary64 number, so the shortest is this one. */
    bool sure = !number->truncated && number->digits <= SURE_DIGITS && number->significand != 0 &&
                number->exponent >= -SURE_EXPONENT && number->exponent <= SURE_EXPONENT;
    if (!sure) {
        return bc__decimal_format(out, bc__decimal_value(number));
    }
    char *at = out;
    if (number->negative) {
        *at++ = '-';
    }
    return (size_t)(put_number(at, number->significand, (int32_t)number->exponent) - out);
}
