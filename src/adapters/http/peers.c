/* The endpoints about peers: register some, and resolve conflicts with them. */
#include <stdio.h>

#include "server.h"

/* ---- POST /nodes/register ------------------------------------------------------------------- */

static enum MHD_Result refuse(bc__http_exchange *exchange, const char *sentence)
{
    return bc__http_respond_error(exchange, MHD_HTTP_BAD_REQUEST, sentence);
}

/* Whether every entry is an address; else `sentence` says which is not, counted from 1. */
static bool check_nodes(const json_t *nodes, char *sentence, size_t capacity)
{
    char name[BC_PEER_BYTES_MAX + 1];
    const json_t *node;
    size_t i;

    json_array_foreach(nodes, i, node)
    {
        bc_error error = {0, 0, ""};
        if (!json_is_string(node)) {
            (void)snprintf(sentence, capacity, "node %zu of the list is not a string", i + 1);
            return false;
        }
        if (bc_http_peer_name(name, json_string_value(node), &error) != BC_OK) {
            (void)snprintf(sentence, capacity, "node %zu of the list: %s", i + 1, error.message);
            return false;
        }
    }
    return true;
}

/* Adds them in order; `done` is how many. */
static bc_status add_nodes(bc_chain *chain, const json_t *nodes, size_t *done, bc_error *error)
{
    char name[BC_PEER_BYTES_MAX + 1];
    bc_status status = BC_OK;
    size_t i;

    for (i = 0; i < json_array_size(nodes) && status == BC_OK; i++) {
        status = bc_http_peer_name(name, json_string_value(json_array_get(nodes, i)), error);
        if (status == BC_OK) {
            status = bc_chain_add_peer(chain, name, error);
        }
    }
    *done = status == BC_OK ? i : i - 1;
    return status;
}

static bc_status list_peer(void *context, const char *peer)
{
    json_t *list = context;

    return json_array_append_new(list, bc__http_json_string(peer)) == 0 ? BC_OK : BC_ERR_MEMORY;
}

static enum MHD_Result respond_registered(bc__http_exchange *exchange)
{
    bc_error error = {0, 0, ""};
    json_t *list = json_array();
    bc_status status = list == NULL
                           ? BC_ERR_MEMORY
                           : bc_chain_peers(exchange->server->chain, list_peer, list, &error);

    if (status != BC_OK) {
        json_decref(list);
        return bc__http_respond_failure(exchange, status, &error);
    }
    return bc__http_respond_json(
        exchange, MHD_HTTP_CREATED,
        json_pack("{s:s, s:o}", "message", "New nodes have been added", "total_nodes", list));
}

static enum MHD_Result respond_not_registered(bc__http_exchange *exchange, bc_status status,
                                              size_t done, const bc_error *error)
{
    char sentence[320];

    if (status != BC_ERR_LIMIT) {
        return bc__http_respond_failure(exchange, status, error);
    }
    (void)snprintf(sentence, sizeof sentence, "%s; of this list the first %zu were added",
                   error->message, done);
    return bc__http_respond_error(exchange, MHD_HTTP_CONFLICT, sentence);
}

static enum MHD_Result register_nodes(bc__http_exchange *exchange, const json_t *nodes)
{
    bc_error error = {0, 0, ""};
    char sentence[320];
    size_t done;
    bc_status status;

    if (!json_is_array(nodes)) {
        return refuse(exchange, "\"nodes\" must be a list of addresses such as "
                                "\"http://192.168.0.5:5000\"");
    }
    if (!check_nodes(nodes, sentence, sizeof sentence)) {
        return refuse(exchange, sentence);
    }
    status = add_nodes(exchange->server->chain, nodes, &done, &error);
    if (status != BC_OK) {
        return respond_not_registered(exchange, status, done, &error);
    }
    return respond_registered(exchange);
}

enum MHD_Result bc__http_answer_register(bc__http_exchange *exchange)
{
    json_error_t error;
    char sentence[320];
    enum MHD_Result result;
    const char *body = exchange->body == NULL ? "" : (const char *)exchange->body;
    json_t *values = json_loadb(body, exchange->length, 0, &error);

    if (values == NULL) {
        (void)snprintf(sentence, sizeof sentence, "the body is no JSON: %s, at byte %d", error.text,
                       error.position);
        return refuse(exchange, sentence);
    }
    if (!json_is_object(values)) {
        result = refuse(exchange, "the body must be a JSON object with the member \"nodes\"");
    } else if (json_object_get(values, "nodes") == NULL) {
        result = refuse(exchange, "the member \"nodes\" is missing");
    } else {
        result = register_nodes(exchange, json_object_get(values, "nodes"));
    }
    json_decref(values);
    return result;
}

