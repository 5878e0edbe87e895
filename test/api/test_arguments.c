/* Every pointer of every public function that may not be NULL, where it is NULL: BC_ERR_ARGUMENT with a
 * sentence, the output NULL, and no crash. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <bc/bc.h>

/* The call, which names `error`, is refused with an error to fill and without one. */
#define REFUSED(call)                                                                              \
    do {                                                                                           \
        bc_error filled = {0};                                                                     \
        bc_error *error = &filled;                                                                 \
        assert_int_equal(call, BC_ERR_ARGUMENT);                                                   \
        assert_int_equal(filled.code, BC_ERR_ARGUMENT);                                            \
        assert_true(filled.message[0] != '\0');                                                    \
        error = NULL;                                                                              \
        assert_int_equal(call, BC_ERR_ARGUMENT);                                                   \
    } while (0)

/* The same for a call that hands something out. */
#define REFUSED_WITH(out, call)                                                                    \
    do {                                                                                           \
        (out) = (void *)&(out); /* anything but NULL */                                            \
        REFUSED(call);                                                                             \
        assert_null(out);                                                                          \
    } while (0)

static const char network[] =
    "{\"rules\":\"tutorial\",\"version\":1,\"name\":\"test\",\"dialect\":1,\"zeros\":0}";
static const uint8_t text[] = "{\"proof\":1,\"transactions\":[1]}";
static const uint8_t id[BC_ID_BYTES];

typedef struct fixture {
    bc_params *params;
    bc_chain *chain;
    bc_block *block;
    bc_tx *tx;
    bc_work *work;
    bc_answer *answer;
    bc_status written; /* what a reply said to bytes that are NULL */
} fixture;

static bc_status request(void *context, const char *peer, const char *method, const uint8_t *body,
                         size_t length, bc_reply *reply)
{
    (void)peer;
    (void)method;
    (void)body;
    (void)length;
    fixture *f = context;
    f->written = bc_reply_write(reply, NULL, 1);
    (void)bc_reply_end(reply, BC_ERR_NETWORK, NULL);
    bc_reply_unref(reply);
    return BC_OK;
}

static int set_up(void **state)
{
    static fixture f;
    f = (fixture){.params = NULL};
    bc_transport transport = BC_TRANSPORT_INIT;
    transport.context = &f;
    transport.request = request;
    bc_options options = BC_OPTIONS_INIT;
    options.transport = &transport;
    assert_int_equal(bc_params_parse(&f.params, network, sizeof network - 1, NULL, NULL), BC_OK);
    assert_int_equal(bc_chain_open(&f.chain, f.params, &options, NULL), BC_OK);
    assert_int_equal(bc_block_parse(&f.block, f.params, text, sizeof text - 1, NULL), BC_OK);
    assert_int_equal(bc_block_tx(f.block, &f.tx, 0, NULL), BC_OK);
    assert_int_equal(bc_chain_work(f.chain, &f.work, NULL, NULL), BC_OK);
    assert_int_equal(bc_chain_serve(f.chain, &f.answer, NULL, "chain", NULL, 0, NULL), BC_OK);
    *state = &f;
    return 0;
}

static int tear_down(void **state)
{
    fixture *f = *state;
    bc_answer_unref(f->answer);
    bc_work_unref(f->work);
    bc_tx_unref(f->tx);
    bc_block_unref(f->block);
    assert_int_equal(bc_chain_close(f->chain, NULL), BC_OK);
    bc_params_unref(f->params);
    return 0;
}

static void params(void **state)
{
    fixture *f = *state;
    bc_params *out;
    REFUSED(bc_params_parse(NULL, network, sizeof network - 1, NULL, error));
    REFUSED_WITH(out, bc_params_parse(&out, NULL, 0, NULL, error));
    REFUSED_WITH(out, bc_params_parse(&out, NULL, 10, NULL, error));
    REFUSED(bc_params_preset(NULL, "tutorial", NULL, error));
    REFUSED_WITH(out, bc_params_preset(&out, NULL, NULL, error));
    REFUSED(bc_params_set_limit(NULL, BC_LIMIT_JSON_DEPTH, 10, error));
    assert_non_null(bc_params_json(f->params, NULL));
}

