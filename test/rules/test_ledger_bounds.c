/* The description of a ledger: the bounds of its members, from both sides. */
#include "test/rules/ledger_documents.h"

#include "lib/hex.h"

/* ---- Single members ---- */

typedef struct bound {
    ledger_kind kind;
    const char *member;
    const char *value;
    bool good;
} bound;

static void judge_bounds(const bound *bounds, size_t count)
{
    for (size_t at = 0; at < count; at++) {
        document of = bounds[at].kind();
        set_member(&of, bounds[at].member, bounds[at].value);
        if (strcmp(bounds[at].value, LARGEST) == 0) {
            set_member(&of, "initial", "0"); /* for the supply to stay within its own bound */
        }
        if (bounds[at].good) {
            bc_params_unref(params_of(&of));
        } else {
            refuse_document(&of, bounds[at].member);
        }
    }
}

static void bounds_the_integers_of_all_ledgers(void **state)
{
    (void)state;
    static const bound bounds[] = {
        {fixed_ledger, "time", "-1", false},
        {fixed_ledger, "time", "0", true},
        {fixed_ledger, "time", "9007199254740991", true},
        {fixed_ledger, "time", "9007199254740992", false},
        {fixed_ledger, "time", LARGEST, false},
        {fixed_ledger, "initial", "-1", false},
        {fixed_ledger, "initial", "0", true},
        {fixed_ledger, "halving", "0", false},
        {fixed_ledger, "halving", "1", true},
        {fixed_ledger, "halving", LARGEST, true},
        {fixed_ledger, "block_bytes", "1023", false},
        {fixed_ledger, "block_bytes", "1024", true},
        {fixed_ledger, "block_bytes", "268435456", true},
        {fixed_ledger, "block_bytes", "268435457", false},
        {fixed_ledger, "payload_bytes", "-1", false},
        {fixed_ledger, "payload_bytes", "0", true},
        {fixed_ledger, "payload_bytes", "1048576", true},
        {fixed_ledger, "payload_bytes", "1048577", false},
        {fixed_ledger, "minimum_fee", "-1", false},
        {fixed_ledger, "minimum_fee", "0", true},
        {fixed_ledger, "minimum_fee", "4294967296", true},
        {fixed_ledger, "minimum_fee", "4294967297", false},
        {fixed_ledger, "future_limit", "-1", false},
        {fixed_ledger, "future_limit", "0", true},
        {fixed_ledger, "future_limit", "1099511627776", true},
        {fixed_ledger, "future_limit", "1099511627777", false},
        {authority_ledger, "future_limit", "1099511627776", true},
        {authority_ledger, "future_limit", "1099511627777", false},
        {asert_ledger, "future_limit", "0", true},
        {asert_ledger, "future_limit", "1200000", true},
        {asert_ledger, "future_limit", "1200001", false},
        {authority_ledger, "period", "-1", false},
        {authority_ledger, "period", "0", true},
        {authority_ledger, "period", "1099511627776", true},
        {authority_ledger, "period", "1099511627777", false},
        {asert_ledger, "spacing", "0", false},
        {asert_ledger, "spacing", "-1", false},
        {asert_ledger, "spacing", "1", true},
        {asert_ledger, "spacing", "28800000", true}, /* a sixth of half_life */
        {asert_ledger, "spacing", "1099511627776", false},
        {asert_ledger, "half_life", "3600000", true},
        {asert_ledger, "half_life", "1099511627776", true},
        {asert_ledger, "half_life", "3599999", false},
        {asert_ledger, "half_life", "1099511627777", false},
        {asert_ledger, "half_life", "0", false},
    };
    judge_bounds(bounds, COUNT_OF(bounds));
    document of = asert_ledger();
    set_member(&of, "spacing", "28800001");
    refuse_document(&of, "half_life");
    set_member(&of, "spacing", "183251937962"); /* 2^40 / 6 */
    set_member(&of, "half_life", "1099511627772");
    bc_params_unref(params_of(&of));
    set_member(&of, "spacing", "183251937963");
    set_member(&of, "half_life", "1099511627776");
    refuse_document(&of, "room for a half_life");
}

