/* JSON views of the ledger's transactions and blocks: shown, read back to the same bytes, and refused
 * with a sentence that names the member. */
#include "test/rules/ledger_fixture.h"

#include "test/support/vector_file.h"

#define ZEROS_16  "0000000000000000"
#define ZEROS_64  ZEROS_16 ZEROS_16 ZEROS_16 ZEROS_16
#define ZEROS_128 ZEROS_64 ZEROS_64

enum { ROOM = 64 * 1024 };

/* A member of a view and its value as JSON. */
typedef struct member {
    const char *name;
    const char *value;
} member;

static const member tx_members[] = {
    {"kind", "\"reward\""},
    {"nonce", "0"},
    {"amount", "0"},
    {"fee", "0"},
    {"sender", "\"" ZEROS_64 "\""},
    {"recipient", "\"" ZEROS_64 "\""},
    {"payload", "\"\""},
    {"signature", "\"" ZEROS_128 "\""},
};

static const member block_members[] = {
    {"bits", "1"},
    {"height", "1"},
    {"time", "2"},
    {"previous", "\"" ZEROS_64 "\""},
    {"content", "\"" ZEROS_64 "\""},
    {"nonce", "3"},
    {"seal", "\"\""},
    {"transactions", "[]"},
};

typedef struct world {
    bc_params *params;
    char text[ROOM];
} world;

static int set_up(void **state)
{
    static world w;
    w.params = ledger_params(NULL);
    *state = &w;
    return 0;
}

static int tear_down(void **state)
{
    world *w = *state;
    bc_params_unref(w->params);
    return 0;
}

/* An object of those members, of which the one named has another value, or none where that is NULL. A
 * name that is none of theirs is one member more. */
static void write_object(world *w, const member *members, size_t count, const char *name,
                         const char *value)
{
    int at = snprintf(w->text, ROOM, "{");
    bool had = name == NULL;
    for (size_t of = 0; of < count; of++) {
        bool this = name != NULL && strcmp(members[of].name, name) == 0;
        const char *shown = this ? value : members[of].value;
        had = had || this;
        if (shown != NULL) {
            at += snprintf(w->text + at, ROOM - (size_t)at, "%s\"%s\":%s", at == 1 ? "" : ",",
                           members[of].name, shown);
        }
    }
    if (!had) {
        at += snprintf(w->text + at, ROOM - (size_t)at, ",\"%s\":%s", name, value);
    }
    (void)snprintf(w->text + at, ROOM - (size_t)at, "}");
}

static bc_status read_tx(world *w, bc_tx **out, const char *name, const char *value,
                         bc_error *error)
{
    write_object(w, tx_members, COUNT_OF(tx_members), name, value);
    return bc_tx_from_json(out, w->params, w->text, strlen(w->text), error);
}

static bc_status read_block(world *w, bc_block **out, const char *name, const char *value,
                            bc_error *error)
{
    write_object(w, block_members, COUNT_OF(block_members), name, value);
    return bc_block_from_json(out, w->params, w->text, strlen(w->text), error);
}

/* ---- Both ways ------------------------------------------------------------------------------- */

static void shows_transactions_and_reads_them_back(void **state)
{
    world *w = *state;
    static vector_file vectors;
    size_t seen = 0;
    vector_file_open(&vectors, "test/vectors/ledger_encoding.txt");
    while (vector_file_next(&vectors) != 0) {
        if (strcmp(vectors.fields[0], "tx") != 0) {
            continue;
        }
        const char *json = vectors.fields[4];
        size_t length;
        uint8_t *bytes = vector_bytes(vectors.fields[1], &length);
        bc_tx *tx;
        bc_tx *again;
        bc_buffer *buffer;
        assert_int_equal(bc_tx_parse(&tx, w->params, bytes, length, NULL), BC_OK);
        assert_int_equal(bc_tx_json(tx, &buffer, NULL), BC_OK);
        assert_string_equal((const char *)bc_buffer_data(buffer), json);
        assert_int_equal(bc_buffer_length(buffer), strlen(json));
        assert_int_equal(bc_tx_from_json(&again, w->params, json, strlen(json), NULL), BC_OK);
        assert_int_equal(again->length, length);
        assert_memory_equal(again->bytes, bytes, length);
        assert_memory_equal(again->id, tx->id, BC_ID_BYTES);
        bc_tx_unref(again);
        bc_buffer_unref(buffer);
        bc_tx_unref(tx);
        free(bytes);
        seen++;
    }
    assert_int_equal(seen, 8);
}

