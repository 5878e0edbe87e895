#include "test/chain/accounts_fixture.h"

enum { ACCOUNTS = 400 };

/* A limit that so many accounts just keep. */
static uint64_t limit_of(uint64_t accounts)
{
    return accounts * BC__ACCOUNT_MEMORY;
}

/* One account as a switch of the tip would change it. */
static void change(accounts_bench *with, bc__account *model, size_t number, uint64_t balance,
                   uint64_t nonce)
{
    test_key key = key_of(number);
    bc__account account = {balance, nonce};
    assert_int_equal(bc__accounts_reserve(&with->accounts, 1), BC__OK);
    bc__accounts_set(&with->accounts, key.bytes, bc__accounts_hash(&with->accounts, key.bytes),
                     &account);
    bc__accounts_unreserve(&with->accounts);
    model[number] = account;
}

static bc_status flush(accounts_bench *with, uint64_t height, uint64_t commit_bytes)
{
    uint8_t id[BC_ID_BYTES];
    id_of(id, (size_t)height);
    return bc__accounts_flush(&with->accounts, height, id, commit_bytes, NULL);
}

static void assert_all(accounts_bench *with, const bc__account *model)
{
    for (size_t number = 0; number < ACCOUNTS; number++) {
        assert_account(with, number, model[number]);
    }
}

/* What `open` says where the tip is the block of height `tip`. */
static void assert_marker(accounts_bench *with, bool there, uint64_t expected, uint64_t tip)
{
    bool found = !there;
    uint64_t height = 99;
    uint8_t id[BC_ID_BYTES];
    uint8_t expected_id[BC_ID_BYTES] = {0};
    uint8_t tip_id[BC_ID_BYTES];
    id_of(tip_id, (size_t)tip);
    assert_int_equal(bc__accounts_open(&with->accounts, &found, &height, id, tip_id, NULL), BC_OK);
    assert_int_equal(found, there);
    assert_int_equal(height, there ? expected : 0);
    if (there) {
        id_of(expected_id, (size_t)expected);
    }
    assert_memory_equal(id, expected_id, BC_ID_BYTES);
    assert_int_equal(with->accounts.unsettled, !there || expected != tip);
}

static void what_is_not_there_is_zero_and_asked_for_once(void **state)
{
    (void)state;
    accounts_bench with;
    setup(&with, BC_NONE);
    for (int round = 0; round < 3; round++) {
        assert_account(&with, 1, (bc__account){0, 0});
        assert_account(&with, 2, (bc__account){0, 0});
    }
    assert_int_equal(with.store.calls[TEST_STORE_GET], 2);
    teardown(&with);
}

static void a_flush_writes_rows_and_the_marker(void **state)
{
    (void)state;
    accounts_bench with;
    bc__account model[ACCOUNTS] = {{0, 0}};
    setup(&with, BC_NONE);
    assert_marker(&with, false, 0, 5);
    change(&with, model, 1, UINT64_C(0x0807060504030201), UINT64_C(0xfffefdfcfbfaf9f8));
    change(&with, model, 2, 1, 0);
    change(&with, model, 3, 0, 1);
    assert_all(&with, model);
    assert_int_equal(test_store_count(&with.store, 'a'), 0);
    assert_int_equal(flush(&with, 5, BC_NONE), BC_OK);
    assert_int_equal(with.store.calls[TEST_STORE_COMMIT], 1);
    assert_rows(&with, model, ACCOUNTS);
    assert_false(with.accounts.unsettled);
    change(&with, model, 2, 0, 0);
    change(&with, model, 3, 4, 1);
    assert_int_equal(flush(&with, 6, BC_NONE), BC_OK);
    assert_rows(&with, model, ACCOUNTS);
    bench_close(&with);
    bench_open(&with, BC_NONE);
    assert_marker(&with, true, 6, 6);
    assert_marker(&with, true, 6, 7);
    assert_all(&with, model);
    /* The very bytes of the marker: height, id. */
    bc__bytes bytes;
    bc__key key = {.bytes = {'k'}, .length = 1};
    uint8_t expected[40] = {6};
    id_of(expected + 8, 6);
    bc__bytes_init(&bytes, &with.heap, SIZE_MAX);
    assert_int_equal(bc__database_get(&with.database, &key, &bytes, NULL), BC_OK);
    assert_int_equal(bytes.length, sizeof expected);
    assert_memory_equal(bytes.data, expected, sizeof expected);
    bc__bytes_free(&bytes);
    teardown(&with);
}

