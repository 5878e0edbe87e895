/* The client: one thread that drives libcurl's multi interface. Requests come in on any thread
 * through a list under a lock; everything of libcurl but curl_multi_wakeup is the thread's own. No
 * function of the library is called with the lock held. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "transfer.h"

enum { IDLE_MS = 60000 /* the thread is woken for all that matters */ };

typedef struct list {
    bc__http_transfer *first;
    bc__http_transfer *last;
    uint64_t count;
} list;

struct bc__http_client {
    const bc__http_settings *settings;
    CURLM *multi;
    pthread_t thread;
    bool joined; /* of the thread that stops */
    pthread_mutex_t lock;
    bool stopping; /* under the lock, as the lists */
    list waiting;  /* oldest first */
    list running;  /* changed by the thread alone, read by cancel */
};

static void append(list *to, bc__http_transfer *transfer)
{
    transfer->next = NULL;
    transfer->previous = to->last;
    if (to->last == NULL) {
        to->first = transfer;
    } else {
        to->last->next = transfer;
    }
    to->last = transfer;
    to->count++;
}

static void take_out(list *from, bc__http_transfer *transfer)
{
    if (transfer->previous == NULL) {
        from->first = transfer->next;
    } else {
        transfer->previous->next = transfer->next;
    }
    if (transfer->next == NULL) {
        from->last = transfer->previous;
    } else {
        transfer->next->previous = transfer->previous;
    }
    from->count--;
}

/* ---- The thread ----------------------------------------------------------------------------- */

/* Puts the next waiting transfer among the running ones; NULL where none waits or has room. */
static bc__http_transfer *admit_one(bc__http_client *client, bool *cancelled)
{
    bc__http_transfer *transfer = NULL;

    (void)pthread_mutex_lock(&client->lock);
    if (!client->stopping && client->running.count < client->settings->max_requests) {
        transfer = client->waiting.first;
    }
    if (transfer != NULL) {
        take_out(&client->waiting, transfer);
        append(&client->running, transfer);
        *cancelled = transfer->cancelled;
    }
    (void)pthread_mutex_unlock(&client->lock);
    return transfer;
}

static void end_running(bc__http_client *client, bc__http_transfer *transfer, bc_status outcome,
                        const char *why)
{
    (void)pthread_mutex_lock(&client->lock);
    take_out(&client->running, transfer);
    (void)pthread_mutex_unlock(&client->lock);
    if (transfer->easy != NULL) {
        (void)curl_multi_remove_handle(client->multi, transfer->easy);
    }
    bc__http_transfer_finish(transfer, outcome, why);
}

static void admit(bc__http_client *client)
{
    bc__http_transfer *transfer;
    bool cancelled = false;

    while ((transfer = admit_one(client, &cancelled)) != NULL) {
        if (cancelled) {
            end_running(client, transfer, BC_ERR_CLOSED, "the request was cancelled");
        } else if (bc__http_transfer_prepare(transfer) != BC_OK ||
                   curl_multi_add_handle(client->multi, transfer->easy) != CURLM_OK) {
            end_running(client, transfer, BC_ERR_MEMORY, "no memory for the request");
        }
    }
}

/* Whether any ended, so that there is room for waiting ones. */
static bool reap(bc__http_client *client)
{
    bool any = false;
    CURLMsg *message;
    int left;

    while ((message = curl_multi_info_read(client->multi, &left)) != NULL) {
        char *pointer = NULL;
        bc__http_transfer *transfer;
        bc_status outcome;
        if (message->msg != CURLMSG_DONE ||
            curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &pointer) != CURLE_OK) {
            continue;
        }
        transfer = (bc__http_transfer *)(void *)pointer;
        outcome = bc__http_transfer_judge(transfer, message->data.result);
        end_running(client, transfer, outcome, outcome == BC_OK ? NULL : transfer->why);
        any = true;
    }
    return any;
}

/* The next running transfer that is cancelled, or any at all once the client stops. */
static bc__http_transfer *next_dropped(bc__http_client *client, bool *stopping)
{
    bc__http_transfer *transfer;

    (void)pthread_mutex_lock(&client->lock);
    *stopping = client->stopping;
    transfer = client->running.first;
    while (transfer != NULL && !transfer->cancelled && !*stopping) {
        transfer = transfer->next;
    }
    (void)pthread_mutex_unlock(&client->lock);
    return transfer;
}

/* Ends what nobody waits for; true once the client stops. */
static bool drop(bc__http_client *client)
{
    bool stopping;
    bc__http_transfer *transfer;

    while ((transfer = next_dropped(client, &stopping)) != NULL) {
        end_running(client, transfer, BC_ERR_CLOSED,
                    stopping ? "the client was stopped" : "the request was cancelled");
    }
    return stopping;
}

