/* The description of a ledger: what is refused, the defaults, the canonical form. */
#include "test/rules/ledger_documents.h"

#include "lib/hex.h"
#include "test/support/counting_heap.h"
#include "test/support/random.h"

static const char fixed_canonical[] =
    "{\"allocations\":[],\"bits\":545259519,\"block_bytes\":1048576,\"difficulty\":\"fixed\","
    "\"future_limit\":120000,\"halving\":100,\"host_rules\":\"\",\"initial\":5000,"
    "\"limit\":545259519,\"minimum_fee\":0,\"name\":\"test\",\"payload_bytes\":65536,"
    "\"rules\":\"ledger\",\"sealing\":\"work\",\"time\":1700000000000,\"version\":1}";
static const char asert_canonical[] =
    "{\"allocations\":[],\"bits\":503382015,\"block_bytes\":1048576,\"difficulty\":\"asert\","
    "\"future_limit\":120000,\"half_life\":172800000,\"halving\":100,\"host_rules\":\"\","
    "\"initial\":5000,\"limit\":520159231,\"minimum_fee\":0,\"name\":\"test\","
    "\"payload_bytes\":65536,\"rules\":\"ledger\",\"sealing\":\"work\",\"spacing\":600000,"
    "\"time\":1700000000000,\"version\":1}";
static const char authority_canonical[] =
    "{\"allocations\":[],\"authorities\":[\"" KEY_1 "\",\"" KEY_2 "\",\"" KEY_3 "\"],"
    "\"block_bytes\":1048576,\"future_limit\":120000,\"halving\":100,\"host_rules\":\"\","
    "\"initial\":5000,\"minimum_fee\":0,\"name\":\"test\",\"payload_bytes\":65536,"
    "\"period\":2000,\"rules\":\"ledger\",\"sealing\":\"authority\",\"time\":1700000000000,"
    "\"version\":1}";

/* ---- What is read ---- */

static void writes_the_defaults_out(void **state)
{
    (void)state;
    static const char *const canonical[] = {fixed_canonical, asert_canonical, authority_canonical};
    for (size_t at = 0; at < COUNT_OF(ledger_kinds); at++) {
        document of = ledger_kinds[at]();
        bc_params *params = params_of(&of);
        expect_json(params, canonical[at]);
        assert_string_equal(bc_params_name(params), "test");
        bc_params_unref(params);
    }
}

static void keeps_every_member(void **state)
{
    (void)state;
    document of = asert_ledger();
    set_member(&of, "allocations", "[[\"" KEY_2 "\",7],[\"" KEY_1 "\"," LARGEST "]]");
    set_member(&of, "initial", "0");
    set_member(&of, "halving", LARGEST);
    set_member(&of, "block_bytes", "1024");
    set_member(&of, "payload_bytes", "17");
    set_member(&of, "minimum_fee", "3");
    set_member(&of, "future_limit", "9");
    set_member(&of, "host_rules", "\"inventory 2\"");
    refuse_document(&of, "subsidies together"); /* 2^63 - 1 and 7 more */
    set_member(&of, "allocations", "[[\"" KEY_2 "\",7],[\"" KEY_1 "\",9223372036854775800]]");
    bc_params *params = params_of(&of);
    expect_json(params, "{\"allocations\":[[\"" KEY_2 "\",7],[\"" KEY_1
                        "\",9223372036854775800]],\"bits\":503382015,\"block_bytes\":1024,"
                        "\"difficulty\":\"asert\",\"future_limit\":9,\"half_life\":172800000,"
                        "\"halving\":" LARGEST ",\"host_rules\":\"inventory 2\",\"initial\":0,"
                        "\"limit\":520159231,\"minimum_fee\":3,\"name\":\"test\","
                        "\"payload_bytes\":17,\"rules\":\"ledger\",\"sealing\":\"work\","
                        "\"spacing\":600000,\"time\":1700000000000,\"version\":1}");
    const bc__ledger *ledger = bc__ledger_of(params);
    bc__uint256 limit;
    assert_int_equal(bc__target_from_compact(&limit, 0x1f00ffff), BC__COMPACT_OK);
    assert_true(ledger->time == 1700000000000 && ledger->initial == 0);
    assert_true(ledger->halving == INT64_MAX && ledger->block_bytes == 1024);
    assert_true(ledger->payload_bytes == 17 && ledger->minimum_fee == 3);
    assert_true(ledger->future_limit == 9 && !ledger->by_authority && ledger->asert);
    assert_string_equal(ledger->host_rules, "inventory 2");
    assert_true(ledger->bits == 0x1e00ffff && ledger->limit == 0x1f00ffff);
    assert_true(ledger->schedule.spacing == 600000 && ledger->schedule.half_life == 172800000);
    assert_int_equal(bc__uint256_compare(&ledger->schedule.limit, &limit), 0);
    bc_params_unref(params);
}

