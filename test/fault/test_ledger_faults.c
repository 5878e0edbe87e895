/* Stores and memory that fail under the ledger's rules: each call of each kind, each allocation, during
 * transfers, reorganisations, flushes, the deletion of branches and openings. What failed with a promise
 * has changed nothing and works when it is tried again; an unknown outcome poisons, and an opening finds
 * the state before or the one behind; nothing leaks. */
#include "src/block/block.h"
#include "src/store/schema.h"
#include "test/support/counting_heap.h"
#include "test/support/ledger_world.h"
#include "test/support/random.h"

enum { OWN = 3, KEPT = 2, STEPS = 3 };
#define HOUR_US INT64_C(3600000000)

typedef struct bench {
    ledger_world world;
    counting_heap heap;
    test_store base; /* the state before */
    test_store store;
    bc_options options;
    bc_chain *chain;
    bool primed;    /* something waits for a commit when an operation begins */
    uint32_t own;   /* the tip */
    uint32_t next;  /* behind it */
    uint32_t far;   /* so far behind that, that branches are deleted */
    uint32_t mined; /* what mining makes */
    uint32_t side;  /* the end of a stored branch */
    uint32_t wins;  /* behind that: has most work */
    uint32_t twin;  /* of the tip, by its signer */
    uint32_t fault; /* behind a stored branch that does not hold in its middle */
    uint32_t bad;   /* behind `side`, and does not hold */
} bench;

static void reopen(bench *with)
{
    with->chain = fixture_open(with->world.params, &with->store.outer, &with->options);
}

static uint32_t pay(bench *with, uint32_t parent, unsigned from, unsigned to, uint64_t later)
{
    return world_pay(&with->world, parent, from, to, 10, later);
}

static void forge(bench *with)
{
    with->own = pay(with, pay(with, pay(with, 0, 1, 5, 0), 3, 1, 0), 1, 6, 0);
    with->next = pay(with, with->own, 2, 7, 0);
    with->far = world_extend(&with->world, with->next, STEPS - 1, 0);
    with->side = pay(with, pay(with, pay(with, 0, 1, 8, 1), 3, 9, 1), 1, 9, 1);
    with->wins = pay(with, with->side, 9, 2, 1);
    with->bad = pay(with, with->side, 14, 2, 2); /* which has nothing */
    with->twin = pay(with, world_back(&with->world, with->own, 1), 2, 7, 3);
    uint32_t broken = pay(with, pay(with, 0, 1, 8, 5), 14, 2, 5);
    with->fault = world_extend(&with->world, broken, 2, 5);
}

static void hand_in(bench *with, uint32_t from, uint32_t to)
{
    for (uint64_t height = with->world.nodes[from].height + 1;
         height <= with->world.nodes[to].height; height++) {
        bc_block *block = with->world.nodes[world_at(&with->world, to, height)].block;
        assert_int_equal(bc_chain_submit(with->chain, NULL, NULL, block, NULL), BC_OK);
    }
}

/* Whose turn it is behind the tip. */
static unsigned miner_of(const bench *with)
{
    uint32_t count = with->world.network.authorities;
    return count == 0 ? 10 : (unsigned)((OWN + 1) % count) + 1;
}

/* How much is kept and how long it waits. */
typedef enum limits {
    LOOSE,
    TIGHT,    /* the least of all */
    DEFERRED, /* commits wait, until some hundred bytes are there */
    LIMITS,
} limits;

static void set_limits(bench *with, limits which)
{
    with->options.tx_durability = BC_TX_BEFORE_RETURN;
    if (which == TIGHT) {
        with->options.commit_bytes = 1;
        with->options.cache_bytes = 1;
        with->options.account_bytes = 1;
        with->options.signature_bytes = 1;
        with->options.keep_branches = KEPT;
    } else if (which == DEFERRED) {
        with->options.commit_interval_us = HOUR_US;
        with->options.commit_bytes = 700;
        with->options.tx_durability = BC_TX_NEXT_COMMIT;
    }
}

