#include "src/rules/ledger/proof.h"

#include <assert.h>
#include <string.h>

#include "lib/integers.h"
#include "src/base/error.h"
#include "src/rules/ledger/ledger.h"

enum { PROOF_VERSION = 1, COUNT_BYTES = 4 };

static bool shows_tx(uint32_t type)
{
    return type == BC_INCLUSION_OF_TX || type == BC_INCLUSION_OF_RECORD;
}

/* ---- Writing. Results are those of lib/, which are those of bc_status. ---- */

static int32_t append_count(bc__bytes *out, uint32_t count)
{
    uint8_t bytes[COUNT_BYTES];
    bc__put_le(bytes, count, sizeof bytes);
    return bc__bytes_append(out, bytes, sizeof bytes);
}

static int32_t append_path(bc__bytes *out, const bc__merkle_path *path)
{
    int32_t result = bc__bytes_append_byte(out, (uint8_t)path->count);
    return result == BC__OK ? bc__bytes_append(out, path->node, path->count * BC__SHA256_BYTES)
                            : result;
}

static uint64_t height_of(const bc__proof_block *block)
{
    bc__ledger_header header;
    int32_t result = bc__ledger_header_read(&header, block->sealed);
    assert(result == BC__OK);
    (void)result;
    return header.height;
}

/* The root of all headers below that height. */
static int32_t append_history_root(bc__bytes *out, uint64_t height, const bc__merkle_nodes *history)
{
    bc__merkle_peaks peaks;
    uint8_t root[BC__SHA256_BYTES];
    int32_t result = bc__merkle_peaks_at(&peaks, height, history);
    if (result != BC__OK) {
        return result;
    }
    bc__merkle_root(&peaks, root);
    return bc__bytes_append(out, root, sizeof root);
}

/* Of body 1, what is behind the header. */
static int32_t append_tx(bc__bytes *out, const bc__proof_source *source)
{
    const bc__proof_block *block = &source->block;
    bc__merkle_leaves leaves = {source->tx_ids, block->tx_count};
    bc__merkle_nodes nodes = {bc__merkle_leaves_node, &leaves};
    bc__merkle_path path;
    int32_t result = bc__merkle_inclusion_path(&path, source->position, block->tx_count, &nodes);
    assert(result == BC__OK); /* the position is in the block */
    if (result == BC__OK) {
        result = append_count(out, source->position);
    }
    if (result == BC__OK) {
        result = append_count(out, block->tx_count);
    }
    if (result == BC__OK) {
        result = append_history_root(out, height_of(block), source->history);
    }
    if (result == BC__OK) {
        result = append_path(out, &path);
    }
    return result == BC__OK ? bc__bytes_append(out, source->tx, source->tx_length) : result;
}

/* Of body 2, what is behind the older header. */
static int32_t append_later(bc__bytes *out, const bc__proof_source *source)
{
    const bc__proof_block *later = &source->later;
    bc__merkle_path path;
    uint64_t older_height = height_of(&source->block);
    uint64_t later_height = height_of(later);
    assert(older_height < later_height);
    int32_t result = bc__merkle_inclusion_path(&path, older_height, later_height, source->history);
    if (result == BC__OK) {
        result = bc__bytes_append(out, later->sealed, later->sealed_length);
    }
    if (result == BC__OK) {
        result = append_count(out, later->tx_count);
    }
    if (result == BC__OK) {
        result = bc__bytes_append(out, later->txs_root, BC_ID_BYTES);
    }
    return result == BC__OK ? append_path(out, &path) : result;
}

/* Of body 3, what is behind body 2. */
static int32_t append_consistency(bc__bytes *out, const bc__proof_source *source)
{
    const bc__proof_block *older = &source->block;
    bc__merkle_path path;
    uint64_t height = height_of(older);
    int32_t result =
        bc__merkle_consistency_path(&path, height, height_of(&source->later), source->history);
    if (result == BC__OK) {
        result = append_count(out, older->tx_count);
    }
    if (result == BC__OK) {
        result = bc__bytes_append(out, older->txs_root, BC_ID_BYTES);
    }
    if (result == BC__OK) {
        result = append_history_root(out, height, source->history);
    }
    return result == BC__OK ? append_path(out, &path) : result;
}

