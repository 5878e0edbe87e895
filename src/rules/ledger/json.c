/* JSON views of transactions and blocks, both ways. They hold no text of anybody's, only numbers and
 * lowercase hexadecimal, so writing needs no library; what is read comes from anybody, and is read by
 * jansson. There is one view of a value, and what is read back has the bytes that were shown.
 *
 * Integers are JSON numbers up to 2^53 - 1, which every reader takes exactly, and strings of decimal
 * digits above; both are taken below. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lib/hex.h"
#include "lib/integers.h"
#include "src/base/error.h"
#include "src/block/merkle.h"
#include "src/rules/ledger/ledger.h"
#include "src/rules/ledger/text_writer.h"

#define EXACT_MOST (((uint64_t)1 << 53) - 1)

enum { VERSION = 1, LABEL_BYTES = 32 };

static const char *const kinds[] = {[BC_TX_REWARD] = "reward", [BC_TX_SIGNED] = "signed"};

/* ---- Writing --------------------------------------------------------------------------------- */

static void put_integer(bc__text_writer *w, const char *lead, uint64_t value)
{
    char text[32];
    (void)snprintf(text, sizeof text, value > EXACT_MOST ? "\"%" PRIu64 "\"" : "%" PRIu64, value);
    bc__text_put(w, lead);
    bc__text_put(w, text);
}

static void put_hex(bc__text_writer *w, const char *lead, const uint8_t *bytes, size_t length)
{
    bc__text_put(w, lead);
    bc__text_put(w, "\"");
    if (w->result == BC__OK) {
        w->result = length > SIZE_MAX / 2 ? BC__ERR_LIMIT : bc__bytes_reserve(w->out, 2 * length);
    }
    if (w->result == BC__OK && length > 0) {
        bc__hex_encode((char *)w->out->data + w->out->length, bytes, length);
        w->out->length += 2 * length;
    }
    bc__text_put(w, "\"");
}

static void put_tx(bc__text_writer *w, const uint8_t *bytes, size_t length,
                   const uint8_t id[BC_ID_BYTES])
{
    bc__ledger_tx tx;
    size_t used;
    const char *what;
    int32_t result = bc__ledger_tx_read(&tx, &used, &what, bytes, length);
    if (result != BC__OK) {
        w->result = result; /* not after parse_tx took the bytes */
        return;
    }
    put_integer(w, "{\"version\":", VERSION);
    bc__text_put(w, ",\"kind\":\"");
    bc__text_put(w, kinds[tx.kind]);
    put_integer(w, "\",\"nonce\":", tx.nonce);
    put_integer(w, ",\"amount\":", tx.amount);
    put_integer(w, ",\"fee\":", tx.fee);
    put_hex(w, ",\"sender\":", tx.sender, BC__PUBLIC_KEY_BYTES);
    put_hex(w, ",\"recipient\":", tx.recipient, BC__PUBLIC_KEY_BYTES);
    put_hex(w, ",\"payload\":", tx.payload, tx.payload_length);
    put_hex(w, ",\"signature\":", tx.signature, BC__SIGNATURE_BYTES);
    put_hex(w, ",\"id\":", id, BC_ID_BYTES);
    bc__text_put(w, "}");
}

bc_status bc__ledger_tx_json(const bc_tx *tx, bc__bytes *out, bc_error *error)
{
    bc__text_writer w = {out, BC__OK};
    put_tx(&w, tx->bytes, tx->length, tx->id);
    return w.result == BC__OK ? BC_OK : bc__fail_memory(error);
}

bc_status bc__ledger_block_json(const bc_block *block, bc__bytes *out, bc_error *error)
{
    const uint8_t *header = block->bytes.data;
    bc__text_writer w = {out, BC__OK};
    put_integer(&w, "{\"version\":", VERSION);
    put_integer(&w, ",\"bits\":", block->bits);
    put_integer(&w, ",\"height\":", block->claimed_height);
    put_integer(&w, ",\"time\":", bc__get_le(header + 16, 8));
    put_hex(&w, ",\"previous\":", block->parent, BC_ID_BYTES);
    put_hex(&w, ",\"content\":", block->content, BC_ID_BYTES);
    put_integer(&w, ",\"nonce\":", block->nonce);
    put_hex(&w, ",\"seal\":", header + BC__HEADER_BYTES + 1,
            block->sealed_length - BC__HEADER_BYTES - 1);
    put_hex(&w, ",\"id\":", block->id, BC_ID_BYTES);
    bc__text_put(&w, ",\"transactions\":[");
    for (uint32_t at = 0; at < block->tx_count; at++) {
        const bc__tx_place *place = &block->places[at];
        bc__text_put(&w, at == 0 ? "" : ",");
        put_tx(&w, header + place->offset, place->length, block->tx_ids[at]);
    }
    bc__text_put(&w, "]}");
    return w.result == BC__OK ? BC_OK : bc__fail_memory(error);
}

