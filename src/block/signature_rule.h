/* The pinned rule of signature.h over what it takes from libsodium, for messages of any length. The
 * table is where tests put the answers of other releases of libsodium. */
#ifndef BC_BLOCK_SIGNATURE_RULE_H
#define BC_BLOCK_SIGNATURE_RULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct bc__ed25519 {
    /* As crypto_sign_verify_detached: 0 for yes. Its yes must imply the cofactored equation for an R
     * and a key that passed the rule's own checks; its no means nothing. */
    int (*verify)(const unsigned char *signature, const unsigned char *message,
                  unsigned long long length, const unsigned char *key);
    /* As crypto_scalarmult_ed25519_noclamp: 0 and the canonical encoding of scalar·point, or not 0.
     * Must give the product where the scalar is from 1 to L - 1 and the point of order L, and never
     * give one for a point that is not on the curve. */
    int (*multiply)(unsigned char *product, const unsigned char *scalar,
                    const unsigned char *point);
    /* h = SHA-512(R, key, message) mod L, little-endian. */
    void (*challenge)(uint8_t h[32], const uint8_t r[32], const uint8_t key[32],
                      const uint8_t *message, size_t length);
} bc__ed25519;

extern const bc__ed25519 bc__ed25519_linked;

bool bc__rule_key_check(const bc__ed25519 *ed25519, const uint8_t key[32]);
bool bc__rule_verify(const bc__ed25519 *ed25519, const uint8_t key[32], bool key_is_checked,
                     const uint8_t *message, size_t length, const uint8_t signature[64]);

#endif
