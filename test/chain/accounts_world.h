/* A model of a chain with accounts: a tree of blocks, each with all accounts as they are behind it, and
 * what an engine does with them in the store. */
#ifndef BC_TEST_CHAIN_ACCOUNTS_WORLD_H
#define BC_TEST_CHAIN_ACCOUNTS_WORLD_H

#include "src/chain/account_plan.h"
#include "test/chain/accounts_fixture.h"

enum { ACCOUNTS = 40, BLOCKS = 120 };

typedef struct state {
    bc__account of[ACCOUNTS];
} state;

typedef struct model_block {
    size_t parent; /* of genesis: itself */
    size_t height;
    state after;
} model_block;

typedef struct world {
    accounts_bench bench;
    uint64_t limit;
    test_random random;
    model_block blocks[BLOCKS];
    size_t count;
    size_t tip;
    size_t crashes; /* looked at */
    bool crash_at_commits;
} world;

static inline size_t fork_of(const world *with, size_t left, size_t right)
{
    while (left != right) {
        size_t *higher = with->blocks[left].height > with->blocks[right].height ? &left : &right;
        *higher = with->blocks[*higher].parent;
    }
    return left;
}

static inline bool same(const bc__account *left, const bc__account *right)
{
    return left->balance == right->balance && left->nonce == right->nonce;
}

static inline void assert_state(accounts_bench *with, const state *expected)
{
    for (size_t number = 0; number < ACCOUNTS; number++) {
        assert_account(with, number, expected->of[number]);
    }
}

/* ---- What the engine does: deltas under the id, the tip, switches ---- */

static inline bc__key delta_key(size_t block)
{
    uint8_t id[BC_ID_BYTES];
    id_of(id, block);
    return bc__key_of_id('d', id);
}

/* Undoes or redoes one block by the delta in the store. */
static inline bc_status replay_one(accounts_bench *with, bc__account_plan *plan, size_t block,
                                   bool forward)
{
    bc__bytes delta;
    bc__key key = delta_key(block);
    bc__bytes_init(&delta, &with->heap, SIZE_MAX);
    bc_status status = bc__database_get(&with->database, &key, &delta, NULL);
    if (status == BC_OK) {
        status = forward ? bc__account_plan_redo(plan, delta.data, delta.length, NULL)
                         : bc__account_plan_undo(plan, delta.data, delta.length, NULL);
    }
    bc__bytes_free(&delta);
    return status;
}

/* From one block to another that are both in the store. */
static inline bc_status walk(const world *with, accounts_bench *bench, bc__account_plan *plan,
                             size_t from, size_t to)
{
    size_t path[BLOCKS];
    size_t length = 0;
    size_t fork = fork_of(with, from, to);
    bc_status status = BC_OK;
    for (size_t at = from; status == BC_OK && at != fork; at = with->blocks[at].parent) {
        status = replay_one(bench, plan, at, false);
    }
    for (size_t at = to; at != fork; at = with->blocks[at].parent) {
        path[length++] = at;
    }
    while (status == BC_OK && length > 0) {
        status = replay_one(bench, plan, path[--length], true);
    }
    return status;
}

static inline bc_status put_tip(accounts_bench *with, size_t block, size_t height)
{
    uint8_t record[BC__TIP_RECORD_BYTES];
    uint8_t id[BC_ID_BYTES];
    bc__key key = bc__key_of(BC__KEY_TIP);
    id_of(id, block);
    bc__tip_record_write(record, height, id);
    return bc__database_put(&with->database, &key, record, sizeof record, NULL);
}

/* Puts what a record says is the tip into *tip; false where there is none. */
static inline bool read_tip(accounts_bench *with, size_t *tip)
{
    bc__bytes bytes;
    bc__key key = bc__key_of(BC__KEY_TIP);
    bc__bytes_init(&bytes, &with->heap, SIZE_MAX);
    bc_status status = bc__database_get(&with->database, &key, &bytes, NULL);
    if (status == BC_OK) {
        *tip = bytes.data[8] + (size_t)bytes.data[9] * 256;
    }
    bc__bytes_free(&bytes);
    return status == BC_OK;
}

