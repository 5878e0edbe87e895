/* The log: a chain in a folder, beside the description of its network. */
#ifndef EXAMPLES_AUDIT_LOG_LOG_H
#define EXAMPLES_AUDIT_LOG_LOG_H

#include "examples/audit_log/record.h"

typedef struct audit_log {
    bc_params *params;
    bc_chain *chain;
} audit_log;

/* Opens what is in the folder. The caller closes the log, on failure too. */
bc_status log_open(audit_log *log, const char *folder, bc_error *error);

/* Opens or makes the chain of log->params. */
bc_status log_open_chain(audit_log *log, const char *folder, int create, bc_error *error);

/* Returns `status` where that is an error, else what the last commit met. */
bc_status log_close(audit_log *log, bc_status status, bc_error *error);

/* A record where it stands. */
typedef struct entry {
    uint64_t height;
    int64_t time; /* of the block, microseconds */
    uint8_t tx_id[BC_ID_BYTES];
    record record;
} entry;

typedef int (*entry_fn)(void *context, const entry *found); /* 1 ends the walk */

/* Visits the records of one block, or of all, the oldest first. */
bc_status log_visit_block(const bc_block *block, int *ended, entry_fn visit, void *context,
                          bc_error *error);
bc_status log_visit(audit_log *log, entry_fn visit, void *context, bc_error *error);

/* Prints a line. An entry_fn; `context` is not used. */
int entry_print(void *context, const entry *found);

#endif
