/* The server against clients that break HTTP or the peace: whatever comes, it answers with a 4xx or
 * closes the connection, and goes on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include <bc/http.h>

#include "test/support/http.h"

enum { BODY_BYTES_MAX = 2048, HEADER_BYTES_MAX = 4096, TIMEOUT_MS = 600 };

typedef struct node {
    bc_http *http;
    bc_chain *chain;
    uint32_t port;
} node;

static int set_up(void **state)
{
    static node n;
    bc_http_options options = BC_HTTP_OPTIONS_INIT;
    bc_params *params = http_params(1);

    options.max_body_bytes = BODY_BYTES_MAX;
    options.max_header_bytes = HEADER_BYTES_MAX;
    options.server_timeout_us = TIMEOUT_MS * 1000;
    assert_int_equal(bc_http_new(&n.http, &options, NULL), BC_OK);
    assert_int_equal(bc_chain_open(&n.chain, params, NULL, NULL), BC_OK);
    bc_params_unref(params);
    assert_int_equal(bc_http_start(n.http, n.chain, NULL, NULL), BC_OK);
    n.port = bc_http_port(n.http);
    *state = &n;
    return 0;
}

static int tear_down(void **state)
{
    node *n = *state;

    bc_http_free(n->http);
    assert_int_equal(bc_chain_close(n->chain, NULL), BC_OK);
    return 0;
}

static void expect_alive(const node *n)
{
    http_answer answer = http_get(n->port, "/chain");

    assert_int_equal(answer.status, 200);
    assert_int_equal(http_height(n->chain), 0);
    http_answer_free(&answer);
}

static int64_t now_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Sends the bytes and nothing more, and gives what comes back. */
static http_answer ask_raw(uint32_t port, const char *bytes, size_t length)
{
    http_answer answer;
    int fd = http_connect(port);

    (void)http_send(fd, bytes, length);
    (void)shutdown(fd, SHUT_WR);
    answer = http_parse(http_receive(fd));
    (void)close(fd);
    return answer;
}

static void survives_garbage(void **state)
{
    static const char *const texts[] = {
        "",
        "\r\n",
        "\r\n\r\n\r\n\r\n",
        "GET",
        "GET /chain",
        "GET /chain\r\n",
        "GET  /chain HTTP/1.1\r\nHost: a\r\n",
        "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "\xff\xfe\xfd\xfc\r\n\r\n",
        ("POST /transactions/new HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
         "Content-Length: 1000\r\n\r\n{\"sender\":"),
        "GET /mine HTTP/1.1\r\nHost: 127.0.0.1\r\nX: y",
    };
    const node *n = *state;

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        http_answer answer = ask_raw(n->port, texts[i], strlen(texts[i]));
        assert_true(answer.status == 0 || answer.status >= 400);
        http_answer_free(&answer);
    }
    expect_alive(n);
}

/* Bytes from a fixed sequence, some of them behind a beginning that looks well. */
static void survives_noise(void **state)
{
    const node *n = *state;
    uint32_t x = 12345;

    for (int round = 0; round < 60; round++) {
        char noise[600];
        size_t at = 0;
        http_answer answer;
        if (round % 2 == 0) {
            at = (size_t)snprintf(noise, sizeof noise,
                                  "POST /nodes/register HTTP/1.1\r\nContent-Type: "
                                  "application/json\r\nContent-Length: 300\r\n%s",
                                  round % 4 == 0 ? "\r\n" : "");
        }
        for (; at < sizeof noise; at++) {
            x = x * 1664525 + 1013904223;
            noise[at] = (char)(x >> 24);
        }
        answer = ask_raw(n->port, noise, sizeof noise);
        assert_true(answer.status == 0 || answer.status >= 400);
        http_answer_free(&answer);
    }
    expect_alive(n);
}

static void refuses_broken_lengths(void **state)
{
    static const char *const lengths[][2] = {
        {"Content-Length: -1\r\n", "400"},
        {"Content-Length: abc\r\n", "400"},
        {"Content-Length: 99999999999999999999999999\r\n", "413"},
        {"Content-Length: 18446744073709551615\r\n", "413"},
        {"Content-Length: 9223372036854775807\r\n", "413"},
        {"", "411"},
        {"Transfer-Encoding: chunked\r\n", "411"},
    };
    const node *n = *state;

    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        char text[512];
        http_answer answer;
        (void)snprintf(text, sizeof text,
                       "POST /transactions/new HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
                       "Content-Type: application/json\r\n%s\r\n"
                       "2\r\n{}\r\n0\r\n\r\n",
                       lengths[i][0]);
        answer = ask_raw(n->port, text, strlen(text));
        if (answer.status != atoi(lengths[i][1])) {
            fail_msg("%s is not answered with %s: %s", lengths[i][0], lengths[i][1], answer.text);
        }
        http_answer_free(&answer);
    }
    expect_alive(n);
}

