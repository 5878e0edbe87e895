#include "examples/bcctl/print_block.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "examples/common/number.h"

void print_time(int64_t microseconds)
{
    struct tm fields;
    char text[64];
    int64_t seconds = microseconds / 1000000 - (microseconds % 1000000 < 0);
    time_t whole = (time_t)seconds;
    if (gmtime_r(&whole, &fields) == NULL ||
        strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &fields) == 0) {
        (void)printf("  time          %" PRId64 " microseconds since 1970\n", microseconds);
        return;
    }
    (void)printf("  time          %s.%06" PRId64 " UTC\n", text, microseconds - seconds * 1000000);
}

const char *nonce_name(const bc_block *block)
{
    return bc_block_header(block, NULL) != NULL ? "nonce" : "proof";
}

static bc_status print_transactions(const bc_block *block, bc_error *error)
{
    size_t count = bc_block_tx_count(block);
    (void)printf("  transactions  %zu\n", count);
    for (size_t i = 0; i < count; i++) {
        bc_tx *tx = NULL;
        bc_buffer *json = NULL;
        bc_status status = bc_block_tx(block, &tx, i, error);
        if (status == BC_OK) {
            status = bc_tx_json(tx, &json, error);
        }
        if (status == BC_OK) {
            (void)printf("    %s\n", (const char *)bc_buffer_data(json));
        }
        bc_buffer_unref(json);
        bc_tx_unref(tx);
        if (status != BC_OK) {
            return status;
        }
    }
    return BC_OK;
}

bc_status print_block(const bc_block *block, uint64_t height, bc_error *error)
{
    uint8_t id[BC_ID_BYTES];
    char hex[ID_TEXT_BYTES];
    uint64_t nonce = 0;
    bc_block_id(block, id);
    (void)printf("block %" PRIu64 "\n  id            %s\n", height, id_text(hex, id));
    if (bc_block_parent(block, id) == BC_OK) {
        (void)printf("  previous      %s\n", id_text(hex, id));
    } else {
        (void)printf("  previous      none\n");
    }
    int64_t microseconds = 0;
    if (bc_block_time(block, &microseconds) == BC_OK) {
        print_time(microseconds);
    } else {
        (void)printf("  time          none that can be read\n");
    }
    const char *label = nonce_name(block);
    if (bc_block_nonce(block, &nonce) == BC_OK) {
        (void)printf("  %-14s%" PRIu64 "\n", label, nonce);
    } else {
        (void)printf("  %-14snone that is a number of 64 bits\n", label);
    }
    return print_transactions(block, error);
}

bc_status print_block_json(const bc_block *block, bc_error *error)
{
    bc_buffer *json = NULL;
    bc_status status = bc_block_json(block, &json, error);
    if (status == BC_OK) {
        (void)printf("%s\n", (const char *)bc_buffer_data(json));
    }
    bc_buffer_unref(json);
    return status;
}
