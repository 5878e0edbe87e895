/* SHA-256 of one message.
 *
 *     bench_sha256      commands: ours BYTES, libsodium BYTES; seconds for a hash, the mean of many */
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "lib/sha256/sha256.h"
#include "test/support/bench.h"

enum { MESSAGE_MAX = 1 << 20, BYTES_A_ROUND = 1 << 22 };

typedef void (*hash_fn)(uint8_t out[32], const void *message, size_t length);

static void hash_libsodium(uint8_t out[32], const void *message, size_t length)
{
    (void)crypto_hash_sha256(out, message, length);
}

/* Each hash goes into the next message, so that none can be left out. */
static bool hash_many(hash_fn hash, uint8_t *message, uint64_t length, double *result)
{
    if (length < 32 || length > MESSAGE_MAX) {
        return bench_complain("messages have 32 bytes to 1 MiB", NULL);
    }
    uint64_t count = BYTES_A_ROUND / length + 1;
    double start = bench_seconds();
    for (uint64_t at = 0; at < count; at++) {
        hash(message, message, (size_t)length);
    }
    *result = (bench_seconds() - start) / (double)count;
    return true;
}

static bool ours(void *context, uint64_t length, double *result)
{
    return hash_many(bc__sha256, context, length, result);
}

static bool libsodium(void *context, uint64_t length, double *result)
{
    return hash_many(hash_libsodium, context, length, result);
}

int main(void)
{
    static const bench_command commands[] = {{"ours", ours}, {"libsodium", libsodium}};
    static uint8_t message[MESSAGE_MAX];
    memset(message, 'm', sizeof message);
    if (sodium_init() < 0) {
        (void)fprintf(stderr, "libsodium does not start\n");
        return 1;
    }
    return bench_obey(commands, sizeof commands / sizeof commands[0], message);
}
