/* Files of test vectors: lines of fields with one space between, and comments that begin with #. */
#ifndef BC_TEST_SUPPORT_VECTOR_FILE_H
#define BC_TEST_SUPPORT_VECTOR_FILE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum { VECTOR_LINE_BYTES = 32 * 1024, VECTOR_FIELDS = 8 };

typedef struct vector_file {
    FILE *file;
    char line[VECTOR_LINE_BYTES];
    const char *fields[VECTOR_FIELDS];
} vector_file;

/* Fails the running test where the file is not there. */
void vector_file_open(vector_file *vectors, const char *path);

/* The next line that is no comment, cut at its spaces; the number of fields, 0 at the end, where the
 * file is closed. */
size_t vector_file_next(vector_file *vectors);

/* The bytes of a hexadecimal field, to be freed; memory of their own size, so that sanitizers see one
 * byte too far. */
uint8_t *vector_bytes(const char *field, size_t *length);

#endif
