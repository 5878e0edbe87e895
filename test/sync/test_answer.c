/* Answers to peers: the chain as it was, read in pieces, whatever happens meanwhile. */
#include "test/sync/sync_fixture.h"

#include "test/support/counting_heap.h"

/* Python writes {"chain": chain, "length": len(chain)} so; nothing but the blocks differs. */
static void assert_form(const fixture_text *text, unsigned blocks)
{
    char tail[40];
    unsigned found = 0;
    (void)snprintf(tail, sizeof tail, "}], \"length\": %u}", blocks);
    assert_true(text->length > strlen(tail));
    assert_memory_equal(text->data, "{\"chain\": [{\"index\": 1, ", 24);
    assert_string_equal(text->data + text->length - strlen(tail), tail);
    for (const char *at = text->data; (at = strstr(at, "{\"index\": ")) != NULL; at++) {
        assert_true(found == 0 || memcmp(at - 3, "}, ", 3) == 0);
        found++;
    }
    assert_int_equal(found, blocks);
}

static void pieces_of_any_size_give_one_text(void **state)
{
    (void)state;
    static const size_t capacities[] = {1, 7, 65536};
    bc_params *params = fixture_params(1, NULL);
    bc_chain *chain = fixture_chain(params, NULL);
    fixture_text lone = fixture_whole(chain);
    assert_form(&lone, 1);
    free(lone.data);
    fixture_add_tx(chain, "{\"z\": 1e16, \"a\": \"\xc3\xa9\\ud83d\\ude00\", \"n\": NaN}");
    fixture_mine(chain, 20);
    fixture_text whole = fixture_whole(chain);
    assert_form(&whole, 21);
    assert_non_null(
        strstr(whole.data, "[{\"a\": \"\\u00e9\\ud83d\\ude00\", \"n\": NaN, \"z\": 1e+16}, {\"am"));
    for (size_t at = 0; at < sizeof capacities / sizeof capacities[0]; at++) {
        bc_answer *answer = fixture_serve(chain);
        fixture_text text = fixture_read(answer, capacities[at]);
        assert_string_equal(text.data, whole.data);
        uint8_t byte = 0x55;
        size_t got = 7;
        assert_int_equal(bc_answer_read(answer, &got, &byte, 1, NULL), BC_OK);
        assert_int_equal(got, 0); /* the end stays the end */
        assert_int_equal(byte, 0x55);
        free(text.data);
        bc_answer_unref(answer);
    }
    bc_chain *other = fixture_chain(params, NULL);
    uint32_t verdict;
    assert_int_equal(bc_chain_submit_chain(other, &verdict, NULL, NULL, (const uint8_t *)whole.data,
                                           whole.length, NULL),
                     BC_OK);
    assert_int_equal(verdict, BC_VERDICT_ACCEPTED);
    fixture_text again = fixture_whole(other);
    assert_string_equal(again.data, whole.data);
    free(again.data);
    free(whole.data);
    assert_int_equal(bc_chain_close(other, NULL), BC_OK);
    assert_int_equal(bc_chain_close(chain, NULL), BC_OK);
    bc_params_unref(params);
}

static void blocks_stay_while_they_are_read(void **state)
{
    (void)state;
    bc_params *params = fixture_params(0, NULL);
    bc_options options = BC_OPTIONS_INIT;
    options.cache_bytes = 1; /* every block comes from the store */
    bc_chain *chain = fixture_chain(params, &options);
    fixture_mine(chain, 600);
    fixture_text before = fixture_whole(chain);
    fixture_text longer = fixture_chain_text(params, 620);
    uint8_t old_tip[BC_ID_BYTES];
    assert_int_equal(bc_chain_tip(chain, NULL, old_tip, NULL), BC_OK);
    bc_answer *answer = fixture_serve(chain);
    bc_answer *second = fixture_serve(chain);
    uint8_t piece[100];
    size_t got;
    assert_int_equal(bc_answer_read(answer, &got, piece, sizeof piece, NULL), BC_OK);
    assert_int_equal(got, sizeof piece);
    uint32_t verdict;
    assert_int_equal(bc_chain_submit_chain(chain, &verdict, NULL, NULL,
                                           (const uint8_t *)longer.data, longer.length, NULL),
                     BC_OK);
    assert_int_equal(verdict, BC_VERDICT_ACCEPTED);
    assert_int_equal(bc_chain_tick(chain, NULL, NULL), BC_OK);
    fixture_mine(chain, 3); /* and what is served now is the new one */
    assert_int_equal(bc_chain_find(chain, &verdict, NULL, old_tip, NULL), BC_OK);
    assert_int_equal(verdict, BC_VERDICT_BRANCH);
    fixture_text rest = fixture_read(answer, 5000);
    assert_memory_equal(piece, before.data, sizeof piece);
    assert_string_equal(rest.data, before.data + sizeof piece);
    bc_answer_unref(answer);
    assert_int_equal(bc_chain_tick(chain, NULL, NULL), BC_OK);
    assert_int_equal(bc_chain_find(chain, &verdict, NULL, old_tip, NULL), BC_OK);
    bc_answer_unref(second);
    assert_int_equal(bc_chain_tick(chain, NULL, NULL), BC_OK);
    assert_int_equal(bc_chain_find(chain, &verdict, NULL, old_tip, NULL), BC_ERR_NOT_FOUND);
    fixture_text now = fixture_whole(chain);
    assert_form(&now, 623);
    free(now.data);
    free(rest.data);
    free(longer.data);
    free(before.data);
    assert_int_equal(bc_chain_close(chain, NULL), BC_OK);
    bc_params_unref(params);
}

