#include "examples/audit_log/record.h"

#include <errno.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "examples/common/hex.h"
#include "examples/common/number.h"
#include "examples/common/sentence.h"

void time_text(char out[TIME_TEXT_BYTES], int64_t microseconds)
{
    struct tm parts = {0};
    time_t seconds = (time_t)(microseconds / 1000000);
    if (gmtime_r(&seconds, &parts) == NULL ||
        strftime(out, TIME_TEXT_BYTES, "%Y-%m-%dT%H:%M:%SZ", &parts) == 0) {
        (void)snprintf(out, TIME_TEXT_BYTES, "out of range");
    }
}

/* What would break the line, or play tricks on a terminal. */
static int has_control(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f) {
            return 1;
        }
    }
    return 0;
}

/* Takes the field before the next tab off the front; 0 where there is no tab or the field does not
 * fit. */
static int take_field(char *out, size_t room, const char **at, size_t *left)
{
    const char *tab = *left > 0 ? memchr(*at, '\t', *left) : NULL;
    size_t length = tab != NULL ? (size_t)(tab - *at) : room;
    if (length >= room || has_control(*at, length)) {
        return 0;
    }
    memcpy(out, *at, length);
    out[length] = '\0';
    *at = tab + 1;
    *left -= length + 1;
    return 1;
}

int record_read(record *out, const bc_tx *tx)
{
    char text[2 * HASH_BYTES + 1];
    bc_tx_fields fields = BC_TX_FIELDS_INIT;
    if (bc_tx_get_fields(tx, &fields) != BC_OK || fields.kind != BC_TX_SIGNED) {
        return 0;
    }
    const char *at = (const char *)fields.payload;
    size_t left = fields.payload_length;
    if (!take_field(text, sizeof text, &at, &left) || strcmp(text, "audit 1") != 0 ||
        !take_field(text, sizeof text, &at, &left) || !id_parse(out->hash, text) ||
        !take_field(text, sizeof text, &at, &left) ||
        !number_parse(&out->size, text, 0, UINT64_MAX) ||
        !take_field(out->time, sizeof out->time, &at, &left) ||
        !take_field(out->name, sizeof out->name, &at, &left) || left > NOTE_BYTES_MAX ||
        has_control(at, left)) {
        return 0;
    }
    memcpy(out->note, at, left);
    out->note[left] = '\0';
    return 1;
}

bc_status hash_file(uint8_t hash[HASH_BYTES], uint64_t *size, const char *path, bc_error *error)
{
    crypto_hash_sha256_state state;
    uint8_t piece[16384];
    size_t got;
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return sentence(error, BC_ERR_NOT_FOUND, "cannot open it: %s", strerror(errno));
    }
    *size = 0;
    (void)crypto_hash_sha256_init(&state);
    while ((got = fread(piece, 1, sizeof piece, file)) > 0) {
        (void)crypto_hash_sha256_update(&state, piece, got);
        *size += got;
    }
    bc_status status = BC_OK;
    if (ferror(file)) {
        status = sentence(error, BC_ERR_NOT_FOUND, "cannot read it: %s", strerror(errno));
    }
    (void)fclose(file);
    (void)crypto_hash_sha256_final(&state, hash);
    return status;
}

bc_status record_write(char line[RECORD_BYTES_MAX], size_t *length, const char *path,
                       const char *note, bc_error *error)
{
    uint8_t hash[HASH_BYTES];
    uint64_t size = 0;
    char digits[ID_TEXT_BYTES];
    char now[TIME_TEXT_BYTES];
    const char *slash = strrchr(path, '/');
    const char *name = slash != NULL ? slash + 1 : path;
    if (strlen(name) > NAME_BYTES_MAX || strlen(note) > NOTE_BYTES_MAX) {
        return sentence(error, BC_ERR_LIMIT, "a name has at most %d bytes, a note %d",
                        NAME_BYTES_MAX, NOTE_BYTES_MAX);
    }
    if (has_control(name, strlen(name)) || has_control(note, strlen(note))) {
        return sentence(error, BC_ERR_FORMAT,
                        "there is a control character in the name or in the note");
    }
    bc_status status = hash_file(hash, &size, path, error);
    if (status == BC_OK) {
        time_text(now, (int64_t)time(NULL) * 1000000);
        int written = snprintf(line, RECORD_BYTES_MAX, "audit 1\t%s\t%" PRIu64 "\t%s\t%s\t%s",
                               id_text(digits, hash), size, now, name, note);
        *length = (size_t)written;
    }
    return status;
}
