#include "src/base/log.h"

#include <stdarg.h>
#include <stdio.h>

#include "src/base/error.h"
#include "src/base/text.h"
#include "src/base/versioned.h"

bc_status bc__log_read(bc_log *log, const bc_log *given, bc_error *error)
{
    *log = (bc_log)BC_LOG_INIT;
    if (given == NULL) {
        return BC_OK;
    }
    bc_status status = bc__versioned_read(log, sizeof *log, given, "bc_log", error);
    if (status == BC_OK && log->write == NULL) {
        status = bc__fail(error, BC_ERR_ARGUMENT, "bc_log lacks its function");
    }
    if (log->level == 0) {
        log->level = BC_LOG_INFO;
    }
    return status;
}

void bc__log(const bc_log *log, uint32_t level, const char *format, ...)
{
    if (log->write == NULL || level > log->level) {
        return;
    }
    char line[512];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    if (length >= 0) {
        bc__text_clean(line);
        log->write(log->context, level, line);
    }
}
