/* Blocks of the tutorial's rules: what is read out of them, and which are refused. */
#include "test/rules/tutorial_fixture.h"

#include "test/support/random.h"

/* A block of which one member is `text`. */
static bc_block *with(const bc_params *params, const char *member, const char *text)
{
    static const char *const members[][2] = {
        {"index", "1"},     {"previous_hash", "1"}, {"proof", "100"},
        {"timestamp", "1"}, {"transactions", "[]"},
    };
    char json[1024];
    int length = snprintf(json, sizeof json, "{\"%s\":%s", member, text);
    for (size_t at = 0; at < COUNT_OF(members); at++) {
        if (strcmp(members[at][0], member) != 0) {
            length += snprintf(json + length, sizeof json - (size_t)length, ",\"%s\":%s",
                               members[at][0], members[at][1]);
        }
    }
    snprintf(json + length, sizeof json - (size_t)length, "}");
    return block_of(params, json);
}

/* ---- hashes ---- */

static void has_the_articles_hashes(void **state)
{
    (void)state;
    static const struct {
        const char *network;
        const char *json;
        const char *hash;
    } known[] = {
        {"tutorial", GENESIS, GENESIS_HASH},
        {"tutorial", BLOCK_2, BLOCK_2_HASH},
        {"tutorial-v2", GENESIS_V2, GENESIS_V2_HASH},
        {"tutorial-v2", BLOCK_2_V2, BLOCK_2_V2_HASH},
        /* the dialect does not enter the hash */
        {"tutorial-v2", GENESIS, GENESIS_HASH},
        {"tutorial", GENESIS_V2, GENESIS_V2_HASH},
    };
    for (size_t at = 0; at < COUNT_OF(known); at++) {
        bc_params *params = preset(known[at].network);
        bc_block *block = block_of(params, known[at].json);
        assert_block_hash(block, known[at].hash);
        assert_block_bytes(block, known[at].json);
        bc_block_unref(block);
        bc_params_unref(params);
    }
}

static void takes_members_in_any_order_and_spelling(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "{\"transactions\":[],\"timestamp\":1506280650.770839,\"proof\":100,\"previous_hash\":1,"
        "\"index\":1}",
        " \t\r\n{ \"proof\" : 100 , \"index\" : 1 , \"timestamp\" : 1506280650.7708390 ,"
        "\"transactions\" : [ ] , \"previous_hash\" : 1 } \n",
        "{\"\\u0070roof\":100,\"index\":1,\"timestamp\":15062806507.70839e-1,\"transactions\":[],"
        "\"previous_hash\":1}",
        /* the last of repeated members counts, as in Python */
        "{\"proof\":5,\"index\":1,\"timestamp\":1506280650.770839,\"transactions\":[7],"
        "\"previous_hash\":1,\"transactions\":[],\"proof\":100}",
    };
    bc_params *params = preset("tutorial");
    for (size_t at = 0; at < COUNT_OF(texts); at++) {
        bc_block *block = block_of(params, texts[at]);
        assert_block_bytes(block, GENESIS);
        assert_block_hash(block, GENESIS_HASH);
        uint64_t nonce;
        assert_int_equal(bc_block_nonce(block, &nonce), BC_OK);
        assert_int_equal(nonce, 100);
        assert_int_equal(bc_block_tx_count(block), 0);
        bc_block_unref(block);
    }
    bc_params_unref(params);
}

/* The hash is of Python's making: hashlib over json.dumps(block, sort_keys=True). */
static void hashes_unknown_members_too(void **state)
{
    (void)state;
    bc_params *params = preset("tutorial");
    bc_block *block = block_of(params, "{\"index\":1,\"previous_hash\":1,\"proof\":100,"
                                       "\"timestamp\":1506280650.770839,\"transactions\":[],"
                                       "\"\xc3\xa9\":[1e5,null]}");
    assert_block_bytes(block, "{\"index\": 1, \"previous_hash\": 1, \"proof\": 100, "
                              "\"timestamp\": 1506280650.770839, \"transactions\": [], "
                              "\"\\u00e9\": [100000.0, null]}");
    assert_block_hash(block, "0e38a6a92399028e14f100e9b758794067fa14d25da596aa3a71725aa057a9fd");
    bc_block_unref(block);
    bc_params_unref(params);
}

