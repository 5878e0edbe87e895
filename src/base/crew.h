/* Threads that live as long as one call: the library makes no others. */
#ifndef BC_BASE_CREW_H
#define BC_BASE_CREW_H

#include <stdint.h>

#include "lib/heap.h"

/* More than these are not used, whatever a host asks for. The calling thread is one of them. */
enum { BC__CREW_MOST = 1024 };

typedef void (*bc__crew_fn)(void *context);

/* Runs `lead` on the calling thread and meanwhile `help` on up to `threads` - 1 others, all with the
 * same context, and returns when all have returned. Helpers have all signals blocked, so that the
 * host's handlers run on the host's threads. A helper that can't be had is done without: `lead` must
 * be able to do all the work alone. */
void bc__crew_run(const bc__heap *heap, uint32_t threads, bc__crew_fn lead, bc__crew_fn help,
                  void *context);

#endif
