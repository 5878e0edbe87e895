#include "examples/common/data_folder.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bc/sqlite.h>

#include "examples/common/sentence.h"

static const char chain_file[] = "chain.sqlite";

/* Three texts, one after the other, in memory of their own; NULL without memory. */
static char *join(const char *first, const char *second, const char *third)
{
    size_t lengths[3] = {strlen(first), strlen(second), strlen(third)};
    char *text = malloc(lengths[0] + lengths[1] + lengths[2] + 1);
    if (text != NULL) {
        memcpy(text, first, lengths[0]);
        memcpy(text + lengths[0], second, lengths[1]);
        memcpy(text + lengths[0] + lengths[1], third, lengths[2] + 1);
    }
    return text;
}

static bc_status no_memory(bc_error *error)
{
    return sentence(error, BC_ERR_MEMORY, "there is not enough memory");
}

bc_status data_folder_default(char **out, const char *network, bc_error *error)
{
    *out = NULL;
    if (network[0] == '\0' || network[0] == '.' || strchr(network, '/') != NULL) {
        return sentence(error, BC_ERR_NOT_FOUND,
                        "the network's name \"%.100s\" cannot be that of a folder: give --data",
                        network);
    }
    /* The XDG base directory specification: a path that is not absolute is to be passed over. */
    const char *base = getenv("XDG_DATA_HOME");
    const char *below = "/bcnode/";
    if (base == NULL || base[0] != '/') {
        base = getenv("HOME");
        below = "/.local/share/bcnode/";
    }
    if (base == NULL || base[0] != '/') {
        return sentence(error, BC_ERR_NOT_FOUND,
                        "neither XDG_DATA_HOME nor HOME says where data belongs: give --data");
    }
    *out = join(base, below, network);
    return *out == NULL ? no_memory(error) : BC_OK;
}

/* One folder. One that is there already is left as it is. */
static bc_status make_one(const char *folder, bc_error *error)
{
    struct stat status;
    if (mkdir(folder, 0700) == 0) {
        return BC_OK;
    }
    int why = errno;
    if (stat(folder, &status) == 0) {
        return S_ISDIR(status.st_mode)
                   ? BC_OK
                   : sentence(error, BC_ERR_NOT_FOUND, "%.150s is not a folder", folder);
    }
    return sentence(error, BC_ERR_NOT_FOUND, "cannot make the folder %.150s: %s", folder,
                    strerror(why));
}

bc_status data_folder_make(const char *folder, bc_error *error)
{
    if (folder[0] == '\0') {
        return sentence(error, BC_ERR_NOT_FOUND, "the data folder has no name");
    }
    char *path = join(folder, "", "");
    if (path == NULL) {
        return no_memory(error);
    }
    bc_status status = BC_OK;
    for (char *slash = strchr(path + 1, '/'); slash != NULL && status == BC_OK;
         slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        status = make_one(path, error);
        *slash = '/';
    }
    if (status == BC_OK) {
        status = make_one(path, error);
    }
    free(path);
    return status;
}

bc_status data_folder_store(bc_store *out, const char *folder, int create, bc_error *error)
{
    char *path = join(folder, "/", chain_file);
    if (path == NULL) {
        return no_memory(error);
    }
    bc_status status = BC_OK;
    if (!create && access(path, F_OK) != 0) {
        status = sentence(error, BC_ERR_NOT_FOUND, "there is no chain in %.150s: %s", folder,
                          strerror(errno));
    } else {
        status = bc_sqlite_store(out, path, NULL, error);
    }
    free(path);
    return status;
}
