#include "examples/bcctl/input.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "examples/bcctl/command.h"
#include "examples/common/network.h"
#include "examples/common/number.h"
#include "examples/common/text_file.h"

static int read_options(input *in, int argc, char **argv)
{
    static const struct option names[] = {
        {"network", required_argument, NULL, 'n'},
        {"max-bytes", required_argument, NULL, 'm'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    int name;
    while ((name = getopt_long(argc, argv, "n:m:h", names, NULL)) != -1) {
        switch (name) {
        case 'n':
            in->network = optarg;
            break;
        case 'm':
            if (!number_parse(&in->max_bytes, optarg, 1, UINT64_MAX - 1)) {
                return bad_value(in->command, "--max-bytes", optarg, "a number of bytes");
            }
            break;
        case 'h':
            (void)fputs(in->help, stdout);
            return EXIT_GOOD;
        default:
            return see_help(in->command);
        }
    }
    if (argc - optind != 1) {
        (void)fprintf(stderr, "bcctl: %s takes one file, or - for standard input.\n", in->command);
        return see_help(in->command);
    }
    in->file = argv[optind];
    return -1;
}

int input_read(input *in, int argc, char **argv)
{
    bc_error error = BC_ERROR_INIT;
    int result = read_options(in, argc, argv);
    if (result >= 0) {
        return result;
    }
    if (network_load(&in->params, in->network, &error) != BC_OK) {
        return complain("--network", &error, EXIT_UNUSABLE);
    }
    if (bc_params_set_limit(in->params, in->limit, in->max_bytes, &error) != BC_OK) {
        return complain("--max-bytes", &error, EXIT_UNUSABLE);
    }
    if (text_file_read(&in->text, &in->length, in->file, in->max_bytes, &error) != BC_OK) {
        return complain(in->file, &error, EXIT_UNUSABLE);
    }
    return -1;
}

void input_free(input *in)
{
    free(in->text);
    bc_params_unref(in->params);
}
