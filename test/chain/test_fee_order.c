/* A mempool by fee against a naive model: a list that is copied, and searched from end to end, through
 * random histories of submissions in groups that succeed or fail, tips, returns, age and walks. */
#include "test/chain/fee_fixture.h"

#include "test/support/random.h"

enum { SENDERS = 6, ITEMS_MOST = 400, SENDER_LIMIT = 5, AGE_LIMIT = 500 };

typedef struct item {
    offer what;
    uint64_t sequence;
    int64_t arrival;
    uint64_t cost;
} item;

typedef struct model {
    item items[ITEMS_MOST]; /* in order of arrival */
    size_t count;
    uint64_t limit;
} model;

typedef struct trial {
    bench with;
    model model;
    bc__account accounts[SENDERS];
    test_random random;
    unsigned salt;
} trial;

/* ---- The model ---- */

static uint64_t bytes_of(const model *pool)
{
    uint64_t bytes = 0;
    for (size_t at = 0; at < pool->count; at++) {
        bytes += pool->items[at].cost;
    }
    return bytes;
}

static item *model_find(model *pool, unsigned sender, uint64_t nonce)
{
    for (size_t at = 0; at < pool->count; at++) {
        if (pool->items[at].what.sender == sender && pool->items[at].what.nonce == nonce) {
            return &pool->items[at];
        }
    }
    return NULL;
}

static bool is_same(const offer *one, const offer *other)
{
    return one->sender == other->sender && one->nonce == other->nonce && one->fee == other->fee &&
           one->amount == other->amount && one->length == other->length && one->salt == other->salt;
}

static void model_drop(model *pool, item *gone)
{
    size_t at = (size_t)(gone - pool->items);
    memmove(gone, gone + 1, (pool->count - at - 1) * sizeof *gone);
    pool->count--;
}

static void model_drop_from(model *pool, unsigned sender, uint64_t nonce)
{
    for (size_t at = pool->count; at-- > 0;) {
        if (pool->items[at].what.sender == sender && pool->items[at].what.nonce >= nonce) {
            model_drop(pool, &pool->items[at]);
        }
    }
}

/* Fees and lengths of the tests are small. */
static bool pays_more(const offer *one, const offer *other)
{
    return one->fee * other->length > other->fee * one->length;
}

static bool comes_before(const item *one, const item *other)
{
    return pays_more(&one->what, &other->what) ||
           (!pays_more(&other->what, &one->what) && one->sequence < other->sequence);
}

static uint32_t model_make_room(model *pool, const item *offered)
{
    while (bytes_of(pool) + offered->cost > pool->limit) {
        const item *cheapest = NULL;
        for (size_t at = 0; at < pool->count; at++) {
            if (cheapest == NULL || comes_before(cheapest, &pool->items[at])) {
                cheapest = &pool->items[at];
            }
        }
        if (cheapest == NULL || !pays_more(&offered->what, &cheapest->what) ||
            (cheapest->what.sender == offered->what.sender &&
             cheapest->what.nonce < offered->what.nonce)) {
            return BC_REASON_MEMPOOL_FULL;
        }
        model_drop_from(pool, cheapest->what.sender, cheapest->what.nonce);
    }
    pool->items[pool->count++] = *offered;
    return BC_REASON_NONE;
}

static uint32_t model_judge(model *pool, const item *offered, const bc__account *account)
{
    const offer *what = &offered->what;
    uint64_t spent = what->amount + what->fee;
    size_t own = 0;
    for (size_t at = 0; at < pool->count; at++) {
        const offer *other = &pool->items[at].what;
        if (is_same(other, what)) {
            return BC_REASON_KNOWN;
        }
        own += other->sender == what->sender ? 1 : 0;
        spent += other->sender == what->sender && other->nonce != what->nonce
                     ? other->amount + other->fee
                     : 0;
    }
    item *replaced = model_find(pool, what->sender, what->nonce);
    if (what->nonce < account->nonce || what->nonce > account->nonce + own) {
        return BC_REASON_NONCE;
    }
    if (replaced != NULL &&
        (what->fee <= replaced->what.fee || 10 * what->fee < 11 * replaced->what.fee)) {
        return BC_REASON_REPLACEMENT;
    }
    if (spent > account->balance) {
        return BC_REASON_BALANCE;
    }
    if (replaced == NULL && own == SENDER_LIMIT) {
        return BC_REASON_SENDER_LIMIT;
    }
    if (replaced != NULL) {
        model_drop(pool, replaced);
    }
    return model_make_room(pool, offered);
}

static uint32_t model_judge_returned(model *pool, const item *offered)
{
    const item *other = model_find(pool, offered->what.sender, offered->what.nonce);
    if (other != NULL) {
        return is_same(&other->what, &offered->what) ? BC_REASON_KNOWN : BC_REASON_REPLACEMENT;
    }
    return model_make_room(pool, offered);
}

