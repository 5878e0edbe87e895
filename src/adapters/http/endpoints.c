/* The endpoints of the tutorial's article about the chain itself: mine, add a transaction, give the
 * chain; and a method of the library. Under the tutorial's rules the JSON is that of the article. */
#include <stdio.h>
#include <string.h>

#include "server.h"

/* ---- GET /mine ------------------------------------------------------------------------------ */

typedef struct mining {
    const bc__http_exchange *exchange;
    bool left; /* the client did, and so the mining was ended */
} mining;

/* A progress callback, about ten times a second: ends the mining once the server stops or nobody
 * waits for the block. The stop is asked for first, because it shuts connections down. */
static bc_status go_on(void *context, uint64_t done, uint64_t total)
{
    mining *m = context;

    (void)done;
    (void)total;
    if (atomic_load(&m->exchange->server->stopping)) {
        return BC_ERR_INTERRUPTED;
    }
    m->left = bc__http_guest_left(m->exchange->guest);
    return m->left ? BC_ERR_INTERRUPTED : BC_OK;
}

/* The texts of the library as they are: jansson could not hold every number in them. */
static bc_status put_transactions(bc__http_text *text, const bc_block *block, bc_error *error)
{
    size_t count = bc_block_tx_count(block);
    bc_status status = BC_OK;

    bc__http_text_string(text, "[");
    for (size_t i = 0; i < count && status == BC_OK; i++) {
        bc_buffer *json = NULL;
        bc_tx *tx = NULL;
        status = bc_block_tx(block, &tx, i, error);
        if (status == BC_OK) {
            status = bc_tx_json(tx, &json, error);
        }
        if (status == BC_OK) {
            bc__http_text_string(text, i == 0 ? "" : ", ");
            bc__http_text_put(text, (const char *)bc_buffer_data(json), bc_buffer_length(json));
        }
        bc_buffer_unref(json);
        bc_tx_unref(tx);
    }
    bc__http_text_string(text, "]");
    return status;
}

/* A block of our own carries its true height, and always names its parent. */
static bc_status put_forged(bc__http_text *text, const bc_block *block, bc_error *error)
{
    uint64_t proof = 0;
    uint8_t parent[BC_ID_BYTES] = {0};
    bc_status status = bc_block_nonce(block, &proof);

    if (status == BC_OK) {
        status = bc_block_parent(block, parent);
    }
    if (status != BC_OK) {
        return bc__http_fail(error, status, 0, "the block that was mined cannot be shown");
    }
    bc__http_text_string(text, "{\"message\": \"New Block Forged\", \"index\": ");
    bc__http_text_number(text, bc_block_height(block) + 1);
    bc__http_text_string(text, ", \"transactions\": ");
    status = put_transactions(text, block, error);
    bc__http_text_string(text, ", \"proof\": ");
    bc__http_text_number(text, proof);
    bc__http_text_string(text, ", \"previous_hash\": \"");
    bc__http_text_hex(text, parent, sizeof parent);
    bc__http_text_string(text, "\"}");
    return status;
}

static bc_status put_mined(bc__http_text *text, const bc_block *block, bc_error *error)
{
    uint8_t id[BC_ID_BYTES];
    bc_buffer *json;
    bc_status status;

    if (bc_block_header(block, NULL) == NULL) {
        return put_forged(text, block, error);
    }
    status = bc_block_json(block, &json, error);
    if (status != BC_OK) {
        return status;
    }
    bc_block_id(block, id);
    bc__http_text_string(text, "{\"message\": \"New Block Forged\", \"height\": ");
    bc__http_text_number(text, bc_block_height(block));
    bc__http_text_string(text, ", \"id\": \"");
    bc__http_text_hex(text, id, sizeof id);
    bc__http_text_string(text, "\", \"block\": ");
    bc__http_text_put(text, (const char *)bc_buffer_data(json), bc_buffer_length(json));
    bc__http_text_string(text, "}");
    bc_buffer_unref(json);
    return BC_OK;
}

static void set_mine_options(bc_mine_options *options, mining *m)
{
    const bc__http_server *server = m->exchange->server;
    const bc__http_settings *settings = server->settings;

    bc_mine_options_init(options);
    options->threads = settings->mine_threads;
    options->progress = go_on;
    options->context = m;
    options->signer = settings->mine_signer;
    if (settings->mine_recipient != NULL) {
        options->recipient = settings->mine_recipient;
        options->recipient_length = settings->mine_recipient_length;
    } else if (server->identifier != NULL && !server->has_accounts) {
        options->recipient = (const uint8_t *)server->identifier;
        options->recipient_length = strlen(server->identifier);
    }
}

/* Where signers seal and blocks reward accounts, it may be that this node cannot (it has no key, no
 * recipient), or that it may not now (others are to seal first, or it has sealed already). */
static enum MHD_Result respond_not_mined(bc__http_exchange *exchange, bc_status status,
                                         const bc_error *error)
{
    if (exchange->server->has_accounts && status == BC_ERR_ARGUMENT) {
        return bc__http_respond_error(exchange, MHD_HTTP_NOT_IMPLEMENTED, error->message);
    }
    if (exchange->server->has_accounts &&
        (status == BC_ERR_UNSUPPORTED || status == BC_ERR_LIMIT)) {
        return bc__http_respond_error(exchange, MHD_HTTP_CONFLICT, error->message);
    }
    return bc__http_respond_failure(exchange, status, error);
}

static enum MHD_Result answer_mine(bc__http_exchange *exchange)
{
    bc__http_server *server = exchange->server;
    bc__http_text text = {0};
    mining m = {exchange, false};
    bc_error error = {0, 0, ""};
    bc_block *block = NULL;
    bc_mine_options options;
    bc_status status;

