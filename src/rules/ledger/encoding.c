/* Headers and transactions as bytes: fixed places, little-endian, one encoding for one value. */
#include <string.h>

#include "lib/integers.h"
#include "lib/sha256/sha256.h"
#include "src/rules/ledger/ledger.h"

enum { HEADER_VERSION = 1, TX_VERSION = 1 };

static const uint64_t time_bound = (uint64_t)1 << 53; /* milliseconds, not reached */

void bc__ledger_header_write(uint8_t out[BC__HEADER_BYTES], const bc__ledger_header *header)
{
    bc__put_le(out, HEADER_VERSION, 4);
    bc__put_le(out + 4, header->bits, 4);
    bc__put_le(out + 8, header->height, 8);
    bc__put_le(out + 16, header->time, 8);
    memcpy(out + 24, header->previous, BC_ID_BYTES);
    memcpy(out + 56, header->content, BC_ID_BYTES);
    bc__put_le(out + 88, header->nonce, 8);
}

int32_t bc__ledger_header_read(bc__ledger_header *header, const uint8_t in[BC__HEADER_BYTES])
{
    if (bc__get_le(in, 4) != HEADER_VERSION || bc__get_le(in + 16, 8) >= time_bound) {
        return BC__ERR_FORMAT;
    }
    header->bits = (uint32_t)bc__get_le(in + 4, 4);
    header->height = bc__get_le(in + 8, 8);
    header->time = bc__get_le(in + 16, 8);
    memcpy(header->previous, in + 24, BC_ID_BYTES);
    memcpy(header->content, in + 56, BC_ID_BYTES);
    header->nonce = bc__get_le(in + 88, 8);
    return BC__OK;
}

size_t bc__ledger_sealed_length(const uint8_t *bytes, size_t length)
{
    if (length <= BC__HEADER_BYTES) {
        return 0;
    }
    uint8_t seal = bytes[BC__HEADER_BYTES];
    size_t whole = (size_t)BC__HEADER_BYTES + 1 + seal;
    return (seal == 0 || seal == BC__SEAL_BYTES) && whole <= length ? whole : 0;
}

static bool all_zero(const uint8_t *bytes, size_t length)
{
    uint8_t seen = 0;
    for (size_t at = 0; at < length; at++) {
        seen |= bytes[at];
    }
    return seen == 0;
}

/* What the encoder would never have written, in words; NULL where there is nothing. */
static const char *find_fault(const uint8_t *bytes, const bc__ledger_tx *tx)
{
    if (bytes[0] != TX_VERSION) {
        return "its version is not 1";
    }
    if (bytes[1] > BC_TX_SIGNED) {
        return "its kind is neither 0 (a reward) nor 1 (signed)";
    }
    if (bytes[2] != 0 || bytes[3] != 0) {
        return "its reserved bytes, 2 and 3, are not zero";
    }
    if (tx->kind == BC_TX_SIGNED) {
        return NULL;
    }
    if (tx->fee != 0) {
        return "it is a reward with a fee";
    }
    if (!all_zero(tx->sender, BC__PUBLIC_KEY_BYTES)) {
        return "it is a reward with a sender";
    }
    return all_zero(tx->signature, BC__SIGNATURE_BYTES) ? NULL : "it is a reward with a signature";
}

