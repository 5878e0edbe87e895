/* Records: the tutorial's transactions. A record may be any JSON; its encoding is the canonical form. */
#include "src/rules/tutorial/tutorial.h"

#include <string.h>

#include "lib/sha256/sha256.h"
#include "src/base/error.h"

enum { RECORD_MEMBERS = 3 };

bc__json_limits bc__tutorial_json_limits(const bc_params *params, uint32_t wrapping)
{
    uint32_t depth = params->limits.json_depth;
    return (bc__json_limits){
        .depth = depth > wrapping ? depth - wrapping : 0,
        .integer_digits = params->limits.integer_digits,
    };
}

bc_status bc__tutorial_fail_json(bc_error *error, int32_t result, const char *what,
                                 const bc__json_error *where)
{
    if (result == BC__ERR_MEMORY) {
        return bc__fail_memory(error);
    }
    if (result == BC__ERR_LIMIT && where->limit != 0) {
        return bc__fail(error, result, "%s: at byte %zu %s (%llu)", what, where->offset,
                        where->what, (unsigned long long)where->limit);
    }
    return bc__fail(error, result, "%s: at byte %zu %s", what, where->offset, where->what);
}

/* The canonical form of one whole text, bounded by the limit on a block. */
static bc_status read_text(bc__bytes *text, const bc_params *params, const uint8_t *bytes,
                           size_t length, uint32_t wrapping, const char *const *names,
                           bc__json_span *spans, bc_error *error)
{
    bc__json_limits limits = bc__tutorial_json_limits(params, wrapping);
    bc__json_error where;
    int32_t result = bc__json_canonical(text, bytes, length, NULL, names,
                                        names == NULL ? 0 : RECORD_MEMBERS, spans, &limits, &where);
    return result == BC__OK ? BC_OK
                            : bc__tutorial_fail_json(error, result, "the transaction", &where);
}

static bc_status make(bc_tx **out, const bc_params *params, const bc__bytes *text, bc_error *error)
{
    uint8_t id[BC_ID_BYTES];
    bc__sha256(id, text->data, text->length);
    return bc__tx_make(out, bc__params_origin(params), id, text->data, text->length, error);
}

bc_status bc__tutorial_parse_tx(bc_tx **out, const bc_params *params, const uint8_t *bytes,
                                size_t length, bc_error *error)
{
    bc__bytes text;
    bc__bytes_init(&text, &params->origin.heap, params->limits.block_bytes);
    *out = NULL;
    bc_status status =
        read_text(&text, params, bytes, length, BC__TUTORIAL_WRAPPING, NULL, NULL, error);
    if (status == BC_OK) {
        status = make(out, params, &text, error);
    }
    bc__bytes_free(&text);
    return status;
}

/* In the order in which the article asks for them, the reverse of the canonical one. */
static bc_status check_members(const char *const *names, const bc__json_span *spans,
                               bc_error *error)
{
    for (size_t at = RECORD_MEMBERS; at > 0; at--) {
        if (spans[at - 1].length == 0) {
            return bc__fail(error, BC_ERR_FORMAT,
                            "a transaction has the members sender, recipient and amount; \"%s\" is "
                            "missing",
                            names[at - 1]);
        }
    }
    return BC_OK;
}

bc_status bc__tutorial_tx_from_json(bc_tx **out, const bc_params *params, const char *json,
                                    size_t length, bc_error *error)
{
    static const char *const names[RECORD_MEMBERS] = {"amount", "recipient", "sender"};
    bc__json_span spans[RECORD_MEMBERS];
    bc__bytes text;
    bc__bytes record;
    bc__bytes_init(&text, &params->origin.heap, params->limits.block_bytes);
    bc__bytes_init(&record, &params->origin.heap, params->limits.block_bytes);
    *out = NULL;
    bc_status status = read_text(&text, params, (const uint8_t *)json, length,
                                 BC__TUTORIAL_WRAPPING, names, spans, error);
    if (status == BC_OK && text.data[0] != '{') {
        status = bc__fail(error, BC_ERR_FORMAT, "the transaction is no JSON object");
    }
    if (status == BC_OK) {
        status = check_members(names, spans, error);
    }
    for (size_t at = 0; status == BC_OK && at < RECORD_MEMBERS; at++) {
        const char *lead = at == 0 ? "{\"" : ", \"";
        if (bc__bytes_append(&record, lead, strlen(lead)) != BC__OK ||
            bc__bytes_append(&record, names[at], strlen(names[at])) != BC__OK ||
            bc__bytes_append(&record, "\": ", 3) != BC__OK ||
            bc__bytes_append(&record, text.data + spans[at].offset, spans[at].length) != BC__OK) {
            status = bc__fail_memory(error);
        }
    }
    if (status == BC_OK && bc__bytes_append_byte(&record, '}') != BC__OK) {
        status = bc__fail_memory(error);
    }
    if (status == BC_OK) {
        status = make(out, params, &record, error);
    }
    bc__bytes_free(&record);
    bc__bytes_free(&text);
    return status;
}

bc_status bc__tutorial_tx_json(const bc_tx *tx, bc__bytes *out, bc_error *error)
{
    return bc__bytes_append(out, tx->bytes, tx->length) == BC__OK ? BC_OK : bc__fail_memory(error);
}

static bool is_from_nobody(const bc_params *params, const bc_block *block, uint32_t index)
{
    const uint8_t *record = block->bytes.data + block->places[index].offset;
    bc__json_limits limits = bc__tutorial_json_limits(params, BC__TUTORIAL_WRAPPING);
    bc__json_error where;
    size_t offset;
    size_t length;
    return record[0] == '{' &&
           bc__json_find_member(record, block->places[index].length, "sender", &offset, &length,
                                &limits, &where) == BC__OK &&
           length == 3 && memcmp(record + offset, "\"0\"", 3) == 0;
}

/* The article's reward is the record that mining adds behind all others, from the sender "0"; clients
 * may send records from "0" of their own, so only the last of them counts. */
bool bc__tutorial_is_reward(const bc_params *params, const bc_block *block, uint32_t index)
{
    if (!is_from_nobody(params, block, index)) {
        return false;
    }
    for (uint32_t later = index + 1; later < block->tx_count; later++) {
        if (is_from_nobody(params, block, later)) {
            return false;
        }
    }
    return true;
}
