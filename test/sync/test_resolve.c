/* Resolving against peers of every kind: each gets its line, the chain stays whole. */
#include "test/sync/sync_fixture.h"

#include "test/support/counting_heap.h"

typedef enum manner {
    ANSWERS,      /* with its text, in pieces, before request returns */
    UNREACHABLE,  /* request fails */
    FAILS,        /* ends with an error and a sentence */
    SILENT,       /* never ends */
    ENDLESS,      /* writes until it is told to stop, and ends */
    STOPS_MUTELY, /* the same, and does not end */
    QUITS,        /* gives its reply up without an end */
    PUMPED,       /* answers when the host's loop runs, in wait */
    REENTERS,     /* calls what it may not call, then answers */
    INTERRUPTS,   /* somebody interrupts meanwhile; then as SILENT */
} manner;

typedef struct peer {
    const char *name;
    manner manner;
    const char *text;
    const char *line; /* begins so */
    bc_status status;
} peer;

enum { REPLIES_MOST = 8, PIECE = 1000 };

typedef struct net {
    counting_heap counter;
    fixture_clock clock;
    bc_params *params;
    bc_chain *chain;
    const peer *peers;
    size_t peer_count;
    bc_reply *kept[REPLIES_MOST]; /* replies that were not ended */
    const peer *kept_of[REPLIES_MOST];
    size_t kept_count;
    unsigned requests;
    unsigned cancels;
    unsigned waits;
    unsigned wait_fails_at; /* the wait that fails; 0: none */
    bool closed;
    unsigned lines;
    unsigned stop_at; /* the line at which the report says stop; 0: none */
    char logged[512]; /* the last line */
} net;

static void answer(bc_reply *reply, const char *text)
{
    size_t length = strlen(text);
    for (size_t at = 0; at < length; at += PIECE) {
        size_t piece = length - at < PIECE ? length - at : PIECE;
        if (bc_reply_write(reply, (const uint8_t *)text + at, piece) != BC_OK) {
            break;
        }
    }
    (void)bc_reply_end(reply, BC_OK, NULL);
    bc_reply_unref(reply);
}

static void keep(net *with, const peer *asked, bc_reply *reply)
{
    assert_true(with->kept_count < REPLIES_MOST);
    with->kept_of[with->kept_count] = asked;
    with->kept[with->kept_count++] = reply;
}

static void flood(bc_reply *reply)
{
    uint8_t rubbish[PIECE];
    memset(rubbish, '[', sizeof rubbish);
    unsigned pieces = 0;
    while (bc_reply_write(reply, rubbish, sizeof rubbish) == BC_OK) {
        assert_true(++pieces < 1000000);
    }
}

static bc_status no_report(void *context, bc_chain *chain, const bc_event *event)
{
    (void)context;
    (void)chain;
    (void)event;
    fail_msg("a call that was refused reports");
    return BC_OK;
}

static void reenter(net *with)
{
    uint32_t replaced = 7;
    bc_error error = {0};
    bc_block *block;
    assert_int_equal(bc_chain_resolve(with->chain, &replaced, no_report, NULL, &error),
                     BC_ERR_REENTRANT);
    assert_int_equal(replaced, 0);
    assert_int_equal(error.code, BC_ERR_REENTRANT);
    assert_int_equal(bc_chain_tick(with->chain, NULL, NULL), BC_ERR_REENTRANT);
    assert_int_equal(bc_chain_close(with->chain, NULL), BC_ERR_REENTRANT);
    /* All else may be called: no lock is held. */
    assert_int_equal(bc_chain_mine(with->chain, &block, NULL, NULL), BC_OK);
    bc_block_unref(block);
    fixture_text text = fixture_whole(with->chain);
    free(text.data);
    assert_int_equal(bc_chain_add_peer(with->chain, "later", NULL), BC_OK);
    assert_int_equal(bc_chain_remove_peer(with->chain, "later", NULL), BC_OK);
}

