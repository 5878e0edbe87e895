/* Resolving headers first, among chains of one process. */
#include "test/sync/ledger_net.h"

#include "lib/sha256/sha256.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static bc_params *params;
static bc_chain *hundred; /* of 100 blocks */
static bc_chain *rival;   /* shares 90 of them, then has 15 of its own */

static int make_chains(void **state)
{
    (void)state;
    params = ledger_dev(NULL);
    hundred = ledger_chain(params, 100, 1);
    rival = ledger_fork(params, hundred, 90, 15, 2);
    return 0;
}

static int free_chains(void **state)
{
    (void)state;
    assert_int_equal(bc_chain_close(hundred, NULL), BC_OK);
    assert_int_equal(bc_chain_close(rival, NULL), BC_OK);
    bc_params_unref(params);
    return 0;
}

/* ---- Agreeing ---- */

static void catches_up_from_genesis(void **state)
{
    (void)state;
    bc_chain *thousand = ledger_chain(params, 1000, 3);
    ledger_peer peers[] = {
        {.name = "one", .chain = thousand, .line = "its chain of height 1000 is ours now"},
    };
    ledger_node node;
    ledger_open(&node, params, NULL, peers, 1);
    assert_true(ledger_resolve(&node));
    ledger_assert_same(node.chain, thousand);
    assert_int_equal(peers[0].hellos, 1);
    assert_int_equal(peers[0].headers, 1);
    assert_int_equal(peers[0].blocks, 8); /* of 128 */
    /* Once more: there is nothing to ask for. */
    peers[0].line = "its chain of height 1000 is not better than ours";
    assert_false(ledger_resolve(&node));
    assert_int_equal(peers[0].hellos, 2);
    assert_int_equal(peers[0].headers, 1);
    ledger_mine(thousand, 1, 3);
    peers[0].line = "its chain of height 1001 is ours now";
    assert_true(ledger_resolve(&node));
    assert_int_equal(peers[0].blocks, 9);
    ledger_close(&node);
    assert_int_equal(bc_chain_close(thousand, NULL), BC_OK);
}

/* More blocks than one window of headers, and more headers than one answer has. */
static void a_long_chain_comes_in_windows(void **state)
{
    (void)state;
    enum { LONG = 9000 };
    bc_chain *far = ledger_chain(params, LONG, 3);
    ledger_peer peers[] = {
        {.name = "one", .chain = far, .line = "its chain of height 9000 is ours now"},
        {.name = "two", .chain = far, .line = "its chain of height 9000 is ours now"},
    };
    ledger_node node;
    ledger_open(&node, params, NULL, peers, 2);
    assert_true(ledger_resolve(&node));
    ledger_assert_same(node.chain, far);
    assert_int_equal(peers[0].headers, 6); /* five of at most 2,000, and what the window lacked */
    assert_true(peers[0].blocks > 10 && peers[1].blocks > 10);
    assert_true(peers[0].blocks + peers[1].blocks < 100);
    ledger_close(&node);
    assert_int_equal(bc_chain_close(far, NULL), BC_OK);
}

static void reorganises_to_more_work(void **state)
{
    (void)state;
    ledger_peer peers[] = {
        {.name = "hundred", .chain = hundred, .line = "its chain of height 100 is ours now"},
        {.name = "rival", .chain = rival},
    };
    ledger_node node;
    ledger_open(&node, params, NULL, peers, 1);
    assert_true(ledger_resolve(&node));
    ledger_assert_same(node.chain, hundred);
    assert_int_equal(bc_chain_close(node.chain, NULL), BC_OK);
    /* Both at once: whatever comes first, the one with more work stays. */
    peers[0].line = NULL;
    peers[1].line = "its chain of height 105 is ours now";
    ledger_open(&node, params, NULL, peers, 2);
    assert_true(ledger_resolve(&node));
    ledger_assert_same(node.chain, rival);
    /* Shared blocks are fetched once. */
    uint64_t balance;
    uint8_t key[32];
    memset(key, 1, sizeof key);
    assert_int_equal(bc_chain_account(node.chain, &balance, NULL, NULL, key, NULL), BC_OK);
    assert_int_equal(balance, 90 * 1000000);
    ledger_close(&node);
}

