/* A treap: a binary tree in the order of the keys, in which no node has a greater rank than its
 * parent. A rank is a hash of the key with a secret, so the tree has the shape of one into which
 * the keys came in random order, and its depth is logarithmic unless somebody knows the secret. */
#include "ordered_map.h"

#include <assert.h>
#include <string.h>

struct bc__ordered_map_node {
    bc__ordered_map_node *left;
    bc__ordered_map_node *right;
    size_t value_length;
    uint32_t rank;
    uint8_t key_length;
    bool is_removal; /* only in a batch */
    uint8_t bytes[]; /* the key, then the value */
};

_Static_assert(BC__ORDERED_MAP_KEY_BYTES_MAX <= UINT8_MAX, "a key's length has one byte");

int bc__ordered_map_compare(const uint8_t *a, size_t a_length, const uint8_t *b, size_t b_length)
{
    size_t shared = a_length < b_length ? a_length : b_length;
    int order = shared > 0 ? memcmp(a, b, shared) : 0;
    if (order != 0) {
        return order;
    }
    return (a_length > b_length) - (a_length < b_length);
}

static int compare_node(const bc__ordered_map_node *node, const uint8_t *key, size_t key_length)
{
    return bc__ordered_map_compare(node->bytes, node->key_length, key, key_length);
}

/* NULL where there is no memory. */
static bc__ordered_map_node *make_node(const bc__ordered_map *map, const uint8_t *key,
                                       size_t key_length, const uint8_t *value, size_t value_length)
{
    assert(key_length >= 1 && key_length <= BC__ORDERED_MAP_KEY_BYTES_MAX);
    size_t size = offsetof(bc__ordered_map_node, bytes) + key_length;
    if (value_length > SIZE_MAX - size) {
        return NULL;
    }
    bc__ordered_map_node *node = bc__heap_array(map->heap, size + value_length, 1);
    if (node == NULL) {
        return NULL;
    }
    node->left = NULL;
    node->right = NULL;
    node->value_length = value_length;
    node->rank = (uint32_t)bc__keyed_hash(&map->secret, key, key_length);
    node->key_length = (uint8_t)key_length;
    node->is_removal = false;
    memcpy(node->bytes, key, key_length);
    if (value_length > 0) {
        memcpy(node->bytes + key_length, value, value_length);
    }
    return node;
}

/* Where the node with this key hangs, or where it would if all ranks were 0. */
static bc__ordered_map_node **find_link(bc__ordered_map *map, const uint8_t *key, size_t key_length)
{
    bc__ordered_map_node **link = &map->root;
    while (*link != NULL) {
        int order = compare_node(*link, key, key_length);
        if (order == 0) {
            break;
        }
        link = order > 0 ? &(*link)->left : &(*link)->right;
    }
    return link;
}

static const bc__ordered_map_node *find(const bc__ordered_map *map, const uint8_t *key,
                                        size_t key_length)
{
    const bc__ordered_map_node *node = map->root;
    while (node != NULL) {
        int order = compare_node(node, key, key_length);
        if (order == 0) {
            break;
        }
        node = order > 0 ? node->left : node->right;
    }
    return node;
}

/* Hangs the nodes of `tree` below `node`, which has no children and a key that is not in it. */
static void split_below(bc__ordered_map_node *node, bc__ordered_map_node *tree)
{
    bc__ordered_map_node **left = &node->left;
    bc__ordered_map_node **right = &node->right;
    while (tree != NULL) {
        if (compare_node(tree, node->bytes, node->key_length) < 0) {
            *left = tree;
            left = &tree->right;
            tree = tree->right;
        } else {
            *right = tree;
            right = &tree->left;
            tree = tree->left;
        }
    }
    *left = NULL;
    *right = NULL;
}

/* Hangs at `link` the nodes of two trees, the keys of the one all less than those of the other. */
static void join_at(bc__ordered_map_node **link, bc__ordered_map_node *less,
                    bc__ordered_map_node *greater)
{
    while (less != NULL && greater != NULL) {
        if (less->rank > greater->rank) {
            *link = less;
            link = &less->right;
            less = less->right;
        } else {
            *link = greater;
            link = &greater->left;
            greater = greater->left;
        }
    }
    *link = less != NULL ? less : greater;
}

/* Takes the node into the map, in the place of one with the same key. */
static void insert(bc__ordered_map *map, bc__ordered_map_node *node)
{
    bc__ordered_map_node **link = find_link(map, node->bytes, node->key_length);
    bc__ordered_map_node *old = *link;
    if (old != NULL) {
        node->left = old->left;
        node->right = old->right;
        *link = node;
        bc__heap_release(map->heap, old);
        return;
    }
    link = &map->root;
    while (*link != NULL && (*link)->rank >= node->rank) {
        bool is_less = compare_node(*link, node->bytes, node->key_length) < 0;
        link = is_less ? &(*link)->right : &(*link)->left;
    }
    split_below(node, *link);
    *link = node;
    map->count++;
}

