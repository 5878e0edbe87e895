/* Single blocks through the public functions: verdicts and reasons, ties, orphans, reorganisations. */
#include "test/support/engine_fixture.h"
#include "test/support/test_store.h"

static void a_chain_begins_with_a_genesis_of_its_own(void **state)
{
    (void)state;
    bc_params *params = fixture_params(0, NULL);
    bc_chain *chain = fixture_open(params, NULL, NULL);
    bc_block *genesis = fixture_at(chain, 0);
    uint8_t work[BC_WORK_BYTES];
    uint8_t one[BC_WORK_BYTES] = {0};
    uint8_t id[BC_ID_BYTES];
    one[BC_WORK_BYTES - 1] = 1;
    assert_int_equal(bc_chain_tip(chain, NULL, NULL, work), BC_OK);
    assert_memory_equal(work, one, sizeof one);
    assert_true(fixture_is_tip(chain, genesis));
    assert_int_equal(bc_block_parent(genesis, id), BC_ERR_NOT_FOUND);
    assert_int_equal(bc_block_tx_count(genesis), 0);
    assert_int_equal(fixture_info(chain).blocks, 1);
    bc_block *none;
    assert_int_equal(bc_chain_block_at(chain, &none, 1, NULL), BC_ERR_NOT_FOUND);
    assert_null(none);
    bc_block_unref(genesis);
    fixture_close(chain);
    bc_params_unref(params);
}

static void blocks_get_the_verdict_of_the_rules(void **state)
{
    (void)state;
    bc_params *params = fixture_params(0, NULL);
    bc_chain *chain = fixture_open(params, NULL, NULL);
    bc_block *genesis = fixture_at(chain, 0);
    bc_block *main[2];
    bc_block *side[3];
    fixture_branch(params, main, 2, genesis, 1);
    fixture_branch(params, side, 3, genesis, 2);
    fixture_submit(chain, genesis, BC_VERDICT_KNOWN, BC_REASON_KNOWN);
    fixture_submit(chain, main[0], BC_VERDICT_ACCEPTED, BC_REASON_NONE);
    fixture_submit(chain, main[0], BC_VERDICT_KNOWN, BC_REASON_KNOWN);
    fixture_submit(chain, main[1], BC_VERDICT_ACCEPTED, BC_REASON_NONE);
    fixture_submit(chain, side[0], BC_VERDICT_BRANCH, BC_REASON_NONE);
    fixture_submit(chain, side[1], BC_VERDICT_BRANCH, BC_REASON_NONE); /* a tie: the first stays */
    assert_true(fixture_is_tip(chain, main[1]));
    fixture_submit(chain, side[1], BC_VERDICT_KNOWN, BC_REASON_KNOWN);
    fixture_submit(chain, side[2], BC_VERDICT_ACCEPTED, BC_REASON_NONE);
    assert_true(fixture_is_tip(chain, side[2]));
    assert_int_equal(fixture_info(chain).blocks, 6);
    assert_int_equal(fixture_height(chain), 3);
    bc_block *stranger = fixture_block(params, NULL, 100, "", 77);
    fixture_submit(chain, stranger, BC_VERDICT_ORPHAN, BC_REASON_GENESIS);
    assert_int_equal(fixture_info(chain).orphan_count, 0);
    bc_block_unref(stranger);
    fixture_unref_all(main, 2);
    fixture_unref_all(side, 3);
    bc_block_unref(genesis);
    fixture_close(chain);
    bc_params_unref(params);
}

static void a_proof_that_does_not_hold_is_invalid(void **state)
{
    (void)state;
    bc_params *params = fixture_params(1, NULL);
    bc_chain *chain = fixture_open(params, NULL, NULL);
    bc_block *genesis = fixture_at(chain, 0);
    /* SHA-256("10034") and ("10035") in hexadecimal: 34 has no leading zero; the least that has is
     * what mining finds. */
    bc_block *mined;
    uint64_t least;
    assert_int_equal(bc_chain_mine(chain, &mined, NULL, NULL), BC_OK);
    assert_int_equal(bc_block_nonce(mined, &least), BC_OK);
    for (uint64_t proof = 0; proof < least; proof++) {
        bc_block *bad = fixture_block(params, genesis, proof, "", 1);
        fixture_submit(chain, bad, BC_VERDICT_INVALID, BC_REASON_PROOF);
        bc_block_unref(bad);
    }
    assert_int_equal(fixture_info(chain).blocks, 2);
    bc_block *good = fixture_block(params, genesis, least, "", 1);
    fixture_submit(chain, good, BC_VERDICT_BRANCH, BC_REASON_NONE);
    bc_block_unref(good);
    bc_block_unref(mined);
    bc_block_unref(genesis);
    fixture_close(chain);
    bc_params_unref(params);
}

