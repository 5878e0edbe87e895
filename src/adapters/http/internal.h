/* What the files of libbc-http share. The adapter is a host of libbc: it includes public headers
 * only, and takes its memory from malloc. */
#ifndef BC_ADAPTERS_HTTP_INTERNAL_H
#define BC_ADAPTERS_HTTP_INTERNAL_H

#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <bc/http.h>

#define BC__HTTP_SECOND_US 1000000

enum { BC__HTTP_BIND_BYTES_MAX = 45 /* of an IPv6 address as text */ };

/* bc_http_options with its defaults filled in. */
typedef struct bc__http_settings {
    uint16_t port;
    bool loopback; /* whether `bind` is reachable from this machine alone */
    char bind[BC__HTTP_BIND_BYTES_MAX + 1];
    bc_log log; /* write is NULL where nothing is logged */
    uint64_t connect_timeout_us;
    uint64_t request_timeout_us;
    uint64_t low_speed_us;
    uint64_t low_speed_bytes;
    uint64_t max_requests;
    uint64_t max_answer_header_bytes;
    uint64_t server_timeout_us;
    uint64_t max_header_bytes;
    uint64_t max_body_bytes;
    uint32_t max_connections;
    uint32_t max_connections_per_ip;
    uint32_t mine_threads;
    bc_key *mine_signer;     /* our reference, or NULL */
    uint8_t *mine_recipient; /* malloc's, or NULL */
    size_t mine_recipient_length;
} bc__http_settings;

/* To be released with bc__http_settings_free, on failure too. */
bc_status bc__http_settings_read(bc__http_settings *settings, const bc_http_options *options,
                                 bc_error *error);
void bc__http_settings_free(bc__http_settings *settings);

/* ---- Errors, log, clock, threads ------------------------------------------------------------ */

/* Fills in `error`, which may be NULL, and returns `status`. */
__attribute__((format(printf, 4, 5))) bc_status bc__http_fail(bc_error *error, bc_status status,
                                                              int32_t host_code, const char *format,
                                                              ...);

/* Writes a line, cut at 300 bytes; what is not printable ASCII becomes '?', so that no request can
 * forge a line. */
__attribute__((format(printf, 3, 4))) void bc__http_log(const bc__http_settings *settings,
                                                        uint32_t level, const char *format, ...);

/* Microseconds of a clock that never goes back. */
int64_t bc__http_now(void);

/* pthread_create with every signal blocked in the new thread, so that the host's handlers run on
 * the host's threads. */
int bc__http_thread(pthread_t *thread, void *(*run)(void *), void *context);

/* Blocks every signal in this thread, to be put back with pthread_sigmask. */
void bc__http_block_signals(void *old_set);

/* ---- Client (client.c) ---------------------------------------------------------------------- */

typedef struct bc__http_client bc__http_client;

/* `settings` must outlive the client. */
bc_status bc__http_client_new(bc__http_client **out, const bc__http_settings *settings,
                              bc_error *error);

/* Ends every request with BC_ERR_CLOSED and joins the thread; may be called twice. */
void bc__http_client_stop(bc__http_client *client);

/* Stops, and releases; takes NULL. */
void bc__http_client_free(bc__http_client *client);

/* As bc_transport's. */
bc_status bc__http_client_request(bc__http_client *client, const char *peer, const char *method,
                                  const uint8_t *body, size_t length, bc_reply *reply);
void bc__http_client_cancel(bc__http_client *client, bc_reply *reply);

/* ---- Server (server.c) ---------------------------------------------------------------------- */

typedef struct bc__http_server bc__http_server;

bc_status bc__http_server_new(bc__http_server **out, const bc__http_settings *settings,
                              bc_chain *chain, const char *identifier, bc_error *error);
void bc__http_server_free(bc__http_server *server); /* stops; takes NULL */
uint16_t bc__http_server_port(const bc__http_server *server);
const char *bc__http_server_url(const bc__http_server *server);

#endif
