/* The node's identifier: 32 hexadecimal digits, drawn once and kept with the chain. */
#ifndef EXAMPLES_BCNODE_IDENTIFIER_H
#define EXAMPLES_BCNODE_IDENTIFIER_H

#include <bc/bc.h>

enum { IDENTIFIER_DIGITS = 32 };

/* Reads the identifier that the chain keeps, or makes one and keeps it. */
bc_status identifier_get(char out[IDENTIFIER_DIGITS + 1], bc_chain *chain, bc_error *error);

#endif
