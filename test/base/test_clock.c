#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

#include "src/base/clock.h"

static int64_t tell_wall(void *context)
{
    return *(int64_t *)context;
}

static int64_t tell_monotonic(void *context)
{
    return -*(int64_t *)context;
}

static bc_clock host_clock(int64_t *now)
{
    bc_clock clock = BC_CLOCK_INIT;
    clock.context = now;
    clock.wall = tell_wall;
    clock.monotonic = tell_monotonic;
    return clock;
}

static void is_the_systems_where_none_is_given(void **state)
{
    (void)state;
    bc_clock clock;
    assert_int_equal(bc__clock_read(&clock, NULL, NULL), BC_OK);
    int64_t before = (int64_t)time(NULL) * 1000000;
    int64_t wall = bc__clock_wall(&clock);
    assert_true(wall >= before - 1000000 && wall < before + 60 * 1000000);
    int64_t last = bc__clock_monotonic(&clock);
    for (int i = 0; i < 1000; i++) {
        int64_t now = bc__clock_monotonic(&clock);
        assert_true(now >= last);
        last = now;
    }
}

/* Microseconds: a sleep of 2 ms takes at least 2,000 of them. */
static void counts_microseconds(void **state)
{
    (void)state;
    bc_clock clock;
    const struct timespec pause = {.tv_nsec = 2000000};
    assert_int_equal(bc__clock_read(&clock, NULL, NULL), BC_OK);
    int64_t before = bc__clock_monotonic(&clock);
    assert_int_equal(nanosleep(&pause, NULL), 0);
    int64_t passed = bc__clock_monotonic(&clock) - before;
    assert_true(passed >= 2000 && passed < 60 * 1000000);
}

static void asks_the_host(void **state)
{
    (void)state;
    int64_t now = 4711;
    bc_clock given = host_clock(&now);
    bc_clock clock;
    assert_int_equal(bc__clock_read(&clock, &given, NULL), BC_OK);
    assert_int_equal(bc__clock_wall(&clock), 4711);
    assert_int_equal(bc__clock_monotonic(&clock), -4711);
}

static void refuses_half_a_clock(void **state)
{
    (void)state;
    int64_t now = 0;
    bc_clock given = host_clock(&now);
    bc_clock clock;
    bc_error error = {0};
    given.wall = NULL;
    assert_int_equal(bc__clock_read(&clock, &given, &error), BC_ERR_ARGUMENT);
    assert_int_equal(error.code, BC_ERR_ARGUMENT);
    given = host_clock(&now);
    given.monotonic = NULL;
    assert_int_equal(bc__clock_read(&clock, &given, &error), BC_ERR_ARGUMENT);
    given = host_clock(&now);
    given.struct_size = 0;
    assert_int_equal(bc__clock_read(&clock, &given, &error), BC_ERR_ARGUMENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_the_systems_where_none_is_given),
        cmocka_unit_test(counts_microseconds),
        cmocka_unit_test(asks_the_host),
        cmocka_unit_test(refuses_half_a_clock),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
