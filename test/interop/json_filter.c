/* The canonical JSON reader as a filter, for run_json_vectors.py: each line of standard input is one text in
 * hexadecimal; each line of output is "= canonical form" or "! offset what is wrong". */
#include "src/block/canonical_json.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static void *allocate(void *context, size_t size)
{
    (void)context;
    return malloc(size);
}

static void *reallocate(void *context, void *memory, size_t size)
{
    (void)context;
    return realloc(memory, size);
}

static void release(void *context, void *memory)
{
    (void)context;
    free(memory);
}

static const bc__heap HEAP = {NULL, allocate, reallocate, release};

/* Reads a line of hexadecimal into `text`. False at the end of input. */
static bool read_line(bc__bytes *text)
{
    int high;
    text->length = 0;
    while ((high = getchar()) != EOF && high != '\n') {
        char pair[3] = {(char)high, (char)getchar(), '\0'};
        if (bc__bytes_append_byte(text, (uint8_t)strtoul(pair, NULL, 16)) != BC__OK) {
            return false;
        }
    }
    return high == '\n';
}

/* Writes the answer for one text. False when the checking pass disagrees with the writing one. */
static bool answer(bc__bytes *out, const uint8_t *text, size_t length)
{
    bc__json_error error;
    bc__json_error checked;
    out->length = 0;
    int32_t result = bc__json_canonical(out, text, length, NULL, NULL, 0, NULL, NULL, &error);
    if (bc__json_skip(text, length, NULL, NULL, &checked) != result || checked.what != error.what ||
        checked.offset != error.offset) {
        fprintf(stderr, "bc__json_skip disagrees with bc__json_canonical\n");
        return false;
    }
    if (result == BC__OK) {
        printf("= %.*s\n", (int)out->length, (const char *)out->data);
    } else {
        printf("! %zu %s\n", error.offset, error.what);
    }
    return true;
}

int main(void)
{
    bc__bytes text;
    bc__bytes out;
    bool agreed = true;
    bc__bytes_init(&text, &HEAP, SIZE_MAX);
    bc__bytes_init(&out, &HEAP, SIZE_MAX);
    while (agreed && read_line(&text)) {
        /* an exact copy, so that a sanitizer sees the first byte read past the end */
        uint8_t *copy = malloc(text.length + (text.length == 0));
        if (copy == NULL) {
            agreed = false;
            break;
        }
        for (size_t i = 0; i < text.length; i++) {
            copy[i] = text.data[i];
        }
        agreed = answer(&out, copy, text.length);
        free(copy);
    }
    bc__bytes_free(&out);
    bc__bytes_free(&text);
    return agreed ? 0 : 1;
}
