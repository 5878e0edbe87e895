#include "src/chain/tree.h"

#include <assert.h>
#include <string.h>

_Static_assert(BC__NO_NODE == BC__HASH_INDEX_NONE, "lookups end with the same value");

void bc__tree_init(bc__tree *tree, const bc__heap *heap)
{
    memset(tree, 0, sizeof *tree);
    bc__chunk_array_init(&tree->nodes, heap, sizeof(bc__node));
    bc__chunk_array_init(&tree->best, heap, sizeof(uint32_t));
    bc__hash_index_init(&tree->index, heap);
    bc__hash_key_make(&tree->hash_key);
    tree->free_list = BC__NO_NODE;
}

void bc__tree_free(bc__tree *tree)
{
    bc__chunk_array_free(&tree->nodes);
    bc__chunk_array_free(&tree->best);
    bc__hash_index_free(&tree->index);
}

static uint64_t hash_of(const bc__tree *tree, const uint8_t id[BC_ID_BYTES])
{
    return bc__keyed_hash(&tree->hash_key, id, BC_ID_BYTES);
}

int32_t bc__tree_reserve(bc__tree *tree, uint32_t extra, uint64_t height)
{
    if (extra > UINT32_MAX - 1 - tree->node_count || height >= UINT32_MAX - 1) {
        return BC__ERR_LIMIT;
    }
    int32_t result = bc__chunk_array_reserve(&tree->nodes, (size_t)tree->node_count + extra);
    if (result == BC__OK) {
        result = bc__hash_index_reserve(&tree->index, extra);
    }
    if (result == BC__OK) {
        result = bc__chunk_array_reserve(&tree->best, (size_t)height + 1);
    }
    return result;
}

uint32_t bc__tree_add(bc__tree *tree, const uint8_t id[BC_ID_BYTES], uint32_t parent,
                      const bc__uint256 *work, uint64_t sequence)
{
    uint32_t at = tree->free_list;
    if (at != BC__NO_NODE) {
        tree->free_list = bc__tree_node(tree, at)->parent;
    } else {
        at = tree->node_count++;
    }
    bc__node *node = bc__tree_node(tree, at);
    *node = (bc__node){.chain_work = *work, .sequence = sequence, .parent = parent};
    memcpy(node->id, id, BC_ID_BYTES);
    if (parent != BC__NO_NODE) {
        bc__node *above = bc__tree_node(tree, parent);
        node->height = above->height + 1;
        node->chain_work = bc__uint256_add(&above->chain_work, work);
        above->children++;
    }
    int32_t inserted = bc__hash_index_insert(&tree->index, hash_of(tree, id), at);
    assert(inserted == BC__OK);
    (void)inserted;
    tree->live_count++;
    return at;
}

void bc__tree_remove(bc__tree *tree, uint32_t at)
{
    bc__node *node = bc__tree_node(tree, at);
    assert(node->children == 0 && !bc__tree_is_best(tree, at));
    bool removed = bc__hash_index_remove(&tree->index, hash_of(tree, node->id), at);
    assert(removed);
    (void)removed;
    if (node->parent != BC__NO_NODE) {
        bc__tree_node(tree, node->parent)->children--;
    }
    node->flags = BC__NODE_FREE;
    node->parent = tree->free_list;
    tree->free_list = at;
    tree->live_count--;
}

/* The nodes with one id: first_with_id, then next_with_id until BC__NO_NODE. */
static uint32_t skip_others(const bc__tree *tree, const uint8_t id[BC_ID_BYTES], uint32_t at,
                            bc__hash_index_cursor *cursor)
{
    while (at != BC__HASH_INDEX_NONE && memcmp(bc__tree_node(tree, at)->id, id, BC_ID_BYTES) != 0) {
        at = bc__hash_index_next(&tree->index, cursor);
    }
    return at;
}

static uint32_t first_with_id(const bc__tree *tree, const uint8_t id[BC_ID_BYTES],
                              bc__hash_index_cursor *cursor)
{
    uint32_t at = bc__hash_index_first(&tree->index, hash_of(tree, id), cursor);
    return skip_others(tree, id, at, cursor);
}

static uint32_t next_with_id(const bc__tree *tree, const uint8_t id[BC_ID_BYTES],
                             bc__hash_index_cursor *cursor)
{
    return skip_others(tree, id, bc__hash_index_next(&tree->index, cursor), cursor);
}

