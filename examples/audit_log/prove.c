#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "examples/audit_log/command.h"
#include "examples/audit_log/log.h"
#include "examples/common/number.h"
#include "examples/common/sentence.h"

typedef struct search {
    uint8_t hash[HASH_BYTES];
    int found;
    entry entry;
} search;

/* The first record of a file shows for how long it has been there. A log of very many would keep an
 * index. */
static int compare(void *context, const entry *candidate)
{
    search *wanted = context;
    if (memcmp(candidate->record.hash, wanted->hash, HASH_BYTES) == 0) {
        wanted->found = 1;
        wanted->entry = *candidate;
    }
    return wanted->found;
}

/* The record under the header of that height: in its history, or in its own block. */
static bc_status write_proof(audit_log *log, const entry *found, uint64_t under, const char *output,
                             bc_error *error)
{
    char path[PATH_BYTES];
    char digits[ID_TEXT_BYTES];
    uint8_t id[BC_ID_BYTES];
    bc_block *block = NULL;
    bc_buffer *proof = NULL;
    bc_status status = bc_chain_block_at(log->chain, &block, under, error);
    if (status == BC_OK && found->height > under) {
        status =
            sentence(error, BC_ERR_NOT_FOUND,
                     "block %" PRIu64 " does not know the file yet, which is in block %" PRIu64,
                     under, found->height);
    }
    if (status == BC_OK) {
        status = found->height == under
                     ? bc_chain_inclusion_of_tx(log->chain, &proof, found->tx_id, error)
                     : bc_chain_inclusion_of_record(log->chain, &proof, found->tx_id, under, error);
    }
    if (status == BC_OK && (status = join(path, output, ".proof", error)) == BC_OK) {
        status = write_file(path, "wb", bc_buffer_data(proof), bc_buffer_length(proof), error);
    }
    if (status == BC_OK && (status = join(path, output, ".header", error)) == BC_OK) {
        status = write_file(path, "wb", bc_block_header(block, NULL), HEADER_BYTES, error);
    }
    if (status == BC_OK) {
        (void)entry_print(NULL, found);
        bc_block_id(block, id);
        (void)printf("%s.proof holds under header %" PRIu64 ", %s\n", output, under,
                     id_text(digits, id));
    }
    bc_buffer_unref(proof);
    bc_block_unref(block);
    return status;
}

int command_prove(const request *wanted)
{
    audit_log log = {NULL, NULL};
    bc_error error = BC_ERROR_INIT;
    const char *file = wanted->arguments[1];
    uint64_t size = 0;
    char digits[ID_TEXT_BYTES];
    search finding = {.found = 0};
    uint64_t under = 0;
    if (wanted->under != NULL && !number_parse(&under, wanted->under, 1, UINT64_MAX)) {
        (void)fputs("audit_log: --under takes a number from 1.\n", stderr);
        return EXIT_UNUSABLE;
    }
    if (hash_file(finding.hash, &size, file, &error) != BC_OK) {
        return complain(file, &error, EXIT_UNUSABLE);
    }
    bc_status status = log_open(&log, wanted->arguments[0], &error);
    if (status == BC_OK) {
        status = log_visit(&log, compare, &finding, &error);
    }
    if (status == BC_OK && !finding.found) {
        status = sentence(&error, BC_ERR_NOT_FOUND, "no record of a file with the hash %s",
                          id_text(digits, finding.hash));
    }
    if (status == BC_OK && wanted->under == NULL) {
        status = bc_chain_tip(log.chain, &under, NULL, NULL);
    }
    if (status == BC_OK) {
        status = write_proof(&log, &finding.entry, under,
                             wanted->output != NULL ? wanted->output : file, &error);
    }
    if (log_close(&log, status, &error) != BC_OK) {
        return complain(wanted->arguments[0], &error, EXIT_FAILED);
    }
    return EXIT_GOOD;
}
