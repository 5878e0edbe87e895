/* Talking to one peer under rules with headers: hello, then all headers that it has above ours, then,
 * where they show a better chain, its blocks. A few peers are talked to at a time; those whose chains
 * have blocks in common fetch different ones of them. */
#ifndef BC_SYNC_EXCHANGE_H
#define BC_SYNC_EXCHANGE_H

#include "src/sync/header_chain.h"
#include "src/sync/inquiry.h"
#include "src/sync/messages.h"

typedef enum bc__stage {
    BC__STAGE_FREE,     /* nobody is talked to here */
    BC__STAGE_GREETING, /* hello is under way */
    BC__STAGE_SURVEY,   /* the first pass over its headers */
    BC__STAGE_REREAD,   /* a further window of them, again */
    BC__STAGE_FETCHING, /* the blocks of a window */
} bc__stage;

typedef struct bc__exchange {
    bc__stage stage;
    bc__inquiry *inquiry;
    bc__hello hello;
    bc__header_chain chain;
    bool forked;    /* it is known where its chain parts from ours */
    uint32_t asked; /* headers, in the request that is under way */
    uint8_t locator[BC__LOCATOR_MOST][BC_ID_BYTES]; /* what was asked for first */
    uint32_t locator_count;
    /* While fetching: */
    uint64_t next;         /* height: all blocks of the window below it are stored */
    uint64_t wanted_first; /* heights of those that are under way or held */
    uint32_t wanted_count; /* 0: none */
    bool holds;            /* they are here, and wait for their parents */
    bc__bytes held;
} bc__exchange;

typedef struct bc__exchanges {
    bc__exchange slots[BC__PEERS_AT_A_TIME];
    bool replaced; /* some block made the tip */
} bc__exchanges;

/* The exchange with a peer whose turn it is. */
bc__exchange *bc__exchange_of(const bc__run *run, const bc__inquiry *inquiry);

/* Ends the exchange. */
__attribute__((format(printf, 4, 5))) void bc__exchange_conclude(bc__run *run, bc__exchange *with,
                                                                 bc_status status,
                                                                 const char *format, ...);

/* Not the peer's fault but ours: ends the exchange and the resolve. */
void bc__exchange_fail(bc__run *run, bc__exchange *with, bc_status status, const bc_error *error);

/* Asks for the next headers of the window that is read again. */
void bc__exchange_reread(bc__run *run, bc__exchange *with);

/* ---- fetch.c ---- */

/* The window is there: begins with its blocks. */
void bc__fetch_begin(bc__exchange *with);

/* The blocks that were asked for, or some of them. */
void bc__fetch_take(bc__run *run, bc__exchange *with, bc__bytes *answer);

/* Goes on, where it can; says whether anything did. */
bool bc__fetch_step(bc__run *run, bc__exchange *with);

#endif
