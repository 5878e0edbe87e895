/* A long chain of the ledger's rules in a SQLite file. To be run anew for each opening, for the memory
 * that a process has had at most shows only once.
 *
 *     bench_history FILE
 *
 * make HEIGHT     makes the file: every header as a chain would have stored it, but bodies only of
 *                 the blocks that are proved below; seconds
 * open 0          seconds
 * held 0          bytes of memory that the open chain holds, through its allocator
 * peak 0          bytes that it held at most
 * prove COUNT     proves transactions in as many old blocks under the tip's header: seconds a proof,
 *                 the mean
 * full COUNT      the same where the blocks are full
 * largest 0       bytes of the largest proof so far */
#include <bc/sqlite.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/api/handle.h"
#include "src/rules/ledger/ledger.h"
#include "test/support/bench_ledger.h"

enum {
    WRITES_A_COMMIT = 20000,
    BODY_EVERY = 1000, /* blocks, one has a body */
    BODY_TXS = 99,     /* beside the reward */
    FULL_EVERY = 100,  /* bodies, one is full */
    FULL_TXS = 6500,
};

typedef struct counter {
    size_t held;
    size_t peak;
} counter;

typedef struct bench {
    const char *path;
    counter memory;
    bc_params *params;
    bc_chain *chain;
    bc_tx *txs[FULL_TXS];
    uint64_t next; /* body to be proved */
    size_t largest;
} bench;

/* ---- Memory ---- */

/* Its size stands before each piece of memory. */
typedef union prefix {
    size_t size;
    max_align_t alignment;
} prefix;

static void *count_reallocate(void *context, void *memory, size_t size)
{
    counter *counts = context;
    prefix *old = memory == NULL ? NULL : (prefix *)memory - 1;
    size_t before = old == NULL ? 0 : old->size;
    prefix *moved = size > SIZE_MAX - sizeof *moved ? NULL : realloc(old, sizeof *moved + size);
    if (moved == NULL) {
        return NULL;
    }
    moved->size = size;
    counts->held += size; /* while it moves, both are held */
    counts->peak = counts->held > counts->peak ? counts->held : counts->peak;
    counts->held -= before;
    return moved + 1;
}

static void *count_allocate(void *context, size_t size)
{
    return count_reallocate(context, NULL, size);
}

static void count_release(void *context, void *memory)
{
    counter *counts = context;
    prefix *old = (prefix *)memory - 1;
    counts->held -= old->size;
    free(old);
}

/* ---- The file ---- */

static bool open_file(bench *with)
{
    bc_error error = {0};
    bc_store store = BC_STORE_INIT;
    bc_options options = BC_OPTIONS_INIT;
    options.store = &store;
    if (bc_sqlite_store(&store, with->path, NULL, &error) != BC_OK ||
        bc_chain_open(&with->chain, with->params, &options, &error) != BC_OK) {
        return bench_complain(with->path, &error);
    }
    return true;
}

static bool close_file(bench *with)
{
    bc_error error = {0};
    bc_status status = bc_chain_close(with->chain, &error);
    with->chain = NULL;
    return status == BC_OK || bench_complain("bc_chain_close", &error);
}

/* Transactions that no proof looks into: their signatures are nobody's. */
static bool make_txs(bench *with)
{
    bc_error error = {0};
    uint8_t bytes[BC__TX_FIXED_BYTES] = {1, BC_TX_SIGNED};
    bool good = true;
    for (uint32_t at = 0; good && at < FULL_TXS; at++) {
        memcpy(bytes + BC__TX_UNSIGNED_BYTES, &at, sizeof at);
        good = bc_tx_parse(&with->txs[at], with->params, bytes, sizeof bytes, &error) == BC_OK;
    }
    return good || bench_complain("bc_tx_parse", &error);
}

static size_t tx_count_of(uint64_t height)
{
    if (height % BODY_EVERY != 0) {
        return 0;
    }
    return height / BODY_EVERY % FULL_EVERY == 0 ? FULL_TXS : BODY_TXS;
}

static bc_status put_header(bc__database *database, const bench_maker *maker, bc_error *error)
{
    const bc_block *block = maker->tip;
    uint8_t record[BC__HEADER_RECORD_BYTES_MAX];
    bc__header_record header = {
        .height = maker->lineage.height,
        .sequence = maker->lineage.height,
        .time = block->time,
        .has_time = true,
        .has_parent = true,
        .sealed = block->bytes.data,
        .sealed_length = block->sealed_length,
        .nodes = maker->completed[0],
        .node_count = maker->completed_count,
    };
    bc__uint256 work = maker->params->rules->block_work(maker->params, block);
    memcpy(header.parent, block->parent, BC_ID_BYTES);
    bc__uint256_to_bytes(&work, header.work);
    size_t length = bc__header_record_write(record, &header);
    bc__key key = bc__key_of_header(header.height, block->id);
    return bc__database_put(database, &key, record, length, error);
}

/* The body, and the place of its reward, which is what is proved. */
static bc_status put_body(bc__database *database, const bench_maker *maker, bc_error *error)
{
    const bc_block *block = maker->tip;
    uint8_t record[BC__TX_RECORD_BYTES];
    bc__key key = bc__key_of_id(BC__KEY_BODY, block->id);
    bc_status status =
        bc__database_put(database, &key, block->bytes.data, block->bytes.length, error);
    if (status == BC_OK) {
        bc__tx_record_write(record, block->id, 0);
        key = bc__key_of_tx(block->tx_ids[0], maker->lineage.height);
        status = bc__database_put(database, &key, record, sizeof record, error);
    }
    return status;
}

