/* What is handed in one by one: signed transactions and blocks. The answer says what became of it:
 *
 *     {"message": …, "verdict": …, "reason": …, "id": …}
 *
 * with "error" in the place of "message" where it was not taken. */
#include <inttypes.h>
#include <stdio.h>

#include "server.h"

enum { SENTENCE_BYTES = 320 };

typedef struct outcome {
    uint32_t verdict;
    uint32_t reason;
    uint8_t id[BC_ID_BYTES];
} outcome;

static enum MHD_Result respond_outcome(bc__http_exchange *exchange, unsigned status,
                                       const char *text, const outcome *became)
{
    return bc__http_respond_json(
        exchange, status,
        json_pack("{s:o, s:s, s:s, s:o}", status < 300 ? "message" : "error",
                  bc__http_json_string(text), "verdict", bc_verdict_name(became->verdict), "reason",
                  bc_reason_name(became->reason), "id", bc__http_json_id(became->id)));
}

/* What was sent is neither of the two forms. */
static bc_status fail_form(bc_error *error, const char *what)
{
    return bc__http_fail(
        error, BC_ERR_FORMAT, 0,
        "the body is neither the JSON object of a %s nor the lowercase hexadecimal "
        "digits of its encoding",
        what);
}

/* ---- POST /transactions/new ----------------------------------------------------------------- */

static bc_status read_tx(bc_tx **out, bc__http_exchange *exchange, bc_error *error)
{
    const bc_params *params = bc_chain_params(exchange->server->chain);

    *out = NULL;
    if (bc__http_body_is_object(exchange)) {
        return bc_tx_from_json(out, params, (const char *)exchange->body, exchange->length, error);
    }
    return bc__http_decode_body(exchange)
               ? bc_tx_parse(out, params, exchange->body, exchange->length, error)
               : fail_form(error, "transaction");
}

/* The library gives a sentence where the transaction alone is at fault; what it says of the sender's
 * account is told here with the numbers. */
static void explain_tx(char sentence[SENTENCE_BYTES], bc_chain *chain, const bc_tx *tx,
                       const outcome *became, const bc_error *error)
{
    bc_tx_fields fields = BC_TX_FIELDS_INIT;
    uint64_t balance = 0;
    uint64_t next = 0;

    (void)bc_tx_get_fields(tx, &fields);
    (void)bc_chain_account(chain, &balance, NULL, &next, fields.sender, NULL);
    switch (became->reason) {
    case BC_REASON_NONCE:
        (void)snprintf(sentence, SENTENCE_BYTES,
                       "the transaction's nonce is %" PRIu64 ", and the sender's next one is "
                       "%" PRIu64,
                       fields.nonce, next);
        break;
    case BC_REASON_BALANCE:
        (void)snprintf(sentence, SENTENCE_BYTES,
                       "the transaction spends %" PRIu64 " and a fee of %" PRIu64
                       "; with what waits already that is more than the sender's balance of "
                       "%" PRIu64,
                       fields.amount, fields.fee, balance);
        break;
    case BC_REASON_REPLACEMENT:
        (void)snprintf(sentence, SENTENCE_BYTES,
                       "a transaction of this sender with the nonce %" PRIu64
                       " waits already; one in its place must pay a fee at least a tenth higher",
                       fields.nonce);
        break;
    case BC_REASON_SENDER_LIMIT:
        (void)snprintf(sentence, SENTENCE_BYTES,
                       "as many transactions of this sender wait as this node takes");
        break;
    case BC_REASON_MEMPOOL_FULL:
        (void)snprintf(sentence, SENTENCE_BYTES,
                       "there is no room for another waiting transaction that pays so little, "
                       "until a block is mined");
        break;
    default:
        (void)snprintf(sentence, SENTENCE_BYTES, "the transaction is %s: %s",
                       bc_verdict_name(became->verdict),
                       error->message[0] != '\0' ? error->message : bc_reason_name(became->reason));
    }
}

/* Conflict: what would be good at another time or with another fee. */
static unsigned status_of_tx(const outcome *became)
{
    switch (became->reason) {
    case BC_REASON_MEMPOOL_FULL:
        return MHD_HTTP_SERVICE_UNAVAILABLE;
    case BC_REASON_NONCE:
    case BC_REASON_BALANCE:
    case BC_REASON_REPLACEMENT:
    case BC_REASON_SENDER_LIMIT:
        return MHD_HTTP_CONFLICT;
    default:
        return MHD_HTTP_BAD_REQUEST;
    }
}

