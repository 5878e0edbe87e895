/* A store that fails: each call of each kind, once and for ever, with each kind of answer. After a
 * promise that nothing was applied the chain is as it was and works; after an unknown outcome it is
 * poisoned, and opening finds exactly the old or the new state. */
#include "test/support/engine_fixture.h"
#include "test/support/test_store.h"

enum { OWN = 4, OTHER = 8 };

typedef struct bench {
    bc_params *params;
    test_store base;  /* the state before */
    test_store store; /* the one in use */
    bc_options options;
    bc_chain *chain;
    bc_block *own[OWN];
    bc_block *side[OWN]; /* of which all but the last are stored */
    bc_block *other[OTHER];
} bench;

static bool try_open(bench *with, bc_status *status, bc_error *error)
{
    with->options.store = &with->store.outer;
    *status = bc_chain_open(&with->chain, with->params, &with->options, error);
    assert_int_equal(with->chain == NULL, *status != BC_OK);
    return *status == BC_OK;
}

static void reopen(bench *with)
{
    with->chain = fixture_open(with->params, &with->store.outer, &with->options);
}

static void setup(bench *with)
{
    memset(with, 0, sizeof *with);
    with->params = fixture_params(0, NULL);
    with->options = (bc_options)BC_OPTIONS_INIT;
    with->options.commit_bytes = 1;
    with->options.tx_durability = BC_TX_BEFORE_RETURN;
    test_store_init(&with->base);
    test_store_init(&with->store);
    reopen(with);
    bc_block *genesis = fixture_at(with->chain, 0);
    fixture_submit_tx(with->chain, with->params, 1);
    fixture_submit_tx(with->chain, with->params, 2);
    fixture_mine(with->chain);
    with->own[0] = fixture_tip(with->chain);
    fixture_branch(with->params, with->own + 1, OWN - 1, with->own[0], 1);
    fixture_branch(with->params, with->side, OWN, genesis, 2);
    for (size_t at = 1; at < OWN; at++) {
        fixture_submit(with->chain, with->own[at], BC_VERDICT_ACCEPTED, BC_REASON_NONE);
    }
    for (size_t at = 0; at < OWN - 1; at++) {
        fixture_submit(with->chain, with->side[at], BC_VERDICT_BRANCH, BC_REASON_NONE);
    }
    fixture_branch(with->params, with->other, OTHER, NULL, 3);
    fixture_submit_tx(with->chain, with->params, 7);
    assert_int_equal(bc_chain_set_value(with->chain, "name", (const uint8_t *)"old", 3, NULL),
                     BC_OK);
    assert_int_equal(bc_chain_add_peer(with->chain, "a:1", NULL), BC_OK);
    fixture_close(with->chain);
    bc_block_unref(genesis);
    test_store_copy(&with->base, &with->store);
}

static void teardown(bench *with)
{
    fixture_unref_all(with->own, OWN);
    fixture_unref_all(with->side, OWN);
    fixture_unref_all(with->other, OTHER);
    test_store_free(&with->base);
    test_store_free(&with->store);
    bc_params_unref(with->params);
}

/* ---- Operations: each leads from one committed state to another ---- */

typedef bc_status (*operation)(bench *with);

static bc_status submit_block(bench *with, bc_block *block)
{
    return bc_chain_submit(with->chain, NULL, NULL, block, NULL);
}

static bc_status submit_on_tip(bench *with)
{
    bc_block *block = fixture_block(with->params, with->own[OWN - 1], 1, "", 9);
    bc_status status = submit_block(with, block);
    bc_block_unref(block);
    return status;
}

static bc_status submit_side(bench *with)
{
    return submit_block(with, with->side[OWN - 1]); /* a tie: stored, and the tip stays */
}

static bc_status reorganise(bench *with)
{
    bc_status status = submit_side(with);
    if (status == BC_OK) {
        bc_block *last = fixture_block(with->params, with->side[OWN - 1], 1, "", 2);
        status = submit_block(with, last);
        bc_block_unref(last);
    }
    return status;
}

static bc_status replace(bench *with)
{
    char *text = fixture_chain_text(with->other, OTHER);
    bc_status status = bc_chain_submit_chain(with->chain, NULL, NULL, NULL, (const uint8_t *)text,
                                             strlen(text), NULL);
    free(text);
    return status;
}

static bc_status submit_tx(bench *with)
{
    bc_tx *tx = fixture_tx(with->params, 8);
    bc_status status = bc_chain_submit_tx(with->chain, NULL, NULL, tx, NULL);
    bc_tx_unref(tx);
    return status;
}

static bc_status set_value(bench *with)
{
    return bc_chain_set_value(with->chain, "name", (const uint8_t *)"new", 3, NULL);
}