static void setup(bench *with, uint32_t authorities, limits which)
{
    const world_network network = {authorities, 0, 50, 1000, ""};
    memset(with, 0, sizeof *with);
    with->heap = (counting_heap)COUNTING_HEAP_ENDLESS;
    const bc_allocator allocator = counting_heap_public(&with->heap);
    world_begin(&with->world, &network, &allocator);
    with->options = world_options(&with->world);
    with->options.signer_is_alone = 1;
    with->options.max_reorg_depth = BC_NONE;
    set_limits(with, which);
    test_store_init(&with->base);
    test_store_init(&with->store);
    reopen(with);
    forge(with);
    hand_in(with, 0, with->own);
    if (authorities == 0) { /* else each block of them would be a report */
        hand_in(with, 0, with->side);
        hand_in(with, 0, world_back(&with->world, with->fault, 1));
    }
    world_submit_tx(&with->world, with->chain, 4, 5, 0, 7, 1, BC_VERDICT_ACCEPTED, BC_REASON_NONE);
    world_submit_tx(&with->world, with->chain, 1, 9, 2, 7, 1, BC_VERDICT_ACCEPTED, BC_REASON_NONE);
    fixture_close(with->chain);
    test_store_copy(&with->base, &with->store);
    reopen(with);
    with->mined = world_mine(&with->world, with->chain, with->own, miner_of(with));
    fixture_close(with->chain);
}

static void teardown(bench *with)
{
    test_store_free(&with->base);
    test_store_free(&with->store);
    world_end(&with->world);
    assert_int_equal(with->heap.held, 0);
}

/* ---- Operations: each leads from one state to another, and may be tried again ---- */

typedef bc_status (*operation)(bench *with);

static bc_status submit_node(bench *with, uint32_t node)
{
    return bc_chain_submit(with->chain, NULL, NULL, with->world.nodes[node].block, NULL);
}

static bc_status submit_on_tip(bench *with)
{
    return submit_node(with, with->next);
}

static bc_status submit_twin(bench *with)
{
    return submit_node(with, with->twin);
}

static bc_status reorganise(bench *with)
{
    return submit_node(with, with->wins);
}

static bc_status reorganise_in_vain(bench *with)
{
    return submit_node(with, with->bad);
}

static bc_status drop_branch(bench *with)
{
    return submit_node(with, with->fault);
}

static bc_status submit_tx(bench *with)
{
    size_t left = with->heap.left;
    with->heap.left = SIZE_MAX;
    bc_tx *tx = world_tx(&with->world, 4, 6, 1, 3, 2);
    with->heap.left = left;
    bc_status status = bc_chain_submit_tx(with->chain, NULL, NULL, tx, NULL);
    bc_tx_unref(tx);
    return status;
}

/* For a replacement the old one must leave the store. */
static bc_status replace_tx(bench *with)
{
    size_t left = with->heap.left;
    with->heap.left = SIZE_MAX;
    bc_tx *tx = world_tx(&with->world, 4, 6, 0, 3, 50);
    with->heap.left = left;
    bc_status status = bc_chain_submit_tx(with->chain, NULL, NULL, tx, NULL);
    bc_tx_unref(tx);
    return status;
}

static bc_status mine(bench *with)
{
    bc_block *block;
    bc_status status = world_try_mine(&with->world, with->chain, &block, miner_of(with), NULL);
    bc_block_unref(block);
    return status;
}

/* Far enough for branches to be deleted. */
static bc_status outgrow(bench *with)
{
    bc_status status = BC_OK;
    for (unsigned left = STEPS; status == BC_OK && left-- > 0;) {
        status = submit_node(with, world_back(&with->world, with->far, left));
    }
    return status;
}

static bc_status accept_event(void *context, bc_chain *chain, const bc_event *event)
{
    (void)context;
    (void)chain;
    (void)event;
    return BC_OK;
}

