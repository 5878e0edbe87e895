/* Blocks of our own: what a new block holds, the search for its nonce, and its seal. */
#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "lib/integers.h"
#include "src/base/error.h"
#include "src/block/merkle.h"
#include "src/rules/ledger/ledger.h"

enum {
    MS = 1000,              /* microseconds */
    TURN_DELAY_US = 500000, /* by which each authority spreads the blocks out of turn */
    COUNT_BYTES = 4,        /* of the transactions, behind the sealed header */
    BITS_AT = 4,            /* in the header */
    NONCE_AT = 88,
};

static const uint64_t time_bound = (uint64_t)1 << 53; /* milliseconds, not reached */

/* ---- Who seals, and who is rewarded ---- */

static bool find_authority(uint64_t *index, const bc__ledger *ledger, const bc_key *key)
{
    uint8_t public_key[BC__PUBLIC_KEY_BYTES];
    bc_key_public(key, public_key);
    for (uint32_t at = 0; at < ledger->authority_count; at++) {
        if (memcmp(ledger->authorities[at], public_key, sizeof public_key) == 0) {
            *index = at;
            return true;
        }
    }
    return false;
}

static bc_status choose_signer(uint64_t *index, const bc__ledger *ledger, const bc__template *work,
                               bc_error *error)
{
    if (work->signer == NULL) {
        return bc__fail(error, BC_ERR_ARGUMENT,
                        "this network is sealed by authorities, and no signer was given");
    }
    if (!find_authority(index, ledger, work->signer)) {
        return bc__fail(error, BC_ERR_ARGUMENT,
                        "the signer is none of the network's %" PRIu32 " authorities",
                        ledger->authority_count);
    }
    if (bc__authority_is_recent(ledger, work->lineage, *index)) {
        return bc__fail(error, BC_ERR_UNSUPPORTED,
                        "the signer sealed one of the last %" PRIu32
                        " blocks; another authority has to seal the next one",
                        ledger->authority_count / 2);
    }
    return BC_OK;
}

static bc_status choose_reward(const bc__ledger *ledger, bc__template *work, bc_error *error)
{
    work->reward = bc__ledger_subsidy(ledger, work->height);
    for (size_t at = 0; at < work->tx_count; at++) {
        bc__ledger_tx tx;
        const char *what;
        size_t used;
        int32_t result =
            bc__ledger_tx_read(&tx, &used, &what, work->txs[at]->bytes, work->txs[at]->length);
        assert(result == BC__OK && tx.kind == BC_TX_SIGNED);
        (void)result;
        if (tx.fee > UINT64_MAX - work->reward) {
            return bc__fail(error, BC_ERR_LIMIT,
                            "the subsidy and the fees of %zu transactions pass 64 bits",
                            work->tx_count);
        }
        work->reward += tx.fee;
    }
    return BC_OK;
}

static bc_status choose_recipient(bc__template *work, bc_error *error)
{
    memset(work->rewarded, 0, sizeof work->rewarded);
    if (work->recipient != NULL) {
        if (work->recipient_length != sizeof work->rewarded) {
            return bc__fail(error, BC_ERR_ARGUMENT,
                            "the reward's recipient has %zu bytes; it must have %zu",
                            work->recipient_length, sizeof work->rewarded);
        }
        memcpy(work->rewarded, work->recipient, sizeof work->rewarded);
    } else if (work->signer != NULL) {
        bc_key_public(work->signer, work->rewarded);
    }
    if (work->reward > 0 && bc__ledger_is_nobody(work->rewarded)) {
        return bc__fail(error, BC_ERR_ARGUMENT,
                        "the block's reward is %" PRIu64
                        ", and neither a recipient nor a signer was given",
                        work->reward);
    }
    return BC_OK;
}

/* ---- The header ---- */

/* The clock's time, unless the blocks before it demand a later one. */
static bc_status choose_time(uint64_t *time, const bc__ledger *ledger, bc__template *work,
                             bc_error *error)
{
    const bc__lineage *lineage = work->lineage;
    uint64_t now = lineage->now > 0 ? (uint64_t)lineage->now / MS : 0;
    uint64_t above_median = (uint64_t)bc__ledger_median(lineage) / MS + 1;
    *time = now > above_median ? now : above_median;
    work->earliest = 0;
    if (ledger->by_authority) {
        uint64_t due = (uint64_t)lineage->ancestors[0].time / MS + ledger->period;
        *time = *time > due ? *time : due;
        if (ledger->period > 0 && due > now && *time < time_bound) {
            work->earliest = (int64_t)(*time * MS);
        }
    }
    if (*time >= time_bound) {
        return bc__fail(error, BC_ERR_LIMIT,
                        "the block's time would be %" PRIu64 " ms; headers hold times below 2^53",
                        *time);
    }
    return BC_OK;
}

