#include "test/support/ledger_world.h"

#include "lib/hex.h"
#include "src/rules/ledger/ledger.h"
#include "src/store/schema.h"
#include "test/rules/ledger_fixture.h"

enum { EASIEST = 0x2100ffff, MS = 1000 };

/* ---- The network ---- */

static int by_text(const void *left, const void *right)
{
    return strcmp(left, right);
}

/* Appends [["…",amount],…], ascending by key. */
static void append_allocations(const ledger_world *with, char *json, size_t size)
{
    char list[WORLD_RICH][96];
    for (unsigned at = 0; at < WORLD_RICH; at++) {
        char hex[65] = {0};
        bc__hex_encode(hex, with->accounts[at + 1], 32);
        snprintf(list[at], sizeof list[at], "[\"%s\",%llu]", hex,
                 (unsigned long long)WORLD_ALLOCATION);
    }
    qsort(list, WORLD_RICH, sizeof list[0], by_text);
    for (unsigned at = 0; at < WORLD_RICH; at++) {
        size_t used = strlen(json);
        snprintf(json + used, size - used, "%s%s", at == 0 ? "" : ",", list[at]);
    }
}

static void append_sealing(const ledger_world *with, char *json, size_t size)
{
    const world_network *network = &with->network;
    size_t used = strlen(json);
    if (network->authorities == 0) {
        snprintf(json + used, size - used,
                 "\"sealing\":\"work\",\"difficulty\":\"fixed\",\"bits\":%u,\"limit\":%u",
                 (unsigned)EASIEST, (unsigned)EASIEST);
        return;
    }
    snprintf(json + used, size - used,
             "\"sealing\":\"authority\",\"period\":%llu,\"authorities\":[",
             (unsigned long long)network->period);
    for (unsigned at = 1; at <= network->authorities; at++) {
        char hex[65] = {0};
        bc__hex_encode(hex, with->accounts[at], 32);
        used = strlen(json);
        snprintf(json + used, size - used, "%s\"%s\"", at == 1 ? "" : ",", hex);
    }
    strncat(json, "]", size - strlen(json) - 1);
}

static bc_params *parse_network(const ledger_world *with, const bc_allocator *allocator)
{
    char json[4096];
    bc_params *params;
    bc_error error = BC_ERROR_INIT;
    snprintf(json, sizeof json,
             "{\"rules\":\"ledger\",\"version\":1,\"name\":\"world\",\"time\":%llu,%s"
             "\"initial\":%llu,\"halving\":%llu,\"allocations\":[",
             (unsigned long long)WORLD_START, with->network.more,
             (unsigned long long)with->network.initial, (unsigned long long)with->network.halving);
    append_allocations(with, json, sizeof json);
    strncat(json, "],", sizeof json - strlen(json) - 1);
    append_sealing(with, json, sizeof json);
    strncat(json, "}", sizeof json - strlen(json) - 1);
    if (bc_params_parse(&params, json, strlen(json), allocator, &error) != BC_OK) {
        fail_msg("%s: %s", error.message, json);
    }
    return params;
}

static int64_t look_at_clock(void *context)
{
    ledger_world *with = context;
    int64_t tick = atomic_load(&with->tick);
    return atomic_fetch_add(&with->now, tick) + tick;
}

static world_node *new_node(ledger_world *with)
{
    if ((with->count & (with->count - 1)) == 0) {
        size_t capacity = with->count == 0 ? 1 : (size_t)with->count * 2;
        with->nodes = realloc(with->nodes, capacity * sizeof *with->nodes);
        assert_non_null(with->nodes);
    }
    world_node *node = &with->nodes[with->count++];
    memset(node, 0, sizeof *node);
    return node;
}

static void add_to_history(world_node *node)
{
    uint8_t leaf[BC_ID_BYTES];
    bc__merkle_leaf(leaf, bc_block_header(node->block, NULL), BC__HEADER_BYTES);
    assert_int_equal(bc__merkle_append(&node->history, leaf, NULL), BC__OK);
}

static void add_genesis(ledger_world *with)
{
    world_node *node = new_node(with);
    /* Not from a chain: one of a network with rules of a host's own does not open without them. */
    assert_int_equal(with->params->rules->make_genesis(&node->block, with->params, 0, NULL), BC_OK);
    node->time = WORLD_START;
    node->work = 1;
    add_to_history(node);
    for (unsigned at = 1; at <= WORLD_RICH; at++) {
        node->state.balance[at] = WORLD_ALLOCATION;
    }
}

