/* Small ledgers for tests of the engine: networks, keys, transfers, and blocks on any parent, forged here
 * from the rules and not by the library's own miner. Each block remembers the accounts behind it as a
 * naive model has them: additions and subtractions, in the order of the rules. */
#ifndef BC_TEST_SUPPORT_LEDGER_WORLD_H
#define BC_TEST_SUPPORT_LEDGER_WORLD_H

#include <stdatomic.h>

#include "src/block/merkle.h"
#include "test/support/engine_fixture.h"
#include "test/support/test_store.h"

/* Accounts are numbers from 1; their keys have as seeds 32 bytes of that number. 0 is nobody. */
enum {
    WORLD_ACCOUNTS = 16,
    WORLD_RICH = 4,       /* accounts 1 to this one hold WORLD_ALLOCATION from the beginning */
    WORLD_MINER = 15,     /* gets the rewards where a plan names nobody else */
    WORLD_TXS_MOST = 8,   /* of a plan */
    WORLD_STEP = 1000,    /* milliseconds from block to block */
    WORLD_MEMPOOL = 4096, /* bytes of text that tells what waits */
};
#define WORLD_ALLOCATION UINT64_C(1000000)
#define WORLD_START      UINT64_C(1700000000000) /* of genesis, milliseconds */

typedef struct world_network {
    uint32_t authorities; /* the keys 1, 2, …; 0: sealed by work that nearly every nonce has */
    uint64_t period;
    uint64_t initial;
    uint64_t halving;
    const char *more; /* further members, each with a comma behind it */
} world_network;

/* clang-format off */
#define WORLD_BY_WORK {0, 0, 50, 1000, ""}
#define WORLD_BY_AUTHORITIES(count) {count, 0, 50, 1000, ""}
/* clang-format on */

typedef struct world_state {
    uint64_t balance[WORLD_ACCOUNTS];
    uint64_t nonce[WORLD_ACCOUNTS];
} world_state;

typedef struct world_node {
    bc_block *block;
    uint32_t parent; /* of genesis: itself */
    uint64_t height;
    uint64_t time;            /* milliseconds */
    uint64_t work;            /* of the whole branch */
    bc__merkle_peaks history; /* of all headers up to this one */
    world_state state;
} world_node;

typedef struct ledger_world {
    bc_params *params;
    world_network network;
    bc_key *keys[WORLD_ACCOUNTS];
    uint8_t accounts[WORLD_ACCOUNTS][32];
    world_node *nodes; /* 0 is genesis */
    uint32_t count;
    bc_clock clock;
    atomic_int_least64_t now;  /* both clocks, microseconds; an hour after genesis */
    atomic_int_least64_t tick; /* by which each look at a clock moves it on */
} ledger_world;

/* `allocator` may be NULL; it serves the library's objects alone. */
void world_begin(ledger_world *with, const world_network *network, const bc_allocator *allocator);
void world_end(ledger_world *with);

/* Options with the world's clock. */
bc_options world_options(ledger_world *with);

/* A signed transfer. Release with bc_tx_unref. */
bc_tx *world_tx(const ledger_world *with, unsigned from, unsigned to, uint64_t nonce,
                uint64_t amount, uint64_t fee);

/* A block to be. Zero members take their default. */
typedef struct world_plan {
    bc_tx *txs[WORLD_TXS_MOST]; /* owned by the plan: world_add gives up these references */
    size_t tx_count;
    unsigned miner;
    unsigned signer; /* key that seals; by default the one in turn */
    uint32_t bits;   /* by default what the rules say */
    uint64_t later;  /* milliseconds more than WORLD_STEP behind the parent; tells twins apart */
    uint64_t reward_more; /* than the rules allow, modulo 2^64 */
} world_plan;

/* Forges a block behind a node and gives the node of the new one. Whether it holds is up to the plan;
 * the state of one that does not means nothing. */
uint32_t world_add(ledger_world *with, uint32_t parent, const world_plan *plan);

/* `count` blocks with nothing but their rewards, `later` milliseconds later than usual; the last of
 * them. */
uint32_t world_extend(ledger_world *with, uint32_t parent, unsigned count, uint64_t later);

/* A block with one transfer of that amount and a fee of 1, in order of the sender's nonces. */
uint32_t world_pay(ledger_world *with, uint32_t parent, unsigned from, unsigned to, uint64_t amount,
                   uint64_t later);

/* A copy of the block with its last byte changed: another body under the same header. */
bc_block *world_tamper(const ledger_world *with, uint32_t node);

/* The node `up` blocks towards genesis; and the one of a height on the way from genesis to `node`. */
uint32_t world_back(const ledger_world *with, uint32_t node, unsigned up);
uint32_t world_at(const ledger_world *with, uint32_t node, uint64_t height);

/* Whether the id of the one is below that of the other, bytes from the left. */
bool world_is_smaller(const ledger_world *with, uint32_t left, uint32_t right);

/* As fixture_submit. */
void world_submit(const ledger_world *with, bc_chain *chain, uint32_t node, uint32_t verdict,
                  uint32_t reason);
/* All from behind `from` up to `to`, which stands on it, each with that verdict. */
void world_submit_path(const ledger_world *with, bc_chain *chain, uint32_t from, uint32_t to,
                       uint32_t verdict);

void world_submit_tx(const ledger_world *with, bc_chain *chain, unsigned from, unsigned to,
                     uint64_t nonce, uint64_t amount, uint64_t fee, uint32_t verdict,
                     uint32_t reason);

/* What waits, "FROM:NONCE" ordered by both, and a space between two. Valid until the next call. */
const char *world_mempool(const ledger_world *with, bc_chain *chain);
#define assert_waiting(with, chain, text) assert_string_equal(world_mempool(with, chain), text)

/* The tip is that node; every account is as the model has it; every transaction of every block that was
 * ever forged is found where that branch has it, or waits, or is not found. */
void world_assert(const ledger_world *with, bc_chain *chain, uint32_t tip);
void world_assert_tip(const ledger_world *with, bc_chain *chain, uint32_t tip);
void world_assert_accounts(const ledger_world *with, bc_chain *chain, uint32_t tip);
void world_assert_txs(const ledger_world *with, bc_chain *chain, uint32_t tip);

/* The rows of accounts in the store are together what the allocations and the rewards up to the block
 * behind which they stand have made; gives that block's height. Not while a flush was cut short. */
uint64_t world_assert_supply(const ledger_world *with, test_store *store);

/* Mines with the key of that account, or, by work, for it. Release with bc_block_unref. */
bc_status world_try_mine(const ledger_world *with, bc_chain *chain, bc_block **out,
                         unsigned account, bc_error *error);

/* The same, which must succeed, and the node of the new block, behind the node `parent`. */
uint32_t world_mine(ledger_world *with, bc_chain *chain, uint32_t parent, unsigned account);

#endif
