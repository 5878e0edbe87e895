/* A data folder: where a node keeps its chain. bcnode makes it, bcctl reads it. */
#ifndef EXAMPLES_COMMON_DATA_FOLDER_H
#define EXAMPLES_COMMON_DATA_FOLDER_H

#include <bc/bc.h>

/* The folder that is used when the user names none: $XDG_DATA_HOME/bcnode/NETWORK, or
 * ~/.local/share/bcnode/NETWORK. BC_ERR_NOT_FOUND where neither XDG_DATA_HOME nor HOME says where,
 * or the network's name cannot be a folder's. The caller frees *out with free(). */
bc_status data_folder_default(char **out, const char *network, bc_error *error);

/* Makes the folder, and those above it, for the user's eyes alone (mode 0700), where they are not
 * there. BC_ERR_NOT_FOUND. */
bc_status data_folder_make(const char *folder, bc_error *error);

/* Opens the store in the folder; BC_ERR_NOT_FOUND where there is none and `create` is 0. The store is
 * for bc_chain_open, which takes it. */
bc_status data_folder_store(bc_store *out, const char *folder, int create, bc_error *error);

#endif
