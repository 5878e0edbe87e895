/* One name for each peer, whatever form its address was typed in, so that a peer is registered
 * once and a registered name can't smuggle anything into the URL that is made of it. The forms are
 * those of RFC 3986 (3.2, authority) without a user, for http and https. */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "internal.h"

enum {
    HOST_BYTES_MAX = 241, /* with "https://" and ":65535" BC_PEER_BYTES_MAX */
    LABEL_BYTES_MAX = 63  /* RFC 1035, 2.3.4 */
};

typedef struct address {
    bool secure;
    uint16_t port;
    char host[HOST_BYTES_MAX + 1]; /* with the brackets of an IPv6 address */
} address;

/* ctype.h answers as the host's locale says; names of peers must not depend on it. */
static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool begins_with(const char *text, const char *lower_case)
{
    while (*lower_case != '\0') {
        if (lower(*text) != *lower_case) {
            return false;
        }
        text++;
        lower_case++;
    }
    return true;
}

static bc_status read_scheme(address *to, const char **text, bc_error *error)
{
    to->secure = false;
    if (begins_with(*text, "http://")) {
        *text += strlen("http://");
    } else if (begins_with(*text, "https://")) {
        *text += strlen("https://");
        to->secure = true;
    } else if (strstr(*text, "://") != NULL) {
        return bc__http_fail(error, BC_ERR_FORMAT, 0,
                             "the address of a peer begins with http:// or https://, or has no "
                             "scheme; this one has another");
    }
    if (strchr(*text, '@') != NULL) {
        return bc__http_fail(error, BC_ERR_FORMAT, 0,
                             "the address of a peer may not hold a user or a password");
    }
    return BC_OK;
}

/* Resolvers disagree about numbers that are no plain IPv4 address ("0x7f.1", "2130706433"), and each
 * would be one more name for a peer. */
static bc_status check_numeric(const char *host, bc_error *error)
{
    struct in_addr ip;
    const char *dot = strrchr(host, '.');
    const char *last = dot == NULL ? host : dot + 1;

    if (!begins_with(last, "0x") && strspn(last, "0123456789") != strlen(last)) {
        return BC_OK;
    }
    if (inet_pton(AF_INET, host, &ip) != 1) {
        return bc__http_fail(error, BC_ERR_FORMAT, 0,
                             "the address of a peer ends in a number but is not an IPv4 address of "
                             "four decimal parts");
    }
    return BC_OK;
}

static bc_status read_name(address *to, const char **text, bc_error *error)
{
    const char *from = *text;
    size_t length = 0;
    size_t label = 0;

    for (;; from++) {
        char c = lower(*from);
        bool in_label = (c >= 'a' && c <= 'z') || is_digit(c) || c == '-' || c == '_';
        if (!in_label && c != '.') {
            break;
        }
        label = in_label ? label + 1 : 0;
        if (length == HOST_BYTES_MAX || label > LABEL_BYTES_MAX) {
            return bc__http_fail(error, BC_ERR_FORMAT, 0,
                                 "the host's name in the address of a peer is longer than %d "
                                 "bytes, or a part of it than %d",
                                 HOST_BYTES_MAX, LABEL_BYTES_MAX);
        }
        if ((c == '.' || c == '-') && (length == 0 || to->host[length - 1] == '.')) {
            return bc__http_fail(error, BC_ERR_FORMAT, 0,
                                 "a part of the host's name in the address of a peer is empty or "
                                 "begins with a hyphen");
        }
        to->host[length++] = c;
    }
    to->host[length] = '\0';
    if (length == 0 || to->host[length - 1] == '.') {
        return bc__http_fail(error, BC_ERR_FORMAT, 0,
                             "the address of a peer has no host's name, or one with an empty part");
    }
    *text = from;
    return check_numeric(to->host, error);
}

static bc_status read_ipv6(address *to, const char **text, bc_error *error)
{
    char raw[INET6_ADDRSTRLEN];
    char tidy[INET6_ADDRSTRLEN];
    struct in6_addr ip;
    const char *end = strchr(*text, ']');
    size_t length = end == NULL ? 0 : (size_t)(end - *text) - 1;

    if (length == 0 || length >= sizeof raw) {
        return bc__http_fail(error, BC_ERR_FORMAT, 0,
                             "the address of a peer opens a bracket that holds no IPv6 address");
    }
    memcpy(raw, *text + 1, length);
    raw[length] = '\0';
    if (inet_pton(AF_INET6, raw, &ip) != 1 || inet_ntop(AF_INET6, &ip, tidy, sizeof tidy) == NULL) {
        return bc__http_fail(error, BC_ERR_FORMAT, 0,
                             "what stands in brackets in the address of a peer is no IPv6 address");
    }
    (void)snprintf(to->host, sizeof to->host, "[%s]", tidy);
    *text = end + 1;
    return BC_OK;
}

static bc_status read_port(address *to, const char **text, bc_error *error)
{
    uint32_t port = 0;
    const char *from = *text;

    if (*from != ':') {
        to->port = to->secure ? 443 : 80;
        return BC_OK;
    }
    for (from++; is_digit(*from) && port <= UINT16_MAX; from++) {
        port = port * 10 + (uint32_t)(*from - '0');
    }
    if (port == 0 || port > UINT16_MAX) {
        return bc__http_fail(error, BC_ERR_FORMAT, 0,
                             "the port in the address of a peer is not a number from 1 to 65535");
    }
    to->port = (uint16_t)port;
    *text = from;
    return BC_OK;
}

/* Nothing may follow but one slash, the empty path. */
static bc_status read_end(const char *text, bc_error *error)
{
    if (text[0] == '\0' || (text[0] == '/' && text[1] == '\0')) {
        return BC_OK;
    }
    if (text[0] == '/' || text[0] == '?' || text[0] == '#') {
        return bc__http_fail(error, BC_ERR_FORMAT, 0,
                             "the address of a peer ends behind the port: no path, no query");
    }
    return bc__http_fail(error, BC_ERR_FORMAT, 0,
                         "the address of a peer is not host:port: a byte of the value 0x%02x is "
                         "in the way",
                         (unsigned)(unsigned char)text[0]);
}

bc_status bc_http_peer_name(char out[256], const char *text, bc_error *error)
{
    address to = {.secure = false};
    bc_status status;

    if (out == NULL) {
        return bc__http_fail(error, BC_ERR_ARGUMENT, 0, "out is NULL");
    }
    out[0] = '\0';
    if (text == NULL) {
        return bc__http_fail(error, BC_ERR_ARGUMENT, 0, "text is NULL");
    }
    status = read_scheme(&to, &text, error);
    if (status == BC_OK) {
        status = *text == '[' ? read_ipv6(&to, &text, error) : read_name(&to, &text, error);
    }
    if (status == BC_OK) {
        status = read_port(&to, &text, error);
    }
    if (status == BC_OK) {
        status = read_end(text, error);
    }
    if (status == BC_OK) {
        (void)snprintf(out, BC_PEER_BYTES_MAX + 1, "%s%s:%u", to.secure ? "https://" : "", to.host,
                       (unsigned)to.port);
    }
    return status;
}
