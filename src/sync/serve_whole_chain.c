/* The method "chain": {"chain": [block, block], "length": N}, the blocks in their JSON form. */
#include <stdio.h>

#include "src/base/error.h"
#include "src/sync/serve.h"

typedef struct whole {
    bc__path path;
    uint64_t height; /* of the block to be fetched next */
    uint64_t count;  /* of all blocks */
} whole;

static bc_status begin(void *state, bc__engine *engine, const uint8_t *body, size_t length,
                       bc_error *error)
{
    whole *chain = state;
    (void)body;
    if (length > 0) {
        return bc__fail(error, BC_ERR_FORMAT, "the method \"chain\" takes no body");
    }
    chain->count = engine->tree.best_count;
    bc__path_init(&chain->path, bc__tree_tip(&engine->tree));
    return BC_OK;
}

static bc_status put(bc__bytes *piece, const char *text, int length, bc_error *error)
{
    return bc__bytes_append(piece, text, (size_t)length) == BC__OK ? BC_OK : bc__fail_memory(error);
}

static bc_status put_block(whole *chain, bc__engine *engine, bc__bytes *piece, bc_error *error)
{
    bc_block *block;
    uint32_t node = bc__path_at(&chain->path, &engine->tree, chain->height);
    bc_status status = bc__engine_block(engine, &block, node, error);
    if (status == BC_OK) {
        status = bc__engine_rules(engine)->block_json(block, piece, error);
    }
    bc_block_unref(block);
    return status;
}

static bc_status fetch(void *state, bc__engine *engine, bc__bytes *piece, bool *last,
                       bc_error *error)
{
    static const char opening[] = "{\"chain\": [";
    whole *chain = state;
    bc_status status;
    if (chain->height == chain->count) {
        char closing[64];
        int length = snprintf(closing, sizeof closing, "], \"length\": %llu}",
                              (unsigned long long)chain->count);
        status = put(piece, closing, length, error);
        *last = status == BC_OK;
        return status;
    }
    status = chain->height == 0 ? put(piece, opening, sizeof opening - 1, error)
                                : put(piece, ", ", 2, error);
    if (status == BC_OK) {
        status = put_block(chain, engine, piece, error);
    }
    chain->height += status == BC_OK ? 1 : 0;
    return status;
}

const bc__answer_kind bc__answer_whole_chain = {sizeof(whole), begin, fetch};
