/* Blocks of the ledger's rules: what is read out of their bytes, and what is no block at all. */
#include "test/rules/ledger_fixture.h"

#include "test/support/counting_heap.h"
#include "test/support/random.h"
#include "test/support/vector_file.h"

enum { TXS = 3, SEALED = BC__SEALED_BYTES_MAX };

typedef struct world {
    bc_params *params;
    bc_key *signer;
    bc_tx *txs[TXS]; /* of 160, 165 and 160 bytes */
    bc_block *sealed;
    bc_block *unsealed;
} world;

static const uint8_t previous[BC_ID_BYTES] = {1, 2, 3};

static int set_up(void **state)
{
    static world w;
    w.params = ledger_params(NULL);
    w.signer = ledger_key(4);
    w.txs[0] = ledger_reward(w.params, 7, 50, 1);
    w.txs[1] = ledger_transfer(w.params, 1, 2, 0, 10, 3, "hello");
    w.txs[2] = ledger_transfer(w.params, 2, 1, 5, 1, 0, "");
    ledger_plan plan = {
        .height = 7,
        .time = 1700000000123,
        .bits = 2,
        .nonce = 1,
        .previous = previous,
        .signer = w.signer,
        .txs = w.txs,
        .tx_count = TXS,
    };
    w.sealed = ledger_block(w.params, &plan);
    plan.signer = NULL;
    w.unsealed = ledger_block(w.params, &plan);
    *state = &w;
    return 0;
}

static int tear_down(void **state)
{
    world *w = *state;
    bc_block_unref(w->sealed);
    bc_block_unref(w->unsealed);
    for (size_t at = 0; at < TXS; at++) {
        bc_tx_unref(w->txs[at]);
    }
    bc_key_unref(w->signer);
    bc_params_unref(w->params);
    return 0;
}

/* From memory of its own size, so that sanitizers see one byte too far. */
static bc_status parse(bc_block **out, const bc_params *params, const uint8_t *bytes, size_t length,
                       bc_error *error)
{
    uint8_t *copy = malloc(length + (length == 0));
    assert_non_null(copy);
    if (length > 0) {
        memcpy(copy, bytes, length);
    }
    bc_status status = bc_block_parse(out, params, copy, length, error);
    free(copy);
    return status;
}

/* A copy of the bytes of a block, with room for `extra` more; to be freed. */
static uint8_t *copy_of(const bc_block *block, size_t extra)
{
    uint8_t *bytes = calloc(block->bytes.length + extra, 1);
    assert_non_null(bytes);
    memcpy(bytes, block->bytes.data, block->bytes.length);
    return bytes;
}

/* ---- What is read ---------------------------------------------------------------------------- */

static void has_the_ids_and_roots_of_another_implementation(void **state)
{
    world *w = *state;
    static vector_file vectors;
    size_t count;
    size_t seen = 0;
    vector_file_open(&vectors, "test/vectors/ledger_encoding.txt");
    while ((count = vector_file_next(&vectors)) != 0) {
        if (strcmp(vectors.fields[0], "block") != 0) {
            continue;
        }
        assert_int_equal(count, 6);
        size_t length;
        size_t hash_length;
        uint8_t content[BC_ID_BYTES];
        uint8_t *bytes = vector_bytes(vectors.fields[1], &length);
        uint8_t *id = vector_bytes(vectors.fields[2], &hash_length);
        uint8_t *root = vector_bytes(vectors.fields[3], &hash_length);
        uint8_t *history = vector_bytes(vectors.fields[4], &hash_length);
        bc_block *block;
        assert_int_equal(bc_block_parse(&block, w->params, bytes, length, NULL), BC_OK);
        assert_memory_equal(block->id, id, BC_ID_BYTES);
        assert_memory_equal(block->txs_root, root, BC_ID_BYTES);
        bc__ledger_content(content, block->tx_count, root, history);
        assert_memory_equal(block->content, content, BC_ID_BYTES);
        assert_int_equal(block->bytes.length, length);
        assert_memory_equal(block->bytes.data, bytes, length);
        bc_block_unref(block);
        free(history);
        free(root);
        free(id);
        free(bytes);
        seen++;
    }
    assert_int_equal(seen, 13);
}

