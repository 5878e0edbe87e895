/* The allocator, or jansson's own, gives out at the first request, at the second, and so on until all
 * goes well: each time BC_ERR_MEMORY, no output, nothing held. Where jansson has no memory for a string
 * it speaks of a fault in the text, and that is BC_ERR_FORMAT. */
#include "test/rules/ledger_fixture.h"

#include "test/support/counting_heap.h"

typedef struct world {
    counting_heap counter;
    bc_allocator allocator;
    bc_params *params;
    bc_key *key;
    bc_tx *tx;
    bc_block *block;
    bc_buffer *tx_json;
    bc_buffer *block_json;
} world;

/* Does one thing with the world and releases what it got; *got tells whether there was an output. */
typedef bc_status (*action)(world *w, bc_error *error, const void **got);

static bc_status give_tx(bc_status status, bc_tx *tx, const void **got)
{
    *got = tx;
    bc_tx_unref(tx);
    return status;
}

static bc_status give_block(bc_status status, bc_block *block, const void **got)
{
    *got = block;
    bc_block_unref(block);
    return status;
}

static bc_status give_buffer(bc_status status, bc_buffer *buffer, const void **got)
{
    *got = buffer;
    bc_buffer_unref(buffer);
    return status;
}

static bc_status parse_tx(world *w, bc_error *error, const void **got)
{
    bc_tx *tx;
    bc_status status = bc_tx_parse(&tx, w->params, w->tx->bytes, w->tx->length, error);
    return give_tx(status, tx, got);
}

static bc_status sign_tx(world *w, bc_error *error, const void **got)
{
    bc_tx *tx;
    bc_transfer transfer = BC_TRANSFER_INIT;
    bc_status status = bc_tx_sign(&tx, w->params, &transfer, w->key, error);
    return give_tx(status, tx, got);
}

static bc_status parse_block(world *w, bc_error *error, const void **got)
{
    bc_block *block;
    bc_status status =
        bc_block_parse(&block, w->params, w->block->bytes.data, w->block->bytes.length, error);
    return give_block(status, block, got);
}

static bc_status block_tx(world *w, bc_error *error, const void **got)
{
    bc_tx *tx;
    bc_status status = bc_block_tx(w->block, &tx, 1, error);
    return give_tx(status, tx, got);
}

static bc_status tx_json(world *w, bc_error *error, const void **got)
{
    bc_buffer *buffer;
    bc_status status = bc_tx_json(w->tx, &buffer, error);
    return give_buffer(status, buffer, got);
}

static bc_status block_json(world *w, bc_error *error, const void **got)
{
    bc_buffer *buffer;
    bc_status status = bc_block_json(w->block, &buffer, error);
    return give_buffer(status, buffer, got);
}

static bc_status tx_from_json(world *w, bc_error *error, const void **got)
{
    bc_tx *tx;
    bc_status status = bc_tx_from_json(&tx, w->params, (const char *)bc_buffer_data(w->tx_json),
                                       bc_buffer_length(w->tx_json), error);
    return give_tx(status, tx, got);
}

static bc_status block_from_json(world *w, bc_error *error, const void **got)
{
    bc_block *block;
    bc_status status =
        bc_block_from_json(&block, w->params, (const char *)bc_buffer_data(w->block_json),
                           bc_buffer_length(w->block_json), error);
    return give_block(status, block, got);
}

static int set_up(void **state)
{
    static world w;
    w = (world){.counter = COUNTING_HEAP_ENDLESS};
    w.allocator = counting_heap_public(&w.counter);
    w.params = ledger_params(&w.allocator);
    w.key = ledger_key(1);
    w.tx = ledger_transfer(w.params, 1, 2, 0, 1, 1, "a payload");
    bc_tx *const txs[] = {w.tx, w.tx, w.tx};
    w.block = ledger_block(w.params, &(ledger_plan){.txs = txs, .tx_count = 3});
    assert_int_equal(bc_tx_json(w.tx, &w.tx_json, NULL), BC_OK);
    assert_int_equal(bc_block_json(w.block, &w.block_json, NULL), BC_OK);
    *state = &w;
    return 0;
}

static int tear_down(void **state)
{
    world *w = *state;
    bc_buffer_unref(w->tx_json);
    bc_buffer_unref(w->block_json);
    bc_block_unref(w->block);
    bc_tx_unref(w->tx);
    bc_key_unref(w->key);
    bc_params_unref(w->params);
    assert_int_equal(w->counter.held, 0);
    return 0;
}

/* `left` is what is counted down, the allocator's or jansson's; `or_else` is taken as BC_ERR_MEMORY. */
static void fail_at_every_request(world *w, const char *name, action act, size_t *left,
                                  bc_status or_else)
{
    size_t held = w->counter.held;
    for (size_t given = 0;; given++) {
        bc_error error = BC_ERROR_INIT;
        const void *got = w;
        *left = given;
        bc_status status = act(w, &error, &got);
        *left = SIZE_MAX;
        assert_int_equal(w->counter.held, held);
        if (status == BC_OK) {
            assert_non_null(got);
            assert_int_equal(error.message[0], '\0');
            assert_true(given > 0); /* else nothing was tested */
            return;
        }
        if ((status != BC_ERR_MEMORY && status != or_else) || error.code != status || got != NULL ||
            error.message[0] == '\0') {
            fail_msg("%s after %zu requests: %d, %d \"%s\"", name, given, status, error.code,
                     error.message);
        }
        assert_true(given < 10000);
    }
}

static void fails_cleanly_at_every_request(void **state)
{
    world *w = *state;
    static const struct {
        const char *name;
        action act;
    } actions[] = {
        {"bc_tx_parse", parse_tx},       {"bc_tx_sign", sign_tx},
        {"bc_tx_json", tx_json},         {"bc_tx_from_json", tx_from_json},
        {"bc_block_parse", parse_block}, {"bc_block_tx", block_tx},
        {"bc_block_json", block_json},   {"bc_block_from_json", block_from_json},
    };
    for (size_t at = 0; at < COUNT_OF(actions); at++) {
        fail_at_every_request(w, actions[at].name, actions[at].act, &w->counter.left,
                              BC_ERR_MEMORY);
    }
}

/* jansson's functions take no context. */
static size_t left_to_jansson = SIZE_MAX;

static void *allocate_for_jansson(size_t size)
{
    if (left_to_jansson == 0) {
        return NULL;
    }
    if (left_to_jansson != SIZE_MAX) {
        left_to_jansson--;
    }
    return malloc(size);
}

static void fails_cleanly_where_jansson_does(void **state)
{
    world *w = *state;
    json_set_alloc_funcs(allocate_for_jansson, free);
    bc_error error = BC_ERROR_INIT;
    const void *got;
    left_to_jansson = 0;
    assert_int_equal(tx_from_json(w, &error, &got), BC_ERR_MEMORY);
    fail_at_every_request(w, "bc_tx_from_json", tx_from_json, &left_to_jansson, BC_ERR_FORMAT);
    fail_at_every_request(w, "bc_block_from_json", block_from_json, &left_to_jansson,
                          BC_ERR_FORMAT);
    json_set_alloc_funcs(malloc, free);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fails_cleanly_at_every_request),
        cmocka_unit_test(fails_cleanly_where_jansson_does),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
