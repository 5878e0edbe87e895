/* Side branches under the ledger's rules: which of them are kept and which are deleted, that what still
 * has a reader stays, and that a chain is the same after an opening, whatever tree of blocks came in, in
 * whatever order. */
#include "src/store/schema.h"
#include "test/support/ledger_world.h"
#include "test/support/random.h"

typedef struct bench {
    ledger_world world;
    test_store store;
    bc_options options;
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
    with->options = world_options(&with->world);
}

static void teardown(bench *with)
{
    fixture_close(with->chain);
    test_store_free(&with->store);
    world_end(&with->world);
}

static void submit(bench *with, uint32_t node, uint32_t verdict, uint32_t reason)
{
    world_submit(&with->world, with->chain, node, verdict, reason);
}

static bool is_stored(bench *with, uint32_t node)
{
    uint8_t id[BC_ID_BYTES];
    bc_block *block;
    bc_block_id(with->world.nodes[node].block, id);
    uint32_t verdict;
    bc_status status = bc_chain_find(with->chain, &verdict, NULL, id, NULL);
    status = verdict == BC_VERDICT_ORPHAN ? BC_ERR_NOT_FOUND : status;
    assert_int_equal(bc_chain_block(with->chain, &block, id, NULL), status);
    bc_block_unref(block);
    assert_true(status == BC_OK || status == BC_ERR_NOT_FOUND);
    return status == BC_OK;
}

/* Of each stored block there are a header and a body, and places of its transactions, and no others. */
static void assert_tidy(bench *with)
{
    size_t blocks = 0;
    size_t txs = 0;
    assert_int_equal(bc_chain_tick(with->chain, NULL, NULL), BC_OK);
    for (uint32_t at = 0; at < with->world.count; at++) {
        if (is_stored(with, at)) {
            blocks++;
            txs += bc_block_tx_count(with->world.nodes[at].block);
        }
    }
    assert_int_equal(fixture_info(with->chain).blocks, blocks);
    assert_int_equal(test_store_count(&with->store, BC__KEY_HEADER), blocks);
    assert_int_equal(test_store_count(&with->store, BC__KEY_BODY), blocks);
    assert_int_equal(test_store_count(&with->store, BC__KEY_TX), txs);
    assert_true(test_store_count(&with->store, BC__KEY_DELTA) < blocks);
}

/* ---- What is kept ---- */

enum { KEPT = 5 };

/* Side branches that end at heights 1, 2 and 4, and one that parts at height 2 into two that end at 3
 * and 8; on the way they are never the longest. */
typedef struct sides {
    uint32_t tip;
    uint32_t ends[5];
    uint64_t heights[5];
    uint32_t joint; /* at height 2, of the last two */
} sides;

static sides add_sides(bench *with)
{
    ledger_world *world = &with->world;
    sides out = {.heights = {1, 2, 4, 3, 8}};
    out.tip = world_extend(world, 0, 9, 0);
    out.ends[0] = world_pay(world, 0, 1, 5, 1, 1);
    out.ends[1] = world_extend(world, world_at(world, out.tip, 1), 1, 2);
    out.ends[2] = world_extend(world, 0, 4, 3);
    out.joint = world_extend(world, 0, 2, 4);
    out.ends[3] = world_extend(world, out.joint, 1, 5);
    out.ends[4] = world_pay(world, world_extend(world, out.joint, 5, 6), 2, 5, 1, 0);
    for (uint64_t height = 1; height <= world->nodes[out.tip].height; height++) {
        submit(with, world_at(world, out.tip, height), BC_VERDICT_ACCEPTED, BC_REASON_NONE);
        for (unsigned at = 0; at < 5; at++) {
            uint32_t node =
                height <= out.heights[at] ? world_at(world, out.ends[at], height) : out.tip;
            if (!is_stored(with, node) && node != out.tip) {
                submit(with, node, BC_VERDICT_BRANCH, BC_REASON_NONE);
            }
        }
    }
    return out;
}

