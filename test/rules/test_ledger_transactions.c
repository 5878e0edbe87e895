/* Transactions of the ledger's rules: their bytes, ids and fields, what is refused as no transaction at
 * all, and what is refused to be signed. */
#include "test/rules/ledger_fixture.h"

#include "test/support/random.h"
#include "test/support/vector_file.h"

enum { PAYLOAD = 5, LENGTH = BC__TX_FIXED_BYTES + PAYLOAD };

static const char payload[] = "hello";

typedef struct world {
    bc_params *params;
    bc_key *key;
    bc_tx *tx; /* 165 bytes: LENGTH */
    bc_tx *reward;
} world;

static int set_up(void **state)
{
    static world w;
    w.params = ledger_params(NULL);
    w.key = ledger_key(1);
    w.tx = ledger_transfer(w.params, 1, 2, 7, 10, 3, payload);
    w.reward = ledger_reward(w.params, 9, 50, 3);
    assert_int_equal(w.tx->length, LENGTH);
    *state = &w;
    return 0;
}

static int tear_down(void **state)
{
    world *w = *state;
    bc_tx_unref(w->tx);
    bc_tx_unref(w->reward);
    bc_key_unref(w->key);
    bc_params_unref(w->params);
    return 0;
}

/* From memory of its own size, so that sanitizers see one byte too far. */
static bc_status parse(bc_tx **out, const bc_params *params, const uint8_t *bytes, size_t length,
                       bc_error *error)
{
    uint8_t *copy = malloc(length + (length == 0));
    assert_non_null(copy);
    if (length > 0) {
        memcpy(copy, bytes, length);
    }
    bc_status status = bc_tx_parse(out, params, copy, length, error);
    free(copy);
    return status;
}

/* ---- Known answers --------------------------------------------------------------------------- */

static void has_the_bytes_and_ids_of_another_implementation(void **state)
{
    world *w = *state;
    static vector_file vectors;
    size_t count;
    size_t seen = 0;
    vector_file_open(&vectors, "test/vectors/ledger_encoding.txt");
    while ((count = vector_file_next(&vectors)) != 0) {
        if (strcmp(vectors.fields[0], "tx") != 0) {
            continue;
        }
        assert_int_equal(count, 5);
        size_t length;
        size_t id_length;
        uint8_t *bytes = vector_bytes(vectors.fields[1], &length);
        uint8_t *id = vector_bytes(vectors.fields[2], &id_length);
        uint8_t *message = vector_bytes(vectors.fields[3], &id_length);
        uint8_t ours[BC__MESSAGE_BYTES];
        bc_tx *tx;
        assert_int_equal(bc_tx_parse(&tx, w->params, bytes, length, NULL), BC_OK);
        assert_memory_equal(tx->id, id, BC_ID_BYTES);
        bc__ledger_tx_message(ours, w->params->origin.network_id, bytes, length);
        assert_memory_equal(ours, message, sizeof ours);

        bc_tx_fields fields = BC_TX_FIELDS_INIT;
        assert_int_equal(bc_tx_get_fields(tx, &fields), BC_OK);
        bc_tx *again = ledger_tx(
            w->params, (bc__ledger_tx){fields.kind, (uint32_t)fields.payload_length, fields.nonce,
                                       fields.amount, fields.fee, fields.sender, fields.recipient,
                                       fields.payload, bytes + length - BC__SIGNATURE_BYTES});
        assert_int_equal(again->length, length);
        assert_memory_equal(again->bytes, bytes, length);
        bc_tx_unref(again);
        bc_tx_unref(tx);
        free(message);
        free(id);
        free(bytes);
        seen++;
    }
    assert_int_equal(seen, 8);
}

