/* The policy of a mempool by fee, case by case. */
#include "test/chain/fee_fixture.h"

#include "test/support/random.h"

static const bc__account rich = {.balance = UINT64_MAX, .nonce = 0};

static void nonces_follow_the_account_without_gaps(void **state)
{
    (void)state;
    bench with;
    const bc__account account = {.balance = 1000, .nonce = 5};
    setup(&with, BC_NONE, BC_NONE, BC_NONE);
    assert_int_equal(bc__fee_next_nonce(&with.mempool, key_of_sender(1), 5), 5);
    assert_int_equal(submit(&with, &(offer){1, .nonce = 4}, account), BC_REASON_NONCE);
    assert_int_equal(submit(&with, &(offer){1, .nonce = 6}, account), BC_REASON_NONCE);
    assert_int_equal(submit(&with, &(offer){1, .nonce = 5}, account), BC_REASON_NONE);
    assert_int_equal(submit(&with, &(offer){1, .nonce = 5}, account), BC_REASON_KNOWN);
    assert_int_equal(submit(&with, &(offer){1, .nonce = 7}, account), BC_REASON_NONCE);
    assert_int_equal(submit(&with, &(offer){1, .nonce = 6}, account), BC_REASON_NONE);
    assert_int_equal(bc__fee_next_nonce(&with.mempool, key_of_sender(1), 5), 7);
    assert_int_equal(bc__fee_next_nonce(&with.mempool, key_of_sender(2), 9), 9);
    assert_walk(&with, "1:5 1:6");
    teardown(&with);
}

static void the_last_nonce_of_all_is_never_used(void **state)
{
    (void)state;
    bench with;
    setup(&with, BC_NONE, BC_NONE, BC_NONE);
    const bc__account late = {.balance = 10, .nonce = UINT64_MAX - 1};
    const bc__account used_up = {.balance = 10, .nonce = UINT64_MAX};
    assert_int_equal(submit(&with, &(offer){1, .nonce = UINT64_MAX - 1}, late), BC_REASON_NONE);
    assert_int_equal(submit(&with, &(offer){1, .nonce = UINT64_MAX}, late), BC_REASON_NONCE);
    assert_int_equal(submit(&with, &(offer){2, .nonce = UINT64_MAX}, used_up), BC_REASON_NONCE);
    assert_int_equal(submit(&with, &(offer){2, .nonce = 0}, used_up), BC_REASON_NONCE);
    assert_int_equal(give_back(&with, &(offer){2, .nonce = UINT64_MAX}), BC_REASON_NONE);
    bc__fee_recheck_sender(&with.mempool, key_of_sender(2), &used_up);
    bc__mempool_remove_marked(&with.mempool);
    assert_walk(&with, "1:18446744073709551614");
    teardown(&with);
}

static void a_replacement_pays_a_tenth_more(void **state)
{
    (void)state;
    static const struct {
        uint64_t old;
        uint64_t too_little;
        uint64_t enough; /* 0: nothing is */
    } rows[] = {
        {0, 0, 1},
        {1, 1, 2},
        {9, 9, 10},
        {10, 10, 11},
        {11, 12, 13},
        {100, 109, 110},
        {101, 111, 112},
        {1000000007, 1100000007, 1100000008},
        {UINT64_C(16769767339735956013), UINT64_C(18446744073709551614),
         UINT64_C(18446744073709551615)},
        {UINT64_C(16769767339735956015), UINT64_C(18446744073709551615), 0},
        {UINT64_MAX, UINT64_MAX, 0},
    };
    for (size_t at = 0; at < sizeof rows / sizeof *rows; at++) {
        bench with;
        setup(&with, BC_NONE, 1, BC_NONE);
        assert_int_equal(submit(&with, &(offer){1, .fee = rows[at].old}, rich), BC_REASON_NONE);
        assert_int_equal(submit(&with, &(offer){1, .fee = rows[at].too_little, .salt = 1}, rich),
                         BC_REASON_REPLACEMENT);
        if (rows[at].enough > 0) {
            offer enough = {1, .fee = rows[at].enough, .salt = 2};
            assert_int_equal(submit(&with, &enough, rich), BC_REASON_NONE);
            assert_int_equal(submit(&with, &enough, rich), BC_REASON_KNOWN);
        }
        assert_int_equal(with.mempool.count, 1);
        teardown(&with);
    }
}

