/* The client against peers that behave in every wrong way: each ends in a line of the resolve's
 * report, and none holds it up or is believed. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include <bc/http.h>

#include "test/support/http.h"

/* A chain with a transport over HTTP, and what its last resolve reported. */
typedef struct node {
    bc_http *http;
    bc_chain *chain;
    uint32_t replaced;
    unsigned lines;
    bc_status status; /* of the last line */
    char text[256];
} node;

static void open_node(node *n, const bc_http_options *http_options, uint64_t reply_bytes,
                      uint64_t request_timeout_us)
{
    bc_options options = BC_OPTIONS_INIT;
    bc_params *params = http_params(1);
    bc_transport transport;

    memset(n, 0, sizeof *n);
    assert_int_equal(bc_http_new(&n->http, http_options, NULL), BC_OK);
    assert_int_equal(bc_http_transport(n->http, &transport, NULL), BC_OK);
    options.transport = &transport;
    options.reply_bytes = reply_bytes;
    options.request_timeout_us = request_timeout_us;
    assert_int_equal(bc_chain_open(&n->chain, params, &options, NULL), BC_OK);
    bc_params_unref(params);
}

static void close_node(node *n)
{
    assert_int_equal(bc_chain_close(n->chain, NULL), BC_OK);
    bc_http_free(n->http);
}

static bc_status note_line(void *context, bc_chain *chain, const bc_event *event)
{
    node *n = context;

    (void)chain;
    if (event->kind == BC_EVENT_PEER) {
        n->lines++;
        n->status = event->status;
        (void)snprintf(n->text, sizeof n->text, "%s", event->text == NULL ? "" : event->text);
    }
    return BC_OK;
}

static void resolve(node *n)
{
    bc_error error = {0, 0, ""};

    n->lines = 0;
    n->status = 1;
    n->text[0] = '\0';
    assert_int_equal(bc_chain_resolve(n->chain, &n->replaced, note_line, n, &error), BC_OK);
}

static void add_port(node *n, uint32_t port)
{
    char peer[64];

    (void)snprintf(peer, sizeof peer, "127.0.0.1:%u", (unsigned)port);
    assert_int_equal(bc_chain_add_peer(n->chain, peer, NULL), BC_OK);
}

static void expect_line(const node *n, bc_status status, const char *words)
{
    assert_int_equal(n->lines, 1);
    assert_int_equal(n->replaced, 0);
    if (n->status != status || strstr(n->text, words) == NULL) {
        fail_msg("%s: \"%s\" is not %s: \"%s\"", bc_status_name(n->status), n->text,
                 bc_status_name(status), words);
    }
}

/* One peer that behaves as `serve` does, with options of the client. */
static void expect_of(http_fake_fn serve, const bc_http_options *options, bc_status status,
                      const char *words)
{
    http_fake *fake = http_fake_start(serve, NULL);
    node n;

    open_node(&n, options, 0, 0);
    add_port(&n, http_fake_port(fake));
    resolve(&n);
    expect_line(&n, status, words);
    assert_int_equal(http_fake_count(fake), 1);
    close_node(&n);
    http_fake_stop(fake);
}

/* ---- Peers that answer wrongly -------------------------------------------------------------- */

static void says_nothing(http_fake *fake, int fd, const char *request)
{
    (void)fake;
    (void)fd;
    (void)request;
}

