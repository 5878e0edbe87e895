#include "examples/common/keystore_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "examples/common/sentence.h"
#include "examples/common/text_file.h"

enum { FILE_BYTES_MAX = 4096 }; /* room for the files of later versions, to say what they are */

/* 0, or -1 with errno set. */
static int write_all(int descriptor, const uint8_t *bytes, size_t length)
{
    while (length > 0) {
        ssize_t written = write(descriptor, bytes, length);
        if (written < 0 && errno != EINTR) {
            return -1;
        }
        if (written > 0) {
            bytes += written;
            length -= (size_t)written;
        }
    }
    return fsync(descriptor);
}

/* A new file is durable when the folder that names it is. */
static int sync_folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    size_t length = slash == NULL ? 0 : (size_t)(slash - path) + 1;
    char *folder = malloc(length + 2);
    if (folder == NULL) {
        return -1;
    }
    memcpy(folder, path, length);
    memcpy(folder + length, ".", 2);
    int descriptor = open(folder, O_RDONLY);
    free(folder);
    if (descriptor < 0) {
        return -1;
    }
    int failed = fsync(descriptor);
    int because = errno;
    (void)close(descriptor);
    errno = because;
    return failed;
}

bc_status keystore_file_write(const char *path, const uint8_t file[KEYSTORE_BYTES], bc_error *error)
{
    int descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL, S_IRUSR | S_IWUSR);
    if (descriptor < 0) {
        return errno == EEXIST
                   ? sentence(error, BC_ERR_ARGUMENT,
                              "%.150s is there already and will not be overwritten", path)
                   : sentence(error, BC_ERR_STORE, "cannot make %.150s: %.60s", path,
                              strerror(errno));
    }
    int failed = write_all(descriptor, file, KEYSTORE_BYTES);
    int because = errno;
    if (close(descriptor) != 0 && failed == 0) {
        failed = -1;
        because = errno;
    }
    if (failed == 0 && (failed = sync_folder_of(path)) != 0) {
        because = errno;
    }
    if (failed != 0) {
        (void)unlink(path);
        return sentence(error, BC_ERR_STORE, "cannot write %.150s: %.60s", path, strerror(because));
    }
    return BC_OK;
}

bc_status keystore_file_open(uint8_t seed[KEYSTORE_SEED_BYTES], const char *path,
                             const char *passphrase, size_t passphrase_length, bc_error *error)
{
    char *bytes = NULL;
    size_t length = 0;
    memset(seed, 0, KEYSTORE_SEED_BYTES);
    bc_status status = text_file_read(&bytes, &length, path, FILE_BYTES_MAX, error);
    if (status == BC_ERR_LIMIT) {
        return sentence(error, BC_ERR_FORMAT, "this is no file with a sealed key");
    }
    if (status == BC_OK) {
        status = keystore_open(seed, (const uint8_t *)bytes, length, passphrase, passphrase_length,
                               error);
    }
    free(bytes);
    return status;
}
