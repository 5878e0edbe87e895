#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <bc/bc.h>

#define NAMED(status)                                                                              \
    {                                                                                              \
        status, #status                                                                            \
    }

/* A status is named as its constant is. */
static void names_every_status(void **state)
{
    (void)state;
    static const struct {
        bc_status status;
        const char *name;
    } expected[] = {
        NAMED(BC_OK),           NAMED(BC_ERR_ARGUMENT),    NAMED(BC_ERR_MEMORY),
        NAMED(BC_ERR_LIMIT),    NAMED(BC_ERR_NOT_FOUND),   NAMED(BC_ERR_REENTRANT),
        NAMED(BC_ERR_CLOSED),   NAMED(BC_ERR_INTERRUPTED), NAMED(BC_ERR_UNSUPPORTED),
        NAMED(BC_ERR_FORMAT),   NAMED(BC_ERR_STORE),       NAMED(BC_ERR_STORE_UNKNOWN),
        NAMED(BC_ERR_POISONED), NAMED(BC_ERR_DAMAGED),     NAMED(BC_ERR_NETWORK),
        NAMED(BC_ERR_STALE),    NAMED(BC_ERR_HOST),
    };
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        assert_string_equal(bc_status_name(expected[i].status), expected[i].name);
    }
}

static void names_the_hosts_codes_and_unknown_ones(void **state)
{
    (void)state;
    assert_string_equal(bc_status_name(-1001), "BC_ERR_HOST");
    assert_string_equal(bc_status_name(INT32_MIN), "BC_ERR_HOST");
    assert_string_equal(bc_status_name(-999), "unknown");
    assert_string_equal(bc_status_name(BC_ERR_STALE - 1), "unknown");
    assert_string_equal(bc_status_name(1), "unknown");
    assert_string_equal(bc_status_name(INT32_MAX), "unknown");
}

static void names_every_verdict(void **state)
{
    (void)state;
    assert_string_equal(bc_verdict_name(BC_VERDICT_NONE), "-");
    assert_string_equal(bc_verdict_name(BC_VERDICT_ACCEPTED), "accepted");
    assert_string_equal(bc_verdict_name(BC_VERDICT_BRANCH), "branch");
    assert_string_equal(bc_verdict_name(BC_VERDICT_KNOWN), "known");
    assert_string_equal(bc_verdict_name(BC_VERDICT_ORPHAN), "orphan");
    assert_string_equal(bc_verdict_name(BC_VERDICT_NOT_YET), "not-yet");
    assert_string_equal(bc_verdict_name(BC_VERDICT_INVALID), "invalid");
    assert_string_equal(bc_verdict_name(BC_VERDICT_REFUSED), "refused");
    assert_string_equal(bc_verdict_name(BC_VERDICT_REFUSED + 1), "unknown");
    assert_string_equal(bc_verdict_name(UINT32_MAX), "unknown");
}

static void names_every_reason(void **state)
{
    (void)state;
    assert_string_equal(bc_reason_name(BC_REASON_NONE), "-");
    assert_string_equal(bc_reason_name(BC_REASON_FRAMING), "framing");
    assert_string_equal(bc_reason_name(BC_REASON_KNOWN), "known");
    assert_string_equal(bc_reason_name(BC_REASON_GENESIS), "genesis");
    assert_string_equal(bc_reason_name(BC_REASON_ORPHAN), "orphan");
    assert_string_equal(bc_reason_name(BC_REASON_SIZE), "size");
    assert_string_equal(bc_reason_name(BC_REASON_PREVIOUS), "previous");
    assert_string_equal(bc_reason_name(BC_REASON_PROOF), "proof");
    assert_string_equal(bc_reason_name(BC_REASON_LENGTH), "length");
    assert_string_equal(bc_reason_name(BC_REASON_REORG_DEPTH), "reorg-depth");
    assert_string_equal(bc_reason_name(BC_REASON_MEMPOOL_FULL), "mempool-full");
    static const struct {
        uint32_t reason;
        const char *name;
    } ledger[] = {
        {BC_REASON_HEIGHT, "height"},
        {BC_REASON_MEDIAN, "median"},
        {BC_REASON_BITS_NEGATIVE, "bits-negative"},
        {BC_REASON_BITS_ZERO, "bits-zero"},
        {BC_REASON_BITS_OVERFLOW, "bits-overflow"},
        {BC_REASON_BITS_OVER_LIMIT, "bits-over-limit"},
        {BC_REASON_BITS_UNEXPECTED, "bits-unexpected"},
        {BC_REASON_TARGET, "target"},
        {BC_REASON_SEAL_LENGTH, "seal-length"},
        {BC_REASON_PERIOD, "period"},
        {BC_REASON_INDEX, "index"},
        {BC_REASON_WEIGHT, "weight"},
        {BC_REASON_RECENT, "recent"},
        {BC_REASON_SEAL_SIGNATURE, "seal-signature"},
        {BC_REASON_CLOCK, "clock"},
        {BC_REASON_CONTENT, "content"},
        {BC_REASON_REWARD_PLACE, "reward-place"},
        {BC_REASON_PAYLOAD_SIZE, "payload-size"},
        {BC_REASON_RECIPIENT, "recipient"},
        {BC_REASON_OVERFLOW, "overflow"},
        {BC_REASON_MINIMUM_FEE, "minimum-fee"},
        {BC_REASON_KEY, "key"},
        {BC_REASON_SIGNATURE, "signature"},
        {BC_REASON_HOST, "host"},
        {BC_REASON_REWARD_NONCE, "reward-nonce"},
        {BC_REASON_REWARD_PAYLOAD, "reward-payload"},
        {BC_REASON_REWARD_OVERFLOW, "reward-overflow"},
        {BC_REASON_REWARD_AMOUNT, "reward-amount"},
        {BC_REASON_REWARD_RECIPIENT, "reward-recipient"},
        {BC_REASON_NONCE, "nonce"},
        {BC_REASON_BALANCE, "balance"},
        {BC_REASON_HOST_BLOCK, "host-block"},
        {BC_REASON_CHECKPOINT, "checkpoint"},
        {BC_REASON_REPLACEMENT, "replacement"},
        {BC_REASON_SENDER_LIMIT, "sender-limit"},
    };
    for (size_t at = 0; at < sizeof ledger / sizeof ledger[0]; at++) {
        assert_string_equal(bc_reason_name(ledger[at].reason), ledger[at].name);
    }
    assert_string_equal(bc_reason_name(BC_REASON_SENDER_LIMIT + 1), "unknown");
    assert_string_equal(bc_reason_name(UINT32_MAX), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_every_status),
        cmocka_unit_test(names_the_hosts_codes_and_unknown_ones),
        cmocka_unit_test(names_every_verdict),
        cmocka_unit_test(names_every_reason),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
