/* The canonical description of a ledger: members sorted by bytes, no spaces, plain decimals, lowercase
 * hexadecimal. It is the payload of genesis, so each of its bytes is consensus. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lib/hex.h"
#include "src/base/error.h"
#include "src/rules/ledger/ledger.h"

/* Goes on after a failure and keeps the first one. */
typedef struct writer {
    bc__bytes *out;
    int32_t result; /* BC__OK or what an append gave */
} writer;

static void put_bytes(writer *to, const char *bytes, size_t length)
{
    if (to->result == BC__OK) {
        to->result = bc__bytes_append(to->out, bytes, length);
    }
}

static void put_text(writer *to, const char *text)
{
    put_bytes(to, text, strlen(text));
}

static void put_member(writer *to, const char *name)
{
    put_text(to, ",\"");
    put_text(to, name);
    put_text(to, "\":");
}

static void put_decimal(writer *to, uint64_t value)
{
    char digits[24];
    (void)snprintf(digits, sizeof digits, "%" PRIu64, value);
    put_text(to, digits);
}

static void put_integer(writer *to, const char *name, uint64_t value)
{
    put_member(to, name);
    put_decimal(to, value);
}

/* `text` needs no escapes: it is one of our words, or was read by bc__params_name. */
static void put_string(writer *to, const char *name, const char *text)
{
    put_member(to, name);
    put_text(to, "\"");
    put_text(to, text);
    put_text(to, "\"");
}

static void put_key(writer *to, const uint8_t key[BC__PUBLIC_KEY_BYTES])
{
    char quoted[2 * BC__PUBLIC_KEY_BYTES + 2];
    quoted[0] = '"';
    bc__hex_encode(quoted + 1, key, BC__PUBLIC_KEY_BYTES);
    quoted[sizeof quoted - 1] = '"';
    put_bytes(to, quoted, sizeof quoted);
}

static void put_allocations(writer *to, const bc__ledger *ledger)
{
    put_text(to, "{\"allocations\":[");
    for (size_t at = 0; at < ledger->allocation_count; at++) {
        put_text(to, at == 0 ? "[" : ",[");
        put_key(to, ledger->allocations[at].key);
        put_text(to, ",");
        put_decimal(to, ledger->allocations[at].amount);
        put_text(to, "]");
    }
    put_text(to, "]");
}

static void put_authorities(writer *to, const bc__ledger *ledger)
{
    put_member(to, "authorities");
    for (size_t at = 0; at < ledger->authority_count; at++) {
        put_text(to, at == 0 ? "[" : ",");
        put_key(to, ledger->authorities[at]);
    }
    put_text(to, "]");
}

static void put_all(writer *to, const bc__ledger *ledger, const char *name)
{
    bool by_work = !ledger->by_authority;
    put_allocations(to, ledger);
    if (by_work) {
        put_integer(to, "bits", ledger->bits);
    } else {
        put_authorities(to, ledger);
    }
    put_integer(to, "block_bytes", ledger->block_bytes);
    if (by_work) {
        put_string(to, "difficulty", ledger->asert ? "asert" : "fixed");
    }
    put_integer(to, "future_limit", ledger->future_limit);
    if (ledger->asert) {
        put_integer(to, "half_life", ledger->schedule.half_life);
    }
    put_integer(to, "halving", ledger->halving);
    put_string(to, "host_rules", ledger->host_rules);
    put_integer(to, "initial", ledger->initial);
    if (by_work) {
        put_integer(to, "limit", ledger->limit);
    }
    put_integer(to, "minimum_fee", ledger->minimum_fee);
    put_string(to, "name", name);
    put_integer(to, "payload_bytes", ledger->payload_bytes);
    if (!by_work) {
        put_integer(to, "period", ledger->period);
    }
    put_string(to, "rules", "ledger");
    put_string(to, "sealing", by_work ? "work" : "authority");
    if (ledger->asert) {
        put_integer(to, "spacing", ledger->schedule.spacing);
    }
    put_integer(to, "time", ledger->time);
    put_integer(to, "version", 1);
    put_text(to, "}");
}

bc_status bc__ledger_write_canonical(bc__bytes *out, const bc__ledger *ledger, const char *name,
                                     bc_error *error)
{
    writer to = {out, BC__OK};
    put_all(&to, ledger, name);
    if (to.result == BC__ERR_MEMORY) {
        return bc__fail_memory(error);
    }
    if (to.result != BC__OK || out->length > BC__PARAMS_BYTES_MAX) {
        return bc__fail(error, BC_ERR_LIMIT,
                        "the network's description is over %d bytes once its defaults are written "
                        "out",
                        BC__PARAMS_BYTES_MAX);
    }
    return BC_OK;
}
