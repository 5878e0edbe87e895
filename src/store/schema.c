#include "src/store/schema.h"

#include <assert.h>
#include <string.h>

#include "lib/integers.h"

enum { HEADER_KEY_BYTES = 1 + 8 + BC_ID_BYTES, HAS_TIME = 1, HAS_PARENT = 2 };

bc__key bc__key_of(uint8_t kind)
{
    return (bc__key){.bytes = {kind}, .length = 1};
}

bc__key bc__key_of_id(uint8_t kind, const uint8_t id[BC_ID_BYTES])
{
    bc__key key = bc__key_of(kind);
    memcpy(key.bytes + 1, id, BC_ID_BYTES);
    key.length += BC_ID_BYTES;
    return key;
}

bc__key bc__key_of_number(uint8_t kind, uint64_t number)
{
    bc__key key = bc__key_of(kind);
    bc__put_be64(key.bytes + 1, number);
    key.length += 8;
    return key;
}

bc__key bc__key_of_name(uint8_t kind, const char *name)
{
    bc__key key = bc__key_of(kind);
    size_t length = strlen(name);
    assert(length <= BC_NAME_BYTES_MAX);
    memcpy(key.bytes + 1, name, length);
    key.length += length;
    return key;
}

bc__key bc__key_of_header(uint64_t height, const uint8_t id[BC_ID_BYTES])
{
    bc__key key = bc__key_of_number(BC__KEY_HEADER, height);
    memcpy(key.bytes + key.length, id, BC_ID_BYTES);
    key.length += BC_ID_BYTES;
    return key;
}

bc__key bc__key_of_tx(const uint8_t id[BC_ID_BYTES], uint64_t sequence)
{
    bc__key key = bc__key_of_id(BC__KEY_TX, id);
    bc__put_be64(key.bytes + key.length, sequence);
    key.length += 8;
    return key;
}

bc__key bc__key_of_equivocation(uint64_t height, uint64_t signer)
{
    bc__key key = bc__key_of_number(BC__KEY_EQUIVOCATION, height);
    bc__put_be64(key.bytes + key.length, signer);
    key.length += 8;
    return key;
}

bool bc__key_number(uint64_t *number, const uint8_t *key, size_t key_length)
{
    if (key_length != 1 + 8) {
        return false;
    }
    *number = bc__get_be64(key + 1);
    return true;
}

size_t bc__header_record_write(uint8_t out[BC__HEADER_RECORD_BYTES_MAX],
                               const bc__header_record *record)
{
    bc__put_le(out, record->sequence, 8);
    out[8] = (uint8_t)((record->has_time ? HAS_TIME : 0) | (record->has_parent ? HAS_PARENT : 0));
    bc__put_le(out + 9, (uint64_t)record->time, 8);
    memcpy(out + 17, record->parent, BC_ID_BYTES);
    memcpy(out + 17 + BC_ID_BYTES, record->work, BC_WORK_BYTES);
    size_t length = BC__HEADER_RECORD_BYTES;
    if (record->sealed_length > 0) {
        assert(record->sealed_length <= UINT8_MAX && record->node_count <= BC__HISTORY_NODES_MAX);
        out[length++] = (uint8_t)record->sealed_length;
        memcpy(out + length, record->sealed, record->sealed_length);
        length += record->sealed_length;
        if (record->node_count > 0) {
            memcpy(out + length, record->nodes, record->node_count * BC_ID_BYTES);
            length += record->node_count * BC_ID_BYTES;
        }
    }
    return length;
}

/* What stands behind the part that every record has. */
static bool read_sealed(bc__header_record *record, const uint8_t *bytes, size_t length)
{
    record->sealed = NULL;
    record->sealed_length = 0;
    record->nodes = NULL;
    record->node_count = 0;
    if (length == 0) {
        return true;
    }
    size_t sealed = bytes[0];
    if (sealed == 0 || sealed > length - 1 || (length - 1 - sealed) % BC_ID_BYTES != 0 ||
        (length - 1 - sealed) / BC_ID_BYTES > BC__HISTORY_NODES_MAX) {
        return false;
    }
    record->sealed = bytes + 1;
    record->sealed_length = sealed;
    record->nodes = bytes + 1 + sealed;
    record->node_count = (length - 1 - sealed) / BC_ID_BYTES;
    return true;
}