bc_status bc__ledger_write_proof(bc__bytes *out, const bc__proof_source *source, bc_error *error)
{
    uint32_t type = source->type;
    assert(type >= BC_INCLUSION_OF_TX && type <= BC_INCLUSION_OF_RECORD);
    const uint8_t beginning[] = {PROOF_VERSION, (uint8_t)type};
    size_t length_before = out->length;
    int32_t result = bc__bytes_append(out, beginning, sizeof beginning);
    if (result == BC__OK) {
        result = bc__bytes_append(out, source->block.sealed, source->block.sealed_length);
    }
    if (result == BC__OK && shows_tx(type)) {
        result = append_tx(out, source);
    }
    if (result == BC__OK && type != BC_INCLUSION_OF_TX) {
        result = append_later(out, source);
    }
    if (result == BC__OK && type == BC_CONSISTENCY) {
        result = append_consistency(out, source);
    }
    if (result != BC__OK) {
        out->length = length_before;
    }
    return result == BC__ERR_MEMORY ? bc__fail_memory(error) : result;
}

/* ---- Verifying ---- */

typedef struct reader {
    const uint8_t *at;
    size_t left;
    bc_error *error;
} reader;

/* One of the proof's headers. Views are into the proof. */
typedef struct seen_header {
    const char *name; /* for sentences */
    const uint8_t *bytes;
    const uint8_t *seal;
    size_t seal_length;
    bc__ledger_header fields;
    uint8_t id[BC_ID_BYTES];
} seen_header;

typedef struct seen_path {
    const uint8_t *nodes;
    size_t count;
} seen_path;

static bc_status take(reader *from, const uint8_t **bytes, size_t length, const char *what)
{
    if (length > from->left) {
        (void)bc__fail(from->error, BC_ERR_FORMAT,
                       "the proof is cut short: of %zu bytes of %s it holds %zu", length, what,
                       from->left);
        return BC_ERR_FORMAT;
    }
    *bytes = from->at;
    from->at += length;
    from->left -= length;
    return BC_OK;
}

static bc_status take_count(reader *from, uint32_t *count, const char *what)
{
    const uint8_t *bytes = NULL;
    bc_status status = take(from, &bytes, COUNT_BYTES, what);
    if (status == BC_OK) {
        *count = (uint32_t)bc__get_le(bytes, COUNT_BYTES);
    }
    return status;
}

static bc_status take_path(reader *from, seen_path *path, const char *what)
{
    const uint8_t *count = NULL;
    bc_status status = take(from, &count, 1, what);
    if (status == BC_OK) {
        path->count = *count;
        status = take(from, &path->nodes, path->count * BC__SHA256_BYTES, what);
    }
    return status;
}

static bc_status take_header(reader *from, seen_header *header, const char *name)
{
    size_t length = bc__ledger_sealed_length(from->at, from->left);
    if (length == 0) {
        return bc__fail(from->error, BC_ERR_FORMAT,
                        "%s is cut short, or its seal has neither 0 nor %d bytes", name,
                        BC__SEAL_BYTES);
    }
    header->name = name;
    header->bytes = from->at;
    header->seal = from->at + BC__HEADER_BYTES + 1;
    header->seal_length = length - BC__HEADER_BYTES - 1;
    from->at += length;
    from->left -= length;
    if (bc__ledger_header_read(&header->fields, header->bytes) != BC__OK) {
        return bc__fail(from->error, BC_ERR_FORMAT,
                        "%s has a version that is not 1, or a time past 2^53 - 1 milliseconds",
                        name);
    }
    bc__sha256(header->id, header->bytes, BC__HEADER_BYTES);
    return BC_OK;
}

/* Whether the header commits to a body and a history of those roots. */
static bc_status check_content(const seen_header *header, uint32_t tx_count,
                               const uint8_t txs_root[BC_ID_BYTES],
                               const uint8_t history_root[BC_ID_BYTES], const char *shown,
                               bc_error *error)
{
    uint8_t content[BC_ID_BYTES];
    bc__ledger_content(content, tx_count, txs_root, history_root);
    if (memcmp(content, header->fields.content, sizeof content) != 0) {
        return bc__fail(error, BC_ERR_FORMAT, "%s does not commit to %s that the proof shows",
                        header->name, shown);
    }
    return BC_OK;
}

