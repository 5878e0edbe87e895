#include "src/sync/serve.h"

#include <string.h>

#include "src/base/error.h"
#include "src/sync/answer.h"

typedef struct method {
    const char *name;
    uint32_t capability; /* of the rules that have it */
    bc_status (*answer)(bc__engine *engine, bc_answer **out, const uint8_t *body, size_t length,
                        bc_error *error);
} method;

static bc_status answer_chain(bc__engine *engine, bc_answer **out, const uint8_t *body,
                              size_t length, bc_error *error)
{
    (void)body;
    if (length > 0) {
        return bc__fail(error, BC_ERR_FORMAT, "the method \"chain\" takes no body");
    }
    return bc__answer_whole_chain(engine, out, error);
}

static const method methods[] = {
    {"chain", BC__CAN_SYNC_WHOLE_CHAIN, answer_chain},
};

bc_status bc__sync_serve(bc__engine *engine, bc_answer **out, const char *name, const uint8_t *body,
                         size_t length, bc_error *error)
{
    uint32_t capabilities = bc__engine_rules(engine)->capabilities;
    for (size_t at = 0; at < sizeof methods / sizeof methods[0]; at++) {
        if (strcmp(name, methods[at].name) == 0 && (capabilities & methods[at].capability) != 0) {
            return methods[at].answer(engine, out, body, length, error);
        }
    }
    return bc__fail(error, BC_ERR_UNSUPPORTED, "there is no method \"%.64s\"", name);
}
