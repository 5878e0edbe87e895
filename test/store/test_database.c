#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "src/store/database.h"
#include "test/support/counting_heap.h"
#include "test/support/random.h"
#include "test/support/test_store.h"

enum { KEYS = 12 };

typedef struct bench {
    counting_heap counter;
    bc__heap heap;
    test_store store;
    bc__database database;
} bench;

static void setup(bench *with)
{
    memset(with, 0, sizeof *with);
    with->counter = (counting_heap)COUNTING_HEAP_ENDLESS;
    with->heap = counting_heap_internal(&with->counter);
    test_store_init(&with->store);
    bc__database_init(&with->database, &with->store.outer, &with->heap);
}

static void teardown(bench *with)
{
    bc__database_close(&with->database);
    assert_int_equal(with->store.closes, 1);
    assert_int_equal(with->counter.held, 0);
    test_store_free(&with->store);
}

/* What the database must hold: -1 for nothing. */
typedef struct values {
    int of[KEYS];
} values;

static bc__key key_of(size_t number)
{
    return bc__key_of_number('x', number);
}

static void assert_values(bench *with, const values *expected)
{
    for (size_t at = 0; at < KEYS; at++) {
        bc__bytes bytes;
        bc__key key = key_of(at);
        bc__bytes_init(&bytes, &with->heap, SIZE_MAX);
        assert_int_equal(bc__bytes_append(&bytes, "left", 4), BC__OK);
        bc_status status = bc__database_get(&with->database, &key, &bytes, NULL);
        assert_int_equal(status, expected->of[at] < 0 ? BC_ERR_NOT_FOUND : BC_OK);
        assert_memory_equal(bytes.data, "left", 4); /* appended to what is there */
        assert_int_equal(bytes.length, expected->of[at] < 0 ? 4 : 4 + sizeof(int));
        if (expected->of[at] >= 0) {
            assert_memory_equal(bytes.data + 4, &expected->of[at], sizeof(int));
        }
        bc__bytes_free(&bytes);
    }
}

static void change(bench *with, test_random *random, values *now)
{
    size_t number = test_random_below(random, KEYS);
    bc__key key = key_of(number);
    if (test_random_below(random, 3) == 0) {
        assert_int_equal(bc__database_remove(&with->database, &key, NULL), BC_OK);
        now->of[number] = -1;
    } else {
        now->of[number] = (int)test_random_below(random, 1000);
        assert_int_equal(
            bc__database_put(&with->database, &key, &now->of[number], sizeof(int), NULL), BC_OK);
    }
}

/* Writes, marks, rollbacks, commits that hold and that do not, against arrays. */
static void reads_see_what_is_pending_and_rollbacks_undo_it(void **state)
{
    (void)state;
    test_random random = test_random_begin();
    bench with;
    values now;
    values committed;
    setup(&with);
    memset(&now, 0xff, sizeof now);
    committed = now;
    size_t rounds = test_random_repeats(500);
    for (size_t round = 0; round < rounds; round++) {
        for (size_t at = test_random_below(&random, 5); at > 0; at--) {
            change(&with, &random, &now);
        }
        values marked = now;
        uint32_t mark = bc__database_mark(&with.database);
        for (size_t at = test_random_below(&random, 5); at > 0; at--) {
            change(&with, &random, &now);
        }
        size_t choice = test_random_below(&random, 4);
        if (choice == 0) {
            bc__database_rollback(&with.database, mark);
            now = marked;
        } else if (choice == 1) {
            bc__database_rollback(&with.database, 0);
            now = committed;
        } else if (choice == 2) {
            test_store_plan(&with.store, TEST_STORE_COMMIT, 1, true, BC_ERR_STORE, false);
            bool any = with.database.pending_count > 0;
            assert_int_equal(bc__database_commit(&with.database, NULL), any ? BC_ERR_STORE : BC_OK);
            test_store_calm(&with.store);
        } else {
            assert_int_equal(bc__database_commit(&with.database, NULL), BC_OK);
            committed = now;
            assert_int_equal(with.database.pending_count, 0);
            assert_int_equal(with.database.pending_bytes, 0);
        }
        assert_values(&with, &now);
    }
    teardown(&with);
}

