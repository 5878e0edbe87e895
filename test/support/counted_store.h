/* Commits of which each tells its number, so that one look at a store says which was the last, and
 * whether it is there whole and nothing of a later one. */
#ifndef BC_TEST_SUPPORT_COUNTED_STORE_H
#define BC_TEST_SUPPORT_COUNTED_STORE_H

#include <bc/bc.h>

/* Makes commit `number`, from 1, on a store whose last was number - 1. It puts some short and some
 * long values and removes others. */
bc_status counted_commit(bc_store *store, uint32_t number, bc_error *error);

/* The number of the last commit, 0 for an empty store; -1 where the store holds anything else than
 * just what the commits up to one number leave, or cannot be read. */
int64_t counted_state(bc_store *store);

#endif
