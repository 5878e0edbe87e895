#include "src/base/text.h"

#include <stdbool.h>
#include <stddef.h>

/* The length of the UTF-8 character at `at`, or 0 where there is none (RFC 3629). Control characters
 * count as none. */
static size_t character_length(const unsigned char *at)
{
    if (at[0] < 0x80) {
        return at[0] >= 0x20 && at[0] != 0x7f ? 1 : 0;
    }
    size_t length = at[0] >= 0xf0 ? 4 : at[0] >= 0xe0 ? 3 : 2;
    if (at[0] < 0xc2 || at[0] > 0xf4) {
        return 0;
    }
    for (size_t index = 1; index < length; index++) {
        if ((at[index] & 0xc0) != 0x80) {
            return 0;
        }
    }
    bool overlong = (at[0] == 0xe0 && at[1] < 0xa0) || (at[0] == 0xf0 && at[1] < 0x90);
    bool outside = (at[0] == 0xed && at[1] >= 0xa0) || (at[0] == 0xf4 && at[1] >= 0x90);
    return overlong || outside ? 0 : length;
}

/* What comes from outside stands in messages too: bindings must be able to read them as UTF-8, and no
 * log line may be forged. */
void bc__text_clean(char *text)
{
    while (*text != '\0') {
        size_t length = character_length((unsigned char *)text);
        if (length == 0) {
            *text = '?';
            length = 1;
        }
        text += length;
    }
}
