/* Replies of peers as the host's transport writes them. A reply belongs to a mailbox, which outlives
 * the chain, so that a late write finds a closed door and not freed memory. */
#ifndef BC_SYNC_REPLY_H
#define BC_SYNC_REPLY_H

#include <pthread.h>
#include <stdbool.h>

#include "lib/bytes.h"
#include "src/base/origin.h"

typedef struct bc__mailbox {
    atomic_uint_fast32_t references;
    bc__origin *origin;
    bc_transport transport; /* not to be called once closed */
    pthread_mutex_t lock;   /* of this and of all its replies */
    pthread_cond_t arrival; /* some reply ended */
    uint64_t arrivals;      /* counts them */
    bool closed;
} bc__mailbox;

bc_status bc__mailbox_new(bc__mailbox **out, bc__origin *origin, const bc_transport *transport,
                          bc_error *error);
void bc__mailbox_unref(bc__mailbox *mailbox); /* takes NULL */

/* From here on every write and end gives BC_ERR_CLOSED, and wake is not called any more. */
void bc__mailbox_close(bc__mailbox *mailbox);

/* How many replies have ended so far. */
uint64_t bc__mailbox_arrivals(bc__mailbox *mailbox);

/* Waits until more than `seen` replies have ended, for at most `microseconds`, or less. */
void bc__mailbox_wait(bc__mailbox *mailbox, uint64_t seen, int64_t microseconds);

/* A reply that the library holds and that takes at most `limit` bytes. The host's references are counted
 * apart, by bc_reply_ref and bc_reply_unref: when the last of them goes, the reply ends. */
bc_status bc__reply_new(bc_reply **out, bc__mailbox *mailbox, uint64_t limit, bc_error *error);
void bc__reply_release(bc_reply *reply); /* the library's hold; takes NULL */

typedef struct bc__reply_state {
    bool ended;
    bc_status failure; /* of the first write that was not taken; none is taken after it */
    bc_status outcome;
    char why[sizeof((bc_error *)0)->message];
} bc__reply_state;

void bc__reply_read(bc_reply *reply, bc__reply_state *state);

/* Nobody waits any more: takes no more bytes, and lets those go that it has. False where the host has
 * ended it already, and so must not be told that it is cancelled. */
bool bc__reply_close(bc_reply *reply);

/* Takes the bytes out of a reply that has ended. */
void bc__reply_take(bc_reply *reply, bc__bytes *bytes);

#endif
