/* libbc: a blockchain that fits inside your program.
 *
 * The library hashes, mines, validates, chooses and synchronises; your program gives it a place to
 * keep bytes (bc_store) and a way to ask its peers (bc_transport). The library opens no file and no
 * socket, prints nothing, never exits, and keeps no global state.
 *
 *     bc_params *params;  bc_chain *chain;  bc_block *block;
 *     bc_params_preset(&params, "tutorial", NULL, NULL);
 *     bc_chain_open(&chain, params, NULL, NULL);        // no options: everything in memory
 *     bc_chain_mine(chain, &block, NULL, NULL);
 *
 * The rules of this header
 *
 * Ownership. `T **out` hands a reference to the caller, who releases it with the function named
 *     beside it; on failure *out is NULL. `const T *` is a view, valid as long as what it was read
 *     from. Arguments of a callback are borrowed for the call; to keep an object longer, take a
 *     reference of your own. Every release function takes NULL. Use of an object after its last
 *     reference is released is undefined, as with free().
 * Order of arguments. The handle; outputs; inputs, each length behind its pointer; a callback, then
 *     its context; `bc_error *` last.
 * Pointers. A pointer may be NULL only where its comment says "may be NULL". `error` may always be
 *     NULL. Anything else that is NULL gives BC_ERR_ARGUMENT; functions that return no bc_status
 *     give NULL, 0, BC_NONE or zeros for it.
 * Errors. A function that can fail returns bc_status: 0 is success, a negative number says what
 *     kind of failure, and the bc_error that the caller owns says what was wrong, where, and what
 *     was expected. BC_ERR_ARGUMENT and BC_ERR_MEMORY can come from every function that returns
 *     bc_status and are not listed again below; nor are BC_ERR_REENTRANT, from every function of a
 *     chain that a callback of its store calls, and BC_ERR_STORE, BC_ERR_STORE_UNKNOWN and
 *     BC_ERR_POISONED, from every function that changes a chain.
 * Verdicts. "This block is invalid" is an answer, not a failed call: such functions return BC_OK,
 *     and a verdict (BC_VERDICT_...) and a reason (BC_REASON_...) say what became of the block.
 * Structs that the caller fills begin with `struct_size`, which is set by the ..._INIT macro, by
 *     the ..._init function or by hand to sizeof. Members that are zero mean the default; BC_NONE
 *     means none, or no limit. A library newer than the program gives the members that the program
 *     does not know their defaults; an older library refuses a longer struct whose unknown tail is
 *     not zero, with BC_ERR_UNSUPPORTED.
 * Bytes. Ids and hashes are 32 bytes in the order in which SHA-256 gives them. Work is a 256-bit
 *     integer in 32 bytes, big-endian. Times are microseconds since the Unix epoch.
 * Threads. Params, blocks, transactions and buffers are immutable and reference-counted; any thread
 *     may use them. A chain may be used from any number of threads. The library makes threads only
 *     inside a call that was given `threads` > 1, and joins them before the call returns; they call
 *     no function of the host but the allocator. So a callback arrives only on a thread that is
 *     inside a bc_ call. A child after fork() may only exec or exit.
 */
#ifndef BC_BC_H
#define BC_BC_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__) || defined(__clang__)
#define BC_API __attribute__((visibility("default")))
#else
#define BC_API
#endif

/* ---- Version -------------------------------------------------------------------------------- */

/* The version of this header. Until 1.0 a minor version may change the ABI; CHANGELOG.md says what.
 */
#define BC_VERSION_MAJOR 0
#define BC_VERSION_MINOR 1
#define BC_VERSION_PATCH 0

/* The version of the library that is linked: major * 1000000 + minor * 1000 + patch. */
BC_API uint32_t bc_version_number(void);

/* The same as text, "0.1.0". Static. */
BC_API const char *bc_version_string(void);

/* None, or no limit, where a member or an argument of 64 bits says that it takes it. */
#define BC_NONE UINT64_MAX

/* The number 0, where 0 means the default and the comment says that this is taken. */
#define BC_ZERO (UINT64_MAX - 1)

enum {
    BC_ID_BYTES = 32,         /* an id or a hash */
    BC_WORK_BYTES = 32,       /* an amount of work, big-endian */
    BC_KEY_BYTES_MAX = 64,    /* a key of a store */
    BC_PEER_BYTES_MAX = 255,  /* a peer's name, without its terminator */
    BC_NAME_BYTES_MAX = 31,   /* a name of bc_chain_set_value, without its terminator */
    BC_VALUE_BYTES_MAX = 4096 /* a value of bc_chain_set_value */
};

/* ---- Status and errors ---------------------------------------------------------------------- */

typedef int32_t bc_status;

enum {
    BC_OK = 0,
    BC_ERR_ARGUMENT = -1,       /* the call breaks the contract of the function */
    BC_ERR_MEMORY = -2,         /* the allocator gave none; nothing was changed */
    BC_ERR_LIMIT = -3,          /* a bound on size, count or depth; the message names it */
    BC_ERR_NOT_FOUND = -4,      /* there is no such block, transaction, peer or value */
    BC_ERR_REENTRANT = -5,      /* called from inside a callback that may not call it */
    BC_ERR_CLOSED = -6,         /* the reply or the chain takes no more */
    BC_ERR_INTERRUPTED = -7,    /* bc_chain_interrupt, or a progress callback that said stop */
    BC_ERR_UNSUPPORTED = -8,    /* not under these rules, or not in this version */
    BC_ERR_FORMAT = -9,         /* bytes from outside that are not what they should be */
    BC_ERR_STORE = -10,         /* the store refused, and promises that nothing was applied */
    BC_ERR_STORE_UNKNOWN = -11, /* the store failed with unknown outcome; the chain is poisoned */
    BC_ERR_POISONED = -12,      /* an earlier failure of unknown outcome: close, and open again */
    BC_ERR_DAMAGED = -13,       /* what the store gave back is not what was put there */
    BC_ERR_NETWORK = -14,       /* a peer could not be reached or did not answer properly */
    BC_ERR_STALE = -15,         /* the work was made for a tip that is no longer the tip */
    BC_ERR_HOST = -1000         /* this and below: a host's own codes, given back as they are */
};

/* What was wrong, where, and what was expected. 256 bytes for ever. The caller owns it. A function
 * that returns BC_OK leaves it as it was, with one exception: where the verdict is
 * BC_VERDICT_INVALID or BC_VERDICT_NOT_YET, or a chain is BC_VERDICT_REFUSED for a block that is too
 * large, `code` is BC_OK and `message` says why. */
typedef struct bc_error {
    int32_t code;      /* the bc_status that the function returned */
    int32_t host_code; /* what a callback returned, or a code of the system; else 0 */
    char message[248]; /* English, terminated, no line break */
} bc_error;

/* clang-format off */
#define BC_ERROR_INIT {0, 0, {0}}
/* clang-format on */

/* "BC_ERR_LIMIT" and so on; "BC_ERR_HOST" for every host code; "unknown" else. Static. */
BC_API const char *bc_status_name(bc_status status);

/* What became of a block or a transaction that was handed in. */
enum {
    BC_VERDICT_NONE = 0,     /* the call failed before there was an answer */
    BC_VERDICT_ACCEPTED = 1, /* a block on the best chain; a transaction in the mempool */
    /* A block that is stored on a branch that is not the best chain. It is valid as far as that shows
     * without the accounts, which are asked when its branch is to become the best chain. */
    BC_VERDICT_BRANCH = 2,
    BC_VERDICT_KNOWN = 3,   /* had already */
    BC_VERDICT_ORPHAN = 4,  /* its parent is not known; kept in memory for a while */
    BC_VERDICT_NOT_YET = 5, /* its time is too far ahead; not kept, to be offered again */
    BC_VERDICT_INVALID = 6, /* against the rules */
    BC_VERDICT_REFUSED =
        7 /* not against the rules of the network, but against a limit of this program */
};

/* The first check that failed, in the order of the rules (docs/tutorial-rules.md). New ones are
 * added at the end. */
