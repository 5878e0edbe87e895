#include "test/rules/ledger_header_fixture.h"

#include "test/block/merkle_model.h"
#include "test/support/counting_heap.h"
#include "test/support/random.h"

/* A parent at some height, and what is made behind it. */
typedef struct bench {
    bc_params *params;
    bc_block *parent;
    bc__lineage lineage;
    bc__template work;
} bench;

static bench bench_at(bc_params *params, uint64_t height)
{
    bench made = {.params = params, .lineage = lineage_at(height, params->of.ledger->bits)};
    made.parent = block_of(params, (ledger_plan){.height = height, .time = start, .bits = HALF});
    made.lineage.now = (int64_t)(start + 100000000) * MS;
    bc__sha256(made.work.history_root, "headers", 7);
    made.work.parent = made.parent;
    made.work.height = height + 1;
    return made;
}

static void bench_end(bench *made)
{
    bc_block_unref(made->parent);
    bc__origin_unref(&made->params->origin);
}

static bc_status prepare(bench *made, bc_error *error)
{
    made->work.lineage = &made->lineage;
    return bc__ledger_prepare_template(made->params, &made->work, error);
}

static bc__ledger_header prepared(bench *made)
{
    bc__ledger_header header;
    bc_error error = BC_ERROR_INIT;
    if (prepare(made, &error) != BC_OK) {
        fail_msg("%s", error.message);
    }
    assert_int_equal(bc__ledger_header_read(&header, made->work.header), BC__OK);
    return header;
}

static bc_block *sealed(const bench *made, uint64_t nonce)
{
    bc_block *block;
    bc_error error = BC_ERROR_INIT;
    if (bc__ledger_seal(&block, made->params, &made->work, nonce, 0, &error) != BC_OK) {
        fail_msg("%s", error.message);
    }
    return block;
}

/* ---- Templates ---- */

static const uint8_t someone[BC__PUBLIC_KEY_BYTES] = {7, 7};

static void a_template_has_the_whole_header(void **state)
{
    (void)state;
    bench made = bench_at(by_work(), 20);
    bc_tx *txs[] = {ledger_transfer(made.params, 1, 2, 0, 5, 3, "first"),
                    ledger_transfer(made.params, 1, 2, 1, 5, 4, "second")};
    made.work.txs = txs;
    made.work.tx_count = 2;
    made.work.recipient = someone;
    made.work.recipient_length = sizeof someone;
    made.work.random_delay_most = -1;
    made.work.earliest = -1;
    bc__ledger_header header = prepared(&made);
    assert_int_equal(header.height, 21);
    assert_int_equal(header.time, start + 100000000);
    assert_int_equal(header.bits, HALF);
    assert_int_equal(header.nonce, 0);
    assert_memory_equal(header.previous, made.parent->id, BC_ID_BYTES);
    assert_int_equal(made.work.reward, 57);
    assert_memory_equal(made.work.rewarded, someone, sizeof someone);
    assert_int_equal(made.work.earliest, 0);
    assert_int_equal(made.work.random_delay_most, 0);
    /* The content, from the rule. */
    bc_tx *reward = ledger_tx(
        made.params,
        (bc__ledger_tx){.kind = BC_TX_REWARD, .nonce = 21, .amount = 57, .recipient = someone});
    model_hash leaves[3];
    memcpy(leaves[0], reward->id, sizeof leaves[0]);
    memcpy(leaves[1], txs[0]->id, sizeof leaves[1]);
    memcpy(leaves[2], txs[1]->id, sizeof leaves[2]);
    uint8_t content[1 + 4 + 2 * BC_ID_BYTES] = {0x02, 3, 0, 0, 0};
    uint8_t expected[BC_ID_BYTES];
    model_root(content + 5, leaves[0], 3);
    memcpy(content + 5 + BC_ID_BYTES, made.work.history_root, BC_ID_BYTES);
    bc__sha256(expected, content, sizeof content);
    assert_memory_equal(header.content, expected, sizeof expected);
    bc_tx_unref(reward);
    bc_tx_unref(txs[0]);
    bc_tx_unref(txs[1]);
    bench_end(&made);
}

