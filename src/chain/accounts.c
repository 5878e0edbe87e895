#include "src/chain/accounts.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "lib/integers.h"
#include "src/base/error.h"

/* An entry's state. */
enum {
    USED = 1 << 0,
    DIRTY = 1 << 1,      /* the store's row is another */
    REFERENCED = 1 << 2, /* asked for since the hand passed */
    STORED = 1 << 3,     /* the store may have a row */
};

enum {
    FIRST_CAPACITY = 64,
    /* How many slots a read looks at to find one to forget. Where nearly all is dirty it finds none
     * and goes uncached, instead of looking at all of them each time. */
    FILL_STEPS = 256,
    /* Rows wait in the database before a commit, where one takes several times its own size. */
    FLUSH_BYTES = 1024 * 1024,
    ROW_BYTES = 1 + BC__ACCOUNT_KEY_BYTES + BC__ACCOUNT_RECORD_BYTES + 8, /* with checksum */
    MARKER_BYTES = 1 + BC__TIP_RECORD_BYTES + 8,
};

#define NONE UINT32_MAX

static const uint32_t capacity_limit = UINT32_MAX / 2;

void bc__account_record_write(uint8_t out[BC__ACCOUNT_RECORD_BYTES], const bc__account *account)
{
    bc__put_le(out, account->balance, 8);
    bc__put_le(out + 8, account->nonce, 8);
}

void bc__account_record_read(bc__account *account, const uint8_t in[BC__ACCOUNT_RECORD_BYTES])
{
    account->balance = bc__get_le(in, 8);
    account->nonce = bc__get_le(in + 8, 8);
}

static bool is_none(const bc__account *account)
{
    return account->balance == 0 && account->nonce == 0;
}

void bc__accounts_init(bc__accounts *accounts, const bc__heap *heap, bc__database *database,
                       uint64_t limit)
{
    uint64_t most = limit / BC__ACCOUNT_MEMORY;
    *accounts = (bc__accounts){
        .heap = heap,
        .database = database,
        .free_list = NONE,
        .most = most < capacity_limit ? (uint32_t)most : capacity_limit,
        .limit = limit,
    };
    bc__hash_index_init(&accounts->index, heap);
    bc__hash_key_make(&accounts->hash_key);
    bc__bytes_init(&accounts->row, heap, SIZE_MAX);
}

/* Forgets everything and gives the memory back. */
static void empty(bc__accounts *accounts)
{
    bc__heap_release(accounts->heap, accounts->entries);
    accounts->entries = NULL;
    bc__hash_index_free(&accounts->index);
    accounts->capacity = 0;
    accounts->used = 0;
    accounts->free_list = NONE;
    accounts->free_count = 0;
    accounts->hand = 0;
    accounts->dirty_count = 0;
}

void bc__accounts_free(bc__accounts *accounts)
{
    empty(accounts);
    bc__bytes_free(&accounts->row);
}

/* Reads a value into accounts->row. */
static bc_status read_value(bc__accounts *accounts, bool *found, const bc__key *key,
                            bc_error *error)
{
    bc_error why = {0}; /* of its own: not being there is no error to the caller */
    accounts->row.length = 0;
    bc_status status = bc__database_get(accounts->database, key, &accounts->row, &why);
    *found = status == BC_OK;
    if (status == BC_ERR_NOT_FOUND) {
        return BC_OK;
    }
    if (status != BC_OK && error != NULL) {
        *error = why;
    }
    return status;
}

bc_status bc__accounts_open(bc__accounts *accounts, bool *found, uint64_t *height,
                            uint8_t id[BC_ID_BYTES], const uint8_t tip[BC_ID_BYTES],
                            bc_error *error)
{
    bc__key key = bc__key_of(BC__KEY_ACCOUNTS_AT);
    *height = 0;
    memset(id, 0, BC_ID_BYTES);
    bc_status status = read_value(accounts, found, &key, error);
    if (status != BC_OK) {
        return status;
    }
    if (*found && !bc__tip_record_read(height, id, accounts->row.data, accounts->row.length)) {
        *found = false;
        return bc__fail(error, BC_ERR_DAMAGED,
                        "the record of the block whose accounts are stored has %zu bytes instead "
                        "of %d",
                        accounts->row.length, (int)BC__TIP_RECORD_BYTES);
    }
    accounts->unsettled = !*found || memcmp(id, tip, BC_ID_BYTES) != 0;
    return BC_OK;
}

/* ---- Slots ---- */

