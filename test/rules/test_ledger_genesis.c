/* What parameters make: the first block and the network's id, subsidies, allocations, traits. */
#include "test/rules/ledger_documents.h"

#include <sodium.h>

#include "lib/hex.h"
#include "test/support/counting_heap.h"

/* ---- Genesis ---- */

enum { BEFORE_TX = 96 + 1 + 4, TX_FIXED = 160, PAYLOAD = BEFORE_TX + 96 };

static void put(uint8_t *to, uint64_t value, size_t bytes)
{
    for (size_t at = 0; at < bytes; at++) {
        to[at] = (uint8_t)(value >> (8 * at));
    }
}

/* The block as docs/ledger-rules.md lays it out, with libsodium's SHA-256; to be freed. */
static uint8_t *genesis_by_hand(size_t *length, const char *canonical, uint32_t bits, uint64_t time)
{
    size_t payload = strlen(canonical);
    *length = BEFORE_TX + TX_FIXED + payload;
    uint8_t *block = calloc(1, *length);
    assert_non_null(block);
    uint8_t *tx = block + BEFORE_TX;
    tx[0] = 1; /* version; kind 0, a reward; reserved 0 */
    put(tx + 4, payload, 4);
    memcpy(block + PAYLOAD, canonical, payload);
    block[97] = 1; /* one transaction, behind a seal of no bytes */

    uint8_t content[1 + 4 + 32 + 32] = {2, 1};
    uint8_t *leaf = malloc(1 + TX_FIXED + payload);
    assert_non_null(leaf);
    leaf[0] = 0;
    memcpy(leaf + 1, tx, TX_FIXED + payload);
    crypto_hash_sha256(content + 5, leaf, 1 + TX_FIXED + payload);
    crypto_hash_sha256(content + 37, NULL, 0);
    free(leaf);

    block[0] = 1;
    put(block + 4, bits, 4);
    put(block + 16, time, 8);
    crypto_hash_sha256(block + 56, content, sizeof content);
    return block;
}

static void expect_genesis(const document *of, uint32_t bits, const char *expected_id)
{
    bc_params *params = params_of(of);
    bc__heap heap = params->origin.heap;
    size_t json_length = 0;
    const char *json = bc_params_json(params, &json_length);
    bc__bytes block;
    bc__bytes_init(&block, &heap, SIZE_MAX);
    assert_int_equal(
        bc__ledger_write_genesis(&block, bc__ledger_of(params), json, json_length, NULL), BC_OK);
    size_t length = 0;
    uint8_t *by_hand = genesis_by_hand(&length, json, bits, 1700000000000);
    assert_int_equal(block.length, length);
    assert_memory_equal(block.data, by_hand, length);

    uint8_t id[BC_ID_BYTES];
    uint8_t expected[BC_ID_BYTES];
    bc_params_network_id(params, id);
    crypto_hash_sha256(expected, by_hand, 96);
    assert_memory_equal(id, expected, sizeof id);
    assert_true(bc__hex_decode(expected, expected_id, sizeof expected));
    assert_memory_equal(id, expected, sizeof id);
    free(by_hand);
    bc__bytes_free(&block);
    bc_params_unref(params);
}

/* The ids were worked out by Python's hashlib (test/sim/ledger_network.py). */
static void makes_genesis_of_the_parameters(void **state)
{
    (void)state;
    document of = fixed_ledger();
    expect_genesis(&of, 0x207fffff,
                   "22f62e19a9b5f2c156a0318621cff8576b8d596fb9d3a71c588837b2b04df816");
    of = asert_ledger();
    expect_genesis(&of, 0x1e00ffff,
                   "1550884fe414a2e54d05c88df538b56ced2d4cb1810642a87c69e94c3af0c468");
    of = authority_ledger();
    expect_genesis(&of, 1, "51e6e62df3d298f3cdaa46a733897bbe9088f7743e216d43290b6890a234800e");
}