    if (!bc__http_slow_enter(server)) {
        return bc__http_respond_error(exchange, MHD_HTTP_SERVICE_UNAVAILABLE,
                                      "too many requests that take long are being worked on");
    }
    set_mine_options(&options, &m);
    status = bc_chain_mine(server->chain, &block, &options, &error);
    bc__http_slow_leave(server);
    if (m.left && status != BC_OK) {
        (void)bc__http_fail(&error, status, 0, "the client left");
    }
    bc__http_explain_stop(server, status, &error);
    if (status == BC_OK) {
        status = put_mined(&text, block, &error);
    }
    bc_block_unref(block);
    if (status != BC_OK) {
        bc__http_text_free(&text);
        return respond_not_mined(exchange, status, &error);
    }
    return bc__http_respond_text(exchange, MHD_HTTP_OK, &text);
}

/* ---- POST /transactions/new ----------------------------------------------------------------- */

static enum MHD_Result respond_accepted(bc__http_exchange *exchange)
{
    uint64_t height = 0;
    char message[64];
    bc_error error = {0, 0, ""};
    bc_status status = bc_chain_tip(exchange->server->chain, &height, NULL, NULL);

    if (status != BC_OK) {
        return bc__http_respond_failure(exchange, status, &error);
    }
    /* The tutorial counts from 1, and it is the block behind the tip. */
    (void)snprintf(message, sizeof message, "Transaction will be added to Block %llu",
                   (unsigned long long)height + 2);
    return bc__http_respond_json(exchange, MHD_HTTP_CREATED,
                                 json_pack("{s:s}", "message", message));
}

static enum MHD_Result answer_record(bc__http_exchange *exchange)
{
    bc_chain *chain = exchange->server->chain;
    bc_error error = {0, 0, ""};
    bc_tx *tx = NULL;
    uint32_t verdict = BC_VERDICT_NONE;
    uint32_t reason = BC_REASON_NONE;
    char sentence[128];
    const char *json = exchange->body == NULL ? "" : (const char *)exchange->body;
    bc_status status = bc_tx_from_json(&tx, bc_chain_params(chain), json, exchange->length, &error);

    if (status == BC_OK) {
        status = bc_chain_submit_tx(chain, &verdict, &reason, tx, &error);
    }
    bc_tx_unref(tx);
    if (status != BC_OK) {
        return bc__http_respond_failure(exchange, status, &error);
    }
    if (verdict == BC_VERDICT_ACCEPTED || verdict == BC_VERDICT_KNOWN) {
        return respond_accepted(exchange);
    }
    if (reason == BC_REASON_MEMPOOL_FULL) {
        return bc__http_respond_error(exchange, MHD_HTTP_SERVICE_UNAVAILABLE,
                                      "there is no room for another waiting transaction until a "
                                      "block is mined");
    }
    (void)snprintf(sentence, sizeof sentence, "the transaction is %s: %s", bc_verdict_name(verdict),
                   bc_reason_name(reason));
    return bc__http_respond_error(exchange, MHD_HTTP_BAD_REQUEST, sentence);
}

static enum MHD_Result answer_transaction(bc__http_exchange *exchange)
{
    return exchange->server->has_accounts ? bc__http_answer_signed(exchange)
                                          : answer_record(exchange);
}

/* ---- GET /chain, POST /bc/1/METHOD ---------------------------------------------------------- */

static enum MHD_Result serve(bc__http_exchange *exchange, const char *method, const char *media)
{
    bc_error error = {0, 0, ""};
    bc_answer *answer = NULL;
    bc_status status = bc_chain_serve(exchange->server->chain, &answer, NULL, method,
                                      exchange->body, exchange->length, &error);

    if (status != BC_OK) {
        return bc__http_respond_failure(exchange, status, &error);
    }
    return bc__http_respond_answer(exchange, answer, media, NULL);
}

static enum MHD_Result answer_chain(bc__http_exchange *exchange)
{
    return exchange->server->has_accounts ? bc__http_answer_page(exchange)
                                          : serve(exchange, "chain", "application/json");
}

static const char methods_path[] = "/bc/1/";

static enum MHD_Result answer_method(bc__http_exchange *exchange)
{
    return serve(exchange, exchange->path + strlen(methods_path), "application/octet-stream");
}

/* The first whose path fits is taken. */
const bc__http_route bc__http_routes[] = {
    {"/mine", "GET", NULL, false, true, answer_mine},
    {"/transactions/new", "POST", "application/json", false, true, answer_transaction},
    {"/transactions/", "GET, HEAD", NULL, true, false, bc__http_answer_find},
    {"/chain", "GET, HEAD", NULL, false, false, answer_chain},
    {"/nodes/register", "POST", "application/json", false, true, bc__http_answer_register},
    {"/nodes/resolve", "GET", NULL, false, true, bc__http_answer_resolve},
    {"/status", "GET, HEAD", NULL, false, false, bc__http_answer_status},
    {"/blocks", "POST", "application/json", false, true, bc__http_answer_submit},
    {"/blocks/", "GET, HEAD", NULL, true, false, bc__http_answer_block},
    {"/accounts/", "GET, HEAD", NULL, true, false, bc__http_answer_account},
    {"/proofs/", "GET, HEAD", NULL, true, false, bc__http_answer_proof},
    /* What peers ask of each other to agree changes nothing here; a method added later might. */
    {"/bc/1/hello", "POST", "application/octet-stream", false, false, answer_method},
    {"/bc/1/headers", "POST", "application/octet-stream", false, false, answer_method},
    {"/bc/1/blocks", "POST", "application/octet-stream", false, false, answer_method},
    {methods_path, "POST", "application/octet-stream", true, true, answer_method},
};
const size_t bc__http_route_count = sizeof bc__http_routes / sizeof bc__http_routes[0];
