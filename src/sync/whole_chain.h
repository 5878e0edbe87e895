/* A whole chain as JSON, as the tutorial's nodes exchange it: {"chain":[…], …} or […]. It is read block
 * by block; what a peer says of its length is not looked at. */
#ifndef BC_SYNC_WHOLE_CHAIN_H
#define BC_SYNC_WHOLE_CHAIN_H

#include "src/block/canonical_json.h"
#include "src/rules/rules.h"

typedef struct bc__whole_chain {
    const bc_params *params;
    const uint8_t *text; /* of the array; borrowed */
    size_t length;
    size_t start; /* of the array in what was given, for messages */
    bc__json_elements elements;
    size_t used;       /* bytes of the element read last */
    uint64_t position; /* of the block to be read next */
    bool bad_block;    /* the last failure: good JSON that is no block */
    bool too_large;    /* the last failure: a block over the limit */
} bc__whole_chain;

/* Finds the array. BC_ERR_FORMAT, BC_ERR_LIMIT. `text` is borrowed until the reading ends. */
bc_status bc__whole_chain_open(bc__whole_chain *chain, const bc_params *params, const uint8_t *text,
                               size_t length, bc_error *error);

/* The next block, or NULL at the end. BC_ERR_FORMAT, BC_ERR_LIMIT, naming the position. */
bc_status bc__whole_chain_next(bc__whole_chain *chain, bc_block **block, bc_error *error);

/* How many blocks there are, with the syntax of all of them checked. */
bc_status bc__whole_chain_count(const bc_params *params, uint64_t *count, const uint8_t *text,
                                size_t length, bc_error *error);

typedef struct bc__whole_result {
    uint32_t verdict; /* BC_VERDICT_ACCEPTED, _INVALID, or _REFUSED for a block over the limit */
    uint32_t reason;
    uint64_t blocks; /* that hold */
    uint64_t transactions;
    bc__uint256 work; /* of them */
    uint8_t tip[BC_ID_BYTES];
} bc__whole_result;

/* Says how far it has come, in bytes. A result other than BC_OK ends the reading. */
typedef bc_status (*bc__whole_step_fn)(void *context, uint64_t done, uint64_t total,
                                       bc_error *error);

/* Judges the chain from its first block, which may be any, to its last. An invalid one is BC_OK with
 * the sentence in `error`. `step` may be NULL. */
bc_status bc__whole_chain_verify(const bc_params *params, bc__whole_result *result,
                                 const uint8_t *text, size_t length, bc__whole_step_fn step,
                                 void *context, bc_error *error);

/* bc__next_block_fn over an opened chain, for the engine. */
bc_status bc__whole_chain_feed(void *context, bc_block **block, bc_error *error);

#endif
