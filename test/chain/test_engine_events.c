/* Events: their order, handlers that call back, and bc_chain_changes. */
#include "test/support/engine_fixture.h"
#include "test/support/test_store.h"

typedef struct handler {
    fixture_events seen;
    bc_params *params;
    unsigned mine;    /* so many blocks are mined from inside the handler */
    bc_block *submit; /* submitted at the first event */
    uint32_t verdict; /* of that */
    bc_status closed; /* what bc_chain_close gave inside */
    bc_status answer; /* what the handler returns */
    unsigned depth;   /* of handlers under way */
    unsigned depth_most;
} handler;

static bc_status handle(void *context, bc_chain *chain, const bc_event *event)
{
    handler *with = context;
    with->depth++;
    with->depth_most = with->depth > with->depth_most ? with->depth : with->depth_most;
    assert_int_equal(event->struct_size, sizeof *event);
    assert_null(event->peer);
    assert_int_equal(event->status, BC_OK);
    (void)fixture_record_event(&with->seen, chain, event);
    with->closed = bc_chain_close(chain, NULL);
    if (with->submit != NULL) {
        bc_block *block = with->submit;
        with->submit = NULL;
        assert_int_equal(bc_chain_submit(chain, &with->verdict, NULL, block, NULL), BC_OK);
    }
    if (with->mine > 0) {
        with->mine--;
        fixture_mine(chain);
    }
    (void)fixture_mempool(chain);
    with->depth--;
    return with->answer;
}

static bc_chain *open_handled(bc_params *params, handler *with)
{
    bc_options options = BC_OPTIONS_INIT;
    memset(with, 0, sizeof *with);
    with->params = params;
    options.event = handle;
    options.event_context = with;
    return fixture_open(params, NULL, &options);
}

/* One change: disconnects downwards, connects upwards, the tip; numbered from 1 without a gap. */
static void assert_well_formed(const fixture_events *events)
{
    uint32_t before = BC_EVENT_TIP;
    for (size_t at = 0; at < events->count; at++) {
        const struct fixture_event *event = &events->list[at];
        assert_int_equal(event->sequence, at + 1);
        if (event->kind == BC_EVENT_DISCONNECT) {
            assert_true(before == BC_EVENT_TIP || before == BC_EVENT_DISCONNECT);
            assert_true(before == BC_EVENT_TIP || event->height == event[-1].height - 1);
        } else if (event->kind == BC_EVENT_CONNECT) {
            assert_true(before != BC_EVENT_CONNECT || event->height == event[-1].height + 1);
            assert_true(before != BC_EVENT_DISCONNECT || event->height == event[-1].height);
        } else {
            assert_int_equal(event->kind, BC_EVENT_TIP);
            assert_int_equal(before, BC_EVENT_CONNECT);
            assert_int_equal(event->height, event[-1].height);
        }
        before = event->kind;
    }
    assert_true(events->count == 0 || before == BC_EVENT_TIP);
}

static void a_new_chain_tells_nothing_and_a_block_is_told(void **state)
{
    (void)state;
    bc_params *params = fixture_params(0, NULL);
    handler with;
    bc_chain *chain = open_handled(params, &with);
    assert_int_equal(with.seen.count, 0);
    fixture_mine(chain);
    bc_block *tip = fixture_tip(chain);
    assert_int_equal(with.seen.count, 2);
    assert_event(&with.seen, 0, BC_EVENT_CONNECT, tip, 1);
    assert_event(&with.seen, 1, BC_EVENT_TIP, tip, 1);
    assert_well_formed(&with.seen);
    assert_int_equal(with.closed, BC_ERR_REENTRANT);
    bc_block_unref(tip);
    fixture_close(chain);
    bc_params_unref(params);
}

