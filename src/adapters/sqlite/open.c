/* Opening the file: whose it is, taking it for this handle alone, and making its tables.
 *
 * Nothing is written before the file is known to be ours. SQLite reads nothing and locks nothing when
 * it opens a file, so its header is read first, through SQLite's own descriptor: another descriptor,
 * when it is closed, would drop the locks that a second handle of this process may hold (POSIX).
 */
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "handle.h"

enum {
    HEADER_BYTES = 100,
    HEADER_USER_VERSION = 60, /* 4 bytes, big-endian */
    HEADER_APPLICATION = 68,  /* 4 bytes, big-endian */
    PATH_BYTES_MAX = 4096,    /* an absolute path with what is put behind it */
    DEFAULT_CACHE_BYTES = 4 * 1024 * 1024,
    DEFAULT_WAL_BYTES = 4 * 1024 * 1024
};

static const uint64_t option_bytes_max = UINT64_C(1) << 40; /* 1 TiB */

static bc_status fail_open(const bc__sqlite *handle, bc_error *error, int code)
{
    bc_status status = BC_ERR_STORE;
    switch (code & 0xff) {
    case SQLITE_NOMEM:
        status = BC_ERR_MEMORY;
        break;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: /* its header was found to be ours */
        status = BC_ERR_DAMAGED;
        break;
    default:
        break;
    }
    return bc__sqlite_fail_code(handle, error, status, "cannot open", code);
}

static bc_status refuse(const bc__sqlite *handle, bc_error *error, bc_status status,
                        const char *why)
{
    return bc__sqlite_fail(error, status, 0, "cannot open %s: %s", handle->name, why);
}

/* The size of the file whose name is the database's and `ending`; 0 where there is none. */
static int64_t size_beside(const bc__sqlite *handle, const char *ending)
{
    char path[PATH_BYTES_MAX];
    struct stat status;
    int length = snprintf(path, sizeof(path), "%s%s", handle->path, ending);
    if (length < 0 || (size_t)length >= sizeof(path) || stat(path, &status) != 0) {
        return 0;
    }
    return (int64_t)status.st_size;
}

static bool may(const char *path, int mode)
{
    return faccessat(AT_FDCWD, path, mode, AT_EACCESS) == 0;
}

/* SQLite makes its log beside the file, so the folder has to be writable too. */
static bc_status judge_folder(const bc__sqlite *handle, bc_error *error)
{
    char folder[PATH_BYTES_MAX];
    const char *slash = strrchr(handle->path, '/');
    size_t length = slash == NULL ? 0 : (size_t)(slash - handle->path);
    struct stat status;
    if (length == 0) {
        length = 1; /* the root */
    }
    if (length >= sizeof(folder)) {
        return refuse(handle, error, BC_ERR_STORE, "the path is too long");
    }
    memcpy(folder, handle->path, length);
    folder[length] = '\0';
    if (stat(folder, &status) != 0 || !S_ISDIR(status.st_mode)) {
        return refuse(handle, error, BC_ERR_STORE, "its folder is not there");
    }
    if (!may(folder, W_OK | X_OK)) {
        return refuse(handle, error, BC_ERR_STORE, "its folder is read-only");
    }
    return BC_OK;
}

/* What can be told without opening the file. *exists says whether there is one. */
static bc_status judge_path(const bc__sqlite *handle, bool *exists, bc_error *error)
{
    struct stat status;
    *exists = stat(handle->path, &status) == 0;
    if (*exists && !S_ISREG(status.st_mode)) {
        return refuse(handle, error, BC_ERR_STORE, "it is not a regular file");
    }
    if (*exists && !may(handle->path, R_OK)) {
        return refuse(handle, error, BC_ERR_STORE, "there is no permission to read it");
    }
    if (*exists && !may(handle->path, W_OK)) {
        return refuse(handle, error, BC_ERR_STORE, "it is read-only");
    }
    /* SQLite would throw the log away. Our own files are never empty when a log is begun. */
    if ((!*exists || status.st_size == 0) && size_beside(handle, "-wal") != 0) {
        return refuse(handle, error, BC_ERR_DAMAGED,
                      "it is empty or gone, but the log beside it (-wal) is not");
    }
    return judge_folder(handle, error);
}

