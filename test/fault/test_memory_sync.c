/* Memory runs out at every place of resolving, serving, verifying and mining: each fails with
 * BC_ERR_MEMORY (BC_ERR_STORE: the store's own) or does what it should, changes nothing on failure, loses no memory, and works as soon
 * as there is memory again. */
#include "test/sync/sync_fixture.h"

#include "test/support/counting_heap.h"

typedef struct world {
    counting_heap counter;
    fixture_clock clock;
    bc_params *params;
    bc_chain *chain;
    const fixture_text *longer; /* what the peer answers */
    unsigned lines;
    bc_status line; /* the status of the last */
} world;

static bc_status request(void *context, const char *peer, const char *method, const uint8_t *body,
                         size_t length, bc_reply *reply)
{
    world *with = context;
    (void)peer;
    (void)method;
    (void)body;
    (void)length;
    bc_status status =
        bc_reply_write(reply, (const uint8_t *)with->longer->data, with->longer->length);
    (void)bc_reply_end(reply, status, NULL);
    bc_reply_unref(reply);
    return BC_OK;
}

static void open_world(world *with, const fixture_text *longer)
{
    memset(with, 0, sizeof *with);
    with->counter.left = SIZE_MAX;
    with->longer = longer;
    bc_allocator allocator = counting_heap_public(&with->counter);
    bc_clock clock = fixture_clock_of(&with->clock);
    bc_transport transport = BC_TRANSPORT_INIT;
    bc_options options = BC_OPTIONS_INIT;
    transport.context = with;
    transport.request = request;
    options.transport = &transport;
    options.clock = &clock;
    options.cache_bytes = 1;
    with->params = fixture_params(1, &allocator);
    with->chain = fixture_chain(with->params, &options);
    fixture_add_tx(with->chain, "\"one\"");
    fixture_mine(with->chain, 2);
    fixture_add_tx(with->chain, "{\"waits\": [1, 2, 3]}");
    assert_int_equal(bc_chain_add_peer(with->chain, "peer", NULL), BC_OK);
}

static void close_world(world *with)
{
    assert_int_equal(bc_chain_close(with->chain, NULL), BC_OK);
    bc_params_unref(with->params);
    assert_int_equal(with->counter.held, 0);
}

static bc_status note_line(void *context, bc_chain *chain, const bc_event *event)
{
    world *with = context;
    (void)chain;
    with->lines++;
    with->line = event->status;
    assert_true(event->text[0] != '\0');
    return BC_OK;
}

/* Resolves; memory may fail the whole or, which is one peer's line, the judging of its chain. */
static bc_status do_resolve(world *with)
{
    uint32_t replaced;
    bc_error error = {0};
    with->line = BC_OK;
    bc_status status = bc_chain_resolve(with->chain, &replaced, note_line, with, &error);
    assert_int_equal(error.code, status);
    if (status == BC_OK && with->line != BC_OK) {
        assert_int_equal(replaced, 0);
        status = with->line;
    }
    assert_int_equal(replaced, status == BC_OK ? 1 : 0);
    return status;
}

static bc_status do_serve(world *with)
{
    bc_answer *answer;
    uint8_t piece[100];
    size_t got = 1;
    bc_error error = {0};
    bc_status status = bc_chain_serve(with->chain, &answer, NULL, "chain", NULL, 0, &error);
    assert_true((answer == NULL) == (status != BC_OK));
    while (status == BC_OK && got > 0) {
        status = bc_answer_read(answer, &got, piece, sizeof piece, &error);
    }
    assert_int_equal(error.code, status);
    bc_answer_unref(answer);
    return status;
}

static bc_status do_verify_chain(world *with)
{
    bc_verification result = BC_VERIFICATION_INIT;
    bc_error error = {0};
    bc_status status = bc_verify_chain(with->params, &result, (const uint8_t *)with->longer->data,
                                       with->longer->length, NULL, NULL, &error);
    assert_int_equal(error.code, status);
    assert_int_equal(result.verdict, status == BC_OK ? BC_VERDICT_ACCEPTED : BC_VERDICT_NONE);
    return status;
}

