/* The engine: one chain under any rules. It judges blocks, keeps the tree and the mempool, chooses the
 * best chain, and writes what must last.
 *
 * One lock, the writer's, stands before everything; what may be read without it is published. A
 * function whose comment says "locked" expects the caller to be between bc__engine_enter and
 * bc__engine_leave; the others take the lock themselves. Memory changes only after a commit has
 * succeeded: each change first reserves, then writes, then commits, then does what cannot fail. */
#ifndef BC_CHAIN_ENGINE_H
#define BC_CHAIN_ENGINE_H

#include "src/base/clock.h"
#include "src/base/log.h"
#include "src/chain/account_plan.h"
#include "src/chain/cache.h"
#include "src/chain/equivocation.h"
#include "src/chain/events.h"
#include "src/chain/fee_policy.h"
#include "src/chain/history.h"
#include "src/chain/mempool.h"
#include "src/chain/orphans.h"
#include "src/chain/published.h"
#include "src/chain/rejected.h"
#include "src/chain/signatures.h"
#include "src/chain/state.h"
#include "src/chain/stretch.h"
#include "src/chain/tree.h"
#include "src/rules/rules.h"
#include "src/store/database.h"

/* bc_options with its defaults filled in. UINT64_MAX is no limit. */
typedef struct bc__settings {
    uint32_t threads;
    uint32_t tx_durability;
    uint64_t reply_bytes;
    uint64_t mempool_bytes;
    uint64_t orphan_bytes;
    uint64_t cache_bytes;
    uint64_t commit_bytes;
    uint64_t commit_interval_us;
    uint64_t max_reorg_depth;
    uint64_t request_timeout_us;
    uint64_t peers;
    uint64_t keep_branches;
    uint64_t account_bytes;
    uint64_t signature_bytes;
    uint64_t mempool_sender_count;
    uint64_t mempool_age_us;
    bool signer_is_alone;
    bc__uint256 minimum_chain_work; /* 0: any */
    bc_checkpoint *checkpoints;     /* owned by the handle */
    uint64_t checkpoint_count;
    bc_host_rules host_rules; /* all zero for none; its name was compared with the network's */
    bc_event_fn event;
    void *event_context;
} bc__settings;

typedef struct bc__submission bc__submission; /* tx_queue.c */

typedef struct bc__engine {
    bc_params *params; /* a reference */
    bc_chain *handle;  /* what event handlers are given */
    bc_clock clock;
    bc_log log;
    bc__settings settings;
    bc__published *published; /* a reference */

    atomic_uintptr_t sealer; /* the thread that asks a key for a block's seal, or 0 */
    atomic_uint visits;      /* calls under way that call back into the host: no time to close */
    pthread_mutex_t lock;
    atomic_uintptr_t owner; /* the thread that holds the lock, or 0 */
    bc__database database;
    bc__traits traits;
    bc__tree tree;
    bc__history history;   /* under rules with headers */
    bc__accounts accounts; /* under rules with accounts */
    bc__signatures signatures;
    bc__rejected rejected;
    bc__equivocations equivocations;
    uint64_t side_lowest; /* the lowest end of a side branch, or less; UINT64_MAX: there is none */
    bool has_heard;       /* a block, or a peer's tip that is stored or no better, since opening */
    bc__cache cache;
    bc__orphans orphans;
    bc__mempool mempool;
    bc__events events;
    uint64_t next_sequence;
    uint64_t peer_count;     /* kept by the room above, shown in bc_info */
    bc__range staged;        /* the numbers of what was written ahead; count 0: no marker is set */
    uint64_t staged_waiting; /* so many transactions, from the middle of the range */
    bool staging;            /* a replacement is at it, by the thread that holds import_lock */
    uint32_t pins;           /* answers and visits under way: their blocks stay */
    bool clearing_due;       /* a replacement left blocks that are on no best chain */
    bool commit_waits;       /* something is pending since commit_due was set */
    int64_t commit_due;      /* monotonic */

    pthread_mutex_t import_lock; /* taken before the lock: one replacement at a time */
    pthread_mutex_t queue_lock;  /* of submissions; never held while waiting for another lock */
    pthread_cond_t queue_served; /* some of them are done */
    bool queue_led;              /* some thread is on its way to handle what is queued */
    bc__submission *queue_first; /* transactions whose submitters wait for a commit together */
    bc__submission *queue_last;
} bc__engine;

