/* The contract's test: chains in one process that are each other's peers, through a transport that is
 * a function call, or a thread that answers later; resolving, mining and serving on many threads. To
 * be run under ThreadSanitizer too. */
#include "test/sync/sync_fixture.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <time.h>

#include "test/support/random.h"

enum { RESOLVERS = 4, ROUNDS = 10000, ROUNDS_A_BLOCK = 100 };

typedef struct node {
    bc_chain *chain;
    struct node *other;
    unsigned rounds; /* of resolving, by each of its threads */
} node;

static atomic_uint mining_on;
static atomic_uint rounds_done;

/* The other's answer is copied piece by piece, on the thread that asks. No assert: cmocka's may only
 * fail on the test's own thread. */
static bc_status call_other(void *context, const char *peer, const char *method,
                            const uint8_t *body, size_t length, bc_reply *reply)
{
    node *with = context;
    uint8_t piece[512];
    bc_answer *answer;
    size_t got = 0;
    bc_status status =
        bc_chain_serve(with->other->chain, &answer, peer, method, body, length, NULL);
    while (status == BC_OK) {
        status = bc_answer_read(answer, &got, piece, sizeof piece, NULL);
        if (status != BC_OK || got == 0) {
            break;
        }
        status = bc_reply_write(reply, piece, got);
    }
    (void)bc_reply_end(reply, status, NULL);
    bc_answer_unref(answer);
    bc_reply_unref(reply);
    return BC_OK;
}

static void *resolve_often(void *context)
{
    node *with = context;
    intptr_t failures = 0;
    for (unsigned round = 0; round < with->rounds; round++) {
        uint32_t replaced;
        failures += bc_chain_resolve(with->chain, &replaced, NULL, NULL, NULL) != BC_OK;
        failures += bc_chain_tick(with->chain, NULL, NULL) != BC_OK;
        atomic_fetch_add(&rounds_done, 1);
    }
    return (void *)failures;
}

/* As fast as the others resolve, so that tips move from the first round to the last. */
static void *mine_meanwhile(void *context)
{
    node *with = context;
    intptr_t failures = 0;
    const struct timespec pause = {0, 50000};
    while (atomic_load(&mining_on) != 0) {
        uint64_t height = 0;
        (void)bc_chain_tip(with->chain, &height, NULL, NULL);
        if (height <= atomic_load(&rounds_done) / ROUNDS_A_BLOCK) {
            bc_block *block;
            failures += bc_chain_mine(with->chain, &block, NULL, NULL) != BC_OK;
            bc_block_unref(block);
        } else {
            (void)nanosleep(&pause, NULL);
        }
    }
    return (void *)failures;
}

static void join(pthread_t thread)
{
    void *failures;
    assert_int_equal(pthread_join(thread, &failures), 0);
    assert_null(failures);
}

static void open_node(node *with, node *other, bc_params *params, const char *peer,
                      bc_transport transport)
{
    bc_options options = BC_OPTIONS_INIT;
    options.transport = &transport;
    with->other = other;
    with->chain = fixture_chain(params, &options);
    assert_int_equal(bc_chain_add_peer(with->chain, peer, NULL), BC_OK);
}

static bc_transport function_call(node *with)
{
    bc_transport transport = BC_TRANSPORT_INIT;
    transport.context = with;
    transport.request = call_other;
    return transport;
}

static void assert_agree(node *nodes)
{
    assert_int_equal(bc_chain_resolve(nodes[0].chain, NULL, NULL, NULL, NULL), BC_OK);
    assert_int_equal(bc_chain_resolve(nodes[1].chain, NULL, NULL, NULL, NULL), BC_OK);
    /* Where both are as long, each keeps its own until one is longer. */
    fixture_mine(nodes[0].chain, 1);
    assert_int_equal(bc_chain_resolve(nodes[1].chain, NULL, NULL, NULL, NULL), BC_OK);
    fixture_text first = fixture_whole(nodes[0].chain);
    fixture_text second = fixture_whole(nodes[1].chain);
    assert_string_equal(first.data, second.data);
    free(first.data);
    free(second.data);
    assert_int_equal(bc_chain_verify(nodes[0].chain, NULL, NULL, NULL, NULL), BC_OK);
    assert_int_equal(bc_chain_verify(nodes[1].chain, NULL, NULL, NULL, NULL), BC_OK);
}

