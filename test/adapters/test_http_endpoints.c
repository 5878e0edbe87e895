/* The tutorial's five endpoints and POST /bc/1/METHOD: what each answers, and each refusal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include <bc/http.h>

#include "test/support/http.h"
#include "test/support/test_store.h"

typedef struct node {
    bc_http *http;
    bc_chain *chain;
    uint32_t port;
} node;

static void open_node(node *n, const bc_http_options *http_options, bc_options *options,
                      const char *identifier)
{
    bc_params *params = http_params(1);
    bc_transport transport;

    memset(n, 0, sizeof *n);
    assert_int_equal(bc_http_new(&n->http, http_options, NULL), BC_OK);
    assert_int_equal(bc_http_transport(n->http, &transport, NULL), BC_OK);
    options->transport = &transport;
    assert_int_equal(bc_chain_open(&n->chain, params, options, NULL), BC_OK);
    options->transport = NULL;
    bc_params_unref(params);
    assert_int_equal(bc_http_start(n->http, n->chain, identifier, NULL), BC_OK);
    n->port = bc_http_port(n->http);
}

static int set_up(void **state)
{
    static node n;
    bc_options options = BC_OPTIONS_INIT;

    open_node(&n, NULL, &options, "8bbcb347e0634905b0cac7955bae152b");
    *state = &n;
    return 0;
}

static void close_node(node *n)
{
    bc_http_stop(n->http);
    assert_int_equal(bc_chain_close(n->chain, NULL), BC_OK);
    bc_http_free(n->http);
}

static int tear_down(void **state)
{
    close_node(*state);
    return 0;
}

/* The answer's body as JSON, with the status and the type that are expected. */
static json_t *expect_json(http_answer answer, int status)
{
    json_error_t error;
    json_t *json;

    if (answer.status != status) {
        fail_msg("%d is expected: %s", status, answer.text);
    }
    assert_non_null(strstr(answer.text, "Content-Type: application/json\r\n"));
    json = json_loads(answer.body, 0, &error);
    if (json == NULL) {
        fail_msg("%s: %s", error.text, answer.body);
    }
    http_answer_free(&answer);
    return json;
}

static void expect_message(http_answer answer, int status, const char *member, const char *words)
{
    json_t *json = expect_json(answer, status);
    const char *text = json_string_value(json_object_get(json, member));

    assert_non_null(text);
    if (strstr(text, words) == NULL) {
        fail_msg("\"%s\" does not say \"%s\"", text, words);
    }
    json_decref(json);
}

static void expect_error(http_answer answer, int status, const char *words)
{
    expect_message(answer, status, "error", words);
}

static const char *const record = "{\"sender\": \"a\", \"recipient\": \"b\", \"amount\": 5}";

/* ---- Mining --------------------------------------------------------------------------------- */

static void mines(void **state)
{
    const node *n = *state;
    uint64_t height = http_height(n->chain);
    json_t *json;
    json_t *list;
    json_t *reward;

    expect_message(http_post_json(n->port, "/transactions/new", record), 201, "message",
                   "Transaction will be added to Block 2");
    json = expect_json(http_get(n->port, "/mine"), 200);
    assert_string_equal(json_string_value(json_object_get(json, "message")), "New Block Forged");
    assert_int_equal(json_integer_value(json_object_get(json, "index")), height + 2);
    assert_true(json_is_integer(json_object_get(json, "proof")));
    assert_int_equal(json_string_length(json_object_get(json, "previous_hash")), 64);
    assert_int_equal(json_object_size(json), 5);
    list = json_object_get(json, "transactions");
    assert_int_equal(json_array_size(list), 2);
    reward = json_array_get(list, 1);
    assert_string_equal(json_string_value(json_object_get(reward, "sender")), "0");
    assert_string_equal(json_string_value(json_object_get(reward, "recipient")),
                        "8bbcb347e0634905b0cac7955bae152b");
    assert_int_equal(json_integer_value(json_object_get(reward, "amount")), 1);
    json_decref(json);
    assert_int_equal(http_height(n->chain), height + 1);
}

