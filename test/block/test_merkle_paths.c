#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "merkle_model.h"
#include "test/support/random.h"

/* Complete nodes of a tree in memory, asked for within the first `size` leaves only. */
typedef struct watched_nodes {
    bc__merkle_leaves leaves;
    size_t asked;
    size_t fail_at; /* counted from 1; 0 is never */
} watched_nodes;

static int32_t watched_node(void *context, unsigned level, uint64_t index, model_hash out)
{
    watched_nodes *watched = context;
    if (++watched->asked == watched->fail_at) {
        return BC__ERR_MEMORY;
    }
    return bc__merkle_leaves_node(&watched->leaves, level, index, out);
}

typedef struct fixture {
    model_tree tree;
    model_hash root[MODEL_LEAVES + 1]; /* by size */
    watched_nodes watched;
    bc__merkle_nodes nodes;
    test_random random;
} fixture;

static int begin(void **state)
{
    static fixture all;
    model_tree_fill(&all.tree);
    for (size_t size = 0; size <= MODEL_LEAVES; size++) {
        model_root(all.root[size], all.tree.leaf[0], size);
    }
    all.nodes = (bc__merkle_nodes){watched_node, &all.watched};
    all.random = test_random_begin();
    *state = &all;
    return 0;
}

static void watch(fixture *all, uint64_t size)
{
    all->watched = (watched_nodes){{all->tree.leaf[0], size}, 0, 0};
}

static void assert_same_path(const bc__merkle_path *path, const bc__merkle_path *expected)
{
    assert_int_equal(path->count, expected->count);
    assert_memory_equal(path->node, expected->node, path->count * sizeof(model_hash));
}

static void flip(model_hash hash, size_t bit)
{
    hash[bit / 8] ^= (uint8_t)(1U << bit % 8);
}

/* ---- Inclusion ---- */

static bool included(const fixture *all, uint64_t index, uint64_t size, const bc__merkle_path *path)
{
    return bc__merkle_inclusion_holds(all->root[size], index, size, all->tree.leaf[index],
                                      path->node[0], path->count);
}

static void refuses_other_inclusion(fixture *all, uint64_t index, uint64_t size,
                                    const bc__merkle_path *path)
{
    bc__merkle_path other = *path;
    for (size_t i = 0; i < path->count; i++) {
        size_t bit = test_random_below(&all->random, 256);
        flip(other.node[i], bit);
        assert_false(included(all, index, size, &other));
        flip(other.node[i], bit);
    }
    memcpy(other.node[other.count++], all->root[size], sizeof(model_hash));
    assert_false(included(all, index, size, &other));
    memmove(other.node[1], other.node[0], path->count * sizeof(model_hash));
    assert_false(included(all, index, size, &other));
    if (path->count > 0) {
        other = *path;
        other.count--;
        assert_false(included(all, index, size, &other));
        memmove(other.node[0], other.node[1], other.count * sizeof(model_hash));
        assert_false(included(all, index, size, &other));
    }
    model_hash hash;
    size_t bit = test_random_below(&all->random, 256);
    memcpy(hash, all->tree.leaf[index], sizeof hash);
    flip(hash, bit);
    assert_false(
        bc__merkle_inclusion_holds(all->root[size], index, size, hash, path->node[0], path->count));
    memcpy(hash, all->root[size], sizeof hash);
    flip(hash, bit);
    assert_false(bc__merkle_inclusion_holds(hash, index, size, all->tree.leaf[index], path->node[0],
                                            path->count));
    const uint64_t wrong[] = {index + 1, index - 1, index ^ 1, size, UINT64_MAX};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_false(bc__merkle_inclusion_holds(all->root[size], wrong[i], size,
                                                all->tree.leaf[index], path->node[0], path->count));
    }
}

static void every_leaf_of_every_size(void **state)
{
    fixture *all = *state;
    for (uint64_t size = 1; size <= MODEL_LEAVES; size++) {
        for (uint64_t index = 0; index < size; index++) {
            bc__merkle_path path;
            bc__merkle_path expected;
            model_inclusion(&expected, (size_t)index, all->tree.leaf[0], (size_t)size);
            watch(all, size);
            assert_int_equal(bc__merkle_inclusion_path(&path, index, size, &all->nodes), BC__OK);
            assert_same_path(&path, &expected);
            assert_true(all->watched.asked <= 2 * 6);
            assert_true(included(all, index, size, &path));
            refuses_other_inclusion(all, index, size, &path);
        }
        bc__merkle_path path;
        assert_int_equal(bc__merkle_inclusion_path(&path, size, size, &all->nodes), BC__ERR_LIMIT);
        assert_int_equal(bc__merkle_inclusion_path(&path, UINT64_MAX, size, &all->nodes),
                         BC__ERR_LIMIT);
    }
    bc__merkle_path path;
    assert_int_equal(bc__merkle_inclusion_path(&path, 0, 0, &all->nodes), BC__ERR_LIMIT);
    assert_false(bc__merkle_inclusion_holds(all->root[0], 0, 0, all->root[0], path.node[0], 0));
}