static bc_status add_peer(bench *with)
{
    return bc_chain_add_peer(with->chain, "b:2", NULL);
}

static bc_status remove_peer(bench *with)
{
    bc_status status = bc_chain_remove_peer(with->chain, "a:1", NULL);
    return status == BC_ERR_NOT_FOUND ? BC_OK : status;
}

static const operation operations[] = {submit_on_tip, submit_side, reorganise, replace,
                                       submit_tx,     set_value,   add_peer,   remove_peer};
enum { OPERATIONS = sizeof operations / sizeof operations[0] };

/* ---- States ---- */

typedef struct digest {
    char text[512];
} digest;

static bc_status append_peer(void *context, const char *peer)
{
    digest *out = context;
    strncat(out->text, peer, sizeof out->text - strlen(out->text) - 1);
    return BC_OK;
}

static digest digest_of(bench *with)
{
    digest out;
    uint8_t tip[BC_ID_BYTES];
    uint32_t verdict = 0;
    uint8_t side[BC_ID_BYTES];
    bc_buffer *value;
    assert_int_equal(bc_chain_tip(with->chain, NULL, tip, NULL), BC_OK);
    bc_block_id(with->side[OWN - 1], side);
    (void)bc_chain_find(with->chain, &verdict, NULL, side, NULL);
    assert_int_equal(bc_chain_value(with->chain, &value, "name", NULL), BC_OK);
    snprintf(out.text, sizeof out.text, "%02x%02x%02x%02x %s %.3s %u ", tip[0], tip[1], tip[2],
             tip[3], fixture_mempool(with->chain), (const char *)bc_buffer_data(value), verdict);
    bc_buffer_unref(value);
    assert_int_equal(bc_chain_peers(with->chain, append_peer, &out, NULL), BC_OK);
    return out;
}

static void assert_same(const digest *left, const digest *right)
{
    assert_string_equal(left->text, right->text);
}

/* Nothing lies in the store that the chain does not know. */
static void assert_tidy(bench *with)
{
    uint64_t blocks = fixture_info(with->chain).blocks;
    assert_int_equal(test_store_count(&with->store, 'h'), blocks);
    assert_int_equal(test_store_count(&with->store, 'b'), blocks);
    assert_int_equal(test_store_count(&with->store, 'j'), 0);
    assert_int_equal(test_store_count(&with->store, 'p'), fixture_info(with->chain).mempool_count);
    assert_int_equal(bc_chain_verify(with->chain, NULL, NULL, NULL, NULL), BC_OK);
}

/* An operation of two calls may have made one of them. */
static bool is_between(const digest *found, const digest *old, const digest *middle,
                       const digest *new)
{
    return strcmp(found->text, old->text) == 0 || strcmp(found->text, middle->text) == 0 ||
           strcmp(found->text, new->text) == 0;
}

typedef struct states {
    digest old;
    digest middle;
    digest new;
    size_t calls[TEST_STORE_KINDS];
} states;

static void begin(bench *with)
{
    test_store_calm(&with->store);
    test_store_copy(&with->store, &with->base);
    reopen(with);
}

static states learn(bench *with, operation operate)
{
    states out;
    begin(with);
    out.old = digest_of(with);
    out.middle = out.old;
    if (operate == reorganise) {
        assert_int_equal(submit_side(with), BC_OK);
        out.middle = digest_of(with);
    }
    fixture_close(with->chain);
    begin(with);
    test_store_plan(&with->store, TEST_STORE_GET, 0, false, BC_OK, false);
    assert_int_equal(operate(with), BC_OK);
    memcpy(out.calls, with->store.calls, sizeof out.calls);
    out.new = digest_of(with);
    fixture_close(with->chain);
    return out;
}

static void promised_failures(bench *with, operation operate, const states *known, int kind,
                              bc_status code, bool on)
{
    for (size_t at = 1; at <= known->calls[kind]; at++) {
        begin(with);
        test_store_plan(&with->store, kind, at, on, code, false);
        bc_status status = operate(with);
        test_store_calm(&with->store);
        if (status != BC_OK) { /* where it is: what failed was the clearing away */
            bool damaged = kind != TEST_STORE_COMMIT && code == BC_ERR_DAMAGED;
            assert_string_equal(bc_status_name(status),
                                damaged ? "BC_ERR_DAMAGED" : "BC_ERR_STORE");
            digest found = digest_of(with);
            assert_true(is_between(&found, &known->old, &known->middle, &known->middle));
        }
        assert_int_equal(fixture_info(with->chain).poisoned, 0);
        if (status != BC_OK) {
            assert_int_equal(operate(with), BC_OK);
        }
        assert_int_equal(bc_chain_tick(with->chain, NULL, NULL), BC_OK);
        digest found = digest_of(with);
        assert_same(&found, &known->new);
        assert_tidy(with);
        fixture_close(with->chain);
        reopen(with);
        found = digest_of(with);
        assert_same(&found, &known->new);
        assert_tidy(with);
        fixture_close(with->chain);
    }
}

