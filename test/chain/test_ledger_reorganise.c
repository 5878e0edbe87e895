/* Reorganisations under the ledger's rules: of every depth, and of those that fail or may not be. What
 * comes out is what there would be had the new branch come first, and what fails leaves no trace. */
#include "lib/hex.h"
#include "src/store/schema.h"
#include "test/support/ledger_world.h"
#include "test/support/random.h"

enum { DEEPEST = 200 };

typedef struct bench {
    ledger_world world;
    test_store store;
    bc_options options;
    fixture_events *events;
    bc_chain *chain;
} bench;

static void reopen(bench *with)
{
    if (with->chain != NULL) {
        fixture_close(with->chain);
    }
    with->chain = fixture_open(with->world.params, &with->store.outer, &with->options);
}

static void setup(bench *with, const world_network *network)
{
    memset(with, 0, sizeof *with);
    world_begin(&with->world, network, NULL);
    test_store_init(&with->store);
    with->events = calloc(1, sizeof *with->events);
    assert_non_null(with->events);
    with->options = world_options(&with->world);
    with->options.event = fixture_record_event;
    with->options.event_context = with->events;
}

static void teardown(bench *with)
{
    fixture_close(with->chain);
    test_store_free(&with->store);
    free(with->events);
    world_end(&with->world);
}

static void submit(bench *with, uint32_t node, uint32_t verdict, uint32_t reason)
{
    world_submit(&with->world, with->chain, node, verdict, reason);
}

/* The events of one switch, and nothing else since the list was emptied: down from `old` to the fork, up
 * to `new`, the tip. */
static void assert_switch(bench *with, uint32_t old, uint32_t new, uint64_t returned)
{
    const ledger_world *world = &with->world;
    const world_node *nodes = world->nodes;
    uint32_t fork = old;
    size_t at = 0;
    while (nodes[fork].height > nodes[new].height ||
           world_at(world, new, nodes[fork].height) != fork) {
        fork = nodes[fork].parent;
    }
    for (; old != fork; old = nodes[old].parent) {
        assert_event(with->events, at++, BC_EVENT_DISCONNECT, nodes[old].block, nodes[old].height);
    }
    for (uint64_t height = nodes[fork].height + 1; height <= nodes[new].height; height++) {
        assert_event(with->events, at++, BC_EVENT_CONNECT,
                     nodes[world_at(world, new, height)].block, height);
    }
    assert_event(with->events, at, BC_EVENT_TIP, nodes[new].block, nodes[new].height);
    assert_int_equal(with->events->list[at].returned, returned);
    assert_int_equal(with->events->list[at].dropped, 0);
    assert_int_equal(with->events->count, at + 1);
    with->events->count = 0;
}

/* Another chain that saw that branch alone holds the same. */
static void assert_as_if_first(bench *with, uint32_t tip)
{
    bc_options options = world_options(&with->world);
    bc_chain *chain = fixture_open(with->world.params, NULL, &options);
    world_submit_path(&with->world, chain, 0, tip, BC_VERDICT_ACCEPTED);
    world_assert(&with->world, chain, tip);
    fixture_close(chain);
}

/* ---- Every depth ---- */

/* The senders of two branches that grow in turn: each has one of its own, and one whose transactions
 * both hold, every fifth block. */
enum { SHARED = 3, SHARED_EACH = 5 };

static uint32_t grow(bench *with, uint32_t tip, unsigned sender)
{
    ledger_world *world = &with->world;
    world_plan plan = {.later = sender, .tx_count = 1};
    const world_node *node = &world->nodes[tip];
    const uint64_t *nonce = node->state.nonce;
    plan.txs[0] = world_tx(world, sender, sender + 4, nonce[sender], 10 + node->height, 1);
    if (node->height % SHARED_EACH == 0) {
        plan.txs[plan.tx_count++] = world_tx(world, SHARED, 8, nonce[SHARED], 7, 2);
    }
    return world_add(world, tip, &plan);
}

