#include "examples/bcnode/node.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "examples/bcnode/events.h"
#include "examples/bcnode/log.h"
#include "examples/common/data_folder.h"
#include "examples/common/number.h"
#include "examples/common/sentence.h"

static const uint64_t second_us = 1000000;

static bc_status open_http(node *self, const node_options *options, const bc_key *key,
                           const bc_log *log, bc_error *error)
{
    bc_http_options http = BC_HTTP_OPTIONS_INIT;
    http.port = options->port;
    http.bind = options->bind;
    http.log = log;
    http.request_timeout_us = options->peer_seconds * second_us;
    http.max_body_bytes = options->body_bytes;
    http.mine_threads = options->threads;
    http.mine_signer = key;
    if (options->has_recipient) {
        http.mine_recipient = options->recipient;
        http.mine_recipient_length = sizeof options->recipient;
    }
    return bc_http_new(&self->http, &http, error);
}

/* The folder is made before anything is opened in it. */
static bc_status open_folder(node *self, const node_options *options, bc_store *store,
                             bc_error *error)
{
    bc_status status = BC_OK;
    if (options->data == NULL) {
        status = data_folder_default(&self->folder, bc_params_name(self->params), error);
    } else if ((self->folder = strdup(options->data)) == NULL) {
        status = sentence(error, BC_ERR_MEMORY, "there is not enough memory");
    }
    if (status == BC_OK) {
        status = data_folder_make(self->folder, error);
    }
    return status == BC_OK ? data_folder_store(store, self->folder, 1, error) : status;
}

static bc_status open_chain(node *self, const node_options *options, const bc_log *log,
                            bc_error *error)
{
    bc_store store = BC_STORE_INIT;
    bc_transport transport = BC_TRANSPORT_INIT;
    bc_options opening = BC_OPTIONS_INIT;
    opening.threads = options->threads;
    opening.store = &store;
    opening.transport = &transport;
    opening.log = log;
    opening.event = events_log;
    opening.request_timeout_us = options->peer_seconds * second_us;
    opening.tx_durability = BC_TX_BEFORE_RETURN;
    opening.signer_is_alone = options->alone ? 1 : 0;

    bc_status status = bc_http_transport(self->http, &transport, error);
    if (status != BC_OK) {
        return status;
    }
    status = open_folder(self, options, &store, error);
    if (status != BC_OK) {
        transport.close(transport.context); /* no chain took it */
        return status;
    }
    return bc_chain_open(&self->chain, self->params, &opening, error);
}

static bc_status add_peers(node *self, const node_options *options, bc_error *error)
{
    for (size_t i = 0; i < options->peer_count; i++) {
        char name[BC_PEER_BYTES_MAX + 1];
        bc_status status = bc_http_peer_name(name, options->peers[i], error);
        if (status == BC_OK) {
            status = bc_chain_add_peer(self->chain, name, error);
        }
        if (status != BC_OK) {
            return status;
        }
    }
    return BC_OK;
}

/* Whether there are accounts is asked of the chain, for a network may be described in a file. */
static bc_status choose_earner(node *self, const node_options *options, bc_error *error)
{
    static const uint8_t nobody[BC_ID_BYTES] = {0};
    bc_status status = bc_chain_account(self->chain, NULL, NULL, NULL, nobody, error);
    self->has_accounts = status == BC_OK;
    if (status != BC_ERR_UNSUPPORTED) {
        return status;
    }
    if (options->key != NULL || options->has_recipient || options->alone) {
        return sentence(error, BC_ERR_UNSUPPORTED,
                        "--key, --recipient and --alone are for ledgers, and the network %.64s is "
                        "none",
                        bc_params_name(self->params));
    }
    return identifier_get(self->identifier, self->chain, error);
}

static void log_start(const node *self)
{
    bc_info info = BC_INFO_INIT;
    if (bc_chain_info(self->chain, &info) == BC_OK) {
        log_line(BC_LOG_INFO,
                 "network %s, data in %s, %s%s%sheight %" PRIu64 ", %" PRIu64
                 " waiting transactions, %" PRIu64 " peers",
                 bc_params_name(self->params), self->folder,
                 self->has_accounts ? "" : "identifier ", self->identifier,
                 self->has_accounts ? "" : ", ", info.height, info.mempool_count, info.peer_count);
    }
}

bc_status node_open(node *self, const node_options *options, bc_params *network, const bc_key *key,
                    bc_error *error)
{
    bc_log log;
    log_init(&log, options->verbose);
    *self = (node){.params = network};
    bc_status status = open_http(self, options, key, &log, error);
    if (status == BC_OK) {
        status = open_chain(self, options, &log, error);
    }
    if (status == BC_OK) {
        status = choose_earner(self, options, error);
    }
    if (status == BC_OK) {
        status = add_peers(self, options, error);
    }
    if (status == BC_OK) {
        log_start(self);
        status = bc_http_start(self->http, self->chain,
                               self->has_accounts ? NULL : self->identifier, error);
    }
    return status;
}

bc_status node_close(node *self, bc_error *error)
{
    bc_http_stop(self->http);
    bc_status status = self->chain == NULL ? BC_OK : bc_chain_close(self->chain, error);
    bc_http_free(self->http);
    bc_params_unref(self->params);
    free(self->folder);
    *self = (node){0};
    return status;
}
