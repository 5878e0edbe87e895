/* Difficulty and its arithmetic as a filter, for run_difficulty.py. A line of standard input names a
 * function and its arguments; a line of output is the answer. Large numbers are 64 hexadecimal digits,
 * compact targets 8, times and heights decimal. */
#include "src/rules/ledger/difficulty.h"

#include <inttypes.h>
#include <stdio.h>

static bc__uint256 number(const char *text)
{
    uint8_t bytes[BC__UINT256_BYTES] = {0};
    for (size_t i = 0; i < sizeof bytes; i++) {
        (void)sscanf(text + 2 * i, "%2" SCNx8, &bytes[i]);
    }
    return bc__uint256_from_bytes(bytes);
}

static void print_number(const bc__uint256 *value, const char *after)
{
    uint8_t bytes[BC__UINT256_BYTES];
    bc__uint256_to_bytes(value, bytes);
    for (size_t i = 0; i < sizeof bytes; i++) {
        printf("%02x", bytes[i]);
    }
    fputs(after, stdout);
}

static void read_bits(uint32_t bits)
{
    bc__uint256 target = bc__uint256_zero();
    bc__compact_fault fault = bc__target_from_compact(&target, bits);
    printf("%d %d ", (int)fault, bc__compact_is_canonical(bits));
    print_number(&target, "\n");
}

static int answer(const char *line)
{
    char a[65];
    char b[65];
    bc__asert asert;
    int64_t time;
    int64_t height;
    uint32_t bits;
    if (sscanf(line, "bits %" SCNx32, &bits) == 1) {
        read_bits(bits);
        return 1;
    }
    if (sscanf(line, "encode %64s", a) == 1) {
        bc__uint256 target = number(a);
        printf("%08" PRIx32 "\n", bc__target_to_compact(&target));
        return 1;
    }
    if (sscanf(line, "work %64s", a) == 1) {
        bc__uint256 target = number(a);
        bc__uint256 work = bc__target_work(&target);
        print_number(&work, "\n");
        return 1;
    }
    if (sscanf(line, "divide %64s %64s", a, b) == 2) {
        bc__uint256 left = number(a);
        bc__uint256 right = number(b);
        bc__uint256 quotient = bc__uint256_divide(&left, &right);
        print_number(&quotient, "\n");
        return 1;
    }
    if (sscanf(line, "asert %64s %64s %" SCNu64 " %" SCNu64 " %" SCNd64 " %" SCNd64, a, b,
               &asert.spacing, &asert.half_life, &time, &height) == 6) {
        asert.limit = number(a);
        bc__uint256 anchor = number(b);
        bc__uint256 target = bc__asert_target(&asert, &anchor, time, height);
        print_number(&target, "\n");
        return 1;
    }
    if (sscanf(line, "next %64s %64s %" SCNu64 " %" SCNu64 " %" SCNd64, a, b, &asert.spacing,
               &asert.half_life, &time) == 5) {
        asert.limit = number(a);
        bc__uint256 parent = number(b);
        printf("%08" PRIx32 "\n", bc__asert_next(&asert, &parent, time));
        return 1;
    }
    return 0;
}

int main(void)
{
    char line[512];
    while (fgets(line, sizeof line, stdin) != NULL) {
        if (!answer(line)) {
            fprintf(stderr, "not understood: %s", line);
            return 1;
        }
    }
    return 0;
}