/* The block is the tip, and the accounts are those behind it: there are none. */
static bc_status put_tip(bc__database *database, const bench_maker *maker, bc_error *error)
{
    uint8_t record[BC__TIP_RECORD_BYTES];
    bc__key key = bc__key_of(BC__KEY_TIP);
    bc__tip_record_write(record, maker->lineage.height, maker->tip->id);
    bc_status status = bc__database_put(database, &key, record, sizeof record, error);
    if (status == BC_OK) {
        key = bc__key_of(BC__KEY_ACCOUNTS_AT);
        status = bc__database_put(database, &key, record, sizeof record, error);
    }
    return status == BC_OK ? bc__database_commit(database, error) : status;
}

static bool put_blocks(bench *with, bench_maker *maker, uint64_t height)
{
    bc_error error = {0};
    bc__database *database = &with->chain->engine.database;
    bc_status status = BC_OK;
    while (status == BC_OK && maker->lineage.height < height) {
        size_t tx_count = tx_count_of(maker->lineage.height + 1);
        if (!bench_maker_next(maker, with->txs, tx_count)) {
            return false;
        }
        status = put_header(database, maker, &error);
        if (status == BC_OK && tx_count > 0) {
            status = put_body(database, maker, &error);
        }
        if (status == BC_OK && database->pending_count >= WRITES_A_COMMIT) {
            status = bc__database_commit(database, &error);
        }
    }
    if (status == BC_OK) {
        status = put_tip(database, maker, &error);
    }
    return status == BC_OK || bench_complain("writing blocks", &error);
}

static bool make(void *context, uint64_t height, double *result)
{
    bench *with = context;
    bench_maker maker = {0};
    double start = bench_seconds();
    bool good = open_file(with) && make_txs(with) && bench_maker_init(&maker, with->params) &&
                put_blocks(with, &maker, height);
    bench_maker_free(&maker);
    good = close_file(with) && good;
    *result = bench_seconds() - start;
    return good;
}

/* ---- What is measured ---- */

static bool open_chain(void *context, uint64_t number, double *result)
{
    (void)number;
    double start = bench_seconds();
    bool good = open_file(context);
    *result = bench_seconds() - start;
    return good;
}

static bool held(void *context, uint64_t number, double *result)
{
    const bench *with = context;
    (void)number;
    *result = (double)with->memory.held;
    return true;
}

static bool peak(void *context, uint64_t number, double *result)
{
    const bench *with = context;
    (void)number;
    *result = (double)with->memory.peak;
    return true;
}

/* A reward's nonce is the height, and all else in it is known. */
static void reward_id(uint8_t id[BC_ID_BYTES], uint64_t height)
{
    uint8_t bytes[BC__TX_FIXED_BYTES] = {1, BC_TX_REWARD};
    for (unsigned at = 0; at < 8; at++) {
        bytes[8 + at] = (uint8_t)(height >> (8 * at));
    }
    bc__merkle_leaf(id, bytes, sizeof bytes);
}

static bool prove_one(bench *with, uint64_t height, double *spent)
{
    bc_error error = {0};
    bc_buffer *proof;
    uint8_t id[BC_ID_BYTES];
    reward_id(id, height);
    double start = bench_seconds();
    bc_status status = bc_chain_inclusion_of_record(with->chain, &proof, id, BC_NONE, &error);
    *spent += bench_seconds() - start;
    if (status != BC_OK) {
        return bench_complain("bc_chain_inclusion_of_record", &error);
    }
    size_t size = bc_buffer_length(proof);
    with->largest = size > with->largest ? size : with->largest;
    bc_buffer_unref(proof);
    return true;
}

static bool prove_some(bench *with, uint64_t count, bool is_full, double *result)
{
    double spent = 0;
    uint64_t height = 0;
    (void)bc_chain_tip(with->chain, &height, NULL, NULL);
    uint64_t bodies = (height - 1) / BODY_EVERY; /* below the tip */
    for (uint64_t done = 0; done < count;) {
        uint64_t body = 1 + with->next++ % bodies;
        if ((body % FULL_EVERY == 0) == is_full) {
            if (!prove_one(with, body * BODY_EVERY, &spent)) {
                return false;
            }
            done++;
        }
    }
    *result = spent / (double)count;
    return true;
}

static bool prove(void *context, uint64_t count, double *result)
{
    return prove_some(context, count, false, result);
}

static bool prove_full(void *context, uint64_t count, double *result)
{
    return prove_some(context, count, true, result);
}

static bool largest(void *context, uint64_t number, double *result)
{
    const bench *with = context;
    (void)number;
    *result = (double)with->largest;
    return true;
}

int main(int argc, char **argv)
{
    static const bench_command commands[] = {
        {"make", make},   {"open", open_chain}, {"held", held},      {"peak", peak},
        {"prove", prove}, {"full", prove_full}, {"largest", largest}};
    static bench with;
    bc_allocator allocator = BC_ALLOCATOR_INIT;
    int status = 1;
    if (argc != 2) {
        (void)fprintf(stderr, "usage: bench_history FILE\n");
        return 2;
    }
    with.path = argv[1];
    allocator.context = &with.memory;
    allocator.allocate = count_allocate;
    allocator.reallocate = count_reallocate;
    allocator.release = count_release;
    with.params = bench_ledger_params(true, &allocator);
    if (with.params != NULL) {
        status = bench_obey(commands, sizeof commands / sizeof commands[0], &with);
    }
    (void)bc_chain_close(with.chain, NULL);
    for (size_t at = 0; at < FULL_TXS; at++) {
        bc_tx_unref(with.txs[at]);
    }
    bc_params_unref(with.params);
    return status;
}