/* ---- what is read out of a block ---- */

static void reads_the_parent(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *parent; /* NULL: it names none */
    } cases[] = {
        {"\"" GENESIS_HASH "\"", GENESIS_HASH},
        {"\"\\u0063099bc76471bfdd48ae262ba832388af2b87904924730633db415994fb82bfb7\"",
         GENESIS_HASH},
        {"1", NULL},
        {"\"1\"", NULL},
        {"null", NULL},
        {"\"\"", NULL},
        {"[\"" GENESIS_HASH "\"]", NULL},
        /* Python compares text: other spellings of the number are other text */
        {"\"C099BC76471BFDD48AE262BA832388AF2B87904924730633DB415994FB82BFB7\"", NULL},
        {"\"099bc76471bfdd48ae262ba832388af2b87904924730633db415994fb82bfb7\"", NULL},
        {"\"0c099bc76471bfdd48ae262ba832388af2b87904924730633db415994fb82bfb7\"", NULL},
        {"\"g099bc76471bfdd48ae262ba832388af2b87904924730633db415994fb82bfb7\"", NULL},
        {"\" c099bc76471bfdd48ae262ba832388af2b87904924730633db415994fb82bfb\"", NULL},
        {"1234567890123456789012345678901234567890123456789012345678901234", NULL},
        {"123456789012345678901234567890123456789012345678901234567890123456", NULL},
    };
    bc_params *params = preset("tutorial");
    for (size_t at = 0; at < COUNT_OF(cases); at++) {
        bc_block *block = with(params, "previous_hash", cases[at].text);
        uint8_t parent[BC_ID_BYTES];
        if (cases[at].parent != NULL) {
            assert_int_equal(bc_block_parent(block, parent), BC_OK);
            assert_hex(parent, cases[at].parent);
        } else {
            assert_int_equal(bc_block_parent(block, parent), BC_ERR_NOT_FOUND);
        }
        bc_block_unref(block);
    }
    bc_params_unref(params);
}

static void reads_the_claimed_height(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint64_t height;
    } cases[] = {
        {"1", 0},
        {"2", 1},
        {"4294967297", UINT64_C(4294967296)},
        {"18446744073709551615", UINT64_MAX - 1},
        {"18446744073709551616", BC_NONE},
        {"99999999999999999999999", BC_NONE},
        {"0", BC_NONE},
        {"-0", BC_NONE},
        {"-1", BC_NONE},
        {"1.0", BC_NONE},
        {"1e0", BC_NONE},
        {"\"1\"", BC_NONE},
        {"null", BC_NONE},
        {"true", BC_NONE},
        {"NaN", BC_NONE},
        {"[]", BC_NONE},
        {"{}", BC_NONE},
    };
    bc_params *params = preset("tutorial");
    for (size_t at = 0; at < COUNT_OF(cases); at++) {
        bc_block *block = with(params, "index", cases[at].text);
        assert_int_equal(bc_block_height(block), cases[at].height);
        bc_block_unref(block);
    }
    bc_params_unref(params);
}

static void reads_the_nonce(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint64_t nonce;
        bool fits;
    } cases[] = {
        {"0", 0, true},
        {"-0", 0, true},
        {"100", 100, true},
        {"18446744073709551615", UINT64_MAX, true},
        {"18446744073709551616", 0, false},
        {"18446744073709551625", 0, false},
        {"100000000000000000000", 0, false},
        {"-1", 0, false},
        {"100.0", 0, false},
        {"1e2", 0, false},
        {"NaN", 0, false},
        {"-Infinity", 0, false},
        {"\"100\"", 0, false},
        {"\"\"", 0, false},
        {"true", 0, false},
        {"null", 0, false},
    };
    bc_params *params = preset("tutorial");
    for (size_t at = 0; at < COUNT_OF(cases); at++) {
        bc_block *block = with(params, "proof", cases[at].text);
        uint64_t nonce = 77;
        assert_int_equal(bc_block_nonce(block, &nonce),
                         cases[at].fits ? BC_OK : BC_ERR_UNSUPPORTED);
        assert_int_equal(nonce, cases[at].fits ? cases[at].nonce : 77);
        bc_block_unref(block);
    }
    bc_params_unref(params);
}