static bc_status request(void *context, const char *name, const char *method, const uint8_t *body,
                         size_t length, bc_reply *reply)
{
    net *with = context;
    const peer *asked = NULL;
    for (size_t at = 0; at < with->peer_count; at++) {
        asked = strcmp(with->peers[at].name, name) == 0 ? &with->peers[at] : asked;
    }
    assert_non_null(asked);
    assert_string_equal(method, "chain");
    assert_null(body);
    assert_int_equal(length, 0);
    with->requests++;
    switch (asked->manner) {
    case REENTERS:
        reenter(with);
        answer(reply, asked->text);
        return BC_OK;
    case ANSWERS:
        answer(reply, asked->text);
        return BC_OK;
    case UNREACHABLE:
        (void)bc_reply_end(reply, BC_ERR_NETWORK, asked->text);
        bc_reply_unref(reply);
        return BC_ERR_HOST - 5;
    case FAILS:
        assert_int_equal(bc_reply_end(reply, asked->status, asked->text), BC_OK);
        bc_reply_unref(reply);
        return BC_OK;
    case ENDLESS:
        flood(reply);
        assert_int_equal(bc_reply_end(reply, BC_ERR_HOST, "write failed"), BC_OK);
        bc_reply_unref(reply);
        return BC_OK;
    case STOPS_MUTELY:
        flood(reply);
        keep(with, asked, reply);
        return BC_OK;
    case QUITS:
        bc_reply_unref(reply);
        return BC_OK;
    case INTERRUPTS:
        bc_chain_interrupt(with->chain);
        keep(with, asked, reply);
        return BC_OK;
    case SILENT:
    case PUMPED:
        keep(with, asked, reply);
        return BC_OK;
    }
    return BC_ERR_ARGUMENT;
}

static void let_go(net *with, size_t at)
{
    bc_reply *reply = with->kept[at];
    with->kept_count--;
    with->kept[at] = with->kept[with->kept_count];
    with->kept_of[at] = with->kept_of[with->kept_count];
    bc_reply_unref(reply);
}

/* As a host would: what nobody waits for is given up at once. */
static void cancel(void *context, bc_reply *reply)
{
    net *with = context;
    size_t at = 0;
    while (at < with->kept_count && with->kept[at] != reply) {
        at++;
    }
    assert_true(at < with->kept_count); /* never one that was ended */
    assert_int_equal(bc_reply_write(reply, (const uint8_t *)"a", 1), BC_ERR_CLOSED);
    assert_int_equal(bc_reply_end(reply, BC_OK, NULL), BC_ERR_CLOSED);
    with->cancels++;
    let_go(with, at);
}

static bc_status wait_in_loop(void *context, int64_t microseconds)
{
    net *with = context;
    assert_true(microseconds > 0 && microseconds <= 1000000);
    with->waits++;
    with->clock.now += microseconds;
    for (size_t at = with->kept_count; at > 0; at--) {
        if (with->kept_of[at - 1]->manner == PUMPED) {
            bc_reply *reply = with->kept[at - 1];
            answer(bc_reply_ref(reply), with->kept_of[at - 1]->text); /* gives up one reference */
            let_go(with, at - 1);
        }
    }
    return with->waits == with->wait_fails_at ? BC_ERR_HOST - 1 : BC_OK;
}

static void note_close(void *context)
{
    net *with = context;
    assert_false(with->closed);
    with->closed = true;
}

static void keep_logged(void *context, uint32_t level, const char *line)
{
    net *with = context;
    (void)level;
    (void)snprintf(with->logged, sizeof with->logged, "%s", line);
}

static void open_net(net *with, const peer *peers, size_t count, unsigned blocks)
{
    memset(with, 0, sizeof *with);
    with->counter.left = SIZE_MAX;
    with->peers = peers;
    with->peer_count = count;
    bc_allocator allocator = counting_heap_public(&with->counter);
    bc_clock clock = fixture_clock_of(&with->clock);
    bc_log log = BC_LOG_INIT;
    log.context = with;
    log.write = keep_logged;
    bc_transport transport = BC_TRANSPORT_INIT;
    transport.context = with;
    transport.request = request;
    transport.cancel = cancel;
    transport.wait = wait_in_loop;
    transport.close = note_close;
    bc_options options = BC_OPTIONS_INIT;
    options.transport = &transport;
    options.clock = &clock;
    options.log = &log;
    options.reply_bytes = 100000;
    options.request_timeout_us = 2500000;
    with->params = fixture_params(1, &allocator);
    with->chain = fixture_chain(with->params, &options);
    fixture_mine(with->chain, blocks - 1);
    for (size_t at = 0; at < count; at++) {
        assert_int_equal(bc_chain_add_peer(with->chain, peers[at].name, NULL), BC_OK);
    }
}

