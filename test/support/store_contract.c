#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "test/support/random.h"
#include "test/support/read_sink.h"
#include "test/support/store_contract.h"

enum {
    PAIRS_MAX = 1500, /* in the model */
    WRITES_MAX = 40,  /* in a commit */
    STOPPED = -4711   /* what a visitor ends a scan with */
};

typedef struct key_value {
    uint8_t key[BC_KEY_BYTES_MAX];
    size_t key_length;
    uint8_t *value;
    size_t value_length;
} key_value;

/* The model: pairs in the order of their keys. */
typedef struct sorted_map {
    key_value pairs[PAIRS_MAX];
    size_t count;
    test_random random;
} sorted_map;

static size_t below(sorted_map *model, size_t limit)
{
    return test_random_below(&model->random, limit);
}

static int compare(const uint8_t *a, size_t a_length, const uint8_t *b, size_t b_length)
{
    size_t i = 0;
    while (i < a_length && i < b_length) {
        if (a[i] != b[i]) {
            return a[i] < b[i] ? -1 : 1;
        }
        i++;
    }
    return a_length == b_length ? 0 : a_length < b_length ? -1 : 1;
}

static bool begins_with(const key_value *pair, const uint8_t *prefix, size_t length)
{
    return pair->key_length >= length && compare(pair->key, length, prefix, length) == 0;
}

/* The position of the key, or where it would stand. */
static size_t find(const sorted_map *model, const uint8_t *key, size_t length, bool *found)
{
    size_t i = 0;
    int order = -1;
    while (i < model->count &&
           (order = compare(model->pairs[i].key, model->pairs[i].key_length, key, length)) < 0) {
        i++;
    }
    *found = i < model->count && order == 0;
    return i;
}

static void model_apply(sorted_map *model, const bc_write *write)
{
    bool found;
    size_t i = find(model, write->key, write->key_length, &found);
    size_t behind = model->count - i;
    key_value *pairs = model->pairs;
    if (found) {
        free(pairs[i].value);
        memmove(&pairs[i], &pairs[i + 1], (behind - 1) * sizeof(key_value));
        model->count--;
        behind--;
    }
    if (write->op == BC_WRITE_PUT) {
        assert_true(model->count < PAIRS_MAX);
        memmove(&pairs[i + 1], &pairs[i], behind * sizeof(key_value));
        model->count++;
        memcpy(pairs[i].key, write->key, write->key_length);
        pairs[i].key_length = write->key_length;
        pairs[i].value = malloc(write->value_length + 1);
        assert_non_null(pairs[i].value);
        if (write->value_length != 0) {
            memcpy(pairs[i].value, write->value, write->value_length);
        }
        pairs[i].value_length = write->value_length;
    }
}

static void model_release(sorted_map *model)
{
    for (size_t i = 0; i < model->count; i++) {
        free(model->pairs[i].value);
    }
    free(model);
}

static sorted_map *model_make(void)
{
    sorted_map *made = calloc(1, sizeof(*made));
    assert_non_null(made);
    made->random = test_random_begin();
    return made;
}

static void open_store(const store_contract *contract, bc_store *store)
{
    const bc_store fresh = BC_STORE_INIT;
    bc_error error = {0};
    bc_status status;
    *store = fresh;
    status = contract->open(contract->context, store, &error);
    if (status != BC_OK) {
        fail_msg("open: %d %s", (int)status, error.message);
    }
    assert_non_null(store->get);
    assert_non_null(store->scan);
    assert_non_null(store->commit);
}

static void close_store(bc_store *store)
{
    if (store->close != NULL) {
        store->close(store->context);
    }
}

static void commit(bc_store *store, const bc_write *writes, size_t count)
{
    bc_error error = {0};
    bc_status status = store->commit(store->context, writes, count, &error);
    if (status != BC_OK) {
        fail_msg("commit: %d %s", (int)status, error.message);
    }
}

