#include "src/block/canonical_json_reader.h"

enum { ESCAPE_SIZE = 12 }; /* two \uXXXX */

enum {
    SURROGATE_HIGH = 0xd800,
    SURROGATE_LOW = 0xdc00,
    SURROGATE_END = 0xe000,
    PLANE_ONE = 0x10000,
    UNICODE_END = 0x110000,
};

/* ---- code points and escapes ---- */

static bool is_high_surrogate(uint32_t code)
{
    return code >= SURROGATE_HIGH && code < SURROGATE_LOW;
}

static bool is_low_surrogate(uint32_t code)
{
    return code >= SURROGATE_LOW && code < SURROGATE_END;
}

static uint32_t join_surrogates(uint32_t high, uint32_t low)
{
    return PLANE_ONE + ((high - SURROGATE_HIGH) << 10) + (low - SURROGATE_LOW);
}

/* What a letter behind a backslash stands for, or 0. */
static uint8_t unescape_letter(uint8_t letter)
{
    switch (letter) {
    case '"':
    case '\\':
    case '/':
        return letter;
    case 'b':
        return '\b';
    case 'f':
        return '\f';
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    default:
        return 0;
    }
}

/* The letter that stands for `code` behind a backslash in canonical form, or 0. */
static uint8_t escape_letter(uint32_t code)
{
    switch (code) {
    case '"':
    case '\\':
        return (uint8_t)code;
    case '\b':
        return 'b';
    case '\f':
        return 'f';
    case '\n':
        return 'n';
    case '\r':
        return 'r';
    case '\t':
        return 't';
    default:
        return 0;
    }
}

static int32_t hex_value(uint8_t digit)
{
    if (digit >= '0' && digit <= '9') {
        return digit - '0';
    }
    if (digit >= 'a' && digit <= 'f') {
        return digit - 'a' + 10;
    }
    return digit >= 'A' && digit <= 'F' ? digit - 'A' + 10 : -1;
}

/* Four hexadecimal digits, or -1. */
static int32_t read_unit(const uint8_t *digits)
{
    int32_t unit = 0;
    for (int i = 0; i < 4; i++) {
        int32_t value = hex_value(digits[i]);
        if (value < 0) {
            return -1;
        }
        unit = unit << 4 | value;
    }
    return unit;
}

static size_t write_unit(uint8_t *out, uint32_t unit)
{
    static const char HEX[] = "0123456789abcdef";
    out[0] = '\\';
    out[1] = 'u';
    for (uint32_t i = 0; i < 4; i++) {
        out[2 + i] = (uint8_t)HEX[unit >> (12 - 4 * i) & 15];
    }
    return 6;
}

/* The canonical form of one code point; returns its length. */
static size_t write_code(uint8_t out[ESCAPE_SIZE], uint32_t code)
{
    uint8_t letter = escape_letter(code);
    if (letter != 0) {
        out[0] = '\\';
        out[1] = letter;
        return 2;
    }
    if (code >= ' ' && code <= '~') {
        out[0] = (uint8_t)code;
        return 1;
    }
    if (code < PLANE_ONE) {
        return write_unit(out, code);
    }
    size_t length = write_unit(out, SURROGATE_HIGH + ((code - PLANE_ONE) >> 10));
    return length + write_unit(out + length, SURROGATE_LOW + ((code - PLANE_ONE) & 0x3ff));
}

/* ---- UTF-8 (RFC 3629) ---- */

/* Reads one character of two to four bytes. Returns its length; 0 when it is overlong, a surrogate, past
 * U+10FFFF, cut short or no UTF-8 at all. */
static size_t read_utf8(const uint8_t *at, const uint8_t *end, uint32_t *code)
{
    static const uint32_t LEAST[] = {0, 0, 0x80, 0x800, PLANE_ONE};
    size_t length = *at >= 0xf0 ? 4 : *at >= 0xe0 ? 3 : 2;
    if (*at < 0xc0 || *at >= 0xf8 || (size_t)(end - at) < length) {
        return 0;
    }
    uint32_t value = *at & (0x7fU >> length);
    for (size_t i = 1; i < length; i++) {
        if ((at[i] & 0xc0) != 0x80) {
            return 0;
        }
        value = value << 6 | (at[i] & 0x3f);
    }
    bool surrogate = value >= SURROGATE_HIGH && value < SURROGATE_END;
    if (value < LEAST[length] || surrogate || value >= UNICODE_END) {
        return 0;
    }
    *code = value;
    return length;
}

