#include "test/rules/ledger_fixture.h"

#include "test/support/random.h"

/* ---- A signed transaction alone ---- */

static void assert_tx_bytes(const bc_params *params, const uint8_t *bytes, size_t length,
                            uint32_t known, uint32_t expected)
{
    bc_error error = BC_ERROR_INIT;
    uint32_t reason = bc__ledger_check_tx(params, bytes, length, known, &error);
    if (reason != expected) {
        fail_msg("%s instead of %s: %s", bc_reason_name(reason), bc_reason_name(expected),
                 error.message);
    }
    assert_int_equal(error.code, expected == BC_REASON_NONE ? BC_OK : BC_ERR_FORMAT);
    assert_int_equal(error.message[0] == '\0', expected == BC_REASON_NONE);
    assert_int_equal(bc__ledger_check_tx(params, bytes, length, known, NULL), expected);
}

static void assert_tx(const bc_params *params, const bc_tx *tx, uint32_t known, uint32_t expected)
{
    assert_tx_bytes(params, tx->bytes, tx->length, known, expected);
}

/* Signed by that key, whatever the fields say; sign_tx would refuse some of them. */
static bc_tx *signed_as_it_is(const bc_params *params, uint8_t from, bc__ledger_tx fields)
{
    uint8_t sender[BC__PUBLIC_KEY_BYTES];
    uint8_t signature[BC__SIGNATURE_BYTES];
    uint8_t message[BC__MESSAGE_BYTES];
    bc_key *key = ledger_key(from);
    fields.kind = BC_TX_SIGNED;
    if (fields.sender == NULL) {
        bc_key_public(key, sender);
        fields.sender = sender;
    }
    bc_tx *tx = ledger_tx(params, fields);
    bc__ledger_tx_message(message, params->origin.network_id, tx->bytes, tx->length);
    bc_tx_unref(tx);
    assert_int_equal(bc__key_sign(key, signature, message, NULL), BC_OK);
    bc_key_unref(key);
    fields.signature = signature;
    return ledger_tx(params, fields);
}

/* The faults of a transaction alone, in the order in which they are named. */
enum {
    T_PAYLOAD = 1 << 0,
    T_RECIPIENT = 1 << 1,
    T_OVERFLOW = 1 << 2,
    T_FEE = 1 << 3,
    T_KEY = 1 << 4,
    T_SIGNATURE = 1 << 5,
    T_ALL = 1 << 6
};

/* With an overflow the fee is high, so the least fee is put above it. */
static void the_first_fault_of_a_transaction_is_named(void **state)
{
    (void)state;
    static const uint32_t reasons[] = {BC_REASON_PAYLOAD_SIZE, BC_REASON_RECIPIENT,
                                       BC_REASON_OVERFLOW,     BC_REASON_MINIMUM_FEE,
                                       BC_REASON_KEY,          BC_REASON_SIGNATURE};
    static const uint8_t no_key[BC__PUBLIC_KEY_BYTES] = {1}; /* the neutral element */
    bc_params *params = ledger_params(NULL);
    bc__ledger *ledger = params->of.ledger;
    uint8_t recipient[BC__PUBLIC_KEY_BYTES];
    ledger_account(recipient, 2);
    for (unsigned faults = 0; faults < T_ALL; faults++) {
        const bc__ledger_tx fields = {
            .payload = (const uint8_t *)"payload",
            .payload_length = 7,
            .amount = 1000,
            .fee = UINT64_MAX - 1000 + ((faults & T_OVERFLOW) != 0),
            .sender = (faults & T_KEY) != 0 ? no_key : NULL,
            .recipient = (faults & T_RECIPIENT) != 0 ? NULL : recipient,
        };
        bc_tx *tx = signed_as_it_is(params, 1, fields);
        tx->bytes[tx->length - 1] ^= (faults & T_SIGNATURE) != 0;
        ledger->payload_bytes = 7 - ((faults & T_PAYLOAD) != 0);
        ledger->minimum_fee = fields.fee / tx->length + ((faults & T_FEE) != 0);
        uint32_t expected = BC_REASON_NONE;
        for (size_t at = COUNT_OF(reasons); at-- > 0;) {
            expected = (faults & 1U << at) != 0 ? reasons[at] : expected;
        }
        assert_tx(params, tx, 0, expected);
        /* What is known is left out, and nothing else. */
        uint32_t known_key = expected == BC_REASON_KEY ? BC_REASON_SIGNATURE : expected;
        assert_tx(params, tx, BC__TX_KEY_IS_CHECKED, known_key);
        uint32_t known_signature = expected == BC_REASON_KEY || expected == BC_REASON_SIGNATURE
                                       ? BC_REASON_NONE
                                       : expected;
        assert_tx(params, tx, BC__TX_SIGNATURE_IS_CHECKED, known_signature);
        assert_tx(params, tx, BC__TX_SIGNATURE_IS_CHECKED | BC__TX_KEY_IS_CHECKED, known_signature);
        bc_tx_unref(tx);
    }
    bc__origin_unref(&params->origin);
}

