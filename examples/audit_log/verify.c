#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "examples/audit_log/command.h"
#include "examples/audit_log/record.h"
#include "examples/common/hex.h"
#include "examples/common/network.h"
#include "examples/common/number.h"
#include "examples/common/sentence.h"
#include "examples/common/text_file.h"

enum { PROOF_BYTES_MAX = 1024 * 1024 };

/* The id of a header is its SHA-256. */
static bc_status read_header_id(uint8_t id[BC_ID_BYTES], const char *text, bc_error *error)
{
    char *bytes = NULL;
    size_t length = 0;
    if (id_parse(id, text)) {
        return BC_OK;
    }
    bc_status status = text_file_read(&bytes, &length, text, HEADER_BYTES, error);
    if (status == BC_ERR_LIMIT || (status == BC_OK && length != HEADER_BYTES)) {
        status = sentence(error, BC_ERR_FORMAT, "a header has %d bytes", HEADER_BYTES);
    }
    if (status == BC_OK) {
        (void)crypto_hash_sha256(id, (const uint8_t *)bytes, length);
    }
    free(bytes);
    return status;
}

static int invalid(const char *why)
{
    (void)printf("invalid: %s\n", why);
    return EXIT_FAILED;
}

static void print_found(const bc_inclusion *shown, const bc_tx_fields *fields, const record *found,
                        int seals)
{
    char when[TIME_TEXT_BYTES];
    char digits[ID_TEXT_BYTES];
    time_text(when, shown->time);
    (void)printf("valid: the file was recorded\n");
    (void)printf("  sha256   %s\n  size     %" PRIu64 "\n", id_text(digits, found->hash),
                 found->size);
    (void)printf("  name     %s\n  note     %s\n", found->name, found->note);
    (void)printf("  written  %s\n  by       %s\n", found->time, id_text(digits, fields->sender));
    (void)printf("  block    %" PRIu64 " of %s\n", shown->height, when);
    (void)printf("  under    header %" PRIu64 ", %s\n", shown->later_height,
                 id_text(digits, shown->later_id));
    (void)printf("  seals    %s\n", seals ? "checked" : "not checked");
}

/* `log` may be NULL: the proof is checked without the seals. A transaction is written the same way in
 * all networks of these rules, so that any of them reads it. */
static int verify(bc_params *any, const bc_params *log, const char *proof, size_t length,
                  const uint8_t trusted[BC_ID_BYTES], const uint8_t file_hash[HASH_BYTES])
{
    bc_inclusion shown = BC_INCLUSION_INIT;
    bc_tx_fields fields = BC_TX_FIELDS_INIT;
    bc_error error = BC_ERROR_INIT;
    uint32_t verdict = BC_VERDICT_NONE;
    bc_tx *tx = NULL;
    record found;
    int result;
    if (bc_inclusion_verify(log, &verdict, &shown, (const uint8_t *)proof, length, trusted,
                            &error) != BC_OK) {
        return complain("--network", &error, EXIT_UNUSABLE);
    }
    if (verdict != BC_VERDICT_ACCEPTED) {
        return invalid(error.message);
    }
    if (shown.tx == NULL || bc_tx_parse(&tx, any, shown.tx, shown.tx_length, &error) != BC_OK ||
        bc_tx_get_fields(tx, &fields) != BC_OK || !record_read(&found, tx)) {
        result = invalid("the proof holds, but what it shows is no record of a file");
    } else if (memcmp(found.hash, file_hash, HASH_BYTES) != 0) {
        result =
            invalid("the proof holds, but it is that of another file, or the file was changed");
    } else {
        print_found(&shown, &fields, &found, log != NULL);
        result = EXIT_GOOD;
    }
    bc_tx_unref(tx);
    return result;
}

int command_verify(const request *wanted)
{
    bc_error error = BC_ERROR_INIT;
    bc_params *any = NULL;
    bc_params *log = NULL;
    char *proof = NULL;
    size_t length = 0;
    uint8_t trusted[BC_ID_BYTES];
    uint8_t hash[HASH_BYTES];
    uint64_t size = 0;
    int result = EXIT_UNUSABLE;
    if (text_file_read(&proof, &length, wanted->arguments[0], PROOF_BYTES_MAX, &error) != BC_OK) {
        result = complain(wanted->arguments[0], &error, EXIT_UNUSABLE);
    } else if (read_header_id(trusted, wanted->arguments[1], &error) != BC_OK) {
        result = complain(wanted->arguments[1], &error, EXIT_UNUSABLE);
    } else if (hash_file(hash, &size, wanted->arguments[2], &error) != BC_OK) {
        result = complain(wanted->arguments[2], &error, EXIT_UNUSABLE);
    } else if (wanted->network != NULL && network_load(&log, wanted->network, &error) != BC_OK) {
        result = complain("--network", &error, EXIT_UNUSABLE);
    } else if (bc_params_preset(&any, "ledger", NULL, &error) != BC_OK) {
        result = complain("verify", &error, EXIT_FAILED);
    } else {
        result = verify(any, log, proof, length, trusted, hash);
    }
    free(proof);
    bc_params_unref(log);
    bc_params_unref(any);
    return result;
}
