/* The names of the public constants. */
#include <bc/bc.h>

#define COUNT_OF(array) (sizeof(array) / sizeof(array)[0])

const char *bc_status_name(bc_status status)
{
    static const char *const names[] = {
        "BC_OK",           "BC_ERR_ARGUMENT",    "BC_ERR_MEMORY",
        "BC_ERR_LIMIT",    "BC_ERR_NOT_FOUND",   "BC_ERR_REENTRANT",
        "BC_ERR_CLOSED",   "BC_ERR_INTERRUPTED", "BC_ERR_UNSUPPORTED",
        "BC_ERR_FORMAT",   "BC_ERR_STORE",       "BC_ERR_STORE_UNKNOWN",
        "BC_ERR_POISONED", "BC_ERR_DAMAGED",     "BC_ERR_NETWORK",
        "BC_ERR_STALE",
    };
    if (status <= BC_ERR_HOST) {
        return "BC_ERR_HOST";
    }
    int64_t index = -(int64_t)status;
    return index >= 0 && (size_t)index < COUNT_OF(names) ? names[index] : "unknown";
}

const char *bc_verdict_name(uint32_t verdict)
{
    static const char *const names[] = {
        "-", "accepted", "branch", "known", "orphan", "not-yet", "invalid", "refused",
    };
    return verdict < COUNT_OF(names) ? names[verdict] : "unknown";
}

const char *bc_reason_name(uint32_t reason)
{
    static const char *const names[] = {
        "-",
        "framing",
        "known",
        "genesis",
        "orphan",
        "size",
        "previous",
        "proof",
        "length",
        "reorg-depth",
        "mempool-full",
        "height",
        "median",
        "bits-negative",
        "bits-zero",
        "bits-overflow",
        "bits-over-limit",
        "bits-unexpected",
        "target",
        "seal-length",
        "period",
        "index",
        "weight",
        "recent",
        "seal-signature",
        "clock",
        "content",
        "reward-place",
        "payload-size",
        "recipient",
        "overflow",
        "minimum-fee",
        "key",
        "signature",
        "host",
        "reward-nonce",
        "reward-payload",
        "reward-overflow",
        "reward-amount",
        "reward-recipient",
        "nonce",
        "balance",
        "host-block",
        "checkpoint",
        "replacement",
        "sender-limit",
    };
    return reason < COUNT_OF(names) ? names[reason] : "unknown";
}
