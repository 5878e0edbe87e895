/* Errors: filling the caller's bc_error, and the rules by which a status is passed on. */
#ifndef BC_BASE_ERROR_H
#define BC_BASE_ERROR_H

#include <bc/bc.h>

#include "lib/heap.h"

/* Fills `error`, where there is one, and returns `status`, so that a failure is one statement. The
 * message is cut at 247 bytes; what is no UTF-8 and no printable character in it becomes '?'. */
bc_status bc__fail(bc_error *error, bc_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The same, with the host's or the system's own code. */
bc_status bc__fail_host(bc_error *error, bc_status status, int32_t host_code, const char *format,
                        ...) __attribute__((format(printf, 4, 5)));

/* BC_ERR_MEMORY with its message. */
bc_status bc__fail_memory(bc_error *error);

/* BC_ERR_ARGUMENT for an argument that is NULL. */
bc_status bc__fail_null(bc_error *error, const char *argument);

#endif
