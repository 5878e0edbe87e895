/* What the tests of the tutorial's rules share: params, blocks from text, ids in hexadecimal. */
#ifndef BC_TEST_RULES_TUTORIAL_FIXTURE_H
#define BC_TEST_RULES_TUTORIAL_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/rules/rules.h"

#define COUNT_OF(array) (sizeof(array) / sizeof(array)[0])

/* The article's first two blocks; their hashes are the known answers of the rules. */
#define GENESIS                                                                                    \
    "{\"index\": 1, \"previous_hash\": 1, \"proof\": 100, \"timestamp\": 1506280650.770839, "      \
    "\"transactions\": []}"
#define GENESIS_HASH "c099bc76471bfdd48ae262ba832388af2b87904924730633db415994fb82bfb7"
#define BLOCK_2                                                                                    \
    "{\"index\": 2, \"previous_hash\": \"" GENESIS_HASH "\", \"proof\": 35293, "                   \
    "\"timestamp\": 1506280664.717925, \"transactions\": [{\"amount\": 1, "                        \
    "\"recipient\": \"8bbcb347e0634905b0cac7955bae152b\", \"sender\": \"0\"}]}"
#define BLOCK_2_HASH "eff91ac11680dfbabaa5975dcf45fe9af4f84baabc4434d5a647257803f910f2"

/* The same under dialect 2, worked out by Python's hashlib and json from the repository's rules. */
#define GENESIS_V2                                                                                 \
    "{\"index\": 1, \"previous_hash\": \"1\", \"proof\": 100, \"timestamp\": 1506280650.770839, "  \
    "\"transactions\": []}"
#define GENESIS_V2_HASH "a54baf00bfbe53601094e03bbc98f580a2b996f2d5aa46ffddd4576888981029"
#define BLOCK_2_V2                                                                                 \
    "{\"index\": 2, \"previous_hash\": \"" GENESIS_V2_HASH "\", \"proof\": 63663, "                \
    "\"timestamp\": 1506280664.717925, \"transactions\": [{\"amount\": 1, "                        \
    "\"recipient\": \"8bbcb347e0634905b0cac7955bae152b\", \"sender\": \"0\"}]}"
#define BLOCK_2_V2_HASH "da55d43268c62b049e3d9e313530c51ff70a7a0f8b352816b8a1a0ee1f561ce2"

static inline bc_params *preset(const char *name)
{
    bc_params *params;
    assert_int_equal(bc_params_preset(&params, name, NULL, NULL), BC_OK);
    return params;
}

/* A network of the tutorial's rules with a dialect and a number of zeros. */
static inline bc_params *network(int dialect, int zeros)
{
    char json[128];
    int length = snprintf(
        json, sizeof json,
        "{\"rules\":\"tutorial\",\"version\":1,\"name\":\"test\",\"dialect\":%d,\"zeros\":%d}",
        dialect, zeros);
    bc_params *params;
    assert_int_equal(bc_params_parse(&params, json, (size_t)length, NULL, NULL), BC_OK);
    return params;
}

/* Reads a block from memory of its own size, so that sanitizers see one byte too far. */
static inline bc_status parse_bytes(bc_block **block, const bc_params *params, const void *text,
                                    size_t length, bc_error *error)
{
    uint8_t *copy = malloc(length + (length == 0));
    assert_non_null(copy);
    memcpy(copy, text, length);
    bc_status status = bc_block_parse(block, params, copy, length, error);
    free(copy);
    return status;
}

static inline bc_block *block_of(const bc_params *params, const char *json)
{
    bc_block *block;
    bc_error error = {0};
    if (parse_bytes(&block, params, json, strlen(json), &error) != BC_OK) {
        fail_msg("%s: %s", json, error.message);
    }
    return block;
}

static inline bc_tx *tx_of(const bc_params *params, const char *json)
{
    bc_tx *tx;
    assert_int_equal(bc_tx_parse(&tx, params, (const uint8_t *)json, strlen(json), NULL), BC_OK);
    return tx;
}

static inline void refuse_block_bytes(const bc_params *params, const void *text, size_t length,
                                      bc_status expected)
{
    bc_error error = {0};
    bc_block *block = (bc_block *)&error; /* anything but NULL */
    assert_int_equal(parse_bytes(&block, params, text, length, &error), expected);
    assert_null(block);
    assert_int_equal(error.code, expected);
    assert_true(error.message[0] != '\0');
}

static inline void refuse_block(const bc_params *params, const char *json, bc_status expected)
{
    refuse_block_bytes(params, json, strlen(json), expected);
}

static inline void assert_hex(const uint8_t id[BC_ID_BYTES], const char *expected)
{
    char text[2 * BC_ID_BYTES + 1];
    for (size_t at = 0; at < BC_ID_BYTES; at++) {
        snprintf(text + 2 * at, 3, "%02x", id[at]);
    }
    assert_string_equal(text, expected);
}

static inline void assert_block_hash(const bc_block *block, const char *expected)
{
    uint8_t id[BC_ID_BYTES];
    bc_block_id(block, id);
    assert_hex(id, expected);
}

static inline void assert_bytes(const uint8_t *bytes, size_t length, const char *expected)
{
    assert_int_equal(length, strlen(expected));
    assert_memory_equal(bytes, expected, length);
}

static inline void assert_block_bytes(const bc_block *block, const char *expected)
{
    size_t length;
    const uint8_t *bytes = bc_block_bytes(block, &length);
    assert_bytes(bytes, length, expected);
}

/* `before`, `count` times `piece`, `after`; to be freed. */
static inline char *repeated(const char *before, const char *piece, size_t count, const char *after)
{
    size_t lead = strlen(before);
    size_t length = strlen(piece);
    char *text = malloc(lead + length * count + strlen(after) + 1);
    assert_non_null(text);
    memcpy(text, before, lead);
    for (size_t at = 0; at < count; at++) {
        memcpy(text + lead + at * length, piece, length);
    }
    memcpy(text + lead + count * length, after, strlen(after) + 1);
    return text;
}

#endif
