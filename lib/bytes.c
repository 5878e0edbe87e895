#include "bytes.h"

#include <string.h>

enum { FIRST_CAPACITY = 64 };

void bc__bytes_init(bc__bytes *bytes, const bc__heap *heap, size_t limit)
{
    *bytes = (bc__bytes){.heap = heap, .limit = limit};
}

void bc__bytes_free(bc__bytes *bytes)
{
    bc__heap_release(bytes->heap, bytes->data);
    bc__bytes_init(bytes, bytes->heap, bytes->limit);
}

int32_t bc__bytes_reserve(bc__bytes *bytes, size_t extra)
{
    if (extra > bytes->limit - bytes->length) {
        return BC__ERR_LIMIT;
    }
    size_t needed = bytes->length + extra;
    if (needed <= bytes->capacity) {
        return BC__OK;
    }
    size_t capacity = bytes->capacity < FIRST_CAPACITY ? FIRST_CAPACITY : bytes->capacity;
    if (capacity <= SIZE_MAX - capacity / 2) {
        capacity += capacity / 2;
    }
    if (capacity > bytes->limit) {
        capacity = bytes->limit;
    }
    if (capacity < needed) {
        capacity = needed;
    }
    uint8_t *data = bc__heap_regrow(bytes->heap, bytes->data, capacity, 1);
    if (data == NULL) {
        return BC__ERR_MEMORY;
    }
    bytes->data = data;
    bytes->capacity = capacity;
    return BC__OK;
}

int32_t bc__bytes_append(bc__bytes *bytes, const void *source, size_t length)
{
    int32_t result = bc__bytes_reserve(bytes, length);
    if (result == BC__OK && length > 0) {
        memcpy(bytes->data + bytes->length, source, length);
        bytes->length += length;
    }
    return result;
}

int32_t bc__bytes_append_byte(bc__bytes *bytes, uint8_t byte)
{
    return bc__bytes_append(bytes, &byte, 1);
}
