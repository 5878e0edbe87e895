/* Memory runs out at every place of resolving headers first, and of serving: nothing is lost, whatever
 * blocks came in are whole, and the next resolve brings the rest. */
#include "test/sync/ledger_net.h"

#include "test/support/counting_heap.h"

enum { BLOCKS = 3 };

static bc_params *plain;
static bc_chain *far; /* what the peer has; its memory does not run out */

static int make_chain(void **state)
{
    (void)state;
    plain = ledger_dev(NULL);
    far = ledger_chain(plain, BLOCKS, 1);
    return 0;
}

static int free_chain(void **state)
{
    (void)state;
    assert_int_equal(bc_chain_close(far, NULL), BC_OK);
    bc_params_unref(plain);
    return 0;
}

static bc_status note_line(void *context, bc_chain *chain, const bc_event *event)
{
    (void)chain;
    assert_true(event->text[0] != '\0');
    *(bc_status *)context = event->status;
    return BC_OK;
}

static bool is_want_of_memory(bc_status status)
{
    return status == BC_ERR_MEMORY || status == BC_ERR_STORE; /* the store is in memory, too */
}

static void resolving_without_memory(void **state)
{
    (void)state;
    bool whole = false;
    for (size_t given = 0; !whole; given++) {
        counting_heap counter = COUNTING_HEAP_ENDLESS;
        bc_allocator allocator = counting_heap_public(&counter);
        bc_params *params = ledger_dev(&allocator);
        ledger_peer peers[] = {{.name = "far", .chain = far}};
        ledger_node node;
        bc_status line = BC_OK;
        uint32_t replaced;
        bc_error error = BC_ERROR_INIT;
        assert_true(given < 10000);
        ledger_open(&node, params, NULL, peers, 1);
        counter.left = given;
        bc_status status = bc_chain_resolve(node.chain, &replaced, note_line, &line, &error);
        counter.left = SIZE_MAX;
        assert_int_equal(error.code, status);
        whole = status == BC_OK && line == BC_OK;
        uint64_t height = fixture_height(node.chain);
        assert_true(replaced == (height > 0 ? 1 : 0));
        if (whole) {
            assert_int_equal(height, BLOCKS);
        } else if (!is_want_of_memory(status == BC_OK ? line : status)) {
            fail_msg("with %zu allocations: %s, %s", given, bc_status_name(status),
                     bc_status_name(line));
        }
        assert_int_equal(bc_chain_resolve(node.chain, NULL, NULL, NULL, NULL), BC_OK);
        ledger_assert_same(node.chain, far);
        ledger_close(&node);
        bc_params_unref(params);
        assert_int_equal(counter.held, 0);
    }
}

/* Asks for everything, and reads it in small pieces. */
static bc_status serve(bc_chain *chain, const char *method, const uint8_t *body, size_t length)
{
    bc_answer *answer;
    uint8_t piece[64];
    size_t got = 1;
    bc_error error = BC_ERROR_INIT;
    bc_status status = bc_chain_serve(chain, &answer, NULL, method, body, length, &error);
    assert_true((answer == NULL) == (status != BC_OK));
    while (status == BC_OK && got > 0) {
        status = bc_answer_read(answer, &got, piece, sizeof piece, &error);
    }
    assert_int_equal(error.code, status);
    bc_answer_unref(answer);
    return status;
}

static void serving_without_memory(void **state)
{
    (void)state;
    static const char *const methods[] = {"hello", "headers", "blocks"};
    uint8_t bodies[3][108] = {{1}, {0xff, 0xff, 0xff, 0xff, 1}, {0xff, 0xff, 0xff, 0xff, 1}};
    static const size_t lengths[] = {108, 40, 40};
    counting_heap counter = COUNTING_HEAP_ENDLESS;
    bc_allocator allocator = counting_heap_public(&counter);
    bc_params *params = ledger_dev(&allocator);
    bc_options options = BC_OPTIONS_INIT;
    options.cache_bytes = 1; /* every block comes from the store */
    bc_chain *chain = fixture_chain(params, &options);
    bc_params_network_id(params, bodies[1] + 8);
    ledger_mine(chain, BLOCKS, 1);
    ledger_tip(chain, bodies[2] + 8);
    for (size_t at = 0; at < 3; at++) {
        bc_status status = BC_ERR_MEMORY;
        for (size_t given = 0; status != BC_OK; given++) {
            size_t before = counter.held;
            assert_true(given < 1000);
            counter.left = given;
            status = serve(chain, methods[at], bodies[at], lengths[at]);
            counter.left = SIZE_MAX;
            assert_true(status == BC_OK || is_want_of_memory(status));
            assert_true(counter.held <= before + 2); /* a block in the cache */
        }
    }
    assert_int_equal(bc_chain_close(chain, NULL), BC_OK);
    bc_params_unref(params);
    assert_int_equal(counter.held, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(resolving_without_memory),
        cmocka_unit_test(serving_without_memory),
    };
    return cmocka_run_group_tests(tests, make_chain, free_chain);
}
