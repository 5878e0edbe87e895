/* Sentences for failures. The adapter sees the public header alone, so it fills bc_error itself. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "handle.h"

bc_status bc__sqlite_fail(bc_error *error, bc_status status, int host_code, const char *format, ...)
{
    if (error != NULL) {
        va_list arguments;
        va_start(arguments, format);
        error->code = status;
        error->host_code = host_code;
        if (vsnprintf(error->message, sizeof(error->message), format, arguments) < 0) {
            error->message[0] = '\0';
        }
        va_end(arguments);
    }
    return status;
}

/* Why, in words that say what to do about it, for the codes that a user meets. */
static const char *reason(int code)
{
    switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return "it is in use by another process, or by another handle of this one";
    case SQLITE_FULL:
        return "the disk is full";
    case SQLITE_READONLY:
        return "it is read-only";
    case SQLITE_IOERR:
        return "the disk or its file system failed";
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return "the database is damaged";
    case SQLITE_NOMEM:
        return "there is no memory";
    case SQLITE_CANTOPEN:
        return "the file, or one beside it, cannot be opened or made";
    default:
        return sqlite3_errstr(code);
    }
}

bc_status bc__sqlite_fail_code(const bc__sqlite *handle, bc_error *error, bc_status status,
                               const char *what, int code)
{
    int system_code = handle->db != NULL ? sqlite3_system_errno(handle->db) : 0;
    int primary = code & 0xff;
    if (system_code != 0 && (primary == SQLITE_IOERR || primary == SQLITE_CANTOPEN)) {
        return bc__sqlite_fail(error, status, code, "%s %s: %s (SQLite %d, errno %d)", what,
                               handle->name, reason(code), code, system_code);
    }
    return bc__sqlite_fail(error, status, code, "%s %s: %s (SQLite %d)", what, handle->name,
                           reason(code), code);
}

bc_status bc__sqlite_fail_broken(const bc__sqlite *handle, bc_error *error)
{
    return bc__sqlite_fail(error, BC_ERR_STORE_UNKNOWN, 0,
                           "%s failed before: close it, and open it again", handle->name);
}

void bc__sqlite_make_name(char *name, size_t capacity, const char *path)
{
    size_t length = strlen(path);
    size_t used = 0;
    if (length >= capacity) {
        path += length - (capacity - sizeof("..."));
        while (((unsigned char)*path & 0xc0) == 0x80) { /* not from inside a UTF-8 character */
            path++;
        }
        memcpy(name, "...", 3);
        used = 3;
    }
    for (; *path != '\0'; path++) {
        name[used++] = (unsigned char)*path < 0x20 || *path == 0x7f ? '?' : *path;
    }
    name[used] = '\0';
}

bool bc__sqlite_is_damage(int code)
{
    return (code & 0xff) == SQLITE_CORRUPT || (code & 0xff) == SQLITE_NOTADB;
}
