#include "src/sync/header_chain.h"

#include <assert.h>
#include <string.h>

#include "lib/integers.h"
#include "src/base/error.h"
#include "src/sync/messages.h"

bc_status bc__header_chain_init(bc__header_chain *chain, const bc_params *params, uint64_t window,
                                bc_error *error)
{
    memset(chain, 0, sizeof *chain);
    chain->params = params;
    chain->window = window;
    params->rules->read_traits(params, &chain->traits);
    bc__bytes_init(&chain->ids, &params->origin.heap, SIZE_MAX);
    bc__bytes_init(&chain->marks, &params->origin.heap, SIZE_MAX);
    return bc__block_new(&chain->header, bc__params_origin(params), error);
}

void bc__header_chain_free(bc__header_chain *chain)
{
    bc_block_unref(chain->header);
    chain->header = NULL;
    if (chain->params != NULL) {
        bc__bytes_free(&chain->ids);
        bc__bytes_free(&chain->marks);
    }
}

bc_status bc__header_count_read(uint32_t *count, uint32_t most, const uint8_t *bytes, size_t length,
                                bc_error *error)
{
    *count = 0;
    if (length < BC__COUNT_BYTES) {
        return bc__fail(error, BC_ERR_FORMAT,
                        "a list of headers of %zu bytes; at least %d are "
                        "expected",
                        length, BC__COUNT_BYTES);
    }
    uint32_t claimed = (uint32_t)bc__get_le(bytes, BC__COUNT_BYTES);
    if (claimed > most) {
        return bc__fail(error, BC_ERR_FORMAT, "%lu headers where at most %lu were asked for",
                        (unsigned long)claimed, (unsigned long)most);
    }
    *count = claimed;
    return BC_OK;
}

bc_status bc__header_chain_read(bc__header_chain *chain, size_t *offset, const uint8_t *bytes,
                                size_t length, bc_error *error)
{
    size_t used = 0;
    bc_status status = chain->params->rules->read_sealed(chain->params, chain->header, &used,
                                                         bytes + *offset, length - *offset, error);
    *offset += used;
    return status;
}

void bc__header_chain_begin(bc__header_chain *chain, const bc__header_position *fork)
{
    chain->at = *fork;
    chain->next = *fork;
    chain->first = bc__header_height(fork) + 1;
    chain->ids.length = 0;
    chain->marks.length = 0;
    chain->surveyed = false;
    chain->cut = false;
}

static bc_status check_checkpoints(const bc__header_chain *chain, const bc_block *header,
                                   bc_error *error)
{
    for (uint64_t at = 0; at < chain->checkpoint_count; at++) {
        const bc_checkpoint *checkpoint = &chain->checkpoints[at];
        if (checkpoint->height == header->claimed_height &&
            memcmp(checkpoint->id, header->id, BC_ID_BYTES) != 0) {
            return bc__fail(error, BC_ERR_FORMAT,
                            "the header at height %llu is not the one of our checkpoint",
                            (unsigned long long)checkpoint->height);
        }
    }
    return BC_OK;
}

/* Behind the last header. *cut says that it is too early for it. */
static bc_status judge(bc__header_chain *chain, bool *cut, bc_error *error)
{
    const bc_block *header = chain->header;
    bc_error why = BC_ERROR_INIT;
    unsigned long long height = (unsigned long long)bc__header_height(&chain->at) + 1;
    *cut = false;
    if (memcmp(header->parent, chain->at.id, BC_ID_BYTES) != 0) {
        return bc__fail(error, BC_ERR_FORMAT,
                        "the header at height %llu does not stand on the one before it", height);
    }
    uint32_t reason =
        chain->params->rules->check_header(chain->params, &chain->at.lineage, header, &why);
    *cut = reason == BC_REASON_CLOCK;
    if (reason != BC_REASON_NONE && !*cut) {
        return bc__fail(error, BC_ERR_FORMAT, "the header at height %llu: %.180s", height,
                        why.message);
    }
    return check_checkpoints(chain, header, error);
}

