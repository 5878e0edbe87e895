/* The constants K of FIPS 180-4, section 4.2.2. Aligned for vectors of 16 bytes. */
#ifndef BC_LIB_SHA256_CONSTANTS_H
#define BC_LIB_SHA256_CONSTANTS_H

#include <stdint.h>

enum { BC__SHA256_ROUNDS = 64 };

extern const uint32_t bc__sha256_k[BC__SHA256_ROUNDS];

#endif
