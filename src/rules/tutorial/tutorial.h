/* The rules of the article "Learn Blockchains by Building One", exactly: docs/tutorial-rules.md. What
 * the files of this folder share. */
#ifndef BC_RULES_TUTORIAL_TUTORIAL_H
#define BC_RULES_TUTORIAL_TUTORIAL_H

#include "src/block/canonical_json.h"
#include "src/rules/rules.h"

enum {
    BC__TUTORIAL_ARTICLE = 1,    /* previous_hash of genesis is 1; a proof covers the last proof */
    BC__TUTORIAL_REPOSITORY = 2, /* it is "1"; a proof covers the hash of the last block too */
    BC__TUTORIAL_WRAPPING = 2,   /* levels of JSON around a record: the block and its list */
};

/* ---- records.c ---- */
bc_status bc__tutorial_parse_tx(bc_tx **out, const bc_params *params, const uint8_t *bytes,
                                size_t length, bc_error *error);
bc_status bc__tutorial_tx_from_json(bc_tx **out, const bc_params *params, const char *json,
                                    size_t length, bc_error *error);
bc_status bc__tutorial_tx_json(const bc_tx *tx, bc__bytes *out, bc_error *error);
bool bc__tutorial_is_reward(const bc_params *params, const bc_block *block, uint32_t index);

/* ---- blocks.c ---- */
bc_status bc__tutorial_parse_block(bc_block **out, const bc_params *params, const uint8_t *bytes,
                                   size_t length, size_t *used, bc_error *error);
bc_status bc__tutorial_block_tx(bc_tx **out, const bc_block *block, uint32_t index,
                                bc_error *error);
bc_status bc__tutorial_block_from_json(bc_block **out, const bc_params *params, const char *json,
                                       size_t length, bc_error *error);
bc_status bc__tutorial_block_json(const bc_block *block, bc__bytes *out, bc_error *error);

/* Reads the members of a block out of canonical text that lies in block->bytes and ends it: the id and
 * everything else but references. */
bc_status bc__tutorial_read_members(bc_block *block, const bc__json_span *spans, bc_error *error);

/* The members that the rules know, in canonical order, and their places in a bc__json_span array. */
enum {
    BC__TUTORIAL_INDEX,
    BC__TUTORIAL_PREVIOUS_HASH,
    BC__TUTORIAL_PROOF,
    BC__TUTORIAL_TIMESTAMP,
    BC__TUTORIAL_TRANSACTIONS,
    BC__TUTORIAL_MEMBERS,
};

/* Fills bc_error from what the JSON reader says; `what` names what was read. */
bc_status bc__tutorial_fail_json(bc_error *error, int32_t result, const char *what,
                                 const bc__json_error *where);

/* The limits for JSON that will stand `wrapping` levels deep inside a block. */
bc__json_limits bc__tutorial_json_limits(const bc_params *params, uint32_t wrapping);

/* ---- proofs.c ---- */

/* Appends a proof as Python's f-string formats it. `canonical` is its JSON. BC_ERR_FORMAT for a list, an
 * object or a string that UTF-8 cannot carry. */
bc_status bc__tutorial_format_proof(bc__bytes *out, const uint8_t *canonical, size_t length,
                                    bc_error *error);
uint32_t bc__tutorial_check_block(const bc_params *params, const bc_block *parent,
                                  const bc_block *block, bc_error *error);
bool bc__tutorial_search(const bc_params *params, const bc__template *work, uint64_t first,
                         uint64_t count, uint64_t *nonce);
double bc__tutorial_expected_attempts(const bc_params *params, const bc__template *work);

/* ---- forge.c ---- */
bc_status bc__tutorial_make_genesis(bc_block **out, const bc_params *params, int64_t now,
                                    bc_error *error);
bc_status bc__tutorial_prepare_template(const bc_params *params, bc__template *work,
                                        bc_error *error);
uint64_t bc__tutorial_template_bytes(const bc_params *params, const bc__template *work);
bc_status bc__tutorial_seal(bc_block **out, const bc_params *params, const bc__template *work,
                            uint64_t nonce, int64_t now, bc_error *error);

#endif
