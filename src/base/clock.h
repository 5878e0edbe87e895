/* The two clocks: the host's or the system's. */
#ifndef BC_BASE_CLOCK_H
#define BC_BASE_CLOCK_H

#include <bc/bc.h>

/* `given` NULL is the system's. A struct that lacks a function is refused. */
bc_status bc__clock_read(bc_clock *clock, const bc_clock *given, bc_error *error);

static inline int64_t bc__clock_wall(const bc_clock *clock)
{
    return clock->wall(clock->context);
}

static inline int64_t bc__clock_monotonic(const bc_clock *clock)
{
    return clock->monotonic(clock->context);
}

#endif
