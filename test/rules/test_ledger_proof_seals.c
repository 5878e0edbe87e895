/* Merkle proofs against the parameters of a network: what is said of seals that are not good. */
#include "proof_fixture.h"

typedef struct fixture {
    proof_history by_work;
    proof_history by_authority;
    proof_bytes proof;
} fixture;

static int begin(void **state)
{
    static fixture all;
    proof_history_begin(&all.by_work, false);
    proof_history_begin(&all.by_authority, true);
    *state = &all;
    return 0;
}

/* A block whose header is then changed; nothing in its body depends on what is. */
static proof_block *changed_block(proof_history *world, uint64_t height, uint32_t bits,
                                  uint64_t nonce)
{
    proof_block *block = &world->blocks[height];
    proof_make_block(world, height, 2);
    bc__put_le(block->sealed + 4, bits, 4);
    bc__put_le(block->sealed + 88, nonce, 8);
    proof_seal(world, height);
    return block;
}

/* Holds where nobody knows the network; where it is known, `sentence` is part of the answer, or NULL. */
static void check(fixture *all, const proof_history *world, size_t height, const char *sentence)
{
    const proof_block *block = &world->blocks[height];
    uint32_t verdict;
    bc_error error = BC_ERROR_INIT;
    proof_model(&all->proof, world, 1, height, 0, 0);
    assert_int_equal(bc_inclusion_verify(NULL, &verdict, NULL, all->proof.bytes, all->proof.length,
                                         block->id, &error),
                     BC_OK);
    assert_int_equal(verdict, BC_VERDICT_ACCEPTED);
    assert_int_equal(bc_inclusion_verify(&world->params, &verdict, NULL, all->proof.bytes,
                                         all->proof.length, block->id, &error),
                     BC_OK);
    assert_int_equal(verdict, sentence == NULL ? BC_VERDICT_ACCEPTED : BC_VERDICT_INVALID);
    if (sentence != NULL && strstr(error.message, sentence) == NULL) {
        fail_msg("\"%s\" does not say \"%s\"", error.message, sentence);
    }
}

static void give_seal(proof_block *block, size_t length)
{
    block->sealed[BC__HEADER_BYTES] = (uint8_t)length;
    block->sealed_length = BC__HEADER_BYTES + 1 + length;
}

static void work_must_hold(void **state)
{
    fixture *all = *state;
    proof_history *world = &all->by_work;
    (void)changed_block(world, 7, PROOF_BITS, 0);
    check(all, world, 7, NULL);
    /* another way to write a target within the limit: whether it is the right one, no header shows */
    (void)changed_block(world, 7, 0x21007f00, 0);
    check(all, world, 7, NULL);
    static const uint32_t bad[] = {0x20800001, 0x20000000, 0, 0x220000ff, 0x21008000, UINT32_MAX};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        (void)changed_block(world, 7, bad[i], 0);
        check(all, world, 7, "no target within the network's limit");
    }
    (void)changed_block(world, 7, 0x03000001, 0);
    check(all, world, 7, "above the target of its bits");
    give_seal(changed_block(world, 7, PROOF_BITS, 0), 64);
    check(all, world, 7, "a seal of 64 bytes, which must be 0");
}

static void authority_must_have_signed(void **state)
{
    fixture *all = *state;
    proof_history *world = &all->by_authority;
    for (uint64_t index = 0; index < PROOF_AUTHORITIES; index++) {
        uint32_t weight = 7 % PROOF_AUTHORITIES == index ? 2 : 1;
        (void)changed_block(world, 7, weight, index);
        check(all, world, 7, NULL);
        static const uint32_t others[] = {0, 1, 2, 3, UINT32_MAX};
        for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
            if (others[i] != weight) {
                (void)changed_block(world, 7, others[i], index);
                check(all, world, 7, weight == 2 ? "must be 2" : "must be 1");
            }
        }
    }
    static const uint64_t nobody[] = {PROOF_AUTHORITIES, 255, (uint64_t)1 << 32, UINT64_MAX};
    for (size_t i = 0; i < sizeof nobody / sizeof nobody[0]; i++) {
        (void)changed_block(world, 7, 1, nobody[i]);
        check(all, world, 7, "counted from 0, of 3");
    }
    give_seal(changed_block(world, 7, 2, 1), 0);
    check(all, world, 7, "a seal of 0 bytes, which must be 64");
}

