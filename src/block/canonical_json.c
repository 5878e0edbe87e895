#include "src/block/canonical_json.h"

#include "lib/decimal.h"
#include "src/block/canonical_json_reader.h"

static const bc__json_limits DEFAULT_LIMITS = {
    .depth = BC__JSON_DEPTH,
    .integer_digits = BC__JSON_INTEGER_DIGITS,
};

void bc__json_reader_init(bc__json_reader *reader, bc__bytes *out, const uint8_t *text,
                          size_t length, const bc__json_limits *limits, bc__json_error *error)
{
    if (limits == NULL) {
        limits = &DEFAULT_LIMITS;
    }
    reader->start = text;
    reader->at = text;
    reader->end = length == 0 ? text : text + length;
    reader->out = out;
    reader->error = error;
    reader->depth = 0;
    reader->depth_limit = limits->depth < BC__JSON_DEPTH_MOST ? limits->depth : BC__JSON_DEPTH_MOST;
    reader->integer_digits = limits->integer_digits;
    bc__json_members_init(&reader->members, out == NULL ? NULL : out->heap);
    *error = (bc__json_error){0};
}

int32_t bc__json_read_beginning(bc__json_reader *reader)
{
    static const uint8_t MARK[] = {0xef, 0xbb, 0xbf};
    if (reader->end - reader->at >= 3 && memcmp(reader->at, MARK, 3) == 0) {
        return bc__json_refuse(reader, reader->at, "the text begins with a byte order mark");
    }
    bc__json_skip_white(reader);
    return BC__OK;
}

int32_t bc__json_refuse(bc__json_reader *reader, const uint8_t *where, const char *what)
{
    size_t offset = reader->start == NULL ? 0 : (size_t)(where - reader->start);
    *reader->error = (bc__json_error){.offset = offset, .what = what};
    return BC__ERR_FORMAT;
}

int32_t bc__json_refuse_limit(bc__json_reader *reader, const uint8_t *where, const char *what,
                              uint64_t limit)
{
    bc__json_refuse(reader, where, what);
    reader->error->limit = limit;
    return BC__ERR_LIMIT;
}

static int32_t out_of_memory(bc__json_reader *reader)
{
    bc__json_refuse(reader, reader->at, "there is no memory");
    return BC__ERR_MEMORY;
}

int32_t bc__json_put_growing(bc__json_reader *reader, const void *source, size_t length)
{
    int32_t result = bc__bytes_append(reader->out, source, length);
    if (result == BC__ERR_LIMIT) {
        return bc__json_refuse_limit(
            reader, reader->at, "the canonical form is longer than the limit", reader->out->limit);
    }
    return result == BC__OK ? BC__OK : out_of_memory(reader);
}

/* ---- scalars ---- */

static int32_t read_number(bc__json_reader *reader)
{
    bc__decimal number;
    const uint8_t *first = reader->at;
    int32_t result = bc__decimal_scan(&number, (const char *)first, (size_t)(reader->end - first));
    if (result != BC__OK) {
        return bc__json_refuse(reader, first + number.length,
                               "a number is not written as JSON has it");
    }
    if (number.integer && number.integer_digits > reader->integer_digits) {
        return bc__json_refuse_limit(reader, first, "an integer has more digits than the limit",
                                     reader->integer_digits);
    }
    reader->at = first + number.length;
    if (reader->out == NULL) {
        return BC__OK;
    }
    if (!number.integer) {
        char written[BC__DECIMAL_SIZE];
        return bc__json_put(reader, written, bc__decimal_write(written, &number));
    }
    if (number.significand == 0) {
        return bc__json_put(reader, "0", 1); /* -0 is the integer 0 */
    }
    return bc__json_put(reader, first, number.length);
}

/* Reads `word` if it is there. */
static bool take_word(bc__json_reader *reader, const char *word, size_t length)
{
    if ((size_t)(reader->end - reader->at) < length || memcmp(reader->at, word, length) != 0) {
        return false;
    }
    reader->at += length;
    return true;
}

