/* Sealed keys of the example programs. No library holds the examples' files, so they are compiled
 * into this program, with calls that a test can make fail. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include <sodium.h>

/* Which call fails next, once; counted down by calls of the same kind. */
static struct {
    int starts, derivations, allocations, opens, writes, syncs, closes;
} failing;

static int fails(int *countdown)
{
    return *countdown > 0 && --*countdown == 0;
}

static int test_pwhash(unsigned char *out, unsigned long long out_length, const char *text,
                       unsigned long long length, const unsigned char *salt,
                       unsigned long long passes, size_t memory, int algorithm)
{
    return fails(&failing.derivations)
               ? -1
               : crypto_pwhash(out, out_length, text, length, salt, passes, memory, algorithm);
}

static int test_start(void)
{
    return fails(&failing.starts) ? -1 : sodium_init();
}

static void *test_allocate(size_t size)
{
    if (fails(&failing.allocations)) {
        errno = ENOMEM;
        return NULL;
    }
    return malloc(size);
}

/* With a mode or without, as open. */
static int test_open(const char *path, int flags, ...)
{
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = (flags & O_CREAT) == 0 ? 0 : (mode_t)va_arg(arguments, int);
    va_end(arguments);
    if (fails(&failing.opens)) {
        errno = EMFILE;
        return -1;
    }
    return open(path, flags, mode);
}

/* Writes in pieces of at most 100 bytes, interrupted before the first. */
static ssize_t test_write(int descriptor, const void *bytes, size_t length)
{
    static int calls;
    if (calls++ % 3 == 0) {
        errno = EINTR;
        return -1;
    }
    if (fails(&failing.writes)) {
        errno = ENOSPC;
        return -1;
    }
    return write(descriptor, bytes, length < 100 ? length : 100);
}

static int test_fsync(int descriptor)
{
    if (fails(&failing.syncs)) {
        errno = EIO;
        return -1;
    }
    return fsync(descriptor);
}

static int test_close(int descriptor)
{
    int failed = close(descriptor);
    if (fails(&failing.closes)) {
        errno = EDQUOT;
        return -1;
    }
    return failed;
}

#define sodium_init   test_start
#define crypto_pwhash test_pwhash
#define malloc        test_allocate
#define open          test_open
#define write         test_write
#define fsync         test_fsync
#define close         test_close
#include "examples/common/keystore.c"
#include "examples/common/keystore_file.c"
#include "examples/common/sentence.c"
#include "examples/common/text_file.c"
#include "lib/hex.h"
#include "test/support/test_folder.h"

/* The least that is allowed, for tests that seal often. */
static const keystore_cost cheap = {1, 8192};
static const char passphrase[] = "correct horse";
enum { PASSPHRASE_BYTES = sizeof passphrase - 1 };

static void fill_seed(uint8_t seed[32])
{
    for (uint8_t i = 0; i < 32; i++) {
        seed[i] = i;
    }
}

static void seal(uint8_t file[KEYSTORE_BYTES])
{
    uint8_t seed[32];
    bc_error error = {0};
    fill_seed(seed);
    assert_int_equal(keystore_seal(file, seed, passphrase, PASSPHRASE_BYTES, cheap, &error), BC_OK);
}

static bc_status open_with(const uint8_t *file, size_t length, const char *text)
{
    static const uint8_t zero[32];
    uint8_t seed[32];
    uint8_t expected[32];
    bc_error error = {0};
    bc_status status = keystore_open(seed, file, length, text, strlen(text), &error);
    fill_seed(expected);
    assert_int_equal(error.code, status);
    assert_memory_equal(seed, status == BC_OK ? expected : zero, sizeof seed);
    return status;
}

/* A file made by calling libsodium from Python, as the header describes it. */
static void opens_a_file_made_by_another(void **state)
{
    (void)state;
    static const char text[] = "6c696262636b6579010000000200000002000000000000000000010000000000"
                               "404142434445464748494a4b4c4d4e4f808182838485868788898a8b8c8d8e8f"
                               "909192939495969778a10459f8b3bc402af4f34eb64966586ee9f8ce55a0fd1d"
                               "a6817333e952f7e0769c002c2e404d453d21972b4915ecfb";
    uint8_t file[KEYSTORE_BYTES];
    assert_true(bc__hex_decode(file, text, sizeof file));
    assert_int_equal(open_with(file, sizeof file, "Gr\xc3\xbcn ist die Hoffnung"), BC_OK);
    assert_int_equal(open_with(file, sizeof file, "Grun ist die Hoffnung"), BC_ERR_DAMAGED);
}

static void opens_what_it_sealed(void **state)
{
    (void)state;
    static const char head[] = "6c696262636b657901000000020000000100000000000000"
                               "0020000000000000";
    uint8_t file[KEYSTORE_BYTES], again[KEYSTORE_BYTES], expected[32];
    seal(file);
    seal(again);
    assert_true(bc__hex_decode(expected, head, sizeof expected));
    assert_memory_equal(file, expected, sizeof expected);
    assert_memory_not_equal(file + 32, again + 32, 16); /* the salt */
    assert_memory_not_equal(file + 48, again + 48, 24); /* the nonce */
    assert_int_equal(open_with(file, sizeof file, passphrase), BC_OK);
    assert_int_equal(open_with(file, sizeof file, "correct horsf"), BC_ERR_DAMAGED);
    assert_int_equal(open_with(file, sizeof file, "correct hors"), BC_ERR_DAMAGED);
}