/* The boundary is exact; what is refused is read to its end, so that the answer arrives. */
static void bounds_the_body(void **state)
{
    static const struct {
        size_t length;
        int status;
    } table[] = {{BODY_BYTES_MAX, 400}, {BODY_BYTES_MAX + 1, 413}, {1000000, 413}, {20000000, 413}};
    const node *n = *state;

    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        char *body = malloc(table[i].length + 1);
        http_answer answer;
        assert_non_null(body);
        memset(body, ' ', table[i].length);
        body[table[i].length] = '\0';
        answer = http_post_json(n->port, "/transactions/new", body);
        /* The last is not read to its end: its answer may be lost. */
        assert_true(answer.status == table[i].status || (i == 3 && answer.status == 0));
        if (answer.status == 413) {
            assert_non_null(strstr(answer.body, "at most 2048"));
        }
        http_answer_free(&answer);
        free(body);
    }
    expect_alive(n);
}

static void bounds_the_head(void **state)
{
    const node *n = *state;
    size_t length = 200000;
    char *text = malloc(length + 1);
    http_answer answer;

    assert_non_null(text);
    /* one long line */
    (void)snprintf(text, length, "GET /chain HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ");
    memset(text + strlen(text), 'x', length - strlen(text));
    text[length] = '\0';
    answer = ask_raw(n->port, text, length);
    assert_true(answer.status == 431 || answer.status == 0);
    http_answer_free(&answer);
    /* many lines */
    (void)snprintf(text, length, "GET /chain HTTP/1.1\r\nHost: 127.0.0.1\r\n");
    for (size_t at = strlen(text); at + 8 < length; at += 6) {
        memcpy(text + at, "X: y\r\n", 7);
    }
    answer = ask_raw(n->port, text, strlen(text));
    assert_true(answer.status == 431 || answer.status == 0);
    http_answer_free(&answer);
    /* a long path */
    memset(text, 'x', length);
    memcpy(text, "GET /", 5);
    answer = ask_raw(n->port, text, length);
    assert_true(answer.status == 414 || answer.status == 431 || answer.status == 0);
    http_answer_free(&answer);
    /* a head that is well within */
    memset(text, 0, length);
    (void)snprintf(text, length,
                   "GET /chain HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nX: ");
    memset(text + strlen(text), 'x', HEADER_BYTES_MAX / 2);
    memcpy(text + strlen(text), "\r\n\r\n", 5);
    answer = ask_raw(n->port, text, strlen(text));
    assert_int_equal(answer.status, 200);
    http_answer_free(&answer);
    /* a path that fits the head but no route */
    (void)snprintf(text, length,
                   "GET /bc/1/%0*d HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n", 500,
                   1);
    answer = ask_raw(n->port, text, strlen(text));
    assert_int_equal(answer.status, 404);
    http_answer_free(&answer);
    free(text);
    expect_alive(n);
}

static void refuses_a_body_where_none_belongs(void **state)
{
    const node *n = *state;
    http_answer answer = http_ask(n->port, "GET", "/mine", NULL, "{}");

    assert_int_equal(answer.status, 400);
    assert_non_null(strstr(answer.body, "takes no body"));
    http_answer_free(&answer);
    answer = http_ask(n->port, "GET", "/chain", NULL, ""); /* Content-Length: 0 */
    assert_int_equal(answer.status, 200);
    http_answer_free(&answer);
    expect_alive(n);
}

/* A head that two readers may read in two ways. What stands behind it is no request of ours: were it
 * one, there would be a second answer, of 200. */