static void reads_the_time(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t microseconds;
    } cases[] = {
        {"0", 0},
        {"-0", 0},
        {"-0.0", 0},
        {"1", 1000000},
        {"-1", -1000000},
        {"1506280650", INT64_C(1506280650000000)},
        {"1506280650.770839", INT64_C(1506280650770839)},
        {"1506280666.1086972", INT64_C(1506280666108697)},
        {"-1506280650.770839", -INT64_C(1506280650770839)},
        {"1.5e9", INT64_C(1500000000000000)},
        {"1e-06", 1},
        {"0.0000014", 1},
        {"0.0000016", 2},
        {"-0.0000016", -2},
        {"1e-300", 0},
        {"-5e-324", 0},
        {"0.000000499", 0},
        {"5e-07", 1},
        {"-4.9999e-07", 0},
        /* where a microsecond is as small as what a double can tell apart */
        {"2500000000.123457", INT64_C(2500000000123457)},
        {"4503599628.000001", INT64_C(4503599628000001)},
        {"4294967295.999999", INT64_C(4294967295999999)},
        {"8589934591.999999", INT64_C(8589934591999999)},
        {"1000000000000", INT64_C(1000000000000000000)},
        {"-1000000000000", -INT64_C(1000000000000000000)},
        {"9223372036854", INT64_C(9223372036854000000)},
        {"-9223372036854", -INT64_C(9223372036854000000)},
        {"9e12", INT64_C(9000000000000000000)},
    };
    bc_params *params = preset("tutorial");
    for (size_t at = 0; at < COUNT_OF(cases); at++) {
        bc_block *block = with(params, "timestamp", cases[at].text);
        int64_t microseconds = 77;
        assert_int_equal(bc_block_time(block, &microseconds), BC_OK);
        if (microseconds != cases[at].microseconds) {
            fail_msg("%s was read as %lld", cases[at].text, (long long)microseconds);
        }
        bc_block_unref(block);
    }
    bc_params_unref(params);
}

static void has_no_time_that_does_not_fit(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "1e13",  "-1e13",    "10000000000000", "9223372036855",
        "1e300", "-1e300",   "1e400",          "123456789012345678901234567890",
        "NaN",   "Infinity", "-Infinity",      "\"1506280650.770839\"",
        "\"\"",  "null",     "true",           "[1]",
        "{}",
    };
    bc_params *params = preset("tutorial");
    for (size_t at = 0; at < COUNT_OF(texts); at++) {
        bc_block *block = with(params, "timestamp", texts[at]);
        int64_t microseconds = 77;
        assert_int_equal(bc_block_time(block, &microseconds), BC_ERR_UNSUPPORTED);
        assert_int_equal(microseconds, 77);
        bc_block_unref(block);
    }
    char *digits = repeated("", "9", 900, "");
    bc_block *block = with(params, "timestamp", digits);
    int64_t microseconds;
    assert_int_equal(bc_block_time(block, &microseconds), BC_ERR_UNSUPPORTED);
    bc_block_unref(block);
    free(digits);
    bc_params_unref(params);
}

/* Python's valid_chain never looks at these, nor at any member of the first block but its proof. */
static void needs_no_member_but_the_proof(void **state)
{
    (void)state;
    bc_params *params = preset("tutorial");
    bc_block *block = block_of(params, "{\"proof\": 100}");
    int64_t time;
    uint8_t parent[BC_ID_BYTES];
    assert_block_bytes(block, "{\"proof\": 100}");
    assert_int_equal(bc_block_time(block, &time), BC_ERR_UNSUPPORTED);
    assert_int_equal(bc_block_height(block), BC_NONE);
    assert_int_equal(bc_block_parent(block, parent), BC_ERR_NOT_FOUND);
    assert_int_equal(bc_block_tx_count(block), 0);
    bc_block_unref(block);
    refuse_block(params, "{\"index\":1,\"previous_hash\":1,\"timestamp\":1,\"transactions\":[]}",
                 BC_ERR_FORMAT);
    refuse_block(params, "{}", BC_ERR_FORMAT);
    bc_params_unref(params);
}

