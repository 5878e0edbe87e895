#include "examples/bcnode/identifier.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "examples/common/sentence.h"

static const char value_name[] = "node-identifier";
static const char digits[] = "0123456789abcdef";

static bc_status draw(char out[IDENTIFIER_DIGITS + 1], bc_error *error)
{
    unsigned char bytes[IDENTIFIER_DIGITS / 2];
    if (getentropy(bytes, sizeof bytes) != 0) {
        return sentence(error, BC_ERR_HOST, "the system gives no random bytes: %s",
                        strerror(errno));
    }
    for (size_t i = 0; i < sizeof bytes; i++) {
        out[2 * i] = digits[bytes[i] >> 4];
        out[2 * i + 1] = digits[bytes[i] & 15];
    }
    out[IDENTIFIER_DIGITS] = '\0';
    return BC_OK;
}

bc_status identifier_get(char out[IDENTIFIER_DIGITS + 1], bc_chain *chain, bc_error *error)
{
    bc_buffer *kept = NULL;
    bc_status status = bc_chain_value(chain, &kept, value_name, error);
    if (status == BC_ERR_NOT_FOUND) {
        status = draw(out, error);
        return status == BC_OK ? bc_chain_set_value(chain, value_name, (const uint8_t *)out,
                                                    IDENTIFIER_DIGITS, error)
                               : status;
    }
    if (status != BC_OK) {
        return status;
    }
    const char *text = (const char *)bc_buffer_data(kept);
    if (bc_buffer_length(kept) != IDENTIFIER_DIGITS || strspn(text, digits) != IDENTIFIER_DIGITS) {
        status = sentence(error, BC_ERR_DAMAGED,
                          "the node's identifier is not %d hexadecimal digits", IDENTIFIER_DIGITS);
    } else {
        memcpy(out, text, IDENTIFIER_DIGITS + 1);
    }
    bc_buffer_unref(kept);
    return status;
}
