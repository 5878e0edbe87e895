/* The server: the listening socket, MHD's callbacks, and the order in which it all ends. */
#include "server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    BACKLOG = 128,
    /* The body of a refused request is read to its end where it is no longer than this: closing
     * with bytes unread would make the system throw away the response. */
    DRAINED_BYTES_MAX = 8 * 1024 * 1024
};

/* ---- One request ---------------------------------------------------------------------------- */

bool bc__http_slow_enter(bc__http_server *server)
{
    unsigned most = (server->settings->max_connections + 1) / 2;

    if (atomic_fetch_add(&server->slow, 1) < most) {
        return true;
    }
    (void)atomic_fetch_sub(&server->slow, 1);
    return false;
}

void bc__http_slow_leave(bc__http_server *server)
{
    (void)atomic_fetch_sub(&server->slow, 1);
}

static bc__http_exchange *begin(bc__http_server *server, struct MHD_Connection *connection,
                                const char *path, const char *method, const char *version)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    bc__http_exchange *exchange;

    if (info == NULL || info->socket_context == NULL) {
        return NULL; /* there was no memory to watch it */
    }
    exchange = calloc(1, sizeof *exchange);
    if (exchange == NULL) {
        return NULL;
    }
    exchange->server = server;
    exchange->connection = connection;
    exchange->guest = info->socket_context;
    (void)snprintf(exchange->method, sizeof exchange->method, "%s", method);
    if (snprintf(exchange->path, sizeof exchange->path, "%s", path) >
        (int)sizeof exchange->path - 1) {
        exchange->path[0] = '?'; /* too long for any route */
    }
    exchange->http_1_0 = strcmp(version, MHD_HTTP_VERSION_1_0) == 0;
    bc__http_watch_renew(&server->watch, exchange->guest); /* for the body */
    bc__http_route_request(exchange);
    return exchange;
}

static bool take_body(bc__http_exchange *exchange, const char *bytes, size_t length)
{
    size_t needed = exchange->length + length;

    if (exchange->refused != 0) {
        return true;
    }
    if (needed > exchange->expected) {
        return false; /* MHD gives no more than Content-Length says */
    }
    if (needed > exchange->capacity) {
        /* Grows with what has come, not with what was announced. */
        size_t capacity = needed > SIZE_MAX / 2 ? needed : needed * 2;
        uint8_t *body = realloc(exchange->body, capacity);
        if (body == NULL) {
            return false;
        }
        exchange->body = body;
        exchange->capacity = capacity;
    }
    memcpy(exchange->body + exchange->length, bytes, length);
    exchange->length = needed;
    return true;
}

static enum MHD_Result finish_request(bc__http_exchange *exchange)
{
    if (exchange->refused != 0) {
        return bc__http_respond_error(exchange, exchange->refused, exchange->sentence);
    }
    if (atomic_load(&exchange->server->stopping)) {
        return bc__http_respond_error(exchange, MHD_HTTP_SERVICE_UNAVAILABLE,
                                      "the node is stopping");
    }
    bc__http_watch_suspend(&exchange->server->watch, exchange->guest);
    return exchange->route->answer(exchange);
}

/* MHD calls this once with the head, then for each part of the body, then at the end. */
static enum MHD_Result on_request(void *context, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *bytes,
                                  size_t *length, void **request)
{
    bc__http_exchange *exchange = *request;

    if (exchange == NULL) {
        exchange = begin(context, connection, url, method, version);
        if (exchange == NULL) {
            return MHD_NO;
        }
        *request = exchange;
        if (exchange->refused != 0 && exchange->expected > DRAINED_BYTES_MAX) {
            return finish_request(exchange);
        }
        return MHD_YES;
    }
    if (*length != 0) {
        bool taken = take_body(exchange, bytes, *length);
        *length = 0;
        return taken ? MHD_YES : MHD_NO;
    }
    return finish_request(exchange);
}

/* MHD gives a path as a C string, so an encoded NUL would end it early and "/mine%00x" be "/mine". It
 * becomes another control character, which the routing refuses as well. */
static size_t unescape(void *context, struct MHD_Connection *connection, char *text)
{
    size_t length = MHD_http_unescape(text);

    (void)context;
    (void)connection;
    for (size_t i = 0; i < length; i++) {
        text[i] = text[i] == '\0' ? '\1' : text[i];
    }
    return length;
}

