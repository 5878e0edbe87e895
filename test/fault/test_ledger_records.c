/* Records under the ledger's rules that are not what they were: a damaged body is mended by the block
 * itself alone, and bc_chain_verify finds what was forged with a good checksum. */
#include "src/api/handle.h"
#include "src/rules/ledger/ledger.h"
#include "test/support/ledger_world.h"

typedef struct bench {
    ledger_world world;
    test_store store;
    bc_chain *chain;
    uint32_t tip;
} bench;

static void reopen(bench *with)
{
    bc_options options = world_options(&with->world);
    if (with->chain != NULL) {
        fixture_close(with->chain);
    }
    with->chain = fixture_open(with->world.params, &with->store.outer, &options);
}

static void setup(bench *with, const world_network *network)
{
    memset(with, 0, sizeof *with);
    world_begin(&with->world, network, NULL);
    test_store_init(&with->store);
    reopen(with);
    with->tip = world_pay(&with->world, 0, 1, 2, 10, 0);
    with->tip = world_pay(&with->world, with->tip, 2, 3, 10, 0);
    world_submit_path(&with->world, with->chain, 0, with->tip, BC_VERDICT_ACCEPTED);
}

static void teardown(bench *with)
{
    fixture_close(with->chain);
    test_store_free(&with->store);
    world_end(&with->world);
}

static bc__key body_key(const bench *with, uint32_t node)
{
    return bc__key_of_id(BC__KEY_BODY, with->world.nodes[node].block->id);
}

/* Writes junk in the place of the body, and lets the chain find that. */
static void damage(bench *with, uint32_t node)
{
    bc__key key = body_key(with, node);
    bc_block *block;
    test_store_put(&with->store, key.bytes, key.length, (const uint8_t *)"junk", 4);
    reopen(with);
    assert_int_equal(bc_chain_block(with->chain, &block, with->world.nodes[node].block->id, NULL),
                     BC_ERR_DAMAGED);
}

/* A copy of the block with one of its bytes changed. */
static bc_block *changed(const bench *with, uint32_t node, size_t at)
{
    size_t length;
    const uint8_t *bytes = bc_block_bytes(with->world.nodes[node].block, &length);
    uint8_t *copy = malloc(length);
    bc_block *block;
    assert_non_null(copy);
    memcpy(copy, bytes, length);
    copy[at] ^= 1;
    assert_int_equal(bc_block_parse(&block, with->world.params, copy, length, NULL), BC_OK);
    free(copy);
    return block;
}

/* The same with a seal of 64 bytes in the place of none. */
static bc_block *sealed_anyhow(const bench *with, uint32_t node)
{
    size_t length;
    const uint8_t *bytes = bc_block_bytes(with->world.nodes[node].block, &length);
    uint8_t *copy = calloc(1, length + BC__SEAL_BYTES);
    bc_block *block;
    assert_non_null(copy);
    memcpy(copy, bytes, BC__HEADER_BYTES);
    copy[BC__HEADER_BYTES] = BC__SEAL_BYTES;
    memcpy(copy + BC__SEALED_BYTES_MAX, bytes + BC__HEADER_BYTES + 1,
           length - BC__HEADER_BYTES - 1);
    assert_int_equal(
        bc_block_parse(&block, with->world.params, copy, length + BC__SEAL_BYTES, NULL), BC_OK);
    free(copy);
    return block;
}

/* Takes `other` as known, and mends nothing by it. */
static void assert_not_mended_by(bench *with, uint32_t node, bc_block *other)
{
    bc_block *block;
    fixture_submit(with->chain, other, BC_VERDICT_KNOWN, BC_REASON_KNOWN);
    assert_int_equal(bc_chain_block(with->chain, &block, with->world.nodes[node].block->id, NULL),
                     BC_ERR_DAMAGED);
    bc_block_unref(other);
}

