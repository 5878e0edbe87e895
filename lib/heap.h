/* Memory for the code in lib/: three functions and a context, so that a container takes its memory
 * from wherever the embedding program says. The functions behave as malloc, realloc and free do;
 * `size` is never 0. */
#ifndef BC_LIB_HEAP_H
#define BC_LIB_HEAP_H

#include <stddef.h>
#include <stdint.h>

typedef struct bc__heap {
    void *context;
    void *(*allocate)(void *context, size_t size);
    void *(*reallocate)(void *context, void *memory, size_t size);
    void (*release)(void *context, void *memory);
} bc__heap;

/* What fallible functions of lib/ return. The values are those of bc_status (checked in src/base),
 * so that a caller above passes them on as they are. */
enum {
    BC__OK = 0,
    BC__ERR_MEMORY = -2,
    BC__ERR_LIMIT = -3,
    BC__ERR_FORMAT = -9,
};

/* NULL when `count * size` overflows, is 0, or there is no memory. Not zeroed. */
static inline void *bc__heap_array(const bc__heap *heap, size_t count, size_t size)
{
    if (count == 0 || size == 0 || count > SIZE_MAX / size) {
        return NULL;
    }
    return heap->allocate(heap->context, count * size);
}

/* As bc__heap_array; on failure `memory` stays as it was. */
static inline void *bc__heap_regrow(const bc__heap *heap, void *memory, size_t count, size_t size)
{
    if (count == 0 || size == 0 || count > SIZE_MAX / size) {
        return NULL;
    }
    return heap->reallocate(heap->context, memory, count * size);
}

/* Takes NULL. */
static inline void bc__heap_release(const bc__heap *heap, void *memory)
{
    if (memory != NULL) {
        heap->release(heap->context, memory);
    }
}

#endif
