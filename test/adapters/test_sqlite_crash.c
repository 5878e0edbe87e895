/* libbc-sqlite under kill -9: what a process acknowledged is there for the next. And where there is
 * no memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include <sqlite3.h>

#include <bc/sqlite.h>

#include "test/support/child.h"
#include "test/support/counted_store.h"
#include "test/support/random.h"
#include "test/support/test_folder.h"

static void open_at(bc_store *store, const char *path)
{
    bc_error error = {0};
    if (bc_sqlite_store(store, path, NULL, &error) != BC_OK) {
        fail_msg("%s", error.message);
    }
}

/* Commits for ever, and writes each number down the pipe once it is durable. */
static void commit_for_ever(const char *path, uint32_t number, int pipe_end)
{
    bc_sqlite_options options = BC_SQLITE_OPTIONS_INIT;
    bc_store store = BC_STORE_INIT;
    options.wal_bytes = 200000; /* folds in often */
    if (bc_sqlite_store(&store, path, &options, NULL) != BC_OK) {
        child_exit(1);
    }
    for (;;) {
        number++;
        if (counted_commit(&store, number, NULL) != BC_OK ||
            write(pipe_end, &number, sizeof(number)) != (ssize_t)sizeof(number)) {
            child_exit(1);
        }
    }
}

/* The last number that a child acknowledged before it was killed, `number` where none. The time that
 * it has counts from its first commit, or from its beginning where `early` is set. */
static uint32_t run_and_kill(const char *path, uint32_t number, bool early, long microseconds)
{
    struct timespec pause = {0, microseconds * 1000};
    uint32_t acknowledged = number;
    int ends[2];
    int status = 0;
    pid_t pid;
    assert_int_equal(pipe(ends), 0);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        close(ends[0]);
        commit_for_ever(path, number, ends[1]);
    }
    close(ends[1]);
    if (!early) {
        assert_int_equal(read(ends[0], &acknowledged, sizeof(number)), sizeof(number));
    }
    nanosleep(&pause, NULL);
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status));
    while (read(ends[0], &number, sizeof(number)) == (ssize_t)sizeof(number)) {
        acknowledged = number;
    }
    close(ends[0]);
    return acknowledged;
}

static void test_kill(void **state)
{
    char *path = test_folder_file(*state, "chain.db");
    test_random random = test_random_begin();
    size_t rounds = test_random_repeats(30);
    uint32_t last = 0;
    for (size_t round = 0; round < rounds; round++) {
        int64_t found;
        uint32_t acknowledged;
        bc_store store = BC_STORE_INIT;
        /* the first few while the file is being made */
        acknowledged = run_and_kill(path, last, round < 5,
                                    (long)test_random_below(&random, round < 5 ? 4000 : 40000));
        open_at(&store, path);
        found = counted_state(&store);
        assert_true(found == acknowledged || found == (int64_t)acknowledged + 1);
        store.close(store.context);
        last = (uint32_t)found;
    }
    assert_true(last + 5 >= rounds); /* it did get somewhere */
    free(path);
}

/* ---- No memory ---- */

/* SQLite's allocator, made to fail from one call on, for a number of calls. */
static struct {
    sqlite3_mem_methods below;
    uint64_t count;
    uint64_t at; /* 0: never */
    uint64_t calls;
} memory;

static bool out_of_memory(void)
{
    memory.count++;
    return memory.at != 0 && memory.count >= memory.at && memory.count - memory.at < memory.calls;
}

static void *failing_malloc(int size)
{
    return out_of_memory() ? NULL : memory.below.xMalloc(size);
}

static void *failing_realloc(void *old, int size)
{
    return out_of_memory() ? NULL : memory.below.xRealloc(old, size);
}

static int install_memory(void **state)
{
    sqlite3_mem_methods ours;
    (void)state;
    if (sqlite3_shutdown() != SQLITE_OK ||
        sqlite3_config(SQLITE_CONFIG_GETMALLOC, &memory.below) != SQLITE_OK) {
        return -1;
    }
    ours = memory.below;
    ours.xMalloc = failing_malloc;
    ours.xRealloc = failing_realloc;
    return sqlite3_config(SQLITE_CONFIG_MALLOC, &ours) == SQLITE_OK ? 0 : -1;
}

static void let_fail(uint64_t at, uint64_t calls)
{
    memory.count = 0;
    memory.at = at;
    memory.calls = calls;
}

/* Whether the fault was reached. */
static bool let_work(void)
{
    bool reached = memory.at != 0 && memory.count >= memory.at;
    memory.at = 0;
    return reached;
}

/* Opens, commits and reads with no memory from one allocation on; true while that is reached. */
static bool use_without_memory(const char *path, uint64_t at, uint64_t calls, unsigned *refused)
{
    bc_error error = {0};
    bc_store store = BC_STORE_INIT;
    bc_status status;
    int64_t least = 0;
    int64_t most = 0;
    int64_t found;
    bool reached;
    let_fail(at, calls);
    status = bc_sqlite_store(&store, path, NULL, &error);
    if (status == BC_OK) {
        status = counted_commit(&store, 1, &error);
        least = status == BC_OK ? 1 : 0;
        most = status == BC_ERR_STORE ? 0 : 1;
        if (status == BC_OK) {
            found = counted_state(&store);
            assert_true(found == 1 || found == -1);
        } else {
            assert_true(status == BC_ERR_STORE || status == BC_ERR_STORE_UNKNOWN);
        }
        store.close(store.context);
    } else if (status != BC_ERR_STORE) {
        assert_int_equal(status, BC_ERR_MEMORY);
    }
    *refused += status != BC_OK ? 1 : 0;
    assert_true(status == BC_OK || error.message[0] != '\0');
    reached = let_work();
    open_at(&store, path);
    found = counted_state(&store);
    assert_true(found >= least && found <= most);
    store.close(store.context);
    return reached;
}

static void test_no_memory(void **state)
{
    char *path = test_folder_file(*state, "chain.db");
    for (uint64_t calls = 1; calls <= 1000000; calls *= 1000000) {
        unsigned refused = 0;
        uint64_t at = 1;
        while (use_without_memory(path, at, calls, &refused)) {
            at++;
            test_folder_clear(*state);
        }
        test_folder_clear(*state);
        assert_true(refused > 50);
    }
    free(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_kill, test_folder_make, test_folder_remove),
        cmocka_unit_test_setup_teardown(test_no_memory, test_folder_make, test_folder_remove),
    };
    return cmocka_run_group_tests(tests, install_memory, NULL);
}
