/* Asking peers for their whole chains. Each is judged as soon as it is there, and of those that hold only
 * the longest is kept; when all have been heard, it is taken over. */
#include "src/base/error.h"
#include "src/sync/inquiry.h"
#include "src/sync/whole_chain.h"

typedef struct contest {
    bc__bytes best;      /* the longest valid chain so far, as text */
    bc__inquiry *leader; /* whose it is; NULL: there is none */
    bc__whole_result result;
} contest;

static bc_status open_contest(bc__run *run, bc_error *error)
{
    contest *among = run->state;
    (void)error;
    bc__bytes_init(&among->best, bc__engine_heap(bc__run_engine(run)), SIZE_MAX);
    return BC_OK;
}

static void begin(bc__run *run, bc__inquiry *inquiry)
{
    bc__inquiry_ask(run, inquiry, "chain", NULL, 0, UINT64_MAX);
}

/* What became of a chain that could be read. */
static void conclude_chain(bc__run *run, bc__inquiry *inquiry, const char *fate)
{
    unsigned long long blocks = (unsigned long long)inquiry->height + 1;
    bc__inquiry_conclude(run, inquiry, BC_OK, "its chain of %llu block%s %s", blocks,
                         blocks == 1 ? "" : "s", fate);
}

static bc_status check_interrupt(void *context, uint64_t done, uint64_t total, bc_error *error)
{
    (void)done;
    (void)total;
    return bc__run_check(context, error);
}

/* The number of blocks that a chain must exceed to be of interest. */
static uint64_t blocks_to_beat(const bc__run *run)
{
    const contest *among = run->state;
    bc__view view;
    bc__published_read(bc__run_engine(run)->published, &view);
    uint64_t ours = view.height + 1;
    return among->leader != NULL && among->result.blocks > ours ? among->result.blocks : ours;
}

/* The text of a chain has been found good and longest. */
static void lead(bc__run *run, bc__inquiry *inquiry, bc__bytes *text,
                 const bc__whole_result *result)
{
    contest *among = run->state;
    if (among->leader != NULL) {
        conclude_chain(run, among->leader, "is not the longest");
    }
    bc__bytes_free(&among->best);
    among->best = *text;
    bc__bytes_init(text, among->best.heap, among->best.limit);
    among->result = *result;
    among->leader = inquiry;
    bc__inquiry_rest(run, inquiry);
}

static void judge(bc__run *run, bc__inquiry *inquiry, bc__bytes *text)
{
    const bc_params *params = bc__run_engine(run)->params;
    bc__whole_result result;
    uint64_t blocks;
    bc_error error = {0};
    bc_status status = bc__whole_chain_count(params, &blocks, text->data, text->length, &error);
    inquiry->height = blocks > 0 ? blocks - 1 : 0;
    if (status != BC_OK) {
        bc__inquiry_conclude(run, inquiry, status, "%s", error.message);
        return;
    }
    if (blocks == 0) {
        bc__inquiry_conclude(run, inquiry, BC_ERR_FORMAT, "its chain is empty");
        return;
    }
    if (blocks <= blocks_to_beat(run)) {
        conclude_chain(run, inquiry, "is not the longest");
        return;
    }
    status = bc__whole_chain_verify(params, &result, text->data, text->length, check_interrupt, run,
                                    &error);
    if (status == BC_ERR_INTERRUPTED || status == BC_ERR_MEMORY) {
        bc__inquiry_conclude(run, inquiry, status, "%s",
                             status == BC_ERR_MEMORY
                                 ? "the allocator gave no memory to judge its chain"
                                 : "resolving ended before its chain was judged");
    } else if (status != BC_OK || result.verdict != BC_VERDICT_ACCEPTED) {
        bc__inquiry_conclude(run, inquiry, status != BC_OK ? status : BC_ERR_FORMAT,
                             "its chain is not valid: %.160s", error.message);
    } else {
        lead(run, inquiry, text, &result);
    }
}

static bc_status adopt(bc__run *run, bool *replaced, bc_error *error)
{
    bc__engine *engine = bc__run_engine(run);
    contest *among = run->state;
    bc__whole_chain chain;
    bc__outcome outcome;
    if (among->leader == NULL) {
        return BC_OK;
    }
    bc_status status =
        bc__whole_chain_open(&chain, engine->params, among->best.data, among->best.length, error);
    if (status == BC_OK) {
        status = bc__engine_import(engine, &outcome, among->result.blocks, &among->result.work,
                                   bc__whole_chain_feed, &chain, error);
    }
    if (status != BC_OK) {
        bc__inquiry_conclude(run, among->leader, status,
                             "its chain is better, but it could not be taken over");
        return status;
    }
    *replaced = outcome.verdict == BC_VERDICT_ACCEPTED;
    if (*replaced) {
        conclude_chain(run, among->leader, "is ours now");
    } else if (outcome.reason == BC_REASON_REORG_DEPTH) {
        conclude_chain(run, among->leader,
                       "was refused: it would disconnect more blocks than max_reorg_depth");
    } else {
        conclude_chain(run, among->leader, "was refused: ours has grown meanwhile");
    }
    return BC_OK;
}

static bool close_contest(bc__run *run)
{
    contest *among = run->state;
    if (among->leader != NULL && !among->leader->concluded) {
        bc__inquiry_conclude(run, among->leader, BC_ERR_INTERRUPTED,
                             "resolving ended before its chain was taken over");
    }
    bc__bytes_free(&among->best);
    return false;
}

const bc__way bc__resolve_by_whole_chains = {
    .state_bytes = sizeof(contest),
    .open = open_contest,
    .begin = begin,
    .answered = judge,
    .finish = adopt,
    .close = close_contest,
};
