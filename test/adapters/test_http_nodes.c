/* Nodes among themselves, and the ends of things: resolving over HTTP, many clients at a time, a
 * node that is its own peer, two that resolve against each other, stopping while all is busy. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include <bc/http.h>

#include "test/support/http.h"

typedef struct node {
    bc_http *http;
    bc_chain *chain;
    uint32_t port;
    char name[64];
} node;

static void open_node(node *n, unsigned zeros, const bc_http_options *http_options)
{
    bc_options options = BC_OPTIONS_INIT;
    bc_params *params = http_params(zeros);
    bc_transport transport;

    memset(n, 0, sizeof *n);
    assert_int_equal(bc_http_new(&n->http, http_options, NULL), BC_OK);
    assert_int_equal(bc_http_transport(n->http, &transport, NULL), BC_OK);
    options.transport = &transport;
    assert_int_equal(bc_chain_open(&n->chain, params, &options, NULL), BC_OK);
    bc_params_unref(params);
    assert_int_equal(bc_http_start(n->http, n->chain, NULL, NULL), BC_OK);
    n->port = bc_http_port(n->http);
    (void)snprintf(n->name, sizeof n->name, "127.0.0.1:%u", (unsigned)n->port);
}

static void close_node(node *n)
{
    bc_http_stop(n->http);
    assert_int_equal(bc_chain_close(n->chain, NULL), BC_OK);
    bc_http_free(n->http);
}

static int64_t now_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void register_peer(const node *at, const node *peer)
{
    char body[128];
    http_answer answer;

    (void)snprintf(body, sizeof body, "{\"nodes\": [\"http://%s\"]}", peer->name);
    answer = http_post_json(at->port, "/nodes/register", body);
    assert_int_equal(answer.status, 201);
    http_answer_free(&answer);
}

/* Resolves over HTTP, and gives the answer's JSON. */
static json_t *resolve(const node *n)
{
    http_answer answer = http_get(n->port, "/nodes/resolve");
    json_error_t error;
    json_t *json;

    assert_int_equal(answer.status, 200);
    json = json_loads(answer.body, 0, &error);
    if (json == NULL) {
        fail_msg("%s: %s", error.text, answer.body);
    }
    http_answer_free(&answer);
    return json;
}

static void expect_resolved(const node *n, const char *member, uint64_t blocks, const char *status)
{
    json_t *json = resolve(n);
    json_t *chain = json_object_get(json, member);
    json_t *report = json_object_get(json, "report");

    assert_string_equal(json_string_value(json_object_get(json, "message")),
                        strcmp(member, "new_chain") == 0 ? "Our chain was replaced"
                                                         : "Our chain is authoritative");
    assert_int_equal(json_array_size(chain), blocks);
    assert_int_equal(json_integer_value(json_object_get(json, "length")), blocks);
    assert_null(json_object_get(json, strcmp(member, "chain") == 0 ? "new_chain" : "chain"));
    assert_int_equal(json_array_size(report), 1);
    if (status != NULL) {
        assert_string_equal(json_string_value(json_object_get(json_array_get(report, 0), "status")),
                            status);
    }
    assert_true(json_is_string(json_object_get(json_array_get(report, 0), "text")));
    json_decref(json);
}

static void replaces_a_shorter_chain(void **state)
{
    node a;
    node b;

    (void)state;
    open_node(&a, 1, NULL);
    open_node(&b, 1, NULL);
    register_peer(&a, &b);
    register_peer(&b, &a);
    http_mine(a.chain, 3);
    http_mine(b.chain, 1);
    expect_resolved(&a, "chain", 4, NULL);
    expect_resolved(&b, "new_chain", 4, NULL);
    assert_int_equal(http_height(b.chain), 3);
    http_mine(b.chain, 1);
    expect_resolved(&a, "new_chain", 5, NULL);
    expect_resolved(&a, "chain", 5, NULL);

    /* A peer that is gone is a line of the report. */
    close_node(&b);
    expect_resolved(&a, "chain", 5, "BC_ERR_NETWORK");
    close_node(&a);
}

static void may_be_its_own_peer(void **state)
{
    node n;

    (void)state;
    open_node(&n, 1, NULL);
    register_peer(&n, &n);
    http_mine(n.chain, 2);
    expect_resolved(&n, "chain", 3, NULL);
    close_node(&n);
}

/* ---- Many at a time ------------------------------------------------------------------------- */

typedef struct client {
    pthread_t thread;
    uint32_t port;
    unsigned rounds;
    unsigned good; /* answers that were as they should be */
} client;

