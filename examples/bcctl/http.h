/* Asking a node, by HTTP and JSON. */
#ifndef EXAMPLES_BCCTL_HTTP_H
#define EXAMPLES_BCCTL_HTTP_H

#include <jansson.h>

#include <bc/bc.h>

/* GETs URL and path, or POSTs `body` (a text of JSON; NULL: GET), and reads the answer, a JSON object,
 * to be released with json_decref. `url` is as a node prints it. BC_ERR_NETWORK where the node cannot
 * be reached or gives no such answer; BC_ERR_NOT_FOUND where it refuses: the sentence is the node's
 * own. `error` is never NULL. */
bc_status http_ask(json_t **out, const char *url, const char *path, const char *body,
                   bc_error *error);

/* A member that is an integer, or above 2^53 - 1 a string of its digits; 0 where it is neither. */
int http_amount(uint64_t *out, const json_t *object, const char *member);

#endif
