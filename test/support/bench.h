/* What the programs of test/bench share. Each is a worker: it sets itself up, then reads lines
 * "COMMAND NUMBER" from standard input, does what it is told once, and answers each with one line
 * that holds one number, mostly seconds. So test/bench/run.py can take turns between ours and its
 * peer, round by round. */
#ifndef BC_TEST_SUPPORT_BENCH_H
#define BC_TEST_SUPPORT_BENCH_H

#include <bc/bc.h>

#include <stdbool.h>

/* False where it failed; it has then said why with bench_complain. */
typedef bool (*bench_fn)(void *context, uint64_t number, double *result);

typedef struct bench_command {
    const char *name;
    bench_fn run;
} bench_command;

/* Obeys until standard input ends. The exit status: 1 when a command is unknown or fails. */
int bench_obey(const bench_command *commands, size_t count, void *context);

/* Writes a line to standard error and returns false. */
bool bench_complain(const char *what, const bc_error *error);

/* A clock that only goes forward, in seconds. */
double bench_seconds(void);

/* The article's rules with that many zeros; NULL on failure, which was complained of. */
bc_params *bench_params(unsigned zeros);

/* Submits as many different records to the chain. */
bool bench_records(bc_chain *chain, unsigned count);

/* Grows a chain to that height, each block with two records and the reward. */
bool bench_grow(bc_chain *chain, uint64_t height);

/* A whole file, to be freed; NULL on failure, which was complained of. */
uint8_t *bench_read_file(const char *path, size_t *length);

#endif
