#include "src/chain/state.h"

#include "src/base/error.h"
#include "src/chain/engine.h"

/* What a host's check_block may ask. */
struct bc_state {
    bc__account_plan *plan;
};

bc_status bc_state_account(const bc_state *state, uint64_t *balance, uint64_t *nonce,
                           const uint8_t key[32], bc_error *error)
{
    bc__account account = {0, 0};
    bc_status status = state == NULL || key == NULL
                           ? bc__fail_null(error, state == NULL ? "state" : "key")
                           : bc__account_plan_before(state->plan, &account, key, error);
    if (balance != NULL) {
        *balance = account.balance;
    }
    if (nonce != NULL) {
        *nonce = account.nonce;
    }
    return status;
}

/* The host's own rules about a block, the last check. */
static bc_status ask_host(bc__engine *engine, bc__account_plan *plan, const bc_block *block,
                          uint64_t height, uint32_t *reason, bc_error *error)
{
    const bc_host_rules *host = &engine->settings.host_rules;
    if (host->check_block == NULL) {
        return BC_OK;
    }
    const bc_state state = {plan};
    bc_error why = BC_ERROR_INIT;
    bc_status status = host->check_block(host->context, block, height, &state, &why);
    if (status == BC_OK) {
        return BC_OK;
    }
    why.message[sizeof why.message - 1] = '\0';
    const char *words = why.message[0] != '\0' ? why.message : bc_status_name(status);
    int32_t host_code = why.host_code != 0 ? why.host_code : status;
    if (status == BC_ERR_FORMAT) {
        (void)bc__fail_host(error, BC_OK, host_code, "the host's rules refuse the block: %.200s",
                            words);
        *reason = BC_REASON_HOST_BLOCK;
        return BC_OK;
    }
    return bc__fail_host(error, status < 0 ? status : BC_ERR_HOST, host_code,
                         "the host's check_block failed: %.180s", words);
}

bc_status bc__state_connect(bc__engine *engine, bc__account_plan *plan, const bc_block *block,
                            uint64_t height, uint32_t *reason, bc_error *error)
{
    bc__bytes delta;
    bc__account_view view = bc__account_plan_view(plan);
    bc__bytes_init(&delta, bc__engine_heap(engine), SIZE_MAX);
    *reason = BC_REASON_NONE;
    bc__account_plan_begin_block(plan);
    bc_status status =
        bc__engine_rules(engine)->apply(engine->params, block, height, &view, reason, error);
    if (status == BC_OK && *reason == BC_REASON_NONE) {
        status = ask_host(engine, plan, block, height, reason, error);
    }
    if (status == BC_OK && *reason == BC_REASON_NONE) {
        status = bc__account_plan_end_block(plan, &delta, error);
    }
    if (status == BC_OK && *reason == BC_REASON_NONE) {
        bc__key key = bc__key_of_id(BC__KEY_DELTA, block->id);
        status = bc__database_put(&engine->database, &key, delta.data, delta.length, error);
    } else {
        bc__account_plan_drop_block(plan);
    }
    bc__bytes_free(&delta);
    return status;
}

static bc_status read_delta(bc__engine *engine, bc__bytes *delta, uint32_t node, bc_error *error)
{
    bc__key key = bc__key_of_id(BC__KEY_DELTA, bc__tree_node(&engine->tree, node)->id);
    delta->length = 0;
    return bc__database_get(&engine->database, &key, delta, error);
}

static bc_status fail_lost(const bc__engine *engine, uint32_t node, bc_error *error)
{
    return bc__fail(error, BC_ERR_DAMAGED, "the store lost what the block at height %u changed",
                    bc__tree_node(&engine->tree, node)->height);
}

static bc_status undo_down_to(bc__engine *engine, bc__account_plan *plan, uint32_t from,
                              uint32_t fork, bc__bytes *delta, bc_error *error)
{
    bc_status status = BC_OK;
    for (uint32_t at = from; status == BC_OK && at != fork;
         at = bc__tree_node(&engine->tree, at)->parent) {
        status = read_delta(engine, delta, at, error);
        if (status == BC_ERR_NOT_FOUND) {
            status = fail_lost(engine, at, error);
        }
        if (status == BC_OK) {
            status = bc__account_plan_undo(plan, delta->data, delta->length, error);
        }
    }
    return status;
}

/* A block of a branch: again from its record, or for the first time from its body. At opening the table
 * may hold rows of two states, and then records alone lead on. */
