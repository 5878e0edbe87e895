/* Ed25519 signatures (RFC 8032, pure Ed25519) with one pinned rule of verification.
 *
 * Verifiers of Ed25519 differ in what they accept at the edges ("Taming the many EdDSAs", Chalkias,
 * Garillot and Nikolaenko, 2020), and so do the releases of libsodium. Where a signature decides
 * whether a block is valid, such a difference would split the network; so the rule is exact, and
 * holds whatever libsodium is linked. With p = 2^255 - 19, B the base point, L its order, A the key,
 * (R, S) the signature and h = SHA-512(R, A, message) mod L, a signature is good when
 *     S < L;
 *     A is canonical, in the subgroup of order L, and not its neutral element;
 *     R is canonical (y < p, and no sign where x = 0), on the curve, and 8R is not neutral;
 *     8(S·B - h·A - R) is the neutral element.
 * The last is the cofactored equation of RFC 8032, section 5.1.7. Only it can be checked for many
 * signatures at once with the same answers as one by one.
 *
 * No function keeps state; all may be called from any thread. */
#ifndef BC_BLOCK_SIGNATURE_H
#define BC_BLOCK_SIGNATURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    BC__SEED_BYTES = 32, /* RFC 8032's private key: 32 random bytes */
    BC__PUBLIC_KEY_BYTES = 32,
    BC__SIGNATURE_BYTES = 64,
    BC__MESSAGE_BYTES = 32 /* what blocks and transactions sign: a SHA-256 */
};

/* Whether the rule's conditions on A hold. Costs about as much as two verifications. */
bool bc__public_key_check(const uint8_t key[BC__PUBLIC_KEY_BYTES]);

/* Whether the signature is good. `key_is_checked` says that bc__public_key_check once said yes to
 * these very bytes, and leaves that check out. A refusal costs about as much as four verifications:
 * libsodium's own, then the equation from its parts. */
bool bc__signature_verify(const uint8_t public_key[BC__PUBLIC_KEY_BYTES], bool key_is_checked,
                          const uint8_t message[BC__MESSAGE_BYTES],
                          const uint8_t signature[BC__SIGNATURE_BYTES]);

/* Signs a message of any length (it may be NULL where that is 0). The public key is derived from the
 * seed and not taken as an argument: a signature made with another's public key gives the secret
 * away. Leaves no secret on the stack. */
void bc__signature_sign(uint8_t signature[BC__SIGNATURE_BYTES], const uint8_t seed[BC__SEED_BYTES],
                        const uint8_t *message, size_t length);

void bc__public_key_of_seed(uint8_t key[BC__PUBLIC_KEY_BYTES], const uint8_t seed[BC__SEED_BYTES]);

#endif
