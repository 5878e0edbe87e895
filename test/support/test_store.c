#include "test/support/test_store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Counts the call and says whether it is to fail. */
static bool fails(test_store *store, int kind)
{
    size_t number = ++store->calls[kind];
    return store->fail_at != 0 && store->fail_kind == kind &&
           (store->fail_on ? number >= store->fail_at : number == store->fail_at);
}

static bc_status get(void *context, const uint8_t *key, size_t key_length, bc_sink *value,
                     bc_error *error)
{
    test_store *store = context;
    if (fails(store, TEST_STORE_GET)) {
        return store->fail_with;
    }
    return store->inner.get(store->inner.context, key, key_length, value, error);
}

static bc_status scan(void *context, const uint8_t *prefix, size_t prefix_length,
                      const uint8_t *after, size_t after_length, bc_visit_fn visit,
                      void *visit_context, bc_error *error)
{
    test_store *store = context;
    if (fails(store, TEST_STORE_SCAN)) {
        return store->fail_with;
    }
    return store->inner.scan(store->inner.context, prefix, prefix_length, after, after_length,
                             visit, visit_context, error);
}

static bc_status commit(void *context, const bc_write *writes, size_t count, bc_error *error)
{
    test_store *store = context;
    if (store->before_commit != NULL) {
        store->before_commit(store->before_context, writes, count);
    }
    bool failing = fails(store, TEST_STORE_COMMIT);
    if (failing && !store->applied) {
        return store->fail_with;
    }
    bc_status status = store->inner.commit(store->inner.context, writes, count, error);
    assert_int_equal(status, BC_OK);
    return failing ? store->fail_with : status;
}

static void close_store(void *context)
{
    test_store *store = context;
    store->closes++;
}

void test_store_init(test_store *store)
{
    memset(store, 0, sizeof *store);
    store->inner = (bc_store)BC_STORE_INIT;
    assert_int_equal(bc_store_memory(&store->inner, NULL, NULL), BC_OK);
    store->outer = (bc_store)BC_STORE_INIT;
    store->outer.context = store;
    store->outer.get = get;
    store->outer.scan = scan;
    store->outer.commit = commit;
    store->outer.close = close_store;
}

void test_store_free(test_store *store)
{
    store->inner.close(store->inner.context);
}

void test_store_plan(test_store *store, int kind, size_t at, bool on, bc_status with, bool applied)
{
    memset(store->calls, 0, sizeof store->calls);
    store->fail_kind = kind;
    store->fail_at = at;
    store->fail_on = on;
    store->fail_with = with;
    store->applied = applied;
}

void test_store_calm(test_store *store)
{
    store->fail_at = 0;
}

static bc_status count_one(void *context, const uint8_t *key, size_t key_length,
                           const uint8_t *value, size_t value_length)
{
    size_t *count = context;
    (void)key;
    (void)key_length;
    (void)value;
    (void)value_length;
    ++*count;
    return BC_OK;
}

size_t test_store_count(test_store *store, uint8_t kind)
{
    size_t count = 0;
    assert_int_equal(
        store->inner.scan(store->inner.context, &kind, 1, NULL, 0, count_one, &count, NULL), BC_OK);
    return count;
}

static void commit_one(test_store *store, const bc_write *write)
{
    assert_int_equal(store->inner.commit(store->inner.context, write, 1, NULL), BC_OK);
}

void test_store_put(test_store *store, const uint8_t *key, size_t key_length, const uint8_t *value,
                    size_t value_length)
{
    const bc_write write = {key, key_length, value, value_length, BC_WRITE_PUT, 0};
    commit_one(store, &write);
}

void test_store_remove(test_store *store, const uint8_t *key, size_t key_length)
{
    const bc_write write = {key, key_length, NULL, 0, BC_WRITE_REMOVE, 0};
    commit_one(store, &write);
}

typedef struct finding {
    size_t left;
    uint8_t *key;
    size_t *key_length;
    uint8_t **value;
    size_t *value_length;
} finding;

enum { FOUND = 1 };

static bc_status find_one(void *context, const uint8_t *key, size_t key_length,
                          const uint8_t *value, size_t value_length)
{
    finding *with = context;
    if (with->left-- > 0) {
        return BC_OK;
    }
    memcpy(with->key, key, key_length);
    *with->key_length = key_length;
    *with->value = malloc(value_length + 1);
    assert_non_null(*with->value);
    if (value_length > 0) {
        memcpy(*with->value, value, value_length);
    }
    *with->value_length = value_length;
    return FOUND;
}

bool test_store_entry(test_store *store, size_t at, uint8_t key[BC_KEY_BYTES_MAX],
                      size_t *key_length, uint8_t **value, size_t *value_length)
{
    finding with = {at, key, key_length, value, value_length};
    return store->inner.scan(store->inner.context, NULL, 0, NULL, 0, find_one, &with, NULL) ==
           FOUND;
}

static bc_status copy_one(void *context, const uint8_t *key, size_t key_length,
                          const uint8_t *value, size_t value_length)
{
    test_store_put(context, key, key_length, value, value_length);
    return BC_OK;
}

void test_store_copy(test_store *to, test_store *from)
{
    to->inner.close(to->inner.context);
    to->inner = (bc_store)BC_STORE_INIT;
    assert_int_equal(bc_store_memory(&to->inner, NULL, NULL), BC_OK);
    assert_int_equal(from->inner.scan(from->inner.context, NULL, 0, NULL, 0, copy_one, to, NULL),
                     BC_OK);
}

bool test_store_equal(test_store *left, test_store *right)
{
    for (size_t at = 0;; at++) {
        uint8_t keys[2][BC_KEY_BYTES_MAX];
        size_t key_lengths[2];
        uint8_t *values[2];
        size_t lengths[2];
        bool first = test_store_entry(left, at, keys[0], &key_lengths[0], &values[0], &lengths[0]);
        bool second =
            test_store_entry(right, at, keys[1], &key_lengths[1], &values[1], &lengths[1]);
        bool same = first == second;
        if (first && second) {
            same = key_lengths[0] == key_lengths[1] && lengths[0] == lengths[1] &&
                   memcmp(keys[0], keys[1], key_lengths[0]) == 0 &&
                   memcmp(values[0], values[1], lengths[0]) == 0;
        }
        if (first) {
            free(values[0]);
        }
        if (second) {
            free(values[1]);
        }
        if (!same || !first) {
            return same;
        }
    }
}
