/* The server's inside. MHD gives each connection a thread, so an endpoint may block (mining,
 * resolving) without holding up another connection. MHD's own time-out counts from the last byte,
 * which a client that drips bytes never meets, and goes on counting while an endpoint works; so the
 * time-outs are the watch's. */
#ifndef BC_ADAPTERS_HTTP_SERVER_H
#define BC_ADAPTERS_HTTP_SERVER_H

#include <jansson.h>
#include <microhttpd.h>

#include "internal.h"

/* ---- Watch (watch.c) ------------------------------------------------------------------------ */

/* One connection, from the notice that it began to the notice that it ended. */
typedef struct bc__http_guest {
    struct bc__http_guest *next;
    struct bc__http_guest *previous;
    int socket;
    int64_t deadline; /* bc__http_now; INT64_MAX: none */
} bc__http_guest;

/* Shuts down the sockets of the connections that miss their deadline. */
typedef struct bc__http_watch {
    pthread_mutex_t lock;
    pthread_t thread;
    int wake[2]; /* a pipe */
    uint64_t timeout_us;
    bool stopping; /* under the lock, as the list */
    bc__http_guest *first;
} bc__http_watch;

bc_status bc__http_watch_start(bc__http_watch *watch, uint64_t timeout_us, bc_error *error);
void bc__http_watch_stop(bc__http_watch *watch); /* every guest is gone */

/* NULL without memory. The guest has one time-out from now. */
bc__http_guest *bc__http_watch_add(bc__http_watch *watch, int socket);
void bc__http_watch_remove(bc__http_watch *watch, bc__http_guest *guest);

/* Whether the other side has closed the connection, or its half of it, which looks the same until
 * something is sent. Bytes that are still to be read do not hide it. */
bool bc__http_guest_left(const bc__http_guest *guest);

/* Gives the guest one time-out from now, or all the time there is. */
void bc__http_watch_renew(bc__http_watch *watch, bc__http_guest *guest);
void bc__http_watch_suspend(bc__http_watch *watch, bc__http_guest *guest);

/* ---- Server (server.c) ---------------------------------------------------------------------- */

struct bc__http_server {
    const bc__http_settings *settings;
    bc_chain *chain;
    char *identifier;  /* NULL: none was given */
    bool has_accounts; /* the chain's rules: transactions are signed, blocks come one by one */
    struct MHD_Daemon *daemon;
    bc__http_watch watch;
    uint16_t port;
    char url[BC__HTTP_BIND_BYTES_MAX + 16];
    atomic_bool stopping;
    atomic_uint slow;      /* endpoints at work that may take as long as they like */
    atomic_uint resolving; /* those of them that are inside bc_chain_resolve, or about to be */
};

/* ---- One request ---------------------------------------------------------------------------- */

struct bc__http_route;

enum { BC__HTTP_PATH_BYTES_MAX = 127, BC__HTTP_SENTENCE_BYTES_MAX = 255 };

typedef struct bc__http_exchange {
    bc__http_server *server;
    struct MHD_Connection *connection;
    bc__http_guest *guest;
    const struct bc__http_route *route; /* NULL where the request is refused */
    const char *allow;                  /* for the Allow header of a 405, else NULL */
    bool http_1_0;                      /* the one version that needs no Host header */
    bool close;                         /* the connection, behind the answer */
    unsigned refused;                   /* the status of a refusal, else 0 */
    unsigned answered;                  /* the status that was sent, for the log */
    bool head;                          /* the method is HEAD */
    uint64_t expected;                  /* Content-Length */
    uint8_t *body;
    size_t length;
    size_t capacity;
    char method[16];
    char path[BC__HTTP_PATH_BYTES_MAX + 1]; /* cut where it is longer: then no route has it */
    char sentence[BC__HTTP_SENTENCE_BYTES_MAX + 1];
} bc__http_exchange;

typedef struct bc__http_route {
    const char *path;
    const char *methods; /* as in Allow; the one that is served first */
    const char *media;   /* the type that a body must have; NULL: no body */
    bool prefix;         /* a name follows the path */
    bool changes;        /* does more than read: not for web pages of other sites */
    enum MHD_Result (*answer)(bc__http_exchange *exchange);
} bc__http_route;

/* Decides which endpoint a request is for, from its head; sets `route`, or `refused` and
 * `sentence` (route.c). */
void bc__http_route_request(bc__http_exchange *exchange);

