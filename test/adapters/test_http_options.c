/* The handle of libbc-http: options, where it listens, the order of start, stop, close and free. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <bc/http.h>

#include "test/support/http.h"

static void init_function_and_macro_agree(void **state)
{
    const bc_http_options by_macro = BC_HTTP_OPTIONS_INIT;
    bc_http_options by_function;

    (void)state;
    memset(&by_function, 0xff, sizeof by_function);
    bc_http_options_init(&by_function);
    assert_int_equal(by_macro.struct_size, sizeof by_macro);
    assert_memory_equal(&by_macro, &by_function, sizeof by_macro);
    bc_http_options_init(NULL);
}

static void expect_refused(const bc_http_options *options, bc_status status, const char *word)
{
    bc_error error = {0, 0, ""};
    bc_http *http = (bc_http *)(void *)&error;

    assert_int_equal(bc_http_new(&http, options, &error), status);
    assert_null(http);
    assert_int_equal(error.code, status);
    if (strstr(error.message, word) == NULL) {
        fail_msg("\"%s\" does not say \"%s\"", error.message, word);
    }
}

static void refuses_values_out_of_range(void **state)
{
    static const size_t amounts[] = {
        offsetof(bc_http_options, connect_timeout_us),
        offsetof(bc_http_options, request_timeout_us),
        offsetof(bc_http_options, low_speed_us),
        offsetof(bc_http_options, low_speed_bytes),
        offsetof(bc_http_options, max_requests),
        offsetof(bc_http_options, max_answer_header_bytes),
        offsetof(bc_http_options, server_timeout_us),
        offsetof(bc_http_options, max_header_bytes),
        offsetof(bc_http_options, max_body_bytes),
    };
    const uint64_t huge = BC_NONE;
    bc_http_options options = BC_HTTP_OPTIONS_INIT;

    (void)state;
    for (size_t i = 0; i < sizeof amounts / sizeof amounts[0]; i++) {
        bc_http_options_init(&options);
        memcpy((char *)&options + amounts[i], &huge, sizeof huge);
        expect_refused(&options, BC_ERR_ARGUMENT, "may be");
    }
    bc_http_options_init(&options);
    options.request_timeout_us = 999;
    expect_refused(&options, BC_ERR_ARGUMENT, "request_timeout_us");
    bc_http_options_init(&options);
    options.port = 65536;
    expect_refused(&options, BC_ERR_ARGUMENT, "port");
    bc_http_options_init(&options);
    options.max_connections = 10001;
    expect_refused(&options, BC_ERR_ARGUMENT, "max_connections");
    bc_http_options_init(&options);
    options.bind = "localhost";
    expect_refused(&options, BC_ERR_ARGUMENT, "bind");
    options.bind = "1234567890123456789012345678901234567890123456";
    expect_refused(&options, BC_ERR_ARGUMENT, "bind");
    bc_http_options_init(&options);
    options.zero = 1;
    expect_refused(&options, BC_ERR_ARGUMENT, "zero");

    bc_http_options_init(&options);
    options.mine_recipient = (const uint8_t *)"";
    options.mine_recipient_length = 4097;
    expect_refused(&options, BC_ERR_ARGUMENT, "mine_recipient");
}

static void knows_older_and_newer_structs(void **state)
{
    struct {
        bc_http_options known;
        uint64_t unknown;
    } newer;
    bc_http_options older = BC_HTTP_OPTIONS_INIT;
    bc_log log = BC_LOG_INIT;
    bc_http *http = NULL;

    (void)state;
    memset(&newer, 0, sizeof newer);
    newer.known.struct_size = sizeof newer;
    assert_int_equal(bc_http_new(&http, &newer.known, NULL), BC_OK);
    bc_http_free(http);
    newer.unknown = 1;
    expect_refused(&newer.known, BC_ERR_UNSUPPORTED, "does not know");

    older.struct_size = offsetof(bc_http_options, connect_timeout_us);
    older.connect_timeout_us = BC_NONE; /* behind its end: not read */
    assert_int_equal(bc_http_new(&http, &older, NULL), BC_OK);
    bc_http_free(http);
    older.struct_size = 0;
    expect_refused(&older, BC_ERR_ARGUMENT, "struct_size");

    bc_http_options_init(&older);
    older.log = &log;
    log.struct_size = 0;
    expect_refused(&older, BC_ERR_ARGUMENT, "log");
}

static void refuses_null(void **state)
{
    bc_transport transport;
    bc_http *http = NULL;

    (void)state;
    assert_int_equal(bc_http_new(NULL, NULL, NULL), BC_ERR_ARGUMENT);
    assert_int_equal(bc_http_new(&http, NULL, NULL), BC_OK);
    assert_int_equal(bc_http_transport(NULL, &transport, NULL), BC_ERR_ARGUMENT);
    assert_int_equal(bc_http_transport(http, NULL, NULL), BC_ERR_ARGUMENT);
    assert_int_equal(bc_http_start(http, NULL, NULL, NULL), BC_ERR_ARGUMENT);
    assert_int_equal(bc_http_start(NULL, NULL, NULL, NULL), BC_ERR_ARGUMENT);
    assert_int_equal(bc_http_port(NULL), 0);
    assert_string_equal(bc_http_url(NULL), "");
    assert_int_equal(bc_http_port(http), 0);
    assert_string_equal(bc_http_url(http), "");
    bc_http_stop(NULL);
    bc_http_stop(http);
    bc_http_free(http);
    bc_http_free(NULL);
}

