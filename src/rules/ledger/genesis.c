/* Genesis: the block that the parameters make. Its payload is their canonical form, so a chain
 * describes itself, and its id, which is the network's, commits to every rule. */
#include <assert.h>

#include "lib/integers.h"
#include "lib/sha256/sha256.h"
#include "src/base/error.h"
#include "src/block/merkle.h"
#include "src/rules/ledger/ledger.h"

enum {
    SEALED_BYTES = BC__HEADER_BYTES + 1, /* genesis has no seal */
    BEFORE_TX_BYTES = SEALED_BYTES + 4,
    AUTHORITY_BITS = 1,
};

static bc_status write_failed(int32_t result, bc_error *error)
{
    return result == BC__ERR_MEMORY
               ? bc__fail_memory(error)
               : bc__fail(error, BC_ERR_LIMIT, "the network's first block is too large");
}

/* `tx` is the encoding of the one transaction. */
static void write_header(uint8_t out[BC__HEADER_BYTES], const bc__ledger *ledger, const uint8_t *tx,
                         size_t length)
{
    static const bc__merkle_peaks no_headers;
    bc__ledger_header header = {
        .bits = ledger->by_authority ? AUTHORITY_BITS : ledger->bits,
        .time = ledger->time,
    };
    uint8_t txs_root[BC_ID_BYTES]; /* of one leaf: its hash */
    uint8_t history_root[BC_ID_BYTES];
    bc__merkle_leaf(txs_root, tx, length);
    bc__merkle_root(&no_headers, history_root);
    bc__ledger_content(header.content, 1, txs_root, history_root);
    bc__ledger_header_write(out, &header);
}

bc_status bc__ledger_write_genesis(bc__bytes *out, const bc__ledger *ledger, const char *json,
                                   size_t length, bc_error *error)
{
    static const uint8_t nobody[BC__PUBLIC_KEY_BYTES] = {0};
    assert(length <= BC__PARAMS_BYTES_MAX);
    uint8_t before_tx[BEFORE_TX_BYTES] = {0}; /* the header is known once the transaction is */
    bc__ledger_tx tx = {
        .kind = BC_TX_REWARD,
        .payload_length = (uint32_t)length,
        .sender = nobody,
        .recipient = nobody,
        .payload = (const uint8_t *)json,
    };
    size_t begin = out->length;
    bc__put_le(before_tx + SEALED_BYTES, 1, 4);
    int32_t result = bc__bytes_append(out, before_tx, sizeof before_tx);
    if (result == BC__OK) {
        result = bc__ledger_tx_write(out, &tx);
    }
    if (result != BC__OK) {
        out->length = begin;
        return write_failed(result, error);
    }
    uint8_t *block = out->data + begin;
    write_header(block, ledger, block + BEFORE_TX_BYTES, out->length - begin - BEFORE_TX_BYTES);
    return BC_OK;
}

static bc_status write_from_params(bc__bytes *out, const bc_params *params, bc_error *error)
{
    bc__bytes_init(out, &params->origin.heap, SIZE_MAX);
    return bc__ledger_write_genesis(out, bc__ledger_of(params), (const char *)params->json.data,
                                    params->json.length, error);
}

bc_status bc__ledger_network_id(uint8_t id[BC_ID_BYTES], const bc_params *params, bc_error *error)
{
    bc__bytes genesis;
    bc_status status = write_from_params(&genesis, params, error);
    if (status == BC_OK) {
        bc__sha256(id, genesis.data, BC__HEADER_BYTES);
    }
    bc__bytes_free(&genesis);
    return status;
}

bc_status bc__ledger_make_genesis(bc_block **out, const bc_params *params, int64_t now,
                                  bc_error *error)
{
    (void)now; /* its time is a parameter */
    *out = NULL;
    bc__bytes genesis;
    bc_status status = write_from_params(&genesis, params, error);
    if (status == BC_OK) {
        status = bc__ledger_parse_block(out, params, genesis.data, genesis.length, NULL, error);
    }
    bc__bytes_free(&genesis);
    return status;
}
