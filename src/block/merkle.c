#include "merkle.h"

#include <assert.h>
#include <string.h>

#include "lib/integers.h"

enum { LEAF_PREFIX = 0x00, PARENT_PREFIX = 0x01, SIZE_BYTES = 8, LEVELS = 64 };

void bc__merkle_leaf(uint8_t out[BC__SHA256_BYTES], const void *data, size_t length)
{
    const uint8_t prefix = LEAF_PREFIX;
    bc__sha256_state state;
    bc__sha256_init(&state);
    bc__sha256_update(&state, &prefix, sizeof prefix);
    bc__sha256_update(&state, data, length);
    bc__sha256_final(&state, out);
}

void bc__merkle_parent(uint8_t out[BC__SHA256_BYTES], const uint8_t left[BC__SHA256_BYTES],
                       const uint8_t right[BC__SHA256_BYTES])
{
    uint8_t message[1 + 2 * BC__SHA256_BYTES] = {PARENT_PREFIX};
    memcpy(message + 1, left, BC__SHA256_BYTES);
    memcpy(message + 1 + BC__SHA256_BYTES, right, BC__SHA256_BYTES);
    bc__sha256(out, message, sizeof message);
}

static unsigned count_ones(uint64_t value)
{
    unsigned ones = 0;
    for (; value != 0; value &= value - 1) {
        ones++;
    }
    return ones;
}

/* ---- The right edge ---- */

unsigned bc__merkle_completed_by(uint64_t index)
{
    unsigned levels = 0;
    for (; (index & 1) != 0; index >>= 1) {
        levels++;
    }
    return levels;
}

uint64_t bc__merkle_completing_leaf(unsigned level, uint64_t index)
{
    assert(level < LEVELS && index < UINT64_MAX >> level);
    return ((index + 1) << level) - 1;
}

int32_t bc__merkle_append(bc__merkle_peaks *peaks, const uint8_t leaf[BC__SHA256_BYTES],
                          uint8_t (*completed)[BC__SHA256_BYTES])
{
    if (peaks->size == UINT64_MAX) {
        return BC__ERR_LIMIT;
    }
    unsigned count = count_ones(peaks->size);
    unsigned levels = bc__merkle_completed_by(peaks->size);
    uint8_t node[BC__SHA256_BYTES];
    memcpy(node, leaf, sizeof node);
    for (unsigned i = 0; i < levels; i++) {
        bc__merkle_parent(node, peaks->hash[--count], node);
        if (completed != NULL) {
            memcpy(completed[i], node, sizeof node);
        }
    }
    memcpy(peaks->hash[count], node, sizeof node);
    peaks->size++;
    return BC__OK;
}

void bc__merkle_root(const bc__merkle_peaks *peaks, uint8_t out[BC__SHA256_BYTES])
{
    unsigned count = count_ones(peaks->size);
    if (count == 0) {
        bc__sha256(out, NULL, 0);
        return;
    }
    memcpy(out, peaks->hash[--count], BC__SHA256_BYTES);
    while (count > 0) {
        bc__merkle_parent(out, peaks->hash[--count], out);
    }
}

size_t bc__merkle_peaks_encode(const bc__merkle_peaks *peaks,
                               uint8_t out[BC__MERKLE_PEAKS_BYTES_MAX])
{
    size_t hashes = (size_t)count_ones(peaks->size) * BC__SHA256_BYTES;
    bc__put_le(out, peaks->size, SIZE_BYTES);
    memcpy(out + SIZE_BYTES, peaks->hash, hashes);
    return SIZE_BYTES + hashes;
}

int32_t bc__merkle_peaks_decode(bc__merkle_peaks *peaks, const uint8_t *bytes, size_t length)
{
    if (length < SIZE_BYTES) {
        return BC__ERR_FORMAT;
    }
    uint64_t size = bc__get_le(bytes, SIZE_BYTES);
    size_t hashes = (size_t)count_ones(size) * BC__SHA256_BYTES;
    if (length - SIZE_BYTES != hashes) {
        return BC__ERR_FORMAT;
    }
    peaks->size = size;
    memcpy(peaks->hash, bytes + SIZE_BYTES, hashes);
    return BC__OK;
}

