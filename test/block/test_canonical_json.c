#include "test/block/json_fixture.h"

#include <stdio.h>

static void expect_bytes(const char *text, size_t length, const char *expected)
{
    fixture f;
    bc__json_error error;
    set_up(&f);
    uint8_t *copy = copy_of(text, length);
    int32_t result = bc__json_canonical(&f.out, copy, length, NULL, NULL, 0, NULL, NULL, &error);
    if (result != BC__OK) {
        print_error("%.60s: %s at %zu\n", text, error.what, error.offset);
    }
    assert_int_equal(result, BC__OK);
    assert_int_equal(f.out.length, strlen(expected));
    assert_memory_equal(f.out.data, expected, f.out.length);
    assert_int_equal(bc__json_skip(copy, length, NULL, NULL, &error), BC__OK);
    /* the canonical form is its own canonical form */
    size_t written = f.out.length;
    uint8_t *again = copy_of(f.out.data, written);
    assert_int_equal(bc__json_canonical(&f.out, again, written, NULL, NULL, 0, NULL, NULL, NULL),
                     BC__OK);
    assert_int_equal(f.out.length, 2 * written);
    assert_memory_equal(f.out.data + written, again, written);
    free(again);
    free(copy);
    tear_down(&f);
}

static void expect(const char *text, const char *expected)
{
    expect_bytes(text, strlen(text), expected);
}

static void expect_refused_with(const char *text, size_t length, const bc__json_limits *limits,
                                int32_t code, size_t offset, const char *what, uint64_t limit)
{
    fixture f;
    bc__json_error error;
    bc__json_error skipped;
    set_up(&f);
    assert_int_equal(bc__bytes_append(&f.out, "before", 6), BC__OK);
    uint8_t *copy = copy_of(text, length);
    int32_t result = bc__json_canonical(&f.out, copy, length, NULL, NULL, 0, NULL, limits, &error);
    if (result != code || error.offset != offset || strcmp(error.what, what) != 0) {
        print_error("%.60s: %d at %zu: %s\n", text, (int)result, error.offset, error.what);
    }
    assert_int_equal(result, code);
    assert_int_equal(error.offset, offset);
    assert_string_equal(error.what, what);
    assert_int_equal(error.limit, limit);
    assert_int_equal(f.out.length, 6);
    assert_memory_equal(f.out.data, "before", 6);
    assert_int_equal(bc__json_skip(copy, length, NULL, limits, &skipped), code);
    assert_int_equal(skipped.offset, offset);
    assert_ptr_equal(skipped.what, error.what);
    assert_int_equal(skipped.limit, limit);
    assert_int_equal(bc__json_skip(copy, length, NULL, limits, NULL), code);
    free(copy);
    tear_down(&f);
}

static void expect_refused(const char *text, size_t length, size_t offset, const char *what)
{
    expect_refused_with(text, length, NULL, BC__ERR_FORMAT, offset, what, 0);
}

#define REFUSE(text, offset, what) expect_refused(text, sizeof(text) - 1, offset, what)

/* ---- accepted ---- */

static void scalars_have_one_form(void **state)
{
    (void)state;
    expect("true", "true");
    expect(" false\n", "false");
    expect("\t\r\n null \t\r\n", "null");
    expect("NaN", "NaN");
    expect("Infinity", "Infinity");
    expect("-Infinity", "-Infinity");
    expect("0", "0");
    expect("-0", "0");
    expect("-7", "-7");
    expect("-0.0", "-0.0");
    expect("-0e0", "-0.0");
    expect("1E5", "100000.0");
    expect("1.50", "1.5");
    expect("1E400", "Infinity");
    expect("-1e400", "-Infinity");
    expect("1e16", "1e+16");
    expect("0.00001", "1e-05");
    expect("1506280664.717925", "1506280664.717925");
    expect("9007199254740993", "9007199254740993");
    expect("123456789012345678901234567890", "123456789012345678901234567890");
    expect("9007199254740993.0", "9007199254740992.0");
}

static void containers_have_python_separators(void **state)
{
    (void)state;
    expect("[]", "[]");
    expect("{}", "{}");
    expect(" [ ] ", "[]");
    expect("{\n}", "{}");
    expect("[1,2 ,[] , {}]", "[1, 2, [], {}]");
    expect("{\"a\":1,\"b\" : [ true ]}", "{\"a\": 1, \"b\": [true]}");
    expect("[[[1]],[{}]]", "[[[1]], [{}]]");
    expect("{ \"index\" : 1 , \"transactions\":[],\"timestamp\":1506280650.770839,\"proof\":100,"
           "\"previous_hash\":1}",
           "{\"index\": 1, \"previous_hash\": 1, \"proof\": 100, \"timestamp\": 1506280650.770839, "
           "\"transactions\": []}");
}