static void shows_blocks_and_reads_them_back(void **state)
{
    world *w = *state;
    static vector_file vectors;
    size_t seen = 0;
    vector_file_open(&vectors, "test/vectors/ledger_encoding.txt");
    while (vector_file_next(&vectors) != 0) {
        if (strcmp(vectors.fields[0], "block") != 0) {
            continue;
        }
        const char *json = vectors.fields[5];
        size_t length;
        uint8_t *bytes = vector_bytes(vectors.fields[1], &length);
        bc_block *block;
        bc_block *again;
        bc_buffer *buffer;
        assert_int_equal(bc_block_parse(&block, w->params, bytes, length, NULL), BC_OK);
        assert_int_equal(bc_block_json(block, &buffer, NULL), BC_OK);
        assert_string_equal((const char *)bc_buffer_data(buffer), json);
        assert_int_equal(bc_block_from_json(&again, w->params, json, strlen(json), NULL), BC_OK);
        assert_int_equal(again->bytes.length, length);
        assert_memory_equal(again->bytes.data, bytes, length);
        bc_block_unref(again);
        bc_buffer_unref(buffer);
        bc_block_unref(block);
        free(bytes);
        seen++;
    }
    assert_int_equal(seen, 13);
}

/* In any order, with white space, without id and version; and with them. */
static void takes_what_writers_may_do(void **state)
{
    world *w = *state;
    static const char *const texts[] = {
        " { \"signature\" : \"" ZEROS_128 "\",\n \"payload\":\"00ff\" , \"recipient\":\"" ZEROS_64
        "\",\"sender\":\"" ZEROS_64 "\",\"fee\":\"0\",\"amount\":5,\"nonce\":\"7\","
        "\"\\u006bind\":\"reward\"}\t",
        "{\"version\":1,\"kind\":\"reward\",\"nonce\":7,\"amount\":\"5\",\"fee\":0,\"sender\":"
        "\"" ZEROS_64 "\",\"recipient\":\"" ZEROS_64 "\",\"payload\":\"00ff\",\"signature\":"
        "\"" ZEROS_128 "\"}",
    };
    static const uint8_t bytes[] = {0x00, 0xff};
    for (size_t at = 0; at < COUNT_OF(texts); at++) {
        bc_tx *tx;
        bc_tx_fields fields = BC_TX_FIELDS_INIT;
        assert_int_equal(bc_tx_from_json(&tx, w->params, texts[at], strlen(texts[at]), NULL),
                         BC_OK);
        assert_int_equal(bc_tx_get_fields(tx, &fields), BC_OK);
        assert_int_equal(fields.nonce, 7);
        assert_int_equal(fields.amount, 5);
        assert_int_equal(fields.payload_length, 2);
        assert_memory_equal(fields.payload, bytes, 2);
        bc_tx_unref(tx);
    }
}

static void takes_every_integer_of_64_bits(void **state)
{
    world *w = *state;
    static const struct {
        const char *text;
        uint64_t value;
    } cases[] = {
        {"0", 0},
        {"\"0\"", 0},
        {"9007199254740991", 9007199254740991},
        {"\"9007199254740991\"", 9007199254740991},
        {"\"9007199254740992\"", 9007199254740992},
        {"\"9223372036854775808\"", UINT64_C(1) << 63},
        {"\"18446744073709551615\"", UINT64_MAX},
    };
    for (size_t at = 0; at < COUNT_OF(cases); at++) {
        bc_tx *tx;
        bc_tx_fields fields = BC_TX_FIELDS_INIT;
        assert_int_equal(read_tx(w, &tx, "amount", cases[at].text, NULL), BC_OK);
        assert_int_equal(bc_tx_get_fields(tx, &fields), BC_OK);
        assert_int_equal(fields.amount, cases[at].value);
        bc_tx_unref(tx);
    }
}

/* ---- What is refused ------------------------------------------------------------------------- */

static const char *const no_integers[] = {
    "-1",
    "1.0",
    "1e3",
    "true",
    "null",
    "[]",
    "{}",
    "\"\"",
    "\"-1\"",
    "\"01\"",
    "\"1.0\"",
    "\"0x1\"",
    "\" 1\"",
    "\"1 \"",
    "\"18446744073709551616\"",
    "\"99999999999999999999\"",
    "\"100000000000000000000\"",
    "9007199254740992",
    "9223372036854775807", /* not every reader takes these exactly */
};

