/* Whole chains that take the place of ours. */
#include "test/support/engine_fixture.h"
#include "test/support/test_store.h"

#include "src/api/handle.h"

typedef struct bench {
    bc_params *params;
    test_store store;
    bc_options options;
    fixture_events events;
    bc_chain *chain;
    bc_block *own[6]; /* genesis and five blocks behind it, the best chain at first */
    bc_block *other[9];
} bench;

static void reopen(bench *with)
{
    if (with->chain != NULL) {
        fixture_close(with->chain);
    }
    with->chain = fixture_open(with->params, &with->store.outer, &with->options);
}

static void setup(bench *with)
{
    memset(with, 0, sizeof *with);
    with->params = fixture_params(0, NULL);
    test_store_init(&with->store);
    with->options = (bc_options)BC_OPTIONS_INIT;
    with->options.event = fixture_record_event;
    with->options.event_context = &with->events;
    reopen(with);
    with->own[0] = fixture_at(with->chain, 0);
    fixture_branch(with->params, with->own + 1, 5, with->own[0], 1);
    for (size_t at = 1; at < 6; at++) {
        fixture_submit(with->chain, with->own[at], BC_VERDICT_ACCEPTED, BC_REASON_NONE);
    }
    fixture_branch(with->params, with->other, 9, NULL, 2);
    with->events.count = 0;
}

static void teardown(bench *with)
{
    fixture_close(with->chain);
    fixture_unref_all(with->own, 6);
    fixture_unref_all(with->other, 9);
    test_store_free(&with->store);
    bc_params_unref(with->params);
}

/* That the best chain is these blocks and nothing else is known or kept. */
static void assert_only(bench *with, bc_block *const *blocks, size_t count)
{
    assert_true(fixture_is_tip(with->chain, blocks[count - 1]));
    assert_int_equal(fixture_height(with->chain), count - 1);
    assert_int_equal(fixture_info(with->chain).blocks, count);
    assert_int_equal(test_store_count(&with->store, 'h'), count);
    assert_int_equal(test_store_count(&with->store, 'b'), count);
    assert_int_equal(test_store_count(&with->store, 'j'), 0);
    for (size_t at = 0; at < count; at++) {
        bc_block *got = fixture_at(with->chain, at);
        uint8_t ids[2][BC_ID_BYTES];
        bc_block_id(got, ids[0]);
        bc_block_id(blocks[at], ids[1]);
        assert_memory_equal(ids[0], ids[1], BC_ID_BYTES);
        bc_block_unref(got);
    }
    assert_int_equal(bc_chain_verify(with->chain, NULL, NULL, NULL, NULL), BC_OK);
}

static void another_genesis_takes_over(void **state)
{
    (void)state;
    for (uint64_t commit_bytes = 1; commit_bytes < 100000; commit_bytes *= 30) {
        bench with;
        setup(&with);
        with.options.commit_bytes = commit_bytes;
        reopen(&with);
        fixture_submit_chain(with.chain, with.other, 9, BC_VERDICT_ACCEPTED, BC_REASON_NONE);
        assert_only(&with, with.other, 9);
        assert_int_equal(with.events.count, 6 + 9 + 1);
        for (size_t at = 0; at < 6; at++) {
            assert_event(&with.events, at, BC_EVENT_DISCONNECT, with.own[5 - at], 5 - at);
        }
        for (size_t at = 0; at < 9; at++) {
            assert_event(&with.events, 6 + at, BC_EVENT_CONNECT, with.other[at], at);
        }
        assert_event(&with.events, 15, BC_EVENT_TIP, with.other[8], 8);
        reopen(&with);
        assert_only(&with, with.other, 9);
        teardown(&with);
    }
}

static void a_common_prefix_is_kept(void **state)
{
    (void)state;
    bench with;
    setup(&with);
    bc_block *mixed[8];
    memcpy(mixed, with.own, 3 * sizeof mixed[0]);
    fixture_branch(with.params, mixed + 3, 5, with.own[2], 9);
    fixture_submit_chain(with.chain, mixed, 8, BC_VERDICT_ACCEPTED, BC_REASON_NONE);
    assert_only(&with, mixed, 8);
    assert_int_equal(with.events.count, 3 + 5 + 1);
    assert_event(&with.events, 0, BC_EVENT_DISCONNECT, with.own[5], 5);
    assert_event(&with.events, 3, BC_EVENT_CONNECT, mixed[3], 3);
    reopen(&with);
    assert_only(&with, mixed, 8);
    fixture_unref_all(mixed + 3, 5);
    teardown(&with);
}

