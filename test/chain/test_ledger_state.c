/* The accounts that blocks leave behind, under the ledger's rules: each sum is what the rules say, nothing
 * is made or lost whatever is flushed when, and a crash at any commit leaves a state that was. */
#include "src/store/schema.h"
#include "test/support/ledger_world.h"
#include "test/support/random.h"

typedef struct bench {
    ledger_world world;
    test_store store;
    bc_options options;
    bc_chain *chain;
} bench;

static void reopen(bench *with)
{
    if (with->chain != NULL) {
        fixture_close(with->chain);
    }
    with->chain = fixture_open(with->world.params, &with->store.outer, &with->options);
}

static void setup(bench *with, const world_network *network)
{
    memset(with, 0, sizeof *with);
    world_begin(&with->world, network, NULL);
    test_store_init(&with->store);
    with->options = world_options(&with->world);
}

static void teardown(bench *with)
{
    fixture_close(with->chain);
    test_store_free(&with->store);
    world_end(&with->world);
}

static void assert_account(bench *with, unsigned number, uint64_t balance, uint64_t nonce)
{
    uint64_t found[2];
    assert_int_equal(bc_chain_account(with->chain, &found[0], &found[1], NULL,
                                      with->world.accounts[number], NULL),
                     BC_OK);
    assert_int_equal(found[0], balance);
    assert_int_equal(found[1], nonce);
}

/* ---- One block ---- */

typedef struct step {
    unsigned from;
    unsigned to;
    uint64_t nonce;
    uint64_t amount;
    uint64_t fee;
} step;

enum { STEPS_MOST = 4, ALL = 1000000, SUBSIDY = 50 };

typedef struct block_case {
    const char *what;
    unsigned miner;
    uint32_t reason; /* BC_REASON_NONE: accepted, and then: */
    step steps[STEPS_MOST];
    uint64_t balance[4]; /* of the accounts 1, 2, 9 and of the miner */
} block_case;

_Static_assert(ALL == WORLD_ALLOCATION, "what the cases begin with");

static const block_case block_cases[] = {
    {"what came in the same block may be spent",
     15,
     BC_REASON_NONE,
     {{1, 9, 0, 100, 1}, {9, 2, 0, 99, 1}},
     {ALL - 101, ALL + 99, 0, SUBSIDY + 2}},
    {"but not before it came",
     15,
     BC_REASON_BALANCE,
     {{9, 2, 0, 99, 1}, {1, 9, 0, 100, 1}},
     {ALL, ALL, 0, 0}},
    {"nor more than that",
     15,
     BC_REASON_BALANCE,
     {{1, 9, 0, 100, 1}, {9, 2, 0, 100, 1}},
     {ALL, ALL, 0, 0}},
    {"who pays oneself pays the fee",
     15,
     BC_REASON_NONE,
     {{1, 1, 0, 10, 3}},
     {ALL - 3, ALL, 0, SUBSIDY + 3}},
    {"with all that there is",
     15,
     BC_REASON_NONE,
     {{1, 1, 0, ALL - 3, 3}, {1, 1, 1, 0, 1}},
     {ALL - 4, ALL, 0, SUBSIDY + 4}},
    {"and must have it beforehand",
     15,
     BC_REASON_BALANCE,
     {{1, 1, 0, ALL - 2, 3}},
     {ALL, ALL, 0, 0}},
    {"all may be given away",
     15,
     BC_REASON_NONE,
     {{1, 2, 0, ALL - 1, 1}},
     {0, 2 * ALL - 1, 0, SUBSIDY + 1}},
    {"the reward comes last", 9, BC_REASON_BALANCE, {{9, 2, 0, 49, 1}}, {ALL, ALL, 0, 0}},
    {"a miner may send", 1, BC_REASON_NONE, {{1, 2, 0, ALL, 0}}, {SUBSIDY, 2 * ALL, 0, SUBSIDY}},
    {"nonces go up by one",
     15,
     BC_REASON_NONE,
     {{1, 2, 0, 1, 0}, {2, 1, 0, 1, 0}, {1, 2, 1, 1, 0}},
     {ALL - 1, ALL + 1, 0, SUBSIDY}},
    {"and not by two", 15, BC_REASON_NONCE, {{1, 2, 0, 1, 0}, {1, 2, 2, 1, 0}}, {ALL, ALL, 0, 0}},
    {"nor by none", 15, BC_REASON_NONCE, {{1, 2, 0, 1, 0}, {1, 2, 0, 2, 0}}, {ALL, ALL, 0, 0}},
    {"a record goes to nobody",
     15,
     BC_REASON_NONE,
     {{1, 0, 0, 0, 5}},
     {ALL - 5, ALL, 0, SUBSIDY + 5}},
};