static void strings_are_escaped_as_python_does(void **state)
{
    (void)state;
    expect("\"\"", "\"\"");
    expect("\"plain text of more than eight bytes ~\"",
           "\"plain text of more than eight bytes ~\"");
    expect("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\\"\\\\/\\b\\f\\n\\r\\t\"");
    expect("\"\\u0041\\u0022\\u005c\\u002F\"", "\"A\\\"\\\\/\"");
    expect("\"\\u0008\\u000c\\u000A\\u000d\\u0009\"", "\"\\b\\f\\n\\r\\t\"");
    expect("\"\\u0000\\u001F\\u000b\"", "\"\\u0000\\u001f\\u000b\"");
    expect("\"\x7f \\u007F\"", "\"\\u007f \\u007f\"");
    expect("\"\\u00E9\\u00e9\xc3\xa9\"", "\"\\u00e9\\u00e9\\u00e9\"");
    expect("\"\xc2\x80\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf\"",
           "\"\\u0080\\u07ff\\u0800\\ud7ff\\ue000\\uffff\"");
    expect("\"\xf0\x90\x80\x80\xf0\x9f\x98\x80\xf4\x8f\xbf\xbf\"",
           "\"\\ud800\\udc00\\ud83d\\ude00\\udbff\\udfff\"");
    expect("\"\\uD83D\\uDE00\"", "\"\\ud83d\\ude00\"");
    expect("\"\\ud83d x \\ude00\"", "\"\\ud83d x \\ude00\"");
    expect("\"\\ude00\\ud83d\"", "\"\\ude00\\ud83d\"");
    expect("\"\xef\xbb\xbf\"", "\"\\ufeff\"");
}

static void plain_runs_stop_at_every_special_byte(void **state)
{
    (void)state;
    /* each special byte at each place in words of eight, behind and before plain ones */
    static const struct {
        const char *text;
        const char *canonical;
    } SPECIAL[] = {{"\\\"", "\\\""},
                   {"\\/", "/"},
                   {"\x7f", "\\u007f"},
                   {"\xc2\x80", "\\u0080"},
                   {"\xf4\x8f\xbf\xbf", "\\udbff\\udfff"}};
    for (size_t i = 0; i < sizeof(SPECIAL) / sizeof(SPECIAL[0]); i++) {
        for (int before = 0; before < 20; before++) {
            for (int after = 0; after < 20; after++) {
                static const char PLAIN[] = " !#[]^~ !#[]^~}{|z09";
                char text[80];
                char canonical[80];
                snprintf(text, sizeof(text), "\"%.*s%s%.*s\"", before, PLAIN, SPECIAL[i].text,
                         after, PLAIN);
                snprintf(canonical, sizeof(canonical), "\"%.*s%s%.*s\"", before, PLAIN,
                         SPECIAL[i].canonical, after, PLAIN);
                expect(text, canonical);
            }
        }
    }
    for (int before = 0; before < 20; before++) {
        for (char control = 0; control < ' '; control++) {
            char text[32];
            memset(text, 'a', sizeof(text));
            text[0] = '"';
            text[1 + before] = control;
            text[31] = '"';
            expect_refused(text, 32, 1 + (size_t)before,
                           "a string holds an unescaped control character");
        }
    }
}

