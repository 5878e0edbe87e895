/* A peer's chain as its headers show it, judged one by one, with nothing stored and in bounded memory
 * however long it is: the first pass sums the work up and keeps the ids of a first window of blocks, and
 * of each further window only the id that ends it; these windows are read anew, one at a time, when
 * their turn comes. An id commits to all before it, so what was shown the first time and what comes the
 * second time are the same. */
#ifndef BC_SYNC_HEADER_CHAIN_H
#define BC_SYNC_HEADER_CHAIN_H

#include "src/rules/rules.h"

enum { BC__HEADER_WINDOW = 8192 }; /* ids kept of a chain at a time: 256 KiB */

/* A header, and what the one behind it is judged by. */
typedef struct bc__header_position {
    uint8_t id[BC_ID_BYTES];
    bc__uint256 work; /* of the whole chain up to it */
    bc__lineage lineage;
} bc__header_position;

static inline uint64_t bc__header_height(const bc__header_position *position)
{
    return position->lineage.height;
}

typedef struct bc__header_chain {
    const bc_params *params;
    bc__traits traits;
    const bc_checkpoint *checkpoints; /* borrowed */
    uint64_t checkpoint_count;
    uint64_t window;
    bc_block *header;         /* owned: the one being judged */
    bc__header_position at;   /* the last header that was judged */
    bc__header_position next; /* the last header of the window: where the next one begins */
    uint64_t first;           /* height of ids[0] */
    bc__bytes ids;            /* of the window, BC_ID_BYTES each */
    bc__bytes marks;          /* the ids that end the windows, the first one's first */
    bool surveyed;            /* the first pass is over, and `end` known */
    bool cut;                 /* it ends before a block that is too far ahead of our clock */
    uint64_t end;             /* height of the last block */
    uint8_t end_id[BC_ID_BYTES];
    bc__uint256 work; /* of all of it */
} bc__header_chain;

/* `window` is BC__HEADER_WINDOW, or less in tests. Takes nothing but memory for one header. */
bc_status bc__header_chain_init(bc__header_chain *chain, const bc_params *params, uint64_t window,
                                bc_error *error);
void bc__header_chain_free(bc__header_chain *chain);

/* Reads the answer of "headers": its count, which is at most `most`. BC_ERR_FORMAT. */
bc_status bc__header_count_read(uint32_t *count, uint32_t most, const uint8_t *bytes, size_t length,
                                bc_error *error);

/* Reads the header at *offset of an answer into chain->header, and moves it behind. BC_ERR_FORMAT. */
bc_status bc__header_chain_read(bc__header_chain *chain, size_t *offset, const uint8_t *bytes,
                                size_t length, bc_error *error);

/* Begins the first pass behind a block that we have. */
void bc__header_chain_begin(bc__header_chain *chain, const bc__header_position *fork);

/* Judges the last `count` headers of an answer, the first of which is at `offset`. `now` is the wall
 * clock: a header too far ahead of it ends the chain. BC_ERR_FORMAT with a sentence that says which
 * header is wrong, and why. */
bc_status bc__header_chain_add(bc__header_chain *chain, uint32_t count, size_t offset,
                               const uint8_t *bytes, size_t length, int64_t now, bc_error *error);

/* Ends the first pass. */
void bc__header_chain_end(bc__header_chain *chain);

/* The first pass has ended: how many headers the window still lacks. */
uint64_t bc__header_chain_missing(const bc__header_chain *chain);

/* Goes on to the window behind this one. There is one. */
void bc__header_chain_advance(bc__header_chain *chain);

/* How many ids the window holds. */
static inline uint64_t bc__header_chain_count(const bc__header_chain *chain)
{
    return chain->ids.length / BC_ID_BYTES;
}

/* The id at a height of the window. */
static inline const uint8_t *bc__header_chain_id(const bc__header_chain *chain, uint64_t height)
{
    return chain->ids.data + (size_t)(height - chain->first) * BC_ID_BYTES;
}

static inline bool bc__header_chain_holds(const bc__header_chain *chain, uint64_t height)
{
    return height >= chain->first && height - chain->first < bc__header_chain_count(chain);
}

#endif
