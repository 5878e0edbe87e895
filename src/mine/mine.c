/* Mining a block from beginning to end. */
#include <sodium.h>
#include <stdio.h>
#include <time.h>

#include "src/base/error.h"
#include "src/base/thread.h"
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
    uint32_t reason = rules->check_header == NULL
                          ? rules->check_block(work->params, work->template.parent, block, NULL)
                          : rules->check_header(work->params, work->template.lineage, block, NULL);
    /* Where the template's time is ahead of the clock, the chain says when it is time. */
    if (reason != BC_REASON_NONE && reason != BC_REASON_CLOCK) {
        bc_block_unref(block);
        return bc__fail(error, BC_ERR_ARGUMENT, "the nonce %llu does not hold",
                        (unsigned long long)nonce);
    }
    block->maker = work->published->number;
    *out = block;
    return BC_OK;
}

/* Whoever seals never seals twice at one height, also where the first block is on a branch now; and not
 * before it has heard what others, or it itself before a loss, have sealed. */
static bc_status check_signer(bc__engine *engine, const bc_work *work, uint64_t signer,
                              bc_error *error)
{
    if (!engine->traits.names_signers) {
        return BC_OK;
    }
    bc_status status = bc__engine_enter(engine, error);
    if (status != BC_OK) {
        return status;
    }
    status = bc__work_check(work, error);
    if (status == BC_OK && !engine->settings.signer_is_alone && !engine->has_heard) {
        status = bc__fail(error, BC_ERR_NETWORK,
                          "no block has come from elsewhere since opening; a signer that has no "
                          "peers says so with signer_is_alone");
    }
    if (status == BC_OK && bc__equivocations_has(engine, work->template.height, signer)) {
        status = bc__fail(error, BC_ERR_LIMIT,
                          "the signer has sealed another block at height %llu already",
                          (unsigned long long)work->template.height);
    }
    bc__engine_leave(engine);
    return status;
}

/* A slice of a wait, and whether it is to go on; every so many of them the host is asked, too. */
static bc_status pause_a_while(const bc_work *work, uint64_t interrupts, uint64_t *slices,
                               bc_error *error)
{
    enum { SLICE_US = 10000, SLICES_A_REPORT = 10 };
    const struct timespec slice = {0, SLICE_US * 1000L};
    (void)nanosleep(&slice, NULL);
    bc_status status = bc__work_check(work, error);
    if (status == BC_OK && bc__published_interrupts(work->published) != interrupts) {
        return bc__fail(error, BC_ERR_INTERRUPTED, "interrupted before the block was sealed");
    }
    if (status == BC_OK && work->progress != NULL && ++*slices % SLICES_A_REPORT == 0 &&
        work->progress(work->context, 0, 1) != BC_OK) {
        return bc__fail(error, BC_ERR_INTERRUPTED, "the progress function said stop");
    }
    return status;
}

/* Until the block may be sealed, and, out of turn, a random time longer. */
static bc_status wait_turn(const bc_work *work, uint64_t interrupts, bc_error *error)
{
    uint64_t slices = 0;
    int64_t until = work->template.earliest;
    if (work->template.random_delay_most > 0) {
        int64_t now = bc__clock_wall(&work->clock);
        until = (until > now ? until : now) +
                (int64_t)randombytes_uniform((uint32_t)work->template.random_delay_most);
    }
    bc_status status = BC_OK;
    while (status == BC_OK && bc__clock_wall(&work->clock) < until) {
        status = pause_a_while(work, interrupts, &slices, error);
    }
    return status;
}

/* One thread at a time seals with keys: two of them might ask one key for one height. */
static bc_status begin_sealing(bc__engine *engine, const bc_work *work, uint64_t interrupts,
                               bc_error *error)
{
    uintptr_t self = bc__this_thread();
    uintptr_t nobody = 0;
    uint64_t slices = 0;
    bc_status status = BC_OK;
    if (atomic_load(&engine->sealer) == self) {
        return bc__fail(error, BC_ERR_REENTRANT,
                        "a key that was asked to seal a block asked its chain for another one");
    }
    while (status == BC_OK && !atomic_compare_exchange_strong(&engine->sealer, &nobody, self)) {
        nobody = 0;
        status = pause_a_while(work, interrupts, &slices, error);
    }
    return status;
}

/* A block of our own that does not become the tip came too late, or it is invalid: then the next try
 * would be so, too. */
static bc_status judge_outcome(const bc__outcome *outcome, bc_error *error)
{
    switch (outcome->verdict) {
    case BC_VERDICT_ACCEPTED:
        return BC_OK;
    case BC_VERDICT_INVALID:
    case BC_VERDICT_NOT_YET:
    case BC_VERDICT_REFUSED: {
        char why[160];
        (void)snprintf(why, sizeof why, "%.159s", error != NULL ? error->message : "");
        return bc__fail(error, BC_ERR_FORMAT, "the block made here is %s (%s): %s",
                        bc_verdict_name(outcome->verdict), bc_reason_name(outcome->reason), why);
    }
    default:
        return bc__fail(error, BC_ERR_STALE, "the tip has moved");
    }
}

static bc_status submit_own(bc__engine *engine, bc_block *block, bc_error *error)
{
    bc__outcome outcome;
    bc_status status = bc__engine_enter_to_write(engine, error);
    if (status != BC_OK) {
        return status;
    }
    status = bc__engine_submit(engine, &outcome, block, true, error);
    bc__engine_leave(engine);
    return status == BC_OK ? judge_outcome(&outcome, error) : status;
}

static bc_status make_block(bc__engine *engine, bc_block **block, bc_work *work, uint64_t nonce,
                            bc_error *error)
{
    bc_status status = check_signer(engine, work, nonce, error);
    if (status == BC_OK) {
        status = bc__work_block(work, block, nonce, error);
    }
    return status == BC_OK ? submit_own(engine, *block, error) : status;
}

/* Where keys seal: when it is time, and nobody else is at it. */
static bc_status seal_block(bc__engine *engine, bc_block **block, bc_work *work, uint64_t nonce,
                            uint64_t interrupts, bc_error *error)
{
    bc_status status =
        check_signer(engine, work, nonce, error); /* before a long wait for nothing */
    if (status == BC_OK) {
        status = wait_turn(work, interrupts, error);
    }
    if (status == BC_OK) {
        status = begin_sealing(engine, work, interrupts, error);
    }
    if (status == BC_OK) {
        status = make_block(engine, block, work, nonce, error);
        atomic_store(&engine->sealer, 0);
    }
    return status;
}

/* One try on the tip as it is. BC_ERR_STALE where it moved. */
static bc_status mine_once(bc__engine *engine, bc_block **out, const bc_mine_options *options,
                           uint64_t interrupts, bc_error *error)
{
    bc_work *work;
    bc_block *block = NULL;
    uint64_t nonce = 0;
    bool found = false;
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
        status = engine->traits.names_signers
                     ? seal_block(engine, &block, work, nonce, interrupts, error)
                     : make_block(engine, &block, work, nonce, error);
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
