/* Transactions as objects: read, signed, shown. Whether a chain takes one is judged in state.c. */
#include <string.h>

#include "src/base/error.h"
#include "src/block/merkle.h"
#include "src/rules/ledger/ledger.h"

bc_status bc__ledger_parse_tx(bc_tx **out, const bc_params *params, const uint8_t *bytes,
                              size_t length, bc_error *error)
{
    bc__ledger_tx tx;
    size_t used;
    const char *what;
    uint8_t id[BC_ID_BYTES];
    *out = NULL;
    if (length > BC__ENCODING_BYTES_MAX) {
        return bc__fail(error, BC_ERR_LIMIT, "the transaction has %zu bytes; at most %d are read",
                        length, BC__ENCODING_BYTES_MAX);
    }
    if (bc__ledger_tx_read(&tx, &used, &what, bytes, length) != BC__OK) {
        return bc__fail(error, BC_ERR_FORMAT, "the transaction (%zu bytes): %s", length, what);
    }
    if (used != length) {
        return bc__fail(error, BC_ERR_FORMAT,
                        "the transaction ends at byte %zu, and %zu bytes follow it", used,
                        length - used);
    }
    bc__merkle_leaf(id, bytes, length);
    return bc__tx_make(out, bc__params_origin(params), id, bytes, length, error);
}

/* What any chain of the network would refuse, whatever its state. */
static bc_status check_transfer(const bc__ledger *ledger, const bc_transfer *transfer,
                                bool has_recipient, bc_error *error)
{
    uint64_t payload = transfer->payload_length;
    if (payload > ledger->payload_bytes || payload > UINT32_MAX) {
        return bc__fail(error, BC_ERR_LIMIT,
                        "the payload has %llu bytes; this network takes at most %llu",
                        (unsigned long long)payload, (unsigned long long)ledger->payload_bytes);
    }
    uint64_t length = BC__TX_FIXED_BYTES + payload;
    uint64_t frame = BC__HEADER_BYTES + 1 + (ledger->by_authority ? BC__SEAL_BYTES : 0) + 4 +
                     BC__TX_FIXED_BYTES; /* of a block: its sealed header, count and reward */
    if (frame + length > ledger->block_bytes) {
        return bc__fail(error, BC_ERR_LIMIT,
                        "a block with this transaction has at least %llu bytes; this network takes "
                        "at most %llu",
                        (unsigned long long)(frame + length),
                        (unsigned long long)ledger->block_bytes);
    }
    if (!has_recipient && transfer->amount > 0) {
        return bc__fail(error, BC_ERR_FORMAT,
                        "the amount is %llu without a recipient; a transaction for nobody has 0",
                        (unsigned long long)transfer->amount);
    }
    if (transfer->fee > UINT64_MAX - transfer->amount) {
        return bc__fail(error, BC_ERR_FORMAT, "amount %llu and fee %llu together pass 2^64 - 1",
                        (unsigned long long)transfer->amount, (unsigned long long)transfer->fee);
    }
    uint64_t least = ledger->minimum_fee * length; /* at most 2^32 and less than 2^29 */
    if (transfer->fee < least) {
        return bc__fail(error, BC_ERR_FORMAT,
                        "the fee is %llu; this network asks for at least %llu (%llu for each byte)",
                        (unsigned long long)transfer->fee, (unsigned long long)least,
                        (unsigned long long)ledger->minimum_fee);
    }
    if (transfer->nonce == UINT64_MAX) {
        return bc__fail(error, BC_ERR_FORMAT, "the nonce is 2^64 - 1; it must be below that");
    }
    return BC_OK;
}

bc_status bc__ledger_sign_tx(bc_tx **out, const bc_params *params, const bc_transfer *transfer,
                             const bc_key *signer, bc_error *error)
{
    static const uint8_t nobody[BC__PUBLIC_KEY_BYTES] = {0};
    const uint8_t *recipient = transfer->recipient != NULL ? transfer->recipient : nobody;
    uint8_t sender[BC__PUBLIC_KEY_BYTES];
    uint8_t message[BC__MESSAGE_BYTES];
    bc__bytes bytes;
    *out = NULL;
    if (transfer->payload == NULL && transfer->payload_length > 0) {
        return bc__fail(error, BC_ERR_ARGUMENT, "the payload is NULL, and its length %zu",
                        transfer->payload_length);
    }
    bc_status status = check_transfer(bc__ledger_of(params), transfer,
                                      memcmp(recipient, nobody, sizeof nobody) != 0, error);
    if (status != BC_OK) {
        return status;
    }
    bc_key_public(signer, sender);
    const bc__ledger_tx tx = {
        .kind = BC_TX_SIGNED,
        .payload_length = (uint32_t)transfer->payload_length,
        .nonce = transfer->nonce,
        .amount = transfer->amount,
        .fee = transfer->fee,
        .sender = sender,
        .recipient = recipient,
        .payload = transfer->payload,
    };
    bc__bytes_init(&bytes, &params->origin.heap, SIZE_MAX);
    if (bc__ledger_tx_write(&bytes, &tx) != BC__OK) {
        status = bc__fail_memory(error);
        goto done;
    }
    bc__ledger_tx_message(message, params->origin.network_id, bytes.data, bytes.length);
    status = bc__key_sign(signer, bytes.data + bytes.length - BC__SIGNATURE_BYTES, message, error);
    if (status == BC_OK) {
        status = bc__ledger_parse_tx(out, params, bytes.data, bytes.length, error);
    }
done:
    bc__bytes_free(&bytes);
    return status;
}

void bc__ledger_tx_fields(bc_tx_fields *fields, const uint8_t *bytes, size_t length)
{
    bc__ledger_tx tx;
    size_t used;
    const char *what;
    if (bc__ledger_tx_read(&tx, &used, &what, bytes, length) != BC__OK) {
        return; /* not after parse_tx took the bytes */
    }
    fields->kind = tx.kind;
    fields->nonce = tx.nonce;
    fields->amount = tx.amount;
    fields->fee = tx.fee;
    memcpy(fields->sender, tx.sender, sizeof fields->sender);
    memcpy(fields->recipient, tx.recipient, sizeof fields->recipient);
    fields->payload = tx.payload;
    fields->payload_length = tx.payload_length;
}
