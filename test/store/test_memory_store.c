#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <bc/bc.h>

#include "src/store/sink.h"
#include "test/support/counting_heap.h"

typedef struct test_store {
    counting_heap counter;
    bc__heap heap;
    bc_store store;
} test_store;

static void open_store(test_store *fixture)
{
    bc_store store = BC_STORE_INIT;
    fixture->counter = (counting_heap)COUNTING_HEAP_ENDLESS;
    fixture->heap = counting_heap_internal(&fixture->counter);
    fixture->store = store;
    bc_allocator allocator = counting_heap_public(&fixture->counter);
    assert_int_equal(bc_store_memory(&fixture->store, &allocator, NULL), BC_OK);
}

static void close_store(test_store *fixture)
{
    fixture->counter.left = SIZE_MAX;
    fixture->store.close(fixture->store.context);
    assert_int_equal(fixture->counter.held, 0);
}

static bc_write put(const char *key, const char *value)
{
    return (bc_write){.key = (const uint8_t *)key,
                      .key_length = strlen(key),
                      .value = (const uint8_t *)value,
                      .value_length = strlen(value),
                      .op = BC_WRITE_PUT};
}

static bc_write removal(const char *key)
{
    return (bc_write){
        .key = (const uint8_t *)key, .key_length = strlen(key), .op = BC_WRITE_REMOVE};
}

static bc_status commit(test_store *fixture, const bc_write *writes, size_t count)
{
    return fixture->store.commit(fixture->store.context, writes, count, NULL);
}

static bc_status get(test_store *fixture, const char *key, bc__bytes *out, bc_error *error)
{
    bc_sink sink;
    bc__sink_init(&sink, out);
    return fixture->store.get(fixture->store.context, (const uint8_t *)key, strlen(key), &sink,
                              error);
}

/* `value` NULL: the key is not there. */
static void assert_value(test_store *fixture, const char *key, const char *value)
{
    bc__bytes bytes;
    bc__bytes_init(&bytes, &fixture->heap, SIZE_MAX);
    bc_status status = get(fixture, key, &bytes, NULL);
    assert_int_equal(status, value == NULL ? BC_ERR_NOT_FOUND : BC_OK);
    if (value != NULL) {
        assert_int_equal(bytes.length, strlen(value));
        if (bytes.length > 0) {
            assert_memory_equal(bytes.data, value, bytes.length);
        }
    }
    bc__bytes_free(&bytes);
}

/* The keys and values that a scan visits, as text. */
typedef struct visits {
    char text[256];
    size_t stop_after; /* visits, 0: never */
    size_t count;
} visits;

static bc_status visit(void *context, const uint8_t *key, size_t key_length, const uint8_t *value,
                       size_t value_length)
{
    visits *seen = context;
    strncat(seen->text, (const char *)key, key_length);
    strcat(seen->text, "=");
    strncat(seen->text, (const char *)value, value_length);
    strcat(seen->text, " ");
    seen->count++;
    return seen->count == seen->stop_after ? -4711 : BC_OK;
}

static void assert_scan(test_store *fixture, const char *prefix, const char *after,
                        const char *expected)
{
    visits seen = {.count = 0};
    size_t prefix_length = prefix == NULL ? 0 : strlen(prefix);
    size_t after_length = after == NULL ? 0 : strlen(after);
    assert_int_equal(fixture->store.scan(fixture->store.context, (const uint8_t *)prefix,
                                         prefix_length, (const uint8_t *)after, after_length, visit,
                                         &seen, NULL),
                     BC_OK);
    assert_string_equal(seen.text, expected);
}