static bc_status read_all(bench *with)
{
    const bc_block *block = with->world.nodes[with->own].block;
    uint8_t id[BC_ID_BYTES];
    bc_tx *tx;
    bc_status status = bc_chain_verify(with->chain, NULL, NULL, NULL, NULL);
    if (status == BC_OK) {
        status = bc_chain_changes(with->chain, NULL, accept_event, NULL, NULL);
    }
    for (unsigned at = 1; status == BC_OK && at < WORLD_ACCOUNTS; at++) {
        status = bc_chain_account(with->chain, NULL, NULL, NULL, with->world.accounts[at], NULL);
    }
    if (status == BC_OK) {
        memcpy(id, block->tx_ids[1], sizeof id);
        status = bc_chain_find_tx(with->chain, &tx, NULL, NULL, NULL, id, NULL);
        bc_tx_unref(tx);
    }
    return status;
}

typedef struct step {
    const char *name;
    operation operate;
    bool by_authority; /* makes sense there, too */
} step;

static const step steps[] = {
    {"submit_on_tip", submit_on_tip, true},
    {"submit_twin", submit_twin, true},
    {"mine", mine, true},
    {"reorganise", reorganise, false},
    {"reorganise_in_vain", reorganise_in_vain, false},
    {"drop_branch", drop_branch, false},
    {"submit_tx", submit_tx, false},
    {"replace_tx", replace_tx, false},
    {"outgrow", outgrow, false},
    {"read_all", read_all, false},
};

/* ---- States ---- */

typedef struct digest {
    uint32_t tip; /* a node */
    char waiting[256];
} digest;

/* Asserts on the way that all accounts are as they are behind the tip. */
static digest digest_of(bench *with)
{
    digest out = {.tip = 0};
    uint8_t id[BC_ID_BYTES];
    uint8_t other[BC_ID_BYTES];
    assert_int_equal(bc_chain_tip(with->chain, NULL, id, NULL), BC_OK);
    do {
        assert_true(out.tip < with->world.count);
        bc_block_id(with->world.nodes[out.tip++].block, other);
    } while (memcmp(id, other, sizeof id) != 0);
    out.tip--;
    world_assert_accounts(&with->world, with->chain, out.tip);
    snprintf(out.waiting, sizeof out.waiting, "%s", world_mempool(&with->world, with->chain));
    return out;
}

static bool is_same(const digest *left, const digest *right)
{
    return left->tip == right->tip && strcmp(left->waiting, right->waiting) == 0;
}

static void assert_same(const digest *left, const digest *right)
{
    assert_int_equal(left->tip, right->tip);
    assert_string_equal(left->waiting, right->waiting);
}

typedef struct states {
    const step *step;
    digest old;
    digest new;
    uint64_t blocks; /* at the end */
    size_t calls[TEST_STORE_KINDS];
} states;

/* The operation was not done, or, where it is made of several calls, not all of it. */
static void assert_undone(const states *known, const digest *found)
{
    if (known->step->operate != outgrow) {
        assert_same(found, &known->old);
    }
}

static void begin(bench *with)
{
    test_store_calm(&with->store);
    test_store_copy(&with->store, &with->base);
    reopen(with);
    if (with->primed) {
        world_submit_tx(&with->world, with->chain, 3, 5, 1, 7, 1, BC_VERDICT_ACCEPTED,
                        BC_REASON_NONE);
    }
}

static states learn(bench *with, const step *what)
{
    states out = {.step = what};
    begin(with);
    out.old = digest_of(with);
    test_store_plan(&with->store, TEST_STORE_GET, 0, false, BC_OK, false);
    assert_int_equal(what->operate(with), BC_OK);
    memcpy(out.calls, with->store.calls, sizeof out.calls);
    out.new = digest_of(with);
    out.blocks = fixture_info(with->chain).blocks;
    fixture_close(with->chain);
    return out;
}

/* Of each block whose changes are in the store there is a header. */
static void assert_deltas(bench *with)
{
    uint8_t key[BC_KEY_BYTES_MAX];
    size_t key_length;
    uint8_t *value;
    size_t length;
    for (size_t at = 0; test_store_entry(&with->store, at, key, &key_length, &value, &length);
         at++) {
        free(value);
        if (key[0] == BC__KEY_DELTA) {
            assert_int_equal(bc_chain_find(with->chain, NULL, NULL, key + 1, NULL), BC_OK);
        }
    }
}

