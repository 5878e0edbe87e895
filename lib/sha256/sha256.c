#include "sha256.h"

#include <string.h>

#include "engine.h"
#include "lib/integers.h"
#include "words.h"

enum { LENGTH_BYTES = 8 }; /* the length in bits that ends a padded message */

void bc__sha256_init(bc__sha256_state *state)
{
    /* FIPS 180-4, section 5.3.3. */
    static const uint32_t initial[BC__SHA256_WORDS] = {
        0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
        0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
    };
    memcpy(state->words, initial, sizeof initial);
    state->length = 0;
}

void bc__sha256_update(bc__sha256_state *state, const void *data, size_t length)
{
    const bc__sha256_engine *engine = bc__sha256_engine_chosen();
    const uint8_t *from = data;
    size_t waiting = (size_t)(state->length % BC__SHA256_BLOCK_BYTES);
    state->length += length;
    if (waiting > 0) {
        size_t room = BC__SHA256_BLOCK_BYTES - waiting;
        size_t taken = length < room ? length : room;
        if (taken > 0) {
            memcpy(state->block + waiting, from, taken);
            from += taken;
            length -= taken;
        }
        if (taken < room) {
            return;
        }
        engine->compress(state->words, state->block, 1);
    }
    size_t blocks = length / BC__SHA256_BLOCK_BYTES;
    size_t rest = length % BC__SHA256_BLOCK_BYTES;
    if (blocks > 0) {
        engine->compress(state->words, from, blocks);
    }
    if (rest > 0) {
        memcpy(state->block, from + blocks * BC__SHA256_BLOCK_BYTES, rest);
    }
}

void bc__sha256_final(bc__sha256_state *state, uint8_t out[BC__SHA256_BYTES])
{
    const bc__sha256_engine *engine = bc__sha256_engine_chosen();
    const size_t length_at = BC__SHA256_BLOCK_BYTES - LENGTH_BYTES;
    uint64_t bits = state->length * 8;
    size_t end = (size_t)(state->length % BC__SHA256_BLOCK_BYTES);
    state->block[end] = 0x80;
    end++;
    if (end > length_at) {
        memset(state->block + end, 0, BC__SHA256_BLOCK_BYTES - end);
        engine->compress(state->words, state->block, 1);
        end = 0;
    }
    memset(state->block + end, 0, length_at - end);
    bc__put_be64(state->block + length_at, bits);
    engine->compress(state->words, state->block, 1);
    for (size_t i = 0; i < BC__SHA256_WORDS; i++) {
        bc__sha256_store_word(out + 4 * i, state->words[i]);
    }
}

void bc__sha256(uint8_t out[BC__SHA256_BYTES], const void *data, size_t length)
{
    bc__sha256_state state;
    bc__sha256_init(&state);
    bc__sha256_update(&state, data, length);
    bc__sha256_final(&state, out);
}