static void count_writes(void *context, const bc_write *writes, size_t count)
{
    (void)writes;
    *(size_t *)context = count;
}

/* A new account that ends at zero needs no row and no removal; one that nobody looked at may have one;
 * a value that is there already is no change. */
static void what_changes_nothing_is_not_written(void **state)
{
    (void)state;
    accounts_bench with;
    bc__account model[ACCOUNTS] = {{0, 0}};
    size_t writes = 99;
    setup(&with, BC_NONE);
    with.store.before_commit = count_writes;
    with.store.before_context = &writes;
    assert_account(&with, 1, model[1]);
    change(&with, model, 1, 5, 5);
    change(&with, model, 1, 0, 0);
    assert_int_equal(flush(&with, 1, BC_NONE), BC_OK);
    assert_int_equal(writes, 1); /* the marker */
    change(&with, model, 2, 5, 5);
    assert_int_equal(flush(&with, 2, BC_NONE), BC_OK);
    assert_int_equal(writes, 2);
    change(&with, model, 2, 5, 5);
    assert_int_equal(flush(&with, 3, BC_NONE), BC_OK);
    assert_int_equal(writes, 1);
    bench_close(&with);
    bench_open(&with, BC_NONE);
    change(&with, model, 2, 0, 0); /* unseen */
    assert_int_equal(flush(&with, 4, BC_NONE), BC_OK);
    assert_int_equal(writes, 2);
    assert_rows(&with, model, ACCOUNTS);
    change(&with, model, 2, 1, 0); /* the cache knows that the row is gone */
    change(&with, model, 2, 0, 0);
    assert_int_equal(flush(&with, 5, BC_NONE), BC_OK);
    assert_int_equal(writes, 1);
    teardown(&with);
}

typedef struct order {
    uint8_t last[33]; /* key of the row before */
    size_t rows;
    size_t commits;
    size_t bytes_most;
    bool ended; /* the marker was seen */
} order;

/* Rows in rising order over all commits, none too large, the marker in the last. */
static void watch_order(void *context, const bc_write *writes, size_t count)
{
    order *seen = context;
    size_t bytes = 0;
    assert_false(seen->ended);
    for (size_t at = 0; at < count; at++) {
        const bc_write *write = &writes[at];
        bytes += write->key_length + write->value_length;
        if (write->key[0] == 'k') {
            seen->ended = true;
            continue;
        }
        assert_int_equal(write->key[0], 'a');
        assert_int_equal(write->key_length, sizeof seen->last);
        assert_true(seen->rows == 0 || memcmp(seen->last, write->key, sizeof seen->last) < 0);
        memcpy(seen->last, write->key, sizeof seen->last);
        seen->rows++;
    }
    seen->bytes_most = bytes > seen->bytes_most ? bytes : seen->bytes_most;
    seen->commits++;
}

static void a_flush_is_sorted_and_its_commits_are_bounded(void **state)
{
    (void)state;
    test_random random = test_random_begin();
    static const uint64_t sizes[] = {0, 1, 105, 106, 162, 163, 1000, 4096, 1000000};
    for (size_t size = 0; size < sizeof sizes / sizeof *sizes; size++) {
        accounts_bench with;
        bc__account model[ACCOUNTS] = {{0, 0}};
        order seen = {.rows = 0};
        setup(&with, BC_NONE);
        size_t changed = 0;
        for (size_t number = 0; number < ACCOUNTS; number++) {
            size_t at = test_random_below(&random, ACCOUNTS);
            changed += is_zero(&model[at]);
            change(&with, model, at, 1 + number, number);
        }
        with.store.before_commit = watch_order;
        with.store.before_context = &seen;
        assert_int_equal(flush(&with, 1, sizes[size]), BC_OK);
        assert_true(seen.ended);
        assert_int_equal(seen.rows, changed);
        assert_true(seen.bytes_most <= sizes[size] || seen.bytes_most == 57 + 49);
        size_t a_commit = sizes[size] < 106 ? 1 : ((size_t)sizes[size] - 49) / 57;
        assert_int_equal(seen.commits, (changed + a_commit - 1) / a_commit);
        assert_rows(&with, model, ACCOUNTS);
        teardown(&with);
    }
}

