/* Descriptions of networks as a filter, for run_ledger_params.py. A line of standard input is a
 * document; a line of output is the network's id and its canonical form, or "refused" and why. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bc/bc.h>

static void answer(const char *json, size_t length)
{
    bc_error error = BC_ERROR_INIT;
    bc_params *params;
    if (bc_params_parse(&params, json, length, NULL, &error) != BC_OK) {
        printf("refused %s\n", error.message);
        return;
    }
    uint8_t id[BC_ID_BYTES];
    bc_params_network_id(params, id);
    for (size_t at = 0; at < sizeof id; at++) {
        printf("%02" PRIx8, id[at]);
    }
    printf(" %s\n", bc_params_json(params, NULL));
    bc_params_unref(params);
}

int main(void)
{
    char *line = NULL;
    size_t capacity = 0;
    ssize_t length;
    while ((length = getline(&line, &capacity, stdin)) > 0) {
        answer(line, (size_t)length - (line[length - 1] == '\n'));
    }
    free(line);
    return 0;
}