static void the_balance_covers_all_that_waits(void **state)
{
    (void)state;
    bench with;
    const bc__account account = {.balance = 100, .nonce = 0};
    setup(&with, BC_NONE, BC_NONE, BC_NONE);
    assert_int_equal(submit(&with, &(offer){1, .nonce = 0, .fee = 1, .amount = 100}, account),
                     BC_REASON_BALANCE);
    assert_int_equal(submit(&with, &(offer){1, .nonce = 0, .fee = 10, .amount = 50}, account),
                     BC_REASON_NONE);
    assert_int_equal(submit(&with, &(offer){1, .nonce = 1, .fee = 1, .amount = 40}, account),
                     BC_REASON_BALANCE);
    assert_int_equal(submit(&with, &(offer){1, .nonce = 1, .fee = 1, .amount = 39}, account),
                     BC_REASON_NONE);
    assert_int_equal(submit(&with, &(offer){1, .nonce = 2, .fee = 0, .amount = 1}, account),
                     BC_REASON_BALANCE);
    assert_int_equal(submit(&with, &(offer){1, .nonce = 2, .fee = 0, .amount = 0}, account),
                     BC_REASON_NONE);
    /* What is replaced does not count. */
    assert_int_equal(submit(&with, &(offer){1, .nonce = 0, .fee = 11, .amount = 50}, account),
                     BC_REASON_BALANCE);
    assert_int_equal(submit(&with, &(offer){1, .nonce = 0, .fee = 11, .amount = 49}, account),
                     BC_REASON_NONE);
    /* Sums past 64 bits are never covered. */
    assert_int_equal(submit(&with, &(offer){2, .nonce = 0, .fee = 1, .amount = UINT64_MAX},
                            (bc__account){100, 0}),
                     BC_REASON_BALANCE);
    assert_int_equal(submit(&with, &(offer){3, .nonce = 0, .fee = 0, .amount = 1}, rich),
                     BC_REASON_NONE);
    assert_int_equal(submit(&with, &(offer){3, .nonce = 1, .fee = 0, .amount = UINT64_MAX}, rich),
                     BC_REASON_BALANCE);
    assert_int_equal(
        submit(&with, &(offer){3, .nonce = 1, .fee = 0, .amount = UINT64_MAX - 1}, rich),
        BC_REASON_NONE);
    teardown(&with);
}

static void a_sender_has_so_many(void **state)
{
    (void)state;
    bench with;
    setup(&with, BC_NONE, 2, BC_NONE);
    assert_int_equal(submit(&with, &(offer){1, .nonce = 0}, rich), BC_REASON_NONE);
    assert_int_equal(submit(&with, &(offer){1, .nonce = 1}, rich), BC_REASON_NONE);
    assert_int_equal(submit(&with, &(offer){1, .nonce = 2}, rich), BC_REASON_SENDER_LIMIT);
    assert_int_equal(submit(&with, &(offer){1, 1, .fee = 1}, rich), BC_REASON_NONE);
    assert_int_equal(submit(&with, &(offer){2, .nonce = 0}, rich), BC_REASON_NONE);
    teardown(&with);
}

static void rates_are_compared_exactly(void **state)
{
    (void)state;
    bench with;
    setup(&with, BC_NONE, BC_NONE, BC_NONE);
    /* Products of 64 bits would wrap, quotients would be equal. */
    const offer offers[] = {
        {1, .fee = UINT64_MAX - 1, .length = 200},
        {2, .fee = UINT64_MAX, .length = 200},
        {3, .fee = UINT64_MAX, .length = 201},
        {4, .fee = 1001, .length = 500},
        {5, .fee = 1000, .length = 500},
        {6, .fee = 2, .length = 1},
        {7, .fee = 400, .length = 200},
        {8, .fee = 0, .length = 160},
    };
    for (size_t at = sizeof offers / sizeof *offers; at-- > 0;) {
        assert_int_equal(submit(&with, &offers[at], rich), BC_REASON_NONE);
    }
    /* Of the equals 5, 6 and 7 the earlier comes first, and 7 was first. */
    assert_walk(&with, "2:0 1:0 3:0 4:0 7:0 6:0 5:0 8:0");
    teardown(&with);
}

