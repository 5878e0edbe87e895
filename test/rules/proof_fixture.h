/* Small histories of the ledger's rules, made by hand, and their Merkle proofs, put together from the
 * rules (docs/ledger-rules.md) with the trees of merkle_model.h: what the library's are compared with. */
#ifndef BC_TEST_RULES_PROOF_FIXTURE_H
#define BC_TEST_RULES_PROOF_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/integers.h"
#include "src/rules/ledger/ledger.h"
#include "src/rules/ledger/proof.h"
#include "test/block/merkle_model.h"
#include "test/support/random.h"

enum {
    PROOF_BLOCKS = 65, /* heights 0 to 64 */
    PROOF_TXS_MOST = 9,
    PROOF_PAYLOAD_MOST = 5,
    PROOF_AUTHORITIES = 3,
    PROOF_BITS = 0x207fffff, /* every other id holds */
    PROOF_BYTES_MOST = 8192,
};

typedef struct proof_tx {
    size_t length;
    uint8_t bytes[BC__TX_FIXED_BYTES + PROOF_PAYLOAD_MOST];
} proof_tx;

typedef struct proof_block {
    uint8_t sealed[BC__SEALED_BYTES_MAX];
    size_t sealed_length;
    uint8_t id[BC_ID_BYTES];
    uint32_t tx_count;
    proof_tx txs[PROOF_TXS_MOST];
    model_hash tx_ids[PROOF_TXS_MOST];
    model_hash txs_root;
    model_hash history_root;
} proof_block;

typedef struct proof_history {
    proof_block blocks[PROOF_BLOCKS];
    model_hash leaves[PROOF_BLOCKS]; /* of the headers */
    bc__merkle_leaves held;
    bc__merkle_nodes nodes;
    bc__ledger ledger;
    uint8_t seeds[PROOF_AUTHORITIES][BC__SEED_BYTES];
    uint8_t authorities[PROOF_AUTHORITIES][BC__PUBLIC_KEY_BYTES];
    bc__rules rules;
    bc_params params;
    test_random random;
} proof_history;

static inline void proof_leaf(model_hash out, const uint8_t *bytes, size_t length)
{
    bc__sha256_state state;
    bc__sha256_init(&state);
    bc__sha256_update(&state, "\x00", 1);
    bc__sha256_update(&state, bytes, length);
    bc__sha256_final(&state, out);
}

/* A reward, or a signed transaction whose signature is nobody's: no proof looks at it. */
static inline void proof_fill_tx(proof_history *world, proof_tx *tx, uint64_t height, bool reward)
{
    uint8_t key[3][BC__SIGNATURE_BYTES];
    test_random_fill(&world->random, key[0], sizeof key);
    bc__ledger_tx fields = {
        .kind = reward ? BC_TX_REWARD : BC_TX_SIGNED,
        .payload_length = (uint32_t)test_random_below(&world->random, PROOF_PAYLOAD_MOST + 1),
        .nonce = height,
        .amount = test_random_next(&world->random),
        .fee = reward ? 0 : 7,
    };
    bc__put_le(tx->bytes, 1, 1);
    bc__put_le(tx->bytes + 1, fields.kind, 3);
    bc__put_le(tx->bytes + 4, fields.payload_length, 4);
    bc__put_le(tx->bytes + 8, fields.nonce, 8);
    bc__put_le(tx->bytes + 16, fields.amount, 8);
    bc__put_le(tx->bytes + 24, fields.fee, 8);
    memset(tx->bytes + 32, 0, 32);
    memcpy(tx->bytes + 64, key[0], 32);
    memset(tx->bytes + 96, 'p', fields.payload_length);
    memset(tx->bytes + 96 + fields.payload_length, 0, BC__SIGNATURE_BYTES);
    if (!reward) {
        memcpy(tx->bytes + 32, key[1], 32);
        memcpy(tx->bytes + 96 + fields.payload_length, key[2], BC__SIGNATURE_BYTES);
    }
    tx->length = 160 + fields.payload_length;
}

static inline void proof_content(model_hash out, uint32_t count, const model_hash txs_root,
                                 const model_hash history_root)
{
    uint8_t bytes[1 + 4 + 64] = {2};
    bc__put_le(bytes + 1, count, 4);
    memcpy(bytes + 5, txs_root, 32);
    memcpy(bytes + 37, history_root, 32);
    bc__sha256(out, bytes, sizeof bytes);
}