static void payloads_have_at_most_payload_bytes(void **state)
{
    (void)state;
    bc_params *params = ledger_params(NULL);
    bc_tx *none = ledger_transfer(params, 1, 2, 0, 1, 0, "");
    bc_tx *three = ledger_transfer(params, 1, 2, 0, 1, 0, "abc");
    params->of.ledger->payload_bytes = 3;
    assert_tx(params, three, 0, BC_REASON_NONE);
    params->of.ledger->payload_bytes = 2;
    assert_tx(params, three, 0, BC_REASON_PAYLOAD_SIZE);
    params->of.ledger->payload_bytes = 0;
    assert_tx(params, none, 0, BC_REASON_NONE);
    bc_tx_unref(none);
    bc_tx_unref(three);
    bc__origin_unref(&params->origin);
}

static void nobody_is_given_nothing(void **state)
{
    (void)state;
    bc_params *params = ledger_params(NULL);
    uint8_t nearly[BC__PUBLIC_KEY_BYTES] = {0};
    bc_tx *tx = signed_as_it_is(params, 1, (bc__ledger_tx){.fee = 3});
    assert_tx(params, tx, 0, BC_REASON_NONE);
    bc_tx_unref(tx);
    tx = signed_as_it_is(params, 1, (bc__ledger_tx){.amount = 1});
    assert_tx(params, tx, 0, BC_REASON_RECIPIENT);
    bc_tx_unref(tx);
    for (size_t at = 0; at < sizeof nearly; at++) {
        nearly[at] = 0x80;
        tx = signed_as_it_is(params, 1, (bc__ledger_tx){.amount = 1, .recipient = nearly});
        assert_tx(params, tx, 0, BC_REASON_NONE);
        bc_tx_unref(tx);
        nearly[at] = 0;
    }
    bc__origin_unref(&params->origin);
}

static void amount_and_fee_stay_within_64_bits(void **state)
{
    (void)state;
    static const struct {
        uint64_t amount;
        uint64_t fee;
        uint32_t reason;
    } cases[] = {
        {UINT64_MAX, 0, BC_REASON_NONE},
        {0, UINT64_MAX, BC_REASON_NONE},
        {UINT64_MAX, 1, BC_REASON_OVERFLOW},
        {1, UINT64_MAX, BC_REASON_OVERFLOW},
        {UINT64_MAX - 7, 7, BC_REASON_NONE},
        {UINT64_MAX - 7, 8, BC_REASON_OVERFLOW},
        {UINT64_MAX, UINT64_MAX, BC_REASON_OVERFLOW},
    };
    bc_params *params = ledger_params(NULL);
    uint8_t recipient[BC__PUBLIC_KEY_BYTES];
    ledger_account(recipient, 2);
    for (size_t at = 0; at < COUNT_OF(cases); at++) {
        bc_tx *tx = signed_as_it_is(params, 1,
                                    (bc__ledger_tx){.amount = cases[at].amount,
                                                    .fee = cases[at].fee,
                                                    .recipient = recipient});
        assert_tx(params, tx, 0, cases[at].reason);
        bc_tx_unref(tx);
    }
    bc__origin_unref(&params->origin);
}