static bc_chain *open_chain(void)
{
    bc_params *params = http_params(1);
    bc_chain *chain = NULL;

    assert_int_equal(bc_chain_open(&chain, params, NULL, NULL), BC_OK);
    bc_params_unref(params);
    return chain;
}

/* "All interfaces" is no address to go to, so the URL names this machine. */
static void says_where_it_listens(void **state)
{
    static const char *const binds[] = {NULL, "127.0.0.1", "0.0.0.0"};
    bc_chain *chain = open_chain();

    (void)state;
    for (size_t i = 0; i < sizeof binds / sizeof binds[0]; i++) {
        char url[64];
        bc_http *http = NULL;
        bc_http_options options = BC_HTTP_OPTIONS_INIT;
        http_answer answer;
        options.bind = binds[i];
        assert_int_equal(bc_http_new(&http, &options, NULL), BC_OK);
        assert_int_equal(bc_http_start(http, chain, NULL, NULL), BC_OK);
        assert_true(bc_http_port(http) > 0 && bc_http_port(http) <= 65535);
        (void)snprintf(url, sizeof url, "http://127.0.0.1:%u", (unsigned)bc_http_port(http));
        assert_string_equal(bc_http_url(http), url);
        answer = http_get(bc_http_port(http), "/chain");
        assert_int_equal(answer.status, 200);
        http_answer_free(&answer);
        bc_http_free(http);
    }
    assert_int_equal(bc_chain_close(chain, NULL), BC_OK);
}

static void listens_on_ipv6(void **state)
{
    bc_http_options options = BC_HTTP_OPTIONS_INIT;
    bc_chain *chain = open_chain();
    bc_error error = {0, 0, ""};
    bc_http *http = NULL;

    (void)state;
    options.bind = "::1";
    assert_int_equal(bc_http_new(&http, &options, NULL), BC_OK);
    if (bc_http_start(http, chain, NULL, &error) == BC_OK) {
        assert_memory_equal(bc_http_url(http), "http://[::1]:", 13);
    } else {
        /* a machine without IPv6 */
        assert_true(error.host_code == EADDRNOTAVAIL || error.host_code == EAFNOSUPPORT);
    }
    bc_http_free(http);
    assert_int_equal(bc_chain_close(chain, NULL), BC_OK);
}

static void refuses_a_taken_port_and_a_second_start(void **state)
{
    bc_http_options options = BC_HTTP_OPTIONS_INIT;
    bc_chain *chain = open_chain();
    bc_error error = {0, 0, ""};
    bc_http *first = NULL;
    bc_http *second = NULL;
    uint32_t port;

    (void)state;
    assert_int_equal(bc_http_new(&first, NULL, NULL), BC_OK);
    assert_int_equal(bc_http_start(first, chain, NULL, NULL), BC_OK);
    port = bc_http_port(first);
    assert_int_equal(bc_http_start(first, chain, NULL, &error), BC_ERR_ARGUMENT);
    assert_non_null(strstr(error.message, "runs already"));
    assert_int_equal(bc_http_port(first), port);

    options.port = port;
    assert_int_equal(bc_http_new(&second, &options, NULL), BC_OK);
    assert_int_equal(bc_http_start(second, chain, NULL, &error), BC_ERR_NETWORK);
    assert_int_equal(error.host_code, EADDRINUSE);
    assert_non_null(strstr(error.message, "another program"));
    assert_int_equal(bc_http_port(second), 0);

    /* After the first has stopped the port is free at once. */
    bc_http_stop(first);
    assert_int_equal(bc_http_port(first), 0);
    assert_int_equal(bc_http_start(second, chain, NULL, &error), BC_OK);
    assert_int_equal(bc_http_port(second), port);
    bc_http_stop(second);
    assert_int_equal(bc_http_start(first, chain, NULL, NULL), BC_OK);
    bc_http_free(first);
    bc_http_free(second);
    assert_int_equal(bc_chain_close(chain, NULL), BC_OK);
}

/* Both orders of closing the chain and freeing the handle, and a transport that no chain got. */
static void transports_hold_the_handle(void **state)
{
    (void)state;
    for (int chain_first = 0; chain_first < 2; chain_first++) {
        bc_options options = BC_OPTIONS_INIT;
        bc_params *params = http_params(1);
        bc_transport transport;
        bc_transport spare;
        bc_chain *chain = NULL;
        bc_http *http = NULL;
        assert_int_equal(bc_http_new(&http, NULL, NULL), BC_OK);
        assert_int_equal(bc_http_transport(http, &transport, NULL), BC_OK);
        assert_int_equal(bc_http_transport(http, &spare, NULL), BC_OK);
        options.transport = &transport;
        assert_int_equal(bc_chain_open(&chain, params, &options, NULL), BC_OK);
        bc_params_unref(params);
        if (chain_first) {
            assert_int_equal(bc_chain_close(chain, NULL), BC_OK);
            bc_http_free(http);
        } else {
            bc_http_free(http);
            assert_int_equal(bc_chain_close(chain, NULL), BC_OK);
        }
        spare.close(spare.context);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(init_function_and_macro_agree),
        cmocka_unit_test(refuses_values_out_of_range),
        cmocka_unit_test(knows_older_and_newer_structs),
        cmocka_unit_test(refuses_null),
        cmocka_unit_test(says_where_it_listens),
        cmocka_unit_test(listens_on_ipv6),
        cmocka_unit_test(refuses_a_taken_port_and_a_second_start),
        cmocka_unit_test(transports_hold_the_handle),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
