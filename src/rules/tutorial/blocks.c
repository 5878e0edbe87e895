/* Blocks: read from JSON with members in any order, kept and hashed in Python's canonical form. */
#include "src/rules/tutorial/tutorial.h"

#include <string.h>

#include "lib/decimal.h"
#include "lib/hex.h"
#include "lib/integers.h"
#include "lib/sha256/sha256.h"
#include "src/base/error.h"

enum {
    HASH_LITERAL = 2 + 2 * BC_ID_BYTES, /* 64 digits in quotes */
    FIRST_BYTES = 384, /* room to begin with: a block of two records needs no growing */
};

static bool is_hash(const uint8_t *text, size_t length)
{
    return length == HASH_LITERAL && text[0] == '"';
}

/* To the nearest microsecond, from the decimal digits: a product of doubles would lose the last one. */
static bool read_microseconds(int64_t *out, const bc__decimal *seconds)
{
    const int64_t micro = -6;
    uint64_t value = seconds->significand;
    uint64_t below = 0; /* the digit behind the last that is kept */
    int64_t exponent = seconds->exponent;
    for (; exponent > micro && value > 0; exponent--) {
        if (value > INT64_MAX / 10) {
            return false;
        }
        value *= 10;
    }
    for (; exponent < micro && (value > 0 || below > 0); exponent++) {
        below = value % 10;
        value /= 10;
    }
    value += below >= 5 ? 1 : 0;
    if (value > INT64_MAX) {
        return false;
    }
    *out = seconds->negative ? -(int64_t)value : (int64_t)value;
    return true;
}

static void read_time(bc_block *block, const uint8_t *text, size_t length)
{
    bc__decimal seconds;
    block->has_time = length > 0 &&
                      bc__decimal_scan(&seconds, (const char *)text, length) == BC__OK &&
                      read_microseconds(&block->time, &seconds);
}

static bc_status read_places(bc_block *block, const bc__json_span *span, bc_error *error)
{
    const uint8_t *text = block->bytes.data + span->offset;
    if (span->length == 0 || text[0] != '[') {
        return BC_OK; /* Python never looks; a block without a list has no transactions */
    }
    bc__json_elements elements;
    bc__json_error where;
    size_t used = 0;
    bool found = true;
    int32_t result = bc__json_elements_init(&elements, text, span->length, &where);
    while (result == BC__OK) {
        result = bc__json_elements_next(&elements, used, &found, &where);
        if (result != BC__OK || !found) {
            break;
        }
        used = bc__json_canonical_length(text + elements.offset, span->length - elements.offset);
        result = bc__block_add_place(block, span->offset + elements.offset, used);
    }
    return result == BC__OK ? BC_OK
                            : bc__tutorial_fail_json(error, result, "the transactions", &where);
}

bc_status bc__tutorial_read_members(bc_block *block, const bc__json_span *spans, bc_error *error)
{
    const uint8_t *text = block->bytes.data;
    const bc__json_span *span = &spans[BC__TUTORIAL_INDEX];
    uint64_t index;
    if (bc__read_decimal(&index, (const char *)text + span->offset, span->length) && index >= 1) {
        block->claimed_height = index - 1;
    }
    span = &spans[BC__TUTORIAL_PREVIOUS_HASH];
    /* Without the member it names none, as the first block of a chain may: nobody looks at that one's. */
    block->has_parent =
        is_hash(text + span->offset, span->length) &&
        bc__hex_decode(block->parent, (const char *)text + span->offset + 1, BC_ID_BYTES);
    span = &spans[BC__TUTORIAL_PROOF];
    if (span->length == 0) {
        return bc__fail(error, BC_ERR_FORMAT, "the block lacks its member \"proof\"");
    }
    block->has_nonce =
        bc__read_decimal(&block->nonce, (const char *)text + span->offset, span->length);
    bc_status status =
        bc__tutorial_format_proof(&block->link, text + span->offset, span->length, error);
    if (status != BC_OK) {
        return status;
    }
    span = &spans[BC__TUTORIAL_TIMESTAMP];
    read_time(block, text + span->offset, span->length);
    status = read_places(block, &spans[BC__TUTORIAL_TRANSACTIONS], error);
    if (status == BC_OK) {
        bc__sha256(block->id, text, block->bytes.length);
    }
    return status;
}

bc_status bc__tutorial_parse_block(bc_block **out, const bc_params *params, const uint8_t *bytes,
                                   size_t length, size_t *used, bc_error *error)
{
    static const char *const names[BC__TUTORIAL_MEMBERS] = {"index", "previous_hash", "proof",
                                                            "timestamp", "transactions"};
    bc__json_span spans[BC__TUTORIAL_MEMBERS];
    bc__json_limits limits = bc__tutorial_json_limits(params, 0);
    bc__json_error where;
    bc_block *block;
    *out = NULL;
    bc_status status = bc__block_new(&block, bc__params_origin(params), error);
    if (status != BC_OK) {
        return status;
    }
    block->bytes.limit = params->limits.block_bytes;
    int32_t result = bc__bytes_reserve(&block->bytes, FIRST_BYTES);
    if (result != BC__ERR_MEMORY) {
        result = bc__json_canonical(&block->bytes, bytes, length, used, names, BC__TUTORIAL_MEMBERS,
                                    spans, &limits, &where);
    }
    if (result != BC__OK) {
        status = bc__tutorial_fail_json(error, result, "the block", &where);
    } else if (block->bytes.data[0] != '{') {
        status = bc__fail(error, BC_ERR_FORMAT, "the block is no JSON object");
    } else {
        status = bc__tutorial_read_members(block, spans, error);
    }
    if (status != BC_OK) {
        bc_block_unref(block);
        return status;
    }
    *out = block;
    return BC_OK;
}

/* The encoding is JSON already. */
bc_status bc__tutorial_block_from_json(bc_block **out, const bc_params *params, const char *json,
                                       size_t length, bc_error *error)
{
    return bc__tutorial_parse_block(out, params, (const uint8_t *)json, length, NULL, error);
}

bc_status bc__tutorial_block_json(const bc_block *block, bc__bytes *out, bc_error *error)
{
    return bc__bytes_append(out, block->bytes.data, block->bytes.length) == BC__OK
               ? BC_OK
               : bc__fail_memory(error);
}

bc_status bc__tutorial_block_tx(bc_tx **out, const bc_block *block, uint32_t index, bc_error *error)
{
    const bc__tx_place *place = &block->places[index];
    const uint8_t *bytes = block->bytes.data + place->offset;
    uint8_t id[BC_ID_BYTES];
    bc__sha256(id, bytes, place->length);
    return bc__tx_make(out, block->origin, id, bytes, place->length, error);
}