static void every_byte_costs_the_least_fee(void **state)
{
    (void)state;
    static const struct {
        uint64_t minimum_fee;
        uint64_t fee;
        uint32_t reason;
    } cases[] = {
        {0, 0, BC_REASON_NONE},
        {1, 163, BC_REASON_NONE},
        {1, 162, BC_REASON_MINIMUM_FEE},
        {10, 1630, BC_REASON_NONE},
        {10, 1629, BC_REASON_MINIMUM_FEE},
        {UINT64_C(1) << 32, UINT64_C(163) << 32, BC_REASON_NONE},
        {UINT64_C(1) << 32, (UINT64_C(163) << 32) - 1, BC_REASON_MINIMUM_FEE},
        /* More than parameters allow: the product passes 64 bits, and no fee is enough. */
        {UINT64_C(1) << 57, UINT64_MAX, BC_REASON_MINIMUM_FEE},
        {UINT64_MAX, UINT64_MAX, BC_REASON_MINIMUM_FEE},
    };
    bc_params *params = ledger_params(NULL);
    for (size_t at = 0; at < COUNT_OF(cases); at++) {
        bc_tx *tx = signed_as_it_is(params, 1,
                                    (bc__ledger_tx){.fee = cases[at].fee,
                                                    .payload = (const uint8_t *)"abc",
                                                    .payload_length = 3});
        assert_int_equal(tx->length, 163);
        params->of.ledger->minimum_fee = cases[at].minimum_fee;
        assert_tx(params, tx, 0, cases[at].reason);
        bc_tx_unref(tx);
    }
    bc__origin_unref(&params->origin);
}

/* Of every part of a transaction one bit is turned over: what it signs, and what signed it. */
static void signatures_cover_the_network_and_every_byte(void **state)
{
    (void)state;
    bc_params *params = ledger_params(NULL);
    bc_tx *tx = ledger_transfer(params, 1, 2, 7, 1000, 50, "payload");
    assert_tx(params, tx, 0, BC_REASON_NONE);
    for (size_t at = 8; at < tx->length; at++) { /* behind what framing looks at */
        tx->bytes[at] ^= 1;
        uint32_t reason = bc__ledger_check_tx(params, tx->bytes, tx->length, 0, NULL);
        bool is_sender = at >= 32 && at < 64;
        assert_true(reason == BC_REASON_SIGNATURE || (is_sender && reason == BC_REASON_KEY));
        tx->bytes[at] ^= 1;
    }
    params->origin.network_id[0] ^= 1;
    assert_tx(params, tx, 0, BC_REASON_SIGNATURE);
    bc_tx_unref(tx);
    bc__origin_unref(&params->origin);
}

static void refuses_what_is_no_signed_transaction(void **state)
{
    (void)state;
    bc_params *params = ledger_params(NULL);
    bc_tx *reward = ledger_reward(params, 1, 50, 1);
    bc_tx *tx = ledger_transfer(params, 1, 2, 0, 1, 0, "abc");
    uint8_t longer[256] = {0};
    assert_tx(params, reward, BC__TX_SIGNATURE_IS_CHECKED, BC_REASON_REWARD_PLACE);
    memcpy(longer, tx->bytes, tx->length);
    assert_tx_bytes(params, longer, tx->length, 0, BC_REASON_NONE);
    assert_tx_bytes(params, longer, tx->length + 1, 0, BC_REASON_FRAMING);
    assert_tx_bytes(params, longer, tx->length - 1, 0, BC_REASON_FRAMING);
    assert_tx_bytes(params, longer, 0, 0, BC_REASON_FRAMING);
    longer[0] = 2;
    assert_tx_bytes(params, longer, tx->length, 0, BC_REASON_FRAMING);
    bc_tx_unref(reward);
    bc_tx_unref(tx);
    bc__origin_unref(&params->origin);
}

/* ---- Blocks ---- */

/* Takes over the references in txs. */
static bc_block *block_of(const bc_params *params, uint64_t height, bc_tx **txs, size_t count)
{
    ledger_plan plan = {
        .height = height, .bits = 0x2100ffff, .txs = txs, .tx_count = (uint32_t)count};
    bc_block *block = ledger_block(params, &plan);
    for (size_t at = 0; at < count; at++) {
        bc_tx_unref(txs[at]);
    }
    return block;
}

static void assert_reward(const bc_params *params, const bc_block *block, uint64_t height,
                          uint32_t expected)
{
    bc_error error = BC_ERROR_INIT;
    uint32_t reason = bc__ledger_check_reward(params, block, height, &error);
    if (reason != expected) {
        fail_msg("%s instead of %s: %s", bc_reason_name(reason), bc_reason_name(expected),
                 error.message);
    }
    assert_int_equal(error.code, expected == BC_REASON_NONE ? BC_OK : BC_ERR_FORMAT);
    assert_int_equal(bc__ledger_check_reward(params, block, height, NULL), expected);
}

/* The faults of a reward, in order. Where the sum passes 64 bits there is no right amount. */
enum {
    R_NONCE = 1 << 0,
    R_PAYLOAD = 1 << 1,
    R_OVERFLOW = 1 << 2,
    R_AMOUNT = 1 << 3,
    R_RECIPIENT = 1 << 4,
    R_ALL = 1 << 5
};

