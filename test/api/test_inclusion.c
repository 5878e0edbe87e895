/* Merkle proofs that an open chain makes, verified as a device would that holds one header. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <bc/bc.h>

#include "test/support/counting_heap.h"
#include "test/support/random.h"
#include "test/support/test_store.h"

enum { LENGTH = 24, TXS_MOST = 4 };

static const char authorities[] =
    "{\"authorities\":[\"%s\"],\"halving\":1,\"initial\":0,\"name\":\"log\",\"period\":0,"
    "\"rules\":\"ledger\",\"sealing\":\"authority\",\"time\":1767225600000,\"version\":1,"
    "\"allocations\":[]}";

typedef struct fixture {
    test_store store;
    counting_heap counter;
    bc_params *params;
    bc_chain *chain;
    bc_key *key;
    uint8_t account[32];
    uint64_t nonce;
    test_random random;
} fixture;

static void open_chain(fixture *f, bc_chain **chain, const bc_store *store)
{
    bc_options options = BC_OPTIONS_INIT;
    bc_error error = BC_ERROR_INIT;
    options.store = store;
    options.cache_bytes = 4096; /* most blocks are read again */
    options.signer_is_alone = 1;
    if (bc_chain_open(chain, f->params, &options, &error) != BC_OK) {
        fail_msg("%s", error.message);
    }
}

static void mine_block(fixture *f, bc_chain *chain)
{
    bc_mine_options options = BC_MINE_OPTIONS_INIT;
    bc_error error = BC_ERROR_INIT;
    bc_block *block;
    options.recipient = f->account;
    options.recipient_length = sizeof f->account;
    options.signer = f->key;
    if (bc_chain_mine(chain, &block, &options, &error) != BC_OK) {
        fail_msg("%s", error.message);
    }
    bc_block_unref(block);
}

/* A record with a payload of its own. */
static void submit_record(fixture *f, bc_chain *chain)
{
    uint8_t payload[9];
    bc_transfer transfer = BC_TRANSFER_INIT;
    bc_tx *tx;
    uint32_t verdict;
    test_random_fill(&f->random, payload, sizeof payload);
    transfer.nonce = f->nonce++;
    transfer.payload = payload;
    transfer.payload_length = sizeof payload;
    assert_int_equal(bc_tx_sign(&tx, f->params, &transfer, f->key, NULL), BC_OK);
    assert_int_equal(bc_chain_submit_tx(chain, &verdict, NULL, tx, NULL), BC_OK);
    assert_int_equal(verdict, BC_VERDICT_ACCEPTED);
    bc_tx_unref(tx);
}

static void grow(fixture *f, uint64_t blocks)
{
    for (uint64_t at = 0; at < blocks; at++) {
        size_t records = test_random_below(&f->random, TXS_MOST);
        for (size_t i = 0; i < records; i++) {
            submit_record(f, f->chain);
        }
        mine_block(f, f->chain);
    }
}

static void begin(fixture *f, bool by_authority)
{
    uint8_t seed[32];
    bc_allocator allocator;
    memset(f, 0, sizeof *f);
    f->counter = (counting_heap)COUNTING_HEAP_ENDLESS;
    f->random = test_random_begin();
    allocator = counting_heap_public(&f->counter);
    memset(seed, 7, sizeof seed);
    assert_int_equal(bc_key_from_seed(&f->key, seed, NULL, NULL), BC_OK);
    bc_key_public(f->key, f->account);
    if (by_authority) {
        char hex[65] = "";
        char json[sizeof authorities + sizeof hex];
        for (size_t i = 0; i < 32; i++) {
            (void)snprintf(hex + 2 * i, 3, "%02x", f->account[i]);
        }
        (void)snprintf(json, sizeof json, authorities, hex);
        assert_int_equal(bc_params_parse(&f->params, json, strlen(json), &allocator, NULL), BC_OK);
    } else {
        assert_int_equal(bc_params_preset(&f->params, "ledger-dev", &allocator, NULL), BC_OK);
    }
    test_store_init(&f->store);
    open_chain(f, &f->chain, &f->store.outer);
}

static void end(fixture *f)
{
    assert_int_equal(bc_chain_close(f->chain, NULL), BC_OK);
    bc_key_unref(f->key);
    bc_params_unref(f->params);
    test_store_free(&f->store);
    assert_int_equal(f->counter.held, 0);
}

