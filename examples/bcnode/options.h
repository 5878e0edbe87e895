/* The command line of bcnode. */
#ifndef EXAMPLES_BCNODE_OPTIONS_H
#define EXAMPLES_BCNODE_OPTIONS_H

#include <stddef.h>

#include <bc/bc.h>

typedef struct node_options {
    uint32_t port;         /* 0: any that is free */
    uint32_t threads;      /* that search for a proof */
    uint64_t peer_seconds; /* that a peer may take to answer */
    uint64_t body_bytes;   /* of a request, that are taken */
    const char *bind;
    const char *network;
    const char *data;   /* NULL: the user's data folder */
    const char **peers; /* as they were written; freed by options_free */
    size_t peer_count;
    const char *key;             /* file of the key that seals and is rewarded; NULL: none */
    const char *passphrase_file; /* NULL: the terminal is asked */
    uint8_t recipient[32];       /* of rewards, where there is one */
    int has_recipient;
    int alone;
    int verbose;
} node_options;

/* Fills in the defaults and what argv says. Returns -1 to go on, else the exit status; what was wrong
 * has been said on standard error. */
int options_read(node_options *options, int argc, char **argv);
void options_free(node_options *options);

#endif
