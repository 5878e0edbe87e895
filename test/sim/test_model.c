/* Random histories against a plain model: blocks in any order on any parent, whole chains good and bad,
 * transactions, mining, reopening; after each step verdict, tip, counts and mempool are those of the
 * model. */
#include <sodium.h>

#include "test/support/engine_fixture.h"
#include "test/support/engine_model.h"
#include "test/support/random.h"
#include "test/support/test_store.h"

enum { STEPS = 2000, NEAR = 14, OFFERED_MOST = 64 };

typedef struct simulation {
    bc_params *params;
    test_store store;
    bc_clock clock;
    int64_t now;
    bc_chain *chain;
    test_random random;
    model *world;
    bc_block **blocks; /* of the model's numbers */
    uint64_t *proofs;
    unsigned salt;
} simulation;

static int64_t tell_time(void *context)
{
    simulation *with = context;
    return with->now += 1000;
}

static void reopen(simulation *with)
{
    bc_options options = BC_OPTIONS_INIT;
    if (with->chain != NULL) {
        fixture_close(with->chain);
    }
    options.clock = &with->clock;
    options.commit_bytes = test_random_below(&with->random, 2) == 0 ? 1 : 4096;
    options.cache_bytes = test_random_below(&with->random, 2) == 0 ? 1 : 0;
    with->chain = fixture_open(with->params, &with->store.outer, &options);
}

/* The article's rule with one zero, by libsodium alone. */
static bool proof_holds(uint64_t last, uint64_t proof)
{
    char text[48];
    uint8_t hash[crypto_hash_sha256_BYTES];
    int length = snprintf(text, sizeof text, "%llu%llu", (unsigned long long)last,
                          (unsigned long long)proof);
    (void)crypto_hash_sha256(hash, (const unsigned char *)text, (unsigned long long)length);
    return hash[0] < 0x10;
}

static size_t below(simulation *with, size_t limit)
{
    return test_random_below(&with->random, limit);
}

/* A block that exists already, mostly one of the last. */
static int some_block(simulation *with)
{
    size_t count = (size_t)with->world->block_count;
    if (below(with, 3) > 0) {
        return with->world
            ->best[with->world->length - 1 -
                   below(with, with->world->length < NEAR ? with->world->length : NEAR)];
    }
    size_t back = below(with, 2) == 0 && count > NEAR ? NEAR : count;
    return (int)(count - 1 - below(with, back));
}

static int add_block(simulation *with, bc_block *block, int parent, uint64_t proof)
{
    int number = with->world->block_count++;
    assert_true(number < MODEL_BLOCKS_MOST);
    with->blocks[number] = block;
    with->proofs[number] = proof;
    with->world->blocks[number].parent = parent;
    with->world->blocks[number].holds =
        parent != NOBODY && proof_holds(with->proofs[parent], proof);
    return number;
}

static int new_block(simulation *with, int parent)
{
    unsigned amounts[MODEL_RECORDS_MOST];
    size_t count = below(with, MODEL_RECORDS_MOST);
    char text[MODEL_RECORDS_MOST * 96] = "";
    size_t used = 0;
    for (size_t at = 0; at < count; at++) {
        amounts[at] = (unsigned)below(with, 5);
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%s", at == 0 ? "" : ", ",
                                 amounts[at] == REWARD ? "{\"amount\": 0, \"sender\": \"0\"}"
                                                       : fixture_record(amounts[at]));
    }
    uint64_t proof = below(with, 100000);
    bool good = below(with, 20) > 0;
    while (parent != NOBODY && proof_holds(with->proofs[parent], proof) != good) {
        proof++;
    }
    bc_block *block = fixture_block(with->params, parent == NOBODY ? NULL : with->blocks[parent],
                                    proof, text, ++with->salt);
    int number = add_block(with, block, parent, proof);
    with->world->blocks[number].record_count = count;
    memcpy(with->world->blocks[number].records, amounts, count * sizeof amounts[0]);
    return number;
}

static const char *name_of(model_verdict verdict)
{
    static const char *const names[] = {"accepted", "branch",  "known",
                                        "orphan",   "invalid", "refused"};
    return names[verdict];
}

