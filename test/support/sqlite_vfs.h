/* A layer under SQLite that makes the disk fail, and that knows what would be left on it if the power
 * went: what was written and not synced is kept, lost or torn. */
#ifndef BC_TEST_SUPPORT_SQLITE_VFS_H
#define BC_TEST_SUPPORT_SQLITE_VFS_H

#include <stdbool.h>
#include <stdint.h>

#include "test/support/random.h"

enum {
    SQLITE_VFS_READ = 1,
    SQLITE_VFS_WRITE = 2,
    SQLITE_VFS_SYNC = 4,
    SQLITE_VFS_TRUNCATE = 8,
    SQLITE_VFS_DELETE = 16,
    SQLITE_VFS_CHANGES = 30 /* all but reads */
};

typedef struct sqlite_vfs_fault {
    uint32_t kinds;  /* of operations that are counted */
    bool main_only;  /* those on the database itself alone, not those on its log and journal */
    uint64_t at;     /* the operation, from 1, that fails; 0: none */
    bool forever;    /* and all after it */
    bool torn;       /* half of a failed write is written */
    int code;        /* of a failed write: SQLITE_FULL or SQLITE_IOERR_WRITE */
    bool read_only;  /* databases can be opened for reading alone */
    uint64_t count;  /* operations so far */
    uint64_t failed; /* of them */
} sqlite_vfs_fault;

/* Makes the layer SQLite's default, for the whole process, and back. */
void sqlite_vfs_install(void);
void sqlite_vfs_remove(void);

/* The fault that is looked at; to be set and read by the test. */
sqlite_vfs_fault *sqlite_vfs_the_fault(void);

/* From now on remembers what is on the disk; files that are opened must be new. */
void sqlite_vfs_remember(void);

/* Writes what the disk holds after a power cut to `path` and its companions, drawing from *random,
 * and forgets. The files must be closed. */
void sqlite_vfs_power_cut(const char *path, test_random *random);

#endif