/* The endpoints. */
extern const bc__http_route bc__http_routes[]; /* endpoints.c */
extern const size_t bc__http_route_count;
enum MHD_Result bc__http_answer_register(bc__http_exchange *exchange);
enum MHD_Result bc__http_answer_resolve(bc__http_exchange *exchange);
/* POST /transactions/new under rules with accounts; POST /blocks (submissions.c) */
enum MHD_Result bc__http_answer_signed(bc__http_exchange *exchange);
enum MHD_Result bc__http_answer_submit(bc__http_exchange *exchange);
/* GET /status, /blocks/…, /transactions/…, /accounts/… (lookups.c) */
enum MHD_Result bc__http_answer_status(bc__http_exchange *exchange);
enum MHD_Result bc__http_answer_block(bc__http_exchange *exchange);
enum MHD_Result bc__http_answer_find(bc__http_exchange *exchange);
enum MHD_Result bc__http_answer_account(bc__http_exchange *exchange);
/* GET /chain under rules with accounts (page.c) */
enum MHD_Result bc__http_answer_page(bc__http_exchange *exchange);
/* GET /proofs/… (proof.c) */
enum MHD_Result bc__http_answer_proof(bc__http_exchange *exchange);

/* Before and after work that may take long. At most half of the connections may be at such work, so
 * that there is always one for a short question; false: 503 is to be answered. */
bool bc__http_slow_enter(bc__http_server *server);
void bc__http_slow_leave(bc__http_server *server);

/* ---- Text (text.c) -------------------------------------------------------------------------- */

/* A string that grows. After a failure, which is remembered, it takes no more. */
typedef struct bc__http_text {
    char *bytes; /* malloc's; NULL while empty */
    size_t length;
    size_t capacity;
    bool failed;
} bc__http_text;

void bc__http_text_put(bc__http_text *text, const char *bytes, size_t length);
void bc__http_text_string(bc__http_text *text, const char *string);
void bc__http_text_number(bc__http_text *text, uint64_t number);
void bc__http_text_hex(bc__http_text *text, const uint8_t *bytes, size_t length); /* lowercase */
/* NULL (jansson had no memory) fails. Gives `json` up. */
void bc__http_text_json(bc__http_text *text, json_t *json);
void bc__http_text_free(bc__http_text *text);

/* A JSON string; bytes that are no UTF-8 become '?'. NULL without memory. */
json_t *bc__http_json_string(const char *string);

/* A JSON integer up to 2^53 - 1, which every reader takes exactly; a string of its digits above. */
json_t *bc__http_json_amount(uint64_t number);

json_t *bc__http_json_id(const uint8_t id[BC_ID_BYTES]);

/* ---- What a request says (ask.c) ------------------------------------------------------------ */

/* What follows the prefix of the route. */
const char *bc__http_path_rest(const bc__http_exchange *exchange);

/* 64 lowercase hexadecimal digits. */
bool bc__http_read_id(uint8_t id[BC_ID_BYTES], const char *text);

/* Decimal digits, nothing else, below 2^64. */
bool bc__http_read_number(uint64_t *number, const char *text);

/* ?name=NUMBER; leaves *number where there is none. False where it is no number. */
bool bc__http_read_query(uint64_t *number, const bc__http_exchange *exchange, const char *name);

/* Whether the body begins as a JSON object does. */
bool bc__http_body_is_object(const bc__http_exchange *exchange);

/* Makes the body, hexadecimal digits with or without the quotes of a JSON string, what they mean.
 * False where it is no such thing. */
bool bc__http_decode_body(bc__http_exchange *exchange);

/* ---- Responses (respond.c) ------------------------------------------------------------------ */

/* MHD_NO, which closes the connection, is what is left where there is no memory for a response. */

/* Sends JSON; takes the text's bytes. */
enum MHD_Result bc__http_respond_text(bc__http_exchange *exchange, unsigned status,
                                      bc__http_text *text);
enum MHD_Result bc__http_respond_json(bc__http_exchange *exchange, unsigned status, json_t *json);

/* Sends {"error":"sentence"}. */
enum MHD_Result bc__http_respond_error(bc__http_exchange *exchange, unsigned status,
                                       const char *sentence);

/* Says why long work was interrupted, where it is the server that stops. */
void bc__http_explain_stop(const bc__http_server *server, bc_status status, bc_error *error);

/* Sends the error of a call of the library, with the HTTP status that fits. */
enum MHD_Result bc__http_respond_failure(bc__http_exchange *exchange, bc_status status,
                                         const bc_error *error);

/* The same for an endpoint that not all rules have: 501 for what is not there under these, and 413
 * where what was sent is over a limit. */
enum MHD_Result bc__http_respond_refusal(bc__http_exchange *exchange, bc_status status,
                                         const bc_error *error);

/* What is sent instead of the first bytes and of the last byte of an answer. */
typedef struct bc__http_splice {
    const char *cut;    /* how the answer begins; it is left out */
    const char *head;   /* and this sent instead */
    bc__http_text tail; /* sent instead of the last byte, which is '}'; taken; empty: nothing is
                           replaced at the end */
} bc__http_splice;

/* Streams an answer with status 200; takes the answer. `splice` may be NULL. */
enum MHD_Result bc__http_respond_answer(bc__http_exchange *exchange, bc_answer *answer,
                                        const char *media, bc__http_splice *splice);

#endif
