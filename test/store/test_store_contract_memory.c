/* The built-in store in memory against the contract of a store. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "test/support/store_contract.h"

static bc_status open_memory(void *context, bc_store *out, bc_error *error)
{
    (void)context;
    return bc_store_memory(out, NULL, error);
}

static const store_contract contract = {NULL, open_memory, false, 12000};

static void test_edges(void **state)
{
    (void)state;
    store_contract_edges(&contract);
}

static void test_random(void **state)
{
    (void)state;
    store_contract_random(&contract);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_edges),
        cmocka_unit_test(test_random),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
