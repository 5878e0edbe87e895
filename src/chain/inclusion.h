/* Merkle proofs of what is on the best chain, for somebody who trusts one of its headers. */
#ifndef BC_CHAIN_INCLUSION_H
#define BC_CHAIN_INCLUSION_H

#include "src/chain/engine.h"

typedef struct bc__proof_request {
    uint32_t type;        /* BC_INCLUSION_OF_..., BC_CONSISTENCY */
    const uint8_t *tx_id; /* of the transaction, where one is to be shown, else NULL */
    uint64_t height;      /* else of the (older) block; BC_NONE: the tip's */
    uint64_t later;       /* height of the header to be trusted; BC_NONE: the tip's. Not of
                             BC_INCLUSION_OF_TX */
} bc__proof_request;

/* Appends a proof. Locks. BC_ERR_UNSUPPORTED, BC_ERR_NOT_FOUND, BC_ERR_ARGUMENT (the later block is
 * not above the older one), BC_ERR_STORE, BC_ERR_DAMAGED. */
bc_status bc__engine_write_proof(bc__engine *engine, bc__bytes *out,
                                 const bc__proof_request *request, bc_error *error);

#endif
