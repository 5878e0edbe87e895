/* GET /proofs/ID: a transaction's Merkle proof, and the header under which it holds.
 *
 *     {"id", "height", "block", "header": {"height", "id", "sealed"}, "proof"}
 *
 * The header is the tip's, or that of ?under=HEIGHT. Where the transaction is in that very block, the
 * proof is one of a transaction in its block, else one of a record in the history. */
#include "server.h"

enum { TRIES_MAX = 3 };

typedef struct proving {
    bc_chain *chain;
    uint8_t tx_id[BC_ID_BYTES];
    uint64_t wanted; /* height of the header; BC_NONE: the tip's */
    bc_block *header;
    bc_buffer *proof;
    bc_inclusion shown;
} proving;

static void release(proving *p)
{
    bc_block_unref(p->header);
    bc_buffer_unref(p->proof);
    p->header = NULL;
    p->proof = NULL;
}

static bc_status make_proof(proving *p, uint64_t under, bc_error *error)
{
    uint64_t height;
    bc_tx *tx;
    bc_status status = bc_chain_find_tx(p->chain, &tx, &height, NULL, NULL, p->tx_id, error);

    bc_tx_unref(tx);
    if (status != BC_OK) {
        return status;
    }
    if (height == BC_NONE) {
        return bc__http_fail(error, BC_ERR_NOT_FOUND, 0,
                             "the transaction waits; once it is in a block it has a proof");
    }
    if (height > under) {
        return bc__http_fail(error, BC_ERR_NOT_FOUND, 0,
                             "the transaction is in the block at height %llu, above the header "
                             "that is asked for",
                             (unsigned long long)height);
    }
    return height == under
               ? bc_chain_inclusion_of_tx(p->chain, &p->proof, p->tx_id, error)
               : bc_chain_inclusion_of_record(p->chain, &p->proof, p->tx_id, under, error);
}

/* The best chain may change between two calls; *holds says whether all is of one chain. */
static bc_status try_once(proving *p, bool *holds, bc_error *error)
{
    uint64_t under = p->wanted;
    uint32_t verdict = BC_VERDICT_NONE;
    uint8_t id[BC_ID_BYTES];
    bc_status status = under == BC_NONE ? bc_chain_tip(p->chain, &under, NULL, NULL) : BC_OK;

    *holds = false;
    if (status == BC_OK) {
        status = bc_chain_block_at(p->chain, &p->header, under, error);
    }
    if (status == BC_OK) {
        status = make_proof(p, under, error);
    }
    if (status == BC_OK) {
        bc_block_id(p->header, id);
        bc_inclusion_init(&p->shown);
        status =
            bc_inclusion_verify(bc_chain_params(p->chain), &verdict, &p->shown,
                                bc_buffer_data(p->proof), bc_buffer_length(p->proof), id, error);
    }
    *holds = verdict == BC_VERDICT_ACCEPTED;
    return status;
}

static enum MHD_Result respond_proof(bc__http_exchange *exchange, const proving *p)
{
    bc__http_text text = {0};
    size_t length;
    const uint8_t *sealed = bc_block_header(p->header, &length);

    bc__http_text_string(&text, "{\"id\": \"");
    bc__http_text_hex(&text, p->tx_id, BC_ID_BYTES);
    bc__http_text_string(&text, "\", \"height\": ");
    bc__http_text_number(&text, p->shown.height);
    bc__http_text_string(&text, ", \"block\": \"");
    bc__http_text_hex(&text, p->shown.id, BC_ID_BYTES);
    bc__http_text_string(&text, "\", \"header\": {\"height\": ");
    bc__http_text_number(&text, p->shown.later_height);
    bc__http_text_string(&text, ", \"id\": \"");
    bc__http_text_hex(&text, p->shown.later_id, BC_ID_BYTES);
    bc__http_text_string(&text, "\", \"sealed\": \"");
    bc__http_text_hex(&text, sealed, length);
    bc__http_text_string(&text, "\"}, \"proof\": \"");
    bc__http_text_hex(&text, bc_buffer_data(p->proof), bc_buffer_length(p->proof));
    bc__http_text_string(&text, "\"}");
    return bc__http_respond_text(exchange, MHD_HTTP_OK, &text);
}

enum MHD_Result bc__http_answer_proof(bc__http_exchange *exchange)
{
    proving p = {.chain = exchange->server->chain, .wanted = BC_NONE};
    bc_error error = {0, 0, ""};
    bc_status status = BC_OK;
    bool holds = false;
    enum MHD_Result result;

    if (!exchange->server->has_accounts) {
        return bc__http_respond_error(exchange, MHD_HTTP_NOT_IMPLEMENTED,
                                      "these rules have no Merkle proofs");
    }
    if (!bc__http_read_id(p.tx_id, bc__http_path_rest(exchange)) ||
        !bc__http_read_query(&p.wanted, exchange, "under")) {
        return bc__http_respond_error(exchange, MHD_HTTP_BAD_REQUEST,
                                      "a transaction is named by the 64 lowercase hexadecimal "
                                      "digits of its id, and ?under= takes a height");
    }
    for (int i = 0; i < TRIES_MAX && status == BC_OK && !holds; i++) {
        release(&p);
        status = try_once(&p, &holds, &error);
    }
    if (status != BC_OK) {
        result = bc__http_respond_refusal(exchange, status, &error);
    } else if (!holds) {
        result = bc__http_respond_error(exchange, MHD_HTTP_SERVICE_UNAVAILABLE,
                                        "the best chain changes all the time");
    } else {
        result = respond_proof(exchange, &p);
    }
    release(&p);
    return result;
}
