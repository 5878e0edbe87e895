/* Accounts and transactions, as a host asks for them. */
#include <string.h>

#include "src/base/error.h"
#include "src/chain/engine.h"

bc_status bc__engine_account(bc__engine *engine, bc__account *account, uint64_t *next_nonce,
                             const uint8_t key[32], bc_error *error)
{
    *account = (bc__account){0, 0};
    *next_nonce = 0;
    if ((bc__engine_rules(engine)->capabilities & BC__HAS_ACCOUNTS) == 0) {
        return bc__fail(error, BC_ERR_UNSUPPORTED, "these rules have no accounts");
    }
    bc_status status = bc__engine_enter(engine, error);
    if (status != BC_OK) {
        return status;
    }
    status = bc__accounts_get(&engine->accounts, account, key, error);
    if (status == BC_OK) {
        *next_nonce = bc__fee_next_nonce(&engine->mempool, key, account->nonce);
    }
    bc__engine_leave(engine);
    return status;
}

/* The search among the stored blocks that hold a transaction for the one on the best chain. */
typedef struct place_search {
    const bc__engine *engine;
    uint32_t node; /* BC__NO_NODE: not found yet */
    uint32_t position;
} place_search;

enum { FOUND = 1 }; /* ends a scan */

static bc_status look_at_place(void *context, const uint8_t *key, size_t key_length,
                               const uint8_t *value, size_t value_length)
{
    place_search *search = context;
    uint8_t block_id[BC_ID_BYTES];
    uint32_t position;
    (void)key;
    (void)key_length;
    if (!bc__tx_record_read(block_id, &position, value, value_length)) {
        return BC_OK;
    }
    uint32_t node = bc__tree_find(&search->engine->tree, block_id);
    if (node == BC__NO_NODE || !bc__tree_is_best(&search->engine->tree, node)) {
        return BC_OK;
    }
    search->node = node;
    search->position = position;
    return FOUND;
}

bc_status bc__engine_place_of_tx(bc__engine *engine, uint32_t *node, uint32_t *position,
                                 const uint8_t id[BC_ID_BYTES], bc_error *error)
{
    place_search search = {.engine = engine, .node = BC__NO_NODE};
    bc__key prefix = bc__key_of_id(BC__KEY_TX, id);
    bc_status status =
        bc__database_scan_pending(&engine->database, &prefix, look_at_place, &search);
    if (status == BC_OK) {
        status = bc__database_scan(&engine->database, &prefix, look_at_place, &search, error);
    }
    if (search.node == BC__NO_NODE) {
        return status != BC_OK
                   ? status
                   : bc__fail(error, BC_ERR_NOT_FOUND, "the best chain holds no such transaction");
    }
    *node = search.node;
    *position = search.position;
    return BC_OK;
}

static bc_status read_tx(bc__engine *engine, bc__tx_found *found, uint32_t node, uint32_t position,
                         const uint8_t id[BC_ID_BYTES], bc_error *error)
{
    bc_block *block;
    bc_status status = bc__engine_block(engine, &block, node, error);
    if (status != BC_OK) {
        return status;
    }
    if (position >= block->tx_count || memcmp(block->tx_ids[position], id, BC_ID_BYTES) != 0) {
        status = bc__fail(error, BC_ERR_DAMAGED, "the place of the transaction is that of another");
    } else {
        status = bc__engine_rules(engine)->block_tx(&found->tx, block, position, error);
    }
    memcpy(found->block_id, block->id, BC_ID_BYTES);
    found->height = bc__tree_node(&engine->tree, node)->height;
    found->position = position;
    bc_block_unref(block);
    return status;
}

bc_status bc__engine_find_tx(bc__engine *engine, bc__tx_found *found, const uint8_t id[BC_ID_BYTES],
                             bc_error *error)
{
    uint32_t node = BC__NO_NODE;
    uint32_t position = 0;
    *found = (bc__tx_found){.height = BC_NONE};
    if ((bc__engine_rules(engine)->capabilities & BC__CAN_IDENTIFY_TX) == 0) {
        return bc__fail(error, BC_ERR_UNSUPPORTED,
                        "these rules do not tell equal transactions apart");
    }
    bc_status status = bc__engine_enter(engine, error);
    if (status != BC_OK) {
        return status;
    }
    const bc__waiting *waiting = bc__mempool_find(&engine->mempool, id);
    if (waiting != NULL) {
        found->tx = bc_tx_ref(waiting->tx);
    } else {
        status = bc__engine_place_of_tx(engine, &node, &position, id, error);
        if (status == BC_OK) {
            status = read_tx(engine, found, node, position, id, error);
        }
    }
    bc__engine_leave(engine);
    return status;
}