static uint32_t find(const bc__accounts *accounts, const uint8_t key[BC__ACCOUNT_KEY_BYTES],
                     uint64_t hash)
{
    bc__hash_index_cursor cursor;
    uint32_t at = bc__hash_index_first(&accounts->index, hash, &cursor);
    while (at != BC__HASH_INDEX_NONE &&
           memcmp(accounts->entries[at].key, key, BC__ACCOUNT_KEY_BYTES) != 0) {
        at = bc__hash_index_next(&accounts->index, &cursor);
    }
    return at;
}

static uint32_t available(const bc__accounts *accounts)
{
    return accounts->capacity - accounts->used + accounts->free_count;
}

/* Whether there are accounts that may be forgotten. */
static bool has_clean(const bc__accounts *accounts)
{
    return accounts->used - accounts->free_count > accounts->dirty_count;
}

/* Makes room for `capacity` accounts altogether, so that no later insertion into the index fails. */
static bool grow(bc__accounts *accounts, uint64_t capacity)
{
    if (capacity > capacity_limit) {
        return false;
    }
    bc__account_entry *entries = bc__heap_regrow(accounts->heap, accounts->entries,
                                                 (size_t)capacity, sizeof *accounts->entries);
    if (entries == NULL) {
        return false;
    }
    accounts->entries = entries;
    if (bc__hash_index_reserve(&accounts->index, (size_t)capacity - accounts->index.count) !=
        BC__OK) {
        return false;
    }
    accounts->capacity = (uint32_t)capacity;
    return true;
}

/* Grows by doubling, or to what is needed, but not past the limit. */
static bool grow_within_limit(bc__accounts *accounts, uint64_t needed)
{
    if (accounts->capacity >= accounts->most) {
        return false;
    }
    uint64_t capacity = accounts->capacity == 0 ? FIRST_CAPACITY : (uint64_t)accounts->capacity * 2;
    capacity = capacity < needed ? needed : capacity;
    return grow(accounts, capacity < accounts->most ? capacity : accounts->most);
}

/* Forgets one account that is not dirty and was not asked for lately, and puts its slot on the free list.
 * Looks at up to *steps slots, and takes them off. */
static bool forget_one(bc__accounts *accounts, uint64_t *steps)
{
    for (; *steps > 0 && has_clean(accounts); --*steps) {
        uint32_t at = accounts->hand;
        bc__account_entry *entry = &accounts->entries[at];
        accounts->hand = at + 1 == accounts->used ? 0 : at + 1;
        if ((entry->state & USED) == 0 || (entry->state & DIRTY) != 0) {
            continue;
        }
        if ((entry->state & REFERENCED) != 0) {
            entry->state &= ~(uint32_t)REFERENCED;
            continue;
        }
        bool removed =
            bc__hash_index_remove(&accounts->index, bc__accounts_hash(accounts, entry->key), at);
        assert(removed);
        (void)removed;
        entry->state = 0;
        entry->next_free = accounts->free_list;
        accounts->free_list = at;
        accounts->free_count++;
        return true;
    }
    return false;
}

/* A new entry, in a slot that is available. */
static bc__account_entry *take_slot(bc__accounts *accounts,
                                    const uint8_t key[BC__ACCOUNT_KEY_BYTES], uint64_t hash)
{
    uint32_t at = accounts->free_list;
    assert(available(accounts) > 0);
    if (at != NONE) {
        accounts->free_list = accounts->entries[at].next_free;
        accounts->free_count--;
    } else {
        at = accounts->used++;
    }
    int32_t inserted = bc__hash_index_insert(&accounts->index, hash, at);
    assert(inserted == BC__OK);
    (void)inserted;
    bc__account_entry *entry = &accounts->entries[at];
    *entry = (bc__account_entry){.state = USED};
    memcpy(entry->key, key, BC__ACCOUNT_KEY_BYTES);
    return entry;
}

/* ---- Reading ---- */

bool bc__accounts_peek(const bc__accounts *accounts, bc__account *account,
                       const uint8_t key[BC__ACCOUNT_KEY_BYTES], uint64_t hash)
{
    uint32_t at = find(accounts, key, hash);
    if (at == BC__HASH_INDEX_NONE) {
        return false;
    }
    *account = accounts->entries[at].value;
    return true;
}