static void our_own_chain_grown_longer_is_taken(void **state)
{
    (void)state;
    bench with;
    setup(&with);
    bc_block *grown[8];
    memcpy(grown, with.own, 6 * sizeof grown[0]);
    fixture_branch(with.params, grown + 6, 2, with.own[5], 9);
    fixture_submit_chain(with.chain, grown, 8, BC_VERDICT_ACCEPTED, BC_REASON_NONE);
    assert_only(&with, grown, 8);
    assert_int_equal(with.events.count, 3);
    reopen(&with);
    assert_only(&with, grown, 8);
    fixture_unref_all(grown + 6, 2);
    teardown(&with);
}

/* Nobody checks a first block, so a chain may begin in the middle of ours: its blocks stand in the tree
 * twice, at other heights, until ours is cleared away. */
static void a_chain_may_begin_in_the_middle_of_ours(void **state)
{
    (void)state;
    for (unsigned pinned = 0; pinned < 2; pinned++) {
        bench with;
        bc_answer *answer = NULL;
        setup(&with);
        bc_block *cut[8];
        memcpy(cut, with.own + 2, 4 * sizeof cut[0]);
        fixture_branch(with.params, cut + 4, 4, with.own[5], 9);
        if (pinned != 0) {
            assert_int_equal(bc_chain_serve(with.chain, &answer, NULL, "chain", NULL, 0, NULL),
                             BC_OK);
        }
        fixture_submit_chain(with.chain, cut, 8, BC_VERDICT_ACCEPTED, BC_REASON_NONE);
        uint8_t id[BC_ID_BYTES];
        uint64_t height;
        bc_block_id(with.own[4], id);
        assert_int_equal(bc_chain_find(with.chain, NULL, &height, id, NULL), BC_OK);
        assert_int_equal(height, 2);
        if (pinned != 0) {
            assert_int_equal(fixture_info(with.chain).blocks, 6 + 8);
            reopen(&with); /* the answer outlives it */
            assert_int_equal(fixture_info(with.chain).blocks, 6 + 8);
            bc_block *tip = fixture_at(with.chain, 2);
            bc_block_unref(tip);
            bc_answer_unref(answer);
            bc_block *more[9];
            memcpy(more, cut, sizeof cut);
            more[8] = fixture_block(with.params, cut[7], 1, "", 3);
            fixture_submit(with.chain, more[8], BC_VERDICT_ACCEPTED, BC_REASON_NONE);
            assert_int_equal(fixture_height(with.chain), 8);
            assert_int_equal(bc_chain_verify(with.chain, NULL, NULL, NULL, NULL), BC_OK);
            bc_block_unref(more[8]);
        } else {
            assert_only(&with, cut, 8);
            reopen(&with);
            assert_only(&with, cut, 8);
            bc_block_id(with.own[1], id);
            assert_int_equal(bc_chain_find(with.chain, NULL, NULL, id, NULL), BC_ERR_NOT_FOUND);
        }
        fixture_unref_all(cut + 4, 4);
        teardown(&with);
    }
}

static void only_a_longer_chain_is_better(void **state)
{
    (void)state;
    bench with;
    setup(&with);
    test_store_plan(&with.store, TEST_STORE_COMMIT, 1, true, BC_ERR_STORE, false);
    fixture_submit_chain(with.chain, with.other, 5, BC_VERDICT_REFUSED, BC_REASON_LENGTH);
    fixture_submit_chain(with.chain, with.other, 6, BC_VERDICT_REFUSED, BC_REASON_LENGTH);
    fixture_submit_chain(with.chain, with.own, 6, BC_VERDICT_REFUSED, BC_REASON_LENGTH);
    assert_int_equal(with.store.calls[TEST_STORE_COMMIT], 0);
    test_store_calm(&with.store);
    assert_only(&with, with.own, 6);
    teardown(&with);
}

static void give_text(bench *with, const char *text, bc_status expected, uint32_t verdict,
                      uint32_t reason, uint64_t position)
{
    bc_error error = {0};
    uint32_t got_verdict;
    uint32_t got_reason;
    uint64_t got_position;
    bc_status status = bc_chain_submit_chain(with->chain, &got_verdict, &got_reason, &got_position,
                                             (const uint8_t *)text, strlen(text), &error);
    assert_string_equal(bc_status_name(status), bc_status_name(expected));
    assert_string_equal(bc_verdict_name(got_verdict), bc_verdict_name(verdict));
    assert_string_equal(bc_reason_name(got_reason), bc_reason_name(reason));
    if (verdict == BC_VERDICT_INVALID) {
        assert_int_equal(got_position, position);
        assert_true(error.message[0] != '\0');
    }
}

