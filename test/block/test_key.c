#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lib/hex.h"
#include "src/block/key.h"
#include "test/support/counting_heap.h"

/* RFC 8032, section 7.1, test 1. */
static const char seed_text[] = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
static const char public_text[] =
    "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
static const uint8_t message[32] = {1, 2, 3};

static void read_hex(uint8_t out[32], const char *text)
{
    assert_true(bc__hex_decode(out, text, 32));
}

static bool is_zero(const uint8_t *bytes, size_t length)
{
    for (size_t at = 0; at < length; at++) {
        if (bytes[at] != 0) {
            return false;
        }
    }
    return true;
}

static bool holds(const uint8_t *bytes, size_t length, const uint8_t part[32])
{
    for (size_t at = 0; at + 32 <= length; at++) {
        if (memcmp(bytes + at, part, 32) == 0) {
            return true;
        }
    }
    return false;
}

/* ---- A signer of the host's ----------------------------------------------------------------- */

typedef struct signer {
    uint8_t seed[32];
    bc_status status;  /* what it returns */
    int32_t host_code; /* what it puts into the error */
    const char *text;  /* the same */
    uint8_t spoils;    /* added to the first byte of S */
    uint8_t asked[32]; /* what it was asked to sign */
    int calls;
} signer;

static bc_status sign(void *context, uint8_t signature[64], const uint8_t asked[32],
                      bc_error *error)
{
    signer *own = context;
    own->calls++;
    memcpy(own->asked, asked, sizeof own->asked);
    bc__signature_sign(signature, own->seed, asked, 32);
    signature[32] = (uint8_t)(signature[32] + own->spoils);
    error->host_code = own->host_code;
    if (own->text != NULL) {
        strncpy(error->message, own->text, sizeof error->message - 1);
    }
    return own->status;
}

static bc_key *signer_key(signer *own)
{
    uint8_t public_key[32];
    bc_key *key = NULL;
    read_hex(own->seed, seed_text);
    read_hex(public_key, public_text);
    assert_int_equal(bc_key_from_signer(&key, public_key, sign, own, NULL, NULL), BC_OK);
    return key;
}

static void asks_the_signer(void **state)
{
    (void)state;
    signer own = {0};
    bc_key *key = signer_key(&own);
    uint8_t public_key[32];
    uint8_t signature[64];
    bc_key_public(key, public_key);
    assert_int_equal(own.calls, 0);
    assert_int_equal(bc__key_sign(key, signature, message, NULL), BC_OK);
    assert_int_equal(own.calls, 1);
    assert_memory_equal(own.asked, message, sizeof message);
    assert_true(bc__signature_verify(public_key, false, message, signature));
    bc_key_unref(key);
}

static void passes_on_what_the_signer_says(void **state)
{
    (void)state;
    static const struct {
        signer own;
        int32_t code, host_code;
        const char *message;
    } rows[] = {
        {{.status = BC_ERR_HOST - 5}, BC_ERR_HOST - 5, BC_ERR_HOST - 5, "BC_ERR_HOST"},
        {{.status = BC_ERR_NETWORK, .host_code = 7, .text = "no module"},
         BC_ERR_NETWORK,
         7,
         "no module"},
        {{.status = 3}, BC_ERR_HOST, 3, "unknown"},
        {{.spoils = 1}, BC_ERR_HOST, 0, "not the key's"},
    };
    for (size_t at = 0; at < sizeof rows / sizeof rows[0]; at++) {
        signer own = rows[at].own;
        bc_key *key = signer_key(&own);
        uint8_t signature[64] = {1};
        bc_error error = {0};
        assert_int_equal(bc__key_sign(key, signature, message, &error), rows[at].code);
        assert_int_equal(error.code, rows[at].code);
        assert_int_equal(error.host_code, rows[at].host_code);
        assert_non_null(strstr(error.message, rows[at].message));
        assert_true(is_zero(signature, sizeof signature));
        bc_key_unref(key);
    }
}

static void refuses_a_bad_public_key(void **state)
{
    (void)state;
    uint8_t public_key[32] = {1}; /* the neutral element */
    bc_key *key = (bc_key *)&key;
    bc_error error = {0};
    assert_int_equal(bc_key_from_signer(&key, public_key, sign, NULL, NULL, &error), BC_ERR_FORMAT);
    assert_int_equal(error.code, BC_ERR_FORMAT);
    assert_null(key);
}

/* ---- A seed --------------------------------------------------------------------------------- */

static void signs_with_a_seed(void **state)
{
    (void)state;
    uint8_t seed[32], expected[32], public_key[32], signature[64], again[64];
    bc_key *key = NULL;
    read_hex(seed, seed_text);
    read_hex(expected, public_text);
    assert_int_equal(bc_key_from_seed(&key, seed, NULL, NULL), BC_OK);
    bc_key_public(key, public_key);
    assert_memory_equal(public_key, expected, sizeof expected);
    assert_int_equal(bc__key_sign(key, signature, message, NULL), BC_OK);
    bc__signature_sign(again, seed, message, sizeof message);
    assert_memory_equal(signature, again, sizeof again);
    assert_true(bc__signature_verify(public_key, false, message, signature));
    bc_key_unref(key);
}