/* ---- Reading --------------------------------------------------------------------------------- */

/* An object that is being read. */
typedef struct view {
    const json_t *object;
    const char *label; /* what it is, for messages */
    bc_error *error;
} view;

/* The document, to be released with json_decref. `encoded` is about how many bytes an encoding may
 * have; a view of it has less than five times as many, also where a writer put line breaks and four
 * spaces a level between. The bound is there because what is read takes many times its text of memory. */
static bc_status load(json_t **out, const char *json, size_t length, uint64_t encoded,
                      const char *label, bc_error *error)
{
    const uint64_t most = 5 * encoded + 16 * 1024;
    json_error_t where;
    *out = NULL;
    if (length > most) {
        return bc__fail(error, BC_ERR_LIMIT,
                        "the JSON of %s has %zu bytes; in this network at most %" PRIu64
                        " are read",
                        label, length, most);
    }
    *out = json_loadb(json, length, JSON_REJECT_DUPLICATES, &where);
    if (*out != NULL) {
        return BC_OK;
    }
    /* Without memory jansson gives up without a word, or (inside a string) finds a fault that is not
     * there; the latter can't be told from BC_ERR_FORMAT. */
    if (where.text[0] == '\0' || json_error_code(&where) == json_error_out_of_memory) {
        return bc__fail_memory(error);
    }
    return bc__fail(error, BC_ERR_FORMAT, "the JSON of %s: %s (line %d, column %d)", label,
                    where.text, where.line, where.column);
}

/* The object has all the members named, and of others at most "id" and "version", which is 1. */
static bc_status check_members(const view *v, const char *const *names, size_t count)
{
    if (!json_is_object(v->object)) {
        return bc__fail(v->error, BC_ERR_FORMAT, "%s is no JSON object", v->label);
    }
    for (size_t at = 0; at < count; at++) {
        if (json_object_get(v->object, names[at]) == NULL) {
            return bc__fail(v->error, BC_ERR_FORMAT, "%s lacks its member \"%s\"", v->label,
                            names[at]);
        }
    }
    const char *key;
    const json_t *value;
    json_object_foreach((json_t *)v->object, key, value)
    {
        bool known = strcmp(key, "id") == 0 || strcmp(key, "version") == 0;
        for (size_t at = 0; !known && at < count; at++) {
            known = strcmp(key, names[at]) == 0;
        }
        if (!known) {
            return bc__fail(v->error, BC_ERR_FORMAT, "%s has the unknown member \"%.64s\"",
                            v->label, key);
        }
    }
    const json_t *version = json_object_get(v->object, "version");
    if (version != NULL && (!json_is_integer(version) || json_integer_value(version) != VERSION)) {
        return bc__fail(v->error, BC_ERR_FORMAT, "%s: its member \"version\" must be 1", v->label);
    }
    return BC_OK;
}

static bc_status read_integer(uint64_t *out, const view *v, const char *member, uint64_t most)
{
    const json_t *value = json_object_get(v->object, member);
    bool good = false;
    if (json_is_string(value)) {
        good = bc__read_decimal(out, json_string_value(value), json_string_length(value));
    } else if (json_is_integer(value) && json_integer_value(value) >= 0) {
        *out = (uint64_t)json_integer_value(value);
        good = *out <= EXACT_MOST;
    }
    if (!good || *out > most) {
        return bc__fail(v->error, BC_ERR_FORMAT,
                        "%s: its member \"%s\" must be an integer from 0 to %" PRIu64
                        ", above 2^53 - 1 as a string of decimal digits",
                        v->label, member, most);
    }
    return BC_OK;
}

static bc_status read_hex(uint8_t *out, const view *v, const char *member, size_t bytes)
{
    const json_t *value = json_object_get(v->object, member);
    if (!json_is_string(value) || json_string_length(value) != 2 * bytes ||
        !bc__hex_decode(out, json_string_value(value), bytes)) {
        return bc__fail(v->error, BC_ERR_FORMAT,
                        "%s: its member \"%s\" must be a string of %zu digits 0-9, a-f", v->label,
                        member, 2 * bytes);
    }
    return BC_OK;
}