/* What no C number holds comes back as it went in. */
static void mines_numbers_that_do_not_fit(void **state)
{
    static const char *const amount =
        "123456789012345678901234567890123456789012345678901234567890";
    bc_options options = BC_OPTIONS_INIT;
    char body[256];
    http_answer answer;
    node n;

    (void)state;
    open_node(&n, NULL, &options, NULL);
    (void)snprintf(body, sizeof body, "{\"sender\":\"a\",\"recipient\":NaN,\"amount\":%s}", amount);
    answer = http_post_json(n.port, "/transactions/new", body);
    assert_int_equal(answer.status, 201);
    http_answer_free(&answer);
    answer = http_get(n.port, "/mine");
    assert_int_equal(answer.status, 200);
    assert_non_null(strstr(answer.body, amount));
    assert_non_null(strstr(answer.body, "NaN"));
    http_answer_free(&answer);
    answer = http_get(n.port, "/chain");
    assert_non_null(strstr(answer.body, amount));
    http_answer_free(&answer);
    close_node(&n);
}

/* ---- Transactions --------------------------------------------------------------------------- */

static void refuses_broken_transactions(void **state)
{
    static const char *const bodies[][2] = {
        {"{\"sender\": \"a\", \"recipient\": \"b\"}", "amount"},
        {"{\"sender\": \"a\", \"amount\": 1}", "recipient"},
        {"{}", "member"},
        {"[]", ""},
        {"\"sender recipient amount\"", ""},
        {"", ""},
        {"{\"sender\": \"a\", ", ""},
        {"{\"sender\": \"\xff\", \"recipient\": 1, \"amount\": 1}", ""},
        {"{\"sender\": 1, \"recipient\": 1, \"amount\": 1} x", ""},
    };
    const node *n = *state;
    bc_info before = BC_INFO_INIT;
    bc_info after = BC_INFO_INIT;

    assert_int_equal(bc_chain_info(n->chain, &before), BC_OK);
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        expect_error(http_post_json(n->port, "/transactions/new", bodies[i][0]), 400, bodies[i][1]);
    }
    assert_int_equal(bc_chain_info(n->chain, &after), BC_OK);
    assert_int_equal(before.mempool_count, after.mempool_count);
}

/* Deeper than BC_LIMIT_JSON_DEPTH. */
static void refuses_deep_transactions(void **state)
{
    const node *n = *state;
    char body[1024] = "{\"sender\": 1, \"recipient\": 1, \"amount\": ";

    memset(body + strlen(body), '[', 200);
    expect_error(http_post_json(n->port, "/transactions/new", body), 400, "");
}

/* More than BC_LIMIT_INTEGER_DIGITS. */
static void refuses_long_numbers(void **state)
{
    const node *n = *state;
    char body[6000] = "{\"sender\": 1, \"recipient\": 1, \"amount\": ";

    memset(body + strlen(body), '7', 5000);
    memcpy(body + strlen(body), "}", 2);
    expect_error(http_post_json(n->port, "/transactions/new", body), 400, "digits");
}

/* After a commit of unknown outcome nothing changes any more, whoever asks. */
static void says_when_the_store_has_failed(void **state)
{
    bc_options options = BC_OPTIONS_INIT;
    test_store store;
    http_answer answer;
    node n;

    (void)state;
    test_store_init(&store);
    options.store = &store.outer;
    open_node(&n, NULL, &options, NULL);
    test_store_plan(&store, TEST_STORE_COMMIT, 1, true, BC_ERR_STORE_UNKNOWN, false);
    answer = http_get(n.port, "/mine");
    assert_int_equal(answer.status, 503);
    http_answer_free(&answer);
    expect_error(http_get(n.port, "/mine"), 500, "must be started again");
    expect_error(http_post_json(n.port, "/transactions/new", record), 500, "must be started again");
    test_store_calm(&store);
    bc_http_free(n.http);
    (void)bc_chain_close(n.chain, NULL);
    test_store_free(&store);
}

