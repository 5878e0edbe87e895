#include "src/sync/serve.h"

#include <string.h>

#include "src/base/error.h"

typedef struct method {
    const char *name;
    uint32_t capability; /* of the rules that have it */
    const bc__answer_kind *kind;
} method;

static const method methods[] = {
    {"chain", BC__CAN_SYNC_WHOLE_CHAIN, &bc__answer_whole_chain},
    {"hello", BC__HAS_HEADERS, &bc__answer_hello},
    {"headers", BC__HAS_HEADERS, &bc__answer_headers},
    {"blocks", BC__HAS_HEADERS, &bc__answer_blocks},
};

bc_status bc__sync_serve(bc__engine *engine, bc_answer **out, const char *name, const uint8_t *body,
                         size_t length, bc_error *error)
{
    uint32_t capabilities = bc__engine_rules(engine)->capabilities;
    for (size_t at = 0; at < sizeof methods / sizeof methods[0]; at++) {
        if (strcmp(name, methods[at].name) == 0 && (capabilities & methods[at].capability) != 0) {
            return bc__answer_new(engine, out, methods[at].kind, body, length, error);
        }
    }
    return bc__fail(error, BC_ERR_UNSUPPORTED, "there is no method \"%.64s\"", name);
}
