/* SHA-256's compression function as FIPS 180-4 defines it (sections 4.1.2, 4.2.2 and 6.2.2), with
 * its names. */
#include "constants.h"
#include "engine.h"
#include "words.h"

enum { MESSAGE_WORDS = 16 };

static inline uint32_t rotate_right(uint32_t x, unsigned count)
{
    return x >> count | x << (32 - count);
}

/* One round. Instead of moving all eight variables along, the caller names them one further on in
 * the next round. */
static inline void do_round(uint32_t a, uint32_t b, uint32_t c, uint32_t *d, uint32_t e, uint32_t f,
                            uint32_t g, uint32_t *h, uint32_t k_and_w)
{
    uint32_t sum1 = rotate_right(e, 6) ^ rotate_right(e, 11) ^ rotate_right(e, 25);
    uint32_t choice = g ^ (e & (f ^ g));
    uint32_t t1 = *h + sum1 + choice + k_and_w;
    uint32_t sum0 = rotate_right(a, 2) ^ rotate_right(a, 13) ^ rotate_right(a, 22);
    uint32_t majority = (a & b) | (c & (a | b));
    *d += t1;
    *h = t1 + sum0 + majority;
}

/* Word t of the message schedule takes the place of word t - 16, so that all of them stay in 16
 * words. `at` is t modulo 16. */
static inline uint32_t next_word(uint32_t w[MESSAGE_WORDS], unsigned at)
{
    uint32_t x = w[(at + 1) % MESSAGE_WORDS];
    uint32_t y = w[(at + 14) % MESSAGE_WORDS];
    uint32_t sigma0 = rotate_right(x, 7) ^ rotate_right(x, 18) ^ x >> 3;
    uint32_t sigma1 = rotate_right(y, 17) ^ rotate_right(y, 19) ^ y >> 10;
    w[at] += sigma1 + w[(at + 9) % MESSAGE_WORDS] + sigma0;
    return w[at];
}

static inline uint32_t first_word(uint32_t w[MESSAGE_WORDS], const uint8_t *block, unsigned at)
{
    w[at] = bc__sha256_load_word(block + 4 * (size_t)at);
    return w[at];
}

/* Rounds t to t + 7 on the variables a to h; WORD(i) is word i of the schedule, modulo 16. */
#define EIGHT_ROUNDS(t, first, WORD)                                                               \
    do {                                                                                           \
        do_round(a, b, c, &d, e, f, g, &h, bc__sha256_k[(t) + (first)] + WORD((first)));           \
        do_round(h, a, b, &c, d, e, f, &g, bc__sha256_k[(t) + (first) + 1] + WORD((first) + 1));   \
        do_round(g, h, a, &b, c, d, e, &f, bc__sha256_k[(t) + (first) + 2] + WORD((first) + 2));   \
        do_round(f, g, h, &a, b, c, d, &e, bc__sha256_k[(t) + (first) + 3] + WORD((first) + 3));   \
        do_round(e, f, g, &h, a, b, c, &d, bc__sha256_k[(t) + (first) + 4] + WORD((first) + 4));   \
        do_round(d, e, f, &g, h, a, b, &c, bc__sha256_k[(t) + (first) + 5] + WORD((first) + 5));   \
        do_round(c, d, e, &f, g, h, a, &b, bc__sha256_k[(t) + (first) + 6] + WORD((first) + 6));   \
        do_round(b, c, d, &e, f, g, h, &a, bc__sha256_k[(t) + (first) + 7] + WORD((first) + 7));   \
    } while (0)
#define FIRST_WORD(at) first_word(w, blocks, (at))
#define NEXT_WORD(at)  next_word(w, (at))

static void compress(uint32_t state[BC__SHA256_WORDS], const uint8_t *blocks, size_t count)
{
    uint32_t w[MESSAGE_WORDS];
    for (; count > 0; count--, blocks += BC__SHA256_BLOCK_BYTES) {
        uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
        uint32_t e = state[4], f = state[5], g = state[6], h = state[7];
        EIGHT_ROUNDS(0, 0, FIRST_WORD);
        EIGHT_ROUNDS(0, 8, FIRST_WORD);
        for (unsigned t = MESSAGE_WORDS; t < BC__SHA256_ROUNDS; t += MESSAGE_WORDS) {
            EIGHT_ROUNDS(t, 0, NEXT_WORD);
            EIGHT_ROUNDS(t, 8, NEXT_WORD);
        }
        state[0] += a;
        state[1] += b;
        state[2] += c;
        state[3] += d;
        state[4] += e;
        state[5] += f;
        state[6] += g;
        state[7] += h;
    }
}

static bool is_supported(void)
{
    return true;
}

const bc__sha256_engine bc__sha256_portable = {"portable", is_supported, compress};