static void gives_its_transactions(void **state)
{
    (void)state;
    static const char *const expected[] = {
        "{\"a\": 2, \"b\": 1}", "[]", "\"x, ]\\u00e9\"", "-1.5", "null", "{}",
        "[[1, 2], {\"c\": 3}]",
    };
    bc_params *params = preset("tutorial");
    bc_block *block =
        with(params, "transactions",
             "[{\"b\":1,\"a\":2},[ ],\"x, ]\xc3\xa9\",-15e-1,null,{ },[[1,2],{\"c\":3}]]");
    assert_int_equal(bc_block_tx_count(block), COUNT_OF(expected));
    for (size_t at = 0; at < COUNT_OF(expected); at++) {
        bc_tx *tx;
        size_t length;
        uint8_t id[BC_ID_BYTES];
        uint8_t same[BC_ID_BYTES];
        assert_int_equal(bc_block_tx(block, &tx, at, NULL), BC_OK);
        const uint8_t *bytes = bc_tx_bytes(tx, &length);
        assert_bytes(bytes, length, expected[at]);
        bc_tx *alone = tx_of(params, expected[at]);
        bc_tx_id(tx, id);
        bc_tx_id(alone, same);
        assert_memory_equal(id, same, sizeof id);
        bc_tx_unref(alone);
        bc_tx_unref(tx);
    }
    bc_tx *tx = (bc_tx *)params;
    bc_error error = {0};
    assert_int_equal(bc_block_tx(block, &tx, COUNT_OF(expected), &error), BC_ERR_NOT_FOUND);
    assert_null(tx);
    assert_int_equal(error.code, BC_ERR_NOT_FOUND);
    assert_int_equal(bc_block_tx(block, &tx, SIZE_MAX, NULL), BC_ERR_NOT_FOUND);
    bc_block_unref(block);
    bc_params_unref(params);
}

static void has_no_transactions_without_a_list(void **state)
{
    (void)state;
    static const char *const texts[] = {"{}",   "{\"a\":[1]}", "null",    "5",
                                        "true", "\"[1,2]\"",   "[     ]", "NaN"};
    bc_params *params = preset("tutorial");
    for (size_t at = 0; at < COUNT_OF(texts); at++) {
        bc_block *block = with(params, "transactions", texts[at]);
        bc_tx *tx;
        assert_int_equal(bc_block_tx_count(block), 0);
        assert_int_equal(bc_block_tx(block, &tx, 0, NULL), BC_ERR_NOT_FOUND);
        bc_block_unref(block);
    }
    bc_params_unref(params);
}

static void counts_many_transactions(void **state)
{
    (void)state;
    enum { MANY = 5000 };
    bc_params *params = preset("tutorial");
    char *json =
        repeated("{\"proof\":1,\"previous_hash\":1,\"transactions\":[0", ",{\"n\":[]}", MANY, "]}");
    bc_block *block = block_of(params, json);
    assert_int_equal(bc_block_tx_count(block), MANY + 1);
    bc_tx *tx;
    size_t length;
    assert_int_equal(bc_block_tx(block, &tx, MANY, NULL), BC_OK);
    const uint8_t *bytes = bc_tx_bytes(tx, &length);
    assert_bytes(bytes, length, "{\"n\": []}");
    bc_block_unref(block);
    bc_tx_unref(tx); /* it outlives its block */
    free(json);
    bc_params_unref(params);
}

/* ---- what is refused ---- */

