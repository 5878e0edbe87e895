/* Stores whose bytes are not what was put there, and stores that are not ours: noticed, refused, and not
 * written to. */
#include "test/support/engine_fixture.h"
#include "test/support/test_store.h"

#include "src/base/origin.h"
#include "src/store/database.h"

enum { BLOCKS = 4 };

typedef struct bench {
    bc_params *params;
    test_store base;
    test_store store;
} bench;

static void setup(bench *with)
{
    memset(with, 0, sizeof *with);
    with->params = fixture_params(0, NULL);
    test_store_init(&with->base);
    test_store_init(&with->store);
    bc_chain *chain = fixture_open(with->params, &with->base.outer, NULL);
    for (unsigned at = 1; at < BLOCKS; at++) {
        fixture_submit_tx(chain, with->params, at);
        fixture_mine(chain);
    }
    fixture_submit_tx(chain, with->params, 8);
    fixture_submit_tx(chain, with->params, 9);
    assert_int_equal(bc_chain_set_value(chain, "v", (const uint8_t *)"12", 2, NULL), BC_OK);
    assert_int_equal(bc_chain_add_peer(chain, "a:1", NULL), BC_OK);
    assert_int_equal(bc_chain_add_peer(chain, "b:1", NULL), BC_OK);
    fixture_close(chain);
    test_store_copy(&with->store, &with->base);
}

static void teardown(bench *with)
{
    test_store_free(&with->base);
    test_store_free(&with->store);
    bc_params_unref(with->params);
}

/* What opening and then reading everything gives, the first failure of it. A store that is refused is
 * as it was. */
static bc_status read_all(bench *with, bc_error *error)
{
    bc_options options = BC_OPTIONS_INIT;
    test_store before;
    bc_chain *chain;
    options.store = &with->store.outer;
    options.cache_bytes = 1;
    test_store_init(&before);
    test_store_copy(&before, &with->store);
    memset(error, 0, sizeof *error);
    bc_status status = bc_chain_open(&chain, with->params, &options, error);
    if (status == BC_OK) {
        bc_buffer *value;
        status = bc_chain_verify(chain, NULL, NULL, NULL, error);
        if (status == BC_OK) {
            status = bc_chain_value(chain, &value, "v", error);
            bc_buffer_unref(value);
        }
        if (status == BC_OK) {
            bc_block *block;
            status = bc_chain_block_at(chain, &block, BLOCKS - 1, error);
            bc_block_unref(block);
        }
        assert_int_equal(bc_chain_close(chain, NULL), BC_OK);
    }
    assert_true(test_store_equal(&before, &with->store));
    assert_true(status == BC_OK || error->message[0] != '\0');
    test_store_free(&before);
    return status;
}

typedef struct entry {
    uint8_t key[BC_KEY_BYTES_MAX];
    size_t key_length;
    uint8_t *value;
    size_t value_length;
} entry;

static bool read_entry(test_store *store, size_t at, entry *out)
{
    return test_store_entry(store, at, out->key, &out->key_length, &out->value, &out->value_length);
}

static void put(bench *with, const entry *to, const uint8_t *value, size_t length)
{
    test_store_put(&with->store, to->key, to->key_length, value, length);
}

static void assert_damaged(bench *with, const char *what, const entry *of, size_t detail)
{
    bc_error error;
    bc_status status = read_all(with, &error);
    if (status != BC_ERR_DAMAGED) {
        fail_msg("%s of '%c', %zu: %s", what, of->key[0], detail, bc_status_name(status));
    }
    put(with, of, of->value, of->value_length);
}

static void every_byte_of_a_value_counts(void **state)
{
    (void)state;
    bench with;
    entry found;
    bc_error error;
    setup(&with);
    assert_int_equal(read_all(&with, &error), BC_OK);
    for (size_t at = 0; read_entry(&with.base, at, &found); at++) {
        for (size_t byte = 0; byte < found.value_length; byte++) {
            found.value[byte] ^= (uint8_t)(1u << (byte % 8));
            put(&with, &found, found.value, found.value_length);
            found.value[byte] ^= (uint8_t)(1u << (byte % 8));
            assert_damaged(&with, "a flipped bit", &found, byte);
        }
        free(found.value);
    }
    teardown(&with);
}

