/* Merkle proofs of the ledger: what is written is what the rules say, what is verified is that and
 * nothing else. */
#include "proof_fixture.h"

#include "test/support/counting_heap.h"

typedef struct fixture {
    proof_history by_work;
    proof_history by_authority;
} fixture;

static int begin(void **state)
{
    static fixture all;
    proof_history_begin(&all.by_work, false);
    proof_history_begin(&all.by_authority, true);
    *state = &all;
    return 0;
}

/* Refused from memory of exactly that size, so that a sanitizer sees a byte read too much. */
static void assert_refused(const bc_params *params, const uint8_t *bytes, size_t length,
                           const uint8_t *older_id, const uint8_t *later_id)
{
    bc_inclusion result = BC_INCLUSION_INIT;
    uint8_t *copy = malloc(length + (length == 0));
    assert_non_null(copy);
    memcpy(copy, bytes, length);
    result.height = 99;
    assert_int_equal(proof_verdict(params, &result, copy, length, older_id, later_id),
                     BC_VERDICT_INVALID);
    assert_int_equal(result.type, 0);
    assert_int_equal(result.height, 0);
    assert_null(result.tx);
    free(copy);
}

/* One proof, with what it is to be verified against. */
typedef struct sample {
    const proof_history *world;
    uint8_t type;
    size_t older;
    size_t later;
    uint32_t position;
    const uint8_t *older_id; /* NULL where the proof is one of inclusion */
    const uint8_t *later_id;
    proof_bytes proof;
} sample;

static void sample_make(sample *one, const proof_history *world, uint8_t type, size_t older,
                        size_t later, uint32_t position)
{
    *one = (sample){.world = world,
                    .type = type,
                    .older = older,
                    .later = type == 1 ? older : later,
                    .position = position};
    one->older_id = type == 3 ? world->blocks[older].id : NULL;
    one->later_id = world->blocks[one->later].id;
    proof_model(&one->proof, world, type, older, later, position);
}

static void sample_refuses(const sample *one, const uint8_t *bytes, size_t length)
{
    assert_refused(NULL, bytes, length, one->older_id, one->later_id);
    assert_refused(&one->world->params, bytes, length, one->older_id, one->later_id);
}

static void assert_shown(const sample *one, const bc_inclusion *result)
{
    const proof_block *block = &one->world->blocks[one->older];
    bool tx = one->type == 1 || one->type == 4;
    assert_int_equal(result->struct_size, sizeof *result);
    assert_int_equal(result->type, one->type);
    assert_int_equal(result->height, one->older);
    assert_int_equal(result->time, (1700000000000 + 1000 * (int64_t)one->older) * 1000);
    assert_int_equal(result->later_height, one->later);
    assert_memory_equal(result->id, block->id, BC_ID_BYTES);
    assert_memory_equal(result->later_id, one->later_id, BC_ID_BYTES);
    static const uint8_t none[BC_ID_BYTES];
    assert_memory_equal(result->tx_id, tx ? block->tx_ids[one->position] : none, BC_ID_BYTES);
    assert_int_equal(result->position, tx ? one->position : 0);
    assert_int_equal(result->tx_length, tx ? block->txs[one->position].length : 0);
    if (tx) {
        assert_in_range(result->tx - one->proof.bytes, 0, one->proof.length);
        assert_memory_equal(result->tx, block->txs[one->position].bytes, result->tx_length);
    } else {
        assert_null(result->tx);
    }
}

static void sample_holds(const sample *one, const bc_params *params)
{
    bc_inclusion result = BC_INCLUSION_INIT;
    assert_int_equal(proof_verdict(params, &result, one->proof.bytes, one->proof.length,
                                   one->older_id, one->later_id),
                     BC_VERDICT_ACCEPTED);
    assert_shown(one, &result);
    assert_int_equal(proof_verdict(params, NULL, one->proof.bytes, one->proof.length, one->older_id,
                                   one->later_id),
                     BC_VERDICT_ACCEPTED);
}

