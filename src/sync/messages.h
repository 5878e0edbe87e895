/* What nodes say to each other under rules with headers (docs/transport.md, Methods). All integers are
 * little-endian; every length is checked exactly, before anything is allocated. */
#ifndef BC_SYNC_MESSAGES_H
#define BC_SYNC_MESSAGES_H

#include <stdbool.h>

#include <bc/bc.h>

#include "lib/uint256.h"

enum {
    BC__PROTOCOL_VERSION = 1,
    BC__HELLO_BYTES = 4 + BC_ID_BYTES + 8 + BC__UINT256_BYTES + BC_ID_BYTES,
    BC__LOCATOR_MOST = 64,   /* ids of "headers" */
    BC__HEADERS_MOST = 2000, /* sealed headers in its answer */
    BC__BLOCKS_MOST = 128,   /* ids of "blocks" */
    BC__REQUEST_HEAD_BYTES = 8,
    BC__REQUEST_BYTES_MAX = BC__REQUEST_HEAD_BYTES + BC__BLOCKS_MOST * BC_ID_BYTES,
    BC__COUNT_BYTES = 4,
};

/* Question and answer of "hello": who I am, and what my best chain ends in. */
typedef struct bc__hello {
    uint32_t version; /* of this protocol */
    uint8_t network_id[BC_ID_BYTES];
    uint64_t height;
    bc__uint256 work; /* of the whole chain */
    uint8_t id[BC_ID_BYTES];
} bc__hello;

void bc__hello_write(uint8_t out[BC__HELLO_BYTES], const bc__hello *hello);

/* BC_ERR_UNSUPPORTED, with hello->version alone, where it is of another version; BC_ERR_FORMAT. */
bc_status bc__hello_read(bc__hello *hello, const uint8_t *bytes, size_t length, bc_error *error);

/* The question of "headers", by a locator, and of "blocks", by what is wanted. */
typedef struct bc__request {
    uint32_t limit;     /* of the answer: headers, or bytes */
    uint32_t count;     /* of the ids, at least 1 */
    const uint8_t *ids; /* a view: count times BC_ID_BYTES */
} bc__request;

/* Writes all but the ids, which the caller puts behind it. */
void bc__request_write_head(uint8_t out[BC__REQUEST_HEAD_BYTES], uint32_t limit, uint32_t count);

/* With at most `most` ids. BC_ERR_FORMAT. */
bc_status bc__request_read(bc__request *request, uint32_t most, const uint8_t *bytes, size_t length,
                           bc_error *error);

/* The answer of "blocks", gone through: what follows one another are lengths of 4 bytes, each with so
 * many bytes behind it. */
typedef struct bc__block_list {
    const uint8_t *bytes; /* what is left */
    size_t length;
} bc__block_list;

/* Takes the next block's encoding, a view; *block is NULL at the end. BC_ERR_FORMAT. */
bc_status bc__block_list_next(bc__block_list *list, const uint8_t **block, size_t *length,
                              bc_error *error);

#endif