static void the_time_is_the_clocks_unless_that_is_too_early(void **state)
{
    (void)state;
    static const struct {
        bool by_authority;
        int64_t now;     /* us */
        int64_t parent;  /* ms; the others are at 1,000,000 */
        uint64_t period; /* ms */
        uint64_t time;   /* ms */
        uint64_t earliest;
    } cases[] = {
        {false, INT64_C(1000001000), 1000000, 0, 1000001, 0},
        {false, INT64_C(1000002999), 1000000, 0, 1000002, 0},
        {false, INT64_C(1000000999), 1000000, 0, 1000001, 0},
        {false, 0, 1000000, 0, 1000001, 0},
        {false, INT64_MIN, 1000000, 0, 1000001, 0},
        {false, INT64_C(2000000000), 9000000, 0, 2000000, 0}, /* before its parent */
        {true, INT64_C(2000000000), 1999000, 1000, 2000000, 0},
        {true, INT64_C(2000000000), 1999001, 1000, 2000001, 2000001000},
        {true, INT64_C(2000000999), 1999000, 1001, 2000001, 2000001000},
        {true, INT64_C(2000000000), 9000000, 0, 9000000, 0}, /* of no period nothing is due */
        {true, INT64_C(2000000000), 9000000, 1, 9000001, 9000001000},
        {true, INT64_C(500000000), 900000, 1000, 1000001, 1000001000}, /* the median is later */
        {true, INT64_C(950000000), 900000, 1000, 1000001, 0},
    };
    for (size_t at = 0; at < COUNT_OF(cases); at++) {
        bench made = bench_at(cases[at].by_authority ? by_authority(1) : by_work(), 20);
        bc_key *signer = ledger_key(1);
        made.params->of.ledger->period = cases[at].period;
        made.work.signer = signer;
        made.lineage.now = cases[at].now;
        for (uint32_t index = 0; index < made.lineage.count; index++) {
            made.lineage.ancestors[index].time = 1000000 * MS;
        }
        made.lineage.ancestors[0].time = cases[at].parent * MS;
        assert_int_equal(prepared(&made).time, cases[at].time);
        assert_int_equal(made.work.earliest, cases[at].earliest);
        bc_key_unref(signer);
        bench_end(&made);
    }
}

static void no_header_holds_a_time_of_2_to_53(void **state)
{
    (void)state;
    bench made = bench_at(by_work(), 20);
    made.work.recipient = someone;
    made.work.recipient_length = sizeof someone;
    made.lineage.now = ((INT64_C(1) << 53) - 1) * MS;
    assert_int_equal(prepared(&made).time, (UINT64_C(1) << 53) - 1);
    made.lineage.now += MS;
    FAILS(prepare(&made, error), BC_ERR_LIMIT, "2^53");
    made.lineage.now = INT64_MAX;
    FAILS(prepare(&made, error), BC_ERR_LIMIT, "2^53");
    bench_end(&made);
    made = bench_at(by_authority(1), 20);
    bc_key *signer = ledger_key(1);
    made.work.signer = signer;
    made.lineage.ancestors[0].time = ((INT64_C(1) << 53) - 1) * MS;
    made.params->of.ledger->period = UINT64_C(1) << 40;
    FAILS(prepare(&made, error), BC_ERR_LIMIT, "2^53");
    bc_key_unref(signer);
    bench_end(&made);
}

static void the_reward_goes_to_recipient_or_signer_or_nobody(void **state)
{
    (void)state;
    static const uint8_t nobody[BC__PUBLIC_KEY_BYTES] = {0};
    uint8_t account[BC__PUBLIC_KEY_BYTES];
    bench made = bench_at(by_work(), 20);
    bc_key *signer = ledger_key(3);
    ledger_account(account, 3);
    FAILS(prepare(&made, error), BC_ERR_ARGUMENT, "neither a recipient nor a signer");
    made.work.signer = signer;
    (void)prepared(&made);
    assert_memory_equal(made.work.rewarded, account, sizeof account);
    made.work.recipient = someone;
    made.work.recipient_length = sizeof someone;
    (void)prepared(&made);
    assert_memory_equal(made.work.rewarded, someone, sizeof someone);
    const size_t wrong[] = {0, 1, 31, 33, 4096};
    for (size_t at = 0; at < COUNT_OF(wrong); at++) {
        made.work.recipient_length = wrong[at];
        FAILS(prepare(&made, error), BC_ERR_ARGUMENT, "32");
    }
    made.work.recipient = nobody;
    made.work.recipient_length = sizeof nobody;
    FAILS(prepare(&made, error), BC_ERR_ARGUMENT, "reward");
    made.params->of.ledger->initial = 0;
    (void)prepared(&made);
    assert_memory_equal(made.work.rewarded, nobody, sizeof nobody);
    made.work.recipient = NULL;
    made.work.signer = NULL;
    (void)prepared(&made);
    assert_int_equal(made.work.reward, 0);
    assert_memory_equal(made.work.rewarded, nobody, sizeof nobody);
    bc_key_unref(signer);
    bench_end(&made);
}

