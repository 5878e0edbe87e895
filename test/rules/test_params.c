/* The description of a network: which are refused, what the canonical form and the network's id are. */
#include "test/rules/tutorial_fixture.h"

#include "lib/sha256/sha256.h"

static bc_status parse(bc_params **params, const char *json, size_t length, bc_error *error)
{
    char *copy = malloc(length + (length == 0)); /* of its own size, for sanitizers */
    assert_non_null(copy);
    memcpy(copy, json, length);
    bc_status status = bc_params_parse(params, copy, length, NULL, error);
    free(copy);
    return status;
}

static void refuse_bytes(const char *json, size_t length, bc_status expected, const char *word)
{
    bc_error error = {0};
    bc_params *params = (bc_params *)&error;
    bc_status status = parse(&params, json, length, &error);
    if (status != expected) {
        fail_msg("%s: %d", json, status);
    }
    assert_null(params);
    assert_int_equal(error.code, expected);
    if (strstr(error.message, word) == NULL) {
        fail_msg("%s: \"%s\" does not say \"%s\"", json, error.message, word);
    }
}

static void refuse(const char *json, bc_status expected, const char *word)
{
    refuse_bytes(json, strlen(json), expected, word);
}

static void expect_canonical(const char *json, const char *canonical)
{
    bc_params *params;
    bc_error error = {0};
    if (parse(&params, json, strlen(json), &error) != BC_OK) {
        fail_msg("%s: %s", json, error.message);
    }
    size_t length = 0;
    uint8_t id[BC_ID_BYTES];
    uint8_t expected[BC_ID_BYTES];
    assert_string_equal(bc_params_json(params, &length), canonical);
    assert_int_equal(length, strlen(canonical));
    bc__sha256(expected, (const uint8_t *)canonical, length);
    bc_params_network_id(params, id);
    assert_memory_equal(id, expected, sizeof id);
    /* the canonical form describes the same network */
    bc_params *again;
    assert_int_equal(bc_params_parse(&again, canonical, length, NULL, NULL), BC_OK);
    assert_string_equal(bc_params_json(again, NULL), canonical);
    bc_params_unref(again);
    bc_params_unref(params);
}

/* ---- what is read ---- */

static void writes_the_canonical_form(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"{\"rules\":\"tutorial\",\"version\":1,\"name\":\"classroom\",\"dialect\":1,\"zeros\":4}",
         "{\"dialect\":1,\"name\":\"classroom\",\"rules\":\"tutorial\",\"version\":1,\"zeros\":4}"},
        {" {\n\t\"zeros\" : 0 ,\r\n \"dialect\": 2, \"name\": \"a b\", \"version\": 1,"
         "\"rules\": \"tutorial\" } ",
         "{\"dialect\":2,\"name\":\"a b\",\"rules\":\"tutorial\",\"version\":1,\"zeros\":0}"},
        {"{\"rules\":\"tutorial\",\"version\":1,\"name\":\"n\",\"dialect\":1,\"zeros\":64}",
         "{\"dialect\":1,\"name\":\"n\",\"rules\":\"tutorial\",\"version\":1,\"zeros\":64}"},
        /* zeros may be left out, and a name may be spelled with escapes */
        {"{\"rules\":\"tut\\u006frial\",\"version\":1,\"name\":\"\\u006e~\",\"dialect\":1}",
         "{\"dialect\":1,\"name\":\"n~\",\"rules\":\"tutorial\",\"version\":1,\"zeros\":4}"},
    };
    for (size_t at = 0; at < COUNT_OF(cases); at++) {
        expect_canonical(cases[at][0], cases[at][1]);
    }
}

static void takes_names_of_up_to_64_characters(void **state)
{
    (void)state;
    const char before[] = "{\"rules\":\"tutorial\",\"version\":1,\"dialect\":1,\"name\":\"";
    char *json = repeated(before, "n", 64, "\"}");
    char *canonical = repeated("{\"dialect\":1,\"name\":\"", "n", 64,
                               "\",\"rules\":\"tutorial\",\"version\":1,\"zeros\":4}");
    expect_canonical(json, canonical);
    free(canonical);
    free(json);
    json = repeated(before, "n", 65, "\"}");
    refuse(json, BC_ERR_FORMAT, "name");
    free(json);
}