static void puts_genesis_behind_what_is_there(void **state)
{
    (void)state;
    document of = fixed_ledger();
    bc_params *params = params_of(&of);
    bc__heap heap = params->origin.heap;
    const bc__ledger *ledger = bc__ledger_of(params);
    bc__bytes block;
    bc_error error = BC_ERROR_INIT;
    bc__bytes_init(&block, &heap, 2 + BEFORE_TX + TX_FIXED + 3);
    assert_int_equal(bc__bytes_append(&block, "ab", 2), BC__OK);
    assert_int_equal(bc__ledger_write_genesis(&block, ledger, "1234", 4, &error), BC_ERR_LIMIT);
    assert_int_equal(block.length, 2);
    assert_int_equal(bc__ledger_write_genesis(&block, ledger, "123", 3, &error), BC_OK);
    size_t length = 0;
    uint8_t *by_hand = genesis_by_hand(&length, "123", 0x207fffff, 1700000000000);
    assert_int_equal(block.length, 2 + length);
    assert_memory_equal(block.data, "ab", 2);
    assert_memory_equal(block.data + 2, by_hand, length);
    free(by_hand);
    bc__bytes_free(&block);
    bc_params_unref(params);
}

static void reads_genesis_as_a_block(void **state)
{
    (void)state;
    for (size_t kind = 0; kind < COUNT_OF(ledger_kinds); kind++) {
        document of = ledger_kinds[kind]();
        set_member(&of, "block_bytes", "1024"); /* less than genesis may have */
        set_member(&of, "allocations", "[[\"" KEY_2 "\",1],[\"" KEY_1 "\",2],[\"" KEY_3 "\",3]]");
        bc_params *params = params_of(&of);
        bc_block *block = NULL;
        assert_int_equal(bc__ledger_make_genesis(&block, params, 5, NULL), BC_OK);
        assert_memory_equal(block->id, params->origin.network_id, BC_ID_BYTES);
        assert_false(block->has_parent);
        assert_int_equal(block->claimed_height, 0);
        assert_true(block->time == 1700000000000000);
        assert_int_equal(block->tx_count, 1);
        assert_int_equal(block->bytes.length, BEFORE_TX + TX_FIXED + params->json.length);
        assert_memory_equal(block->bytes.data + PAYLOAD, params->json.data, params->json.length);
        bc_block_unref(block);
        bc_params_unref(params);
    }
}

static void makes_no_genesis_without_memory(void **state)
{
    (void)state;
    document of = fixed_ledger();
    char *json = json_of(&of);
    counting_heap counter = COUNTING_HEAP_ENDLESS;
    bc_allocator allocator = counting_heap_public(&counter);
    bc_params *params;
    assert_int_equal(parse_json(&params, json, strlen(json), &allocator, NULL), BC_OK);
    free(json);
    size_t held = counter.held;
    bc_status status = BC_ERR_MEMORY;
    for (size_t left = 0; status != BC_OK; left++) {
        bc_error error = BC_ERROR_INIT;
        bc_block *block = (bc_block *)&error; /* anything but NULL */
        counter.left = left;
        status = bc__ledger_make_genesis(&block, params, 0, &error);
        counter.left = SIZE_MAX;
        assert_true(status == BC_OK || (status == BC_ERR_MEMORY && block == NULL));
        assert_int_equal(error.code, status);
        bc_block_unref(block);
        assert_int_equal(counter.held, held);
    }
    bc_params_unref(params);
}

/* ---- The network's id ---- */

typedef struct change {
    ledger_kind kind;
    const char *name;
    const char *value;
} change;