static void refuses_doubtful_heads(void **state)
{
    static const char *const heads[][2] = {
        {"GET /mine HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: 127.0.0.1\r\n", "Host is given more"},
        {"GET /mine HTTP/1.1\r\nHost: 127.0.0.1\r\nhost: evil.example\r\n", "more than once"},
        {"GET /mine HTTP/1.1\r\nHost: 127.0.0.1\r\nOrigin: http://127.0.0.1\r\n"
         "Origin: http://evil.example\r\n",
         "Origin is given more"},
        {"GET /mine HTTP/1.1\r\nHost: 127.0.0.1\r\nReferer: http://127.0.0.1/\r\n"
         "Referer: http://evil.example/\r\n",
         "Referer is given more"},
        {"GET /mine HTTP/1.1\r\nHost: 127.0.0.1\r\nSec-Fetch-Site: none\r\n"
         "Sec-Fetch-Site: cross-site\r\n",
         "Sec-Fetch-Site is given more"},
        {"POST /transactions/new HTTP/1.1\r\nHost: 127.0.0.1\r\n"
         "Content-Type: application/json\r\nContent-Length: 0\r\nContent-Length: 50\r\n",
         "Content-Length is given more"},
        {"POST /transactions/new HTTP/1.1\r\nHost: 127.0.0.1\r\n"
         "Content-Type: application/json\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n",
         "not taken together"},
        {"GET /mine HTTP/1.1\r\n", "Host header is missing"},
        {"GET /mine HTTP/1.1\r\nHost:\r\n", "Host header is not"},
        {"GET /mine HTTP/1.1\r\nHost: [::1]evil\r\n", "Host header is not"},
        {"GET /mine HTTP/1.1\r\nHost: [::1\r\n", "Host header is not"},
        {"GET /mine HTTP/1.1\r\nHost: 127.0.0.1:x\r\n", "Host header is not"},
        {"GET /mine HTTP/1.1\r\nHost: 127.0.0.1, evil.example\r\n", "Host header is not"},
        {"GET /mine HTTP/1.1\r\nHost: evil@127.0.0.1\r\n", "Host header is not"},
        {"GET /mine HTTP/1.1\r\nHost: http://127.0.0.1/\r\n", "Host header is not"},
        {"GET /mine HTTP/1.1\r\nHost: .localhost\r\n", "Host header is not"},
        {"GET /mine%00x HTTP/1.1\r\nHost: 127.0.0.1\r\n", "control character"},
        {"GET /mine%00 HTTP/1.1\r\nHost: 127.0.0.1\r\n", "control character"},
        {"GET /mine%0d%0a HTTP/1.1\r\nHost: 127.0.0.1\r\n", "control character"},
    };
    const node *n = *state;

    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++) {
        char text[512];
        http_answer answer;
        (void)snprintf(text, sizeof text, "%s\r\nGET /chain HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
                       heads[i][0]);
        answer = ask_raw(n->port, text, strlen(text));
        if (answer.status != 400 || strstr(answer.body, heads[i][1]) == NULL ||
            strstr(answer.body, "HTTP/1.1") != NULL) {
            fail_msg("%s is not refused: %s", heads[i][0], answer.text);
        }
        http_answer_free(&answer);
    }
    expect_alive(n);
}

static void answers_in_turn_on_one_connection(void **state)
{
    static const char *const text = "GET /nothing HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
                                    "POST /transactions/new HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                                    "Content-Type: text/plain\r\nContent-Length: 5\r\n\r\nGET /"
                                    "PUT /chain HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
                                    "GET /chain HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                                    "Connection: close\r\n\r\n";
    const node *n = *state;
    http_answer answer = ask_raw(n->port, text, strlen(text));
    const char *at = answer.text;
    const char *const statuses[] = {"HTTP/1.1 404", "HTTP/1.1 415", "HTTP/1.1 405", "HTTP/1.1 200"};

    for (size_t i = 0; i < 4; i++) {
        at = strstr(at, statuses[i]);
        assert_non_null(at);
    }
    http_answer_free(&answer);
    expect_alive(n);
}

/* Waits until the server closes; gives the milliseconds. */
static int64_t time_until_closed(int fd, int64_t begun)
{
    char *text = http_receive(fd);

    assert_non_null(text);
    free(text);
    (void)close(fd);
    return now_ms() - begun;
}

static void expect_about_the_timeout(int64_t took)
{
    assert_true(took >= TIMEOUT_MS * 3 / 4);
    assert_true(took <= TIMEOUT_MS * 8);
}

/* Each byte comes long before any time-out between bytes; the request as a whole does not. */
static void bounds_the_time_of_a_request(void **state)
{
    static const char *const head =
        "POST /transactions/new HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        "Content-Type: application/json\r\nContent-Length: 2000\r\n\r\n";
    const node *n = *state;

    for (int in_body = 0; in_body < 2; in_body++) {
        int fd = http_connect(n->port);
        int64_t begun = now_ms();
        const char *at = head;
        if (in_body) {
            assert_true(http_send_text(fd, head));
        }
        while (now_ms() - begun < TIMEOUT_MS * 10 && http_send(fd, in_body ? " " : at, 1)) {
            at += at[1] == '\0' ? 0 : 1;
            http_pause(20);
        }
        expect_about_the_timeout(time_until_closed(fd, begun));
    }
    expect_alive(n);
}

static void bounds_the_time_between_requests(void **state)
{
    const node *n = *state;
    int silent = http_connect(n->port);
    int64_t begun = now_ms();
    int idle;

    expect_about_the_timeout(time_until_closed(silent, begun));
    idle = http_connect(n->port);
    assert_true(http_send_text(idle, "GET /nothing HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"));
    begun = now_ms();
    expect_about_the_timeout(time_until_closed(idle, begun));
    expect_alive(n);
}

