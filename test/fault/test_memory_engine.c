/* An allocator that gives out at the n-th request, for every n, under everything that a chain does: the
 * call gives BC_ERR_MEMORY, or succeeds; the state is the old or the new one; nothing leaks; and
 * with memory again all works. */
#include "test/support/counting_heap.h"
#include "test/support/engine_fixture.h"
#include "test/support/test_store.h"

enum { OWN = 3, OTHER = 6 };

typedef struct bench {
    counting_heap heap;
    bc_allocator allocator;
    bc_params *params;
    test_store base;
    test_store store;
    bc_options options;
    bc_chain *chain;
    bc_block *own[OWN];
    bc_block *side[OWN];
    bc_block *other[OTHER];
    char *text; /* of other */
    bc_tx *tx;
} bench;

static void reopen(bench *with)
{
    with->chain = fixture_open(with->params, &with->store.outer, &with->options);
}

static void setup(bench *with, uint64_t commit_bytes, uint64_t cache_bytes)
{
    memset(with, 0, sizeof *with);
    with->heap = (counting_heap)COUNTING_HEAP_ENDLESS;
    with->allocator = counting_heap_public(&with->heap);
    with->params = fixture_params(0, &with->allocator);
    with->options = (bc_options)BC_OPTIONS_INIT;
    with->options.commit_bytes = commit_bytes;
    with->options.cache_bytes = cache_bytes;
    test_store_init(&with->base);
    test_store_init(&with->store);
    reopen(with);
    bc_block *genesis = fixture_at(with->chain, 0);
    with->own[0] = fixture_block(with->params, genesis, 1, fixture_record(1), 1);
    fixture_branch(with->params, with->own + 1, OWN - 1, with->own[0], 1);
    fixture_branch(with->params, with->side, OWN, genesis, 2);
    for (size_t at = 0; at < OWN; at++) {
        fixture_submit(with->chain, with->own[at], BC_VERDICT_ACCEPTED, BC_REASON_NONE);
        fixture_submit(with->chain, with->side[at], BC_VERDICT_BRANCH, BC_REASON_NONE);
    }
    fixture_submit_tx(with->chain, with->params, 2);
    fixture_branch(with->params, with->other, OTHER, NULL, 3);
    with->text = fixture_chain_text(with->other, OTHER);
    with->tx = fixture_tx(with->params, 3);
    fixture_close(with->chain);
    bc_block_unref(genesis);
    test_store_copy(&with->base, &with->store);
}

static void teardown(bench *with)
{
    free(with->text);
    bc_tx_unref(with->tx);
    fixture_unref_all(with->own, OWN);
    fixture_unref_all(with->side, OWN);
    fixture_unref_all(with->other, OTHER);
    bc_params_unref(with->params);
    assert_int_equal(with->heap.held, 0);
    test_store_free(&with->base);
    test_store_free(&with->store);
}

typedef bc_status (*operation)(bench *with);

static bc_status submit_child(bench *with, bc_block *parent)
{
    size_t left = with->heap.left;
    with->heap.left = SIZE_MAX;
    bc_block *block = fixture_block(with->params, parent, 1, fixture_record(5), 4);
    with->heap.left = left;
    bc_status status = bc_chain_submit(with->chain, NULL, NULL, block, NULL);
    bc_block_unref(block);
    return status;
}

static bc_status submit_on_tip(bench *with)
{
    return submit_child(with, with->own[OWN - 1]);
}

static bc_status reorganise(bench *with)
{
    return submit_child(with, with->side[OWN - 1]);
}

static bc_status replace(bench *with)
{
    return bc_chain_submit_chain(with->chain, NULL, NULL, NULL, (const uint8_t *)with->text,
                                 strlen(with->text), NULL);
}

static bc_status submit_tx(bench *with)
{
    return bc_chain_submit_tx(with->chain, NULL, NULL, with->tx, NULL);
}

static bc_status mine(bench *with)
{
    bc_block *block;
    bc_status status = bc_chain_mine(with->chain, &block, NULL, NULL);
    assert_int_equal(status == BC_OK, block != NULL);
    bc_block_unref(block);
    return status;
}

static bc_status set_value(bench *with)
{
    return bc_chain_set_value(with->chain, "name", (const uint8_t *)"v", 1, NULL);
}

static bc_status add_peer(bench *with)
{
    return bc_chain_add_peer(with->chain, "a:1", NULL);
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
    bc_answer *answer;
    uint8_t bytes[64];
    size_t got = 1;
    uint8_t id[BC_ID_BYTES];
    bc_block_id(with->side[0], id);
    bc_status status = bc_chain_verify(with->chain, NULL, NULL, NULL, NULL);
    if (status == BC_OK) {
        status = bc_chain_changes(with->chain, id, accept_event, NULL, NULL);
    }
    if (status != BC_OK) {
        return status;
    }
    status = bc_chain_serve(with->chain, &answer, NULL, "chain", NULL, 0, NULL);
    while (status == BC_OK && got > 0) {
        status = bc_answer_read(answer, &got, bytes, sizeof bytes, NULL);
    }
    bc_answer_unref(answer);
    return status;
}

static const operation operations[] = {submit_on_tip, reorganise, replace,  submit_tx,
                                       mine,          set_value,  add_peer, read_all};