static int32_t append_reward(bc__bytes *out, const bc__template *work)
{
    static const uint8_t no_sender[BC__PUBLIC_KEY_BYTES] = {0};
    const bc__ledger_tx reward = {
        .kind = BC_TX_REWARD,
        .nonce = work->height,
        .amount = work->reward,
        .sender = no_sender,
        .recipient = work->rewarded,
    };
    return bc__ledger_tx_write(out, &reward);
}

/* The id of a transaction is its leaf in the tree. */
static bc_status commit_to_content(uint8_t content[BC_ID_BYTES], const bc_params *params,
                                   const bc__template *work, bc_error *error)
{
    bc__merkle_peaks peaks = {0};
    uint8_t node[BC_ID_BYTES];
    bc__bytes reward;
    bc__bytes_init(&reward, &params->origin.heap, SIZE_MAX);
    if (append_reward(&reward, work) != BC__OK) {
        return bc__fail_memory(error);
    }
    bc__merkle_leaf(node, reward.data, reward.length);
    bc__bytes_free(&reward);
    (void)bc__merkle_append(&peaks, node, NULL); /* which takes 2^64 - 1 leaves */
    for (size_t at = 0; at < work->tx_count; at++) {
        (void)bc__merkle_append(&peaks, work->txs[at]->id, NULL);
    }
    bc__merkle_root(&peaks, node);
    bc__ledger_content(content, (uint32_t)peaks.size, node, work->history_root);
    return BC_OK;
}

/* Blocks are bounded by 256 MiB, so that the count of their transactions has 32 bits. */
static bc_status check_size(const bc_params *params, const bc__template *work, bc_error *error)
{
    uint64_t limit = bc__ledger_of(params)->block_bytes;
    uint64_t bytes = bc__ledger_template_bytes(params, work);
    for (size_t at = 0; at < work->tx_count && bytes <= limit; at++) {
        bytes += work->txs[at]->length;
    }
    if (bytes > limit) {
        return bc__fail(error, BC_ERR_LIMIT,
                        "the block would be over the %" PRIu64 " bytes that the network takes",
                        limit);
    }
    return BC_OK;
}

bc_status bc__ledger_prepare_template(const bc_params *params, bc__template *work, bc_error *error)
{
    const bc__ledger *ledger = bc__ledger_of(params);
    bc__ledger_header header = {.height = work->height};
    assert(work->height == work->lineage->height + 1);
    work->random_delay_most = 0;
    bc_status status = BC_OK;
    if (ledger->by_authority) {
        uint64_t index = 0;
        status = choose_signer(&index, ledger, work, error);
        header.bits = bc__authority_weight(ledger, work->height, index);
        if (work->height % ledger->authority_count != index) {
            work->random_delay_most = (int64_t)ledger->authority_count * TURN_DELAY_US;
        }
    } else {
        header.bits = bc__work_next_bits(ledger, work->lineage);
    }
    if (status == BC_OK) {
        status = check_size(params, work, error);
    }
    if (status == BC_OK) {
        status = choose_reward(ledger, work, error);
    }
    if (status == BC_OK) {
        status = choose_recipient(work, error);
    }
    if (status == BC_OK) {
        status = choose_time(&header.time, ledger, work, error);
    }
    if (status == BC_OK) {
        status = commit_to_content(header.content, params, work, error);
    }
    if (status == BC_OK) {
        memcpy(header.previous, work->parent->id, BC_ID_BYTES);
        bc__ledger_header_write(work->header, &header);
    }
    return status;
}

uint64_t bc__ledger_template_bytes(const bc_params *params, const bc__template *work)
{
    (void)work;
    uint64_t seal = bc__ledger_of(params)->by_authority ? BC__SEAL_BYTES : 0;
    return BC__HEADER_BYTES + 1 + seal + COUNT_BYTES + BC__TX_FIXED_BYTES;
}

/* ---- The search ---- */

static bc__uint256 target_of(const bc__template *work)
{
    bc__uint256 target = bc__uint256_zero();
    bc__compact_fault fault =
        bc__target_from_compact(&target, (uint32_t)bc__get_le(work->header + BITS_AT, 4));
    assert(fault == BC__COMPACT_OK);
    (void)fault;
    return target;
}

double bc__ledger_expected_attempts(const bc_params *params, const bc__template *work)
{
    if (bc__ledger_of(params)->by_authority) {
        return 1;
    }
    bc__uint256 target = target_of(work);
    bc__uint256 attempts = bc__target_work(&target);
    double expected = 0;
    for (size_t at = BC__UINT256_LIMBS; at-- > 0;) {
        expected = expected * 18446744073709551616.0 + (double)attempts.limb[at]; /* 2^64 */
    }
    return expected;
}