/* The first vector is from the key 1 to that of key 2: 10 with a fee of 1. */
static void signs_as_another_implementation_does(void **state)
{
    world *w = *state;
    static vector_file vectors;
    size_t length;
    vector_file_open(&vectors, "test/vectors/ledger_encoding.txt");
    assert_int_equal(vector_file_next(&vectors), 5);
    uint8_t *bytes = vector_bytes(vectors.fields[1], &length);
    bc_tx *tx = ledger_transfer(w->params, 1, 2, 0, 10, 1, "");
    assert_int_equal(tx->length, length);
    assert_memory_equal(tx->bytes, bytes, length);
    bc_tx_unref(tx);
    free(bytes);
    assert_int_equal(fclose(vectors.file), 0);
}

/* ---- Framing --------------------------------------------------------------------------------- */

static void refuses_every_other_length(void **state)
{
    world *w = *state;
    bc_tx *tx;
    uint8_t bytes[LENGTH + 2] = {0};
    memcpy(bytes, w->tx->bytes, LENGTH);
    for (size_t length = 0; length < LENGTH; length++) {
        FAILS_WITHOUT(tx, parse(&tx, w->params, bytes, length, error), BC_ERR_FORMAT, "cut short");
    }
    FAILS_WITHOUT(tx, parse(&tx, w->params, bytes, LENGTH + 1, error), BC_ERR_FORMAT,
                  "ends at byte 165, and 1 bytes follow");
    FAILS_WITHOUT(tx, parse(&tx, w->params, bytes, LENGTH + 2, error), BC_ERR_FORMAT, "2 bytes");
    FAILS_WITHOUT(tx, bc_tx_parse(&tx, w->params, bytes, (size_t)BC__ENCODING_BYTES_MAX + 1, error),
                  BC_ERR_LIMIT, "at most 269484032 are read");
}

static void refuses_a_payload_length_that_is_not_the_payloads(void **state)
{
    world *w = *state;
    static const uint32_t lengths[] = {0,        PAYLOAD - 1, PAYLOAD + 1,     256 + PAYLOAD,
                                       1u << 31, UINT32_MAX,  UINT32_MAX - 159};
    uint8_t bytes[LENGTH];
    bc_tx *tx;
    memcpy(bytes, w->tx->bytes, LENGTH);
    for (size_t at = 0; at < COUNT_OF(lengths); at++) {
        bc__put_le(bytes + 4, lengths[at], 4);
        FAILS_WITHOUT(tx, parse(&tx, w->params, bytes, LENGTH, error), BC_ERR_FORMAT,
                      lengths[at] < PAYLOAD ? "follow it" : "cut short");
    }
}

static void refuses_what_the_encoder_does_not_write(void **state)
{
    world *w = *state;
    static const struct {
        size_t offset;
        uint8_t value;
        bool in_reward;
        const char *part;
    } cases[] = {
        {0, 0, false, "version is not 1"},    {0, 2, false, "version is not 1"},
        {0, 0x81, false, "version is not 1"}, {1, 2, false, "kind is neither"},
        {1, 255, false, "kind is neither"},   {2, 1, false, "reserved bytes"},
        {3, 0x80, false, "reserved bytes"},   {2, 1, true, "reserved bytes"},
        {24, 1, true, "reward with a fee"},   {31, 1, true, "reward with a fee"},
        {32, 1, true, "with a sender"},       {63, 0x80, true, "with a sender"},
        {96, 1, true, "with a signature"},    {159, 0x80, true, "with a signature"},
        {1, 0, false, "reward with a fee"},
    };
    for (size_t at = 0; at < COUNT_OF(cases); at++) {
        const bc_tx *good = cases[at].in_reward ? w->reward : w->tx;
        uint8_t bytes[LENGTH];
        bc_tx *tx;
        memcpy(bytes, good->bytes, good->length);
        bytes[cases[at].offset] = cases[at].value;
        FAILS_WITHOUT(tx, parse(&tx, w->params, bytes, good->length, error), BC_ERR_FORMAT,
                      cases[at].part);
    }
}

