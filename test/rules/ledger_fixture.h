/* What tests of the ledger's rules share: networks made by hand, keys, transactions, blocks. */
#ifndef BC_TEST_RULES_LEDGER_FIXTURE_H
#define BC_TEST_RULES_LEDGER_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/hex.h"
#include "lib/integers.h"
#include "src/base/error.h"
#include "src/block/merkle.h"
#include "src/rules/ledger/ledger.h"

#define COUNT_OF(array) (sizeof(array) / sizeof(array)[0])

/* Reading, writing and signing alone: what no network is judged by. */
static const bc__rules codec_rules = {
    .name = "ledger",
    .version = 1,
    .capabilities = BC__CAN_IDENTIFY_TX | BC__HAS_HEADERS | BC__HAS_ACCOUNTS,
    .parse_tx = bc__ledger_parse_tx,
    .tx_from_json = bc__ledger_tx_from_json,
    .tx_json = bc__ledger_tx_json,
    .parse_block = bc__ledger_parse_block,
    .block_from_json = bc__ledger_block_from_json,
    .block_json = bc__ledger_block_json,
    .block_tx = bc__ledger_block_tx,
    .is_reward = bc__ledger_is_reward,
    .read_header = bc__ledger_read_header,
    .tx_fields = bc__ledger_tx_fields,
    .sign_tx = bc__ledger_sign_tx,
};

static inline void ledger_params_destroy(bc__origin *origin)
{
    bc_params *params = (bc_params *)origin;
    bc__heap heap = origin->heap;
    bc__heap_release(&heap, params->of.ledger->authorities);
    bc__heap_release(&heap, params->of.ledger->allocations);
    bc__heap_release(&heap, params->of.ledger);
    bc__bytes_free(&params->json);
    bc__heap_release(&heap, params);
}

/* A network sealed by work, with the defaults of the rules, the easiest target, a subsidy of 50 that
 * halves each 1,000 blocks, and the id SHA-256("libbc test network"). A test changes what it likes in
 * params->of.ledger before use. `allocator` may be NULL. */
static inline bc_params *ledger_params(const bc_allocator *allocator)
{
    bc__heap heap;
    assert_int_equal(bc__heap_from_allocator(&heap, allocator, NULL), BC_OK);
    bc_params *params = bc__heap_array(&heap, 1, sizeof *params);
    assert_non_null(params);
    memset(params, 0, sizeof *params);
    assert_int_equal(bc__origin_init(&params->origin, allocator, ledger_params_destroy, NULL),
                     BC_OK);
    params->rules = &codec_rules;
    params->limits = (bc__limits){1024, 1024, 64, 4300};
    memcpy(params->name, "test", 5);
    bc__bytes_init(&params->json, &params->origin.heap, SIZE_MAX);
    assert_int_equal(bc__bytes_append(&params->json, "{}", 3), BC__OK);
    params->json.length = 2;
    bc__sha256(params->origin.network_id, "libbc test network", 18);
    params->of.ledger = bc__heap_array(&heap, 1, sizeof *params->of.ledger);
    assert_non_null(params->of.ledger);
    *params->of.ledger = (bc__ledger){
        .time = 1700000000000,
        .initial = 50,
        .halving = 1000,
        .block_bytes = 1 << 20,
        .payload_bytes = 64 << 10,
        .future_limit = 120000,
        .bits = 0x2100ffff,
        .limit = 0x2100ffff,
    };
    (void)bc__target_from_compact(&params->of.ledger->schedule.limit, 0x2100ffff);
    return params;
}

/* The key whose seed is 32 bytes of that value. */
static inline bc_key *ledger_key(uint8_t number)
{
    uint8_t seed[BC__SEED_BYTES];
    bc_key *key;
    memset(seed, number, sizeof seed);
    assert_int_equal(bc_key_from_seed(&key, seed, NULL, NULL), BC_OK);
    return key;
}

/* Its public key, which is its account; zeros, which is nobody, for 0. */
static inline void ledger_account(uint8_t account[32], uint8_t number)
{
    memset(account, 0, 32);
    if (number > 0) {
        bc_key *key = ledger_key(number);
        bc_key_public(key, account);
        bc_key_unref(key);
    }
}

/* From the account of one key to that of another (0: nobody), with a payload of a terminated text. */
static inline bc_tx *ledger_transfer(const bc_params *params, uint8_t from, uint8_t to,
                                     uint64_t nonce, uint64_t amount, uint64_t fee,
                                     const char *payload)
{
    uint8_t recipient[32];
    bc_tx *tx;
    bc_error error = BC_ERROR_INIT;
    bc_transfer transfer = BC_TRANSFER_INIT;
    ledger_account(recipient, to);
    transfer.nonce = nonce;
    transfer.amount = amount;
    transfer.fee = fee;
    transfer.recipient = recipient;
    transfer.payload = (const uint8_t *)payload;
    transfer.payload_length = strlen(payload);
    bc_key *signer = ledger_key(from);
    if (bc__ledger_sign_tx(&tx, params, &transfer, signer, &error) != BC_OK) {
        fail_msg("%s", error.message);
    }
    bc_key_unref(signer);
    return tx;
}