static bool is_staged(const bc__tree *tree, uint32_t at)
{
    return (bc__tree_node(tree, at)->flags & BC__NODE_STAGED) != 0;
}

uint32_t bc__tree_find(const bc__tree *tree, const uint8_t id[BC_ID_BYTES])
{
    bc__hash_index_cursor cursor;
    uint32_t found = BC__NO_NODE;
    uint32_t at = first_with_id(tree, id, &cursor);
    for (; at != BC__NO_NODE; at = next_with_id(tree, id, &cursor)) {
        if (bc__tree_is_best(tree, at)) {
            return at;
        }
        found = is_staged(tree, at) ? found : at;
    }
    return found;
}

uint32_t bc__tree_find_child(const bc__tree *tree, const uint8_t id[BC_ID_BYTES], uint32_t parent)
{
    bc__hash_index_cursor cursor;
    uint32_t at = first_with_id(tree, id, &cursor);
    while (at != BC__NO_NODE && bc__tree_node(tree, at)->parent != parent) {
        at = next_with_id(tree, id, &cursor);
    }
    return at;
}

uint32_t bc__tree_find_at(const bc__tree *tree, const uint8_t id[BC_ID_BYTES], uint64_t height)
{
    bc__hash_index_cursor cursor;
    uint32_t at = first_with_id(tree, id, &cursor);
    while (at != BC__NO_NODE && bc__tree_node(tree, at)->height != height) {
        at = next_with_id(tree, id, &cursor);
    }
    return at;
}

bool bc__tree_has_kept_twin(const bc__tree *tree, uint32_t node)
{
    const uint8_t *id = bc__tree_node(tree, node)->id;
    bc__hash_index_cursor cursor;
    uint32_t at = first_with_id(tree, id, &cursor);
    while (at != BC__NO_NODE &&
           (at == node || !(is_staged(tree, at) || bc__tree_is_best(tree, at)))) {
        at = next_with_id(tree, id, &cursor);
    }
    return at != BC__NO_NODE;
}

uint32_t bc__tree_fork(const bc__tree *tree, uint32_t left, uint32_t right)
{
    while (left != right && left != BC__NO_NODE && right != BC__NO_NODE) {
        uint32_t left_height = bc__tree_node(tree, left)->height;
        uint32_t right_height = bc__tree_node(tree, right)->height;
        if (left_height >= right_height) {
            left = bc__tree_node(tree, left)->parent;
        }
        if (right_height >= left_height) {
            right = bc__tree_node(tree, right)->parent;
        }
    }
    return left == right ? left : BC__NO_NODE;
}

void bc__tree_set_tip(bc__tree *tree, uint32_t tip)
{
    uint32_t at = tip;
    while (at != BC__NO_NODE) {
        const bc__node *node = bc__tree_node(tree, at);
        uint32_t *slot = bc__chunk_array_at(&tree->best, node->height);
        if (node->height < tree->best_count && *slot == at) {
            break;
        }
        *slot = at;
        at = node->parent;
    }
    tree->best_count = bc__tree_node(tree, tip)->height + 1;
}

void bc__path_init(bc__path *path, uint32_t tip)
{
    path->tip = tip;
    path->first = 0;
    path->count = 0;
}

uint32_t bc__path_at(bc__path *path, const bc__tree *tree, uint64_t height)
{
    assert(height <= bc__tree_node(tree, path->tip)->height);
    if (bc__tree_is_best(tree, path->tip)) {
        return bc__tree_best_at(tree, height);
    }
    if (height < path->first || height - path->first >= path->count) {
        uint32_t at = path->tip;
        uint64_t top = bc__tree_node(tree, at)->height;
        uint64_t last = top - height < BC__PATH_NODES ? top : height + BC__PATH_NODES - 1;
        for (; top > last; top--) {
            if (bc__tree_is_best(tree, at)) {
                at = bc__tree_best_at(tree, last);
                break;
            }
            at = bc__tree_node(tree, at)->parent;
        }
        path->first = height;
        path->count = (uint32_t)(last - height + 1);
        for (uint32_t slot = path->count; slot > 0; slot--) {
            path->nodes[slot - 1] = at;
            at = bc__tree_node(tree, at)->parent;
        }
    }
    return path->nodes[height - path->first];
}