static void a_side_branch_below_the_kept_ones_is_fetched_whole(void **state)
{
    (void)state;
    bc_options options = BC_OPTIONS_INIT;
    bc_chain *long_branch = ledger_fork(params, hundred, 1, 120, 4);
    ledger_peer peers[] = {
        {.name = "long", .chain = long_branch, .line = "its chain of height 121 is ours now"},
    };
    ledger_node node;
    options.keep_branches = 5;
    ledger_open(&node, params, &options, peers, 1);
    for (uint64_t at = 1; at <= 100; at++) {
        bc_block *block;
        assert_int_equal(bc_chain_block_at(hundred, &block, at, NULL), BC_OK);
        assert_int_equal(bc_chain_submit(node.chain, NULL, NULL, block, NULL), BC_OK);
        bc_block_unref(block);
    }
    assert_true(ledger_resolve(&node));
    ledger_assert_same(node.chain, long_branch);
    ledger_close(&node);
    assert_int_equal(bc_chain_close(long_branch, NULL), BC_OK);
}

static void equal_work_keeps_ours(void **state)
{
    (void)state;
    bc_chain *equal = ledger_fork(params, hundred, 95, 5, 5);
    ledger_peer peers[] = {
        {.name = "equal", .chain = equal, .line = "its chain of height 100 is not better than"},
    };
    ledger_node node;
    ledger_open(&node, params, NULL, peers, 1);
    node.peers[0].chain = hundred;
    node.peers[0].line = NULL;
    assert_true(ledger_resolve(&node));
    node.peers[0].chain = equal;
    node.peers[0].line = "its chain of height 100 is not better than";
    assert_false(ledger_resolve(&node));
    ledger_assert_same(node.chain, hundred);
    assert_int_equal(peers[0].headers, 1); /* of the first time */
    ledger_close(&node);
    assert_int_equal(bc_chain_close(equal, NULL), BC_OK);
}

static void too_deep_is_refused_before_blocks_are_asked_for(void **state)
{
    (void)state;
    bc_options options = BC_OPTIONS_INIT;
    ledger_peer peers[] = {{.name = "peer", .chain = hundred}};
    ledger_node node;
    options.max_reorg_depth = 9;
    ledger_open(&node, params, &options, peers, 1);
    assert_true(ledger_resolve(&node)); /* nothing is disconnected */
    peers[0].chain = rival;
    peers[0].blocks = 0;
    peers[0].line = "its chain of height 105 was refused: it would disconnect more blocks than "
                    "max_reorg_depth";
    assert_false(ledger_resolve(&node));
    assert_int_equal(peers[0].blocks, 0);
    ledger_assert_same(node.chain, hundred);
    ledger_close(&node);
    options.max_reorg_depth = 10;
    ledger_open(&node, params, &options, peers, 1);
    peers[0].chain = hundred;
    peers[0].line = NULL;
    assert_true(ledger_resolve(&node));
    peers[0].chain = rival;
    peers[0].line = "its chain of height 105 is ours now";
    assert_true(ledger_resolve(&node));
    ledger_close(&node);
}

static void minimum_chain_work_holds(void **state)
{
    (void)state;
    bc_options options = BC_OPTIONS_INIT;
    uint8_t work[32];
    ledger_peer peers[] = {{.name = "peer", .chain = hundred}};
    ledger_node node;
    assert_int_equal(bc_chain_tip(hundred, NULL, NULL, work), BC_OK);
    work[31]++;
    options.minimum_chain_work = work;
    ledger_open(&node, params, &options, peers, 1);
    memset(work, 0xff, sizeof work); /* it was copied */
    peers[0].line = "its chain was refused: it has less work than minimum_chain_work";
    assert_false(ledger_resolve(&node));
    assert_int_equal(peers[0].headers, 0);
    peers[0].chain = rival;
    peers[0].line = "its chain of height 105 is ours now";
    assert_true(ledger_resolve(&node));
    ledger_close(&node);
}

