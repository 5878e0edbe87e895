/* GET /chain where chains do not travel whole: blocks of the best chain, a page at a time.
 *
 *     {"chain": [B, B, …], "length": N, "from": HEIGHT, "next": HEIGHT}
 *
 * `length` is that of the whole chain; `next` is where the next page begins, and is left out where
 * this one reaches the tip. */
#include <string.h>

#include "server.h"

enum {
    PAGE_BLOCKS = 100, /* without ?limit= */
    PAGE_BLOCKS_MAX = 1000,
    PAGE_BYTES = 4 * 1024 * 1024, /* a page that is so long ends, whatever ?limit= says */
    TRIES_MAX = 3,
};

typedef struct page {
    bc_chain *chain;
    uint64_t from;
    uint64_t limit;
    uint64_t next;           /* height of the block to be put in next */
    uint8_t id[BC_ID_BYTES]; /* of the one before it, behind the first */
    bool broken;             /* the best chain changed in the middle */
    bc__http_text text;
} page;

static bc_status put_block(page *p, const bc_block *block, bc_error *error)
{
    uint8_t parent[BC_ID_BYTES];
    bc_buffer *json;
    bc_status status;

    if (p->next > p->from &&
        (bc_block_parent(block, parent) != BC_OK || memcmp(parent, p->id, sizeof parent) != 0)) {
        p->broken = true;
        return BC_OK;
    }
    status = bc_block_json(block, &json, error);
    if (status != BC_OK) {
        return status;
    }
    bc__http_text_string(&p->text, p->next > p->from ? ", " : "");
    bc__http_text_put(&p->text, (const char *)bc_buffer_data(json), bc_buffer_length(json));
    bc_buffer_unref(json);
    bc_block_id(block, p->id);
    p->next++;
    return BC_OK;
}

static bc_status put_blocks(page *p, uint64_t tip, bc_error *error)
{
    bc_status status = BC_OK;

    while (status == BC_OK && !p->broken && p->next <= tip && p->next - p->from < p->limit &&
           p->text.length < PAGE_BYTES) {
        bc_block *block;
        status = bc_chain_block_at(p->chain, &block, p->next, error);
        if (status == BC_ERR_NOT_FOUND) { /* a better branch may be shorter */
            p->broken = true;
            return BC_OK;
        }
        if (status == BC_OK) {
            status = put_block(p, block, error);
        }
        bc_block_unref(block);
    }
    return status;
}

static bc_status put_page(page *p, bc_error *error)
{
    uint64_t tip = 0;
    bc_status status = bc_chain_tip(p->chain, &tip, NULL, NULL);

    p->broken = false;
    p->next = p->from;
    bc__http_text_string(&p->text, "{\"chain\": [");
    if (status == BC_OK) {
        status = put_blocks(p, tip, error);
    }
    bc__http_text_string(&p->text, "], \"length\": ");
    bc__http_text_number(&p->text, tip + 1);
    bc__http_text_string(&p->text, ", \"from\": ");
    bc__http_text_number(&p->text, p->from);
    if (p->next <= tip) {
        bc__http_text_string(&p->text, ", \"next\": ");
        bc__http_text_number(&p->text, p->next);
    }
    bc__http_text_string(&p->text, "}");
    return status;
}

enum MHD_Result bc__http_answer_page(bc__http_exchange *exchange)
{
    page p = {.chain = exchange->server->chain, .limit = PAGE_BLOCKS, .broken = true};
    bc_error error = {0, 0, ""};
    bc_status status = BC_OK;

    if (!bc__http_read_query(&p.from, exchange, "from") ||
        !bc__http_read_query(&p.limit, exchange, "limit") || p.limit < 1 ||
        p.limit > PAGE_BLOCKS_MAX) {
        return bc__http_respond_error(exchange, MHD_HTTP_BAD_REQUEST,
                                      "?from= takes a height, and ?limit= a number of blocks from "
                                      "1 to 1000");
    }
    for (int i = 0; i < TRIES_MAX && status == BC_OK && p.broken; i++) {
        bc__http_text_free(&p.text);
        status = put_page(&p, &error);
    }
    if (status == BC_OK && !p.broken) {
        return bc__http_respond_text(exchange, MHD_HTTP_OK, &p.text);
    }
    bc__http_text_free(&p.text);
    return status != BC_OK ? bc__http_respond_failure(exchange, status, &error)
                           : bc__http_respond_error(exchange, MHD_HTTP_SERVICE_UNAVAILABLE,
                                                    "the best chain changes all the time");
}
