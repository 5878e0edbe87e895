/* What the tests of canonical JSON share: memory that can fail, an output, texts to read. */
#ifndef BC_TEST_BLOCK_JSON_FIXTURE_H
#define BC_TEST_BLOCK_JSON_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "src/block/canonical_json.h"

/* Fails once `left` allocations were given; counts what is held. */
typedef struct counting_heap {
    size_t left;
    size_t held;
    size_t given;
} counting_heap;

static inline void *reallocate(void *context, void *memory, size_t size)
{
    counting_heap *counter = context;
    if (counter->left == 0) {
        return NULL;
    }
    counter->left--;
    counter->given++;
    counter->held += memory == NULL;
    return realloc(memory, size);
}

static inline void *allocate(void *context, size_t size)
{
    return reallocate(context, NULL, size);
}

static inline void release(void *context, void *memory)
{
    counting_heap *counter = context;
    counter->held--;
    free(memory);
}

typedef struct fixture {
    counting_heap counter;
    bc__heap heap;
    bc__bytes out;
} fixture;

static inline void set_up(fixture *f)
{
    f->counter = (counting_heap){.left = SIZE_MAX};
    f->heap = (bc__heap){&f->counter, allocate, reallocate, release};
    bc__bytes_init(&f->out, &f->heap, SIZE_MAX);
}

static inline void tear_down(fixture *f)
{
    bc__bytes_free(&f->out);
    assert_int_equal(f->counter.held, 0);
}

/* An exact copy in memory of its own, so that sanitizers see one byte too far. To be freed. */
static inline uint8_t *copy_of(const void *text, size_t length)
{
    uint8_t *copy = malloc(length + (length == 0));
    assert_non_null(copy);
    memcpy(copy, text, length);
    return copy;
}

/* `count` times `piece`; to be freed. */
static inline char *repeat(const char *before, const char *piece, size_t count, const char *after)
{
    size_t length = strlen(piece);
    size_t size = strlen(before) + length * count + strlen(after) + 1;
    char *text = malloc(size);
    assert_non_null(text);
    strcpy(text, before);
    char *at = text + strlen(before);
    for (size_t i = 0; i < count; i++) {
        memcpy(at, piece, length);
        at += length;
    }
    strcpy(at, after);
    return text;
}

#endif
