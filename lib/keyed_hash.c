#include "keyed_hash.h"

#include <sodium.h>
#include <string.h>

_Static_assert(crypto_shorthash_KEYBYTES == BC__HASH_KEY_BYTES, "SipHash takes a key of 16 bytes");
_Static_assert(crypto_shorthash_BYTES == sizeof(uint64_t), "SipHash gives 8 bytes");

void bc__hash_key_make(bc__hash_key *key)
{
    /* Makes the generator safe for several threads. It fails only where its own lock does, and the
     * generator works without. */
    int ready = sodium_init();
    (void)ready;
    randombytes_buf(key->bytes, sizeof key->bytes);
}

uint64_t bc__keyed_hash(const bc__hash_key *key, const void *data, size_t length)
{
    uint8_t bytes[crypto_shorthash_BYTES];
    uint64_t hash;
    (void)crypto_shorthash(bytes, data, length, key->bytes);
    memcpy(&hash, bytes, sizeof hash);
    return hash;
}
