#include "src/sync/whole_chain.h"

#include <string.h>

#include "src/base/error.h"

/* Levels of JSON around a block: the list, and the object that holds it. */
enum { LIST_LEVEL = 1, OBJECT_LEVEL = 2 };

static bc__json_limits limits_of(const bc_params *params, uint32_t wrapping)
{
    return (bc__json_limits){
        .depth = params->limits.json_depth + wrapping,
        .integer_digits = params->limits.integer_digits,
    };
}

static bc_status fail_text(bc_error *error, int32_t result, size_t offset,
                           const bc__json_error *where)
{
    if (result == BC__ERR_MEMORY) {
        return bc__fail_memory(error);
    }
    return bc__fail(error, result, "the chain's JSON: at byte %zu %s", offset + where->offset,
                    where->what);
}

bc_status bc__whole_chain_open(bc__whole_chain *chain, const bc_params *params, const uint8_t *text,
                               size_t length, bc_error *error)
{
    bc__json_error where;
    size_t start = 0;
    size_t array = length;
    memset(chain, 0, sizeof *chain);
    if (length > params->limits.chain_bytes) {
        return bc__fail(error, BC_ERR_LIMIT, "the chain is over %llu bytes",
                        (unsigned long long)params->limits.chain_bytes);
    }
    while (start < length && (text[start] == ' ' || text[start] == '\n' || text[start] == '\r' ||
                              text[start] == '\t')) {
        start++;
    }
    if (start < length && text[start] == '{') {
        bc__json_limits limits = limits_of(params, OBJECT_LEVEL);
        int32_t result =
            bc__json_find_member(text, length, "chain", &start, &array, &limits, &where);
        if (result != BC__OK) {
            return fail_text(error, result, 0, &where);
        }
        if (array == 0) {
            return bc__fail(error, BC_ERR_FORMAT, "the JSON object has no member \"chain\"");
        }
    } else {
        array = length - start;
    }
    chain->params = params;
    chain->text = text + start;
    chain->length = array;
    chain->start = start;
    int32_t result = bc__json_elements_init(&chain->elements, chain->text, chain->length, &where);
    return result == BC__OK ? BC_OK : fail_text(error, result, start, &where);
}

/* A block that could not be read: is it the text that is broken, or is it good JSON and no block? */
static bc_status explain(bc__whole_chain *chain, bc_status status, const bc_error *why,
                         bc_error *error)
{
    const uint8_t *text = chain->text + chain->elements.offset;
    size_t length = chain->length - chain->elements.offset;
    bc__json_limits limits = limits_of(chain->params, 0);
    bc__json_error where;
    size_t used;
    if (status == BC_ERR_MEMORY) {
        return bc__fail_memory(error);
    }
    bool good = bc__json_skip(text, length, &used, &limits, &where) == BC__OK;
    chain->bad_block = good && status == BC_ERR_FORMAT;
    chain->too_large = good && status == BC_ERR_LIMIT;
    return bc__fail(error, status, "block %llu of the chain, from byte %zu: %.180s",
                    (unsigned long long)chain->position, chain->start + chain->elements.offset,
                    why->message);
}

bc_status bc__whole_chain_next(bc__whole_chain *chain, bc_block **block, bc_error *error)
{
    bc__json_error where;
    bc_error why = {0};
    bool found;
    *block = NULL;
    int32_t result = bc__json_elements_next(&chain->elements, chain->used, &found, &where);
    if (result != BC__OK) {
        return fail_text(error, result, chain->start, &where);
    }
    if (!found) {
        return BC_OK;
    }
    bc_status status = chain->params->rules->parse_block(
        block, chain->params, chain->text + chain->elements.offset,
        chain->length - chain->elements.offset, &chain->used, &why);
    if (status != BC_OK) {
        return explain(chain, status, &why, error);
    }
    chain->position++;
    return BC_OK;
}

bc_status bc__whole_chain_feed(void *context, bc_block **block, bc_error *error)
{
    return bc__whole_chain_next(context, block, error);
}

bc_status bc__whole_chain_count(const bc_params *params, uint64_t *count, const uint8_t *text,
                                size_t length, bc_error *error)
{
    bc__whole_chain chain;
    bc__json_error where;
    bc__json_limits limits = limits_of(params, 0);
    bool found = true;
    *count = 0;
    bc_status status = bc__whole_chain_open(&chain, params, text, length, error);
    while (status == BC_OK) {
        int32_t result = bc__json_elements_next(&chain.elements, chain.used, &found, &where);
        if (result == BC__OK && found) {
            result =
                bc__json_skip(chain.text + chain.elements.offset,
                              chain.length - chain.elements.offset, &chain.used, &limits, &where);
            where.offset += chain.elements.offset;
        }
        if (result != BC__OK) {
            return fail_text(error, result, chain.start, &where);
        }
        if (!found) {
            break;
        }
        ++*count;
    }
    return status;
}

static bc_status refuse(bc__whole_result *result, uint32_t reason)
{
    /* Size is a limit of this program; everything else is the network's rules. */
    result->verdict = reason == BC_REASON_SIZE ? BC_VERDICT_REFUSED : BC_VERDICT_INVALID;
    result->reason = reason;
    return BC_OK;
}

static void count_block(const bc_params *params, bc__whole_result *result, const bc_block *block)
{
    bc__uint256 work = params->rules->block_work(params, block);
    result->work = bc__uint256_add(&result->work, &work);
    result->blocks++;
    result->transactions += block->tx_count;
    memcpy(result->tip, block->id, BC_ID_BYTES);
}

bc_status bc__whole_chain_verify(const bc_params *params, bc__whole_result *result,
                                 const uint8_t *text, size_t length, bc__whole_step_fn step,
                                 void *context, bc_error *error)
{
    bc__whole_chain chain;
    bc_block *above = NULL;
    bc_block *block = NULL;
    memset(result, 0, sizeof *result);
    result->verdict = BC_VERDICT_ACCEPTED;
    bc_status status = bc__whole_chain_open(&chain, params, text, length, error);
    while (status == BC_OK) {
        status = bc__whole_chain_next(&chain, &block, error);
        if (status != BC_OK && (chain.bad_block || chain.too_large)) {
            status = refuse(result, chain.bad_block ? BC_REASON_FRAMING : BC_REASON_SIZE);
            break;
        }
        if (status == BC_OK && block == NULL && step != NULL) {
            status = step(context, chain.length, chain.length, error);
        }
        if (status != BC_OK || block == NULL) {
            break;
        }
        bc_error why = {0};
        uint32_t reason = above == NULL ? (uint32_t)BC_REASON_NONE
                                        : params->rules->check_block(params, above, block, &why);
        if (reason != BC_REASON_NONE) {
            (void)bc__fail(error, BC_ERR_FORMAT, "block %llu of the chain: %.200s",
                           (unsigned long long)result->blocks, why.message);
            status = refuse(result, reason);
            break;
        }
        count_block(params, result, block);
        bc_block_unref(above);
        above = block;
        block = NULL;
        if (step != NULL) {
            status = step(context, chain.elements.offset + chain.used, chain.length, error);
        }
    }
    bc_block_unref(block);
    bc_block_unref(above);
    if (status == BC_OK && result->verdict == BC_VERDICT_ACCEPTED && result->blocks == 0) {
        (void)bc__fail(error, BC_ERR_FORMAT, "the chain is empty");
        status = refuse(result, BC_REASON_FRAMING);
    }
    return status;
}
