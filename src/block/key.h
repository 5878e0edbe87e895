/* bc_key: what signs. Immutable and reference-counted; any thread may use it. */
#ifndef BC_BLOCK_KEY_H
#define BC_BLOCK_KEY_H

#include <bc/bc.h>

#include "src/block/signature.h"

typedef struct bc_key bc_key;

/* Signs 32 bytes with pure Ed25519, for a key that is kept elsewhere: a hardware module, an agent.
 * BC_OK; or a negative bc_status, or a code of the host's own (BC_ERR_HOST and below), which reach
 * the caller as they are, with what was put into `error` (never NULL). May block; is called with no
 * lock of the library held, possibly by several threads at a time. */
typedef bc_status (*bc_sign_fn)(void *context, uint8_t signature[64], const uint8_t message[32],
                                bc_error *error);

/* A key from its 32 secret bytes (RFC 8032's private key), which are copied; the copy is wiped when
 * the last reference is released. `allocator` may be NULL (malloc). Release with bc_key_unref. */
bc_status bc_key_from_seed(bc_key **out, const uint8_t seed[32], const bc_allocator *allocator,
                           bc_error *error);

/* The same from 32 new bytes of the system's generator, which are put into `seed` as well, where it
 * is not NULL, for the caller to keep safe and then to wipe. */
bc_status bc_key_generate(bc_key **out, uint8_t seed[32], const bc_allocator *allocator,
                          bc_error *error);

/* A key whose secret the library never sees. `context` must outlive the key. What `sign` gives is
 * verified before it is used. BC_ERR_FORMAT where the bytes are no public key that the rules take. */
bc_status bc_key_from_signer(bc_key **out, const uint8_t public_key[32], bc_sign_fn sign,
                             void *context, const bc_allocator *allocator, bc_error *error);

void bc_key_public(const bc_key *key, uint8_t public_key[32]);
bc_key *bc_key_ref(bc_key *key); /* returns key */
void bc_key_unref(bc_key *key);  /* may be NULL */

/* Signs; to be called with no lock held, for it may call the host. On failure `signature` is all
 * zero. What the host's function returned, or BC_ERR_HOST where that is a positive number or its
 * signature is not the key's. */
bc_status bc__key_sign(const bc_key *key, uint8_t signature[BC__SIGNATURE_BYTES],
                       const uint8_t message[BC__MESSAGE_BYTES], bc_error *error);

#endif
