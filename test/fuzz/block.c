/* A block or a record from outside: what is accepted encodes to something that is accepted again and
 * has the same id. The first byte of the input chooses the dialect. */
#include <stdlib.h>
#include <string.h>

#include <bc/bc.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int condition)
{
    if (!condition) {
        abort();
    }
}

static void check_block(const bc_params *params, const bc_block *block)
{
    uint8_t id[BC_ID_BYTES];
    uint8_t again_id[BC_ID_BYTES];
    size_t length;
    bc_block *again;
    const uint8_t *bytes = bc_block_bytes(block, &length);
    require(bc_block_parse(&again, params, bytes, length, NULL) == BC_OK);
    bc_block_id(block, id);
    bc_block_id(again, again_id);
    require(memcmp(id, again_id, sizeof id) == 0);
    require(bc_block_tx_count(block) == bc_block_tx_count(again));
    bc_block_unref(again);
    for (size_t at = 0; at < bc_block_tx_count(block); at++) {
        bc_tx *tx;
        require(bc_block_tx(block, &tx, at, NULL) == BC_OK);
        bc_tx_unref(tx);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    bc_params *params;
    bc_block *block;
    bc_tx *tx;
    bc_error error = {0};
    if (size == 0) {
        return 0;
    }
    require(bc_params_preset(&params, data[0] % 2 == 0 ? "tutorial" : "tutorial-v2", NULL, NULL) ==
            BC_OK);
    if (bc_block_parse(&block, params, data + 1, size - 1, &error) == BC_OK) {
        check_block(params, block);
    }
    bc_block_unref(block);
    if (bc_tx_parse(&tx, params, data + 1, size - 1, &error) == BC_OK) {
        size_t length;
        const uint8_t *bytes = bc_tx_bytes(tx, &length);
        bc_tx *again;
        require(bc_tx_parse(&again, params, bytes, length, NULL) == BC_OK);
        bc_tx_unref(again);
    }
    bc_tx_unref(tx);
    if (bc_tx_from_json(&tx, params, (const char *)data + 1, size - 1, &error) != BC_OK) {
        require(error.message[0] != '\0' && memchr(error.message, 0, sizeof error.message) != NULL);
    }
    bc_tx_unref(tx);
    bc_params_unref(params);
    return 0;
}