static void a_checkpoint_refuses_by_headers(void **state)
{
    (void)state;
    bc_options options = BC_OPTIONS_INIT;
    bc_checkpoint checkpoint = {.height = 95};
    bc_block *block;
    ledger_peer peers[] = {
        {.name = "rival",
         .chain = rival,
         .line = "its headers: the header at height 95 is not the one of our checkpoint",
         .status = BC_ERR_FORMAT},
        {.name = "hundred", .chain = hundred, .line = "its chain of height 100 is ours now"},
    };
    ledger_node node;
    assert_int_equal(bc_chain_block_at(hundred, &block, 95, NULL), BC_OK);
    bc_block_id(block, checkpoint.id);
    bc_block_unref(block);
    options.checkpoints = &checkpoint;
    options.checkpoint_count = 1;
    ledger_open(&node, params, &options, peers, 2);
    assert_true(ledger_resolve(&node));
    assert_int_equal(peers[0].blocks, 0);
    ledger_assert_same(node.chain, hundred);
    ledger_close(&node);
}

/* ---- Lies ---- */

static void grow(ledger_answer *answer, size_t length)
{
    answer->data = realloc(answer->data, length + 1);
    assert_non_null(answer->data);
    if (length > answer->length) {
        memset(answer->data + answer->length, 0, length - answer->length);
    }
    answer->length = length;
}

static bool is(const char *left, const char *right)
{
    return strcmp(left, right) == 0;
}

enum { SEALED = 97, BITS_AT = 4, NONCE_AT = 88, WORK_AT = 44 };

static uint8_t *header_at(const ledger_answer *answer, size_t at)
{
    assert_true(4 + (at + 1) * SEALED <= answer->length);
    return answer->data + 4 + at * SEALED;
}

#define CHANGE(name)                                                                               \
    static void name(ledger_peer *peer, const char *method, const uint8_t *body, size_t length,    \
                     ledger_answer *answer)
#define UNUSED_REST ((void)peer, (void)body, (void)length)

CHANGE(cut_hello)
{
    UNUSED_REST;
    answer->length -= is(method, "hello") ? 1 : 0;
}

CHANGE(speak_version_2)
{
    UNUSED_REST;
    if (is(method, "hello")) {
        answer->data[0] = 2;
        grow(answer, 200);
    }
}

CHANGE(be_high)
{
    UNUSED_REST;
    if (is(method, "hello")) {
        memset(answer->data + 36, 0xff, 8);
    }
}

CHANGE(promise_more)
{
    UNUSED_REST;
    if (is(method, "hello")) {
        answer->data[WORK_AT + 4] = 1;
    }
}

CHANGE(give_no_headers)
{
    UNUSED_REST;
    if (is(method, "headers")) {
        answer->length = 4;
        memset(answer->data, 0, 4);
    }
}

CHANGE(give_one_header_more)
{
    UNUSED_REST;
    if (is(method, "headers")) {
        bc__put_le(answer->data, 2001, 4);
    }
}

CHANGE(cut_headers)
{
    UNUSED_REST;
    answer->length -= is(method, "headers") ? 1 : 0;
}

CHANGE(follow_headers)
{
    UNUSED_REST;
    if (is(method, "headers")) {
        grow(answer, answer->length + 1);
    }
}

CHANGE(leave_one_out)
{
    UNUSED_REST;
    if (is(method, "headers")) {
        memmove(header_at(answer, 50), header_at(answer, 51), 49 * SEALED);
        answer->length -= SEALED;
        bc__put_le(answer->data, 99, 4);
    }
}

CHANGE(leave_the_first_out)
{
    UNUSED_REST;
    if (is(method, "headers")) {
        memmove(header_at(answer, 0), header_at(answer, 1), 99 * SEALED);
        answer->length -= SEALED;
        bc__put_le(answer->data, 99, 4);
    }
}

/* The last header gets another nonce, with which it is no work. */
CHANGE(do_no_work)
{
    UNUSED_REST;
    if (is(method, "headers")) {
        uint8_t id[32];
        uint8_t *header = header_at(answer, 99);
        do {
            header[NONCE_AT]++;
            bc__sha256(id, header, 96);
        } while (id[0] < 0x80);
    }
}

CHANGE(do_less_work)
{
    UNUSED_REST;
    if (is(method, "headers")) {
        header_at(answer, 99)[BITS_AT]--;
    }
}

CHANGE(seal)
{
    UNUSED_REST;
    if (is(method, "headers")) {
        header_at(answer, 0)[96] = 1;
    }
}

