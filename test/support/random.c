#include "test/support/random.h"

#include <stdlib.h>

static uint64_t environment(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    return text == NULL ? otherwise : strtoull(text, NULL, 10);
}

test_random test_random_begin(void)
{
    return (test_random){environment("BC_TEST_SEED", 1)};
}

/* SplitMix64. */
uint64_t test_random_next(test_random *random)
{
    random->state += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t z = random->state;
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

size_t test_random_below(test_random *random, size_t limit)
{
    return (size_t)(test_random_next(random) % limit);
}

void test_random_fill(test_random *random, uint8_t *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        bytes[i] = (uint8_t)test_random_next(random);
    }
}

size_t test_random_repeats(size_t count)
{
    uint64_t scaled = count * environment("BC_TEST_SCALE", 100) / 100;
    return scaled == 0 ? 1 : (size_t)scaled;
}