static void says_when_the_mempool_is_full(void **state)
{
    bc_options options = BC_OPTIONS_INIT;
    node n;
    int status = 201;

    (void)state;
    options.mempool_bytes = 2000;
    open_node(&n, NULL, &options, NULL);
    for (int i = 0; i < 200 && status == 201; i++) {
        http_answer answer = http_post_json(n.port, "/transactions/new", record);
        status = answer.status;
        http_answer_free(&answer);
    }
    assert_int_equal(status, 503);
    expect_error(http_post_json(n.port, "/transactions/new", record), 503, "no room");
    expect_message(http_get(n.port, "/mine"), 200, "message", "New Block Forged");
    expect_message(http_post_json(n.port, "/transactions/new", record), 201, "message", "Block 3");
    close_node(&n);
}

/* ---- The chain ------------------------------------------------------------------------------ */

static void gives_the_chain(void **state)
{
    const node *n = *state;
    http_answer head = http_ask(n->port, "HEAD", "/chain", NULL, NULL);
    json_t *json = expect_json(http_get(n->port, "/chain?from=1"), 200);
    uint64_t length = http_height(n->chain) + 1;

    assert_int_equal(head.status, 200);
    assert_string_equal(head.body, "");
    http_answer_free(&head);
    assert_int_equal(json_integer_value(json_object_get(json, "length")), length);
    assert_int_equal(json_array_size(json_object_get(json, "chain")), length);
    json_decref(json);
}

/* A client of HTTP/1.0 takes no chunks: the end of the connection ends the chain. */
static void gives_the_chain_to_http_1_0(void **state)
{
    const node *n = *state;
    http_answer answer;
    json_t *json;
    int fd = http_connect(n->port);

    assert_true(http_send_text(fd, "GET /chain HTTP/1.0\r\n\r\n"));
    answer = http_parse(http_receive(fd));
    assert_null(strstr(answer.text, "chunked"));
    json = expect_json(answer, 200);
    assert_true(json_is_array(json_object_get(json, "chain")));
    json_decref(json);
}

static void serves_methods(void **state)
{
    const node *n = *state;
    const char *octets = "Content-Type: application/octet-stream\r\n";
    http_answer chain = http_get(n->port, "/chain");
    http_answer answer = http_ask(n->port, "POST", "/bc/1/chain", octets, "");

    assert_int_equal(answer.status, 200);
    assert_non_null(strstr(answer.text, "Content-Type: application/octet-stream\r\n"));
    assert_string_equal(answer.body, chain.body);
    http_answer_free(&answer);
    http_answer_free(&chain);
    expect_error(http_ask(n->port, "POST", "/bc/1/nothing", octets, "x"), 404, "");
    expect_error(http_ask(n->port, "POST", "/bc/1/", octets, "x"), 404, "nothing at this path");
    expect_error(http_post_json(n->port, "/bc/1/chain", ""), 415, "application/octet-stream");
    expect_error(http_get(n->port, "/bc/1/chain"), 405, "POST");
}

/* ---- Peers ---------------------------------------------------------------------------------- */

static void registers_nodes(void **state)
{
    bc_options options = BC_OPTIONS_INIT;
    node n;
    json_t *json;
    json_t *list;

    (void)state;
    open_node(&n, NULL, &options, NULL);
    json = expect_json(http_post_json(n.port, "/nodes/register",
                                      "{\"nodes\": [\"http://192.168.0.5:5000\", \"LOCALHOST:1\", "
                                      "\"http://localhost:1/\"], \"more\": 1}"),
                       201);
    assert_string_equal(json_string_value(json_object_get(json, "message")),
                        "New nodes have been added");
    list = json_object_get(json, "total_nodes");
    assert_int_equal(json_array_size(list), 2);
    assert_string_equal(json_string_value(json_array_get(list, 0)), "192.168.0.5:5000");
    assert_string_equal(json_string_value(json_array_get(list, 1)), "localhost:1");
    json_decref(json);

    json = expect_json(http_post_json(n.port, "/nodes/register", "{\"nodes\": []}"), 201);
    assert_int_equal(json_array_size(json_object_get(json, "total_nodes")), 2);
    json_decref(json);
    close_node(&n);
}