void world_begin(ledger_world *with, const world_network *network, const bc_allocator *allocator)
{
    memset(with, 0, sizeof *with);
    with->network = *network;
    for (unsigned at = 1; at < WORLD_ACCOUNTS; at++) {
        with->keys[at] = ledger_key((uint8_t)at);
        bc_key_public(with->keys[at], with->accounts[at]);
    }
    atomic_init(&with->now, (int64_t)WORLD_START * MS + INT64_C(3600000000));
    atomic_init(&with->tick, 0);
    bc_clock_init(&with->clock);
    with->clock.context = with;
    with->clock.wall = look_at_clock;
    with->clock.monotonic = look_at_clock;
    with->params = parse_network(with, allocator);
    add_genesis(with);
}

void world_end(ledger_world *with)
{
    for (uint32_t at = 0; at < with->count; at++) {
        bc_block_unref(with->nodes[at].block);
    }
    free(with->nodes);
    for (unsigned at = 1; at < WORLD_ACCOUNTS; at++) {
        bc_key_unref(with->keys[at]);
    }
    bc_params_unref(with->params);
}

bc_options world_options(ledger_world *with)
{
    bc_options options = BC_OPTIONS_INIT;
    options.clock = &with->clock;
    return options;
}

/* ---- Transactions and blocks ---- */

bc_tx *world_tx(const ledger_world *with, unsigned from, unsigned to, uint64_t nonce,
                uint64_t amount, uint64_t fee)
{
    bc_tx *tx;
    bc_error error = BC_ERROR_INIT;
    bc_transfer transfer = BC_TRANSFER_INIT;
    assert_true(from > 0 && from < WORLD_ACCOUNTS && to < WORLD_ACCOUNTS);
    transfer.nonce = nonce;
    transfer.amount = amount;
    transfer.fee = fee;
    transfer.recipient = to == 0 ? NULL : with->accounts[to];
    if (bc_tx_sign(&tx, with->params, &transfer, with->keys[from], &error) != BC_OK) {
        fail_msg("%s", error.message);
    }
    return tx;
}

static unsigned number_of(const ledger_world *with, const uint8_t account[32])
{
    unsigned at = 0;
    while (at < WORLD_ACCOUNTS && memcmp(with->accounts[at], account, 32) != 0) {
        at++;
    }
    assert_true(at < WORLD_ACCOUNTS);
    return at;
}

static bc_tx_fields fields_of(const bc_tx *tx)
{
    bc_tx_fields fields = BC_TX_FIELDS_INIT;
    assert_int_equal(bc_tx_get_fields(tx, &fields), BC_OK);
    return fields;
}

static uint64_t subsidy(const ledger_world *with, uint64_t height)
{
    uint64_t halvings = height / with->network.halving;
    return height == 0 || halvings >= 64 ? 0 : with->network.initial >> halvings;
}

/* The rules' own words: the sender is debited and its nonce raised, then the recipient credited; the
 * reward is applied last. */
static void apply(const ledger_world *with, world_state *state, const bc_block *block)
{
    for (size_t turn = 1; turn <= bc_block_tx_count(block); turn++) {
        bc_tx *tx;
        size_t index = turn % bc_block_tx_count(block);
        assert_int_equal(bc_block_tx(block, &tx, index, NULL), BC_OK);
        bc_tx_fields fields = fields_of(tx);
        if (fields.kind == BC_TX_SIGNED) {
            unsigned sender = number_of(with, fields.sender);
            state->balance[sender] -= fields.amount + fields.fee;
            state->nonce[sender]++;
        }
        unsigned recipient = number_of(with, fields.recipient);
        state->balance[recipient] += recipient == 0 ? 0 : fields.amount;
        bc_tx_unref(tx);
    }
}

static uint32_t add_block(ledger_world *with, uint32_t parent, bc_block *block)
{
    world_node *node = new_node(with);
    const world_node *above = &with->nodes[parent];
    int64_t time;
    node->block = block;
    node->parent = parent;
    node->height = above->height + 1;
    node->work = above->work + (with->network.authorities == 0 ? 1 : block->bits);
    node->history = above->history;
    node->state = above->state;
    assert_int_equal(bc_block_time(block, &time), BC_OK);
    node->time = (uint64_t)time / MS;
    add_to_history(node);
    apply(with, &node->state, block);
    return with->count - 1;
}