/* The ids are Python's hashlib over the canonical form. */
static void knows_two_networks_by_name(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        const char *json;
        const char *id;
    } known[] = {
        {"tutorial",
         "{\"dialect\":1,\"name\":\"tutorial\",\"rules\":\"tutorial\",\"version\":1,\"zeros\":4}",
         "10adf14cea4922b423eb95de65fb236193011f149a9313ff62de7c9ec3514cdf"},
        {"tutorial-v2",
         "{\"dialect\":2,\"name\":\"tutorial-v2\",\"rules\":\"tutorial\",\"version\":1,"
         "\"zeros\":4}",
         "50f8ea7e597f80dced607c393d3b0ae2e73c6ddba401b1c1b27acff286ed7fd3"},
    };
    for (size_t at = 0; at < COUNT_OF(known); at++) {
        bc_params *params = preset(known[at].name);
        uint8_t id[BC_ID_BYTES];
        assert_string_equal(bc_params_name(params), known[at].name);
        assert_string_equal(bc_params_json(params, NULL), known[at].json);
        bc_params_network_id(params, id);
        assert_hex(id, known[at].id);
        bc_params_unref(params);
    }
    static const char *const unknown[] = {"", "Tutorial", "tutorial-v3", "tutorial ", "mainnet"};
    for (size_t at = 0; at < COUNT_OF(unknown); at++) {
        bc_error error = {0};
        bc_params *params = (bc_params *)&error;
        assert_int_equal(bc_params_preset(&params, unknown[at], NULL, &error), BC_ERR_NOT_FOUND);
        assert_null(params);
        assert_int_equal(error.code, BC_ERR_NOT_FOUND);
    }
}

/* ---- what is refused ---- */

static void refuses_what_is_no_json_object(void **state)
{
    (void)state;
    static const char good[] =
        "{\"rules\":\"tutorial\",\"version\":1,\"name\":\"n\",\"dialect\":1,\"zeros\":4}";
    static const char *const texts[] = {
        "",
        " ",
        "null",
        "1",
        "\"tutorial\"",
        "[]",
        "[{}]",
        "{",
        "}",
        "{]",
        "tutorial",
        "\xff",
        "{\"rules\":\"tutorial\",\"version\":1,\"name\":\"n\",\"dialect\":1,}",
        "{\"rules\":\"tutorial\",\"version\":1,\"name\":\"n\",\"dialect\":1}x",
        "{\"rules\":\"tutorial\",\"version\":1,\"name\":\"n\",\"dialect\":01}",
        "{'rules':'tutorial'}",
        "\xef\xbb\xbf{\"rules\":\"tutorial\",\"version\":1,\"name\":\"n\",\"dialect\":1}",
        /* not UTF-8 */
        "{\"rules\":\"tutorial\",\"version\":1,\"name\":\"\xff\",\"dialect\":1}",
        "{\"rules\":\"tutorial\",\"version\":1,\"name\":\"\xc0\x80\",\"dialect\":1}",
        "{\"rules\":\"tutorial\",\"version\":1,\"name\":\"\xed\xa0\x80\",\"dialect\":1}",
        "{\"rules\":\"tutorial\",\"version\":1,\"name\":\"\\ud800\",\"dialect\":1}",
    };
    for (size_t at = 0; at < COUNT_OF(texts); at++) {
        refuse(texts[at], BC_ERR_FORMAT, "JSON");
    }
    for (size_t length = 0; length < strlen(good); length++) {
        refuse_bytes(good, length, BC_ERR_FORMAT, "JSON");
    }
    refuse_bytes(good, sizeof good, BC_ERR_FORMAT, "JSON"); /* with its zero byte */
}

static void refuses_unknown_and_repeated_members(void **state)
{
    (void)state;
    refuse("{\"rules\":\"tutorial\",\"version\":1,\"name\":\"n\",\"dialect\":1,\"zero\":4}",
           BC_ERR_FORMAT, "zero");
    refuse("{\"rules\":\"tutorial\",\"version\":1,\"name\":\"n\",\"dialect\":1,\"Zeros\":4}",
           BC_ERR_FORMAT, "Zeros");
    refuse("{\"rules\":\"tutorial\",\"version\":1,\"name\":\"n\",\"dialect\":1,\"\":null}",
           BC_ERR_FORMAT, "unknown");
    static const char *const repeats[] = {
        "\"rules\":\"tutorial\"", "\"version\":1", "\"name\":\"n\"",
        "\"dialect\":1",          "\"zeros\":4",   "\"\\u007aeros\":4",
    };
    for (size_t at = 0; at < COUNT_OF(repeats); at++) {
        char *json = repeated("{\"rules\":\"tutorial\",\"version\":1,\"name\":\"n\",\"dialect\":1,"
                              "\"zeros\":4,",
                              repeats[at], 1, "}");
        refuse(json, BC_ERR_FORMAT, "duplicate");
        free(json);
    }
}

static void refuses_a_missing_member(void **state)
{
    (void)state;
    refuse("{}", BC_ERR_FORMAT, "rules");
    refuse("{\"version\":1,\"name\":\"n\",\"dialect\":1}", BC_ERR_FORMAT, "rules");
    refuse("{\"rules\":\"tutorial\",\"name\":\"n\",\"dialect\":1}", BC_ERR_FORMAT, "version");
    refuse("{\"rules\":\"tutorial\",\"version\":1,\"dialect\":1}", BC_ERR_FORMAT, "name");
    refuse("{\"rules\":\"tutorial\",\"version\":1,\"name\":\"n\"}", BC_ERR_FORMAT, "dialect");
}

