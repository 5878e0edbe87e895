#include "test/support/engine_fixture.h"

bc_params *fixture_params(unsigned zeros, const bc_allocator *allocator)
{
    char json[128];
    bc_params *params;
    int length = snprintf(json, sizeof json,
                          "{\"rules\":\"tutorial\",\"version\":1,\"name\":\"t\",\"dialect\":1,"
                          "\"zeros\":%u}",
                          zeros);
    assert_int_equal(bc_params_parse(&params, json, (size_t)length, allocator, NULL), BC_OK);
    return params;
}

/* What `error` holds before each call, and after each that succeeds. */
static bc_error untouched(void)
{
    bc_error error;
    memset(&error, 0x5a, sizeof error);
    return error;
}

static void assert_untouched(const bc_error *error)
{
    bc_error expected = untouched();
    if (memcmp(error, &expected, sizeof expected) != 0) {
        fail_msg("a call that succeeded filled its error: %d, %s", error->code, error->message);
    }
}

bc_chain *fixture_open(bc_params *params, const bc_store *store, const bc_options *options)
{
    bc_options given = BC_OPTIONS_INIT;
    bc_error error = untouched();
    bc_chain *chain;
    if (options != NULL) {
        given = *options;
    }
    given.store = store;
    bc_status status = bc_chain_open(&chain, params, &given, &error);
    if (status != BC_OK) {
        fail_msg("open gave %s: %s", bc_status_name(status), error.message);
    }
    assert_untouched(&error);
    return chain;
}

void fixture_close(bc_chain *chain)
{
    bc_error error = untouched();
    assert_int_equal(bc_chain_close(chain, &error), BC_OK);
    assert_untouched(&error);
}

bc_block *fixture_block(bc_params *params, const bc_block *parent, uint64_t proof,
                        const char *transactions, unsigned salt)
{
    size_t size = strlen(transactions) + 512;
    char *json = malloc(size);
    char previous[2 * BC_ID_BYTES + 3] = "1";
    uint64_t index = 1;
    assert_non_null(json);
    if (parent != NULL) {
        uint8_t id[BC_ID_BYTES];
        bc_block_id(parent, id);
        previous[0] = '"';
        for (size_t at = 0; at < BC_ID_BYTES; at++) {
            snprintf(previous + 1 + 2 * at, 3, "%02x", id[at]);
        }
        memcpy(previous + 1 + 2 * BC_ID_BYTES, "\"", 2);
        index = bc_block_height(parent) + 2;
    }
    int length = snprintf(json, size,
                          "{\"index\": %llu, \"timestamp\": %u.5, \"transactions\": [%s], "
                          "\"proof\": %llu, \"previous_hash\": %s}",
                          (unsigned long long)index, salt, transactions, (unsigned long long)proof,
                          previous);
    bc_block *block;
    assert_int_equal(bc_block_parse(&block, params, (const uint8_t *)json, (size_t)length, NULL),
                     BC_OK);
    free(json);
    return block;
}

void fixture_branch(bc_params *params, bc_block **out, size_t count, const bc_block *parent,
                    unsigned salt)
{
    for (size_t at = 0; at < count; at++) {
        out[at] = fixture_block(params, at == 0 ? parent : out[at - 1], 1, "", salt);
    }
}

void fixture_unref_all(bc_block **blocks, size_t count)
{
    for (size_t at = 0; at < count; at++) {
        bc_block_unref(blocks[at]);
    }
}

bc_block *fixture_at(bc_chain *chain, uint64_t height)
{
    bc_block *block;
    bc_error error = untouched();
    assert_int_equal(bc_chain_block_at(chain, &block, height, &error), BC_OK);
    assert_untouched(&error);
    return block;
}

uint64_t fixture_height(bc_chain *chain)
{
    uint64_t height;
    assert_int_equal(bc_chain_tip(chain, &height, NULL, NULL), BC_OK);
    return height;
}

bc_block *fixture_tip(bc_chain *chain)
{
    return fixture_at(chain, fixture_height(chain));
}

bool fixture_is_tip(bc_chain *chain, const bc_block *block)
{
    uint8_t tip[BC_ID_BYTES];
    uint8_t id[BC_ID_BYTES];
    assert_int_equal(bc_chain_tip(chain, NULL, tip, NULL), BC_OK);
    bc_block_id(block, id);
    return memcmp(tip, id, sizeof id) == 0;
}

static void check_outcome(const bc_error *error, uint32_t verdict, uint32_t reason,
                          uint32_t expected_verdict, uint32_t expected_reason)
{
    assert_string_equal(bc_verdict_name(verdict), bc_verdict_name(expected_verdict));
    assert_string_equal(bc_reason_name(reason), bc_reason_name(expected_reason));
    if (verdict == BC_VERDICT_INVALID || verdict == BC_VERDICT_NOT_YET) {
        assert_int_equal(error->code, BC_OK);
        assert_true(error->message[0] != '\0');
    } else {
        assert_untouched(error);
    }
}

void fixture_submit(bc_chain *chain, bc_block *block, uint32_t verdict, uint32_t reason)
{
    bc_error error = untouched();
    uint32_t got_verdict;
    uint32_t got_reason;
    bc_status status = bc_chain_submit(chain, &got_verdict, &got_reason, block, &error);
    if (status != BC_OK) {
        fail_msg("submit gave %s: %s", bc_status_name(status), error.message);
    }
    check_outcome(&error, got_verdict, got_reason, verdict, reason);
}

