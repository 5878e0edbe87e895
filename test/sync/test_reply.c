/* Replies: the host writes and ends them from any thread, at any time, once. */
#include "test/sync/sync_fixture.h"

#include <pthread.h>
#include <stdatomic.h>

#include "src/rules/rules.h"
#include "src/sync/reply.h"
#include "test/support/counting_heap.h"

typedef struct box {
    counting_heap counter;
    bc_params *params;
    bc__mailbox *mailbox;
    atomic_uint wakes;
} box;

static void count_wake(void *context)
{
    atomic_fetch_add(&((box *)context)->wakes, 1);
}

static int open_box(void **state)
{
    box *with = calloc(1, sizeof *with);
    assert_non_null(with);
    with->counter.left = SIZE_MAX;
    bc_allocator allocator = counting_heap_public(&with->counter);
    bc_transport transport = BC_TRANSPORT_INIT;
    transport.context = with;
    transport.wake = count_wake;
    with->params = fixture_params(1, &allocator);
    assert_int_equal(bc__mailbox_new(&with->mailbox, &with->params->origin, &transport, NULL),
                     BC_OK);
    *state = with;
    return 0;
}

static int close_box(void **state)
{
    box *with = *state;
    bc__mailbox_unref(with->mailbox);
    bc_params_unref(with->params);
    assert_int_equal(with->counter.held, 0);
    free(with);
    return 0;
}

static bc_reply *reply_of(box *with, uint64_t limit)
{
    bc_reply *reply;
    assert_int_equal(bc__reply_new(&reply, with->mailbox, limit, NULL), BC_OK);
    return reply;
}

static bc_status write_text(bc_reply *reply, const char *text)
{
    return bc_reply_write(reply, (const uint8_t *)text, strlen(text));
}

static void assert_taken(bc_reply *reply, const char *expected)
{
    bc__bytes bytes;
    bc__reply_take(reply, &bytes);
    assert_int_equal(bytes.length, strlen(expected));
    if (bytes.length > 0) {
        assert_memory_equal(bytes.data, expected, bytes.length);
    }
    bc__bytes_free(&bytes);
}

static void pieces_come_together_as_copies(void **state)
{
    box *with = *state;
    bc_reply *reply = reply_of(with, 100);
    char piece[] = "abc";
    bc__reply_state seen;
    assert_int_equal(write_text(reply, piece), BC_OK);
    piece[0] = 'X';
    assert_int_equal(bc_reply_write(reply, NULL, 0), BC_OK);
    assert_int_equal(write_text(reply, "def"), BC_OK);
    bc__reply_read(reply, &seen);
    assert_false(seen.ended);
    assert_int_equal(bc_reply_end(reply, BC_OK, NULL), BC_OK);
    bc__reply_read(reply, &seen);
    assert_true(seen.ended);
    assert_int_equal(seen.outcome, BC_OK);
    assert_string_equal(seen.why, "");
    assert_taken(reply, "abcdef");
    assert_taken(reply, "");
    bc__reply_release(reply);
}

static void null_is_refused(void **state)
{
    box *with = *state;
    bc_reply *reply = reply_of(with, 100);
    assert_int_equal(bc_reply_write(NULL, (const uint8_t *)"a", 1), BC_ERR_ARGUMENT);
    assert_int_equal(bc_reply_write(reply, NULL, 1), BC_ERR_ARGUMENT);
    assert_int_equal(bc_reply_end(NULL, BC_OK, NULL), BC_ERR_ARGUMENT);
    bc_reply_unref(NULL);
    bc__reply_release(NULL);
    bc__reply_release(reply);
}

static void the_limit_is_exact_and_final(void **state)
{
    box *with = *state;
    bc_reply *reply = reply_of(with, 4);
    bc__reply_state seen;
    assert_int_equal(write_text(reply, "abcd"), BC_OK);
    assert_int_equal(bc_reply_write(reply, NULL, 0), BC_OK);
    bc__reply_read(reply, &seen);
    assert_int_equal(seen.failure, BC_OK);
    assert_int_equal(write_text(reply, "e"), BC_ERR_LIMIT);
    bc__reply_read(reply, &seen);
    assert_int_equal(seen.failure, BC_ERR_LIMIT);
    bc__reply_release(reply);
}

