/* The handle: a client and a server with common settings, and the transport over the client.
 *
 * Chains hold the handle through the transports that they were given, so it is counted: bc_http_free
 * may come before or after bc_chain_close. */
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

#include "internal.h"

struct bc_http {
    atomic_size_t references; /* the host's, and one a transport */
    bc__http_settings settings;
    pthread_mutex_t lock;
    bc__http_client *client; /* under the lock until it is made; NULL before the first transport */
    bc__http_server *server; /* of the thread that starts and stops; NULL where it does not run */
};

bc_status bc_http_new(bc_http **out, const bc_http_options *options, bc_error *error)
{
    bc_http *http;
    bc_status status;

    if (out == NULL) {
        return bc__http_fail(error, BC_ERR_ARGUMENT, 0, "out is NULL");
    }
    *out = NULL;
    http = calloc(1, sizeof *http);
    if (http == NULL) {
        return bc__http_fail(error, BC_ERR_MEMORY, 0, "no memory for the handle of libbc-http");
    }
    atomic_init(&http->references, 1);
    status = bc__http_settings_read(&http->settings, options, error);
    if (status != BC_OK) {
        goto fail;
    }
    if (pthread_mutex_init(&http->lock, NULL) != 0) {
        status = bc__http_fail(error, BC_ERR_MEMORY, 0, "the system gave no mutex");
        goto fail;
    }
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        status = bc__http_fail(error, BC_ERR_NETWORK, 0, "libcurl could not be initialised");
        (void)pthread_mutex_destroy(&http->lock);
        goto fail;
    }
    *out = http;
    return BC_OK;

fail:
    bc__http_settings_free(&http->settings);
    free(http);
    return status;
}

static void release(bc_http *http)
{
    if (atomic_fetch_sub_explicit(&http->references, 1, memory_order_acq_rel) != 1) {
        return;
    }
    bc__http_client_free(http->client);
    curl_global_cleanup();
    (void)pthread_mutex_destroy(&http->lock);
    bc__http_settings_free(&http->settings);
    free(http);
}

void bc_http_free(bc_http *http)
{
    bc__http_client *client;

    if (http == NULL) {
        return;
    }
    bc_http_stop(http);
    (void)pthread_mutex_lock(&http->lock);
    client = http->client;
    (void)pthread_mutex_unlock(&http->lock);
    if (client != NULL) {
        bc__http_client_stop(client);
    }
    release(http);
}

/* ---- Transport ------------------------------------------------------------------------------ */

/* The client is made before the first transport is, so that these need no lock to read it. */
static bc_status transport_request(void *context, const char *peer, const char *method,
                                   const uint8_t *body, size_t length, bc_reply *reply)
{
    const bc_http *http = context;

    return bc__http_client_request(http->client, peer, method, body, length, reply);
}

static void transport_cancel(void *context, bc_reply *reply)
{
    const bc_http *http = context;

    bc__http_client_cancel(http->client, reply);
}

static void transport_close(void *context)
{
    release(context);
}

bc_status bc_http_transport(bc_http *http, bc_transport *transport, bc_error *error)
{
    bc_status status = BC_OK;

    if (http == NULL || transport == NULL) {
        return bc__http_fail(error, BC_ERR_ARGUMENT, 0, "http or transport is NULL");
    }
    bc_transport_init(transport);
    (void)pthread_mutex_lock(&http->lock);
    if (http->client == NULL) {
        status = bc__http_client_new(&http->client, &http->settings, error);
    }
    (void)pthread_mutex_unlock(&http->lock);
    if (status != BC_OK) {
        return status;
    }
    (void)atomic_fetch_add_explicit(&http->references, 1, memory_order_relaxed);
    transport->context = http;
    transport->request = transport_request;
    transport->cancel = transport_cancel;
    transport->close = transport_close;
    return BC_OK;
}

/* ---- Server --------------------------------------------------------------------------------- */

bc_status bc_http_start(bc_http *http, bc_chain *chain, const char *identifier, bc_error *error)
{
    if (http == NULL || chain == NULL) {
        return bc__http_fail(error, BC_ERR_ARGUMENT, 0, "http or chain is NULL");
    }
    if (http->server != NULL) {
        return bc__http_fail(error, BC_ERR_ARGUMENT, 0,
                             "the server runs already, at %s: stop it first",
                             bc__http_server_url(http->server));
    }
    return bc__http_server_new(&http->server, &http->settings, chain, identifier, error);
}

void bc_http_stop(bc_http *http)
{
    if (http != NULL) {
        bc__http_server_free(http->server);
        http->server = NULL;
    }
}

uint32_t bc_http_port(const bc_http *http)
{
    return http == NULL || http->server == NULL ? 0 : bc__http_server_port(http->server);
}

const char *bc_http_url(const bc_http *http)
{
    return http == NULL || http->server == NULL ? "" : bc__http_server_url(http->server);
}