static void a_large_flush_goes_in_commits_of_a_mebibyte(void **state)
{
    (void)state;
    enum { MANY = 40000 };
    accounts_bench with;
    order seen = {.rows = 0};
    bc__account *model = calloc(MANY, sizeof *model);
    assert_non_null(model);
    setup(&with, BC_NONE);
    for (size_t number = 0; number < MANY; number++) {
        change(&with, model, number, 1, number);
    }
    with.store.before_commit = watch_order;
    with.store.before_context = &seen;
    assert_int_equal(flush(&with, 1, BC_NONE), BC_OK);
    assert_int_equal(seen.rows, MANY);
    assert_true(seen.bytes_most <= 1024 * 1024);
    assert_int_equal(seen.commits, 3);
    free(model);
    teardown(&with);
}

/* Fails commit after commit of one flush, which goes on where it stopped. */
static void a_flush_that_fails_loses_nothing(void **state)
{
    (void)state;
    for (size_t failing = 1; failing <= 5; failing++) {
        accounts_bench with;
        bc__account model[ACCOUNTS] = {{0, 0}};
        setup(&with, BC_NONE);
        for (size_t number = 0; number < 40; number++) {
            change(&with, model, number, number, 1);
        }
        test_store_plan(&with.store, TEST_STORE_COMMIT, failing, false, BC_ERR_STORE, false);
        assert_int_equal(flush(&with, 1, 49 + 10 * 57), failing <= 4 ? BC_ERR_STORE : BC_OK);
        assert_int_equal(with.database.pending_count, 0);
        assert_all(&with, model);
        /* Rows of two states now, unless it was the first commit that failed. */
        assert_int_equal(bc__accounts_flush_due(&with.accounts), failing > 1 && failing <= 4);
        assert_int_equal(test_store_count(&with.store, 'a'),
                         failing <= 4 ? 10 * (failing - 1) : 40);
        assert_int_equal(test_store_count(&with.store, 'k'), failing <= 4 ? 0 : 1);
        test_store_calm(&with.store);
        size_t before = with.store.calls[TEST_STORE_COMMIT];
        assert_int_equal(flush(&with, 1, 49 + 10 * 57), BC_OK);
        assert_int_equal(with.store.calls[TEST_STORE_COMMIT] - before,
                         failing <= 4 ? 5 - failing : 1);
        assert_false(bc__accounts_flush_due(&with.accounts));
        assert_rows(&with, model, ACCOUNTS);
        assert_all(&with, model);
        teardown(&with);
    }
}

static void a_flush_of_unknown_outcome_poisons(void **state)
{
    (void)state;
    accounts_bench with;
    bc__account model[ACCOUNTS] = {{0, 0}};
    setup(&with, BC_NONE);
    change(&with, model, 1, 1, 1);
    test_store_plan(&with.store, TEST_STORE_COMMIT, 1, false, BC_ERR_STORE_UNKNOWN, true);
    assert_int_equal(flush(&with, 1, BC_NONE), BC_ERR_STORE_UNKNOWN);
    assert_int_equal(with.database.pending_count, 0);
    assert_int_equal(flush(&with, 1, BC_NONE), BC_ERR_POISONED);
    assert_all(&with, model);
    teardown(&with);
}

