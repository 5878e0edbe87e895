/* The block tree: links and weights of all known blocks, in memory, and the best chain among them. A
 * forest, since a whole chain with a genesis of its own may replace ours. It knows no bodies.
 *
 * A block may stand in it twice: a peer may offer a chain whose first block is one of the middle of
 * ours (the tutorial does not check genesis), and then it is a root there. */
#ifndef BC_CHAIN_TREE_H
#define BC_CHAIN_TREE_H

#include <stdbool.h>

#include <bc/bc.h>

#include "lib/chunk_array.h"
#include "lib/hash_index.h"
#include "lib/keyed_hash.h"
#include "lib/uint256.h"
#include "src/rules/rules.h"

#define BC__NO_NODE UINT32_MAX

enum {
    BC__NODE_HAS_TIME = 1,
    BC__NODE_STAGED = 2, /* being written ahead for a replacement; nobody else sees it yet */
    BC__NODE_FREE = 4,   /* the slot is on the free list, linked through parent */
    BC__NODE_DAMAGED =
        8, /* its body could not be read back; the next that comes in takes its place */
    /* While clear.c is at it: */
    BC__NODE_KEPT = 16,
    BC__NODE_DOOMED = 32,
};

typedef struct bc__node {
    uint8_t id[BC_ID_BYTES];
    bc__uint256 chain_work; /* of the block and all before it */
    int64_t time;           /* microseconds; 0 without BC__NODE_HAS_TIME */
    uint64_t sequence;      /* order of arrival; among equals in work the least stays */
    uint32_t parent;        /* BC__NO_NODE for a root */
    uint32_t height;
    uint32_t children;
    uint32_t flags;
    bc__header header; /* zero under rules without headers */
} bc__node;

typedef struct bc__tree {
    bc__chunk_array nodes; /* bc__node */
    bc__chunk_array best;  /* uint32_t: the node at each height of the best chain */
    uint32_t node_count;   /* slots used so far, with those that are free again */
    uint32_t free_list;
    uint32_t live_count;
    uint32_t best_count;  /* height of the tip + 1; 0 before there is one */
    bc__hash_index index; /* id -> nodes */
    bc__hash_key hash_key;
} bc__tree;

void bc__tree_init(bc__tree *tree, const bc__heap *heap);
void bc__tree_free(bc__tree *tree);

static inline bc__node *bc__tree_node(const bc__tree *tree, uint32_t node)
{
    return bc__chunk_array_at(&tree->nodes, node);
}

/* Makes room, so that the next `extra` additions and a best chain up to `height` cannot fail. BC__OK,
 * BC__ERR_MEMORY, or BC__ERR_LIMIT past 2^32 - 2 blocks. */
int32_t bc__tree_reserve(bc__tree *tree, uint32_t extra, uint64_t height);

/* Adds a block behind `parent` (BC__NO_NODE: a root). The room is reserved. */
uint32_t bc__tree_add(bc__tree *tree, const uint8_t id[BC_ID_BYTES], uint32_t parent,
                      const bc__uint256 *work, uint64_t sequence);

/* Removes a block that has no children and is not on the best chain. */
void bc__tree_remove(bc__tree *tree, uint32_t at);

/* The block with that id that is not staged, the one on the best chain before any other. */
uint32_t bc__tree_find(const bc__tree *tree, const uint8_t id[BC_ID_BYTES]);

/* The block with that id whose parent is that node, staged or not. */
uint32_t bc__tree_find_child(const bc__tree *tree, const uint8_t id[BC_ID_BYTES], uint32_t parent);

/* The block with that id at that height, staged or not. */
uint32_t bc__tree_find_at(const bc__tree *tree, const uint8_t id[BC_ID_BYTES], uint64_t height);

/* Whether another node with that id is on the best chain or staged, or, where this one is staged, there
 * is any other, so that its body must stay. */
bool bc__tree_has_kept_twin(const bc__tree *tree, uint32_t node);

static inline uint32_t bc__tree_tip(const bc__tree *tree)
{
    return tree->best_count == 0
               ? BC__NO_NODE
               : *(uint32_t *)bc__chunk_array_at(&tree->best, tree->best_count - 1);
}

static inline uint32_t bc__tree_best_at(const bc__tree *tree, uint64_t height)
{
    return height < tree->best_count ? *(uint32_t *)bc__chunk_array_at(&tree->best, height)
                                     : BC__NO_NODE;
}

static inline bool bc__tree_is_best(const bc__tree *tree, uint32_t node)
{
    return bc__tree_best_at(tree, bc__tree_node(tree, node)->height) == node;
}

/* The last block that both chains share, or BC__NO_NODE. Either may be BC__NO_NODE. */
uint32_t bc__tree_fork(const bc__tree *tree, uint32_t left, uint32_t right);

/* Makes `tip` the end of the best chain. The room is reserved. */
void bc__tree_set_tip(bc__tree *tree, uint32_t tip);

/* The chain that ends in `tip`, walked upwards in any number of pieces. Off the best chain it walks down
 * from the tip, as far as the best chain, once for every BC__PATH_NODES blocks, so memory is bounded. */
enum { BC__PATH_NODES = 4096 };

typedef struct bc__path {
    uint32_t tip;
    uint64_t first; /* height of nodes[0] */
    uint32_t count;
    uint32_t nodes[BC__PATH_NODES];
} bc__path;

void bc__path_init(bc__path *path, uint32_t tip);

/* The block of the path at `height`, which is not above the tip's. */
uint32_t bc__path_at(bc__path *path, const bc__tree *tree, uint64_t height);

#endif
