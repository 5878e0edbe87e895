/* minimal: opens a chain in memory, puts a record into it, mines a block, checks the whole chain.
 *
 * Against an installed libbc:
 *     cc -std=c11 -o minimal minimal.c $(pkg-config --cflags --libs libbc)
 */
#include <stdio.h>
#include <string.h>

#include <bc/bc.h>

int main(void)
{
    static const char record[] = "{\"sender\": \"ann\", \"recipient\": \"bob\", \"amount\": 5}";
    bc_error error = BC_ERROR_INIT;
    bc_params *params = NULL;
    bc_chain *chain = NULL;
    bc_tx *tx = NULL;
    bc_block *block = NULL;
    bc_buffer *json = NULL;
    bc_status status;

    if ((status = bc_params_preset(&params, "tutorial", NULL, &error)) == BC_OK &&
        (status = bc_chain_open(&chain, params, NULL, &error)) == BC_OK &&
        (status = bc_tx_from_json(&tx, params, record, strlen(record), &error)) == BC_OK &&
        (status = bc_chain_submit_tx(chain, NULL, NULL, tx, &error)) == BC_OK &&
        (status = bc_chain_mine(chain, &block, NULL, &error)) == BC_OK &&
        (status = bc_chain_verify(chain, NULL, NULL, NULL, &error)) == BC_OK &&
        (status = bc_block_json(block, &json, &error)) == BC_OK) {
        (void)printf("The chain is valid. Its last block:\n%s\n",
                     (const char *)bc_buffer_data(json));
    } else {
        (void)fprintf(stderr, "minimal: %s: %s\n", bc_status_name(status), error.message);
    }
    bc_buffer_unref(json);
    bc_block_unref(block);
    bc_tx_unref(tx);
    (void)bc_chain_close(chain, NULL);
    bc_params_unref(params);
    return status == BC_OK ? 0 : 1;
}
