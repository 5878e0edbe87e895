/* A secret key sealed with a passphrase, as 120 bytes. All integers are little-endian:
 *
 *     offset  size
 *          0     8  "libbckey"
 *          8     4  version: 1
 *         12     4  how the passphrase becomes a key: 2, Argon2id 1.3 (RFC 9106) with one lane
 *         16     8  its passes (libsodium's opslimit), 1 to 16
 *         24     8  its memory in bytes (libsodium's memlimit), 8 KiB to 1 GiB, in whole KiB
 *         32    16  its salt
 *         48    24  nonce of the box
 *         72    48  libsodium's crypto_secretbox_easy of the seed: 16 bytes of tag, 32 of seed
 *
 * The first 72 bytes need no tag of their own: whoever changes them changes the key of the box, and
 * it does not open. The bounds on passes and memory keep a strange file from costing minutes. */
#ifndef EXAMPLES_COMMON_KEYSTORE_H
#define EXAMPLES_COMMON_KEYSTORE_H

#include <bc/bc.h>

enum { KEYSTORE_BYTES = 120, KEYSTORE_SEED_BYTES = 32, KEYSTORE_PASSPHRASE_BYTES_MAX = 1024 };

/* What guessing a passphrase costs, and opening the file. */
typedef struct keystore_cost {
    uint64_t passes;
    uint64_t memory; /* bytes, in whole KiB */
} keystore_cost;

/* Less than a second and 256 MiB on a computer of 2020 (libsodium's "moderate"). */
keystore_cost keystore_cost_usual(void);

/* Seals `seed` into `file`. The passphrase is 1 to KEYSTORE_PASSPHRASE_BYTES_MAX bytes, taken as they
 * are. BC_ERR_LIMIT for a length or a cost out of its bounds; BC_ERR_MEMORY. `error` is never NULL. */
bc_status keystore_seal(uint8_t file[KEYSTORE_BYTES], const uint8_t seed[KEYSTORE_SEED_BYTES],
                        const char *passphrase, size_t passphrase_length, keystore_cost cost,
                        bc_error *error);

/* Opens what keystore_seal made. The caller wipes `seed`; it is all zero on failure. BC_ERR_FORMAT
 * for bytes that are no such file, BC_ERR_UNSUPPORTED for a newer one, BC_ERR_LIMIT for costs out of
 * bounds, BC_ERR_DAMAGED where the passphrase is wrong or a byte was changed (which of them, nobody
 * can tell), BC_ERR_MEMORY. */
bc_status keystore_open(uint8_t seed[KEYSTORE_SEED_BYTES], const uint8_t *file, size_t length,
                        const char *passphrase, size_t passphrase_length, bc_error *error);

#endif
