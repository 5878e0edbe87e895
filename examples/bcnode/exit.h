/* The exit statuses of bcnode. */
#ifndef EXAMPLES_BCNODE_EXIT_H
#define EXAMPLES_BCNODE_EXIT_H

enum {
    EXIT_ENDED = 0,   /* by a signal, or after --help */
    EXIT_TROUBLE = 1, /* it could not start, or not keep what it had */
    EXIT_USAGE = 2,   /* the command line does not make sense */
};

#endif