static void the_first_fault_of_a_reward_is_named(void **state)
{
    (void)state;
    static const uint32_t reasons[] = {BC_REASON_REWARD_NONCE, BC_REASON_REWARD_PAYLOAD,
                                       BC_REASON_REWARD_OVERFLOW, BC_REASON_REWARD_AMOUNT,
                                       BC_REASON_REWARD_RECIPIENT};
    bc_params *params = ledger_params(NULL);
    uint8_t recipient[BC__PUBLIC_KEY_BYTES];
    ledger_account(recipient, 9);
    for (unsigned faults = 0; faults < R_ALL; faults++) {
        uint64_t fee = UINT64_MAX - 52 + ((faults & R_OVERFLOW) != 0);
        bc__ledger_tx reward = {
            .kind = BC_TX_REWARD,
            .nonce = (faults & R_NONCE) != 0 ? 4 : 5,
            .amount = UINT64_MAX - ((faults & R_AMOUNT) != 0),
            .recipient = (faults & R_RECIPIENT) != 0 ? NULL : recipient,
            .payload = (const uint8_t *)"motto",
            .payload_length = 5,
        };
        bc_tx *txs[] = {
            ledger_tx(params, reward),
            signed_as_it_is(params, 1, (bc__ledger_tx){.fee = fee}),
            signed_as_it_is(params, 1, (bc__ledger_tx){.fee = 2, .nonce = 1}),
        };
        bc_block *block = block_of(params, 5, txs, COUNT_OF(txs));
        params->of.ledger->payload_bytes = 5 - ((faults & R_PAYLOAD) != 0);
        uint32_t expected = BC_REASON_NONE;
        for (size_t at = COUNT_OF(reasons); at-- > 0;) {
            expected = (faults & 1U << at) != 0 ? reasons[at] : expected;
        }
        assert_reward(params, block, 5, expected);
        bc_block_unref(block);
    }
    bc__origin_unref(&params->origin);
}

static void a_reward_is_subsidy_and_fees(void **state)
{
    (void)state;
    static const struct {
        uint64_t height;
        uint64_t amount;
        uint64_t fees[2];
        uint32_t reason;
    } cases[] = {
        {1, 50, {0, 0}, BC_REASON_NONE},          {1, 49, {0, 0}, BC_REASON_REWARD_AMOUNT},
        {1, 51, {0, 0}, BC_REASON_REWARD_AMOUNT}, {1, 62, {5, 7}, BC_REASON_NONE},
        {1, 61, {5, 7}, BC_REASON_REWARD_AMOUNT}, {999, 50, {0, 0}, BC_REASON_NONE},
        {1000, 25, {0, 0}, BC_REASON_NONE},       {1000, 50, {0, 0}, BC_REASON_REWARD_AMOUNT},
        {2000, 12, {0, 0}, BC_REASON_NONE},       {5999, 1, {0, 0}, BC_REASON_NONE},
        {6000, 0, {0, 0}, BC_REASON_NONE},        {6000, 1, {0, 0}, BC_REASON_REWARD_AMOUNT},
        {64000, 3, {0, 3}, BC_REASON_NONE},
    };
    bc_params *params = ledger_params(NULL); /* 50, halved each 1,000 blocks */
    for (size_t at = 0; at < COUNT_OF(cases); at++) {
        bc_tx *txs[] = {
            ledger_reward(params, cases[at].height, cases[at].amount, 9),
            ledger_transfer(params, 1, 2, 0, 1, cases[at].fees[0], ""),
            ledger_transfer(params, 1, 2, 1, 1, cases[at].fees[1], ""),
        };
        bc_block *block = block_of(params, cases[at].height, txs, COUNT_OF(txs));
        assert_reward(params, block, cases[at].height, cases[at].reason);
        bc_block_unref(block);
    }
    bc__origin_unref(&params->origin);
}

static void a_reward_of_nothing_needs_no_recipient(void **state)
{
    (void)state;
    bc_params *params = ledger_params(NULL);
    params->of.ledger->initial = 0;
    bc_tx *txs[] = {ledger_reward(params, 5, 0, 0)};
    bc_block *block = block_of(params, 5, txs, 1);
    assert_reward(params, block, 5, BC_REASON_NONE);
    assert_reward(params, block, 6, BC_REASON_REWARD_NONCE);
    bc_block_unref(block);
    bc__origin_unref(&params->origin);
}