static uint32_t get_be32(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

/* Our application id and version stand in the file from the commit that makes the tables, which
 * happens before there is a log, and never change: so the header on the disk has them whatever is in
 * the log. */
static bc_status judge_identity(const bc__sqlite *handle, uint32_t application, uint32_t version,
                                bc_error *error)
{
    if (application != (uint32_t)BC__SQLITE_APPLICATION_ID) {
        return bc__sqlite_fail(error, BC_ERR_FORMAT, 0,
                               "cannot open %s: it is the database of another program (application "
                               "id 0x%08x, ours is 0x%08x)",
                               handle->name, (unsigned)application,
                               (unsigned)BC__SQLITE_APPLICATION_ID);
    }
    if (version > (uint32_t)BC__SQLITE_SCHEMA_VERSION) {
        return bc__sqlite_fail(error, BC_ERR_UNSUPPORTED, 0,
                               "cannot open %s: its schema is version %u, this library knows "
                               "versions up to %d",
                               handle->name, (unsigned)version, (int)BC__SQLITE_SCHEMA_VERSION);
    }
    if (version == 0) {
        return refuse(handle, error, BC_ERR_DAMAGED, "its schema has no version");
    }
    return BC_OK;
}

static bc_status judge_header(const bc__sqlite *handle, bc_error *error)
{
    static const uint8_t zeros[HEADER_BYTES] = {0};
    uint8_t header[HEADER_BYTES] = {0};
    sqlite3_file *file = NULL;
    sqlite3_int64 size = 0;
    int code = sqlite3_file_control(handle->db, "main", SQLITE_FCNTL_FILE_POINTER, &file);
    if (code == SQLITE_OK) {
        code = file->pMethods->xFileSize(file, &size);
    }
    if (code == SQLITE_OK && size >= HEADER_BYTES) {
        code = file->pMethods->xRead(file, header, HEADER_BYTES, 0);
    }
    if (code != SQLITE_OK) {
        return fail_open(handle, error, code);
    }
    if (size == 0) {
        return BC_OK;
    }
    /* The power went while the tables were being made: SQLite takes that back. */
    if (memcmp(header, zeros, HEADER_BYTES) == 0 && size >= HEADER_BYTES &&
        size_beside(handle, "-journal") != 0) {
        return BC_OK;
    }
    if (memcmp(header, "SQLite format 3", 16) != 0) {
        return refuse(handle, error, BC_ERR_FORMAT, "it is not an SQLite database");
    }
    return judge_identity(handle, get_be32(header + HEADER_APPLICATION),
                          get_be32(header + HEADER_USER_VERSION), error);
}

static int run_text(const bc__sqlite *handle, const char *sql)
{
    return sqlite3_exec(handle->db, sql, NULL, NULL, NULL);
}

/* The integer that the first row begins with. */
static int ask(const bc__sqlite *handle, const char *sql, int64_t *answer)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(handle->db, sql, -1, &statement, NULL);
    if (code == SQLITE_OK) {
        code = sqlite3_step(statement);
        if (code == SQLITE_ROW) {
            *answer = sqlite3_column_int64(statement, 0);
            code = SQLITE_OK;
        }
    }
    sqlite3_finalize(statement);
    return code;
}

/* Inside the first transaction: tables that are there must be ours to the letter, and where there
 * are none they are made. */
