/* Numbers for random tests: the same ones in each run, others with another BC_TEST_SEED. */
#ifndef BC_TEST_SUPPORT_RANDOM_H
#define BC_TEST_SUPPORT_RANDOM_H

#include <stddef.h>
#include <stdint.h>

typedef struct test_random {
    uint64_t state;
} test_random;

test_random test_random_begin(void);
uint64_t test_random_next(test_random *random);
size_t test_random_below(test_random *random, size_t limit);
void test_random_fill(test_random *random, uint8_t *bytes, size_t length);

/* How often a random test repeats itself: `count` times BC_TEST_SCALE percent, at least once. */
size_t test_random_repeats(size_t count);

#endif
