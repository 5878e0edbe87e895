/* The whole best chain again: what the store gives back, its ids, links and seals. */
#include <string.h>

#include "src/base/error.h"
#include "src/chain/engine.h"

enum { PROGRESS_US = 100000 };

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
        uint32_t reason =
            bc__engine_rules(engine)->check_block(engine->params, *above, block, &why);
        if (reason != BC_REASON_NONE) {
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