static void commit_all(bench *with)
{
    atomic_fetch_add(&with->world.now, HOUR_US);
    assert_int_equal(bc_chain_tick(with->chain, NULL, NULL), BC_OK);
    atomic_fetch_sub(&with->world.now, HOUR_US);
    assert_deltas(with);
}

/* At the end all is there and nothing else. */
static void assert_done(bench *with, const states *known)
{
    digest found = digest_of(with);
    assert_same(&found, &known->new);
    commit_all(with);
    assert_int_equal(fixture_info(with->chain).blocks, known->blocks);
    assert_int_equal(fixture_info(with->chain).poisoned, 0);
    assert_int_equal(test_store_count(&with->store, BC__KEY_HEADER), known->blocks);
    assert_int_equal(test_store_count(&with->store, BC__KEY_BODY), known->blocks);
    assert_int_equal(test_store_count(&with->store, BC__KEY_WAITING),
                     fixture_info(with->chain).mempool_count);
    assert_int_equal(bc_chain_verify(with->chain, NULL, NULL, NULL, NULL), BC_OK);
}

/* Brings what was not done to its end, and looks again after an opening. */
static void finish(bench *with, const states *known, bool again)
{
    if (again) {
        assert_int_equal(known->step->operate(with), BC_OK);
    }
    assert_done(with, known);
    world_assert_txs(&with->world, with->chain, known->new.tip);
    fixture_close(with->chain);
    reopen(with);
    assert_done(with, known);
    assert_int_equal(world_assert_supply(&with->world, &with->store),
                     with->world.nodes[known->new.tip].height);
    fixture_close(with->chain);
}

/* Each call fails in its turn; where tests are to be short, one of so many. */
static size_t stride(void)
{
    enum { LONGEST = 10 };
    size_t repeats = test_random_repeats(LONGEST);
    return repeats >= LONGEST ? 1 : LONGEST / repeats;
}

static size_t first_of_stride(void)
{
    test_random random = test_random_begin();
    return test_random_below(&random, stride());
}

/* ---- A store that fails with a promise ---- */

static void fail_with_promise(bench *with, const states *known, int kind, bc_status code, bool on)
{
    for (size_t at = 1 + first_of_stride(); at <= known->calls[kind]; at += stride()) {
        begin(with);
        test_store_plan(&with->store, kind, at, on, code, false);
        bc_status status = known->step->operate(with);
        test_store_calm(&with->store);
        assert_int_equal(fixture_info(with->chain).poisoned, 0);
        if (status != BC_OK) { /* where it is: what failed was not the operation's own */
            assert_int_equal(status, kind == TEST_STORE_COMMIT ? BC_ERR_STORE : code);
            digest found = digest_of(with);
            assert_undone(known, &found);
            commit_all(with); /* of what failed nothing is left over */
        }
        finish(with, known, status != BC_OK);
    }
}

static void after_a_promise_nothing_has_changed(void **state)
{
    (void)state;
    for (unsigned turn = 0; turn < 2 * LIMITS - 1; turn++) {
        bench with;
        uint32_t authorities = turn < LIMITS ? 0 : 3;
        setup(&with, authorities, turn % LIMITS);
        with.primed = turn % LIMITS == DEFERRED;
        for (const step *at = steps; at < steps + sizeof steps / sizeof *steps; at++) {
            if ((authorities > 0 && !at->by_authority) ||
                (with.primed && (at->operate == mine || at->operate == read_all))) {
                continue;
            }
            states known = learn(&with, at);
            for (unsigned on = 0; on < 2; on++) {
                fail_with_promise(&with, &known, TEST_STORE_COMMIT, BC_ERR_STORE, on == 1);
                fail_with_promise(&with, &known, TEST_STORE_GET, BC_ERR_STORE, on == 1);
                fail_with_promise(&with, &known, TEST_STORE_SCAN, BC_ERR_STORE, on == 1);
            }
            fail_with_promise(&with, &known, TEST_STORE_COMMIT, BC_ERR_MEMORY, false);
            fail_with_promise(&with, &known, TEST_STORE_GET, BC_ERR_DAMAGED, false);
        }
        teardown(&with);
    }
}

