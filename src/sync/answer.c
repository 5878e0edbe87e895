#include "src/sync/answer.h"

#include <stdio.h>
#include <string.h>

#include "src/base/error.h"

struct bc_answer {
    bc__engine *engine; /* not to be touched once the chain is closed */
    bc__published *published;
    bc_params *params;
    bc__path path;
    uint64_t height; /* of the block to be fetched next */
    uint64_t count;  /* of all blocks */
    bc__bytes piece; /* text that is being handed out */
    size_t given;    /* bytes of it handed out already */
    bool tail;       /* piece is the last one */
};

bc_status bc__answer_whole_chain(bc__engine *engine, bc_answer **out, bc_error *error)
{
    static const char opening[] = "{\"chain\": [";
    bc_answer *answer = bc__heap_array(bc__engine_heap(engine), 1, sizeof *answer);
    *out = NULL;
    if (answer == NULL) {
        return bc__fail_memory(error);
    }
    memset(answer, 0, sizeof *answer);
    bc__bytes_init(&answer->piece, bc__engine_heap(engine), SIZE_MAX);
    if (bc__bytes_append(&answer->piece, opening, sizeof opening - 1) != BC__OK) {
        bc__heap_release(bc__engine_heap(engine), answer);
        return bc__fail_memory(error);
    }
    bc_status status = bc__engine_enter(engine, error);
    if (status != BC_OK) {
        bc__bytes_free(&answer->piece);
        bc__heap_release(bc__engine_heap(engine), answer);
        return status;
    }
    answer->engine = engine;
    answer->params = engine->params;
    (void)bc__origin_ref(&engine->params->origin);
    answer->published = bc__published_ref(engine->published);
    answer->count = engine->tree.best_count;
    bc__path_init(&answer->path, bc__tree_tip(&engine->tree));
    engine->pins++;
    bc__engine_leave(engine);
    *out = answer;
    return BC_OK;
}

/* Locked. The next block's text, with what stands before it. */
static bc_status fetch_block(bc_answer *answer, bc_error *error)
{
    bc__engine *engine = answer->engine;
    bc_block *block;
    uint32_t node = bc__path_at(&answer->path, &engine->tree, answer->height);
    bc_status status = bc__engine_block(engine, &block, node, error);
    if (status != BC_OK) {
        return status;
    }
    if (answer->height > 0 && bc__bytes_append(&answer->piece, ", ", 2) != BC__OK) {
        status = bc__fail_memory(error);
    }
    if (status == BC_OK) {
        status = answer->params->rules->block_json(block, &answer->piece, error);
    }
    bc_block_unref(block);
    return status;
}

static bc_status fetch(bc_answer *answer, bc_error *error)
{
    if (bc__published_closed(answer->published)) {
        return bc__fail(error, BC_ERR_CLOSED, "the chain of this answer is closed");
    }
    answer->piece.length = 0;
    answer->given = 0;
    if (answer->height == answer->count) {
        char closing[64];
        int length = snprintf(closing, sizeof closing, "], \"length\": %llu}",
                              (unsigned long long)answer->count);
        if (bc__bytes_append(&answer->piece, closing, (size_t)length) != BC__OK) {
            return bc__fail_memory(error);
        }
        answer->tail = true;
        return BC_OK;
    }
    bc_status status = bc__engine_enter(answer->engine, error);
    if (status != BC_OK) {
        return status;
    }
    status = fetch_block(answer, error);
    bc__engine_leave(answer->engine);
    if (status == BC_OK) {
        answer->height++;
    } else {
        answer->piece.length = 0;
    }
    return status;
}

bc_status bc__answer_read(bc_answer *answer, size_t *got, uint8_t *buffer, size_t capacity,
                          bc_error *error)
{
    *got = 0;
    while (*got < capacity) {
        size_t left = answer->piece.length - answer->given;
        if (left == 0) {
            if (answer->tail) {
                break;
            }
            bc_error why = {0};
            bc_status status = fetch(answer, &why);
            if (status != BC_OK && *got > 0) {
                break; /* what was given must not be lost: the next read fails, if it has to */
            }
            if (status != BC_OK) {
                if (error != NULL) {
                    *error = why;
                }
                return status;
            }
            continue;
        }
        size_t part = left < capacity - *got ? left : capacity - *got;
        memcpy(buffer + *got, answer->piece.data + answer->given, part);
        answer->given += part;
        *got += part;
    }
    return BC_OK;
}

void bc_answer_unref(bc_answer *answer)
{
    if (answer == NULL) {
        return;
    }
    bc_params *params = answer->params;
    if (!bc__published_closed(answer->published) &&
        bc__engine_enter(answer->engine, NULL) == BC_OK) {
        answer->engine->pins--;
        bc__engine_leave(answer->engine);
    }
    bc__published_unref(answer->published);
    bc__bytes_free(&answer->piece);
    bc__heap_release(&params->origin.heap, answer);
    bc__origin_unref(&params->origin);
}
