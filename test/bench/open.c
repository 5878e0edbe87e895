/* A chain in a SQLite file. To be run anew for each opening, for the memory that a process has had
 * at most shows only once.
 *
 *     bench_open FILE      commands: make HEIGHT, open 0; seconds */
#include <bc/sqlite.h>
#include <stdio.h>

#include "test/support/bench.h"

enum { ZEROS = 0, COMMIT_INTERVAL_US = 1000000 };

typedef struct opened {
    const char *path;
    bc_params *params;
    bc_chain *chain;
} opened;

static bool open_file(opened *file, uint64_t commit_interval_us)
{
    bc_error error = {0};
    bc_store store = BC_STORE_INIT;
    bc_options options = BC_OPTIONS_INIT;
    options.store = &store;
    options.commit_interval_us = commit_interval_us;
    if (bc_sqlite_store(&store, file->path, NULL, &error) != BC_OK ||
        bc_chain_open(&file->chain, file->params, &options, &error) != BC_OK) {
        return bench_complain(file->path, &error);
    }
    return true;
}

static bool open_chain(void *context, uint64_t number, double *result)
{
    (void)number;
    double start = bench_seconds();
    bool good = open_file(context, 0);
    *result = bench_seconds() - start;
    return good;
}

/* Commits once a second, not once a block: this is not what is measured. */
static bool make_chain(void *context, uint64_t height, double *result)
{
    opened *file = context;
    bc_error error = {0};
    double start = bench_seconds();
    bool good = open_file(file, COMMIT_INTERVAL_US) && bench_grow(file->chain, height);
    if (bc_chain_close(file->chain, &error) != BC_OK) {
        good = bench_complain("bc_chain_close", &error);
    }
    file->chain = NULL;
    *result = bench_seconds() - start;
    return good;
}

int main(int argc, char **argv)
{
    static const bench_command commands[] = {{"make", make_chain}, {"open", open_chain}};
    opened file = {0};
    int status = 1;
    if (argc != 2) {
        (void)fprintf(stderr, "usage: bench_open FILE\n");
        return 2;
    }
    file.path = argv[1];
    file.params = bench_params(ZEROS);
    if (file.params != NULL) {
        status = bench_obey(commands, sizeof commands / sizeof commands[0], &file);
    }
    (void)bc_chain_close(file.chain, NULL);
    bc_params_unref(file.params);
    return status;
}
