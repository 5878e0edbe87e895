#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "examples/bcctl/command.h"
#include "examples/bcctl/print_block.h"
#include "examples/common/hex.h"
#include "examples/common/network.h"
#include "examples/common/number.h"
#include "examples/common/text_file.h"

static const char help[] =
    "Usage: bcctl verify-proof [OPTION]... --header-id ID FILE|-\n"
    "Checks a Merkle proof, as prove makes it, against a header that you trust, and says what it\n"
    "shows. The file holds the proof as bytes or as hexadecimal digits. No chain is needed.\n"
    "\n"
    "  -i, --header-id ID            the header that is trusted: of the block itself where a\n"
    "                                transaction is shown in its block, else the later one\n"
    "  -o, --older-id ID             the older header, where the proof is one of consistency\n"
    "  -n, --network NAME|FILE.json  checks the seals of the headers too\n"
    "  -x, --hex DIGITS              the proof itself, in the place of a file\n"
    "      --help                    prints this\n"
    "\n"
    "The exit status is 0 where the proof holds, 1 where it does not, 2 where the input cannot\n"
    "be used. A header alone does not show that its difficulty was right, or that it is on the\n"
    "best chain: trust in it must come from elsewhere.\n";

static const char command[] = "verify-proof";

/* A record may be as large as a block, and its digits twice that. */
static const uint64_t proof_bytes_max = (uint64_t)600 * 1024 * 1024;

typedef struct request {
    const char *network; /* NULL: seals are not checked */
    const char *hex;     /* NULL: there is a file */
    const char *file;
    int has_header_id;
    int has_older_id;
    uint8_t header_id[BC_ID_BYTES];
    uint8_t older_id[BC_ID_BYTES];
    bc_params *params;
    char *text;
    uint8_t *bytes; /* in text */
    size_t length;
} request;

static int check_options(request *wanted, int argc, char **argv)
{
    int files = argc - optind;
    if (files + (wanted->hex != NULL) != 1) {
        (void)fprintf(stderr, "bcctl: %s takes one file, - for standard input, or --hex DIGITS.\n",
                      command);
        return see_help(command);
    }
    if (!wanted->has_header_id) {
        (void)fprintf(stderr, "bcctl: %s needs --header-id, the header that is trusted.\n",
                      command);
        return see_help(command);
    }
    wanted->file = files == 1 ? argv[optind] : NULL;
    return -1;
}