/* A visit compares with the model, from `expected` to `end`, and stops before `left` is passed. */
typedef struct expectation {
    const sorted_map *model;
    size_t at;
    const uint8_t *prefix;
    size_t prefix_length;
    size_t left;
} expectation;

static void skip_to_prefix(expectation *expected)
{
    const sorted_map *model = expected->model;
    while (expected->at < model->count &&
           !begins_with(&model->pairs[expected->at], expected->prefix, expected->prefix_length)) {
        expected->at++;
    }
}

static bc_status visit(void *context, const uint8_t *key, size_t key_length, const uint8_t *value,
                       size_t value_length)
{
    expectation *expected = context;
    const key_value *pair;
    skip_to_prefix(expected);
    assert_true(expected->at < expected->model->count);
    pair = &expected->model->pairs[expected->at];
    assert_int_equal(pair->key_length, key_length);
    assert_memory_equal(pair->key, key, key_length);
    assert_int_equal(pair->value_length, value_length);
    if (value_length != 0) {
        assert_memory_equal(pair->value, value, value_length);
    }
    expected->at++;
    if (expected->left == 0) {
        return STOPPED;
    }
    expected->left--;
    return BC_OK;
}

/* Scans and compares; stops at the visit with number `visits` from 0. */
static void check_scan(bc_store *store, const sorted_map *model, const uint8_t *prefix,
                       size_t prefix_length, const uint8_t *after, size_t after_length,
                       size_t visits)
{
    bc_error error = {0};
    expectation expected = {model, 0, prefix, prefix_length, visits};
    bc_status status;
    if (after != NULL) {
        bool found;
        expected.at = find(model, after, after_length, &found);
        expected.at += found ? 1 : 0;
    }
    status = store->scan(store->context, prefix, prefix_length, after, after_length, visit,
                         &expected, &error);
    if (status == STOPPED) {
        return;
    }
    assert_int_equal(status, BC_OK);
    skip_to_prefix(&expected);
    assert_int_equal(expected.at, model->count);
}

static void check_get(bc_store *store, const sorted_map *model, const uint8_t *key, size_t length)
{
    bc_error error = {0};
    bool found;
    size_t i = find(model, key, length, &found);
    read_sink sink;
    read_sink_init(&sink, SIZE_MAX);
    assert_int_equal(store->get(store->context, key, length, &sink.sink, &error),
                     found ? BC_OK : BC_ERR_NOT_FOUND);
    assert_int_equal(sink.bytes.length, found ? model->pairs[i].value_length : 0);
    if (sink.bytes.length != 0) {
        assert_memory_equal(sink.bytes.data, model->pairs[i].value, sink.bytes.length);
    }
    read_sink_release(&sink);
    if (found &&
        model->pairs[i].value_length != 0) { /* what the sink says is given back as it is */
        read_sink_init(&sink, model->pairs[i].value_length - 1);
        assert_int_equal(store->get(store->context, key, length, &sink.sink, &error), BC_ERR_LIMIT);
        read_sink_release(&sink);
    }
}

static void check_all(bc_store *store, const sorted_map *model)
{
    check_scan(store, model, NULL, 0, NULL, 0, SIZE_MAX);
    for (size_t i = 0; i < model->count; i++) {
        check_get(store, model, model->pairs[i].key, model->pairs[i].key_length);
    }
}

/* Few different bytes, so that keys are often prefixes of each other and meet again; those at the
 * ends of the order and of the signed numbers are among them. */
static size_t random_key(sorted_map *model, uint8_t *key, size_t least)
{
    static const uint8_t letters[] = {0x00, 0x01, 0x61, 0x7f, 0x80, 0xfe, 0xff};
    size_t length = least + below(model, below(model, 8) == 0 ? BC_KEY_BYTES_MAX + 1 - least : 4);
    size_t kinds = 2 + below(model, sizeof(letters) - 1);
    for (size_t i = 0; i < length; i++) {
        key[i] = letters[sizeof(letters) - 1 - below(model, kinds)];
    }
    return length;
}