/* What waits is what was on the best chain once and is not now. */
static void assert_mempool_of(bench *with, uint32_t tip, const uint64_t seen[SHARED + 1])
{
    char expected[WORLD_MEMPOOL] = "";
    size_t used = 0;
    for (unsigned sender = 1; sender <= SHARED; sender++) {
        uint64_t nonce = with->world.nodes[tip].state.nonce[sender];
        for (; nonce < seen[sender]; nonce++) {
            used += (size_t)snprintf(expected + used, sizeof expected - used, "%s%u:%u",
                                     used == 0 ? "" : " ", sender, (unsigned)nonce);
        }
    }
    assert_waiting(&with->world, with->chain, expected);
}

static uint64_t sum(const uint64_t seen[SHARED + 1], const world_node *node)
{
    uint64_t count = 0;
    for (unsigned sender = 1; sender <= SHARED; sender++) {
        uint64_t nonce = node->state.nonce[sender];
        count += seen[sender] > nonce ? seen[sender] - nonce : 0;
    }
    return count;
}

/* Two branches overtake each other, so that each switch is one deeper than the one before it. */
static void overtake(bench *with, unsigned deepest)
{
    ledger_world *world = &with->world;
    uint64_t seen[SHARED + 1] = {0};
    uint32_t base = world_extend(world, 0, 3, 0);
    uint32_t tips[2] = {base, base};
    world_submit_path(world, with->chain, 0, base, BC_VERDICT_ACCEPTED);
    tips[0] = grow(with, base, 1);
    submit(with, tips[0], BC_VERDICT_ACCEPTED, BC_REASON_NONE);
    for (unsigned depth = 1; depth <= deepest; depth++) {
        unsigned turn = depth % 2;
        uint32_t old = tips[1 - turn];
        const world_node *node = &world->nodes[old];
        for (unsigned sender = 1; sender <= SHARED; sender++) {
            seen[sender] =
                node->state.nonce[sender] > seen[sender] ? node->state.nonce[sender] : seen[sender];
        }
        do {
            tips[turn] = grow(with, tips[turn], 1 + turn);
            with->events->count = 0;
            submit(with, tips[turn],
                   world->nodes[tips[turn]].work > world->nodes[old].work ? BC_VERDICT_ACCEPTED
                                                                          : BC_VERDICT_BRANCH,
                   BC_REASON_NONE);
        } while (world->nodes[tips[turn]].work <= world->nodes[old].work);
        assert_int_equal(world->nodes[old].height - world->nodes[base].height, depth);
        /* One of each pair of senders comes back; what the other had waiting went into blocks. */
        uint64_t back = world->nodes[old].state.nonce[2 - turn];
        back +=
            world->nodes[old].state.nonce[SHARED] > world->nodes[tips[turn]].state.nonce[SHARED];
        assert_switch(with, old, tips[turn], back);
        world_assert_tip(world, with->chain, tips[turn]);
        world_assert_accounts(world, with->chain, tips[turn]);
        assert_mempool_of(with, tips[turn], seen);
        assert_int_equal(fixture_info(with->chain).mempool_count,
                         sum(seen, &world->nodes[tips[turn]]));
        if (depth == 1 || depth == 7 || depth % 50 == 0) {
            world_assert_txs(world, with->chain, tips[turn]);
            assert_as_if_first(with, tips[turn]);
            reopen(with);
            world_assert(world, with->chain, tips[turn]);
            assert_mempool_of(with, tips[turn], seen);
        }
    }
    assert_int_equal(bc_chain_verify(with->chain, NULL, NULL, NULL, NULL), BC_OK);
}

static void of_every_depth_it_is_as_if_the_branch_had_come_first(void **state)
{
    (void)state;
    bench with;
    setup(&with, &(world_network)WORLD_BY_WORK);
    reopen(&with);
    size_t deepest = test_random_repeats(DEEPEST);
    overtake(&with, deepest < DEEPEST ? (unsigned)deepest : DEEPEST);
    teardown(&with);
}

static void with_the_smallest_limits_too(void **state)
{
    (void)state;
    bench with;
    setup(&with, &(world_network)WORLD_BY_WORK);
    with.options.commit_bytes = 1;
    with.options.account_bytes = 1;
    with.options.cache_bytes = 1;
    with.options.signature_bytes = 1;
    reopen(&with);
    overtake(&with, DEEPEST / 4);
    teardown(&with);
}