static void keeps_the_authorities_in_their_order(void **state)
{
    (void)state;
    document of = authority_ledger();
    bc_params *params = params_of(&of);
    const bc__ledger *ledger = bc__ledger_of(params);
    static const char *const keys[] = {KEY_1, KEY_2, KEY_3};
    assert_int_equal(ledger->authority_count, 3);
    for (size_t at = 0; at < COUNT_OF(keys); at++) {
        uint8_t key[32];
        assert_true(bc__hex_decode(key, keys[at], sizeof key));
        assert_memory_equal(ledger->authorities[at], key, sizeof key);
    }
    assert_true(ledger->by_authority && !ledger->asert && ledger->period == 2000);
    bc_params_unref(params);
}

/* The ids were worked out by Python's hashlib (test/sim/ledger_network.py). */
static void knows_two_ledgers_by_name(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        const char *json;
        const char *id;
    } known[] = {
        {"ledger",
         "{\"allocations\":[],\"bits\":503382015,\"block_bytes\":1048576,\"difficulty\":\"asert\","
         "\"future_limit\":120000,\"half_life\":17280000,\"halving\":2103840,\"host_rules\":\"\","
         "\"initial\":1000000000,\"limit\":520159231,\"minimum_fee\":0,\"name\":\"ledger\","
         "\"payload_bytes\":65536,\"rules\":\"ledger\",\"sealing\":\"work\",\"spacing\":60000,"
         "\"time\":1767225600000,\"version\":1}",
         "bf1bddec9eea6b34cc8faf2d15dba9581e17bed308ddacd1fc01528927b84d86"},
        {"ledger-dev",
         "{\"allocations\":[],\"bits\":545259519,\"block_bytes\":1048576,\"difficulty\":\"fixed\","
         "\"future_limit\":120000,\"halving\":1000,\"host_rules\":\"\",\"initial\":1000000,"
         "\"limit\":545259519,\"minimum_fee\":0,\"name\":\"ledger-dev\",\"payload_bytes\":65536,"
         "\"rules\":\"ledger\",\"sealing\":\"work\",\"time\":1767225600000,\"version\":1}",
         "c8a690a41de139efa5eb0056195a347c166aaa689c24c38c9132d299dcf0e79d"},
    };
    for (size_t at = 0; at < COUNT_OF(known); at++) {
        bc_params *params;
        uint8_t id[BC_ID_BYTES];
        char hex[2 * BC_ID_BYTES + 1] = "";
        assert_int_equal(bc_params_preset(&params, known[at].name, NULL, NULL), BC_OK);
        assert_string_equal(bc_params_name(params), known[at].name);
        expect_json(params, known[at].json);
        bc_params_network_id(params, id);
        bc__hex_encode(hex, id, sizeof id);
        assert_string_equal(hex, known[at].id);
        bc_params_unref(params);
    }
}

/* Any order of members and any spaces give one form, which is its own canonical form. */
static void writes_one_form_for_all_orders(void **state)
{
    (void)state;
    test_random random = test_random_begin();
    for (size_t at = 0; at < COUNT_OF(ledger_kinds); at++) {
        document of = ledger_kinds[at]();
        bc_params *first = params_of(&of);
        const char *canonical = bc_params_json(first, NULL);
        for (size_t round = 0; round < 50; round++) {
            for (size_t last = of.count - 1; last > 0; last--) {
                size_t other = test_random_below(&random, last + 1);
                document before = of;
                of.members[last] = before.members[other];
                of.members[other] = before.members[last];
            }
            bc_params *params = params_of(&of);
            expect_json(params, canonical);
            assert_memory_equal(params->origin.network_id, first->origin.network_id, BC_ID_BYTES);
            bc_params_unref(params);
        }
        bc_params *again = params_of_json(canonical);
        expect_json(again, canonical);
        assert_memory_equal(again->origin.network_id, first->origin.network_id, BC_ID_BYTES);
        bc_params_unref(again);
        bc_params_unref(first);
    }
    document of = fixed_ledger();
    set_member(&of, "name", " \t\n\r \"t\\u0065st\" ");
    set_member(&of, "initial", " 5000\n");
    set_member(&of, "time", "1700000000000 ");
    bc_params *params = params_of(&of);
    expect_json(params, fixed_canonical);
    bc_params_unref(params);
}

