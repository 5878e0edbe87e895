/* Asking every peer for its whole chain and adopting the best valid one. Requests go out a few at a
 * time, so that what replies may hold of memory is bounded; each is judged as soon as it is there, and
 * of those that hold only the longest is kept. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "src/base/error.h"
#include "src/base/text.h"
#include "src/base/thread.h"
#include "src/sync/sync.h"
#include "src/sync/whole_chain.h"

enum {
    PARALLEL = 4,     /* requests under way at a time */
    SLICE_US = 50000, /* the longest wait without a look at interrupts and time-outs */
};

typedef enum inquiry_state {
    OPEN,      /* not asked yet, or under way */
    LEADING,   /* its chain is the best so far */
    CONCLUDED, /* `status` and `text` say how it ended */
} inquiry_state;

typedef struct inquiry {
    const char *peer;
    inquiry_state state;
    bc_reply *reply; /* ours, while the request is under way */
    int64_t deadline;
    bc_status status;
    uint64_t blocks; /* of its chain, where that was counted */
    char text[sizeof((bc_error *)0)->message];
} inquiry;

typedef struct resolving {
    bc__sync *sync;
    bc__names names;
    inquiry *inquiries;
    size_t next; /* to be sent */
    size_t under_way;
    uint64_t interrupts;
    bc__bytes best;   /* the longest valid chain so far, as text */
    size_t best_from; /* whose it is */
    bool has_best;
    bc__whole_result best_result;
} resolving;

__attribute__((format(printf, 3, 4))) static void conclude(inquiry *asked, bc_status status,
                                                           const char *format, ...)
{
    va_list arguments;
    asked->state = CONCLUDED;
    asked->status = status;
    va_start(arguments, format);
    if (vsnprintf(asked->text, sizeof asked->text, format, arguments) < 0) {
        asked->text[0] = '\0';
    }
    va_end(arguments);
    bc__text_clean(asked->text);
}

/* What became of a chain that could be read. */
static void conclude_chain(inquiry *asked, const char *fate)
{
    conclude(asked, BC_OK, "its chain of %llu block%s %s", (unsigned long long)asked->blocks,
             asked->blocks == 1 ? "" : "s", fate);
}

static bc_status check_interrupt(void *context, uint64_t done, uint64_t total, bc_error *error)
{
    const resolving *run = context;
    (void)done;
    (void)total;
    if (bc__published_interrupts(run->sync->engine->published) != run->interrupts) {
        return bc__fail(error, BC_ERR_INTERRUPTED, "resolving was interrupted");
    }
    return BC_OK;
}

/* The number of blocks that a chain must exceed to be of interest. */
static uint64_t blocks_to_beat(const resolving *run)
{
    bc__view view;
    bc__published_read(run->sync->engine->published, &view);
    uint64_t ours = view.height + 1;
    return run->has_best && run->best_result.blocks > ours ? run->best_result.blocks : ours;
}

/* Judges the text of a chain. It is taken where it is the best so far. */
static void judge(resolving *run, inquiry *asked, bc__bytes *text)
{
    const bc_params *params = run->sync->engine->params;
    bc__whole_result result;
    bc_error error = {0};
    bc_status status =
        bc__whole_chain_count(params, &asked->blocks, text->data, text->length, &error);
    if (status != BC_OK) {
        conclude(asked, status, "%s", error.message);
        return;
    }
    if (asked->blocks == 0) {
        conclude(asked, BC_ERR_FORMAT, "its chain is empty");
        return;
    }
    if (asked->blocks <= blocks_to_beat(run)) {
        conclude_chain(asked, "is not the longest");
        return;
    }
    status = bc__whole_chain_verify(params, &result, text->data, text->length, check_interrupt, run,
                                    &error);
    if (status == BC_ERR_INTERRUPTED || status == BC_ERR_MEMORY) {
        conclude(asked, status, "%s",
                 status == BC_ERR_MEMORY ? "the allocator gave no memory to judge its chain"
                                         : "resolving ended before its chain was judged");
        return;
    }
    if (status != BC_OK || result.verdict != BC_VERDICT_ACCEPTED) {
        conclude(asked, status != BC_OK ? status : BC_ERR_FORMAT, "its chain is not valid: %.160s",
                 error.message);
        return;
    }
    if (run->has_best) {
        conclude_chain(&run->inquiries[run->best_from], "is not the longest");
    }
    bc__bytes_free(&run->best);
    run->best = *text;
    bc__bytes_init(text, run->best.heap, run->best.limit);
    run->best_result = result;
    run->best_from = (size_t)(asked - run->inquiries);
    run->has_best = true;
    asked->state = LEADING;
}

