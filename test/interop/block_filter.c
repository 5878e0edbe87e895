/* Blocks and chains through libbc as a filter, for run_python_blocks.py. A line of standard input is
 *
 *     DIALECT ZEROS hash|verify HEXADECIMAL
 *
 * and gives one line of output: "= hash" for a block; "valid BLOCKS RECORDS TIP" or
 * "invalid POSITION REASON" for a chain; "! STATUS message" where the text is refused. A chain that is
 * valid and longer than one block is submitted too, and must become the best. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bc/bc.h>

static void print_hex(const uint8_t id[BC_ID_BYTES])
{
    for (size_t at = 0; at < BC_ID_BYTES; at++) {
        printf("%02x", id[at]);
    }
    printf("\n");
}

static bool refuse(bc_status status, const bc_error *error)
{
    printf("! %s %s\n", bc_status_name(status), error->message);
    return true;
}

static bool hash(const bc_params *params, const uint8_t *text, size_t length)
{
    bc_block *block;
    bc_error error = {0};
    uint8_t id[BC_ID_BYTES];
    bc_status status = bc_block_parse(&block, params, text, length, &error);
    if (status != BC_OK) {
        return refuse(status, &error);
    }
    bc_block_id(block, id);
    bc_block_unref(block);
    printf("= ");
    print_hex(id);
    return true;
}

/* False where the chain does not become the best one, or is not good afterwards. */
static bool submit(bc_params *params, const uint8_t *text, size_t length,
                   const bc_verification *expected)
{
    bc_chain *chain;
    uint32_t verdict;
    uint64_t height;
    uint8_t id[BC_ID_BYTES];
    if (bc_chain_open(&chain, params, NULL, NULL) != BC_OK) {
        return false;
    }
    bool good = bc_chain_submit_chain(chain, &verdict, NULL, NULL, text, length, NULL) == BC_OK &&
                verdict == BC_VERDICT_ACCEPTED && bc_chain_tip(chain, &height, id, NULL) == BC_OK &&
                height == expected->blocks - 1 && memcmp(id, expected->tip, sizeof id) == 0 &&
                bc_chain_verify(chain, NULL, NULL, NULL, NULL) == BC_OK;
    return bc_chain_close(chain, NULL) == BC_OK && good;
}

static bool verify(bc_params *params, const uint8_t *text, size_t length)
{
    bc_verification result = BC_VERIFICATION_INIT;
    bc_error error = {0};
    bc_status status = bc_verify_chain(params, &result, text, length, NULL, NULL, &error);
    if (status != BC_OK) {
        return refuse(status, &error);
    }
    if (result.verdict != BC_VERDICT_ACCEPTED) {
        printf("invalid %llu %s\n", (unsigned long long)result.blocks,
               bc_reason_name(result.reason));
        return true;
    }
    if (result.blocks > 1 && !submit(params, text, length, &result)) {
        fprintf(stderr, "a chain that is valid did not become the best chain\n");
        return false;
    }
    printf("valid %llu %llu ", (unsigned long long)result.blocks,
           (unsigned long long)result.transactions);
    print_hex(result.tip);
    return true;
}

/* The bytes of a text in hexadecimal, in memory of their own size, so that sanitizers see one too far. */
static uint8_t *decode(const char *hex, size_t *length)
{
    *length = strlen(hex) / 2;
    uint8_t *bytes = malloc(*length + (*length == 0));
    for (size_t at = 0; bytes != NULL && at < *length; at++) {
        const char pair[] = {hex[2 * at], hex[2 * at + 1], '\0'};
        bytes[at] = (uint8_t)strtoul(pair, NULL, 16);
    }
    return bytes;
}

static bool answer(unsigned dialect, unsigned zeros, const char *what, const char *hex)
{
    char json[128];
    bc_params *params;
    size_t length;
    uint8_t *text = decode(hex, &length);
    int json_length =
        snprintf(json, sizeof json,
                 "{\"rules\":\"tutorial\",\"version\":1,\"name\":\"filter\",\"dialect\":%u,"
                 "\"zeros\":%u}",
                 dialect, zeros);
    bool good =
        text != NULL && bc_params_parse(&params, json, (size_t)json_length, NULL, NULL) == BC_OK;
    if (good) {
        good =
            strcmp(what, "hash") == 0 ? hash(params, text, length) : verify(params, text, length);
        bc_params_unref(params);
    }
    free(text);
    return good;
}

int main(void)
{
    char *line = NULL;
    size_t size = 0;
    bool good = true;
    while (good && getline(&line, &size, stdin) > 0) {
        unsigned dialect;
        unsigned zeros;
        char what[8];
        int at = 0;
        good = sscanf(line, "%u %u %7s %n", &dialect, &zeros, what, &at) == 3;
        if (good) {
            line[strcspn(line, "\n")] = '\0';
            good = answer(dialect, zeros, what, line + at);
        }
    }
    free(line);
    return good ? 0 : 1;
}