static char *wrapped(bc_block *const *blocks, size_t count, const char *before, const char *after)
{
    char *list = fixture_chain_text(blocks, count);
    size_t size = strlen(list) + strlen(before) + strlen(after) + 1;
    char *text = malloc(size);
    assert_non_null(text);
    snprintf(text, size, "%s%s%s", before, list, after);
    free(list);
    return text;
}

static void blocks_are_counted_and_length_is_not_believed(void **state)
{
    (void)state;
    bench with;
    setup(&with);
    char *text = wrapped(with.other, 5, "{\"chain\": ", ", \"length\": 99}");
    give_text(&with, text, BC_OK, BC_VERDICT_REFUSED, BC_REASON_LENGTH, 0);
    free(text);
    text = wrapped(with.other, 9, "{\"length\": 1, \"chain\": ", ", \"more\": [{}]}");
    give_text(&with, text, BC_OK, BC_VERDICT_ACCEPTED, BC_REASON_NONE, 0);
    free(text);
    assert_only(&with, with.other, 9);
    teardown(&with);
}

static void a_chain_that_fails_is_not_stored(void **state)
{
    (void)state;
    bench with;
    setup(&with);
    test_store_plan(&with.store, TEST_STORE_COMMIT, 1, true, BC_ERR_STORE, false);
    bc_block *broken[9];
    memcpy(broken, with.other, sizeof broken);
    broken[7] = with.other[6]; /* a block twice */
    char *text = fixture_chain_text(broken, 9);
    give_text(&with, text, BC_OK, BC_VERDICT_INVALID, BC_REASON_PREVIOUS, 7);
    free(text);
    text = wrapped(with.other, 9, "[5, ", "]");
    give_text(&with, text, BC_OK, BC_VERDICT_INVALID, BC_REASON_FRAMING, 0);
    free(text);
    give_text(&with, "[]", BC_OK, BC_VERDICT_INVALID, BC_REASON_FRAMING, 0);
    give_text(&with, "{\"length\": 2}", BC_ERR_FORMAT, BC_VERDICT_NONE, BC_REASON_NONE, 0);
    text = fixture_chain_text(with.other, 9);
    text[strlen(text) - 1] = '\0'; /* the closing bracket */
    give_text(&with, text, BC_ERR_FORMAT, BC_VERDICT_NONE, BC_REASON_NONE, 0);
    free(text);
    assert_int_equal(with.store.calls[TEST_STORE_COMMIT], 0);
    test_store_calm(&with.store);
    assert_only(&with, with.own, 6);
    assert_int_equal(with.events.count, 0);
    teardown(&with);
}

static void too_deep_a_replacement_leaves_nothing_behind(void **state)
{
    (void)state;
    for (unsigned pinned = 0; pinned < 2; pinned++) {
        bench with;
        bc_answer *answer = NULL;
        setup(&with);
        with.options.max_reorg_depth = 5;
        reopen(&with);
        if (pinned != 0) {
            assert_int_equal(bc_chain_serve(with.chain, &answer, NULL, "chain", NULL, 0, NULL),
                             BC_OK);
        }
        fixture_submit_chain(with.chain, with.other, 9, BC_VERDICT_REFUSED, BC_REASON_REORG_DEPTH);
        assert_only(&with, with.own, 6);
        bc_answer_unref(answer);
        reopen(&with);
        assert_only(&with, with.own, 6);
        bc_block *mixed[8]; /* from behind the genesis: five */
        memcpy(mixed, with.own, sizeof mixed[0]);
        fixture_branch(with.params, mixed + 1, 7, with.own[0], 9);
        fixture_submit_chain(with.chain, mixed, 8, BC_VERDICT_ACCEPTED, BC_REASON_NONE);
        assert_only(&with, mixed, 8);
        fixture_unref_all(mixed + 1, 7);
        teardown(&with);
    }
}