static void four_threads_resolve_against_each_other(void **state)
{
    (void)state;
    bc_params *params = fixture_params(1, NULL);
    node nodes[2];
    pthread_t threads[RESOLVERS];
    pthread_t miners[2];
    atomic_store(&mining_on, 1);
    atomic_store(&rounds_done, 0);
    for (unsigned at = 0; at < 2; at++) {
        nodes[at].rounds = (unsigned)(test_random_repeats(ROUNDS) + RESOLVERS - 1) / RESOLVERS;
        open_node(&nodes[at], &nodes[1 - at], params, at == 0 ? "second" : "first",
                  function_call(&nodes[at]));
    }
    for (unsigned at = 0; at < 2; at++) {
        assert_int_equal(pthread_create(&miners[at], NULL, mine_meanwhile, &nodes[at]), 0);
    }
    for (unsigned at = 0; at < RESOLVERS; at++) {
        assert_int_equal(pthread_create(&threads[at], NULL, resolve_often, &nodes[at % 2]), 0);
    }
    for (unsigned at = 0; at < RESOLVERS; at++) {
        join(threads[at]);
    }
    atomic_store(&mining_on, 0);
    join(miners[0]);
    join(miners[1]);
    assert_agree(nodes);
    assert_int_equal(bc_chain_close(nodes[0].chain, NULL), BC_OK);
    assert_int_equal(bc_chain_close(nodes[1].chain, NULL), BC_OK);
    bc_params_unref(params);
}

/* A transport whose answers come from threads of its own, after request has returned. */
typedef struct later {
    node *with;
    pthread_mutex_t lock;
    pthread_cond_t change;
    bc_reply *waiting; /* one request at a time */
    bool held_back;
    bool ending;
    unsigned requests;
    atomic_uint wakes;
} later;

static bc_status hand_over(void *context, const char *peer, const char *method, const uint8_t *body,
                           size_t length, bc_reply *reply)
{
    later *to = context;
    (void)peer;
    (void)method;
    (void)body;
    (void)length;
    (void)pthread_mutex_lock(&to->lock);
    bool free_now = to->waiting == NULL;
    if (free_now) {
        to->waiting = reply;
        to->requests++;
        (void)pthread_cond_broadcast(&to->change);
    }
    (void)pthread_mutex_unlock(&to->lock);
    if (!free_now) {
        bc_reply_unref(reply);
    }
    return free_now ? BC_OK : BC_ERR_NETWORK;
}

static void *answer_later(void *context)
{
    later *to = context;
    (void)pthread_mutex_lock(&to->lock);
    while (!to->ending) {
        if (to->waiting == NULL || to->held_back) {
            (void)pthread_cond_wait(&to->change, &to->lock);
            continue;
        }
        bc_reply *reply = to->waiting;
        to->waiting = NULL;
        (void)pthread_mutex_unlock(&to->lock);
        (void)call_other(to->with, NULL, "chain", NULL, 0, reply);
        (void)pthread_mutex_lock(&to->lock);
    }
    (void)pthread_mutex_unlock(&to->lock);
    return NULL;
}

static void count_wake(void *context)
{
    atomic_fetch_add(&((later *)context)->wakes, 1);
}

static void set_later(later *to, bool held_back, bool ending)
{
    (void)pthread_mutex_lock(&to->lock);
    to->held_back = held_back;
    to->ending = ending;
    (void)pthread_cond_broadcast(&to->change);
    (void)pthread_mutex_unlock(&to->lock);
}

/* Returns once a request waits. */
static void await_request(later *to)
{
    (void)pthread_mutex_lock(&to->lock);
    while (to->waiting == NULL) {
        (void)pthread_cond_wait(&to->change, &to->lock);
    }
    (void)pthread_mutex_unlock(&to->lock);
}

typedef struct resolver {
    bc_chain *chain;
    bc_status status;
    uint32_t replaced;
    atomic_uint began;
} resolver;

static void *resolve_once(void *context)
{
    resolver *with = context;
    atomic_store(&with->began, 1);
    with->status = bc_chain_resolve(with->chain, &with->replaced, NULL, NULL, NULL);
    return NULL;
}

typedef struct pair {
    node nodes[2];
    later line;
    bc_params *params;
    pthread_t thread;
} pair;

/* The second node answers the first one later, and has the longer chain. */
static void open_pair(pair *with)
{
    memset(with, 0, sizeof *with);
    with->params = fixture_params(1, NULL);
    with->line.with = &with->nodes[0];
    assert_int_equal(pthread_mutex_init(&with->line.lock, NULL), 0);
    assert_int_equal(pthread_cond_init(&with->line.change, NULL), 0);
    bc_transport transport = BC_TRANSPORT_INIT;
    transport.context = &with->line;
    transport.request = hand_over;
    transport.wake = count_wake;
    open_node(&with->nodes[0], &with->nodes[1], with->params, "second", transport);
    open_node(&with->nodes[1], &with->nodes[0], with->params, "first",
              function_call(&with->nodes[1]));
    fixture_mine(with->nodes[1].chain, 5);
    assert_int_equal(pthread_create(&with->thread, NULL, answer_later, &with->line), 0);
}

