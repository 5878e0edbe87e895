/* What stands in the store: keys and records (docs/formats.md). One letter says the kind; integers in
 * keys are big-endian, so that keys sort by them, and little-endian in records.
 *
 *     m                     schema version, network id, canonical parameters
 *     t                     the tip: height, id
 *     j                     staged: the range of sequence numbers that a replacement is writing ahead
 *     h height id           header: sequence, flags, time, parent, work; under rules with headers
 *                           also the sealed header behind its length, and the interior nodes of the
 *                           history tree that it completes, by level from 1
 *     b id                  body: the block's encoding
 *     p sequence            a waiting transaction: flags, encoding
 *     n sequence            a peer's name
 *     v name                a value of the host's own
 *     a key                 an account: balance, nonce
 *     k                     the block whose state the accounts are: height, id
 *     d id                  what a block changed of the accounts: before and after
 *     x id sequence         a transaction's place: block id, position; the block's sequence number
 *     q height index        an equivocation: both sealed headers
 *
 * Sequence numbers count everything that arrives in one order and are never used twice. */
#ifndef BC_STORE_SCHEMA_H
#define BC_STORE_SCHEMA_H

#include <stdbool.h>

#include <bc/bc.h>

enum {
    BC__SCHEMA_VERSION = 1,
    BC__KEY_META = 'm',
    BC__KEY_TIP = 't',
    BC__KEY_STAGED = 'j',
    BC__KEY_HEADER = 'h',
    BC__KEY_BODY = 'b',
    BC__KEY_WAITING = 'p',
    BC__KEY_PEER = 'n',
    BC__KEY_VALUE = 'v',
    BC__KEY_ACCOUNT = 'a',
    BC__KEY_ACCOUNTS_AT = 'k',
    BC__KEY_DELTA = 'd',
    BC__KEY_TX = 'x',
    BC__KEY_EQUIVOCATION = 'q',
};

typedef struct bc__key {
    uint8_t bytes[BC_KEY_BYTES_MAX];
    size_t length;
} bc__key;

bc__key bc__key_of(uint8_t kind);
bc__key bc__key_of_id(uint8_t kind, const uint8_t id[BC_ID_BYTES]);
bc__key bc__key_of_number(uint8_t kind, uint64_t number);
bc__key bc__key_of_name(uint8_t kind, const char *name); /* at most BC_NAME_BYTES_MAX bytes */
bc__key bc__key_of_header(uint64_t height, const uint8_t id[BC_ID_BYTES]);
/* Where the transaction stands in the block of that sequence number. */
bc__key bc__key_of_tx(const uint8_t id[BC_ID_BYTES], uint64_t sequence);
bc__key bc__key_of_equivocation(uint64_t height, uint64_t signer);

/* The number behind a key of bc__key_of_number; false for a key of another shape. */
bool bc__key_number(uint64_t *number, const uint8_t *key, size_t key_length);

typedef struct bc__header_record {
    uint64_t height;         /* from the key */
    uint8_t id[BC_ID_BYTES]; /* from the key */
    uint64_t sequence;
    int64_t time; /* microseconds; 0 where has_time is false */
    bool has_time;
    bool has_parent;
    uint8_t parent[BC_ID_BYTES]; /* zero where has_parent is false */
    uint8_t work[BC_WORK_BYTES]; /* of this block alone, big-endian */
    const uint8_t *sealed;       /* a view; NULL under rules without headers */
    size_t sealed_length;        /* at most 255 */
    const uint8_t *nodes;        /* a view: node_count times BC_ID_BYTES */
    size_t node_count;           /* at most BC__HISTORY_NODES_MAX */
} bc__header_record;

enum {
    BC__HISTORY_NODES_MAX = 63,
    /* Without a sealed header the record is of this length. */
    BC__HEADER_RECORD_BYTES = 8 + 1 + 8 + BC_ID_BYTES + BC_WORK_BYTES,
    BC__HEADER_RECORD_BYTES_MAX =
        BC__HEADER_RECORD_BYTES + 1 + 255 + BC__HISTORY_NODES_MAX * BC_ID_BYTES
};

/* Returns the length. */
size_t bc__header_record_write(uint8_t out[BC__HEADER_RECORD_BYTES_MAX],
                               const bc__header_record *record);
bool bc__header_record_read(bc__header_record *record, const uint8_t *key, size_t key_length,
                            const uint8_t *value, size_t value_length);

enum { BC__TIP_RECORD_BYTES = 8 + BC_ID_BYTES };

void bc__tip_record_write(uint8_t out[BC__TIP_RECORD_BYTES], uint64_t height,
                          const uint8_t id[BC_ID_BYTES]);
bool bc__tip_record_read(uint64_t *height, uint8_t id[BC_ID_BYTES], const uint8_t *value,
                         size_t value_length);

/* A transaction's place: the block, and the position in it. */
enum { BC__TX_RECORD_BYTES = BC_ID_BYTES + 4 };

void bc__tx_record_write(uint8_t out[BC__TX_RECORD_BYTES], const uint8_t block_id[BC_ID_BYTES],
                         uint32_t position);
bool bc__tx_record_read(uint8_t block_id[BC_ID_BYTES], uint32_t *position, const uint8_t *value,
                        size_t value_length);

/* A range of sequence numbers. */
typedef struct bc__range {
    uint64_t first;
    uint64_t count;
} bc__range;

enum { BC__RANGE_RECORD_BYTES = 16 };

void bc__range_record_write(uint8_t out[BC__RANGE_RECORD_BYTES], const bc__range *range);
bool bc__range_record_read(bc__range *range, const uint8_t *value, size_t value_length);
bool bc__range_holds(const bc__range *range, uint64_t sequence);

/* The meta record begins with these; the canonical parameters follow. */
enum { BC__META_RECORD_BYTES = 4 + BC_ID_BYTES };

void bc__meta_record_write(uint8_t out[BC__META_RECORD_BYTES], uint32_t version,
                           const uint8_t network_id[BC_ID_BYTES]);
bool bc__meta_record_read(uint32_t *version, uint8_t network_id[BC_ID_BYTES], const uint8_t *value,
                          size_t value_length);

#endif
