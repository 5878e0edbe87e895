/* What a mempool by fee takes in, and what leaves it: policy of this program, none of the network's.
 *
 * - A sender's waiting transactions follow its account's nonce without gaps; a new one is the next of
 *   them or replaces one, for a fee that is at least a tenth higher and higher at all.
 * - The balance covers the amounts and fees of all of them together.
 * - They are at most sender_limit, and stay for at most age_limit.
 * - Where there is no room the cheapest leaves, with what its sender has behind it, if it pays less for
 *   a byte than the new one. What stands behind it counts as no better than it, whatever it pays: no
 *   block takes it any earlier. Else dear ones behind cheap ones would fill the mempool for nothing.
 *
 * All of it is done with the engine's lock held. What is said here to leave is marked. */
#ifndef BC_CHAIN_FEE_POLICY_H
#define BC_CHAIN_FEE_POLICY_H

#include "src/chain/mempool.h"
#include "src/rules/rules.h"

/* An account as it is behind the tip. */
typedef bc_status (*bc__account_fn)(void *context, bc__account *account, const uint8_t key[32],
                                    bc_error *error);

/* An entry with a reference of its own that is not in the mempool yet; adding it cannot fail.
 * `arrival` is monotonic, in microseconds, and not before that of the one added last. BC_ERR_MEMORY. */
bc_status bc__fee_prepare(bc__mempool *mempool, bc__waiting **out, bc_tx *tx,
                          const bc_tx_fields *fields, uint64_t sequence, bool returned,
                          int64_t arrival, bc_error *error);
/* Releases an entry that was not added. */
void bc__fee_discard(bc__mempool *mempool, bc__waiting *waiting);

/* Judges an entry that somebody handed in, against the account of its sender. BC_REASON_NONE: to be
 * added next, and what it replaces or evicts leaves. Else nothing changed, and the first that failed of
 * BC_REASON_KNOWN, _NONCE, _REPLACEMENT, _BALANCE, _SENDER_LIMIT, _MEMPOOL_FULL. */
uint32_t bc__fee_judge(bc__mempool *mempool, const bc__waiting *offered,
                       const bc__account *account);

/* The same for one that comes back from a disconnected block, or from the store: its place among the
 * others shows only when all of them are there, in bc__fee_recheck_sender. Cheap where a sender's come
 * in order of nonces. BC_REASON_KNOWN, _REPLACEMENT (another with this nonce waits, and stays),
 * _MEMPOOL_FULL. */
uint32_t bc__fee_judge_returned(bc__mempool *mempool, const bc__waiting *offered);

/* Marks that one and what its sender has behind it. */
void bc__fee_mark_from(bc__mempool *mempool, bc__waiting *waiting);

/* What does not hold any more behind a new tip leaves: a nonce that is used, a gap and what is behind
 * it, what the balance does not cover in order of nonces, what is too many. To be called for every
 * account that changed and for every sender of what returned, once all of that is added. */
void bc__fee_recheck_sender(bc__mempool *mempool, const uint8_t key[32],
                            const bc__account *account);

/* The same for all senders. Fails as `account` does. */
bc_status bc__fee_recheck_all(bc__mempool *mempool, bc__account_fn account, void *context,
                              bc_error *error);

/* What is too old leaves, with what its sender has behind it. */
void bc__fee_expire(bc__mempool *mempool, int64_t now);

/* Microseconds until there is more for bc__fee_expire; INT64_MAX where nothing waits for that. */
int64_t bc__fee_until_expiry(const bc__mempool *mempool, int64_t now);

/* The nonce to sign the sender's next one with, given that of its account. */
uint64_t bc__fee_next_nonce(const bc__mempool *mempool, const uint8_t key[32],
                            uint64_t account_nonce);

#endif
