/* Sealing by authorities: turns, ties, the report of whoever seals twice, and a signer's own care: never
 * two blocks at a height, none before it heard of others, none that is shown before it is durable. */
#include "src/block/key.h"
#include "src/store/schema.h"
#include "test/support/ledger_world.h"

enum { AUTHORITIES_MOST = 7, SEALED_BYTES = 96 + 1 + 64, SECOND_US = 1000000 };

typedef struct report {
    uint64_t height;
    uint8_t id[BC_ID_BYTES];
    uint8_t evidence[2 * SEALED_BYTES];
    size_t length;
} report;

typedef struct bench {
    ledger_world world;
    test_store store;
    bc_options options;
    bc_chain *chain;
    report reports[4];
    size_t count;
    uint64_t sequence; /* of the last event */
} bench;

static bc_status note_report(void *context, bc_chain *chain, const bc_event *event)
{
    bench *with = context;
    (void)chain;
    assert_int_equal(event->sequence, ++with->sequence);
    if (event->kind == BC_EVENT_EQUIVOCATION) {
        assert_true(with->count < 4);
        report *note = &with->reports[with->count++];
        assert_non_null(event->text);
        assert_non_null(event->evidence);
        assert_true(event->evidence_length <= sizeof note->evidence);
        note->height = event->height;
        note->length = event->evidence_length;
        memcpy(note->id, event->id, sizeof note->id);
        memcpy(note->evidence, event->evidence, note->length);
    }
    return BC_OK;
}

static void reopen(bench *with)
{
    if (with->chain != NULL) {
        fixture_close(with->chain);
    }
    with->sequence = 0;
    with->chain = fixture_open(with->world.params, &with->store.outer, &with->options);
}

static void setup_network(bench *with, const world_network *network)
{
    memset(with, 0, sizeof *with);
    world_begin(&with->world, network, NULL);
    test_store_init(&with->store);
    with->options = world_options(&with->world);
    with->options.event = note_report;
    with->options.event_context = with;
    with->options.signer_is_alone = 1;
    reopen(with);
}

