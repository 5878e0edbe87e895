/* What hash and verify have in common: one file of JSON, read under the rules of a network. */
#ifndef EXAMPLES_BCCTL_INPUT_H
#define EXAMPLES_BCCTL_INPUT_H

#include <stddef.h>

#include <bc/bc.h>

typedef struct input {
    const char *command; /* the name of the command, for its complaints */
    const char *help;
    uint32_t limit;     /* BC_LIMIT_..., which --max-bytes sets */
    uint64_t max_bytes; /* its default, and after input_read what was asked for */
    const char *network;
    const char *file;
    bc_params *params;
    char *text;
    size_t length;
} input;

/* Reads the command line, the network and the file. Returns -1 to go on, else the exit status; what
 * was wrong has been said. */
int input_read(input *in, int argc, char **argv);

void input_free(input *in);

#endif
