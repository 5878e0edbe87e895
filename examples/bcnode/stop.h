/* Waiting for the signal that ends the program. */
#ifndef EXAMPLES_BCNODE_STOP_H
#define EXAMPLES_BCNODE_STOP_H

#include <stdint.h>

/* From now on SIGINT and SIGTERM are noted, and the second of a kind ends the program at once; SIGPIPE
 * is passed over. Returns 0 on success, else an errno. */
int stop_begin(void);

/* Waits until a signal has come, or for so many microseconds. Returns the signal's number, or 0. */
int stop_wait(int64_t microseconds);

#endif