static bc_tx *make_reward(const ledger_world *with, uint64_t height, const world_plan *plan)
{
    uint64_t amount = subsidy(with, height) + plan->reward_more;
    for (size_t at = 0; at < plan->tx_count; at++) {
        amount += fields_of(plan->txs[at]).fee;
    }
    unsigned miner = plan->miner != 0 ? plan->miner : WORLD_MINER;
    return ledger_tx(with->params, (bc__ledger_tx){.kind = BC_TX_REWARD,
                                                   .nonce = height,
                                                   .amount = amount,
                                                   .recipient = with->accounts[miner]});
}

static bool is_sealed_by_work(const bc_block *block)
{
    return block->id[0] != 0xff || block->id[1] != 0xff;
}

/* The index and the weight of whoever seals. */
static void choose_signer(const ledger_world *with, ledger_plan *block, const world_plan *plan)
{
    uint32_t count = with->network.authorities;
    block->nonce = plan->signer != 0 ? plan->signer - 1 : block->height % count;
    block->bits = block->height % count == block->nonce ? 2 : 1;
    block->signer = with->keys[block->nonce + 1];
}

uint32_t world_add(ledger_world *with, uint32_t parent, const world_plan *plan)
{
    const world_node *above = &with->nodes[parent];
    bc_tx *txs[WORLD_TXS_MOST + 1];
    uint8_t id[BC_ID_BYTES];
    uint8_t root[BC_ID_BYTES];
    ledger_plan forged = {.height = above->height + 1,
                          .time = above->time + WORLD_STEP + plan->later,
                          .bits = EASIEST,
                          .previous = id,
                          .history_root = root,
                          .txs = txs,
                          .tx_count = (uint32_t)plan->tx_count + 1};
    bc_block_id(above->block, id);
    bc__merkle_root(&above->history, root);
    txs[0] = make_reward(with, forged.height, plan);
    memcpy(txs + 1, plan->txs, plan->tx_count * sizeof *txs);
    if (with->network.authorities > 0) {
        choose_signer(with, &forged, plan);
    }
    forged.bits = plan->bits != 0 ? plan->bits : forged.bits;
    bc_block *block = ledger_block(with->params, &forged);
    while (with->network.authorities == 0 && !is_sealed_by_work(block)) {
        bc_block_unref(block);
        forged.nonce++;
        block = ledger_block(with->params, &forged);
    }
    for (size_t at = 0; at <= plan->tx_count; at++) {
        bc_tx_unref(txs[at]);
    }
    return add_block(with, parent, block);
}

uint32_t world_extend(ledger_world *with, uint32_t parent, unsigned count, uint64_t later)
{
    const world_plan plan = {.later = later};
    for (unsigned at = 0; at < count; at++) {
        parent = world_add(with, parent, &plan);
    }
    return parent;
}

uint32_t world_pay(ledger_world *with, uint32_t parent, unsigned from, unsigned to, uint64_t amount,
                   uint64_t later)
{
    uint64_t nonce = with->nodes[parent].state.nonce[from];
    const world_plan plan = {
        .txs = {world_tx(with, from, to, nonce, amount, 1)}, .tx_count = 1, .later = later};
    return world_add(with, parent, &plan);
}

bc_block *world_tamper(const ledger_world *with, uint32_t node)
{
    size_t length;
    const uint8_t *bytes = bc_block_bytes(with->nodes[node].block, &length);
    uint8_t *changed = malloc(length);
    bc_block *block;
    assert_non_null(changed);
    memcpy(changed, bytes, length);
    /* The recipient's last byte of the last transaction that has no payload: in front of a signature. */
    changed[length - BC__SIGNATURE_BYTES - 1] ^= 1;
    assert_int_equal(bc_block_parse(&block, with->params, changed, length, NULL), BC_OK);
    free(changed);
    return block;
}

uint32_t world_back(const ledger_world *with, uint32_t node, unsigned up)
{
    while (up-- > 0) {
        node = with->nodes[node].parent;
    }
    return node;
}

uint32_t world_at(const ledger_world *with, uint32_t node, uint64_t height)
{
    while (with->nodes[node].height > height) {
        node = with->nodes[node].parent;
    }
    assert_int_equal(with->nodes[node].height, height);
    return node;
}

bool world_is_smaller(const ledger_world *with, uint32_t left, uint32_t right)
{
    return memcmp(with->nodes[left].block->id, with->nodes[right].block->id, BC_ID_BYTES) < 0;
}

/* ---- Handing in ---- */

