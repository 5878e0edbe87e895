#include "http.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

enum { PATIENCE_SECONDS = 20 };

void http_pause(uint32_t milliseconds)
{
    struct timespec pause = {(time_t)(milliseconds / 1000), (long)(milliseconds % 1000) * 1000000};

    while (nanosleep(&pause, &pause) != 0 && errno == EINTR) {
    }
}

/* ---- Client --------------------------------------------------------------------------------- */

static void set_patience(int fd)
{
    struct timeval patience = {PATIENCE_SECONDS, 0};

    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
}

int http_connect(uint32_t port)
{
    struct sockaddr_in to;
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    assert_true(fd >= 0);
    memset(&to, 0, sizeof to);
    to.sin_family = AF_INET;
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    to.sin_port = htons((uint16_t)port);
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    set_patience(fd);
    return fd;
}

bool http_send(int fd, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t sent = send(fd, bytes, length, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) {
            continue;
        }
        if (sent <= 0) {
            return false;
        }
        bytes += sent;
        length -= (size_t)sent;
    }
    return true;
}

bool http_send_text(int fd, const char *text)
{
    return http_send(fd, text, strlen(text));
}

char *http_receive(int fd)
{
    size_t length = 0;
    size_t capacity = 4096;
    char *text = malloc(capacity);

    for (;;) {
        ssize_t got;
        assert_non_null(text);
        got = recv(fd, text + length, capacity - length - 1, 0);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            free(text);
            return NULL;
        }
        if (got <= 0) {
            text[length] = '\0';
            return text;
        }
        length += (size_t)got;
        if (capacity - length < 2048) {
            capacity *= 2;
            text = realloc(text, capacity);
        }
    }
}

/* Puts chunks together where they stand. */
static void join_chunks(char *body)
{
    char *to = body;
    char *from = body;

    for (;;) {
        char *end;
        unsigned long length = strtoul(from, &end, 16);
        if (length == 0 || strncmp(end, "\r\n", 2) != 0 || strlen(end) < length + 4) {
            break;
        }
        memmove(to, end + 2, length);
        to += length;
        from = end + 2 + length + 2;
    }
    *to = '\0';
}

static bool is_chunked(const char *text, const char *end)
{
    const char *line = strstr(text, "Transfer-Encoding: chunked");

    return line != NULL && line < end;
}

http_answer http_parse(char *text)
{
    http_answer answer = {0, text, NULL};
    char *end;

    assert_non_null(text);
    end = strstr(text, "\r\n\r\n");
    if (end == NULL || sscanf(text, "HTTP/1.%*d %d", &answer.status) != 1) {
        answer.status = 0;
        answer.body = text + strlen(text);
        return answer;
    }
    answer.body = end + 4;
    if (is_chunked(text, end)) {
        join_chunks(answer.body);
    }
    return answer;
}

void http_answer_free(http_answer *answer)
{
    free(answer->text);
    memset(answer, 0, sizeof *answer);
}

http_answer http_ask(uint32_t port, const char *method, const char *path, const char *extra,
                     const char *body)
{
    char head[2048];
    char length[64] = "";
    http_answer answer;
    int fd = http_connect(port);

    if (body != NULL) {
        (void)snprintf(length, sizeof length, "Content-Length: %zu\r\n", strlen(body));
    }
    (void)snprintf(head, sizeof head,
                   "%s %s HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nConnection: close\r\n%s%s\r\n", method,
                   path, (unsigned)port, length, extra == NULL ? "" : extra);
    (void)http_send_text(fd, head);
    if (body != NULL) {
        (void)http_send_text(fd, body);
    }
    answer = http_parse(http_receive(fd));
    (void)close(fd);
    return answer;
}

http_answer http_get(uint32_t port, const char *path)
{
    return http_ask(port, "GET", path, NULL, NULL);
}

http_answer http_post_json(uint32_t port, const char *path, const char *body)
{
    return http_ask(port, "POST", path, "Content-Type: application/json\r\n", body);
}

