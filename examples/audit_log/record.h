/* What is recorded of a file: the payload of a transaction, which is one line, "audit 1", the file's
 * SHA-256 in hexadecimal digits, its size, the time, its name and a note, with a tab between them. The
 * time is what the writer's clock said, in UTC. */
#ifndef EXAMPLES_AUDIT_LOG_RECORD_H
#define EXAMPLES_AUDIT_LOG_RECORD_H

#include <bc/bc.h>

enum {
    HASH_BYTES = 32,
    NAME_BYTES_MAX = 255,
    NOTE_BYTES_MAX = 1024,
    RECORD_BYTES_MAX = 2048,
    TIME_TEXT_BYTES = 24,
};

typedef struct record {
    uint8_t hash[HASH_BYTES];
    uint64_t size;
    char time[TIME_TEXT_BYTES];
    char name[NAME_BYTES_MAX + 1]; /* without folders */
    char note[NOTE_BYTES_MAX + 1];
} record;

/* Reads a file to its end. BC_ERR_NOT_FOUND. */
bc_status hash_file(uint8_t hash[HASH_BYTES], uint64_t *size, const char *path, bc_error *error);

/* Writes the line about a file as it is now. BC_ERR_NOT_FOUND; BC_ERR_LIMIT, BC_ERR_FORMAT (name or note
 * too long, or a control character in them). */
bc_status record_write(char line[RECORD_BYTES_MAX], size_t *length, const char *path,
                       const char *note, bc_error *error);

/* Reads the record that a transaction carries; 0 where it carries none, else 1. */
int record_read(record *out, const bc_tx *tx);

/* Microseconds since the Unix epoch as text. */
void time_text(char out[TIME_TEXT_BYTES], int64_t microseconds);

#endif
