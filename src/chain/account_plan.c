#include "src/chain/account_plan.h"

#include <assert.h>
#include <string.h>

#include "lib/integers.h"
#include "src/base/error.h"

enum { FIRST_CAPACITY = 64 };

void bc__account_plan_init(bc__account_plan *plan, bc__accounts *accounts)
{
    *plan = (bc__account_plan){.accounts = accounts};
    bc__hash_index_init(&plan->index, accounts->heap);
}

void bc__account_plan_free(bc__account_plan *plan)
{
    const bc__heap *heap = plan->accounts->heap;
    if (plan->reserved) {
        bc__accounts_unreserve(plan->accounts);
    }
    bc__heap_release(heap, plan->entries);
    bc__heap_release(heap, plan->touched);
    bc__hash_index_free(&plan->index);
    bc__account_plan_init(plan, plan->accounts);
}

static bc__planned *find(const bc__account_plan *plan, const uint8_t key[BC__ACCOUNT_KEY_BYTES],
                         uint64_t hash)
{
    bc__hash_index_cursor cursor;
    uint32_t at = bc__hash_index_first(&plan->index, hash, &cursor);
    while (at != BC__HASH_INDEX_NONE) {
        if (memcmp(plan->entries[at].key, key, BC__ACCOUNT_KEY_BYTES) == 0) {
            return &plan->entries[at];
        }
        at = bc__hash_index_next(&plan->index, &cursor);
    }
    return NULL;
}

static bool grow(bc__account_plan *plan)
{
    const bc__heap *heap = plan->accounts->heap;
    if (plan->capacity > UINT32_MAX / 4) {
        return false;
    }
    uint32_t capacity = plan->capacity == 0 ? FIRST_CAPACITY : plan->capacity * 2;
    bc__planned *entries = bc__heap_regrow(heap, plan->entries, capacity, sizeof *entries);
    if (entries == NULL) {
        return false;
    }
    plan->entries = entries;
    uint32_t *touched = bc__heap_regrow(heap, plan->touched, capacity, sizeof *touched);
    if (touched == NULL) {
        return false;
    }
    plan->touched = touched;
    plan->capacity = capacity;
    return true;
}

/* A new entry that holds its key alone; NULL where there is no memory. */
static bc__planned *add(bc__account_plan *plan, const uint8_t key[BC__ACCOUNT_KEY_BYTES],
                        uint64_t hash)
{
    if ((plan->count == plan->capacity && !grow(plan)) ||
        bc__hash_index_insert(&plan->index, hash, plan->count) != BC__OK) {
        return NULL;
    }
    bc__planned *entry = &plan->entries[plan->count++];
    *entry = (bc__planned){.hash = hash};
    memcpy(entry->key, key, BC__ACCOUNT_KEY_BYTES);
    return entry;
}

/* The entry of the key, which is read from below where nobody asked for it yet. */
static bc_status load(bc__account_plan *plan, bc__planned **out,
                      const uint8_t key[BC__ACCOUNT_KEY_BYTES], bc_error *error)
{
    bc__account base;
    if (plan->last < plan->count &&
        memcmp(plan->entries[plan->last].key, key, BC__ACCOUNT_KEY_BYTES) == 0) {
        *out = &plan->entries[plan->last];
        return BC_OK;
    }
    uint64_t hash = bc__accounts_hash(plan->accounts, key);
    *out = find(plan, key, hash);
    if (*out != NULL) {
        plan->last = (uint32_t)(*out - plan->entries);
        return BC_OK;
    }
    bc_status status = bc__accounts_get_hashed(plan->accounts, &base, key, hash, error);
    if (status != BC_OK) {
        return status;
    }
    *out = add(plan, key, hash);
    if (*out == NULL) {
        return bc__fail_memory(error);
    }
    (*out)->base = base;
    (*out)->now = base;
    (*out)->has_base = true;
    plan->last = plan->count - 1;
    return BC_OK;
}

bc_status bc__account_plan_get(bc__account_plan *plan, bc__account *account,
                               const uint8_t key[BC__ACCOUNT_KEY_BYTES], bc_error *error)
{
    bc__planned *entry;
    bc_status status = load(plan, &entry, key, error);
    if (status == BC_OK) {
        *account = entry->now;
    }
    return status;
}

