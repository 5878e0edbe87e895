#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>

#include "examples/bcctl/command.h"
#include "examples/bcctl/http.h"
#include "examples/common/hex.h"
#include "examples/common/number.h"
#include "examples/common/sentence.h"

static const char help[] =
    "Usage: bcctl balance URL KEY\n"
    "Asks a node what an account holds. KEY is the account's address, 64 hexadecimal digits.\n"
    "\n"
    "      --help  prints this\n";

static bc_status print_balance(const char *url, const uint8_t key[BC_ID_BYTES], bc_error *error)
{
    char path[sizeof "/accounts/" + ID_TEXT_BYTES];
    char hex[ID_TEXT_BYTES];
    uint64_t balance = 0;
    uint64_t nonce = 0;
    uint64_t next = 0;
    json_t *account = NULL;
    (void)snprintf(path, sizeof path, "/accounts/%s", id_text(hex, key));
    bc_status status = http_ask(&account, url, path, NULL, error);
    if (status == BC_OK &&
        (!http_amount(&balance, account, "balance") || !http_amount(&nonce, account, "nonce") ||
         !http_amount(&next, account, "next_nonce"))) {
        status = sentence(error, BC_ERR_NETWORK, "the node does not tell what the account holds");
    }
    if (status == BC_OK) {
        (void)printf("balance     %" PRIu64 "\nnonce       %" PRIu64 "\nnext nonce  %" PRIu64 "\n",
                     balance, nonce, next);
    }
    json_decref(account);
    return status;
}

int command_balance(int argc, char **argv)
{
    static const struct option names[] = {
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    uint8_t key[BC_ID_BYTES];
    bc_error error = BC_ERROR_INIT;
    int name;
    while ((name = getopt_long(argc, argv, "h", names, NULL)) != -1) {
        if (name != 'h') {
            return see_help("balance");
        }
        (void)fputs(help, stdout);
        return EXIT_GOOD;
    }
    if (argc - optind != 2) {
        (void)fputs("bcctl: balance takes a node's URL and a key.\n", stderr);
        return see_help("balance");
    }
    if (!id_parse(key, argv[optind + 1])) {
        return bad_value("balance", "KEY", argv[optind + 1], "64 hexadecimal digits");
    }
    if (print_balance(argv[optind], key, &error) != BC_OK) {
        return complain(argv[optind], &error, EXIT_FAILED);
    }
    return EXIT_GOOD;
}
