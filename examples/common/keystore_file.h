/* Sealed keys on disk. */
#ifndef EXAMPLES_COMMON_KEYSTORE_FILE_H
#define EXAMPLES_COMMON_KEYSTORE_FILE_H

#include "examples/common/keystore.h"

/* Makes a new file for its owner's eyes alone (mode 0600), and returns when it is durable, for there
 * is no second copy of a key. BC_ERR_ARGUMENT where something is there already, which stays as it
 * is; BC_ERR_STORE where it cannot be written, and then nothing is left there. */
bc_status keystore_file_write(const char *path, const uint8_t file[KEYSTORE_BYTES],
                              bc_error *error);

/* Reads a file and opens it with the passphrase. As keystore_open; BC_ERR_NOT_FOUND where it cannot
 * be read. */
bc_status keystore_file_open(uint8_t seed[KEYSTORE_SEED_BYTES], const char *path,
                             const char *passphrase, size_t passphrase_length, bc_error *error);

#endif
