#include "test/rules/ledger_header_fixture.h"

#include "test/support/random.h"

/* The faults by authority, in order. */
enum {
    A_SIZE = 1 << 0,
    A_HEIGHT = 1 << 1,
    A_MEDIAN = 1 << 2,
    A_PERIOD = 1 << 3,
    A_INDEX = 1 << 4,
    A_WEIGHT = 1 << 5,
    A_RECENT = 1 << 6,
    A_SEAL = 1 << 7,
    A_SIGNATURE = 1 << 8,
    A_CLOCK = 1 << 9,
    A_ALL = 1 << 10
};

static void the_first_fault_by_authority_is_named(void **state)
{
    (void)state;
    static const uint32_t reasons[] = {
        BC_REASON_SIZE,           BC_REASON_HEIGHT, BC_REASON_MEDIAN, BC_REASON_PERIOD,
        BC_REASON_INDEX,          BC_REASON_WEIGHT, BC_REASON_RECENT, BC_REASON_SEAL_LENGTH,
        BC_REASON_SEAL_SIGNATURE, BC_REASON_CLOCK};
    bc_params *params = by_authority(4);
    bc__ledger *ledger = params->of.ledger;
    bc_key *signer = ledger_key(2 + 1); /* in turn at height 10 */
    bc_key *other = ledger_key(1);
    for (unsigned faults = 0; faults < A_ALL; faults++) {
        bc__lineage lineage = lineage_at(9, 1);
        for (uint32_t at = 0; at < lineage.count; at++) {
            lineage.ancestors[at].time = (int64_t)start * MS;
        }
        lineage.ancestors[0].time -= 5000 * MS; /* the median lies behind the parent */
        lineage.ancestors[1].nonce = (faults & A_RECENT) != 0 ? 2 : 1;
        lineage.ancestors[2].nonce = 2; /* long enough ago */
        ledger_plan plan = {
            .height = (faults & A_HEIGHT) != 0 ? 9 : 10,
            .time = (faults & A_MEDIAN) != 0 ? start : start + 1,
            .bits = (faults & A_WEIGHT) != 0 ? 1 : 2,
            .nonce = (faults & A_INDEX) != 0 ? 4 : 2,
            .signer = (faults & A_SEAL) != 0        ? NULL
                      : (faults & A_SIGNATURE) != 0 ? other
                                                    : signer,
        };
        bc_block *block = block_of(params, plan);
        ledger->period =
            (uint64_t)(block->time - lineage.ancestors[0].time) / MS + ((faults & A_PERIOD) != 0);
        ledger->block_bytes = block->bytes.length - ((faults & A_SIZE) != 0);
        ledger->future_limit = 60000;
        lineage.now = block->time - 60000 * MS - ((faults & A_CLOCK) != 0);
        uint32_t expected = BC_REASON_NONE;
        for (size_t at = COUNT_OF(reasons); at-- > 0;) {
            expected = (faults & 1U << at) != 0 ? reasons[at] : expected;
        }
        assert_judged(params, &lineage, block, expected);
        bc_block_unref(block);
    }
    bc_key_unref(signer);
    bc_key_unref(other);
    bc__origin_unref(&params->origin);
}

/* Also behind genesis, and where the sum passes 63 bits. */
static void the_period_counts_from_the_parent(void **state)
{
    (void)state;
    static const struct {
        uint64_t parent;
        uint64_t time;
        uint64_t period;
        uint64_t height; /* of the parent */
        uint32_t reason;
    } cases[] = {
        {1700000000000, 1700000005000, 5000, 0, BC_REASON_NONE},
        {1700000000000, 1700000004999, 5000, 0, BC_REASON_PERIOD},
        {1700000000000, 1700000005000, 5000, 30, BC_REASON_NONE},
        {1700000000000, 1700000004999, 5000, 30, BC_REASON_PERIOD},
        {(UINT64_C(1) << 53) - 2, (UINT64_C(1) << 53) - 1, 1, 0, BC_REASON_NONE},
        {(UINT64_C(1) << 53) - 2, (UINT64_C(1) << 53) - 1, UINT64_C(1) << 40, 0, BC_REASON_PERIOD},
    };
    bc_params *params = by_authority(1);
    bc_key *signer = ledger_key(1);
    for (size_t at = 0; at < COUNT_OF(cases); at++) {
        bc__lineage lineage = lineage_at(cases[at].height, 2);
        for (uint32_t index = 1; index < lineage.count; index++) {
            lineage.ancestors[index].time = 0;
        }
        lineage.ancestors[0].time = (int64_t)cases[at].parent * MS;
        params->of.ledger->period = cases[at].period;
        ledger_plan plan = {
            .height = cases[at].height + 1, .time = cases[at].time, .bits = 2, .signer = signer};
        bc_block *block = block_of(params, plan);
        assert_judged(params, &lineage, block, cases[at].reason);
        bc_block_unref(block);
    }
    bc_key_unref(signer);
    bc__origin_unref(&params->origin);
}