bool bc__header_record_read(bc__header_record *record, const uint8_t *key, size_t key_length,
                            const uint8_t *value, size_t value_length)
{
    if (key_length != HEADER_KEY_BYTES || value_length < BC__HEADER_RECORD_BYTES ||
        value[8] > (HAS_TIME | HAS_PARENT)) {
        return false;
    }
    record->height = bc__get_be64(key + 1);
    memcpy(record->id, key + 9, BC_ID_BYTES);
    record->sequence = bc__get_le(value, 8);
    record->has_time = (value[8] & HAS_TIME) != 0;
    record->has_parent = (value[8] & HAS_PARENT) != 0;
    record->time = (int64_t)bc__get_le(value + 9, 8);
    memcpy(record->parent, value + 17, BC_ID_BYTES);
    memcpy(record->work, value + 17 + BC_ID_BYTES, BC_WORK_BYTES);
    return read_sealed(record, value + BC__HEADER_RECORD_BYTES,
                       value_length - BC__HEADER_RECORD_BYTES);
}

void bc__tip_record_write(uint8_t out[BC__TIP_RECORD_BYTES], uint64_t height,
                          const uint8_t id[BC_ID_BYTES])
{
    bc__put_le(out, height, 8);
    memcpy(out + 8, id, BC_ID_BYTES);
}

bool bc__tip_record_read(uint64_t *height, uint8_t id[BC_ID_BYTES], const uint8_t *value,
                         size_t value_length)
{
    if (value_length != BC__TIP_RECORD_BYTES) {
        return false;
    }
    *height = bc__get_le(value, 8);
    memcpy(id, value + 8, BC_ID_BYTES);
    return true;
}

void bc__tx_record_write(uint8_t out[BC__TX_RECORD_BYTES], const uint8_t block_id[BC_ID_BYTES],
                         uint32_t position)
{
    memcpy(out, block_id, BC_ID_BYTES);
    bc__put_le(out + BC_ID_BYTES, position, 4);
}

bool bc__tx_record_read(uint8_t block_id[BC_ID_BYTES], uint32_t *position, const uint8_t *value,
                        size_t value_length)
{
    if (value_length != BC__TX_RECORD_BYTES) {
        return false;
    }
    memcpy(block_id, value, BC_ID_BYTES);
    *position = (uint32_t)bc__get_le(value + BC_ID_BYTES, 4);
    return true;
}

void bc__range_record_write(uint8_t out[BC__RANGE_RECORD_BYTES], const bc__range *range)
{
    bc__put_le(out, range->first, 8);
    bc__put_le(out + 8, range->count, 8);
}

bool bc__range_record_read(bc__range *range, const uint8_t *value, size_t value_length)
{
    if (value_length != BC__RANGE_RECORD_BYTES) {
        return false;
    }
    range->first = bc__get_le(value, 8);
    range->count = bc__get_le(value + 8, 8);
    return true;
}

bool bc__range_holds(const bc__range *range, uint64_t sequence)
{
    return sequence >= range->first && sequence - range->first < range->count;
}

void bc__meta_record_write(uint8_t out[BC__META_RECORD_BYTES], uint32_t version,
                           const uint8_t network_id[BC_ID_BYTES])
{
    bc__put_le(out, version, 4);
    memcpy(out + 4, network_id, BC_ID_BYTES);
}

bool bc__meta_record_read(uint32_t *version, uint8_t network_id[BC_ID_BYTES], const uint8_t *value,
                          size_t value_length)
{
    if (value_length < BC__META_RECORD_BYTES) {
        return false;
    }
    *version = (uint32_t)bc__get_le(value, 4);
    memcpy(network_id, value + 4, BC_ID_BYTES);
    return true;
}
