#include "src/sync/messages.h"

#include <string.h>

#include "lib/integers.h"
#include "src/base/error.h"

/* Where the fields of a hello begin. */
enum {
    AT_NETWORK = 4,
    AT_HEIGHT = AT_NETWORK + BC_ID_BYTES,
    AT_WORK = AT_HEIGHT + 8,
    AT_ID = AT_WORK + BC__UINT256_BYTES,
};
_Static_assert(AT_ID + BC_ID_BYTES == BC__HELLO_BYTES, "the fields fill the message");

void bc__hello_write(uint8_t out[BC__HELLO_BYTES], const bc__hello *hello)
{
    bc__put_le(out, hello->version, 4);
    memcpy(out + AT_NETWORK, hello->network_id, BC_ID_BYTES);
    bc__put_le(out + AT_HEIGHT, hello->height, 8);
    for (size_t limb = 0; limb < BC__UINT256_LIMBS; limb++) {
        bc__put_le(out + AT_WORK + 8 * limb, hello->work.limb[limb], 8);
    }
    memcpy(out + AT_ID, hello->id, BC_ID_BYTES);
}

bc_status bc__hello_read(bc__hello *hello, const uint8_t *bytes, size_t length, bc_error *error)
{
    memset(hello, 0, sizeof *hello);
    if (length < AT_NETWORK) {
        return bc__fail(error, BC_ERR_FORMAT, "a hello of %zu bytes; %d are expected", length,
                        BC__HELLO_BYTES);
    }
    hello->version = (uint32_t)bc__get_le(bytes, 4);
    if (hello->version != BC__PROTOCOL_VERSION) {
        return bc__fail(error, BC_ERR_UNSUPPORTED,
                        "a hello of version %lu of the protocol; %d is expected",
                        (unsigned long)hello->version, BC__PROTOCOL_VERSION);
    }
    if (length != BC__HELLO_BYTES) {
        return bc__fail(error, BC_ERR_FORMAT, "a hello of %zu bytes; %d are expected", length,
                        BC__HELLO_BYTES);
    }
    memcpy(hello->network_id, bytes + AT_NETWORK, BC_ID_BYTES);
    hello->height = bc__get_le(bytes + AT_HEIGHT, 8);
    for (size_t limb = 0; limb < BC__UINT256_LIMBS; limb++) {
        hello->work.limb[limb] = bc__get_le(bytes + AT_WORK + 8 * limb, 8);
    }
    memcpy(hello->id, bytes + AT_ID, BC_ID_BYTES);
    return BC_OK;
}

void bc__request_write_head(uint8_t out[BC__REQUEST_HEAD_BYTES], uint32_t limit, uint32_t count)
{
    bc__put_le(out, limit, 4);
    bc__put_le(out + 4, count, 4);
}

bc_status bc__request_read(bc__request *request, uint32_t most, const uint8_t *bytes, size_t length,
                           bc_error *error)
{
    if (length < BC__REQUEST_HEAD_BYTES) {
        return bc__fail(error, BC_ERR_FORMAT, "a request of %zu bytes; at least %d are expected",
                        length, BC__REQUEST_HEAD_BYTES);
    }
    request->limit = (uint32_t)bc__get_le(bytes, 4);
    request->count = (uint32_t)bc__get_le(bytes + 4, 4);
    request->ids = bytes + BC__REQUEST_HEAD_BYTES;
    if (request->limit == 0 || request->count == 0 || request->count > most) {
        return bc__fail(error, BC_ERR_FORMAT,
                        "a request with a limit of %lu and %lu ids; a limit above 0 and 1 to %lu "
                        "ids are expected",
                        (unsigned long)request->limit, (unsigned long)request->count,
                        (unsigned long)most);
    }
    size_t expected = BC__REQUEST_HEAD_BYTES + (size_t)request->count * BC_ID_BYTES;
    if (length != expected) {
        return bc__fail(error, BC_ERR_FORMAT,
                        "a request with %lu ids has %zu bytes; %zu are expected",
                        (unsigned long)request->count, length, expected);
    }
    return BC_OK;
}

bc_status bc__block_list_next(bc__block_list *list, const uint8_t **block, size_t *length,
                              bc_error *error)
{
    *block = NULL;
    *length = 0;
    if (list->length == 0) {
        return BC_OK;
    }
    if (list->length < BC__COUNT_BYTES) {
        return bc__fail(error, BC_ERR_FORMAT, "the list of blocks ends within a length");
    }
    uint64_t claimed = bc__get_le(list->bytes, BC__COUNT_BYTES);
    size_t left = list->length - BC__COUNT_BYTES;
    if (claimed > left) {
        return bc__fail(error, BC_ERR_FORMAT,
                        "the list of blocks announces one of %llu bytes, and has %zu left",
                        (unsigned long long)claimed, left);
    }
    *block = list->bytes + BC__COUNT_BYTES;
    *length = (size_t)claimed;
    list->bytes = *block + *length;
    list->length = left - *length;
    return BC_OK;
}
