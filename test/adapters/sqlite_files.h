/* A folder for each test, with the path of a database in it. In a header, for each test is a program
 * of its own and programs of other adapters share test/support. */
#ifndef BC_TEST_ADAPTERS_SQLITE_FILES_H
#define BC_TEST_ADAPTERS_SQLITE_FILES_H

#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct test_folder {
    char path[256];
    char file[600]; /* the last path that was asked for */
} test_folder;

static inline int make_folder(void **state)
{
    test_folder *made = calloc(1, sizeof(*made));
    const char *base = getenv("TMPDIR");
    if (made == NULL) {
        return -1;
    }
    snprintf(made->path, sizeof(made->path), "%s/bc-sqlite-XXXXXX", base != NULL ? base : "/tmp");
    *state = made;
    return mkdtemp(made->path) != NULL ? 0 : -1;
}

static inline char *file_in(test_folder *folder, const char *name)
{
    snprintf(folder->file, sizeof(folder->file), "%s/%s", folder->path, name);
    return folder->file;
}

static inline char *database(void *state)
{
    return file_in(state, "chain.db");
}

static inline void empty_folder(test_folder *folder)
{
    struct dirent *entry;
    DIR *directory = opendir(folder->path);
    while (directory != NULL && (entry = readdir(directory)) != NULL) {
        if (entry->d_name[0] != '.') {
            const char *path = file_in(folder, entry->d_name);
            if (unlink(path) != 0) {
                rmdir(path);
            }
        }
    }
    if (directory != NULL) {
        closedir(directory);
    }
}

static inline int remove_folder(void **state)
{
    test_folder *folder = *state;
    chmod(folder->path, 0700);
    empty_folder(folder);
    rmdir(folder->path);
    free(folder);
    return 0;
}

#endif
