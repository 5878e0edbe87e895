/* The accounts at the tip: balances and nonces in the store, behind a bounded cache.
 *
 * A block writes no account. Its commit holds one delta (account_plan.h); the accounts that it
 * changed stay dirty in memory until a flush writes them as rows, in bounded commits, the last of
 * which holds the marker: the block whose state the rows are. So after a crash the rows are those of
 * the marker's block, or, where a flush was cut short, some of them already those of the tip at that
 * time. Opening walks from the marker's block to the tip, undoing and redoing deltas; they hold
 * absolute values, so that the outcome is the same in both cases.
 *
 * What this asks of whoever keeps the tip:
 * - While bc__accounts_flush_due says so, it flushes before the tip moves. A flush that was cut short
 *   must end at the same tip, or rows of three states would lie in the store.
 * - Deltas between the marker's block and the tip stay in the store, those of disconnected blocks
 *   too: before side branches are deleted it flushes.
 *
 * All calls come with the writer's lock held. */
#ifndef BC_CHAIN_ACCOUNTS_H
#define BC_CHAIN_ACCOUNTS_H

#include "lib/hash_index.h"
#include "lib/keyed_hash.h"
#include "src/rules/rules.h"
#include "src/store/database.h"

enum {
    BC__ACCOUNT_KEY_BYTES = 32,
    BC__ACCOUNT_RECORD_BYTES = 16,   /* balance, nonce */
    BC__ACCOUNTS_REPLAY_MOST = 1000, /* blocks behind the marker before a flush is due */
};

typedef struct bc__account_entry {
    uint8_t key[BC__ACCOUNT_KEY_BYTES];
    bc__account value;
    uint32_t state;     /* accounts.c; 0: the slot is free */
    uint32_t next_free; /* of a free slot */
} bc__account_entry;

/* What an account costs in memory, its part of the index included. */
enum { BC__ACCOUNT_MEMORY = sizeof(bc__account_entry) + 16 };

typedef struct bc__accounts {
    const bc__heap *heap;
    bc__database *database;
    bc__hash_index index; /* key -> slot */
    bc__hash_key hash_key;
    bc__account_entry *entries;
    uint32_t capacity;
    uint32_t used; /* slots that were ever in use: entries[0 .. used - 1] */
    uint32_t free_list;
    uint32_t free_count;
    uint32_t hand; /* where the search for an account to forget goes on */
    uint32_t dirty_count;
    uint32_t reserved; /* free slots that are kept for bc__accounts_set */
    uint32_t most;     /* accounts that the limit allows */
    uint64_t limit;    /* bytes */
    uint64_t blocks;   /* applied since the last flush */
    bool unsettled; /* rows may be of two states, so the tip must not move before a flush ended */
    bc__bytes row;  /* what was read last */
} bc__accounts;

/* `limit` in bytes; dirty accounts may pass it, by as many as one switch of the tip changes. Allocates
 * nothing. heap and database must outlive accounts. */
void bc__accounts_init(bc__accounts *accounts, const bc__heap *heap, bc__database *database,
                       uint64_t limit);
void bc__accounts_free(bc__accounts *accounts);

/* Reads the marker. *found is false where there is none: the store was only begun, and its rows are
 * to be those of genesis. Where it is not `tip`, or there is none, a replay comes next and then a
 * flush, which is due from now on. BC_ERR_DAMAGED, BC_ERR_STORE, BC_ERR_MEMORY. */
bc_status bc__accounts_open(bc__accounts *accounts, bool *found, uint64_t *height,
                            uint8_t id[BC_ID_BYTES], const uint8_t tip[BC_ID_BYTES],
                            bc_error *error);

/* The account at the tip; (0, 0) where there is none. What was read from the store stays in the cache
 * as far as its limit and the memory allow, so a call ahead of time is a prefetch. BC_ERR_STORE,
 * BC_ERR_DAMAGED, BC_ERR_MEMORY. */
bc_status bc__accounts_get(bc__accounts *accounts, bc__account *account,
                           const uint8_t key[BC__ACCOUNT_KEY_BYTES], bc_error *error);

/* Whether more than half of the limit is dirty, or a replay would be long, or a flush must end before
 * the tip may move. */
bool bc__accounts_flush_due(const bc__accounts *accounts);

/* Writes what is dirty, in order of the keys, and the marker, which from then on names this tip, with
 * nothing pending before. A commit holds about commit_bytes at most. On failure what was not
 * committed is still dirty, nothing is lost, nothing is pending, and it may be tried again.
 * BC_ERR_STORE, BC_ERR_STORE_UNKNOWN, BC_ERR_POISONED, BC_ERR_MEMORY. */
bc_status bc__accounts_flush(bc__accounts *accounts, uint64_t height, const uint8_t id[BC_ID_BYTES],
                             uint64_t commit_bytes, bc_error *error);

/* ---- For account_plan.c. `hash` is bc__accounts_hash of the key. ---- */

static inline uint64_t bc__accounts_hash(const bc__accounts *accounts,
                                         const uint8_t key[BC__ACCOUNT_KEY_BYTES])
{
    return bc__keyed_hash(&accounts->hash_key, key, BC__ACCOUNT_KEY_BYTES);
}

bc_status bc__accounts_get_hashed(bc__accounts *accounts, bc__account *account,
                                  const uint8_t key[BC__ACCOUNT_KEY_BYTES], uint64_t hash,
                                  bc_error *error);

/* Whether the account is in memory; the store is not asked. */
bool bc__accounts_peek(const bc__accounts *accounts, bc__account *account,
                       const uint8_t key[BC__ACCOUNT_KEY_BYTES], uint64_t hash);

/* Makes room for `count` calls of bc__accounts_set, by forgetting others where the limit is reached.
 * BC__OK or BC__ERR_MEMORY, with no value changed. */
int32_t bc__accounts_reserve(bc__accounts *accounts, uint32_t count);

/* Gives back what was reserved and not used. */
void bc__accounts_unreserve(bc__accounts *accounts);

/* The room is reserved. */
void bc__accounts_set(bc__accounts *accounts, const uint8_t key[BC__ACCOUNT_KEY_BYTES],
                      uint64_t hash, const bc__account *account);

static inline bool bc__account_equal(const bc__account *left, const bc__account *right)
{
    return left->balance == right->balance && left->nonce == right->nonce;
}

void bc__account_record_write(uint8_t out[BC__ACCOUNT_RECORD_BYTES], const bc__account *account);
void bc__account_record_read(bc__account *account, const uint8_t in[BC__ACCOUNT_RECORD_BYTES]);

#endif
