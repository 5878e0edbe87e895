/* A chain in a SQLite file: what opening it and serving it take. To be run anew for each figure,
 * for the memory that a process has had shows only once.
 *
 *     bench_open FILE
 *
 * Commands: make HEIGHT, open 0, serve 0; seconds. peak 0: the most memory that was resident so far
 * (VmHWM), in KiB. settle 0: begins to count that anew from what is resident now, and says it. */
#include <bc/sqlite.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "test/support/bench.h"

enum { ZEROS = 0, PIECE_BYTES = 16384, LINE_BYTES = 256 };

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

/* Commits once a second, or it would wait for the disk a hundred thousand times. */
static bool make_chain(void *context, uint64_t height, double *result)
{
    opened *file = context;
    bc_error error = {0};
    double start = bench_seconds();
    bool good = open_file(file, 1000000) && bench_grow(file->chain, height);
    if (bc_chain_close(file->chain, &error) != BC_OK) {
        good = bench_complain("bc_chain_close", &error);
    }
    file->chain = NULL;
    *result = bench_seconds() - start;
    return good;
}

static bool serve(void *context, uint64_t number, double *result)
{
    static uint8_t piece[PIECE_BYTES];
    const opened *file = context;
    bc_error error = {0};
    bc_answer *answer = NULL;
    size_t got = 0;
    (void)number;
    double start = bench_seconds();
    bc_status status = bc_chain_serve(file->chain, &answer, NULL, "chain", NULL, 0, &error);
    do {
        if (status == BC_OK) {
            status = bc_answer_read(answer, &got, piece, sizeof piece, &error);
        }
    } while (status == BC_OK && got > 0);
    *result = bench_seconds() - start;
    bc_answer_unref(answer);
    return status == BC_OK || bench_complain("bc_answer_read", &error);
}

static bool read_peak(double *result)
{
    char line[LINE_BYTES];
    bool found = false;
    FILE *file = fopen("/proc/self/status", "r");
    while (file != NULL && !found && fgets(line, sizeof line, file) != NULL) {
        found = sscanf(line, "VmHWM: %lf kB", result) == 1;
    }
    if (file != NULL) {
        (void)fclose(file);
    }
    return found || bench_complain("/proc/self/status", NULL);
}

static bool peak(void *context, uint64_t number, double *result)
{
    (void)context;
    (void)number;
    return read_peak(result);
}

static bool settle(void *context, uint64_t number, double *result)
{
    (void)context;
    (void)number;
    /* proc(5): 5 sets the peak to what is resident now. */
    FILE *file = fopen("/proc/self/clear_refs", "w");
    bool good = file != NULL && fputs("5", file) >= 0;
    if (file != NULL && fclose(file) != 0) {
        good = false;
    }
    return (good || bench_complain("/proc/self/clear_refs", NULL)) && read_peak(result);
}

int main(int argc, char **argv)
{
    static const bench_command commands[] = {{"make", make_chain},
                                             {"open", open_chain},
                                             {"serve", serve},
                                             {"peak", peak},
                                             {"settle", settle}};
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