static void the_bound_is_exact(void **state)
{
    (void)state;
    bench with;
    setup(&with, 0, BC_NONE, BC_NONE);
    const offer small = {1, .fee = 100, .length = 200};
    const offer large = {2, .fee = 500, .length = 500};
    assert_int_equal(submit(&with, &small, rich), BC_REASON_MEMPOOL_FULL);
    with.mempool.limit = cost_of(&with, &small) - 1;
    assert_int_equal(submit(&with, &small, rich), BC_REASON_MEMPOOL_FULL);
    with.mempool.limit = cost_of(&with, &small);
    assert_int_equal(submit(&with, &small, rich), BC_REASON_NONE);
    /* Larger than all there is: nothing leaves for it. */
    assert_int_equal(submit(&with, &large, rich), BC_REASON_MEMPOOL_FULL);
    with.mempool.limit = cost_of(&with, &small) + cost_of(&with, &large) - 1;
    assert_int_equal(submit(&with, &large, rich), BC_REASON_NONE);
    assert_walk(&with, "2:0");
    with.mempool.limit++;
    assert_int_equal(submit(&with, &small, rich), BC_REASON_NONE);
    assert_int_equal(with.mempool.bytes, with.mempool.limit);
    assert_walk(&with, "2:0 1:0");
    teardown(&with);
}

static void the_cheapest_leaves_with_what_stands_behind_it(void **state)
{
    (void)state;
    bench with;
    setup(&with, BC_NONE, BC_NONE, BC_NONE);
    assert_int_equal(submit(&with, &(offer){1, 0, .fee = 50}, rich), BC_REASON_NONE);
    assert_int_equal(submit(&with, &(offer){2, 0, .fee = 10}, rich), BC_REASON_NONE);
    assert_int_equal(submit(&with, &(offer){2, 1, .fee = 900}, rich), BC_REASON_NONE);
    with.mempool.limit = with.mempool.bytes;
    /* As much for a byte is not more. */
    assert_int_equal(submit(&with, &(offer){3, 0, .fee = 10}, rich), BC_REASON_MEMPOOL_FULL);
    assert_int_equal(submit(&with, &(offer){3, 0, .fee = 11}, rich), BC_REASON_NONE);
    assert_walk(&with, "1:0 3:0");
    assert_int_equal(submit(&with, &(offer){4, 0, .fee = 20}, rich), BC_REASON_NONE);
    /* Its own earlier one is the cheapest, and without that it could not be mined. */
    assert_int_equal(submit(&with, &(offer){3, 1, .fee = 90}, rich), BC_REASON_MEMPOOL_FULL);
    /* Its own later ones may leave, and what it replaces is no hindrance. */
    assert_int_equal(submit(&with, &(offer){1, 1, .fee = 5}, rich), BC_REASON_MEMPOOL_FULL);
    with.mempool.limit += cost_of(&with, &(offer){1, .nonce = 1});
    assert_int_equal(submit(&with, &(offer){1, 1, .fee = 5}, rich), BC_REASON_NONE);
    assert_int_equal(submit(&with, &(offer){1, 0, .fee = 55, .length = 201}, rich), BC_REASON_NONE);
    assert_walk(&with, "1:0 4:0 3:0");
    teardown(&with);
}

static void what_does_not_get_in_evicts_nothing(void **state)
{
    (void)state;
    bench with;
    setup(&with, BC_NONE, BC_NONE, BC_NONE);
    for (unsigned sender = 1; sender <= 4; sender++) {
        assert_int_equal(submit(&with, &(offer){sender, .fee = 10 * sender}, rich), BC_REASON_NONE);
    }
    with.mempool.limit = with.mempool.bytes;
    /* It pays more than 1 and 2, but needs the room of three. */
    offer large = {5, .fee = 130, .length = 1000};
    uint64_t small = cost_of(&with, &(offer){.sender = 1});
    assert_in_range(cost_of(&with, &large), 2 * small + 1, 3 * small);
    assert_int_equal(submit(&with, &large, rich), BC_REASON_MEMPOOL_FULL);
    assert_walk(&with, "4:0 3:0 2:0 1:0");
    large.fee = 151;
    assert_int_equal(submit(&with, &large, rich), BC_REASON_NONE);
    assert_walk(&with, "4:0 5:0");
    teardown(&with);
}