enum {
    BC_REASON_NONE = 0,
    BC_REASON_FRAMING = 1,       /* the bytes are no such thing at all */
    BC_REASON_KNOWN = 2,         /* had already */
    BC_REASON_GENESIS = 3,       /* a first block where none may stand */
    BC_REASON_ORPHAN = 4,        /* the parent is unknown */
    BC_REASON_SIZE = 5,          /* larger than the limit */
    BC_REASON_PREVIOUS = 6,      /* does not name the block before it */
    BC_REASON_PROOF = 7,         /* the proof of work does not hold */
    BC_REASON_LENGTH = 8,        /* a chain that is not better than ours */
    BC_REASON_REORG_DEPTH = 9,   /* would disconnect more blocks than max_reorg_depth */
    BC_REASON_MEMPOOL_FULL = 10, /* no room among the waiting transactions */
    /* The ledger's rules (docs/ledger-rules.md), in the order of their checks. */
    BC_REASON_HEIGHT = 11,           /* not one above the parent's */
    BC_REASON_MEDIAN = 12,           /* time not above the median of the blocks before it */
    BC_REASON_BITS_NEGATIVE = 13,    /* compact target with a sign */
    BC_REASON_BITS_ZERO = 14,        /* compact target of zero */
    BC_REASON_BITS_OVERFLOW = 15,    /* compact target of more than 256 bits */
    BC_REASON_BITS_OVER_LIMIT = 16,  /* target above the network's limit */
    BC_REASON_BITS_UNEXPECTED = 17,  /* not the difficulty that the rules demand here */
    BC_REASON_TARGET = 18,           /* the id is above the target */
    BC_REASON_SEAL_LENGTH = 19,      /* a seal where none stands, or none where one must */
    BC_REASON_PERIOD = 20,           /* too soon behind the parent */
    BC_REASON_INDEX = 21,            /* there is no signer of that index */
    BC_REASON_WEIGHT = 22,           /* not the weight of that signer's turn */
    BC_REASON_RECENT = 23,           /* the signer sealed one of the last blocks */
    BC_REASON_SEAL_SIGNATURE = 24,   /* the seal is not the signer's */
    BC_REASON_CLOCK = 25,            /* time too far ahead of the clock; BC_VERDICT_NOT_YET */
    BC_REASON_CONTENT = 26,          /* the header commits to another body, or another history */
    BC_REASON_REWARD_PLACE = 27,     /* not exactly one reward, at the first place */
    BC_REASON_PAYLOAD_SIZE = 28,     /* payload over the network's limit */
    BC_REASON_RECIPIENT = 29,        /* an amount for nobody */
    BC_REASON_OVERFLOW = 30,         /* amount + fee passes 64 bits */
    BC_REASON_MINIMUM_FEE = 31,      /* fee below the network's least */
    BC_REASON_KEY = 32,              /* the sender is no key that the signature rule takes */
    BC_REASON_SIGNATURE = 33,        /* the signature does not hold */
    BC_REASON_HOST = 34,             /* the host's check_tx */
    BC_REASON_REWARD_NONCE = 35,     /* the reward's nonce is not the height */
    BC_REASON_REWARD_PAYLOAD = 36,   /* the reward's payload is over the limit */
    BC_REASON_REWARD_OVERFLOW = 37,  /* subsidy + fees pass 64 bits */
    BC_REASON_REWARD_AMOUNT = 38,    /* not subsidy + fees */
    BC_REASON_REWARD_RECIPIENT = 39, /* a reward for nobody */
    BC_REASON_NONCE = 40,            /* not the sender's next */
    BC_REASON_BALANCE = 41,          /* more than the sender has */
    BC_REASON_HOST_BLOCK = 42,       /* the host's check_block */
    /* Of this program alone. */
    BC_REASON_CHECKPOINT = 43,  /* another block than options.checkpoints demand */
    BC_REASON_REPLACEMENT = 44, /* a waiting transaction of that nonce pays as much, or nearly */
    BC_REASON_SENDER_LIMIT = 45 /* the sender has too many waiting transactions */
};

/* "accepted", "branch", …; "framing", "proof", …; "-" for 0, "unknown" else. Static. */
BC_API const char *bc_verdict_name(uint32_t verdict);
BC_API const char *bc_reason_name(uint32_t reason);

/* ---- Types ---------------------------------------------------------------------------------- */

typedef struct bc_params
    bc_params; /* the description of a network, shared by all that is made from it */
typedef struct bc_chain bc_chain; /* an open ledger */
typedef struct bc_block bc_block;
typedef struct bc_tx bc_tx;         /* a transaction; under the tutorial's rules any record */
typedef struct bc_work bc_work;     /* a mining job */
typedef struct bc_reply bc_reply;   /* what a peer answers, being written by the host's transport */
typedef struct bc_answer bc_answer; /* what we answer a peer, being read by the host */
typedef struct bc_buffer bc_buffer; /* bytes handed out */
typedef struct bc_key bc_key;       /* what signs */
typedef struct bc_state bc_state;   /* balances, as a host's check_block sees them */
typedef struct bc_sink bc_sink;     /* where a store puts the bytes of a value */

/* ---- Allocator, clock, log ------------------------------------------------------------------ */

/* As malloc, realloc and free; `size` is never 0. Called from any thread that is inside a bc_ call,
 * also from several at a time, and from the threads that a call makes. Copied where it is given;
 * `context` must outlive every object. jansson and libsodium, on which the library stands, use
 * malloc. */
typedef struct bc_allocator {
    uint32_t struct_size;
    uint32_t flags; /* 0 */
    void *context;
    void *(*allocate)(void *context, size_t size);
    void *(*reallocate)(void *context, void *memory, size_t size);
    void (*release)(void *context, void *memory); /* `memory` is never NULL */
} bc_allocator;

/* clang-format off */
#define BC_ALLOCATOR_INIT {(uint32_t)sizeof(bc_allocator), 0, NULL, NULL, NULL, NULL}
/* clang-format on */
BC_API void bc_allocator_init(bc_allocator *allocator);

/* Two clocks in microseconds. `wall` counts from the Unix epoch and may jump; it dates blocks.
 * `monotonic` counts from anywhere and never goes back; it measures time-outs. May be called with
 * the chain's lock held; must not call the chain. */
typedef struct bc_clock {
    uint32_t struct_size;
    uint32_t flags; /* 0 */
    void *context;
    int64_t (*wall)(void *context);
    int64_t (*monotonic)(void *context);
} bc_clock;

/* clang-format off */
#define BC_CLOCK_INIT {(uint32_t)sizeof(bc_clock), 0, NULL, NULL, NULL}
/* clang-format on */
BC_API void bc_clock_init(bc_clock *clock);

enum { BC_LOG_ERROR = 1, BC_LOG_WARNING = 2, BC_LOG_INFO = 3, BC_LOG_DEBUG = 4 };

/* One line without its line break. May be called with the chain's lock held; must not call the
 * chain. */
typedef struct bc_log {
    uint32_t struct_size;
    uint32_t level; /* the highest BC_LOG_... that is written; 0 is BC_LOG_INFO */
    void *context;
    void (*write)(void *context, uint32_t level, const char *line);
} bc_log;

/* clang-format off */
#define BC_LOG_INIT {(uint32_t)sizeof(bc_log), 0, NULL, NULL}
/* clang-format on */
BC_API void bc_log_init(bc_log *log);

/* ---- Buffers -------------------------------------------------------------------------------- */

/* The bytes, followed by a zero byte that is not counted, so that JSON may be used as a string. The
 * view lives as long as the buffer. */
BC_API const uint8_t *bc_buffer_data(const bc_buffer *buffer);
BC_API size_t bc_buffer_length(const bc_buffer *buffer);
BC_API void bc_buffer_unref(bc_buffer *buffer); /* may be NULL */

/* ---- Params --------------------------------------------------------------------------------- */

/* Reads the JSON description of a network. For the tutorial's rules:
 *     {"rules":"tutorial","version":1,"name":"classroom","dialect":1,"zeros":4}
 * dialect 1 is the article's, 2 its repository's later form; zeros (0 to 64, default 4) is the
 * number of leading zeros of a proof in hexadecimal digits. For the ledger's rules, sealed by
 * authorities (times in milliseconds; all members are in docs/ledger-rules.md):
 *     {"rules":"ledger","version":1,"name":"audit log","time":1767225600000,"initial":0,"halving":1,
 *      "allocations":[],"sealing":"authority","authorities":["64 hexadecimal digits"],"period":0}
 * Unknown, repeated, missing or wrongly typed members are refused. `allocator` may be NULL (malloc);
 * it is used for every object that is made from these params. BC_ERR_FORMAT, BC_ERR_LIMIT (a
 * document over 16 MiB), BC_ERR_UNSUPPORTED (rules or a version that this library does not know).
 * Release with bc_params_unref. */
