#include "src/block/transaction.h"

#include <string.h>

#include "src/base/error.h"

bc_status bc__tx_make(bc_tx **out, bc__origin *origin, const uint8_t id[BC_ID_BYTES],
                      const uint8_t *bytes, size_t length, bc_error *error)
{
    *out = NULL;
    if (length > SIZE_MAX - sizeof(bc_tx)) {
        return bc__fail_memory(error);
    }
    bc_tx *tx = bc__heap_array(&origin->heap, 1, sizeof *tx + length);
    if (tx == NULL) {
        return bc__fail_memory(error);
    }
    atomic_init(&tx->references, 1);
    tx->origin = bc__origin_ref(origin);
    memcpy(tx->id, id, BC_ID_BYTES);
    tx->length = length;
    memcpy(tx->bytes, bytes, length);
    *out = tx;
    return BC_OK;
}

size_t bc__tx_memory(const bc_tx *tx)
{
    return sizeof *tx + tx->length;
}

bc_tx *bc_tx_ref(bc_tx *tx)
{
    if (tx != NULL) {
        atomic_fetch_add_explicit(&tx->references, 1, memory_order_relaxed);
    }
    return tx;
}

void bc_tx_unref(bc_tx *tx)
{
    if (tx != NULL && atomic_fetch_sub_explicit(&tx->references, 1, memory_order_acq_rel) == 1) {
        bc__origin *origin = tx->origin;
        bc__heap_release(&origin->heap, tx);
        bc__origin_unref(origin);
    }
}
