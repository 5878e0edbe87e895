/* One request to one peer: what is asked, what is taken of the answer, and the sentence that says
 * how it went. A peer is not trusted: its head, its body, its pace and its patience are bounded. */
#include "transfer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TIMER_SLACK_US = 10000 };

#define USER_AGENT_OF(major, minor, patch) "libbc/" #major "." #minor "." #patch
#define USER_AGENT(major, minor, patch)    USER_AGENT_OF(major, minor, patch)

/* ---- Making --------------------------------------------------------------------------------- */

static bool is_method(const char *method)
{
    const char *letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
    size_t length = strlen(method);

    return length > 0 && length <= BC__HTTP_METHOD_BYTES_MAX && strspn(method, letters) == length;
}

bc_status bc__http_transfer_new(bc__http_transfer **out, char *why,
                                const bc__http_settings *settings, const char *peer,
                                const char *method, const uint8_t *body, size_t length,
                                bc_reply *reply)
{
    char name[BC_PEER_BYTES_MAX + 1];
    bc_error error;
    bc__http_transfer *transfer;
    bool chain = strcmp(method, "chain") == 0;
    bc_status status = bc_http_peer_name(name, peer, &error);

    *out = NULL;
    if (status != BC_OK) {
        (void)snprintf(why, BC__HTTP_WHY_BYTES_MAX + 1, "%s", error.message);
        return status;
    }
    if (!is_method(method)) {
        (void)snprintf(why, BC__HTTP_WHY_BYTES_MAX + 1, "the method has no name that fits a URL");
        return BC_ERR_ARGUMENT;
    }
    if (length > SIZE_MAX - sizeof *transfer || (chain && length != 0)) {
        (void)snprintf(why, BC__HTTP_WHY_BYTES_MAX + 1, "the request's body is too long");
        return BC_ERR_ARGUMENT;
    }
    transfer = calloc(1, sizeof *transfer + length);
    if (transfer == NULL) {
        (void)snprintf(why, BC__HTTP_WHY_BYTES_MAX + 1, "no memory for the request");
        return BC_ERR_MEMORY;
    }
    transfer->settings = settings;
    transfer->reply = reply;
    transfer->post = !chain;
    transfer->length = length;
    if (length != 0) {
        memcpy(transfer->body, body, length);
    }
    (void)snprintf(transfer->url, sizeof transfer->url, "%s%s%s%s",
                   strncmp(name, "https://", 8) == 0 ? "" : "http://", name, chain ? "/" : "/bc/1/",
                   method);
    *out = transfer;
    return BC_OK;
}

/* ---- Taking the answer ---------------------------------------------------------------------- */

__attribute__((format(printf, 3, 4))) static bc_status conclude(bc__http_transfer *transfer,
                                                                bc_status outcome,
                                                                const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    if (vsnprintf(transfer->why, sizeof transfer->why, format, arguments) < 0) {
        transfer->why[0] = '\0';
    }
    va_end(arguments);
    transfer->outcome = outcome;
    return outcome;
}

/* Any status but 200 is no answer. */
static bool is_answer(bc__http_transfer *transfer)
{
    long code = 0;

    (void)curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &code);
    if (code == 200) {
        return true;
    }
    if (code >= 300 && code < 400) {
        (void)conclude(transfer, BC_ERR_NETWORK, "answered %ld, a redirect, which is not followed",
                       code);
    } else {
        (void)conclude(transfer, BC_ERR_NETWORK, "answered %ld where 200 is expected", code);
    }
    return false;
}

/* Called for each line of the head; anything but the size given stops the transfer. */
static size_t on_header(char *bytes, size_t size, size_t count, void *context)
{
    bc__http_transfer *transfer = context;

    (void)bytes;
    transfer->header_bytes += size * count;
    if (transfer->header_bytes > transfer->settings->max_answer_header_bytes) {
        (void)conclude(transfer, BC_ERR_NETWORK, "sent more than %llu bytes of header",
                       (unsigned long long)transfer->settings->max_answer_header_bytes);
        return 0;
    }
    return size * count;
}

