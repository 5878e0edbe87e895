/* A chain of the ledger's rules as a filter, for run_ledger_state.py: what is done to it, a line each,
 * and what is seen of it afterwards. The argument is a file with the network. First lines:
 *
 *     option NAME NUMBER        of bc_options
 *     key HEX                   an account to be looked at
 *
 * then, with the clock in milliseconds since 1970:
 *
 *     block NOW HEX | tx NOW HEX | tick NOW | reopen NOW
 *         VERDICT REASON HEIGHT TIP WORK accounts BALANCE:NONCE:NEXT_NONCE... mempool ID...
 *     find ID                   HEIGHT BLOCK_ID POSITION, "waits" or "none"
 *     prove tx ID | prove record ID LATER | prove block HEIGHT LATER | prove prefix OLDER LATER
 *                               the proof in hexadecimal, or "none"
 *     bytes                     what the mempool counts
 *
 * The store outlives the chain, so that it can be opened again. */
#include <inttypes.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bc/bc.h>

#include "test/support/test_store.h"

enum { KEYS_MOST = 4096, WORDS_MOST = 4 };

typedef struct filter {
    bc_params *params;
    bc_chain *chain; /* NULL until the first line that needs it */
    test_store store;
    bc_clock clock;
    bc_options options;
    int64_t wall;
    int64_t monotonic;
    uint8_t keys[KEYS_MOST][32];
    size_t key_count;
    bc_error error;
} filter;

/* ---- Bytes and text ---- */

/* Of memory of their own size, so that sanitizers see one too far; NULL where it is no hexadecimal. */
static uint8_t *decode(const char *hex, size_t *length)
{
    size_t digits = strlen(hex);
    uint8_t *bytes = malloc(digits / 2 + (digits < 2));
    if (bytes != NULL && (digits % 2 != 0 ||
                          sodium_hex2bin(bytes, digits / 2, hex, digits, NULL, length, NULL) != 0 ||
                          *length != digits / 2)) {
        free(bytes);
        bytes = NULL;
    }
    return bytes;
}

static bool decode_32(uint8_t out[32], const char *hex)
{
    size_t length;
    return strlen(hex) == 64 && sodium_hex2bin(out, 32, hex, 64, NULL, &length, NULL) == 0;
}

static void print_hex(const uint8_t *bytes, size_t length)
{
    for (size_t at = 0; at < length; at++) {
        printf("%02x", bytes[at]);
    }
}

static void print_work(const uint8_t work[BC_WORK_BYTES])
{
    size_t at = 0;
    while (at < BC_WORK_BYTES - 1 && work[at] == 0) {
        at++;
    }
    printf("%x", work[at]);
    print_hex(work + at + 1, BC_WORK_BYTES - 1 - at);
}

/* ---- The chain ---- */

static int64_t wall(void *context)
{
    return ((const filter *)context)->wall;
}

static int64_t monotonic(void *context)
{
    return ((const filter *)context)->monotonic;
}

static void set_clock(filter *with, const char *milliseconds)
{
    with->wall = (int64_t)strtoull(milliseconds, NULL, 10) * 1000;
    with->monotonic = with->wall > with->monotonic ? with->wall : with->monotonic;
}

static bool set_option(filter *with, const char *name, uint64_t value)
{
    bc_options *options = &with->options;
    if (strcmp(name, "tx_durability") == 0) {
        options->tx_durability = (uint32_t)value;
        return true;
    }
    const struct {
        const char *name;
        uint64_t *value;
    } known[] = {
        {"mempool_bytes", &options->mempool_bytes},
        {"mempool_sender_count", &options->mempool_sender_count},
        {"mempool_age_us", &options->mempool_age_us},
        {"max_reorg_depth", &options->max_reorg_depth},
        {"commit_interval_us", &options->commit_interval_us},
        {"commit_bytes", &options->commit_bytes},
        {"account_bytes", &options->account_bytes},
        {"cache_bytes", &options->cache_bytes},
        {"signature_bytes", &options->signature_bytes},
    };
    for (size_t at = 0; at < sizeof known / sizeof *known; at++) {
        if (strcmp(known[at].name, name) == 0) {
            *known[at].value = value;
            return true;
        }
    }
    return false;
}

static bc_status open_chain(filter *with)
{
    return with->chain != NULL
               ? BC_OK
               : bc_chain_open(&with->chain, with->params, &with->options, &with->error);
}

static bc_status reopen(filter *with)
{
    bc_status status = bc_chain_close(with->chain, &with->error);
    with->chain = NULL;
    return status == BC_OK ? open_chain(with) : status;
}

