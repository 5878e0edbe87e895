/* Writes a chain of the article's rules, four zeros, three transactions a block, every proof right.
 * From 100 the article's proofs run into a cycle, so only the first few dozen are searched for.
 *
 *     bench_chain FILE      command: write HEIGHT */
#include <stdio.h>
#include <string.h>

#include "test/support/bench.h"

enum { ZEROS = 4, PROOFS_MAX = 1024, PIECE_BYTES = 65536 };

typedef struct proof_table {
    size_t count;
    uint64_t last[PROOFS_MAX];
    uint64_t next[PROOFS_MAX];
} proof_table;

/* The proof that follows `last`, from the table or, the first time, by the search. */
static bool find_proof(proof_table *table, bc_work *work, uint64_t last, uint64_t *proof)
{
    bc_error error = {0};
    uint32_t found = 0;
    for (size_t at = 0; at < table->count; at++) {
        if (table->last[at] == last) {
            *proof = table->next[at];
            return true;
        }
    }
    if (bc_work_search(work, proof, &found, 0, UINT64_MAX, &error) != BC_OK || found == 0 ||
        table->count == PROOFS_MAX) {
        return bench_complain("bc_work_search", &error);
    }
    table->last[table->count] = last;
    table->next[table->count] = *proof;
    table->count++;
    return true;
}

static bool add_block(bc_chain *chain, proof_table *table, uint64_t *proof)
{
    bc_error error = {0};
    bc_work *work = NULL;
    bc_block *block = NULL;
    uint32_t verdict = BC_VERDICT_NONE;
    bool good = bench_records(chain, 2);
    if (good && bc_chain_work(chain, &work, NULL, &error) != BC_OK) {
        good = bench_complain("bc_chain_work", &error);
    }
    good = good && find_proof(table, work, *proof, proof);
    if (good && (bc_work_block(work, &block, *proof, &error) != BC_OK ||
                 bc_chain_submit(chain, &verdict, NULL, block, &error) != BC_OK ||
                 verdict != BC_VERDICT_ACCEPTED)) {
        good = bench_complain("bc_chain_submit", &error);
    }
    bc_block_unref(block);
    bc_work_unref(work);
    return good;
}

static bool write_answer(bc_chain *chain, const char *path)
{
    static uint8_t piece[PIECE_BYTES];
    bc_error error = {0};
    bc_answer *answer = NULL;
    size_t got = 1;
    FILE *file = fopen(path, "wb");
    bool good = file != NULL;
    if (good && bc_chain_serve(chain, &answer, NULL, "chain", NULL, 0, &error) != BC_OK) {
        good = bench_complain("bc_chain_serve", &error);
    }
    while (good && got > 0) {
        good = bc_answer_read(answer, &got, piece, sizeof piece, &error) == BC_OK &&
               fwrite(piece, 1, got, file) == got;
    }
    bc_answer_unref(answer);
    if (file != NULL && fclose(file) != 0) {
        good = false;
    }
    return good || bench_complain(path, NULL);
}

static bool write_chain(void *context, uint64_t height, double *result)
{
    static proof_table table;
    bc_error error = {0};
    bc_params *params = bench_params(ZEROS);
    bc_chain *chain = NULL;
    bc_block *genesis = NULL;
    uint64_t proof = 0;
    double start = bench_seconds();
    bool good = params != NULL && bc_chain_open(&chain, params, NULL, &error) == BC_OK &&
                bc_chain_block_at(chain, &genesis, 0, &error) == BC_OK &&
                bc_block_nonce(genesis, &proof) == BC_OK;
    for (uint64_t at = 0; good && at < height; at++) {
        good = add_block(chain, &table, &proof);
    }
    good = good && write_answer(chain, context);
    bc_block_unref(genesis);
    (void)bc_chain_close(chain, NULL);
    bc_params_unref(params);
    *result = bench_seconds() - start;
    return good;
}

int main(int argc, char **argv)
{
    static const bench_command commands[] = {{"write", write_chain}};
    if (argc != 2) {
        (void)fprintf(stderr, "usage: bench_chain FILE\n");
        return 2;
    }
    return bench_obey(commands, sizeof commands / sizeof commands[0], argv[1]);
}
