/* Records, the tutorial's transactions: any JSON, and what the article's form makes of an object. */
#include "test/rules/tutorial_fixture.h"

static bc_status parse_tx(bc_tx **tx, const bc_params *params, const char *json, size_t length,
                          bool from_user, bc_error *error)
{
    char *copy = malloc(length + (length == 0)); /* of its own size, for sanitizers */
    assert_non_null(copy);
    memcpy(copy, json, length);
    bc_status status = from_user ? bc_tx_from_json(tx, params, copy, length, error)
                                 : bc_tx_parse(tx, params, (const uint8_t *)copy, length, error);
    free(copy);
    return status;
}

static void expect_tx(const bc_params *params, const char *json, bool from_user,
                      const char *expected)
{
    bc_tx *tx;
    bc_buffer *buffer;
    bc_error error = {0};
    size_t length;
    if (parse_tx(&tx, params, json, strlen(json), from_user, &error) != BC_OK) {
        fail_msg("%s: %s", json, error.message);
    }
    const uint8_t *bytes = bc_tx_bytes(tx, &length);
    assert_bytes(bytes, length, expected);
    assert_ptr_equal(bc_tx_bytes(tx, NULL), bytes);
    assert_int_equal(bc_tx_json(tx, &buffer, NULL), BC_OK);
    assert_int_equal(bc_buffer_length(buffer), length);
    assert_string_equal((const char *)bc_buffer_data(buffer), expected);
    bc_tx_unref(tx);
    bc_buffer_unref(buffer); /* it outlives the transaction */
}

static void refuse_tx(const bc_params *params, const char *json, size_t length, bool from_user,
                      bc_status expected)
{
    bc_error error = {0};
    bc_tx *tx = (bc_tx *)&error;
    assert_int_equal(parse_tx(&tx, params, json, length, from_user, &error), expected);
    assert_null(tx);
    assert_int_equal(error.code, expected);
    assert_true(error.message[0] != '\0');
}

static void takes_any_json(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"null", "null"},
        {" true ", "true"},
        {"-0", "0"},
        {"1e16", "1e+16"},
        {"0.00001", "1e-05"},
        {"-0.0", "-0.0"},
        {"123456789012345678901234567890", "123456789012345678901234567890"},
        {"NaN", "NaN"},
        {"-Infinity", "-Infinity"},
        {"\"\xf0\x9f\x98\x80\x7f/\"", "\"\\ud83d\\ude00\\u007f/\""},
        {"\"\\ud83d\"", "\"\\ud83d\""},
        {"[]", "[]"},
        {"[1,[2,{}]]", "[1, [2, {}]]"},
        {"{\"b\":1,\"a\":2,\"b\":3}", "{\"a\": 2, \"b\": 3}"},
    };
    bc_params *params = preset("tutorial");
    for (size_t at = 0; at < COUNT_OF(cases); at++) {
        expect_tx(params, cases[at][0], false, cases[at][1]);
    }
    bc_params_unref(params);
}

/* The ids are Python's: hashlib.sha256(json.dumps(record, sort_keys=True).encode()). */
static void is_known_by_the_hash_of_its_json(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"{\"sender\":\"0\",\"recipient\":\"8bbcb347e0634905b0cac7955bae152b\",\"amount\":1}",
         "91a4c66bf9d026b9dbf72b4aa60fbc5a3efefd2e363924a46aeb307956067b69"},
        {"{\"amount\":  1, \"recipient\":\"8bbcb347e0634905b0cac7955bae152\\u0062\","
         "\"sender\":\"0\"}",
         "91a4c66bf9d026b9dbf72b4aa60fbc5a3efefd2e363924a46aeb307956067b69"},
        {"\"\xe2\x82\xac\"", "302229cc86ed90557b90eb031299720205278ba18c5364f6f3d71e2a0354968e"},
    };
    bc_params *params = preset("tutorial");
    for (size_t at = 0; at < COUNT_OF(cases); at++) {
        uint8_t id[BC_ID_BYTES];
        bc_tx *tx = tx_of(params, cases[at][0]);
        bc_tx_id(tx, id);
        assert_hex(id, cases[at][1]);
        bc_tx_unref(tx);
    }
    bc_params_unref(params);
}

