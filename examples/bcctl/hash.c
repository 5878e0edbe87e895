#include <stdio.h>

#include "examples/bcctl/command.h"
#include "examples/bcctl/input.h"
#include "examples/common/number.h"

static const char help[] =
    "Usage: bcctl hash [OPTION]... FILE|-\n"
    "Prints the hash of a block given as JSON.\n"
    "\n"
    "  -n, --network NAME|FILE.json  whose rules say how to hash (tutorial)\n"
    "  -m, --max-bytes N             the largest block that is read (8388608)\n"
    "      --help                    prints this\n";

enum { DEFAULT_MAX_BYTES = 8 * 1024 * 1024 };

int command_hash(int argc, char **argv)
{
    input in = {.command = "hash",
                .help = help,
                .network = "tutorial",
                .limit = BC_LIMIT_BLOCK_BYTES,
                .max_bytes = DEFAULT_MAX_BYTES};
    bc_error error = BC_ERROR_INIT;
    bc_block *block = NULL;
    uint8_t id[BC_ID_BYTES];
    char hex[ID_TEXT_BYTES];

    int result = input_read(&in, argc, argv);
    if (result >= 0) {
        goto end;
    }
    if (bc_block_from_json(&block, in.params, in.text, in.length, &error) != BC_OK) {
        result = complain(in.file, &error, EXIT_UNUSABLE);
        goto end;
    }
    bc_block_id(block, id);
    (void)printf("%s\n", id_text(hex, id));
    result = EXIT_GOOD;
end:
    bc_block_unref(block);
    input_free(&in);
    return result;
}
