/* Bytes as users write and read them: hexadecimal digits. */
#ifndef EXAMPLES_COMMON_HEX_H
#define EXAMPLES_COMMON_HEX_H

#include <stddef.h>
#include <stdint.h>

/* Reads 2 * bytes digits of either case; returns 0 where `digits` are not as many or not all such,
 * else 1. `out` may begin where `digits` does, or before. */
int hex_parse(uint8_t *out, size_t bytes, const char *digits, size_t length);

/* Reads a terminated text of 64 digits as an id. */
int id_parse(uint8_t id[32], const char *text);

/* Prints to standard output. */
void hex_print(const uint8_t *bytes, size_t length);

#endif