static size_t write_utf8(uint8_t out[4], uint32_t code)
{
    if (code < 0x80) {
        out[0] = (uint8_t)code;
        return 1;
    }
    size_t length = code < 0x800 ? 2 : code < PLANE_ONE ? 3 : 4;
    for (size_t i = length - 1; i > 0; i--) {
        out[i] = (uint8_t)(0x80 | (code & 0x3f));
        code >>= 6;
    }
    out[0] = (uint8_t)(0xf00U >> length | code);
    return length;
}

/* ---- strings ---- */

static bool is_plain(uint8_t byte)
{
    return byte >= ' ' && byte <= '~' && byte != '"' && byte != '\\';
}

/* Least significant byte first, whatever the machine's order; compilers make one load of it,
 * which of a loop they do not. */
static uint64_t load_eight(const uint8_t *at)
{
    return (uint64_t)at[0] | (uint64_t)at[1] << 8 | (uint64_t)at[2] << 16 | (uint64_t)at[3] << 24 |
           (uint64_t)at[4] << 32 | (uint64_t)at[5] << 40 | (uint64_t)at[6] << 48 |
           (uint64_t)at[7] << 56;
}

/* The first byte from `at` on that is not its own canonical form, or `end`. Eight bytes at once: a lane's top
 * bit is set when its byte is under 0x20, a quote, a backslash or over 0x7e. Borrows and carries only reach
 * lanes above one that is set already, and the lowest one set is what counts. */
static const uint8_t *skip_plain(const uint8_t *at, const uint8_t *end)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    const uint64_t tops = ones << 7;
    for (; end - at >= 8; at += 8) {
        uint64_t word = load_eight(at);
        uint64_t quotes = word ^ ones * '"';
        uint64_t backslashes = word ^ ones * '\\';
        uint64_t low = (word - ones * ' ') | (quotes - ones) | (backslashes - ones);
        uint64_t special = (low | word | (word + ones)) & tops;
        if (special != 0) {
            return at + __builtin_ctzll(special) / 8;
        }
    }
    while (at < end && is_plain(*at)) {
        at++;
    }
    return at;
}

/* A place in a string that skip_plain stops at. */
typedef struct piece {
    size_t length;
    uint32_t code;  /* a code point, or a surrogate from an escape */
    bool canonical; /* the text is already as it will be written */
} piece;

/* Reads what is behind a backslash. Returns NULL, or what is wrong. */
static const char *read_escape(piece *found, const uint8_t *at, const uint8_t *end)
{
    if (end - at < 2) {
        return "a string ends before its closing quote";
    }
    if (at[1] != 'u') {
        uint8_t code = unescape_letter(at[1]);
        *found = (piece){.length = 2, .code = code, .canonical = code != '/'};
        return code == 0 ? "a backslash is followed by none of \"\\/bfnrtu" : NULL;
    }
    int32_t unit = end - at < 6 ? -1 : read_unit(at + 2);
    if (unit < 0) {
        return "\\u is not followed by four hexadecimal digits";
    }
    /* A surrogate is written as it is, so pairs need not be joined here. */
    uint8_t written[ESCAPE_SIZE];
    size_t length = write_code(written, (uint32_t)unit);
    *found = (piece){.length = 6, .code = (uint32_t)unit};
    found->canonical = length == 6 && memcmp(written, at, 6) == 0;
    return NULL;
}

static const char *read_piece(piece *found, const uint8_t *at, const uint8_t *end)
{
    if (*at == '\\') {
        return read_escape(found, at, end);
    }
    if (*at < ' ') {
        return "a string holds an unescaped control character";
    }
    if (*at == 0x7f) {
        *found = (piece){.length = 1, .code = 0x7f};
        return NULL;
    }
    *found = (piece){0};
    found->length = read_utf8(at, end, &found->code);
    return found->length == 0 ? "a string is not UTF-8" : NULL;
}

int32_t bc__json_read_string(bc__json_reader *reader)
{
    const uint8_t *opening = reader->at;
    const uint8_t *pending = opening; /* what is canonical already is copied in one go */
    const uint8_t *at = opening + 1;
    for (;;) {
        at = skip_plain(at, reader->end);
        if (at == reader->end) {
            return bc__json_refuse(reader, opening, "a string ends before its closing quote");
        }
        if (*at == '"') {
            reader->at = at + 1;
            return bc__json_put(reader, pending, (size_t)(at + 1 - pending));
        }
        piece found;
        const char *wrong = read_piece(&found, at, reader->end);
        if (wrong != NULL) {
            return bc__json_refuse(reader, at, wrong);
        }
        if (!found.canonical) {
            uint8_t written[ESCAPE_SIZE];
            size_t length = write_code(written, found.code);
            int32_t result = bc__json_put(reader, pending, (size_t)(at - pending));
            if (result == BC__OK) {
                result = bc__json_put(reader, written, length);
            }
            if (result != BC__OK) {
                return result;
            }
            pending = at + found.length;
        }
        at += found.length;
    }
}

