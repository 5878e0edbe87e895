/* libbc-sqlite: the contract of a store, the options, and what lies in the folder. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include <sqlite3.h>

#include <bc/sqlite.h>

#include "test/support/counted_store.h"
#include "test/support/read_sink.h"
#include "test/support/store_contract.h"
#include "test/support/test_folder.h"

static bc_status open_default(void *context, bc_store *out, bc_error *error)
{
    return bc_sqlite_store(out, context, NULL, error);
}

/* A cache and a log so small that commits spill pages, and each folds the log in. */
static bc_status open_tiny(void *context, bc_store *out, bc_error *error)
{
    bc_sqlite_options options = BC_SQLITE_OPTIONS_INIT;
    options.cache_bytes = 1;
    options.wal_bytes = 1;
    return bc_sqlite_store(out, context, &options, error);
}

static void test_edges(void **state)
{
    char *path = test_folder_file(*state, "chain.db");
    store_contract contract = {path, open_default, true, 0};
    store_contract_edges(&contract);
    free(path);
}

static void test_random(void **state)
{
    char *path = test_folder_file(*state, "chain.db");
    store_contract contract = {path, open_default, true, 6000};
    store_contract_random(&contract);
    free(path);
}

static void test_random_tiny(void **state)
{
    char *path = test_folder_file(*state, "chain.db");
    store_contract contract = {path, open_tiny, true, 3000};
    store_contract_random(&contract);
    free(path);
}

static void open_at(bc_store *store, const char *path, const bc_sqlite_options *options)
{
    bc_error error = {0};
    if (bc_sqlite_store(store, path, options, &error) != BC_OK) {
        fail_msg("%s", error.message);
    }
}

static int64_t size_of(const char *path, const char *ending)
{
    char name[400];
    struct stat status;
    snprintf(name, sizeof(name), "%s%s", path, ending);
    return stat(name, &status) == 0 ? (int64_t)status.st_size : -1;
}

static int64_t ask_sql(const char *path, const char *sql)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *statement = NULL;
    int64_t answer;
    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    answer = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return answer;
}

/* While it is open there is the file and its log, which stays bounded; afterwards the file alone. */
static void test_files(void **state)
{
    char *path = test_folder_file(*state, "chain.db");
    bc_sqlite_options options = BC_SQLITE_OPTIONS_INIT;
    int64_t longest = 0;
    bc_store store = BC_STORE_INIT;
    options.wal_bytes = 200000;
    open_at(&store, path, &options);
    for (uint32_t i = 1; i <= 300; i++) {
        int64_t size;
        assert_int_equal(counted_commit(&store, i, NULL), BC_OK);
        size = size_of(path, "-wal");
        longest = size > longest ? size : longest;
        assert_int_equal(size_of(path, "-shm"), -1);
        assert_int_equal(size_of(path, "-journal"), -1);
    }
    assert_true(longest > 150000);
    assert_true(longest < 200000 + 150000); /* and one commit of at most some 50 KB and its tree */
    assert_int_equal(counted_state(&store), 300);
    store.close(store.context);
    assert_true(size_of(path, "") > 0);
    assert_int_equal(size_of(path, "-wal"), -1);
    assert_int_equal(size_of(path, "-shm"), -1);
    /* a value that was replaced or removed leaves no row behind */
    assert_int_equal(ask_sql(path, "SELECT count(*) FROM large"),
                     ask_sql(path, "SELECT count(*) FROM entry WHERE typeof(value)='integer'"));
    assert_true(ask_sql(path, "SELECT count(*) FROM large") > 0);
    open_at(&store, path, NULL);
    assert_int_equal(counted_state(&store), 300);
    store.close(store.context);
    free(path);
}

/* Names that SQLite has another meaning for, taken from the folder that the process is in. */
static void test_paths(void **state)
{
    static const char *const names[] = {":memory:", "file:x.db?mode=memory", "plain",
                                        "\xc3\xa4 b'c\".db"};
    const test_folder *folder = *state;
    char before[1024];
    assert_non_null(getcwd(before, sizeof(before)));
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char *path = test_folder_file(folder, names[i]);
        bc_store store = BC_STORE_INIT;
        assert_int_equal(chdir(folder->path), 0);
        open_at(&store, names[i], NULL);
        assert_int_equal(chdir(before), 0);
        assert_int_equal(counted_commit(&store, 1, NULL), BC_OK);
        assert_true(size_of(path, "-wal") > 0);
        store.close(store.context);
        assert_true(size_of(path, "") > 0);
        free(path);
    }
}

