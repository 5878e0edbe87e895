/* A transaction that waits for a block. */
#ifndef BC_CHAIN_WAITING_H
#define BC_CHAIN_WAITING_H

#include <stdbool.h>

#include "src/block/transaction.h"

typedef struct bc__waiting bc__waiting;

struct bc__waiting {
    bc_tx *tx;         /* a reference */
    uint64_t sequence; /* order of arrival; its key in the store */
    bool returned; /* came back from a disconnected block, and leaves when one brings it again */
    bool leaving;  /* marked to be removed */
    bool stored;   /* its key is in the store, or written behind what is pending */
    bc__waiting *newer;
    bc__waiting *older;
};

#endif
