#include "test/support/bench.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { LINE_BYTES = 128, RECORDS_A_BLOCK = 2 };

static const bench_command *find(const bench_command *commands, size_t count, const char *name)
{
    for (size_t at = 0; at < count; at++) {
        if (strcmp(commands[at].name, name) == 0) {
            return &commands[at];
        }
    }
    return NULL;
}

int bench_obey(const bench_command *commands, size_t count, void *context)
{
    char line[LINE_BYTES];
    while (fgets(line, sizeof line, stdin) != NULL) {
        char name[LINE_BYTES];
        uint64_t number = 0;
        double result = 0;
        const bench_command *command = NULL;
        if (sscanf(line, "%127s %" SCNu64, name, &number) == 2) {
            command = find(commands, count, name);
        }
        if (command == NULL) {
            (void)fprintf(stderr, "no command \"COMMAND NUMBER\": %s", line);
            return 1;
        }
        if (!command->run(context, number, &result)) {
            return 1;
        }
        (void)printf("%.9f\n", result);
        (void)fflush(stdout);
    }
    return 0;
}

bool bench_complain(const char *what, const bc_error *error)
{
    (void)fprintf(stderr, "%s: %s\n", what, error == NULL ? strerror(errno) : error->message);
    return false;
}

double bench_seconds(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

bc_params *bench_params(unsigned zeros)
{
    char json[128];
    bc_error error = {0};
    bc_params *params;
    int length = snprintf(json, sizeof json,
                          "{\"dialect\":1,\"name\":\"bench\",\"rules\":\"tutorial\",\"version\":1,"
                          "\"zeros\":%u}",
                          zeros);
    if (bc_params_parse(&params, json, (size_t)length, NULL, &error) != BC_OK) {
        (void)bench_complain("bc_params_parse", &error);
    }
    return params;
}

bool bench_records(bc_chain *chain, unsigned count)
{
    for (unsigned at = 0; at < count; at++) {
        char json[160];
        bc_error error = {0};
        uint64_t height = 0;
        uint32_t verdict;
        bc_tx *tx;
        (void)bc_chain_tip(chain, &height, NULL, NULL);
        int length = snprintf(json, sizeof json,
                              "{\"sender\":\"%032" PRIx64 "\",\"recipient\":\"%032" PRIx64
                              "\",\"amount\":%" PRIu64 ".%u}",
                              height * 0x9e3779b97f4a7c15U, height * 0xc2b2ae3d27d4eb4fU + at,
                              height % 1000, at + 1);
        if (bc_tx_from_json(&tx, bc_chain_params(chain), json, (size_t)length, &error) != BC_OK) {
            return bench_complain("bc_tx_from_json", &error);
        }
        bc_status status = bc_chain_submit_tx(chain, &verdict, NULL, tx, &error);
        bc_tx_unref(tx);
        if (status != BC_OK || verdict != BC_VERDICT_ACCEPTED) {
            return bench_complain("bc_chain_submit_tx", &error);
        }
    }
    return true;
}

bool bench_grow(bc_chain *chain, uint64_t height)
{
    bc_error error = {0};
    uint64_t tip = 0;
    for (;;) {
        bc_block *block;
        (void)bc_chain_tip(chain, &tip, NULL, NULL);
        if (tip >= height) {
            return true;
        }
        if (!bench_records(chain, RECORDS_A_BLOCK)) {
            return false;
        }
        if (bc_chain_mine(chain, &block, NULL, &error) != BC_OK) {
            return bench_complain("bc_chain_mine", &error);
        }
        bc_block_unref(block);
    }
}

uint8_t *bench_read_file(const char *path, size_t *length)
{
    FILE *file = fopen(path, "rb");
    uint8_t *bytes = NULL;
    long end = -1;
    if (file != NULL && fseek(file, 0, SEEK_END) == 0) {
        end = ftell(file);
    }
    if (end > 0 && fseek(file, 0, SEEK_SET) == 0) {
        bytes = malloc((size_t)end);
    }
    if (bytes != NULL && fread(bytes, 1, (size_t)end, file) != (size_t)end) {
        free(bytes);
        bytes = NULL;
    }
    if (bytes == NULL) {
        (void)bench_complain(path, NULL);
    } else {
        *length = (size_t)end;
    }
    if (file != NULL) {
        (void)fclose(file);
    }
    return bytes;
}
