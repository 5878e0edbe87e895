#include <inttypes.h>
#include <stdio.h>

#include "examples/bcctl/command.h"
#include "examples/bcctl/input.h"
#include "examples/bcctl/progress.h"
#include "examples/common/data_folder.h"
#include "examples/common/number.h"

static const char help[] =
    "Usage: bcctl verify [OPTION]... --data DIR | FILE | -\n"
    "Checks a whole chain: in the data folder of a node that is not running, or of the tutorial\n"
    "given as JSON, {\"chain\":[...]}, as a node's /chain gives it, or [...].\n"
    "\n"
    "  -n, --network NAME|FILE.json  whose rules are to hold (tutorial)\n"
    "  -d, --data DIR                the data folder, every block of which is read again\n"
    "  -m, --max-bytes N             the largest text that is read (1073741824)\n"
    "      --help                    prints this\n"
    "\n"
    "The exit status is 0 where the chain is valid, 1 where a block fails, 2 where the\n"
    "input cannot be used.\n";

enum { DEFAULT_MAX_BYTES = 1024 * 1024 * 1024, MEGABYTE = 1000 * 1000 };

static int print_verdict(const bc_verification *found, const bc_error *error)
{
    char hex[ID_TEXT_BYTES];
    if (found->verdict != BC_VERDICT_ACCEPTED) { /* the sentence names the block */
        (void)printf("invalid: %s [%s]\n", error->message, bc_reason_name(found->reason));
        return EXIT_FAILED;
    }
    (void)printf("valid: %" PRIu64 " blocks, %" PRIu64 " transactions, tip %s\n", found->blocks,
                 found->transactions, id_text(hex, found->tip));
    return EXIT_GOOD;
}

static int verify_text(const input *in)
{
    bc_verification found = BC_VERIFICATION_INIT;
    bc_error error = BC_ERROR_INIT;
    progress bar;
    progress_begin(&bar, "MB", MEGABYTE);
    bc_status status = bc_verify_chain(in->params, &found, (const uint8_t *)in->text, in->length,
                                       progress_show, &bar, &error);
    progress_end(&bar);
    return status == BC_OK ? print_verdict(&found, &error)
                           : complain(in->file, &error, EXIT_UNUSABLE);
}

static int verify_opened(bc_chain *chain)
{
    bc_error error = BC_ERROR_INIT;
    uint8_t tip[BC_ID_BYTES];
    char hex[ID_TEXT_BYTES];
    uint64_t position = 0;
    progress bar;
    progress_begin(&bar, "blocks", 1);
    bc_status status = bc_chain_verify(chain, &position, progress_show, &bar, &error);
    progress_end(&bar);
    if (status != BC_OK) {
        (void)printf("invalid: height %" PRIu64 ": %s\n", position, error.message);
        return EXIT_FAILED;
    }
    (void)bc_chain_tip(chain, NULL, tip, NULL);
    (void)printf("valid: %" PRIu64 " blocks, tip %s\n", position, id_text(hex, tip));
    return EXIT_GOOD;
}

static int verify_folder(const input *in)
{
    bc_options opening = BC_OPTIONS_INIT;
    bc_store store = BC_STORE_INIT;
    bc_error error = BC_ERROR_INIT;
    bc_chain *chain = NULL;

    opening.store = &store;
    bc_status status = data_folder_store(&store, in->data, 0, &error);
    if (status == BC_OK) {
        status = bc_chain_open(&chain, in->params, &opening, &error);
    }
    if (status == BC_ERR_DAMAGED) { /* opening reads a part of what there is */
        (void)printf("invalid: %s\n", error.message);
        return EXIT_FAILED;
    }
    if (status != BC_OK) {
        return complain(in->data, &error, EXIT_UNUSABLE);
    }
    int result = verify_opened(chain);
    if (bc_chain_close(chain, &error) != BC_OK) {
        result = complain(in->data, &error, EXIT_FAILED);
    }
    return result;
}

int command_verify(int argc, char **argv)
{
    input in = {.command = "verify",
                .help = help,
                .takes_data = 1,
                .network = "tutorial",
                .limit = BC_LIMIT_CHAIN_BYTES,
                .max_bytes = DEFAULT_MAX_BYTES};
    int result = input_read(&in, argc, argv);
    if (result < 0) {
        result = in.data != NULL ? verify_folder(&in) : verify_text(&in);
    }
    input_free(&in);
    return result;
}