/* The last header gets another nonce that holds, and so an id that no body has. */
CHANGE(make_a_header)
{
    UNUSED_REST;
    if (is(method, "headers")) {
        uint8_t id[32];
        uint8_t *header = header_at(answer, 99);
        do {
            header[NONCE_AT]++;
            bc__sha256(id, header, 96);
        } while (id[0] >= 0x7f);
    }
}

CHANGE(give_no_blocks)
{
    UNUSED_REST;
    answer->length = is(method, "blocks") ? 0 : answer->length;
}

CHANGE(cut_blocks)
{
    UNUSED_REST;
    answer->length -= is(method, "blocks") ? 1 : 0;
}

CHANGE(break_block)
{
    UNUSED_REST;
    if (is(method, "blocks")) {
        answer->data[4 + SEALED] = 2; /* its count of transactions */
    }
}

/* The reward of the first block has another amount, so that the header does not commit to it. */
CHANGE(change_body)
{
    UNUSED_REST;
    if (is(method, "blocks")) {
        answer->data[4 + SEALED + 4 + 16]++;
    }
}

CHANGE(swap_blocks)
{
    UNUSED_REST;
    if (is(method, "blocks")) {
        size_t one = 4 + (size_t)bc__get_le(answer->data, 4);
        memmove(answer->data, answer->data + one, answer->length - one);
        answer->length -= one;
    }
}

CHANGE(repeat_last_block)
{
    UNUSED_REST;
    if (is(method, "blocks")) {
        size_t before = answer->length;
        size_t one = 4 + (size_t)bc__get_le(answer->data, 4);
        grow(answer, before + one);
        memcpy(answer->data + before, answer->data, one);
    }
}

CHANGE(flood_hello)
{
    UNUSED_REST;
    if (is(method, "hello")) {
        grow(answer, 5000);
    }
}

CHANGE(flood_headers)
{
    UNUSED_REST;
    if (is(method, "headers")) {
        grow(answer, 1000000);
    }
}

CHANGE(flood_blocks)
{
    UNUSED_REST;
    if (is(method, "blocks")) {
        grow(answer, 17000000);
    }
}

CHANGE(fail_at_blocks)
{
    UNUSED_REST;
    if (is(method, "blocks")) {
        answer->length = 0;
        answer->status = BC_ERR_NETWORK;
    }
}

static void liars_are_found_out(void **state)
{
    (void)state;
    const struct {
        const char *line;
        void (*change)(ledger_peer *, const char *, const uint8_t *, size_t, ledger_answer *);
        bc_status status;
    } lies[] = {
        {"it answered a hello of 107 bytes; 108 are expected", cut_hello, BC_ERR_FORMAT},
        {"it answered a hello of version 2 of the protocol; 1 is", speak_version_2,
         BC_ERR_UNSUPPORTED},
        {"it names a height of 18446744073709551615; chains end", be_high, BC_ERR_FORMAT},
        {"it sent more than 1024 bytes", flood_hello, BC_ERR_LIMIT},
        {"its headers show less work than it promised", promise_more, BC_ERR_FORMAT},
        {"its headers show less work than it promised", give_no_headers, BC_ERR_FORMAT},
        {"its headers: 2001 headers where at most 2000", give_one_header_more, BC_ERR_FORMAT},
        {"its headers: the block ends in its header", cut_headers, BC_ERR_FORMAT},
        {"its headers: 1 bytes follow the last header", follow_headers, BC_ERR_FORMAT},
        {"its headers: the header at height 51 does not stand", leave_one_out, BC_ERR_FORMAT},
        {"its headers: they do not begin behind a block that we", leave_the_first_out,
         BC_ERR_FORMAT},
        {"its headers: the header at height 100: the block's id is", do_no_work, BC_ERR_FORMAT},
        {"its headers: the header at height 100: the header's bits", do_less_work, BC_ERR_FORMAT},
        {"its headers: the block's seal length is 1", seal, BC_ERR_FORMAT},
        {"it sent more than 704004 bytes", flood_headers, BC_ERR_LIMIT},
        {"it lacks the block at height 1, whose header", give_no_blocks, BC_ERR_FORMAT},
        {"it sent the list of blocks announces one of", cut_blocks, BC_ERR_FORMAT},
        {"its block at height 1: the block", break_block, BC_ERR_FORMAT},
        {"its block at height 1 is invalid (content): the header", change_body, BC_ERR_FORMAT},
        {"it sent another block than the one asked for at height 1", swap_blocks, BC_ERR_FORMAT},
        {"it sent more blocks than were asked for", repeat_last_block, BC_ERR_FORMAT},
        {"it sent more than 16777216 bytes", flood_blocks, BC_ERR_LIMIT},
        {"the request failed", fail_at_blocks, BC_ERR_NETWORK},
        {"it lacks the block at height 100, whose header", make_a_header, BC_ERR_FORMAT},
    };
    for (size_t at = 0; at < COUNT(lies); at++) {
        ledger_peer peers[] = {
            {.name = "liar",
             .chain = hundred,
             .change = lies[at].change,
             .line = lies[at].line,
             .status = lies[at].status},
            {.name = "honest", .chain = hundred},
        };
        ledger_node node;
        ledger_open(&node, params, NULL, peers, 1);
        (void)ledger_resolve(&node);
        ledger_close(&node);
        /* Somebody else brings what the liar did not. */
        ledger_open(&node, params, NULL, peers, 2);
        peers[0].line = NULL; /* with the blocks of the other one it may go on further */
        assert_true(ledger_resolve(&node));
        ledger_assert_same(node.chain, hundred);
        ledger_close(&node);
    }
}