bc_status bc__account_plan_before(bc__account_plan *plan, bc__account *account,
                                  const uint8_t key[BC__ACCOUNT_KEY_BYTES], bc_error *error)
{
    bc__planned *entry;
    bc_status status = load(plan, &entry, key, error);
    if (status == BC_OK) {
        *account = plan->in_block && entry->touched == plan->block ? entry->before : entry->now;
    }
    return status;
}

bc_status bc__account_plan_put(bc__account_plan *plan, const uint8_t key[BC__ACCOUNT_KEY_BYTES],
                               const bc__account *account, bc_error *error)
{
    bc__planned *entry;
    assert(!plan->reserved);
    bc_status status = load(plan, &entry, key, error);
    if (status != BC_OK) {
        return status;
    }
    if (plan->in_block && entry->touched != plan->block) {
        entry->touched = plan->block;
        entry->before = entry->now;
        plan->touched[plan->touched_count++] = (uint32_t)(entry - plan->entries);
    }
    entry->now = *account;
    return BC_OK;
}

static bc_status view_get(void *context, bc__account *account, const uint8_t key[32],
                          bc_error *error)
{
    return bc__account_plan_get(context, account, key, error);
}

static bc_status view_put(void *context, const uint8_t key[32], const bc__account *account,
                          bc_error *error)
{
    return bc__account_plan_put(context, key, account, error);
}

bc__account_view bc__account_plan_view(bc__account_plan *plan)
{
    return (bc__account_view){.context = plan, .get = view_get, .put = view_put};
}

/* ---- Blocks ---- */

static void next_block(bc__account_plan *plan)
{
    assert(!plan->in_block && !plan->reserved && plan->block < UINT32_MAX);
    plan->block++;
    plan->touched_count = 0;
}

void bc__account_plan_begin_block(bc__account_plan *plan)
{
    assert(!plan->accounts->unsettled);
    next_block(plan);
    plan->in_block = true;
}

bc_status bc__account_plan_end_block(bc__account_plan *plan, bc__bytes *delta, bc_error *error)
{
    assert(plan->in_block);
    uint32_t changed = 0;
    for (uint32_t at = 0; at < plan->touched_count; at++) {
        const bc__planned *entry = &plan->entries[plan->touched[at]];
        changed += !bc__account_equal(&entry->before, &entry->now);
    }
    /* No overflow: their entries, which are longer, are in memory. */
    size_t length = BC__DELTA_COUNT_BYTES + (size_t)changed * BC__DELTA_ENTRY_BYTES;
    int32_t reserved = bc__bytes_reserve(delta, length);
    if (reserved != BC__OK) {
        return reserved == BC__ERR_MEMORY
                   ? bc__fail_memory(error)
                   : bc__fail(error, BC_ERR_LIMIT,
                              "the block's changes of %lu accounts take %zu bytes, more than %zu",
                              (unsigned long)changed, length, delta->limit - delta->length);
    }
    uint8_t *to = delta->data + delta->length;
    bc__put_le(to, changed, BC__DELTA_COUNT_BYTES);
    to += BC__DELTA_COUNT_BYTES;
    for (uint32_t at = 0; at < plan->touched_count; at++) {
        const bc__planned *entry = &plan->entries[plan->touched[at]];
        if (!bc__account_equal(&entry->before, &entry->now)) {
            memcpy(to, entry->key, BC__ACCOUNT_KEY_BYTES);
            to += BC__ACCOUNT_KEY_BYTES;
            bc__account_record_write(to, &entry->before);
            to += BC__ACCOUNT_RECORD_BYTES;
            bc__account_record_write(to, &entry->now);
            to += BC__ACCOUNT_RECORD_BYTES;
        }
    }
    delta->length += length;
    plan->in_block = false;
    return BC_OK;
}

void bc__account_plan_drop_block(bc__account_plan *plan)
{
    assert(plan->in_block);
    for (uint32_t at = 0; at < plan->touched_count; at++) {
        bc__planned *entry = &plan->entries[plan->touched[at]];
        entry->now = entry->before;
        entry->touched = 0;
    }
    plan->in_block = false;
    plan->block--;
}

/* ---- Deltas ---- */

static bc_status fail_delta(bc_error *error, const char *what, size_t number)
{
    return bc__fail(
        error, BC_ERR_DAMAGED,
        "the record of what a block changed of the accounts is wrong at account %zu: %s", number,
        what);
}

