/* Chains under the ledger's rules that are each other's peers in one process, and peers that lie: what a
 * good one answers is changed on its way. */
#ifndef BC_TEST_SYNC_LEDGER_NET_H
#define BC_TEST_SYNC_LEDGER_NET_H

#include <time.h>

#include "lib/integers.h"
#include "test/sync/sync_fixture.h"

enum { LEDGER_PEERS_MOST = 8 };

typedef struct ledger_answer {
    uint8_t *data;
    size_t length;
    bc_status status; /* what the request ends with */
} ledger_answer;

struct ledger_node;

typedef struct ledger_peer {
    const char *name;
    bc_chain *chain; /* that answers */
    /* Changes what it answers; may be NULL. */
    void (*change)(struct ledger_peer *peer, const char *method, const uint8_t *body, size_t length,
                   ledger_answer *answer);
    const char *line; /* how what is found out about it begins; NULL: anything */
    bc_status status;
    bool silent;      /* the reply is never ended */
    bool later;       /* it answers when the host's loop runs */
    unsigned numbers; /* of a change, as it likes */
    unsigned hellos;
    unsigned headers;
    unsigned blocks; /* requests for them */
} ledger_peer;

typedef struct ledger_late {
    ledger_peer *peer;
    bc_reply *reply;
    char method[16];
    uint8_t *body;
    size_t length;
} ledger_late;

/* The chain that asks, with its peers. */
typedef struct ledger_node {
    bc_chain *chain;
    fixture_clock clock;
    ledger_peer *peers;
    size_t peer_count;
    ledger_late late[LEDGER_PEERS_MOST];
    size_t late_count;
    unsigned lines;
    unsigned cancels;
    bool silent_lines; /* no line is compared */
} ledger_node;

static inline bc_params *ledger_dev(const bc_allocator *allocator)
{
    bc_params *params;
    assert_int_equal(bc_params_preset(&params, "ledger-dev", allocator, NULL), BC_OK);
    return params;
}

/* With the reward to 32 bytes of `who`, so that chains of different miners differ. */
static inline void ledger_mine(bc_chain *chain, unsigned count, uint8_t who)
{
    uint8_t recipient[32];
    bc_mine_options options = BC_MINE_OPTIONS_INIT;
    memset(recipient, who, sizeof recipient);
    options.recipient = recipient;
    options.recipient_length = sizeof recipient;
    for (unsigned at = 0; at < count; at++) {
        bc_block *block;
        bc_error error = BC_ERROR_INIT;
        if (bc_chain_mine(chain, &block, &options, &error) != BC_OK) {
            fail_msg("mine: %s", error.message);
        }
        bc_block_unref(block);
    }
}

static inline bc_chain *ledger_chain(bc_params *params, unsigned blocks, uint8_t who)
{
    bc_chain *chain = fixture_chain(params, NULL);
    ledger_mine(chain, blocks, who);
    return chain;
}

/* A chain that begins with `from`'s blocks up to that height, then goes on by itself. */
static inline bc_chain *ledger_fork(bc_params *params, bc_chain *from, uint64_t height,
                                    unsigned blocks, uint8_t who)
{
    bc_chain *chain = fixture_chain(params, NULL);
    for (uint64_t at = 1; at <= height; at++) {
        bc_block *block;
        uint32_t verdict;
        assert_int_equal(bc_chain_block_at(from, &block, at, NULL), BC_OK);
        assert_int_equal(bc_chain_submit(chain, &verdict, NULL, block, NULL), BC_OK);
        assert_int_equal(verdict, BC_VERDICT_ACCEPTED);
        bc_block_unref(block);
    }
    ledger_mine(chain, blocks, who);
    return chain;
}

static inline ledger_answer ledger_ask(bc_chain *chain, const char *method, const uint8_t *body,
                                       size_t length)
{
    ledger_answer result = {NULL, 0, BC_OK};
    bc_answer *answer;
    result.status = bc_chain_serve(chain, &answer, NULL, method, body, length, NULL);
    if (result.status == BC_OK) {
        fixture_text text = fixture_read(answer, 4096);
        result.data = (uint8_t *)text.data;
        result.length = text.length;
        bc_answer_unref(answer);
    }
    return result;
}

static inline void ledger_reply(ledger_peer *peer, const char *method, const uint8_t *body,
                                size_t length, bc_reply *reply)
{
    ledger_answer answer = ledger_ask(peer->chain, method, body, length);
    if (peer->change != NULL) {
        peer->change(peer, method, body, length, &answer);
    }
    bc_status status = BC_OK;
    for (size_t at = 0; status == BC_OK && at < answer.length; at += 1000) {
        size_t piece = answer.length - at < 1000 ? answer.length - at : 1000;
        status = bc_reply_write(reply, answer.data + at, piece);
    }
    (void)bc_reply_end(reply, answer.status, NULL);
    bc_reply_unref(reply);
    free(answer.data);
}

static inline void ledger_keep(ledger_node *node, ledger_peer *peer, const char *method,
                               const uint8_t *body, size_t length, bc_reply *reply)
{
    assert_true(node->late_count < LEDGER_PEERS_MOST);
    ledger_late *late = &node->late[node->late_count++];
    *late = (ledger_late){.peer = peer, .reply = reply, .length = length};
    (void)snprintf(late->method, sizeof late->method, "%s", method);
    late->body = malloc(length + 1);
    assert_non_null(late->body);
    memcpy(late->body, body, length);
}

