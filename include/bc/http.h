/* libbc-http: peers over HTTP, for programs that embed libbc.
 *
 * Two halves that may be used apart. The client is a bc_transport: it asks peers with libcurl. The
 * server lets peers and people ask a chain with libmicrohttpd: the five endpoints of the tutorial,
 * look-ups of blocks, transactions, accounts and proofs, and every method of the library under
 * POST /bc/1/METHOD.
 *
 *     bc_http *http;  bc_transport transport;  bc_options options = BC_OPTIONS_INIT;
 *     bc_http_new(&http, NULL, NULL);
 *     bc_http_transport(http, &transport, NULL);
 *     options.transport = &transport;
 *     bc_chain_open(&chain, params, &options, NULL);
 *     bc_http_start(http, chain, "my name", NULL);     // bc_http_url(http) says where
 *     ...
 *     bc_http_stop(http);
 *     bc_chain_close(chain, NULL);
 *     bc_http_free(http);
 *
 * The rules of <bc/bc.h> hold here too. What differs, because this library is a host of the core:
 * it opens sockets; it has threads of its own (one for the client; for the server one that listens,
 * one that watches time-outs and one for each connection), all with every signal blocked; and it
 * takes its memory from malloc, as the libraries below it do. Linking it makes libcurl do its
 * global initialisation, which with libcurl 7.84 and later is safe at any time.
 */
#ifndef BC_HTTP_H
#define BC_HTTP_H

#include <bc/bc.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A client and a server with common options. */
typedef struct bc_http bc_http;

/* Every member may be left zero, which means what its comment says last. Times are 1 millisecond to
 * 1 day. BC_ERR_ARGUMENT for a value outside its range. */
typedef struct bc_http_options {
    uint32_t struct_size;
    uint32_t port;     /* to listen on, at most 65,535; 0: any that is free */
    const char *bind;  /* address to listen on, an IPv4 or IPv6 address; NULL: "127.0.0.1" */
    const bc_log *log; /* one line a request at BC_LOG_DEBUG, from several threads at a time;
                          copied; NULL: none */
    /* The client: what it takes from a peer. */
    uint64_t connect_timeout_us; /* until the connection stands; 5 seconds */
    uint64_t request_timeout_us; /* until the answer is whole; 30 seconds */
    uint64_t low_speed_us;       /* a peer that gives fewer than low_speed_bytes a second for so
                                    long is given up; whole seconds, rounded up; 15 seconds */
    uint64_t low_speed_bytes;    /* 1 to 2^30; 64 */
    uint64_t max_requests;       /* under way at one time, 1 to 1,024; further ones wait; 32 */
    uint64_t max_answer_header_bytes; /* head of a peer's answer, 1 KiB to 16 MiB; 64 KiB */
    /* The server: what it takes from whoever connects. */
    uint64_t server_timeout_us; /* for the head of a request to come, from the connection or the
                                   answer before it; for its body to come; for each 16 KiB or so of
                                   an answer to be taken; 30 seconds */
    uint64_t max_header_bytes;  /* head of a request, roughly, 1 KiB to 16 MiB; 32 KiB */
    uint64_t max_body_bytes;    /* body of a request, 1 KiB to 1 GiB; 1 MiB */
    uint32_t max_connections;   /* at one time, 1 to 10,000; further ones are closed; 128 */
    uint32_t max_connections_per_ip; /* the same from one address; 64, and where `bind` is a
                                        loopback address as many as max_connections */
    uint32_t mine_threads;           /* for GET /mine; 0: as the chain's options say */
    uint32_t zero;
    /* For GET /mine as well, as in bc_mine_options. */
    const bc_key *mine_signer;     /* a reference is taken; NULL: none */
    const uint8_t *mine_recipient; /* copied; NULL: the identifier of bc_http_start, and under
                                      rules with accounts the signer's key */
    size_t mine_recipient_length;
} bc_http_options;

#define BC_HTTP_OPTIONS_INIT                                                                       \
    {                                                                                              \
        (uint32_t)sizeof(bc_http_options), 0, NULL, NULL, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,   \
            NULL, NULL, 0                                                                          \
    }
BC_API void bc_http_options_init(bc_http_options *options);

/* Makes a client and a server; neither does anything yet. `options` may be NULL. BC_ERR_UNSUPPORTED
 * (options of a newer library), BC_ERR_NETWORK (libcurl refuses to start). Release with
 * bc_http_free. */
BC_API bc_status bc_http_new(bc_http **out, const bc_http_options *options, bc_error *error);

/* Stops the server, ends the requests that are under way, and releases `http`, which may be NULL.
 * A chain that still has the transport gets BC_ERR_CLOSED from it. Not from inside a callback that
 * runs on one of the library's threads. */
