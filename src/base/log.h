/* The host's log. */
#ifndef BC_BASE_LOG_H
#define BC_BASE_LOG_H

#include <bc/bc.h>

/* `given` NULL is no log. */
bc_status bc__log_read(bc_log *log, const bc_log *given, bc_error *error);

/* Writes one line of UTF-8, of at most 511 bytes, where the level asks for it. What is no printable
 * character in it becomes '?', so names and sentences from outside cannot forge a line. */
void bc__log(const bc_log *log, uint32_t level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