static void model_recheck(model *pool, unsigned sender, const bc__account *account)
{
    uint64_t left = account->balance;
    for (size_t at = pool->count; at-- > 0;) {
        if (pool->items[at].what.sender == sender && pool->items[at].what.nonce < account->nonce) {
            model_drop(pool, &pool->items[at]);
        }
    }
    uint64_t nonce = account->nonce;
    for (; nonce < account->nonce + SENDER_LIMIT; nonce++) {
        const item *next = model_find(pool, sender, nonce);
        if (next == NULL || next->what.amount + next->what.fee > left) {
            break;
        }
        left -= next->what.amount + next->what.fee;
    }
    model_drop_from(pool, sender, nonce);
}

static void model_expire(model *pool, int64_t now)
{
    for (size_t at = 0; at < pool->count;) {
        if (now - pool->items[at].arrival >= AGE_LIMIT) {
            const offer gone = pool->items[at].what;
            model_drop_from(pool, gone.sender, gone.nonce);
            at = 0;
        } else {
            at++;
        }
    }
}

/* ---- Comparison ---- */

/* The next of all senders, the best of them: with `skipped` senders left out. */
static const item *model_next(model *pool, const uint64_t next[SENDERS], const bool *skipped)
{
    const item *best = NULL;
    for (unsigned sender = 0; sender < SENDERS; sender++) {
        const item *head = model_find(pool, sender, next[sender]);
        if (head != NULL && !skipped[sender] && (best == NULL || comes_before(head, best))) {
            best = head;
        }
    }
    return best;
}

/* Walks both, and now and then passes over a sender. */
static void compare_walk(trial *world, unsigned skips_in_ten)
{
    bc__mempool_walk walk_of;
    uint64_t next[SENDERS];
    bool skipped[SENDERS] = {false};
    for (unsigned sender = 0; sender < SENDERS; sender++) {
        next[sender] = world->accounts[sender].nonce;
    }
    assert_int_equal(bc__mempool_walk_begin(&walk_of, &world->with.mempool), BC__OK);
    const item *expected;
    while ((expected = model_next(&world->model, next, skipped)) != NULL) {
        bc__waiting *got = bc__mempool_walk_next(&walk_of);
        assert_non_null(got);
        assert_int_equal(got->sequence, expected->sequence);
        next[expected->what.sender]++;
        if (test_random_below(&world->random, 10) < skips_in_ten) {
            bc__mempool_walk_skip(&walk_of);
            skipped[expected->what.sender] = true;
        }
    }
    assert_null(bc__mempool_walk_next(&walk_of));
    bc__mempool_walk_end(&walk_of);
}

static void compare(trial *world)
{
    model *pool = &world->model;
    bc__mempool *mempool = &world->with.mempool;
    assert_int_equal(mempool->count, pool->count);
    assert_int_equal(mempool->bytes, bytes_of(pool));
    assert_true(mempool->bytes <= mempool->limit);
    const bc__waiting *at = mempool->oldest;
    for (size_t index = 0; index < pool->count; index++, at = at->newer) {
        while (at != NULL && at->leaving) {
            at = at->newer;
        }
        assert_non_null(at);
        assert_int_equal(at->sequence, pool->items[index].sequence);
        assert_ptr_equal(bc__mempool_find(mempool, at->tx->id), at);
    }
    for (unsigned sender = 0; sender < SENDERS; sender++) {
        uint64_t next = world->accounts[sender].nonce;
        while (model_find(pool, sender, next) != NULL) {
            next++;
        }
        assert_int_equal(
            bc__fee_next_nonce(mempool, key_of_sender(sender), world->accounts[sender].nonce),
            next);
    }
    compare_walk(world, 0);
    compare_walk(world, 3);
}

/* ---- Histories ---- */

static offer random_offer(trial *world)
{
    test_random *random = &world->random;
    unsigned sender = (unsigned)test_random_below(random, SENDERS);
    const bc__account *account = &world->accounts[sender];
    if (world->model.count > 0 && test_random_below(random, 10) == 0) {
        return world->model.items[test_random_below(random, world->model.count)].what;
    }
    uint64_t nonce = account->nonce + test_random_below(random, SENDER_LIMIT + 2);
    if (test_random_below(random, 2) == 0) {
        nonce = bc__fee_next_nonce(&world->with.mempool, key_of_sender(sender), account->nonce);
    }
    return (offer){
        .sender = sender,
        .nonce =
            account->nonce > 0 && test_random_below(random, 20) == 0 ? account->nonce - 1 : nonce,
        .fee = test_random_below(random, 40),
        .amount = test_random_below(random, 100),
        .length = 160 + 40 * test_random_below(random, 10),
        .salt = ++world->salt & 0xffff,
    };
}

static item item_of(const trial *world, const offer *what)
{
    return (item){
        .what = *what,
        .sequence = world->with.sequence,
        .arrival = world->with.now,
        .cost = cost_of(&world->with, what),
    };
}