static void refuses_broken_lists_of_nodes(void **state)
{
    static const char *const bodies[][2] = {
        {"{}", "\"nodes\" is missing"},
        {"{\"node\": []}", "\"nodes\" is missing"},
        {"{\"nodes\": null}", "must be a list"},
        {"{\"nodes\": \"http://a:1\"}", "must be a list"},
        {"{\"nodes\": [\"http://a:1\", 5]}", "node 2 of the list is not a string"},
        {"{\"nodes\": [\"http://a:1\", \"file:///etc/passwd\"]}", "node 2 of the list: "},
        {"{\"nodes\": [\"\"]}", "node 1 of the list: "},
        {"[\"http://a:1\"]", "must be a JSON object"},
        {"nodes", "is no JSON"},
        {"", "is no JSON"},
        {"{\"nodes\": [\"\xff\"]}", "is no JSON"},
    };
    const node *n = *state;
    bc_info info = BC_INFO_INIT;

    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        expect_error(http_post_json(n->port, "/nodes/register", bodies[i][0]), 400, bodies[i][1]);
    }
    /* None of a list that is refused is added. */
    assert_int_equal(bc_chain_info(n->chain, &info), BC_OK);
    assert_int_equal(info.peer_count, 0);
}

static void bounds_the_nodes(void **state)
{
    bc_options options = BC_OPTIONS_INIT;
    node n;

    (void)state;
    options.peers = 2;
    open_node(&n, NULL, &options, NULL);
    expect_error(http_post_json(n.port, "/nodes/register", "{\"nodes\": [\"a\", \"b\", \"c\"]}"),
                 409, "the first 2 were added");
    close_node(&n);
}

static void resolves_without_peers(void **state)
{
    const node *n = *state;
    json_t *json = expect_json(http_get(n->port, "/nodes/resolve"), 200);

    assert_string_equal(json_string_value(json_object_get(json, "message")),
                        "Our chain is authoritative");
    assert_int_equal(json_array_size(json_object_get(json, "chain")), http_height(n->chain) + 1);
    assert_null(json_object_get(json, "new_chain"));
    assert_int_equal(json_array_size(json_object_get(json, "report")), 0);
    json_decref(json);
}

static void resolves_only_with_a_transport(void **state)
{
    bc_params *params = http_params(1);
    bc_http *http = NULL;
    bc_chain *chain = NULL;

    (void)state;
    assert_int_equal(bc_http_new(&http, NULL, NULL), BC_OK);
    assert_int_equal(bc_chain_open(&chain, params, NULL, NULL), BC_OK);
    bc_params_unref(params);
    assert_int_equal(bc_http_start(http, chain, NULL, NULL), BC_OK);
    expect_error(http_get(bc_http_port(http), "/nodes/resolve"), 501, "");
    bc_http_free(http);
    assert_int_equal(bc_chain_close(chain, NULL), BC_OK);
}

/* ---- Paths, methods, types, askers ---------------------------------------------------------- */