static int set_up(void **state)
{
    static fixture f;
    begin(&f, false);
    grow(&f, LENGTH);
    *state = &f;
    return 0;
}

static int tear_down(void **state)
{
    end(*state);
    return 0;
}

static void id_at(bc_chain *chain, uint64_t height, uint8_t id[32])
{
    bc_block *block;
    assert_int_equal(bc_chain_block_at(chain, &block, height, NULL), BC_OK);
    bc_block_id(block, id);
    bc_block_unref(block);
}

static uint64_t tip_height(bc_chain *chain)
{
    uint64_t height;
    assert_int_equal(bc_chain_tip(chain, &height, NULL, NULL), BC_OK);
    return height;
}

/* Verifies with params, and that the bytes show what they should; takes the buffer. */
static void holds(const fixture *f, bc_buffer *proof, uint32_t type, const uint8_t *older_id,
                  const uint8_t *trusted_id, bc_inclusion *shown)
{
    uint32_t verdict;
    bc_error error = BC_ERROR_INIT;
    const uint8_t *bytes = bc_buffer_data(proof);
    size_t length = bc_buffer_length(proof);
    *shown = (bc_inclusion)BC_INCLUSION_INIT;
    bc_status status =
        type == BC_CONSISTENCY
            ? bc_consistency_verify(f->params, &verdict, shown, bytes, length, older_id, trusted_id,
                                    &error)
            : bc_inclusion_verify(f->params, &verdict, shown, bytes, length, trusted_id, &error);
    assert_int_equal(status, BC_OK);
    if (verdict != BC_VERDICT_ACCEPTED) {
        fail_msg("%s", error.message);
    }
    assert_int_equal(shown->type, type);
    assert_memory_equal(shown->id, older_id, 32);
    assert_memory_equal(shown->later_id, trusted_id, 32);
}

static void check_blocks(const fixture *f)
{
    uint64_t tip = tip_height(f->chain);
    for (uint64_t later = 1; later <= tip; later++) {
        for (uint64_t older = 0; older < later; older++) {
            uint8_t older_id[32];
            uint8_t later_id[32];
            bc_buffer *proof;
            bc_inclusion shown;
            id_at(f->chain, older, older_id);
            id_at(f->chain, later, later_id);
            uint64_t named = later == tip ? BC_NONE : later;
            assert_int_equal(bc_chain_inclusion_of_block(f->chain, &proof, older, named, NULL),
                             BC_OK);
            holds(f, proof, BC_INCLUSION_OF_BLOCK, older_id, later_id, &shown);
            assert_int_equal(shown.height, older);
            assert_int_equal(shown.later_height, later);
            bc_buffer_unref(proof);
            assert_int_equal(bc_chain_consistency(f->chain, &proof, older, named, NULL), BC_OK);
            holds(f, proof, BC_CONSISTENCY, older_id, later_id, &shown);
            bc_buffer_unref(proof);
        }
    }
}

static void check_tx(const fixture *f, const bc_tx *tx, uint64_t height, size_t position)
{
    uint8_t block_id[32];
    uint8_t tx_id[32];
    uint8_t later_id[32];
    size_t length;
    bc_buffer *proof;
    bc_inclusion shown;
    const uint8_t *bytes = bc_tx_bytes(tx, &length);
    bc_tx_id(tx, tx_id);
    id_at(f->chain, height, block_id);
    assert_int_equal(bc_chain_inclusion_of_tx(f->chain, &proof, tx_id, NULL), BC_OK);
    for (uint64_t later = height; later <= tip_height(f->chain); later++) {
        if (later > height) {
            assert_int_equal(bc_chain_inclusion_of_record(f->chain, &proof, tx_id, later, NULL),
                             BC_OK);
        }
        id_at(f->chain, later, later_id);
        holds(f, proof, later > height ? BC_INCLUSION_OF_RECORD : BC_INCLUSION_OF_TX, block_id,
              later_id, &shown);
        assert_int_equal(shown.height, height);
        assert_int_equal(shown.later_height, later);
        assert_int_equal(shown.position, position);
        assert_memory_equal(shown.tx_id, tx_id, 32);
        assert_int_equal(shown.tx_length, length);
        assert_memory_equal(shown.tx, bytes, length);
        bc_buffer_unref(proof);
    }
}

