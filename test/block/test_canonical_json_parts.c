/* Members by name, elements one by one, strings and numbers on their own. */
#include "test/block/json_fixture.h"

#include <math.h>
#include <stdio.h>

/* ---- spans and prefixes ---- */

static void expect_span(const bc__bytes *out, bc__json_span span, const char *expected)
{
    assert_int_equal(span.length, strlen(expected));
    assert_true(span.offset + span.length <= out->length);
    assert_memory_equal(out->data + span.offset, expected, span.length);
}

static void spans_name_the_values_of_members(void **state)
{
    (void)state;
    static const char *const NAMES[] = {"proof", "absent", "a", "z", "index", ""};
    static const char TEXT[] =
        "{\"z\":[1,{\"proof\":9}],\"pr\\u006fof\":1.50,\"index\":0,\"index\":{\"a\":3},"
        "\"proofs\":1,\"\\u00e9\":{\"absent\":1},\"\":\"\\\"\"}";
    static const char ASCENDING[] = "{\"a\":\"\",\"index\":true}";
    fixture f;
    bc__json_span spans[6];
    set_up(&f);
    assert_int_equal(bc__bytes_append(&f.out, "prefix", 6), BC__OK);
    assert_int_equal(bc__json_canonical(&f.out, (const uint8_t *)TEXT, sizeof(TEXT) - 1, NULL,
                                        NAMES, 6, spans, NULL, NULL),
                     BC__OK);
    expect_span(&f.out, spans[0], "1.5");
    expect_span(&f.out, spans[1], "");
    expect_span(&f.out, spans[2], "");
    expect_span(&f.out, spans[3], "[1, {\"proof\": 9}]");
    expect_span(&f.out, spans[4], "{\"a\": 3}");
    expect_span(&f.out, spans[5], "\"\\\"\"");
    assert_int_equal(bc__json_canonical(&f.out, (const uint8_t *)ASCENDING, sizeof(ASCENDING) - 1,
                                        NULL, NAMES, 6, spans, NULL, NULL),
                     BC__OK);
    expect_span(&f.out, spans[2], "\"\"");
    expect_span(&f.out, spans[4], "true");
    expect_span(&f.out, spans[0], "");
    static const char *const OTHERS[] = {"[{\"a\":1}]", "{}", "7", "{\"a\":1"};
    for (size_t i = 0; i < 4; i++) {
        spans[2].length = 99;
        int32_t result = bc__json_canonical(&f.out, (const uint8_t *)OTHERS[i], strlen(OTHERS[i]),
                                            NULL, NAMES, 6, spans, NULL, NULL);
        assert_int_equal(result, i == 3 ? BC__ERR_FORMAT : BC__OK);
        assert_int_equal(spans[2].length, 0);
    }
    tear_down(&f);
}

static void used_tells_where_the_value_ends(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t used;
    } CASES[] = {{" 1 , 2", 2}, {"[1] x", 3}, {"\"a\"\"b\"", 3},
                 {"{} {}", 2},  {"true]", 4}, {"1.5e1}", 5}};
    fixture f;
    set_up(&f);
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        const uint8_t *text = (const uint8_t *)CASES[i].text;
        size_t used = 99;
        size_t length = strlen(CASES[i].text);
        assert_int_equal(bc__json_canonical(&f.out, text, length, &used, NULL, 0, NULL, NULL, NULL),
                         BC__OK);
        assert_int_equal(used, CASES[i].used);
        used = 99;
        assert_int_equal(bc__json_skip(text, length, &used, NULL, NULL), BC__OK);
        assert_int_equal(used, CASES[i].used);
    }
    tear_down(&f);
}

/* ---- cursors over raw text ---- */

static void expect_member(const char *text, const char *name, const char *expected)
{
    size_t offset = 99;
    size_t length = 99;
    bc__json_error error;
    assert_int_equal(bc__json_find_member((const uint8_t *)text, strlen(text), name, &offset,
                                          &length, NULL, &error),
                     BC__OK);
    assert_int_equal(length, strlen(expected));
    assert_memory_equal(text + (length == 0 ? 0 : offset), expected, length);
}