static void refuses_what_is_no_block(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        " ",
        "[]",
        "[" GENESIS "]",
        "1",
        "\"proof\"",
        "null",
        "{",
        "}",
        "{\"proof\":100",
        "{\"proof\":100}}",
        "{\"proof\":100},",
        GENESIS GENESIS,
        GENESIS " x",
        "{proof:100}",
        "{'proof':100}",
        "{\"proof\":100,}",
        "{\"proof\":0100}",
        "{\"proof\":+1}",
        "{\"proof\":1.}",
        "{\"proof\":nan}",
        "\xef\xbb\xbf" GENESIS,
        "{\"proof\":100,\"a\":\"\xff\"}",
        "{\"proof\":100,\"a\":\"\xed\xa0\x80\"}",
        "{\"proof\":100,\"a\":\"\x01\"}",
        /* a proof that Python's f-string would take, and that is refused: docs/tutorial-rules.md */
        "{\"proof\":[],\"previous_hash\":1}",
        "{\"proof\":[100],\"previous_hash\":1}",
        "{\"proof\":{},\"previous_hash\":1}",
        /* encode() fails on these in Python too */
        "{\"proof\":\"\\ud83d\",\"previous_hash\":1}",
        "{\"proof\":\"1\\ude00\\ud83d\",\"previous_hash\":1}",
    };
    bc_params *params = preset("tutorial");
    for (size_t at = 0; at < COUNT_OF(texts); at++) {
        refuse_block(params, texts[at], BC_ERR_FORMAT);
    }
    refuse_block_bytes(params, GENESIS, sizeof GENESIS, BC_ERR_FORMAT); /* with its zero byte */
    for (size_t length = 0; length < sizeof GENESIS - 1; length++) {
        refuse_block_bytes(params, GENESIS, length, BC_ERR_FORMAT);
    }
    bc_params_unref(params);
}

static void takes_blocks_up_to_the_limit_of_bytes(void **state)
{
    (void)state;
    const size_t limit = 2000;
    const char before[] = "{\"previous_hash\": 1, \"proof\": 1, \"x\": \"";
    size_t frame = strlen(before) + strlen("\"}");
    bc_params *params = preset("tutorial");
    assert_int_equal(bc_params_set_limit(params, BC_LIMIT_BLOCK_BYTES, limit, NULL), BC_OK);
    char *json = repeated(before, "x", limit - frame, "\"}");
    bc_block *block = block_of(params, json);
    size_t length;
    (void)bc_block_bytes(block, &length);
    assert_int_equal(length, limit);
    bc_block_unref(block);
    free(json);
    json = repeated(before, "x", limit - frame + 1, "\"}");
    refuse_block(params, json, BC_ERR_LIMIT);
    free(json);
    /* the encoding counts: \u00e9 has six bytes where the text has two */
    json = repeated(before, "\xc3\xa9", (limit - frame) / 6 + 1, "\"}");
    refuse_block(params, json, BC_ERR_LIMIT);
    free(json);
    bc_params_unref(params);
}

/* The whole block is one level, so `levels` lists make levels + 1. */
static void check_depth(const bc_params *params, const char *member, size_t levels, bool good)
{
    char before[64];
    snprintf(before, sizeof before, "{\"proof\":1,\"previous_hash\":1,\"%s\":", member);
    char *opened = repeated(before, "[", levels, "");
    char *json = repeated(opened, "]", levels, "}");
    if (good) {
        bc_block *block = block_of(params, json);
        if (strcmp(member, "transactions") == 0 && levels > 1) {
            bc_tx *tx;
            assert_int_equal(bc_block_tx(block, &tx, 0, NULL), BC_OK);
            /* the record alone is as good as in the block */
            size_t length;
            const uint8_t *bytes = bc_tx_bytes(tx, &length);
            bc_tx *again;
            assert_int_equal(bc_tx_parse(&again, params, bytes, length, NULL), BC_OK);
            bc_tx_unref(again);
            bc_tx_unref(tx);
        }
        bc_block_unref(block);
    } else {
        refuse_block(params, json, BC_ERR_LIMIT);
    }
    free(json);
    free(opened);
}

