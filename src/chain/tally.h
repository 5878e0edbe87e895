/* Counts of transactions by id, for comparing what left the best chain with what came. Only ids that
 * were entered are counted. */
#ifndef BC_CHAIN_TALLY_H
#define BC_CHAIN_TALLY_H

#include <stdbool.h>

#include <bc/bc.h>

#include "lib/hash_index.h"
#include "lib/keyed_hash.h"

typedef struct bc__tally_entry {
    uint8_t id[BC_ID_BYTES];
    uint64_t count;
    uint64_t claimed; /* of those, for somebody else */
} bc__tally_entry;

typedef struct bc__tally {
    const bc__heap *heap;
    bc__tally_entry *entries;
    uint32_t used;
    uint32_t capacity;
    bc__hash_index index;
    bc__hash_key hash_key;
} bc__tally;

void bc__tally_init(bc__tally *tally, const bc__heap *heap);
void bc__tally_free(bc__tally *tally);

/* Enters an id with a count of 0, once. BC__OK or BC__ERR_MEMORY. */
int32_t bc__tally_enter(bc__tally *tally, const uint8_t id[BC_ID_BYTES]);

/* Adds one where the id is entered. */
void bc__tally_raise(bc__tally *tally, const uint8_t id[BC_ID_BYTES]);

/* Takes one away where there is one; says whether there was. */
bool bc__tally_lower(bc__tally *tally, const uint8_t id[BC_ID_BYTES]);

/* Sets one aside where the id is entered, counted yet or not: bc__tally_lower_unclaimed leaves as many. */
void bc__tally_claim(bc__tally *tally, const uint8_t id[BC_ID_BYTES]);
bool bc__tally_lower_unclaimed(bc__tally *tally, const uint8_t id[BC_ID_BYTES]);

#endif