static inline const bc__heap *bc__engine_heap(const bc__engine *engine)
{
    return &engine->params->origin.heap;
}

static inline const bc__rules *bc__engine_rules(const bc__engine *engine)
{
    return engine->params->rules;
}

/* What the largest block may have, by the network's rules or else by this program's limit. */
static inline uint64_t bc__engine_block_bytes(const bc__engine *engine)
{
    return engine->traits.block_bytes != BC_NONE ? engine->traits.block_bytes
                                                 : engine->params->limits.block_bytes;
}

/* ---- engine.c: the lock, commits, reading ---- */

/* BC_ERR_REENTRANT where this thread holds the lock, that is, inside a callback of the store. Never
 * waits. */
bc_status bc__engine_check_thread(bc__engine *engine, bc_error *error);

/* The same, and takes the lock. */
bc_status bc__engine_enter(bc__engine *engine, bc_error *error);

/* The same, and BC_ERR_POISONED where nothing may change any more. */
bc_status bc__engine_enter_to_write(bc__engine *engine, bc_error *error);

/* Around whatever calls the host, so that bc_chain_close knows a call from a callback. */
static inline void bc__engine_visit(bc__engine *engine)
{
    atomic_fetch_add_explicit(&engine->visits, 1, memory_order_relaxed);
}

static inline void bc__engine_visited(bc__engine *engine)
{
    atomic_fetch_sub_explicit(&engine->visits, 1, memory_order_relaxed);
}

/* Publishes what changed. */
void bc__engine_leave(bc__engine *engine);

/* Locked. Commits what is pending: now, or later where the settings allow it and `now` does not demand
 * it. On failure the writes since `mark` are dropped. */
bc_status bc__engine_commit(bc__engine *engine, uint32_t mark, bool now, bc_error *error);

/* Locked. A new reference to the block of a node, from the cache or the store. BC_ERR_DAMAGED. */
bc_status bc__engine_block(bc__engine *engine, bc_block **out, uint32_t at, bc_error *error);

/* Locked. The same, read from the store in any case. */
bc_status bc__engine_read_block(bc__engine *engine, bc_block **out, uint32_t at, bc_error *error);

/* Locked. Where that node's body was found damaged, writes that of `block`, which is the same block,
 * behind what is pending; else does nothing. */
bc_status bc__engine_mend_body(bc__engine *engine, uint32_t at, const bc_block *block,
                               bc_error *error);

/* Locked. Commits what is due; *next is the time until more is. */
bc_status bc__engine_tick(bc__engine *engine, int64_t *next, bc_error *error);

/* ---- open.c ---- */

/* Opens the store's chain or begins one. `engine` is all zero but for params, handle, clock, log,
 * settings and published, and the store is in the database already. */
bc_status bc__engine_open(bc__engine *engine, bc_error *error);

/* Commits what waits, then frees everything but the struct. */
bc_status bc__engine_close(bc__engine *engine, bc_error *error);

typedef struct bc__outcome {
    uint32_t verdict;
    uint32_t reason;
} bc__outcome;

/* ---- judge.c: before any state of accounts is asked ---- */

/* The headers that a block behind `parent` is judged by. */
void bc__lineage_of(const bc__engine *engine, bc__lineage *lineage, uint32_t parent, int64_t now);

/* Whether no checkpoint demands another block at that height. */
bool bc__passes_checkpoint(const bc__engine *engine, uint64_t height,
                           const uint8_t id[BC_ID_BYTES]);

/* Locked. Where the outcome's verdict is BC_VERDICT_NONE, the block may go on, behind *parent. */
bc_status bc__judge(bc__engine *engine, bc__outcome *outcome, bc_block *block, uint32_t *parent,
                    bc_error *error);

/* Locked, but lets the lock go meanwhile, so that all that was known before may have changed: the
 * signed transactions of a block alone. */