static void members_are_sorted_by_code_point(void **state)
{
    (void)state;
    expect("{\"b\":1,\"a\":2}", "{\"a\": 2, \"b\": 1}");
    expect("{\"ab\":1,\"a\":2,\"\":3}", "{\"\": 3, \"a\": 2, \"ab\": 1}");
    expect("{\"a\":1,\"Z\":2,\"_\":3}", "{\"Z\": 2, \"_\": 3, \"a\": 1}");
    /* U+0007 < tab < space < quote < A < backslash < a < U+007F < U+00E9 < U+D800 < U+FFFF < U+10000 */
    expect(
        "{\"\\ud800\\udc00\":0,\"\\uffff\":1,\"\\ud800\":2,\"\xc3\xa9\":3,\"\x7f\":4,\"a\":5,"
        "\"\\\\\":6,"
        "\"\\u0041\":7,\"\\\"\":8,\" \":9,\"\\t\":10,\"\\u0007\":11}",
        "{\"\\u0007\": 11, \"\\t\": 10, \" \": 9, \"\\\"\": 8, \"A\": 7, \"\\\\\": 6, \"a\": 5, "
        "\"\\u007f\": 4, \"\\u00e9\": 3, \"\\ud800\": 2, \"\\uffff\": 1, \"\\ud800\\udc00\": 0}");
    /* ... and the same when it ascends already, where nothing may move */
    expect("{\"\\uffff\":1,\"\xf0\x90\x80\x80\":0}", "{\"\\uffff\": 1, \"\\ud800\\udc00\": 0}");
    /* a pair is one code point only if it is a pair */
    expect("{\"\\ud800\\ue000\":1,\"\\ud800\\udc00\":2,\"\\ud800z\":3}",
           "{\"\\ud800z\": 3, \"\\ud800\\ue000\": 1, \"\\ud800\\udc00\": 2}");
    expect("{\"\\ud801\\udc01\":1,\"\\ud801\\udc00\":2,\"\\ud800\\udfff\":3}",
           "{\"\\ud800\\udfff\": 3, \"\\ud801\\udc00\": 2, \"\\ud801\\udc01\": 1}");
    expect("{\"d\":{\"z\":1,\"y\":{\"b\":[{\"k\":1,\"j\":2}],\"a\":0}},\"c\":3}",
           "{\"c\": 3, \"d\": {\"y\": {\"a\": 0, \"b\": [{\"j\": 2, \"k\": 1}]}, \"z\": 1}}");
}

static void the_last_of_repeated_names_counts(void **state)
{
    (void)state;
    expect("{\"a\":1,\"a\":2}", "{\"a\": 2}");
    expect("{\"a\":1,\"\\u0061\":[2,3],\"b\":0}", "{\"a\": [2, 3], \"b\": 0}");
    expect("{\"b\":1,\"a\":2,\"b\":3,\"a\":4,\"b\":5}", "{\"a\": 4, \"b\": 5}");
    expect("{\"a\":{\"long\":\"value\"},\"a\":0,\"a\":1}", "{\"a\": 1}");
    expect("{\"\":1,\"x\":2,\"\":3}", "{\"\": 3, \"x\": 2}");
    expect("{\"\xc3\xa9\":1,\"\\u00E9\":2}", "{\"\\u00e9\": 2}");
}

/* ---- refused ---- */

static void malformed_values_are_refused(void **state)
{
    (void)state;
    REFUSE("", 0, "a value is expected");
    REFUSE(" \n", 2, "a value is expected");
    REFUSE("tru", 0, "a value is expected");
    REFUSE("True", 0, "a value is expected");
    REFUSE("nan", 0, "a value is expected");
    REFUSE("-Inf", 0, "a value is expected");
    REFUSE("-NaN", 1, "a number is not written as JSON has it");
    REFUSE("+1", 0, "a value is expected");
    REFUSE(".5", 0, "a value is expected");
    REFUSE("\x0b 1", 0, "a value is expected");
    REFUSE("\xc2\xa0 1", 0, "a value is expected");
    REFUSE("\x00 1", 0, "a value is expected");
    REFUSE("'a'", 0, "a value is expected");
    REFUSE("-", 1, "a number is not written as JSON has it");
    REFUSE("- 1", 1, "a number is not written as JSON has it");
    REFUSE("01", 1, "a number is not written as JSON has it");
    REFUSE("[-01]", 3, "a number is not written as JSON has it");
    REFUSE("1.", 2, "a number is not written as JSON has it");
    REFUSE("1.e5", 2, "a number is not written as JSON has it");
    REFUSE("1e", 2, "a number is not written as JSON has it");
    REFUSE("1e+", 3, "a number is not written as JSON has it");
    REFUSE("1 2", 2, "something follows the value");
    REFUSE("1\x00", 1, "something follows the value");
    REFUSE("{} ]", 3, "something follows the value");
    REFUSE("nulll", 4, "something follows the value");
    REFUSE("0x1", 1, "something follows the value");
    REFUSE("\xef\xbb\xbf{}", 0, "the text begins with a byte order mark");
    REFUSE("1\x00\x00\x00", 1, "something follows the value"); /* UTF-16, UTF-32 */
    REFUSE("\xff\xfe[\x00]\x00", 0, "a value is expected");
}