char *fixture_chain_text(bc_block *const *blocks, size_t count)
{
    size_t size = 3;
    for (size_t at = 0; at < count; at++) {
        size_t length;
        (void)bc_block_bytes(blocks[at], &length);
        size += length + 1;
    }
    char *text = malloc(size);
    assert_non_null(text);
    size_t used = 0;
    text[used++] = '[';
    for (size_t at = 0; at < count; at++) {
        size_t length;
        const uint8_t *bytes = bc_block_bytes(blocks[at], &length);
        if (at > 0) {
            text[used++] = ',';
        }
        memcpy(text + used, bytes, length);
        used += length;
    }
    text[used++] = ']';
    text[used] = '\0';
    return text;
}

void fixture_submit_chain(bc_chain *chain, bc_block *const *blocks, size_t count, uint32_t verdict,
                          uint32_t reason)
{
    bc_error error = untouched();
    char *text = fixture_chain_text(blocks, count);
    uint32_t got_verdict;
    uint32_t got_reason;
    uint64_t position;
    bc_status status = bc_chain_submit_chain(chain, &got_verdict, &got_reason, &position,
                                             (const uint8_t *)text, strlen(text), &error);
    if (status != BC_OK) {
        fail_msg("submit_chain gave %s: %s", bc_status_name(status), error.message);
    }
    free(text);
    check_outcome(&error, got_verdict, got_reason, verdict, reason);
}

const char *fixture_record(unsigned amount)
{
    static char ring[8][80];
    static unsigned next;
    char *text = ring[next++ % 8];
    snprintf(text, sizeof ring[0], "{\"amount\": %u, \"recipient\": \"r\", \"sender\": \"s\"}",
             amount);
    return text;
}

bc_tx *fixture_tx(bc_params *params, unsigned amount)
{
    const char *json = fixture_record(amount);
    bc_tx *tx;
    assert_int_equal(bc_tx_from_json(&tx, params, json, strlen(json), NULL), BC_OK);
    return tx;
}

void fixture_submit_tx(bc_chain *chain, bc_params *params, unsigned amount)
{
    bc_error error = untouched();
    uint32_t verdict;
    uint32_t reason;
    bc_tx *tx = fixture_tx(params, amount);
    assert_int_equal(bc_chain_submit_tx(chain, &verdict, &reason, tx, &error), BC_OK);
    bc_tx_unref(tx);
    check_outcome(&error, verdict, reason, BC_VERDICT_ACCEPTED, BC_REASON_NONE);
}

bc_info fixture_info(bc_chain *chain)
{
    bc_info info = BC_INFO_INIT;
    assert_int_equal(bc_chain_info(chain, &info), BC_OK);
    return info;
}

enum { MEMPOOL_TEXT_BYTES = 65536 };

typedef struct mempool_text {
    char *text;
    size_t used;
    uint64_t count;
} mempool_text;

unsigned fixture_amount(const bc_tx *tx)
{
    size_t length;
    const uint8_t *bytes = bc_tx_bytes(tx, &length);
    char json[256];
    unsigned amount = 0;
    size_t shown = length < sizeof json ? length : sizeof json - 1;
    memcpy(json, bytes, shown); /* sscanf wants a terminator */
    json[shown] = '\0';
    return sscanf(json, "{\"amount\": %u,", &amount) == 1 ? amount : FIXTURE_NO_AMOUNT;
}

static bc_status write_amount(void *context, bc_tx *tx)
{
    mempool_text *to = context;
    unsigned amount = fixture_amount(tx);
    assert_int_not_equal(amount, FIXTURE_NO_AMOUNT);
    to->used += (size_t)snprintf(to->text + to->used, MEMPOOL_TEXT_BYTES - to->used, "%s%u",
                                 to->count == 0 ? "" : " ", amount);
    assert_true(to->used < MEMPOOL_TEXT_BYTES);
    to->count++;
    return BC_OK;
}

const char *fixture_mempool(bc_chain *chain)
{
    static char text[MEMPOOL_TEXT_BYTES];
    mempool_text to = {text, 0, 0};
    bc_error error = untouched();
    text[0] = '\0';
    assert_int_equal(bc_chain_mempool(chain, write_amount, &to, &error), BC_OK);
    assert_untouched(&error);
    assert_int_equal(fixture_info(chain).mempool_count, to.count);
    assert_int_equal(fixture_info(chain).mempool_bytes == 0, to.count == 0);
    return text;
}

void fixture_mine(bc_chain *chain)
{
    bc_error error = untouched();
    bc_block *block;
    bc_status status = bc_chain_mine(chain, &block, NULL, &error);
    if (status != BC_OK) {
        fail_msg("mine gave %s: %s", bc_status_name(status), error.message);
    }
    assert_untouched(&error);
    bc_block_unref(block);
}

bc_status fixture_record_event(void *context, bc_chain *chain, const bc_event *event)
{
    fixture_events *events = context;
    (void)chain;
    assert_true(events->count < FIXTURE_EVENTS_MOST);
    struct fixture_event *kept = &events->list[events->count++];
    kept->kind = event->kind;
    kept->sequence = event->sequence;
    kept->height = event->height;
    kept->returned = event->count;
    kept->dropped = event->dropped;
    memcpy(kept->id, event->id, sizeof kept->id);
    return BC_OK;
}

void assert_event(const fixture_events *events, size_t at, uint32_t kind, const bc_block *block,
                  uint64_t height)
{
    uint8_t id[BC_ID_BYTES];
    assert_true(at < events->count);
    bc_block_id(block, id);
    assert_int_equal(events->list[at].kind, kind);
    assert_int_equal(events->list[at].height, height);
    assert_memory_equal(events->list[at].id, id, sizeof id);
}
