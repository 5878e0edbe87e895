/* Sentences that say what was wrong, in the library's own bc_error. */
#ifndef EXAMPLES_COMMON_SENTENCE_H
#define EXAMPLES_COMMON_SENTENCE_H

#include <bc/bc.h>

/* Fills `error` (never NULL) and returns `code`, so that a function can end with it. A sentence that
 * is too long is cut. */
bc_status sentence(bc_error *error, bc_status code, const char *format, ...)
#if defined(__GNUC__) || defined(__clang__)
    __attribute__((format(printf, 3, 4)))
#endif
    ;

#endif