/* ---- Accounts ---- */

/* Accounts in a list. Fails with BC_ERR_STORE when `left` calls have been made. */
enum { BOOK_MOST = 16 };

typedef struct book {
    size_t count;
    size_t left;
    size_t puts;
    struct {
        uint8_t key[32];
        bc__account account;
    } entry[BOOK_MOST];
} book;

static size_t book_find(const book *accounts, const uint8_t key[32])
{
    size_t at = 0;
    while (at < accounts->count && memcmp(accounts->entry[at].key, key, 32) != 0) {
        at++;
    }
    return at;
}

static bc_status book_get(void *context, bc__account *account, const uint8_t key[32],
                          bc_error *error)
{
    book *accounts = context;
    if (accounts->left-- == 0) {
        return bc__fail(error, BC_ERR_STORE, "the book is closed");
    }
    size_t at = book_find(accounts, key);
    *account = at < accounts->count ? accounts->entry[at].account : (bc__account){0, 0};
    return BC_OK;
}

static bc_status book_put(void *context, const uint8_t key[32], const bc__account *account,
                          bc_error *error)
{
    book *accounts = context;
    if (accounts->left-- == 0) {
        return bc__fail(error, BC_ERR_STORE, "the book is closed");
    }
    size_t at = book_find(accounts, key);
    assert_true(at < BOOK_MOST);
    accounts->count += at == accounts->count;
    memcpy(accounts->entry[at].key, key, 32);
    accounts->entry[at].account = *account;
    accounts->puts++;
    return BC_OK;
}

static bc__account_view view_of(book *accounts)
{
    accounts->left = SIZE_MAX;
    return (bc__account_view){accounts, book_get, book_put};
}

static void book_set(book *accounts, uint8_t number, uint64_t balance, uint64_t nonce)
{
    uint8_t key[32];
    ledger_account(key, number);
    accounts->left = SIZE_MAX;
    assert_int_equal(book_put(accounts, key, &(bc__account){balance, nonce}, NULL), BC_OK);
    accounts->puts = 0;
}

static void assert_account(const book *accounts, uint8_t number, uint64_t balance, uint64_t nonce)
{
    uint8_t key[32];
    ledger_account(key, number);
    size_t at = book_find(accounts, key);
    assert_true(at < accounts->count);
    assert_int_equal(accounts->entry[at].account.balance, balance);
    assert_int_equal(accounts->entry[at].account.nonce, nonce);
}

static void assert_applied(const bc_params *params, const bc_block *block, book *accounts,
                           uint32_t expected)
{
    bc_error error = BC_ERROR_INIT;
    uint32_t reason = UINT32_MAX;
    bc__account_view view = view_of(accounts);
    assert_int_equal(bc__ledger_apply(params, block, block->claimed_height, &view, &reason, &error),
                     BC_OK);
    if (reason != expected) {
        fail_msg("%s instead of %s: %s", bc_reason_name(reason), bc_reason_name(expected),
                 error.message);
    }
    assert_int_equal(error.code, expected == BC_REASON_NONE ? BC_OK : BC_ERR_FORMAT);
}

static void a_block_moves_balances_in_order(void **state)
{
    (void)state;
    bc_params *params = ledger_params(NULL);
    book accounts = {0};
    book_set(&accounts, 1, 100, 3);
    bc_tx *txs[] = {
        ledger_reward(params, 1, 50 + 11, 4),
        ledger_transfer(params, 1, 2, 3, 90, 10, ""), /* all that it has */
        ledger_transfer(params, 2, 3, 0, 60, 1, ""),  /* what came just before */
        ledger_transfer(params, 2, 2, 1, 29, 0, ""),  /* to itself */
        ledger_transfer(params, 3, 0, 0, 0, 0, "a record"),
    };
    bc_block *block = block_of(params, 1, txs, COUNT_OF(txs));
    assert_reward(params, block, 1, BC_REASON_NONE);
    assert_applied(params, block, &accounts, BC_REASON_NONE);
    assert_int_equal(accounts.count, 4); /* none for nobody */
    assert_account(&accounts, 1, 0, 4);
    assert_account(&accounts, 2, 29, 2);
    assert_account(&accounts, 3, 60, 1);
    assert_account(&accounts, 4, 61, 0);
    bc_block_unref(block);
    bc__origin_unref(&params->origin);
}