static void the_tip_is_that_of_the_call(void **state)
{
    (void)state;
    bc_params *params = fixture_params(1, NULL);
    bc_chain *chain = fixture_chain(params, NULL);
    fixture_mine(chain, 2);
    bc_answer *answer = fixture_serve(chain);
    fixture_mine(chain, 2);
    fixture_text text = fixture_read(answer, 64);
    assert_form(&text, 3);
    free(text.data);
    bc_answer_unref(answer);
    assert_int_equal(bc_chain_close(chain, NULL), BC_OK);
    bc_params_unref(params);
}

static void it_ends_with_its_chain(void **state)
{
    (void)state;
    counting_heap counter = COUNTING_HEAP_ENDLESS;
    bc_allocator allocator = counting_heap_public(&counter);
    bc_params *params = fixture_params(1, &allocator);
    bc_chain *chain = fixture_chain(params, NULL);
    fixture_mine(chain, 3);
    bc_answer *unread = fixture_serve(chain);
    bc_answer *half = fixture_serve(chain);
    uint8_t piece[20];
    size_t got;
    assert_int_equal(bc_answer_read(half, &got, piece, sizeof piece, NULL), BC_OK);
    assert_int_equal(bc_chain_close(chain, NULL), BC_OK);
    bc_params_unref(params);
    bc_status status;
    size_t pieces = 0;
    bc_error error = {0};
    do { /* what was read already may still be handed out */
        status = bc_answer_read(half, &got, piece, sizeof piece, &error);
    } while (status == BC_OK && got > 0 && pieces++ < 100);
    assert_int_equal(status, BC_ERR_CLOSED);
    assert_int_equal(error.code, BC_ERR_CLOSED);
    assert_int_equal(got, 0);
    assert_int_equal(bc_answer_read(half, &got, piece, sizeof piece, NULL), BC_ERR_CLOSED);
    bc_answer_unref(half);
    bc_answer_unref(unread);
    assert_int_equal(counter.held, 0);
}

/* A store in memory of which two gets fail, one behind the other. */
typedef struct flaky {
    bc_store inner;
    unsigned gets;    /* so far */
    unsigned fail_at; /* the first that fails, from 1; 0: none */
} flaky;

static bc_status flaky_get(void *context, const uint8_t *key, size_t key_length, bc_sink *value,
                           bc_error *error)
{
    flaky *store = context;
    store->gets++;
    if (store->fail_at > 0 && store->gets - store->fail_at < 2) {
        return BC_ERR_STORE;
    }
    return store->inner.get(store->inner.context, key, key_length, value, error);
}

static bc_status flaky_scan(void *context, const uint8_t *prefix, size_t prefix_length,
                            const uint8_t *after, size_t after_length, bc_visit_fn visit,
                            void *visit_context, bc_error *error)
{
    flaky *store = context;
    return store->inner.scan(store->inner.context, prefix, prefix_length, after, after_length,
                             visit, visit_context, error);
}

static bc_status flaky_commit(void *context, const bc_write *writes, size_t count, bc_error *error)
{
    flaky *store = context;
    return store->inner.commit(store->inner.context, writes, count, error);
}

static void flaky_close(void *context)
{
    flaky *store = context;
    store->inner.close(store->inner.context);
}

/* Each read that fails may be repeated, and no byte is lost or comes twice. */
static void a_failed_read_may_be_repeated(void **state)
{
    (void)state;
    flaky store = {.inner = BC_STORE_INIT};
    bc_store given = BC_STORE_INIT;
    bc_options options = BC_OPTIONS_INIT;
    assert_int_equal(bc_store_memory(&store.inner, NULL, NULL), BC_OK);
    given.context = &store;
    given.get = flaky_get;
    given.scan = flaky_scan;
    given.commit = flaky_commit;
    given.close = flaky_close;
    options.store = &given;
    options.cache_bytes = 1;
    bc_params *params = fixture_params(1, NULL);
    bc_chain *chain = fixture_chain(params, &options);
    fixture_mine(chain, 6);
    fixture_text whole = fixture_whole(chain);
    for (unsigned failing = 1; failing <= 7; failing++) {
        bc_answer *answer = fixture_serve(chain);
        uint8_t piece[1000];
        size_t length = 0;
        size_t got;
        unsigned failures = 0;
        store.gets = 0;
        store.fail_at = failing;
        for (;;) {
            bc_error error = {0};
            bc_status status = bc_answer_read(answer, &got, piece, sizeof piece, &error);
            if (status != BC_OK) {
                assert_int_equal(status, BC_ERR_STORE);
                assert_int_equal(error.code, BC_ERR_STORE);
                assert_int_equal(got, 0);
                failures++;
                continue;
            }
            assert_int_equal(error.code, BC_OK);
            if (got == 0) {
                break;
            }
            assert_true(length + got <= whole.length);
            assert_memory_equal(piece, whole.data + length, got);
            length += got;
        }
        assert_int_equal(length, whole.length);
        assert_in_range(failures, 1, 2); /* one may be met with bytes to give first */
        bc_answer_unref(answer);
    }
    free(whole.data);
    assert_int_equal(bc_chain_close(chain, NULL), BC_OK);
    bc_params_unref(params);
}

