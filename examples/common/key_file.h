/* Keys in files, sealed with a passphrase that the user is asked for. */
#ifndef EXAMPLES_COMMON_KEY_FILE_H
#define EXAMPLES_COMMON_KEY_FILE_H

#include <bc/bc.h>

/* Makes a new key and its file. `passphrase_file` may be NULL: the terminal is asked. As
 * keystore_file_write and passphrase_read. `error` is never NULL. Release with bc_key_unref. */
bc_status key_file_make(bc_key **out, const char *path, const char *passphrase_file,
                        bc_error *error);

/* Opens a file. As keystore_file_open and passphrase_read; the sentence names the file. */
bc_status key_file_open(bc_key **out, const char *path, const char *passphrase_file,
                        bc_error *error);

#endif
