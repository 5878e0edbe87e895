/* The allocator gives out at the first request, at the second, and so on until all goes well: each time
 * BC_ERR_MEMORY, no output, nothing held, and nothing that was there before is changed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "src/rules/rules.h"
#include "test/support/counting_heap.h"

static const char network[] =
    "{\"rules\":\"tutorial\",\"version\":1,\"name\":\"test\",\"dialect\":2,\"zeros\":0}";
static const char chain_text[] = "{\"chain\":[{\"proof\":1},{\"proof\":2}],\"length\":2}";

typedef struct world {
    counting_heap counter;
    bc_allocator allocator;
    bc_params *params;
    bc_block *block;
    bc_tx *tx;
    char *block_text; /* members out of order, many transactions: what takes most memory */
} world;

/* Does one thing with the world and releases what it got; *got tells whether there was an output. */
typedef bc_status (*action)(world *w, bc_error *error, const void **got);

static bc_status parse_params(world *w, bc_error *error, const void **got)
{
    bc_params *params;
    bc_status status = bc_params_parse(&params, network, sizeof network - 1, &w->allocator, error);
    *got = params;
    bc_params_unref(params);
    return status;
}

static bc_status preset_params(world *w, bc_error *error, const void **got)
{
    bc_params *params;
    bc_status status = bc_params_preset(&params, "tutorial-v2", &w->allocator, error);
    *got = params;
    bc_params_unref(params);
    return status;
}

static bc_status parse_block(world *w, bc_error *error, const void **got)
{
    bc_block *block;
    bc_status status = bc_block_parse(&block, w->params, (const uint8_t *)w->block_text,
                                      strlen(w->block_text), error);
    *got = block;
    bc_block_unref(block);
    return status;
}

static bc_status parse_tx(world *w, bc_error *error, const void **got)
{
    static const char text[] = "{\"z\":{\"b\":1,\"a\":[\"\xc3\xa9\"]},\"y\":2,\"x\":3}";
    bc_tx *tx;
    bc_status status = bc_tx_parse(&tx, w->params, (const uint8_t *)text, sizeof text - 1, error);
    *got = tx;
    bc_tx_unref(tx);
    return status;
}

static bc_status tx_from_json(world *w, bc_error *error, const void **got)
{
    static const char text[] =
        "{\"sender\":\"a rather long sender, so that what is written grows\","
        "\"recipient\":{\"b\":\"a rather long recipient\",\"a\":2},"
        "\"more\":[],\"amount\":1e5}";
    bc_tx *tx;
    bc_status status = bc_tx_from_json(&tx, w->params, text, sizeof text - 1, error);
    *got = tx;
    bc_tx_unref(tx);
    return status;
}

static bc_status block_json(world *w, bc_error *error, const void **got)
{
    bc_buffer *buffer;
    bc_status status = bc_block_json(w->block, &buffer, error);
    *got = buffer;
    bc_buffer_unref(buffer);
    return status;
}

static bc_status tx_json(world *w, bc_error *error, const void **got)
{
    bc_buffer *buffer;
    bc_status status = bc_tx_json(w->tx, &buffer, error);
    *got = buffer;
    bc_buffer_unref(buffer);
    return status;
}

static bc_status block_tx(world *w, bc_error *error, const void **got)
{
    bc_tx *tx;
    bc_status status = bc_block_tx(w->block, &tx, 1, error);
    *got = tx;
    bc_tx_unref(tx);
    return status;
}

static bc_status make_genesis(world *w, bc_error *error, const void **got)
{
    bc_block *block;
    bc_status status = w->params->rules->make_genesis(&block, w->params, 1, error);
    *got = block;
    bc_block_unref(block);
    return status;
}

static bc_status seal(world *w, bc_error *error, const void **got)
{
    bc__template work = {
        .parent = w->block,
        .height = 1,
        .txs = &w->tx,
        .tx_count = 1,
        .recipient = (const uint8_t *)"0",
        .recipient_length = 1,
    };
    bc_block *block = NULL;
    bc_status status = w->params->rules->prepare_template(w->params, &work, error);
    if (status == BC_OK) {
        status = w->params->rules->seal(&block, w->params, &work, 5, 1, error);
    }
    *got = block;
    bc_block_unref(block);
    return status;
}