static void a_block_changes_what_the_rules_say(void **state)
{
    (void)state;
    for (size_t at = 0; at < sizeof block_cases / sizeof block_cases[0]; at++) {
        const block_case *that = &block_cases[at];
        world_plan plan = {.miner = that->miner};
        bench with;
        setup(&with, &(world_network)WORLD_BY_WORK);
        reopen(&with);
        for (const step *tx = that->steps; tx < that->steps + STEPS_MOST && tx->from > 0; tx++) {
            plan.txs[plan.tx_count++] =
                world_tx(&with.world, tx->from, tx->to, tx->nonce, tx->amount, tx->fee);
        }
        uint32_t node = world_add(&with.world, 0, &plan);
        print_message("  %s\n", that->what);
        world_submit(&with.world, with.chain, node,
                     that->reason == BC_REASON_NONE ? BC_VERDICT_ACCEPTED : BC_VERDICT_INVALID,
                     that->reason);
        world_assert(&with.world, with.chain, that->reason == BC_REASON_NONE ? node : 0);
        const unsigned numbers[] = {1, 2, 9, that->miner};
        for (size_t account = 0; account < 4; account++) {
            uint64_t balance;
            assert_int_equal(bc_chain_account(with.chain, &balance, NULL, NULL,
                                              with.world.accounts[numbers[account]], NULL),
                             BC_OK);
            assert_int_equal(balance, that->balance[account]);
        }
        teardown(&with);
    }
}

/* The reward is subsidy and fees, exactly; the subsidy halves and ends. */
static void the_reward_is_exact_at_each_height(void **state)
{
    (void)state;
    const world_network network = {0, 0, 9, 2, ""};
    static const uint64_t subsidies[] = {0, 9, 4, 4, 2, 2, 1, 1, 0, 0};
    bench with;
    uint64_t paid = 0;
    uint32_t tip = 0;
    setup(&with, &network);
    reopen(&with);
    for (uint64_t height = 1; height < 10; height++) {
        for (unsigned more = 0; more < 2; more++) {
            const world_plan wrong = {.reward_more = more == 0 ? 1 : UINT64_MAX};
            if (subsidies[height] + wrong.reward_more != UINT64_MAX) {
                world_submit(&with.world, with.chain, world_add(&with.world, tip, &wrong),
                             BC_VERDICT_INVALID, BC_REASON_REWARD_AMOUNT);
            }
        }
        tip = world_pay(&with.world, tip, 1, 2, 1, 0);
        world_submit(&with.world, with.chain, tip, BC_VERDICT_ACCEPTED, BC_REASON_NONE);
        paid += subsidies[height] + 1;
        assert_account(&with, WORLD_MINER, paid, 0);
    }
    teardown(&with);
}

/* An account that only a block on a branch knew is none again, in memory and in the store. */
static void an_account_that_a_reorganisation_undoes_is_gone(void **state)
{
    (void)state;
    bench with;
    setup(&with, &(world_network)WORLD_BY_WORK);
    with.options.account_bytes = 1; /* each block's accounts are in the store before the next */
    reopen(&with);
    uint32_t own = world_pay(&with.world, 0, 1, 9, 7, 0);
    own = world_pay(&with.world, own, 9, 2, 3, 0);
    own = world_extend(&with.world, own, 1, 0);
    const world_plan plan = {.miner = 2, .later = 1};
    uint32_t other = 0;
    for (unsigned at = 0; at < 5; at++) {
        other = world_add(&with.world, other, &plan);
    }
    world_submit_path(&with.world, with.chain, 0, own, BC_VERDICT_ACCEPTED);
    assert_account(&with, 9, 3, 1);
    assert_int_equal(test_store_count(&with.store, BC__KEY_ACCOUNT), WORLD_RICH + 2);
    world_submit_path(&with.world, with.chain, 0, world_back(&with.world, other, 2),
                      BC_VERDICT_BRANCH);
    world_submit_path(&with.world, with.chain, world_back(&with.world, other, 2), other,
                      BC_VERDICT_ACCEPTED);
    assert_account(&with, 9, 0, 0);
    reopen(&with);
    assert_account(&with, 9, 0, 0);
    world_assert(&with.world, with.chain, other);
    assert_int_equal(test_store_count(&with.store, BC__KEY_ACCOUNT), WORLD_RICH);
    assert_int_equal(world_assert_supply(&with.world, &with.store), 5);
    teardown(&with);
}

/* ---- Any history ---- */

/* Copies of the store, each from before a commit, with the tip that was committed until then. */
enum { COPIES_MOST = 64 };

typedef struct crashes {
    bench *bench;
    uint32_t old_tip;
    uint32_t new_tip; /* behind the commit that writes the tip */
    bool moved;
    size_t count;
    test_store copies[COPIES_MOST];
    uint32_t tips[COPIES_MOST];
} crashes;

static void copy_before(void *context, const bc_write *writes, size_t count)
{
    crashes *with = context;
    assert_true(with->count < COPIES_MOST);
    test_store_init(&with->copies[with->count]);
    test_store_copy(&with->copies[with->count], &with->bench->store);
    with->tips[with->count++] = with->moved ? with->new_tip : with->old_tip;
    for (size_t at = 0; at < count; at++) {
        with->moved = with->moved || writes[at].key[0] == BC__KEY_TIP;
    }
}

