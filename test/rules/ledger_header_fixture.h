/* What tests of the ledger's headers share: networks of both ways of sealing, and the headers that a
 * block stands on. */
#ifndef BC_TEST_RULES_LEDGER_HEADER_FIXTURE_H
#define BC_TEST_RULES_LEDGER_HEADER_FIXTURE_H

#include "test/rules/ledger_fixture.h"

enum { MS = 1000 /* microseconds */, HALF = 0x207fffff /* bits that half of all ids hold */ };

static const uint64_t start = 1700000000000; /* ms */

/* A network by work in which half of all nonces hold. */
static inline bc_params *by_work(void)
{
    bc_params *params = ledger_params(NULL);
    params->of.ledger->bits = HALF;
    params->of.ledger->limit = HALF;
    assert_int_equal(bc__target_from_compact(&params->of.ledger->schedule.limit, HALF),
                     BC__COMPACT_OK);
    return params;
}

/* A network of `count` authorities: the keys 1, 2, … of the fixture. */
static inline bc_params *by_authority(uint32_t count)
{
    bc_params *params = ledger_params(NULL);
    bc__ledger *ledger = params->of.ledger;
    ledger->by_authority = true;
    ledger->authority_count = count;
    ledger->authorities = bc__heap_array(&params->origin.heap, count, sizeof *ledger->authorities);
    assert_non_null(ledger->authorities);
    for (uint32_t at = 0; at < count; at++) {
        ledger_account(ledger->authorities[at], (uint8_t)(at + 1));
    }
    return params;
}

/* A parent at that height, behind blocks of one bits a second apart; without a clock. */
static inline bc__lineage lineage_at(uint64_t height, uint32_t bits)
{
    bc__lineage lineage = {.height = height, .now = INT64_MAX};
    lineage.count = height + 1 < BC__LINEAGE_MOST ? (uint32_t)height + 1 : BC__LINEAGE_MOST;
    for (uint32_t at = 0; at < lineage.count; at++) {
        lineage.ancestors[at].time = (int64_t)(start + 1000 * (height - at)) * MS;
        lineage.ancestors[at].bits = bits;
        lineage.ancestors[at].nonce = UINT64_MAX;
    }
    return lineage;
}

static inline void assert_judged(const bc_params *params, const bc__lineage *lineage,
                                 const bc_block *block, uint32_t expected)
{
    bc_error error = BC_ERROR_INIT;
    uint32_t reason = bc__ledger_check_header(params, lineage, block, &error);
    if (reason != expected) {
        fail_msg("%s instead of %s: %s", bc_reason_name(reason), bc_reason_name(expected),
                 error.message);
    }
    assert_int_equal(error.code, expected == BC_REASON_NONE ? BC_OK : BC_ERR_FORMAT);
    assert_int_equal(error.message[0] == '\0', expected == BC_REASON_NONE);
    assert_int_equal(bc__ledger_check_header(params, lineage, block, NULL), expected);
}

/* A block with a reward of that payload alone. */
static inline bc_block *block_with_payload(const bc_params *params, ledger_plan plan,
                                           uint32_t payload)
{
    uint8_t *bytes = calloc((size_t)payload + 1, 1);
    assert_non_null(bytes);
    bc_tx *reward = ledger_tx(params, (bc__ledger_tx){.kind = BC_TX_REWARD,
                                                      .nonce = plan.height,
                                                      .payload = bytes,
                                                      .payload_length = payload});
    plan.txs = &reward;
    plan.tx_count = 1;
    bc_block *block = ledger_block(params, &plan);
    bc_tx_unref(reward);
    free(bytes);
    return block;
}

static inline bc_block *block_of(const bc_params *params, ledger_plan plan)
{
    return block_with_payload(params, plan, 0);
}

#endif
