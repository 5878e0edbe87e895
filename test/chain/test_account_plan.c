#include "test/chain/accounts_world.h"

/* ---- Random histories ---- */

/* Some puts and gets in a block, which end in *now. */
static void touch_some(world *with, bc__account_plan *plan, state *now)
{
    for (size_t left = test_random_below(&with->random, 9); left > 0; left--) {
        size_t number = test_random_below(&with->random, ACCOUNTS);
        test_key key = key_of(number);
        bc__account account;
        if (test_random_below(&with->random, 4) > 0) {
            assert_int_equal(bc__account_plan_get(plan, &account, key.bytes, NULL), BC_OK);
            assert_true(same(&account, &now->of[number]));
        }
        if (test_random_below(&with->random, 4) > 0) {
            account.balance = test_random_below(&with->random, 3);
            account.nonce = test_random_below(&with->random, 2);
            assert_int_equal(bc__account_plan_put(plan, key.bytes, &account, NULL), BC_OK);
            now->of[number] = account;
        }
    }
}

/* That a delta says what became of `before` in a block, and nothing else. */
static void assert_delta(const bc__bytes *delta, const state *before, const state *after)
{
    size_t changed = 0;
    for (size_t number = 0; number < ACCOUNTS; number++) {
        changed += !same(&before->of[number], &after->of[number]);
    }
    assert_int_equal(delta->length, 4 + 64 * changed);
    assert_int_equal(delta->data[0], changed);
    assert_true(delta->data[1] == 0 && delta->data[2] == 0 && delta->data[3] == 0);
    bool seen[ACCOUNTS] = {false};
    for (size_t at = 0; at < changed; at++) {
        const uint8_t *entry = delta->data + 4 + 64 * at;
        size_t number = number_of(entry);
        assert_true(number < ACCOUNTS && !seen[number]);
        seen[number] = true;
        const uint64_t numbers[4] = {before->of[number].balance, before->of[number].nonce,
                                     after->of[number].balance, after->of[number].nonce};
        for (size_t byte = 0; byte < 32; byte++) {
            assert_int_equal(entry[32 + byte], numbers[byte / 8] >> (8 * (byte % 8)) & 0xff);
        }
    }
}

/* A new block on `parent`, where the plan stands; the failed ones before it leave no trace. Returns its
 * number. */
static size_t grow(world *with, bc__account_plan *plan, size_t parent)
{
    bc__bytes delta;
    while (test_random_below(&with->random, 3) == 0) {
        state dropped = with->blocks[parent].after;
        bc__account_plan_begin_block(plan);
        touch_some(with, plan, &dropped);
        bc__account_plan_drop_block(plan);
    }
    size_t number = with->count++;
    model_block *block = &with->blocks[number];
    block->parent = parent;
    block->height = with->blocks[parent].height + 1;
    block->after = with->blocks[parent].after;
    bc__account_plan_begin_block(plan);
    touch_some(with, plan, &block->after);
    bc__bytes_init(&delta, &with->bench.heap, SIZE_MAX);
    assert_int_equal(bc__bytes_append(&delta, "left", 4), BC__OK);
    assert_int_equal(bc__account_plan_end_block(plan, &delta, NULL), BC_OK);
    assert_memory_equal(delta.data, "left", 4); /* appended to what is there */
    memmove(delta.data, delta.data + 4, delta.length - 4);
    delta.length -= 4;
    assert_delta(&delta, &with->blocks[parent].after, &block->after);
    bc__key key = delta_key(number);
    assert_int_equal(bc__database_put(&with->bench.database, &key, delta.data, delta.length, NULL),
                     BC_OK);
    bc__bytes_free(&delta);
    return number;
}

typedef struct visits {
    const state *old;
    const state *new;
    bool seen[ACCOUNTS];
} visits;

static void visit(void *context, const uint8_t key[32], const bc__account *account)
{
    visits *with = context;
    size_t number = number_of(key);
    assert_true(number < ACCOUNTS && !with->seen[number]);
    with->seen[number] = true;
    assert_true(same(account, &with->new->of[number]));
}