BC_API bc_status bc_params_parse(bc_params **out, const char *json, size_t length,
                                 const bc_allocator *allocator, bc_error *error);

/* A network by its name: "tutorial" (the article's, 4 zeros); "tutorial-v2"; "ledger" (a coin,
 * sealed by work, a block a minute); "ledger-dev" (a coin of which two attempts make a block, for
 * tests). All who take a ledger by such a name are in one network: describe one of your own under
 * another name. BC_ERR_NOT_FOUND for another name. */
BC_API bc_status bc_params_preset(bc_params **out, const char *name, const bc_allocator *allocator,
                                  bc_error *error);

BC_API bc_params *bc_params_ref(bc_params *params); /* returns params */
BC_API void bc_params_unref(bc_params *params);     /* may be NULL */

/* Limits of this program, not of the network, on what is read from outside. */
enum {
    /* Encoded block or transaction: 1 KiB to 256 MiB; default 8 MiB. Under the ledger's rules the
     * network says how large its blocks are, and this counts for nothing. */
    BC_LIMIT_BLOCK_BYTES = 1,
    BC_LIMIT_JSON_DEPTH = 2, /* nesting of JSON: 4 to 256; default 64 */
    BC_LIMIT_INTEGER_DIGITS =
        3, /* digits of one JSON integer: 20 to 1,000,000; default 4,300, as Python's own */
    BC_LIMIT_CHAIN_BYTES = 4 /* a whole chain handed in at once: 1 KiB to BC_NONE; default 1 GiB */
};

/* Sets a limit. To be called before `params` is given to anything else; not safe against use by
 * another thread. BC_ERR_ARGUMENT for an unknown limit or a value outside its range. */
BC_API bc_status bc_params_set_limit(bc_params *params, uint32_t limit, uint64_t value,
                                     bc_error *error);

/* The canonical description: no spaces, members sorted. The view lives as long as params. `length`
 * may be NULL. */
BC_API const char *bc_params_json(const bc_params *params, size_t *length);

/* The name of the network, and the id that tells it from every other. */
BC_API const char *bc_params_name(const bc_params *params);
BC_API void bc_params_network_id(const bc_params *params, uint8_t id[32]);

/* ---- Keys ----------------------------------------------------------------------------------- */

/* Signs 32 bytes with pure Ed25519, for a key that is kept elsewhere: a hardware module, an agent.
 * BC_OK; or a negative bc_status, or a code of the host's own (BC_ERR_HOST and below), which reach
 * the caller as they are, with what was put into `error` (never NULL). May block; is called with no
 * lock of the library held, possibly by several threads at a time. */
typedef bc_status (*bc_sign_fn)(void *context, uint8_t signature[64], const uint8_t message[32],
                                bc_error *error);

/* A key from its 32 secret bytes (RFC 8032's private key), which are copied; the copy is wiped when
 * the last reference is released. `allocator` may be NULL (malloc). Release with bc_key_unref. */
BC_API bc_status bc_key_from_seed(bc_key **out, const uint8_t seed[32],
                                  const bc_allocator *allocator, bc_error *error);

/* The same from 32 new bytes of the system's generator, which are put into `seed` as well, where it
 * is not NULL, for the caller to keep safe and then to wipe. */
BC_API bc_status bc_key_generate(bc_key **out, uint8_t seed[32], const bc_allocator *allocator,
                                 bc_error *error);

/* A key whose secret the library never sees. `context` must outlive the key. What `sign` gives is
 * verified before it is used. BC_ERR_FORMAT where the bytes are no public key that the rules take. */
BC_API bc_status bc_key_from_signer(bc_key **out, const uint8_t public_key[32], bc_sign_fn sign,
                                    void *context, const bc_allocator *allocator, bc_error *error);

BC_API void bc_key_public(const bc_key *key, uint8_t public_key[32]);
BC_API bc_key *bc_key_ref(bc_key *key); /* returns key */
BC_API void bc_key_unref(bc_key *key);  /* may be NULL */

/* ---- Transactions --------------------------------------------------------------------------- */

/* Reads the encoding of a transaction; under the tutorial's rules any JSON value, under the ledger's
 * 160 bytes and the payload. Whether a chain takes it is seen when it is submitted. BC_ERR_FORMAT,
 * BC_ERR_LIMIT. Release with bc_tx_unref. */
BC_API bc_status bc_tx_parse(bc_tx **out, const bc_params *params, const uint8_t *bytes,
                             size_t length, bc_error *error);

/* Makes a transaction from the JSON that a user writes. Under the tutorial's rules an object with
 * the members sender, recipient and amount, of any type, as the article's /transactions/new takes
 * it; further members are left out. Under the ledger's rules what bc_tx_json gives, signature
 * included; "id" and "version" may be left out, and members that it does not have are refused.
 * Integers above 2^53 - 1 are strings of decimal digits, bytes lowercase hexadecimal. BC_ERR_FORMAT
 * where a member is missing or wrong, or the text is no JSON object; BC_ERR_LIMIT. */
BC_API bc_status bc_tx_from_json(bc_tx **out, const bc_params *params, const char *json,
                                 size_t length, bc_error *error);

BC_API bc_tx *bc_tx_ref(bc_tx *tx); /* returns tx */
BC_API void bc_tx_unref(bc_tx *tx); /* may be NULL */

/* Under the tutorial's rules the SHA-256 of the canonical JSON: equal records have equal ids. Under
 * the ledger's the leaf hash of RFC 6962 of the encoding. */
BC_API void bc_tx_id(const bc_tx *tx, uint8_t id[32]);

/* The encoding, a view that lives as long as tx. */
BC_API const uint8_t *bc_tx_bytes(const bc_tx *tx, size_t *length);

/* What a signed transaction of the ledger's rules says. */
typedef struct bc_transfer {
    uint32_t struct_size;
    uint32_t zero;
    uint64_t nonce; /* the sender's count of earlier transactions: next_nonce of bc_chain_account */
    uint64_t amount;
    uint64_t fee;
    /* 32 bytes: a public key, or whatever names an account. NULL: nobody; the transaction only
     * records its payload, and amount is 0. */
    const uint8_t *recipient;
    const uint8_t *payload; /* any bytes; may be NULL where payload_length is 0 */
    size_t payload_length;
} bc_transfer;

/* clang-format off */
#define BC_TRANSFER_INIT {(uint32_t)sizeof(bc_transfer), 0, 0, 0, 0, NULL, NULL, 0}
/* clang-format on */
BC_API void bc_transfer_init(bc_transfer *transfer);

/* Signs a transaction for the network of `params`. BC_ERR_LIMIT (payload over the network's limit);
 * BC_ERR_FORMAT where no chain could take it (an amount for nobody, amount + fee past 64 bits, a fee
 * below the network's least); what the key's own sign function returned; BC_ERR_UNSUPPORTED under
 * rules without signatures. May call the key's sign function. Release with bc_tx_unref. */
BC_API bc_status bc_tx_sign(bc_tx **out, const bc_params *params, const bc_transfer *transfer,
                            const bc_key *signer, bc_error *error);

enum { BC_TX_REWARD = 0, BC_TX_SIGNED = 1 };

/* The fields of a transaction. The caller sets struct_size. */
typedef struct bc_tx_fields {
    uint32_t struct_size;
    uint32_t kind; /* BC_TX_REWARD, BC_TX_SIGNED */
    uint64_t nonce;
    uint64_t amount;
    uint64_t fee;
    uint8_t sender[32];     /* zero for a reward */
    uint8_t recipient[32];  /* zero for nobody */
    const uint8_t *payload; /* a view that lives as long as tx */
    size_t payload_length;
} bc_tx_fields;

/* clang-format off */
#define BC_TX_FIELDS_INIT \
    {(uint32_t)sizeof(bc_tx_fields), 0, 0, 0, 0, {0}, {0}, NULL, 0}