static void transactions(void **state)
{
    fixture *f = *state;
    bc_tx *out;
    bc_buffer *buffer;
    REFUSED(bc_tx_parse(NULL, f->params, text, sizeof text - 1, error));
    REFUSED_WITH(out, bc_tx_parse(&out, NULL, text, sizeof text - 1, error));
    REFUSED_WITH(out, bc_tx_parse(&out, f->params, NULL, 0, error));
    REFUSED_WITH(out, bc_tx_parse(&out, f->params, NULL, 10, error));
    REFUSED(bc_tx_from_json(NULL, f->params, network, sizeof network - 1, error));
    REFUSED_WITH(out, bc_tx_from_json(&out, NULL, network, sizeof network - 1, error));
    REFUSED_WITH(out, bc_tx_from_json(&out, f->params, NULL, 0, error));
    REFUSED(bc_tx_json(f->tx, NULL, error));
    REFUSED_WITH(buffer, bc_tx_json(NULL, &buffer, error));
    assert_non_null(bc_tx_bytes(f->tx, NULL));
}

static void blocks(void **state)
{
    fixture *f = *state;
    bc_block *out;
    bc_tx *tx;
    bc_buffer *buffer;
    uint8_t parent[BC_ID_BYTES];
    int64_t time;
    uint64_t nonce;
    REFUSED(bc_block_parse(NULL, f->params, text, sizeof text - 1, error));
    REFUSED_WITH(out, bc_block_parse(&out, NULL, text, sizeof text - 1, error));
    REFUSED_WITH(out, bc_block_parse(&out, f->params, NULL, 0, error));
    REFUSED_WITH(out, bc_block_parse(&out, f->params, NULL, 10, error));
    assert_int_equal(bc_block_parent(NULL, parent), BC_ERR_ARGUMENT);
    assert_int_equal(bc_block_parent(f->block, NULL), BC_ERR_ARGUMENT);
    assert_int_equal(bc_block_time(NULL, &time), BC_ERR_ARGUMENT);
    assert_int_equal(bc_block_time(f->block, NULL), BC_ERR_ARGUMENT);
    assert_int_equal(bc_block_nonce(NULL, &nonce), BC_ERR_ARGUMENT);
    assert_int_equal(bc_block_nonce(f->block, NULL), BC_ERR_ARGUMENT);
    REFUSED(bc_block_json(f->block, NULL, error));
    REFUSED_WITH(buffer, bc_block_json(NULL, &buffer, error));
    REFUSED(bc_block_tx(f->block, NULL, 0, error));
    REFUSED_WITH(tx, bc_block_tx(NULL, &tx, 0, error));
    assert_non_null(bc_block_bytes(f->block, NULL));
}

/* Functions that have no status to return give nothing of nothing. */
static void what_has_no_status(void **state)
{
    (void)state;
    uint8_t zeros[BC_ID_BYTES] = {0};
    uint8_t given[BC_ID_BYTES];
    size_t length = 77;
    assert_null(bc_params_ref(NULL));
    assert_null(bc_params_json(NULL, &length));
    assert_int_equal(length, 0);
    assert_null(bc_params_json(NULL, NULL));
    assert_null(bc_params_name(NULL));
    memset(given, 1, sizeof given);
    bc_params_network_id(NULL, given);
    assert_memory_equal(given, zeros, sizeof zeros);
    bc_params_network_id(NULL, NULL);

    assert_null(bc_tx_ref(NULL));
    length = 77;
    assert_null(bc_tx_bytes(NULL, &length));
    assert_int_equal(length, 0);
    memset(given, 1, sizeof given);
    bc_tx_id(NULL, given);
    assert_memory_equal(given, zeros, sizeof zeros);
    bc_tx_id(NULL, NULL);

    assert_null(bc_block_ref(NULL));
    length = 77;
    assert_null(bc_block_bytes(NULL, &length));
    assert_int_equal(length, 0);
    memset(given, 1, sizeof given);
    bc_block_id(NULL, given);
    assert_memory_equal(given, zeros, sizeof zeros);
    bc_block_id(NULL, NULL);
    assert_true(bc_block_height(NULL) == BC_NONE);
    assert_int_equal(bc_block_tx_count(NULL), 0);

    assert_null(bc_key_ref(NULL));
    memset(given, 1, sizeof given);
    bc_key_public(NULL, given);
    assert_memory_equal(given, zeros, sizeof zeros);
    bc_key_public(NULL, NULL);

    assert_null(bc_buffer_data(NULL));
    assert_int_equal(bc_buffer_length(NULL), 0);

    bc_allocator_init(NULL);
    bc_clock_init(NULL);
    bc_log_init(NULL);
    bc_store_init(NULL);
    bc_transport_init(NULL);
    bc_options_init(NULL);
    bc_info_init(NULL);
    bc_verification_init(NULL);
    bc_mine_options_init(NULL);
    bc_transfer_init(NULL);
    bc_tx_fields_init(NULL);
}

