#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "examples/bcctl/command.h"
#include "examples/common/data_folder.h"
#include "examples/common/hex.h"
#include "examples/common/network.h"
#include "examples/common/number.h"

static const char help[] =
    "Usage: bcctl prove [OPTION]... --data DIR (--tx ID | --block HEIGHT | --history HEIGHT)\n"
    "Prints a Merkle proof from the chain in a data folder that no node is using, in hexadecimal\n"
    "digits, and on standard error the header against which verify-proof checks it.\n"
    "\n"
    "  -n, --network NAME|FILE.json  whose rules hold in the folder (ledger)\n"
    "  -d, --data DIR                the data folder\n"
    "  -t, --tx ID                   shows that transaction: in its own block, or with --later in\n"
    "                                the history of a later header\n"
    "  -b, --block HEIGHT            shows that the block is in the history of a later header\n"
    "  -c, --history HEIGHT          shows that the history of a later header continues that of\n"
    "                                the block\n"
    "  -l, --later HEIGHT|tip        the later header (tip)\n"
    "  -o, --output FILE             writes the proof there, as bytes\n"
    "      --help                    prints this\n";

static const char command[] = "prove";

typedef struct prove_request {
    const char *network;
    const char *data;
    const char *output;
    uint32_t type; /* BC_INCLUSION_OF_..., BC_CONSISTENCY; 0: not said yet */
    int named;     /* how many things are to be shown: one is right */
    int has_later;
    uint8_t tx_id[BC_ID_BYTES];
    uint64_t height;
    uint64_t later; /* BC_NONE: the tip's */
} prove_request;

static int check_options(prove_request *wanted, int argc, char **argv)
{
    if (optind != argc) {
        (void)fprintf(stderr, "bcctl: prove takes no file, but there is \"%s\".\n", argv[optind]);
        return see_help(command);
    }
    if (wanted->data == NULL) {
        (void)fputs("bcctl: prove needs --data DIR.\n", stderr);
        return see_help(command);
    }
    if (wanted->named != 1) {
        (void)fputs("bcctl: prove takes one of --tx, --block and --history.\n", stderr);
        return see_help(command);
    }
    if (wanted->type == BC_INCLUSION_OF_TX && wanted->has_later) {
        wanted->type = BC_INCLUSION_OF_RECORD;
    }
    return -1;
}

/* Says what is to be shown; returns whether the value could be read. */
static int read_subject(prove_request *wanted, uint32_t type, const char *value)
{
    wanted->type = type;
    wanted->named++;
    return type == BC_INCLUSION_OF_TX ? id_parse(wanted->tx_id, value)
                                      : number_parse(&wanted->height, value, 0, UINT64_MAX - 1);
}

static int read_later(prove_request *wanted, const char *value)
{
    wanted->has_later = 1;
    wanted->later = BC_NONE;
    return strcmp(value, "tip") == 0 || number_parse(&wanted->later, value, 0, UINT64_MAX - 1);
}

