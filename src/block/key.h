/* What signs: the side of bc_key that the library itself uses. Immutable and reference-counted; any
 * thread may use it. */
#ifndef BC_BLOCK_KEY_H
#define BC_BLOCK_KEY_H

#include <bc/bc.h>

#include "src/block/signature.h"

/* Signs; to be called with no lock held, for it may call the host. On failure `signature` is all
 * zero. What the host's function returned, or BC_ERR_HOST where that is a positive number or its
 * signature is not the key's. */
bc_status bc__key_sign(const bc_key *key, uint8_t signature[BC__SIGNATURE_BYTES],
                       const uint8_t message[BC__MESSAGE_BYTES], bc_error *error);

#endif