static void what_may_be_null(void **state)
{
    (void)state;
    bc_params_unref(NULL);
    bc_key_unref(NULL);
    bc_tx_unref(NULL);
    bc_block_unref(NULL);
    bc_buffer_unref(NULL);
    bc_reply_unref(NULL);
    bc_work_unref(NULL);
    bc_answer_unref(NULL);
    assert_int_equal(bc_chain_close(NULL, NULL), BC_OK);
    bc_chain_interrupt(NULL);
}

static void stores_and_replies(void **state)
{
    fixture *f = *state;
    REFUSED(bc_store_memory(NULL, NULL, error));
    assert_int_equal(bc_sink_put(NULL, text, 1), BC_ERR_ARGUMENT);
    assert_int_equal(bc_reply_write(NULL, text, 1), BC_ERR_ARGUMENT);
    assert_int_equal(bc_reply_end(NULL, BC_OK, NULL), BC_ERR_ARGUMENT);
    /* a reply of its own reaches the transport alone */
    assert_int_equal(bc_chain_add_peer(f->chain, "peer", NULL), BC_OK);
    assert_int_equal(bc_chain_resolve(f->chain, NULL, NULL, NULL, NULL), BC_OK);
    assert_int_equal(f->written, BC_ERR_ARGUMENT);
}

static bc_status visit_event(void *context, bc_chain *chain, const bc_event *event)
{
    (void)context;
    (void)chain;
    (void)event;
    return BC_OK;
}

static bc_status visit_tx(void *context, bc_tx *tx)
{
    (void)context;
    (void)tx;
    return BC_OK;
}

static bc_status visit_peer(void *context, const char *peer)
{
    (void)context;
    (void)peer;
    return BC_OK;
}

static void chains_that_are_read(void **state)
{
    fixture *f = *state;
    bc_chain *opened;
    bc_block *block;
    bc_info info = BC_INFO_INIT;
    uint64_t height;
    uint32_t verdict;
    REFUSED(bc_chain_open(NULL, f->params, NULL, error));
    REFUSED_WITH(opened, bc_chain_open(&opened, NULL, NULL, error));
    assert_int_equal(bc_chain_tip(NULL, &height, NULL, NULL), BC_ERR_ARGUMENT);
    assert_int_equal(bc_chain_tip(f->chain, NULL, NULL, NULL), BC_OK);
    assert_int_equal(bc_chain_info(NULL, &info), BC_ERR_ARGUMENT);
    assert_int_equal(bc_chain_info(f->chain, NULL), BC_ERR_ARGUMENT);
    REFUSED(bc_chain_block_at(f->chain, NULL, 0, error));
    REFUSED_WITH(block, bc_chain_block_at(NULL, &block, 0, error));
    REFUSED(bc_chain_block(f->chain, NULL, id, error));
    REFUSED_WITH(block, bc_chain_block(NULL, &block, id, error));
    REFUSED_WITH(block, bc_chain_block(f->chain, &block, NULL, error));
    REFUSED(bc_chain_find(NULL, &verdict, &height, id, error));
    REFUSED(bc_chain_find(f->chain, &verdict, &height, NULL, error));
    REFUSED(bc_chain_mempool(NULL, visit_tx, NULL, error));
    REFUSED(bc_chain_mempool(f->chain, NULL, NULL, error));
    REFUSED(bc_chain_changes(NULL, NULL, visit_event, NULL, error));
    REFUSED(bc_chain_changes(f->chain, NULL, NULL, NULL, error));
    REFUSED(bc_chain_verify(NULL, &height, NULL, NULL, error));
    assert_int_equal(bc_chain_verify(f->chain, NULL, NULL, NULL, NULL), BC_OK);
}

