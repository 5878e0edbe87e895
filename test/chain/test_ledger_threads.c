/* Several threads on one chain under the ledger's rules: they send, mine, read, and hand in the blocks of
 * another chain, which reorganise it. Threads collect what they find; only the main thread asserts. */
#include <pthread.h>

#include "test/support/ledger_world.h"
#include "test/support/random.h"

enum { ROUNDS = 40, FOREIGN = 60, THREADS_MOST = 8 };

/* What all threads work with. Only the main thread changes the world. */
typedef struct bench {
    ledger_world world;
    test_store store;
    bc_options options;
    bc_chain *chain;
    unsigned rounds;
    uint32_t foreign; /* the last block of another chain */
    atomic_uint failures;
    atomic_uint mined;
    atomic_uint accepted; /* transactions */
    atomic_bool stop;
    /* What events told, one at a time. */
    uint64_t sequence;
    uint64_t height; /* of the chain that they lead to */
    uint8_t tip[BC_ID_BYTES];
    unsigned reports; /* of signers that seal twice */
    bool is_well_formed;
} bench;

typedef struct worker {
    pthread_t thread;
    bench *with;
    unsigned number;
} worker;

static void note(bench *with, bool good)
{
    if (!good) {
        atomic_fetch_add(&with->failures, 1);
    }
}

/* Each event leads from where the one before it left off. */
static bc_status follow(void *context, bc_chain *chain, const bc_event *event)
{
    bench *with = context;
    bool good = event->sequence == ++with->sequence;
    (void)chain;
    if (event->kind == BC_EVENT_CONNECT) {
        good = good && event->height == with->height + 1;
        with->height++;
        memcpy(with->tip, event->id, sizeof with->tip);
    } else if (event->kind == BC_EVENT_DISCONNECT) {
        good = good && event->height == with->height;
        with->height--;
    } else if (event->kind == BC_EVENT_TIP) {
        good = good && event->height == with->height &&
               memcmp(event->id, with->tip, sizeof with->tip) == 0;
    } else {
        with->reports++;
    }
    with->is_well_formed = with->is_well_formed && good;
    return BC_OK;
}

static void setup(bench *with, const world_network *network)
{
    memset(with, 0, sizeof *with);
    world_begin(&with->world, network, NULL);
    test_store_init(&with->store);
    with->rounds = (unsigned)test_random_repeats(ROUNDS);
    with->is_well_formed = true;
    with->options = world_options(&with->world);
    with->options.threads = 2;
    with->options.max_reorg_depth = BC_NONE;
    with->options.account_bytes = 1000;
    with->options.cache_bytes = 2000;
    with->options.event = follow;
    with->options.event_context = with;
    with->chain = NULL;
}

static void reopen(bench *with)
{
    if (with->chain != NULL) {
        fixture_close(with->chain);
    }
    with->chain = fixture_open(with->world.params, &with->store.outer, &with->options);
}

static void teardown(bench *with)
{
    fixture_close(with->chain);
    test_store_free(&with->store);
    world_end(&with->world);
}

/* ---- What threads do ---- */

/* Sends from an account of its own. What is refused came just when the tip moved. */
static void *run_send(void *context)
{
    const worker *self = context;
    bench *with = self->with;
    const ledger_world *world = &with->world;
    for (unsigned at = 0; at < with->rounds; at++) {
        uint64_t nonce;
        uint32_t verdict;
        bc_tx *tx;
        bc_transfer transfer = BC_TRANSFER_INIT;
        note(with, bc_chain_account(with->chain, NULL, NULL, &nonce, world->accounts[self->number],
                                    NULL) == BC_OK);
        transfer.nonce = nonce;
        transfer.amount = at;
        transfer.fee = 1;
        transfer.recipient = world->accounts[5 + at % 8];
        note(with,
             bc_tx_sign(&tx, world->params, &transfer, world->keys[self->number], NULL) == BC_OK);
        note(with, bc_chain_submit_tx(with->chain, &verdict, NULL, tx, NULL) == BC_OK &&
                       (verdict == BC_VERDICT_ACCEPTED || verdict == BC_VERDICT_REFUSED));
        atomic_fetch_add(&with->accepted, verdict == BC_VERDICT_ACCEPTED);
        bc_tx_unref(tx);
    }
    return NULL;
}