static void *resolve_often(void *context)
{
    client *c = context;

    for (unsigned i = 0; i < c->rounds; i++) {
        http_answer answer = http_get(c->port, "/nodes/resolve");
        c->good += answer.status == 200 ? 1 : 0;
        http_answer_free(&answer);
    }
    return NULL;
}

static void *use_all(void *context)
{
    client *c = context;

    for (unsigned i = 0; i < c->rounds; i++) {
        http_answer mine = http_get(c->port, "/mine");
        http_answer send = http_post_json(c->port, "/transactions/new",
                                          "{\"sender\":\"a\",\"recipient\":\"b\",\"amount\":1}");
        http_answer chain = http_get(c->port, "/chain");
        size_t length = strlen(chain.body);
        c->good += mine.status == 200 && send.status == 201 && chain.status == 200 &&
                           chain.body[length - 1] == '}'
                       ? 1
                       : 0;
        http_answer_free(&mine);
        http_answer_free(&send);
        http_answer_free(&chain);
    }
    return NULL;
}

static void run_clients(client *clients, size_t count, void *(*run)(void *))
{
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(pthread_create(&clients[i].thread, NULL, run, &clients[i]), 0);
    }
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(pthread_join(clients[i].thread, NULL), 0);
        assert_int_equal(clients[i].good, clients[i].rounds);
    }
}

/* Both ask each other at the same time, and themselves. */
static void resolve_against_each_other(void **state)
{
    client clients[4];
    node nodes[2];

    (void)state;
    for (int i = 0; i < 2; i++) {
        open_node(&nodes[i], 1, NULL);
        http_mine(nodes[i].chain, 2);
    }
    for (int i = 0; i < 4; i++) {
        register_peer(&nodes[i % 2], &nodes[i / 2]);
        clients[i] = (client){.port = nodes[i % 2].port, .rounds = 10};
    }
    run_clients(clients, 4, resolve_often);
    assert_int_equal(http_height(nodes[0].chain), 2);
    assert_int_equal(http_height(nodes[1].chain), 2);
    close_node(&nodes[0]);
    close_node(&nodes[1]);
}

/* Calls of /mine at one time get a block each. */
static void serves_many_clients(void **state)
{
    enum { CLIENTS = 8, ROUNDS = 5 };
    client clients[CLIENTS];
    node n;

    (void)state;
    open_node(&n, 1, NULL);
    for (int i = 0; i < CLIENTS; i++) {
        clients[i] = (client){.port = n.port, .rounds = ROUNDS};
    }
    run_clients(clients, CLIENTS, use_all);
    assert_int_equal(http_height(n.chain), CLIENTS * ROUNDS);
    close_node(&n);
}

/* ---- Work that takes long, and stopping ----------------------------------------------------- */

static int begin_request(uint32_t port, const char *path)
{
    char text[128];
    int fd = http_connect(port);

    (void)snprintf(text, sizeof text, "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", path);
    assert_true(http_send_text(fd, text));
    return fd;
}

/* So many that connections of answered requests, which end a little later, do not count. */
enum { MINERS = 4 };

/* With 64 zeros mining does not end. Half of the connections may mine; the others go on. */
static void mining_holds_nobody_up(void **state)
{
    bc_http_options options = BC_HTTP_OPTIONS_INIT;
    int fds[MINERS];
    int64_t begun;
    http_answer answer;
    node n;

    (void)state;
    options.max_connections = 2 * MINERS;
    open_node(&n, 64, &options);
    for (int i = 0; i < MINERS; i++) {
        fds[i] = begin_request(n.port, "/mine");
    }
    http_pause(500);
    answer = http_get(n.port, "/mine");
    assert_int_equal(answer.status, 503);
    assert_non_null(strstr(answer.body, "too many requests"));
    http_answer_free(&answer);
    answer = http_get(n.port, "/nodes/resolve");
    assert_int_equal(answer.status, 503);
    http_answer_free(&answer);
    answer = http_get(n.port, "/chain");
    assert_int_equal(answer.status, 200);
    http_answer_free(&answer);
    begun = now_ms();
    bc_http_stop(n.http);
    assert_true(now_ms() - begun < 5000);
    for (int i = 0; i < MINERS; i++) {
        char *text = http_receive(fds[i]);
        assert_non_null(text);
        assert_null(strstr(text, "HTTP/1.1 200"));
        free(text);
        (void)close(fds[i]);
    }
    close_node(&n);
}

typedef struct notes {
    atomic_uint left;
    atomic_uint stopping;
} notes;

static void take_note(void *context, uint32_t level, const char *line)
{
    notes *n = context;

    (void)level;
    (void)atomic_fetch_add(&n->left, strcmp(line, "GET /mine: the client left") == 0 ? 1 : 0);
    (void)atomic_fetch_add(&n->stopping,
                           strcmp(line, "GET /mine: the node is stopping") == 0 ? 1 : 0);
}

