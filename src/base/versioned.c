#include "src/base/versioned.h"

#include <string.h>

#include "src/base/error.h"

enum {
    SMALLEST = 8, /* struct_size and the 32-bit member that follows it everywhere */
    LARGEST =
        64 * 1024 /* no struct of ours will grow past it: more is memory that was never filled */
};

static bc_status read_size(uint32_t *size, const void *given, const char *name, bc_error *error)
{
    memcpy(size, given, sizeof *size);
    if (*size < SMALLEST || *size > LARGEST) {
        return bc__fail(error, BC_ERR_ARGUMENT,
                        "%s has struct_size %u; set it with the INIT macro or to sizeof", name,
                        *size);
    }
    return BC_OK;
}

bc_status bc__versioned_read(void *known, size_t known_size, const void *given, const char *name,
                             bc_error *error)
{
    uint32_t given_size;
    bc_status status = read_size(&given_size, given, name, error);
    if (status != BC_OK) {
        return status;
    }
    const uint8_t *source = given;
    size_t shared = given_size < known_size ? given_size : known_size;
    memcpy((uint8_t *)known + sizeof given_size, source + sizeof given_size,
           shared - sizeof given_size);
    for (size_t at = known_size; at < given_size; at++) {
        if (source[at] != 0) {
            return bc__fail(error, BC_ERR_UNSUPPORTED,
                            "%s has a member at byte %zu that this version of libbc does not know",
                            name, at);
        }
    }
    return BC_OK;
}

bc_status bc__versioned_write(void *given, const void *known, size_t known_size, const char *name,
                              bc_error *error)
{
    uint32_t given_size;
    bc_status status = read_size(&given_size, given, name, error);
    if (status != BC_OK) {
        return status;
    }
    size_t shared = given_size < known_size ? given_size : known_size;
    uint8_t *target = given;
    memcpy(target + sizeof given_size, (const uint8_t *)known + sizeof given_size,
           shared - sizeof given_size);
    memset(target + shared, 0, given_size - shared);
    return BC_OK;
}
