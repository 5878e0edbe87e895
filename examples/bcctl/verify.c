#include <inttypes.h>
#include <stdio.h>

#include "examples/bcctl/command.h"
#include "examples/bcctl/input.h"
#include "examples/bcctl/progress.h"
#include "examples/common/number.h"

static const char help[] =
    "Usage: bcctl verify [OPTION]... FILE|-\n"
    "Checks a whole chain given as JSON: {\"chain\":[...]}, as a node's /chain gives it, or "
    "[...].\n"
    "\n"
    "  -n, --network NAME|FILE.json  whose rules are to hold (tutorial)\n"
    "  -m, --max-bytes N             the largest text that is read (1073741824)\n"
    "      --help                    prints this\n"
    "\n"
    "The exit status is 0 where the chain is valid, 1 where a block fails, 2 where the\n"
    "input cannot be used.\n";

enum { DEFAULT_MAX_BYTES = 1024 * 1024 * 1024, MEGABYTE = 1000 * 1000 };

static int print_verdict(const bc_verification *found, const bc_error *error)
{
    char hex[ID_TEXT_BYTES];
    if (found->verdict != BC_VERDICT_ACCEPTED) {
        (void)printf("invalid: block %" PRIu64 " (counted from 0) fails: %s [%s]\n", found->blocks,
                     error->message, bc_reason_name(found->reason));
        return EXIT_FAILED;
    }
    (void)printf("valid: %" PRIu64 " blocks, %" PRIu64 " transactions, tip %s\n", found->blocks,
                 found->transactions, id_text(hex, found->tip));
    return EXIT_GOOD;
}

int command_verify(int argc, char **argv)
{
    input in = {.command = "verify",
                .help = help,
                .network = "tutorial",
                .limit = BC_LIMIT_CHAIN_BYTES,
                .max_bytes = DEFAULT_MAX_BYTES};
    bc_verification found = BC_VERIFICATION_INIT;
    bc_error error = BC_ERROR_INIT;
    progress bar;

    int result = input_read(&in, argc, argv);
    if (result < 0) {
        progress_begin(&bar, "MB", MEGABYTE);
        bc_status status = bc_verify_chain(in.params, &found, (const uint8_t *)in.text, in.length,
                                           progress_show, &bar, &error);
        progress_end(&bar);
        result = status == BC_OK ? print_verdict(&found, &error)
                                 : complain(in.file, &error, EXIT_UNUSABLE);
    }
    input_free(&in);
    return result;
}
