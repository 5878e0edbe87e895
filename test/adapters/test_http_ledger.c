/* Two nodes under the ledger's rules that agree over HTTP: hello, headers and blocks through the client
 * and the server. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <bc/http.h>

#include "test/support/http.h"

typedef struct node {
    bc_http *http;
    bc_chain *chain;
    uint32_t port;
    char name[64];
} node;

static void open_node(node *n, const char *bind)
{
    bc_options options = BC_OPTIONS_INIT;
    bc_http_options http_options = BC_HTTP_OPTIONS_INIT;
    bc_transport transport;
    bc_params *params;

    memset(n, 0, sizeof *n);
    http_options.bind = bind;
    assert_int_equal(bc_params_preset(&params, "ledger-dev", NULL, NULL), BC_OK);
    assert_int_equal(bc_http_new(&n->http, &http_options, NULL), BC_OK);
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

static void mine(const node *n, unsigned count)
{
    uint8_t recipient[32] = {7};
    bc_mine_options options = BC_MINE_OPTIONS_INIT;

    options.recipient = recipient;
    options.recipient_length = sizeof recipient;
    for (unsigned at = 0; at < count; at++) {
        bc_block *block;
        assert_int_equal(bc_chain_mine(n->chain, &block, &options, NULL), BC_OK);
        bc_block_unref(block);
    }
}

static bc_status keep_line(void *context, bc_chain *chain, const bc_event *event)
{
    (void)chain;
    (void)snprintf(context, 256, "%s", event->text);
    return BC_OK;
}

static void expect_resolve(const node *n, uint32_t expected, const char *line)
{
    char text[256] = "";
    uint32_t replaced = 7;

    assert_int_equal(bc_chain_resolve(n->chain, &replaced, keep_line, text, NULL), BC_OK);
    assert_string_equal(text, line);
    assert_int_equal(replaced, expected);
}

static void expect_same_tip(const node *first, const node *second)
{
    uint8_t ids[2][32];

    assert_int_equal(bc_chain_tip(first->chain, NULL, ids[0], NULL), BC_OK);
    assert_int_equal(bc_chain_tip(second->chain, NULL, ids[1], NULL), BC_OK);
    assert_memory_equal(ids[0], ids[1], 32);
}

static void two_nodes_agree(void **state)
{
    node first;
    node second;

    (void)state;
    open_node(&first, NULL);
    open_node(&second, NULL);
    assert_int_equal(bc_chain_add_peer(first.chain, second.name, NULL), BC_OK);
    assert_int_equal(bc_chain_add_peer(second.chain, first.name, NULL), BC_OK);
    mine(&first, 2300);
    expect_resolve(&second, 1, "its chain of height 2300 is ours now");
    expect_same_tip(&first, &second);
    mine(&second, 3);
    mine(&first, 2);
    expect_resolve(&second, 0, "its chain of height 2302 is not better than ours");
    expect_resolve(&first, 1, "its chain of height 2303 is ours now");
    expect_same_tip(&first, &second);
    close_node(&second);
    expect_resolve(&first, 0, "connection refused");
    close_node(&first);
}

/* Peers register by name: on an address of all, what changes nothing is answered under every name. */
static void methods_that_read_are_answered_under_any_name(void **state)
{
    static const char *const paths[] = {"/bc/1/hello", "/bc/1/headers", "/bc/1/blocks"};
    static const char extra[] = "Content-Type: application/octet-stream\r\n";
    node open;

    (void)state;
    open_node(&open, "0.0.0.0");
    for (size_t at = 0; at < 3; at++) {
        char text[256];
        int fd = http_connect(open.port);
        (void)snprintf(text, sizeof text,
                       "POST %s HTTP/1.1\r\nHost: node.example:5000\r\nConnection: close\r\n%s"
                       "Content-Length: 0\r\n\r\n",
                       paths[at], extra);
        assert_true(http_send_text(fd, text));
        http_answer answer = http_parse(http_receive(fd));
        assert_int_equal(answer.status, 400); /* the message is missing, nothing else is wrong */
        http_answer_free(&answer);
        answer = http_get(open.port, paths[at]);
        assert_int_equal(answer.status, 405);
        http_answer_free(&answer);
        answer = http_post_json(open.port, paths[at], "{}");
        assert_int_equal(answer.status, 415);
        http_answer_free(&answer);
    }
    http_answer answer = http_ask(open.port, "POST", "/bc/1/announce", extra, "");
    assert_int_equal(answer.status, 404);
    http_answer_free(&answer);
    close_node(&open);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_nodes_agree),
        cmocka_unit_test(methods_that_read_are_answered_under_any_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