static void assert_mended(bench *with, uint32_t node)
{
    bc_block *block;
    world_submit(&with->world, with->chain, node, BC_VERDICT_KNOWN, BC_REASON_KNOWN);
    reopen(with);
    assert_int_equal(bc_chain_block(with->chain, &block, with->world.nodes[node].block->id, NULL),
                     BC_OK);
    assert_int_equal(block->bytes.length, with->world.nodes[node].block->bytes.length);
    assert_memory_equal(block->bytes.data, with->world.nodes[node].block->bytes.data,
                        block->bytes.length);
    bc_block_unref(block);
    assert_int_equal(bc_chain_verify(with->chain, NULL, NULL, NULL, NULL), BC_OK);
}

static void another_seal_mends_nothing(void **state)
{
    (void)state;
    const world_network network = WORLD_BY_AUTHORITIES(1);
    bench with;
    setup(&with, &network);
    damage(&with, with.tip);
    assert_not_mended_by(&with, with.tip, changed(&with, with.tip, BC__HEADER_BYTES + 1 + 63));
    assert_mended(&with, with.tip);
    teardown(&with);
}

static void a_seal_where_none_stands_mends_nothing(void **state)
{
    (void)state;
    const world_network network = WORLD_BY_WORK;
    bench with;
    setup(&with, &network);
    damage(&with, with.tip);
    assert_not_mended_by(&with, with.tip, sealed_anyhow(&with, with.tip));
    assert_mended(&with, with.tip);
    teardown(&with);
}

static void another_body_mends_nothing(void **state)
{
    (void)state;
    const world_network network = WORLD_BY_WORK;
    bench with;
    setup(&with, &network);
    damage(&with, with.tip);
    assert_not_mended_by(&with, with.tip, world_tamper(&with.world, with.tip));
    assert_mended(&with, with.tip);
    teardown(&with);
}

static void nor_does_another_body_of_genesis(void **state)
{
    (void)state;
    const world_network network = WORLD_BY_WORK;
    bench with;
    size_t length = 0;
    setup(&with, &network);
    (void)bc_block_bytes(with.world.nodes[0].block, &length);
    damage(&with, 0);
    assert_not_mended_by(&with, 0, changed(&with, 0, length - BC__SIGNATURE_BYTES - 1));
    assert_mended(&with, 0);
    teardown(&with);
}

/* ---- bc_chain_verify ---- */

/* Writes a value with a good checksum, as whoever has the file could; NULL removes it. */
static void forge(bench *with, const bc__key *key, const uint8_t *value, size_t length)
{
    bc__engine *engine = &with->chain->engine;
    assert_int_equal(bc__engine_enter(engine, NULL), BC_OK);
    assert_int_equal(value == NULL ? bc__database_remove(&engine->database, key, NULL)
                                   : bc__database_put(&engine->database, key, value, length, NULL),
                     BC_OK);
    assert_int_equal(bc__database_commit(&engine->database, NULL), BC_OK);
    bc__engine_leave(engine);
    reopen(with);
}

static void assert_found(bench *with, uint64_t height, const char *part)
{
    bc_error error = BC_ERROR_INIT;
    uint64_t position;
    assert_int_equal(bc_chain_verify(with->chain, &position, NULL, NULL, &error), BC_ERR_DAMAGED);
    assert_int_equal(position, height);
    if (strstr(error.message, part) == NULL) {
        fail_msg("\"%s\" does not say \"%s\"", error.message, part);
    }
}

/* The value as it lies, without its checksum. */
static void read_value(bench *with, const bc__key *key, bc__bytes *value)
{
    bc__engine *engine = &with->chain->engine;
    bc__bytes_init(value, bc__engine_heap(engine), SIZE_MAX);
    assert_int_equal(bc__engine_enter(engine, NULL), BC_OK);
    assert_int_equal(bc__database_get(&engine->database, key, value, NULL), BC_OK);
    bc__engine_leave(engine);
}

/* Changes that byte, and puts it right again. */
static void forge_byte(bench *with, const bc__key *key, size_t at, uint64_t height,
                       const char *part)
{
    bc__bytes value;
    read_value(with, key, &value);
    assert_true(at < value.length);
    value.data[at] ^= 1;
    forge(with, key, value.data, value.length);
    assert_found(with, height, part);
    value.data[at] ^= 1;
    forge(with, key, value.data, value.length);
    assert_int_equal(bc_chain_verify(with->chain, NULL, NULL, NULL, NULL), BC_OK);
    bc__bytes_free(&value);
}

