/* The commands of audit_log. Each returns the program's exit status. */
#ifndef EXAMPLES_AUDIT_LOG_COMMAND_H
#define EXAMPLES_AUDIT_LOG_COMMAND_H

#include <bc/bc.h>

enum { EXIT_GOOD = 0, EXIT_FAILED = 1, EXIT_UNUSABLE = 2 };

enum { HEADER_BYTES = 96, PATH_BYTES = 4096 };

/* The command line. What was not given is NULL, if it has no default. */
typedef struct request {
    const char *log_name;
    const char *key;
    const char *passphrase_file;
    const char *note;
    const char *output;
    const char *under;
    const char *network;
    char **arguments;
    int count;
} request;

int command_init(const request *wanted);
int command_append(const request *wanted);
int command_show(const request *wanted);
int command_prove(const request *wanted);
int command_verify(const request *wanted);

/* Prints the sentence to standard error, behind what it is about, and returns `status`. */
int complain(const char *about, const bc_error *error, int status);

/* Two texts, one behind the other. BC_ERR_LIMIT. */
bc_status join(char out[PATH_BYTES], const char *first, const char *second, bc_error *error);

/* Where the writer's key is: as the options say, or in the log's folder. */
bc_status key_path(char out[PATH_BYTES], const request *wanted, bc_error *error);

/* `mode` as fopen has it. On the disk when it returns. BC_ERR_STORE. */
bc_status write_file(const char *path, const char *mode, const void *bytes, size_t length,
                     bc_error *error);

#endif