/* The library writes the same bytes, behind what was there. */
static void sample_is_written(const sample *one)
{
    counting_heap counter = COUNTING_HEAP_ENDLESS;
    bc__heap heap = counting_heap_internal(&counter);
    bc__bytes out;
    bc__bytes_init(&out, &heap, SIZE_MAX);
    bc__proof_source source =
        proof_source(one->world, one->type, one->older, one->later, one->position);
    assert_int_equal(bc__bytes_append(&out, "before", 6), BC__OK);
    assert_int_equal(bc__ledger_write_proof(&out, &source, NULL), BC_OK);
    assert_int_equal(out.length, 6 + one->proof.length);
    assert_memory_equal(out.data, "before", 6);
    assert_memory_equal(out.data + 6, one->proof.bytes, one->proof.length);
    bc__bytes_free(&out);
}

static void check_sample(const sample *one)
{
    sample_is_written(one);
    sample_holds(one, NULL);
    sample_holds(one, &one->world->params);
}

/* ---- Every place in small histories ---- */

static void every_block_in_every_history(void **state)
{
    fixture *all = *state;
    static sample one;
    for (size_t later = 1; later <= 64; later++) {
        for (size_t older = 0; older < later; older++) {
            sample_make(&one, &all->by_work, 2, older, later, 0);
            check_sample(&one);
            assert_refused(NULL, one.proof.bytes, one.proof.length, NULL,
                           all->by_work.blocks[older].id);
            assert_refused(NULL, one.proof.bytes, one.proof.length, NULL,
                           all->by_work.blocks[(later + 1) % PROOF_BLOCKS].id);
        }
    }
}

static void every_older_history_of_every_later_one(void **state)
{
    fixture *all = *state;
    static sample one;
    for (size_t later = 1; later <= 40; later++) {
        for (size_t older = 0; older < later; older++) {
            sample_make(&one, &all->by_work, 3, older, later, 0);
            check_sample(&one);
            const uint8_t *others = all->by_work.blocks[41].id;
            assert_refused(NULL, one.proof.bytes, one.proof.length, others, one.later_id);
            assert_refused(NULL, one.proof.bytes, one.proof.length, one.older_id, others);
            assert_refused(NULL, one.proof.bytes, one.proof.length, one.later_id, one.older_id);
        }
    }
}

static void every_transaction_of_every_block(void **state)
{
    fixture *all = *state;
    static sample one;
    for (size_t height = 0; height < PROOF_BLOCKS; height++) {
        for (uint32_t at = 0; at < all->by_work.blocks[height].tx_count; at++) {
            sample_make(&one, &all->by_work, 1, height, 0, at);
            check_sample(&one);
            assert_refused(NULL, one.proof.bytes, one.proof.length, NULL,
                           all->by_work.blocks[(height + 1) % PROOF_BLOCKS].id);
        }
    }
}

static void random_records_of_both_sealings(void **state)
{
    fixture *all = *state;
    static sample one;
    for (size_t round = 0; round < test_random_repeats(200); round++) {
        proof_history *world = round % 2 == 0 ? &all->by_work : &all->by_authority;
        size_t later = 1 + test_random_below(&world->random, PROOF_BLOCKS - 1);
        size_t older = test_random_below(&world->random, later);
        uint32_t position =
            (uint32_t)test_random_below(&world->random, world->blocks[older].tx_count);
        for (uint8_t type = 1; type <= 4; type++) {
            sample_make(&one, world, type, older, later, position);
            check_sample(&one);
        }
        const uint8_t *older_id = world->blocks[older].id;
        assert_refused(NULL, one.proof.bytes, one.proof.length, NULL, older_id);
    }
}

/* ---- Damage ---- */

/* Proofs of each type under each sealing; genesis among them, and paths of several lengths. */
static void each_sample(fixture *all, void (*check)(const sample *one))
{
    static const size_t heights[][2] = {{21, 43}, {0, 1}, {31, 32}, {36, 37}};
    static sample one;
    for (uint8_t type = 1; type <= 4; type++) {
        for (size_t i = 0; i < sizeof heights / sizeof heights[0]; i++) {
            const proof_history *world = i % 2 == 0 ? &all->by_work : &all->by_authority;
            size_t older = heights[i][0];
            sample_make(&one, world, type, older, heights[i][1], world->blocks[older].tx_count - 1);
            sample_holds(&one, NULL);
            check(&one);
        }
    }
}

