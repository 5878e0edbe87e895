#include "test/support/bench_ledger.h"

#include <stdio.h>
#include <string.h>

enum {
    SPACING_US = 1000000,
    JITTER_US = 700000,     /* so that the difficulty moves from block to block */
    ATTEMPTS_MOST = 100000, /* where two are expected */
};

bc_params *bench_ledger_params(bool asert, const bc_allocator *allocator)
{
    char json[512];
    bc_error error = {0};
    bc_params *params;
    int length = snprintf(json, sizeof json,
                          "{\"rules\":\"ledger\",\"version\":1,\"name\":\"bench\",\"time\":0,"
                          "\"sealing\":\"work\",\"difficulty\":\"%s\",\"bits\":%d,\"limit\":%d,%s"
                          "\"initial\":0,\"halving\":1,\"allocations\":[]}",
                          asert ? "asert" : "fixed", 0x207fffff, 0x2100ffff,
                          asert ? "\"spacing\":1000,\"half_life\":600000," : "");
    if (bc_params_parse(&params, json, (size_t)length, allocator, &error) != BC_OK) {
        (void)bench_complain("bc_params_parse", &error);
    }
    return params;
}

static void append_header(bench_maker *maker)
{
    const bc_block *block = maker->tip;
    bc__lineage *lineage = &maker->lineage;
    uint8_t leaf[BC_ID_BYTES];
    bc__traits traits;
    maker->params->rules->read_traits(maker->params, &traits);
    bc__merkle_leaf(leaf, block->bytes.data, traits.header_bytes);
    maker->completed_count = bc__merkle_completed_by(maker->history.size);
    (void)bc__merkle_append(&maker->history, leaf, maker->completed);
    if (lineage->count < maker->ancestors) {
        lineage->count++;
    }
    memmove(&lineage->ancestors[1], &lineage->ancestors[0],
            (lineage->count - 1) * sizeof *lineage->ancestors);
    lineage->ancestors[0] =
        (bc__ancestor){.time = block->time, .nonce = block->nonce, .bits = block->bits};
    lineage->height = maker->history.size - 1;
}

bool bench_maker_init(bench_maker *maker, bc_params *params)
{
    bc_error error = {0};
    bc__traits traits;
    *maker = (bench_maker){.params = params};
    params->rules->read_traits(params, &traits);
    maker->ancestors = traits.ancestors;
    if (params->rules->make_genesis(&maker->tip, params, 0, &error) != BC_OK) {
        return bench_complain("genesis", &error);
    }
    append_header(maker);
    return true;
}

void bench_maker_free(bench_maker *maker)
{
    bc_block_unref(maker->tip);
    maker->tip = NULL;
}

bool bench_maker_next(bench_maker *maker, bc_tx *const *txs, size_t count)
{
    const bc__rules *rules = maker->params->rules;
    bc_error error = {0};
    bc_block *next;
    uint64_t nonce = 0;
    /* The last byte of an id, for the first is below its target. */
    maker->lineage.now = (int64_t)maker->history.size * SPACING_US +
                         maker->tip->id[BC_ID_BYTES - 1] * (JITTER_US / UINT8_MAX);
    bc__template work = {
        .parent = maker->tip,
        .height = maker->lineage.height + 1,
        .txs = txs,
        .tx_count = count,
        .lineage = &maker->lineage,
    };
    bc__merkle_root(&maker->history, work.history_root);
    if (rules->prepare_template(maker->params, &work, &error) != BC_OK ||
        !rules->search(maker->params, &work, 0, ATTEMPTS_MOST, &nonce) ||
        rules->seal(&next, maker->params, &work, nonce, 0, &error) != BC_OK) {
        return bench_complain("making a block", &error);
    }
    bc_block_unref(maker->tip);
    maker->tip = next;
    append_header(maker);
    return true;
}
