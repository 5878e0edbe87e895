#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "src/chain/tree.h"
#include "test/support/counting_heap.h"

enum { LONG = 600 };

typedef struct fixture {
    counting_heap counter;
    bc__heap heap;
    bc__tree tree;
    uint64_t sequence;
} fixture;

static void setup(fixture *with)
{
    memset(with, 0, sizeof *with);
    with->counter = (counting_heap)COUNTING_HEAP_ENDLESS;
    with->heap = counting_heap_internal(&with->counter);
    bc__tree_init(&with->tree, &with->heap);
}

static void teardown(fixture *with)
{
    bc__tree_free(&with->tree);
    assert_int_equal(with->counter.held, 0);
}

static const uint8_t *id_of(uint32_t number)
{
    static uint8_t id[BC_ID_BYTES];
    memset(id, 0, sizeof id);
    memcpy(id, &number, sizeof number);
    return id;
}

static uint32_t add(fixture *with, uint32_t id, uint32_t parent)
{
    bc__uint256 work = bc__uint256_from_u64(2);
    uint64_t height =
        parent == BC__NO_NODE ? 0 : (uint64_t)bc__tree_node(&with->tree, parent)->height + 1;
    assert_int_equal(bc__tree_reserve(&with->tree, 1, height), BC__OK);
    return bc__tree_add(&with->tree, id_of(id), parent, &work, with->sequence++);
}

static uint32_t add_many(fixture *with, uint32_t first_id, uint32_t count, uint32_t parent)
{
    for (uint32_t at = 0; at < count; at++) {
        parent = add(with, first_id + at, parent);
    }
    return parent;
}

static void work_and_height_add_up(void **state)
{
    (void)state;
    fixture with;
    setup(&with);
    assert_int_equal(bc__tree_tip(&with.tree), BC__NO_NODE);
    assert_int_equal(bc__tree_best_at(&with.tree, 0), BC__NO_NODE);
    uint32_t tip = add_many(&with, 1, 5, BC__NO_NODE);
    const bc__node *node = bc__tree_node(&with.tree, tip);
    bc__uint256 ten = bc__uint256_from_u64(10);
    assert_int_equal(node->height, 4);
    assert_int_equal(bc__uint256_compare(&node->chain_work, &ten), 0);
    bc__tree_set_tip(&with.tree, tip);
    assert_int_equal(bc__tree_tip(&with.tree), tip);
    assert_int_equal(bc__tree_find(&with.tree, id_of(5)), tip);
    assert_int_equal(bc__tree_find(&with.tree, id_of(6)), BC__NO_NODE);
    assert_true(bc__tree_is_best(&with.tree, bc__tree_find(&with.tree, id_of(1))));
    teardown(&with);
}

static void forks_of_all_kinds(void **state)
{
    (void)state;
    fixture with;
    setup(&with);
    uint32_t middle = add_many(&with, 1, 5, BC__NO_NODE);
    uint32_t left = add_many(&with, 10, 3, middle);
    uint32_t right = add_many(&with, 20, 7, middle);
    uint32_t stranger = add_many(&with, 40, 4, BC__NO_NODE);
    bc__tree *tree = &with.tree;
    assert_int_equal(bc__tree_fork(tree, left, right), middle);
    assert_int_equal(bc__tree_fork(tree, right, left), middle);
    assert_int_equal(bc__tree_fork(tree, left, left), left);
    assert_int_equal(bc__tree_fork(tree, middle, left), middle);
    assert_int_equal(bc__tree_fork(tree, right, stranger), BC__NO_NODE);
    assert_int_equal(bc__tree_fork(tree, BC__NO_NODE, left), BC__NO_NODE);
    assert_int_equal(bc__tree_fork(tree, left, BC__NO_NODE), BC__NO_NODE);
    teardown(&with);
}

static void a_block_may_stand_twice(void **state)
{
    (void)state;
    fixture with;
    setup(&with);
    bc__tree *tree = &with.tree;
    uint32_t tip = add_many(&with, 1, 3, BC__NO_NODE);
    bc__tree_set_tip(tree, tip);
    uint32_t ours = bc__tree_find(tree, id_of(2));
    uint32_t twin = add(&with, 2, BC__NO_NODE);
    assert_int_equal(bc__tree_find(tree, id_of(2)), ours);
    assert_int_equal(bc__tree_find_at(tree, id_of(2), 0), twin);
    assert_int_equal(bc__tree_find_at(tree, id_of(2), 1), ours);
    assert_int_equal(bc__tree_find_child(tree, id_of(2), BC__NO_NODE), twin);
    assert_int_equal(bc__tree_find_child(tree, id_of(2), tip), BC__NO_NODE);
    assert_true(bc__tree_has_kept_twin(tree, twin));
    assert_false(bc__tree_has_kept_twin(tree, ours)); /* the other is on no best chain */
    bc__tree_node(tree, twin)->flags |= BC__NODE_STAGED;
    assert_true(bc__tree_has_kept_twin(tree, ours));
    uint32_t end = add_many(&with, 50, 4, twin);
    bc__tree_node(tree, twin)->flags &= ~(uint32_t)BC__NODE_STAGED;
    bc__tree_set_tip(tree, end);
    assert_int_equal(bc__tree_find(tree, id_of(2)), twin);
    teardown(&with);
}