static void keeps_what_is_committed(void **state)
{
    (void)state;
    test_store fixture;
    open_store(&fixture);
    assert_value(&fixture, "a", NULL);
    const bc_write first[] = {put("b", "two"), put("a", "one"), put("empty", ""), removal("c")};
    assert_int_equal(commit(&fixture, first, 4), BC_OK);
    assert_value(&fixture, "a", "one");
    assert_value(&fixture, "b", "two");
    assert_value(&fixture, "empty", "");
    const bc_write second[] = {removal("a"), put("b", "2"), removal("never")};
    assert_int_equal(commit(&fixture, second, 3), BC_OK);
    assert_value(&fixture, "a", NULL);
    assert_value(&fixture, "b", "2");
    assert_int_equal(commit(&fixture, NULL, 0), BC_OK);
    assert_scan(&fixture, "", NULL, "b=2 empty= ");
    close_store(&fixture);
}

static void scans_by_prefix_and_after(void **state)
{
    (void)state;
    test_store fixture;
    open_store(&fixture);
    const bc_write writes[] = {put("ab", "3"), put("a", "1"),   put("b", "6"),
                               put("aa", "2"), put("abc", "4"), put("ac", "5")};
    assert_int_equal(commit(&fixture, writes, 6), BC_OK);
    assert_scan(&fixture, NULL, NULL, "a=1 aa=2 ab=3 abc=4 ac=5 b=6 ");
    assert_scan(&fixture, "", "", "a=1 aa=2 ab=3 abc=4 ac=5 b=6 ");
    assert_scan(&fixture, "a", NULL, "a=1 aa=2 ab=3 abc=4 ac=5 ");
    assert_scan(&fixture, "a", "a", "aa=2 ab=3 abc=4 ac=5 ");
    assert_scan(&fixture, "ab", NULL, "ab=3 abc=4 ");
    assert_scan(&fixture, "ab", "aa", "ab=3 abc=4 ");
    assert_scan(&fixture, "ab", "ab", "abc=4 ");
    assert_scan(&fixture, "ab", "abb", "abc=4 ");
    assert_scan(&fixture, "ab", "abc", "");
    assert_scan(&fixture, "ab", "b", "");
    assert_scan(&fixture, "", "ac", "b=6 ");
    assert_scan(&fixture, "c", NULL, "");
    assert_scan(&fixture, "abcd", NULL, "");
    close_store(&fixture);
}

static void orders_keys_as_unsigned_bytes(void **state)
{
    (void)state;
    test_store fixture;
    open_store(&fixture);
    const bc_write writes[] = {put("\x80", "2"), put("\x7f", "1"), put("\xff", "3")};
    assert_int_equal(commit(&fixture, writes, 3), BC_OK);
    assert_scan(&fixture, "", NULL, "\x7f=1 \x80=2 \xff=3 ");
    assert_scan(&fixture, "\xff", NULL, "\xff=3 ");
    assert_scan(&fixture, "", "\x80", "\xff=3 ");
    close_store(&fixture);
}

static void gives_back_what_the_visitor_returns(void **state)
{
    (void)state;
    test_store fixture;
    open_store(&fixture);
    const bc_write writes[] = {put("a", "1"), put("b", "2"), put("c", "3")};
    visits seen = {.stop_after = 2};
    assert_int_equal(commit(&fixture, writes, 3), BC_OK);
    assert_int_equal(
        fixture.store.scan(fixture.store.context, NULL, 0, NULL, 0, visit, &seen, NULL), -4711);
    assert_string_equal(seen.text, "a=1 b=2 ");
    close_store(&fixture);
}

