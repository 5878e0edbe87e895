#include "examples/common/sentence.h"

#include <stdarg.h>
#include <stdio.h>

bc_status sentence(bc_error *error, bc_status code, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    error->code = code;
    error->host_code = 0;
    if (vsnprintf(error->message, sizeof error->message, format, arguments) < 0) {
        error->message[0] = '\0';
    }
    va_end(arguments);
    return code;
}