static const char *const no_hash[] = {
    "0",
    "null",
    "[]",
    "\"\"",
    "\"0" ZEROS_64 "\"",
    "\"00" ZEROS_64 "\"",
    "\"000000000000000" ZEROS_16 ZEROS_16 ZEROS_16 "\"",
    "\"00000000000000" ZEROS_16 ZEROS_16 ZEROS_16 "\"",
    "\"000000000000000A" ZEROS_16 ZEROS_16 ZEROS_16 "\"",
    "\"000000000000000g" ZEROS_16 ZEROS_16 ZEROS_16 "\"",
};

static void refuses_wrong_members_of_transactions(void **state)
{
    world *w = *state;
    static const char *const integers[] = {"nonce", "amount", "fee"};
    static const char *const hashes[] = {"sender", "recipient", "id"};
    static const char *const no_payload[] = {"0",      "null",   "[]",     "\"0\"",
                                             "\"0g\"", "\"0A\"", "\"000\""};
    static const char *const no_kind[] = {"0", "null", "\"\"", "\"Reward\"", "\"sign\"", "[]"};
    static const char *const no_version[] = {"0", "2", "\"1\"", "null", "1.0"};
    char part[64];
    bc_tx *tx;
    for (size_t of = 0; of < COUNT_OF(integers); of++) {
        (void)snprintf(part, sizeof part, "the transaction: its member \"%s\" must", integers[of]);
        for (size_t at = 0; at < COUNT_OF(no_integers); at++) {
            FAILS_WITHOUT(tx, read_tx(w, &tx, integers[of], no_integers[at], error), BC_ERR_FORMAT,
                          part);
        }
    }
    for (size_t of = 0; of < COUNT_OF(hashes); of++) {
        (void)snprintf(part, sizeof part, "its member \"%s\" must be a string of 64", hashes[of]);
        for (size_t at = 0; at < COUNT_OF(no_hash); at++) {
            FAILS_WITHOUT(tx, read_tx(w, &tx, hashes[of], no_hash[at], error), BC_ERR_FORMAT, part);
        }
    }
    FAILS_WITHOUT(tx, read_tx(w, &tx, "signature", "\"" ZEROS_64 "\"", error), BC_ERR_FORMAT,
                  "its member \"signature\" must be a string of 128");
    FAILS_WITHOUT(tx, read_tx(w, &tx, "id", "\"" ZEROS_64 "\"", error), BC_ERR_FORMAT,
                  "\"id\" is not the id");
    for (size_t at = 0; at < COUNT_OF(no_payload); at++) {
        FAILS_WITHOUT(tx, read_tx(w, &tx, "payload", no_payload[at], error), BC_ERR_FORMAT,
                      "its member \"payload\" must");
    }
    for (size_t at = 0; at < COUNT_OF(no_kind); at++) {
        FAILS_WITHOUT(tx, read_tx(w, &tx, "kind", no_kind[at], error), BC_ERR_FORMAT,
                      "its member \"kind\" must be \"reward\" or \"signed\"");
    }
    for (size_t at = 0; at < COUNT_OF(no_version); at++) {
        FAILS_WITHOUT(tx, read_tx(w, &tx, "version", no_version[at], error), BC_ERR_FORMAT,
                      "its member \"version\" must be 1");
    }
}