static void send_request(resolving *run, inquiry *asked)
{
    bc__sync *sync = run->sync;
    bc_error error = {0};
    bc_status status =
        bc__reply_new(&asked->reply, sync->mailbox, sync->engine->settings.reply_bytes, &error);
    if (status != BC_OK) {
        conclude(asked, status, "%s", error.message);
        return;
    }
    asked->deadline = bc__clock_monotonic(&sync->engine->clock) +
                      (int64_t)sync->engine->settings.request_timeout_us;
    run->under_way++;
    status = sync->transport.request(sync->transport.context, asked->peer, "chain", NULL, 0,
                                     bc_reply_ref(asked->reply));
    if (status != BC_OK) {
        bc__reply_state state;
        bc__reply_read(asked->reply, &state);
        conclude(asked, BC_ERR_NETWORK, "%s",
                 state.why[0] != '\0' ? state.why : "the request could not be sent");
        (void)bc__reply_close(asked->reply);
        bc__reply_release(asked->reply);
        asked->reply = NULL;
        run->under_way--;
    }
}

static void give_up(resolving *run, inquiry *asked, bc_status status, const char *text)
{
    const bc_transport *transport = &run->sync->transport;
    bool open = bc__reply_close(asked->reply);
    if (open && transport->cancel != NULL) {
        transport->cancel(transport->context, asked->reply);
    }
    bc__reply_release(asked->reply);
    asked->reply = NULL;
    run->under_way--;
    conclude(asked, status, "%s", text);
}

static void look_at(resolving *run, inquiry *asked, int64_t now)
{
    bc__reply_state state;
    char line[sizeof asked->text];
    uint64_t limit = run->sync->engine->settings.reply_bytes;
    bc__reply_read(asked->reply, &state);
    if (state.failure == BC_ERR_LIMIT) {
        (void)snprintf(line, sizeof line, "it sent more than %llu bytes",
                       (unsigned long long)limit);
        give_up(run, asked, BC_ERR_LIMIT, line);
        return;
    }
    if (state.failure != BC_OK) {
        give_up(run, asked, state.failure, "the allocator gave no memory for its answer");
        return;
    }
    if (!state.ended) {
        if (now >= asked->deadline) {
            (void)snprintf(line, sizeof line, "it did not answer within %.1f seconds",
                           (double)run->sync->engine->settings.request_timeout_us / 1e6);
            give_up(run, asked, BC_ERR_NETWORK, line);
        }
        return;
    }
    bc__bytes text;
    bc__reply_take(asked->reply, &text);
    bc__reply_release(asked->reply);
    asked->reply = NULL;
    run->under_way--;
    if (state.outcome != BC_OK) {
        conclude(asked, state.outcome, "%s",
                 state.why[0] != '\0' ? state.why : "the request failed");
    } else {
        judge(run, asked, &text);
    }
    bc__bytes_free(&text);
}

static bc_status wait_a_little(resolving *run, uint64_t seen, bc_error *error)
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

/* Sends, judges and waits until nothing is under way any more. */
static bc_status ask_all(resolving *run, bc_error *error)
{
    bc_status status = BC_OK;
    while (status == BC_OK && (run->next < run->names.count || run->under_way > 0)) {
        while (run->next < run->names.count && run->under_way < PARALLEL) {
            send_request(run, &run->inquiries[run->next++]);
        }
        uint64_t seen = bc__mailbox_arrivals(run->sync->mailbox);
        size_t before = run->under_way;
        int64_t now = bc__clock_monotonic(&run->sync->engine->clock);
        for (size_t at = 0; at < run->next; at++) {
            if (run->inquiries[at].reply != NULL) {
                look_at(run, &run->inquiries[at], now);
            }
        }
        status = check_interrupt(run, 0, 0, error);
        if (status == BC_OK && run->under_way == before && run->under_way > 0) {
            status = wait_a_little(run, seen, error);
        }
    }
    for (size_t at = 0; at < run->next; at++) {
        if (run->inquiries[at].reply != NULL) {
            give_up(run, &run->inquiries[at], BC_ERR_INTERRUPTED, "resolving ended before it did");
        }
    }
    return status;
}

