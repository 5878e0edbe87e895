/* Merkle proofs of the ledger's rules (docs/ledger-rules.md, Proofs): written from the parts of a
 * chain, verified from bytes alone. Their encoding:
 *
 *     u8 version 1, u8 type, body
 *     1  sealed header, u32 index, u32 count, history root, path, transaction
 *     2  sealed older header, sealed later header, later's u32 count and transactions root, path
 *     3  body of 2, older's u32 count, transactions root and history root, consistency path
 *     4  body of 1, body of 2 without its sealed older header
 *
 * A path is a u8 count and so many nodes of 32 bytes, the leaf's side first. */
#ifndef BC_RULES_LEDGER_PROOF_H
#define BC_RULES_LEDGER_PROOF_H

#include "src/rules/rules.h"

/* bc__rules.write_proof. */
bc_status bc__ledger_write_proof(bc__bytes *out, const bc__proof_source *source, bc_error *error);

/* bc__rules.verify_proof. Allocates nothing. Shown is that the header of result->later_id commits to
 * the rest. With `params` each seal is checked as far as its header alone shows it: the target of its
 * bits or the signature of its authority, and the id of genesis. */
bc_status bc__ledger_verify_proof(const bc_params *params, bc_inclusion *result,
                                  const uint8_t *bytes, size_t length, bc_error *error);

#endif
