/* The ledger's rules (docs/ledger-rules.md): signed transactions, accounts, headers that commit to
 * content and history, sealed by work or by authorities. What the files of this room share. All
 * integers of encodings are little-endian. */
#ifndef BC_RULES_LEDGER_LEDGER_H
#define BC_RULES_LEDGER_LEDGER_H

#include "src/block/key.h"
#include "src/rules/ledger/difficulty.h"
#include "src/rules/rules.h"

enum {
    BC__HEADER_BYTES = 96,
    BC__SEAL_BYTES = BC__SIGNATURE_BYTES,
    BC__SEALED_BYTES_MAX = BC__HEADER_BYTES + 1 + BC__SEAL_BYTES,
    BC__TX_FIXED_BYTES = 160, /* a transaction without its payload */
    BC__TX_UNSIGNED_BYTES = 96,
    BC__AUTHORITIES_MAX = 255,
    /* Encodings of more bytes are not read at all. It is above the largest block_bytes of any network
     * (2^28), so that a block that is too large for its network still gets its verdict. */
    BC__ENCODING_BYTES_MAX = (1 << 28) + (1 << 20),
};

typedef struct bc__allocation {
    uint8_t key[32];
    uint64_t amount;
} bc__allocation;

/* The parameters, in the units of the document. */
typedef struct bc__ledger {
    uint64_t time; /* of genesis, milliseconds */
    uint64_t initial;
    uint64_t halving;
    uint64_t block_bytes;
    uint64_t payload_bytes;
    uint64_t minimum_fee;  /* per byte of a transaction's encoding */
    uint64_t future_limit; /* milliseconds */
    char host_rules[BC__NAME_BYTES];
    bool by_authority; /* else by work */
    /* by work */
    bool asert; /* else fixed */
    uint32_t bits;
    uint32_t limit;
    bc__asert schedule; /* its limit is the target of `limit`, also where difficulty is fixed */
    /* by authority */
    uint32_t authority_count;
    uint8_t (*authorities)[BC__PUBLIC_KEY_BYTES]; /* owned */
    uint64_t period;                              /* milliseconds */
    bc__allocation *allocations;                  /* owned, ascending by key */
    size_t allocation_count;
} bc__ledger;

static inline const bc__ledger *bc__ledger_of(const bc_params *params)
{
    return params->of.ledger;
}

/* ---- params.c ---- */
bc_status bc__ledger_parse_params(bc_params *params, const json_t *document, bc_error *error);
void bc__ledger_release_params(bc_params *params);
void bc__ledger_read_traits(const bc_params *params, bc__traits *traits);
bc_status bc__ledger_each_allocation(const bc_params *params, bc__allocation_fn visit,
                                     void *context, bc_error *error);

/* What the block of a height brings into being: initial >> (height / halving), none for genesis. */
uint64_t bc__ledger_subsidy(const bc__ledger *ledger, uint64_t height);

/* ---- canonical.c ---- */

/* Appends the canonical description. BC_ERR_LIMIT over BC__PARAMS_BYTES_MAX. */
bc_status bc__ledger_write_canonical(bc__bytes *out, const bc__ledger *ledger, const char *name,
                                     bc_error *error);

/* ---- genesis.c ---- */

/* The encoding of the block that the canonical parameters `json` make. */
bc_status bc__ledger_write_genesis(bc__bytes *out, const bc__ledger *ledger, const char *json,
                                   size_t length, bc_error *error);
/* The id of that block, from params->json. */
bc_status bc__ledger_network_id(uint8_t id[BC_ID_BYTES], const bc_params *params, bc_error *error);
bc_status bc__ledger_make_genesis(bc_block **out, const bc_params *params, int64_t now,
                                  bc_error *error);

/* ---- encoding.c: headers and transactions as bytes ---- */

typedef struct bc__ledger_header {
    uint32_t bits;
    uint64_t height;
    uint64_t time; /* milliseconds */
    uint8_t previous[BC_ID_BYTES];
    uint8_t content[BC_ID_BYTES];
    uint64_t nonce;
} bc__ledger_header;

void bc__ledger_header_write(uint8_t out[BC__HEADER_BYTES], const bc__ledger_header *header);

/* BC__OK, or BC__ERR_FORMAT for another version or a time of 2^53 or more. */
int32_t bc__ledger_header_read(bc__ledger_header *header, const uint8_t in[BC__HEADER_BYTES]);

/* A sealed header at the beginning of bytes: its whole length, or 0 where there is none. */
size_t bc__ledger_sealed_length(const uint8_t *bytes, size_t length);

/* A transaction. Pointers are views into the encoding. */
typedef struct bc__ledger_tx {
    uint32_t kind; /* BC_TX_... */
    uint32_t payload_length;
    uint64_t nonce;
    uint64_t amount;
    uint64_t fee;
    const uint8_t *sender;
    const uint8_t *recipient;
    const uint8_t *payload;
    const uint8_t *signature;
} bc__ledger_tx;

/* Reads the transaction at the beginning of bytes; *used is its length. BC__OK, or BC__ERR_FORMAT with
 * what is wrong in *what (static), for anything that the encoder does not write. */
int32_t bc__ledger_tx_read(bc__ledger_tx *tx, size_t *used, const char **what, const uint8_t *bytes,
                           size_t length);

/* Appends the encoding. `signature` NULL leaves zeros. BC__OK, BC__ERR_MEMORY, BC__ERR_LIMIT. */
int32_t bc__ledger_tx_write(bc__bytes *out, const bc__ledger_tx *tx);