/* Each account that changes is visited. */
static void assert_visits(const bc__account_plan *plan, const state *old, const state *new)
{
    visits seen = {.old = old, .new = new};
    bc__account_plan_each(plan, visit, &seen);
    for (size_t number = 0; number < ACCOUNTS; number++) {
        assert_true(seen.seen[number] || same(&old->of[number], &new->of[number]));
    }
}

/* One switch of the tip, which may be dropped, or fail to be committed. */
static void change_tip(world *with)
{
    accounts_bench *bench = &with->bench;
    bc__account_plan plan;
    size_t target = test_random_below(&with->random, with->count);
    size_t known = with->count;
    if (test_random_below(&with->random, 2) == 0) {
        target = with->tip;
    }
    bc__account_plan_init(&plan, &bench->accounts);
    assert_int_equal(walk(with, bench, &plan, with->tip, target), BC_OK);
    for (size_t left = test_random_below(&with->random, 4); left > 0 && with->count < BLOCKS;
         left--) {
        target = grow(with, &plan, target);
    }
    const state *old = &with->blocks[with->tip].after;
    const state *new = &with->blocks[target].after;
    assert_visits(&plan, old, new);
    size_t fate = test_random_below(&with->random, 6);
    assert_int_equal(put_tip(bench, target, with->blocks[target].height), BC_OK);
    if (fate > 0) {
        assert_int_equal(bc__account_plan_reserve(&plan, NULL), BC_OK);
    }
    if (fate == 1) {
        test_store_plan(&bench->store, TEST_STORE_COMMIT, 1, false, BC_ERR_STORE, false);
        assert_int_equal(bc__database_commit(&bench->database, NULL), BC_ERR_STORE);
        test_store_calm(&bench->store);
    }
    if (fate <= 1) {
        bc__database_rollback(&bench->database, 0);
        with->count = known;
    } else {
        assert_int_equal(bc__database_commit(&bench->database, NULL), BC_OK);
        size_t left = bench->counter.left;
        bench->counter.left = 0;
        bc__account_plan_apply(&plan);
        bench->counter.left = left;
        assert_visits(&plan, old, new);
        with->tip = target;
    }
    bc__account_plan_free(&plan);
    assert_state(bench, &with->blocks[with->tip].after);
}

/* A flush with small commits, of which one may fail; then it may be tried again, or the process dies. */
static void flush_some(world *with)
{
    accounts_bench *bench = &with->bench;
    uint64_t commit_bytes = 100 + test_random_below(&with->random, 800);
    bool failing = test_random_below(&with->random, 3) == 0;
    if (failing) {
        test_store_plan(&bench->store, TEST_STORE_COMMIT, 1 + test_random_below(&with->random, 6),
                        true, BC_ERR_STORE, false);
    }
    bc_status status = flush(with, bench, with->tip, commit_bytes);
    assert_true(status == BC_OK || (failing && status == BC_ERR_STORE));
    test_store_calm(&bench->store);
    if (status == BC_OK) {
        assert_rows(bench, with->blocks[with->tip].after.of, ACCOUNTS);
    }
    assert_state(bench, &with->blocks[with->tip].after);
}

static void crash(world *with)
{
    bench_close(&with->bench);
    bench_open(&with->bench, with->limit);
    size_t tip = SIZE_MAX;
    bc__account account;
    assert_true(read_tip(&with->bench, &tip));
    assert_int_equal(tip, with->tip);
    /* Rows that are in memory before the replay, and may be ahead of the marker, must not disturb it. */
    for (size_t number = test_random_below(&with->random, ACCOUNTS); number > 0; number--) {
        test_key key = key_of(number);
        assert_int_equal(bc__accounts_get(&with->bench.accounts, &account, key.bytes, NULL), BC_OK);
    }
    recover(with, &with->bench, tip);
    assert_state(&with->bench, &with->blocks[tip].after);
}

