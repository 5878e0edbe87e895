#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "examples/audit_log/command.h"
#include "examples/audit_log/log.h"
#include "examples/common/data_folder.h"
#include "examples/common/key_file.h"
#include "examples/common/number.h"
#include "examples/common/sentence.h"

/* The description of a network in which this key alone seals; examples/networks/audit-log.json has the
 * same form. */
static bc_status make_network(audit_log *log, const char *path, const char *name, const bc_key *key,
                              bc_error *error)
{
    uint8_t writer[BC_ID_BYTES];
    char digits[ID_TEXT_BYTES];
    char json[1024];
    bc_key_public(key, writer);
    if (strpbrk(name, "\"\\") != NULL) {
        return sentence(error, BC_ERR_FORMAT, "a log's name has no \" and no \\");
    }
    int length =
        snprintf(json, sizeof json,
                 "{\n    \"rules\": \"ledger\",\n    \"version\": 1,\n    \"name\": \"%s\",\n"
                 "    \"time\": %" PRId64 ",\n    \"sealing\": \"authority\",\n"
                 "    \"authorities\": [\n        \"%s\"\n    ],\n    \"period\": 0,\n"
                 "    \"initial\": 0,\n    \"halving\": 1,\n    \"allocations\": []\n}\n",
                 name, (int64_t)time(NULL) * 1000, id_text(digits, writer));
    if (length < 0 || (size_t)length >= sizeof json) {
        return sentence(error, BC_ERR_LIMIT, "the log's name is too long");
    }
    bc_status status = bc_params_parse(&log->params, json, (size_t)length, NULL, error);
    return status == BC_OK ? write_file(path, "wx", json, (size_t)length, error) : status;
}

static bc_status make_log(audit_log *log, const request *wanted, bc_error *error)
{
    const char *folder = wanted->arguments[0];
    char network[PATH_BYTES];
    char key_file[PATH_BYTES];
    bc_key *key = NULL;
    bc_status status = data_folder_make(folder, error);
    if (status == BC_OK) {
        status = join(network, folder, "/network.json", error);
    }
    if (status == BC_OK && access(network, F_OK) == 0) {
        status = sentence(error, BC_ERR_ARGUMENT, "there is a log already");
    }
    if (status == BC_OK) {
        status = key_path(key_file, wanted, error);
    }
    if (status == BC_OK) {
        status = access(key_file, F_OK) == 0
                     ? key_file_open(&key, key_file, wanted->passphrase_file, error)
                     : key_file_make(&key, key_file, wanted->passphrase_file, error);
    }
    if (status == BC_OK) {
        status = make_network(log, network, wanted->log_name, key, error);
    }
    bc_key_unref(key);
    if (status == BC_OK && (status = log_open_chain(log, folder, 1, error)) != BC_OK) {
        (void)unlink(network); /* so that init can be tried again */
    }
    return status;
}

int command_init(const request *wanted)
{
    audit_log log = {NULL, NULL};
    bc_error error = BC_ERROR_INIT;
    uint8_t id[BC_ID_BYTES];
    char digits[ID_TEXT_BYTES];
    bc_status status = make_log(&log, wanted, &error);
    if (status == BC_OK) {
        bc_params_network_id(log.params, id);
    }
    if (log_close(&log, status, &error) != BC_OK) {
        return complain(wanted->arguments[0], &error, EXIT_FAILED);
    }
    (void)printf("log \"%s\", network %s\n", wanted->log_name, id_text(digits, id));
    return EXIT_GOOD;
}
