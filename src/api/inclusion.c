/* The public functions of Merkle proofs. */
#include <string.h>

#include "lib/hex.h"
#include "src/api/handle.h"
#include "src/base/buffer.h"
#include "src/base/error.h"
#include "src/base/versioned.h"
#include "src/chain/inclusion.h"

static bc_status check_id(const uint8_t shown[BC_ID_BYTES], const uint8_t given[BC_ID_BYTES],
                          const char *which, bc_error *error)
{
    if (memcmp(shown, given, BC_ID_BYTES) == 0) {
        return BC_OK;
    }
    char text[2][2 * BC_ID_BYTES + 1] = {{0}};
    bc__hex_encode(text[0], shown, BC_ID_BYTES);
    bc__hex_encode(text[1], given, BC_ID_BYTES);
    return bc__fail(error, BC_ERR_FORMAT, "the proof is one for the %s %s, not for %s", which,
                    text[0], text[1]);
}

/* Whether what is shown is what was asked for. `older_id` is NULL for proofs of inclusion. */
static bc_status check_trust(const bc_inclusion *shown, const uint8_t *older_id,
                             const uint8_t *trusted_id, bc_error *error)
{
    bool consistency = shown->type == BC_CONSISTENCY;
    if (consistency != (older_id != NULL)) {
        return bc__fail(error, BC_ERR_FORMAT, "the proof is of type %u, one of %s", shown->type,
                        consistency ? "consistency, which has two headers to be named"
                                    : "inclusion, where one of consistency was asked for");
    }
    bc_status status = check_id(shown->later_id, trusted_id, "header", error);
    return status == BC_OK && consistency ? check_id(shown->id, older_id, "older header", error)
                                          : status;
}

static bc_status verify(const bc_params *params, uint32_t *verdict, bc_inclusion *result,
                        const uint8_t *bytes, size_t length, const uint8_t *older_id,
                        const uint8_t *trusted_id, bc_error *error)
{
    bc_inclusion shown = BC_INCLUSION_INIT;
    if (result != NULL) {
        bc_status status = bc__versioned_write(result, &shown, sizeof shown, "bc_inclusion", error);
        if (status != BC_OK) {
            return status;
        }
    }
    bc_status status = bc__verify_proof(params, &shown, bytes, length, error);
    if (status == BC_OK) {
        status = check_trust(&shown, older_id, trusted_id, error);
    }
    if (status == BC_ERR_FORMAT) {
        if (error != NULL) {
            error->code = BC_OK; /* an answer, not a failed call */
        }
        *verdict = BC_VERDICT_INVALID;
        return BC_OK;
    }
    if (status == BC_OK) {
        *verdict = BC_VERDICT_ACCEPTED;
        if (result != NULL) {
            status = bc__versioned_write(result, &shown, sizeof shown, "bc_inclusion", error);
        }
    }
    return status;
}

bc_status bc_inclusion_verify(const bc_params *params, uint32_t *verdict, bc_inclusion *result,
                              const uint8_t *bytes, size_t length,
                              const uint8_t trusted_id[BC_ID_BYTES], bc_error *error)
{
    if (verdict == NULL) {
        return bc__fail_null(error, "verdict");
    }
    *verdict = BC_VERDICT_NONE;
    if (bytes == NULL || trusted_id == NULL) {
        return bc__fail_null(error, bytes == NULL ? "bytes" : "trusted_id");
    }
    return verify(params, verdict, result, bytes, length, NULL, trusted_id, error);
}

bc_status bc_consistency_verify(const bc_params *params, uint32_t *verdict, bc_inclusion *result,
                                const uint8_t *bytes, size_t length,
                                const uint8_t older_id[BC_ID_BYTES],
                                const uint8_t later_id[BC_ID_BYTES], bc_error *error)
{
    if (verdict == NULL) {
        return bc__fail_null(error, "verdict");
    }
    *verdict = BC_VERDICT_NONE;
    if (bytes == NULL || older_id == NULL || later_id == NULL) {
        return bc__fail_null(error, bytes == NULL      ? "bytes"
                                    : older_id == NULL ? "older_id"
                                                       : "later_id");
    }
    return verify(params, verdict, result, bytes, length, older_id, later_id, error);
}

static bc_status prove(bc_chain *chain, bc_buffer **out, const bc__proof_request *request,
                       bc_error *error)
{
    if (out == NULL) {
        return bc__fail_null(error, "out");
    }
    *out = NULL;
    if (chain == NULL) {
        return bc__fail_null(error, "chain");
    }
    bc__bytes bytes;
    bc__bytes_init(&bytes, bc__engine_heap(&chain->engine), SIZE_MAX);
    bc_status status = bc__engine_write_proof(&chain->engine, &bytes, request, error);
    if (status == BC_OK) {
        status = bc__buffer_take(out, &bytes, &chain->engine.params->origin, error);
    }
    bc__bytes_free(&bytes);
    return status;
}

static bc_status prove_tx(bc_chain *chain, bc_buffer **out, const bc__proof_request *request,
                          bc_error *error)
{
    if (out != NULL && request->tx_id == NULL) {
        *out = NULL;
        return bc__fail_null(error, "tx_id");
    }
    return prove(chain, out, request, error);
}

bc_status bc_chain_inclusion_of_tx(bc_chain *chain, bc_buffer **out,
                                   const uint8_t tx_id[BC_ID_BYTES], bc_error *error)
{
    const bc__proof_request request = {.type = BC_INCLUSION_OF_TX, .tx_id = tx_id};
    return prove_tx(chain, out, &request, error);
}

bc_status bc_chain_inclusion_of_record(bc_chain *chain, bc_buffer **out,
                                       const uint8_t tx_id[BC_ID_BYTES], uint64_t later,
                                       bc_error *error)
{
    const bc__proof_request request = {
        .type = BC_INCLUSION_OF_RECORD, .tx_id = tx_id, .later = later};
    return prove_tx(chain, out, &request, error);
}

bc_status bc_chain_inclusion_of_block(bc_chain *chain, bc_buffer **out, uint64_t height,
                                      uint64_t later, bc_error *error)
{
    const bc__proof_request request = {
        .type = BC_INCLUSION_OF_BLOCK, .height = height, .later = later};
    return prove(chain, out, &request, error);
}

bc_status bc_chain_consistency(bc_chain *chain, bc_buffer **out, uint64_t older, uint64_t later,
                               bc_error *error)
{
    const bc__proof_request request = {.type = BC_CONSISTENCY, .height = older, .later = later};
    return prove(chain, out, &request, error);
}
