/* Integers in bytes and as decimal text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lib/integers.h"

#define COUNT_OF(array) (sizeof(array) / sizeof(array)[0])

static void puts_and_gets_both_orders(void **state)
{
    (void)state;
    const uint64_t value = UINT64_C(0x0102030405060708);
    static const uint8_t little[] = {8, 7, 6, 5, 4, 3, 2, 1};
    static const uint8_t big[] = {1, 2, 3, 4, 5, 6, 7, 8};
    uint8_t bytes[9] = {0};
    bc__put_le(bytes, value, 8);
    assert_memory_equal(bytes, little, 8);
    assert_int_equal(bc__get_le(bytes, 8), value);
    assert_int_equal(bc__get_le(bytes, 4), 0x05060708);
    assert_int_equal(bc__get_le(bytes, 0), 0);
    memset(bytes, 0, sizeof bytes);
    bc__put_le(bytes, value, 3);
    assert_int_equal(bytes[3], 0);
    bc__put_be64(bytes + 1, value);
    assert_memory_equal(bytes + 1, big, 8);
    assert_int_equal(bc__get_be64(bytes + 1), value);
}

static void reads_decimal_text(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint64_t value;
    } cases[] = {
        {"0", 0},
        {"7", 7},
        {"10", 10},
        {"9007199254740993", 9007199254740993},
        {"18446744073709551609", UINT64_MAX - 6},
        {"18446744073709551615", UINT64_MAX},
    };
    for (size_t at = 0; at < COUNT_OF(cases); at++) {
        uint64_t value = 77;
        assert_true(bc__read_decimal(&value, cases[at].text, strlen(cases[at].text)));
        assert_int_equal(value, cases[at].value);
    }
}

static void refuses_other_text(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "00",
        "01",
        "-0",
        "-1",
        "+1",
        " 1",
        "1 ",
        "1.0",
        "1e1",
        "0x1",
        "a",
        "/",
        ":",
        "18446744073709551616",
        "18446744073709551620",
        "20000000000000000000",
        "99999999999999999999",
        "100000000000000000000",
        "000000000000000000000",
    };
    for (size_t at = 0; at < COUNT_OF(texts); at++) {
        uint64_t value = 77;
        assert_false(bc__read_decimal(&value, texts[at], strlen(texts[at])));
        assert_int_equal(value, 77);
    }
    uint64_t value;
    assert_false(bc__read_decimal(&value, "1\0", 2));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(puts_and_gets_both_orders),
        cmocka_unit_test(reads_decimal_text),
        cmocka_unit_test(refuses_other_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