static void close_pair(pair *with)
{
    set_later(&with->line, false, true);
    assert_int_equal(pthread_join(with->thread, NULL), 0);
    assert_int_equal(bc_chain_close(with->nodes[0].chain, NULL), BC_OK);
    assert_int_equal(bc_chain_close(with->nodes[1].chain, NULL), BC_OK);
    bc_params_unref(with->params);
    (void)pthread_cond_destroy(&with->line.change);
    (void)pthread_mutex_destroy(&with->line.lock);
}

static void answers_may_come_from_another_thread(void **state)
{
    (void)state;
    pair with;
    open_pair(&with);
    assert_agree(with.nodes);
    assert_int_equal(atomic_load(&with.line.wakes), with.line.requests);
    close_pair(&with);
}

/* Two threads resolve, and one request goes out; the one that came later has the result too. */
static void a_second_thread_joins(void **state)
{
    (void)state;
    pair with;
    open_pair(&with);
    resolver first = {.chain = with.nodes[0].chain, .status = 1};
    resolver second = {.chain = with.nodes[0].chain, .status = 1};
    pthread_t threads[2];
    set_later(&with.line, true, false);
    assert_int_equal(pthread_create(&threads[0], NULL, resolve_once, &first), 0);
    await_request(&with.line);
    assert_int_equal(pthread_create(&threads[1], NULL, resolve_once, &second), 0);
    while (atomic_load(&second.began) == 0) {
        (void)sched_yield();
    }
    /* A tick of another thread goes through meanwhile, and so does all else. */
    assert_int_equal(bc_chain_tick(with.nodes[0].chain, NULL, NULL), BC_OK);
    fixture_mine(with.nodes[0].chain, 1);
    struct timespec pause = {0, 20000000}; /* time for the second to get into its call */
    (void)nanosleep(&pause, NULL);
    set_later(&with.line, false, false);
    assert_int_equal(pthread_join(threads[0], NULL), 0);
    assert_int_equal(pthread_join(threads[1], NULL), 0);
    assert_int_equal(first.status, BC_OK);
    assert_int_equal(first.replaced, 1);
    assert_int_equal(second.status, BC_OK);
    /* On a loaded machine the second may begin only when the first has ended: then it asked itself. */
    assert_int_equal(second.replaced, with.line.requests == 1 ? 1 : 0);
    assert_int_equal(fixture_height(with.nodes[0].chain), 5);
    close_pair(&with);
}

static void an_interrupt_reaches_all_that_resolve(void **state)
{
    (void)state;
    pair with;
    open_pair(&with);
    resolver first = {.chain = with.nodes[0].chain};
    pthread_t thread;
    set_later(&with.line, true, false);
    assert_int_equal(pthread_create(&thread, NULL, resolve_once, &first), 0);
    await_request(&with.line);
    bc_chain_interrupt(with.nodes[0].chain);
    assert_int_equal(pthread_join(thread, NULL), 0); /* it returns, though no answer came */
    assert_int_equal(first.status, BC_ERR_INTERRUPTED);
    assert_int_equal(first.replaced, 0);
    set_later(&with.line, false, false); /* the answer comes too late, into a closed reply */
    bc_status status;
    do { /* the line may be busy with it for a moment */
        assert_int_equal(bc_chain_resolve(with.nodes[0].chain, NULL, NULL, NULL, NULL), BC_OK);
        status = fixture_height(with.nodes[0].chain) == 5 ? BC_OK : BC_ERR_NETWORK;
    } while (status != BC_OK);
    close_pair(&with);
}

/* An answer that comes when the chain is gone. */
static void a_reply_outlives_the_chain(void **state)
{
    (void)state;
    pair with;
    open_pair(&with);
    resolver first = {.chain = with.nodes[0].chain};
    pthread_t thread;
    set_later(&with.line, true, false);
    assert_int_equal(pthread_create(&thread, NULL, resolve_once, &first), 0);
    await_request(&with.line);
    bc_chain_interrupt(with.nodes[0].chain);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(bc_chain_close(with.nodes[0].chain, NULL), BC_OK);
    with.nodes[0].chain = NULL;
    (void)pthread_mutex_lock(&with.line.lock);
    bc_reply *reply = with.line.waiting;
    with.line.waiting = NULL;
    (void)pthread_mutex_unlock(&with.line.lock);
    unsigned wakes = atomic_load(&with.line.wakes);
    assert_int_equal(bc_reply_write(reply, (const uint8_t *)"a", 1), BC_ERR_CLOSED);
    assert_int_equal(bc_reply_end(reply, BC_OK, NULL), BC_ERR_CLOSED);
    assert_int_equal(atomic_load(&with.line.wakes), wakes);
    bc_reply_unref(reply);
    close_pair(&with);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(four_threads_resolve_against_each_other),
        cmocka_unit_test(answers_may_come_from_another_thread),
        cmocka_unit_test(a_second_thread_joins),
        cmocka_unit_test(an_interrupt_reaches_all_that_resolve),
        cmocka_unit_test(a_reply_outlives_the_chain),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