static void breaks_off(http_fake *fake, int fd, const char *request)
{
    (void)fake;
    (void)request;
    (void)http_send_text(fd, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{\"chain\":[");
}

static void breaks_off_a_chunk(http_fake *fake, int fd, const char *request)
{
    (void)fake;
    (void)request;
    (void)http_send_text(fd, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                             "a\r\n{\"chain\":[\r\n");
}

static void is_not_there(http_fake *fake, int fd, const char *request)
{
    (void)fake;
    (void)request;
    (void)http_send_text(fd, "HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\n{}");
}

static void has_no_content(http_fake *fake, int fd, const char *request)
{
    (void)fake;
    (void)request;
    (void)http_send_text(fd, "HTTP/1.1 204 No Content\r\n\r\n");
}

static void talks_gibberish(http_fake *fake, int fd, const char *request)
{
    (void)fake;
    (void)request;
    (void)http_send_text(fd, "220 mail.example ESMTP\r\n{\"chain\":[],\"length\":0}");
}

static void has_a_strange_version(http_fake *fake, int fd, const char *request)
{
    (void)fake;
    (void)request;
    (void)http_send_text(fd, "HTTP/9.9 200 OK\r\n\r\n{\"chain\":[],\"length\":0}");
}

static void answers_wrongly(void **state)
{
    (void)state;
    expect_of(says_nothing, NULL, BC_ERR_NETWORK, "closed the connection without an answer");
    expect_of(breaks_off, NULL, BC_ERR_NETWORK, "before its answer was complete");
    expect_of(breaks_off_a_chunk, NULL, BC_ERR_NETWORK, "before its answer was complete");
    expect_of(is_not_there, NULL, BC_ERR_NETWORK, "answered 404");
    expect_of(has_no_content, NULL, BC_ERR_NETWORK, "answered 204");
    expect_of(talks_gibberish, NULL, BC_ERR_NETWORK, "did not answer in HTTP");
    expect_of(has_a_strange_version, NULL, BC_ERR_NETWORK, "did not answer in HTTP");
}

static void redirects(http_fake *fake, int fd, const char *request)
{
    char head[256];

    (void)request;
    (void)snprintf(head, sizeof head,
                   "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:%u/chain\r\n"
                   "Content-Length: 0\r\n\r\n",
                   (unsigned)http_fake_port(fake));
    (void)http_send_text(fd, head);
}

/* expect_of counts one connection: the one that was redirected to was not made. */
static void follows_no_redirect(void **state)
{
    (void)state;
    expect_of(redirects, NULL, BC_ERR_NETWORK, "answered 302, a redirect");
}

/* ---- Peers that never end ------------------------------------------------------------------- */

static void sends_endless_body(http_fake *fake, int fd, const char *request)
{
    static const char zeros[4096] = {0};

    (void)request;
    (void)http_send_text(fd, "HTTP/1.1 200 OK\r\n\r\n");
    while (!http_fake_ending(fake) && http_send(fd, zeros, sizeof zeros)) {
    }
}

static void bounds_the_body(void **state)
{
    http_fake *fake = http_fake_start(sends_endless_body, NULL);
    node n;

    (void)state;
    open_node(&n, NULL, 100000, 0);
    add_port(&n, http_fake_port(fake));
    resolve(&n);
    expect_line(&n, BC_ERR_LIMIT, "");
    close_node(&n);
    http_fake_stop(fake);
}

static void sends_endless_header(http_fake *fake, int fd, const char *request)
{
    (void)request;
    (void)http_send_text(fd, "HTTP/1.1 200 OK\r\n");
    while (!http_fake_ending(fake) &&
           http_send_text(fd, "X-Filler: 0123456789012345678901234\r\n")) {
    }
}

static void sends_endless_interim(http_fake *fake, int fd, const char *request)
{
    (void)request;
    while (!http_fake_ending(fake) && http_send_text(fd, "HTTP/1.1 100 Continue\r\n\r\n")) {
    }
}

static void sends_endless_trailer(http_fake *fake, int fd, const char *request)
{
    (void)request;
    (void)http_send_text(fd, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X\r\n\r\n"
                             "2\r\n{}\r\n0\r\n");
    while (!http_fake_ending(fake) && http_send_text(fd, "X: 0123456789012345678901234\r\n")) {
    }
}

static void bounds_the_head(void **state)
{
    (void)state;
    expect_of(sends_endless_header, NULL, BC_ERR_NETWORK, "more than 65536 bytes of header");
    expect_of(sends_endless_interim, NULL, BC_ERR_NETWORK, "more than 65536 bytes of header");
    expect_of(sends_endless_trailer, NULL, BC_ERR_NETWORK, "more than 65536 bytes of header");
}

/* ---- Peers that are slow -------------------------------------------------------------------- */

static void says_nothing_for_long(http_fake *fake, int fd, const char *request)
{
    (void)fd;
    (void)request;
    for (int i = 0; i < 1000 && !http_fake_ending(fake); i++) {
        http_pause(10);
    }
}

static void drips(http_fake *fake, int fd, const char *request)
{
    (void)request;
    (void)http_send_text(fd, "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n");
    for (int i = 0; i < 1000 && !http_fake_ending(fake) && http_send_text(fd, " "); i++) {
        http_pause(20);
    }
}

static void bounds_the_time(void **state)
{
    bc_http_options options = BC_HTTP_OPTIONS_INIT;

    (void)state;
    options.request_timeout_us = 300000;
    expect_of(says_nothing_for_long, &options, BC_ERR_NETWORK, "did not answer within 300 ms");
    options.request_timeout_us = 1000000;
    expect_of(drips, &options, BC_ERR_NETWORK, "did not answer within 1 s");
    options.request_timeout_us = 0;
    options.low_speed_us = 1000000;
    options.low_speed_bytes = 1000;
    expect_of(drips, &options, BC_ERR_NETWORK, "fewer than 1000 bytes a second for 1 s");
}

/* The chain waits less long than the client: it cancels, and all may be closed at once. */
static void is_cancelled(void **state)
{
    http_fake *fake = http_fake_start(says_nothing_for_long, NULL);
    node n;

    (void)state;
    open_node(&n, NULL, 0, 200000);
    add_port(&n, http_fake_port(fake));
    resolve(&n);
    assert_int_equal(n.lines, 1);
    assert_int_not_equal(n.status, BC_OK);
    close_node(&n);
    http_fake_stop(fake);
}

/* ---- Peers that are not there --------------------------------------------------------------- */

static void names_what_cannot_be_reached(void **state)
{
    node n;
    char peer[64];
    uint32_t closed = http_closed_port();

    (void)state;
    open_node(&n, NULL, 0, 0);
    add_port(&n, closed);
    resolve(&n);
    expect_line(&n, BC_ERR_NETWORK, "connection refused");
    (void)snprintf(peer, sizeof peer, "127.0.0.1:%u", (unsigned)closed);
    assert_int_equal(bc_chain_remove_peer(n.chain, peer, NULL), BC_OK);

    assert_int_equal(bc_chain_add_peer(n.chain, "no-such-host.invalid:1", NULL), BC_OK);
    resolve(&n);
    /* "looked up", or "reached within 5 s" where the machine's resolver is slow to say so */
    expect_line(&n, BC_ERR_NETWORK, "could not be ");
    assert_int_equal(bc_chain_remove_peer(n.chain, "no-such-host.invalid:1", NULL), BC_OK);

    /* What never went through bc_http_peer_name. */
    assert_int_equal(bc_chain_add_peer(n.chain, "file:///etc/passwd", NULL), BC_OK);
    resolve(&n);
    expect_line(&n, BC_ERR_FORMAT, "http:// or https://");
    close_node(&n);
}

/* Linux leaves a connection unanswered that finds a listener's queue full. */
#ifdef __linux__
static void bounds_the_time_to_connect(void **state)
{
    enum { FILLERS = 4 };
    bc_http_options options = BC_HTTP_OPTIONS_INIT;
    struct sockaddr_in at;
    socklen_t size = sizeof at;
    int fillers[FILLERS];
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    node n;

    (void)state;
    memset(&at, 0, sizeof at);
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(bind(listener, (struct sockaddr *)&at, size), 0);
    assert_int_equal(listen(listener, 0), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&at, &size), 0);
    for (int i = 0; i < FILLERS; i++) {
        fillers[i] = socket(AF_INET, SOCK_STREAM, 0);
        assert_int_not_equal(fcntl(fillers[i], F_SETFL, O_NONBLOCK), -1);
        (void)connect(fillers[i], (struct sockaddr *)&at, size);
    }
    http_pause(50);
    options.connect_timeout_us = 300000;
    open_node(&n, &options, 0, 0);
    add_port(&n, ntohs(at.sin_port));
    resolve(&n);
    expect_line(&n, BC_ERR_NETWORK, "could not be reached within 300 ms");
    close_node(&n);
    for (int i = 0; i < FILLERS; i++) {
        (void)close(fillers[i]);
    }
    (void)close(listener);
}
#endif

