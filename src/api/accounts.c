/* The public functions about accounts and single transactions of a chain. */
#include <string.h>

#include "src/api/handle.h"
#include "src/base/error.h"

bc_status bc_chain_account(bc_chain *chain, uint64_t *balance, uint64_t *nonce,
                           uint64_t *next_nonce, const uint8_t key[32], bc_error *error)
{
    bc__account account = {0, 0};
    uint64_t next = 0;
    bc_status status;
    if (chain == NULL || key == NULL) {
        status = bc__fail_null(error, chain == NULL ? "chain" : "key");
    } else {
        status = bc__engine_account(&chain->engine, &account, &next, key, error);
    }
    if (balance != NULL) {
        *balance = account.balance;
    }
    if (nonce != NULL) {
        *nonce = account.nonce;
    }
    if (next_nonce != NULL) {
        *next_nonce = next;
    }
    return status;
}

bc_status bc_chain_find_tx(bc_chain *chain, bc_tx **out, uint64_t *height, uint8_t block_id[32],
                           uint32_t *position, const uint8_t id[32], bc_error *error)
{
    bc__tx_found found = {.height = BC_NONE};
    bc_status status;
    if (out == NULL) {
        return bc__fail_null(error, "out");
    }
    if (chain == NULL || id == NULL) {
        status = bc__fail_null(error, chain == NULL ? "chain" : "id");
    } else {
        status = bc__engine_find_tx(&chain->engine, &found, id, error);
    }
    *out = found.tx;
    if (height != NULL) {
        *height = found.height;
    }
    if (position != NULL) {
        *position = found.position;
    }
    bc__give_id(block_id, found.block_id);
    return status;
}

/* Locked. */
static bc_status drop_tx(bc__engine *engine, const uint8_t id[32], bc_error *error)
{
    if (bc__mempool_find(&engine->mempool, id) == NULL) {
        return bc__fail(error, BC_ERR_NOT_FOUND, "no such transaction waits");
    }
    bc_status status = bc__engine_drop_tx(engine, id, error);
    return status == BC_OK
               ? bc__engine_commit(engine, bc__database_mark(&engine->database), true, error)
               : status;
}

bc_status bc_chain_drop_tx(bc_chain *chain, const uint8_t id[32], bc_error *error)
{
    if (chain == NULL || id == NULL) {
        return bc__fail_null(error, chain == NULL ? "chain" : "id");
    }
    bc__engine *engine = &chain->engine;
    if ((bc__engine_rules(engine)->capabilities & BC__CAN_IDENTIFY_TX) == 0) {
        return bc__fail(error, BC_ERR_UNSUPPORTED,
                        "these rules do not tell equal transactions apart");
    }
    bc_status status = bc__engine_enter_to_write(engine, error);
    if (status == BC_OK) {
        status = drop_tx(engine, id, error);
        bc__engine_leave(engine);
    }
    return status;
}