static void submit(simulation *with, int number)
{
    uint32_t verdict;
    model_verdict expected = model_submit(with->world, number, false);
    assert_int_equal(bc_chain_submit(with->chain, &verdict, NULL, with->blocks[number], NULL),
                     BC_OK);
    assert_string_equal(bc_verdict_name(verdict), name_of(expected));
}

/* A run of new blocks, submitted in any order. */
static void submit_some(simulation *with)
{
    int numbers[6];
    size_t count = 1 + below(with, 6);
    numbers[0] = new_block(with, some_block(with));
    for (size_t at = 1; at < count; at++) {
        numbers[at] = new_block(with, below(with, 4) == 0 ? some_block(with) : numbers[at - 1]);
    }
    while (count > 0) {
        size_t pick = below(with, 3) == 0 ? below(with, count) : 0;
        submit(with, numbers[pick]);
        memmove(&numbers[pick], &numbers[pick + 1], (count - pick - 1) * sizeof numbers[0]);
        count--;
    }
}

/* The blocks behind one another that end in `block`, back to one that names no parent or, by chance, to
 * one in the middle. */
static size_t ancestry(simulation *with, int block, int *path)
{
    size_t length = 0;
    bool cut = below(with, 3) == 0;
    static int backwards[MODEL_LENGTH_MOST];
    while (block != NOBODY && length < MODEL_LENGTH_MOST) {
        backwards[length++] = block;
        block = with->world->blocks[block].parent;
        if (cut && length > with->world->length && below(with, 4) == 0) {
            break;
        }
    }
    for (size_t at = 0; at < length; at++) {
        path[at] = backwards[length - 1 - at];
    }
    return length;
}

static void submit_chain(simulation *with)
{
    static int path[MODEL_LENGTH_MOST];
    static bc_block *offered[MODEL_LENGTH_MOST];
    bool fresh = with->world->length < OFFERED_MOST && below(with, 4) == 0;
    int end = fresh ? new_block(with, NOBODY) : some_block(with);
    size_t grow = fresh ? with->world->length + below(with, 3) : below(with, 12);
    for (size_t at = 0; at < grow; at++) {
        end = new_block(with, end);
    }
    size_t count = ancestry(with, end, path);
    if (count > 2 && below(with, 10) == 0) { /* one is missing */
        size_t gone = 1 + below(with, count - 2);
        memmove(&path[gone], &path[gone + 1], (count - gone - 1) * sizeof path[0]);
        count--;
    }
    for (size_t at = 0; at < count; at++) {
        offered[at] = with->blocks[path[at]];
    }
    size_t expected_position = 0;
    model_verdict expected = model_submit_chain(with->world, path, count, &expected_position);
    char *text = fixture_chain_text(offered, count);
    uint32_t verdict;
    uint64_t position;
    assert_int_equal(bc_chain_submit_chain(with->chain, &verdict, NULL, &position,
                                           (const uint8_t *)text, strlen(text), NULL),
                     BC_OK);
    free(text);
    assert_string_equal(bc_verdict_name(verdict), name_of(expected));
    if (expected == MODEL_INVALID) {
        assert_int_equal(position, expected_position);
    }
}

static void mine(simulation *with)
{
    model *world = with->world;
    int parent = world->best[world->length - 1];
    bc_block *block;
    uint64_t proof;
    assert_int_equal(bc_chain_mine(with->chain, &block, NULL, NULL), BC_OK);
    assert_int_equal(bc_block_nonce(block, &proof), BC_OK);
    for (uint64_t less = 0; less < proof; less++) {
        assert_false(proof_holds(with->proofs[parent], less));
    }
    int number = add_block(with, block, parent, proof);
    model_block *mined = &world->blocks[number];
    mined->mined = true;
    mined->own_count = world->waiting_count + 1;
    mined->own = calloc(mined->own_count, sizeof mined->own[0]);
    assert_non_null(mined->own);
    for (size_t at = 0; at < world->waiting_count; at++) {
        mined->own[at] = world->waiting[at].amount;
    }
    mined->own[world->waiting_count] = REWARD;
    assert_int_equal(bc_block_tx_count(block), mined->own_count);
    assert_int_equal(model_submit(world, number, true), MODEL_ACCEPTED);
}