static void find_says_where_a_block_stands(void **state)
{
    (void)state;
    bc_params *params = fixture_params(0, NULL);
    bc_chain *chain = fixture_open(params, NULL, NULL);
    bc_block *genesis = fixture_at(chain, 0);
    bc_block *main[2];
    bc_block *side[3];
    fixture_branch(params, main, 2, genesis, 1);
    fixture_branch(params, side, 3, genesis, 2);
    fixture_submit(chain, main[0], BC_VERDICT_ACCEPTED, BC_REASON_NONE);
    fixture_submit(chain, main[1], BC_VERDICT_ACCEPTED, BC_REASON_NONE);
    fixture_submit(chain, side[0], BC_VERDICT_BRANCH, BC_REASON_NONE);
    fixture_submit(chain, side[2], BC_VERDICT_ORPHAN, BC_REASON_ORPHAN);
    struct {
        bc_block *block;
        bc_status status;
        uint32_t verdict;
        uint64_t height;
    } expected[] = {
        {genesis, BC_OK, BC_VERDICT_ACCEPTED, 0},     {main[1], BC_OK, BC_VERDICT_ACCEPTED, 2},
        {side[0], BC_OK, BC_VERDICT_BRANCH, 1},       {side[1], BC_ERR_NOT_FOUND, 0, BC_NONE},
        {side[2], BC_OK, BC_VERDICT_ORPHAN, BC_NONE},
    };
    for (size_t at = 0; at < sizeof expected / sizeof expected[0]; at++) {
        uint8_t id[BC_ID_BYTES];
        uint32_t verdict = 99;
        uint64_t height = 99;
        bc_block_id(expected[at].block, id);
        assert_int_equal(bc_chain_find(chain, &verdict, &height, id, NULL), expected[at].status);
        assert_int_equal(verdict, expected[at].verdict);
        assert_true(height == expected[at].height);
        assert_int_equal(bc_chain_find(chain, NULL, NULL, id, NULL), expected[at].status);
        bc_block *got;
        bool stored = expected[at].verdict == BC_VERDICT_ACCEPTED ||
                      expected[at].verdict == BC_VERDICT_BRANCH;
        assert_int_equal(bc_chain_block(chain, &got, id, NULL), stored ? BC_OK : BC_ERR_NOT_FOUND);
        bc_block_unref(got);
    }
    fixture_unref_all(main, 2);
    fixture_unref_all(side, 3);
    bc_block_unref(genesis);
    fixture_close(chain);
    bc_params_unref(params);
}

enum { ORPHANS = 5 };

/* The `number`-th permutation of 0 .. ORPHANS - 1. */
static void permute(size_t order[ORPHANS], size_t number)
{
    size_t left[ORPHANS];
    for (size_t at = 0; at < ORPHANS; at++) {
        left[at] = at;
    }
    for (size_t at = 0; at < ORPHANS; at++) {
        size_t choices = ORPHANS - at;
        size_t pick = number % choices;
        number /= choices;
        order[at] = left[pick];
        memmove(&left[pick], &left[pick + 1], (choices - pick - 1) * sizeof left[0]);
    }
}

static void orphans_are_adopted_in_any_order(void **state)
{
    (void)state;
    bc_params *params = fixture_params(0, NULL);
    for (size_t number = 0; number < 120; number++) {
        bc_chain *chain = fixture_open(params, NULL, NULL);
        bc_block *genesis = fixture_at(chain, 0);
        bc_block *blocks[ORPHANS];
        bool seen[ORPHANS] = {false};
        size_t order[ORPHANS];
        size_t connected = 0;
        fixture_branch(params, blocks, ORPHANS, genesis, 1);
        permute(order, number);
        for (size_t at = 0; at < ORPHANS; at++) {
            bool fits = order[at] == connected;
            fixture_submit(chain, blocks[order[at]], fits ? BC_VERDICT_ACCEPTED : BC_VERDICT_ORPHAN,
                           fits ? BC_REASON_NONE : BC_REASON_ORPHAN);
            if (!fits) {
                fixture_submit(chain, blocks[order[at]], BC_VERDICT_ORPHAN, BC_REASON_ORPHAN);
            }
            seen[order[at]] = true;
            while (connected < ORPHANS && seen[connected]) {
                connected++;
            }
            assert_int_equal(fixture_height(chain), connected);
            assert_int_equal(fixture_info(chain).orphan_count, at + 1 - connected);
        }
        fixture_unref_all(blocks, ORPHANS);
        bc_block_unref(genesis);
        fixture_close(chain);
    }
    bc_params_unref(params);
}

