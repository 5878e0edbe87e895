/* A bar on the terminal that says how far a long work has come. */
#ifndef EXAMPLES_BCCTL_PROGRESS_H
#define EXAMPLES_BCCTL_PROGRESS_H

#include <bc/bc.h>

typedef struct progress {
    const char *what; /* is counted: "MB", "attempts" */
    uint64_t unit;    /* by which counts are divided */
    int terminal;     /* standard error is one; else nothing is drawn */
    int drawn;
} progress;

void progress_begin(progress *bar, const char *what, uint64_t unit);

/* A bc_progress_fn; its context is the bar. */
bc_status progress_show(void *context, uint64_t done, uint64_t total);

/* Takes the bar away, so that what is printed next stands on a clean line. */
void progress_end(progress *bar);

#endif