/* Each copy opens with the tip it had, and all accounts as they were behind it; an opening leaves the rows
 * as they are behind the tip. */
static void open_copies(crashes *with)
{
    const ledger_world *world = &with->bench->world;
    for (size_t at = 0; at < with->count; at++) {
        bc_chain *chain =
            fixture_open(world->params, &with->copies[at].outer, &with->bench->options);
        world_assert_tip(world, chain, with->tips[at]);
        world_assert_accounts(world, chain, with->tips[at]);
        assert_int_equal(world_assert_supply(world, &with->copies[at]),
                         world->nodes[with->tips[at]].height);
        fixture_close(chain);
        test_store_free(&with->copies[at]);
    }
    with->count = 0;
}

/* A block behind one of the last ones, with up to four transfers, some to oneself, some of what has only
 * just come. */
static uint32_t add_random(bench *with, test_random *random)
{
    ledger_world *world = &with->world;
    uint32_t recent = world->count > 8 ? world->count - 8 : 0;
    uint32_t parent = recent + (uint32_t)test_random_below(random, world->count - recent);
    world_state now = world->nodes[parent].state;
    world_plan plan = {.later = world->count,
                       .miner = 1 + (unsigned)test_random_below(random, WORLD_ACCOUNTS - 1)};
    for (size_t left = test_random_below(random, 5); left > 0; left--) {
        unsigned from = 1 + (unsigned)test_random_below(random, WORLD_ACCOUNTS - 1);
        unsigned to = 1 + (unsigned)test_random_below(random, WORLD_ACCOUNTS - 1);
        if (now.balance[from] > 2) {
            uint64_t amount = test_random_below(random, (size_t)now.balance[from]);
            plan.txs[plan.tx_count++] = world_tx(world, from, to, now.nonce[from]++, amount, 1);
            now.balance[from] -= amount + 1;
            now.balance[to] += amount;
        }
    }
    return world_add(world, parent, &plan);
}

static uint64_t sum_of(const world_state *state)
{
    uint64_t sum = 0;
    for (unsigned at = 1; at < WORLD_ACCOUNTS; at++) {
        sum += state->balance[at];
    }
    return sum;
}

static void run_history(bench *with, crashes *crashed, test_random *random, size_t blocks)
{
    ledger_world *world = &with->world;
    uint32_t tip = 0;
    uint64_t made[128] = {WORLD_RICH * WORLD_ALLOCATION};
    for (uint64_t height = 1; height < 128; height++) {
        uint64_t halvings = height / world->network.halving;
        made[height] = made[height - 1] + (halvings < 64 ? world->network.initial >> halvings : 0);
    }
    while (blocks-- > 0) {
        uint32_t node = add_random(with, random);
        uint64_t height = world->nodes[node].height;
        bool wins = world->nodes[node].work > world->nodes[tip].work;
        assert_int_equal(sum_of(&world->nodes[node].state), made[height]);
        crashed->old_tip = tip;
        crashed->new_tip = wins ? node : tip;
        crashed->moved = false;
        with->store.before_commit = copy_before;
        with->store.before_context = crashed;
        world_submit(world, with->chain, node, wins ? BC_VERDICT_ACCEPTED : BC_VERDICT_BRANCH,
                     BC_REASON_NONE);
        tip = wins ? node : tip;
        with->store.before_commit = NULL;
        world_assert_tip(world, with->chain, tip);
        world_assert_accounts(world, with->chain, tip);
        (void)world_assert_supply(world, &with->store);
        open_copies(crashed);
        if (test_random_below(random, 10) == 0) {
            reopen(with);
            world_assert_accounts(world, with->chain, tip);
            assert_int_equal(world_assert_supply(world, &with->store), world->nodes[tip].height);
        }
    }
}

static void nothing_is_made_or_lost_and_a_crash_leaves_a_state_that_was(void **state)
{
    (void)state;
    test_random random = test_random_begin();
    crashes *crashed = calloc(1, sizeof *crashed);
    assert_non_null(crashed);
    for (size_t round = test_random_repeats(8); round > 0; round--) {
        const world_network network = {0, 0, 1 + test_random_below(&random, 1000),
                                       1 + test_random_below(&random, 20), ""};
        bench with;
        setup(&with, &network);
        with.options.account_bytes = 1 + test_random_below(&random, 4000);
        with.options.commit_bytes = 1 + test_random_below(&random, 3000);
        with.options.cache_bytes = 1 + test_random_below(&random, 3000);
        with.options.keep_branches = 9 + test_random_below(&random, 10);
        reopen(&with);
        crashed->bench = &with;
        run_history(&with, crashed, &random, 60);
        teardown(&with);
    }
    free(crashed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_block_changes_what_the_rules_say),
        cmocka_unit_test(the_reward_is_exact_at_each_height),
        cmocka_unit_test(an_account_that_a_reorganisation_undoes_is_gone),
        cmocka_unit_test(nothing_is_made_or_lost_and_a_crash_leaves_a_state_that_was),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
