/* bc_answer: the whole best chain as JSON, read in pieces. It pins the tip it began with. */
#ifndef BC_SYNC_ANSWER_H
#define BC_SYNC_ANSWER_H

#include "src/chain/engine.h"

/* {"chain": [block, block], "length": N}, the blocks in their JSON form. */
bc_status bc__answer_whole_chain(bc__engine *engine, bc_answer **out, bc_error *error);

bc_status bc__answer_read(bc_answer *answer, size_t *got, uint8_t *buffer, size_t capacity,
                          bc_error *error);

#endif
