/* Asking peers headers first. What a peer says of its chain is believed as far as its headers show it;
 * no block is asked for before they show that the chain is better than ours. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "src/base/error.h"
#include "src/sync/exchange.h"

enum {
    HELLO_ANSWER_MOST = 1024, /* of a later version too */
    LOCATOR_DENSE = 10,       /* ids of a locator that follow one another */
    SEAL_BYTES_MOST = 256,    /* with its length */
};

bc__exchange *bc__exchange_of(const bc__run *run, const bc__inquiry *inquiry)
{
    bc__exchanges *all = run->state;
    size_t at = 0;
    while (at + 1 < BC__PEERS_AT_A_TIME && all->slots[at].inquiry != inquiry) {
        at++;
    }
    return &all->slots[at];
}

static void leave(bc__exchange *with)
{
    bc__header_chain_free(&with->chain);
    if (with->holds) {
        bc__bytes_free(&with->held);
    }
    memset(with, 0, sizeof *with);
}

void bc__exchange_conclude(bc__run *run, bc__exchange *with, bc_status status, const char *format,
                           ...)
{
    char text[sizeof with->inquiry->text];
    va_list arguments;
    bc__inquiry *inquiry = with->inquiry;
    va_start(arguments, format);
    if (vsnprintf(text, sizeof text, format, arguments) < 0) {
        text[0] = '\0';
    }
    va_end(arguments);
    leave(with);
    bc__inquiry_conclude(run, inquiry, status, "%s", text);
}

void bc__exchange_fail(bc__run *run, bc__exchange *with, bc_status status, const bc_error *error)
{
    run->failure = status;
    run->error = *error;
    bc__exchange_conclude(run, with, status, "resolving ended before it did");
}

/* A request that could not be sent has concluded the inquiry: then the exchange is over, too. */
static void ask(bc__run *run, bc__exchange *with, const char *method, const uint8_t *body,
                size_t length, uint64_t most)
{
    bc__inquiry_ask(run, with->inquiry, method, body, length, most);
    if (with->inquiry->concluded) {
        leave(with);
    }
}

/* Frees what belongs to peers whose requests have failed meanwhile. */
static void sweep(bc__run *run)
{
    bc__exchanges *all = run->state;
    for (size_t at = 0; at < BC__PEERS_AT_A_TIME; at++) {
        bc__exchange *with = &all->slots[at];
        if (with->stage != BC__STAGE_FREE && with->inquiry->concluded) {
            leave(with);
        }
    }
}

/* ---- hello ---- */

static void begin(bc__run *run, bc__inquiry *inquiry)
{
    bc__engine *engine = bc__run_engine(run);
    bc__view view;
    bc_error error = BC_ERROR_INIT;
    uint8_t message[BC__HELLO_BYTES];
    sweep(run);
    bc__exchange *with = bc__exchange_of(run, NULL);
    with->stage = BC__STAGE_GREETING;
    with->inquiry = inquiry;
    bc_status status =
        bc__header_chain_init(&with->chain, engine->params, BC__HEADER_WINDOW, &error);
    if (status != BC_OK) {
        bc__exchange_conclude(run, with, status, "%s", error.message);
        return;
    }
    with->chain.checkpoints = engine->settings.checkpoints;
    with->chain.checkpoint_count = engine->settings.checkpoint_count;
    bc__published_read(engine->published, &view);
    bc__hello hello = {
        .version = BC__PROTOCOL_VERSION, .height = view.height, .work = view.chain_work};
    memcpy(hello.network_id, engine->params->origin.network_id, BC_ID_BYTES);
    memcpy(hello.id, view.id, BC_ID_BYTES);
    bc__hello_write(message, &hello);
    ask(run, with, "hello", message, sizeof message, HELLO_ANSWER_MOST);
}

/* Whether a chain of that work and end would replace ours as it is now. */
static bool is_better(const bc__run *run, const bc__uint256 *work, const uint8_t id[BC_ID_BYTES])
{
    const bc__engine *engine = bc__run_engine(run);
    bc__view ours;
    bc__published_read(engine->published, &ours);
    int order = bc__uint256_compare(work, &ours.chain_work);
    return order > 0 ||
           (order == 0 && engine->traits.smaller_id_wins && memcmp(id, ours.id, BC_ID_BYTES) < 0);
}

/* Least work applies whatever ours has. There is none by default, since a chain must have more than ours
 * to be of interest, which is more than our best chain's less that of some blocks. */
