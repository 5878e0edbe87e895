/* Structs that grow: what becomes of a struct_size that is too small, too large, or of another version. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <bc/bc.h>

#include "test/support/counting_heap.h"

#define COUNT_OF(array) (sizeof(array) / sizeof(array)[0])

enum { TAIL = 16 };

static const char network[] =
    "{\"rules\":\"tutorial\",\"version\":1,\"name\":\"test\",\"dialect\":1,\"zeros\":0}";
static const uint8_t chain_text[] = "[{\"proof\":1,\"transactions\":[1,2]}]";

/* What the host hands in: a struct of this library, and bytes that a later one has behind it. The
 * largest first member keeps the alignment of them all. */
typedef union given {
    uint32_t struct_size;
    bc_allocator allocator;
    bc_clock clock;
    bc_log log;
    bc_store store;
    bc_transport transport;
    bc_options options;
    bc_mine_options mine_options;
    bc_info info;
    bc_verification verification;
    bc_inclusion inclusion;
    uint8_t bytes[sizeof(bc_options) + TAIL];
} given;

typedef struct world {
    bc_params *params;
    bc_chain *chain;
    counting_heap counter;
    int closed; /* stores and transports */
    bc_store store;
} world;

/* ---- one caller for each struct: what the library says to it ---- */

static bc_status give_allocator(world *w, given *with, bc_error *error)
{
    (void)w;
    bc_params *params;
    bc_status status = bc_params_preset(&params, "tutorial", &with->allocator, error);
    assert_true((status == BC_OK) == (params != NULL));
    bc_params_unref(params);
    return status;
}

static bc_status open_with(world *w, const bc_options *options, bc_error *error)
{
    bc_chain *chain;
    bc_status status = bc_chain_open(&chain, w->params, options, error);
    assert_true((status == BC_OK) == (chain != NULL));
    assert_int_equal(bc_chain_close(chain, NULL), BC_OK);
    return status;
}

static bc_status give_clock(world *w, given *with, bc_error *error)
{
    bc_options options = BC_OPTIONS_INIT;
    options.clock = &with->clock;
    return open_with(w, &options, error);
}

static bc_status give_log(world *w, given *with, bc_error *error)
{
    bc_options options = BC_OPTIONS_INIT;
    options.log = &with->log;
    return open_with(w, &options, error);
}

static bc_status give_store(world *w, given *with, bc_error *error)
{
    bc_options options = BC_OPTIONS_INIT;
    bc_store fresh = BC_STORE_INIT;
    assert_int_equal(bc_store_memory(&fresh, NULL, NULL), BC_OK);
    with->store.context = fresh.context;
    options.store = &with->store;
    w->closed = 0;
    bc_status status = open_with(w, &options, error);
    if (status != BC_OK && w->closed == 0) {
        fresh.close(fresh.context); /* a struct that could not be read could not be closed */
    }
    return status;
}

static bc_status give_transport(world *w, given *with, bc_error *error)
{
    bc_options options = BC_OPTIONS_INIT;
    options.transport = &with->transport;
    return open_with(w, &options, error);
}

static bc_status give_options(world *w, given *with, bc_error *error)
{
    return open_with(w, &with->options, error);
}

static bc_status give_mine_options(world *w, given *with, bc_error *error)
{
    bc_work *work;
    bc_block *block;
    bc_status status = bc_chain_work(w->chain, &work, &with->mine_options, error);
    bc_work_unref(work);
    assert_int_equal(bc_chain_mine(w->chain, &block, &with->mine_options, error), status);
    assert_true((status == BC_OK) == (block != NULL));
    bc_block_unref(block);
    return status;
}

static bc_status give_info(world *w, given *with, bc_error *error)
{
    bc_status status = bc_chain_info(w->chain, &with->info);
    if (status != BC_OK) {
        error->code = status; /* it takes no error */
        error->message[0] = '-';
    }
    return status;
}

static bc_status give_verification(world *w, given *with, bc_error *error)
{
    return bc_verify_chain(w->params, &with->verification, chain_text, sizeof chain_text - 1, NULL,
                           NULL, error);
}

/* What is verified is no proof, and the answer says so. */
static bc_status give_inclusion(world *w, given *with, bc_error *error)
{
    (void)w;
    uint32_t verdict;
    static const uint8_t trusted_id[BC_ID_BYTES];
    bc_status status = bc_inclusion_verify(NULL, &verdict, &with->inclusion, chain_text,
                                           sizeof chain_text - 1, trusted_id, error);
    assert_int_equal(verdict, status == BC_OK ? BC_VERDICT_INVALID : BC_VERDICT_NONE);
    if (status == BC_OK) {
        assert_int_not_equal(error->message[0], '\0');
        error->message[0] = '\0';
    }
    return status;
}