static void a_new_tip_takes_out_what_does_not_hold(void **state)
{
    (void)state;
    bench with;
    setup(&with, BC_NONE, 4, BC_NONE);
    for (uint64_t nonce = 0; nonce < 4; nonce++) {
        assert_int_equal(submit(&with, &(offer){1, nonce, .fee = 10 - nonce, .amount = 90 + nonce},
                                (bc__account){400, 0}),
                         BC_REASON_NONE);
    }
    bc__fee_recheck_sender(&with.mempool, key_of_sender(1), &(bc__account){400, 0});
    bc__fee_recheck_sender(&with.mempool, key_of_sender(2), &(bc__account){0, 9});
    assert_walk(&with, "1:0 1:1 1:2 1:3");
    bc__fee_recheck_sender(&with.mempool, key_of_sender(1), &(bc__account){300, 1});
    assert_walk(&with, "1:1 1:2 1:3");
    bc__fee_recheck_sender(&with.mempool, key_of_sender(1), &(bc__account){299, 1});
    assert_walk(&with, "1:1 1:2");
    bc__mempool_go_back(&with.mempool, (bc__mempool_point){0, 1});
    assert_walk(&with, "1:1 1:2 1:3");
    bc__mempool_unmark_all(&with.mempool);
    assert_walk(&with, "1:0 1:1 1:2 1:3");
    bc__fee_recheck_sender(&with.mempool, key_of_sender(1), &(bc__account){1000, 4});
    assert_walk(&with, "");
    bc__mempool_remove_marked(&with.mempool);
    assert_int_equal(with.mempool.fees.sender_count, 0);
    teardown(&with);
}

static void what_returns_comes_in_any_order(void **state)
{
    (void)state;
    bench with;
    setup(&with, BC_NONE, 6, BC_NONE);
    static const uint64_t nonces[] = {5, 3, 8, 4, 1, 6, 2, 7};
    for (size_t at = 0; at < sizeof nonces / sizeof *nonces; at++) {
        assert_int_equal(give_back(&with, &(offer){1, .nonce = nonces[at]}), BC_REASON_NONE);
    }
    assert_int_equal(give_back(&with, &(offer){1, .nonce = 5}), BC_REASON_KNOWN);
    assert_int_equal(give_back(&with, &(offer){1, 5, .fee = 50}), BC_REASON_REPLACEMENT);
    assert_int_equal(give_back(&with, &(offer){2, .nonce = 1}), BC_REASON_NONE);
    assert_int_equal(with.mempool.returned_count, 9);
    bc__mempool_point point = bc__mempool_here(&with.mempool);
    bc__fee_recheck_sender(&with.mempool, key_of_sender(1), &(bc__account){0, 0}); /* a gap */
    assert_walk(&with, "2:1");
    bc__mempool_go_back(&with.mempool, point);
    bc__fee_recheck_sender(&with.mempool, key_of_sender(1), &(bc__account){0, 1}); /* too many */
    assert_walk(&with, "1:1 1:2 1:3 1:4 1:5 1:6 2:1");
    bc__fee_recheck_sender(&with.mempool, key_of_sender(1), &(bc__account){0, 3});
    bc__mempool_remove_marked(&with.mempool);
    assert_walk(&with, "1:3 1:4 1:5 1:6 2:1");
    with.mempool.limit = with.mempool.bytes;
    assert_int_equal(give_back(&with, &(offer){3, .nonce = 0}), BC_REASON_MEMPOOL_FULL);
    assert_int_equal(give_back(&with, &(offer){3, 0, .fee = 1}), BC_REASON_NONE);
    assert_walk(&with, "3:0 1:3 1:4 1:5 1:6"); /* 2:1 came last */
    teardown(&with);
}

