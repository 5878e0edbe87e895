#include "engine.h"

#include <stdatomic.h>
#include <string.h>

const bc__sha256_engine *const bc__sha256_engines[BC__SHA256_ENGINES] = {
    &bc__sha256_x86_sha,
    &bc__sha256_portable,
};

enum { TEST_BLOCKS = 3 };

/* Blocks after one another from a state that is no particular one: wrong instructions, or a compiler
 * that mistook them, would show. */
static bool agrees(const bc__sha256_engine *engine)
{
    uint8_t blocks[TEST_BLOCKS * BC__SHA256_BLOCK_BYTES];
    uint32_t expected[BC__SHA256_WORDS];
    uint32_t state[BC__SHA256_WORDS];
    for (size_t at = 0; at < sizeof blocks; at++) {
        blocks[at] = (uint8_t)(at * 167 + 13);
    }
    for (uint32_t at = 0; at < BC__SHA256_WORDS; at++) {
        expected[at] = at * 0x9e3779b9u + 1;
    }
    memcpy(state, expected, sizeof state);
    bc__sha256_portable.compress(expected, blocks, TEST_BLOCKS);
    engine->compress(state, blocks, TEST_BLOCKS);
    return memcmp(state, expected, sizeof state) == 0;
}

const bc__sha256_engine *bc__sha256_engine_chosen(void)
{
    /* Written with the same value by whoever comes first. */
    static _Atomic(const bc__sha256_engine *) chosen;
    const bc__sha256_engine *engine = atomic_load_explicit(&chosen, memory_order_acquire);
    for (size_t at = 0; engine == NULL; at++) {
        const bc__sha256_engine *next = bc__sha256_engines[at];
        if (next->is_supported() && agrees(next)) {
            engine = next;
            atomic_store_explicit(&chosen, engine, memory_order_release);
        }
    }
    return engine;
}
