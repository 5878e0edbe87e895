/* Registered peers: names in the order of arrival, each once, durable, bounded. */
#include "test/sync/sync_fixture.h"

#include "test/support/counting_heap.h"

typedef struct listing {
    char text[4096]; /* the names, each with a line break */
    unsigned count;
    unsigned stop_at; /* the visit that says stop; 0: none */
    bc_chain *chain;  /* tried to be closed, and changed; may be NULL */
} listing;

static bc_status list_peer(void *context, const char *peer)
{
    listing *list = context;
    size_t used = strlen(list->text);
    (void)snprintf(list->text + used, sizeof list->text - used, "%.40s\n", peer);
    list->count++;
    if (list->chain != NULL) {
        assert_int_equal(bc_chain_close(list->chain, NULL), BC_ERR_REENTRANT);
        assert_int_equal(bc_chain_remove_peer(list->chain, peer, NULL), BC_OK);
    }
    return list->count == list->stop_at ? BC_ERR_HOST - 3 : BC_OK;
}

static void assert_peers(bc_chain *chain, const char *expected)
{
    listing list = {.count = 0};
    assert_int_equal(bc_chain_peers(chain, list_peer, &list, NULL), BC_OK);
    assert_string_equal(list.text, expected);
    bc_info info = BC_INFO_INIT;
    assert_int_equal(bc_chain_info(chain, &info), BC_OK);
    assert_int_equal(info.peer_count, list.count);
}

static void they_keep_their_order(void **state)
{
    (void)state;
    bc_params *params = fixture_params(1, NULL);
    bc_chain *chain = fixture_chain(params, NULL);
    assert_peers(chain, "");
    assert_int_equal(bc_chain_add_peer(chain, "b:1", NULL), BC_OK);
    assert_int_equal(bc_chain_add_peer(chain, "a:1", NULL), BC_OK);
    assert_int_equal(bc_chain_add_peer(chain, "b:1", NULL), BC_OK);
    assert_int_equal(bc_chain_add_peer(chain, "\xc3\xa9:1", NULL), BC_OK);
    assert_int_equal(bc_chain_add_peer(chain, "B:1", NULL), BC_OK);
    assert_peers(chain, "b:1\na:1\n\xc3\xa9:1\nB:1\n");
    assert_int_equal(bc_chain_remove_peer(chain, "a:1", NULL), BC_OK);
    assert_int_equal(bc_chain_remove_peer(chain, "a:1", NULL), BC_ERR_NOT_FOUND);
    assert_int_equal(bc_chain_remove_peer(chain, "", NULL), BC_ERR_NOT_FOUND);
    assert_int_equal(bc_chain_add_peer(chain, "a:1", NULL), BC_OK);
    assert_peers(chain, "b:1\n\xc3\xa9:1\nB:1\na:1\n");
    assert_int_equal(bc_chain_close(chain, NULL), BC_OK);
    bc_params_unref(params);
}

static void names_are_checked(void **state)
{
    (void)state;
    static const char *const bad[] = {"", "\xff", "a\xc0\x80", "\xed\xa0\x80", "a\xc3"};
    bc_params *params = fixture_params(1, NULL);
    bc_chain *chain = fixture_chain(params, NULL);
    char name[300];
    for (size_t at = 0; at < sizeof bad / sizeof bad[0]; at++) {
        bc_error error = {0};
        assert_int_equal(bc_chain_add_peer(chain, bad[at], &error), BC_ERR_ARGUMENT);
        assert_int_equal(error.code, BC_ERR_ARGUMENT);
    }
    memset(name, 'n', sizeof name);
    name[256] = '\0';
    assert_int_equal(bc_chain_add_peer(chain, name, NULL), BC_ERR_ARGUMENT);
    name[255] = '\0';
    assert_int_equal(bc_chain_add_peer(chain, name, NULL), BC_OK);
    assert_int_equal(bc_chain_remove_peer(chain, name, NULL), BC_OK);
    assert_int_equal(bc_chain_add_peer(NULL, "a", NULL), BC_ERR_ARGUMENT);
    assert_int_equal(bc_chain_add_peer(chain, NULL, NULL), BC_ERR_ARGUMENT);
    assert_int_equal(bc_chain_remove_peer(NULL, "a", NULL), BC_ERR_ARGUMENT);
    assert_int_equal(bc_chain_remove_peer(chain, NULL, NULL), BC_ERR_ARGUMENT);
    assert_int_equal(bc_chain_peers(NULL, list_peer, NULL, NULL), BC_ERR_ARGUMENT);
    assert_int_equal(bc_chain_peers(chain, NULL, NULL, NULL), BC_ERR_ARGUMENT);
    assert_peers(chain, "");
    assert_int_equal(bc_chain_close(chain, NULL), BC_OK);
    bc_params_unref(params);
}