static void check(simulation *with, bool whole)
{
    static char expected[65536];
    const model *world = with->world;
    bc_info info = fixture_info(with->chain);
    size_t used = 0;
    expected[0] = '\0';
    for (size_t at = 0; at < world->waiting_count; at++) {
        used += (size_t)snprintf(expected + used, sizeof expected - used, "%s%u",
                                 at == 0 ? "" : " ", world->waiting[at].amount);
        assert_true(used < sizeof expected);
    }
    assert_int_equal(info.height, world->length - 1);
    assert_int_equal(info.blocks, world->stored_count);
    assert_int_equal(info.orphan_count, world->orphan_count);
    assert_true(fixture_is_tip(with->chain, with->blocks[world->best[world->length - 1]]));
    assert_mempool(with->chain, expected);
    for (size_t at = 0; whole && at < world->length; at++) {
        bc_block *got = fixture_at(with->chain, at);
        uint8_t ids[2][BC_ID_BYTES];
        bc_block_id(got, ids[0]);
        bc_block_id(with->blocks[world->best[at]], ids[1]);
        assert_memory_equal(ids[0], ids[1], BC_ID_BYTES);
        bc_block_unref(got);
    }
    if (whole) {
        assert_int_equal(test_store_count(&with->store, 'h'), world->stored_count);
        assert_int_equal(test_store_count(&with->store, 'b'), world->stored_count);
    }
}

static void step(simulation *with)
{
    size_t choice = below(with, 100);
    if (choice < 40) {
        submit_some(with);
    } else if (choice < 55) {
        submit(with, some_block(with));
    } else if (choice < 70) {
        unsigned amount = 1 + (unsigned)below(with, 4);
        fixture_submit_tx(with->chain, with->params, amount);
        model_submit_tx(with->world, amount);
    } else if (choice < 82) {
        mine(with);
    } else if (choice < 96) {
        submit_chain(with);
    } else {
        reopen(with);
        model_reopen(with->world);
    }
}

static void setup(simulation *with, uint64_t round)
{
    memset(with, 0, sizeof *with);
    with->random = test_random_begin();
    with->random.state += round;
    with->params = fixture_params(1, NULL);
    test_store_init(&with->store);
    with->clock = (bc_clock)BC_CLOCK_INIT;
    with->clock.context = with;
    with->clock.wall = tell_time;
    with->clock.monotonic = tell_time;
    with->world = calloc(1, sizeof *with->world);
    with->blocks = calloc(MODEL_BLOCKS_MOST, sizeof(bc_block *));
    with->proofs = calloc(MODEL_BLOCKS_MOST, sizeof(uint64_t));
    assert_true(with->world != NULL && with->blocks != NULL && with->proofs != NULL);
    reopen(with);
    model_begin(with->world, add_block(with, fixture_at(with->chain, 0), NOBODY, 100));
}

static void teardown(simulation *with)
{
    fixture_close(with->chain);
    for (int at = 0; at < with->world->block_count; at++) {
        free(with->world->blocks[at].own);
        bc_block_unref(with->blocks[at]);
    }
    free(with->proofs);
    free(with->blocks);
    free(with->world);
    test_store_free(&with->store);
    bc_params_unref(with->params);
}

static void histories_are_those_of_the_model(void **state)
{
    (void)state;
    enum { STEPS_A_ROUND = 250 };
    size_t rounds = test_random_repeats(STEPS / STEPS_A_ROUND);
    for (size_t round = 0; round < rounds; round++) {
        simulation with;
        setup(&with, round);
        for (size_t at = 0; at < STEPS_A_ROUND; at++) {
            step(&with);
            check(&with, at % 16 == 0);
        }
        check(&with, true);
        reopen(&with);
        model_reopen(with.world);
        check(&with, true);
        assert_true(with.world->length > 20 && with.world->block_count > 200); /* it is a test */
        teardown(&with);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(histories_are_those_of_the_model),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
