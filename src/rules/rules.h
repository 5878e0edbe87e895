/* The one place where a rule set meets the engine. What a rule set decides stands here as a function;
 * what it can do stands in its capabilities. Nothing outside src/rules asks which rule set is in
 * force. */
#ifndef BC_RULES_RULES_H
#define BC_RULES_RULES_H

#include <stdbool.h>

#include <jansson.h>

#include "lib/uint256.h"
#include "src/block/block.h"
#include "src/block/merkle.h"
#include "src/block/transaction.h"

typedef struct bc__rules bc__rules;

enum {
    /* Peers exchange whole chains as JSON, which are judged whole; a genesis may come with one. */
    BC__CAN_SYNC_WHOLE_CHAIN = 1 << 0,
    /* Equal transactions are one and the same: the mempool knows them by id. Without it they are a
     * multiset in order of arrival. */
    BC__CAN_IDENTIFY_TX = 1 << 1,
    /* Blocks begin with a header that is judged from headers alone (check_header), and commits to the
     * body and to the history of all earlier headers (check_content). Without it a block is judged
     * from itself and its parent (check_block). */
    BC__HAS_HEADERS = 1 << 2,
    /* Transactions are signed and move balances between accounts: check_tx, check_reward, apply. */
    BC__HAS_ACCOUNTS = 1 << 3,
};

/* Limits of this program on what comes from outside; BC_LIMIT_... */
typedef struct bc__limits {
    uint64_t block_bytes;
    uint64_t chain_bytes;
    uint32_t json_depth;
    uint32_t integer_digits;
} bc__limits;

enum {
    BC__PARAMS_BYTES_MAX =
        16 * 1024 * 1024, /* of a description, as it came and in canonical form */
    BC__NAME_BYTES = 65,  /* with the terminator */
};

struct bc_params {
    bc__origin origin; /* first: the references are counted there */
    const bc__rules *rules;
    bc__limits limits;
    char name[BC__NAME_BYTES];
    bc__bytes json; /* the canonical description, with a terminator that is not counted */
    union {
        struct {
            uint32_t dialect; /* 1 or 2 */
            uint32_t zeros;   /* leading hexadecimal zeros of a proof, 0 to 64 */
        } tutorial;
        struct bc__ledger *ledger; /* owned; src/rules/ledger/ledger.h */
    } of;
};

/* What the engine must know of a network beside its rules. */
typedef struct bc__traits {
    uint32_t ancestors; /* how many earlier headers check_header reads; at most BC__LINEAGE_MOST */
    bool smaller_id_wins;     /* on equal work; else the first seen stays */
    bool names_signers;       /* a header's nonce names who sealed it */
    uint32_t header_bytes;    /* of a header without its seal; 0 under rules without headers */
    uint64_t max_reorg_depth; /* where the host names none; BC_NONE for any */
    uint64_t block_bytes; /* of the largest block that the network takes; BC_NONE: params->limits */
    const char *host_rules; /* the name of the host's own rules, "" for none */
} bc__traits;

/* The headers that a block stands on. */
enum { BC__LINEAGE_MOST = 128 };

typedef struct bc__ancestor {
    int64_t time; /* microseconds */
    uint64_t nonce;
    uint32_t bits;
    uint32_t zero;
} bc__ancestor;

typedef struct bc__lineage {
    uint64_t height; /* of the parent */
    int64_t now;     /* wall clock, microseconds; INT64_MAX: times are not compared with it */
    uint32_t count;  /* of ancestors: traits.ancestors, or height + 1 where that is less */
    bc__ancestor ancestors[BC__LINEAGE_MOST]; /* the parent first */
} bc__lineage;

/* What is kept of a header in memory beside its id, parent, height and time. */
typedef struct bc__header {
    uint8_t content[BC_ID_BYTES];
    uint64_t nonce;
    uint32_t bits;
} bc__header;

/* (0, 0) is the same as no account. */
typedef struct bc__account {
    uint64_t balance;
    uint64_t nonce;
} bc__account;

/* The accounts as `apply` sees and changes them. */
typedef struct bc__account_view {
    void *context;
    bc_status (*get)(void *context, bc__account *account, const uint8_t key[32], bc_error *error);
    bc_status (*put)(void *context, const uint8_t key[32], const bc__account *account,
                     bc_error *error);
} bc__account_view;

/* What check_tx may take as known already. */
enum {
    BC__TX_KEY_IS_CHECKED = 1 << 0,       /* of the sender: a signature of it was good before */
    BC__TX_SIGNATURE_IS_CHECKED = 1 << 1, /* this very signature was good before, and the key */
};

