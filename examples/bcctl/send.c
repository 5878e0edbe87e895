#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "examples/bcctl/command.h"
#include "examples/bcctl/http.h"
#include "examples/bcctl/transfer.h"
#include "examples/common/number.h"
#include "examples/common/sentence.h"

static const char help[] =
    "Usage: bcctl send [OPTION]... --network NAME|FILE.json --key FILE URL\n"
    "Signs a transaction for a ledger, hands it to a node, and prints its id. The key stays here.\n"
    "\n"
    "  -n, --network NAME|FILE.json  the network, which must be the node's\n"
    "  -k, --key FILE                the sender's key, as keygen made it\n"
    "  -f, --passphrase-file FILE    holds the key's passphrase (the terminal is asked)\n"
    "  -o, --nonce N                 the sender's count of earlier transactions (the node is "
    "asked)\n"
    "  -t, --to KEY                  who gets the amount, 64 hexadecimal digits (nobody)\n"
    "  -a, --amount N                how much (0)\n"
    "  -e, --fee N                   for whoever mines it (the least that the network takes)\n"
    "  -p, --payload TEXT            what it says besides (nothing)\n"
    "  -P, --payload-file FILE       the same from a file, - for standard input\n"
    "      --help                    prints this\n";

/* A signature made for one network holds in no other, so a node of another could only refuse. */
static bc_status check_network(const transfer *wanted, bc_error *error)
{
    uint8_t ours[BC_ID_BYTES];
    char hex[ID_TEXT_BYTES];
    json_t *node = NULL;
    bc_status status = http_ask(&node, wanted->url, "/status", NULL, error);
    if (status != BC_OK) {
        return status;
    }
    const char *theirs = json_string_value(json_object_get(node, "network_id"));
    bc_params_network_id(wanted->params, ours);
    if (theirs == NULL || strcmp(theirs, id_text(hex, ours)) != 0) {
        status = sentence(error, BC_ERR_ARGUMENT,
                          "the node is in another network than --network names: its id is %.64s",
                          theirs == NULL ? "not told" : theirs);
    }
    json_decref(node);
    return status;
}

static bc_status ask_nonce(transfer *wanted, bc_error *error)
{
    uint8_t key[BC_ID_BYTES];
    char path[sizeof "/accounts/" + ID_TEXT_BYTES];
    char hex[ID_TEXT_BYTES];
    json_t *account = NULL;
    bc_key_public(wanted->signer, key);
    (void)snprintf(path, sizeof path, "/accounts/%s", id_text(hex, key));
    bc_status status = http_ask(&account, wanted->url, path, NULL, error);
    if (status == BC_OK && !http_amount(&wanted->nonce, account, "next_nonce")) {
        status = sentence(error, BC_ERR_NETWORK, "the node does not tell the sender's next nonce");
    }
    json_decref(account);
    return status;
}

static bc_status send_tx(const transfer *wanted, bc_error *error)
{
    bc_tx *tx = NULL;
    bc_buffer *json = NULL;
    json_t *answer = NULL;
    uint8_t id[BC_ID_BYTES];
    char hex[ID_TEXT_BYTES];
    bc_status status = transfer_sign(wanted, &tx, error);
    if (status == BC_OK) {
        status = bc_tx_json(tx, &json, error);
    }
    if (status == BC_OK) {
        status = http_ask(&answer, wanted->url, "/transactions/new",
                          (const char *)bc_buffer_data(json), error);
    }
    if (status == BC_OK) {
        bc_tx_id(tx, id);
        (void)printf("%s\n", id_text(hex, id));
    }
    json_decref(answer);
    bc_buffer_unref(json);
    bc_tx_unref(tx);
    return status;
}

int command_send(int argc, char **argv)
{
    transfer wanted = {.command = "send", .help = help, .takes_url = 1};
    bc_error error = BC_ERROR_INIT;
    int result = transfer_read(&wanted, argc, argv);
    if (result < 0) {
        bc_status status = check_network(&wanted, &error);
        if (status == BC_OK && !wanted.has_nonce) {
            status = ask_nonce(&wanted, &error);
        }
        if (status == BC_OK) {
            status = send_tx(&wanted, &error);
        }
        result = status == BC_OK ? EXIT_GOOD : complain(wanted.url, &error, EXIT_FAILED);
    }
    transfer_free(&wanted);
    return result;
}