static void siblings_among_orphans_are_all_adopted(void **state)
{
    (void)state;
    bc_params *params = fixture_params(0, NULL);
    bc_chain *chain = fixture_open(params, NULL, NULL);
    bc_block *genesis = fixture_at(chain, 0);
    bc_block *parent = fixture_block(params, genesis, 1, "", 1);
    bc_block *children[3];
    bc_block *grandchild;
    for (unsigned at = 0; at < 3; at++) {
        children[at] = fixture_block(params, parent, 1, "", 10 + at);
        fixture_submit(chain, children[at], BC_VERDICT_ORPHAN, BC_REASON_ORPHAN);
    }
    grandchild = fixture_block(params, children[2], 1, "", 1);
    fixture_submit(chain, grandchild, BC_VERDICT_ORPHAN, BC_REASON_ORPHAN);
    fixture_submit(chain, parent, BC_VERDICT_ACCEPTED, BC_REASON_NONE);
    assert_int_equal(fixture_info(chain).blocks, 6);
    assert_int_equal(fixture_info(chain).orphan_count, 0);
    assert_true(fixture_is_tip(chain, grandchild));
    bc_block_unref(grandchild);
    fixture_unref_all(children, 3);
    bc_block_unref(parent);
    bc_block_unref(genesis);
    fixture_close(chain);
    bc_params_unref(params);
}

/* A block that stands on a branch alone, but whose orphans make that branch the best chain, is on the
 * best chain when the call returns. */
static void orphans_may_carry_their_ancestor_to_the_best_chain(void **state)
{
    (void)state;
    bc_params *params = fixture_params(0, NULL);
    bc_chain *chain = fixture_open(params, NULL, NULL);
    bc_block *genesis = fixture_at(chain, 0);
    bc_block *main[2];
    bc_block *side[4];
    fixture_branch(params, main, 2, genesis, 1);
    fixture_branch(params, side, 4, genesis, 2);
    fixture_submit(chain, main[0], BC_VERDICT_ACCEPTED, BC_REASON_NONE);
    fixture_submit(chain, main[1], BC_VERDICT_ACCEPTED, BC_REASON_NONE);
    fixture_submit(chain, side[3], BC_VERDICT_ORPHAN, BC_REASON_ORPHAN);
    fixture_submit(chain, side[1], BC_VERDICT_ORPHAN, BC_REASON_ORPHAN);
    fixture_submit(chain, side[2], BC_VERDICT_ORPHAN, BC_REASON_ORPHAN);
    fixture_submit(chain, side[0], BC_VERDICT_ACCEPTED, BC_REASON_NONE);
    assert_true(fixture_is_tip(chain, side[3]));
    fixture_unref_all(main, 2);
    fixture_unref_all(side, 4);
    bc_block_unref(genesis);
    fixture_close(chain);
    bc_params_unref(params);
}

static void orphans_are_bounded_and_the_oldest_leave(void **state)
{
    (void)state;
    bc_params *params = fixture_params(0, NULL);
    bc_options options = BC_OPTIONS_INIT;
    options.orphan_bytes = 3 * 4096;
    bc_chain *chain = fixture_open(params, NULL, &options);
    bc_block *genesis = fixture_at(chain, 0);
    bc_block *blocks[5];
    uint8_t id[BC_ID_BYTES];
    fixture_branch(params, blocks, 5, genesis, 1);
    for (size_t at = 1; at < 5; at++) {
        fixture_submit(chain, blocks[at], BC_VERDICT_ORPHAN, BC_REASON_ORPHAN);
    }
    assert_int_equal(fixture_info(chain).orphan_count, 3);
    bc_block_id(blocks[1], id);
    assert_int_equal(bc_chain_find(chain, NULL, NULL, id, NULL), BC_ERR_NOT_FOUND);
    fixture_submit(chain, blocks[0], BC_VERDICT_ACCEPTED, BC_REASON_NONE);
    assert_int_equal(fixture_height(chain), 1);
    fixture_submit(chain, blocks[1], BC_VERDICT_ACCEPTED, BC_REASON_NONE);
    assert_int_equal(fixture_height(chain), 5);
    fixture_unref_all(blocks, 5);
    bc_block_unref(genesis);
    fixture_close(chain);
    bc_params_unref(params);
}

