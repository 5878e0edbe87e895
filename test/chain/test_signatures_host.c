/* The host's check_tx: whom it is asked about, and what its answers do. */
#include "test/chain/signatures_fixture.h"

#include "src/base/thread.h"

enum { COUNT = 60, ROOM = 1 << 20, NEVER = SERIALS };

/* A host that gives `status` for one transaction, and BC_OK for all others. */
typedef struct host {
    uint32_t serial;
    bc_status status;
    int32_t host_code;
    const char *words;
    uintptr_t thread;
    uint32_t asked[COUNT];
    size_t count;
    bool wrong;
} host;

static bc_status check_tx(void *context, const bc_tx *tx, uint64_t height, bc_error *error)
{
    host *own = context;
    uint32_t serial = (uint32_t)bc__get_le(tx->bytes + AT_SERIAL, 4);
    uint8_t id[BC_ID_BYTES];
    write_id(id, serial);
    own->wrong |= own->count == COUNT || height != HEIGHT || bc__this_thread() != own->thread ||
                  tx->length != TX_BYTES || memcmp(tx->id, id, sizeof id) != 0;
    own->asked[own->count++ % COUNT] = serial;
    if (serial != own->serial) {
        return BC_OK;
    }
    error->host_code = own->host_code;
    (void)snprintf(error->message, sizeof error->message, "%s", own->words);
    return own->status;
}

static bc_host_rules rules_of(host *own)
{
    bc_host_rules rules = BC_HOST_RULES_INIT;
    own->thread = bc__this_thread();
    rules.context = own;
    rules.check_tx = check_tx;
    return rules;
}

/* A reward with the serial number 0, then signed ones from 1 on; `failing` fails by the rules. */
static bc_block *block_with(bench *with, uint32_t failing)
{
    fake_tx txs[COUNT];
    for (uint32_t at = 0; at < COUNT; at++) {
        txs[at] = (fake_tx){.serial = at,
                            .sender = at,
                            .reason = at == failing ? BC_REASON_SIGNATURE : BC_REASON_NONE};
    }
    return make_block(with, txs, COUNT);
}

/* Checks such a block twice, with everything unknown and with everything known. */
static void check(host *own, uint32_t failing, bc_status expected, uint32_t reason, uint32_t index,
                  bc_error *error)
{
    for (uint32_t threads = 1; threads <= 4; threads++) {
        bench with;
        const bc_host_rules rules = rules_of(own);
        const bc__tx_checks checks = {.height = HEIGHT, .threads = threads, .host = &rules};
        setup(&with, ROOM);
        bc_block *block = block_with(&with, failing);
        for (unsigned round = 0; round < 2; round++) {
            bc__tx_verdict verdict = {77, 77};
            own->count = 0;
            assert_int_equal(
                bc__signatures_check_block(&with.signatures, &verdict, block, &checks, error),
                expected);
            assert_int_equal(verdict.reason, reason);
            assert_int_equal(verdict.index, index);
            assert_false(own->wrong);
            /* In order, without the reward, and none behind what failed. */
            size_t last = own->serial < failing ? own->serial : failing - 1;
            assert_int_equal(own->count, last < COUNT ? last : COUNT - 1);
            for (uint32_t at = 0; at < own->count; at++) {
                assert_int_equal(own->asked[at], at + 1);
            }
        }
        bc_block_unref(block);
        teardown(&with);
    }
}

static void it_is_asked_about_all_in_order(void **state)
{
    (void)state;
    host own = {.serial = NEVER};
    bc_error error = {.code = 5, .message = "as it was"};
    check(&own, NEVER, BC_OK, BC_REASON_NONE, 0, &error);
    assert_int_equal(own.count, COUNT - 1);
    assert_int_equal(error.code, 5);
    assert_string_equal(error.message, "as it was");
}

static void it_is_not_asked_behind_a_failure(void **state)
{
    (void)state;
    host own = {.serial = NEVER};
    bc_error error = {0};
    check(&own, 40, BC_OK, BC_REASON_SIGNATURE, 40, &error);
    assert_int_equal(own.count, 39);
    assert_string_equal(error.message, "transaction 40: serial 40 fails");
    check(&own, 1, BC_OK, BC_REASON_SIGNATURE, 1, &error);
    assert_int_equal(own.count, 0);
    own.serial = 41; /* would have said no */
    own.status = BC_ERR_HOST;
    check(&own, 40, BC_OK, BC_REASON_SIGNATURE, 40, &error);
}

