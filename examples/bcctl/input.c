#include "examples/bcctl/input.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "examples/bcctl/command.h"
#include "examples/common/network.h"
#include "examples/common/number.h"
#include "examples/common/text_file.h"

/* One file, or a data folder in its place. */
static int check_file(input *in, int argc, char **argv)
{
    int files = argc - optind;
    if (files + (in->data != NULL) != 1) {
        (void)fprintf(stderr, "bcctl: %s takes one file, %s.\n", in->command,
                      in->takes_data ? "- for standard input, or --data DIR"
                                     : "or - for standard input");
        return see_help(in->command);
    }
    in->file = files == 1 ? argv[optind] : NULL;
    return -1;
}

static int read_options(input *in, int argc, char **argv)
{
    static const struct option names[] = {
        {"data", required_argument, NULL, 'd'}, /* stands first, to be left out */
        {"network", required_argument, NULL, 'n'}, {"max-bytes", required_argument, NULL, 'm'},
        {"help", no_argument, NULL, 'h'},          {NULL, 0, NULL, 0},
    };
    const struct option *taken = in->takes_data ? names : names + 1;
    const char *letters = in->takes_data ? "d:n:m:h" : "n:m:h";
    int name;
    while ((name = getopt_long(argc, argv, letters, taken, NULL)) != -1) {
        switch (name) {
        case 'd':
            in->data = optarg;
            break;
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
    return check_file(in, argc, argv);
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
    if (in->file == NULL) {
        return -1;
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
