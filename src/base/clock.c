#include "src/base/clock.h"

#include <time.h>

#include "src/base/error.h"
#include "src/base/versioned.h"

static int64_t read_clock(clockid_t id)
{
    struct timespec now = {0};
    (void)clock_gettime(id, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static int64_t system_wall(void *context)
{
    (void)context;
    return read_clock(CLOCK_REALTIME);
}

static int64_t system_monotonic(void *context)
{
    (void)context;
    return read_clock(CLOCK_MONOTONIC);
}

bc_status bc__clock_read(bc_clock *clock, const bc_clock *given, bc_error *error)
{
    *clock = (bc_clock)BC_CLOCK_INIT;
    clock->wall = system_wall;
    clock->monotonic = system_monotonic;
    if (given == NULL) {
        return BC_OK;
    }
    bc_status status = bc__versioned_read(clock, sizeof *clock, given, "bc_clock", error);
    if (status == BC_OK && (clock->wall == NULL || clock->monotonic == NULL)) {
        status = bc__fail(error, BC_ERR_ARGUMENT, "bc_clock lacks one of its two functions");
    }
    return status;
}