/* Takes one account of a delta from one value to another. */
static bc_status step(bc__account_plan *plan, const uint8_t key[BC__ACCOUNT_KEY_BYTES],
                      const bc__account *from, const bc__account *to, size_t number,
                      bc_error *error)
{
    bc__accounts *accounts = plan->accounts;
    uint64_t hash = bc__accounts_hash(accounts, key);
    bc__planned *entry = find(plan, key, hash);
    bool is_known = entry != NULL;
    if (bc__account_equal(from, to)) {
        return fail_delta(error, "nothing changed", number);
    }
    if (entry == NULL) {
        entry = add(plan, key, hash);
        if (entry == NULL) {
            return bc__fail_memory(error);
        }
        /* What is in memory costs nothing to look at; a reorganisation does not read the rest. In a
         * replay rows may be ahead of the block, and say nothing. */
        entry->has_base =
            !accounts->unsettled && bc__accounts_peek(accounts, &entry->base, key, hash);
        entry->now = entry->base;
        is_known = entry->has_base;
    } else if (entry->touched == plan->block) {
        return fail_delta(error, "it is there twice", number);
    }
    if (is_known && !bc__account_equal(&entry->now, from)) {
        return fail_delta(error, "it begins at a value that the account does not have", number);
    }
    entry->now = *to;
    entry->touched = plan->block;
    return BC_OK;
}

static bc_status replay(bc__account_plan *plan, const uint8_t *delta, size_t length, bool forward,
                        bc_error *error)
{
    size_t count = length < BC__DELTA_COUNT_BYTES
                       ? 0
                       : (length - BC__DELTA_COUNT_BYTES) / BC__DELTA_ENTRY_BYTES;
    if (length != BC__DELTA_COUNT_BYTES + count * BC__DELTA_ENTRY_BYTES ||
        bc__get_le(delta, BC__DELTA_COUNT_BYTES) != count) {
        return bc__fail(
            error, BC_ERR_DAMAGED,
            "the record of what a block changed of the accounts has %zu bytes, which is "
            "not what its count says",
            length);
    }
    next_block(plan);
    const uint8_t *from = delta + BC__DELTA_COUNT_BYTES;
    for (size_t at = 0; at < count; at++, from += BC__DELTA_ENTRY_BYTES) {
        bc__account before;
        bc__account after;
        bc__account_record_read(&before, from + BC__ACCOUNT_KEY_BYTES);
        bc__account_record_read(&after, from + BC__ACCOUNT_KEY_BYTES + BC__ACCOUNT_RECORD_BYTES);
        bc_status status = forward ? step(plan, from, &before, &after, at, error)
                                   : step(plan, from, &after, &before, at, error);
        if (status != BC_OK) {
            return status;
        }
    }
    return BC_OK;
}

bc_status bc__account_plan_undo(bc__account_plan *plan, const uint8_t *delta, size_t length,
                                bc_error *error)
{
    return replay(plan, delta, length, false, error);
}

bc_status bc__account_plan_redo(bc__account_plan *plan, const uint8_t *delta, size_t length,
                                bc_error *error)
{
    return replay(plan, delta, length, true, error);
}

/* ---- The whole ---- */

static bool is_changed(const bc__planned *entry)
{
    return !entry->has_base || !bc__account_equal(&entry->base, &entry->now);
}

void bc__account_plan_each(const bc__account_plan *plan, bc__account_visit_fn visit, void *context)
{
    for (uint32_t at = 0; at < plan->count; at++) {
        visit(context, plan->entries[at].key, &plan->entries[at].now);
    }
}

bc_status bc__account_plan_reserve(bc__account_plan *plan, bc_error *error)
{
    assert(!plan->in_block && !plan->reserved);
    uint32_t changed = 0;
    for (uint32_t at = 0; at < plan->count; at++) {
        changed += is_changed(&plan->entries[at]);
    }
    if (bc__accounts_reserve(plan->accounts, changed) != BC__OK) {
        return bc__fail_memory(error);
    }
    plan->reserved = true;
    return BC_OK;
}

void bc__account_plan_apply(bc__account_plan *plan)
{
    bc__accounts *accounts = plan->accounts;
    assert(plan->reserved);
    for (uint32_t at = 0; at < plan->count; at++) {
        const bc__planned *entry = &plan->entries[at];
        if (is_changed(entry)) {
            bc__accounts_set(accounts, entry->key, entry->hash, &entry->now);
        }
    }
    accounts->blocks += plan->block;
    bc__accounts_unreserve(accounts);
    plan->reserved = false;
}
