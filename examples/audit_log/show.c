#include "examples/audit_log/command.h"
#include "examples/audit_log/log.h"

int command_show(const request *wanted)
{
    audit_log log = {NULL, NULL};
    bc_error error = BC_ERROR_INIT;
    bc_status status = log_open(&log, wanted->arguments[0], &error);
    if (status == BC_OK) {
        status = bc_chain_verify(log.chain, NULL, NULL, NULL, &error);
    }
    if (status == BC_OK) {
        status = log_visit(&log, entry_print, NULL, &error);
    }
    if (log_close(&log, status, &error) != BC_OK) {
        return complain(wanted->arguments[0], &error, EXIT_FAILED);
    }
    return EXIT_GOOD;
}