typedef struct peak {
    size_t held; /* bytes */
    size_t most;
} peak;

static void *peak_allocate(void *context, size_t size)
{
    peak *counter = context;
    size_t *memory = malloc(size + 16);
    assert_non_null(memory);
    *memory = size;
    counter->held += size;
    counter->most = counter->held > counter->most ? counter->held : counter->most;
    return (char *)memory + 16;
}

static void peak_release(void *context, void *memory)
{
    size_t *start = (size_t *)((char *)memory - 16);
    ((peak *)context)->held -= *start;
    free(start);
}

static void *peak_reallocate(void *context, void *memory, size_t size)
{
    void *moved = peak_allocate(context, size);
    if (memory != NULL) {
        size_t before = *(size_t *)((char *)memory - 16);
        memcpy(moved, memory, before < size ? before : size);
        peak_release(context, memory);
    }
    return moved;
}

static void memory_does_not_grow_with_the_chain(void **state)
{
    (void)state;
    size_t grown[2];
    for (unsigned round = 0; round < 2; round++) {
        peak counter = {0, 0};
        bc_allocator allocator = BC_ALLOCATOR_INIT;
        allocator.context = &counter;
        allocator.allocate = peak_allocate;
        allocator.reallocate = peak_reallocate;
        allocator.release = peak_release;
        bc_params *params = fixture_params(0, &allocator);
        bc_options options = BC_OPTIONS_INIT;
        options.cache_bytes = 1;
        bc_chain *chain = fixture_chain(params, &options);
        fixture_mine(chain, round == 0 ? 50 : 2000);
        size_t before = counter.held;
        counter.most = before;
        fixture_text text = fixture_whole(chain);
        free(text.data);
        grown[round] = counter.most - before;
        assert_int_equal(counter.held, before);
        assert_int_equal(bc_chain_close(chain, NULL), BC_OK);
        bc_params_unref(params);
        assert_int_equal(counter.held, 0);
    }
    assert_true(grown[1] <= grown[0] + 1000);
}

static void requests_are_checked(void **state)
{
    (void)state;
    static const char *const methods[] = {"", "Chain", "chain ", "mine", "chains", "\xff"};
    bc_params *params = fixture_params(1, NULL);
    bc_chain *chain = fixture_chain(params, NULL);
    bc_answer *answer = (bc_answer *)&params;
    const uint8_t *body = (const uint8_t *)"{}";
    uint8_t piece[4];
    size_t got;
    for (size_t at = 0; at < sizeof methods / sizeof methods[0]; at++) {
        answer = (bc_answer *)&params;
        assert_int_equal(bc_chain_serve(chain, &answer, "a", methods[at], NULL, 0, NULL),
                         BC_ERR_UNSUPPORTED);
        assert_null(answer);
    }
    assert_int_equal(bc_chain_serve(chain, &answer, "a", "chain", body, 2, NULL), BC_ERR_FORMAT);
    assert_int_equal(bc_chain_serve(chain, &answer, "a", "chain", NULL, 2, NULL), BC_ERR_ARGUMENT);
    assert_int_equal(bc_chain_serve(chain, NULL, "a", "chain", NULL, 0, NULL), BC_ERR_ARGUMENT);
    assert_int_equal(bc_chain_serve(NULL, &answer, "a", "chain", NULL, 0, NULL), BC_ERR_ARGUMENT);
    assert_int_equal(bc_chain_serve(chain, &answer, "a", NULL, NULL, 0, NULL), BC_ERR_ARGUMENT);
    assert_int_equal(bc_chain_serve(chain, &answer, "a", "chain", body, 0, NULL), BC_OK);
    assert_int_equal(bc_answer_read(NULL, &got, piece, 4, NULL), BC_ERR_ARGUMENT);
    assert_int_equal(bc_answer_read(answer, NULL, piece, 4, NULL), BC_ERR_ARGUMENT);
    assert_int_equal(bc_answer_read(answer, &got, NULL, 4, NULL), BC_ERR_ARGUMENT);
    bc_answer_unref(answer);
    bc_answer_unref(NULL);
    assert_int_equal(bc_chain_close(chain, NULL), BC_OK);
    bc_params_unref(params);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_of_any_size_give_one_text),
        cmocka_unit_test(blocks_stay_while_they_are_read),
        cmocka_unit_test(the_tip_is_that_of_the_call),
        cmocka_unit_test(it_ends_with_its_chain),
        cmocka_unit_test(a_failed_read_may_be_repeated),
        cmocka_unit_test(memory_does_not_grow_with_the_chain),
        cmocka_unit_test(requests_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
