/* The transactions of a block are dealt out in small chunks, in order, to the calling thread and to
 * helpers. A chunk behind the first failure found so far is passed over; all before it are checked,
 * so the first failure of all is what remains, however the threads take turns. */
#include "src/chain/signatures.h"

#include <assert.h>
#include <stdatomic.h>
#include <string.h>

#include "src/base/crew.h"
#include "src/base/error.h"

enum {
    CHUNK = 8, /* transactions: some 0.4 ms of verification, so that threads end together */
    KNOWN = BC__TX_KEY_IS_CHECKED | BC__TX_SIGNATURE_IS_CHECKED,
    IS_REWARD = 1 << 7, /* among the bits of `known`, where the rules have no such one */
    KEYS_SHARE = 4,     /* one part in so many of the bytes is for keys */
};

_Static_assert((IS_REWARD & KNOWN) == 0, "flags of rules.h do not meet IS_REWARD");

/* Where the checks of one block stand. */
typedef struct check {
    bc__signatures *signatures;
    const bc_block *block;
    uint8_t *known;            /* of each transaction: BC__TX_..., or IS_REWARD */
    atomic_uint_fast64_t next; /* transaction to be dealt out */
    atomic_uint_fast64_t end;  /* index of the first that failed, or their number */
    /* Of the first that failed; changed with the lock of `signatures` held. */
    uint32_t reason;
    bc_error error;
} check;

bc_status bc__signatures_init(bc__signatures *signatures, const bc_params *params, uint64_t bytes,
                              bc_error *error)
{
    assert((params->rules->capabilities & BC__HAS_ACCOUNTS) != 0);
    memset(signatures, 0, sizeof *signatures);
    if (pthread_mutex_init(&signatures->lock, NULL) != 0) {
        return bc__fail_memory(error);
    }
    signatures->params = params;
    bc__recent_set_init(&signatures->keys, &params->origin.heap, bytes / KEYS_SHARE);
    bc__recent_set_init(&signatures->txs, &params->origin.heap, bytes - bytes / KEYS_SHARE);
    return BC_OK;
}

void bc__signatures_free(bc__signatures *signatures)
{
    if (signatures->params != NULL) {
        bc__recent_set_free(&signatures->txs);
        bc__recent_set_free(&signatures->keys);
        (void)pthread_mutex_destroy(&signatures->lock);
        signatures->params = NULL;
    }
}

static bool is_remembered(bc__signatures *signatures, const bc__recent_set *memory,
                          const uint8_t value[32])
{
    (void)pthread_mutex_lock(&signatures->lock);
    bool found = bc__recent_set_has(memory, value);
    (void)pthread_mutex_unlock(&signatures->lock);
    return found;
}

static void remember(bc__signatures *signatures, bc__recent_set *memory, const uint8_t value[32])
{
    (void)pthread_mutex_lock(&signatures->lock);
    bc__recent_set_add(memory, value);
    (void)pthread_mutex_unlock(&signatures->lock);
}

static void read_sender(uint8_t sender[32], const bc_params *params, const uint8_t *bytes,
                        size_t length)
{
    bc_tx_fields fields = BC_TX_FIELDS_INIT;
    params->rules->tx_fields(&fields, bytes, length);
    memcpy(sender, fields.sender, sizeof fields.sender);
}

/* What is known of a transaction before it is checked. */
static uint32_t look_up(bc__signatures *signatures, const uint8_t id[BC_ID_BYTES], uint32_t index,
                        const uint8_t *bytes, size_t length, const bc__tx_checks *checks)
{
    uint8_t sender[32];
    if (is_remembered(signatures, &signatures->txs, id)) {
        return KNOWN;
    }
    if (checks->knows_key == NULL) {
        return 0; /* the key is looked up when its turn comes */
    }
    read_sender(sender, signatures->params, bytes, length);
    return checks->knows_key(checks->context, index, sender) ? BC__TX_KEY_IS_CHECKED : 0;
}

/* Checks one by the rules and remembers what was good. */
static uint32_t check_one(bc__signatures *signatures, const uint8_t id[BC_ID_BYTES], uint32_t known,
                          const uint8_t *bytes, size_t length, bc_error *error)
{
    const bc_params *params = signatures->params;
    uint8_t sender[32];
    bool key_is_new = false;
    if (known == 0) {
        read_sender(sender, params, bytes, length);
        key_is_new = !is_remembered(signatures, &signatures->keys, sender);
        known = key_is_new ? 0 : BC__TX_KEY_IS_CHECKED;
    }
    uint32_t reason = params->rules->check_tx(params, bytes, length, known, error);
    if (reason != BC_REASON_NONE || (known & BC__TX_SIGNATURE_IS_CHECKED) != 0) {
        return reason;
    }
    if (key_is_new) {
        remember(signatures, &signatures->keys, sender);
    }
    remember(signatures, &signatures->txs, id);
    return reason;
}

/* Puts the words of the rules or of the host behind the transaction's index. */
static bc_status fail_at(bc_error *error, bc_status status, uint32_t index, const bc_error *why)
{
    return bc__fail_host(error, status, why->host_code, "transaction %u: %.220s", (unsigned)index,
                         why->message);
}

static void note_failure(check *run, uint32_t index, uint32_t reason, const bc_error *why)
{
    (void)pthread_mutex_lock(&run->signatures->lock);
    if (index < atomic_load(&run->end)) {
        atomic_store(&run->end, index);
        run->reason = reason;
        run->error = *why;
    }
    (void)pthread_mutex_unlock(&run->signatures->lock);
}