/* Whether the byte is one of a seal: without params nobody looks at those. */
static bool is_seal(const sample *one, size_t at)
{
    size_t first = 2 + BC__HEADER_BYTES + 1;
    size_t older = one->world->blocks[one->older].sealed_length;
    size_t later = one->world->blocks[one->later].sealed_length;
    if (at >= first && at < 2 + older) {
        return true;
    }
    if (one->type == 1) {
        return false;
    }
    first = 2 + older;
    if (one->type == 4) {
        proof_bytes body = {.length = 0};
        proof_add_tx(&body, &one->world->blocks[one->older], one->position);
        first += body.length;
    }
    return at >= first + BC__HEADER_BYTES + 1 && at < first + later;
}

static void flip_every_bit(const sample *one)
{
    uint8_t *bytes = malloc(one->proof.length);
    assert_non_null(bytes);
    memcpy(bytes, one->proof.bytes, one->proof.length);
    for (size_t bit = 0; bit < 8 * one->proof.length; bit++) {
        bytes[bit / 8] ^= (uint8_t)(1U << bit % 8);
        uint32_t expected = is_seal(one, bit / 8) ? BC_VERDICT_ACCEPTED : BC_VERDICT_INVALID;
        assert_int_equal(
            proof_verdict(NULL, NULL, bytes, one->proof.length, one->older_id, one->later_id),
            expected);
        assert_int_equal(proof_verdict(&one->world->params, NULL, bytes, one->proof.length,
                                       one->older_id, one->later_id),
                         BC_VERDICT_INVALID);
        bytes[bit / 8] ^= (uint8_t)(1U << bit % 8);
    }
    free(bytes);
}

static void every_bit_counts(void **state)
{
    each_sample(*state, flip_every_bit);
}

static void cut_and_lengthen(const sample *one)
{
    static uint8_t longer[PROOF_BYTES_MOST + 1];
    for (size_t length = 0; length < one->proof.length; length++) {
        sample_refuses(one, one->proof.bytes, length);
    }
    memcpy(longer, one->proof.bytes, one->proof.length);
    for (unsigned byte = 0; byte < 256; byte++) {
        longer[one->proof.length] = (uint8_t)byte;
        sample_refuses(one, longer, one->proof.length + 1);
    }
    memcpy(longer + 1, one->proof.bytes, one->proof.length);
    longer[0] = 1;
    sample_refuses(one, longer, one->proof.length + 1);
}

static void every_length_counts(void **state)
{
    each_sample(*state, cut_and_lengthen);
}

/* Where the counts of the paths stand; how many there are. */
static size_t path_places(const sample *one, size_t places[2])
{
    const proof_block *older = &one->world->blocks[one->older];
    const proof_block *later = &one->world->blocks[one->later];
    size_t at = 2 + older->sealed_length;
    size_t count = 0;
    if (one->type == 1 || one->type == 4) {
        at += 4 + 4 + 32;
        places[count++] = at;
        at += 1 + 32 * (size_t)one->proof.bytes[at] + older->txs[one->position].length;
    }
    if (one->type != 1) {
        at += later->sealed_length + 4 + 32;
        places[count++] = at;
        at += 1 + 32 * (size_t)one->proof.bytes[at];
    }
    if (one->type == 3) {
        at += 4 + 32 + 32;
        places[count++] = at;
        at += 1 + 32 * (size_t)one->proof.bytes[at];
    }
    assert_int_equal(at, one->proof.length);
    return count;
}

/* With node `from` of the path left out, or written twice. */
static void edit_path(const sample *one, size_t place, size_t from, bool twice)
{
    static uint8_t edited[PROOF_BYTES_MOST];
    size_t node = place + 1 + 32 * from;
    size_t head = twice ? node + 32 : node;
    size_t tail = twice ? node : node + 32;
    memcpy(edited, one->proof.bytes, head);
    memcpy(edited + head, one->proof.bytes + tail, one->proof.length - tail);
    edited[place] = (uint8_t)(edited[place] + (twice ? 1 : -1));
    sample_refuses(one, edited, head + one->proof.length - tail);
}

