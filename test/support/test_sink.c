/* Stands in for the core's sink until that is there. */
#include <stdlib.h>
#include <string.h>

#include "test/support/test_sink.h"

struct bc_sink {
    uint8_t *bytes;
    size_t length;
    size_t limit;
};

bc_sink *test_sink_make(size_t limit)
{
    bc_sink *sink = calloc(1, sizeof(*sink));
    sink->bytes = malloc(1);
    sink->limit = limit;
    return sink;
}

const uint8_t *test_sink_data(const bc_sink *sink, size_t *length)
{
    *length = sink->length;
    return sink->bytes;
}

void test_sink_release(bc_sink *sink)
{
    free(sink->bytes);
    free(sink);
}

bc_status bc_sink_put(bc_sink *sink, const uint8_t *bytes, size_t length)
{
    if (length > sink->limit - sink->length) {
        return BC_ERR_LIMIT;
    }
    sink->bytes = realloc(sink->bytes, sink->length + length + 1);
    if (length != 0) {
        memcpy(sink->bytes + sink->length, bytes, length);
    }
    sink->length += length;
    return BC_OK;
}
