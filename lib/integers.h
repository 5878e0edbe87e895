/* Integers in bytes, in either order, at any alignment. */
#ifndef BC_LIB_INTEGERS_H
#define BC_LIB_INTEGERS_H

#include <stddef.h>
#include <stdint.h>

static inline void bc__put_le(uint8_t *out, uint64_t value, size_t bytes)
{
    for (size_t at = 0; at < bytes; at++) {
        out[at] = (uint8_t)(value >> (8 * at));
    }
}

static inline uint64_t bc__get_le(const uint8_t *in, size_t bytes)
{
    uint64_t value = 0;
    for (size_t at = bytes; at > 0; at--) {
        value = value << 8 | in[at - 1];
    }
    return value;
}

static inline void bc__put_be64(uint8_t out[8], uint64_t value)
{
    for (size_t at = 0; at < 8; at++) {
        out[at] = (uint8_t)(value >> (56 - 8 * at));
    }
}

static inline uint64_t bc__get_be64(const uint8_t in[8])
{
    uint64_t value = 0;
    for (size_t at = 0; at < 8; at++) {
        value = value << 8 | in[at];
    }
    return value;
}

#endif