static void check_txs(const fixture *f)
{
    for (uint64_t height = 0; height <= tip_height(f->chain); height++) {
        bc_block *block;
        assert_int_equal(bc_chain_block_at(f->chain, &block, height, NULL), BC_OK);
        for (size_t at = 0; at < bc_block_tx_count(block); at++) {
            bc_tx *tx;
            assert_int_equal(bc_block_tx(block, &tx, at, NULL), BC_OK);
            check_tx(f, tx, height, at);
            bc_tx_unref(tx);
        }
        bc_block_unref(block);
    }
}

static void everything_on_the_best_chain_can_be_shown(void **state)
{
    fixture *f = *state;
    check_blocks(f);
    check_txs(f);
}

static void the_same_under_authorities_and_after_opening_again(void **state)
{
    (void)state;
    static fixture f;
    begin(&f, true);
    grow(&f, 9);
    check_blocks(&f);
    check_txs(&f);
    assert_int_equal(bc_chain_close(f.chain, NULL), BC_OK);
    open_chain(&f, &f.chain, &f.store.outer);
    check_blocks(&f);
    check_txs(&f);
    end(&f);
}

/* A longer branch from height 10 on: proofs are of it, and what only the old one held is not found. */
static void a_reorganisation_changes_what_can_be_shown(void **state)
{
    fixture *f = *state;
    bc_chain *other;
    bc_block *block;
    bc_buffer *proof;
    uint8_t lost[32];
    uint8_t old_tip[32];
    uint32_t verdict;
    open_chain(f, &other, NULL);
    for (uint64_t height = 1; height <= 10; height++) {
        assert_int_equal(bc_chain_block_at(f->chain, &block, height, NULL), BC_OK);
        assert_int_equal(bc_chain_submit(other, &verdict, NULL, block, NULL), BC_OK);
        assert_int_equal(verdict, BC_VERDICT_ACCEPTED);
        bc_block_unref(block);
    }
    uint64_t tip = tip_height(f->chain);
    bc_tx *tx;
    assert_int_equal(bc_chain_block_at(f->chain, &block, tip, NULL), BC_OK);
    bc_block_id(block, old_tip);
    assert_int_equal(bc_block_tx(block, &tx, 0, NULL),
                     BC_OK); /* the reward is of its branch alone */
    bc_tx_id(tx, lost);
    bc_tx_unref(tx);
    bc_block_unref(block);
    f->account[0] ^= 1; /* other rewards */
    for (uint64_t height = 11; height <= tip + 3; height++) {
        mine_block(f, other);
        assert_int_equal(bc_chain_block_at(other, &block, height, NULL), BC_OK);
        assert_int_equal(bc_chain_submit(f->chain, &verdict, NULL, block, NULL), BC_OK);
        bc_block_unref(block);
    }
    f->account[0] ^= 1;
    assert_int_equal(tip_height(f->chain), tip + 3);
    check_blocks(f);
    check_txs(f);
    assert_int_equal(bc_chain_inclusion_of_tx(f->chain, &proof, lost, NULL), BC_ERR_NOT_FOUND);
    assert_null(proof);
    assert_int_equal(bc_chain_inclusion_of_block(f->chain, &proof, 5, tip, NULL), BC_OK);
    bc_inclusion shown = BC_INCLUSION_INIT;
    assert_int_equal(bc_inclusion_verify(NULL, &verdict, &shown, bc_buffer_data(proof),
                                         bc_buffer_length(proof), old_tip, NULL),
                     BC_OK);
    assert_int_equal(verdict, BC_VERDICT_INVALID);
    bc_buffer_unref(proof);
    assert_int_equal(bc_chain_close(other, NULL), BC_OK);
}

/* The call fails so, with a sentence that has this in it, and gives nothing. */
#define FAILS(status, sentence, call)                                                              \
    do {                                                                                           \
        bc_error filled = BC_ERROR_INIT;                                                           \
        bc_error *error = &filled;                                                                 \
        proof = (bc_buffer *)&filled;                                                              \
        assert_int_equal(call, status);                                                            \
        assert_null(proof);                                                                        \
        assert_int_equal(filled.code, status);                                                     \
        if (strstr(filled.message, sentence) == NULL) {                                            \
            fail_msg("\"%s\" does not say \"%s\"", filled.message, sentence);                      \
        }                                                                                          \
    } while (0)