static void generates_keys(void **state)
{
    (void)state;
    uint8_t seed[32] = {0}, first[32], second[32], derived[32];
    bc_key *keys[2] = {NULL, NULL};
    assert_int_equal(bc_key_generate(&keys[0], seed, NULL, NULL), BC_OK);
    assert_int_equal(bc_key_generate(&keys[1], NULL, NULL, NULL), BC_OK);
    bc_key_public(keys[0], first);
    bc_key_public(keys[1], second);
    bc__public_key_of_seed(derived, seed);
    assert_memory_equal(first, derived, sizeof first);
    assert_memory_not_equal(first, second, sizeof first);
    bc_key_unref(keys[0]);
    bc_key_unref(keys[1]);
}

/* ---- Memory --------------------------------------------------------------------------------- */

/* An allocator that looks at what is given back. */
typedef struct watcher {
    counting_heap counter;
    size_t size;
    uint8_t secret[32];
    bool saw_secret;
    int releases;
} watcher;

static void *watched_allocate(void *context, size_t size)
{
    watcher *own = context;
    bc__heap heap = counting_heap_internal(&own->counter);
    own->size = size;
    return heap.allocate(heap.context, size);
}

static void *watched_reallocate(void *context, void *memory, size_t size)
{
    (void)context, (void)memory, (void)size;
    fail_msg("a key does not grow");
    return NULL;
}

static void watched_release(void *context, void *memory)
{
    watcher *own = context;
    bc__heap heap = counting_heap_internal(&own->counter);
    own->saw_secret = own->saw_secret || holds(memory, own->size, own->secret);
    own->releases++;
    heap.release(heap.context, memory);
}

static void wipes_the_secret_with_the_last_reference(void **state)
{
    (void)state;
    watcher own = {.counter = COUNTING_HEAP_ENDLESS};
    bc_allocator allocator = BC_ALLOCATOR_INIT;
    bc_key *key = NULL;
    allocator.context = &own;
    allocator.allocate = watched_allocate;
    allocator.reallocate = watched_reallocate;
    allocator.release = watched_release;
    read_hex(own.secret, seed_text);
    assert_int_equal(bc_key_from_seed(&key, own.secret, &allocator, NULL), BC_OK);
    assert_true(holds((const uint8_t *)key, own.size, own.secret));
    assert_ptr_equal(bc_key_ref(key), key);
    bc_key_unref(key);
    assert_int_equal(own.releases, 0);
    bc_key_unref(key);
    assert_int_equal(own.releases, 1);
    assert_false(own.saw_secret);
    assert_int_equal(own.counter.held, 0);
    bc_key_unref(NULL);
}

static void fails_without_memory(void **state)
{
    (void)state;
    counting_heap counter = {.left = 0};
    bc_allocator allocator = counting_heap_public(&counter);
    uint8_t seed[32], public_key[32], given[32] = {0};
    bc_key *key = (bc_key *)&key;
    read_hex(seed, seed_text);
    read_hex(public_key, public_text);
    assert_int_equal(bc_key_from_seed(&key, seed, &allocator, NULL), BC_ERR_MEMORY);
    assert_null(key);
    assert_int_equal(bc_key_generate(&key, given, &allocator, NULL), BC_ERR_MEMORY);
    assert_null(key);
    assert_true(is_zero(given, sizeof given));
    assert_int_equal(bc_key_from_signer(&key, public_key, sign, NULL, &allocator, NULL),
                     BC_ERR_MEMORY);
    assert_null(key);
    assert_int_equal(counter.held, 0);
}

static void refuses_bad_arguments(void **state)
{
    (void)state;
    bc_allocator incomplete = BC_ALLOCATOR_INIT;
    uint8_t seed[32], public_key[32];
    bc_key *key = NULL;
    bc_error error = {0};
    read_hex(seed, seed_text);
    read_hex(public_key, public_text);
    assert_int_equal(bc_key_from_seed(NULL, seed, NULL, &error), BC_ERR_ARGUMENT);
    assert_non_null(strstr(error.message, "out"));
    assert_int_equal(bc_key_from_seed(&key, NULL, NULL, &error), BC_ERR_ARGUMENT);
    assert_non_null(strstr(error.message, "seed"));
    assert_int_equal(bc_key_from_seed(&key, seed, &incomplete, NULL), BC_ERR_ARGUMENT);
    assert_int_equal(bc_key_generate(NULL, NULL, NULL, NULL), BC_ERR_ARGUMENT);
    assert_int_equal(bc_key_from_signer(NULL, public_key, sign, NULL, NULL, &error),
                     BC_ERR_ARGUMENT);
    assert_int_equal(bc_key_from_signer(&key, NULL, sign, NULL, NULL, &error), BC_ERR_ARGUMENT);
    assert_non_null(strstr(error.message, "public_key"));
    assert_int_equal(bc_key_from_signer(&key, public_key, NULL, NULL, NULL, &error),
                     BC_ERR_ARGUMENT);
    assert_non_null(strstr(error.message, "sign"));
    assert_null(key);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(asks_the_signer),
        cmocka_unit_test(passes_on_what_the_signer_says),
        cmocka_unit_test(refuses_a_bad_public_key),
        cmocka_unit_test(signs_with_a_seed),
        cmocka_unit_test(generates_keys),
        cmocka_unit_test(wipes_the_secret_with_the_last_reference),
        cmocka_unit_test(fails_without_memory),
        cmocka_unit_test(refuses_bad_arguments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
