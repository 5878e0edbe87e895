/* A Merkle proof from outside. Of what is accepted, and of most of what is not, nothing is known; but
 * views lie inside the bytes, an answer has its sentence, and what one header shows it shows again.
 * The ids that are trusted are those that the bytes themselves name, so that they are read to their
 * end. */
#include <stdlib.h>
#include <string.h>

#include <bc/bc.h>

#include "lib/sha256/sha256.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { HEADER = 96, PLACES_MOST = 8192 };

static void require(int condition)
{
    if (!condition) {
        abort();
    }
}

static void check_result(const bc_inclusion *result, const uint8_t *data, size_t size,
                         const uint8_t *trusted_id)
{
    require(result->type >= BC_INCLUSION_OF_TX && result->type <= BC_INCLUSION_OF_RECORD);
    require(memcmp(result->later_id, trusted_id, BC_ID_BYTES) == 0);
    require(result->time >= 0);
    require(result->height < result->later_height || result->type == BC_INCLUSION_OF_TX);
    if (result->tx != NULL) {
        require(result->tx >= data && result->tx_length <= size &&
                (size_t)(result->tx - data) <= size - result->tx_length);
    } else {
        require(result->tx_length == 0);
    }
}

static int verify(const uint8_t *data, size_t size, const uint8_t *older_id,
                  const uint8_t *trusted_id)
{
    uint32_t verdict = BC_VERDICT_NONE;
    bc_inclusion result = BC_INCLUSION_INIT;
    bc_error error = BC_ERROR_INIT;
    bc_status status = older_id == NULL ? bc_inclusion_verify(NULL, &verdict, &result, data, size,
                                                              trusted_id, &error)
                                        : bc_consistency_verify(NULL, &verdict, &result, data, size,
                                                                older_id, trusted_id, &error);
    require(status == BC_OK);
    if (verdict == BC_VERDICT_ACCEPTED) {
        check_result(&result, data, size, trusted_id);
        return 1;
    }
    require(verdict == BC_VERDICT_INVALID && error.message[0] != '\0' && result.type == 0);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t first[BC_ID_BYTES];
    uint8_t other[BC_ID_BYTES];
    if (size < 2 + HEADER) {
        memset(first, 0, sizeof first);
        require(!verify(data, size, NULL, first));
        return 0;
    }
    bc__sha256(first, data + 2, HEADER);
    if (verify(data, size, NULL, first)) {
        require(!verify(data, size - 1, NULL, first));
        return 0;
    }
    /* The later header stands anywhere behind the older one. */
    for (size_t at = 2 + HEADER; at + HEADER <= size && at < PLACES_MOST; at++) {
        if (data[at] != 1 || data[at + 1] != 0 || data[at + 2] != 0 || data[at + 3] != 0) {
            continue; /* not a header's version */
        }
        bc__sha256(other, data + at, HEADER);
        if (verify(data, size, NULL, other) || verify(data, size, first, other)) {
            require(!verify(data, size - 1, NULL, other) && !verify(data, size - 1, first, other));
            return 0;
        }
    }
    return 0;
}