static bc_status adopt(resolving *run, bool *replaced, bc_error *error)
{
    bc__engine *engine = run->sync->engine;
    inquiry *source = &run->inquiries[run->best_from];
    bc__whole_chain chain;
    bc__outcome outcome;
    bc_status status =
        bc__whole_chain_open(&chain, engine->params, run->best.data, run->best.length, error);
    if (status == BC_OK) {
        status = bc__engine_import(engine, &outcome, run->best_result.blocks,
                                   &run->best_result.work, bc__whole_chain_feed, &chain, error);
    }
    if (status != BC_OK) {
        conclude(source, status, "its chain is better, but it could not be taken over");
        return status;
    }
    *replaced = outcome.verdict == BC_VERDICT_ACCEPTED;
    if (*replaced) {
        conclude_chain(source, "is ours now");
    } else if (outcome.reason == BC_REASON_REORG_DEPTH) {
        conclude_chain(source, "was refused: it would disconnect more blocks than max_reorg_depth");
    } else {
        conclude_chain(source, "was refused: ours has grown meanwhile");
    }
    return BC_OK;
}

static bc_status report_all(resolving *run, bc_event_fn report, void *context, bc_error *error)
{
    bc_status status = BC_OK;
    for (size_t at = 0; status == BC_OK && at < run->next; at++) {
        const inquiry *asked = &run->inquiries[at];
        bc_event event = {
            .struct_size = sizeof event,
            .kind = BC_EVENT_PEER,
            .height = asked->blocks > 0 ? asked->blocks - 1 : 0,
            .peer = asked->peer,
            .text = asked->text,
            .status = asked->status,
        };
        bc__log(&run->sync->engine->log, BC_LOG_INFO, "peer %s: %s", asked->peer, asked->text);
        if (report != NULL) {
            status = report(context, run->sync->engine->handle, &event);
        }
    }
    return status == BC_OK ? BC_OK
                           : bc__fail_host(error, status, status, "the report function said stop");
}

static bc_status run_resolve(bc__sync *sync, bool *replaced, bc_event_fn report, void *context,
                             bc_error *error)
{
    resolving run = {
        .sync = sync,
        .interrupts = bc__published_interrupts(sync->engine->published),
    };
    const bc__heap *heap = bc__engine_heap(sync->engine);
    bc__bytes_init(&run.best, heap, SIZE_MAX);
    bc_status status = bc__sync_peers(sync, &run.names, error);
    if (status != BC_OK || run.names.count == 0) {
        return status;
    }
    run.inquiries = bc__heap_array(heap, run.names.count, sizeof *run.inquiries);
    if (run.inquiries == NULL) {
        bc__names_free(sync, &run.names);
        return bc__fail_memory(error);
    }
    memset(run.inquiries, 0, run.names.count * sizeof *run.inquiries);
    for (size_t at = 0; at < run.names.count; at++) {
        run.inquiries[at].peer = run.names.names[at];
    }
    status = ask_all(&run, error);
    if (status == BC_OK && run.has_best) {
        status = adopt(&run, replaced, error);
    }
    if (run.has_best && run.inquiries[run.best_from].state == LEADING) {
        conclude(&run.inquiries[run.best_from], BC_ERR_INTERRUPTED,
                 "resolving ended before its chain was taken over");
    }
    bc_status reported = report_all(&run, report, context, status == BC_OK ? error : NULL);
    bc__bytes_free(&run.best);
    bc__heap_release(heap, run.inquiries);
    bc__names_free(sync, &run.names);
    return status != BC_OK ? status : reported;
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

bc_status bc__sync_resolve(bc__sync *sync, bool *replaced, bc_event_fn report, void *context,
                           bc_error *error)
{
    bc_error why = {0};
    *replaced = false;
    if (!sync->has_transport) {
        return bc__fail(error, BC_ERR_UNSUPPORTED, "the chain was opened without a transport");
    }
    if ((bc__engine_rules(sync->engine)->capabilities & BC__CAN_SYNC_WHOLE_CHAIN) == 0) {
        return bc__fail(error, BC_ERR_UNSUPPORTED, "these rules do not exchange whole chains");
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
    status = run_resolve(sync, replaced, report, context, &why);
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
