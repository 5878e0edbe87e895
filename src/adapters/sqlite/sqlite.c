/* The public functions of libbc-sqlite. */
#include <stddef.h>
#include <string.h>

#include "handle.h"

void bc_sqlite_options_init(bc_sqlite_options *options)
{
    if (options != NULL) {
        bc_sqlite_options fresh = BC_SQLITE_OPTIONS_INIT;
        *options = fresh;
    }
}

uint32_t bc_sqlite_version_number(void)
{
    return BC_VERSION_MAJOR * 1000000u + BC_VERSION_MINOR * 1000u + BC_VERSION_PATCH;
}

/* No struct of ours grows past this: more is memory that was never filled. */
enum { STRUCT_BYTES_MAX = 64 * 1024 };

/* The options as this library knows them: a shorter struct leaves defaults, a longer one may hold
 * zeros behind what we know. */
static bc_status read_options(bc_sqlite_options *known, const bc_sqlite_options *given,
                              bc_error *error)
{
    const uint8_t *bytes = (const uint8_t *)given;
    uint32_t size;
    bc_sqlite_options_init(known);
    if (given == NULL) {
        return BC_OK;
    }
    size = given->struct_size;
    if (size < offsetof(bc_sqlite_options, busy_timeout_us) || size > STRUCT_BYTES_MAX) {
        return bc__sqlite_fail(
            error, BC_ERR_ARGUMENT, 0,
            "bc_sqlite_options has struct_size %u; set it with the INIT macro or "
            "to sizeof",
            (unsigned)size);
    }
    for (size_t i = sizeof(*known); i < size; i++) {
        if (bytes[i] != 0) {
            return bc__sqlite_fail(
                error, BC_ERR_UNSUPPORTED, 0,
                "bc_sqlite_options has a member at byte %zu that this version of "
                "libbc-sqlite does not know",
                i);
        }
    }
    memcpy(known, given, size < sizeof(*known) ? size : sizeof(*known));
    known->struct_size = (uint32_t)sizeof(*known);
    return BC_OK;
}

/* Empties the store that the caller gave; a newer program's is longer, and gets zeros there. */
static bc_status clear_store(bc_store *out, bc_error *error)
{
    uint32_t size = out->struct_size;
    if (size < sizeof(*out) || size > STRUCT_BYTES_MAX) {
        return bc__sqlite_fail(
            error, BC_ERR_ARGUMENT, 0,
            "bc_store has struct_size %u; set it with the INIT macro or to sizeof", (unsigned)size);
    }
    memset(out, 0, size);
    out->struct_size = size;
    return BC_OK;
}

/* A handle that holds the absolute path: it stays right when the process changes its folder, and it
 * is a path even where SQLite would read ":memory:" or "file:" as something else. */
static bc_status make_handle(bc__sqlite **out, const char *path, bc_error *error)
{
    sqlite3_vfs *vfs;
    bc__sqlite *handle;
    size_t capacity;
    int code = sqlite3_initialize();
    *out = NULL;
    if (code != SQLITE_OK) {
        return bc__sqlite_fail(error, BC_ERR_STORE, code, "SQLite does not start: %s",
                               sqlite3_errstr(code));
    }
    vfs = sqlite3_vfs_find(NULL);
    if (vfs == NULL) {
        return bc__sqlite_fail(error, BC_ERR_STORE, 0, "SQLite has no way to reach files");
    }
    capacity = (size_t)vfs->mxPathname + 1;
    handle = sqlite3_malloc64(sizeof(*handle) + capacity);
    if (handle == NULL) {
        return bc__sqlite_fail(error, BC_ERR_MEMORY, 0, "out of memory");
    }
    memset(handle, 0, sizeof(*handle) + capacity);
    bc__sqlite_make_name(handle->name, sizeof(handle->name), path);
    code = vfs->xFullPathname(vfs, path, (int)capacity, handle->path);
    if ((code & 0xff) != SQLITE_OK) { /* besides SQLITE_OK_SYMLINK, which is no failure */
        bc_status status = bc__sqlite_fail_code(handle, error, BC_ERR_STORE, "cannot open", code);
        bc__sqlite_close(handle);
        return status;
    }
    *out = handle;
    return BC_OK;
}

static void close_store(void *context)
{
    bc__sqlite_close(context);
}

bc_status bc_sqlite_store(bc_store *out, const char *path, const bc_sqlite_options *options,
                          bc_error *error)
{
    bc_sqlite_options known;
    bc__sqlite *handle = NULL;
    bc_status status;

    if (out == NULL) {
        return bc__sqlite_fail(error, BC_ERR_ARGUMENT, 0, "out is NULL");
    }
    status = clear_store(out, error);
    if (status != BC_OK) {
        return status;
    }
    if (path == NULL || path[0] == '\0') {
        return bc__sqlite_fail(error, BC_ERR_ARGUMENT, 0, "the path of the database is %s",
                               path == NULL ? "NULL" : "empty");
    }
    status = read_options(&known, options, error);
    if (status == BC_OK) {
        status = make_handle(&handle, path, error);
    }
    if (status == BC_OK) {
        status = bc__sqlite_open(handle, &known, error);
    }
    if (status != BC_OK) {
        bc__sqlite_close(handle);
        return status;
    }
    out->context = handle;
    out->get = bc__sqlite_get;
    out->scan = bc__sqlite_scan;
    out->commit = bc__sqlite_commit;
    out->close = close_store;
    return BC_OK;
}
