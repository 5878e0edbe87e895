#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "src/store/schema.h"
#include "test/support/random.h"

static int compare(const bc__key *left, const bc__key *right)
{
    size_t common = left->length < right->length ? left->length : right->length;
    int order = memcmp(left->bytes, right->bytes, common);
    return order != 0 ? order : (left->length > right->length) - (left->length < right->length);
}

static void keys_sort_as_their_numbers(void **state)
{
    (void)state;
    static const uint64_t numbers[] = {
        0, 1, 255, 256, 65535, 65536, UINT32_MAX, 1ull << 32, UINT64_MAX - 1, UINT64_MAX};
    uint8_t high[BC_ID_BYTES];
    uint8_t low[BC_ID_BYTES] = {0};
    memset(high, 0xff, sizeof high);
    for (size_t at = 0; at < sizeof numbers / sizeof numbers[0]; at++) {
        bc__key key = bc__key_of_number(BC__KEY_WAITING, numbers[at]);
        uint64_t back;
        assert_true(bc__key_number(&back, key.bytes, key.length));
        assert_true(back == numbers[at]);
        assert_false(bc__key_number(&back, key.bytes, key.length - 1));
        assert_false(bc__key_number(&back, key.bytes, key.length + 1));
        if (at > 0) {
            bc__key before = bc__key_of_number(BC__KEY_WAITING, numbers[at - 1]);
            assert_true(compare(&before, &key) < 0);
            before = bc__key_of_header(numbers[at - 1], high);
            key = bc__key_of_header(numbers[at], low);
            assert_true(compare(&before, &key) < 0);
        }
    }
}

static void keys_have_the_shape_of_the_format(void **state)
{
    (void)state;
    uint8_t id[BC_ID_BYTES];
    memset(id, 7, sizeof id);
    bc__key key = bc__key_of_header(0x0102030405060708, id);
    static const uint8_t head[] = {'h', 1, 2, 3, 4, 5, 6, 7, 8, 7};
    assert_int_equal(key.length, 1 + 8 + BC_ID_BYTES);
    assert_memory_equal(key.bytes, head, sizeof head);
    key = bc__key_of_id(BC__KEY_BODY, id);
    assert_int_equal(key.length, 1 + BC_ID_BYTES);
    assert_int_equal(key.bytes[0], 'b');
    key = bc__key_of_name(BC__KEY_VALUE, "0123456789012345678901234567890");
    assert_int_equal(key.length, 1 + BC_NAME_BYTES_MAX);
    assert_true(key.length <= BC_KEY_BYTES_MAX);
    key = bc__key_of(BC__KEY_TIP);
    assert_int_equal(key.length, 1);
}

static void headers_come_back_and_strange_ones_do_not(void **state)
{
    (void)state;
    test_random random = test_random_begin();
    for (size_t round = 0; round < 200; round++) {
        bc__header_record in = {.height = test_random_next(&random) >> (round % 64),
                                .sequence = test_random_next(&random),
                                .time = (int64_t)test_random_next(&random),
                                .has_time = round % 2 == 0,
                                .has_parent = round % 3 == 0};
        bc__header_record out;
        uint8_t bytes[BC__HEADER_RECORD_BYTES_MAX] = {0};
        test_random_fill(&random, in.id, sizeof in.id);
        test_random_fill(&random, in.parent, sizeof in.parent);
        test_random_fill(&random, in.work, sizeof in.work);
        bc__key key = bc__key_of_header(in.height, in.id);
        bc__header_record_write(bytes, &in);
        assert_true(
            bc__header_record_read(&out, key.bytes, key.length, bytes, BC__HEADER_RECORD_BYTES));
        assert_true(out.height == in.height && out.sequence == in.sequence && out.time == in.time);
        assert_true(out.has_time == in.has_time && out.has_parent == in.has_parent);
        assert_memory_equal(out.id, in.id, sizeof in.id);
        assert_memory_equal(out.parent, in.parent, sizeof in.parent);
        assert_memory_equal(out.work, in.work, sizeof in.work);
        for (int wrong = -1; wrong <= 1; wrong += 2) {
            assert_false(bc__header_record_read(&out, key.bytes, key.length + (size_t)wrong, bytes,
                                                BC__HEADER_RECORD_BYTES));
            assert_false(bc__header_record_read(&out, key.bytes, key.length, bytes,
                                                BC__HEADER_RECORD_BYTES + (size_t)wrong));
        }
        bytes[8] = 4; /* a flag that this version does not know */
        assert_false(
            bc__header_record_read(&out, key.bytes, key.length, bytes, BC__HEADER_RECORD_BYTES));
    }
}

static void small_records_come_back(void **state)
{
    (void)state;
    uint8_t id[BC_ID_BYTES];
    uint8_t back[BC_ID_BYTES];
    uint8_t bytes[64];
    uint64_t height;
    uint32_t version;
    bc__range range;
    memset(id, 9, sizeof id);
    bc__tip_record_write(bytes, UINT64_MAX - 5, id);
    assert_true(bc__tip_record_read(&height, back, bytes, BC__TIP_RECORD_BYTES));
    assert_true(height == UINT64_MAX - 5);
    assert_memory_equal(back, id, sizeof id);
    assert_false(bc__tip_record_read(&height, back, bytes, BC__TIP_RECORD_BYTES - 1));
    assert_false(bc__tip_record_read(&height, back, bytes, BC__TIP_RECORD_BYTES + 1));
    bc__meta_record_write(bytes, 77, id);
    assert_true(bc__meta_record_read(&version, back, bytes, BC__META_RECORD_BYTES));
    assert_int_equal(version, 77);
    assert_memory_equal(back, id, sizeof id);
    assert_false(bc__meta_record_read(&version, back, bytes, BC__META_RECORD_BYTES - 1));
    bc__range_record_write(bytes, &(bc__range){UINT64_MAX - 1, 5});
    assert_true(bc__range_record_read(&range, bytes, BC__RANGE_RECORD_BYTES));
    assert_false(bc__range_record_read(&range, bytes, BC__RANGE_RECORD_BYTES - 1));
    assert_true(range.first == UINT64_MAX - 1 && range.count == 5);
}

static void a_range_holds_its_numbers_alone(void **state)
{
    (void)state;
    const bc__range range = {10, 3};
    const bc__range none = {10, 0};
    const bc__range last = {UINT64_MAX, 1};
    assert_false(bc__range_holds(&range, 9));
    assert_true(bc__range_holds(&range, 10));
    assert_true(bc__range_holds(&range, 12));
    assert_false(bc__range_holds(&range, 13));
    assert_false(bc__range_holds(&none, 10));
    assert_true(bc__range_holds(&last, UINT64_MAX));
    assert_false(bc__range_holds(&last, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_sort_as_their_numbers),
        cmocka_unit_test(keys_have_the_shape_of_the_format),
        cmocka_unit_test(headers_come_back_and_strange_ones_do_not),
        cmocka_unit_test(small_records_come_back),
        cmocka_unit_test(a_range_holds_its_numbers_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