static void refuses_fees_past_64_bits(void **state)
{
    (void)state;
    bench made = bench_at(by_work(), 20);
    bc_tx *txs[] = {ledger_transfer(made.params, 1, 2, 0, 0, UINT64_MAX - 51, ""),
                    ledger_transfer(made.params, 1, 2, 1, 0, 2, "")};
    made.work.txs = txs;
    made.work.recipient = someone;
    made.work.recipient_length = sizeof someone;
    made.work.tx_count = 1;
    (void)prepared(&made);
    assert_int_equal(made.work.reward, UINT64_MAX - 1);
    made.work.tx_count = 2;
    FAILS(prepare(&made, error), BC_ERR_LIMIT, "64 bits");
    bc_tx_unref(txs[0]);
    bc_tx_unref(txs[1]);
    bench_end(&made);
}

static void a_template_fits_its_network(void **state)
{
    (void)state;
    for (unsigned by_keys = 0; by_keys < 2; by_keys++) {
        bench made = bench_at(by_keys != 0 ? by_authority(1) : by_work(), 20);
        bc_key *signer = ledger_key(1);
        bc_tx *tx = ledger_transfer(made.params, 1, 2, 0, 5, 3, "some payload");
        uint64_t nonce = 0;
        made.work.signer = signer;
        made.work.txs = &tx;
        made.work.tx_count = 1;
        made.params->of.ledger->block_bytes =
            bc__ledger_template_bytes(made.params, &made.work) + tx->length;
        (void)prepared(&made);
        assert_true(bc__ledger_search(made.params, &made.work, 0, 1000, &nonce));
        bc_block *block = sealed(&made, nonce);
        assert_int_equal(block->bytes.length, made.params->of.ledger->block_bytes);
        bc_block_unref(block);
        made.params->of.ledger->block_bytes--;
        FAILS(prepare(&made, error), BC_ERR_LIMIT, "bytes");
        made.params->of.ledger->block_bytes = 10; /* less than a block without any */
        FAILS(prepare(&made, error), BC_ERR_LIMIT, "bytes");
        bc_tx_unref(tx);
        bc_key_unref(signer);
        bench_end(&made);
    }
}

static void bits_follow_the_difficulty(void **state)
{
    (void)state;
    bench made = bench_at(by_work(), 20);
    bc__ledger *ledger = made.params->of.ledger;
    made.work.recipient = someone;
    made.work.recipient_length = sizeof someone;
    ledger->asert = true;
    ledger->schedule.spacing = 10;
    ledger->schedule.half_life = 60;
    made.lineage.ancestors[0].bits = 0x1b123456;
    made.lineage.ancestors[0].time = made.lineage.ancestors[1].time - 60 * MS;
    assert_int_equal(prepared(&made).bits, 0x1b081c2d); /* as in the rows of the headers' test */
    ledger->asert = false;
    assert_int_equal(prepared(&made).bits, HALF);
    bench_end(&made);
}

