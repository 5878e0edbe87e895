/* Numbers and ids as users write and read them. */
#ifndef EXAMPLES_COMMON_NUMBER_H
#define EXAMPLES_COMMON_NUMBER_H

#include <stdint.h>

/* Reads decimal digits, nothing else, into *out; returns 0 where `text` is none or is not from
 * `least` to `most`, else 1. */
int number_parse(uint64_t *out, const char *text, uint64_t least, uint64_t most);

enum { ID_TEXT_BYTES = 65 }; /* 64 digits and the terminator */

/* Writes an id of 32 bytes in hexadecimal digits and returns `text`. */
const char *id_text(char text[ID_TEXT_BYTES], const uint8_t id[32]);

#endif