static void find_member_gives_the_last_one(void **state)
{
    (void)state;
    expect_member("{}", "a", "");
    expect_member(" { } ", "a", "");
    expect_member("{\"a\":1}", "a", "1");
    expect_member("{ \"a\" : [1, 2] , \"length\":2 }\n", "a", "[1, 2]");
    expect_member("{\"a\":1,\"b\":2,\"\\u0061\": {\"a\":3} ,\"c\":4}", "a", "{\"a\":3}");
    expect_member("{\"b\":{\"a\":1},\"ab\":2,\"\":3}", "a", "");
    expect_member("{\"aa\":1,\"a\":\"x\"}", "aa", "1");
    expect_member("{\"a\\/b\":1,\"a\\nb\":2}", "a/b", "1");
    expect_member("{\"\xc3\xa9\":1,\"\\ud83d\\ude00\":2}", "=", "");
    expect_member("{\"a\":1}", "", "");
    expect_member("{\"\":1}", "", "1");
}

static void expect_no_object(const char *text, int32_t code, size_t offset, const char *what)
{
    size_t place = 98;
    size_t length = 99;
    bc__json_error error;
    const uint8_t *bytes = (const uint8_t *)text;
    assert_int_equal(bc__json_find_member(bytes, strlen(text), "a", &place, &length, NULL, &error),
                     code);
    assert_int_equal(error.offset, offset);
    assert_string_equal(error.what, what);
    assert_int_equal(place, 98);
    assert_int_equal(length, 99);
    assert_int_equal(bc__json_find_member(bytes, strlen(text), "a", &place, &length, NULL, NULL),
                     code);
}

static void find_member_checks_the_whole_text(void **state)
{
    (void)state;
    expect_no_object("", BC__ERR_FORMAT, 0, "an object is expected");
    expect_no_object(" [1]", BC__ERR_FORMAT, 1, "an object is expected");
    expect_no_object("\xef\xbb\xbf{}", BC__ERR_FORMAT, 0, "the text begins with a byte order mark");
    expect_no_object("{\"a\":1} x", BC__ERR_FORMAT, 8, "something follows the value");
    expect_no_object("{\"a\":1", BC__ERR_FORMAT, 6, "a comma or closing brace is expected");
    expect_no_object("{\"a\":1]", BC__ERR_FORMAT, 6, "a comma or closing brace is expected");
    expect_no_object("{\"a\":1,}", BC__ERR_FORMAT, 7, "a member's name in quotes is expected");
    expect_no_object("{\"a\":1,\"b\"}", BC__ERR_FORMAT, 10,
                     "a colon is expected after a member's name");
    expect_no_object("{\"a\":1,\"b\":01}", BC__ERR_FORMAT, 12,
                     "a number is not written as JSON has it");
    expect_no_object("{\"a\":1,\"b\":}", BC__ERR_FORMAT, 11, "a value is expected");
    char *text = repeat("{\"b\":", "[", 64, "");
    expect_no_object(text, BC__ERR_LIMIT, 5 + 63, "nesting is deeper than the limit");
    free(text);
    bc__json_limits limits = {.depth = 0, .integer_digits = 1};
    size_t place;
    size_t length;
    assert_int_equal(
        bc__json_find_member((const uint8_t *)"{}", 2, "a", &place, &length, &limits, NULL),
        BC__ERR_LIMIT);
}

