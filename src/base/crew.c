#include "src/base/crew.h"

#include <pthread.h>
#include <signal.h>

typedef struct task {
    bc__crew_fn help;
    void *context;
} task;

static void *run_task(void *context)
{
    const task *given = context;
    given->help(given->context);
    return NULL;
}

/* The number of those that started. */
static uint32_t start_helpers(pthread_t *helpers, uint32_t wanted, task *given)
{
    sigset_t all;
    sigset_t before;
    uint32_t started = 0;
    (void)sigfillset(&all);
    if (pthread_sigmask(SIG_SETMASK, &all, &before) != 0) {
        return 0;
    }
    while (started < wanted && pthread_create(&helpers[started], NULL, run_task, given) == 0) {
        started++;
    }
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return started;
}

void bc__crew_run(const bc__heap *heap, uint32_t threads, bc__crew_fn lead, bc__crew_fn help,
                  void *context)
{
    task given = {.help = help, .context = context};
    uint32_t wanted = threads < BC__CREW_MOST ? threads : BC__CREW_MOST;
    uint32_t started = 0;
    pthread_t *helpers = NULL;
    if (wanted > 1) {
        helpers = bc__heap_array(heap, wanted - 1, sizeof *helpers);
        started = helpers == NULL ? 0 : start_helpers(helpers, wanted - 1, &given);
    }
    lead(context);
    for (uint32_t at = 0; at < started; at++) {
        (void)pthread_join(helpers[at], NULL);
    }
    bc__heap_release(heap, helpers);
}