static void values_cut_short_or_grown_are_noticed(void **state)
{
    (void)state;
    bench with;
    entry found;
    setup(&with);
    for (size_t at = 0; read_entry(&with.base, at, &found); at++) {
        const size_t lengths[] = {0, 1, 7, 8, found.value_length - 1};
        for (size_t cut = 0; cut < sizeof lengths / sizeof lengths[0]; cut++) {
            put(&with, &found, found.value, lengths[cut]);
            assert_damaged(&with, "a value cut short", &found, lengths[cut]);
        }
        uint8_t *grown = calloc(1, found.value_length + 1);
        assert_non_null(grown);
        memcpy(grown, found.value, found.value_length);
        put(&with, &found, grown, found.value_length + 1);
        free(grown);
        assert_damaged(&with, "a value grown", &found, 1);
        free(found.value);
    }
    teardown(&with);
}

static void values_under_a_wrong_key_are_noticed(void **state)
{
    (void)state;
    bench with;
    entry found;
    entry next;
    setup(&with);
    for (size_t at = 0; read_entry(&with.base, at, &found); at++) {
        if (read_entry(&with.base, at + 1, &next)) {
            put(&with, &found, next.value, next.value_length);
            assert_damaged(&with, "another's value", &found, 0);
            free(next.value);
        }
        free(found.value);
    }
    teardown(&with);
}

static void what_is_missing_is_noticed(void **state)
{
    (void)state;
    bench with;
    entry found;
    setup(&with);
    for (size_t at = 0; read_entry(&with.base, at, &found); at++) {
        if (strchr("mthb", found.key[0]) != NULL) {
            test_store_remove(&with.store, found.key, found.key_length);
            assert_damaged(&with, "a missing value", &found, 0);
        }
        free(found.value);
    }
    teardown(&with);
}

/* Removes the body of the block at that height and gives the block. */
static bc_block *lose_body(bench *with, uint64_t height)
{
    bc_chain *chain = fixture_open(with->params, &with->store.outer, NULL);
    bc_block *block = fixture_at(chain, height);
    uint8_t id[BC_ID_BYTES];
    fixture_close(chain);
    bc_block_id(block, id);
    bc__key key = bc__key_of_id(BC__KEY_BODY, id);
    test_store_remove(&with->store, key.bytes, key.length);
    return block;
}

static void expect_whole(bench *with, bool whole)
{
    bc_error error = BC_ERROR_INIT;
    assert_int_equal(read_all(with, &error), whole ? BC_OK : BC_ERR_DAMAGED);
}

/* A block whose bytes went bad is mended by the same block handed in, once somebody missed it. */
static void a_damaged_block_is_mended_by_its_like(void **state)
{
    (void)state;
    bench with;
    setup(&with);
    bc_block *lost = lose_body(&with, 2);
    bc_options options = BC_OPTIONS_INIT;
    options.cache_bytes = 1;
    bc_chain *chain = fixture_open(with.params, &with.store.outer, &options);
    uint64_t position;
    assert_int_equal(bc_chain_verify(chain, &position, NULL, NULL, NULL), BC_ERR_DAMAGED);
    assert_int_equal(position, 2);
    test_store_plan(&with.store, TEST_STORE_COMMIT, 1, false, BC_ERR_STORE, false);
    assert_int_equal(bc_chain_submit(chain, NULL, NULL, lost, NULL), BC_ERR_STORE);
    test_store_calm(&with.store);
    assert_int_equal(bc_chain_verify(chain, NULL, NULL, NULL, NULL), BC_ERR_DAMAGED);
    fixture_submit(chain, lost, BC_VERDICT_KNOWN, BC_REASON_KNOWN);
    assert_int_equal(bc_chain_verify(chain, NULL, NULL, NULL, NULL), BC_OK);
    fixture_close(chain);
    expect_whole(&with, true);
    bc_block_unref(lost);
    teardown(&with);
}

