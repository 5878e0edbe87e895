#include "src/mine/work.h"

#include <string.h>

#include "src/base/error.h"

static const uint8_t nobody[] = {'0'};

/* By fee, a block that so many in a row do not fit into is as good as full: a template must not cost
 * the length of the mempool. */
enum { MISFITS_MOST = 1000 };

/* Locked. As many transactions as fit into `room` bytes, which is all that a block has for them, in the
 * order in which they would be mined. */
static void choose_txs(const bc__engine *engine, bc_work *work, bc__mempool_walk *walk,
                       uint64_t room)
{
    const uint64_t most = room;
    uint32_t misfits = 0;
    for (bc__waiting *at; (at = bc__mempool_walk_next(walk)) != NULL;) {
        uint64_t size = (uint64_t)at->tx->length + bc__engine_rules(engine)->tx_overhead;
        if (size <= room) {
            room -= size;
            work->txs[work->template.tx_count++] = bc_tx_ref(at->tx);
            misfits = 0;
        } else if (engine->mempool.by_fee && misfits < MISFITS_MOST) {
            bc__mempool_walk_skip(walk);
            misfits++;
        } else if (engine->mempool.by_fee || size <= most) {
            break;
        } /* else it fits no block with this recipient, and must not hold up the others */
    }
}

static bc_status take_txs(bc__engine *engine, bc_work *work, bc_error *error)
{
    uint64_t limit = bc__engine_block_bytes(engine);
    uint64_t frame = bc__engine_rules(engine)->template_bytes(engine->params, &work->template);
    size_t count = (size_t)engine->mempool.count;
    bc__mempool_walk walk;
    bc_status status = BC_OK;
    if (frame > limit) {
        return bc__fail(error, BC_ERR_LIMIT, "a block with this recipient could be over %llu bytes",
                        (unsigned long long)limit);
    }
    if (count == 0) {
        return BC_OK;
    }
    work->txs = bc__heap_array(bc__engine_heap(engine), count, sizeof(bc_tx *));
    if (work->txs == NULL) {
        return bc__fail_memory(error);
    }
    work->template.txs = work->txs;
    if (bc__mempool_walk_begin(&walk, &engine->mempool) == BC__OK) {
        choose_txs(engine, work, &walk, limit - frame);
    } else {
        status = bc__fail_memory(error);
    }
    bc__mempool_walk_end(&walk);
    return status;
}

static bc_status set_recipient(bc_work *work, const bc_mine_options *options, bc_error *error)
{
    const uint8_t *recipient = options->recipient != NULL ? options->recipient : nobody;
    size_t length = options->recipient != NULL ? options->recipient_length : sizeof nobody;
    if (options->recipient == NULL && (work->params->rules->capabilities & BC__HAS_ACCOUNTS) != 0) {
        return BC_OK; /* the rules know */
    }
    if (length > BC__RECIPIENT_BYTES_MAX) {
        return bc__fail(error, BC_ERR_LIMIT, "the recipient is over %d bytes",
                        BC__RECIPIENT_BYTES_MAX);
    }
    work->recipient = bc__heap_array(&work->params->origin.heap, length + 1, 1);
    if (work->recipient == NULL) {
        return bc__fail_memory(error);
    }
    memcpy(work->recipient, recipient, length);
    work->template.recipient = work->recipient;
    work->template.recipient_length = length;
    return BC_OK;
}

/* What a header commits to and is judged by. */
static bc_status fill_headers(bc__engine *engine, bc_work *work, uint32_t tip, bc_error *error)
{
    const bc__merkle_peaks *peaks;
    bc_status status = bc__history_peaks(engine, &peaks, tip, error);
    if (status == BC_OK) {
        bc__merkle_root(peaks, work->template.history_root);
        bc__lineage_of(engine, &work->lineage, tip, bc__clock_wall(&engine->clock));
        work->template.lineage = &work->lineage;
        work->template.signer = work->signer;
    }
    return status;
}

static bc_status choose(bc__engine *engine, bc_work *work, bc_error *error)
{
    bc_block *parent = NULL;
    bc_status status = bc__engine_enter_to_write(engine, error);
    if (status != BC_OK) {
        return status;
    }
    uint32_t tip = bc__tree_tip(&engine->tree);
    work->tips = bc__published_tips(engine->published);
    status = bc__engine_block(engine, &parent, tip, error);
    if (status == BC_OK && engine->traits.header_bytes > 0) {
        status = fill_headers(engine, work, tip, error);
    }
    if (status == BC_OK) {
        work->template.parent = bc_block_ref(parent);
        work->template.height = (uint64_t)bc__tree_node(&engine->tree, tip)->height + 1;
        status = take_txs(engine, work, error);
    }
    bc_block_unref(parent);
    bc__engine_leave(engine);
    return status;
}

