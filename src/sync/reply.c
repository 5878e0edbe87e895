#include "src/sync/reply.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "src/base/error.h"
#include "src/base/text.h"

struct bc_reply {
    atomic_uint_fast32_t holders; /* the library, and the host as long as it has a reference */
    atomic_uint_fast32_t host_references;
    bc__mailbox *mailbox; /* a reference */
    bc__bytes bytes;
    bool closed;
    bc__reply_state state;
};

/* macOS has no clock attribute; there the wall clock measures the wait, which its callers keep short. */
#ifdef __APPLE__
#define WAIT_CLOCK CLOCK_REALTIME
#else
#define WAIT_CLOCK CLOCK_MONOTONIC
#endif

static bool init_condition(pthread_cond_t *condition)
{
    pthread_condattr_t attributes;
    if (pthread_condattr_init(&attributes) != 0) {
        return false;
    }
#ifndef __APPLE__
    bool good = pthread_condattr_setclock(&attributes, WAIT_CLOCK) == 0;
#else
    bool good = true;
#endif
    good = good && pthread_cond_init(condition, &attributes) == 0;
    (void)pthread_condattr_destroy(&attributes);
    return good;
}

bc_status bc__mailbox_new(bc__mailbox **out, bc__origin *origin, const bc_transport *transport,
                          bc_error *error)
{
    bc__mailbox *mailbox = bc__heap_array(&origin->heap, 1, sizeof *mailbox);
    *out = NULL;
    if (mailbox == NULL) {
        return bc__fail_memory(error);
    }
    memset(mailbox, 0, sizeof *mailbox);
    if (pthread_mutex_init(&mailbox->lock, NULL) != 0) {
        bc__heap_release(&origin->heap, mailbox);
        return bc__fail_memory(error);
    }
    if (!init_condition(&mailbox->arrival)) {
        (void)pthread_mutex_destroy(&mailbox->lock);
        bc__heap_release(&origin->heap, mailbox);
        return bc__fail_memory(error);
    }
    atomic_init(&mailbox->references, 1);
    mailbox->origin = bc__origin_ref(origin);
    mailbox->transport = *transport;
    *out = mailbox;
    return BC_OK;
}

void bc__mailbox_unref(bc__mailbox *mailbox)
{
    if (mailbox != NULL &&
        atomic_fetch_sub_explicit(&mailbox->references, 1, memory_order_acq_rel) == 1) {
        bc__origin *origin = mailbox->origin;
        (void)pthread_cond_destroy(&mailbox->arrival);
        (void)pthread_mutex_destroy(&mailbox->lock);
        bc__heap_release(&origin->heap, mailbox);
        bc__origin_unref(origin);
    }
}

void bc__mailbox_close(bc__mailbox *mailbox)
{
    (void)pthread_mutex_lock(&mailbox->lock);
    mailbox->closed = true;
    (void)pthread_mutex_unlock(&mailbox->lock);
}

uint64_t bc__mailbox_arrivals(bc__mailbox *mailbox)
{
    (void)pthread_mutex_lock(&mailbox->lock);
    uint64_t arrivals = mailbox->arrivals;
    (void)pthread_mutex_unlock(&mailbox->lock);
    return arrivals;
}

void bc__mailbox_wait(bc__mailbox *mailbox, uint64_t seen, int64_t microseconds)
{
    struct timespec until;
    (void)clock_gettime(WAIT_CLOCK, &until);
    int64_t nanoseconds = until.tv_nsec + microseconds % 1000000 * 1000;
    until.tv_sec += (time_t)(microseconds / 1000000 + nanoseconds / 1000000000);
    until.tv_nsec = (long)(nanoseconds % 1000000000);
    (void)pthread_mutex_lock(&mailbox->lock);
    if (mailbox->arrivals == seen) {
        (void)pthread_cond_timedwait(&mailbox->arrival, &mailbox->lock, &until);
    }
    (void)pthread_mutex_unlock(&mailbox->lock);
}

bc_status bc__reply_new(bc_reply **out, bc__mailbox *mailbox, uint64_t limit, bc_error *error)
{
    bc_reply *reply = bc__heap_array(&mailbox->origin->heap, 1, sizeof *reply);
    *out = NULL;
    if (reply == NULL) {
        return bc__fail_memory(error);
    }
    memset(reply, 0, sizeof *reply);
    atomic_init(&reply->holders, 1);
    atomic_init(&reply->host_references, 0);
    atomic_fetch_add_explicit(&mailbox->references, 1, memory_order_relaxed);
    reply->mailbox = mailbox;
    bc__bytes_init(&reply->bytes, &mailbox->origin->heap,
                   limit < SIZE_MAX ? (size_t)limit : SIZE_MAX);
    *out = reply;
    return BC_OK;
}