/* Any bit of what is not framing makes another transaction, with another id and other bytes. */
static void takes_every_value_of_the_other_bytes(void **state)
{
    world *w = *state;
    for (size_t bit = 64; bit < 8 * LENGTH; bit++) {
        uint8_t bytes[LENGTH];
        bc_tx *tx;
        memcpy(bytes, w->tx->bytes, LENGTH);
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_int_equal(parse(&tx, w->params, bytes, LENGTH, NULL), BC_OK);
        assert_memory_equal(tx->bytes, bytes, LENGTH);
        assert_memory_not_equal(tx->id, w->tx->id, BC_ID_BYTES);
        bc_tx_unref(tx);
    }
}

/* Whatever is taken is what the encoder writes of its fields. */
static void has_one_encoding_for_a_value(void **state)
{
    world *w = *state;
    test_random random = test_random_begin();
    size_t taken = 0;
    for (size_t round = test_random_repeats(3000); round > 0; round--) {
        uint8_t bytes[LENGTH];
        const bc_tx *good = test_random_below(&random, 2) == 0 ? w->tx : w->reward;
        bc_tx *tx;
        memcpy(bytes, good->bytes, good->length);
        for (size_t changes = 1 + test_random_below(&random, 3); changes > 0; changes--) {
            bytes[test_random_below(&random, good->length)] = (uint8_t)test_random_next(&random);
        }
        if (parse(&tx, w->params, bytes, good->length, NULL) != BC_OK) {
            assert_null(tx);
            continue;
        }
        bc_tx_fields fields = BC_TX_FIELDS_INIT;
        assert_int_equal(bc_tx_get_fields(tx, &fields), BC_OK);
        bc_tx *again = ledger_tx(
            w->params, (bc__ledger_tx){fields.kind, (uint32_t)fields.payload_length, fields.nonce,
                                       fields.amount, fields.fee, fields.sender, fields.recipient,
                                       fields.payload, bytes + good->length - 64});
        assert_int_equal(again->length, good->length);
        assert_memory_equal(again->bytes, bytes, good->length);
        bc_tx_unref(again);
        bc_tx_unref(tx);
        taken++;
    }
    assert_true(taken > 0);
}

/* ---- Fields ---------------------------------------------------------------------------------- */

static void shows_its_fields(void **state)
{
    world *w = *state;
    uint8_t sender[32];
    uint8_t recipient[32];
    bc_tx_fields fields = BC_TX_FIELDS_INIT;
    ledger_account(sender, 1);
    ledger_account(recipient, 2);
    assert_int_equal(bc_tx_get_fields(w->tx, &fields), BC_OK);
    assert_int_equal(fields.struct_size, sizeof fields);
    assert_int_equal(fields.kind, BC_TX_SIGNED);
    assert_int_equal(fields.nonce, 7);
    assert_int_equal(fields.amount, 10);
    assert_int_equal(fields.fee, 3);
    assert_memory_equal(fields.sender, sender, 32);
    assert_memory_equal(fields.recipient, recipient, 32);
    assert_int_equal(fields.payload_length, PAYLOAD);
    assert_memory_equal(fields.payload, payload, PAYLOAD);
    assert_in_range((uintptr_t)fields.payload, (uintptr_t)w->tx->bytes,
                    (uintptr_t)w->tx->bytes + LENGTH);

    memset(sender, 0, sizeof sender);
    ledger_account(recipient, 3);
    assert_int_equal(bc_tx_get_fields(w->reward, &fields), BC_OK);
    assert_int_equal(fields.kind, BC_TX_REWARD);
    assert_int_equal(fields.nonce, 9);
    assert_int_equal(fields.amount, 50);
    assert_int_equal(fields.fee, 0);
    assert_memory_equal(fields.sender, sender, 32);
    assert_memory_equal(fields.recipient, recipient, 32);
    assert_int_equal(fields.payload_length, 0);
}

