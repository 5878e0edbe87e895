/* get and scan. */
#include <string.h>

#include "handle.h"

/* Ends the use of a statement on every path: it holds a read transaction, and borrows what is bound. */
static void finish(sqlite3_stmt *statement)
{
    sqlite3_reset(statement); /* gives the code of the last step again */
    sqlite3_clear_bindings(statement);
}

/* A read changes nothing, so it refuses and promises that; but where the file is found damaged,
 * nothing more must be written to it. */
static bc_status fail_read(bc__sqlite *handle, bc_error *error, int code)
{
    bc_status status = BC_ERR_STORE;
    if (bc__sqlite_is_damage(code)) {
        handle->broken = true;
        status = BC_ERR_DAMAGED;
    }
    return bc__sqlite_fail_code(handle, error, status, "cannot read from", code);
}

/* The blob in a column of the current row. SQLITE_CORRUPT where there is none, SQLITE_NOMEM. */
static int column_bytes(sqlite3_stmt *statement, int column, const uint8_t **bytes, size_t *length)
{
    if (sqlite3_column_type(statement, column) != SQLITE_BLOB) {
        return SQLITE_CORRUPT;
    }
    *bytes = sqlite3_column_blob(statement, column);
    *length = (size_t)sqlite3_column_bytes(statement, column);
    if (*bytes == NULL) {
        if (*length != 0) {
            return SQLITE_NOMEM;
        }
        *bytes = (const uint8_t *)""; /* SQLite gives NULL for an empty blob */
    }
    return SQLITE_OK;
}

/* The value in a column of `statement`'s current row, wherever it stands. The bytes are valid until
 * that statement and FIND_LARGE are stepped or finished. */
static int column_value(bc__sqlite *handle, sqlite3_stmt *statement, int column,
                        const uint8_t **bytes, size_t *length)
{
    sqlite3_stmt *large = handle->statements[BC__SQLITE_FIND_LARGE];
    int code;
    if (sqlite3_column_type(statement, column) != SQLITE_INTEGER) {
        return column_bytes(statement, column, bytes, length);
    }
    code = sqlite3_bind_int64(large, 1, sqlite3_column_int64(statement, column));
    if (code != SQLITE_OK) {
        return code;
    }
    code = sqlite3_step(large);
    if (code == SQLITE_DONE) {
        return SQLITE_CORRUPT; /* an entry whose row is gone */
    }
    return code == SQLITE_ROW ? column_bytes(large, 0, bytes, length) : code;
}

bc_status bc__sqlite_get(void *context, const uint8_t *key, size_t key_length, bc_sink *value,
                         bc_error *error)
{
    bc__sqlite *handle = context;
    sqlite3_stmt *find = handle->statements[BC__SQLITE_FIND];
    const uint8_t *bytes = NULL;
    size_t length = 0;
    bc_status status;
    int code;

    if (handle->broken) {
        return bc__sqlite_fail_broken(handle, error);
    }
    code = sqlite3_bind_blob64(find, 1, key, key_length, SQLITE_STATIC);
    if (code == SQLITE_OK) {
        code = sqlite3_step(find);
    }
    if (code == SQLITE_DONE) {
        status = bc__sqlite_fail(error, BC_ERR_NOT_FOUND, 0, "%s has no such key", handle->name);
        goto end;
    }
    if (code == SQLITE_ROW) {
        code = column_value(handle, find, 0, &bytes, &length);
    }
    if (code != SQLITE_OK) {
        status = fail_read(handle, error, code);
        goto end;
    }
    status = length == 0 ? BC_OK : bc_sink_put(value, bytes, length);
    if (status != BC_OK) {
        bc__sqlite_fail(error, status, 0, "a value of %zu bytes in %s was not taken", length,
                        handle->name);
    }
end:
    finish(handle->statements[BC__SQLITE_FIND_LARGE]);
    finish(find);
    return status;
}