static void every_bit_of_an_inclusion_path_counts(void **state)
{
    fixture *all = *state;
    static const uint64_t cases[][2] = {{0, 64}, {63, 64}, {36, 37}, {32, 37}, {20, 43}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint64_t index = cases[i][0];
        uint64_t size = cases[i][1];
        bc__merkle_path path;
        watch(all, size);
        assert_int_equal(bc__merkle_inclusion_path(&path, index, size, &all->nodes), BC__OK);
        for (size_t bit = 0; bit < 256 * path.count; bit++) {
            flip(path.node[bit / 256], bit % 256);
            assert_false(included(all, index, size, &path));
            flip(path.node[bit / 256], bit % 256);
        }
        assert_true(included(all, index, size, &path));
    }
}

/* ---- Consistency ---- */

static bool consistent(const fixture *all, uint64_t old_size, uint64_t new_size,
                       const bc__merkle_path *path)
{
    return bc__merkle_consistency_holds(all->root[old_size], old_size, all->root[new_size],
                                        new_size, path->node[0], path->count);
}

static void refuses_other_consistency(fixture *all, uint64_t old_size, uint64_t new_size,
                                      const bc__merkle_path *path)
{
    bc__merkle_path other = *path;
    for (size_t i = 0; i < path->count; i++) {
        size_t bit = test_random_below(&all->random, 256);
        flip(other.node[i], bit);
        assert_false(consistent(all, old_size, new_size, &other));
        flip(other.node[i], bit);
    }
    memcpy(other.node[other.count++], all->root[new_size], sizeof(model_hash));
    assert_false(consistent(all, old_size, new_size, &other));
    memmove(other.node[1], other.node[0], path->count * sizeof(model_hash));
    assert_false(consistent(all, old_size, new_size, &other));
    if (path->count > 0) {
        other = *path;
        other.count--;
        assert_false(consistent(all, old_size, new_size, &other));
        memmove(other.node[0], other.node[1], other.count * sizeof(model_hash));
        assert_false(consistent(all, old_size, new_size, &other));
    }
    model_hash hash;
    size_t bit = test_random_below(&all->random, 256);
    memcpy(hash, all->root[old_size], sizeof hash);
    flip(hash, bit);
    assert_false(bc__merkle_consistency_holds(hash, old_size, all->root[new_size], new_size,
                                              path->node[0], path->count));
    if (old_size == 0 && new_size > 0) {
        return; /* every tree begins with the empty one, whatever its root */
    }
    memcpy(hash, all->root[new_size], sizeof hash);
    flip(hash, bit);
    assert_false(bc__merkle_consistency_holds(all->root[old_size], old_size, hash, new_size,
                                              path->node[0], path->count));
    /* a tree of as many leaves, the last another */
    model_tree tree = all->tree;
    flip(tree.leaf[new_size > 0 ? new_size - 1 : 0], bit);
    model_root(hash, tree.leaf[0], (size_t)new_size);
    assert_int_equal(bc__merkle_consistency_holds(all->root[old_size], old_size, hash, new_size,
                                                  path->node[0], path->count),
                     new_size == 0);
}

static void every_old_size_of_every_new_one(void **state)
{
    fixture *all = *state;
    for (uint64_t new_size = 0; new_size <= MODEL_LEAVES; new_size++) {
        for (uint64_t old_size = 0; old_size <= new_size; old_size++) {
            bc__merkle_path path;
            bc__merkle_path expected = {.count = 0};
            if (old_size > 0) {
                model_consistency(&expected, (size_t)old_size, all->tree.leaf[0], (size_t)new_size,
                                  true);
            }
            watch(all, new_size);
            assert_int_equal(bc__merkle_consistency_path(&path, old_size, new_size, &all->nodes),
                             BC__OK);
            assert_same_path(&path, &expected);
            assert_true(all->watched.asked <= 2 * 6 + 1);
            assert_true(consistent(all, old_size, new_size, &path));
            refuses_other_consistency(all, old_size, new_size, &path);
            if (old_size < new_size) {
                assert_false(bc__merkle_consistency_holds(all->root[new_size], new_size,
                                                          all->root[old_size], old_size,
                                                          path.node[0], path.count));
            }
        }
        bc__merkle_path path;
        assert_int_equal(bc__merkle_consistency_path(&path, new_size + 1, new_size, &all->nodes),
                         BC__ERR_LIMIT);
    }
}