static void after_a_promise_the_state_is_the_old_one_and_all_works(void **state)
{
    (void)state;
    static const bc_status commit_codes[] = {BC_ERR_STORE, BC_ERR_MEMORY, BC_ERR_LIMIT};
    static const bc_status read_codes[] = {BC_ERR_STORE, BC_ERR_DAMAGED, BC_ERR_HOST - 7, 4711};
    bench with;
    setup(&with);
    with.options.cache_bytes = 1;
    for (size_t number = 0; number < OPERATIONS; number++) {
        states known = learn(&with, operations[number]);
        for (unsigned on = 0; on < 2; on++) {
            for (size_t code = 0; code < 3; code++) {
                promised_failures(&with, operations[number], &known, TEST_STORE_COMMIT,
                                  commit_codes[code], on == 1);
            }
            for (size_t code = 0; code < 4; code++) {
                promised_failures(&with, operations[number], &known, TEST_STORE_GET,
                                  read_codes[code], on == 1);
            }
        }
    }
    teardown(&with);
}

static void assert_poisoned(bench *with)
{
    bc_error error = {0};
    bc_block *block;
    assert_int_equal(fixture_info(with->chain).poisoned, 1);
    bc_tx *tx = fixture_tx(with->params, 8);
    assert_int_equal(bc_chain_submit_tx(with->chain, NULL, NULL, tx, &error), BC_ERR_POISONED);
    assert_int_equal(error.code, BC_ERR_POISONED);
    bc_tx_unref(tx);
    assert_int_equal(submit_on_tip(with), BC_ERR_POISONED);
    assert_int_equal(replace(with), BC_ERR_POISONED);
    assert_int_equal(set_value(with), BC_ERR_POISONED);
    assert_int_equal(add_peer(with), BC_ERR_POISONED);
    assert_int_equal(bc_chain_mine(with->chain, &block, NULL, NULL), BC_ERR_POISONED);
    assert_int_equal(bc_chain_block_at(with->chain, &block, 0, NULL), BC_OK);
    bc_block_unref(block);
    assert_int_equal(bc_chain_verify(with->chain, NULL, NULL, NULL, NULL), BC_OK);
}

static void unknown_failures(bench *with, operation operate, const states *known, bc_status code,
                             bool applied)
{
    for (size_t at = 1; at <= known->calls[TEST_STORE_COMMIT]; at++) {
        begin(with);
        test_store_plan(&with->store, TEST_STORE_COMMIT, at, true, code, applied);
        bc_status status = operate(with);
        size_t calls = with->store.calls[TEST_STORE_COMMIT];
        assert_int_equal(calls, at); /* none behind the one that failed */
        digest found = digest_of(with);
        if (status == BC_OK) {
            assert_same(&found, &known->new);
        } else {
            /* Values are read from the store, so what it applied is seen. */
            bool seen = operate == set_value && applied;
            assert_int_equal(status, BC_ERR_STORE_UNKNOWN);
            assert_true(is_between(&found, &known->old, &known->middle,
                                   seen ? &known->new : &known->middle));
        }
        assert_poisoned(with);
        assert_int_equal(with->store.calls[TEST_STORE_COMMIT], calls);
        fixture_close(with->chain);
        assert_int_equal(with->store.calls[TEST_STORE_COMMIT], calls);
        test_store_calm(&with->store);
        reopen(with);
        found = digest_of(with);
        assert_true(is_between(&found, &known->old, &known->middle, &known->new));
        if (status == BC_OK) {
            assert_same(&found, &known->new);
        }
        fixture_close(with->chain);
    }
}

static void after_an_unknown_outcome_one_of_both_states_is_found(void **state)
{
    (void)state;
    static const bc_status codes[] = {BC_ERR_STORE_UNKNOWN, BC_ERR_HOST - 1, 4711, BC_ERR_NOT_FOUND,
                                      BC_ERR_DAMAGED};
    bench with;
    setup(&with);
    for (size_t number = 0; number < OPERATIONS; number++) {
        states known = learn(&with, operations[number]);
        for (size_t code = 0; code < sizeof codes / sizeof codes[0]; code++) {
            unknown_failures(&with, operations[number], &known, codes[code], false);
            unknown_failures(&with, operations[number], &known, codes[code], true);
        }
    }
    teardown(&with);
}

/* The process dies behind each commit of a replacement, and then behind each commit of the opening that
 * tidies up. */
