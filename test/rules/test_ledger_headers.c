#include "test/rules/ledger_header_fixture.h"

#include "test/support/random.h"

/* The same with the least nonce whose id is, or is not, at most the target of HALF. */
static bc_block *mined_block(const bc_params *params, ledger_plan plan, uint32_t payload,
                             bool holds)
{
    bc__uint256 target;
    assert_int_equal(bc__target_from_compact(&target, HALF), BC__COMPACT_OK);
    for (plan.nonce = 0;; plan.nonce++) {
        bc_block *block = block_with_payload(params, plan, payload);
        if (bc__target_holds(&target, block->id) == holds) {
            return block;
        }
        bc_block_unref(block);
    }
}

/* A good block behind the lineage, a second after its parent, whose id holds under any target. */
static bc_block *easy_block(const bc_params *params, const bc__lineage *lineage, uint32_t bits)
{
    ledger_plan plan = {.height = lineage->height + 1,
                        .time = (uint64_t)lineage->ancestors[0].time / MS + 1000,
                        .bits = bits};
    bc_block *block = block_of(params, plan);
    memset(block->id, 0, sizeof block->id);
    return block;
}

/* ---- What is checked under both ways of sealing ---- */

static void a_block_has_at_most_block_bytes(void **state)
{
    (void)state;
    bc_params *params = by_work();
    bc__lineage lineage = lineage_at(20, HALF);
    ledger_plan plan = {.height = 21, .time = start + 100000, .bits = HALF};
    bc_block *block = mined_block(params, plan, 763, true); /* 97 + 4 + 160 + 763 */
    assert_int_equal(block->bytes.length, 1024);
    params->of.ledger->block_bytes = 1024;
    assert_judged(params, &lineage, block, BC_REASON_NONE);
    params->of.ledger->block_bytes = 1023;
    assert_judged(params, &lineage, block, BC_REASON_SIZE);
    bc_block_unref(block);
    bc__origin_unref(&params->origin);
}

static void the_height_is_one_above_the_parents(void **state)
{
    (void)state;
    bc_params *params = by_work();
    const uint64_t wrong[] = {0, 20, 22, UINT64_MAX, UINT64_C(21) << 32 | 21};
    bc__lineage lineage = lineage_at(20, HALF);
    ledger_plan plan = {.height = 21, .time = start + 100000, .bits = HALF};
    bc_block *block = mined_block(params, plan, 0, true);
    assert_judged(params, &lineage, block, BC_REASON_NONE);
    bc_block_unref(block);
    for (size_t at = 0; at < COUNT_OF(wrong); at++) {
        plan.height = wrong[at];
        block = mined_block(params, plan, 0, true);
        assert_judged(params, &lineage, block, BC_REASON_HEIGHT);
        bc_block_unref(block);
    }
    bc__origin_unref(&params->origin);
}

