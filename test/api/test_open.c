/* bc_chain_open takes the store and the transport: whatever fails, each is closed once. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include <bc/bc.h>

typedef struct closing {
    int stores;
    int transports;
} closing;

static bc_status get_nothing(void *context, const uint8_t *key, size_t key_length, bc_sink *value,
                             bc_error *error)
{
    (void)context;
    (void)key;
    (void)key_length;
    (void)value;
    (void)error;
    return BC_ERR_NOT_FOUND;
}

static bc_status scan_nothing(void *context, const uint8_t *prefix, size_t prefix_length,
                              const uint8_t *after, size_t after_length, bc_visit_fn visit,
                              void *visit_context, bc_error *error)
{
    (void)context;
    (void)prefix;
    (void)prefix_length;
    (void)after;
    (void)after_length;
    (void)visit;
    (void)visit_context;
    (void)error;
    return BC_OK;
}

static bc_status refuse_commit(void *context, const bc_write *writes, size_t count, bc_error *error)
{
    (void)context;
    (void)writes;
    (void)count;
    (void)error;
    return BC_ERR_STORE;
}

static void close_store(void *context)
{
    ((closing *)context)->stores++;
}

static bc_status request(void *context, const char *peer, const char *method, const uint8_t *body,
                         size_t length, bc_reply *reply)
{
    (void)context;
    (void)peer;
    (void)method;
    (void)body;
    (void)length;
    bc_reply_unref(reply);
    return BC_ERR_NETWORK;
}

static void close_transport(void *context)
{
    ((closing *)context)->transports++;
}

/* Options of a later version, with a member behind those that we know. */
typedef struct later_options {
    bc_options known;
    uint64_t later;
} later_options;

typedef struct fixture {
    closing closed;
    bc_store store;
    bc_transport transport;
    bc_clock clock;
    later_options options;
    bc_params *params;
    bc_chain *chain;
} fixture;

static void set_up(fixture *with)
{
    memset(with, 0, sizeof *with);
    bc_store_init(&with->store);
    with->store.context = &with->closed;
    with->store.get = get_nothing;
    with->store.scan = scan_nothing;
    with->store.commit = refuse_commit;
    with->store.close = close_store;
    bc_transport_init(&with->transport);
    with->transport.context = &with->closed;
    with->transport.request = request;
    with->transport.close = close_transport;
    bc_options_init(&with->options.known);
    with->options.known.store = &with->store;
    with->options.known.transport = &with->transport;
    assert_int_equal(bc_params_preset(&with->params, "tutorial", NULL, NULL), BC_OK);
}

static void expect_failure(fixture *with, bc_chain **out, bc_params *params, bc_status expected)
{
    bc_error error = BC_ERROR_INIT;
    assert_int_equal(bc_chain_open(out, params, &with->options.known, &error), expected);
    assert_int_equal(error.code, expected);
    assert_true(error.message[0] != '\0');
    assert_null(with->chain);
    assert_int_equal(with->closed.stores, 1);
    assert_int_equal(with->closed.transports, 1);
    bc_params_unref(with->params);
}

static void without_an_output(void **state)
{
    (void)state;
    fixture with;
    set_up(&with);
    expect_failure(&with, NULL, with.params, BC_ERR_ARGUMENT);
}

static void without_params(void **state)
{
    (void)state;
    fixture with;
    set_up(&with);
    expect_failure(&with, &with.chain, NULL, BC_ERR_ARGUMENT);
}

static void with_options_from_the_future(void **state)
{
    (void)state;
    fixture with;
    set_up(&with);
    with.options.known.struct_size = sizeof with.options;
    with.options.later = 1;
    expect_failure(&with, &with.chain, with.params, BC_ERR_UNSUPPORTED);
}

static void with_an_unknown_durability(void **state)
{
    (void)state;
    fixture with;
    set_up(&with);
    with.options.known.tx_durability = 4;
    expect_failure(&with, &with.chain, with.params, BC_ERR_ARGUMENT);
}

static void with_half_a_clock(void **state)
{
    (void)state;
    fixture with;
    set_up(&with);
    bc_clock_init(&with.clock);
    with.options.known.clock = &with.clock;
    expect_failure(&with, &with.chain, with.params, BC_ERR_ARGUMENT);
}

static void with_half_a_store(void **state)
{
    (void)state;
    fixture with;
    set_up(&with);
    with.store.scan = NULL;
    expect_failure(&with, &with.chain, with.params, BC_ERR_ARGUMENT);
}

static void with_half_a_transport(void **state)
{
    (void)state;
    fixture with;
    set_up(&with);
    with.transport.request = NULL;
    expect_failure(&with, &with.chain, with.params, BC_ERR_ARGUMENT);
}

static void with_a_store_that_refuses(void **state)
{
    (void)state;
    fixture with;
    set_up(&with);
    expect_failure(&with, &with.chain, with.params, BC_ERR_STORE);
}

static void success_closes_with_the_chain(void **state)
{
    (void)state;
    fixture with;
    set_up(&with);
    with.options.known.store = NULL;
    assert_int_equal(bc_chain_open(&with.chain, with.params, &with.options.known, NULL), BC_OK);
    bc_params_unref(with.params); /* the chain has its own */
    assert_int_equal(with.closed.transports, 0);
    assert_int_equal(bc_chain_close(with.chain, NULL), BC_OK);
    assert_int_equal(with.closed.transports, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_an_output),
        cmocka_unit_test(without_params),
        cmocka_unit_test(with_options_from_the_future),
        cmocka_unit_test(with_an_unknown_durability),
        cmocka_unit_test(with_half_a_clock),
        cmocka_unit_test(with_half_a_store),
        cmocka_unit_test(with_half_a_transport),
        cmocka_unit_test(with_a_store_that_refuses),
        cmocka_unit_test(success_closes_with_the_chain),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