static void what_is_not_there_is_not_shown(void **state)
{
    fixture *f = *state;
    bc_chain *chain = f->chain;
    bc_buffer *proof;
    uint8_t id[32];
    bc_block *block;
    bc_tx *tx;
    memset(id, 0xee, sizeof id);
    FAILS(BC_ERR_NOT_FOUND, "no such transaction",
          bc_chain_inclusion_of_tx(chain, &proof, id, error));
    FAILS(BC_ERR_NOT_FOUND, "no such transaction",
          bc_chain_inclusion_of_record(chain, &proof, id, BC_NONE, error));
    FAILS(BC_ERR_NOT_FOUND, "no block at height 25; its tip is at 24",
          bc_chain_inclusion_of_block(chain, &proof, LENGTH + 1, BC_NONE, error));
    FAILS(BC_ERR_NOT_FOUND, "no block at height 99",
          bc_chain_inclusion_of_block(chain, &proof, 3, 99, error));
    FAILS(BC_ERR_NOT_FOUND, "no block at height 4294967296",
          bc_chain_consistency(chain, &proof, 3, (uint64_t)1 << 32, error));
    FAILS(BC_ERR_ARGUMENT, "at height 3, must be above the block at 3",
          bc_chain_inclusion_of_block(chain, &proof, 3, 3, error));
    FAILS(BC_ERR_ARGUMENT, "at height 2, must be above the block at 3",
          bc_chain_consistency(chain, &proof, 3, 2, error));
    FAILS(BC_ERR_ARGUMENT, "at height 24, must be above the block at 24",
          bc_chain_inclusion_of_block(chain, &proof, BC_NONE, BC_NONE, error));
    assert_int_equal(bc_chain_block_at(chain, &block, LENGTH, NULL), BC_OK);
    assert_int_equal(bc_block_tx(block, &tx, 0, NULL), BC_OK);
    bc_tx_id(tx, id);
    FAILS(BC_ERR_ARGUMENT, "must be above",
          bc_chain_inclusion_of_record(chain, &proof, id, BC_NONE, error));
    bc_tx_unref(tx);
    bc_block_unref(block);
    submit_record(f, chain); /* waits, and is in no block */
    bc_transfer transfer = BC_TRANSFER_INIT;
    transfer.nonce = f->nonce;
    assert_int_equal(bc_tx_sign(&tx, f->params, &transfer, f->key, NULL), BC_OK);
    bc_tx_id(tx, id);
    assert_int_equal(bc_chain_submit_tx(chain, NULL, NULL, tx, NULL), BC_OK);
    FAILS(BC_ERR_NOT_FOUND, "no such transaction",
          bc_chain_inclusion_of_tx(chain, &proof, id, error));
    bc_tx_unref(tx);
}

static void rules_without_history_have_none(void **state)
{
    (void)state;
    bc_params *params;
    bc_chain *chain;
    bc_buffer *proof;
    static const uint8_t id[32];
    assert_int_equal(bc_params_preset(&params, "tutorial", NULL, NULL), BC_OK);
    assert_int_equal(bc_chain_open(&chain, params, NULL, NULL), BC_OK);
    FAILS(BC_ERR_UNSUPPORTED, "no Merkle proofs",
          bc_chain_inclusion_of_tx(chain, &proof, id, error));
    FAILS(BC_ERR_UNSUPPORTED, "no Merkle proofs",
          bc_chain_inclusion_of_block(chain, &proof, 0, BC_NONE, error));
    FAILS(BC_ERR_UNSUPPORTED, "no Merkle proofs",
          bc_chain_inclusion_of_record(chain, &proof, id, BC_NONE, error));
    FAILS(BC_ERR_UNSUPPORTED, "no Merkle proofs",
          bc_chain_consistency(chain, &proof, 0, BC_NONE, error));
    assert_int_equal(bc_chain_close(chain, NULL), BC_OK);
    bc_params_unref(params);
}

static bc_status prove(const fixture *f, size_t kind, const uint8_t *tx_id, bc_buffer **proof,
                       bc_error *error)
{
    switch (kind) {
    case 0:
        return bc_chain_inclusion_of_tx(f->chain, proof, tx_id, error);
    case 1:
        return bc_chain_inclusion_of_block(f->chain, proof, 13, 22, error);
    case 2:
        return bc_chain_inclusion_of_record(f->chain, proof, tx_id, 22, error);
    default:
        return bc_chain_consistency(f->chain, proof, 13, 22, error);
    }
}

