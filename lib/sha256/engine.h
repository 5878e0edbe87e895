/* What an implementation of SHA-256 gives to the rest of this folder, so that one for a particular
 * processor can stand beside the portable one. */
#ifndef BC_LIB_SHA256_ENGINE_H
#define BC_LIB_SHA256_ENGINE_H

#include "sha256.h"

typedef struct bc__sha256_engine {
    const char *name;
    /* Whether this processor has the instructions. */
    bool (*is_supported)(void);
    /* Takes `count` blocks of 64 bytes, at any alignment, into the eight words of the state. */
    void (*compress)(uint32_t state[BC__SHA256_WORDS], const uint8_t *blocks, size_t count);
} bc__sha256_engine;

extern const bc__sha256_engine bc__sha256_portable; /* C that runs everywhere */
extern const bc__sha256_engine bc__sha256_x86_sha;  /* x86 with the SHA extensions */

/* All engines, the fastest first, the portable one last. */
enum { BC__SHA256_ENGINES = 2 };
extern const bc__sha256_engine *const bc__sha256_engines[BC__SHA256_ENGINES];

/* The first of them that the processor supports and that computes what the portable one does. Found
 * once; any thread. */
const bc__sha256_engine *bc__sha256_engine_chosen(void);

#endif