/* The host's reference goes without an end: nobody has to wait for a time-out. */
static void an_abandoned_reply_is_ended(void **state)
{
    box *with = *state;
    bc_reply *reply = reply_of(with, 4);
    bc__reply_state seen;
    bc_reply_unref(bc_reply_ref(reply));
    bc__reply_read(reply, &seen);
    assert_true(seen.ended);
    assert_int_equal(seen.outcome, BC_ERR_NETWORK);
    assert_true(seen.why[0] != '\0');
    assert_int_equal(with->wakes, 1);
    bc__reply_release(reply);
}

static void only_the_last_reference_of_the_host_ends_it(void **state)
{
    box *with = *state;
    bc_reply *reply = reply_of(with, 4);
    bc__reply_state seen;
    (void)bc_reply_ref(bc_reply_ref(bc_reply_ref(reply)));
    bc_reply_unref(reply);
    bc_reply_unref(reply);
    bc__reply_read(reply, &seen);
    assert_false(seen.ended);
    assert_int_equal(write_text(reply, "a"), BC_OK);
    bc_reply_unref(reply);
    bc__reply_read(reply, &seen);
    assert_true(seen.ended);
    assert_int_equal(bc__mailbox_arrivals(with->mailbox), 1);
    bc__reply_release(reply);
}

/* Giving up after an end, a close, or the library's release changes nothing and tells nobody. */
static void giving_up_late_does_nothing(void **state)
{
    box *with = *state;
    bc_reply *reply = bc_reply_ref(reply_of(with, 4));
    bc__reply_state seen;
    assert_int_equal(bc_reply_end(reply, BC_OK, NULL), BC_OK);
    bc_reply_unref(reply);
    bc__reply_read(reply, &seen);
    assert_int_equal(seen.outcome, BC_OK);
    assert_int_equal(atomic_load(&with->wakes), 1);
    bc__reply_release(reply);
    reply = bc_reply_ref(reply_of(with, 4));
    assert_true(bc__reply_close(reply));
    bc__reply_release(reply);
    bc_reply_unref(reply);
    assert_int_equal(atomic_load(&with->wakes), 1);
    assert_int_equal(bc__mailbox_arrivals(with->mailbox), 1);
}

/* The host was told to stop; that it goes on must not put together a text with a hole. */
static void nothing_is_taken_behind_a_refused_piece(void **state)
{
    box *with = *state;
    bc_reply *reply = reply_of(with, 4);
    assert_int_equal(write_text(reply, "abc"), BC_OK);
    assert_int_equal(write_text(reply, "defgh"), BC_ERR_LIMIT);
    assert_int_equal(write_text(reply, "i"), BC_ERR_LIMIT);
    bc__reply_release(reply);
}

static void a_piece_lost_for_want_of_memory_fails_the_reply(void **state)
{
    box *with = *state;
    bc_reply *reply = reply_of(with, 100000);
    bc__reply_state seen;
    uint8_t large[5000] = {0};
    assert_int_equal(write_text(reply, "abc"), BC_OK);
    with->counter.left = 0;
    assert_int_equal(bc_reply_write(reply, large, sizeof large), BC_ERR_MEMORY);
    with->counter.left = SIZE_MAX;
    assert_int_equal(write_text(reply, "def"), BC_ERR_MEMORY);
    assert_int_equal(bc_reply_end(reply, BC_OK, NULL), BC_OK);
    bc__reply_read(reply, &seen);
    assert_true(seen.ended);
    assert_int_equal(seen.outcome, BC_ERR_MEMORY);
    bc__reply_release(reply);
}

static void it_ends_once(void **state)
{
    box *with = *state;
    bc_reply *reply = reply_of(with, 100);
    bc__reply_state seen;
    assert_int_equal(bc_reply_end(reply, BC_ERR_HOST - 7, "no route"), BC_OK);
    assert_int_equal(bc_reply_end(reply, BC_OK, "later"), BC_ERR_CLOSED);
    assert_int_equal(write_text(reply, "a"), BC_ERR_CLOSED);
    bc__reply_read(reply, &seen);
    assert_int_equal(seen.outcome, BC_ERR_HOST - 7);
    assert_string_equal(seen.why, "no route");
    assert_int_equal(atomic_load(&with->wakes), 1);
    assert_int_equal(bc__mailbox_arrivals(with->mailbox), 1);
    bc__reply_release(reply);
}