static void malformed_containers_are_refused(void **state)
{
    (void)state;
    REFUSE("[", 1, "a value is expected");
    REFUSE("[,1]", 1, "a value is expected");
    REFUSE("[1,]", 3, "a value is expected");
    REFUSE("[1,,2]", 3, "a value is expected");
    REFUSE("[1", 2, "a comma or closing bracket is expected");
    REFUSE("[1 2]", 3, "a comma or closing bracket is expected");
    REFUSE("[1}", 2, "a comma or closing bracket is expected");
    REFUSE("[1\x00]", 2, "a comma or closing bracket is expected");
    REFUSE("]", 0, "a value is expected");
    REFUSE("{", 1, "a member's name in quotes is expected");
    REFUSE("{,}", 1, "a member's name in quotes is expected");
    REFUSE("{1:2}", 1, "a member's name in quotes is expected");
    REFUSE("{a:1}", 1, "a member's name in quotes is expected");
    REFUSE("{\"a\":1,}", 7, "a member's name in quotes is expected");
    REFUSE("{\"a\":1,", 7, "a member's name in quotes is expected");
    REFUSE("{]", 1, "a member's name in quotes is expected");
    REFUSE("{\"a\"", 4, "a colon is expected after a member's name");
    REFUSE("{\"a\"}", 4, "a colon is expected after a member's name");
    REFUSE("{\"a\" 1}", 5, "a colon is expected after a member's name");
    REFUSE("{\"a\":", 5, "a value is expected");
    REFUSE("{\"a\":}", 5, "a value is expected");
    REFUSE("{\"a\":1", 6, "a comma or closing brace is expected");
    REFUSE("{\"a\":1]", 6, "a comma or closing brace is expected");
    REFUSE("{\"b\":1 \"a\":2}", 7, "a comma or closing brace is expected");
    REFUSE("{\"b\":1,\"a\":[2}", 13, "a comma or closing bracket is expected");
}

static void malformed_strings_are_refused(void **state)
{
    (void)state;
    static const char UNENDED[] = "a string ends before its closing quote";
    static const char ESCAPE[] = "a backslash is followed by none of \"\\/bfnrtu";
    static const char UNIT[] = "\\u is not followed by four hexadecimal digits";
    static const char UTF8[] = "a string is not UTF-8";
    REFUSE("\"", 0, UNENDED);
    REFUSE(" \"abc", 1, UNENDED);
    REFUSE("\"abcdefgh", 0, UNENDED);
    REFUSE("\"abc\\\"", 0, UNENDED);
    REFUSE("\"abc\\", 4, UNENDED);
    REFUSE("{\"abc", 1, UNENDED);
    REFUSE("\"\\a\"", 1, ESCAPE);
    REFUSE("\"ab\\x41\"", 3, ESCAPE);
    REFUSE("\"\\U0041\"", 1, ESCAPE);
    REFUSE("\"\\\x00\"", 1, ESCAPE);
    REFUSE("\"\\\xc3\xa9\"", 1, ESCAPE);
    REFUSE("\"\\u12", 1, UNIT);
    REFUSE("\"\\u12\"", 1, UNIT);
    REFUSE("\"\\u123g\"", 1, UNIT);
    REFUSE("\"\\u+123\"", 1, UNIT);
    REFUSE("\"\\u 123\"", 1, UNIT);
    REFUSE("\"\\u1_23\"", 1, UNIT);
    REFUSE("\"\\ud83d\\u12x4\"", 7, UNIT);
    REFUSE("\"\x80\"", 1, UTF8);
    REFUSE("\"a\xbf\"", 2, UTF8);
    REFUSE("\"\xc3\"", 1, UTF8);
    REFUSE("\"\xc3", 1, UTF8);
    REFUSE("\"\xe2\x82\"", 1, UTF8);
    REFUSE("\"\xf0\x9f\x98\"", 1, UTF8);
    REFUSE("\"\xc0\x80\"", 1, UTF8); /* overlong */
    REFUSE("\"\xc1\xbf\"", 1, UTF8);
    REFUSE("\"\xe0\x9f\xbf\"", 1, UTF8);
    REFUSE("\"\xf0\x8f\xbf\xbf\"", 1, UTF8);
    REFUSE("\"\xed\xa0\x80\"", 1, UTF8); /* surrogates */
    REFUSE("\"\xed\xbf\xbf\"", 1, UTF8);
    REFUSE("\"\xf4\x90\x80\x80\"", 1, UTF8); /* past U+10FFFF */
    REFUSE("\"\xf8\x88\x80\x80\x80\"", 1, UTF8);
    REFUSE("\"\xff\"", 1, UTF8);
    REFUSE("{\"a\xff\":1}", 3, UTF8);
}

