/* What is decided from the head of a request, before a byte of its body is taken: whether it may be
 * answered at all, and by which endpoint.
 *
 * Programs that stand between may read a doubtful head in another way than we do, and so see other
 * requests in the same bytes (request smuggling). Such a head is refused, and its connection closed.
 *
 * Browsers send requests for whatever page they show. Two things keep a page of another site from
 * driving a node: requests that change something are refused where the browser says that they come
 * from elsewhere (Sec-Fetch-Site, Origin, Referer; and a body must be of a type that a page cannot
 * send unasked), and they are refused under a Host that is a name other than localhost, which may
 * have been pointed here by whoever owns it (DNS rebinding). A node that listens on a loopback
 * address answers nothing under such a name. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "server.h"

__attribute__((format(printf, 3, 4))) static void refuse(bc__http_exchange *exchange,
                                                         unsigned status, const char *format, ...)
{
    va_list arguments;

    exchange->route = NULL;
    exchange->refused = status;
    va_start(arguments, format);
    if (vsnprintf(exchange->sentence, sizeof exchange->sentence, format, arguments) < 0) {
        exchange->sentence[0] = '\0';
    }
    va_end(arguments);
}

static const char *header(const bc__http_exchange *exchange, const char *name)
{
    return MHD_lookup_connection_value(exchange->connection, MHD_HEADER_KIND, name);
}

/* ---- Whether the head is in order ----------------------------------------------------------- */

/* What decides how a request is read or who may ask; given twice, two readers may take two values. */
static const char *const single_headers[] = {
    MHD_HTTP_HEADER_HOST,
    MHD_HTTP_HEADER_ORIGIN,
    MHD_HTTP_HEADER_REFERER,
    MHD_HTTP_HEADER_CONTENT_LENGTH,
    MHD_HTTP_HEADER_CONTENT_TYPE,
    MHD_HTTP_HEADER_TRANSFER_ENCODING,
    "Sec-Fetch-Site",
};
enum { SINGLE_HEADERS = sizeof single_headers / sizeof single_headers[0] };

typedef struct head {
    unsigned counts[SINGLE_HEADERS];
    const char *repeated; /* NULL: none is */
} head;

static enum MHD_Result count_header(void *context, enum MHD_ValueKind kind, const char *name,
                                    const char *value)
{
    head *h = context;

    (void)kind;
    (void)value;
    for (size_t i = 0; i < SINGLE_HEADERS; i++) {
        if (strcasecmp(name, single_headers[i]) == 0 && ++h->counts[i] > 1) {
            h->repeated = single_headers[i];
        }
    }
    return MHD_YES;
}

static bool has_control(const char *path)
{
    for (; *path != '\0'; path++) {
        if ((unsigned char)*path < 0x20 || *path == 0x7f) {
            return true;
        }
    }
    return false;
}

/* Reads a Host header, host[:port]; `name` gets the one form that the address has among peers. */
static bool read_host(char name[BC_PEER_BYTES_MAX + 1], const char *host)
{
    return strchr(host, '/') == NULL && bc_http_peer_name(name, host, NULL) == BC_OK;
}

static bool check_head(bc__http_exchange *exchange)
{
    char name[BC_PEER_BYTES_MAX + 1];
    head h = {{0}, NULL};
    const char *host = header(exchange, MHD_HTTP_HEADER_HOST);

    (void)MHD_get_connection_values(exchange->connection, MHD_HEADER_KIND, count_header, &h);
    if (h.repeated != NULL) {
        refuse(exchange, MHD_HTTP_BAD_REQUEST, "the header %s is given more than once", h.repeated);
    } else if (header(exchange, MHD_HTTP_HEADER_CONTENT_LENGTH) != NULL &&
               header(exchange, MHD_HTTP_HEADER_TRANSFER_ENCODING) != NULL) {
        refuse(exchange, MHD_HTTP_BAD_REQUEST,
               "Content-Length and Transfer-Encoding are not taken together");
    } else if (host == NULL && !exchange->http_1_0) {
        refuse(exchange, MHD_HTTP_BAD_REQUEST, "the Host header is missing");
    } else if (host != NULL && !read_host(name, host)) {
        refuse(exchange, MHD_HTTP_BAD_REQUEST, "the Host header is not host or host:port");
    } else if (has_control(exchange->path)) {
        refuse(exchange, MHD_HTTP_BAD_REQUEST, "the path holds a control character");
    }
    exchange->close = exchange->refused != 0;
    return exchange->refused == 0;
}

/* ---- Who asks ------------------------------------------------------------------------------- */

/* Whether a Host header, which is in order, can only mean this machine or an address. */
static bool is_own_name(const char *host)
{
    char name[BC_PEER_BYTES_MAX + 1];
    struct in_addr ip;
    size_t length;

    if (!read_host(name, host)) {
        return false;
    }
    if (name[0] == '[') {
        return true; /* no name begins with a bracket */
    }
    *strchr(name, ':') = '\0'; /* the port is always there */
    length = strlen(name);
    if (strcmp(name, "localhost") == 0 || inet_pton(AF_INET, name, &ip) == 1) {
        return true;
    }
    return length > 10 && strcmp(name + length - 10, ".localhost") == 0; /* RFC 6761, 6.3 */
}

