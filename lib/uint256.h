/* Unsigned integers of 256 bits, for amounts of work and the targets of searches. */
#ifndef BC_LIB_UINT256_H
#define BC_LIB_UINT256_H

#include <stdint.h>

enum { BC__UINT256_BYTES = 32, BC__UINT256_LIMBS = 4 };

typedef struct bc__uint256 {
    uint64_t limb[BC__UINT256_LIMBS]; /* least significant first */
} bc__uint256;

bc__uint256 bc__uint256_zero(void);
bc__uint256 bc__uint256_from_u64(uint64_t value);

/* -1, 0 or 1 where a is less than, equal to or greater than b. */
int bc__uint256_compare(const bc__uint256 *a, const bc__uint256 *b);

/* a + b, or 2^256 - 1 where the sum is greater. */
bc__uint256 bc__uint256_add(const bc__uint256 *a, const bc__uint256 *b);

/* a - b, where b is not greater than a. */
bc__uint256 bc__uint256_sub(const bc__uint256 *a, const bc__uint256 *b);

/* a * b = high * 2^256 + low. The results may not be the arguments. */
void bc__uint256_multiply(bc__uint256 *high, bc__uint256 *low, const bc__uint256 *a,
                          const bc__uint256 *b);

/* a / b rounded down; b is not 0. */
bc__uint256 bc__uint256_divide(const bc__uint256 *a, const bc__uint256 *b);

/* Bits that leave the 256 are lost; with `bits` of 256 or more the result is 0. */
bc__uint256 bc__uint256_shift_left(const bc__uint256 *value, uint64_t bits);
bc__uint256 bc__uint256_shift_right(const bc__uint256 *value, uint64_t bits);

/* The place of the highest one, counted from 1; 0 for 0. */
unsigned bc__uint256_bit_length(const bc__uint256 *value);

/* Big-endian. */
bc__uint256 bc__uint256_from_bytes(const uint8_t bytes[BC__UINT256_BYTES]);
void bc__uint256_to_bytes(const bc__uint256 *value, uint8_t bytes[BC__UINT256_BYTES]);

#endif
