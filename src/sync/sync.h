/* Peers, and agreeing with them. */
#ifndef BC_SYNC_SYNC_H
#define BC_SYNC_SYNC_H

#include "src/chain/engine.h"
#include "src/sync/reply.h"

typedef struct bc__peer {
    char *name;
    uint64_t sequence; /* order of arrival; its key in the store */
} bc__peer;

typedef struct bc__sync {
    bc__engine *engine;
    bool has_transport;
    bc_transport transport;
    bc__mailbox *mailbox; /* a reference; NULL without a transport */
    bc__peer *peers;      /* under the engine's lock */
    size_t peer_count;
    size_t peer_capacity;

    pthread_mutex_t lock; /* of what follows */
    pthread_cond_t finished;
    bool running;          /* some thread resolves */
    uintptr_t runner;      /* that thread */
    uint64_t runs;         /* counts resolves that ended */
    bc_status last_status; /* of the one that ended last */
    bool last_replaced;
    bc_error last_error;
} bc__sync;

/* Reads the peers that the store holds. `transport` may be NULL; it is not taken on failure. */
bc_status bc__sync_open(bc__sync *sync, bc__engine *engine, const bc_transport *transport,
                        bc_error *error);

/* Shuts the mailbox and closes the transport. */
void bc__sync_close(bc__sync *sync);

/* ---- peers.c ---- */
bc_status bc__sync_load_peers(bc__sync *sync, bc_error *error);
void bc__sync_free_peers(bc__sync *sync);
bc_status bc__sync_add_peer(bc__sync *sync, const char *peer, bc_error *error);
bc_status bc__sync_remove_peer(bc__sync *sync, const char *peer, bc_error *error);

/* The names of all peers, to be freed with bc__names_free. */
typedef struct bc__names {
    char **names;
    size_t count;
} bc__names;

bc_status bc__sync_peers(bc__sync *sync, bc__names *names, bc_error *error);
void bc__names_free(bc__sync *sync, bc__names *names);

/* ---- resolve.c ---- */
bc_status bc__sync_resolve(bc__sync *sync, bool *replaced, bc_event_fn report, void *context,
                           bc_error *error);

/* BC_ERR_REENTRANT inside the transport of a resolve of this thread. */
bc_status bc__sync_check_thread(bc__sync *sync, bc_error *error);

#endif
