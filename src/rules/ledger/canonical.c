/* The canonical description of a ledger: members sorted by bytes, no spaces, plain decimals, lowercase
 * hexadecimal. It is the payload of genesis, so each of its bytes is consensus. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lib/hex.h"
#include "src/base/error.h"
#include "src/rules/ledger/ledger.h"
#include "src/rules/ledger/text_writer.h"

static void put_member(bc__text_writer *to, const char *name)
{
    bc__text_put(to, ",\"");
    bc__text_put(to, name);
    bc__text_put(to, "\":");
}

static void put_decimal(bc__text_writer *to, uint64_t value)
{
    char digits[24];
    (void)snprintf(digits, sizeof digits, "%" PRIu64, value);
    bc__text_put(to, digits);
}

static void put_integer(bc__text_writer *to, const char *name, uint64_t value)
{
    put_member(to, name);
    put_decimal(to, value);
}

/* `text` needs no escapes: it is one of our words, or was read by bc__params_name. */
static void put_string(bc__text_writer *to, const char *name, const char *text)
{
    put_member(to, name);
    bc__text_put(to, "\"");
    bc__text_put(to, text);
    bc__text_put(to, "\"");
}

static void put_key(bc__text_writer *to, const uint8_t key[BC__PUBLIC_KEY_BYTES])
{
    char quoted[2 * BC__PUBLIC_KEY_BYTES + 2];
    quoted[0] = '"';
    bc__hex_encode(quoted + 1, key, BC__PUBLIC_KEY_BYTES);
    quoted[sizeof quoted - 1] = '"';
    bc__text_put_bytes(to, quoted, sizeof quoted);
}

static void put_allocations(bc__text_writer *to, const bc__ledger *ledger)
{
    bc__text_put(to, "{\"allocations\":[");
    for (size_t at = 0; at < ledger->allocation_count; at++) {
        bc__text_put(to, at == 0 ? "[" : ",[");
        put_key(to, ledger->allocations[at].key);
        bc__text_put(to, ",");
        put_decimal(to, ledger->allocations[at].amount);
        bc__text_put(to, "]");
    }
    bc__text_put(to, "]");
}

static void put_authorities(bc__text_writer *to, const bc__ledger *ledger)
{
    put_member(to, "authorities");
    for (size_t at = 0; at < ledger->authority_count; at++) {
        bc__text_put(to, at == 0 ? "[" : ",");
        put_key(to, ledger->authorities[at]);
    }
    bc__text_put(to, "]");
}

static void put_all(bc__text_writer *to, const bc__ledger *ledger, const char *name)
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
    bc__text_put(to, "}");
}

bc_status bc__ledger_write_canonical(bc__bytes *out, const bc__ledger *ledger, const char *name,
                                     bc_error *error)
{
    bc__text_writer to = {out, BC__OK};
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