static bool is_enough(const bc__run *run, const bc__uint256 *work)
{
    return bc__uint256_compare(work, &bc__run_engine(run)->settings.minimum_chain_work) >= 0;
}

/* A signer seals only after it has heard a peer's tip, and adopted it where that is better. */
static void note_heard(bc__run *run)
{
    if (bc__engine_enter(bc__run_engine(run), NULL) == BC_OK) {
        bc__run_engine(run)->has_heard = true;
        bc__engine_leave(bc__run_engine(run));
    }
}

/* Our best chain from the tip down, denser at its end, to the first block. Locked. */
static void write_locator(const bc__engine *engine, bc__exchange *with)
{
    uint64_t height = engine->tree.best_count - 1;
    uint64_t stride = 1;
    with->locator_count = 0;
    for (;;) {
        const bc__node *node =
            bc__tree_node(&engine->tree, bc__tree_best_at(&engine->tree, height));
        memcpy(with->locator[with->locator_count++], node->id, BC_ID_BYTES);
        if (height == 0) {
            return;
        }
        stride *= with->locator_count < LOCATOR_DENSE
                      ? 1
                      : 2; /* 10 and 32 at most: heights have 32 bits */
        height -= stride < height ? stride : height;
    }
}

static void ask_headers(bc__run *run, bc__exchange *with, uint64_t most, uint32_t id_count,
                        const uint8_t *ids)
{
    uint8_t body[BC__REQUEST_BYTES_MAX];
    const uint64_t size = with->chain.traits.header_bytes + (uint64_t)SEAL_BYTES_MOST;
    uint64_t fits = bc__run_engine(run)->settings.reply_bytes / size;
    uint64_t count = most < BC__HEADERS_MOST ? most : BC__HEADERS_MOST;
    count = fits < count ? fits : count;
    with->asked = count > 0 ? (uint32_t)count : 1;
    bc__request_write_head(body, with->asked, id_count);
    memcpy(body + BC__REQUEST_HEAD_BYTES, ids, (size_t)id_count * BC_ID_BYTES);
    ask(run, with, "headers", body, BC__REQUEST_HEAD_BYTES + (size_t)id_count * BC_ID_BYTES,
        BC__COUNT_BYTES + with->asked * size);
}

static void take_hello(bc__run *run, bc__exchange *with, const bc__bytes *answer)
{
    bc__engine *engine = bc__run_engine(run);
    bc__hello *hello = &with->hello;
    bc_error error = BC_ERROR_INIT;
    bc_status status = bc__hello_read(hello, answer->data, answer->length, &error);
    if (status != BC_OK) {
        bc__exchange_conclude(run, with, status, "it answered %.200s", error.message);
        return;
    }
    if (memcmp(hello->network_id, engine->params->origin.network_id, BC_ID_BYTES) != 0) {
        bc__exchange_conclude(run, with, BC_ERR_UNSUPPORTED,
                              "it serves another network, whose id begins with %02x%02x%02x%02x",
                              hello->network_id[0], hello->network_id[1], hello->network_id[2],
                              hello->network_id[3]);
        return;
    }
    if (hello->height >= UINT32_MAX - 1) {
        bc__exchange_conclude(run, with, BC_ERR_FORMAT,
                              "it names a height of %llu; chains end below 2^32 - 2",
                              (unsigned long long)hello->height);
        return;
    }
    with->inquiry->height = hello->height;
    if (!is_better(run, &hello->work, hello->id)) {
        note_heard(run);
        bc__exchange_conclude(run, with, BC_OK, "its chain of height %llu is not better than ours",
                              (unsigned long long)hello->height);
        return;
    }
    if (!is_enough(run, &hello->work)) {
        bc__exchange_conclude(run, with, BC_OK,
                              "its chain was refused: it has less work than minimum_chain_work");
        return;
    }
    status = bc__engine_enter(engine, &error);
    if (status != BC_OK) {
        bc__exchange_fail(run, with, status, &error);
        return;
    }
    write_locator(engine, with);
    bc__engine_leave(engine);
    with->stage = BC__STAGE_SURVEY;
    ask_headers(run, with, BC__HEADERS_MOST, with->locator_count, with->locator[0]);
}

/* ---- headers ---- */

static bool was_located(const bc__exchange *with, const uint8_t id[BC_ID_BYTES])
{
    uint32_t at = 0;
    while (at < with->locator_count && memcmp(with->locator[at], id, BC_ID_BYTES) != 0) {
        at++;
    }
    return at < with->locator_count;
}