/* ---- GET /nodes/resolve --------------------------------------------------------------------- */

/* What each peer was found to be. Out of memory ends the resolve. */
static bc_status report_peer(void *context, bc_chain *chain, const bc_event *event)
{
    json_t *list = context;
    json_t *line;

    (void)chain;
    if (event->kind != BC_EVENT_PEER || event->peer == NULL) {
        return BC_OK;
    }
    line = json_pack("{s:o, s:s, s:o}", "peer", bc__http_json_string(event->peer), "status",
                     bc_status_name(event->status), "text",
                     bc__http_json_string(event->text == NULL ? "" : event->text));
    return json_array_append_new(list, line) == 0 ? BC_OK : BC_ERR_MEMORY;
}

static bc_status resolve(bc__http_server *server, bool *replaced, json_t *report, bc_error *error)
{
    uint32_t changed = 0;
    bc_status status = BC_ERR_INTERRUPTED;

    /* The stop sets `stopping` and then interrupts for as long as `resolving` is not 0. */
    (void)atomic_fetch_add(&server->resolving, 1);
    if (!atomic_load(&server->stopping)) {
        status = bc_chain_resolve(server->chain, &changed, report_peer, report, error);
    }
    (void)atomic_fetch_sub(&server->resolving, 1);
    bc__http_explain_stop(server, status, error);
    *replaced = changed != 0;
    return status;
}

/* The chain as "chain" gives it, {"chain": […], "length": N}, with the first member renamed where it
 * is a new one, and with more members behind. Takes `report`. */
static enum MHD_Result respond_resolved(bc__http_exchange *exchange, bool replaced, json_t *report)
{
    bc_error error = {0, 0, ""};
    bc_answer *answer = NULL;
    bc__http_splice splice = {"{\"chain\"", replaced ? "{\"new_chain\"" : "{\"chain\"", {0}};
    bc_status status =
        bc_chain_serve(exchange->server->chain, &answer, NULL, "chain", NULL, 0, &error);

    if (status != BC_OK) {
        json_decref(report);
        return bc__http_respond_failure(exchange, status, &error);
    }
    bc__http_text_string(&splice.tail, ", \"message\": \"");
    bc__http_text_string(&splice.tail,
                         replaced ? "Our chain was replaced" : "Our chain is authoritative");
    bc__http_text_string(&splice.tail, "\", \"report\": ");
    bc__http_text_json(&splice.tail, report);
    bc__http_text_string(&splice.tail, "}");
    return bc__http_respond_answer(exchange, answer, "application/json", &splice);
}

/* Where chains do not travel whole, the tip says which one it is. Takes `report`. */
static enum MHD_Result respond_tip(bc__http_exchange *exchange, bool replaced, json_t *report)
{
    uint8_t id[BC_ID_BYTES] = {0};
    uint64_t height = 0;

    (void)bc_chain_tip(exchange->server->chain, &height, id, NULL);
    return bc__http_respond_json(
        exchange, MHD_HTTP_OK,
        json_pack("{s:s, s:o, s:o, s:o, s:o}", "message",
                  replaced ? "Our chain was replaced" : "Our chain is authoritative", "length",
                  bc__http_json_amount(height + 1), "height", bc__http_json_amount(height), "id",
                  bc__http_json_id(id), "report", report));
}

enum MHD_Result bc__http_answer_resolve(bc__http_exchange *exchange)
{
    bc__http_server *server = exchange->server;
    bc_error error = {0, 0, ""};
    bool replaced = false;
    json_t *report;
    bc_status status;

    if (!bc__http_slow_enter(server)) {
        return bc__http_respond_error(exchange, MHD_HTTP_SERVICE_UNAVAILABLE,
                                      "too many requests that take long are being worked on");
    }
    report = json_array();
    status = report == NULL ? BC_ERR_MEMORY : resolve(server, &replaced, report, &error);
    bc__http_slow_leave(server);
    if (status == BC_OK) {
        return server->has_accounts ? respond_tip(exchange, replaced, report)
                                    : respond_resolved(exchange, replaced, report);
    }
    json_decref(report);
    if (status == BC_ERR_UNSUPPORTED) {
        return bc__http_respond_error(exchange, MHD_HTTP_NOT_IMPLEMENTED, error.message);
    }
    return bc__http_respond_failure(exchange, status, &error);
}
