/* bc_http_peer_name: one name for each peer, and nothing in it that could be more than a peer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <bc/http.h>

static void takes_addresses(void **state)
{
    static const char *const table[][2] = {
        {"http://127.0.0.1:5001", "127.0.0.1:5001"},
        {"127.0.0.1:5001", "127.0.0.1:5001"},
        {"http://127.0.0.1:5001/", "127.0.0.1:5001"},
        {"HTTP://LocalHost:5000", "localhost:5000"},
        {"localhost", "localhost:80"},
        {"http://example.org", "example.org:80"},
        {"http://example.org/", "example.org:80"},
        {"host/", "host:80"},
        {"https://example.org", "https://example.org:443"},
        {"https://EXAMPLE.org:8443/", "https://example.org:8443"},
        {"HttpS://a:1", "https://a:1"},
        {"a_b-c.d:65535", "a_b-c.d:65535"},
        {"host:00080", "host:80"},
        {"[::1]:5000", "[::1]:5000"},
        {"http://[0:0:0:0:0:0:0:1]:5000", "[::1]:5000"},
        {"https://[2001:DB8::A]", "https://[2001:db8::a]:443"},
        {"3com.com:1", "3com.com:1"},
        {"1.2.3.4.example:1", "1.2.3.4.example:1"},
        {"0x.example:1", "0x.example:1"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        char out[256] = "?";
        assert_int_equal(bc_http_peer_name(out, table[i][0], NULL), BC_OK);
        assert_string_equal(out, table[i][1]);
        /* A name is its own name. */
        assert_int_equal(bc_http_peer_name(out, table[i][1], NULL), BC_OK);
        assert_string_equal(out, table[i][1]);
    }
}

static void refuses_what_is_no_peer(void **state)
{
    static const char *const table[][2] = {
        {"", "no host"},
        {"http://", "no host"},
        {":5000", "no host"},
        {"http:///chain", "no host"},
        {"file:///etc/passwd", "http:// or https://"},
        {"gopher://host:70", "http:// or https://"},
        {"ftp://host", "http:// or https://"},
        {"dict://host:2628/d:x", "http:// or https://"},
        {"file:/etc/passwd", "port"},
        {"http://http://a", "port"},
        {"http://user@host:1", "user"},
        {"http://user:pass@host:1", "user"},
        {"host:1@evil", "user"},
        {"host:1/chain", "no path"},
        {"host:1//", "no path"},
        {"host:1?q=1", "no path"},
        {"host:1#f", "no path"},
        {"host:", "port"},
        {"host:0", "port"},
        {"host:65536", "port"},
        {"host:99999999999999999999", "port"},
        {"host:-1", "port"},
        {"host:+1", "port"},
        {"host: 1", "port"},
        {"host:1a", "0x61"},
        {"host:1\r\nX: y", "0x0d"},
        {"ho st:1", "0x20"},
        {" host:1", "no host"},
        {"host:1 ", "0x20"},
        {"h\xc3\xb6st:1", "0xc3"},
        {"ho%73t:1", "0x25"},
        {"host\\evil:1", "0x5c"},
        {"a..b:1", "empty"},
        {".a:1", "empty"},
        {"a.:1", "empty"},
        {"-a:1", "hyphen"},
        {"a.-b:1", "hyphen"},
        {"5001", "IPv4"},
        {"2130706433:1", "IPv4"},
        {"0x7f000001:1", "IPv4"},
        {"127.1:80", "IPv4"},
        {"0x7f.1:80", "IPv4"},
        {"127.0.0.0x1:80", "IPv4"},
        {"1.2.3.256:80", "IPv4"},
        {"1.2.3.4.5:80", "IPv4"},
        {"01.2.3.4:80", "IPv4"},
        {"[::1", "IPv6"},
        {"[]:1", "IPv6"},
        {"[::1%25lo]:1", "IPv6"},
        {"[127.0.0.1]:1", "IPv6"},
        {"[::1]x:1", "0x78"},
        {"::1", "no host"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        char out[256] = "?";
        bc_error error = {0, 0, ""};
        bc_status status = bc_http_peer_name(out, table[i][0], &error);
        assert_int_equal(status, BC_ERR_FORMAT);
        assert_int_equal(error.code, BC_ERR_FORMAT);
        assert_string_equal(out, "");
        if (strstr(error.message, table[i][1]) == NULL) {
            fail_msg("\"%s\": \"%s\" does not say \"%s\"", table[i][0], error.message, table[i][1]);
        }
    }
}

/* 241 bytes of host are "https://" + host + ":65535" = 255. */
static void bounds_the_length(void **state)
{
    char host[512];
    char text[600];
    char out[256];

    (void)state;
    for (size_t i = 0; i < 300; i++) {
        host[i] = i % 50 == 49 ? '.' : 'a';
    }
    host[241] = '\0';
    (void)snprintf(text, sizeof text, "https://%s:65535", host);
    assert_int_equal(strlen(text), 255);
    assert_int_equal(bc_http_peer_name(out, text, NULL), BC_OK);
    assert_string_equal(out, text);
    host[241] = 'a';
    host[242] = '\0';
    assert_int_equal(bc_http_peer_name(out, host, NULL), BC_ERR_FORMAT);

    memset(host, 'a', 64);
    host[63] = '\0';
    assert_int_equal(bc_http_peer_name(out, host, NULL), BC_OK);
    host[63] = 'a';
    host[64] = '\0';
    assert_int_equal(bc_http_peer_name(out, host, NULL), BC_ERR_FORMAT);
}

static void refuses_null(void **state)
{
    char out[256] = "?";
    bc_error error = {0, 0, ""};

    (void)state;
    assert_int_equal(bc_http_peer_name(NULL, "a:1", &error), BC_ERR_ARGUMENT);
    assert_int_equal(error.code, BC_ERR_ARGUMENT);
    assert_int_equal(bc_http_peer_name(out, NULL, &error), BC_ERR_ARGUMENT);
    assert_string_equal(out, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_addresses),
        cmocka_unit_test(refuses_what_is_no_peer),
        cmocka_unit_test(bounds_the_length),
        cmocka_unit_test(refuses_null),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