static void exactly_those_that_end_too_far_behind_the_tip_go(void **state)
{
    (void)state;
    for (unsigned opening = 0; opening < 2; opening++) {
        bench with;
        setup(&with, &(world_network)WORLD_BY_WORK);
        with.options.keep_branches = KEPT;
        reopen(&with);
        sides all = add_sides(&with);
        uint32_t tip = all.tip;
        for (unsigned step = 0; step < 6; step++) {
            uint64_t height = with.world.nodes[tip].height;
            for (unsigned at = 0; at < 5; at++) {
                bool stays = all.heights[at] + KEPT >= height;
                assert_int_equal(is_stored(&with, all.ends[at]), stays);
            }
            assert_int_equal(is_stored(&with, all.joint), 8 + KEPT >= height);
            world_assert(&with.world, with.chain, tip);
            assert_tidy(&with);
            if (opening == 1) {
                reopen(&with);
            }
            tip = world_extend(&with.world, tip, 1, 0);
            submit(&with, tip, BC_VERDICT_ACCEPTED, BC_REASON_NONE);
        }
        assert_int_equal(fixture_info(with.chain).blocks, with.world.nodes[tip].height + 1);
        assert_int_equal(bc_chain_verify(with.chain, NULL, NULL, NULL, NULL), BC_OK);
        teardown(&with);
    }
}

/* The default is the deepest reorganisation that may be. */
static void by_default_as_many_are_kept_as_may_be_reorganised(void **state)
{
    (void)state;
    bench with;
    setup(&with, &(world_network)WORLD_BY_WORK);
    with.options.max_reorg_depth = 3;
    reopen(&with);
    uint32_t tip = world_extend(&with.world, 0, 4, 0);
    uint32_t side = world_extend(&with.world, 0, 1, 1);
    submit(&with, world_at(&with.world, tip, 1), BC_VERDICT_ACCEPTED, BC_REASON_NONE);
    submit(&with, side, BC_VERDICT_BRANCH, BC_REASON_NONE);
    world_submit_path(&with.world, with.chain, world_at(&with.world, tip, 1), tip,
                      BC_VERDICT_ACCEPTED);
    assert_true(is_stored(&with, side));
    tip = world_extend(&with.world, tip, 1, 0);
    submit(&with, tip, BC_VERDICT_ACCEPTED, BC_REASON_NONE);
    assert_false(is_stored(&with, side));
    assert_tidy(&with);
    teardown(&with);
}

/* ---- Bounded commits ---- */

typedef struct widest {
    size_t writes;
    size_t commits;
} widest;

static void note_writes(void *context, const bc_write *writes, size_t count)
{
    widest *with = context;
    (void)writes;
    with->commits++;
    with->writes = count > with->writes ? count : with->writes;
}

static void many_go_in_bounded_commits(void **state)
{
    (void)state;
    enum { SIDES = 2200, BATCH = 8192 + 16 };
    bench with;
    widest found = {0, 0};
    setup(&with, &(world_network)WORLD_BY_WORK);
    with.options.keep_branches = 1;
    reopen(&with);
    uint32_t tip = world_extend(&with.world, 0, 1, 0);
    submit(&with, tip, BC_VERDICT_ACCEPTED, BC_REASON_NONE);
    for (unsigned at = 1; at <= SIDES; at++) {
        submit(&with, world_extend(&with.world, 0, 1, at), BC_VERDICT_BRANCH, BC_REASON_NONE);
    }
    uint32_t next = world_extend(&with.world, tip, 1, 0);
    submit(&with, next, BC_VERDICT_ACCEPTED, BC_REASON_NONE);
    assert_int_equal(fixture_info(with.chain).blocks, SIDES + 3);
    next = world_extend(&with.world, next, 1, 0);
    with.store.before_commit = note_writes;
    with.store.before_context = &found;
    submit(&with, next, BC_VERDICT_ACCEPTED, BC_REASON_NONE);
    assert_int_equal(fixture_info(with.chain).blocks, 4);
    assert_true(found.commits >= 3 && found.writes <= BATCH);
    with.store.before_commit = NULL;
    assert_int_equal(test_store_count(&with.store, BC__KEY_HEADER), 4);
    reopen(&with);
    world_assert_tip(&with.world, with.chain, next);
    teardown(&with);
}