static void random_histories_end_where_the_model_does(void **unused)
{
    (void)unused;
    static const uint64_t limits[] = {0, 3, 10, 25, 50, 1000};
    test_random random = test_random_begin();
    size_t histories = test_random_repeats(60);
    size_t crashes = 0;
    for (size_t history = 0; history < histories; history++) {
        world with;
        world_begin(&with, limits[history % 6] * BC__ACCOUNT_MEMORY, random);
        for (size_t step = 0; step < 60; step++) {
            size_t choice = test_random_below(&with.random, 8);
            if (choice == 0) {
                crash(&with);
            } else if (choice == 1 || bc__accounts_flush_due(&with.bench.accounts)) {
                flush_some(&with);
            } else {
                change_tip(&with);
            }
        }
        random = with.random;
        crashes += with.crashes;
        world_end(&with);
    }
    assert_true(crashes > histories * 30);
}

/* ---- Failures at every point ---- */

static void put(bc__account_plan *plan, bc_status *status, state *now, size_t number,
                uint64_t balance)
{
    test_key key = key_of(number);
    bc__account account;
    if (*status == BC_OK) {
        *status = bc__account_plan_get(plan, &account, key.bytes, NULL);
    }
    if (*status == BC_OK) {
        account.balance = balance;
        account.nonce++;
        *status = bc__account_plan_put(plan, key.bytes, &account, NULL);
    }
    if (*status == BC_OK) {
        now->of[number] = account;
    }
}

/* A block on `parent` whose balances come from `salt`. */
static bc_status add_block(world *with, bc__account_plan *plan, size_t parent, size_t salt)
{
    accounts_bench *bench = &with->bench;
    bc_status status = BC_OK;
    bc__bytes delta;
    model_block *block = &with->blocks[with->count];
    *block = (model_block){parent, with->blocks[parent].height + 1, with->blocks[parent].after};
    bc__bytes_init(&delta, &bench->heap, SIZE_MAX);
    bc__account_plan_begin_block(plan);
    for (size_t at = 0; at < 12; at++) {
        put(plan, &status, &block->after, (salt * 7 + at * 3) % ACCOUNTS, salt * 100 + at);
    }
    if (status == BC_OK) {
        status = bc__account_plan_end_block(plan, &delta, NULL);
    }
    if (status == BC_OK) {
        bc__key key = delta_key(with->count++);
        status = bc__database_put(&bench->database, &key, delta.data, delta.length, NULL);
    } else {
        bc__account_plan_drop_block(plan);
    }
    bc__bytes_free(&delta);
    return status;
}

/* Genesis, 1 on it, 2 and 3 on that; the tip is 3, and was 2 before. */
static void begin_fork(world *with)
{
    world_begin(with, 6 * BC__ACCOUNT_MEMORY, test_random_begin());
    with->crash_at_commits = false;
    static const size_t parents[] = {0, 1, 1};
    static const size_t order[] = {1, 3, 2};
    bc__account_plan plan;
    for (size_t at = 0; at < 3; at++) {
        bc__account_plan_init(&plan, &with->bench.accounts);
        assert_int_equal(walk(with, &with->bench, &plan, with->tip, parents[at]), BC_OK);
        assert_int_equal(add_block(with, &plan, parents[at], order[at]), BC_OK);
        with->tip = with->count - 1;
        assert_int_equal(put_tip(&with->bench, with->tip, with->blocks[with->tip].height), BC_OK);
        assert_int_equal(bc__database_commit(&with->bench.database, NULL), BC_OK);
        assert_int_equal(apply(&plan), BC_OK);
        bc__account_plan_free(&plan);
        assert_int_equal(flush(with, &with->bench, with->tip, 1000), BC_OK);
    }
}

