/* The public functions of bc_params. */
#include "src/base/error.h"
#include "src/rules/rules.h"

bc_status bc_params_parse(bc_params **out, const char *json, size_t length,
                          const bc_allocator *allocator, bc_error *error)
{
    if (out == NULL) {
        return bc__fail_null(error, "out");
    }
    *out = NULL;
    if (json == NULL) {
        return bc__fail_null(error, "json");
    }
    return bc__params_parse(out, json, length, allocator, error);
}

bc_params *bc_params_ref(bc_params *params)
{
    if (params != NULL) {
        (void)bc__origin_ref(&params->origin);
    }
    return params;
}

void bc_params_unref(bc_params *params)
{
    if (params != NULL) {
        bc__origin_unref(&params->origin);
    }
}

static bc_status check_range(uint64_t value, uint64_t least, uint64_t most, const char *what,
                             bc_error *error)
{
    if (value < least || value > most) {
        return bc__fail(error, BC_ERR_ARGUMENT, "the limit on %s must be from %llu to %llu", what,
                        (unsigned long long)least, (unsigned long long)most);
    }
    return BC_OK;
}

bc_status bc_params_set_limit(bc_params *params, uint32_t limit, uint64_t value, bc_error *error)
{
    if (params == NULL) {
        return bc__fail_null(error, "params");
    }
    bc_status status;
    switch (limit) {
    case BC_LIMIT_BLOCK_BYTES:
        status = check_range(value, 1024, (uint64_t)256 << 20, "the bytes of a block", error);
        params->limits.block_bytes = status == BC_OK ? value : params->limits.block_bytes;
        return status;
    case BC_LIMIT_JSON_DEPTH:
        status = check_range(value, 4, 256, "the depth of JSON", error);
        params->limits.json_depth = status == BC_OK ? (uint32_t)value : params->limits.json_depth;
        return status;
    case BC_LIMIT_INTEGER_DIGITS:
        status = check_range(value, 20, 1000000, "the digits of an integer", error);
        params->limits.integer_digits =
            status == BC_OK ? (uint32_t)value : params->limits.integer_digits;
        return status;
    case BC_LIMIT_CHAIN_BYTES:
        status = check_range(value, 1024, BC_NONE, "the bytes of a chain", error);
        params->limits.chain_bytes = status == BC_OK ? value : params->limits.chain_bytes;
        return status;
    default:
        return bc__fail(error, BC_ERR_ARGUMENT, "there is no limit number %u", limit);
    }
}

const char *bc_params_json(const bc_params *params, size_t *length)
{
    if (length != NULL) {
        *length = params == NULL ? 0 : params->json.length;
    }
    return params == NULL ? NULL : (const char *)params->json.data;
}

const char *bc_params_name(const bc_params *params)
{
    return params == NULL ? NULL : params->name;
}

void bc_params_network_id(const bc_params *params, uint8_t id[BC_ID_BYTES])
{
    bc__give_id(id, params == NULL ? NULL : params->origin.network_id);
}