static void staged_nodes_are_not_found(void **state)
{
    (void)state;
    fixture with;
    setup(&with);
    bc__tree *tree = &with.tree;
    uint32_t root = add(&with, 1, BC__NO_NODE);
    bc__tree_set_tip(tree, root);
    uint32_t staged = add(&with, 2, root);
    bc__tree_node(tree, staged)->flags |= BC__NODE_STAGED;
    assert_int_equal(bc__tree_find(tree, id_of(2)), BC__NO_NODE);
    assert_int_equal(bc__tree_find_child(tree, id_of(2), root), staged);
    assert_int_equal(bc__tree_find_at(tree, id_of(2), 1), staged);
    teardown(&with);
}

static void removed_slots_are_used_again(void **state)
{
    (void)state;
    fixture with;
    setup(&with);
    bc__tree *tree = &with.tree;
    uint32_t root = add(&with, 1, BC__NO_NODE);
    bc__tree_set_tip(tree, root);
    for (uint32_t round = 0; round < 50; round++) {
        uint32_t end = add_many(&with, 100 + round * 3, 3, root);
        assert_int_equal(tree->live_count, 4);
        for (unsigned at = 0; at < 3; at++) {
            uint32_t parent = bc__tree_node(tree, end)->parent;
            bc__tree_remove(tree, end);
            end = parent;
        }
        assert_int_equal(bc__tree_find(tree, id_of(100 + round * 3)), BC__NO_NODE);
        assert_int_equal(bc__tree_node(tree, root)->children, 0);
    }
    assert_int_equal(tree->node_count, 4);
    teardown(&with);
}

static void a_path_is_the_same_on_and_off_the_best_chain(void **state)
{
    (void)state;
    fixture with;
    setup(&with);
    bc__tree *tree = &with.tree;
    uint32_t tip = add_many(&with, 1, LONG, BC__NO_NODE);
    uint32_t other = add_many(&with, 5000, LONG + 100, BC__NO_NODE);
    for (unsigned round = 0; round < 3; round++) {
        bc__path path;
        bc__tree_set_tip(tree, round == 1 ? tip : other);
        bc__path_init(&path, tip);
        for (uint32_t height = 0; height < LONG; height++) {
            uint32_t node = bc__path_at(&path, tree, height);
            assert_int_equal(bc__tree_node(tree, node)->height, height);
            assert_memory_equal(bc__tree_node(tree, node)->id, id_of(1 + height), BC_ID_BYTES);
            if (round == 2 && height == LONG / 2) {
                bc__tree_set_tip(tree, tip); /* in the middle of a walk */
            }
        }
        assert_int_equal(bc__path_at(&path, tree, 0), bc__tree_find(tree, id_of(1)));
    }
    teardown(&with);
}

static void a_shorter_chain_may_become_the_best(void **state)
{
    (void)state;
    fixture with;
    setup(&with);
    bc__tree *tree = &with.tree;
    uint32_t root = add(&with, 1, BC__NO_NODE);
    uint32_t tall = add_many(&with, 10, 6, root);
    uint32_t small = add(&with, 30, root);
    bc__tree_set_tip(tree, tall);
    bc__tree_set_tip(tree, small);
    assert_int_equal(bc__tree_tip(tree), small);
    assert_int_equal(bc__tree_best_at(tree, 2), BC__NO_NODE);
    assert_false(bc__tree_is_best(tree, tall));
    bc__tree_set_tip(tree, tall);
    assert_int_equal(bc__tree_best_at(tree, 1), bc__tree_find(tree, id_of(10)));
    assert_false(bc__tree_is_best(tree, small));
    teardown(&with);
}

static void room_is_bounded_and_may_be_wanting(void **state)
{
    (void)state;
    fixture with;
    setup(&with);
    assert_int_equal(bc__tree_reserve(&with.tree, UINT32_MAX, 0), BC__ERR_LIMIT);
    assert_int_equal(bc__tree_reserve(&with.tree, 1, UINT32_MAX), BC__ERR_LIMIT);
    assert_int_equal(bc__tree_reserve(&with.tree, 1, UINT64_MAX), BC__ERR_LIMIT);
    for (size_t left = 0; left < 5; left++) {
        with.counter.left = left;
        assert_int_equal(bc__tree_reserve(&with.tree, 1, 0), BC__ERR_MEMORY);
        with.counter.left = SIZE_MAX;
        bc__tree_free(&with.tree);
        bc__tree_init(&with.tree, &with.heap);
    }
    teardown(&with);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(work_and_height_add_up),
        cmocka_unit_test(forks_of_all_kinds),
        cmocka_unit_test(a_block_may_stand_twice),
        cmocka_unit_test(staged_nodes_are_not_found),
        cmocka_unit_test(removed_slots_are_used_again),
        cmocka_unit_test(a_path_is_the_same_on_and_off_the_best_chain),
        cmocka_unit_test(a_shorter_chain_may_become_the_best),
        cmocka_unit_test(room_is_bounded_and_may_be_wanting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