/* Reads all elements into f->out. Returns the first failure; *stopped is its offset in the text. */
static int32_t read_elements(fixture *f, const char *text, uint64_t *count, size_t *stopped)
{
    const uint8_t *bytes = (const uint8_t *)text;
    size_t length = strlen(text);
    size_t used = 0;
    bool found = false;
    bc__json_elements elements = {0};
    bc__json_error error;
    int32_t result = bc__json_elements_init(&elements, bytes, length, &error);
    *stopped = error.offset;
    while (result == BC__OK) {
        result = bc__json_elements_next(&elements, used, &found, &error);
        *stopped = error.offset;
        if (result != BC__OK || !found) {
            break;
        }
        result = bc__json_canonical(&f->out, bytes + elements.offset, length - elements.offset,
                                    &used, NULL, 0, NULL, NULL, &error);
        *stopped = elements.offset + error.offset;
    }
    *count = elements.count;
    return result;
}

static void elements_are_passed_one_by_one(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint64_t count;
        const char *read;
    } CASES[] = {
        {"[]", 0, ""},
        {" [ ] ", 0, ""},
        {"[1]", 1, "1"},
        {" [ 1 ,[2,3],{\"b\":4,\"a\":5} , \"]\" ]\n", 4, "1[2, 3]{\"a\": 5, \"b\": 4}\"]\""},
    };
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        fixture f;
        uint64_t count;
        size_t stopped;
        set_up(&f);
        assert_int_equal(read_elements(&f, CASES[i].text, &count, &stopped), BC__OK);
        assert_int_equal(count, CASES[i].count);
        assert_int_equal(f.out.length, strlen(CASES[i].read));
        if (f.out.length > 0) {
            assert_memory_equal(f.out.data, CASES[i].read, f.out.length);
        }
        tear_down(&f);
    }
}

static void malformed_arrays_are_refused_where_they_break(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t offset;
    } CASES[] = {
        {"", 0},
        {"{}", 0},
        {" 1", 1},
        {"[", 1},
        {"[1", 2},
        {"[1,", 3},
        {"[,1]", 1},
        {"[1,]", 3},
        {"[1 2]", 3},
        {"[1}", 2},
        {"[1]x", 3},
        {"[] []", 3},
        {"[1,,2]", 3},
        {"[1,[2]", 6},
        {"[01]", 2},
        {"[1,\"a]", 3},
        {"\xef\xbb\xbf[]", 0},
    };
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        fixture f;
        uint64_t count;
        size_t stopped;
        set_up(&f);
        assert_int_equal(read_elements(&f, CASES[i].text, &count, &stopped), BC__ERR_FORMAT);
        assert_int_equal(stopped, CASES[i].offset);
        tear_down(&f);
    }
    bc__json_elements elements;
    bool found = true;
    assert_int_equal(bc__json_elements_init(&elements, (const uint8_t *)"1", 1, NULL),
                     BC__ERR_FORMAT);
    assert_int_equal(bc__json_elements_init(&elements, (const uint8_t *)"[]]", 3, NULL), BC__OK);
    assert_int_equal(bc__json_elements_next(&elements, 0, &found, NULL), BC__ERR_FORMAT);
    assert_false(found);
}

/* ---- strings and numbers on their own ---- */

/* In memory of exactly that size, so that a sanitizer sees a byte read too many. */
static size_t canonical_length(const char *text, size_t length)
{
    uint8_t *copy = malloc(length > 0 ? length : 1);
    assert_non_null(copy);
    memcpy(copy, text, length);
    size_t found = bc__json_canonical_length(copy, length);
    free(copy);
    return found;
}

static void canonical_values_are_measured(void **state)
{
    (void)state;
    static const char *const VALUES[] = {
        "0",
        "-1.5e-07",
        "null",
        "NaN",
        "\"\"",
        "\"a, b]}\"",
        "\"\\\"\"",
        "\"\\\\\"",
        "\"x\\\\\\\"]\"",
        "[]",
        "{}",
        "[[], [1, \"]\"]]",
        "{\"a\": {\"}\": [\"\\\\\", 2]}, \"b\": \"{\"}",
    };
    static const char *const BEHIND[] = {"", "]", "}", ", 7]", ", \"next\": [1]}", ", \"\\\\\"]"};
    for (size_t i = 0; i < sizeof VALUES / sizeof VALUES[0]; i++) {
        for (size_t j = 0; j < sizeof BEHIND / sizeof BEHIND[0]; j++) {
            char text[128];
            int length = snprintf(text, sizeof text, "%s%s", VALUES[i], BEHIND[j]);
            assert_int_equal(canonical_length(text, (size_t)length), strlen(VALUES[i]));
        }
    }
}

