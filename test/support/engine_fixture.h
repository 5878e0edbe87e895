/* What the tests of the engine share: networks whose proofs cost nothing, blocks written as JSON, and
 * calls that check what the header promises of every call. */
#ifndef BC_TEST_SUPPORT_ENGINE_FIXTURE_H
#define BC_TEST_SUPPORT_ENGINE_FIXTURE_H

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <bc/bc.h>

/* The tutorial's rules, dialect 1. With 0 zeros every proof holds. */
bc_params *fixture_params(unsigned zeros, const bc_allocator *allocator);

/* Opens or fails the test. `store` may be NULL, as may `options`, whose member store is replaced. */
bc_chain *fixture_open(bc_params *params, const bc_store *store, const bc_options *options);
void fixture_close(bc_chain *chain);

/* A block behind `parent` (NULL: a genesis, which names none). `transactions` is the inside of a JSON
 * list; `salt` tells blocks apart that are equal otherwise. Release with bc_block_unref. */
bc_block *fixture_block(bc_params *params, const bc_block *parent, uint64_t proof,
                        const char *transactions, unsigned salt);

/* `count` blocks without transactions behind `parent`, each behind the one before it. */
void fixture_branch(bc_params *params, bc_block **out, size_t count, const bc_block *parent,
                    unsigned salt);
void fixture_unref_all(bc_block **blocks, size_t count);

/* The block of the best chain at that height. Release with bc_block_unref. */
bc_block *fixture_at(bc_chain *chain, uint64_t height);
bc_block *fixture_tip(bc_chain *chain);
uint64_t fixture_height(bc_chain *chain);
bool fixture_is_tip(bc_chain *chain, const bc_block *block);

/* Submits and checks verdict and reason, and that `error` is used as the header says. */
void fixture_submit(bc_chain *chain, bc_block *block, uint32_t verdict, uint32_t reason);

/* The JSON of a whole chain, to be freed. */
char *fixture_chain_text(bc_block *const *blocks, size_t count);
void fixture_submit_chain(bc_chain *chain, bc_block *const *blocks, size_t count, uint32_t verdict,
                          uint32_t reason);

/* A transaction {"amount": amount, "recipient": "r", "sender": "s"}, and its canonical JSON. */
bc_tx *fixture_tx(bc_params *params, unsigned amount);
const char *fixture_record(unsigned amount); /* valid until the eighth call after this one */
void fixture_submit_tx(bc_chain *chain, bc_params *params, unsigned amount);

/* The amount of such a transaction. */
#define FIXTURE_NO_AMOUNT UINT_MAX
unsigned fixture_amount(const bc_tx *tx);

/* The amounts that wait, in order: "1 2 2". Checks them against bc_chain_info. */
const char *fixture_mempool(bc_chain *chain);
#define assert_mempool(chain, text) assert_string_equal(fixture_mempool(chain), text)

bc_info fixture_info(bc_chain *chain);
void fixture_mine(bc_chain *chain);

/* Events in the order in which they came. */
enum { FIXTURE_EVENTS_MOST = 4096 };

typedef struct fixture_events {
    size_t count;
    struct fixture_event {
        uint32_t kind;
        uint64_t sequence;
        uint64_t height;
        uint64_t returned;
        uint64_t dropped;
        uint8_t id[BC_ID_BYTES];
    } list[FIXTURE_EVENTS_MOST];
} fixture_events;

/* bc_event_fn with a fixture_events behind it. */
bc_status fixture_record_event(void *context, bc_chain *chain, const bc_event *event);
void assert_event(const fixture_events *events, size_t at, uint32_t kind, const bc_block *block,
                  uint64_t height);

#endif
