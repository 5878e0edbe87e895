/* A chain as a peer sends it: verified, and only read and written.
 *
 *     bench_json FILE      commands: verify BLOCKS, canonical 0; seconds */
#include <stdio.h>
#include <stdlib.h>

#include "src/block/canonical_json.h"
#include "test/support/bench.h"

enum { ZEROS = 4 };

typedef struct file_text {
    bc_params *params;
    uint8_t *bytes;
    size_t length;
} file_text;

static bool verify(void *context, uint64_t blocks, double *result)
{
    const file_text *text = context;
    bc_error error = {0};
    bc_verification found = BC_VERIFICATION_INIT;
    double start = bench_seconds();
    bc_status status =
        bc_verify_chain(text->params, &found, text->bytes, text->length, NULL, NULL, &error);
    *result = bench_seconds() - start;
    if (status != BC_OK || found.verdict != BC_VERDICT_ACCEPTED || found.blocks != blocks) {
        return bench_complain("bc_verify_chain", &error);
    }
    return true;
}

static void *take(void *context, size_t size)
{
    (void)context;
    return malloc(size);
}

static void *take_again(void *context, void *memory, size_t size)
{
    (void)context;
    return realloc(memory, size);
}

static void give_back(void *context, void *memory)
{
    (void)context;
    free(memory);
}

static bool canonical(void *context, uint64_t number, double *result)
{
    static const bc__heap heap = {NULL, take, take_again, give_back};
    const file_text *text = context;
    bc__bytes out;
    bc__json_error where = {0};
    (void)number;
    bc__bytes_init(&out, &heap, SIZE_MAX);
    double start = bench_seconds();
    int32_t status =
        bc__json_canonical(&out, text->bytes, text->length, NULL, NULL, 0, NULL, NULL, &where);
    *result = bench_seconds() - start;
    bc__bytes_free(&out);
    if (status != BC__OK) {
        (void)fprintf(stderr, "bc__json_canonical: %s\n", where.what);
        return false;
    }
    return true;
}

int main(int argc, char **argv)
{
    static const bench_command commands[] = {{"verify", verify}, {"canonical", canonical}};
    file_text text = {0};
    int status = 1;
    if (argc != 2) {
        (void)fprintf(stderr, "usage: bench_json FILE\n");
        return 2;
    }
    text.params = bench_params(ZEROS);
    text.bytes = bench_read_file(argv[1], &text.length);
    if (text.params != NULL && text.bytes != NULL) {
        status = bench_obey(commands, sizeof commands / sizeof commands[0], &text);
    }
    free(text.bytes);
    bc_params_unref(text.params);
    return status;
}
