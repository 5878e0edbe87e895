/* The one place where a rule set meets the engine. What a rule set decides stands here as a function;
 * what it can do stands in its capabilities. Nothing outside src/rules asks which rule set is in
 * force. */
#ifndef BC_RULES_RULES_H
#define BC_RULES_RULES_H

#include <stdbool.h>

#include <jansson.h>

#include "lib/uint256.h"
#include "src/block/block.h"
#include "src/block/transaction.h"

typedef struct bc__rules bc__rules;

enum {
    /* Peers exchange whole chains as JSON, which are judged whole; a genesis may come with one. */
    BC__CAN_SYNC_WHOLE_CHAIN = 1 << 0,
    /* Equal transactions are one and the same: the mempool knows them by id. Without it they are a
     * multiset in order of arrival. */
    BC__CAN_IDENTIFY_TX = 1 << 1,
};

/* Limits of this program on what comes from outside; BC_LIMIT_... */
typedef struct bc__limits {
    uint64_t block_bytes;
    uint64_t chain_bytes;
    uint32_t json_depth;
    uint32_t integer_digits;
} bc__limits;

struct bc_params {
    bc__origin origin; /* first: the references are counted there */
    const bc__rules *rules;
    bc__limits limits;
    char name[65];
    bc__bytes json; /* the canonical description, with a terminator that is not counted */
    union {
        struct {
            uint32_t dialect; /* 1 or 2 */
            uint32_t zeros;   /* leading hexadecimal zeros of a proof, 0 to 64 */
        } tutorial;
    } of;
};

/* A block to be: what the rules need to know to search for it and to write it. All borrowed. */
typedef struct bc__template {
    const bc_block *parent;
    uint64_t height;
    bc_tx *const *txs;
    size_t tx_count;
    const uint8_t *recipient; /* of the reward */
    size_t recipient_length;
} bc__template;

struct bc__rules {
    const char *name; /* as in the parameters' member "rules" */
    int64_t version;  /* as in their member "version"; no other is known */
    uint32_t capabilities;

    /* Reads the members of a description and fills params->of, ->json (the canonical form) and
     * ->origin.network_id; name and version are read already. Every member has been seen to
     * occur once; unknown ones are refused here. */
    bc_status (*parse_params)(bc_params *params, const json_t *document, bc_error *error);

    bc_status (*parse_tx)(bc_tx **out, const bc_params *params, const uint8_t *bytes, size_t length,
                          bc_error *error);
    bc_status (*tx_from_json)(bc_tx **out, const bc_params *params, const char *json, size_t length,
                              bc_error *error);
    bc_status (*tx_json)(const bc_tx *tx, bc__bytes *out, bc_error *error);

    /* Where `used` is not NULL more bytes may follow, and *used is where the block ends. */
    bc_status (*parse_block)(bc_block **out, const bc_params *params, const uint8_t *bytes,
                             size_t length, size_t *used, bc_error *error);
    bc_status (*block_json)(const bc_block *block, bc__bytes *out, bc_error *error);

    /* The transaction at `index`, which is one of the block's. */
    bc_status (*block_tx)(bc_tx **out, const bc_block *block, uint32_t index, bc_error *error);

    /* The transaction that pays whoever made the block; it does not come back to the mempool. */
    bool (*is_reward)(const bc_params *params, const bc_block *block, uint32_t index);

    /* The first block of an empty store. `now` in microseconds since the Unix epoch. */
    bc_status (*make_genesis)(bc_block **out, const bc_params *params, int64_t now,
                              bc_error *error);

    /* Judges a block behind its parent, from the two alone. BC_REASON_NONE, or the first check that
     * fails, with its sentence in `error`. */
    uint32_t (*check_block)(const bc_params *params, const bc_block *parent, const bc_block *block,
                            bc_error *error);

    bc__uint256 (*block_work)(const bc_params *params, const bc_block *block);

    /* Mining. check_template refuses what can't become a block; template_bytes bounds the encoding of
     * all but the transactions from above, and tx_overhead what each adds to its own length. */
    bc_status (*check_template)(const bc_params *params, const bc__template *work, bc_error *error);
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

/* The origin as what params are made of takes it. */
static inline bc__origin *bc__params_origin(const bc_params *params)
{
    return (bc__origin *)&params->origin; /* the count is atomic; all else stays const */
}

#endif
