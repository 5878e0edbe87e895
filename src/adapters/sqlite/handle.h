/* The parts of libbc-sqlite among each other.
 *
 * The file holds one ordered table, `entry`, of all keys. A short value stands beside its key; a
 * longer one in a row of `large`, and the entry then holds the number of that row: an integer, which
 * tells it from a value, for values are blobs. So a scan over short values reads no page of long ones,
 * and the search for a key never reads a value that lies on its way.
 */
#ifndef BC_ADAPTERS_SQLITE_HANDLE_H
#define BC_ADAPTERS_SQLITE_HANDLE_H

#include <stdbool.h>

#include <sqlite3.h>

#include <bc/sqlite.h>

/* "bcst" as SQLite's application id, which file(1) and others read, and the version of the tables. */
#define BC__SQLITE_APPLICATION_ID INT32_C(0x62637374)
#define BC__SQLITE_SCHEMA_VERSION INT32_C(1)

#define BC__SQLITE_ENTRY_TABLE                                                                     \
    "CREATE TABLE entry(key BLOB PRIMARY KEY NOT NULL,value NOT NULL) WITHOUT ROWID"
#define BC__SQLITE_LARGE_TABLE "CREATE TABLE large(id INTEGER PRIMARY KEY,value BLOB NOT NULL)"

enum {
    BC__SQLITE_BEGIN,
    BC__SQLITE_COMMIT,
    BC__SQLITE_ROLLBACK,
    BC__SQLITE_FIND,         /* ?1 key: value */
    BC__SQLITE_SCAN,         /* ?1 <= key < ?2: key, value */
    BC__SQLITE_PUT,          /* ?1 key, ?2 value */
    BC__SQLITE_REMOVE,       /* ?1 key */
    BC__SQLITE_FIND_LARGE,   /* ?1 id: value */
    BC__SQLITE_PUT_LARGE,    /* ?1 value */
    BC__SQLITE_REMOVE_LARGE, /* ?1 id */
    BC__SQLITE_STATEMENTS
};

typedef struct bc__sqlite {
    sqlite3 *db;
    sqlite3_stmt *statements[BC__SQLITE_STATEMENTS];
    uint64_t page_bytes;
    uint64_t wal_frames;    /* in the log, pages each, that are not known to be in the file */
    uint64_t wal_bytes_max; /* of wal_frames, before a commit folds them in */
    bool broken;            /* a failure of unknown outcome: nothing but close works now */
    char name[128];         /* the path as it stands in messages, perhaps without its beginning */
    char path[];            /* absolute */
} bc__sqlite;

/* Fills `error`, where there is one, with the sentence cut to its room, and returns `status`. */
bc_status bc__sqlite_fail(bc_error *error, bc_status status, int host_code, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* The same for what SQLite said, `code` extended: "`what` NAME: why". */
bc_status bc__sqlite_fail_code(const bc__sqlite *handle, bc_error *error, bc_status status,
                               const char *what, int code);

/* What a handle that is broken says to everything but close. */
bc_status bc__sqlite_fail_broken(const bc__sqlite *handle, bc_error *error);

/* Puts `path` into `name`: control characters replaced, the end of it kept when it is too long. */
void bc__sqlite_make_name(char *name, size_t capacity, const char *path);

/* Whether the extended code says that the file is not what SQLite wrote. */
bool bc__sqlite_is_damage(int code);

/* Opens handle->path, judges it, takes it for this handle alone and makes its tables where it is
 * empty. On failure the handle is still to be closed. */
bc_status bc__sqlite_open(bc__sqlite *handle, const bc_sqlite_options *options, bc_error *error);

/* Releases the handle and all that belongs to it. Takes NULL. */
void bc__sqlite_close(bc__sqlite *handle);

/* The functions of the bc_store. */
bc_status bc__sqlite_get(void *context, const uint8_t *key, size_t key_length, bc_sink *value,
                         bc_error *error);
bc_status bc__sqlite_scan(void *context, const uint8_t *prefix, size_t prefix_length,
                          const uint8_t *after, size_t after_length, bc_visit_fn visit,
                          void *visit_context, bc_error *error);
bc_status bc__sqlite_commit(void *context, const bc_write *writes, size_t count, bc_error *error);

/* Runs a statement that gives no rows, and makes it ready for its next use. Extended code. */
int bc__sqlite_run(sqlite3_stmt *statement);

/* Folds the log into the file, and shortens it to nothing where `truncate` is set. Extended code. */
int bc__sqlite_checkpoint(bc__sqlite *handle, bool truncate);

#endif
