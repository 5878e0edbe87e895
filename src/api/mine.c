/* The public functions of mining. */
#include "src/api/handle.h"
#include "src/base/error.h"
#include "src/base/versioned.h"

static bc_status read_options(bc_mine_options *known, const bc_mine_options *options,
                              bc_error *error)
{
    *known = (bc_mine_options)BC_MINE_OPTIONS_INIT;
    return options == NULL
               ? BC_OK
               : bc__versioned_read(known, sizeof *known, options, "bc_mine_options", error);
}

bc_status bc_chain_mine(bc_chain *chain, bc_block **out, const bc_mine_options *options,
                        bc_error *error)
{
    if (out == NULL) {
        return bc__fail_null(error, "out");
    }
    *out = NULL;
    if (chain == NULL) {
        return bc__fail_null(error, "chain");
    }
    bc_mine_options known;
    bc_status status = read_options(&known, options, error);
    if (status == BC_OK) {
        bc__engine_visit(&chain->engine);
        status = bc__mine(&chain->engine, out, &known, error);
        bc__engine_visited(&chain->engine);
        bc__engine_deliver(&chain->engine);
    }
    return status;
}

bc_status bc_chain_work(bc_chain *chain, bc_work **out, const bc_mine_options *options,
                        bc_error *error)
{
    if (out == NULL) {
        return bc__fail_null(error, "out");
    }
    *out = NULL;
    if (chain == NULL) {
        return bc__fail_null(error, "chain");
    }
    bc_mine_options known;
    bc_status status = read_options(&known, options, error);
    if (status == BC_OK && chain->engine.traits.names_signers) {
        status = bc__fail(error, BC_ERR_UNSUPPORTED,
                          "where signers seal, a block is made by bc_chain_mine alone: it must be "
                          "durable before it leaves");
    }
    return status == BC_OK ? bc__work_new(&chain->engine, out, &known, error) : status;
}

bc_status bc_work_search(bc_work *work, uint64_t *nonce, uint32_t *found, uint64_t first,
                         uint64_t count, bc_error *error)
{
    if (work == NULL || nonce == NULL || found == NULL) {
        return bc__fail_null(error, work == NULL ? "work" : nonce == NULL ? "nonce" : "found");
    }
    *nonce = 0;
    *found = 0;
    if (count > 0 && first > UINT64_MAX - (count - 1)) {
        return bc__fail(error, BC_ERR_ARGUMENT, "the range passes 2^64");
    }
    bool holds;
    uint64_t interrupts = bc__published_interrupts(work->published);
    bc_status status = bc__work_search(work, nonce, &holds, first, count, interrupts, error);
    *found = holds ? 1 : 0;
    return status;
}

bc_status bc_work_block(bc_work *work, bc_block **out, uint64_t nonce, bc_error *error)
{
    if (out == NULL) {
        return bc__fail_null(error, "out");
    }
    *out = NULL;
    return work == NULL ? bc__fail_null(error, "work") : bc__work_block(work, out, nonce, error);
}

bc_status bc_work_check(const bc_work *work)
{
    return work == NULL ? BC_ERR_ARGUMENT : bc__work_check(work, NULL);
}