static void reward_at(const fixture *f, uint64_t height, uint8_t id[32])
{
    bc_block *block;
    bc_tx *tx;
    assert_int_equal(bc_chain_block_at(f->chain, &block, height, NULL), BC_OK);
    assert_int_equal(bc_block_tx(block, &tx, 0, NULL), BC_OK);
    bc_tx_id(tx, id);
    bc_tx_unref(tx);
    bc_block_unref(block);
}

/* Whichever read fails, the call says so and works again afterwards. */
static void a_store_that_fails_ends_the_call(void **state)
{
    fixture *f = *state;
    uint8_t tx_id[32];
    reward_at(f, 13, tx_id);
    for (int kind_of_call = TEST_STORE_GET; kind_of_call <= TEST_STORE_SCAN; kind_of_call++) {
        for (size_t kind = 0; kind < 4; kind++) {
            bc_status status = BC_ERR_STORE;
            size_t at = 1;
            for (; status != BC_OK; at++) {
                bc_buffer *proof;
                bc_error error = BC_ERROR_INIT;
                uint8_t ignored[32];
                reward_at(f, 1, ignored); /* empties the cache of what the last call read */
                reward_at(f, 2, ignored);
                test_store_plan(&f->store, kind_of_call, at, false, BC_ERR_STORE, false);
                status = prove(f, kind, tx_id, &proof, &error);
                test_store_calm(&f->store);
                if (status != BC_OK) {
                    assert_int_equal(status, BC_ERR_STORE);
                    assert_int_equal(error.code, BC_ERR_STORE);
                    assert_int_not_equal(error.message[0], '\0');
                    assert_null(proof);
                }
                bc_buffer_unref(proof);
                assert_true(at < 60);
            }
            /* the last call was the one that had no failure */
            bool scans = kind == 0 || kind == 2;
            assert_true(kind_of_call == TEST_STORE_GET ? at > 3 : at == (scans ? 3 : 2));
        }
    }
}

static void a_header_that_was_lost_is_damage(void **state)
{
    fixture *f = *state;
    bc_chain *chain = f->chain;
    bc_buffer *proof;
    uint8_t key[1 + 8 + 32] = {'h', 0, 0, 0, 0, 0, 0, 0, 5};
    id_at(chain, 5, key + 9);
    test_store_remove(&f->store, key, sizeof key);
    FAILS(BC_ERR_DAMAGED, "the header at height 5 can't be read back",
          bc_chain_inclusion_of_block(chain, &proof, 5, 20, error));
    FAILS(BC_ERR_DAMAGED, "the header at height 5 can't be read back",
          bc_chain_consistency(chain, &proof, 4, 20, error));
    assert_int_equal(bc_chain_inclusion_of_block(chain, &proof, 17, 20, NULL), BC_OK);
    bc_buffer_unref(proof);
}

static void running_out_of_memory_ends_the_call(void **state)
{
    fixture *f = *state;
    uint8_t tx_id[32];
    reward_at(f, 13, tx_id);
    for (size_t kind = 0; kind < 4; kind++) {
        bc_status status = BC_ERR_MEMORY;
        for (size_t given = 0; status != BC_OK; given++) {
            bc_buffer *proof;
            bc_error error = BC_ERROR_INIT;
            f->counter.left = given;
            status = prove(f, kind, tx_id, &proof, &error);
            f->counter.left = SIZE_MAX;
            if (status != BC_OK) {
                assert_int_equal(status, BC_ERR_MEMORY);
                assert_int_equal(error.code, BC_ERR_MEMORY);
                assert_null(proof);
            }
            bc_buffer_unref(proof);
            assert_true(given < 200);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(everything_on_the_best_chain_can_be_shown, set_up,
                                        tear_down),
        cmocka_unit_test(the_same_under_authorities_and_after_opening_again),
        cmocka_unit_test_setup_teardown(a_reorganisation_changes_what_can_be_shown, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_is_not_there_is_not_shown, set_up, tear_down),
        cmocka_unit_test(rules_without_history_have_none),
        cmocka_unit_test_setup_teardown(a_store_that_fails_ends_the_call, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_header_that_was_lost_is_damage, set_up, tear_down),
        cmocka_unit_test_setup_teardown(running_out_of_memory_ends_the_call, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
