/* libbc-sqlite: a chain in one SQLite file.
 *
 *     bc_store store = BC_STORE_INIT;
 *     bc_options options = BC_OPTIONS_INIT;
 *     bc_sqlite_store(&store, "ledger.db", NULL, &error);
 *     options.store = &store;
 *     bc_chain_open(&chain, params, &options, &error);  // closes the store, with the chain or on failure
 *
 * A commit is in the file, and the file on the disk, when it returns. The rules of bc.h hold here
 * too. What every store promises stands in docs/store.md, what this one does besides at its end.
 */
#ifndef BC_SQLITE_H
#define BC_SQLITE_H

#include <bc/bc.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Every member may be left zero. */
typedef struct bc_sqlite_options {
    uint32_t struct_size;
    uint32_t flags;           /* 0 */
    uint64_t busy_timeout_us; /* how long opening waits for another handle to let go of the file; 0:
                                 not at all; BC_NONE: as long as it takes. Whole milliseconds,
                                 rounded up */
    uint64_t cache_bytes;     /* of pages kept in memory, at most 1 TiB; 4 MiB */
    uint64_t wal_bytes;       /* of the write-ahead log, before it is folded into the file and begun
                                 anew, at most 1 TiB; 4 MiB. The log is never longer than this and
                                 one commit */
} bc_sqlite_options;

#define BC_SQLITE_OPTIONS_INIT                                                                     \
    {                                                                                              \
        (uint32_t)sizeof(bc_sqlite_options), 0, 0, 0, 0                                            \
    }
BC_API void bc_sqlite_options_init(bc_sqlite_options *options);

/* Opens the database at `path`, or makes it where there is none and its folder is there, and fills
 * `out`, whose struct_size is set, and which belongs to bc_chain_open from then on: that calls
 * out->close, also when it fails. A program that does not get as far calls out->close(out->context)
 * itself. On failure all else in `out` is zero. `path` is copied, and made absolute at once; it is a
 * path and nothing else, not SQLite's ":memory:" and no URI. `options` may be NULL. Memory is
 * SQLite's own, not an allocator's.
 *
 * From here to `close` the file is this handle's alone: every other handle is refused, of another
 * process and of this one, and so is every other program that asks SQLite. A child after fork() may
 * only exec or exit. This process must not open and close the file by other means meanwhile, as a
 * copy for a backup would: POSIX drops a process's locks on a file when it closes any descriptor of
 * it. Blocks for the disk and for busy_timeout_us.
 *
 * Each error names the path, and host_code is SQLite's extended code where SQLite was asked. A file
 * that is refused is not changed.
 * BC_ERR_STORE: it is in use, or read-only, or its folder is, or there is no permission; the disk is
 * full or failed. BC_ERR_FORMAT: it is no SQLite database, or another program's. BC_ERR_UNSUPPORTED:
 * a newer version of this library wrote it; an unknown option. BC_ERR_DAMAGED: it is one of ours, but
 * not whole. BC_ERR_LIMIT: an option out of its range. */
BC_API bc_status bc_sqlite_store(bc_store *out, const char *path, const bc_sqlite_options *options,
                                 bc_error *error);

/* The version of this adapter as it is linked, as bc_version_number counts. */
BC_API uint32_t bc_sqlite_version_number(void);

#ifdef __cplusplus
}
#endif

#endif
