#include "examples/common/passphrase.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "examples/common/sentence.h"

void passphrase_wipe(passphrase *secret)
{
    sodium_memzero(secret, sizeof *secret);
}

/* ---- A line ---------------------------------------------------------------------------------- */

/* Takes the line break away, and judges what is left. */
static bc_status finish(passphrase *out, const char *from, bc_error *error)
{
    if (out->length > 0 && out->bytes[out->length - 1] == '\n') {
        out->length--;
    }
    if (out->length > 0 && out->bytes[out->length - 1] == '\r') {
        out->length--;
    }
    if (out->length == 0) {
        return sentence(error, BC_ERR_FORMAT, "%.150s: the passphrase is empty", from);
    }
    if (out->length > KEYSTORE_PASSPHRASE_BYTES_MAX) {
        return sentence(error, BC_ERR_LIMIT, "%.150s: a passphrase has at most %d bytes", from,
                        KEYSTORE_PASSPHRASE_BYTES_MAX);
    }
    if (memchr(out->bytes, '\n', out->length) != NULL) {
        return sentence(error, BC_ERR_FORMAT, "%.150s: there is more than one line", from);
    }
    return BC_OK;
}

/* ---- A file ---------------------------------------------------------------------------------- */

static bc_status read_file(passphrase *out, const char *file, bc_error *error)
{
    int descriptor = open(file, O_RDONLY | O_CLOEXEC);
    ssize_t got = 1;
    if (descriptor < 0) {
        return sentence(error, BC_ERR_NOT_FOUND, "%.150s: %.60s", file, strerror(errno));
    }
    while (got > 0 && out->length < sizeof out->bytes) {
        got = read(descriptor, out->bytes + out->length, sizeof out->bytes - out->length);
        if (got < 0 && errno == EINTR) {
            got = 1;
        } else if (got > 0) {
            out->length += (size_t)got;
        }
    }
    int because = errno;
    (void)close(descriptor);
    if (got < 0) {
        return sentence(error, BC_ERR_NOT_FOUND, "%.150s: %.60s", file, strerror(because));
    }
    return finish(out, file, error);
}

/* ---- The terminal ---------------------------------------------------------------------------- */

static const int ending_signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP};
enum { ENDING_SIGNALS = sizeof ending_signals / sizeof ending_signals[0] };

static int is_ending(void)
{
    sigset_t waiting;
    if (sigpending(&waiting) != 0) {
        return 0;
    }
    for (size_t i = 0; i < ENDING_SIGNALS; i++) {
        if (sigismember(&waiting, ending_signals[i]) == 1) {
            return 1;
        }
    }
    return 0;
}

/* Until a line is there or a signal waits, which is delivered when the terminal shows again what is
 * typed. */
static bc_status read_line(passphrase *out, int terminal, bc_error *error)
{
    enum { LOOK_MS = 100 };
    struct pollfd ready = {.fd = terminal, .events = POLLIN};
    while (!is_ending()) {
        if (poll(&ready, 1, LOOK_MS) != 1) {
            continue;
        }
        if (out->length == sizeof out->bytes) {
            return sentence(error, BC_ERR_LIMIT, "a passphrase has at most %d bytes",
                            KEYSTORE_PASSPHRASE_BYTES_MAX);
        }
        ssize_t got = read(terminal, out->bytes + out->length, 1);
        if (got <= 0) {
            return sentence(error, BC_ERR_NOT_FOUND, "the terminal gives no passphrase");
        }
        out->length++;
        if (out->bytes[out->length - 1] == '\n') {
            return finish(out, "the terminal", error);
        }
    }
    return sentence(error, BC_ERR_INTERRUPTED, "interrupted");
}

static bc_status ask_quietly(passphrase *out, int terminal, const char *question, bc_error *error)
{
    struct termios shown;
    struct termios quiet;
    sigset_t held;
    sigset_t before;
    if (tcgetattr(terminal, &shown) != 0) {
        return sentence(error, BC_ERR_NOT_FOUND, "the terminal cannot hide what is typed");
    }
    quiet = shown;
    quiet.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK);
    (void)sigemptyset(&held);
    for (size_t i = 0; i < ENDING_SIGNALS; i++) {
        (void)sigaddset(&held, ending_signals[i]);
    }
    (void)sigprocmask(SIG_BLOCK, &held, &before);
    bc_status status = BC_OK;
    if (tcsetattr(terminal, TCSAFLUSH, &quiet) != 0) {
        status = sentence(error, BC_ERR_NOT_FOUND, "the terminal cannot hide what is typed");
    }
    if (status == BC_OK) {
        (void)dprintf(terminal, "%s", question);
        status = read_line(out, terminal, error);
        (void)tcsetattr(terminal, TCSAFLUSH, &shown);
        (void)dprintf(terminal, "\n");
    }
    (void)sigprocmask(SIG_SETMASK, &before, NULL);
    return status;
}

static bc_status ask(passphrase *out, const char *path, int is_new, bc_error *error)
{
    char question[256];
    passphrase again = {0};
    int terminal = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (terminal < 0) {
        return sentence(error, BC_ERR_NOT_FOUND,
                        "there is no terminal to ask for the passphrase; --passphrase-file names a "
                        "file that holds it");
    }
    (void)snprintf(question, sizeof question, "%sassphrase of %.200s: ", is_new ? "New p" : "P",
                   path);
    bc_status status = ask_quietly(out, terminal, question, error);
    if (status == BC_OK && is_new) {
        status = ask_quietly(&again, terminal, "The same again: ", error);
        if (status == BC_OK && (again.length != out->length ||
                                sodium_memcmp(again.bytes, out->bytes, out->length) != 0)) {
            status = sentence(error, BC_ERR_FORMAT, "the two passphrases are not the same");
        }
        passphrase_wipe(&again);
    }
    (void)close(terminal);
    return status;
}

bc_status passphrase_read(passphrase *out, const char *file, const char *path, int is_new,
                          bc_error *error)
{
    *out = (passphrase){0};
    return file != NULL ? read_file(out, file, error) : ask(out, path, is_new, error);
}
