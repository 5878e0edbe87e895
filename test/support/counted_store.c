#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "test/support/counted_store.h"

enum { SLOTS = 24, SLOTS_A_COMMIT = 4, VALUE_MAX = 12000 };

static void put_number(uint8_t bytes[4], uint32_t number)
{
    for (int i = 0; i < 4; i++) {
        bytes[i] = (uint8_t)(number >> (24 - 8 * i));
    }
}

/* What commit `number` does with a slot: whether it writes there at all, and the length of the value,
 * 0 for a removal. */
static bool touches(uint32_t number, uint32_t slot, size_t *length)
{
    static const size_t lengths[] = {40, 0, 256, 257, 3000, VALUE_MAX, 8};
    uint32_t mixed = (number * 2654435761u) ^ (slot * 40503u);
    if ((slot + SLOTS - number * SLOTS_A_COMMIT % SLOTS) % SLOTS >= SLOTS_A_COMMIT) {
        return false;
    }
    *length = lengths[(mixed >> 7) % (sizeof(lengths) / sizeof(lengths[0]))];
    return true;
}

static void fill(uint8_t *value, size_t length, uint32_t number, uint32_t slot)
{
    for (size_t i = 0; i < length; i++) {
        value[i] = (uint8_t)((number + 1) * 31 + slot * 7 + i * 13 + (i >> 8));
    }
}

bc_status counted_commit(bc_store *store, uint32_t number, bc_error *error)
{
    uint8_t(*values)[VALUE_MAX] = malloc(SLOTS_A_COMMIT * sizeof(*values));
    uint8_t keys[SLOTS_A_COMMIT + 1][4];
    bc_write writes[SLOTS_A_COMMIT + 1];
    uint8_t last[4];
    size_t count = 0;
    bc_status status;
    if (values == NULL) {
        abort();
    }
    memset(writes, 0, sizeof(writes));
    for (uint32_t slot = 0; slot < SLOTS; slot++) {
        size_t length = 0;
        if (touches(number, slot, &length)) {
            put_number(keys[count], slot);
            fill(values[count], length, number, slot);
            writes[count].key = keys[count];
            writes[count].key_length = 4;
            writes[count].op = length == 0 ? BC_WRITE_REMOVE : BC_WRITE_PUT;
            writes[count].value = length == 0 ? NULL : values[count];
            writes[count].value_length = length;
            count++;
        }
    }
    put_number(keys[count], UINT32_MAX);
    put_number(last, number);
    writes[count].key = keys[count];
    writes[count].key_length = 4;
    writes[count].op = BC_WRITE_PUT;
    writes[count].value = last;
    writes[count].value_length = 4;
    count++;
    status = store->commit(store->context, writes, count, error);
    free(values);
    return status;
}

typedef struct found {
    uint32_t lengths[SLOTS]; /* 0: not there */
    uint32_t numbers[SLOTS]; /* a commit that could have put just these bytes there, mod 256 */
    uint32_t number;
    bool broken;
} found;

static uint32_t get_number(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static bc_status visit(void *context, const uint8_t *key, size_t key_length, const uint8_t *value,
                       size_t value_length)
{
    found *state = context;
    uint32_t slot = key_length == 4 ? get_number(key) : SLOTS;
    if (slot == UINT32_MAX && value_length == 4) {
        state->number = get_number(value);
        return BC_OK;
    }
    if (slot >= SLOTS || value_length == 0 || value_length > VALUE_MAX) {
        state->broken = true;
        return BC_OK;
    }
    state->lengths[slot] = (uint32_t)value_length;
    for (uint32_t guess = 0; guess < 256; guess++) {
        uint8_t expected[VALUE_MAX];
        fill(expected, 1, guess, slot);
        if (expected[0] == value[0]) {
            fill(expected, value_length, guess, slot);
            state->broken = state->broken || memcmp(expected, value, value_length) != 0;
            state->numbers[slot] = guess;
            return BC_OK;
        }
    }
    state->broken = true;
    return BC_OK;
}

int64_t counted_state(bc_store *store)
{
    found state;
    memset(&state, 0, sizeof(state));
    if (store->scan(store->context, NULL, 0, NULL, 0, visit, &state, NULL) != BC_OK ||
        state.broken) {
        return -1;
    }
    for (uint32_t slot = 0; slot < SLOTS; slot++) {
        uint32_t number = state.number;
        size_t length = 0;
        while (number != 0 && !touches(number, slot, &length)) {
            number--;
        }
        if (state.lengths[slot] != length ||
            (length != 0 && state.numbers[slot] != (number & 0xff))) {
            return -1;
        }
    }
    return state.number;
}
