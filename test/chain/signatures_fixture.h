/* Rules that are nothing but signed transactions, which hold or fail as their bytes say, and blocks of
 * them. Every check that the rules are asked for is counted. */
#ifndef BC_TEST_CHAIN_SIGNATURES_FIXTURE_H
#define BC_TEST_CHAIN_SIGNATURES_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sched.h>

#include <cmocka.h>

#include "lib/integers.h"
#include "src/base/error.h"
#include "src/chain/signatures.h"
#include "test/support/counting_heap.h"

/* An encoding: sender, serial number, kind, the reason that a check gives. */
enum {
    AT_SERIAL = 32,
    AT_KIND = 36,
    AT_REASON = 37,
    TX_BYTES = 38,
    SERIALS = 4096,
    HEIGHT = 12,
};

typedef struct fake_tx {
    uint32_t serial;
    uint32_t sender; /* 0: a reward */
    uint32_t reason;
} fake_tx;

/* How often each transaction was checked with nothing known, with its key, with its signature too. */
typedef struct fake_counts {
    atomic_uint nothing[SERIALS];
    atomic_uint key[SERIALS];
    atomic_uint signature[SERIALS];
} fake_counts;

static fake_counts counts;

static inline void forget_counts(void)
{
    for (size_t at = 0; at < SERIALS; at++) {
        atomic_store(&counts.nothing[at], 0);
        atomic_store(&counts.key[at], 0);
        atomic_store(&counts.signature[at], 0);
    }
}

static inline unsigned count_checks(uint32_t serial)
{
    return atomic_load(&counts.nothing[serial]) + atomic_load(&counts.key[serial]) +
           atomic_load(&counts.signature[serial]);
}

static inline unsigned count_all(const atomic_uint *list)
{
    unsigned sum = 0;
    for (size_t at = 0; at < SERIALS; at++) {
        sum += atomic_load(&list[at]);
    }
    return sum;
}

static inline void write_key(uint8_t key[32], uint32_t number)
{
    memset(key, 3, 32);
    bc__put_le(key, number, 4);
}

static inline void write_id(uint8_t id[BC_ID_BYTES], uint32_t serial)
{
    memset(id, 5, BC_ID_BYTES);
    bc__put_le(id + 9, serial, 4);
}

static inline void write_tx(uint8_t bytes[TX_BYTES], const fake_tx *tx)
{
    write_key(bytes, tx->sender);
    bc__put_le(bytes + AT_SERIAL, tx->serial, 4);
    bytes[AT_KIND] = tx->sender == 0 ? BC_TX_REWARD : BC_TX_SIGNED;
    bytes[AT_REASON] = (uint8_t)tx->reason;
}

static uint32_t fake_check_tx(const bc_params *params, const uint8_t *bytes, size_t length,
                              uint32_t known, bc_error *error)
{
    uint32_t serial = (uint32_t)bc__get_le(bytes + AT_SERIAL, 4) % SERIALS;
    bool is_whole = params != NULL && length == TX_BYTES && bytes[AT_KIND] == BC_TX_SIGNED;
    if (known == 0) {
        atomic_fetch_add(&counts.nothing[serial], 1);
    } else if (known == BC__TX_KEY_IS_CHECKED) {
        atomic_fetch_add(&counts.key[serial], 1);
    } else if (known == (BC__TX_KEY_IS_CHECKED | BC__TX_SIGNATURE_IS_CHECKED)) {
        atomic_fetch_add(&counts.signature[serial], 1);
    } else {
        is_whole = false;
    }
    for (uint32_t at = 0; at < serial % 3; at++) {
        (void)sched_yield(); /* the threads take turns in other ways */
    }
    if (!is_whole) {
        (void)bc__fail(error, BC_OK, "the test's rules were asked wrongly");
        return BC_REASON_FRAMING;
    }
    if (bytes[AT_REASON] != BC_REASON_NONE) {
        (void)bc__fail(error, BC_OK, "serial %u fails", (unsigned)serial);
    }
    return bytes[AT_REASON];
}

static bool fake_is_reward(const bc_params *params, const bc_block *block, uint32_t index)
{
    (void)params;
    return block->bytes.data[block->places[index].offset + AT_KIND] == BC_TX_REWARD;
}

static void fake_tx_fields(bc_tx_fields *fields, const uint8_t *bytes, size_t length)
{
    (void)length;
    fields->kind = bytes[AT_KIND];
    memcpy(fields->sender, bytes, sizeof fields->sender);
}

static bc_status fake_block_tx(bc_tx **out, const bc_block *block, uint32_t index, bc_error *error)
{
    return bc__tx_make(out, block->origin, block->tx_ids[index],
                       block->bytes.data + block->places[index].offset, block->places[index].length,
                       error);
}

static const bc__rules fake_rules = {
    .name = "fake",
    .capabilities = BC__HAS_ACCOUNTS,
    .check_tx = fake_check_tx,
    .is_reward = fake_is_reward,
    .tx_fields = fake_tx_fields,
    .block_tx = fake_block_tx,
};

typedef struct bench {
    counting_heap counter;
    bc_params params;
    bc__signatures signatures;
} bench;

static void no_destroy(bc__origin *origin)
{
    (void)origin;
}

static inline void setup(bench *with, uint64_t bytes)
{
    memset(with, 0, sizeof *with);
    with->counter = (counting_heap)COUNTING_HEAP_ENDLESS;
    bc_allocator allocator = counting_heap_public(&with->counter);
    assert_int_equal(bc__origin_init(&with->params.origin, &allocator, no_destroy, NULL), BC_OK);
    with->params.rules = &fake_rules;
    assert_int_equal(bc__signatures_init(&with->signatures, &with->params, bytes, NULL), BC_OK);
    forget_counts();
}

static inline void teardown(bench *with)
{
    bc__signatures_free(&with->signatures);
    bc__signatures_free(&with->signatures); /* which takes one that is free already */
    assert_int_equal(with->counter.held, 0);
}

/* A block of those transactions. Release with bc_block_unref. */
static inline bc_block *make_block(bench *with, const fake_tx *txs, size_t count)
{
    bc_block *block;
    const bc__heap *heap = &with->params.origin.heap;
    assert_int_equal(bc__block_new(&block, &with->params.origin, NULL), BC_OK);
    if (count > 0) {
        block->tx_ids = bc__heap_array(heap, count, sizeof *block->tx_ids);
        assert_non_null(block->tx_ids);
    }
    for (size_t at = 0; at < count; at++) {
        uint8_t bytes[TX_BYTES];
        write_tx(bytes, &txs[at]);
        write_id(block->tx_ids[at], txs[at].serial);
        assert_int_equal(bc__block_add_place(block, block->bytes.length, TX_BYTES), BC__OK);
        assert_int_equal(bc__bytes_append(&block->bytes, bytes, TX_BYTES), BC__OK);
    }
    return block;
}

static inline bc_tx *make_tx(bench *with, const fake_tx *given)
{
    bc_tx *tx;
    uint8_t bytes[TX_BYTES];
    uint8_t id[BC_ID_BYTES];
    write_tx(bytes, given);
    write_id(id, given->serial);
    assert_int_equal(bc__tx_make(&tx, &with->params.origin, id, bytes, TX_BYTES, NULL), BC_OK);
    return tx;
}

#endif
