/* One request to one peer, from the call that asks for it to the end of its reply. */
#ifndef BC_ADAPTERS_HTTP_TRANSFER_H
#define BC_ADAPTERS_HTTP_TRANSFER_H

#include <curl/curl.h>

#include "internal.h"

enum {
    BC__HTTP_METHOD_BYTES_MAX = 64,
    BC__HTTP_WHY_BYTES_MAX = 247, /* what bc_reply_end keeps of a sentence */
    /* "http://" or "https://", the peer, "/bc/1/", the method, the terminator */
    BC__HTTP_URL_BYTES = 8 + BC_PEER_BYTES_MAX + 6 + BC__HTTP_METHOD_BYTES_MAX + 1
};

typedef struct bc__http_transfer {
    struct bc__http_transfer *next; /* the client's list */
    struct bc__http_transfer *previous;
    const bc__http_settings *settings;
    bc_reply *reply; /* our one reference */
    bool cancelled;  /* under the client's lock */
    bool post;
    CURL *easy; /* NULL until it is prepared */
    struct curl_slist *headers;
    uint64_t header_bytes; /* of the answer's head, with interim answers and trailers */
    uint64_t body_bytes;
    bc_status outcome; /* set by a callback that stops the transfer, else BC_OK */
    char why[BC__HTTP_WHY_BYTES_MAX + 1];
    char url[BC__HTTP_URL_BYTES];
    size_t length;
    uint8_t body[]; /* `length` bytes */
} bc__http_transfer;

/* Makes a transfer that is not under way. On failure `why` (of BC__HTTP_WHY_BYTES_MAX + 1 bytes)
 * says what is wrong, and the reply is still the caller's. */
bc_status bc__http_transfer_new(bc__http_transfer **out, char *why,
                                const bc__http_settings *settings, const char *peer,
                                const char *method, const uint8_t *body, size_t length,
                                bc_reply *reply);

/* Makes the easy handle, whose private pointer is the transfer. BC_ERR_MEMORY. */
bc_status bc__http_transfer_prepare(bc__http_transfer *transfer);

/* Says how a transfer that libcurl ended with `code` went, with a sentence in transfer->why. */
bc_status bc__http_transfer_judge(bc__http_transfer *transfer, CURLcode code);

/* Ends the reply, gives up the reference to it, and releases the transfer. */
void bc__http_transfer_finish(bc__http_transfer *transfer, bc_status outcome, const char *why);

#endif