/* A peer that is to speak TLS and does not. */
static void speaks_tls_where_told(void **state)
{
    http_fake *fake = http_fake_start(is_not_there, NULL);
    char peer[64];
    node n;

    (void)state;
    open_node(&n, NULL, 0, 0);
    (void)snprintf(peer, sizeof peer, "https://127.0.0.1:%u", (unsigned)http_fake_port(fake));
    assert_int_equal(bc_chain_add_peer(n.chain, peer, NULL), BC_OK);
    resolve(&n);
    expect_line(&n, BC_ERR_NETWORK, "SSL");
    close_node(&n);
    http_fake_stop(fake);
}

/* ---- Peers that are good -------------------------------------------------------------------- */

typedef struct good {
    char *text; /* the chain */
    char request[1024];
} good;

static void gives_the_chain(http_fake *fake, int fd, const char *request)
{
    good *g = http_fake_context(fake);

    (void)snprintf(g->request, sizeof g->request, "%s", request);
    (void)http_send_text(fd, "HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n");
    (void)http_send_text(fd, g->text);
}

/* The chain of `from` as "chain" gives it. */
static char *chain_text(bc_chain *from)
{
    bc_answer *answer = NULL;
    size_t length = 0;
    char *text = malloc(1 << 20);

    assert_non_null(text);
    assert_int_equal(bc_chain_serve(from, &answer, NULL, "chain", NULL, 0, NULL), BC_OK);
    for (;;) {
        size_t got = 0;
        assert_int_equal(
            bc_answer_read(answer, &got, (uint8_t *)text + length, (1 << 20) - length - 1, NULL),
            BC_OK);
        if (got == 0) {
            break;
        }
        length += got;
    }
    bc_answer_unref(answer);
    text[length] = '\0';
    return text;
}