/* Neither a transfer nor a reward of 0 makes an account of its recipient. */
static void an_amount_of_zero_touches_no_account(void **state)
{
    (void)state;
    bc_params *params = ledger_params(NULL);
    params->of.ledger->initial = 0;
    book accounts = {0};
    bc_tx *txs[] = {ledger_reward(params, 1, 0, 3), ledger_transfer(params, 1, 2, 0, 0, 0, "note")};
    bc_block *block = block_of(params, 1, txs, COUNT_OF(txs));
    assert_reward(params, block, 1, BC_REASON_NONE);
    assert_applied(params, block, &accounts, BC_REASON_NONE);
    assert_int_equal(accounts.count, 1);
    assert_int_equal(accounts.puts, 1);
    assert_account(&accounts, 1, 0, 1);
    bc_block_unref(block);
    bc__origin_unref(&params->origin);
}

static void a_transfer_needs_its_nonce_and_its_balance(void **state)
{
    (void)state;
    static const struct {
        bc__account before;
        uint64_t nonce;
        uint64_t amount;
        uint64_t fee;
        uint32_t reason;
    } cases[] = {
        {{10, 5}, 5, 7, 3, BC_REASON_NONE},
        {{10, 5}, 4, 7, 3, BC_REASON_NONCE},
        {{10, 5}, 6, 7, 3, BC_REASON_NONCE},
        {{10, 5}, 5, 8, 3, BC_REASON_BALANCE},
        {{10, 5}, 5, 7, 4, BC_REASON_BALANCE},
        {{10, 5}, 5, 11, 0, BC_REASON_BALANCE},
        {{10, 5}, 5, 0, 11, BC_REASON_BALANCE},
        {{10, 5}, 6, 11, 0, BC_REASON_NONCE}, /* both faults */
        {{0, 0}, 0, 0, 0, BC_REASON_NONE},    /* no account yet */
        {{0, 0}, 0, 1, 0, BC_REASON_BALANCE},
        {{0, 0}, 1, 0, 0, BC_REASON_NONCE},
        {{10, UINT64_MAX - 1}, UINT64_MAX - 1, 1, 0, BC_REASON_NONE},
        {{10, UINT64_MAX}, UINT64_MAX, 1, 0, BC_REASON_NONCE},
        {{UINT64_MAX, 0}, 0, UINT64_MAX - 1, 1, BC_REASON_NONE},
        {{UINT64_MAX - 1, 0}, 0, UINT64_MAX - 1, 1, BC_REASON_BALANCE},
        {{10, 0}, 0, UINT64_MAX, UINT64_MAX, BC_REASON_BALANCE}, /* whatever check_tx said */
    };
    bc_params *params = ledger_params(NULL);
    uint8_t recipient[BC__PUBLIC_KEY_BYTES];
    ledger_account(recipient, 2);
    for (size_t at = 0; at < COUNT_OF(cases); at++) {
        book accounts = {0};
        if (cases[at].before.balance > 0 || cases[at].before.nonce > 0) {
            book_set(&accounts, 1, cases[at].before.balance, cases[at].before.nonce);
        }
        bc__ledger_tx fields = {.nonce = cases[at].nonce,
                                .amount = cases[at].amount,
                                .fee = cases[at].fee,
                                .recipient = recipient};
        bc_tx *txs[] = {ledger_reward(params, 1, 0, 0), signed_as_it_is(params, 1, fields)};
        bc_block *block = block_of(params, 1, txs, COUNT_OF(txs));
        assert_applied(params, block, &accounts, cases[at].reason);
        if (cases[at].reason != BC_REASON_NONE) {
            assert_int_equal(accounts.puts, 0);
        } else {
            assert_account(&accounts, 1,
                           cases[at].before.balance - cases[at].amount - cases[at].fee,
                           cases[at].before.nonce + 1);
        }
        bc_block_unref(block);
    }
    bc__origin_unref(&params->origin);
}

/* The maker of a block can't spend its reward in the block itself. */
static void the_reward_comes_last(void **state)
{
    (void)state;
    bc_params *params = ledger_params(NULL);
    book accounts = {0};
    bc_tx *txs[] = {ledger_reward(params, 1, 50, 1), ledger_transfer(params, 1, 2, 0, 1, 0, "")};
    bc_block *block = block_of(params, 1, txs, COUNT_OF(txs));
    assert_applied(params, block, &accounts, BC_REASON_BALANCE);
    bc_block_unref(block);
    bc__origin_unref(&params->origin);
}