/* clang-format on */
BC_API void bc_tx_fields_init(bc_tx_fields *fields);

/* BC_ERR_UNSUPPORTED under rules whose transactions have no such fields. */
BC_API bc_status bc_tx_get_fields(const bc_tx *tx, bc_tx_fields *fields);

/* The transaction as JSON. Release with bc_buffer_unref. */
BC_API bc_status bc_tx_json(const bc_tx *tx, bc_buffer **out, bc_error *error);

/* ---- Blocks --------------------------------------------------------------------------------- */

/* Reads the encoding of a block, under the tutorial's rules its JSON with members in any order.
 * What can be checked from the bytes alone is checked; whether the block fits a chain is seen when
 * it is submitted. BC_ERR_FORMAT, BC_ERR_LIMIT. Release with bc_block_unref. */
BC_API bc_status bc_block_parse(bc_block **out, const bc_params *params, const uint8_t *bytes,
                                size_t length, bc_error *error);

/* The same from JSON; under the ledger's rules from what bc_block_json gives, of which "id" and
 * "version" may be left out, as in the transactions of its list. BC_ERR_FORMAT, BC_ERR_LIMIT. Release
 * with bc_block_unref. */
BC_API bc_status bc_block_from_json(bc_block **out, const bc_params *params, const char *json,
                                    size_t length, bc_error *error);

BC_API bc_block *bc_block_ref(bc_block *block); /* returns block */
BC_API void bc_block_unref(bc_block *block);    /* may be NULL */

BC_API void bc_block_id(const bc_block *block, uint8_t id[32]);

/* The id of the block before it. BC_ERR_NOT_FOUND where the block names none, as a genesis does. */
BC_API bc_status bc_block_parent(const bc_block *block, uint8_t id[32]);

/* The height that the block claims for itself, genesis 0 (under the tutorial's rules: index - 1,
 * which nobody checks); BC_NONE where it claims none. bc_chain_find knows the true one. */
BC_API uint64_t bc_block_height(const bc_block *block);

/* Microseconds since the Unix epoch. BC_ERR_UNSUPPORTED where the block carries no time that fits.
 */
BC_API bc_status bc_block_time(const bc_block *block, int64_t *microseconds);

/* The number that mining found (the tutorial's `proof`). BC_ERR_UNSUPPORTED where it is not an
 * integer of 64 bits. */
BC_API bc_status bc_block_nonce(const bc_block *block, uint64_t *nonce);

/* The encoding, a view that lives as long as block; the canonical JSON under the tutorial's rules.
 */
BC_API const uint8_t *bc_block_bytes(const bc_block *block, size_t *length);

/* The sealed header with which the encoding begins: 96 bytes, the length of the seal in one byte, the
 * seal. A view that lives as long as block; NULL under rules without headers. `length` may be NULL. */
BC_API const uint8_t *bc_block_header(const bc_block *block, size_t *length);

/* The block as JSON. Release with bc_buffer_unref. */
BC_API bc_status bc_block_json(const bc_block *block, bc_buffer **out, bc_error *error);

BC_API size_t bc_block_tx_count(const bc_block *block);

/* The transaction at `index`. BC_ERR_NOT_FOUND past the end. Release with bc_tx_unref. */
BC_API bc_status bc_block_tx(const bc_block *block, bc_tx **out, size_t index, bc_error *error);

/* ---- Store ---------------------------------------------------------------------------------- */

/* One change of a commit. Stands in arrays, so its layout is frozen. */
typedef struct bc_write {
    const uint8_t *key; /* 1 to BC_KEY_BYTES_MAX bytes */
    size_t key_length;
    const uint8_t *value; /* NULL for a removal */
    size_t value_length;  /* 0 is a value like any other */
    uint32_t op;          /* BC_WRITE_... */
    uint32_t zero;
} bc_write;

enum {
    BC_WRITE_PUT = 1,   /* the key has this value now, whatever it had */
    BC_WRITE_REMOVE = 2 /* the key is gone; no error where it was not there */
};

/* Gives bytes to the sink, which copies them; may be called several times for one value.
 * BC_ERR_MEMORY or BC_ERR_LIMIT, which the store passes on. */
BC_API bc_status bc_sink_put(bc_sink *sink, const uint8_t *bytes, size_t length);

/* Called for each key that a scan finds; borrowed bytes; it neither writes nor calls the store. A
 * result that is not 0 ends the scan, which returns it. */
typedef bc_status (*bc_visit_fn)(void *visit_context, const uint8_t *key, size_t key_length,
                                 const uint8_t *value, size_t value_length);

/* The host's persistence: an ordered map of byte strings that can commit. docs/store.md is the
 * contract; in short: calls on one store never overlap, come only on a thread that is inside a bc_
 * call, and may not call that chain. From bc_chain_open to `close` the store is that chain's alone.
 * Results: BC_OK; BC_ERR_NOT_FOUND (get); what the sink or the visitor returned. A commit that
 * promises that nothing was applied returns BC_ERR_STORE, BC_ERR_MEMORY or BC_ERR_LIMIT; any other
 * result of it counts as a failure of unknown outcome and poisons the chain. A get or a scan that
 * fails returns BC_ERR_STORE, or BC_ERR_DAMAGED where the store knows that its bytes are not good.
 * The store may fill `error`; its host_code and message reach the caller. */
typedef struct bc_store {
    uint32_t struct_size;
    uint32_t flags; /* 0 */
    void *context;
    /* Puts the value of a key into the sink, or returns BC_ERR_NOT_FOUND. */
    bc_status (*get)(void *context, const uint8_t *key, size_t key_length, bc_sink *value,
                     bc_error *error);
    /* Visits every key that begins with `prefix` and is greater than `after` (NULL: from the
     * first), in unsigned byte order. Both may be empty. */
    bc_status (*scan)(void *context, const uint8_t *prefix, size_t prefix_length,
                      const uint8_t *after, size_t after_length, bc_visit_fn visit,
                      void *visit_context, bc_error *error);
    /* Applies all writes or none, and returns when they are durable. No key occurs twice. */
    bc_status (*commit)(void *context, const bc_write *writes, size_t count, bc_error *error);
    void (*close)(void *context); /* may be NULL; called exactly once */
} bc_store;

/* clang-format off */
#define BC_STORE_INIT {(uint32_t)sizeof(bc_store), 0, NULL, NULL, NULL, NULL, NULL}
/* clang-format on */
BC_API void bc_store_init(bc_store *store);

/* A store in memory, gone when it is closed. The caller sets store->struct_size (BC_STORE_INIT);
 * the other members are filled in. `allocator` may be NULL (malloc). */
BC_API bc_status bc_store_memory(bc_store *store, const bc_allocator *allocator, bc_error *error);

/* ---- Transport ------------------------------------------------------------------------------ */

/* The host's way to its peers: a request and its reply, nothing more (docs/transport.md is the
 * contract). No function but wake is called with a lock of the library held. */
typedef struct bc_transport {
    uint32_t struct_size;
    uint32_t flags; /* 0 */
    void *context;
    /* Sends `body` to `peer` under the name `method` and sees to it that the answer comes back
     * through `reply`, at once or later, from any thread. The host owns one reference to the reply
     * and gives it up with bc_reply_unref exactly once, whatever happens; peer, method and body are
     * borrowed for the call. A result other than BC_OK says that the request was not sent. */
    bc_status (*request)(void *context, const char *peer, const char *method, const uint8_t *body,
                         size_t length, bc_reply *reply);
    /* May be NULL. Nobody waits for this reply any more; the host still gives up its reference. */
    void (*cancel)(void *context, bc_reply *reply);
    /* May be NULL. Something came in: have some thread call bc_chain_tick soon. Must only signal,
     * and may call nothing of the library. */
    void (*wake)(void *context);
    /* May be NULL. Runs the host's loop for at most `microseconds` while the library waits inside a
     * blocking call; for programs that have one thread. Not BC_OK ends the wait with that status.
     */
    bc_status (*wait)(void *context, int64_t microseconds);
    void (*close)(void *context); /* may be NULL; called once, when the chain is closed */
} bc_transport;