static void a_flush_is_due_by_bytes_and_by_blocks(void **state)
{
    (void)state;
    accounts_bench with;
    bc__account model[ACCOUNTS] = {{0, 0}};
    setup(&with, limit_of(20));
    for (size_t number = 0; number < 10; number++) {
        change(&with, model, number, 1, 1);
        change(&with, model, number, 2, 2); /* is dirty already */
        assert_false(bc__accounts_flush_due(&with.accounts));
    }
    change(&with, model, 10, 1, 1);
    assert_true(bc__accounts_flush_due(&with.accounts));
    assert_int_equal(flush(&with, 1, BC_NONE), BC_OK);
    assert_false(bc__accounts_flush_due(&with.accounts));
    with.accounts.blocks = 999;
    assert_false(bc__accounts_flush_due(&with.accounts));
    with.accounts.blocks = 1000;
    assert_true(bc__accounts_flush_due(&with.accounts));
    assert_int_equal(flush(&with, 2, BC_NONE), BC_OK);
    assert_false(bc__accounts_flush_due(&with.accounts));
    assert_marker(&with, true, 2, 3);
    assert_true(bc__accounts_flush_due(&with.accounts));
    assert_int_equal(flush(&with, 3, BC_NONE), BC_OK);
    assert_false(bc__accounts_flush_due(&with.accounts));
    teardown(&with);
}

/* Random reads, changes and flushes under limits from nothing to enough for all. */
static void the_cache_keeps_its_limit_and_all_values(void **state)
{
    (void)state;
    test_random random = test_random_begin();
    static const uint64_t limits[] = {0, 1, 2, 7, 64, 100, 200, ACCOUNTS};
    size_t rounds = test_random_repeats(20000);
    for (size_t limit = 0; limit < sizeof limits / sizeof *limits; limit++) {
        accounts_bench with;
        bc__account model[ACCOUNTS] = {{0, 0}};
        setup(&with, limit_of(limits[limit]));
        uint64_t height = 0;
        for (size_t round = 0; round < rounds; round++) {
            size_t number = test_random_below(&random, ACCOUNTS);
            size_t choice = test_random_below(&random, 10);
            if (choice < 6) {
                assert_account(&with, number, model[number]);
            } else {
                change(&with, model, number, choice == 6 ? 0 : test_random_below(&random, 3),
                       test_random_below(&random, 2));
            }
            if (bc__accounts_flush_due(&with.accounts)) {
                assert_int_equal(flush(&with, ++height, 1000), BC_OK);
            }
            assert_true(with.accounts.capacity <= limits[limit] ||
                        (limits[limit] <= 1 && with.accounts.capacity <= 2));
        }
        assert_all(&with, model);
        assert_int_equal(flush(&with, ++height, 1000), BC_OK);
        assert_rows(&with, model, ACCOUNTS);
        teardown(&with);
    }
}

static void what_was_asked_for_stays_longer(void **state)
{
    (void)state;
    accounts_bench with;
    setup(&with, limit_of(64));
    for (size_t number = 0; number < 64; number++) {
        assert_account(&with, number, (bc__account){0, 0});
    }
    assert_account(&with, 0, (bc__account){0, 0});
    assert_int_equal(with.store.calls[TEST_STORE_GET], 64);
    for (size_t number = 64; number < 127; number++) { /* takes the place of all but one */
        assert_account(&with, number, (bc__account){0, 0});
    }
    assert_int_equal(with.store.calls[TEST_STORE_GET], 127);
    assert_account(&with, 0, (bc__account){0, 0});
    assert_int_equal(with.store.calls[TEST_STORE_GET], 127);
    assert_account(&with, 1, (bc__account){0, 0});
    assert_int_equal(with.store.calls[TEST_STORE_GET], 128);
    teardown(&with);
}

/* More is dirty than the limit allows, which no flush prevented: nothing of it may be forgotten, and
 * a flush makes the cache small again. */
static void what_is_dirty_is_never_forgotten(void **state)
{
    (void)state;
    accounts_bench with;
    bc__account model[ACCOUNTS] = {{0, 0}};
    setup(&with, limit_of(30));
    for (size_t number = 0; number < 200; number++) {
        change(&with, model, number, number, 3);
        assert_account(&with, number + 200, (bc__account){0, 0});
    }
    assert_true(with.accounts.capacity > 30);
    assert_true(with.accounts.capacity <= 200 + 200 / 4);
    size_t gets = with.store.calls[TEST_STORE_GET];
    for (size_t number = 0; number < 200; number++) {
        assert_account(&with, number, model[number]);
    }
    assert_int_equal(with.store.calls[TEST_STORE_GET], gets);
    assert_int_equal(flush(&with, 1, BC_NONE), BC_OK);
    assert_true(with.accounts.capacity <= 30);
    assert_all(&with, model);
    assert_true(with.accounts.capacity <= 30);
    teardown(&with);
}