static void bounds_what_hangs_on_other_members(void **state)
{
    (void)state;
    document of = fixed_ledger();
    set_member(&of, "block_bytes", "65535");
    bc_params *params = params_of(&of);
    assert_int_equal(bc__ledger_of(params)->payload_bytes, 65535);
    bc_params_unref(params);
    set_member(&of, "payload_bytes", "65536");
    refuse_document(&of, "payload_bytes");
    of = asert_ledger();
    static const struct {
        const char *spacing;
        uint64_t future_limit;
    } defaults[] = {{"1", 2}, {"59999", 119998}, {"60000", 120000}, {"60001", 120000}};
    for (size_t at = 0; at < COUNT_OF(defaults); at++) {
        set_member(&of, "spacing", defaults[at].spacing);
        params = params_of(&of);
        assert_int_equal(bc__ledger_of(params)->future_limit, defaults[at].future_limit);
        bc_params_unref(params);
    }
}

static void takes_canonical_positive_bits(void **state)
{
    (void)state;
    static const struct {
        const char *bits;
        const char *limit;
        const char *word; /* NULL: good */
    } cases[] = {
        {"16842752", "553713663", NULL},          /* 0x01010000: a target of 1 */
        {"553713663", "553713663", NULL},         /* 0x2100ffff: the greatest */
        {"553713664", "553713664", "\"bits\""},   /* 0x21010000 */
        {"545259519", "553713664", "\"limit\""},  /* 0x21010000 */
        {"545259519", "545259518", "not above"},  /* 0x207fffff over 0x207ffffe */
        {"545259518", "545259519", NULL},         /* and below it */
        {"0", "545259519", "\"bits\""},           /* zero */
        {"1", "545259519", "compact"},            /* zero */
        {"545259519", "0", "\"limit\""},          /* zero */
        {"553648127", "553713663", "compact"},    /* 0x20ffffff: negative */
        {"545259519", "553648127", "compact"},    /* 0x20ffffff as the limit */
        {"520093951", "553713663", "compact"},    /* 0x1effffff: negative */
        {"520093696", "553713663", "compact"},    /* 0x1effff00: negative */
        {"503316735", "545259519", "compact"},    /* 0x1e0000ff: a short mantissa */
        {"16842753", "545259519", "compact"},     /* 0x01010001: digits that are shifted out */
        {"4294967295", "4294967295", "\"bits\""}, /* all ones */
        {"-545259519", "545259519", "\"bits\""},
    };
    for (size_t at = 0; at < COUNT_OF(cases); at++) {
        document of = fixed_ledger();
        set_member(&of, "bits", cases[at].bits);
        set_member(&of, "limit", cases[at].limit);
        if (cases[at].word == NULL) {
            bc_params_unref(params_of(&of));
        } else {
            refuse_document(&of, cases[at].word);
        }
    }
}

static void takes_names_that_need_no_escape(void **state)
{
    (void)state;
    static const char *const bad[] = {"\"\xc3\xa9\"", "\"a\\nb\"",   "\"a\\\"b\"",
                                      "\"a\\\\b\"",   "\"\\u007f\"", "\"\\u001f\""};
    static const char sixty_four[] = "\"" DIGITS_64("ab ~!#[]") "\"";
    static const char sixty_five[] = "\"x" DIGITS_64("ab ~!#[]") "\"";
    static const char *const members[] = {"name", "host_rules"};
    for (size_t member = 0; member < COUNT_OF(members); member++) {
        document of = authority_ledger();
        for (size_t at = 0; at < COUNT_OF(bad); at++) {
            set_member(&of, members[member], bad[at]);
            refuse_document(&of, members[member]);
        }
        set_member(&of, members[member], sixty_four);
        bc_params *params = params_of(&of);
        assert_non_null(strstr(bc_params_json(params, NULL), sixty_four));
        bc_params_unref(params);
        set_member(&of, members[member], sixty_five);
        refuse_document(&of, members[member]);
    }
    document of = fixed_ledger();
    set_member(&of, "host_rules", "\"\"");
    bc_params_unref(params_of(&of));
    set_member(&of, "name", "\"\"");
    refuse_document(&of, "\"name\"");
}