static void their_number_is_bounded(void **state)
{
    (void)state;
    bc_params *params = fixture_params(1, NULL);
    bc_options options = BC_OPTIONS_INIT;
    options.peers = 3;
    bc_chain *chain = fixture_chain(params, &options);
    bc_error error = {0};
    assert_int_equal(bc_chain_add_peer(chain, "a", NULL), BC_OK);
    assert_int_equal(bc_chain_add_peer(chain, "b", NULL), BC_OK);
    assert_int_equal(bc_chain_add_peer(chain, "c", NULL), BC_OK);
    assert_int_equal(bc_chain_add_peer(chain, "d", &error), BC_ERR_LIMIT);
    assert_non_null(strstr(error.message, "3"));
    assert_int_equal(bc_chain_add_peer(chain, "b", NULL), BC_OK); /* it is there */
    assert_int_equal(bc_chain_remove_peer(chain, "a", NULL), BC_OK);
    assert_int_equal(bc_chain_add_peer(chain, "d", NULL), BC_OK);
    assert_peers(chain, "b\nc\nd\n");
    assert_int_equal(bc_chain_close(chain, NULL), BC_OK);
    bc_params_unref(params);
}

static void a_visitor_may_stop_change_and_not_close(void **state)
{
    (void)state;
    bc_params *params = fixture_params(1, NULL);
    bc_chain *chain = fixture_chain(params, NULL);
    bc_error error = {0};
    listing list = {.stop_at = 2};
    assert_int_equal(bc_chain_add_peer(chain, "a", NULL), BC_OK);
    assert_int_equal(bc_chain_add_peer(chain, "b", NULL), BC_OK);
    assert_int_equal(bc_chain_add_peer(chain, "c", NULL), BC_OK);
    assert_int_equal(bc_chain_peers(chain, list_peer, &list, &error), BC_ERR_HOST - 3);
    assert_int_equal(error.code, BC_ERR_HOST - 3);
    assert_string_equal(list.text, "a\nb\n");
    list = (listing){.chain = chain};
    assert_int_equal(bc_chain_peers(chain, list_peer, &list, NULL), BC_OK);
    assert_string_equal(list.text, "a\nb\nc\n");
    assert_peers(chain, "");
    assert_int_equal(bc_chain_close(chain, NULL), BC_OK);
    bc_params_unref(params);
}

/* A store that outlives its chain: close is kept from it. */
static void keep_open(void *context)
{
    (void)context;
}

static void they_are_there_after_opening_again(void **state)
{
    (void)state;
    bc_params *params = fixture_params(1, NULL);
    bc_store inner = BC_STORE_INIT;
    assert_int_equal(bc_store_memory(&inner, NULL, NULL), BC_OK);
    bc_store kept = inner;
    kept.close = keep_open;
    bc_options options = BC_OPTIONS_INIT;
    options.store = &kept;
    options.commit_interval_us = 1000000000; /* a peer is durable whatever else may wait */
    bc_chain *chain = fixture_chain(params, &options);
    assert_int_equal(bc_chain_add_peer(chain, "a", NULL), BC_OK);
    assert_int_equal(bc_chain_add_peer(chain, "b", NULL), BC_OK);
    assert_int_equal(bc_chain_remove_peer(chain, "a", NULL), BC_OK);
    fixture_mine(chain, 1);
    assert_int_equal(bc_chain_add_peer(chain, "0", NULL), BC_OK);
    assert_int_equal(bc_chain_close(chain, NULL), BC_OK);
    chain = fixture_chain(params, &options);
    assert_peers(chain, "b\n0\n");
    assert_int_equal(bc_chain_add_peer(chain, "a", NULL), BC_OK);
    assert_int_equal(bc_chain_close(chain, NULL), BC_OK);
    options.peers = 1; /* those that are there stay */
    chain = fixture_chain(params, &options);
    assert_peers(chain, "b\n0\na\n");
    assert_int_equal(bc_chain_add_peer(chain, "x", NULL), BC_ERR_LIMIT);
    assert_int_equal(bc_chain_close(chain, NULL), BC_OK);
    inner.close(inner.context);
    bc_params_unref(params);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(they_keep_their_order),
        cmocka_unit_test(names_are_checked),
        cmocka_unit_test(their_number_is_bounded),
        cmocka_unit_test(a_visitor_may_stop_change_and_not_close),
        cmocka_unit_test(they_are_there_after_opening_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