/* clang-format off */
#define BC_TRANSPORT_INIT {(uint32_t)sizeof(bc_transport), 0, NULL, NULL, NULL, NULL, NULL, NULL}
/* clang-format on */
BC_API void bc_transport_init(bc_transport *transport);

/* Adds bytes to a reply; they are copied. Any thread; takes no lock of the chain. BC_ERR_LIMIT:
 * more than reply_bytes; BC_ERR_CLOSED: ended, timed out, or the chain is closed. After either the
 * host stops writing. */
BC_API bc_status bc_reply_write(bc_reply *reply, const uint8_t *bytes, size_t length);

/* Ends the reply: with BC_OK, or with what went wrong and a sentence (`why`, may be NULL; copied,
 * at most 247 bytes). The second end, or one after time-out or close, gives BC_ERR_CLOSED. */
BC_API bc_status bc_reply_end(bc_reply *reply, bc_status outcome, const char *why);

/* bc_reply_ref returns reply. `reply` may be NULL in both. Any thread. With the host's last
 * reference a reply that was not ended is ended with BC_ERR_NETWORK, which may call `wake`. */
BC_API bc_reply *bc_reply_ref(bc_reply *reply);
BC_API void bc_reply_unref(bc_reply *reply);

/* ---- Events --------------------------------------------------------------------------------- */

enum {
    BC_EVENT_DISCONNECT =
        1,                /* the block is no longer on the best chain; from the old tip downwards */
    BC_EVENT_CONNECT = 2, /* the block is on the best chain now; upwards to the new tip */
    BC_EVENT_TIP =
        3, /* behind the connects of one change: the new tip; `count` transactions came back to the
              mempool from disconnected blocks, `dropped` found no room there */
    BC_EVENT_PEER = 4,        /* a line of bc_chain_resolve's report: `peer`, `status`, `text` */
    BC_EVENT_EQUIVOCATION = 5 /* a signer sealed two headers at one height: `evidence` holds both
                                 sealed headers, one behind the other; `id` is the second's */
};

/* What happened. Its pointers are valid during the call. The library sets struct_size; read no
 * member behind it. */
typedef struct bc_event {
    uint32_t struct_size;
    uint32_t kind;     /* BC_EVENT_... */
    uint64_t sequence; /* counts the events of a chain since it was opened, from 1; 0 where it is no
                          event of the queue */
    uint64_t height;   /* of the block; for BC_EVENT_PEER of the last block of the peer's chain, 0
                          where that was not counted */
    const uint8_t *id; /* of the block, 32 bytes; NULL where there is none */
    const char *peer;  /* NULL where there is none */
    const char *text;  /* an English sentence, or NULL */
    uint64_t count;
    uint64_t dropped;
    int32_t status; /* bc_status */
    uint32_t zero;
    const uint8_t *evidence; /* NULL where there is none */
    size_t evidence_length;
} bc_event;

/* Called with no lock held, one event of a chain at a time, in the order in which changes were
 * committed, on whichever thread is inside a bc_ call. It may call any function of the chain but
 * bc_chain_close. Its result is noted in the log when it is not BC_OK, except in bc_chain_changes
 * and bc_chain_resolve, which it ends. Where more than 256 changes wait for delivery, the last ones
 * are told as one. */
typedef bc_status (*bc_event_fn)(void *context, bc_chain *chain, const bc_event *event);

/* How far a long call has come. `total` is BC_NONE where it is not known. Called on the calling
 * thread with no lock held, at most about ten times a second. A result other than BC_OK ends the
 * call with BC_ERR_INTERRUPTED. */
typedef bc_status (*bc_progress_fn)(void *context, uint64_t done, uint64_t total);

/* ---- Rules of the host's own ---------------------------------------------------------------- */

/* What an account holds behind the parent of the block that is being checked. BC_ERR_STORE,
 * BC_ERR_DAMAGED. */
BC_API bc_status bc_state_account(const bc_state *state, uint64_t *balance, uint64_t *nonce,
                                  const uint8_t key[32], bc_error *error);

/* Rules that a host adds to those of the ledger. They belong to the network: its member "host_rules"
 * is their name, and every node must answer alike, so an answer may depend on the arguments alone,
 * never on clock, locale or order of arrival. Results: BC_OK; BC_ERR_FORMAT with a sentence in
 * `error` where the rules are broken; anything else ends the call that asked, with nothing changed,
 * and is what it returns (BC_ERR_HOST for a number above 0). */
typedef struct bc_host_rules {
    uint32_t struct_size;
    uint32_t flags; /* 0 */
    void *context;
    const char *name; /* as in the network's member "host_rules", not empty; copied */
    /* May be NULL. For each signed transaction, after its own checks, before any of its block is
     * applied; when it is offered to the mempool (then `height` is that of the next block); and again
     * when it is to go into a block made here, where one that is refused leaves the mempool. Any
     * thread that is inside a bc_ call, also several at a time, with no lock held: it may call the
     * chain, but not bc_chain_close. */
    bc_status (*check_tx)(void *context, const bc_tx *tx, uint64_t height, bc_error *error);
    /* May be NULL. Last of all, when the block is connected; `parent` is valid during the call. With
     * the chain's lock held: must not call the chain. */
    bc_status (*check_block)(void *context, const bc_block *block, uint64_t height,
                             const bc_state *parent, bc_error *error);
} bc_host_rules;

/* clang-format off */
#define BC_HOST_RULES_INIT {(uint32_t)sizeof(bc_host_rules), 0, NULL, NULL, NULL, NULL}
/* clang-format on */
BC_API void bc_host_rules_init(bc_host_rules *rules);

/* A block that this program insists on: a chain with another one at that height is refused. Stands in
 * arrays, so its layout is frozen. */
typedef struct bc_checkpoint {
    uint64_t height;
    uint8_t id[32];
} bc_checkpoint;

/* ---- Chain ---------------------------------------------------------------------------------- */

enum {
    BC_TX_MEMORY = 1,       /* waiting transactions are kept in memory alone */
    BC_TX_NEXT_COMMIT = 2,  /* they go to the store with the next commit (the default) */
    BC_TX_BEFORE_RETURN = 3 /* they are durable when bc_chain_submit_tx returns; callers that wait
                               together share a commit */
};

/* Every member may be left zero. The vtables are copied. */
typedef struct bc_options {
    uint32_t struct_size;
    uint32_t threads;              /* for work of the library's own inside a call; 0 is 1; at most
                                      1,024 are used */
    const bc_store *store;         /* NULL: in memory */
    const bc_transport *transport; /* NULL: no peers can be asked */
    const bc_clock *clock;         /* NULL: the system's */
    const bc_log *log;             /* NULL: none */
    bc_event_fn event;             /* may be NULL */
    void *event_context;
    uint64_t reply_bytes;   /* of one peer's reply; 64 MiB */
    uint64_t mempool_bytes; /* of waiting transactions and what it takes to keep them; 64 MiB */
    uint64_t orphan_bytes;  /* of blocks whose parent is missing, each 4 KiB at least; 16 MiB */
    uint64_t cache_bytes;   /* of blocks read from the store; 8 MiB */
    uint64_t commit_bytes;  /* of one commit, as far as one block allows; 16 MiB */
    uint64_t commit_interval_us; /* 0: each accepted block is durable on return; else commits wait
                                    so long */
    uint64_t max_reorg_depth;    /* blocks that a better branch may disconnect; BC_ZERO for none at
                                    all; BC_NONE for any, which is the default but where n
                                    authorities seal: none for 1, 2n for more */
    uint64_t request_timeout_us; /* for one peer's whole reply; 30 seconds */
    uint64_t peers;              /* that can be registered; 1,000 */
    uint32_t tx_durability;      /* BC_TX_... */
    uint32_t zero;
    /* Of the ledger's rules. */
    const bc_host_rules *host_rules;  /* NULL: none */
    const bc_checkpoint *checkpoints; /* copied; may be NULL where checkpoint_count is 0 */
    uint64_t checkpoint_count;        /* at most 4,096 */
    uint64_t keep_branches;           /* blocks behind the tip at which side branches are deleted;
                                           the default is max_reorg_depth, or 1,000 without one */
    uint64_t account_bytes;           /* of accounts kept in memory; 32 MiB */
    uint64_t signature_bytes;         /* to remember signatures that were verified; 8 MiB */
    uint64_t mempool_sender_count;    /* waiting transactions of one sender; 256 */
    uint64_t mempool_age_us;          /* after which a waiting transaction is dropped; 14 days */
    uint32_t signer_is_alone;         /* 1: may seal before a block or a peer's tip was heard */
    uint32_t zero_2;
    /* 32 bytes, big-endian; copied. A peer's chain whose headers show less work is not taken, so that
       its blocks are never asked for. NULL: any that is better than ours. Applies to bc_chain_resolve,
       never to a block handed in. */
    const uint8_t *minimum_chain_work;
} bc_options;