static void reads_as_many_bytes_as_a_block_may_have(void **state)
{
    (void)state;
    document of = fixed_ledger();
    set_member(&of, "block_bytes", "268435456");
    bc_params *params = params_of(&of);
    assert_int_equal(params->limits.block_bytes, 268435456);
    bc_params_unref(params);
}

/* ---- What is refused ---- */

static void needs_every_member_without_a_default(void **state)
{
    (void)state;
    for (size_t kind = 0; kind < COUNT_OF(ledger_kinds); kind++) {
        document whole = ledger_kinds[kind]();
        for (size_t at = 0; at < whole.count; at++) {
            document of = whole;
            set_member(&of, whole.members[at].name, NULL);
            char word[32];
            (void)snprintf(word, sizeof word, "\"%s\"", whole.members[at].name);
            refuse_document(&of, word);
        }
    }
}

static void takes_each_member_in_its_type_alone(void **state)
{
    (void)state;
    static const char *const others[] = {
        "null", "true", "false", "1.0",  "1e3",           "0.5",         "-1",
        "{}",   "[[]]", "[0]",   "[{}]", "[\"sealing\"]", "{\"time\":1}"};
    for (size_t kind = 0; kind < COUNT_OF(ledger_kinds); kind++) {
        document whole = ledger_kinds[kind]();
        set_member(&whole, "block_bytes", "2048");
        set_member(&whole, "payload_bytes", "1024");
        set_member(&whole, "minimum_fee", "1");
        set_member(&whole, "future_limit", "1000");
        set_member(&whole, "host_rules", "\"x\"");
        for (size_t at = 0; at < whole.count; at++) {
            const char *name = whole.members[at].name;
            char first = whole.members[at].value[0];
            char word[9]; /* of a list's member too, where one is named */
            (void)snprintf(word, sizeof word, "%s", name);
            document of = whole;
            for (size_t other = 0; other < COUNT_OF(others); other++) {
                bool is_version = strcmp(name, "version") == 0 && strcmp(others[other], "-1") == 0;
                set_member(&of, name, others[other]);
                if (!is_version) { /* which is one, but not ours */
                    refuse_document(&of, word);
                }
            }
            set_member(&of, name, first == '"' ? "1" : "\"1\"");
            refuse_document(&of, name);
            if (first != '[') {
                set_member(&of, name, "[]");
                refuse_document(&of, name);
            }
        }
    }
}

static void refuses_unknown_members(void **state)
{
    (void)state;
    static const char *const strangers[] = {"Time",       "dialect", "zeros", "bit",
                                            "authoritie", "limits",  "",      "time "};
    for (size_t kind = 0; kind < COUNT_OF(ledger_kinds); kind++) {
        for (size_t at = 0; at < COUNT_OF(strangers); at++) {
            document of = ledger_kinds[kind]();
            set_member(&of, strangers[at], "1");
            refuse_document(&of, "unknown");
        }
    }
}

