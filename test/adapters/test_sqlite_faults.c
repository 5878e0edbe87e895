/* libbc-sqlite on a disk that fails at each operation in turn, and after power cuts. What a commit
 * says about itself must be true when the file is opened again on a disk that works. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include <sqlite3.h>

#include <bc/sqlite.h>

#include "test/support/counted_store.h"
#include "test/support/random.h"
#include "test/support/sqlite_vfs.h"
#include "test/support/test_folder.h"

enum { BASE = 8 /* commits before the one that is looked at */ };

static int set_up(void **state)
{
    sqlite_vfs_install();
    return test_folder_make(state);
}

static int tear_down(void **state)
{
    sqlite_vfs_remove();
    return test_folder_remove(state);
}

/* The tiny one folds the log in at the beginning of each commit, and spills pages before its end. */
static bc_status open_with(bc_store *store, const char *path, bool tiny, bc_error *error)
{
    bc_sqlite_options options = BC_SQLITE_OPTIONS_INIT;
    if (tiny) {
        options.cache_bytes = 1;
        options.wal_bytes = 1;
    }
    return bc_sqlite_store(store, path, &options, error);
}

static void open_at(bc_store *store, const char *path, bool tiny)
{
    bc_error error = {0};
    if (open_with(store, path, tiny, &error) != BC_OK) {
        fail_msg("%s", error.message);
    }
}

static void arm(const sqlite_vfs_fault *fault, uint64_t at)
{
    sqlite_vfs_fault *the = sqlite_vfs_the_fault();
    *the = *fault;
    the->at = at;
    the->count = 0;
    the->failed = 0;
}

static uint64_t disarm(void)
{
    uint64_t failed = sqlite_vfs_the_fault()->failed;
    memset(sqlite_vfs_the_fault(), 0, sizeof(sqlite_vfs_fault));
    return failed;
}

static void check_state(const char *path, int64_t least, int64_t most)
{
    bc_store store = BC_STORE_INIT;
    int64_t state;
    open_at(&store, path, false);
    state = counted_state(&store);
    if (state < least || state > most) {
        fail_msg("state %d is not from %d to %d", (int)state, (int)least, (int)most);
    }
    assert_int_equal(counted_commit(&store, (uint32_t)state + 1, NULL), BC_OK);
    assert_int_equal(counted_state(&store), state + 1);
    store.close(store.context);
}

/* How often each answer was given, so that a test that never meets one is seen. */
typedef struct tally {
    unsigned ok;
    unsigned refused;
    unsigned unknown;
} tally;

/* One commit with the fault at operation `at`. False when the commit does not come so far. */
static bool fail_commit(const char *path, bool tiny, const sqlite_vfs_fault *fault, uint64_t at,
                        tally *answers)
{
    bc_error error = {0};
    bc_store store = BC_STORE_INIT;
    bc_status status;
    uint64_t failed;
    open_at(&store, path, tiny);
    for (uint32_t i = 1; i <= BASE; i++) {
        assert_int_equal(counted_commit(&store, i, NULL), BC_OK);
    }
    arm(fault, at);
    status = counted_commit(&store, BASE + 1, &error);
    failed = sqlite_vfs_the_fault()->failed;
    if (status == BC_ERR_STORE) {
        assert_int_not_equal(error.host_code, 0);
        answers->refused++;
        if (fault->kinds == SQLITE_VFS_READ) {
            disarm();
        }
        assert_int_equal(counted_state(&store), BASE);
        if (!fault->forever) { /* it goes on from the old state, as if nothing had been */
            assert_int_equal(counted_commit(&store, BASE + 1, NULL), BC_OK);
            assert_int_equal(counted_state(&store), BASE + 1);
            store.close(store.context);
            disarm();
            check_state(path, BASE + 1, BASE + 1);
            return failed != 0;
        }
    } else if (status == BC_ERR_STORE_UNKNOWN) {
        assert_int_not_equal(error.host_code, 0);
        answers->unknown++;
        assert_int_equal(counted_commit(&store, BASE + 1, NULL), BC_ERR_STORE_UNKNOWN);
        assert_int_equal(counted_state(&store), -1);
    } else {
        assert_int_equal(status, BC_OK);
        answers->ok++;
    }
    store.close(store.context); /* where it is forever, the disk fails here as well */
    disarm();
    check_state(path, status == BC_OK ? BASE + 1 : BASE, status == BC_ERR_STORE ? BASE : BASE + 1);
    return failed != 0;
}

static const sqlite_vfs_fault faults[] = {
    {.kinds = SQLITE_VFS_WRITE, .code = SQLITE_FULL},
    {.kinds = SQLITE_VFS_WRITE, .code = SQLITE_FULL, .torn = true},
    {.kinds = SQLITE_VFS_WRITE, .code = SQLITE_FULL, .torn = true, .forever = true},
    {.kinds = SQLITE_VFS_CHANGES, .code = SQLITE_IOERR_WRITE},
    {.kinds = SQLITE_VFS_CHANGES, .code = SQLITE_IOERR_WRITE, .torn = true},
    {.kinds = SQLITE_VFS_CHANGES, .code = SQLITE_IOERR_WRITE, .torn = true, .forever = true},
    {.kinds = SQLITE_VFS_SYNC, .forever = true},
    {.kinds = SQLITE_VFS_READ, .code = SQLITE_IOERR_READ},
    {.kinds = SQLITE_VFS_READ, .code = SQLITE_IOERR_READ, .forever = true},
};

