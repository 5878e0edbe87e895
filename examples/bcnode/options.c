#include "examples/bcnode/options.h"

#include <arpa/inet.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include <bc/http.h>

#include "examples/bcnode/exit.h"
#include "examples/common/hex.h"
#include "examples/common/number.h"

static const char help[] =
    "Usage: bcnode [OPTION]...\n"
    "Runs a node: mines, keeps its chain, and talks HTTP.\n"
    "\n"
    "  -p, --port PORT               port to listen on, 0 for any that is free (5000)\n"
    "  -b, --bind ADDRESS            IPv4 or IPv6 address to listen on (127.0.0.1)\n"
    "  -n, --network NAME|FILE.json  tutorial, tutorial-v2, ledger, ledger-dev, or a description\n"
    "                                (tutorial)\n"
    "  -d, --data DIR                folder that keeps the chain\n"
    "                                (XDG_DATA_HOME or ~/.local/share, /bcnode/NETWORK)\n"
    "  -P, --peer URL                registers a peer; may be given several times\n"
    "  -t, --threads N               threads that search for a proof and check signatures, 1 to\n"
    "                                1024 (1)\n"
    "      --peer-timeout SECONDS    longest wait for a peer's answer, 1 to 86400 (30)\n"
    "      --max-body BYTES          longest body of a request, 1024 to 1073741824 (4194304)\n"
    "  -v, --verbose                 logs requests too\n"
    "      --help                    prints this\n"
    "      --version                 prints the version\n"
    "\n"
    "In a ledger:\n"
    "  -k, --key FILE                key that seals, where authorities do, and that is rewarded;\n"
    "                                bcctl keygen makes one\n"
    "      --passphrase-file FILE    holds the key's passphrase (the terminal is asked)\n"
    "  -r, --recipient KEY           who is rewarded, 64 hexadecimal digits (the key)\n"
    "      --alone                   an authority seals before it has heard of others\n"
    "\n"
    "Prints one line with its URL when it is ready; logs to standard error; ends on SIGINT and\n"
    "SIGTERM. Whoever can connect can make the node mine. The tutorial's rules protect nothing:\n"
    "whoever can connect can rewrite the chain.\n";

enum {
    THREADS_MAX = 1024,
    PORT_MAX = 65535,
    DAY_SECONDS = 86400,
    BODY_BYTES = 4 * 1024 * 1024, /* a block of 1 MiB, as digits and as JSON */
    BODY_BYTES_MIN = 1024,
    BODY_BYTES_MAX = 1024 * 1024 * 1024
};

enum {
    OPTION_VERSION = 256,
    OPTION_PEER_TIMEOUT,
    OPTION_MAX_BODY,
    OPTION_PASSPHRASE_FILE,
    OPTION_ALONE
};

static const struct option names[] = {
    {"port", required_argument, NULL, 'p'},
    {"bind", required_argument, NULL, 'b'},
    {"network", required_argument, NULL, 'n'},
    {"data", required_argument, NULL, 'd'},
    {"peer", required_argument, NULL, 'P'},
    {"threads", required_argument, NULL, 't'},
    {"peer-timeout", required_argument, NULL, OPTION_PEER_TIMEOUT},
    {"max-body", required_argument, NULL, OPTION_MAX_BODY},
    {"key", required_argument, NULL, 'k'},
    {"passphrase-file", required_argument, NULL, OPTION_PASSPHRASE_FILE},
    {"recipient", required_argument, NULL, 'r'},
    {"alone", no_argument, NULL, OPTION_ALONE},
    {"verbose", no_argument, NULL, 'v'},
    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, OPTION_VERSION},
    {NULL, 0, NULL, 0},
};

static int see_help(void)
{
    (void)fputs("Try 'bcnode --help'.\n", stderr);
    return EXIT_USAGE;
}

static int bad_value(const char *option, const char *value, const char *expected)
{
    (void)fprintf(stderr, "bcnode: %s takes %s, not \"%s\".\n", option, expected, value);
    return see_help();
}

