/* The search of sha256.h. All attempts of one length share everything but a few digits, so the end
 * of the message, padded, is laid out once and only its digits are counted on. */
#include <assert.h>
#include <string.h>

#include "engine.h"
#include "lib/integers.h"
#include "sha256.h"
#include "words.h"

enum {
    DIGITS_MAX = 20,   /* of a number of 64 bits */
    PADDING_BYTES = 9, /* the least: the byte 0x80 and the length in bits */
    TAIL_BYTES = 256,
    /* What stands before the digits in their first block is shorter than a block. */
    TAIL_NEEDED =
        BC__SHA256_BLOCK_BYTES - 1 + DIGITS_MAX + BC__SHA256_SEARCH_SUFFIX_BYTES_MAX + PADDING_BYTES
};

_Static_assert(TAIL_NEEDED <= TAIL_BYTES && TAIL_BYTES % BC__SHA256_BLOCK_BYTES == 0,
               "the end of every message has room");

typedef struct tail {
    uint32_t start[BC__SHA256_WORDS]; /* the state after the whole blocks of the prefix */
    size_t digits_at;                 /* in bytes */
    size_t digit_count;
    size_t block_count;
    uint8_t bytes[TAIL_BYTES];
} tail;

/* Writes the decimal digits of n and gives their number. */
static size_t write_decimal(uint8_t digits[DIGITS_MAX], uint64_t n)
{
    uint8_t reversed[DIGITS_MAX];
    size_t count = 0;
    do {
        reversed[count] = (uint8_t)('0' + n % 10);
        count++;
        n /= 10;
    } while (n > 0);
    for (size_t i = 0; i < count; i++) {
        digits[i] = reversed[count - 1 - i];
    }
    return count;
}

/* Puts the suffix and the padding behind the digits. */
static void finish_tail(tail *end, const bc__sha256_decimal_search *search)
{
    size_t at = end->digits_at + end->digit_count;
    if (search->suffix_length > 0) {
        memcpy(end->bytes + at, search->suffix, search->suffix_length);
        at += search->suffix_length;
    }
    uint64_t whole = search->prefix_length - end->digits_at;
    uint64_t bits = (whole + at) * 8;
    end->block_count = (at + PADDING_BYTES + BC__SHA256_BLOCK_BYTES - 1) / BC__SHA256_BLOCK_BYTES;
    size_t length_at = end->block_count * BC__SHA256_BLOCK_BYTES - 8;
    end->bytes[at] = 0x80;
    at++;
    memset(end->bytes + at, 0, length_at - at);
    bc__put_be64(end->bytes + length_at, bits);
}

static void make_tail(tail *end, const bc__sha256_decimal_search *search, uint64_t n)
{
    assert(search->suffix_length <= BC__SHA256_SEARCH_SUFFIX_BYTES_MAX);
    bc__sha256_state state;
    bc__sha256_init(&state);
    bc__sha256_update(&state, search->prefix, search->prefix_length);
    memcpy(end->start, state.words, sizeof end->start);
    end->digits_at = search->prefix_length % BC__SHA256_BLOCK_BYTES;
    memcpy(end->bytes, state.block, end->digits_at);
    end->digit_count = write_decimal(end->bytes + end->digits_at, n);
    finish_tail(end, search);
}

/* Counts on by one. */
static void increment(tail *end, const bc__sha256_decimal_search *search)
{
    uint8_t *digits = end->bytes + end->digits_at;
    size_t at = end->digit_count;
    while (at > 0 && digits[at - 1] == '9') {
        at--;
        digits[at] = '0';
    }
    if (at > 0) {
        digits[at - 1]++;
        return;
    }
    digits[0] = '1';
    digits[end->digit_count] = '0';
    end->digit_count++;
    finish_tail(end, search);
}

static void hash_tail(uint32_t words[BC__SHA256_WORDS], const tail *end,
                      const bc__sha256_engine *engine)
{
    memcpy(words, end->start, sizeof end->start);
    engine->compress(words, end->bytes, end->block_count);
}

static void read_target(uint32_t target[BC__SHA256_WORDS], const bc__sha256_decimal_search *search)
{
    for (size_t i = 0; i < BC__SHA256_WORDS; i++) {
        target[i] = bc__sha256_load_word(search->target + 4 * i);
    }
}

static inline bool is_at_most(const uint32_t words[BC__SHA256_WORDS],
                              const uint32_t target[BC__SHA256_WORDS])
{
    for (size_t i = 0; i < BC__SHA256_WORDS; i++) {
        if (words[i] != target[i]) {
            return words[i] < target[i];
        }
    }
    return true;
}

bool bc__sha256_search_decimal(const bc__sha256_decimal_search *search, uint64_t first,
                               uint64_t count, uint64_t *found)
{
    assert(count == 0 || first <= UINT64_MAX - (count - 1));
    const bc__sha256_engine *engine = bc__sha256_engine_chosen();
    uint32_t target[BC__SHA256_WORDS];
    uint32_t words[BC__SHA256_WORDS];
    tail end;
    read_target(target, search);
    make_tail(&end, search, first);
    for (uint64_t done = 0; done < count; done++) {
        hash_tail(words, &end, engine);
        if (is_at_most(words, target)) {
            *found = first + done;
            return true;
        }
        increment(&end, search);
    }
    return false;
}

bool bc__sha256_decimal_attempt(const bc__sha256_decimal_search *search, uint64_t n,
                                uint8_t hash[BC__SHA256_BYTES])
{
    uint32_t target[BC__SHA256_WORDS];
    uint32_t words[BC__SHA256_WORDS];
    tail end;
    read_target(target, search);
    make_tail(&end, search, n);
    hash_tail(words, &end, bc__sha256_engine_chosen());
    for (size_t i = 0; i < BC__SHA256_WORDS; i++) {
        bc__sha256_store_word(hash + 4 * i, words[i]);
    }
    return is_at_most(words, target);
}