static int32_t read_word(bc__json_reader *reader)
{
    static const struct {
        const char *text;
        size_t length;
    } WORDS[] = {{"true", 4}, {"false", 5},    {"null", 4},
                 {"NaN", 3},  {"Infinity", 8}, {"-Infinity", 9}};
    for (size_t i = 0; i < sizeof(WORDS) / sizeof(WORDS[0]); i++) {
        if (take_word(reader, WORDS[i].text, WORDS[i].length)) {
            return bc__json_put(reader, WORDS[i].text, WORDS[i].length);
        }
    }
    return bc__json_refuse(reader, reader->at, "a value is expected");
}

static int32_t read_scalar(bc__json_reader *reader)
{
    uint8_t byte = *reader->at;
    if (byte == '"') {
        return bc__json_read_string(reader);
    }
    bool word = byte == '-' && reader->end - reader->at > 1 && reader->at[1] == 'I';
    if ((byte == '-' && !word) || (byte >= '0' && byte <= '9')) {
        return read_number(reader);
    }
    return read_word(reader);
}

/* ---- arrays and objects ---- */

/* Notes the member whose name is about to be written, and afterwards whether the names still ascend. */
int32_t bc__json_read_name(bc__json_reader *reader)
{
    bc__json_frame *frame = &reader->frames[reader->depth - 1];
    bc__json_members *members = &reader->members;
    bc__json_skip_white(reader);
    if (reader->at == reader->end || *reader->at != '"') {
        return bc__json_refuse(reader, reader->at, "a member's name in quotes is expected");
    }
    if (reader->out != NULL && bc__json_members_push(members, reader->out->length) != BC__OK) {
        return out_of_memory(reader);
    }
    int32_t result = bc__json_read_string(reader);
    if (result != BC__OK) {
        return result;
    }
    if (reader->out != NULL && frame->ordered && members->count - frame->first_member > 1) {
        const size_t *last = members->offsets + members->count - 1;
        const uint8_t *data = reader->out->data;
        frame->ordered = bc__json_compare_names(data + last[-1], data + last[0]) < 0;
    }
    bc__json_skip_white(reader);
    if (reader->at == reader->end || *reader->at != ':') {
        return bc__json_refuse(reader, reader->at, "a colon is expected after a member's name");
    }
    reader->at++;
    return bc__json_put(reader, ": ", 2);
}

/* Closes the innermost container, at whose closing bracket the reader stands. The outermost object's members
 * stay, for their spans. */
static int32_t close_container(bc__json_reader *reader)
{
    bc__json_frame *frame = &reader->frames[reader->depth - 1];
    if (reader->out != NULL && frame->object) {
        if (!frame->ordered &&
            bc__json_members_sort(&reader->members, frame->first_member, reader->out) != BC__OK) {
            return out_of_memory(reader);
        }
        if (reader->depth > 1) {
            reader->members.count = frame->first_member;
        }
    }
    int32_t result = bc__json_put(reader, reader->at, 1);
    reader->at++;
    reader->depth--;
    return result;
}

int32_t bc__json_enter(bc__json_reader *reader)
{
    if (reader->depth >= reader->depth_limit) {
        return bc__json_refuse_limit(reader, reader->at, "nesting is deeper than the limit",
                                     reader->depth_limit);
    }
    reader->frames[reader->depth++] = (bc__json_frame){
        .first_member = reader->members.count,
        .object = *reader->at == '{',
        .ordered = true,
    };
    int32_t result = bc__json_put(reader, reader->at, 1);
    reader->at++;
    return result;
}

/* Enters a container. *complete tells that it was empty, and is left again; otherwise a value comes next. */
static int32_t open_container(bc__json_reader *reader, bool *complete)
{
    bool object = *reader->at == '{';
    int32_t result = bc__json_enter(reader);
    if (result != BC__OK) {
        return result;
    }
    bc__json_skip_white(reader);
    *complete = reader->at < reader->end && *reader->at == (object ? '}' : ']');
    if (*complete) {
        return close_container(reader);
    }
    return object ? bc__json_read_name(reader) : BC__OK;
}

/* Stands behind a value in a container: passes a comma and, in an object, the next name, or closes the
 * container, which then is a complete value itself. */
