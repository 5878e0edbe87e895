#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "test/support/sqlite_vfs.h"

enum { IMAGES = 3, SECTOR = 512 };

/* A change that no sync has made durable yet. */
typedef struct disk_change {
    struct disk_change *next;
    uint32_t kind; /* SQLITE_VFS_WRITE or _TRUNCATE */
    size_t offset; /* or the new size */
    size_t length;
    uint8_t bytes[];
} disk_change;

/* What the disk holds of the database, its log and its journal. */
typedef struct disk_image {
    const char *ending;
    uint8_t *bytes;
    size_t size;
    bool there;
    bool maybe_deleted; /* deleted, but the folder was not synced */
    disk_change *first;
    disk_change **last;
} disk_image;

typedef struct shim_file {
    sqlite3_file base;
    disk_image *image;
    sqlite3_file *below;
} shim_file;

/* One layer for the process, as SQLite's list of layers is. */
static struct {
    sqlite3_vfs vfs;
    sqlite3_vfs *below;
    sqlite_vfs_fault fault;
    bool remember;
    disk_image images[IMAGES];
    disk_image scratch; /* of temporary files, which have no name */
} shim = {.images = {{.ending = "-wal"}, {.ending = "-journal"}, {.ending = ""}}};

static disk_image *image_of(const char *path)
{
    size_t length = path == NULL ? 0 : strlen(path);
    for (int i = 0; i < IMAGES && path != NULL; i++) {
        size_t ending = strlen(shim.images[i].ending);
        if (length >= ending && strcmp(path + length - ending, shim.images[i].ending) == 0) {
            return &shim.images[i];
        }
    }
    return &shim.scratch;
}

static bool fails(uint32_t kind, const disk_image *image)
{
    sqlite_vfs_fault *fault = &shim.fault;
    if ((fault->kinds & kind) == 0 || (fault->main_only && image != &shim.images[IMAGES - 1])) {
        return false;
    }
    fault->count++;
    if (fault->at == 0 || fault->count < fault->at ||
        (fault->count > fault->at && !fault->forever)) {
        return false;
    }
    fault->failed++;
    return true;
}

/* ---- What is on the disk ---- */

static void resize(disk_image *image, size_t size)
{
    image->bytes = realloc(image->bytes, size + 1);
    if (image->bytes == NULL) {
        abort();
    }
    if (size > image->size) {
        memset(image->bytes + image->size, 0, size - image->size);
    }
    image->size = size;
}

static void note(disk_image *image, uint32_t kind, const void *bytes, size_t offset, size_t length)
{
    disk_change *made;
    if (!shim.remember) {
        return;
    }
    made = malloc(sizeof(*made) + (bytes == NULL ? 0 : length));
    if (made == NULL) {
        abort();
    }
    made->next = NULL;
    made->kind = kind;
    made->offset = offset;
    made->length = length;
    if (bytes != NULL) {
        memcpy(made->bytes, bytes, length);
    }
    if (image->first == NULL) {
        image->last = &image->first;
    }
    *image->last = made;
    image->last = &made->next;
}

static void apply_part(disk_image *image, const disk_change *change, size_t from, size_t length)
{
    if (length == 0) {
        return;
    }
    if (image->size < change->offset + from + length) {
        resize(image, change->offset + from + length);
    }
    memcpy(image->bytes + change->offset + from, change->bytes + from, length);
}

static void apply_whole(disk_image *image, const disk_change *change)
{
    if (change->kind == SQLITE_VFS_TRUNCATE) {
        resize(image, change->offset);
    } else {
        apply_part(image, change, 0, change->length);
    }
}