static void with_commits_that_wait_too(void **state)
{
    (void)state;
    bench with;
    setup(&with, &(world_network)WORLD_BY_WORK);
    with.options.commit_interval_us = 60000000;
    reopen(&with);
    overtake(&with, DEEPEST / 4);
    teardown(&with);
}

/* ---- Those that fail ---- */

static bool is_delta_of(const bench *with, const uint8_t *key, size_t length, uint32_t tip)
{
    uint8_t id[BC_ID_BYTES];
    for (uint32_t at = tip; at != 0; at = with->world.nodes[at].parent) {
        bc_block_id(with->world.nodes[at].block, id);
        if (length == 1 + sizeof id && key[0] == BC__KEY_DELTA &&
            memcmp(key + 1, id, sizeof id) == 0) {
            return true;
        }
    }
    return false;
}

static void remove_deltas(bench *with, test_store *store, uint32_t tip)
{
    uint8_t key[BC_KEY_BYTES_MAX];
    size_t key_length;
    uint8_t *value;
    size_t length;
    for (size_t at = 0; test_store_entry(store, at, key, &key_length, &value, &length); at++) {
        free(value);
        if (is_delta_of(with, key, key_length, tip)) {
            test_store_remove(store, key, key_length);
            at = SIZE_MAX; /* from the beginning: what lies behind it has moved */
        }
    }
}

/* The stores are equal byte for byte, apart from what the good blocks up to `good` change of accounts,
 * which holds whatever becomes of their branch. */
static void assert_same_store(bench *with, test_store *before, uint32_t good)
{
    test_store now;
    test_store_init(&now);
    test_store_copy(&now, &with->store);
    remove_deltas(with, &now, good);
    remove_deltas(with, before, good);
    assert_true(test_store_equal(before, &now));
    test_store_free(&now);
}

typedef struct fault {
    uint32_t reason;
    unsigned from;
    uint64_t nonce; /* more than the account's */
    uint64_t amount;
} fault;

static const fault faults[] = {
    {BC_REASON_BALANCE, 9, 0, 1},
    {BC_REASON_BALANCE, 1, 0, WORLD_ALLOCATION},
    {BC_REASON_NONCE, 1, 1, 1},
    {BC_REASON_NONCE, 1, UINT64_MAX, 1}, /* one that is used */
};

static uint32_t add_fault(bench *with, uint32_t parent, const fault *what)
{
    uint64_t nonce = with->world.nodes[parent].state.nonce[what->from] + what->nonce;
    const world_plan plan = {.txs = {world_tx(&with->world, what->from, 2, nonce, what->amount, 1)},
                             .tx_count = 1};
    return world_add(&with->world, parent, &plan);
}

/* A base of 2 blocks, 5 more on the best chain, and `side` good ones on a branch, of which the first and
 * the best chain's first spend from one account; a transaction waits. */
typedef struct forked {
    uint32_t base;
    uint32_t tip;
    uint32_t side;
} forked;

static forked fork_chain(bench *with, unsigned side)
{
    ledger_world *world = &with->world;
    forked out = {.base = world_extend(world, 0, 2, 0)};
    out.tip = world_pay(world, out.base, 1, 5, 10, 0);
    out.tip = world_extend(world, out.tip, 4, 0);
    out.side = world_pay(world, out.base, 1, 6, 20, 1);
    for (unsigned at = 1; at < side; at++) {
        out.side = world_pay(world, out.side, 2, 7, at, 1);
    }
    world_submit_path(world, with->chain, 0, out.tip, BC_VERDICT_ACCEPTED);
    world_submit_path(world, with->chain, out.base, out.side, BC_VERDICT_BRANCH);
    world_submit_tx(world, with->chain, 1, 5, 1, 3, 1, BC_VERDICT_ACCEPTED, BC_REASON_NONE);
    assert_int_equal(bc_chain_tick(with->chain, NULL, NULL), BC_OK);
    with->events->count = 0;
    return out;
}