static size_t on_body(char *bytes, size_t size, size_t count, void *context)
{
    bc__http_transfer *transfer = context;
    size_t length = size * count;
    bc_status status;

    if (!is_answer(transfer)) {
        return 0;
    }
    status = bc_reply_write(transfer->reply, (const uint8_t *)bytes, length);
    if (status == BC_OK) {
        transfer->body_bytes += length;
        return length;
    }
    if (status == BC_ERR_LIMIT) {
        (void)conclude(transfer, status, "sent more than is taken: stopped after %llu bytes",
                       (unsigned long long)transfer->body_bytes);
    } else {
        (void)conclude(transfer, status, "the answer was no longer waited for");
    }
    return 0;
}

/* ---- Asking --------------------------------------------------------------------------------- */

/* Rounded up: no time-out becomes 0, which libcurl takes for none. */
static long milliseconds(uint64_t microseconds)
{
    return (long)((microseconds + 999) / 1000);
}

static bool set_numbers(bc__http_transfer *transfer)
{
    const bc__http_settings *settings = transfer->settings;
    const struct {
        CURLoption option;
        long value;
    } numbers[] = {
        {CURLOPT_NOSIGNAL, 1},
        {CURLOPT_FOLLOWLOCATION, 0},
        {CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1},
        {CURLOPT_HTTP09_ALLOWED, 0},
        {CURLOPT_FORBID_REUSE, 1}, /* an idle connection would hold one of the peer's places */
        {CURLOPT_NETRC, CURL_NETRC_IGNORED},
        {CURLOPT_DISALLOW_USERNAME_IN_URL, 1},
        {CURLOPT_SSL_VERIFYPEER, 1},
        {CURLOPT_SSL_VERIFYHOST, 2},
        {CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2},
        {CURLOPT_CONNECTTIMEOUT_MS, milliseconds(settings->connect_timeout_us)},
        {CURLOPT_TIMEOUT_MS, milliseconds(settings->request_timeout_us)},
        {CURLOPT_LOW_SPEED_LIMIT, (long)settings->low_speed_bytes},
        {CURLOPT_LOW_SPEED_TIME,
         (long)((settings->low_speed_us + BC__HTTP_SECOND_US - 1) / BC__HTTP_SECOND_US)},
    };

    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        if (curl_easy_setopt(transfer->easy, numbers[i].option, numbers[i].value) != CURLE_OK) {
            return false;
        }
    }
    return true;
}

static bool set_texts(bc__http_transfer *transfer)
{
    const struct {
        CURLoption option;
        const char *value;
    } texts[] = {
        {CURLOPT_URL, transfer->url},
        {CURLOPT_PROTOCOLS_STR, "http,https"},
        {CURLOPT_PROXY, ""}, /* none, whatever the environment says */
        {CURLOPT_NOPROXY, "*"},
        {CURLOPT_USERAGENT, USER_AGENT(BC_VERSION_MAJOR, BC_VERSION_MINOR, BC_VERSION_PATCH)},
    };

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (curl_easy_setopt(transfer->easy, texts[i].option, texts[i].value) != CURLE_OK) {
            return false;
        }
    }
    return true;
}

static bool set_callbacks(bc__http_transfer *transfer)
{
    CURL *easy = transfer->easy;

    return curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_HEADERDATA, transfer) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer) == CURLE_OK;
}

static bool set_body(bc__http_transfer *transfer)
{
    CURL *easy = transfer->easy;
    /* "Expect:" with nothing behind it takes away libcurl's "Expect: 100-continue", for which many
     * small servers make the client wait. */
    const char *const lines[] = {"Content-Type: application/octet-stream", "Expect:"};

    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        struct curl_slist *longer = curl_slist_append(transfer->headers, lines[i]);
        if (longer == NULL) {
            return false;
        }
        transfer->headers = longer;
    }
    return curl_easy_setopt(easy, CURLOPT_HTTPHEADER, transfer->headers) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)transfer->length) ==
               CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_POSTFIELDS, (const char *)transfer->body) == CURLE_OK;
}

