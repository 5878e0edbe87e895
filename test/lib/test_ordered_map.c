#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/ordered_map.h"
#include "test/support/counting_heap.h"
#include "test/support/random.h"

/* The same map in the plainest way: a sorted array of keys and values. */
enum { MODEL_MAX = 600, VALUE_MAX = 40 };

typedef struct model_entry {
    uint8_t key[BC__ORDERED_MAP_KEY_BYTES_MAX];
    size_t key_length;
    uint8_t value[VALUE_MAX];
    size_t value_length;
} model_entry;

typedef struct sorted_array {
    model_entry entries[MODEL_MAX];
    size_t count;
} sorted_array;

static int order_of(const model_entry *a, const uint8_t *key, size_t length)
{
    for (size_t i = 0; i < a->key_length && i < length; i++) {
        if (a->key[i] != key[i]) {
            return a->key[i] < key[i] ? -1 : 1;
        }
    }
    return a->key_length < length ? -1 : a->key_length > length;
}

/* The position of the first key that is not less. */
static size_t model_position(const sorted_array *model, const uint8_t *key, size_t length)
{
    size_t at = 0;
    while (at < model->count && order_of(&model->entries[at], key, length) < 0) {
        at++;
    }
    return at;
}

static int model_has(const sorted_array *model, const uint8_t *key, size_t length)
{
    size_t at = model_position(model, key, length);
    return at < model->count && order_of(&model->entries[at], key, length) == 0;
}

static void model_put(sorted_array *model, const model_entry *entry)
{
    size_t at = model_position(model, entry->key, entry->key_length);
    if (!model_has(model, entry->key, entry->key_length)) {
        assert_true(model->count < MODEL_MAX);
        memmove(&model->entries[at + 1], &model->entries[at],
                (model->count - at) * sizeof model->entries[0]);
        model->count++;
    }
    model->entries[at] = *entry;
}

static void model_remove(sorted_array *model, const uint8_t *key, size_t length)
{
    if (model_has(model, key, length)) {
        size_t at = model_position(model, key, length);
        model->count--;
        memmove(&model->entries[at], &model->entries[at + 1],
                (model->count - at) * sizeof model->entries[0]);
    }
}

/* Keys of few different bytes, so that they meet again and begin one another. */
static void make_entry(test_random *random, model_entry *entry)
{
    static const uint8_t alphabet[] = {0x00, 0x01, 0x7f, 0x80, 0xff};
    size_t kind = test_random_below(random, 10);
    entry->key_length = kind == 0 ? BC__ORDERED_MAP_KEY_BYTES_MAX : 1 + kind % 5;
    memset(entry->key, 0xee, sizeof entry->key);
    for (size_t i = 0; i < 4 && i < entry->key_length; i++) {
        entry->key[i] = alphabet[test_random_below(random, sizeof alphabet)];
    }
    entry->value_length = test_random_below(random, VALUE_MAX + 1);
    test_random_fill(random, entry->value, entry->value_length);
}

static void assert_entry(const bc__ordered_map_entry *found, const model_entry *expected)
{
    assert_int_equal(found->key_length, expected->key_length);
    assert_memory_equal(found->key, expected->key, expected->key_length);
    assert_int_equal(found->value_length, expected->value_length);
    assert_memory_equal(found->value, expected->value, expected->value_length);
}

static void assert_same(const bc__ordered_map *map, const sorted_array *model)
{
    bc__ordered_map_entry entry;
    size_t at = 0;
    assert_int_equal(map->count, model->count);
    for (int found = bc__ordered_map_seek(map, &entry, NULL, 0, false); found;
         found = bc__ordered_map_next(map, &entry)) {
        assert_true(at < model->count);
        assert_entry(&entry, &model->entries[at]);
        at++;
    }
    assert_int_equal(at, model->count);
}

static void assert_lookups(const bc__ordered_map *map, const sorted_array *model,
                           const model_entry *wanted)
{
    bc__ordered_map_entry entry = {.value_length = 4711};
    size_t at = model_position(model, wanted->key, wanted->key_length);
    size_t has = (size_t)model_has(model, wanted->key, wanted->key_length);
    assert_int_equal(bc__ordered_map_get(map, &entry, wanted->key, wanted->key_length), has);
    if (has) {
        assert_entry(&entry, &model->entries[at]);
    } else {
        assert_int_equal(entry.value_length, 4711);
    }
    for (size_t or_equal = 0; or_equal < 2; or_equal++) {
        size_t expected = or_equal ? at : at + has;
        int found =
            bc__ordered_map_seek(map, &entry, wanted->key, wanted->key_length, or_equal != 0);
        assert_int_equal(found, expected < model->count);
        if (found) {
            assert_entry(&entry, &model->entries[expected]);
        }
    }
}

