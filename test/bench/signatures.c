/* Verification of Ed25519 signatures of 32-byte messages, each by a key of its own.
 *
 *     bench_signatures THREADS      seconds a signature, the mean of NUMBER, at most 16,384
 *
 * libsodium NUMBER     crypto_sign_verify_detached, one thread
 * rule NUMBER          the pinned rule, with keys that were checked before, one thread
 * block NUMBER         the checks of a block of so many transactions, nothing remembered but the keys,
 *                      on THREADS threads
 * remembered NUMBER    the same with every signature remembered */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/sha256/sha256.h"
#include "src/block/signature.h"
#include "src/chain/signatures.h"
#include "test/support/bench.h"

enum {
    COUNT = 16384,
    MEMORY_BYTES = 8 << 20, /* as by default */
    AT_MESSAGE = 32,
    AT_SIGNATURE = 64,
    TX_BYTES = 128,
};

typedef struct bench {
    uint32_t threads;
    bc_params params;
    uint8_t (*txs)[TX_BYTES]; /* sender, message, signature */
    bc_block *block;          /* of all of them */
} bench;

/* Rules that are nothing but the signature. */
static uint32_t check_tx(const bc_params *params, const uint8_t *bytes, size_t length,
                         uint32_t known, bc_error *error)
{
    (void)params;
    (void)length;
    (void)error;
    return (known & BC__TX_SIGNATURE_IS_CHECKED) != 0 ||
                   bc__signature_verify(bytes, (known & BC__TX_KEY_IS_CHECKED) != 0,
                                        bytes + AT_MESSAGE, bytes + AT_SIGNATURE)
               ? BC_REASON_NONE
               : BC_REASON_SIGNATURE;
}

static bool is_reward(const bc_params *params, const bc_block *block, uint32_t index)
{
    (void)params;
    (void)block;
    (void)index;
    return false;
}

static void tx_fields(bc_tx_fields *fields, const uint8_t *bytes, size_t length)
{
    (void)length;
    memcpy(fields->sender, bytes, sizeof fields->sender);
}

static const bc__rules signature_rules = {
    .name = "signatures",
    .capabilities = BC__HAS_ACCOUNTS,
    .check_tx = check_tx,
    .is_reward = is_reward,
    .tx_fields = tx_fields,
};

static bool knows_key(void *context, uint32_t index, const uint8_t key[32])
{
    (void)context;
    (void)index;
    (void)key;
    return true;
}

static bool libsodium(void *context, uint64_t number, double *result)
{
    const bench *with = context;
    double start = bench_seconds();
    for (uint64_t at = 0; at < number; at++) {
        const uint8_t *tx = with->txs[at % COUNT];
        if (crypto_sign_verify_detached(tx + AT_SIGNATURE, tx + AT_MESSAGE, BC__MESSAGE_BYTES,
                                        tx) != 0) {
            return bench_complain("crypto_sign_verify_detached refused a signature", NULL);
        }
    }
    *result = (bench_seconds() - start) / (double)number;
    return true;
}

static bool rule(void *context, uint64_t number, double *result)
{
    const bench *with = context;
    double start = bench_seconds();
    for (uint64_t at = 0; at < number; at++) {
        const uint8_t *tx = with->txs[at % COUNT];
        if (!bc__signature_verify(tx, true, tx + AT_MESSAGE, tx + AT_SIGNATURE)) {
            return bench_complain("bc__signature_verify refused a signature", NULL);
        }
    }
    *result = (bench_seconds() - start) / (double)number;
    return true;
}

/* The seconds are those of the last of `rounds`. */
static bool check_block(bench *with, uint64_t number, unsigned rounds, double *result)
{
    const bc__tx_checks checks = {.threads = with->threads, .knows_key = knows_key};
    bc__signatures signatures;
    bc__tx_verdict verdict = {0};
    bc_error error = {0};
    bool good = number > 0 && number <= COUNT;
    if (!good || bc__signatures_init(&signatures, &with->params, MEMORY_BYTES, &error) != BC_OK) {
        return bench_complain("a block has 1 to 16,384 transactions", &error);
    }
    with->block->tx_count = (uint32_t)number;
    for (unsigned round = 0; good && round < rounds; round++) {
        double start = bench_seconds();
        good = bc__signatures_check_block(&signatures, &verdict, with->block, &checks, &error) ==
                   BC_OK &&
               verdict.reason == BC_REASON_NONE;
        *result = (bench_seconds() - start) / (double)number;
    }
    bc__signatures_free(&signatures);
    return good || bench_complain("bc__signatures_check_block", &error);
}

static bool block(void *context, uint64_t number, double *result)
{
    return check_block(context, number, 1, result);
}

static bool remembered(void *context, uint64_t number, double *result)
{
    return check_block(context, number, 2, result);
}

static void write_tx(uint8_t tx[TX_BYTES], uint32_t number)
{
    uint8_t seed[BC__SEED_BYTES] = {1};
    memcpy(seed + 1, &number, sizeof number);
    bc__public_key_of_seed(tx, seed);
    bc__sha256(tx + AT_MESSAGE, seed, sizeof seed);
    bc__signature_sign(tx + AT_SIGNATURE, seed, tx + AT_MESSAGE, BC__MESSAGE_BYTES);
}

static bool make_block(bench *with)
{
    bc_block *made;
    if (bc__block_new(&made, &with->params.origin, NULL) != BC_OK) {
        return false;
    }
    with->block = made;
    made->tx_ids = bc__heap_array(&with->params.origin.heap, COUNT, sizeof *made->tx_ids);
    bool good = made->tx_ids != NULL;
    for (uint32_t at = 0; good && at < COUNT; at++) {
        write_tx(with->txs[at], at);
        bc__sha256(made->tx_ids[at], with->txs[at], TX_BYTES);
        good = bc__block_add_place(made, made->bytes.length, TX_BYTES) == BC__OK &&
               bc__bytes_append(&made->bytes, with->txs[at], TX_BYTES) == BC__OK;
    }
    return good;
}

static void no_destroy(bc__origin *origin)
{
    (void)origin;
}

int main(int argc, char **argv)
{
    static const bench_command commands[] = {
        {"libsodium", libsodium}, {"rule", rule}, {"block", block}, {"remembered", remembered}};
    static uint8_t txs[COUNT][TX_BYTES];
    bench with = {.params.rules = &signature_rules, .txs = txs};
    int status = 1;
    if (argc != 2) {
        (void)fprintf(stderr, "usage: bench_signatures THREADS\n");
        return 2;
    }
    with.threads = (uint32_t)strtoul(argv[1], NULL, 10);
    if (sodium_init() >= 0 &&
        bc__origin_init(&with.params.origin, NULL, no_destroy, NULL) == BC_OK &&
        make_block(&with)) {
        status = bench_obey(commands, sizeof commands / sizeof commands[0], &with);
    } else {
        (void)bench_complain("bench_signatures", NULL);
    }
    bc_block_unref(with.block);
    return status;
}
