/* bc_answer: what a peer asked for, read in pieces, so that one of any length takes the memory of a
 * piece. What it tells is of the tip at its beginning, and the blocks known then stay until it is
 * released. */
#ifndef BC_SYNC_ANSWER_H
#define BC_SYNC_ANSWER_H

#include "src/chain/engine.h"

/* One kind of answer. Both functions are called locked. */
typedef struct bc__answer_kind {
    size_t state_bytes; /* of what it remembers, all zero at first */
    /* Reads the question. A failure is the asker's: BC_ERR_FORMAT, BC_ERR_NOT_FOUND. */
    bc_status (*begin)(void *state, bc__engine *engine, const uint8_t *body, size_t length,
                       bc_error *error);
    /* Appends the next bytes; sets *last with the last of them. */
    bc_status (*fetch)(void *state, bc__engine *engine, bc__bytes *piece, bool *last,
                       bc_error *error);
} bc__answer_kind;

bc_status bc__answer_new(bc__engine *engine, bc_answer **out, const bc__answer_kind *kind,
                         const uint8_t *body, size_t length, bc_error *error);

bc_status bc__answer_read(bc_answer *answer, size_t *got, uint8_t *buffer, size_t capacity,
                          bc_error *error);

#endif