static void asks_as_the_tutorial_does(void **state)
{
    good g = {NULL, ""};
    http_fake *fake;
    node n;
    bc_chain *other = NULL;
    bc_params *params = http_params(1);
    char host[64];

    (void)state;
    /* No proxy is used, whatever the environment says. */
    assert_int_equal(setenv("http_proxy", "http://127.0.0.1:1", 1), 0);
    assert_int_equal(setenv("ALL_PROXY", "http://127.0.0.1:1", 1), 0);
    assert_int_equal(bc_chain_open(&other, params, NULL, NULL), BC_OK);
    bc_params_unref(params);
    http_mine(other, 3);
    g.text = chain_text(other);
    fake = http_fake_start(gives_the_chain, &g);
    open_node(&n, NULL, 0, 0);
    add_port(&n, http_fake_port(fake));
    resolve(&n);
    assert_int_equal(n.lines, 1);
    assert_int_equal(n.status, BC_OK);
    assert_int_equal(n.replaced, 1);
    assert_int_equal(http_height(n.chain), 3);

    assert_memory_equal(g.request, "GET /chain HTTP/1.1\r\n", 21);
    (void)snprintf(host, sizeof host, "\r\nHost: 127.0.0.1:%u\r\n", (unsigned)http_fake_port(fake));
    assert_non_null(strstr(g.request, host));
    assert_null(strstr(g.request, "Cookie"));
    assert_null(strstr(g.request, "Authorization"));
    assert_null(strstr(g.request, "Accept-Encoding"));
    (void)unsetenv("http_proxy");
    (void)unsetenv("ALL_PROXY");
    close_node(&n);
    http_fake_stop(fake);
    assert_int_equal(bc_chain_close(other, NULL), BC_OK);
    free(g.text);
}

/* ---- Other methods -------------------------------------------------------------------------- */

/* A transport that puts another method and a body into every request, for the rules under which
 * there are such. */
typedef struct changing {
    bc_transport http;
    const char *method;
    const char *body;
} changing;

static bc_status change_request(void *context, const char *peer, const char *method,
                                const uint8_t *body, size_t length, bc_reply *reply)
{
    changing *c = context;

    (void)method;
    (void)body;
    (void)length;
    return c->http.request(c->http.context, peer, c->method, (const uint8_t *)c->body,
                           strlen(c->body), reply);
}

static void close_changing(void *context)
{
    changing *c = context;

    c->http.close(c->http.context);
}

static void open_changing_node(node *n, changing *c)
{
    bc_options options = BC_OPTIONS_INIT;
    bc_params *params = http_params(1);
    bc_transport transport = BC_TRANSPORT_INIT;

    memset(n, 0, sizeof *n);
    assert_int_equal(bc_http_new(&n->http, NULL, NULL), BC_OK);
    assert_int_equal(bc_http_transport(n->http, &c->http, NULL), BC_OK);
    transport.context = c;
    transport.request = change_request;
    transport.close = close_changing;
    options.transport = &transport;
    assert_int_equal(bc_chain_open(&n->chain, params, &options, NULL), BC_OK);
    bc_params_unref(params);
}

