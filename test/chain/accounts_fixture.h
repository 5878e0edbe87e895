/* Accounts over a store that fails when told to, for the suites of src/chain/accounts.c and
 * account_plan.c. */
#ifndef BC_TEST_CHAIN_ACCOUNTS_FIXTURE_H
#define BC_TEST_CHAIN_ACCOUNTS_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "src/chain/accounts.h"
#include "test/support/counting_heap.h"
#include "test/support/random.h"
#include "test/support/test_store.h"

enum { CHECKSUM_BYTES = 8 };

typedef struct accounts_bench {
    counting_heap counter;
    bc__heap heap;
    test_store store;
    bc__database database;
    bc__accounts accounts;
} accounts_bench;

/* Opens database and accounts on what the store holds. */
static inline void bench_open(accounts_bench *with, uint64_t limit)
{
    bc__database_init(&with->database, &with->store.outer, &with->heap);
    bc__accounts_init(&with->accounts, &with->heap, &with->database, limit);
}

/* Leaves the store as it is. */
static inline void bench_close(accounts_bench *with)
{
    bc__accounts_free(&with->accounts);
    bc__database_close(&with->database);
    assert_int_equal(with->counter.held, 0);
}

static inline void setup(accounts_bench *with, uint64_t limit)
{
    memset(with, 0, sizeof *with);
    with->counter = (counting_heap)COUNTING_HEAP_ENDLESS;
    with->heap = counting_heap_internal(&with->counter);
    test_store_init(&with->store);
    bench_open(with, limit);
}

static inline void teardown(accounts_bench *with)
{
    bench_close(with);
    test_store_free(&with->store);
}

typedef struct test_key {
    uint8_t bytes[BC__ACCOUNT_KEY_BYTES];
} test_key;

/* Eight at a time begin with the same 8 bytes; the order of the keys is not that of the numbers. */
static inline test_key key_of(size_t number)
{
    test_key key = {{0}};
    key.bytes[0] = (uint8_t)(0xff - number / 8 % 256);
    key.bytes[1] = (uint8_t)(number / 2048 % 256);
    key.bytes[31] = (uint8_t)(7 - number % 8);
    return key;
}

static inline size_t number_of(const uint8_t key[BC__ACCOUNT_KEY_BYTES])
{
    return (size_t)(0xff - key[0]) * 8 + (size_t)key[1] * 2048 + (size_t)(7 - key[31]);
}

static inline bool is_zero(const bc__account *account)
{
    return account->balance == 0 && account->nonce == 0;
}

/* That an account is what it should be, from the cache or from the store. */
static inline void assert_account(accounts_bench *with, size_t number, bc__account expected)
{
    bc__account account = {77, 77};
    test_key key = key_of(number);
    assert_int_equal(bc__accounts_get(&with->accounts, &account, key.bytes, NULL), BC_OK);
    assert_true(account.balance == expected.balance && account.nonce == expected.nonce);
}

/* That the store's rows are these accounts and no others, byte for byte. */
static inline void assert_rows(accounts_bench *with, const bc__account *expected, size_t count)
{
    size_t rows = 0;
    for (size_t number = 0; number < count; number++) {
        rows += !is_zero(&expected[number]);
    }
    assert_int_equal(test_store_count(&with->store, 'a'), rows);
    uint8_t key[BC_KEY_BYTES_MAX];
    size_t key_length;
    uint8_t *value;
    size_t length;
    for (size_t at = 0; test_store_entry(&with->store, at, key, &key_length, &value, &length);
         at++) {
        if (key[0] == 'a') {
            assert_int_equal(key_length, 33);
            assert_int_equal(length, 16 + CHECKSUM_BYTES);
            size_t number = number_of(key + 1);
            assert_true(number < count);
            for (size_t byte = 0; byte < 8; byte++) {
                assert_int_equal(value[byte], expected[number].balance >> (8 * byte) & 0xff);
                assert_int_equal(value[8 + byte], expected[number].nonce >> (8 * byte) & 0xff);
            }
        }
        free(value);
    }
}

static inline void id_of(uint8_t id[BC_ID_BYTES], size_t number)
{
    memset(id, 0x5a, BC_ID_BYTES);
    id[0] = (uint8_t)number;
    id[1] = (uint8_t)(number >> 8);
}

#endif