static void close_net(net *with)
{
    assert_int_equal(with->kept_count, 0);
    assert_int_equal(bc_chain_verify(with->chain, NULL, NULL, NULL, NULL), BC_OK);
    assert_int_equal(bc_chain_close(with->chain, NULL), BC_OK);
    assert_true(with->closed);
    bc_params_unref(with->params);
    assert_int_equal(with->counter.held, 0);
}

/* Lines come in the order of the peers, each with what is expected of it. */
static bc_status check_line(void *context, bc_chain *chain, const bc_event *event)
{
    net *with = context;
    assert_ptr_equal(chain, with->chain);
    assert_true(with->lines < with->peer_count);
    const peer *asked = &with->peers[with->lines++];
    assert_int_equal(event->kind, BC_EVENT_PEER);
    assert_int_equal(event->sequence, 0);
    assert_null(event->id);
    assert_string_equal(event->peer, asked->name);
    assert_non_null(event->text);
    if (event->status != asked->status ||
        strncmp(event->text, asked->line, strlen(asked->line)) != 0) {
        fail_msg("%s: %d %s", event->peer, event->status, event->text);
    }
    assert_int_equal(bc_chain_resolve(chain, NULL, no_report, NULL, NULL), BC_ERR_REENTRANT);
    return with->lines == with->stop_at ? BC_ERR_HOST - 9 : BC_OK;
}

static bc_status resolve(net *with, uint32_t *replaced)
{
    with->lines = 0;
    return bc_chain_resolve(with->chain, replaced, check_line, with, NULL);
}

static bc_params *plain;
static fixture_text one;
static fixture_text three;
static fixture_text four;
static fixture_text six;
static fixture_text other_six;

static int make_texts(void **state)
{
    (void)state;
    plain = fixture_params(1, NULL);
    one = fixture_chain_text(plain, 1);
    three = fixture_chain_text(plain, 3);
    four = fixture_chain_text(plain, 4);
    six = fixture_chain_text(plain, 6);
    other_six = fixture_chain_text(plain, 6);
    return 0;
}

static int free_texts(void **state)
{
    (void)state;
    free(one.data);
    free(three.data);
    free(four.data);
    free(six.data);
    free(other_six.data);
    bc_params_unref(plain);
    return 0;
}

static void assert_chain_is(bc_chain *chain, const char *text)
{
    fixture_text ours = fixture_whole(chain);
    assert_string_equal(ours.data, text);
    free(ours.data);
}

