#include "test/support/vector_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/hex.h"

void vector_file_open(vector_file *vectors, const char *path)
{
    vectors->file = fopen(path, "r");
    if (vectors->file == NULL) {
        fail_msg("%s is not there: tests run in the project's folder", path);
    }
}

size_t vector_file_next(vector_file *vectors)
{
    size_t count = 0;
    do {
        if (fgets(vectors->line, sizeof vectors->line, vectors->file) == NULL) {
            assert_int_equal(fclose(vectors->file), 0);
            return 0;
        }
    } while (vectors->line[0] == '#');
    assert_non_null(strchr(vectors->line, '\n'));
    char *rest = NULL;
    for (char *field = strtok_r(vectors->line, " \n", &rest); field != NULL;
         field = strtok_r(NULL, " \n", &rest)) {
        assert_in_range(count, 0, VECTOR_FIELDS - 1);
        vectors->fields[count++] = field;
    }
    return count;
}

uint8_t *vector_bytes(const char *field, size_t *length)
{
    *length = strlen(field) / 2;
    uint8_t *bytes = malloc(*length + (*length == 0));
    assert_non_null(bytes);
    assert_true(strlen(field) % 2 == 0 && bc__hex_decode(bytes, field, *length));
    return bytes;
}