/* From the tip, 3, back to 2 and to a new block on it. */
static bc_status try_switch(world *with)
{
    accounts_bench *bench = &with->bench;
    bc__account_plan plan;
    size_t known = with->count;
    size_t target = known;
    bc__account_plan_init(&plan, &bench->accounts);
    bc_status status = walk(with, bench, &plan, 3, 2);
    if (status == BC_OK) {
        status = add_block(with, &plan, 2, 4);
    }
    if (status == BC_OK) {
        status = put_tip(bench, target, with->blocks[target].height);
    }
    if (status == BC_OK) {
        status = bc__account_plan_reserve(&plan, NULL);
    }
    if (status == BC_OK) {
        status = bc__database_commit(&bench->database, NULL);
    }
    if (status == BC_OK) {
        bc__account_plan_apply(&plan);
        with->tip = target;
    } else {
        bc__database_rollback(&bench->database, 0);
        with->count = known;
    }
    bc__account_plan_free(&plan);
    return status;
}

/* The switch and a flush; after a failure of `expected` everything is as it was before that step, and
 * when all is well again it goes through. Whether it did at first. */
static bool try_and_mend(world *with, bc_status expected)
{
    accounts_bench *bench = &with->bench;
    bc_status status = try_switch(with);
    if (status == BC_OK) {
        status = flush(with, bench, with->tip, 300);
    }
    assert_true(status == BC_OK || status == expected);
    bench->counter.left = SIZE_MAX;
    test_store_calm(&bench->store);
    assert_state(bench, &with->blocks[with->tip].after);
    if (with->tip == 3) {
        assert_int_equal(try_switch(with), BC_OK);
    }
    assert_state(bench, &with->blocks[4].after);
    assert_int_equal(flush(with, bench, with->tip, 300), BC_OK);
    assert_rows(bench, with->blocks[4].after.of, ACCOUNTS);
    return status == BC_OK;
}

static void without_memory_a_switch_leaves_everything(void **unused)
{
    (void)unused;
    bool well = false;
    for (size_t left = 0; !well; left++) {
        world with;
        assert_true(left < 2000);
        begin_fork(&with);
        with.bench.counter.left = left;
        well = try_and_mend(&with, BC_ERR_MEMORY);
        assert_true(left > 0 || !well);
        world_end(&with);
    }
}

static void a_store_that_fails_at_any_call_leaves_everything(void **unused)
{
    (void)unused;
    static const int kinds[] = {TEST_STORE_GET, TEST_STORE_COMMIT};
    for (size_t kind = 0; kind < 2; kind++) {
        bool well = false;
        for (size_t at = 1; !well; at++) {
            world with;
            assert_true(at < 1000);
            begin_fork(&with);
            test_store_plan(&with.bench.store, kinds[kind], at, true, BC_ERR_STORE, false);
            well = try_and_mend(&with, BC_ERR_STORE);
            assert_true(at > 1 || !well);
            world_end(&with);
        }
    }
}

/* A flush was cut short and the process died; then the tip goes elsewhere, and it dies again. Without
 * the flush that is due after the first, rows of the first tip would stay. */
static void a_flush_cut_short_does_not_outlive_its_tip(void **unused)
{
    (void)unused;
    world with;
    begin_fork(&with);
    assert_int_equal(try_switch(&with), BC_OK);
    test_store_plan(&with.bench.store, TEST_STORE_COMMIT, 3, true, BC_ERR_STORE, false);
    assert_int_equal(flush(&with, &with.bench, with.tip, 200), BC_ERR_STORE);
    assert_true(bc__accounts_flush_due(&with.bench.accounts));
    test_store_calm(&with.bench.store);
    crash(&with);
    assert_true(bc__accounts_flush_due(&with.bench.accounts));
    assert_int_equal(flush(&with, &with.bench, with.tip, 200), BC_OK);
    assert_false(bc__accounts_flush_due(&with.bench.accounts));
    bc__account_plan plan;
    bc__account_plan_init(&plan, &with.bench.accounts);
    assert_int_equal(walk(&with, &with.bench, &plan, 4, 3), BC_OK);
    assert_int_equal(put_tip(&with.bench, 3, with.blocks[3].height), BC_OK);
    assert_int_equal(bc__database_commit(&with.bench.database, NULL), BC_OK);
    assert_int_equal(apply(&plan), BC_OK);
    bc__account_plan_free(&plan);
    with.tip = 3;
    crash(&with);
    world_end(&with);
}

