/* What hash and verify have in common: one file of JSON, read under the rules of a network. verify takes
 * a data folder in its place. */
#ifndef EXAMPLES_BCCTL_INPUT_H
#define EXAMPLES_BCCTL_INPUT_H

#include <stddef.h>

#include <bc/bc.h>

typedef struct input {
    const char *command; /* the name of the command, for its complaints */
    const char *help;
    uint32_t limit;     /* BC_LIMIT_..., which --max-bytes sets */
    uint64_t max_bytes; /* its default, and after input_read what was asked for */
    int takes_data;     /* there is an option --data */
    const char *network;
    const char *data; /* the folder, or NULL and there is a file */
    const char *file;
    bc_params *params;
    char *text; /* of the file */
    size_t length;
} input;

/* Reads the command line, the network and the file if there is one. Returns -1 to go on, else the exit status; what
 * was wrong has been said. */
int input_read(input *in, int argc, char **argv);

void input_free(input *in);

#endif
