/* One resolve: what is asked of each peer, one request of it at a time, and what it was found to be. How
 * peers are asked depends on the capabilities of the rules: a bc__way. */
#ifndef BC_SYNC_INQUIRY_H
#define BC_SYNC_INQUIRY_H

#include "src/sync/sync.h"

enum { BC__PEERS_AT_A_TIME = 4 }; /* so that what replies hold of memory is bounded */

typedef struct bc__inquiry {
    const char *peer;
    bool active;     /* its turn has come, and is not over */
    bool concluded;  /* `status` and `text` say how it ended */
    bc_reply *reply; /* ours, while a request is under way */
    uint64_t most;   /* bytes that the reply may have */
    int64_t deadline;
    bc_status status;
    uint64_t height; /* of the last block of its chain, where that was seen */
    char text[sizeof((bc_error *)0)->message];
} bc__inquiry;

typedef struct bc__run {
    bc__sync *sync;
    bc__names names;
    bc__inquiry *inquiries; /* one for each name */
    size_t next;            /* whose turn comes next */
    size_t active;
    uint64_t interrupts;
    void *state;       /* of the way */
    bc_status failure; /* not a peer's but ours: ends the resolve */
    bc_error error;
} bc__run;

typedef struct bc__way {
    size_t state_bytes; /* all zero at first */
    bc_status (*open)(bc__run *run, bc_error *error);
    /* A peer's turn has come: asks it something. */
    void (*begin)(bc__run *run, bc__inquiry *inquiry);
    /* Takes what it answered: asks further, or lets its turn end. What is left in `answer` is freed. */
    void (*answered)(bc__run *run, bc__inquiry *inquiry, bc__bytes *answer);
    /* Goes on where something had to be waited for; says whether anything did. May be NULL. */
    bool (*step)(bc__run *run);
    /* All turns are over. Not called where the resolve failed before. May be NULL. */
    bc_status (*finish)(bc__run *run, bool *replaced, bc_error *error);
    /* Whether the tip came from a peer, however it ended; frees what is in the state. */
    bool (*close)(bc__run *run);
} bc__way;

/* ---- whole_chain_resolve.c, headers_resolve.c ---- */
extern const bc__way bc__resolve_by_whole_chains;
extern const bc__way bc__resolve_by_headers;

static inline bc__engine *bc__run_engine(const bc__run *run)
{
    return run->sync->engine;
}

/* BC_ERR_INTERRUPTED where the resolve was. */
bc_status bc__run_check(const bc__run *run, bc_error *error);

/* Ends the peer's turn, and what is under way. */
__attribute__((format(printf, 4, 5))) void bc__inquiry_conclude(bc__run *run, bc__inquiry *inquiry,
                                                                bc_status status,
                                                                const char *format, ...);

/* Ends its turn, with the conclusion to come. */
void bc__inquiry_rest(bc__run *run, bc__inquiry *inquiry);

/* Sends a request whose answer may have `most` bytes, and at most reply_bytes. Where that fails, the
 * inquiry is concluded. */
void bc__inquiry_ask(bc__run *run, bc__inquiry *inquiry, const char *method, const uint8_t *body,
                     size_t length, uint64_t most);

/* Whether the answer is there, all of it: then it is in `answer`. A request that failed, took too long
 * or gave too much concludes the inquiry. */
bool bc__inquiry_take(bc__run *run, bc__inquiry *inquiry, int64_t now, bc__bytes *answer);

#endif
