#include "test/support/engine_model.h"

#include <string.h>

void model_begin(model *world, int genesis)
{
    world->stored[genesis] = true;
    world->is_root[genesis] = true;
    world->stored_count = 1;
    world->best[0] = genesis;
    world->length = 1;
}

size_t model_path(const model *world, int block, int path[MODEL_LENGTH_MOST])
{
    size_t length = 1;
    for (int at = block; !world->is_root[at]; at = world->blocks[at].parent) {
        length++;
    }
    for (size_t at = length; at > 0; at--) {
        path[at - 1] = block;
        block = world->blocks[block].parent;
    }
    return length;
}

bool model_has_orphan(const model *world, int block)
{
    for (size_t at = 0; at < world->orphan_count; at++) {
        if (world->orphans[at] == block) {
            return true;
        }
    }
    return false;
}

/* The records of a stretch of a chain without rewards; gives their number. */
static size_t records_of(const model *world, const int *blocks, size_t count, unsigned *amounts)
{
    size_t total = 0;
    for (size_t at = 0; at < count; at++) {
        const model_block *block = &world->blocks[blocks[at]];
        const unsigned *records = block->mined ? block->own : block->records;
        size_t records_count = block->mined ? block->own_count : block->record_count;
        size_t reward = records_count; /* the last record from nobody */
        for (size_t index = 0; index < records_count; index++) {
            reward = records[index] == REWARD ? index : reward;
        }
        for (size_t index = 0; index < records_count; index++) {
            if (index != reward) {
                amounts[total++] = records[index];
            }
        }
    }
    return total;
}

/* Takes one `amount` out of a list; says whether it was there. */
static bool take(unsigned *amounts, size_t *count, unsigned amount)
{
    for (size_t at = 0; at < *count; at++) {
        if (amounts[at] == amount) {
            memmove(&amounts[at], &amounts[at + 1], (*count - at - 1) * sizeof amounts[0]);
            --*count;
            return true;
        }
    }
    return false;
}

static void remove_waiting(model *world, size_t at)
{
    memmove(&world->waiting[at], &world->waiting[at + 1],
            (world->waiting_count - at - 1) * sizeof world->waiting[0]);
    world->waiting_count--;
}

static void switch_waiting(model *world, const int *path, size_t length, size_t fork)
{
    static unsigned old[MODEL_WAITING_MOST];
    static unsigned new[MODEL_WAITING_MOST];
    size_t old_count = records_of(world, world->best + fork, world->length - fork, old);
    size_t new_count = records_of(world, path + fork, length - fork, new);
    size_t returning = 0;
    for (size_t at = 0; at < old_count; at++) {
        if (!take(new, &new_count, old[at])) {
            old[returning++] = old[at];
        }
    }
    for (size_t at = 0; at < world->waiting_count;) {
        if (world->waiting[at].returned && take(new, &new_count, world->waiting[at].amount)) {
            remove_waiting(world, at);
        } else {
            at++;
        }
    }
    for (size_t at = 0; at < returning; at++) {
        world->waiting[world->waiting_count++] = (model_waiting){old[at], true};
    }
}

static size_t common_prefix(const model *world, const int *path, size_t length)
{
    size_t fork = 0;
    while (fork < world->length && fork < length && world->best[fork] == path[fork]) {
        fork++;
    }
    return fork;
}

static void set_best(model *world, const int *path, size_t length)
{
    memcpy(world->best, path, length * sizeof path[0]);
    world->length = length;
}

static model_verdict store(model *world, int block, bool ours)
{
    static int path[MODEL_LENGTH_MOST];
    world->stored[block] = true;
    world->stored_count++;
    size_t length = model_path(world, block, path);
    if (length <= world->length) {
        return MODEL_BRANCH;
    }
    if (ours) {
        world->waiting_count = 0; /* it was made of all that waits */
    } else {
        switch_waiting(world, path, length, common_prefix(world, path, length));
    }
    set_best(world, path, length);
    return MODEL_ACCEPTED;
}

