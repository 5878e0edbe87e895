/* Checkpoints: of a block that comes in, of what a store holds already, and of genesis. */
#include "test/support/ledger_world.h"

typedef struct bench {
    ledger_world world;
    test_store store;
    bc_checkpoint checkpoint;
    bc_options options;
    bc_chain *chain;
} bench;

static void setup(bench *with)
{
    const world_network network = WORLD_BY_WORK;
    memset(with, 0, sizeof *with);
    world_begin(&with->world, &network, NULL);
    test_store_init(&with->store);
    with->options = world_options(&with->world);
}

static void teardown(bench *with)
{
    if (with->chain != NULL) {
        fixture_close(with->chain);
    }
    test_store_free(&with->store);
    world_end(&with->world);
}

static bc_status try_open(bench *with)
{
    bc_options options = with->options;
    options.store = &with->store.outer;
    if (with->chain != NULL) {
        fixture_close(with->chain);
    }
    return bc_chain_open(&with->chain, with->world.params, &options, NULL);
}

static void insist_on(bench *with, uint32_t node)
{
    with->checkpoint.height = with->world.nodes[node].height;
    bc_block_id(with->world.nodes[node].block, with->checkpoint.id);
    with->options.checkpoints = &with->checkpoint;
    with->options.checkpoint_count = 1;
}

static void submit(bench *with, uint32_t node, uint32_t verdict, uint32_t reason)
{
    world_submit(&with->world, with->chain, node, verdict, reason);
}

static void another_block_of_that_height_is_refused(void **state)
{
    (void)state;
    bench with;
    setup(&with);
    uint32_t ours = world_extend(&with.world, 0, 3, 0);
    uint32_t theirs = world_extend(&with.world, 0, 3, 1);
    insist_on(&with, world_back(&with.world, ours, 1));
    assert_int_equal(try_open(&with), BC_OK);
    submit(&with, world_back(&with.world, theirs, 2), BC_VERDICT_ACCEPTED, BC_REASON_NONE);
    submit(&with, world_back(&with.world, theirs, 1), BC_VERDICT_REFUSED, BC_REASON_CHECKPOINT);
    submit(&with, theirs, BC_VERDICT_ORPHAN, BC_REASON_ORPHAN);
    submit(&with, world_back(&with.world, ours, 2), BC_VERDICT_BRANCH, BC_REASON_NONE);
    submit(&with, world_back(&with.world, ours, 1), BC_VERDICT_ACCEPTED, BC_REASON_NONE);
    submit(&with, ours, BC_VERDICT_ACCEPTED, BC_REASON_NONE);
    world_assert(&with.world, with.chain, ours);
    teardown(&with);
}

static void a_store_of_another_chain_is_refused_and_left_alone(void **state)
{
    (void)state;
    bench with;
    test_store before;
    setup(&with);
    uint32_t ours = world_extend(&with.world, 0, 3, 0);
    uint32_t theirs = world_extend(&with.world, 0, 2, 1);
    assert_int_equal(try_open(&with), BC_OK);
    world_submit_path(&with.world, with.chain, 0, ours, BC_VERDICT_ACCEPTED);
    insist_on(&with, theirs);
    fixture_close(with.chain);
    with.chain = NULL;
    test_store_init(&before);
    test_store_copy(&before, &with.store);
    assert_int_equal(try_open(&with), BC_ERR_UNSUPPORTED);
    assert_null(with.chain);
    assert_true(test_store_equal(&before, &with.store));
    test_store_free(&before);
    insist_on(&with, world_back(&with.world, ours, 1));
    assert_int_equal(try_open(&with), BC_OK);
    world_assert(&with.world, with.chain, ours);
    teardown(&with);
}

/* A branch that came before the checkpoint did must not become the best chain behind its back. */
static void a_stored_branch_against_it_goes(void **state)
{
    (void)state;
    bench with;
    setup(&with);
    uint32_t ours = world_extend(&with.world, 0, 3, 0);
    uint32_t theirs = world_extend(&with.world, 0, 5, 1);
    assert_int_equal(try_open(&with), BC_OK);
    world_submit_path(&with.world, with.chain, 0, ours, BC_VERDICT_ACCEPTED);
    world_submit_path(&with.world, with.chain, 0, world_back(&with.world, theirs, 2),
                      BC_VERDICT_BRANCH);
    insist_on(&with, world_back(&with.world, ours, 1));
    assert_int_equal(try_open(&with), BC_OK);
    submit(&with, world_back(&with.world, theirs, 1), BC_VERDICT_ORPHAN, BC_REASON_ORPHAN);
    submit(&with, theirs, BC_VERDICT_ORPHAN, BC_REASON_ORPHAN);
    world_assert(&with.world, with.chain, ours);
    /* The block below the checkpoint may stay: it could still lead to the one that is demanded. */
    submit(&with, world_back(&with.world, theirs, 4), BC_VERDICT_KNOWN, BC_REASON_KNOWN);
    submit(&with, world_back(&with.world, theirs, 3), BC_VERDICT_REFUSED, BC_REASON_CHECKPOINT);
    teardown(&with);
}

static void another_genesis_is_refused_before_anything_is_written(void **state)
{
    (void)state;
    bench with;
    setup(&with);
    insist_on(&with, 0);
    with.checkpoint.id[31] ^= 1;
    assert_int_equal(try_open(&with), BC_ERR_UNSUPPORTED);
    assert_int_equal(with.store.calls[TEST_STORE_COMMIT], 0);
    insist_on(&with, 0);
    assert_int_equal(try_open(&with), BC_OK);
    teardown(&with);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(another_block_of_that_height_is_refused),
        cmocka_unit_test(a_store_of_another_chain_is_refused_and_left_alone),
        cmocka_unit_test(a_stored_branch_against_it_goes),
        cmocka_unit_test(another_genesis_is_refused_before_anything_is_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