/* Keeps a change, loses it, or keeps the sectors of it that were lucky. */
static void apply_by_chance(disk_image *image, const disk_change *change, test_random *random)
{
    switch (test_random_below(random, 3)) {
    case 0:
        apply_whole(image, change);
        break;
    case 1:
        if (change->kind == SQLITE_VFS_WRITE) {
            size_t from = 0;
            while (from < change->length) {
                size_t part = SECTOR - (change->offset + from) % SECTOR;
                part = part < change->length - from ? part : change->length - from;
                if (test_random_below(random, 2) == 0) {
                    apply_part(image, change, from, part);
                }
                from += part;
            }
        }
        break;
    default:
        break;
    }
}

static void forget_changes(disk_image *image)
{
    while (image->first != NULL) {
        disk_change *next = image->first->next;
        free(image->first);
        image->first = next;
    }
}

static void make_durable(disk_image *image)
{
    for (const disk_change *change = image->first; change != NULL; change = change->next) {
        apply_whole(image, change);
    }
    forget_changes(image);
}

static void forget(disk_image *image)
{
    forget_changes(image);
    free(image->bytes);
    image->bytes = NULL;
    image->size = 0;
    image->there = false;
    image->maybe_deleted = false;
}

void sqlite_vfs_remember(void)
{
    for (int i = 0; i < IMAGES; i++) {
        forget(&shim.images[i]);
    }
    shim.remember = true;
}

void sqlite_vfs_power_cut(const char *path, test_random *random)
{
    for (int i = 0; i < IMAGES; i++) {
        disk_image *image = &shim.images[i];
        bool there = image->there && !(image->maybe_deleted && test_random_below(random, 2) == 0);
        char name[600];
        snprintf(name, sizeof(name), "%s%s", path, image->ending);
        remove(name);
        for (const disk_change *change = image->first; change != NULL; change = change->next) {
            apply_by_chance(image, change, random);
        }
        if (there) {
            FILE *file = fopen(name, "wb");
            bool written = file != NULL && (image->size == 0 || fwrite(image->bytes, 1, image->size,
                                                                       file) == image->size);
            if (!written || fclose(file) != 0) {
                abort();
            }
        }
        forget(image);
    }
    shim.remember = false;
}

/* ---- SQLite's side ---- */

static sqlite3_file *below(sqlite3_file *file)
{
    return ((shim_file *)file)->below;
}

static disk_image *image_in(sqlite3_file *file)
{
    return ((shim_file *)file)->image;
}

static int shim_close(sqlite3_file *file)
{
    return below(file)->pMethods->xClose(below(file));
}

static int shim_read(sqlite3_file *file, void *bytes, int length, sqlite3_int64 offset)
{
    if (fails(SQLITE_VFS_READ, image_in(file))) {
        return SQLITE_IOERR_READ;
    }
    return below(file)->pMethods->xRead(below(file), bytes, length, offset);
}

static int shim_write(sqlite3_file *file, const void *bytes, int length, sqlite3_int64 offset)
{
    if (fails(SQLITE_VFS_WRITE, image_in(file))) {
        if (shim.fault.torn && length > 1) {
            note(image_in(file), SQLITE_VFS_WRITE, bytes, (size_t)offset, (size_t)(length / 2));
            below(file)->pMethods->xWrite(below(file), bytes, length / 2, offset);
        }
        return shim.fault.code;
    }
    note(image_in(file), SQLITE_VFS_WRITE, bytes, (size_t)offset, (size_t)length);
    return below(file)->pMethods->xWrite(below(file), bytes, length, offset);
}

static int shim_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    if (fails(SQLITE_VFS_TRUNCATE, image_in(file))) {
        return SQLITE_IOERR_TRUNCATE;
    }
    note(image_in(file), SQLITE_VFS_TRUNCATE, NULL, (size_t)size, 0);
    return below(file)->pMethods->xTruncate(below(file), size);
}

static int shim_sync(sqlite3_file *file, int flags)
{
    if (fails(SQLITE_VFS_SYNC, image_in(file))) {
        return SQLITE_IOERR_FSYNC;
    }
    if (shim.remember) {
        make_durable(image_in(file));
    }
    (void)flags; /* the files here need not outlive the system, so that tests are fast */
    return SQLITE_OK;
}