static void makes_a_record_of_the_three_members(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"{\"sender\":\"a\",\"recipient\":\"b\",\"amount\":5}",
         "{\"amount\": 5, \"recipient\": \"b\", \"sender\": \"a\"}"},
        {" {\"amount\":5,\"extra\":[1,2],\"recipient\":\"b\",\"sender\":\"a\",\"zz\":{}} ",
         "{\"amount\": 5, \"recipient\": \"b\", \"sender\": \"a\"}"},
        {"{\"sender\":null,\"recipient\":[{\"b\":1,\"a\":2}],\"amount\":-1e-7}",
         "{\"amount\": -1e-07, \"recipient\": [{\"a\": 2, \"b\": 1}], \"sender\": null}"},
        {"{\"s\\u0065nder\":\"\xc3\xa9\",\"recipient\":\"\",\"amount\":\"5\",\"amount\":NaN}",
         "{\"amount\": NaN, \"recipient\": \"\", \"sender\": \"\\u00e9\"}"},
    };
    bc_params *params = preset("tutorial");
    for (size_t at = 0; at < COUNT_OF(cases); at++) {
        expect_tx(params, cases[at][0], true, cases[at][1]);
    }
    bc_params_unref(params);
}

static void refuses_a_record_that_lacks_a_member(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "{}",
        "{\"sender\":1,\"recipient\":2}",
        "{\"sender\":1,\"amount\":2}",
        "{\"recipient\":1,\"amount\":2}",
        "{\"Sender\":1,\"recipient\":2,\"amount\":3}",
        "{\"x\":{\"sender\":1,\"recipient\":2,\"amount\":3}}",
        "[{\"sender\":1,\"recipient\":2,\"amount\":3}]",
        "[\"sender\",\"recipient\",\"amount\"]",
        "\"sender recipient amount\"",
        "null",
        "5",
    };
    bc_params *params = preset("tutorial");
    for (size_t at = 0; at < COUNT_OF(texts); at++) {
        refuse_tx(params, texts[at], strlen(texts[at]), true, BC_ERR_FORMAT);
        bc_tx_unref(tx_of(params, texts[at])); /* a record all the same */
    }
    bc_params_unref(params);
}

static void refuses_what_is_no_json(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        " ",
        "{",
        "]",
        "tru",
        "01",
        "{\"a\"}",
        "1 2",
        "\"",
        "\"\xff\"",
        "\"\xc0\x80\"",
        "\"\t\"",
        "'a'",
        "\xef\xbb\xbf[]",
        "[1,]",
        "{\"a\":1,}",
        "nan",
    };
    static const char record[] = "{\"sender\":\"\xc3\xa9\",\"recipient\":1e5,\"amount\":[1]}";
    bc_params *params = preset("tutorial");
    for (size_t at = 0; at < COUNT_OF(texts); at++) {
        refuse_tx(params, texts[at], strlen(texts[at]), false, BC_ERR_FORMAT);
        refuse_tx(params, texts[at], strlen(texts[at]), true, BC_ERR_FORMAT);
    }
    for (size_t length = 0; length < strlen(record); length++) {
        refuse_tx(params, record, length, false, BC_ERR_FORMAT);
        refuse_tx(params, record, length, true, BC_ERR_FORMAT);
    }
    refuse_tx(params, record, sizeof record, false, BC_ERR_FORMAT); /* with its zero byte */
    bc_params_unref(params);
}

static void keeps_the_limit_of_bytes(void **state)
{
    (void)state;
    const size_t limit = 1024;
    bc_params *params = preset("tutorial");
    assert_int_equal(bc_params_set_limit(params, BC_LIMIT_BLOCK_BYTES, limit, NULL), BC_OK);
    char *json = repeated("\"", "x", limit - 2, "\"");
    expect_tx(params, json, false, json);
    free(json);
    json = repeated("\"", "x", limit - 1, "\"");
    refuse_tx(params, json, strlen(json), false, BC_ERR_LIMIT);
    free(json);
    const char before[] = "{\"amount\": 1, \"recipient\": 2, \"sender\": \"";
    json = repeated(before, "x", limit - strlen(before) - 2, "\"}");
    expect_tx(params, json, true, json);
    free(json);
    json = repeated(before, "x", limit - strlen(before) - 1, "\"}");
    refuse_tx(params, json, strlen(json), true, BC_ERR_LIMIT);
    free(json);
    bc_params_unref(params);
}