/* And by a peer's chain that is taken over and holds it. */
static void a_damaged_block_is_mended_by_a_whole_chain(void **state)
{
    (void)state;
    bench with;
    setup(&with);
    bc_block *blocks[BLOCKS + 1];
    bc_chain *chain = fixture_open(with.params, &with.store.outer, NULL);
    for (size_t at = 0; at < BLOCKS; at++) {
        blocks[at] = fixture_at(chain, at);
    }
    fixture_close(chain);
    fixture_branch(with.params, &blocks[BLOCKS], 1, blocks[BLOCKS - 1], 7);
    bc_block_unref(lose_body(&with, 1));
    expect_whole(&with, false);
    chain = fixture_open(with.params, &with.store.outer, NULL);
    bc_block *none;
    assert_int_equal(bc_chain_block_at(chain, &none, 1, NULL), BC_ERR_DAMAGED);
    fixture_submit_chain(chain, blocks, BLOCKS + 1, BC_VERDICT_ACCEPTED, BC_REASON_NONE);
    fixture_close(chain);
    expect_whole(&with, true);
    fixture_unref_all(blocks, BLOCKS + 1);
    teardown(&with);
}

static void another_networks_store_is_refused(void **state)
{
    (void)state;
    bench with;
    bc_error error;
    setup(&with);
    bc_params *ours = with.params;
    with.params = fixture_params(3, NULL);
    assert_int_equal(read_all(&with, &error), BC_ERR_UNSUPPORTED);
    char expected[64];
    uint8_t id[BC_ID_BYTES];
    bc_params_network_id(ours, id);
    (void)snprintf(expected, sizeof expected,
                   "another network, whose id begins with %02x%02x%02x%02x", id[0], id[1], id[2],
                   id[3]);
    assert_non_null(strstr(error.message, expected));
    assert_non_null(strstr(error.message, "\"zeros\":0"));
    assert_int_equal(with.store.closes, 1);
    bc_params_unref(with.params);
    with.params = ours;
    teardown(&with);
}

/* Writes with a good checksum, past the engine. */
static void write_through(bench *with, const bc__key *key, const void *value, size_t length)
{
    bc__database database;
    bc__heap heap;
    assert_int_equal(bc__heap_from_allocator(&heap, NULL, NULL), BC_OK);
    bc__database_init(&database, &with->store.outer, &heap);
    assert_int_equal(bc__database_put(&database, key, value, length, NULL), BC_OK);
    assert_int_equal(bc__database_commit(&database, NULL), BC_OK);
    bc__database_close(&database);
}

static void a_newer_schema_is_refused(void **state)
{
    (void)state;
    bench with;
    bc_error error;
    uint8_t meta[BC__META_RECORD_BYTES];
    uint8_t network[BC_ID_BYTES];
    setup(&with);
    bc_params_network_id(with.params, network);
    bc__meta_record_write(meta, BC__SCHEMA_VERSION + 1, network);
    bc__key key = bc__key_of(BC__KEY_META);
    write_through(&with, &key, meta, sizeof meta);
    assert_int_equal(read_all(&with, &error), BC_ERR_UNSUPPORTED);
    assert_non_null(strstr(error.message, "schema version 2"));
    teardown(&with);
}

static void a_foreign_store_is_refused(void **state)
{
    (void)state;
    bc_error error;
    for (unsigned good = 0; good < 2; good++) {
        bench with;
        setup(&with);
        test_store_free(&with.store);
        test_store_init(&with.store);
        if (good != 0) {
            bc__key key = bc__key_of(BC__KEY_TIP);
            write_through(&with, &key, "x", 1);
        } else {
            test_store_put(&with.store, (const uint8_t *)"\x01k", 2, (const uint8_t *)"v", 1);
        }
        assert_int_equal(read_all(&with, &error), BC_ERR_DAMAGED);
        assert_non_null(strstr(error.message, "not empty"));
        teardown(&with);
    }
}

/* Good checksums around records that no libbc writes. */
static void records_of_unknown_form_are_refused(void **state)
{
    (void)state;
    uint8_t bytes[128];
    memset(bytes, 0xff, sizeof bytes);
    const struct {
        bc__key key;
        size_t length;
    } strange[] = {
        {bc__key_of(BC__KEY_META), 3},
        {bc__key_of(BC__KEY_META), 0},
        {bc__key_of(BC__KEY_TIP), 39},
        {bc__key_of(BC__KEY_TIP), 40},
        {bc__key_of(BC__KEY_STAGED), 15},
        {bc__key_of_name(BC__KEY_HEADER, "short"), 81},
        {bc__key_of_header(1, bytes), 80},
        {bc__key_of_header(1, bytes), 81},
        {bc__key_of_number(BC__KEY_WAITING, 1), 0},
        {bc__key_of_number(BC__KEY_WAITING, 1), 1},
        {bc__key_of_name(BC__KEY_WAITING, "short"), 5},
        {bc__key_of_number(BC__KEY_PEER, 1), 0},
        {bc__key_of_name(BC__KEY_PEER, "short"), 5},
    };
    for (size_t at = 0; at < sizeof strange / sizeof strange[0]; at++) {
        bench with;
        bc_error error;
        setup(&with);
        write_through(&with, &strange[at].key, bytes, strange[at].length);
        bc_status status = read_all(&with, &error);
        if (status != BC_ERR_DAMAGED) {
            fail_msg("record %zu: %s", at, bc_status_name(status));
        }
        teardown(&with);
    }
    bench with;
    bc_error error;
    setup(&with);
    bc__key key = bc__key_of_number(BC__KEY_WAITING, 1);
    write_through(&with, &key, "\0{no JSON", 9);
    assert_int_equal(read_all(&with, &error), BC_ERR_DAMAGED);
    teardown(&with);
}

