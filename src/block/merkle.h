/* Merkle trees of RFC 6962 (and RFC 9162), with SHA-256: a leaf is hashed behind 0x00, a pair of
 * nodes behind 0x01, and no leaf is counted twice. Sizes are up to 2^64 - 1 leaves.
 *
 * A node is named by its level (leaves are level 0) and its index in that level: it stands over the
 * leaves index * 2^level to (index + 1) * 2^level - 1. Once all those are there it never changes;
 * such nodes are the complete ones, and only they are ever asked for or stored. */
#ifndef BC_BLOCK_MERKLE_H
#define BC_BLOCK_MERKLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/heap.h"
#include "lib/sha256/sha256.h"

enum {
    BC__MERKLE_PEAKS_MAX = 64,     /* ones in a size */
    BC__MERKLE_COMPLETED_MAX = 63, /* interior nodes that one leaf completes */
    BC__MERKLE_PATH_MAX = 65,      /* nodes of a path: 64 of inclusion, one more of consistency */
    BC__MERKLE_PEAKS_BYTES_MAX = 8 + BC__MERKLE_PEAKS_MAX * BC__SHA256_BYTES
};

void bc__merkle_leaf(uint8_t out[BC__SHA256_BYTES], const void *data, size_t length);
/* `out` may be one of the two. */
void bc__merkle_parent(uint8_t out[BC__SHA256_BYTES], const uint8_t left[BC__SHA256_BYTES],
                       const uint8_t right[BC__SHA256_BYTES]);

/* ---- The right edge of a tree, from which it grows ---- */

/* The roots of the largest complete trees that a tree is made of, leftmost and largest first: one
 * for each one in `size`. Begins as all zero, without leaves. */
typedef struct bc__merkle_peaks {
    uint64_t size; /* leaves */
    uint8_t hash[BC__MERKLE_PEAKS_MAX][BC__SHA256_BYTES];
} bc__merkle_peaks;

/* How many interior nodes the leaf at `index` completes: those at levels 1 to n, each with the index
 * `index >> level`. */
unsigned bc__merkle_completed_by(uint64_t index);

/* The leaf that completes a node which is in a tree of up to 2^64 - 1 leaves. */
uint64_t bc__merkle_completing_leaf(unsigned level, uint64_t index);

/* Adds a leaf's hash. `completed` is NULL or has room for bc__merkle_completed_by(peaks->size) nodes,
 * and gets them by level from 1. BC__OK, or BC__ERR_LIMIT at 2^64 - 1 leaves. */
int32_t bc__merkle_append(bc__merkle_peaks *peaks, const uint8_t leaf[BC__SHA256_BYTES],
                          uint8_t (*completed)[BC__SHA256_BYTES]);

/* The root of the tree; without leaves it is the hash of nothing. */
void bc__merkle_root(const bc__merkle_peaks *peaks, uint8_t out[BC__SHA256_BYTES]);

/* The size in 8 bytes, little-endian, and the peaks. Returns the length. */
size_t bc__merkle_peaks_encode(const bc__merkle_peaks *peaks,
                               uint8_t out[BC__MERKLE_PEAKS_BYTES_MAX]);
/* BC__OK, or BC__ERR_FORMAT with *peaks as it was where the length is not that of the size. */
int32_t bc__merkle_peaks_decode(bc__merkle_peaks *peaks, const uint8_t *bytes, size_t length);

/* ---- Where the complete nodes of a tree come from ---- */

/* Writes a complete node. Returns BC__OK; anything else ends what asked for it, which returns it. */
typedef int32_t (*bc__merkle_node_fn)(void *context, unsigned level, uint64_t index,
                                      uint8_t out[BC__SHA256_BYTES]);

typedef struct bc__merkle_nodes {
    bc__merkle_node_fn node;
    void *context;
} bc__merkle_nodes;

/* A tree of which all leaf hashes lie in memory. bc__merkle_leaves_node, with one of these as its
 * context, hashes a node anew each time. */
typedef struct bc__merkle_leaves {
    const uint8_t *hashes; /* count * BC__SHA256_BYTES, borrowed */
    uint64_t count;
} bc__merkle_leaves;

/* BC__OK, or BC__ERR_LIMIT where the node is not over those leaves. */
int32_t bc__merkle_leaves_node(void *leaves, unsigned level, uint64_t index,
                               uint8_t out[BC__SHA256_BYTES]);

/* The peaks of the first `size` leaves; *peaks is undefined on failure. */
int32_t bc__merkle_peaks_at(bc__merkle_peaks *peaks, uint64_t size, const bc__merkle_nodes *nodes);

/* ---- Paths: nodes from the leaf's side to the root's ---- */

typedef struct bc__merkle_path {
    size_t count;
    uint8_t node[BC__MERKLE_PATH_MAX][BC__SHA256_BYTES];
} bc__merkle_path;

/* The path by which the leaf at `index` is shown to be in the tree of the first `size` leaves (RFC
 * 9162, 2.1.3.1), with at most two complete nodes asked for in each level. BC__ERR_LIMIT where the
 * index is not below the size. */
int32_t bc__merkle_inclusion_path(bc__merkle_path *path, uint64_t index, uint64_t size,
                                  const bc__merkle_nodes *nodes);

/* The root to which the `count` nodes at `path` (BC__SHA256_BYTES each) lead from `leaf`, a leaf's hash,
 * at `index` in a tree of `size` leaves. False where a path of that place has more nodes or fewer, or
 * there is no such place; the root is then undefined. */
bool bc__merkle_inclusion_root(uint8_t root[BC__SHA256_BYTES], uint64_t index, uint64_t size,
                               const uint8_t leaf[BC__SHA256_BYTES], const uint8_t *path,
                               size_t count);

/* Whether the `count` nodes at `path` (BC__SHA256_BYTES each) show that `leaf`, a leaf's hash, is at
 * `index` in the tree of `size` leaves with that root (RFC 9162, 2.1.3.2). There is one path; one node
 * more or fewer is refused. The root is what the caller trusts. */
bool bc__merkle_inclusion_holds(const uint8_t root[BC__SHA256_BYTES], uint64_t index, uint64_t size,
                                const uint8_t leaf[BC__SHA256_BYTES], const uint8_t *path,
                                size_t count);

/* The path by which the tree of the first `old_size` leaves is shown to be the beginning of that of
 * `new_size` (RFC 9162, 2.1.4.1); without nodes where the old tree has no leaves or both are of one
 * size. BC__ERR_LIMIT where the old tree is the larger. */
int32_t bc__merkle_consistency_path(bc__merkle_path *path, uint64_t old_size, uint64_t new_size,
                                    const bc__merkle_nodes *nodes);

/* Whether the path shows that the old tree, of that size and root, is the beginning of the new one
 * (RFC 9162, 2.1.4.2). Of a tree without leaves the root is the hash of nothing. */
bool bc__merkle_consistency_holds(const uint8_t old_root[BC__SHA256_BYTES], uint64_t old_size,
                                  const uint8_t new_root[BC__SHA256_BYTES], uint64_t new_size,
                                  const uint8_t *path, size_t count);

#endif