static void *run_mine(void *context)
{
    const worker *self = context;
    bench *with = self->with;
    for (unsigned at = 0; at < with->rounds;) {
        bc_block *block;
        bc_mine_options options = BC_MINE_OPTIONS_INIT;
        options.recipient = with->world.accounts[WORLD_MINER];
        options.recipient_length = 32;
        options.threads = 1;
        if (with->world.network.authorities > 0) {
            options.signer = with->world.keys[1];
        }
        bc_status status = bc_chain_mine(with->chain, &block, &options, NULL);
        /* A signer may not seal before somebody else's block came. */
        note(with, status == BC_OK || status == BC_ERR_NETWORK);
        bc_block_unref(block);
        at += status == BC_OK;
        atomic_fetch_add(&with->mined, status == BC_OK);
    }
    return NULL;
}

static bc_status accept_tx(void *context, bc_tx *tx)
{
    uint8_t id[BC_ID_BYTES];
    (void)context;
    bc_tx_id(tx, id);
    return BC_OK;
}

/* Whatever is read is whole: a block has its id, a transaction is where it is said to be. */
static void *run_read(void *context)
{
    const worker *self = context;
    bench *with = self->with;
    while (!atomic_load(&with->stop)) {
        uint64_t height;
        uint8_t ids[2][BC_ID_BYTES];
        bc_block *block;
        bc_tx *tx;
        for (unsigned at = 1; at < WORLD_ACCOUNTS; at++) {
            note(with, bc_chain_account(with->chain, NULL, NULL, NULL, with->world.accounts[at],
                                        NULL) == BC_OK);
        }
        note(with, bc_chain_mempool(with->chain, accept_tx, NULL, NULL) == BC_OK);
        note(with, bc_chain_tip(with->chain, &height, ids[0], NULL) == BC_OK);
        bc_status status = bc_chain_block(with->chain, &block, ids[0], NULL);
        note(with, status == BC_OK);
        if (status == BC_OK && height > 0) {
            bc_block_id(block, ids[1]);
            note(with, memcmp(ids[0], ids[1], BC_ID_BYTES) == 0);
            note(with, bc_block_tx(block, &tx, 0, NULL) == BC_OK);
            bc_tx_id(tx, ids[1]);
            bc_tx_unref(tx);
            status = bc_chain_find_tx(with->chain, &tx, NULL, NULL, NULL, ids[1], NULL);
            note(with, status == BC_OK || status == BC_ERR_NOT_FOUND); /* it was disconnected */
            bc_tx_unref(tx);
        }
        bc_block_unref(block);
    }
    return NULL;
}

/* The blocks of another chain, some of them before their parents, and genesis, which is known. */
static void *run_hand_in(void *context)
{
    const worker *self = context;
    bench *with = self->with;
    const world_node *nodes = with->world.nodes;
    note(with, bc_chain_submit(with->chain, NULL, NULL, nodes[0].block, NULL) == BC_OK);
    for (uint64_t height = 1; with->foreign != 0 && height <= nodes[with->foreign].height;
         height++) {
        uint64_t other = ((height - 1) ^ 1) + 1; /* 2, 1, 4, 3, … */
        other = other > nodes[with->foreign].height ? height : other;
        bc_block *block = nodes[world_at(&with->world, with->foreign, other)].block;
        uint32_t verdict;
        note(with, bc_chain_submit(with->chain, &verdict, NULL, block, NULL) == BC_OK &&
                       verdict != BC_VERDICT_INVALID);
    }
    return NULL;
}

static void *run_tick(void *context)
{
    const worker *self = context;
    bench *with = self->with;
    while (!atomic_load(&with->stop)) {
        note(with, bc_chain_tick(with->chain, NULL, NULL) == BC_OK);
        atomic_fetch_add(&with->world.now, 1000);
    }
    return NULL;
}

typedef struct crew {
    worker workers[THREADS_MOST];
    size_t count;
} crew;