/* Mostly short; often at the edges where stores keep values in another way; sometimes long. */
static size_t random_value_length(sorted_map *model)
{
    static const size_t edges[] = {0, 1, 255, 256, 257, 1000, 1024, 4096, 5000, 8192, 70000};
    return below(model, 3) == 0 ? edges[below(model, sizeof(edges) / sizeof(edges[0]))]
                                : below(model, 400);
}

static bool is_among(const bc_write *writes, size_t count, const uint8_t *key, size_t length)
{
    for (size_t i = 0; i < count; i++) {
        if (compare(writes[i].key, writes[i].key_length, key, length) == 0) {
            return true;
        }
    }
    return false;
}

static void random_commit(bc_store *store, sorted_map *model)
{
    uint8_t keys[WRITES_MAX][BC_KEY_BYTES_MAX];
    bc_write writes[WRITES_MAX];
    uint8_t *values[WRITES_MAX];
    size_t wanted = below(model, below(model, 4) == 0 ? WRITES_MAX : 4);
    bool shrinking = model->count + WRITES_MAX > PAIRS_MAX || below(model, 20) == 0;
    size_t count = 0;
    memset(writes, 0, sizeof(writes));
    for (size_t i = 0; i < wanted; i++) {
        size_t length = random_key(model, keys[count], 1);
        bc_write *write = &writes[count];
        if (shrinking && model->count != 0) {
            const key_value *victim = &model->pairs[below(model, model->count)];
            length = victim->key_length;
            memcpy(keys[count], victim->key, length);
        }
        if (is_among(writes, count, keys[count], length)) {
            continue;
        }
        write->key = keys[count];
        write->key_length = length;
        write->op = shrinking || below(model, 4) == 0 ? BC_WRITE_REMOVE : BC_WRITE_PUT;
        values[count] = NULL;
        if (write->op == BC_WRITE_PUT) {
            write->value_length = random_value_length(model);
            values[count] = malloc(write->value_length + 1);
            assert_non_null(values[count]);
            test_random_fill(&model->random, values[count], write->value_length);
            write->value = values[count];
        }
        count++;
    }
    commit(store, writes, count);
    for (size_t i = 0; i < count; i++) {
        model_apply(model, &writes[i]);
        free(values[i]);
    }
}

static void random_read(bc_store *store, sorted_map *model)
{
    uint8_t prefix[BC_KEY_BYTES_MAX];
    uint8_t after[BC_KEY_BYTES_MAX];
    size_t prefix_length = random_key(model, prefix, 0);
    size_t after_length = random_key(model, after, 0);
    size_t visits = below(model, 2) == 0 ? SIZE_MAX : below(model, 5);
    if (model->count != 0 &&
        below(model, 2) == 0) { /* a page that begins behind a key that is there */
        const key_value *pair = &model->pairs[below(model, model->count)];
        after_length = pair->key_length;
        memcpy(after, pair->key, after_length);
        prefix_length = below(model, after_length + 1);
        memcpy(prefix, after, prefix_length);
    }
    if (below(model, 3) == 0) {
        check_scan(store, model, prefix, prefix_length, NULL, 0, visits);
    } else {
        check_scan(store, model, prefix, prefix_length, after, after_length, visits);
    }
    if (after_length != 0) {
        check_get(store, model, after, after_length);
    }
}

void store_contract_random(const store_contract *contract)
{
    sorted_map *model = model_make();
    size_t steps = test_random_repeats(contract->steps);
    bc_store store = BC_STORE_INIT;
    open_store(contract, &store);
    for (size_t i = 0; i < steps; i++) {
        switch (below(model, 4)) {
        case 0:
            random_commit(&store, model);
            break;
        default:
            random_read(&store, model);
            break;
        }
        if (below(model, 300) == 0) {
            if (contract->persistent) {
                close_store(&store);
                open_store(contract, &store);
            }
            check_all(&store, model);
        }
    }
    check_all(&store, model);
    close_store(&store);
    model_release(model);
}