/* Takes the least node out of a map that is being emptied; NULL at the end. The tree is turned to
 * the right, without regard to ranks, until its root is the least node: O(n) steps for all, no
 * stack.
 */
static bc__ordered_map_node *take_first(bc__ordered_map *map)
{
    bc__ordered_map_node *root = map->root;
    if (root == NULL) {
        return NULL;
    }
    while (root->left != NULL) {
        bc__ordered_map_node *left = root->left;
        root->left = left->right;
        left->right = root;
        root = left;
    }
    map->root = root->right;
    map->count--;
    root->right = NULL;
    return root;
}

static bool give_entry(bc__ordered_map_entry *found, const bc__ordered_map_node *node)
{
    if (node == NULL) {
        return false;
    }
    *found = (bc__ordered_map_entry){
        .key = node->bytes,
        .key_length = node->key_length,
        .value = node->bytes + node->key_length,
        .value_length = node->value_length,
    };
    return true;
}

void bc__ordered_map_init(bc__ordered_map *map, const bc__heap *heap)
{
    *map = (bc__ordered_map){.heap = heap};
    bc__hash_key_make(&map->secret);
}

void bc__ordered_map_free(bc__ordered_map *map)
{
    for (bc__ordered_map_node *node = take_first(map); node != NULL; node = take_first(map)) {
        bc__heap_release(map->heap, node);
    }
}

int32_t bc__ordered_map_put(bc__ordered_map *map, const uint8_t *key, size_t key_length,
                            const uint8_t *value, size_t value_length)
{
    bc__ordered_map_node *node = make_node(map, key, key_length, value, value_length);
    if (node == NULL) {
        return BC__ERR_MEMORY;
    }
    insert(map, node);
    return BC__OK;
}

bool bc__ordered_map_remove(bc__ordered_map *map, const uint8_t *key, size_t key_length)
{
    bc__ordered_map_node **link = find_link(map, key, key_length);
    bc__ordered_map_node *node = *link;
    if (node == NULL) {
        return false;
    }
    join_at(link, node->left, node->right);
    map->count--;
    bc__heap_release(map->heap, node);
    return true;
}

bool bc__ordered_map_get(const bc__ordered_map *map, bc__ordered_map_entry *found,
                         const uint8_t *key, size_t key_length)
{
    return give_entry(found, find(map, key, key_length));
}

bool bc__ordered_map_seek(const bc__ordered_map *map, bc__ordered_map_entry *found,
                          const uint8_t *key, size_t key_length, bool or_equal)
{
    const bc__ordered_map_node *best = NULL;
    const bc__ordered_map_node *node = map->root;
    while (node != NULL) {
        int order = compare_node(node, key, key_length);
        if (order > 0 || (order == 0 && or_equal)) {
            best = node;
            node = node->left;
        } else {
            node = node->right;
        }
    }
    return give_entry(found, best);
}

bool bc__ordered_map_next(const bc__ordered_map *map, bc__ordered_map_entry *entry)
{
    return bc__ordered_map_seek(map, entry, entry->key, entry->key_length, false);
}

/* A batch shares the map's secret, so that its nodes keep their ranks when they move over. */
void bc__ordered_map_batch_init(bc__ordered_map_batch *batch, const bc__ordered_map *map)
{
    batch->changes = (bc__ordered_map){.secret = map->secret, .heap = map->heap};
}

void bc__ordered_map_batch_free(bc__ordered_map_batch *batch)
{
    bc__ordered_map_free(&batch->changes);
}

int32_t bc__ordered_map_batch_put(bc__ordered_map_batch *batch, const uint8_t *key,
                                  size_t key_length, const uint8_t *value, size_t value_length)
{
    return bc__ordered_map_put(&batch->changes, key, key_length, value, value_length);
}

int32_t bc__ordered_map_batch_remove(bc__ordered_map_batch *batch, const uint8_t *key,
                                     size_t key_length)
{
    bc__ordered_map_node *node = make_node(&batch->changes, key, key_length, NULL, 0);
    if (node == NULL) {
        return BC__ERR_MEMORY;
    }
    node->is_removal = true;
    insert(&batch->changes, node);
    return BC__OK;
}

bool bc__ordered_map_batch_has(const bc__ordered_map_batch *batch, const uint8_t *key,
                               size_t key_length)
{
    return find(&batch->changes, key, key_length) != NULL;
}

void bc__ordered_map_batch_apply(bc__ordered_map_batch *batch, bc__ordered_map *map)
{
    bc__ordered_map *changes = &batch->changes;
    for (bc__ordered_map_node *node = take_first(changes); node != NULL;
         node = take_first(changes)) {
        if (node->is_removal) {
            (void)bc__ordered_map_remove(map, node->bytes, node->key_length);
            bc__heap_release(map->heap, node);
        } else {
            insert(map, node);
        }
    }
}