/* Signs what the header says, or searches its nonce, and hashes it. */
static inline void proof_seal(proof_history *world, uint64_t height)
{
    proof_block *block = &world->blocks[height];
    uint64_t nonce = 0;
    block->sealed_length = BC__HEADER_BYTES + 1;
    block->sealed[BC__HEADER_BYTES] = 0;
    if (height > 0 && world->ledger.by_authority) {
        static const char purpose[] = "libbc ledger seal 1";
        uint8_t message[32];
        bc__sha256_state state;
        nonce = bc__get_le(block->sealed + 88, 8);
        bc__sha256_init(&state);
        bc__sha256_update(&state, purpose, sizeof purpose - 1);
        bc__sha256_update(&state, world->params.origin.network_id, 32);
        bc__sha256_update(&state, block->sealed, BC__HEADER_BYTES);
        bc__sha256_final(&state, message);
        block->sealed[BC__HEADER_BYTES] = 64;
        block->sealed_length += 64;
        bc__signature_sign(block->sealed + BC__HEADER_BYTES + 1,
                           world->seeds[nonce % PROOF_AUTHORITIES], message, sizeof message);
    }
    bc__sha256(block->id, block->sealed, BC__HEADER_BYTES);
    while (height > 0 && !world->ledger.by_authority && block->id[0] > 0x7e) {
        bc__put_le(block->sealed + 88, ++nonce, 8);
        bc__sha256(block->id, block->sealed, BC__HEADER_BYTES);
    }
    proof_leaf(world->leaves[height], block->sealed, BC__HEADER_BYTES);
}

static inline void proof_make_block(proof_history *world, uint64_t height, uint32_t tx_count)
{
    proof_block *block = &world->blocks[height];
    uint32_t bits = PROOF_BITS;
    uint64_t nonce = 0;
    block->tx_count = tx_count;
    for (uint32_t at = 0; at < tx_count; at++) {
        proof_fill_tx(world, &block->txs[at], height, at == 0);
        proof_leaf(block->tx_ids[at], block->txs[at].bytes, block->txs[at].length);
    }
    if (world->ledger.by_authority) {
        nonce = height > 0 ? test_random_below(&world->random, PROOF_AUTHORITIES) : 0;
        bits = height > 0 && height % PROOF_AUTHORITIES == nonce ? 2 : 1;
    }
    model_root(block->txs_root, block->tx_ids[0], tx_count);
    model_root(block->history_root, world->leaves[0], (size_t)height);
    bc__put_le(block->sealed, 1, 4);
    bc__put_le(block->sealed + 4, bits, 4);
    bc__put_le(block->sealed + 8, height, 8);
    bc__put_le(block->sealed + 16, 1700000000000 + 1000 * height, 8);
    memset(block->sealed + 24, 0, 32);
    if (height > 0) {
        memcpy(block->sealed + 24, world->blocks[height - 1].id, 32);
    }
    proof_content(block->sealed + 56, tx_count, block->txs_root, block->history_root);
    bc__put_le(block->sealed + 88, nonce, 8);
    proof_seal(world, height);
    if (height == 0) {
        memcpy(world->params.origin.network_id, block->id, BC_ID_BYTES);
    }
}

static inline void proof_history_begin(proof_history *world, bool by_authority)
{
    memset(world, 0, sizeof *world);
    world->random = test_random_begin();
    world->ledger.by_authority = by_authority;
    world->ledger.authority_count = PROOF_AUTHORITIES;
    world->ledger.authorities = world->authorities;
    assert_int_equal(bc__target_from_compact(&world->ledger.schedule.limit, PROOF_BITS),
                     BC__COMPACT_OK);
    for (size_t i = 0; i < PROOF_AUTHORITIES; i++) {
        test_random_fill(&world->random, world->seeds[i], BC__SEED_BYTES);
        bc__public_key_of_seed(world->authorities[i], world->seeds[i]);
    }
    world->rules = (bc__rules){.name = "ledger", .verify_proof = bc__ledger_verify_proof};
    world->params.rules = &world->rules;
    world->params.of.ledger = &world->ledger;
    memcpy(world->params.name, "hand", 5);
    for (uint64_t height = 0; height < PROOF_BLOCKS; height++) {
        proof_make_block(world, height,
                         1 + (uint32_t)test_random_below(&world->random, PROOF_TXS_MOST));
    }
    world->held = (bc__merkle_leaves){world->leaves[0], PROOF_BLOCKS};
    world->nodes = (bc__merkle_nodes){bc__merkle_leaves_node, &world->held};
}

/* ---- Proofs from the rules ---- */

