/* Answering what peers ask: the methods and what they take (docs/transport.md). */
#ifndef BC_SYNC_SERVE_H
#define BC_SYNC_SERVE_H

#include "src/sync/answer.h"

/* BC_ERR_UNSUPPORTED: the rules of this chain know no such method; BC_ERR_FORMAT: not with this body;
 * BC_ERR_NOT_FOUND: nothing that the body names is here. */
bc_status bc__sync_serve(bc__engine *engine, bc_answer **out, const char *name, const uint8_t *body,
                         size_t length, bc_error *error);

/* ---- serve_whole_chain.c ---- */
extern const bc__answer_kind bc__answer_whole_chain; /* "chain" */

/* ---- serve_headers.c ---- */
extern const bc__answer_kind bc__answer_hello;
extern const bc__answer_kind bc__answer_headers;
extern const bc__answer_kind bc__answer_blocks;

#endif