static void each_member_makes_another_network(void **state)
{
    (void)state;
    static const change changes[] = {
        {asert_ledger, "name", "\"tesu\""},
        {asert_ledger, "time", "1700000000001"},
        {asert_ledger, "initial", "5001"},
        {asert_ledger, "halving", "101"},
        {asert_ledger, "block_bytes", "1048577"},
        {asert_ledger, "payload_bytes", "65537"},
        {asert_ledger, "minimum_fee", "1"},
        {asert_ledger, "future_limit", "119999"},
        {asert_ledger, "host_rules", "\"x\""},
        {asert_ledger, "allocations", "[[\"" KEY_1 "\",1]]"},
        {asert_ledger, "bits", "503382014"},
        {asert_ledger, "limit", "520159230"},
        {asert_ledger, "spacing", "600001"},
        {asert_ledger, "half_life", "172800001"},
        {authority_ledger, "authorities", "[\"" KEY_1 "\",\"" KEY_3 "\",\"" KEY_2 "\"]"},
        {authority_ledger, "authorities", "[\"" KEY_1 "\",\"" KEY_2 "\"]"},
        {authority_ledger, "period", "2001"},
    };
    static const change nothing[] = {
        /* the defaults, and what stands there already */
        {asert_ledger, "block_bytes", "1048576"}, {asert_ledger, "payload_bytes", "65536"},
        {asert_ledger, "minimum_fee", "0"},       {asert_ledger, "future_limit", "120000"},
        {asert_ledger, "host_rules", "\"\""},     {asert_ledger, "bits", "503382015"},
    };
    for (size_t at = 0; at < COUNT_OF(changes) + COUNT_OF(nothing); at++) {
        bool changed = at < COUNT_OF(changes);
        const change *one = changed ? &changes[at] : &nothing[at - COUNT_OF(changes)];
        document of = one->kind();
        bc_params *before = params_of(&of);
        set_member(&of, one->name, one->value);
        bc_params *after = params_of(&of);
        bool same = memcmp(before->origin.network_id, after->origin.network_id, BC_ID_BYTES) == 0;
        if (same == changed) {
            fail_msg("%s: the id is %s", one->name, same ? "the same" : "another");
        }
        bc_params_unref(after);
        bc_params_unref(before);
    }
}

/* ---- Allocations and subsidies ---- */

typedef struct seen_allocations {
    size_t count;
    size_t refused_at;
    uint8_t keys[3][32];
    uint64_t amounts[3];
} seen_allocations;

static bc_status see_allocation(void *context, const uint8_t key[32], uint64_t amount,
                                bc_error *error)
{
    seen_allocations *seen = context;
    assert_true(seen->count < COUNT_OF(seen->amounts));
    memcpy(seen->keys[seen->count], key, 32);
    seen->amounts[seen->count++] = amount;
    if (seen->count > seen->refused_at) {
        error->code = BC_ERR_STORE;
        return BC_ERR_STORE;
    }
    return BC_OK;
}

static void visits_the_allocations_in_order(void **state)
{
    (void)state;
    document of = fixed_ledger();
    bc_params *params = params_of(&of);
    seen_allocations seen = {.refused_at = 3};
    bc_error error = BC_ERROR_INIT;
    assert_int_equal(bc__ledger_each_allocation(params, see_allocation, &seen, &error), BC_OK);
    assert_int_equal(seen.count, 0);
    bc_params_unref(params);

    set_member(&of, "allocations",
               "[[\"" KEY_2 "\",1],[\"" KEY_1 "\",9000000000000000000],[\"" KEY_3 "\",3]]");
    params = params_of(&of);
    assert_int_equal(bc__ledger_each_allocation(params, see_allocation, &seen, &error), BC_OK);
    assert_int_equal(seen.count, 3);
    static const char *const keys[] = {KEY_2, KEY_1, KEY_3};
    static const uint64_t amounts[] = {1, 9000000000000000000u, 3};
    for (size_t at = 0; at < COUNT_OF(keys); at++) {
        uint8_t key[32];
        assert_true(bc__hex_decode(key, keys[at], sizeof key));
        assert_memory_equal(seen.keys[at], key, sizeof key);
        assert_true(seen.amounts[at] == amounts[at]);
    }
    seen = (seen_allocations){.refused_at = 1};
    assert_int_equal(bc__ledger_each_allocation(params, see_allocation, &seen, &error),
                     BC_ERR_STORE);
    assert_int_equal(seen.count, 2);
    assert_int_equal(error.code, BC_ERR_STORE);
    bc_params_unref(params);
}