/* A record stands two levels deep in its block, so it may have two levels less. */
static void keeps_the_limit_of_depth(void **state)
{
    (void)state;
    static const size_t limits[] = {64, 4, 256};
    bc_params *params = preset("tutorial");
    for (size_t at = 0; at < COUNT_OF(limits); at++) {
        for (size_t over = 0; over < 2; over++) {
            size_t levels = limits[at] - 2 + over;
            assert_int_equal(bc_params_set_limit(params, BC_LIMIT_JSON_DEPTH, limits[at], NULL),
                             BC_OK);
            char *opened = repeated("", "[", levels, "");
            char *json = repeated(opened, "]", levels, "");
            char *inner =
                repeated("{\"sender\":1,\"amount\":2,\"recipient\":", "[", levels - 1, "");
            char *record = repeated(inner, "]", levels - 1, "}");
            if (over == 0) {
                bc_tx *tx;
                expect_tx(params, json, false, json);
                assert_int_equal(bc_tx_from_json(&tx, params, record, strlen(record), NULL), BC_OK);
                bc_tx_unref(tx);
            } else {
                refuse_tx(params, json, strlen(json), false, BC_ERR_LIMIT);
                refuse_tx(params, record, strlen(record), true, BC_ERR_LIMIT);
            }
            free(record);
            free(inner);
            free(json);
            free(opened);
        }
    }
    bc_params_unref(params);
}

static void keeps_the_limit_of_digits(void **state)
{
    (void)state;
    bc_params *params = preset("tutorial");
    char *json = repeated("", "9", 4300, "");
    expect_tx(params, json, false, json);
    free(json);
    json = repeated("", "9", 4301, "");
    refuse_tx(params, json, strlen(json), false, BC_ERR_LIMIT);
    free(json);
    bc_params_unref(params);
}

/* The places of the rewards in a list of transactions, as text: "2" or "" for none. */
static void expect_reward(const bc_params *params, const char *list, const char *expected)
{
    char *json = repeated("{\"proof\":1,\"previous_hash\":1,\"transactions\":", list, 1, "}");
    bc_block *block = block_of(params, json);
    char found[64] = "";
    for (uint32_t at = 0; at < bc_block_tx_count(block); at++) {
        if (params->rules->is_reward(params, block, at)) {
            size_t length = strlen(found);
            snprintf(found + length, sizeof found - length, "%u", at);
        }
    }
    if (strcmp(found, expected) != 0) {
        fail_msg("%s: rewards at \"%s\", not \"%s\"", list, found, expected);
    }
    bc_block_unref(block);
    free(json);
}

static void finds_the_reward(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"[]", ""},
        {"[{\"sender\":\"0\"}]", "0"},
        {"[{\"sender\":\"\\u0030\",\"recipient\":\"x\",\"amount\":1}]", "0"},
        {"[{\"sender\":\"a\"},{\"sender\":\"0\"}]", "1"},
        /* clients may send records from "0" too: only the last can be the reward */
        {"[{\"sender\":\"0\"},{\"sender\":\"0\"}]", "1"},
        {"[{\"sender\":\"0\"},{\"sender\":\"0\"},{\"sender\":\"0\"}]", "2"},
        {"[{\"sender\":\"0\"},{\"sender\":\"a\"}]", "0"},
        {"[{\"sender\":\"a\",\"sender\":\"0\"}]", "0"},
        {"[{\"sender\":\"0\",\"sender\":\"a\"}]", ""},
        /* these are from somebody else, or nobody's record at all */
        {"[{\"sender\":0}]", ""},
        {"[{\"sender\":\"00\"}]", ""},
        {"[{\"sender\":\"\"}]", ""},
        {"[{\"sender\":null}]", ""},
        {"[{\"sender\":[\"0\"]}]", ""},
        {"[{\"sender\":{\"sender\":\"0\"}}]", ""},
        {"[{\"tx\":{\"sender\":\"0\"}}]", ""},
        {"[{\"Sender\":\"0\"}]", ""},
        {"[{}]", ""},
        {"[[{\"sender\":\"0\"}]]", ""},
        {"[\"sender\",\"0\",0,null,[]]", ""},
        {"[{\"sender\":\"0\"},\"0\",[]]", "0"},
        {"{\"sender\":\"0\"}", ""},
    };
    bc_params *params = preset("tutorial");
    for (size_t at = 0; at < COUNT_OF(cases); at++) {
        expect_reward(params, cases[at][0], cases[at][1]);
    }
    /* as deep as a record may be */
    char *opened = repeated("[{\"sender\":\"0\",\"a\":", "[", 61, "");
    char *list = repeated(opened, "]", 61, "}]");
    expect_reward(params, list, "0");
    free(list);
    free(opened);
    bc_params_unref(params);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_any_json),
        cmocka_unit_test(is_known_by_the_hash_of_its_json),
        cmocka_unit_test(makes_a_record_of_the_three_members),
        cmocka_unit_test(refuses_a_record_that_lacks_a_member),
        cmocka_unit_test(refuses_what_is_no_json),
        cmocka_unit_test(keeps_the_limit_of_bytes),
        cmocka_unit_test(keeps_the_limit_of_depth),
        cmocka_unit_test(keeps_the_limit_of_digits),
        cmocka_unit_test(finds_the_reward),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