static void refuses_wrong_members_of_blocks(void **state)
{
    world *w = *state;
    static const char *const integers[] = {"bits", "height", "time", "nonce"};
    static const char *const hashes[] = {"previous", "content", "id"};
    static const char *const no_list[] = {"0", "null", "\"\"", "{}"};
    char part[64];
    bc_block *block;
    for (size_t of = 0; of < COUNT_OF(integers); of++) {
        (void)snprintf(part, sizeof part, "the block: its member \"%s\" must", integers[of]);
        for (size_t at = 0; at < COUNT_OF(no_integers); at++) {
            FAILS_WITHOUT(block, read_block(w, &block, integers[of], no_integers[at], error),
                          BC_ERR_FORMAT, part);
        }
    }
    FAILS_WITHOUT(block, read_block(w, &block, "bits", "4294967296", error), BC_ERR_FORMAT,
                  "\"bits\" must be an integer from 0 to 4294967295");
    FAILS_WITHOUT(block, read_block(w, &block, "time", "\"9007199254740992\"", error),
                  BC_ERR_FORMAT, "\"time\" must be an integer from 0 to 9007199254740991");
    for (size_t of = 0; of < COUNT_OF(hashes); of++) {
        (void)snprintf(part, sizeof part, "its member \"%s\" must be a string of 64", hashes[of]);
        for (size_t at = 0; at < COUNT_OF(no_hash); at++) {
            FAILS_WITHOUT(block, read_block(w, &block, hashes[of], no_hash[at], error),
                          BC_ERR_FORMAT, part);
        }
    }
    FAILS_WITHOUT(block, read_block(w, &block, "id", "\"" ZEROS_64 "\"", error), BC_ERR_FORMAT,
                  "the block: its member \"id\" is not the id");
    FAILS_WITHOUT(block, read_block(w, &block, "seal", "\"00\"", error), BC_ERR_FORMAT,
                  "its member \"seal\" must");
    FAILS_WITHOUT(block, read_block(w, &block, "seal", "null", error), BC_ERR_FORMAT,
                  "its member \"seal\" must");
    for (size_t at = 0; at < COUNT_OF(no_list); at++) {
        FAILS_WITHOUT(block, read_block(w, &block, "transactions", no_list[at], error),
                      BC_ERR_FORMAT, "its member \"transactions\" must be a list");
    }
    FAILS_WITHOUT(block, read_block(w, &block, "transactions", "[1]", error), BC_ERR_FORMAT,
                  "transaction 0 is no JSON object");
    FAILS_WITHOUT(block, read_block(w, &block, "transactions", "[{}]", error), BC_ERR_FORMAT,
                  "transaction 0 lacks its member \"kind\"");
}

static void refuses_missing_unknown_and_repeated_members(void **state)
{
    world *w = *state;
    char part[64];
    bc_tx *tx;
    bc_block *block;
    for (size_t at = 0; at < COUNT_OF(tx_members); at++) {
        (void)snprintf(part, sizeof part, "the transaction lacks its member \"%s\"",
                       tx_members[at].name);
        FAILS_WITHOUT(tx, read_tx(w, &tx, tx_members[at].name, NULL, error), BC_ERR_FORMAT, part);
    }
    for (size_t at = 0; at < COUNT_OF(block_members); at++) {
        (void)snprintf(part, sizeof part, "the block lacks its member \"%s\"",
                       block_members[at].name);
        FAILS_WITHOUT(block, read_block(w, &block, block_members[at].name, NULL, error),
                      BC_ERR_FORMAT, part);
    }
    FAILS_WITHOUT(tx, read_tx(w, &tx, "memo", "1", error), BC_ERR_FORMAT,
                  "the transaction has the unknown member \"memo\"");
    FAILS_WITHOUT(block, read_block(w, &block, "Bits", "1", error), BC_ERR_FORMAT,
                  "the block has the unknown member \"Bits\"");
    FAILS_WITHOUT(tx, read_tx(w, &tx, "nonce", "1,\"nonce\":1", error), BC_ERR_FORMAT,
                  "duplicate object key");
}

static void refuses_what_is_no_such_json(void **state)
{
    world *w = *state;
    static const char *const texts[] = {"[]", "[1]"};
    static const char *const broken[] = {
        "", " ", "{", "1", "{\"kind\":\"reward\"} x", "{\"a\":\xff}"};
    bc_tx *tx;
    bc_block *block;
    for (size_t at = 0; at < COUNT_OF(texts); at++) {
        size_t length = strlen(texts[at]);
        FAILS_WITHOUT(tx, bc_tx_from_json(&tx, w->params, texts[at], length, error), BC_ERR_FORMAT,
                      "the transaction is no JSON object");
        FAILS_WITHOUT(block, bc_block_from_json(&block, w->params, texts[at], length, error),
                      BC_ERR_FORMAT, "the block is no JSON object");
    }
    for (size_t at = 0; at < COUNT_OF(broken); at++) {
        size_t length = strlen(broken[at]);
        FAILS_WITHOUT(tx, bc_tx_from_json(&tx, w->params, broken[at], length, error), BC_ERR_FORMAT,
                      "the JSON of the transaction: ");
        FAILS_WITHOUT(block, bc_block_from_json(&block, w->params, broken[at], length, error),
                      BC_ERR_FORMAT, "the JSON of the block: ");
    }
}