/* The header that was judged is the last one now. */
static void step(bc__header_chain *chain)
{
    const bc_block *header = chain->header;
    bc__lineage *lineage = &chain->at.lineage;
    bc__uint256 work = chain->params->rules->block_work(chain->params, header);
    chain->at.work = bc__uint256_add(&chain->at.work, &work);
    memcpy(chain->at.id, header->id, BC_ID_BYTES);
    lineage->height++;
    if (lineage->count < chain->traits.ancestors) {
        lineage->count++;
    }
    memmove(&lineage->ancestors[1], &lineage->ancestors[0],
            (lineage->count - 1) * sizeof lineage->ancestors[0]);
    lineage->ancestors[0] =
        (bc__ancestor){.time = header->time, .nonce = header->nonce, .bits = header->bits};
}

/* Whether that many headers behind the fork end a window. */
static bool ends_window(const bc__header_chain *chain, uint64_t count)
{
    return count > 0 && count % chain->window == 0;
}

/* Of the first pass: the fork is below ids[0], since the window is the first one. */
static bc_status keep_surveyed(bc__header_chain *chain, bc_error *error)
{
    uint64_t count = bc__header_height(&chain->at) - chain->first + 1;
    int32_t kept = BC__OK;
    if (count <= chain->window) {
        kept = bc__bytes_append(&chain->ids, chain->at.id, BC_ID_BYTES);
        chain->next = chain->at;
    }
    if (kept == BC__OK && ends_window(chain, count)) {
        kept = bc__bytes_append(&chain->marks, chain->at.id, BC_ID_BYTES);
    }
    return kept == BC__OK ? BC_OK : bc__fail_memory(error);
}

/* Of a later pass. With the last id of the window it is seen that all are the same as before. */
static bc_status keep_again(bc__header_chain *chain, bc_error *error)
{
    if (bc__bytes_append(&chain->ids, chain->at.id, BC_ID_BYTES) != BC__OK) {
        return bc__fail_memory(error);
    }
    if (bc__header_chain_missing(chain) > 0) {
        return BC_OK;
    }
    const uint8_t *expected =
        bc__header_height(&chain->at) == chain->end ? chain->end_id : chain->marks.data;
    if (memcmp(expected, chain->at.id, BC_ID_BYTES) != 0) {
        return bc__fail(error, BC_ERR_FORMAT,
                        "the headers up to height %llu are others than it showed first",
                        (unsigned long long)bc__header_height(&chain->at));
    }
    chain->next = chain->at;
    return BC_OK;
}

bc_status bc__header_chain_add(bc__header_chain *chain, uint32_t count, size_t offset,
                               const uint8_t *bytes, size_t length, int64_t now, bc_error *error)
{
    for (uint32_t at = 0; at < count; at++) {
        bool cut = false;
        bc_status status = bc__header_chain_read(chain, &offset, bytes, length, error);
        /* The second time a time is not compared: what was not too far ahead is not now. */
        chain->at.lineage.now = chain->surveyed ? INT64_MAX : now;
        if (status == BC_OK) {
            status = judge(chain, &cut, error);
        }
        if (status != BC_OK) {
            return status;
        }
        if (cut) {
            chain->cut = true;
            return BC_OK;
        }
        step(chain);
        status = chain->surveyed ? keep_again(chain, error) : keep_surveyed(chain, error);
        if (status != BC_OK) {
            return status;
        }
    }
    return offset == length ? BC_OK
                            : bc__fail(error, BC_ERR_FORMAT, "%zu bytes follow the last header",
                                       length - offset);
}

void bc__header_chain_end(bc__header_chain *chain)
{
    chain->surveyed = true;
    chain->end = bc__header_height(&chain->at);
    chain->work = chain->at.work;
    memcpy(chain->end_id, chain->at.id, BC_ID_BYTES);
}

uint64_t bc__header_chain_missing(const bc__header_chain *chain)
{
    uint64_t whole = chain->end - chain->first + 1;
    uint64_t wanted = whole < chain->window ? whole : chain->window;
    return wanted - bc__header_chain_count(chain);
}

void bc__header_chain_advance(bc__header_chain *chain)
{
    assert(bc__header_height(&chain->next) < chain->end);
    chain->at = chain->next;
    chain->first = bc__header_height(&chain->at) + 1;
    chain->ids.length = 0;
    /* The first of the marks is the one that ends the window that is read next, if it is a full one. */
    assert(chain->marks.length >= BC_ID_BYTES);
    chain->marks.length -= BC_ID_BYTES;
    memmove(chain->marks.data, chain->marks.data + BC_ID_BYTES, chain->marks.length);
}