static void a_signature_is_of_that_header_key_and_network(void **state)
{
    fixture *all = *state;
    proof_history *world = &all->by_authority;
    uint8_t seal[BC__SEAL_BYTES];
    (void)changed_block(world, 8, 1, 0);
    memcpy(seal, changed_block(world, 7, 2, 1)->sealed + BC__HEADER_BYTES + 1, sizeof seal);
    memcpy(world->blocks[8].sealed + BC__HEADER_BYTES + 1, seal, sizeof seal);
    check(all, world, 8, "is not a signature of signer 0");

    uint8_t key[BC__PUBLIC_KEY_BYTES];
    memcpy(key, world->authorities[1], sizeof key);
    memcpy(world->authorities[1], world->authorities[0], sizeof key);
    check(all, world, 7, "is not a signature of signer 1");
    memcpy(world->authorities[1], key, sizeof key);
    check(all, world, 7, NULL);

    world->params.origin.network_id[31] ^= 1;
    check(all, world, 7, "is not a signature of signer 1");
    world->params.origin.network_id[31] ^= 1;
    check(all, world, 7, NULL);
}

static void the_first_block_is_the_networks(void **state)
{
    fixture *all = *state;
    proof_history *both[] = {&all->by_work, &all->by_authority};
    for (size_t i = 0; i < 2; i++) {
        proof_history *world = both[i];
        check(all, world, 0, NULL); /* neither target nor signer */
        give_seal(&world->blocks[0], 64);
        check(all, world, 0, "a seal of 64 bytes, which must be 0");
        give_seal(&world->blocks[0], 0);
        world->params.origin.network_id[0] ^= 0x80;
        check(all, world, 0, "not the genesis of the network \"hand\"");
        world->params.origin.network_id[0] ^= 0x80;
    }
}

/* Both headers of a proof are looked at. */
static void older_and_later_seals_are_checked(void **state)
{
    fixture *all = *state;
    proof_history *world = &all->by_authority;
    proof_history_begin(world, true);
    for (uint8_t type = 2; type <= 4; type++) {
        proof_model(&all->proof, world, type, 20, 30, 0);
        size_t places[] = {2 + BC__HEADER_BYTES + 1,
                           2 + BC__SEALED_BYTES_MAX + BC__HEADER_BYTES + 1};
        if (type == 4) {
            proof_bytes body = {.length = 0};
            proof_add_tx(&body, &world->blocks[20], 0);
            places[1] += body.length;
        }
        for (size_t i = 0; i < 2; i++) {
            const uint8_t *older_id = type == 3 ? world->blocks[20].id : NULL;
            const uint8_t *later_id = world->blocks[30].id;
            all->proof.bytes[places[i]] ^= 1;
            assert_int_equal(
                proof_verdict(NULL, NULL, all->proof.bytes, all->proof.length, older_id, later_id),
                BC_VERDICT_ACCEPTED);
            assert_int_equal(proof_verdict(&world->params, NULL, all->proof.bytes,
                                           all->proof.length, older_id, later_id),
                             BC_VERDICT_INVALID);
            all->proof.bytes[places[i]] ^= 1;
            assert_int_equal(proof_verdict(&world->params, NULL, all->proof.bytes,
                                           all->proof.length, older_id, later_id),
                             BC_VERDICT_ACCEPTED);
        }
    }
}

static void rules_without_proofs_say_so(void **state)
{
    fixture *all = *state;
    const proof_block *block = &all->by_work.blocks[5];
    bc_params *params;
    uint32_t verdict = 77;
    bc_error error = BC_ERROR_INIT;
    proof_model(&all->proof, &all->by_work, 1, 5, 0, 0);
    assert_int_equal(bc_params_preset(&params, "tutorial", NULL, NULL), BC_OK);
    assert_int_equal(bc_inclusion_verify(params, &verdict, NULL, all->proof.bytes,
                                         all->proof.length, block->id, &error),
                     BC_ERR_UNSUPPORTED);
    assert_int_equal(verdict, BC_VERDICT_NONE);
    assert_int_equal(error.code, BC_ERR_UNSUPPORTED);
    assert_non_null(strstr(error.message, "tutorial"));
    bc_params_unref(params);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(work_must_hold),
        cmocka_unit_test(authority_must_have_signed),
        cmocka_unit_test(a_signature_is_of_that_header_key_and_network),
        cmocka_unit_test(the_first_block_is_the_networks),
        cmocka_unit_test(older_and_later_seals_are_checked),
        cmocka_unit_test(rules_without_proofs_say_so),
    };
    return cmocka_run_group_tests(tests, begin, NULL);
}
