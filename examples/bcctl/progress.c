#include "examples/bcctl/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BAR_WIDTH = 30 };

static const char clear_line[] = "\r\033[K";

void progress_begin(progress *bar, const char *what, uint64_t unit)
{
    const char *kind = getenv("TERM");
    bar->what = what;
    bar->unit = unit;
    bar->terminal = isatty(STDERR_FILENO) && kind != NULL && strcmp(kind, "dumb") != 0;
    bar->drawn = 0;
}

bc_status progress_show(void *context, uint64_t done, uint64_t total)
{
    progress *bar = context;
    if (!bar->terminal) {
        return BC_OK;
    }
    bar->drawn = 1;
    if (total == BC_NONE || total == 0) {
        (void)fprintf(stderr, "%s%" PRIu64 " %s", clear_line, done / bar->unit, bar->what);
        return BC_OK;
    }
    /* A search may need more attempts than were to be expected. */
    double part = done < total ? (double)done / (double)total : 1.0;
    char cells[BAR_WIDTH + 1];
    memset(cells, ' ', BAR_WIDTH);
    memset(cells, '#', (size_t)(part * BAR_WIDTH));
    cells[BAR_WIDTH] = '\0';
    (void)fprintf(stderr, "%s[%s] %3.0f%%  %" PRIu64 " of %" PRIu64 " %s", clear_line, cells,
                  part * 100.0, done / bar->unit, total / bar->unit, bar->what);
    return BC_OK;
}

void progress_end(progress *bar)
{
    if (bar->drawn) {
        (void)fputs(clear_line, stderr);
        bar->drawn = 0;
    }
}