bc_status bc__judge_txs(bc__engine *engine, bc__outcome *outcome, bc_block *block, uint64_t height,
                        bc_error *error);

/* Locked. The outcome of a block that fails, which is remembered where the fault lies in its id. */
bc_status bc__judge_invalid(bc__engine *engine, bc__outcome *outcome, const bc_block *block,
                            uint32_t reason);

/* ---- records.c ---- */

/* Locked. Writes all but the accounts' record behind what is pending. */
bc_status bc__engine_write_block(bc__engine *engine, const bc_block *block, uint32_t parent,
                                 uint64_t height, const bc__uint256 *work, uint64_t sequence,
                                 bc_error *error);

/* Locked. Removes all records of a node, behind what is pending; the body stays where another node
 * needs it. */
bc_status bc__engine_remove_block(bc__engine *engine, uint32_t at, bc_error *error);

/* ---- connect.c ---- */

/* Locked, but under rules with accounts lets the lock go while signatures are checked. Judges a block
 * and, where it is good, stores it and perhaps makes it the tip; then the orphans that waited for it.
 * With `only_on_tip` a block that does not extend the tip is not touched: BC_ERR_STALE. */
bc_status bc__engine_submit(bc__engine *engine, bc__outcome *outcome, bc_block *block,
                            bool only_on_tip, bc_error *error);

/* Locked. Takes in the orphans whose parents came by another way. */
void bc__engine_adopt_ready(bc__engine *engine);

/* Locked. Writes a judged block behind what is pending and adds it to the tree, where it stays only if
 * the caller's commit succeeds; else the caller takes it out again. */
bc_status bc__engine_add_block(bc__engine *engine, uint32_t *node, const bc_block *block,
                               uint32_t parent, uint64_t sequence, bc_error *error);

/* Locked. Whether the best chain may not give up as many blocks as that tip would cost. */
bool bc__engine_is_too_deep(const bc__engine *engine, uint32_t new_tip);

/* Where the transactions that a replacement returns are numbered from. */
static inline uint64_t bc__staged_waiting_first(const bc__engine *engine)
{
    return engine->staged.first + engine->staged.count / 2;
}

/* ---- switch.c ---- */

/* Locked. What a new tip does to the mempool, worked out before anything is committed. */
typedef struct bc__switch {
    uint32_t old_tip;
    uint32_t new_tip;
    bc__waiting *returning; /* prepared entries, oldest first, linked through newer */
    bc__waiting *returning_last;
    /* With a mempool by fee, where what returns is added at once: */
    bc__account_plan *plan;  /* the accounts behind the new tip */
    bc__mempool_point point; /* to go back to */
    uint64_t numbers;        /* sequence numbers that were taken behind the block's */
    uint64_t returned;
    uint64_t dropped;
    bool staged; /* by a replacement: what returns takes its numbers, and may go ahead */
} bc__switch;

/* Locked. Prepares the switch to `new_tip`, whose last block `block` may be NULL when it is in the
 * store, and writes it behind what is pending, which is nothing when it is `staged`. On failure, or
 * when it is not wanted after all, bc__switch_drop. */
bc_status bc__switch_prepare(bc__engine *engine, bc__switch *change, uint32_t new_tip,
                             const bc_block *block, bool staged, bc__account_plan *plan,
                             bc_error *error);
void bc__switch_drop(bc__engine *engine, bc__switch *change);

/* Locked. After the commit: cannot fail. */
void bc__switch_apply(bc__engine *engine, bc__switch *change);

/* ---- switch_by_fee.c ---- */

/* Locked. The part of bc__switch_prepare that is the mempool's where it is by fee. */
bc_status bc__switch_by_fee(bc__engine *engine, bc__switch *change, const bc__stretch *leaving,
                            const bc__stretch *coming, bc_error *error);

/* ---- import.c ---- */

/* Gives the next block of a whole chain, with a reference, or NULL at its end. */
typedef bc_status (*bc__next_block_fn)(void *context, bc_block **block, bc_error *error);

/* Takes over a whole chain that has been verified: `count` blocks of `work` altogether that `next`
 * gives, the first a root. Writes them ahead in bounded commits, then switches in one.
 * BC_VERDICT_ACCEPTED; BC_VERDICT_REFUSED where it is not better than ours or disconnects too much. */
