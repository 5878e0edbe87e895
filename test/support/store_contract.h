/* What every bc_store has to do (docs/store.md), as a test: thousands of random commits, gets and
 * scans beside a sorted array that does the same in the plainest way. */
#ifndef BC_TEST_SUPPORT_STORE_CONTRACT_H
#define BC_TEST_SUPPORT_STORE_CONTRACT_H

#include <stdbool.h>

#include <bc/bc.h>

typedef struct store_contract {
    void *context;
    /* Opens the store, whose struct_size is set: empty at first; later, where `persistent`, with what was committed. */
    bc_status (*open)(void *context, bc_store *out, bc_error *error);
    bool persistent;
    size_t steps; /* of the random test */
} store_contract;

/* Each fails the running cmocka test where the store breaks its word. Each begins with an open of its
 * own and expects an empty store. */
void store_contract_edges(const store_contract *contract);
void store_contract_random(const store_contract *contract);

#endif
