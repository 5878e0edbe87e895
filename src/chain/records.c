/* What the store holds of a block, written and removed: header, body, the places of its transactions,
 * and what it changed of the accounts. */
#include <string.h>

#include "src/base/error.h"
#include "src/chain/engine.h"

static bc_status write_header(bc__engine *engine, const bc_block *block, uint32_t parent,
                              uint64_t height, const bc__uint256 *work, uint64_t sequence,
                              bc_error *error)
{
    uint8_t nodes[BC__HISTORY_NODES_MAX][BC_ID_BYTES];
    uint8_t record[BC__HEADER_RECORD_BYTES_MAX];
    bc__header_record header = {
        .height = height,
        .sequence = sequence,
        .time = block->has_time ? block->time : 0,
        .has_time = block->has_time,
        .has_parent = parent != BC__NO_NODE,
        .sealed = block->bytes.data,
        .sealed_length = block->sealed_length,
        .nodes = nodes[0],
    };
    if (parent != BC__NO_NODE) {
        memcpy(header.parent, bc__tree_node(&engine->tree, parent)->id, BC_ID_BYTES);
    }
    bc__uint256_to_bytes(work, header.work);
    bc_status status = BC_OK;
    if (engine->traits.header_bytes > 0) {
        status = bc__history_extend(engine, parent, block, nodes, &header.node_count, error);
    }
    if (status == BC_OK) {
        size_t length = bc__header_record_write(record, &header);
        bc__key key = bc__key_of_header(height, block->id);
        status = bc__database_put(&engine->database, &key, record, length, error);
    }
    return status;
}

static bc_status write_tx_places(bc__engine *engine, const bc_block *block, uint64_t sequence,
                                 bc_error *error)
{
    uint8_t record[BC__TX_RECORD_BYTES];
    bc_status status = BC_OK;
    for (uint32_t at = 0; status == BC_OK && block->tx_ids != NULL && at < block->tx_count; at++) {
        bc__tx_record_write(record, block->id, at);
        bc__key key = bc__key_of_tx(block->tx_ids[at], sequence);
        status = bc__database_put_new(&engine->database, &key, record, sizeof record, error);
    }
    return status;
}

bc_status bc__engine_write_block(bc__engine *engine, const bc_block *block, uint32_t parent,
                                 uint64_t height, const bc__uint256 *work, uint64_t sequence,
                                 bc_error *error)
{
    bc_status status = write_header(engine, block, parent, height, work, sequence, error);
    if (status == BC_OK) {
        bc__key key = bc__key_of_id(BC__KEY_BODY, block->id);
        status = bc__database_put(&engine->database, &key, block->bytes.data, block->bytes.length,
                                  error);
    }
    return status == BC_OK ? write_tx_places(engine, block, sequence, error) : status;
}

/* A damaged body no longer says which transactions it held; whoever finds their places finds no block
 * behind them. */
static bc_status remove_tx_places(bc__engine *engine, uint32_t at, bc_error *error)
{
    bc_block *block;
    uint64_t sequence = bc__tree_node(&engine->tree, at)->sequence;
    bc_status status = bc__engine_block(engine, &block, at, error);
    if (status == BC_ERR_DAMAGED) {
        return BC_OK;
    }
    for (uint32_t tx = 0; status == BC_OK && block->tx_ids != NULL && tx < block->tx_count; tx++) {
        bc__key key = bc__key_of_tx(block->tx_ids[tx], sequence);
        status = bc__database_remove(&engine->database, &key, error);
    }
    bc_block_unref(block);
    return status;
}

bc_status bc__engine_remove_block(bc__engine *engine, uint32_t at, bc_error *error)
{
    const bc__node *node = bc__tree_node(&engine->tree, at);
    uint32_t capabilities = bc__engine_rules(engine)->capabilities;
    bc__key key = bc__key_of_header(node->height, node->id);
    bc_status status = BC_OK;
    if ((capabilities & BC__CAN_IDENTIFY_TX) != 0) {
        status = remove_tx_places(engine, at, error);
    }
    if (status == BC_OK) {
        status = bc__database_remove(&engine->database, &key, error);
    }
    if (status == BC_OK && (capabilities & BC__HAS_ACCOUNTS) != 0) {
        key = bc__key_of_id(BC__KEY_DELTA, node->id);
        status = bc__database_remove(&engine->database, &key, error);
    }
    if (status == BC_OK && !bc__tree_has_kept_twin(&engine->tree, at)) {
        key = bc__key_of_id(BC__KEY_BODY, node->id);
        status = bc__database_remove(&engine->database, &key, error);
    }
    return status;
}
