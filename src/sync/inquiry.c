#include "src/sync/inquiry.h"

#include <stdarg.h>
#include <stdio.h>

#include "src/base/error.h"
#include "src/base/text.h"

bc_status bc__run_check(const bc__run *run, bc_error *error)
{
    return bc__published_interrupts(bc__run_engine(run)->published) == run->interrupts
               ? BC_OK
               : bc__fail(error, BC_ERR_INTERRUPTED, "resolving was interrupted");
}

/* Nobody waits for the reply any more. The host is told, unless it has ended it. */
static void drop_reply(const bc__run *run, bc__inquiry *inquiry)
{
    const bc_transport *transport = &run->sync->transport;
    if (inquiry->reply == NULL) {
        return;
    }
    bool open = bc__reply_close(inquiry->reply);
    if (open && transport->cancel != NULL) {
        transport->cancel(transport->context, inquiry->reply);
    }
    bc__reply_release(inquiry->reply);
    inquiry->reply = NULL;
}

void bc__inquiry_rest(bc__run *run, bc__inquiry *inquiry)
{
    drop_reply(run, inquiry);
    if (inquiry->active) {
        inquiry->active = false;
        run->active--;
    }
}

void bc__inquiry_conclude(bc__run *run, bc__inquiry *inquiry, bc_status status, const char *format,
                          ...)
{
    va_list arguments;
    bc__inquiry_rest(run, inquiry);
    inquiry->concluded = true;
    inquiry->status = status;
    va_start(arguments, format);
    if (vsnprintf(inquiry->text, sizeof inquiry->text, format, arguments) < 0) {
        inquiry->text[0] = '\0';
    }
    va_end(arguments);
    bc__text_clean(inquiry->text);
}

void bc__inquiry_ask(bc__run *run, bc__inquiry *inquiry, const char *method, const uint8_t *body,
                     size_t length, uint64_t most)
{
    bc__sync *sync = run->sync;
    const bc__settings *settings = &sync->engine->settings;
    bc_error error = {0};
    inquiry->most = most < settings->reply_bytes ? most : settings->reply_bytes;
    bc_status status = bc__reply_new(&inquiry->reply, sync->mailbox, inquiry->most, &error);
    if (status != BC_OK) {
        bc__inquiry_conclude(run, inquiry, status, "%s", error.message);
        return;
    }
    inquiry->deadline =
        bc__clock_monotonic(&sync->engine->clock) + (int64_t)settings->request_timeout_us;
    status = sync->transport.request(sync->transport.context, inquiry->peer, method, body, length,
                                     bc_reply_ref(inquiry->reply));
    if (status != BC_OK) {
        bc__reply_state state;
        bc__reply_read(inquiry->reply, &state);
        (void)bc__reply_close(inquiry->reply); /* it was not sent: there is nothing to cancel */
        bc__reply_release(inquiry->reply);
        inquiry->reply = NULL;
        bc__inquiry_conclude(run, inquiry, BC_ERR_NETWORK, "%s",
                             state.why[0] != '\0' ? state.why : "the request could not be sent");
    }
}

bool bc__inquiry_take(bc__run *run, bc__inquiry *inquiry, int64_t now, bc__bytes *answer)
{
    bc__reply_state state;
    bc__reply_read(inquiry->reply, &state);
    if (state.failure == BC_ERR_LIMIT) {
        bc__inquiry_conclude(run, inquiry, BC_ERR_LIMIT, "it sent more than %llu bytes",
                             (unsigned long long)inquiry->most);
    } else if (state.failure != BC_OK) {
        bc__inquiry_conclude(run, inquiry, state.failure,
                             "the allocator gave no memory for its answer");
    } else if (!state.ended) {
        if (now >= inquiry->deadline) {
            bc__inquiry_conclude(run, inquiry, BC_ERR_NETWORK,
                                 "it did not answer within %.1f seconds",
                                 (double)bc__run_engine(run)->settings.request_timeout_us / 1e6);
        }
    } else if (state.outcome != BC_OK) {
        bc__inquiry_conclude(run, inquiry, state.outcome, "%s",
                             state.why[0] != '\0' ? state.why : "the request failed");
    } else {
        bc__reply_take(inquiry->reply, answer);
        bc__reply_release(inquiry->reply);
        inquiry->reply = NULL;
        return true;
    }
    return false;
}
