/* Goes over the raw text of one object or one array, value by value. */
#include "src/block/canonical_json_reader.h"

#include <string.h>

int32_t bc__json_elements_init(bc__json_elements *elements, const uint8_t *text, size_t length,
                               bc__json_error *error)
{
    bc__json_reader reader;
    bc__json_error ignored;
    bc__json_reader_init(&reader, NULL, text, length, NULL, error != NULL ? error : &ignored);
    int32_t result = bc__json_read_beginning(&reader);
    if (result != BC__OK) {
        return result;
    }
    if (reader.at == reader.end || *reader.at != '[') {
        return bc__json_refuse(&reader, reader.at, "an array is expected");
    }
    *elements = (bc__json_elements){
        .text = text,
        .length = length,
        .offset = (size_t)(reader.at + 1 - text),
    };
    return BC__OK;
}

int32_t bc__json_elements_next(bc__json_elements *elements, size_t used, bool *found,
                               bc__json_error *error)
{
    bc__json_reader reader;
    bc__json_error ignored;
    bc__json_reader_init(&reader, NULL, elements->text, elements->length, NULL,
                         error != NULL ? error : &ignored);
    *found = false;
    reader.at += elements->offset + used;
    bc__json_skip_white(&reader);
    if (reader.at < reader.end && *reader.at == ']') {
        reader.at++;
        return bc__json_read_end(&reader);
    }
    if (elements->count > 0) {
        if (reader.at == reader.end || *reader.at != ',') {
            return bc__json_refuse(&reader, reader.at, "a comma or closing bracket is expected");
        }
        reader.at++;
        bc__json_skip_white(&reader);
    }
    *found = true; /* what is here may yet be no value; the caller's reading tells */
    elements->offset = (size_t)(reader.at - elements->text);
    elements->count++;
    return BC__OK;
}

/* The members of the object whose opening brace has been passed, and the closing brace. */
static int32_t find_among_members(bc__json_reader *reader, const char *name, bc__json_span *value)
{
    bc__json_skip_white(reader);
    if (reader->at < reader->end && *reader->at == '}') {
        reader->at++;
        return BC__OK;
    }
    for (;;) {
        bc__json_skip_white(reader);
        const uint8_t *name_text = reader->at;
        int32_t result = bc__json_read_name(reader);
        if (result != BC__OK) {
            return result;
        }
        bc__json_skip_white(reader);
        const uint8_t *begin = reader->at;
        result = bc__json_read_value(reader);
        if (result != BC__OK) {
            return result;
        }
        if (bc__json_string_is(name_text, name)) {
            value->offset = (size_t)(begin - reader->start);
            value->length = (size_t)(reader->at - begin);
        }
        bc__json_skip_white(reader);
        uint8_t byte = reader->at < reader->end ? *reader->at : 0;
        if (byte != ',' && byte != '}') {
            return bc__json_refuse(reader, reader->at, "a comma or closing brace is expected");
        }
        reader->at++;
        if (byte == '}') {
            return BC__OK;
        }
    }
}

int32_t bc__json_find_member(const uint8_t *text, size_t length, const char *name,
                             size_t *value_offset, size_t *value_length,
                             const bc__json_limits *limits, bc__json_error *error)
{
    bc__json_reader reader;
    bc__json_error ignored;
    bc__json_span value = {0};
    bc__json_reader_init(&reader, NULL, text, length, limits, error != NULL ? error : &ignored);
    int32_t result = bc__json_read_beginning(&reader);
    if (result == BC__OK) {
        if (reader.at == reader.end || *reader.at != '{') {
            result = bc__json_refuse(&reader, reader.at, "an object is expected");
        } else {
            result = bc__json_enter(&reader);
        }
    }
    if (result == BC__OK) {
        result = find_among_members(&reader, name, &value);
    }
    if (result == BC__OK) {
        result = bc__json_read_end(&reader);
    }
    if (result == BC__OK) {
        *value_offset = value.offset;
        *value_length = value.length;
    }
    return result;
}

/* Behind the quote that closes the string which opens at `at`. A quote inside has an odd number of
 * backslashes before it. */
static size_t pass_canonical_string(const uint8_t *text, size_t length, size_t at)
{
    const uint8_t *quote = text + at;
    for (;;) {
        quote = memchr(quote + 1, '"', (size_t)(text + length - quote - 1));
        if (quote == NULL) {
            return length;
        }
        const uint8_t *before = quote;
        while (before[-1] == '\\') {
            before--;
        }
        if ((quote - before) % 2 == 0) {
            return (size_t)(quote + 1 - text);
        }
    }
}

size_t bc__json_canonical_length(const uint8_t *text, size_t length)
{
    size_t depth = 0;
    size_t at = 0;
    while (at < length) {
        uint8_t byte = text[at];
        if (byte == '"') {
            at = pass_canonical_string(text, length, at);
            if (depth == 0) {
                return at;
            }
            continue;
        }
        if (byte == '[' || byte == '{') {
            depth++;
        } else if (byte == ']' || byte == '}') {
            if (depth <= 1) {
                return at + depth;
            }
            depth--;
        } else if (byte == ',' && depth == 0) {
            return at;
        }
        at++;
    }
    return length;
}