static void every_bit_of_a_consistency_path_counts(void **state)
{
    fixture *all = *state;
    static const uint64_t cases[][2] = {{1, 64}, {63, 64}, {32, 37}, {33, 37}, {20, 43}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint64_t old_size = cases[i][0];
        uint64_t new_size = cases[i][1];
        bc__merkle_path path;
        watch(all, new_size);
        assert_int_equal(bc__merkle_consistency_path(&path, old_size, new_size, &all->nodes),
                         BC__OK);
        for (size_t bit = 0; bit < 256 * path.count; bit++) {
            flip(path.node[bit / 256], bit % 256);
            assert_false(consistent(all, old_size, new_size, &path));
            flip(path.node[bit / 256], bit % 256);
        }
        assert_true(consistent(all, old_size, new_size, &path));
    }
}

/* Sizes that are not those of the roots: the hashes fit, and only the path's length shows it. */
static void paths_of_other_sizes_are_refused(void **state)
{
    fixture *all = *state;
    bc__merkle_path path;
    watch(all, MODEL_LEAVES);
    for (uint64_t size = 2; size <= MODEL_LEAVES; size *= 2) {
        assert_int_equal(bc__merkle_inclusion_path(&path, size - 1, size, &all->nodes), BC__OK);
        for (uint64_t claimed = 1; claimed <= 2 * MODEL_LEAVES; claimed *= 2) {
            bool holds =
                bc__merkle_inclusion_holds(all->root[size], claimed - 1, claimed,
                                           all->tree.leaf[size - 1], path.node[0], path.count);
            assert_int_equal(holds, claimed == size);
        }
        assert_int_equal(bc__merkle_consistency_path(&path, size - 1, size, &all->nodes), BC__OK);
        for (uint64_t claimed = 4; claimed <= 2 * MODEL_LEAVES; claimed *= 2) {
            bool holds =
                bc__merkle_consistency_holds(all->root[size - 1], claimed - 1, all->root[size],
                                             claimed, path.node[0], path.count);
            assert_int_equal(holds, claimed == size);
        }
    }
    assert_int_equal(bc__merkle_consistency_path(&path, 4, 6, &all->nodes), BC__OK);
    for (uint64_t claimed = 9; claimed <= MODEL_LEAVES; claimed++) {
        assert_false(bc__merkle_consistency_holds(all->root[4], 4, all->root[6], claimed,
                                                  path.node[0], path.count));
    }
}

/* The examples of RFC 6962, 2.1.3, with its names: a to f and j are the leaves d0 to d6. */
static void examples_of_the_rfc(void **state)
{
    fixture *all = *state;
    const model_hash *leaf = (const model_hash *)all->tree.leaf;
    model_hash g;
    model_hash h;
    model_hash i;
    model_hash k;
    model_hash l;
    model_parent(g, leaf[0], leaf[1]);
    model_parent(h, leaf[2], leaf[3]);
    model_parent(i, leaf[4], leaf[5]);
    model_parent(k, g, h);
    model_parent(l, i, leaf[6]);
    const struct {
        bool consistency;
        uint64_t which; /* index or old size */
        size_t count;
        const uint8_t *node[4];
    } cases[] = {
        {false, 0, 3, {leaf[1], h, l}},         {false, 3, 3, {leaf[2], g, l}},
        {false, 4, 3, {leaf[5], leaf[6], k}},   {false, 6, 2, {i, k}},
        {true, 3, 4, {leaf[2], leaf[3], g, l}}, {true, 4, 1, {l}},
        {true, 6, 3, {i, leaf[6], k}},
    };
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        bc__merkle_path path;
        watch(all, 7);
        int32_t result = cases[c].consistency
                             ? bc__merkle_consistency_path(&path, cases[c].which, 7, &all->nodes)
                             : bc__merkle_inclusion_path(&path, cases[c].which, 7, &all->nodes);
        assert_int_equal(result, BC__OK);
        assert_int_equal(path.count, cases[c].count);
        for (size_t n = 0; n < path.count; n++) {
            assert_memory_equal(path.node[n], cases[c].node[n], sizeof(model_hash));
        }
    }
}

static void failures_of_the_source_are_passed_on(void **state)
{
    fixture *all = *state;
    for (size_t kind = 0; kind < 2; kind++) {
        size_t fail_at = 1;
        int32_t result;
        do {
            bc__merkle_path path;
            watch(all, 43);
            all->watched.fail_at = fail_at++;
            result = kind == 0 ? bc__merkle_inclusion_path(&path, 20, 43, &all->nodes)
                               : bc__merkle_consistency_path(&path, 21, 43, &all->nodes);
            assert_true(result == BC__OK || result == BC__ERR_MEMORY);
        } while (result != BC__OK);
        assert_true(fail_at > 6);
    }
}

/* ---- Sizes to 2^64 - 1: a tree of equal leaves, in which all nodes of a level are equal ---- */