static void fills_structs_of_other_sizes(void **state)
{
    world *w = *state;
    union {
        bc_tx_fields fields;
        uint8_t bytes[sizeof(bc_tx_fields) + 8];
    } given;
    memset(&given, 0xaa, sizeof given);
    given.fields.struct_size = offsetof(bc_tx_fields, fee);
    assert_int_equal(bc_tx_get_fields(w->tx, &given.fields), BC_OK);
    assert_int_equal(given.fields.amount, 10);
    assert_int_equal(given.fields.fee, UINT64_C(0xaaaaaaaaaaaaaaaa));
    given.fields.struct_size = sizeof given;
    assert_int_equal(bc_tx_get_fields(w->tx, &given.fields), BC_OK);
    assert_int_equal(given.fields.fee, 3);
    assert_int_equal(given.bytes[sizeof(bc_tx_fields)], 0);
    given.fields.struct_size = 3;
    assert_int_equal(bc_tx_get_fields(w->tx, &given.fields), BC_ERR_ARGUMENT);
    assert_int_equal(bc_tx_get_fields(NULL, &given.fields), BC_ERR_ARGUMENT);
    assert_int_equal(bc_tx_get_fields(w->tx, NULL), BC_ERR_ARGUMENT);
}

/* ---- Signing --------------------------------------------------------------------------------- */

static bc_transfer plain(const uint8_t *recipient)
{
    bc_transfer transfer = BC_TRANSFER_INIT;
    transfer.recipient = recipient;
    return transfer;
}

static void signs_what_verifies(void **state)
{
    world *w = *state;
    uint8_t message[BC__MESSAGE_BYTES];
    const uint8_t *signature = w->tx->bytes + LENGTH - BC__SIGNATURE_BYTES;
    bc__ledger_tx_message(message, w->params->origin.network_id, w->tx->bytes, LENGTH);
    assert_true(bc__signature_verify(w->tx->bytes + 32, false, message, signature));
    message[0] ^= 1;
    assert_false(bc__signature_verify(w->tx->bytes + 32, false, message, signature));
}

/* NULL, and 32 zeros, are nobody. */
static void signs_a_record_for_nobody(void **state)
{
    world *w = *state;
    static const uint8_t zeros[32];
    bc_tx *one;
    bc_tx *other;
    bc_transfer transfer = plain(NULL);
    assert_int_equal(bc_tx_sign(&one, w->params, &transfer, w->key, NULL), BC_OK);
    transfer.recipient = zeros;
    assert_int_equal(bc_tx_sign(&other, w->params, &transfer, w->key, NULL), BC_OK);
    assert_memory_equal(one->id, other->id, BC_ID_BYTES);
    assert_memory_equal(one->bytes + 64, zeros, 32);
    bc_tx_unref(one);
    bc_tx_unref(other);
    transfer.amount = 1;
    FAILS_WITHOUT(one, bc_tx_sign(&one, w->params, &transfer, w->key, error), BC_ERR_FORMAT,
                  "the amount is 1 without a recipient");
    transfer.recipient = NULL;
    FAILS_WITHOUT(one, bc_tx_sign(&one, w->params, &transfer, w->key, error), BC_ERR_FORMAT,
                  "the amount is 1 without a recipient");
}

static void does_not_sign_past_64_bits(void **state)
{
    world *w = *state;
    static const uint8_t anyone[32] = {1};
    bc_tx *tx;
    bc_transfer transfer = plain(anyone);
    transfer.amount = UINT64_MAX - 5;
    transfer.fee = 5;
    assert_int_equal(bc_tx_sign(&tx, w->params, &transfer, w->key, NULL), BC_OK);
    bc_tx_unref(tx);
    transfer.fee = 6;
    FAILS_WITHOUT(tx, bc_tx_sign(&tx, w->params, &transfer, w->key, error), BC_ERR_FORMAT,
                  "together pass 2^64 - 1");
    transfer = plain(anyone);
    transfer.nonce = UINT64_MAX - 1;
    assert_int_equal(bc_tx_sign(&tx, w->params, &transfer, w->key, NULL), BC_OK);
    bc_tx_unref(tx);
    transfer.nonce = UINT64_MAX;
    FAILS_WITHOUT(tx, bc_tx_sign(&tx, w->params, &transfer, w->key, error), BC_ERR_FORMAT,
                  "the nonce is 2^64 - 1");
}

