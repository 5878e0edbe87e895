/* Memory for tests that counts what is held and can run out. For one thread. */
#ifndef BC_TEST_SUPPORT_COUNTING_HEAP_H
#define BC_TEST_SUPPORT_COUNTING_HEAP_H

#include <bc/bc.h>

#include "lib/heap.h"

typedef struct counting_heap {
    size_t left; /* allocations that are still given; SIZE_MAX for no end */
    size_t held; /* pieces of memory that were not released yet */
} counting_heap;

#define COUNTING_HEAP_ENDLESS                                                                      \
    {                                                                                              \
        .left = SIZE_MAX                                                                           \
    }

/* Both fail the running test where a size is 0 or NULL is released. */
bc__heap counting_heap_internal(counting_heap *counter);
bc_allocator counting_heap_public(counting_heap *counter);

#endif