static void its_rules_may_be_broken(void **state)
{
    (void)state;
    host own = {.serial = 20, .status = BC_ERR_FORMAT, .host_code = 9, .words = "no such item"};
    bc_error error = {.code = 5};
    check(&own, NEVER, BC_OK, BC_REASON_HOST, 20, &error);
    assert_string_equal(error.message, "transaction 20: against the host's rules: no such item");
    assert_int_equal(error.code, BC_OK);
    assert_int_equal(error.host_code, 9);
    check(&own, 21, BC_OK, BC_REASON_HOST, 20, &error); /* the earlier transaction wins */
    assert_string_equal(error.message, "transaction 20: against the host's rules: no such item");
    check(&own, NEVER, BC_OK, BC_REASON_HOST, 20, NULL);
    own.words = "";
    check(&own, NEVER, BC_OK, BC_REASON_HOST, 20, &error);
    assert_string_equal(error.message, "transaction 20: against the host's rules: BC_ERR_FORMAT");
}

static void any_other_result_ends_the_call(void **state)
{
    (void)state;
    static const struct {
        bc_status given;
        bc_status expected;
    } results[] = {{BC_ERR_HOST, BC_ERR_HOST},
                   {BC_ERR_HOST - 7, BC_ERR_HOST - 7},
                   {BC_ERR_MEMORY, BC_ERR_MEMORY},
                   {BC_ERR_LIMIT, BC_ERR_LIMIT},
                   {1, BC_ERR_HOST},
                   {INT32_MAX, BC_ERR_HOST}};
    for (size_t at = 0; at < sizeof results / sizeof results[0]; at++) {
        host own = {.serial = 20, .status = results[at].given, .words = "out of order"};
        bc_error error = {0};
        check(&own, NEVER, results[at].expected, BC_REASON_NONE, 0, &error);
        assert_int_equal(error.code, results[at].expected);
        assert_int_equal(error.host_code, results[at].given);
        assert_string_equal(error.message,
                            "transaction 20: the host's check_tx failed: out of order");
        own.host_code = 33;
        check(&own, 30, results[at].expected, BC_REASON_NONE, 0, &error);
        assert_int_equal(error.host_code, 33);
        check(&own, 30, results[at].expected, BC_REASON_NONE, 0, NULL);
    }
}

/* Long words are cut, and what is no text is not passed on. */
static void its_words_are_made_fit(void **state)
{
    (void)state;
    char words[248];
    memset(words, 'w', sizeof words);
    words[1] = '\n';
    words[sizeof words - 1] = '\0';
    host own = {.serial = 3, .status = BC_ERR_FORMAT, .words = words};
    bc_error error = {0};
    check(&own, NEVER, BC_OK, BC_REASON_HOST, 3, &error);
    assert_int_equal(strncmp(error.message, "transaction 3: against the host's rules: w?w", 44), 0);
    assert_true(strlen(error.message) > 200);
}

static void it_may_have_no_say(void **state)
{
    (void)state;
    bench with;
    const bc_host_rules rules = BC_HOST_RULES_INIT;
    const bc__tx_checks checks = {.height = HEIGHT, .threads = 2, .host = &rules};
    bc__tx_verdict verdict;
    setup(&with, ROOM);
    bc_block *block = block_with(&with, NEVER);
    const fake_tx given = {.serial = 1, .sender = 1};
    bc_tx *tx = make_tx(&with, &given);
    assert_int_equal(bc__signatures_check_block(&with.signatures, &verdict, block, &checks, NULL),
                     BC_OK);
    assert_int_equal(verdict.reason, BC_REASON_NONE);
    assert_int_equal(bc__signatures_check_tx(&with.signatures, &verdict, tx, &checks, NULL), BC_OK);
    assert_int_equal(verdict.reason, BC_REASON_NONE);
    bc_tx_unref(tx);
    bc_block_unref(block);
    teardown(&with);
}