static void edit_paths(const sample *one)
{
    static uint8_t edited[PROOF_BYTES_MOST];
    size_t places[2];
    size_t count = path_places(one, places);
    for (size_t i = 0; i < count; i++) {
        size_t nodes = one->proof.bytes[places[i]];
        for (size_t from = 0; from < nodes; from++) {
            edit_path(one, places[i], from, true);
            edit_path(one, places[i], from, false);
        }
        /* one more where there is none, or one behind the last */
        size_t end = places[i] + 1 + 32 * nodes;
        memcpy(edited, one->proof.bytes, end);
        memset(edited + end, 0x5a, 32);
        memcpy(edited + end + 32, one->proof.bytes + end, one->proof.length - end);
        edited[places[i]]++;
        sample_refuses(one, edited, one->proof.length + 32);
        /* another count over the same bytes */
        memcpy(edited, one->proof.bytes, one->proof.length);
        for (unsigned other = 0; other < 256; other++) {
            if (other != nodes) {
                edited[places[i]] = (uint8_t)other;
                sample_refuses(one, edited, one->proof.length);
            }
        }
    }
}

static void every_node_of_a_path_counts(void **state)
{
    each_sample(*state, edit_paths);
}

static void name_other_versions_and_types(const sample *one)
{
    static uint8_t edited[PROOF_BYTES_MOST];
    memcpy(edited, one->proof.bytes, one->proof.length);
    for (size_t at = 0; at < 2; at++) {
        for (unsigned byte = 0; byte < 256; byte++) {
            edited[at] = (uint8_t)byte;
            if (byte != one->proof.bytes[at]) {
                sample_refuses(one, edited, one->proof.length);
            }
        }
        edited[at] = one->proof.bytes[at];
    }
    /* the other function does not take it */
    const uint8_t *other_id = one->older_id != NULL ? NULL : one->world->blocks[one->older].id;
    assert_refused(NULL, one->proof.bytes, one->proof.length, other_id, one->later_id);
}

static void version_and_type_count(void **state)
{
    each_sample(*state, name_other_versions_and_types);
}

static void counts_at_their_bounds_are_refused(void **state)
{
    fixture *all = *state;
    static sample one;
    static const uint32_t values[] = {0,         1, 2, 9, 0x7fffffff, 0x80000000, UINT32_MAX - 1,
                                      UINT32_MAX};
    sample_make(&one, &all->by_work, 1, 21, 0, 0);
    size_t place = 2 + one.world->blocks[21].sealed_length;
    for (size_t field = 0; field < 2; field++, place += 4) {
        uint64_t right = bc__get_le(one.proof.bytes + place, 4);
        for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
            bc__put_le(one.proof.bytes + place, values[i], 4);
            if (values[i] != right) {
                sample_refuses(&one, one.proof.bytes, one.proof.length);
            }
        }
        bc__put_le(one.proof.bytes + place, right, 4);
    }
    sample_holds(&one, NULL);
}

/* ---- What a header commits to is not enough ---- */

/* A later header made anew for what `content` says, so that nothing but the heights is wrong. */
static void commit(sample *one, size_t later_at, const model_hash history_root, uint64_t height)
{
    uint8_t *header = one->proof.bytes + later_at;
    const uint8_t *body = header + one->world->blocks[one->later].sealed_length;
    bc__put_le(header + 8, height, 8);
    proof_content(header + 56, (uint32_t)bc__get_le(body, 4), body + 4, history_root);
}

static uint32_t verdict_of_changed(sample *one, size_t later_at)
{
    uint8_t id[BC_ID_BYTES];
    bc__sha256(id, one->proof.bytes + later_at, BC__HEADER_BYTES);
    return proof_verdict(NULL, NULL, one->proof.bytes, one->proof.length, NULL, id);
}

