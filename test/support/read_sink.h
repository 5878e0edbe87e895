/* A sink for tests of stores: what a store put into it, and a limit at which it refuses. */
#ifndef BC_TEST_SUPPORT_READ_SINK_H
#define BC_TEST_SUPPORT_READ_SINK_H

#include "src/store/sink.h"

typedef struct read_sink {
    bc_sink sink;
    bc__bytes bytes;
} read_sink;

/* `sink` stays where it is until it is released. */
void read_sink_init(read_sink *sink, size_t limit);
void read_sink_release(read_sink *sink);

#endif
