#include "src/base/error.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

_Static_assert(sizeof(bc_error) == 256, "bc_error has 256 bytes for ever");
_Static_assert((int)BC__OK == BC_OK && (int)BC__ERR_MEMORY == BC_ERR_MEMORY &&
                   (int)BC__ERR_LIMIT == BC_ERR_LIMIT && (int)BC__ERR_FORMAT == BC_ERR_FORMAT,
               "lib/heap.h repeats these values of bc_status");

/* The length of the UTF-8 character at `at`, or 0 where there is none (RFC 3629). Control characters
 * count as none. */
static size_t character_length(const unsigned char *at)
{
    if (at[0] < 0x80) {
        return at[0] >= 0x20 && at[0] != 0x7f ? 1 : 0;
    }
    size_t length = at[0] >= 0xf0 ? 4 : at[0] >= 0xe0 ? 3 : 2;
    if (at[0] < 0xc2 || at[0] > 0xf4) {
        return 0;
    }
    for (size_t index = 1; index < length; index++) {
        if ((at[index] & 0xc0) != 0x80) {
            return 0;
        }
    }
    bool overlong = (at[0] == 0xe0 && at[1] < 0xa0) || (at[0] == 0xf0 && at[1] < 0x90);
    bool outside = (at[0] == 0xed && at[1] >= 0xa0) || (at[0] == 0xf4 && at[1] >= 0x90);
    return overlong || outside ? 0 : length;
}

/* What comes from outside stands in messages too: bindings must be able to read them as UTF-8, and no
 * log line may be forged. */
static void clean(char *message)
{
    while (*message != '\0') {
        size_t length = character_length((unsigned char *)message);
        if (length == 0) {
            *message = '?';
            length = 1;
        }
        message += length;
    }
}

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
    clean(error->message);
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
