/* Where the blocks stand in the text of a chain, without a judgement of them. */
#ifndef EXAMPLES_BCCTL_CHAIN_TEXT_H
#define EXAMPLES_BCCTL_CHAIN_TEXT_H

#include <stddef.h>

typedef struct chain_text {
    const char *text;
    size_t length;
    size_t position;
} chain_text;

/* Goes to the list of blocks: the text itself, or the member "chain" of the object that it is. The
 * text is one that bc_verify_chain could read. Returns 0 where there is no such list. */
int chain_text_begin(chain_text *scan, const char *text, size_t length);

/* The next block, a view into the text; 0 at the end of the list. */
int chain_text_next(chain_text *scan, const char **block, size_t *length);

#endif
