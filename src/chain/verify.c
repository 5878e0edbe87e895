/* The whole best chain again: what the store gives back, its ids, links and seals, and under rules with
 * accounts every signature and what it all comes to. The host's own rules are not asked again. */
#include <string.h>

#include "src/base/error.h"
#include "src/chain/engine.h"
#include "src/chain/rebuilt.h"

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

/* What a verification has come to. */
typedef struct verification {
    bc__engine *engine;
    bc_block *above;     /* the block before the next one, or NULL */
    bc__rebuilt rebuilt; /* under rules with accounts */
    bool has_accounts;
} verification;

/* Behind the block before it, which genesis has not. */
static bc_status check_behind(verification *with, uint32_t *reason, const bc_block *block,
                              uint32_t node, bc_error *error)
{
    bc__engine *engine = with->engine;
    *reason = BC_REASON_NONE;
    if (engine->traits.header_bytes > 0) {
        return check_with_headers(engine, reason, block, node, error);
    }
    *reason = bc__engine_rules(engine)->check_block(engine->params, with->above, block, error);
    return BC_OK;
}

/* Locked. Reads and judges one block. */
static bc_status verify_block(verification *with, uint32_t node, bc_error *error)
{
    bc_block *block;
    uint32_t reason = BC_REASON_NONE;
    uint32_t height = bc__tree_node(&with->engine->tree, node)->height;
    bc_status status = bc__engine_read_block(with->engine, &block, node, error);
    if (status != BC_OK) {
        return status;
    }
    if (with->above != NULL) {
        bc_error why = BC_ERROR_INIT;
        status = check_behind(with, &reason, block, node, &why);
        if (status != BC_OK && error != NULL) {
            *error = why;
        } else if (reason != BC_REASON_NONE) {
            status = bc__fail(error, BC_ERR_DAMAGED, "the block at height %u fails (%s): %.150s",
                              height, bc_reason_name(reason), why.message);
        } else if (status == BC_OK && with->has_accounts) {
            status = bc__rebuilt_connect(&with->rebuilt, with->engine, block, height, error);
        }
    }
    bc_block_unref(with->above);
    with->above = block;
    return status;
}

/* Locked. What the accounts are behind the last block, where that is the tip still. */
static bc_status verify_accounts(verification *with, uint32_t last, bc_error *error)
{
    if (!with->has_accounts || bc__tree_tip(&with->engine->tree) != last ||
        with->engine->database.poisoned) {
        return BC_OK;
    }
    return bc__rebuilt_compare(&with->rebuilt, with->engine, error);
}

bc_status bc__engine_verify(bc__engine *engine, uint64_t *position, bc_progress_fn progress,
                            void *context, bc_error *error)
{
    bc__path path;
    verification with = {.engine = engine};
    uint64_t height = 0;
    uint64_t interrupts = bc__published_interrupts(engine->published);
    bc_status status = bc__engine_enter(engine, error);
    if (status != BC_OK) {
        return status;
    }
    engine->pins++;
    bc__engine_visit(engine);
    uint32_t last = bc__tree_tip(&engine->tree);
    bc__path_init(&path, last);
    uint64_t count = engine->tree.best_count;
    int64_t shown = bc__clock_monotonic(&engine->clock);
    with.has_accounts = (bc__engine_rules(engine)->capabilities & BC__HAS_ACCOUNTS) != 0;
    if (with.has_accounts) {
        status = bc__rebuilt_begin(&with.rebuilt, engine, error);
    }
    while (status == BC_OK && height < count) {
        status = verify_block(&with, bc__path_at(&path, &engine->tree, height), error);
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
    if (status == BC_OK) {
        status = verify_accounts(&with, last, error);
    }
    engine->pins--;
    bc__engine_visited(engine);
    bc__engine_leave(engine);
    bc__rebuilt_free(&with.rebuilt);
    bc_block_unref(with.above);
    if (position != NULL) {
        *position = height;
    }
    return status;
}