static void start(crew *with, bench *of, void *(*run)(void *context), unsigned number)
{
    worker *one = &with->workers[with->count++];
    assert_true(with->count <= THREADS_MOST);
    *one = (worker){.with = of, .number = number};
    assert_int_equal(pthread_create(&one->thread, NULL, run, one), 0);
}

/* Waits for the first `count`, then stops the others. */
static void join(crew *with, bench *of, size_t count)
{
    for (size_t at = 0; at < with->count; at++) {
        if (at == count) {
            atomic_store(&of->stop, true);
        }
        assert_int_equal(pthread_join(with->workers[at].thread, NULL), 0);
    }
}

/* ---- What is found at the end ---- */

static uint64_t sum_of_balances(bench *with)
{
    uint64_t sum = 0;
    for (unsigned at = 1; at < WORLD_ACCOUNTS; at++) {
        uint64_t balance;
        assert_int_equal(
            bc_chain_account(with->chain, &balance, NULL, NULL, with->world.accounts[at], NULL),
            BC_OK);
        sum += balance;
    }
    return sum;
}

static void assert_sound(bench *with)
{
    uint8_t tip[BC_ID_BYTES];
    uint64_t height;
    char waiting[WORLD_MEMPOOL];
    assert_int_equal(with->failures, 0);
    assert_true(with->is_well_formed);
    assert_int_equal(bc_chain_tip(with->chain, &height, tip, NULL), BC_OK);
    assert_int_equal(with->height, height);
    assert_memory_equal(with->tip, tip, sizeof tip);
    uint64_t supply = WORLD_RICH * WORLD_ALLOCATION + with->world.network.initial * height;
    assert_int_equal(sum_of_balances(with), supply);
    assert_int_equal(bc_chain_verify(with->chain, NULL, NULL, NULL, NULL), BC_OK);
    strcpy(waiting, world_mempool(&with->world, with->chain));
    reopen(with);
    assert_int_equal(sum_of_balances(with), supply);
    assert_waiting(&with->world, with->chain, waiting);
    assert_int_equal(world_assert_supply(&with->world, &with->store), height);
}

static void threads_may_do_everything_at_once(void **state)
{
    (void)state;
    const world_network network = {0, 0, 50, 1000000, ""};
    bench with;
    crew all = {.count = 0};
    setup(&with, &network);
    reopen(&with);
    with.foreign = world_pay(&with.world, 0, 3, 9, 100, 0);
    unsigned foreign = (unsigned)test_random_repeats(FOREIGN);
    for (unsigned at = 1; at < foreign; at++) {
        with.foreign = world_pay(&with.world, with.foreign, 3, 10, at, 0);
    }
    start(&all, &with, run_send, 1);
    start(&all, &with, run_send, 2);
    start(&all, &with, run_mine, 0);
    start(&all, &with, run_hand_in, 0);
    start(&all, &with, run_read, 0);
    start(&all, &with, run_tick, 0);
    join(&all, &with, 4);
    assert_int_equal(with.mined, with.rounds);
    assert_true(with.accepted > 0);
    assert_sound(&with);
    teardown(&with);
}

/* Two threads ask one key for blocks: it never seals two at a height. */
static void one_key_in_two_threads_seals_each_height_once(void **state)
{
    (void)state;
    const world_network network = {1, 0, 50, 1000000, ""};
    bench with;
    crew all = {.count = 0};
    setup(&with, &network);
    reopen(&with);
    start(&all, &with, run_mine, 0);
    start(&all, &with, run_mine, 0);
    start(&all, &with, run_send, 2);
    start(&all, &with, run_hand_in, 0);
    start(&all, &with, run_read, 0);
    join(&all, &with, 4);
    assert_int_equal(with.mined, 2 * with.rounds);
    assert_int_equal(fixture_height(with.chain), 2 * with.rounds);
    assert_int_equal(with.reports, 0);
    assert_sound(&with);
    teardown(&with);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(threads_may_do_everything_at_once),
        cmocka_unit_test(one_key_in_two_threads_seals_each_height_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