/* ---- What has a reader stays ---- */

typedef struct reader {
    size_t read;
    size_t events;
} reader;

/* Whatever an event tells of can be read while it is told. */
static bc_status read_block(void *context, bc_chain *chain, const bc_event *event)
{
    reader *with = context;
    bc_block *block;
    with->events++;
    if (bc_chain_block(chain, &block, event->id, NULL) == BC_OK) {
        with->read++;
    }
    bc_block_unref(block);
    return BC_OK;
}

static void what_an_event_tells_of_can_be_read(void **state)
{
    (void)state;
    bench with;
    reader seen = {0, 0};
    setup(&with, &(world_network)WORLD_BY_WORK);
    with.options.keep_branches = 1;
    with.options.event = read_block;
    with.options.event_context = &seen;
    reopen(&with);
    uint32_t base = world_extend(&with.world, 0, 1, 0);
    uint32_t own = world_extend(&with.world, base, 3, 0);
    uint32_t other = world_extend(&with.world, base, 9, 1);
    submit(&with, base, BC_VERDICT_ACCEPTED, BC_REASON_NONE);
    /* The orphans come in at once, so that the old branch lies far behind when its end is told. */
    for (uint64_t height = 10; height >= 3; height--) {
        submit(&with, world_at(&with.world, other, height), BC_VERDICT_ORPHAN, BC_REASON_ORPHAN);
    }
    world_submit_path(&with.world, with.chain, base, own, BC_VERDICT_ACCEPTED);
    submit(&with, world_at(&with.world, other, 2), BC_VERDICT_ACCEPTED, BC_REASON_NONE);
    world_assert(&with.world, with.chain, other);
    /* base; own, each with its tip; 3 down; 9 up, of which the last 5 one by one, with 6 tips */
    assert_int_equal(seen.events, 2 + 3 * 2 + 3 + 9 + 6);
    assert_int_equal(seen.read, seen.events);
    assert_false(is_stored(&with, own));
    assert_tidy(&with);
    teardown(&with);
}

/* A visitor that hands in a block at its first call. */
typedef struct visitor {
    bc_block *block;
    uint32_t verdict;
    size_t calls;
} visitor;

static bc_status submit_at_first(void *context, bc_chain *chain, const bc_event *event)
{
    visitor *with = context;
    (void)event;
    if (with->calls++ == 0) {
        return bc_chain_submit(chain, &with->verdict, NULL, with->block, NULL);
    }
    return BC_OK;
}

/* Changes since a block whose branch turns out invalid while they are told. */
static void a_branch_may_go_while_changes_since_it_are_told(void **state)
{
    (void)state;
    bench with;
    visitor visit = {NULL, BC_VERDICT_NONE, 0};
    uint8_t id[BC_ID_BYTES];
    bc_error error = BC_ERROR_INIT;
    setup(&with, &(world_network)WORLD_BY_WORK);
    reopen(&with);
    ledger_world *world = &with.world;
    uint32_t own = world_extend(world, 0, 6, 0);
    uint32_t bad = world_pay(world, 0, 9, 1, 5, 1); /* which has nothing */
    uint32_t side = world_extend(world, bad, 5, 0);
    uint32_t last = world_extend(world, side, 1, 0);
    world_submit_path(world, with.chain, 0, own, BC_VERDICT_ACCEPTED);
    world_submit_path(world, with.chain, 0, side, BC_VERDICT_BRANCH);
    visit.block = world->nodes[last].block;
    bc_block_id(world->nodes[side].block, id);
    assert_int_equal(bc_chain_changes(with.chain, id, submit_at_first, &visit, &error),
                     BC_ERR_NOT_FOUND);
    assert_int_equal(error.code, BC_ERR_NOT_FOUND);
    assert_int_equal(visit.verdict, BC_VERDICT_ORPHAN);
    assert_int_equal(visit.calls, 1);
    world_assert(world, with.chain, own);
    assert_tidy(&with);
    teardown(&with);
}

/* Two orphans wait for a block; with the first of them its branch has most work and turns out not to hold,
 * in the block itself or in one below. */
