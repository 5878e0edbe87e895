/* Transactions alone, the reward of a block, and what a block does to the accounts. The supply bound of
 * the parameters (allocations and all subsidies stay below 2^63) keeps every balance from passing 64
 * bits. */
#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "src/base/error.h"
#include "src/rules/ledger/ledger.h"

void bc__ledger_tx_at(bc__ledger_tx *tx, const bc_block *block, uint32_t index)
{
    assert(index < block->tx_count);
    const bc__tx_place *place = &block->places[index];
    const char *what;
    size_t used;
    int32_t result =
        bc__ledger_tx_read(tx, &used, &what, block->bytes.data + place->offset, place->length);
    assert(result == BC__OK && used == place->length);
    (void)result;
}

bool bc__ledger_is_nobody(const uint8_t recipient[BC__PUBLIC_KEY_BYTES])
{
    static const uint8_t nobody[BC__PUBLIC_KEY_BYTES] = {0};
    return memcmp(recipient, nobody, sizeof nobody) == 0;
}

/* ---- A signed transaction alone ---- */

/* Whether fee < minimum_fee * length, where the product may pass 64 bits. */
static bool fee_is_too_low(uint64_t fee, uint64_t minimum_fee, size_t length)
{
    return minimum_fee > UINT64_MAX / length || fee < minimum_fee * length;
}

static uint32_t check_fields(const bc__ledger *ledger, const bc__ledger_tx *tx, size_t length,
                             bc_error *error)
{
    if (tx->kind != BC_TX_SIGNED) {
        return bc__ledger_refuse(error, BC_REASON_REWARD_PLACE,
                                 "the transaction is a reward, which stands in a block alone");
    }
    if (tx->payload_length > ledger->payload_bytes) {
        return bc__ledger_refuse(error, BC_REASON_PAYLOAD_SIZE,
                                 "the transaction's payload has %" PRIu32
                                 " bytes; the network takes at most %" PRIu64,
                                 tx->payload_length, ledger->payload_bytes);
    }
    if (tx->amount > 0 && bc__ledger_is_nobody(tx->recipient)) {
        return bc__ledger_refuse(error, BC_REASON_RECIPIENT,
                                 "the transaction gives %" PRIu64
                                 " to nobody; without a recipient the amount is 0",
                                 tx->amount);
    }
    if (tx->fee > UINT64_MAX - tx->amount) {
        return bc__ledger_refuse(error, BC_REASON_OVERFLOW,
                                 "the transaction's amount %" PRIu64 " and fee %" PRIu64
                                 " together pass 64 bits",
                                 tx->amount, tx->fee);
    }
    if (fee_is_too_low(tx->fee, ledger->minimum_fee, length)) {
        return bc__ledger_refuse(error, BC_REASON_MINIMUM_FEE,
                                 "the transaction's fee is %" PRIu64
                                 "; for its %zu bytes at least %" PRIu64 " each are due",
                                 tx->fee, length, ledger->minimum_fee);
    }
    return BC_REASON_NONE;
}

uint32_t bc__ledger_check_tx(const bc_params *params, const uint8_t *bytes, size_t length,
                             uint32_t known, bc_error *error)
{
    bc__ledger_tx tx;
    const char *what;
    size_t used;
    if (bc__ledger_tx_read(&tx, &used, &what, bytes, length) != BC__OK || used != length) {
        return bc__ledger_refuse(error, BC_REASON_FRAMING,
                                 "the %zu bytes are no encoding of one transaction", length);
    }
    uint32_t reason = check_fields(bc__ledger_of(params), &tx, length, error);
    if (reason != BC_REASON_NONE || (known & BC__TX_SIGNATURE_IS_CHECKED) != 0) {
        return reason;
    }
    if ((known & BC__TX_KEY_IS_CHECKED) == 0 && !bc__public_key_check(tx.sender)) {
        return bc__ledger_refuse(error, BC_REASON_KEY,
                                 "the transaction's sender is no public key of Ed25519 in the "
                                 "group of prime order");
    }
    uint8_t message[BC__MESSAGE_BYTES];
    bc__ledger_tx_message(message, params->origin.network_id, bytes, length);
    if (!bc__signature_verify(tx.sender, true, message, tx.signature)) {
        return bc__ledger_refuse(
            error, BC_REASON_SIGNATURE,
            "the transaction's signature is not its sender's for this network");
    }
    return BC_REASON_NONE;
}

/* ---- The reward ---- */

/* subsidy + fees; false where that passes 64 bits. */
static bool reward_due(uint64_t *due, const bc__ledger *ledger, const bc_block *block,
                       uint64_t height)
{
    uint64_t sum = bc__ledger_subsidy(ledger, height);
    for (uint32_t at = 1; at < block->tx_count; at++) {
        bc__ledger_tx tx;
        bc__ledger_tx_at(&tx, block, at);
        if (tx.fee > UINT64_MAX - sum) {
            return false;
        }
        sum += tx.fee;
    }
    *due = sum;
    return true;
}

