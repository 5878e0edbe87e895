#include "examples/common/keystore.h"

#include <inttypes.h>
#include <sodium.h>
#include <string.h>

#include "examples/common/sentence.h"

static const char magic[] = "libbckey";

enum {
    VERSION = 1,
    ARGON2ID = 2,
    AT_VERSION = 8,
    AT_DERIVATION = 12,
    AT_PASSES = 16,
    AT_MEMORY = 24,
    AT_SALT = 32,
    AT_NONCE = 48,
    AT_BOX = 72,
};

static const uint64_t most_passes = 16;
static const uint64_t least_memory = 8192; /* of Argon2id in libsodium */
static const uint64_t most_memory = UINT64_C(1) << 30;

_Static_assert(AT_SALT + crypto_pwhash_SALTBYTES == AT_NONCE, "the salt has 16 bytes");
_Static_assert(AT_NONCE + crypto_secretbox_NONCEBYTES == AT_BOX, "the nonce has 24 bytes");
_Static_assert(AT_BOX + crypto_secretbox_MACBYTES + KEYSTORE_SEED_BYTES == KEYSTORE_BYTES,
               "the tag has 16 bytes");
_Static_assert(crypto_pwhash_ALG_ARGON2ID13 == ARGON2ID, "libsodium's number is the file's");

static void put_integer(uint8_t *out, uint64_t value, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) {
        out[i] = (uint8_t)(value >> 8 * i);
    }
}

static uint64_t get_integer(const uint8_t *from, size_t bytes)
{
    uint64_t value = 0;
    for (size_t i = bytes; i-- > 0;) {
        value = value << 8 | from[i];
    }
    return value;
}

keystore_cost keystore_cost_usual(void)
{
    return (keystore_cost){3, UINT64_C(256) << 20};
}

static bc_status check_passphrase(size_t length, bc_error *error)
{
    if (length == 0 || length > KEYSTORE_PASSPHRASE_BYTES_MAX) {
        return sentence(error, BC_ERR_LIMIT, "a passphrase has 1 to %d bytes, this one %zu",
                        KEYSTORE_PASSPHRASE_BYTES_MAX, length);
    }
    return BC_OK;
}

static bc_status check_cost(keystore_cost cost, bc_error *error)
{
    if (cost.passes < 1 || cost.passes > most_passes) {
        return sentence(error, BC_ERR_LIMIT, "the passes are 1 to %" PRIu64 ", not %" PRIu64,
                        most_passes, cost.passes);
    }
    if (cost.memory < least_memory || cost.memory > most_memory || cost.memory % 1024 != 0) {
        return sentence(error, BC_ERR_LIMIT,
                        "the memory is %" PRIu64 " to %" PRIu64 " bytes in whole KiB, not %" PRIu64,
                        least_memory, most_memory, cost.memory);
    }
    return BC_OK;
}

/* The key of the box; wiped by the caller. */
static bc_status derive(uint8_t key[crypto_secretbox_KEYBYTES], const uint8_t *file,
                        const char *passphrase, size_t length, keystore_cost cost, bc_error *error)
{
    if (crypto_pwhash(key, crypto_secretbox_KEYBYTES, passphrase, length, file + AT_SALT,
                      cost.passes, (size_t)cost.memory, crypto_pwhash_ALG_ARGON2ID13) != 0) {
        return sentence(error, BC_ERR_MEMORY,
                        "there are not %" PRIu64 " bytes of memory for the passphrase",
                        cost.memory);
    }
    return BC_OK;
}

bc_status keystore_seal(uint8_t file[KEYSTORE_BYTES], const uint8_t seed[KEYSTORE_SEED_BYTES],
                        const char *passphrase, size_t passphrase_length, keystore_cost cost,
                        bc_error *error)
{
    uint8_t key[crypto_secretbox_KEYBYTES];
    bc_status status = check_passphrase(passphrase_length, error);
    if (status == BC_OK) {
        status = check_cost(cost, error);
    }
    if (status != BC_OK) {
        return status;
    }
    if (sodium_init() < 0) {
        return sentence(error, BC_ERR_UNSUPPORTED, "libsodium could not be started");
    }
    memcpy(file, magic, AT_VERSION);
    put_integer(file + AT_VERSION, VERSION, 4);
    put_integer(file + AT_DERIVATION, ARGON2ID, 4);
    put_integer(file + AT_PASSES, cost.passes, 8);
    put_integer(file + AT_MEMORY, cost.memory, 8);
    randombytes_buf(file + AT_SALT, AT_BOX - AT_SALT);
    status = derive(key, file, passphrase, passphrase_length, cost, error);
    if (status == BC_OK) {
        (void)crypto_secretbox_easy(file + AT_BOX, seed, KEYSTORE_SEED_BYTES, file + AT_NONCE, key);
    }
    sodium_memzero(key, sizeof key);
    return status;
}

static bc_status check_head(const uint8_t *file, size_t length, bc_error *error)
{
    if (length < AT_DERIVATION || memcmp(file, magic, AT_VERSION) != 0) {
        return sentence(error, BC_ERR_FORMAT, "this is no file with a sealed key");
    }
    if (get_integer(file + AT_VERSION, 4) != VERSION) {
        return sentence(error, BC_ERR_UNSUPPORTED,
                        "version %" PRIu64 " of sealed keys is not known to this program",
                        get_integer(file + AT_VERSION, 4));
    }
    if (length != KEYSTORE_BYTES) {
        return sentence(error, BC_ERR_FORMAT, "a sealed key has %d bytes, this file %zu",
                        KEYSTORE_BYTES, length);
    }
    if (get_integer(file + AT_DERIVATION, 4) != ARGON2ID) {
        return sentence(error, BC_ERR_FORMAT, "the key is sealed in no way that version %d has",
                        VERSION);
    }
    return BC_OK;
}

bc_status keystore_open(uint8_t seed[KEYSTORE_SEED_BYTES], const uint8_t *file, size_t length,
                        const char *passphrase, size_t passphrase_length, bc_error *error)
{
    uint8_t key[crypto_secretbox_KEYBYTES];
    memset(seed, 0, KEYSTORE_SEED_BYTES);
    bc_status status = check_head(file, length, error);
    if (status == BC_OK) {
        status = check_passphrase(passphrase_length, error);
    }
    if (status != BC_OK) {
        return status;
    }
    keystore_cost cost = {get_integer(file + AT_PASSES, 8), get_integer(file + AT_MEMORY, 8)};
    status = check_cost(cost, error);
    if (status != BC_OK) {
        return status;
    }
    status = derive(key, file, passphrase, passphrase_length, cost, error);
    if (status == BC_OK && crypto_secretbox_open_easy(seed, file + AT_BOX, KEYSTORE_BYTES - AT_BOX,
                                                      file + AT_NONCE, key) != 0) {
        memset(seed, 0, KEYSTORE_SEED_BYTES);
        status =
            sentence(error, BC_ERR_DAMAGED, "the passphrase is wrong, or the file was changed");
    }
    sodium_memzero(key, sizeof key);
    return status;
}