/* ---- Deltas that are damaged ---- */

enum { DELTA = 4 + 2 * 64 };

/* Two accounts: number 0 from 100 to 90, number 30 from nothing to 10. */
static void write_delta(uint8_t delta[DELTA])
{
    test_key first = key_of(0);
    test_key second = key_of(30);
    memset(delta, 0, DELTA);
    delta[0] = 2;
    memcpy(delta + 4, first.bytes, 32);
    delta[36] = 100;
    delta[52] = 90;
    delta[60] = 1;
    memcpy(delta + 68, second.bytes, 32);
    delta[116] = 10;
}

/* Redoes it on genesis, with both accounts read before or not. */
static bc_status redo(world *with, const uint8_t *delta, size_t length, bool read, bool twice)
{
    bc__account_plan plan;
    bc__account account;
    bc_error error = BC_ERROR_INIT;
    test_key keys[2] = {key_of(0), key_of(30)};
    bc__account_plan_init(&plan, &with->bench.accounts);
    for (size_t at = 0; at < 2 && read; at++) {
        assert_int_equal(bc__account_plan_get(&plan, &account, keys[at].bytes, NULL), BC_OK);
    }
    bc_status status = bc__account_plan_redo(&plan, delta, length, &error);
    if (status == BC_OK && twice) {
        status = bc__account_plan_redo(&plan, delta, length, &error);
    }
    assert_int_equal(error.code, status);
    assert_int_equal(error.message[0] == '\0', status == BC_OK);
    bc__account_plan_free(&plan);
    return status;
}

static void malformed_deltas_are_reported(void **unused)
{
    (void)unused;
    world with;
    uint8_t delta[DELTA + 64];
    uint8_t other[DELTA + 64] = {0};
    world_begin(&with, 0, test_random_begin());
    with.crash_at_commits = false;
    write_delta(delta);
    memset(delta + DELTA, 0, 64);
    assert_int_equal(redo(&with, delta, DELTA, true, false), BC_OK);
    assert_int_equal(redo(&with, delta, DELTA, false, false), BC_OK);
    for (size_t length = 0; length < DELTA + 64; length++) {
        assert_int_equal(redo(&with, delta, length, true, false),
                         length == DELTA ? BC_OK : BC_ERR_DAMAGED);
    }
    for (size_t byte = 0; byte < 4; byte++) { /* the count */
        memcpy(other, delta, DELTA);
        other[byte] ^= 1;
        assert_int_equal(redo(&with, other, DELTA, true, false), BC_ERR_DAMAGED);
    }
    for (size_t byte = 36; byte < 52; byte++) { /* a value before */
        memcpy(other, delta, DELTA);
        other[byte] ^= 1;
        assert_int_equal(redo(&with, other, DELTA, true, false), BC_ERR_DAMAGED);
        assert_int_equal(redo(&with, other, DELTA, false, false), BC_OK); /* nobody knows */
    }
    memcpy(other, delta, DELTA);
    memcpy(other + 52, other + 36, 16); /* no change */
    assert_int_equal(redo(&with, other, DELTA, false, false), BC_ERR_DAMAGED);
    memcpy(other, delta, DELTA);
    memcpy(other + 68, other + 4, 64); /* the same account twice */
    assert_int_equal(redo(&with, other, DELTA, false, false), BC_ERR_DAMAGED);
    memcpy(other + 100, delta + 52, 16); /* even if it goes on from there */
    other[116] = 80;
    assert_int_equal(redo(&with, other, DELTA, true, false), BC_ERR_DAMAGED);
    /* The same block twice: what the first made of the accounts is known. */
    assert_int_equal(redo(&with, delta, DELTA, false, true), BC_ERR_DAMAGED);
    memset(other, 0, 4);
    assert_int_equal(redo(&with, other, 4, false, true), BC_OK);
    world_end(&with);
}

