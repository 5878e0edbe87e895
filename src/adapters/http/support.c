/* Errors, log, clock and threads of the adapter. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "internal.h"

static void put_line(char *line, size_t capacity, const char *format, va_list arguments)
{
    if (vsnprintf(line, capacity, format, arguments) < 0) {
        line[0] = '\0';
    }
}

bc_status bc__http_fail(bc_error *error, bc_status status, int32_t host_code, const char *format,
                        ...)
{
    if (error != NULL) {
        va_list arguments;
        error->code = status;
        error->host_code = host_code;
        va_start(arguments, format);
        put_line(error->message, sizeof error->message, format, arguments);
        va_end(arguments);
    }
    return status;
}

void bc__http_log(const bc__http_settings *settings, uint32_t level, const char *format, ...)
{
    char line[301];
    va_list arguments;
    const bc_log *log = &settings->log;

    if (log->write == NULL || level > (log->level == 0 ? BC_LOG_INFO : log->level)) {
        return;
    }
    va_start(arguments, format);
    put_line(line, sizeof line, format, arguments);
    va_end(arguments);
    for (char *c = line; *c != '\0'; c++) {
        if (*c < 0x20 || *c > 0x7e) {
            *c = '?';
        }
    }
    log->write(log->context, level, line);
}

int64_t bc__http_now(void)
{
    struct timespec now;

    if (clock_gettime(CLOCK_MONOTONIC, &now) != 0) {
        return 0;
    }
    return (int64_t)now.tv_sec * BC__HTTP_SECOND_US + (int64_t)now.tv_nsec / 1000;
}

void bc__http_block_signals(void *old_set)
{
    sigset_t all;

    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, old_set);
}

int bc__http_thread(pthread_t *thread, void *(*run)(void *), void *context)
{
    sigset_t old;
    int result;

    bc__http_block_signals(&old);
    result = pthread_create(thread, NULL, run, context);
    (void)pthread_sigmask(SIG_SETMASK, &old, NULL);
    return result;
}
