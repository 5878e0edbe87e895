/* Asking every peer and adopting the best valid chain: whose turn it is, waiting, the report. What is
 * asked and how answers are judged is a way of its own for each sync style of the rules. */
#include <string.h>

#include "src/base/error.h"
#include "src/base/thread.h"
#include "src/sync/inquiry.h"

enum { SLICE_US = 50000 }; /* the longest wait without a look at interrupts and time-outs */

static bc_status wait_a_little(const bc__run *run, uint64_t seen, bc_error *error)
{
    const bc_transport *transport = &run->sync->transport;
    if (transport->wait == NULL) {
        bc__mailbox_wait(run->sync->mailbox, seen, SLICE_US);
        return BC_OK;
    }
    bc_status status = transport->wait(transport->context, SLICE_US);
    return status == BC_OK
               ? BC_OK
               : bc__fail_host(error, status, status, "the transport's wait function failed");
}

static void begin_turns(bc__run *run, const bc__way *way)
{
    while (run->next < run->names.count && run->active < BC__PEERS_AT_A_TIME) {
        bc__inquiry *inquiry = &run->inquiries[run->next++];
        inquiry->active = true;
        run->active++;
        way->begin(run, inquiry);
    }
}

/* Takes the answers that are there; says whether a request has come to its end. */
static bool take_answers(bc__run *run, const bc__way *way)
{
    bool moved = false;
    int64_t now = bc__clock_monotonic(&bc__run_engine(run)->clock);
    for (size_t at = 0; at < run->next; at++) {
        bc__inquiry *inquiry = &run->inquiries[at];
        bc__bytes answer;
        if (inquiry->reply == NULL) {
            continue;
        }
        if (bc__inquiry_take(run, inquiry, now, &answer)) {
            way->answered(run, inquiry, &answer);
            bc__bytes_free(&answer);
            moved = true;
        } else {
            moved = moved || inquiry->concluded;
        }
    }
    return moved;
}

/* Sends, judges and waits until every turn is over. */
static bc_status ask_all(bc__run *run, const bc__way *way, bc_error *error)
{
    bc_status status = BC_OK;
    while (status == BC_OK && (run->next < run->names.count || run->active > 0)) {
        begin_turns(run, way);
        uint64_t seen = bc__mailbox_arrivals(run->sync->mailbox);
        bool moved = take_answers(run, way);
        moved = (way->step != NULL && way->step(run)) || moved;
        status = bc__run_check(run, error);
        if (status == BC_OK && run->failure != BC_OK) {
            status = run->failure;
            if (error != NULL) {
                *error = run->error;
            }
        }
        if (status == BC_OK && !moved && run->active > 0) {
            status = wait_a_little(run, seen, error);
        }
    }
    for (size_t at = 0; at < run->next; at++) {
        if (run->inquiries[at].active) {
            bc__inquiry_conclude(run, &run->inquiries[at], BC_ERR_INTERRUPTED,
                                 "resolving ended before it did");
        }
    }
    return status;
}

static bc_status report_all(bc__run *run, bc_event_fn report, void *context, bc_error *error)
{
    bc__engine *engine = bc__run_engine(run);
    bc_status status = BC_OK;
    for (size_t at = 0; status == BC_OK && at < run->next; at++) {
        const bc__inquiry *asked = &run->inquiries[at];
        bc_event event = {
            .struct_size = sizeof event,
            .kind = BC_EVENT_PEER,
            .height = asked->height,
            .peer = asked->peer,
            .text = asked->text,
            .status = asked->status,
        };
        bc__log(&engine->log, BC_LOG_INFO, "peer %s: %s", asked->peer, asked->text);
        if (report != NULL) {
            status = report(context, engine->handle, &event);
        }
    }
    return status == BC_OK ? BC_OK
                           : bc__fail_host(error, status, status, "the report function said stop");
}