enum { FAULTS = sizeof(faults) / sizeof(faults[0]) };

static void test_commit(void **state)
{
    char *path = test_folder_file(*state, "chain.db");
    tally all = {0, 0, 0};
    for (size_t i = 0; i < FAULTS; i++) {
        for (int tiny = 0; tiny < 2; tiny++) {
            uint64_t at = 1;
            while (fail_commit(path, tiny == 1, &faults[i], at, &all)) {
                at++;
                test_folder_clear(*state);
            }
            test_folder_clear(*state);
            /* only a small cache makes a commit read */
            assert_true(at > 1 || (faults[i].kinds == SQLITE_VFS_READ && tiny == 0));
        }
    }
    assert_true(all.ok >= FAULTS);
    assert_true(all.refused > 20);
    assert_true(all.unknown > 20);
    free(path);
}

/* A disk that is full says no and nothing else: never that the outcome is not known. */
static void test_full_disk_is_a_refusal(void **state)
{
    char *path = test_folder_file(*state, "chain.db");
    tally all = {0, 0, 0};
    for (size_t i = 0; i < 3; i++) {
        uint64_t at = 1;
        assert_int_equal(faults[i].code, SQLITE_FULL);
        while (fail_commit(path, i == 1, &faults[i], at, &all)) {
            at++;
            test_folder_clear(*state);
        }
        test_folder_clear(*state);
    }
    assert_int_equal(all.unknown, 0);
    assert_true(all.refused > 20);
    free(path);
}

/* The log cannot be folded in: commits are refused before they begin, the log grows no further, and
 * when the disk works again so does the store. */
static void test_log_stays_bounded(void **state)
{
    static const sqlite_vfs_fault fault = {
        .kinds = SQLITE_VFS_CHANGES, .main_only = true, .code = SQLITE_FULL, .forever = true};
    char *path = test_folder_file(*state, "chain.db");
    char *log = test_folder_file(*state, "chain.db-wal");
    bc_sqlite_options options = BC_SQLITE_OPTIONS_INIT;
    uint32_t number = 0;
    bc_status status = BC_OK;
    struct stat before;
    struct stat after;
    bc_store store = BC_STORE_INIT;
    options.wal_bytes = 300000;
    assert_int_equal(bc_sqlite_store(&store, path, &options, NULL), BC_OK);
    arm(&fault, 1);
    while (status == BC_OK && number < 1000) {
        status = counted_commit(&store, ++number, NULL);
    }
    assert_int_equal(status, BC_ERR_STORE);
    assert_true(number > 3);
    assert_int_equal(stat(log, &before), 0);
    for (int i = 0; i < 50; i++) {
        assert_int_equal(counted_commit(&store, number, NULL), BC_ERR_STORE);
    }
    assert_int_equal(stat(log, &after), 0);
    assert_int_equal(before.st_size, after.st_size);
    assert_int_equal(counted_state(&store), number - 1);
    disarm();
    assert_int_equal(counted_commit(&store, number, NULL), BC_OK);
    store.close(store.context);
    check_state(path, number, number);
    free(path);
    free(log);
}

/* A read that fails refuses, and the next one may work. */
static void test_reads(void **state)
{
    static const sqlite_vfs_fault fault = {.kinds = SQLITE_VFS_READ};
    char *path = test_folder_file(*state, "chain.db");
    uint64_t at = 1;
    unsigned refused = 0;
    bool reached = true;
    bc_store store = BC_STORE_INIT;
    open_at(&store, path, false);
    for (uint32_t i = 1; i <= BASE; i++) {
        assert_int_equal(counted_commit(&store, i, NULL), BC_OK);
    }
    store.close(store.context);
    for (; reached; at++) {
        open_at(&store, path, true);
        arm(&fault, at);
        refused += counted_state(&store) == -1 ? 1 : 0;
        reached = disarm() != 0;
        assert_int_equal(counted_state(&store), BASE);
        store.close(store.context);
    }
    assert_true(refused > 5);
    free(path);
}

/* Whether the fault was met. Opening and making a file on a failing disk either works or is refused with a sentence, and the
 * next one, on a disk that works, finds what was there. */
static bool fail_open(const char *path, const sqlite_vfs_fault *fault, uint64_t at, int64_t found,
                      unsigned *refused)
{
    bc_error error = {0};
    bc_store store = BC_STORE_INIT;
    bc_status status;
    bool reached;
    arm(fault, at);
    status = open_with(&store, path, false, &error);
    if (status == BC_OK) {
        store.close(store.context);
    } else {
        (*refused)++;
        if (status != BC_ERR_STORE) {
            fail_msg("%d %s", (int)status, error.message);
        }
        assert_non_null(strstr(error.message, path));
        assert_int_not_equal(error.host_code, 0);
    }
    reached = disarm() != 0;
    check_state(path, found, found);
    return reached;
}