/* What came of adding to the encoding, whose bound is below 2^32. */
static bc_status fail_to_append(const view *v, int32_t result)
{
    if (result == BC__ERR_LIMIT) {
        return bc__fail(v->error, BC_ERR_LIMIT, "%s passes %d bytes, of which more are not read",
                        v->label, BC__ENCODING_BYTES_MAX);
    }
    return result == BC__OK ? BC_OK : bc__fail_memory(v->error);
}

/* Hexadecimal of any length, appended to `out`. */
static bc_status read_payload(bc__bytes *out, const view *v)
{
    const json_t *value = json_object_get(v->object, "payload");
    size_t length = json_string_length(value) / 2;
    bc_status status = fail_to_append(v, bc__bytes_reserve(out, length));
    if (status != BC_OK) {
        return status;
    }
    if (!json_is_string(value) || json_string_length(value) % 2 != 0 ||
        (length > 0 &&
         !bc__hex_decode(out->data + out->length, json_string_value(value), length))) {
        return bc__fail(v->error, BC_ERR_FORMAT,
                        "%s: its member \"payload\" must be a string of pairs of digits 0-9, a-f",
                        v->label);
    }
    out->length += length;
    return BC_OK;
}

static bc_status read_kind(uint32_t *kind, const view *v)
{
    const char *text = json_string_value(json_object_get(v->object, "kind"));
    for (*kind = BC_TX_REWARD; text != NULL && *kind <= BC_TX_SIGNED; ++*kind) {
        if (strcmp(text, kinds[*kind]) == 0) {
            return BC_OK;
        }
    }
    return bc__fail(v->error, BC_ERR_FORMAT,
                    "%s: its member \"kind\" must be \"reward\" or \"signed\"", v->label);
}

/* Where there is a member "id", it is this one. */
static bc_status check_id(const view *v, const uint8_t id[BC_ID_BYTES])
{
    uint8_t given[BC_ID_BYTES];
    if (json_object_get(v->object, "id") == NULL) {
        return BC_OK;
    }
    bc_status status = read_hex(given, v, "id", sizeof given);
    if (status == BC_OK && memcmp(given, id, sizeof given) != 0) {
        status =
            bc__fail(v->error, BC_ERR_FORMAT,
                     "%s: its member \"id\" is not the id that its other members make", v->label);
    }
    return status;
}

/* Appends the encoding of a transaction. Its framing is checked where the whole is parsed. */
static bc_status read_tx(bc__bytes *out, const view *v)
{
    static const char *const names[] = {"kind",   "nonce",     "amount",  "fee",
                                        "sender", "recipient", "payload", "signature"};
    uint8_t sender[BC__PUBLIC_KEY_BYTES];
    uint8_t recipient[BC__PUBLIC_KEY_BYTES];
    uint8_t signature[BC__SIGNATURE_BYTES];
    uint8_t id[BC_ID_BYTES];
    bc__ledger_tx tx = {.sender = sender, .recipient = recipient, .signature = signature};
    size_t start = out->length;
    bc__bytes payload;
    bc__bytes_init(&payload, out->heap, out->limit);
    bc_status status = check_members(v, names, sizeof names / sizeof names[0]);
    status = status == BC_OK ? read_kind(&tx.kind, v) : status;
    status = status == BC_OK ? read_integer(&tx.nonce, v, "nonce", UINT64_MAX) : status;
    status = status == BC_OK ? read_integer(&tx.amount, v, "amount", UINT64_MAX) : status;
    status = status == BC_OK ? read_integer(&tx.fee, v, "fee", UINT64_MAX) : status;
    status = status == BC_OK ? read_hex(sender, v, "sender", sizeof sender) : status;
    status = status == BC_OK ? read_hex(recipient, v, "recipient", sizeof recipient) : status;
    status = status == BC_OK ? read_hex(signature, v, "signature", sizeof signature) : status;
    status = status == BC_OK ? read_payload(&payload, v) : status;
    if (status == BC_OK) {
        tx.payload = payload.data;
        tx.payload_length = (uint32_t)payload.length;
        status = fail_to_append(v, bc__ledger_tx_write(out, &tx));
    }
    if (status == BC_OK) {
        bc__merkle_leaf(id, out->data + start, out->length - start);
        status = check_id(v, id);
    }
    bc__bytes_free(&payload);
    return status;
}

/* A genesis holds the network's description, whatever the limits on other blocks are. */
static uint64_t at_least_description(const bc_params *params, uint64_t bytes)
{
    return bytes > params->json.length ? bytes : params->json.length;
}