static void handlers_may_mine_and_submit(void **state)
{
    (void)state;
    bc_params *params = fixture_params(0, NULL);
    handler with;
    bc_chain *chain = open_handled(params, &with);
    with.mine = 20;
    with.answer = BC_ERR_HOST - 5; /* is noted in the log, and nothing else */
    fixture_mine(chain);
    assert_int_equal(fixture_height(chain), 21);
    assert_int_equal(with.seen.count, 2 * 21);
    assert_int_equal(with.depth_most, 1);
    assert_well_formed(&with.seen);
    for (size_t at = 0; at < 21; at++) {
        assert_int_equal(with.seen.list[2 * at].height, at + 1);
    }
    fixture_close(chain);
    bc_params_unref(params);
}

static void a_reorganisation_inside_a_handler_comes_behind(void **state)
{
    (void)state;
    bc_params *params = fixture_params(0, NULL);
    handler with;
    bc_chain *chain = open_handled(params, &with);
    bc_block *genesis = fixture_at(chain, 0);
    bc_block *main[2];
    bc_block *side[3];
    fixture_branch(params, main, 2, genesis, 1);
    fixture_branch(params, side, 3, genesis, 2);
    fixture_submit(chain, main[0], BC_VERDICT_ACCEPTED, BC_REASON_NONE);
    fixture_submit(chain, side[0], BC_VERDICT_BRANCH, BC_REASON_NONE);
    fixture_submit(chain, side[2], BC_VERDICT_ORPHAN, BC_REASON_ORPHAN);
    with.submit = side[1];
    with.seen.count = 0;
    fixture_submit(chain, main[1], BC_VERDICT_ACCEPTED, BC_REASON_NONE);
    assert_int_equal(with.verdict, BC_VERDICT_ACCEPTED);
    assert_int_equal(with.seen.count, 2 + 2 + 3 + 1);
    assert_event(&with.seen, 0, BC_EVENT_CONNECT, main[1], 2);
    assert_event(&with.seen, 1, BC_EVENT_TIP, main[1], 2);
    assert_event(&with.seen, 2, BC_EVENT_DISCONNECT, main[1], 2);
    assert_event(&with.seen, 3, BC_EVENT_DISCONNECT, main[0], 1);
    assert_event(&with.seen, 4, BC_EVENT_CONNECT, side[0], 1);
    assert_event(&with.seen, 5, BC_EVENT_CONNECT, side[1], 2);
    assert_event(&with.seen, 6, BC_EVENT_CONNECT, side[2], 3);
    assert_event(&with.seen, 7, BC_EVENT_TIP, side[2], 3);
    fixture_unref_all(main, 2);
    fixture_unref_all(side, 3);
    bc_block_unref(genesis);
    fixture_close(chain);
    bc_params_unref(params);
}

/* Blocks that a replacement leaves behind are there as long as an event has to name them. */
typedef struct reader {
    size_t read;
    bool replace; /* at the first event */
    char *text;
} reader;

static bc_status read_block(void *context, bc_chain *chain, const bc_event *event)
{
    reader *with = context;
    bc_block *block;
    assert_int_equal(bc_chain_block(chain, &block, event->id, NULL), BC_OK);
    bc_block_unref(block);
    with->read++;
    if (with->replace) {
        uint32_t verdict;
        with->replace = false;
        assert_int_equal(bc_chain_submit_chain(chain, &verdict, NULL, NULL,
                                               (const uint8_t *)with->text, strlen(with->text),
                                               NULL),
                         BC_OK);
        assert_int_equal(verdict, BC_VERDICT_ACCEPTED);
    }
    return BC_OK;
}

static void blocks_of_undelivered_events_stay(void **state)
{
    (void)state;
    bc_params *params = fixture_params(0, NULL);
    bc_options options = BC_OPTIONS_INIT;
    bc_block *other[8];
    bc_block *third[9];
    reader with = {0};
    options.event = read_block;
    options.event_context = &with;
    options.cache_bytes = 1;
    bc_chain *chain = fixture_open(params, NULL, &options);
    fixture_mine(chain);
    fixture_branch(params, other, 8, NULL, 1);
    fixture_branch(params, third, 9, NULL, 2);
    with = (reader){.replace = true, .text = fixture_chain_text(third, 9)};
    fixture_submit_chain(chain, other, 8, BC_VERDICT_ACCEPTED, BC_REASON_NONE);
    assert_int_equal(with.read, 2 + 8 + 1 + 8 + 9 + 1);
    assert_true(fixture_is_tip(chain, third[8]));
    assert_int_equal(fixture_info(chain).blocks, 9);
    free(with.text);
    fixture_unref_all(other, 8);
    fixture_unref_all(third, 9);
    fixture_close(chain);
    bc_params_unref(params);
}

