/* Merkle trees as RFC 9162 defines them, by recursion over all leaf hashes,
 * which lie one behind the other: slow, and what the tests compare
 * with. */
#ifndef BC_TEST_BLOCK_MERKLE_MODEL_H
#define BC_TEST_BLOCK_MERKLE_MODEL_H

#include <string.h>

#include "src/block/merkle.h"

typedef uint8_t model_hash[BC__SHA256_BYTES];

enum { MODEL_LEAVES = 64 };

/* Hashes of the leaves "leaf 0" to "leaf 63", which the tests share. */
typedef struct model_tree {
    model_hash leaf[MODEL_LEAVES];
} model_tree;

static inline void model_parent(model_hash out, const model_hash left, const model_hash right)
{
    bc__sha256_state state;
    bc__sha256_init(&state);
    bc__sha256_update(&state, "\x01", 1);
    bc__sha256_update(&state, left, sizeof(model_hash));
    bc__sha256_update(&state, right, sizeof(model_hash));
    bc__sha256_final(&state, out);
}

static inline void model_tree_fill(model_tree *tree)
{
    for (uint8_t i = 0; i < MODEL_LEAVES; i++) {
        const uint8_t data[] = {
            0x00, 'l', 'e', 'a', 'f', ' ', (uint8_t)('0' + i / 10), (uint8_t)('0' + i % 10)};
        bc__sha256(tree->leaf[i], data, sizeof data);
    }
}

/* The largest power of 2 below n. */
static inline size_t model_split(size_t n)
{
    size_t k = 1;
    while (2 * k < n) {
        k *= 2;
    }
    return k;
}

/* MTH */
static inline void model_root(model_hash out, const uint8_t *leaves, size_t n)
{
    if (n == 0) {
        bc__sha256(out, NULL, 0);
    } else if (n == 1) {
        memcpy(out, leaves, sizeof(model_hash));
    } else {
        model_hash left;
        model_hash right;
        size_t k = model_split(n);
        model_root(left, leaves, k);
        model_root(right, leaves + k * sizeof(model_hash), n - k);
        model_parent(out, left, right);
    }
}

/* PATH(m, D_n) */
static inline void model_inclusion(bc__merkle_path *path, size_t m, const uint8_t *leaves, size_t n)
{
    if (n == 1) {
        path->count = 0;
        return;
    }
    size_t k = model_split(n);
    if (m < k) {
        model_inclusion(path, m, leaves, k);
        model_root(path->node[path->count++], leaves + k * sizeof(model_hash), n - k);
    } else {
        model_inclusion(path, m - k, leaves + k * sizeof(model_hash), n - k);
        model_root(path->node[path->count++], leaves, k);
    }
}

/* SUBPROOF(m, D_n, whole) */
static inline void model_consistency(bc__merkle_path *path, size_t m, const uint8_t *leaves,
                                     size_t n, bool whole)
{
    if (m == n) {
        path->count = 0;
        if (!whole) {
            model_root(path->node[path->count++], leaves, n);
        }
        return;
    }
    size_t k = model_split(n);
    if (m <= k) {
        model_consistency(path, m, leaves, k, whole);
        model_root(path->node[path->count++], leaves + k * sizeof(model_hash), n - k);
    } else {
        model_consistency(path, m - k, leaves + k * sizeof(model_hash), n - k, false);
        model_root(path->node[path->count++], leaves, k);
    }
}

#endif