/* Of body 1, what is behind the header. */
static bc_status verify_tx(reader *from, const seen_header *header, bc_inclusion *result)
{
    uint32_t index = 0;
    uint32_t count = 0;
    const uint8_t *history_root = NULL;
    seen_path path = {NULL, 0};
    bc__ledger_tx tx;
    const char *fault = NULL;
    uint8_t txs_root[BC_ID_BYTES];
    bc_status status = take_count(from, &index, "the transaction's index");
    if (status == BC_OK) {
        status = take_count(from, &count, "the number of transactions");
    }
    if (status == BC_OK) {
        status = take(from, &history_root, BC_ID_BYTES, "the history's root");
    }
    if (status == BC_OK) {
        status = take_path(from, &path, "the transaction's path");
    }
    if (status != BC_OK) {
        return status;
    }
    if (bc__ledger_tx_read(&tx, &result->tx_length, &fault, from->at, from->left) != BC__OK) {
        return bc__fail(from->error, BC_ERR_FORMAT, "the transaction is none: %s", fault);
    }
    result->tx = from->at;
    result->position = index;
    from->at += result->tx_length;
    from->left -= result->tx_length;
    bc__merkle_leaf(result->tx_id, result->tx, result->tx_length);
    if (!bc__merkle_inclusion_root(txs_root, index, count, result->tx_id, path.nodes, path.count)) {
        return bc__fail(from->error, BC_ERR_FORMAT,
                        "%zu nodes are no path to transaction %u of %u, counted from 0", path.count,
                        index, count);
    }
    return check_content(header, count, txs_root, history_root, "the transaction", from->error);
}

/* Of body 2, what is behind the older header. */
static bc_status verify_later(reader *from, const seen_header *older, seen_header *later,
                              uint8_t history_root[BC_ID_BYTES])
{
    uint32_t count = 0;
    const uint8_t *txs_root = NULL;
    seen_path path = {NULL, 0};
    uint8_t leaf[BC__SHA256_BYTES];
    bc_status status = take_header(from, later, "the later header");
    if (status == BC_OK) {
        status = take_count(from, &count, "the later block's number of transactions");
    }
    if (status == BC_OK) {
        status = take(from, &txs_root, BC_ID_BYTES, "the root of the later block's transactions");
    }
    if (status == BC_OK) {
        status = take_path(from, &path, "the path in the history");
    }
    if (status != BC_OK) {
        return status;
    }
    bc__merkle_leaf(leaf, older->bytes, BC__HEADER_BYTES);
    if (!bc__merkle_inclusion_root(history_root, older->fields.height, later->fields.height, leaf,
                                   path.nodes, path.count)) {
        return bc__fail(from->error, BC_ERR_FORMAT,
                        "%zu nodes are no path to height %llu in the history of height %llu",
                        path.count, (unsigned long long)older->fields.height,
                        (unsigned long long)later->fields.height);
    }
    return check_content(later, count, txs_root, history_root, "the older header", from->error);
}

/* Of body 3, what is behind body 2. */
static bc_status verify_consistency(reader *from, const seen_header *older,
                                    const seen_header *later, const uint8_t later_root[BC_ID_BYTES])
{
    uint32_t count = 0;
    const uint8_t *roots = NULL;
    seen_path path = {NULL, 0};
    bc_status status = take_count(from, &count, "the older block's number of transactions");
    if (status == BC_OK) {
        status = take(from, &roots, 2 * BC_ID_BYTES, "the older block's two roots");
    }
    if (status == BC_OK) {
        status = take_path(from, &path, "the path of consistency");
    }
    if (status != BC_OK) {
        return status;
    }
    const uint8_t *older_root = roots + BC_ID_BYTES;
    if (!bc__merkle_consistency_holds(older_root, older->fields.height, later_root,
                                      later->fields.height, path.nodes, path.count)) {
        return bc__fail(from->error, BC_ERR_FORMAT,
                        "%zu nodes do not show that the history of height %llu begins with that "
                        "of height %llu",
                        path.count, (unsigned long long)later->fields.height,
                        (unsigned long long)older->fields.height);
    }
    return check_content(older, count, roots, older_root, "the history", from->error);
}

/* ---- Seals, from one header alone ---- */

static bc_status check_seal_length(const seen_header *header, size_t expected, bc_error *error)
{
    if (header->seal_length != expected) {
        return bc__fail(error, BC_ERR_FORMAT, "%s has a seal of %zu bytes, which must be %zu",
                        header->name, header->seal_length, expected);
    }
    return BC_OK;
}

static bc_status check_genesis(const bc_params *params, const seen_header *header, bc_error *error)
{
    if (memcmp(header->id, params->origin.network_id, BC_ID_BYTES) != 0) {
        return bc__fail(error, BC_ERR_FORMAT,
                        "%s is of height 0 and not the genesis of the network \"%s\"", header->name,
                        params->name);
    }
    return check_seal_length(header, 0, error);
}

static bc_status check_work(const bc__ledger *ledger, const seen_header *header, bc_error *error)
{
    bc__uint256 target;
    if (bc__target_within(&target, header->fields.bits, &ledger->schedule.limit) !=
        BC__COMPACT_OK) {
        return bc__fail(error, BC_ERR_FORMAT,
                        "%s has bits %08x, which are no target within the network's limit",
                        header->name, header->fields.bits);
    }
    if (!bc__target_holds(&target, header->id)) {
        return bc__fail(error, BC_ERR_FORMAT, "the id of %s is above the target of its bits %08x",
                        header->name, header->fields.bits);
    }
    return check_seal_length(header, 0, error);
}