static int by_time(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a;
    int64_t right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

/* Element floor(m/2) of the sorted times of the last m = min(11, height) blocks. */
static int64_t naive_median(const bc__lineage *lineage)
{
    int64_t times[11];
    size_t count = lineage->height + 1 < 11 ? (size_t)lineage->height + 1 : 11;
    for (size_t at = 0; at < count; at++) {
        times[at] = lineage->ancestors[at].time;
    }
    qsort(times, count, sizeof times[0], by_time);
    return times[count / 2];
}

static void the_time_is_above_the_median(void **state)
{
    (void)state;
    bc_params *params = by_work();
    test_random random = test_random_begin();
    for (size_t round = 0; round < test_random_repeats(2000); round++) {
        bc__lineage lineage = lineage_at(test_random_below(&random, 20), HALF);
        size_t span = round % 2 == 0 ? 10 : 100000; /* with and without equal times */
        for (uint32_t at = 0; at < lineage.count; at++) {
            lineage.ancestors[at].time = (int64_t)test_random_below(&random, span) * MS;
        }
        int64_t median = naive_median(&lineage);
        assert_int_equal(bc__ledger_median(&lineage), median);
        bc_block *block = easy_block(params, &lineage, HALF);
        block->time = median + MS;
        assert_judged(params, &lineage, block, BC_REASON_NONE);
        block->time = median;
        assert_judged(params, &lineage, block, BC_REASON_MEDIAN);
        block->time = 0;
        assert_judged(params, &lineage, block, BC_REASON_MEDIAN);
        bc_block_unref(block);
    }
    bc__origin_unref(&params->origin);
}

/* Of the block of height 1 the median is the time of genesis, of height 2 the later of two. */
static void the_first_medians(void **state)
{
    (void)state;
    bc__lineage lineage = lineage_at(0, HALF);
    lineage.ancestors[0].time = 7 * MS;
    assert_int_equal(bc__ledger_median(&lineage), 7 * MS);
    lineage = lineage_at(1, HALF);
    lineage.ancestors[0].time = 5 * MS;
    lineage.ancestors[1].time = 7 * MS;
    assert_int_equal(bc__ledger_median(&lineage), 7 * MS);
    lineage = lineage_at(12, HALF);
    for (uint32_t at = 0; at < 11; at++) {
        lineage.ancestors[at].time = (int64_t)(at < 6 ? 9 : 1) * MS;
    }
    lineage.ancestors[11].time = 0; /* counts no more */
    lineage.ancestors[12].time = 0;
    assert_int_equal(bc__ledger_median(&lineage), 9 * MS);
    lineage.ancestors[5].time = 1 * MS;
    assert_int_equal(bc__ledger_median(&lineage), 1 * MS);
}

static void the_time_is_at_most_the_limit_ahead_of_the_clock(void **state)
{
    (void)state;
    static const struct {
        uint64_t time;  /* ms */
        uint64_t limit; /* ms */
        int64_t now;    /* us */
        bool not_yet;
    } cases[] = {
        {1700000100000, 120000, INT64_C(1699999980000000), false},
        {1700000100000, 120000, INT64_C(1699999979999999), true},
        {1700000100000, 120000, INT64_C(1800000000000000), false},
        {1700000100000, 0, INT64_C(1700000100000000), false},
        {1700000100000, 0, INT64_C(1700000099999999), true},
        {1700000100000, UINT64_C(1) << 40, 0, true},
        {(UINT64_C(1) << 53) - 1, UINT64_C(1) << 40, INT64_MAX, false}, /* no clock */
        {(UINT64_C(1) << 53) - 1, UINT64_C(1) << 40, INT64_MAX - 1, false},
        {(UINT64_C(1) << 53) - 1, UINT64_C(1) << 40, INT64_MIN, true},
        {(UINT64_C(1) << 53) - 1, UINT64_C(1) << 40,
         ((INT64_C(1) << 53) - 1 - (INT64_C(1) << 40)) * MS, false},
        {(UINT64_C(1) << 53) - 1, UINT64_C(1) << 40,
         ((INT64_C(1) << 53) - 1 - (INT64_C(1) << 40)) * MS - 1, true},
    };
    bc_params *params = by_work();
    bc__lineage lineage = lineage_at(20, HALF);
    for (size_t at = 0; at < COUNT_OF(cases); at++) {
        ledger_plan plan = {.height = 21, .time = cases[at].time, .bits = HALF};
        bc_block *block = mined_block(params, plan, 0, true);
        lineage.now = cases[at].now;
        params->of.ledger->future_limit = cases[at].limit;
        assert_judged(params, &lineage, block,
                      cases[at].not_yet ? BC_REASON_CLOCK : BC_REASON_NONE);
        bc_block_unref(block);
    }
    bc__origin_unref(&params->origin);
}

/* ---- Work ---- */

static void names_what_is_wrong_with_bits(void **state)
{
    (void)state;
    static const struct {
        uint32_t bits;
        uint32_t reason;
    } cases[] = {
        {0x1c00ffff, BC_REASON_NONE},
        {0x1c80ffff, BC_REASON_BITS_NEGATIVE},
        {0xffffffff, BC_REASON_BITS_NEGATIVE},
        {0x1c800000, BC_REASON_BITS_ZERO},
        {0x00000000, BC_REASON_BITS_ZERO},
        {0x1c000000, BC_REASON_BITS_ZERO},
        {0x0100ffff, BC_REASON_BITS_ZERO},
        {0xff00ffff, BC_REASON_BITS_OVERFLOW},
        {0x22010000, BC_REASON_BITS_OVERFLOW},
        {0x2100ffff, BC_REASON_BITS_OVER_LIMIT},
        {0x1d010000, BC_REASON_BITS_OVER_LIMIT},
        {0x1d00ffff, BC_REASON_BITS_UNEXPECTED}, /* the limit itself */
        {0x1c00fffe, BC_REASON_BITS_UNEXPECTED},
        {0x1b00ffff, BC_REASON_BITS_UNEXPECTED},
        {0x1bffff00, BC_REASON_BITS_NEGATIVE},
        {0x1d0000ff, BC_REASON_BITS_UNEXPECTED}, /* the same target but for its last byte */
    };
    bc_params *params = by_work();
    params->of.ledger->bits = 0x1c00ffff;
    params->of.ledger->limit = 0x1d00ffff;
    (void)bc__target_from_compact(&params->of.ledger->schedule.limit, 0x1d00ffff);
    bc__lineage lineage = lineage_at(20, 0x1c00ffff);
    for (size_t at = 0; at < COUNT_OF(cases); at++) {
        bc_block *block = easy_block(params, &lineage, cases[at].bits);
        assert_judged(params, &lineage, block, cases[at].reason);
        bc_block_unref(block);
    }
    bc__origin_unref(&params->origin);
}

/* Bits that stand for the very same target as the expected ones are others all the same. */
static void bits_are_compared_as_they_are_written(void **state)
{
    (void)state;
    bc_params *params = by_work();
    params->of.ledger->bits = 0x1d00ff00;
    bc__lineage lineage = lineage_at(20, 0x1d00ff00);
    bc_block *block = easy_block(params, &lineage, 0x1d00ff00);
    assert_judged(params, &lineage, block, BC_REASON_NONE);
    block->bits = 0x1e0000ff;
    assert_judged(params, &lineage, block, BC_REASON_BITS_UNEXPECTED);
    bc_block_unref(block);
    bc__origin_unref(&params->origin);
}

static void an_id_equal_to_the_target_holds(void **state)
{
    (void)state;
    bc_params *params = by_work();
    bc__lineage lineage = lineage_at(20, HALF);
    bc_block *block = easy_block(params, &lineage, HALF);
    bc__uint256 id;
    const bc__uint256 one = bc__uint256_from_u64(1);
    assert_int_equal(bc__target_from_compact(&id, HALF), BC__COMPACT_OK);
    bc__uint256_to_bytes(&id, block->id);
    assert_judged(params, &lineage, block, BC_REASON_NONE);
    id = bc__uint256_add(&id, &one);
    bc__uint256_to_bytes(&id, block->id);
    assert_judged(params, &lineage, block, BC_REASON_TARGET);
    bc_block_unref(block);
    bc__origin_unref(&params->origin);
}

static void a_block_by_work_has_no_seal(void **state)
{
    (void)state;
    bc_params *params = by_work();
    bc__lineage lineage = lineage_at(20, HALF);
    bc_key *key = ledger_key(1);
    ledger_plan plan = {.height = 21, .time = start + 100000, .bits = HALF, .signer = key};
    bc_block *block = mined_block(params, plan, 0, true);
    assert_judged(params, &lineage, block, BC_REASON_SEAL_LENGTH);
    bc_block_unref(block);
    bc_key_unref(key);
    bc__origin_unref(&params->origin);
}

/* Worked out from the specification with Python's integers. Times in ms. */
static const struct {
    uint32_t parent_bits;
    int64_t solve_time;
    uint64_t spacing;
    uint64_t half_life;
    uint32_t bits;
} asert_rows[] = {
    {0x1c00ffff, INT64_C(600000), 600000, 172800000, 0x1c00ffff},
    {0x1c00ffff, INT64_C(0), 600000, 172800000, 0x1c00ff62},
    {0x1c00ffff, INT64_C(1200000), 600000, 172800000, 0x1c01009c},
    {0x1c00ffff, INT64_C(-600000), 600000, 172800000, 0x1c00fec5},
    {0x1c00ffff, INT64_C(3600000), 600000, 172800000, 0x1c010319},
    {0x1c00ffff, INT64_C(3600001), 600000, 172800000, 0x1c010319},
    {0x1c00ffff, INT64_C(4503599627370496), 600000, 172800000, 0x1c010319},
    {0x1c00ffff, INT64_C(-3600000), 600000, 172800000, 0x1c00fbbb},
    {0x1c00ffff, INT64_C(-3600001), 600000, 172800000, 0x1c00fbbb},
    {0x1c00ffff, INT64_C(-4503599627370496), 600000, 172800000, 0x1c00fbbb},
    {0x1d00ffff, INT64_C(1200000), 600000, 172800000, 0x1d00ffff},
    {0x1d00ffff, INT64_C(599999), 600000, 3600000, 0x1d00ffff},
    {0x1d00ffff, INT64_C(600001), 600000, 3600000, 0x1d00ffff},
    {0x1b123456, INT64_C(1), 10, 60, 0x1b10689a},
    {0x1b123456, INT64_C(60), 10, 60, 0x1b2070a3},
    {0x1b123456, INT64_C(-60), 10, 60, 0x1b081c2d},
    {0x01010000, INT64_C(-60), 10, 60, 0x01010000},
    {0x01010000, INT64_C(20), 10, 60, 0x01010000},
    {0x1a2b3c4d, INT64_C(2199023255552), UINT64_C(1) << 40, UINT64_C(1) << 40, 0x1a56789a},
    {0x1a2b3c4d, INT64_C(2), 1, 6, 0x1a3088d0},
    {0x1a2b3c4d, INT64_C(7), 1, 6, 0x1a4d0b84},
};

static bc_params *by_asert(uint64_t spacing, uint64_t half_life)
{
    bc_params *params = by_work();
    bc__ledger *ledger = params->of.ledger;
    ledger->asert = true;
    ledger->bits = 0x1c0fffff;
    ledger->limit = 0x1d00ffff;
    ledger->schedule.spacing = spacing;
    ledger->schedule.half_life = half_life;
    assert_int_equal(bc__target_from_compact(&ledger->schedule.limit, ledger->limit),
                     BC__COMPACT_OK);
    return params;
}

static void asert_follows_parent_and_grandparent(void **state)
{
    (void)state;
    for (size_t at = 0; at < COUNT_OF(asert_rows); at++) {
        bc_params *params = by_asert(asert_rows[at].spacing, asert_rows[at].half_life);
        bc__lineage lineage = lineage_at(1 + at % 20, 0x1d00ffff);
        int64_t solve_time = asert_rows[at].solve_time;
        lineage.ancestors[0].bits = asert_rows[at].parent_bits;
        lineage.ancestors[0].time = solve_time > 0 ? solve_time * MS : 0;
        lineage.ancestors[1].time = solve_time < 0 ? -solve_time * MS : 0;
        assert_int_equal(bc__work_next_bits(params->of.ledger, &lineage), asert_rows[at].bits);
        bc_block *block = easy_block(params, &lineage, asert_rows[at].bits);
        block->time = (INT64_C(1) << 53) * MS - MS; /* above any median */
        assert_judged(params, &lineage, block, BC_REASON_NONE);
        block->bits--;
        assert_judged(params, &lineage, block,
                      block->bits == 0x0100ffff ? BC_REASON_BITS_ZERO : BC_REASON_BITS_UNEXPECTED);
        bc_block_unref(block);
        bc__origin_unref(&params->origin);
    }
}

/* The first block has the network's bits, whatever time went by since genesis. */
static void asert_begins_with_the_second_block(void **state)
{
    (void)state;
    bc_params *params = by_asert(600000, 172800000);
    bc__lineage lineage = lineage_at(0, 0x1c0fffff);
    bc_block *block = easy_block(params, &lineage, 0x1c0fffff);
    block->time += INT64_C(1000000000000);
    assert_judged(params, &lineage, block, BC_REASON_NONE);
    block->bits = 0x1c0ffffe;
    assert_judged(params, &lineage, block, BC_REASON_BITS_UNEXPECTED);
    bc_block_unref(block);
    lineage = lineage_at(1, 0x1c0fffff);
    assert_int_not_equal(bc__work_next_bits(params->of.ledger, &lineage), 0x1c0fffff);
    bc__origin_unref(&params->origin);
}

/* The steady rows of the published run 1: blocks 600 s apart at the limit stay there. */
static void asert_holds_still_on_schedule(void **state)
{
    (void)state;
    bc_params *params = by_asert(600000, 172800000);
    bc__lineage lineage = lineage_at(1, 0x1d00ffff);
    for (int64_t height = 1; height < 12; height++) {
        lineage.height = (uint64_t)height;
        lineage.ancestors[0].time = 600000 * height * MS;
        lineage.ancestors[1].time = 600000 * (height - 1) * MS;
        assert_int_equal(bc__work_next_bits(params->of.ledger, &lineage), 0x1d00ffff);
    }
    bc__origin_unref(&params->origin);
}

/* Faults of a header by work, in the order in which they are named. That of the bits has variants. */
enum {
    W_SIZE = 1 << 0,
    W_HEIGHT = 1 << 1,
    W_MEDIAN = 1 << 2,
    W_BITS = 1 << 3,
    W_TARGET = 1 << 4,
    W_SEAL = 1 << 5,
    W_CLOCK = 1 << 6,
    W_ALL = 1 << 7
};

static void the_first_fault_by_work_is_named(void **state)
{
    (void)state;
    static const struct {
        uint32_t bits;
        uint32_t reason;
    } wrong_bits[] = {{0x1c80ffff, BC_REASON_BITS_NEGATIVE},
                      {0x1c000000, BC_REASON_BITS_ZERO},
                      {0xff00ffff, BC_REASON_BITS_OVERFLOW},
                      {0x2100ffff, BC_REASON_BITS_OVER_LIMIT},
                      {0x1d00ffff, BC_REASON_BITS_UNEXPECTED}};
    bc_params *params = by_work();
    bc_key *key = ledger_key(1);
    for (unsigned faults = 0; faults < W_ALL * COUNT_OF(wrong_bits); faults++) {
        size_t variant = faults / W_ALL;
        const uint32_t reasons[] = {
            BC_REASON_SIZE,   BC_REASON_HEIGHT,      BC_REASON_MEDIAN, wrong_bits[variant].reason,
            BC_REASON_TARGET, BC_REASON_SEAL_LENGTH, BC_REASON_CLOCK};
        bc__lineage lineage = lineage_at(20, HALF);
        uint64_t median = (uint64_t)naive_median(&lineage) / MS;
        ledger_plan plan = {
            .height = (faults & W_HEIGHT) != 0 ? 22 : 21,
            .time = (faults & W_MEDIAN) != 0 ? median : median + 1,
            .bits = (faults & W_BITS) != 0 ? wrong_bits[variant].bits : HALF,
            .signer = (faults & W_SEAL) != 0 ? key : NULL,
        };
        bc_block *block = mined_block(params, plan, 0, (faults & W_TARGET) == 0);
        params->of.ledger->block_bytes = block->bytes.length - ((faults & W_SIZE) != 0);
        params->of.ledger->future_limit = 60000;
        lineage.now = block->time - 60000 * MS - ((faults & W_CLOCK) != 0);
        uint32_t expected = BC_REASON_NONE;
        for (size_t at = COUNT_OF(reasons); at-- > 0;) {
            expected = (faults & 1U << at) != 0 ? reasons[at] : expected;
        }
        assert_judged(params, &lineage, block, expected);
        bc_block_unref(block);
    }
    bc_key_unref(key);
    bc__origin_unref(&params->origin);
}

/* ---- Content ---- */

static void assert_content(const bc_params *params, const bc_block *block,
                           const uint8_t history_root[BC_ID_BYTES], uint32_t expected)
{
    bc_error error = BC_ERROR_INIT;
    assert_int_equal(bc__ledger_check_content(params, block, history_root, &error), expected);
    assert_int_equal(error.code, expected == BC_REASON_NONE ? BC_OK : BC_ERR_FORMAT);
    assert_int_equal(bc__ledger_check_content(params, block, history_root, NULL), expected);
}

static void a_header_commits_to_body_and_history(void **state)
{
    (void)state;
    bc_params *params = by_work();
    uint8_t history[BC_ID_BYTES];
    bc__sha256(history, "headers", 7);
    bc_tx *txs[] = {ledger_reward(params, 21, 50, 1), ledger_transfer(params, 1, 2, 0, 5, 0, "p")};
    ledger_plan plan = {.height = 21,
                        .time = start,
                        .bits = HALF,
                        .history_root = history,
                        .txs = txs,
                        .tx_count = 2};
    bc_block *block = ledger_block(params, &plan);
    assert_content(params, block, history, BC_REASON_NONE);
    for (size_t bit = 0; bit < 8 * sizeof history; bit++) {
        history[bit / 8] ^= (uint8_t)(1U << bit % 8);
        assert_content(params, block, history, BC_REASON_CONTENT);
        history[bit / 8] ^= (uint8_t)(1U << bit % 8);
    }
    /* One byte of the payload, then the last transaction left out. */
    bc_block *other;
    uint8_t bytes[1024];
    size_t length = block->bytes.length;
    assert_true(length <= sizeof bytes);
    memcpy(bytes, block->bytes.data, length);
    bytes[length - BC__SIGNATURE_BYTES - 1] ^= 1;
    assert_int_equal(bc__ledger_parse_block(&other, params, bytes, length, NULL, NULL), BC_OK);
    assert_memory_equal(other->id, block->id, BC_ID_BYTES);
    assert_content(params, other, history, BC_REASON_CONTENT);
    bc_block_unref(other);
    bytes[BC__HEADER_BYTES + 1] = 1;
    length -= txs[1]->length;
    assert_int_equal(bc__ledger_parse_block(&other, params, bytes, length, NULL, NULL), BC_OK);
    assert_content(params, other, history, BC_REASON_CONTENT);
    bc_block_unref(other);
    bc_block_unref(block);
    bc_tx_unref(txs[0]);
    bc_tx_unref(txs[1]);
    bc__origin_unref(&params->origin);
}

static void the_reward_is_the_first_and_only_one(void **state)
{
    (void)state;
    static const struct {
        const char *body; /* r: reward, s: signed */
        uint32_t reason;
    } cases[] = {
        {"r", BC_REASON_NONE},          {"rs", BC_REASON_NONE},
        {"rsss", BC_REASON_NONE},       {"", BC_REASON_REWARD_PLACE},
        {"s", BC_REASON_REWARD_PLACE},  {"sr", BC_REASON_REWARD_PLACE},
        {"rr", BC_REASON_REWARD_PLACE}, {"rsr", BC_REASON_REWARD_PLACE},
    };
    bc_params *params = by_work();
    uint8_t history[BC_ID_BYTES];
    bc__sha256(history, "headers", 7);
    bc_tx *reward = ledger_reward(params, 21, 50, 1);
    bc_tx *transfer = ledger_transfer(params, 1, 2, 0, 5, 0, "");
    for (size_t at = 0; at < COUNT_OF(cases); at++) {
        bc_tx *txs[4];
        ledger_plan plan = {.height = 21,
                            .time = start,
                            .bits = HALF,
                            .history_root = history,
                            .txs = txs,
                            .tx_count = (uint32_t)strlen(cases[at].body)};
        for (uint32_t index = 0; index < plan.tx_count; index++) {
            txs[index] = cases[at].body[index] == 'r' ? reward : transfer;
        }
        bc_block *block = ledger_block(params, &plan);
        assert_content(params, block, history, cases[at].reason);
        history[0] ^= 1; /* the content is looked at first */
        assert_content(params, block, history, BC_REASON_CONTENT);
        history[0] ^= 1;
        bc_block_unref(block);
    }
    bc_tx_unref(reward);
    bc_tx_unref(transfer);
    bc__origin_unref(&params->origin);
}

/* ---- Work of a block ---- */

static void assert_work(const bc_params *params, uint32_t bits, bc__uint256 expected)
{
    bc_block *block = block_of(params, (ledger_plan){.height = 1, .bits = bits});
    bc__uint256 work = bc__ledger_block_work(params, block);
    assert_int_equal(bc__uint256_compare(&work, &expected), 0);
    bc_block_unref(block);
}

static void the_work_of_a_block(void **state)
{
    (void)state;
    bc_params *params = by_work();
    assert_work(params, 0x2100ffff, bc__uint256_from_u64(1));
    assert_work(params, HALF, bc__uint256_from_u64(2));
    assert_work(params, 0x1d00ffff, bc__uint256_from_u64(UINT64_C(0x100010001)));
    assert_work(params, 0x01010000, (bc__uint256){{0, 0, 0, UINT64_C(1) << 63}});
    assert_work(params, 0x1d80ffff, bc__uint256_zero());
    assert_work(params, 0, bc__uint256_zero());
    bc__origin_unref(&params->origin);
    params = by_authority(3);
    assert_work(params, 1, bc__uint256_from_u64(1)); /* out of turn, and genesis */
    assert_work(params, 2, bc__uint256_from_u64(2));
    bc__origin_unref(&params->origin);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_block_has_at_most_block_bytes),
        cmocka_unit_test(the_height_is_one_above_the_parents),
        cmocka_unit_test(the_time_is_above_the_median),
        cmocka_unit_test(the_first_medians),
        cmocka_unit_test(the_time_is_at_most_the_limit_ahead_of_the_clock),
        cmocka_unit_test(names_what_is_wrong_with_bits),
        cmocka_unit_test(bits_are_compared_as_they_are_written),
        cmocka_unit_test(an_id_equal_to_the_target_holds),
        cmocka_unit_test(a_block_by_work_has_no_seal),
        cmocka_unit_test(asert_follows_parent_and_grandparent),
        cmocka_unit_test(asert_begins_with_the_second_block),
        cmocka_unit_test(asert_holds_still_on_schedule),
        cmocka_unit_test(the_first_fault_by_work_is_named),
        cmocka_unit_test(a_header_commits_to_body_and_history),
        cmocka_unit_test(the_reward_is_the_first_and_only_one),
        cmocka_unit_test(the_work_of_a_block),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
