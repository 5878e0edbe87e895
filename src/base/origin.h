/* What all objects made from one bc_params share: the allocator and the network they belong to. It is
 * the first member of bc_params, counts its references, and lets the rooms below src/rules keep one
 * without knowing what params are. */
#ifndef BC_BASE_ORIGIN_H
#define BC_BASE_ORIGIN_H

#include <stdatomic.h>

#include <bc/bc.h>

#include "lib/heap.h"

typedef struct bc__origin bc__origin;

struct bc__origin {
    atomic_uint_fast32_t references;
    bc__heap heap;
    uint8_t network_id[BC_ID_BYTES];
    void (*destroy)(bc__origin *origin); /* called by the last bc__origin_unref */
};

/* One reference, held by the caller. `allocator` NULL is malloc. BC_ERR_ARGUMENT for one that is not
 * complete, BC_ERR_UNSUPPORTED for a newer struct. */
bc_status bc__origin_init(bc__origin *origin, const bc_allocator *allocator,
                          void (*destroy)(bc__origin *origin), bc_error *error);
bc__origin *bc__origin_ref(bc__origin *origin);
void bc__origin_unref(bc__origin *origin); /* takes NULL */

/* An id for the host: `from`, or zeros where that is NULL. `id` may be NULL. */
static inline void bc__give_id(uint8_t id[BC_ID_BYTES], const uint8_t *from)
{
    for (size_t at = 0; id != NULL && at < BC_ID_BYTES; at++) {
        id[at] = from == NULL ? 0 : from[at];
    }
}

/* The heap of an allocator as the host gave it; as bc__origin_init. */
bc_status bc__heap_from_allocator(bc__heap *heap, const bc_allocator *allocator, bc_error *error);

#endif
