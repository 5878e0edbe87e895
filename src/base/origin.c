#include "src/base/origin.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/error.h"
#include "src/base/versioned.h"

static void *system_allocate(void *context, size_t size)
{
    (void)context;
    return malloc(size);
}

static void *system_reallocate(void *context, void *memory, size_t size)
{
    (void)context;
    return realloc(memory, size);
}

static void system_release(void *context, void *memory)
{
    (void)context;
    free(memory);
}

bc_status bc__heap_from_allocator(bc__heap *heap, const bc_allocator *allocator, bc_error *error)
{
    *heap = (bc__heap){NULL, system_allocate, system_reallocate, system_release};
    if (allocator == NULL) {
        return BC_OK;
    }
    bc_allocator known = BC_ALLOCATOR_INIT;
    bc_status status = bc__versioned_read(&known, sizeof known, allocator, "bc_allocator", error);
    if (status != BC_OK) {
        return status;
    }
    if (known.allocate == NULL || known.reallocate == NULL || known.release == NULL) {
        return bc__fail(error, BC_ERR_ARGUMENT, "bc_allocator lacks one of its three functions");
    }
    *heap = (bc__heap){known.context, known.allocate, known.reallocate, known.release};
    return BC_OK;
}

bc_status bc__origin_init(bc__origin *origin, const bc_allocator *allocator,
                          void (*destroy)(bc__origin *origin), bc_error *error)
{
    atomic_init(&origin->references, 1);
    memset(origin->network_id, 0, sizeof origin->network_id);
    origin->destroy = destroy;
    return bc__heap_from_allocator(&origin->heap, allocator, error);
}

bc__origin *bc__origin_ref(bc__origin *origin)
{
    atomic_fetch_add_explicit(&origin->references, 1, memory_order_relaxed);
    return origin;
}

void bc__origin_unref(bc__origin *origin)
{
    if (origin != NULL &&
        atomic_fetch_sub_explicit(&origin->references, 1, memory_order_acq_rel) == 1) {
        origin->destroy(origin);
    }
}