static void why_is_cut_at_247_bytes(void **state)
{
    box *with = *state;
    bc_reply *reply = reply_of(with, 100);
    bc__reply_state seen;
    char why[400];
    memset(why, 'y', sizeof why - 1);
    why[sizeof why - 1] = '\0';
    assert_int_equal(bc_reply_end(reply, BC_ERR_NETWORK, why), BC_OK);
    memset(why, 'n', sizeof why - 1);
    bc__reply_read(reply, &seen);
    assert_int_equal(strlen(seen.why), 247);
    assert_int_equal(strspn(seen.why, "y"), 247);
    bc__reply_release(reply);
}

static void why_is_one_line_of_utf8(void **state)
{
    box *with = *state;
    bc_reply *reply = reply_of(with, 100);
    bc__reply_state seen;
    assert_int_equal(bc_reply_end(reply, BC_ERR_NETWORK, "bad \xff\xfe bytes\n"), BC_OK);
    bc__reply_read(reply, &seen);
    assert_string_equal(seen.why, "bad ?? bytes?");
    bc__reply_release(reply);
}

/* What resolve does when it waits no more, as after a time-out. */
static void a_closed_reply_takes_nothing_and_keeps_nothing(void **state)
{
    box *with = *state;
    bc_reply *reply = reply_of(with, 1000000);
    uint8_t large[5000] = {0};
    assert_int_equal(bc_reply_write(reply, large, sizeof large), BC_OK);
    size_t held = with->counter.held;
    assert_true(bc__reply_close(reply));
    assert_true(with->counter.held < held);
    assert_int_equal(write_text(reply, "a"), BC_ERR_CLOSED);
    assert_int_equal(bc_reply_end(reply, BC_OK, NULL), BC_ERR_CLOSED);
    assert_int_equal(atomic_load(&with->wakes), 0);
    bc__reply_release(reply);
}

static void closing_says_whether_the_host_had_ended_it(void **state)
{
    box *with = *state;
    bc_reply *reply = reply_of(with, 10);
    assert_int_equal(bc_reply_end(reply, BC_OK, NULL), BC_OK);
    assert_false(bc__reply_close(reply));
    bc__reply_release(reply);
}

static void it_outlives_its_chain(void **state)
{
    box *with = *state;
    bc_reply *reply = reply_of(with, 100);
    assert_ptr_equal(bc_reply_ref(reply), reply);
    bc__reply_release(reply); /* as a chain does that is closed */
    assert_int_equal(write_text(reply, "a"), BC_OK);
    bc__mailbox_close(with->mailbox);
    bc__mailbox_unref(with->mailbox);
    bc_params_unref(with->params);
    with->mailbox = NULL;
    with->params = NULL;
    assert_int_equal(write_text(reply, "b"), BC_ERR_CLOSED);
    assert_int_equal(bc_reply_end(reply, BC_OK, NULL), BC_ERR_CLOSED);
    assert_int_equal(atomic_load(&with->wakes), 0);
    assert_ptr_equal(bc_reply_ref(reply), reply);
    bc_reply_unref(reply);
    assert_true(with->counter.held > 0);
    bc_reply_unref(reply); /* the last: close_box finds nothing held */
}

enum { THREADS = 4, PIECES = 500 };

typedef struct writer {
    bc_reply *reply;
    atomic_uint *ends;
} writer;

static void *write_much(void *context)
{
    writer *with = context;
    for (int at = 0; at < PIECES; at++) {
        (void)bc_reply_write(with->reply, (const uint8_t *)"0123456789", 10);
    }
    if (bc_reply_end(with->reply, BC_OK, NULL) == BC_OK) {
        atomic_fetch_add(with->ends, 1);
    }
    bc_reply_unref(with->reply);
    return NULL;
}