static void the_longest_valid_one_wins(void **state)
{
    (void)state;
    fixture_text broken =
        fixture_replace(&other_six, "{\"chain\": [", "\"index\": 3", "\"index\": 9");
    fixture_text liar = fixture_replace(&three, "], ", "\"length\": 3", "\"length\": 99");
    const peer peers[] = {
        {"dead", UNREACHABLE, "connection refused", "connection refused", BC_ERR_NETWORK},
        {"mute", UNREACHABLE, NULL, "the request could not be sent", BC_ERR_NETWORK},
        {"fails", FAILS, "status 502", "status 502", BC_ERR_NETWORK},
        {"host", FAILS, "", "the request failed", BC_ERR_HOST - 4},
        {"four", ANSWERS, four.data, "its chain of 4 blocks is not the longest", BC_OK},
        {"broken", ANSWERS, broken.data, "its chain is not valid: block 3", BC_ERR_FORMAT},
        {"six", ANSWERS, six.data, "its chain of 6 blocks is ours now", BC_OK},
        {"other", ANSWERS, other_six.data, "its chain of 6 blocks is not the longest", BC_OK},
        {"one", ANSWERS, one.data, "its chain of 1 block is not the longest", BC_OK},
        {"three", ANSWERS, three.data, "its chain of 3 blocks is not the longest", BC_OK},
        {"liar", ANSWERS, liar.data, "its chain of 3 blocks is not the longest", BC_OK},
        {"empty", ANSWERS, "{\"chain\": []}", "its chain is empty", BC_ERR_FORMAT},
        {"nothing", ANSWERS, "", "the chain's JSON", BC_ERR_FORMAT},
        {"rubbish", ANSWERS, "<html>", "the chain's JSON", BC_ERR_FORMAT},
        {"objects", ANSWERS, "[{},{},{},{},{},{},{}]", "its chain is not valid", BC_ERR_FORMAT},
        {"numbers", ANSWERS, "[1,2,3,4,5,6,7]", "its chain is not valid", BC_ERR_FORMAT},
        {"endless", ENDLESS, NULL, "it sent more than 100000 bytes", BC_ERR_LIMIT},
        {"stops", STOPS_MUTELY, NULL, "it sent more than 100000 bytes", BC_ERR_LIMIT},
        {"silent", SILENT, NULL, "it did not answer within 2.5 seconds", BC_ERR_NETWORK},
        {"quits", QUITS, NULL, "the transport gave the request up", BC_ERR_NETWORK},
        {"pumped", PUMPED, three.data, "its chain of 3 blocks is not the longest", BC_OK},
    };
    const size_t count = sizeof peers / sizeof peers[0];
    net with;
    uint32_t replaced;
    open_net(&with, peers, count, 3);
    assert_int_equal(resolve(&with, &replaced), BC_OK);
    assert_int_equal(replaced, 1);
    assert_int_equal(with.lines, count);
    assert_int_equal(with.requests, count);
    assert_int_equal(with.cancels, 2);
    assert_chain_is(with.chain, six.data);
    close_net(&with);
    free(broken.data);
    free(liar.data);
}

static void a_tie_keeps_ours(void **state)
{
    (void)state;
    const peer peers[] = {
        {"six", ANSWERS, six.data, "its chain of 6 blocks is not the longest", BC_OK},
        {"four", ANSWERS, four.data, "its chain of 4 blocks is not the longest", BC_OK},
    };
    net with;
    uint32_t replaced = 7;
    open_net(&with, peers, 2, 6);
    fixture_text before = fixture_whole(with.chain);
    assert_int_equal(resolve(&with, &replaced), BC_OK);
    assert_int_equal(replaced, 0);
    assert_chain_is(with.chain, before.data);
    free(before.data);
    close_net(&with);
}

/* The longest so far is beaten by one that comes later, and says so. */
static void a_longer_one_beats_a_long_one(void **state)
{
    (void)state;
    const peer peers[] = {
        {"four", ANSWERS, four.data, "its chain of 4 blocks is not the longest", BC_OK},
        {"six", PUMPED, six.data, "its chain of 6 blocks is ours now", BC_OK},
    };
    net with;
    uint32_t replaced;
    open_net(&with, peers, 2, 2);
    assert_int_equal(resolve(&with, &replaced), BC_OK);
    assert_int_equal(replaced, 1);
    assert_chain_is(with.chain, six.data);
    close_net(&with);
}

static void no_peers_is_no_failure(void **state)
{
    (void)state;
    net with;
    uint32_t replaced = 7;
    open_net(&with, NULL, 0, 2);
    assert_int_equal(resolve(&with, &replaced), BC_OK);
    assert_int_equal(replaced, 0);
    assert_int_equal(with.lines, 0);
    assert_int_equal(bc_chain_resolve(with.chain, NULL, NULL, NULL, NULL), BC_OK);
    close_net(&with);
}

static void no_transport_is_unsupported(void **state)
{
    (void)state;
    bc_chain *chain = fixture_chain(plain, NULL);
    uint32_t replaced = 7;
    bc_error error = {0};
    assert_int_equal(bc_chain_add_peer(chain, "a", NULL), BC_OK);
    assert_int_equal(bc_chain_resolve(chain, &replaced, NULL, NULL, &error), BC_ERR_UNSUPPORTED);
    assert_int_equal(error.code, BC_ERR_UNSUPPORTED);
    assert_int_equal(replaced, 0);
    assert_int_equal(bc_chain_resolve(NULL, &replaced, NULL, NULL, NULL), BC_ERR_ARGUMENT);
    assert_int_equal(bc_chain_close(chain, NULL), BC_OK);
}