static void log_request(const bc__http_exchange *exchange)
{
    char name[64] = "?";
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(exchange->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);

    if (exchange->server->settings->log.write == NULL) {
        return;
    }
    if (info != NULL && info->client_addr != NULL) {
        socklen_t size = info->client_addr->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6)
                                                                  : sizeof(struct sockaddr_in);
        (void)getnameinfo(info->client_addr, size, name, sizeof name, NULL, 0, NI_NUMERICHOST);
    }
    bc__http_log(exchange->server->settings, BC_LOG_DEBUG, "%s %s %s %u", name, exchange->method,
                 exchange->path, exchange->answered);
}

static void on_completed(void *context, struct MHD_Connection *connection, void **request,
                         enum MHD_RequestTerminationCode how)
{
    bc__http_exchange *exchange = *request;

    (void)context;
    (void)connection;
    (void)how;
    if (exchange == NULL) {
        return;
    }
    *request = NULL;
    log_request(exchange);
    bc__http_watch_renew(&exchange->server->watch, exchange->guest);
    free(exchange->body);
    free(exchange);
}

static void on_connection(void *context, struct MHD_Connection *connection, void **guest,
                          enum MHD_ConnectionNotificationCode what)
{
    bc__http_server *server = context;
    const union MHD_ConnectionInfo *info;

    if (what == MHD_CONNECTION_NOTIFY_CLOSED) {
        if (*guest != NULL) {
            bc__http_watch_remove(&server->watch, *guest);
        }
        *guest = NULL;
        return;
    }
    info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    if (info != NULL) {
        *guest = bc__http_watch_add(&server->watch, info->connect_fd);
        if (*guest == NULL) {
            (void)shutdown(info->connect_fd, SHUT_RDWR);
        }
    }
}

/* ---- Listening ------------------------------------------------------------------------------ */

typedef struct endpoint {
    socklen_t size;
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } address;
} endpoint;

static void put_endpoint(endpoint *to, const bc__http_settings *settings)
{
    memset(to, 0, sizeof *to);
    if (inet_pton(AF_INET, settings->bind, &to->address.v4.sin_addr) == 1) {
        to->size = sizeof to->address.v4;
        to->address.v4.sin_family = AF_INET;
        to->address.v4.sin_port = htons(settings->port);
    } else {
        to->size = sizeof to->address.v6;
        (void)inet_pton(AF_INET6, settings->bind, &to->address.v6.sin6_addr);
        to->address.v6.sin6_family = AF_INET6;
        to->address.v6.sin6_port = htons(settings->port);
    }
}

/* A URL that works here: the address of "all interfaces" is no address to go to. */
static void put_url(bc__http_server *server, const endpoint *at)
{
    bool v6 = at->address.any.sa_family == AF_INET6;
    const char *host = server->settings->bind;

    if (v6 && IN6_IS_ADDR_UNSPECIFIED(&at->address.v6.sin6_addr)) {
        host = "::1";
    } else if (!v6 && at->address.v4.sin_addr.s_addr == htonl(INADDR_ANY)) {
        host = "127.0.0.1";
    }
    (void)snprintf(server->url, sizeof server->url, v6 ? "http://[%s]:%u" : "http://%s:%u", host,
                   (unsigned)server->port);
}

/* Gives a listening socket, or -1. */
static int listen_at(bc__http_server *server, bc_error *error)
{
    const int one = 1;
    const bc__http_settings *settings = server->settings;
    endpoint at;
    int flags;
    int problem;
    int fd;

    put_endpoint(&at, settings);
    fd = socket(at.address.any.sa_family, SOCK_STREAM, 0);
    if (fd == -1 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) != 0 ||
        bind(fd, &at.address.any, at.size) != 0 || listen(fd, BACKLOG) != 0 ||
        fcntl(fd, F_SETFD, FD_CLOEXEC) == -1 || (flags = fcntl(fd, F_GETFL)) == -1 ||
        fcntl(fd, F_SETFL, flags | O_NONBLOCK) == -1 ||
        getsockname(fd, &at.address.any, &at.size) != 0) {
        problem = errno;
        if (fd != -1) {
            (void)close(fd);
        }
        (void)bc__http_fail(error, BC_ERR_NETWORK, problem,
                            problem == EADDRINUSE
                                ? "cannot listen on %s port %u: another program does"
                                : "cannot listen on %s port %u",
                            settings->bind, (unsigned)settings->port);
        return -1;
    }
    server->port = ntohs(at.address.any.sa_family == AF_INET6 ? at.address.v6.sin6_port
                                                              : at.address.v4.sin_port);
    put_url(server, &at);
    return fd;
}

