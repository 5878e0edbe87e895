/* libbc-sqlite against the contract of a store. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <bc/sqlite.h>

#include "test/adapters/sqlite_files.h"
#include "test/support/store_contract.h"

static bc_status open_default(void *context, bc_store *out, bc_error *error)
{
    return bc_sqlite_store(out, context, NULL, error);
}

/* A cache and a log so small that every commit spills and folds the log in. */
static bc_status open_tiny(void *context, bc_store *out, bc_error *error)
{
    bc_sqlite_options options = BC_SQLITE_OPTIONS_INIT;
    options.cache_bytes = 1;
    options.wal_bytes = 1;
    return bc_sqlite_store(out, context, &options, error);
}

static void test_edges(void **state)
{
    store_contract contract = {database(*state), open_default, true, 0};
    store_contract_edges(&contract);
}

static void test_random(void **state)
{
    store_contract contract = {database(*state), open_default, true, 6000};
    store_contract_random(&contract);
}

static void test_random_tiny(void **state)
{
    store_contract contract = {database(*state), open_tiny, true, 2000};
    store_contract_random(&contract);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_edges, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_random, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_random_tiny, make_folder, remove_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
