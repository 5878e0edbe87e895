#include <getopt.h>
#include <stdio.h>

#include "examples/bcctl/command.h"
#include "examples/common/key_file.h"
#include "examples/common/number.h"

static const char keygen_help[] =
    "Usage: bcctl keygen [OPTION]... FILE\n"
    "Makes a new key, keeps it in a file that a passphrase seals, and prints its address: the\n"
    "public key, by which others pay it. A file that is there already is left alone. Who loses\n"
    "the file or forgets the passphrase has lost the key.\n"
    "\n"
    "  -f, --passphrase-file FILE  holds the passphrase, in one line (the terminal is asked)\n"
    "      --help                  prints this\n";

static const char address_help[] =
    "Usage: bcctl address [OPTION]... FILE\n"
    "Prints the address of a key that keygen made.\n"
    "\n"
    "  -f, --passphrase-file FILE  holds the passphrase, in one line (the terminal is asked)\n"
    "      --help                  prints this\n";

typedef struct key_request {
    const char *command;
    const char *help;
    const char *passphrase_file;
    const char *file;
} key_request;

static int read_options(key_request *wanted, int argc, char **argv)
{
    static const struct option names[] = {
        {"passphrase-file", required_argument, NULL, 'f'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    int name;
    while ((name = getopt_long(argc, argv, "f:h", names, NULL)) != -1) {
        switch (name) {
        case 'f':
            wanted->passphrase_file = optarg;
            break;
        case 'h':
            (void)fputs(wanted->help, stdout);
            return EXIT_GOOD;
        default:
            return see_help(wanted->command);
        }
    }
    if (argc - optind != 1) {
        (void)fprintf(stderr, "bcctl: %s takes one file.\n", wanted->command);
        return see_help(wanted->command);
    }
    wanted->file = argv[optind];
    return -1;
}

static int print_address(bc_key *key)
{
    uint8_t address[BC_ID_BYTES];
    char hex[ID_TEXT_BYTES];
    bc_key_public(key, address);
    (void)printf("%s\n", id_text(hex, address));
    bc_key_unref(key);
    return EXIT_GOOD;
}

int command_keygen(int argc, char **argv)
{
    key_request wanted = {.command = "keygen", .help = keygen_help};
    bc_error error = BC_ERROR_INIT;
    bc_key *key = NULL;
    int result = read_options(&wanted, argc, argv);
    if (result >= 0) {
        return result;
    }
    if (key_file_make(&key, wanted.file, wanted.passphrase_file, &error) != BC_OK) {
        return complain("keygen", &error, EXIT_FAILED);
    }
    return print_address(key);
}

int command_address(int argc, char **argv)
{
    key_request wanted = {.command = "address", .help = address_help};
    bc_error error = BC_ERROR_INIT;
    bc_key *key = NULL;
    int result = read_options(&wanted, argc, argv);
    if (result >= 0) {
        return result;
    }
    if (key_file_open(&key, wanted.file, wanted.passphrase_file, &error) != BC_OK) {
        return complain("address", &error, EXIT_FAILED);
    }
    return print_address(key);
}