static void reads_the_header(void **state)
{
    world *w = *state;
    uint8_t parent[BC_ID_BYTES];
    uint8_t id[BC_ID_BYTES];
    int64_t time;
    uint64_t nonce;
    size_t length;
    assert_int_equal(bc_block_parent(w->sealed, parent), BC_OK);
    assert_memory_equal(parent, previous, BC_ID_BYTES);
    assert_int_equal(bc_block_height(w->sealed), 7);
    assert_int_equal(bc_block_time(w->sealed, &time), BC_OK);
    assert_int_equal(time, 1700000000123000);
    assert_int_equal(bc_block_nonce(w->sealed, &nonce), BC_OK);
    assert_int_equal(nonce, 1);
    assert_int_equal(w->sealed->bits, 2);
    assert_memory_equal(w->sealed->content, w->sealed->bytes.data + 56, BC_ID_BYTES);
    assert_ptr_equal(bc_block_header(w->sealed, &length), w->sealed->bytes.data);
    assert_int_equal(length, SEALED);
    assert_ptr_equal(bc_block_header(w->unsealed, &length), w->unsealed->bytes.data);
    assert_int_equal(length, BC__HEADER_BYTES + 1);
    assert_non_null(bc_block_header(w->unsealed, NULL));
    /* the seal is no part of the id */
    bc__sha256(id, w->sealed->bytes.data, BC__HEADER_BYTES);
    assert_memory_equal(w->sealed->id, id, BC_ID_BYTES);
    assert_memory_equal(w->unsealed->id, id, BC_ID_BYTES);
}

static void gives_no_header_where_there_is_none(void **state)
{
    (void)state;
    static const char text[] = "{\"proof\":1}";
    bc_params *params;
    bc_block *block;
    size_t length = 77;
    assert_null(bc_block_header(NULL, &length));
    assert_int_equal(length, 0);
    assert_int_equal(bc_params_preset(&params, "tutorial", NULL, NULL), BC_OK);
    assert_int_equal(bc_block_parse(&block, params, (const uint8_t *)text, sizeof text - 1, NULL),
                     BC_OK);
    length = 77;
    assert_null(bc_block_header(block, &length));
    assert_int_equal(length, 0);
    bc_block_unref(block);
    bc_params_unref(params);
}

static void reads_the_transactions(void **state)
{
    world *w = *state;
    const bc_block *blocks[] = {w->sealed, w->unsealed};
    for (size_t of = 0; of < COUNT_OF(blocks); of++) {
        assert_int_equal(bc_block_tx_count(blocks[of]), TXS);
        for (size_t at = 0; at < TXS; at++) {
            bc_tx *tx;
            assert_int_equal(bc_block_tx(blocks[of], &tx, at, NULL), BC_OK);
            assert_memory_equal(tx->id, w->txs[at]->id, BC_ID_BYTES);
            assert_int_equal(tx->length, w->txs[at]->length);
            assert_memory_equal(tx->bytes, w->txs[at]->bytes, tx->length);
            assert_memory_equal(blocks[of]->tx_ids[at], tx->id, BC_ID_BYTES);
            assert_int_equal(bc__ledger_is_reward(w->params, blocks[of], (uint32_t)at), at == 0);
            bc_tx_unref(tx);
        }
    }
}

static void tells_a_reward_in_any_place(void **state)
{
    world *w = *state;
    bc_tx *const txs[] = {w->txs[1], w->txs[0]};
    bc_block *block = ledger_block(w->params, &(ledger_plan){.txs = txs, .tx_count = 2});
    assert_false(bc__ledger_is_reward(w->params, block, 0));
    assert_true(bc__ledger_is_reward(w->params, block, 1));
    bc_block_unref(block);
}