/* What is in the cache is compared, too, without a read; and undo looks at the values after. */
static void deltas_must_fit_what_is_in_memory(void **unused)
{
    (void)unused;
    world with;
    uint8_t delta[DELTA];
    bc__account_plan plan;
    world_begin(&with, BC_NONE, test_random_begin());
    with.crash_at_commits = false;
    write_delta(delta);
    assert_account(&with.bench, 0, (bc__account){100, 0});
    assert_account(&with.bench, 30, (bc__account){0, 0});
    size_t gets = with.bench.store.calls[TEST_STORE_GET];
    assert_int_equal(redo(&with, delta, DELTA, false, false), BC_OK);
    bc__account_plan_init(&plan, &with.bench.accounts);
    assert_int_equal(bc__account_plan_undo(&plan, delta, DELTA, NULL), BC_ERR_DAMAGED);
    bc__account_plan_free(&plan);
    bc__account_plan_init(&plan, &with.bench.accounts);
    assert_int_equal(bc__account_plan_redo(&plan, delta, DELTA, NULL), BC_OK);
    assert_int_equal(bc__account_plan_undo(&plan, delta, DELTA, NULL), BC_OK);
    visits seen = {.old = &with.blocks[0].after, .new = &with.blocks[0].after};
    bc__account_plan_each(&plan, visit, &seen);
    for (size_t number = 0; number < ACCOUNTS; number++) {
        /* The two of the delta, though they are the same in the end. */
        assert_int_equal(seen.seen[number], number == 0 || number == 30);
    }
    bc__account_plan_free(&plan);
    assert_int_equal(with.bench.store.calls[TEST_STORE_GET], gets);
    delta[36]++;
    assert_int_equal(redo(&with, delta, DELTA, false, false), BC_ERR_DAMAGED);
    world_end(&with);
}

/* ---- The view, limits, blocks ---- */

static void a_delta_past_its_limit_can_be_dropped(void **unused)
{
    (void)unused;
    world with;
    bc__account_plan plan;
    bc__bytes delta;
    bc_error error = BC_ERROR_INIT;
    test_key key = key_of(3);
    bc__account account = {5, 5};
    world_begin(&with, BC_NONE, test_random_begin());
    bc__account_plan_init(&plan, &with.bench.accounts);
    bc__bytes_init(&delta, &with.bench.heap, 67);
    bc__account_plan_begin_block(&plan);
    assert_int_equal(bc__account_plan_put(&plan, key.bytes, &account, NULL), BC_OK);
    assert_int_equal(bc__account_plan_end_block(&plan, &delta, &error), BC_ERR_LIMIT);
    assert_int_equal(error.code, BC_ERR_LIMIT);
    assert_int_equal(delta.length, 0);
    delta.limit = 68;
    with.bench.counter.left = 0;
    assert_int_equal(bc__account_plan_end_block(&plan, &delta, NULL), BC_ERR_MEMORY);
    with.bench.counter.left = SIZE_MAX;
    bc__account_plan_drop_block(&plan);
    assert_int_equal(bc__account_plan_get(&plan, &account, key.bytes, NULL), BC_OK);
    assert_true(account.balance == 103 && account.nonce == 0);
    bc__account_plan_free(&plan);
    bc__bytes_free(&delta);
    world_end(&with);
}