typedef struct equal_nodes {
    model_hash level[64];
    uint64_t size;
} equal_nodes;

static int32_t equal_node(void *context, unsigned level, uint64_t index, model_hash out)
{
    const equal_nodes *equal = context;
    assert_true(level < 64 && index < equal->size >> level);
    memcpy(out, equal->level[level], sizeof(model_hash));
    return BC__OK;
}

static void equal_root(equal_nodes *equal, uint64_t size, model_hash out)
{
    const bc__merkle_nodes nodes = {equal_node, equal};
    bc__merkle_peaks peaks;
    equal->size = size;
    assert_int_equal(bc__merkle_peaks_at(&peaks, size, &nodes), BC__OK);
    bc__merkle_root(&peaks, out);
}

static size_t check_large_inclusion(equal_nodes *equal, uint64_t index, uint64_t size)
{
    const bc__merkle_nodes nodes = {equal_node, equal};
    bc__merkle_path path;
    model_hash root;
    equal_root(equal, size, root);
    assert_int_equal(bc__merkle_inclusion_path(&path, index, size, &nodes), BC__OK);
    for (size_t count = 0; count <= BC__MERKLE_PATH_MAX; count++) {
        assert_int_equal(
            bc__merkle_inclusion_holds(root, index, size, equal->level[0], path.node[0], count),
            count == path.count);
        if (count == path.count && count < BC__MERKLE_PATH_MAX) {
            memset(path.node[count], 0, (BC__MERKLE_PATH_MAX - count) * sizeof(model_hash));
        }
    }
    return path.count;
}

static size_t check_large_consistency(equal_nodes *equal, uint64_t old_size, uint64_t new_size)
{
    const bc__merkle_nodes nodes = {equal_node, equal};
    bc__merkle_path path;
    model_hash old_root;
    model_hash new_root;
    equal_root(equal, old_size, old_root);
    equal_root(equal, new_size, new_root);
    assert_int_equal(bc__merkle_consistency_path(&path, old_size, new_size, &nodes), BC__OK);
    for (size_t count = 0; count <= path.count; count++) {
        assert_int_equal(bc__merkle_consistency_holds(old_root, old_size, new_root, new_size,
                                                      path.node[0], count),
                         count == path.count);
    }
    return path.count;
}

static void sizes_of_64_bits(void **state)
{
    fixture *all = *state;
    const uint64_t most = UINT64_MAX;
    const uint64_t half = UINT64_C(1) << 63;
    static equal_nodes equal;
    memcpy(equal.level[0], all->tree.leaf[0], sizeof(model_hash));
    for (size_t level = 1; level < 64; level++) {
        model_parent(equal.level[level], equal.level[level - 1], equal.level[level - 1]);
    }
    assert_int_equal(check_large_inclusion(&equal, 0, most), 64);
    assert_int_equal(check_large_inclusion(&equal, most - 1, most), 63);
    assert_int_equal(check_large_inclusion(&equal, half, most), 64);
    assert_int_equal(check_large_inclusion(&equal, half - 1, half), 63);
    assert_int_equal(check_large_inclusion(&equal, half, half + 1), 1);
    assert_int_equal(check_large_consistency(&equal, 1, most), 64);
    assert_int_equal(check_large_consistency(&equal, half, most), 1);
    assert_int_equal(check_large_consistency(&equal, half + 1, most), 65);
    assert_int_equal(check_large_consistency(&equal, most - 1, most), 64);
    assert_int_equal(check_large_consistency(&equal, half, half + 1), 1);
    assert_int_equal(check_large_consistency(&equal, most, most), 0);
    for (size_t step = test_random_repeats(100); step > 0; step--) {
        uint64_t size = (test_random_next(&all->random) >> test_random_below(&all->random, 63)) | 2;
        uint64_t below = test_random_next(&all->random) % size;
        (void)check_large_inclusion(&equal, below, size);
        (void)check_large_consistency(&equal, below, size);
    }
    bc__merkle_path path;
    assert_int_equal(bc__merkle_inclusion_path(&path, most, most, &all->nodes), BC__ERR_LIMIT);
    assert_int_equal(bc__merkle_consistency_path(&path, most, most - 1, &all->nodes),
                     BC__ERR_LIMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_leaf_of_every_size),
        cmocka_unit_test(every_bit_of_an_inclusion_path_counts),
        cmocka_unit_test(every_old_size_of_every_new_one),
        cmocka_unit_test(every_bit_of_a_consistency_path_counts),
        cmocka_unit_test(paths_of_other_sizes_are_refused),
        cmocka_unit_test(examples_of_the_rfc),
        cmocka_unit_test(failures_of_the_source_are_passed_on),
        cmocka_unit_test(sizes_of_64_bits),
    };
    return cmocka_run_group_tests(tests, begin, NULL);
}