/* 160 bytes and 5 of payload at 3 a byte: 495. */
static void does_not_sign_below_the_networks_fee(void **state)
{
    world *w = *state;
    bc_tx *tx;
    bc_transfer transfer = plain(NULL);
    transfer.payload = (const uint8_t *)payload;
    transfer.payload_length = PAYLOAD;
    w->params->of.ledger->minimum_fee = 3;
    transfer.fee = 494;
    FAILS_WITHOUT(tx, bc_tx_sign(&tx, w->params, &transfer, w->key, error), BC_ERR_FORMAT,
                  "the fee is 494; this network asks for at least 495");
    transfer.fee = 495;
    assert_int_equal(bc_tx_sign(&tx, w->params, &transfer, w->key, NULL), BC_OK);
    bc_tx_unref(tx);
    w->params->of.ledger->minimum_fee = (uint64_t)1 << 32;
    FAILS_WITHOUT(tx, bc_tx_sign(&tx, w->params, &transfer, w->key, error), BC_ERR_FORMAT,
                  "at least 708669603840");
    w->params->of.ledger->minimum_fee = 0;
}

static void does_not_sign_more_than_the_network_takes(void **state)
{
    world *w = *state;
    static const uint8_t bytes[1024];
    bc_tx *tx;
    bc_transfer transfer = plain(NULL);
    transfer.payload = bytes;
    transfer.payload_length = 100;
    w->params->of.ledger->payload_bytes = 100;
    assert_int_equal(bc_tx_sign(&tx, w->params, &transfer, w->key, NULL), BC_OK);
    bc_tx_unref(tx);
    transfer.payload_length = 101;
    FAILS_WITHOUT(tx, bc_tx_sign(&tx, w->params, &transfer, w->key, error), BC_ERR_LIMIT,
                  "the payload has 101 bytes; this network takes at most 100");
    transfer.payload_length = SIZE_MAX;
    FAILS_WITHOUT(tx, bc_tx_sign(&tx, w->params, &transfer, w->key, error), BC_ERR_LIMIT,
                  "the payload has");

    /* header, seal length, count and reward are 261 bytes; an authority's seal is 64 more */
    w->params->of.ledger->payload_bytes = 1024;
    w->params->of.ledger->block_bytes = 1024;
    transfer.payload_length = 1024 - 261 - 160;
    assert_int_equal(bc_tx_sign(&tx, w->params, &transfer, w->key, NULL), BC_OK);
    bc_tx_unref(tx);
    transfer.payload_length++;
    FAILS_WITHOUT(tx, bc_tx_sign(&tx, w->params, &transfer, w->key, error), BC_ERR_LIMIT,
                  "at least 1025 bytes; this network takes at most 1024");
    w->params->of.ledger->by_authority = true;
    transfer.payload_length -= 65;
    assert_int_equal(bc_tx_sign(&tx, w->params, &transfer, w->key, NULL), BC_OK);
    bc_tx_unref(tx);
    transfer.payload_length++;
    FAILS_WITHOUT(tx, bc_tx_sign(&tx, w->params, &transfer, w->key, error), BC_ERR_LIMIT,
                  "at least 1025 bytes");
    w->params->of.ledger->by_authority = false;
    w->params->of.ledger->payload_bytes = 64 << 10;
    w->params->of.ledger->block_bytes = 1 << 20;
}

static bc_status refuse_to_sign(void *context, uint8_t signature[64], const uint8_t message[32],
                                bc_error *error)
{
    (void)context;
    (void)signature;
    (void)message;
    (void)snprintf(error->message, sizeof error->message, "no card in the reader");
    return BC_ERR_HOST - 5;
}

static void passes_on_what_the_signer_says(void **state)
{
    world *w = *state;
    uint8_t account[32];
    bc_key *module;
    bc_tx *tx;
    bc_transfer transfer = plain(NULL);
    ledger_account(account, 1);
    assert_int_equal(bc_key_from_signer(&module, account, refuse_to_sign, NULL, NULL, NULL), BC_OK);
    FAILS_WITHOUT(tx, bc_tx_sign(&tx, w->params, &transfer, module, error), BC_ERR_HOST - 5,
                  "no card in the reader");
    bc_key_unref(module);
}