/* Between reserve and set, reads must not take the room. */
static void what_is_reserved_stays_reserved(void **state)
{
    (void)state;
    for (size_t count = 0; count <= 100; count += 10) {
        accounts_bench with;
        bc__account model[ACCOUNTS] = {{0, 0}};
        setup(&with, limit_of(50));
        for (size_t number = 0; number < 60; number++) {
            assert_account(&with, number, model[number]);
        }
        assert_int_equal(bc__accounts_reserve(&with.accounts, (uint32_t)count), BC__OK);
        for (size_t number = 100; number < 300; number++) {
            assert_account(&with, number, model[number]);
        }
        with.counter.left = 0;
        for (size_t number = 0; number < count; number++) {
            test_key key = key_of(number);
            model[number] = (bc__account){number, 9};
            bc__accounts_set(&with.accounts, key.bytes,
                             bc__accounts_hash(&with.accounts, key.bytes), &model[number]);
        }
        bc__accounts_unreserve(&with.accounts);
        with.counter.left = SIZE_MAX;
        assert_all(&with, model);
        teardown(&with);
    }
}

static void without_memory_nothing_is_lost(void **state)
{
    (void)state;
    bool flushed = false;
    for (size_t left = 0; !flushed; left++) {
        accounts_bench with;
        bc__account model[ACCOUNTS] = {{0, 0}};
        assert_true(left < 1000);
        setup(&with, BC_NONE);
        for (size_t number = 0; number < 48; number++) {
            change(&with, model, number, number, 1);
        }
        assert_int_equal(flush(&with, 1, BC_NONE), BC_OK);
        bench_close(&with);
        bench_open(&with, BC_NONE);
        with.counter.left = left;
        bc__account account;
        test_key key = key_of(1);
        bc_error error = BC_ERROR_INIT;
        bc_status status = bc__accounts_get(&with.accounts, &account, key.bytes, &error);
        assert_true(status == BC_OK || (status == BC_ERR_MEMORY && error.code == BC_ERR_MEMORY));
        assert_true(status != BC_OK || account.balance == 1);
        if (status == BC_OK && bc__accounts_reserve(&with.accounts, 100) == BC__OK) {
            for (size_t number = 0; number < 100; number++) {
                change(&with, model, number, number, 2);
            }
            status = flush(&with, 2, 400);
            assert_true(status == BC_OK || status == BC_ERR_MEMORY);
            assert_int_equal(with.database.pending_count, 0);
            flushed = status == BC_OK;
        }
        with.counter.left = SIZE_MAX;
        bc__accounts_unreserve(&with.accounts);
        assert_all(&with, model);
        assert_int_equal(flush(&with, 2, 400), BC_OK);
        assert_rows(&with, model, ACCOUNTS);
        teardown(&with);
    }
}

/* An impossible number is refused, not attempted. */
static void too_many_accounts_are_no_memory(void **state)
{
    (void)state;
    accounts_bench with;
    setup(&with, limit_of(50));
    assert_int_equal(bc__accounts_reserve(&with.accounts, UINT32_MAX), BC__ERR_MEMORY);
    assert_account(&with, 1, (bc__account){0, 0});
    teardown(&with);
}

