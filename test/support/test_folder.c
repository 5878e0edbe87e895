#include <dirent.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "test/support/test_folder.h"

enum { FILES_MAX = 32, LINE_BYTES = 400 };

int test_folder_make(void **state)
{
    test_folder *made = calloc(1, sizeof(*made));
    const char *base = getenv("TMPDIR");
    if (made == NULL) {
        return -1;
    }
    *state = made;
    snprintf(made->path, sizeof(made->path), "%s/bc-test-XXXXXX", base != NULL ? base : "/tmp");
    return mkdtemp(made->path) != NULL ? 0 : -1;
}

int test_folder_remove(void **state)
{
    test_folder *folder = *state;
    chmod(folder->path, 0700);
    test_folder_clear(folder);
    rmdir(folder->path);
    free(folder);
    return 0;
}

char *test_folder_file(const test_folder *folder, const char *name)
{
    size_t size = strlen(folder->path) + strlen(name) + 2;
    char *path = malloc(size);
    if (path == NULL) {
        abort();
    }
    snprintf(path, size, "%s/%s", folder->path, name);
    return path;
}

/* FNV-1a, 64 bits; 0 where it is no file that can be read. */
static uint64_t hash_file(const char *path)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    FILE *file = fopen(path, "rb");
    int byte;
    if (file == NULL) {
        return 0;
    }
    while ((byte = fgetc(file)) != EOF) {
        hash = (hash ^ (uint64_t)byte) * UINT64_C(0x100000001b3);
    }
    fclose(file);
    return hash;
}

static int compare_lines(const void *a, const void *b)
{
    return strcmp(a, b);
}

char *test_folder_print(const test_folder *folder)
{
    char(*lines)[LINE_BYTES] = calloc(FILES_MAX, sizeof(*lines));
    char *text = calloc(FILES_MAX, sizeof(*lines));
    DIR *directory = opendir(folder->path);
    struct dirent *entry;
    size_t count = 0;
    if (lines == NULL || text == NULL || directory == NULL) {
        abort();
    }
    while ((entry = readdir(directory)) != NULL) {
        struct stat status;
        char *path = test_folder_file(folder, entry->d_name);
        if (entry->d_name[0] != '.' && stat(path, &status) == 0 && count < FILES_MAX) {
            snprintf(lines[count++], LINE_BYTES, "%s %jd %jd.%09ld %016" PRIx64 "\n", entry->d_name,
                     (intmax_t)status.st_size, (intmax_t)status.st_mtim.tv_sec,
                     (long)status.st_mtim.tv_nsec, S_ISREG(status.st_mode) ? hash_file(path) : 0);
        }
        free(path);
    }
    closedir(directory);
    qsort(lines, count, sizeof(*lines), compare_lines);
    for (size_t i = 0; i < count; i++) {
        strcat(text, lines[i]);
    }
    free(lines);
    return text;
}

void test_folder_clear(const test_folder *folder)
{
    DIR *directory = opendir(folder->path);
    struct dirent *entry;
    while (directory != NULL && (entry = readdir(directory)) != NULL) {
        char *path = test_folder_file(folder, entry->d_name);
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
            unlink(path) != 0) {
            rmdir(path);
        }
        free(path);
    }
    if (directory != NULL) {
        closedir(directory);
    }
}