static void refuses_wrong_types_and_ranges(void **state)
{
    (void)state;
    static const struct {
        const char *member;
        const char *others;
        const char *const values[20];
    } cases[] = {
        {"rules",
         "\"version\":1,\"name\":\"n\",\"dialect\":1",
         {"null", "1", "true", "[\"tutorial\"]", "{}"}},
        {"version",
         "\"rules\":\"tutorial\",\"name\":\"n\",\"dialect\":1",
         {"null", "\"1\"", "true", "1.0", "1e0", "[1]", "{}", "18446744073709551617"}},
        {"name",
         "\"rules\":\"tutorial\",\"version\":1,\"dialect\":1",
         {"null", "1", "true", "[\"n\"]", "{}", "\"\"", "\"\xc3\xa9\"", "\"a\\nb\"", "\"a\\\"b\"",
          "\"a\\\\b\"", "\"\\u007f\"", "\"\\u001f\""}},
        {"dialect",
         "\"rules\":\"tutorial\",\"version\":1,\"name\":\"n\"",
         {"null", "\"1\"", "true", "0", "3", "-1", "1.0", "4294967297", "[]", "{}",
          "99999999999999999999"}},
        {"zeros",
         "\"rules\":\"tutorial\",\"version\":1,\"name\":\"n\",\"dialect\":1",
         {"null", "\"4\"", "true", "-1", "65", "4.0", "4294967300", "[]", "{}", "-0.5",
          "-99999999999999999999"}},
    };
    for (size_t at = 0; at < COUNT_OF(cases); at++) {
        for (size_t value = 0; cases[at].values[value] != NULL; value++) {
            char json[256];
            snprintf(json, sizeof json, "{%s,\"%s\":%s}", cases[at].others, cases[at].member,
                     cases[at].values[value]);
            refuse(json, BC_ERR_FORMAT, "");
        }
    }
    /* a zero inside a name does not cut it */
    refuse("{\"rules\":\"tutorial\",\"version\":1,\"name\":\"n\\u0000m\",\"dialect\":1}",
           BC_ERR_FORMAT, "");
    refuse("{\"rules\":\"tutorial\\u0000\",\"version\":1,\"name\":\"n\",\"dialect\":1}",
           BC_ERR_FORMAT, "");
}

static void does_not_know_other_rules_and_versions(void **state)
{
    (void)state;
    static const char *const rules[] = {"", "Tutorial", "tutorial ", "other", "\\u00e9"};
    for (size_t at = 0; at < COUNT_OF(rules); at++) {
        char json[160];
        snprintf(json, sizeof json, "{\"rules\":\"%s\",\"version\":1,\"name\":\"n\",\"dialect\":1}",
                 rules[at]);
        refuse(json, BC_ERR_UNSUPPORTED, "rules");
        /* other rules have other members */
        snprintf(json, sizeof json, "{\"rules\":\"%s\",\"more\":[]}", rules[at]);
        refuse(json, BC_ERR_UNSUPPORTED, "rules");
    }
    static const char *const versions[] = {"2", "0", "-1", "2147483648", "9223372036854775807"};
    for (size_t at = 0; at < COUNT_OF(versions); at++) {
        char json[160];
        snprintf(json, sizeof json,
                 "{\"rules\":\"tutorial\",\"version\":%s,\"name\":\"n\",\"dialect\":1}",
                 versions[at]);
        refuse(json, BC_ERR_UNSUPPORTED, "version");
        /* and so may other versions */
        snprintf(json, sizeof json, "{\"rules\":\"tutorial\",\"version\":%s,\"more\":[]}",
                 versions[at]);
        refuse(json, BC_ERR_UNSUPPORTED, "version");
    }
}

static void takes_documents_of_up_to_16_mebibytes(void **state)
{
    (void)state;
    const size_t limit = 16 * 1024 * 1024;
    const char good[] = "{\"rules\":\"tutorial\",\"version\":1,\"name\":\"n\",\"dialect\":1}";
    char *json = malloc(limit + 1);
    assert_non_null(json);
    memset(json, ' ', limit + 1);
    memcpy(json, good, strlen(good));
    bc_params *params;
    bc_error error = {0};
    assert_int_equal(bc_params_parse(&params, json, limit, NULL, NULL), BC_OK);
    assert_string_equal(bc_params_name(params), "n");
    bc_params_unref(params);
    assert_int_equal(bc_params_parse(&params, json, limit + 1, NULL, &error), BC_ERR_LIMIT);
    assert_null(params);
    assert_int_equal(error.code, BC_ERR_LIMIT);
    memset(json, '[', limit);
    assert_int_equal(bc_params_parse(&params, json, limit, NULL, &error), BC_ERR_FORMAT);
    assert_null(params);
    free(json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_the_canonical_form),
        cmocka_unit_test(takes_names_of_up_to_64_characters),
        cmocka_unit_test(knows_two_networks_by_name),
        cmocka_unit_test(refuses_what_is_no_json_object),
        cmocka_unit_test(refuses_unknown_and_repeated_members),
        cmocka_unit_test(refuses_a_missing_member),
        cmocka_unit_test(refuses_wrong_types_and_ranges),
        cmocka_unit_test(does_not_know_other_rules_and_versions),
        cmocka_unit_test(takes_documents_of_up_to_16_mebibytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