static void once_a_commit(void *context, const bc_write *writes, size_t count)
{
    size_t *counted = context;
    for (size_t at = 0; at < count; at++) {
        for (size_t other = 0; other < at; other++) {
            assert_false(writes[at].key_length == writes[other].key_length &&
                         memcmp(writes[at].key, writes[other].key, writes[at].key_length) == 0);
        }
        assert_int_equal(writes[at].zero, 0);
        assert_int_equal(writes[at].op == BC_WRITE_REMOVE, writes[at].value == NULL);
    }
    *counted = count;
}

static void a_key_occurs_once_in_a_commit(void **state)
{
    (void)state;
    bench with;
    size_t counted = 0;
    setup(&with);
    with.store.before_commit = once_a_commit;
    with.store.before_context = &counted;
    bc__key first = key_of(1);
    bc__key second = key_of(2);
    for (int round = 0; round < 5; round++) {
        assert_int_equal(bc__database_put(&with.database, &first, &round, sizeof round, NULL),
                         BC_OK);
        assert_int_equal(bc__database_remove(&with.database, &second, NULL), BC_OK);
    }
    assert_int_equal(bc__database_commit(&with.database, NULL), BC_OK);
    assert_int_equal(counted, 2);
    assert_int_equal(with.store.calls[TEST_STORE_COMMIT], 1);
    assert_int_equal(bc__database_commit(&with.database, NULL), BC_OK); /* nothing to do */
    assert_int_equal(with.store.calls[TEST_STORE_COMMIT], 1);
    teardown(&with);
}

static void an_unknown_outcome_poisons(void **state)
{
    (void)state;
    bench with;
    bc_error error = {0};
    setup(&with);
    bc__key key = key_of(1);
    assert_int_equal(bc__database_put(&with.database, &key, "v", 1, NULL), BC_OK);
    test_store_plan(&with.store, TEST_STORE_COMMIT, 1, false, BC_ERR_HOST - 3, false);
    assert_int_equal(bc__database_commit(&with.database, &error), BC_ERR_STORE_UNKNOWN);
    assert_int_equal(error.code, BC_ERR_STORE_UNKNOWN);
    assert_int_equal(error.host_code, BC_ERR_HOST - 3);
    assert_true(with.database.poisoned);
    assert_int_equal(bc__database_commit(&with.database, &error), BC_ERR_POISONED);
    assert_int_equal(with.store.calls[TEST_STORE_COMMIT], 1);
    teardown(&with);
}

static void want_of_memory_changes_nothing(void **state)
{
    (void)state;
    for (size_t left = 0; left < 8; left++) {
        bench with;
        values now;
        test_random random = {left};
        setup(&with);
        memset(&now, 0xff, sizeof now);
        for (size_t at = 0; at < 5; at++) {
            change(&with, &random, &now);
        }
        with.counter.left = left;
        size_t done = 0;
        for (; done < 40; done++) {
            bc__key key = key_of(3);
            int value = (int)done;
            if (bc__database_put(&with.database, &key, &value, sizeof value, NULL) != BC_OK) {
                break;
            }
            now.of[3] = value;
        }
        assert_true(done < 40);
        with.counter.left = 0;
        assert_int_equal(bc__database_commit(&with.database, NULL), BC_ERR_MEMORY);
        with.counter.left = SIZE_MAX;
        assert_values(&with, &now);
        assert_int_equal(bc__database_commit(&with.database, NULL), BC_OK);
        assert_values(&with, &now);
        teardown(&with);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_see_what_is_pending_and_rollbacks_undo_it),
        cmocka_unit_test(a_key_occurs_once_in_a_commit),
        cmocka_unit_test(an_unknown_outcome_poisons),
        cmocka_unit_test(want_of_memory_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