static void heights_are_the_place_in_the_history(void **state)
{
    fixture *all = *state;
    static sample one;
    sample_make(&one, &all->by_work, 2, 0, 1, 0);
    size_t later_at = 2 + one.world->blocks[0].sealed_length;
    model_hash root;
    memcpy(root, one.world->leaves[0], sizeof root);
    commit(&one, later_at, root, 1);
    assert_int_equal(verdict_of_changed(&one, later_at), BC_VERDICT_ACCEPTED);
    const uint64_t heights[] = {0, 2, UINT64_MAX};
    for (size_t i = 0; i < 3; i++) {
        commit(&one, later_at, root, heights[i]);
        assert_int_equal(verdict_of_changed(&one, later_at), BC_VERDICT_INVALID);
    }
    /* the longest path there is: 64 nodes, from the first block to height 2^64 - 1 */
    for (size_t i = 0; i < 64; i++) {
        uint8_t node[32];
        memset(node, (int)i, sizeof node);
        proof_add(&one.proof, node, sizeof node);
        model_parent(root, root, node);
    }
    one.proof.bytes[one.proof.length - 64 * 32 - 1] = 64;
    commit(&one, later_at, root, UINT64_MAX);
    assert_int_equal(verdict_of_changed(&one, later_at), BC_VERDICT_ACCEPTED);
    proof_add(&one.proof, root, sizeof root);
    one.proof.bytes[one.proof.length - 65 * 32 - 1] = 65;
    model_parent(root, root, root);
    commit(&one, later_at, root, UINT64_MAX);
    assert_int_equal(verdict_of_changed(&one, later_at), BC_VERDICT_INVALID);
}

/* A header may commit to bytes that are no transaction; they are not shown as one. */
static void a_transaction_must_be_one(void **state)
{
    fixture *all = *state;
    static proof_history world;
    static sample one;
    static const struct {
        size_t at;
        uint8_t byte;
    } faults[] = {{0, 2}, {1, 2}, {2, 1}, {3, 1}, {24, 1}, {32, 1}, {100, 1}};
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        world = all->by_work;
        proof_block *block = &world.blocks[5];
        proof_tx *tx = &block->txs[0];
        memset(tx->bytes + 4, 0, 4);
        memset(tx->bytes + 96, 0, 64);
        tx->length = 160;
        for (unsigned good = 0; good < 2; good++) {
            if (good == 0) {
                tx->bytes[faults[i].at] ^= faults[i].byte;
            }
            proof_leaf(block->tx_ids[0], tx->bytes, tx->length);
            model_root(block->txs_root, block->tx_ids[0], block->tx_count);
            proof_content(block->sealed + 56, block->tx_count, block->txs_root,
                          block->history_root);
            proof_seal(&world, 5);
            sample_make(&one, &world, 1, 5, 0, 0);
            assert_int_equal(
                proof_verdict(NULL, NULL, one.proof.bytes, one.proof.length, NULL, one.later_id),
                good != 0 ? BC_VERDICT_ACCEPTED : BC_VERDICT_INVALID);
            tx->bytes[faults[i].at] ^= good == 0 ? faults[i].byte : 0;
        }
    }
}

/* Two branches: what is shown of one does not hold under the other. */
static void other_histories_are_refused(void **state)
{
    fixture *all = *state;
    static proof_history fork;
    static sample one;
    fork = all->by_work;
    fork.random.state ^= 0xf00d;
    for (uint64_t height = 20; height < PROOF_BLOCKS; height++) {
        proof_make_block(&fork, height, 3);
    }
    for (uint8_t type = 2; type <= 3; type++) {
        sample_make(&one, &fork, type, 25, 40, 0);
        sample_holds(&one, &fork.params);
        size_t later_at = 2 + fork.blocks[25].sealed_length;
        /* their older block under our later header */
        memcpy(one.proof.bytes + later_at, all->by_work.blocks[40].sealed, BC__HEADER_BYTES);
        assert_refused(NULL, one.proof.bytes, one.proof.length, one.older_id,
                       all->by_work.blocks[40].id);
    }
}

/* ---- Writing ---- */