/* One that is handed in, or not even that where memory runs out. */
static uint32_t offer_one(trial *world)
{
    offer what = random_offer(world);
    item offered = item_of(world, &what);
    model before = world->model;
    if (test_random_below(&world->random, 20) == 0) {
        world->with.counter.left = test_random_below(&world->random, 3);
        bc__waiting *waiting = prepare(&world->with, &what, false);
        world->with.counter.left = SIZE_MAX;
        if (waiting != NULL) {
            bc__fee_discard(&world->with.mempool, waiting);
        }
        return BC_REASON_NONE;
    }
    const bc__account *account = &world->accounts[what.sender];
    uint32_t expected = model_judge(&world->model, &offered, account);
    if (expected != BC_REASON_NONE) {
        world->model = before;
    }
    assert_int_equal(offer_to(&world->with, &what, *account), expected);
    return expected;
}

static void decide(trial *world, const model *before, const bc__account accounts[SENDERS])
{
    if (test_random_below(&world->random, 3) == 0) {
        bc__mempool_unmark_all(&world->with.mempool);
        world->model = *before;
        memcpy(world->accounts, accounts, sizeof world->accounts);
    } else {
        bc__mempool_remove_marked(&world->with.mempool);
    }
    compare(world);
}

static void submit_group(trial *world, size_t seen[64])
{
    model before = world->model;
    for (size_t left = 1 + test_random_below(&world->random, 4); left > 0; left--) {
        model middle = world->model;
        bc__mempool_point point = bc__mempool_here(&world->with.mempool);
        seen[offer_one(world)]++;
        compare(world);
        if (test_random_below(&world->random, 8) == 0) { /* that one alone comes to nothing */
            bc__mempool_go_back(&world->with.mempool, point);
            world->model = middle;
            compare(world);
        }
    }
    decide(world, &before, world->accounts);
}

/* Blocks use nonces, give some back, and move balances. */
static void move_tip(trial *world)
{
    test_random *random = &world->random;
    model before = world->model;
    bc__account accounts[SENDERS];
    memcpy(accounts, world->accounts, sizeof accounts);
    for (unsigned sender = 0; sender < SENDERS; sender++) {
        bc__account *account = &world->accounts[sender];
        uint64_t back = test_random_below(random, 3);
        if (test_random_below(random, 2) == 0) {
            continue;
        }
        account->balance = test_random_below(random, 600);
        if (test_random_below(random, 2) == 0) {
            account->nonce += test_random_below(random, 4);
            back = 0;
        }
        account->nonce -= back < account->nonce ? back : account->nonce;
        for (uint64_t nonce = account->nonce; nonce < accounts[sender].nonce; nonce++) {
            offer what = random_offer(world);
            what.sender = sender;
            what.nonce = nonce;
            item returned = item_of(world, &what);
            model middle = world->model;
            uint32_t expected = model_judge_returned(&world->model, &returned);
            if (expected != BC_REASON_NONE) {
                world->model = middle;
            }
            assert_int_equal(give_back(&world->with, &what), expected);
        }
    }
    for (unsigned sender = 0; sender < SENDERS; sender++) {
        const bc__account *account = &world->accounts[sender];
        if (memcmp(account, &accounts[sender], sizeof *account) != 0) {
            model_recheck(&world->model, sender, account);
            bc__fee_recheck_sender(&world->with.mempool, key_of_sender(sender), account);
        }
    }
    compare(world);
    decide(world, &before, accounts);
}

static void age(trial *world)
{
    model before = world->model;
    bc__fee_expire(&world->with.mempool, world->with.now);
    model_expire(&world->model, world->with.now);
    compare(world);
    decide(world, &before, world->accounts);
}

static void histories_agree_with_the_model(void **state)
{
    (void)state;
    trial *world = malloc(sizeof *world);
    size_t seen[64] = {0};
    assert_non_null(world);
    test_random random = test_random_begin();
    for (size_t round = test_random_repeats(60); round > 0; round--) {
        memset(world, 0, sizeof *world);
        world->random = random;
        world->model.limit = 1500 + test_random_below(&world->random, 14000);
        setup(&world->with, world->model.limit, SENDER_LIMIT, AGE_LIMIT);
        for (unsigned sender = 0; sender < SENDERS; sender++) {
            world->accounts[sender].balance = test_random_below(&world->random, 1000);
            world->accounts[sender].nonce = test_random_below(&world->random, 3);
        }
        for (unsigned step = 0; step < 150; step++) {
            size_t what = test_random_below(&world->random, 10);
            world->with.now += (int64_t)test_random_below(&world->random, 20);
            if (what == 0) {
                move_tip(world);
            } else if (what == 1) {
                age(world);
            } else {
                submit_group(world, seen);
            }
        }
        random = world->random;
        teardown(&world->with);
    }
    static const uint32_t reasons[] = {
        BC_REASON_NONE,    BC_REASON_KNOWN,        BC_REASON_NONCE,       BC_REASON_REPLACEMENT,
        BC_REASON_BALANCE, BC_REASON_SENDER_LIMIT, BC_REASON_MEMPOOL_FULL};
    for (size_t at = 0; at < sizeof reasons / sizeof *reasons; at++) {
        assert_true(seen[reasons[at]] > 0);
    }
    free(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(histories_agree_with_the_model),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