void world_submit(const ledger_world *with, bc_chain *chain, uint32_t node, uint32_t verdict,
                  uint32_t reason)
{
    fixture_submit(chain, with->nodes[node].block, verdict, reason);
}

void world_submit_path(const ledger_world *with, bc_chain *chain, uint32_t from, uint32_t to,
                       uint32_t verdict)
{
    uint64_t height = with->nodes[from].height;
    assert_int_equal(world_at(with, to, height), from);
    while (height++ < with->nodes[to].height) {
        world_submit(with, chain, world_at(with, to, height), verdict, BC_REASON_NONE);
    }
}

void world_submit_tx(const ledger_world *with, bc_chain *chain, unsigned from, unsigned to,
                     uint64_t nonce, uint64_t amount, uint64_t fee, uint32_t verdict,
                     uint32_t reason)
{
    bc_error error = BC_ERROR_INIT;
    uint32_t found[2];
    bc_tx *tx = world_tx(with, from, to, nonce, amount, fee);
    if (bc_chain_submit_tx(chain, &found[0], &found[1], tx, &error) != BC_OK) {
        fail_msg("%s", error.message);
    }
    assert_string_equal(bc_verdict_name(found[0]), bc_verdict_name(verdict));
    assert_string_equal(bc_reason_name(found[1]), bc_reason_name(reason));
    bc_tx_unref(tx);
}

/* ---- What a chain holds ---- */

typedef struct waiting_list {
    const ledger_world *with;
    size_t count;
    unsigned list[256]; /* sender * 2^16 + nonce */
} waiting_list;

static bc_status note_waiting(void *context, bc_tx *tx)
{
    waiting_list *to = context;
    bc_tx_fields fields = fields_of(tx);
    assert_true(to->count < COUNT_OF(to->list) && fields.nonce < 65536);
    to->list[to->count++] = number_of(to->with, fields.sender) << 16 | (unsigned)fields.nonce;
    return BC_OK;
}

static int by_number(const void *left, const void *right)
{
    unsigned a = *(const unsigned *)left;
    unsigned b = *(const unsigned *)right;
    return (a > b) - (a < b);
}

const char *world_mempool(const ledger_world *with, bc_chain *chain)
{
    static char text[WORLD_MEMPOOL];
    waiting_list found = {.with = with};
    size_t used = 0;
    assert_int_equal(bc_chain_mempool(chain, note_waiting, &found, NULL), BC_OK);
    assert_int_equal(fixture_info(chain).mempool_count, found.count);
    qsort(found.list, found.count, sizeof found.list[0], by_number);
    text[0] = '\0';
    for (size_t at = 0; at < found.count; at++) {
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%u:%u", at == 0 ? "" : " ",
                                 found.list[at] >> 16, found.list[at] & 0xffff);
        assert_true(used < sizeof text);
    }
    return text;
}

void world_assert_tip(const ledger_world *with, bc_chain *chain, uint32_t tip)
{
    const world_node *node = &with->nodes[tip];
    uint64_t height;
    uint8_t id[BC_ID_BYTES];
    uint8_t expected[BC_ID_BYTES];
    uint8_t work[BC_WORK_BYTES];
    assert_int_equal(bc_chain_tip(chain, &height, id, work), BC_OK);
    assert_int_equal(height, node->height);
    bc_block_id(node->block, expected);
    assert_memory_equal(id, expected, sizeof id);
    assert_int_equal(bc__uint256_from_bytes(work).limb[0], node->work);
}

void world_assert_accounts(const ledger_world *with, bc_chain *chain, uint32_t tip)
{
    const world_state *state = &with->nodes[tip].state;
    for (unsigned at = 1; at < WORLD_ACCOUNTS; at++) {
        uint64_t balance;
        uint64_t nonce;
        uint64_t next;
        assert_int_equal(bc_chain_account(chain, &balance, &nonce, &next, with->accounts[at], NULL),
                         BC_OK);
        if (balance != state->balance[at] || nonce != state->nonce[at] || next < nonce) {
            fail_msg("account %u has %llu, %llu (next %llu) instead of %llu, %llu", at,
                     (unsigned long long)balance, (unsigned long long)nonce,
                     (unsigned long long)next, (unsigned long long)state->balance[at],
                     (unsigned long long)state->nonce[at]);
        }
    }
}

