#include "examples/common/text_file.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "examples/common/sentence.h"

enum { FIRST_CAPACITY = 64 * 1024 };

/* The bytes to begin with: the whole of a regular file and one more, by which its end is seen. */
static size_t first_capacity(FILE *file, uint64_t most)
{
    struct stat status;
    if (fstat(fileno(file), &status) == 0 && S_ISREG(status.st_mode) && status.st_size > 0 &&
        (uint64_t)status.st_size <= most && (uint64_t)status.st_size < SIZE_MAX) {
        return (size_t)status.st_size + 1;
    }
    return FIRST_CAPACITY;
}

static bc_status read_all(char **out, size_t *length, FILE *file, const char *name, uint64_t most,
                          bc_error *error)
{
    size_t capacity = first_capacity(file, most);
    size_t used = 0;
    bc_status status = BC_OK;
    char *text = malloc(capacity);
    if (text == NULL) {
        return sentence(error, BC_ERR_MEMORY, "there is not enough memory to read it");
    }
    for (;;) {
        used += fread(text + used, 1, capacity - used, file);
        if (used > most) {
            status = sentence(error, BC_ERR_LIMIT, "it is larger than %" PRIu64 " bytes", most);
            break;
        }
        if (ferror(file)) {
            status = sentence(error, BC_ERR_NOT_FOUND, "cannot read it: %s", strerror(errno));
            break;
        }
        if (used < capacity) {
            *out = text;
            *length = used;
            return BC_OK;
        }
        char *larger = capacity > SIZE_MAX / 2 ? NULL : realloc(text, capacity * 2);
        if (larger == NULL) {
            status = sentence(error, BC_ERR_MEMORY, "there is not enough memory to read %s", name);
            break;
        }
        text = larger;
        capacity *= 2;
    }
    free(text);
    return status;
}

bc_status text_file_read(char **out, size_t *length, const char *path, uint64_t most,
                         bc_error *error)
{
    *out = NULL;
    *length = 0;
    if (strcmp(path, "-") == 0) {
        return read_all(out, length, stdin, "standard input", most, error);
    }
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return sentence(error, BC_ERR_NOT_FOUND, "cannot open it: %s", strerror(errno));
    }
    bc_status status = read_all(out, length, file, path, most, error);
    (void)fclose(file);
    return status;
}
