/* Sealing by a signer: never two blocks at one height, whoever calls and whatever its function does. */
#include <pthread.h>
#include <time.h>

#include "src/block/key.h"
#include "test/support/ledger_world.h"

enum { SLOW_MS = 300 };

typedef struct bench {
    ledger_world world;
    fixture_events *events;
    bc_chain *chain;
    bc_key *signer; /* the first authority's, with a function that is ours */
    /* What the function does at its first call. */
    void (*at_first)(struct bench *with);
    atomic_uint calls;
    pthread_t other;
    bc_status status; /* of the call that at_first makes */
} bench;

static bc_status sign(void *context, uint8_t signature[64], const uint8_t message[32],
                      bc_error *error)
{
    bench *with = context;
    if (atomic_fetch_add(&with->calls, 1) == 0 && with->at_first != NULL) {
        with->at_first(with);
    }
    return bc__key_sign(with->world.keys[1], signature, message, error);
}

static void setup(bench *with, uint32_t authorities)
{
    const world_network network = WORLD_BY_AUTHORITIES(authorities);
    memset(with, 0, sizeof *with);
    world_begin(&with->world, &network, NULL);
    atomic_store(&with->world.tick, 1000); /* no two blocks are made at one time */
    with->events = calloc(1, sizeof *with->events);
    assert_non_null(with->events);
    bc_options options = world_options(&with->world);
    options.event = fixture_record_event;
    options.event_context = with->events;
    options.signer_is_alone = 1;
    with->chain = fixture_open(with->world.params, NULL, &options);
    assert_int_equal(
        bc_key_from_signer(&with->signer, with->world.accounts[1], sign, with, NULL, NULL), BC_OK);
}

static void teardown(bench *with)
{
    fixture_close(with->chain);
    bc_key_unref(with->signer);
    free(with->events);
    world_end(&with->world);
}

static bc_status mine(bench *with, bc_error *error)
{
    bc_mine_options options = BC_MINE_OPTIONS_INIT;
    bc_block *block;
    options.signer = with->signer;
    bc_status status = bc_chain_mine(with->chain, &block, &options, error);
    bc_block_unref(block);
    return status;
}

static void *mine_aside(void *context)
{
    bench *with = context;
    with->status = mine(with, NULL);
    return NULL;
}

static void let_another_thread_mine(bench *with)
{
    const struct timespec slow = {0, SLOW_MS * 1000000L};
    assert_int_equal(pthread_create(&with->other, NULL, mine_aside, with), 0);
    (void)nanosleep(&slow, NULL);
}

static void calls_at_one_time_seal_a_height_each(void **state)
{
    (void)state;
    bench with;
    setup(&with, 1);
    with.at_first = let_another_thread_mine;
    assert_int_equal(mine(&with, NULL), BC_OK);
    assert_int_equal(pthread_join(with.other, NULL), 0);
    assert_int_equal(with.status, BC_OK);
    assert_int_equal(fixture_height(with.chain), 2);
    assert_int_equal(atomic_load(&with.calls), 2);
    for (size_t at = 0; at < with.events->count; at++) {
        assert_int_not_equal(with.events->list[at].kind, BC_EVENT_EQUIVOCATION);
    }
    teardown(&with);
}

static void mine_within(bench *with)
{
    with->status = mine(with, NULL);
}

static void the_signers_function_may_not_mine(void **state)
{
    (void)state;
    bench with;
    setup(&with, 1);
    with.at_first = mine_within;
    assert_int_equal(mine(&with, NULL), BC_OK);
    assert_int_equal(with.status, BC_ERR_REENTRANT);
    assert_int_equal(fixture_height(with.chain), 1);
    assert_int_equal(mine(&with, NULL), BC_OK); /* and it is over with the call */
    teardown(&with);
}

static void interrupt_the_other(bench *with)
{
    let_another_thread_mine(with);
    bc_chain_interrupt(with->chain);
    assert_int_equal(pthread_join(with->other, NULL), 0);
}

static void whoever_waits_for_another_seal_can_be_interrupted(void **state)
{
    (void)state;
    bench with;
    setup(&with, 1);
    with.at_first = interrupt_the_other;
    assert_int_equal(mine(&with, NULL), BC_OK); /* past where it looks */
    assert_int_equal(with.status, BC_ERR_INTERRUPTED);
    assert_int_equal(fixture_height(with.chain), 1);
    teardown(&with);
}

static void a_failed_seal_lets_the_next_one_be_made(void **state)
{
    (void)state;
    bench with;
    bc_mine_options options = BC_MINE_OPTIONS_INIT;
    bc_block *block;
    bc_key *liar;
    setup(&with, 1);
    /* Signs with another key, which is noticed. */
    bc_key *own = with.world.keys[1];
    with.world.keys[1] = with.world.keys[2];
    assert_int_equal(bc_key_from_signer(&liar, with.world.accounts[1], sign, &with, NULL, NULL),
                     BC_OK);
    options.signer = liar;
    assert_int_not_equal(bc_chain_mine(with.chain, &block, &options, NULL), BC_OK);
    with.world.keys[1] = own;
    assert_int_equal(mine(&with, NULL), BC_OK);
    bc_key_unref(liar);
    teardown(&with);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calls_at_one_time_seal_a_height_each),
        cmocka_unit_test(the_signers_function_may_not_mine),
        cmocka_unit_test(whoever_waits_for_another_seal_can_be_interrupted),
        cmocka_unit_test(a_failed_seal_lets_the_next_one_be_made),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
