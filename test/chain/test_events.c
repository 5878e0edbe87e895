#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "src/chain/events.h"

static void changes_come_out_in_order(void **state)
{
    (void)state;
    bc__events events = {0};
    bc__change change;
    uint32_t in = 0;
    uint32_t out = 0;
    assert_false(bc__events_pop(&events, &change));
    for (unsigned round = 0; round < 3000; round++) { /* round and round the ring */
        unsigned more = round % 7;
        for (unsigned at = 0; at < more && events.count < BC__EVENTS_MOST; at++, in++) {
            bc__events_push(&events, &(bc__change){in, in + 1, 1, 2});
        }
        for (unsigned at = 0; at < 4 && bc__events_pop(&events, &change); at++, out++) {
            assert_int_equal(change.old_tip, out);
            assert_int_equal(change.new_tip, out + 1);
        }
    }
    assert_true(out > BC__EVENTS_MOST);
}

static void a_full_queue_joins_the_last(void **state)
{
    (void)state;
    bc__events events = {0};
    bc__change change;
    for (uint32_t at = 0; at < BC__EVENTS_MOST + 10; at++) {
        bc__events_push(&events, &(bc__change){at, at + 1, 1, 2});
    }
    assert_int_equal(events.count, BC__EVENTS_MOST);
    for (uint32_t at = 0; at < BC__EVENTS_MOST; at++) {
        bool last = at == BC__EVENTS_MOST - 1;
        assert_true(bc__events_pop(&events, &change));
        assert_int_equal(change.old_tip, at);
        assert_int_equal(change.new_tip, last ? BC__EVENTS_MOST + 10 : at + 1);
        assert_int_equal(change.returned, last ? 11 : 1);
        assert_int_equal(change.dropped, last ? 22 : 2);
    }
    assert_false(bc__events_pop(&events, &change));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(changes_come_out_in_order),
        cmocka_unit_test(a_full_queue_joins_the_last),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