static void another_network_is_named(void **state)
{
    (void)state;
    static const char text[] =
        "{\"allocations\":[],\"bits\":545259519,\"difficulty\":\"fixed\",\"halving\":1000,"
        "\"initial\":1000000,\"limit\":545259519,\"name\":\"other\",\"rules\":\"ledger\","
        "\"sealing\":\"work\",\"time\":1767225600000,\"version\":1}";
    bc_params *others;
    uint8_t id[32];
    char line[96];
    assert_int_equal(bc_params_parse(&others, text, strlen(text), NULL, NULL), BC_OK);
    bc_params_network_id(others, id);
    (void)snprintf(line, sizeof line,
                   "it serves another network, whose id begins with %02x%02x%02x%02x", id[0], id[1],
                   id[2], id[3]);
    bc_chain *other = ledger_chain(others, 5, 1);
    ledger_peer peers[] = {
        {.name = "other", .chain = other, .line = line, .status = BC_ERR_UNSUPPORTED}};
    ledger_node node;
    ledger_open(&node, params, NULL, peers, 1);
    assert_false(ledger_resolve(&node));
    ledger_close(&node);
    assert_int_equal(bc_chain_close(other, NULL), BC_OK);
    bc_params_unref(others);
}

/* It says that its chain is short and has much work, and goes on and on. */
CHANGE(never_end)
{
    UNUSED_REST;
    if (is(method, "hello")) {
        bc__put_le(answer->data + 36, 10, 8);
        memset(answer->data + WORK_AT, 0xff, 32);
    }
}

static void endless_headers_end(void **state)
{
    (void)state;
    bc_chain *far = ledger_chain(params, 6500, 3);
    ledger_peer peers[] = {
        {.name = "endless",
         .chain = far,
         .change = never_end,
         .line = "its headers show less work than it promised",
         .status = BC_ERR_FORMAT},
    };
    ledger_node node;
    ledger_open(&node, params, NULL, peers, 1);
    assert_false(ledger_resolve(&node));
    assert_int_equal(peers[0].headers, 2);
    assert_int_equal(peers[0].blocks, 0);
    ledger_close(&node);
    assert_int_equal(bc_chain_close(far, NULL), BC_OK);
}

static void silence_times_out(void **state)
{
    (void)state;
    bc_options options = BC_OPTIONS_INIT;
    ledger_peer peers[] = {
        {.name = "silent",
         .chain = hundred,
         .silent = true,
         .line = "it did not answer within 2.5 seconds",
         .status = BC_ERR_NETWORK},
        {.name = "honest", .chain = hundred, .line = "its chain of height 100 is ours now"},
    };
    ledger_node node;
    options.request_timeout_us = 2500000;
    ledger_open(&node, params, &options, peers, 2);
    assert_true(ledger_resolve(&node));
    assert_int_equal(node.cancels, 1);
    ledger_close(&node);
}

/* ---- Several peers ---- */

