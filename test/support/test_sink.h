/* A sink for tests of stores: what a store put into it, and a limit that it refuses at. */
#ifndef BC_TEST_SUPPORT_TEST_SINK_H
#define BC_TEST_SUPPORT_TEST_SINK_H

#include <bc/bc.h>

bc_sink *test_sink_make(size_t limit);
const uint8_t *test_sink_data(const bc_sink *sink, size_t *length);
void test_sink_release(bc_sink *sink);

#endif
