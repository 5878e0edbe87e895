/* Params: the description of a network as JSON, read strictly. */
#include <string.h>

#include "src/base/error.h"
#include "src/rules/rules.h"

enum {
    BLOCK_BYTES_DEFAULT = 8 * 1024 * 1024,
    JSON_DEPTH_DEFAULT = 64,
    INTEGER_DIGITS_DEFAULT = 4300, /* sys.int_info.default_max_str_digits of Python 3.11 */
};

static const bc__rules *const rule_sets[] = {&bc__tutorial_rules, &bc__ledger_rules};

typedef struct preset {
    const char *name;
    const char *json;
} preset;

static const preset presets[] = {
    {"tutorial", "{\"dialect\":1,\"name\":\"tutorial\",\"rules\":\"tutorial\",\"version\":1}"},
    {"tutorial-v2",
     "{\"dialect\":2,\"name\":\"tutorial-v2\",\"rules\":\"tutorial\",\"version\":1}"},
    /* A block a minute; the half-life is 288 blocks, as Bitcoin Cash has it. About 2^24 attempts a
     * block at first, and never fewer than 2^16. All that will ever be is about 4.2 * 10^15, so that
     * each amount is exact as a number of JSON. Time: the beginning of 2026. */
    {"ledger",
     "{\"allocations\":[],\"bits\":503382015,\"difficulty\":\"asert\",\"half_life\":17280000,"
     "\"halving\":2103840,\"initial\":1000000000,\"limit\":520159231,\"name\":\"ledger\","
     "\"rules\":\"ledger\",\"sealing\":\"work\",\"spacing\":60000,\"time\":1767225600000,"
     "\"version\":1}"},
    /* Two attempts a block. */
    {"ledger-dev",
     "{\"allocations\":[],\"bits\":545259519,\"difficulty\":\"fixed\",\"halving\":1000,"
     "\"initial\":1000000,\"limit\":545259519,\"name\":\"ledger-dev\",\"rules\":\"ledger\","
     "\"sealing\":\"work\",\"time\":1767225600000,\"version\":1}"},
};

static void destroy(bc__origin *origin)
{
    bc_params *params = (bc_params *)origin;
    bc__heap heap = origin->heap;
    if (params->rules->release_params != NULL) {
        params->rules->release_params(params);
    }
    bc__bytes_free(&params->json);
    bc__heap_release(&heap, params);
}

bc_status bc__params_integer(int64_t *out, const json_t *document, const char *member,
                             int64_t least, int64_t most, int64_t fallback, bc_error *error)
{
    const json_t *value = json_object_get(document, member);
    if (value == NULL && fallback >= 0) {
        *out = fallback;
        return BC_OK;
    }
    if (!json_is_integer(value) || json_integer_value(value) < least ||
        json_integer_value(value) > most) {
        return bc__fail(error, BC_ERR_FORMAT,
                        "the network's member \"%s\" must be an integer from %lld to %lld", member,
                        (long long)least, (long long)most);
    }
    *out = json_integer_value(value);
    return BC_OK;
}

bc_status bc__params_name(char out[BC__NAME_BYTES], const json_t *document, const char *member,
                          bool may_be_empty, bc_error *error)
{
    const json_t *value = json_object_get(document, member);
    if (value == NULL && may_be_empty) {
        return BC_OK;
    }
    const char *name = json_string_value(value);
    size_t length = json_string_length(value);
    bool good = name != NULL && (length > 0 || may_be_empty) && length < BC__NAME_BYTES;
    for (size_t at = 0; good && at < length; at++) {
        good = name[at] >= 0x20 && name[at] <= 0x7e && name[at] != '"' && name[at] != '\\';
    }
    if (!good) {
        return bc__fail(error, BC_ERR_FORMAT,
                        "the network's member \"%s\" must be a string of %d to %d printable ASCII "
                        "characters without quotes and backslashes",
                        member, may_be_empty ? 0 : 1, BC__NAME_BYTES - 1);
    }
    memcpy(out, name, length);
    return BC_OK;
}

