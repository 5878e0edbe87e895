/* The tutorial's proof of work: SHA-256 of the last proof and the new one, written one behind the
 * other (and, in dialect 2, of the last block's hash in hexadecimal behind them), begins with zeros. */
#include "src/rules/tutorial/tutorial.h"

#include <string.h>

#include "lib/hex.h"
#include "lib/sha256/sha256.h"
#include "src/base/error.h"

enum { HEX_BYTES = 2 * BC_ID_BYTES };

typedef struct spelling {
    const char *json;
    const char *formatted; /* by Python's str() */
} spelling;

static const spelling spellings[] = {
    {"true", "True"}, {"false", "False"},  {"null", "None"},
    {"NaN", "nan"},   {"Infinity", "inf"}, {"-Infinity", "-inf"},
};

bc_status bc__tutorial_format_proof(bc__bytes *out, const uint8_t *canonical, size_t length,
                                    bc_error *error)
{
    int32_t result;
    if (canonical[0] == '[' || canonical[0] == '{') {
        return bc__fail(error, BC_ERR_FORMAT,
                        "the block's member \"proof\" is a list or an object");
    }
    if (canonical[0] == '"') {
        result = bc__json_string_utf8(out, canonical, length);
        if (result == BC__ERR_FORMAT) {
            return bc__fail(error, BC_ERR_FORMAT,
                            "the block's member \"proof\" is text with half a surrogate pair");
        }
        return result == BC__OK ? BC_OK : bc__fail_memory(error);
    }
    for (size_t at = 0; at < sizeof spellings / sizeof spellings[0]; at++) {
        if (length == strlen(spellings[at].json) &&
            memcmp(canonical, spellings[at].json, length) == 0) {
            canonical = (const uint8_t *)spellings[at].formatted;
            length = strlen(spellings[at].formatted);
            break;
        }
    }
    result = bc__bytes_append(out, canonical, length);
    return result == BC__OK ? BC_OK : bc__fail_memory(error);
}

static bool begins_with_zeros(const uint8_t hash[BC_ID_BYTES], uint32_t zeros)
{
    for (uint32_t at = 0; at < zeros; at++) {
        uint8_t digit = at % 2 == 0 ? hash[at / 2] >> 4 : hash[at / 2] & 0x0f;
        if (digit != 0) {
            return false;
        }
    }
    return true;
}

uint32_t bc__tutorial_check_block(const bc_params *params, const bc_block *parent,
                                  const bc_block *block, bc_error *error)
{
    if (!block->has_parent || memcmp(block->parent, parent->id, BC_ID_BYTES) != 0) {
        (void)bc__fail(error, BC_ERR_FORMAT,
                       "previous_hash is not the hash of the block before it");
        return BC_REASON_PREVIOUS;
    }
    bc__sha256_state state;
    bc__sha256_init(&state);
    bc__sha256_update(&state, parent->link.data, parent->link.length);
    bc__sha256_update(&state, block->link.data, block->link.length);
    if (params->of.tutorial.dialect == BC__TUTORIAL_REPOSITORY) {
        char last_hash[HEX_BYTES];
        bc__hex_encode(last_hash, parent->id, BC_ID_BYTES);
        bc__sha256_update(&state, last_hash, sizeof last_hash);
    }
    uint8_t hash[BC_ID_BYTES];
    bc__sha256_final(&state, hash);
    if (!begins_with_zeros(hash, params->of.tutorial.zeros)) {
        char digits[HEX_BYTES];
        bc__hex_encode(digits, hash, BC_ID_BYTES);
        (void)bc__fail(error, BC_ERR_FORMAT,
                       "the proof does not hold: its hash begins with %.16s, which lacks %u zeros",
                       digits, params->of.tutorial.zeros);
        return BC_REASON_PROOF;
    }
    return BC_REASON_NONE;
}

/* The greatest hash that begins with that many zeros. */
static void make_target(uint8_t target[BC_ID_BYTES], uint32_t zeros)
{
    memset(target, 0xff, BC_ID_BYTES);
    memset(target, 0, zeros / 2);
    if (zeros % 2 != 0) {
        target[zeros / 2] = 0x0f;
    }
}

bool bc__tutorial_search(const bc_params *params, const bc__template *work, uint64_t first,
                         uint64_t count, uint64_t *nonce)
{
    char last_hash[HEX_BYTES];
    bc__sha256_decimal_search search = {
        .prefix = work->parent->link.data,
        .prefix_length = work->parent->link.length,
    };
    if (params->of.tutorial.dialect == BC__TUTORIAL_REPOSITORY) {
        bc__hex_encode(last_hash, work->parent->id, BC_ID_BYTES);
        search.suffix = (const uint8_t *)last_hash;
        search.suffix_length = sizeof last_hash;
    }
    make_target(search.target, params->of.tutorial.zeros);
    return bc__sha256_search_decimal(&search, first, count, nonce);
}

double bc__tutorial_expected_attempts(const bc_params *params, const bc__template *work)
{
    (void)work;
    double attempts = 1;
    for (uint32_t zero = 0; zero < params->of.tutorial.zeros; zero++) {
        attempts *= 16;
    }
    return attempts;
}