typedef struct digest {
    char text[256];
} digest;

static digest digest_of(bench *with)
{
    digest out;
    uint8_t tip[BC_ID_BYTES];
    bc_info info = fixture_info(with->chain);
    assert_int_equal(bc_chain_tip(with->chain, NULL, tip, NULL), BC_OK);
    bool mined = info.height == OWN + 1 && info.mempool_count == 0;
    snprintf(out.text, sizeof out.text, "%02x%02x %d %s %d", mined ? 0 : tip[0], mined ? 0 : tip[1],
             (int)info.height, fixture_mempool(with->chain), (int)info.peer_count);
    return out;
}

static void assert_tidy(bench *with)
{
    uint64_t blocks = fixture_info(with->chain).blocks;
    assert_int_equal(test_store_count(&with->store, 'h'), blocks);
    assert_int_equal(test_store_count(&with->store, 'b'), blocks);
    assert_int_equal(test_store_count(&with->store, 'j'), 0);
    assert_int_equal(bc_chain_verify(with->chain, NULL, NULL, NULL, NULL), BC_OK);
}

/* Runs one operation with `left` allocations; false where it needed no more than those. */
static bool run_with(bench *with, operation operate, size_t left, const digest *old,
                     const digest *new)
{
    test_store_copy(&with->store, &with->base);
    size_t before = with->heap.held;
    reopen(with);
    with->heap.left = left;
    bc_status status = operate(with);
    bool gave_out = with->heap.left == 0;
    with->heap.left = SIZE_MAX;
    digest found = digest_of(with);
    assert_int_equal(fixture_info(with->chain).poisoned, 0);
    if (status == BC_OK) {
        assert_string_equal(found.text, new->text);
    } else {
        assert_int_equal(status, BC_ERR_MEMORY);
        assert_string_equal(found.text, old->text);
        assert_int_equal(operate(with), BC_OK);
        found = digest_of(with);
        assert_string_equal(found.text, new->text);
    }
    assert_int_equal(bc_chain_tick(with->chain, NULL, NULL), BC_OK);
    assert_tidy(with);
    fixture_close(with->chain);
    assert_int_equal(with->heap.held, before);
    reopen(with);
    found = digest_of(with);
    assert_string_equal(found.text, new->text);
    assert_tidy(with);
    fixture_close(with->chain);
    return gave_out;
}

static void every_call_survives_any_want_of_memory(void **state)
{
    (void)state;
    for (unsigned tight = 0; tight < 2; tight++) {
        bench with;
        setup(&with, tight == 0 ? 0 : 1, tight == 0 ? 0 : 1);
        for (size_t number = 0; number < sizeof operations / sizeof operations[0]; number++) {
            test_store_copy(&with.store, &with.base);
            reopen(&with);
            digest old = digest_of(&with);
            assert_int_equal(operations[number](&with), BC_OK);
            digest new = digest_of(&with);
            fixture_close(with.chain);
            size_t left = 0;
            while (run_with(&with, operations[number], left, &old, &new)) {
                left++;
            }
        }
        teardown(&with);
    }
}

static void opening_survives_any_want_of_memory(void **state)
{
    (void)state;
    for (unsigned empty = 0; empty < 2; empty++) {
        bench with;
        setup(&with, 0, 0);
        size_t before = with.heap.held;
        for (size_t left = 0;; left++) {
            bc_error error = {0};
            test_store_free(&with.store);
            test_store_init(&with.store);
            if (empty == 0) {
                test_store_copy(&with.store, &with.base);
            }
            with.options.store = &with.store.outer;
            with.heap.left = left;
            bc_status status = bc_chain_open(&with.chain, with.params, &with.options, &error);
            bool gave_out = with.heap.left == 0;
            with.heap.left = SIZE_MAX;
            if (status == BC_OK) {
                fixture_close(with.chain);
            } else {
                assert_int_equal(status, BC_ERR_MEMORY);
                assert_int_equal(error.code, BC_ERR_MEMORY);
                assert_null(with.chain);
            }
            assert_int_equal(with.store.closes, 1);
            assert_int_equal(with.heap.held, before);
            reopen(&with);
            assert_int_equal(fixture_height(with.chain), empty == 0 ? OWN : 0);
            fixture_close(with.chain);
            if (!gave_out) {
                break;
            }
        }
        teardown(&with);
    }
}

/* What waits for a commit is neither lost nor doubled where closing finds no memory. */
static void closing_without_memory_says_so(void **state)
{
    (void)state;
    bench with;
    setup(&with, 0, 0);
    reopen(&with);
    assert_int_equal(submit_tx(&with), BC_OK);
    with.heap.left = 0;
    bc_error error = {0};
    assert_int_equal(bc_chain_close(with.chain, &error), BC_ERR_MEMORY);
    assert_int_equal(error.code, BC_ERR_MEMORY);
    with.heap.left = SIZE_MAX;
    reopen(&with);
    assert_mempool(with.chain, "2");
    fixture_close(with.chain);
    teardown(&with);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_call_survives_any_want_of_memory),
        cmocka_unit_test(opening_survives_any_want_of_memory),
        cmocka_unit_test(closing_without_memory_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
