#include "src/base/buffer.h"

#include "src/base/error.h"

struct bc_buffer {
    bc__origin *origin;
    bc__bytes bytes; /* ends in a zero byte that bc_buffer_length does not count */
};

bc_status bc__buffer_take(bc_buffer **out, bc__bytes *bytes, bc__origin *origin, bc_error *error)
{
    *out = NULL;
    int32_t terminated = bc__bytes_append_byte(bytes, 0);
    if (terminated != BC__OK) {
        return terminated == BC__ERR_LIMIT
                   ? bc__fail(error, BC_ERR_LIMIT, "the text is longer than %zu bytes",
                              bytes->limit)
                   : bc__fail_memory(error);
    }
    bc_buffer *buffer = bc__heap_array(&origin->heap, 1, sizeof *buffer);
    if (buffer == NULL) {
        bytes->length--;
        return bc__fail_memory(error);
    }
    buffer->origin = bc__origin_ref(origin);
    buffer->bytes = *bytes;
    buffer->bytes.heap = &origin->heap;
    bc__bytes_init(bytes, bytes->heap, bytes->limit);
    *out = buffer;
    return BC_OK;
}

bc_status bc__buffer_copy(bc_buffer **out, const void *source, size_t length, bc__origin *origin,
                          bc_error *error)
{
    bc__bytes bytes;
    bc__bytes_init(&bytes, &origin->heap, SIZE_MAX);
    *out = NULL;
    bc_status status = bc__bytes_append(&bytes, source, length);
    status = status == BC_OK ? bc__buffer_take(out, &bytes, origin, error) : bc__fail_memory(error);
    bc__bytes_free(&bytes);
    return status;
}

const uint8_t *bc_buffer_data(const bc_buffer *buffer)
{
    return buffer == NULL ? NULL : buffer->bytes.data;
}

size_t bc_buffer_length(const bc_buffer *buffer)
{
    return buffer == NULL ? 0 : buffer->bytes.length - 1;
}

void bc_buffer_unref(bc_buffer *buffer)
{
    if (buffer != NULL) {
        bc__origin *origin = buffer->origin;
        bc__bytes_free(&buffer->bytes);
        bc__heap_release(&origin->heap, buffer);
        bc__origin_unref(origin);
    }
}
