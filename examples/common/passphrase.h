/* A passphrase: from the terminal, where it is not shown, or from a file. Never from the command line,
 * which other users of the machine can read. */
#ifndef EXAMPLES_COMMON_PASSPHRASE_H
#define EXAMPLES_COMMON_PASSPHRASE_H

#include "examples/common/keystore.h"

typedef struct passphrase {
    size_t length;
    char bytes[KEYSTORE_PASSPHRASE_BYTES_MAX + 2]; /* room for a line break */
} passphrase;

enum { PASSPHRASE_KNOWN = 0, PASSPHRASE_NEW = 1 }; /* a new one is asked for twice */

/* Reads the file's one line, or where `file` is NULL asks on the terminal for the passphrase of
 * `path`. The caller wipes what was read, on failure too. BC_ERR_NOT_FOUND where there is no such
 * file or no terminal; BC_ERR_FORMAT where it has no byte, more than one line, or was typed in two
 * ways; BC_ERR_LIMIT where it is too long. */
bc_status passphrase_read(passphrase *out, const char *file, const char *path, int is_new,
                          bc_error *error);
void passphrase_wipe(passphrase *secret);

#endif
