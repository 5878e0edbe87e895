#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lib/keyed_hash.h"

/* The first vectors of the SipHash paper's reference code: key 00 01 … 0f, messages empty and 00. */
static void is_siphash(void **state)
{
    (void)state;
    bc__hash_key key;
    for (size_t i = 0; i < sizeof key.bytes; i++) {
        key.bytes[i] = (uint8_t)i;
    }
    const uint8_t empty[8] = {0x31, 0x0e, 0x0e, 0xdd, 0x47, 0xdb, 0x6f, 0x72};
    const uint8_t one[8] = {0xfd, 0x67, 0xdc, 0x93, 0xc5, 0x39, 0xf8, 0x74};
    uint64_t hash = bc__keyed_hash(&key, NULL, 0);
    assert_memory_equal(&hash, empty, sizeof hash);
    hash = bc__keyed_hash(&key, "", 1);
    assert_memory_equal(&hash, one, sizeof hash);
}

static void keys_differ(void **state)
{
    (void)state;
    bc__hash_key a;
    bc__hash_key b;
    bc__hash_key_make(&a);
    bc__hash_key_make(&b);
    assert_memory_not_equal(&a, &b, sizeof a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_siphash),
        cmocka_unit_test(keys_differ),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
