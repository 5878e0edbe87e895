/* What any thread may know of a chain without waiting for it: the tip, the counts, whether it was
 * interrupted or closed. Reference-counted, because works, replies and answers outlive their chain. */
#ifndef BC_CHAIN_PUBLISHED_H
#define BC_CHAIN_PUBLISHED_H

#include <pthread.h>
#include <stdbool.h>

#include "lib/uint256.h"
#include "src/base/origin.h"

typedef struct bc__view {
    uint64_t height;
    uint8_t id[BC_ID_BYTES];
    bc__uint256 chain_work;
    uint64_t blocks;
    uint64_t mempool_count;
    uint64_t mempool_bytes;
    uint64_t orphan_count;
    uint64_t peer_count;
    bool poisoned;
} bc__view;

typedef struct bc__published {
    atomic_uint_fast32_t references;
    bc__origin *origin;
    uint64_t number;      /* tells this opening of a chain from every other; not 0 */
    pthread_mutex_t lock; /* of view; held only to copy it */
    bc__view view;
    atomic_uint_fast64_t tips; /* counts changes of the tip: work made before one is stale */
    atomic_uint_fast64_t
        interrupts; /* counts interrupts: a call ends when it sees another number */
    atomic_bool closed;
} bc__published;

bc_status bc__published_new(bc__published **out, bc__origin *origin, bc_error *error);
bc__published *bc__published_ref(bc__published *published);
void bc__published_unref(bc__published *published); /* takes NULL */

void bc__published_read(bc__published *published, bc__view *view);
void bc__published_write(bc__published *published, const bc__view *view);

static inline uint64_t bc__published_interrupts(bc__published *published)
{
    return atomic_load_explicit(&published->interrupts, memory_order_acquire);
}

static inline uint64_t bc__published_tips(bc__published *published)
{
    return atomic_load_explicit(&published->tips, memory_order_acquire);
}

static inline bool bc__published_closed(bc__published *published)
{
    return atomic_load_explicit(&published->closed, memory_order_acquire);
}

#endif
