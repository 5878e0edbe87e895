/* What happens to the chain, as lines of the log. */
#ifndef EXAMPLES_BCNODE_EVENTS_H
#define EXAMPLES_BCNODE_EVENTS_H

#include <bc/bc.h>

/* A bc_event_fn. */
bc_status events_log(void *context, bc_chain *chain, const bc_event *event);

#endif