static int read_options(request *wanted, int argc, char **argv)
{
    static const struct option names[] = {
        {"header-id", required_argument, NULL, 'i'},
        {"older-id", required_argument, NULL, 'o'},
        {"network", required_argument, NULL, 'n'},
        {"hex", required_argument, NULL, 'x'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    int name;
    while ((name = getopt_long(argc, argv, "i:o:n:x:h", names, NULL)) != -1) {
        switch (name) {
        case 'i':
            if (!id_parse(wanted->header_id, optarg)) {
                return bad_value(command, "--header-id", optarg, "64 hexadecimal digits");
            }
            wanted->has_header_id = 1;
            break;
        case 'o':
            if (!id_parse(wanted->older_id, optarg)) {
                return bad_value(command, "--older-id", optarg, "64 hexadecimal digits");
            }
            wanted->has_older_id = 1;
            break;
        case 'n':
            wanted->network = optarg;
            break;
        case 'x':
            wanted->hex = optarg;
            break;
        case 'h':
            (void)fputs(help, stdout);
            return EXIT_GOOD;
        default:
            return see_help(command);
        }
    }
    return check_options(wanted, argc, argv);
}

/* The text becomes the proof's bytes. A proof begins with the byte 1, which is no digit; digits may be
 * broken into lines. */
static int read_digits(request *wanted, size_t text_length)
{
    wanted->bytes = (uint8_t *)wanted->text;
    wanted->length = text_length;
    if (text_length > 0 && wanted->text[0] == 1) {
        return 1;
    }
    size_t digits = 0;
    for (size_t at = 0; at < text_length; at++) {
        char one = wanted->text[at];
        if (one != ' ' && one != '\t' && one != '\r' && one != '\n') {
            wanted->text[digits++] = one;
        }
    }
    wanted->length = digits / 2;
    return digits > 0 && hex_parse(wanted->bytes, wanted->length, wanted->text, digits);
}

static int read_proof(request *wanted)
{
    bc_error error = BC_ERROR_INIT;
    const char *name = wanted->hex != NULL ? "--hex" : wanted->file != NULL ? wanted->file : "-";
    size_t length = 0;
    if (wanted->hex != NULL) {
        length = strlen(wanted->hex);
        wanted->text = malloc(length + 1);
        if (wanted->text == NULL) {
            perror("bcctl");
            return EXIT_FAILED;
        }
        memcpy(wanted->text, wanted->hex, length + 1);
    } else if (text_file_read(&wanted->text, &length, name, proof_bytes_max, &error) != BC_OK) {
        return complain(name, &error, EXIT_UNUSABLE);
    }
    if (!read_digits(wanted, length)) {
        (void)fprintf(stderr, "bcctl: %s: it is neither a proof nor its hexadecimal digits\n",
                      strcmp(name, "-") == 0 ? "standard input" : name);
        return EXIT_UNUSABLE;
    }
    return -1;
}

static void print_id(const char *label, const uint8_t id[BC_ID_BYTES])
{
    char hex[ID_TEXT_BYTES];
    (void)printf("  %-14s%s\n", label, id_text(hex, id));
}

/* As JSON where the network says how to read it. */
static int print_tx(const request *wanted, const bc_inclusion *shown)
{
    bc_error error = BC_ERROR_INIT;
    bc_tx *tx = NULL;
    bc_buffer *json = NULL;
    bc_status status = BC_OK;
    if (wanted->params == NULL) {
        (void)printf("  encoding      ");
        hex_print(shown->tx, shown->tx_length);
        (void)printf("\n");
        return EXIT_GOOD;
    }
    status = bc_tx_parse(&tx, wanted->params, shown->tx, shown->tx_length, &error);
    if (status == BC_OK) {
        status = bc_tx_json(tx, &json, &error);
    }
    if (status == BC_OK) {
        (void)printf("    %s\n", (const char *)bc_buffer_data(json));
    }
    bc_buffer_unref(json);
    bc_tx_unref(tx);
    return status == BC_OK ? EXIT_GOOD : complain("the transaction", &error, EXIT_FAILED);
}

static int print_shown(const request *wanted, const bc_inclusion *shown)
{
    const char *what = shown->type == BC_INCLUSION_OF_TX      ? "a transaction in its block"
                       : shown->type == BC_INCLUSION_OF_BLOCK ? "a block in the history of a header"
                       : shown->type == BC_CONSISTENCY
                           ? "a history that continues that of an older header"
                           : "a transaction in a block in the history of a header";
    (void)printf("valid: %s\n", what);
    print_id("block", shown->id);
    (void)printf("  height        %" PRIu64 "\n", shown->height);
    print_time(shown->time);
    if (shown->type != BC_INCLUSION_OF_TX) {
        print_id("under", shown->later_id);
        (void)printf("  of height     %" PRIu64 "\n", shown->later_height);
    }
    (void)printf("  seals         %s\n", wanted->params != NULL ? "checked" : "not checked");
    if (shown->tx == NULL) {
        return EXIT_GOOD;
    }
    print_id("transaction", shown->tx_id);
    (void)printf("  position      %" PRIu64 "\n", shown->position);
    return print_tx(wanted, shown);
}

static int verify(const request *wanted)
{
    bc_inclusion shown = BC_INCLUSION_INIT;
    bc_error error = BC_ERROR_INIT;
    uint32_t verdict = BC_VERDICT_NONE;
    bc_status status =
        wanted->has_older_id
            ? bc_consistency_verify(wanted->params, &verdict, &shown, wanted->bytes, wanted->length,
                                    wanted->older_id, wanted->header_id, &error)
            : bc_inclusion_verify(wanted->params, &verdict, &shown, wanted->bytes, wanted->length,
                                  wanted->header_id, &error);
    if (status != BC_OK) {
        return complain("--network", &error, EXIT_UNUSABLE);
    }
    if (verdict != BC_VERDICT_ACCEPTED) {
        (void)printf("invalid: %s\n", error.message);
        return EXIT_FAILED;
    }
    return print_shown(wanted, &shown);
}

int command_verify_proof(int argc, char **argv)
{
    request wanted = {.network = NULL};
    bc_error error = BC_ERROR_INIT;
    int result = read_options(&wanted, argc, argv);
    if (result < 0 && wanted.network != NULL &&
        network_load(&wanted.params, wanted.network, &error) != BC_OK) {
        result = complain("--network", &error, EXIT_UNUSABLE);
    }
    if (result < 0) {
        result = read_proof(&wanted);
    }
    if (result < 0) {
        result = verify(&wanted);
    }
    free(wanted.text);
    bc_params_unref(wanted.params);
    return result;
}
