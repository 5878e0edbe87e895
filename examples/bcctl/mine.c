#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "examples/bcctl/command.h"
#include "examples/bcctl/progress.h"
#include "examples/common/data_folder.h"
#include "examples/common/hex.h"
#include "examples/common/key_file.h"
#include "examples/common/network.h"
#include "examples/common/number.h"
#include "examples/common/sentence.h"

static const char help[] =
    "Usage: bcctl mine [OPTION]...\n"
    "Finds blocks and says how long each took: in memory on a chain of its own, or on the chain\n"
    "of a data folder that no node is using.\n"
    "\n"
    "  -n, --network NAME|FILE.json  whose rules are to hold (tutorial)\n"
    "  -d, --data DIR                the data folder whose chain is to grow (in memory)\n"
    "  -b, --blocks N                how many blocks (1)\n"
    "  -t, --threads N               how many threads search, 1 to 1024 (1)\n"
    "  -r, --recipient NAME          who gets the reward (0); in a ledger 64 hexadecimal digits\n"
    "  -k, --key FILE                in a ledger the key that seals, where authorities do, and "
    "that\n"
    "                                is rewarded where no recipient is named\n"
    "  -f, --passphrase-file FILE    holds the key's passphrase (the terminal is asked)\n"
    "      --alone                   an authority seals in the data folder though it has heard of\n"
    "                                no other\n"
    "      --help                    prints this\n";

enum { THREADS_MAX = 1024 };

typedef struct mine_request {
    const char *network;
    const char *data;
    const char *recipient;
    const char *key; /* a file */
    const char *passphrase_file;
    uint64_t blocks;
    uint64_t threads;
    int alone;
    bc_key *signer; /* of the file, or NULL */
} mine_request;

enum { OPTION_ALONE = 256 };