static void halves_the_subsidy(void **state)
{
    (void)state;
    static const struct {
        uint64_t initial;
        uint64_t halving;
        uint64_t height;
        uint64_t subsidy;
    } cases[] = {
        {5000, 100, 0, 0}, /* genesis pays nobody */
        {5000, 100, 1, 5000},
        {5000, 100, 99, 5000},
        {5000, 100, 100, 2500},
        {5000, 100, 199, 2500},
        {5000, 100, 200, 1250},
        {5000, 100, 1200, 1}, /* 5000 / 4096 */
        {5000, 100, 1300, 0},
        {5000, 100, 6399, 0},
        {5000, 100, UINT64_MAX, 0},
        {0, 100, 1, 0},
        {INT64_MAX, 1, 1, INT64_MAX >> 1},
        {INT64_MAX, 1, 62, 1},
        {INT64_MAX, 1, 63, 0},
        {INT64_MAX, 1, 64, 0},
        {INT64_MAX, 1, 65, 0},
        {INT64_MAX, 1, 128, 0},
        {INT64_MAX, 10, 629, 1},
        {INT64_MAX, 10, 640, 0},
        {1, INT64_MAX, 1, 1},
        {1, INT64_MAX, INT64_MAX, 0},
        {1, INT64_MAX, INT64_MAX - 1, 1},
    };
    for (size_t at = 0; at < COUNT_OF(cases); at++) {
        bc__ledger ledger = {.initial = cases[at].initial, .halving = cases[at].halving};
        uint64_t subsidy = bc__ledger_subsidy(&ledger, cases[at].height);
        if (subsidy != cases[at].subsidy) {
            fail_msg("%zu: %llu", at, (unsigned long long)subsidy);
        }
    }
}

/* ---- Traits ---- */

static bc__traits traits_of(const document *of)
{
    bc_params *params = params_of(of);
    bc__traits traits;
    memset(&traits, 0xff, sizeof traits);
    bc__ledger_read_traits(params, &traits);
    traits.host_rules = NULL; /* which lives with params */
    bc_params_unref(params);
    return traits;
}

static void reads_the_traits_of_work(void **state)
{
    (void)state;
    for (size_t kind = 0; kind < 2; kind++) {
        document of = ledger_kinds[kind]();
        set_member(&of, "block_bytes", "4096");
        bc__traits traits = traits_of(&of);
        assert_int_equal(traits.ancestors, 11); /* of the median */
        assert_false(traits.smaller_id_wins);
        assert_true(traits.max_reorg_depth == BC_NONE);
        assert_int_equal(traits.block_bytes, 4096);
    }
}

static void reads_the_traits_of_authority(void **state)
{
    (void)state;
    static const struct {
        unsigned authorities;
        uint32_t ancestors;
        uint64_t depth;
    } cases[] = {{1, 11, 0},   {2, 11, 4},   {3, 11, 6},     {22, 11, 44},
                 {23, 11, 46}, {24, 12, 48}, {255, 127, 510}};
    for (size_t at = 0; at < COUNT_OF(cases); at++) {
        char list[255 * 67 + 2];
        char *to = list;
        for (unsigned one = 0; one < cases[at].authorities; one++) {
            uint8_t seed[32] = {1, (uint8_t)one};
            uint8_t key[32];
            char hex[65] = "";
            bc__public_key_of_seed(key, seed);
            bc__hex_encode(hex, key, sizeof key);
            to += sprintf(to, "%c\"%s\"", one == 0 ? '[' : ',', hex);
        }
        (void)strcpy(to, "]");
        document of = authority_ledger();
        set_member(&of, "authorities", list);
        bc__traits traits = traits_of(&of);
        assert_int_equal(traits.ancestors, cases[at].ancestors);
        assert_true(traits.smaller_id_wins);
        assert_true(traits.max_reorg_depth == cases[at].depth);
        assert_int_equal(traits.block_bytes, 1048576);
    }
}

static void names_the_rules_of_the_host(void **state)
{
    (void)state;
    document of = fixed_ledger();
    set_member(&of, "host_rules", "\"inventory 1\"");
    bc_params *params = params_of(&of);
    bc__traits traits;
    bc__ledger_read_traits(params, &traits);
    assert_string_equal(traits.host_rules, "inventory 1");
    bc_params_unref(params);
    set_member(&of, "host_rules", NULL);
    params = params_of(&of);
    bc__ledger_read_traits(params, &traits);
    assert_string_equal(traits.host_rules, "");
    bc_params_unref(params);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(makes_genesis_of_the_parameters),
        cmocka_unit_test(puts_genesis_behind_what_is_there),
        cmocka_unit_test(reads_genesis_as_a_block),
        cmocka_unit_test(makes_no_genesis_without_memory),
        cmocka_unit_test(each_member_makes_another_network),
        cmocka_unit_test(visits_the_allocations_in_order),
        cmocka_unit_test(halves_the_subsidy),
        cmocka_unit_test(reads_the_traits_of_work),
        cmocka_unit_test(reads_the_traits_of_authority),
        cmocka_unit_test(names_the_rules_of_the_host),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
