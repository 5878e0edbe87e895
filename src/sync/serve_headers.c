/* The methods of rules with headers: "hello", "headers", "blocks". Who asks chooses how much comes, up to
 * the bounds of the messages, and it leaves in pieces. */
#include <string.h>

#include "lib/integers.h"
#include "src/base/error.h"
#include "src/sync/messages.h"
#include "src/sync/serve.h"

static bc_status append(bc__bytes *piece, const void *bytes, size_t length, bc_error *error)
{
    return bc__bytes_append(piece, bytes, length) == BC__OK ? BC_OK : bc__fail_memory(error);
}

/* ---- hello ---- */

/* Whoever speaks another version is told which one is spoken here. */
static bc_status begin_hello(void *state, bc__engine *engine, const uint8_t *body, size_t length,
                             bc_error *error)
{
    bc__hello *hello = state;
    bc_error why = BC_ERROR_INIT;
    bc_status status = bc__hello_read(hello, body, length, &why);
    if (status == BC_ERR_FORMAT) {
        return bc__fail(error, status, "%s", why.message);
    }
    const bc__node *tip = bc__tree_node(&engine->tree, bc__tree_tip(&engine->tree));
    *hello = (bc__hello){
        .version = BC__PROTOCOL_VERSION, .height = tip->height, .work = tip->chain_work};
    memcpy(hello->network_id, engine->params->origin.network_id, BC_ID_BYTES);
    memcpy(hello->id, tip->id, BC_ID_BYTES);
    return BC_OK;
}

static bc_status fetch_hello(void *state, bc__engine *engine, bc__bytes *piece, bool *last,
                             bc_error *error)
{
    uint8_t message[BC__HELLO_BYTES];
    (void)engine;
    bc__hello_write(message, state);
    bc_status status = append(piece, message, sizeof message, error);
    *last = status == BC_OK;
    return status;
}

const bc__answer_kind bc__answer_hello = {sizeof(bc__hello), begin_hello, fetch_hello};

/* ---- headers ---- */

enum { HEADERS_A_PIECE = 64 };

typedef struct headers {
    uint32_t tip;
    uint64_t next; /* height */
    uint64_t end;  /* the height behind the last */
    bool counted;  /* the count has been given */
} headers;

static bc_status begin_headers(void *state, bc__engine *engine, const uint8_t *body, size_t length,
                               bc_error *error)
{
    headers *answer = state;
    bc__request request;
    const bc__tree *tree = &engine->tree;
    bc_status status = bc__request_read(&request, BC__LOCATOR_MOST, body, length, error);
    if (status != BC_OK) {
        return status;
    }
    for (uint32_t at = 0; at < request.count; at++) {
        uint32_t node = bc__tree_find(tree, request.ids + (size_t)at * BC_ID_BYTES);
        if (node != BC__NO_NODE && bc__tree_is_best(tree, node)) {
            uint32_t limit = request.limit < BC__HEADERS_MOST ? request.limit : BC__HEADERS_MOST;
            uint64_t first = (uint64_t)bc__tree_node(tree, node)->height + 1;
            uint64_t above = tree->best_count - first;
            *answer = (headers){.tip = bc__tree_tip(tree),
                                .next = first,
                                .end = first + (above < limit ? above : limit)};
            return BC_OK;
        }
    }
    return bc__fail(error, BC_ERR_NOT_FOUND, "the best chain has none of the %lu blocks named",
                    (unsigned long)request.count);
}

static bc_status fetch_headers(void *state, bc__engine *engine, bc__bytes *piece, bool *last,
                               bc_error *error)
{
    headers *answer = state;
    bc__history_reader reader;
    uint8_t count[BC__COUNT_BYTES];
    bc_status status = BC_OK;
    uint64_t left = answer->end - answer->next;
    if (!answer->counted) {
        bc__put_le(count, left, sizeof count);
        status = append(piece, count, sizeof count, error);
    }
    uint64_t end = answer->next + (left < HEADERS_A_PIECE ? left : HEADERS_A_PIECE);
    bc__history_reader_init(&reader, engine, answer->tip);
    for (uint64_t height = answer->next; status == BC_OK && height < end; height++) {
        const uint8_t *sealed;
        size_t length;
        status = bc__history_reader_header(&reader, height, &sealed, &length, error);
        if (status == BC_OK) {
            status = append(piece, sealed, length, error);
        }
    }
    bc__history_reader_free(&reader);
    if (status == BC_OK) {
        answer->counted = true;
        answer->next = end;
        *last = end == answer->end;
    }
    return status;
}

const bc__answer_kind bc__answer_headers = {sizeof(headers), begin_headers, fetch_headers};

/* ---- blocks ---- */

typedef struct blocks {
    uint64_t room; /* bytes that may still be given */
    uint32_t count;
    uint32_t next;
    uint8_t ids[BC__BLOCKS_MOST][BC_ID_BYTES];
} blocks;

static bc_status begin_blocks(void *state, bc__engine *engine, const uint8_t *body, size_t length,
                              bc_error *error)
{
    blocks *answer = state;
    bc__request request;
    (void)engine;
    bc_status status = bc__request_read(&request, BC__BLOCKS_MOST, body, length, error);
    if (status == BC_OK) {
        answer->room = request.limit;
        answer->count = request.count;
        memcpy(answer->ids, request.ids, (size_t)request.count * BC_ID_BYTES);
    }
    return status;
}

/* The answer ends with what was asked for, before a block that is not here, and before one for which the
 * limit has no room; but the first is given whatever its size. */
static bc_status fetch_blocks(void *state, bc__engine *engine, bc__bytes *piece, bool *last,
                              bc_error *error)
{
    blocks *answer = state;
    bc_block *block;
    uint8_t head[BC__COUNT_BYTES];
    uint32_t node = answer->next == answer->count
                        ? BC__NO_NODE
                        : bc__tree_find(&engine->tree, answer->ids[answer->next]);
    if (node == BC__NO_NODE) {
        *last = true;
        return BC_OK;
    }
    bc_status status = bc__engine_block(engine, &block, node, error);
    if (status != BC_OK) {
        return status;
    }
    uint64_t size = sizeof head + (uint64_t)block->bytes.length;
    if (size > answer->room && answer->next > 0) {
        *last = true;
    } else {
        bc__put_le(head, block->bytes.length, sizeof head);
        status = append(piece, head, sizeof head, error);
        if (status == BC_OK) {
            status = append(piece, block->bytes.data, block->bytes.length, error);
        }
        if (status == BC_OK) {
            answer->next++;
            answer->room -= size < answer->room ? size : answer->room;
        }
    }
    bc_block_unref(block);
    return status;
}

const bc__answer_kind bc__answer_blocks = {sizeof(blocks), begin_blocks, fetch_blocks};