/* clang-format off */
#define BC_OPTIONS_INIT \
    {(uint32_t)sizeof(bc_options), 0, NULL, NULL, NULL, NULL, NULL, NULL, \
     0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, NULL, NULL, 0, 0, 0, 0, 0, 0, 0, 0, NULL}
/* clang-format on */
BC_API void bc_options_init(bc_options *options);

/* Opens the chain that the store holds, or begins one: an empty store of the tutorial's rules gets
 * a genesis block of its own, dated now. `options` may be NULL. Takes a reference to params. Takes
 * the store and the transport: they are closed with the chain, and on failure too. Costs time in
 * proportion to the number of headers. BC_ERR_STORE, BC_ERR_STORE_UNKNOWN; BC_ERR_UNSUPPORTED (a
 * newer schema, another network's store, a chain against a checkpoint, a network that demands other
 * rules of a host: the message says which); BC_ERR_DAMAGED; BC_ERR_LIMIT (a limit of params is below
 * what the store holds). Bodies are not read: one that is damaged is
 * found when it is asked for, or by bc_chain_verify. A store that is refused is not written to. */
BC_API bc_status bc_chain_open(bc_chain **out, bc_params *params, const bc_options *options,
                               bc_error *error);

/* Commits what waits, delivers nothing more, and releases the chain; `chain` may be NULL. No other
 * thread may be inside a call on this chain. Works and answers that still exist stay valid objects
 * and give BC_ERR_CLOSED. BC_ERR_REENTRANT from inside a callback of this chain: nothing happened.
 * With any other error the chain is gone, and the error says what the last commit met. */
BC_API bc_status bc_chain_close(bc_chain *chain, bc_error *error);

/* Ends the calls on this chain that mine, resolve or verify right now, with BC_ERR_INTERRUPTED; a
 * call that begins later is not touched. May be called from any thread and from a signal handler.
 */
BC_API void bc_chain_interrupt(bc_chain *chain);

/* The params of the chain, a view. */
BC_API const bc_params *bc_chain_params(const bc_chain *chain);

/* The last block of the best chain. Any output may be NULL. Never waits for the store. */
BC_API bc_status bc_chain_tip(bc_chain *chain, uint64_t *height, uint8_t id[32],
                              uint8_t chain_work[32]);

/* What the chain holds. The caller sets struct_size. Never waits for the store. */
typedef struct bc_info {
    uint32_t struct_size;
    uint32_t poisoned; /* 1 after a failure of unknown outcome */
    uint64_t height;   /* of the tip */
    uint64_t blocks;   /* known, with those on branches */
    uint64_t mempool_count;
    uint64_t mempool_bytes;
    uint64_t orphan_count;
    uint64_t peer_count;
} bc_info;

/* clang-format off */
#define BC_INFO_INIT {(uint32_t)sizeof(bc_info), 0, 0, 0, 0, 0, 0, 0}
/* clang-format on */
BC_API void bc_info_init(bc_info *info);
BC_API bc_status bc_chain_info(bc_chain *chain, bc_info *info);

/* Reads a block of the best chain by its height, or any stored block by its id. BC_ERR_NOT_FOUND,
 * BC_ERR_STORE, BC_ERR_DAMAGED. Release with bc_block_unref. */
BC_API bc_status bc_chain_block_at(bc_chain *chain, bc_block **out, uint64_t height,
                                   bc_error *error);
BC_API bc_status bc_chain_block(bc_chain *chain, bc_block **out, const uint8_t id[32],
                                bc_error *error);

/* Where a block stands: BC_VERDICT_ACCEPTED on the best chain, BC_VERDICT_BRANCH beside it,
 * BC_VERDICT_ORPHAN, or BC_ERR_NOT_FOUND. `verdict` and `height` (BC_NONE for an orphan) may be
 * NULL. */
BC_API bc_status bc_chain_find(bc_chain *chain, uint32_t *verdict, uint64_t *height,
                               const uint8_t id[32], bc_error *error);

/* Offers a block. It is judged, stored where it is valid (where its stored bytes were found
 * damaged, in their place), and becomes the tip where its branch has most work. A block that names
 * no parent (a genesis) can only come with its whole chain: bc_chain_submit_chain. `verdict` and
 * `reason` may be NULL. Durable on return unless commit_interval_us says otherwise. BC_ERR_STORE,
 * BC_ERR_STORE_UNKNOWN, BC_ERR_POISONED, BC_ERR_REENTRANT, BC_ERR_ARGUMENT (a block of other
 * params). */
BC_API bc_status bc_chain_submit(bc_chain *chain, uint32_t *verdict, uint32_t *reason,
                                 bc_block *block, bc_error *error);

/* Offers a whole chain, as a peer of the tutorial gives it: {"chain":[…]}, other members passed
 * over, or […]. It is verified whole before any of it is stored, and replaces ours where it has
 * more work. On BC_VERDICT_INVALID *position is the position, from 0, of the block that failed;
 * where the text itself is broken, BC_ERR_FORMAT says where. BC_ERR_LIMIT, BC_ERR_UNSUPPORTED
 * (rules that do not exchange whole chains), and as bc_chain_submit. BC_VERDICT_REFUSED with
 * BC_REASON_LENGTH or BC_REASON_REORG_DEPTH where it does not replace ours, or with BC_REASON_SIZE
 * where a block is over BC_LIMIT_BLOCK_BYTES. bc_chain_interrupt does
 * not end it. */
BC_API bc_status bc_chain_submit_chain(bc_chain *chain, uint32_t *verdict, uint32_t *reason,
                                       uint64_t *position, const uint8_t *bytes, size_t length,
                                       bc_error *error);

/* Offers a transaction for the mempool. Under the tutorial's rules equal records are distinct: each
 * submission waits for its own block. BC_VERDICT_REFUSED with BC_REASON_MEMPOOL_FULL where
 * mempool_bytes is reached. Under the ledger's rules what pays less for a byte leaves for it, and also
 * BC_VERDICT_KNOWN; BC_VERDICT_REFUSED with BC_REASON_NONCE (not behind the sender's others),
 * BC_REASON_REPLACEMENT (with the nonce of one that waits, for a fee that is not a tenth higher),
 * BC_REASON_BALANCE (does not cover the sender's others and this one), BC_REASON_SENDER_LIMIT.
 * BC_ERR_STORE (it is then not in the mempool), BC_ERR_STORE_UNKNOWN, BC_ERR_POISONED. */
BC_API bc_status bc_chain_submit_tx(bc_chain *chain, uint32_t *verdict, uint32_t *reason, bc_tx *tx,
                                    bc_error *error);

/* Takes a waiting transaction out of the mempool, with those of its sender that cannot be mined
 * without it: one, for instance, for which the host's check_block refuses every block made here. It
 * may come again. Durable on return. BC_ERR_NOT_FOUND; BC_ERR_UNSUPPORTED under rules that do not tell
 * equal transactions apart; BC_ERR_STORE, and then it may be gone from memory alone. */
BC_API bc_status bc_chain_drop_tx(bc_chain *chain, const uint8_t id[32], bc_error *error);

/* Visits the waiting transactions in the order in which they would be mined, as they were when the
 * call began, with no lock held. A result of visit that is not BC_OK ends it and is returned. */
typedef bc_status (*bc_tx_fn)(void *context, bc_tx *tx);
BC_API bc_status bc_chain_mempool(bc_chain *chain, bc_tx_fn visit, void *context, bc_error *error);

/* What an account holds on the best chain; one that never received anything holds 0. `next_nonce`
 * counts its waiting transactions too: the nonce to sign the next one with. Outputs may be NULL.
 * BC_ERR_UNSUPPORTED under rules without accounts; BC_ERR_STORE, BC_ERR_DAMAGED. */