static void running_out_of_memory_leaves_what_was_there(void **state)
{
    fixture *all = *state;
    for (uint8_t type = 1; type <= 4; type++) {
        bc_status status = BC_ERR_MEMORY;
        for (size_t given = 0; status != BC_OK; given++) {
            counting_heap counter = {.left = given};
            bc__heap heap = counting_heap_internal(&counter);
            bc__bytes out;
            bc_error error = BC_ERROR_INIT;
            bc__bytes_init(&out, &heap, SIZE_MAX);
            bc__proof_source source = proof_source(&all->by_work, type, 21, 43, 0);
            status = bc__ledger_write_proof(&out, &source, &error);
            if (status != BC_OK) {
                assert_int_equal(status, BC_ERR_MEMORY);
                assert_int_equal(error.code, BC_ERR_MEMORY);
                assert_int_equal(out.length, 0);
            }
            bc__bytes_free(&out);
            assert_true(given < 100);
        }
    }
}

typedef struct failing_nodes {
    const bc__merkle_nodes *nodes;
    size_t left;
} failing_nodes;

static int32_t failing_node(void *context, unsigned level, uint64_t index, uint8_t *out)
{
    failing_nodes *failing = context;
    if (failing->left-- == 0) {
        return BC_ERR_DAMAGED;
    }
    return failing->nodes->node(failing->nodes->context, level, index, out);
}

static void a_history_that_cannot_be_read_ends_writing(void **state)
{
    fixture *all = *state;
    counting_heap counter = COUNTING_HEAP_ENDLESS;
    bc__heap heap = counting_heap_internal(&counter);
    for (uint8_t type = 1; type <= 4; type++) {
        bc_status status = BC_ERR_DAMAGED;
        size_t good = 0;
        for (; status != BC_OK; good++) {
            failing_nodes failing = {&all->by_work.nodes, good};
            bc__merkle_nodes nodes = {failing_node, &failing};
            bc__bytes out;
            bc__bytes_init(&out, &heap, SIZE_MAX);
            bc__proof_source source = proof_source(&all->by_work, type, 21, 43, 0);
            source.history = &nodes;
            status = bc__ledger_write_proof(&out, &source, NULL);
            if (status != BC_OK) {
                assert_int_equal(status, BC_ERR_DAMAGED);
                assert_int_equal(out.length, 0);
            }
            bc__bytes_free(&out);
        }
        assert_in_range(good, 2, 40);
    }
}

/* ---- A million blocks ---- */

/* A tree of equal leaves but for one. */
typedef struct great_tree {
    model_hash uniform[64]; /* the complete node of each level over equal leaves */
    uint64_t special;
    model_hash leaf;
    size_t asked;
} great_tree;

static void great_node(const great_tree *tree, unsigned level, uint64_t index, uint8_t *out)
{
    memcpy(out, tree->uniform[level], 32);
    if (tree->special >> level == index) {
        memcpy(out, tree->leaf, 32);
        for (unsigned at = 0; at < level; at++) {
            bool right = (tree->special >> at & 1) != 0;
            model_parent(out, right ? tree->uniform[at] : out, right ? out : tree->uniform[at]);
        }
    }
}

static int32_t ask_great_node(void *context, unsigned level, uint64_t index, uint8_t *out)
{
    great_tree *tree = context;
    tree->asked++;
    great_node(tree, level, index, out);
    return BC__OK;
}

/* The root of the first `size` leaves, from the definition: the largest power of 2 below it goes left. */
static void great_root(const great_tree *tree, uint64_t size, model_hash out)
{
    bool begun = false;
    for (unsigned level = 0; level < 64; level++) { /* the peaks from the right */
        if ((size >> level & 1) == 0) {
            continue;
        }
        model_hash node;
        great_node(tree, level, (size >> level) - 1, node);
        if (begun) {
            model_parent(out, node, out);
        } else {
            memcpy(out, node, sizeof node);
            begun = true;
        }
    }
}

enum { GREAT_TXS = 2000 };

static void great_block(proof_history *world, const great_tree *tree, proof_block *block,
                        uint64_t height, const uint8_t *txs_root)
{
    model_hash history_root;
    great_root(tree, height, history_root);
    memcpy(block->txs_root, txs_root, 32);
    block->tx_count = GREAT_TXS;
    bc__put_le(block->sealed + 8, height, 8);
    bc__put_le(block->sealed + 88, height % PROOF_AUTHORITIES, 8);
    bc__put_le(block->sealed + 4, 2, 4);
    proof_content(block->sealed + 56, GREAT_TXS, txs_root, history_root);
    proof_seal(world, (uint64_t)(block - world->blocks));
}

