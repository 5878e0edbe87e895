/* Unsigned integers of 256 bits, for amounts of work. */
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

/* Big-endian. */
bc__uint256 bc__uint256_from_bytes(const uint8_t bytes[BC__UINT256_BYTES]);
void bc__uint256_to_bytes(const bc__uint256 *value, uint8_t bytes[BC__UINT256_BYTES]);

#endif