/* A put reads the account first, for what it was before; a block in which that fails can be dropped. */
static void a_put_that_cannot_read_changes_nothing(void **unused)
{
    (void)unused;
    world with;
    bc__account_plan plan;
    bc_error error = BC_ERROR_INIT;
    test_key key = key_of(3);
    const bc__account account = {5, 5};
    world_begin(&with, 0, test_random_begin());
    bc__account_plan_init(&plan, &with.bench.accounts);
    bc__account_plan_begin_block(&plan);
    test_store_plan(&with.bench.store, TEST_STORE_GET, 1, true, BC_ERR_STORE, false);
    assert_int_equal(bc__account_plan_put(&plan, key.bytes, &account, &error), BC_ERR_STORE);
    assert_int_equal(error.code, BC_ERR_STORE);
    test_store_calm(&with.bench.store);
    bc__account_plan_drop_block(&plan);
    assert_visits(&plan, &with.blocks[0].after, &with.blocks[0].after);
    bc__account_plan_free(&plan);
    world_end(&with);
}

/* The same account in a dropped block and in the next one, which must be in the next one's delta. */
static void a_dropped_block_leaves_no_mark(void **unused)
{
    (void)unused;
    world with;
    bc__account_plan plan;
    bc__bytes delta;
    test_key key = key_of(3);
    const bc__account wrong = {5, 5};
    const bc__account right = {6, 6};
    world_begin(&with, BC_NONE, test_random_begin());
    bc__account_plan_init(&plan, &with.bench.accounts);
    bc__bytes_init(&delta, &with.bench.heap, SIZE_MAX);
    bc__account_view view = bc__account_plan_view(&plan);
    bc__account_plan_begin_block(&plan);
    assert_int_equal(view.put(view.context, key.bytes, &wrong, NULL), BC_OK);
    bc__account_plan_drop_block(&plan);
    bc__account_plan_begin_block(&plan);
    assert_int_equal(view.put(view.context, key.bytes, &right, NULL), BC_OK);
    assert_int_equal(bc__account_plan_end_block(&plan, &delta, NULL), BC_OK);
    assert_int_equal(delta.length, 68);
    assert_int_equal(delta.data[36], 103);
    assert_int_equal(delta.data[52], 6);
    bc__account seen;
    assert_int_equal(view.get(view.context, &seen, key.bytes, NULL), BC_OK);
    assert_true(same(&seen, &right));
    assert_account(&with.bench, 3, (bc__account){103, 0}); /* below nothing has changed */
    bc__account_plan_free(&plan);
    bc__bytes_free(&delta);
    world_end(&with);
}

/* Blocks undone, redone and added count towards the flush; dropped ones and dropped plans do not. */
static void blocks_bring_the_flush_nearer(void **unused)
{
    (void)unused;
    world with;
    bc__account_plan plan;
    begin_fork(&with);
    assert_int_equal(with.bench.accounts.blocks, 0);
    bc__account_plan_init(&plan, &with.bench.accounts);
    assert_int_equal(walk(&with, &with.bench, &plan, 3, 2), BC_OK);
    bc__account_plan_begin_block(&plan);
    bc__account_plan_drop_block(&plan);
    assert_int_equal(bc__account_plan_reserve(&plan, NULL), BC_OK);
    assert_int_equal(with.bench.accounts.reserved > 0, true);
    bc__account_plan_free(&plan);
    assert_int_equal(with.bench.accounts.reserved, 0);
    assert_int_equal(with.bench.accounts.blocks, 0);
    assert_int_equal(try_switch(&with), BC_OK);
    assert_int_equal(with.bench.accounts.blocks, 3);
    world_end(&with);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_histories_end_where_the_model_does),
        cmocka_unit_test(without_memory_a_switch_leaves_everything),
        cmocka_unit_test(a_store_that_fails_at_any_call_leaves_everything),
        cmocka_unit_test(a_flush_cut_short_does_not_outlive_its_tip),
        cmocka_unit_test(malformed_deltas_are_reported),
        cmocka_unit_test(deltas_must_fit_what_is_in_memory),
        cmocka_unit_test(a_delta_past_its_limit_can_be_dropped),
        cmocka_unit_test(a_put_that_cannot_read_changes_nothing),
        cmocka_unit_test(a_dropped_block_leaves_no_mark),
        cmocka_unit_test(blocks_bring_the_flush_nearer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
