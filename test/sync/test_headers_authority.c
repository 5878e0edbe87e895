/* Resolving headers first in a network of authorities: seals are checked before blocks are asked for,
 * equal work is settled by the smaller id, and a signer seals once it has heard a peer. */
#include "test/sync/ledger_net.h"

enum { AUTHORITIES = 3 };

static bc_params *params;
static bc_key *keys[AUTHORITIES];

static int make_network(void **state)
{
    (void)state;
    char text[1024];
    char names[AUTHORITIES][2 * 32 + 1];
    for (uint8_t at = 0; at < AUTHORITIES; at++) {
        uint8_t seed[32];
        uint8_t key[32];
        memset(seed, at + 1, sizeof seed);
        assert_int_equal(bc_key_from_seed(&keys[at], seed, NULL, NULL), BC_OK);
        bc_key_public(keys[at], key);
        for (size_t byte = 0; byte < sizeof key; byte++) {
            (void)snprintf(names[at] + 2 * byte, 3, "%02x", key[byte]);
        }
    }
    int length =
        snprintf(text, sizeof text,
                 "{\"rules\":\"ledger\",\"version\":1,\"name\":\"three\",\"time\":1767225600000,"
                 "\"sealing\":\"authority\",\"authorities\":[\"%s\",\"%s\",\"%s\"],\"period\":0,"
                 "\"initial\":0,\"halving\":1,\"allocations\":[]}",
                 names[0], names[1], names[2]);
    assert_int_equal(bc_params_parse(&params, text, (size_t)length, NULL, NULL), BC_OK);
    return 0;
}

static int free_network(void **state)
{
    (void)state;
    for (size_t at = 0; at < AUTHORITIES; at++) {
        bc_key_unref(keys[at]);
    }
    bc_params_unref(params);
    return 0;
}

static bc_status seal(bc_chain *chain, size_t signer)
{
    bc_block *block;
    bc_mine_options options = BC_MINE_OPTIONS_INIT;
    options.signer = keys[signer];
    bc_status status = bc_chain_mine(chain, &block, &options, NULL);
    bc_block_unref(block);
    return status;
}

/* In turn up to that height. */
static void seal_to(bc_chain *chain, uint64_t height)
{
    while (fixture_height(chain) < height) {
        assert_int_equal(seal(chain, (fixture_height(chain) + 1) % AUTHORITIES), BC_OK);
    }
}

static bc_chain *lone_chain(void)
{
    bc_options options = BC_OPTIONS_INIT;
    options.signer_is_alone = 1;
    return fixture_chain(params, &options);
}

static void a_signer_seals_when_it_has_heard(void **state)
{
    (void)state;
    bc_chain *first = lone_chain();
    ledger_node node;
    ledger_peer peers[] = {{.name = "first", .chain = first}};
    seal_to(first, 4);
    ledger_open(&node, params, NULL, peers, 1);
    assert_int_equal(seal(node.chain, 1), BC_ERR_NETWORK);
    peers[0].line = "its chain of height 4 is ours now";
    assert_true(ledger_resolve(&node));
    assert_int_equal(seal(node.chain, 2), BC_OK);
    ledger_close(&node);
    /* To hear that nobody has more is enough. */
    bc_chain *empty = lone_chain();
    peers[0].chain = empty;
    peers[0].line = "its chain of height 0 is not better than ours";
    ledger_open(&node, params, NULL, peers, 1);
    assert_false(ledger_resolve(&node));
    assert_int_equal(seal(node.chain, 1), BC_OK);
    ledger_close(&node);
    assert_int_equal(bc_chain_close(empty, NULL), BC_OK);
    assert_int_equal(bc_chain_close(first, NULL), BC_OK);
}

/* A peer whose chain is better has not been heard before all of it was taken: what is missing may be a
 * block of our own. */
static void lose_blocks(ledger_peer *peer, const char *method, const uint8_t *body, size_t length,
                        ledger_answer *answer)
{
    (void)body;
    (void)length;
    if (strcmp(method, "blocks") == 0 && peer->numbers++ > 0) {
        answer->length = 0;
    }
}