static void one_that_fails_at_its_last_block_leaves_everything_as_it_was(void **state)
{
    (void)state;
    for (size_t at = 0; at < sizeof faults / sizeof faults[0]; at++) {
        bench with;
        test_store before;
        setup(&with, &(world_network)WORLD_BY_WORK);
        reopen(&with);
        forked where = fork_chain(&with, 5);
        uint32_t bad = add_fault(&with, where.side, &faults[at]);
        reopen(&with); /* which writes the accounts' table */
        test_store_init(&before);
        test_store_copy(&before, &with.store);
        for (unsigned again = 0; again < 3; again++) {
            submit(&with, bad, BC_VERDICT_INVALID, faults[at].reason);
            world_assert(&with.world, with.chain, where.tip);
            assert_waiting(&with.world, with.chain, "1:1");
            assert_int_equal(with.events->count, 0);
            assert_int_equal(fixture_info(with.chain).blocks, 13);
            assert_same_store(&with, &before, where.side);
            if (again == 1) {
                reopen(&with); /* what is invalid is not remembered any more */
            }
        }
        test_store_free(&before);
        uint32_t good = world_pay(&with.world, where.side, 1, 6, 20, 0);
        submit(&with, good, BC_VERDICT_ACCEPTED, BC_REASON_NONE);
        world_assert(&with.world, with.chain, good);
        assert_waiting(&with.world, with.chain, "");
        teardown(&with);
    }
}

static void assert_unknown(bench *with, uint32_t node)
{
    uint8_t id[BC_ID_BYTES];
    bc_block *block;
    bc_block_id(with->world.nodes[node].block, id);
    assert_int_equal(bc_chain_find(with->chain, NULL, NULL, id, NULL), BC_ERR_NOT_FOUND);
    assert_int_equal(bc_chain_block(with->chain, &block, id, NULL), BC_ERR_NOT_FOUND);
    assert_null(block);
}

static void assert_found(bench *with, uint32_t node, uint32_t expected)
{
    uint8_t id[BC_ID_BYTES];
    uint32_t verdict;
    uint64_t height;
    bc_block *block;
    bc_block_id(with->world.nodes[node].block, id);
    assert_int_equal(bc_chain_find(with->chain, &verdict, &height, id, NULL), BC_OK);
    assert_string_equal(bc_verdict_name(verdict), bc_verdict_name(expected));
    assert_int_equal(height, with->world.nodes[node].height);
    assert_int_equal(bc_chain_block(with->chain, &block, id, NULL), BC_OK);
    bc_block_unref(block);
}

/* Nothing lies in the store of blocks that the chain does not know. */
static void assert_tidy(bench *with)
{
    uint64_t blocks = fixture_info(with->chain).blocks;
    assert_int_equal(bc_chain_tick(with->chain, NULL, NULL), BC_OK);
    assert_int_equal(test_store_count(&with->store, BC__KEY_HEADER), blocks);
    assert_int_equal(test_store_count(&with->store, BC__KEY_BODY), blocks);
    assert_true(test_store_count(&with->store, BC__KEY_DELTA) < blocks);
    assert_int_equal(test_store_count(&with->store, BC__KEY_WAITING),
                     fixture_info(with->chain).mempool_count);
}

