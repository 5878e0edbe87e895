/* Blocks: a sealed header, a count, and transactions. */
#include <string.h>

#include "lib/integers.h"
#include "src/base/error.h"
#include "src/block/merkle.h"
#include "src/rules/ledger/ledger.h"

enum { COUNT_BYTES = 4, MICROSECONDS_A_MILLISECOND = 1000 };

static bc_status fail_sealed_header(const uint8_t *bytes, size_t length, bc_error *error)
{
    if (length <= BC__HEADER_BYTES) {
        return bc__fail(error, BC_ERR_FORMAT,
                        "the block ends in its header, at byte %zu; header and seal length have %d",
                        length, BC__HEADER_BYTES + 1);
    }
    uint32_t seal = bytes[BC__HEADER_BYTES];
    if (seal != 0 && seal != BC__SEAL_BYTES) {
        return bc__fail(error, BC_ERR_FORMAT, "the block's seal length is %u, neither 0 nor %d",
                        seal, BC__SEAL_BYTES);
    }
    return bc__fail(error, BC_ERR_FORMAT, "the block ends in its seal, at byte %zu instead of %d",
                    length, BC__SEALED_BYTES_MAX);
}

static bc_status read_sealed_header(bc__ledger_header *header, uint32_t *sealed_length,
                                    const uint8_t *bytes, size_t length, bc_error *error)
{
    size_t sealed = bc__ledger_sealed_length(bytes, length);
    if (sealed == 0) {
        return fail_sealed_header(bytes, length, error);
    }
    if (bc__ledger_header_read(header, bytes) != BC__OK) {
        return bc__fail(error, BC_ERR_FORMAT,
                        "the header has version %u and time %llu; version 1 and a time below 2^53 "
                        "milliseconds are expected",
                        (unsigned)bc__get_le(bytes, 4),
                        (unsigned long long)bc__get_le(bytes + 16, 8));
    }
    *sealed_length = (uint32_t)sealed;
    return BC_OK;
}

/* The count of transactions that stands at `at`, seen to have room in what is left. */
static bc_status read_count(uint32_t *count, const uint8_t *bytes, size_t length, size_t at,
                            bc_error *error)
{
    size_t left = length - at;
    if (left < COUNT_BYTES) {
        return bc__fail(error, BC_ERR_FORMAT,
                        "the block ends in its count of transactions, at byte %zu instead of %zu",
                        length, at + COUNT_BYTES);
    }
    *count = (uint32_t)bc__get_le(bytes + at, COUNT_BYTES);
    left -= COUNT_BYTES;
    if (*count > left / BC__TX_FIXED_BYTES) {
        return bc__fail(error, BC_ERR_FORMAT,
                        "the block counts %u transactions of at least %d bytes, and has %zu bytes "
                        "for them",
                        *count, BC__TX_FIXED_BYTES, left);
    }
    return BC_OK;
}

/* Fills the places of `count` transactions from byte *end on, and moves it behind them. Nothing is
 * hashed before all of them are there: bad framing costs its sender more than us. */
static bc_status read_places(bc_block *block, size_t *end, uint32_t count, const uint8_t *bytes,
                             size_t length, bc_error *error)
{
    if (count == 0) {
        return BC_OK;
    }
    block->places = bc__heap_array(&block->origin->heap, count, sizeof *block->places);
    if (block->places == NULL) {
        return bc__fail_memory(error);
    }
    block->tx_capacity = count;
    for (; block->tx_count < count; block->tx_count++) {
        bc__ledger_tx tx;
        size_t used;
        const char *what;
        if (bc__ledger_tx_read(&tx, &used, &what, bytes + *end, length - *end) != BC__OK) {
            return bc__fail(error, BC_ERR_FORMAT, "transaction %u of the block, at byte %zu: %s",
                            block->tx_count, *end, what);
        }
        block->places[block->tx_count] = (bc__tx_place){(uint32_t)*end, (uint32_t)used};
        *end += used;
    }
    return BC_OK;
}

/* The ids of the transactions are the leaves of their tree. */
static bc_status hash_transactions(bc_block *block, const uint8_t *bytes, bc_error *error)
{
    bc__merkle_peaks peaks = {.size = 0};
    if (block->tx_count > 0) {
        block->tx_ids =
            bc__heap_array(&block->origin->heap, block->tx_count, sizeof *block->tx_ids);
        if (block->tx_ids == NULL) {
            return bc__fail_memory(error);
        }
    }
    for (uint32_t at = 0; at < block->tx_count; at++) {
        const bc__tx_place *place = &block->places[at];
        bc__merkle_leaf(block->tx_ids[at], bytes + place->offset, place->length);
        (void)bc__merkle_append(&peaks, block->tx_ids[at], NULL); /* fails at 2^64 - 1 leaves */
    }
    bc__merkle_root(&peaks, block->txs_root);
    return BC_OK;
}

