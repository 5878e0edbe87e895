#include "test/support/counting_heap.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static void *reallocate(void *context, void *memory, size_t size)
{
    counting_heap *counter = context;
    assert_true(size > 0);
    if (counter->left == 0) {
        return NULL;
    }
    void *moved = realloc(memory, size);
    assert_non_null(moved);
    if (counter->left != SIZE_MAX) {
        counter->left--;
    }
    if (memory == NULL) {
        counter->held++;
    }
    return moved;
}

static void *allocate(void *context, size_t size)
{
    return reallocate(context, NULL, size);
}

static void release(void *context, void *memory)
{
    counting_heap *counter = context;
    assert_non_null(memory);
    assert_true(counter->held > 0);
    counter->held--;
    free(memory);
}

bc__heap counting_heap_internal(counting_heap *counter)
{
    return (bc__heap){counter, allocate, reallocate, release};
}

bc_allocator counting_heap_public(counting_heap *counter)
{
    bc_allocator allocator = BC_ALLOCATOR_INIT;
    allocator.context = counter;
    allocator.allocate = allocate;
    allocator.reallocate = reallocate;
    allocator.release = release;
    return allocator;
}
