/* Events reach the host: one thread at a time expands the queue, with no lock held while the host's
 * handler runs. */
#include <stdio.h>
#include <string.h>

#include "src/base/error.h"
#include "src/chain/engine.h"

/* Where one change's expansion stands; the lock is taken for each step. */
typedef struct expansion {
    bc__engine *engine;
    bc_event_fn visit;
    void *context;
    bool counted; /* events of the queue are numbered */
    bc_error *error;
} expansion;

/* Locked on entry and on return; not while the handler runs. */
static bc_status tell(const expansion *to, uint32_t kind, uint32_t node, const bc__change *change)
{
    bc__engine *engine = to->engine;
    uint8_t id[BC_ID_BYTES];
    bc_event event = {.struct_size = sizeof event, .kind = kind};
    memcpy(id, bc__tree_node(&engine->tree, node)->id, sizeof id);
    event.height = bc__tree_node(&engine->tree, node)->height;
    event.id = id;
    if (to->counted) {
        event.sequence = ++engine->events.sequence;
    }
    if (change != NULL) {
        event.count = change->returned;
        event.dropped = change->dropped;
    }
    bc__engine_leave(engine);
    bc_status status = to->visit(to->context, engine->handle, &event);
    (void)bc__engine_enter(engine, NULL);
    if (to->counted && status != BC_OK) {
        bc__log(&engine->log, BC_LOG_WARNING, "the event handler returned %s (%d)",
                bc_status_name(status), status);
        status = BC_OK;
    }
    return status;
}

static bool is_node_of(const bc__tree *tree, uint32_t at, const uint8_t id[BC_ID_BYTES])
{
    const bc__node *node = bc__tree_node(tree, at);
    return (node->flags & BC__NODE_FREE) == 0 && memcmp(node->id, id, BC_ID_BYTES) == 0;
}

/* Tells that *at is no longer on the best chain, and steps to its parent. What was on the best chain once
 * stays while somebody is told of it; but changes may be asked since a block that never was, whose branch
 * goes when it turns out invalid. */
static bc_status tell_down(const expansion *to, uint32_t *at)
{
    const bc__tree *tree = &to->engine->tree;
    uint8_t id[BC_ID_BYTES] = {0};
    uint32_t parent = bc__tree_node(tree, *at)->parent;
    if (parent != BC__NO_NODE) {
        memcpy(id, bc__tree_node(tree, parent)->id, sizeof id);
    }
    bc_status status = tell(to, BC_EVENT_DISCONNECT, *at, NULL);
    if (status == BC_OK && parent != BC__NO_NODE && !is_node_of(tree, parent, id)) {
        status = bc__fail(to->error, BC_ERR_NOT_FOUND,
                          "the branch of the block that changes are asked since turned out invalid "
                          "and is gone");
    }
    *at = parent;
    return status;
}

/* Disconnects down to the fork, then connects up to the new tip. */
static bc_status expand(const expansion *to, uint32_t old_tip, uint32_t new_tip)
{
    bc__tree *tree = &to->engine->tree;
    uint32_t fork = bc__tree_fork(tree, old_tip, new_tip);
    bc_status status = BC_OK;
    for (uint32_t at = old_tip; status == BC_OK && at != fork;) {
        status = tell_down(to, &at);
    }
    if (new_tip == BC__NO_NODE) {
        return status;
    }
    bc__path path;
    bc__path_init(&path, new_tip);
    uint64_t height = fork == BC__NO_NODE ? 0 : (uint64_t)bc__tree_node(tree, fork)->height + 1;
    uint64_t top = bc__tree_node(tree, new_tip)->height;
    for (; status == BC_OK && height <= top; height++) {
        status = tell(to, BC_EVENT_CONNECT, bc__path_at(&path, tree, height), NULL);
    }
    return status;
}

/* Locked on entry and on return; not while the handler runs. */
static void tell_equivocation(bc__engine *engine, const bc__equivocation *found,
                              const bc__bytes *evidence)
{
    char text[96];
    bc_event event = {.struct_size = sizeof event,
                      .kind = BC_EVENT_EQUIVOCATION,
                      .sequence = ++engine->events.sequence,
                      .height = found->height,
                      .id = found->id,
                      .text = text,
                      .evidence = evidence->length > 0 ? evidence->data : NULL,
                      .evidence_length = evidence->length};
    (void)snprintf(text, sizeof text, "signer %llu sealed two blocks at this height",
                   (unsigned long long)found->signer);
    bc__engine_leave(engine);
    (void)engine->settings.event(engine->settings.event_context, engine->handle, &event);
    (void)bc__engine_enter(engine, NULL);
}

static void tell_equivocations(bc__engine *engine)
{
    bc__bytes evidence;
    bc__equivocation found;
    bc__bytes_init(&evidence, bc__engine_heap(engine), SIZE_MAX);
    while (bc__equivocations_pop(engine, &found, &evidence)) {
        tell_equivocation(engine, &found, &evidence);
    }
    bc__bytes_free(&evidence);
}

void bc__engine_deliver(bc__engine *engine)
{
    bc__change change;
    bc_error error = {0};
    if (bc__engine_enter(engine, NULL) != BC_OK) {
        return;
    }
    if (!engine->events.delivering) {
        const expansion to = {engine, engine->settings.event, engine->settings.event_context, true,
                              NULL};
        engine->events.delivering = true;
        do { /* while a handler runs, more of both may come in */
            while (bc__events_pop(&engine->events, &change)) {
                (void)expand(&to, change.old_tip, change.new_tip);
                (void)tell(&to, BC_EVENT_TIP, change.new_tip, &change);
            }
            tell_equivocations(engine);
        } while (engine->events.count > 0);
        engine->events.delivering = false;
        if (bc__engine_clear(engine, &error) != BC_OK) {
            bc__log(&engine->log, BC_LOG_WARNING, "old blocks could not be cleared away yet: %s",
                    error.message);
        }
    }
    bc__engine_leave(engine);
}

bc_status bc__engine_changes(bc__engine *engine, const uint8_t *since, bc_event_fn visit,
                             void *context, bc_error *error)
{
    const expansion to = {engine, visit, context, false, error};
    uint32_t node = BC__NO_NODE;
    bc_status status = bc__engine_enter(engine, error);
    if (status != BC_OK) {
        return status;
    }
    if (since != NULL) {
        node = bc__tree_find(&engine->tree, since);
        if (node == BC__NO_NODE) {
            status = bc__fail(error, BC_ERR_NOT_FOUND,
                              "the block that changes are asked since is "
                              "not known any more");
        }
    }
    if (status == BC_OK) {
        engine->pins++;
        bc__engine_visit(engine);
        status = expand(&to, node, bc__tree_tip(&engine->tree));
        engine->pins--;
        bc__engine_visited(engine);
    }
    bc__engine_leave(engine);
    return status;
}
