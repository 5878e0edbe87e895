/* The table of the ledger's rules. */
#include "src/rules/ledger/ledger.h"

const bc__rules bc__ledger_rules = {
    .name = "ledger",
    .version = 1,
    .capabilities = BC__CAN_IDENTIFY_TX | BC__HAS_HEADERS | BC__HAS_ACCOUNTS,
    .parse_params = bc__ledger_parse_params,
    .release_params = bc__ledger_release_params,
    .read_traits = bc__ledger_read_traits,
    .parse_tx = bc__ledger_parse_tx,
    .tx_from_json = bc__ledger_tx_from_json,
    .tx_json = bc__ledger_tx_json,
    .parse_block = bc__ledger_parse_block,
    .block_from_json = bc__ledger_block_from_json,
    .block_json = bc__ledger_block_json,
    .block_tx = bc__ledger_block_tx,
    .is_reward = bc__ledger_is_reward,
    .make_genesis = bc__ledger_make_genesis,
    .read_header = bc__ledger_read_header,
    .each_allocation = bc__ledger_each_allocation,
    .tx_fields = bc__ledger_tx_fields,
    .sign_tx = bc__ledger_sign_tx,
};