bool bc__json_string_is(const uint8_t *text, const char *name)
{
    const uint8_t *at = text + 1;
    for (; *name != '\0'; name++) {
        uint32_t code = *at;
        size_t length = 1;
        if (code == '"') {
            return false;
        }
        if (code == '\\' && at[1] == 'u') {
            code = (uint32_t)read_unit(at + 2);
            length = 6;
        } else if (code == '\\') {
            code = unescape_letter(at[1]);
            length = 2;
        }
        if (code != (uint8_t)*name) {
            return false;
        }
        at += length;
    }
    return *at == '"';
}

int32_t bc__json_next_code_point(const uint8_t **at)
{
    const uint8_t *byte = *at;
    if (*byte == '"') {
        return BC__JSON_STRING_END;
    }
    if (*byte != '\\') {
        *at = byte + 1;
        return *byte;
    }
    if (byte[1] != 'u') {
        *at = byte + 2;
        return unescape_letter(byte[1]);
    }
    uint32_t code = (uint32_t)read_unit(byte + 2);
    byte += 6;
    if (is_high_surrogate(code) && byte[0] == '\\' && byte[1] == 'u') {
        uint32_t low = (uint32_t)read_unit(byte + 2);
        if (is_low_surrogate(low)) {
            code = join_surrogates(code, low);
            byte += 6;
        }
    }
    *at = byte;
    return (int32_t)code;
}

/* Whether `text` is one string literal of ASCII. */
static bool is_ascii_literal(const uint8_t *text, size_t length)
{
    if (length < 2 || text[0] != '"' || text[length - 1] != '"') {
        return false;
    }
    const uint8_t *end = text + length - 1;
    const uint8_t *at = skip_plain(text + 1, end);
    while (at < end) {
        piece found;
        if (*at != '\\' || read_escape(&found, at, end) != NULL) {
            return false;
        }
        at = skip_plain(at + found.length, end);
    }
    return true;
}

int32_t bc__json_string_utf8(bc__bytes *out, const uint8_t *canonical, size_t length)
{
    if (!is_ascii_literal(canonical, length)) {
        return BC__ERR_FORMAT;
    }
    size_t length_before = out->length;
    const uint8_t *end = canonical + length - 1;
    const uint8_t *at = canonical + 1;
    int32_t result = BC__OK;
    while (result == BC__OK && at < end) {
        const uint8_t *stop = skip_plain(at, end);
        result = bc__bytes_append(out, at, (size_t)(stop - at));
        at = stop;
        if (result == BC__OK && at < end) {
            uint8_t utf8[4];
            uint32_t code = (uint32_t)bc__json_next_code_point(&at);
            bool lone = is_high_surrogate(code) || is_low_surrogate(code);
            result = lone ? BC__ERR_FORMAT : bc__bytes_append(out, utf8, write_utf8(utf8, code));
        }
    }
    if (result != BC__OK) {
        out->length = length_before;
    }
    return result;
}

int32_t bc__json_append_string(bc__bytes *out, const uint8_t *utf8, size_t length)
{
    size_t length_before = out->length;
    const uint8_t *at = utf8;
    size_t left = length;
    int32_t result = bc__bytes_append_byte(out, '"');
    while (result == BC__OK && left > 0) {
        const uint8_t *end = at + left;
        const uint8_t *stop = skip_plain(at, end);
        result = bc__bytes_append(out, at, (size_t)(stop - at));
        if (result == BC__OK && stop < end) {
            uint8_t written[ESCAPE_SIZE];
            uint32_t code = *stop;
            size_t used = code < 0x80 ? 1 : read_utf8(stop, end, &code);
            result = used == 0 ? BC__ERR_FORMAT
                               : bc__bytes_append(out, written, write_code(written, code));
            stop += used;
        }
        at = stop;
        left = (size_t)(end - stop);
    }
    if (result == BC__OK) {
        result = bc__bytes_append_byte(out, '"');
    }
    if (result != BC__OK) {
        out->length = length_before;
    }
    return result;
}
