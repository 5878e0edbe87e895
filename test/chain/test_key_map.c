#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "src/chain/key_map.h"
#include "test/support/counting_heap.h"
#include "test/support/random.h"

enum { ITEMS = 300 };

typedef struct thing {
    uint8_t key[BC__MAP_KEY_BYTES];
    bool there;
} thing;

static const uint8_t *key_of(const void *item)
{
    return ((const thing *)item)->key;
}

static void number(thing *things)
{
    memset(things, 0, ITEMS * sizeof *things);
    for (uint16_t at = 0; at < ITEMS; at++) {
        memcpy(things[at].key, &at, sizeof at);
    }
}

static void compare(const bc__key_map *map, const thing *things)
{
    size_t count = 0;
    size_t listed = 0;
    for (size_t at = 0; at < ITEMS; at++) {
        const void *expected = things[at].there ? &things[at] : NULL;
        assert_ptr_equal(bc__key_map_find(map, things[at].key), expected);
        count += things[at].there ? 1 : 0;
    }
    for (uint32_t slot = 0; slot < map->capacity; slot++) {
        const thing *item = bc__key_map_slot_item(map, slot);
        assert_true(item == NULL || item->there);
        listed += item == NULL ? 0 : 1;
    }
    assert_int_equal(listed, count);
}

static void what_is_added_is_found_until_it_is_removed(void **state)
{
    (void)state;
    counting_heap counter = COUNTING_HEAP_ENDLESS;
    bc__heap heap = counting_heap_internal(&counter);
    test_random random = test_random_begin();
    thing things[ITEMS];
    bc__key_map map;
    size_t count = 0;
    number(things);
    bc__key_map_init(&map, &heap, key_of);
    assert_null(bc__key_map_find(&map, things[0].key));
    for (size_t step = test_random_repeats(3000); step > 0; step--) {
        thing *item = &things[test_random_below(&random, ITEMS)];
        if (item->there) {
            bc__key_map_remove(&map, item);
            count--;
        } else {
            assert_int_equal(bc__key_map_reserve(&map, ++count), BC__OK);
            bc__key_map_add(&map, item);
        }
        item->there = !item->there;
        if (step % 50 == 0) {
            compare(&map, things);
        }
    }
    bc__key_map_free(&map);
    assert_int_equal(counter.held, 0);
}

static void room_is_made_or_nothing_changes(void **state)
{
    (void)state;
    for (size_t left = 0; left < 8; left++) {
        counting_heap counter = {.left = left};
        bc__heap heap = counting_heap_internal(&counter);
        thing things[ITEMS];
        bc__key_map map;
        size_t count = 0;
        number(things);
        bc__key_map_init(&map, &heap, key_of);
        assert_int_equal(bc__key_map_reserve(&map, (size_t)UINT32_MAX), BC__ERR_MEMORY);
        while (count < ITEMS && bc__key_map_reserve(&map, count + 1) == BC__OK) {
            size_t before = counter.left;
            bc__key_map_add(&map, &things[count]);
            assert_int_equal(counter.left, before);
            things[count++].there = true;
        }
        assert_true(left >= 2 || count == 0);
        assert_true(left < 2 || count > 0);
        compare(&map, things);
        bc__key_map_free(&map);
        assert_int_equal(counter.held, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_added_is_found_until_it_is_removed),
        cmocka_unit_test(room_is_made_or_nothing_changes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
