#include "examples/bcctl/http.h"

#include <curl/curl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "examples/common/number.h"
#include "examples/common/sentence.h"

enum {
    ANSWER_BYTES_MAX = 16 * 1024 * 1024,
    FIRST_CAPACITY = 4096,
    CONNECT_SECONDS = 5,
    WHOLE_SECONDS = 60,
};

typedef struct answer {
    char *bytes;
    size_t length;
    size_t capacity;
    bc_status status; /* why no more is taken */
} answer;

static size_t take_answer(char *bytes, size_t size, size_t count, void *context)
{
    answer *to = context;
    size_t length = size * count; /* libcurl: size is 1 */
    if (length > ANSWER_BYTES_MAX - to->length) {
        to->status = BC_ERR_LIMIT;
        return 0;
    }
    if (to->length + length > to->capacity) {
        size_t capacity = 2 * (to->length + length) + FIRST_CAPACITY;
        char *larger = realloc(to->bytes, capacity);
        if (larger == NULL) {
            to->status = BC_ERR_MEMORY;
            return 0;
        }
        to->bytes = larger;
        to->capacity = capacity;
    }
    memcpy(to->bytes + to->length, bytes, length);
    to->length += length;
    return length;
}

/* The URL and the path, with one slash between; a URL without a scheme is one of http. */
static char *join(const char *url, const char *path)
{
    const char *scheme = strstr(url, "://") == NULL ? "http://" : "";
    size_t length = strlen(url);
    while (length > 0 && url[length - 1] == '/') {
        length--;
    }
    size_t size = strlen(scheme) + length + strlen(path) + 1;
    char *joined = length > INT_MAX ? NULL : malloc(size);
    if (joined != NULL) {
        (void)snprintf(joined, size, "%s%.*s%s", scheme, (int)length, url, path);
    }
    return joined;
}

/* As libbc-http asks peers: no redirects, no proxy, no credentials. */
static int prepare(CURL *easy, const char *url, struct curl_slist *headers, const char *body,
                   answer *to, char *why)
{
    int good = curl_easy_setopt(easy, CURLOPT_URL, url) == CURLE_OK &&
               curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK &&
               curl_easy_setopt(easy, CURLOPT_PROXY, "") == CURLE_OK &&
               curl_easy_setopt(easy, CURLOPT_NOPROXY, "*") == CURLE_OK &&
               curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
               curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK &&
               curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_SECONDS) == CURLE_OK &&
               curl_easy_setopt(easy, CURLOPT_TIMEOUT, (long)WHOLE_SECONDS) == CURLE_OK &&
               curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, why) == CURLE_OK &&
               curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_answer) == CURLE_OK &&
               curl_easy_setopt(easy, CURLOPT_WRITEDATA, to) == CURLE_OK &&
               curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers) == CURLE_OK;
    if (good && body != NULL) {
        good = curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body) == CURLE_OK;
    }
    return good;
}

static bc_status transfer(answer *to, long *code, const char *url, const char *body,
                          bc_error *error)
{
    char why[CURL_ERROR_SIZE] = "";
    struct curl_slist *headers = curl_slist_append(
        NULL, body == NULL ? "Accept: application/json" : "Content-Type: application/json");
    CURL *easy = curl_easy_init();
    bc_status status = BC_OK;
    if (headers == NULL || easy == NULL || !prepare(easy, url, headers, body, to, why)) {
        status = sentence(error, BC_ERR_MEMORY, "libcurl could not be started");
        goto end;
    }
    CURLcode result = curl_easy_perform(easy);
    if (to->status != BC_OK) {
        status = sentence(error, to->status, "the node's answer is larger than %d bytes",
                          ANSWER_BYTES_MAX);
    } else if (result != CURLE_OK) {
        status = sentence(error, BC_ERR_NETWORK, "%.200s",
                          why[0] != '\0' ? why : curl_easy_strerror(result));
    } else {
        (void)curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, code);
    }
end:
    curl_easy_cleanup(easy);
    curl_slist_free_all(headers);
    return status;
}

/* What comes from elsewhere is shown to a person: no control characters. */
static bc_status refused(const json_t *object, long code, bc_error *error)
{
    const char *said = json_string_value(json_object_get(object, "error"));
    if (said == NULL) {
        return sentence(error, BC_ERR_NETWORK, "the node answers with status %ld", code);
    }
    (void)sentence(error, BC_ERR_NOT_FOUND, "the node says: %.220s", said);
    for (char *c = error->message; *c != '\0'; c++) {
        if ((unsigned char)*c < 0x20 || *c == 0x7f) {
            *c = ' ';
        }
    }
    return BC_ERR_NOT_FOUND;
}

bc_status http_ask(json_t **out, const char *url, const char *path, const char *body,
                   bc_error *error)
{
    answer got = {0};
    long code = 0;
    json_t *object = NULL;
    *out = NULL;
    char *whole = join(url, path);
    if (whole == NULL) {
        return sentence(error, BC_ERR_MEMORY, "there is not enough memory");
    }
    bc_status status = transfer(&got, &code, whole, body, error);
    if (status != BC_OK) {
        goto end;
    }
    object = json_loadb(got.bytes == NULL ? "" : got.bytes, got.length, 0, NULL);
    if (code < 200 || code > 299) {
        status = refused(object, code, error);
    } else if (!json_is_object(object)) {
        status = sentence(error, BC_ERR_NETWORK, "the answer is no JSON object; is this a bcnode?");
    } else {
        *out = json_incref(object);
    }
end:
    json_decref(object);
    free(got.bytes);
    free(whole);
    return status;
}

int http_amount(uint64_t *out, const json_t *object, const char *member)
{
    const json_t *value = json_object_get(object, member);
    if (json_is_string(value)) {
        return number_parse(out, json_string_value(value), 0, UINT64_MAX);
    }
    *out = (uint64_t)json_integer_value(value);
    return json_is_integer(value) && json_integer_value(value) >= 0;
}
