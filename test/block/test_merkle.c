#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "merkle_model.h"
#include "test/support/random.h"

enum { VECTOR_LEAVES = 8 };

/* The leaves and roots with which the programs of Certificate Transparency are tested. */
static const struct {
    uint8_t data[16];
    size_t length;
} vector_leaves[VECTOR_LEAVES] = {
    {{0}, 0},
    {{0x00}, 1},
    {{0x10}, 1},
    {{0x20, 0x21}, 2},
    {{0x30, 0x31}, 2},
    {{0x40, 0x41, 0x42, 0x43}, 4},
    {{0x50, 0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x57}, 8},
    {{0x60, 0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6a, 0x6b, 0x6c, 0x6d, 0x6e,
      0x6f},
     16},
};

static const char *const vector_roots[VECTOR_LEAVES + 1] = {
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
};

static void assert_hash(const model_hash hash, const char *expected)
{
    static const char digits[] = "0123456789abcdef";
    char text[2 * sizeof(model_hash) + 1] = {0};
    for (size_t i = 0; i < sizeof(model_hash); i++) {
        text[2 * i] = digits[hash[i] >> 4];
        text[2 * i + 1] = digits[hash[i] & 15];
    }
    assert_string_equal(text, expected);
}

static void published_roots(void **state)
{
    (void)state;
    bc__merkle_peaks peaks = {.size = 0};
    model_hash root;
    bc__merkle_root(&peaks, root);
    assert_hash(root, vector_roots[0]);
    for (size_t i = 0; i < VECTOR_LEAVES; i++) {
        model_hash leaf;
        bc__merkle_leaf(leaf, vector_leaves[i].data, vector_leaves[i].length);
        assert_int_equal(bc__merkle_append(&peaks, leaf, NULL), BC__OK);
        bc__merkle_root(&peaks, root);
        assert_hash(root, vector_roots[i + 1]);
    }
}