int32_t bc__ledger_tx_read(bc__ledger_tx *tx, size_t *used, const char **what, const uint8_t *bytes,
                           size_t length)
{
    *what = "it is cut short; without its payload it has 160 bytes";
    if (length < BC__TX_FIXED_BYTES) {
        return BC__ERR_FORMAT;
    }
    uint32_t payload_length = (uint32_t)bc__get_le(bytes + 4, 4);
    *what = "its payload and signature are cut short, or the payload's length is wrong";
    if (payload_length > length - BC__TX_FIXED_BYTES) {
        return BC__ERR_FORMAT;
    }
    *tx = (bc__ledger_tx){
        .kind = bytes[1],
        .payload_length = payload_length,
        .nonce = bc__get_le(bytes + 8, 8),
        .amount = bc__get_le(bytes + 16, 8),
        .fee = bc__get_le(bytes + 24, 8),
        .sender = bytes + 32,
        .recipient = bytes + 64,
        .payload = bytes + BC__TX_UNSIGNED_BYTES,
        .signature = bytes + BC__TX_UNSIGNED_BYTES + payload_length,
    };
    *what = find_fault(bytes, tx);
    if (*what != NULL) {
        return BC__ERR_FORMAT;
    }
    *used = (size_t)BC__TX_FIXED_BYTES + payload_length;
    return BC__OK;
}

int32_t bc__ledger_tx_write(bc__bytes *out, const bc__ledger_tx *tx)
{
    uint8_t fixed[BC__TX_UNSIGNED_BYTES] = {TX_VERSION, (uint8_t)tx->kind, 0, 0};
    static const uint8_t unsigned_yet[BC__SIGNATURE_BYTES] = {0};
    int32_t result =
        bc__bytes_reserve(out, (size_t)BC__TX_FIXED_BYTES + (size_t)tx->payload_length);
    if (result != BC__OK) {
        return result;
    }
    bc__put_le(fixed + 4, tx->payload_length, 4);
    bc__put_le(fixed + 8, tx->nonce, 8);
    bc__put_le(fixed + 16, tx->amount, 8);
    bc__put_le(fixed + 24, tx->fee, 8);
    memcpy(fixed + 32, tx->sender, BC__PUBLIC_KEY_BYTES);
    memcpy(fixed + 64, tx->recipient, BC__PUBLIC_KEY_BYTES);
    (void)bc__bytes_append(out, fixed, sizeof fixed); /* the room is reserved */
    (void)bc__bytes_append(out, tx->payload, tx->payload_length);
    (void)bc__bytes_append(out, tx->signature != NULL ? tx->signature : unsigned_yet,
                           BC__SIGNATURE_BYTES);
    return BC__OK;
}

static void hash_for_network(uint8_t out[BC__SHA256_BYTES], const char *purpose,
                             const uint8_t network_id[BC_ID_BYTES], const uint8_t *bytes,
                             size_t length)
{
    bc__sha256_state state;
    bc__sha256_init(&state);
    bc__sha256_update(&state, purpose, strlen(purpose));
    bc__sha256_update(&state, network_id, BC_ID_BYTES);
    bc__sha256_update(&state, bytes, length);
    bc__sha256_final(&state, out);
}

void bc__ledger_tx_message(uint8_t message[BC__MESSAGE_BYTES],
                           const uint8_t network_id[BC_ID_BYTES], const uint8_t *bytes,
                           size_t length)
{
    hash_for_network(message, "libbc ledger transaction 1", network_id, bytes,
                     length - BC__SIGNATURE_BYTES);
}

void bc__ledger_seal_message(uint8_t message[BC__MESSAGE_BYTES],
                             const uint8_t network_id[BC_ID_BYTES],
                             const uint8_t header[BC__HEADER_BYTES])
{
    hash_for_network(message, "libbc ledger seal 1", network_id, header, BC__HEADER_BYTES);
}

void bc__ledger_content(uint8_t content[BC_ID_BYTES], uint32_t tx_count,
                        const uint8_t txs_root[BC_ID_BYTES],
                        const uint8_t history_root[BC_ID_BYTES])
{
    uint8_t bytes[1 + 4 + 2 * BC_ID_BYTES] = {0x02};
    bc__put_le(bytes + 1, tx_count, 4);
    memcpy(bytes + 5, txs_root, BC_ID_BYTES);
    memcpy(bytes + 5 + BC_ID_BYTES, history_root, BC_ID_BYTES);
    bc__sha256(content, bytes, sizeof bytes);
}