/* ---- good ones of each ---- */

static int64_t no_time(void *context)
{
    (void)context;
    return 0;
}

static void write_nothing(void *context, uint32_t level, const char *line)
{
    (void)context;
    (void)level;
    (void)line;
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
    return BC_OK;
}

static world *closing;
static void (*close_memory)(void *context);

static void count_close(void *context)
{
    closing->closed++;
    close_memory(context);
}

static void fill_allocator(world *w, given *with)
{
    with->allocator = counting_heap_public(&w->counter);
}

static void fill_clock(world *w, given *with)
{
    (void)w;
    bc_clock_init(&with->clock);
    with->clock.wall = no_time;
    with->clock.monotonic = no_time;
}

static void fill_log(world *w, given *with)
{
    (void)w;
    bc_log_init(&with->log);
    with->log.write = write_nothing;
}

static void fill_store(world *w, given *with)
{
    with->store = w->store;
    with->store.close = count_close;
}

static void fill_transport(world *w, given *with)
{
    (void)w;
    bc_transport_init(&with->transport);
    with->transport.request = request;
}

static void fill_options(world *w, given *with)
{
    (void)w;
    bc_options_init(&with->options);
}

static void fill_mine_options(world *w, given *with)
{
    (void)w;
    bc_mine_options_init(&with->mine_options);
}

static void fill_info(world *w, given *with)
{
    (void)w;
    bc_info_init(&with->info);
}

static void fill_inclusion(world *w, given *with)
{
    (void)w;
    bc_inclusion_init(&with->inclusion);
}

static void fill_verification(world *w, given *with)
{
    (void)w;
    bc_verification_init(&with->verification);
}

typedef struct subject {
    const char *name;
    uint32_t size;
    bool output;  /* the library fills it */
    bool minimal; /* 8 bytes of it are enough, the rest has defaults */
    void (*fill)(world *w, given *with);
    bc_status (*give)(world *w, given *with, bc_error *error);
} subject;

static const subject subjects[] = {
    {"bc_allocator", sizeof(bc_allocator), false, false, fill_allocator, give_allocator},
    {"bc_clock", sizeof(bc_clock), false, true, fill_clock, give_clock},
    {"bc_log", sizeof(bc_log), false, false, fill_log, give_log},
    {"bc_store", sizeof(bc_store), false, false, fill_store, give_store},
    {"bc_transport", sizeof(bc_transport), false, false, fill_transport, give_transport},
    {"bc_options", sizeof(bc_options), false, true, fill_options, give_options},
    {"bc_mine_options", sizeof(bc_mine_options), false, true, fill_mine_options, give_mine_options},
    {"bc_info", sizeof(bc_info), true, true, fill_info, give_info},
    {"bc_verification", sizeof(bc_verification), true, true, fill_verification, give_verification},
    {"bc_inclusion", sizeof(bc_inclusion), true, true, fill_inclusion, give_inclusion},
};

static int set_up(void **state)
{
    static world w;
    w = (world){.counter = COUNTING_HEAP_ENDLESS};
    assert_int_equal(bc_params_parse(&w.params, network, sizeof network - 1, NULL, NULL), BC_OK);
    assert_int_equal(bc_chain_open(&w.chain, w.params, NULL, NULL), BC_OK);
    w.store = (bc_store)BC_STORE_INIT;
    assert_int_equal(bc_store_memory(&w.store, NULL, NULL), BC_OK);
    w.store.close(w.store.context); /* its functions are what is wanted */
    closing = &w;
    close_memory = w.store.close;
    *state = &w;
    return 0;
}

static int tear_down(void **state)
{
    world *w = *state;
    assert_int_equal(bc_chain_close(w->chain, NULL), BC_OK);
    bc_params_unref(w->params);
    assert_int_equal(w->counter.held, 0);
    return 0;
}

/* Gives a struct of `size` bytes with `tail` behind what this library knows, in memory of its own. */
static void give(world *w, const subject *what, uint32_t size, uint8_t tail, bc_status expected)
{
    given *with = calloc(1, sizeof *with);
    assert_non_null(with);
    what->fill(w, with);
    assert_int_equal(with->struct_size, what->size);
    memset(with->bytes + what->size, tail, TAIL);
    with->struct_size = size;
    bc_error error = {0};
    bc_status status = what->give(w, with, &error);
    if (status != expected || error.code != expected ||
        (expected != BC_OK) != (error.message[0] != '\0')) {
        fail_msg("%s of %u bytes, tail %u: %d, %d \"%s\"", what->name, size, tail, status,
                 error.code, error.message);
    }
    assert_int_equal(with->struct_size, size);
    if (what->output && expected == BC_OK) {
        /* members that this library does not know become 0; bytes that are not the struct's stay */
        for (uint32_t at = 0; at < TAIL; at++) {
            assert_int_equal(with->bytes[what->size + at], what->size + at < size ? 0 : tail);
        }
    }
    free(with);
}