static void *run(void *context)
{
    bc__http_client *client = context;
    const struct timespec pause = {0, 100 * 1000 * 1000};
    int active;

    while (!drop(client)) {
        CURLMcode code;
        admit(client);
        code = curl_multi_perform(client->multi, &active);
        if (reap(client)) {
            continue;
        }
        if (code == CURLM_OK) {
            code = curl_multi_poll(client->multi, NULL, 0, IDLE_MS, NULL);
        }
        if (code != CURLM_OK) {
            (void)nanosleep(&pause, NULL); /* no memory: do not spin */
        }
    }
    return NULL;
}

/* ---- From other threads --------------------------------------------------------------------- */

bc_status bc__http_client_new(bc__http_client **out, const bc__http_settings *settings,
                              bc_error *error)
{
    int result;
    bc__http_client *client = calloc(1, sizeof *client);

    *out = NULL;
    if (client == NULL) {
        return bc__http_fail(error, BC_ERR_MEMORY, 0, "no memory for the HTTP client");
    }
    client->settings = settings;
    client->multi = curl_multi_init();
    if (client->multi == NULL) {
        free(client);
        return bc__http_fail(error, BC_ERR_MEMORY, 0, "no memory for libcurl");
    }
    result = pthread_mutex_init(&client->lock, NULL);
    if (result == 0) {
        result = bc__http_thread(&client->thread, run, client);
        if (result != 0) {
            (void)pthread_mutex_destroy(&client->lock);
        }
    }
    if (result != 0) {
        (void)curl_multi_cleanup(client->multi);
        free(client);
        return bc__http_fail(error, BC_ERR_MEMORY, result,
                             "the system gave no thread for the HTTP client");
    }
    *out = client;
    return BC_OK;
}

void bc__http_client_stop(bc__http_client *client)
{
    bc__http_transfer *transfer;

    if (client->joined) {
        return;
    }
    (void)pthread_mutex_lock(&client->lock);
    client->stopping = true;
    (void)pthread_mutex_unlock(&client->lock);
    (void)curl_multi_wakeup(client->multi);
    (void)pthread_join(client->thread, NULL);
    client->joined = true;
    /* Nothing is added any more, and the thread is gone. */
    while ((transfer = client->waiting.first) != NULL) {
        (void)pthread_mutex_lock(&client->lock);
        take_out(&client->waiting, transfer);
        (void)pthread_mutex_unlock(&client->lock);
        bc__http_transfer_finish(transfer, BC_ERR_CLOSED, "the client was stopped");
    }
}

void bc__http_client_free(bc__http_client *client)
{
    if (client == NULL) {
        return;
    }
    bc__http_client_stop(client);
    (void)curl_multi_cleanup(client->multi);
    (void)pthread_mutex_destroy(&client->lock);
    free(client);
}

bc_status bc__http_client_request(bc__http_client *client, const char *peer, const char *method,
                                  const uint8_t *body, size_t length, bc_reply *reply)
{
    char why[BC__HTTP_WHY_BYTES_MAX + 1];
    bc__http_transfer *transfer;
    bool stopping;
    bc_status status =
        bc__http_transfer_new(&transfer, why, client->settings, peer, method, body, length, reply);

    if (status != BC_OK) {
        (void)bc_reply_end(reply, status, why);
        bc_reply_unref(reply);
        return BC_OK; /* the sentence says more than a status */
    }
    (void)pthread_mutex_lock(&client->lock);
    stopping = client->stopping;
    if (!stopping) {
        append(&client->waiting, transfer);
    }
    (void)pthread_mutex_unlock(&client->lock);
    if (stopping) {
        bc__http_transfer_finish(transfer, BC_ERR_CLOSED, "the client was stopped");
        return BC_OK;
    }
    (void)curl_multi_wakeup(client->multi);
    return BC_OK;
}

/* A transfer holds a reference to its reply as long as it is in a list, so no other reply can have
 * the same address. */
static void mark(list *in, const bc_reply *reply)
{
    for (bc__http_transfer *transfer = in->first; transfer != NULL; transfer = transfer->next) {
        if (transfer->reply == reply) {
            transfer->cancelled = true;
        }
    }
}

void bc__http_client_cancel(bc__http_client *client, bc_reply *reply)
{
    (void)pthread_mutex_lock(&client->lock);
    mark(&client->waiting, reply);
    mark(&client->running, reply);
    (void)pthread_mutex_unlock(&client->lock);
    (void)curl_multi_wakeup(client->multi);
}
