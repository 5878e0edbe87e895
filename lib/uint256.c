#include "uint256.h"

#include <assert.h>
#include <stddef.h>

#include "integers.h"

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
