#include "src/chain/fee_policy.h"

#include <assert.h>

#include "src/base/error.h"

__extension__ typedef unsigned __int128 wide;

bc_status bc__fee_prepare(bc__mempool *mempool, bc__waiting **out, bc_tx *tx,
                          const bc_tx_fields *fields, uint64_t sequence, bool returned,
                          int64_t arrival, bc_error *error)
{
    bc__fee_entry *entry;
    *out = NULL;
    if (bc__fee_order_make(&mempool->fees, &entry, tx, fields) != BC__OK) {
        return bc__fail_memory(error);
    }
    entry->waiting.sequence = sequence;
    entry->waiting.returned = returned;
    entry->arrival = arrival;
    *out = &entry->waiting;
    return BC_OK;
}

void bc__fee_discard(bc__mempool *mempool, bc__waiting *waiting)
{
    bc__fee_order_release(&mempool->fees, bc__fee_entry_of(waiting));
}

/* An entry leaves, and what its sender has behind it, the last first. */
static void mark_from(bc__mempool *mempool, bc__fee_entry *entry)
{
    bc__fee_sender *sender = entry->sender;
    while (!entry->waiting.leaving) {
        bc__mempool_mark(mempool, &sender->last->waiting);
    }
}

void bc__fee_mark_from(bc__mempool *mempool, bc__waiting *waiting)
{
    mark_from(mempool, bc__fee_entry_of(waiting));
}

/* Makes room for a new one, or says that there is none, with what it has marked until then. */
static bool make_room(bc__mempool *mempool, const bc__fee_entry *offered)
{
    uint64_t cost = bc__mempool_cost(mempool, offered->waiting.tx);
    if (!bc__mempool_has_room(mempool, 0, cost)) {
        return false;
    }
    while (!bc__mempool_has_room(mempool, mempool->bytes, cost)) {
        bc__fee_entry *victim = bc__fee_order_cheapest(&mempool->fees);
        bool needed = victim->sender == offered->sender && victim->nonce < offered->nonce;
        if (needed || !bc__fee_pays_more(offered, victim)) {
            return false;
        }
        mark_from(mempool, victim);
    }
    return true;
}

/* What is replaced leaves before room is made, and stays where there is none. */
static uint32_t replace_and_make_room(bc__mempool *mempool, const bc__fee_entry *offered,
                                      bc__fee_entry *replaced)
{
    bc__mempool_point point = bc__mempool_here(mempool);
    if (replaced != NULL) {
        bc__mempool_mark(mempool, &replaced->waiting);
    }
    if (!make_room(mempool, offered)) {
        bc__mempool_go_back(mempool, point);
        return BC_REASON_MEMPOOL_FULL;
    }
    return BC_REASON_NONE;
}

static bool may_replace(const bc__fee_entry *offered, const bc__fee_entry *replaced)
{
    return offered->fee > replaced->fee && (wide)offered->fee * 10 >= (wide)replaced->fee * 11;
}

uint32_t bc__fee_judge(bc__mempool *mempool, const bc__waiting *offered, const bc__account *account)
{
    const bc__fee_entry *entry = (const bc__fee_entry *)offered;
    const bc__fee_sender *sender = entry->sender;
    bc__fee_entry *replaced = NULL;
    /* Whoever moves the tip has had the sender re-checked. */
    assert(sender->count == 0 || (sender->first->nonce == account->nonce &&
                                  sender->last->nonce - account->nonce == sender->count - 1));
    uint64_t next = account->nonce + sender->count;
    if (bc__mempool_find(mempool, offered->tx->id) != NULL) {
        return BC_REASON_KNOWN;
    }
    if (entry->nonce < account->nonce || entry->nonce > next || entry->nonce == UINT64_MAX) {
        return BC_REASON_NONCE;
    }
    if (entry->nonce < next) {
        replaced = bc__fee_sender_at(sender, entry->nonce);
        if (!may_replace(entry, replaced)) {
            return BC_REASON_REPLACEMENT;
        }
    }
    uint64_t others = sender->spent - (replaced == NULL ? 0 : replaced->spent);
    if (others > account->balance || entry->spent > account->balance - others) {
        return BC_REASON_BALANCE;
    }
    if (replaced == NULL && sender->count >= mempool->sender_limit) {
        return BC_REASON_SENDER_LIMIT;
    }
    return replace_and_make_room(mempool, entry, replaced);
}