/* Gives back what was chosen. */
static void let_go(bc_work *work)
{
    for (size_t at = 0; at < work->template.tx_count; at++) {
        bc_tx_unref(work->txs[at]);
    }
    bc__heap_release(&work->params->origin.heap, work->txs);
    bc_block_unref((bc_block *)work->template.parent); /* ours; the template only looks */
    work->txs = NULL;
    work->template.txs = NULL;
    work->template.tx_count = 0;
    work->template.parent = NULL;
}

static bc_status drop(bc__engine *engine, const uint8_t id[BC_ID_BYTES], bc_error *error)
{
    bc_status status = bc__engine_enter_to_write(engine, error);
    if (status == BC_OK) {
        status = bc__engine_drop_tx(engine, id, error);
        bc__engine_leave(engine);
    }
    return status;
}

/* A host's rules may depend on the height, so it is asked again; what it refuses now leaves the mempool,
 * or no block of ours would ever hold. */
static bc_status ask_host(bc__engine *engine, const bc_work *work, bool *refused, bc_error *error)
{
    const bc_host_rules *host = &engine->settings.host_rules;
    const bc__tx_checks checks = {.height = work->template.height, .threads = 1, .host = host};
    const bool asks =
        host->check_tx != NULL && (bc__engine_rules(engine)->capabilities & BC__HAS_ACCOUNTS) != 0;
    bc_status status = BC_OK;
    *refused = false;
    for (size_t at = 0; asks && status == BC_OK && at < work->template.tx_count; at++) {
        bc_error why = BC_ERROR_INIT;
        bc__tx_verdict verdict = {BC_REASON_NONE, 0};
        const bc_tx *tx = work->txs[at];
        status = bc__signatures_check_tx(&engine->signatures, &verdict, tx, &checks, &why);
        if (status != BC_OK && error != NULL) {
            *error = why;
        }
        if (status == BC_OK && verdict.reason != BC_REASON_NONE) {
            bc__log(&engine->log, BC_LOG_INFO, "a waiting transaction was dropped: %s",
                    why.message);
            *refused = true;
            status = drop(engine, tx->id, error);
        }
    }
    return status;
}

static bc_status fill(bc__engine *engine, bc_work *work, bc_error *error)
{
    bool refused;
    bc_status status;
    do {
        let_go(work);
        refused = false;
        status = choose(engine, work, error);
        if (status == BC_OK) {
            bc__engine_visit(engine);
            status = ask_host(engine, work, &refused, error);
            bc__engine_visited(engine);
        }
    } while (status == BC_OK && refused);
    return status == BC_OK
               ? work->params->rules->prepare_template(work->params, &work->template, error)
               : status;
}

bc_status bc__work_new(bc__engine *engine, bc_work **out, const bc_mine_options *options,
                       bc_error *error)
{
    bc_work *work = bc__heap_array(bc__engine_heap(engine), 1, sizeof *work);
    *out = NULL;
    if (work == NULL) {
        return bc__fail_memory(error);
    }
    memset(work, 0, sizeof *work);
    atomic_init(&work->references, 1);
    work->clock = engine->clock;
    work->published = bc__published_ref(engine->published);
    (void)bc__origin_ref(&engine->params->origin);
    work->params = engine->params;
    work->threads = options->threads != 0 ? options->threads : engine->settings.threads;
    work->progress = options->progress;
    work->context = options->context;
    work->signer = bc_key_ref((bc_key *)options->signer); /* the count is atomic */
    bc_status status = set_recipient(work, options, error);
    if (status == BC_OK) {
        status = fill(engine, work, error);
    }
    if (status != BC_OK) {
        bc_work_unref(work);
        return status;
    }
    *out = work;
    return BC_OK;
}

bc_work *bc_work_ref(bc_work *work)
{
    if (work != NULL) {
        atomic_fetch_add_explicit(&work->references, 1, memory_order_relaxed);
    }
    return work;
}

void bc_work_unref(bc_work *work)
{
    if (work == NULL ||
        atomic_fetch_sub_explicit(&work->references, 1, memory_order_acq_rel) != 1) {
        return;
    }
    bc_params *params = work->params;
    let_go(work);
    bc__heap_release(&params->origin.heap, work->recipient);
    bc_key_unref(work->signer);
    bc__published_unref(work->published);
    bc__heap_release(&params->origin.heap, work);
    bc__origin_unref(&params->origin);
}

bc_status bc__work_check(const bc_work *work, bc_error *error)
{
    if (bc__published_closed(work->published)) {
        return bc__fail(error, BC_ERR_CLOSED, "the chain of this work is closed");
    }
    if (bc__published_tips(work->published) != work->tips) {
        return bc__fail(error, BC_ERR_STALE, "the tip has moved since this work was made");
    }
    return BC_OK;
}
