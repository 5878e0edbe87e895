#include "examples/bcnode/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <time.h>

enum { LINE_BYTES = 1024, TIME_BYTES = 32 };

static const char *level_name(uint32_t level)
{
    switch (level) {
    case BC_LOG_ERROR:
        return "error";
    case BC_LOG_WARNING:
        return "warning";
    case BC_LOG_INFO:
        return "info";
    default:
        return "debug";
    }
}

static void write_line(void *context, uint32_t level, const char *text)
{
    char line[LINE_BYTES + TIME_BYTES];
    char when[TIME_BYTES] = "";
    struct timespec now = {0};
    struct tm fields;
    (void)context;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    if (gmtime_r(&now.tv_sec, &fields) != NULL) {
        (void)strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%S", &fields);
    }
    int length = snprintf(line, sizeof line, "%s.%03ldZ %-7s %s\n", when, now.tv_nsec / 1000000,
                          level_name(level), text);
    if (length < 0) {
        return;
    }
    size_t size = (size_t)length < sizeof line ? (size_t)length : sizeof line - 1;
    line[size - 1] = '\n'; /* of a line that was cut too */
    (void)fwrite(line, 1, size, stderr);
}

void log_line(uint32_t level, const char *format, ...)
{
    char text[LINE_BYTES];
    va_list arguments;
    va_start(arguments, format);
    if (vsnprintf(text, sizeof text, format, arguments) >= 0) {
        write_line(NULL, level, text);
    }
    va_end(arguments);
}

void log_init(bc_log *log, int verbose)
{
    bc_log_init(log);
    log->level = verbose ? BC_LOG_DEBUG : BC_LOG_INFO;
    log->write = write_line;
}
