/* The option --network: the name of a preset, or a file with a description. */
#ifndef EXAMPLES_COMMON_NETWORK_H
#define EXAMPLES_COMMON_NETWORK_H

#include <bc/bc.h>

/* `name` is a file where it ends in ".json" or holds a slash. `error` is never NULL; its sentence
 * names the network or the file. Release with bc_params_unref. */
bc_status network_load(bc_params **out, const char *name, bc_error *error);

#endif