static void seals_at_the_usual_cost(void **state)
{
    (void)state;
    keystore_cost usual = keystore_cost_usual();
    bc_error error = {0};
    assert_int_equal(usual.passes, crypto_pwhash_OPSLIMIT_MODERATE);
    assert_int_equal(usual.memory, crypto_pwhash_MEMLIMIT_MODERATE);
    assert_int_equal(check_cost(usual, &error), BC_OK);
}

/* All bits but those that only raise the memory, up to 512 MiB, and so would take long. */
static void refuses_each_flipped_bit(void **state)
{
    (void)state;
    uint8_t file[KEYSTORE_BYTES];
    seal(file);
    for (size_t bit = 0; bit < sizeof file * 8; bit++) {
        if (bit >= 24 * 8 + 18 && bit <= 24 * 8 + 29) {
            continue;
        }
        file[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_int_not_equal(open_with(file, sizeof file, passphrase), BC_OK);
        file[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    assert_int_equal(open_with(file, sizeof file, passphrase), BC_OK);
}

static void refuses_each_length_but_one(void **state)
{
    (void)state;
    uint8_t file[KEYSTORE_BYTES + 1] = {0};
    seal(file);
    for (size_t length = 0; length <= sizeof file; length++) {
        assert_int_equal(open_with(file, length, passphrase),
                         length == KEYSTORE_BYTES ? BC_OK : BC_ERR_FORMAT);
    }
}

static void says_what_is_wrong_with_the_head(void **state)
{
    (void)state;
    static const struct {
        size_t at, bytes;
        uint64_t value;
        bc_status status;
    } rows[] = {
        {0, 1, 'L', BC_ERR_FORMAT},        {8, 4, 0, BC_ERR_UNSUPPORTED},
        {8, 4, 2, BC_ERR_UNSUPPORTED},     {12, 4, 1, BC_ERR_FORMAT},
        {16, 8, 0, BC_ERR_LIMIT},          {16, 8, 2, BC_ERR_DAMAGED},
        {16, 8, 17, BC_ERR_LIMIT},         {16, 8, UINT64_MAX, BC_ERR_LIMIT},
        {24, 8, 8191, BC_ERR_LIMIT},       {24, 8, 8193, BC_ERR_LIMIT},
        {24, 8, 9216, BC_ERR_DAMAGED},     {24, 8, (UINT64_C(1) << 30) + 1, BC_ERR_LIMIT},
        {24, 8, UINT64_MAX, BC_ERR_LIMIT},
    };
    for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row++) {
        uint8_t file[KEYSTORE_BYTES];
        seal(file);
        put_integer(file + rows[row].at, rows[row].value, rows[row].bytes);
        assert_int_equal(open_with(file, sizeof file, passphrase), rows[row].status);
    }
}

static void bounds_what_it_seals_with(void **state)
{
    (void)state;
    static const keystore_cost costs[] = {{0, 8192}, {17, 8192}, {1, 8191},
                                          {1, 8193}, {1, 7168},  {1, (UINT64_C(1) << 30) + 1}};
    static char long_text[KEYSTORE_PASSPHRASE_BYTES_MAX + 2];
    uint8_t file[KEYSTORE_BYTES], seed[32] = {0};
    bc_error error = {0};
    memset(long_text, 'x', sizeof long_text - 1);
    for (size_t row = 0; row < sizeof costs / sizeof costs[0]; row++) {
        assert_int_equal(
            keystore_seal(file, seed, passphrase, PASSPHRASE_BYTES, costs[row], &error),
            BC_ERR_LIMIT);
    }
    assert_int_equal(keystore_seal(file, seed, "", 0, cheap, &error), BC_ERR_LIMIT);
    assert_int_equal(keystore_seal(file, seed, long_text, sizeof long_text - 1, cheap, &error),
                     BC_ERR_LIMIT);
    assert_int_equal(keystore_seal(file, seed, long_text, sizeof long_text - 2, cheap, &error),
                     BC_OK);
    assert_int_equal(open_with(file, sizeof file, ""), BC_ERR_LIMIT);
    assert_int_equal(open_with(file, sizeof file, long_text), BC_ERR_LIMIT);
}

/* ---- On disk -------------------------------------------------------------------------------- */

static void keeps_a_file_for_its_owner(void **state)
{
    char *path = test_folder_file(*state, "key");
    uint8_t file[KEYSTORE_BYTES], other[KEYSTORE_BYTES], seed[32], expected[32];
    bc_error error = {0};
    struct stat about;
    seal(file);
    seal(other);
    fill_seed(expected);
    assert_int_equal(keystore_file_write(path, file, &error), BC_OK);
    assert_int_equal(stat(path, &about), 0);
    assert_int_equal(about.st_mode & 0777, 0600);
    assert_int_equal(about.st_size, KEYSTORE_BYTES);
    assert_int_equal(keystore_file_write(path, other, &error), BC_ERR_ARGUMENT);
    assert_non_null(strstr(error.message, "will not be overwritten"));
    assert_int_equal(keystore_file_open(seed, path, passphrase, PASSPHRASE_BYTES, &error), BC_OK);
    assert_memory_equal(seed, expected, sizeof seed);
    free(path);
}

static void says_what_is_wrong_with_a_file(void **state)
{
    static const uint8_t zero[32];
    char *path = test_folder_file(*state, "key");
    char *nowhere = test_folder_file(*state, "none/key");
    uint8_t file[KEYSTORE_BYTES] = {0}, seed[32];
    bc_error error = {0};
    assert_int_equal(keystore_file_open(seed, path, passphrase, PASSPHRASE_BYTES, &error),
                     BC_ERR_NOT_FOUND);
    assert_int_equal(keystore_file_write(nowhere, file, &error), BC_ERR_STORE);
    assert_int_equal(keystore_file_write(path, file, &error), BC_OK);
    memset(seed, 1, sizeof seed);
    assert_int_equal(keystore_file_open(seed, path, passphrase, PASSPHRASE_BYTES, &error),
                     BC_ERR_FORMAT);
    assert_memory_equal(seed, zero, sizeof seed);

    FILE *stream = fopen(path, "ab");
    assert_non_null(stream);
    for (int i = 0; i < FILE_BYTES_MAX; i++) {
        assert_int_equal(fputc(0, stream), 0);
    }
    assert_int_equal(fclose(stream), 0);
    assert_int_equal(keystore_file_open(seed, path, passphrase, PASSPHRASE_BYTES, &error),
                     BC_ERR_FORMAT);
    free(nowhere);
    free(path);
}

/* Whatever fails while a file is written, nothing is left of it, and it can be written later. */
static void leaves_nothing_of_a_file_that_failed(void **state)
{
    static const struct {
        int allocations, opens, writes, syncs, closes, because;
    } rows[] = {
        {.writes = 1, .because = ENOSPC}, {.writes = 2, .because = ENOSPC},
        {.syncs = 1, .because = EIO},     {.syncs = 2, .because = EIO},
        {.closes = 1, .because = EDQUOT}, {.allocations = 1, .because = ENOMEM},
        {.opens = 1, .because = EMFILE},  {.opens = 2, .because = EMFILE},
    };
    char *path = test_folder_file(*state, "key");
    uint8_t file[KEYSTORE_BYTES];
    bc_error error = {0};
    struct stat about;
    seal(file);
    for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row++) {
        failing.allocations = rows[row].allocations;
        failing.opens = rows[row].opens;
        failing.writes = rows[row].writes;
        failing.syncs = rows[row].syncs;
        failing.closes = rows[row].closes;
        assert_int_equal(keystore_file_write(path, file, &error), BC_ERR_STORE);
        assert_int_equal(failing.allocations + failing.opens, 0);
        assert_int_equal(failing.writes + failing.syncs + failing.closes, 0);
        assert_non_null(strstr(error.message, strerror(rows[row].because)));
        assert_int_not_equal(stat(path, &about), 0);
    }
    assert_int_equal(keystore_file_write(path, file, &error), BC_OK);
    free(path);
}

static void says_that_libsodium_did_not_start(void **state)
{
    (void)state;
    uint8_t file[KEYSTORE_BYTES], seed[32] = {0};
    bc_error error = {0};
    failing.starts = 1;
    assert_int_equal(keystore_seal(file, seed, passphrase, PASSPHRASE_BYTES, cheap, &error),
                     BC_ERR_UNSUPPORTED);
}

static void says_that_memory_is_short(void **state)
{
    (void)state;
    uint8_t file[KEYSTORE_BYTES], seed[32] = {0};
    bc_error error = {0};
    failing.derivations = 1;
    assert_int_equal(keystore_seal(file, seed, passphrase, PASSPHRASE_BYTES, cheap, &error),
                     BC_ERR_MEMORY);
    seal(file);
    failing.derivations = 1;
    assert_int_equal(open_with(file, sizeof file, passphrase), BC_ERR_MEMORY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(opens_a_file_made_by_another),
        cmocka_unit_test(opens_what_it_sealed),
        cmocka_unit_test(seals_at_the_usual_cost),
        cmocka_unit_test(refuses_each_flipped_bit),
        cmocka_unit_test(refuses_each_length_but_one),
        cmocka_unit_test(says_what_is_wrong_with_the_head),
        cmocka_unit_test(bounds_what_it_seals_with),
        cmocka_unit_test_setup_teardown(keeps_a_file_for_its_owner, test_folder_make,
                                        test_folder_remove),
        cmocka_unit_test_setup_teardown(says_what_is_wrong_with_a_file, test_folder_make,
                                        test_folder_remove),
        cmocka_unit_test_setup_teardown(leaves_nothing_of_a_file_that_failed, test_folder_make,
                                        test_folder_remove),
        cmocka_unit_test(says_that_libsodium_did_not_start),
        cmocka_unit_test(says_that_memory_is_short),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
