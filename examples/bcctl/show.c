#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "examples/bcctl/chain_text.h"
#include "examples/bcctl/command.h"
#include "examples/bcctl/print_block.h"
#include "examples/common/data_folder.h"
#include "examples/common/network.h"
#include "examples/common/number.h"
#include "examples/common/text_file.h"

static const char help[] =
    "Usage: bcctl show [OPTION]... --data DIR | FILE | -\n"
    "Prints the blocks of a chain: from the data folder of a node that is not running, or from\n"
    "JSON as a node's /chain gives it. A chain from JSON is shown as it is; verify judges it.\n"
    "\n"
    "  -n, --network NAME|FILE.json  whose rules say how to read it (tutorial)\n"
    "  -d, --data DIR                the data folder\n"
    "  -f, --from HEIGHT             the first block to be printed (0)\n"
    "  -c, --count N                 how many (all)\n"
    "  -j, --json                    one block a line, as JSON; of the tutorial, what is hashed\n"
    "      --help                    prints this\n";

static const uint64_t text_bytes_max = (uint64_t)1024 * 1024 * 1024;

typedef struct show_request {
    const char *network;
    const char *data;
    const char *file;
    uint64_t from;
    uint64_t count;
    int json;
} show_request;

static int check_options(show_request *result, int argc, char **argv)
{
    int files = argc - optind;
    if (files + (result->data != NULL) != 1) {
        (void)fputs("bcctl: show takes one file, - for standard input, or --data DIR.\n", stderr);
        return see_help("show");
    }
    result->file = files == 1 ? argv[optind] : NULL;
    return -1;
}

static int read_options(show_request *result, int argc, char **argv)
{
    static const struct option names[] = {
        {"network", required_argument, NULL, 'n'},
        {"data", required_argument, NULL, 'd'},
        {"from", required_argument, NULL, 'f'},
        {"count", required_argument, NULL, 'c'},
        {"json", no_argument, NULL, 'j'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    int name;
    while ((name = getopt_long(argc, argv, "n:d:f:c:jh", names, NULL)) != -1) {
        switch (name) {
        case 'n':
            result->network = optarg;
            break;
        case 'd':
            result->data = optarg;
            break;
        case 'f':
            if (!number_parse(&result->from, optarg, 0, UINT64_MAX)) {
                return bad_value("show", "--from", optarg, "a height from 0");
            }
            break;
        case 'c':
            if (!number_parse(&result->count, optarg, 1, UINT64_MAX)) {
                return bad_value("show", "--count", optarg, "a number from 1");
            }
            break;
        case 'j':
            result->json = 1;
            break;
        case 'h':
            (void)fputs(help, stdout);
            return EXIT_GOOD;
        default:
            return see_help("show");
        }
    }
    return check_options(result, argc, argv);
}

static bc_status print(const bc_block *block, const show_request *wanted, uint64_t height,
                       bc_error *error)
{
    return wanted->json ? print_block_json(block, error) : print_block(block, height, error);
}

static int show_folder(const show_request *wanted, bc_params *params)
{
    bc_options opening = BC_OPTIONS_INIT;
    bc_store store = BC_STORE_INIT;
    bc_error error = BC_ERROR_INIT;
    bc_chain *chain = NULL;
    uint64_t tip = 0;

    opening.store = &store;
    if (data_folder_store(&store, wanted->data, 0, &error) != BC_OK ||
        bc_chain_open(&chain, params, &opening, &error) != BC_OK) {
        return complain("show", &error, EXIT_FAILED);
    }
    bc_status status = bc_chain_tip(chain, &tip, NULL, NULL);
    uint64_t shown = 0;
    for (uint64_t height = wanted->from; status == BC_OK && height <= tip && shown < wanted->count;
         height++, shown++) {
        bc_block *block = NULL;
        status = bc_chain_block_at(chain, &block, height, &error);
        if (status == BC_OK) {
            status = print(block, wanted, height, &error);
        }
        bc_block_unref(block);
    }
    int result = status == BC_OK ? EXIT_GOOD : complain("show", &error, EXIT_FAILED);
    if (bc_chain_close(chain, &error) != BC_OK) {
        result = complain("show", &error, EXIT_FAILED);
    }
    return result;
}

static bc_status show_blocks(const show_request *wanted, const bc_params *params, chain_text *scan,
                             bc_error *error)
{
    const char *bytes = NULL;
    size_t length = 0;
    uint64_t height = 0;
    uint64_t shown = 0;
    bc_status status = BC_OK;
    while (status == BC_OK && shown < wanted->count && chain_text_next(scan, &bytes, &length)) {
        bc_block *block = NULL;
        if (height >= wanted->from) {
            status = bc_block_parse(&block, params, (const uint8_t *)bytes, length, error);
            if (status == BC_OK) {
                status = print(block, wanted, height, error);
            }
            bc_block_unref(block);
            shown++;
        }
        height++;
    }
    return status;
}

static int show_file(const show_request *wanted, const bc_params *params)
{
    bc_verification found = BC_VERIFICATION_INIT;
    bc_error error = BC_ERROR_INIT;
    chain_text scan;
    char *text = NULL;
    size_t length = 0;
    int result = EXIT_GOOD;

    if (text_file_read(&text, &length, wanted->file, text_bytes_max, &error) != BC_OK ||
        bc_verify_chain(params, &found, (const uint8_t *)text, length, NULL, NULL, &error) !=
            BC_OK) {
        result = complain(wanted->file, &error, EXIT_UNUSABLE);
    } else if (!chain_text_begin(&scan, text, length)) {
        (void)fprintf(stderr, "bcctl: %s: there is no list of blocks in it\n", wanted->file);
        result = EXIT_UNUSABLE;
    } else if (show_blocks(wanted, params, &scan, &error) != BC_OK) {
        result = complain(wanted->file, &error, EXIT_UNUSABLE);
    }
    free(text);
    return result;
}

int command_show(int argc, char **argv)
{
    show_request wanted = {.network = "tutorial", .count = BC_NONE};
    bc_error error = BC_ERROR_INIT;
    bc_params *params = NULL;

    int result = read_options(&wanted, argc, argv);
    if (result >= 0) {
        return result;
    }
    if (network_load(&params, wanted.network, &error) != BC_OK) {
        return complain("--network", &error, EXIT_UNUSABLE);
    }
    result = wanted.data != NULL ? show_folder(&wanted, params) : show_file(&wanted, params);
    bc_params_unref(params);
    return result;
}