static void orphans_of_a_replacement_are_adopted(void **state)
{
    (void)state;
    bench with;
    setup(&with);
    fixture_submit(with.chain, with.other[8], BC_VERDICT_ORPHAN, BC_REASON_ORPHAN);
    fixture_submit(with.chain, with.other[7], BC_VERDICT_ORPHAN, BC_REASON_ORPHAN);
    fixture_submit_chain(with.chain, with.other, 7, BC_VERDICT_ACCEPTED, BC_REASON_NONE);
    assert_int_equal(fixture_info(with.chain).orphan_count, 0);
    assert_only(&with, with.other, 9);
    teardown(&with);
}

/* Offers the first `count` blocks of `other`, which fails at the commit number `at` for once. */
static void fail_replacement(bench *with, size_t count, size_t at)
{
    char *text = fixture_chain_text(with->other, count);
    test_store_plan(&with->store, TEST_STORE_COMMIT, at, true, BC_ERR_STORE, false);
    uint32_t verdict = 99;
    assert_int_equal(bc_chain_submit_chain(with->chain, &verdict, NULL, NULL, (const uint8_t *)text,
                                           strlen(text), NULL),
                     BC_ERR_STORE);
    assert_int_equal(verdict, BC_VERDICT_NONE);
    test_store_calm(&with->store);
    free(text);
}

/* What a replacement that failed wrote ahead would be dropped by the next opening: until then nothing
 * may be built on it. */
static void nothing_is_built_on_a_replacement_that_failed(void **state)
{
    (void)state;
    for (size_t at = 1; at < 12; at++) {
        bench with;
        setup(&with);
        with.options.commit_bytes = 1; /* marker, 8 blocks, tip: 10 commits */
        reopen(&with);
        if (at > 10) {
            teardown(&with);
            break;
        }
        fail_replacement(&with, 8, at);
        fixture_submit(with.chain, with.other[8], BC_VERDICT_ORPHAN, BC_REASON_ORPHAN);
        assert_true(fixture_is_tip(with.chain, with.own[5]));
        assert_int_equal(bc_chain_tick(with.chain, NULL, NULL), BC_OK);
        assert_only(&with, with.own, 6);
        fixture_submit_chain(with.chain, with.other, 8, BC_VERDICT_ACCEPTED, BC_REASON_NONE);
        assert_only(&with, with.other, 9);
        reopen(&with);
        assert_only(&with, with.other, 9);
        teardown(&with);
    }
}

static void what_a_failed_replacement_returned_does_not_come_twice(void **state)
{
    (void)state;
    for (size_t at = 10; at < 16; at++) {
        bench with;
        setup(&with);
        with.options.commit_bytes = 1;
        reopen(&with);
        for (unsigned amount = 1; amount <= 3; amount++) {
            fixture_submit_tx(with.chain, with.params, amount);
        }
        fixture_mine(with.chain);
        assert_mempool(with.chain, "");
        /* marker, 9 blocks, 3 transactions one by one, tip */
        if (at < 14) {
            fail_replacement(&with, 9, at + 1);
            assert_mempool(with.chain, "");
        }
        bc_block *mixed[8];
        memcpy(mixed, with.own, 6 * sizeof mixed[0]);
        fixture_branch(with.params, mixed + 6, 2, with.own[5], 9);
        if (at % 2 == 0) {
            fixture_submit_chain(with.chain, mixed, 8, BC_VERDICT_ACCEPTED, BC_REASON_NONE);
        } else {
            fixture_submit_chain(with.chain, with.other, 9, BC_VERDICT_ACCEPTED, BC_REASON_NONE);
        }
        assert_mempool(with.chain, "1 2 3");
        reopen(&with);
        assert_mempool(with.chain, "1 2 3");
        fixture_mine(with.chain);
        reopen(&with);
        assert_mempool(with.chain, "");
        fixture_unref_all(mixed + 6, 2);
        teardown(&with);
    }
}

/* Feeds a chain to the engine and, between two of its commits, does what another thread could do while
 * the lock is let go. */
typedef struct feed {
    bc_chain *chain;
    bc_block *const *blocks;
    size_t at;
    size_t turn; /* before which block the others have their turn */
    bc_block *const *submitted;
    size_t submitted_count;
    bc__uint256 *work;
} feed;

