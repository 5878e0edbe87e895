#include <stdio.h>

#include "examples/audit_log/command.h"
#include "examples/audit_log/log.h"
#include "examples/common/key_file.h"
#include "examples/common/sentence.h"

enum { BLOCK_FILES = 200 }; /* fewer than may wait of one sender */

static bc_status append_file(audit_log *log, const bc_key *key, const char *path, const char *note,
                             bc_error *error)
{
    bc_transfer transfer = BC_TRANSFER_INIT;
    uint8_t writer[BC_ID_BYTES];
    char line[RECORD_BYTES_MAX];
    uint32_t verdict = BC_VERDICT_NONE;
    uint32_t reason = BC_REASON_NONE;
    bc_tx *tx = NULL;
    bc_key_public(key, writer);
    transfer.payload = (const uint8_t *)line;
    bc_status status = record_write(line, &transfer.payload_length, path, note, error);
    if (status == BC_OK) {
        status = bc_chain_account(log->chain, NULL, NULL, &transfer.nonce, writer, error);
    }
    if (status == BC_OK) {
        status = bc_tx_sign(&tx, log->params, &transfer, key, error);
    }
    if (status == BC_OK) {
        status = bc_chain_submit_tx(log->chain, &verdict, &reason, tx, error);
    }
    if (status == BC_OK && verdict != BC_VERDICT_ACCEPTED) {
        status = sentence(error, BC_ERR_LIMIT, "the log does not take it: %s, %s",
                          bc_verdict_name(verdict), bc_reason_name(reason));
    }
    bc_tx_unref(tx);
    return status;
}

/* A block with what waits, durable on return. */
static bc_status seal(audit_log *log, const bc_key *key, bc_error *error)
{
    bc_mine_options options = BC_MINE_OPTIONS_INIT;
    bc_block *block = NULL;
    int ended = 0;
    options.signer = key;
    bc_status status = bc_chain_mine(log->chain, &block, &options, error);
    if (status == BC_OK) {
        status = log_visit_block(block, &ended, entry_print, NULL, error);
    }
    bc_block_unref(block);
    return status;
}

/* The files of one block are recorded together or not at all. */
static int append_all(audit_log *log, const bc_key *key, const request *wanted)
{
    bc_error error = BC_ERROR_INIT;
    for (int i = 1; i < wanted->count; i++) {
        if (append_file(log, key, wanted->arguments[i], wanted->note, &error) != BC_OK) {
            return complain(wanted->arguments[i], &error, EXIT_UNUSABLE);
        }
        if ((i % BLOCK_FILES == 0 || i + 1 == wanted->count) && seal(log, key, &error) != BC_OK) {
            return complain(wanted->arguments[0], &error, EXIT_FAILED);
        }
    }
    return EXIT_GOOD;
}

int command_append(const request *wanted)
{
    audit_log log = {NULL, NULL};
    bc_error error = BC_ERROR_INIT;
    char path[PATH_BYTES];
    bc_key *key = NULL;
    int result = EXIT_FAILED;
    bc_status status = log_open(&log, wanted->arguments[0], &error);
    if (status == BC_OK) {
        status = key_path(path, wanted, &error);
    }
    if (status == BC_OK) {
        status = key_file_open(&key, path, wanted->passphrase_file, &error);
    }
    if (status == BC_OK) {
        result = append_all(&log, key, wanted);
    }
    bc_key_unref(key);
    if (log_close(&log, status, &error) != BC_OK) {
        return complain(wanted->arguments[0], &error, EXIT_FAILED);
    }
    return result;
}
