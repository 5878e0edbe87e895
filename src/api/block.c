/* The public functions of bc_block and bc_tx. */
#include <string.h>

#include "src/base/buffer.h"
#include "src/base/error.h"
#include "src/base/versioned.h"
#include "src/rules/rules.h"

/* The origin is the first member of the params that an object was made from. */
static const bc_params *params_of(const bc__origin *origin)
{
    return (const bc_params *)origin;
}

bc_status bc_tx_parse(bc_tx **out, const bc_params *params, const uint8_t *bytes, size_t length,
                      bc_error *error)
{
    if (out == NULL) {
        return bc__fail_null(error, "out");
    }
    *out = NULL;
    if (params == NULL || bytes == NULL) {
        return bc__fail_null(error, params == NULL ? "params" : "bytes");
    }
    return params->rules->parse_tx(out, params, bytes, length, error);
}

bc_status bc_tx_from_json(bc_tx **out, const bc_params *params, const char *json, size_t length,
                          bc_error *error)
{
    if (out == NULL) {
        return bc__fail_null(error, "out");
    }
    *out = NULL;
    if (params == NULL || json == NULL) {
        return bc__fail_null(error, params == NULL ? "params" : "json");
    }
    return params->rules->tx_from_json(out, params, json, length, error);
}

void bc_tx_id(const bc_tx *tx, uint8_t id[BC_ID_BYTES])
{
    bc__give_id(id, tx == NULL ? NULL : tx->id);
}

const uint8_t *bc_tx_bytes(const bc_tx *tx, size_t *length)
{
    if (length != NULL) {
        *length = tx == NULL ? 0 : tx->length;
    }
    return tx == NULL ? NULL : tx->bytes;
}

bc_status bc_tx_sign(bc_tx **out, const bc_params *params, const bc_transfer *transfer,
                     const bc_key *signer, bc_error *error)
{
    bc_transfer known = BC_TRANSFER_INIT;
    if (out == NULL) {
        return bc__fail_null(error, "out");
    }
    *out = NULL;
    if (params == NULL || transfer == NULL || signer == NULL) {
        return bc__fail_null(error, params == NULL     ? "params"
                                    : transfer == NULL ? "transfer"
                                                       : "signer");
    }
    bc_status status = bc__versioned_read(&known, sizeof known, transfer, "bc_transfer", error);
    if (status != BC_OK) {
        return status;
    }
    if (params->rules->sign_tx == NULL) {
        return bc__fail(error, BC_ERR_UNSUPPORTED, "the rules \"%s\" know no signatures",
                        params->rules->name);
    }
    return params->rules->sign_tx(out, params, &known, signer, error);
}

bc_status bc_tx_get_fields(const bc_tx *tx, bc_tx_fields *fields)
{
    bc_tx_fields known = BC_TX_FIELDS_INIT;
    if (tx == NULL || fields == NULL) {
        return BC_ERR_ARGUMENT;
    }
    const bc__rules *rules = params_of(tx->origin)->rules;
    if (rules->tx_fields == NULL) {
        return BC_ERR_UNSUPPORTED;
    }
    rules->tx_fields(&known, tx->bytes, tx->length);
    return bc__versioned_write(fields, &known, sizeof known, "bc_tx_fields", NULL);
}

bc_status bc_tx_json(const bc_tx *tx, bc_buffer **out, bc_error *error)
{
    if (out == NULL) {
        return bc__fail_null(error, "out");
    }
    *out = NULL;
    if (tx == NULL) {
        return bc__fail_null(error, "tx");
    }
    bc__bytes text;
    bc__bytes_init(&text, &tx->origin->heap, SIZE_MAX);
    bc_status status = params_of(tx->origin)->rules->tx_json(tx, &text, error);
    if (status == BC_OK) {
        status = bc__buffer_take(out, &text, tx->origin, error);
    }
    bc__bytes_free(&text);
    return status;
}

