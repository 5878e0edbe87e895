#include "examples/bcctl/transfer.h"

#include <getopt.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "examples/bcctl/command.h"
#include "examples/common/hex.h"
#include "examples/common/key_file.h"
#include "examples/common/network.h"
#include "examples/common/number.h"
#include "examples/common/text_file.h"

enum {
    PAYLOAD_BYTES_MAX = 256 * 1024 * 1024, /* as large as any network's blocks may be */
    FRAME_BYTES = 160                      /* of a transaction, without its payload */
};

static const struct option names[] = {
    {"json", no_argument, NULL, 'j'}, /* stands first, to be left out */
    {"nonce", required_argument, NULL, 'o'},
    {"network", required_argument, NULL, 'n'},
    {"key", required_argument, NULL, 'k'},
    {"passphrase-file", required_argument, NULL, 'f'},
    {"to", required_argument, NULL, 't'},
    {"amount", required_argument, NULL, 'a'},
    {"fee", required_argument, NULL, 'e'},
    {"payload", required_argument, NULL, 'p'},
    {"payload-file", required_argument, NULL, 'P'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static int read_number(const transfer *wanted, uint64_t *out, const char *option, const char *value)
{
    return number_parse(out, value, 0, UINT64_MAX)
               ? -1
               : bad_value(wanted->command, option, value, "a number of 64 bits");
}

static int read_numbers(transfer *wanted, int name, const char *value)
{
    switch (name) {
    case 'a':
        return read_number(wanted, &wanted->amount, "--amount", value);
    case 'e':
        wanted->has_fee = 1;
        return read_number(wanted, &wanted->fee, "--fee", value);
    default:
        wanted->has_nonce = 1;
        return read_number(wanted, &wanted->nonce, "--nonce", value);
    }
}

static int read_one(transfer *wanted, int name, const char *value)
{
    switch (name) {
    case 'n':
        wanted->network = value;
        return -1;
    case 'k':
        wanted->key = value;
        return -1;
    case 'f':
        wanted->passphrase_file = value;
        return -1;
    case 't':
        wanted->has_recipient = 1;
        return id_parse(wanted->recipient, value)
                   ? -1
                   : bad_value(wanted->command, "--to", value, "64 hexadecimal digits");
    case 'a':
    case 'e':
    case 'o':
        return read_numbers(wanted, name, value);
    case 'p':
        wanted->payload = value;
        return -1;
    case 'P':
        wanted->payload_file = value;
        return -1;
    case 'j':
        wanted->json = 1;
        return -1;
    case 'h':
        (void)fputs(wanted->help, stdout);
        return EXIT_GOOD;
    default:
        return see_help(wanted->command);
    }
}

static int say(const transfer *wanted, const char *what)
{
    (void)fprintf(stderr, "bcctl: %s %s.\n", wanted->command, what);
    return see_help(wanted->command);
}

static int read_options(transfer *wanted, int argc, char **argv)
{
    const char *letters = wanted->takes_url ? "o:n:k:f:t:a:e:p:P:h" : "o:jn:k:f:t:a:e:p:P:h";
    int name;
    while ((name = getopt_long(argc, argv, letters, names + wanted->takes_url, NULL)) != -1) {
        int result = read_one(wanted, name, optarg);
        if (result >= 0) {
            return result;
        }
    }
    if (argc - optind != wanted->takes_url) {
        return say(wanted, wanted->takes_url ? "takes one URL, that of a node" : "takes no file");
    }
    wanted->url = wanted->takes_url ? argv[optind] : NULL;
    if (wanted->network == NULL || wanted->key == NULL) {
        return say(wanted, "needs --network and --key");
    }
    if (!wanted->takes_url && !wanted->has_nonce) {
        return say(wanted, "needs --nonce, the sender's count of earlier transactions");
    }
    if (wanted->payload != NULL && wanted->payload_file != NULL) {
        return say(wanted, "takes --payload or --payload-file, not both");
    }
    return -1;
}

static size_t payload_length(const transfer *wanted)
{
    return wanted->payload != NULL ? strlen(wanted->payload) : wanted->file_length;
}

/* The least that the network takes: so much for each byte of the encoding. Where that passes 64 bits
 * nothing can be paid, and signing says so. */
static void choose_fee(transfer *wanted)
{
    size_t length = 0;
    const char *text = bc_params_json(wanted->params, &length);
    json_t *network = json_loadb(text, length, 0, NULL);
    uint64_t least = (uint64_t)json_integer_value(json_object_get(network, "minimum_fee"));
    uint64_t bytes = FRAME_BYTES + (uint64_t)payload_length(wanted);
    wanted->fee = least == 0 || bytes <= UINT64_MAX / least ? least * bytes : 0;
    json_decref(network);
}

int transfer_read(transfer *wanted, int argc, char **argv)
{
    bc_error error = BC_ERROR_INIT;
    int result = read_options(wanted, argc, argv);
    if (result >= 0) {
        return result;
    }
    if (network_load(&wanted->params, wanted->network, &error) != BC_OK) {
        return complain("--network", &error, EXIT_UNUSABLE);
    }
    if (wanted->payload_file != NULL &&
        text_file_read(&wanted->file, &wanted->file_length, wanted->payload_file, PAYLOAD_BYTES_MAX,
                       &error) != BC_OK) {
        return complain(wanted->payload_file, &error, EXIT_UNUSABLE);
    }
    if (!wanted->has_fee) {
        choose_fee(wanted);
    }
    if (key_file_open(&wanted->signer, wanted->key, wanted->passphrase_file, &error) != BC_OK) {
        return complain("--key", &error, EXIT_FAILED);
    }
    return -1;
}

bc_status transfer_sign(const transfer *wanted, bc_tx **out, bc_error *error)
{
    bc_transfer of = BC_TRANSFER_INIT;
    of.nonce = wanted->nonce;
    of.amount = wanted->amount;
    of.fee = wanted->fee;
    of.recipient = wanted->has_recipient ? wanted->recipient : NULL;
    of.payload = (const uint8_t *)(wanted->payload != NULL ? wanted->payload : wanted->file);
    of.payload_length = payload_length(wanted);
    return bc_tx_sign(out, wanted->params, &of, wanted->signer, error);
}

void transfer_free(transfer *wanted)
{
    free(wanted->file);
    bc_key_unref(wanted->signer);
    bc_params_unref(wanted->params);
}