/* The nonce is in the header's second block of SHA-256, so that of each attempt only that is hashed. */
static bool search_work(const bc__template *work, uint64_t first, uint64_t count, uint64_t *nonce)
{
    uint8_t most[BC__UINT256_BYTES];
    uint8_t tail[BC__HEADER_BYTES - BC__SHA256_BLOCK_BYTES];
    uint8_t id[BC_ID_BYTES];
    bc__sha256_state midstate;
    bc__uint256 target = target_of(work);
    bc__uint256_to_bytes(&target, most);
    bc__sha256_init(&midstate);
    bc__sha256_update(&midstate, work->header, BC__SHA256_BLOCK_BYTES);
    memcpy(tail, work->header + BC__SHA256_BLOCK_BYTES, sizeof tail);
    for (uint64_t done = 0; done < count; done++) {
        bc__sha256_state state = midstate;
        bc__put_le(tail + (NONCE_AT - BC__SHA256_BLOCK_BYTES), first + done, 8);
        bc__sha256_update(&state, tail, sizeof tail);
        bc__sha256_final(&state, id);
        if (memcmp(id, most, sizeof id) <= 0) {
            *nonce = first + done;
            return true;
        }
    }
    return false;
}

bool bc__ledger_search(const bc_params *params, const bc__template *work, uint64_t first,
                       uint64_t count, uint64_t *nonce)
{
    const bc__ledger *ledger = bc__ledger_of(params);
    assert(count == 0 || first <= UINT64_MAX - (count - 1));
    if (!ledger->by_authority) {
        return search_work(work, first, count, nonce);
    }
    uint64_t index = 0;
    bool found = find_authority(&index, ledger, work->signer);
    assert(found); /* prepare_template saw to it */
    if (!found || index < first || index - first >= count) {
        return false;
    }
    *nonce = index;
    return true;
}

/* ---- The block ---- */

static bc_status write_sealed_header(bc__bytes *out, const bc_params *params,
                                     const bc__template *work, uint64_t nonce, bc_error *error)
{
    uint8_t sealed[BC__SEALED_BYTES_MAX] = {0};
    size_t length = BC__HEADER_BYTES + 1;
    memcpy(sealed, work->header, BC__HEADER_BYTES);
    bc__put_le(sealed + NONCE_AT, nonce, 8);
    if (bc__ledger_of(params)->by_authority) {
        uint8_t message[BC__MESSAGE_BYTES];
        bc__ledger_seal_message(message, params->origin.network_id, sealed);
        bc_status status = bc__key_sign(work->signer, sealed + length, message, error);
        if (status != BC_OK) {
            return status;
        }
        sealed[BC__HEADER_BYTES] = BC__SEAL_BYTES;
        length += BC__SEAL_BYTES;
    }
    return bc__bytes_append(out, sealed, length) == BC__OK ? BC_OK : bc__fail_memory(error);
}

static bc_status write_body(bc__bytes *out, const bc__template *work, bc_error *error)
{
    uint8_t count[COUNT_BYTES];
    bc__put_le(count, (uint64_t)work->tx_count + 1, sizeof count);
    int32_t result = bc__bytes_append(out, count, sizeof count);
    if (result == BC__OK) {
        result = append_reward(out, work);
    }
    for (size_t at = 0; result == BC__OK && at < work->tx_count; at++) {
        result = bc__bytes_append(out, work->txs[at]->bytes, work->txs[at]->length);
    }
    return result == BC__OK ? BC_OK : bc__fail_memory(error);
}

/* The time stands in the header since the work was made, whatever the clock says now. */
bc_status bc__ledger_seal(bc_block **out, const bc_params *params, const bc__template *work,
                          uint64_t nonce, int64_t now, bc_error *error)
{
    uint64_t holds;
    (void)now;
    *out = NULL;
    if (!bc__ledger_search(params, work, nonce, 1, &holds)) {
        return bc__fail(error, BC_ERR_ARGUMENT, "the nonce %" PRIu64 " does not hold", nonce);
    }
    bc__bytes bytes;
    bc__bytes_init(&bytes, &params->origin.heap, SIZE_MAX);
    bc_status status = write_sealed_header(&bytes, params, work, nonce, error);
    if (status == BC_OK) {
        status = write_body(&bytes, work, error);
    }
    if (status == BC_OK) {
        status = bc__ledger_parse_block(out, params, bytes.data, bytes.length, NULL, error);
    }
    bc__bytes_free(&bytes);
    return status;
}