/* What a sender signs: SHA-256("libbc ledger transaction 1", network id, encoding without
 * signature). */
void bc__ledger_tx_message(uint8_t message[BC__MESSAGE_BYTES],
                           const uint8_t network_id[BC_ID_BYTES], const uint8_t *bytes,
                           size_t length);

/* What an authority signs: SHA-256("libbc ledger seal 1", network id, header). */
void bc__ledger_seal_message(uint8_t message[BC__MESSAGE_BYTES],
                             const uint8_t network_id[BC_ID_BYTES],
                             const uint8_t header[BC__HEADER_BYTES]);

/* SHA-256(0x02, transaction count, transactions root, history root). */
void bc__ledger_content(uint8_t content[BC_ID_BYTES], uint32_t tx_count,
                        const uint8_t txs_root[BC_ID_BYTES],
                        const uint8_t history_root[BC_ID_BYTES]);

/* ---- blocks.c, transactions.c, json.c ---- */
bc_status bc__ledger_parse_tx(bc_tx **out, const bc_params *params, const uint8_t *bytes,
                              size_t length, bc_error *error);
bc_status bc__ledger_tx_from_json(bc_tx **out, const bc_params *params, const char *json,
                                  size_t length, bc_error *error);
bc_status bc__ledger_tx_json(const bc_tx *tx, bc__bytes *out, bc_error *error);
bc_status bc__ledger_sign_tx(bc_tx **out, const bc_params *params, const bc_transfer *transfer,
                             const bc_key *signer, bc_error *error);
void bc__ledger_tx_fields(bc_tx_fields *fields, const uint8_t *bytes, size_t length);
bc_status bc__ledger_parse_block(bc_block **out, const bc_params *params, const uint8_t *bytes,
                                 size_t length, size_t *used, bc_error *error);
bc_status bc__ledger_block_from_json(bc_block **out, const bc_params *params, const char *json,
                                     size_t length, bc_error *error);
bc_status bc__ledger_block_json(const bc_block *block, bc__bytes *out, bc_error *error);
bc_status bc__ledger_block_tx(bc_tx **out, const bc_block *block, uint32_t index, bc_error *error);
bool bc__ledger_is_reward(const bc_params *params, const bc_block *block, uint32_t index);
bc_status bc__ledger_read_sealed(const bc_params *params, bc_block *header, size_t *used,
                                 const uint8_t *bytes, size_t length, bc_error *error);
bc_status bc__ledger_read_header(const bc_params *params, bc__header *out, const uint8_t *bytes,
                                 size_t length, bc_error *error);

/* ---- checks.c: size, height, median, clock, content; the two seals in work.c and authority.c ---- */

/* Puts the sentence into `error`, where there is one, and returns `reason`. */
uint32_t bc__ledger_refuse(bc_error *error, uint32_t reason, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

uint32_t bc__ledger_check_header(const bc_params *params, const bc__lineage *lineage,
                                 const bc_block *block, bc_error *error);
uint32_t bc__ledger_check_content(const bc_params *params, const bc_block *block,
                                  const uint8_t history_root[BC_ID_BYTES], bc_error *error);
bc__uint256 bc__ledger_block_work(const bc_params *params, const bc_block *block);

/* The median that a block's time must be above, microseconds. */
int64_t bc__ledger_median(const bc__lineage *lineage);

uint32_t bc__work_check_seal(const bc__ledger *ledger, const bc__lineage *lineage,
                             const bc_block *block, bc_error *error);
/* The bits that a block behind those headers must have. */
uint32_t bc__work_next_bits(const bc__ledger *ledger, const bc__lineage *lineage);
uint32_t bc__authority_check_seal(const bc_params *params, const bc__lineage *lineage,
                                  const bc_block *block, bc_error *error);
/* 2 in turn, else 1. */
uint32_t bc__authority_weight(const bc__ledger *ledger, uint64_t height, uint64_t index);
/* Whether that signer sealed one of the floor(n/2) blocks before, genesis excepted. */
bool bc__authority_is_recent(const bc__ledger *ledger, const bc__lineage *lineage, uint64_t index);

/* ---- state.c: transactions alone, the reward, and what they do to accounts ---- */

/* The transaction at `index` of a block, which parse_block has read before. Views into the block. */
void bc__ledger_tx_at(bc__ledger_tx *tx, const bc_block *block, uint32_t index);

/* Whether a recipient is nobody: 32 bytes of zero. */
bool bc__ledger_is_nobody(const uint8_t recipient[BC__PUBLIC_KEY_BYTES]);

uint32_t bc__ledger_check_tx(const bc_params *params, const uint8_t *bytes, size_t length,
                             uint32_t known, bc_error *error);
uint32_t bc__ledger_check_reward(const bc_params *params, const bc_block *block, uint64_t height,
                                 bc_error *error);
bc_status bc__ledger_apply(const bc_params *params, const bc_block *block, uint64_t height,
                           const bc__account_view *accounts, uint32_t *reason, bc_error *error);

/* ---- forge.c: templates, the search, sealing ---- */
bc_status bc__ledger_prepare_template(const bc_params *params, bc__template *work, bc_error *error);
uint64_t bc__ledger_template_bytes(const bc_params *params, const bc__template *work);
double bc__ledger_expected_attempts(const bc_params *params, const bc__template *work);
bool bc__ledger_search(const bc_params *params, const bc__template *work, uint64_t first,
                       uint64_t count, uint64_t *nonce);
bc_status bc__ledger_seal(bc_block **out, const bc_params *params, const bc__template *work,
                          uint64_t nonce, int64_t now, bc_error *error);

#endif
