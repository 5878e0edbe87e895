/* Lines on standard error, each with its time in UTC. */
#ifndef EXAMPLES_BCNODE_LOG_H
#define EXAMPLES_BCNODE_LOG_H

#include <bc/bc.h>

/* Writes one line; any thread may, and lines do not mix. `level` is one of BC_LOG_.... */
void log_line(uint32_t level, const char *format, ...)
#if defined(__GNUC__) || defined(__clang__)
    __attribute__((format(printf, 2, 3)))
#endif
    ;

/* The same as a bc_log, for the libraries to write to. */
void log_init(bc_log *log, int verbose);

#endif
