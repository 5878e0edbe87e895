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

static bc_status fail_stored(uint32_t height, const char *what, bc_error *error)
{
    return bc__fail(error, BC_ERR_DAMAGED,
                    "%s of the block at height %u is stored otherwise than the block says", what,
                    height);
}

/* Where the store says that the block's transactions are. */
static bc_status check_tx_places(bc__engine *engine, const bc_block *block, uint32_t node,
                                 bc_error *error)
{
    uint8_t expected[BC__TX_RECORD_BYTES];
    bc__bytes found;
    bc_error why = BC_ERROR_INIT;
    bc_status status = BC_OK;
    uint64_t sequence = bc__tree_node(&engine->tree, node)->sequence;
    bc__bytes_init(&found, bc__engine_heap(engine), SIZE_MAX);
    for (uint32_t at = 0; status == BC_OK && at < block->tx_count; at++) {
        bc__key key = bc__key_of_tx(block->tx_ids[at], sequence);
        bc__tx_record_write(expected, block->id, at);
        found.length = 0;
        status = bc__database_get(&engine->database, &key, &found, &why);
        if (status == BC_ERR_NOT_FOUND ||
            (status == BC_OK && (found.length != sizeof expected ||
                                 memcmp(found.data, expected, sizeof expected) != 0))) {
            status = fail_stored(bc__tree_node(&engine->tree, node)->height,
                                 "the place of a transaction", &why);
        }
    }
    if (status != BC_OK && error != NULL) {
        *error = why;
    }
    bc__bytes_free(&found);
    return status;
}

/* What is kept beside the body and made of it. */
static bc_status check_records(bc__engine *engine, const bc_block *block, uint32_t node,
                               bc_error *error)
{
    const bc__node *at = bc__tree_node(&engine->tree, node);
    bc__uint256 work = bc__engine_rules(engine)->block_work(engine->params, block);
    bool same;
    if (at->parent != BC__NO_NODE) {
        work = bc__uint256_add(&bc__tree_node(&engine->tree, at->parent)->chain_work, &work);
    }
    if (bc__uint256_compare(&at->chain_work, &work) != 0) {
        return fail_stored(at->height, "the work", error);
    }
    if (at->time != block->time) {
        return fail_stored(at->height, "the time", error);
    }
    bc_status status = bc__history_holds_header(engine, &same, node, block, error);
    if (status == BC_OK && !same) {
        status = fail_stored(at->height, "the sealed header", error);
    }
    return status == BC_OK ? check_tx_places(engine, block, node, error) : status;
}

/* Genesis is what the parameters make. */
static bc_status check_genesis(const bc__engine *engine, const bc_block *block, bc_error *error)
{
    bc_block *genesis;
    bc_status status =
        bc__engine_rules(engine)->make_genesis(&genesis, engine->params, block->time, error);
    if (status == BC_OK &&
        (genesis->bytes.length != block->bytes.length ||
         memcmp(genesis->bytes.data, block->bytes.data, block->bytes.length) != 0)) {
        status = bc__fail(error, BC_ERR_DAMAGED, "the first block is not the network's genesis");
    }
    bc_block_unref(genesis);
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
    bool has_headers = with->engine->traits.header_bytes > 0;
    if (has_headers && with->above == NULL) {
        status = check_genesis(with->engine, block, error);
    }
    if (has_headers && status == BC_OK) {
        status = check_records(with->engine, block, node, error);
    }
    if (with->above != NULL && status == BC_OK) {
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
