#include "examples/common/network.h"

#include <stdlib.h>
#include <string.h>

#include "examples/common/sentence.h"
#include "examples/common/text_file.h"

enum { DESCRIPTION_BYTES_MAX = 16 * 1024 * 1024 }; /* as bc_params_parse */

static int is_file(const char *name)
{
    static const char ending[] = ".json";
    size_t length = strlen(name);
    size_t ending_length = sizeof ending - 1;
    return strchr(name, '/') != NULL ||
           (length > ending_length && strcmp(name + length - ending_length, ending) == 0);
}

/* Puts the name before a sentence; bc_error keeps what fits. */
static bc_status about(bc_error *error, const char *name)
{
    char why[sizeof error->message];
    memcpy(why, error->message, sizeof why);
    return sentence(error, error->code, "network %.100s: %s", name, why);
}

static bc_status load_file(bc_params **out, const char *path, bc_error *error)
{
    char *text = NULL;
    size_t length = 0;
    bc_status status = text_file_read(&text, &length, path, DESCRIPTION_BYTES_MAX, error);
    if (status == BC_OK) {
        status = bc_params_parse(out, text, length, NULL, error);
    }
    free(text);
    return status;
}

bc_status network_load(bc_params **out, const char *name, bc_error *error)
{
    *out = NULL;
    bc_status status =
        is_file(name) ? load_file(out, name, error) : bc_params_preset(out, name, NULL, error);
    return status == BC_OK ? BC_OK : about(error, name);
}