static void the_transport_may_not_reenter(void **state)
{
    (void)state;
    const peer peers[] = {
        {"again", REENTERS, six.data, "its chain of 6 blocks is ours now", BC_OK},
    };
    net with;
    uint32_t replaced;
    open_net(&with, peers, 1, 2); /* and one that is mined meanwhile */
    assert_int_equal(resolve(&with, &replaced), BC_OK);
    assert_int_equal(replaced, 1);
    assert_int_equal(bc_chain_tick(with.chain, NULL, NULL), BC_OK); /* over: allowed again */
    close_net(&with);
}

static void an_interrupt_ends_it(void **state)
{
    (void)state;
    const peer peers[] = {
        {"six", ANSWERS, six.data, "resolving ended before", BC_ERR_INTERRUPTED},
        {"stop", INTERRUPTS, NULL, "resolving ended before", BC_ERR_INTERRUPTED},
    };
    net with;
    uint32_t replaced = 7;
    bc_error error = {0};
    open_net(&with, peers, 2, 2);
    bc_chain_interrupt(with.chain); /* one before it begins does not touch it */
    assert_int_equal(bc_chain_resolve(with.chain, &replaced, check_line, &with, &error),
                     BC_ERR_INTERRUPTED);
    assert_int_equal(error.code, BC_ERR_INTERRUPTED);
    assert_int_equal(replaced, 0);
    assert_int_equal(with.cancels, 1);
    assert_int_equal(fixture_height(with.chain), 1);
    close_net(&with);
}

/* What was the best so far is not called a loser where nobody won. */
static void an_interrupted_winner_is_not_called_shorter(void **state)
{
    (void)state;
    const peer peers[] = {
        {"six", PUMPED, six.data, "resolving ended before", BC_ERR_INTERRUPTED},
        {"silent", SILENT, NULL, "resolving ended before", BC_ERR_INTERRUPTED},
    };
    net with;
    uint32_t replaced = 7;
    open_net(&with, peers, 2, 2);
    with.wait_fails_at = 2; /* the first brings the answer */
    assert_int_equal(resolve(&with, &replaced), BC_ERR_HOST - 1);
    assert_int_equal(with.lines, 2);
    assert_int_equal(fixture_height(with.chain), 1);
    close_net(&with);
}

static void a_failed_wait_ends_it(void **state)
{
    (void)state;
    const peer peers[] = {
        {"silent", SILENT, NULL, "resolving ended before", BC_ERR_INTERRUPTED},
    };
    net with;
    bc_error error = {0};
    open_net(&with, peers, 1, 2);
    with.wait_fails_at = 1;
    assert_int_equal(bc_chain_resolve(with.chain, NULL, check_line, &with, &error),
                     BC_ERR_HOST - 1);
    assert_int_equal(error.host_code, BC_ERR_HOST - 1);
    assert_int_equal(with.waits, 1);
    close_net(&with);
}

static void a_report_may_say_stop(void **state)
{
    (void)state;
    const peer peers[] = {
        {"six", ANSWERS, six.data, "its chain of 6 blocks is ours now", BC_OK},
        {"four", ANSWERS, four.data, "its chain of 4 blocks is not the longest", BC_OK},
    };
    net with;
    uint32_t replaced;
    open_net(&with, peers, 2, 2);
    with.stop_at = 1;
    assert_int_equal(resolve(&with, &replaced), BC_ERR_HOST - 9);
    assert_int_equal(with.lines, 1);
    assert_int_equal(replaced, 1); /* it had happened */
    assert_chain_is(with.chain, six.data);
    close_net(&with);
}

static void a_sentence_of_the_host_is_shown_whole_in_one_line(void **state)
{
    (void)state;
    char why[248];
    memset(why, 'w', sizeof why - 1);
    why[sizeof why - 1] = '\0';
    const peer peers[] = {
        {"long", FAILS, why, why, BC_ERR_NETWORK},
        {"two lines", FAILS, "first\r\nsecond\x7f", "first??second?", BC_ERR_NETWORK},
        {"no text", FAILS, "bad \xff\xfe bytes", "bad ?? bytes", BC_ERR_NETWORK},
    };
    net with;
    open_net(&with, peers, 3, 2);
    assert_int_equal(resolve(&with, NULL), BC_OK);
    assert_int_equal(with.lines, 3);
    close_net(&with);
}