static void a_crash_at_any_commit_leaves_the_old_or_the_new_chain(void **state)
{
    (void)state;
    bench with;
    setup(&with);
    states known = learn(&with, replace);
    for (size_t at = 1; at <= known.calls[TEST_STORE_COMMIT]; at++) {
        begin(&with);
        test_store_plan(&with.store, TEST_STORE_COMMIT, at, true, BC_ERR_STORE_UNKNOWN, true);
        (void)replace(&with);
        fixture_close(with.chain);
        bc_status status;
        test_store_plan(&with.store, TEST_STORE_COMMIT, 1, true, BC_ERR_STORE_UNKNOWN, at % 2 == 0);
        if (try_open(&with, &status, NULL)) {
            fixture_close(with.chain);
        } else {
            assert_int_equal(status, BC_ERR_STORE_UNKNOWN);
        }
        test_store_calm(&with.store);
        reopen(&with);
        digest found = digest_of(&with);
        assert_true(is_between(&found, &known.old, &known.old, &known.new));
        if (fixture_is_tip(with.chain, with.own[OWN - 1])) {
            assert_tidy(&with);
        }
        assert_int_equal(replace(&with), BC_OK);
        found = digest_of(&with);
        assert_same(&found, &known.new);
        fixture_close(with.chain);
    }
    teardown(&with);
}

/* Leftovers of more than one commit of the opening. */
static void the_leftovers_of_a_long_replacement_go_in_pieces(void **state)
{
    (void)state;
    enum { LONG = 2200 };
    bench with;
    bc_block **blocks = calloc(LONG, sizeof(bc_block *));
    assert_non_null(blocks);
    setup(&with);
    with.options.commit_bytes = 0;
    fixture_branch(with.params, blocks, LONG, NULL, 8);
    char *text = fixture_chain_text(blocks, LONG);
    for (size_t at = 1; at < 4; at++) {
        begin(&with);
        test_store_plan(&with.store, TEST_STORE_COMMIT, 4, true, BC_ERR_STORE_UNKNOWN, false);
        with.store.fail_at = test_store_count(&with.store, 'j') == 0 ? 3 : 0;
        (void)bc_chain_submit_chain(with.chain, NULL, NULL, NULL, (const uint8_t *)text,
                                    strlen(text), NULL);
        fixture_close(with.chain);
        bc_status status;
        assert_true(test_store_count(&with.store, 'h') > 2048);
        test_store_plan(&with.store, TEST_STORE_COMMIT, at, true, BC_ERR_STORE_UNKNOWN, false);
        if (try_open(&with, &status, NULL)) {
            fixture_close(with.chain);
        }
        test_store_calm(&with.store);
        reopen(&with);
        assert_true(fixture_is_tip(with.chain, with.own[OWN - 1]));
        assert_tidy(&with);
        fixture_close(with.chain);
    }
    free(text);
    fixture_unref_all(blocks, LONG);
    free(blocks);
    teardown(&with);
}

static void opening_fails_as_the_store_does_and_closes_it(void **state)
{
    (void)state;
    bench with;
    setup(&with);
    for (unsigned empty = 0; empty < 2; empty++) {
        for (int kind = 0; kind < TEST_STORE_KINDS; kind++) {
            for (size_t at = 1;; at++) {
                bc_error error = {0};
                bc_status status;
                test_store_calm(&with.store);
                test_store_free(&with.store);
                test_store_init(&with.store);
                if (empty == 0) {
                    test_store_copy(&with.store, &with.base);
                }
                test_store_plan(&with.store, kind, at, true, BC_ERR_STORE, false);
                if (try_open(&with, &status, &error)) {
                    assert_int_equal(bc_chain_close(with.chain, NULL), BC_OK);
                    assert_true(with.store.calls[kind] < at);
                    break;
                }
                assert_int_equal(status, BC_ERR_STORE);
                assert_int_equal(error.code, BC_ERR_STORE);
                assert_true(error.message[0] != '\0');
                assert_int_equal(with.store.closes, 1);
                test_store_calm(&with.store);
                reopen(&with);
                assert_int_equal(fixture_height(with.chain), empty == 0 ? OWN : 0);
                fixture_close(with.chain);
            }
        }
    }
    teardown(&with);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(after_a_promise_the_state_is_the_old_one_and_all_works),
        cmocka_unit_test(after_an_unknown_outcome_one_of_both_states_is_found),
        cmocka_unit_test(a_crash_at_any_commit_leaves_the_old_or_the_new_chain),
        cmocka_unit_test(the_leftovers_of_a_long_replacement_go_in_pieces),
        cmocka_unit_test(opening_fails_as_the_store_does_and_closes_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
