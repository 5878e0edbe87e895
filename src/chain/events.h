/* The queue of tip changes. A change is kept as (old tip, new tip) and expanded into disconnects and
 * connects when it is delivered, so memory is bounded; past BC__EVENTS_MOST the last two become one. */
#ifndef BC_CHAIN_EVENTS_H
#define BC_CHAIN_EVENTS_H

#include <stdbool.h>
#include <stdint.h>

enum { BC__EVENTS_MOST = 256 };

typedef struct bc__change {
    uint32_t old_tip; /* BC__NO_NODE before the first */
    uint32_t new_tip;
    uint64_t returned; /* transactions that came back to the mempool */
    uint64_t dropped;  /* and those that found no room there */
} bc__change;

typedef struct bc__events {
    bc__change changes[BC__EVENTS_MOST];
    uint32_t first;
    uint32_t count;
    uint64_t sequence; /* of the last event delivered */
    bool delivering;   /* some thread is at it */
} bc__events;

/* Cannot fail. */
void bc__events_push(bc__events *events, const bc__change *change);
bool bc__events_pop(bc__events *events, bc__change *change);

#endif
