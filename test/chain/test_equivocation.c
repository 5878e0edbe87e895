/* A signer with two blocks at one height: reported once, with both headers, and told like any event. */
#include "src/rules/ledger/ledger.h"
#include "test/support/ledger_world.h"

typedef struct bench {
    ledger_world world;
    bc_chain *chain;
    unsigned reports;
    unsigned connects;
    uint64_t sequence;
    uint32_t
        answer; /* a node that is handed in from inside the handler of the first report; 0: none */
    uint8_t evidence[2 * BC__SEALED_BYTES_MAX];
    size_t evidence_length;
    uint8_t id[BC_ID_BYTES];
} bench;

static bc_status take_event(void *context, bc_chain *chain, const bc_event *event)
{
    bench *with = context;
    assert_int_equal(event->sequence, ++with->sequence);
    if (event->kind == BC_EVENT_CONNECT) {
        with->connects++;
    } else if (event->kind == BC_EVENT_EQUIVOCATION) {
        with->reports++;
        assert_true(event->evidence_length <= sizeof with->evidence);
        memcpy(with->evidence, event->evidence, event->evidence_length);
        with->evidence_length = event->evidence_length;
        memcpy(with->id, event->id, BC_ID_BYTES);
        uint32_t answer = with->answer;
        with->answer = 0;
        if (answer != 0) {
            world_submit(&with->world, chain, answer, BC_VERDICT_ACCEPTED, BC_REASON_NONE);
        }
    }
    return BC_OK;
}

static void setup(bench *with, uint32_t authorities)
{
    const world_network network = WORLD_BY_AUTHORITIES(authorities);
    memset(with, 0, sizeof *with);
    world_begin(&with->world, &network, NULL);
    bc_options options = world_options(&with->world);
    options.event = take_event;
    options.event_context = with;
    with->chain = fixture_open(with->world.params, NULL, &options);
}

static void teardown(bench *with)
{
    fixture_close(with->chain);
    world_end(&with->world);
}

static void both_headers_are_told_once(void **state)
{
    (void)state;
    bench with;
    size_t lengths[2];
    uint8_t id[BC_ID_BYTES];
    setup(&with, 1);
    uint32_t first = world_extend(&with.world, 0, 1, 0);
    uint32_t second = world_extend(&with.world, 0, 1, 1);
    uint32_t third = world_extend(&with.world, 0, 1, 2);
    world_submit(&with.world, with.chain, first, BC_VERDICT_ACCEPTED, BC_REASON_NONE);
    assert_int_equal(with.reports, 0);
    uint32_t verdict;
    assert_int_equal(
        bc_chain_submit(with.chain, &verdict, NULL, with.world.nodes[second].block, NULL), BC_OK);
    assert_int_equal(verdict, BC_VERDICT_BRANCH);
    assert_int_equal(with.reports, 1);
    const uint8_t *one = bc_block_header(with.world.nodes[first].block, &lengths[0]);
    const uint8_t *other = bc_block_header(with.world.nodes[second].block, &lengths[1]);
    assert_int_equal(with.evidence_length, lengths[0] + lengths[1]);
    assert_memory_equal(with.evidence, one, lengths[0]);
    assert_memory_equal(with.evidence + lengths[0], other, lengths[1]);
    bc_block_id(with.world.nodes[second].block, id);
    assert_memory_equal(with.id, id, BC_ID_BYTES);
    assert_int_equal(
        bc_chain_submit(with.chain, &verdict, NULL, with.world.nodes[third].block, NULL), BC_OK);
    assert_int_equal(with.reports, 1);
    teardown(&with);
}

/* The header alone is at fault: it was sealed, whatever came with it. */
static void a_body_that_was_tampered_with_does_not_hide_it(void **state)
{
    (void)state;
    bench with;
    uint32_t verdict;
    setup(&with, 1);
    uint32_t first = world_extend(&with.world, 0, 1, 0);
    uint32_t second = world_extend(&with.world, 0, 1, 1);
    bc_block *tampered = world_tamper(&with.world, second);
    world_submit(&with.world, with.chain, first, BC_VERDICT_ACCEPTED, BC_REASON_NONE);
    assert_int_equal(bc_chain_submit(with.chain, &verdict, NULL, tampered, NULL), BC_OK);
    assert_int_equal(verdict, BC_VERDICT_INVALID);
    assert_int_equal(with.reports, 1);
    bc_block_unref(tampered);
    teardown(&with);
}

static void what_its_handler_hands_in_is_told_in_the_same_call(void **state)
{
    (void)state;
    bench with;
    uint32_t verdict;
    setup(&with, 1);
    uint32_t first = world_extend(&with.world, 0, 1, 0);
    uint32_t second = world_extend(&with.world, 0, 1, 1);
    uint32_t next = world_extend(&with.world, first, 1, 0);
    world_submit(&with.world, with.chain, first, BC_VERDICT_ACCEPTED, BC_REASON_NONE);
    with.answer = next;
    assert_int_equal(
        bc_chain_submit(with.chain, &verdict, NULL, with.world.nodes[second].block, NULL), BC_OK);
    world_assert_tip(&with.world, with.chain, next);
    assert_int_equal(with.connects, 2);
    teardown(&with);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_headers_are_told_once),
        cmocka_unit_test(a_body_that_was_tampered_with_does_not_hide_it),
        cmocka_unit_test(what_its_handler_hands_in_is_told_in_the_same_call),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