static void take_header(bc_block *block, const bc__ledger_header *header, const uint8_t *bytes)
{
    static const uint8_t nobody[BC_ID_BYTES] = {0};
    bc__sha256(block->id, bytes, BC__HEADER_BYTES);
    memcpy(block->parent, header->previous, BC_ID_BYTES);
    block->has_parent = header->height != 0 || memcmp(header->previous, nobody, sizeof nobody) != 0;
    block->claimed_height = header->height;
    block->has_time = true;
    block->time = (int64_t)header->time * MICROSECONDS_A_MILLISECOND; /* below 2^53 * 1000 */
    block->has_nonce = true;
    block->nonce = header->nonce;
    block->bits = header->bits;
    memcpy(block->content, header->content, BC_ID_BYTES);
}

/* Fills the block from the bytes; *end is where its encoding ends. */
static bc_status read_block(bc_block *block, size_t *end, const uint8_t *bytes, size_t length,
                            bool alone, bc_error *error)
{
    bc__ledger_header header = {.bits = 0};
    uint32_t count = 0;
    bc_status status = read_sealed_header(&header, &block->sealed_length, bytes, length, error);
    if (status == BC_OK) {
        status = read_count(&count, bytes, length, block->sealed_length, error);
    }
    if (status == BC_OK) {
        *end = (size_t)block->sealed_length + COUNT_BYTES;
        status = read_places(block, end, count, bytes, length, error);
    }
    if (status != BC_OK) {
        return status;
    }
    if (alone && *end != length) {
        return bc__fail(error, BC_ERR_FORMAT, "the block ends at byte %zu, and %zu bytes follow it",
                        *end, length - *end);
    }
    if (bc__bytes_append(&block->bytes, bytes, *end) != BC__OK) {
        return bc__fail_memory(error);
    }
    take_header(block, &header, bytes);
    return hash_transactions(block, bytes, error);
}

bc_status bc__ledger_parse_block(bc_block **out, const bc_params *params, const uint8_t *bytes,
                                 size_t length, size_t *used, bc_error *error)
{
    size_t end = 0;
    *out = NULL;
    if (used == NULL && length > BC__ENCODING_BYTES_MAX) {
        return bc__fail(error, BC_ERR_LIMIT, "the block has %zu bytes; at most %d are read", length,
                        BC__ENCODING_BYTES_MAX);
    }
    /* With more behind the block, it is cut short where it goes on past the limit. */
    size_t bounded = length < BC__ENCODING_BYTES_MAX ? length : BC__ENCODING_BYTES_MAX;
    bc_block *block;
    bc_status status = bc__block_new(&block, bc__params_origin(params), error);
    if (status != BC_OK) {
        return status;
    }
    status = read_block(block, &end, bytes, bounded, used == NULL, error);
    if (status != BC_OK) {
        bc_block_unref(block);
        return status;
    }
    if (used != NULL) {
        *used = end;
    }
    *out = block;
    return BC_OK;
}

bc_status bc__ledger_block_tx(bc_tx **out, const bc_block *block, uint32_t index, bc_error *error)
{
    const bc__tx_place *place = &block->places[index];
    return bc__tx_make(out, block->origin, block->tx_ids[index], block->bytes.data + place->offset,
                       place->length, error);
}

/* By its kind, wherever it stands: no reward is a transaction that waits. */
bool bc__ledger_is_reward(const bc_params *params, const bc_block *block, uint32_t index)
{
    (void)params;
    const uint8_t *encoding = block->bytes.data + block->places[index].offset;
    return encoding[1] == BC_TX_REWARD;
}

bc_status bc__ledger_read_header(const bc_params *params, bc__header *out, const uint8_t *bytes,
                                 size_t length, bc_error *error)
{
    (void)params;
    bc__ledger_header header = {.bits = 0};
    uint32_t sealed_length = 0;
    bc_status status = read_sealed_header(&header, &sealed_length, bytes, length, error);
    if (status == BC_OK) {
        memcpy(out->content, header.content, sizeof out->content);
        out->nonce = header.nonce;
        out->bits = header.bits;
    }
    return status;
}

bc_status bc__ledger_read_sealed(const bc_params *params, bc_block *header, size_t *used,
                                 const uint8_t *bytes, size_t length, bc_error *error)
{
    (void)params;
    bc__ledger_header fields = {.bits = 0};
    bc_status status = read_sealed_header(&fields, &header->sealed_length, bytes, length, error);
    if (status != BC_OK) {
        return status;
    }
    header->bytes.length = 0;
    if (bc__bytes_append(&header->bytes, bytes, header->sealed_length) != BC__OK) {
        return bc__fail_memory(error);
    }
    take_header(header, &fields, bytes);
    *used = header->sealed_length;
    return BC_OK;
}
