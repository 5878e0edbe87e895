/* bc_tx: an immutable transaction, with its encoding. */
#ifndef BC_BLOCK_TRANSACTION_H
#define BC_BLOCK_TRANSACTION_H

#include "src/base/origin.h"

struct bc_tx {
    atomic_uint_fast32_t references;
    bc__origin *origin; /* a reference */
    uint8_t id[BC_ID_BYTES];
    size_t length;
    uint8_t bytes[]; /* the encoding; under rules whose encoding is JSON the canonical JSON */
};

/* Makes a transaction of a copy of the encoding, which the rules have checked. */
bc_status bc__tx_make(bc_tx **out, bc__origin *origin, const uint8_t id[BC_ID_BYTES],
                      const uint8_t *bytes, size_t length, bc_error *error);

/* What a transaction takes of memory, for bounds. */
size_t bc__tx_memory(const bc_tx *tx);

#endif
