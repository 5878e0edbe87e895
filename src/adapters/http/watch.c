/* Deadlines of connections. A connection that misses its own is shut down, which its thread notices
 * as a peer that went away; the socket is closed by MHD, after it has told us that the connection
 * ended, so no socket here is ever another's. */
#if !defined _GNU_SOURCE && defined __linux__
#define _GNU_SOURCE /* POLLRDHUP */
#endif
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "server.h"

#ifndef POLLRDHUP
#define POLLRDHUP POLLHUP /* the BSDs report the end of what the other side sends so */
#endif

enum { LEAST_TICK_MS = 5, MOST_TICK_MS = 1000 };

/* Returns how long to sleep in milliseconds, -1 for ever: a tick is a fraction of the time-out, so a
 * deadline is missed by no more than that. */
static int shut_down_late(bc__http_watch *watch, int64_t now)
{
    uint64_t tick = watch->timeout_us / 1000 / 8;

    if (watch->first == NULL) {
        return -1;
    }
    for (bc__http_guest *guest = watch->first; guest != NULL; guest = guest->next) {
        if (guest->deadline <= now) {
            (void)shutdown(guest->socket, SHUT_RDWR);
            guest->deadline = INT64_MAX;
        }
    }
    if (tick < LEAST_TICK_MS) {
        return LEAST_TICK_MS;
    }
    return tick > MOST_TICK_MS ? MOST_TICK_MS : (int)tick;
}

static void *run(void *context)
{
    bc__http_watch *watch = context;
    bool stopping = false;

    while (!stopping) {
        struct pollfd woken = {watch->wake[0], POLLIN, 0};
        char bytes[64];
        int sleep_ms;
        (void)pthread_mutex_lock(&watch->lock);
        stopping = watch->stopping;
        sleep_ms = shut_down_late(watch, bc__http_now());
        (void)pthread_mutex_unlock(&watch->lock);
        if (!stopping && poll(&woken, 1, sleep_ms) > 0) {
            (void)!read(watch->wake[0], bytes, sizeof bytes);
        }
    }
    return NULL;
}

/* A full pipe has woken the thread already. */
static void wake(bc__http_watch *watch)
{
    (void)!write(watch->wake[1], "", 1);
}

static bool tune(int descriptor)
{
    int flags = fcntl(descriptor, F_GETFL);

    return flags != -1 && fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) != -1 &&
           fcntl(descriptor, F_SETFD, FD_CLOEXEC) != -1;
}

bc_status bc__http_watch_start(bc__http_watch *watch, uint64_t timeout_us, bc_error *error)
{
    int result;

    watch->timeout_us = timeout_us;
    watch->stopping = false;
    watch->first = NULL;
    if (pipe(watch->wake) != 0) {
        return bc__http_fail(error, BC_ERR_NETWORK, errno, "the system gave no pipe");
    }
    result = pthread_mutex_init(&watch->lock, NULL);
    if (result != 0) {
        goto close_pipe;
    }
    if (!tune(watch->wake[0]) || !tune(watch->wake[1])) {
        result = errno;
        goto destroy_lock;
    }
    result = bc__http_thread(&watch->thread, run, watch);
    if (result == 0) {
        return BC_OK;
    }
destroy_lock:
    (void)pthread_mutex_destroy(&watch->lock);
close_pipe:
    (void)close(watch->wake[0]);
    (void)close(watch->wake[1]);
    return bc__http_fail(error, BC_ERR_MEMORY, result,
                         "the system gave no thread for the HTTP server's time-outs");
}

void bc__http_watch_stop(bc__http_watch *watch)
{
    (void)pthread_mutex_lock(&watch->lock);
    watch->stopping = true;
    (void)pthread_mutex_unlock(&watch->lock);
    wake(watch);
    (void)pthread_join(watch->thread, NULL);
    (void)pthread_mutex_destroy(&watch->lock);
    (void)close(watch->wake[0]);
    (void)close(watch->wake[1]);
}

bc__http_guest *bc__http_watch_add(bc__http_watch *watch, int socket)
{
    bool only;
    bc__http_guest *guest = calloc(1, sizeof *guest);

    if (guest == NULL) {
        return NULL;
    }
    guest->socket = socket;
    guest->deadline = bc__http_now() + (int64_t)watch->timeout_us;
    (void)pthread_mutex_lock(&watch->lock);
    only = watch->first == NULL;
    guest->next = watch->first;
    if (watch->first != NULL) {
        watch->first->previous = guest;
    }
    watch->first = guest;
    (void)pthread_mutex_unlock(&watch->lock);
    if (only) {
        wake(watch);
    }
    return guest;
}

void bc__http_watch_remove(bc__http_watch *watch, bc__http_guest *guest)
{
    (void)pthread_mutex_lock(&watch->lock);
    if (guest->previous == NULL) {
        watch->first = guest->next;
    } else {
        guest->previous->next = guest->next;
    }
    if (guest->next != NULL) {
        guest->next->previous = guest->previous;
    }
    (void)pthread_mutex_unlock(&watch->lock);
    free(guest);
}

bool bc__http_guest_left(const bc__http_guest *guest)
{
    struct pollfd end = {guest->socket, POLLRDHUP, 0};

    return poll(&end, 1, 0) > 0 && (end.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0;
}

static void set_deadline(bc__http_watch *watch, bc__http_guest *guest, int64_t deadline)
{
    (void)pthread_mutex_lock(&watch->lock);
    guest->deadline = deadline;
    (void)pthread_mutex_unlock(&watch->lock);
}

void bc__http_watch_renew(bc__http_watch *watch, bc__http_guest *guest)
{
    set_deadline(watch, guest, bc__http_now() + (int64_t)watch->timeout_us);
}

void bc__http_watch_suspend(bc__http_watch *watch, bc__http_guest *guest)
{
    set_deadline(watch, guest, INT64_MAX);
}