static int count_closed(const int *fds, int count)
{
    int closed = 0;

    for (int i = 0; i < count; i++) {
        char byte;
        closed += recv(fds[i], &byte, 1, MSG_DONTWAIT) == 0 ? 1 : 0;
    }
    return closed;
}

/* Silent connections up to the limit for one address: the next are closed, and when the silent ones
 * go there is room again. */
static void bounds_the_connections(void **state)
{
    enum { COUNT = 60, MOST = 20 };
    bc_http_options options = BC_HTTP_OPTIONS_INIT;
    const node *n = *state;
    bc_http *http = NULL;
    int fds[COUNT];
    http_answer answer = {0, NULL, NULL};
    int64_t begun = now_ms();

    options.max_connections_per_ip = MOST;
    assert_int_equal(bc_http_new(&http, &options, NULL), BC_OK);
    assert_int_equal(bc_http_start(http, n->chain, NULL, NULL), BC_OK);
    for (int i = 0; i < COUNT; i++) {
        fds[i] = http_connect(bc_http_port(http));
    }
    while (count_closed(fds, COUNT) < COUNT - MOST && now_ms() - begun < 10000) {
        http_pause(10);
    }
    http_pause(50);
    assert_int_equal(count_closed(fds, COUNT), COUNT - MOST);
    for (int i = 0; i < COUNT; i++) {
        (void)close(fds[i]);
    }
    while (answer.status != 200 && now_ms() - begun < 10000) {
        http_answer_free(&answer);
        answer = http_get(bc_http_port(http), "/chain");
    }
    assert_int_equal(answer.status, 200);
    http_answer_free(&answer);
    bc_http_free(http);
}

/* A client that asks and never reads is let go, and its place is free again. */
static void bounds_the_time_of_an_answer(void **state)
{
    bc_http_options options = BC_HTTP_OPTIONS_INIT;
    bc_params *params = http_params(1);
    bc_chain *chain = NULL;
    bc_http *http = NULL;
    char *record = malloc(100000);
    bc_tx *tx = NULL;
    int small = 4096;
    http_answer answer;
    int64_t begun;
    int fd;

    (void)state;
    assert_non_null(record);
    assert_int_equal(bc_chain_open(&chain, params, NULL, NULL), BC_OK);
    memset(record, 'x', 99999);
    record[99999] = '\0';
    memcpy(record, "{\"sender\":1,\"amount\":1,\"recipient\":\"", 36);
    memcpy(record + 99997, "\"}", 2);
    for (int i = 0; i < 100; i++) { /* 10 MB, more than sockets hold */
        uint32_t verdict = 0;
        uint32_t reason = 0;
        assert_int_equal(bc_tx_from_json(&tx, params, record, 99999, NULL), BC_OK);
        assert_int_equal(bc_chain_submit_tx(chain, &verdict, &reason, tx, NULL), BC_OK);
        assert_int_equal(verdict, BC_VERDICT_ACCEPTED);
        bc_tx_unref(tx);
        if (i % 20 == 19) {
            http_mine(chain, 1);
        }
    }
    free(record);
    bc_params_unref(params);
    options.server_timeout_us = TIMEOUT_MS * 1000;
    options.max_connections = 1;
    assert_int_equal(bc_http_new(&http, &options, NULL), BC_OK);
    assert_int_equal(bc_http_start(http, chain, NULL, NULL), BC_OK);
    fd = http_connect(bc_http_port(http));
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    begun = now_ms();
    assert_true(http_send_text(fd, "GET /chain HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"));
    http_pause(100);
    answer = http_get(bc_http_port(http), "/chain");
    assert_int_equal(answer.status, 0);
    while (answer.status != 200 && now_ms() - begun < 20000) {
        http_answer_free(&answer);
        http_pause(20);
        answer = http_get(bc_http_port(http), "/chain");
    }
    assert_int_equal(answer.status, 200);
    assert_true(strlen(answer.body) > 9000000);
    http_answer_free(&answer);
    (void)close(fd);
    bc_http_free(http);
    assert_int_equal(bc_chain_close(chain, NULL), BC_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(survives_garbage),
        cmocka_unit_test(survives_noise),
        cmocka_unit_test(refuses_broken_lengths),
        cmocka_unit_test(bounds_the_body),
        cmocka_unit_test(bounds_the_head),
        cmocka_unit_test(refuses_a_body_where_none_belongs),
        cmocka_unit_test(refuses_doubtful_heads),
        cmocka_unit_test(answers_in_turn_on_one_connection),
        cmocka_unit_test(bounds_the_time_of_a_request),
        cmocka_unit_test(bounds_the_time_between_requests),
        cmocka_unit_test(bounds_the_connections),
        cmocka_unit_test(bounds_the_time_of_an_answer),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
