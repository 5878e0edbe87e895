/* A folder of its own for each test, made and removed by cmocka's setup and teardown. */
#ifndef BC_TEST_SUPPORT_TEST_FOLDER_H
#define BC_TEST_SUPPORT_TEST_FOLDER_H

#include <stddef.h>

typedef struct test_folder {
    char path[256];
} test_folder;

int test_folder_make(void **state);
int test_folder_remove(void **state);

/* The path of a file in it, to be freed. */
char *test_folder_file(const test_folder *folder, const char *name);

/* Names, sizes, times of change to the nanosecond and hashes of contents of all that is in it, as
 * text to be freed: equal texts, nothing was touched. Opens and closes the files, which drops POSIX
 * locks that this process holds on them. */
char *test_folder_print(const test_folder *folder);

/* Removes all that is in it. */
void test_folder_clear(const test_folder *folder);

#endif