static void takes_its_own_size(void **state)
{
    for (size_t at = 0; at < COUNT_OF(subjects); at++) {
        give(*state, &subjects[at], subjects[at].size, 0, BC_OK);
        give(*state, &subjects[at], subjects[at].size, 0xff, BC_OK); /* behind it: not looked at */
    }
}

static void takes_a_longer_one_whose_tail_is_zero(void **state)
{
    for (size_t at = 0; at < COUNT_OF(subjects); at++) {
        give(*state, &subjects[at], subjects[at].size + 8, 0, BC_OK);
        give(*state, &subjects[at], subjects[at].size + TAIL, 0, BC_OK);
    }
}

static void refuses_a_tail_that_it_does_not_know(void **state)
{
    for (size_t at = 0; at < COUNT_OF(subjects); at++) {
        bc_status expected = subjects[at].output ? BC_OK : BC_ERR_UNSUPPORTED;
        give(*state, &subjects[at], subjects[at].size + 8, 1, expected);
        give(*state, &subjects[at], subjects[at].size + TAIL, 0x80, expected);
    }
}

static void takes_the_shortest(void **state)
{
    for (size_t at = 0; at < COUNT_OF(subjects); at++) {
        give(*state, &subjects[at], 8, 0, subjects[at].minimal ? BC_OK : BC_ERR_ARGUMENT);
    }
}

static void refuses_a_size_that_is_none(void **state)
{
    static const uint32_t sizes[] = {0, 1, 4, 7, 65537, UINT32_MAX};
    for (size_t at = 0; at < COUNT_OF(subjects); at++) {
        for (size_t size = 0; size < COUNT_OF(sizes); size++) {
            give(*state, &subjects[at], sizes[size], 0, BC_ERR_ARGUMENT);
        }
    }
}

/* The struct that bc_store_memory fills must hold all its functions. */
static void fills_a_store_of_its_size(void **state)
{
    (void)state;
    given with = {.struct_size = 0};
    bc_error error = {0};
    assert_int_equal(bc_store_memory(&with.store, NULL, &error), BC_ERR_ARGUMENT);
    assert_int_equal(error.code, BC_ERR_ARGUMENT);
    with.struct_size = sizeof(bc_store) - 8;
    assert_int_equal(bc_store_memory(&with.store, NULL, NULL), BC_ERR_ARGUMENT);
    with.struct_size = sizeof(bc_store);
    assert_int_equal(bc_store_memory(&with.store, NULL, NULL), BC_OK);
    with.store.close(with.store.context);
}

/* The macro of each struct and its init function say the same. */
static void inits_as_its_macro(void **state)
{
    (void)state;
#define SAME(type, macro)                                                                          \
    do {                                                                                           \
        bc_##type by_macro = macro;                                                                \
        bc_##type by_function;                                                                     \
        memset(&by_function, 0x5a, sizeof by_function);                                            \
        bc_##type##_init(&by_function);                                                            \
        assert_memory_equal(&by_function, &by_macro, sizeof by_macro);                             \
        assert_int_equal(by_macro.struct_size, sizeof by_macro);                                   \
    } while (0)
    SAME(allocator, BC_ALLOCATOR_INIT);
    SAME(clock, BC_CLOCK_INIT);
    SAME(log, BC_LOG_INIT);
    SAME(store, BC_STORE_INIT);
    SAME(transport, BC_TRANSPORT_INIT);
    SAME(options, BC_OPTIONS_INIT);
    SAME(info, BC_INFO_INIT);
    SAME(verification, BC_VERIFICATION_INIT);
    SAME(mine_options, BC_MINE_OPTIONS_INIT);
#undef SAME
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_its_own_size),
        cmocka_unit_test(takes_a_longer_one_whose_tail_is_zero),
        cmocka_unit_test(refuses_a_tail_that_it_does_not_know),
        cmocka_unit_test(takes_the_shortest),
        cmocka_unit_test(refuses_a_size_that_is_none),
        cmocka_unit_test(fills_a_store_of_its_size),
        cmocka_unit_test(inits_as_its_macro),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