bc_status bc__engine_import(bc__engine *engine, bc__outcome *outcome, uint64_t count,
                            const bc__uint256 *work, bc__next_block_fn next, void *context,
                            bc_error *error);

/* ---- clear.c ---- */

/* Locked. Deletes, in bounded commits, what a replacement that came to nothing wrote ahead, and, where
 * that is due and nobody needs them, blocks on no best chain. */
bc_status bc__engine_clear(bc__engine *engine, bc_error *error);

/* Locked. The first half of it, with nothing pending but what others wait for. */
bc_status bc__engine_drop_staged(bc__engine *engine, bc_error *error);

/* Locked. A block came to lie beside the best chain. */
void bc__engine_note_side(bc__engine *engine, uint64_t height);

/* Locked. For opening: deletes what stands beside the best chain against a checkpoint. */
bc_status bc__engine_clear_forbidden(bc__engine *engine, bc_error *error);

/* Locked. Deletes a stored block that turned out invalid, and all that stand on it. */
bc_status bc__engine_clear_branch(bc__engine *engine, uint32_t root, bc_error *error);

/* ---- deliver.c ---- */

/* Delivers what is in the queue, unless some thread is at it already, then clears away. */
void bc__engine_deliver(bc__engine *engine);

/* Visits what leads from `since` (NULL: from nothing) to the tip. */
bc_status bc__engine_changes(bc__engine *engine, const uint8_t *since, bc_event_fn visit,
                             void *context, bc_error *error);

/* ---- tx_queue.c ---- */
bc_status bc__engine_submit_tx(bc__engine *engine, bc__outcome *outcome, bc_tx *tx,
                               bc_error *error);

/* Locked. Writes a waiting transaction behind what is pending. */
bc_status bc__engine_write_waiting(bc__engine *engine, bc__waiting *waiting, bc_error *error);

/* ---- tx_policy.c: a mempool by fee ---- */

/* Locked. For opening: adds one that was waiting, where there is room; else it is to be removed from the
 * store. Once all are added, bc__engine_loaded_txs takes out again, behind what is pending, what does not
 * hold behind the tip. */
bc_status bc__engine_load_tx(bc__engine *engine, bool *taken, bc_tx *tx, uint64_t sequence,
                             bool returned, bc_error *error);
bc_status bc__engine_loaded_txs(bc__engine *engine, bc_error *error);

/* Locked. A waiting transaction that no block may hold any more leaves, with what its sender has behind it,
 * with the next commit. */
bc_status bc__engine_drop_tx(bc__engine *engine, const uint8_t id[BC_ID_BYTES], bc_error *error);

/* Locked. What has waited too long leaves, with the next commit; *next is the time until more does. */
bc_status bc__engine_expire_txs(bc__engine *engine, int64_t *next, bc_error *error);

/* Locked. Writes away, behind what is pending, what was marked since. */
bc_status bc__engine_write_marked(bc__engine *engine, bc__mempool_point since, bc_error *error);

/* ---- accounts and transactions for the host: lookup.c ---- */

bc_status bc__engine_account(bc__engine *engine, bc__account *account, uint64_t *next_nonce,
                             const uint8_t key[32], bc_error *error);

typedef struct bc__tx_found {
    bc_tx *tx;       /* a reference */
    uint64_t height; /* BC_NONE: it waits */
    uint8_t block_id[BC_ID_BYTES];
    uint32_t position;
} bc__tx_found;

bc_status bc__engine_find_tx(bc__engine *engine, bc__tx_found *found, const uint8_t id[BC_ID_BYTES],
                             bc_error *error);

/* Locked. The node of the best chain that holds a transaction, and its position there.
 * BC_ERR_NOT_FOUND. */
bc_status bc__engine_place_of_tx(bc__engine *engine, uint32_t *node, uint32_t *position,
                                 const uint8_t id[BC_ID_BYTES], bc_error *error);

/* ---- verify.c ---- */
bc_status bc__engine_verify(bc__engine *engine, uint64_t *position, bc_progress_fn progress,
                            void *context, bc_error *error);

#endif
