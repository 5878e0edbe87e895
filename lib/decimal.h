/* Decimal text and binary64 numbers, exact in both directions and independent of locale, of the
 * floating-point environment and of the C library.
 *
 * Reading rounds correctly, to nearest with ties to even, however many digits there are. Writing gives the
 * shortest digits that read back as the same number and, among those, the nearest: Python's repr. */
#ifndef BC_LIB_DECIMAL_H
#define BC_LIB_DECIMAL_H

#include "heap.h"

#include <stdbool.h>

enum {
    BC__DECIMAL_SIZE = 32
}; /* room for every number that is written; 24 bytes are the most used */

/* A number in the grammar of JSON (RFC 8259, section 6), taken apart. */
typedef struct bc__decimal {
    const char *text; /* borrowed */
    size_t length;    /* bytes of `text` that are the number */
    size_t integer_digits;
    uint64_t significand; /* its first 19 significant digits, or all if there are fewer */
    int64_t exponent;     /* the value is about significand * 10^exponent */
    uint32_t digits;      /* significant digits in `significand` */
    bool truncated;       /* digits other than 0 follow those 19 */
    bool negative;
    bool integer; /* neither fraction nor exponent part */
} bc__decimal;

/* Reads the number at the beginning of `text`, as many bytes as belong to one. BC__ERR_FORMAT when there is
 * none or it breaks off; then `length` says where. */
int32_t bc__decimal_scan(bc__decimal *number, const char *text, size_t length);

/* The nearest binary64 number; infinity when the number is too great. `text` must still be there. */
double bc__decimal_value(const bc__decimal *number);

/* What bc__decimal_format writes of the value, often without working the value out. Returns the length. */
size_t bc__decimal_write(char out[BC__DECIMAL_SIZE], const bc__decimal *number);

/* Python's repr in the spelling of its json module: 1.0, -0.0, 1e-05, 1e+16, NaN, Infinity, -Infinity.
 * Returns the length; no NUL is written. */
size_t bc__decimal_format(char out[BC__DECIMAL_SIZE], double value);

/* The value of `text`, all of which must be one JSON number; else BC__ERR_FORMAT and *out stays. */
int32_t bc__decimal_parse(double *out, const char *text, size_t length);

#endif