static bc_status judge_tables(const bc__sqlite *handle, bc_error *error)
{
    int64_t application = 0;
    int64_t version = 0;
    int64_t tables = 0;
    int64_t known = 0;
    bc_status status;
    int code = ask(handle, "PRAGMA application_id", &application);
    if (code == SQLITE_OK) {
        code = ask(handle, "PRAGMA user_version", &version);
    }
    if (code == SQLITE_OK) {
        code = ask(handle, "SELECT count(*) FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'",
                   &tables);
    }
    if (code == SQLITE_OK && tables == 0 && application == 0 && version == 0) {
        code = run_text(handle, BC__SQLITE_ENTRY_TABLE ";" BC__SQLITE_LARGE_TABLE);
        if (code == SQLITE_OK) {
            char sql[96];
            snprintf(sql, sizeof(sql), "PRAGMA application_id=%d;PRAGMA user_version=%d",
                     (int)BC__SQLITE_APPLICATION_ID, (int)BC__SQLITE_SCHEMA_VERSION);
            code = run_text(handle, sql);
        }
        return code == SQLITE_OK ? BC_OK : fail_open(handle, error, code);
    }
    if (code == SQLITE_OK) {
        code = ask(handle,
                   "SELECT count(*) FROM sqlite_master WHERE sql IN ('" BC__SQLITE_ENTRY_TABLE
                   "','" BC__SQLITE_LARGE_TABLE "')",
                   &known);
    }
    if (code != SQLITE_OK) {
        return fail_open(handle, error, code);
    }
    status = judge_identity(handle, (uint32_t)application, (uint32_t)version, error);
    if (status == BC_OK && (tables != 2 || known != 2)) {
        status = refuse(handle, error, BC_ERR_DAMAGED, "its tables are not as they were made");
    }
    return status;
}

/* Exclusive mode holds the lock from the first transaction on, and keeps the log's index in memory:
 * there is no -shm file. EXTRA is FULL, and a durable end of the journal while the tables are made. */
static int configure(const bc__sqlite *handle, const bc_sqlite_options *options)
{
    char sql[256];
    uint64_t milliseconds =
        options->busy_timeout_us / 1000 + (options->busy_timeout_us % 1000 != 0);
    snprintf(sql, sizeof(sql),
             "PRAGMA locking_mode=EXCLUSIVE;PRAGMA synchronous=EXTRA;PRAGMA mmap_size=0;"
             "PRAGMA cell_size_check=ON;PRAGMA secure_delete=OFF;PRAGMA cache_size=-%llu;"
             "PRAGMA journal_size_limit=%llu",
             (unsigned long long)(options->cache_bytes / 1024 + 1),
             (unsigned long long)options->wal_bytes);
    sqlite3_busy_timeout(handle->db, milliseconds > INT_MAX ? INT_MAX : (int)milliseconds);
    return run_text(handle, sql);
}

/* Takes the lock, and under it judges or makes the tables. */
static bc_status take(const bc__sqlite *handle, bc_error *error)
{
    bc_status status;
    int code = run_text(handle, "BEGIN EXCLUSIVE");
    if (code != SQLITE_OK) {
        return fail_open(handle, error, code);
    }
    status = judge_tables(handle, error);
    if (status != BC_OK) {
        (void)run_text(handle, "ROLLBACK");
        return status;
    }
    code = run_text(handle, "COMMIT");
    return code == SQLITE_OK ? BC_OK : fail_open(handle, error, code);
}

/* Called after each commit with the length of the log. Its being there keeps SQLite from folding in
 * the log on its own account inside a commit. */
static int note_log(void *context, sqlite3 *db, const char *name, int frames)
{
    bc__sqlite *handle = context;
    (void)db;
    (void)name;
    handle->wal_frames = (uint64_t)frames;
    return SQLITE_OK;
}

static bc_status begin_log(bc__sqlite *handle, bool has_log, bc_error *error)
{
    int64_t page_bytes = 0;
    int code = run_text(handle, "PRAGMA journal_mode=WAL");
    if (code == SQLITE_OK) {
        code = ask(handle, "PRAGMA page_size", &page_bytes);
    }
    if (code == SQLITE_OK) {
        handle->page_bytes = (uint64_t)page_bytes;
        sqlite3_wal_hook(handle->db, note_log, handle);
        /* The log of a process that was killed may be in the system's memory and not on the disk,
         * and where a sync of it failed, that cannot be repaired by another: so it ends here. */
        code = has_log ? bc__sqlite_checkpoint(handle, true) : SQLITE_OK;
    }
    return code == SQLITE_OK ? BC_OK : fail_open(handle, error, code);
}

