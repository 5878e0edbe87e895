/* SHA-256 reads and writes its words big-endian. */
#ifndef BC_LIB_SHA256_WORDS_H
#define BC_LIB_SHA256_WORDS_H

#include <stdint.h>

static inline uint32_t bc__sha256_load_word(const uint8_t bytes[4])
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static inline void bc__sha256_store_word(uint8_t bytes[4], uint32_t word)
{
    bytes[0] = (uint8_t)(word >> 24);
    bytes[1] = (uint8_t)(word >> 16);
    bytes[2] = (uint8_t)(word >> 8);
    bytes[3] = (uint8_t)word;
}

#endif