static void check_great(proof_history *world, great_tree *tree, const uint8_t *tx_ids)
{
    bc__merkle_nodes nodes = {ask_great_node, tree};
    counting_heap counter = COUNTING_HEAP_ENDLESS;
    bc__heap heap = counting_heap_internal(&counter);
    for (uint8_t type = 1; type <= 4; type++) {
        const proof_block *later = &world->blocks[type == 1 ? 1 : 2];
        bc__bytes out;
        bc__bytes_init(&out, &heap, SIZE_MAX);
        bc__proof_source source = proof_source(world, type, 1, 2, 0);
        source.tx_ids = tx_ids;
        source.position = GREAT_TXS - 1;
        source.history = &nodes;
        tree->asked = 0;
        assert_int_equal(bc__ledger_write_proof(&out, &source, NULL), BC_OK);
        assert_true(out.length < 2048);
        assert_true(tree->asked < 120); /* gets of the store */
        const uint8_t *older_id = type == 3 ? world->blocks[1].id : NULL;
        bc_inclusion shown = BC_INCLUSION_INIT;
        assert_int_equal(
            proof_verdict(&world->params, &shown, out.data, out.length, older_id, later->id),
            BC_VERDICT_ACCEPTED);
        assert_int_equal(shown.height, bc__get_le(world->blocks[1].sealed + 8, 8));
        assert_int_equal(shown.later_height, bc__get_le(later->sealed + 8, 8));
        bc__bytes_free(&out);
    }
}

static void a_million_blocks_fit_in_2_kib(void **state)
{
    fixture *all = *state;
    static proof_history world;
    static uint8_t tx_ids[GREAT_TXS][32];
    static const uint64_t heights[][2] = {
        {0xaaaaa, 0xfffff}, {1, 1000000}, {999999, 1000000}, {524289, 1048575}, {699050, 1048574}};
    world = all->by_authority;
    world.ledger.authorities = world.authorities;
    world.params.of.ledger = &world.ledger;
    world.params.rules = &world.rules;
    model_hash txs_root;
    for (size_t i = 0; i < GREAT_TXS; i++) {
        test_random_fill(&world.random, tx_ids[i], 32);
    }
    memcpy(tx_ids[GREAT_TXS - 1], world.blocks[1].tx_ids[0], 32);
    model_root(txs_root, tx_ids[0], GREAT_TXS);
    for (size_t i = 0; i < sizeof heights / sizeof heights[0]; i++) {
        great_tree tree = {.special = heights[i][0]};
        memset(tree.uniform[0], 0xe1, 32);
        for (unsigned level = 1; level < 64; level++) {
            model_parent(tree.uniform[level], tree.uniform[level - 1], tree.uniform[level - 1]);
        }
        great_block(&world, &tree, &world.blocks[1], heights[i][0], txs_root);
        memcpy(tree.leaf, world.leaves[1], 32);
        great_block(&world, &tree, &world.blocks[2], heights[i][1], txs_root);
        check_great(&world, &tree, tx_ids[0]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_block_in_every_history),
        cmocka_unit_test(every_older_history_of_every_later_one),
        cmocka_unit_test(every_transaction_of_every_block),
        cmocka_unit_test(random_records_of_both_sealings),
        cmocka_unit_test(every_bit_counts),
        cmocka_unit_test(every_length_counts),
        cmocka_unit_test(every_node_of_a_path_counts),
        cmocka_unit_test(version_and_type_count),
        cmocka_unit_test(counts_at_their_bounds_are_refused),
        cmocka_unit_test(heights_are_the_place_in_the_history),
        cmocka_unit_test(a_transaction_must_be_one),
        cmocka_unit_test(other_histories_are_refused),
        cmocka_unit_test(running_out_of_memory_leaves_what_was_there),
        cmocka_unit_test(a_history_that_cannot_be_read_ends_writing),
        cmocka_unit_test(a_million_blocks_fit_in_2_kib),
    };
    return cmocka_run_group_tests(tests, begin, NULL);
}
