/* The search for a proof behind genesis, whose proof is 100. 64 zeros are asked for, so that every
 * attempt is made.
 *
 *     bench_search THREADS      command: search ATTEMPTS; seconds an attempt */
#include <stdio.h>
#include <stdlib.h>

#include "test/support/bench.h"

enum { ZEROS = 64 };

static bool search(void *context, uint64_t attempts, double *result)
{
    bc_error error = {0};
    uint64_t nonce;
    uint32_t found = 0;
    double start = bench_seconds();
    bc_status status = bc_work_search(context, &nonce, &found, 0, attempts, &error);
    *result = (bench_seconds() - start) / (double)attempts;
    if (status != BC_OK || found != 0 || attempts == 0) {
        return bench_complain("bc_work_search", &error);
    }
    return true;
}

int main(int argc, char **argv)
{
    static const bench_command commands[] = {{"search", search}};
    bc_mine_options options = BC_MINE_OPTIONS_INIT;
    bc_error error = {0};
    bc_chain *chain = NULL;
    bc_work *work = NULL;
    int status = 1;
    if (argc != 2) {
        (void)fprintf(stderr, "usage: bench_search THREADS\n");
        return 2;
    }
    options.threads = (uint32_t)strtoul(argv[1], NULL, 10);
    bc_params *params = bench_params(ZEROS);
    if (params != NULL && bc_chain_open(&chain, params, NULL, &error) == BC_OK &&
        bc_chain_work(chain, &work, &options, &error) == BC_OK) {
        status = bench_obey(commands, sizeof commands / sizeof commands[0], work);
    } else {
        (void)bench_complain("bench_search", &error);
    }
    bc_work_unref(work);
    (void)bc_chain_close(chain, NULL);
    bc_params_unref(params);
    return status;
}
