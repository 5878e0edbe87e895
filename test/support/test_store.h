/* A store for tests: a map in memory that outlives the chains that use it, and fails when it is told
 * to. */
#ifndef BC_TEST_SUPPORT_TEST_STORE_H
#define BC_TEST_SUPPORT_TEST_STORE_H

#include <stdbool.h>

#include <bc/bc.h>

enum { TEST_STORE_GET, TEST_STORE_SCAN, TEST_STORE_COMMIT, TEST_STORE_KINDS };

typedef struct test_store {
    bc_store inner;
    bc_store outer; /* to be given to a chain */
    size_t calls[TEST_STORE_KINDS];
    size_t closes;

    /* The plan: call number fail_at (from 1; 0: none) of kind fail_kind returns fail_with; a commit
     * that is `applied` is carried out all the same. With `fail_on` all calls of the kind behind it
     * fail too. */
    int fail_kind;
    size_t fail_at;
    bool fail_on;
    bool applied;
    bc_status fail_with;

    /* May be NULL; called at the beginning of each commit. */
    void (*before_commit)(void *context, const bc_write *writes, size_t count);
    void *before_context;
} test_store;

void test_store_init(test_store *store);
void test_store_free(test_store *store);

/* Plans a failure, counting calls from now. */
void test_store_plan(test_store *store, int kind, size_t at, bool on, bc_status with, bool applied);
void test_store_calm(test_store *store); /* takes the plan back */

/* Reads and writes beside the library, bytes as they lie. */
size_t test_store_count(test_store *store, uint8_t kind); /* of keys that begin with that letter */
void test_store_put(test_store *store, const uint8_t *key, size_t key_length, const uint8_t *value,
                    size_t value_length);
void test_store_remove(test_store *store, const uint8_t *key, size_t key_length);

/* The entry number `at`, in order of the keys; false past the end. To be freed: *value. */
bool test_store_entry(test_store *store, size_t at, uint8_t key[BC_KEY_BYTES_MAX],
                      size_t *key_length, uint8_t **value, size_t *value_length);

/* Makes `to`, which is initialised, hold what `from` holds. */
void test_store_copy(test_store *to, test_store *from);
bool test_store_equal(test_store *left, test_store *right);

#endif
