/* SHA-256 with the SHA extensions of x86 (Intel's "Intel SHA Extensions", 2013): four rounds an
 * instruction pair, one stream. The instructions want the state as two vectors, ABEF and CDGH, the
 * first-named word in the highest lane. */
#include "constants.h"
#include "engine.h"

#if defined(__x86_64__)

#include <cpuid.h>
#include <immintrin.h>

#define SHA_TARGET __attribute__((target("sha,sse4.1,ssse3")))

/* Words 4g to 4g + 3 of the message schedule, from the sixteen before them. */
SHA_TARGET static inline __m128i next_words(const __m128i *w, unsigned group)
{
    __m128i nine = _mm_alignr_epi8(w[(group + 3) % 4], w[(group + 2) % 4], 4); /* w[t - 7] */
    __m128i sum = _mm_add_epi32(_mm_sha256msg1_epu32(w[group % 4], w[(group + 1) % 4]), nine);
    return _mm_sha256msg2_epu32(sum, w[(group + 3) % 4]);
}

/* Rounds 4 * group to 4 * group + 3. `group` is a constant wherever this is inlined. */
SHA_TARGET static inline void four_rounds(__m128i *abef, __m128i *cdgh, __m128i *w,
                                          const __m128i *from, unsigned group)
{
    const __m128i big_endian = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
    const __m128i *k = (const __m128i *)(const void *)bc__sha256_k;
    w[group % 4] = group < 4 ? _mm_shuffle_epi8(_mm_loadu_si128(from + group), big_endian)
                             : next_words(w, group);
    __m128i sum = _mm_add_epi32(w[group % 4], _mm_load_si128(k + group));
    *cdgh = _mm_sha256rnds2_epu32(*cdgh, *abef, sum);
    *abef = _mm_sha256rnds2_epu32(*abef, *cdgh, _mm_shuffle_epi32(sum, 0x0e));
}

SHA_TARGET static void compress_block(__m128i *abef, __m128i *cdgh, const uint8_t *block)
{
    const __m128i *from = (const __m128i *)(const void *)block;
    __m128i first = *abef;
    __m128i second = *cdgh;
    __m128i w[4];
    four_rounds(&first, &second, w, from, 0);
    four_rounds(&first, &second, w, from, 1);
    four_rounds(&first, &second, w, from, 2);
    four_rounds(&first, &second, w, from, 3);
    four_rounds(&first, &second, w, from, 4);
    four_rounds(&first, &second, w, from, 5);
    four_rounds(&first, &second, w, from, 6);
    four_rounds(&first, &second, w, from, 7);
    four_rounds(&first, &second, w, from, 8);
    four_rounds(&first, &second, w, from, 9);
    four_rounds(&first, &second, w, from, 10);
    four_rounds(&first, &second, w, from, 11);
    four_rounds(&first, &second, w, from, 12);
    four_rounds(&first, &second, w, from, 13);
    four_rounds(&first, &second, w, from, 14);
    four_rounds(&first, &second, w, from, 15);
    *abef = _mm_add_epi32(*abef, first);
    *cdgh = _mm_add_epi32(*cdgh, second);
}

SHA_TARGET static void compress(uint32_t state[BC__SHA256_WORDS], const uint8_t *blocks,
                                size_t count)
{
    __m128i *words = (__m128i *)(void *)state;
    __m128i badc = _mm_shuffle_epi32(_mm_loadu_si128(words), 0xb1);
    __m128i efgh = _mm_shuffle_epi32(_mm_loadu_si128(words + 1), 0x1b);
    __m128i abef = _mm_alignr_epi8(badc, efgh, 8);
    __m128i cdgh = _mm_blend_epi16(efgh, badc, 0xf0);
    for (; count > 0; count--, blocks += BC__SHA256_BLOCK_BYTES) {
        compress_block(&abef, &cdgh, blocks);
    }
    __m128i feba = _mm_shuffle_epi32(abef, 0x1b);
    __m128i dchg = _mm_shuffle_epi32(cdgh, 0xb1);
    _mm_storeu_si128(words, _mm_blend_epi16(feba, dchg, 0xf0));
    _mm_storeu_si128(words + 1, _mm_alignr_epi8(dchg, feba, 8));
}

static bool is_supported(void)
{
    unsigned a;
    unsigned b;
    unsigned c;
    unsigned d;
    const unsigned vectors = bit_SSSE3 | bit_SSE4_1;
    return __get_cpuid(1, &a, &b, &c, &d) != 0 && (c & vectors) == vectors &&
           __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 && (b & bit_SHA) != 0;
}

#else

static void compress(uint32_t state[BC__SHA256_WORDS], const uint8_t *blocks, size_t count)
{
    bc__sha256_portable.compress(state, blocks, count);
}

static bool is_supported(void)
{
    return false;
}

#endif

const bc__sha256_engine bc__sha256_x86_sha = {"x86-sha", is_supported, compress};