/* Whether an Origin or a Referer is of this node: http://HOST, and what follows in a Referer. */
static bool is_own_page(const char *page, const char *host)
{
    size_t length = strlen(host);

    return strncmp(page, "http://", 7) == 0 && strncasecmp(page + 7, host, length) == 0 &&
           (page[7 + length] == '\0' || page[7 + length] == '/');
}

static bool is_foreign_page(const bc__http_exchange *exchange)
{
    const char *site = header(exchange, "Sec-Fetch-Site");
    const char *origin = header(exchange, MHD_HTTP_HEADER_ORIGIN);
    const char *referer = header(exchange, MHD_HTTP_HEADER_REFERER);
    const char *host = header(exchange, MHD_HTTP_HEADER_HOST);

    if (site != NULL && strcmp(site, "same-origin") != 0 && strcmp(site, "none") != 0) {
        return true;
    }
    if (origin == NULL && referer == NULL) {
        return false;
    }
    return host == NULL || (origin != NULL && !is_own_page(origin, host)) ||
           (referer != NULL && !is_own_page(referer, host));
}

static bool check_asker(bc__http_exchange *exchange)
{
    const char *host = header(exchange, MHD_HTTP_HEADER_HOST);

    if (host != NULL && !is_own_name(host) &&
        (exchange->server->settings->loopback || exchange->route->changes)) {
        refuse(exchange, MHD_HTTP_FORBIDDEN,
               exchange->server->settings->loopback
                   ? "this node listens on a loopback address: the Host header must hold an "
                     "address or localhost"
                   : "this request changes something: the Host header must hold an IP address or "
                     "localhost, not a name");
        return false;
    }
    if (exchange->route->changes && is_foreign_page(exchange)) {
        refuse(exchange, MHD_HTTP_FORBIDDEN,
               "requests that a web page of another site makes are not answered");
        return false;
    }
    return true;
}

/* ---- What is asked -------------------------------------------------------------------------- */

static const bc__http_route *find(const char *path)
{
    for (size_t i = 0; i < bc__http_route_count; i++) {
        const bc__http_route *route = &bc__http_routes[i];
        size_t length = strlen(route->path);
        if (route->prefix ? strncmp(path, route->path, length) == 0 && path[length] != '\0'
                          : strcmp(path, route->path) == 0) {
            return route;
        }
    }
    return NULL;
}

/* Whether `method` is one of the words of `methods`, which are parted by ", ". */
static bool allows(const char *methods, const char *method)
{
    size_t length = strlen(method);

    for (const char *word = methods; word != NULL; word = strchr(word, ' ')) {
        word += *word == ' ' ? 1 : 0;
        if (strncmp(word, method, length) == 0 && (word[length] == ',' || word[length] == '\0')) {
            return true;
        }
    }
    return false;
}

/* "application/json; charset=utf-8" is of the type "application/json". */
static bool is_media(const char *given, const char *media)
{
    size_t length = strlen(media);

    return given != NULL && strncasecmp(given, media, length) == 0 &&
           (given[length] == '\0' || given[length] == ';' || given[length] == ' ');
}

/* Reads Content-Length. MHD has refused what is no number. */
static bool check_length(bc__http_exchange *exchange)
{
    uint64_t most = exchange->server->settings->max_body_bytes;
    const char *text = header(exchange, MHD_HTTP_HEADER_CONTENT_LENGTH);

    if (text == NULL || header(exchange, MHD_HTTP_HEADER_TRANSFER_ENCODING) != NULL) {
        refuse(exchange, MHD_HTTP_LENGTH_REQUIRED,
               "a request with a body must say its length in Content-Length");
        return false;
    }
    if (exchange->expected > most) {
        refuse(exchange, MHD_HTTP_CONTENT_TOO_LARGE,
               "the body has %llu bytes; at most %llu are taken",
               (unsigned long long)exchange->expected, (unsigned long long)most);
        return false;
    }
    return true;
}

static void read_expected(bc__http_exchange *exchange)
{
    const char *text = header(exchange, MHD_HTTP_HEADER_CONTENT_LENGTH);

    exchange->expected = text == NULL ? 0 : strtoull(text, NULL, 10);
    if (header(exchange, MHD_HTTP_HEADER_TRANSFER_ENCODING) != NULL) {
        exchange->expected = UINT64_MAX;
    }
}

static bool check_body(bc__http_exchange *exchange)
{
    const char *media = exchange->route->media;

    if (media == NULL) {
        if (exchange->expected != 0) {
            refuse(exchange, MHD_HTTP_BAD_REQUEST, "this request takes no body");
            return false;
        }
        return true;
    }
    if (!is_media(header(exchange, MHD_HTTP_HEADER_CONTENT_TYPE), media)) {
        refuse(exchange, MHD_HTTP_UNSUPPORTED_MEDIA_TYPE,
               "the body must come with Content-Type: %s", media);
        return false;
    }
    return check_length(exchange);
}

void bc__http_route_request(bc__http_exchange *exchange)
{
    read_expected(exchange);
    if (!check_head(exchange)) {
        return;
    }
    exchange->route = find(exchange->path);
    if (exchange->route == NULL) {
        refuse(exchange, MHD_HTTP_NOT_FOUND, "there is nothing at this path");
        return;
    }
    if (!allows(exchange->route->methods, exchange->method)) {
        exchange->allow = exchange->route->methods;
        refuse(exchange, MHD_HTTP_METHOD_NOT_ALLOWED, "this path answers to %s", exchange->allow);
        return;
    }
    if (check_asker(exchange)) {
        (void)check_body(exchange);
    }
}