uint32_t bc__fee_judge_returned(bc__mempool *mempool, const bc__waiting *offered)
{
    const bc__fee_entry *entry = (const bc__fee_entry *)offered;
    if (bc__mempool_find(mempool, offered->tx->id) != NULL) {
        return BC_REASON_KNOWN;
    }
    if (bc__fee_sender_at(entry->sender, entry->nonce) != NULL) {
        return BC_REASON_REPLACEMENT;
    }
    return replace_and_make_room(mempool, entry, NULL);
}

static void recheck(bc__mempool *mempool, const bc__fee_sender *sender, const bc__account *account)
{
    uint64_t left = account->balance;
    uint64_t kept = 0;
    while (sender->first != NULL && sender->first->nonce < account->nonce) {
        bc__mempool_mark(mempool, &sender->first->waiting);
    }
    for (bc__fee_entry *at = sender->first; at != NULL; at = at->behind) {
        if (at->nonce != account->nonce + kept || at->nonce == UINT64_MAX || at->spent > left ||
            kept >= mempool->sender_limit) {
            mark_from(mempool, at);
            return;
        }
        left -= at->spent;
        kept++;
    }
}

void bc__fee_recheck_sender(bc__mempool *mempool, const uint8_t key[32], const bc__account *account)
{
    const bc__fee_sender *sender = bc__fee_order_sender(&mempool->fees, key);
    if (sender != NULL) {
        recheck(mempool, sender, account);
    }
}

bc_status bc__fee_recheck_all(bc__mempool *mempool, bc__account_fn account, void *context,
                              bc_error *error)
{
    const bc__key_map *senders = &mempool->fees.senders;
    bc_status status = BC_OK;
    for (uint32_t slot = 0; status == BC_OK && slot < senders->capacity; slot++) {
        const bc__fee_sender *sender = bc__key_map_slot_item(senders, slot);
        if (sender != NULL && sender->count > 0) {
            bc__account now;
            status = account(context, &now, sender->key, error);
            if (status == BC_OK) {
                recheck(mempool, sender, &now);
            }
        }
    }
    return status;
}

/* Since when an entry has waited, 0 for a clock that went back. */
static uint64_t age(const bc__waiting *waiting, int64_t now)
{
    int64_t arrival = ((const bc__fee_entry *)waiting)->arrival;
    return now > arrival ? (uint64_t)now - (uint64_t)arrival : 0;
}

void bc__fee_expire(bc__mempool *mempool, int64_t now)
{
    for (bc__waiting *at = mempool->oldest;
         at != NULL && (at->leaving || age(at, now) >= mempool->age_limit); at = at->newer) {
        if (!at->leaving) {
            mark_from(mempool, bc__fee_entry_of(at));
        }
    }
}

int64_t bc__fee_until_expiry(const bc__mempool *mempool, int64_t now)
{
    const bc__waiting *at = mempool->oldest;
    while (at != NULL && at->leaving) {
        at = at->newer;
    }
    if (at == NULL || mempool->age_limit > INT64_MAX) {
        return INT64_MAX;
    }
    uint64_t waited = age(at, now);
    return waited >= mempool->age_limit ? 0 : (int64_t)(mempool->age_limit - waited);
}

uint64_t bc__fee_next_nonce(const bc__mempool *mempool, const uint8_t key[32],
                            uint64_t account_nonce)
{
    const bc__fee_sender *sender = bc__fee_order_sender(&mempool->fees, key);
    return account_nonce + (sender == NULL ? 0 : sender->count);
}
