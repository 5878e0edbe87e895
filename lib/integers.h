/* Integers in bytes, in either order, at any alignment; and as decimal text. */
#ifndef BC_LIB_INTEGERS_H
#define BC_LIB_INTEGERS_H

#include <stdbool.h>
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

/* All of `text` as a number below 2^64. False where it is anything but digits, or has a zero in front
 * of others. */
static inline bool bc__read_decimal(uint64_t *out, const char *text, size_t length)
{
    uint64_t value = 0;
    if (length == 0 || length > 20 || (length > 1 && text[0] == '0')) {
        return false;
    }
    for (size_t at = 0; at < length; at++) {
        if (text[at] < '0' || text[at] > '9') {
            return false;
        }
        uint64_t digit = (uint64_t)(text[at] - '0');
        if (value > (UINT64_MAX - digit) / 10) {
            return false;
        }
        value = value * 10 + digit;
    }
    *out = value;
    return true;
}

#endif