BC_API bc_status bc_chain_account(bc_chain *chain, uint64_t *balance, uint64_t *nonce,
                                  uint64_t *next_nonce, const uint8_t key[32], bc_error *error);

/* A transaction of the best chain, or one that waits (*height is BC_NONE and block_id zero). Outputs
 * but `out` may be NULL. BC_ERR_NOT_FOUND; BC_ERR_UNSUPPORTED under rules that do not tell equal
 * transactions apart; BC_ERR_STORE, BC_ERR_DAMAGED. Release with bc_tx_unref. */
BC_API bc_status bc_chain_find_tx(bc_chain *chain, bc_tx **out, uint64_t *height,
                                  uint8_t block_id[32], uint32_t *position, const uint8_t id[32],
                                  bc_error *error);

/* Visits the disconnects and connects that lead from the block `since` (NULL: from before the
 * first) to the tip as it is now. A host that keeps a state of its own remembers the id of the last
 * event it applied and calls this after opening. BC_ERR_NOT_FOUND where `since` is not known any
 * more: the host begins anew. No BC_EVENT_TIP; sequence is 0. A result of visit that is not BC_OK
 * ends it and is returned. */
BC_API bc_status bc_chain_changes(bc_chain *chain, const uint8_t since[32], bc_event_fn visit,
                                  void *context, bc_error *error);

/* Reads and checks the whole best chain again: bytes, ids, links, seals; under the ledger's rules also
 * every signature, the records that are kept beside the blocks, and the accounts worked out anew from
 * genesis, which takes memory in proportion to their number. The host's own rules are not asked
 * again. `progress` may be NULL.
 * `*position` (may be NULL) is the height at which it failed, or the number of blocks where all
 * hold. BC_ERR_DAMAGED, BC_ERR_STORE,
 * BC_ERR_INTERRUPTED. */
BC_API bc_status bc_chain_verify(bc_chain *chain, uint64_t *position, bc_progress_fn progress,
                                 void *context, bc_error *error);

/* Small values of the host's own, kept in the chain's store and durable on return: a node's
 * identifier, the id of the last event that was applied. `name` is 1 to 31 bytes; at most
 * BC_VALUE_BYTES_MAX bytes of value, else BC_ERR_LIMIT; `bytes` NULL removes it. The one that reads
 * gives BC_ERR_NOT_FOUND, BC_ERR_STORE, BC_ERR_DAMAGED; release with bc_buffer_unref. */
BC_API bc_status bc_chain_set_value(bc_chain *chain, const char *name, const uint8_t *bytes,
                                    size_t length, bc_error *error);
BC_API bc_status bc_chain_value(bc_chain *chain, bc_buffer **out, const char *name,
                                bc_error *error);

/* ---- Verifying without a chain -------------------------------------------------------------- */

typedef struct bc_verification {
    uint32_t struct_size;
    uint32_t verdict; /* BC_VERDICT_ACCEPTED, _INVALID, _REFUSED; _NONE where the call failed */
    uint32_t reason;  /* BC_REASON_... */
    uint32_t zero;
    uint64_t blocks;       /* that hold: all of them, or those before the one that failed */
    uint64_t transactions; /* in them */
    uint8_t tip[32];       /* the id of the last of them; zero where there is none */
} bc_verification;

/* clang-format off */
#define BC_VERIFICATION_INIT {(uint32_t)sizeof(bc_verification), 0, 0, 0, 0, 0, {0}}
/* clang-format on */
BC_API void bc_verification_init(bc_verification *result);

/* Verifies a whole chain, as bc_chain_submit_chain reads it, with nothing kept. Where a block
 * fails, result->blocks is its position from 0, and the call returns BC_OK with `error` filled with
 * the sentence that says why. BC_ERR_FORMAT (the text is broken), BC_ERR_LIMIT, BC_ERR_UNSUPPORTED,
 * BC_ERR_INTERRUPTED. `progress` (may be NULL) counts bytes. */
BC_API bc_status bc_verify_chain(const bc_params *params, bc_verification *result,
                                 const uint8_t *bytes, size_t length, bc_progress_fn progress,
                                 void *context, bc_error *error);

/* ---- Merkle proofs --------------------------------------------------------------------------- */

/* What is shown to somebody who trusts one header, in bytes that bc_inclusion_verify or
 * bc_consistency_verify reads (docs/ledger-rules.md, Proofs): a transaction in its block; a block of
 * the best chain in the history of a later one; a transaction in an old block under a later header;
 * that the history of a later header continues that of an older one. `later` and `older` are heights
 * of the best chain, BC_NONE for the tip's. BC_ERR_NOT_FOUND (no such transaction or height on the
 * best chain); BC_ERR_ARGUMENT (later is not above older); BC_ERR_UNSUPPORTED (rules without
 * history); BC_ERR_STORE, BC_ERR_DAMAGED. Release with bc_buffer_unref. */
BC_API bc_status bc_chain_inclusion_of_tx(bc_chain *chain, bc_buffer **out, const uint8_t tx_id[32],
                                          bc_error *error);
BC_API bc_status bc_chain_inclusion_of_block(bc_chain *chain, bc_buffer **out, uint64_t height,
                                             uint64_t later, bc_error *error);
BC_API bc_status bc_chain_inclusion_of_record(bc_chain *chain, bc_buffer **out,
                                              const uint8_t tx_id[32], uint64_t later,
                                              bc_error *error);
BC_API bc_status bc_chain_consistency(bc_chain *chain, bc_buffer **out, uint64_t older,
                                      uint64_t later, bc_error *error);

enum {
    BC_INCLUSION_OF_TX = 1,
    BC_INCLUSION_OF_BLOCK = 2,
    BC_CONSISTENCY = 3,
    BC_INCLUSION_OF_RECORD = 4
};

/* What was shown. Views are into the bytes that were verified. The caller sets struct_size. */
typedef struct bc_inclusion {
    uint32_t struct_size;
    uint32_t type;         /* BC_INCLUSION_OF_..., BC_CONSISTENCY */
    uint64_t height;       /* of the (older) block */
    int64_t time;          /* of the (older) block, microseconds since the Unix epoch */
    uint64_t later_height; /* of the header that is trusted */
    uint8_t id[32];        /* of the (older) block */
    uint8_t later_id[32];  /* of the header that is trusted: the same for BC_INCLUSION_OF_TX */
    uint8_t tx_id[32];     /* zero where no transaction is shown */
    uint64_t position;     /* of the transaction in its block */
    const uint8_t *tx;     /* its encoding; NULL where none is shown */
    size_t tx_length;
} bc_inclusion;

/* clang-format off */
#define BC_INCLUSION_INIT \
    {(uint32_t)sizeof(bc_inclusion), 0, 0, 0, 0, {0}, {0}, {0}, 0, NULL, 0}
/* clang-format on */
BC_API void bc_inclusion_init(bc_inclusion *inclusion);

/* Verifies what bc_chain_inclusion_of_... gave, from its bytes alone: that the header `trusted_id`,
 * which the caller trusts, commits to what *result then says. That is the block's own header for
 * BC_INCLUSION_OF_TX, else the later one. *verdict is BC_VERDICT_ACCEPTED or BC_VERDICT_INVALID, and
 * then `error` says why and *result holds zeros.
 *
 * With `params` (may be NULL) each seal is checked too, as far as its header alone shows it: the id is
 * not above the target of its bits, and that not above the network's limit; or the authority that is
 * named signed it; and the block of height 0 is the network's. Without params a seal needs only one
 * of the lengths that there are, 0 or 64, so its bytes may be anything. Nothing shows that the
 * difficulty was right, that it was the signer's turn, or that the block is on the best chain: the
 * trust in the header must come from elsewhere. Nor is the transaction's signature verified; who
 * trusts the header trusts that its block was valid.
 *
 * Allocates nothing. `result` may be NULL. BC_ERR_UNSUPPORTED: params of rules without proofs. */
BC_API bc_status bc_inclusion_verify(const bc_params *params, uint32_t *verdict,
                                     bc_inclusion *result, const uint8_t *bytes, size_t length,
                                     const uint8_t trusted_id[32], bc_error *error);