static int shim_size(sqlite3_file *file, sqlite3_int64 *size)
{
    return below(file)->pMethods->xFileSize(below(file), size);
}

static int shim_lock(sqlite3_file *file, int level)
{
    return below(file)->pMethods->xLock(below(file), level);
}

static int shim_unlock(sqlite3_file *file, int level)
{
    return below(file)->pMethods->xUnlock(below(file), level);
}

static int shim_reserved(sqlite3_file *file, int *out)
{
    return below(file)->pMethods->xCheckReservedLock(below(file), out);
}

static int shim_control(sqlite3_file *file, int op, void *argument)
{
    return below(file)->pMethods->xFileControl(below(file), op, argument);
}

static int shim_sector(sqlite3_file *file)
{
    return below(file)->pMethods->xSectorSize(below(file));
}

static int shim_characteristics(sqlite3_file *file)
{
    return below(file)->pMethods->xDeviceCharacteristics(below(file));
}

/* Version 1: no memory that is shared with other processes, which exclusive mode does not need. */
static const sqlite3_io_methods methods = {
    .iVersion = 1,
    .xClose = shim_close,
    .xRead = shim_read,
    .xWrite = shim_write,
    .xTruncate = shim_truncate,
    .xSync = shim_sync,
    .xFileSize = shim_size,
    .xLock = shim_lock,
    .xUnlock = shim_unlock,
    .xCheckReservedLock = shim_reserved,
    .xFileControl = shim_control,
    .xSectorSize = shim_sector,
    .xDeviceCharacteristics = shim_characteristics,
};

static int shim_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *file, int flags,
                     int *out_flags)
{
    shim_file *made = (shim_file *)file;
    int code;
    (void)vfs;
    made->base.pMethods = NULL;
    made->below = (sqlite3_file *)(made + 1);
    made->image = image_of(path);
    if (shim.fault.read_only && (flags & SQLITE_OPEN_MAIN_DB) != 0) {
        flags = (flags & ~(SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE)) | SQLITE_OPEN_READONLY;
    }
    code = shim.below->xOpen(shim.below, path, made->below, flags, out_flags);
    if (code == SQLITE_OK) {
        made->base.pMethods = &methods;
        if (shim.remember && (!made->image->there || made->image->maybe_deleted)) {
            forget(made->image);
            made->image->there = true;
        }
    }
    return code;
}

static int shim_delete(sqlite3_vfs *vfs, const char *path, int sync_folder)
{
    disk_image *image = image_of(path);
    int code;
    (void)vfs;
    if (fails(SQLITE_VFS_DELETE, image)) {
        return SQLITE_IOERR_DELETE;
    }
    code = shim.below->xDelete(shim.below, path, sync_folder);
    if (code == SQLITE_OK && shim.remember) {
        if (sync_folder != 0) {
            forget(image);
        } else {
            image->maybe_deleted = true;
        }
    }
    return code;
}

void sqlite_vfs_install(void)
{
    shim.below = sqlite3_vfs_find(NULL);
    shim.vfs = *shim.below;
    shim.vfs.zName = "bc-test";
    shim.vfs.szOsFile = (int)sizeof(shim_file) + shim.below->szOsFile;
    shim.vfs.xOpen = shim_open;
    shim.vfs.xDelete = shim_delete;
    memset(&shim.fault, 0, sizeof(shim.fault));
    sqlite3_vfs_register(&shim.vfs, 1);
}

void sqlite_vfs_remove(void)
{
    memset(&shim.fault, 0, sizeof(shim.fault));
    sqlite3_vfs_unregister(&shim.vfs);
    sqlite3_vfs_register(shim.below, 1);
}

sqlite_vfs_fault *sqlite_vfs_the_fault(void)
{
    return &shim.fault;
}
