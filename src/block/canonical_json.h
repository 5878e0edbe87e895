/* Reads JSON once and writes the canonical form: byte for byte what Python's
 * json.dumps(json.loads(text), sort_keys=True) gives (CPython 3.11). That form is hashed, so everything here
 * is consensus.
 *
 * Where Python is looser than RFC 8259, so is this: NaN, Infinity, -Infinity, lone surrogate escapes,
 * repeated names (the last counts). Integers keep all their digits; other numbers become the nearest
 * binary64 number in its shortest digits. Strings are ASCII: all else is \uXXXX, 0x7f too.
 *
 * Deliberate differences from Python, all refusals:
 * - nesting is bounded by limits->depth (Python: by its stack, near 1,000 levels);
 * - text is UTF-8 without byte order mark. json.loads takes bytes with a mark, UTF-16, UTF-32 and encoded
 *   surrogates too; it refuses all of them, as this does, when given the text that
 *   bytes.decode("utf-8") makes.
 * Python's own limit of 4,300 digits for an integer is limits->integer_digits.
 *
 * Results are BC__OK, BC__ERR_MEMORY, BC__ERR_LIMIT or BC__ERR_FORMAT. `limits` may be NULL for the
 * defaults, `error` NULL when nobody reads it. */
#ifndef BC_BLOCK_CANONICAL_JSON_H
#define BC_BLOCK_CANONICAL_JSON_H

#include "lib/bytes.h"

#include <stdbool.h>

enum {
    BC__JSON_DEPTH = 64,
    /* A greater limits->depth counts as this: BC_LIMIT_JSON_DEPTH's 256 and two levels around. */
    BC__JSON_DEPTH_MOST = 258,
    BC__JSON_INTEGER_DIGITS = 4300,
};

typedef struct bc__json_limits {
    uint32_t depth;          /* arrays and objects open at once; 0 leaves only scalars */
    uint32_t integer_digits; /* the sign is not counted */
} bc__json_limits;

typedef struct bc__json_error {
    size_t offset;    /* into the text that was given */
    const char *what; /* static, without a full stop: "a string ends before its closing quote" */
    uint64_t limit;   /* the limit that was passed, or 0 */
} bc__json_error;

typedef struct bc__json_span {
    size_t offset;
    size_t length; /* 0: there is none, for no JSON value is empty */
} bc__json_span;

/* Appends the canonical form of the value at the beginning of `text` (white space before it is skipped) to
 * `out`; scratch memory comes from out->heap. With `used` NULL only white space may follow the value;
 * otherwise *used is the offset of its end, and what follows is not looked at, except that a number takes
 * every byte that could belong to it ("1." and "01" are errors).
 *
 * When the value is an object, spans[i] receives the place in out->data of the value of its member names[i],
 * which must be printable ASCII without quote and backslash. Every span is set to nothing first. On failure
 * out->length is as before. Time is O(n log n) for any text. */
int32_t bc__json_canonical(bc__bytes *out, const uint8_t *text, size_t length, size_t *used,
                           const char *const *names, size_t name_count, bc__json_span *spans,
                           const bc__json_limits *limits, bc__json_error *error);

/* Accepts and refuses what bc__json_canonical does, writes nothing and needs no memory. */
int32_t bc__json_skip(const uint8_t *text, size_t length, size_t *used,
                      const bc__json_limits *limits, bc__json_error *error);

/* The length of the value at the beginning of text that is canonical, as bc__json_canonical left it: a
 * value in an array or an object, with what follows there. Trusts the text, so that it need not be read
 * again; of other text it says any length up to `length`. */
size_t bc__json_canonical_length(const uint8_t *text, size_t length);

/* Where in `text`, all of which must be one object, the value of the last member called `name` is. `name`
 * is as in bc__json_canonical; the text may spell it with escapes. The whole text is checked. BC__OK with
 * *value_length 0 when there is no such member. The object counts towards the depth: elements that may be N
 * deep on their own, in an array in this object, need a limit of N + 2. */
int32_t bc__json_find_member(const uint8_t *text, size_t length, const char *name,
                             size_t *value_offset, size_t *value_length,
                             const bc__json_limits *limits, bc__json_error *error);

/* Goes once over a text that is one array, while the caller reads each element:
 *
 *     size_t used = 0;
 *     bool found;
 *     result = bc__json_elements_init(&elements, text, length, &error);
 *     while (result == BC__OK) {
 *         result = bc__json_elements_next(&elements, used, &found, &error);
 *         if (result != BC__OK || !found) {
 *             break;
 *         }
 *         result = bc__json_canonical(out, text + elements.offset, length - elements.offset, &used, ...);
 *     }
 *
 * The array itself does not count towards the depth of its elements, and an error of bc__json_canonical
 * counts its offset from the element. */
typedef struct bc__json_elements {
    const uint8_t *text; /* borrowed */
    size_t length;
    size_t offset;  /* of the element found */
    uint64_t count; /* of the elements found so far */
} bc__json_elements;

/* BC__ERR_FORMAT when no array begins. Holds no resource. */
int32_t bc__json_elements_init(bc__json_elements *elements, const uint8_t *text, size_t length,
                               bc__json_error *error);

/* Passes the element found last, `used` bytes long (0 before the first), and what stands between it and the
 * next. *found is false at the end of the array, after which only white space was found. */
int32_t bc__json_elements_next(bc__json_elements *elements, size_t used, bool *found,
                               bc__json_error *error);

/* Appends as UTF-8 what a canonical string stands for. BC__ERR_FORMAT when `canonical` is not one ASCII
 * string literal, or holds a surrogate without its partner, which UTF-8 cannot carry (Python's encode()
 * fails too). On failure nothing is appended. */
int32_t bc__json_string_utf8(bc__bytes *out, const uint8_t *canonical, size_t length);

/* Append a value in canonical form. For a string BC__ERR_FORMAT when `utf8` is not UTF-8; on failure
 * nothing is appended. */
int32_t bc__json_append_string(bc__bytes *out, const uint8_t *utf8, size_t length);
int32_t bc__json_append_double(bc__bytes *out, double value);
int32_t bc__json_append_integer(bc__bytes *out, int64_t value);
int32_t bc__json_append_unsigned(bc__bytes *out, uint64_t value);

#endif
