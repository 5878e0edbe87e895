#include "src/block/signature.h"

#include <sodium.h>

#include "src/block/signature_rule.h"

_Static_assert(crypto_sign_SEEDBYTES == BC__SEED_BYTES, "a seed has 32 bytes");
_Static_assert(crypto_sign_PUBLICKEYBYTES == BC__PUBLIC_KEY_BYTES, "a public key has 32 bytes");
_Static_assert(crypto_sign_BYTES == BC__SIGNATURE_BYTES, "a signature has 64 bytes");

bool bc__public_key_check(const uint8_t key[BC__PUBLIC_KEY_BYTES])
{
    return bc__rule_key_check(&bc__ed25519_linked, key);
}

bool bc__signature_verify(const uint8_t public_key[BC__PUBLIC_KEY_BYTES], bool key_is_checked,
                          const uint8_t message[BC__MESSAGE_BYTES],
                          const uint8_t signature[BC__SIGNATURE_BYTES])
{
    return bc__rule_verify(&bc__ed25519_linked, public_key, key_is_checked, message,
                           BC__MESSAGE_BYTES, signature);
}

/* These functions of libsodium always return 0 for a seed of the right size. */
void bc__signature_sign(uint8_t signature[BC__SIGNATURE_BYTES], const uint8_t seed[BC__SEED_BYTES],
                        const uint8_t *message, size_t length)
{
    uint8_t public_key[crypto_sign_PUBLICKEYBYTES];
    uint8_t secret_key[crypto_sign_SECRETKEYBYTES];
    (void)crypto_sign_seed_keypair(public_key, secret_key, seed);
    (void)crypto_sign_detached(signature, NULL, message, length, secret_key);
    sodium_memzero(secret_key, sizeof secret_key);
}

void bc__public_key_of_seed(uint8_t key[BC__PUBLIC_KEY_BYTES], const uint8_t seed[BC__SEED_BYTES])
{
    uint8_t secret_key[crypto_sign_SECRETKEYBYTES];
    (void)crypto_sign_seed_keypair(key, secret_key, seed);
    sodium_memzero(secret_key, sizeof secret_key);
}
