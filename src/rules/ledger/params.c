/* The ledger's parameters: a document read strictly, with its defaults filled in. */
#include <string.h>

#include "lib/hex.h"
#include "src/base/error.h"
#include "src/rules/ledger/ledger.h"

enum {
    BLOCK_BYTES_LEAST = 1024,
    BLOCK_BYTES_MOST = 1 << 28,
    BLOCK_BYTES_DEFAULT = 1 << 20,
    PAYLOAD_BYTES_DEFAULT = 1 << 16,
    FUTURE_LIMIT_DEFAULT = 120000, /* milliseconds */
    BITS_MOST = 0x2100ffff,        /* the greatest compact target: 2^256 - 2^240 */
    HALF_LIFE_SPACINGS = 6,        /* as many as a solve time counts at most */
    FUTURE_SPACINGS = 2,
    MEDIAN_BLOCKS = 11,
    HALVINGS_MAX = 64, /* after which nothing is left of any subsidy */
    ASERT_ANCESTORS = 2,
    REORG_DEPTH_PER_AUTHORITY = 2,
};

static const int64_t time_most = ((int64_t)1 << 53) - 1;
static const int64_t duration_most = (int64_t)1 << 40; /* milliseconds */
static const int64_t fee_most = (int64_t)1 << 32;
static const int64_t required = -1; /* there is no default */

/* ---- Which members there are ---- */

typedef enum condition { ALWAYS, BY_WORK, BY_ASERT, BY_AUTHORITY } condition;

static const struct {
    const char *name;
    condition known;
} members[] = {
    {"allocations", ALWAYS},  {"authorities", BY_AUTHORITY},
    {"bits", BY_WORK},        {"block_bytes", ALWAYS},
    {"difficulty", BY_WORK},  {"future_limit", ALWAYS},
    {"half_life", BY_ASERT},  {"halving", ALWAYS},
    {"host_rules", ALWAYS},   {"initial", ALWAYS},
    {"limit", BY_WORK},       {"minimum_fee", ALWAYS},
    {"name", ALWAYS},         {"payload_bytes", ALWAYS},
    {"period", BY_AUTHORITY}, {"rules", ALWAYS},
    {"sealing", ALWAYS},      {"spacing", BY_ASERT},
    {"time", ALWAYS},         {"version", ALWAYS},
};

static bool holds(const bc__ledger *ledger, condition known)
{
    return known == ALWAYS || (known == BY_AUTHORITY && ledger->by_authority) ||
           (known == BY_WORK && !ledger->by_authority) ||
           (known == BY_ASERT && !ledger->by_authority && ledger->asert);
}

static bc_status refuse_unknown_members(const bc__ledger *ledger, const json_t *document,
                                        bc_error *error)
{
    for (void *at = json_object_iter((json_t *)document); at != NULL;
         at = json_object_iter_next((json_t *)document, at)) {
        const char *member = json_object_iter_key(at);
        bool found = false;
        bool known = false;
        for (size_t index = 0; index < sizeof members / sizeof members[0] && !found; index++) {
            found = strcmp(members[index].name, member) == 0;
            known = found && holds(ledger, members[index].known);
        }
        if (!found) {
            return bc__fail(error, BC_ERR_FORMAT, "the network has an unknown member \"%.64s\"",
                            member);
        }
        if (!known) {
            return bc__fail(error, BC_ERR_FORMAT,
                            "the network's member \"%s\" belongs to another sealing or difficulty",
                            member);
        }
    }
    return BC_OK;
}

/* ---- One member ---- */

/* A member that is one of two words. */
static bc_status read_choice(bool *is_second, const json_t *document, const char *member,
                             const char *first, const char *second, bc_error *error)
{
    const char *word = json_string_value(json_object_get(document, member));
    if (word == NULL || (strcmp(word, first) != 0 && strcmp(word, second) != 0)) {
        return bc__fail(error, BC_ERR_FORMAT,
                        "the network's member \"%s\" must be \"%s\" or \"%s\"", member, first,
                        second);
    }
    *is_second = strcmp(word, second) == 0;
    return BC_OK;
}

typedef struct integer_member {
    const char *name;
    uint64_t *to;
    int64_t least;
    int64_t most;
    int64_t fallback; /* or `required` */
} integer_member;

static bc_status read_integers(const json_t *document, const integer_member *wanted, size_t count,
                               bc_error *error)
{
    for (size_t at = 0; at < count; at++) {
        int64_t value = 0;
        bc_status status = bc__params_integer(&value, document, wanted[at].name, wanted[at].least,
                                              wanted[at].most, wanted[at].fallback, error);
        if (status != BC_OK) {
            return status;
        }
        *wanted[at].to = (uint64_t)value;
    }
    return BC_OK;
}

