/* Blocks whose parent is not known yet: in memory, bounded in bytes, the oldest leave first. */
#ifndef BC_CHAIN_ORPHANS_H
#define BC_CHAIN_ORPHANS_H

#include <stdbool.h>

#include "src/block/block.h"

typedef struct bc__orphan bc__orphan;

struct bc__orphan {
    bc_block *block; /* a reference */
    size_t bytes;
    bc__orphan *next; /* the one that came after it */
};

typedef struct bc__orphans {
    const bc__heap *heap;
    bc__orphan *first;
    bc__orphan *last;
    uint64_t count;
    uint64_t bytes;
    uint64_t limit;
} bc__orphans;

/* Looking one up costs their number: each takes at least BC__ORPHAN_BYTES_LEAST of the limit. */
enum { BC__ORPHAN_BYTES_LEAST = 4096 };

void bc__orphans_init(bc__orphans *orphans, const bc__heap *heap, uint64_t limit);
void bc__orphans_free(bc__orphans *orphans);
bool bc__orphans_has(const bc__orphans *orphans, const uint8_t id[BC_ID_BYTES]);
/* Whether it has this very block: another body under the same id is another block. */
bool bc__orphans_holds(const bc__orphans *orphans, const bc_block *block);

/* Keeps a reference of its own where the block fits the limit at all. BC__OK or BC__ERR_MEMORY. */
int32_t bc__orphans_add(bc__orphans *orphans, bc_block *block);

/* Takes out a block whose parent that is, with its reference, or gives NULL. */
bc_block *bc__orphans_take_child(bc__orphans *orphans, const uint8_t parent[BC_ID_BYTES]);

/* Takes out the oldest block for whose parent `is_known` says so, or gives NULL. */
bc_block *bc__orphans_take_ready(bc__orphans *orphans,
                                 bool (*is_known)(void *context, const uint8_t parent[BC_ID_BYTES]),
                                 void *context);

#endif
