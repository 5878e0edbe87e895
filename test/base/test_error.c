#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "src/base/error.h"

static void fills_code_and_message(void **state)
{
    (void)state;
    bc_error error;
    memset(&error, 0x5a, sizeof error);
    assert_int_equal(bc__fail(&error, BC_ERR_LIMIT, "%d of %s", 3, "four"), BC_ERR_LIMIT);
    assert_int_equal(error.code, BC_ERR_LIMIT);
    assert_int_equal(error.host_code, 0);
    assert_string_equal(error.message, "3 of four");
}

static void fills_the_hosts_code(void **state)
{
    (void)state;
    bc_error error;
    assert_int_equal(bc__fail_host(&error, BC_ERR_STORE, -1234, "the store said %d", -1234),
                     BC_ERR_STORE);
    assert_int_equal(error.code, BC_ERR_STORE);
    assert_int_equal(error.host_code, -1234);
    assert_string_equal(error.message, "the store said -1234");
}

static void gives_the_status_without_an_error(void **state)
{
    (void)state;
    assert_int_equal(bc__fail(NULL, BC_ERR_FORMAT, "%s", "unseen"), BC_ERR_FORMAT);
    assert_int_equal(bc__fail_host(NULL, BC_ERR_STORE, 5, "unseen"), BC_ERR_STORE);
    assert_int_equal(bc__fail_memory(NULL), BC_ERR_MEMORY);
    assert_int_equal(bc__fail_null(NULL, "chain"), BC_ERR_ARGUMENT);
}

static void names_what_is_missing(void **state)
{
    (void)state;
    bc_error error;
    assert_int_equal(bc__fail_null(&error, "chain"), BC_ERR_ARGUMENT);
    assert_int_equal(error.code, BC_ERR_ARGUMENT);
    assert_string_equal(error.message, "chain is NULL");
    assert_int_equal(bc__fail_memory(&error), BC_ERR_MEMORY);
    assert_int_equal(error.code, BC_ERR_MEMORY);
    assert_true(error.message[0] != '\0');
}

static void cuts_a_long_message(void **state)
{
    (void)state;
    char text[400];
    bc_error error;
    memset(text, 'm', sizeof text);
    for (size_t length = 240; length < 260; length++) {
        text[length] = '\0';
        bc__fail(&error, BC_ERR_FORMAT, "%s", text);
        text[length] = 'm';
        size_t kept = length < 247 ? length : 247;
        assert_int_equal(strlen(error.message), kept);
        assert_memory_equal(error.message, text, kept);
    }
}

/* A message is one line of UTF-8, whatever bytes from outside it repeats. */
static void replaces_what_is_no_character(void **state)
{
    (void)state;
    for (int character = 1; character < 256; character++) {
        bc_error error;
        const char text[] = {'a', (char)character, 'b', '\0'};
        int is_good = character >= 0x20 && character < 0x7f;
        const char expected[] = {'a', is_good ? (char)character : '?', 'b', '\0'};
        bc__fail(&error, BC_ERR_FORMAT, "%s", text);
        assert_string_equal(error.message, expected);
    }
}

static void keeps_utf8_and_nothing_like_it(void **state)
{
    static const char *const cases[][2] = {
        {"\xc3\xa9", "\xc3\xa9"},                 /* e with an accent */
        {"\xe2\x82\xac", "\xe2\x82\xac"},         /* the euro sign */
        {"\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80"}, /* beyond 16 bits */
        {"\xf4\x8f\xbf\xbf", "\xf4\x8f\xbf\xbf"}, /* the last */
        {"\xf4\x90\x80\x80", "????"},             /* past the last */
        {"\xc0\xaf", "??"},                       /* overlong */
        {"\xe0\x9f\xbf", "???"},
        {"\xf0\x8f\xbf\xbf", "????"},
        {"\xed\xa0\x80", "???"}, /* half a surrogate pair */
        {"\xe2\x82", "??"},      /* cut off */
    };
    (void)state;
    for (size_t at = 0; at < sizeof cases / sizeof cases[0]; at++) {
        bc_error error;
        bc__fail(&error, BC_ERR_FORMAT, "%s", cases[at][0]);
        assert_string_equal(error.message, cases[at][1]);
    }
    char text[300];
    bc_error error;
    memset(text, 'm', sizeof text);
    memcpy(text + 245, "\xe2\x82\xac", 4);
    bc__fail(&error, BC_ERR_FORMAT, "%s", text);
    assert_string_equal(error.message + 244, "m??"); /* cut in the middle of the character */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fills_code_and_message),
        cmocka_unit_test(fills_the_hosts_code),
        cmocka_unit_test(gives_the_status_without_an_error),
        cmocka_unit_test(names_what_is_missing),
        cmocka_unit_test(cuts_a_long_message),
        cmocka_unit_test(replaces_what_is_no_character),
        cmocka_unit_test(keeps_utf8_and_nothing_like_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