/* With malloc, for the heap that counts is of one thread. */
static void threads_may_write_to_one_reply(void **state)
{
    (void)state;
    bc_params *params = fixture_params(1, NULL);
    bc_transport transport = BC_TRANSPORT_INIT;
    bc__mailbox *mailbox;
    bc_reply *reply;
    atomic_uint ends = 0;
    pthread_t threads[THREADS];
    assert_int_equal(bc__mailbox_new(&mailbox, &params->origin, &transport, NULL), BC_OK);
    assert_int_equal(bc__reply_new(&reply, mailbox, 1000000, NULL), BC_OK);
    writer with = {reply, &ends};
    for (int at = 0; at < THREADS; at++) {
        (void)bc_reply_ref(reply);
        assert_int_equal(pthread_create(&threads[at], NULL, write_much, &with), 0);
    }
    bc__reply_state seen;
    do {
        uint64_t arrivals = bc__mailbox_arrivals(mailbox);
        bc__reply_read(reply, &seen);
        if (!seen.ended) {
            bc__mailbox_wait(mailbox, arrivals, 1000000);
        }
    } while (!seen.ended);
    for (int at = 0; at < THREADS; at++) {
        assert_int_equal(pthread_join(threads[at], NULL), 0);
    }
    assert_int_equal(atomic_load(&ends), 1);
    bc__bytes bytes;
    bc__reply_take(reply, &bytes);
    assert_int_equal(bytes.length % 10, 0);
    assert_true(bytes.length >= 10 * PIECES);
    for (size_t at = 0; at < bytes.length; at++) {
        assert_int_equal(bytes.data[at], '0' + at % 10);
    }
    bc__bytes_free(&bytes);
    bc__reply_release(reply);
    bc__mailbox_unref(mailbox);
    bc_params_unref(params);
}

enum { ROUNDS = 1000, QUITTERS = 2 };

typedef struct quitter {
    bc_reply *reply;
    atomic_uint waiting;
} quitter;

static void *give_up(void *context)
{
    quitter *with = context;
    (void)bc_reply_write(with->reply, (const uint8_t *)"a", 1);
    /* Spinning, for a barrier wakes one thread after the other. */
    atomic_fetch_sub(&with->waiting, 1);
    while (atomic_load(&with->waiting) > 0) {
    }
    bc_reply_unref(with->reply);
    return NULL;
}

/* Whichever thread is the last: the reply ends, once, and not before all have given it up. */
static void threads_may_give_up_one_reply(void **state)
{
    (void)state;
    box with = {.params = fixture_params(1, NULL)};
    bc_transport transport = BC_TRANSPORT_INIT;
    transport.context = &with;
    transport.wake = count_wake;
    assert_int_equal(bc__mailbox_new(&with.mailbox, &with.params->origin, &transport, NULL), BC_OK);
    for (unsigned round = 1; round <= ROUNDS; round++) {
        pthread_t threads[QUITTERS];
        bc_reply *reply = reply_of(&with, 100);
        quitter quits = {reply, QUITTERS};
        for (int at = 0; at < QUITTERS; at++) {
            (void)bc_reply_ref(reply);
        }
        for (int at = 0; at < QUITTERS; at++) {
            assert_int_equal(pthread_create(&threads[at], NULL, give_up, &quits), 0);
        }
        for (int at = 0; at < QUITTERS; at++) {
            assert_int_equal(pthread_join(threads[at], NULL), 0);
        }
        bc__reply_state seen;
        bc__reply_read(reply, &seen);
        assert_true(seen.ended);
        assert_int_equal(seen.outcome, BC_ERR_NETWORK);
        assert_int_equal(bc__mailbox_arrivals(with.mailbox), round);
        assert_int_equal(atomic_load(&with.wakes), round);
        assert_taken(reply, "aa"); /* no thread found it ended */
        bc__reply_release(reply);
    }
    bc__mailbox_unref(with.mailbox);
    bc_params_unref(with.params);
}

#define IN_A_BOX(test) cmocka_unit_test_setup_teardown(test, open_box, close_box)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_A_BOX(pieces_come_together_as_copies),
        IN_A_BOX(null_is_refused),
        IN_A_BOX(the_limit_is_exact_and_final),
        IN_A_BOX(an_abandoned_reply_is_ended),
        IN_A_BOX(only_the_last_reference_of_the_host_ends_it),
        IN_A_BOX(giving_up_late_does_nothing),
        IN_A_BOX(nothing_is_taken_behind_a_refused_piece),
        IN_A_BOX(a_piece_lost_for_want_of_memory_fails_the_reply),
        IN_A_BOX(it_ends_once),
        IN_A_BOX(why_is_cut_at_247_bytes),
        IN_A_BOX(why_is_one_line_of_utf8),
        IN_A_BOX(a_closed_reply_takes_nothing_and_keeps_nothing),
        IN_A_BOX(closing_says_whether_the_host_had_ended_it),
        IN_A_BOX(it_outlives_its_chain),
        cmocka_unit_test(threads_may_write_to_one_reply),
        cmocka_unit_test(threads_may_give_up_one_reply),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