/* ---- Complete nodes ---- */

int32_t bc__merkle_leaves_node(void *leaves, unsigned level, uint64_t index,
                               uint8_t out[BC__SHA256_BYTES])
{
    const bc__merkle_leaves *all = leaves;
    if (level >= LEVELS || index >= all->count >> level) {
        return BC__ERR_LIMIT;
    }
    const uint8_t *first = all->hashes + (index << level) * BC__SHA256_BYTES;
    bc__merkle_peaks peaks = {.size = 0};
    while (peaks.size < UINT64_C(1) << level) { /* far below the limit of appending */
        (void)bc__merkle_append(&peaks, first + peaks.size * BC__SHA256_BYTES, NULL);
    }
    bc__merkle_root(&peaks, out);
    return BC__OK;
}

int32_t bc__merkle_peaks_at(bc__merkle_peaks *peaks, uint64_t size, const bc__merkle_nodes *nodes)
{
    unsigned count = 0;
    for (unsigned level = LEVELS; level-- > 0;) {
        if ((size >> level & 1) == 0) {
            continue;
        }
        /* The last node of its level: what is left of the size needs smaller ones. */
        int32_t result =
            nodes->node(nodes->context, level, (size >> level) - 1, peaks->hash[count]);
        if (result != BC__OK) {
            return result;
        }
        count++;
    }
    peaks->size = size;
    return BC__OK;
}

/* ---- Making paths ---- */

/* The root of what stands right of the leaf `first` and left of `size`, where `first` is a multiple of
 * a power of 2 that is greater than size - first: as of a tree of its own. */
static int32_t tail_root(uint8_t out[BC__SHA256_BYTES], uint64_t first, uint64_t size,
                         const bc__merkle_nodes *nodes)
{
    uint64_t left = size - first;
    bool begun = false;
    for (unsigned level = 0; left >> level != 0; level++) {
        if ((left >> level & 1) == 0) {
            continue;
        }
        uint8_t node[BC__SHA256_BYTES];
        int32_t result = nodes->node(nodes->context, level, (size >> level) - 1, node);
        if (result != BC__OK) {
            return result;
        }
        if (begun) {
            bc__merkle_parent(out, node, out);
        } else {
            memcpy(out, node, sizeof node);
            begun = true;
        }
    }
    return BC__OK;
}

/* Appends the siblings on the way from a complete node up to the root of the tree. */
static int32_t append_siblings(bc__merkle_path *path, unsigned level, uint64_t index, uint64_t size,
                               const bc__merkle_nodes *nodes)
{
    uint64_t last = (size - 1) >> level; /* of this level, complete or not */
    for (; last != 0; level++, index >>= 1, last >>= 1) {
        uint64_t sibling = index ^ 1;
        if (sibling > last) {
            continue; /* the node goes up alone */
        }
        uint8_t *out = path->node[path->count];
        bool complete = sibling < size >> level;
        int32_t result = complete ? nodes->node(nodes->context, level, sibling, out)
                                  : tail_root(out, sibling << level, size, nodes);
        if (result != BC__OK) {
            return result;
        }
        path->count++;
    }
    return BC__OK;
}

int32_t bc__merkle_inclusion_path(bc__merkle_path *path, uint64_t index, uint64_t size,
                                  const bc__merkle_nodes *nodes)
{
    path->count = 0;
    return index < size ? append_siblings(path, 0, index, size, nodes) : BC__ERR_LIMIT;
}

int32_t bc__merkle_consistency_path(bc__merkle_path *path, uint64_t old_size, uint64_t new_size,
                                    const bc__merkle_nodes *nodes)
{
    path->count = 0;
    if (old_size > new_size) {
        return BC__ERR_LIMIT;
    }
    if (old_size == 0 || old_size == new_size) {
        return BC__OK;
    }
    /* The path of the last complete tree that the old one is made of. It comes first itself, unless
     * it is the whole old tree, whose root the verifier has. */
    unsigned level = bc__merkle_completed_by(old_size - 1);
    uint64_t index = (old_size - 1) >> level;
    if (index != 0) {
        int32_t result = nodes->node(nodes->context, level, index, path->node[0]);
        if (result != BC__OK) {
            return result;
        }
        path->count = 1;
    }
    return append_siblings(path, level, index, new_size, nodes);
}

