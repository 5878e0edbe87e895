/* bcctl: looks at blocks and chains, mines them, keeps keys and signs, without a node; and asks one.
 *
 * Against an installed libbc, in the folder that holds examples/:
 *     cc -std=c11 -D_POSIX_C_SOURCE=200809L -I. -o bcctl \
 *         $(find examples/bcctl examples/common -name '*.c') \
 *         $(pkg-config --cflags --libs libbc-sqlite libbc libcurl jansson libsodium)
 */
#include <stdio.h>
#include <string.h>

#include "examples/bcctl/command.h"

typedef struct command_entry {
    const char *name;
    int (*run)(int argc, char **argv);
} command_entry;

static const command_entry commands[] = {
    {"hash", command_hash},
    {"verify", command_verify},
    {"mine", command_mine},
    {"show", command_show},
    {"network", command_network},
    {"prove", command_prove},
    {"verify-proof", command_verify_proof},
    {"replay", command_replay},
    {"keygen", command_keygen},
    {"address", command_address},
    {"sign", command_sign},
    {"send", command_send},
    {"balance", command_balance},
};

static const char help[] =
    "Usage: bcctl COMMAND [OPTION]... [FILE]\n"
    "Looks at blocks and chains, mines them, keeps keys and signs, without a node; and asks one.\n"
    "\n"
    "  hash          prints the hash of a block given as JSON\n"
    "  verify        checks a whole chain, given as JSON or in a data folder\n"
    "  mine          finds blocks, in memory or in a data folder, and measures the search\n"
    "  show          prints the blocks of a chain or of a data folder\n"
    "  network       prints the description and the id of a network\n"
    "  prove         makes a Merkle proof of a transaction or a block in a data folder\n"
    "  verify-proof  checks a Merkle proof against a header that is trusted\n"
    "  replay        offers blocks to a chain and prints what becomes of each\n"
    "\n"
    "  keygen        makes a key in a file that a passphrase seals\n"
    "  address       prints the address of a key\n"
    "  sign          signs a transaction\n"
    "  send          signs a transaction and hands it to a node\n"
    "  balance       asks a node what an account holds\n"
    "\n"
    "  --help     prints this, or with a command before it, the command's own help\n"
    "  --version  prints the version\n"
    "\n"
    "The exit status is 0 where all is well, 1 where a chain is not valid or the work\n"
    "could not be done, 2 where the command line or the input cannot be used.\n";

int complain(const char *name, const bc_error *error, int status)
{
    const char *shown = strcmp(name, "-") == 0 ? "standard input" : name;
    (void)fprintf(stderr, "bcctl: %s: %s\n", shown, error->message);
    return status;
}

int see_help(const char *command)
{
    (void)fprintf(stderr, "Try 'bcctl %s%s--help'.\n", command, command[0] == '\0' ? "" : " ");
    return EXIT_UNUSABLE;
}

int bad_value(const char *command, const char *option, const char *value, const char *expected)
{
    (void)fprintf(stderr, "bcctl: %s takes %s, not \"%s\".\n", option, expected, value);
    return see_help(command);
}

static int run(int argc, char **argv)
{
    static char program[] = "bcctl";
    const char *name = argc > 1 ? argv[1] : "";
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0) {
        (void)fputs(help, stdout);
        return EXIT_GOOD;
    }
    if (strcmp(name, "--version") == 0) {
        (void)printf("bcctl %s\n", bc_version_string());
        return EXIT_GOOD;
    }
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        if (strcmp(name, commands[i].name) == 0) {
            argv[1] = program; /* by which getopt names us */
            return commands[i].run(argc - 1, argv + 1);
        }
    }
    if (argc < 2) {
        (void)fputs("bcctl: a command is needed.\n", stderr);
    } else {
        (void)fprintf(stderr, "bcctl: there is no command \"%s\".\n", name);
    }
    return see_help("");
}

int main(int argc, char **argv)
{
    int status = run(argc, argv);
    /* A full disk or a closed pipe shows itself only now. */
    if (fflush(stdout) != 0 || ferror(stdout)) {
        perror("bcctl: standard output");
        return status == EXIT_GOOD ? EXIT_FAILED : status;
    }
    return status;
}
