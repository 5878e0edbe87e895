/* What a bc_chain is made of. */
#ifndef BC_API_HANDLE_H
#define BC_API_HANDLE_H

#include "src/mine/work.h"
#include "src/sync/sync.h"

struct bc_chain {
    bc__engine engine;
    bc__sync sync;
};

/* bc_options with the defaults filled in and every vtable read. Store and transport are taken: on
 * failure they are closed. `params` may be NULL where the call is to fail anyway. */
typedef struct bc__opened_options {
    bc__settings settings;
    bc_store store;
    bc_transport transport;
    bool has_transport;
    bc_clock clock;
    bc_log log;
} bc__opened_options;

bc_status bc__options_read(bc__opened_options *out, const bc_options *options,
                           const bc_params *params, bc_error *error);

/* Closes store and transport. */
void bc__options_close(bc__opened_options *out);

/* Copies an outcome into what the caller asked for; each may be NULL. */
void bc__give_outcome(const bc__outcome *outcome, uint32_t *verdict, uint32_t *reason);

#endif
