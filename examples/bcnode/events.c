#include "examples/bcnode/events.h"

#include <inttypes.h>

#include "examples/bcnode/log.h"
#include "examples/common/number.h"

static void log_tip(const bc_event *event, const char *id)
{
    if (event->count == 0 && event->dropped == 0) {
        log_line(BC_LOG_INFO, "tip: height %" PRIu64 " %s", event->height, id);
        return;
    }
    log_line(BC_LOG_INFO,
             "tip: height %" PRIu64 " %s; %" PRIu64 " transactions wait again, %" PRIu64
             " found no room",
             event->height, id, event->count, event->dropped);
}

bc_status events_log(void *context, bc_chain *chain, const bc_event *event)
{
    char hex[ID_TEXT_BYTES] = "";
    (void)context;
    (void)chain;
    if (event->id != NULL) {
        (void)id_text(hex, event->id);
    }
    switch (event->kind) {
    case BC_EVENT_CONNECT:
        log_line(BC_LOG_INFO, "connected: height %" PRIu64 " %s", event->height, hex);
        break;
    case BC_EVENT_DISCONNECT:
        log_line(BC_LOG_INFO, "disconnected: height %" PRIu64 " %s", event->height, hex);
        break;
    case BC_EVENT_TIP:
        log_tip(event, hex);
        break;
    case BC_EVENT_EQUIVOCATION:
        log_line(BC_LOG_WARNING,
                 "a signer sealed two blocks at height %" PRIu64 ", the second is %s",
                 event->height, hex);
        break;
    default: /* of a library that is newer than this program */
        break;
    }
    return BC_OK;
}
