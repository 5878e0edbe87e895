#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lib/hash_index.h"
#include "test/support/counting_heap.h"
#include "test/support/random.h"

enum { ENTRIES = 3000 };

/* How often the index offers the value for the hash. */
static size_t count_of(const bc__hash_index *index, uint64_t hash, uint32_t value)
{
    bc__hash_index_cursor cursor;
    size_t count = 0;
    for (uint32_t found = bc__hash_index_first(index, hash, &cursor); found != BC__HASH_INDEX_NONE;
         found = bc__hash_index_next(index, &cursor)) {
        count += found == value;
    }
    return count;
}

static void is_empty_at_first(void **state)
{
    (void)state;
    counting_heap counter = {.left = 0};
    bc__heap heap = counting_heap_internal(&counter);
    bc__hash_index index;
    bc__hash_index_cursor cursor;
    bc__hash_index_init(&index, &heap);
    assert_int_equal(bc__hash_index_first(&index, 7, &cursor), BC__HASH_INDEX_NONE);
    assert_false(bc__hash_index_remove(&index, 7, 1));
    assert_int_equal(bc__hash_index_insert(&index, 7, 1), BC__ERR_MEMORY);
    assert_int_equal(index.count, 0);
    bc__hash_index_free(&index);
}

/* Random insertions and removals, checked whole from time to time. There are ENTRIES hashes. */
static void work_through(const uint64_t *hashes, test_random *random)
{
    static uint8_t present[ENTRIES];
    counting_heap counter = COUNTING_HEAP_ENDLESS;
    bc__heap heap = counting_heap_internal(&counter);
    bc__hash_index index;
    size_t expected = 0;
    bc__hash_index_init(&index, &heap);
    memset(present, 0, sizeof present);
    size_t steps = test_random_repeats(30000);
    for (size_t step = 1; step <= steps; step++) {
        uint32_t i = (uint32_t)test_random_below(random, ENTRIES);
        if (present[i]) {
            assert_true(bc__hash_index_remove(&index, hashes[i], i));
            expected--;
        } else {
            assert_false(bc__hash_index_remove(&index, hashes[i], i));
            assert_int_equal(bc__hash_index_insert(&index, hashes[i], i), BC__OK);
            expected++;
        }
        present[i] = !present[i];
        assert_int_equal(index.count, expected);
        if (step % 5000 == 0) {
            for (uint32_t j = 0; j < ENTRIES; j++) {
                assert_int_equal(count_of(&index, hashes[j], j), present[j]);
            }
        }
    }
    bc__hash_index_free(&index);
    assert_int_equal(counter.held, 0);
}

static void agrees_with_a_table(void **state)
{
    (void)state;
    static uint64_t hashes[ENTRIES];
    test_random random = test_random_begin();
    for (size_t i = 0; i < ENTRIES; i++) {
        hashes[i] = test_random_next(&random);
    }
    work_through(hashes, &random);
}

/* Long rows of neighbours, around the end of the table too, in which removals must leave no gap. */
static void agrees_where_hashes_crowd(void **state)
{
    (void)state;
    static uint64_t hashes[ENTRIES];
    test_random random = test_random_begin();
    for (size_t i = 0; i < ENTRIES; i++) {
        uint64_t near = test_random_below(&random, 64) << 24;
        hashes[i] = i % 3 == 0   ? near << 32
                    : i % 3 == 1 ? ~(near << 32)
                                 : test_random_next(&random);
    }
    work_through(hashes, &random);
}

static void keeps_entries_of_equal_hash_apart(void **state)
{
    (void)state;
    const uint64_t hash = UINT64_C(0xffffffff00000000);
    counting_heap counter = COUNTING_HEAP_ENDLESS;
    bc__heap heap = counting_heap_internal(&counter);
    bc__hash_index index;
    bc__hash_index_init(&index, &heap);
    for (uint32_t value = 0; value < 40; value++) {
        assert_int_equal(bc__hash_index_insert(&index, hash, value), BC__OK);
    }
    assert_int_equal(bc__hash_index_insert(&index, hash, 5), BC__OK);
    assert_int_equal(count_of(&index, hash, 5), 2);
    assert_true(bc__hash_index_remove(&index, hash, 5));
    assert_int_equal(count_of(&index, hash, 5), 1);
    for (uint32_t value = 0; value < 40; value += 2) {
        assert_true(bc__hash_index_remove(&index, hash, value));
        assert_false(bc__hash_index_remove(&index, hash, value));
    }
    for (uint32_t value = 0; value < 40; value++) {
        assert_int_equal(count_of(&index, hash, value), value % 2);
    }
    assert_int_equal(index.count, 20);
    bc__hash_index_free(&index);
    assert_int_equal(counter.held, 0);
}

