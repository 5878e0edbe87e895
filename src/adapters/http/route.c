/* What is decided from the head of a request, before a byte of its body is taken: whether it may be
 * answered at all, and by which endpoint.
 *
 * Browsers send requests for whatever page they show. Two things keep a page of another site from
 * driving a node on its reader's machine: requests that change something are refused where the
 * browser says that they come from elsewhere (Sec-Fetch-Site, Origin; and a body must be of a type
 * that a page cannot send unasked), and a node that listens on a loopback address answers to the
 * names of this machine alone, so that a foreign name that is pointed at it (DNS rebinding) is
 * refused. */
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

/* ---- Who asks ------------------------------------------------------------------------------- */

/* Whether a Host header, a host with or without a port, can only mean this machine or an address. */
static bool is_own_name(const char *host)
{
    char name[64];
    struct in_addr ip;
    const char *end = *host == '[' ? strchr(host, ']') : strchr(host, ':');
    size_t length = end == NULL ? strlen(host) : (size_t)(end - host);

    if (*host == '[') {
        return end != NULL; /* no name begins with a bracket */
    }
    if (length == 0 || length >= sizeof name) {
        return false;
    }
    memcpy(name, host, length);
    name[length] = '\0';
    if (strcasecmp(name, "localhost") == 0 || inet_pton(AF_INET, name, &ip) == 1) {
        return true;
    }
    return length > 10 && strcasecmp(name + length - 10, ".localhost") == 0; /* RFC 6761, 6.3 */
}

static bool is_foreign_page(const bc__http_exchange *exchange)
{
    const char *site = header(exchange, "Sec-Fetch-Site");
    const char *origin = header(exchange, MHD_HTTP_HEADER_ORIGIN);
    const char *host = header(exchange, MHD_HTTP_HEADER_HOST);

    if (site != NULL && strcmp(site, "same-origin") != 0 && strcmp(site, "none") != 0) {
        return true;
    }
    if (origin == NULL) {
        return false;
    }
    return host == NULL || strncmp(origin, "http://", 7) != 0 || strcasecmp(origin + 7, host) != 0;
}

static bool check_asker(bc__http_exchange *exchange)
{
    const char *host = header(exchange, MHD_HTTP_HEADER_HOST);

    if (exchange->server->settings->loopback && host != NULL && !is_own_name(host)) {
        refuse(exchange, MHD_HTTP_FORBIDDEN,
               "this node listens on a loopback address: the Host header must hold an address or "
               "localhost");
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