static bc_status feed_next(void *context, bc_block **block, bc_error *error)
{
    feed *from = context;
    bc__engine *engine = &from->chain->engine;
    if (from->at == from->turn) {
        assert_int_equal(engine->database.pending_count, 0);
        for (size_t at = 0; at < from->submitted_count; at++) {
            bc__outcome outcome;
            bc_status status =
                bc__engine_submit(engine, &outcome, from->submitted[at], false, error);
            assert_int_equal(status, BC_OK);
            assert_true(outcome.verdict == BC_VERDICT_ACCEPTED ||
                        outcome.verdict == BC_VERDICT_BRANCH);
        }
    }
    *block = bc_block_ref(from->blocks[from->at++]);
    return BC_OK;
}

static bc__outcome import(bench *with, bc_block *const *blocks, size_t count, size_t turn,
                          bc_block *const *submitted, size_t submitted_count)
{
    feed from = {with->chain, blocks, 0, turn, submitted, submitted_count, NULL};
    bc__outcome outcome;
    bc__uint256 work = bc__uint256_from_u64(count);
    assert_int_equal(
        bc__engine_import(&with->chain->engine, &outcome, count, &work, feed_next, &from, NULL),
        BC_OK);
    bc__engine_deliver(&with->chain->engine);
    return outcome;
}

static void a_block_may_come_in_while_it_is_written_ahead(void **state)
{
    (void)state;
    for (size_t submitted = 1; submitted <= 4; submitted++) {
        bench with;
        setup(&with);
        with.options.commit_bytes = 1;
        reopen(&with);
        bc_block *grown[10];
        memcpy(grown, with.own, 6 * sizeof grown[0]);
        fixture_branch(with.params, grown + 6, 4, with.own[5], 9);
        bc__outcome outcome = import(&with, grown, 10, 9, grown + 6, submitted);
        if (submitted < 4) {
            assert_int_equal(outcome.verdict, BC_VERDICT_ACCEPTED);
        } else {
            assert_int_equal(outcome.verdict, BC_VERDICT_REFUSED);
        }
        assert_only(&with, grown, 10);
        reopen(&with);
        assert_only(&with, grown, 10);
        fixture_unref_all(grown + 6, 4);
        teardown(&with);
    }
}

/* A reorganisation by single blocks while a replacement is written ahead: what it returns is not the
 * replacement's, and stays after reopening. */
static void a_reorganisation_may_happen_meanwhile(void **state)
{
    (void)state;
    for (unsigned crash = 0; crash < 2; crash++) {
        bench with;
        setup(&with);
        with.options.commit_bytes = 1;
        reopen(&with);
        bc_block *side[4];
        bc_block *last = fixture_block(with.params, with.own[5], 1, fixture_record(4), 5);
        fixture_submit(with.chain, last, BC_VERDICT_ACCEPTED, BC_REASON_NONE);
        fixture_branch(with.params, side, 2, with.own[5], 6);
        if (crash != 0) {
            side[2] = fixture_block(with.params, side[1], 1, "", 6);
            side[3] = fixture_block(with.params, side[2], 1, "", 6);
        }
        bc__outcome outcome = import(&with, with.other, 9, 5, side, crash != 0 ? 4 : 2);
        assert_int_equal(outcome.verdict, crash != 0 ? BC_VERDICT_REFUSED : BC_VERDICT_ACCEPTED);
        assert_mempool(with.chain, "4");
        assert_int_equal(test_store_count(&with.store, 'p'), 1);
        reopen(&with);
        assert_mempool(with.chain, "4");
        assert_true(fixture_is_tip(with.chain, crash != 0 ? side[3] : with.other[8]));
        fixture_unref_all(side, crash != 0 ? 4 : 2);
        bc_block_unref(last);
        teardown(&with);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(another_genesis_takes_over),
        cmocka_unit_test(a_common_prefix_is_kept),
        cmocka_unit_test(our_own_chain_grown_longer_is_taken),
        cmocka_unit_test(a_chain_may_begin_in_the_middle_of_ours),
        cmocka_unit_test(only_a_longer_chain_is_better),
        cmocka_unit_test(blocks_are_counted_and_length_is_not_believed),
        cmocka_unit_test(a_chain_that_fails_is_not_stored),
        cmocka_unit_test(too_deep_a_replacement_leaves_nothing_behind),
        cmocka_unit_test(orphans_of_a_replacement_are_adopted),
        cmocka_unit_test(nothing_is_built_on_a_replacement_that_failed),
        cmocka_unit_test(what_a_failed_replacement_returned_does_not_come_twice),
        cmocka_unit_test(a_block_may_come_in_while_it_is_written_ahead),
        cmocka_unit_test(a_reorganisation_may_happen_meanwhile),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
