/* What an implementation of SHA-256 gives to the rest of this folder, so that one for a particular
 * processor can stand beside the portable one. */
#ifndef BC_LIB_SHA256_ENGINE_H
#define BC_LIB_SHA256_ENGINE_H

#include "sha256.h"

typedef struct bc__sha256_engine {
    const char *name;
    /* Takes `count` blocks of 64 bytes, at any alignment, into the eight words of the state. */
    void (*compress)(uint32_t state[BC__SHA256_WORDS], const uint8_t *blocks, size_t count);
} bc__sha256_engine;

/* C that runs everywhere. */
extern const bc__sha256_engine bc__sha256_portable;

/* The engine for this machine. */
const bc__sha256_engine *bc__sha256_engine_chosen(void);

#endif
