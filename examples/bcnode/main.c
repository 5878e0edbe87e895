/* bcnode: a node, of the tutorial's blockchain or of a ledger.
 *
 * Against an installed libbc, in the folder that holds examples/:
 *     cc -std=c11 -D_POSIX_C_SOURCE=200809L -I. -o bcnode \
 *         $(find examples/bcnode examples/common -name '*.c') \
 *         $(pkg-config --cflags --libs libbc-http libbc-sqlite libbc libsodium)
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "examples/bcnode/exit.h"
#include "examples/bcnode/log.h"
#include "examples/bcnode/node.h"
#include "examples/bcnode/options.h"
#include "examples/bcnode/stop.h"
#include "examples/common/key_file.h"
#include "examples/common/network.h"
#include "examples/common/sentence.h"

static int is_loopback(const char *address)
{
    struct in_addr four;
    struct in6_addr six;
    if (inet_pton(AF_INET, address, &four) == 1) {
        return ntohl(four.s_addr) >> 24 == 127;
    }
    return inet_pton(AF_INET6, address, &six) == 1 && IN6_IS_ADDR_LOOPBACK(&six);
}

/* Does what is due on the chain until a signal comes. BC_ERR_POISONED where the chain takes no more
 * changes: then only opening it again helps. A request may bring that about while nothing is due, so
 * this looks once a second. */
static bc_status run(const node *self, bc_error *error)
{
    static const int64_t pause_us = 1000000;
    int number = 0;
    while (number == 0) {
        int64_t next = 0;
        bc_status status = bc_chain_tick(self->chain, &next, error);
        if (status == BC_ERR_POISONED) {
            return sentence(error, status,
                            "the store failed, and may or may not have kept the last change; "
                            "start bcnode again");
        }
        if (status != BC_OK) {
            log_line(BC_LOG_ERROR, "%s", error->message);
            next = pause_us;
        }
        number = stop_wait(next < pause_us ? next : pause_us);
    }
    log_line(BC_LOG_INFO, "ending on %s", strsignal(number));
    return BC_OK;
}

static int trouble(const bc_error *error)
{
    if (error->code == BC_ERR_NETWORK && error->host_code > 0) { /* libbc-http gives an errno */
        (void)fprintf(stderr, "bcnode: %s (%s)\n", error->message, strerror(error->host_code));
    } else {
        (void)fprintf(stderr, "bcnode: %s\n", error->message);
    }
    return EXIT_TROUBLE;
}

static bc_status open_and_run(node *self, const node_options *options, bc_params *network,
                              const bc_key *key, bc_error *error)
{
    bc_status status = node_open(self, options, network, key, error);
    if (status != BC_OK) {
        return status;
    }
    (void)printf("bcnode: listening on %s/\n", bc_http_url(self->http));
    (void)fflush(stdout);
    if (!is_loopback(options->bind)) {
        log_line(BC_LOG_WARNING, "others can reach %s: %s", options->bind,
                 self->has_accounts
                     ? "anyone who connects can make this node mine and name peers to it"
                     : "these rules protect nothing, so anyone who connects can rewrite the chain");
    }
    return run(self, error);
}

static int serve(const node_options *options, bc_params *network, const bc_key *key)
{
    node self;
    bc_error error = BC_ERROR_INIT;
    int result = EXIT_ENDED;
    bc_status status = open_and_run(&self, options, network, key, &error);
    if (status != BC_OK) {
        result = trouble(&error);
    }
    if (node_close(&self, &error) != BC_OK && status != BC_ERR_POISONED) {
        result = trouble(&error); /* after BC_ERR_POISONED it would be said twice */
    }
    return result;
}

int main(int argc, char **argv)
{
    static char program[] = "bcnode";
    node_options options;
    bc_error error = BC_ERROR_INIT;
    bc_params *network = NULL;
    bc_key *key = NULL;
    if (argc > 0) {
        argv[0] = program; /* by which getopt names us */
    }
    int result = options_read(&options, argc, argv);
    if (result >= 0) {
        goto end;
    }
    if (network_load(&network, options.network, &error) != BC_OK) {
        (void)fprintf(stderr, "bcnode: %s\n", error.message);
        result = EXIT_USAGE;
        goto end;
    }
    if (options.key != NULL &&
        key_file_open(&key, options.key, options.passphrase_file, &error) != BC_OK) {
        bc_params_unref(network);
        result = trouble(&error);
        goto end;
    }
    int why = stop_begin();
    if (why != 0) {
        (void)fprintf(stderr, "bcnode: cannot wait for signals: %s\n", strerror(why));
        bc_params_unref(network);
        result = EXIT_TROUBLE;
        goto end;
    }
    result = serve(&options, network, key);
end:
    bc_key_unref(key);
    options_free(&options);
    return result;
}