static void takes_at_most_16_bytes_an_entry(void **state)
{
    (void)state;
    counting_heap counter = COUNTING_HEAP_ENDLESS;
    bc__heap heap = counting_heap_internal(&counter);
    test_random random = test_random_begin();
    bc__hash_index index;
    bc__hash_index_init(&index, &heap);
    for (uint32_t i = 1; i <= 20000; i++) {
        assert_int_equal(bc__hash_index_insert(&index, test_random_next(&random), i), BC__OK);
        size_t bytes = index.capacity * sizeof(bc__hash_index_slot);
        assert_true(i < 8 || bytes <= 16 * (size_t)i);
        assert_true(4 * (size_t)i <= 3 * index.capacity);
    }
    bc__hash_index_free(&index);
}

static void reserves_room(void **state)
{
    (void)state;
    counting_heap counter = {.left = 1};
    bc__heap heap = counting_heap_internal(&counter);
    test_random random = test_random_begin();
    uint64_t hashes[1000];
    bc__hash_index index;
    bc__hash_index_init(&index, &heap);
    assert_int_equal(bc__hash_index_reserve(&index, 1000), BC__OK);
    for (uint32_t i = 0; i < 1000; i++) {
        hashes[i] = test_random_next(&random);
        assert_int_equal(bc__hash_index_insert(&index, hashes[i], i), BC__OK);
    }
    assert_int_equal(bc__hash_index_reserve(&index, 100000), BC__ERR_MEMORY);
    counter.left = SIZE_MAX;
    assert_int_equal(bc__hash_index_reserve(&index, SIZE_MAX), BC__ERR_MEMORY);
    assert_int_equal(bc__hash_index_reserve(&index, (size_t)UINT32_MAX), BC__ERR_MEMORY);
    assert_int_equal(index.count, 1000);
    for (uint32_t i = 0; i < 1000; i++) {
        assert_int_equal(count_of(&index, hashes[i], i), 1);
    }
    bc__hash_index_free(&index);
    assert_int_equal(counter.held, 0);
}

static void can_be_emptied_and_keeps_its_room(void **state)
{
    (void)state;
    counting_heap counter = COUNTING_HEAP_ENDLESS;
    bc__heap heap = counting_heap_internal(&counter);
    test_random random = test_random_begin();
    uint64_t hashes[100];
    bc__hash_index index;
    bc__hash_index_init(&index, &heap);
    bc__hash_index_clear(&index); /* without any room yet */
    for (unsigned round = 0; round < 2; round++) {
        for (uint32_t i = 0; i < 100; i++) {
            hashes[i] = test_random_next(&random);
            assert_int_equal(bc__hash_index_insert(&index, hashes[i], i), BC__OK);
        }
        bc__hash_index_clear(&index);
        assert_int_equal(index.count, 0);
        for (uint32_t i = 0; i < 100; i++) {
            assert_int_equal(count_of(&index, hashes[i], i), 0);
        }
        counter.left = 0; /* the second round finds the room of the first */
    }
    bc__hash_index_free(&index);
    assert_int_equal(counter.held, 0);
}

static void survives_a_failed_growth(void **state)
{
    (void)state;
    counting_heap counter = {.left = 1};
    bc__heap heap = counting_heap_internal(&counter);
    test_random random = test_random_begin();
    uint64_t hashes[64];
    bc__hash_index index;
    uint32_t inserted = 0;
    bc__hash_index_init(&index, &heap);
    for (; inserted < 64; inserted++) {
        hashes[inserted] = test_random_next(&random);
        if (bc__hash_index_insert(&index, hashes[inserted], inserted) != BC__OK) {
            break;
        }
    }
    assert_true(inserted > 0 && inserted < 64);
    assert_int_equal(index.count, inserted);
    for (uint32_t i = 0; i <= inserted; i++) {
        assert_int_equal(count_of(&index, hashes[i], i), i < inserted);
    }
    bc__hash_index_free(&index);
    assert_int_equal(counter.held, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_empty_at_first),
        cmocka_unit_test(agrees_with_a_table),
        cmocka_unit_test(agrees_where_hashes_crowd),
        cmocka_unit_test(keeps_entries_of_equal_hash_apart),
        cmocka_unit_test(takes_at_most_16_bytes_an_entry),
        cmocka_unit_test(reserves_room),
        cmocka_unit_test(can_be_emptied_and_keeps_its_room),
        cmocka_unit_test(survives_a_failed_growth),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