/* ---- Lists ---- */

static void takes_allocations_in_ascending_order(void **state)
{
    (void)state;
    static const char *const good[] = {
        "[]", "[[\"" KEY_1 "\",1]]", "[[\"" KEY_2 "\",1],[\"" KEY_1 "\",9223372036853000000]]",
        "[[\"" DIGITS_64("00000000") "\",1]]", /* made not zero below */
    };
    document of = fixed_ledger();
    for (size_t at = 0; at + 1 < COUNT_OF(good); at++) {
        set_member(&of, "allocations", good[at]);
        bc_params_unref(params_of(&of));
    }
    set_member(&of, "allocations", good[COUNT_OF(good) - 1]);
    refuse_document(&of, "zeros");
    char *least = strdup(good[COUNT_OF(good) - 1]);
    least[3 + 63] = '1';
    set_member(&of, "allocations", least);
    bc_params_unref(params_of(&of));
    free(least);
    static const char *const bad[] = {
        "[[]]",
        "[[\"" KEY_1 "\"]]",
        "[[1,\"" KEY_1 "\"]]",
        "[[\"" KEY_1 "\",1,1]]",
        "[\"" KEY_1 "\",1]",
        "[{\"" KEY_1 "\":1}]",
        "[[\"" KEY_1 "\",0]]",
        "[[\"" KEY_1 "\",-1]]",
        "[[\"" KEY_1 "\",1.0]]",
        "[[\"" KEY_1 "\",\"1\"]]",
        "[[\"" KEY_1 "\",true]]",
        "[[\"" KEY_1 "\",null]]",
        "[[null,1]]",
        "[[1,1]]",
        "[[\"" KEY_1 "0\",1]]",
        "[[\"" KEY_1 "00\",1]]",
        "[[\"\",1]]",
        "[[\"" DIGITS_64("A0000000") "\",1]]",
        "[[\"" DIGITS_64("g0000000") "\",1]]",
        "[[\"" DIGITS_64(" 0000000") "\",1]]",
        "[[\"" KEY_1 "\",9223372036854775808]]",
    };
    for (size_t at = 0; at < COUNT_OF(bad); at++) {
        set_member(&of, "allocations", bad[at]);
        refuse_document(&of, at + 1 < COUNT_OF(bad) ? "allocation 0" : "big integer");
    }
    set_member(&of, "allocations", "[[\"" KEY_1 "\",1],[\"" KEY_2 "\",1]]");
    refuse_document(&of, "allocation 1 of the network (counted from 0) must have a key above");
    set_member(&of, "allocations", "[[\"" KEY_2 "\",1],[\"" KEY_1 "\",1],[\"" KEY_1 "\",1]]");
    refuse_document(&of, "allocation 2");
}

/* Allocations and (initial + initial / 2 + ...) * halving, at most 2^63 - 1. */
static void bounds_all_that_can_ever_be(void **state)
{
    (void)state;
    static const struct {
        const char *initial;
        const char *halving;
        const char *allocations;
        bool good;
    } cases[] = {
        {"0", LARGEST, "[]", true},
        {"0", LARGEST, "[[\"" KEY_1 "\"," LARGEST "]]", true},
        {"0", "1", "[[\"" KEY_2 "\",1],[\"" KEY_1 "\"," LARGEST "]]", false},
        {"0", "1", "[[\"" KEY_2 "\",1],[\"" KEY_1 "\",9223372036854775806]]", true},
        {"1", LARGEST, "[]", true},
        {"1", LARGEST, "[[\"" KEY_1 "\",1]]", false},
        {"1", "9223372036854775806", "[[\"" KEY_1 "\",1]]", true},
        {"1", "9223372036854775806", "[[\"" KEY_1 "\",2]]", false},
        /* 3 + 1 a halving */
        {"3", "2305843009213693951", "[[\"" KEY_1 "\",3]]", true},
        {"3", "2305843009213693951", "[[\"" KEY_1 "\",4]]", false},
        {"3", "2305843009213693952", "[]", false},
        /* 2^62 + 2^61 + ... + 1 */
        {"4611686018427387904", "1", "[]", true},
        {"4611686018427387904", "1", "[[\"" KEY_1 "\",1]]", false},
        {"4611686018427387905", "1", "[]", false},
        {"4611686018427387904", "2", "[]", false},
        {LARGEST, "1", "[]", false},
        {LARGEST, LARGEST, "[]", false},
        /* whose product is small where it wraps */
        {"4294967296", "4294967296", "[]", false},
        {"9223372036854775807", "2", "[]", false},
    };
    for (size_t at = 0; at < COUNT_OF(cases); at++) {
        document of = authority_ledger();
        set_member(&of, "initial", cases[at].initial);
        set_member(&of, "halving", cases[at].halving);
        set_member(&of, "allocations", cases[at].allocations);
        if (cases[at].good) {
            bc_params_unref(params_of(&of));
        } else {
            refuse_document(&of, "subsidies together");
        }
    }
}

