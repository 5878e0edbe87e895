#include "src/chain/history.h"

#include <string.h>

#include "src/base/error.h"
#include "src/chain/engine.h"

void bc__history_reader_init(bc__history_reader *reader, bc__engine *engine, uint32_t tip)
{
    reader->engine = engine;
    reader->status = BC_OK;
    reader->error = (bc_error)BC_ERROR_INIT;
    bc__path_init(&reader->path, tip);
    bc__bytes_init(&reader->record, bc__engine_heap(engine), SIZE_MAX);
}

void bc__history_reader_free(bc__history_reader *reader)
{
    bc__bytes_free(&reader->record);
}

static bc_status read_record(bc__history_reader *reader, bc__header_record *record, uint64_t height,
                             bc_error *error)
{
    bc__engine *engine = reader->engine;
    const bc__node *node =
        bc__tree_node(&engine->tree, bc__path_at(&reader->path, &engine->tree, height));
    bc__key key = bc__key_of_header(height, node->id);
    reader->record.length = 0;
    bc_status status = bc__database_get(&engine->database, &key, &reader->record, error);
    bool good = status == BC_OK &&
                bc__header_record_read(record, key.bytes, key.length, reader->record.data,
                                       reader->record.length) &&
                record->sealed_length >= engine->traits.header_bytes &&
                record->node_count == bc__merkle_completed_by(height);
    if (status == BC_ERR_NOT_FOUND || (status == BC_OK && !good)) {
        (void)bc__fail(error, BC_ERR_DAMAGED, "the header at height %llu can't be read back",
                       (unsigned long long)height);
        return BC_ERR_DAMAGED;
    }
    return status;
}

static int32_t read_node(void *context, unsigned level, uint64_t index,
                         uint8_t out[BC__SHA256_BYTES])
{
    bc__history_reader *reader = context;
    bc__header_record record;
    uint64_t leaf = bc__merkle_completing_leaf(level, index);
    reader->status = read_record(reader, &record, leaf, &reader->error);
    if (reader->status != BC_OK) {
        return reader->status;
    }
    if (level == 0) {
        bc__merkle_leaf(out, record.sealed, reader->engine->traits.header_bytes);
    } else {
        memcpy(out, record.nodes + (size_t)(level - 1) * BC_ID_BYTES, BC_ID_BYTES);
    }
    return BC__OK;
}

bc__merkle_nodes bc__history_reader_nodes(bc__history_reader *reader)
{
    return (bc__merkle_nodes){.node = read_node, .context = reader};
}

bc_status bc__history_reader_header(bc__history_reader *reader, uint64_t height,
                                    const uint8_t **sealed, size_t *length, bc_error *error)
{
    bc__header_record record;
    bc_status status = read_record(reader, &record, height, error);
    if (status == BC_OK) {
        *sealed = record.sealed;
        *length = record.sealed_length;
    }
    return status;
}

static bc__history_edge *find_edge(bc__history *history, const uint8_t id[BC_ID_BYTES])
{
    for (uint32_t at = 0; at < BC__HISTORY_EDGES; at++) {
        bc__history_edge *edge = &history->edges[at];
        if (edge->peaks.size > 0 && memcmp(edge->id, id, BC_ID_BYTES) == 0) {
            return edge;
        }
    }
    return NULL;
}

static bc__history_edge *claim_edge(bc__history *history, const uint8_t id[BC_ID_BYTES])
{
    bc__history_edge *edge = &history->edges[history->next];
    history->next = (history->next + 1) % BC__HISTORY_EDGES;
    memcpy(edge->id, id, BC_ID_BYTES);
    return edge;
}

bc_status bc__history_peaks(bc__engine *engine, const bc__merkle_peaks **peaks, uint32_t node,
                            bc_error *error)
{
    const bc__node *at = bc__tree_node(&engine->tree, node);
    bc__history_edge *edge = find_edge(&engine->history, at->id);
    if (edge == NULL) {
        bc__history_reader reader;
        bc__history_reader_init(&reader, engine, node);
        bc__merkle_nodes nodes = bc__history_reader_nodes(&reader);
        edge = claim_edge(&engine->history, at->id);
        int32_t result = bc__merkle_peaks_at(&edge->peaks, (uint64_t)at->height + 1, &nodes);
        bc__history_reader_free(&reader);
        if (result != BC__OK) {
            edge->peaks.size = 0;
            if (error != NULL) {
                *error = reader.error;
            }
            return result; /* that of the reader */
        }
    }
    *peaks = &edge->peaks;
    return BC_OK;
}

bc_status bc__history_extend(bc__engine *engine, uint32_t parent, const bc_block *block,
                             uint8_t nodes[BC__HISTORY_NODES_MAX][BC_ID_BYTES], size_t *count,
                             bc_error *error)
{
    uint8_t leaf[BC_ID_BYTES];
    bc__merkle_peaks grown = {.size = 0};
    if (parent != BC__NO_NODE) {
        const bc__merkle_peaks *before;
        bc_status status = bc__history_peaks(engine, &before, parent, error);
        if (status != BC_OK) {
            return status;
        }
        grown = *before;
    }
    bc__merkle_leaf(leaf, block->bytes.data, engine->traits.header_bytes);
    *count = bc__merkle_completed_by(grown.size);
    (void)bc__merkle_append(&grown, leaf, nodes); /* heights are below 2^32 */
    if (find_edge(&engine->history, block->id) == NULL) {
        claim_edge(&engine->history, block->id)->peaks = grown;
    }
    return BC_OK;
}

bc_status bc__history_holds_header(bc__engine *engine, bool *same, uint32_t node,
                                   const bc_block *block, bc_error *error)
{
    bc__history_reader reader;
    const uint8_t *sealed;
    size_t length;
    bc__history_reader_init(&reader, engine, node);
    bc_status status = bc__history_reader_header(
        &reader, bc__tree_node(&engine->tree, node)->height, &sealed, &length, error);
    *same = status == BC_OK && length == block->sealed_length &&
            memcmp(sealed, block->bytes.data, length) == 0;
    bc__history_reader_free(&reader);
    return status;
}