/* Only height 0 without a previous id is a first block; anything else names its parent. */
static void tells_a_genesis(void **state)
{
    world *w = *state;
    static const uint8_t zeros[BC_ID_BYTES];
    static const struct {
        uint64_t height;
        const uint8_t *previous;
        bool has_parent;
    } cases[] = {
        {0, NULL, false},    {0, previous, true}, {1, NULL, true}, {UINT64_C(1) << 63, NULL, true},
        {1, previous, true},
    };
    for (size_t at = 0; at < COUNT_OF(cases); at++) {
        uint8_t parent[BC_ID_BYTES];
        bc_block *block = ledger_block(
            w->params, &(ledger_plan){.height = cases[at].height, .previous = cases[at].previous});
        assert_int_equal(bc_block_height(block), cases[at].height);
        assert_int_equal(bc_block_parent(block, parent),
                         cases[at].has_parent ? BC_OK : BC_ERR_NOT_FOUND);
        if (cases[at].has_parent) {
            assert_memory_equal(parent, cases[at].previous != NULL ? previous : zeros, BC_ID_BYTES);
        }
        bc_block_unref(block);
    }
}

static void takes_a_block_without_transactions(void **state)
{
    world *w = *state;
    uint8_t nothing[BC_ID_BYTES];
    bc_block *block = ledger_block(w->params, &(ledger_plan){.height = 1});
    bc__sha256(nothing, NULL, 0);
    assert_int_equal(block->bytes.length, BC__HEADER_BYTES + 1 + 4);
    assert_int_equal(bc_block_tx_count(block), 0);
    assert_memory_equal(block->txs_root, nothing, BC_ID_BYTES);
    assert_true(bc__block_memory(block) >= sizeof *block + block->bytes.length);
    bc_block_unref(block);
}

/* The network's own limit is a rule, and judged with the others. */
static void takes_blocks_over_the_networks_limit(void **state)
{
    world *w = *state;
    bc_block *block;
    w->params->of.ledger->block_bytes = w->sealed->bytes.length - 1;
    assert_int_equal(parse(&block, w->params, w->sealed->bytes.data, w->sealed->bytes.length, NULL),
                     BC_OK);
    bc_block_unref(block);
    w->params->of.ledger->block_bytes = 1 << 20;
    uint8_t byte = 0;
    FAILS_WITHOUT(
        block, bc_block_parse(&block, w->params, &byte, (size_t)BC__ENCODING_BYTES_MAX + 1, error),
        BC_ERR_LIMIT, "at most 269484032 are read");
}

static void reads_blocks_one_behind_the_other(void **state)
{
    world *w = *state;
    size_t first = w->sealed->bytes.length;
    size_t second = w->unsealed->bytes.length;
    uint8_t *bytes = copy_of(w->sealed, second);
    memcpy(bytes + first, w->unsealed->bytes.data, second);
    bc_block *block;
    size_t used = 0;
    assert_int_equal(bc__ledger_parse_block(&block, w->params, bytes, first + second, &used, NULL),
                     BC_OK);
    assert_int_equal(used, first);
    assert_int_equal(block->bytes.length, first);
    bc_block_unref(block);
    assert_int_equal(bc__ledger_parse_block(&block, w->params, bytes + first, second, &used, NULL),
                     BC_OK);
    assert_int_equal(used, second);
    bc_block_unref(block);
    FAILS_WITHOUT(block, bc__ledger_parse_block(&block, w->params, bytes, first - 1, &used, error),
                  BC_ERR_FORMAT, "transaction 2 of the block, at byte 490: it is cut short");
    free(bytes);
}

/* ---- Framing --------------------------------------------------------------------------------- */