/* ---- limits and memory ---- */

static void nesting_is_bounded(void **state)
{
    (void)state;
    static const char DEEPER[] = "nesting is deeper than the limit";
    char *text = repeat("", "[", 64, "");
    char *whole = repeat(text, "]", 64, "");
    expect(whole, whole);
    free(whole);
    free(text);
    text = repeat("", "{\"a\": ", 64, "[]");
    whole = repeat(text, "}", 64, "");
    expect_refused_with(whole, strlen(whole), NULL, BC__ERR_LIMIT, 64 * 6, DEEPER, 64);
    free(whole);
    free(text);
    text = repeat("", "[", 1000000, "");
    expect_refused_with(text, strlen(text), NULL, BC__ERR_LIMIT, 64, DEEPER, 64);
    bc__json_limits limits = {.depth = 1000, .integer_digits = 1};
    expect_refused_with(text, strlen(text), &limits, BC__ERR_LIMIT, BC__JSON_DEPTH_MOST, DEEPER,
                        BC__JSON_DEPTH_MOST);
    free(text);
    limits.depth = 2;
    expect_refused_with("[[1],[[1]]]", 11, &limits, BC__ERR_LIMIT, 6, DEEPER, 2);
    limits.depth = 0;
    expect_refused_with("[]", 2, &limits, BC__ERR_LIMIT, 0, DEEPER, 0);
    assert_int_equal(bc__json_skip((const uint8_t *)"1", 1, NULL, &limits, NULL), BC__OK);
}

static void integer_digits_are_bounded(void **state)
{
    (void)state;
    static const char LONGER[] = "an integer has more digits than the limit";
    char *text = repeat("", "7", 4300, "");
    expect(text, text);
    free(text);
    text = repeat("-", "7", 4300, "");
    expect(text, text);
    free(text);
    text = repeat("[", "7", 4301, "]");
    expect_refused_with(text, strlen(text), NULL, BC__ERR_LIMIT, 1, LONGER, 4300);
    free(text);
    text = repeat("-", "7", 4301, "");
    expect_refused_with(text, strlen(text), NULL, BC__ERR_LIMIT, 0, LONGER, 4300);
    free(text);
    text = repeat("", "7", 4301, ".0"); /* no integer */
    expect(text, "Infinity");
    free(text);
    bc__json_limits limits = {.depth = 1, .integer_digits = 3};
    expect_refused_with("1000", 4, &limits, BC__ERR_LIMIT, 0, LONGER, 3);
    assert_int_equal(bc__json_skip((const uint8_t *)"-999", 4, NULL, &limits, NULL), BC__OK);
}

/* Touches each way of writing and of taking memory: sorting at two levels, more members than fit in place. */
static char *demanding_text(void)
{
    char *text = repeat("[{\"z\":{\"b\":1,\"a\":\"\\/\x7f\"},\"y\":[1e5,-0,null]}, {", "", 0, "");
    for (int i = 400; i > 0; i--) {
        char member[40];
        snprintf(member, sizeof(member), "%s\"m%d\":%d.5", i == 400 ? "" : ",", i, i);
        char *longer = repeat(text, member, 1, "");
        free(text);
        text = longer;
    }
    char *whole = repeat(text, "}]", 1, "");
    free(text);
    return whole;
}

static void an_output_limit_is_kept_at_every_byte(void **state)
{
    (void)state;
    char *text = demanding_text();
    fixture f;
    bc__json_error error;
    set_up(&f);
    const uint8_t *bytes = (const uint8_t *)text;
    assert_int_equal(
        bc__json_canonical(&f.out, bytes, strlen(text), NULL, NULL, 0, NULL, NULL, NULL), BC__OK);
    size_t length = f.out.length;
    for (size_t limit = 0; limit <= length; limit++) {
        bc__bytes out;
        bc__bytes_init(&out, &f.heap, limit);
        int32_t result =
            bc__json_canonical(&out, bytes, strlen(text), NULL, NULL, 0, NULL, NULL, &error);
        if (limit == length) {
            assert_int_equal(result, BC__OK);
            assert_memory_equal(out.data, f.out.data, length);
        } else {
            assert_int_equal(result, BC__ERR_LIMIT);
            assert_string_equal(error.what, "the canonical form is longer than the limit");
            assert_int_equal(error.limit, limit);
            assert_int_equal(out.length, 0);
        }
        bc__bytes_free(&out);
    }
    free(text);
    tear_down(&f);
}

