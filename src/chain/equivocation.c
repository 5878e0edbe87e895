#include "src/chain/equivocation.h"

#include <string.h>

#include "src/base/error.h"
#include "src/chain/engine.h"

void bc__equivocations_init(bc__equivocations *equivocations, const bc__heap *heap)
{
    memset(equivocations, 0, sizeof *equivocations);
    bc__hash_index_init(&equivocations->index, heap);
    bc__hash_key_make(&equivocations->hash_key);
}

void bc__equivocations_free(bc__equivocations *equivocations)
{
    bc__hash_index_free(&equivocations->index);
}

static uint64_t hash_of(const bc__equivocations *equivocations, uint64_t height, uint64_t signer)
{
    const uint64_t seat[2] = {height, signer};
    return bc__keyed_hash(&equivocations->hash_key, seat, sizeof seat);
}

int32_t bc__equivocations_reserve(bc__engine *engine)
{
    return engine->traits.names_signers ? bc__hash_index_reserve(&engine->equivocations.index, 1)
                                        : BC__OK;
}

void bc__equivocations_add(bc__engine *engine, uint32_t node)
{
    const bc__node *at = bc__tree_node(&engine->tree, node);
    if (engine->traits.names_signers && at->height > 0) {
        (void)bc__hash_index_insert(&engine->equivocations.index,
                                    hash_of(&engine->equivocations, at->height, at->header.nonce),
                                    node); /* the room is reserved */
    }
}

void bc__equivocations_remove(bc__engine *engine, uint32_t node)
{
    const bc__node *at = bc__tree_node(&engine->tree, node);
    if (engine->traits.names_signers && at->height > 0) {
        (void)bc__hash_index_remove(&engine->equivocations.index,
                                    hash_of(&engine->equivocations, at->height, at->header.nonce),
                                    node);
    }
}

/* A stored block of that height and signer that has not this id, which may be NULL. */
static uint32_t find_other(const bc__engine *engine, uint64_t height, uint64_t signer,
                           const uint8_t *id)
{
    const bc__equivocations *known = &engine->equivocations;
    bc__hash_index_cursor cursor;
    uint32_t at = bc__hash_index_first(&known->index, hash_of(known, height, signer), &cursor);
    for (; at != BC__HASH_INDEX_NONE; at = bc__hash_index_next(&known->index, &cursor)) {
        const bc__node *node = bc__tree_node(&engine->tree, at);
        if (node->height == height && node->header.nonce == signer &&
            (id == NULL || memcmp(node->id, id, BC_ID_BYTES) != 0)) {
            return at;
        }
    }
    return BC__NO_NODE;
}

bool bc__equivocations_has(const bc__engine *engine, uint64_t height, uint64_t signer)
{
    return find_other(engine, height, signer, NULL) != BC__NO_NODE;
}

static void push(bc__equivocations *list, uint64_t height, const bc_block *block)
{
    if (list->count == BC__EQUIVOCATIONS_MOST) {
        return; /* nobody takes them; the store keeps them all */
    }
    bc__equivocation *place =
        &list->waiting[(list->first + list->count++) % BC__EQUIVOCATIONS_MOST];
    *place = (bc__equivocation){.height = height, .signer = block->nonce};
    memcpy(place->id, block->id, BC_ID_BYTES);
}

/* Both sealed headers, the stored one first. */
static bc_status collect_evidence(bc__engine *engine, bc__bytes *evidence, uint32_t other,
                                  const bc_block *block, bc_error *error)
{
    bc__history_reader reader;
    const uint8_t *sealed;
    size_t length;
    bc__history_reader_init(&reader, engine, other);
    bc_status status = bc__history_reader_header(
        &reader, bc__tree_node(&engine->tree, other)->height, &sealed, &length, error);
    if (status == BC_OK &&
        (bc__bytes_append(evidence, sealed, length) != BC__OK ||
         bc__bytes_append(evidence, block->bytes.data, block->sealed_length) != BC__OK)) {
        status = bc__fail_memory(error);
    }
    bc__history_reader_free(&reader);
    return status;
}

bc_status bc__equivocations_see(bc__engine *engine, const bc_block *block, uint64_t height,
                                bc_error *error)
{
    if (!engine->traits.names_signers) {
        return BC_OK;
    }
    uint32_t other = find_other(engine, height, block->nonce, block->id);
    if (other == BC__NO_NODE) {
        return BC_OK;
    }
    bc__bytes evidence;
    bc_error why = BC_ERROR_INIT;
    bc__key key = bc__key_of_equivocation(height, block->nonce);
    bc__bytes_init(&evidence, bc__engine_heap(engine), SIZE_MAX);
    bc_status status = bc__database_get(&engine->database, &key, &evidence, &why);
    if (status != BC_ERR_NOT_FOUND) {
        if (status != BC_OK && error != NULL) {
            *error = why;
        }
        goto done;
    }
    status = collect_evidence(engine, &evidence, other, block, error);
    if (status != BC_OK) {
        goto done;
    }
    uint32_t mark = bc__database_mark(&engine->database);
    status = bc__database_put(&engine->database, &key, evidence.data, evidence.length, error);
    if (status == BC_OK) {
        status = bc__engine_commit(engine, mark, false, error);
    }
    if (status == BC_OK) {
        bc__log(&engine->log, BC_LOG_WARNING, "signer %llu sealed two blocks at height %llu",
                (unsigned long long)block->nonce, (unsigned long long)height);
        if (engine->settings.event != NULL) {
            push(&engine->equivocations, height, block);
        }
    }
done:
    bc__bytes_free(&evidence);
    return status;
}

bool bc__equivocations_pop(bc__engine *engine, bc__equivocation *found, bc__bytes *evidence)
{
    bc__equivocations *list = &engine->equivocations;
    if (list->count == 0) {
        return false;
    }
    *found = list->waiting[list->first];
    list->first = (list->first + 1) % BC__EQUIVOCATIONS_MOST;
    list->count--;
    bc__key key = bc__key_of_equivocation(found->height, found->signer);
    evidence->length = 0;
    (void)bc__database_get(&engine->database, &key, evidence,
                           NULL); /* the event tells without it */
    return true;
}
