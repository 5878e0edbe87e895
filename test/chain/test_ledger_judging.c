/* Verdicts on blocks under the ledger's rules that depend on more than the block: on what is stored, on the
 * clock, on what was found before, on this program's own limits. */
#include "src/rules/ledger/ledger.h"
#include "src/store/schema.h"
#include "test/support/ledger_world.h"

enum { MS = 1000, FUTURE_LIMIT = 120000 };

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
    reopen(with);
}

static void setup_work(bench *with)
{
    setup(with, &(world_network)WORLD_BY_WORK);
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

/* The block is invalid, and was found so before, or is found so only now. */
static void assert_invalid(bench *with, bc_block *block, uint32_t reason, bool remembered)
{
    bc_error error = BC_ERROR_INIT;
    uint32_t found[2];
    assert_int_equal(bc_chain_submit(with->chain, &found[0], &found[1], block, &error), BC_OK);
    assert_string_equal(bc_verdict_name(found[0]), "invalid");
    assert_string_equal(bc_reason_name(found[1]), bc_reason_name(reason));
    assert_int_equal(error.code, BC_OK);
    assert_int_equal(strstr(error.message, "found invalid before") != NULL, remembered);
}

static uint32_t verdict_of(bench *with, uint32_t node)
{
    uint8_t id[BC_ID_BYTES];
    uint32_t verdict;
    bc_block_id(with->world.nodes[node].block, id);
    (void)bc_chain_find(with->chain, &verdict, NULL, id, NULL);
    return verdict;
}

/* ---- Known, genesis, orphan ---- */

static void what_is_stored_is_known(void **state)
{
    (void)state;
    bench with;
    setup_work(&with);
    uint32_t own = world_extend(&with.world, 0, 2, 0);
    uint32_t side = world_extend(&with.world, 0, 1, 1);
    world_submit_path(&with.world, with.chain, 0, own, BC_VERDICT_ACCEPTED);
    submit(&with, side, BC_VERDICT_BRANCH, BC_REASON_NONE);
    for (unsigned round = 0; round < 2; round++) {
        for (uint32_t node = 0; node < with.world.count; node++) {
            submit(&with, node, BC_VERDICT_KNOWN, BC_REASON_KNOWN); /* genesis, too */
        }
        reopen(&with);
    }
    teardown(&with);
}

static void another_block_of_height_0_is_no_genesis(void **state)
{
    (void)state;
    bench with;
    uint8_t bytes[1024];
    size_t length;
    bc_block *block;
    setup_work(&with);
    const uint8_t *genesis = bc_block_bytes(with.world.nodes[0].block, &length);
    assert_true(length < sizeof bytes);
    memcpy(bytes, genesis, length);
    bytes[16] ^= 1; /* time */
    assert_int_equal(bc_block_parse(&block, with.world.params, bytes, length, NULL), BC_OK);
    assert_invalid(&with, block, BC_REASON_GENESIS, false);
    bc_block_unref(block);
    world_assert(&with.world, with.chain, 0);
    teardown(&with);
}

static void orphans_come_in_with_their_parents(void **state)
{
    (void)state;
    bench with;
    setup_work(&with);
    uint32_t tip = world_extend(&with.world, 0, 6, 0);
    uint32_t side = world_extend(&with.world, world_at(&with.world, tip, 2), 2, 5);
    for (uint64_t height = 6; height > 1; height--) {
        uint32_t node = world_at(&with.world, tip, height);
        for (unsigned again = 0; again < 2; again++) {
            submit(&with, node, BC_VERDICT_ORPHAN, BC_REASON_ORPHAN);
            assert_int_equal(verdict_of(&with, node), BC_VERDICT_ORPHAN);
            assert_int_equal(fixture_info(with.chain).orphan_count, 7 - height);
        }
    }
    submit(&with, side, BC_VERDICT_ORPHAN, BC_REASON_ORPHAN);
    assert_int_equal(fixture_info(with.chain).blocks, 1);
    submit(&with, world_at(&with.world, tip, 1), BC_VERDICT_ACCEPTED, BC_REASON_NONE);
    world_assert(&with.world, with.chain, tip);
    assert_int_equal(fixture_info(with.chain).orphan_count, 1);
    submit(&with, world_back(&with.world, side, 1), BC_VERDICT_BRANCH, BC_REASON_NONE);
    assert_int_equal(fixture_info(with.chain).orphan_count, 0);
    assert_int_equal(verdict_of(&with, side), BC_VERDICT_BRANCH);
    reopen(&with);
    world_assert(&with.world, with.chain, tip);
    teardown(&with);
}

/* An orphan that fails when its turn comes changes nothing for the block that brought it in. */
static void an_orphan_is_judged_on_its_own_account(void **state)
{
    (void)state;
    bench with;
    setup_work(&with);
    uint32_t base = world_extend(&with.world, 0, 1, 0);
    const world_plan rich = {.reward_more = 1};
    uint32_t bad = world_add(&with.world, base, &rich);
    uint32_t above = world_extend(&with.world, bad, 1, 0);
    uint32_t good = world_extend(&with.world, base, 1, 7);
    submit(&with, above, BC_VERDICT_ORPHAN, BC_REASON_ORPHAN);
    submit(&with, bad, BC_VERDICT_ORPHAN, BC_REASON_ORPHAN);
    submit(&with, good, BC_VERDICT_ORPHAN, BC_REASON_ORPHAN);
    submit(&with, base, BC_VERDICT_ACCEPTED, BC_REASON_NONE);
    world_assert(&with.world, with.chain, good);
    assert_int_equal(fixture_info(with.chain).orphan_count, 1);
    assert_invalid(&with, with.world.nodes[bad].block, BC_REASON_REWARD_AMOUNT, true);
    teardown(&with);
}

static void orphans_are_bounded_and_the_oldest_go(void **state)
{
    (void)state;
    bench with;
    setup_work(&with);
    with.options.orphan_bytes = 5 * 4096;
    reopen(&with);
    uint32_t tip = world_extend(&with.world, 0, 9, 0);
    for (uint64_t height = 9; height > 1; height--) {
        submit(&with, world_at(&with.world, tip, height), BC_VERDICT_ORPHAN, BC_REASON_ORPHAN);
        assert_true(fixture_info(with.chain).orphan_count <= 5);
    }
    submit(&with, world_at(&with.world, tip, 1), BC_VERDICT_ACCEPTED, BC_REASON_NONE);
    world_assert_tip(&with.world, with.chain, world_at(&with.world, tip, 6));
    teardown(&with);
}

/* ---- The clock ---- */

static void not_yet_is_not_never(void **state)
{
    (void)state;
    bench with;
    setup_work(&with);
    uint64_t now = (uint64_t)atomic_load(&with.world.now) / MS;
    const world_plan far = {.later = now + FUTURE_LIMIT + 1 - WORLD_START - WORLD_STEP};
    uint32_t node = world_add(&with.world, 0, &far);
    uint32_t above = world_extend(&with.world, node, 1, 0);
    assert_int_equal(with.world.nodes[node].time, now + FUTURE_LIMIT + 1);
    for (unsigned again = 0; again < 2; again++) {
        submit(&with, node, BC_VERDICT_NOT_YET, BC_REASON_CLOCK);
        submit(&with, above, BC_VERDICT_ORPHAN, BC_REASON_ORPHAN);
        assert_int_equal(verdict_of(&with, node), BC_VERDICT_NONE);
        world_assert(&with.world, with.chain, 0);
    }
    atomic_fetch_add(&with.world.now, MS);
    submit(&with, node, BC_VERDICT_ACCEPTED, BC_REASON_NONE);
    /* The orphan behind it was too early, and is gone. */
    world_assert(&with.world, with.chain, node);
    assert_int_equal(fixture_info(with.chain).orphan_count, 0);
    atomic_fetch_add(&with.world.now, WORLD_STEP * MS);
    submit(&with, above, BC_VERDICT_ACCEPTED, BC_REASON_NONE);
    /* An opening does not look at the clock. */
    atomic_fetch_sub(&with.world.now, INT64_C(7200) * MS * MS);
    reopen(&with);
    world_assert(&with.world, with.chain, above);
    assert_int_equal(bc_chain_verify(with.chain, NULL, NULL, NULL, NULL), BC_OK);
    teardown(&with);
}

/* ---- Faults of the bytes, and of the block ---- */

static void a_tampered_body_does_not_stand_in_the_way(void **state)
{
    (void)state;
    bench with;
    setup_work(&with);
    uint32_t first = world_pay(&with.world, 0, 1, 2, 5, 0);
    uint32_t second = world_pay(&with.world, first, 1, 2, 5, 0);
    bc_block *forged[2] = {world_tamper(&with.world, first), world_tamper(&with.world, second)};
    uint8_t ids[2][BC_ID_BYTES];
    bc_block_id(forged[0], ids[0]);
    bc_block_id(with.world.nodes[first].block, ids[1]);
    assert_memory_equal(ids[0], ids[1], BC_ID_BYTES);
    /* Before the honest one, as an orphan beside it, and behind it. */
    assert_invalid(&with, forged[0], BC_REASON_CONTENT, false);
    assert_invalid(&with, forged[0], BC_REASON_CONTENT, false);
    for (unsigned at = 0; at < 2; at++) {
        fixture_submit(with.chain, forged[1], BC_VERDICT_ORPHAN, BC_REASON_ORPHAN);
        submit(&with, second, BC_VERDICT_ORPHAN, BC_REASON_ORPHAN);
    }
    assert_int_equal(fixture_info(with.chain).orphan_count, 2);
    submit(&with, first, BC_VERDICT_ACCEPTED, BC_REASON_NONE);
    world_assert(&with.world, with.chain, second);
    fixture_submit(with.chain, forged[0], BC_VERDICT_KNOWN, BC_REASON_KNOWN);
    fixture_submit(with.chain, forged[1], BC_VERDICT_KNOWN, BC_REASON_KNOWN);
    reopen(&with);
    world_assert(&with.world, with.chain, second);
    bc_block_unref(forged[0]);
    bc_block_unref(forged[1]);
    teardown(&with);
}

static void nor_does_a_wrong_seal(void **state)
{
    (void)state;
    bench with;
    const world_network network = WORLD_BY_AUTHORITIES(3);
    setup(&with, &network);
    uint32_t node = world_extend(&with.world, 0, 1, 0);
    size_t length;
    const uint8_t *bytes = bc_block_bytes(with.world.nodes[node].block, &length);
    uint8_t *forged = malloc(length);
    bc_block *block;
    assert_non_null(forged);
    memcpy(forged, bytes, length);
    forged[BC__HEADER_BYTES + 1] ^= 1;
    assert_int_equal(bc_block_parse(&block, with.world.params, forged, length, NULL), BC_OK);
    assert_invalid(&with, block, BC_REASON_SEAL_SIGNATURE, false);
    assert_invalid(&with, block, BC_REASON_SEAL_SIGNATURE, false);
    submit(&with, node, BC_VERDICT_ACCEPTED, BC_REASON_NONE);
    fixture_submit(with.chain, block, BC_VERDICT_KNOWN, BC_REASON_KNOWN);
    bc_block_unref(block);
    free(forged);
    teardown(&with);
}

/* Faults that lie in the id are remembered, with their reason; an opening forgets them. */
static void what_never_can_hold_is_remembered(void **state)
{
    (void)state;
    bench with;
    setup_work(&with);
    ledger_world *world = &with.world;
    const world_plan plans[] = {
        {.reward_more = 1},
        {.later = (uint64_t)0 - WORLD_STEP}, /* not above the median */
        {.bits = 0x2100fffe},
        {.txs = {world_tx(world, 9, 1, 0, 5, 1)}, .tx_count = 1},
        {.txs = {world_tx(world, 1, 2, 7, 5, 1)}, .tx_count = 1},
    };
    const uint32_t reasons[] = {BC_REASON_REWARD_AMOUNT, BC_REASON_MEDIAN,
                                BC_REASON_BITS_UNEXPECTED, BC_REASON_BALANCE, BC_REASON_NONCE};
    for (size_t at = 0; at < sizeof plans / sizeof plans[0]; at++) {
        uint32_t node = world_add(world, 0, &plans[at]);
        bc_block *block = world->nodes[node].block;
        assert_invalid(&with, block, reasons[at], false);
        assert_invalid(&with, block, reasons[at], true);
        reopen(&with);
        assert_invalid(&with, block, reasons[at], false);
        world_assert_accounts(world, with.chain, 0);
        assert_int_equal(test_store_count(&with.store, BC__KEY_BODY), 1);
    }
    teardown(&with);
}

/* ---- Size ---- */

static uint32_t add_sized(bench *with, unsigned txs)
{
    world_plan plan = {.tx_count = txs};
    for (unsigned at = 0; at < txs; at++) {
        plan.txs[at] = world_tx(&with->world, 1, 2, at, 1, 1);
    }
    return world_add(&with->world, 0, &plan);
}

static void the_network_says_how_large_a_block_may_be(void **state)
{
    (void)state;
    world_network network = WORLD_BY_WORK;
    bench with;
    size_t length;
    network.more = "\"block_bytes\":1061,\"payload_bytes\":0,";
    setup(&with, &network);
    uint32_t fits = add_sized(&with, 5);
    uint32_t large = add_sized(&with, 6);
    (void)bc_block_bytes(with.world.nodes[fits].block, &length);
    assert_int_equal(length, 1061);
    assert_invalid(&with, with.world.nodes[large].block, BC_REASON_SIZE, false);
    assert_invalid(&with, with.world.nodes[large].block, BC_REASON_SIZE, false);
    submit(&with, fits, BC_VERDICT_ACCEPTED, BC_REASON_NONE);
    teardown(&with);
    /* And this program's own limit counts for nothing. */
    memset(&with, 0, sizeof with);
    world_begin(&with.world, &(world_network)WORLD_BY_WORK, NULL);
    assert_int_equal(bc_params_set_limit(with.world.params, BC_LIMIT_BLOCK_BYTES, 1024, NULL),
                     BC_OK);
    test_store_init(&with.store);
    with.options = world_options(&with.world);
    reopen(&with);
    large = add_sized(&with, 8);
    submit(&with, large, BC_VERDICT_ACCEPTED, BC_REASON_NONE);
    reopen(&with);
    world_assert(&with.world, with.chain, large);
    teardown(&with);
}

/* ---- Checkpoints ---- */

static void a_checkpoint_admits_one_block_at_its_height(void **state)
{
    (void)state;
    bench with;
    bc_checkpoint points[2] = {{.height = 2}, {.height = 4}};
    setup_work(&with);
    ledger_world *world = &with.world;
    uint32_t right = world_extend(world, 0, 5, 0);
    uint32_t wrong = world_extend(world, 0, 9, 1);
    uint32_t late = world_extend(world, world_at(world, right, 3), 3, 2);
    bc_block_id(world->nodes[world_at(world, right, 2)].block, points[0].id);
    bc_block_id(world->nodes[world_at(world, right, 4)].block, points[1].id);
    with.options.checkpoints = points;
    with.options.checkpoint_count = 2;
    reopen(&with);
    memset(points, 0, sizeof points); /* they were copied */
    submit(&with, world_at(world, wrong, 1), BC_VERDICT_ACCEPTED, BC_REASON_NONE);
    for (unsigned again = 0; again < 2; again++) {
        submit(&with, world_at(world, wrong, 2), BC_VERDICT_REFUSED, BC_REASON_CHECKPOINT);
        submit(&with, world_at(world, wrong, 3), BC_VERDICT_ORPHAN, BC_REASON_ORPHAN);
    }
    submit(&with, world_at(world, right, 1), BC_VERDICT_BRANCH, BC_REASON_NONE);
    world_submit_path(world, with.chain, world_at(world, right, 1), world_at(world, right, 3),
                      BC_VERDICT_ACCEPTED);
    submit(&with, world_at(world, late, 4), BC_VERDICT_REFUSED, BC_REASON_CHECKPOINT);
    world_submit_path(world, with.chain, world_at(world, right, 3), right, BC_VERDICT_ACCEPTED);
    world_assert(world, with.chain, right);
    /* It is this program's affair alone: without it the other branch wins. */
    with.options.checkpoint_count = 0;
    reopen(&with);
    for (uint64_t height = 2; height <= 9; height++) {
        submit(&with, world_at(world, wrong, height),
               height > 5 ? BC_VERDICT_ACCEPTED : BC_VERDICT_BRANCH, BC_REASON_NONE);
    }
    world_assert(world, with.chain, wrong);
    teardown(&with);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_stored_is_known),
        cmocka_unit_test(another_block_of_height_0_is_no_genesis),
        cmocka_unit_test(orphans_come_in_with_their_parents),
        cmocka_unit_test(an_orphan_is_judged_on_its_own_account),
        cmocka_unit_test(orphans_are_bounded_and_the_oldest_go),
        cmocka_unit_test(not_yet_is_not_never),
        cmocka_unit_test(a_tampered_body_does_not_stand_in_the_way),
        cmocka_unit_test(nor_does_a_wrong_seal),
        cmocka_unit_test(what_never_can_hold_is_remembered),
        cmocka_unit_test(the_network_says_how_large_a_block_may_be),
        cmocka_unit_test(a_checkpoint_admits_one_block_at_its_height),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
