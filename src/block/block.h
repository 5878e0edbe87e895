/* bc_block: an immutable block, with its encoding and what the rules read out of it. */
#ifndef BC_BLOCK_BLOCK_H
#define BC_BLOCK_BLOCK_H

#include <stdbool.h>

#include "lib/bytes.h"
#include "src/base/origin.h"

/* A transaction's place in the encoding of its block. A block has less than 4 GiB. */
typedef struct bc__tx_place {
    uint32_t offset;
    uint32_t length;
} bc__tx_place;

struct bc_block {
    atomic_uint_fast32_t references;
    bool has_parent;
    bool has_time;
    bool has_nonce;
    bc__origin *origin; /* a reference */
    uint8_t id[BC_ID_BYTES];
    uint8_t parent[BC_ID_BYTES];
    uint64_t claimed_height; /* BC_NONE where it claims none */
    int64_t time;            /* microseconds since the Unix epoch */
    uint64_t nonce;
    /* Where the encoding begins with a sealed header, else 0. */
    uint32_t sealed_length;
    uint32_t bits;                  /* compact target or turn weight, as the header says */
    uint8_t content[BC_ID_BYTES];   /* what the header commits to */
    uint8_t txs_root[BC_ID_BYTES];  /* Merkle tree hash of the transactions */
    uint8_t (*tx_ids)[BC_ID_BYTES]; /* owned; tx_count of them, or NULL */
    bc__bytes bytes;                /* the encoding */
    bc__bytes link;                 /* what the rules need of this block to judge a child of it */
    bc__tx_place *places;           /* of the transactions in bytes */
    uint32_t tx_count;
    uint32_t tx_capacity;
    uint64_t maker; /* the number of the open chain whose work made it, else 0 */
};

/* An empty block for the rules to fill in, with one reference. */
bc_status bc__block_new(bc_block **out, bc__origin *origin, bc_error *error);

/* Adds the place of one more transaction. BC__OK or BC__ERR_MEMORY. */
int32_t bc__block_add_place(bc_block *block, size_t offset, size_t length);

/* What a block takes of memory, for bounds. */
size_t bc__block_memory(const bc_block *block);

#endif