static void a_promise_is_not_enough(void **state)
{
    (void)state;
    bc_chain *first = lone_chain();
    ledger_node node;
    ledger_peer peers[] = {{.name = "first",
                            .chain = first,
                            .change = lose_blocks,
                            .line = "it lacks the block at height 129",
                            .status = BC_ERR_FORMAT}};
    seal_to(first, 130);
    ledger_open(&node, params, NULL, peers, 1);
    assert_true(ledger_resolve(&node));
    assert_int_equal(fixture_height(node.chain), 128);
    assert_int_equal(seal(node.chain, 0), BC_ERR_NETWORK);
    peers[0].change = NULL;
    peers[0].line = "its chain of height 130 is ours now";
    peers[0].status = BC_OK;
    assert_true(ledger_resolve(&node));
    assert_int_equal(seal(node.chain, 2), BC_OK);
    ledger_close(&node);
    assert_int_equal(bc_chain_close(first, NULL), BC_OK);
}

/* In the last header a bit of the seal, which the id does not cover. */
static void break_seal(ledger_peer *peer, const char *method, const uint8_t *body, size_t length,
                       ledger_answer *answer)
{
    (void)peer;
    (void)body;
    (void)length;
    if (strcmp(method, "headers") == 0) {
        answer->data[answer->length - 64] ^= 1;
    }
}

static void a_broken_seal_is_refused_by_headers(void **state)
{
    (void)state;
    bc_chain *first = lone_chain();
    ledger_node node;
    ledger_peer peers[] = {
        {.name = "liar",
         .chain = first,
         .change = break_seal,
         .line = "its headers: the header at height 7: the block's seal is no signature",
         .status = BC_ERR_FORMAT},
    };
    seal_to(first, 7);
    ledger_open(&node, params, NULL, peers, 1);
    assert_false(ledger_resolve(&node));
    assert_int_equal(peers[0].blocks, 0);
    ledger_close(&node);
    assert_int_equal(bc_chain_close(first, NULL), BC_OK);
}

/* Two chains of equal work, 2 + 1 and 1 + 1 + 1: each hears the other, and both end at the smaller id. */
static void equal_work_is_settled(void **state)
{
    (void)state;
    bc_options options = BC_OPTIONS_INIT;
    ledger_peer of_left[] = {{.name = "right"}};
    ledger_peer of_right[] = {{.name = "left"}};
    ledger_node left;
    ledger_node right;
    uint8_t ids[2][32];
    options.signer_is_alone = 1;
    ledger_open(&left, params, &options, of_left, 1);
    ledger_open(&right, params, &options, of_right, 1);
    of_left[0].chain = right.chain;
    of_right[0].chain = left.chain;
    seal_to(left.chain, 3);
    assert_true(ledger_resolve(&right));
    assert_int_equal(seal(left.chain, 1), BC_OK); /* in turn at height 4 */
    assert_int_equal(seal(left.chain, 0), BC_OK);
    assert_int_equal(seal(right.chain, 2), BC_OK);
    assert_int_equal(seal(right.chain, 0), BC_OK);
    assert_int_equal(seal(right.chain, 1), BC_OK);
    assert_int_equal(fixture_height(right.chain), 6);
    assert_int_equal(fixture_height(left.chain), 5);
    uint8_t works[2][32];
    assert_int_equal(bc_chain_tip(left.chain, NULL, ids[0], works[0]), BC_OK);
    assert_int_equal(bc_chain_tip(right.chain, NULL, ids[1], works[1]), BC_OK);
    assert_memory_equal(works[0], works[1], 32);
    bool right_wins = memcmp(ids[1], ids[0], 32) < 0;
    assert_true(ledger_resolve(&left) == right_wins);
    assert_true(ledger_resolve(&right) == !right_wins);
    ledger_assert_same(left.chain, right.chain);
    uint8_t tip[32];
    ledger_tip(left.chain, tip);
    assert_memory_equal(tip, ids[right_wins ? 1 : 0], 32);
    ledger_close(&left);
    ledger_close(&right);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_signer_seals_when_it_has_heard),
        cmocka_unit_test(a_promise_is_not_enough),
        cmocka_unit_test(a_broken_seal_is_refused_by_headers),
        cmocka_unit_test(equal_work_is_settled),
    };
    return cmocka_run_group_tests(tests, make_network, free_network);
}