static void refuses_other_paths_and_methods(void **state)
{
    static const char *const paths[] = {"/", "/chain/", "/chainx", "/bc/1", "/../chain", "*"};
    static const char *const table[][3] = {
        {"POST", "/mine", "GET"},
        {"HEAD", "/mine", ""},
        {"GET", "/transactions/new", "POST"},
        {"PUT", "/transactions/new", "POST"},
        {"OPTIONS", "/transactions/new", "POST"},
        {"DELETE", "/chain", "GET, HEAD"},
        {"GET", "/nodes/register", "POST"},
        {"HEAD", "/nodes/resolve", ""},
        {"E", "/chain", "GET, HEAD"},
        {"HEA", "/chain", "GET, HEAD"},
    };
    const node *n = *state;
    uint64_t height = http_height(n->chain);

    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        expect_error(http_get(n->port, paths[i]), 404, "nothing at this path");
    }
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        http_answer answer = http_ask(n->port, table[i][0], table[i][1], NULL, NULL);
        char allow[64];
        (void)snprintf(allow, sizeof allow, "Allow: %s", table[i][2]);
        assert_non_null(strstr(answer.text, allow));
        if (table[i][2][0] == '\0') {
            assert_int_equal(answer.status, 405);
            assert_string_equal(answer.body, "");
            http_answer_free(&answer);
        } else {
            expect_error(answer, 405, table[i][2]);
        }
    }
    assert_int_equal(http_height(n->chain), height);
}

static void wants_json_by_its_type(void **state)
{
    static const char *const types[][2] = {
        {"", NULL},
        {"Content-Type: text/plain\r\n", NULL},
        {"Content-Type: application/x-www-form-urlencoded\r\n", NULL},
        {"Content-Type: application/jsonp\r\n", NULL},
        {"Content-Type: application/json\r\n", "taken"},
        {"Content-Type: Application/JSON; charset=utf-8\r\n", "taken"},
    };
    const node *n = *state;

    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        http_answer answer = http_ask(n->port, "POST", "/transactions/new", types[i][0], record);
        if (types[i][1] == NULL) {
            expect_error(answer, 415, "application/json");
        } else {
            expect_message(answer, 201, "message", "Transaction will be added");
        }
    }
}

/* A page of another site makes the reader's browser send these. */
static void refuses_pages_of_other_sites(void **state)
{
    static const char *const foreign[] = {
        "Sec-Fetch-Site: cross-site\r\n",
        "Sec-Fetch-Site: same-site\r\n",
        "Origin: https://evil.example\r\n",
        "Origin: null\r\n",
        "Origin: http://127.0.0.1:1\r\n",
        "Referer: http://evil.example/\r\n",
        "Referer: about:blank\r\n",
        "Referer: http://127.0.0.1:12/\r\n",
        "Referer: https://127.0.0.1/page\r\n",
    };
    const node *n = *state;
    uint64_t height = http_height(n->chain);
    char own[160];

    for (size_t i = 0; i < sizeof foreign / sizeof foreign[0]; i++) {
        http_answer answer = http_ask(n->port, "GET", "/chain", foreign[i], NULL);
        assert_int_equal(answer.status, 200); /* which the page cannot read */
        http_answer_free(&answer);
        expect_error(http_ask(n->port, "GET", "/mine", foreign[i], NULL), 403, "web page");
        expect_error(http_ask(n->port, "GET", "/nodes/resolve", foreign[i], NULL), 403, "web page");
    }
    assert_int_equal(http_height(n->chain), height);
    (void)snprintf(own, sizeof own,
                   "Origin: http://127.0.0.1:%u\r\nReferer: http://127.0.0.1:%u/page\r\n"
                   "Sec-Fetch-Site: same-origin\r\n",
                   (unsigned)n->port, (unsigned)n->port);
    expect_message(http_ask(n->port, "GET", "/mine", own, NULL), 200, "message", "New Block");
    expect_message(http_ask(n->port, "GET", "/mine", "Sec-Fetch-Site: none\r\n", NULL), 200,
                   "message", "New Block");
}

static http_answer ask_host(uint32_t port, const char *path, const char *host)
{
    char text[256];
    http_answer answer;
    int fd = http_connect(port);

    (void)snprintf(text, sizeof text, "GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n",
                   path, host);
    assert_true(http_send_text(fd, text));
    answer = http_parse(http_receive(fd));
    (void)close(fd);
    return answer;
}