/* Where the branch that ends in `tip` has that transaction; false where it has not. */
static bool is_on_branch(const ledger_world *with, uint32_t tip, const uint8_t id[BC_ID_BYTES],
                         uint32_t *node, uint32_t *position)
{
    for (*node = tip;; *node = with->nodes[*node].parent) {
        const bc_block *block = with->nodes[*node].block;
        for (*position = 0; *position < block->tx_count; ++*position) {
            if (memcmp(block->tx_ids[*position], id, BC_ID_BYTES) == 0) {
                return true;
            }
        }
        if (*node == 0) {
            return false;
        }
    }
}

static void assert_tx(const ledger_world *with, bc_chain *chain, uint32_t tip,
                      const uint8_t id[BC_ID_BYTES])
{
    uint32_t node;
    uint32_t position;
    uint32_t found_position;
    uint64_t height;
    uint8_t block_id[BC_ID_BYTES];
    uint8_t found_id[BC_ID_BYTES];
    uint8_t expected[BC_ID_BYTES] = {0};
    bc_tx *tx;
    bool expects = is_on_branch(with, tip, id, &node, &position);
    bc_status status = bc_chain_find_tx(chain, &tx, &height, block_id, &found_position, id, NULL);
    assert_int_equal(tx != NULL, status == BC_OK);
    if (tx != NULL) {
        bc_tx_id(tx, found_id);
        assert_memory_equal(found_id, id, BC_ID_BYTES);
    }
    bc_tx_unref(tx);
    if (expects) {
        assert_int_equal(status, BC_OK);
        assert_int_equal(height, with->nodes[node].height);
        assert_int_equal(found_position, position);
        bc_block_id(with->nodes[node].block, expected);
    } else if (status != BC_ERR_NOT_FOUND) {
        assert_int_equal(status, BC_OK);
        assert_true(height == BC_NONE); /* it waits */
    }
    assert_memory_equal(block_id, expected, BC_ID_BYTES);
}

void world_assert_txs(const ledger_world *with, bc_chain *chain, uint32_t tip)
{
    for (uint32_t at = 1; at < with->count; at++) {
        const bc_block *block = with->nodes[at].block;
        for (uint32_t index = 0; index < block->tx_count; index++) {
            assert_tx(with, chain, tip, block->tx_ids[index]);
        }
    }
}

void world_assert(const ledger_world *with, bc_chain *chain, uint32_t tip)
{
    world_assert_tip(with, chain, tip);
    world_assert_accounts(with, chain, tip);
    world_assert_txs(with, chain, tip);
}

uint64_t world_assert_supply(const ledger_world *with, test_store *store)
{
    uint64_t expected = WORLD_ALLOCATION * WORLD_RICH;
    uint64_t found = 0;
    uint64_t height = 0;
    uint8_t key[BC_KEY_BYTES_MAX];
    size_t key_length;
    uint8_t *value;
    size_t length;
    uint8_t id[BC_ID_BYTES];
    for (size_t at = 0; test_store_entry(store, at, key, &key_length, &value, &length); at++) {
        if (key[0] == BC__KEY_ACCOUNT) {
            assert_int_equal(length, 16 + 8); /* balance, nonce, checksum */
            found += bc__get_le(value, 8);
        } else if (key[0] == BC__KEY_ACCOUNTS_AT) {
            assert_true(bc__tip_record_read(&height, id, value, length - 8));
        }
        free(value);
    }
    for (uint64_t at = 1; at <= height; at++) {
        expected += subsidy(with, at);
    }
    assert_int_equal(found, expected);
    return height;
}

/* ---- Mining ---- */

bc_status world_try_mine(const ledger_world *with, bc_chain *chain, bc_block **out,
                         unsigned account, bc_error *error)
{
    bc_mine_options options = BC_MINE_OPTIONS_INIT;
    if (with->network.authorities > 0) {
        options.signer = with->keys[account];
    } else {
        options.recipient = with->accounts[account];
        options.recipient_length = 32;
    }
    bc_status status = bc_chain_mine(chain, out, &options, error);
    assert_int_equal(*out != NULL, status == BC_OK);
    return status;
}

uint32_t world_mine(ledger_world *with, bc_chain *chain, uint32_t parent, unsigned account)
{
    bc_block *block;
    uint8_t ids[2][BC_ID_BYTES];
    bc_error error = BC_ERROR_INIT;
    if (world_try_mine(with, chain, &block, account, &error) != BC_OK) {
        fail_msg("%s", error.message);
    }
    assert_int_equal(bc_block_parent(block, ids[0]), BC_OK);
    bc_block_id(with->nodes[parent].block, ids[1]);
    assert_memory_equal(ids[0], ids[1], BC_ID_BYTES);
    return add_block(with, parent, block);
}