/* The framing of what the JSON says is checked as that of bytes is. */
static void refuses_what_has_no_encoding(void **state)
{
    world *w = *state;
    bc_tx *tx;
    bc_block *block;
    char text[2048];
    FAILS_WITHOUT(tx, read_tx(w, &tx, "fee", "1", error), BC_ERR_FORMAT,
                  "it is a reward with a fee");
    write_object(w, tx_members, COUNT_OF(tx_members), "fee", "1");
    (void)snprintf(text, sizeof text, "[%s]", w->text);
    FAILS_WITHOUT(block, read_block(w, &block, "transactions", text, error), BC_ERR_FORMAT,
                  "transaction 0 of the block, at byte 101: it is a reward with a fee");
}

/* ---- Bounds ---------------------------------------------------------------------------------- */

/* The most text is read that a value of the network may need, and no more: five times, and 16 KiB. */
static void bounds_the_text(void **state)
{
    world *w = *state;
    enum { TX_MOST = 5 * (160 + 1000) + 16 * 1024, BLOCK_MOST = 5 * 2000 + 16 * 1024 };
    bc_tx *tx;
    bc_block *block;
    w->params->of.ledger->payload_bytes = 1000;
    w->params->of.ledger->block_bytes = 2000;
    write_object(w, tx_members, COUNT_OF(tx_members), NULL, NULL);
    size_t length = strlen(w->text);
    memset(w->text + length, ' ', ROOM - length);
    assert_int_equal(bc_tx_from_json(&tx, w->params, w->text, TX_MOST, NULL), BC_OK);
    bc_tx_unref(tx);
    FAILS_WITHOUT(tx, bc_tx_from_json(&tx, w->params, w->text, TX_MOST + 1, error), BC_ERR_LIMIT,
                  "the JSON of the transaction has 22185 bytes; in this network at most 22184");
    write_object(w, block_members, COUNT_OF(block_members), NULL, NULL);
    length = strlen(w->text);
    memset(w->text + length, ' ', ROOM - length);
    assert_int_equal(bc_block_from_json(&block, w->params, w->text, BLOCK_MOST, NULL), BC_OK);
    bc_block_unref(block);
    FAILS_WITHOUT(block, bc_block_from_json(&block, w->params, w->text, BLOCK_MOST + 1, error),
                  BC_ERR_LIMIT, "the JSON of the block has 26385 bytes");
    w->params->of.ledger->payload_bytes = 64 << 10;
    w->params->of.ledger->block_bytes = 1 << 20;
}

/* A full block of transactions without payload, which need most text for their bytes, as a writer
 * indents it by four spaces a level. */
static void takes_a_full_block_that_is_indented(void **state)
{
    world *w = *state;
    enum { TXS = 2000 };
    bc_tx *tx = ledger_transfer(w->params, 1, 2, UINT64_MAX - 1, UINT64_MAX, 0, "");
    bc_tx **txs = malloc(TXS * sizeof(bc_tx *));
    bc_buffer *buffer;
    bc_block *again;
    assert_non_null(txs);
    for (size_t at = 0; at < TXS; at++) {
        txs[at] = tx;
    }
    bc_block *block = ledger_block(w->params, &(ledger_plan){.txs = txs, .tx_count = TXS});
    w->params->of.ledger->block_bytes = block->bytes.length;
    assert_int_equal(bc_block_json(block, &buffer, NULL), BC_OK);
    json_t *document = json_loads((const char *)bc_buffer_data(buffer), 0, NULL);
    char *text = json_dumps(document, JSON_INDENT(4));
    assert_non_null(text);
    assert_int_equal(bc_block_from_json(&again, w->params, text, strlen(text), NULL), BC_OK);
    assert_memory_equal(again->id, block->id, BC_ID_BYTES);
    assert_memory_equal(again->txs_root, block->txs_root, BC_ID_BYTES);
    w->params->of.ledger->block_bytes = 1 << 20;
    free(text);
    json_decref(document);
    bc_buffer_unref(buffer);
    bc_block_unref(again);
    bc_block_unref(block);
    bc_tx_unref(tx);
    free(txs);
}