static void verifying_finds_another_genesis(void **state)
{
    (void)state;
    const world_network network = WORLD_BY_WORK;
    bench with;
    setup(&with, &network);
    bc__key key = body_key(&with, 0);
    forge_byte(&with, &key, with.world.nodes[0].block->bytes.length - BC__SIGNATURE_BYTES - 1, 0,
               "not the network's genesis");
    teardown(&with);
}

static void verifying_finds_a_forged_header_record(void **state)
{
    (void)state;
    const world_network network = WORLD_BY_AUTHORITIES(1);
    bench with;
    bc__bytes value;
    setup(&with, &network);
    const bc_block *block = with.world.nodes[with.tip].block;
    bc__key key = bc__key_of_header(2, block->id);
    read_value(&with, &key, &value);
    size_t seal = 0; /* where it lies in the record */
    while (memcmp(value.data + seal, block->bytes.data, BC__SEALED_BYTES_MAX) != 0) {
        seal++;
    }
    bc__bytes_free(&value);
    forge_byte(&with, &key, seal + BC__SEALED_BYTES_MAX - 1, 2, "the sealed header of the block");
    bc__header_record record = {.height = 0};
    read_value(&with, &key, &value);
    assert_true(bc__header_record_read(&record, key.bytes, key.length, value.data, value.length));
    uint8_t forged[BC__HEADER_RECORD_BYTES_MAX];
    record.work[31]++;
    forge(&with, &key, forged, bc__header_record_write(forged, &record));
    assert_found(&with, 2, "the work of the block");
    record.work[31]--;
    record.time++;
    forge(&with, &key, forged, bc__header_record_write(forged, &record));
    assert_found(&with, 2, "the time of the block");
    bc__bytes_free(&value);
    teardown(&with);
}

static void verifying_finds_what_would_undo_something_else(void **state)
{
    (void)state;
    const world_network network = WORLD_BY_WORK;
    bench with;
    setup(&with, &network);
    /* Writes the accounts away, so that opening has nothing to redo. */
    assert_int_equal(bc_chain_verify(with.chain, NULL, NULL, NULL, NULL), BC_OK);
    bc__key key = bc__key_of_id(BC__KEY_DELTA, with.world.nodes[with.tip].block->id);
    forge_byte(&with, &key, 4 + 32, 2, "changed of the accounts");
    forge(&with, &key, NULL, 0);
    assert_found(&with, 2, "changed of the accounts");
    teardown(&with);
}

static void verifying_finds_a_lost_or_wrong_place_of_a_transaction(void **state)
{
    (void)state;
    const world_network network = WORLD_BY_WORK;
    bench with;
    setup(&with, &network);
    const bc__engine *engine = &with.chain->engine;
    const bc_block *block = with.world.nodes[with.tip].block;
    uint64_t sequence = bc__tree_node(&engine->tree, bc__tree_tip(&engine->tree))->sequence;
    bc__key key = bc__key_of_tx(block->tx_ids[1], sequence);
    forge_byte(&with, &key, BC__TX_RECORD_BYTES - 1, 2, "the place of a transaction");
    forge(&with, &key, NULL, 0);
    assert_found(&with, 2, "the place of a transaction");
    teardown(&with);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(another_seal_mends_nothing),
        cmocka_unit_test(a_seal_where_none_stands_mends_nothing),
        cmocka_unit_test(another_body_mends_nothing),
        cmocka_unit_test(nor_does_another_body_of_genesis),
        cmocka_unit_test(verifying_finds_another_genesis),
        cmocka_unit_test(verifying_finds_a_forged_header_record),
        cmocka_unit_test(verifying_finds_what_would_undo_something_else),
        cmocka_unit_test(verifying_finds_a_lost_or_wrong_place_of_a_transaction),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