/* The bounds, least <= key < end, of a scan. One byte longer than keys are. */
typedef struct bounds {
    uint8_t least[BC_KEY_BYTES_MAX + 1];
    uint8_t end[BC_KEY_BYTES_MAX + 1];
    size_t least_length;
    size_t end_length;
} bounds;

/* False where no key can lie in it. */
static bool make_range(bounds *range, const uint8_t *prefix, size_t prefix_length,
                       const uint8_t *after, size_t after_length)
{
    size_t shared = prefix_length < after_length ? prefix_length : after_length;
    int order = after == NULL || shared == 0 ? 0 : memcmp(prefix, after, shared);
    if (prefix_length > BC_KEY_BYTES_MAX) {
        return false;
    }
    if (after != NULL && (order < 0 || (order == 0 && after_length >= prefix_length))) {
        /* What follows a string at once is that string and a zero byte. Keys being as short as they
         * are, nothing of `after` behind their length matters. */
        size_t kept = after_length < BC_KEY_BYTES_MAX ? after_length : BC_KEY_BYTES_MAX;
        if (kept != 0) {
            memcpy(range->least, after, kept);
        }
        range->least[kept] = 0;
        range->least_length = kept + 1;
    } else {
        if (prefix_length != 0) {
            memcpy(range->least, prefix, prefix_length);
        }
        range->least_length = prefix_length;
    }
    /* The end is the prefix with its last byte that is not 0xff raised by one; where there is none,
     * what is greater than every key. */
    range->end_length = prefix_length;
    while (range->end_length != 0 && prefix[range->end_length - 1] == 0xff) {
        range->end_length--;
    }
    if (range->end_length == 0) {
        memset(range->end, 0xff, sizeof(range->end));
        range->end_length = sizeof(range->end);
    } else {
        memcpy(range->end, prefix, range->end_length);
        range->end[range->end_length - 1]++;
    }
    return true;
}

/* Visits the current row. */
static bc_status visit_row(bc__sqlite *handle, sqlite3_stmt *scan, bc_visit_fn visit,
                           void *visit_context, bc_error *error)
{
    const uint8_t *key = NULL;
    const uint8_t *value = NULL;
    size_t key_length = 0;
    size_t value_length = 0;
    bc_status status;
    int code = column_bytes(scan, 0, &key, &key_length);
    if (code == SQLITE_OK) {
        code = column_value(handle, scan, 1, &value, &value_length);
    }
    status = code == SQLITE_OK ? visit(visit_context, key, key_length, value, value_length)
                               : fail_read(handle, error, code);
    finish(handle->statements[BC__SQLITE_FIND_LARGE]);
    return status;
}

bc_status bc__sqlite_scan(void *context, const uint8_t *prefix, size_t prefix_length,
                          const uint8_t *after, size_t after_length, bc_visit_fn visit,
                          void *visit_context, bc_error *error)
{
    bc__sqlite *handle = context;
    sqlite3_stmt *scan = handle->statements[BC__SQLITE_SCAN];
    bc_status status = BC_OK;
    bounds range;
    int code;

    if (handle->broken) {
        return bc__sqlite_fail_broken(handle, error);
    }
    if (!make_range(&range, prefix, prefix_length, after, after_length)) {
        return BC_OK;
    }
    code = sqlite3_bind_blob64(scan, 1, range.least, range.least_length, SQLITE_STATIC);
    if (code == SQLITE_OK) {
        code = sqlite3_bind_blob64(scan, 2, range.end, range.end_length, SQLITE_STATIC);
    }
    if (code == SQLITE_OK) {
        code = sqlite3_step(scan);
    }
    while (code == SQLITE_ROW) {
        status = visit_row(handle, scan, visit, visit_context, error);
        if (status != BC_OK) {
            goto end;
        }
        code = sqlite3_step(scan);
    }
    if (code != SQLITE_DONE) {
        status = fail_read(handle, error, code);
    }
end:
    finish(scan);
    return status;
}