void bc__reply_release(bc_reply *reply)
{
    if (reply != NULL && atomic_fetch_sub_explicit(&reply->holders, 1, memory_order_acq_rel) == 1) {
        bc__mailbox *mailbox = reply->mailbox;
        bc__bytes_free(&reply->bytes);
        bc__heap_release(&mailbox->origin->heap, reply);
        bc__mailbox_unref(mailbox);
    }
}

/* Whoever takes the host's first reference holds the reply for the library; whoever takes a further one
 * has one already. So none is taken while the host's last one goes. */
bc_reply *bc_reply_ref(bc_reply *reply)
{
    if (reply != NULL &&
        atomic_fetch_add_explicit(&reply->host_references, 1, memory_order_relaxed) == 0) {
        atomic_fetch_add_explicit(&reply->holders, 1, memory_order_relaxed);
    }
    return reply;
}

void bc_reply_unref(bc_reply *reply)
{
    if (reply != NULL &&
        atomic_fetch_sub_explicit(&reply->host_references, 1, memory_order_acq_rel) == 1) {
        /* Where the host has ended it before, or nobody waits any more, this does nothing. */
        (void)bc_reply_end(reply, BC_ERR_NETWORK, "the transport gave the request up");
        bc__reply_release(reply);
    }
}

static bool is_shut(const bc_reply *reply)
{
    return reply->closed || reply->state.ended || reply->mailbox->closed;
}

bc_status bc_reply_write(bc_reply *reply, const uint8_t *bytes, size_t length)
{
    if (reply == NULL || (bytes == NULL && length > 0)) {
        return BC_ERR_ARGUMENT;
    }
    bc_status status = BC_ERR_CLOSED;
    (void)pthread_mutex_lock(&reply->mailbox->lock);
    if (!is_shut(reply)) {
        /* A text with a hole in it must not come about, even if the host does not stop. */
        if (reply->state.failure == BC_OK) {
            reply->state.failure = bc__bytes_append(&reply->bytes, bytes, length);
        }
        status = reply->state.failure;
    }
    (void)pthread_mutex_unlock(&reply->mailbox->lock);
    return status;
}

bc_status bc_reply_end(bc_reply *reply, bc_status outcome, const char *why)
{
    if (reply == NULL) {
        return BC_ERR_ARGUMENT;
    }
    bc__mailbox *mailbox = reply->mailbox;
    bc_status status = BC_ERR_CLOSED;
    (void)pthread_mutex_lock(&mailbox->lock);
    if (!is_shut(reply)) {
        status = BC_OK;
        reply->state.ended = true;
        reply->state.outcome = reply->state.failure != BC_OK ? reply->state.failure : outcome;
        (void)snprintf(reply->state.why, sizeof reply->state.why, "%s", why == NULL ? "" : why);
        bc__text_clean(reply->state.why);
        mailbox->arrivals++;
        (void)pthread_cond_broadcast(&mailbox->arrival);
        if (mailbox->transport.wake != NULL) {
            mailbox->transport.wake(mailbox->transport.context); /* it may only signal */
        }
    }
    (void)pthread_mutex_unlock(&mailbox->lock);
    return status;
}

void bc__reply_read(bc_reply *reply, bc__reply_state *state)
{
    (void)pthread_mutex_lock(&reply->mailbox->lock);
    *state = reply->state;
    (void)pthread_mutex_unlock(&reply->mailbox->lock);
}

bool bc__reply_close(bc_reply *reply)
{
    (void)pthread_mutex_lock(&reply->mailbox->lock);
    bool open = !reply->state.ended;
    reply->closed = true;
    bc__bytes_free(&reply->bytes);
    (void)pthread_mutex_unlock(&reply->mailbox->lock);
    return open;
}

void bc__reply_take(bc_reply *reply, bc__bytes *bytes)
{
    (void)pthread_mutex_lock(&reply->mailbox->lock);
    *bytes = reply->bytes;
    bc__bytes_init(&reply->bytes, bytes->heap, bytes->limit);
    (void)pthread_mutex_unlock(&reply->mailbox->lock);
}