static void only_authorities_that_did_not_seal_lately_seal(void **state)
{
    (void)state;
    bench made = bench_at(by_authority(5), 20); /* index 21 mod 5 = 1 is in turn: the key 2 */
    bc_key *key = ledger_key(2);
    bc_key *late = ledger_key(5);
    bc_key *stranger = ledger_key(6);
    FAILS(prepare(&made, error), BC_ERR_ARGUMENT, "no signer");
    made.work.signer = stranger;
    FAILS(prepare(&made, error), BC_ERR_ARGUMENT, "none of the network's 5 authorities");
    made.work.signer = key;
    assert_int_equal(prepared(&made).bits, 2);
    assert_int_equal(made.work.random_delay_most, 0);
    made.lineage.ancestors[2].nonce = 1;
    (void)prepared(&made);
    made.lineage.ancestors[1].nonce = 1;
    FAILS(prepare(&made, error), BC_ERR_UNSUPPORTED, "another authority");
    made.work.signer = late;
    assert_int_equal(prepared(&made).bits, 1);
    assert_int_equal(made.work.random_delay_most, 5 * 500000);
    bc_key_unref(key);
    bc_key_unref(late);
    bc_key_unref(stranger);
    bench_end(&made);
}

/* ---- The search ---- */

static void naive_id(uint8_t id[BC_ID_BYTES], const bc__template *work, uint64_t nonce)
{
    uint8_t header[BC__HEADER_BYTES];
    memcpy(header, work->header, 88);
    for (unsigned at = 0; at < 8; at++) {
        header[88 + at] = (uint8_t)(nonce >> 8 * at);
    }
    bc__sha256(id, header, sizeof header);
}

static void the_search_gives_the_least_nonce(void **state)
{
    (void)state;
    bench made = bench_at(by_work(), 20);
    test_random random = test_random_begin();
    made.work.recipient = someone;
    made.work.recipient_length = sizeof someone;
    made.params->of.ledger->bits = 0x2007ffff; /* one in 32 */
    bc__uint256 target;
    assert_int_equal(bc__target_from_compact(&target, 0x2007ffff), BC__COMPACT_OK);
    for (size_t round = 0; round < test_random_repeats(200); round++) {
        made.lineage.now += MS;
        (void)prepared(&made);
        uint64_t first = test_random_next(&random) >> test_random_below(&random, 64);
        uint64_t count = test_random_below(&random, 64);
        first = round % 8 == 0 ? UINT64_MAX - count : first; /* up to the last but one */
        count = count > UINT64_MAX - first ? UINT64_MAX - first : count;
        uint64_t expected = first;
        uint8_t id[BC_ID_BYTES];
        for (; expected < first + count; expected++) {
            naive_id(id, &made.work, expected);
            if (bc__target_holds(&target, id)) {
                break;
            }
        }
        uint64_t nonce = 12345;
        bool found = bc__ledger_search(made.params, &made.work, first, count, &nonce);
        assert_int_equal(found, expected < first + count);
        assert_int_equal(nonce, found ? expected : 12345);
    }
    bench_end(&made);
}

/* The range may reach the last nonce of all; without nonces nothing is found. */
static void the_search_keeps_to_its_range(void **state)
{
    (void)state;
    bench made = bench_at(by_work(), 20);
    made.work.recipient = someone;
    made.work.recipient_length = sizeof someone;
    made.params->of.ledger->bits = 0x2100ffff; /* all but one in 65,536 */
    (void)prepared(&made);
    uint64_t nonce = 12345;
    assert_false(bc__ledger_search(made.params, &made.work, 0, 0, &nonce));
    assert_int_equal(nonce, 12345);
    assert_true(bc__ledger_search(made.params, &made.work, UINT64_MAX, 1, &nonce));
    assert_true(nonce == UINT64_MAX);
    made.params->of.ledger->bits = 0x03000001; /* none that anyone will find */
    (void)prepared(&made);
    nonce = 12345;
    assert_false(bc__ledger_search(made.params, &made.work, UINT64_MAX - 99, 100, &nonce));
    assert_int_equal(nonce, 12345);
    bench_end(&made);
}

static void an_authority_finds_its_index(void **state)
{
    (void)state;
    bench made = bench_at(by_authority(4), 20);
    bc_key *key = ledger_key(3);
    uint64_t nonce = 12345;
    made.work.signer = key;
    (void)prepared(&made);
    assert_false(bc__ledger_search(made.params, &made.work, 0, 2, &nonce));
    assert_false(bc__ledger_search(made.params, &made.work, 3, 1000, &nonce));
    assert_false(bc__ledger_search(made.params, &made.work, 2, 0, &nonce));
    assert_int_equal(nonce, 12345);
    assert_true(bc__ledger_search(made.params, &made.work, 0, 3, &nonce));
    assert_int_equal(nonce, 2);
    nonce = 0;
    assert_true(bc__ledger_search(made.params, &made.work, 2, 1, &nonce));
    assert_int_equal(nonce, 2);
    assert_true(bc__ledger_search(made.params, &made.work, 0, UINT64_MAX, &nonce));
    bc_key_unref(key);
    bench_end(&made);
}