/* The same for bc_chain_consistency: the header `later_id`, which the caller trusts, stands on that of
 * `older_id`, and the history of the later one begins with that of the older one. So whatever was
 * ever shown under the older header holds under the later one. Where the older one is of height 0
 * there is no history before it, and all that is shown is that it is the first. */
BC_API bc_status bc_consistency_verify(const bc_params *params, uint32_t *verdict,
                                       bc_inclusion *result, const uint8_t *bytes, size_t length,
                                       const uint8_t older_id[32], const uint8_t later_id[32],
                                       bc_error *error);

/* ---- Mining --------------------------------------------------------------------------------- */

typedef struct bc_mine_options {
    uint32_t struct_size;
    uint32_t threads; /* that search; 0: as the chain's options say; at most 1,024 are used */
    /* Of the reward; under the tutorial's rules UTF-8. NULL: "0" under those. At most 4,096
     * bytes. */
    const uint8_t *recipient;
    size_t recipient_length;
    /* May be NULL. done: attempts in this block; total: those to be expected. */
    bc_progress_fn progress;
    void *context;
    /* What seals, under the ledger's authority sealing: the key of one of the authorities. Where
     * there is a signer and no recipient, the reward goes to its public key. */
    const bc_key *signer;
} bc_mine_options;

/* clang-format off */
#define BC_MINE_OPTIONS_INIT {(uint32_t)sizeof(bc_mine_options), 0, NULL, 0, NULL, NULL, NULL}
/* clang-format on */
BC_API void bc_mine_options_init(bc_mine_options *options);

/* Mines one block on the tip with the waiting transactions and submits it; starts again where the
 * tip moves meanwhile, so calls at one time get a block each. Under the tutorial's rules the proof
 * is the least one. `options` may be NULL. Blocks until then, or BC_ERR_INTERRUPTED. BC_ERR_LIMIT
 * when no proof of 64 bits exists, the recipient is too long or has no room in a block;
 * BC_ERR_ARGUMENT where it is not UTF-8; BC_ERR_FORMAT where the rules, or the host's, refuse what was
 * made. As bc_chain_submit besides. Release with bc_block_unref.
 *
 * Where authorities seal, a call waits until the period is over and, out of turn, a random time
 * longer; calls with one key seal one after another, never twice at one height. BC_ERR_ARGUMENT
 * without a signer that is an authority; BC_ERR_UNSUPPORTED where it sealed one of the last blocks, so
 * that another has to; BC_ERR_NETWORK where neither a block (bc_chain_submit) nor a peer's tip
 * (bc_chain_resolve) was heard since opening and the signer is not said to be alone; BC_ERR_LIMIT where a block of its own at that height is stored already; what the
 * key's sign function returned, which may not call this (BC_ERR_REENTRANT).
 */
BC_API bc_status bc_chain_mine(bc_chain *chain, bc_block **out, const bc_mine_options *options,
                               bc_error *error);

/* The job of finding the next block: what bc_chain_mine does, in pieces that the host deals out as
 * it likes. A work keeps its transactions and the tip it was made for. BC_ERR_LIMIT and
 * BC_ERR_ARGUMENT as bc_chain_mine; BC_ERR_DAMAGED; BC_ERR_UNSUPPORTED where authorities seal, whose
 * blocks must be durable before they leave the chain. Release with bc_work_unref. */
BC_API bc_status bc_chain_work(bc_chain *chain, bc_work **out, const bc_mine_options *options,
                               bc_error *error);
BC_API bc_work *bc_work_ref(bc_work *work); /* returns work */
BC_API void bc_work_unref(bc_work *work);   /* may be NULL */

/* Tries the nonces first, first + 1, ... (`count` of them) and gives the least that holds: *found
 * is 1 and *nonce is it, or *found is 0. Any thread, several at a time with ranges of their own;
 * with the threads that the work's options name. Ended within milliseconds by bc_chain_interrupt.
 * BC_ERR_INTERRUPTED; BC_ERR_ARGUMENT where first + count passes 2^64; BC_ERR_STALE where the tip
 * has moved; BC_ERR_CLOSED where the chain is closed. */
BC_API bc_status bc_work_search(bc_work *work, uint64_t *nonce, uint32_t *found, uint64_t first,
                                uint64_t count, bc_error *error);

/* The block with that nonce, to be given to bc_chain_submit. BC_ERR_ARGUMENT where the nonce does
 * not hold; BC_ERR_LIMIT; BC_ERR_CLOSED. Release with bc_block_unref. */
BC_API bc_status bc_work_block(bc_work *work, bc_block **out, uint64_t nonce, bc_error *error);

/* BC_OK while the work is for the tip; BC_ERR_STALE, BC_ERR_CLOSED. Never waits. */
BC_API bc_status bc_work_check(const bc_work *work);

/* ---- Peers ---------------------------------------------------------------------------------- */

/* A peer is a name of 1 to 255 bytes of UTF-8 that the host's transport understands (HTTP:
 * host:port). Durable on return. Adding one that is there is BC_OK. BC_ERR_LIMIT: more than
 * `peers`. Removing: BC_ERR_NOT_FOUND. */
BC_API bc_status bc_chain_add_peer(bc_chain *chain, const char *peer, bc_error *error);
BC_API bc_status bc_chain_remove_peer(bc_chain *chain, const char *peer, bc_error *error);

/* Visits the peers in the order in which they were added, as they were when the call began, with no
 * lock held. A result of visit that is not BC_OK ends it and is returned. */
typedef bc_status (*bc_peer_fn)(void *context, const char *peer);
BC_API bc_status bc_chain_peers(bc_chain *chain, bc_peer_fn visit, void *context, bc_error *error);

/* Asks every peer now and adopts the best valid chain; *replaced (may be NULL) is 1 where the tip
 * came from a peer. `report` (may be NULL) gets a BC_EVENT_PEER for each peer, with what it was
 * found to be; a peer that is down, slow, huge or malformed is named there and passed over. Blocks
 * as long as the peers take, at most request_timeout_us for each answer, four at a time. Under the
 * ledger's rules headers come first, and blocks one by one, each kept as soon as it holds: where the
 * call ends before its time, *replaced tells of those that came. A call while another
 * thread resolves waits for that one and shares its result, without a report. BC_ERR_REENTRANT
 * from inside the transport or a resolve of the same thread; BC_ERR_INTERRUPTED;
 * BC_ERR_UNSUPPORTED without a transport. */
BC_API bc_status bc_chain_resolve(bc_chain *chain, uint32_t *replaced, bc_event_fn report,
                                  void *context, bc_error *error);

/* Does what is due: commits that wait, and clearing away. *next_microseconds (may be NULL) is the
 * time until it should be called again, INT64_MAX for no need. Never blocks for peers. */
BC_API bc_status bc_chain_tick(bc_chain *chain, int64_t *next_microseconds, bc_error *error);

/* Answers a peer's request. `peer` may be NULL (not known); `body` may be NULL where length is 0.
 * Methods under the tutorial's rules: "chain" (no body). It gives {"chain": [B, B, B], "length": N}
 * with each B the canonical JSON of a block, and exactly this white space, so that the list can be
 * cut out. Under the ledger's rules: "hello", "headers", "blocks" (docs/transport.md). The answer is of
 * the tip at this call, whatever happens afterwards, and keeps its blocks from being deleted until it
 * is released. BC_ERR_UNSUPPORTED for a method that is not there, BC_ERR_FORMAT for a body that it does not take, BC_ERR_NOT_FOUND where the best chain has none of
 * the blocks that "headers" names. Release with bc_answer_unref. */
BC_API bc_status bc_chain_serve(bc_chain *chain, bc_answer **out, const char *peer,
                                const char *method, const uint8_t *body, size_t length,
                                bc_error *error);

/* Reads the next bytes of an answer: *got of them, 0 at the end. One thread at a time.
 * BC_ERR_STORE, BC_ERR_DAMAGED, BC_ERR_CLOSED. */
BC_API bc_status bc_answer_read(bc_answer *answer, size_t *got, uint8_t *buffer, size_t capacity,
                                bc_error *error);
BC_API void bc_answer_unref(bc_answer *answer); /* may be NULL */

#ifdef __cplusplus
}
#endif

#endif