static void it_is_asked_about_one_alone(void **state)
{
    (void)state;
    static const struct {
        bc_status given;
        bc_status expected;
        uint32_t reason;
        const char *message;
    } results[] = {
        {BC_OK, BC_OK, BC_REASON_NONE, ""},
        {BC_ERR_FORMAT, BC_OK, BC_REASON_HOST, "against the host's rules: words"},
        {BC_ERR_HOST - 1, BC_ERR_HOST - 1, BC_REASON_NONE, "the host's check_tx failed: words"},
        {9, BC_ERR_HOST, BC_REASON_NONE, "the host's check_tx failed: words"},
    };
    for (size_t at = 0; at < sizeof results / sizeof results[0]; at++) {
        bench with;
        host own = {.serial = 5, .status = results[at].given, .words = "words"};
        const bc_host_rules rules = rules_of(&own);
        const bc__tx_checks checks = {.height = HEIGHT, .host = &rules};
        const fake_tx given = {.serial = 5, .sender = 5};
        setup(&with, ROOM);
        bc_tx *tx = make_tx(&with, &given);
        for (size_t round = 1; round <= 2; round++) { /* unknown and remembered */
            bc__tx_verdict verdict = {77, 77};
            bc_error error = {0};
            assert_int_equal(
                bc__signatures_check_tx(&with.signatures, &verdict, tx, &checks, &error),
                results[at].expected);
            assert_int_equal(verdict.reason, results[at].reason);
            assert_int_equal(verdict.index, 0);
            assert_int_equal(error.code, results[at].expected);
            assert_string_equal(error.message, results[at].message);
            assert_int_equal(own.count, round);
        }
        assert_false(own.wrong);
        assert_int_equal(atomic_load(&counts.signature[5]), 1);
        bc_tx_unref(tx);
        teardown(&with);
    }
}

static void it_is_not_asked_about_one_that_fails(void **state)
{
    (void)state;
    bench with;
    host own = {.serial = 5, .status = BC_ERR_FORMAT, .words = "words"};
    const bc_host_rules rules = rules_of(&own);
    const bc__tx_checks checks = {.height = HEIGHT, .host = &rules};
    const fake_tx given = {.serial = 5, .sender = 5, .reason = BC_REASON_KEY};
    bc__tx_verdict verdict;
    setup(&with, ROOM);
    bc_tx *tx = make_tx(&with, &given);
    assert_int_equal(bc__signatures_check_tx(&with.signatures, &verdict, tx, &checks, NULL), BC_OK);
    assert_int_equal(verdict.reason, BC_REASON_KEY);
    assert_int_equal(own.count, 0);
    bc_tx_unref(tx);
    teardown(&with);
}

/* The transactions that the host is shown need memory as well. */
static void memory_may_end_anywhere(void **state)
{
    (void)state;
    bool done = false;
    for (size_t given = 0; !done; given++) {
        bench with;
        host own = {.serial = NEVER};
        bc__tx_verdict verdict = {77, 77};
        bc_error error = {0};
        setup(&with, ROOM);
        const bc_host_rules rules = rules_of(&own);
        const bc__tx_checks checks = {.height = HEIGHT, .threads = 1, .host = &rules};
        bc_block *block = block_with(&with, NEVER);
        with.counter.left = given;
        bc_status status =
            bc__signatures_check_block(&with.signatures, &verdict, block, &checks, &error);
        done = status == BC_OK;
        assert_true(done || status == BC_ERR_MEMORY);
        assert_int_equal(error.code, status);
        assert_int_equal(verdict.reason, BC_REASON_NONE);
        assert_int_equal(own.count < COUNT - 1, !done);
        bc_block_unref(block);
        teardown(&with);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_asked_about_all_in_order),
        cmocka_unit_test(it_is_not_asked_behind_a_failure),
        cmocka_unit_test(its_rules_may_be_broken),
        cmocka_unit_test(any_other_result_ends_the_call),
        cmocka_unit_test(its_words_are_made_fit),
        cmocka_unit_test(it_may_have_no_say),
        cmocka_unit_test(it_is_asked_about_one_alone),
        cmocka_unit_test(it_is_not_asked_about_one_that_fails),
        cmocka_unit_test(memory_may_end_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
