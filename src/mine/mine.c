/* Mining a block from beginning to end. */
#include "src/base/error.h"
#include "src/mine/work.h"

bc_status bc__work_block(bc_work *work, bc_block **out, uint64_t nonce, bc_error *error)
{
    const bc__rules *rules = work->params->rules;
    *out = NULL;
    if (bc__published_closed(work->published)) {
        return bc__fail(error, BC_ERR_CLOSED, "the chain of this work is closed");
    }
    bc_block *block;
    bc_status status = rules->seal(&block, work->params, &work->template, nonce,
                                   bc__clock_wall(&work->clock), error);
    if (status != BC_OK) {
        return status;
    }
    if (rules->check_block(work->params, work->template.parent, block, NULL) != BC_REASON_NONE) {
        bc_block_unref(block);
        return bc__fail(error, BC_ERR_ARGUMENT, "the nonce %llu does not hold",
                        (unsigned long long)nonce);
    }
    block->maker = work->published->number;
    *out = block;
    return BC_OK;
}

/* One try on the tip as it is. BC_ERR_STALE where it moved. */
static bc_status mine_once(bc__engine *engine, bc_block **out, const bc_mine_options *options,
                           uint64_t interrupts, bc_error *error)
{
    bc_work *work;
    bc_block *block = NULL;
    uint64_t nonce;
    bool found;
    bc_status status = bc__work_new(engine, &work, options, error);
    if (status != BC_OK) {
        return status;
    }
    /* All nonces but the last, which no search of ours will ever reach. */
    status = bc__work_search(work, &nonce, &found, 0, UINT64_MAX, interrupts, error);
    if (status == BC_OK && !found) {
        status = bc__fail(error, BC_ERR_LIMIT, "no nonce of 64 bits holds");
    }
    if (status == BC_OK) {
        status = bc__work_block(work, &block, nonce, error);
    }
    if (status == BC_OK) {
        bc__outcome outcome;
        status = bc__engine_enter_to_write(engine, error);
        if (status == BC_OK) {
            status = bc__engine_submit(engine, &outcome, block, true, error);
            bc__engine_leave(engine);
        }
        if (status == BC_OK && outcome.verdict != BC_VERDICT_ACCEPTED) {
            status = bc__fail(error, BC_ERR_STALE, "the tip has moved");
        }
    }
    bc_work_unref(work);
    if (status != BC_OK) {
        bc_block_unref(block);
        block = NULL;
    }
    *out = block;
    return status;
}

bc_status bc__mine(bc__engine *engine, bc_block **out, const bc_mine_options *options,
                   bc_error *error)
{
    uint64_t interrupts = bc__published_interrupts(engine->published);
    bc_error why = BC_ERROR_INIT; /* of a round: one that came too late must not leave its traces */
    bc_status status;
    do {
        status = mine_once(engine, out, options, interrupts, &why);
    } while (status == BC_ERR_STALE);
    if (status != BC_OK && error != NULL) {
        *error = why;
    }
    return status;
}
