#include "hex.h"

/* Of a hexadecimal digit in lower case: its value and IS_DIGIT; of any other byte: 0. A table, because
 * digits and letters come in no order that a processor could foresee. */
enum { IS_DIGIT = 0x10 };

static const uint8_t digit_values[256] = {
    ['0'] = 0x10, ['1'] = 0x11, ['2'] = 0x12, ['3'] = 0x13, ['4'] = 0x14, ['5'] = 0x15,
    ['6'] = 0x16, ['7'] = 0x17, ['8'] = 0x18, ['9'] = 0x19, ['a'] = 0x1a, ['b'] = 0x1b,
    ['c'] = 0x1c, ['d'] = 0x1d, ['e'] = 0x1e, ['f'] = 0x1f,
};

void bc__hex_encode(char *out, const uint8_t *bytes, size_t length)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < length; i++) {
        out[2 * i] = digits[bytes[i] >> 4];
        out[2 * i + 1] = digits[bytes[i] & 15];
    }
}

bool bc__hex_decode(uint8_t *out, const char *text, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) {
        unsigned high = digit_values[(uint8_t)text[2 * i]];
        unsigned low = digit_values[(uint8_t)text[2 * i + 1]];
        if ((high & low & IS_DIGIT) == 0) {
            return false;
        }
        out[i] = (uint8_t)((high & 15) << 4 | (low & 15));
    }
    return true;
}
