/* bcctl replay: blocks into a chain one by one, with what becomes of each, so that two implementations
 * of the same rules can be compared line by line. */
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#include "examples/bcctl/command.h"
#include "examples/common/network.h"
#include "examples/common/number.h"

static const char help[] =
    "Usage: bcctl replay --network NAME|FILE.json [FILE]\n"
    "Reads lines NOW_MS BLOCK_HEX from FILE, or from standard input: the clock in milliseconds "
    "since\n"
    "1970, and the bytes of a block. Offers each block to a chain in memory that keeps no orphans, "
    "and\n"
    "prints a line for each:\n"
    "\n"
    "  STATUS REASON BLOCK_ID TIP_HEIGHT TIP_ID TIP_WORK\n"
    "\n"
    "STATUS is accepted, branch, known, orphan, not-yet or invalid; REASON the check that failed, "
    "or\n"
    "\"-\"; BLOCK_ID is \"-\" where the bytes are no block; TIP_WORK is hexadecimal.\n"
    "\n"
    "  -n, --network NAME|FILE.json  the network; its genesis is there from the beginning\n"
    "      --help                    prints this\n";

/* The clock of the lines, microseconds. */
static int64_t line_clock(void *context)
{
    return *(const int64_t *)context;
}

static void print_work(const uint8_t work[BC_WORK_BYTES])
{
    size_t at = 0;
    while (at < BC_WORK_BYTES - 1 && work[at] == 0) {
        at++;
    }
    (void)printf("%x", work[at]);
    while (++at < BC_WORK_BYTES) {
        (void)printf("%02x", work[at]);
    }
    (void)putchar('\n');
}

static void print_line(bc_chain *chain, uint32_t verdict, uint32_t reason, const bc_block *block)
{
    uint8_t id[BC_ID_BYTES];
    uint8_t work[BC_WORK_BYTES];
    char hex[ID_TEXT_BYTES];
    uint64_t height;
    bc_block_id(block, id);
    (void)printf("%s %s %s", bc_verdict_name(verdict), bc_reason_name(reason),
                 block == NULL ? "-" : id_text(hex, id));
    (void)bc_chain_tip(chain, &height, id, work);
    (void)printf(" %llu %s ", (unsigned long long)height, id_text(hex, id));
    print_work(work);
}

/* The clock and the bytes of a line, in its own memory; 0 where it is no such line. */
static int read_line(char *line, int64_t *now, uint8_t **bytes, size_t *length)
{
    uint64_t milliseconds;
    char *space = strchr(line, ' ');
    size_t end = strlen(line);
    while (end > 0 && isspace((unsigned char)line[end - 1])) {
        line[--end] = '\0';
    }
    if (space == NULL || space >= line + end) {
        return 0;
    }
    *space = '\0';
    const char *hex = space + 1;
    size_t digits = (size_t)(line + end - hex);
    *bytes = (uint8_t *)line; /* shorter than the digits, and before them */
    if (!number_parse(&milliseconds, line, 0, (uint64_t)1 << 53)) {
        return 0;
    }
    *now = (int64_t)milliseconds * 1000;
    return digits % 2 == 0 &&
           sodium_hex2bin(*bytes, digits / 2, hex, digits, NULL, length, NULL) == 0 &&
           *length == digits / 2;
}

static bc_status offer(bc_chain *chain, const uint8_t *bytes, size_t length, bc_error *error)
{
    bc_block *block = NULL;
    uint32_t verdict = BC_VERDICT_INVALID;
    uint32_t reason = BC_REASON_FRAMING;
    bc_status status = bc_block_parse(&block, bc_chain_params(chain), bytes, length, error);
    if (status == BC_OK) {
        status = bc_chain_submit(chain, &verdict, &reason, block, error);
    } else if (status == BC_ERR_FORMAT || status == BC_ERR_LIMIT) {
        reason = status == BC_ERR_LIMIT ? BC_REASON_SIZE : reason;
        status = BC_OK; /* that is an answer, too */
    }
    if (status == BC_OK) {
        print_line(chain, verdict, reason, block);
    }
    bc_block_unref(block);
    return status;
}

static int replay_lines(bc_chain *chain, int64_t *now, FILE *file, const char *name)
{
    char *line = NULL;
    size_t capacity = 0;
    unsigned long long number = 0;
    bc_error error = BC_ERROR_INIT;
    int result = EXIT_GOOD;
    while (result == EXIT_GOOD && getline(&line, &capacity, file) > 0) {
        uint8_t *bytes;
        size_t length;
        number++;
        if (!read_line(line, now, &bytes, &length)) {
            (void)fprintf(stderr, "bcctl: %s: line %llu is not NOW_MS BLOCK_HEX\n", name, number);
            result = EXIT_UNUSABLE;
        } else if (offer(chain, bytes, length, &error) != BC_OK) {
            (void)fprintf(stderr, "bcctl: %s: line %llu: %s\n", name, number, error.message);
            result = EXIT_FAILED;
        }
    }
    if (result == EXIT_GOOD && ferror(file)) {
        (void)fprintf(stderr, "bcctl: %s: %s\n", name, strerror(errno));
        result = EXIT_UNUSABLE;
    }
    free(line);
    return result;
}

static int replay(const char *network, const char *name)
{
    int64_t now = 0;
    bc_error error = BC_ERROR_INIT;
    bc_params *params = NULL;
    bc_chain *chain = NULL;
    bc_clock clock = BC_CLOCK_INIT;
    bc_options options = BC_OPTIONS_INIT;
    int result = EXIT_UNUSABLE;
    FILE *file = strcmp(name, "-") == 0 ? stdin : fopen(name, "rb");
    if (file == NULL) {
        (void)fprintf(stderr, "bcctl: %s: %s\n", name, strerror(errno));
        return EXIT_UNUSABLE;
    }
    clock.context = &now;
    clock.wall = line_clock;
    clock.monotonic = line_clock;
    options.clock = &clock;
    options.orphan_bytes = 1; /* no block is so small */
    options.keep_branches = BC_NONE;
    if (network_load(&params, network, &error) != BC_OK) {
        (void)complain("--network", &error, result);
    } else if (bc_chain_open(&chain, params, &options, &error) != BC_OK) {
        (void)complain(network, &error, result);
    } else {
        result = replay_lines(chain, &now, file, strcmp(name, "-") == 0 ? "standard input" : name);
    }
    (void)bc_chain_close(chain, NULL);
    bc_params_unref(params);
    if (file != stdin) {
        (void)fclose(file);
    }
    return result;
}

int command_replay(int argc, char **argv)
{
    static const struct option names[] = {
        {"network", required_argument, NULL, 'n'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    const char *network = NULL;
    int name;
    while ((name = getopt_long(argc, argv, "n:h", names, NULL)) != -1) {
        switch (name) {
        case 'n':
            network = optarg;
            break;
        case 'h':
            (void)fputs(help, stdout);
            return EXIT_GOOD;
        default:
            return see_help("replay");
        }
    }
    if (network == NULL || argc - optind > 1) {
        (void)fputs("bcctl: replay takes --network NAME|FILE.json and at most one file.\n", stderr);
        return see_help("replay");
    }
    return replay(network, optind < argc ? argv[optind] : "-");
}