static void an_orphan_that_turns_out_invalid_is_dropped(void **state)
{
    (void)state;
    bc_params *params = fixture_params(64, NULL); /* no proof holds */
    bc_params *easy = fixture_params(0, NULL);
    bc_chain *chain = fixture_open(params, NULL, NULL);
    bc_block *genesis = fixture_at(chain, 0);
    bc_block *block = fixture_block(params, genesis, 1, "", 1);
    bc_block *child = fixture_block(params, block, 1, "", 1);
    fixture_submit(chain, child, BC_VERDICT_ORPHAN, BC_REASON_ORPHAN);
    fixture_submit(chain, block, BC_VERDICT_INVALID, BC_REASON_PROOF);
    assert_int_equal(fixture_info(chain).orphan_count, 1);
    assert_int_equal(fixture_info(chain).blocks, 1);
    bc_block *foreign = fixture_block(easy, genesis, 1, "", 1);
    assert_int_equal(bc_chain_submit(chain, NULL, NULL, foreign, NULL), BC_ERR_ARGUMENT);
    bc_block_unref(foreign);
    bc_block_unref(child);
    bc_block_unref(block);
    bc_block_unref(genesis);
    fixture_close(chain);
    bc_params_unref(easy);
    bc_params_unref(params);
}

static void the_first_seen_of_equals_stays_after_reopening(void **state)
{
    (void)state;
    bc_params *params = fixture_params(0, NULL);
    for (unsigned winner = 0; winner < 2; winner++) {
        test_store store;
        test_store_init(&store);
        bc_chain *chain = fixture_open(params, &store.outer, NULL);
        bc_block *genesis = fixture_at(chain, 0);
        bc_block *pair[2];
        pair[0] = fixture_block(params, genesis, 1, "", 1);
        pair[1] = fixture_block(params, genesis, 1, "", 2);
        fixture_submit(chain, pair[winner], BC_VERDICT_ACCEPTED, BC_REASON_NONE);
        fixture_submit(chain, pair[1 - winner], BC_VERDICT_BRANCH, BC_REASON_NONE);
        fixture_close(chain);
        chain = fixture_open(params, &store.outer, NULL);
        assert_true(fixture_is_tip(chain, pair[winner]));
        fixture_submit(chain, pair[1 - winner], BC_VERDICT_KNOWN, BC_REASON_KNOWN);
        assert_true(fixture_is_tip(chain, pair[winner]));
        bc_block *next = fixture_block(params, pair[1 - winner], 1, "", 3);
        fixture_submit(chain, next, BC_VERDICT_ACCEPTED, BC_REASON_NONE);
        assert_true(fixture_is_tip(chain, next));
        bc_block_unref(next);
        fixture_unref_all(pair, 2);
        bc_block_unref(genesis);
        fixture_close(chain);
        assert_int_equal(store.closes, 2);
        test_store_free(&store);
    }
    bc_params_unref(params);
}

enum { DEEPEST = 50 };

static void reorganisations_of_any_depth(void **state)
{
    (void)state;
    bc_params *params = fixture_params(0, NULL);
    for (size_t depth = 1; depth <= DEEPEST; depth++) {
        bc_options options = BC_OPTIONS_INIT;
        options.cache_bytes = depth % 2 == 0 ? 1 : 0; /* 1: nothing fits, all is read back */
        bc_chain *chain = fixture_open(params, NULL, &options);
        bc_block *genesis = fixture_at(chain, 0);
        bc_block *main[DEEPEST];
        bc_block *side[DEEPEST + 1];
        fixture_branch(params, main, depth, genesis, 1);
        fixture_branch(params, side, depth + 1, genesis, 2);
        for (size_t at = 0; at < depth; at++) {
            fixture_submit(chain, main[at], BC_VERDICT_ACCEPTED, BC_REASON_NONE);
        }
        for (size_t at = 0; at < depth; at++) {
            fixture_submit(chain, side[at], BC_VERDICT_BRANCH, BC_REASON_NONE);
        }
        assert_true(fixture_is_tip(chain, main[depth - 1]));
        fixture_submit(chain, side[depth], BC_VERDICT_ACCEPTED, BC_REASON_NONE);
        for (size_t at = 0; at <= depth; at++) {
            bc_block *got = fixture_at(chain, at + 1);
            uint8_t ids[2][BC_ID_BYTES];
            bc_block_id(got, ids[0]);
            bc_block_id(side[at], ids[1]);
            assert_memory_equal(ids[0], ids[1], BC_ID_BYTES);
            bc_block_unref(got);
        }
        uint64_t position;
        assert_int_equal(bc_chain_verify(chain, &position, NULL, NULL, NULL), BC_OK);
        assert_int_equal(position, depth + 2);
        fixture_unref_all(main, depth);
        fixture_unref_all(side, depth + 1);
        bc_block_unref(genesis);
        fixture_close(chain);
    }
    bc_params_unref(params);
}

