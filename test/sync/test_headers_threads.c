/* Two chains under the ledger's rules that are each other's peers through function calls: each is mined
 * on, asked and resolved by several threads at a time. To be run under ThreadSanitizer too. Only the
 * main thread asserts. */
#include <pthread.h>
#include <stdatomic.h>

#include "test/support/random.h"
#include "test/sync/ledger_net.h"

enum { RESOLVERS = 4, ROUNDS = 2000, ROUNDS_A_BLOCK = 20 };

typedef struct node {
    bc_chain *chain;
    struct node *other;
    uint8_t number;
    unsigned rounds;
} node;

static atomic_uint mining_on;
static atomic_uint rounds_done;

static bc_status call_other(void *context, const char *peer, const char *method,
                            const uint8_t *body, size_t length, bc_reply *reply)
{
    node *with = context;
    uint8_t piece[512];
    bc_answer *answer;
    size_t got = 1;
    bc_status status =
        bc_chain_serve(with->other->chain, &answer, peer, method, body, length, NULL);
    while (status == BC_OK && got > 0) {
        status = bc_answer_read(answer, &got, piece, sizeof piece, NULL);
        if (status == BC_OK) {
            status = bc_reply_write(reply, piece, got);
        }
    }
    (void)bc_reply_end(reply, status, NULL);
    bc_answer_unref(answer);
    bc_reply_unref(reply);
    return BC_OK;
}

static void *resolve_often(void *context)
{
    node *with = context;
    intptr_t failures = 0;
    for (unsigned round = 0; round < with->rounds; round++) {
        failures += bc_chain_resolve(with->chain, NULL, NULL, NULL, NULL) != BC_OK;
        failures += bc_chain_tick(with->chain, NULL, NULL) != BC_OK;
        atomic_fetch_add(&rounds_done, 1);
    }
    return (void *)failures;
}

static bc_status mine_one(node *with)
{
    uint8_t recipient[32];
    bc_mine_options options = BC_MINE_OPTIONS_INIT;
    bc_block *block;
    memset(recipient, with->number, sizeof recipient);
    options.recipient = recipient;
    options.recipient_length = sizeof recipient;
    bc_status status = bc_chain_mine(with->chain, &block, &options, NULL);
    bc_block_unref(block);
    return status;
}

static void *mine_meanwhile(void *context)
{
    node *with = context;
    intptr_t failures = 0;
    const struct timespec pause = {0, 50000};
    while (atomic_load(&mining_on) != 0) {
        uint64_t height = 0;
        (void)bc_chain_tip(with->chain, &height, NULL, NULL);
        if (height <= atomic_load(&rounds_done) / ROUNDS_A_BLOCK) {
            failures += mine_one(with) != BC_OK;
        } else {
            (void)nanosleep(&pause, NULL);
        }
    }
    return (void *)failures;
}

static void join(pthread_t thread)
{
    void *failures;
    assert_int_equal(pthread_join(thread, &failures), 0);
    assert_null(failures);
}

static void open_node(node *with, node *other, bc_params *params, uint8_t number)
{
    bc_transport transport = BC_TRANSPORT_INIT;
    bc_options options = BC_OPTIONS_INIT;
    transport.context = with;
    transport.request = call_other;
    options.transport = &transport;
    *with = (node){.other = other, .number = number};
    with->rounds = (unsigned)(test_random_repeats(ROUNDS) + RESOLVERS - 1) / RESOLVERS;
    with->chain = fixture_chain(params, &options);
    assert_int_equal(bc_chain_add_peer(with->chain, "other", NULL), BC_OK);
}

static void both_mine_and_agree(void **state)
{
    (void)state;
    bc_params *params = ledger_dev(NULL);
    node nodes[2];
    pthread_t resolvers[RESOLVERS];
    pthread_t miners[2];
    atomic_store(&mining_on, 1);
    atomic_store(&rounds_done, 0);
    for (uint8_t at = 0; at < 2; at++) {
        open_node(&nodes[at], &nodes[1 - at], params, (uint8_t)(at + 1));
    }
    for (size_t at = 0; at < 2; at++) {
        assert_int_equal(pthread_create(&miners[at], NULL, mine_meanwhile, &nodes[at]), 0);
    }
    for (size_t at = 0; at < RESOLVERS; at++) {
        assert_int_equal(pthread_create(&resolvers[at], NULL, resolve_often, &nodes[at % 2]), 0);
    }
    for (size_t at = 0; at < RESOLVERS; at++) {
        join(resolvers[at]);
    }
    atomic_store(&mining_on, 0);
    join(miners[0]);
    join(miners[1]);
    assert_int_equal(bc_chain_resolve(nodes[0].chain, NULL, NULL, NULL, NULL), BC_OK);
    assert_int_equal(mine_one(&nodes[0]), BC_OK); /* of equal work each kept its own */
    assert_int_equal(bc_chain_resolve(nodes[1].chain, NULL, NULL, NULL, NULL), BC_OK);
    ledger_assert_same(nodes[0].chain, nodes[1].chain);
    for (size_t at = 0; at < 2; at++) {
        assert_int_equal(bc_chain_verify(nodes[at].chain, NULL, NULL, NULL, NULL), BC_OK);
    }
    assert_int_equal(bc_chain_close(nodes[0].chain, NULL), BC_OK);
    assert_int_equal(bc_chain_close(nodes[1].chain, NULL), BC_OK);
    bc_params_unref(params);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_mine_and_agree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
