/* Merkle proofs without a chain: which rules verify them. */
#include "src/rules/ledger/proof.h"

#include "src/base/error.h"

bc_status bc__verify_proof(const bc_params *params, bc_inclusion *result, const uint8_t *bytes,
                           size_t length, bc_error *error)
{
    if (params == NULL) { /* one rule set has proofs, and its bytes are read without its params */
        return bc__ledger_verify_proof(NULL, result, bytes, length, error);
    }
    if (params->rules->verify_proof == NULL) {
        return bc__fail(error, BC_ERR_UNSUPPORTED,
                        "the rules \"%s\" of the network \"%s\" have no Merkle proofs",
                        params->rules->name, params->name);
    }
    return params->rules->verify_proof(params, result, bytes, length, error);
}
