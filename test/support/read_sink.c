#include <stdlib.h>

#include "test/support/read_sink.h"

static void *allocate(void *context, size_t size)
{
    (void)context;
    return malloc(size);
}

static void *reallocate(void *context, void *memory, size_t size)
{
    (void)context;
    return realloc(memory, size);
}

static void release(void *context, void *memory)
{
    (void)context;
    free(memory);
}

static const bc__heap heap = {NULL, allocate, reallocate, release};

void read_sink_init(read_sink *sink, size_t limit)
{
    bc__bytes_init(&sink->bytes, &heap, limit);
    bc__sink_init(&sink->sink, &sink->bytes);
}

void read_sink_release(read_sink *sink)
{
    bc__bytes_free(&sink->bytes);
}
