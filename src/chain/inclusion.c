#include "src/chain/inclusion.h"

#include <string.h>

#include "src/base/error.h"

enum { SEALED_BYTES_MAX = 255 }; /* as in a bc__header_record */

/* A proof in the making. */
typedef struct proving {
    bc__engine *engine;
    const bc__proof_request *request;
    uint32_t node; /* of the (older) block */
    uint32_t later_node;
    bc_block *block; /* references, or NULL where the body is not needed */
    bc_block *later;
    uint8_t sealed[SEALED_BYTES_MAX]; /* of the older block, where its body is not needed */
    bc__proof_source source;
    bc__history_reader reader;
} proving;

static bool has_later(const bc__proof_request *request)
{
    return request->type != BC_INCLUSION_OF_TX;
}

static bc_status find_height(const bc__engine *engine, uint32_t *node, uint64_t height,
                             bc_error *error)
{
    const bc__tree *tree = &engine->tree;
    *node = height == BC_NONE ? bc__tree_tip(tree) : bc__tree_best_at(tree, height);
    if (*node == BC__NO_NODE) {
        return bc__fail(error, BC_ERR_NOT_FOUND,
                        "the best chain has no block at height %llu; its tip is at %llu",
                        (unsigned long long)height, (unsigned long long)tree->best_count - 1);
    }
    return BC_OK;
}

static bc_status find(proving *work, bc_error *error)
{
    bc__engine *engine = work->engine;
    const bc__proof_request *request = work->request;
    bc_status status = request->tx_id != NULL
                           ? bc__engine_place_of_tx(engine, &work->node, &work->source.position,
                                                    request->tx_id, error)
                           : find_height(engine, &work->node, request->height, error);
    work->later_node = work->node;
    if (status != BC_OK || !has_later(request)) {
        return status;
    }
    status = find_height(engine, &work->later_node, request->later, error);
    if (status == BC_OK) {
        uint32_t height = bc__tree_node(&engine->tree, work->node)->height;
        uint32_t later = bc__tree_node(&engine->tree, work->later_node)->height;
        if (later <= height) {
            status = bc__fail(error, BC_ERR_ARGUMENT,
                              "the later header, at height %u, must be above the block at %u",
                              later, height);
        }
    }
    return status;
}

static bc_status read_block(bc__engine *engine, bc_block **block, bc__proof_block *source,
                            uint32_t node, bc_error *error)
{
    bc_status status = bc__engine_block(engine, block, node, error);
    if (status == BC_OK) {
        *source = (bc__proof_block){
            .sealed = (*block)->bytes.data,
            .sealed_length = (*block)->sealed_length,
            .tx_count = (*block)->tx_count,
            .txs_root = (*block)->txs_root,
        };
    }
    return status;
}

/* The header alone, which is all that a proof of the block needs. */
static bc_status read_older_header(proving *work, bc_error *error)
{
    const uint8_t *sealed = NULL;
    size_t length = 0;
    bc_status status = bc__history_reader_header(
        &work->reader, bc__tree_node(&work->engine->tree, work->node)->height, &sealed, &length,
        error);
    if (status == BC_OK) {
        memcpy(work->sealed, sealed, length);
        work->source.block = (bc__proof_block){.sealed = work->sealed, .sealed_length = length};
    }
    return status;
}

static bc_status read_tx(proving *work, bc_error *error)
{
    const bc_block *block = work->block;
    uint32_t position = work->source.position;
    if (position >= block->tx_count ||
        memcmp(block->tx_ids[position], work->request->tx_id, BC_ID_BYTES) != 0) {
        return bc__fail(error, BC_ERR_DAMAGED, "the place of the transaction is that of another");
    }
    work->source.tx_ids = block->tx_ids[0];
    work->source.tx = block->bytes.data + block->places[position].offset;
    work->source.tx_length = block->places[position].length;
    return BC_OK;
}

static bc_status gather(proving *work, bc_error *error)
{
    bc_status status =
        work->request->type == BC_INCLUSION_OF_BLOCK
            ? read_older_header(work, error)
            : read_block(work->engine, &work->block, &work->source.block, work->node, error);
    if (status == BC_OK && work->request->tx_id != NULL) {
        status = read_tx(work, error);
    }
    if (status == BC_OK && has_later(work->request)) {
        status =
            read_block(work->engine, &work->later, &work->source.later, work->later_node, error);
    }
    return status;
}

static bc_status write(proving *work, bc__bytes *out, bc_error *error)
{
    bc__merkle_nodes nodes = bc__history_reader_nodes(&work->reader);
    work->source.type = work->request->type;
    work->source.history = &nodes;
    bc_status status = bc__engine_rules(work->engine)->write_proof(out, &work->source, error);
    if (work->reader.status != BC_OK && error != NULL) {
        *error = work->reader.error;
    }
    return status;
}

bc_status bc__engine_write_proof(bc__engine *engine, bc__bytes *out,
                                 const bc__proof_request *request, bc_error *error)
{
    if (bc__engine_rules(engine)->write_proof == NULL) {
        return bc__fail(error, BC_ERR_UNSUPPORTED, "these rules have no Merkle proofs");
    }
    bc_status status = bc__engine_enter(engine, error);
    if (status != BC_OK) {
        return status;
    }
    proving work = {.engine = engine, .request = request};
    status = find(&work, error);
    if (status == BC_OK) {
        bc__history_reader_init(&work.reader, engine, work.later_node);
        status = gather(&work, error);
        if (status == BC_OK) {
            status = write(&work, out, error);
        }
        bc__history_reader_free(&work.reader);
    }
    bc_block_unref(work.block);
    bc_block_unref(work.later);
    bc__engine_leave(engine);
    return status;
}
