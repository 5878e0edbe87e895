/* The library's side of bc_sink: the bytes that a store gives for a value. */
#ifndef BC_STORE_SINK_H
#define BC_STORE_SINK_H

#include <bc/bc.h>

#include "lib/bytes.h"

struct bc_sink {
    bc__bytes *target;
    bc_status failure; /* the first; BC_OK before */
};

/* What is put goes behind what `target`, which has to outlive the sink, holds already, up to its
 * limit. */
void bc__sink_init(bc_sink *sink, bc__bytes *target);

/* BC_OK where the sink took all that it was given, or what it refused first with. To be asked after
 * the store is done, which may have disregarded what bc_sink_put returned. */
bc_status bc__sink_status(const bc_sink *sink);

#endif
