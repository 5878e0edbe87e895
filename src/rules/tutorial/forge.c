/* Blocks of our own: genesis, and what mining found, written straight in canonical form. */
#include "src/rules/tutorial/tutorial.h"

#include <string.h>

#include "lib/hex.h"
#include "src/base/error.h"

enum {
    /* Names, quotes, separators, two integers, a float and a hash; the reward's own names. */
    BLOCK_FRAME_BYTES = 320,
    ESCAPED_BYTES = 6, /* a byte of the recipient where it is escaped, \uXXXX */
    GENESIS_PROOF = 100,
};

/* Collects the first failure, so that a writer needs one check at its end. */
typedef struct writer {
    bc__bytes *out;
    int32_t result;
} writer;

static void write_text(writer *to, const void *text, size_t length)
{
    if (to->result == BC__OK) {
        to->result = bc__bytes_append(to->out, text, length);
    }
}

static void write_literal(writer *to, const char *text)
{
    write_text(to, text, strlen(text));
}

static bc__json_span write_number(writer *to, uint64_t value)
{
    size_t offset = to->out->length;
    if (to->result == BC__OK) {
        to->result = bc__json_append_unsigned(to->out, value);
    }
    return (bc__json_span){offset, to->out->length - offset};
}

/* As Python's time() gives it: seconds, whose digits behind the point are the microseconds. */
static bc__json_span write_time(writer *to, int64_t microseconds)
{
    size_t offset = to->out->length;
    if (to->result == BC__OK) {
        to->result = bc__json_append_double(to->out, (double)microseconds / 1e6);
    }
    return (bc__json_span){offset, to->out->length - offset};
}

static void write_reward(writer *to, const bc__template *work)
{
    write_literal(to, "{\"amount\": 1, \"recipient\": ");
    if (to->result == BC__OK) {
        to->result = bc__json_append_string(to->out, work->recipient, work->recipient_length);
    }
    write_literal(to, ", \"sender\": \"0\"}");
}

static bc__json_span write_previous(writer *to, const bc_params *params, const bc_block *parent)
{
    size_t offset = to->out->length;
    if (parent != NULL) {
        char digits[2 * BC_ID_BYTES];
        bc__hex_encode(digits, parent->id, BC_ID_BYTES);
        write_literal(to, "\"");
        write_text(to, digits, sizeof digits);
        write_literal(to, "\"");
    } else {
        write_literal(to, params->of.tutorial.dialect == BC__TUTORIAL_ARTICLE ? "1" : "\"1\"");
    }
    return (bc__json_span){offset, to->out->length - offset};
}

/* `work` NULL makes genesis. */
static bc_status forge(bc_block **out, const bc_params *params, const bc__template *work,
                       uint64_t nonce, int64_t now, bc_error *error)
{
    bc_block *block;
    *out = NULL;
    bc_status status = bc__block_new(&block, bc__params_origin(params), error);
    if (status != BC_OK) {
        return status;
    }
    bc__json_span spans[BC__TUTORIAL_MEMBERS];
    writer to = {&block->bytes, BC__OK};
    write_literal(&to, "{\"index\": ");
    spans[BC__TUTORIAL_INDEX] = write_number(&to, work == NULL ? 1 : work->height + 1);
    write_literal(&to, ", \"previous_hash\": ");
    spans[BC__TUTORIAL_PREVIOUS_HASH] =
        write_previous(&to, params, work == NULL ? NULL : work->parent);
    write_literal(&to, ", \"proof\": ");
    spans[BC__TUTORIAL_PROOF] = write_number(&to, nonce);
    write_literal(&to, ", \"timestamp\": ");
    spans[BC__TUTORIAL_TIMESTAMP] = write_time(&to, now);
    write_literal(&to, ", \"transactions\": ");
    size_t list = block->bytes.length;
    write_literal(&to, "[");
    if (work != NULL) {
        for (size_t at = 0; at < work->tx_count; at++) {
            write_text(&to, work->txs[at]->bytes, work->txs[at]->length);
            write_literal(&to, ", ");
        }
        write_reward(&to, work);
    }
    write_literal(&to, "]");
    spans[BC__TUTORIAL_TRANSACTIONS] = (bc__json_span){list, block->bytes.length - list};
    write_literal(&to, "}");
    status = to.result == BC__OK ? bc__tutorial_read_members(block, spans, error)
                                 : bc__fail_memory(error);
    if (status == BC_OK && block->bytes.length > params->limits.block_bytes) {
        status = bc__fail(error, BC_ERR_LIMIT, "the block would be over %llu bytes",
                          (unsigned long long)params->limits.block_bytes);
    }
    if (status != BC_OK) {
        bc_block_unref(block);
        return status;
    }
    *out = block;
    return BC_OK;
}

bc_status bc__tutorial_make_genesis(bc_block **out, const bc_params *params, int64_t now,
                                    bc_error *error)
{
    return forge(out, params, NULL, GENESIS_PROOF, now, error);
}

bc_status bc__tutorial_prepare_template(const bc_params *params, bc__template *work,
                                        bc_error *error)
{
    bc__bytes scratch;
    bc__bytes_init(&scratch, &params->origin.heap, SIZE_MAX);
    int32_t result = bc__json_append_string(&scratch, work->recipient, work->recipient_length);
    bc__bytes_free(&scratch);
    if (result == BC__ERR_FORMAT) {
        return bc__fail(error, BC_ERR_ARGUMENT, "the reward's recipient is not UTF-8");
    }
    return result == BC__OK ? BC_OK : bc__fail_memory(error);
}

uint64_t bc__tutorial_template_bytes(const bc_params *params, const bc__template *work)
{
    (void)params;
    uint64_t bytes = BLOCK_FRAME_BYTES;
    for (size_t at = 0; at < work->recipient_length; at++) {
        uint8_t byte = work->recipient[at];
        bool plain = byte >= 0x20 && byte <= 0x7e && byte != '"' && byte != '\\';
        bytes += plain ? 1 : ESCAPED_BYTES;
    }
    return bytes;
}

bc_status bc__tutorial_seal(bc_block **out, const bc_params *params, const bc__template *work,
                            uint64_t nonce, int64_t now, bc_error *error)
{
    return forge(out, params, work, nonce, now, error);
}