static bc_status redo(bc__engine *engine, bc__account_plan *plan, uint32_t node, bc__bytes *delta,
                      bc__state_fault *fault, bc_error *error)
{
    bc_error why = BC_ERROR_INIT;
    bc_status status = read_delta(engine, delta, node, &why);
    if (status == BC_OK) {
        return bc__account_plan_redo(plan, delta->data, delta->length, error);
    }
    if (status == BC_ERR_NOT_FOUND && engine->accounts.unsettled) {
        return fail_lost(engine, node, error);
    }
    if (status != BC_ERR_NOT_FOUND) {
        if (error != NULL) {
            *error = why;
        }
        return status;
    }
    bc_block *block;
    uint32_t reason = BC_REASON_NONE;
    status = bc__engine_block(engine, &block, node, error);
    if (status == BC_OK) {
        status = bc__state_connect(engine, plan, block, bc__tree_node(&engine->tree, node)->height,
                                   &reason, error);
        bc_block_unref(block);
    }
    if (status == BC_OK && reason != BC_REASON_NONE) {
        *fault = (bc__state_fault){node, reason};
    }
    if (status == BC_OK && engine->database.pending_bytes >= engine->settings.commit_bytes) {
        status = bc__engine_commit(engine, bc__database_mark(&engine->database), true, error);
    }
    return status;
}

bc_status bc__state_walk(bc__engine *engine, bc__account_plan *plan, uint32_t from, uint32_t to,
                         bc__state_fault *fault, bc_error *error)
{
    bc__bytes delta;
    uint32_t fork = bc__tree_fork(&engine->tree, from, to);
    *fault = (bc__state_fault){BC__NO_NODE, BC_REASON_NONE};
    bc__bytes_init(&delta, bc__engine_heap(engine), SIZE_MAX);
    bc_status status = undo_down_to(engine, plan, from, fork, &delta, error);
    uint64_t height =
        fork == BC__NO_NODE ? 0 : (uint64_t)bc__tree_node(&engine->tree, fork)->height + 1;
    uint64_t top = bc__tree_node(&engine->tree, to)->height;
    bc__path path;
    bc__path_init(&path, to);
    for (; status == BC_OK && fault->node == BC__NO_NODE && height <= top; height++) {
        status =
            redo(engine, plan, bc__path_at(&path, &engine->tree, height), &delta, fault, error);
    }
    bc__bytes_free(&delta);
    return status;
}

bc_status bc__state_settle(bc__engine *engine, bc_error *error)
{
    if (!bc__accounts_flush_due(&engine->accounts)) {
        return BC_OK;
    }
    return bc__state_flush(engine, error);
}

bc_status bc__state_flush(bc__engine *engine, bc_error *error)
{
    const bc__node *tip = bc__tree_node(&engine->tree, bc__tree_tip(&engine->tree));
    bc_status status = bc__engine_commit(engine, bc__database_mark(&engine->database), true, error);
    if (status == BC_OK) {
        status = bc__accounts_flush(&engine->accounts, tip->height, tip->id,
                                    engine->settings.commit_bytes, error);
    }
    return status;
}

static bc_status put_allocation(void *context, const uint8_t key[32], uint64_t amount,
                                bc_error *error)
{
    const bc__account account = {.balance = amount};
    return bc__account_plan_put(context, key, &account, error);
}

bc_status bc__state_allocate(const bc__engine *engine, bc__account_plan *plan, bc_error *error)
{
    return bc__engine_rules(engine)->each_allocation(engine->params, put_allocation, plan, error);
}

/* Where the plan begins: what the table says, or, where it was never written, genesis. */
static bc_status find_beginning(bc__engine *engine, bc__account_plan *plan, uint32_t *from,
                                bc_error *error)
{
    bool found;
    uint64_t height;
    uint8_t id[BC_ID_BYTES];
    const bc__node *tip = bc__tree_node(&engine->tree, bc__tree_tip(&engine->tree));
    bc_status status = bc__accounts_open(&engine->accounts, &found, &height, id, tip->id, error);
    if (status != BC_OK) {
        return status;
    }
    if (!found && tip->height > 0) {
        return bc__fail(error, BC_ERR_DAMAGED,
                        "the store does not say which block its accounts stand behind");
    }
    if (!found) {
        *from = bc__tree_best_at(&engine->tree, 0);
        return bc__state_allocate(engine, plan, error);
    }
    *from = bc__tree_find_at(&engine->tree, id, height);
    return *from != BC__NO_NODE ? BC_OK
                                : bc__fail(error, BC_ERR_DAMAGED,
                                           "the store lacks the block at height %llu, behind which "
                                           "its accounts stand",
                                           (unsigned long long)height);
}

bc_status bc__state_open(bc__engine *engine, bc_error *error)
{
    uint32_t from = BC__NO_NODE;
    bc__account_plan plan;
    bc__state_fault fault = {BC__NO_NODE, BC_REASON_NONE};
    bc__account_plan_init(&plan, &engine->accounts);
    bc_status status = find_beginning(engine, &plan, &from, error);
    if (status == BC_OK) {
        status = bc__state_walk(engine, &plan, from, bc__tree_tip(&engine->tree), &fault, error);
    }
    if (status == BC_OK && fault.node != BC__NO_NODE) {
        status = bc__fail(error, BC_ERR_DAMAGED, "the block at height %u does not hold any more",
                          bc__tree_node(&engine->tree, fault.node)->height);
    }
    if (status == BC_OK) {
        status = bc__account_plan_reserve(&plan, error);
    }
    if (status == BC_OK) {
        bc__account_plan_apply(&plan);
        status = bc__state_settle(engine, error);
    }
    bc__account_plan_free(&plan);
    return status;
}