/* ---- Verifying paths: the names of variables are those of RFC 9162 ---- */

static bool equal(const uint8_t a[BC__SHA256_BYTES], const uint8_t b[BC__SHA256_BYTES])
{
    return memcmp(a, b, BC__SHA256_BYTES) == 0;
}

/* One step up, past those levels in which the last node has no sibling. Whether the node's sibling is
 * on its left. */
static bool step_up(uint64_t *fn, uint64_t *sn)
{
    bool left = (*fn & 1) != 0 || *fn == *sn;
    while (left && (*fn & 1) == 0 && *fn != 0) {
        *fn >>= 1;
        *sn >>= 1;
    }
    *fn >>= 1;
    *sn >>= 1;
    return left;
}

bool bc__merkle_inclusion_root(uint8_t root[BC__SHA256_BYTES], uint64_t index, uint64_t size,
                               const uint8_t leaf[BC__SHA256_BYTES], const uint8_t *path,
                               size_t count)
{
    if (index >= size) {
        return false;
    }
    uint64_t fn = index;
    uint64_t sn = size - 1;
    uint8_t r[BC__SHA256_BYTES];
    memcpy(r, leaf, sizeof r);
    for (size_t i = 0; i < count; i++) {
        const uint8_t *p = path + i * BC__SHA256_BYTES;
        if (sn == 0) {
            return false;
        }
        if (step_up(&fn, &sn)) {
            bc__merkle_parent(r, p, r);
        } else {
            bc__merkle_parent(r, r, p);
        }
    }
    memcpy(root, r, sizeof r);
    return sn == 0;
}

bool bc__merkle_inclusion_holds(const uint8_t root[BC__SHA256_BYTES], uint64_t index, uint64_t size,
                                const uint8_t leaf[BC__SHA256_BYTES], const uint8_t *path,
                                size_t count)
{
    uint8_t reached[BC__SHA256_BYTES];
    return bc__merkle_inclusion_root(reached, index, size, leaf, path, count) &&
           equal(reached, root);
}

/* Where at least one of the sizes is 0 or both are the same: whether the roots fit without a path. */
static bool roots_fit(const uint8_t old_root[BC__SHA256_BYTES], uint64_t old_size,
                      const uint8_t new_root[BC__SHA256_BYTES], uint64_t new_size)
{
    uint8_t empty[BC__SHA256_BYTES];
    bc__sha256(empty, NULL, 0);
    return (old_size != 0 || equal(old_root, empty)) &&
           (old_size != new_size || equal(old_root, new_root));
}

bool bc__merkle_consistency_holds(const uint8_t old_root[BC__SHA256_BYTES], uint64_t old_size,
                                  const uint8_t new_root[BC__SHA256_BYTES], uint64_t new_size,
                                  const uint8_t *path, size_t count)
{
    if (old_size > new_size) {
        return false;
    }
    if (old_size == 0 || old_size == new_size) {
        return count == 0 && roots_fit(old_root, old_size, new_root, new_size);
    }
    unsigned complete = bc__merkle_completed_by(old_size - 1);
    uint64_t fn = (old_size - 1) >> complete;
    uint64_t sn = (new_size - 1) >> complete;
    const uint8_t *first = old_root;
    size_t i = 0;
    if (fn != 0) { /* else the old tree is complete, and its root is what the path begins with */
        if (count == 0) {
            return false;
        }
        first = path;
        i = 1;
    }
    uint8_t fr[BC__SHA256_BYTES];
    uint8_t sr[BC__SHA256_BYTES];
    memcpy(fr, first, sizeof fr);
    memcpy(sr, first, sizeof sr);
    for (; i < count; i++) {
        const uint8_t *c = path + i * BC__SHA256_BYTES;
        if (sn == 0) {
            return false;
        }
        if (step_up(&fn, &sn)) {
            bc__merkle_parent(fr, c, fr);
            bc__merkle_parent(sr, c, sr);
        } else {
            bc__merkle_parent(sr, sr, c);
        }
    }
    return sn == 0 && equal(fr, old_root) && equal(sr, new_root);
}
