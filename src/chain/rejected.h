/* Ids of blocks that can never be valid, with what was wrong, so that they are not judged again: a
 * bounded memory that forgets the oldest. Only faults that lie in the id itself belong here: of the
 * header, or of the body that it commits to. */
#ifndef BC_CHAIN_REJECTED_H
#define BC_CHAIN_REJECTED_H

#include <bc/bc.h>

#include "lib/hash_index.h"
#include "lib/keyed_hash.h"

enum { BC__REJECTED_MOST = 4096 };

typedef struct bc__rejected_entry {
    uint8_t id[BC_ID_BYTES];
    uint32_t reason;
} bc__rejected_entry;

typedef struct bc__rejected {
    const bc__heap *heap;
    bc__rejected_entry *entries; /* a ring of BC__REJECTED_MOST, made with the first entry */
    bc__hash_index index;        /* id -> entries */
    bc__hash_key hash_key;
    uint32_t count;
    uint32_t next;
} bc__rejected;

void bc__rejected_init(bc__rejected *rejected, const bc__heap *heap);
void bc__rejected_free(bc__rejected *rejected);

/* BC_REASON_NONE where the id is not remembered. */
uint32_t bc__rejected_reason(const bc__rejected *rejected, const uint8_t id[BC_ID_BYTES]);

/* Forgets an older one for it, or, without memory, this one: whatever is not remembered is judged
 * again. */
void bc__rejected_add(bc__rejected *rejected, const uint8_t id[BC_ID_BYTES], uint32_t reason);

#endif