static bc_status account_of(void *context, bc__account *account, const uint8_t key[32],
                            bc_error *error)
{
    unsigned sender;
    memcpy(&sender, key, sizeof sender);
    *account = (bc__account){.balance = 0, .nonce = sender};
    (void)error;
    return sender == *(const unsigned *)context ? BC_ERR_STORE : BC_OK;
}

static void everybody_is_checked_again(void **state)
{
    (void)state;
    bench with;
    unsigned failing = 2;
    setup(&with, BC_NONE, BC_NONE, BC_NONE);
    for (unsigned sender = 1; sender <= 3; sender++) {
        assert_int_equal(give_back(&with, &(offer){sender, .nonce = 2}), BC_REASON_NONE);
        assert_int_equal(give_back(&with, &(offer){sender, .nonce = 3}), BC_REASON_NONE);
    }
    bc__mempool_remove_marked(&with.mempool);
    assert_int_equal(bc__fee_recheck_all(&with.mempool, account_of, &failing, NULL), BC_ERR_STORE);
    bc__mempool_unmark_all(&with.mempool);
    assert_walk(&with, "1:2 1:3 2:2 2:3 3:2 3:3");
    failing = 0;
    assert_int_equal(bc__fee_recheck_all(&with.mempool, account_of, &failing, NULL), BC_OK);
    assert_walk(&with, "2:2 2:3 3:3");
    teardown(&with);
}

static void the_old_leave(void **state)
{
    (void)state;
    bench with;
    setup(&with, BC_NONE, BC_NONE, 100);
    assert_int_equal(bc__fee_until_expiry(&with.mempool, 5), INT64_MAX);
    with.now = 10;
    assert_int_equal(submit(&with, &(offer){1, 0, .fee = 9}, rich), BC_REASON_NONE);
    assert_int_equal(submit(&with, &(offer){2, 0, .fee = 8}, rich), BC_REASON_NONE);
    with.now = 20;
    assert_int_equal(submit(&with, &(offer){1, 1, .fee = 1}, rich), BC_REASON_NONE);
    assert_int_equal(submit(&with, &(offer){3, 0, .fee = 7}, rich), BC_REASON_NONE);
    assert_int_equal(bc__fee_until_expiry(&with.mempool, 5), 100);
    assert_int_equal(bc__fee_until_expiry(&with.mempool, 109), 1);
    bc__fee_expire(&with.mempool, 109);
    assert_walk(&with, "1:0 2:0 3:0 1:1");
    assert_int_equal(bc__fee_until_expiry(&with.mempool, 110), 0);
    bc__fee_expire(&with.mempool, 110);
    assert_walk(&with, "3:0"); /* 1:1 is young, and cannot be mined without 1:0 */
    assert_int_equal(bc__fee_until_expiry(&with.mempool, 110), 10);
    bc__fee_expire(&with.mempool, 110);
    bc__mempool_unmark_all(&with.mempool);
    assert_walk(&with, "1:0 2:0 3:0 1:1");
    bc__fee_expire(&with.mempool, INT64_MAX);
    bc__mempool_remove_marked(&with.mempool);
    assert_walk(&with, "");
    with.mempool.age_limit = BC_NONE;
    with.now = INT64_MIN;
    assert_int_equal(submit(&with, &(offer){1, .nonce = 0}, rich), BC_REASON_NONE);
    bc__fee_expire(&with.mempool, INT64_MAX - 1);
    assert_walk(&with, "1:0");
    assert_int_equal(bc__fee_until_expiry(&with.mempool, INT64_MAX - 1), INT64_MAX);
    teardown(&with);
}