/* The complete nodes of the same tree, and two of the paths published for it. */
static void published_paths(void **state)
{
    (void)state;
    static const char *const fifth[] = {
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"};
    static const char *const six_in_eight[] = {
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"};
    static const char *const two_in_five[] = {
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"};
    model_hash hash[VECTOR_LEAVES];
    for (size_t i = 0; i < VECTOR_LEAVES; i++) {
        bc__merkle_leaf(hash[i], vector_leaves[i].data, vector_leaves[i].length);
    }
    bc__merkle_leaves leaves = {hash[0], VECTOR_LEAVES};
    const bc__merkle_nodes nodes = {bc__merkle_leaves_node, &leaves};
    bc__merkle_path path;
    assert_int_equal(bc__merkle_inclusion_path(&path, 5, 8, &nodes), BC__OK);
    assert_int_equal(path.count, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_hash(path.node[i], fifth[i]);
    }
    assert_int_equal(bc__merkle_consistency_path(&path, 6, 8, &nodes), BC__OK);
    assert_int_equal(path.count, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_hash(path.node[i], six_in_eight[i]);
    }
    assert_int_equal(bc__merkle_consistency_path(&path, 2, 5, &nodes), BC__OK);
    assert_int_equal(path.count, 2);
    for (size_t i = 0; i < 2; i++) {
        assert_hash(path.node[i], two_in_five[i]);
    }
}

/* The nodes that each leaf completes, stored by the leaf that completes them, are all there are: with
 * them the peaks of every earlier size come back. */
typedef struct stored_nodes {
    const model_tree *tree;
    model_hash completed[MODEL_LEAVES][BC__MERKLE_COMPLETED_MAX];
    uint64_t leaves; /* so far */
    uint64_t fail_at;
    uint64_t asked;
} stored_nodes;

static int32_t stored_node(void *context, unsigned level, uint64_t index, model_hash out)
{
    stored_nodes *stored = context;
    if (stored->asked++ == stored->fail_at) {
        return BC__ERR_MEMORY;
    }
    uint64_t leaf = bc__merkle_completing_leaf(level, index);
    assert_true(leaf < stored->leaves);
    if (level == 0) {
        memcpy(out, stored->tree->leaf[index], sizeof(model_hash));
        return BC__OK;
    }
    assert_true(level <= bc__merkle_completed_by(leaf));
    assert_true(index == leaf >> level);
    memcpy(out, stored->completed[leaf][level - 1], sizeof(model_hash));
    return BC__OK;
}

static void assert_same_peaks(const bc__merkle_peaks *a, const bc__merkle_peaks *b)
{
    uint8_t bytes_a[BC__MERKLE_PEAKS_BYTES_MAX];
    uint8_t bytes_b[BC__MERKLE_PEAKS_BYTES_MAX];
    size_t length = bc__merkle_peaks_encode(a, bytes_a);
    assert_int_equal(bc__merkle_peaks_encode(b, bytes_b), length);
    assert_memory_equal(bytes_a, bytes_b, length);
}

static void completed_nodes_are_all_that_is_needed(void **state)
{
    (void)state;
    static stored_nodes stored;
    static bc__merkle_peaks earlier[MODEL_LEAVES + 1];
    model_tree tree;
    model_tree_fill(&tree);
    stored = (stored_nodes){.tree = &tree, .fail_at = UINT64_MAX};
    bc__merkle_peaks peaks = {.size = 0};
    const bc__merkle_nodes nodes = {stored_node, &stored};
    size_t completed = 0;
    for (uint64_t i = 0; i < MODEL_LEAVES; i++) {
        assert_int_equal(bc__merkle_append(&peaks, tree.leaf[i], stored.completed[i]), BC__OK);
        stored.leaves++;
        completed += bc__merkle_completed_by(i);
        for (unsigned level = 1; level <= bc__merkle_completed_by(i); level++) {
            model_hash expected;
            uint64_t first = i >> level << level;
            assert_true(first + (UINT64_C(1) << level) == i + 1);
            model_root(expected, tree.leaf[first], (size_t)1 << level);
            assert_memory_equal(stored.completed[i][level - 1], expected, sizeof expected);
        }
        model_hash root;
        model_hash expected;
        bc__merkle_root(&peaks, root);
        model_root(expected, tree.leaf[0], (size_t)i + 1);
        assert_memory_equal(root, expected, sizeof root);
        earlier[i + 1] = peaks;
        for (uint64_t size = 0; size <= i + 1; size++) {
            bc__merkle_peaks back;
            assert_int_equal(bc__merkle_peaks_at(&back, size, &nodes), BC__OK);
            assert_same_peaks(&back, &earlier[size]);
        }
    }
    assert_int_equal(completed, MODEL_LEAVES - 1);
    bc__merkle_peaks back;
    stored.fail_at = stored.asked + 2;
    assert_int_equal(bc__merkle_peaks_at(&back, 7, &nodes), BC__ERR_MEMORY);
}

static void completing_leaves_at_the_edges(void **state)
{
    (void)state;
    assert_int_equal(bc__merkle_completed_by(0), 0);
    assert_int_equal(bc__merkle_completed_by((UINT64_C(1) << 63) - 1), BC__MERKLE_COMPLETED_MAX);
    assert_int_equal(bc__merkle_completed_by(UINT64_C(1) << 63), 0);
    assert_int_equal(bc__merkle_completed_by(UINT64_MAX - 1), 0);
    assert_true(bc__merkle_completing_leaf(63, 0) == (UINT64_C(1) << 63) - 1);
    assert_true(bc__merkle_completing_leaf(0, UINT64_MAX - 1) == UINT64_MAX - 1);
    assert_true(bc__merkle_completing_leaf(1, (UINT64_C(1) << 63) - 2) == UINT64_MAX - 2);
}

static void peaks_survive_their_encoding(void **state)
{
    (void)state;
    model_tree tree;
    model_tree_fill(&tree);
    bc__merkle_peaks peaks = {.size = 0};
    for (size_t i = 0; i <= MODEL_LEAVES; i++) {
        uint8_t bytes[BC__MERKLE_PEAKS_BYTES_MAX + 1] = {0};
        size_t length = bc__merkle_peaks_encode(&peaks, bytes);
        assert_true(bytes[0] == i);
        bc__merkle_peaks back = {.size = 3};
        for (size_t wrong = 0; wrong <= length + 1; wrong++) {
            if (wrong != length) {
                assert_int_equal(bc__merkle_peaks_decode(&back, bytes, wrong), BC__ERR_FORMAT);
                assert_true(back.size == 3);
            }
        }
        assert_int_equal(bc__merkle_peaks_decode(&back, bytes, length), BC__OK);
        assert_same_peaks(&back, &peaks);
        if (i < MODEL_LEAVES) {
            assert_int_equal(bc__merkle_append(&peaks, tree.leaf[i], NULL), BC__OK);
        }
    }
}

/* At 2^64 - 1 leaves there are 64 peaks, and no room for another leaf. */
static void trees_have_a_largest_size(void **state)
{
    (void)state;
    test_random random = test_random_begin();
    uint8_t bytes[BC__MERKLE_PEAKS_BYTES_MAX];
    test_random_fill(&random, bytes, sizeof bytes);
    memset(bytes, 0xff, 8);
    bytes[0] = 0xfe; /* 2^64 - 2, with 63 peaks */
    bc__merkle_peaks peaks;
    bc__merkle_peaks before;
    model_hash expected;
    model_hash root;
    const uint8_t *last = bytes + sizeof bytes - sizeof(model_hash);
    assert_int_equal(bc__merkle_peaks_decode(&peaks, bytes, sizeof bytes - sizeof(model_hash)),
                     BC__OK);
    assert_int_equal(bc__merkle_append(&peaks, last, NULL), BC__OK);
    assert_true(peaks.size == UINT64_MAX);
    bytes[0] = 0xff;
    assert_int_equal(bc__merkle_peaks_decode(&before, bytes, sizeof bytes), BC__OK);
    assert_same_peaks(&peaks, &before);
    bc__merkle_root(&peaks, root);
    memcpy(expected, last, sizeof expected);
    for (size_t i = 0; i < BC__MERKLE_PEAKS_MAX - 1; i++) {
        last -= sizeof(model_hash);
        model_parent(expected, last, expected);
    }
    assert_memory_equal(root, expected, sizeof root);
    assert_int_equal(bc__merkle_append(&peaks, last, NULL), BC__ERR_LIMIT);
    assert_same_peaks(&peaks, &before);
}

/* From 2^63 - 1 leaves one more completes a node in each of 63 levels. */
static void a_leaf_may_complete_all_levels(void **state)
{
    (void)state;
    test_random random = test_random_begin();
    uint8_t bytes[8 + 63 * BC__SHA256_BYTES];
    test_random_fill(&random, bytes, sizeof bytes);
    memset(bytes, 0xff, 7);
    bytes[7] = 0x7f;
    bc__merkle_peaks peaks;
    model_hash completed[BC__MERKLE_COMPLETED_MAX];
    model_hash node = {1, 2, 3};
    assert_int_equal(bc__merkle_peaks_decode(&peaks, bytes, sizeof bytes), BC__OK);
    assert_int_equal(bc__merkle_append(&peaks, node, completed), BC__OK);
    for (size_t i = 0; i < BC__MERKLE_COMPLETED_MAX; i++) {
        model_parent(node, bytes + sizeof bytes - (i + 1) * sizeof node, node);
        assert_memory_equal(completed[i], node, sizeof node);
    }
    assert_true(peaks.size == UINT64_C(1) << 63);
    assert_memory_equal(peaks.hash[0], node, sizeof node);
}

static void leaves_in_memory_give_their_nodes(void **state)
{
    (void)state;
    model_tree tree;
    model_tree_fill(&tree);
    bc__merkle_leaves leaves = {tree.leaf[0], 13};
    model_hash node;
    model_hash expected;
    for (unsigned level = 0; level < 4; level++) {
        for (uint64_t index = 0; index < leaves.count >> level; index++) {
            assert_int_equal(bc__merkle_leaves_node(&leaves, level, index, node), BC__OK);
            model_root(expected, tree.leaf[index << level], (size_t)1 << level);
            assert_memory_equal(node, expected, sizeof node);
        }
        assert_int_equal(bc__merkle_leaves_node(&leaves, level, leaves.count >> level, node),
                         BC__ERR_LIMIT);
    }
    assert_int_equal(bc__merkle_leaves_node(&leaves, 4, 0, node), BC__ERR_LIMIT);
    assert_int_equal(bc__merkle_leaves_node(&leaves, 64, 0, node), BC__ERR_LIMIT);
    assert_int_equal(bc__merkle_leaves_node(&leaves, 1, UINT64_C(1) << 63, node), BC__ERR_LIMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_roots),
        cmocka_unit_test(published_paths),
        cmocka_unit_test(completed_nodes_are_all_that_is_needed),
        cmocka_unit_test(completing_leaves_at_the_edges),
        cmocka_unit_test(peaks_survive_their_encoding),
        cmocka_unit_test(trees_have_a_largest_size),
        cmocka_unit_test(a_leaf_may_complete_all_levels),
        cmocka_unit_test(leaves_in_memory_give_their_nodes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