static model_verdict judge(model *world, int block, bool ours)
{
    int parent = world->blocks[block].parent;
    if (world->stored[block]) {
        return MODEL_KNOWN;
    }
    if (parent == NOBODY) {
        return MODEL_ORPHAN;
    }
    if (!world->stored[parent]) {
        if (!model_has_orphan(world, block)) {
            world->orphans[world->orphan_count++] = block;
        }
        return MODEL_ORPHAN;
    }
    return world->blocks[block].holds ? store(world, block, ours) : MODEL_INVALID;
}

static int take_orphan(model *world, size_t at)
{
    int block = world->orphans[at];
    memmove(&world->orphans[at], &world->orphans[at + 1],
            (world->orphan_count - at - 1) * sizeof world->orphans[0]);
    world->orphan_count--;
    return block;
}

/* The orphans of a block, then the orphans of those, the oldest first. */
static void adopt(model *world, int block)
{
    static int arrived[MODEL_BLOCKS_MOST];
    size_t count = 1;
    arrived[0] = block;
    for (size_t next = 0; next < count; next++) {
        for (size_t at = 0; at < world->orphan_count;) {
            if (world->blocks[world->orphans[at]].parent != arrived[next]) {
                at++;
                continue;
            }
            int child = take_orphan(world, at);
            model_verdict verdict = judge(world, child, false);
            if (verdict == MODEL_ACCEPTED || verdict == MODEL_BRANCH) {
                arrived[count++] = child;
            }
        }
    }
}

static bool is_best(const model *world, int block)
{
    for (size_t at = 0; at < world->length; at++) {
        if (world->best[at] == block) {
            return true;
        }
    }
    return false;
}

model_verdict model_submit(model *world, int block, bool ours)
{
    model_verdict verdict = judge(world, block, ours);
    if (verdict == MODEL_ACCEPTED || verdict == MODEL_BRANCH) {
        adopt(world, block);
        verdict = is_best(world, block) ? MODEL_ACCEPTED : MODEL_BRANCH;
    }
    return verdict;
}

static void adopt_all(model *world)
{
    for (size_t at = 0; at < world->orphan_count;) {
        int parent = world->blocks[world->orphans[at]].parent;
        if (!world->stored[parent]) {
            at++;
            continue;
        }
        (void)model_submit(world, take_orphan(world, at), false);
        at = 0;
    }
}

/* After a replacement everything that is on no best chain goes. */
static void clear_side(model *world)
{
    memset(world->stored, 0, sizeof world->stored);
    memset(world->is_root, 0, sizeof world->is_root);
    for (size_t at = 0; at < world->length; at++) {
        world->stored[world->best[at]] = true;
    }
    world->is_root[world->best[0]] = true;
    world->stored_count = world->length;
}

model_verdict model_submit_chain(model *world, const int *blocks, size_t count, size_t *position)
{
    for (size_t at = 1; at < count; at++) {
        const model_block *block = &world->blocks[blocks[at]];
        if (block->parent != blocks[at - 1] || !block->holds) {
            *position = at;
            return MODEL_INVALID;
        }
    }
    if (count <= world->length) {
        return MODEL_REFUSED;
    }
    size_t fork = common_prefix(world, blocks, count);
    bool grown = fork == world->length;
    switch_waiting(world, blocks, count, fork);
    set_best(world, blocks, count);
    for (size_t at = fork; at < count; at++) {
        world->stored_count += world->stored[blocks[at]] ? 0 : 1;
        world->stored[blocks[at]] = true;
    }
    if (!grown) {
        memset(world->is_root, 0, sizeof world->is_root);
        world->is_root[blocks[0]] = true;
    }
    adopt_all(world);
    if (!grown) {
        clear_side(world);
    }
    return MODEL_ACCEPTED;
}

void model_submit_tx(model *world, unsigned amount)
{
    world->waiting[world->waiting_count++] = (model_waiting){amount, false};
}

void model_reopen(model *world)
{
    world->orphan_count = 0;
}