static void takes_valid_distinct_authorities(void **state)
{
    (void)state;
    static const struct {
        const char *list;
        const char *word; /* NULL: good */
    } cases[] = {
        {"[\"" KEY_1 "\"]", NULL},
        {"[\"" KEY_2 "\",\"" KEY_1 "\"]", NULL},
        {"[]", "1 to 255"},
        {"{}", "1 to 255"},
        {"\"" KEY_1 "\"", "1 to 255"},
        {"[\"" KEY_1 "\",\"" KEY_2 "\",\"" KEY_1 "\"]", "authority 2"},
        {"[\"" KEY_1 "\",null]", "authority 1"},
        {"[[\"" KEY_1 "\"]]", "authority 0"},
        {"[\"" KEY_1 "0\"]", "authority 0"},
        {"[\"D" DIGITS_64("0123abcd") "\"]", "authority 0"},
        {"[\"D75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a\"]", "hexadecimal"},
        /* zero, of order 4; the neutral element; one of order 8; p + 1, not canonical */
        {"[\"" DIGITS_64("00000000") "\"]", "no public key"},
        {"[\"0100000000000000000000000000000000000000000000000000000000000000\"]", "no public key"},
        {"[\"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a\"]", "no public key"},
        {"[\"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f\"]", "no public key"},
        /* not on the curve */
        {"[\"0200000000000000000000000000000000000000000000000000000000000000\"]", "no public key"},
    };
    for (size_t at = 0; at < COUNT_OF(cases); at++) {
        document of = authority_ledger();
        set_member(&of, "authorities", cases[at].list);
        if (cases[at].word == NULL) {
            bc_params_unref(params_of(&of));
        } else {
            refuse_document(&of, cases[at].word);
        }
    }
}

static void takes_up_to_255_authorities(void **state)
{
    (void)state;
    enum { QUOTED = 67 };
    char *list = malloc(256 * QUOTED + 2);
    assert_non_null(list);
    for (unsigned at = 0; at < 256; at++) {
        uint8_t seed[32] = {(uint8_t)at};
        uint8_t key[32];
        bc__public_key_of_seed(key, seed);
        char *to = list + (size_t)at * QUOTED;
        to[0] = at == 0 ? '[' : ',';
        to[1] = '"';
        bc__hex_encode(to + 2, key, sizeof key);
        to[QUOTED - 1] = '"';
    }
    (void)strcpy(list + 256 * QUOTED, "]");
    document of = authority_ledger();
    set_member(&of, "authorities", list);
    refuse_document(&of, "1 to 255");
    (void)strcpy(list + 255 * QUOTED, "]");
    bc_params *params = params_of(&of);
    assert_int_equal(bc__ledger_of(params)->authority_count, 255);
    bc_params_unref(params);
    free(list);
}

/* ---- Size ---- */