/* From the store. *stored says whether there is a row. */
static bc_status read_row(bc__accounts *accounts, bc__account *account, bool *stored,
                          const uint8_t key[BC__ACCOUNT_KEY_BYTES], bc_error *error)
{
    bc__key name = bc__key_of_id(BC__KEY_ACCOUNT, key);
    bc_status status = read_value(accounts, stored, &name, error);
    *account = (bc__account){0, 0};
    if (status != BC_OK || !*stored) {
        return status;
    }
    if (accounts->row.length != BC__ACCOUNT_RECORD_BYTES) {
        return bc__fail(error, BC_ERR_DAMAGED,
                        "the record of an account has %zu bytes instead of %d",
                        accounts->row.length, (int)BC__ACCOUNT_RECORD_BYTES);
    }
    bc__account_record_read(account, accounts->row.data);
    return is_none(account)
               ? bc__fail(error, BC_ERR_DAMAGED,
                          "the store has an account of balance and nonce 0, which is never stored")
               : BC_OK;
}

/* A cache may forget: without room and memory nothing is kept. */
static void fill(bc__accounts *accounts, const bc__account *account, bool stored,
                 const uint8_t key[BC__ACCOUNT_KEY_BYTES], uint64_t hash)
{
    uint64_t steps = FILL_STEPS;
    if (available(accounts) > accounts->reserved || grow_within_limit(accounts, 0) ||
        forget_one(accounts, &steps)) {
        bc__account_entry *entry = take_slot(accounts, key, hash);
        entry->value = *account;
        entry->state |= stored ? STORED : 0;
    }
}

bc_status bc__accounts_get_hashed(bc__accounts *accounts, bc__account *account,
                                  const uint8_t key[BC__ACCOUNT_KEY_BYTES], uint64_t hash,
                                  bc_error *error)
{
    bool stored;
    uint32_t at = find(accounts, key, hash);
    if (at != BC__HASH_INDEX_NONE) {
        accounts->entries[at].state |= REFERENCED;
        *account = accounts->entries[at].value;
        return BC_OK;
    }
    bc_status status = read_row(accounts, account, &stored, key, error);
    if (status == BC_OK) {
        fill(accounts, account, stored, key, hash);
    }
    return status;
}

bc_status bc__accounts_get(bc__accounts *accounts, bc__account *account,
                           const uint8_t key[BC__ACCOUNT_KEY_BYTES], bc_error *error)
{
    return bc__accounts_get_hashed(accounts, account, key, bc__accounts_hash(accounts, key), error);
}

/* ---- Changing ---- */

int32_t bc__accounts_reserve(bc__accounts *accounts, uint32_t count)
{
    uint64_t needed = (uint64_t)accounts->capacity - available(accounts) + count;
    if (available(accounts) < count) {
        (void)grow_within_limit(accounts, needed);
    }
    uint64_t steps = (uint64_t)accounts->used * 2;
    while (available(accounts) < count && forget_one(accounts, &steps)) {
    }
    if (available(accounts) < count) {
        /* The limit gives way to what is dirty; a quarter more, so that not every block grows it. */
        needed = (uint64_t)accounts->capacity - available(accounts) + count;
        uint64_t roomy = (uint64_t)accounts->capacity + accounts->capacity / 4;
        if (!grow(accounts, needed < roomy ? roomy : needed)) {
            return BC__ERR_MEMORY;
        }
    }
    accounts->reserved = count;
    return BC__OK;
}

void bc__accounts_unreserve(bc__accounts *accounts)
{
    accounts->reserved = 0;
}

void bc__accounts_set(bc__accounts *accounts, const uint8_t key[BC__ACCOUNT_KEY_BYTES],
                      uint64_t hash, const bc__account *account)
{
    bc__account_entry *entry;
    uint32_t at = find(accounts, key, hash);
    if (at == BC__HASH_INDEX_NONE) {
        entry = take_slot(accounts, key, hash);
        entry->state |= STORED; /* nobody looked */
    } else {
        entry = &accounts->entries[at];
        if (bc__account_equal(&entry->value, account)) {
            return;
        }
    }
    entry->value = *account;
    accounts->dirty_count += (entry->state & DIRTY) == 0;
    entry->state |= DIRTY | REFERENCED;
}

/* ---- Flushing ---- */

bool bc__accounts_flush_due(const bc__accounts *accounts)
{
    return accounts->unsettled || accounts->blocks >= BC__ACCOUNTS_REPLAY_MOST ||
           (uint64_t)accounts->dirty_count * BC__ACCOUNT_MEMORY > accounts->limit / 2;
}

/* A dirty account, with what decides most comparisons beside it. */
typedef struct dirty_row {
    uint64_t prefix; /* the first 8 bytes of the key, big-endian */
    bc__account_entry *entry;
} dirty_row;

static int by_key(const void *left, const void *right)
{
    const dirty_row *a = left;
    const dirty_row *b = right;
    if (a->prefix != b->prefix) {
        return a->prefix < b->prefix ? -1 : 1;
    }
    return memcmp(a->entry->key, b->entry->key, BC__ACCOUNT_KEY_BYTES);
}

