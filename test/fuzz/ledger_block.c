/* Blocks and transactions of the ledger's rules from outside, as bytes and as JSON: what is accepted has
 * exactly the bytes that came in, and its view reads back to them. The first byte of the input chooses
 * what it is. */
#include <stdlib.h>
#include <string.h>

#include "src/rules/ledger/ledger.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int condition)
{
    if (!condition) {
        abort();
    }
}

static void keep(bc__origin *origin)
{
    (void)origin;
}

static void check_tx(const bc_params *params, const bc_tx *tx)
{
    bc_tx *again;
    bc__bytes text;
    bc_tx_fields fields = BC_TX_FIELDS_INIT;
    bc__ledger_tx_fields(&fields, tx->bytes, tx->length);
    require(tx->length == BC__TX_FIXED_BYTES + fields.payload_length);
    bc__bytes_init(&text, &params->origin.heap, SIZE_MAX);
    require(bc__ledger_tx_json(tx, &text, NULL) == BC_OK);
    require(bc__ledger_tx_from_json(&again, params, (const char *)text.data, text.length, NULL) ==
            BC_OK);
    require(again->length == tx->length && memcmp(again->bytes, tx->bytes, tx->length) == 0);
    require(memcmp(again->id, tx->id, BC_ID_BYTES) == 0);
    bc_tx_unref(again);
    bc__bytes_free(&text);
}

static void check_block(const bc_params *params, const bc_block *block)
{
    bc_block *again;
    bc__bytes text;
    bc__header header;
    bc__bytes_init(&text, &params->origin.heap, SIZE_MAX);
    require(bc__ledger_block_json(block, &text, NULL) == BC_OK);
    require(bc__ledger_block_from_json(&again, params, (const char *)text.data, text.length,
                                       NULL) == BC_OK);
    require(again->bytes.length == block->bytes.length &&
            memcmp(again->bytes.data, block->bytes.data, block->bytes.length) == 0);
    require(memcmp(again->txs_root, block->txs_root, BC_ID_BYTES) == 0);
    require(bc__ledger_read_header(params, &header, block->bytes.data, block->sealed_length,
                                   NULL) == BC_OK);
    for (uint32_t at = 0; at < block->tx_count; at++) {
        bc_tx *tx;
        require(bc__ledger_block_tx(&tx, block, at, NULL) == BC_OK);
        check_tx(params, tx);
        bc_tx_unref(tx);
    }
    bc_block_unref(again);
    bc__bytes_free(&text);
}

static void read_one(const bc_params *params, uint8_t what, const uint8_t *data, size_t size)
{
    bc_error error = BC_ERROR_INIT;
    bc_status status;
    bc_block *block = NULL;
    bc_tx *tx = NULL;
    size_t used = 0;
    switch (what % 5) {
    case 0:
        status = bc__ledger_parse_block(&block, params, data, size, NULL, &error);
        require(status != BC_OK ||
                (block->bytes.length == size && memcmp(block->bytes.data, data, size) == 0));
        break;
    case 1:
        status = bc__ledger_parse_block(&block, params, data, size, &used, &error);
        require(status != BC_OK || (block->bytes.length == used && used <= size));
        break;
    case 2:
        status = bc__ledger_parse_tx(&tx, params, data, size, &error);
        require(status != BC_OK || (tx->length == size && memcmp(tx->bytes, data, size) == 0));
        break;
    case 3:
        status = bc__ledger_block_from_json(&block, params, (const char *)data, size, &error);
        break;
    default:
        status = bc__ledger_tx_from_json(&tx, params, (const char *)data, size, &error);
        break;
    }
    if (block != NULL) {
        check_block(params, block);
    }
    if (tx != NULL) {
        check_tx(params, tx);
    }
    require((status == BC_OK) == (block != NULL || tx != NULL));
    require((status == BC_OK) == (error.message[0] == '\0'));
    bc_block_unref(block);
    bc_tx_unref(tx);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    bc__ledger ledger = {.block_bytes = 1 << 20, .payload_bytes = 64 << 10};
    bc_params params = {.limits = {1024, 1024, 64, 4300}, .of.ledger = &ledger};
    if (size == 0) {
        return 0;
    }
    require(bc__origin_init(&params.origin, NULL, keep, NULL) == BC_OK);
    read_one(&params, data[0], data + 1, size - 1);
    return 0;
}