static void chains_that_are_written(void **state)
{
    fixture *f = *state;
    bc_buffer *buffer;
    uint32_t verdict = 77;
    uint32_t reason = 77;
    uint64_t position = 77;
    REFUSED(bc_chain_submit(NULL, &verdict, &reason, f->block, error));
    REFUSED(bc_chain_submit(f->chain, &verdict, &reason, NULL, error));
    assert_int_equal(verdict, BC_VERDICT_NONE);
    assert_int_equal(reason, BC_REASON_NONE);
    verdict = reason = 77;
    REFUSED(bc_chain_submit_chain(NULL, &verdict, &reason, &position, text, 1, error));
    REFUSED(bc_chain_submit_chain(f->chain, &verdict, &reason, &position, NULL, 1, error));
    REFUSED(bc_chain_submit_chain(f->chain, &verdict, &reason, &position, NULL, 0, error));
    assert_int_equal(verdict, BC_VERDICT_NONE);
    assert_int_equal(reason, BC_REASON_NONE);
    verdict = reason = 77;
    REFUSED(bc_chain_submit_tx(NULL, &verdict, &reason, f->tx, error));
    REFUSED(bc_chain_submit_tx(f->chain, &verdict, &reason, NULL, error));
    assert_int_equal(verdict, BC_VERDICT_NONE);
    assert_int_equal(reason, BC_REASON_NONE);
    REFUSED(bc_chain_set_value(NULL, "name", text, 1, error));
    REFUSED(bc_chain_set_value(f->chain, NULL, text, 1, error));
    REFUSED(bc_chain_value(f->chain, NULL, "name", error));
    REFUSED_WITH(buffer, bc_chain_value(NULL, &buffer, "name", error));
    REFUSED_WITH(buffer, bc_chain_value(f->chain, &buffer, NULL, error));
    assert_int_equal(bc_chain_submit_tx(f->chain, NULL, NULL, f->tx, NULL), BC_OK);
}

static void verification(void **state)
{
    fixture *f = *state;
    bc_verification result = BC_VERIFICATION_INIT;
    REFUSED(bc_verify_chain(NULL, &result, text, 1, NULL, NULL, error));
    REFUSED(bc_verify_chain(f->params, NULL, text, 1, NULL, NULL, error));
    REFUSED(bc_verify_chain(f->params, &result, NULL, 1, NULL, NULL, error));
    REFUSED(bc_verify_chain(f->params, &result, NULL, 0, NULL, NULL, error));
}

static void proofs(void **state)
{
    fixture *f = *state;
    bc_buffer *proof;
    uint32_t verdict = 77;
    bc_inclusion small = BC_INCLUSION_INIT;
    small.struct_size = 4;
    REFUSED(bc_chain_inclusion_of_tx(f->chain, NULL, id, error));
    REFUSED_WITH(proof, bc_chain_inclusion_of_tx(NULL, &proof, id, error));
    REFUSED_WITH(proof, bc_chain_inclusion_of_tx(f->chain, &proof, NULL, error));
    REFUSED(bc_chain_inclusion_of_record(f->chain, NULL, id, 1, error));
    REFUSED_WITH(proof, bc_chain_inclusion_of_record(NULL, &proof, id, 1, error));
    REFUSED_WITH(proof, bc_chain_inclusion_of_record(f->chain, &proof, NULL, 1, error));
    REFUSED(bc_chain_inclusion_of_block(f->chain, NULL, 0, 1, error));
    REFUSED_WITH(proof, bc_chain_inclusion_of_block(NULL, &proof, 0, 1, error));
    REFUSED(bc_chain_consistency(f->chain, NULL, 0, 1, error));
    REFUSED_WITH(proof, bc_chain_consistency(NULL, &proof, 0, 1, error));
    REFUSED(bc_inclusion_verify(NULL, NULL, NULL, text, 1, id, error));
    REFUSED(bc_inclusion_verify(NULL, &verdict, NULL, NULL, 0, id, error));
    assert_int_equal(verdict, BC_VERDICT_NONE);
    REFUSED(bc_inclusion_verify(NULL, &verdict, NULL, text, 1, NULL, error));
    REFUSED(bc_inclusion_verify(NULL, &verdict, &small, text, 1, id, error));
    verdict = 77;
    REFUSED(bc_consistency_verify(NULL, NULL, NULL, text, 1, id, id, error));
    REFUSED(bc_consistency_verify(NULL, &verdict, NULL, NULL, 0, id, id, error));
    assert_int_equal(verdict, BC_VERDICT_NONE);
    REFUSED(bc_consistency_verify(NULL, &verdict, NULL, text, 1, NULL, id, error));
    REFUSED(bc_consistency_verify(NULL, &verdict, NULL, text, 1, id, NULL, error));
    REFUSED(bc_consistency_verify(NULL, &verdict, &small, text, 1, id, id, error));
    assert_int_equal(bc_inclusion_verify(NULL, &verdict, NULL, text, 0, id, NULL), BC_OK);
    assert_int_equal(verdict, BC_VERDICT_INVALID);
}

