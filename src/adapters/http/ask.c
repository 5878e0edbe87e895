/* What a request says: in its path, in its query, in its body. */
#include <stdlib.h>
#include <string.h>

#include "server.h"

const char *bc__http_path_rest(const bc__http_exchange *exchange)
{
    return exchange->path + strlen(exchange->route->path);
}

/* -1 for what is no lowercase hexadecimal digit. */
static int digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* `out` may be where `digits` are. */
static bool read_digits(uint8_t *out, const char *digits, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) {
        int high = digit(digits[2 * i]);
        int low = digit(digits[2 * i + 1]);
        if (high < 0 || low < 0) {
            return false;
        }
        out[i] = (uint8_t)(high * 16 + low);
    }
    return true;
}

bool bc__http_read_id(uint8_t id[BC_ID_BYTES], const char *text)
{
    return strlen(text) == 2 * BC_ID_BYTES && read_digits(id, text, BC_ID_BYTES);
}

bool bc__http_read_number(uint64_t *number, const char *text)
{
    uint64_t value = 0;

    if (*text == '\0') {
        return false;
    }
    for (; *text != '\0'; text++) {
        uint64_t next = (uint64_t)(*text - '0');
        if (*text < '0' || *text > '9' || value > (UINT64_MAX - next) / 10) {
            return false;
        }
        value = value * 10 + next;
    }
    *number = value;
    return true;
}

bool bc__http_read_query(uint64_t *number, const bc__http_exchange *exchange, const char *name)
{
    const char *text = NULL;
    size_t length = 0;

    if (MHD_lookup_connection_value_n(exchange->connection, MHD_GET_ARGUMENT_KIND, name,
                                      strlen(name), &text, &length) == MHD_NO) {
        return true;
    }
    return text != NULL && strlen(text) == length && bc__http_read_number(number, text);
}

/* ---- Bodies --------------------------------------------------------------------------------- */

static bool is_space(uint8_t byte)
{
    return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

bool bc__http_body_is_object(const bc__http_exchange *exchange)
{
    size_t i = 0;

    while (i < exchange->length && is_space(exchange->body[i])) {
        i++;
    }
    return i < exchange->length && exchange->body[i] == '{';
}

bool bc__http_decode_body(bc__http_exchange *exchange)
{
    const uint8_t *from = exchange->body;
    size_t length = exchange->length;

    while (length > 0 && is_space(from[length - 1])) {
        length--;
    }
    while (length > 0 && is_space(*from)) {
        from++;
        length--;
    }
    if (length >= 2 && from[0] == '"' && from[length - 1] == '"') {
        from++;
        length -= 2;
    }
    if (length == 0 || length % 2 != 0 ||
        !read_digits(exchange->body, (const char *)from, length / 2)) {
        return false;
    }
    exchange->length = length / 2;
    return true;
}