static int read_options(prove_request *wanted, int argc, char **argv)
{
    static const struct option names[] = {
        {"network", required_argument, NULL, 'n'},
        {"data", required_argument, NULL, 'd'},
        {"tx", required_argument, NULL, 't'},
        {"block", required_argument, NULL, 'b'},
        {"history", required_argument, NULL, 'c'},
        {"later", required_argument, NULL, 'l'},
        {"output", required_argument, NULL, 'o'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    int name;
    while ((name = getopt_long(argc, argv, "n:d:t:b:c:l:o:h", names, NULL)) != -1) {
        switch (name) {
        case 'n':
            wanted->network = optarg;
            break;
        case 'd':
            wanted->data = optarg;
            break;
        case 't':
            if (!read_subject(wanted, BC_INCLUSION_OF_TX, optarg)) {
                return bad_value(command, "--tx", optarg, "64 hexadecimal digits");
            }
            break;
        case 'b':
            if (!read_subject(wanted, BC_INCLUSION_OF_BLOCK, optarg)) {
                return bad_value(command, "--block", optarg, "a height from 0");
            }
            break;
        case 'c':
            if (!read_subject(wanted, BC_CONSISTENCY, optarg)) {
                return bad_value(command, "--history", optarg, "a height from 0");
            }
            break;
        case 'l':
            if (!read_later(wanted, optarg)) {
                return bad_value(command, "--later", optarg, "a height from 0 or \"tip\"");
            }
            break;
        case 'o':
            wanted->output = optarg;
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

static bc_status make(const prove_request *wanted, bc_chain *chain, bc_buffer **proof,
                      bc_error *error)
{
    switch (wanted->type) {
    case BC_INCLUSION_OF_TX:
        return bc_chain_inclusion_of_tx(chain, proof, wanted->tx_id, error);
    case BC_INCLUSION_OF_RECORD:
        return bc_chain_inclusion_of_record(chain, proof, wanted->tx_id, wanted->later, error);
    case BC_INCLUSION_OF_BLOCK:
        return bc_chain_inclusion_of_block(chain, proof, wanted->height, wanted->later, error);
    default:
        return bc_chain_consistency(chain, proof, wanted->height, wanted->later, error);
    }
}

static bc_status id_at(bc_chain *chain, uint64_t height, uint8_t id[BC_ID_BYTES], bc_error *error)
{
    bc_block *block = NULL;
    if (height == BC_NONE) {
        return bc_chain_tip(chain, NULL, id, NULL);
    }
    bc_status status = bc_chain_block_at(chain, &block, height, error);
    if (status == BC_OK) {
        bc_block_id(block, id);
    }
    bc_block_unref(block);
    return status;
}

/* The options with which verify-proof takes it. */
static bc_status say_headers(const prove_request *wanted, bc_chain *chain, bc_error *error)
{
    uint8_t id[BC_ID_BYTES];
    char hex[ID_TEXT_BYTES];
    bc_tx *tx = NULL;
    bc_status status = wanted->type == BC_INCLUSION_OF_TX
                           ? bc_chain_find_tx(chain, &tx, NULL, id, NULL, wanted->tx_id, error)
                           : id_at(chain, wanted->later, id, error);
    bc_tx_unref(tx);
    if (status == BC_OK) {
        (void)fprintf(stderr, "bcctl: verify with --header-id %s\n", id_text(hex, id));
    }
    if (status == BC_OK && wanted->type == BC_CONSISTENCY) {
        status = id_at(chain, wanted->height, id, error);
        if (status == BC_OK) {
            (void)fprintf(stderr, "bcctl: and with --older-id %s\n", id_text(hex, id));
        }
    }
    return status;
}

static int write_proof(const prove_request *wanted, const bc_buffer *proof)
{
    const uint8_t *bytes = bc_buffer_data(proof);
    size_t length = bc_buffer_length(proof);
    if (wanted->output == NULL) {
        hex_print(bytes, length);
        (void)printf("\n");
        return EXIT_GOOD;
    }
    FILE *file = fopen(wanted->output, "wb");
    int good = file != NULL && fwrite(bytes, 1, length, file) == length;
    int reason = errno;
    if (file != NULL && fclose(file) != 0) {
        reason = good ? errno : reason;
        good = 0;
    }
    if (!good) {
        (void)fprintf(stderr, "bcctl: %s: %s\n", wanted->output, strerror(reason));
        return EXIT_FAILED;
    }
    return EXIT_GOOD;
}

static int prove(const prove_request *wanted, bc_params *params)
{
    bc_options opening = BC_OPTIONS_INIT;
    bc_store store = BC_STORE_INIT;
    bc_error error = BC_ERROR_INIT;
    bc_chain *chain = NULL;
    bc_buffer *proof = NULL;

    opening.store = &store;
    if (data_folder_store(&store, wanted->data, 0, &error) != BC_OK ||
        bc_chain_open(&chain, params, &opening, &error) != BC_OK) {
        return complain(wanted->data, &error, EXIT_UNUSABLE);
    }
    bc_status status = make(wanted, chain, &proof, &error);
    if (status == BC_OK) {
        status = say_headers(wanted, chain, &error);
    }
    int result =
        status == BC_OK ? write_proof(wanted, proof) : complain(command, &error, EXIT_FAILED);
    bc_buffer_unref(proof);
    if (bc_chain_close(chain, &error) != BC_OK) {
        result = complain(wanted->data, &error, EXIT_FAILED);
    }
    return result;
}

int command_prove(int argc, char **argv)
{
    prove_request wanted = {.network = "ledger", .later = BC_NONE};
    bc_error error = BC_ERROR_INIT;
    bc_params *params = NULL;
    int result = read_options(&wanted, argc, argv);
    if (result >= 0) {
        return result;
    }
    if (network_load(&params, wanted.network, &error) != BC_OK) {
        return complain("--network", &error, EXIT_UNUSABLE);
    }
    result = prove(&wanted, params);
    bc_params_unref(params);
    return result;
}