/* What is not canonical gives some length, and no byte behind the text is read. */
static void no_value_is_longer_than_its_text(void **state)
{
    (void)state;
    static const char *const TEXTS[] = {"",  "\"",  "\"\\",     "\"\\\"",
                                        "[", "{\"", "[[\"a\"]", "\"a\\\\\\\""};
    for (size_t i = 0; i < sizeof TEXTS / sizeof TEXTS[0]; i++) {
        assert_int_equal(canonical_length(TEXTS[i], strlen(TEXTS[i])), strlen(TEXTS[i]));
    }
    assert_int_equal(canonical_length("]", 1), 0);
    assert_int_equal(canonical_length(",", 1), 0);
}

static void canonical_strings_become_utf8(void **state)
{
    (void)state;
    static const struct {
        const char *canonical;
        const char *utf8; /* NULL: refused */
    } CASES[] = {
        {"\"\"", ""},
        {"\"plain text of many bytes\"", "plain text of many bytes"},
        {"\"\\\"\\\\\\b\\f\\n\\r\\t/\"", "\"\\\b\f\n\r\t/"},
        {"\"\\u007f\\u0080\\u07ff\\u0800\\uffff\"", "\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf"},
        {"\"x\\ud800\\udc00\\udbff\\udfffy\"", "x\xf0\x90\x80\x80\xf4\x8f\xbf\xbfy"},
        {"\"\\ud800\"", NULL},
        {"\"\\udc00\"", NULL},
        {"\"abc\\ud800\\u0041\"", NULL},
        {"\"\\udc00\\ud800\"", NULL},
        {"\"\\ud800\\ud800\\udc00\"", NULL},
        {"\"\\ud800\\n\"", NULL},
        {"", NULL},
        {"\"", NULL},
        {"abc", NULL},
        {"\"abc", NULL},
        {"abc\"", NULL},
        {"\"a\"b\"", NULL},
        {"\"\\\"", NULL},
        {"\"\\u12\"", NULL},
        {"\"\\x\"", NULL},
        {"\"\xc3\xa9\"", NULL},
        {"\"\n\"", NULL},
    };
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        fixture f;
        set_up(&f);
        assert_int_equal(bc__bytes_append(&f.out, "+", 1), BC__OK);
        uint8_t *copy = copy_of(CASES[i].canonical, strlen(CASES[i].canonical));
        int32_t result = bc__json_string_utf8(&f.out, copy, strlen(CASES[i].canonical));
        assert_int_equal(result, CASES[i].utf8 == NULL ? BC__ERR_FORMAT : BC__OK);
        size_t length = CASES[i].utf8 == NULL ? 0 : strlen(CASES[i].utf8);
        assert_int_equal(f.out.length, 1 + length);
        if (length > 0) {
            assert_memory_equal(f.out.data + 1, CASES[i].utf8, length);
            /* and back */
            f.out.length = 1;
            assert_int_equal(bc__json_append_string(&f.out, (const uint8_t *)CASES[i].utf8, length),
                             BC__OK);
            assert_int_equal(f.out.length, 1 + strlen(CASES[i].canonical));
            assert_memory_equal(f.out.data + 1, CASES[i].canonical, f.out.length - 1);
        }
        free(copy);
        tear_down(&f);
    }
}

