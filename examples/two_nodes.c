/* two_nodes: two chains in one program, joined by a transport that is a function call. They go
 * different ways, the shorter one resolves, and both have the same chain.
 *
 * Against an installed libbc:
 *     cc -std=c11 -o two_nodes two_nodes.c $(pkg-config --cflags --libs libbc)
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <bc/bc.h>

typedef struct node {
    const char *name;
    struct node *other; /* the only peer that its transport knows */
    bc_chain *chain;
} node;

static bc_status pass_answer_on(bc_answer *answer, bc_reply *reply, bc_error *error)
{
    uint8_t piece[4096];
    size_t got = 0;
    bc_status status;
    do {
        status = bc_answer_read(answer, &got, piece, sizeof piece, error);
        if (status == BC_OK && got > 0) {
            status = bc_reply_write(reply, piece, got);
        }
    } while (status == BC_OK && got > 0);
    return status;
}

/* The transport: what would be a network elsewhere. It answers before it returns. */
static bc_status request(void *context, const char *peer, const char *method, const uint8_t *body,
                         size_t length, bc_reply *reply)
{
    const node *self = context;
    bc_error error = BC_ERROR_INIT;
    bc_answer *answer = NULL;
    bc_status status = BC_ERR_NETWORK;
    if (strcmp(peer, self->other->name) == 0) {
        status =
            bc_chain_serve(self->other->chain, &answer, self->name, method, body, length, &error);
    }
    if (status == BC_OK) {
        status = pass_answer_on(answer, reply, &error);
    }
    (void)bc_reply_end(reply, status, status == BC_OK ? NULL : error.message);
    bc_answer_unref(answer);
    bc_reply_unref(reply);
    return BC_OK;
}

/* What bc_chain_resolve found at each peer. */
static bc_status report(void *context, bc_chain *chain, const bc_event *event)
{
    const node *self = context;
    (void)chain;
    (void)printf("%s asked %s: %s\n", self->name, event->peer,
                 event->text != NULL ? event->text : bc_status_name(event->status));
    return BC_OK;
}

static bc_status node_open(node *self, bc_params *params, bc_error *error)
{
    bc_transport transport = BC_TRANSPORT_INIT;
    bc_options options = BC_OPTIONS_INIT;
    transport.context = self;
    transport.request = request;
    options.transport = &transport;
    bc_status status = bc_chain_open(&self->chain, params, &options, error);
    return status == BC_OK ? bc_chain_add_peer(self->chain, self->other->name, error) : status;
}

static bc_status node_record(node *self, const char *json, bc_error *error)
{
    bc_tx *tx = NULL;
    bc_status status =
        bc_tx_from_json(&tx, bc_chain_params(self->chain), json, strlen(json), error);
    if (status == BC_OK) {
        status = bc_chain_submit_tx(self->chain, NULL, NULL, tx, error);
    }
    bc_tx_unref(tx);
    return status;
}

static bc_status node_mine(node *self, int blocks, bc_error *error)
{
    for (int i = 0; i < blocks; i++) {
        bc_block *block = NULL;
        bc_status status = bc_chain_mine(self->chain, &block, NULL, error);
        if (status != BC_OK) {
            return status;
        }
        (void)printf("%s mined a block at height %" PRIu64 "\n", self->name,
                     bc_block_height(block));
        bc_block_unref(block);
    }
    return BC_OK;
}

/* One node after the other finds out who has the longer chain. */
static bc_status settle(node *ann, node *bob, bc_error *error)
{
    uint32_t replaced = 0;
    bc_status status = bc_chain_resolve(bob->chain, &replaced, report, bob, error);
    if (status != BC_OK) {
        return status;
    }
    (void)printf("%s keeps its chain: %s\n", bob->name, replaced ? "no" : "yes");
    status = bc_chain_resolve(ann->chain, &replaced, report, ann, error);
    if (status != BC_OK) {
        return status;
    }
    (void)printf("%s keeps its chain: %s\n", ann->name, replaced ? "no" : "yes");
    return BC_OK;
}

/* 1 where both have the same tip. */
static int agree(const node *ann, const node *bob)
{
    uint8_t tips[2][BC_ID_BYTES];
    return bc_chain_tip(ann->chain, NULL, tips[0], NULL) == BC_OK &&
           bc_chain_tip(bob->chain, NULL, tips[1], NULL) == BC_OK &&
           memcmp(tips[0], tips[1], BC_ID_BYTES) == 0;
}

int main(void)
{
    node ann = {.name = "ann"};
    node bob = {.name = "bob", .other = &ann};
    bc_error error = BC_ERROR_INIT;
    bc_params *params = NULL;
    bc_info info = BC_INFO_INIT;
    int result = 1;
    ann.other = &bob;

    if (bc_params_preset(&params, "tutorial", NULL, &error) != BC_OK ||
        node_open(&ann, params, &error) != BC_OK || node_open(&bob, params, &error) != BC_OK ||
        node_record(&ann, "{\"sender\":\"ann\",\"recipient\":\"bob\",\"amount\":5}", &error) !=
            BC_OK ||
        node_mine(&ann, 1, &error) != BC_OK || node_mine(&bob, 2, &error) != BC_OK ||
        settle(&ann, &bob, &error) != BC_OK || bc_chain_info(ann.chain, &info) != BC_OK) {
        (void)fprintf(stderr, "two_nodes: %s\n", error.message);
        goto end;
    }
    /* Ann's record was in the block that gave way; it waits for the next one. */
    (void)printf("ann has %" PRIu64 " waiting record\n", info.mempool_count);
    if (!agree(&ann, &bob) || info.mempool_count != 1) {
        (void)fprintf(stderr, "two_nodes: they do not agree\n");
        goto end;
    }
    (void)printf("ann and bob agree\n");
    result = 0;
end:
    (void)bc_chain_close(ann.chain, NULL);
    (void)bc_chain_close(bob.chain, NULL);
    bc_params_unref(params);
    return result;
}