/* ---- A commit of unknown outcome ---- */

static void assert_poisoned(bench *with)
{
    bc_error error = BC_ERROR_INIT;
    bc_block *block;
    assert_int_equal(fixture_info(with->chain).poisoned, 1);
    assert_int_equal(
        bc_chain_submit(with->chain, NULL, NULL, with->world.nodes[with->next].block, &error),
        BC_ERR_POISONED);
    assert_int_equal(error.code, BC_ERR_POISONED);
    assert_int_equal(submit_tx(with), BC_ERR_POISONED);
    assert_int_equal(world_try_mine(&with->world, with->chain, &block, miner_of(with), NULL),
                     BC_ERR_POISONED);
    assert_int_equal(bc_chain_tip(with->chain, NULL, NULL, NULL), BC_OK);
}

static void fail_unknown(bench *with, const states *known, bool applied)
{
    for (size_t at = 1; at <= known->calls[TEST_STORE_COMMIT]; at += stride()) {
        begin(with);
        test_store_plan(&with->store, TEST_STORE_COMMIT, at, false, 4711, applied);
        bc_status status = known->step->operate(with);
        test_store_calm(&with->store);
        assert_true(status == BC_OK || status == BC_ERR_STORE_UNKNOWN || status == BC_ERR_POISONED);
        assert_poisoned(with);
        assert_int_equal(bc_chain_close(with->chain, NULL), BC_OK);
        reopen(with);
        digest found = digest_of(with);
        if (known->step->operate != outgrow && !is_same(&found, &known->old)) {
            assert_same(&found, &known->new);
            assert_true(applied || status == BC_OK);
        }
        if (known->step->operate == mine && is_same(&found, &known->new)) {
            finish(with, known, false); /* another try would make another block */
        } else {
            finish(with, known, true);
        }
    }
}

static void after_an_unknown_outcome_there_is_the_old_state_or_the_new(void **state)
{
    (void)state;
    for (unsigned turn = 0; turn < 2 * LIMITS - 1; turn++) {
        bench with;
        uint32_t authorities = turn < LIMITS ? 0 : 3;
        setup(&with, authorities, turn % LIMITS);
        for (const step *at = steps; at < steps + sizeof steps / sizeof *steps; at++) {
            if (authorities > 0 && !at->by_authority) {
                continue;
            }
            states known = learn(&with, at);
            fail_unknown(&with, &known, false);
            fail_unknown(&with, &known, true);
        }
        teardown(&with);
    }
}

/* ---- Memory ---- */

/* False where the operation needed no more than `left` allocations. */
static bool starve(bench *with, const states *known, size_t left)
{
    test_store_copy(&with->store, &with->base);
    size_t before = with->heap.held;
    reopen(with);
    with->heap.left = left;
    bc_status status = known->step->operate(with);
    bool gave_out = with->heap.left == 0;
    with->heap.left = SIZE_MAX;
    assert_int_equal(fixture_info(with->chain).poisoned, 0);
    if (status != BC_OK) {
        assert_int_equal(status, BC_ERR_MEMORY);
        digest found = digest_of(with);
        assert_undone(known, &found);
    }
    finish(with, known, status != BC_OK);
    assert_int_equal(with->heap.held, before);
    return gave_out;
}

static void without_memory_nothing_has_changed(void **state)
{
    (void)state;
    for (unsigned turn = 0; turn < 2 * LIMITS - 1; turn++) {
        bench with;
        uint32_t authorities = turn < LIMITS ? 0 : 3;
        setup(&with, authorities, turn % LIMITS);
        for (const step *at = steps; at < steps + sizeof steps / sizeof *steps; at++) {
            bool again = turn % LIMITS != TIGHT && at->operate == read_all; /* many allocations */
            if (!again && (authorities == 0 || at->by_authority)) {
                states known = learn(&with, at);
                for (size_t left = first_of_stride(); starve(&with, &known, left);
                     left += stride()) {
                }
            }
        }
        teardown(&with);
    }
}

/* ---- Openings ---- */

