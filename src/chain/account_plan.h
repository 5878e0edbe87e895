/* What a switch of the tip would change of the accounts: an overlay that can be dropped without a
 * trace, or be applied without a failure once room is reserved.
 *
 * Each block's delta is a record of what it changed, with the values before and after it, so that
 * it serves to undo the block and to do it again: a count (4 bytes), then for each account that
 * changed its key (32), balance and nonce before (8 each), balance and nonce after (8 each). Integers
 * are little-endian. At 64 bytes an account, and 160 bytes or more for each transaction, which
 * changes two, it is shorter than the block's encoding.
 *
 * A plan holds every account that its blocks read or changed, some 120 bytes each (twice that while
 * it grows), so it grows with the accounts that a reorganisation touches, and not with its blocks.
 *
 * At most one plan is applied at a time: the accounts stay as they are while a plan stands on them. */
#ifndef BC_CHAIN_ACCOUNT_PLAN_H
#define BC_CHAIN_ACCOUNT_PLAN_H

#include "src/chain/accounts.h"

enum {
    BC__DELTA_COUNT_BYTES = 4,
    BC__DELTA_ENTRY_BYTES = BC__ACCOUNT_KEY_BYTES + 2 * BC__ACCOUNT_RECORD_BYTES,
};

typedef struct bc__planned {
    uint8_t key[BC__ACCOUNT_KEY_BYTES];
    uint64_t hash;      /* of the key */
    bc__account base;   /* in the accounts below, where has_base */
    bc__account before; /* at the beginning of block `touched` */
    bc__account now;
    uint32_t touched; /* the number of the block that changed it last; 0 for none */
    bool has_base;    /* else a delta changed it and nobody looked below */
} bc__planned;

typedef struct bc__account_plan {
    bc__accounts *accounts;
    bc__hash_index index; /* key -> entries */
    bc__planned *entries;
    uint32_t *touched; /* the entries that the block under way has put, in that order */
    uint32_t count;
    uint32_t capacity; /* of both arrays */
    uint32_t last;     /* the entry that was looked up last: a get comes before most puts */
    uint32_t touched_count;
    uint32_t block; /* blocks begun, undone and redone */
    bool in_block;
    bool reserved;
} bc__account_plan;

/* Allocates nothing. `accounts` must outlive the plan. */
void bc__account_plan_init(bc__account_plan *plan, bc__accounts *accounts);

/* Drops what was not applied. */
void bc__account_plan_free(bc__account_plan *plan);

/* Takes a block off, or puts it on again, by its delta. BC_ERR_DAMAGED for a delta that no block can
 * have, or that does not fit what is known of the accounts; BC_ERR_MEMORY. After a failure the plan
 * can only be freed. These two alone make a replay at opening. */
bc_status bc__account_plan_undo(bc__account_plan *plan, const uint8_t *delta, size_t length,
                                bc_error *error);
bc_status bc__account_plan_redo(bc__account_plan *plan, const uint8_t *delta, size_t length,
                                bc_error *error);

/* A block that is judged while its puts arrive. It ends in end_block, which appends its delta, or, also
 * after a failed end_block (BC_ERR_MEMORY, BC_ERR_LIMIT), in drop_block: then its puts have not
 * been. The accounts must be settled (accounts.h). */
void bc__account_plan_begin_block(bc__account_plan *plan);
bc_status bc__account_plan_end_block(bc__account_plan *plan, bc__bytes *delta, bc_error *error);
void bc__account_plan_drop_block(bc__account_plan *plan);

/* The accounts with everything so far. The status of bc__accounts_get; BC_ERR_MEMORY. On failure
 * nothing changed. A put between no blocks holds at once and is in no delta: so the allocations of
 * genesis come in, which is never undone. */
bc_status bc__account_plan_get(bc__account_plan *plan, bc__account *account,
                               const uint8_t key[BC__ACCOUNT_KEY_BYTES], bc_error *error);
bc_status bc__account_plan_put(bc__account_plan *plan, const uint8_t key[BC__ACCOUNT_KEY_BYTES],
                               const bc__account *account, bc_error *error);

/* The account as it was before the block under way. */
bc_status bc__account_plan_before(bc__account_plan *plan, bc__account *account,
                                  const uint8_t key[BC__ACCOUNT_KEY_BYTES], bc_error *error);

/* Get and put, for bc__rules.apply; borrows the plan. */
bc__account_view bc__account_plan_view(bc__account_plan *plan);

typedef void (*bc__account_visit_fn)(void *context, const uint8_t key[BC__ACCOUNT_KEY_BYTES],
                                     const bc__account *account);

/* The accounts that the plan met, with the values that they get, in no order: also those whose value is
 * the same in the end, since what led to it may be another transaction. Also after
 * bc__account_plan_apply. The visitor leaves plan and accounts alone. */
void bc__account_plan_each(const bc__account_plan *plan, bc__account_visit_fn visit, void *context);

/* Makes all room that bc__account_plan_apply needs, between which and this nothing else may be done
 * with the plan. BC_ERR_MEMORY, with nothing changed. */
bc_status bc__account_plan_reserve(bc__account_plan *plan, bc_error *error);

/* Makes the plan's values those of the accounts. Cannot fail. The plan may then be read and freed. */
void bc__account_plan_apply(bc__account_plan *plan);

#endif
