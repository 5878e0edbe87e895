/* Checks of signed transactions alone, before any state is asked, and the memory of what was found good,
 * so that no signature is verified twice. Has a lock of its own, which is held for a lookup or a note
 * only; no function needs the engine's. The host's check_tx is called with no lock held but the
 * caller's, on the calling thread. */
#ifndef BC_CHAIN_SIGNATURES_H
#define BC_CHAIN_SIGNATURES_H

#include <pthread.h>

#include "lib/recent_set.h"
#include "src/rules/rules.h"

typedef struct bc__signatures {
    const bc_params *params;
    pthread_mutex_t lock;
    /* Ids of transactions: an id commits to the whole encoding, and what is signed to the network. */
    bc__recent_set txs;
    bc__recent_set keys; /* of senders: public keys that the rules take */
} bc__signatures;

/* Whether the state shows that the key was good before: it is the sender of a transaction that was
 * applied. `index` is the transaction's in its block, 0 for one alone. Asked once for each whose
 * signature is not remembered, in order, on the calling thread, before any is checked, with no lock
 * held but the caller's. */
typedef bool (*bc__knows_key_fn)(void *context, uint32_t index, const uint8_t key[32]);

/* What the checks need beside the rules. All borrowed. */
typedef struct bc__tx_checks {
    uint64_t height;            /* of the block, or of the next one; for the host */
    uint32_t threads;           /* that check a block, the calling one among them; 0 is 1 */
    const bc_host_rules *host;  /* NULL, or without check_tx: the host has no say */
    bc__knows_key_fn knows_key; /* may be NULL */
    void *context;
} bc__tx_checks;

/* BC_REASON_NONE, or the first check that fails in the first transaction that fails. */
typedef struct bc__tx_verdict {
    uint32_t reason;
    uint32_t index; /* of that transaction in its block, 0 for one alone */
} bc__tx_verdict;

/* `params`, whose rules have accounts, must outlive `signatures`. The memories together take at most
 * `bytes`, and only as needed; UINT64_MAX is no limit. BC_ERR_MEMORY. */
bc_status bc__signatures_init(bc__signatures *signatures, const bc_params *params, uint64_t bytes,
                              bc_error *error);

/* With no other call under way. Takes one that is all zero. */
void bc__signatures_free(bc__signatures *signatures);

/* Checks each signed transaction of a block alone, then asks the host, in order, about those before the
 * first that failed. Where verdict->reason is not BC_REASON_NONE the result is BC_OK and `error` has
 * a sentence that names the transaction, with code BC_OK. Otherwise a result that is not BC_OK is
 * BC_ERR_MEMORY or what the host's function gave. What was found good is remembered in any case. */
bc_status bc__signatures_check_block(bc__signatures *signatures, bc__tx_verdict *verdict,
                                     const bc_block *block, const bc__tx_checks *checks,
                                     bc_error *error);

/* The same for one signed transaction, on the calling thread. */
bc_status bc__signatures_check_tx(bc__signatures *signatures, bc__tx_verdict *verdict,
                                  const bc_tx *tx, const bc__tx_checks *checks, bc_error *error);

#endif