/* Keeps the request with its body of three bytes. */
static void keeps_the_body(http_fake *fake, int fd, const char *request)
{
    good *g = http_fake_context(fake);

    (void)snprintf(g->request, sizeof g->request, "%s", request);
    while (strcmp(strstr(g->request, "\r\n\r\n") + 4, "a b") != 0) {
        size_t length = strlen(g->request);
        ssize_t got = recv(fd, g->request + length, sizeof g->request - length - 1, 0);
        if (got <= 0) {
            break;
        }
        g->request[length + (size_t)got] = '\0';
    }
    (void)http_send_text(fd, "HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n{\"chain\":[]}");
}

static void posts_other_methods(void **state)
{
    changing c = {BC_TRANSPORT_INIT, "get-headers_2", "a b"};
    good g = {NULL, ""};
    http_fake *fake = http_fake_start(keeps_the_body, &g);
    node n;

    (void)state;
    open_changing_node(&n, &c);
    add_port(&n, http_fake_port(fake));
    resolve(&n);
    assert_int_equal(n.lines, 1);
    assert_memory_equal(g.request, "POST /bc/1/get-headers_2 HTTP/1.1\r\n", 35);
    assert_non_null(strstr(g.request, "\r\nContent-Type: application/octet-stream\r\n"));
    assert_non_null(strstr(g.request, "\r\nContent-Length: 3\r\n"));
    assert_null(strstr(g.request, "Expect"));
    assert_string_equal(strstr(g.request, "\r\n\r\n"), "\r\n\r\na b");
    close_node(&n);
    http_fake_stop(fake);
}

static void refuses_methods_that_fit_no_url(void **state)
{
    static const char *const table[][2] = {
        {"", ""},
        {"a/b", ""},
        {"a b", ""},
        {"a?b", ""},
        {"..", ""},
        {"0123456789012345678901234567890123456789012345678901234567890123x", ""},
        {"chain", "a body"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        changing c = {BC_TRANSPORT_INIT, table[i][0], table[i][1]};
        node n;
        open_changing_node(&n, &c);
        add_port(&n, 1);
        resolve(&n);
        expect_line(&n, BC_ERR_ARGUMENT, "the ");
        close_node(&n);
    }
}

/* ---- Many, and the end ---------------------------------------------------------------------- */

/* More peers than requests at a time: all have their turn. */
static void asks_many_in_turn(void **state)
{
    enum { COUNT = 12 };
    bc_http_options options = BC_HTTP_OPTIONS_INIT;
    http_fake *fakes[COUNT];
    node n;

    (void)state;
    options.max_requests = 2;
    open_node(&n, &options, 0, 0);
    for (int i = 0; i < COUNT; i++) {
        fakes[i] = http_fake_start(is_not_there, NULL);
        add_port(&n, http_fake_port(fakes[i]));
    }
    resolve(&n);
    assert_int_equal(n.lines, COUNT);
    assert_int_equal(n.status, BC_ERR_NETWORK);
    for (int i = 0; i < COUNT; i++) {
        assert_int_equal(http_fake_count(fakes[i]), 1);
        http_fake_stop(fakes[i]);
    }
    close_node(&n);
}

/* The chain still has the transport of a handle that is freed. */
static void is_closed_after_free(void **state)
{
    node n;

    (void)state;
    open_node(&n, NULL, 0, 0);
    add_port(&n, http_closed_port());
    bc_http_free(n.http);
    resolve(&n);
    expect_line(&n, BC_ERR_CLOSED, "stopped");
    n.http = NULL;
    close_node(&n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_wrongly),
        cmocka_unit_test(follows_no_redirect),
        cmocka_unit_test(bounds_the_body),
        cmocka_unit_test(bounds_the_head),
        cmocka_unit_test(bounds_the_time),
        cmocka_unit_test(is_cancelled),
        cmocka_unit_test(names_what_cannot_be_reached),
#ifdef __linux__
        cmocka_unit_test(bounds_the_time_to_connect),
#endif
        cmocka_unit_test(speaks_tls_where_told),
        cmocka_unit_test(asks_as_the_tutorial_does),
        cmocka_unit_test(posts_other_methods),
        cmocka_unit_test(refuses_methods_that_fit_no_url),
        cmocka_unit_test(asks_many_in_turn),
        cmocka_unit_test(is_closed_after_free),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