static void setup(bench *with, uint32_t authorities)
{
    const world_network network = WORLD_BY_AUTHORITIES(authorities);
    setup_network(with, &network);
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

/* A block sealed by that key, in turn or not. */
static uint32_t seal(bench *with, uint32_t parent, unsigned signer, uint64_t later)
{
    const world_plan plan = {.signer = signer, .later = later};
    return world_add(&with->world, parent, &plan);
}

static void assert_mine_fails(bench *with, unsigned signer, bc_status expected, const char *part)
{
    bc_block *block;
    bc_error error = BC_ERROR_INIT;
    bc_status status = world_try_mine(&with->world, with->chain, &block, signer, &error);
    assert_string_equal(bc_status_name(status), bc_status_name(expected));
    assert_int_equal(error.code, expected);
    if (strstr(error.message, part) == NULL) {
        fail_msg("\"%s\"", error.message);
    }
}

/* ---- Turns ---- */

static void keys_in_turn_make_a_chain(void **state)
{
    (void)state;
    for (unsigned count = 1; count <= AUTHORITIES_MOST; count++) {
        bench with;
        uint32_t tip = 0;
        setup(&with, count);
        for (uint64_t height = 1; height <= 3 * (uint64_t)count; height++) {
            tip = world_mine(&with.world, with.chain, tip, (unsigned)(height % count) + 1);
            assert_int_equal(with.world.nodes[tip].work, 1 + 2 * height);
        }
        world_assert(&with.world, with.chain, tip);
        assert_int_equal(bc_chain_verify(with.chain, NULL, NULL, NULL, NULL), BC_OK);
        assert_int_equal(with.count, 0);
        teardown(&with);
    }
}

/* Whoever sealed one of the floor(n / 2) blocks before may not seal, genesis excepted. */
static void recent_signers_are_refused(void **state)
{
    (void)state;
    for (unsigned count = 1; count <= AUTHORITIES_MOST; count++) {
        bench with;
        uint32_t tip = 0;
        setup(&with, count);
        for (unsigned height = 1; height <= count; height++) {
            tip = seal(&with, tip, height, 0); /* keys 1, 2, …, out of turn */
            submit(&with, tip, BC_VERDICT_ACCEPTED, BC_REASON_NONE);
        }
        for (unsigned ago = 0; ago < count; ago++) {
            bool recent = ago < count / 2;
            uint32_t node = seal(&with, tip, count - ago, 100 + ago);
            if (recent) {
                submit(&with, node, BC_VERDICT_INVALID, BC_REASON_RECENT);
                submit(&with, node, BC_VERDICT_INVALID, BC_REASON_RECENT);
                assert_mine_fails(&with, count - ago, BC_ERR_UNSUPPORTED, "another authority");
                continue;
            }
            uint32_t verdict;
            bc_block *block = with.world.nodes[node].block;
            assert_int_equal(bc_chain_submit(with.chain, &verdict, NULL, block, NULL), BC_OK);
            assert_true(verdict == BC_VERDICT_ACCEPTED || verdict == BC_VERDICT_BRANCH);
        }
        teardown(&with);
    }
}

static void who_is_no_authority_can_not_seal(void **state)
{
    (void)state;
    bench with;
    bc_block *block;
    bc_error error = BC_ERROR_INIT;
    setup(&with, 3);
    assert_mine_fails(&with, 4, BC_ERR_ARGUMENT, "none of the network's 3 authorities");
    assert_int_equal(bc_chain_mine(with.chain, &block, NULL, &error), BC_ERR_ARGUMENT);
    const world_plan heavy = {.signer = 1, .bits = 2}; /* at height 1 it is key 2's turn */
    submit(&with, world_add(&with.world, 0, &heavy), BC_VERDICT_INVALID, BC_REASON_WEIGHT);
    const world_plan light = {.signer = 2, .bits = 1};
    submit(&with, world_add(&with.world, 0, &light), BC_VERDICT_INVALID, BC_REASON_WEIGHT);
    bc_work *work;
    assert_int_equal(bc_chain_work(with.chain, &work, NULL, &error), BC_ERR_UNSUPPORTED);
    teardown(&with);
}

/* Out of turn a signer waits for up to count / 2 seconds, and all wait for the period. */
static void time_passes_between_blocks(void **state)
{
    (void)state;
    world_network network = WORLD_BY_AUTHORITIES(2);
    bench with;
    network.period = 7000;
    setup_network(&with, &network);
    atomic_store(&with.world.tick, SECOND_US / 2);
    uint32_t tip = world_mine(&with.world, with.chain, 0, 2);
    for (unsigned at = 0; at < 4; at++) {
        int64_t before = atomic_load(&with.world.now);
        uint64_t parent = with.world.nodes[tip].time;
        tip = world_mine(&with.world, with.chain, tip, at % 2 + 1);
        assert_true(with.world.nodes[tip].time >= parent + network.period);
        assert_true(atomic_load(&with.world.now) >= (int64_t)with.world.nodes[tip].time * 1000);
        assert_true(atomic_load(&with.world.now) > before);
    }
    const world_plan early = {.later = network.period - WORLD_STEP - 1};
    submit(&with, world_add(&with.world, tip, &early), BC_VERDICT_INVALID, BC_REASON_PERIOD);
    teardown(&with);
}

/* ---- Ties ---- */

static void of_equals_the_smaller_id_wins(void **state)
{
    (void)state;
    unsigned seen[2] = {0, 0};
    for (uint64_t later = 0; later < 8; later++) {
        bench with;
        setup(&with, 3);
        uint32_t base = seal(&with, 0, 2, 0);
        uint32_t first = seal(&with, base, 1, later); /* at height 2 it is key 3's turn */
        uint32_t second = seal(&with, seal(&with, 0, 1, 0), 3, later);
        submit(&with, base, BC_VERDICT_ACCEPTED, BC_REASON_NONE);
        submit(&with, first, BC_VERDICT_ACCEPTED, BC_REASON_NONE);
        submit(&with, with.world.nodes[second].parent, BC_VERDICT_BRANCH, BC_REASON_NONE);
        assert_int_equal(with.world.nodes[first].work, with.world.nodes[second].work);
        bool wins = world_is_smaller(&with.world, second, first);
        seen[wins]++;
        submit(&with, second, wins ? BC_VERDICT_ACCEPTED : BC_VERDICT_BRANCH, BC_REASON_NONE);
        world_assert(&with.world, with.chain, wins ? second : first);
        reopen(&with);
        world_assert(&with.world, with.chain, wins ? second : first);
        teardown(&with);
    }
    assert_true(seen[0] > 0 && seen[1] > 0);
}

/* With one writer nothing is ever given up by itself. */
static void one_writer_never_reorganises(void **state)
{
    (void)state;
    bench with;
    setup(&with, 1);
    uint32_t own = seal(&with, 0, 1, 0);
    uint32_t other = world_extend(&with.world, 0, 1, 1);
    submit(&with, own, BC_VERDICT_ACCEPTED, BC_REASON_NONE);
    submit(&with, other, BC_VERDICT_BRANCH,
           world_is_smaller(&with.world, other, own) ? BC_REASON_REORG_DEPTH : BC_REASON_NONE);
    assert_int_equal(with.count, 1); /* who rewrites is reported */
    world_assert(&with.world, with.chain, own);
    teardown(&with);
}

/* ---- Sealing twice ---- */

static void assert_report(const bench *with, size_t at, uint32_t first, const bc_block *second,
                          uint64_t height)
{
    const report *found = &with->reports[at];
    uint8_t id[BC_ID_BYTES];
    assert_true(at < with->count);
    assert_int_equal(found->height, height);
    bc_block_id(second, id);
    assert_memory_equal(found->id, id, sizeof id);
    assert_int_equal(found->length, 2 * SEALED_BYTES);
    assert_memory_equal(found->evidence, bc_block_header(with->world.nodes[first].block, NULL),
                        SEALED_BYTES);
    assert_memory_equal(found->evidence + SEALED_BYTES, bc_block_header(second, NULL),
                        SEALED_BYTES);
}

static void who_seals_twice_is_reported_once(void **state)
{
    (void)state;
    bench with;
    setup(&with, 3);
    uint32_t base = seal(&with, 0, 2, 0);
    uint32_t first = seal(&with, base, 3, 0);
    uint32_t second = seal(&with, base, 3, 1);
    uint32_t third = seal(&with, seal(&with, 0, 1, 0), 3, 2); /* on another parent */
    submit(&with, base, BC_VERDICT_ACCEPTED, BC_REASON_NONE);
    submit(&with, first, BC_VERDICT_ACCEPTED, BC_REASON_NONE);
    submit(&with, first, BC_VERDICT_KNOWN, BC_REASON_KNOWN);
    assert_int_equal(with.count, 0);
    assert_int_equal(bc_chain_submit(with.chain, NULL, NULL, with.world.nodes[second].block, NULL),
                     BC_OK);
    assert_int_equal(with.count, 1);
    assert_report(&with, 0, first, with.world.nodes[second].block, 2);
    for (unsigned round = 0; round < 2; round++) {
        for (uint32_t node = 1; node < with.world.count; node++) {
            assert_int_equal(
                bc_chain_submit(with.chain, NULL, NULL, with.world.nodes[node].block, NULL), BC_OK);
        }
        assert_int_equal(with.count, 1);
        assert_int_equal(test_store_count(&with.store, BC__KEY_EQUIVOCATION), 1);
        reopen(&with);
    }
    /* Another height is another matter. */
    uint32_t next = seal(&with, third, 1, 0);
    uint32_t twin = seal(&with, third, 1, 1);
    assert_int_equal(bc_chain_submit(with.chain, NULL, NULL, with.world.nodes[next].block, NULL),
                     BC_OK);
    assert_int_equal(bc_chain_submit(with.chain, NULL, NULL, with.world.nodes[twin].block, NULL),
                     BC_OK);
    assert_int_equal(with.count, 2);
    assert_report(&with, 1, next, with.world.nodes[twin].block, 3);
    assert_int_equal(test_store_count(&with.store, BC__KEY_EQUIVOCATION), 2);
    teardown(&with);
}

/* The headers are what counts: a second one is evidence whatever becomes of its block; one whose seal does
 * not hold is none, for anybody could have made it. */
static void a_header_is_evidence_whatever_its_body(void **state)
{
    (void)state;
    bench with;
    setup(&with, 3);
    uint32_t first = seal(&with, 0, 2, 0);
    submit(&with, first, BC_VERDICT_ACCEPTED, BC_REASON_NONE);
    size_t length;
    uint32_t second = seal(&with, 0, 2, 1);
    const uint8_t *bytes = bc_block_bytes(with.world.nodes[second].block, &length);
    uint8_t *forged = malloc(length);
    bc_block *block;
    assert_non_null(forged);
    memcpy(forged, bytes, length);
    forged[97 + 40] ^= 1; /* in the seal */
    assert_int_equal(bc_block_parse(&block, with.world.params, forged, length, NULL), BC_OK);
    fixture_submit(with.chain, block, BC_VERDICT_INVALID, BC_REASON_SEAL_SIGNATURE);
    assert_int_equal(with.count, 0);
    bc_block_unref(block);
    free(forged);
    block = world_tamper(&with.world, second);
    fixture_submit(with.chain, block, BC_VERDICT_INVALID, BC_REASON_CONTENT);
    assert_int_equal(with.count, 1);
    assert_report(&with, 0, first, block, 1);
    bc_block_unref(block);
    teardown(&with);
}

/* ---- A signer's own care ---- */

static void a_signer_waits_until_it_has_heard(void **state)
{
    (void)state;
    bench with;
    setup(&with, 2);
    with.options.signer_is_alone = 0;
    for (unsigned round = 0; round < 2; round++) {
        reopen(&with);
        assert_mine_fails(&with, 2, BC_ERR_NETWORK, "signer_is_alone");
        const world_plan wrong = {.signer = 2, .reward_more = 1};
        submit(&with, world_add(&with.world, 0, &wrong), BC_VERDICT_INVALID,
               BC_REASON_REWARD_AMOUNT);
        assert_mine_fails(&with, 2, BC_ERR_NETWORK, "signer_is_alone"); /* that was no tip */
    }
    uint32_t base = seal(&with, 0, 1, 0);
    submit(&with, base, BC_VERDICT_ACCEPTED, BC_REASON_NONE);
    atomic_store(&with.world.tick, SECOND_US);
    uint32_t tip = world_mine(&with.world, with.chain, base, 2);
    world_assert(&with.world, with.chain, tip);
    teardown(&with);
}

/* Key 2 sealed height 3 of a branch that lost to a shorter one of more weight. */
static void no_key_seals_a_height_twice(void **state)
{
    (void)state;
    bench with;
    setup(&with, 3);
    uint32_t light = seal(&with, seal(&with, 0, 3, 0), 1, 0);
    world_submit_path(&with.world, with.chain, 0, light, BC_VERDICT_ACCEPTED);
    atomic_store(&with.world.tick, SECOND_US);
    uint32_t own = world_mine(&with.world, with.chain, light, 2);
    uint32_t heavy = seal(&with, seal(&with, 0, 2, 0), 3, 0);
    assert_true(with.world.nodes[heavy].work > with.world.nodes[own].work);
    submit(&with, with.world.nodes[heavy].parent, BC_VERDICT_BRANCH, BC_REASON_NONE);
    submit(&with, heavy, BC_VERDICT_ACCEPTED, BC_REASON_NONE);
    for (unsigned round = 0; round < 2; round++) {
        assert_mine_fails(&with, 2, BC_ERR_LIMIT, "at height 3");
        reopen(&with);
    }
    uint32_t tip = world_mine(&with.world, with.chain, heavy, 1);
    tip = world_mine(&with.world, with.chain, tip, 2);
    world_assert(&with.world, with.chain, tip);
    assert_int_equal(with.count, 0);
    teardown(&with);
}

static void a_sealed_block_is_durable_before_it_is_shown(void **state)
{
    (void)state;
    bench with;
    bc_block *block;
    bc_error error = BC_ERROR_INIT;
    test_store copy;
    setup(&with, 1);
    with.options.commit_interval_us = INT64_C(3600) * SECOND_US;
    reopen(&with);
    uint32_t tip = world_mine(&with.world, with.chain, 0, 1);
    uint32_t other = seal(&with, tip, 1, 0);
    submit(&with, other, BC_VERDICT_ACCEPTED, BC_REASON_NONE); /* which waits for its commit */
    test_store_init(&copy);
    test_store_copy(&copy, &with.store);
    bc_chain *found = fixture_open(with.world.params, &copy.outer, NULL);
    world_assert_tip(&with.world, found, tip);
    fixture_close(found);
    test_store_free(&copy);
    /* What could not be committed was never there. */
    test_store_plan(&with.store, TEST_STORE_COMMIT, 1, false, BC_ERR_STORE, false);
    assert_int_equal(world_try_mine(&with.world, with.chain, &block, 1, &error), BC_ERR_STORE);
    test_store_calm(&with.store);
    world_assert(&with.world, with.chain, other);
    tip = world_mine(&with.world, with.chain, other, 1);
    world_assert(&with.world, with.chain, tip);
    assert_int_equal(with.count, 0);
    teardown(&with);
}

/* ---- Keys that are elsewhere ---- */

typedef struct remote {
    bench *bench;
    bc_key *local;
    bc_status answer;
    bool wrong;
    unsigned calls;
    uint32_t submits; /* a node that comes in while the key signs; 0: none */
    bool mines;       /* the same key is asked for another block meanwhile */
    bc_status mined;
    bc_status closed;
} remote;

static bc_status sign(void *context, uint8_t signature[64], const uint8_t message[32],
                      bc_error *error)
{
    remote *with = context;
    bench *of = with->bench;
    with->calls++;
    if (with->submits != 0) {
        submit(of, with->submits, BC_VERDICT_ACCEPTED, BC_REASON_NONE);
        with->submits = 0;
    }
    if (with->mines) {
        bc_block *block;
        with->mines = false;
        with->mined = world_try_mine(&of->world, of->chain, &block, 1, NULL);
        bc_block_unref(block);
    }
    with->closed = bc_chain_close(of->chain, NULL);
    if (with->answer != BC_OK) {
        snprintf(error->message, sizeof error->message, "the module sleeps");
        return with->answer;
    }
    assert_int_equal(bc__key_sign(with->local, signature, message, NULL), BC_OK);
    signature[40] ^= with->wrong ? 1 : 0;
    return BC_OK;
}

/* Key 1 of the world becomes one whose secret the library does not see. */
static void make_remote(bench *with, remote *key)
{
    *key = (remote){.bench = with, .local = with->world.keys[1]};
    assert_int_equal(
        bc_key_from_signer(&with->world.keys[1], with->world.accounts[1], sign, key, NULL, NULL),
        BC_OK);
}

static void a_key_that_does_not_answer_seals_nothing(void **state)
{
    (void)state;
    static const bc_status answers[] = {BC_ERR_HOST - 1, BC_ERR_NETWORK, BC_ERR_INTERRUPTED};
    bench with;
    remote key;
    setup(&with, 1);
    make_remote(&with, &key);
    for (size_t at = 0; at < sizeof answers / sizeof answers[0]; at++) {
        key.answer = answers[at];
        assert_mine_fails(&with, 1, answers[at], "the module sleeps");
        world_assert(&with.world, with.chain, 0);
    }
    key.answer = BC_OK;
    key.wrong = true;
    bc_block *block;
    assert_int_not_equal(world_try_mine(&with.world, with.chain, &block, 1, NULL), BC_OK);
    world_assert(&with.world, with.chain, 0);
    key.wrong = false;
    uint32_t tip = world_mine(&with.world, with.chain, 0, 1);
    world_assert(&with.world, with.chain, tip);
    assert_int_equal(key.closed, BC_ERR_REENTRANT);
    assert_int_equal(key.calls, 5);
    bc_key_unref(key.local);
    teardown(&with);
}

/* No lock is held while it signs: a block comes in, and then the next height is sealed. */
static void the_tip_may_move_while_a_key_signs(void **state)
{
    (void)state;
    bench with;
    remote key;
    setup(&with, 2);
    make_remote(&with, &key);
    atomic_store(&with.world.tick, SECOND_US);
    key.submits = seal(&with, 0, 2, 0);
    uint32_t tip = world_mine(&with.world, with.chain, key.submits, 1);
    world_assert(&with.world, with.chain, tip);
    assert_int_equal(with.world.nodes[tip].height, 2);
    assert_int_equal(key.calls, 2);
    assert_int_equal(with.count, 0);
    bc_key_unref(key.local);
    teardown(&with);
}

/* A key that is at it is not asked for a second block at that height. */
static void a_key_signs_one_block_at_a_time(void **state)
{
    (void)state;
    bench with;
    remote key;
    setup(&with, 1);
    make_remote(&with, &key);
    key.mines = true;
    uint32_t tip = world_mine(&with.world, with.chain, 0, 1);
    world_assert(&with.world, with.chain, tip);
    assert_int_equal(key.mined, BC_ERR_REENTRANT);
    assert_int_equal(key.calls, 1);
    assert_int_equal(with.count, 0);
    assert_int_equal(test_store_count(&with.store, BC__KEY_EQUIVOCATION), 0);
    bc_key_unref(key.local);
    teardown(&with);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_in_turn_make_a_chain),
        cmocka_unit_test(recent_signers_are_refused),
        cmocka_unit_test(who_is_no_authority_can_not_seal),
        cmocka_unit_test(time_passes_between_blocks),
        cmocka_unit_test(of_equals_the_smaller_id_wins),
        cmocka_unit_test(one_writer_never_reorganises),
        cmocka_unit_test(who_seals_twice_is_reported_once),
        cmocka_unit_test(a_header_is_evidence_whatever_its_body),
        cmocka_unit_test(a_signer_waits_until_it_has_heard),
        cmocka_unit_test(no_key_seals_a_height_twice),
        cmocka_unit_test(a_sealed_block_is_durable_before_it_is_shown),
        cmocka_unit_test(a_key_that_does_not_answer_seals_nothing),
        cmocka_unit_test(the_tip_may_move_while_a_key_signs),
        cmocka_unit_test(a_key_signs_one_block_at_a_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