static void the_second_fault_names_its_transaction(void **state)
{
    (void)state;
    bc_params *params = ledger_params(NULL);
    book accounts = {0};
    bc_error error = BC_ERROR_INIT;
    uint32_t reason;
    book_set(&accounts, 1, 10, 0);
    bc__account_view view = view_of(&accounts);
    bc_tx *txs[] = {ledger_reward(params, 1, 50, 3), ledger_transfer(params, 1, 2, 0, 4, 0, ""),
                    ledger_transfer(params, 1, 2, 0, 4, 0, "again")};
    bc_block *block = block_of(params, 1, txs, COUNT_OF(txs));
    assert_int_equal(bc__ledger_apply(params, block, 1, &view, &reason, &error), BC_OK);
    assert_int_equal(reason, BC_REASON_NONCE);
    assert_non_null(strstr(error.message, "transaction 2"));
    bc_block_unref(block);
    bc__origin_unref(&params->origin);
}

/* Every call of get and put, in turn, fails: the result is its own, and no reason. */
static void failures_of_the_accounts_are_passed_on(void **state)
{
    (void)state;
    bc_params *params = ledger_params(NULL);
    bc_tx *txs[] = {ledger_reward(params, 1, 50, 3), ledger_transfer(params, 1, 2, 0, 4, 0, "")};
    bc_block *block = block_of(params, 1, txs, COUNT_OF(txs));
    for (size_t left = 0; left <= 6; left++) {
        book accounts = {0};
        bc_error error = BC_ERROR_INIT;
        uint32_t reason = UINT32_MAX;
        book_set(&accounts, 1, 10, 0);
        bc__account_view view = view_of(&accounts);
        accounts.left = left; /* get and put of the sender, the recipient, the reward's recipient */
        bc_status status = bc__ledger_apply(params, block, 1, &view, &reason, &error);
        assert_int_equal(status, left < 6 ? BC_ERR_STORE : BC_OK);
        assert_int_equal(error.code, status);
        assert_int_equal(reason, BC_REASON_NONE);
    }
    bc_block_unref(block);
    bc__origin_unref(&params->origin);
}

/* More than the supply bound allows was read from somewhere. */
static void a_balance_past_64_bits_is_damage(void **state)
{
    (void)state;
    bc_params *params = ledger_params(NULL);
    book accounts = {0};
    uint32_t reason;
    book_set(&accounts, 1, 10, 0);
    book_set(&accounts, 2, UINT64_MAX - 3, 0);
    bc__account_view view = view_of(&accounts);
    bc_tx *txs[] = {ledger_reward(params, 1, 50, 3), ledger_transfer(params, 1, 2, 0, 4, 0, "")};
    bc_block *block = block_of(params, 1, txs, COUNT_OF(txs));
    FAILS(bc__ledger_apply(params, block, 1, &view, &reason, error), BC_ERR_DAMAGED, "more");
    book_set(&accounts, 1, 10, 0);
    book_set(&accounts, 2, UINT64_MAX - 4, 0);
    book_set(&accounts, 3, UINT64_MAX - 50, 0);
    assert_applied(params, block, &accounts, BC_REASON_NONE);
    assert_account(&accounts, 2, UINT64_MAX, 0);
    assert_account(&accounts, 3, UINT64_MAX, 0);
    bc_block_unref(block);
    bc__origin_unref(&params->origin);
}

/* ---- Random blocks against the rule, written down as plainly as can be ---- */

enum { PEOPLE = 6, BLOCK_TXS = 8 };

typedef struct model {
    uint64_t balance[PEOPLE + 1]; /* 0 is nobody */
    uint64_t nonce[PEOPLE + 1];
} model;

typedef struct movement {
    uint8_t from;
    uint8_t to;
    uint64_t nonce;
    uint64_t amount;
    uint64_t fee;
} movement;

/* Sums of these small numbers can't pass 64 bits. */
static uint32_t model_apply(model *now, const movement *moves, size_t count, uint8_t maker,
                            uint64_t reward)
{
    for (size_t at = 0; at < count; at++) {
        const movement *move = &moves[at];
        if (move->nonce != now->nonce[move->from]) {
            return BC_REASON_NONCE;
        }
        if (now->balance[move->from] < move->amount + move->fee) {
            return BC_REASON_BALANCE;
        }
        now->balance[move->from] -= move->amount + move->fee;
        now->nonce[move->from]++;
        now->balance[move->to] += move->amount;
    }
    now->balance[maker] += reward;
    return BC_REASON_NONE;
}