/* They answer later, in an order that is not that of the chain, and share the work. */
static void peers_share_the_blocks(void **state)
{
    (void)state;
    bc_chain *far = ledger_chain(params, 1500, 3);
    ledger_peer peers[5];
    static const char *const names[] = {"a", "b", "c", "d", "e"};
    for (size_t at = 0; at < COUNT(peers); at++) {
        peers[at] = (ledger_peer){
            .name = names[at], .chain = far, .later = true, .line = "its chain of height 1500 is"};
    }
    ledger_node node;
    ledger_open(&node, params, NULL, peers, COUNT(peers));
    assert_true(ledger_resolve(&node));
    ledger_assert_same(node.chain, far);
    unsigned blocks = 0;
    for (size_t at = 0; at < COUNT(peers); at++) {
        blocks += peers[at].blocks;
        assert_true(peers[at].blocks > 0 || at == 4);
    }
    assert_int_equal(blocks, 12); /* 1500 of 128: none was asked for twice */
    ledger_close(&node);
    assert_int_equal(bc_chain_close(far, NULL), BC_OK);
}

/* The one that was asked for the first blocks fails; the others, who hold later ones, fetch them. */
static void others_go_on_for_one_that_fails(void **state)
{
    (void)state;
    bc_chain *far = ledger_chain(params, 700, 3);
    ledger_peer peers[] = {
        {.name = "fails",
         .chain = far,
         .later = true,
         .change = fail_at_blocks,
         .line = "the request failed",
         .status = BC_ERR_NETWORK},
        {.name = "second", .chain = far, .later = true, .line = "its chain of height 700 is ours"},
        {.name = "third", .chain = far, .later = true, .line = "its chain of height 700 is ours"},
    };
    ledger_node node;
    ledger_open(&node, params, NULL, peers, 3);
    assert_true(ledger_resolve(&node));
    ledger_assert_same(node.chain, far);
    ledger_close(&node);
    assert_int_equal(bc_chain_close(far, NULL), BC_OK);
}

/* Three that find the best of three, two of them with parts in common. */
static void three_chains_agree(void **state)
{
    (void)state;
    bc_chain *third = ledger_fork(params, rival, 104, 30, 6);
    ledger_peer peers[] = {
        {.name = "hundred", .chain = hundred},
        {.name = "rival", .chain = rival},
        {.name = "third", .chain = third, .line = "its chain of height 134 is ours now"},
    };
    for (unsigned later = 0; later < 8; later++) {
        ledger_node node;
        for (size_t at = 0; at < 3; at++) {
            peers[at].later = (later >> at & 1) != 0;
        }
        ledger_open(&node, params, NULL, peers, 3);
        assert_true(ledger_resolve(&node));
        ledger_assert_same(node.chain, third);
        ledger_close(&node);
    }
    assert_int_equal(bc_chain_close(third, NULL), BC_OK);
}

/* ---- Ourselves ---- */

CHANGE(interrupt_at_blocks)
{
    (void)body;
    (void)length;
    (void)answer;
    if (is(method, "blocks") && ++peer->numbers == 2) {
        bc_chain_interrupt(*(bc_chain **)peer->line);
    }
}

static void an_interrupt_leaves_what_was_taken(void **state)
{
    (void)state;
    bc_chain *far = ledger_chain(params, 400, 3);
    ledger_node node;
    ledger_peer peers[] = {{.name = "peer", .chain = far, .change = interrupt_at_blocks}};
    uint32_t replaced = 7;
    ledger_open(&node, params, NULL, peers, 1);
    peers[0].line = (const char *)&node.chain; /* for the change alone */
    assert_int_equal(bc_chain_resolve(node.chain, &replaced, NULL, NULL, NULL), BC_ERR_INTERRUPTED);
    assert_int_equal(replaced, 1); /* some of it had come */
    assert_int_equal(fixture_height(node.chain), 128);
    peers[0].change = NULL;
    peers[0].line = "its chain of height 400 is ours now";
    assert_true(ledger_resolve(&node));
    ledger_assert_same(node.chain, far);
    ledger_close(&node);
    assert_int_equal(bc_chain_close(far, NULL), BC_OK);
}