static void agrees_with_a_sorted_array(void **state)
{
    (void)state;
    static sorted_array model;
    counting_heap counter = COUNTING_HEAP_ENDLESS;
    bc__heap heap = counting_heap_internal(&counter);
    test_random random = test_random_begin();
    bc__ordered_map map;
    model.count = 0;
    bc__ordered_map_init(&map, &heap);
    size_t steps = test_random_repeats(20000);
    for (size_t step = 0; step < steps; step++) {
        model_entry entry;
        make_entry(&random, &entry);
        assert_lookups(&map, &model, &entry);
        if (model.count < MODEL_MAX && test_random_below(&random, 100) < 60) {
            model_put(&model, &entry);
            assert_int_equal(bc__ordered_map_put(&map, entry.key, entry.key_length, entry.value,
                                                 entry.value_length),
                             BC__OK);
        } else {
            int had = model_has(&model, entry.key, entry.key_length);
            model_remove(&model, entry.key, entry.key_length);
            assert_int_equal(bc__ordered_map_remove(&map, entry.key, entry.key_length), had);
        }
        assert_int_equal(counter.held, model.count);
        if (step % 500 == 0) {
            assert_same(&map, &model);
        }
    }
    bc__ordered_map_free(&map);
    assert_int_equal(counter.held, 0);
    assert_int_equal(map.count, 0);
}

static void seeks_with_keys_that_no_entry_may_have(void **state)
{
    (void)state;
    counting_heap counter = COUNTING_HEAP_ENDLESS;
    bc__heap heap = counting_heap_internal(&counter);
    uint8_t largest[BC__ORDERED_MAP_KEY_BYTES_MAX + 1];
    const uint8_t zero = 0;
    bc__ordered_map map;
    bc__ordered_map_entry entry;
    memset(largest, 0xff, sizeof largest);
    bc__ordered_map_init(&map, &heap);
    assert_false(bc__ordered_map_seek(&map, &entry, NULL, 0, true));
    assert_int_equal(bc__ordered_map_put(&map, &zero, 1, NULL, 0), BC__OK);
    assert_int_equal(bc__ordered_map_put(&map, largest, BC__ORDERED_MAP_KEY_BYTES_MAX, largest, 1),
                     BC__OK);
    assert_true(bc__ordered_map_seek(&map, &entry, NULL, 0, false));
    assert_int_equal(entry.key_length, 1);
    assert_int_equal(entry.value_length, 0);
    assert_true(bc__ordered_map_next(&map, &entry));
    assert_int_equal(entry.key_length, BC__ORDERED_MAP_KEY_BYTES_MAX);
    assert_false(bc__ordered_map_next(&map, &entry));
    assert_false(bc__ordered_map_seek(&map, &entry, largest, sizeof largest, true));
    assert_false(bc__ordered_map_get(&map, &entry, largest, sizeof largest));
    assert_false(bc__ordered_map_get(&map, &entry, NULL, 0));
    bc__ordered_map_free(&map);
}

/* Keys that come in order make a list of a tree that is not kept in balance, and this test slow by
 * a factor of thousands. */
