/* Goes over the raw text of one object or one array, value by value. */
#include "src/block/canonical_json_reader.h"

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
