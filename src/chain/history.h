/* The history of headers as a Merkle tree (RFC 6962): the tree over the headers of a block and all
 * before it, whose root the next header commits to. Each stored block keeps the interior nodes that its
 * own header completes, so that a reorganisation rewrites nothing; the right edges of the last few
 * trees are kept in memory. For rules with headers. */
#ifndef BC_CHAIN_HISTORY_H
#define BC_CHAIN_HISTORY_H

#include "src/block/merkle.h"
#include "src/chain/tree.h"
#include "src/store/schema.h"

typedef struct bc__engine bc__engine;

enum { BC__HISTORY_EDGES = 4 };

/* The peaks of the tree that ends with a block. */
typedef struct bc__history_edge {
    uint8_t id[BC_ID_BYTES];
    bc__merkle_peaks peaks; /* size 0: the place is free */
} bc__history_edge;

typedef struct bc__history {
    bc__history_edge edges[BC__HISTORY_EDGES];
    uint32_t next; /* to be overwritten */
} bc__history;

/* Locked. The peaks of the tree over the headers up to that node's. BC_ERR_DAMAGED, BC_ERR_STORE. The
 * view lives until the next call. */
bc_status bc__history_peaks(bc__engine *engine, const bc__merkle_peaks **peaks, uint32_t node,
                            bc_error *error);

/* Locked. The edge of a block that stands on `parent` (BC__NO_NODE: genesis), from its sealed header.
 * *count interior nodes that it completes come into `nodes`. */
bc_status bc__history_extend(bc__engine *engine, uint32_t parent, const bc_block *block,
                             uint8_t nodes[BC__HISTORY_NODES_MAX][BC_ID_BYTES], size_t *count,
                             bc_error *error);

/* Complete nodes of the tree that ends with `tip`, read from the store. Locked, as long as it is
 * used. */
typedef struct bc__history_reader {
    bc__engine *engine;
    bc__path path;
    bc__bytes record;
    bc_status status; /* why the last node could not be had */
    bc_error error;
} bc__history_reader;

void bc__history_reader_init(bc__history_reader *reader, bc__engine *engine, uint32_t tip);
void bc__history_reader_free(bc__history_reader *reader);
/* What src/block/merkle.h asks for nodes; gives reader->status where that is not BC_OK. */
bc__merkle_nodes bc__history_reader_nodes(bc__history_reader *reader);
/* The sealed header at a height: a view that lives until the reader reads again. */
bc_status bc__history_reader_header(bc__history_reader *reader, uint64_t height,
                                    const uint8_t **sealed, size_t *length, bc_error *error);

/* Locked. Whether the sealed header in the store is that of the block. An id commits to the header alone,
 * not to its seal. BC_ERR_DAMAGED, BC_ERR_STORE. */
bc_status bc__history_holds_header(bc__engine *engine, bool *same, uint32_t node,
                                   const bc_block *block, bc_error *error);

#endif