/* A foreign name that points at this machine: DNS rebinding. */
static void answers_to_its_own_names_alone(void **state)
{
    static const char *const own[] = {"localhost",  "LocalHost:5000", "node.localhost:1",
                                      "127.0.0.1",  "127.9.9.9:80",   "[::1]:5000",
                                      "192.0.2.1:1"};
    static const char *const foreign[] = {"evil.example", "evil.example:5000", "notlocalhost",
                                          "localhost.evil.example", "127.0.0.1.evil.example"};
    bc_http_options http_options = BC_HTTP_OPTIONS_INIT;
    bc_options options = BC_OPTIONS_INIT;
    const node *n = *state;
    node open;

    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++) {
        http_answer answer = ask_host(n->port, "/chain", own[i]);
        assert_int_equal(answer.status, 200);
        http_answer_free(&answer);
    }
    for (size_t i = 0; i < sizeof foreign / sizeof foreign[0]; i++) {
        expect_error(ask_host(n->port, "/chain", foreign[i]), 403, "Host");
    }
    /* Who listens for others has names that it does not know: peers may ask it by them. They are not
     * enough to change something. */
    http_options.bind = "0.0.0.0";
    open_node(&open, &http_options, &options, NULL);
    for (size_t i = 0; i < sizeof foreign / sizeof foreign[0]; i++) {
        http_answer answer = ask_host(open.port, "/chain", foreign[i]);
        assert_int_equal(answer.status, 200);
        http_answer_free(&answer);
        expect_error(ask_host(open.port, "/mine", foreign[i]), 403, "not a name");
        expect_error(ask_host(open.port, "/nodes/resolve", foreign[i]), 403, "not a name");
    }
    assert_int_equal(http_height(open.chain), 0);
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++) {
        expect_message(ask_host(open.port, "/mine", own[i]), 200, "message", "New Block");
    }
    expect_error(http_ask(open.port, "GET", "/mine", "Referer: http://evil.example/\r\n", NULL),
                 403, "web page");
    close_node(&open);
}

/* ---- Log ------------------------------------------------------------------------------------ */

static void keep_line(void *context, uint32_t level, const char *line)
{
    char *last = context;

    if (level == BC_LOG_DEBUG) {
        (void)snprintf(last, 512, "%s", line);
    }
}

static void logs_one_line_a_request(void **state)
{
    char line[512] = "";
    bc_log log = BC_LOG_INIT;
    bc_http_options http_options = BC_HTTP_OPTIONS_INIT;
    bc_options options = BC_OPTIONS_INIT;
    http_answer answer;
    node n;

    (void)state;
    log.level = BC_LOG_DEBUG;
    log.context = line;
    log.write = keep_line;
    http_options.log = &log;
    open_node(&n, &http_options, &options, NULL);
    answer = http_get(n.port, "/no%0a%1b[31mthing");
    assert_int_equal(answer.status, 400);
    http_answer_free(&answer);
    close_node(&n); /* after which nothing is written any more */
    assert_string_equal(line, "127.0.0.1 GET /no??[31mthing 400");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mines),
        cmocka_unit_test(mines_numbers_that_do_not_fit),
        cmocka_unit_test(refuses_broken_transactions),
        cmocka_unit_test(refuses_deep_transactions),
        cmocka_unit_test(refuses_long_numbers),
        cmocka_unit_test(says_when_the_store_has_failed),
        cmocka_unit_test(says_when_the_mempool_is_full),
        cmocka_unit_test(gives_the_chain),
        cmocka_unit_test(gives_the_chain_to_http_1_0),
        cmocka_unit_test(serves_methods),
        cmocka_unit_test(registers_nodes),
        cmocka_unit_test(refuses_broken_lists_of_nodes),
        cmocka_unit_test(bounds_the_nodes),
        cmocka_unit_test(resolves_without_peers),
        cmocka_unit_test(resolves_only_with_a_transport),
        cmocka_unit_test(refuses_other_paths_and_methods),
        cmocka_unit_test(wants_json_by_its_type),
        cmocka_unit_test(refuses_pages_of_other_sites),
        cmocka_unit_test(answers_to_its_own_names_alone),
        cmocka_unit_test(logs_one_line_a_request),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
