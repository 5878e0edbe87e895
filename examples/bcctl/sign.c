#include <stdio.h>

#include "examples/bcctl/command.h"
#include "examples/bcctl/transfer.h"
#include "examples/common/hex.h"

static const char help[] =
    "Usage: bcctl sign [OPTION]... --network NAME|FILE.json --key FILE --nonce N\n"
    "Signs a transaction for a ledger, without a node, and prints it for POST /transactions/new:\n"
    "its encoding in hexadecimal digits.\n"
    "\n"
    "  -n, --network NAME|FILE.json  the network for which it holds\n"
    "  -k, --key FILE                the sender's key, as keygen made it\n"
    "  -f, --passphrase-file FILE    holds the key's passphrase (the terminal is asked)\n"
    "  -o, --nonce N                 the sender's count of earlier transactions\n"
    "  -t, --to KEY                  who gets the amount, 64 hexadecimal digits (nobody)\n"
    "  -a, --amount N                how much (0)\n"
    "  -e, --fee N                   for whoever mines it (the least that the network takes)\n"
    "  -p, --payload TEXT            what it says besides (nothing)\n"
    "  -P, --payload-file FILE       the same from a file, - for standard input\n"
    "  -j, --json                    prints it as JSON\n"
    "      --help                    prints this\n";

static bc_status print_tx(const bc_tx *tx, int json, bc_error *error)
{
    bc_buffer *text = NULL;
    size_t length = 0;
    if (!json) {
        const uint8_t *bytes = bc_tx_bytes(tx, &length);
        hex_print(bytes, length);
        (void)printf("\n");
        return BC_OK;
    }
    bc_status status = bc_tx_json(tx, &text, error);
    if (status == BC_OK) {
        (void)printf("%s\n", (const char *)bc_buffer_data(text));
    }
    bc_buffer_unref(text);
    return status;
}

int command_sign(int argc, char **argv)
{
    transfer wanted = {.command = "sign", .help = help};
    bc_error error = BC_ERROR_INIT;
    bc_tx *tx = NULL;
    int result = transfer_read(&wanted, argc, argv);
    if (result < 0) {
        result = EXIT_GOOD;
        if (transfer_sign(&wanted, &tx, &error) != BC_OK ||
            print_tx(tx, wanted.json, &error) != BC_OK) {
            result = complain("sign", &error, EXIT_FAILED);
        }
    }
    bc_tx_unref(tx);
    transfer_free(&wanted);
    return result;
}