static void a_group_that_fails_leaves_everything_as_it_was(void **state)
{
    (void)state;
    bench with;
    setup(&with, BC_NONE, BC_NONE, BC_NONE);
    assert_int_equal(submit(&with, &(offer){1, 0, .fee = 20}, rich), BC_REASON_NONE);
    assert_int_equal(submit(&with, &(offer){1, 1, .fee = 30}, rich), BC_REASON_NONE);
    assert_int_equal(submit(&with, &(offer){2, 0, .fee = 10}, rich), BC_REASON_NONE);
    with.mempool.limit = with.mempool.bytes;
    uint64_t bytes = with.mempool.bytes;
    for (unsigned round = 0; round < 2; round++) {
        offer evicting = {3, 0, .fee = 15};
        assert_int_equal(offer_to(&with, &evicting, rich), BC_REASON_NONE); /* 2:0 leaves */
        assert_int_equal(offer_to(&with, &evicting, rich), BC_REASON_KNOWN);
        assert_int_equal(offer_to(&with, &(offer){3, 0, .fee = 25}, rich), BC_REASON_NONE);
        /* What left may come again before that is decided about. */
        assert_int_equal(offer_to(&with, &(offer){2, 0, .fee = 10}, rich), BC_REASON_MEMPOOL_FULL);
        assert_int_equal(offer_to(&with, &(offer){2, 0, .fee = 28}, rich), BC_REASON_NONE);
        assert_walk(&with, "2:0 3:0"); /* 1:0 has left, and 1:1 with it */
        assert_int_equal(offer_to(&with, &(offer){1, 0, .fee = 20}, rich), BC_REASON_NONE);
        assert_walk(&with, "2:0 3:0 1:0");
        if (round == 0) {
            bc__mempool_unmark_all(&with.mempool);
            assert_walk(&with, "1:0 1:1 2:0");
            assert_int_equal(with.mempool.bytes, bytes);
            assert_null(bc__mempool_last_marked(&with.mempool));
        }
    }
    bc__mempool_remove_marked(&with.mempool);
    assert_walk(&with, "2:0 3:0 1:0");
    bc__mempool_unmark_all(&with.mempool); /* nothing is left to go back on */
    assert_walk(&with, "2:0 3:0 1:0");
    teardown(&with);
}

static void marks_are_listed_the_last_first(void **state)
{
    (void)state;
    bench with;
    setup(&with, BC_NONE, BC_NONE, BC_NONE);
    for (uint64_t nonce = 0; nonce < 3; nonce++) {
        assert_int_equal(submit(&with, &(offer){1, .nonce = nonce}, rich), BC_REASON_NONE);
    }
    bc__fee_recheck_sender(&with.mempool, key_of_sender(1), &(bc__account){0, 2});
    bc__waiting *last = bc__mempool_last_marked(&with.mempool);
    assert_int_equal(bc__fee_entry_of(last)->nonce, 1);
    bc__waiting *first = bc__mempool_marked_before(last);
    assert_int_equal(bc__fee_entry_of(first)->nonce, 0);
    assert_null(bc__mempool_marked_before(first));
    assert_int_equal(bc__mempool_here(&with.mempool).marked, 2);
    teardown(&with); /* undecided */
}

static void the_cheapest_is_known_whatever_leaves(void **state)
{
    (void)state;
    enum { COUNT = 500 };
    bench with;
    uint64_t last = 0;
    test_random random = test_random_begin();
    setup(&with, BC_NONE, BC_NONE, BC_NONE);
    for (unsigned sender = 0; sender < COUNT; sender++) {
        offer one = {.sender = sender, .fee = test_random_below(&random, 1000)};
        assert_int_equal(submit(&with, &one, rich), BC_REASON_NONE);
    }
    for (unsigned left = COUNT; left > COUNT / 4; left--) {
        bc__fee_entry *any = with.mempool.fees.cheapest.items[test_random_below(&random, left)];
        bc__mempool_mark(&with.mempool, &any->waiting);
    }
    while (with.mempool.count > 0) {
        bc__fee_entry *cheapest = bc__fee_order_cheapest(&with.mempool.fees);
        assert_true(cheapest->fee >= last);
        last = cheapest->fee;
        bc__mempool_mark(&with.mempool, &cheapest->waiting);
    }
    teardown(&with);
}