static const uint32_t set_sizes[] = {1, 2, 3, 4, 5, 6, 7, 255};

/* 2 where the height modulo n is the index. */
static void turns_go_round(void **state)
{
    (void)state;
    for (size_t at = 0; at < COUNT_OF(set_sizes); at++) {
        uint32_t n = set_sizes[at];
        const bc__ledger ledger = {.by_authority = true, .authority_count = n};
        uint32_t turn = 1 % n;
        for (uint64_t height = 1; height < 600; height++) {
            for (uint32_t index = 0; index < n; index++) {
                assert_int_equal(bc__authority_weight(&ledger, height, index),
                                 index == turn ? 2 : 1);
            }
            turn = turn + 1 == n ? 0 : turn + 1;
        }
    }
}

/* Against a list of who sealed which height, in which genesis has the index 0 but no signer. */
static void the_last_half_may_not_seal_again(void **state)
{
    (void)state;
    enum { HEIGHTS = 300 };
    test_random random = test_random_begin();
    for (size_t size = 0; size < COUNT_OF(set_sizes); size++) {
        uint32_t n = set_sizes[size];
        const bc__ledger ledger = {.by_authority = true, .authority_count = n};
        uint64_t signer_of[HEIGHTS] = {0};
        for (uint64_t height = 1; height < HEIGHTS; height++) {
            bc__lineage lineage = lineage_at(height - 1, 1);
            for (uint32_t at = 0; at < lineage.count; at++) {
                lineage.ancestors[at].nonce = signer_of[lineage.height - at];
            }
            lineage.count = lineage.count < 127 ? lineage.count : 127; /* floor(255 / 2) */
            for (uint64_t index = 0; index < n; index++) {
                bool recent = false;
                for (uint64_t at = height > n / 2 ? height - n / 2 : 1; at < height; at++) {
                    recent = recent || (at > 0 && signer_of[at] == index);
                }
                assert_int_equal(bc__authority_is_recent(&ledger, &lineage, index), recent);
            }
            signer_of[height] = test_random_below(&random, n);
        }
    }
}

/* One key may always go on; of two keys neither may seal twice in a row. */
static void small_sets_of_authorities(void **state)
{
    (void)state;
    bc_key *keys[] = {ledger_key(1), ledger_key(2)};
    bc_params *params = by_authority(1);
    bc__lineage lineage = lineage_at(30, 2);
    lineage.ancestors[0].nonce = 0;
    ledger_plan plan = {.height = 31, .time = start + 100000, .bits = 2, .signer = keys[0]};
    bc_block *block = block_of(params, plan);
    assert_judged(params, &lineage, block, BC_REASON_NONE);
    bc_block_unref(block);
    bc__origin_unref(&params->origin);
    params = by_authority(2);
    for (uint64_t last = 0; last < 2; last++) {
        lineage.ancestors[0].nonce = last;
        for (uint64_t next = 0; next < 2; next++) {
            plan.nonce = next;
            plan.signer = keys[next];
            plan.bits = next == 31 % 2 ? 2 : 1;
            block = block_of(params, plan);
            assert_judged(params, &lineage, block,
                          next == last ? BC_REASON_RECENT : BC_REASON_NONE);
            bc_block_unref(block);
        }
    }
    bc__origin_unref(&params->origin);
    bc_key_unref(keys[0]);
    bc_key_unref(keys[1]);
}

static void every_bit_of_a_seal_counts(void **state)
{
    (void)state;
    bc_params *params = by_authority(3);
    bc__lineage lineage = lineage_at(30, 2);
    bc_key *signer = ledger_key(31 % 3 + 1);
    ledger_plan plan = {
        .height = 31, .time = start + 100000, .bits = 2, .nonce = 31 % 3, .signer = signer};
    bc_block *block = block_of(params, plan);
    assert_judged(params, &lineage, block, BC_REASON_NONE);
    uint8_t *seal = block->bytes.data + BC__HEADER_BYTES + 1;
    for (size_t bit = 0; bit < 8 * (size_t)BC__SEAL_BYTES; bit++) {
        seal[bit / 8] ^= (uint8_t)(1U << bit % 8);
        assert_int_equal(bc__ledger_check_header(params, &lineage, block, NULL),
                         BC_REASON_SEAL_SIGNATURE);
        seal[bit / 8] ^= (uint8_t)(1U << bit % 8);
    }
    params->origin.network_id[31] ^= 1; /* sealed for another network */
    assert_judged(params, &lineage, block, BC_REASON_SEAL_SIGNATURE);
    bc_block_unref(block);
    bc_key_unref(signer);
    bc__origin_unref(&params->origin);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_fault_by_authority_is_named),
        cmocka_unit_test(the_period_counts_from_the_parent),
        cmocka_unit_test(turns_go_round),
        cmocka_unit_test(the_last_half_may_not_seal_again),
        cmocka_unit_test(small_sets_of_authorities),
        cmocka_unit_test(every_bit_of_a_seal_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