/* One key, put and removed, through every value at the edges; and a value of 16 MiB. */
static void check_values(bc_store *store, sorted_map *model)
{
    static const size_t lengths[] = {0, 1, 255, 256, 257, 4095, 4096, 4097, 65536, 0, 16777216, 3};
    static const uint8_t key[BC_KEY_BYTES_MAX] = {0xff, 0x00, 0x80};
    uint8_t *value = malloc(16777216);
    assert_non_null(value);
    for (size_t i = 0; i < 16777216; i++) {
        value[i] = (uint8_t)(i * 31 >> 3);
    }
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        bc_write write = {key, sizeof(key), value, lengths[i], BC_WRITE_PUT, 0};
        commit(store, &write, 1);
        model_apply(model, &write);
        check_all(store, model);
    }
    free(value);
}

/* Prefixes and bounds at the ends of the order, up to those that are longer than keys are. */
static void check_order(bc_store *store, sorted_map *model)
{
    static const uint8_t ff[BC_KEY_BYTES_MAX + 1] = {
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    static const uint8_t zeros[BC_KEY_BYTES_MAX + 1] = {0};
    static const uint8_t before_ff[] = {0xfe, 0xff, 0xff};
    bc_write writes[] = {
        {ff, BC_KEY_BYTES_MAX, ff, 1, BC_WRITE_PUT, 0},
        {ff, 1, ff, 2, BC_WRITE_PUT, 0},
        {ff, 3, NULL, 0, BC_WRITE_PUT, 0},
        {zeros, 1, ff, 3, BC_WRITE_PUT, 0},
        {zeros, BC_KEY_BYTES_MAX, ff, 4, BC_WRITE_PUT, 0},
        {before_ff, 1, ff, 5, BC_WRITE_PUT, 0},
        {before_ff, 3, ff, 6, BC_WRITE_PUT, 0},
        {(const uint8_t *)"a", 1, NULL, 0, BC_WRITE_REMOVE, 0}, /* which is not there */
    };
    const size_t count = sizeof(writes) / sizeof(writes[0]);
    commit(store, writes, count);
    for (size_t i = 0; i < count; i++) {
        model_apply(model, &writes[i]);
    }
    check_all(store, model);
    for (size_t prefix = 0; prefix <= BC_KEY_BYTES_MAX + 1; prefix++) {
        for (size_t after = 0; after <= BC_KEY_BYTES_MAX + 1; after++) {
            check_scan(store, model, ff, prefix, ff, after, SIZE_MAX);
            check_scan(store, model, zeros, prefix, zeros, after, SIZE_MAX);
            check_scan(store, model, ff, prefix, zeros, after, SIZE_MAX);
            check_scan(store, model, zeros, prefix, ff, after, SIZE_MAX);
        }
        check_scan(store, model, ff, prefix, NULL, 0, SIZE_MAX);
        check_scan(store, model, zeros, prefix, NULL, 0, SIZE_MAX);
        check_scan(store, model, before_ff, prefix % 4, before_ff, (prefix + 1) % 4, SIZE_MAX);
    }
}

/* After a scan that the visitor ended the store goes on as if nothing had been. */
static void check_stops(bc_store *store, const sorted_map *model)
{
    expectation expected = {model, 0, NULL, 0, 0};
    bc_error error = {0};
    bc_status status = store->scan(store->context, NULL, 0, NULL, 0, visit, &expected, &error);
    assert_int_equal(status, STOPPED);
    assert_int_equal(expected.at, 1);
    check_all(store, model);
}

void store_contract_edges(const store_contract *contract)
{
    sorted_map *model = model_make();
    bc_store store = BC_STORE_INIT;
    open_store(contract, &store);
    check_all(&store, model);
    check_get(&store, model, (const uint8_t *)"a", 1);
    commit(&store, NULL, 0);
    check_order(&store, model);
    check_stops(&store, model);
    check_values(&store, model);
    if (contract->persistent) {
        close_store(&store);
        open_store(contract, &store);
        check_all(&store, model);
    }
    close_store(&store);
    model_release(model);
}