static void failing_memory_is_survived_at_every_point(void **state)
{
    (void)state;
    char *text = demanding_text();
    int32_t result = BC__ERR_MEMORY;
    size_t failures = 0;
    for (size_t left = 0; result != BC__OK; left++) {
        fixture f;
        bc__json_error error;
        set_up(&f);
        f.counter.left = left;
        result = bc__json_canonical(&f.out, (const uint8_t *)text, strlen(text), NULL, NULL, 0,
                                    NULL, NULL, &error);
        if (result != BC__OK) {
            failures++;
            assert_int_equal(result, BC__ERR_MEMORY);
            assert_string_equal(error.what, "there is no memory");
            assert_int_equal(f.out.length, 0);
        }
        tear_down(&f);
    }
    assert_true(failures >= 10); /* growth of the output, of the member stack, and room to sort */
    free(text);
}

static void ordered_text_takes_memory_for_the_output_only(void **state)
{
    (void)state;
    static const char TEXT[] = "{\"d\":{\"b\":1,\"c\":2},\"e\":[{\"a\":1,\"f\":2}]}";
    fixture f;
    set_up(&f);
    assert_int_equal(bc__bytes_reserve(&f.out, 100), BC__OK);
    f.counter.left = 0;
    assert_int_equal(bc__json_canonical(&f.out, (const uint8_t *)TEXT, sizeof(TEXT) - 1, NULL, NULL,
                                        0, NULL, NULL, NULL),
                     BC__OK);
    tear_down(&f);
}

static void many_members_are_sorted_quickly(void **state)
{
    (void)state;
    enum { COUNT = 200000, MEMBER = 14 }; /* `"m000000": 1, ` */
    fixture f;
    bc__bytes text;
    set_up(&f);
    bc__bytes_init(&text, &f.heap, SIZE_MAX);
    for (uint32_t i = 0; i < 2 * COUNT; i++) {
        /* downwards, then each once more in a scattered order (a multiplier without common factor) */
        uint32_t key = i < COUNT ? COUNT - 1 - i : (uint32_t)((uint64_t)i * 7919 % COUNT);
        char member[24];
        int length = snprintf(member, sizeof(member), "%c\"m%06u\":%d", i == 0 ? '{' : ',',
                              (unsigned)key, i < COUNT ? 0 : 1);
        assert_int_equal(bc__bytes_append(&text, member, (size_t)length), BC__OK);
    }
    assert_int_equal(bc__bytes_append_byte(&text, '}'), BC__OK);
    assert_int_equal(
        bc__json_canonical(&f.out, text.data, text.length, NULL, NULL, 0, NULL, NULL, NULL),
        BC__OK);
    assert_int_equal(f.out.length, COUNT * MEMBER);
    for (uint32_t i = 0; i < COUNT; i++) {
        char member[24];
        snprintf(member, sizeof(member), "\"m%06u\": 1", (unsigned)i);
        assert_memory_equal(f.out.data + 1 + i * MEMBER, member, MEMBER - 2);
    }
    bc__bytes_free(&text);
    tear_down(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scalars_have_one_form),
        cmocka_unit_test(containers_have_python_separators),
        cmocka_unit_test(strings_are_escaped_as_python_does),
        cmocka_unit_test(plain_runs_stop_at_every_special_byte),
        cmocka_unit_test(members_are_sorted_by_code_point),
        cmocka_unit_test(the_last_of_repeated_names_counts),
        cmocka_unit_test(malformed_values_are_refused),
        cmocka_unit_test(malformed_containers_are_refused),
        cmocka_unit_test(malformed_strings_are_refused),
        cmocka_unit_test(nesting_is_bounded),
        cmocka_unit_test(integer_digits_are_bounded),
        cmocka_unit_test(an_output_limit_is_kept_at_every_byte),
        cmocka_unit_test(failing_memory_is_survived_at_every_point),
        cmocka_unit_test(ordered_text_takes_memory_for_the_output_only),
        cmocka_unit_test(many_members_are_sorted_quickly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