/* The store as it was when a flush of the accounts had written some of its rows, but not the marker. */
static void cut_a_flush_short(bench *with)
{
    test_store_copy(&with->store, &with->base);
    with->options.account_bytes = 0; /* many stay in memory, until the opening with less */
    with->options.keep_branches = 0;
    reopen(with);
    assert_int_equal(reorganise(with), BC_OK);
    fixture_close(with->chain);
    with->options.account_bytes = 1;
    with->options.commit_bytes = 1;
    with->options.store = &with->store.outer;
    test_store_plan(&with->store, TEST_STORE_COMMIT, 3, true, BC_ERR_STORE, false);
    bc_error error = BC_ERROR_INIT;
    assert_int_equal(bc_chain_open(&with->chain, with->world.params, &with->options, &error),
                     BC_ERR_STORE);
    assert_true(with->store.calls[TEST_STORE_COMMIT] >= 3);
    test_store_calm(&with->store);
    test_store_copy(&with->base, &with->store);
}

static bc_status try_open(bench *with)
{
    bc_error error = BC_ERROR_INIT;
    size_t closes = with->store.closes;
    with->options.store = &with->store.outer;
    bc_status status = bc_chain_open(&with->chain, with->world.params, &with->options, &error);
    assert_int_equal(with->chain == NULL, status != BC_OK);
    assert_int_equal(error.code, status);
    assert_int_equal(with->store.closes, closes + (status != BC_OK));
    return status;
}

static void assert_opens(bench *with, const digest *expected)
{
    reopen(with);
    digest found = digest_of(with);
    assert_same(&found, expected);
    assert_int_equal(world_assert_supply(&with->world, &with->store),
                     with->world.nodes[found.tip].height);
    fixture_close(with->chain);
}

static void fail_opening(bench *with, const digest *expected, int kind, bc_status code)
{
    bc_status status = BC_OK;
    for (size_t at = 1; at == 1 || status != BC_OK; at++) {
        test_store_copy(&with->store, &with->base);
        test_store_plan(&with->store, kind, at, false, code, false);
        status = try_open(with);
        test_store_calm(&with->store);
        if (status == BC_OK) {
            fixture_close(with->chain);
        } else {
            assert_int_equal(status, code == 4711 ? BC_ERR_STORE_UNKNOWN : code);
        }
        assert_opens(with, expected);
    }
}

static void an_opening_that_fails_has_spoilt_nothing(void **state)
{
    (void)state;
    for (unsigned cut = 0; cut < 2; cut++) {
        bench with;
        setup(&with, 0, cut == 0 ? TIGHT : LOOSE);
        if (cut == 1) {
            cut_a_flush_short(&with);
        }
        test_store_copy(&with.store, &with.base);
        reopen(&with);
        digest expected = digest_of(&with);
        assert_int_equal(expected.tip, cut == 0 ? with.own : with.wins);
        fixture_close(with.chain);
        for (int kind = 0; kind < TEST_STORE_KINDS; kind++) {
            fail_opening(&with, &expected, kind, BC_ERR_STORE);
        }
        fail_opening(&with, &expected, TEST_STORE_GET, BC_ERR_DAMAGED);
        fail_opening(&with, &expected, TEST_STORE_COMMIT, 4711);
        bc_status status = BC_ERR_MEMORY;
        for (size_t left = 0; status != BC_OK; left++) {
            test_store_copy(&with.store, &with.base);
            size_t before = with.heap.held;
            with.heap.left = left;
            status = try_open(&with);
            with.heap.left = SIZE_MAX;
            if (status == BC_OK) {
                fixture_close(with.chain);
            } else {
                assert_int_equal(status, BC_ERR_MEMORY);
            }
            assert_int_equal(with.heap.held, before);
            assert_opens(&with, &expected);
        }
        teardown(&with);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(after_a_promise_nothing_has_changed),
        cmocka_unit_test(after_an_unknown_outcome_there_is_the_old_state_or_the_new),
        cmocka_unit_test(without_memory_nothing_has_changed),
        cmocka_unit_test(an_opening_that_fails_has_spoilt_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