static void takes_keys_of_1_to_64_bytes(void **state)
{
    (void)state;
    test_store fixture;
    char key[BC_KEY_BYTES_MAX + 2];
    bc_error error = {0};
    memset(key, 'k', sizeof key);
    key[BC_KEY_BYTES_MAX] = '\0';
    open_store(&fixture);
    bc_write writes[] = {put("before", "1"), put(key, "2")};
    assert_int_equal(commit(&fixture, writes, 2), BC_OK);
    assert_value(&fixture, key, "2");

    key[BC_KEY_BYTES_MAX] = 'k';
    writes[0] = put("before", "changed");
    writes[1].key_length = BC_KEY_BYTES_MAX + 1;
    assert_int_equal(fixture.store.commit(fixture.store.context, writes, 2, &error), BC_ERR_STORE);
    assert_string_equal(error.message, "write 1: a key has 1 to 64 bytes, not 65");
    writes[1].key_length = 0;
    assert_int_equal(commit(&fixture, writes, 2), BC_ERR_STORE);
    writes[1].key_length = 1;
    writes[1].key = NULL;
    assert_int_equal(commit(&fixture, writes, 2), BC_ERR_STORE);
    assert_value(&fixture, "before", "1");
    close_store(&fixture);
}

static void refuses_a_commit_that_breaks_the_contract(void **state)
{
    (void)state;
    test_store fixture;
    bc_error error = {0};
    open_store(&fixture);
    bc_write writes[] = {put("a", "1"), put("b", "2"), put("a", "3")};
    assert_int_equal(fixture.store.commit(fixture.store.context, writes, 3, &error), BC_ERR_STORE);
    assert_int_equal(error.code, BC_ERR_STORE);
    assert_string_equal(error.message, "write 2: its key occurs twice in one commit");
    writes[2] = removal("b");
    assert_int_equal(commit(&fixture, writes, 3), BC_ERR_STORE);
    writes[2] = put("c", "3");
    writes[2].op = 3;
    assert_int_equal(commit(&fixture, writes, 3), BC_ERR_STORE);
    writes[2] = put("c", "3");
    writes[2].value = NULL;
    assert_int_equal(commit(&fixture, writes, 3), BC_ERR_STORE);
    assert_scan(&fixture, "", NULL, "");
    writes[2].value_length = 0;
    assert_int_equal(commit(&fixture, writes, 3), BC_OK);
    assert_scan(&fixture, "", NULL, "a=1 b=2 c= ");
    close_store(&fixture);
}

/* Wherever memory runs out in a commit, nothing of it is applied. */
static void commits_all_or_none(void **state)
{
    (void)state;
    test_store fixture;
    open_store(&fixture);
    const bc_write before[] = {put("a", "old"), put("b", "old")};
    const bc_write writes[] = {put("a", "new"), removal("b"), put("c", "new"), put("d", "new")};
    assert_int_equal(commit(&fixture, before, 2), BC_OK);
    size_t held = fixture.counter.held;
    size_t failures = 0;
    for (size_t left = 0;; left++) {
        bc_error error = {0};
        fixture.counter.left = left;
        bc_status status = fixture.store.commit(fixture.store.context, writes, 4, &error);
        fixture.counter.left = SIZE_MAX;
        if (status == BC_OK) {
            break;
        }
        failures++;
        assert_int_equal(status, BC_ERR_STORE);
        assert_int_equal(error.code, BC_ERR_STORE);
        assert_int_equal(fixture.counter.held, held);
        assert_scan(&fixture, "", NULL, "a=old b=old ");
    }
    assert_true(failures > 0);
    assert_scan(&fixture, "", NULL, "a=new c=new d=new ");
    close_store(&fixture);
}

/* More entries than a fresh store has room for, so that a commit has to make room as well. */
enum { MANY = 3000, KEY_TEXT = 8 };

typedef struct many {
    char keys[MANY][KEY_TEXT];
    bc_write writes[MANY];
} many;

