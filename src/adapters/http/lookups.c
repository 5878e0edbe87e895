/* What can be looked up: the node's state, blocks, transactions, accounts. */
#include <stdio.h>
#include <string.h>

#include "server.h"

/* ---- GET /status ---------------------------------------------------------------------------- */

/* An amount of work as a number in hexadecimal digits, as block explorers write it. */
static json_t *json_work(const uint8_t work[BC_WORK_BYTES])
{
    char digits[2 * BC_WORK_BYTES + 1];
    const char *first = digits;

    for (size_t i = 0; i < BC_WORK_BYTES; i++) {
        (void)snprintf(digits + 2 * i, 3, "%02x", (unsigned)work[i]);
    }
    while (first[0] == '0' && first[1] != '\0') {
        first++;
    }
    return json_string(first);
}

enum MHD_Result bc__http_answer_status(bc__http_exchange *exchange)
{
    bc_chain *chain = exchange->server->chain;
    const bc_params *params = bc_chain_params(chain);
    bc_info info = BC_INFO_INIT;
    bc_error error = {0, 0, ""};
    uint8_t network_id[BC_ID_BYTES];
    uint8_t id[BC_ID_BYTES];
    uint8_t work[BC_WORK_BYTES];
    uint64_t height;
    bc_status status = bc_chain_info(chain, &info);

    if (status == BC_OK) {
        status = bc_chain_tip(chain, &height, id, work);
    }
    if (status != BC_OK) {
        return bc__http_respond_failure(exchange, status, &error);
    }
    bc_params_network_id(params, network_id);
    return bc__http_respond_json(
        exchange, MHD_HTTP_OK,
        json_pack("{s:s, s:o, s:o, s:{s:o, s:o, s:o}, s:o, s:{s:o, s:o}, s:o, s:o, s:b}", "version",
                  bc_version_string(), "network", bc__http_json_string(bc_params_name(params)),
                  "network_id", bc__http_json_id(network_id), "tip", "height",
                  bc__http_json_amount(height), "id", bc__http_json_id(id), "work", json_work(work),
                  "blocks", bc__http_json_amount(info.blocks), "mempool", "count",
                  bc__http_json_amount(info.mempool_count), "bytes",
                  bc__http_json_amount(info.mempool_bytes), "orphans",
                  bc__http_json_amount(info.orphan_count), "peers",
                  bc__http_json_amount(info.peer_count), "poisoned", (int)(info.poisoned != 0)));
}

/* ---- GET /blocks/HEIGHT-OR-ID --------------------------------------------------------------- */

enum MHD_Result bc__http_answer_block(bc__http_exchange *exchange)
{
    bc_chain *chain = exchange->server->chain;
    const char *which = bc__http_path_rest(exchange);
    bc_error error = {0, 0, ""};
    bc__http_text text = {0};
    uint8_t id[BC_ID_BYTES];
    uint64_t height;
    bc_block *block = NULL;
    bc_buffer *json = NULL;
    bc_status status;

    if (bc__http_read_id(id, which)) {
        status = bc_chain_block(chain, &block, id, &error);
    } else if (bc__http_read_number(&height, which)) {
        status = bc_chain_block_at(chain, &block, height, &error);
    } else {
        return bc__http_respond_error(exchange, MHD_HTTP_BAD_REQUEST,
                                      "a block is named by its height or by the 64 lowercase "
                                      "hexadecimal digits of its id");
    }
    if (status == BC_OK) {
        status = bc_block_json(block, &json, &error);
    }
    bc_block_unref(block);
    if (status != BC_OK) {
        return bc__http_respond_failure(exchange, status, &error);
    }
    bc__http_text_put(&text, (const char *)bc_buffer_data(json), bc_buffer_length(json));
    bc_buffer_unref(json);
    return bc__http_respond_text(exchange, MHD_HTTP_OK, &text);
}

/* ---- GET /transactions/ID ------------------------------------------------------------------- */

static void put_place(bc__http_text *text, uint64_t height, const uint8_t block_id[BC_ID_BYTES],
                      uint32_t position)
{
    if (height == BC_NONE) {
        bc__http_text_string(text, "\"waiting\": true}");
        return;
    }
    bc__http_text_string(text, "\"waiting\": false, \"height\": ");
    bc__http_text_number(text, height);
    bc__http_text_string(text, ", \"block\": \"");
    bc__http_text_hex(text, block_id, BC_ID_BYTES);
    bc__http_text_string(text, "\", \"position\": ");
    bc__http_text_number(text, position);
    bc__http_text_string(text, "}");
}

enum MHD_Result bc__http_answer_find(bc__http_exchange *exchange)
{
    bc_error error = {0, 0, ""};
    bc__http_text text = {0};
    uint8_t id[BC_ID_BYTES];
    uint8_t block_id[BC_ID_BYTES];
    uint64_t height;
    uint32_t position;
    bc_tx *tx;
    bc_buffer *json = NULL;
    bc_status status;

    if (!bc__http_read_id(id, bc__http_path_rest(exchange))) {
        return bc__http_respond_error(exchange, MHD_HTTP_BAD_REQUEST,
                                      "a transaction is named by the 64 lowercase hexadecimal "
                                      "digits of its id");
    }
    status =
        bc_chain_find_tx(exchange->server->chain, &tx, &height, block_id, &position, id, &error);
    if (status == BC_OK) {
        status = bc_tx_json(tx, &json, &error);
    }
    bc_tx_unref(tx);
    if (status != BC_OK) {
        return bc__http_respond_refusal(exchange, status, &error);
    }
    bc__http_text_string(&text, "{\"transaction\": ");
    bc__http_text_put(&text, (const char *)bc_buffer_data(json), bc_buffer_length(json));
    bc__http_text_string(&text, ", ");
    put_place(&text, height, block_id, position);
    bc_buffer_unref(json);
    return bc__http_respond_text(exchange, MHD_HTTP_OK, &text);
}

/* ---- GET /accounts/KEY ---------------------------------------------------------------------- */

enum MHD_Result bc__http_answer_account(bc__http_exchange *exchange)
{
    bc_error error = {0, 0, ""};
    uint8_t key[BC_ID_BYTES];
    uint64_t balance;
    uint64_t nonce;
    uint64_t next;
    bc_status status;

    if (!bc__http_read_id(key, bc__http_path_rest(exchange))) {
        return bc__http_respond_error(
            exchange, MHD_HTTP_BAD_REQUEST,
            "an account is named by the 64 lowercase hexadecimal digits of its key");
    }
    status = bc_chain_account(exchange->server->chain, &balance, &nonce, &next, key, &error);
    if (status != BC_OK) {
        return bc__http_respond_refusal(exchange, status, &error);
    }
    return bc__http_respond_json(exchange, MHD_HTTP_OK,
                                 json_pack("{s:o, s:o, s:o, s:o}", "key", bc__http_json_id(key),
                                           "balance", bc__http_json_amount(balance), "nonce",
                                           bc__http_json_amount(nonce), "next_nonce",
                                           bc__http_json_amount(next)));
}
