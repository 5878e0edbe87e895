/* Lowercase hexadecimal. */
#ifndef BC_LIB_HEX_H
#define BC_LIB_HEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Writes 2 * length characters and no terminator. `bytes` may be NULL when `length` is 0. */
void bc__hex_encode(char *out, const uint8_t *bytes, size_t length);

/* Reads 2 * bytes characters. False where one is not 0-9 or a-f; what `out` holds is then
 * unspecified.
 */
bool bc__hex_decode(uint8_t *out, const char *text, size_t bytes);

#endif