/* ---- Server --------------------------------------------------------------------------------- */

struct http_fake {
    http_fake_fn serve;
    void *context;
    int listener;
    uint32_t port;
    pthread_t thread;
    atomic_uint count;
    atomic_bool ending;
};

/* A listening socket on a free port. */
static int listen_somewhere(uint32_t *port)
{
    struct sockaddr_in at;
    socklen_t size = sizeof at;
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    memset(&at, 0, sizeof at);
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&at, size), 0);
    assert_int_equal(listen(fd, 64), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &size), 0);
    *port = ntohs(at.sin_port);
    return fd;
}

uint32_t http_closed_port(void)
{
    uint32_t port;

    (void)close(listen_somewhere(&port));
    return port;
}

/* Until the empty line, or until it is seen to be the beginning of TLS (RFC 8446, 5.1). */
static void read_head(int fd, char *head, size_t capacity)
{
    size_t length = 0;

    head[0] = '\0';
    while (length + 1 < capacity && strstr(head, "\r\n\r\n") == NULL) {
        ssize_t got = recv(fd, head + length, capacity - length - 1, 0);
        if (got <= 0) {
            return;
        }
        length += (size_t)got;
        head[length] = '\0';
        if (head[0] == 0x16) {
            return;
        }
    }
}

static void *run_fake(void *context)
{
    http_fake *fake = context;
    char head[8192];

    for (;;) {
        int fd = accept(fake->listener, NULL, NULL);
        if (atomic_load(&fake->ending)) {
            if (fd >= 0) {
                (void)close(fd);
            }
            return NULL;
        }
        if (fd < 0) {
            continue;
        }
        set_patience(fd);
        (void)atomic_fetch_add(&fake->count, 1);
        read_head(fd, head, sizeof head);
        fake->serve(fake, fd, head);
        (void)shutdown(fd, SHUT_WR);
        (void)close(fd);
    }
}

http_fake *http_fake_start(http_fake_fn serve, void *context)
{
    http_fake *fake = calloc(1, sizeof *fake);

    assert_non_null(fake);
    fake->serve = serve;
    fake->context = context;
    fake->listener = listen_somewhere(&fake->port);
    assert_int_equal(pthread_create(&fake->thread, NULL, run_fake, fake), 0);
    return fake;
}

void *http_fake_context(const http_fake *fake)
{
    return fake->context;
}

uint32_t http_fake_port(const http_fake *fake)
{
    return fake->port;
}

unsigned http_fake_count(http_fake *fake)
{
    return atomic_load(&fake->count);
}

bool http_fake_ending(http_fake *fake)
{
    return atomic_load(&fake->ending);
}

void http_fake_stop(http_fake *fake)
{
    int fd;

    atomic_store(&fake->ending, true);
    fd = http_connect(fake->port); /* ends the accept */
    (void)pthread_join(fake->thread, NULL);
    (void)close(fd);
    (void)close(fake->listener);
    free(fake);
}

/* ---- Chains --------------------------------------------------------------------------------- */

bc_params *http_params(unsigned zeros)
{
    char json[128];
    bc_params *params = NULL;
    int length = snprintf(json, sizeof json,
                          "{\"rules\":\"tutorial\",\"version\":1,\"name\":\"test\",\"dialect\":1,"
                          "\"zeros\":%u}",
                          zeros);

    assert_int_equal(bc_params_parse(&params, json, (size_t)length, NULL, NULL), BC_OK);
    return params;
}

void http_mine(bc_chain *chain, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        bc_block *block = NULL;
        assert_int_equal(bc_chain_mine(chain, &block, NULL, NULL), BC_OK);
        bc_block_unref(block);
    }
}

uint64_t http_height(bc_chain *chain)
{
    uint64_t height = 0;

    assert_int_equal(bc_chain_tip(chain, &height, NULL, NULL), BC_OK);
    return height;
}