static void test_making(void **state)
{
    char *path = test_folder_file(*state, "chain.db");
    unsigned refused = 0;
    for (size_t i = 0; i < FAULTS; i++) {
        uint64_t at = 1;
        while (fail_open(path, &faults[i], at, 0, &refused)) {
            at++;
            test_folder_clear(*state);
        }
        test_folder_clear(*state);
    }
    assert_true(refused > 60);
    free(path);
}

/* A file with a log that was left behind by a process that was killed: its copies. */
static void copy_file(const char *from, const char *to)
{
    FILE *in = fopen(from, "rb");
    FILE *out = fopen(to, "wb");
    int byte;
    assert_non_null(in);
    assert_non_null(out);
    while ((byte = fgetc(in)) != EOF) {
        assert_int_equal(fputc(byte, out), byte);
    }
    fclose(in);
    assert_int_equal(fclose(out), 0);
}

static void test_opening_with_a_log(void **state)
{
    char *path = test_folder_file(*state, "chain.db");
    char *log = test_folder_file(*state, "chain.db-wal");
    char *copy = test_folder_file(*state, "copy.db");
    char *copy_log = test_folder_file(*state, "copy.db-wal");
    unsigned refused = 0;
    bc_store store = BC_STORE_INIT;
    open_at(&store, path, false);
    for (uint32_t i = 1; i <= BASE; i++) {
        assert_int_equal(counted_commit(&store, i, NULL), BC_OK);
    }
    for (size_t i = 0; i < FAULTS; i++) {
        bool reached = true;
        for (uint64_t at = 1; reached; at++) {
            copy_file(path, copy); /* drops our lock on `path`, which nobody else asks for */
            copy_file(log, copy_log);
            reached = fail_open(copy, &faults[i], at, BASE, &refused);
        }
    }
    assert_true(refused > 60);
    store.close(store.context);
    free(path);
    free(log);
    free(copy);
    free(copy_log);
}

/* The permissions allow to write, and the system does not: SQLite would go on reading. */
static void test_read_only(void **state)
{
    char *path = test_folder_file(*state, "chain.db");
    bc_store store = BC_STORE_INIT;
    bc_error error = {0};
    char *before;
    char *after;
    open_at(&store, path, false);
    store.close(store.context);
    before = test_folder_print(*state);
    sqlite_vfs_the_fault()->read_only = true;
    assert_int_equal(bc_sqlite_store(&store, path, NULL, &error), BC_ERR_STORE);
    assert_non_null(strstr(error.message, "read-only"));
    assert_non_null(strstr(error.message, path));
    disarm();
    after = test_folder_print(*state);
    assert_string_equal(before, after);
    check_state(path, 0, 0);
    free(before);
    free(after);
    free(path);
}

/* ---- Power cuts ---- */

/* Works until the disk is gone at operation `at`, over several handles; says how many commits were
 * acknowledged, and whether the disk was still there at the end. */
static bool work_until(const char *path, uint64_t at, uint32_t *acknowledged)
{
    static const sqlite_vfs_fault gone = {
        .kinds = SQLITE_VFS_CHANGES, .code = SQLITE_IOERR_WRITE, .torn = true, .forever = true};
    *acknowledged = 0;
    arm(&gone, at);
    for (int handle = 0; handle < 3; handle++) {
        bc_store store = BC_STORE_INIT;
        if (open_with(&store, path, handle == 1, NULL) != BC_OK) {
            break;
        }
        for (int i = 0; i < 12; i++) {
            if (counted_commit(&store, *acknowledged + 1, NULL) != BC_OK) {
                break;
            }
            ++*acknowledged;
        }
        store.close(store.context);
    }
    return disarm() == 0;
}

/* The file may be opened after any cut, and holds what was acknowledged, or one commit more, which was
 * being made. */
static void test_power_cuts(void **state)
{
    char *path = test_folder_file(*state, "chain.db");
    char *left = test_folder_file(*state, "left.db");
    test_random random = test_random_begin();
    size_t rounds = test_random_repeats(1);
    for (size_t round = 0; round < rounds; round++) {
        bool finished = false;
        for (uint64_t at = 1; !finished; at++) {
            uint32_t acknowledged;
            sqlite_vfs_remember();
            finished = work_until(path, at, &acknowledged);
            sqlite_vfs_power_cut(left, &random);
            check_state(left, acknowledged, acknowledged + (finished ? 0 : 1));
            test_folder_clear(*state);
        }
    }
    free(path);
    free(left);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_commit, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_full_disk_is_a_refusal, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_log_stays_bounded, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_reads, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_making, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_opening_with_a_log, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_read_only, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_power_cuts, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