bc_status bc__params_make(bc_params **out, const bc__rules *rules, const json_t *document,
                          const bc_allocator *allocator, bc_error *error)
{
    *out = NULL;
    bc__heap heap;
    bc_status status = bc__heap_from_allocator(&heap, allocator, error);
    if (status != BC_OK) {
        return status;
    }
    bc_params *params = bc__heap_array(&heap, 1, sizeof *params);
    if (params == NULL) {
        return bc__fail_memory(error);
    }
    memset(params, 0, sizeof *params);
    bc__bytes_init(&params->json, &params->origin.heap, (size_t)BC__PARAMS_BYTES_MAX + 1);
    status = bc__origin_init(&params->origin, allocator, destroy, error);
    params->rules = rules;
    params->limits = (bc__limits){
        .block_bytes = BLOCK_BYTES_DEFAULT,
        .chain_bytes = (uint64_t)1 << 30,
        .json_depth = JSON_DEPTH_DEFAULT,
        .integer_digits = INTEGER_DIGITS_DEFAULT,
    };
    if (status == BC_OK) {
        status = bc__params_name(params->name, document, "name", false, error);
    }
    if (status == BC_OK) {
        status = rules->parse_params(params, document, error);
    }
    if (status == BC_OK && bc__bytes_append_byte(&params->json, 0) != BC__OK) {
        status = bc__fail_memory(error);
    }
    if (status != BC_OK) {
        bc__origin_unref(&params->origin);
        return status;
    }
    params->json.length--;
    *out = params;
    return BC_OK;
}

static bc_status check_version(const bc__rules *rules, const json_t *document, bc_error *error)
{
    const json_t *version = json_object_get(document, "version");
    if (!json_is_integer(version)) {
        return bc__fail(error, BC_ERR_FORMAT,
                        "the network's member \"version\" must be an integer");
    }
    if (json_integer_value(version) != rules->version) {
        return bc__fail(error, BC_ERR_UNSUPPORTED,
                        "this version of libbc knows version %lld of the rules \"%s\", not %lld",
                        (long long)rules->version, rules->name,
                        (long long)json_integer_value(version));
    }
    return BC_OK;
}

bc_status bc__params_parse(bc_params **out, const char *json, size_t length,
                           const bc_allocator *allocator, bc_error *error)
{
    *out = NULL;
    if (length > BC__PARAMS_BYTES_MAX) {
        return bc__fail(error, BC_ERR_LIMIT, "the network's description is over %d bytes",
                        BC__PARAMS_BYTES_MAX);
    }
    json_error_t where;
    json_t *document = json_loadb(json, length, JSON_REJECT_DUPLICATES, &where);
    bc_status status = BC_ERR_FORMAT;
    if (!json_is_object(document)) {
        (void)bc__fail(error, status, "the network's description is no JSON object: %s (line %d)",
                       document == NULL ? where.text : "another kind of value",
                       document == NULL ? where.line : 1);
        goto done;
    }
    const char *name = json_string_value(json_object_get(document, "rules"));
    if (name == NULL) {
        (void)bc__fail(error, status, "the network's member \"rules\" must be a string");
        goto done;
    }
    status = BC_ERR_UNSUPPORTED;
    for (size_t at = 0; at < sizeof rule_sets / sizeof rule_sets[0]; at++) {
        if (strcmp(rule_sets[at]->name, name) == 0) {
            /* first of all: another version may have other members */
            status = check_version(rule_sets[at], document, error);
            if (status == BC_OK) {
                status = bc__params_make(out, rule_sets[at], document, allocator, error);
            }
            goto done;
        }
    }
    (void)bc__fail(error, status, "this version of libbc does not know the rules \"%.64s\"", name);
done:
    json_decref(document);
    return status;
}

bc_status bc_params_preset(bc_params **out, const char *name, const bc_allocator *allocator,
                           bc_error *error)
{
    if (out == NULL) {
        return bc__fail_null(error, "out");
    }
    *out = NULL;
    if (name == NULL) {
        return bc__fail_null(error, "name");
    }
    for (size_t at = 0; at < sizeof presets / sizeof presets[0]; at++) {
        if (strcmp(presets[at].name, name) == 0) {
            return bc__params_parse(out, presets[at].json, strlen(presets[at].json), allocator,
                                    error);
        }
    }
    _Static_assert(sizeof presets / sizeof presets[0] == 4, "the sentence below names them all");
    return bc__fail(error, BC_ERR_NOT_FOUND,
                    "there is no network \"%.64s\"; there are: %s, %s, %s, %s", name,
                    presets[0].name, presets[1].name, presets[2].name, presets[3].name);
}
