/* The whole best chain again: what the store gives back, its ids, links and seals. */
#include <string.h>

#include "src/base/error.h"
#include "src/chain/engine.h"

enum { PROGRESS_US = 100000 };

/* The transactions alone and the reward; signatures are verified again, whatever is remembered. */
static uint32_t check_body(const bc__engine *engine, const bc_block *block, uint64_t height,
                           bc_error *error)
{
    const bc__rules *rules = bc__engine_rules(engine);
    uint32_t reason = BC_REASON_NONE;
    for (uint32_t at = 0; reason == BC_REASON_NONE && at < block->tx_count; at++) {
        const bc__tx_place *place = &block->places[at];
        if (!rules->is_reward(engine->params, block, at)) {
            reason = rules->check_tx(engine->params, block->bytes.data + place->offset,
                                     place->length, 0, error);
        }
    }
    return reason == BC_REASON_NONE ? rules->check_reward(engine->params, block, height, error)
                                    : reason;
}

static bc_status check_with_headers(bc__engine *engine, uint32_t *reason, const bc_block *block,
                                    uint32_t node, bc_error *error)
{
    const bc__rules *rules = bc__engine_rules(engine);
    const bc__merkle_peaks *peaks;
    uint8_t root[BC_ID_BYTES];
    bc__lineage lineage;
    uint32_t parent = bc__tree_node(&engine->tree, node)->parent;
    bc__lineage_of(engine, &lineage, parent, INT64_MAX);
    *reason = rules->check_header(engine->params, &lineage, block, error);
    if (*reason != BC_REASON_NONE) {
        return BC_OK;
    }
    bc_status status = bc__history_peaks(engine, &peaks, parent, error);
    if (status == BC_OK) {
        bc__merkle_root(peaks, root);
        *reason = rules->check_content(engine->params, block, root, error);
    }
    if (status == BC_OK && *reason == BC_REASON_NONE &&
        (rules->capabilities & BC__HAS_ACCOUNTS) != 0) {
        *reason = check_body(engine, block, lineage.height + 1, error);
    }
    return status;
}

/* Locked. Reads and judges one block; *above is the one before it, and becomes this one. */
static bc_status verify_block(bc__engine *engine, bc_block **above, uint32_t node, bc_error *error)
{
    bc_block *block;
    bc_status status = bc__engine_read_block(engine, &block, node, error);
    if (status != BC_OK) {
        return status;
    }
    if (*above != NULL) {
        bc_error why = {0};
        uint32_t reason = BC_REASON_NONE;
        status = engine->traits.header_bytes > 0
                     ? check_with_headers(engine, &reason, block, node, &why)
                     : BC_OK;
        if (status != BC_OK && error != NULL) {
            *error = why;
        }
        if (engine->traits.header_bytes == 0) {
            reason = bc__engine_rules(engine)->check_block(engine->params, *above, block, &why);
        }
        if (status == BC_OK && reason != BC_REASON_NONE) {
            status = bc__fail(error, BC_ERR_DAMAGED, "the block at height %u fails (%s): %.150s",
                              bc__tree_node(&engine->tree, node)->height, bc_reason_name(reason),
                              why.message);
        }
    }
    bc_block_unref(*above);
    *above = block;
    return status;
}

bc_status bc__engine_verify(bc__engine *engine, uint64_t *position, bc_progress_fn progress,
                            void *context, bc_error *error)
{
    bc__path path;
    bc_block *above = NULL;
    uint64_t height = 0;
    uint64_t interrupts = bc__published_interrupts(engine->published);
    bc_status status = bc__engine_enter(engine, error);
    if (status != BC_OK) {
        return status;
    }
    engine->pins++;
    bc__engine_visit(engine);
    bc__path_init(&path, bc__tree_tip(&engine->tree));
    uint64_t count = engine->tree.best_count;
    int64_t shown = bc__clock_monotonic(&engine->clock);
    while (status == BC_OK && height < count) {
        status = verify_block(engine, &above, bc__path_at(&path, &engine->tree, height), error);
        if (status != BC_OK) {
            break;
        }
        height++;
        bc__engine_leave(engine);
        int64_t now = bc__clock_monotonic(&engine->clock);
        bool stop = bc__published_interrupts(engine->published) != interrupts;
        if (!stop && progress != NULL && (now - shown >= PROGRESS_US || height == count)) {
            shown = now;
            stop = progress(context, height, count) != BC_OK;
        }
        (void)bc__engine_enter(engine, NULL);
        if (stop) {
            status = bc__fail(error, BC_ERR_INTERRUPTED, "interrupted at height %llu",
                              (unsigned long long)height);
        }
    }
    engine->pins--;
    bc__engine_visited(engine);
    bc__engine_leave(engine);
    bc_block_unref(above);
    if (position != NULL) {
        *position = height;
    }
    return status;
}
