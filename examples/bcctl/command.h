/* The commands of bcctl. Each is a file of its own. */
#ifndef EXAMPLES_BCCTL_COMMAND_H
#define EXAMPLES_BCCTL_COMMAND_H

#include <bc/bc.h>

/* Exit statuses. */
enum {
    EXIT_GOOD = 0,     /* done; the chain is valid */
    EXIT_FAILED = 1,   /* the chain is not valid, or the work could not be done */
    EXIT_UNUSABLE = 2, /* the command line or the input cannot be used */
};

/* Each gets the arguments behind its name, after one that names the program, prints, and returns an exit status. */
int command_hash(int argc, char **argv);
int command_verify(int argc, char **argv);
int command_mine(int argc, char **argv);
int command_show(int argc, char **argv);
int command_network(int argc, char **argv);
int command_replay(int argc, char **argv);
int command_prove(int argc, char **argv);
int command_verify_proof(int argc, char **argv);
int command_keygen(int argc, char **argv);
int command_address(int argc, char **argv);
int command_sign(int argc, char **argv);
int command_send(int argc, char **argv);
int command_balance(int argc, char **argv);

/* Prints "bcctl: NAME: what is wrong" to standard error and returns `status`. A file named "-" is
 * called standard input. */
int complain(const char *name, const bc_error *error, int status);

/* Ends a bad command line: says where help is, and returns EXIT_UNUSABLE. */
int see_help(const char *command);

/* Says on standard error that an option has a value that it cannot take, and as see_help. */
int bad_value(const char *command, const char *option, const char *value, const char *expected);

#endif
