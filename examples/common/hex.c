#include "examples/common/hex.h"

#include <stdio.h>
#include <string.h>

static int digit_value(char digit)
{
    if (digit >= '0' && digit <= '9') {
        return digit - '0';
    }
    if (digit >= 'a' && digit <= 'f') {
        return digit - 'a' + 10;
    }
    return digit >= 'A' && digit <= 'F' ? digit - 'A' + 10 : -1;
}

int hex_parse(uint8_t *out, size_t bytes, const char *digits, size_t length)
{
    if (length % 2 != 0 || length / 2 != bytes) {
        return 0;
    }
    for (size_t at = 0; at < bytes; at++) {
        int high = digit_value(digits[2 * at]);
        int low = digit_value(digits[2 * at + 1]);
        if (high < 0 || low < 0) {
            return 0;
        }
        out[at] = (uint8_t)(16 * high + low);
    }
    return 1;
}

int id_parse(uint8_t id[32], const char *text)
{
    return hex_parse(id, 32, text, strlen(text));
}

void hex_print(const uint8_t *bytes, size_t length)
{
    for (size_t at = 0; at < length; at++) {
        (void)printf("%02x", bytes[at]);
    }
}