static inline bc_status ledger_request(void *context, const char *name, const char *method,
                                       const uint8_t *body, size_t length, bc_reply *reply)
{
    ledger_node *node = context;
    ledger_peer *peer = NULL;
    for (size_t at = 0; at < node->peer_count; at++) {
        peer = strcmp(node->peers[at].name, name) == 0 ? &node->peers[at] : peer;
    }
    assert_non_null(peer);
    peer->hellos += strcmp(method, "hello") == 0;
    peer->headers += strcmp(method, "headers") == 0;
    peer->blocks += strcmp(method, "blocks") == 0;
    if (peer->silent || peer->later) {
        ledger_keep(node, peer, method, body, length, reply);
    } else {
        ledger_reply(peer, method, body, length, reply);
    }
    return BC_OK;
}

static inline ledger_late ledger_take_late(ledger_node *node, size_t at)
{
    ledger_late late = node->late[at];
    node->late_count--;
    memmove(&node->late[at], &node->late[at + 1], (node->late_count - at) * sizeof node->late[0]);
    return late;
}

static inline void ledger_cancel(void *context, bc_reply *reply)
{
    ledger_node *node = context;
    for (size_t at = 0; at < node->late_count; at++) {
        if (node->late[at].reply == reply) {
            ledger_late late = ledger_take_late(node, at);
            free(late.body);
            bc_reply_unref(reply);
            node->cancels++;
            return;
        }
    }
    fail_msg("a reply that was ended is cancelled");
}

/* What was asked before is answered, the last question first. */
static inline bc_status ledger_wait(void *context, int64_t microseconds)
{
    ledger_node *node = context;
    node->clock.now += microseconds;
    for (size_t at = node->late_count; at > 0; at--) {
        if (!node->late[at - 1].peer->silent) {
            ledger_late late = ledger_take_late(node, at - 1);
            ledger_reply(late.peer, late.method, late.body, late.length, late.reply);
            free(late.body);
        }
    }
    return BC_OK;
}

static inline int64_t ledger_wall(void *context)
{
    (void)context;
    struct timespec now;
    (void)timespec_get(&now, TIME_UTC);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* Opens a chain with these peers, whose transport is a function call. `given` may be NULL. */
static inline void ledger_open(ledger_node *node, bc_params *params, const bc_options *given,
                               ledger_peer *peers, size_t count)
{
    bc_options options = BC_OPTIONS_INIT;
    bc_transport transport = BC_TRANSPORT_INIT;
    bc_clock clock = fixture_clock_of(&node->clock);
    memset(node, 0, sizeof *node);
    if (given != NULL) {
        options = *given;
    }
    clock.wall = ledger_wall;
    transport.context = node;
    transport.request = ledger_request;
    transport.cancel = ledger_cancel;
    transport.wait = ledger_wait;
    options.transport = &transport;
    options.clock = options.clock == NULL ? &clock : options.clock;
    node->peers = peers;
    node->peer_count = count;
    node->chain = fixture_chain(params, &options);
    for (size_t at = 0; at < count; at++) {
        assert_int_equal(bc_chain_add_peer(node->chain, peers[at].name, NULL), BC_OK);
    }
}

static inline void ledger_close(ledger_node *node)
{
    assert_int_equal(node->late_count, 0);
    assert_int_equal(bc_chain_verify(node->chain, NULL, NULL, NULL, NULL), BC_OK);
    assert_int_equal(bc_chain_close(node->chain, NULL), BC_OK);
}

static inline bc_status ledger_line(void *context, bc_chain *chain, const bc_event *event)
{
    ledger_node *node = context;
    const ledger_peer *peer = &node->peers[node->lines++];
    assert_ptr_equal(chain, node->chain);
    assert_string_equal(event->peer, peer->name);
    if (peer->line != NULL && (strncmp(event->text, peer->line, strlen(peer->line)) != 0 ||
                               event->status != peer->status)) {
        fail_msg("%s: %s \"%s\" where \"%s\" is expected", peer->name,
                 bc_status_name(event->status), event->text, peer->line);
    }
    return BC_OK;
}

/* Whether the tip came from a peer; every line is as the peers say. */
static inline bool ledger_resolve(ledger_node *node)
{
    uint32_t replaced = 7;
    bc_error error = BC_ERROR_INIT;
    node->lines = 0;
    if (bc_chain_resolve(node->chain, &replaced, ledger_line, node, &error) != BC_OK) {
        fail_msg("resolve: %s", error.message);
    }
    assert_int_equal(node->lines, node->peer_count);
    return replaced == 1;
}

static inline void ledger_tip(bc_chain *chain, uint8_t id[32])
{
    assert_int_equal(bc_chain_tip(chain, NULL, id, NULL), BC_OK);
}

static inline void ledger_assert_same(bc_chain *left, bc_chain *right)
{
    uint8_t ids[2][32];
    ledger_tip(left, ids[0]);
    ledger_tip(right, ids[1]);
    assert_memory_equal(ids[0], ids[1], 32);
}

#endif