/* Mostly right, at times with a wrong nonce or more than there is. */
static movement random_movement(test_random *random, const model *now, uint64_t *nonces)
{
    movement move = {.from = (uint8_t)(1 + test_random_below(random, PEOPLE)),
                     .to = (uint8_t)test_random_below(random, PEOPLE + 1)};
    uint64_t most = now->balance[move.from] / 3 + 1;
    move.nonce = nonces[move.from]++;
    if (test_random_below(random, 40) == 0) {
        move.nonce ^= 1;
    }
    if (test_random_below(random, 40) == 0) {
        most = 5 * most + 100;
    }
    move.amount = move.to == 0 ? 0 : test_random_below(random, (size_t)most);
    move.fee = test_random_below(random, 3);
    return move;
}

static void the_supply_is_conserved(void **state)
{
    (void)state;
    bc_params *params = ledger_params(NULL);
    params->of.ledger->halving = 50;
    test_random random = test_random_begin();
    book accounts = {0};
    model now = {{0}, {0}};
    uint64_t supply = 0;
    for (uint8_t who = 1; who <= PEOPLE; who++) {
        now.balance[who] = 1000;
        supply += 1000;
        book_set(&accounts, who, 1000, 0);
    }
    size_t refused = 0;
    uint64_t height = 1;
    size_t rounds = test_random_repeats(400);
    for (size_t round = 0; round < rounds; round++) {
        movement moves[BLOCK_TXS];
        bc_tx *txs[BLOCK_TXS + 1];
        uint64_t nonces[PEOPLE + 1];
        size_t count = test_random_below(&random, BLOCK_TXS + 1);
        uint8_t maker = (uint8_t)(1 + test_random_below(&random, PEOPLE));
        uint64_t subsidy = height / 50 < 64 ? UINT64_C(50) >> height / 50 : 0;
        uint64_t reward = subsidy;
        model after = now;
        memcpy(nonces, now.nonce, sizeof nonces);
        for (size_t at = 0; at < count; at++) {
            moves[at] = random_movement(&random, &now, nonces);
            txs[at + 1] = ledger_transfer(params, moves[at].from, moves[at].to, moves[at].nonce,
                                          moves[at].amount, moves[at].fee, "");
            reward += moves[at].fee;
        }
        txs[0] = ledger_reward(params, height, reward, maker);
        bc_block *block = block_of(params, height, txs, count + 1);
        uint32_t expected = model_apply(&after, moves, count, maker, reward);
        book changed = accounts;
        assert_reward(params, block, height, BC_REASON_NONE);
        assert_applied(params, block, &changed, expected);
        bc_block_unref(block);
        if (expected != BC_REASON_NONE) {
            refused++; /* what was put is dropped */
            continue;
        }
        accounts = changed;
        now = after;
        height++;
        supply += subsidy;
        uint64_t sum = 0;
        for (uint8_t who = 1; who <= PEOPLE; who++) {
            assert_account(&accounts, who, now.balance[who], now.nonce[who]);
            sum += now.balance[who];
        }
        assert_int_equal(sum, supply);
        assert_int_equal(accounts.count, PEOPLE);
    }
    assert_true(refused > 0 || rounds < 100);
    assert_true(refused < rounds);
    bc__origin_unref(&params->origin);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_fault_of_a_transaction_is_named),
        cmocka_unit_test(payloads_have_at_most_payload_bytes),
        cmocka_unit_test(nobody_is_given_nothing),
        cmocka_unit_test(amount_and_fee_stay_within_64_bits),
        cmocka_unit_test(every_byte_costs_the_least_fee),
        cmocka_unit_test(signatures_cover_the_network_and_every_byte),
        cmocka_unit_test(refuses_what_is_no_signed_transaction),
        cmocka_unit_test(the_first_fault_of_a_reward_is_named),
        cmocka_unit_test(a_reward_is_subsidy_and_fees),
        cmocka_unit_test(a_reward_of_nothing_needs_no_recipient),
        cmocka_unit_test(a_block_moves_balances_in_order),
        cmocka_unit_test(an_amount_of_zero_touches_no_account),
        cmocka_unit_test(a_transfer_needs_its_nonce_and_its_balance),
        cmocka_unit_test(the_reward_comes_last),
        cmocka_unit_test(the_second_fault_names_its_transaction),
        cmocka_unit_test(failures_of_the_accounts_are_passed_on),
        cmocka_unit_test(a_balance_past_64_bits_is_damage),
        cmocka_unit_test(the_supply_is_conserved),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