/* A block to be: what the rules need to know to search for it and to write it. All borrowed. */
typedef struct bc__template {
    const bc_block *parent;
    uint64_t height;
    bc_tx *const *txs;
    size_t tx_count;
    const uint8_t *recipient; /* of the reward; NULL: the rules' own default */
    size_t recipient_length;
    /* Under rules with headers: */
    const bc__lineage *lineage;        /* with the time at which the work is made */
    uint8_t history_root[BC_ID_BYTES]; /* of all headers up to the parent's */
    const bc_key *signer;              /* may be NULL where nothing is sealed by keys */
    /* prepare_template fills these. */
    uint8_t header[96];
    uint64_t reward;      /* amount */
    uint8_t rewarded[32]; /* recipient */
    int64_t earliest;     /* wall clock, microseconds: not to be sealed before; 0: at once */
    int64_t
        random_delay_most; /* microseconds; by policy, whoever seals waits a random part of it */
} bc__template;

/* A header, with what its content is made of beside the history of earlier headers. */
typedef struct bc__proof_block {
    const uint8_t *sealed; /* the header and its seal, as they are encoded */
    size_t sealed_length;
    uint32_t tx_count;
    const uint8_t *txs_root; /* Merkle tree hash of the transactions */
} bc__proof_block;

/* What a Merkle proof is written from. All borrowed. */
typedef struct bc__proof_source {
    uint32_t type;         /* BC_INCLUSION_OF_..., BC_CONSISTENCY */
    bc__proof_block block; /* the (older) one */
    bc__proof_block later; /* on the same chain; not read for BC_INCLUSION_OF_TX */
    /* Where a transaction of the (older) block is shown: */
    const uint8_t *tx_ids; /* of all its transactions, BC_ID_BYTES each */
    uint32_t position;
    const uint8_t *tx; /* its encoding */
    size_t tx_length;
    /* The leaf hashes of all headers below the later one, or below the only one. */
    const bc__merkle_nodes *history;
} bc__proof_source;

/* Takes one account of genesis; a result that is not BC_OK ends the walk. */
typedef bc_status (*bc__allocation_fn)(void *context, const uint8_t key[32], uint64_t amount,
                                       bc_error *error);

struct bc__rules {
    const char *name; /* as in the parameters' member "rules" */
    int64_t version;  /* as in their member "version"; no other is known */
    uint32_t capabilities;

    /* Reads the members of a description and fills params->of, ->json (the canonical form) and
     * ->origin.network_id; name and version are read already. Every member has been seen to
     * occur once; unknown ones are refused here. */
    bc_status (*parse_params)(bc_params *params, const json_t *document, bc_error *error);
    /* Releases what parse_params allocated, also where that failed half-way. May be NULL. */
    void (*release_params)(bc_params *params);
    void (*read_traits)(const bc_params *params, bc__traits *traits);

    bc_status (*parse_tx)(bc_tx **out, const bc_params *params, const uint8_t *bytes, size_t length,
                          bc_error *error);
    bc_status (*tx_from_json)(bc_tx **out, const bc_params *params, const char *json, size_t length,
                              bc_error *error);
    bc_status (*tx_json)(const bc_tx *tx, bc__bytes *out, bc_error *error);

    /* Where `used` is not NULL more bytes may follow, and *used is where the block ends. */
    bc_status (*parse_block)(bc_block **out, const bc_params *params, const uint8_t *bytes,
                             size_t length, size_t *used, bc_error *error);
    bc_status (*block_from_json)(bc_block **out, const bc_params *params, const char *json,
                                 size_t length, bc_error *error);
    bc_status (*block_json)(const bc_block *block, bc__bytes *out, bc_error *error);

    /* The transaction at `index`, which is one of the block's. */
    bc_status (*block_tx)(bc_tx **out, const bc_block *block, uint32_t index, bc_error *error);

    /* The transaction that pays whoever made the block; it does not come back to the mempool. */
    bool (*is_reward)(const bc_params *params, const bc_block *block, uint32_t index);

    /* The first block of an empty store. `now` in microseconds since the Unix epoch. */
    bc_status (*make_genesis)(bc_block **out, const bc_params *params, int64_t now,
                              bc_error *error);

    /* ---- Judging. BC_REASON_NONE, or the first check that fails, with its sentence in `error`. ---- */

    /* A block behind its parent, from the two alone; NULL under rules with headers. */
    uint32_t (*check_block)(const bc_params *params, const bc_block *parent, const bc_block *block,
                            bc_error *error);

    /* With BC__HAS_HEADERS. The size of the block and its header behind those of `lineage`, the clock
     * last: BC_REASON_CLOCK says "not yet". */
    uint32_t (*check_header)(const bc_params *params, const bc__lineage *lineage,
                             const bc_block *block, bc_error *error);
    /* Whether the body is the one that the header commits to, and has its reward in its place. */
    uint32_t (*check_content)(const bc_params *params, const bc_block *block,
                              const uint8_t history_root[BC_ID_BYTES], bc_error *error);
    /* A sealed header at the beginning of bytes from outside, as a block without a body, for
     * check_header and block_work. Fills one of bc__block_new, which may have been filled before: so
     * that headers by the million are read into one. *used is where it ends. BC_ERR_FORMAT. */
    bc_status (*read_sealed)(const bc_params *params, bc_block *header, size_t *used,
                             const uint8_t *bytes, size_t length, bc_error *error);
    /* Of a sealed header that is in the store; its length is at most `length`. BC_ERR_FORMAT. */
    bc_status (*read_header)(const bc_params *params, bc__header *out, const uint8_t *bytes,
                             size_t length, bc_error *error);