/* Small replies: fewer headers are asked for, and fewer blocks come. */
static void little_room_takes_more_requests(void **state)
{
    (void)state;
    bc_options options = BC_OPTIONS_INIT;
    ledger_peer peers[] = {
        {.name = "peer", .chain = hundred, .line = "its chain of height 100 is ours now"}};
    ledger_node node;
    options.reply_bytes = 4000;
    ledger_open(&node, params, &options, peers, 1);
    assert_true(ledger_resolve(&node));
    assert_true(peers[0].headers >= 9);
    assert_true(peers[0].blocks >= 33);
    ledger_close(&node);
}

/* The blocks of a headers-only chain are asked for by id, whatever the peer's tip is by then. */
static void methods_answer_as_documented(void **state)
{
    (void)state;
    uint8_t body[8 + 3 * 32] = {0};
    bc_block *block;
    ledger_answer answer = ledger_ask(hundred, "hello", body, 0);
    assert_int_equal(answer.status, BC_ERR_FORMAT);
    answer = ledger_ask(hundred, "chain", NULL, 0);
    assert_int_equal(answer.status, BC_ERR_UNSUPPORTED);
    memset(body, 0xee, sizeof body); /* the first two ids are nobody's */
    bc__put_le(body, 3, 4);
    bc__put_le(body + 4, 2, 4);
    answer = ledger_ask(hundred, "headers", body, 8 + 2 * 32);
    assert_int_equal(answer.status, BC_ERR_NOT_FOUND);
    bc__put_le(body + 4, 3, 4);
    assert_int_equal(bc_chain_block_at(hundred, &block, 40, NULL), BC_OK);
    bc_block_id(block, body + 8 + 64);
    bc_block_unref(block);
    answer = ledger_ask(hundred, "headers", body, sizeof body);
    assert_int_equal(answer.status, BC_OK);
    assert_int_equal(answer.length, 4 + 3 * SEALED);
    assert_int_equal(bc__get_le(answer.data, 4), 3);
    assert_int_equal(bc__get_le(answer.data + 4 + 8, 8), 41);
    free(answer.data);
    /* Blocks: it ends before the first that is not there; the first may pass the limit. */
    answer = ledger_ask(hundred, "blocks", body, sizeof body);
    assert_int_equal(answer.status, BC_OK);
    assert_int_equal(answer.length, 0);
    free(answer.data);
    memcpy(body + 8, body + 8 + 64, 32);
    memcpy(body + 8 + 32, body + 8 + 64, 32);
    answer = ledger_ask(hundred, "blocks", body, sizeof body);
    assert_int_equal(answer.length, 4 + bc__get_le(answer.data, 4));
    size_t one = answer.length;
    free(answer.data);
    bc__put_le(body, 2 * one, 4);
    answer = ledger_ask(hundred, "blocks", body, sizeof body);
    assert_int_equal(answer.length, 2 * one);
    free(answer.data);
    bc__put_le(body, 3 * one - 1, 4);
    answer = ledger_ask(hundred, "blocks", body, sizeof body);
    assert_int_equal(answer.length, 2 * one);
    free(answer.data);
    /* A tip has nothing above it. */
    ledger_tip(hundred, body + 8);
    answer = ledger_ask(hundred, "headers", body, sizeof body);
    assert_int_equal(answer.length, 4);
    assert_int_equal(bc__get_le(answer.data, 4), 0);
    free(answer.data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(methods_answer_as_documented),
        cmocka_unit_test(catches_up_from_genesis),
        cmocka_unit_test(a_long_chain_comes_in_windows),
        cmocka_unit_test(reorganises_to_more_work),
        cmocka_unit_test(a_side_branch_below_the_kept_ones_is_fetched_whole),
        cmocka_unit_test(equal_work_keeps_ours),
        cmocka_unit_test(too_deep_is_refused_before_blocks_are_asked_for),
        cmocka_unit_test(minimum_chain_work_holds),
        cmocka_unit_test(a_checkpoint_refuses_by_headers),
        cmocka_unit_test(liars_are_found_out),
        cmocka_unit_test(another_network_is_named),
        cmocka_unit_test(endless_headers_end),
        cmocka_unit_test(silence_times_out),
        cmocka_unit_test(peers_share_the_blocks),
        cmocka_unit_test(others_go_on_for_one_that_fails),
        cmocka_unit_test(three_chains_agree),
        cmocka_unit_test(an_interrupt_leaves_what_was_taken),
        cmocka_unit_test(little_room_takes_more_requests),
    };
    return cmocka_run_group_tests(tests, make_chains, free_chains);
}