/* Any transaction, as it is given; missing pointers are 32 zeros, no payload, 64 zeros. */
static inline bc_tx *ledger_tx(const bc_params *params, bc__ledger_tx fields)
{
    static const uint8_t zeros[BC__SIGNATURE_BYTES];
    bc__bytes bytes;
    bc_tx *tx;
    bc_error error = BC_ERROR_INIT;
    bc__bytes_init(&bytes, &params->origin.heap, SIZE_MAX);
    fields.sender = fields.sender != NULL ? fields.sender : zeros;
    fields.recipient = fields.recipient != NULL ? fields.recipient : zeros;
    assert_int_equal(bc__ledger_tx_write(&bytes, &fields), BC__OK);
    if (bc__ledger_parse_tx(&tx, params, bytes.data, bytes.length, &error) != BC_OK) {
        fail_msg("%s", error.message);
    }
    bc__bytes_free(&bytes);
    return tx;
}

static inline bc_tx *ledger_reward(const bc_params *params, uint64_t height, uint64_t amount,
                                   uint8_t to)
{
    uint8_t recipient[32];
    ledger_account(recipient, to);
    return ledger_tx(params, (bc__ledger_tx){.kind = BC_TX_REWARD,
                                             .nonce = height,
                                             .amount = amount,
                                             .recipient = recipient});
}

/* A block to be. All borrowed. */
typedef struct ledger_plan {
    uint64_t height;
    uint64_t time; /* milliseconds */
    uint32_t bits;
    uint64_t nonce;
    const uint8_t *previous;     /* NULL: zeros */
    const uint8_t *history_root; /* NULL: of no headers */
    const bc_key *signer;        /* NULL: no seal */
    bc_tx *const *txs;
    uint32_t tx_count;
} ledger_plan;

/* Appends the encoding, with the content that belongs to it. */
static inline void ledger_write_block(bc__bytes *out, const bc_params *params,
                                      const ledger_plan *plan)
{
    bc__merkle_peaks peaks = {.size = 0};
    bc__ledger_header header = {plan->bits, plan->height, plan->time, {0}, {0}, plan->nonce};
    uint8_t root[BC_ID_BYTES];
    uint8_t history[BC_ID_BYTES];
    uint8_t sealed[BC__SEALED_BYTES_MAX];
    uint8_t count[4];
    for (uint32_t at = 0; at < plan->tx_count; at++) {
        assert_int_equal(bc__merkle_append(&peaks, plan->txs[at]->id, NULL), BC__OK);
    }
    bc__merkle_root(&peaks, root);
    bc__sha256(history, NULL, 0);
    bc__ledger_content(header.content, plan->tx_count, root,
                       plan->history_root != NULL ? plan->history_root : history);
    if (plan->previous != NULL) {
        memcpy(header.previous, plan->previous, BC_ID_BYTES);
    }
    bc__ledger_header_write(sealed, &header);
    sealed[BC__HEADER_BYTES] = plan->signer != NULL ? BC__SEAL_BYTES : 0;
    if (plan->signer != NULL) {
        uint8_t message[BC__MESSAGE_BYTES];
        bc__ledger_seal_message(message, params->origin.network_id, sealed);
        assert_int_equal(bc__key_sign(plan->signer, sealed + BC__HEADER_BYTES + 1, message, NULL),
                         BC_OK);
    }
    assert_int_equal(
        bc__bytes_append(out, sealed, (size_t)BC__HEADER_BYTES + 1 + sealed[BC__HEADER_BYTES]),
        BC__OK);
    bc__put_le(count, plan->tx_count, sizeof count);
    assert_int_equal(bc__bytes_append(out, count, sizeof count), BC__OK);
    for (uint32_t at = 0; at < plan->tx_count; at++) {
        assert_int_equal(bc__bytes_append(out, plan->txs[at]->bytes, plan->txs[at]->length),
                         BC__OK);
    }
}

static inline bc_block *ledger_block(const bc_params *params, const ledger_plan *plan)
{
    bc__bytes bytes;
    bc_block *block;
    bc_error error = BC_ERROR_INIT;
    bc__bytes_init(&bytes, &params->origin.heap, SIZE_MAX);
    ledger_write_block(&bytes, params, plan);
    if (bc__ledger_parse_block(&block, params, bytes.data, bytes.length, NULL, &error) != BC_OK) {
        fail_msg("%s", error.message);
    }
    bc__bytes_free(&bytes);
    return block;
}

/* The call, which names `error`, has that status and a sentence with `part` in it. */
#define FAILS(call, expected, part)                                                                \
    do {                                                                                           \
        bc_error filled = BC_ERROR_INIT;                                                           \
        bc_error *error = &filled;                                                                 \
        assert_int_equal(call, expected);                                                          \
        assert_int_equal(filled.code, expected);                                                   \
        if (strstr(filled.message, part) == NULL) {                                                \
            fail_msg("\"%s\" does not say \"%s\"", filled.message, part);                          \
        }                                                                                          \
    } while (0)

/* The same for a call that hands out what `out` points to. */
#define FAILS_WITHOUT(out, call, expected, part)                                                   \
    do {                                                                                           \
        (out) = (void *)&(out); /* anything but NULL */                                            \
        FAILS(call, expected, part);                                                               \
        assert_null(out);                                                                          \
    } while (0)

#endif
