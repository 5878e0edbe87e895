/* The calling thread as a number that is never 0, to be compared with others that are alive. */
#ifndef BC_BASE_THREAD_H
#define BC_BASE_THREAD_H

#include <pthread.h>
#include <stdint.h>

/* pthread_t is an integer or a pointer on the systems this is built for. */
static inline uintptr_t bc__this_thread(void)
{
    return (uintptr_t)pthread_self();
}

#endif
