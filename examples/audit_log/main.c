/* audit_log: a log with one writer, who cannot change it afterwards without being found out. It records
 * the SHA-256 of files with a line about each; who has one header of the log can check, with a
 * proof and the file alone, that the file was recorded, and when.
 *
 * Against an installed libbc, in the folder that holds examples/:
 *     cc -std=c11 -D_POSIX_C_SOURCE=200809L -I. -o audit_log \
 *         $(find examples/audit_log examples/common -name '*.c') \
 *         $(pkg-config --cflags --libs libbc-sqlite libbc libsodium)
 */
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "examples/audit_log/command.h"
#include "examples/common/sentence.h"

static const char help[] =
    "Usage: audit_log COMMAND [OPTION]... ARGUMENT...\n"
    "\n"
    "  init FOLDER               begins a log: a network of its own with one writer\n"
    "  append FOLDER FILE...     records the hash of each file, and seals a block\n"
    "  show FOLDER               prints what is recorded\n"
    "  prove FOLDER FILE         writes FILE.proof, and FILE.header, under which it holds\n"
    "  verify PROOF HEADER FILE  checks that the file was recorded, with nothing else at hand.\n"
    "                            HEADER is a file of 96 bytes, or the header's id in 64 digits\n"
    "\n"
    "  -N, --name NAME            init: the log's name (audit log)\n"
    "  -k, --key KEYFILE          init, append: the writer's key (FOLDER/key); init makes it "
    "where\n"
    "                             there is none\n"
    "  -p, --passphrase-file F    init, append: holds the key's passphrase (the terminal is "
    "asked)\n"
    "  -m, --note TEXT            append: what is to be recorded besides\n"
    "  -o, --output NAME          prove: writes NAME.proof and NAME.header\n"
    "  -u, --under HEIGHT         prove: under the header of that block, which somebody has "
    "already\n"
    "                             (the last one)\n"
    "  -n, --network FILE.json    verify: the log's FOLDER/network.json, to check the seals too\n"
    "      --help, --version      print this, and the version\n"
    "\n"
    "The exit status is 0 where all is well, 1 where a proof does not hold or the work could not\n"
    "be done, 2 where the command line or a file cannot be used.\n"
    "\n"
    "A proof is worth as much as the header: get that from the writer by another way than the\n"
    "proof, early, and keep it. One header of the log vouches for all that was recorded before "
    "it.\n";

int complain(const char *about, const bc_error *error, int status)
{
    (void)fprintf(stderr, "audit_log: %s: %s\n", about, error->message);
    return status;
}

bc_status join(char out[PATH_BYTES], const char *first, const char *second, bc_error *error)
{
    int length = snprintf(out, PATH_BYTES, "%s%s", first, second);
    return length >= 0 && length < PATH_BYTES
               ? BC_OK
               : sentence(error, BC_ERR_LIMIT, "the path %.100s... is too long", first);
}

bc_status write_file(const char *path, const char *mode, const void *bytes, size_t length,
                     bc_error *error)
{
    FILE *file = fopen(path, mode);
    int good = file != NULL && fwrite(bytes, 1, length, file) == length && fflush(file) == 0 &&
               fsync(fileno(file)) == 0;
    int because = errno;
    if (file != NULL && fclose(file) != 0 && good) {
        good = 0;
        because = errno;
    }
    return good ? BC_OK
                : sentence(error, BC_ERR_STORE, "cannot write %.150s: %.60s", path,
                           strerror(because));
}

bc_status key_path(char out[PATH_BYTES], const request *wanted, bc_error *error)
{
    return wanted->key != NULL ? join(out, wanted->key, "", error)
                               : join(out, wanted->arguments[0], "/key", error);
}

typedef struct command {
    const char *name;
    int (*run)(const request *wanted);
    const char *options; /* the letters that it takes */
    int least;           /* arguments */
    int most;
} command;

static const command commands[] = {
    {"init", command_init, "Nkp", 1, 1},   {"append", command_append, "kpm", 2, INT_MAX},
    {"show", command_show, "", 1, 1},      {"prove", command_prove, "ou", 2, 2},
    {"verify", command_verify, "n", 3, 3},
};

static int see_help(void)
{
    (void)fputs("Try 'audit_log --help'.\n", stderr);
    return EXIT_UNUSABLE;
}

static const command *find_command(const char *name)
{
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        if (strcmp(commands[i].name, name) == 0) {
            return &commands[i];
        }
    }
    return NULL;
}

/* -1 where the command is to be run. */
static int read_options(request *out, const command *of, int argc, char **argv)
{
    static const struct option names[] = {
        {"name", required_argument, NULL, 'N'},
        {"key", required_argument, NULL, 'k'},
        {"passphrase-file", required_argument, NULL, 'p'},
        {"note", required_argument, NULL, 'm'},
        {"output", required_argument, NULL, 'o'},
        {"under", required_argument, NULL, 'u'},
        {"network", required_argument, NULL, 'n'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    int letter;
    while ((letter = getopt_long(argc, argv, "N:k:p:m:o:u:n:h", names, NULL)) != -1) {
        const char **member = letter == 'N'   ? &out->log_name
                              : letter == 'k' ? &out->key
                              : letter == 'p' ? &out->passphrase_file
                              : letter == 'm' ? &out->note
                              : letter == 'o' ? &out->output
                              : letter == 'u' ? &out->under
                                              : &out->network;
        if (letter == 'h') {
            (void)fputs(help, stdout);
            return EXIT_GOOD;
        }
        if (letter == '?') {
            return see_help();
        }
        if (strchr(of->options, letter) == NULL) {
            (void)fprintf(stderr, "audit_log: %s takes no option -%c.\n", of->name, letter);
            return see_help();
        }
        *member = optarg;
    }
    out->arguments = argv + optind;
    out->count = argc - optind;
    if (out->count < of->least || out->count > of->most) {
        (void)fprintf(stderr, "audit_log: %s takes %s arguments than %d.\n", of->name,
                      out->count < of->least ? "more" : "fewer", out->count);
        return see_help();
    }
    return -1;
}

int main(int argc, char **argv)
{
    request wanted = {.log_name = "audit log", .note = ""};
    if (argc == 2 && strcmp(argv[1], "--help") == 0) {
        (void)fputs(help, stdout);
        return EXIT_GOOD;
    }
    if (argc == 2 && strcmp(argv[1], "--version") == 0) {
        (void)printf("audit_log %s\n", bc_version_string());
        return EXIT_GOOD;
    }
    const command *chosen = argc > 1 ? find_command(argv[1]) : NULL;
    if (chosen == NULL) {
        (void)fputs("audit_log: a command is needed.\n", stderr);
        return see_help();
    }
    int result = read_options(&wanted, chosen, argc - 1, argv + 1);
    return result < 0 ? chosen->run(&wanted) : result;
}
