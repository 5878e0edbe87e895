/* Chains, their texts and a transport of misbehaving peers, for the tests of synchronising and mining. */
#ifndef BC_TEST_SYNC_SYNC_FIXTURE_H
#define BC_TEST_SYNC_SYNC_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <bc/bc.h>

/* The article's rules with so many zeros. */
static inline bc_params *fixture_params(unsigned zeros, const bc_allocator *allocator)
{
    char json[128];
    bc_params *params;
    bc_error error = {0};
    int length = snprintf(
        json, sizeof json,
        "{\"rules\":\"tutorial\",\"version\":1,\"name\":\"t\",\"dialect\":1,\"zeros\":%u}", zeros);
    bc_status status = bc_params_parse(&params, json, (size_t)length, allocator, &error);
    if (status != BC_OK) {
        fail_msg("params: %s", error.message);
    }
    return params;
}

static inline bc_chain *fixture_chain(bc_params *params, const bc_options *options)
{
    bc_chain *chain;
    bc_error error = {0};
    if (bc_chain_open(&chain, params, options, &error) != BC_OK) {
        fail_msg("open: %s", error.message);
    }
    return chain;
}

static inline void fixture_mine(bc_chain *chain, unsigned count)
{
    for (unsigned at = 0; at < count; at++) {
        bc_block *block;
        assert_int_equal(bc_chain_mine(chain, &block, NULL, NULL), BC_OK);
        bc_block_unref(block);
    }
}

static inline void fixture_add_tx(bc_chain *chain, const char *json)
{
    bc_tx *tx;
    uint32_t verdict;
    assert_int_equal(
        bc_tx_parse(&tx, bc_chain_params(chain), (const uint8_t *)json, strlen(json), NULL), BC_OK);
    assert_int_equal(bc_chain_submit_tx(chain, &verdict, NULL, tx, NULL), BC_OK);
    assert_int_equal(verdict, BC_VERDICT_ACCEPTED);
    bc_tx_unref(tx);
}

static inline uint64_t fixture_height(bc_chain *chain)
{
    uint64_t height;
    assert_int_equal(bc_chain_tip(chain, &height, NULL, NULL), BC_OK);
    return height;
}

typedef struct fixture_text {
    char *data; /* with a terminator that is not counted */
    size_t length;
} fixture_text;

/* Reads an answer to its end in pieces of `capacity` bytes. */
static inline fixture_text fixture_read(bc_answer *answer, size_t capacity)
{
    fixture_text text = {malloc(1), 0};
    uint8_t *piece = malloc(capacity);
    size_t got;
    assert_non_null(piece);
    do {
        assert_int_equal(bc_answer_read(answer, &got, piece, capacity, NULL), BC_OK);
        assert_true(got <= capacity);
        text.data = realloc(text.data, text.length + got + 1);
        assert_non_null(text.data);
        memcpy(text.data + text.length, piece, got);
        text.length += got;
    } while (got > 0);
    text.data[text.length] = '\0';
    free(piece);
    return text;
}

static inline bc_answer *fixture_serve(bc_chain *chain)
{
    bc_answer *answer;
    assert_int_equal(bc_chain_serve(chain, &answer, NULL, "chain", NULL, 0, NULL), BC_OK);
    return answer;
}

static inline fixture_text fixture_whole(bc_chain *chain)
{
    bc_answer *answer = fixture_serve(chain);
    fixture_text text = fixture_read(answer, 4096);
    bc_answer_unref(answer);
    return text;
}

/* The text of a chain of `count` blocks, genesis counted, of its own. */
static inline fixture_text fixture_chain_text(bc_params *params, unsigned count)
{
    bc_chain *chain = fixture_chain(params, NULL);
    fixture_mine(chain, count - 1);
    fixture_text text = fixture_whole(chain);
    assert_int_equal(bc_chain_close(chain, NULL), BC_OK);
    return text;
}

/* A copy of `text` in which the first `from` behind the first `after` is `to`. */
static inline fixture_text fixture_replace(const fixture_text *text, const char *after,
                                           const char *from, const char *to)
{
    const char *start = strstr(text->data, after);
    assert_non_null(start);
    const char *found = strstr(start + strlen(after), from);
    assert_non_null(found);
    size_t before = (size_t)(found - text->data);
    size_t size = text->length + strlen(to) + 1;
    fixture_text changed = {malloc(size), 0};
    assert_non_null(changed.data);
    changed.length = (size_t)snprintf(changed.data, size, "%.*s%s%s", (int)before, text->data, to,
                                      found + strlen(from));
    return changed;
}

/* A clock that stands still until it is moved, of one thread. */
typedef struct fixture_clock {
    int64_t now;
    int64_t step; /* added at each look at the monotonic one */
} fixture_clock;

static inline int64_t fixture_clock_wall(void *context)
{
    return 1506280650000000 + ((fixture_clock *)context)->now;
}

static inline int64_t fixture_clock_monotonic(void *context)
{
    fixture_clock *clock = context;
    clock->now += clock->step;
    return clock->now;
}

static inline bc_clock fixture_clock_of(fixture_clock *state)
{
    bc_clock clock = BC_CLOCK_INIT;
    clock.context = state;
    clock.wall = fixture_clock_wall;
    clock.monotonic = fixture_clock_monotonic;
    return clock;
}

#endif
