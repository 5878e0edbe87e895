/* Responses: JSON that is made whole, and answers of the library that are streamed. */
#include <stdlib.h>
#include <string.h>

#include "server.h"

enum { STREAM_BLOCK_BYTES = 16384 };

static bool add_headers(const bc__http_exchange *exchange, struct MHD_Response *response,
                        const char *media)
{
    return MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, media) == MHD_YES &&
           MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store") ==
               MHD_YES &&
           MHD_add_response_header(response, "X-Content-Type-Options", "nosniff") == MHD_YES &&
           (!exchange->close ||
            MHD_add_response_header(response, MHD_HTTP_HEADER_CONNECTION, "close") == MHD_YES) &&
           (exchange->allow == NULL ||
            MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, exchange->allow) == MHD_YES);
}

/* Gives the response up; it may be NULL. */
static enum MHD_Result send_response(bc__http_exchange *exchange, unsigned status,
                                     struct MHD_Response *response, const char *media)
{
    enum MHD_Result result = MHD_NO;

    if (response == NULL) {
        return MHD_NO;
    }
    if (add_headers(exchange, response, media)) {
        bc__http_watch_renew(&exchange->server->watch, exchange->guest);
        exchange->answered = status;
        result = MHD_queue_response(exchange->connection, status, response);
    }
    MHD_destroy_response(response);
    return result;
}

/* ---- JSON ----------------------------------------------------------------------------------- */

enum MHD_Result bc__http_respond_text(bc__http_exchange *exchange, unsigned status,
                                      bc__http_text *text)
{
    struct MHD_Response *response;

    if (text->failed) {
        bc__http_text_free(text);
        return MHD_NO;
    }
    response = MHD_create_response_from_buffer(text->length, text->bytes, MHD_RESPMEM_MUST_FREE);
    if (response == NULL) {
        bc__http_text_free(text);
    }
    return send_response(exchange, status, response, "application/json");
}

enum MHD_Result bc__http_respond_json(bc__http_exchange *exchange, unsigned status, json_t *json)
{
    bc__http_text text = {0};

    bc__http_text_json(&text, json);
    return bc__http_respond_text(exchange, status, &text);
}

enum MHD_Result bc__http_respond_error(bc__http_exchange *exchange, unsigned status,
                                       const char *sentence)
{
    return bc__http_respond_json(exchange, status,
                                 json_pack("{s:o}", "error", bc__http_json_string(sentence)));
}

void bc__http_explain_stop(const bc__http_server *server, bc_status status, bc_error *error)
{
    if (status == BC_ERR_INTERRUPTED && atomic_load(&server->stopping)) {
        (void)bc__http_fail(error, status, 0, "the node is stopping");
    }
}

enum MHD_Result bc__http_respond_failure(bc__http_exchange *exchange, bc_status status,
                                         const bc_error *error)
{
    const char *sentence = error->message[0] == '\0' ? bc_status_name(status) : error->message;
    unsigned code;

    switch (status) {
    case BC_ERR_FORMAT:
        code = MHD_HTTP_BAD_REQUEST;
        break;
    case BC_ERR_LIMIT: /* depth or digits of what was sent; else a block of ours is too large */
        code = exchange->length == 0 ? MHD_HTTP_INTERNAL_SERVER_ERROR : MHD_HTTP_BAD_REQUEST;
        break;
    case BC_ERR_NOT_FOUND:
    case BC_ERR_UNSUPPORTED:
        code = MHD_HTTP_NOT_FOUND;
        break;
    case BC_ERR_ARGUMENT:
    case BC_ERR_DAMAGED:
        code = MHD_HTTP_INTERNAL_SERVER_ERROR;
        break;
    case BC_ERR_POISONED: /* what the library says is for who holds the chain */
        code = MHD_HTTP_INTERNAL_SERVER_ERROR;
        sentence = "the node's store failed; the node must be started again";
        break;
    default: /* no memory, the store, stopping: it may be better later */
        code = MHD_HTTP_SERVICE_UNAVAILABLE;
        break;
    }
    bc__http_log(exchange->server->settings, code >= 500 ? BC_LOG_WARNING : BC_LOG_DEBUG,
                 "%s %s: %s", exchange->method, exchange->path, sentence);
    return bc__http_respond_error(exchange, code, sentence);
}

enum MHD_Result bc__http_respond_refusal(bc__http_exchange *exchange, bc_status status,
                                         const bc_error *error)
{
    if (status == BC_ERR_UNSUPPORTED) {
        return bc__http_respond_error(exchange, MHD_HTTP_NOT_IMPLEMENTED, error->message);
    }
    if (status == BC_ERR_LIMIT && exchange->length > 0) {
        return bc__http_respond_error(exchange, MHD_HTTP_CONTENT_TOO_LARGE, error->message);
    }
    return bc__http_respond_failure(exchange, status, error);
}

