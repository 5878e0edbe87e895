/* The table of the tutorial's rules, and its parameters. */
#include "src/rules/tutorial/tutorial.h"

#include <stdio.h>
#include <string.h>

#include "lib/sha256/sha256.h"
#include "src/base/error.h"

enum { ZEROS_DEFAULT = 4, ZEROS_MOST = 64 };

static bc_status refuse_unknown_members(const json_t *document, bc_error *error)
{
    static const char *const known[] = {"dialect", "name", "rules", "version", "zeros"};
    for (void *at = json_object_iter((json_t *)document); at != NULL;
         at = json_object_iter_next((json_t *)document, at)) {
        const char *member = json_object_iter_key(at);
        bool found = false;
        for (size_t index = 0; index < sizeof known / sizeof known[0]; index++) {
            found = found || strcmp(known[index], member) == 0;
        }
        if (!found) {
            return bc__fail(error, BC_ERR_FORMAT, "the network has an unknown member \"%.64s\"",
                            member);
        }
    }
    return BC_OK;
}

static bc_status parse_params(bc_params *params, const json_t *document, bc_error *error)
{
    int64_t dialect = 0;
    int64_t zeros = 0;
    bc_status status = refuse_unknown_members(document, error);
    if (status == BC_OK) {
        status = bc__params_integer(&dialect, document, "dialect", BC__TUTORIAL_ARTICLE,
                                    BC__TUTORIAL_REPOSITORY, -1, error);
    }
    if (status == BC_OK) {
        status = bc__params_integer(&zeros, document, "zeros", 0, ZEROS_MOST, ZEROS_DEFAULT, error);
    }
    if (status != BC_OK) {
        return status;
    }
    params->of.tutorial.dialect = (uint32_t)dialect;
    params->of.tutorial.zeros = (uint32_t)zeros;
    char text[160];
    int length = snprintf(text, sizeof text,
                          "{\"dialect\":%u,\"name\":\"%s\",\"rules\":\"tutorial\",\"version\":1,"
                          "\"zeros\":%u}",
                          params->of.tutorial.dialect, params->name, params->of.tutorial.zeros);
    if (bc__bytes_append(&params->json, text, (size_t)length) != BC__OK) {
        return bc__fail_memory(error);
    }
    bc__sha256(params->origin.network_id, params->json.data, params->json.length);
    return BC_OK;
}

static void read_traits(const bc_params *params, bc__traits *traits)
{
    (void)params;
    *traits = (bc__traits){.max_reorg_depth = BC_NONE, .block_bytes = BC_NONE, .host_rules = ""};
}

/* Every block counts as one, so most work is the longest chain. */
static bc__uint256 block_work(const bc_params *params, const bc_block *block)
{
    (void)params;
    (void)block;
    return bc__uint256_from_u64(1);
}

const bc__rules bc__tutorial_rules = {
    .name = "tutorial",
    .version = 1,
    .capabilities = BC__CAN_SYNC_WHOLE_CHAIN,
    .parse_params = parse_params,
    .read_traits = read_traits,
    .parse_tx = bc__tutorial_parse_tx,
    .tx_from_json = bc__tutorial_tx_from_json,
    .tx_json = bc__tutorial_tx_json,
    .parse_block = bc__tutorial_parse_block,
    .block_from_json = bc__tutorial_block_from_json,
    .block_json = bc__tutorial_block_json,
    .block_tx = bc__tutorial_block_tx,
    .is_reward = bc__tutorial_is_reward,
    .make_genesis = bc__tutorial_make_genesis,
    .check_block = bc__tutorial_check_block,
    .block_work = block_work,
    .prepare_template = bc__tutorial_prepare_template,
    .template_bytes = bc__tutorial_template_bytes,
    .tx_overhead = 2, /* the separator ", " */
    .expected_attempts = bc__tutorial_expected_attempts,
    .search = bc__tutorial_search,
    .seal = bc__tutorial_seal,
};