/* In order of the keys, which spares a store that is a tree most of its work: each page is written
 * once. NULL where there is no memory. */
static dirty_row *collect_dirty(const bc__accounts *accounts)
{
    dirty_row *rows = bc__heap_array(accounts->heap, accounts->dirty_count, sizeof *rows);
    size_t count = 0;
    for (uint32_t at = 0; rows != NULL && at < accounts->used; at++) {
        bc__account_entry *entry = &accounts->entries[at];
        if ((entry->state & DIRTY) != 0) {
            rows[count++] = (dirty_row){bc__get_be64(entry->key), entry};
        }
    }
    if (rows != NULL) {
        assert(count == accounts->dirty_count);
        qsort(rows, count, sizeof *rows, by_key);
    }
    return rows;
}

static bc_status write_row(bc__accounts *accounts, const bc__account_entry *entry, bc_error *error)
{
    bc__key key = bc__key_of_id(BC__KEY_ACCOUNT, entry->key);
    uint8_t record[BC__ACCOUNT_RECORD_BYTES];
    if (!is_none(&entry->value)) {
        bc__account_record_write(record, &entry->value);
        return bc__database_put(accounts->database, &key, record, sizeof record, error);
    }
    return (entry->state & STORED) == 0 ? BC_OK
                                        : bc__database_remove(accounts->database, &key, error);
}

/* Commits the rows from `first` to before `end`, which are clean from then on. */
static bc_status commit_rows(bc__accounts *accounts, const dirty_row *rows, size_t first,
                             size_t end, bc_error *error)
{
    bc_status status = bc__database_commit(accounts->database, error);
    if (status != BC_OK) {
        return status;
    }
    for (size_t at = first; at < end; at++) {
        bc__account_entry *entry = rows[at].entry;
        entry->state &= ~(uint32_t)(DIRTY | STORED);
        entry->state |= is_none(&entry->value) ? 0 : STORED;
    }
    accounts->dirty_count -= (uint32_t)(end - first);
    return BC_OK;
}

static bc_status write_marker(bc__accounts *accounts, uint64_t height,
                              const uint8_t id[BC_ID_BYTES], bc_error *error)
{
    bc__key key = bc__key_of(BC__KEY_ACCOUNTS_AT);
    uint8_t record[BC__TIP_RECORD_BYTES];
    bc__tip_record_write(record, height, id);
    return bc__database_put(accounts->database, &key, record, sizeof record, error);
}

static bc_status write_all(bc__accounts *accounts, const dirty_row *rows, size_t count,
                           uint64_t height, const uint8_t id[BC_ID_BYTES], uint64_t commit_bytes,
                           bc_error *error)
{
    const bc__database *database = accounts->database;
    uint64_t full = commit_bytes < FLUSH_BYTES ? commit_bytes : FLUSH_BYTES;
    size_t done = 0; /* rows that were committed */
    for (size_t at = 0; at < count; at++) {
        if (database->pending_count > 0 &&
            database->pending_bytes + ROW_BYTES + MARKER_BYTES > full) {
            bc_status status = commit_rows(accounts, rows, done, at, error);
            if (status != BC_OK) {
                return status;
            }
            accounts->unsettled = true;
            done = at;
        }
        bc_status status = write_row(accounts, rows[at].entry, error);
        if (status != BC_OK) {
            return status;
        }
    }
    bc_status status = write_marker(accounts, height, id, error);
    return status == BC_OK ? commit_rows(accounts, rows, done, count, error) : status;
}

bc_status bc__accounts_flush(bc__accounts *accounts, uint64_t height, const uint8_t id[BC_ID_BYTES],
                             uint64_t commit_bytes, bc_error *error)
{
    assert(accounts->database->pending_count == 0);
    assert(accounts->reserved == 0);
    dirty_row *rows = NULL;
    size_t count = accounts->dirty_count;
    if (count > 0) {
        rows = collect_dirty(accounts);
        if (rows == NULL) {
            return bc__fail_memory(error);
        }
    }
    bc_status status = write_all(accounts, rows, count, height, id, commit_bytes, error);
    bc__heap_release(accounts->heap, rows);
    if (status != BC_OK) {
        bc__database_rollback(accounts->database, 0);
        return status;
    }
    accounts->blocks = 0;
    accounts->unsettled = false;
    if (accounts->capacity > accounts->most) {
        empty(accounts); /* nothing is dirty: the cache begins anew within its limit */
    }
    return BC_OK;
}
