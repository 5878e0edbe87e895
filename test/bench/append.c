/* Appending to a short and to a long chain: bc_chain_mine in a network without zeros, which makes,
 * judges, stores and connects a block and searches for nothing. Two records wait each time.
 *
 *     bench_append memory HEIGHT           long chain: made at the start, in memory
 *     bench_append sqlite LONG SHORT       long chain: a file that is there; SHORT is made anew
 *
 * Commands: short COUNT, long COUNT; seconds a block, the mean. `short` opens a chain of 100 blocks
 * first. Before the clock starts both append as many blocks, so that both are equally warm, and in a
 * SQLite file the write-ahead log has been filled and begun anew, as in a program that has run for a
 * while: a log that is still growing costs the disk more. */
#include <bc/sqlite.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "test/support/bench.h"

enum {
    ZEROS = 0,
    SHORT_BLOCKS = 100,
    WARM_BLOCKS = 20,
    RECORDS = 2,
    LOG_VALUES = 1100, /* of BC_VALUE_BYTES_MAX: more than a log of 4 MiB holds */
};

typedef struct appending {
    bc_params *params;
    bc_chain *long_chain;
    const char *short_path; /* NULL: in memory */
} appending;

static bool fill_log(bc_chain *chain)
{
    static const uint8_t value[BC_VALUE_BYTES_MAX];
    bc_error error = {0};
    for (unsigned at = 0; at < LOG_VALUES; at++) {
        if (bc_chain_set_value(chain, "filling", value, sizeof value, &error) != BC_OK) {
            return bench_complain("bc_chain_set_value", &error);
        }
    }
    return true;
}

static bool open_chain(bc_chain **chain, bc_params *params, const char *path)
{
    bc_error error = {0};
    bc_store store = BC_STORE_INIT;
    bc_options options = BC_OPTIONS_INIT;
    *chain = NULL;
    if (path != NULL) {
        if (bc_sqlite_store(&store, path, NULL, &error) != BC_OK) {
            return bench_complain("bc_sqlite_store", &error);
        }
        options.store = &store;
    }
    if (bc_chain_open(chain, params, &options, &error) != BC_OK) {
        return bench_complain("bc_chain_open", &error);
    }
    return path == NULL || fill_log(*chain);
}

static bool append(bc_chain *chain, uint64_t count, double *result)
{
    bc_error error = {0};
    double spent = 0;
    for (uint64_t at = 0; at < count; at++) {
        bc_block *block;
        if (!bench_records(chain, RECORDS)) {
            return false;
        }
        double start = bench_seconds();
        if (bc_chain_mine(chain, &block, NULL, &error) != BC_OK) {
            return bench_complain("bc_chain_mine", &error);
        }
        spent += bench_seconds() - start;
        bc_block_unref(block);
    }
    *result = count == 0 ? 0 : spent / (double)count;
    return true;
}

static bool append_long(void *context, uint64_t count, double *result)
{
    const appending *with = context;
    double warm;
    return append(with->long_chain, WARM_BLOCKS, &warm) && append(with->long_chain, count, result);
}

static bool append_short(void *context, uint64_t count, double *result)
{
    const appending *with = context;
    bc_chain *chain;
    double warm;
    if (with->short_path != NULL) {
        (void)unlink(with->short_path);
    }
    bool good = open_chain(&chain, with->params, with->short_path) &&
                bench_grow(chain, SHORT_BLOCKS - WARM_BLOCKS) &&
                append(chain, WARM_BLOCKS, &warm) && append(chain, count, result);
    (void)bc_chain_close(chain, NULL);
    return good;
}

int main(int argc, char **argv)
{
    static const bench_command commands[] = {{"short", append_short}, {"long", append_long}};
    appending with = {0};
    int status = 1;
    bool memory = argc == 3 && strcmp(argv[1], "memory") == 0;
    if (!memory && !(argc == 4 && strcmp(argv[1], "sqlite") == 0)) {
        (void)fprintf(stderr, "usage: bench_append memory HEIGHT | sqlite LONG SHORT\n");
        return 2;
    }
    with.short_path = memory ? NULL : argv[3];
    with.params = bench_params(ZEROS);
    if (with.params != NULL && open_chain(&with.long_chain, with.params, memory ? NULL : argv[2]) &&
        (!memory || bench_grow(with.long_chain, strtoull(argv[2], NULL, 10)))) {
        status = bench_obey(commands, sizeof commands / sizeof commands[0], &with);
    }
    (void)bc_chain_close(with.long_chain, NULL);
    bc_params_unref(with.params);
    return status;
}
