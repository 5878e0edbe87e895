/* Threads that live as long as one call. Threads collect what they find; only the main thread asserts. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "src/base/crew.h"
#include "src/base/thread.h"
#include "test/support/child.h"
#include "test/support/counting_heap.h"

enum { ENOUGH = 8, NOBODY = 65534 };

typedef struct job {
    atomic_uint helpers; /* that came */
    atomic_uint left;    /* helpers that are through */
    atomic_uint unblocked;
    unsigned awaited; /* helpers that `lead` waits for */
    unsigned leads;
    uintptr_t leader;
} job;

static void nap(void)
{
    const struct timespec time = {0, 1000000};
    (void)nanosleep(&time, NULL);
}

static unsigned unblocked_signals(void)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGALRM, SIGUSR1, SIGCHLD, SIGPIPE};
    sigset_t mask;
    unsigned count = 0;
    (void)pthread_sigmask(SIG_SETMASK, NULL, &mask);
    for (size_t at = 0; at < sizeof numbers / sizeof numbers[0]; at++) {
        count += sigismember(&mask, numbers[at]) == 0;
    }
    return count;
}

static void lead(void *context)
{
    job *run = context;
    run->leads++;
    run->leader = bc__this_thread();
    while (atomic_load(&run->helpers) < run->awaited) {
        nap();
    }
}

static void help(void *context)
{
    job *run = context;
    atomic_fetch_add(&run->unblocked, unblocked_signals());
    atomic_fetch_add(&run->helpers, 1);
    nap();
    atomic_fetch_add(&run->left, 1);
}

static void all_help_and_have_returned(void **state)
{
    (void)state;
    counting_heap counter = COUNTING_HEAP_ENDLESS;
    bc__heap heap = counting_heap_internal(&counter);
    for (uint32_t threads = 0; threads <= ENOUGH; threads++) {
        job run = {.awaited = threads < 1 ? 0 : threads - 1};
        bc__crew_run(&heap, threads, lead, help, &run);
        assert_int_equal(run.leads, 1);
        assert_true(run.leader == bc__this_thread());
        assert_int_equal(atomic_load(&run.helpers), run.awaited);
        assert_int_equal(atomic_load(&run.left), run.awaited);
        assert_int_equal(counter.held, 0);
    }
}

static void helpers_get_no_signals_and_the_caller_keeps_its_own(void **state)
{
    (void)state;
    counting_heap counter = COUNTING_HEAP_ENDLESS;
    bc__heap heap = counting_heap_internal(&counter);
    job run = {.awaited = ENOUGH - 1};
    sigset_t before;
    sigset_t after;
    sigset_t one;
    (void)sigemptyset(&one);
    (void)sigaddset(&one, SIGUSR1);
    (void)pthread_sigmask(SIG_BLOCK, &one, &before);
    unsigned unblocked = unblocked_signals();
    bc__crew_run(&heap, ENOUGH, lead, help, &run);
    assert_int_equal(atomic_load(&run.unblocked), 0);
    assert_true(unblocked > 0);
    assert_int_equal(unblocked_signals(), unblocked);
    (void)pthread_sigmask(SIG_SETMASK, &before, &after);
    assert_int_equal(sigismember(&after, SIGUSR1), 1);
}

static void without_memory_the_caller_works_alone(void **state)
{
    (void)state;
    counting_heap counter = {.left = 0};
    bc__heap heap = counting_heap_internal(&counter);
    job run = {.awaited = 0};
    bc__crew_run(&heap, ENOUGH, lead, help, &run);
    assert_int_equal(run.leads, 1);
    assert_int_equal(atomic_load(&run.helpers), 0);
}

/* In a child whose user may have no further thread; 77 where the system has no such bound for us. */
static int run_where_threads_end(void)
{
    const struct rlimit none = {0, 0};
    counting_heap counter = COUNTING_HEAP_ENDLESS;
    bc__heap heap = counting_heap_internal(&counter);
    job run = {.awaited = 0};
    if ((getuid() == 0 && setuid(NOBODY) != 0) || setrlimit(RLIMIT_NPROC, &none) != 0) {
        return 77;
    }
    unsigned unblocked = unblocked_signals();
    bc__crew_run(&heap, ENOUGH, lead, help, &run);
    if (run.leads != 1 || counter.held != 0 || unblocked_signals() != unblocked) {
        return 1;
    }
    return atomic_load(&run.helpers) == 0 ? 0 : 77;
}

static void without_threads_the_caller_works_alone(void **state)
{
    (void)state;
    pid_t child = fork();
    if (child == 0) {
        child_exit(run_where_threads_end());
    }
    int status = 0;
    assert_true(child > 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == 77) {
        skip();
    }
    assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_help_and_have_returned),
        cmocka_unit_test(helpers_get_no_signals_and_the_caller_keeps_its_own),
        cmocka_unit_test(without_memory_the_caller_works_alone),
        cmocka_unit_test(without_threads_the_caller_works_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
