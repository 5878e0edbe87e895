/* Hashes for hash tables that nobody outside can foresee: SipHash-2-4 with a secret. Not for what
 * is stored or sent. */
#ifndef BC_LIB_KEYED_HASH_H
#define BC_LIB_KEYED_HASH_H

#include <stddef.h>
#include <stdint.h>

enum { BC__HASH_KEY_BYTES = 16 };

typedef struct bc__hash_key {
    uint8_t bytes[BC__HASH_KEY_BYTES];
} bc__hash_key;

/* A new random key from the system's generator. */
void bc__hash_key_make(bc__hash_key *key);

/* `data` may be NULL when `length` is 0. */
uint64_t bc__keyed_hash(const bc__hash_key *key, const void *data, size_t length);

#endif