/* Locked. The block of ours that the peer's chain stands on. */
static void read_fork(const bc__engine *engine, bc__header_position *fork, uint32_t node)
{
    const bc__node *at = bc__tree_node(&engine->tree, node);
    memcpy(fork->id, at->id, BC_ID_BYTES);
    fork->work = at->chain_work;
    bc__lineage_of(engine, &fork->lineage, node, INT64_MAX);
}

/* How far an answer goes along blocks that we have. */
typedef struct common {
    uint32_t node;  /* the last of them, at first the one that the answer begins behind */
    uint32_t count; /* headers of the answer that are ours too */
    size_t offset;  /* of the first one that is not */
    bool too_deep;  /* whether what follows would disconnect too much */
} common;

/* Locked. What ours and the peer's chain share is not denser than the locator: here it is seen exactly. */
static bc_status read_common(const bc__engine *engine, bc__exchange *with, common *shared,
                             uint32_t count, const bc__bytes *answer, bc_error *error)
{
    bc_status status = BC_OK;
    *shared = (common){.node = BC__NO_NODE, .offset = BC__COUNT_BYTES};
    for (size_t offset = shared->offset; status == BC_OK && shared->count < count;) {
        const bc_block *header = with->chain.header;
        status = bc__header_chain_read(&with->chain, &offset, answer->data, answer->length, error);
        if (status == BC_OK && shared->count == 0) {
            shared->node = was_located(with, header->parent)
                               ? bc__tree_find(&engine->tree, header->parent)
                               : BC__NO_NODE;
        }
        if (status != BC_OK || shared->node == BC__NO_NODE) {
            break;
        }
        uint32_t child = bc__tree_find_child(&engine->tree, header->id, shared->node);
        if (child == BC__NO_NODE) {
            break;
        }
        shared->node = child;
        shared->count++;
        shared->offset = offset;
    }
    if (status == BC_OK && shared->node == BC__NO_NODE) {
        status = bc__fail(error, BC_ERR_FORMAT, "they do not begin behind a block that we named");
    }
    if (status == BC_OK) {
        shared->too_deep = bc__engine_is_too_deep(engine, shared->node);
    }
    return status;
}

/* From the first headers it is seen where the chains part. False where that ended the exchange, or more
 * headers must be seen for it. */
static bool find_fork(bc__run *run, bc__exchange *with, common *shared, uint32_t count,
                      const bc__bytes *answer)
{
    bc__engine *engine = bc__run_engine(run);
    bc__header_position fork;
    bc_error error = BC_ERROR_INIT;
    bc_status status = bc__engine_enter(engine, &error);
    if (status != BC_OK) {
        bc__exchange_fail(run, with, status, &error);
        return false;
    }
    status = read_common(engine, with, shared, count, answer, &error);
    if (status == BC_OK) {
        read_fork(engine, &fork, shared->node);
    }
    bc__engine_leave(engine);
    if (status != BC_OK) {
        bc__exchange_conclude(run, with, status, "its headers: %.200s", error.message);
        return false;
    }
    if (shared->count == count && count == with->asked) {
        memcpy(with->locator[0], fork.id, BC_ID_BYTES);
        with->locator_count = 1;
        ask_headers(run, with, BC__HEADERS_MOST, 1, fork.id);
        return false;
    }
    if (shared->too_deep) {
        bc__exchange_conclude(run, with, BC_OK,
                              "its chain of height %llu was refused: it would disconnect more "
                              "blocks than max_reorg_depth",
                              (unsigned long long)with->hello.height);
        return false;
    }
    bc__header_chain_begin(&with->chain, &fork);
    with->forked = true;
    return true;
}

/* All headers have been seen. Is it worth fetching blocks? */
static void end_survey(bc__run *run, bc__exchange *with)
{
    bc__header_chain *chain = &with->chain;
    unsigned long long height;
    if (!with->forked ||
        (!chain->cut && bc__uint256_compare(&chain->at.work, &with->hello.work) < 0)) {
        bc__exchange_conclude(run, with, BC_ERR_FORMAT,
                              "its headers show less work than it promised");
        return;
    }
    bc__header_chain_end(chain);
    height = (unsigned long long)chain->end;
    with->inquiry->height = chain->end;
    if (!is_better(run, &chain->work, chain->end_id)) {
        bc__exchange_conclude(
            run, with, BC_OK, "its chain of height %llu is not better than ours%s", height,
            chain->cut ? ", up to where times are too far ahead of our clock" : "");
        return;
    }
    if (!is_enough(run, &chain->work)) {
        bc__exchange_conclude(run, with, BC_OK,
                              "its chain was refused: it has less work than minimum_chain_work");
        return;
    }
    bc__fetch_begin(with);
}

