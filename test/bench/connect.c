/* Blocks full of transfers under the ledger's rules, from bytes to connected state.
 *
 *     bench_connect THREADS TRANSFERS ACCOUNTS SENDERS [FILE]
 *
 * The chain has so many accounts and lies in memory, or in a SQLite file that is made anew. Each
 * command makes a block of so many transfers, each by the next one of SENDERS accounts, to random
 * ones of all. Accounts are put into the store's table directly, each with a nonce of 1, as those
 * have that sent before: the check of their keys is remembered in their accounts.
 *
 * fresh 0         seconds from the block's bytes to the new tip, no signature remembered
 * remembered 0    the same after all its transfers went through the mempool */
#include <bc/sqlite.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "src/api/handle.h"
#include "test/support/bench_ledger.h"
#include "test/support/random.h"

enum { ROWS_A_COMMIT = 50000, BALANCE = 1000000000 };

typedef struct bench {
    uint32_t threads;
    size_t transfer_count;
    size_t account_count;
    size_t sender_count;
    const char *path; /* NULL: in memory */
    bc_params *params;
    bc_chain *chain;
    bench_maker maker;
    test_random random;
    uint8_t (*accounts)[BC_ID_BYTES]; /* the senders first */
    bc_key **senders;
    uint64_t *nonces;
    size_t next_sender;
    bc_tx **txs;
} bench;

static bool open_chain(bench *with)
{
    bc_error error = {0};
    bc_store store = BC_STORE_INIT;
    bc_options options = BC_OPTIONS_INIT;
    options.threads = with->threads;
    if (with->path != NULL) {
        (void)unlink(with->path);
        if (bc_sqlite_store(&store, with->path, NULL, &error) != BC_OK) {
            return bench_complain("bc_sqlite_store", &error);
        }
        options.store = &store;
    }
    return bc_chain_open(&with->chain, with->params, &options, &error) == BC_OK ||
           bench_complain("bc_chain_open", &error);
}

/* Keys cost time, so accounts that never send have random bytes in the place of one. */
static bool make_accounts(bench *with)
{
    bc_error error = {0};
    with->accounts = calloc(with->account_count, sizeof *with->accounts);
    with->senders = calloc(with->sender_count, sizeof(bc_key *));
    with->nonces = calloc(with->sender_count, sizeof *with->nonces);
    with->txs = calloc(with->transfer_count, sizeof(bc_tx *));
    if (with->accounts == NULL || with->senders == NULL || with->nonces == NULL ||
        with->txs == NULL) {
        return bench_complain("calloc", NULL);
    }
    test_random_fill(&with->random, with->accounts[0],
                     with->account_count * sizeof *with->accounts);
    for (size_t at = 0; at < with->sender_count; at++) {
        if (bc_key_from_seed(&with->senders[at], with->accounts[at], NULL, &error) != BC_OK) {
            return bench_complain("bc_key_from_seed", &error);
        }
        bc_key_public(with->senders[at], with->accounts[at]);
        with->nonces[at] = 1;
    }
    return true;
}

static int by_bytes(const void *left, const void *right)
{
    return memcmp(left, right, BC_ID_BYTES);
}

/* In order of the keys, as a flush of the accounts writes them. */
static bool store_accounts(bench *with)
{
    bc_error error = {0};
    const bc__account account = {.balance = BALANCE, .nonce = 1};
    uint8_t record[BC__ACCOUNT_RECORD_BYTES];
    bc__database *database = &with->chain->engine.database;
    uint8_t(*sorted)[BC_ID_BYTES] = calloc(with->account_count, sizeof *sorted);
    bc_status status = sorted == NULL ? BC_ERR_MEMORY : BC_OK;
    if (status == BC_OK) {
        memcpy(sorted, with->accounts, with->account_count * sizeof *sorted);
        qsort(sorted, with->account_count, sizeof *sorted, by_bytes);
    }
    bc__account_record_write(record, &account);
    for (size_t at = 0; status == BC_OK && at < with->account_count; at++) {
        bc__key key = bc__key_of_id(BC__KEY_ACCOUNT, sorted[at]);
        status = bc__database_put(database, &key, record, sizeof record, &error);
        if (status == BC_OK &&
            (at + 1 == with->account_count || database->pending_count == ROWS_A_COMMIT)) {
            status = bc__database_commit(database, &error);
        }
    }
    free(sorted);
    return status == BC_OK || bench_complain("storing accounts", &error);
}

