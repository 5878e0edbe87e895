/* Two headers at one height, both sealed by one signer: found when the second is judged, kept in the
 * store with both as evidence, and reported to the host. For rules that name signers in headers. */
#ifndef BC_CHAIN_EQUIVOCATION_H
#define BC_CHAIN_EQUIVOCATION_H

#include <stdbool.h>

#include "lib/hash_index.h"
#include "lib/keyed_hash.h"
#include "src/block/block.h"

typedef struct bc__engine bc__engine;

enum { BC__EQUIVOCATIONS_MOST = 64 }; /* that wait to be reported */

/* One that waits; its evidence is in the store. */
typedef struct bc__equivocation {
    uint64_t height;
    uint64_t signer;
    uint8_t id[BC_ID_BYTES]; /* of the second header */
} bc__equivocation;

typedef struct bc__equivocations {
    bc__hash_index index; /* height and signer -> nodes */
    bc__hash_key hash_key;
    bc__equivocation waiting[BC__EQUIVOCATIONS_MOST];
    uint32_t first;
    uint32_t count;
} bc__equivocations;

void bc__equivocations_init(bc__equivocations *equivocations, const bc__heap *heap);
void bc__equivocations_free(bc__equivocations *equivocations);

/* Locked. Makes room for one more node, then takes it in, where the rules name signers; takes it out
 * again when it is removed from the tree. */
int32_t bc__equivocations_reserve(bc__engine *engine);
void bc__equivocations_add(bc__engine *engine, uint32_t node);
void bc__equivocations_remove(bc__engine *engine, uint32_t node);

/* Locked. Whether a stored block of that height is sealed by that signer. */
bool bc__equivocations_has(const bc__engine *engine, uint64_t height, uint64_t signer);

/* Locked. A block whose header is validly sealed: where its signer sealed another one at that height,
 * writes both down and lets it be reported, once for each height and signer. */
bc_status bc__equivocations_see(bc__engine *engine, const bc_block *block, uint64_t height,
                                bc_error *error);

/* Locked. Takes the next one to be reported, with its evidence. False where there is none. */
bool bc__equivocations_pop(bc__engine *engine, bc__equivocation *found, bc__bytes *evidence);

#endif