static void attempts_to_be_expected(void **state)
{
    (void)state;
    static const struct {
        uint32_t bits;
        double attempts;
    } cases[] = {
        {0x2100ffff, 1.0},     {HALF, 2.0},           {0x1d00ffff, 4295032833.0},
        {0x03000001, 0x1p255}, {0x0300ffff, 0x1p240}, /* 2^256 / 65,536 */
    };
    bench made = bench_at(by_work(), 20);
    made.work.recipient = someone;
    made.work.recipient_length = sizeof someone;
    for (size_t at = 0; at < COUNT_OF(cases); at++) {
        made.params->of.ledger->bits = cases[at].bits;
        (void)prepared(&made);
        double expected = bc__ledger_expected_attempts(made.params, &made.work);
        assert_true(expected == cases[at].attempts);
    }
    bench_end(&made);
    made = bench_at(by_authority(1), 20);
    assert_true(bc__ledger_expected_attempts(made.params, &made.work) == 1.0);
    bench_end(&made);
}

/* ---- Blocks ---- */

static void only_a_nonce_that_holds_is_sealed(void **state)
{
    (void)state;
    bench made = bench_at(by_work(), 20);
    bc_block *block;
    uint64_t nonce = 0;
    made.work.recipient = someone;
    made.work.recipient_length = sizeof someone;
    made.params->of.ledger->bits = 0x2000ffff;
    made.params->of.ledger->limit = 0x2000ffff;
    (void)prepared(&made);
    assert_true(bc__ledger_search(made.params, &made.work, 0, 100000, &nonce));
    for (uint64_t wrong = 0; wrong < nonce; wrong++) {
        FAILS_WITHOUT(block, bc__ledger_seal(&block, made.params, &made.work, wrong, 0, error),
                      BC_ERR_ARGUMENT, "does not hold");
    }
    block = sealed(&made, nonce);
    assert_int_equal(block->nonce, nonce);
    assert_judged(made.params, &made.lineage, block, BC_REASON_NONE);
    bc_block_unref(block);
    bench_end(&made);
    made = bench_at(by_authority(2), 20);
    bc_key *key = ledger_key(1);
    made.work.signer = key;
    (void)prepared(&made);
    FAILS_WITHOUT(block, bc__ledger_seal(&block, made.params, &made.work, 1, 0, error),
                  BC_ERR_ARGUMENT, "does not hold");
    bc_key_unref(key);
    bench_end(&made);
}

static bc_status refuse_to_sign(void *context, uint8_t signature[64], const uint8_t message[32],
                                bc_error *error)
{
    (void)context;
    (void)signature;
    (void)message;
    return bc__fail(error, -1234, "the card is out");
}

static void a_signers_failure_is_passed_on(void **state)
{
    (void)state;
    bench made = bench_at(by_authority(2), 20);
    bc_key *key;
    bc_block *block;
    assert_int_equal(bc_key_from_signer(&key, made.params->of.ledger->authorities[1],
                                        refuse_to_sign, NULL, NULL, NULL),
                     BC_OK);
    made.work.signer = key;
    (void)prepared(&made);
    FAILS_WITHOUT(block, bc__ledger_seal(&block, made.params, &made.work, 1, 0, error), -1234,
                  "the card is out");
    bc_key_unref(key);
    bench_end(&made);
}