static many *make_many(void)
{
    many *made = malloc(sizeof *made);
    assert_non_null(made);
    for (size_t i = 0; i < MANY; i++) {
        (void)snprintf(made->keys[i], KEY_TEXT, "k%04zu", i);
        made->writes[i] = put(made->keys[i], made->keys[i]);
    }
    return made;
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

static size_t count_entries(test_store *fixture)
{
    size_t count = 0;
    assert_int_equal(
        fixture->store.scan(fixture->store.context, NULL, 0, NULL, 0, count_one, &count, NULL),
        BC_OK);
    return count;
}

/* Also the first commit of all, and one that finds the table full. */
static void commits_all_or_none_while_it_grows(void **state)
{
    (void)state;
    enum { FIRST = 20, SECOND = 60 };
    many *with = make_many();
    test_store fixture;
    open_store(&fixture);
    for (size_t done = 0; done < FIRST + SECOND; done += done == 0 ? FIRST : SECOND) {
        size_t count = done == 0 ? FIRST : SECOND;
        size_t left = 0;
        for (;; left++) {
            fixture.counter.left = left;
            bc_status status = commit(&fixture, &with->writes[done], count);
            fixture.counter.left = SIZE_MAX;
            if (status == BC_OK) {
                break;
            }
            assert_int_equal(status, BC_ERR_STORE);
            assert_int_equal(count_entries(&fixture), done);
        }
        assert_true(left > count); /* each entry is a request, and room another */
        assert_int_equal(count_entries(&fixture), done + count);
    }
    close_store(&fixture);
    free(with);
}

static void keeps_the_others_when_some_go(void **state)
{
    (void)state;
    many *with = make_many();
    test_store fixture;
    open_store(&fixture);
    assert_int_equal(commit(&fixture, with->writes, MANY), BC_OK);
    assert_int_equal(count_entries(&fixture), MANY);
    size_t left = MANY;
    for (size_t i = 0; i < MANY; i++) {
        if (i % 3 == 0) {
            with->writes[i] = removal(with->keys[i]);
            left--;
        } else {
            with->writes[i] = put(with->keys[i], i % 5 == 0 ? "again" : "");
        }
    }
    assert_int_equal(commit(&fixture, with->writes, MANY), BC_OK);
    assert_int_equal(count_entries(&fixture), left);
    for (size_t i = 0; i < MANY; i++) {
        assert_value(&fixture, with->keys[i], i % 3 == 0 ? NULL : i % 5 == 0 ? "again" : "");
    }
    assert_scan(&fixture, "k299", NULL,
                "k2990=again k2992= k2993= k2995=again k2996= k2998= k2999= ");
    close_store(&fixture);
    free(with);
}

static void says_when_a_scan_has_no_memory(void **state)
{
    (void)state;
    test_store fixture;
    bc_error error = {0};
    visits seen = {.count = 0};
    open_store(&fixture);
    fixture.counter.left = 0;
    assert_scan(&fixture, "", NULL, ""); /* nothing to sort */
    fixture.counter.left = SIZE_MAX;
    const bc_write writes[] = {put("b", "2"), put("a", "1")};
    assert_int_equal(commit(&fixture, writes, 2), BC_OK);
    size_t held = fixture.counter.held;
    fixture.counter.left = 0;
    assert_int_equal(
        fixture.store.scan(fixture.store.context, NULL, 0, NULL, 0, visit, &seen, &error),
        BC_ERR_MEMORY);
    assert_int_equal(error.code, BC_ERR_MEMORY);
    assert_int_equal(seen.count, 0);
    fixture.counter.left = SIZE_MAX;
    assert_int_equal(fixture.counter.held, held);
    assert_scan(&fixture, "", NULL, "a=1 b=2 ");
    assert_int_equal(fixture.counter.held, held);
    close_store(&fixture);
}

static void passes_on_what_the_sink_returns(void **state)
{
    (void)state;
    test_store fixture;
    bc_error error = {0};
    bc__bytes bytes;
    open_store(&fixture);
    const bc_write write = put("key", "value");
    assert_int_equal(commit(&fixture, &write, 1), BC_OK);

    bc__bytes_init(&bytes, &fixture.heap, 4);
    assert_int_equal(get(&fixture, "key", &bytes, &error), BC_ERR_LIMIT);
    assert_int_equal(error.code, BC_ERR_LIMIT);
    bc__bytes_free(&bytes);

    bc__bytes_init(&bytes, &fixture.heap, 5);
    fixture.counter.left = 0;
    assert_int_equal(get(&fixture, "key", &bytes, &error), BC_ERR_MEMORY);
    fixture.counter.left = SIZE_MAX;
    assert_int_equal(get(&fixture, "key", &bytes, &error), BC_OK);
    assert_memory_equal(bytes.data, "value", 5);
    bc__bytes_free(&bytes);

    assert_int_equal(get(&fixture, "other", &bytes, &error), BC_ERR_NOT_FOUND);
    assert_int_equal(error.code, BC_ERR_NOT_FOUND);
    close_store(&fixture);
}

static void opens_only_what_it_can(void **state)
{
    (void)state;
    counting_heap counter = {.left = 0};
    bc_allocator allocator = counting_heap_public(&counter);
    bc_error error = {0};
    bc_store store = BC_STORE_INIT;
    assert_int_equal(bc_store_memory(NULL, NULL, &error), BC_ERR_ARGUMENT);
    assert_string_equal(error.message, "store is NULL");
    assert_int_equal(bc_store_memory(&store, &allocator, &error), BC_ERR_MEMORY);
    assert_int_equal(error.code, BC_ERR_MEMORY);
    counter.left = SIZE_MAX;
    store.struct_size--;
    assert_int_equal(bc_store_memory(&store, &allocator, &error), BC_ERR_ARGUMENT);
    store.struct_size = UINT32_MAX;
    assert_int_equal(bc_store_memory(&store, &allocator, &error), BC_ERR_ARGUMENT);
    assert_int_equal(counter.held, 0);
    bc_store_init(&store);
    allocator.release = NULL;
    assert_int_equal(bc_store_memory(&store, &allocator, &error), BC_ERR_ARGUMENT);
    assert_null(store.context);
    assert_null(store.get);
}

static void uses_malloc_without_an_allocator(void **state)
{
    (void)state;
    bc_store store = BC_STORE_INIT;
    assert_int_equal(bc_store_memory(&store, NULL, NULL), BC_OK);
    const bc_write write = put("key", "value");
    assert_int_equal(store.commit(store.context, &write, 1, NULL), BC_OK);
    store.close(store.context);
}

/* A program that is newer than the library has a longer struct. */
static void clears_members_that_it_does_not_know(void **state)
{
    (void)state;
    struct {
        bc_store store;
        uint64_t newer;
        uint64_t behind;
    } given;
    memset(&given, 0x5a, sizeof given);
    given.store.struct_size = (uint32_t)(sizeof given.store + sizeof given.newer);
    assert_int_equal(bc_store_memory(&given.store, NULL, NULL), BC_OK);
    assert_int_equal(given.store.struct_size, sizeof given.store + sizeof given.newer);
    assert_int_equal(given.store.flags, 0);
    assert_true(given.newer == 0);
    assert_true(given.behind == UINT64_C(0x5a5a5a5a5a5a5a5a));
    given.store.close(given.store.context);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_what_is_committed),
        cmocka_unit_test(scans_by_prefix_and_after),
        cmocka_unit_test(orders_keys_as_unsigned_bytes),
        cmocka_unit_test(gives_back_what_the_visitor_returns),
        cmocka_unit_test(takes_keys_of_1_to_64_bytes),
        cmocka_unit_test(refuses_a_commit_that_breaks_the_contract),
        cmocka_unit_test(commits_all_or_none),
        cmocka_unit_test(commits_all_or_none_while_it_grows),
        cmocka_unit_test(keeps_the_others_when_some_go),
        cmocka_unit_test(says_when_a_scan_has_no_memory),
        cmocka_unit_test(passes_on_what_the_sink_returns),
        cmocka_unit_test(opens_only_what_it_can),
        cmocka_unit_test(uses_malloc_without_an_allocator),
        cmocka_unit_test(clears_members_that_it_does_not_know),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