static bc_status submit_block(filter *with, const char *hex, uint32_t *verdict, uint32_t *reason)
{
    size_t length = 0;
    bc_block *block = NULL;
    uint8_t *bytes = decode(hex, &length);
    bc_status status = bytes == NULL
                           ? BC_ERR_MEMORY
                           : bc_block_parse(&block, with->params, bytes, length, &with->error);
    if (status == BC_ERR_FORMAT) {
        *verdict = BC_VERDICT_INVALID;
        *reason = BC_REASON_FRAMING;
        status = BC_OK;
    } else if (status == BC_OK) {
        status = bc_chain_submit(with->chain, verdict, reason, block, &with->error);
    }
    bc_block_unref(block);
    free(bytes);
    return status;
}

static bc_status submit_tx(filter *with, const char *hex, uint32_t *verdict, uint32_t *reason)
{
    size_t length = 0;
    bc_tx *tx = NULL;
    uint8_t *bytes = decode(hex, &length);
    bc_status status =
        bytes == NULL ? BC_ERR_MEMORY : bc_tx_parse(&tx, with->params, bytes, length, &with->error);
    if (status == BC_ERR_FORMAT) {
        *verdict = BC_VERDICT_INVALID;
        *reason = BC_REASON_FRAMING;
        status = BC_OK;
    } else if (status == BC_OK) {
        status = bc_chain_submit_tx(with->chain, verdict, reason, tx, &with->error);
    }
    bc_tx_unref(tx);
    free(bytes);
    return status;
}

/* ---- What is seen ---- */

static bc_status print_tx_id(void *context, bc_tx *tx)
{
    uint8_t id[BC_ID_BYTES];
    (void)context;
    bc_tx_id(tx, id);
    putchar(' ');
    print_hex(id, sizeof id);
    return BC_OK;
}

static bc_status print_view(filter *with)
{
    uint64_t height;
    uint8_t id[BC_ID_BYTES];
    uint8_t work[BC_WORK_BYTES];
    bc_status status = bc_chain_tip(with->chain, &height, id, work);
    printf(" %" PRIu64 " ", height);
    print_hex(id, sizeof id);
    putchar(' ');
    print_work(work);
    printf(" accounts");
    for (size_t at = 0; status == BC_OK && at < with->key_count; at++) {
        uint64_t balance;
        uint64_t nonce;
        uint64_t next;
        status =
            bc_chain_account(with->chain, &balance, &nonce, &next, with->keys[at], &with->error);
        printf(" %" PRIu64 ":%" PRIu64 ":%" PRIu64, balance, nonce, next);
    }
    printf(" mempool");
    if (status == BC_OK) {
        status = bc_chain_mempool(with->chain, print_tx_id, NULL, &with->error);
    }
    putchar('\n');
    return status;
}

static bc_status find(filter *with, const uint8_t id[32])
{
    bc_tx *tx = NULL;
    uint64_t height;
    uint32_t position;
    uint8_t block_id[BC_ID_BYTES];
    uint8_t found[BC_ID_BYTES];
    bc_status status =
        bc_chain_find_tx(with->chain, &tx, &height, block_id, &position, id, &with->error);
    if (status == BC_ERR_NOT_FOUND) {
        puts("none");
        return BC_OK;
    }
    bc_tx_id(tx, found);
    if (status != BC_OK || memcmp(found, id, sizeof found) != 0) {
        puts("another transaction");
    } else if (height == BC_NONE) {
        puts("waits");
    } else {
        printf("%" PRIu64 " ", height);
        print_hex(block_id, sizeof block_id);
        printf(" %" PRIu32 "\n", position);
    }
    bc_tx_unref(tx);
    return status;
}

static bc_status prove(filter *with, const char *what, const char *of, const char *under)
{
    bc_buffer *proof = NULL;
    uint8_t id[32] = {0};
    uint64_t later = strtoull(under, NULL, 10);
    bc_status status;
    (void)decode_32(id, of);
    if (strcmp(what, "tx") == 0) {
        status = bc_chain_inclusion_of_tx(with->chain, &proof, id, &with->error);
    } else if (strcmp(what, "record") == 0) {
        status = bc_chain_inclusion_of_record(with->chain, &proof, id, later, &with->error);
    } else if (strcmp(what, "block") == 0) {
        status = bc_chain_inclusion_of_block(with->chain, &proof, strtoull(of, NULL, 10), later,
                                             &with->error);
    } else {
        status =
            bc_chain_consistency(with->chain, &proof, strtoull(of, NULL, 10), later, &with->error);
    }
    if (status == BC_OK) {
        print_hex(bc_buffer_data(proof), bc_buffer_length(proof));
        putchar('\n');
    } else if (status == BC_ERR_NOT_FOUND || status == BC_ERR_ARGUMENT) {
        puts("none");
        status = BC_OK;
    }
    bc_buffer_unref(proof);
    return status;
}

