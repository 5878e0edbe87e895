#include <getopt.h>
#include <stdio.h>

#include "examples/bcctl/command.h"
#include "examples/common/network.h"
#include "examples/common/number.h"

static const char help[] =
    "Usage: bcctl network --show NAME|FILE.json\n"
    "Prints the description of a network in its canonical form, and on a second line the id that\n"
    "tells the network from every other. Who has another id has other rules.\n"
    "\n"
    "  -s, --show NAME|FILE.json  the network\n"
    "      --help                 prints this\n";

static int show(const char *name)
{
    bc_error error = BC_ERROR_INIT;
    bc_params *params = NULL;
    uint8_t id[BC_ID_BYTES];
    char hex[ID_TEXT_BYTES];
    if (network_load(&params, name, &error) != BC_OK) {
        return complain("--show", &error, EXIT_UNUSABLE);
    }
    bc_params_network_id(params, id);
    (void)printf("%s\n%s\n", bc_params_json(params, NULL), id_text(hex, id));
    bc_params_unref(params);
    return EXIT_GOOD;
}

int command_network(int argc, char **argv)
{
    static const struct option names[] = {
        {"show", required_argument, NULL, 's'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    const char *shown = NULL;
    int name;
    while ((name = getopt_long(argc, argv, "s:h", names, NULL)) != -1) {
        switch (name) {
        case 's':
            shown = optarg;
            break;
        case 'h':
            (void)fputs(help, stdout);
            return EXIT_GOOD;
        default:
            return see_help("network");
        }
    }
    if (shown == NULL || optind != argc) {
        (void)fputs("bcctl: network takes --show NAME|FILE.json and no file behind it.\n", stderr);
        return see_help("network");
    }
    return show(shown);
}