BC_API void bc_http_free(bc_http *http);

/* Fills in `transport` for bc_options.transport and starts the client's thread. Each transport
 * holds `http` until its `close` is called, which bc_chain_open and bc_chain_close do; a transport
 * that is given to no chain is closed by the caller: transport.close(transport.context). May be
 * called several times, for several chains. `wake` and `wait` stay NULL.
 *
 * Method "chain" is GET http://PEER/chain, as a node of the tutorial answers it. Any other is POST
 * http://PEER/bc/1/METHOD with the body as application/octet-stream. Only status 200 is an answer;
 * redirects are not followed; certificates of https peers are checked; no proxy is used, no cookie
 * kept, no credentials sent, whatever the environment says. What goes wrong ends the reply with
 * BC_ERR_NETWORK (BC_ERR_FORMAT for a peer's name that bc_http_peer_name refuses, BC_ERR_LIMIT for
 * an answer that is too long) and a sentence. */
BC_API bc_status bc_http_transport(bc_http *http, bc_transport *transport, bc_error *error);

/* Begins to listen and to answer for `chain`, which must stay open until bc_http_stop.
 * `identifier` is UTF-8, copied, the recipient of what GET /mine earns; NULL: as bc_mine_options
 * has it. Under rules with accounts it has no use: see mine_recipient. The chain's event callback
 * then also arrives on this library's threads.
 *
 *     GET  /mine                mines a block, until the client closes its connection
 *     POST /transactions/new    {"sender":…,"recipient":…,"amount":…}; under rules with accounts a
 *                               signed transaction, as bc_tx_json shows it or its encoding in
 *                               hexadecimal digits
 *     GET  /chain               the whole chain, streamed; under rules with accounts a page of it,
 *                               ?from=HEIGHT&limit=BLOCKS
 *     POST /nodes/register      {"nodes":["http://host:port",…]}
 *     GET  /nodes/resolve       asks the registered peers and adopts the best chain
 *     GET  /status              the network, the tip, the mempool
 *     GET  /blocks/HEIGHT-OR-ID a block as bc_block_json shows it
 *     POST /blocks              a block as bc_block_json shows it, or its encoding in hexadecimal
 *                               digits: bc_chain_submit
 *     GET  /transactions/ID     a transaction and where it stands
 *     GET  /accounts/KEY        balance and nonce
 *     GET  /proofs/ID           a transaction's Merkle proof under the tip, ?under=HEIGHT
 *     POST /bc/1/METHOD         bc_chain_serve, application/octet-stream
 *
 * Whatever is refused is answered with a fitting status and {"error":"a sentence"}. docs/transport.md
 * has every answer. There is no TLS and no authentication: whoever can connect can mine and register
 * peers. Requests that change something are refused where the browser says that a web page of
 * another site makes them (Sec-Fetch-Site, Origin, Referer), and under a Host header that is neither
 * an IP address nor localhost; all others too, where `bind` is a loopback address.
 *
 * BC_ERR_NETWORK: the address cannot be bound; host_code is the system's errno. BC_ERR_ARGUMENT:
 * `bind` is no address, or the server runs already. Start, stop and free are for one thread at a
 * time. */
BC_API bc_status bc_http_start(bc_http *http, bc_chain *chain, const char *identifier,
                               bc_error *error);

/* Ends the server: no further connection, GET /mine and GET /nodes/resolve that are under way are
 * interrupted (the latter with bc_chain_interrupt, which is felt by every call on the chain), and
 * nothing touches the chain any more on return. The client goes on. No effect where the server does
 * not run; `http` may be NULL. bc_http_start may follow. */
BC_API void bc_http_stop(bc_http *http);

/* Where the server listens, from start to stop: the port, 0 where it does not run; and a URL that
 * works on this machine, "http://127.0.0.1:5000", "" where it does not run. The view lives until
 * stop. */
BC_API uint32_t bc_http_port(const bc_http *http);
BC_API const char *bc_http_url(const bc_http *http);

/* Writes the one name that a peer's address has among peers: "host:port", or "https://host:port".
 * Taken are host, host:port, http://host[:port][/] and https://host[:port][/]; the port that is not
 * given is 80, or 443. A host is a name (letters, digits, hyphens, dots, underscores; made lower
 * case), an IPv4 address in four decimal parts, or an IPv6 address in brackets. All else gives
 * BC_ERR_FORMAT with a sentence: other schemes, users and passwords, paths, queries, fragments.
 * `out` is of BC_PEER_BYTES_MAX + 1 bytes and becomes "" on failure. Looks nothing up. */
BC_API bc_status bc_http_peer_name(char out[256], const char *text, bc_error *error);

#ifdef __cplusplus
}
#endif

#endif