static void wait_for(atomic_uint *count, unsigned wanted)
{
    int64_t begun = now_ms();

    while (atomic_load(count) < wanted && now_ms() - begun < 10000) {
        http_pause(10);
    }
    assert_int_equal(atomic_load(count), wanted);
}

/* Who asks for a block and goes away gives its place back, also with bytes left unread. */
static void mining_ends_when_the_client_leaves(void **state)
{
    static const char *const behind[] = {"", "GET /chain HTTP/1.1\r\n"};
    bc_http_options options = BC_HTTP_OPTIONS_INIT;
    bc_log log = BC_LOG_INIT;
    notes seen;
    char *text;
    int fd;
    node n;

    (void)state;
    atomic_init(&seen.left, 0);
    atomic_init(&seen.stopping, 0);
    log.level = BC_LOG_DEBUG;
    log.context = &seen;
    log.write = take_note;
    options.log = &log;
    options.max_connections = 2; /* one of them may mine */
    open_node(&n, 14, &options);
    for (unsigned i = 0; i < 2; i++) {
        fd = begin_request(n.port, "/mine");
        assert_true(http_send_text(fd, behind[i]));
        http_pause(200);
        assert_int_equal(atomic_load(&seen.left), i);
        (void)close(fd);
        wait_for(&seen.left, i + 1);
        http_pause(50); /* until its connection is done with */
    }
    /* The place is free: this one is not refused but mines, until the node stops. */
    fd = begin_request(n.port, "/mine");
    http_pause(300);
    bc_http_stop(n.http);
    wait_for(&seen.stopping, 1);
    text = http_receive(fd);
    assert_non_null(text);
    assert_null(strstr(text, "too many"));
    free(text);
    (void)close(fd);
    assert_int_equal(atomic_load(&seen.left), 2);
    close_node(&n);
}

static void never_answers(http_fake *fake, int fd, const char *request)
{
    (void)fd;
    (void)request;
    for (int i = 0; i < 2000 && !http_fake_ending(fake); i++) {
        http_pause(10);
    }
}

/* Clients resolve against a peer that is silent, mine, and read, while the server is stopped, the
 * chain closed and the handle freed. */
static void stops_while_busy(void **state)
{
    (void)state;
    for (int free_first = 0; free_first < 2; free_first++) {
        http_fake *silent = http_fake_start(never_answers, NULL);
        static const char *const paths[] = {"/nodes/resolve", "/mine", "/nodes/resolve", "/chain",
                                            "/nothing"};
        enum { COUNT = 5 };
        int fds[COUNT];
        char peer[64];
        int64_t begun;
        node n;
        open_node(&n, 64, NULL);
        (void)snprintf(peer, sizeof peer, "127.0.0.1:%u", (unsigned)http_fake_port(silent));
        assert_int_equal(bc_chain_add_peer(n.chain, peer, NULL), BC_OK);
        for (int i = 0; i < COUNT; i++) {
            fds[i] = begin_request(n.port, paths[i]);
        }
        http_pause(300);
        begun = now_ms();
        bc_http_stop(n.http);
        if (free_first) {
            bc_http_free(n.http);
            assert_int_equal(bc_chain_close(n.chain, NULL), BC_OK);
        } else {
            assert_int_equal(bc_chain_close(n.chain, NULL), BC_OK);
            bc_http_free(n.http);
        }
        assert_true(now_ms() - begun < 5000);
        for (int i = 0; i < COUNT; i++) {
            char *text = http_receive(fds[i]);
            assert_non_null(text);
            free(text);
            (void)close(fds[i]);
        }
        http_fake_stop(silent);
    }
}

static void starts_again(void **state)
{
    node n;

    (void)state;
    open_node(&n, 1, NULL);
    for (int i = 0; i < 10; i++) {
        http_answer answer = http_get(bc_http_port(n.http), "/mine");
        assert_int_equal(answer.status, 200);
        http_answer_free(&answer);
        bc_http_stop(n.http);
        assert_int_equal(bc_http_start(n.http, n.chain, "again", NULL), BC_OK);
    }
    assert_int_equal(http_height(n.chain), 10);
    close_node(&n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(replaces_a_shorter_chain),
        cmocka_unit_test(may_be_its_own_peer),
        cmocka_unit_test(resolve_against_each_other),
        cmocka_unit_test(serves_many_clients),
        cmocka_unit_test(mining_holds_nobody_up),
        cmocka_unit_test(mining_ends_when_the_client_leaves),
        cmocka_unit_test(stops_while_busy),
        cmocka_unit_test(starts_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
