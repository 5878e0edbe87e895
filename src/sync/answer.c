#include "src/sync/answer.h"

#include <string.h>

#include "src/base/error.h"

struct bc_answer {
    const bc__answer_kind *kind;
    bc__engine *engine; /* not to be touched once the chain is closed */
    bc__published *published;
    bc_params *params;
    void *state;     /* of the kind */
    bc__bytes piece; /* what is being handed out */
    size_t given;    /* bytes of it handed out already */
    bool tail;       /* piece is the last one */
};

/* Frees what is not held together with the engine. */
static void release(const bc__heap *heap, bc_answer *answer)
{
    bc__bytes_free(&answer->piece);
    bc__heap_release(heap, answer->state);
    bc__heap_release(heap, answer);
}

bc_status bc__answer_new(bc__engine *engine, bc_answer **out, const bc__answer_kind *kind,
                         const uint8_t *body, size_t length, bc_error *error)
{
    const bc__heap *heap = bc__engine_heap(engine);
    *out = NULL;
    bc_answer *answer = bc__heap_array(heap, 1, sizeof *answer);
    if (answer == NULL) {
        return bc__fail_memory(error);
    }
    memset(answer, 0, sizeof *answer);
    bc__bytes_init(&answer->piece, heap, SIZE_MAX);
    answer->kind = kind;
    answer->state = bc__heap_array(heap, kind->state_bytes, 1);
    if (answer->state == NULL) {
        release(heap, answer);
        return bc__fail_memory(error);
    }
    memset(answer->state, 0, kind->state_bytes);
    bc_status status = bc__engine_enter(engine, error);
    if (status == BC_OK) {
        status = kind->begin(answer->state, engine, body, length, error);
        engine->pins += status == BC_OK ? 1 : 0;
        bc__engine_leave(engine);
    }
    if (status != BC_OK) {
        release(heap, answer);
        return status;
    }
    answer->engine = engine;
    answer->params = engine->params;
    (void)bc__origin_ref(&engine->params->origin);
    answer->published = bc__published_ref(engine->published);
    *out = answer;
    return BC_OK;
}

static bc_status fetch(bc_answer *answer, bc_error *error)
{
    if (bc__published_closed(answer->published)) {
        return bc__fail(error, BC_ERR_CLOSED, "the chain of this answer is closed");
    }
    answer->piece.length = 0;
    answer->given = 0;
    bc_status status = bc__engine_enter(answer->engine, error);
    if (status != BC_OK) {
        return status;
    }
    status =
        answer->kind->fetch(answer->state, answer->engine, &answer->piece, &answer->tail, error);
    bc__engine_leave(answer->engine);
    if (status != BC_OK) {
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
    release(&params->origin.heap, answer);
    bc__origin_unref(&params->origin);
}