static bc_status do_verify(world *with)
{
    bc_error error = {0};
    bc_status status = bc_chain_verify(with->chain, NULL, NULL, NULL, &error);
    assert_int_equal(error.code, status);
    return status;
}

static bc_status do_submit_chain(world *with)
{
    uint32_t verdict;
    bc_error error = {0};
    bc_status status =
        bc_chain_submit_chain(with->chain, &verdict, NULL, NULL,
                              (const uint8_t *)with->longer->data, with->longer->length, &error);
    assert_int_equal(error.code, status);
    assert_int_equal(verdict, status == BC_OK ? BC_VERDICT_ACCEPTED : BC_VERDICT_NONE);
    return status;
}

static bc_status do_mine(world *with)
{
    bc_block *block;
    bc_error error = {0};
    bc_mine_options options = BC_MINE_OPTIONS_INIT;
    options.recipient = (const uint8_t *)"me";
    options.recipient_length = 2;
    bc_status status = bc_chain_mine(with->chain, &block, &options, &error);
    assert_int_equal(error.code, status);
    assert_true((block == NULL) == (status != BC_OK));
    bc_block_unref(block);
    return status;
}

static bc_status do_add_peer(world *with)
{
    bc_error error = {0};
    bc_status status = bc_chain_add_peer(with->chain, "another", &error);
    assert_int_equal(error.code, status);
    return status;
}

static bc_status do_remove_peer(world *with)
{
    bc_error error = {0};
    bc_status status = bc_chain_remove_peer(with->chain, "peer", &error);
    assert_int_equal(error.code, status);
    return status;
}

static void assert_same(world *with, const bc_info *before, const char *text)
{
    bc_info after = BC_INFO_INIT;
    assert_int_equal(bc_chain_info(with->chain, &after), BC_OK);
    assert_int_equal(after.poisoned, 0);
    assert_int_equal(after.height, before->height);
    assert_int_equal(after.mempool_count, before->mempool_count);
    assert_int_equal(after.mempool_bytes, before->mempool_bytes);
    assert_int_equal(after.peer_count, before->peer_count);
    fixture_text now = fixture_whole(with->chain);
    assert_string_equal(now.data, text);
    free(now.data);
}

/* With no memory after the first, the second, the third… allocation, in a world of its own each. */
static void fail_everywhere(bc_status (*act)(world *with), const fixture_text *longer)
{
    bc_status status = BC_ERR_MEMORY;
    for (size_t given = 0; status != BC_OK; given++) {
        world with;
        bc_info before = BC_INFO_INIT;
        assert_true(given < 100000);
        open_world(&with, longer);
        assert_int_equal(bc_chain_info(with.chain, &before), BC_OK);
        fixture_text text = fixture_whole(with.chain);
        with.counter.left = given;
        status = act(&with);
        with.counter.left = SIZE_MAX;
        if (status != BC_OK) {
            /* The store lives in memory too, and its commit may be what failed. */
            if (status != BC_ERR_MEMORY && status != BC_ERR_STORE) {
                fail_msg("with %zu allocations: %s", given, bc_status_name(status));
            }
            assert_same(&with, &before, text.data);
            assert_int_equal(act(&with), BC_OK);
        } else {
            assert_true(given > 0); /* else nothing was tested */
        }
        assert_int_equal(bc_chain_tick(with.chain, NULL, NULL), BC_OK);
        assert_int_equal(bc_chain_verify(with.chain, NULL, NULL, NULL, NULL), BC_OK);
        free(text.data);
        close_world(&with);
    }
}

static void nothing_breaks_without_memory(void **state)
{
    static bc_status (*const acts[])(world * with) = {
        do_resolve,      do_serve, do_verify_chain, do_verify,
        do_submit_chain, do_mine,  do_add_peer,     do_remove_peer,
    };
    (void)state;
    bc_params *params = fixture_params(1, NULL);
    fixture_text longer = fixture_chain_text(params, 6);
    for (size_t at = 0; at < sizeof acts / sizeof acts[0]; at++) {
        fail_everywhere(acts[at], &longer);
    }
    free(longer.data);
    bc_params_unref(params);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_breaks_without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