    /* With BC__HAS_ACCOUNTS. A signed transaction alone; `known` of BC__TX_.... Any thread, and no
     * state is asked. */
    uint32_t (*check_tx)(const bc_params *params, const uint8_t *bytes, size_t length,
                         uint32_t known, bc_error *error);
    uint32_t (*check_reward)(const bc_params *params, const bc_block *block, uint64_t height,
                             bc_error *error);
    /* Changes the accounts from the parent's to the block's. *reason says what failed of state; a
     * result other than BC_OK is that of a function of `accounts`. In both cases what was put is to
     * be dropped. */
    bc_status (*apply)(const bc_params *params, const bc_block *block, uint64_t height,
                       const bc__account_view *accounts, uint32_t *reason, bc_error *error);
    bc_status (*each_allocation)(const bc_params *params, bc__allocation_fn visit, void *context,
                                 bc_error *error);

    /* From the encoding of a transaction; NULL without BC__HAS_ACCOUNTS. The payload is a view. */
    void (*tx_fields)(bc_tx_fields *fields, const uint8_t *bytes, size_t length);
    bc_status (*sign_tx)(bc_tx **out, const bc_params *params, const bc_transfer *transfer,
                         const bc_key *signer, bc_error *error);

    /* Merkle proofs; NULL without BC__HAS_HEADERS. Appends one. BC_ERR_MEMORY; what the history's nodes
     * returned, with `error` as it was; *out then holds what it held. */
    bc_status (*write_proof)(bc__bytes *out, const bc__proof_source *source, bc_error *error);
    /* BC_OK where the bytes are a proof of that which *result says then, whose views are into them;
     * BC_ERR_FORMAT where they are none. `params` may be NULL: seals are not checked. */
    bc_status (*verify_proof)(const bc_params *params, bc_inclusion *result, const uint8_t *bytes,
                              size_t length, bc_error *error);

    bc__uint256 (*block_work)(const bc_params *params, const bc_block *block);

    /* Mining. prepare_template refuses what can't become a block, and fills in what the search needs;
     * template_bytes bounds the encoding of all but the transactions from above, and tx_overhead what
     * each adds to its own length. `seal` may call the signer's function: no lock is held. */
    bc_status (*prepare_template)(const bc_params *params, bc__template *work, bc_error *error);
    uint64_t (*template_bytes)(const bc_params *params, const bc__template *work);
    uint64_t tx_overhead;
    double (*expected_attempts)(const bc_params *params, const bc__template *work);
    /* The least nonce that holds among first, first + 1, … (`count` of them). Any thread. */
    bool (*search)(const bc_params *params, const bc__template *work, uint64_t first,
                   uint64_t count, uint64_t *nonce);
    bc_status (*seal)(bc_block **out, const bc_params *params, const bc__template *work,
                      uint64_t nonce, int64_t now, bc_error *error);
};

extern const bc__rules bc__tutorial_rules;
extern const bc__rules bc__ledger_rules;

/* Verifies a Merkle proof under the rules of `params`, or without them; as verify_proof above.
 * BC_ERR_UNSUPPORTED under rules without such proofs. */
bc_status bc__verify_proof(const bc_params *params, bc_inclusion *result, const uint8_t *bytes,
                           size_t length, bc_error *error);

/* Params under given rules; bc_params_parse after the choice of the rules. */
bc_status bc__params_make(bc_params **out, const bc__rules *rules, const json_t *document,
                          const bc_allocator *allocator, bc_error *error);

/* Reads a description and finds its rules. */
bc_status bc__params_parse(bc_params **out, const char *json, size_t length,
                           const bc_allocator *allocator, bc_error *error);

/* A member of a description that must be an integer from `least` to `most`; `fallback` where it is
 * missing, or BC_ERR_FORMAT where that is negative. */
bc_status bc__params_integer(int64_t *out, const json_t *document, const char *member,
                             int64_t least, int64_t most, int64_t fallback, bc_error *error);

/* A member that must be a name: at most 64 characters of ASCII that need no escape in JSON. `out` has
 * been zeroed. Where the name may be empty, the member may be missing too. */
bc_status bc__params_name(char out[BC__NAME_BYTES], const json_t *document, const char *member,
                          bool may_be_empty, bc_error *error);

/* The origin as what params are made of takes it. */
static inline bc__origin *bc__params_origin(const bc_params *params)
{
    return (bc__origin *)&params->origin; /* the count is atomic; all else stays const */
}

#endif
