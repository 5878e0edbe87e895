/* What the files of the canonical JSON reader share. */
#ifndef BC_BLOCK_CANONICAL_JSON_READER_H
#define BC_BLOCK_CANONICAL_JSON_READER_H

#include "src/block/canonical_json.h"

#include <string.h>

/* ---- members of the open objects (canonical_json_object.c) ---- */

enum { BC__JSON_MEMBERS_INLINE = 64 };

/* A stack: the members of the innermost object are the last. A member is known by the offset in `out` of
 * its name's opening quote; where it ends follows from the next one. */
typedef struct bc__json_members {
    size_t *offsets; /* `first` or memory of `heap` */
    size_t count;
    size_t capacity;
    const bc__heap *heap;
    bc__json_span *scratch; /* for sorting; kept from one object to the next */
    size_t scratch_count;
    size_t first[BC__JSON_MEMBERS_INLINE];
} bc__json_members;

void bc__json_members_init(bc__json_members *members, const bc__heap *heap);
void bc__json_members_free(bc__json_members *members);
int32_t bc__json_members_push(bc__json_members *members, size_t offset);

/* Orders two canonical string literals by the code points they stand for, as Python orders its strings. Both
 * begin with their opening quote. */
int bc__json_compare_names(const uint8_t *left, const uint8_t *right);

/* Puts the members from number `first` on, which are the whole end of `out`, in order, and of each name
 * keeps the last. Afterwards the offsets are right again. On failure `out` holds the members in their old
 * order. */
int32_t bc__json_members_sort(bc__json_members *members, size_t first, bc__bytes *out);

/* The value of the member `name` of the object whose members, in order, begin at number `first`, and whose
 * closing brace is the last byte of `out`. */
bc__json_span bc__json_members_find(const bc__json_members *members, size_t first,
                                    const bc__bytes *out, const char *name);

/* ---- the reader (canonical_json.c) ---- */

typedef struct bc__json_frame {
    size_t first_member;
    bool object;
    bool ordered; /* each name so far is greater than the one before */
} bc__json_frame;

typedef struct bc__json_reader {
    const uint8_t *start;
    const uint8_t *at;
    const uint8_t *end;
    bc__bytes *out; /* NULL: check only */
    bc__json_error *error;
    uint32_t depth; /* open frames */
    uint32_t depth_limit;
    uint32_t integer_digits;
    bc__json_members members; /* unused when only checking */
    bc__json_frame frames[BC__JSON_DEPTH_MOST];
} bc__json_reader;

/* Stands at the beginning of `text`. `limits` and `error` are as in canonical_json.h, but `error` is not
 * NULL. */
void bc__json_reader_init(bc__json_reader *reader, bc__bytes *out, const uint8_t *text,
                          size_t length, const bc__json_limits *limits, bc__json_error *error);

/* Passes white space at the beginning; refuses a byte order mark there. */
int32_t bc__json_read_beginning(bc__json_reader *reader);

/* Reads one value, within the containers that are open already. */
int32_t bc__json_read_value(bc__json_reader *reader);

/* Opens the container at whose bracket the reader stands; refuses one too many. */
int32_t bc__json_enter(bc__json_reader *reader);

/* Reads the name of a member of the innermost object, and its colon. */
int32_t bc__json_read_name(bc__json_reader *reader);

/* Refuses all but white space. */
int32_t bc__json_read_end(bc__json_reader *reader);

/* Record what is wrong and where, and return the result that says so. */
int32_t bc__json_refuse(bc__json_reader *reader, const uint8_t *where, const char *what);
int32_t bc__json_refuse_limit(bc__json_reader *reader, const uint8_t *where, const char *what,
                              uint64_t limit);

/* bc__json_put when `out` has no room yet. */
int32_t bc__json_put_growing(bc__json_reader *reader, const void *source, size_t length);

/* Appends to `out`, if there is one. */
static inline int32_t bc__json_put(bc__json_reader *reader, const void *source, size_t length)
{
    bc__bytes *out = reader->out;
    if (out == NULL) {
        return BC__OK;
    }
    if (out->capacity - out->length < length) {
        return bc__json_put_growing(reader, source, length);
    }
    memcpy(out->data + out->length, source, length);
    out->length += length;
    return BC__OK;
}

static inline void bc__json_skip_white(bc__json_reader *reader)
{
    const uint8_t *at = reader->at;
    while (at < reader->end && (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t')) {
        at++;
    }
    reader->at = at;
}

/* ---- strings (canonical_json_string.c) ---- */

/* Reads the string whose opening quote is at reader->at. */
int32_t bc__json_read_string(bc__json_reader *reader);

/* Whether the string literal at `text`, which bc__json_read_string accepted, stands for `name`. */
bool bc__json_string_is(const uint8_t *text, const char *name);

/* The next code point of a canonical literal, or BC__JSON_STRING_END at its closing quote; *at moves on. A
 * surrogate without its partner counts as a code point. The literal must be well formed. */
enum { BC__JSON_STRING_END = -1 };
int32_t bc__json_next_code_point(const uint8_t **at);

#endif