static void takes_keys_in_order(void **state)
{
    (void)state;
    enum { COUNT = 100000 };
    counting_heap counter = COUNTING_HEAP_ENDLESS;
    bc__heap heap = counting_heap_internal(&counter);
    bc__ordered_map map;
    bc__ordered_map_entry entry;
    bc__ordered_map_init(&map, &heap);
    for (uint32_t i = 0; i < COUNT; i++) {
        const uint8_t key[3] = {(uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i};
        assert_int_equal(bc__ordered_map_put(&map, key, sizeof key, key, sizeof key), BC__OK);
    }
    uint32_t expected = 0;
    for (int found = bc__ordered_map_seek(&map, &entry, NULL, 0, true); found;
         found = bc__ordered_map_next(&map, &entry)) {
        uint32_t key =
            (uint32_t)entry.key[0] << 16 | (uint32_t)entry.key[1] << 8 | (uint32_t)entry.key[2];
        assert_int_equal(key, expected);
        assert_memory_equal(entry.value, entry.key, 3);
        expected++;
    }
    assert_int_equal(expected, COUNT);
    bc__ordered_map_free(&map);
    assert_int_equal(counter.held, 0);
}

static void put_fails_without_memory(void **state)
{
    (void)state;
    counting_heap counter = {.left = 1};
    bc__heap heap = counting_heap_internal(&counter);
    const uint8_t key = 'k';
    bc__ordered_map map;
    bc__ordered_map_entry entry;
    bc__ordered_map_init(&map, &heap);
    assert_int_equal(bc__ordered_map_put(&map, &key, 1, (const uint8_t *)"old", 3), BC__OK);
    assert_int_equal(bc__ordered_map_put(&map, &key, 1, (const uint8_t *)"new", 3), BC__ERR_MEMORY);
    assert_int_equal(bc__ordered_map_put(&map, &key, 1, &key, SIZE_MAX), BC__ERR_MEMORY);
    assert_true(bc__ordered_map_get(&map, &entry, &key, 1));
    assert_memory_equal(entry.value, "old", 3);
    assert_int_equal(map.count, 1);
    assert_true(bc__ordered_map_remove(&map, &key, 1));
    assert_int_equal(counter.held, 0);
    bc__ordered_map_free(&map);
}

/* Random batches; every third finds no memory for one of its changes, and then none is made. */
static void batches_are_made_whole_or_not_at_all(void **state)
{
    (void)state;
    static sorted_array model;
    static model_entry changes[30];
    counting_heap counter = COUNTING_HEAP_ENDLESS;
    bc__heap heap = counting_heap_internal(&counter);
    test_random random = test_random_begin();
    bc__ordered_map map;
    model.count = 0;
    bc__ordered_map_init(&map, &heap);
    for (size_t round = test_random_repeats(600); round > 0; round--) {
        bc__ordered_map_batch batch;
        size_t count = test_random_below(&random, 30);
        int32_t result = BC__OK;
        bc__ordered_map_batch_init(&batch, &map);
        counter.left = round % 3 == 0 && count > 0 ? test_random_below(&random, count) : SIZE_MAX;
        int is_to_fail = counter.left != SIZE_MAX;
        for (size_t i = 0; i < count && result == BC__OK; i++) {
            model_entry *change = &changes[i];
            make_entry(&random, change);
            int is_removal = model.count > MODEL_MAX - 30 || test_random_below(&random, 3) == 0;
            if (is_removal) {
                result = bc__ordered_map_batch_remove(&batch, change->key, change->key_length);
                change->value_length = SIZE_MAX;
            } else {
                result = bc__ordered_map_batch_put(&batch, change->key, change->key_length,
                                                   change->value, change->value_length);
            }
        }
        assert_same(&map, &model);
        assert_int_equal(result, is_to_fail ? BC__ERR_MEMORY : BC__OK);
        if (result == BC__OK) {
            counter.left = 0;
            bc__ordered_map_batch_apply(&batch, &map);
            for (size_t i = 0; i < count; i++) {
                if (changes[i].value_length == SIZE_MAX) {
                    model_remove(&model, changes[i].key, changes[i].key_length);
                } else {
                    model_put(&model, &changes[i]);
                }
            }
        }
        bc__ordered_map_batch_free(&batch);
        assert_same(&map, &model);
        assert_int_equal(counter.held, model.count);
    }
    assert_true(model.count > 0);
    bc__ordered_map_free(&map);
    assert_int_equal(counter.held, 0);
}

static void batch_knows_its_keys(void **state)
{
    (void)state;
    counting_heap counter = COUNTING_HEAP_ENDLESS;
    bc__heap heap = counting_heap_internal(&counter);
    const uint8_t keys[] = {'a', 'b', 'c'};
    bc__ordered_map map;
    bc__ordered_map_batch batch;
    bc__ordered_map_init(&map, &heap);
    assert_int_equal(bc__ordered_map_put(&map, &keys[2], 1, NULL, 0), BC__OK);
    bc__ordered_map_batch_init(&batch, &map);
    assert_int_equal(bc__ordered_map_batch_put(&batch, &keys[0], 1, NULL, 0), BC__OK);
    assert_int_equal(bc__ordered_map_batch_remove(&batch, &keys[1], 1), BC__OK);
    assert_true(bc__ordered_map_batch_has(&batch, &keys[0], 1));
    assert_true(bc__ordered_map_batch_has(&batch, &keys[1], 1));
    assert_false(bc__ordered_map_batch_has(&batch, &keys[2], 1));
    bc__ordered_map_batch_free(&batch);
    assert_int_equal(map.count, 1);
    bc__ordered_map_free(&map);
    assert_int_equal(counter.held, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_a_sorted_array),
        cmocka_unit_test(seeks_with_keys_that_no_entry_may_have),
        cmocka_unit_test(takes_keys_in_order),
        cmocka_unit_test(put_fails_without_memory),
        cmocka_unit_test(batches_are_made_whole_or_not_at_all),
        cmocka_unit_test(batch_knows_its_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
