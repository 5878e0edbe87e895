/* The host's store as the engine sees it: values carry a checksum, writes collect until they are
 * committed and are seen by reads meanwhile, and a failure of unknown outcome poisons.
 *
 * All calls come with the writer's lock held. */
#ifndef BC_STORE_DATABASE_H
#define BC_STORE_DATABASE_H

#include <stdbool.h>

#include "lib/bytes.h"
#include "lib/hash_index.h"
#include "lib/keyed_hash.h"
#include "src/store/schema.h"

typedef struct bc__pending {
    bc__key key;
    uint32_t op;
    uint32_t earlier; /* the write of the same key that this one hides; UINT32_MAX for none */
    uint8_t *value;   /* owned, with its checksum; NULL for a removal */
    size_t value_length;
    bool is_new;    /* the store has no value of the key */
    bool is_hidden; /* by a later write of the same key */
} bc__pending;

typedef struct bc__database {
    bc_store store;
    bool poisoned;
    const bc__heap *heap;
    bc__pending *pending; /* in the order in which they were written */
    uint32_t pending_count;
    uint32_t pending_capacity;
    uint64_t pending_bytes;
    uint64_t commits;     /* that succeeded, of something: a mark made before one means nothing */
    bc__hash_index index; /* key -> the newest pending write of it */
    bc__hash_key hash_key;
} bc__database;

/* BC_ERR_POISONED with its message. */
bc_status bc__fail_poisoned(bc_error *error);

/* Takes the store: it is closed by bc__database_close. */
void bc__database_init(bc__database *database, const bc_store *store, const bc__heap *heap);

/* Drops what is pending and closes the store. */
void bc__database_close(bc__database *database);

/* Appends the value to `value`. BC_ERR_NOT_FOUND, BC_ERR_STORE, BC_ERR_DAMAGED (the checksum). */
bc_status bc__database_get(bc__database *database, const bc__key *key, bc__bytes *value,
                           bc_error *error);

/* Visits the committed values whose keys begin with `prefix`, in order of the keys, order and checksums
 * checked and the latter taken off. What is pending is not seen, so it is for opening. */
bc_status bc__database_scan(bc__database *database, const bc__key *prefix, bc_visit_fn visit,
                            void *context, bc_error *error);

/* Visits what is pending of the keys that begin with `prefix`, the newest first; costs the number of all
 * that is pending. */
bc_status bc__database_scan_pending(const bc__database *database, const bc__key *prefix,
                                    bc_visit_fn visit, void *context);

/* Whether the store holds nothing at all, not even what is none of ours. */
bc_status bc__database_is_empty(bc__database *database, bool *empty, bc_error *error);

/* Add a write. BC_ERR_MEMORY, with nothing changed. bc__database_put_new is for a key that was never used: where it
 * goes again before a commit, the store hears of neither. */
bc_status bc__database_put(bc__database *database, const bc__key *key, const void *value,
                           size_t length, bc_error *error);
bc_status bc__database_put_new(bc__database *database, const bc__key *key, const void *value,
                               size_t length, bc_error *error);
bc_status bc__database_remove(bc__database *database, const bc__key *key, bc_error *error);

/* A place to go back to: everything pending that was written after it is dropped. A commit ends it. */
static inline uint32_t bc__database_mark(const bc__database *database)
{
    return database->pending_count;
}

void bc__database_rollback(bc__database *database, uint32_t mark);

/* Commits all that is pending, durably. BC_ERR_STORE: nothing was applied, everything is still
 * pending. BC_ERR_STORE_UNKNOWN: poisoned. BC_ERR_POISONED from then on. */
bc_status bc__database_commit(bc__database *database, bc_error *error);

#endif