static void no_more_blocks_are_disconnected_than_allowed(void **state)
{
    (void)state;
    bc_params *params = fixture_params(0, NULL);
    bc_options options = BC_OPTIONS_INIT;
    options.max_reorg_depth = 2;
    bc_chain *chain = fixture_open(params, NULL, &options);
    bc_block *genesis = fixture_at(chain, 0);
    bc_block *main[3];
    bc_block *deep[5];
    bc_block *shallow[3];
    fixture_branch(params, main, 3, genesis, 1);
    fixture_branch(params, deep, 5, genesis, 2);
    fixture_branch(params, shallow, 3, main[0], 3);
    for (size_t at = 0; at < 3; at++) {
        fixture_submit(chain, main[at], BC_VERDICT_ACCEPTED, BC_REASON_NONE);
        fixture_submit(chain, deep[at], BC_VERDICT_BRANCH, BC_REASON_NONE);
    }
    fixture_submit(chain, deep[3], BC_VERDICT_BRANCH, BC_REASON_REORG_DEPTH);
    fixture_submit(chain, deep[4], BC_VERDICT_BRANCH, BC_REASON_REORG_DEPTH);
    assert_true(fixture_is_tip(chain, main[2]));
    fixture_submit(chain, shallow[0], BC_VERDICT_BRANCH, BC_REASON_NONE);
    fixture_submit(chain, shallow[1], BC_VERDICT_BRANCH, BC_REASON_NONE);
    fixture_submit(chain, shallow[2], BC_VERDICT_ACCEPTED, BC_REASON_NONE);
    assert_true(fixture_is_tip(chain, shallow[2]));
    fixture_unref_all(main, 3);
    fixture_unref_all(deep, 5);
    fixture_unref_all(shallow, 3);
    bc_block_unref(genesis);
    fixture_close(chain);
    bc_params_unref(params);
}

/* BC_ZERO, for 0 is the default: a chain that only grows. */
static void an_append_only_chain_disconnects_nothing(void **state)
{
    (void)state;
    bc_params *params = fixture_params(0, NULL);
    bc_options options = BC_OPTIONS_INIT;
    options.max_reorg_depth = BC_ZERO;
    bc_chain *chain = fixture_open(params, NULL, &options);
    bc_block *genesis = fixture_at(chain, 0);
    bc_block *first = fixture_block(params, genesis, 1, "", 1);
    bc_block *other[2];
    fixture_branch(params, other, 2, genesis, 2);
    fixture_submit(chain, first, BC_VERDICT_ACCEPTED, BC_REASON_NONE);
    fixture_submit(chain, other[0], BC_VERDICT_BRANCH, BC_REASON_NONE);
    fixture_submit(chain, other[1], BC_VERDICT_BRANCH, BC_REASON_REORG_DEPTH);
    assert_true(fixture_is_tip(chain, first));
    fixture_mine(chain);
    assert_int_equal(fixture_height(chain), 2);
    fixture_unref_all(other, 2);
    bc_block_unref(first);
    bc_block_unref(genesis);
    fixture_close(chain);
    bc_params_unref(params);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_append_only_chain_disconnects_nothing),
        cmocka_unit_test(a_chain_begins_with_a_genesis_of_its_own),
        cmocka_unit_test(blocks_get_the_verdict_of_the_rules),
        cmocka_unit_test(a_proof_that_does_not_hold_is_invalid),
        cmocka_unit_test(find_says_where_a_block_stands),
        cmocka_unit_test(orphans_are_adopted_in_any_order),
        cmocka_unit_test(siblings_among_orphans_are_all_adopted),
        cmocka_unit_test(orphans_may_carry_their_ancestor_to_the_best_chain),
        cmocka_unit_test(orphans_are_bounded_and_the_oldest_leave),
        cmocka_unit_test(an_orphan_that_turns_out_invalid_is_dropped),
        cmocka_unit_test(the_first_seen_of_equals_stays_after_reopening),
        cmocka_unit_test(reorganisations_of_any_depth),
        cmocka_unit_test(no_more_blocks_are_disconnected_than_allowed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