static bc_status read_bits(uint32_t *bits, bc__uint256 *target, const json_t *document,
                           const char *member, bc_error *error)
{
    int64_t value = 0;
    bc_status status = bc__params_integer(&value, document, member, 1, BITS_MOST, required, error);
    if (status != BC_OK) {
        return status;
    }
    *bits = (uint32_t)value;
    if (!bc__compact_is_canonical(*bits)) {
        return bc__fail(
            error, BC_ERR_FORMAT,
            "the network's member \"%s\" is 0x%08x, which is not how the compact form of "
            "a target is written",
            member, (unsigned)*bits);
    }
    (void)bc__target_from_compact(target, *bits); /* canonical bits have no fault */
    return BC_OK;
}

static bool read_key(uint8_t key[BC__PUBLIC_KEY_BYTES], const json_t *value)
{
    return json_string_length(value) == 2 * (size_t)BC__PUBLIC_KEY_BYTES &&
           bc__hex_decode(key, json_string_value(value), BC__PUBLIC_KEY_BYTES);
}

/* ---- What all ledgers have ---- */

static int64_t lesser(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* After the members of the sealing: the bound and the default of future_limit hang on spacing. */
static bc_status read_common(bc__ledger *ledger, const json_t *document, bc_error *error)
{
    const integer_member numbers[] = {
        {"time", &ledger->time, 0, time_most, required},
        {"initial", &ledger->initial, 0, INT64_MAX, required},
        {"halving", &ledger->halving, 1, INT64_MAX, required},
        {"block_bytes", &ledger->block_bytes, BLOCK_BYTES_LEAST, BLOCK_BYTES_MOST,
         BLOCK_BYTES_DEFAULT},
        {"minimum_fee", &ledger->minimum_fee, 0, fee_most, 0},
    };
    bc_status status = read_integers(document, numbers, sizeof numbers / sizeof numbers[0], error);
    if (status != BC_OK) {
        return status;
    }
    int64_t payload_most = (int64_t)ledger->block_bytes;
    int64_t future_most = duration_most;
    if (ledger->asert) {
        future_most = lesser(future_most, FUTURE_SPACINGS * (int64_t)ledger->schedule.spacing);
    }
    const integer_member dependent[] = {
        {"payload_bytes", &ledger->payload_bytes, 0, payload_most,
         lesser(PAYLOAD_BYTES_DEFAULT, payload_most)},
        {"future_limit", &ledger->future_limit, 0, future_most,
         lesser(FUTURE_LIMIT_DEFAULT, future_most)},
    };
    status = read_integers(document, dependent, sizeof dependent / sizeof dependent[0], error);
    if (status == BC_OK) {
        status = bc__params_name(ledger->host_rules, document, "host_rules", true, error);
    }
    return status;
}

static bc_status read_allocation(bc__allocation *allocation, const json_t *pair, size_t at,
                                 bc_error *error)
{
    static const uint8_t zero[BC__PUBLIC_KEY_BYTES] = {0};
    const json_t *amount = json_array_get(pair, 1);
    if (json_array_size(pair) != 2 || !read_key(allocation->key, json_array_get(pair, 0)) ||
        !json_is_integer(amount) || json_integer_value(amount) < 1) {
        return bc__fail(error, BC_ERR_FORMAT,
                        "allocation %zu of the network (counted from 0) must be a list of 64 "
                        "lowercase hexadecimal digits and an amount, an integer of at least 1",
                        at);
    }
    allocation->amount = (uint64_t)json_integer_value(amount);
    if (memcmp(allocation->key, zero, sizeof zero) == 0) {
        return bc__fail(error, BC_ERR_FORMAT,
                        "allocation %zu of the network (counted from 0) is for the key of zeros, "
                        "which is no account",
                        at);
    }
    return BC_OK;
}

static bc_status read_allocations(bc__ledger *ledger, const bc__heap *heap, const json_t *document,
                                  bc_error *error)
{
    const json_t *list = json_object_get(document, "allocations");
    size_t count = json_array_size(list);
    if (!json_is_array(list)) {
        return bc__fail(error, BC_ERR_FORMAT,
                        "the network's member \"allocations\" must be a list");
    }
    if (count == 0) {
        return BC_OK;
    }
    ledger->allocations = bc__heap_array(heap, count, sizeof *ledger->allocations);
    if (ledger->allocations == NULL) {
        return bc__fail_memory(error);
    }
    ledger->allocation_count = count;
    for (size_t at = 0; at < count; at++) {
        bc__allocation *allocation = &ledger->allocations[at];
        bc_status status = read_allocation(allocation, json_array_get(list, at), at, error);
        if (status != BC_OK) {
            return status;
        }
        if (at > 0 && memcmp(allocation[-1].key, allocation->key, sizeof allocation->key) >= 0) {
            return bc__fail(error, BC_ERR_FORMAT,
                            "allocation %zu of the network (counted from 0) must have a key above "
                            "that of the one before it",
                            at);
        }
    }
    return BC_OK;
}

/* Adds a * b; false where the sum would pass INT64_MAX. */
static bool add_product(uint64_t *sum, uint64_t a, uint64_t b)
{
    if (b != 0 && a > ((uint64_t)INT64_MAX - *sum) / b) {
        return false;
    }
    *sum += a * b;
    return true;
}

/* With all that can ever be brought into being below 2^63, no balance can overflow. */
static bc_status check_supply(const bc__ledger *ledger, bc_error *error)
{
    uint64_t sum = 0;
    bool good = true;
    for (size_t at = 0; good && at < ledger->allocation_count; at++) {
        good = add_product(&sum, ledger->allocations[at].amount, 1);
    }
    for (unsigned at = 0; good && at < HALVINGS_MAX; at++) {
        good = add_product(&sum, ledger->initial >> at, ledger->halving);
    }
    if (!good) {
        return bc__fail(error, BC_ERR_FORMAT,
                        "the network's allocations and all subsidies together must be at most "
                        "%lld",
                        (long long)INT64_MAX);
    }
    return BC_OK;
}

/* ---- What hangs on the sealing ---- */

static bc_status read_schedule(bc__asert *schedule, const json_t *document, bc_error *error)
{
    const integer_member spacing = {"spacing", &schedule->spacing, 1, duration_most, required};
    bc_status status = read_integers(document, &spacing, 1, error);
    if (status != BC_OK) {
        return status;
    }
    int64_t least = HALF_LIFE_SPACINGS * (int64_t)schedule->spacing;
    if (least > duration_most) {
        return bc__fail(error, BC_ERR_FORMAT,
                        "the network's member \"spacing\" must leave room for a half_life of %d "
                        "spacings, which is at most %lld",
                        HALF_LIFE_SPACINGS, (long long)duration_most);
    }
    const integer_member half_life = {"half_life", &schedule->half_life, least, duration_most,
                                      required};
    return read_integers(document, &half_life, 1, error);
}

static bc_status read_work(bc__ledger *ledger, const json_t *document, bc_error *error)
{
    bc__uint256 target = bc__uint256_zero();
    bc_status status = read_bits(&ledger->bits, &target, document, "bits", error);
    if (status == BC_OK) {
        status = read_bits(&ledger->limit, &ledger->schedule.limit, document, "limit", error);
    }
    if (status == BC_OK && bc__uint256_compare(&target, &ledger->schedule.limit) > 0) {
        status = bc__fail(error, BC_ERR_FORMAT,
                          "the network's member \"bits\" must stand for a target that is not above "
                          "that of \"limit\"");
    }
    if (status == BC_OK && ledger->asert) {
        status = read_schedule(&ledger->schedule, document, error);
    }
    return status;
}

static bc_status read_authorities(bc__ledger *ledger, const bc__heap *heap, const json_t *document,
                                  bc_error *error)
{
    const json_t *list = json_object_get(document, "authorities");
    size_t count = json_array_size(list);
    if (count < 1 || count > BC__AUTHORITIES_MAX) {
        return bc__fail(error, BC_ERR_FORMAT,
                        "the network's member \"authorities\" must be a list of 1 to %d keys",
                        BC__AUTHORITIES_MAX);
    }
    ledger->authorities = bc__heap_array(heap, count, sizeof *ledger->authorities);
    if (ledger->authorities == NULL) {
        return bc__fail_memory(error);
    }
    for (size_t at = 0; at < count; at++) {
        uint8_t *key = ledger->authorities[at];
        const char *wrong = NULL;
        if (!read_key(key, json_array_get(list, at))) {
            wrong = "is not 64 lowercase hexadecimal digits";
        }
        for (size_t other = 0; wrong == NULL && other < at; other++) {
            if (memcmp(ledger->authorities[other], key, BC__PUBLIC_KEY_BYTES) == 0) {
                wrong = "is there twice";
            }
        }
        if (wrong == NULL && !bc__public_key_check(key)) {
            wrong = "is no public key of Ed25519 that the rules take";
        }
        if (wrong != NULL) {
            return bc__fail(error, BC_ERR_FORMAT,
                            "authority %zu of the network (counted from 0) %s", at, wrong);
        }
    }
    ledger->authority_count = (uint32_t)count;
    return BC_OK;
}

static bc_status read_authority(bc__ledger *ledger, const bc__heap *heap, const json_t *document,
                                bc_error *error)
{
    const integer_member period = {"period", &ledger->period, 0, duration_most, required};
    bc_status status = read_integers(document, &period, 1, error);
    return status == BC_OK ? read_authorities(ledger, heap, document, error) : status;
}

/* ---- All of them ---- */

static bc_status read_document(bc__ledger *ledger, const bc__heap *heap, const json_t *document,
                               bc_error *error)
{
    bc_status status =
        read_choice(&ledger->by_authority, document, "sealing", "work", "authority", error);
    if (status == BC_OK && !ledger->by_authority) {
        status = read_choice(&ledger->asert, document, "difficulty", "fixed", "asert", error);
    }
    if (status == BC_OK) {
        status = refuse_unknown_members(ledger, document, error);
    }
    if (status == BC_OK) {
        status = ledger->by_authority ? read_authority(ledger, heap, document, error)
                                      : read_work(ledger, document, error);
    }
    if (status == BC_OK) {
        status = read_common(ledger, document, error);
    }
    if (status == BC_OK) {
        status = read_allocations(ledger, heap, document, error);
    }
    return status == BC_OK ? check_supply(ledger, error) : status;
}

bc_status bc__ledger_parse_params(bc_params *params, const json_t *document, bc_error *error)
{
    const bc__heap *heap = &params->origin.heap;
    bc__ledger *ledger = bc__heap_array(heap, 1, sizeof *ledger);
    if (ledger == NULL) {
        return bc__fail_memory(error);
    }
    memset(ledger, 0, sizeof *ledger);
    params->of.ledger = ledger;
    bc_status status = read_document(ledger, heap, document, error);
    if (status == BC_OK) {
        status = bc__ledger_write_canonical(&params->json, ledger, params->name, error);
    }
    if (status == BC_OK) {
        status = bc__ledger_network_id(params->origin.network_id, params, error);
    }
    if (status == BC_OK) {
        params->limits.block_bytes = ledger->block_bytes; /* what the network takes can be read */
    }
    return status;
}

void bc__ledger_release_params(bc_params *params)
{
    bc__ledger *ledger = params->of.ledger;
    if (ledger != NULL) {
        bc__heap_release(&params->origin.heap, ledger->allocations);
        bc__heap_release(&params->origin.heap, ledger->authorities);
        bc__heap_release(&params->origin.heap, ledger);
    }
}

/* ---- What others ask ---- */

_Static_assert((int)MEDIAN_BLOCKS >= (int)ASERT_ANCESTORS &&
                   (int)MEDIAN_BLOCKS <= (int)BC__LINEAGE_MOST &&
                   (int)BC__AUTHORITIES_MAX / 2 <= (int)BC__LINEAGE_MOST,
               "a lineage holds what every check of a header reads");

void bc__ledger_read_traits(const bc_params *params, bc__traits *traits)
{
    const bc__ledger *ledger = bc__ledger_of(params);
    uint32_t ancestors = MEDIAN_BLOCKS;
    uint64_t depth = BC_NONE;
    if (ledger->by_authority) {
        uint32_t recent = ledger->authority_count / 2;
        ancestors = recent > ancestors ? recent : ancestors;
        depth = ledger->authority_count == 1
                    ? 0
                    : REORG_DEPTH_PER_AUTHORITY * (uint64_t)ledger->authority_count;
    }
    *traits = (bc__traits){
        .ancestors = ancestors,
        .smaller_id_wins = ledger->by_authority,
        .names_signers = ledger->by_authority,
        .header_bytes = BC__HEADER_BYTES,
        .max_reorg_depth = depth,
        .block_bytes = ledger->block_bytes,
        .host_rules = ledger->host_rules,
    };
}

bc_status bc__ledger_each_allocation(const bc_params *params, bc__allocation_fn visit,
                                     void *context, bc_error *error)
{
    const bc__ledger *ledger = bc__ledger_of(params);
    bc_status status = BC_OK;
    for (size_t at = 0; status == BC_OK && at < ledger->allocation_count; at++) {
        status = visit(context, ledger->allocations[at].key, ledger->allocations[at].amount, error);
    }
    return status;
}

uint64_t bc__ledger_subsidy(const bc__ledger *ledger, uint64_t height)
{
    uint64_t halvings = height / ledger->halving;
    return height == 0 || halvings >= HALVINGS_MAX ? 0 : ledger->initial >> halvings;
}