static void with_a_fault_in_the_middle_what_stands_on_it_goes(void **state)
{
    (void)state;
    for (size_t at = 0; at < sizeof faults / sizeof faults[0]; at++) {
        bench with;
        setup(&with, &(world_network)WORLD_BY_WORK);
        reopen(&with);
        forked where = fork_chain(&with, 2);
        uint32_t bad = add_fault(&with, where.side, &faults[at]);
        uint32_t twin = world_extend(&with.world, bad, 1, 9); /* stands on it, beside the branch */
        uint32_t above = world_extend(&with.world, bad, 2, 0);
        uint32_t last = world_extend(&with.world, above, 1, 0);
        uint32_t beside = world_extend(&with.world, where.side, 1, 5);
        world_submit_path(&with.world, with.chain, where.side, above, BC_VERDICT_BRANCH);
        submit(&with, twin, BC_VERDICT_BRANCH, BC_REASON_NONE);
        submit(&with, beside, BC_VERDICT_BRANCH, BC_REASON_NONE);
        submit(&with, last, BC_VERDICT_ORPHAN, BC_REASON_ORPHAN);
        world_assert(&with.world, with.chain, where.tip);
        assert_waiting(&with.world, with.chain, "1:1");
        assert_int_equal(with.events->count, 0);
        for (uint32_t gone = bad; gone <= last; gone++) {
            assert_unknown(&with, gone);
        }
        assert_found(&with, where.side, BC_VERDICT_BRANCH);
        assert_found(&with, beside, BC_VERDICT_BRANCH);
        assert_int_equal(fixture_info(with.chain).blocks, 1 + 7 + 2 + 1);
        assert_tidy(&with);
        submit(&with, bad, BC_VERDICT_INVALID, faults[at].reason);
        submit(&with, twin, BC_VERDICT_ORPHAN, BC_REASON_ORPHAN);
        submit(&with, last, BC_VERDICT_ORPHAN, BC_REASON_ORPHAN);
        reopen(&with);
        world_assert(&with.world, with.chain, where.tip);
        assert_int_equal(fixture_info(with.chain).blocks, 1 + 7 + 2 + 1);
        /* A branch without it wins. */
        uint32_t good = world_extend(&with.world, beside, 3, 0);
        submit(&with, good, BC_VERDICT_ORPHAN, BC_REASON_ORPHAN);
        submit(&with, world_back(&with.world, good, 2), BC_VERDICT_BRANCH, BC_REASON_NONE);
        submit(&with, world_back(&with.world, good, 1), BC_VERDICT_ACCEPTED, BC_REASON_NONE);
        world_assert(&with.world, with.chain, good); /* the orphan came with it */
        teardown(&with);
    }
}

/* With commits so small that each good block's changes are committed on the way. */
static void a_fault_behind_committed_changes_leaves_them_alone(void **state)
{
    (void)state;
    for (unsigned waits = 0; waits < 2; waits++) {
        bench with;
        setup(&with, &(world_network)WORLD_BY_WORK);
        with.options.commit_bytes = 1;
        with.options.commit_interval_us = waits == 0 ? 0 : 60000000;
        reopen(&with);
        forked where = fork_chain(&with, 5);
        uint32_t bad = add_fault(&with, where.side, &faults[0]);
        submit(&with, bad, BC_VERDICT_INVALID, BC_REASON_BALANCE);
        assert_int_equal(test_store_count(&with.store, BC__KEY_DELTA), 7 + 5);
        world_assert(&with.world, with.chain, where.tip);
        assert_tidy(&with);
        reopen(&with);
        world_assert(&with.world, with.chain, where.tip);
        uint32_t good = world_extend(&with.world, where.side, 1, 3);
        submit(&with, good, BC_VERDICT_ACCEPTED, BC_REASON_NONE);
        world_assert(&with.world, with.chain, good);
        teardown(&with);
    }
}

/* ---- Those that may not be ---- */

typedef struct depth_case {
    uint32_t authorities;
    uint64_t option;
    uint64_t most; /* blocks that may be disconnected */
} depth_case;

static const depth_case depth_cases[] = {
    {0, 1, 1}, {0, 3, 3}, {0, BC_ZERO, 0}, {1, 0, 0}, {3, 0, 6}, {5, 0, 10}, {3, 2, 2},
};

