/* bc_buffer: bytes handed out to the host. */
#ifndef BC_BASE_BUFFER_H
#define BC_BASE_BUFFER_H

#include "lib/bytes.h"
#include "src/base/origin.h"

/* Makes a buffer of the bytes, which are taken (not copied) and left empty on success; on failure they
 * stay as they are. `bytes` comes from origin's heap; the buffer keeps a reference to origin. */
bc_status bc__buffer_take(bc_buffer **out, bc__bytes *bytes, bc__origin *origin, bc_error *error);

/* The same with a copy. */
bc_status bc__buffer_copy(bc_buffer **out, const void *bytes, size_t length, bc__origin *origin,
                          bc_error *error);

#endif