static bool sign_transfers(bench *with)
{
    bc_error error = {0};
    for (size_t at = 0; at < with->transfer_count; at++) {
        bc_transfer transfer = BC_TRANSFER_INIT;
        size_t sender = with->next_sender++ % with->sender_count;
        transfer.nonce = with->nonces[sender]++;
        transfer.amount = 1;
        transfer.recipient = with->accounts[test_random_below(&with->random, with->account_count)];
        if (bc_tx_sign(&with->txs[at], with->params, &transfer, with->senders[sender], &error) !=
            BC_OK) {
            return bench_complain("bc_tx_sign", &error);
        }
    }
    return true;
}

static void drop_transfers(bench *with)
{
    for (size_t at = 0; at < with->transfer_count; at++) {
        bc_tx_unref(with->txs[at]);
        with->txs[at] = NULL;
    }
}

static bool offer_transfers(bench *with)
{
    bc_error error = {0};
    for (size_t at = 0; at < with->transfer_count; at++) {
        uint32_t verdict;
        if (bc_chain_submit_tx(with->chain, &verdict, NULL, with->txs[at], &error) != BC_OK ||
            verdict != BC_VERDICT_ACCEPTED) {
            return bench_complain("bc_chain_submit_tx", &error);
        }
    }
    return true;
}

static bool connect_block(bench *with, double *result)
{
    bc_error error = {0};
    uint32_t verdict = BC_VERDICT_NONE;
    bc_block *block;
    const bc__bytes *bytes = &with->maker.tip->bytes;
    double start = bench_seconds();
    if (bc_block_parse(&block, with->params, bytes->data, bytes->length, &error) != BC_OK) {
        return bench_complain("bc_block_parse", &error);
    }
    bc_status status = bc_chain_submit(with->chain, &verdict, NULL, block, &error);
    bc_block_unref(block);
    *result = bench_seconds() - start;
    return (status == BC_OK && verdict == BC_VERDICT_ACCEPTED) ||
           bench_complain("bc_chain_submit", &error);
}

static bool fresh(void *context, uint64_t number, double *result)
{
    bench *with = context;
    (void)number;
    bool good = sign_transfers(with) &&
                bench_maker_next(&with->maker, with->txs, with->transfer_count) &&
                connect_block(with, result);
    drop_transfers(with);
    return good;
}

static bool remembered(void *context, uint64_t number, double *result)
{
    bench *with = context;
    (void)number;
    bool good = sign_transfers(with) && offer_transfers(with) &&
                bench_maker_next(&with->maker, with->txs, with->transfer_count) &&
                connect_block(with, result);
    drop_transfers(with);
    return good;
}

static void release(bench *with)
{
    (void)bc_chain_close(with->chain, NULL);
    bench_maker_free(&with->maker);
    for (size_t at = 0; with->senders != NULL && at < with->sender_count; at++) {
        bc_key_unref(with->senders[at]);
    }
    free(with->senders);
    free(with->accounts);
    free(with->nonces);
    free(with->txs);
    bc_params_unref(with->params);
}

int main(int argc, char **argv)
{
    static const bench_command commands[] = {{"fresh", fresh}, {"remembered", remembered}};
    bench with = {.random = test_random_begin()};
    int status = 1;
    if (argc == 5 || argc == 6) {
        with.threads = (uint32_t)strtoul(argv[1], NULL, 10);
        with.transfer_count = strtoul(argv[2], NULL, 10);
        with.account_count = strtoul(argv[3], NULL, 10);
        with.sender_count = strtoul(argv[4], NULL, 10);
        with.path = argc == 6 ? argv[5] : NULL;
    }
    if (with.transfer_count == 0 || with.sender_count == 0 ||
        with.sender_count > with.account_count) {
        (void)fprintf(stderr, "usage: bench_connect THREADS TRANSFERS ACCOUNTS SENDERS [FILE]\n");
        return 2;
    }
    with.params = bench_ledger_params(false, NULL);
    if (with.params != NULL && open_chain(&with) && bench_maker_init(&with.maker, with.params) &&
        make_accounts(&with) && store_accounts(&with)) {
        status = bench_obey(commands, sizeof commands / sizeof commands[0], &with);
    }
    release(&with);
    return status;
}
