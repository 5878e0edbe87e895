#include "src/chain/published.h"

#include <string.h>

#include <sodium.h>

#include "src/base/error.h"

bc_status bc__published_new(bc__published **out, bc__origin *origin, bc_error *error)
{
    bc__published *published = bc__heap_array(&origin->heap, 1, sizeof *published);
    *out = NULL;
    if (published == NULL) {
        return bc__fail_memory(error);
    }
    memset(published, 0, sizeof *published);
    if (pthread_mutex_init(&published->lock, NULL) != 0) {
        bc__heap_release(&origin->heap, published);
        return bc__fail_memory(error);
    }
    while (published->number == 0) {
        randombytes_buf(&published->number, sizeof published->number);
    }
    atomic_init(&published->references, 1);
    atomic_init(&published->tips, 0);
    atomic_init(&published->interrupts, 0);
    atomic_init(&published->closed, false);
    published->origin = bc__origin_ref(origin);
    *out = published;
    return BC_OK;
}

bc__published *bc__published_ref(bc__published *published)
{
    atomic_fetch_add_explicit(&published->references, 1, memory_order_relaxed);
    return published;
}

void bc__published_unref(bc__published *published)
{
    if (published != NULL &&
        atomic_fetch_sub_explicit(&published->references, 1, memory_order_acq_rel) == 1) {
        bc__origin *origin = published->origin;
        (void)pthread_mutex_destroy(&published->lock);
        bc__heap_release(&origin->heap, published);
        bc__origin_unref(origin);
    }
}

void bc__published_read(bc__published *published, bc__view *view)
{
    (void)pthread_mutex_lock(&published->lock);
    *view = published->view;
    (void)pthread_mutex_unlock(&published->lock);
}

void bc__published_write(bc__published *published, const bc__view *view)
{
    (void)pthread_mutex_lock(&published->lock);
    published->view = *view;
    (void)pthread_mutex_unlock(&published->lock);
}