static void refuses_calls_that_break_the_contract(void **state)
{
    world *w = *state;
    bc_tx *tx;
    bc_transfer transfer = plain(NULL);
    FAILS(bc_tx_sign(NULL, w->params, &transfer, w->key, error), BC_ERR_ARGUMENT, "out");
    FAILS_WITHOUT(tx, bc_tx_sign(&tx, NULL, &transfer, w->key, error), BC_ERR_ARGUMENT, "params");
    FAILS_WITHOUT(tx, bc_tx_sign(&tx, w->params, NULL, w->key, error), BC_ERR_ARGUMENT, "transfer");
    FAILS_WITHOUT(tx, bc_tx_sign(&tx, w->params, &transfer, NULL, error), BC_ERR_ARGUMENT,
                  "signer");
    transfer.payload_length = 1;
    FAILS_WITHOUT(tx, bc_tx_sign(&tx, w->params, &transfer, w->key, error), BC_ERR_ARGUMENT,
                  "the payload is NULL, and its length 1");
    transfer.struct_size = 0;
    FAILS_WITHOUT(tx, bc_tx_sign(&tx, w->params, &transfer, w->key, error), BC_ERR_ARGUMENT,
                  "bc_transfer");
}

/* An older program's struct ends before the payload. */
static void reads_a_shorter_struct(void **state)
{
    world *w = *state;
    bc_tx *tx;
    bc_transfer transfer = plain(NULL);
    transfer.payload = (const uint8_t *)payload;
    transfer.payload_length = PAYLOAD;
    transfer.struct_size = offsetof(bc_transfer, payload);
    assert_int_equal(bc_tx_sign(&tx, w->params, &transfer, w->key, NULL), BC_OK);
    assert_int_equal(tx->length, BC__TX_FIXED_BYTES);
    bc_tx_unref(tx);
}

static void is_unsupported_without_signatures(void **state)
{
    world *w = *state;
    bc_params *params;
    bc_tx *tx;
    bc_transfer transfer = plain(NULL);
    bc_tx_fields fields = BC_TX_FIELDS_INIT;
    assert_int_equal(bc_params_preset(&params, "tutorial", NULL, NULL), BC_OK);
    FAILS_WITHOUT(tx, bc_tx_sign(&tx, params, &transfer, w->key, error), BC_ERR_UNSUPPORTED,
                  "know no signatures");
    assert_int_equal(bc_tx_parse(&tx, params, (const uint8_t *)"1", 1, NULL), BC_OK);
    assert_int_equal(bc_tx_get_fields(tx, &fields), BC_ERR_UNSUPPORTED);
    bc_tx_unref(tx);
    bc_params_unref(params);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(has_the_bytes_and_ids_of_another_implementation),
        cmocka_unit_test(signs_as_another_implementation_does),
        cmocka_unit_test(refuses_every_other_length),
        cmocka_unit_test(refuses_a_payload_length_that_is_not_the_payloads),
        cmocka_unit_test(refuses_what_the_encoder_does_not_write),
        cmocka_unit_test(takes_every_value_of_the_other_bytes),
        cmocka_unit_test(has_one_encoding_for_a_value),
        cmocka_unit_test(shows_its_fields),
        cmocka_unit_test(fills_structs_of_other_sizes),
        cmocka_unit_test(signs_what_verifies),
        cmocka_unit_test(signs_a_record_for_nobody),
        cmocka_unit_test(does_not_sign_past_64_bits),
        cmocka_unit_test(does_not_sign_below_the_networks_fee),
        cmocka_unit_test(does_not_sign_more_than_the_network_takes),
        cmocka_unit_test(passes_on_what_the_signer_says),
        cmocka_unit_test(refuses_calls_that_break_the_contract),
        cmocka_unit_test(reads_a_shorter_struct),
        cmocka_unit_test(is_unsupported_without_signatures),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
