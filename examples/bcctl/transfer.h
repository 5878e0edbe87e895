/* What sign and send have in common: a transaction as the command line describes it. */
#ifndef EXAMPLES_BCCTL_TRANSFER_H
#define EXAMPLES_BCCTL_TRANSFER_H

#include <bc/bc.h>

typedef struct transfer {
    const char *command; /* the name of the command, for its complaints */
    const char *help;
    int takes_url; /* a node is named behind the options */
    const char *url;
    const char *network;
    const char *key;
    const char *passphrase_file;
    const char *payload;      /* NULL: none, or the file's */
    const char *payload_file; /* NULL: none */
    uint8_t recipient[32];
    int has_recipient;
    uint64_t amount;
    uint64_t fee;
    int has_fee;
    uint64_t nonce;
    int has_nonce;
    int json;
    bc_params *params;
    bc_key *signer;
    char *file; /* the payload file's text */
    size_t file_length;
} transfer;

/* Reads the command line, the network, the payload and the key. Returns -1 to go on, else the exit
 * status; what was wrong has been said. */
int transfer_read(transfer *wanted, int argc, char **argv);

/* Signs with wanted->nonce. Release with bc_tx_unref. */
bc_status transfer_sign(const transfer *wanted, bc_tx **out, bc_error *error);

void transfer_free(transfer *wanted);

#endif