static int32_t follow_value(bc__json_reader *reader, bool *complete)
{
    bool object = reader->frames[reader->depth - 1].object;
    bc__json_skip_white(reader);
    uint8_t byte = reader->at < reader->end ? *reader->at : 0;
    if (byte == (object ? '}' : ']')) {
        return close_container(reader);
    }
    if (byte != ',') {
        return bc__json_refuse(reader, reader->at,
                               object ? "a comma or closing brace is expected"
                                      : "a comma or closing bracket is expected");
    }
    reader->at++;
    *complete = false;
    int32_t result = bc__json_put(reader, ", ", 2);
    return result == BC__OK && object ? bc__json_read_name(reader) : result;
}

int32_t bc__json_read_value(bc__json_reader *reader)
{
    uint32_t base = reader->depth;
    bool complete = false;
    int32_t result = BC__OK;
    while (result == BC__OK && !(complete && reader->depth == base)) {
        if (complete) {
            result = follow_value(reader, &complete);
            continue;
        }
        bc__json_skip_white(reader);
        if (reader->at == reader->end) {
            return bc__json_refuse(reader, reader->at, "a value is expected");
        }
        if (*reader->at == '{' || *reader->at == '[') {
            result = open_container(reader, &complete);
        } else {
            complete = true;
            result = read_scalar(reader);
        }
    }
    return result;
}

int32_t bc__json_read_end(bc__json_reader *reader)
{
    bc__json_skip_white(reader);
    if (reader->at != reader->end) {
        return bc__json_refuse(reader, reader->at, "something follows the value");
    }
    return BC__OK;
}

/* ---- whole texts ---- */

/* One value, and its end if `used` is NULL. */
static int32_t read_text(bc__json_reader *reader, size_t *used)
{
    int32_t result = bc__json_read_beginning(reader);
    if (result == BC__OK) {
        result = bc__json_read_value(reader);
    }
    if (result == BC__OK && used != NULL) {
        *used = (size_t)(reader->at - reader->start);
    } else if (result == BC__OK) {
        result = bc__json_read_end(reader);
    }
    return result;
}

int32_t bc__json_canonical(bc__bytes *out, const uint8_t *text, size_t length, size_t *used,
                           const char *const *names, size_t name_count, bc__json_span *spans,
                           const bc__json_limits *limits, bc__json_error *error)
{
    bc__json_reader reader;
    bc__json_error ignored;
    size_t length_before = out->length;
    for (size_t i = 0; i < name_count; i++) {
        spans[i] = (bc__json_span){0};
    }
    bc__json_reader_init(&reader, out, text, length, limits, error != NULL ? error : &ignored);
    int32_t result = read_text(&reader, used);
    if (result != BC__OK) {
        out->length = length_before;
    }
    /* none are left unless the value is an object */
    for (size_t i = 0; i < name_count && result == BC__OK && reader.members.count > 0; i++) {
        spans[i] = bc__json_members_find(&reader.members, 0, out, names[i]);
    }
    bc__json_members_free(&reader.members);
    return result;
}

int32_t bc__json_skip(const uint8_t *text, size_t length, size_t *used,
                      const bc__json_limits *limits, bc__json_error *error)
{
    bc__json_reader reader;
    bc__json_error ignored;
    bc__json_reader_init(&reader, NULL, text, length, limits, error != NULL ? error : &ignored);
    return read_text(&reader, used);
}

/* ---- appending ---- */

int32_t bc__json_append_double(bc__bytes *out, double value)
{
    char text[BC__DECIMAL_SIZE];
    return bc__bytes_append(out, text, bc__decimal_format(text, value));
}

static int32_t append_magnitude(bc__bytes *out, uint64_t value, bool negative)
{
    char text[20]; /* UINT64_MAX has 20 digits, INT64_MIN 19 and a sign */
    char *at = text + sizeof(text);
    do {
        *--at = (char)('0' + value % 10);
        value /= 10;
    } while (value != 0);
    if (negative) {
        *--at = '-';
    }
    return bc__bytes_append(out, at, (size_t)(text + sizeof(text) - at));
}

int32_t bc__json_append_integer(bc__bytes *out, int64_t value)
{
    return append_magnitude(out, value < 0 ? -(uint64_t)value : (uint64_t)value, value < 0);
}

int32_t bc__json_append_unsigned(bc__bytes *out, uint64_t value)
{
    return append_magnitude(out, value, false);
}
