#include "chunk_array.h"

#include <string.h>

enum { FIRST_CAPACITY = 8 };

void bc__chunk_array_init(bc__chunk_array *array, const bc__heap *heap, size_t element_size)
{
    *array = (bc__chunk_array){.heap = heap, .element_size = element_size};
}

void bc__chunk_array_free(bc__chunk_array *array)
{
    for (size_t at = 0; at < array->chunk_count; at++) {
        bc__heap_release(array->heap, array->chunks[at]);
    }
    bc__heap_release(array->heap, array->chunks);
    bc__chunk_array_init(array, array->heap, array->element_size);
}

int32_t bc__chunk_array_reserve(bc__chunk_array *array, size_t count)
{
    while (array->chunk_count < count / BC__CHUNK_ELEMENTS + (count % BC__CHUNK_ELEMENTS != 0)) {
        if (array->chunk_count == array->chunk_capacity) {
            size_t capacity =
                array->chunk_capacity == 0 ? FIRST_CAPACITY : array->chunk_capacity * 2;
            uint8_t **chunks =
                bc__heap_regrow(array->heap, array->chunks, capacity, sizeof *chunks);
            if (chunks == NULL) {
                return BC__ERR_MEMORY;
            }
            array->chunks = chunks;
            array->chunk_capacity = capacity;
        }
        uint8_t *chunk = bc__heap_array(array->heap, BC__CHUNK_ELEMENTS, array->element_size);
        if (chunk == NULL) {
            return BC__ERR_MEMORY;
        }
        memset(chunk, 0, BC__CHUNK_ELEMENTS * array->element_size);
        array->chunks[array->chunk_count++] = chunk;
    }
    return BC__OK;
}