static void takes_blocks_up_to_the_limit_of_depth(void **state)
{
    (void)state;
    bc_params *params = preset("tutorial");
    check_depth(params, "x", 63, true);
    check_depth(params, "x", 64, false);
    check_depth(params, "transactions", 63, true);
    check_depth(params, "transactions", 64, false);
    check_depth(params, "x", 100000, false);
    assert_int_equal(bc_params_set_limit(params, BC_LIMIT_JSON_DEPTH, 4, NULL), BC_OK);
    check_depth(params, "transactions", 3, true);
    check_depth(params, "transactions", 4, false);
    assert_int_equal(bc_params_set_limit(params, BC_LIMIT_JSON_DEPTH, 256, NULL), BC_OK);
    check_depth(params, "transactions", 255, true);
    check_depth(params, "transactions", 256, false);
    bc_params_unref(params);
}

static void takes_integers_up_to_the_limit_of_digits(void **state)
{
    (void)state;
    static const size_t limits[] = {20, 4300, 10000};
    bc_params *params = preset("tutorial");
    for (size_t at = 0; at < COUNT_OF(limits); at++) {
        if (limits[at] != 4300) {
            assert_int_equal(bc_params_set_limit(params, BC_LIMIT_INTEGER_DIGITS, limits[at], NULL),
                             BC_OK);
        }
        char *json = repeated("{\"previous_hash\":1,\"proof\":-", "7", limits[at], "}");
        bc_block *block = block_of(params, json);
        bc_block_unref(block);
        free(json);
        json = repeated("{\"previous_hash\":1,\"proof\":", "7", limits[at] + 1, "}");
        refuse_block(params, json, BC_ERR_LIMIT);
        free(json);
        json = repeated("{\"previous_hash\":1,\"proof\":1,\"x\":", "7", limits[at] + 1, "e0}");
        bc_block_unref(block_of(params, json)); /* a float has no such limit */
        free(json);
        if (at == 0) {
            assert_int_equal(bc_params_set_limit(params, BC_LIMIT_INTEGER_DIGITS, 4300, NULL),
                             BC_OK);
        }
    }
    bc_params_unref(params);
}

/* ---- blocks of our own ---- */

static void makes_the_articles_genesis(void **state)
{
    (void)state;
    static const struct {
        const char *network;
        const char *json;
        const char *hash;
    } known[] = {
        {"tutorial", GENESIS, GENESIS_HASH},
        {"tutorial-v2", GENESIS_V2, GENESIS_V2_HASH},
    };
    for (size_t at = 0; at < COUNT_OF(known); at++) {
        bc_params *params = preset(known[at].network);
        bc_block *block;
        assert_int_equal(
            params->rules->make_genesis(&block, params, INT64_C(1506280650770839), NULL), BC_OK);
        assert_block_bytes(block, known[at].json);
        assert_block_hash(block, known[at].hash);
        uint64_t nonce;
        int64_t time;
        uint8_t parent[BC_ID_BYTES];
        assert_int_equal(bc_block_nonce(block, &nonce), BC_OK);
        assert_int_equal(nonce, 100);
        assert_int_equal(bc_block_time(block, &time), BC_OK);
        assert_int_equal(time, INT64_C(1506280650770839));
        assert_int_equal(bc_block_height(block), 0);
        assert_int_equal(bc_block_parent(block, parent), BC_ERR_NOT_FOUND);
        bc_block_unref(block);
        bc_params_unref(params);
    }
}

/* The microseconds of a clock come back from the block, as long as doubles tell them apart. */
static void keeps_the_time_of_its_making(void **state)
{
    (void)state;
    bc_params *params = preset("tutorial");
    test_random random = test_random_begin();
    size_t repeats = test_random_repeats(3000);
    for (size_t at = 0; at < repeats; at++) {
        int64_t now = (int64_t)(test_random_next(&random) % UINT64_C(8589934592000000));
        now = at % 4 == 0 ? -now : now;
        bc_block *block;
        bc_block *read;
        int64_t time;
        size_t length;
        assert_int_equal(params->rules->make_genesis(&block, params, now, NULL), BC_OK);
        assert_int_equal(bc_block_time(block, &time), BC_OK);
        assert_int_equal(time, now);
        const uint8_t *bytes = bc_block_bytes(block, &length);
        assert_int_equal(bc_block_parse(&read, params, bytes, length, NULL), BC_OK);
        assert_int_equal(bc_block_time(read, &time), BC_OK);
        assert_int_equal(time, now);
        bc_block_unref(read);
        bc_block_unref(block);
    }
    bc_params_unref(params);
}

