/* Answering what peers ask: the methods and what they take. */
#ifndef BC_SYNC_SERVE_H
#define BC_SYNC_SERVE_H

#include "src/chain/engine.h"

/* BC_ERR_UNSUPPORTED: the rules of this chain know no such method; BC_ERR_FORMAT: not with this body. */
bc_status bc__sync_serve(bc__engine *engine, bc_answer **out, const char *name, const uint8_t *body,
                         size_t length, bc_error *error);

#endif
