/* bc_chain_verify under the ledger's rules: what the blocks make of the accounts is compared with what
 * the store says of them. */
#include "src/api/handle.h"
#include "test/support/engine_fixture.h"

enum { BLOCKS = 6 };

static const uint8_t seed[32] = {7};
static const uint8_t payee[32] = {9, 9};

static void mine(bc_chain *chain, const uint8_t recipient[32])
{
    bc_block *block;
    bc_mine_options options = BC_MINE_OPTIONS_INIT;
    options.recipient = recipient;
    options.recipient_length = 32;
    assert_int_equal(bc_chain_mine(chain, &block, &options, NULL), BC_OK);
    bc_block_unref(block);
}

/* Some blocks with a transfer each. */
static bc_chain *make_chain(const bc_key *key, uint64_t account_bytes)
{
    bc_params *params;
    bc_options options = BC_OPTIONS_INIT;
    uint8_t public_key[32];
    options.account_bytes = account_bytes;
    assert_int_equal(bc_params_preset(&params, "ledger-dev", NULL, NULL), BC_OK);
    bc_chain *chain = fixture_open(params, NULL, &options);
    bc_key_public(key, public_key);
    mine(chain, public_key);
    for (uint64_t nonce = 0; nonce < BLOCKS; nonce++) {
        bc_tx *tx;
        uint32_t verdict;
        bc_transfer transfer = BC_TRANSFER_INIT;
        transfer.nonce = nonce;
        transfer.amount = 10 + nonce;
        transfer.fee = 1;
        transfer.recipient = payee;
        assert_int_equal(bc_tx_sign(&tx, params, &transfer, key, NULL), BC_OK);
        assert_int_equal(bc_chain_submit_tx(chain, &verdict, NULL, tx, NULL), BC_OK);
        assert_int_equal(verdict, BC_VERDICT_ACCEPTED);
        bc_tx_unref(tx);
        mine(chain, public_key);
    }
    bc_params_unref(params);
    return chain;
}

static void a_good_chain_is_verified(void **state)
{
    (void)state;
    bc_key *key;
    uint64_t position;
    assert_int_equal(bc_key_from_seed(&key, seed, NULL, NULL), BC_OK);
    for (uint64_t account_bytes = 1; account_bytes <= 1 << 20; account_bytes <<= 20) {
        bc_chain *chain = make_chain(key, account_bytes);
        assert_int_equal(bc_chain_verify(chain, &position, NULL, NULL, NULL), BC_OK);
        assert_int_equal(position, BLOCKS + 2);
        mine(chain, payee); /* it goes on as before */
        assert_int_equal(bc_chain_verify(chain, &position, NULL, NULL, NULL), BC_OK);
        fixture_close(chain);
    }
    bc_key_unref(key);
}

/* Writes a row behind the engine's back, with a good checksum, as whoever has the file could. */
static void forge(bc_chain *chain, const uint8_t account[32], uint64_t balance, uint64_t nonce)
{
    bc__engine *engine = &chain->engine;
    uint8_t row[BC__ACCOUNT_RECORD_BYTES];
    const bc__account forged = {balance, nonce};
    bc__account_record_write(row, &forged);
    bc__key key = bc__key_of_id(BC__KEY_ACCOUNT, account);
    assert_int_equal(bc__engine_enter(engine, NULL), BC_OK);
    assert_int_equal(bc__state_flush(engine, NULL), BC_OK);
    assert_int_equal(bc__database_put(&engine->database, &key, row, sizeof row, NULL), BC_OK);
    assert_int_equal(bc__database_commit(&engine->database, NULL), BC_OK);
    bc__engine_leave(engine);
}

static void assert_damaged(bc_chain *chain, const char *part)
{
    bc_error error = BC_ERROR_INIT;
    assert_int_equal(bc_chain_verify(chain, NULL, NULL, NULL, &error), BC_ERR_DAMAGED);
    if (strstr(error.message, part) == NULL) {
        fail_msg("\"%s\" does not say \"%s\"", error.message, part);
    }
}

static void forged_accounts_are_found(void **state)
{
    (void)state;
    static const uint8_t stranger[32] = {1, 2, 3};
    bc_key *key;
    assert_int_equal(bc_key_from_seed(&key, seed, NULL, NULL), BC_OK);
    bc_chain *chain = make_chain(key, 0);
    forge(chain, payee, 75 + 1, 0);
    assert_damaged(chain,
                   "holds 76 and has sent 0 transactions, where the blocks make it 75 and 0");
    forge(chain, payee, 75, 1);
    assert_damaged(chain, "holds 75 and has sent 1 transactions");
    forge(chain, payee, 75, 0);
    assert_int_equal(bc_chain_verify(chain, NULL, NULL, NULL, NULL), BC_OK);
    forge(chain, stranger, 5, 0);
    assert_damaged(chain, "holds 5 and has sent 0 transactions, where the blocks make it 0 and 0");
    fixture_close(chain);
    bc_key_unref(key);
}

static void an_account_that_is_lost_is_missed(void **state)
{
    (void)state;
    bc_key *key;
    assert_int_equal(bc_key_from_seed(&key, seed, NULL, NULL), BC_OK);
    bc_chain *chain = make_chain(key, 0);
    forge(chain, payee, 75, 0);
    bc__engine *engine = &chain->engine;
    bc__key row = bc__key_of_id(BC__KEY_ACCOUNT, payee);
    assert_int_equal(bc__engine_enter(engine, NULL), BC_OK);
    assert_int_equal(bc__database_remove(&engine->database, &row, NULL), BC_OK);
    assert_int_equal(bc__database_commit(&engine->database, NULL), BC_OK);
    bc__engine_leave(engine);
    assert_damaged(chain, "the store holds 1 accounts, where the blocks make 2");
    fixture_close(chain);
    bc_key_unref(key);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_chain_is_verified),
        cmocka_unit_test(forged_accounts_are_found),
        cmocka_unit_test(an_account_that_is_lost_is_missed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
