#include "src/base/error.h"

#include <stdarg.h>
#include <stdio.h>

#include "src/base/text.h"

_Static_assert(sizeof(bc_error) == 256, "bc_error has 256 bytes for ever");
_Static_assert((int)BC__OK == BC_OK && (int)BC__ERR_MEMORY == BC_ERR_MEMORY &&
                   (int)BC__ERR_LIMIT == BC_ERR_LIMIT && (int)BC__ERR_FORMAT == BC_ERR_FORMAT,
               "lib/heap.h repeats these values of bc_status");

__attribute__((format(printf, 4, 0))) static void fill(bc_error *error, bc_status status,
                                                       int32_t host_code, const char *format,
                                                       va_list arguments)
{
    if (error == NULL) {
        return;
    }
    error->code = status;
    error->host_code = host_code;
    if (vsnprintf(error->message, sizeof error->message, format, arguments) < 0) {
        error->message[0] = '\0';
    }
    bc__text_clean(error->message);
}

bc_status bc__fail(bc_error *error, bc_status status, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fill(error, status, 0, format, arguments);
    va_end(arguments);
    return status;
}

bc_status bc__fail_host(bc_error *error, bc_status status, int32_t host_code, const char *format,
                        ...)
{
    va_list arguments;
    va_start(arguments, format);
    fill(error, status, host_code, format, arguments);
    va_end(arguments);
    return status;
}

bc_status bc__fail_memory(bc_error *error)
{
    return bc__fail(error, BC_ERR_MEMORY, "the allocator gave no memory");
}

bc_status bc__fail_null(bc_error *error, const char *argument)
{
    return bc__fail(error, BC_ERR_ARGUMENT, "%s is NULL", argument);
}