static void orphans_of_a_branch_that_goes_are_left_alone(void **state)
{
    (void)state;
    for (unsigned below = 0; below < 2; below++) {
        bench with;
        setup(&with, &(world_network)WORLD_BY_WORK);
        reopen(&with);
        ledger_world *world = &with.world;
        uint32_t own = world_extend(world, 0, 4, 0);
        uint32_t side = world_extend(world, 0, below == 0 ? 3 : 2, 1);
        uint32_t end = world_pay(world, side, 9, 1, 5, 1); /* which has nothing */
        end = world_extend(world, end, below, 0);
        uint32_t children[2] = {world_extend(world, end, 1, 1), world_extend(world, end, 1, 2)};
        world_submit_path(world, with.chain, 0, own, BC_VERDICT_ACCEPTED);
        world_submit_path(world, with.chain, 0, world_back(world, end, 1), BC_VERDICT_BRANCH);
        submit(&with, children[0], BC_VERDICT_ORPHAN, BC_REASON_ORPHAN);
        submit(&with, children[1], BC_VERDICT_ORPHAN, BC_REASON_ORPHAN);
        submit(&with, end, below == 0 ? BC_VERDICT_INVALID : BC_VERDICT_ORPHAN,
               below == 0 ? BC_REASON_BALANCE : BC_REASON_ORPHAN);
        world_assert(world, with.chain, own);
        assert_true(is_stored(&with, side));
        assert_false(is_stored(&with, end));
        assert_tidy(&with);
        teardown(&with);
    }
}

/* ---- Any tree in any order ---- */

enum { TREE = 24 };

typedef struct tree_case {
    uint32_t authorities;
    bool holds[TREE + 1]; /* the block and all below it */
    bool came[TREE + 1];  /* was handed in */
    uint32_t tip;
} tree_case;

/* Under three authorities whoever is in turn seals, or the next who has not sealed the parent. */
static unsigned choose_signer(const bench *with, test_random *random, uint32_t parent)
{
    uint32_t count = with->world.network.authorities;
    const world_node *above = &with->world.nodes[parent];
    uint64_t before = count;
    uint64_t signer = above->height + 1 + test_random_below(random, 2);
    if (count == 0) {
        return 0;
    }
    if (above->height > 0) {
        assert_int_equal(bc_block_nonce(above->block, &before), BC_OK);
    }
    signer += signer % count == before ? 1 : 0;
    return (unsigned)(signer % count) + 1;
}

static void add_random(bench *with, tree_case *tree, test_random *random)
{
    ledger_world *world = &with->world;
    uint32_t recent = world->count > 6 ? world->count - 6 : 0;
    uint32_t parent = recent + (uint32_t)test_random_below(random, world->count - recent);
    unsigned from = 1 + (unsigned)test_random_below(random, 3);
    bool holds = test_random_below(random, 6) != 0;
    uint64_t nonce = world->nodes[parent].state.nonce[from] + (holds ? 0 : 1);
    world_plan plan = {.later = world->count, .signer = choose_signer(with, random, parent)};
    if (!holds || test_random_below(random, 2) == 0) {
        plan.txs[plan.tx_count++] = world_tx(world, from, 5, nonce, 7, 1);
    }
    uint32_t node = world_add(world, parent, &plan);
    tree->holds[node] = holds && tree->holds[parent];
}

static bool has_come(const bench *with, const tree_case *tree, uint32_t node)
{
    while (node != 0 && tree->came[node]) {
        node = with->world.nodes[node].parent;
    }
    return node == 0;
}

/* The rules: most work of what holds and has come with all below it; among equals the one that was there
 * first, or, under authority, the smallest id. */
static bool is_better(const bench *with, uint32_t node, uint32_t tip)
{
    uint64_t work = with->world.nodes[node].work;
    uint64_t least = with->world.nodes[tip].work;
    return work > least || (work == least && with->world.network.authorities > 0 &&
                            world_is_smaller(&with->world, node, tip));
}

/* After a block and the orphans that waited for it. False where several of those are equals, of which the
 * order among orphans decides. */