static inline bc_status apply(bc__account_plan *plan)
{
    bc_status status = bc__account_plan_reserve(plan, NULL);
    if (status == BC_OK) {
        bc__account_plan_apply(plan);
    }
    return status;
}

static inline bc_status allocate_genesis(const world *with, bc__account_plan *plan)
{
    bc_status status = BC_OK;
    for (size_t number = 0; status == BC_OK && number < ACCOUNTS; number++) {
        const bc__account *account = &with->blocks[0].after.of[number];
        test_key key = key_of(number);
        if (!is_zero(account)) {
            status = bc__account_plan_put(plan, key.bytes, account, NULL);
        }
    }
    return status;
}

static inline bc_status flush(world *with, accounts_bench *bench, size_t tip, uint64_t commit_bytes)
{
    uint8_t id[BC_ID_BYTES];
    id_of(id, tip);
    return bc__accounts_flush(&bench->accounts, with->blocks[tip].height, id, commit_bytes, NULL);
}

/* What opening does; the accounts are those of the tip then, and a flush is due where they were not
 * in the store. */
static inline void recover(const world *with, accounts_bench *bench, size_t tip)
{
    bool found;
    uint64_t height;
    uint8_t id[BC_ID_BYTES];
    uint8_t tip_id[BC_ID_BYTES];
    bc__account_plan plan;
    id_of(tip_id, tip);
    assert_int_equal(bc__accounts_open(&bench->accounts, &found, &height, id, tip_id, NULL), BC_OK);
    bc__account_plan_init(&plan, &bench->accounts);
    if (found) {
        size_t marker = id[0] + (size_t)id[1] * 256;
        assert_true(marker < with->count);
        assert_int_equal(height, with->blocks[marker].height);
        assert_int_equal(walk(with, bench, &plan, marker, tip), BC_OK);
        assert_int_equal(bc__accounts_flush_due(&bench->accounts), marker != tip);
    } else {
        assert_int_equal(tip, 0);
        assert_int_equal(allocate_genesis(with, &plan), BC_OK);
    }
    assert_int_equal(apply(&plan), BC_OK);
    bc__account_plan_free(&plan);
}

/* Opens a copy of the store as a crash now would leave it. */
static inline void check_crash(void *context, const bc_write *writes, size_t count)
{
    world *with = context;
    size_t tip = SIZE_MAX;
    (void)writes;
    (void)count;
    if (!with->crash_at_commits) {
        return;
    }
    accounts_bench other;
    setup(&other, with->limit);
    test_store_copy(&other.store, &with->bench.store);
    if (read_tip(&other, &tip)) {
        recover(with, &other, tip);
        assert_state(&other, &with->blocks[tip].after);
        assert_int_equal(flush(with, &other, tip, 300), BC_OK);
        assert_rows(&other, with->blocks[tip].after.of, ACCOUNTS);
        bench_close(&other);
        bench_open(&other, with->limit);
        assert_state(&other, &with->blocks[tip].after);
        with->crashes++;
    }
    teardown(&other);
}

static inline void world_begin(world *with, uint64_t limit, test_random random)
{
    memset(with, 0, sizeof *with);
    with->limit = limit;
    with->random = random;
    setup(&with->bench, limit);
    with->bench.store.before_commit = check_crash;
    with->bench.store.before_context = with;
    with->crash_at_commits = true;
    for (size_t number = 0; number < ACCOUNTS / 2; number++) {
        with->blocks[0].after.of[number].balance = 100 + number;
    }
    with->count = 1;
    assert_int_equal(put_tip(&with->bench, 0, 0), BC_OK);
    assert_int_equal(bc__database_commit(&with->bench.database, NULL), BC_OK);
    recover(with, &with->bench, 0);
    assert_int_equal(flush(with, &with->bench, 0, 400), BC_OK);
}

static inline void world_end(world *with)
{
    teardown(&with->bench);
}

#endif