static void expect_options(const char *path, const void *options, bc_status expected)
{
    bc_store store = BC_STORE_INIT;
    bc_error error = {0};
    bc_status status = bc_sqlite_store(&store, path, options, &error);
    assert_int_equal(status, expected);
    if (status == BC_OK) {
        store.close(store.context);
    } else {
        assert_int_equal(error.code, expected);
        assert_true(error.message[0] != '\0');
        assert_null(store.context);
        assert_null(store.close);
        assert_int_equal(size_of(path, ""), -1);
    }
}

static void test_options(void **state)
{
    char *path = test_folder_file(*state, "chain.db");
    bc_sqlite_options options;
    struct {
        bc_sqlite_options known;
        uint64_t unknown;
    } longer = {BC_SQLITE_OPTIONS_INIT, 0};

    memset(&options, 0xff, sizeof(options));
    bc_sqlite_options_init(&options);
    assert_int_equal(options.struct_size, sizeof(options));
    assert_int_equal(options.flags, 0);
    assert_int_equal(options.busy_timeout_us | options.cache_bytes | options.wal_bytes, 0);
    bc_sqlite_options_init(NULL);
    assert_int_equal(bc_sqlite_version_number(), bc_sqlite_version_number() / 1000000 * 1000000 +
                                                     BC_VERSION_MINOR * 1000 + BC_VERSION_PATCH);

    options.struct_size = 7;
    expect_options(path, &options, BC_ERR_ARGUMENT);
    options.struct_size = UINT32_MAX;
    expect_options(path, &options, BC_ERR_ARGUMENT);
    bc_sqlite_options_init(&options);
    options.flags = 1;
    expect_options(path, &options, BC_ERR_UNSUPPORTED);
    bc_sqlite_options_init(&options);
    options.cache_bytes = BC_NONE;
    expect_options(path, &options, BC_ERR_LIMIT);
    bc_sqlite_options_init(&options);
    options.wal_bytes = (UINT64_C(1) << 40) + 1;
    expect_options(path, &options, BC_ERR_LIMIT);
    longer.known.struct_size = sizeof(longer);
    longer.unknown = 1;
    expect_options(path, &longer, BC_ERR_UNSUPPORTED);
    longer.unknown = 0;
    expect_options(path, &longer, BC_OK);
    /* A shorter struct: what lies behind it is not looked at. */
    options.struct_size = (uint32_t)offsetof(bc_sqlite_options, wal_bytes);
    expect_options(path, &options, BC_OK);
    bc_sqlite_options_init(&options);
    options.cache_bytes = options.wal_bytes = UINT64_C(1) << 40;
    options.busy_timeout_us = BC_NONE;
    expect_options(path, &options, BC_OK);
    free(path);
}

static void test_arguments(void **state)
{
    bc_store store = BC_STORE_INIT;
    bc_error error = {0};
    (void)state;
    assert_int_equal(bc_sqlite_store(NULL, "x", NULL, &error), BC_ERR_ARGUMENT);
    assert_int_equal(bc_sqlite_store(&store, NULL, NULL, &error), BC_ERR_ARGUMENT);
    assert_int_equal(bc_sqlite_store(&store, "", NULL, NULL), BC_ERR_ARGUMENT);
    assert_int_equal(error.code, BC_ERR_ARGUMENT);
}

/* A program newer than the library gives a longer bc_store, and gets zeros where that ends. */
static void test_size_of_store(void **state)
{
    char *path = test_folder_file(*state, "chain.db");
    struct {
        bc_store known;
        uint64_t unknown;
    } longer = {BC_STORE_INIT, 7};
    longer.known.struct_size = (uint32_t)sizeof(bc_store) - 1;
    assert_int_equal(bc_sqlite_store(&longer.known, path, NULL, NULL), BC_ERR_ARGUMENT);
    longer.known.struct_size = UINT32_MAX;
    assert_int_equal(bc_sqlite_store(&longer.known, path, NULL, NULL), BC_ERR_ARGUMENT);
    assert_int_equal(longer.unknown, 7);
    longer.known.struct_size = sizeof(longer);
    assert_int_equal(bc_sqlite_store(&longer.known, path, NULL, NULL), BC_OK);
    assert_int_equal(longer.known.struct_size, sizeof(longer));
    assert_int_equal(longer.unknown, 0);
    longer.known.close(longer.known.context);
    free(path);
}