typedef struct proof_bytes {
    size_t length;
    uint8_t bytes[PROOF_BYTES_MOST];
} proof_bytes;

static inline void proof_add(proof_bytes *out, const void *bytes, size_t length)
{
    assert_true(length <= sizeof out->bytes - out->length);
    memcpy(out->bytes + out->length, bytes, length);
    out->length += length;
}

static inline void proof_add_count(proof_bytes *out, uint32_t count)
{
    uint8_t bytes[4];
    bc__put_le(bytes, count, 4);
    proof_add(out, bytes, sizeof bytes);
}

static inline void proof_add_path(proof_bytes *out, const bc__merkle_path *path)
{
    uint8_t count = (uint8_t)path->count;
    proof_add(out, &count, 1);
    proof_add(out, path->node, path->count * 32);
}

static inline void proof_add_tx(proof_bytes *out, const proof_block *block, uint32_t position)
{
    bc__merkle_path path;
    proof_add_count(out, position);
    proof_add_count(out, block->tx_count);
    proof_add(out, block->history_root, 32);
    model_inclusion(&path, position, block->tx_ids[0], block->tx_count);
    proof_add_path(out, &path);
    proof_add(out, block->txs[position].bytes, block->txs[position].length);
}

static inline void proof_add_later(proof_bytes *out, const proof_history *world, size_t older,
                                   size_t later)
{
    const proof_block *block = &world->blocks[later];
    bc__merkle_path path;
    proof_add(out, block->sealed, block->sealed_length);
    proof_add_count(out, block->tx_count);
    proof_add(out, block->txs_root, 32);
    model_inclusion(&path, older, world->leaves[0], later);
    proof_add_path(out, &path);
}

/* The proof of that type; `later` and `position` where it has them. */
static inline void proof_model(proof_bytes *out, const proof_history *world, uint8_t type,
                               size_t older, size_t later, uint32_t position)
{
    const proof_block *block = &world->blocks[older];
    const uint8_t beginning[] = {1, type};
    out->length = 0;
    proof_add(out, beginning, sizeof beginning);
    proof_add(out, block->sealed, block->sealed_length);
    if (type == 1 || type == 4) {
        proof_add_tx(out, block, position);
    }
    if (type != 1) {
        proof_add_later(out, world, older, later);
    }
    if (type == 3) {
        bc__merkle_path path = {.count = 0};
        proof_add_count(out, block->tx_count);
        proof_add(out, block->txs_root, 32);
        proof_add(out, block->history_root, 32);
        if (older > 0) {
            model_consistency(&path, older, world->leaves[0], later, true);
        }
        proof_add_path(out, &path);
    }
}

/* ---- Proofs from the library ---- */

static inline bc__proof_block proof_source_block(const proof_block *block)
{
    return (bc__proof_block){block->sealed, block->sealed_length, block->tx_count, block->txs_root};
}

static inline bc__proof_source proof_source(const proof_history *world, uint8_t type, size_t older,
                                            size_t later, uint32_t position)
{
    const proof_block *block = &world->blocks[older];
    bc__proof_source source = {
        .type = type,
        .block = proof_source_block(block),
        .tx_ids = block->tx_ids[0],
        .position = position,
        .tx = block->txs[position].bytes,
        .tx_length = block->txs[position].length,
        .history = &world->nodes,
    };
    if (type != BC_INCLUSION_OF_TX) {
        source.later = proof_source_block(&world->blocks[later]);
    }
    return source;
}

/* What the library says of the bytes against the ids of two blocks. */
static inline uint32_t proof_verdict(const bc_params *params, bc_inclusion *result,
                                     const uint8_t *bytes, size_t length, const uint8_t *older_id,
                                     const uint8_t *later_id)
{
    uint32_t verdict = BC_VERDICT_NONE;
    bc_error error = {.code = -1};
    bc_status status = older_id == NULL ? bc_inclusion_verify(params, &verdict, result, bytes,
                                                              length, later_id, &error)
                                        : bc_consistency_verify(params, &verdict, result, bytes,
                                                                length, older_id, later_id, &error);
    assert_int_equal(status, BC_OK);
    if (verdict == BC_VERDICT_INVALID) { /* the sentence is there, and it is no failed call */
        assert_int_equal(error.code, BC_OK);
        assert_int_not_equal(error.message[0], 0);
    } else {
        assert_int_equal(verdict, BC_VERDICT_ACCEPTED);
        assert_int_equal(error.code, -1);
    }
    return verdict;
}

#endif