/* The first pass goes on until the peer has no more, or its promise is kept, or it is seen not to be. */
static void survey(bc__run *run, bc__exchange *with, uint32_t count)
{
    const bc__header_chain *chain = &with->chain;
    if (chain->cut || count < with->asked ||
        bc__uint256_compare(&chain->at.work, &with->hello.work) >= 0 ||
        bc__header_height(&chain->at) >= with->hello.height + BC__HEADERS_MOST) {
        end_survey(run, with);
    } else {
        ask_headers(run, with, BC__HEADERS_MOST, 1, chain->at.id);
    }
}

static void reread(bc__run *run, bc__exchange *with, uint32_t count)
{
    if (bc__header_chain_missing(&with->chain) == 0) {
        bc__fetch_begin(with);
    } else if (count == 0) {
        bc__exchange_conclude(run, with, BC_ERR_FORMAT,
                              "its headers end before where they ended first");
    } else {
        bc__exchange_reread(run, with);
    }
}

static void take_headers(bc__run *run, bc__exchange *with, const bc__bytes *answer)
{
    common shared = {.offset = BC__COUNT_BYTES};
    bc_error error = BC_ERROR_INIT;
    uint32_t count;
    bc_status status =
        bc__header_count_read(&count, with->asked, answer->data, answer->length, &error);
    if (status == BC_OK && count > 0 && !with->forked &&
        !find_fork(run, with, &shared, count, answer)) {
        return;
    }
    if (status == BC_OK) {
        status = bc__header_chain_add(&with->chain, count - shared.count, shared.offset,
                                      answer->data, answer->length,
                                      bc__clock_wall(&bc__run_engine(run)->clock), &error);
    }
    if (status != BC_OK) {
        bc__exchange_conclude(run, with, status, "its headers: %.200s", error.message);
    } else if (with->stage == BC__STAGE_REREAD) {
        reread(run, with, count);
    } else {
        survey(run, with, count);
    }
}

void bc__exchange_reread(bc__run *run, bc__exchange *with)
{
    with->stage = BC__STAGE_REREAD;
    ask_headers(run, with, bc__header_chain_missing(&with->chain), 1, with->chain.at.id);
}

/* ---- The way ---- */

/* Branches that are being fetched may lie far behind the tip: none is cleared away meanwhile. */
static bc_status open_exchanges(bc__run *run, bc_error *error)
{
    bc__engine *engine = bc__run_engine(run);
    bc_status status = bc__engine_enter(engine, error);
    if (status == BC_OK) {
        engine->pins++;
        bc__engine_leave(engine);
    }
    return status;
}

static void take_answer(bc__run *run, bc__inquiry *inquiry, bc__bytes *answer)
{
    bc__exchange *with = bc__exchange_of(run, inquiry);
    switch (with->stage) {
    case BC__STAGE_GREETING:
        take_hello(run, with, answer);
        break;
    case BC__STAGE_SURVEY:
    case BC__STAGE_REREAD:
        take_headers(run, with, answer);
        break;
    case BC__STAGE_FETCHING:
        bc__fetch_take(run, with, answer);
        break;
    case BC__STAGE_FREE:
        break;
    }
}

static bool step(bc__run *run)
{
    bc__exchanges *all = run->state;
    bool moved = false;
    sweep(run);
    for (size_t at = 0; at < BC__PEERS_AT_A_TIME; at++) {
        bc__exchange *with = &all->slots[at];
        if (with->stage == BC__STAGE_FETCHING && with->inquiry->reply == NULL) {
            moved = bc__fetch_step(run, with) || moved;
        }
    }
    return moved;
}

static bool close_exchanges(bc__run *run)
{
    bc__exchanges *all = run->state;
    for (size_t at = 0; at < BC__PEERS_AT_A_TIME; at++) {
        leave(&all->slots[at]);
    }
    if (bc__engine_enter(bc__run_engine(run), NULL) == BC_OK) { /* as it was when it was opened */
        bc__run_engine(run)->pins--;
        bc__engine_leave(bc__run_engine(run));
    }
    return all->replaced;
}

const bc__way bc__resolve_by_headers = {
    .state_bytes = sizeof(bc__exchanges),
    .open = open_exchanges,
    .begin = begin,
    .answered = take_answer,
    .step = step,
    .close = close_exchanges,
};
