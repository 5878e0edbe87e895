/* The canonical form is a fixed point: what is written reads back as itself, the check alone agrees
 * with the writer, and one value fewer bytes than the text never reads past its end (ASan). */
#include <stdlib.h>
#include <string.h>

#include "src/base/origin.h"
#include "src/block/canonical_json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int condition)
{
    if (!condition) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = {"index", "proof"};
    bc__heap heap;
    bc__json_span spans[2];
    bc__json_error where;
    bc__bytes once;
    bc__bytes twice;
    size_t used;
    require(bc__heap_from_allocator(&heap, NULL, NULL) == BC_OK);
    bc__bytes_init(&once, &heap, SIZE_MAX);
    bc__bytes_init(&twice, &heap, SIZE_MAX);
    int32_t result = bc__json_canonical(&once, data, size, &used, names, 2, spans, NULL, &where);
    size_t skipped = 0;
    require(bc__json_skip(data, size, &skipped, NULL, &where) == result);
    if (result == BC__OK) {
        require(used <= size && skipped == used);
        require(bc__json_canonical(&twice, once.data, once.length, NULL, NULL, 0, NULL, NULL,
                                   &where) == BC__OK);
        require(twice.length == once.length && memcmp(twice.data, once.data, once.length) == 0);
        for (size_t at = 0; at < 2; at++) {
            require(spans[at].offset <= once.length &&
                    spans[at].length <= once.length - spans[at].offset);
        }
    } else {
        require(once.length == 0 && where.offset <= size);
    }
    bc__bytes_free(&once);
    bc__bytes_free(&twice);
    return 0;
}