enum { TWICE, BACKWARDS, HEEDLESS };

/* A store whose scan breaks its contract. */
typedef struct strange_scan {
    bc_store inner;
    int how; /* TWICE, BACKWARDS or HEEDLESS */
    bc_visit_fn visit;
    void *context;
    entry kept[64];
    size_t kept_count;
} strange_scan;

static bc_status keep(void *context, const uint8_t *key, size_t key_length, const uint8_t *value,
                      size_t value_length)
{
    strange_scan *with = context;
    entry *kept = &with->kept[with->kept_count++];
    assert_true(with->kept_count <= 64);
    memcpy(kept->key, key, key_length);
    kept->key_length = key_length;
    kept->value = malloc(value_length + 1);
    assert_non_null(kept->value);
    memcpy(kept->value, value, value_length);
    kept->value_length = value_length;
    return BC_OK;
}

static bc_status visit_kept(strange_scan *with, size_t at)
{
    entry *kept = &with->kept[at];
    if (with->how == HEEDLESS && at == 0) {
        kept->value[0] ^= 1;
    }
    bc_status status =
        with->visit(with->context, kept->key, kept->key_length, kept->value, kept->value_length);
    return with->how == HEEDLESS ? BC_OK : status;
}

static bc_status scan_strangely(void *context, const uint8_t *prefix, size_t prefix_length,
                                const uint8_t *after, size_t after_length, bc_visit_fn visit,
                                void *visit_context, bc_error *error)
{
    test_store *store = context;
    strange_scan *with = store->before_context;
    bc_status status = BC_OK;
    with->visit = visit;
    with->context = visit_context;
    with->kept_count = 0;
    (void)store->inner.scan(store->inner.context, prefix, prefix_length, after, after_length, keep,
                            with, error);
    for (size_t at = 0; status == BC_OK && at < with->kept_count; at++) {
        size_t pick = with->how == BACKWARDS ? with->kept_count - 1 - at : at;
        status = visit_kept(with, pick);
        if (status == BC_OK && with->how == TWICE) {
            status = visit_kept(with, pick);
        }
    }
    for (size_t at = 0; at < with->kept_count; at++) {
        free(with->kept[at].value);
    }
    return status;
}

static void a_scan_that_breaks_its_contract_is_noticed(void **state)
{
    (void)state;
    for (int how = TWICE; how <= HEEDLESS; how++) {
        bench with;
        bc_error error;
        strange_scan strange = {.how = how};
        setup(&with);
        with.store.before_context = &strange;
        with.store.outer.scan = scan_strangely;
        assert_int_equal(read_all(&with, &error), BC_ERR_DAMAGED);
        teardown(&with);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_byte_of_a_value_counts),
        cmocka_unit_test(values_cut_short_or_grown_are_noticed),
        cmocka_unit_test(values_under_a_wrong_key_are_noticed),
        cmocka_unit_test(what_is_missing_is_noticed),
        cmocka_unit_test(a_damaged_block_is_mended_by_its_like),
        cmocka_unit_test(a_damaged_block_is_mended_by_a_whole_chain),
        cmocka_unit_test(another_networks_store_is_refused),
        cmocka_unit_test(a_newer_schema_is_refused),
        cmocka_unit_test(a_foreign_store_is_refused),
        cmocka_unit_test(records_of_unknown_form_are_refused),
        cmocka_unit_test(a_scan_that_breaks_its_contract_is_noticed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
