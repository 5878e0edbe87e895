/* A network's description from outside: what is accepted is accepted again in its canonical form, and
 * is then the same network. */
#include <stdlib.h>
#include <string.h>

#include <bc/bc.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int condition)
{
    if (!condition) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    bc_params *params;
    bc_params *again;
    uint8_t id[BC_ID_BYTES];
    uint8_t again_id[BC_ID_BYTES];
    size_t length;
    size_t again_length;
    if (bc_params_parse(&params, (const char *)data, size, NULL, NULL) != BC_OK) {
        require(params == NULL);
        return 0;
    }
    const char *json = bc_params_json(params, &length);
    require(bc_params_parse(&again, json, length, NULL, NULL) == BC_OK);
    const char *again_json = bc_params_json(again, &again_length);
    require(length == again_length && memcmp(json, again_json, length) == 0);
    bc_params_network_id(params, id);
    bc_params_network_id(again, again_id);
    require(memcmp(id, again_id, sizeof id) == 0);
    bc_params_unref(again);
    bc_params_unref(params);
    return 0;
}
