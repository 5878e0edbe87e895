#include "src/chain/events.h"

void bc__events_push(bc__events *events, const bc__change *change)
{
    if (events->count == BC__EVENTS_MOST) {
        bc__change *last = &events->changes[(events->first + events->count - 1) % BC__EVENTS_MOST];
        last->new_tip = change->new_tip;
        last->returned += change->returned;
        last->dropped += change->dropped;
        return;
    }
    events->changes[(events->first + events->count) % BC__EVENTS_MOST] = *change;
    events->count++;
}

bool bc__events_pop(bc__events *events, bc__change *change)
{
    if (events->count == 0) {
        return false;
    }
    *change = events->changes[events->first];
    events->first = (events->first + 1) % BC__EVENTS_MOST;
    events->count--;
    return true;
}
