/* Headers of the ledger's rules, sealed by work under a difficulty that follows the times of blocks.
 *
 *     bench_headers COUNT      seconds a header, the mean of COUNT that stand one behind the other
 *
 * judge 0     from bytes to a place in the tree of blocks: form, id, median time, difficulty, work
 * hash 0      the SHA-256 of each header and nothing more */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/api/handle.h"
#include "src/rules/ledger/ledger.h"
#include "test/support/bench_ledger.h"

enum { ENCODING_BYTES = BC__HEADER_BYTES + 1 + 4 }; /* without transactions */

typedef struct bench {
    size_t count;
    uint8_t (*encodings)[ENCODING_BYTES];
    bc_params *params;
    bc_chain *chain; /* in whose tree the headers come */
} bench;

static bool judge_one(bench *with, const uint8_t *encoding)
{
    const bc__rules *rules = with->params->rules;
    bc__engine *engine = &with->chain->engine;
    bc_error error = {0};
    bc_block *block;
    bc__lineage lineage;
    if (rules->parse_block(&block, with->params, encoding, ENCODING_BYTES, NULL, &error) != BC_OK) {
        return bench_complain("parse_block", &error);
    }
    uint32_t parent = bc__tree_find(&engine->tree, block->parent);
    bool good = parent != BC__NO_NODE;
    if (good) {
        bc__lineage_of(engine, &lineage, parent, INT64_MAX);
        good = rules->check_header(with->params, &lineage, block, &error) == BC_REASON_NONE &&
               bc__tree_reserve(&engine->tree, 1, lineage.height + 1) == BC__OK;
    }
    if (good) {
        bc__uint256 work = rules->block_work(with->params, block);
        uint32_t node = bc__tree_add(&engine->tree, block->id, parent, &work, 0);
        bc__tree_node(&engine->tree, node)->time = block->time;
        bc__tree_node(&engine->tree, node)->header =
            (bc__header){.nonce = block->nonce, .bits = block->bits};
    }
    bc_block_unref(block);
    return good || bench_complain("a header was refused", &error);
}

/* All but genesis leave the tree again. */
static void clear(bench *with)
{
    bc__tree *tree = &with->chain->engine.tree;
    for (uint32_t node = tree->node_count; node-- > 1;) {
        if ((bc__tree_node(tree, node)->flags & BC__NODE_FREE) == 0) {
            bc__tree_remove(tree, node);
        }
    }
}

static bool judge(void *context, uint64_t number, double *result)
{
    bench *with = context;
    bool good = true;
    (void)number;
    double start = bench_seconds();
    for (size_t at = 0; good && at < with->count; at++) {
        good = judge_one(with, with->encodings[at]);
    }
    *result = (bench_seconds() - start) / (double)with->count;
    clear(with);
    return good;
}

static bool hash(void *context, uint64_t number, double *result)
{
    const bench *with = context;
    uint8_t id[BC_ID_BYTES];
    uint8_t all = 0;
    (void)number;
    double start = bench_seconds();
    for (size_t at = 0; at < with->count; at++) {
        bc__sha256(id, with->encodings[at], BC__HEADER_BYTES);
        all |= id[0];
    }
    *result = (bench_seconds() - start) / (double)with->count;
    return all != 0; /* so that nothing is left out as unused */
}

static bool make_headers(bench *with)
{
    bench_maker maker;
    with->encodings = calloc(with->count, sizeof *with->encodings);
    bool good = with->encodings != NULL && bench_maker_init(&maker, with->params);
    for (size_t at = 0; good && at < with->count; at++) {
        good = bench_maker_next(&maker, NULL, 0);
        if (good) {
            memcpy(with->encodings[at], maker.tip->bytes.data, BC__HEADER_BYTES + 1);
        }
    }
    if (with->encodings != NULL) {
        bench_maker_free(&maker);
    }
    return good;
}

int main(int argc, char **argv)
{
    static const bench_command commands[] = {{"judge", judge}, {"hash", hash}};
    bench with = {.count = argc == 2 ? strtoul(argv[1], NULL, 10) : 0};
    int status = 1;
    bc_error error = {0};
    if (with.count == 0) {
        (void)fprintf(stderr, "usage: bench_headers COUNT\n");
        return 2;
    }
    with.params = bench_ledger_params(true, NULL);
    if (with.params != NULL && make_headers(&with)) {
        if (bc_chain_open(&with.chain, with.params, NULL, &error) == BC_OK) {
            status = bench_obey(commands, sizeof commands / sizeof commands[0], &with);
        } else {
            (void)bench_complain("bc_chain_open", &error);
        }
    }
    (void)bc_chain_close(with.chain, NULL);
    free(with.encodings);
    bc_params_unref(with.params);
    return status;
}