bc_status bc__ledger_tx_from_json(bc_tx **out, const bc_params *params, const char *json,
                                  size_t length, bc_error *error)
{
    uint64_t payload = at_least_description(params, bc__ledger_of(params)->payload_bytes);
    bc__bytes bytes;
    view v = {NULL, "the transaction", error};
    json_t *document = NULL;
    *out = NULL;
    bc__bytes_init(&bytes, &params->origin.heap, BC__ENCODING_BYTES_MAX);
    bc_status status = load(&document, json, length, BC__TX_FIXED_BYTES + payload, v.label, error);
    if (status == BC_OK) {
        v.object = document;
        status = read_tx(&bytes, &v);
    }
    if (status == BC_OK) {
        status = bc__ledger_parse_tx(out, params, bytes.data, bytes.length, error);
    }
    json_decref(document);
    bc__bytes_free(&bytes);
    return status;
}

/* Appends the sealed header. */
static bc_status read_sealed_header(bc__bytes *out, const view *v)
{
    uint8_t sealed[BC__SEALED_BYTES_MAX];
    bc__ledger_header header;
    uint64_t bits = 0;
    const json_t *seal = json_object_get(v->object, "seal");
    size_t seal_length = json_is_string(seal) && json_string_length(seal) == 0 ? 0 : BC__SEAL_BYTES;
    bc_status status = read_integer(&bits, v, "bits", UINT32_MAX);
    header.bits = (uint32_t)bits;
    status = status == BC_OK ? read_integer(&header.height, v, "height", UINT64_MAX) : status;
    status = status == BC_OK ? read_integer(&header.time, v, "time", EXACT_MOST) : status;
    status = status == BC_OK ? read_hex(header.previous, v, "previous", BC_ID_BYTES) : status;
    status = status == BC_OK ? read_hex(header.content, v, "content", BC_ID_BYTES) : status;
    status = status == BC_OK ? read_integer(&header.nonce, v, "nonce", UINT64_MAX) : status;
    if (status == BC_OK && seal_length > 0) {
        status = read_hex(sealed + BC__HEADER_BYTES + 1, v, "seal", seal_length);
    }
    if (status != BC_OK) {
        return status;
    }
    bc__ledger_header_write(sealed, &header);
    sealed[BC__HEADER_BYTES] = (uint8_t)seal_length;
    return fail_to_append(
        v, bc__bytes_append(out, sealed, (size_t)BC__HEADER_BYTES + 1 + seal_length));
}

static bc_status read_txs(bc__bytes *out, const view *v)
{
    const json_t *list = json_object_get(v->object, "transactions");
    size_t count = json_array_size(list);
    uint8_t encoded[4];
    if (!json_is_array(list) || count > UINT32_MAX) {
        return bc__fail(v->error, BC_ERR_FORMAT,
                        "%s: its member \"transactions\" must be a list of less than 2^32",
                        v->label);
    }
    bc__put_le(encoded, count, sizeof encoded);
    bc_status status = fail_to_append(v, bc__bytes_append(out, encoded, sizeof encoded));
    for (size_t at = 0; status == BC_OK && at < count; at++) {
        char label[LABEL_BYTES];
        (void)snprintf(label, sizeof label, "transaction %zu", at);
        const view tx = {json_array_get(list, at), label, v->error};
        status = read_tx(out, &tx);
    }
    return status;
}

bc_status bc__ledger_block_from_json(bc_block **out, const bc_params *params, const char *json,
                                     size_t length, bc_error *error)
{
    static const char *const names[] = {"bits",    "height", "time", "previous",
                                        "content", "nonce",  "seal", "transactions"};
    uint64_t encoded = at_least_description(params, bc__ledger_of(params)->block_bytes);
    bc_block *block = NULL;
    json_t *document = NULL;
    bc__bytes bytes;
    view v = {NULL, "the block", error};
    *out = NULL;
    bc__bytes_init(&bytes, &params->origin.heap, BC__ENCODING_BYTES_MAX);
    bc_status status = load(&document, json, length, encoded, v.label, error);
    v.object = document;
    status = status == BC_OK ? check_members(&v, names, sizeof names / sizeof names[0]) : status;
    status = status == BC_OK ? read_sealed_header(&bytes, &v) : status;
    status = status == BC_OK ? read_txs(&bytes, &v) : status;
    if (status == BC_OK) {
        status = bc__ledger_parse_block(&block, params, bytes.data, bytes.length, NULL, error);
    }
    if (status == BC_OK) {
        status = check_id(&v, block->id);
    }
    if (status == BC_OK) {
        *out = block;
        block = NULL;
    }
    bc_block_unref(block);
    json_decref(document);
    bc__bytes_free(&bytes);
    return status;
}
