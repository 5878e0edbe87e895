#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "src/base/versioned.h"

/* A struct as the library knows it, as an older program did, and as a newer one will. */
typedef struct known {
    uint32_t struct_size;
    uint32_t flags;
    uint64_t first;
    uint64_t second;
} known;

typedef struct older {
    uint32_t struct_size;
    uint32_t flags;
    uint64_t first;
} older;

typedef struct newer {
    uint32_t struct_size;
    uint32_t flags;
    uint64_t first;
    uint64_t second;
    uint64_t third;
} newer;

static known defaults(void)
{
    return (known){sizeof(known), 10, 11, 12};
}

static void reads_a_struct_of_its_own_size(void **state)
{
    (void)state;
    known result = defaults();
    const known given = {sizeof given, 1, 2, 3};
    assert_int_equal(bc__versioned_read(&result, sizeof result, &given, "known", NULL), BC_OK);
    assert_int_equal(result.struct_size, sizeof(known));
    assert_int_equal(result.flags, 1);
    assert_int_equal(result.first, 2);
    assert_int_equal(result.second, 3);
}

static void reads_a_shorter_struct_with_defaults(void **state)
{
    (void)state;
    known result = defaults();
    const older given = {sizeof given, 1, 2};
    assert_int_equal(bc__versioned_read(&result, sizeof result, &given, "known", NULL), BC_OK);
    assert_int_equal(result.struct_size, sizeof(known));
    assert_int_equal(result.flags, 1);
    assert_int_equal(result.first, 2);
    assert_int_equal(result.second, 12);
}

static void reads_a_longer_struct_whose_tail_is_zero(void **state)
{
    (void)state;
    known result = defaults();
    const newer given = {sizeof given, 1, 2, 3, 0};
    assert_int_equal(bc__versioned_read(&result, sizeof result, &given, "known", NULL), BC_OK);
    assert_int_equal(result.struct_size, sizeof(known));
    assert_int_equal(result.second, 3);
}

static void refuses_an_unknown_member(void **state)
{
    (void)state;
    for (size_t byte = 0; byte < 8; byte++) {
        known result = defaults();
        newer given = {sizeof given, 1, 2, 3, 0};
        bc_error error = {0};
        memset((uint8_t *)&given.third + byte, 1, 1);
        assert_int_equal(bc__versioned_read(&result, sizeof result, &given, "known", &error),
                         BC_ERR_UNSUPPORTED);
        assert_int_equal(error.code, BC_ERR_UNSUPPORTED);
        assert_non_null(strstr(error.message, "known"));
        assert_int_equal(result.first, 2); /* what is known is copied, for what must be closed */
    }
}

static void refuses_a_size_that_is_none(void **state)
{
    (void)state;
    static const uint32_t sizes[] = {0, 1, 7, 65537, UINT32_MAX};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        known result = defaults();
        known given = {sizes[i], 1, 2, 3};
        bc_error error = {0};
        assert_int_equal(bc__versioned_read(&result, sizeof result, &given, "known", &error),
                         BC_ERR_ARGUMENT);
        assert_int_equal(error.code, BC_ERR_ARGUMENT);
        assert_int_equal(result.flags, 10);
        assert_int_equal(bc__versioned_write(&given, &result, sizeof result, "known", &error),
                         BC_ERR_ARGUMENT);
        assert_int_equal(given.flags, 1);
    }
}

static void takes_the_smallest_size(void **state)
{
    (void)state;
    known result = defaults();
    const uint32_t given[2] = {8, 77};
    assert_int_equal(bc__versioned_read(&result, sizeof result, given, "known", NULL), BC_OK);
    assert_int_equal(result.flags, 77);
    assert_int_equal(result.first, 11);
}

static void writes_as_much_as_there_is_room(void **state)
{
    (void)state;
    const known result = {sizeof result, 1, 2, 3};
    struct {
        older given;
        uint64_t behind;
    } small = {{sizeof(older), 0, 0}, 99};
    assert_int_equal(bc__versioned_write(&small.given, &result, sizeof result, "known", NULL),
                     BC_OK);
    assert_int_equal(small.given.struct_size, sizeof(older));
    assert_int_equal(small.given.flags, 1);
    assert_int_equal(small.given.first, 2);
    assert_int_equal(small.behind, 99);

    struct {
        newer given;
        uint64_t behind;
    } large = {{sizeof(newer), 9, 9, 9, 9}, 99};
    assert_int_equal(bc__versioned_write(&large.given, &result, sizeof result, "known", NULL),
                     BC_OK);
    assert_int_equal(large.given.struct_size, sizeof(newer));
    assert_int_equal(large.given.flags, 1);
    assert_int_equal(large.given.second, 3);
    assert_int_equal(large.given.third, 0);
    assert_int_equal(large.behind, 99);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_a_struct_of_its_own_size),
        cmocka_unit_test(reads_a_shorter_struct_with_defaults),
        cmocka_unit_test(reads_a_longer_struct_whose_tail_is_zero),
        cmocka_unit_test(refuses_an_unknown_member),
        cmocka_unit_test(refuses_a_size_that_is_none),
        cmocka_unit_test(takes_the_smallest_size),
        cmocka_unit_test(writes_as_much_as_there_is_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
