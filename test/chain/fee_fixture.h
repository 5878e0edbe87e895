/* What the tests of a mempool by fee share: transactions of any sender, nonce, fee and length. */
#ifndef BC_TEST_CHAIN_FEE_FIXTURE_H
#define BC_TEST_CHAIN_FEE_FIXTURE_H

#include "test/support/engine_fixture.h"

#include "src/chain/fee_policy.h"
#include "test/support/counting_heap.h"

/* A transaction as the tests write it. Senders are numbers. */
typedef struct offer {
    unsigned sender;
    uint64_t nonce;
    uint64_t fee;
    uint64_t amount;
    size_t length; /* of its encoding; 0: 200 */
    unsigned salt; /* tells apart what is equal otherwise */
} offer;

typedef struct bench {
    counting_heap counter;
    bc__heap heap;
    bc_params *params;
    bc__mempool mempool;
    uint64_t sequence;
    int64_t now;
} bench;

static inline void setup(bench *with, uint64_t limit, uint64_t sender_limit, uint64_t age_limit)
{
    memset(with, 0, sizeof *with);
    with->counter = (counting_heap)COUNTING_HEAP_ENDLESS;
    with->heap = counting_heap_internal(&with->counter);
    with->params = fixture_params(0, NULL);
    bc__mempool_init(&with->mempool, &with->heap, limit);
    bc__mempool_order_by_fee(&with->mempool, sender_limit, age_limit);
}

static inline void teardown(bench *with)
{
    bc__mempool_free(&with->mempool);
    assert_int_equal(with->mempool.count, 0);
    assert_int_equal(with->mempool.bytes, 0);
    assert_int_equal(with->counter.held, 0);
    bc_params_unref(with->params);
}

static inline const uint8_t *key_of_sender(unsigned sender)
{
    static uint8_t key[BC__MAP_KEY_BYTES];
    memset(key, 0, sizeof key);
    memcpy(key, &sender, sizeof sender);
    return key;
}

static inline bc_tx *tx_of(const bench *with, const offer *what)
{
    uint8_t bytes[1024] = {0};
    uint8_t id[BC_ID_BYTES] = {0};
    size_t length = what->length == 0 ? 200 : what->length;
    bc_tx *tx;
    assert_true(length <= sizeof bytes);
    memcpy(id, &what->sender, 4);
    memcpy(id + 4, &what->nonce, 8);
    memcpy(id + 12, &what->fee, 8);
    memcpy(id + 20, &what->amount, 8);
    memcpy(id + 28, &what->salt, 2);
    id[30] = (uint8_t)length;
    id[31] = (uint8_t)(length >> 8);
    assert_int_equal(bc__tx_make(&tx, &with->params->origin, id, bytes, length, NULL), BC_OK);
    return tx;
}

/* An entry that is not added yet; NULL where memory ran out. */
static inline bc__waiting *prepare(bench *with, const offer *what, bool returned)
{
    bc_tx *tx = tx_of(with, what);
    bc_error error = BC_ERROR_INIT;
    bc__waiting *waiting;
    bc_tx_fields fields = BC_TX_FIELDS_INIT;
    fields.kind = BC_TX_SIGNED;
    fields.nonce = what->nonce;
    fields.amount = what->amount;
    fields.fee = what->fee;
    memcpy(fields.sender, key_of_sender(what->sender), sizeof fields.sender);
    bc_status status = bc__fee_prepare(&with->mempool, &waiting, tx, &fields, with->sequence,
                                       returned, with->now, &error);
    bc_tx_unref(tx);
    assert_int_equal(status, waiting == NULL ? BC_ERR_MEMORY : BC_OK);
    assert_int_equal(error.code, status);
    with->sequence += waiting == NULL ? 0 : 1;
    return waiting;
}

/* Offers one and adds it where it is taken. Nothing is decided about. */
static inline uint32_t offer_to(bench *with, const offer *what, bc__account account)
{
    bc__waiting *waiting = prepare(with, what, false);
    assert_non_null(waiting);
    uint32_t reason = bc__fee_judge(&with->mempool, waiting, &account);
    if (reason == BC_REASON_NONE) {
        bc__mempool_add(&with->mempool, waiting);
    } else {
        bc__fee_discard(&with->mempool, waiting);
    }
    return reason;
}

/* The same, decided about at once. */
static inline uint32_t submit(bench *with, const offer *what, bc__account account)
{
    uint32_t reason = offer_to(with, what, account);
    bc__mempool_remove_marked(&with->mempool);
    return reason;
}

static inline uint32_t give_back(bench *with, const offer *what)
{
    bc__waiting *waiting = prepare(with, what, true);
    assert_non_null(waiting);
    uint32_t reason = bc__fee_judge_returned(&with->mempool, waiting);
    if (reason == BC_REASON_NONE) {
        bc__mempool_add(&with->mempool, waiting);
    } else {
        bc__fee_discard(&with->mempool, waiting);
    }
    return reason;
}

static inline uint64_t cost_of(const bench *with, const offer *what)
{
    bc_tx *tx = tx_of(with, what);
    uint64_t cost = bc__mempool_cost(&with->mempool, tx);
    bc_tx_unref(tx);
    return cost;
}

/* "1:0 1:1 2:0": sender and nonce in the order in which they would be mined. */
static inline const char *walk(const bench *with)
{
    static char text[1024];
    size_t used = 0;
    uint64_t count = 0;
    bc__mempool_walk at;
    text[0] = '\0';
    assert_int_equal(bc__mempool_walk_begin(&at, &with->mempool), BC__OK);
    for (bc__waiting *waiting; (waiting = bc__mempool_walk_next(&at)) != NULL; count++) {
        const bc__fee_entry *entry = bc__fee_entry_of(waiting);
        unsigned sender;
        memcpy(&sender, entry->sender->key, sizeof sender);
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%u:%llu", used == 0 ? "" : " ",
                                 sender, (unsigned long long)entry->nonce);
        assert_ptr_equal(bc__mempool_find(&with->mempool, waiting->tx->id), waiting);
    }
    assert_null(bc__mempool_walk_next(&at));
    bc__mempool_walk_end(&at);
    assert_int_equal(count, with->mempool.count);
    return text;
}

#define assert_walk(with, text) assert_string_equal(walk(with), text)

#endif