static bc_status check_authority(const bc_params *params, const seen_header *header,
                                 bc_error *error)
{
    const bc__ledger *ledger = bc__ledger_of(params);
    uint64_t index = header->fields.nonce;
    if (index >= ledger->authority_count) {
        return bc__fail(error, BC_ERR_FORMAT, "%s names signer %llu, counted from 0, of %u",
                        header->name, (unsigned long long)index, ledger->authority_count);
    }
    uint32_t weight = bc__authority_weight(ledger, header->fields.height, index);
    if (header->fields.bits != weight) {
        return bc__fail(error, BC_ERR_FORMAT, "%s has weight %u, which must be %u", header->name,
                        header->fields.bits, weight);
    }
    bc_status status = check_seal_length(header, BC__SEAL_BYTES, error);
    if (status != BC_OK) {
        return status;
    }
    uint8_t message[BC__MESSAGE_BYTES];
    bc__ledger_seal_message(message, params->origin.network_id, header->bytes);
    /* The keys were checked when the parameters were read. */
    if (!bc__signature_verify(ledger->authorities[index], true, message, header->seal)) {
        return bc__fail(error, BC_ERR_FORMAT, "the seal of %s is not a signature of signer %llu",
                        header->name, (unsigned long long)index);
    }
    return BC_OK;
}

static bc_status check_seal(const bc_params *params, const seen_header *header, bc_error *error)
{
    if (header->fields.height == 0) {
        return check_genesis(params, header, error);
    }
    const bc__ledger *ledger = bc__ledger_of(params);
    return ledger->by_authority ? check_authority(params, header, error)
                                : check_work(ledger, header, error);
}

/* ---- All of it ---- */

static bc_status take_type(reader *from, uint32_t *type)
{
    const uint8_t *beginning = NULL;
    bc_status status = take(from, &beginning, 2, "version and type");
    if (status != BC_OK) {
        return status;
    }
    if (beginning[0] != PROOF_VERSION || beginning[1] < BC_INCLUSION_OF_TX ||
        beginning[1] > BC_INCLUSION_OF_RECORD) {
        return bc__fail(
            from->error, BC_ERR_FORMAT,
            "the proof has version %u and type %u; version 1 with types 1 to 4 is known",
            beginning[0], beginning[1]);
    }
    *type = beginning[1];
    return BC_OK;
}

static void tell(bc_inclusion *result, const seen_header *older, const seen_header *later)
{
    result->height = older->fields.height;
    result->time = (int64_t)older->fields.time * 1000; /* below 2^53 milliseconds */
    result->later_height = later->fields.height;
    memcpy(result->id, older->id, BC_ID_BYTES);
    memcpy(result->later_id, later->id, BC_ID_BYTES);
}

bc_status bc__ledger_verify_proof(const bc_params *params, bc_inclusion *result,
                                  const uint8_t *bytes, size_t length, bc_error *error)
{
    reader from = {bytes, length, error};
    bc_inclusion shown = BC_INCLUSION_INIT;
    seen_header older = {.name = NULL};
    seen_header later = {.name = NULL};
    uint8_t later_root[BC_ID_BYTES];
    bc_status status = take_type(&from, &shown.type);
    bool has_later = shown.type != BC_INCLUSION_OF_TX;
    if (status == BC_OK) {
        status = take_header(&from, &older, has_later ? "the older header" : "the header");
    }
    if (status == BC_OK && shows_tx(shown.type)) {
        status = verify_tx(&from, &older, &shown);
    }
    if (status == BC_OK && has_later) {
        status = verify_later(&from, &older, &later, later_root);
    }
    if (status == BC_OK && shown.type == BC_CONSISTENCY) {
        status = verify_consistency(&from, &older, &later, later_root);
    }
    if (status == BC_OK && from.left > 0) {
        status =
            bc__fail(error, BC_ERR_FORMAT, "%zu bytes too many stand behind the proof", from.left);
    }
    /* Last, for a signature costs more than all the rest. */
    if (status == BC_OK && params != NULL) {
        status = check_seal(params, &older, error);
    }
    if (status == BC_OK && params != NULL && has_later) {
        status = check_seal(params, &later, error);
    }
    if (status == BC_OK) {
        tell(&shown, &older, has_later ? &later : &older);
        *result = shown;
    }
    return status;
}