/* MHD makes its threads from this one and from those, so they all inherit the blocked signals. */
static struct MHD_Daemon *start_daemon(bc__http_server *server, int fd)
{
    const bc__http_settings *settings = server->settings;
    struct MHD_Daemon *daemon;
    sigset_t old;

    bc__http_block_signals(&old);
    daemon = MHD_start_daemon(
        MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL |
            MHD_USE_ITC,
        server->port, NULL, NULL, on_request, server, MHD_OPTION_LISTEN_SOCKET, fd,
        MHD_OPTION_CONNECTION_LIMIT, (unsigned)settings->max_connections,
        MHD_OPTION_PER_IP_CONNECTION_LIMIT, (unsigned)settings->max_connections_per_ip,
        /* half of it is for reading, half for what is read from it and for writing */
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)settings->max_header_bytes * 2,
        MHD_OPTION_NOTIFY_CONNECTION, on_connection, server, MHD_OPTION_NOTIFY_COMPLETED,
        on_completed, server, MHD_OPTION_UNESCAPE_CALLBACK, unescape, NULL, MHD_OPTION_END);
    (void)pthread_sigmask(SIG_SETMASK, &old, NULL);
    return daemon;
}

bc_status bc__http_server_new(bc__http_server **out, const bc__http_settings *settings,
                              bc_chain *chain, const char *identifier, bc_error *error)
{
    static const uint8_t nobody[BC_ID_BYTES] = {0};
    bc_status status;
    int fd = -1;
    bc__http_server *server = calloc(1, sizeof *server);

    *out = NULL;
    if (server == NULL) {
        return bc__http_fail(error, BC_ERR_MEMORY, 0, "no memory for the HTTP server");
    }
    server->settings = settings;
    server->chain = chain;
    server->has_accounts =
        bc_chain_account(chain, NULL, NULL, NULL, nobody, NULL) != BC_ERR_UNSUPPORTED;
    if (identifier != NULL) {
        server->identifier = strdup(identifier);
        if (server->identifier == NULL) {
            status = bc__http_fail(error, BC_ERR_MEMORY, 0, "no memory for the identifier");
            goto fail;
        }
    }
    fd = listen_at(server, error);
    if (fd == -1) {
        status = BC_ERR_NETWORK;
        goto fail;
    }
    status = bc__http_watch_start(&server->watch, settings->server_timeout_us, error);
    if (status != BC_OK) {
        goto fail;
    }
    server->daemon = start_daemon(server, fd);
    if (server->daemon == NULL) {
        bc__http_watch_stop(&server->watch);
        status = bc__http_fail(error, BC_ERR_NETWORK, 0, "libmicrohttpd could not be started");
        goto fail;
    }
    *out = server;
    return BC_OK;

fail:
    if (fd != -1) {
        (void)close(fd);
    }
    free(server->identifier);
    free(server);
    return status;
}

/* Mining ends by its progress callback. A resolve is ended by an interrupt, which only reaches calls
 * that have begun: so it is given until no endpoint is left in one. */
static void end_long_work(bc__http_server *server)
{
    const struct timespec pause = {0, 10 * 1000 * 1000};

    atomic_store(&server->stopping, true);
    while (atomic_load(&server->resolving) != 0) {
        bc_chain_interrupt(server->chain);
        (void)nanosleep(&pause, NULL);
    }
}

void bc__http_server_free(bc__http_server *server)
{
    if (server == NULL) {
        return;
    }
    end_long_work(server);
    MHD_stop_daemon(server->daemon);
    bc__http_watch_stop(&server->watch);
    free(server->identifier);
    free(server);
}

uint16_t bc__http_server_port(const bc__http_server *server)
{
    return server->port;
}

const char *bc__http_server_url(const bc__http_server *server)
{
    return server->url;
}