static void a_deeper_one_than_allowed_is_stored_and_no_more(void **state)
{
    (void)state;
    for (size_t at = 0; at < sizeof depth_cases / sizeof depth_cases[0]; at++) {
        const depth_case *with_case = &depth_cases[at];
        const world_network network = {with_case->authorities, 0, 50, 1000, ""};
        unsigned most = (unsigned)with_case->most;
        bench with;
        setup(&with, &network);
        with.options.max_reorg_depth = with_case->option;
        reopen(&with);
        uint32_t deep = world_extend(&with.world, 0, most + 1, 0);
        uint32_t other = world_extend(&with.world, 0, most + 2, 7);
        world_submit_path(&with.world, with.chain, 0, deep, BC_VERDICT_ACCEPTED);
        bool tie_may_win = with_case->authorities > 0;
        for (uint64_t height = 1; height <= most + 1; height++) {
            uint32_t node = world_at(&with.world, other, height);
            bool tie =
                height == most + 1 && tie_may_win && world_is_smaller(&with.world, node, deep);
            submit(&with, node, BC_VERDICT_BRANCH, tie ? BC_REASON_REORG_DEPTH : BC_REASON_NONE);
        }
        submit(&with, other, BC_VERDICT_BRANCH, BC_REASON_REORG_DEPTH);
        uint32_t further = world_extend(&with.world, other, 1, 0);
        submit(&with, further, BC_VERDICT_BRANCH, BC_REASON_REORG_DEPTH);
        world_assert(&with.world, with.chain, deep);
        assert_found(&with, further, BC_VERDICT_BRANCH);
        reopen(&with);
        world_assert(&with.world, with.chain, deep);
        /* One that gives up a block less may be. */
        if (most > 0) {
            uint32_t near = world_extend(&with.world, world_at(&with.world, deep, 1), most + 1, 8);
            for (uint64_t height = 2; height < with.world.nodes[near].height; height++) {
                uint32_t node = world_at(&with.world, near, height);
                bc_block *block = with.world.nodes[node].block;
                assert_int_equal(bc_chain_submit(with.chain, NULL, NULL, block, NULL), BC_OK);
            }
            submit(&with, near, BC_VERDICT_ACCEPTED, BC_REASON_NONE);
            world_assert(&with.world, with.chain, near);
        }
        teardown(&with);
    }
}

static void without_a_limit_any_depth_may_be(void **state)
{
    (void)state;
    const world_network network = WORLD_BY_AUTHORITIES(1);
    bench with;
    setup(&with, &network);
    with.options.max_reorg_depth = BC_NONE;
    reopen(&with);
    uint32_t own = world_extend(&with.world, 0, 60, 0);
    uint32_t other = world_extend(&with.world, 0, 61, 1);
    world_submit_path(&with.world, with.chain, 0, own, BC_VERDICT_ACCEPTED);
    for (uint64_t height = 1; height <= 60; height++) {
        bc_block *block = with.world.nodes[world_at(&with.world, other, height)].block;
        assert_int_equal(bc_chain_submit(with.chain, NULL, NULL, block, NULL), BC_OK);
    }
    with.events->count = 0;
    bc_block *last = with.world.nodes[other].block;
    assert_int_equal(bc_chain_submit(with.chain, NULL, NULL, last, NULL), BC_OK);
    world_assert(&with.world, with.chain, other);
    teardown(&with);
}

/* What was refused for its depth is taken by the next block that comes when the limit is gone. */
static void a_limit_that_is_lifted_lets_the_next_block_decide(void **state)
{
    (void)state;
    bench with;
    setup(&with, &(world_network)WORLD_BY_WORK);
    with.options.max_reorg_depth = 2;
    with.options.keep_branches = 100;
    reopen(&with);
    uint32_t own = world_extend(&with.world, 0, 4, 0);
    uint32_t other = world_extend(&with.world, 0, 6, 1);
    world_submit_path(&with.world, with.chain, 0, own, BC_VERDICT_ACCEPTED);
    for (uint64_t height = 1; height <= 5; height++) {
        submit(&with, world_at(&with.world, other, height), BC_VERDICT_BRANCH,
               height == 5 ? BC_REASON_REORG_DEPTH : BC_REASON_NONE);
    }
    with.options.max_reorg_depth = 0;
    reopen(&with);
    world_assert(&with.world, with.chain, own);
    submit(&with, other, BC_VERDICT_ACCEPTED, BC_REASON_NONE);
    world_assert(&with.world, with.chain, other);
    teardown(&with);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(of_every_depth_it_is_as_if_the_branch_had_come_first),
        cmocka_unit_test(with_the_smallest_limits_too),
        cmocka_unit_test(with_commits_that_wait_too),
        cmocka_unit_test(one_that_fails_at_its_last_block_leaves_everything_as_it_was),
        cmocka_unit_test(with_a_fault_in_the_middle_what_stands_on_it_goes),
        cmocka_unit_test(a_fault_behind_committed_changes_leaves_them_alone),
        cmocka_unit_test(a_deeper_one_than_allowed_is_stored_and_no_more),
        cmocka_unit_test(without_a_limit_any_depth_may_be),
        cmocka_unit_test(a_limit_that_is_lifted_lets_the_next_block_decide),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
