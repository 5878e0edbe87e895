#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lib/hex.h"

static void encodes_every_byte(void **state)
{
    (void)state;
    static const char digits[] = "0123456789abcdef";
    for (unsigned value = 0; value < 256; value++) {
        uint8_t byte = (uint8_t)value;
        char out[4] = "????";
        bc__hex_encode(out, &byte, 1);
        assert_int_equal(out[0], digits[value / 16]);
        assert_int_equal(out[1], digits[value % 16]);
        assert_int_equal(out[2], '?');
    }
}

static void encodes_in_order(void **state)
{
    (void)state;
    const uint8_t bytes[] = {0x00, 0x1f, 0xe2, 0xff};
    char out[8];
    bc__hex_encode(out, bytes, sizeof bytes);
    assert_memory_equal(out, "001fe2ff", sizeof out);
}

static void decodes_what_it_encodes(void **state)
{
    (void)state;
    uint8_t bytes[256];
    uint8_t back[257];
    char text[512];
    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = (uint8_t)i;
    }
    back[256] = 0x5a;
    bc__hex_encode(text, bytes, sizeof bytes);
    assert_true(bc__hex_decode(back, text, sizeof bytes));
    assert_memory_equal(back, bytes, sizeof bytes);
    assert_int_equal(back[256], 0x5a);
}

static void refuses_all_but_lowercase_digits(void **state)
{
    (void)state;
    for (size_t position = 0; position < 6; position++) {
        for (int character = 0; character < 256; character++) {
            char text[] = "0a1b2c";
            uint8_t out[3];
            text[position] = (char)character;
            int is_digit =
                (character >= '0' && character <= '9') || (character >= 'a' && character <= 'f');
            assert_int_equal(bc__hex_decode(out, text, sizeof out), is_digit);
        }
    }
}

static void takes_nothing(void **state)
{
    (void)state;
    bc__hex_encode(NULL, NULL, 0);
    assert_true(bc__hex_decode(NULL, "", 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(encodes_every_byte),
        cmocka_unit_test(encodes_in_order),
        cmocka_unit_test(decodes_what_it_encodes),
        cmocka_unit_test(refuses_all_but_lowercase_digits),
        cmocka_unit_test(takes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
