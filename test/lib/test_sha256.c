#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "lib/hex.h"
#include "lib/sha256/engine.h"
#include "lib/sha256/sha256.h"
#include "test/support/random.h"

enum { PREFIX_MAX = 200, MESSAGE_MAX = PREFIX_MAX + 20 + BC__SHA256_SEARCH_SUFFIX_BYTES_MAX };

static const char letters[] = "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn"
                              "hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu";

static void assert_hash(const void *message, size_t length, const char *expected)
{
    uint8_t hash[32];
    char text[64];
    bc__sha256(hash, message, length);
    bc__hex_encode(text, hash, sizeof hash);
    assert_memory_equal(text, expected, sizeof text);
}

/* NIST's examples for SHA-256. */
static void gives_the_known_answers(void **state)
{
    (void)state;
    assert_hash(NULL, 0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    assert_hash("abc", 3, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_hash("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 56,
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    assert_hash(letters, 112, "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1");
}

static void hashes_a_million_letters(void **state)
{
    (void)state;
    static const char expected[] =
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0";
    bc__sha256_state hashing;
    uint8_t hash[32];
    char text[64];
    char piece[1000];
    memset(piece, 'a', sizeof piece);
    bc__sha256_init(&hashing);
    for (int i = 0; i < 1000; i++) {
        bc__sha256_update(&hashing, piece, sizeof piece);
    }
    bc__sha256_final(&hashing, hash);
    bc__hex_encode(text, hash, sizeof hash);
    assert_memory_equal(text, expected, sizeof text);
}

static void agrees_with_libsodium_at_every_length(void **state)
{
    (void)state;
    uint8_t bytes[308];
    test_random random = test_random_begin();
    test_random_fill(&random, bytes, sizeof bytes);
    for (size_t length = 0; length <= 300; length++) {
        for (size_t offset = 0; offset < 8; offset++) {
            uint8_t expected[32];
            uint8_t hash[33] = {[32] = 0x5a};
            crypto_hash_sha256(expected, bytes + offset, length);
            bc__sha256(hash, bytes + offset, length);
            assert_memory_equal(hash, expected, sizeof expected);
            assert_int_equal(hash[32], 0x5a);
        }
    }
}

static void takes_messages_in_pieces(void **state)
{
    (void)state;
    uint8_t bytes[700];
    test_random random = test_random_begin();
    test_random_fill(&random, bytes, sizeof bytes);
    for (size_t round = test_random_repeats(2000); round > 0; round--) {
        size_t length = test_random_below(&random, sizeof bytes + 1);
        uint8_t expected[32];
        uint8_t hash[32];
        uint8_t fork_hash[32];
        bc__sha256_state hashing;
        bc__sha256_state fork;
        bc__sha256_init(&hashing);
        bc__sha256_init(&fork);
        for (size_t at = 0; at < length;) {
            size_t piece = test_random_below(&random, 150);
            piece = piece > length - at ? length - at : piece;
            bc__sha256_update(&hashing, piece == 0 ? NULL : bytes + at, piece);
            at += piece;
            if (fork.length == 0 && at > length / 2) {
                fork = hashing;
                bc__sha256_update(&fork, bytes + at, length - at);
            }
        }
        bc__sha256_final(&hashing, hash);
        bc__sha256_final(&fork, fork_hash);
        crypto_hash_sha256(expected, bytes, length);
        assert_memory_equal(hash, expected, sizeof expected);
        assert_memory_equal(fork_hash, expected, sizeof expected);
    }
}

/* FIPS 180-4, section 5.1.1, by hand, so that engines can be tried that were not chosen. */
static void hash_with(const bc__sha256_engine *engine, uint8_t out[32], const uint8_t *message,
                      size_t length)
{
    uint32_t words[BC__SHA256_WORDS] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                        0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    uint8_t padded[512 + 1] = {0};
    uint8_t *blocks = padded + length % 2; /* at even and odd addresses */
    size_t count = (length + 8) / BC__SHA256_BLOCK_BYTES + 1;
    assert_true(count * BC__SHA256_BLOCK_BYTES < sizeof padded);
    memcpy(blocks, message, length);
    blocks[length] = 0x80;
    for (size_t at = 0; at < 8; at++) {
        blocks[count * BC__SHA256_BLOCK_BYTES - 1 - at] =
            (uint8_t)((uint64_t)length * 8 >> (8 * at));
    }
    engine->compress(words, blocks, count);
    for (size_t at = 0; at < 32; at++) {
        out[at] = (uint8_t)(words[at / 4] >> (24 - at % 4 * 8));
    }
}

static void every_engine_agrees_with_libsodium(void **state)
{
    (void)state;
    uint8_t message[300];
    uint8_t hash[32];
    uint8_t expected[32];
    size_t tried = 0;
    test_random random = test_random_begin();
    for (size_t at = 0; at < BC__SHA256_ENGINES; at++) {
        const bc__sha256_engine *engine = bc__sha256_engines[at];
        assert_non_null(engine->name);
        if (!engine->is_supported()) {
            print_message("%s: not on this processor\n", engine->name);
            continue;
        }
        tried++;
        for (size_t length = 0; length <= sizeof message; length++) {
            test_random_fill(&random, message, sizeof message);
            crypto_hash_sha256(expected, message, length);
            hash_with(engine, hash, message, length);
            assert_memory_equal(hash, expected, sizeof expected);
        }
    }
    assert_true(tried >= 1);
    assert_ptr_equal(bc__sha256_engines[BC__SHA256_ENGINES - 1], &bc__sha256_portable);
    assert_true(bc__sha256_engine_chosen()->is_supported());
}

static void engines_compress_several_blocks(void **state)
{
    (void)state;
    for (size_t at = 0; at < BC__SHA256_ENGINES; at++) {
        const bc__sha256_engine *engine = bc__sha256_engines[at];
        uint8_t blocks[5 * BC__SHA256_BLOCK_BYTES + 1];
        uint32_t together[BC__SHA256_WORDS] = {1, 2, 3, 4, 5, 6, 7, 8};
        uint32_t singly[BC__SHA256_WORDS] = {1, 2, 3, 4, 5, 6, 7, 8};
        test_random random = test_random_begin();
        if (!engine->is_supported()) {
            continue;
        }
        test_random_fill(&random, blocks, sizeof blocks);
        engine->compress(together, blocks + 1, 5);
        for (size_t i = 0; i < 5; i++) {
            engine->compress(singly, blocks + 1 + i * BC__SHA256_BLOCK_BYTES, 1);
        }
        assert_memory_equal(together, singly, sizeof singly);
        engine->compress(together, blocks, 0);
        assert_memory_equal(together, singly, sizeof singly);
    }
}

/* The rule as it is written: format the whole message, hash it, compare bytes. */
static int holds(const bc__sha256_decimal_search *search, uint64_t n, uint8_t hash[32])
{
    uint8_t message[MESSAGE_MAX];
    char digits[24];
    int count = snprintf(digits, sizeof digits, "%llu", (unsigned long long)n);
    size_t length = search->prefix_length;
    assert_true(count > 0);
    assert_true(length + (size_t)count + search->suffix_length <= sizeof message);
    if (length > 0) {
        memcpy(message, search->prefix, length);
    }
    memcpy(message + length, digits, (size_t)count);
    length += (size_t)count;
    if (search->suffix_length > 0) {
        memcpy(message + length, search->suffix, search->suffix_length);
        length += search->suffix_length;
    }
    crypto_hash_sha256(hash, message, length);
    return memcmp(hash, search->target, 32) <= 0;
}

/* Compares a search of the range with a loop over it. */
static void assert_as_loop(const bc__sha256_decimal_search *search, uint64_t first, uint64_t count)
{
    uint64_t found = 0x5a5a;
    uint8_t hash[32];
    uint64_t done = 0;
    while (done < count && !holds(search, first + done, hash)) {
        done++;
    }
    assert_int_equal(bc__sha256_search_decimal(search, first, count, &found), done < count);
    assert_true(found == (done < count ? first + done : 0x5a5a));
}

static bc__sha256_decimal_search search_for(const void *prefix, size_t prefix_length,
                                            unsigned zero_bits)
{
    bc__sha256_decimal_search search = {.prefix = prefix, .prefix_length = prefix_length};
    memset(search.target, 0xff, sizeof search.target);
    for (unsigned bit = 0; bit < zero_bits; bit++) {
        search.target[bit / 8] = (uint8_t)(search.target[bit / 8] & ~(0x80U >> bit % 8));
    }
    return search;
}

/* The proofs that the article's own loop finds from 100 on, with four zeros in hexadecimal. */
static void finds_the_articles_proofs(void **state)
{
    (void)state;
    static const uint64_t proofs[] = {35293, 35089, 119678, 146502, 43538, 85724,
                                      51178, 71730, 55589,  35704,  57342, 68975};
    uint64_t last = 100;
    for (size_t i = 0; i < sizeof proofs / sizeof proofs[0]; i++) {
        char digits[24];
        uint64_t found = 0;
        int count = snprintf(digits, sizeof digits, "%llu", (unsigned long long)last);
        bc__sha256_decimal_search search = search_for(digits, (size_t)count, 16);
        assert_true(bc__sha256_search_decimal(&search, 0, UINT64_MAX, &found));
        assert_true(found == proofs[i]);
        assert_false(bc__sha256_search_decimal(&search, 0, found, &last));
        last = found;
    }
}

/* With every layout of prefix and suffix in the blocks, over the steps at which n gets longer. */
static void agrees_with_a_loop_at_every_layout(void **state)
{
    (void)state;
    static const uint64_t starts[] = {0, 95, 9995, UINT64_C(9999999999999999995), UINT64_MAX - 9};
    uint8_t bytes[PREFIX_MAX + BC__SHA256_SEARCH_SUFFIX_BYTES_MAX];
    test_random random = test_random_begin();
    test_random_fill(&random, bytes, sizeof bytes);
    for (size_t prefix = 0; prefix <= PREFIX_MAX; prefix++) {
        for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++) {
            bc__sha256_decimal_search search = search_for(bytes, prefix, 4);
            search.suffix = bytes + PREFIX_MAX;
            search.suffix_length =
                test_random_below(&random, BC__SHA256_SEARCH_SUFFIX_BYTES_MAX + 1);
            assert_as_loop(&search, starts[i], 10);
        }
    }
    for (size_t suffix = 0; suffix <= BC__SHA256_SEARCH_SUFFIX_BYTES_MAX; suffix++) {
        bc__sha256_decimal_search search = search_for(bytes, suffix % 7, 3);
        search.suffix = bytes + PREFIX_MAX;
        search.suffix_length = suffix;
        assert_as_loop(&search, 98, 6);
    }
}

/* No attempt holds in these ranges but by chance, so that all their numbers are tried. */
static void crosses_every_power_of_ten(void **state)
{
    (void)state;
    bc__sha256_decimal_search search = search_for("100", 3, 0);
    uint64_t power = 1;
    for (int digits = 1; digits < 20; digits++) {
        uint8_t hash[32];
        uint64_t found = 0;
        power *= 10;
        for (uint64_t n = power - 2; n < power + 2; n++) {
            holds(&search, n, hash);
            memcpy(search.target, hash, sizeof hash);
            assert_true(bc__sha256_search_decimal(&search, n, 1, &found));
            assert_true(found == n);
            assert_as_loop(&search, power - 3, 6);
        }
    }
}

/* The later form of the tutorial: the hash of the last block in hexadecimal stands behind. */
static void searches_before_a_hash(void **state)
{
    (void)state;
    static const char suffix[] = "c099bc76471bfdd48ae262ba832388af2b87904924730633db415994fb82bfb7";
    bc__sha256_decimal_search search = search_for("100", 3, 12);
    uint64_t found = 0;
    search.suffix = (const uint8_t *)suffix;
    search.suffix_length = 64;
    assert_as_loop(&search, 0, 30000);
    assert_true(bc__sha256_search_decimal(&search, 0, UINT64_MAX, &found));
}

static void reaches_the_last_number(void **state)
{
    (void)state;
    bc__sha256_decimal_search search = search_for("last", 4, 0);
    uint64_t found = 0;
    uint8_t hash[32];
    holds(&search, UINT64_MAX, hash);
    memcpy(search.target, hash, sizeof hash);
    assert_as_loop(&search, UINT64_MAX - 200, 201);
    assert_true(bc__sha256_search_decimal(&search, UINT64_MAX, 1, &found));
    assert_true(found == UINT64_MAX);
    memset(search.target, 0, sizeof search.target);
    assert_as_loop(&search, UINT64_MAX - 200, 201);
}

static void takes_an_empty_range(void **state)
{
    (void)state;
    bc__sha256_decimal_search search = search_for(NULL, 0, 0);
    assert_as_loop(&search, 0, 0);
    assert_as_loop(&search, UINT64_MAX, 0);
    assert_as_loop(&search, 0, 1);
}

/* A hash equal to the target holds; one that is less holds and one that is greater does not,
 * whichever word they differ in. */
static void target_is_the_greatest_hash_that_holds(void **state)
{
    (void)state;
    uint8_t hash[32];
    uint8_t given[32];
    bc__sha256_decimal_search search = search_for("x", 1, 0);
    holds(&search, 1234, hash);
    memcpy(search.target, hash, sizeof hash);
    assert_true(bc__sha256_decimal_attempt(&search, 1234, given));
    assert_memory_equal(given, hash, sizeof hash);
    assert_as_loop(&search, 1234, 1);
    for (size_t at = 0; at < sizeof hash; at++) {
        memcpy(search.target, hash, sizeof hash);
        if (hash[at] < 0xff) {
            search.target[at]++;
            memset(search.target + at + 1, 0, sizeof hash - at - 1);
            assert_true(bc__sha256_decimal_attempt(&search, 1234, given));
            assert_as_loop(&search, 1234, 1);
        }
        memcpy(search.target, hash, sizeof hash);
        if (hash[at] > 0) {
            search.target[at]--;
            memset(search.target + at + 1, 0xff, sizeof hash - at - 1);
            assert_false(bc__sha256_decimal_attempt(&search, 1234, given));
            assert_memory_equal(given, hash, sizeof hash);
            assert_as_loop(&search, 1234, 1);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_the_known_answers),
        cmocka_unit_test(hashes_a_million_letters),
        cmocka_unit_test(agrees_with_libsodium_at_every_length),
        cmocka_unit_test(takes_messages_in_pieces),
        cmocka_unit_test(every_engine_agrees_with_libsodium),
        cmocka_unit_test(engines_compress_several_blocks),
        cmocka_unit_test(finds_the_articles_proofs),
        cmocka_unit_test(agrees_with_a_loop_at_every_layout),
        cmocka_unit_test(crosses_every_power_of_ten),
        cmocka_unit_test(searches_before_a_hash),
        cmocka_unit_test(reaches_the_last_number),
        cmocka_unit_test(takes_an_empty_range),
        cmocka_unit_test(target_is_the_greatest_hash_that_holds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
