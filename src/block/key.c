#include "src/block/key.h"

#include <sodium.h>
#include <stdatomic.h>
#include <string.h>

#include "src/base/error.h"
#include "src/base/origin.h"

struct bc_key {
    atomic_uint_fast32_t references;
    bc__heap heap;
    uint8_t public_key[BC__PUBLIC_KEY_BYTES];
    uint8_t seed[BC__SEED_BYTES]; /* zero where there is a signer */
    bc_sign_fn sign;              /* NULL where there is a seed */
    void *context;
};

/* *out stays as it is on failure. */
static bc_status make(bc_key **out, const bc_allocator *allocator, bc_error *error)
{
    bc__heap heap;
    bc_status status = bc__heap_from_allocator(&heap, allocator, error);
    if (status != BC_OK) {
        return status;
    }
    bc_key *key = bc__heap_array(&heap, 1, sizeof *key);
    if (key == NULL) {
        return bc__fail_memory(error);
    }
    memset(key, 0, sizeof *key);
    atomic_init(&key->references, 1);
    key->heap = heap;
    *out = key;
    return BC_OK;
}

bc_status bc_key_from_seed(bc_key **out, const uint8_t seed[32], const bc_allocator *allocator,
                           bc_error *error)
{
    if (out == NULL) {
        return bc__fail_null(error, "out");
    }
    *out = NULL;
    if (seed == NULL) {
        return bc__fail_null(error, "seed");
    }
    bc_key *key = NULL;
    bc_status status = make(&key, allocator, error);
    if (key == NULL) {
        return status;
    }
    memcpy(key->seed, seed, sizeof key->seed);
    bc__public_key_of_seed(key->public_key, seed);
    *out = key;
    return BC_OK;
}

bc_status bc_key_generate(bc_key **out, uint8_t seed[32], const bc_allocator *allocator,
                          bc_error *error)
{
    uint8_t fresh[BC__SEED_BYTES];
    /* Makes the generator safe for several threads. It fails only where its own lock does, and the
     * generator works without. */
    int ready = sodium_init();
    (void)ready;
    randombytes_buf(fresh, sizeof fresh);
    bc_status status = bc_key_from_seed(out, fresh, allocator, error);
    if (status == BC_OK && seed != NULL) {
        memcpy(seed, fresh, sizeof fresh);
    }
    sodium_memzero(fresh, sizeof fresh);
    return status;
}

bc_status bc_key_from_signer(bc_key **out, const uint8_t public_key[32], bc_sign_fn sign,
                             void *context, const bc_allocator *allocator, bc_error *error)
{
    if (out == NULL) {
        return bc__fail_null(error, "out");
    }
    *out = NULL;
    if (public_key == NULL || sign == NULL) {
        return bc__fail_null(error, public_key == NULL ? "public_key" : "sign");
    }
    if (!bc__public_key_check(public_key)) {
        return bc__fail(error, BC_ERR_FORMAT,
                        "the 32 bytes are no public key of Ed25519 in the group of prime order");
    }
    bc_key *key = NULL;
    bc_status status = make(&key, allocator, error);
    if (key == NULL) {
        return status;
    }
    memcpy(key->public_key, public_key, sizeof key->public_key);
    key->sign = sign;
    key->context = context;
    *out = key;
    return BC_OK;
}

void bc_key_public(const bc_key *key, uint8_t public_key[32])
{
    bc__give_id(public_key, key == NULL ? NULL : key->public_key);
}

bc_key *bc_key_ref(bc_key *key)
{
    if (key != NULL) {
        atomic_fetch_add_explicit(&key->references, 1, memory_order_relaxed);
    }
    return key;
}

void bc_key_unref(bc_key *key)
{
    if (key != NULL && atomic_fetch_sub_explicit(&key->references, 1, memory_order_acq_rel) == 1) {
        bc__heap heap = key->heap;
        sodium_memzero(key, sizeof *key);
        bc__heap_release(&heap, key);
    }
}

static bc_status ask_signer(const bc_key *key, uint8_t signature[BC__SIGNATURE_BYTES],
                            const uint8_t message[BC__MESSAGE_BYTES], bc_error *error)
{
    bc_error host = {0};
    bc_status status = key->sign(key->context, signature, message, &host);
    if (status != BC_OK) {
        host.message[sizeof host.message - 1] = '\0';
        return bc__fail_host(error, status < 0 ? status : BC_ERR_HOST,
                             host.host_code != 0 ? host.host_code : status,
                             "the signer failed: %.180s",
                             host.message[0] != '\0' ? host.message : bc_status_name(status));
    }
    /* A module that once computes wrongly gives its secret away to whoever sees both signatures of one
     * message (Romailler and Pelissier, "Practical fault attack against the Ed25519 and EdDSA
     * signature schemes", 2017); and what was signed so would be invalid in any case. */
    if (!bc__signature_verify(key->public_key, true, message, signature)) {
        return bc__fail(error, BC_ERR_HOST, "the signer gave a signature that is not the key's");
    }
    return BC_OK;
}

bc_status bc__key_sign(const bc_key *key, uint8_t signature[BC__SIGNATURE_BYTES],
                       const uint8_t message[BC__MESSAGE_BYTES], bc_error *error)
{
    if (key->sign == NULL) {
        bc__signature_sign(signature, key->seed, message, BC__MESSAGE_BYTES);
        return BC_OK;
    }
    bc_status status = ask_signer(key, signature, message, error);
    if (status != BC_OK) {
        memset(signature, 0, BC__SIGNATURE_BYTES);
    }
    return status;
}