static void memory_that_runs_out_is_told(void **state)
{
    (void)state;
    counting_heap counter = COUNTING_HEAP_ENDLESS;
    bc_allocator allocator = counting_heap_public(&counter);
    bench made = bench_at(ledger_params(&allocator), 20);
    bc_tx *tx = ledger_transfer(made.params, 1, 2, 0, 5, 3, "payload");
    made.work.txs = &tx;
    made.work.tx_count = 1;
    made.work.recipient = someone;
    made.work.recipient_length = sizeof someone;
    size_t held = counter.held;
    size_t failures = 0;
    counter.left = 0;
    FAILS(prepare(&made, error), BC_ERR_MEMORY, "memory");
    counter.left = SIZE_MAX;
    (void)prepared(&made);
    assert_int_equal(counter.held, held);
    bc_block *block = NULL;
    for (size_t left = 0; block == NULL; left++) {
        bc_error error = BC_ERROR_INIT;
        counter.left = left;
        bc_status status = bc__ledger_seal(&block, made.params, &made.work, 0, 0, &error);
        if (status != BC_OK) {
            assert_int_equal(status, BC_ERR_MEMORY);
            assert_null(block);
            assert_int_equal(counter.held, held);
            failures++;
        }
    }
    assert_true(failures >= 3);
    counter.left = SIZE_MAX;
    bc_block_unref(block);
    bc_tx_unref(tx);
    bench_end(&made);
    assert_int_equal(counter.held, 0);
}

/* ---- Chains of our own blocks, which pass every check ---- */

typedef struct purse {
    bc__account one; /* of the key 1; no other is looked at */
    uint8_t key[32];
} purse;

static bc_status purse_get(void *context, bc__account *account, const uint8_t key[32],
                           bc_error *error)
{
    (void)error;
    purse *only = context;
    bool is_one = memcmp(key, only->key, sizeof only->key) == 0;
    *account = is_one ? only->one : (bc__account){0, 0};
    return BC_OK;
}

static bc_status purse_put(void *context, const uint8_t key[32], const bc__account *account,
                           bc_error *error)
{
    (void)error;
    purse *only = context;
    if (memcmp(key, only->key, sizeof only->key) == 0) {
        only->one = *account;
    }
    return BC_OK;
}

static void assert_block_is_good(const bench *made, const bc_block *block, purse *accounts)
{
    uint32_t reason;
    bc__account_view view = {accounts, purse_get, purse_put};
    assert_judged(made->params, &made->lineage, block, BC_REASON_NONE);
    assert_int_equal(bc__ledger_check_content(made->params, block, made->work.history_root, NULL),
                     0);
    for (uint32_t at = 1; at < block->tx_count; at++) {
        const bc__tx_place *place = &block->places[at];
        assert_int_equal(bc__ledger_check_tx(made->params, block->bytes.data + place->offset,
                                             place->length, 0, NULL),
                         BC_REASON_NONE);
    }
    assert_int_equal(bc__ledger_check_reward(made->params, block, made->work.height, NULL), 0);
    assert_int_equal(bc__ledger_apply(made->params, block, made->work.height, &view, &reason, NULL),
                     BC_OK);
    assert_int_equal(reason, BC_REASON_NONE);
}

/* The block becomes the parent. Takes over its reference. */
static void extend(bench *made, bc_block *block)
{
    bc__lineage *lineage = &made->lineage;
    memmove(lineage->ancestors + 1, lineage->ancestors,
            (BC__LINEAGE_MOST - 1) * sizeof lineage->ancestors[0]);
    lineage->count += lineage->count < BC__LINEAGE_MOST;
    lineage->ancestors[0] =
        (bc__ancestor){.time = block->time, .nonce = block->nonce, .bits = block->bits};
    lineage->height++;
    bc_block_unref(made->parent);
    made->parent = block;
    made->work.parent = block;
    made->work.height++;
    bc__sha256(made->work.history_root, block->id, sizeof block->id);
}

/* Transactions of the key 1, which pays fees and in the end has what is left. */
static void add_own_block(bench *made, test_random *random, purse *accounts)
{
    bc_tx *txs[3];
    uint64_t nonce = 0;
    made->work.txs = txs;
    made->work.tx_count = test_random_below(random, COUNT_OF(txs) + 1);
    for (size_t at = 0; at < made->work.tx_count; at++) {
        txs[at] = ledger_transfer(made->params, 1, 200, accounts->one.nonce + at, 5, at, "");
    }
    (void)prepared(made);
    if (made->work.earliest > made->lineage.now) {
        made->lineage.now = made->work.earliest;
    }
    assert_true(bc__ledger_search(made->params, &made->work, 0, UINT64_MAX, &nonce));
    bc_block *block = sealed(made, nonce);
    assert_block_is_good(made, block, accounts);
    for (size_t at = 0; at < made->work.tx_count; at++) {
        bc_tx_unref(txs[at]);
    }
    extend(made, block);
}

