/* The node: a chain in a data folder, its peers over HTTP, and a server. */
#ifndef EXAMPLES_BCNODE_NODE_H
#define EXAMPLES_BCNODE_NODE_H

#include <bc/bc.h>
#include <bc/http.h>

#include "examples/bcnode/identifier.h"
#include "examples/bcnode/options.h"

typedef struct node {
    bc_params *params;
    bc_http *http;
    bc_chain *chain;
    char *folder;     /* that keeps the chain */
    int has_accounts; /* the network's rules: rewards go to keys, else to the identifier */
    char identifier[IDENTIFIER_DIGITS + 1];
} node;

/* Opens the chain, registers the peers and begins to listen. `network` is the description that
 * options->network names; the node takes the reference, on failure too. `key` is that of options->key,
 * or NULL. On failure node_close is still to be called. */
bc_status node_open(node *self, const node_options *options, bc_params *network, const bc_key *key,
                    bc_error *error);

/* Ends the requests that are under way, and closes the chain. Not BC_OK where something could not be
 * kept. */
bc_status node_close(node *self, bc_error *error);

#endif