static void an_answer_is_of_the_tip_it_began_with(void **state)
{
    (void)state;
    bc_params *params = fixture_params(0, NULL);
    bc_options options = BC_OPTIONS_INIT;
    options.cache_bytes = 1;
    bc_chain *chain = fixture_open(params, NULL, &options);
    bc_block *blocks[4];
    bc_block *other[9];
    bc_answer *answer;
    uint8_t bytes[4096];
    size_t used = 0;
    size_t got;
    blocks[0] = fixture_at(chain, 0);
    fixture_branch(params, blocks + 1, 3, blocks[0], 1);
    fixture_branch(params, other, 9, NULL, 2);
    for (size_t at = 1; at < 4; at++) {
        fixture_submit(chain, blocks[at], BC_VERDICT_ACCEPTED, BC_REASON_NONE);
    }
    assert_int_equal(bc_chain_serve(chain, &answer, NULL, "chain", NULL, 0, NULL), BC_OK);
    assert_int_equal(bc_answer_read(answer, &got, bytes, 20, NULL), BC_OK);
    used = got;
    fixture_submit_chain(chain, other, 9, BC_VERDICT_ACCEPTED, BC_REASON_NONE);
    assert_int_equal(fixture_info(chain).blocks, 13);
    do {
        assert_int_equal(bc_answer_read(answer, &got, bytes + used, 7, NULL), BC_OK);
        used += got;
    } while (got > 0);
    char *list = fixture_chain_text(blocks, 4);
    size_t expected_size = strlen(list) + 64;
    char *expected = malloc(expected_size);
    assert_non_null(expected);
    size_t length = (size_t)snprintf(expected, expected_size, "{\"chain\": [");
    for (size_t at = 0; at < 4; at++) {
        size_t part;
        const uint8_t *text = bc_block_bytes(blocks[at], &part);
        length += (size_t)snprintf(expected + length, expected_size - length, "%s%.*s",
                                   at == 0 ? "" : ", ", (int)part, (const char *)text);
    }
    length += (size_t)snprintf(expected + length, expected_size - length, "], \"length\": 4}");
    assert_int_equal(used, length);
    assert_memory_equal(bytes, expected, length);
    assert_int_equal(bc_chain_tick(chain, NULL, NULL), BC_OK);
    assert_int_equal(fixture_info(chain).blocks, 13);
    bc_answer_unref(answer);
    assert_int_equal(bc_chain_tick(chain, NULL, NULL), BC_OK);
    assert_int_equal(fixture_info(chain).blocks, 9);
    free(expected);
    free(list);
    fixture_unref_all(blocks, 4);
    fixture_unref_all(other, 9);
    fixture_close(chain);
    bc_params_unref(params);
}

static bc_status stop_at_two(void *context, bc_chain *chain, const bc_event *event)
{
    fixture_events *events = context;
    assert_int_equal(bc_chain_close(chain, NULL), BC_ERR_REENTRANT);
    (void)fixture_record_event(events, chain, event);
    return events->count == 2 ? BC_ERR_HOST - 1 : BC_OK;
}

