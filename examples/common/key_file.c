#include "examples/common/key_file.h"

#include <sodium.h>
#include <string.h>
#include <unistd.h>

#include "examples/common/keystore_file.h"
#include "examples/common/passphrase.h"
#include "examples/common/sentence.h"

bc_status key_file_make(bc_key **out, const char *path, const char *passphrase_file,
                        bc_error *error)
{
    uint8_t seed[KEYSTORE_SEED_BYTES] = {0};
    uint8_t file[KEYSTORE_BYTES];
    passphrase secret;
    *out = NULL;
    if (access(path, F_OK) == 0) { /* before somebody types a passphrase twice */
        return sentence(error, BC_ERR_ARGUMENT,
                        "%.150s is there already and will not be overwritten", path);
    }
    bc_status status = passphrase_read(&secret, passphrase_file, path, PASSPHRASE_NEW, error);
    if (status == BC_OK) {
        status = bc_key_generate(out, seed, NULL, error);
    }
    if (status == BC_OK) {
        status =
            keystore_seal(file, seed, secret.bytes, secret.length, keystore_cost_usual(), error);
    }
    if (status == BC_OK) {
        status = keystore_file_write(path, file, error);
    }
    sodium_memzero(seed, sizeof seed);
    passphrase_wipe(&secret);
    if (status != BC_OK) {
        bc_key_unref(*out);
        *out = NULL;
    }
    return status;
}

/* Puts the name before a sentence; bc_error keeps what fits. */
static bc_status about(bc_error *error, const char *path)
{
    char why[sizeof error->message];
    memcpy(why, error->message, sizeof why);
    return sentence(error, error->code, "%.100s: %s", path, why);
}

bc_status key_file_open(bc_key **out, const char *path, const char *passphrase_file,
                        bc_error *error)
{
    uint8_t seed[KEYSTORE_SEED_BYTES] = {0};
    passphrase secret = {0};
    *out = NULL;
    bc_status status = BC_OK;
    if (access(path, R_OK) == 0) { /* else opening it says why, and nobody types in vain */
        status = passphrase_read(&secret, passphrase_file, path, PASSPHRASE_KNOWN, error);
    }
    if (status == BC_OK) {
        status = keystore_file_open(seed, path, secret.bytes, secret.length, error);
        if (status == BC_OK) {
            status = bc_key_from_seed(out, seed, NULL, error);
        } else {
            status = about(error, path);
        }
    }
    sodium_memzero(seed, sizeof seed);
    passphrase_wipe(&secret);
    return status;
}