/* False when there is none left that could fail before the first failure. */
static bool check_chunk(check *run)
{
    const bc_block *block = run->block;
    uint64_t first = atomic_fetch_add(&run->next, CHUNK);
    if (first >= atomic_load(&run->end)) {
        return false;
    }
    for (uint64_t at = first; at < first + CHUNK && at < atomic_load(&run->end); at++) {
        const bc__tx_place *place = &block->places[at];
        bc_error why = {0};
        uint32_t reason = BC_REASON_NONE;
        if (run->known[at] != IS_REWARD) {
            reason = check_one(run->signatures, block->tx_ids[at], run->known[at],
                               block->bytes.data + place->offset, place->length, &why);
        }
        if (reason != BC_REASON_NONE) {
            note_failure(run, (uint32_t)at, reason, &why);
        }
    }
    return true;
}

static void check_chunks(void *context)
{
    while (check_chunk(context)) {
    }
}

/* Fills run->known; the number of those whose signature is to be verified. */
static uint32_t look_up_all(check *run, const bc__tx_checks *checks)
{
    const bc_block *block = run->block;
    const bc_params *params = run->signatures->params;
    uint32_t unknown = 0;
    for (uint32_t at = 0; at < block->tx_count; at++) {
        if (params->rules->is_reward(params, block, at)) {
            run->known[at] = IS_REWARD;
            continue;
        }
        const bc__tx_place *place = &block->places[at];
        run->known[at] = (uint8_t)look_up(run->signatures, block->tx_ids[at], at,
                                          block->bytes.data + place->offset, place->length, checks);
        unknown += (run->known[at] & BC__TX_SIGNATURE_IS_CHECKED) == 0;
    }
    return unknown;
}

static bc_status ask_host(uint32_t *reason, const bc_tx *tx, const bc__tx_checks *checks,
                          bc_error *error)
{
    bc_error host = {0};
    bc_status status = checks->host->check_tx(checks->host->context, tx, checks->height, &host);
    if (status == BC_OK) {
        return BC_OK;
    }
    host.message[sizeof host.message - 1] = '\0';
    const char *words = host.message[0] != '\0' ? host.message : bc_status_name(status);
    int32_t host_code = host.host_code != 0 ? host.host_code : status;
    if (status == BC_ERR_FORMAT) {
        *reason = BC_REASON_HOST;
        return bc__fail_host(error, BC_OK, host_code, "against the host's rules: %.180s", words);
    }
    return bc__fail_host(error, status < 0 ? status : BC_ERR_HOST, host_code,
                         "the host's check_tx failed: %.180s", words);
}

/* Asks the host about the transactions before run->end. */
static bc_status ask_host_in_order(check *run, const bc__tx_checks *checks)
{
    const bc__rules *rules = run->signatures->params->rules;
    for (uint32_t at = 0; at < atomic_load(&run->end); at++) {
        bc_tx *tx;
        bc_error why = {0};
        uint32_t reason = BC_REASON_NONE;
        if (run->known[at] == IS_REWARD) {
            continue;
        }
        bc_status status = rules->block_tx(&tx, run->block, at, &why);
        if (status == BC_OK) {
            status = ask_host(&reason, tx, checks, &why);
            bc_tx_unref(tx);
        }
        if (status != BC_OK) {
            return fail_at(&run->error, status, at, &why);
        }
        if (reason != BC_REASON_NONE) {
            note_failure(run, at, reason, &why);
        }
    }
    return BC_OK;
}

bc_status bc__signatures_check_block(bc__signatures *signatures, bc__tx_verdict *verdict,
                                     const bc_block *block, const bc__tx_checks *checks,
                                     bc_error *error)
{
    const bc__heap *heap = &signatures->params->origin.heap;
    check run = {.signatures = signatures, .block = block};
    bc_status status = BC_OK;
    *verdict = (bc__tx_verdict){.reason = BC_REASON_NONE};
    if (block->tx_count == 0) {
        return BC_OK;
    }
    run.known = bc__heap_array(heap, block->tx_count, sizeof *run.known);
    if (run.known == NULL) {
        return bc__fail_memory(error);
    }
    atomic_init(&run.next, 0);
    atomic_init(&run.end, block->tx_count);
    uint32_t useful = look_up_all(&run, checks) / CHUNK + 1;
    bc__crew_run(heap, checks->threads < useful ? checks->threads : useful, check_chunks,
                 check_chunks, &run);
    if (checks->host != NULL && checks->host->check_tx != NULL) {
        status = ask_host_in_order(&run, checks);
    }
    if (status != BC_OK) {
        if (error != NULL) {
            *error = run.error;
        }
    } else if (run.reason != BC_REASON_NONE) {
        verdict->reason = run.reason;
        verdict->index = (uint32_t)atomic_load(&run.end);
        (void)fail_at(error, BC_OK, verdict->index, &run.error);
    }
    bc__heap_release(heap, run.known);
    return status;
}

bc_status bc__signatures_check_tx(bc__signatures *signatures, bc__tx_verdict *verdict,
                                  const bc_tx *tx, const bc__tx_checks *checks, bc_error *error)
{
    bc_error why = {0};
    uint32_t reason = BC_REASON_NONE;
    bc_status status = BC_OK;
    uint32_t known = look_up(signatures, tx->id, 0, tx->bytes, tx->length, checks);
    *verdict = (bc__tx_verdict){.reason = BC_REASON_NONE};
    reason = check_one(signatures, tx->id, known, tx->bytes, tx->length, &why);
    if (reason == BC_REASON_NONE && checks->host != NULL && checks->host->check_tx != NULL) {
        status = ask_host(&reason, tx, checks, &why);
    }
    if (status != BC_OK || reason != BC_REASON_NONE) {
        (void)bc__fail_host(error, status, why.host_code, "%s", why.message);
    }
    verdict->reason = reason;
    return status;
}