static bc_status prepare(bc__sqlite *handle, bc_error *error)
{
    static const char *const texts[BC__SQLITE_STATEMENTS] = {
        [BC__SQLITE_BEGIN] = "BEGIN IMMEDIATE",
        [BC__SQLITE_COMMIT] = "COMMIT",
        [BC__SQLITE_ROLLBACK] = "ROLLBACK",
        [BC__SQLITE_FIND] = "SELECT value FROM entry WHERE key=?1",
        [BC__SQLITE_SCAN] = "SELECT key,value FROM entry WHERE key>=?1 AND key<?2 ORDER BY key",
        [BC__SQLITE_PUT] = "INSERT OR REPLACE INTO entry(key,value) VALUES(?1,?2)",
        [BC__SQLITE_REMOVE] = "DELETE FROM entry WHERE key=?1",
        [BC__SQLITE_FIND_LARGE] = "SELECT value FROM large WHERE id=?1",
        [BC__SQLITE_PUT_LARGE] = "INSERT INTO large(value) VALUES(?1)",
        [BC__SQLITE_REMOVE_LARGE] = "DELETE FROM large WHERE id=?1",
    };
    for (int i = 0; i < BC__SQLITE_STATEMENTS; i++) {
        int code = sqlite3_prepare_v3(handle->db, texts[i], -1, SQLITE_PREPARE_PERSISTENT,
                                      &handle->statements[i], NULL);
        if (code != SQLITE_OK) {
            return fail_open(handle, error, code);
        }
    }
    return BC_OK;
}

/* Zero is the default; BC_NONE is no byte count. */
static bc_status complete_options(bc_sqlite_options *options, const bc__sqlite *handle,
                                  bc_error *error)
{
    if (options->cache_bytes == 0) {
        options->cache_bytes = DEFAULT_CACHE_BYTES;
    }
    if (options->wal_bytes == 0) {
        options->wal_bytes = DEFAULT_WAL_BYTES;
    }
    if (options->cache_bytes > option_bytes_max || options->wal_bytes > option_bytes_max) {
        return refuse(handle, error, BC_ERR_LIMIT,
                      "cache_bytes and wal_bytes are at most 1 TiB each");
    }
    if (options->flags != 0) {
        return refuse(handle, error, BC_ERR_UNSUPPORTED, "unknown flags in the options");
    }
    return BC_OK;
}

bc_status bc__sqlite_open(bc__sqlite *handle, const bc_sqlite_options *options, bc_error *error)
{
    /* A private cache: handles that shared one would share the lock. */
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE;
    bc_sqlite_options completed = *options;
    bool exists = false;
    bool has_log = size_beside(handle, "-wal") != 0;
    bc_status status = complete_options(&completed, handle, error);
    int code;
    if (status == BC_OK) {
        status = judge_path(handle, &exists, error);
    }
    if (status != BC_OK) {
        return status;
    }
    code = sqlite3_open_v2(handle->path, &handle->db, exists ? flags : flags | SQLITE_OPEN_CREATE,
                           NULL);
    if (code == SQLITE_OK) {
        code = sqlite3_extended_result_codes(handle->db, 1);
    }
    if (code == SQLITE_OK) {
        /* Closing folds the log in; not so where the file is refused. */
        code = sqlite3_db_config(handle->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, has_log, NULL);
    }
    if (code != SQLITE_OK) {
        return fail_open(handle, error, code);
    }
    handle->wal_bytes_max = completed.wal_bytes;
    /* SQLite is content with reading where writing is forbidden by other means than permissions. */
    status = sqlite3_db_readonly(handle->db, "main") == 1
                 ? refuse(handle, error, BC_ERR_STORE, "it is read-only")
                 : judge_header(handle, error);
    if (status != BC_OK) {
        return status;
    }
    code = configure(handle, &completed);
    if (code != SQLITE_OK) {
        return fail_open(handle, error, code);
    }
    status = take(handle, error);
    if (status == BC_OK) {
        status = begin_log(handle, has_log, error);
    }
    if (status == BC_OK) {
        status = prepare(handle, error);
    }
    if (status == BC_OK) {
        (void)sqlite3_db_config(handle->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, NULL);
    }
    return status;
}

void bc__sqlite_close(bc__sqlite *handle)
{
    if (handle == NULL) {
        return;
    }
    for (int i = 0; i < BC__SQLITE_STATEMENTS; i++) {
        sqlite3_finalize(handle->statements[i]);
    }
    /* Rolls back what was left open, folds the log in, and removes it. */
    sqlite3_close(handle->db);
    sqlite3_free(handle);
}