static void seals_the_articles_second_block(void **state)
{
    (void)state;
    static const char recipient[] = "8bbcb347e0634905b0cac7955bae152b";
    bc_params *params = preset("tutorial");
    bc_block *genesis = block_of(params, GENESIS);
    bc__template work = {
        .parent = genesis,
        .height = 1,
        .recipient = (const uint8_t *)recipient,
        .recipient_length = strlen(recipient),
    };
    bc_block *block;
    assert_int_equal(
        params->rules->seal(&block, params, &work, 35293, INT64_C(1506280664717925), NULL), BC_OK);
    assert_block_bytes(block, BLOCK_2);
    assert_block_hash(block, BLOCK_2_HASH);
    assert_int_equal(params->rules->check_block(params, genesis, block, NULL), BC_REASON_NONE);
    bc_block_unref(block);
    bc_block_unref(genesis);
    bc_params_unref(params);
}

/* What is sealed is what reading its bytes gives; the reward stands behind all other records. */
static void seals_records_in_order_and_the_reward_last(void **state)
{
    (void)state;
    static const uint8_t recipient[] = "\xe2\x82\xac\"\n\xf0\x9f\x98\x80";
    static const char *const expected[] = {
        "{\"z\": [1.0]}", "7", "7",
        "{\"amount\": 1, \"recipient\": \"\\u20ac\\\"\\n\\ud83d\\ude00\", \"sender\": \"0\"}"};
    bc_params *params = preset("tutorial");
    bc_block *parent = block_of(params, BLOCK_2);
    bc_tx *txs[] = {tx_of(params, "{\"z\":[1.0]}"), tx_of(params, "7"), tx_of(params, "7")};
    bc__template work = {
        .parent = parent,
        .height = 2,
        .txs = txs,
        .tx_count = COUNT_OF(txs),
        .recipient = recipient,
        .recipient_length = sizeof recipient - 1,
    };
    bc_block *block;
    bc_block *read;
    size_t length;
    uint8_t id[BC_ID_BYTES];
    assert_int_equal(params->rules->prepare_template(params, &work, NULL), BC_OK);
    assert_int_equal(params->rules->seal(&block, params, &work, UINT64_MAX, 0, NULL), BC_OK);
    const uint8_t *bytes = bc_block_bytes(block, &length);
    assert_int_equal(bc_block_parse(&read, params, bytes, length, NULL), BC_OK);
    size_t read_length;
    const uint8_t *read_bytes = bc_block_bytes(read, &read_length);
    assert_int_equal(read_length, length);
    assert_memory_equal(read_bytes, bytes, length);
    bc_block_id(block, id);
    assert_memory_equal(read->id, id, sizeof id);
    assert_memory_equal(read->parent, parent->id, sizeof id);
    assert_int_equal(bc_block_height(block), 2);
    assert_int_equal(bc_block_height(read), 2);
    assert_int_equal(bc_block_tx_count(block), COUNT_OF(expected));
    assert_int_equal(bc_block_tx_count(read), COUNT_OF(expected));
    uint64_t room = params->rules->template_bytes(params, &work);
    for (size_t at = 0; at < COUNT_OF(expected); at++) {
        bc_tx *tx;
        size_t tx_length;
        assert_int_equal(bc_block_tx(block, &tx, at, NULL), BC_OK);
        const uint8_t *tx_bytes = bc_tx_bytes(tx, &tx_length);
        assert_bytes(tx_bytes, tx_length, expected[at]);
        room += at < COUNT_OF(txs) ? tx_length + params->rules->tx_overhead : 0;
        bc_tx_unref(tx);
    }
    assert_true(length <= room);
    for (size_t at = 0; at < COUNT_OF(txs); at++) {
        bc_tx_unref(txs[at]);
    }
    bc_block_unref(read);
    bc_block_unref(block);
    bc_block_unref(parent);
    bc_params_unref(params);
}

