#include "examples/bcnode/stop.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

/* A signal handler has no context, so the pipe into which it writes stands here. */
static int pipe_ends[2] = {-1, -1};

static void on_signal(int number)
{
    int kept = errno;
    unsigned char byte = (unsigned char)number;
    if (write(pipe_ends[1], &byte, 1) < 0) {
        /* The pipe is full of earlier signals, which do as well. */
    }
    errno = kept;
}

int stop_begin(void)
{
    struct sigaction note = {.sa_handler = on_signal, .sa_flags = SA_RESTART | (int)SA_RESETHAND};
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    (void)sigemptyset(&note.sa_mask);
    (void)sigemptyset(&ignore.sa_mask);
    if (pipe(pipe_ends) != 0) {
        return errno;
    }
    for (int i = 0; i < 2; i++) {
        if (fcntl(pipe_ends[i], F_SETFD, FD_CLOEXEC) != 0 ||
            fcntl(pipe_ends[i], F_SETFL, O_NONBLOCK) != 0) {
            return errno;
        }
    }
    if (sigaction(SIGINT, &note, NULL) != 0 || sigaction(SIGTERM, &note, NULL) != 0 ||
        sigaction(SIGPIPE, &ignore, NULL) != 0) {
        return errno;
    }
    return 0;
}

int stop_wait(int64_t microseconds)
{
    static const int64_t hour_milliseconds = (int64_t)3600 * 1000;
    struct pollfd ready = {.fd = pipe_ends[0], .events = POLLIN};
    unsigned char byte = 0;
    int64_t milliseconds = microseconds / 1000 + 1;
    if (milliseconds > hour_milliseconds) {
        milliseconds = hour_milliseconds;
    }
    if (poll(&ready, 1, (int)milliseconds) == 1 && read(pipe_ends[0], &byte, 1) == 1) {
        return byte;
    }
    return 0;
}