static void a_store_that_fails_to_read_is_reported(void **state)
{
    (void)state;
    accounts_bench with;
    bc__account account;
    bc_error error = BC_ERROR_INIT;
    bool found;
    uint64_t height;
    uint8_t id[BC_ID_BYTES];
    uint8_t tip[BC_ID_BYTES] = {0};
    test_key key = key_of(1);
    setup(&with, BC_NONE);
    test_store_plan(&with.store, TEST_STORE_GET, 1, true, BC_ERR_STORE, false);
    assert_int_equal(bc__accounts_get(&with.accounts, &account, key.bytes, &error), BC_ERR_STORE);
    assert_int_equal(error.code, BC_ERR_STORE);
    assert_int_equal(bc__accounts_get(&with.accounts, &account, key.bytes, NULL), BC_ERR_STORE);
    memset(&error, 0, sizeof error);
    assert_int_equal(bc__accounts_open(&with.accounts, &found, &height, id, tip, &error),
                     BC_ERR_STORE);
    assert_int_equal(error.code, BC_ERR_STORE);
    assert_false(found);
    test_store_calm(&with.store);
    assert_account(&with, 1, (bc__account){0, 0});
    teardown(&with);
}

/* Puts a record with a good checksum, as only a mistake of ours or an old schema would. */
static void put_record(accounts_bench *with, const bc__key *key, const void *record, size_t length)
{
    assert_int_equal(bc__database_put(&with->database, key, record, length, NULL), BC_OK);
    assert_int_equal(bc__database_commit(&with->database, NULL), BC_OK);
}

static void damaged_records_are_reported(void **state)
{
    (void)state;
    static const uint8_t record[48] = {1};
    static const uint8_t zero[16] = {0};
    accounts_bench with;
    bc__account account;
    bool found;
    uint64_t height;
    uint8_t id[BC_ID_BYTES];
    test_key key = key_of(1);
    setup(&with, BC_NONE);
    bc__key row = bc__key_of_id('a', key.bytes);
    bc__key marker = bc__key_of('k');
    for (size_t length = 0; length <= sizeof record; length++) {
        bc_error error = BC_ERROR_INIT;
        bench_close(&with);
        bench_open(&with, BC_NONE);
        put_record(&with, &row, record, length);
        bc_status status = bc__accounts_get(&with.accounts, &account, key.bytes, &error);
        assert_int_equal(status, length == 16 ? BC_OK : BC_ERR_DAMAGED);
        assert_int_equal(error.code, status);
        put_record(&with, &marker, record, length);
        memset(&error, 0, sizeof error);
        status = bc__accounts_open(&with.accounts, &found, &height, id, record + 8, &error);
        assert_int_equal(status, length == 40 ? BC_OK : BC_ERR_DAMAGED);
        assert_int_equal(error.code, status);
        assert_int_equal(found, length == 40);
    }
    put_record(&with, &row, zero, sizeof zero);
    assert_int_equal(bc__accounts_get(&with.accounts, &account, key.bytes, NULL), BC_ERR_DAMAGED);
    test_store_put(&with.store, row.bytes, row.length, record, 16 + CHECKSUM_BYTES);
    assert_int_equal(bc__accounts_get(&with.accounts, &account, key.bytes, NULL), BC_ERR_DAMAGED);
    test_store_put(&with.store, marker.bytes, 1, record, 40 + CHECKSUM_BYTES);
    assert_int_equal(bc__accounts_open(&with.accounts, &found, &height, id, record, NULL),
                     BC_ERR_DAMAGED);
    teardown(&with);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_not_there_is_zero_and_asked_for_once),
        cmocka_unit_test(a_flush_writes_rows_and_the_marker),
        cmocka_unit_test(what_changes_nothing_is_not_written),
        cmocka_unit_test(a_flush_is_sorted_and_its_commits_are_bounded),
        cmocka_unit_test(a_large_flush_goes_in_commits_of_a_mebibyte),
        cmocka_unit_test(a_flush_that_fails_loses_nothing),
        cmocka_unit_test(a_flush_of_unknown_outcome_poisons),
        cmocka_unit_test(a_flush_is_due_by_bytes_and_by_blocks),
        cmocka_unit_test(the_cache_keeps_its_limit_and_all_values),
        cmocka_unit_test(what_was_asked_for_stays_longer),
        cmocka_unit_test(what_is_dirty_is_never_forgotten),
        cmocka_unit_test(what_is_reserved_stays_reserved),
        cmocka_unit_test(without_memory_nothing_is_lost),
        cmocka_unit_test(too_many_accounts_are_no_memory),
        cmocka_unit_test(a_store_that_fails_to_read_is_reported),
        cmocka_unit_test(damaged_records_are_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