/* A description with that many allocations, and with `more` appended to its name; to be freed. */
static char *description_of(size_t allocations, const char *more)
{
    document of = fixed_ledger();
    set_member(&of, "allocations", "[");
    char *rest = json_of(&of);
    char *split = strstr(rest, "\"allocations\":[") + strlen("\"allocations\":[");
    size_t size = strlen(rest) + strlen(more) + allocations * 72 + 64;
    char *json = malloc(size);
    assert_non_null(json);
    char *to = json + sprintf(json, "%.*s", (int)(split - rest), rest);
    for (size_t at = 0; at < allocations; at++) {
        to += sprintf(to, "%s[\"%064zx\",9]", at == 0 ? "" : ",", at + 1);
    }
    (void)sprintf(to, "]%s", split);
    free(rest);
    char *name = strstr(json, "\"test\"") + 5;
    memmove(name + strlen(more), name, strlen(name) + 1);
    memcpy(name, more, strlen(more));
    return json;
}

/* Where work grew with the square of their number this would take minutes. */
static void takes_200000_allocations(void **state)
{
    (void)state;
    char *json = description_of(200000, "");
    bc_params *params = params_of_json(json);
    const bc__ledger *ledger = bc__ledger_of(params);
    assert_int_equal(ledger->allocation_count, 200000);
    assert_int_equal(ledger->allocations[199999].amount, 9);
    assert_int_equal(ledger->allocations[199999].key[31], 200000 % 256);
    bc_params_unref(params);
    free(json);
}

/* 16 MiB as they come, and 16 MiB with the defaults written out. */
static void bounds_the_description(void **state)
{
    (void)state;
    enum { MOST = 16 * 1024 * 1024, ENTRY = 71 };
    char *one = description_of(1, "");
    bc_params *params = params_of_json(one);
    size_t canonical = 0;
    (void)bc_params_json(params, &canonical);
    size_t entries = (MOST - canonical) / ENTRY + 1;
    size_t short_by = (MOST - canonical) % ENTRY; /* is made up by name and amounts */
    bc_params_unref(params);
    free(one);

    static const char filling[] = DIGITS_64("nnnnnnnn");
    char name[72] = "";
    size_t named = short_by > 60 ? 60 : short_by;
    (void)snprintf(name, sizeof name, "%.*s", (int)named, filling);
    char *json = description_of(entries, name);
    char *nines = strstr(json, ",9]"); /* amounts of more digits for the rest */
    for (size_t at = named; at < short_by; at++) {
        memmove(nines + 2, nines + 1, strlen(nines + 1) + 1);
        nines[1] = '1';
    }
    bc_error error = BC_ERROR_INIT;
    if (bc_params_parse(&params, json, strlen(json), NULL, &error) != BC_OK) {
        fail_msg("%s", error.message);
    }
    const char *whole = bc_params_json(params, &canonical);
    assert_int_equal(canonical, MOST);
    assert_int_equal(whole[MOST], 0);

    bc_params *again;
    char *spaced = malloc(MOST + 2);
    assert_non_null(spaced);
    memcpy(spaced, whole, MOST);
    (void)strcpy(spaced + MOST, " ");
    assert_int_equal(bc_params_parse(&again, spaced, MOST, NULL, &error), BC_OK);
    bc_params_unref(again);
    assert_int_equal(bc_params_parse(&again, spaced, MOST + 1, NULL, &error), BC_ERR_LIMIT);
    free(spaced);
    bc_params_unref(params);

    /* the document is as short as before, its canonical form a byte longer */
    memmove(nines + 2, nines + 1, strlen(nines + 1) + 1);
    nines[1] = '1';
    assert_true(strlen(json) < MOST);
    assert_int_equal(bc_params_parse(&params, json, strlen(json), NULL, &error), BC_ERR_LIMIT);
    assert_null(params);
    assert_non_null(strstr(error.message, "written"));
    free(json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bounds_the_integers_of_all_ledgers),
        cmocka_unit_test(bounds_what_hangs_on_other_members),
        cmocka_unit_test(takes_canonical_positive_bits),
        cmocka_unit_test(takes_names_that_need_no_escape),
        cmocka_unit_test(takes_allocations_in_ascending_order),
        cmocka_unit_test(bounds_all_that_can_ever_be),
        cmocka_unit_test(takes_valid_distinct_authorities),
        cmocka_unit_test(takes_up_to_255_authorities),
        cmocka_unit_test(takes_200000_allocations),
        cmocka_unit_test(bounds_the_description),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