/* ---- Streams -------------------------------------------------------------------------------- */

typedef struct stream {
    bc__http_server *server;
    bc__http_guest *guest;
    bc_answer *answer;
    const char *cut;  /* what of the answer's beginning is still to be left out */
    const char *head; /* what is still to be sent instead */
    bc__http_text tail;
    size_t tail_sent;
    bool has_held; /* the last byte of the answer is held back until it is known to be the last */
    uint8_t held;
    bool ended; /* the answer is read to its end */
} stream;

static ssize_t send_some(char *to, size_t capacity, const char *from, size_t length)
{
    size_t count = length < capacity ? length : capacity;

    memcpy(to, from, count);
    return (ssize_t)count;
}

static ssize_t give_up(stream *s, const char *why)
{
    bc__http_log(s->server->settings, BC_LOG_WARNING, "an answer broke off: %s", why);
    return MHD_CONTENT_READER_END_WITH_ERROR;
}

/* Leaves out of `length` new bytes those that belong to the beginning that is cut; false where the
 * answer does not begin so. */
static bool cut_beginning(stream *s, uint8_t *bytes, size_t *length)
{
    size_t count = 0;

    while (*s->cut != '\0' && count < *length) {
        if (bytes[count] != (uint8_t)*s->cut) {
            return false;
        }
        s->cut++;
        count++;
    }
    memmove(bytes, bytes + count, *length - count);
    *length -= count;
    return true;
}

/* Reads until there is something to send or the answer ends: 0 then. */
static ssize_t read_answer(stream *s, uint8_t *to, size_t capacity)
{
    size_t ready = 0;

    while (ready == 0) {
        bc_error error = {0, 0, ""};
        size_t before = s->has_held ? 1 : 0;
        size_t got = 0;
        if (capacity <= before) {
            return give_up(s, "the server gives no room");
        }
        if (bc_answer_read(s->answer, &got, to + before, capacity - before, &error) != BC_OK) {
            return give_up(s, error.message);
        }
        if (got == 0) {
            s->ended = true;
            return 0;
        }
        if (!cut_beginning(s, to + before, &got)) {
            return give_up(s, "it does not begin as it should");
        }
        if (got == 0) {
            continue;
        }
        ready = got;
        if (s->tail.length != 0) {
            uint8_t last = to[before + got - 1];
            to[0] = s->has_held ? s->held : to[0];
            ready = before + got - 1;
            s->held = last;
            s->has_held = true;
        }
    }
    return (ssize_t)ready;
}

static ssize_t read_stream(void *context, uint64_t position, char *to, size_t capacity)
{
    stream *s = context;

    (void)position;
    bc__http_watch_renew(&s->server->watch, s->guest);
    if (*s->head != '\0') {
        ssize_t sent = send_some(to, capacity, s->head, strlen(s->head));
        s->head += sent;
        return sent;
    }
    if (!s->ended) {
        ssize_t sent = read_answer(s, (uint8_t *)to, capacity);
        if (sent != 0) {
            return sent;
        }
        if (s->tail.length != 0 && (!s->has_held || s->held != '}')) {
            return give_up(s, "it does not end as it should");
        }
    }
    if (s->tail_sent < s->tail.length) {
        ssize_t sent =
            send_some(to, capacity, s->tail.bytes + s->tail_sent, s->tail.length - s->tail_sent);
        s->tail_sent += (size_t)sent;
        return sent;
    }
    return MHD_CONTENT_READER_END_OF_STREAM;
}

static void free_stream(void *context)
{
    stream *s = context;

    bc_answer_unref(s->answer);
    bc__http_text_free(&s->tail);
    free(s);
}

enum MHD_Result bc__http_respond_answer(bc__http_exchange *exchange, bc_answer *answer,
                                        const char *media, bc__http_splice *splice)
{
    struct MHD_Response *response;
    stream *s = calloc(1, sizeof *s);

    if (s == NULL || (splice != NULL && splice->tail.failed)) {
        goto fail;
    }
    s->server = exchange->server;
    s->guest = exchange->guest;
    s->cut = splice == NULL ? "" : splice->cut;
    s->head = splice == NULL ? "" : splice->head;
    response = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, STREAM_BLOCK_BYTES, read_stream,
                                                 s, free_stream);
    if (response == NULL) {
        goto fail;
    }
    s->answer = answer;
    if (splice != NULL) {
        s->tail = splice->tail;
        memset(&splice->tail, 0, sizeof splice->tail);
    }
    return send_response(exchange, MHD_HTTP_OK, response, media);

fail:
    free(s);
    bc_answer_unref(answer);
    if (splice != NULL) {
        bc__http_text_free(&splice->tail);
    }
    return MHD_NO;
}
