/* Text that grows, and JSON in it. What jansson cannot hold (long integers, NaN) is put in as the
 * text that the library gave. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server.h"

enum { FIRST_CAPACITY = 256 };

static bool reserve(bc__http_text *text, size_t more)
{
    size_t capacity = text->capacity == 0 ? FIRST_CAPACITY : text->capacity;
    char *bytes;

    if (more > SIZE_MAX / 2 - text->length) {
        return false;
    }
    while (capacity < text->length + more) {
        capacity *= 2; /* at most 2 * (SIZE_MAX / 2 - 1) */
    }
    if (capacity == text->capacity) {
        return true;
    }
    bytes = realloc(text->bytes, capacity);
    if (bytes == NULL) {
        return false;
    }
    text->bytes = bytes;
    text->capacity = capacity;
    return true;
}

void bc__http_text_put(bc__http_text *text, const char *bytes, size_t length)
{
    if (text->failed || length == 0) {
        return;
    }
    if (!reserve(text, length)) {
        text->failed = true;
        return;
    }
    memcpy(text->bytes + text->length, bytes, length);
    text->length += length;
}

void bc__http_text_string(bc__http_text *text, const char *string)
{
    bc__http_text_put(text, string, strlen(string));
}

void bc__http_text_number(bc__http_text *text, uint64_t number)
{
    char digits[24];

    (void)snprintf(digits, sizeof digits, "%" PRIu64, number);
    bc__http_text_string(text, digits);
}

static void put_digits(char *out, const uint8_t *bytes, size_t length)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < length; i++) {
        out[2 * i] = digits[bytes[i] >> 4];
        out[2 * i + 1] = digits[bytes[i] & 15];
    }
}

void bc__http_text_hex(bc__http_text *text, const uint8_t *bytes, size_t length)
{
    if (text->failed || length > SIZE_MAX / 4 || !reserve(text, 2 * length)) {
        text->failed = true;
        return;
    }
    put_digits(text->bytes + text->length, bytes, length);
    text->length += 2 * length;
}

static int put_dump(const char *bytes, size_t length, void *context)
{
    bc__http_text *text = context;

    bc__http_text_put(text, bytes, length);
    return text->failed ? -1 : 0;
}

/* Not json_dumps: its result would have to be released as the host told jansson to. */
void bc__http_text_json(bc__http_text *text, json_t *json)
{
    if (json == NULL || json_dump_callback(json, put_dump, text, JSON_ENCODE_ANY) != 0) {
        text->failed = true;
    }
    json_decref(json);
}

void bc__http_text_free(bc__http_text *text)
{
    free(text->bytes);
    memset(text, 0, sizeof *text);
}

json_t *bc__http_json_string(const char *string)
{
    json_t *json = json_string(string);
    char *copy;

    if (json != NULL) {
        return json;
    }
    copy = strdup(string);
    if (copy == NULL) {
        return NULL;
    }
    for (char *c = copy; *c != '\0'; c++) {
        if ((unsigned char)*c > 0x7e) {
            *c = '?';
        }
    }
    json = json_string(copy);
    free(copy);
    return json;
}

json_t *bc__http_json_amount(uint64_t number)
{
    char digits[24];

    if (number < (uint64_t)1 << 53) {
        return json_integer((json_int_t)number);
    }
    (void)snprintf(digits, sizeof digits, "%" PRIu64, number);
    return json_string(digits);
}

json_t *bc__http_json_id(const uint8_t id[BC_ID_BYTES])
{
    char digits[2 * BC_ID_BYTES];

    put_digits(digits, id, BC_ID_BYTES);
    return json_stringn(digits, sizeof digits);
}