static int read_number(uint64_t *out, const char *option, const char *value, uint64_t least,
                       uint64_t most)
{
    char expected[64];
    if (number_parse(out, value, least, most)) {
        return -1;
    }
    (void)snprintf(expected, sizeof expected, "a number from %u to %u", (unsigned)least,
                   (unsigned)most);
    return bad_value(option, value, expected);
}

static int read_address(node_options *options, const char *value)
{
    unsigned char address[sizeof(struct in6_addr)];
    if (inet_pton(AF_INET, value, address) != 1 && inet_pton(AF_INET6, value, address) != 1) {
        return bad_value("--bind", value, "an IPv4 or IPv6 address");
    }
    options->bind = value;
    return -1;
}

static int read_data(node_options *options, const char *value)
{
    if (value[0] == '\0') {
        return bad_value("--data", value, "the name of a folder");
    }
    options->data = value;
    return -1;
}

/* Looks whether the peer's name makes sense; node.c registers it. */
static int read_peer(node_options *options, const char *value)
{
    char name[BC_PEER_BYTES_MAX + 1];
    bc_error error = BC_ERROR_INIT;
    if (bc_http_peer_name(name, value, &error) != BC_OK) {
        (void)fprintf(stderr, "bcnode: --peer %s: %s\n", value, error.message);
        return see_help();
    }
    options->peers[options->peer_count++] = value;
    return -1;
}

/* What concerns ledgers alone. */
static int read_ledger(node_options *options, int option, const char *value)
{
    switch (option) {
    case 'k':
        options->key = value;
        return -1;
    case OPTION_PASSPHRASE_FILE:
        options->passphrase_file = value;
        return -1;
    case 'r':
        if (!id_parse(options->recipient, value)) {
            return bad_value("--recipient", value, "64 hexadecimal digits");
        }
        options->has_recipient = 1;
        return -1;
    case OPTION_ALONE:
        options->alone = 1;
        return -1;
    default:
        return see_help(); /* getopt has said what is wrong */
    }
}

static int read_one(node_options *options, int option, const char *value)
{
    uint64_t number = 0;
    int result = -1;
    switch (option) {
    case 'p':
        result = read_number(&number, "--port", value, 0, PORT_MAX);
        options->port = (uint32_t)number;
        return result;
    case 'b':
        return read_address(options, value);
    case 'n':
        options->network = value;
        return -1;
    case 'd':
        return read_data(options, value);
    case 'P':
        return read_peer(options, value);
    case 't':
        result = read_number(&number, "--threads", value, 1, THREADS_MAX);
        options->threads = (uint32_t)number;
        return result;
    case OPTION_PEER_TIMEOUT:
        return read_number(&options->peer_seconds, "--peer-timeout", value, 1, DAY_SECONDS);
    case OPTION_MAX_BODY:
        return read_number(&options->body_bytes, "--max-body", value, BODY_BYTES_MIN,
                           BODY_BYTES_MAX);
    case 'v':
        options->verbose = 1;
        return -1;
    case 'h':
        (void)fputs(help, stdout);
        return EXIT_ENDED;
    case OPTION_VERSION:
        (void)printf("bcnode %s\n", bc_version_string());
        return EXIT_ENDED;
    default:
        return read_ledger(options, option, value);
    }
}

int options_read(node_options *options, int argc, char **argv)
{
    *options = (node_options){.port = 5000,
                              .threads = 1,
                              .peer_seconds = 30,
                              .body_bytes = BODY_BYTES,
                              .bind = "127.0.0.1",
                              .network = "tutorial"};
    options->peers = calloc((size_t)argc, sizeof *options->peers); /* more than can be named */
    if (options->peers == NULL) {
        (void)fputs("bcnode: there is not enough memory.\n", stderr);
        return EXIT_TROUBLE;
    }
    int option;
    while ((option = getopt_long(argc, argv, "p:b:n:d:P:t:k:r:vh", names, NULL)) != -1) {
        int result = read_one(options, option, optarg);
        if (result >= 0) {
            return result;
        }
    }
    if (optind != argc) {
        (void)fprintf(stderr, "bcnode: it takes options alone, but there is \"%s\".\n",
                      argv[optind]);
        return see_help();
    }
    return -1;
}

void options_free(node_options *options)
{
    free(options->peers);
}