enum MHD_Result bc__http_answer_signed(bc__http_exchange *exchange)
{
    bc_chain *chain = exchange->server->chain;
    bc_error error = {0, 0, ""};
    outcome became = {BC_VERDICT_NONE, BC_REASON_NONE, {0}};
    char sentence[SENTENCE_BYTES];
    enum MHD_Result result;
    bc_tx *tx;
    bc_status status = read_tx(&tx, exchange, &error);

    if (status == BC_OK) {
        bc_tx_id(tx, became.id);
        status = bc_chain_submit_tx(chain, &became.verdict, &became.reason, tx, &error);
    }
    if (status != BC_OK) {
        result = bc__http_respond_refusal(exchange, status, &error);
    } else if (became.verdict == BC_VERDICT_ACCEPTED) {
        result = respond_outcome(exchange, MHD_HTTP_CREATED,
                                 "The transaction waits for a block to be mined", &became);
    } else if (became.verdict == BC_VERDICT_KNOWN) {
        result = respond_outcome(exchange, MHD_HTTP_OK, "The transaction waits already", &became);
    } else {
        explain_tx(sentence, chain, tx, &became, &error);
        result = respond_outcome(exchange, status_of_tx(&became), sentence, &became);
    }
    bc_tx_unref(tx);
    return result;
}

/* ---- POST /blocks --------------------------------------------------------------------------- */

static bc_status read_block(bc_block **out, bc__http_exchange *exchange, bc_error *error)
{
    const bc_params *params = bc_chain_params(exchange->server->chain);

    *out = NULL;
    if (bc__http_body_is_object(exchange)) {
        return bc_block_from_json(out, params, (const char *)exchange->body, exchange->length,
                                  error);
    }
    return bc__http_decode_body(exchange)
               ? bc_block_parse(out, params, exchange->body, exchange->length, error)
               : fail_form(error, "block");
}

typedef struct answer {
    uint32_t verdict;
    unsigned status;
    const char *text;
} answer;

static const answer answers[] = {
    {BC_VERDICT_ACCEPTED, MHD_HTTP_CREATED, "The block is on the best chain"},
    {BC_VERDICT_BRANCH, MHD_HTTP_CREATED, "The block is kept, on a branch beside the best chain"},
    {BC_VERDICT_KNOWN, MHD_HTTP_OK, "The block is here already"},
    {BC_VERDICT_ORPHAN, MHD_HTTP_ACCEPTED,
     "The block's parent is not known; the block is kept for a while"},
    {BC_VERDICT_NOT_YET, MHD_HTTP_CONFLICT, "the block's time is too far ahead; offer it later"},
    {BC_VERDICT_REFUSED, MHD_HTTP_CONFLICT, "the block is not taken by this node"},
};

static enum MHD_Result respond_judged(bc__http_exchange *exchange, const outcome *became,
                                      const bc_error *error)
{
    char sentence[SENTENCE_BYTES];

    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        if (answers[i].verdict == became->verdict) {
            return respond_outcome(exchange, answers[i].status, answers[i].text, became);
        }
    }
    (void)snprintf(sentence, sizeof sentence, "the block is %s: %s",
                   bc_verdict_name(became->verdict),
                   error->message[0] != '\0' ? error->message : bc_reason_name(became->reason));
    return respond_outcome(exchange, MHD_HTTP_BAD_REQUEST, sentence, became);
}

enum MHD_Result bc__http_answer_submit(bc__http_exchange *exchange)
{
    bc_error error = {0, 0, ""};
    outcome became = {BC_VERDICT_NONE, BC_REASON_NONE, {0}};
    bc_block *block;
    bc_status status = read_block(&block, exchange, &error);

    if (status == BC_OK) {
        bc_block_id(block, became.id);
        status = bc_chain_submit(exchange->server->chain, &became.verdict, &became.reason, block,
                                 &error);
    }
    bc_block_unref(block);
    if (status != BC_OK) {
        return bc__http_respond_refusal(exchange, status, &error);
    }
    return respond_judged(exchange, &became, &error);
}