/* Where each length breaks off says the sentence. */
static void refuses_every_other_length(void **state)
{
    world *w = *state;
    const bc_block *blocks[] = {w->sealed, w->unsealed};
    for (size_t of = 0; of < COUNT_OF(blocks); of++) {
        size_t sealed = blocks[of]->sealed_length;
        size_t whole = blocks[of]->bytes.length;
        uint8_t *bytes = copy_of(blocks[of], 1);
        bc_block *block;
        for (size_t length = 0; length < whole; length++) {
            const char *part = length < BC__HEADER_BYTES + 1   ? "ends in its header, at byte"
                               : length < sealed               ? "ends in its seal, at byte"
                               : length < sealed + 4           ? "ends in its count of transactions"
                               : length < sealed + 4 + 3 * 160 ? "counts 3 transactions of at least"
                                                               : "cut short";
            FAILS_WITHOUT(block, parse(&block, w->params, bytes, length, error), BC_ERR_FORMAT,
                          part);
        }
        FAILS_WITHOUT(block, parse(&block, w->params, bytes, whole + 1, error), BC_ERR_FORMAT,
                      "and 1 bytes follow it");
        free(bytes);
    }
}

static void refuses_what_the_encoder_does_not_write(void **state)
{
    world *w = *state;
    enum { COUNT = SEALED, FIRST = COUNT + 4, SECOND = FIRST + 160 };
    static const struct {
        size_t offset;
        uint8_t value;
        const char *part;
    } cases[] = {
        {0, 0, "the header has version 0"},
        {0, 2, "the header has version 2"},
        {1, 1, "the header has version 257"},
        {3, 0x80, "the header has version 2147483649"},
        {22, 0x20, "a time below 2^53"},
        {23, 1, "a time below 2^53"},
        {BC__HEADER_BYTES, 0, "counts"}, /* the seal's first bytes are taken for the count */
        {BC__HEADER_BYTES, 1, "seal length is 1, neither 0 nor 64"},
        {BC__HEADER_BYTES, 63, "seal length is 63"},
        {BC__HEADER_BYTES, 65, "seal length is 65"},
        {BC__HEADER_BYTES, 255, "seal length is 255"},
        {COUNT, 2, "bytes follow it"},
        {COUNT, 4, "counts 4 transactions"},
        {COUNT + 3, 0xff, "counts 4278190083 transactions of at least 160 bytes, and has 485"},
        {FIRST, 2, "transaction 0 of the block, at byte 165: its version is not 1"},
        {FIRST + 24, 1, "transaction 0 of the block, at byte 165: it is a reward with a fee"},
        {SECOND + 1, 2, "transaction 1 of the block, at byte 325: its kind is neither"},
        {SECOND + 2, 1, "transaction 1 of the block, at byte 325: its reserved bytes"},
        {SECOND + 4, 4, "transaction 2 of the block, at byte 489"},
        {SECOND + 7, 0xff, "transaction 1 of the block, at byte 325: its payload and signature"},
    };
    for (size_t at = 0; at < COUNT_OF(cases); at++) {
        uint8_t *bytes = copy_of(w->sealed, 0);
        bc_block *block;
        bytes[cases[at].offset] = cases[at].value;
        FAILS_WITHOUT(block, parse(&block, w->params, bytes, w->sealed->bytes.length, error),
                      BC_ERR_FORMAT, cases[at].part);
        free(bytes);
    }
}

/* The last time is 2^53 - 1. */
static void takes_times_up_to_the_last(void **state)
{
    world *w = *state;
    bc_block *block =
        ledger_block(w->params, &(ledger_plan){.time = (UINT64_C(1) << 53) - 1, .height = 1});
    int64_t time;
    assert_int_equal(bc_block_time(block, &time), BC_OK);
    assert_int_equal(time, ((INT64_C(1) << 53) - 1) * 1000);
    bc_block_unref(block);
}