static bool expect_tip(const bench *with, tree_case *tree)
{
    uint64_t before = with->world.nodes[tree->tip].work;
    uint32_t best = tree->tip;
    bool is_clear = true;
    for (uint32_t at = 1; at < with->world.count; at++) {
        if (!tree->holds[at] || !has_come(with, tree, at)) {
            continue;
        }
        if (is_better(with, at, best)) {
            best = at;
            is_clear = true;
        } else if (at != best && with->world.nodes[at].work == with->world.nodes[best].work &&
                   with->world.nodes[best].work > before) {
            is_clear = with->world.network.authorities > 0;
        }
    }
    tree->tip = best;
    return is_clear;
}

static uint32_t find_tip(const bench *with)
{
    uint8_t id[BC_ID_BYTES];
    uint8_t other[BC_ID_BYTES];
    assert_int_equal(bc_chain_tip(with->chain, NULL, id, NULL), BC_OK);
    for (uint32_t at = 0; at < with->world.count; at++) {
        bc_block_id(with->world.nodes[at].block, other);
        if (memcmp(id, other, sizeof id) == 0) {
            return at;
        }
    }
    fail_msg("the tip is none of the blocks");
    return 0;
}

static void hand_in_all(bench *with, tree_case *tree, test_random *random)
{
    char waiting[WORLD_MEMPOOL];
    uint32_t order[TREE];
    for (uint32_t at = 0; at < TREE; at++) {
        uint32_t other = (uint32_t)test_random_below(random, at + 1);
        order[at] = order[other];
        order[other] = at + 1;
    }
    for (uint32_t at = 0; at < TREE; at++) {
        bc_block *block = with->world.nodes[order[at]].block;
        assert_int_equal(bc_chain_submit(with->chain, NULL, NULL, block, NULL), BC_OK);
        tree->came[order[at]] = true;
        bool is_clear = expect_tip(with, tree);
        uint32_t found = find_tip(with);
        assert_true(tree->holds[found] && has_come(with, tree, found));
        assert_int_equal(with->world.nodes[found].work, with->world.nodes[tree->tip].work);
        assert_true(!is_clear || found == tree->tip);
        tree->tip = found;
        world_assert(&with->world, with->chain, found);
        if (fixture_info(with->chain).orphan_count == 0) { /* an opening forgets orphans */
            strcpy(waiting, world_mempool(&with->world, with->chain));
            uint64_t blocks = fixture_info(with->chain).blocks;
            reopen(with);
            world_assert(&with->world, with->chain, found);
            assert_waiting(&with->world, with->chain, waiting);
            assert_int_equal(fixture_info(with->chain).blocks, blocks);
        }
    }
}

static void any_tree_in_any_order(void **state)
{
    (void)state;
    test_random random = test_random_begin();
    for (size_t round = test_random_repeats(60); round > 0; round--) {
        const world_network networks[] = {WORLD_BY_WORK, WORLD_BY_AUTHORITIES(3)};
        bench with;
        tree_case tree = {.holds = {true}, .came = {true}};
        setup(&with, &networks[round % 2]);
        with.options.max_reorg_depth = BC_NONE;
        with.options.commit_bytes = 1 + test_random_below(&random, 2000);
        with.options.account_bytes = 1 + test_random_below(&random, 1000);
        reopen(&with);
        for (uint32_t at = 0; at < TREE; at++) {
            add_random(&with, &tree, &random);
        }
        hand_in_all(&with, &tree, &random);
        assert_int_equal(bc_chain_verify(with.chain, NULL, NULL, NULL, NULL), BC_OK);
        teardown(&with);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exactly_those_that_end_too_far_behind_the_tip_go),
        cmocka_unit_test(by_default_as_many_are_kept_as_may_be_reorganised),
        cmocka_unit_test(many_go_in_bounded_commits),
        cmocka_unit_test(what_an_event_tells_of_can_be_read),
        cmocka_unit_test(a_branch_may_go_while_changes_since_it_are_told),
        cmocka_unit_test(orphans_of_a_branch_that_goes_are_left_alone),
        cmocka_unit_test(any_tree_in_any_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