static void mining(void **state)
{
    fixture *f = *state;
    bc_block *block;
    bc_work *work;
    uint64_t nonce;
    uint32_t found;
    REFUSED(bc_chain_mine(f->chain, NULL, NULL, error));
    REFUSED_WITH(block, bc_chain_mine(NULL, &block, NULL, error));
    REFUSED(bc_chain_work(f->chain, NULL, NULL, error));
    REFUSED_WITH(work, bc_chain_work(NULL, &work, NULL, error));
    REFUSED(bc_work_search(NULL, &nonce, &found, 0, 1, error));
    REFUSED(bc_work_search(f->work, NULL, &found, 0, 1, error));
    REFUSED(bc_work_search(f->work, &nonce, NULL, 0, 1, error));
    REFUSED(bc_work_block(f->work, NULL, 0, error));
    REFUSED_WITH(block, bc_work_block(NULL, &block, 0, error));
    assert_int_equal(bc_work_check(NULL), BC_ERR_ARGUMENT);
    REFUSED(bc_work_search(f->work, &nonce, &found, UINT64_MAX, 2, error));
    REFUSED(bc_work_search(f->work, &nonce, &found, 2, UINT64_MAX, error));
}

static void peers(void **state)
{
    fixture *f = *state;
    bc_answer *answer;
    uint8_t bytes[4];
    uint32_t replaced;
    int64_t next;
    size_t got = 77;
    REFUSED(bc_chain_add_peer(NULL, "peer", error));
    REFUSED(bc_chain_add_peer(f->chain, NULL, error));
    REFUSED(bc_chain_remove_peer(NULL, "peer", error));
    REFUSED(bc_chain_remove_peer(f->chain, NULL, error));
    REFUSED(bc_chain_peers(NULL, visit_peer, NULL, error));
    REFUSED(bc_chain_peers(f->chain, NULL, NULL, error));
    REFUSED(bc_chain_resolve(NULL, &replaced, NULL, NULL, error));
    REFUSED(bc_chain_tick(NULL, &next, error));
    assert_int_equal(bc_chain_tick(f->chain, NULL, NULL), BC_OK);
    REFUSED(bc_chain_serve(f->chain, NULL, NULL, "chain", NULL, 0, error));
    REFUSED_WITH(answer, bc_chain_serve(NULL, &answer, NULL, "chain", NULL, 0, error));
    REFUSED_WITH(answer, bc_chain_serve(f->chain, &answer, NULL, NULL, NULL, 0, error));
    REFUSED_WITH(answer, bc_chain_serve(f->chain, &answer, NULL, "chain", NULL, 1, error));
    REFUSED(bc_answer_read(NULL, &got, bytes, sizeof bytes, error));
    assert_int_equal(got, 0);
    REFUSED(bc_answer_read(f->answer, NULL, bytes, sizeof bytes, error));
    REFUSED(bc_answer_read(f->answer, &got, NULL, sizeof bytes, error));
}