static void changes_lead_from_any_known_block_to_the_tip(void **state)
{
    (void)state;
    bc_params *params = fixture_params(0, NULL);
    bc_chain *chain = fixture_open(params, NULL, NULL);
    bc_block *genesis = fixture_at(chain, 0);
    bc_block *main[2];
    bc_block *side[3];
    uint8_t id[BC_ID_BYTES];
    fixture_events *events = calloc(1, sizeof *events);
    assert_non_null(events);
    fixture_branch(params, main, 2, genesis, 1);
    fixture_branch(params, side, 3, genesis, 2);
    for (size_t at = 0; at < 2; at++) {
        fixture_submit(chain, main[at], BC_VERDICT_ACCEPTED, BC_REASON_NONE);
        fixture_submit(chain, side[at], BC_VERDICT_BRANCH, BC_REASON_NONE);
    }
    fixture_submit(chain, side[2], BC_VERDICT_ACCEPTED, BC_REASON_NONE);
    bc_block_id(main[1], id);
    assert_int_equal(bc_chain_changes(chain, id, fixture_record_event, events, NULL), BC_OK);
    assert_int_equal(events->count, 5);
    assert_event(events, 0, BC_EVENT_DISCONNECT, main[1], 2);
    assert_event(events, 1, BC_EVENT_DISCONNECT, main[0], 1);
    assert_event(events, 2, BC_EVENT_CONNECT, side[0], 1);
    assert_event(events, 4, BC_EVENT_CONNECT, side[2], 3);
    assert_int_equal(events->list[0].sequence, 0);
    events->count = 0;
    assert_int_equal(bc_chain_changes(chain, NULL, fixture_record_event, events, NULL), BC_OK);
    assert_int_equal(events->count, 4);
    assert_event(events, 0, BC_EVENT_CONNECT, genesis, 0);
    assert_event(events, 3, BC_EVENT_CONNECT, side[2], 3);
    events->count = 0;
    bc_block_id(side[2], id);
    assert_int_equal(bc_chain_changes(chain, id, fixture_record_event, events, NULL), BC_OK);
    assert_int_equal(events->count, 0);
    assert_int_equal(bc_chain_changes(chain, NULL, stop_at_two, events, NULL), BC_ERR_HOST - 1);
    assert_int_equal(events->count, 2);
    id[0] ^= 1;
    assert_int_equal(bc_chain_changes(chain, id, fixture_record_event, events, NULL),
                     BC_ERR_NOT_FOUND);
    free(events);
    fixture_unref_all(main, 2);
    fixture_unref_all(side, 3);
    bc_block_unref(genesis);
    fixture_close(chain);
    bc_params_unref(params);
}

/* More changes than the queue holds while a handler is busy become one, and what is told still leads
 * from the old tip to the new one. */
static void a_flood_of_changes_is_told_in_bounded_memory(void **state)
{
    (void)state;
    bc_params *params = fixture_params(0, NULL);
    handler with;
    bc_chain *chain = open_handled(params, &with);
    fixture_mine(chain);
    with.seen.count = 0;
    for (unsigned round = 0; round < 2; round++) {
        with.mine = 1;
        fixture_mine(chain);
    }
    bc_block *tip = fixture_tip(chain);
    bc_block *flood[600];
    fixture_branch(params, flood, 600, tip, 1);
    for (size_t at = 599; at > 0; at--) {
        fixture_submit(chain, flood[at], BC_VERDICT_ORPHAN, BC_REASON_ORPHAN);
    }
    with.seen.count = 0;
    fixture_submit(chain, flood[0], BC_VERDICT_ACCEPTED, BC_REASON_NONE);
    size_t connects = 0;
    for (size_t at = 0; at < with.seen.count; at++) {
        if (with.seen.list[at].kind == BC_EVENT_CONNECT) {
            assert_event(&with.seen, at, BC_EVENT_CONNECT, flood[connects],
                         bc_block_height(flood[0]) + connects);
            connects++;
        }
    }
    assert_int_equal(connects, 600);
    fixture_unref_all(flood, 600);
    bc_block_unref(tip);
    fixture_close(chain);
    bc_params_unref(params);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_chain_tells_nothing_and_a_block_is_told),
        cmocka_unit_test(handlers_may_mine_and_submit),
        cmocka_unit_test(a_reorganisation_inside_a_handler_comes_behind),
        cmocka_unit_test(blocks_of_undelivered_events_stay),
        cmocka_unit_test(an_answer_is_of_the_tip_it_began_with),
        cmocka_unit_test(changes_lead_from_any_known_block_to_the_tip),
        cmocka_unit_test(a_flood_of_changes_is_told_in_bounded_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