/* The bound on what a template needs holds where everything in it is at its longest. */
static void bounds_the_longest_block(void **state)
{
    (void)state;
    uint8_t recipient[4096];
    memset(recipient, 1, sizeof recipient); /* six bytes each, as \u0001 */
    bc_params *params = preset("tutorial");
    bc_block *parent = block_of(params, BLOCK_2);
    bc__template work = {
        .parent = parent,
        .height = UINT64_MAX - 1,
        .recipient = recipient,
        .recipient_length = sizeof recipient,
    };
    bc_block *block;
    size_t length;
    assert_int_equal(
        params->rules->seal(&block, params, &work, UINT64_MAX, -INT64_C(4294967295123457), NULL),
        BC_OK);
    (void)bc_block_bytes(block, &length);
    assert_true(length <= params->rules->template_bytes(params, &work));
    bc_block_unref(block);

    bc_error error = {0};
    assert_int_equal(bc_params_set_limit(params, BC_LIMIT_BLOCK_BYTES, length, NULL), BC_OK);
    assert_int_equal(
        params->rules->seal(&block, params, &work, UINT64_MAX, -INT64_C(4294967295123457), NULL),
        BC_OK);
    bc_block_unref(block);
    assert_int_equal(bc_params_set_limit(params, BC_LIMIT_BLOCK_BYTES, length - 1, NULL), BC_OK);
    assert_int_equal(
        params->rules->seal(&block, params, &work, UINT64_MAX, -INT64_C(4294967295123457), &error),
        BC_ERR_LIMIT);
    assert_null(block);
    assert_int_equal(error.code, BC_ERR_LIMIT);
    bc_block_unref(parent);
    bc_params_unref(params);
}

static void refuses_a_recipient_that_is_not_utf8(void **state)
{
    (void)state;
    static const char *const texts[] = {"\xff", "a\xc3", "\xed\xa0\x80", "\xc0\x80"};
    bc_params *params = preset("tutorial");
    bc_block *parent = block_of(params, GENESIS);
    for (size_t at = 0; at < COUNT_OF(texts); at++) {
        bc__template work = {
            .parent = parent,
            .height = 1,
            .recipient = (const uint8_t *)texts[at],
            .recipient_length = strlen(texts[at]),
        };
        bc_error error = {0};
        assert_int_equal(params->rules->prepare_template(params, &work, &error), BC_ERR_ARGUMENT);
        assert_int_equal(error.code, BC_ERR_ARGUMENT);
    }
    bc_block_unref(parent);
    bc_params_unref(params);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(has_the_articles_hashes),
        cmocka_unit_test(takes_members_in_any_order_and_spelling),
        cmocka_unit_test(hashes_unknown_members_too),
        cmocka_unit_test(reads_the_parent),
        cmocka_unit_test(reads_the_claimed_height),
        cmocka_unit_test(reads_the_nonce),
        cmocka_unit_test(reads_the_time),
        cmocka_unit_test(has_no_time_that_does_not_fit),
        cmocka_unit_test(needs_no_member_but_the_proof),
        cmocka_unit_test(gives_its_transactions),
        cmocka_unit_test(has_no_transactions_without_a_list),
        cmocka_unit_test(counts_many_transactions),
        cmocka_unit_test(refuses_what_is_no_block),
        cmocka_unit_test(takes_blocks_up_to_the_limit_of_bytes),
        cmocka_unit_test(takes_blocks_up_to_the_limit_of_depth),
        cmocka_unit_test(takes_integers_up_to_the_limit_of_digits),
        cmocka_unit_test(makes_the_articles_genesis),
        cmocka_unit_test(keeps_the_time_of_its_making),
        cmocka_unit_test(seals_the_articles_second_block),
        cmocka_unit_test(seals_records_in_order_and_the_reward_last),
        cmocka_unit_test(bounds_the_longest_block),
        cmocka_unit_test(refuses_a_recipient_that_is_not_utf8),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