/* Names that are none, and objects of another network. */
static void values_out_of_bounds(void **state)
{
    fixture *f = *state;
    static uint8_t value[BC_VALUE_BYTES_MAX + 1];
    char longest[BC_NAME_BYTES_MAX + 1];
    char longer[BC_NAME_BYTES_MAX + 2];
    char peer[BC_PEER_BYTES_MAX + 2];
    memset(longest, 'n', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    memset(longer, 'n', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    memset(peer, 'p', sizeof peer - 1);
    peer[sizeof peer - 1] = '\0';
    bc_buffer *buffer;
    REFUSED(bc_chain_set_value(f->chain, "", value, 1, error));
    REFUSED(bc_chain_set_value(f->chain, longer, value, 1, error));
    REFUSED_WITH(buffer, bc_chain_value(f->chain, &buffer, "", error));
    REFUSED_WITH(buffer, bc_chain_value(f->chain, &buffer, longer, error));
    assert_int_equal(bc_chain_set_value(f->chain, longest, value, BC_VALUE_BYTES_MAX, NULL), BC_OK);
    assert_int_equal(bc_chain_set_value(f->chain, "n", value, sizeof value, NULL), BC_ERR_LIMIT);
    REFUSED(bc_chain_add_peer(f->chain, "", error));
    REFUSED(bc_chain_add_peer(f->chain, peer, error));
    REFUSED(bc_chain_add_peer(f->chain, "a\xff", error));
    peer[BC_PEER_BYTES_MAX] = '\0';
    assert_int_equal(bc_chain_add_peer(f->chain, peer, NULL), BC_OK);

    bc_params *other;
    bc_block *block;
    bc_tx *tx;
    uint32_t verdict = 77;
    assert_int_equal(bc_params_preset(&other, "tutorial", NULL, NULL), BC_OK);
    assert_int_equal(bc_block_parse(&block, other, text, sizeof text - 1, NULL), BC_OK);
    assert_int_equal(bc_block_tx(block, &tx, 0, NULL), BC_OK);
    REFUSED(bc_chain_submit(f->chain, &verdict, NULL, block, error));
    REFUSED(bc_chain_submit_tx(f->chain, &verdict, NULL, tx, error));
    assert_int_equal(verdict, BC_VERDICT_NONE);
    bc_tx_unref(tx);
    bc_block_unref(block);
    bc_params_unref(other);
}

static void accounts_and_single_transactions(void **state)
{
    fixture *f = *state;
    bc_tx *tx;
    uint64_t number = 77;
    bc_tx_fields fields = BC_TX_FIELDS_INIT;
    REFUSED(bc_chain_account(NULL, &number, NULL, NULL, id, error));
    assert_int_equal(number, 0);
    REFUSED(bc_chain_account(f->chain, NULL, NULL, NULL, NULL, error));
    assert_int_equal(bc_chain_account(f->chain, NULL, NULL, NULL, id, NULL), BC_ERR_UNSUPPORTED);
    REFUSED(bc_chain_find_tx(f->chain, NULL, NULL, NULL, NULL, id, error));
    REFUSED_WITH(tx, bc_chain_find_tx(NULL, &tx, &number, NULL, NULL, id, error));
    assert_int_equal(number, BC_NONE);
    REFUSED_WITH(tx, bc_chain_find_tx(f->chain, &tx, NULL, NULL, NULL, NULL, error));
    assert_int_equal(bc_chain_find_tx(f->chain, &tx, NULL, NULL, NULL, id, NULL),
                     BC_ERR_UNSUPPORTED);
    REFUSED(bc_chain_drop_tx(NULL, id, error));
    REFUSED(bc_chain_drop_tx(f->chain, NULL, error));
    assert_int_equal(bc_chain_drop_tx(f->chain, id, NULL), BC_ERR_UNSUPPORTED);
    REFUSED(bc_state_account(NULL, &number, NULL, id, error));
    assert_int_equal(number, 0);
    assert_int_equal(bc_tx_get_fields(NULL, &fields), BC_ERR_ARGUMENT);
    assert_null(bc_block_header(NULL, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(params),
        cmocka_unit_test(transactions),
        cmocka_unit_test(blocks),
        cmocka_unit_test(what_has_no_status),
        cmocka_unit_test(what_may_be_null),
        cmocka_unit_test(stores_and_replies),
        cmocka_unit_test(chains_that_are_read),
        cmocka_unit_test(chains_that_are_written),
        cmocka_unit_test(verification),
        cmocka_unit_test(proofs),
        cmocka_unit_test(mining),
        cmocka_unit_test(peers),
        cmocka_unit_test(accounts_and_single_transactions),
        cmocka_unit_test(values_out_of_bounds),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
