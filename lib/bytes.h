/* A growing array of bytes with an upper bound. */
#ifndef BC_LIB_BYTES_H
#define BC_LIB_BYTES_H

#include "heap.h"

typedef struct bc__bytes {
    uint8_t *data; /* owned; NULL while capacity is 0 */
    size_t length;
    size_t capacity;
    size_t limit; /* length never passes it; SIZE_MAX for none */
    const bc__heap *heap;
} bc__bytes;

/* `heap` must outlive `bytes`. Allocates nothing. */
void bc__bytes_init(bc__bytes *bytes, const bc__heap *heap, size_t limit);
void bc__bytes_free(bc__bytes *bytes);

/* Makes room for `extra` more bytes after `length`. BC__OK, BC__ERR_MEMORY or BC__ERR_LIMIT; on failure
 * nothing changes. Growth is by half again, so appending costs amortised constant time. */
int32_t bc__bytes_reserve(bc__bytes *bytes, size_t extra);

/* `source` may be NULL when `length` is 0 and must not lie in `bytes`. */
int32_t bc__bytes_append(bc__bytes *bytes, const void *source, size_t length);
int32_t bc__bytes_append_byte(bc__bytes *bytes, uint8_t byte);

#endif