/* A genesis carries the description of the network, however small its blocks and payloads are. */
static void takes_a_genesis_over_the_limits(void **state)
{
    world *w = *state;
    enum { DESCRIPTION = 20000 };
    static char description[DESCRIPTION + 1];
    memset(description, 'x', DESCRIPTION);
    bc_params *params = ledger_params(NULL);
    bc_tx *reward = ledger_tx(w->params, (bc__ledger_tx){.kind = BC_TX_REWARD,
                                                         .payload_length = DESCRIPTION,
                                                         .payload = (uint8_t *)description});
    bc_block *genesis = ledger_block(w->params, &(ledger_plan){.txs = &reward, .tx_count = 1});
    bc_buffer *buffer;
    bc_block *again;
    bc_tx *tx;
    params->of.ledger->block_bytes = 1024;
    params->of.ledger->payload_bytes = 0;
    assert_int_equal(bc_block_json(genesis, &buffer, NULL), BC_OK);
    const char *text = (const char *)bc_buffer_data(buffer);
    FAILS_WITHOUT(again, bc_block_from_json(&again, params, text, strlen(text), error),
                  BC_ERR_LIMIT, "the JSON of the block has");
    params->json.length = 0;
    assert_int_equal(bc__bytes_append(&params->json, description, DESCRIPTION), BC__OK);
    assert_int_equal(bc_block_from_json(&again, params, text, strlen(text), NULL), BC_OK);
    bc_block_unref(again);
    bc_buffer_unref(buffer);
    assert_int_equal(bc_tx_json(reward, &buffer, NULL), BC_OK);
    text = (const char *)bc_buffer_data(buffer);
    assert_int_equal(bc_tx_from_json(&tx, params, text, strlen(text), NULL), BC_OK);
    bc_tx_unref(tx);
    bc_buffer_unref(buffer);
    bc_block_unref(genesis);
    bc_tx_unref(reward);
    bc_params_unref(params);
}

/* ---- Arguments ------------------------------------------------------------------------------- */

static void refuses_calls_that_break_the_contract(void **state)
{
    world *w = *state;
    bc_block *block;
    FAILS(bc_block_from_json(NULL, w->params, "{}", 2, error), BC_ERR_ARGUMENT, "out");
    FAILS_WITHOUT(block, bc_block_from_json(&block, NULL, "{}", 2, error), BC_ERR_ARGUMENT,
                  "params");
    FAILS_WITHOUT(block, bc_block_from_json(&block, w->params, NULL, 2, error), BC_ERR_ARGUMENT,
                  "json");
}

/* Under the tutorial's rules the encoding is JSON, and the same bytes are read. */
static void reads_the_tutorials_blocks(void **state)
{
    (void)state;
    static const char text[] = "{\"proof\":1,\"transactions\":[1]}";
    bc_params *params;
    bc_block *one;
    bc_block *other;
    assert_int_equal(bc_params_preset(&params, "tutorial", NULL, NULL), BC_OK);
    assert_int_equal(bc_block_from_json(&one, params, text, sizeof text - 1, NULL), BC_OK);
    assert_int_equal(bc_block_parse(&other, params, (const uint8_t *)text, sizeof text - 1, NULL),
                     BC_OK);
    assert_memory_equal(one->id, other->id, BC_ID_BYTES);
    bc_block_unref(one);
    FAILS_WITHOUT(one, bc_block_from_json(&one, params, text, sizeof text - 2, error),
                  BC_ERR_FORMAT, "the block");
    bc_block_unref(other);
    bc_params_unref(params);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shows_transactions_and_reads_them_back),
        cmocka_unit_test(shows_blocks_and_reads_them_back),
        cmocka_unit_test(takes_what_writers_may_do),
        cmocka_unit_test(takes_every_integer_of_64_bits),
        cmocka_unit_test(refuses_wrong_members_of_transactions),
        cmocka_unit_test(refuses_wrong_members_of_blocks),
        cmocka_unit_test(refuses_missing_unknown_and_repeated_members),
        cmocka_unit_test(refuses_what_is_no_such_json),
        cmocka_unit_test(refuses_what_has_no_encoding),
        cmocka_unit_test(bounds_the_text),
        cmocka_unit_test(takes_a_full_block_that_is_indented),
        cmocka_unit_test(takes_a_genesis_over_the_limits),
        cmocka_unit_test(refuses_calls_that_break_the_contract),
        cmocka_unit_test(reads_the_tutorials_blocks),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