static bc_status print_bytes(filter *with)
{
    bc_info info = BC_INFO_INIT;
    bc_status status = bc_chain_info(with->chain, &info);
    printf("%" PRIu64 " of %" PRIu64 "\n", info.mempool_bytes, info.mempool_count);
    return status;
}

/* ---- Lines ---- */

static bc_status change(filter *with, const char *what, const char *now, const char *hex)
{
    uint32_t verdict = BC_VERDICT_NONE;
    uint32_t reason = BC_REASON_NONE;
    bc_status status = BC_ERR_ARGUMENT;
    set_clock(with, now);
    if (strcmp(what, "block") == 0) {
        status = submit_block(with, hex, &verdict, &reason);
    } else if (strcmp(what, "tx") == 0) {
        status = submit_tx(with, hex, &verdict, &reason);
    } else if (strcmp(what, "tick") == 0) {
        status = bc_chain_tick(with->chain, NULL, &with->error);
    } else if (strcmp(what, "reopen") == 0) {
        status = reopen(with);
    }
    if (status == BC_OK) {
        printf("%s %s",
               verdict != BC_VERDICT_NONE ? bc_verdict_name(verdict)
               : what[0] == 't'           ? "ticked"
                                          : "opened",
               bc_reason_name(reason));
        status = print_view(with);
    }
    return status;
}

static bc_status handle(filter *with, char *line)
{
    const char *words[WORDS_MOST] = {"", "", "", ""};
    uint8_t id[32];
    char *rest = NULL;
    size_t count = 0;
    for (char *word = strtok_r(line, " \n", &rest); word != NULL && count < WORDS_MOST;
         word = strtok_r(NULL, " \n", &rest)) {
        words[count++] = word;
    }
    if (strcmp(words[0], "option") == 0) {
        return set_option(with, words[1], strtoull(words[2], NULL, 10)) ? BC_OK : BC_ERR_ARGUMENT;
    }
    if (strcmp(words[0], "key") == 0) {
        bool good = with->key_count < KEYS_MOST && decode_32(with->keys[with->key_count], words[1]);
        with->key_count += good ? 1 : 0;
        return good ? BC_OK : BC_ERR_ARGUMENT;
    }
    bc_status status = open_chain(with);
    if (status != BC_OK) {
        return status;
    }
    if (strcmp(words[0], "find") == 0) {
        return decode_32(id, words[1]) ? find(with, id) : BC_ERR_ARGUMENT;
    }
    if (strcmp(words[0], "prove") == 0) {
        return prove(with, words[1], words[2], words[3]);
    }
    return strcmp(words[0], "bytes") == 0 ? print_bytes(with)
                                          : change(with, words[0], words[1], words[2]);
}

static bc_status read_network(filter *with, const char *path)
{
    char json[1 << 16];
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return BC_ERR_NOT_FOUND;
    }
    size_t length = fread(json, 1, sizeof json, file);
    (void)fclose(file);
    return bc_params_parse(&with->params, json, length, NULL, &with->error);
}

int main(int argc, char **argv)
{
    static filter with = {.clock = BC_CLOCK_INIT, .options = BC_OPTIONS_INIT};
    char *line = NULL;
    size_t size = 0;
    unsigned long number = 0;
    bc_status status = argc == 2 ? read_network(&with, argv[1]) : BC_ERR_ARGUMENT;
    test_store_init(&with.store);
    with.clock.context = &with;
    with.clock.wall = wall;
    with.clock.monotonic = monotonic;
    with.options.clock = &with.clock;
    with.options.store = &with.store.outer;
    with.options.orphan_bytes = 1; /* no block is so small */
    with.options.keep_branches = BC_NONE;
    while (status == BC_OK && getline(&line, &size, stdin) > 0) {
        number++;
        status = handle(&with, line);
    }
    if (bc_chain_close(with.chain, &with.error) != BC_OK && status == BC_OK) {
        status = with.error.code;
    }
    if (status != BC_OK) {
        fprintf(stderr, "ledger_filter: line %lu: %s %s\n", number, bc_status_name(status),
                with.error.message);
    }
    bc_params_unref(with.params);
    test_store_free(&with.store);
    free(line);
    return status == BC_OK ? 0 : 1;
}
