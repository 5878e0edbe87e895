/* Appends text piece by piece; goes on after a failure and keeps the first one, so that it is asked for
 * once, at the end. */
#ifndef BC_RULES_LEDGER_TEXT_WRITER_H
#define BC_RULES_LEDGER_TEXT_WRITER_H

#include <string.h>

#include "lib/bytes.h"

typedef struct bc__text_writer {
    bc__bytes *out;
    int32_t result; /* BC__OK or what an append gave */
} bc__text_writer;

static inline void bc__text_put_bytes(bc__text_writer *to, const void *bytes, size_t length)
{
    if (to->result == BC__OK) {
        to->result = bc__bytes_append(to->out, bytes, length);
    }
}

static inline void bc__text_put(bc__text_writer *to, const char *text)
{
    bc__text_put_bytes(to, text, strlen(text));
}

#endif