/* Commits that break the contract, or that SQLite cannot hold, are refused whole. */
static void test_refused_commits(void **state)
{
    char *path = test_folder_file(*state, "chain.db");
    static const uint8_t key[BC_KEY_BYTES_MAX + 1] = {1};
    const bc_write good = {key, 1, key, 1, BC_WRITE_PUT, 0};
    const bc_write bad[] = {
        {key, 0, key, 1, BC_WRITE_PUT, 0},
        {key, BC_KEY_BYTES_MAX + 1, key, 1, BC_WRITE_PUT, 0},
        {key, 2, key, 1, 3, 0},
        {key, 2, key, 1, 0, 0},
        {key, 2, key, (size_t)INT32_MAX + 1, BC_WRITE_PUT, 0}, /* more than SQLite takes */
        {key, 2, key, 1100000000, BC_WRITE_PUT, 0},
    };
    bc_store store = BC_STORE_INIT;
    open_at(&store, path, NULL);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        bc_write writes[] = {good, bad[i]};
        bc_error error = {0};
        assert_int_equal(store.commit(store.context, writes, 2, &error), BC_ERR_STORE);
        assert_int_equal(error.code, BC_ERR_STORE);
        assert_non_null(strstr(error.message, path));
        assert_int_equal(error.host_code, i < 4 ? 0 : SQLITE_TOOBIG);
        assert_int_equal(counted_state(&store), 0);
    }
    assert_int_equal(counted_commit(&store, 1, NULL), BC_OK);
    assert_int_equal(counted_state(&store), 1);
    store.close(store.context);
    free(path);
}

static void run_sql(const char *path, const char *sql)
{
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

static bc_status pass_over(void *context, const uint8_t *key, size_t key_length,
                           const uint8_t *value, size_t value_length)
{
    (void)context, (void)key, (void)key_length, (void)value, (void)value_length;
    return BC_OK;
}

static bc_status scan_all(bc_store *store, bc_error *error)
{
    return store->scan(store->context, NULL, 0, NULL, 0, pass_over, NULL, error);
}

/* What is found damaged by a read stops the store: nothing more is written to it. */
static void test_damaged_content(void **state)
{
    static const char *const damages[] = {
        "DELETE FROM large",                        /* entries without their rows */
        "UPDATE entry SET value=CAST('x' AS TEXT)", /* neither a value nor a number */
    };
    static const uint8_t key[] = {9, 9};
    for (size_t i = 0; i < 2; i++) {
        char *path = test_folder_file(*state, i == 0 ? "a.db" : "b.db");
        uint8_t value[1000] = {1};
        bc_write write = {key, sizeof(key), value, sizeof(value), BC_WRITE_PUT, 0};
        read_sink sink;
        bc_error error = {0};
        bc_store store = BC_STORE_INIT;
        read_sink_init(&sink, SIZE_MAX);
        open_at(&store, path, NULL);
        assert_int_equal(store.commit(store.context, &write, 1, NULL), BC_OK);
        store.close(store.context);
        run_sql(path, damages[i]);
        open_at(&store, path, NULL);
        assert_int_equal(store.get(store.context, key, 2, &sink.sink, &error), BC_ERR_DAMAGED);
        assert_int_equal(error.host_code, SQLITE_CORRUPT);
        assert_non_null(strstr(error.message, "damaged"));
        assert_int_equal(store.get(store.context, key, 1, &sink.sink, &error),
                         BC_ERR_STORE_UNKNOWN);
        assert_int_equal(scan_all(&store, &error), BC_ERR_STORE_UNKNOWN);
        assert_int_equal(store.commit(store.context, &write, 1, &error), BC_ERR_STORE_UNKNOWN);
        store.close(store.context);
        open_at(&store, path, NULL);
        assert_int_equal(scan_all(&store, &error), BC_ERR_DAMAGED); /* meets it too */
        assert_int_equal(error.host_code, SQLITE_CORRUPT);
        store.close(store.context);
        read_sink_release(&sink);
        free(path);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_edges, test_folder_make, test_folder_remove),
        cmocka_unit_test_setup_teardown(test_random, test_folder_make, test_folder_remove),
        cmocka_unit_test_setup_teardown(test_random_tiny, test_folder_make, test_folder_remove),
        cmocka_unit_test_setup_teardown(test_files, test_folder_make, test_folder_remove),
        cmocka_unit_test_setup_teardown(test_paths, test_folder_make, test_folder_remove),
        cmocka_unit_test_setup_teardown(test_options, test_folder_make, test_folder_remove),
        cmocka_unit_test(test_arguments),
        cmocka_unit_test_setup_teardown(test_size_of_store, test_folder_make, test_folder_remove),
        cmocka_unit_test_setup_teardown(test_refused_commits, test_folder_make, test_folder_remove),
        cmocka_unit_test_setup_teardown(test_damaged_content, test_folder_make, test_folder_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
