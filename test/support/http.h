/* HTTP as bytes, for tests: a client that sends whatever it is told, and a server that misbehaves
 * as it is told. Loopback only. A failure of the test's own machinery fails the test (cmocka). */
#ifndef BC_TEST_SUPPORT_HTTP_H
#define BC_TEST_SUPPORT_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <bc/bc.h>

/* ---- Client --------------------------------------------------------------------------------- */

/* A connection to 127.0.0.1; reading waits at most 20 seconds. */
int http_connect(uint32_t port);

/* Sends all of it; false when the other side has closed. */
bool http_send(int fd, const char *bytes, size_t length);
bool http_send_text(int fd, const char *text);

/* What comes until the other side closes, as a string; NULL when 20 seconds pass without a byte.
 * To be freed. */
char *http_receive(int fd);

typedef struct http_answer {
    int status; /* 0: the connection was closed without an answer */
    char *text; /* head and body as they came */
    char *body; /* inside `text`, chunks put together */
} http_answer;

/* Sends one request with "Connection: close" and reads the answer. `extra` are further header
 * lines, each with its line break; `body` may be NULL for none. */
http_answer http_ask(uint32_t port, const char *method, const char *path, const char *extra,
                     const char *body);
http_answer http_get(uint32_t port, const char *path);
http_answer http_post_json(uint32_t port, const char *path, const char *body);

/* Reads an answer from what http_receive gave, which it takes. */
http_answer http_parse(char *text);
void http_answer_free(http_answer *answer);

/* ---- Server --------------------------------------------------------------------------------- */

typedef struct http_fake http_fake;

/* Serves one connection: the request's head has been read into `request`. The connection is closed
 * behind it. Runs on a thread of the server, one connection after another. */
typedef void (*http_fake_fn)(http_fake *fake, int fd, const char *request);

http_fake *http_fake_start(http_fake_fn serve, void *context);
void *http_fake_context(const http_fake *fake);
uint32_t http_fake_port(const http_fake *fake);
unsigned http_fake_count(http_fake *fake); /* connections so far */
bool http_fake_ending(http_fake *fake);    /* the test is over: an endless one should return */
void http_fake_stop(http_fake *fake);

/* Sleeps. */
void http_pause(uint32_t milliseconds);

/* A port of loopback on which nobody listens. */
uint32_t http_closed_port(void);

/* ---- Chains --------------------------------------------------------------------------------- */

/* The tutorial's rules with so many zeros. */
bc_params *http_params(unsigned zeros);

/* Mines `count` blocks. */
void http_mine(bc_chain *chain, unsigned count);

uint64_t http_height(bc_chain *chain);

#endif
