#include "src/sync/sync.h"

#include <string.h>

#include "src/base/error.h"

bc_status bc__sync_open(bc__sync *sync, bc__engine *engine, const bc_transport *transport,
                        bc_error *error)
{
    memset(sync, 0, sizeof *sync);
    sync->engine = engine;
    if (pthread_mutex_init(&sync->lock, NULL) != 0) {
        return bc__fail_memory(error);
    }
    if (pthread_cond_init(&sync->finished, NULL) != 0) {
        (void)pthread_mutex_destroy(&sync->lock);
        return bc__fail_memory(error);
    }
    bc_status status = bc__sync_load_peers(sync, error);
    if (status == BC_OK && transport != NULL) {
        status = bc__mailbox_new(&sync->mailbox, &engine->params->origin, transport, error);
    }
    if (status != BC_OK) {
        bc__sync_close(sync);
        return status;
    }
    if (transport != NULL) {
        sync->transport = *transport;
        sync->has_transport = true;
    }
    return BC_OK;
}

void bc__sync_close(bc__sync *sync)
{
    if (sync->mailbox != NULL) {
        bc__mailbox_close(sync->mailbox);
    }
    if (sync->has_transport && sync->transport.close != NULL) {
        sync->transport.close(sync->transport.context);
    }
    bc__mailbox_unref(sync->mailbox);
    bc__sync_free_peers(sync);
    (void)pthread_cond_destroy(&sync->finished);
    (void)pthread_mutex_destroy(&sync->lock);
}
