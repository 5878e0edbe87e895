/* Reading a file, or standard input, into memory. */
#ifndef EXAMPLES_COMMON_TEXT_FILE_H
#define EXAMPLES_COMMON_TEXT_FILE_H

#include <bc/bc.h>

/* Reads all of `path` ("-" is standard input) into *out, which the caller frees with free(). More
 * than `most` bytes give BC_ERR_LIMIT; a file that cannot be read gives BC_ERR_NOT_FOUND. `error` is
 * never NULL. */
bc_status text_file_read(char **out, size_t *length, const char *path, uint64_t most,
                         bc_error *error);

#endif
