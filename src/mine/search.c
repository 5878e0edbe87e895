/* The search for a nonce: a range in chunks, dealt out to the calling thread and to helpers that live
 * as long as the call. The calling thread alone looks up between chunks whether to go on, and calls
 * the host's progress function. */
#include "src/base/crew.h"
#include "src/base/error.h"
#include "src/mine/work.h"

enum {
    CHUNK = 4096, /* attempts: a few milliseconds at most, so that an interrupt is soon seen */
    PROGRESS_US = 100000,
};

typedef struct search {
    const bc_work *work;
    uint64_t first;
    uint64_t count;
    uint64_t chunks;
    uint64_t interrupts;       /* the published count when the search began */
    bc_status status;          /* of the calling thread, which may give up */
    bc_error *error;           /* the caller's */
    atomic_uint_fast64_t next; /* chunk to be dealt out */
    atomic_uint_fast64_t best; /* least nonce found; `found` says whether there is one */
    atomic_bool found;
    atomic_bool stop;
} search;

static void keep_least(search *run, uint64_t nonce)
{
    uint_fast64_t least = atomic_load(&run->best);
    while (nonce < least && !atomic_compare_exchange_weak(&run->best, &least, nonce)) {
    }
    atomic_store(&run->found, true);
}

/* Searches the next chunk. False when there is none that could hold a lesser nonce. */
static bool search_chunk(search *run)
{
    const bc_work *work = run->work;
    uint64_t chunk = atomic_fetch_add(&run->next, 1);
    if (chunk >= run->chunks || atomic_load(&run->stop)) {
        return false;
    }
    uint64_t start = run->first + chunk * CHUNK;
    uint64_t left = run->count - chunk * CHUNK;
    if (atomic_load(&run->found) && start > atomic_load(&run->best)) {
        return false;
    }
    uint64_t nonce;
    if (work->params->rules->search(work->params, &work->template, start,
                                    left < CHUNK ? left : CHUNK, &nonce)) {
        keep_least(run, nonce);
    }
    return true;
}

static void help(void *context)
{
    while (search_chunk(context)) {
    }
}

static uint64_t expected_attempts(const bc_work *work)
{
    double expected = work->params->rules->expected_attempts(work->params, &work->template);
    return expected < 9.0e18 ? (uint64_t)expected : BC_NONE;
}

static bc_status check_going_on(const bc_work *work, uint64_t interrupts, bc_error *error)
{
    bc_status status = bc__work_check(work, error);
    if (status == BC_OK && bc__published_interrupts(work->published) != interrupts) {
        status = bc__fail(error, BC_ERR_INTERRUPTED, "the search was interrupted");
    }
    return status;
}

/* The calling thread's part. */
static void lead(void *context)
{
    search *run = context;
    const bc_work *work = run->work;
    bc_error *error = run->error;
    const bc_clock *clock = &work->clock;
    int64_t shown = work->progress != NULL ? bc__clock_monotonic(clock) : 0;
    bc_status status = check_going_on(work, run->interrupts, error);
    while (status == BC_OK && search_chunk(run)) {
        status = check_going_on(work, run->interrupts, error);
        if (status == BC_OK && work->progress != NULL &&
            bc__clock_monotonic(clock) - shown >= PROGRESS_US) {
            shown = bc__clock_monotonic(clock);
            uint64_t done = atomic_load(&run->next) * CHUNK;
            if (work->progress(work->context, done, expected_attempts(work)) != BC_OK) {
                status = bc__fail(error, BC_ERR_INTERRUPTED, "the progress function said stop");
            }
        }
    }
    if (status != BC_OK) {
        atomic_store(&run->stop, true);
    }
    run->status = status;
}

bc_status bc__work_search(bc_work *work, uint64_t *nonce, bool *found, uint64_t first,
                          uint64_t count, uint64_t interrupts, bc_error *error)
{
    search run = {
        .work = work,
        .first = first,
        .count = count,
        .chunks = count / CHUNK + (count % CHUNK != 0),
        .interrupts = interrupts,
        .error = error,
    };
    atomic_init(&run.next, 0);
    atomic_init(&run.best, UINT64_MAX);
    atomic_init(&run.found, false);
    atomic_init(&run.stop, false);
    *found = false;
    bc_status status = bc__work_check(work, error);
    if (status != BC_OK) {
        return status;
    }
    bc__crew_run(&work->params->origin.heap, run.chunks > 1 ? work->threads : 1, lead, help, &run);
    if (run.status == BC_OK && atomic_load(&run.found)) {
        *found = true;
        *nonce = atomic_load(&run.best);
    }
    return run.status;
}