static bc_status verify_chain(world *w, bc_error *error, const void **got)
{
    bc_verification result = BC_VERIFICATION_INIT;
    bc_status status = bc_verify_chain(w->params, &result, (const uint8_t *)chain_text,
                                       sizeof chain_text - 1, NULL, NULL, error);
    *got = result.verdict == BC_VERDICT_NONE ? NULL : w;
    if (status == BC_OK) {
        assert_int_equal(result.verdict, BC_VERDICT_INVALID); /* its second block names no first */
        error->message[0] = '\0';
    }
    return status;
}

static int set_up(void **state)
{
    static world w;
    w = (world){.counter = COUNTING_HEAP_ENDLESS};
    w.allocator = counting_heap_public(&w.counter);
    enum { RECORDS = 300 };
    size_t size = 100 + RECORDS * 32;
    w.block_text = malloc(size);
    assert_non_null(w.block_text);
    int at = snprintf(w.block_text, size, "{\"transactions\":[0");
    for (int record = 0; record < RECORDS; record++) {
        at += snprintf(w.block_text + at, size - (size_t)at, ",{\"b\":1,\"a\":%d}", record);
    }
    snprintf(w.block_text + at, size - (size_t)at, "],\"proof\":\"1\",\"index\":1}");
    assert_int_equal(bc_params_parse(&w.params, network, sizeof network - 1, &w.allocator, NULL),
                     BC_OK);
    assert_int_equal(bc_block_parse(&w.block, w.params, (const uint8_t *)w.block_text,
                                    strlen(w.block_text), NULL),
                     BC_OK);
    assert_int_equal(bc_block_tx(w.block, &w.tx, 1, NULL), BC_OK);
    *state = &w;
    return 0;
}

static int tear_down(void **state)
{
    world *w = *state;
    bc_tx_unref(w->tx);
    bc_block_unref(w->block);
    bc_params_unref(w->params);
    free(w->block_text);
    assert_int_equal(w->counter.held, 0);
    return 0;
}

static void fails_cleanly_at_every_request(void **state)
{
    world *w = *state;
    static const struct {
        const char *name;
        action act;
    } actions[] = {
        {"bc_params_parse", parse_params}, {"bc_params_preset", preset_params},
        {"bc_block_parse", parse_block},   {"bc_tx_parse", parse_tx},
        {"bc_tx_from_json", tx_from_json}, {"bc_block_json", block_json},
        {"bc_tx_json", tx_json},           {"bc_block_tx", block_tx},
        {"make_genesis", make_genesis},    {"seal", seal},
        {"bc_verify_chain", verify_chain},
    };
    for (size_t at = 0; at < sizeof actions / sizeof actions[0]; at++) {
        size_t held = w->counter.held;
        size_t left = 0;
        for (;; left++) {
            bc_error error = {0};
            const void *got = w;
            w->counter.left = left;
            bc_status status = actions[at].act(w, &error, &got);
            w->counter.left = SIZE_MAX;
            assert_int_equal(w->counter.held, held);
            if (status == BC_OK) {
                assert_non_null(got);
                assert_int_equal(error.message[0], '\0');
                break;
            }
            if (status != BC_ERR_MEMORY || error.code != BC_ERR_MEMORY || got != NULL ||
                error.message[0] == '\0') {
                fail_msg("%s after %zu requests: %d, %d \"%s\"", actions[at].name, left, status,
                         error.code, error.message);
            }
            assert_true(left < 1000);
        }
        if (left == 0) {
            fail_msg("%s asked for no memory: nothing was tested", actions[at].name);
        }
    }
}

/* Without memory there are other answers still, and they are the same ones. */
static void needs_no_memory_to_refuse(void **state)
{
    world *w = *state;
    bc_params *params;
    bc_tx *tx;
    bc_error error = {0};
    w->counter.left = 0;
    assert_int_equal(bc_params_parse(&params, "{}", 2, &w->allocator, &error), BC_ERR_FORMAT);
    assert_int_equal(bc_params_preset(&params, "other", &w->allocator, &error), BC_ERR_NOT_FOUND);
    assert_int_equal(bc_block_tx(w->block, &tx, 10000, &error), BC_ERR_NOT_FOUND);
    assert_int_equal(bc_params_set_limit(w->params, BC_LIMIT_JSON_DEPTH, 1, &error),
                     BC_ERR_ARGUMENT);
    w->counter.left = SIZE_MAX;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fails_cleanly_at_every_request),
        cmocka_unit_test(needs_no_memory_to_refuse),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
