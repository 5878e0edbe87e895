#include "src/block/canonical_json_reader.h"

void bc__json_members_init(bc__json_members *members, const bc__heap *heap)
{
    members->offsets = members->first;
    members->count = 0;
    members->capacity = BC__JSON_MEMBERS_INLINE;
    members->heap = heap;
    members->scratch = NULL;
    members->scratch_count = 0;
}

void bc__json_members_free(bc__json_members *members)
{
    if (members->offsets != members->first) {
        bc__heap_release(members->heap, members->offsets);
    }
    bc__heap_release(members->heap, members->scratch);
}

int32_t bc__json_members_push(bc__json_members *members, size_t offset)
{
    if (members->count == members->capacity) {
        size_t capacity =
            members->capacity * 2; /* bounded by `out`, of which each member has 4 bytes */
        bool moving = members->offsets == members->first;
        size_t *offsets = bc__heap_regrow(members->heap, moving ? NULL : members->offsets, capacity,
                                          sizeof(*offsets));
        if (offsets == NULL) {
            return BC__ERR_MEMORY;
        }
        if (moving) {
            memcpy(offsets, members->first, sizeof(members->first));
        }
        members->offsets = offsets;
        members->capacity = capacity;
    }
    members->offsets[members->count++] = offset;
    return BC__OK;
}

/* Most characters are their own code point: no quote, no escape. */
static bool is_plain(uint8_t byte)
{
    return byte != '\\' && byte != '"';
}

int bc__json_compare_names(const uint8_t *left, const uint8_t *right)
{
    left++;
    right++;
    for (;;) {
        if (is_plain(*left) && is_plain(*right)) {
            if (*left != *right) {
                return *left < *right ? -1 : 1;
            }
            left++;
            right++;
            continue;
        }
        int32_t left_code = bc__json_next_code_point(&left);
        int32_t right_code = bc__json_next_code_point(&right);
        if (left_code != right_code) {
            return left_code < right_code ? -1 : 1;
        }
        if (left_code == BC__JSON_STRING_END) {
            return 0;
        }
    }
}

/* Merges two neighbouring sorted runs; of equal names the earlier one stays first. */
static void merge(const uint8_t *data, bc__json_span *target, const bc__json_span *left,
                  const bc__json_span *right, const bc__json_span *end)
{
    const bc__json_span *middle = right;
    while (left < middle && right < end) {
        bool take_right = bc__json_compare_names(data + left->offset, data + right->offset) > 0;
        *target++ = take_right ? *right++ : *left++;
    }
    while (left < middle) {
        *target++ = *left++;
    }
    while (right < end) {
        *target++ = *right++;
    }
}

static size_t least(size_t left, size_t right)
{
    return left < right ? left : right;
}

/* A merge sort from the bottom: stable, O(n log n) whatever the order, without recursion. Returns which of
 * the two arrays of `count` spans holds the result. */
static bc__json_span *sort_spans(const uint8_t *data, bc__json_span *spans, bc__json_span *other,
                                 size_t count)
{
    for (size_t run = 1; run < count; run *= 2) {
        for (size_t begin = 0; begin < count; begin += least(2 * run, count - begin)) {
            const bc__json_span *left = spans + begin;
            const bc__json_span *right = left + least(run, count - begin);
            const bc__json_span *end = left + least(2 * run, count - begin);
            merge(data, other + begin, left, right, end);
        }
        bc__json_span *sorted = other;
        other = spans;
        spans = sorted;
    }
    return spans;
}

/* Writes the members over the place that they came from, of which `copy` is a copy, leaving out each one
 * that is followed by another of its name. */
static void put_in_order(bc__json_members *members, size_t first, bc__bytes *out,
                         const uint8_t *copy, const bc__json_span *sorted, size_t count)
{
    size_t base = members->offsets[first];
    size_t kept = first;
    out->length = base;
    for (size_t i = 0; i < count; i++) {
        const uint8_t *member = copy + (sorted[i].offset - base);
        if (i + 1 < count &&
            bc__json_compare_names(member, copy + (sorted[i + 1].offset - base)) == 0) {
            continue;
        }
        if (kept > first) {
            memcpy(out->data + out->length, ", ", 2);
            out->length += 2;
        }
        members->offsets[kept++] = out->length;
        memcpy(out->data + out->length, member, sorted[i].length);
        out->length += sorted[i].length;
    }
    members->count = kept;
}

/* Room for `count` spans twice and, behind them, `length` bytes; what it held is lost. NULL when there is no
 * memory. */
static bc__json_span *take_scratch(bc__json_members *members, size_t count, size_t length)
{
    /* no overflow: each summand counts things that are in memory and no smaller */
    size_t needed = 2 * count + length / sizeof(bc__json_span) + 1;
    if (members->scratch_count < needed) {
        bc__heap_release(members->heap, members->scratch);
        members->scratch = bc__heap_array(members->heap, needed, sizeof(bc__json_span));
        members->scratch_count = members->scratch == NULL ? 0 : needed;
    }
    return members->scratch;
}

int32_t bc__json_members_sort(bc__json_members *members, size_t first, bc__bytes *out)
{
    const size_t *offsets = members->offsets + first;
    size_t count = members->count - first;
    size_t length = out->length - offsets[0];
    bc__json_span *spans = take_scratch(members, count, length);
    if (spans == NULL) {
        return BC__ERR_MEMORY;
    }
    uint8_t *copy = (uint8_t *)(spans + 2 * count);
    for (size_t i = 0; i < count; i++) {
        size_t end = i + 1 < count ? offsets[i + 1] - 2 : out->length; /* 2: ", " */
        spans[i] = (bc__json_span){.offset = offsets[i], .length = end - offsets[i]};
    }
    memcpy(copy, out->data + offsets[0], length);
    const bc__json_span *sorted = sort_spans(out->data, spans, spans + count, count);
    put_in_order(members, first, out, copy, sorted, count);
    return BC__OK;
}

/* Orders a canonical literal against plain ASCII. Sets *end to behind the literal when they are equal. */
static int compare_with(const uint8_t *literal, const char *name, const uint8_t **end)
{
    const uint8_t *at = literal + 1;
    for (;; name++) {
        if (is_plain(*at) && *at == (uint8_t)*name) {
            at++;
            continue;
        }
        int32_t code = bc__json_next_code_point(&at);
        int32_t wanted = *name == '\0' ? BC__JSON_STRING_END : (uint8_t)*name;
        if (code != wanted) {
            return code < wanted ? -1 : 1;
        }
        if (code == BC__JSON_STRING_END) {
            *end = at + 1;
            return 0;
        }
    }
}

bc__json_span bc__json_members_find(const bc__json_members *members, size_t first,
                                    const bc__bytes *out, const char *name)
{
    size_t low = first;
    size_t high = members->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const uint8_t *name_end;
        int order = compare_with(out->data + members->offsets[middle], name, &name_end);
        if (order < 0) {
            low = middle + 1;
        } else if (order > 0) {
            high = middle;
        } else {
            bool last = middle + 1 == members->count;
            size_t offset = (size_t)(name_end - out->data) + 2; /* ": " */
            size_t end = last ? out->length - 1 : members->offsets[middle + 1] - 2;
            return (bc__json_span){.offset = offset, .length = end - offset};
        }
    }
    return (bc__json_span){0};
}
