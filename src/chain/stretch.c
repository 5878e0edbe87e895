#include "src/chain/stretch.h"

#include "src/chain/engine.h"

static bc_status visit_block(bc__engine *engine, const bc_block *block, bc__each_tx_fn visit,
                             void *context, bc_error *error)
{
    bc_status status = BC_OK;
    for (uint32_t index = 0; status == BC_OK && index < block->tx_count; index++) {
        if (!bc__engine_rules(engine)->is_reward(engine->params, block, index)) {
            status = visit(context, block, index, error);
        }
    }
    return status;
}

bc_status bc__stretch_each_tx(bc__engine *engine, const bc__stretch *stretch, bc__each_tx_fn visit,
                              void *context, bc_error *error)
{
    if (stretch->tip == BC__NO_NODE) {
        return BC_OK;
    }
    bc__path path;
    bc__path_init(&path, stretch->tip);
    uint64_t height = stretch->fork == BC__NO_NODE
                          ? 0
                          : (uint64_t)bc__tree_node(&engine->tree, stretch->fork)->height + 1;
    uint64_t top = bc__tree_node(&engine->tree, stretch->tip)->height;
    bc_status status = BC_OK;
    for (; status == BC_OK && height <= top; height++) {
        uint32_t node = bc__path_at(&path, &engine->tree, height);
        if (node == stretch->tip && stretch->last != NULL) {
            status = visit_block(engine, stretch->last, visit, context, error);
            continue;
        }
        bc_block *block;
        status = bc__engine_block(engine, &block, node, error);
        if (status == BC_OK) {
            status = visit_block(engine, block, visit, context, error);
            bc_block_unref(block);
        }
    }
    return status;
}