/* A count alone makes nobody allocate. */
static void asks_for_no_memory_before_the_bounds_hold(void **state)
{
    world *w = *state;
    counting_heap counter = COUNTING_HEAP_ENDLESS;
    bc_allocator allocator = counting_heap_public(&counter);
    bc_params *params = ledger_params(&allocator);
    uint8_t *bytes = copy_of(w->unsealed, 0);
    bc_block *block;
    memset(bytes + BC__HEADER_BYTES + 1, 0xff, 4);
    counter.left = 1; /* the object itself */
    FAILS_WITHOUT(block, parse(&block, params, bytes, w->unsealed->bytes.length, error),
                  BC_ERR_FORMAT, "counts 4294967295 transactions");
    assert_int_equal(counter.left, 0);
    counter.left = SIZE_MAX;
    free(bytes);
    bc_params_unref(params);
    assert_int_equal(counter.held, 0);
}

/* Every change of a bit gives a refusal, or a block of exactly those bytes. */
static void has_one_encoding_for_a_value(void **state)
{
    world *w = *state;
    test_random random = test_random_begin();
    for (size_t round = test_random_repeats(3000); round > 0; round--) {
        const bc_block *good = test_random_below(&random, 2) == 0 ? w->sealed : w->unsealed;
        size_t length = good->bytes.length;
        uint8_t *bytes = copy_of(good, 0);
        size_t bit = test_random_below(&random, 8 * length);
        bc_block *block;
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        if (parse(&block, w->params, bytes, length, NULL) == BC_OK) {
            bool in_header = bit < 8 * BC__HEADER_BYTES;
            bool in_seal = !in_header && bit < 8 * (size_t)good->sealed_length;
            assert_int_equal(block->bytes.length, length);
            assert_memory_equal(block->bytes.data, bytes, length);
            assert_int_equal(memcmp(block->id, good->id, BC_ID_BYTES) != 0, in_header);
            assert_int_equal(memcmp(block->txs_root, good->txs_root, BC_ID_BYTES) != 0,
                             !in_header && !in_seal);
        } else {
            assert_null(block);
        }
        bc_block_unref(block);
        free(bytes);
    }
}

/* ---- Headers from the store ------------------------------------------------------------------ */

static void reads_stored_headers(void **state)
{
    world *w = *state;
    bc__header header;
    const uint8_t *bytes = w->sealed->bytes.data;
    assert_int_equal(bc__ledger_read_header(w->params, &header, bytes, SEALED, NULL), BC_OK);
    assert_memory_equal(header.content, w->sealed->content, BC_ID_BYTES);
    assert_int_equal(header.nonce, 1);
    assert_int_equal(header.bits, 2);
    /* more may follow */
    assert_int_equal(bc__ledger_read_header(w->params, &header, bytes, SEALED + 1, NULL), BC_OK);
    FAILS(bc__ledger_read_header(w->params, &header, bytes, SEALED - 1, error), BC_ERR_FORMAT,
          "ends in its seal, at byte 160 instead of 161");
    FAILS(bc__ledger_read_header(w->params, &header, bytes, 0, error), BC_ERR_FORMAT,
          "ends in its header");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(has_the_ids_and_roots_of_another_implementation),
        cmocka_unit_test(reads_the_header),
        cmocka_unit_test(gives_no_header_where_there_is_none),
        cmocka_unit_test(reads_the_transactions),
        cmocka_unit_test(tells_a_reward_in_any_place),
        cmocka_unit_test(tells_a_genesis),
        cmocka_unit_test(takes_a_block_without_transactions),
        cmocka_unit_test(takes_blocks_over_the_networks_limit),
        cmocka_unit_test(reads_blocks_one_behind_the_other),
        cmocka_unit_test(refuses_every_other_length),
        cmocka_unit_test(refuses_what_the_encoder_does_not_write),
        cmocka_unit_test(takes_times_up_to_the_last),
        cmocka_unit_test(asks_for_no_memory_before_the_bounds_hold),
        cmocka_unit_test(has_one_encoding_for_a_value),
        cmocka_unit_test(reads_stored_headers),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
