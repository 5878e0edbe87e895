/* commit: all writes or none, on the disk when it returns. */
#include "handle.h"

enum {
    /* Longer values stand in `large`. Chosen by measurement, docs/store.md. */
    INLINE_BYTES_MAX = 256
};

int bc__sqlite_run(sqlite3_stmt *statement)
{
    int code = sqlite3_step(statement);
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    return code == SQLITE_DONE ? SQLITE_OK : code;
}

int bc__sqlite_checkpoint(bc__sqlite *handle, bool truncate)
{
    int mode = truncate ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE;
    int code = sqlite3_wal_checkpoint_v2(handle->db, "main", mode, NULL, NULL);
    if (code == SQLITE_OK) {
        handle->wal_frames = 0; /* no reader but us, so it went to the end */
    }
    return code;
}

static int run_with_id(sqlite3_stmt *statement, sqlite3_int64 id)
{
    int code = sqlite3_bind_int64(statement, 1, id);
    return code == SQLITE_OK ? bc__sqlite_run(statement) : code;
}

/* A NULL pointer would bind NULL, which is not the empty blob. */
static int bind_bytes(sqlite3_stmt *statement, int index, const uint8_t *bytes, size_t length)
{
    return sqlite3_bind_blob64(statement, index, length == 0 ? (const void *)"" : bytes, length,
                               SQLITE_STATIC);
}

/* Removes the row of `large` that the key's value stands in, if it does. */
static int remove_large(bc__sqlite *handle, const bc_write *write)
{
    sqlite3_stmt *find = handle->statements[BC__SQLITE_FIND];
    bool is_large = false;
    sqlite3_int64 id = 0;
    int code = bind_bytes(find, 1, write->key, write->key_length);
    if (code == SQLITE_OK) {
        code = sqlite3_step(find);
    }
    if (code == SQLITE_ROW && sqlite3_column_type(find, 0) == SQLITE_INTEGER) {
        is_large = true;
        id = sqlite3_column_int64(find, 0);
    }
    sqlite3_reset(find);
    sqlite3_clear_bindings(find);
    if (code != SQLITE_ROW && code != SQLITE_DONE) {
        return code;
    }
    return is_large ? run_with_id(handle->statements[BC__SQLITE_REMOVE_LARGE], id) : SQLITE_OK;
}

static int put_value(bc__sqlite *handle, const bc_write *write)
{
    sqlite3_stmt *put = handle->statements[BC__SQLITE_PUT];
    sqlite3_stmt *put_large = handle->statements[BC__SQLITE_PUT_LARGE];
    int code;
    if (write->value_length > INLINE_BYTES_MAX) {
        code = bind_bytes(put_large, 1, write->value, write->value_length);
        if (code == SQLITE_OK) {
            code = bc__sqlite_run(put_large);
        }
        if (code == SQLITE_OK) {
            code = sqlite3_bind_int64(put, 2, sqlite3_last_insert_rowid(handle->db));
        }
    } else {
        code = bind_bytes(put, 2, write->value, write->value_length);
    }
    if (code == SQLITE_OK) {
        code = bind_bytes(put, 1, write->key, write->key_length);
    }
    return code == SQLITE_OK ? bc__sqlite_run(put) : code;
}

static int apply(bc__sqlite *handle, const bc_write *write)
{
    sqlite3_stmt *remove = handle->statements[BC__SQLITE_REMOVE];
    int code = remove_large(handle, write);
    if (code != SQLITE_OK) {
        return code;
    }
    if (write->op == BC_WRITE_PUT) {
        return put_value(handle, write);
    }
    code = bind_bytes(remove, 1, write->key, write->key_length);
    return code == SQLITE_OK ? bc__sqlite_run(remove) : code;
}

static bc_status check_writes(const bc__sqlite *handle, const bc_write *writes, size_t count,
                              bc_error *error)
{
    for (size_t i = 0; i < count; i++) {
        if (writes[i].key_length == 0 || writes[i].key_length > BC_KEY_BYTES_MAX) {
            return bc__sqlite_fail(error, BC_ERR_STORE, 0,
                                   "write %zu for %s: a key has 1 to %d bytes, not %zu", i,
                                   handle->name, BC_KEY_BYTES_MAX, writes[i].key_length);
        }
        if (writes[i].op != BC_WRITE_PUT && writes[i].op != BC_WRITE_REMOVE) {
            return bc__sqlite_fail(error, BC_ERR_STORE, 0, "write %zu for %s: unknown operation %u",
                                   i, handle->name, (unsigned)writes[i].op);
        }
    }
    return BC_OK;
}

/* What a failed commit left behind. Before COMMIT nothing has been marked as committed in the log,
 * and after a rollback that succeeded nothing is applied. COMMIT itself first writes the pages, the
 * last of them with the mark, then syncs the log. A write that found no room left its page
 * incomplete, so the mark is not there; after any other failure it may be. */
static bc_status settle(bc__sqlite *handle, int code, bool committing, bc_error *error)
{
    bc_status status = BC_ERR_STORE;
    if ((committing && (code & 0xff) != SQLITE_FULL) || bc__sqlite_is_damage(code)) {
        status = BC_ERR_STORE_UNKNOWN;
    }
    bc__sqlite_fail_code(handle, error, status, "cannot commit to", code);
    if (sqlite3_get_autocommit(handle->db) == 0) {
        (void)bc__sqlite_run(handle->statements[BC__SQLITE_ROLLBACK]);
    }
    if (sqlite3_get_autocommit(handle->db) == 0) {
        status = BC_ERR_STORE_UNKNOWN;
        bc__sqlite_fail_code(handle, error, status, "cannot commit to, nor roll back in,", code);
    }
    handle->broken = status == BC_ERR_STORE_UNKNOWN;
    return status;
}

bc_status bc__sqlite_commit(void *context, const bc_write *writes, size_t count, bc_error *error)
{
    bc__sqlite *handle = context;
    bool committing = false;
    bc_status status;
    int code = SQLITE_OK;

    if (handle->broken) {
        return bc__sqlite_fail_broken(handle, error);
    }
    status = check_writes(handle, writes, count, error);
    if (status != BC_OK || count == 0) {
        return status;
    }
    /* Before and not after, so that a log that cannot be folded in refuses a commit of which nothing
     * is applied, and cannot grow without end. */
    if (handle->wal_frames >= handle->wal_bytes_max / handle->page_bytes) {
        code = bc__sqlite_checkpoint(handle, false);
        if (code != SQLITE_OK) {
            return settle(handle, code, false, error);
        }
    }
    code = bc__sqlite_run(handle->statements[BC__SQLITE_BEGIN]);
    for (size_t i = 0; i < count && code == SQLITE_OK; i++) {
        code = apply(handle, &writes[i]);
    }
    if (code == SQLITE_OK) {
        committing = true;
        code = bc__sqlite_run(handle->statements[BC__SQLITE_COMMIT]);
    }
    return code == SQLITE_OK ? BC_OK : settle(handle, code, committing, error);
}