static purse full_purse(void)
{
    purse accounts = {.one = {1000000, 0}};
    ledger_account(accounts.key, 1);
    return accounts;
}

static void blocks_by_work_pass_every_check(void **state)
{
    (void)state;
    for (unsigned asert = 0; asert < 2; asert++) {
        bench made = bench_at(by_work(), 0);
        test_random random = test_random_begin();
        purse accounts = full_purse();
        made.lineage.now = (int64_t)start * MS;
        made.work.recipient = someone;
        made.work.recipient_length = sizeof someone;
        made.params->of.ledger->asert = asert != 0;
        made.params->of.ledger->schedule.spacing = 1000;
        made.params->of.ledger->schedule.half_life = 60000;
        uint32_t last = HALF;
        size_t changes = 0;
        for (size_t height = 1; height <= 150; height++) {
            add_own_block(&made, &random, &accounts);
            changes += made.parent->bits != last;
            last = made.parent->bits;
            made.lineage.now += (int64_t)test_random_below(&random, 1500) * MS;
        }
        assert_int_equal(changes > 10, asert);
        bench_end(&made);
    }
}

/* Authorities at random among those that may, with a clock that often is too early. */
static void blocks_by_authority_pass_every_check(void **state)
{
    (void)state;
    static const uint32_t sizes[] = {1, 2, 3, 4, 5, 6, 7, 101};
    for (size_t size = 0; size < COUNT_OF(sizes); size++) {
        uint32_t n = sizes[size];
        bench made = bench_at(by_authority(n), 0);
        test_random random = test_random_begin();
        purse accounts = full_purse();
        bc_key *keys[101];
        for (uint32_t at = 0; at < n; at++) {
            keys[at] = ledger_key((uint8_t)(at + 1));
        }
        made.lineage.now = (int64_t)start * MS;
        made.params->of.ledger->period = 1000;
        for (uint64_t height = 1; height <= 60;) {
            size_t index = test_random_below(&random, n);
            made.work.signer = keys[index];
            if (bc__authority_is_recent(made.params->of.ledger, &made.lineage, index)) {
                FAILS(prepare(&made, error), BC_ERR_UNSUPPORTED, "another authority");
                continue;
            }
            add_own_block(&made, &random, &accounts);
            assert_int_equal(made.parent->nonce, index);
            assert_int_equal(made.parent->bits, height % n == index ? 2 : 1);
            assert_true(made.parent->time >= made.lineage.ancestors[1].time + 1000 * MS);
            made.lineage.now += (int64_t)test_random_below(&random, 1500) * MS;
            height++;
        }
        for (uint32_t at = 0; at < n; at++) {
            bc_key_unref(keys[at]);
        }
        bench_end(&made);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_template_has_the_whole_header),
        cmocka_unit_test(the_time_is_the_clocks_unless_that_is_too_early),
        cmocka_unit_test(no_header_holds_a_time_of_2_to_53),
        cmocka_unit_test(the_reward_goes_to_recipient_or_signer_or_nobody),
        cmocka_unit_test(refuses_fees_past_64_bits),
        cmocka_unit_test(a_template_fits_its_network),
        cmocka_unit_test(bits_follow_the_difficulty),
        cmocka_unit_test(only_authorities_that_did_not_seal_lately_seal),
        cmocka_unit_test(the_search_gives_the_least_nonce),
        cmocka_unit_test(the_search_keeps_to_its_range),
        cmocka_unit_test(an_authority_finds_its_index),
        cmocka_unit_test(attempts_to_be_expected),
        cmocka_unit_test(only_a_nonce_that_holds_is_sealed),
        cmocka_unit_test(a_signers_failure_is_passed_on),
        cmocka_unit_test(memory_that_runs_out_is_told),
        cmocka_unit_test(blocks_by_work_pass_every_check),
        cmocka_unit_test(blocks_by_authority_pass_every_check),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