static void appended_strings_must_be_utf8(void **state)
{
    (void)state;
    fixture f;
    set_up(&f);
    assert_int_equal(bc__json_append_string(&f.out, NULL, 0), BC__OK);
    assert_int_equal(bc__json_append_string(&f.out, (const uint8_t *)"a\0b", 3), BC__OK);
    assert_int_equal(f.out.length, 12);
    assert_memory_equal(f.out.data, "\"\"\"a\\u0000b\"", 12);
    static const char *const BAD[] = {"abc\xff", "\xc3", "\xed\xa0\x80", "\xc0\x80", "\x80"};
    for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++) {
        assert_int_equal(bc__json_append_string(&f.out, (const uint8_t *)BAD[i], strlen(BAD[i])),
                         BC__ERR_FORMAT);
        assert_int_equal(f.out.length, 12);
    }
    tear_down(&f);
}

static void appending_within_limits(void **state)
{
    (void)state;
    static const uint8_t TEXT[] = "ab\xc3\xa9"
                                  "cd"; /* "ab\u00e9cd" has 12 bytes */
    static const uint8_t LITERAL[] = "\"ab\\u00e9cd\"";
    fixture f;
    set_up(&f);
    for (size_t limit = 0; limit <= 12; limit++) {
        bc__bytes out;
        bc__bytes_init(&out, &f.heap, limit);
        assert_int_equal(bc__json_append_string(&out, TEXT, 6),
                         limit < 12 ? BC__ERR_LIMIT : BC__OK);
        assert_int_equal(out.length, limit < 12 ? 0 : 12);
        out.length = 0;
        assert_int_equal(bc__json_string_utf8(&out, LITERAL, 12),
                         limit < 6 ? BC__ERR_LIMIT : BC__OK);
        assert_int_equal(out.length, limit < 6 ? 0 : 6);
        out.length = 0;
        assert_int_equal(bc__json_append_integer(&out, -12345), limit < 6 ? BC__ERR_LIMIT : BC__OK);
        out.length = 0;
        assert_int_equal(bc__json_append_double(&out, 1.25), limit < 4 ? BC__ERR_LIMIT : BC__OK);
        bc__bytes_free(&out);
    }
    tear_down(&f);
}

static void appended_numbers(void **state)
{
    (void)state;
    static const char EXPECTED[] =
        "0 -1 9223372036854775807 -9223372036854775808 18446744073709551615 0.1 NaN "
        "-Infinity 1e-07 ";
    fixture f;
    set_up(&f);
    static const int64_t INTEGERS[] = {0, -1, INT64_MAX, INT64_MIN};
    static const double DOUBLES[] = {0.1, (double)NAN, -(double)INFINITY, 1e-7};
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(bc__json_append_integer(&f.out, INTEGERS[i]), BC__OK);
        assert_int_equal(bc__bytes_append_byte(&f.out, ' '), BC__OK);
    }
    assert_int_equal(bc__json_append_unsigned(&f.out, UINT64_MAX), BC__OK);
    assert_int_equal(bc__bytes_append_byte(&f.out, ' '), BC__OK);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(bc__json_append_double(&f.out, DOUBLES[i]), BC__OK);
        assert_int_equal(bc__bytes_append_byte(&f.out, ' '), BC__OK);
    }
    assert_int_equal(f.out.length, strlen(EXPECTED));
    assert_memory_equal(f.out.data, EXPECTED, f.out.length);
    tear_down(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spans_name_the_values_of_members),
        cmocka_unit_test(used_tells_where_the_value_ends),
        cmocka_unit_test(find_member_gives_the_last_one),
        cmocka_unit_test(find_member_checks_the_whole_text),
        cmocka_unit_test(elements_are_passed_one_by_one),
        cmocka_unit_test(malformed_arrays_are_refused_where_they_break),
        cmocka_unit_test(canonical_values_are_measured),
        cmocka_unit_test(no_value_is_longer_than_its_text),
        cmocka_unit_test(canonical_strings_become_utf8),
        cmocka_unit_test(appended_strings_must_be_utf8),
        cmocka_unit_test(appending_within_limits),
        cmocka_unit_test(appended_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
