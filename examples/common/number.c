#include "examples/common/number.h"

#include <stddef.h>

int number_parse(uint64_t *out, const char *text, uint64_t least, uint64_t most)
{
    uint64_t value = 0;
    if (*text == '\0') {
        return 0;
    }
    for (; *text != '\0'; text++) {
        if (*text < '0' || *text > '9') {
            return 0;
        }
        uint64_t digit = (uint64_t)(*text - '0');
        if (value > (UINT64_MAX - digit) / 10) {
            return 0;
        }
        value = value * 10 + digit;
    }
    *out = value;
    return value >= least && value <= most;
}

const char *id_text(char text[ID_TEXT_BYTES], const uint8_t id[32])
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < 32; i++) {
        text[2 * i] = digits[id[i] >> 4];
        text[2 * i + 1] = digits[id[i] & 15];
    }
    text[64] = '\0';
    return text;
}