/* The peers as they are now, and room for what is found out about them. */
static bc_status open_run(bc__run *run, const bc__way *way, bc_error *error)
{
    const bc__heap *heap = bc__engine_heap(bc__run_engine(run));
    bc_status status = bc__sync_peers(run->sync, &run->names, error);
    if (status != BC_OK || run->names.count == 0) {
        return status;
    }
    run->inquiries = bc__heap_array(heap, run->names.count, sizeof *run->inquiries);
    run->state = bc__heap_array(heap, 1, way->state_bytes);
    if (run->inquiries == NULL || run->state == NULL) {
        return bc__fail_memory(error);
    }
    memset(run->inquiries, 0, run->names.count * sizeof *run->inquiries);
    memset(run->state, 0, way->state_bytes);
    for (size_t at = 0; at < run->names.count; at++) {
        run->inquiries[at].peer = run->names.names[at];
    }
    return BC_OK;
}

static bc_status run_resolve(bc__sync *sync, const bc__way *way, bool *replaced, bc_event_fn report,
                             void *context, bc_error *error)
{
    const bc__heap *heap = bc__engine_heap(sync->engine);
    bc__run run = {
        .sync = sync,
        .interrupts = bc__published_interrupts(sync->engine->published),
    };
    bc_status status = open_run(&run, way, error);
    if (status == BC_OK && run.names.count > 0) {
        status = way->open(&run, error);
        if (status == BC_OK) {
            status = ask_all(&run, way, error);
            if (status == BC_OK && way->finish != NULL) {
                status = way->finish(&run, replaced, error);
            }
            *replaced = way->close(&run) || *replaced;
        }
        bc_status reported = report_all(&run, report, context, status == BC_OK ? error : NULL);
        status = status == BC_OK ? reported : status;
    }
    bc__heap_release(heap, run.state);
    bc__heap_release(heap, run.inquiries);
    bc__names_free(sync, &run.names);
    return status;
}

bc_status bc__sync_check_thread(bc__sync *sync, bc_error *error)
{
    (void)pthread_mutex_lock(&sync->lock);
    bool same = sync->running && sync->runner == bc__this_thread();
    (void)pthread_mutex_unlock(&sync->lock);
    return same ? bc__fail(error, BC_ERR_REENTRANT, "this thread is inside a resolve of this chain")
                : BC_OK;
}

/* With sync->lock held: waits for the resolve that is under way and takes its result. */
static bc_status join(bc__sync *sync, bool *replaced, bc_error *error)
{
    uint64_t runs = sync->runs;
    while (sync->runs == runs) {
        (void)pthread_cond_wait(&sync->finished, &sync->lock);
    }
    *replaced = sync->last_replaced;
    if (sync->last_status != BC_OK && error != NULL) {
        *error = sync->last_error;
    }
    return sync->last_status;
}

/* NULL where these rules have no way to synchronise. */
static const bc__way *way_of(const bc__sync *sync)
{
    uint32_t capabilities = bc__engine_rules(sync->engine)->capabilities;
    if ((capabilities & BC__HAS_HEADERS) != 0) {
        return &bc__resolve_by_headers;
    }
    return (capabilities & BC__CAN_SYNC_WHOLE_CHAIN) != 0 ? &bc__resolve_by_whole_chains : NULL;
}

bc_status bc__sync_resolve(bc__sync *sync, bool *replaced, bc_event_fn report, void *context,
                           bc_error *error)
{
    bc_error why = {0};
    *replaced = false;
    if (!sync->has_transport) {
        return bc__fail(error, BC_ERR_UNSUPPORTED, "the chain was opened without a transport");
    }
    const bc__way *way = way_of(sync);
    if (way == NULL) {
        return bc__fail(error, BC_ERR_UNSUPPORTED, "these rules have no way to ask peers");
    }
    bc_status status = bc__sync_check_thread(sync, error);
    if (status != BC_OK) {
        return status;
    }
    (void)pthread_mutex_lock(&sync->lock);
    if (sync->running) {
        status = join(sync, replaced, error);
        (void)pthread_mutex_unlock(&sync->lock);
        return status;
    }
    sync->running = true;
    sync->runner = bc__this_thread();
    (void)pthread_mutex_unlock(&sync->lock);
    status = run_resolve(sync, way, replaced, report, context, &why);
    (void)pthread_mutex_lock(&sync->lock);
    sync->running = false;
    sync->runs++;
    sync->last_status = status;
    sync->last_replaced = *replaced;
    sync->last_error = why;
    (void)pthread_cond_broadcast(&sync->finished);
    (void)pthread_mutex_unlock(&sync->lock);
    if (status != BC_OK && error != NULL) {
        *error = why;
    }
    return status;
}