static void refuses_members_of_another_sealing(void **state)
{
    (void)state;
    static const struct {
        ledger_kind kind;
        const char *name;
        const char *value;
    } cases[] = {
        {fixed_ledger, "spacing", "600000"},
        {fixed_ledger, "half_life", "172800000"},
        {fixed_ledger, "authorities", "[\"" KEY_1 "\"]"},
        {fixed_ledger, "period", "0"},
        {asert_ledger, "authorities", "[\"" KEY_1 "\"]"},
        {asert_ledger, "period", "0"},
        {authority_ledger, "difficulty", "\"fixed\""},
        {authority_ledger, "difficulty", "\"asert\""},
        {authority_ledger, "bits", "545259519"},
        {authority_ledger, "limit", "545259519"},
        {authority_ledger, "spacing", "600000"},
        {authority_ledger, "half_life", "172800000"},
    };
    for (size_t at = 0; at < COUNT_OF(cases); at++) {
        document of = cases[at].kind();
        set_member(&of, cases[at].name, cases[at].value);
        refuse_document(&of, cases[at].name);
        refuse_document(&of, "another sealing");
    }
    document of = fixed_ledger();
    set_member(&of, "sealing", "\"Work\"");
    refuse_document(&of, "\"sealing\" must be \"work\" or \"authority\"");
    of = fixed_ledger();
    set_member(&of, "difficulty", "\"\"");
    refuse_document(&of, "\"difficulty\" must be \"fixed\" or \"asert\"");
}

static void refuses_repeated_members(void **state)
{
    (void)state;
    for (size_t kind = 0; kind < COUNT_OF(ledger_kinds); kind++) {
        document whole = ledger_kinds[kind]();
        for (size_t at = 0; at < whole.count; at++) {
            document of = whole;
            of.members[of.count++] = of.members[at];
            refuse_document(&of, "duplicate");
        }
    }
}

static void knows_version_1(void **state)
{
    (void)state;
    document of = fixed_ledger();
    set_member(&of, "version", "2");
    set_member(&of, "colour", "\"red\""); /* of which another version may know */
    char *json = json_of(&of);
    refuse_json(json, BC_ERR_UNSUPPORTED, "version");
    free(json);
}

/* ---- Memory ---- */

static void gives_all_back_when_memory_runs_out(void **state)
{
    (void)state;
    for (size_t kind = 0; kind < COUNT_OF(ledger_kinds); kind++) {
        document of = ledger_kinds[kind]();
        set_member(&of, "allocations", "[[\"" KEY_1 "\",1]]");
        char *json = json_of(&of);
        bc_status status = BC_ERR_MEMORY;
        size_t left = 0;
        for (; status != BC_OK; left++) {
            counting_heap counter = {.left = left};
            bc_allocator allocator = counting_heap_public(&counter);
            bc_error error = BC_ERROR_INIT;
            bc_params *params = NULL;
            status = parse_json(&params, json, strlen(json), &allocator, &error);
            assert_true(status == BC_OK || (status == BC_ERR_MEMORY && params == NULL));
            assert_int_equal(error.code, status);
            bc_params_unref(params);
            assert_int_equal(counter.held, 0);
        }
        assert_true(left > 4);
        free(json);
    }
}

static void gives_all_back_when_it_refuses(void **state)
{
    (void)state;
    static const char *const last[] = {"[[\"" KEY_1 "\",1],[\"" KEY_2 "\",1]]",
                                       "[[\"" KEY_1 "\"," LARGEST "]]"};
    for (size_t at = 0; at < COUNT_OF(last); at++) {
        document of = authority_ledger();
        set_member(&of, "allocations", last[at]);
        char *json = json_of(&of);
        counting_heap counter = COUNTING_HEAP_ENDLESS;
        bc_allocator allocator = counting_heap_public(&counter);
        bc_params *params;
        assert_int_equal(parse_json(&params, json, strlen(json), &allocator, NULL), BC_ERR_FORMAT);
        assert_int_equal(counter.held, 0);
        free(json);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_the_defaults_out),
        cmocka_unit_test(keeps_every_member),
        cmocka_unit_test(keeps_the_authorities_in_their_order),
        cmocka_unit_test(knows_two_ledgers_by_name),
        cmocka_unit_test(writes_one_form_for_all_orders),
        cmocka_unit_test(reads_as_many_bytes_as_a_block_may_have),
        cmocka_unit_test(needs_every_member_without_a_default),
        cmocka_unit_test(takes_each_member_in_its_type_alone),
        cmocka_unit_test(refuses_unknown_members),
        cmocka_unit_test(refuses_members_of_another_sealing),
        cmocka_unit_test(refuses_repeated_members),
        cmocka_unit_test(knows_version_1),
        cmocka_unit_test(gives_all_back_when_memory_runs_out),
        cmocka_unit_test(gives_all_back_when_it_refuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
