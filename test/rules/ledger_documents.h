/* Descriptions of ledgers as lists of members, so that a test changes one of them. */
#ifndef BC_TEST_RULES_LEDGER_DOCUMENTS_H
#define BC_TEST_RULES_LEDGER_DOCUMENTS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/rules/ledger/ledger.h"

#define COUNT_OF(array) (sizeof(array) / sizeof(array)[0])

/* Public keys of the examples of RFC 8032. */
#define KEY_1 "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
#define KEY_2 "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
#define KEY_3 "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025"

#define LARGEST "9223372036854775807" /* 2^63 - 1 */

#define DIGITS_64(digits_8) digits_8 digits_8 digits_8 digits_8 digits_8 digits_8 digits_8 digits_8

typedef struct document {
    struct {
        const char *name;
        const char *value; /* JSON */
    } members[24];
    size_t count;
} document;

/* The member gets another value, is added at the end, or with NULL is taken out. */
static inline void set_member(document *of, const char *name, const char *value)
{
    size_t at = 0;
    while (at < of->count && strcmp(of->members[at].name, name) != 0) {
        at++;
    }
    if (value == NULL) {
        assert_true(at < of->count);
        of->count--;
        memmove(&of->members[at], &of->members[at + 1], (of->count - at) * sizeof of->members[0]);
        return;
    }
    if (at == of->count) {
        assert_true(of->count < COUNT_OF(of->members));
        of->count++;
    }
    of->members[at].name = name;
    of->members[at].value = value;
}

/* To be freed. */
static inline char *json_of(const document *of)
{
    size_t size = 3;
    for (size_t at = 0; at < of->count; at++) {
        size += strlen(of->members[at].name) + strlen(of->members[at].value) + 4;
    }
    char *json = malloc(size);
    assert_non_null(json);
    char *to = json;
    for (size_t at = 0; at < of->count; at++) {
        to += sprintf(to, "%c\"%s\":%s", at == 0 ? '{' : ',', of->members[at].name,
                      of->members[at].value);
    }
    (void)strcpy(to, of->count == 0 ? "{}" : "}");
    return json;
}

/* ---- The three kinds of ledger, without the members that have a default ---- */

static inline document common_members(const char *sealing)
{
    return (document){.members = {{"version", "1"},
                                  {"rules", "\"ledger\""},
                                  {"name", "\"test\""},
                                  {"time", "1700000000000"},
                                  {"initial", "5000"},
                                  {"halving", "100"},
                                  {"allocations", "[]"},
                                  {"sealing", sealing}},
                      .count = 8};
}

static inline document fixed_ledger(void)
{
    document of = common_members("\"work\"");
    set_member(&of, "difficulty", "\"fixed\"");
    set_member(&of, "bits", "545259519");  /* 0x207fffff */
    set_member(&of, "limit", "545259519"); /* 0x207fffff */
    return of;
}

static inline document asert_ledger(void)
{
    document of = common_members("\"work\"");
    set_member(&of, "difficulty", "\"asert\"");
    set_member(&of, "bits", "503382015");  /* 0x1e00ffff */
    set_member(&of, "limit", "520159231"); /* 0x1f00ffff */
    set_member(&of, "spacing", "600000");
    set_member(&of, "half_life", "172800000");
    return of;
}

static inline document authority_ledger(void)
{
    document of = common_members("\"authority\"");
    set_member(&of, "authorities", "[\"" KEY_1 "\",\"" KEY_2 "\",\"" KEY_3 "\"]");
    set_member(&of, "period", "2000");
    return of;
}

typedef document (*ledger_kind)(void);

static const ledger_kind ledger_kinds[] = {fixed_ledger, asert_ledger, authority_ledger};

/* ---- Reading them ---- */

/* From memory of its own size, so that sanitizers see one byte too far. */
static inline bc_status parse_json(bc_params **params, const char *json, size_t length,
                                   const bc_allocator *allocator, bc_error *error)
{
    char *copy = malloc(length + (length == 0));
    assert_non_null(copy);
    memcpy(copy, json, length);
    bc_status status = bc_params_parse(params, copy, length, allocator, error);
    free(copy);
    return status;
}

static inline bc_params *params_of_json(const char *json)
{
    bc_params *params;
    bc_error error = BC_ERROR_INIT;
    if (parse_json(&params, json, strlen(json), NULL, &error) != BC_OK) {
        fail_msg("%.400s: %s", json, error.message);
    }
    return params;
}

static inline bc_params *params_of(const document *of)
{
    char *json = json_of(of);
    bc_params *params = params_of_json(json);
    free(json);
    return params;
}

static inline void expect_json(const bc_params *params, const char *canonical)
{
    size_t length = 0;
    assert_string_equal(bc_params_json(params, &length), canonical);
    assert_int_equal(length, strlen(canonical));
}

/* The document is refused with that status and a sentence that holds `word`. */
static inline void refuse_json(const char *json, bc_status expected, const char *word)
{
    bc_error error = BC_ERROR_INIT;
    bc_params *params = (bc_params *)&error; /* anything but NULL */
    bc_status status = parse_json(&params, json, strlen(json), NULL, &error);
    if (status != expected) {
        fail_msg("%.400s: status %d, not %d", json, status, expected);
    }
    assert_null(params);
    assert_int_equal(error.code, expected);
    if (strstr(error.message, word) == NULL) {
        fail_msg("%.400s: \"%s\" does not say \"%s\"", json, error.message, word);
    }
}

static inline void refuse_document(const document *of, const char *word)
{
    char *json = json_of(of);
    refuse_json(json, BC_ERR_FORMAT, word);
    free(json);
}

#endif
