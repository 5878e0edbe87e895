/* SHA-256 (FIPS 180-4): of one message, of a message in pieces, and the search for a small one. */
#ifndef BC_LIB_SHA256_SHA256_H
#define BC_LIB_SHA256_SHA256_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    BC__SHA256_BYTES = 32,
    BC__SHA256_BLOCK_BYTES = 64,
    BC__SHA256_WORDS = 8, /* of 32 bits, in a state and in a hash */
    BC__SHA256_SEARCH_SUFFIX_BYTES_MAX = 128
};

/* The hash of one message. `data` may be NULL when `length` is 0. */
void bc__sha256(uint8_t out[BC__SHA256_BYTES], const void *data, size_t length);

/* The hash of a message that comes in pieces: init, update any number of times, final. A copy of a
 * state goes on by itself. After final a state is to be initialised again. */
typedef struct bc__sha256_state {
    uint32_t words[BC__SHA256_WORDS];
    uint64_t length;                       /* bytes taken in */
    uint8_t block[BC__SHA256_BLOCK_BYTES]; /* of which length % 64 wait here */
} bc__sha256_state;

void bc__sha256_init(bc__sha256_state *state);
void bc__sha256_update(bc__sha256_state *state, const void *data, size_t length);
void bc__sha256_final(bc__sha256_state *state, uint8_t out[BC__SHA256_BYTES]);

/* The search for a number. n holds where SHA-256(prefix || n || suffix), read as a big-endian
 * number, is not greater than the target; n stands there in decimal, without leading zeros. */
typedef struct bc__sha256_decimal_search {
    const uint8_t *prefix; /* borrowed; may be NULL when its length is 0 */
    size_t prefix_length;
    const uint8_t *suffix; /* the same */
    size_t suffix_length;  /* at most BC__SHA256_SEARCH_SUFFIX_BYTES_MAX */
    uint8_t target[BC__SHA256_BYTES];
} bc__sha256_decimal_search;

/* Finds the least n in [first, first + count) that holds; false, with *found as it was, where none
 * does. first + count is at most 2^64. */
bool bc__sha256_search_decimal(const bc__sha256_decimal_search *search, uint64_t first,
                               uint64_t count, uint64_t *found);

/* Whether n holds; `hash` is its hash. */
bool bc__sha256_decimal_attempt(const bc__sha256_decimal_search *search, uint64_t n,
                                uint8_t hash[BC__SHA256_BYTES]);

#endif
