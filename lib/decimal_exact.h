/* The comparison that settles what 128 bits of a power of ten cannot. */
#ifndef BC_LIB_DECIMAL_EXACT_H
#define BC_LIB_DECIMAL_EXACT_H

#include "decimal.h"

/* -1, 0 or 1 as the absolute value of `number` is less than, equal to or greater than
 * significand * 2^exponent, which must lie within a factor of two of it and between 2^-1076 and 2^1025. */
int bc__decimal_compare(const bc__decimal *number, uint64_t significand, int32_t exponent);

#endif
