/* What peers say under rules with headers. The first byte chooses: an odd one, and the rest is the
 * question that somebody asks of us; else it is what a peer answers to whatever we ask of it, one answer
 * behind the other, each behind its length in two bytes. The network's id in a hello, and what the first
 * header stands on, are put in, so that the fuzzer gets far. Our chain stays whole. */
#include <stdlib.h>
#include <string.h>

#include <bc/bc.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct script {
    const uint8_t *data;
    size_t size;
    const bc_params *params;
} script;

static void require(int condition)
{
    if (!condition) {
        abort();
    }
}

static bc_status answer_next(void *context, const char *peer, const char *method,
                             const uint8_t *body, size_t length, bc_reply *reply)
{
    script *rest = context;
    uint8_t bytes[UINT16_MAX];
    size_t given = 0;
    (void)peer;
    (void)length;
    if (rest->size >= 2) {
        given = (size_t)rest->data[0] | (size_t)rest->data[1] << 8;
        rest->data += 2;
        rest->size -= 2;
        given = given < rest->size ? given : rest->size;
        memcpy(bytes, rest->data, given);
        rest->data += given;
        rest->size -= given;
    }
    if (strcmp(method, "hello") == 0 && given >= 36) {
        bc_params_network_id(rest->params, bytes + 4);
    } else if (strcmp(method, "headers") == 0 && given >= 4 + 24 + 32) {
        memcpy(bytes + 4 + 24, body + 8, 32); /* it stands on what was asked for first */
    }
    (void)bc_reply_write(reply, bytes, given);
    (void)bc_reply_end(reply, BC_OK, NULL);
    bc_reply_unref(reply);
    return BC_OK;
}

static void serve(bc_chain *chain, uint8_t what, const uint8_t *data, size_t size)
{
    static const char *const methods[] = {"hello", "headers", "blocks"};
    bc_error error = BC_ERROR_INIT;
    bc_answer *answer;
    bc_status status = bc_chain_serve(chain, &answer, NULL, methods[what % 3], data, size, &error);
    require((status == BC_OK) == (answer != NULL));
    require(status == BC_OK || error.message[0] != '\0');
    uint8_t piece[256];
    size_t got = status == BC_OK;
    while (got > 0) {
        require(bc_answer_read(answer, &got, piece, sizeof piece, NULL) == BC_OK);
    }
    bc_answer_unref(answer);
}

static bc_status check_line(void *context, bc_chain *chain, const bc_event *event)
{
    (void)context;
    (void)chain;
    require(event->text[0] != '\0');
    return BC_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    bc_params *params;
    bc_chain *chain;
    bc_options options = BC_OPTIONS_INIT;
    bc_transport transport = BC_TRANSPORT_INIT;
    script rest;
    uint64_t height;
    uint32_t replaced;
    if (size == 0) {
        return 0;
    }
    require(bc_params_preset(&params, "ledger-dev", NULL, NULL) == BC_OK);
    rest = (script){data + 1, size - 1, params};
    transport.context = &rest;
    transport.request = answer_next;
    options.transport = &transport;
    require(bc_chain_open(&chain, params, &options, NULL) == BC_OK);
    if (data[0] % 2 == 1) {
        serve(chain, data[0] / 2, data + 1, size - 1);
    } else {
        require(bc_chain_add_peer(chain, "peer", NULL) == BC_OK);
        require(bc_chain_resolve(chain, &replaced, check_line, NULL, NULL) == BC_OK);
        require(bc_chain_tip(chain, &height, NULL, NULL) == BC_OK);
        require((replaced != 0) == (height > 0));
    }
    require(bc_chain_verify(chain, NULL, NULL, NULL, NULL) == BC_OK);
    require(bc_chain_close(chain, NULL) == BC_OK);
    bc_params_unref(params);
    return 0;
}