/* The event keeps the name by which the host knows the peer; the log gets it made fit. */
static void a_name_forges_no_line_of_the_log(void **state)
{
    (void)state;
    const peer peers[] = {
        {"a\n2026 tip: forged", FAILS, "bad \xff\xfe bytes", "bad ?? bytes", BC_ERR_NETWORK},
    };
    net with;
    open_net(&with, peers, 1, 2);
    assert_int_equal(resolve(&with, NULL), BC_OK);
    assert_int_equal(with.lines, 1);
    assert_string_equal(with.logged, "peer a?2026 tip: forged: bad ?? bytes");
    close_net(&with);
}

static void a_replacement_may_be_too_deep(void **state)
{
    (void)state;
    const peer peers[] = {
        {"six", ANSWERS, six.data, "its chain of 6 blocks was refused: it would", BC_OK},
    };
    net with = {.peers = peers, .peer_count = 1, .counter = COUNTING_HEAP_ENDLESS};
    bc_transport transport = BC_TRANSPORT_INIT;
    bc_options options = BC_OPTIONS_INIT;
    uint32_t replaced = 7;
    transport.context = &with;
    transport.request = request;
    options.transport = &transport;
    options.max_reorg_depth = 2;
    with.chain = fixture_chain(plain, &options);
    fixture_mine(with.chain, 2);
    assert_int_equal(bc_chain_add_peer(with.chain, "six", NULL), BC_OK);
    assert_int_equal(resolve(&with, &replaced), BC_OK);
    assert_int_equal(replaced, 0);
    assert_int_equal(with.lines, 1);
    assert_int_equal(fixture_height(with.chain), 2);
    assert_int_equal(bc_chain_close(with.chain, NULL), BC_OK);
}

enum { MANY = 1000 };

static void a_thousand_peers_are_asked(void **state)
{
    (void)state;
    static char names[MANY][16];
    static peer peers[MANY];
    for (size_t at = 0; at < MANY; at++) {
        (void)snprintf(names[at], sizeof names[at], "peer-%zu", at);
        peers[at] = (peer){names[at], ANSWERS, three.data, "its chain of 3 blocks is not", BC_OK};
        if (at % 3 == 1) {
            peers[at] = (peer){names[at], UNREACHABLE, NULL, "the request could", BC_ERR_NETWORK};
        } else if (at % 3 == 2) {
            peers[at].manner = PUMPED;
        }
    }
    peers[997] = (peer){names[997], PUMPED, six.data, "its chain of 6 blocks is ours now", BC_OK};
    net with;
    uint32_t replaced;
    open_net(&with, peers, MANY, 5);
    assert_int_equal(bc_chain_add_peer(with.chain, "one too many", NULL), BC_ERR_LIMIT);
    assert_int_equal(resolve(&with, &replaced), BC_OK);
    assert_int_equal(replaced, 1);
    assert_int_equal(with.lines, MANY);
    assert_int_equal(with.requests, MANY);
    close_net(&with);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_longest_valid_one_wins),
        cmocka_unit_test(a_tie_keeps_ours),
        cmocka_unit_test(a_longer_one_beats_a_long_one),
        cmocka_unit_test(no_peers_is_no_failure),
        cmocka_unit_test(no_transport_is_unsupported),
        cmocka_unit_test(the_transport_may_not_reenter),
        cmocka_unit_test(an_interrupt_ends_it),
        cmocka_unit_test(an_interrupted_winner_is_not_called_shorter),
        cmocka_unit_test(a_failed_wait_ends_it),
        cmocka_unit_test(a_report_may_say_stop),
        cmocka_unit_test(a_sentence_of_the_host_is_shown_whole_in_one_line),
        cmocka_unit_test(a_name_forges_no_line_of_the_log),
        cmocka_unit_test(a_replacement_may_be_too_deep),
        cmocka_unit_test(a_thousand_peers_are_asked),
    };
    return cmocka_run_group_tests(tests, make_texts, free_texts);
}