bc_status bc_block_parse(bc_block **out, const bc_params *params, const uint8_t *bytes,
                         size_t length, bc_error *error)
{
    if (out == NULL) {
        return bc__fail_null(error, "out");
    }
    *out = NULL;
    if (params == NULL || bytes == NULL) {
        return bc__fail_null(error, params == NULL ? "params" : "bytes");
    }
    return params->rules->parse_block(out, params, bytes, length, NULL, error);
}

bc_status bc_block_from_json(bc_block **out, const bc_params *params, const char *json,
                             size_t length, bc_error *error)
{
    if (out == NULL) {
        return bc__fail_null(error, "out");
    }
    *out = NULL;
    if (params == NULL || json == NULL) {
        return bc__fail_null(error, params == NULL ? "params" : "json");
    }
    return params->rules->block_from_json(out, params, json, length, error);
}

void bc_block_id(const bc_block *block, uint8_t id[BC_ID_BYTES])
{
    bc__give_id(id, block == NULL ? NULL : block->id);
}

bc_status bc_block_parent(const bc_block *block, uint8_t id[BC_ID_BYTES])
{
    if (block == NULL || id == NULL) {
        return BC_ERR_ARGUMENT;
    }
    if (!block->has_parent) {
        return BC_ERR_NOT_FOUND;
    }
    memcpy(id, block->parent, BC_ID_BYTES);
    return BC_OK;
}

uint64_t bc_block_height(const bc_block *block)
{
    return block == NULL ? BC_NONE : block->claimed_height;
}

bc_status bc_block_time(const bc_block *block, int64_t *microseconds)
{
    if (block == NULL || microseconds == NULL) {
        return BC_ERR_ARGUMENT;
    }
    if (!block->has_time) {
        return BC_ERR_UNSUPPORTED;
    }
    *microseconds = block->time;
    return BC_OK;
}

bc_status bc_block_nonce(const bc_block *block, uint64_t *nonce)
{
    if (block == NULL || nonce == NULL) {
        return BC_ERR_ARGUMENT;
    }
    if (!block->has_nonce) {
        return BC_ERR_UNSUPPORTED;
    }
    *nonce = block->nonce;
    return BC_OK;
}

const uint8_t *bc_block_bytes(const bc_block *block, size_t *length)
{
    if (length != NULL) {
        *length = block == NULL ? 0 : block->bytes.length;
    }
    return block == NULL ? NULL : block->bytes.data;
}

const uint8_t *bc_block_header(const bc_block *block, size_t *length)
{
    size_t sealed = block == NULL ? 0 : block->sealed_length;
    if (length != NULL) {
        *length = sealed;
    }
    return sealed == 0 ? NULL : block->bytes.data;
}

bc_status bc_block_json(const bc_block *block, bc_buffer **out, bc_error *error)
{
    if (out == NULL) {
        return bc__fail_null(error, "out");
    }
    *out = NULL;
    if (block == NULL) {
        return bc__fail_null(error, "block");
    }
    bc__bytes text;
    bc__bytes_init(&text, &block->origin->heap, SIZE_MAX);
    bc_status status = params_of(block->origin)->rules->block_json(block, &text, error);
    if (status == BC_OK) {
        status = bc__buffer_take(out, &text, block->origin, error);
    }
    bc__bytes_free(&text);
    return status;
}

size_t bc_block_tx_count(const bc_block *block)
{
    return block == NULL ? 0 : block->tx_count;
}

bc_status bc_block_tx(const bc_block *block, bc_tx **out, size_t index, bc_error *error)
{
    if (out == NULL) {
        return bc__fail_null(error, "out");
    }
    *out = NULL;
    if (block == NULL) {
        return bc__fail_null(error, "block");
    }
    if (index >= block->tx_count) {
        return bc__fail(error, BC_ERR_NOT_FOUND, "the block has %u transactions, none at %zu",
                        block->tx_count, index);
    }
    return params_of(block->origin)->rules->block_tx(out, block, (uint32_t)index, error);
}