static int read_options(mine_request *result, int argc, char **argv)
{
    static const struct option names[] = {
        {"network", required_argument, NULL, 'n'},
        {"data", required_argument, NULL, 'd'},
        {"blocks", required_argument, NULL, 'b'},
        {"threads", required_argument, NULL, 't'},
        {"recipient", required_argument, NULL, 'r'},
        {"key", required_argument, NULL, 'k'},
        {"passphrase-file", required_argument, NULL, 'f'},
        {"alone", no_argument, NULL, OPTION_ALONE},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    int name;
    while ((name = getopt_long(argc, argv, "n:d:b:t:r:k:f:h", names, NULL)) != -1) {
        switch (name) {
        case 'n':
            result->network = optarg;
            break;
        case 'd':
            result->data = optarg;
            break;
        case 'b':
            if (!number_parse(&result->blocks, optarg, 1, UINT64_MAX)) {
                return bad_value("mine", "--blocks", optarg, "a number from 1");
            }
            break;
        case 't':
            if (!number_parse(&result->threads, optarg, 1, THREADS_MAX)) {
                return bad_value("mine", "--threads", optarg, "a number from 1 to 1024");
            }
            break;
        case 'r':
            result->recipient = optarg;
            break;
        case 'k':
            result->key = optarg;
            break;
        case 'f':
            result->passphrase_file = optarg;
            break;
        case OPTION_ALONE:
            result->alone = 1;
            break;
        case 'h':
            (void)fputs(help, stdout);
            return EXIT_GOOD;
        default:
            return see_help("mine");
        }
    }
    if (optind != argc) {
        (void)fprintf(stderr, "bcctl: mine takes no file, but there is \"%s\".\n", argv[optind]);
        return see_help("mine");
    }
    return -1;
}

static double seconds_now(void)
{
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void print_block(const bc_block *block, double seconds)
{
    uint8_t id[BC_ID_BYTES];
    char hex[ID_TEXT_BYTES];
    uint64_t nonce = 0;
    bc_block_id(block, id);
    (void)printf("height %" PRIu64 "  id %s", bc_block_height(block), id_text(hex, id));
    if (bc_block_nonce(block, &nonce) == BC_OK) {
        (void)printf("  proof %" PRIu64, nonce);
    }
    (void)printf("  %.3f s\n", seconds);
    (void)fflush(stdout);
}

/* The recipient is a text, or where there are accounts the key of one, which goes into `key`. */
static bc_status set_recipient(bc_mine_options *mining, uint8_t key[BC_ID_BYTES], bc_chain *chain,
                               const mine_request *wanted, bc_error *error)
{
    static const uint8_t nobody[BC_ID_BYTES] = {0};
    bc_status status = bc_chain_account(chain, NULL, NULL, NULL, nobody, error);
    if (status == BC_ERR_UNSUPPORTED) {
        if (wanted->key != NULL || wanted->alone) {
            return sentence(error, status, "--key and --alone are for ledgers");
        }
        mining->recipient = (const uint8_t *)wanted->recipient;
        mining->recipient_length = wanted->recipient == NULL ? 0 : strlen(wanted->recipient);
        return BC_OK;
    }
    if (status != BC_OK || wanted->recipient == NULL) {
        return status;
    }
    if (!id_parse(key, wanted->recipient)) {
        return sentence(error, BC_ERR_ARGUMENT,
                        "in a ledger --recipient takes 64 hexadecimal digits, not \"%.100s\"",
                        wanted->recipient);
    }
    mining->recipient = key;
    mining->recipient_length = BC_ID_BYTES;
    return BC_OK;
}

static bc_status mine(bc_chain *chain, const mine_request *wanted, bc_error *error)
{
    progress bar;
    uint8_t recipient[BC_ID_BYTES];
    bc_mine_options mining = BC_MINE_OPTIONS_INIT;
    mining.threads = (uint32_t)wanted->threads;
    mining.progress = progress_show;
    mining.context = &bar;
    mining.signer = wanted->signer;
    bc_status ready = set_recipient(&mining, recipient, chain, wanted, error);
    if (ready != BC_OK) {
        return ready;
    }
    progress_begin(&bar, "attempts", 1);
    for (uint64_t i = 0; i < wanted->blocks; i++) {
        bc_block *block = NULL;
        double start = seconds_now();
        bc_status status = bc_chain_mine(chain, &block, &mining, error);
        progress_end(&bar);
        if (status != BC_OK) {
            return status;
        }
        print_block(block, seconds_now() - start);
        bc_block_unref(block);
    }
    return BC_OK;
}

int command_mine(int argc, char **argv)
{
    mine_request wanted = {.network = "tutorial", .blocks = 1, .threads = 1};
    bc_options opening = BC_OPTIONS_INIT;
    bc_store store = BC_STORE_INIT;
    bc_error error = BC_ERROR_INIT;
    bc_params *params = NULL;
    bc_chain *chain = NULL;

    int result = read_options(&wanted, argc, argv);
    if (result >= 0) {
        return result;
    }
    if (network_load(&params, wanted.network, &error) != BC_OK) {
        return complain("--network", &error, EXIT_UNUSABLE);
    }
    if (wanted.key != NULL &&
        key_file_open(&wanted.signer, wanted.key, wanted.passphrase_file, &error) != BC_OK) {
        result = complain("--key", &error, EXIT_FAILED);
        goto end;
    }
    /* Of a chain in memory nobody else has ever heard. */
    opening.signer_is_alone = wanted.data == NULL || wanted.alone ? 1 : 0;
    opening.threads = (uint32_t)wanted.threads;
    if (wanted.data != NULL) {
        opening.store = &store;
        if (data_folder_store(&store, wanted.data, 0, &error) != BC_OK) {
            result = complain("mine", &error, EXIT_FAILED);
            goto end;
        }
    }
    if (bc_chain_open(&chain, params, &opening, &error) != BC_OK) {
        result = complain("mine", &error, EXIT_FAILED);
        goto end;
    }
    result = EXIT_GOOD;
    if (mine(chain, &wanted, &error) != BC_OK) {
        result = complain("mine", &error, EXIT_FAILED);
    }
    if (bc_chain_close(chain, &error) != BC_OK) {
        result = complain("mine", &error, EXIT_FAILED);
    }
end:
    bc_key_unref(wanted.signer);
    bc_params_unref(params);
    return result;
}
