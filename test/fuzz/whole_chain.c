/* Whatever a peer sends as its chain: verifying and taking over agree, and our chain stays whole. The
 * network asks for no zeros, so that links alone decide and the fuzzer gets far. */
#include <stdlib.h>
#include <string.h>

#include <bc/bc.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char network[] =
    "{\"rules\":\"tutorial\",\"version\":1,\"name\":\"fuzz\",\"dialect\":1,\"zeros\":0}";

static void require(int condition)
{
    if (!condition) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    bc_params *params;
    bc_chain *chain;
    bc_verification result = BC_VERIFICATION_INIT;
    uint32_t verdict;
    uint32_t reason;
    uint64_t position;
    uint64_t height;
    require(bc_params_parse(&params, network, sizeof network - 1, NULL, NULL) == BC_OK);
    require(bc_chain_open(&chain, params, NULL, NULL) == BC_OK);
    bc_status verified = bc_verify_chain(params, &result, data, size, NULL, NULL, NULL);
    bc_status taken = bc_chain_submit_chain(chain, &verdict, &reason, &position, data, size, NULL);
    require(verified == taken);
    if (taken == BC_OK) {
        int longer = result.verdict == BC_VERDICT_ACCEPTED && result.blocks > 1;
        require((verdict == BC_VERDICT_ACCEPTED) == longer);
        require(bc_chain_tip(chain, &height, NULL, NULL) == BC_OK);
        require(height == (longer ? result.blocks - 1 : 0));
    }
    require(bc_chain_verify(chain, NULL, NULL, NULL, NULL) == BC_OK);
    require(bc_chain_close(chain, NULL) == BC_OK);
    bc_params_unref(params);
    return 0;
}
