/* A model of the engine under the tutorial's rules, written from the rules and as plainly as can be:
 * lists, copied and searched from end to end. It shares no code with the library. */
#ifndef BC_TEST_SUPPORT_ENGINE_MODEL_H
#define BC_TEST_SUPPORT_ENGINE_MODEL_H

#include <stdbool.h>
#include <stddef.h>

enum {
    MODEL_BLOCKS_MOST = 65536,
    MODEL_LENGTH_MOST = 8192,
    MODEL_RECORDS_MOST = 6,
    MODEL_WAITING_MOST = 16384,
    NOBODY = -1,
    REWARD = 0, /* the amount that stands for a reward */
};

typedef enum model_verdict {
    MODEL_ACCEPTED,
    MODEL_BRANCH,
    MODEL_KNOWN,
    MODEL_ORPHAN,
    MODEL_INVALID,
    MODEL_REFUSED,
} model_verdict;

/* What a block is, whether the chain has it or not. Blocks are numbers. */
typedef struct model_block {
    int parent; /* NOBODY: names none */
    bool holds; /* its proof, behind its parent */
    size_t record_count;
    unsigned records[MODEL_RECORDS_MOST]; /* amounts */
    bool mined;                           /* here: its records are in own, and its reward apart */
    unsigned *own;
    size_t own_count;
} model_block;

typedef struct model_waiting {
    unsigned amount;
    bool returned;
} model_waiting;

typedef struct model {
    model_block blocks[MODEL_BLOCKS_MOST];
    int block_count;

    /* What is stored: for each block whether, and at what height. */
    bool stored[MODEL_BLOCKS_MOST];
    bool is_root[MODEL_BLOCKS_MOST]; /* stored as the first of a chain */
    size_t stored_count;
    int best[MODEL_LENGTH_MOST];
    size_t length;

    int orphans[MODEL_BLOCKS_MOST];
    size_t orphan_count;
    model_waiting waiting[MODEL_WAITING_MOST];
    size_t waiting_count;
} model;

void model_begin(model *world, int genesis);

/* The chain of stored blocks that ends in `block`, from its root; gives its length. */
size_t model_path(const model *world, int block, int path[MODEL_LENGTH_MOST]);

/* `ours` where the library mined it from what waits. */
model_verdict model_submit(model *world, int block, bool ours);
model_verdict model_submit_chain(model *world, const int *blocks, size_t count, size_t *position);
void model_submit_tx(model *world, unsigned amount);
void model_reopen(model *world);
bool model_has_orphan(const model *world, int block);

#endif
