/* A growing array whose elements never move: memory comes in chunks, so growth copies nothing and
 * wastes at most one chunk. */
#ifndef BC_LIB_CHUNK_ARRAY_H
#define BC_LIB_CHUNK_ARRAY_H

#include "heap.h"

enum { BC__CHUNK_ELEMENTS = 1024 };

typedef struct bc__chunk_array {
    uint8_t **chunks; /* owned */
    size_t chunk_count;
    size_t chunk_capacity;
    size_t element_size;
    const bc__heap *heap;
} bc__chunk_array;

/* `heap` must outlive the array. Allocates nothing. */
void bc__chunk_array_init(bc__chunk_array *array, const bc__heap *heap, size_t element_size);
void bc__chunk_array_free(bc__chunk_array *array);

/* Makes room for elements 0 .. count - 1. New memory is zero. BC__OK or BC__ERR_MEMORY, with the
 * elements as they were. */
int32_t bc__chunk_array_reserve(bc__chunk_array *array, size_t count);

/* The element at `index`, for which there must be room. */
static inline void *bc__chunk_array_at(const bc__chunk_array *array, size_t index)
{
    return array->chunks[index / BC__CHUNK_ELEMENTS] +
           index % BC__CHUNK_ELEMENTS * array->element_size;
}

#endif