static void a_walk_passes_over_senders(void **state)
{
    (void)state;
    bench with;
    bc__mempool_walk at;
    setup(&with, BC_NONE, BC_NONE, BC_NONE);
    for (unsigned sender = 1; sender <= 3; sender++) {
        for (uint64_t nonce = 0; nonce < 3; nonce++) {
            offer one = {sender, nonce, .fee = 100 * sender + 10 * nonce};
            assert_int_equal(submit(&with, &one, rich), BC_REASON_NONE);
        }
    }
    assert_int_equal(bc__mempool_walk_begin(&at, &with.mempool), BC__OK);
    bc__mempool_walk_skip(&at); /* nothing was given yet */
    assert_int_equal(bc__fee_entry_of(bc__mempool_walk_next(&at))->fee, 300);
    assert_int_equal(bc__fee_entry_of(bc__mempool_walk_next(&at))->fee, 310);
    bc__mempool_walk_skip(&at);
    bc__mempool_walk_skip(&at); /* of what was given once */
    assert_int_equal(bc__fee_entry_of(bc__mempool_walk_next(&at))->fee, 200);
    bc__mempool_walk_skip(&at);
    assert_int_equal(bc__fee_entry_of(bc__mempool_walk_next(&at))->fee, 100);
    assert_int_equal(bc__fee_entry_of(bc__mempool_walk_next(&at))->fee, 110);
    assert_int_equal(bc__fee_entry_of(bc__mempool_walk_next(&at))->fee, 120);
    bc__mempool_walk_skip(&at);
    assert_null(bc__mempool_walk_next(&at));
    bc__mempool_walk_skip(&at);
    assert_null(bc__mempool_walk_next(&at));
    bc__mempool_walk_end(&at);
    teardown(&with);
}

static void want_of_memory_changes_nothing(void **state)
{
    (void)state;
    bench with;
    bc__mempool_walk at;
    setup(&with, BC_NONE, BC_NONE, BC_NONE);
    with.counter.left = 0;
    assert_int_equal(bc__mempool_walk_begin(&at, &with.mempool), BC__ERR_MEMORY);
    bc__mempool_walk_end(&at);
    unsigned failures = 0;
    for (unsigned sender = 0; sender < 200; sender++) { /* through several growths */
        bc__waiting *waiting = NULL;
        for (size_t left = 0; waiting == NULL; left++) {
            with.counter.left = left;
            waiting = prepare(&with, &(offer){sender, .fee = sender}, false);
            assert_int_equal(with.mempool.count, sender);
            failures += waiting == NULL ? 1 : 0;
        }
        with.counter.left = 0; /* from here nothing needs memory */
        assert_int_equal(bc__fee_judge(&with.mempool, waiting, &rich), BC_REASON_NONE);
        bc__mempool_add(&with.mempool, waiting);
        bc__mempool_mark(&with.mempool, waiting);
        bc__mempool_go_back(&with.mempool, (bc__mempool_point){sender + 1, 0});
        assert_int_equal(with.mempool.count, sender + 1);
    }
    assert_true(failures > 2 * 200);
    bc__mempool_unmark_all(&with.mempool);
    assert_int_equal(with.mempool.count, 0);
    teardown(&with);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nonces_follow_the_account_without_gaps),
        cmocka_unit_test(the_last_nonce_of_all_is_never_used),
        cmocka_unit_test(a_replacement_pays_a_tenth_more),
        cmocka_unit_test(the_balance_covers_all_that_waits),
        cmocka_unit_test(a_sender_has_so_many),
        cmocka_unit_test(rates_are_compared_exactly),
        cmocka_unit_test(the_bound_is_exact),
        cmocka_unit_test(the_cheapest_leaves_with_what_stands_behind_it),
        cmocka_unit_test(what_does_not_get_in_evicts_nothing),
        cmocka_unit_test(a_new_tip_takes_out_what_does_not_hold),
        cmocka_unit_test(what_returns_comes_in_any_order),
        cmocka_unit_test(everybody_is_checked_again),
        cmocka_unit_test(the_old_leave),
        cmocka_unit_test(a_group_that_fails_leaves_everything_as_it_was),
        cmocka_unit_test(marks_are_listed_the_last_first),
        cmocka_unit_test(the_cheapest_is_known_whatever_leaves),
        cmocka_unit_test(a_walk_passes_over_senders),
        cmocka_unit_test(want_of_memory_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