bc_status bc__http_transfer_prepare(bc__http_transfer *transfer)
{
    transfer->easy = curl_easy_init();
    if (transfer->easy == NULL || !set_numbers(transfer) || !set_texts(transfer) ||
        !set_callbacks(transfer) || (transfer->post && !set_body(transfer))) {
        return BC_ERR_MEMORY;
    }
    return BC_OK;
}

/* ---- Judging -------------------------------------------------------------------------------- */

static void put_duration(char out[32], uint64_t microseconds)
{
    if (microseconds % BC__HTTP_SECOND_US == 0) {
        (void)snprintf(out, 32, "%llu s", (unsigned long long)(microseconds / BC__HTTP_SECOND_US));
    } else {
        (void)snprintf(out, 32, "%llu ms", (unsigned long long)((microseconds + 999) / 1000));
    }
}

/* libcurl has one code for three time-outs, and timers that may go off some milliseconds early. */
static bc_status judge_timeout(bc__http_transfer *transfer)
{
    const bc__http_settings *settings = transfer->settings;
    char duration[32];
    curl_off_t connected = 0;
    curl_off_t total = 0;

    (void)curl_easy_getinfo(transfer->easy, CURLINFO_CONNECT_TIME_T, &connected);
    (void)curl_easy_getinfo(transfer->easy, CURLINFO_TOTAL_TIME_T, &total);
    if (total >= 0 && (uint64_t)total + TIMER_SLACK_US >= settings->request_timeout_us) {
        put_duration(duration, settings->request_timeout_us);
        return conclude(transfer, BC_ERR_NETWORK, "did not answer within %s", duration);
    }
    if (connected == 0) {
        put_duration(duration, settings->connect_timeout_us);
        return conclude(transfer, BC_ERR_NETWORK, "could not be reached within %s", duration);
    }
    put_duration(duration, settings->low_speed_us);
    return conclude(transfer, BC_ERR_NETWORK, "sent fewer than %llu bytes a second for %s",
                    (unsigned long long)settings->low_speed_bytes, duration);
}

static bc_status judge_connection(bc__http_transfer *transfer)
{
    long number = 0;

    (void)curl_easy_getinfo(transfer->easy, CURLINFO_OS_ERRNO, &number);
    return conclude(transfer, BC_ERR_NETWORK, "%s",
                    number == ECONNREFUSED ? "connection refused" : "could not be reached");
}

bc_status bc__http_transfer_judge(bc__http_transfer *transfer, CURLcode code)
{
    if (transfer->outcome != BC_OK) {
        return transfer->outcome; /* a callback stopped it and has said why */
    }
    switch (code) {
    case CURLE_OK:
        return is_answer(transfer) ? BC_OK : transfer->outcome;
    case CURLE_COULDNT_CONNECT:
        return judge_connection(transfer);
    case CURLE_OPERATION_TIMEDOUT:
        return judge_timeout(transfer);
    case CURLE_COULDNT_RESOLVE_HOST:
        return conclude(transfer, BC_ERR_NETWORK, "the host's name could not be looked up");
    case CURLE_GOT_NOTHING:
        return conclude(transfer, BC_ERR_NETWORK, "closed the connection without an answer");
    case CURLE_PARTIAL_FILE:
        return conclude(transfer, BC_ERR_NETWORK,
                        "closed the connection before its answer was complete");
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
        return conclude(transfer, BC_ERR_NETWORK, "the connection broke");
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_WEIRD_SERVER_REPLY:
        return conclude(transfer, BC_ERR_NETWORK, "did not answer in HTTP");
    case CURLE_OUT_OF_MEMORY:
        return conclude(transfer, BC_ERR_MEMORY, "no memory for the answer");
    default:
        return conclude(transfer, BC_ERR_NETWORK, "%s", curl_easy_strerror(code));
    }
}

void bc__http_transfer_finish(bc__http_transfer *transfer, bc_status outcome, const char *why)
{
    (void)bc_reply_end(transfer->reply, outcome, why);
    bc_reply_unref(transfer->reply);
    curl_easy_cleanup(transfer->easy); /* takes NULL */
    curl_slist_free_all(transfer->headers);
    free(transfer);
}
