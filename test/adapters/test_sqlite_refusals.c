/* Files that libbc-sqlite refuses: with which error, naming the path, and untouched. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include <sqlite3.h>

#include <bc/sqlite.h>

#include "test/support/child.h"
#include "test/support/counted_store.h"
#include "test/support/test_folder.h"

enum { NOBODY = 65534 };

static void open_at(bc_store *store, const char *path)
{
    bc_error error = {0};
    if (bc_sqlite_store(store, path, NULL, &error) != BC_OK) {
        fail_msg("%s", error.message);
    }
}

/* A database of ours with a few commits, closed. */
static char *make_database(const test_folder *folder)
{
    char *path = test_folder_file(folder, "chain.db");
    bc_store store = BC_STORE_INIT;
    open_at(&store, path);
    for (uint32_t i = 1; i <= 20; i++) {
        assert_int_equal(counted_commit(&store, i, NULL), BC_OK);
    }
    store.close(store.context);
    return path;
}

static void run_sql(const char *path, const char *sql)
{
    sqlite3 *db = NULL;
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    assert_int_equal(sqlite3_open_v2(path, &db, flags, NULL), SQLITE_OK);
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK) {
        fail_msg("%s", sqlite3_errmsg(db));
    }
    sqlite3_close(db);
}

static void write_file(const char *path, long offset, const void *bytes, size_t length)
{
    FILE *file = fopen(path, "r+b");
    if (file == NULL) {
        file = fopen(path, "wb");
    }
    assert_non_null(file);
    assert_int_equal(fseek(file, offset, SEEK_SET), 0);
    assert_int_equal(fwrite(bytes, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
}

/* The file is refused with that status and a sentence that has `words`, and nothing in the folder is
 * another than before. */
static void expect_refusal(const test_folder *folder, const char *path, bc_status expected,
                           const char *words)
{
    char *before = test_folder_print(folder);
    bc_error error = {0};
    bc_store store = BC_STORE_INIT;
    bc_status status = bc_sqlite_store(&store, path, NULL, &error);
    char *after = test_folder_print(folder);
    if (status != expected || strstr(error.message, words) == NULL) {
        fail_msg("expected %d '%s', got %d '%s'", (int)expected, words, (int)status, error.message);
    }
    assert_int_equal(error.code, expected);
    assert_non_null(strstr(error.message, path));
    assert_string_equal(before, after);
    assert_null(store.commit);
    free(before);
    free(after);
}

/* ---- Locks ---- */

/* A child that holds something until it is let go. */
typedef struct lock_holder {
    pid_t pid;
    int go;
} lock_holder;

static void hold_store(const char *path)
{
    bc_store store = BC_STORE_INIT;
    if (bc_sqlite_store(&store, path, NULL, NULL) != BC_OK ||
        counted_commit(&store, 21, NULL) != BC_OK) {
        child_exit(1);
    }
}

static void hold_nothing_new(const char *path)
{
    bc_store store = BC_STORE_INIT;
    if (bc_sqlite_store(&store, path, NULL, NULL) != BC_OK) {
        child_exit(1);
    }
}

/* As any program that reads with SQLite. */
static void hold_reading(const char *path)
{
    sqlite3 *db = NULL;
    if (sqlite3_open(path, &db) != SQLITE_OK ||
        sqlite3_exec(db, "BEGIN;SELECT * FROM entry", NULL, NULL, NULL) != SQLITE_OK) {
        child_exit(1);
    }
}

static lock_holder start_holder(void (*hold)(const char *path), const char *path,
                                unsigned milliseconds)
{
    lock_holder made;
    int ready[2];
    int go[2];
    char byte = 0;
    assert_int_equal(pipe(ready), 0);
    assert_int_equal(pipe(go), 0);
    made.pid = fork();
    assert_true(made.pid >= 0);
    if (made.pid == 0) {
        struct timespec pause = {0, (long)milliseconds * 1000000};
        close(go[1]);
        hold(path);
        if (write(ready[1], "r", 1) != 1) {
            child_exit(1);
        }
        if (milliseconds != 0) {
            nanosleep(&pause, NULL);
        } else if (read(go[0], &byte, 1) < 0) {
            child_exit(1);
        }
        child_exit(0); /* without close: the lock goes with the process */
    }
    close(ready[1]);
    close(go[0]);
    assert_int_equal(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    made.go = go[1];
    return made;
}

static void end_holder(lock_holder *holder)
{
    int status = -1;
    close(holder->go);
    assert_int_equal(waitpid(holder->pid, &status, 0), holder->pid);
    assert_int_equal(status, 0);
}

static void test_locked(void **state)
{
    char *path = make_database(*state);
    lock_holder holder = start_holder(hold_store, path, 0);
    bc_store store = BC_STORE_INIT;
    expect_refusal(*state, path, BC_ERR_STORE, "in use");
    expect_refusal(*state, path, BC_ERR_STORE, "in use");
    end_holder(&holder);
    open_at(&store, path); /* which finds the log of the one that did not close */
    assert_int_equal(counted_state(&store), 21);
    store.close(store.context);
    free(path);
}

static void test_locked_by_a_reader(void **state)
{
    char *path = make_database(*state);
    lock_holder holder = start_holder(hold_reading, path, 0);
    bc_store store = BC_STORE_INIT;
    bc_error error = {0};
    assert_int_equal(bc_sqlite_store(&store, path, NULL, &error), BC_ERR_STORE);
    assert_non_null(strstr(error.message, "in use"));
    assert_int_equal(error.host_code & 0xff, SQLITE_BUSY);
    end_holder(&holder);
    open_at(&store, path);
    assert_int_equal(counted_state(&store), 20);
    store.close(store.context);
    free(path);
}

static int64_t milliseconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void test_busy_timeout(void **state)
{
    char *path = make_database(*state);
    lock_holder holder = start_holder(hold_store, path, 0);
    bc_sqlite_options options = BC_SQLITE_OPTIONS_INIT;
    int64_t before = milliseconds_now();
    bc_store store = BC_STORE_INIT;
    options.busy_timeout_us = 100000;
    assert_int_equal(bc_sqlite_store(&store, path, &options, NULL), BC_ERR_STORE);
    assert_true(milliseconds_now() - before >= 90);
    end_holder(&holder);
    before = milliseconds_now();
    holder = start_holder(hold_nothing_new, path, 300); /* ends by itself */
    options.busy_timeout_us = BC_NONE;
    assert_int_equal(bc_sqlite_store(&store, path, &options, NULL), BC_OK);
    assert_true(milliseconds_now() - before >= 300);
    assert_int_equal(counted_state(&store), 21);
    store.close(store.context);
    end_holder(&holder);
    free(path);
}

/* Whether another process is refused. The child may not look at the files in this one's way. */
static bool other_process_is_refused(const char *path)
{
    int status = -1;
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        bc_store store = BC_STORE_INIT;
        bc_error error = {0};
        child_exit(bc_sqlite_store(&store, path, NULL, &error) == BC_ERR_STORE &&
                           strstr(error.message, "in use") != NULL
                       ? 0
                       : 1);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return status == 0;
}

/* A second handle of one process is refused under every name of the file, and the attempt takes
 * nothing from the first: POSIX would drop its locks when any descriptor is closed. */
static void test_second_handle(void **state)
{
    char *path = make_database(*state);
    char *alias = test_folder_file(*state, "alias.db");
    char *hard = test_folder_file(*state, "hard.db");
    bc_store store = BC_STORE_INIT;
    assert_int_equal(symlink(path, alias), 0);
    assert_int_equal(link(path, hard), 0);
    open_at(&store, path);
    for (int i = 0; i < 3; i++) {
        const char *names[] = {path, alias, hard};
        bc_store second = BC_STORE_INIT;
        bc_error error = {0};
        assert_int_equal(bc_sqlite_store(&second, names[i], NULL, &error), BC_ERR_STORE);
        assert_non_null(strstr(error.message, "in use"));
        assert_non_null(strstr(error.message, names[i]));
        assert_true(other_process_is_refused(names[i]));
        assert_int_equal(counted_commit(&store, (uint32_t)(21 + i), NULL), BC_OK);
    }
    assert_int_equal(counted_state(&store), 23);
    store.close(store.context);
    open_at(&store, alias);
    assert_int_equal(counted_state(&store), 23);
    store.close(store.context);
    free(path);
    free(alias);
    free(hard);
}

/* A new file is taken from the first moment too. */
static void test_second_handle_of_a_new_file(void **state)
{
    char *path = test_folder_file(*state, "new.db");
    bc_store store = BC_STORE_INIT;
    bc_store second = BC_STORE_INIT;
    open_at(&store, path);
    assert_int_equal(bc_sqlite_store(&second, path, NULL, NULL), BC_ERR_STORE);
    assert_true(other_process_is_refused(path));
    store.close(store.context);
    free(path);
}

/* ---- Whose file it is ---- */

static void test_newer_schema(void **state)
{
    char *path = make_database(*state);
    run_sql(path, "PRAGMA user_version=2");
    expect_refusal(*state, path, BC_ERR_UNSUPPORTED, "version 2");
    run_sql(path, "PRAGMA user_version=-1");
    expect_refusal(*state, path, BC_ERR_UNSUPPORTED, "version 4294967295");
    run_sql(path, "PRAGMA user_version=0");
    expect_refusal(*state, path, BC_ERR_DAMAGED, "no version");
    free(path);
}

static void test_other_programs(void **state)
{
    static const char *const databases[] = {
        "CREATE TABLE accounts(name)",
        "PRAGMA application_id=7;CREATE TABLE accounts(name)",
        "PRAGMA application_id=7;PRAGMA user_version=1",
        "PRAGMA journal_mode=WAL;CREATE TABLE accounts(name)",
        "PRAGMA user_version=9;VACUUM",
    };
    for (size_t i = 0; i < sizeof(databases) / sizeof(databases[0]); i++) {
        char *path = test_folder_file(*state, "other.db");
        run_sql(path, databases[i]);
        expect_refusal(*state, path, BC_ERR_FORMAT, "another program");
        test_folder_clear(*state);
        free(path);
    }
}

/* Another program's database with a log that its owner has still to fold in. */
static void test_other_program_with_log(void **state)
{
    char *path = test_folder_file(*state, "other.db");
    int status = -1;
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        sqlite3 *db = NULL;
        sqlite3_open(path, &db);
        child_exit(sqlite3_exec(db,
                                "PRAGMA journal_mode=WAL;CREATE TABLE t(a);INSERT INTO t VALUES(1)",
                                NULL, NULL, NULL));
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    expect_refusal(*state, path, BC_ERR_FORMAT, "another program");
    free(path);
}

static void test_no_database(void **state)
{
    static const char text[] = "This is a letter and no database. It is longer than a header is, "
                               "which has a hundred bytes, and it says nothing.";
    static const uint8_t zeros[8192] = {0};
    char *path = test_folder_file(*state, "letter.txt");
    char *journal = test_folder_file(*state, "letter.txt-journal");
    write_file(path, 0, text, sizeof(text));
    expect_refusal(*state, path, BC_ERR_FORMAT, "not an SQLite database");
    write_file(journal, 0, text, sizeof(text));
    expect_refusal(*state, path, BC_ERR_FORMAT, "not an SQLite database");
    assert_int_equal(truncate(path, 10), 0);
    expect_refusal(*state, path, BC_ERR_FORMAT, "not an SQLite database");
    assert_int_equal(unlink(path), 0);
    assert_int_equal(unlink(journal), 0);
    write_file(path, 0, zeros, sizeof(zeros));
    expect_refusal(*state, path, BC_ERR_FORMAT, "not an SQLite database");
    free(path);
    free(journal);
}

static void test_empty_file(void **state)
{
    char *path = test_folder_file(*state, "empty.db");
    bc_store store = BC_STORE_INIT;
    write_file(path, 0, "", 0);
    open_at(&store, path);
    assert_int_equal(counted_commit(&store, 1, NULL), BC_OK);
    store.close(store.context);
    free(path);
}

/* ---- Damage ---- */

static void test_truncated(void **state)
{
    char *path = make_database(*state);
    struct stat status;
    assert_int_equal(stat(path, &status), 0);
    assert_true(status.st_size > 6 * 4096);
    assert_int_equal(truncate(path, status.st_size - 4096), 0);
    expect_refusal(*state, path, BC_ERR_DAMAGED, "damaged");
    assert_int_equal(truncate(path, 4096), 0);
    expect_refusal(*state, path, BC_ERR_DAMAGED, "damaged");
    assert_int_equal(truncate(path, 200), 0);
    expect_refusal(*state, path, BC_ERR_DAMAGED, "damaged");
    free(path);
}

static void test_garbled_schema(void **state)
{
    uint8_t rubbish[3000];
    char *path = make_database(*state);
    memset(rubbish, 0x5a, sizeof(rubbish));
    write_file(path, 100, rubbish, sizeof(rubbish));
    expect_refusal(*state, path, BC_ERR_DAMAGED, "damaged");
    free(path);
}

/* The header says whose it is, and otherwise nothing that SQLite can read: page size, format. */
static void test_garbled_header(void **state)
{
    static const uint8_t rubbish[] = {0x12, 0x34, 9, 9};
    char *path = make_database(*state);
    write_file(path, 16, rubbish, sizeof(rubbish));
    expect_refusal(*state, path, BC_ERR_DAMAGED, "damaged");
    free(path);
}

static void test_foreign_tables(void **state)
{
    static const char *const changes[] = {
        "CREATE TABLE more(a)",
        "CREATE TRIGGER t AFTER INSERT ON entry BEGIN DELETE FROM large; END",
        "DROP TABLE large",
        "DROP TABLE large;CREATE TABLE large(id INTEGER PRIMARY KEY,value TEXT)",
    };
    for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
        char *path = make_database(*state);
        run_sql(path, changes[i]);
        expect_refusal(*state, path, BC_ERR_DAMAGED, "its tables");
        test_folder_clear(*state);
        free(path);
    }
}

/* The database is gone or emptied, and the log is what is left: SQLite would delete it. */
static void test_log_without_database(void **state)
{
    char *path = make_database(*state);
    lock_holder holder = start_holder(hold_store, path, 0);
    end_holder(&holder);
    assert_int_equal(truncate(path, 0), 0);
    expect_refusal(*state, path, BC_ERR_DAMAGED, "log beside it");
    assert_int_equal(unlink(path), 0);
    expect_refusal(*state, path, BC_ERR_DAMAGED, "log beside it");
    free(path);
}

/* A damaged database keeps the log that it was found with, byte for byte. */
static void test_damaged_with_log(void **state)
{
    char *path = make_database(*state);
    lock_holder holder = start_holder(hold_store, path, 0);
    end_holder(&holder);
    run_sql(path, "CREATE TABLE more(a)");
    {
        int status = -1;
        pid_t pid = fork();
        assert_true(pid >= 0);
        if (pid == 0) {
            sqlite3 *db = NULL;
            sqlite3_open(path, &db);
            child_exit(sqlite3_exec(db, "CREATE TABLE yet_more(a)", NULL, NULL, NULL));
        }
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_int_equal(status, 0);
    }
    expect_refusal(*state, path, BC_ERR_DAMAGED, "its tables");
    free(path);
}

/* ---- Permissions and other kinds of files ---- */

static void test_other_kinds(void **state)
{
    const test_folder *folder = *state;
    char *path = test_folder_file(folder, "fifo");
    char *missing = test_folder_file(folder, "no/such/folder.db");
    char *below_file = test_folder_file(folder, "plain/chain.db");
    char *plain = test_folder_file(folder, "plain");
    char long_path[6000];
    bc_error error = {0};
    bc_store store = BC_STORE_INIT;
    assert_int_equal(mkfifo(path, 0600), 0);
    expect_refusal(folder, path, BC_ERR_STORE, "not a regular file");
    expect_refusal(folder, folder->path, BC_ERR_STORE, "not a regular file");
    expect_refusal(folder, missing, BC_ERR_STORE, "folder");
    write_file(plain, 0, "x", 1);
    assert_int_equal(bc_sqlite_store(&store, below_file, NULL, &error), BC_ERR_STORE);
    memset(long_path, 'a', sizeof(long_path));
    long_path[0] = '/';
    long_path[sizeof(long_path) - 1] = '\0';
    assert_int_equal(bc_sqlite_store(&store, long_path, NULL, &error), BC_ERR_STORE);
    assert_non_null(strstr(error.message, "aaaa"));
    free(path);
    free(missing);
    free(below_file);
    free(plain);
}

/* Control characters of a path do not break the line; of a long one the end is shown, whole
 * characters. */
static void test_names_in_messages(void **state)
{
    char path[500] = "/no\nsuch\x7f/folder";
    bc_error error = {0};
    bc_store store = BC_STORE_INIT;
    (void)state;
    assert_int_equal(bc_sqlite_store(&store, path, NULL, &error), BC_ERR_STORE);
    assert_non_null(strstr(error.message, "/no?such?/folder"));
    for (int cut = 0; cut < 2; cut++) {
        const char *shown;
        snprintf(path, sizeof(path), "/missing/");
        for (int i = 0; i < 120; i++) {
            strcat(path, "\xc3\xa4");
        }
        strcat(path, cut == 0 ? "end" : "end!");
        assert_int_equal(bc_sqlite_store(&store, path, NULL, &error), BC_ERR_STORE);
        shown = strstr(error.message, "...");
        assert_non_null(shown);
        assert_memory_equal(shown + 3, "\xc3\xa4", 2);
        assert_non_null(strstr(error.message, cut == 0 ? "end: its folder" : "end!: its folder"));
    }
}

/* Runs as somebody whom permissions bind, in a child; true where it was refused so. */
static bool is_refused_to_nobody(const char *path, const char *words)
{
    int status = -1;
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        bc_store store = BC_STORE_INIT;
        bc_error error = {0};
        if (geteuid() == 0 && (setgid(NOBODY) != 0 || setuid(NOBODY) != 0)) {
            child_exit(1);
        }
        child_exit(bc_sqlite_store(&store, path, NULL, &error) == BC_ERR_STORE &&
                           strstr(error.message, words) != NULL &&
                           strstr(error.message, path) != NULL
                       ? 0
                       : 1);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return status == 0;
}

static void test_read_only(void **state)
{
    const test_folder *folder = *state;
    char *path = make_database(folder);
    char *fresh = test_folder_file(folder, "fresh.db");
    char *before;
    char *after;
    if (geteuid() == 0) {
        assert_int_equal(chown(folder->path, NOBODY, NOBODY), 0);
        assert_int_equal(chown(path, NOBODY, NOBODY), 0);
    }
    before = test_folder_print(folder);
    assert_int_equal(chmod(path, 0444), 0);
    assert_true(is_refused_to_nobody(path, "it is read-only"));
    assert_int_equal(chmod(path, 0), 0);
    assert_true(is_refused_to_nobody(path, "no permission to read"));
    assert_int_equal(chmod(path, 0644), 0);
    assert_int_equal(chmod(folder->path, 0555), 0);
    assert_true(is_refused_to_nobody(path, "its folder is read-only"));
    assert_true(is_refused_to_nobody(fresh, "its folder is read-only"));
    assert_int_equal(chmod(folder->path, 0755), 0);
    assert_true(is_refused_to_nobody("/bc-test-in-the-root.db", "its folder is read-only"));
    after = test_folder_print(folder);
    assert_string_equal(before, after);
    free(before);
    free(after);
    free(path);
    free(fresh);
}

/* ---- No room ---- */

/* Commits under a limit to the size of files, until one fails; exits with 0 where that was said in
 * the right way, and the store afterwards behaves as it must. */
static void fill_up(const char *path)
{
    struct rlimit limit = {300000, 300000};
    bc_error error = {0};
    bc_status status = BC_OK;
    bc_store store = BC_STORE_INIT;
    uint32_t number = 20;
    signal(SIGXFSZ, SIG_IGN);
    if (setrlimit(RLIMIT_FSIZE, &limit) != 0 || bc_sqlite_store(&store, path, NULL, NULL) != 0) {
        child_exit(2);
    }
    while (status == BC_OK && number < 1000) {
        status = counted_commit(&store, ++number, &error);
    }
    if ((status != BC_ERR_STORE && status != BC_ERR_STORE_UNKNOWN) || error.host_code == 0 ||
        strstr(error.message, path) == NULL) {
        child_exit(3);
    }
    if (status == BC_ERR_STORE && counted_state(&store) != number - 1) {
        child_exit(4);
    }
    if (status == BC_ERR_STORE_UNKNOWN &&
        counted_commit(&store, number, &error) != BC_ERR_STORE_UNKNOWN) {
        child_exit(5);
    }
    store.close(store.context);
    child_exit(number > 255 ? 6 : (int)number);
}

static void test_file_too_large(void **state)
{
    char *path = make_database(*state);
    int status = -1;
    int64_t last;
    bc_store store = BC_STORE_INIT;
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        fill_up(path);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_true(WEXITSTATUS(status) > 20);
    open_at(&store, path);
    last = counted_state(&store);
    assert_true(last == WEXITSTATUS(status) || last == WEXITSTATUS(status) - 1);
    assert_int_equal(counted_commit(&store, (uint32_t)last + 1, NULL), BC_OK);
    store.close(store.context);
    free(path);
}

#define IN_A_FOLDER(test)                                                                          \
    cmocka_unit_test_setup_teardown(test, test_folder_make, test_folder_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_A_FOLDER(test_locked),
        IN_A_FOLDER(test_locked_by_a_reader),
        IN_A_FOLDER(test_busy_timeout),
        IN_A_FOLDER(test_second_handle),
        IN_A_FOLDER(test_second_handle_of_a_new_file),
        IN_A_FOLDER(test_newer_schema),
        IN_A_FOLDER(test_other_programs),
        IN_A_FOLDER(test_other_program_with_log),
        IN_A_FOLDER(test_no_database),
        IN_A_FOLDER(test_empty_file),
        IN_A_FOLDER(test_truncated),
        IN_A_FOLDER(test_garbled_schema),
        IN_A_FOLDER(test_garbled_header),
        IN_A_FOLDER(test_foreign_tables),
        IN_A_FOLDER(test_log_without_database),
        IN_A_FOLDER(test_damaged_with_log),
        IN_A_FOLDER(test_other_kinds),
        IN_A_FOLDER(test_names_in_messages),
        IN_A_FOLDER(test_read_only),
        IN_A_FOLDER(test_file_too_large),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