uint32_t bc__ledger_check_reward(const bc_params *params, const bc_block *block, uint64_t height,
                                 bc_error *error)
{
    const bc__ledger *ledger = bc__ledger_of(params);
    bc__ledger_tx reward;
    uint64_t due;
    bc__ledger_tx_at(&reward, block, 0);
    if (reward.nonce != height) {
        return bc__ledger_refuse(error, BC_REASON_REWARD_NONCE,
                                 "the reward's nonce is %" PRIu64
                                 "; it must be the height %" PRIu64,
                                 reward.nonce, height);
    }
    if (reward.payload_length > ledger->payload_bytes) {
        return bc__ledger_refuse(error, BC_REASON_REWARD_PAYLOAD,
                                 "the reward's payload has %" PRIu32
                                 " bytes; the network takes at most %" PRIu64,
                                 reward.payload_length, ledger->payload_bytes);
    }
    if (!reward_due(&due, ledger, block, height)) {
        return bc__ledger_refuse(error, BC_REASON_REWARD_OVERFLOW,
                                 "the block's subsidy and fees together pass 64 bits");
    }
    if (reward.amount != due) {
        return bc__ledger_refuse(error, BC_REASON_REWARD_AMOUNT,
                                 "the reward is %" PRIu64
                                 "; subsidy and fees of this block are %" PRIu64,
                                 reward.amount, due);
    }
    if (reward.amount > 0 && bc__ledger_is_nobody(reward.recipient)) {
        return bc__ledger_refuse(
            error, BC_REASON_REWARD_RECIPIENT,
            "the reward of %" PRIu64 " goes to nobody; without a recipient it is 0", reward.amount);
    }
    return BC_REASON_NONE;
}

/* ---- Accounts ---- */

static bc_status debit(const bc__ledger_tx *tx, uint32_t index, const bc__account_view *accounts,
                       uint32_t *reason, bc_error *error)
{
    bc__account sender;
    bc_status status = accounts->get(accounts->context, &sender, tx->sender, error);
    if (status != BC_OK) {
        return status;
    }
    if (tx->nonce != sender.nonce || tx->nonce == UINT64_MAX) {
        *reason = bc__ledger_refuse(error, BC_REASON_NONCE,
                                    "the nonce of the block's transaction %" PRIu32 " is %" PRIu64
                                    "; its sender's next one is %" PRIu64,
                                    index, tx->nonce, sender.nonce);
        return BC_OK;
    }
    /* No sum: whether it passes 64 bits was check_tx's to say. */
    if (sender.balance < tx->amount || sender.balance - tx->amount < tx->fee) {
        *reason = bc__ledger_refuse(error, BC_REASON_BALANCE,
                                    "the block's transaction %" PRIu32 " costs %" PRIu64
                                    " and a fee of %" PRIu64 "; its sender has %" PRIu64,
                                    index, tx->amount, tx->fee, sender.balance);
        return BC_OK;
    }
    sender.balance -= tx->amount + tx->fee;
    sender.nonce++;
    return accounts->put(accounts->context, tx->sender, &sender, error);
}

/* Reads the account anew, for it may be the one that was debited. An amount of 0 touches none. */
static bc_status credit(const bc__ledger_tx *tx, const bc__account_view *accounts, bc_error *error)
{
    bc__account recipient;
    if (tx->amount == 0) {
        return BC_OK;
    }
    bc_status status = accounts->get(accounts->context, &recipient, tx->recipient, error);
    if (status != BC_OK) {
        return status;
    }
    if (tx->amount > UINT64_MAX - recipient.balance) {
        return bc__fail(error, BC_ERR_DAMAGED,
                        "an account of %" PRIu64 " can't take %" PRIu64
                        " more: the accounts hold more than was ever made",
                        recipient.balance, tx->amount);
    }
    recipient.balance += tx->amount;
    return accounts->put(accounts->context, tx->recipient, &recipient, error);
}

bc_status bc__ledger_apply(const bc_params *params, const bc_block *block, uint64_t height,
                           const bc__account_view *accounts, uint32_t *reason, bc_error *error)
{
    bc_status status = BC_OK;
    bc__ledger_tx tx;
    (void)params;
    (void)height;
    *reason = BC_REASON_NONE;
    for (uint32_t at = 1; at < block->tx_count; at++) {
        bc__ledger_tx_at(&tx, block, at);
        status = debit(&tx, at, accounts, reason, error);
        if (status != BC_OK || *reason != BC_REASON_NONE) {
            return status;
        }
        status = credit(&tx, accounts, error);
        if (status != BC_OK) {
            return status;
        }
    }
    bc__ledger_tx_at(&tx, block, 0);
    return credit(&tx, accounts, error);
}
